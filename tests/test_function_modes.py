"""User Functions under other modes: forward mode, rules given from one side only, tape.func, vmap, tape.compile, hooks on their Nodes."""

import gc
import importlib

import numpy as np
import pytest
from under_test import NAME, leaf, near, same, torch

Function = torch.autograd.Function
forward_ad = importlib.import_module(f"{NAME}.autograd.forward_ad")
func = importlib.import_module(f"{NAME}.func")
grad = torch.autograd.grad
one_sided = pytest.mark.differs("PyTorch needs both rules")


class Both(Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 3 * x * x * g

    @staticmethod
    def jvp(ctx, t):
        (x,) = ctx.saved_tensors
        return 3 * x * x * t

    generate_vmap_rule = True


class BackwardOnly(Function):
    """x**3 and x*y."""

    @staticmethod
    def forward(x, y):
        return x**3, x * y

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return 3 * x * x * g + y * h, x * h


class PushOnly(Function):
    @staticmethod
    def forward(x):
        return x**3

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_forward(*inputs)

    jvp = Both.jvp


def pushed(f, *pairs):
    """The tangents of the outputs, for pairs of (value, tangent)."""
    with forward_ad.dual_level():
        out = f(*(forward_ad.make_dual(torch.tensor(x), torch.tensor(t)) for x, t in pairs))
        return [forward_ad.unpack_dual(y).tangent for y in (out if isinstance(out, tuple) else (out,))]


def test_jvp_gives_the_tangent():
    near(pushed(Both.apply, (2.0, 1.0))[0], 12.0)


@one_sided
def test_a_backward_gives_the_tangents_of_several_outputs():
    a, b = pushed(BackwardOnly.apply, (2.0, 1.0), (5.0, 10.0))
    near(a, 12.0)
    near(b, 25.0)


@one_sided
def test_a_jvp_gives_gradients_of_every_order():
    x = leaf(2.0)
    (g,) = grad(PushOnly.apply(x), x, create_graph=True)
    near(g, 12.0)
    near(grad(g, x)[0], 12.0)


@pytest.mark.parametrize("f", [Both, pytest.param(PushOnly, marks=one_sided)])
def test_forward_over_reverse(f):
    with forward_ad.dual_level():
        x = forward_ad.make_dual(leaf(3.0), torch.tensor(1.0))
        (g,) = grad(f.apply(x), x, create_graph=True)
        near(forward_ad.unpack_dual(g).tangent, 18.0)


def test_a_function_without_any_rule_raises_in_both_modes():
    f = type("None_", (Function,), {"forward": staticmethod(lambda ctx, x: x * 2)})
    x = leaf(1.0)
    with pytest.raises(NotImplementedError):
        grad(f.apply(x), x)
    with pytest.raises(NotImplementedError):
        pushed(f.apply, (1.0, 1.0))


@pytest.mark.parametrize("tangents", [lambda t: (t, t), lambda t: torch.ones(4)])
def test_a_wrong_jvp_raises(tangents):
    f = type("Wrong", (Function,), {"forward": staticmethod(lambda ctx, x: x * 2), "jvp": staticmethod(lambda ctx, t: tangents(t))})
    with pytest.raises(RuntimeError):
        pushed(f.apply, ([1.0, 2.0], [1.0, 1.0]))


def test_inside_the_transforms():
    x = torch.tensor(3.0)
    near(func.grad(Both.apply)(x), 27.0)
    near(func.hessian(Both.apply)(x), 18.0)
    near(func.jacfwd(Both.apply)(x), 27.0)
    near(func.jvp(Both.apply, (x,), (x,))[1], 81.0)
    near(func.vjp(Both.apply, x)[1](x)[0], 81.0)


def test_inside_vmap():
    x = torch.tensor([1.0, 2.0, 3.0])
    near(func.vmap(Both.apply)(x), [1.0, 8.0, 27.0])
    near(func.vmap(func.grad(Both.apply))(x), [3.0, 12.0, 27.0])
    near(func.jacrev(Both.apply)(x), np.diag([3.0, 12.0, 27.0]))


class Dot(Function):
    """With a rule of its own for vmap."""

    seen = []

    @staticmethod
    def forward(x, y):
        return x @ y

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)

    @staticmethod
    def backward(ctx, g):
        x, y = ctx.saved_tensors
        return g * y, g * x

    @staticmethod
    def vmap(info, in_dims, x, y):
        Dot.seen.append((info.batch_size, info.randomness, in_dims, tuple(x.shape)))
        x, y = (t if dim is None else t.movedim(dim, 0) for t, dim in zip((x, y), in_dims, strict=True))
        return (x * y).sum(-1), 0


def test_a_vmap_rule_of_ones_own():
    a, b = torch.arange(6.0).reshape(2, 3), torch.ones(3, dtype=torch.float64)
    Dot.seen.clear()
    near(func.vmap(Dot.apply, (0, None))(a.double(), b), [3.0, 12.0])
    assert Dot.seen == [(2, "error", (0, None), (2, 3))]
    near(func.grad(lambda b: func.vmap(Dot.apply, (0, None))(a.double(), b).sum())(b), [3.0, 5.0, 7.0])


@pytest.mark.skipif(NAME != "tape", reason="tape's programs")
@pytest.mark.parametrize("work", [lambda x: BackwardOnly.apply(x, x)[0].sum(), lambda x: func.grad(lambda z: (Both.apply(z) * z).sum())(x)])
def test_programs_run_the_rules_at_new_inputs(work):
    compiled = torch.compile(work)
    for first in (1.0, 2.0, 3.0):
        x = torch.tensor([first, 2.0])
        near(compiled(x), work(x).tolist())


@pytest.mark.skipif(NAME != "tape", reason="tape's programs")
def test_numpy_inside_a_function_is_never_frozen_into_a_program():
    def forward(ctx, x):
        return torch.tensor(np.float64(float(np.cbrt(x.detach().numpy().item()))))

    f = type("Cube", (Function,), {"forward": staticmethod(forward)})
    compiled = torch.compile(lambda x: f.apply(x) * 2)
    for value in (1.0, 8.0, 27.0, 64.0, 125.0, 216.0):
        near(compiled(torch.tensor(value)), 2 * np.cbrt(value))


def test_hooks_on_the_node_see_all_outputs_and_inputs():
    x, y = leaf([2.0]), leaf([5.0])
    a, b = BackwardOnly.apply(x, y)
    events = []
    a.register_hook(lambda g: events.append(("a", g.tolist())))
    a.grad_fn.register_prehook(lambda gs: events.append(("pre", [g.tolist() for g in gs])))
    b.grad_fn.register_hook(lambda inputs, outputs: events.append(("post", [g.tolist() for g in inputs], len(outputs))))
    (a + b).sum().backward()
    assert events == [("a", [1.0]), ("pre", [[1.0], [1.0]]), ("post", [[17.0], [2.0]], 2)]


def test_edges_of_every_output():
    edge = torch.autograd.graph.get_gradient_edge
    x, y = leaf([2.0]), leaf([5.0])
    a, b = BackwardOnly.apply(x, y)
    assert edge(b).output_nr == 1 and edge(b).node is edge(a).node
    s = (a * 2 + b * 3).sum()
    same(grad(s, [edge(b), edge(a)])[0], [3.0])
    (c,) = grad(edge(BackwardOnly.apply(x, y)[1]), x)
    same(c, [5.0])


def test_thousands_of_calls_leave_nothing_behind(idle):
    x = leaf([1.0, 2.0])

    def step():
        a, b = BackwardOnly.apply(x, x)
        a.register_hook(lambda g: g * 1)
        (g,) = grad((a * b).sum(), x, create_graph=True)
        g.sum().backward()
        x.grad = None

    for _ in range(20):
        step()
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(100):
            step()
        grown = len(gc.get_objects()) - before
    finally:
        gc.enable()
    assert grown < 50
