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


def by_mask(x):
    y = x * 1.0
    y[y > 0] = 0.5
    return y * 2


def by_sorted_mask(x):
    y = x * 1.0
    y[x.argsort()[x > 0]] = 7.0
    return y


@pytest.mark.parametrize("f", [lambda x: x * len(x[x > 0]), lambda x: x * len(torch.nonzero(x > 0)), by_mask, by_sorted_mask])
@pytest.mark.parametrize("native", [False, True])
def test_how_many_elements_were_chosen_is_seen_at_each_replay(f, native):
    runs = []

    def run(x):
        runs.append(1)
        return f(x)

    compiled = tape.compile(run, native=native)
    for values in ([1.0, 2.0, -1.0], [1.0, -2.0, -1.0], [2.0, 1.0, -1.0], [-1.0, -2.0, -1.0], [1.0, 2.0, 3.0], [1.0, 2.0, -3.0], [1.0, -2.0, -3.0]):
        np.testing.assert_array_equal(compiled(np.array(values)), f(torch.tensor(values)).numpy())
        compiled.wait(20)
    assert len(runs) == 4


@pytest.mark.parametrize("shape", [(3, 3), (5, 12), (40, 21), (160, 160), (1, 33)])
def test_parts_at_edges_beside_parts_inside(shape):
    """Vectors run where it is known which parts are there: inside or outside of each, edges of a column or two included."""
    n, m = shape

    def fn(x, w):
        whole = torch.zeros(n, m)
        for rows, columns in (((0, n), (m - 1, m)), ((0, n), (0, 1)), ((n // 3, n), (m // 4, m)), ((0, 1), (0, m)), ((0, n), (min(2, m - 1), m))):
            part = torch.zeros(n, m)
            part[rows[0] : rows[1], columns[0] : columns[1]] = torch.sin(x)[rows[0] : rows[1], columns[0] : columns[1]] * w
            whole = whole * 0.5 + part
        return whole

    rng = np.random.default_rng(0)
    both(lambda x, w: (fn(x, w),), rng.standard_normal(shape), 0.5, native=True)


@pytest.mark.parametrize("dim", [0, 1])
@pytest.mark.parametrize("each", [torch.sin, lambda a: a.amax()])
def test_examples_written_after_they_were_saved(dim, each):
    """What an operation inside vmap saved of a tensor is that tensor's memory (refused), or a copy (right), compiled as well."""

    def fn(x):
        m = torch.outer(x, x)
        v = torch.func.vmap(each, in_dims=dim)(m)
        m[0] = x * 0 + 9.0
        return v.sum()

    x = torch.tensor([1.25, -0.5, -1.5], requires_grad=True)
    if dim == 0:
        for f in (fn, tape.compile(fn, native=False)):
            with pytest.raises(tape.errors.OverwrittenError):
                f(x).backward()
        return
    (expected,) = torch.autograd.grad(torch.func.vmap(each, in_dims=dim)(torch.outer(x, x)).sum(), x)
    for f in (fn, tape.compile(fn, native=False)):
        np.testing.assert_allclose(torch.autograd.grad(f(x), x)[0].numpy(), expected.numpy())


@pytest.mark.parametrize("n", [1, 3, 40])
def test_rows_that_are_spread_and_flattened_within_their_group(n):
    def fn(m):
        return torch.exp(-m.mean(1).abs())

    m = np.random.default_rng(0).standard_normal((n, n))
    found = []
    for f in (fn, tape.compile(fn, native=False)):
        x = torch.tensor(m, requires_grad=True)
        (g,) = torch.autograd.grad(f(x).sum(), x, create_graph=True)
        found.append(torch.autograd.grad((g * g).sum(), x)[0].numpy())
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12, atol=1e-15)
    spread = both(lambda m: (((m.sum(1) > 0)[:, None].expand(-1, n).reshape(-1) * 2.0),), m, native=False)
    assert "problem" not in spread.explain()


def test_a_first_tier_that_cannot_be_made_leaves_the_rows(monkeypatch):
    from tape.compile import blocked

    def fails(*args, **kwargs):
        raise AssertionError("none")

    monkeypatch.setattr(blocked, "Blocked", fails)
    compiled = both(lambda x: (torch.sin(x), x.sum()), np.arange(3.0), native=False)
    assert "blocked tier: AssertionError: none" in compiled.explain()


def test_an_element_that_a_write_spoils_is_a_number_compiled_as_well():
    def fn(x):
        v = x.clone()
        view = v[1:]
        view *= v[1]
        return v.sum()

    x = np.array([1.0, 2.0, 3.0])
    expected = torch.func.grad(fn)(torch.tensor(x)).numpy()
    compiled = tape.compile(torch.func.grad(fn), native=False)
    for _ in range(2):
        np.testing.assert_array_equal(compiled(x), expected)


def test_parts_are_made_where_they_are_joined():
    """Whoever else reads a part finds it there: nests, products, reshapes, scalars, another joined value, the caller."""

    def fn(x, w):
        inner = torch.sin(x)
        wide = torch.cat([x[:, :1], inner, x[:, -1:] * w], 1)
        whole = torch.cat([wide[:1] * 2.0, wide, wide[-1:]], 0)
        again = torch.cat([inner, whole[1:-1, 1:-1], inner], 0)
        return whole, again, inner * 0.5 + whole[1:-1, 1:-1], wide.sum(0), wide[1:]

    def others(x, w):
        inner, rows = torch.cos(x), torch.exp(x)
        wide = torch.cat([inner, rows, torch.tanh(x)], 1)
        return wide * w, inner @ x.T, rows.reshape(-1) * 2.0, torch.tanh(x).sum(), wide.reshape(-1)[3:], torch.cat([rows[0], inner[0]])

    rng = np.random.default_rng(3)
    for n, m in ((1, 3), (4, 5), (37, 64)):
        x = rng.standard_normal((n, m))
        for f in (fn, others):
            compiled = tape.compile(f, native=True)
            expected = [y.numpy() for y in f(torch.tensor(x), torch.tensor(0.5))]
            for _ in range(3):
                for mine, theirs in zip(compiled(x, 0.5), expected, strict=True):
                    np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-12)
                compiled.wait(20)
            assert "problem" not in compiled.explain()
