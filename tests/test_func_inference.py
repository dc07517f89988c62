"""Transforms in inference mode, and of tensors that were made in it: what they compute is what they compute elsewhere."""

import pytest
from under_test import NAME, leaf, near, numbers, torch

func = torch.func
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own")
STEPS = {
    "grad": lambda f: func.grad(lambda x: f(x).sin().sum()), "jacrev": func.jacrev, "jacfwd": func.jacfwd, "hessian": lambda f: func.hessian(lambda x: f(x).sum()),
    "jvp": lambda f: lambda x: func.jvp(f, (x,), (x * 2,))[1], "vjp": lambda f: lambda x: (lambda y, pullback: pullback(y.sin())[0])(*func.vjp(f, x)),
}  # fmt: skip
FUNCTIONS = {
    "arguments": lambda w: lambda x: x * x * x.sum(), "another tensor": lambda w: lambda x: (x * w).sin(), "made inside": lambda w: lambda x: (x * values()).sin(),
    "products": lambda w: lambda x: torch.outer(x, w) @ x, "vmap": lambda w: lambda x: func.vmap(lambda a: a.sin() * w)(torch.stack([x, x * x])).sum(0),
    "Function": lambda w: lambda x: Times.apply(x, w) * x,
}  # fmt: skip


class Times(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x, w):
        return x * w

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w, g * x

    @staticmethod
    def jvp(ctx, x_t, w_t):
        x, w = ctx.saved_tensors
        return x_t * w


def values():
    return torch.tensor([0.3, -0.5])


@pytest.mark.parametrize("make", FUNCTIONS.values(), ids=FUNCTIONS)
@pytest.mark.parametrize("last", STEPS)
def test_transforms(make, last):
    for chain in ([last], *([first, last] for first in STEPS)):
        def applied(f, chain=chain):
            for step in chain:
                f = STEPS[step](f)
            return f

        expected = applied(make(values()))(values())
        with torch.inference_mode():
            found = applied(make(values()))(values())
            x, w = values(), values()
        expected = expected + torch.zeros(2)  # in PyTorch some zeros are no array
        near(found + torch.zeros(2), numbers(expected))
        near(applied(make(w))(x) + torch.zeros(2), numbers(expected))


def test_elsewhere_they_are_refused_still():
    with torch.inference_mode():
        w = values()
    x = leaf([1.0, 2.0])
    for f in (lambda: x * w, lambda: func.grad(lambda x: (x * x * w).sum())(x), lambda: func.vjp(lambda x: x * x * w, x)):
        with pytest.raises(RuntimeError):
            f()
    near(func.grad(lambda x: (x * x * w).sum())(x.detach()), [0.6, -2.0])
    with pytest.raises(RuntimeError):
        x * w


@own
@pytest.mark.parametrize("method", ["trust-ncg", "trust-exact", "Newton-CG", "BFGS"])
def test_optimisers(method):
    with torch.inference_mode():
        target = values()
        found = torch.optimize.minimize(lambda x: ((x - target) ** 2).sum() + ((x - target) ** 4).sum(), [1.0, 2.0], method=method)
    near(torch.as_tensor(found.x), numbers(target), 1e-3)


@own
def test_products_compiled():
    with torch.inference_mode():
        x = values()
        near(torch.compile(lambda x, v: func.hvp(lambda x: (x**3).sum(), x, v))(x, x), 6 * numbers(x) ** 2)
        near(func.hvp(lambda x: (x**3).sum(), x, x), 6 * numbers(x) ** 2)
