"""Checks of derivatives by central differences, for tables of functions of Tensors.

`first`, `second` and `forward` hold the gradient, the gradient of the gradient and the pushforward against differences of values; `oracle`
holds value, gradient and second gradient against PyTorch. Inputs are float64 arrays; a function may use a module `m` (tape or torch).
Invariant: cotangents are random but fixed, so a failure repeats. Imported by tests only.
"""

import importlib

import numpy as np
from under_test import numbers, torch

STEP = 1e-6


def arrays(*shapes, seed=0):
    """Random arrays of these shapes."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(-1.0, 1.0, shape) for shape in shapes]


def _leaves(m, inputs):
    return [m.tensor(x, requires_grad=True) for x in inputs]


def _weighted(m, y, seed=7):
    """The output and its square times fixed random weights, summed: not linear even where the function is."""
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, tuple(y.shape))
    return ((y + y * y) * m.tensor(weights, dtype=y.dtype)).sum()


def _gradient(m, f, inputs, graph=False):
    xs = _leaves(m, inputs)
    return xs, m.autograd.grad(_weighted(m, f(m, *xs)), xs, create_graph=graph, allow_unused=True, materialize_grads=True)


def _second(m, f, inputs):
    xs, gradients = _gradient(m, f, inputs, graph=True)
    total = sum(_weighted(m, g, 11 + i) for i, g in enumerate(gradients))
    return m.autograd.grad(total, xs, allow_unused=True, materialize_grads=True)


def _differences(function, inputs):
    """The gradient of a function of arrays, by central differences."""
    found = []
    for i, x in enumerate(inputs):
        slope = np.zeros_like(x)
        for place in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = [v.copy() for v in inputs]
                moved[i][place] += sign * STEP
                ends.append(function(moved))
            slope[place] = (ends[0] - ends[1]) / (2 * STEP)
        found.append(slope)
    return found


def first(f, inputs, rtol=1e-6, atol=1e-7):
    """The gradient agrees with differences of values."""
    _, gradients = _gradient(torch, f, inputs)
    expected = _differences(lambda v: float(_weighted(torch, f(torch, *map(torch.tensor, v)))), inputs)
    for g, e in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(numbers(g), e, rtol=rtol, atol=atol)


def second(f, inputs, rtol=1e-5, atol=1e-6):
    """The gradient of a weighted sum of gradients agrees with differences of it."""

    def of_arrays(v):
        _, gradients = _gradient(torch, f, v)
        return sum(float(_weighted(torch, g, 11 + i)) for i, g in enumerate(gradients))

    for g, e in zip(_second(torch, f, inputs), _differences(of_arrays, inputs), strict=True):
        np.testing.assert_allclose(numbers(g), e, rtol=rtol, atol=atol)


def forward(f, inputs, rtol=1e-6, atol=1e-7):
    """The pushforward of a tangent is its product with the gradient."""
    fw = torch.autograd.forward_ad
    tangents = arrays(*(x.shape for x in inputs), seed=5)
    _, gradients = _gradient(torch, f, inputs)
    with fw.dual_level():
        duals = [fw.make_dual(torch.tensor(x), torch.tensor(t)) for x, t in zip(inputs, tangents, strict=True)]
        pushed = float(fw.unpack_dual(_weighted(torch, f(torch, *duals))).tangent)
    expected = sum(float((numbers(g) * t).sum()) for g, t in zip(gradients, tangents, strict=True))
    np.testing.assert_allclose(pushed, expected, rtol=rtol, atol=atol)


def oracle(f, inputs, rtol=1e-9, atol=1e-11):
    """Value, gradient and second gradient are PyTorch's."""
    reference = importlib.import_module("torch")
    before = reference.get_default_dtype()
    reference.set_default_dtype(reference.float64)
    try:
        sides = []
        for m in (torch, reference):
            value = f(m, *map(m.tensor, inputs))
            _, gradients = _gradient(m, f, inputs)
            sides.append([value, *gradients, *_second(m, f, inputs)])
    finally:
        reference.set_default_dtype(before)
    for mine, theirs in zip(*sides, strict=True):
        np.testing.assert_allclose(numbers(mine), theirs.detach().numpy(), rtol=rtol, atol=atol)
