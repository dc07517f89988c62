"""autograd.graph: Nodes and what they saved, hooks on saved values, edges, hooks on several gradients, modes of saving."""

import importlib

import pytest
from under_test import NAME, leaf, near, same, torch

graph = importlib.import_module(f"{NAME}.autograd.graph")
grad = torch.autograd.grad


def values(saved):
    return saved.tolist() if isinstance(saved, torch.Tensor) else saved


# What Nodes show.


@pytest.mark.parametrize(
    ("make", "saved"),
    [
        (lambda a, b: a * b, {"self": [1.0, 2.0], "other": [3.0, 4.0]}),
        (lambda a, b: a / b, {"self": [1.0, 2.0], "other": [3.0, 4.0]}),
        (lambda a, b: a * 3, {"self": None, "other": 3}),
        (lambda a, b: a**2, {"self": [1.0, 2.0], "exponent": 2}),
        (lambda a, b: a**b, {"self": [1.0, 2.0], "exponent": [3.0, 4.0]}),
        (lambda a, b: a.square(), {"self": [1.0, 2.0], "exponent": 2}),
        (lambda a, b: a.log(), {"self": [1.0, 2.0]}),
        (lambda a, b: a.reciprocal(), {"result": [1.0, 0.5]}),
        (lambda a, b: torch.maximum(a, b), {"self": [1.0, 2.0], "other": [3.0, 4.0]}),
        (lambda a, b: a @ b, {"self": [1.0, 2.0], "tensor": [3.0, 4.0]}),
        (lambda a, b: a.view(2, 1) @ b.view(1, 2), {"self": [[1.0], [2.0]], "mat2": [[3.0, 4.0]]}),
        (lambda a, b: torch.where(a > 1, a, b), {"condition": [False, True]}),
        (lambda a, b: a.prod(), {"self": [1.0, 2.0], "result": 2.0}),
        (lambda a, b: a.softmax(0), {"dim": 0}),
        (lambda a, b: a.sum(), {"self_sym_sizes": (2,)}),
        (lambda a, b: a.sum(0), {"dim": (0,), "keepdim": False, "self_sym_sizes": (2,)}),
        (lambda a, b: a.mean(), {"self_sym_numel": 2}),
        (lambda a, b: a.view(2, 1).permute(1, 0), {"dims": (1, 0)}),
        (lambda a, b: a[0], {"dim": 0, "index": 0}),
        (lambda a, b: a[0:1], {"dim": 0, "start": 0, "end": 1, "step": 1}),
        (lambda a, b: torch.cat([a, b]), {"dim": 0}),
    ],
)
def test_saved_values_have_pytorchs_names(make, saved):
    node = make(leaf([1.0, 2.0]), leaf([3.0, 4.0])).grad_fn
    assert {name: values(getattr(node, f"_saved_{name}")) for name in saved} == saved
    assert {f"_saved_{name}" for name in saved} <= set(dir(node))


def test_what_a_row_does_not_need_is_not_saved():
    assert not [n for n in dir((leaf([1.0]) + leaf([2.0])).grad_fn) if n in ("_saved_self", "_saved_other")]
    with pytest.raises(AttributeError):
        _ = (-leaf([1.0])).grad_fn._saved_self


def test_saved_values_keep_identity_and_history():
    a = leaf([1.0, 2.0])
    assert (a * a).grad_fn._saved_self is a
    z = a.exp()
    saved = z.grad_fn._saved_result
    assert saved is not z and saved.grad_fn == z.grad_fn
    (a * a).sum().backward()


def test_saved_values_are_gone_after_backward():
    a = leaf([1.0, 2.0])
    y = a * a
    y.sum().backward()
    with pytest.raises(RuntimeError):
        _ = y.grad_fn._saved_self


def test_nodes():
    a = leaf([1.0, 2.0])
    y = a * 2
    node = y.grad_fn
    assert isinstance(node, graph.Node) and node is y.grad_fn and node.name() == "MulBackward0"
    node.metadata["k"] = 1
    assert y.grad_fn.metadata == {"k": 1} and isinstance(node._sequence_nr(), int)
    (acc, nr), (nothing, _) = node.next_functions
    assert acc.name() == "torch::autograd::AccumulateGrad" and nr == 0 and nothing is None and acc.variable is a
    assert (a * 3).grad_fn.next_functions[0][0] is acc and acc.next_functions == ()
    assert values(node(torch.ones(2))[0]) == [2.0, 2.0]
    with pytest.raises(AttributeError):
        node.foo = 3


# Hooks on saved values.


def test_pack_and_unpack_see_what_is_saved_and_read():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    events = []

    def pack(t):
        events.append(("pack", t.tolist(), t.requires_grad, t is a))
        return t * 1

    def unpack(t):
        events.append(("unpack", t.tolist()))
        return t

    with graph.saved_tensors_hooks(pack, unpack):
        y = a * b
        z = a * 3
        e = a.reciprocal()
    assert events == [("pack", [3.0, 4.0], True, False), ("pack", [1.0, 2.0], True, True), ("pack", [1.0, 0.5], True, False)]
    events.clear()
    (y + z + e).sum().backward()
    assert sorted(events) == [("unpack", [1.0, 0.5]), ("unpack", [1.0, 2.0]), ("unpack", [3.0, 4.0])]
    near(a.grad, [3.0 + 3 - 1, 4.0 + 3 - 0.25])
    near(b.grad, [1.0, 2.0])


def test_what_unpack_gives_is_what_the_derivative_uses():
    a = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(lambda t: None, lambda nothing: torch.full((2,), 10.0)):
        y = a.exp()
    y.sum().backward()
    same(a.grad, [10.0, 10.0])


def test_the_innermost_pair_applies():
    events = []
    a = leaf([1.0])
    with graph.saved_tensors_hooks(lambda t: events.append("outer") or t, lambda t: t):
        with graph.saved_tensors_hooks(lambda t: events.append("inner") or t, lambda t: t):
            a.exp()
        a.exp()
    a.exp()
    assert events == ["inner", "outer"]


def test_hooks_reach_functions_and_second_derivatives():
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * ctx.saved_tensors[0] * g

    a = leaf([2.0])
    count = []
    with graph.saved_tensors_hooks(lambda t: count.append(1) or t, lambda t: t):
        y = Square.apply(a) * a
    assert len(count) == 3
    (g,) = grad(y.sum(), a, create_graph=True)
    near(g, [12.0])
    near(grad(g.sum(), a)[0], [12.0])


def test_bad_hooks():
    a = leaf([1.0, 2.0])
    with graph.saved_tensors_hooks(lambda t: t, lambda t: 3):
        y = a.exp()
    with pytest.raises(TypeError):
        y.sum().backward()
    with pytest.raises(RuntimeError), graph.saved_tensors_hooks(lambda t: t.add_(1), lambda t: t):
        a * a
    with pytest.raises(ZeroDivisionError), graph.saved_tensors_hooks(lambda t: 1 / 0, lambda t: t):
        a * a
    same((a * 1).detach(), a.tolist())


def test_hooks_may_be_forbidden():
    a = leaf([1.0])
    with graph.disable_saved_tensors_hooks("not here"):
        with pytest.raises(RuntimeError, match="not here"), graph.saved_tensors_hooks(lambda t: t, lambda t: t):
            pass
        a.exp().sum().backward()
    with graph.saved_tensors_hooks(lambda t: t, lambda t: t):
        with pytest.raises(RuntimeError, match="not here"), graph.disable_saved_tensors_hooks("not here"):
            pass


def test_hooks_on_one_saved_value():
    a, b = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = a * b
    raw = y.grad_fn._raw_saved_self
    events = []
    raw.register_hooks(lambda t: events.append("pack") or t, lambda t: events.append("unpack") or t)
    with pytest.raises(RuntimeError):
        raw.register_hooks(lambda t: t, lambda t: t)
    y.sum().backward()
    assert events == ["pack", "unpack"]
    same(b.grad, [1.0, 2.0])
    with pytest.raises(RuntimeError):
        raw.register_hooks(lambda t: t, lambda t: t)


def test_saving_on_the_cpu_changes_nothing():
    a = leaf([1.0, 2.0])
    with graph.save_on_cpu(pin_memory=False):
        y = (a * a).sum()
    y.backward()
    same(a.grad, [2.0, 4.0])


# Mutation of saved values.


def test_saved_values_may_be_written_where_allowed():
    a = leaf([1.0, 2.0])
    with graph.allow_mutation_on_saved_tensors():
        x = a.clone()
        y = x.square()
        x.mul_(100)
        e = x.reciprocal()
        e2 = e * 1
        e.add_(1)
        same(grad(y.sum(), a)[0], [2.0, 4.0])
        near(grad(e2.sum(), a)[0], [-0.01, -0.0025])
        with pytest.raises(RuntimeError), graph.allow_mutation_on_saved_tensors():
            pass
        late = a.clone().square().sum()
    with pytest.raises(AssertionError):
        late.backward()


def test_elsewhere_they_may_not():
    a = leaf([1.0, 2.0])
    x = a.clone()
    y = x.square()
    with graph.allow_mutation_on_saved_tensors():
        x.mul_(2)
    with pytest.raises(RuntimeError):
        y.sum().backward()


def test_versions_can_be_advanced():
    x = torch.ones(2)
    graph.increment_version(x)
    graph.increment_version([x, x])
    assert x._version == 3
    a = leaf([1.0, 2.0])
    h = a * 1
    y = h * h
    graph.increment_version(h)
    with pytest.raises(RuntimeError):
        y.sum().backward()


# Hooks on several gradients.


def test_a_hook_on_all_gradients():
    a, b = leaf([1.0]), leaf([2.0])
    x, y = a * 1, b * 1
    events = []
    handle = graph.register_multi_grad_hook([x, y], lambda gs: events.append([values(g) for g in gs]))
    (x * 2 + y).sum().backward(retain_graph=True)
    (x * 2).sum().backward(retain_graph=True)
    handle.remove()
    (x * 2).sum().backward()
    assert events == [[[2.0], [1.0]], [[2.0], None]]


def test_a_hook_on_any_gradient():
    a, b = leaf([1.0]), leaf([2.0])
    x, y = a * 1, b * 1
    events = []
    graph.register_multi_grad_hook((x, y), lambda g: events.append(values(g)), mode="any")
    (x * 2 + y * 3).sum().backward()
    assert events == [[3.0]]
    with pytest.raises(ValueError):
        graph.register_multi_grad_hook([x], lambda g: None, mode="some")
    with pytest.raises(AssertionError):
        graph.register_multi_grad_hook([torch.ones(1)], lambda g: None)


# Edges.


def test_edges_are_inputs_and_outputs():
    a = leaf([1.0, 2.0])
    x = a * 1
    z = (x * 2).sum()
    edge = graph.get_gradient_edge(x)
    assert edge._fields == ("node", "output_nr", "ownership_token") and edge.node is x.grad_fn and edge.output_nr == 0
    same(grad(z, edge, retain_graph=True)[0], [2.0, 2.0])
    same(grad(graph.get_gradient_edge(z), a, retain_graph=True)[0], [2.0, 2.0])
    torch.autograd.backward(graph.get_gradient_edge(x), torch.ones(2), retain_graph=True)
    same(a.grad, [1.0, 1.0])
    same(grad(graph.GradientEdge(x.grad_fn, 0), a, torch.ones(2), retain_graph=True)[0], [1.0, 1.0])
    same(grad(z, graph.get_gradient_edge(a))[0], [2.0, 2.0])
    with pytest.raises(RuntimeError):
        torch.autograd.backward(graph.get_gradient_edge(a * 2))
    with pytest.raises(RuntimeError):
        graph.get_gradient_edge(torch.ones(1))


def test_switches_without_effect():
    graph.set_warn_on_accumulate_grad_stream_mismatch(True)
    graph.set_override_stale_capture_stream(False)
    with pytest.raises(RuntimeError), graph.region_activation_memory_budget(0.5):
        pass
