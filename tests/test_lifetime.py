"""How long values live, by reference counting alone, and sweeps over what was recorded here and there.

A constant made from an array holds that array; a weak reference to it tells whether anything still does.
"""

import gc
import weakref

import numpy as np
import pytest
from under_test import leaf, near, same, torch

grad = torch.autograd.grad


@pytest.fixture(autouse=True)
def without_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def watched(size=3, value=2.0):
    """A constant, and a function that tells whether its memory is still held."""
    array = np.full(size, value)
    reference = weakref.ref(array)
    return torch.from_numpy(array), lambda: reference() is not None


def record_elsewhere():
    """Something recorded and dropped: what was open before may be closed by it."""
    (leaf([1.0]) * 2).sum()


def test_a_sum_saves_nothing():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = x + c
    del c
    assert not held()
    y.sum().backward()
    same(x.grad, [1.0, 1.0, 1.0])


def test_a_product_saves_the_other_factor_only():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = x * c
    del c
    assert held()
    y.sum().backward()
    same(x.grad, [2.0, 2.0, 2.0])


def test_values_are_dropped_by_the_sweep():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x * c).sum()
    del c
    y.backward()
    assert not held()
    assert y.item() == 12.0


def test_values_are_kept_on_request():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x * c).sum()
    del c
    y.backward(retain_graph=True)
    assert held()
    y.backward()
    assert not held()


def test_values_go_with_the_last_result():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x * c).sin().sum()
    del c
    assert held()
    del y
    record_elsewhere()
    assert not held()


def test_a_row_keeps_what_it_needs():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x * c).sum()
    row = y.grad_fn
    del c, y
    record_elsewhere()
    assert held()
    del row
    record_elsewhere()
    assert not held()


def test_detached_results_keep_no_history():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x * c).exp().detach()
    del c
    record_elsewhere()
    assert not held()
    assert y.is_leaf


def test_nothing_is_kept_under_no_grad():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    with torch.no_grad():
        y = x * c
    del c
    assert not held()
    same(y, [2.0, 4.0, 6.0])


def test_a_second_derivative_outlives_the_first_recording():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()
    y = (x**3 * c).sum()
    (gx,) = grad(y, x, create_graph=True)
    del c, y
    record_elsewhere()
    (second,) = grad(gx.sum(), x)
    near(second, [12.0, 24.0, 36.0])
    del gx
    record_elsewhere()
    assert not held()


def test_exceptions_do_not_keep_values():
    x = leaf([1.0, 2.0, 3.0])
    c, held = watched()

    def attempt(c):
        (x * c).sum().backward(torch.ones(7))

    try:
        attempt(c)
    except RuntimeError:
        pass
    del c
    record_elsewhere()
    assert not held()


def test_evaluating_in_a_loop_keeps_little():
    x = leaf([1.0, 2.0, 3.0])
    watches = []
    for _ in range(6000):
        c, held = watched()
        watches.append(held)
        loss = (x * c).sum()
    assert loss.requires_grad
    assert sum(held() for held in watches) < 4000


def test_training_in_a_loop_keeps_little():
    x = leaf([1.0, 2.0, 3.0])
    watches = []
    for _ in range(300):
        c, held = watched()
        watches.append(held)
        (x * c).sum().backward()
        x.grad = None
    del c
    assert sum(held() for held in watches) == 0


def test_a_state_that_is_detached_drops_its_past():
    w, h = leaf(0.5), torch.tensor(1.0)
    watches = []
    for step in range(100):
        c, held = watched(size=())
        watches.append(held)
        h = w * h * c
        if step % 10 == 9:
            h.backward()
            h = h.detach()
    del c
    assert sum(held() for held in watches) == 0


# Recorded here, swept there.


def test_two_recordings_interleaved():
    x, w = leaf(2.0), leaf(3.0)
    a, b = x, w
    for _ in range(5):
        a = a * x
        b = b * w
    b.backward()
    c = a * 2
    a.backward(retain_graph=True)
    near(x.grad, 6 * 2.0**5)
    near(w.grad, 6 * 3.0**5)
    c.backward()
    near(x.grad, 3 * 6 * 2.0**5)


def test_recording_goes_on_after_a_sweep():
    x = leaf(2.0)
    h = x * x
    grad(h, x, retain_graph=True)
    y = h * x
    grad(y, x, retain_graph=True)
    z = y * h
    near(grad(z, x)[0], 5 * 2.0**4)


def test_many_results_of_one_recording():
    x = leaf([1.0, 2.0])
    h = x + 1
    parts = [h * k for k in range(1, 6)]
    for part in parts:
        part.sum().backward()
    same(x.grad, [15.0, 15.0])


def test_a_derivative_enters_a_new_recording():
    x, w = leaf(2.0), leaf(3.0)
    (gx,) = grad(x**3 * w, x, create_graph=True)
    z = gx * x + w
    gx_, gw = grad(z, (x, w), create_graph=True)
    near(gx_, 9 * 4.0 * 3.0)
    near(gw, 3 * 8.0 + 1)
    near(grad(gx_, w)[0], 9 * 4.0)


def test_newton_steps():
    x = leaf(2.0)
    for _ in range(6):
        y = x**3 - 2 * x - 5
        (slope,) = grad(y, x)
        with torch.no_grad():
            x -= y / slope
    near(x, 2.0945514815423265)


def test_a_refused_operation_leaves_the_recording_whole():
    x = leaf([1.0, 2.0])
    y = x * 3
    for _ in range(3):
        with pytest.raises(RuntimeError):
            y + torch.ones(3)
        y = y * 2
    y.sum().backward()
    same(x.grad, [24.0, 24.0])


def test_a_deep_result_is_dropped_without_recursion():
    x = leaf(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1
    del y
    record_elsewhere()
