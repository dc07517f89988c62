"""backward and grad: which outputs, which gradients, which inputs, and how long a tape lives."""

import pytest
from under_test import leaf, near, same, torch

grad = torch.autograd.grad


# Outputs and their gradients.


def test_several_outputs_add_up():
    x = leaf([1.0, 2.0, 3.0])
    torch.autograd.backward([(x**2).sum(), (x**3).sum()])
    near(x.grad, [5.0, 16.0, 33.0])


def test_grad_tensors_weigh_the_outputs():
    x = leaf([1.0, 2.0])
    torch.autograd.backward((x * x, x.sum()), (torch.tensor([10.0, 100.0]), torch.tensor(3.0)))
    same(x.grad, [23.0, 403.0])


def test_none_among_grad_tensors_means_one_for_a_scalar():
    x = leaf([1.0, 2.0])
    torch.autograd.backward([x * x, x.sum()], [torch.ones(2), None])
    same(x.grad, [3.0, 5.0])


def test_grad_takes_several_outputs_and_gradients():
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    gx, gw = grad((x * w, w * w), (x, w), (torch.tensor([1.0, -1.0]), None))
    same(gx, [3.0, -3.0])
    same(gw, 5.0)
    assert x.grad is None and w.grad is None


def test_the_same_output_twice_counts_twice():
    x = leaf(2.0)
    y = x * x
    torch.autograd.backward([y, y])
    same(x.grad, 8.0)


def test_no_outputs_is_nothing_to_do():
    torch.autograd.backward([])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (1, 1, 1)])
def test_one_element_needs_no_gradient(shape):
    x = torch.ones(shape, requires_grad=True)
    (x * 3).backward()
    same(x.grad, 3 * torch.ones(shape).numpy())
    same(grad(x * 5, x)[0], 5 * torch.ones(shape).numpy())


@pytest.mark.parametrize("shape", [(2,), (1, 2), (0,)])
def test_more_or_fewer_elements_need_one(shape):
    x = torch.ones(shape, requires_grad=True)
    with pytest.raises(RuntimeError):
        (x * 3).backward()
    with pytest.raises(RuntimeError):
        grad(x * 3, x)
    assert x.grad is None
    (x * 3).backward(torch.ones(shape))
    same(x.grad, 3 * torch.ones(shape).numpy())


@pytest.mark.parametrize(
    "output, gradient",
    [((), (1,)), ((1,), ()), ((3,), (1,)), ((3,), ()), ((2, 3), (3,)), ((1, 3), (3, 1)), ((2,), (0,))],
)
def test_a_gradient_has_exactly_the_shape_of_its_output(output, gradient):
    x = torch.ones(output, requires_grad=True)
    y = x + 1
    with pytest.raises(RuntimeError):
        y.backward(torch.ones(gradient))
    with pytest.raises(RuntimeError):
        grad(y, x, torch.ones(gradient))
    assert x.grad is None
    y.backward(torch.ones(output))


@pytest.mark.parametrize("dtype", ["float32", "int32", "int64"])
def test_a_gradient_may_have_another_real_dtype(dtype):
    x = leaf([1.0, 2.0])
    (x * x).backward(torch.tensor([3, 4], dtype=getattr(torch, dtype)))
    same(x.grad, [6.0, 16.0])
    assert x.grad.dtype == torch.float64


def test_a_leaf_is_an_output_of_itself():
    x = leaf(5.0)
    x.backward()
    same(x.grad, 1.0)
    v = leaf([1.0, 2.0])
    v.backward(torch.tensor([3.0, 4.0]))
    same(v.grad, [3.0, 4.0])


def test_a_chain_of_hundred_thousand_operations():
    x = leaf(1.0)
    y = x
    for _ in range(50_000):
        y = y * 1.0 + 0.0
    y.backward()
    same(x.grad, 1.0)


# Inputs.


def test_backward_for_given_inputs_leaves_the_others_alone():
    a, b = leaf(2.0), leaf(3.0)
    (a * b).backward(inputs=[a])
    same(a.grad, 3.0)
    assert b.grad is None
    (a * b).backward(inputs=b)
    same(b.grad, 2.0)
    same(a.grad, 3.0)


def test_a_non_leaf_input_of_backward_gets_its_grad():
    x = leaf([1.0, 2.0])
    h = x * 3
    (h * h).sum().backward(inputs=[h])
    same(h.grad, [6.0, 12.0])
    assert x.grad is None


def test_unreachable_inputs_of_backward_stay_none():
    x, other = leaf(1.0), leaf(1.0)
    (x * 2).backward(inputs=[x, other])
    same(x.grad, 2.0)
    assert other.grad is None


def test_dicts_of_inputs():
    w, b, x = leaf(4.0), leaf(5.0), torch.tensor(3.0)
    grads = grad(w * x + b, {"w": w, "b": b})
    assert list(grads) == ["w", "b"]
    same(grads["w"], 3.0)
    same(grads["b"], 1.0)
    (w * x + b).backward(inputs={"w": w})
    same(w.grad, 3.0)
    assert b.grad is None


def test_a_single_input_gives_a_tuple_of_one():
    x = leaf(2.0)
    result = grad(x * x, x)
    assert isinstance(result, tuple) and len(result) == 1
    result = grad([x * x], [x])
    assert isinstance(result, tuple) and len(result) == 1


def test_duplicate_inputs():
    x = leaf([1.0, 2.0])
    first, second = grad((x * x).sum(), (x, x))
    same(first, [2.0, 4.0])
    same(second, [2.0, 4.0])
    (x * x).sum().backward(inputs=[x, x])
    same(x.grad, [2.0, 4.0])


def test_an_output_is_an_input():
    x = leaf([1.0, 2.0])
    y = x * 3
    v = torch.tensor([1.0, 10.0])
    gy, gx = grad(y, (y, x), v)
    same(gy, [1.0, 10.0])
    same(gx, [3.0, 30.0])


def test_an_intermediate_and_what_it_leads_to():
    x = leaf(2.0)
    h = x * x
    y = h * h * x
    gh, gx = grad(y, (h, x))
    near(gh, 2 * 4 * 2.0)
    near(gx, 5 * 2.0**4)


def test_unused_inputs():
    x, z = leaf([1.0, 2.0]), leaf([[3.0]])
    with pytest.raises(RuntimeError):
        grad((x * x).sum(), (x, z))
    gx, gz = grad((x * x).sum(), (x, z), allow_unused=True)
    same(gx, [2.0, 4.0])
    assert gz is None
    gx, gz = grad((x * x).sum(), (x, z), materialize_grads=True)
    same(gz, [[0.0]])
    assert not gz.requires_grad
    gx, gz = grad((x * x).sum(), (x, z), materialize_grads=True, create_graph=True)
    assert gz.requires_grad and gx.requires_grad


def test_a_new_view_of_an_input_is_unused():
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    assert grad(y, x[:1], allow_unused=True) == (None,)


def test_grad_for_a_view_that_was_used():
    x = leaf([1.0, 2.0])
    head = x[:1]
    same(grad((head * head).sum() + x.sum(), head)[0], [2.0])


def test_gradient_edges_stand_for_tensors():
    x = leaf(3.0)
    h = x * x
    y = h * 2
    edge = torch.autograd.graph.get_gradient_edge(h)
    assert type(edge.node).__name__ == "MulBackward0" and edge.output_nr == 0
    same(grad(y, edge, retain_graph=True)[0], 2.0)
    torch.autograd.backward(torch.autograd.graph.get_gradient_edge(y), torch.tensor(1.0))
    same(x.grad, 12.0)


def test_grads_batched_gives_the_jacobian():
    x = leaf([1.0, 2.0, 3.0])
    y = x * x
    (jacobian,) = grad(y, x, torch.eye(3), is_grads_batched=True)
    same(jacobian, [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]])


# Lifetime: each row is consumed on its own.


@pytest.mark.parametrize(
    "operation",
    [
        lambda x: x + 1,
        lambda x: x - 1,
        lambda x: -x,
        lambda x: x.sum(),
        lambda x: x.view(1, 2),
        lambda x: x[0],
    ],
    ids=["add", "sub", "neg", "sum", "view", "index"],
)
def test_rows_that_save_nothing_can_be_swept_again(operation):
    x = leaf([1.0, 2.0])
    y = operation(x)
    y.backward(torch.ones_like(y))
    first = x.grad.detach().clone()
    y.backward(torch.ones_like(y))
    same(x.grad, (2 * first).numpy())


@pytest.mark.parametrize(
    "operation",
    [lambda x: x * 3, lambda x: x * x, lambda x: x.exp(), lambda x: x.sin(), lambda x: x**2, lambda x: 1 / x],
    ids=["scale", "square", "exp", "sin", "power", "inverse"],
)
def test_rows_that_saved_values_are_consumed(operation):
    x = leaf([1.0, 2.0])
    y = operation(x)
    y.backward(torch.ones_like(y))
    first = x.grad.detach().clone()
    with pytest.raises(RuntimeError):
        y.backward(torch.ones_like(y))
    same(x.grad, first.numpy())


def test_retain_graph_keeps_the_rows():
    x = leaf(2.0)
    y = x * x * x
    for _ in range(3):
        y.backward(retain_graph=True)
    y.backward()
    near(x.grad, 48.0)
    with pytest.raises(RuntimeError):
        y.backward()


def test_two_outputs_over_a_shared_row():
    x = leaf(2.0)
    h = x + 1
    a, b = h * h, h * 3
    a.backward()
    b.backward()
    same(x.grad, 9.0)
    h = x.exp()
    a, b = h * 2, h + 1
    a.backward()
    with pytest.raises(RuntimeError):
        b.backward()


def test_only_executed_rows_are_consumed():
    x = leaf(2.0)
    h = x * x
    y = h * h
    same(grad(y, h)[0], 8.0)
    same(grad(h, x)[0], 4.0)
    with pytest.raises(RuntimeError):
        grad(y, h)


def test_a_tape_outlives_a_consumed_part_of_it():
    x = leaf(2.0)
    y = x * x
    y.backward()
    z = x * x
    z.backward()
    same(x.grad, 8.0)
