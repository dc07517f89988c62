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
W @ {e}
({e}) @ W
m.sin(W @ {e})
F.vmap(lambda {y}: {f})(rows({e}, {e}))[0]
F.vmap(lambda {y}: {f})(rows({e}, {e})).sum(0)
F.vmap(lambda a, {y}: {f} * a, in_dims=(0, None))(n, {e}).sum(0)
F.vmap(F.grad(lambda {y}: S({f})))(rows({e}, {e}, {e})).sum(0)
F.vmap(lambda {y}: {f}, chunk_size=2)(rows({e}, {e}, {e})).sum(0)
F.vmap(F.grad(lambda a, {y}: S({f}) * a, argnums=1), in_dims=(0, None))(n, {e}).sum(0)
F.jacrev(lambda {y}: {f}, chunk_size=1)({e}) @ {e}
(lambda j: add(j[0] @ {e}, j[1]))(F.jacrev(lambda {y}: ({f}, {f}), has_aux=True)({e}))
(lambda j: add(j[0] @ {e}, j[1]))(F.jacfwd(lambda {y}: ({f}, {f}), has_aux=True)({e}))
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
    W, n = m.tensor([[0.3, -0.8], [0.6, 0.1]], dtype=m.float64), m.tensor([1.0, 2.0, 3.0], dtype=m.float64)
    w.requires_grad_()
    W.requires_grad_()
    x.requires_grad_(requires_grad)
    names = {
        "m": m,
        "F": m.func,
        "w": w,
        "c": c,
        "W": W,
        "n": n,
        "rows": lambda *parts: m.stack(parts),
        "S": lambda t: m.sin(t).sum() + (t * t).sum() * 0.3,
        "add": lambda a, b: a + b * 0.7,
        "twice": lambda y, pullback, a, b: y + pullback(a)[0] * 0.5 + pullback(b)[0],
        "hessian": m.func.hessian,
        "hvp": getattr(m.func, "hvp", lambda f, x, v: m.func.jvp(m.func.grad(f), (x,), (v,))[1]),
    }
    program = eval(f"lambda x: {text}", names)
    y = program(x)
    found = [y, None, None, None, None, m.func.grad(lambda x: names["S"](program(x)))(x)]
    if y.requires_grad:
        found[1:3] = m.autograd.grad(y.sum(), (w, W), allow_unused=True)
        (g,) = m.autograd.grad(program(x), w, m.eye(2, dtype=m.float64), is_grads_batched=True, create_graph=True, allow_unused=True)
        if g is not None and g.requires_grad:
            found[3:5] = m.autograd.grad(m.sin(g).sum(), (w, W), allow_unused=True)
    assert w.grad is None and x.grad is None and x.requires_grad == requires_grad
    return [None if t is None else np.array((t.detach() + 0).numpy()) for t in found], y.requires_grad


def compare(seed):
    rng = random.Random(seed)
    text = draw(rng, ["x"] * 3, 4, [rng.choice([4, 8, 12])])
    reference = importlib.import_module("torch")
    expected, history = run(text, reference, bool(seed % 2))
    found, mine = run(text, torch, bool(seed % 2))
    for one, other in zip(found, expected, strict=True):
        if one is None or other is None:  # what does not depend on a leaf has no gradient there, or zeros
            assert not np.any(one if other is None else other), f"seed {seed}: {text}"
            continue
        np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-9, err_msg=f"seed {seed}: {text}")
    assert history or not mine, f"seed {seed}: the value should have no history: {text}"
    if not mine:  # no history only where nothing depends on w or W
        assert not any(g is not None and g.any() for g in expected[1:3]), f"seed {seed}: the value should have history: {text}"


@pytest.mark.parametrize("seeds", [range(first, first + 25) for first in range(0, 150, 25)], ids=lambda r: f"from_{r[0]}")
def test_random_programs(seeds):
    for seed in seeds:
        compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [range(first, first + 250) for first in range(1000, 4000, 250)], ids=lambda r: f"from_{r[0]}")
def test_many_random_programs(seeds):
    for seed in seeds:
        compare(seed)
