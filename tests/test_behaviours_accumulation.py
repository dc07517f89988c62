"""`.grad`, flags and attributes, freeing, and names kept for old code, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


@case("(None, tensor([1., 1.]), True)")
def nonleaf_in():
    v = torch.ones(2)
    x = leaf([1.0, 2.0])
    y = x * 2
    y.backward(v, inputs=y)
    return (x.grad, y.grad, y.retains_grad)


@case("(None, tensor([4., 4.]))")
def unreach():
    x = leaf([1.0, 2.0])
    y = x * 2
    w = leaf([1.0, 1.0])
    (y * 2).sum().backward(inputs=[w, x])
    return (w.grad, x.grad)


@case("(True, tensor([3., 3.]))")
def preset():
    x = leaf([1.0, 2.0])
    g0 = torch.ones(2)
    x.grad = g0
    (x * 2).sum().backward()
    return (x.grad is g0, g0)


@case("((False, 'torch::autograd::CopyBackwards', 'AddBackward0'), True, 'AddBackward0', [6.0, 12.0])", "UserWarning")
def cg_acc():
    x = leaf([1.0, 2.0])
    (x**2).sum().backward(create_graph=True)
    g = x.grad
    n1 = g.grad_fn.name()
    (x**2).sum().backward(create_graph=True)
    r = (x.grad is g, n1, x.grad.grad_fn.name())
    g2 = x.grad
    (x**2).sum().backward()
    return (r, x.grad is g2, x.grad.grad_fn.name(), x.grad.tolist())


@case("True")
def f32():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    (x.double() * 2).sum().backward()
    a = x.grad.dtype == torch.float32
    x = leaf([1.0, 2.0])
    return a


@case("([True], True, True)")
def grad_dtype():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    r = [x.grad_dtype == torch.float32]
    x.grad_dtype = torch.float64
    (x * 2).sum().backward()
    return (r, x.grad.dtype == torch.float64, x.grad_dtype == torch.float64)


@case("('float32', None)")
def grad_dtype_none():
    x = leaf([1.0, 2.0], dtype=torch.float32)
    x.grad_dtype = None
    (x.double() * 2).sum().backward()
    return (str(x.grad.dtype)[-7:], x.grad_dtype)


@case("!! RuntimeError")
def grad_dtype_nonleaf():
    x = leaf([1.0, 2.0])
    return (x * 2).grad_dtype


@case("!! RuntimeError")
def gd_after():
    x = leaf([1.0, 2.0])
    (x * 2).sum().backward()
    x.grad_dtype = torch.float32


@case("True")
def gd_assign():
    x = leaf([1.0, 2.0])
    x.grad_dtype = torch.float32
    x.grad = torch.ones(2, dtype=torch.float32)
    return x.grad.dtype == torch.float32


@case("!! RuntimeError")
def gd_assign_wrong():
    x = leaf([1.0, 2.0])
    x.grad_dtype = torch.float32
    x.grad = torch.ones(2)


@case("!! RuntimeError")
def gd_bad():
    return setattr(leaf([1.0]), "grad_dtype", 3)


@case("!! RuntimeError")
def grad_set():
    return setattr(leaf([1.0]), "grad", torch.ones(2))


@case("!! TypeError")
def grad_set2():
    return setattr(leaf([1.0]), "grad", 3)


@case("!! RuntimeError")
def grad_set_dtype():
    return setattr(leaf([1.0]), "grad", torch.ones(1, dtype=torch.float32))


@case("!! RuntimeError")
def grad_self():
    return (lambda t: setattr(t, "grad", t))(leaf([1.0]))


@case("None", "UserWarning")
def nonleaf_grad():
    x = leaf([1.0, 2.0])
    return (x * 2).grad


@case("None", "UserWarning")
def nonleaf_grad_twice():
    x = leaf([1.0, 2.0])
    y = x * 2
    y.grad
    y.grad


@case("!! AttributeError")
def is_leaf_set():
    x = leaf([1.0, 2.0])
    return setattr(x, "is_leaf", True)


@case("!! RuntimeError")
def rg_int():
    return torch.tensor([1]).requires_grad_()


@case("!! RuntimeError")
def rg_nonleaf_off():
    x = leaf([1.0, 2.0])
    return (x * 2).requires_grad_(False)


@case("True")
def rg_nonleaf_on():
    x = leaf([1.0, 2.0])
    return (x * 2).requires_grad_(True).requires_grad


@case("!! RuntimeError")
def set_rg_int():
    return setattr(torch.tensor([1]), "requires_grad", True)


@case("None")
def set_rg_false_int():
    return setattr(torch.tensor([1]), "requires_grad", False)


@case("!! RuntimeError")
def rg_str():
    return setattr(torch.ones(1), "requires_grad", "a")


@case("!! RuntimeError")
def nograd():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        y = (x * 2).sum()
    y.backward()


@case("True")
def cg_in_nograd():
    x = leaf([1.0, 2.0])
    y = (x**2).sum()
    with torch.no_grad():
        return torch.autograd.grad(y, x, create_graph=True)[0].requires_grad


@case("(True,)")
def infer():
    x = leaf([1.0, 2.0])
    y = (x**2).sum()
    with torch.inference_mode():
        return (torch.autograd.grad(y, x)[0].is_inference(),)


@case("(True, tensor([2., 4.]))")
def infer_back():
    x = leaf([1.0, 2.0])
    y = (x**2).sum()
    with torch.inference_mode():
        y.backward()
    return (x.grad.is_inference(), x.grad)


@case("!! RuntimeError")
def mul_const_twice():
    x = leaf([1.0, 2.0])
    y = (x * 3).sum()
    y.backward()
    y.backward()


@case("None")
def add_twice():
    x = leaf([1.0, 2.0])
    y = (x + 1).sum()
    y.backward()
    y.backward()


@case("!! RuntimeError")
def perrow():
    x = leaf([1.0, 2.0])
    h = x * 2
    a = h * h
    b = h + 1
    a.sum().backward()
    b.sum().backward()
    return x.grad


@case("(tensor([ 6., 12.]),)")
def second_after_free():
    x = leaf([1.0, 2.0])
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    y.backward()
    return torch.autograd.grad(g.sum(), x)


@case("(tensor([ 6., 12.]),)")
def cg_no_retain():
    x = leaf([1.0, 2.0])
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True, retain_graph=False)
    r = torch.autograd.grad(g.sum(), x)
    return r


@case("!! RuntimeError")
def cg_no_retain2():
    x = leaf([1.0, 2.0])
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True, retain_graph=False)
    return torch.autograd.grad(y, x)


@case("(tensor([[2., 0.],\n        [0., 2.]]),)")
def batched():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad(x * 2, x, torch.eye(2), is_grads_batched=True)


@case("!! RuntimeError")
def view_new():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad((x * 2).sum(), x.view(2))


@case("(tensor([3., 3.]),)")
def via_view():
    x = leaf([1.0, 2.0])
    y = x * 2
    r = y.view(2)
    return torch.autograd.grad((r * 3).sum(), y)


@case("True")
def edge_acc():
    x = leaf([1.0, 2.0])
    return (x * 1).grad_fn.next_functions[0][0] is (x * 2).grad_fn.next_functions[0][0]


@case("None")
def retain_graph_int():
    x = leaf([1.0, 2.0])
    return (x * 2).sum().backward(retain_graph=1)


@case("(tensor([2., 2.]),)", "FutureWarning")
def only_inputs_false():
    x = leaf([1.0, 2.0])
    return torch.autograd.grad((x * 2).sum(), x, only_inputs=False)


@case("(None, None)")
def reset():
    x = leaf([1.0, 2.0])
    y = (x * 2).sum()
    y.backward()
    x.grad = None
    a = x.grad
    (x * 2).sum().backward()
    del x.grad
    return (a, x.grad)


@case("(True, tensor([2., 2.]), 1)")
def acc_ver():
    x = leaf([1.0, 2.0])
    (x * 1).sum().backward()
    g = x.grad
    (x * 1).sum().backward()
    return (g is x.grad, g, x.grad._version)


@case("!! TypeError")
def layout():
    return torch.autograd.enforce_grad_layout_policy("x")


@case("'set_multithreading_enabled'")
def mt():
    return torch.autograd.set_multithreading_enabled(False).__class__.__name__


@case("(True, tensor([1., 1.], requires_grad=True))")
def variable():
    x = leaf([1.0, 2.0])
    return (isinstance(x, torch.autograd.Variable), torch.autograd.Variable(torch.ones(2), requires_grad=True))


@case("tensor([1., 1.])")
def variable2():
    return torch.autograd.Variable(torch.ones(2))


@case("<function variable at 0x>")
def variable3():
    return torch.autograd.variable


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
