"""Nests that are their own mirror image: half of the work, the same bits; and those that only look so."""

import numpy as np
import pytest

import tape as torch
from tape.compile.native import halves, pieces

SIZES = (32, 33, 47, 64, 201)


def native(f, *arguments):
    """The variant that a call recorded, with native code."""
    compiled = torch.compile(f)
    compiled(*arguments)
    compiled.wait()
    (signature,) = compiled.signatures.values()
    variant = signature.variants[0]
    assert variant.tier is variant.native, variant.problems
    return variant


def halved(variant):
    return sum(step.nest.half for step in variant.native.plan.steps if hasattr(step, "nest"))


def agrees(variant, *arguments):
    """Native code and the rows, one by one: arrays that are computed bit by bit, sums within rounding."""
    for found, wanted in zip(variant.native.run(list(arguments)), variant.program.run(list(arguments)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-11)


def distances(x):
    d = x[:, None, :] - x[None, :, :]
    return torch.sqrt((d * d).sum(2) + 0.01)


def kernel(x):
    """A matrix of the distances between points, and sums over it."""
    s = distances(x)
    k = torch.exp(-s / 3.0) / s
    return k, k.sum(), k.max(), (k / s).min()


@pytest.mark.parametrize("n", SIZES)
def test_a_kernel_matrix(n):
    x = np.random.default_rng(n).standard_normal((n, 3))
    variant = native(kernel, x)
    assert halved(variant) >= 1
    found, wanted = variant.native.run([x]), variant.program.run([x])
    np.testing.assert_array_equal(found[0], found[0].T)
    np.testing.assert_array_max_ulp(found[0], wanted[0], 4)  # exp is libmvec's
    agrees(variant, x)


@pytest.mark.parametrize("n", SIZES)
def test_bits(n):
    """Without functions of libmvec every element has NumPy's bits."""
    x = np.random.default_rng(n).standard_normal((n, 3))

    def f(x):
        s = distances(x)
        return 1.5 / (s * s * s) + 2.0 / s - torch.sqrt(s) / (s + 1.0)

    variant = native(f, x)
    assert halved(variant) == 1
    np.testing.assert_array_equal(variant.native.run([x])[0], variant.program.run([x])[0])


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf, 1e200, 0.0, -0.0])
def test_special_values(special):
    x = np.random.default_rng(1).standard_normal((40, 3))
    x[7], x[20] = special, x[21]
    variant = native(lambda x: (1.5 / (distances(x) * distances(x) + 1.0), (2.0 / distances(x) / 3.0).sum()), x)
    assert halved(variant) >= 1
    agrees(variant, x)


@pytest.mark.parametrize("n", SIZES)
def test_gradient_of_pairwise_energy(n):
    """The forces are antisymmetric: their sums along one axis are those along the other."""
    rng = np.random.default_rng(n)
    x, mass = rng.standard_normal((n, 3)), rng.random(n) + 0.5

    def energy(x):
        return -0.5 * (torch.tensor(mass)[:, None] * torch.tensor(mass) / distances(x)).sum()

    variant = native(torch.func.value_and_grad(energy), x)
    assert halved(variant) == 1
    agrees(variant, x)
    steps = [step.nest for step in variant.native.plan.steps if hasattr(step, "nest") and len(step.nest.extents) == 3 and n * n in (step.nest.extents[0] ** 2,)]
    assert sum(len(nest.reductions) for nest in steps) == 1, "one of the two sums is the other"


LOOKALIKES = {
    "weights of one side": lambda x, w: w[:, None] / distances(x) / (distances(x) + 1.0),
    "a difference": lambda x, w: (x[:, :1] - x[None, :, 0]) / distances(x) / (distances(x) + 2.0),
    "another shape": lambda x, w: 1.0 / distances(x)[:, 1:] / (distances(x)[:, 1:] + 1.0),
    "a matrix": lambda x, w: w[:, None] * w[None, :] ** 2 / distances(x) / (distances(x) + 1.0),
    "a product of differences": lambda x, w: (x[:, :1] - x[None, :, 0]) * (x[:, 1:2] - x[None, :, 1]) / distances(x) / (distances(x) + 1.0),
}


@pytest.mark.parametrize("f", LOOKALIKES.values(), ids=LOOKALIKES)
def test_what_only_looks_like_it(f):
    rng = np.random.default_rng(3)
    x, w = rng.standard_normal((40, 3)), rng.random(40)
    variant = native(f, x, w)
    for found, wanted in zip(variant.native.run([x, w]), variant.program.run([x, w]), strict=True):
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("sides", [(True, True), (False, True)])
def test_constant_matrices(sides):
    """A symmetric constant may be read; one that the program reads anew, or that is not symmetric, makes the nest whole."""
    rng = np.random.default_rng(4)
    x, m = rng.standard_normal((40, 3)), rng.random((40, 40))
    m = m + m.T if sides[0] else m
    variant = native(lambda x: torch.tensor(m) / distances(x) / (distances(x) + 1.0), x)
    assert halved(variant) == sides[0]
    np.testing.assert_array_equal(variant.native.run([x])[0], variant.program.run([x])[0])


def test_sums_of_quotients_by_differences():
    """1 / (x[i] - x[j]) where two points are the same is inf on both sides: no sum is minus another then."""
    x = np.random.default_rng(5).standard_normal(48)
    x[3] = x[9]

    def f(x):
        d = x[:, None] - x[None, :] + torch.eye(48, dtype=torch.float64)
        inverse = 1.0 / (x[:, None] - x[None, :])
        return inverse.sum(0), inverse.sum(1), (d * d).sum(0), d.sum(1)

    variant = native(f, x)
    for found, wanted in zip(variant.native.run([x]), variant.program.run([x]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-11)


def test_a_nest_that_is_taken_for_its_mirror_image_is_caught(monkeypatch):
    x, w = np.random.default_rng(6).standard_normal((40, 3)), np.random.default_rng(7).random(40)
    monkeypatch.setattr(pieces, "symmetric", lambda nest, mirrors: len(nest.extents) == 2 and nest.extents[0] == nest.extents[1] and bool(nest.stores))
    compiled = torch.compile(LOOKALIKES["weights of one side"])
    compiled(x, w)
    compiled.wait()
    (signature,) = compiled.signatures.values()
    assert any("native tier: output 0" in problem for problem in signature.variants[0].problems)


def test_images_follow_signs():
    cell = halves.Cell
    add, mul, sub, div = (halves.OPCODES[name] for name in ("add", "mul", "sub", "div"))
    loads = [cell("load", "double", operand=halves.Operand(0, 0, steps)) for steps in ((8, 0), (0, 8))]
    cells = [
        *loads,
        cell("apply", "double", sub, None, (0, 1)),
        cell("apply", "double", mul, None, (2, 2)),
        cell("apply", "double", mul, None, (3, 2)),
        cell("apply", "double", div, None, (3, 2)),
        cell("apply", "double", add, None, (0, 1)),
        cell("apply", "double", mul, None, (2, 4)),
        cell("apply", "double", sub, None, (0, 0)),
    ]
    images = halves._images(cells, 0, 1, lambda *_: False)
    assert images == [(1, False), (0, False), (2, True), (3, False), (4, True), None, (6, False), None, None]
