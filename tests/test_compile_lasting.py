"""Programs over time: large arrays that were used to compute something, forks, values that differ at every differentiated call."""

import os

import numpy as np
import pytest
from under_test import torch

import tape

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")


def test_a_large_array_that_entered_no_row_is_compared():
    large, ran = np.ones(200_000), []

    def f(x):
        ran.append(1)
        return x * float(large.sum())

    compiled, x = tape.compile(f, native=False), np.ones(2)
    assert compiled(x)[0] == compiled(x)[0] == 200_000.0 and len(ran) == 1
    large[7] = 11.0  # one element
    assert compiled(x)[0] == 200_010.0 and compiled(x)[0] == 200_010.0 and len(ran) == 2


def test_a_large_tensor_is_read_anew():
    large, ran = np.ones(200_000), []
    tensor = torch.from_numpy(large)

    def f(x):
        ran.append(1)
        return (tensor * x).sum()

    compiled = tape.compile(f, native=False)
    assert compiled(2.0) == 400_000.0
    large[:] = 3.0
    assert compiled(2.0) == 1_200_000.0 and len(ran) == 1
    assert "read anew at every call: closure variable 'tensor' of f: float64[200000]" in compiled.explain()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_finishes_what_the_background_had_begun():
    compiled = tape.compile(lambda x: (x * x).sum())
    compiled(np.ones(3))
    child = os.fork()
    if not child:
        os._exit(0 if compiled.wait(60) and compiled(np.ones(3)) == 3.0 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert compiled.wait(60)


def test_differentiated_calls_whose_numbers_always_differ_run_eagerly():
    ran = []

    def f(x):
        ran.append(1)
        return x.sum() * x[0].item()

    compiled = tape.compile(f, native=False)
    for k in range(1, 9):
        x = torch.tensor([float(k), 2.0], requires_grad=True)
        compiled(x).backward()
        np.testing.assert_array_equal(x.grad, [k, k])
    (signature,) = compiled.signatures.values()
    assert len(signature.eager) == 1 and "took another value" in signature.eager[0]
    assert len(ran) == 8 and len(signature.families) <= 4


@pytest.mark.parametrize("native", [False, True])
def test_a_result_of_another_shape_is_never_spread_over_the_recorded_one(native):
    ran = []

    def f(x):
        ran.append(1)
        return x[x > 0].sum() * 2

    compiled = tape.compile(f, native=native)
    two, one = np.array([1.0, -1.0, 2.0]), np.array([-1.0, -1.0, 7.0])
    compiled(two)
    assert compiled.wait(60)
    for _ in range(3):
        assert (compiled(one), compiled(two)) == (14.0, 6.0)
        assert compiled.wait(60)
    assert len(ran) == 2


def test_parts_with_a_new_axis_and_numbers_written_in_place_keep_their_gradients():
    def new_axis(x):
        v = x.clone()
        v.view(-1)[-1] -= x[0]
        return (v[None].expand(2, -1).sum(0) ** 2).sum()

    def written(x):
        s = x.sum() * 0.5
        s += torch.sin(x.sum())
        return s * x[0]

    for f in (new_axis, written):
        compiled = tape.compile(tape.func.grad(f), native=False)
        for start in (1.0, 2.0):
            x = np.array([start, 2.0, 3.0])
            np.testing.assert_allclose(compiled(x), tape.func.grad(f)(torch.tensor(x)).numpy(), rtol=1e-12)
        assert not any(v.problems for s in compiled.signatures.values() for v in s.variants)
