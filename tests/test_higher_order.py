"""Derivatives of derivatives: create_graph, and the grad mode that a sweep runs in."""

import pytest
from under_test import leaf, name, near, same, torch

grad = torch.autograd.grad


def test_derivatives_to_order_four():
    x = leaf(2.0)
    y = x**5
    for expected in (80.0, 160.0, 240.0, 240.0):
        (y,) = grad(y, x, create_graph=True)
        near(y, expected)
    x = leaf(0.5)
    y = x.sin() * x.exp()
    for _ in range(4):
        (y,) = grad(y, x, create_graph=True)
    near(y, -4 * (x.sin() * x.exp()).item(), rtol=1e-10)


def test_a_derivative_in_a_loss():
    x, w = leaf([0.5, 1.5]), leaf(3.0)
    y = (w * x**3).sum()
    (gx,) = grad(y, x, create_graph=True)
    (gx**2).sum().backward()
    near(x.grad, [2 * 9 * 0.5**2 * 18 * 0.5, 2 * 9 * 1.5**2 * 18 * 1.5])
    near(w.grad, 2 * 3 * 9 * (0.5**4 + 1.5**4))


def test_create_graph_without_retain_graph():
    x = leaf(2.0)
    y = x**3
    (first,) = grad(y, x, create_graph=True, retain_graph=False)
    near(grad(first, x)[0], 12.0)
    with pytest.raises(RuntimeError):
        grad(y, x)


def test_consuming_the_first_tape_keeps_its_derivative():
    x = leaf(2.0)
    y = x**3
    (first,) = grad(y, x, create_graph=True)
    y.backward()
    near(grad(first, x)[0], 12.0)


def test_a_derivative_that_leads_through_a_consumed_row_is_refused():
    x = leaf(2.0)
    h = x.exp()
    (first,) = grad(h * x, x, create_graph=True)
    h.backward()
    with pytest.raises(RuntimeError):
        grad(first, x)


def test_retain_graph_defaults_to_create_graph():
    x = leaf(2.0)
    y = x**3
    grad(y, x, create_graph=True)
    grad(y, x, create_graph=True)
    grad(y, x)
    with pytest.raises(RuntimeError):
        grad(y, x)


def test_second_derivative_with_regard_to_the_gradient_given():
    x, v = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (gx,) = grad(x**3, x, v, create_graph=True)
    same(grad(gx.sum(), v)[0], [3.0, 12.0])


def test_gradients_of_linear_functions_are_constants():
    x = leaf([1.0, 2.0])
    (gx,) = grad(x.sum(), x, create_graph=True)
    assert not gx.requires_grad
    with pytest.raises(RuntimeError):
        grad(gx.sum(), x)


def test_mixed_second_derivatives_are_symmetric():
    a, b = leaf(0.7), leaf(1.3)
    y = (a * b).sin() * a
    ga, gb = grad(y, (a, b), create_graph=True)
    near(grad(ga, b, retain_graph=True)[0], grad(gb, a)[0].item())


# The mode that the sweep runs in.


def test_backward_inside_no_grad_and_inference_mode():
    x = leaf(2.0)
    y, z = x * x, x * x
    with torch.no_grad():
        y.backward()
    same(x.grad, 4.0)
    with torch.inference_mode():
        z.backward()
    same(x.grad, 8.0)


def test_create_graph_inside_no_grad():
    x = leaf(2.0)
    y = x**3
    with torch.no_grad():
        (gx,) = grad(y, x, create_graph=True)
        assert gx.requires_grad and not torch.is_grad_enabled()
    near(grad(gx, x)[0], 12.0)
    assert name(gx) == "MulBackward0"


@pytest.mark.parametrize("ambient", [True, False])
@pytest.mark.parametrize("create_graph", [True, False])
def test_hooks_run_in_the_grad_mode_of_the_sweep(ambient, create_graph):
    x = leaf(2.0)
    y = x**3
    seen = []
    x.register_hook(lambda g: seen.append((torch.is_grad_enabled(), g.requires_grad)))
    with torch.set_grad_enabled(ambient):
        grad(y, x, create_graph=create_graph)
        assert torch.is_grad_enabled() is ambient
    assert seen == [(create_graph, create_graph)]
