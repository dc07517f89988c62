"""Gradients of complex values, to the sign of their zeros, and what complex values refuse, as PyTorch 2.13 has it."""

import pytest
from behaviours import check, collector
from under_test import torch

CASES = {}
case = collector(CASES)


def at(z, *functions):
    """The gradients of functions of one complex number, printed."""
    found = []
    for f in functions:
        x = torch.tensor([z], dtype=torch.complex128, requires_grad=True)
        y = f(x)
        found.append(str(torch.autograd.grad(y, x, torch.ones_like(y))[0].tolist()[0]))
    return found


@case("['0j', '(1+0j)', '(1+0j)', '(1+0j)', '(0.25+0j)', '0j']")
def at_zero():
    return at(0j, lambda z: z * z, torch.exp, torch.sin, torch.tanh, torch.sigmoid, torch.cosh)


@case("['(-1-0j)', '(-0+0.5j)', '(-1+0j)', '(-2-0j)', '(3+0j)']")
def at_minus_one():
    return at(-1 + 0j, torch.log, torch.sqrt, lambda z: 1 / z, torch.square, lambda z: z**3)


@case("['(2-4j)', '(2+4j)', '-1j', '(2-4j)', '1j']")
def in_the_conjugate_convention():
    return at(1 + 2j, lambda z: z * z, lambda z: z.abs() ** 2, lambda z: (1j * z).real, lambda z: (z * z).real, lambda z: z.imag)


@case("['!!', '!!', '!!', '!!']")
def what_has_no_order():
    z, found = torch.tensor([1j]), []
    for f in (lambda: z > 0, lambda: z.clamp(0, 1), lambda: z.max(), lambda: z.floor()):
        try:
            f()
        except NotImplementedError:
            found.append("!!")
    return found


@case("!! RuntimeError")
def the_gradient_of_a_complex_result():
    return torch.func.grad(lambda x: (x * 1j).sum())(torch.ones(2))


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
