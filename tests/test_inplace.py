"""Writing in place: versions, history of what was written, views, and refusal before a wrong gradient."""

import numpy as np
import pytest
from under_test import leaf, name, near, same, torch

grad = torch.autograd.grad


# Versions.


def test_every_write_is_a_version():
    x = torch.zeros(3)
    assert x._version == 0
    x += 1
    x.mul_(2)
    x[0] = 5.0
    x.zero_()
    assert x._version == 4
    x + 1
    assert x._version == 4


def test_views_and_detached_tensors_share_the_version():
    x = torch.zeros(2, 3)
    row, flat, copy, cut = x[0], x.view(6), x.clone(), x.detach()
    row.add_(1)
    assert [t._version for t in (x, row, flat, cut, copy)] == [1, 1, 1, 1, 0]
    same(flat, [1, 1, 1, 0, 0, 0])


def test_increment_version_marks_a_foreign_write():
    x = leaf([1.0, 2.0])
    h = x * 1
    y = h * h
    torch.autograd.graph.increment_version(h)
    assert h._version == 1
    with pytest.raises(RuntimeError):
        y.sum().backward()


# Writing to values with history.


def test_augmented_assignment_keeps_the_object():
    x = leaf([1.0, 2.0])
    h = x * 2
    before = h
    h += x
    h *= 3
    assert h is before and name(h) == "MulBackward0"
    h.sum().backward()
    same(x.grad, [9.0, 9.0])


@pytest.mark.parametrize(
    "write, row, derivative",
    [
        (lambda h: h.add_(1), "AddBackward0", 1.0),
        (lambda h: h.sub_(1), "SubBackward0", 1.0),
        (lambda h: h.mul_(3), "MulBackward0", 3.0),
        (lambda h: h.div_(2), "DivBackward0", 0.5),
        (lambda h: h.pow_(2), "PowBackward0", 4.0),
        (lambda h: h.neg_(), "NegBackward0", -1.0),
        (lambda h: h.exp_(), "ExpBackward0", float(np.exp(2.0))),
        (lambda h: h.zero_(), "ZeroBackward0", 0.0),
    ],
)
def test_in_place_operations_and_their_rows(write, row, derivative):
    x = leaf([2.0, 2.0])
    h = x * 1
    assert write(h) is h
    assert name(h) == row and h._version == 1
    h.sum().backward()
    near(x.grad, [derivative, derivative], rtol=1e-10)


def test_filling_drops_the_old_history():
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    h = x * 1
    h.fill_(w)
    (h * torch.tensor([1.0, 10.0])).sum().backward()
    same(x.grad, [0.0, 0.0])
    same(w.grad, 11.0)


def test_elements_filled_in_a_loop():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 2
    assert y.requires_grad and name(y) == "CopySlices"
    same(y, [1.0, 4.0, 9.0])
    y.sum().backward()
    near(x.grad, [2.0, 4.0, 6.0])


def test_elements_that_depend_on_earlier_ones():
    x = leaf(2.0)
    y = torch.ones(4)
    for i in range(1, 4):
        y[i] = y[i - 1].clone() * x
    same(y, [1.0, 2.0, 4.0, 8.0])
    y[3].backward()
    near(x.grad, 12.0)


def test_a_slice_takes_over_its_gradient():
    x, w = leaf([1.0, 2.0, 3.0]), leaf([10.0, 20.0])
    y = x * 2
    y[1:] = w
    (y * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
    same(x.grad, [2.0, 0.0, 0.0])
    same(w.grad, [2.0, 3.0])


def test_a_broadcast_value_gets_the_sum():
    x, w = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf(5.0)
    y = x * 1
    y[:, 0] = w
    y.sum().backward()
    same(x.grad, [[0.0, 1.0], [0.0, 1.0]])
    same(w.grad, 2.0)


def test_mask_assignment():
    x = leaf([1.0, -2.0, 3.0])
    y = x * 2
    y[x < 0] = 0.0
    same(y, [2.0, 0.0, 6.0])
    y.sum().backward()
    same(x.grad, [2.0, 0.0, 2.0])


def test_mask_assignment_of_values_with_history():
    x, w = leaf([1.0, 2.0, 3.0]), leaf([10.0, 20.0])
    y = x * 2
    y[torch.tensor([True, False, True])] = w * 3
    same(y, [30.0, 4.0, 60.0])
    y.sum().backward()
    same(x.grad, [0.0, 2.0, 0.0])
    same(w.grad, [3.0, 3.0])


def test_index_assignment():
    x = leaf([1.0, 2.0])
    y = torch.zeros(4)
    y[torch.tensor([3, 1])] = x
    same(y, [0.0, 2.0, 0.0, 1.0])
    (y * torch.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    same(x.grad, [1000.0, 10.0])


def test_index_put_accumulates_on_request():
    x = leaf([1.0, 2.0, 4.0])
    y = torch.zeros(2)
    y.index_put_((torch.tensor([1, 1, 0]),), x, accumulate=True)
    same(y, [4.0, 3.0])
    (y * torch.tensor([5.0, 7.0])).sum().backward()
    same(x.grad, [7.0, 7.0, 5.0])


def test_second_derivatives_pass_through_writes():
    x = leaf([1.0, 2.0])
    y = torch.zeros(2)
    y[0] = x[0] ** 3
    y[1] = x[0] * x[1] ** 2
    (gx,) = grad(y.sum(), x, create_graph=True)
    near(gx, [3.0 + 4.0, 4.0])
    near(grad(gx.sum(), x)[0], [6.0 + 4.0, 4.0 + 2.0])


# Views.


def test_writing_a_view_writes_the_history_of_its_base():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    head = y[:2]
    head *= 10
    assert name(y) == "CopySlices" and name(head) == "AsStridedBackward0"
    same(y, [20.0, 40.0, 6.0])
    y.sum().backward()
    same(x.grad, [20.0, 20.0, 2.0])


def test_writing_the_base_changes_the_history_of_a_view():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    head = y[:2]
    y *= 10
    same(head, [20.0, 40.0])
    head.sum().backward()
    same(x.grad, [20.0, 20.0, 0.0])


def test_writing_one_view_is_seen_by_another():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x * 1
    row, column = y[0], y[:, 0]
    row.mul_(5)
    same(column, [5.0, 3.0])
    column.sum().backward()
    same(x.grad, [[5.0, 0.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    "view",
    [
        lambda y: y.view(3, 2)[0],
        lambda y: y.t()[0],
        lambda y: y.reshape(6)[:2],
        lambda y: y[:, ::2][0],
        lambda y: y.unsqueeze(0)[0, 0, :2],
        lambda y: y.permute(1, 0)[:2, 0],
        lambda y: y.diagonal(),
    ],
)
def test_views_of_many_kinds_write_through(view):
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    w = leaf([10.0, 20.0])
    y = x * 1
    view(y).copy_(w)
    positions = np.arange(6.0).reshape(2, 3)
    touched = view(torch.tensor(positions)).flatten().tolist()
    expected = positions + 1
    for position, value in zip(touched, (10.0, 20.0), strict=True):
        expected.flat[int(position)] = value
    same(y, expected)
    (y * torch.tensor(positions)).sum().backward()
    same(w.grad, touched)
    kept = positions.copy()
    kept.flat[[int(position) for position in touched]] = 0.0
    same(x.grad, kept)


def test_a_view_knows_its_base():
    x = torch.zeros(2, 3)
    assert x[0]._base is x and x._base is None
    assert x[0]._is_view() and not x._is_view()
    assert x[0][1]._base is x


def test_a_constant_becomes_part_of_the_history_by_a_write():
    x = leaf([1.0, 2.0])
    y = torch.zeros(2)
    y.add_(x)
    assert y.requires_grad and not y.is_leaf
    y = torch.zeros(2, 2)
    row = y[0]
    row.copy_(x)
    assert y.requires_grad and row.requires_grad
    (y.sum() * 3).backward()
    same(x.grad, [3.0, 3.0])


# Saved values that were overwritten.


@pytest.mark.parametrize(
    "write",
    [
        lambda h: h.add_(1),
        lambda h: h[:1].add_(1),
        lambda h: h.detach().add_(1),
        lambda h: h.__setitem__(0, 7.0),
        lambda h: h.zero_(),
    ],
    ids=["whole", "view", "detached", "element", "zero"],
)
@pytest.mark.parametrize(
    "use", [lambda h: h * h, lambda h: h.sin(), lambda h: h**3], ids=["square", "sin", "cube"]
)
def test_an_overwritten_saved_value_is_refused(use, write):
    x = leaf([1.0, 2.0])
    h = x * 1
    y = use(h)
    write(h)
    with pytest.raises(RuntimeError):
        y.sum().backward()
    assert x.grad is None


def test_an_overwritten_result_is_refused_where_the_derivative_needs_it():
    x = leaf([1.0, 2.0])
    y = x.exp()
    y.add_(1)
    with pytest.raises(RuntimeError):
        y.sum().backward()
    y = x.sin()
    y.add_(1)
    y.sum().backward()
    near(x.grad, np.cos([1.0, 2.0]), rtol=1e-10)


def test_a_write_is_harmless_where_nothing_was_saved():
    x = leaf([1.0, 2.0])
    h = x * 1
    y = h + 3
    h.mul_(100)
    y.sum().backward()
    same(x.grad, [1.0, 1.0])


def test_a_leaf_updated_between_recording_and_sweep_is_refused():
    x = leaf([1.0, 2.0])
    y = x * x
    with torch.no_grad():
        x += 1
    with pytest.raises(RuntimeError):
        y.sum().backward()


@pytest.mark.differs("a write through .data or .numpy() to a saved value never gives a wrong gradient")
@pytest.mark.parametrize(
    "write",
    [lambda h: h.data.mul_(10), lambda h: h.detach().numpy().__imul__(10)],
    ids=["data", "numpy"],
)
def test_a_write_beside_the_tape_is_harmless_or_refused(write):
    x = leaf([1.0, 2.0])
    h = x * 1
    y = h * h
    write(h)
    try:
        y.sum().backward()
    except RuntimeError:
        assert x.grad is None
    else:
        same(x.grad, [2.0, 4.0])


# detach, data, detach_ and updates of leaves.


def test_detach_shares_memory_and_has_no_history():
    x = leaf([1.0, 2.0])
    h = x * 2
    cut = h.detach()
    assert cut.is_leaf and not cut.requires_grad and cut.grad_fn is None
    cut[0] = 9.0
    same(h, [9.0, 4.0])


def test_data_shares_memory_and_can_be_replaced():
    x = leaf([1.0, 2.0])
    x.data.mul_(3)
    same(x, [3.0, 6.0])
    assert x.requires_grad and x.is_leaf
    x.data = torch.tensor([[7.0]])
    same(x, [[7.0]])
    (x * 2).sum().backward()
    same(x.grad, [[2.0]])


def test_data_of_a_scalar_shares_memory():
    x = leaf(2.0)
    cut, data = x.detach(), x.data
    data.add_(1)
    assert (x.item(), cut.item(), data.item()) == (3.0, 3.0, 3.0)
    with torch.no_grad():
        x.mul_(2)
    assert (x.item(), cut.item(), data.item()) == (6.0, 6.0, 6.0)


def test_detach_in_place_makes_a_leaf():
    x = leaf([1.0, 2.0])
    h = x * 2
    assert h.detach_() is h
    assert h.is_leaf and not h.requires_grad and h.grad_fn is None


def test_leaves_are_updated_under_no_grad():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    with torch.no_grad():
        x -= 0.5 * x.grad
    same(x, [0.0, 0.0])
    assert x.is_leaf and x.requires_grad and x._version == 1
    (x + 1).sum().backward()
    same(x.grad, [3.0, 5.0])


def test_a_numpy_array_shares_memory():
    array = np.array([1.0, 2.0])
    x = torch.from_numpy(array)
    x.add_(1)
    assert array.tolist() == [2.0, 3.0]
    array[0] = 9.0
    same(x, [9.0, 3.0])
    copied = torch.tensor(array)
    array[0] = 0.0
    same(copied, [9.0, 3.0])
