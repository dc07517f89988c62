"""Writes in place to 0-d Tensors, which hold Python floats: refused where a row saved the old value, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


@case("!! RuntimeError")
def the_leaf():
    x = leaf(2.0)
    y = x * x
    with torch.no_grad():
        x.add_(1)
    y.backward()
    return x.grad


@case("tensor(3.)")
def leaf_not_saved():
    x = leaf(2.0)
    y = x * 3
    with torch.no_grad():
        x.add_(1)
    y.backward()
    return x.grad


@case("!! RuntimeError")
def out():
    x = leaf(2.0)
    e = x.exp()
    e.mul_(2)
    e.backward()
    return x.grad


@case("!! RuntimeError")
def mid():
    x = leaf(2.0)
    h = x * 1
    z = h * h
    h.add_(1)
    z.backward()
    return x.grad


@case("tensor(5.)")
def clone():
    x = leaf(2.0)
    h = x * 1
    z = h * h
    h = h.clone()
    h.add_(1)
    (z + h).backward()
    return x.grad


@case("tensor(12.)")
def mul():
    x = leaf(2.0)
    h = x * 1
    h.mul_(x)
    h.mul_(x)
    h.backward()
    return x.grad


@case("tensor(0.3284)")
def sin_cos():
    x = leaf(2.0)
    h = x * 1
    h.sin_().cos_()
    h.backward()
    return x.grad


@case("tensor(0.3693, requires_grad=True)")
def loop():
    x = leaf(2.0)
    for _ in range(5):
        y = x * x * x
        y.backward()
        with torch.no_grad():
            x -= 0.1 * x.grad
            x.grad.zero_()
    return x


@case("!! RuntimeError")
def retain_loop():
    x = leaf(2.0)
    y = x * x * x
    y.backward(retain_graph=True)
    with torch.no_grad():
        x -= 0.1 * x.grad
    y.backward()


@case("tensor(6.)")
def acc():
    x = leaf(2.0)
    s = torch.tensor(0.0)
    for i in range(4):
        s += x * i
    s.backward()
    return x.grad


@case("tensor(0.0707)")
def tanh_result():
    x = leaf(2.0)
    h = x * 1
    z = h.tanh()
    h.add_(1)
    z.backward()
    return x.grad


@case("!! RuntimeError")
def tanh_result_mod():
    x = leaf(2.0)
    h = x * 1
    z = h.tanh()
    z.add_(1)
    z.backward()
    return x.grad


@case("tensor(2.)")
def add_not_saved():
    x = leaf(2.0)
    h = x * 1
    z = h + h
    h.add_(1)
    z.backward()
    return x.grad


@case("!! RuntimeError")
def cg():
    x = leaf(2.0)
    y = x * x
    with torch.no_grad():
        x.copy_(torch.tensor(5.0))
    return torch.autograd.grad(y, x, create_graph=True)


@case("(tensor(109.1963),)")
def leaf_not_needed():
    x = leaf(2.0)
    y = torch.exp(x)
    z = y * y
    with torch.no_grad():
        x.fill_(4.0)
    return torch.autograd.grad(z, x)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
