"""Hooks on Tensors, on rows and after accumulation: when they run, what they see, what they may change."""

import pytest
from under_test import leaf, near, numbers, same, torch

grad = torch.autograd.grad


# On Tensors.


def test_a_hook_sees_the_gradient_and_may_keep_it():
    x = leaf([1.0, 2.0])
    seen = []
    x.register_hook(lambda g: seen.append(numbers(g).tolist()))
    (x * x).sum().backward()
    assert seen == [[2.0, 4.0]]
    same(x.grad, [2.0, 4.0])


def test_a_hook_replaces_the_gradient_for_all_that_follows():
    x = leaf([1.0, 2.0])
    h = x * 3
    h.register_hook(lambda g: g * 10)
    (h * 2).sum().backward()
    same(x.grad, [60.0, 60.0])


def test_hooks_run_in_the_order_of_their_registration():
    x = leaf(1.0)
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: g * 10)
    (x * 4).backward()
    same(x.grad, 50.0)


def test_a_hook_may_write_to_the_gradient():
    x = leaf([1.0, 2.0])
    h = x * 1

    def double(g):
        g.mul_(2)

    h.register_hook(double)
    (h * 3).sum().backward()
    same(x.grad, [6.0, 6.0])


def test_a_hook_runs_once_on_the_whole_gradient():
    x = leaf(2.0)
    h = x * 1
    seen = []
    h.register_hook(lambda g: seen.append(g.item()))
    (h * 3 + h * h + h).backward()
    assert seen == [8.0]


def test_a_hook_of_a_leaf_sees_this_sweep_only():
    x = leaf(2.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * 3 + x * 4).backward()
    (x * 5).backward()
    assert seen == [7.0, 5.0]
    same(x.grad, 12.0)


def test_hooks_of_inputs_run_in_grad():
    x = leaf(2.0)
    x.register_hook(lambda g: g * 10)
    same(grad(x * 3, x)[0], 30.0)
    assert x.grad is None


def test_hooks_of_a_non_leaf_input_run_but_not_those_of_its_row():
    x = leaf(2.0)
    h = x * 3
    seen = []
    h.register_hook(lambda g: seen.append("tensor") or g * 10)
    h.grad_fn.register_prehook(lambda gs: seen.append("prehook"))
    h.grad_fn.register_hook(lambda gi, go: seen.append("posthook"))
    same(grad(h * 2, h)[0], 20.0)
    assert seen == ["tensor"]


def test_a_hook_where_no_gradient_comes_does_not_run():
    x, z = leaf(2.0), leaf(3.0)
    z.register_hook(refuse)
    (x * x).backward()
    same(x.grad, 4.0)


def test_a_removed_hook_does_not_run():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: g * 10)
    kept = x.register_hook(lambda g: g + 1)
    handle.remove()
    handle.remove()
    (x * 3).backward()
    same(x.grad, 4.0)
    kept.remove()
    (x * 3).backward()
    same(x.grad, 7.0)


def test_the_gradient_that_a_hook_sees_is_part_of_a_graph_on_request():
    x = leaf(2.0)
    handle = x.register_hook(lambda g: g * g)
    (gx,) = grad(x**3, x, create_graph=True)
    near(gx, 144.0)
    handle.remove()
    near(grad(gx, x)[0], 2 * 12.0 * 12.0)


def test_a_hook_on_an_intermediate_is_part_of_the_second_derivative():
    x = leaf(2.0)
    h = x * x
    h.register_hook(lambda g: g * 3)
    (gx,) = grad(h, x, create_graph=True)
    near(gx, 12.0)
    near(grad(gx, x)[0], 6.0)


def test_hooks_registered_before_a_write_stay_on_the_old_value():
    x = leaf(1.0)
    w = x * 1
    order = []
    w.register_hook(lambda g: order.append(("before", g.item())))
    w.mul_(2)
    w.register_hook(lambda g: order.append(("after", g.item())))
    (w * 5).backward()
    assert order == [("after", 5.0), ("before", 10.0)]
    same(x.grad, 10.0)


# retain_grad.


def test_retain_grad_of_an_intermediate():
    x = leaf([1.0, 2.0])
    h = x * 3
    assert not h.retains_grad
    h.retain_grad()
    h.retain_grad()
    assert h.retains_grad
    (h * h).sum().backward()
    same(h.grad, [6.0, 12.0])
    same(x.grad, [18.0, 36.0])


def test_retain_grad_of_a_leaf_changes_nothing():
    x = leaf(2.0)
    x.retain_grad()
    assert not x.retains_grad
    (x * x).backward()
    same(x.grad, 4.0)


def test_retained_gradients_see_all_hooks():
    x = leaf(1.0)
    h = x * 1
    h.register_hook(lambda g: g * 2)
    h.retain_grad()
    h.register_hook(lambda g: g + 1)
    (h * 5).backward()
    same(h.grad, 11.0)


def test_retain_grad_follows_the_tensor_through_writes():
    x = leaf(1.0)
    h = x * 1
    h.retain_grad()
    h.mul_(2)
    assert h.retains_grad
    (h * 5).backward()
    same(h.grad, 5.0)
    same(x.grad, 10.0)


# On rows.


def test_row_hooks_see_gradients_of_inputs_and_outputs():
    x, w = leaf(2.0), leaf(3.0)
    y = x * w
    seen = []
    y.grad_fn.register_prehook(lambda gs: seen.append([g.item() for g in gs]))
    y.grad_fn.register_hook(lambda gi, go: seen.append(([g.item() for g in gi], [g.item() for g in go])))
    (y * 5).backward()
    assert seen == [[5.0], ([15.0, 10.0], [5.0])]


def test_row_hooks_replace_gradients():
    x = leaf(2.0)
    y = x * 3
    handle = y.grad_fn.register_prehook(lambda gs: (gs[0] * 10,))
    y.backward(retain_graph=True)
    same(x.grad, 30.0)
    handle.remove()
    y.grad_fn.register_hook(lambda gi, go: (gi[0] + 1, *gi[1:]))
    y.backward()
    same(x.grad, 34.0)


def test_a_row_keeps_its_identity_and_its_hooks():
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda gs: (gs[0] * 10,))
    row = y.grad_fn
    assert row is y.grad_fn or row == y.grad_fn
    row.metadata["key"] = "kept"
    assert y.grad_fn.metadata == {"key": "kept"}
    del row
    y.backward()
    same(x.grad, 30.0)


def test_the_accumulator_of_a_leaf_is_one_for_all_its_uses():
    x = leaf(2.0)
    first = (x * 3).grad_fn.next_functions[0][0]
    second = (x + x).grad_fn.next_functions
    assert type(first).__name__ == "AccumulateGrad"
    assert first.variable is x
    assert second[0][0] is second[1][0]


# After accumulation.


def test_post_accumulate_hooks_see_the_tensor():
    x = leaf(2.0)
    seen = []
    handle = x.register_post_accumulate_grad_hook(lambda t: seen.append((t is x, t.grad.item())))
    (x * 3 + x).backward()
    (x * 5).backward()
    assert seen == [(True, 4.0), (True, 9.0)]
    handle.remove()
    (x * 5).backward()
    assert len(seen) == 2


def test_post_accumulate_hooks_may_step_and_clear():
    x = leaf([1.0, 2.0])

    def step(t):
        with torch.no_grad():
            t -= 0.5 * t.grad
        t.grad = None

    x.register_post_accumulate_grad_hook(step)
    (x * 2).sum().backward()
    assert x.grad is None
    same(x, [0.0, 1.0])


def test_grad_runs_no_post_accumulate_hooks():
    x = leaf(2.0)
    x.register_post_accumulate_grad_hook(refuse)
    same(grad(x * 3, x)[0], 3.0)


# All together.


def test_order_of_all_hooks():
    x = leaf(2.0)
    y = x * 3
    order = []

    def note(word):
        return lambda *args: order.append(word)

    accumulator = y.grad_fn.next_functions[0][0]
    x.register_post_accumulate_grad_hook(note("x accumulated"))
    accumulator.register_hook(note("accumulator after"))
    accumulator.register_prehook(note("accumulator before"))
    x.register_hook(note("x"))
    y.grad_fn.register_hook(note("row after"))
    y.grad_fn.register_prehook(note("row before"))
    y.register_hook(note("y first"))
    y.register_hook(note("y second"))
    y.backward()
    assert order == [
        "y first",
        "y second",
        "row before",
        "row after",
        "x",
        "accumulator before",
        "x accumulated",
        "accumulator after",
    ]
    same(x.grad, 3.0)


class Refused(Exception):
    pass


def refuse(*args):
    raise Refused


PLACES = {
    "leaf": lambda x, y: x.register_hook(refuse),
    "output": lambda x, y: y.register_hook(refuse),
    "before the row": lambda x, y: y.grad_fn.register_prehook(refuse),
    "after the row": lambda x, y: y.grad_fn.register_hook(refuse),
    "accumulated": lambda x, y: x.register_post_accumulate_grad_hook(refuse),
}


@pytest.mark.parametrize("place", PLACES)
def test_exceptions_pass_through_with_their_class(place):
    x = leaf(2.0)
    y = x * 3
    handle = PLACES[place](x, y)
    with pytest.raises(Refused):
        y.backward(retain_graph=True)
    handle.remove()
    x.grad = None
    y.backward(retain_graph=True)
    same(x.grad, 3.0)


def test_an_interrupt_in_a_hook_leaves_all_in_order():
    x = leaf(2.0)
    h = x * x

    def interrupt(g):
        raise KeyboardInterrupt

    handle = h.register_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        (h * 3).backward()
    assert x.grad is None and torch.is_grad_enabled()
    handle.remove()
    (h * 3).backward()
    same(x.grad, 12.0)


def test_a_hook_may_sweep_another_tape():
    x, z = leaf(2.0), leaf(3.0)

    def sweep(g):
        with torch.enable_grad():
            (z * z * g).backward()

    x.register_hook(sweep)
    (x * 4).backward()
    same(x.grad, 4.0)
    same(z.grad, 24.0)


def test_a_hook_may_record():
    x = leaf(2.0)
    made = []

    def record(g):
        with torch.enable_grad():
            made.append(x * x)

    x.register_hook(record)
    (x * 4).backward()
    made[0].backward()
    same(x.grad, 8.0)


# Hooks on several Tensors.


def test_multi_grad_hook_waits_for_all():
    a, b, unused = leaf(2.0), leaf(3.0), leaf(4.0)
    seen = []
    handle = torch.autograd.graph.register_multi_grad_hook(
        (a, b, unused), lambda grads: seen.append([None if g is None else g.item() for g in grads])
    )
    (a * b).backward()
    (a * 5).backward()
    assert seen == [[3.0, 2.0, None], [5.0, None, None]]
    handle.remove()
    (a * b).backward()
    assert len(seen) == 2


def test_multi_grad_hook_for_the_first():
    a, b = leaf(2.0), leaf(3.0)
    h = a * b
    seen = []
    torch.autograd.graph.register_multi_grad_hook((a, h), lambda g: seen.append(g.item()), mode="any")
    (h * 7).backward()
    assert seen == [7.0]
