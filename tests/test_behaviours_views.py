"""Views, hooks and parts of tensors that are written in place, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf, names
from under_test import torch

CASES = {}
case = collector(CASES)


@case("[]")
def hook_on_view_then_base():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    v = y[1:]
    ev = []
    v.register_hook(lambda g: ev.append(g.tolist()))
    y.mul_(2)
    v.sum().backward()
    return ev


@case("(tensor([0., 0., 0.]), ['ZeroBackward0'])")
def zero():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.zero_()
    y.sum().backward()
    return (x.grad, names(y))


@case("(tensor([0., 0., 0.]), ['CopyBackwards'])")
def the_copy():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.copy_(torch.ones(3))
    y.sum().backward()
    return (x.grad, names(y))


@case("(['CopySlices', 'AsStridedBackward0'], True)")
def view_2d():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.requires_grad_()
    v = y.view(3, 1)
    v[0] = 1.0
    return (names(y, v), y.requires_grad)


@case("(['AsStridedBackward0'], True)")
def perm():
    x = leaf([1.0, 2.0, 3.0])
    y = (x * 1).reshape(3, 1).T
    y.mul_(2)
    return (names(y), y._is_view())


@case("(['CosBackward0'], 2)")
def chain():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.sin_().cos_()
    return (names(y), y._version)


@case("(True, ['AddBackward0'], False)")
def const_add():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3)
    y.add_(x)
    return (y.requires_grad, names(y), y.is_leaf)


@case("False")
def const_add__nograd():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3)
    with torch.no_grad():
        y.add_(x)
    return y.requires_grad


@case("(tensor([1., 1., 1.]), True)")
def f32_add__f64():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(3, dtype=torch.float32)
    y.add_(x)
    y.sum().backward()
    return (x.grad, y.dtype == torch.float32)


@case("tensor([2., 2., 2.])")
def self_add():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y.add_(y)
    y.sum().backward()
    return x.grad


@case("!! RuntimeError")
def self_mul():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    z = y.mul_(y)
    z.sum().backward()
    return (x.grad, z is y)


@case("!! RuntimeError")
def n_0d_stale():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.tensor(1.0)
    y.mul_(x.sum())
    w = y * y
    y.add_(1)
    w.backward()
    return x.grad


@case("!! RuntimeError")
def n_0d_out_stale():
    x = leaf([1.0, 2.0, 3.0])
    s = x.sum()
    e = s.exp()
    e.mul_(2)
    e.backward()
    return x.grad


@case("!! RuntimeError")
def n_0d_leaf_stale():
    x = leaf([1.0, 2.0, 3.0])
    x = leaf(2.0)
    y = x * x
    with torch.no_grad():
        x.add_(1)
    y.backward()
    return x.grad


@case("!! RuntimeError")
def leaf_stale():
    x = leaf([1.0, 2.0, 3.0])
    y = x * x
    with torch.no_grad():
        x.add_(1)
    y.sum().backward()
    return x.grad


@case("(tensor([24., 23., 23.]), ['CopySlices', 'AsStridedBackward0'])")
def rows():
    x = leaf([1.0, 2.0, 3.0])
    y = torch.zeros(4, 4)
    for i in range(4):
        y[i] = x.sum() * i
    v = y[1]
    v[2] = x[0]
    y.sum().backward()
    return (x.grad, names(y, v))


@case("(tensor([5., 1., 1.]), ['CopySlices', 'AsStridedBackward0'])")
def diag():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    d = y.diagonal() if y.ndim > 1 else y.view(1, 3).diagonal()
    d.mul_(5)
    y.sum().backward()
    return (x.grad, names(y, d))


@case("(['AsStridedBackward0'], 1)")
def t_base():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    v = y.t() if y.ndim == 2 else y.view(3, 1).t()
    y += 1
    return (names(v), v._version)


@case("(tensor([3., 2., 3.]), tensor([0., 1., 1.]))")
def none_idx():
    x = leaf([1.0, 2.0, 3.0])
    y = x.clone()
    y[..., None][0] = 3.0
    y.sum().backward()
    return (y.detach(), x.grad)


@case("(tensor([10.,  2.,  3.]), tensor([10.,  1.,  1.]), tensor(10.), ['AsStridedBackward0', 'CopySlices'])")
def n_0d_view():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    w = y[0]
    w.mul_(10)
    y.sum().backward()
    return (y.detach(), x.grad, w.detach(), names(w, y))


@case("(tensor(18.), tensor([3., 3., 3.]))")
def n_0d_base():
    x = leaf([1.0, 2.0, 3.0])
    y = (x * 1).sum()
    v = y.view(1)
    v.mul_(3)
    y.backward()
    return (y.detach(), x.grad)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
