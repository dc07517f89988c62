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
        (lambda: fwAD.make_dual(fwAD.make_dual(torch.ones(1), torch.ones(1)), torch.ones(1)), RuntimeError),
        (lambda: fwAD.make_dual(torch.ones(1), fwAD.make_dual(torch.ones(1), torch.ones(1))), RuntimeError),
        (lambda: fwAD.unpack_dual(1.0), TypeError),
        (lambda: fwAD.exit_dual_level(level=3), RuntimeError),
    ],
    ids=["size", "integers", "dual already", "dual tangent", "no Tensor", "another level"],
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


def test_forward_mode_can_be_off():
    primal, tangent = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    with fwAD.dual_level():
        with fwAD._set_fwd_grad_enabled(False):
            dual = fwAD.make_dual(primal, tangent)
            assert fwAD.unpack_dual(dual).tangent is None
            assert fwAD.unpack_dual(dual * 2).tangent is None
        same(fwAD.unpack_dual(dual * 2).tangent, [6.0, 8.0])
        fwAD._set_fwd_grad_enabled(False)
        doubled = dual * 2
        fwAD._set_fwd_grad_enabled(True)
        assert fwAD.unpack_dual(doubled).tangent is None


def test_inference_mode_pushes_no_tangents():
    primal, tangent = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    with fwAD.dual_level():
        dual = fwAD.make_dual(primal, tangent)
        with torch.inference_mode():
            assert fwAD.unpack_dual(dual * 2).tangent is None
    with torch.inference_mode(), fwAD.dual_level():
        assert fwAD.unpack_dual(fwAD.make_dual(primal, tangent) * 2).tangent is None


def test_levels_count_from_zero():
    assert fwAD._current_level == -1
    with fwAD.dual_level() as level:
        assert level == 0 and fwAD._current_level == 0
    assert fwAD._current_level == -1


def test_a_dual_prints_its_tangent():
    with fwAD.dual_level():
        assert repr(fwAD.make_dual(torch.tensor([1.0]), torch.tensor([2.0]))).endswith(", tangent=tensor([2.], dtype=torch.float64))") or (
            repr(fwAD.make_dual(torch.tensor([1.0]), torch.tensor([2.0]))) == "tensor([1.], tangent=tensor([2.]))"
        )


def test_writes_in_place_carry_tangents_to_bases_and_views():
    with fwAD.dual_level():
        dual = fwAD.make_dual(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]))
        base = torch.zeros(3)
        last, whole = base[1:], base.view(3, 1)
        base[:2] = dual * 2
        same(fwAD.unpack_dual(base).tangent, [6.0, 8.0, 0.0])
        same(fwAD.unpack_dual(last).tangent, [8.0, 0.0])
        last.mul_(3)
        same(fwAD.unpack_dual(base).tangent, [6.0, 24.0, 0.0])
        same(fwAD.unpack_dual(whole).tangent, [[6.0], [24.0], [0.0]])
        base.zero_()
        same(fwAD.unpack_dual(base).tangent, [0.0, 0.0, 0.0])
        same(fwAD.unpack_dual(last).tangent, [0.0, 0.0])


def nested(function, x, order):
    """The derivative of an order by levels within levels."""
    if order == 0:
        return function(x)
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, torch.ones_like(x))
        return fwAD.unpack_dual(nested(function, dual, order - 1)).tangent


def reverse(function, x, order):
    x = x.detach().requires_grad_()
    y = function(x)
    for _ in range(order):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
    return y


def of_matrices(s):
    m = torch.tensor([[2.0, 1.0], [0.5, 3.0]]) * s + torch.stack([s, s * s]).reshape(2, 1)
    return torch.linalg.inv(m).sum() + (m @ m).sum() + torch.linalg.det(m) + m.logsumexp(0).sum() + m.norm() + m.cumsum(0).sum()


def in_place(s):
    z = torch.zeros(3)
    z[:2] = s * torch.tensor([2.0, 1.0])
    z[1:].mul_(s)
    z[0] *= z[1]
    return (z * z).sum()


NESTED = "PyTorch has one level"


@pytest.mark.differs(NESTED)
def test_nested_levels_against_known_derivatives():
    x = torch.tensor(0.7)
    near(nested(torch.sin, x, 3), -np.cos(0.7))
    near(nested(lambda x: x**5, x, 4), 120 * 0.7)
    near(nested(lambda x: 1 / x, x, 3), -6 / 0.7**4)
    near(nested(lambda x: x.exp() * x, x, 4), (0.7 + 4) * np.exp(0.7))


@pytest.mark.differs(NESTED)
@pytest.mark.parametrize("function", [of_matrices, in_place, lambda s: s.tanh() * s.sigmoid()])
def test_nested_levels_agree_with_reverse_mode(function):
    for order in (2, 3):
        near(nested(function, torch.tensor(0.7), order).detach(), float(reverse(function, torch.tensor(0.7), order).detach()), rtol=1e-10)


@pytest.mark.differs(NESTED)
def test_nested_levels_do_not_mix():
    inner = lambda x: x * nested(lambda y: x + y, torch.tensor(1.0), 1)  # noqa: E731
    same(nested(inner, torch.tensor(1.0), 1), 1.0)


@pytest.mark.differs(NESTED)
def test_gradients_within_nested_levels():
    def gradient(s):
        return torch.func.grad(lambda u: (u**4).sin())(s)

    expected = float(reverse(lambda u: (u**4).sin(), torch.tensor(0.7), 3).detach())
    near(nested(gradient, torch.tensor(0.7), 2), expected, rtol=1e-10)
    near(nested(lambda s: torch.func.jvp(lambda u: (u**4).sin(), (s,), (torch.ones_like(s),))[1], torch.tensor(0.7), 2), expected, rtol=1e-10)


@pytest.mark.differs(NESTED)
def test_levels_are_named_by_position():
    one = torch.ones(())
    with fwAD.dual_level() as outer:
        x = fwAD.make_dual(torch.tensor(2.0), one)
        with fwAD.dual_level() as inner:
            assert (outer, inner) == (0, 1)
            y = fwAD.make_dual(x, one) ** 3
            same(fwAD.unpack_dual(y, level=outer).tangent, 12.0)
            same(fwAD.unpack_dual(y, level=inner).tangent, 12.0)
            with pytest.raises(RuntimeError):
                fwAD.exit_dual_level(level=outer)
        same(fwAD.unpack_dual(y).tangent, 12.0)
