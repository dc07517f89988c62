"""User Functions: both styles, what a context keeps and tells, outputs of every kind, what raises."""

import numpy as np
import pytest
from under_test import leaf, name, near, same, torch

Function = torch.autograd.Function
grad = torch.autograd.grad


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


class Scale(Function):
    @staticmethod
    def forward(x, factor=3.0):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.factor = inputs[1]

    @staticmethod
    def backward(ctx, g):
        return g * ctx.factor, None


class Parts(Function):
    """The product and the sum, beside what is no Tensor."""

    @staticmethod
    def forward(ctx, x, y, note):
        ctx.save_for_backward(x, y)
        ctx.note = note
        return x * y, note, x + y

    @staticmethod
    def backward(ctx, g, nothing, h):
        x, y = ctx.saved_tensors
        ctx.seen = (nothing, ctx.needs_input_grad, torch.is_grad_enabled())
        return y * g + h, x * g + h, None


def function(forward, backward=None, **members):
    """A Function of these two."""
    members["forward"] = staticmethod(forward)
    if backward is not None:
        members["backward"] = staticmethod(backward)
    return type("Made", (Function,), members)


# What it computes.


def test_first_and_second_derivatives():
    x = leaf([2.0, 3.0])
    y = Square.apply(x)
    (g,) = grad((y * x).sum(), x, create_graph=True)
    near(g, [12.0, 27.0])
    near(grad(g.sum(), x)[0], [12.0, 18.0])


def test_setup_context_binds_defaults_and_keywords():
    x = leaf([1.0])
    same(grad(Scale.apply(x).sum(), x)[0], [3.0])
    same(grad(Scale.apply(x, 5.0).sum(), x)[0], [5.0])
    same(grad(Scale.apply(x, factor=7.0).sum(), x)[0], [7.0])


def test_several_outputs_and_arguments_that_are_no_tensors():
    x, y = leaf([2.0]), leaf([5.0])
    product, note, total = Parts.apply(x, y, {"a": 1})
    assert note == {"a": 1} and product.output_nr == 0 and total.output_nr == 2
    assert product.grad_fn is total.grad_fn and name(product) == "PartsBackward"
    assert [n.name() for n, _ in product.grad_fn.next_functions] == ["torch::autograd::AccumulateGrad"] * 2
    node = product.grad_fn
    gx, gy = grad((product + 10 * total).sum(), (x, y))
    same(gx, [15.0])
    same(gy, [12.0])
    assert node.note == {"a": 1} and node.seen == (None, (True, True, False), False)


def test_an_output_that_nobody_used_gives_zeros_or_none():
    seen = []

    def forward(ctx, x, materialize):
        ctx.set_materialize_grads(materialize)
        return x * 2, x * 3, x > 0, (x * 5).long()

    def backward(ctx, *gs):
        seen.append(gs)
        return gs[0], None

    f = function(forward, backward)
    x = leaf([1.0, 2.0])
    f.apply(x, True)[0].sum().backward()
    f.apply(x, False)[0].sum().backward()
    assert seen[1][1:] == (None, None, None)
    same(seen[0][1], [0.0, 0.0])
    assert seen[0][2].dtype == torch.bool and seen[0][3].dtype == torch.int64


def test_non_differentiable_outputs_do_not_require_grad():
    seen = []

    def forward(ctx, x):
        a, b = x * 2, x * 3
        ctx.mark_non_differentiable(b)
        return a, b

    def backward(ctx, g, h):
        seen.append(h)
        return g

    a, b = function(forward, backward).apply(leaf([1.0]))
    assert a.requires_grad and not b.requires_grad and b.grad_fn is None and b.is_leaf
    a.sum().backward()
    same(seen[0], [0.0])


def test_nested_tensors_are_not_tracked():
    f = function(lambda ctx, x, others: x * others[0], lambda ctx, g: (g * 1, None))
    y = leaf([4.0])
    out = f.apply(torch.ones(1), [y])
    assert not out.requires_grad


def test_gradients_are_reduced_and_cast():
    x = torch.ones(3, dtype=torch.float32, requires_grad=True)
    f = function(lambda ctx, x: x * 1, lambda ctx, g: torch.ones(2, 3, dtype=torch.float64))
    f.apply(x).sum().backward()
    same(x.grad, [2.0, 2.0, 2.0])
    assert x.grad.dtype == torch.float32


def test_trailing_none_may_be_given_in_excess():
    f = function(lambda ctx, x: x * 1, lambda ctx, g: (g, None, None))
    x = leaf([1.0])
    f.apply(x).sum().backward()
    same(x.grad, [1.0])


def test_none_is_an_unused_input():
    f = function(lambda ctx, x: x * 1, lambda ctx, g: None)
    x = leaf([1.0])
    f.apply(x).sum().backward()
    assert x.grad is None
    with pytest.raises(RuntimeError):
        grad(f.apply(x).sum(), x)


def test_vjp_is_another_name_of_backward():
    x = leaf([3.0])
    f = function(lambda ctx, x: x * 2, vjp=staticmethod(lambda ctx, g: g * 2))
    same(grad(f.apply(x).sum(), x)[0], [2.0])
    both = function(lambda ctx, x: x * 2, lambda ctx, g: g, vjp=staticmethod(lambda ctx, g: g))
    with pytest.raises(RuntimeError):
        both.apply(x).sum().backward()


# What the context knows.


def test_forward_runs_without_recording_and_sees_true_flags():
    seen = []

    def forward(ctx, x, y):
        seen.append((ctx.needs_input_grad, x.requires_grad, (x * 2).requires_grad, torch.is_grad_enabled()))
        return x * y

    f = function(forward, lambda ctx, g: (g, None))
    f.apply(leaf([1.0]), torch.ones(1))
    with torch.no_grad():
        assert not f.apply(leaf([1.0]), 2).requires_grad
    assert seen == [((True, False), True, False, False)] * 2


def test_backward_runs_in_the_mode_of_create_graph():
    seen = []

    def backward(ctx, g):
        seen.append((torch.is_grad_enabled(), g.requires_grad))
        return g

    f = function(lambda ctx, x: x * 1, backward)
    x = leaf([1.0])
    y = (f.apply(x) * x).sum()
    grad(y, x, retain_graph=True)
    grad(y, x, create_graph=True)
    with torch.no_grad():
        grad(y, x, create_graph=True)
    assert seen == [(False, False), (True, True), (True, True)]


def test_saved_inputs_come_back_as_they_were_and_the_last_call_counts():
    seen = []

    def forward(ctx, x, y):
        ctx.save_for_backward(y)
        ctx.save_for_backward(x, None, y)
        return x * y

    def backward(ctx, g):
        seen.append(ctx.saved_tensors)
        return g, g

    x = leaf([1.0])
    h = leaf([2.0]) * 2
    function(forward, backward).apply(x, h).sum().backward()
    assert seen[0][0] is x and seen[0][1] is None and seen[0][2] is h


def test_saved_tensors_are_freed_but_attributes_stay():
    y = Square.apply(leaf([1.0]))
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    with pytest.raises(RuntimeError):
        y.sum().backward()
    with pytest.raises(RuntimeError):
        _ = y.grad_fn.saved_tensors
    z = Scale.apply(leaf([1.0]))
    z.sum().backward()
    z.sum().backward()


def test_a_saved_tensor_written_in_place_is_an_error():
    x = leaf([1.0, 2.0])
    h = x * 1
    y = Square.apply(h)
    h.add_(1)
    with pytest.raises(RuntimeError):
        y.sum().backward()


def test_saved_tensors_may_be_cleared_on_access():
    seen = []

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        with pytest.raises(RuntimeError):
            _ = ctx.saved_tensors
        seen.append(1)
        return 2 * x * g

    f = function(forward, backward, clear_saved_tensors_on_access=True)
    x = leaf([3.0])
    same(grad(f.apply(x).sum(), x, retain_graph=True)[0], [6.0])
    assert seen == [1]


def test_outputs_can_be_saved_with_their_history():
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        assert y.requires_grad and y.grad_fn is not None
        return g * y

    x = leaf([0.5])
    y = function(forward, backward).apply(x)
    (g,) = grad(y.sum(), x, create_graph=True)
    near(grad(g.sum(), x)[0], np.exp([0.5]))


# Views, inputs returned, inputs written.


def test_an_input_returned_as_it_is_comes_back_as_a_view():
    f = function(lambda ctx, x: x, lambda ctx, g: g * 3)
    x = leaf([1.0, 2.0])
    y = f.apply(x)
    assert y is not x and y._is_view() and y._base is x and x.grad_fn is None
    y.sum().backward()
    same(x.grad, [3.0, 3.0])
    with torch.no_grad():
        assert f.apply(x) is not x and not f.apply(x).requires_grad
    with pytest.raises(RuntimeError):
        f.apply(x * 1).mul_(2)


def test_an_input_marked_dirty_is_the_output():
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    f = function(forward, lambda ctx, g: g * 2)
    x = leaf([1.0, 2.0, 3.0])
    h = x * 1
    y = f.apply(h)
    assert y is h and name(h) == "MadeBackward" and h._version == 2
    b = x * 1
    v = b[1:]
    assert f.apply(v) is v and name(b) == "CopySlices" and name(v) == "AsStridedBackward0"
    b.sum().backward()
    same(x.grad, [1.0, 2.0, 2.0])
    with pytest.raises(RuntimeError):
        f.apply(x)
    with pytest.raises(RuntimeError):
        function(lambda ctx, x: ctx.mark_dirty(x) or x * 2, lambda ctx, g: g).apply(x * 1)


def test_views_made_in_forward_refuse_to_be_written():
    one = function(lambda ctx, x: x.view(-1), lambda ctx, g: g)
    two = function(lambda ctx, x: (x.view(-1), x * 2), lambda ctx, g, h: g)
    for y in (one.apply(leaf([1.0]) * 1), two.apply(leaf([1.0]) * 1)[0]):
        with pytest.raises(RuntimeError):
            y.mul_(2)


# What raises.


@pytest.mark.parametrize(
    ("backward", "error"),
    [
        (lambda ctx, g: g, RuntimeError),
        (lambda ctx, g: (g, g), RuntimeError),
        (lambda ctx, g: (torch.ones(2), None), RuntimeError),
        (lambda ctx, g: (3.0, None), RuntimeError),
        (lambda ctx, g: (g, None, g), RuntimeError),
        (lambda ctx, g: 1 / 0, ZeroDivisionError),
    ],
)
def test_wrong_gradients(backward, error):
    x = leaf([1.0, 2.0, 3.0])
    with pytest.raises(error):
        function(lambda ctx, x, k: x * k, backward).apply(x, 2.0).sum().backward()
    assert x.grad is None


def test_missing_methods_and_wrong_uses():
    x = leaf([1.0])
    with pytest.raises(NotImplementedError):
        type("Empty", (Function,), {}).apply(x)
    with pytest.raises(NotImplementedError):
        function(lambda ctx, x: x * 2).apply(x).sum().backward()
    with pytest.raises(TypeError):
        function(lambda ctx, x: ctx.save_for_backward(3.0) or x * 2, lambda ctx, g: g).apply(x)
    with pytest.warns(DeprecationWarning):
        made = Square()
    with pytest.raises(RuntimeError):
        made(x)


def test_an_exception_in_forward_leaves_nothing_behind():
    x = leaf([1.0])
    with pytest.raises(ZeroDivisionError):
        function(lambda ctx, x: 1 / 0).apply(x)
    assert torch.is_grad_enabled()
    same(grad((x * 2).sum(), x)[0], [2.0])
