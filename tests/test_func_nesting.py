"""Transforms within transforms: every chain to third order, closures over outer levels, and which results have history.

Chains are held against PyTorch's; the rules of history against what autograd gives when it differentiates the result.
"""

import gc
import importlib
import itertools
import sys
import weakref

import numpy as np
import pytest
from under_test import leaf, near, numbers, torch

func = torch.func


def vector(*values):
    return torch.tensor(values, dtype=torch.float64)


def cubes(x):
    return (x**3).sum()


FUNCTIONS = {
    "elementwise": lambda m, x: m.stack([x[0] * m.sin(x[1]), m.exp(x[0]) * x[1] ** 3]),
    "matmul": lambda m, x: m.tanh(m.tensor([[1.0, 2.0], [-0.5, 0.3]], dtype=m.float64) @ x) * x.sum(),
    "reductions": lambda m, x: m.logsumexp(m.outer(x, x), 0) * x.prod(),
    "picking": lambda m, x: m.where(x > 0, x * x, m.sin(x)) * m.cat([x[1:], x[:1]]) + m.clamp(x, -0.6, 0.5) ** 2,
}


def steps(m):
    """Each makes a function of a vector out of one: its derivative, in one way or another."""
    transforms, v = m.func, m.tensor([0.3, -1.1], dtype=m.float64)

    def pulled(f, x):
        y, pullback = transforms.vjp(f, x)
        return pullback(m.cos(m.arange(y.numel(), dtype=m.float64)).reshape(y.shape))[0]

    return {
        "grad": lambda f: lambda x: transforms.grad(lambda y: m.sin(f(y)).sum())(x),
        "jvp": lambda f: lambda x: transforms.jvp(f, (x,), (v,))[1],
        "jvp along x": lambda f: lambda x: transforms.jvp(f, (x,), (m.sin(x),))[1],
        "vjp": lambda f: lambda x: pulled(f, x),
        "jacrev": lambda f: lambda x: transforms.jacrev(f)(x),
        "jacfwd": lambda f: lambda x: transforms.jacfwd(f)(x),
        "hessian": lambda f: lambda x: transforms.hessian(lambda y: m.sin(f(y)).sum())(x),
    }


NAMES = list(steps(torch))
CHAINS = {
    name: [c for n in (1, 2, 3) for c in itertools.product(NAMES, repeat=n) if c[-1] == name and c.count("hessian") < 2]
    for name in NAMES
}


def run(m, function, chain):
    f = lambda x: FUNCTIONS[function](m, x)  # noqa: E731
    for name in chain:
        f = steps(m)[name](f)
    return f(m.tensor([0.7, -0.4], dtype=m.float64))


def compare(function, chains):
    reference = importlib.import_module("torch")
    for chain in chains:
        mine, theirs = run(torch, function, chain), run(reference, function, chain)
        assert not mine.requires_grad
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-8, atol=1e-10, err_msg=" of ".join(reversed(chain)))


@pytest.mark.oracle
@pytest.mark.parametrize("outermost", NAMES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_chains_to_second_order(function, outermost):
    compare(function, [chain for chain in CHAINS[outermost] if len(chain) < 3])


@pytest.mark.oracle
@pytest.mark.parametrize("outermost", NAMES)
@pytest.mark.parametrize(
    "function", ["elementwise", pytest.param("matmul", marks=pytest.mark.slow), pytest.param("reductions", marks=pytest.mark.slow)]
)
def test_chains_to_third_order(function, outermost):
    chains = [chain for chain in CHAINS[outermost] if len(chain) == 3]
    compare(function, chains if function != "elementwise" else chains[::5])


@pytest.mark.parametrize("chain", [c for c in itertools.product(["grad", "jvp", "jacfwd", "jacrev"], repeat=2)], ids=" of ".join)
def test_chains_against_differences(chain):
    """The outermost derivative of two, by central differences of the inner one."""
    inner, outer = chain[1], chain[0]
    f = steps(torch)[inner](lambda x: FUNCTIONS["matmul"](torch, x))
    x, step = vector(0.7, -0.4), 1e-6
    found = numbers(func.jacrev(f)(x) if outer in ("grad", "jacrev") else func.jacfwd(f)(x))
    columns = [numbers(f(x + step * e) - f(x - step * e)) / (2 * step) for e in torch.eye(2, dtype=torch.float64)]
    np.testing.assert_allclose(found, np.stack(columns, -1), rtol=1e-6, atol=1e-7)


# levels that refer to each other


def test_an_inner_level_does_not_see_the_outer_variable():
    """Perturbation confusion: d/dx x * d/dy (x + y) is 1, not 2."""
    near(func.grad(lambda x: x * func.grad(lambda y: x + y)(torch.tensor(1.0)))(torch.tensor(1.0)), 1.0)
    near(func.grad(lambda x: x * func.jvp(lambda y: x + y, (torch.tensor(1.0),), (torch.tensor(1.0),))[1])(torch.tensor(1.0)), 1.0)
    near(func.jvp(lambda x: x * func.grad(lambda y: x + y)(torch.tensor(1.0)), (torch.tensor(1.0),), (torch.tensor(1.0),))[1], 1.0)
    one = torch.tensor(1.0)
    near(func.jvp(lambda x: x * func.jvp(lambda y: x * y, (one,), (one,))[1], (torch.tensor(3.0),), (one,))[1], 6.0)


@pytest.mark.parametrize("inner", ["grad", "jacrev", "jacfwd", "vjp", "jvp"])
@pytest.mark.parametrize("outer", ["grad", "jvp"])
def test_the_inner_function_closes_over_the_outer_variable(inner, outer):
    """With f(x, y) = x y^3: the inner derivative at y = 2 is 12 x; times x, its derivative is 24 x."""
    x, two, one = torch.tensor(5.0), torch.tensor(2.0), torch.tensor(1.0)

    def f(x):
        g = lambda y: x * y**3  # noqa: E731
        found = {
            "grad": lambda: func.grad(g)(two),
            "jacrev": lambda: func.jacrev(g)(two),
            "jacfwd": lambda: func.jacfwd(g)(two),
            "vjp": lambda: func.vjp(g, two)[1](one)[0],
            "jvp": lambda: func.jvp(g, (two,), (one,))[1],
        }[inner]()
        return x * found

    near(func.grad(f)(x) if outer == "grad" else func.jvp(f, (x,), (one,))[1], 120.0)


def test_auxiliary_values_keep_the_history_of_outer_levels():
    def f(x):
        g, aux = func.grad(lambda y: ((y * y).sum(), (x * y, y)), has_aux=True)(vector(2.0, 3.0))
        assert aux[0].requires_grad and not aux[1].requires_grad
        return (aux[0] * aux[1]).sum()

    near(func.grad(f)(vector(1.0, 1.0)), [4.0, 9.0])


def test_three_levels_each_seeing_the_others():
    def f(x):
        return func.grad(lambda y: func.grad(lambda z: x**2 * y**2 * z**2)(y * x))(x)

    # inner 2 x^2 y^2 (y x) = 2 x^3 y^3; its derivative by y at x: 6 x^5; its derivative by x: 30 x^4
    near(func.grad(f)(torch.tensor(2.0)), 480.0)


# which results have history


def test_history_leads_to_what_the_function_closes_over():
    w = leaf([3.0, 4.0])
    g, y = func.grad_and_value(lambda x: (w * x**2).sum())(vector(1.0, 2.0))
    assert g.requires_grad and y.requires_grad
    near(torch.autograd.grad(g.sum(), w, retain_graph=True)[0], [2.0, 4.0])
    near(torch.autograd.grad(y, w)[0], [1.0, 4.0])


def test_history_leads_to_arguments_that_require_grad():
    x = leaf([1.0, 2.0])
    h = x * 2
    for t, expected in ((x, [3.0, 12.0]), (h, [12.0, 48.0])):
        g, y = func.grad_and_value(cubes)(t)
        near(g, expected)
        near(torch.autograd.grad(g.sum(), t, retain_graph=True)[0], 6 * numbers(t))
        near(torch.autograd.grad(y, t)[0], expected)
    (func.grad(cubes)(h) ** 2).sum().backward()
    near(x.grad, 2 * 12 * numbers(x) ** 2 * 24 * numbers(x))


def test_only_results_that_lead_outside_have_history():
    w = leaf(3.0)
    (gx, gy), (value, aux) = func.grad_and_value(
        lambda x, y: ((w * x).sum() + (y**2).sum(), (y + 1, w * y)), argnums=(0, 1), has_aux=True
    )(vector(1.0), vector(2.0))
    if torch.__name__ == "tape":  # PyTorch's gy has history that leads nowhere
        assert [t.requires_grad for t in (gx, gy, value, *aux)] == [True, False, True, False, True]
    near(gy, [4.0])
    y, pullback = func.vjp(lambda x: (x**2, w * x), vector(2.0))
    assert not y[0].requires_grad and y[1].requires_grad
    near(pullback((vector(1.0), vector(0.0)))[0], [4.0])


def test_a_constant_inner_gradient_adds_no_history():
    w = leaf(3.0)
    g = func.grad(lambda x: (x * func.grad(lambda y: (y**3).sum())(vector(1.0, 2.0)).detach()).sum())(vector(1.0, 1.0))
    assert not g.requires_grad

    def f(x):
        inner = func.grad(lambda y: (x * y).sum() + 0 * w)(vector(1.0, 2.0))
        return (x * inner).sum()

    near(func.grad(f)(vector(1.0, 5.0)), [2.0, 10.0])


def test_a_leaf_that_is_gone_still_counts_as_outside():
    def scaled():
        return torch.ones(2, requires_grad=True) * 3.0

    h = scaled()
    gc.collect()
    g = func.grad(lambda x: (h * x**2).sum())(vector(1.0, 2.0))
    assert g.requires_grad
    near(torch.autograd.grad(g.sum(), h)[0], [2.0, 4.0])


def test_pullbacks_made_outside_and_used_inside():
    _, pullback = func.vjp(lambda x: x**3, vector(1.0, 2.0))
    near(func.grad(lambda c: (pullback(c)[0] ** 2).sum())(vector(1.0, 10.0)), [18.0, 2880.0])
    near(func.hessian(lambda c: (pullback(c)[0] ** 2).sum())(vector(1.0, 10.0)), [[18.0, 0.0], [0.0, 288.0]])


def test_pullbacks_made_inside_and_used_outside():
    kept = []

    def f(x):
        y, pullback = func.vjp(lambda z: x * z**2, vector(3.0))
        kept.append(pullback)
        return y.sum()

    near(func.grad(f)(vector(2.0)), [9.0])
    near(kept[0](vector(1.0))[0], [12.0])


# what it costs


def test_inner_gradients_in_a_loop_cost_what_they_are():
    """No inner level walks through what the outer ones recorded before it."""

    def lines(n):
        def f(x):
            y = x
            for _ in range(n):
                y = y + 0.1 * func.grad(lambda z: torch.sin(z * x))(y)
            return y

        def count(frame, event, value):
            nonlocal counted
            counted += event == "line"
            return count

        x = torch.tensor(0.3)
        func.grad(f)(x)
        counted, before = 0, sys.gettrace()
        sys.settrace(count)
        try:
            func.grad(f)(x)
        finally:
            sys.settrace(before)
        return counted

    few, many = lines(20), lines(200)
    assert 2 * few < many < 12 * few, f"ten times the inner gradients took {many / few:.0f} times as many lines"


def test_nested_levels_keep_nothing_alive():
    refs = []

    def f(x):
        y = torch.sin(x)
        refs.append(weakref.ref(y))
        return (y * func.grad(cubes)(y)).sum()

    x = vector(0.3, 0.4)
    gc.disable()
    try:
        for transform in (func.grad, func.jacrev, func.hessian, lambda f: func.grad(lambda x: func.grad(f)(x).sum())):
            transform(f)(x)
        found = func.jvp(func.grad(f), (x,), (x,))
        assert not found[1].requires_grad
        assert [r() for r in refs] == [None] * len(refs)
    finally:
        gc.enable()
    assert x.grad is None and not x.requires_grad
