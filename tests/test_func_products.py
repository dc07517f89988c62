"""tape.func's products: vjp, jvp and hvp, their structures, and what may be done with a pullback afterwards.

The function under test is nonlinear and its Jacobian is known; PyTorch has the first two, so those tests run on it too.
"""

import pytest
from under_test import leaf, near, same, torch

func = torch.func
ours = pytest.mark.skipif(torch.__name__ == "torch", reason="PyTorch has no such function")


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


def both(a, b):
    """Outputs in a dict; the Jacobian of "product" is [diag(b), diag(a)], of the total [1, 2 b]."""
    return {"product": a * b, "total": [(a + b * b).sum()]}


A, B = (2.0, 3.0), (5.0, 7.0)


def test_vjp():
    y, pullback = func.vjp(lambda x: x**3, vector(1.0, 2.0))
    near(y, [1.0, 8.0])
    assert not y.requires_grad
    found = pullback(vector(1.0, 10.0))
    assert isinstance(found, tuple) and len(found) == 1
    near(found[0], [3.0, 120.0])


def test_vjp_of_structures():
    y, pullback = func.vjp(both, vector(*A), vector(*B))
    assert list(y) == ["product", "total"] and isinstance(y["total"], list)
    near(y["product"], [10.0, 21.0])
    near(y["total"][0], 79.0)
    ga, gb = pullback({"product": vector(1.0, 10.0), "total": [torch.tensor(100.0)]})
    near(ga, [105.0, 170.0])
    near(gb, [1002.0, 1430.0])


def test_vjp_of_a_structured_primal():
    _, pullback = func.vjp(lambda p: p["a"] * p["b"][0], {"a": vector(*A), "b": (vector(*B),)})
    (g,) = pullback(vector(1.0, 10.0))
    near(g["a"], [5.0, 70.0])
    near(g["b"][0], [2.0, 30.0])


def test_a_pullback_may_be_called_again():
    _, pullback = func.vjp(both, vector(*A), vector(*B))
    for scale in (1.0, 2.0, 0.0):
        ga, _ = pullback({"product": vector(scale, 0.0), "total": [torch.tensor(0.0)]})
        near(ga, [5.0 * scale, 0.0])


def test_vjp_with_auxiliary_values():
    y, pullback, aux = func.vjp(lambda x: (x * x, {"x": x + 1}), vector(1.0, 2.0), has_aux=True)
    near(y, [1.0, 4.0])
    near(aux["x"], [2.0, 3.0])
    assert not aux["x"].requires_grad
    near(pullback(vector(1.0, 1.0))[0], [2.0, 4.0])


def test_vjp_of_constants():
    _, pullback = func.vjp(lambda x: (x * 2, torch.ones(3)), vector(1.0))
    near(pullback((vector(1.0), vector(1.0, 1.0, 1.0)))[0], [2.0])
    _, pullback = func.vjp(lambda x: torch.ones(3), vector(1.0))
    same(pullback(vector(1.0, 1.0, 1.0))[0], [0.0])
    y, pullback = func.vjp(lambda: torch.ones(3))
    near(y, [1.0, 1.0, 1.0])
    assert pullback(vector(1.0, 1.0, 1.0)) == ()


def test_a_pullback_is_linear_and_differentiable_in_its_cotangents():
    _, pullback = func.vjp(lambda x: x**3, vector(1.0, 2.0))
    c = leaf([1.0, 10.0])
    (g,) = pullback(c)
    g.sum().backward()
    near(c.grad, [3.0, 12.0])
    near(func.jacrev(lambda c: pullback(c)[0])(vector(0.5, 0.5)), [[3.0, 0.0], [0.0, 12.0]])
    near(func.jvp(lambda c: pullback(c)[0], (vector(0.5, 0.5),), (vector(1.0, 2.0),))[1], [3.0, 24.0])


def test_pullbacks_and_grad_mode():
    x = leaf([1.0, 2.0])
    y, pullback = func.vjp(lambda x: x**3, x)
    assert y.requires_grad
    assert pullback(vector(1.0, 1.0))[0].requires_grad
    with torch.no_grad():
        assert not pullback(vector(1.0, 1.0))[0].requires_grad
    (g,) = pullback(vector(1.0, 1.0))
    (h,) = torch.autograd.grad(g.sum(), x)
    near(h, [6.0, 12.0])
    with torch.no_grad():
        y, pullback = func.vjp(lambda x: x**3, x)
    assert not y.requires_grad
    near(pullback(vector(1.0, 1.0))[0], [3.0, 12.0])


def test_jvp():
    y, t = func.jvp(lambda x: x**3, (vector(1.0, 2.0),), (vector(1.0, 10.0),))
    near(y, [1.0, 8.0])
    near(t, [3.0, 120.0])
    assert not y.requires_grad and not t.requires_grad


def test_jvp_of_structures():
    y, t = func.jvp(both, (vector(*A), vector(*B)), (vector(1.0, 0.0), vector(0.0, 10.0)))
    assert list(t) == ["product", "total"] and isinstance(t["total"], list)
    near(y["product"], [10.0, 21.0])
    near(t["product"], [5.0, 30.0])
    near(t["total"][0], 141.0)
    p = {"a": vector(*A), "b": (vector(*B),)}
    _, t = func.jvp(lambda p: p["a"] * p["b"][0], (p,), ({"a": vector(1.0, 0.0), "b": (vector(0.0, 10.0),)},))
    near(t, [5.0, 30.0])


def test_jvp_with_auxiliary_values():
    y, t, aux = func.jvp(lambda x: (x * x, {"x": x + 1}), (vector(3.0),), (vector(1.0),), has_aux=True)
    near(t, [6.0])
    near(aux["x"], [4.0])


def test_jvp_of_constants():
    _, t = func.jvp(lambda x: (x * 2, torch.ones(2)), (vector(3.0),), (vector(1.0),))
    near(t[0], [2.0])
    same(t[1], [0.0, 0.0])
    with pytest.raises(RuntimeError):
        func.jvp(lambda x: (x * 2, torch.ones(2)), (vector(3.0),), (vector(1.0),), strict=True)
    with pytest.raises(RuntimeError):
        func.jvp(lambda x: func.jvp(lambda y: torch.ones(2), (x,), (x,), strict=True)[1], (vector(3.0),), (vector(1.0),))


def test_jvp_goes_through_no_grad_but_not_through_detach():
    def under_no_grad(x):
        with torch.no_grad():
            y = x * x
        return y * x

    near(func.jvp(under_no_grad, (vector(2.0),), (vector(1.0),))[1], [12.0])
    near(func.jvp(lambda x: x.detach() * x, (vector(2.0),), (vector(1.0),))[1], [2.0])


def test_jvp_keeps_grad_mode_and_leaves_inference_mode():
    seen = []

    def f(x):
        seen.append((torch.is_grad_enabled(), torch.is_inference_mode_enabled()))
        return x * x

    x = leaf([2.0])
    assert func.jvp(f, (x,), (x,))[1].requires_grad
    with torch.no_grad():
        assert not func.jvp(f, (x,), (x,))[1].requires_grad
    with torch.inference_mode():
        _, t = func.jvp(f, (vector(2.0),), (vector(1.0),))
    assert not t.is_inference()
    assert seen == [(True, False), (False, False), (False, False)]


def test_jvp_in_a_dual_level_of_the_users():
    fw = torch.autograd.forward_ad
    if torch.__name__ == "torch":
        pytest.skip("PyTorch's levels are not those of torch.func")
    with fw.dual_level():
        x = fw.make_dual(vector(2.0, 3.0), vector(1.0, 10.0))
        y, t = func.jvp(lambda x: x**3, (x,), (vector(1.0, 1.0),))
        near(fw.unpack_dual(y).tangent, [12.0, 270.0])
        near(t, [12.0, 27.0])
        near(fw.unpack_dual(t).tangent, [12.0, 180.0])
        near(fw.unpack_dual(func.grad(lambda x: (x**3).sum())(x)).tangent, [12.0, 180.0])
        near(fw.unpack_dual(func.jacfwd(lambda x: x**3)(x)).tangent, [[12.0, 0.0], [0.0, 180.0]])


def test_tangents_with_history_carry_it_on():
    v = leaf([1.0, 10.0])
    _, t = func.jvp(lambda x: x**3, (vector(1.0, 2.0),), (v,))
    t.sum().backward()
    near(v.grad, [3.0, 12.0])
    v = leaf([1.0, 10.0])
    _, t = func.jvp(func.grad(lambda x: (x**3).sum()), (vector(1.0, 2.0),), (v,))
    t.sum().backward()
    near(v.grad, [6.0, 12.0])


@ours
def test_hvp():
    near(func.hvp(lambda x: (x**3).sum(), vector(1.0, 2.0), vector(1.0, 10.0)), [6.0, 120.0])
    near(func.hvp(torch.sin, 0.5, 2.0), -2 * torch.sin(torch.tensor(0.5)).item())


@ours
def test_hvp_of_several_arguments_and_of_structures():
    def f(a, b):
        return (a * a * b).sum()

    a, b, u, v = vector(*A), vector(*B), vector(1.0, 10.0), vector(3.0, 0.0)
    found = func.hvp(f, (a, b), (u, v))
    assert isinstance(found, tuple) and len(found) == 2
    near(found[0], [2 * 5 * 1 + 2 * 2 * 3, 2 * 7 * 10.0])
    near(found[1], [2 * 2 * 1, 2 * 3 * 10.0])
    tree = func.hvp(lambda p: f(p["a"], p["b"][0]), {"a": a, "b": [b]}, {"b": [v], "a": u})
    near(tree["a"], [22.0, 140.0])
    near(tree["b"][0], [4.0, 60.0])


@ours
def test_hvp_is_the_hessian_times_the_vector_both_ways():
    def f(x):
        return (torch.sin(x).outer(x * x)).logsumexp(1).prod()

    x, v = vector(0.3, -0.7, 1.1), vector(1.0, 2.0, -0.5)
    h = func.hessian(f)(x)
    expected = (h @ v).numpy()
    near(func.hvp(f, x, v), expected, rtol=1e-10)
    near(func.jvp(func.grad(f), (x,), (v,))[1], expected, rtol=1e-10)
    near(func.vjp(func.grad(f), x)[1](v)[0], expected, rtol=1e-10)
    near(func.grad(lambda x: func.jvp(f, (x,), (v,))[1])(x), expected, rtol=1e-10)


@ours
def test_hvp_keeps_history_for_outer_levels():
    x, v = leaf([1.0, 2.0]), leaf([1.0, 10.0])
    found = func.hvp(lambda x: (x**3).sum(), x, v)
    found.sum().backward()
    near(x.grad, [6.0, 60.0])
    near(v.grad, [6.0, 12.0])
    assert not func.hvp(lambda x: (x**3).sum(), vector(1.0), vector(1.0)).requires_grad
    near(func.jacfwd(lambda x: func.hvp(lambda x: (x**3).sum(), x, vector(1.0, 10.0)))(vector(1.0, 2.0)), [[6.0, 0.0], [0.0, 60.0]])
