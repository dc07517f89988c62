"""Hooks event for event: order, replacement, removal, exceptions, retained gradients, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def inference_tensor():
    with torch.inference_mode():
        return torch.ones(2)


@case(
    "(['y1', ('y2', [2.0, 2.0]), ('pre', [2.0, 2.0]), ('post', [[6.0, 6.0], None], [2.0, 2.0]), ('x', [6.0, 6.0]), ('accpre', [7.0, 7.0]), ('after', True, [7.0, 7.0]), ('accpost', (), [[7.0, 7.0]], [7.0, 7.0])], [2.0, 2.0])"
)
def the_order():
    ev = []
    x = leaf([1.0, 2.0])
    y = x * 3
    y.retain_grad()
    y.register_hook(lambda g: ev.append("y1") or g * 2)
    y.register_hook(lambda g: ev.append(("y2", g.tolist())))
    y.grad_fn.register_prehook(lambda go: ev.append(("pre", go[0].tolist())))
    y.grad_fn.register_hook(lambda gi, go: ev.append(("post", [None if g is None else g.tolist() for g in gi], go[0].tolist())))
    x.register_hook(lambda g: ev.append(("x", g.tolist())) or g + 1)
    acc = y.grad_fn.next_functions[0][0]
    acc.register_prehook(lambda go: ev.append(("accpre", go[0].tolist())))
    acc.register_hook(
        lambda gi, go: ev.append(("accpost", gi, [g.tolist() for g in go], None if x.grad is None else x.grad.tolist()))
    )
    x.register_post_accumulate_grad_hook(lambda t: ev.append(("after", t is x, t.grad.tolist())))
    y.sum().backward()
    return (ev, y.grad.tolist())


@case("[['y', 'pre', 'post', 'x'], ['y'], ['y', 'pre', 'post', 'x']]")
def order_grad():
    ev = []
    x = leaf([1.0, 2.0])
    y = x * 3
    acc = y.grad_fn.next_functions[0][0]
    x.register_hook(lambda g: ev.append("x"))
    acc.register_prehook(lambda g: ev.append("accpre"))
    acc.register_hook(lambda a, b: ev.append("accpost"))
    x.register_post_accumulate_grad_hook(lambda t: ev.append("after"))
    y.grad_fn.register_hook(lambda a, b: ev.append("post"))
    y.grad_fn.register_prehook(lambda a: ev.append("pre"))
    y.register_hook(lambda g: ev.append("y"))
    torch.autograd.grad(y.sum(), [x], retain_graph=True)
    r = [list(ev)]
    ev.clear()
    torch.autograd.grad(y.sum(), [y], retain_graph=True)
    r.append(list(ev))
    ev.clear()
    torch.autograd.grad(y.sum(), [x, y])
    r.append(list(ev))
    return r


@case("['k', 'h', 'a', 'b']")
def order2():
    ev = []
    a = leaf([1.0])
    b = leaf([2.0])
    h = a * b
    h.register_hook(lambda g: ev.append("h"))
    a.register_hook(lambda g: ev.append("a"))
    b.register_hook(lambda g: ev.append("b"))
    k = h * a
    k.register_hook(lambda g: ev.append("k"))
    (k + h).sum().backward()
    return ev


@case("['k', 'b', 'B', 'h', 'a', 'A']")
def order_leaves_interleaved():
    ev = []
    a = leaf([1.0])
    b = leaf([2.0])
    a.register_hook(lambda g: ev.append("a"))
    b.register_hook(lambda g: ev.append("b"))
    a.register_post_accumulate_grad_hook(lambda t: ev.append("A"))
    b.register_post_accumulate_grad_hook(lambda t: ev.append("B"))
    h = a * 2
    k = b * 3
    h.register_hook(lambda g: ev.append("h"))
    k.register_hook(lambda g: ev.append("k"))
    (h + k).sum().backward()
    return ev


@case("None")
def post_none():
    x = leaf([1.0])
    x.register_post_accumulate_grad_hook(lambda t: setattr(t, "grad", None))
    (x * 2).sum().backward()
    return x.grad


@case("tensor([2.])")
def remove():
    x = leaf([1.0])
    h = x.register_hook(lambda g: g * 2)
    h.remove()
    h.remove()
    (x * 2).sum().backward()
    return x.grad


@case("tensor([6.])")
def of_with():
    x = leaf([1.0])
    with x.register_hook(lambda g: g * 2):
        (x * 2).sum().backward()
    (x * 2).sum().backward()
    return x.grad


@case("!! ZeroDivisionError")
def of_raise():
    x = leaf([1.0])
    y = x * 2
    y.register_hook(lambda g: 1 / 0)
    y.sum().backward()


@case("[False, False]")
def hook_rg():
    x = leaf([1.0])
    ev = []
    y = x * x
    y.register_hook(lambda g: ev.append(g.requires_grad))
    torch.autograd.grad(y.sum(), x, create_graph=True)
    torch.autograd.grad(y.sum(), x)
    return ev


@case("!! RuntimeError")
def hook_no_rg():
    return torch.ones(1).register_hook(lambda g: g)


@case("!! RuntimeError")
def post_nonleaf():
    return (leaf([1.0]) * 1).register_post_accumulate_grad_hook(lambda t: t)


@case("!! RuntimeError")
def retain_norg():
    return torch.ones(1).retain_grad()


@case("!! RuntimeError")
def post_norg():
    return torch.ones(1).register_post_accumulate_grad_hook(lambda t: t)


@case("False")
def retain_leaf():
    x = leaf([1.0])
    x.retain_grad()
    return x.retains_grad


@case("(True, tensor([1.]), False)")
def retain():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    a = y.retains_grad
    y.sum().backward()
    return (a, y.grad, y.grad.requires_grad)


@case("(False, tensor([2.]))")
def retain_acc():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()
    g = y.sum()
    g.backward(retain_graph=True)
    a = y.grad
    g.backward()
    return (y.grad is a, y.grad)


@case("tensor([1.])")
def retain_in_grad():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()
    torch.autograd.grad(y.sum(), x)
    return y.grad


@case("[]")
def leaf_hook_not_in_inputs():
    x = leaf([1.0])
    ev = []
    x.register_hook(lambda g: ev.append(g.item()))
    y = x * 2
    (y * 1).sum().backward(inputs=[y])
    return ev


@case("['acc']")
def acc_kept_by_var():
    x = leaf([1.0])
    ev = []
    acc = (x * 1).grad_fn.next_functions[0][0]
    acc.register_hook(lambda a, b: ev.append("acc"))
    (x * 2).sum().backward()
    return ev


@case("!! RuntimeError")
def reentrant():
    x = leaf([1.0])
    ev = []

    def h(g):
        ev.append("h")
        g * 2
        x2 = leaf([3.0])
        (x2 * x2).backward()
        ev.append(x2.grad.item())

    y = x * 2
    y.register_hook(h)
    y.sum().backward()
    return (ev, x.grad)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
