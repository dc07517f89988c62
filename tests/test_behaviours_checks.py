"""What gradcheck finds, in which order, and how it calls the function under test, as PyTorch 2.13."""

import warnings

import pytest
from behaviours import CLASSES, check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)
gradcheck = torch.autograd.gradcheck
forward_ad = torch.autograd.forward_ad
FORWARD_ONLY = {"check_forward_ad": True, "check_backward_ad": False, "check_batched_grad": False, "check_undefined_grad": False}


def outcome(function, *inputs, **options):
    """True, False, or the name of the class that gradcheck raises with the first words of what it says."""
    with warnings.catch_warnings(record=True):
        try:
            return gradcheck(function, inputs, **options)
        except Exception as error:
            return next(name for name in CLASSES if name in {each.__name__ for each in type(error).__mro__})


def double(*values, **options):
    return leaf(list(values), dtype=torch.float64, **options)


@case("['RuntimeError', False, 'RuntimeError', False]")
def a_backward_that_adds_a_constant():
    def shifted(x):
        y = x.clone()
        y.register_hook(lambda g: g + 1e-2)
        return y

    return [outcome(shifted, double(1.0), atol=1e-1, fast_mode=fast, raise_exception=raises) for fast in (True, False) for raises in (True, False)]


@case("['AssertionError', 'AssertionError', 'AssertionError', 'AssertionError']")
def outputs_that_depend_on_values():
    found = []
    for fast in (True, False):
        found.append(outcome(lambda x: torch.cat([x, x]) if (x >= 1).all() else x, double(1.0), fast_mode=fast))
        found.append(outcome(lambda x: x.to(torch.float32) if (x >= 1).all() else x, double(1.0), fast_mode=fast))
    return found


@case("[True, True, True, True]")
def an_output_that_is_the_input():
    return [outcome(lambda x: x, double(1.0, 2.0), fast_mode=fast) for fast in (True, False)] + [
        outcome(lambda x: x, leaf([1.0], dtype=torch.float32), atol=1e-1, fast_mode=fast) for fast in (True, False)
    ]


@case("['RuntimeError', 'RuntimeError', True]")
def wrong_tangents_are_found():
    def wrong(x, y):
        tangent = forward_ad.unpack_dual(y).tangent if forward_ad._current_level >= 0 else None
        return x + (y if tangent is None else forward_ad.make_dual(forward_ad.unpack_dual(y).primal, tangent * 1.1)), y

    x, y = double(1.0, 2.0), double(3.0, 4.0)
    return [outcome(wrong, x, y, check_forward_ad=True, fast_mode=fast) for fast in (True, False)] + [outcome(wrong, x, y)]


@case("(True, [(False, False)])")
def inputs_in_forward_mode_require_no_grad():
    seen = set()

    def told(x, y):
        if forward_ad._current_level >= 0:
            seen.add((x.requires_grad, y.requires_grad))
        return x * y

    return outcome(told, double(1.0), double(2.0), **FORWARD_ONLY), sorted(seen)


@case("(True, 'backward', 'forward', 'backward', 'backward')")
def the_backward_is_looked_at_first():
    class Failing(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, modes):
            ctx.modes = modes
            return x * 2

        @staticmethod
        def vjp(ctx, g):
            if "backward" in ctx.modes:
                raise RuntimeError("backward")
            return g * 2, None

        @staticmethod
        def jvp(ctx, t, modes):
            if "forward" in ctx.modes:
                raise RuntimeError("forward")
            return t * 2

    def first(modes, fast):
        with warnings.catch_warnings(record=True):
            try:
                return gradcheck(Failing.apply, (double(1.0, 2.0), modes), check_forward_ad=True, fast_mode=fast)
            except RuntimeError as error:
                return str(error)

    return first("", False), first("backward", False), first("forward", False), first("forward, backward", False), first("forward, backward", True)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
