"""The straight lines that pull scalar rows back while a program is recorded: for every row of the table the bits that the careful way gives."""

import math

import numpy as np
import pytest

import tape as torch
from compiled_ops.rows import OPCODES, PRIMITIVES, Elementwise
from tape.compile import pullbacks
from tape.func import grad
from tape.record import elementwise_one, elementwise_two

ROWS = [name for name, row in PRIMITIVES.items() if isinstance(row, Elementwise) and all(row.rules)]
MADE = [name for name in ROWS if pullbacks._lines(OPCODES[name], *[True] * len(PRIMITIVES[name].inputs))]
POINTS = (0.0, -0.0, 0.3, -0.7, 1.0, 2.5, 800.0, math.inf, math.nan)


def of(name, weight, *inputs):
    """A row between others, its cotangent `weight`; as 0-d Tensors are recorded."""
    record = elementwise_one if len(inputs) == 1 else elementwise_two
    return record(OPCODES[name], *[x * 1.0 for x in inputs]) * weight


def gradients(name, weight, points, careful, monkeypatch):
    count = len(points)

    def both(x):
        return grad(lambda x: of(name, weight, *[x[k] for k in range(count)]))(x)

    compiled = torch.compile(both, native=False)
    with monkeypatch.context() as patched:
        if careful:
            patched.setattr(pullbacks.Pullbacks, "row", lambda self, tape, k: False)
        first = compiled(np.array(points))
        return first, compiled(np.array(points))


def test_most_of_the_table_has_them():
    assert len(MADE) > 30
    assert {"add", "sub", "mul", "div", "sin", "exp", "log", "sqrt", "tanh", "neg"} <= set(MADE)


@pytest.mark.parametrize("weight", [1.0, -2.5, 0.0])
@pytest.mark.parametrize("name", MADE)
def test_bits_of_the_careful_way(name, weight, monkeypatch):
    count = len(PRIMITIVES[name].inputs)
    for k in range(len(POINTS)):
        points = [POINTS[(k + 4 * i) % len(POINTS)] for i in range(count)]
        short, again = gradients(name, weight, points, False, monkeypatch)
        careful, careful_again = gradients(name, weight, points, True, monkeypatch)
        np.testing.assert_array_equal(short, careful, err_msg=f"{name} at {points}")
        np.testing.assert_array_equal(again, careful_again, err_msg=f"replay of {name} at {points}")


def test_a_strong_zero_that_is_left_out_is_seen(monkeypatch):
    pullbacks._lines.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(pullbacks._Text, "strong", lambda self, rule: self.expression(pullbacks.ast.parse(rule, mode="eval").body))
        with pytest.raises(AssertionError, match="sqrt at"):
            test_bits_of_the_careful_way("sqrt", 0.0, monkeypatch)
    pullbacks._lines.cache_clear()


@pytest.mark.parametrize("fault", ["hook", "create_graph", "anomaly", "checkpoint"])
def test_what_is_looked_at_goes_the_careful_way(fault):
    def f(x):
        y = torch.sin(x[0]) * x[1]
        if fault == "hook":
            y.register_hook(lambda g: 2.0 * g)
        z = torch.exp(y)
        if fault == "checkpoint":
            z = torch.utils.checkpoint.checkpoint(lambda z: torch.cos(z) * z, z, use_reentrant=False)
        if fault == "create_graph":
            (g,) = torch.autograd.grad(z, x, create_graph=True)
            return torch.autograd.grad(g.sum(), x)[0]
        if fault == "anomaly":
            with torch.autograd.detect_anomaly(check_nan=False):
                return torch.autograd.grad(z, x)[0]
        return torch.autograd.grad(z, x)[0]

    at = torch.tensor([0.4, 0.9], requires_grad=True)
    compiled = torch.compile(lambda x: f(x.requires_grad_()))
    for _ in range(2):
        np.testing.assert_allclose(compiled(np.array([0.4, 0.9])), f(at).numpy(), rtol=1e-12)


def test_mixed_with_vectors_and_used_up():
    """Gradients of single numbers meet those of vectors; a second backward is refused as ever."""

    def f(x):
        y = x[0] * x[1]
        z = (x * y).sum() + torch.log(y)
        z.backward(retain_graph=True)
        z.backward()
        with pytest.raises(RuntimeError, match="second time|retain_graph"):
            z.backward()
        return x.grad

    at = np.array([0.4, 0.9, 1.3])
    eager = torch.tensor(at, requires_grad=True)
    compiled = torch.compile(lambda x: f(x.requires_grad_()))
    first = compiled(at)
    np.testing.assert_allclose(first, f(eager).numpy(), rtol=1e-13)
    np.testing.assert_array_equal(compiled(at), first)
