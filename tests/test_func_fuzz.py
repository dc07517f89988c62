"""Random programs of transforms within transforms, closures over every level included, held against PyTorch.

A program maps a vector of two to one; its text is drawn from a seed, which the test's name gives. Compared: the value, the gradient that
autograd gives to a leaf that the program closes over, and the gradient of the whole by `grad`; also whether the value has history.
Invariant: programs use no `no_grad`, which PyTorch's forward mode looks through and nested forward mode here does not.
"""

import importlib
import random

import numpy as np
import pytest
from under_test import torch

pytestmark = pytest.mark.oracle

# {e}: any vector; {f}: a vector that may use the variable {y} of a new level; S: a scalar of a vector
FORMS = """
m.sin({e})
({e} * {e})
({e} + 0.5 * {e})
({e}).detach() * {e}
F.grad(lambda {y}: S({f}))({e})
F.jvp(lambda {y}: {f}, ({e},), ({e},))[1]
add(*F.jvp(lambda {y}: {f}, ({e},), ({e},)))
F.vjp(lambda {y}: {f}, {e})[1]({e})[0]
twice(*F.vjp(lambda {y}: {f}, {e}), {e}, {e})
F.jacrev(lambda {y}: {f})({e}) @ {e}
F.jacfwd(lambda {y}: {f})({e}) @ {e}
hessian(lambda {y}: S({f}))({e}) @ {e}
hvp(lambda {y}: S({f}), {e}, {e})
add(*F.grad(lambda {y}: (S({f}), {f}), has_aux=True)({e}))
add(*F.grad_and_value(lambda {y}: S({f}))({e}))
add(*F.grad(lambda a, b: S(a["x"] * {e} + b), argnums=(1, 0))({{"x": {e}}}, {e})[1].values(), 0.0)
(lambda p: F.grad(lambda {y}: S(p({f})[0]))({e}))(F.vjp(lambda z: m.sin(z) * {e}, {e})[1])
(lambda p: F.jacfwd(lambda {y}: p({f})[0])({e}) @ {e})(F.vjp(lambda z: m.sin(z) * {e}, {e})[1])
F.grad(lambda {y}: S({f}) + S(F.vjp(lambda z: z * {y}, {e})[1]({y})[0]))({e})
""".strip().splitlines()


def draw(rng, names, depth, budget):
    """The text of a vector."""
    if depth <= 0 or budget[0] <= 0 or rng.random() < 0.15:
        return rng.choice([*names, "w", "c"])
    budget[0] -= 1
    form, variable = rng.choice(FORMS), f"y{len(names)}"
    parts = []
    for piece in form.replace("{e}", "\0e\0").replace("{f}", "\0f\0").split("\0"):
        if piece == "e":
            parts.append(f"({draw(rng, names, depth - 1, budget)})")
        elif piece == "f":
            parts.append(f"({draw(rng, [*names, variable, variable, variable], depth - 1, budget)})")
        else:
            parts.append(piece.replace("{y}", variable).replace("{{", "{").replace("}}", "}"))
    return "".join(parts)


def run(text, m, requires_grad):
    """Value, gradients, and whether the value has history."""
    w, c, x = (m.tensor(values, dtype=m.float64) for values in ([0.3, -0.8], [0.7, 0.2], [0.4, -0.5]))
    w.requires_grad_()
    x.requires_grad_(requires_grad)
    names = {
        "m": m,
        "F": m.func,
        "w": w,
        "c": c,
        "S": lambda t: m.sin(t).sum() + (t * t).sum() * 0.3,
        "add": lambda a, b: a + b * 0.7,
        "twice": lambda y, pullback, a, b: y + pullback(a)[0] * 0.5 + pullback(b)[0],
        "hessian": m.func.hessian,
        "hvp": getattr(m.func, "hvp", lambda f, x, v: m.func.jvp(m.func.grad(f), (x,), (v,))[1]),
    }
    program = eval(f"lambda x: {text}", names)
    y = program(x)
    found = [y, None, m.func.grad(lambda x: names["S"](program(x)))(x)]
    if y.requires_grad:
        found[1] = m.autograd.grad(y.sum(), w, allow_unused=True)[0]
    assert w.grad is None and x.grad is None and x.requires_grad == requires_grad
    return [np.zeros(2) if t is None else (t.detach() + 0).numpy() for t in found], y.requires_grad


def compare(seed):
    rng = random.Random(seed)
    text = draw(rng, ["x"] * 3, 4, [rng.choice([4, 8, 12])])
    reference = importlib.import_module("torch")
    expected, history = run(text, reference, bool(seed % 2))
    found, mine = run(text, torch, bool(seed % 2))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9, err_msg=f"seed {seed}: {text}")
    assert history or not mine, f"seed {seed}: the value should have no history: {text}"
    if not mine:  # no history only where nothing depends on w
        assert not expected[1].any(), f"seed {seed}: the value should have history: {text}"


@pytest.mark.parametrize("seeds", [range(first, first + 25) for first in range(0, 200, 25)], ids=lambda r: f"from_{r[0]}")
def test_random_programs(seeds):
    for seed in seeds:
        compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [range(first, first + 250) for first in range(1000, 4000, 250)], ids=lambda r: f"from_{r[0]}")
def test_many_random_programs(seeds):
    for seed in seeds:
        compare(seed)
