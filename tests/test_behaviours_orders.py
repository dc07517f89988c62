"""How many derivatives there are, and which have history: powers, relu, products, as in PyTorch 2.13."""

import pytest
from behaviours import check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def orders(f, start=(2.0, -3.0)):
    """Derivatives until one has none, the last one marked by an ellipsis when it has history."""
    x = leaf(list(start))
    y, found = f(x), []
    for _ in range(5):
        try:
            (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        except RuntimeError:
            return found
        found.append(y.tolist())
    return [*found, ...]


@case("[[4.0, -6.0], [2.0, 2.0], [0.0, 0.0]]")
def of_a_square():
    return orders(lambda x: x**2)


@case("True")
def of_squares():
    return orders(lambda x: x**2) == orders(lambda x: x.square()) == orders(lambda x: x**2.0)


@case("[[12.0, 27.0], [12.0, -18.0], [6.0, 6.0], [0.0, 0.0]]")
def of_a_cube():
    return orders(lambda x: x**3)


@case("[[32.0, -108.0], [48.0, 108.0], [48.0, -72.0], [24.0, 24.0], [0.0, 0.0]]")
def of_a_fourth_power():
    return orders(lambda x: x**4)[:5]


@case("[[0.0, 0.0]]")
def of_the_power_zero():
    return orders(lambda x: x**0)


@case("([[4.0, -6.0], [2.0, 2.0]], [[3.0, 3.0]])")
def of_a_product_and_a_factor():
    return orders(lambda x: x * x), orders(lambda x: 3 * x)


@case("[[1.0, 0.0], [0.0, 0.0]]")
def of_relu():
    return orders(torch.relu)[:2]


@case("['MulBackward0', 'MulBackward0', 'MulBackward0', None]")
def names_on_the_way():
    x = leaf([2.0])
    y, found = x**3, []
    for _ in range(4):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        found.append(None if y.grad_fn is None else y.grad_fn.name())
    return found


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
