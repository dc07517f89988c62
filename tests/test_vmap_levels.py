"""What leaves a `vmap`: values in the order of their batches, gradients of Tensors from outside as sums, tangents with the history they had.

Programs are written for either module and held against PyTorch's; each was cut down from a random one that went wrong.
"""

import importlib

import numpy as np
import pytest

import tape
from compiled_ops.rows import BY_OPCODE
from tape.columns import ROW

X, C, W, M = [0.4, -0.5], [0.7, 0.2], [0.3, -0.8], [[0.3, -0.8], [0.6, 0.1]]


def smooth(m, t):
    return m.sin(t).sum() + (t * t).sum() * 0.3


def swept_in_a_later_batch(m, x, c, w):
    f = m.func

    def gradient(y):
        return f.vjp(lambda z: m.sin(z) * (f.hessian(lambda u: smooth(m, u))(y) @ x), y)[1](c)[0]

    return f.jacfwd(lambda y: f.hessian(gradient)(c) @ y)(c)[0, 0] + w.sum()


def leaf_that_a_level_returns(m, x, c, w):
    return m.func.jacfwd(lambda y: m.func.jacfwd(lambda z: w)(c) @ (w * y))(c) @ x + w


def tangent_with_history(m, x, c, w):
    return m.func.jvp(lambda y: m.func.grad(lambda z: m.func.vmap(lambda _: z * z)(c).sum())(y), (c,), (w * x,))[1]


def tangent_of_a_shared_result(m, x, c, w):
    return m.func.jvp(m.func.grad(lambda y: smooth(m, m.func.vmap(lambda z: y)(m.stack([y, x]))[0])), (x,), (w,))[1]


def shared_result(m, x, c, w):
    shared, each = m.func.vmap(lambda z: (w * 2 * x, z * w), out_dims=(None, 0))(m.stack([x, c, x]))
    return shared + each.sum(0)


def captured_products(m, x, c, w):
    a = w * m.tensor(M, dtype=m.float64)
    rows = m.stack([x, c, w])
    found = m.func.vmap(lambda z: m.tanh(a @ z) @ a.T + (z * w) @ a + (a @ z) * (w @ z))(rows)
    each = m.func.vmap(m.func.grad(lambda z: (m.outer(z, w) @ a).sum() + (a @ m.outer(z, z) @ w).sum()))(rows)
    return (found + each).sum(0)


def captured_by_inner_gradients(m, x, c, w):
    rows = m.stack([x, c, w])
    found = m.func.vmap(m.func.grad(lambda z: (z @ x) ** 2 + smooth(m, m.tensor(M, dtype=m.float64) * x @ z)))(rows)
    return m.func.jacrev(lambda u: m.func.vmap(m.func.grad(lambda z: (z @ u) ** 2))(rows).sum(0))(x) @ w + found.sum(0) * w


def gradients_in_batches(m, x, c, w):
    y = m.sin(w * x) * w
    g = m.autograd.grad(y, w, m.eye(2, dtype=m.float64), is_grads_batched=True, create_graph=True)[0]
    return m.func.vmap(lambda z: g @ z + m.func.jacrev(lambda u: u * (g @ w))(z) @ c)(m.stack([x, c, w])).sum(0)


PROGRAMS = [
    swept_in_a_later_batch, leaf_that_a_level_returns, tangent_with_history, tangent_of_a_shared_result, shared_result, captured_products,
    captured_by_inner_gradients, gradients_in_batches,
]  # fmt: skip


def derivatives(m, program, requires_grad):
    x, c, w = (m.tensor(values, dtype=m.float64) for values in (X, C, W))
    x.requires_grad_(requires_grad)
    w.requires_grad_()
    y = program(m, x, c, w)
    (first,) = m.autograd.grad(smooth(m, y), w, create_graph=True)
    (second,) = m.autograd.grad(smooth(m, first), w)
    inner = first
    if program is not gradients_in_batches:  # PyTorch refuses autograd.grad by a Tensor from outside, inside a transform
        inner = m.func.grad(lambda z: smooth(m, program(m, z, c, w)))(x)
    return [np.array(t.detach().numpy()) for t in (y, first, second, inner)]


@pytest.mark.oracle
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_as_pytorch(program, requires_grad):
    expected = derivatives(importlib.import_module("torch"), program, requires_grad)
    for mine, theirs in zip(derivatives(tape, program, requires_grad), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_as_differences(program):
    """The first gradient against differences of the value, so that these programs count without PyTorch as well."""
    _, first, _, _ = derivatives(tape, program, False)
    for k in range(2):
        ends = []
        for step in (1e-5, -1e-5):
            x, c, w = (tape.tensor(values) for values in (X, C, W))
            w[k] += step
            ends.append(smooth(tape, program(tape, x, c, w.requires_grad_())).item())
        np.testing.assert_allclose(first[k], (ends[0] - ends[1]) / 2e-5, rtol=1e-6, atol=1e-8)


def test_a_shared_result_of_mapped_tangents_is_refused():
    one = tape.ones(2)

    def run(t):
        return tape.func.vmap(lambda s: tape.autograd.forward_ad.make_dual(one, s), out_dims=None)(t)

    with tape.autograd.forward_ad.dual_level(), pytest.raises(ValueError, match="out_dims is None"):
        run(tape.ones(3, 2))


class Scaled(tape.autograd.Function):
    """x w², whose backward uses what it saved and a Tensor from outside."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x, w, scale):
        return x * w * w

    @staticmethod
    def setup_context(ctx, inputs, output):
        *saved, ctx.scale = inputs
        ctx.save_for_backward(*saved)

    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved_tensors
        return g * w * w * ctx.scale, 2 * g * x * w * ctx.scale, None


def hooked(x, w, scale):
    t = x * w
    t.register_hook(lambda g: g * scale)
    t.grad_fn.register_hook(lambda after, before: tuple(None if g is None else g * scale for g in after))
    return tape.sin(t)


def replaced(x, w, scale):
    t = x * w
    t.register_hook(lambda g: scale * 2)
    return t * t


@pytest.mark.parametrize("function", [hooked, replaced, Scaled.apply], ids=["hooked", "replaced", "Function"])
@pytest.mark.parametrize("inner", [False, True], ids=["vmap", "vmap of vmap"])
def test_code_of_sweeps_uses_tensors_from_outside(function, inner):
    """Hooks, and the backward of a Function, run when the vmap is over."""
    examples = tape.tensor([X, C, W], requires_grad=True)
    w, scale = tape.tensor(C, requires_grad=True), tape.tensor(W, requires_grad=True)

    def mapped(x):
        return tape.func.vmap(lambda x: function(x, w, scale))(x)

    several = tape.func.vmap(mapped)(examples.reshape(3, 1, 2)).reshape(3, 2) if inner else mapped(examples)
    found = []
    for y in (several, tape.stack([function(x, w, scale) for x in examples])):
        (g,) = tape.autograd.grad((y * y).sum(), examples, create_graph=True)
        found.append(tape.autograd.grad((g * g).sum(), [w, scale]))
    for mine, expected in zip(*found, strict=True):
        np.testing.assert_allclose(mine.numpy(), expected.numpy(), rtol=1e-12)


def test_the_gradient_of_a_matrix_from_outside_is_one_product():
    a, rows = tape.tensor(M, requires_grad=True), tape.tensor([X, C, W])
    y = tape.func.vmap(lambda x: tape.nn.functional.linear(x, a))(rows)
    assert [len(t.shape) for _, t in products(y)] == [2]  # of all rows at once
    y.sum().backward()
    np.testing.assert_allclose(a.grad.numpy(), tape.ones(2, 3).numpy() @ rows.numpy())


def products(y):
    """The products on the tape of `y`, with what each saved of its first operand."""
    rows = y._t.rows
    return [(row, rows[row + 3]) for row in range(0, len(rows), ROW) if BY_OPCODE.get(rows[row]) is not None and BY_OPCODE[rows[row]].kind == "bilinear"]
