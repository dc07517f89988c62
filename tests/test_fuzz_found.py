"""What random programs found, cut down: each test is a few lines that once gave a wrong value or history."""

import pytest
from under_test import leaf, same, torch

grad = torch.autograd.grad


def test_a_number_and_its_views_share_memory():
    a = torch.tensor(2.0)
    b = a[...]
    c = b.detach()
    b.add_(c)
    assert (a.item(), b.item(), c.item()) == (4.0, 4.0, 4.0)


@pytest.mark.parametrize("see", [lambda b: b.detach(), lambda b: b.view(1), lambda b: b[...]])
def test_views_of_one_element_share_memory(see):
    a = torch.tensor([2.0, 3.0])
    b = a[0]
    c = see(b)
    c.mul_(5.0)
    assert (a.tolist(), b.item(), c.item()) == ([10.0, 3.0], 10.0, 10.0)
    a.mul_(0.5)
    assert (b.item(), c.item()) == (5.0, 5.0)


def test_a_write_without_recording_leaves_views_their_history():
    x = leaf([1.0, 2.0])
    y = x * 1
    v = y[1:]
    with torch.no_grad():
        y.mul_(2)
    same(v, [4.0])
    same(grad(v.sum(), x)[0], [0.0, 1.0])


def test_copying_a_leaf_makes_no_leaf():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * 1
    y.copy_(w)
    assert not y.is_leaf
    gw, gx = grad((y * w).sum(), [w, x])
    same(gw, [6.0, 8.0])
    same(gx, [0.0, 0.0])


def test_copying_a_constant_keeps_the_history():
    x = leaf([1.0, 2.0])
    y = x * 1
    y.copy_(torch.ones(2))
    same(grad(y.sum(), x)[0], [0.0, 0.0])


def test_assigning_a_constant_to_a_number_keeps_the_history():
    x = leaf(1.5)
    y = x * 2
    y[...] = torch.tensor(4.0)
    assert y.item() == 4.0
    assert grad(y, x)[0].item() == 0.0


def test_a_leaf_is_an_output_beside_what_depends_on_it():
    x = leaf([1.0, 2.0])
    y = x * 3
    grad(y.sum(), x, retain_graph=True)
    (x * x).sum()
    same(grad([x, y], x, [torch.ones(2), torch.ones(2)])[0], [4.0, 4.0])


def test_indices_are_used_up_as_other_saved_values():
    x = leaf([1.0, 2.0])
    y = x[[0, 0, 1]]
    y.sum().backward()
    with pytest.raises(RuntimeError):
        y.sum().backward()


def test_a_gradient_shares_no_memory_with_the_cotangent():
    x, c = leaf([1.0, 2.0]), torch.tensor([3.0, 4.0])
    x.backward(c, create_graph=True)
    x.sum().backward()
    same(c, [3.0, 4.0])
    same(x.grad, [4.0, 5.0])


def test_the_gradient_of_what_was_written_to_is_whole():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2
    y[0] = x[1]
    gx, gy = grad(y, [x, y], torch.ones(3))
    same(gx, [0.0, 3.0, 2.0])
    same(gy, [1.0, 1.0, 1.0])


def test_a_pass_broken_off_revives_nothing():
    """Values used up before stay so, whatever a later pass over the same rows gives back."""
    x, z = leaf([1.0, 2.0]), leaf([5.0, 7.0])
    e = z * 1.0
    u = torch.sin(x)
    q = z * z * e
    v = (u + q).sum()
    grad(u.sum(), x)

    def refuse(g):
        raise ValueError

    handle = q.register_hook(refuse)
    with pytest.raises(ValueError):
        grad(v, z)
    handle.remove()
    with pytest.raises(RuntimeError):
        grad(u.sum(), x)
    same(grad(v, z)[0], [75.0, 147.0])
