"""Writes in place to bases and views: histories, versions, gradients, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf, names
from under_test import torch

CASES = {}
case = collector(CASES)


@case("!! RuntimeError")
def stale():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = y * y
    y.add_(1)
    z.sum().backward()


@case("!! RuntimeError")
def stale_out():
    x = leaf([1.0, 2.0, 3.0])
    y = x.exp()
    y.add_(1)
    y.sum().backward()


@case("tensor([1., 1., 1.])")
def not_stale():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = y + 1
    y.add_(1)
    z.sum().backward()
    return x.grad


@case("!! RuntimeError")
def detach_stale():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = y * y
    y.detach().add_(1)
    z.sum().backward()
    return x.grad


@case("(['MulBackward0', 'SliceBackward0'], ['CopySlices', 'AsStridedBackward0'], tensor([2., 6., 6.]), 2, 2, True)")
def view_write():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.mul_(2)
    v = y[1:]
    n0 = names(y, v)
    v.mul_(3)
    n = names(y, v)
    y.sum().backward()
    return (n0, n, x.grad, y._version, v._version, v._base is y)


@case("(['CopySlices', 'AsStridedBackward0', 'AsStridedBackward0'], tensor([1., 2., 9.]), True)")
def view_of_view():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    v = y[1:]
    w = v[1:]
    w.mul_(3)
    n = names(y, v, w)
    (y.sum() + v.sum() + w.sum()).backward()
    return (n, x.grad, w._base is y)


@case("(['MulBackward0', 'AsStridedBackward0'], tensor([0., 3., 3.]))")
def base_write():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    v = y[1:]
    y.mul_(3)
    n = names(y, v)
    v.sum().backward()
    return (n, x.grad)


@case("(['CopySlices', 'CopySlices'], tensor([2., 4., 6.]), True, False, 2)")
def zeros_set():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3)
    y[0] = x[0] * 2
    n = names(y)
    y[1:] = x[1:] ** 2
    n += names(y)
    y.sum().backward()
    return (n, x.grad, y.requires_grad, y.is_leaf, y._version)


@case("(['CopySlices', 'AsStridedBackward0'], tensor([0., 1., 1.]), True, True)")
def zeros_view_copy():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3)
    v = y[1:]
    v.copy_(x[1:])
    n = names(y, v)
    y.sum().backward()
    return (n, x.grad, v.requires_grad, y.requires_grad)


@case("(True, ['AddBackward0'], tensor([2., 2., 2.]))")
def iadd():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    i = y
    y += x
    return (i is y, names(y), (y.sum().backward(), x.grad)[1])


@case("(tensor([1., 0., 0.]), ['IndexPutBackward0'])")
def mask_set():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y[y > 1] = 0.0
    y.sum().backward()
    return (x.grad, names(y))


@case("(True, False, True, None)")
def detach():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    r = y.detach_()
    return (r is y, y.requires_grad, y.is_leaf, y.grad_fn)


@case("!! RuntimeError")
def detach__view():
    x = leaf([1.0, 2.0, 3.0])
    y = (x * 1)[1:]
    y.detach_()


@case("(True, False)")
def detach__leaf():
    x = leaf([1.0, 2.0, 3.0])
    r = x.detach_()
    return (r is x, x.requires_grad)


@case("(2, True, True, tensor([5., 3., 4.], requires_grad=True))")
def nograd_write():
    x = leaf([1.0, 2.0, 3.0])
    with torch.no_grad():
        x.add_(1)
        x[0] = 5.0
    return (x._version, x.is_leaf, x.requires_grad, x)


@case("((2,), True, None, 0)")
def set_data():
    x = leaf([1.0, 2.0, 3.0])
    x.data = torch.ones(2)
    a = x.shape
    x.data = torch.ones(2, dtype=torch.float32)
    return (tuple(a), x.requires_grad, x.grad_fn, x._version)


@case("!! RuntimeError")
def set_data_int():
    x = leaf([1.0, 2.0, 3.0])
    x.data = torch.ones(2, dtype=torch.int64)


@case("!! TypeError")
def set_data_no():
    x = leaf([1.0, 2.0, 3.0])
    x.data = 3


@case("('MulBackward0', tensor([0., 0., 0.], grad_fn=<MulBackward0>))")
def set_data_nonleaf():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    s = (y**2).sum()
    (g,) = torch.autograd.grad(s, y)
    y.data = torch.zeros(3)
    return (y.grad_fn.name(), y)


@case("(tensor([1., 1., 1.]), True)")
def retain_inplace():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.retain_grad()
    y.mul_(2)
    y.sum().backward()
    return (y.grad, y.retains_grad)


@case("[('new', [1.0, 1.0, 1.0]), ('old', [2.0, 2.0, 2.0])]")
def hook_inplace():
    x = leaf([1.0, 2.0, 3.0])
    ev = []
    y = x * 1
    y.register_hook(lambda g: ev.append(("old", g.tolist())))
    y.mul_(2)
    y.register_hook(lambda g: ev.append(("new", g.tolist())))
    y.sum().backward()
    return ev


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
