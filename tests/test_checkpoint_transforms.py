"""Forward mode, function transforms and vmap through checkpoints and hooks on saved values: derivatives are those without."""

from itertools import product

import numpy as np
import pytest
from under_test import NAME, leaf, near, numbers, torch

forward_ad, hooks_on = torch.autograd.forward_ad, torch.autograd.graph.saved_tensors_hooks
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own: torch.func takes no hooks on saved values")


def body(x):
    return ((x.sin() * x.sum()) ** 2).sum()


def checkpointed(f):
    return lambda *args: torch.utils.checkpoint.checkpoint(f, *args, use_reentrant=False)


def hooked(f):
    def run(*args):
        with hooks_on(lambda t: t.detach().clone(), lambda t: t):
            return f(*args)

    return run


WRAPPED = {"checkpoint": checkpointed, "checkpoint twice": lambda f: checkpointed(checkpointed(f)), "hooks": hooked, "both": lambda f: hooked(checkpointed(f)),
           "hooks inside": lambda f: checkpointed(hooked(f))}  # fmt: skip
wrapped = pytest.mark.parametrize("wrap", WRAPPED.values(), ids=WRAPPED)
by_and_by = pytest.mark.parametrize(
    "wrap", [pytest.param(wrap, id=name, marks=() if name in ("checkpoint", "hooks") else pytest.mark.slow) for name, wrap in WRAPPED.items()]
)


# as in PyTorch


def product_of(f):
    """The Hessian times a vector, forward over reverse."""
    with forward_ad.dual_level():
        x = forward_ad.make_dual(leaf([0.4, -0.3, 1.2]), torch.tensor([1.0, 2.0, 3.0]))
        (g,) = torch.autograd.grad(f(x), x, create_graph=True)
        return forward_ad.unpack_dual(g).tangent.detach()


@wrapped
def test_forward_over_reverse(wrap):
    near(product_of(wrap(body)), numbers(product_of(body)))


def test_values_packed_one_by_one():
    with forward_ad.dual_level():
        x = forward_ad.make_dual(leaf([0.4, -0.3]), torch.tensor([1.0, 2.0]))
        y, z = x * x.sin(), x.exp()
        y.grad_fn._raw_saved_self.register_hooks(lambda t: t.detach().clone(), lambda t: t)
        z.grad_fn._raw_saved_result.register_hooks(lambda t: t.detach().clone(), lambda t: t)
        (g,) = torch.autograd.grad((y * z).sum(), x, create_graph=True)
        a, v = np.array([0.4, -0.3]), np.array([1.0, 2.0])
        near(forward_ad.unpack_dual(g).tangent, 2 * v * np.exp(a) * (np.sin(a) + np.cos(a) + a * np.cos(a)))


def test_tangents_of_saved_values():
    with forward_ad.dual_level():
        x = forward_ad.make_dual(leaf([0.4, -0.3]), torch.tensor([1.0, 2.0]))
        with hooks_on(lambda t: t.detach().clone(), lambda t: t):
            y = x.exp()
        saved = forward_ad.unpack_dual(y.grad_fn._saved_result)
        near(saved.primal, np.exp([0.4, -0.3]))
        near(saved.tangent, np.exp([0.4, -0.3]) * [1, 2])


# transforms

func = torch.func
TRANSFORMS = {"grad": func.grad, "jacrev": func.jacrev, "jacfwd": func.jacfwd, "hessian": func.hessian}
WEIGHT, POINT = torch.tensor([0.3, 0.1, 2.0], dtype=torch.float64), torch.tensor([0.4, -0.3, 1.2], dtype=torch.float64)
POINTS = torch.stack([POINT, POINT * 2])
FUNCTIONS = {
    "plain": body, "grad inside": lambda x: (func.grad(body)(x) * x).sum(), "jvp inside": lambda x: (func.jvp(body, (x,), (x * 2,))[1] * x.exp()).sum(),
    "vmap inside": lambda x: func.vmap(lambda a: body(a * WEIGHT * x).exp() + x.sum() * a.sum())(torch.stack([x, x * x])).sum(),
    "product inside vmap": lambda x: func.vmap(lambda a: (torch.outer(x, WEIGHT) @ a).tanh().sum())(torch.stack([x, x * x])).sum(),
}  # fmt: skip
functions = pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)


def summed(f):
    return lambda x: f(x).sin().sum()


@own
@by_and_by
@functions
def test_transforms(f, wrap):
    g = wrap(f)
    for first, second in product(TRANSFORMS.values(), TRANSFORMS.values()):
        near(second(summed(first(g)))(POINT), numbers(second(summed(first(f)))(POINT)), 1e-9, 1e-12)
    near(func.hvp(g, POINT, WEIGHT), numbers(func.hvp(f, POINT, WEIGHT)), 1e-9)
    of_hvp = [func.grad(lambda x, h=h: func.hvp(h, x, WEIGHT).sum())(POINT) for h in (f, g)]
    near(of_hvp[1], numbers(of_hvp[0]), 1e-9)


@own
@wrapped
@functions
def test_mapped(f, wrap):
    g = wrap(f)
    for transform in TRANSFORMS.values():
        near(func.vmap(transform(g))(POINTS), numbers(func.vmap(transform(f))(POINTS)), 1e-9, 1e-12)
        found, expected = [transform(lambda x, h=h: func.vmap(h)(x).sum())(POINTS) for h in (g, f)]
        near(found, numbers(expected), 1e-9, 1e-12)
        found, expected = [transform(lambda w, h=h: func.vmap(lambda x: h(x * w))(POINTS).sum())(POINT) for h in (g, f)]
        near(found, numbers(expected), 1e-9, 1e-12)


@own
@pytest.mark.parametrize("randomness", ["different", "same"])
def test_random_numbers_of_examples(randomness):
    def noisy(x):
        return (x.sin() * torch.rand(3, dtype=torch.float64)).exp().sum()

    def found(f):
        torch.manual_seed(0)
        return [
            func.grad(lambda x: func.vmap(f, randomness=randomness)(x).sum())(POINTS), func.vmap(func.grad(f), randomness=randomness)(POINTS),
            func.jacrev(lambda x: f(x) * x, chunk_size=3)(POINT), torch.rand(2, dtype=torch.float64),
        ]  # fmt: skip

    for a, b in zip(found(checkpointed(noisy)), found(noisy), strict=True):
        near(a, numbers(b))


@own
def test_optimisers_with_products():
    found = torch.optimize.minimize(checkpointed(lambda x: ((x - WEIGHT) ** 2).sum() + body(x - WEIGHT)), POINT, method="trust-ncg")
    near(torch.as_tensor(found.x), numbers(WEIGHT), 1e-3)


@own
def test_another_number_of_values_is_still_found_out():
    runs = []

    def changing(x):
        runs.append(1)
        return func.vmap(lambda a: a.sin() if len(runs) == 1 else a.exp().sin())(x).sum()

    with pytest.raises(torch.utils.checkpoint.CheckpointError):
        func.jacrev(func.jacfwd(checkpointed(changing)))(POINT)
