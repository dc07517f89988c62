"""What random programs found in compiled functions, cut down: each test is a few lines that once gave something else than eager execution."""

import numpy as np
import pytest

import tape
import tape as torch


def both(f, *args, native, calls=3):
    """Results of a few calls of the compiled function and of the function, as ndarrays."""
    compiled = tape.compile(f, native=native)
    expected = [np.asarray(leaf) for leaf in f(*map(torch.tensor, args))]
    for _ in range(calls):
        found = [np.asarray(leaf) for leaf in compiled(*args)]
        compiled.wait(20)
        for mine, theirs in zip(found, expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    return compiled


@pytest.mark.parametrize("native", [False, True])
def test_a_view_outlives_the_memory_that_it_was_made_of(native):
    x, m = np.array([0.5, -1.0, 2.0]), np.arange(9.0).reshape(3, 3)
    compiled = both(lambda x, m: (torch.complex(x, 2 * x).sum().imag, (m * 2.0).amax(1)), x, m, native=native)
    assert "problem" not in compiled.explain()


def test_a_program_run_row_by_row_hands_out_no_memory_of_its_arguments():
    from tape.compile.variant import Variant

    compiled = tape.compile(lambda x: (x.clone(), x.T, x * 2.0), native=False)
    x = np.arange(4.0).reshape(2, 2)
    compiled(x)
    (signature,) = compiled.signatures.values()
    variant = signature.variants[0]
    assert type(variant) is Variant
    variant.tier = variant.program
    for found in compiled(x):
        assert not np.shares_memory(found, x) and found.flags.c_contiguous
        found[...] = 77.0
    assert x.tolist() == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize("native", [False, True])
def test_zero_cotangents_are_strong_in_complex_results(native):
    f = tape.compile(lambda v: (torch.complex(v * 0.5, v), v.norm()), native=native)
    for _ in range(2):
        found = []
        for fn in (f, f.fn):
            x = torch.tensor([0.0, 1.0, -2.0], requires_grad=True)
            loss = sum((torch.view_as_real(y) if y.is_complex() else y).sum() for y in fn(x))
            (g,) = torch.autograd.grad(loss, x, create_graph=True)
            found.append(torch.autograd.grad((g * g).sum(), x)[0].numpy())
            f.wait(20)
        np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


@pytest.mark.parametrize("values", [0.5, [0.5], [0.5, 1.0]])
@pytest.mark.parametrize("write", [
    lambda s: s.add_(torch.sin(s)), lambda s: s.mul_(torch.sin(s)), lambda s: torch.exp(s).add_(1.0), lambda s: (s * s, s.add_(1.0))[0],
])  # fmt: skip
def test_numbers_written_after_they_were_saved_are_refused_compiled_as_well(values, write):
    def fn(x):
        return write(x.sum() * 1.0)

    for f in (fn, tape.compile(fn, native=False)):
        x = torch.tensor(values, requires_grad=True)
        with pytest.raises(tape.errors.OverwrittenError):
            f(x).backward()
    for f in (tape.func.grad(fn), tape.compile(tape.func.grad(fn), native=False)):
        with pytest.raises(tape.errors.OverwrittenError):
            f(torch.tensor(values))


def test_numbers_accumulated_in_place_are_not_refused():
    def fn(x):
        total, product = x[0] * 0.0, x[0] * 0.0 + 1.0
        for each in x:
            total += each * each
            product *= each
        return total + product

    x = np.array([1.0, 2.0, 3.0])
    compiled = tape.compile(tape.func.grad(fn), native=False)
    for _ in range(2):
        np.testing.assert_allclose(compiled(x), [2 + 6, 4 + 3, 6 + 2])
