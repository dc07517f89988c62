"""Forward mode: dual levels, tangents through operations, and reverse mode beneath."""

import numpy as np
import pytest
from under_test import leaf, near, same, torch

fwAD = torch.autograd.forward_ad


def tangent_of(function, primal, tangent):
    with fwAD.dual_level():
        y = function(fwAD.make_dual(torch.tensor(primal), torch.tensor(tangent)))
        return fwAD.unpack_dual(y).tangent


def test_make_and_unpack():
    primal, tangent = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    with fwAD.dual_level():
        dual = fwAD.make_dual(primal, tangent)
        same(dual, [1.0, 2.0])
        unpacked = fwAD.unpack_dual(dual)
        same(unpacked.primal, [1.0, 2.0])
        same(unpacked.tangent, [3.0, 4.0])
        value, direction = unpacked
        same(direction, [3.0, 4.0])


def test_tensors_without_a_tangent():
    x = torch.tensor([1.0])
    with fwAD.dual_level():
        assert fwAD.unpack_dual(x * 2).tangent is None
    assert fwAD.unpack_dual(x) == (x, None)


def test_tangents_end_with_their_level():
    with fwAD.dual_level():
        dual = fwAD.make_dual(torch.tensor([1.0]), torch.tensor([2.0]))
    assert fwAD.unpack_dual(dual).tangent is None


MATRIX = [[1.0, 2.0], [3.0, 5.0]]
# fmt: off
FUNCTIONS = [
    ("arithmetic",  lambda x: x * x - 3 / x + 1),
    ("powers",      lambda x: x ** 3 + 2 ** x + x ** x),
    ("elementary",  lambda x: x.sin() * x.exp() + x.log() + x.tanh()),
    ("roots",       lambda x: x.sqrt() + abs(x) + x.sigmoid()),
    ("reductions",  lambda x: x.sum() * x.mean() * x.prod()),
    ("along axes",  lambda x: x.sum(0) * x.amax(1) + x.logsumexp(0)),
    ("spread",      lambda x: x.var() + x.std(0) + x.norm()),
    ("softmax",     lambda x: x.softmax(0) + x.log_softmax(1)),
    ("shapes",      lambda x: x.reshape(4)[1:3] * x.T[0] + x[:, 1]),
    ("joining",     lambda x: torch.cat([x, x * x]).sum(1) * torch.stack([x, x]).reshape(4, 2).sum(1)),
    ("indexing",    lambda x: x[torch.tensor([1, 0, 1])] * 2),
    ("products",    lambda x: x @ x + x @ x[0]),
    ("where",       lambda x: torch.where(x > 2, x * x, x.exp())),
    ("clamping",    lambda x: x.clamp(1.5, 4.0) + torch.maximum(x, 2 * x)),
    ("cumsum",      lambda x: x.cumsum(0)),
    ("linalg",      lambda x: torch.linalg.inv(x) @ x.T + torch.linalg.det(x)),
    ("solve",       lambda x: torch.linalg.solve(x, x.T * x.T)),
    ("casts",       lambda x: x.float().double() * x),
    ("einsum",      lambda x: torch.einsum("ij,jk->ik", x, x.exp())),
]
# fmt: on


@pytest.mark.parametrize("function", [case[1] for case in FUNCTIONS], ids=[case[0] for case in FUNCTIONS])
def test_tangents_agree_with_reverse_mode(function):
    direction = [[0.3, -0.7], [1.1, 0.2]]
    forward = tangent_of(function, MATRIX, direction)
    x = leaf(MATRIX)
    y = function(x)
    rng = np.random.default_rng(1)
    weights = torch.tensor(rng.normal(size=tuple(y.shape)))
    (gx,) = torch.autograd.grad(y, x, weights)
    left = float((forward.detach() * weights).sum())
    right = float((gx * torch.tensor(direction)).sum())
    assert left == pytest.approx(right, rel=1e-6 if y.dtype == torch.float32 else 1e-9)


def test_several_duals_add_their_tangents():
    with fwAD.dual_level():
        a = fwAD.make_dual(torch.tensor(2.0), torch.tensor(1.0))
        b = fwAD.make_dual(torch.tensor(3.0), torch.tensor(10.0))
        near(fwAD.unpack_dual(a * b).tangent, 3.0 + 20.0)


def test_constants_and_non_differentiable_results():
    with fwAD.dual_level():
        a = fwAD.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 1.0]))
        assert fwAD.unpack_dual(a > 1).tangent is None
        same(fwAD.unpack_dual(a + 5).tangent, [1.0, 1.0])


def test_no_grad_does_not_stop_tangents():
    with fwAD.dual_level(), torch.no_grad():
        a = fwAD.make_dual(torch.tensor(2.0), torch.tensor(1.0))
        near(fwAD.unpack_dual(a * a).tangent, 4.0)


def test_detach_drops_the_tangent():
    with fwAD.dual_level():
        a = fwAD.make_dual(torch.tensor(2.0), torch.tensor(1.0))
        assert fwAD.unpack_dual(a.detach()).tangent is None


def test_hessian_vector_product_forward_over_reverse():
    x, v = leaf([1.0, 3.0]), torch.tensor([1.0, -2.0])
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        y = (dual**3).sum() * dual[0]
        (gx,) = torch.autograd.grad(y, dual, create_graph=True)
        product = fwAD.unpack_dual(gx).tangent
    # y = (a^3 + b^3) a: Hessian [[12 a^2, 3 b^2], [3 b^2, 6 a b]]
    near(product, [12.0 - 54.0, 27.0 - 36.0])


def test_tangents_of_leaves_are_differentiable():
    x, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    with fwAD.dual_level():
        t = fwAD.unpack_dual(fwAD.make_dual(x, v) ** 2).tangent
        t.sum().backward()
    near(x.grad, [6.0, 8.0])
    near(v.grad, [2.0, 4.0])


@pytest.mark.parametrize(
    "attempt, kind",
    [
        (lambda: fwAD.make_dual(torch.tensor([1.0]), torch.tensor([1.0, 2.0])), RuntimeError),
        (lambda: fwAD.make_dual(torch.tensor([1]), torch.tensor([1])), ValueError),
        (lambda: fwAD.enter_dual_level(), RuntimeError),
    ],
    ids=["size", "integers", "nested"],
)
def test_refused_inside_a_level(attempt, kind):
    with fwAD.dual_level(), pytest.raises(kind):
        attempt()


def test_refused_outside_a_level():
    with pytest.raises(RuntimeError):
        fwAD.make_dual(torch.tensor([1.0]), torch.tensor([1.0]))
    with pytest.raises(RuntimeError):
        fwAD.exit_dual_level()


def test_an_exception_closes_its_level():
    with pytest.raises(KeyError), fwAD.dual_level():
        raise KeyError
    with fwAD.dual_level():
        a = fwAD.make_dual(torch.tensor(2.0), torch.tensor(1.0))
        near(fwAD.unpack_dual(a * a).tangent, 4.0)
