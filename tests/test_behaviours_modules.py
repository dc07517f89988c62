"""Hooks on the gradients of whole modules: what they are shown, when, and what they may return, as PyTorch 2.13."""

import warnings

import pytest
from behaviours import CLASSES, check, collector, leaf
from under_test import torch

CASES = {}
case = collector(CASES)


def lists(gradients):
    return [None if g is None else g.tolist() for g in gradients]


class Scaled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.tensor([2.0]))

    def forward(self, x, factor=3, other=None):
        y = x * self.scale * factor
        return y if other is None else (y, other * 2, "text")


def tried(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return next(name for name in CLASSES if name in {each.__name__ for each in type(error).__mro__})


@case("([[6.0], None], [[1.0]], [6.0], ['BackwardHookFunctionBackward'])")
def what_a_hook_is_shown():
    module, seen = Scaled(), []
    handle = module.register_full_backward_hook(lambda m, found, gradients: seen.extend([m is module, lists(found), lists(gradients)]))
    x = leaf([1.0])
    y = module(x, 3)
    y.sum().backward()
    handle.remove()
    module(x).sum().backward()
    assert seen.pop(0)
    return seen[0], seen[1], [x.grad.item() / 2], [y.grad_fn.name()]


@case("['prehook', 'weight', 'hook', 'x']")
def the_order():
    module, seen, x = torch.nn.Linear(2, 1), [], leaf([[1.0, 2.0]])
    module.register_full_backward_hook(lambda m, found, gradients: seen.append("hook"))
    module.register_full_backward_pre_hook(lambda m, gradients: seen.append("prehook"))
    module.weight.register_hook(lambda g: seen.append("weight"))
    x.register_hook(lambda g: seen.append("x"))
    module(x).sum().backward()
    return seen


@case("([60.0], [20.0], [5.0])")
def gradients_that_hooks_replace():
    module, x = Scaled(), leaf([1.0])
    module.register_full_backward_pre_hook(lambda m, gradients: (gradients[0] * 10,))
    module.register_full_backward_hook(lambda m, found, gradients: None)
    module(x).sum().backward()
    first, scale = x.grad.tolist(), (module.scale.grad / 1.5).tolist()
    x.grad = None
    module.register_full_backward_hook(lambda m, found, gradients: (torch.tensor([5.0]),))
    module(x).sum().backward()
    return first, scale, x.grad.tolist()


@case("([[0.0], None, [2.0]], [None, [1.0], None], 'RuntimeError')")
def several_arguments_and_results():
    module, seen = Scaled(), []
    handle = module.register_full_backward_hook(lambda m, found, gradients: seen.extend([lists(found), lists(gradients)]))
    x, other = leaf([1.0]), leaf([1.0])
    module(x, 3, other)[1].sum().backward()
    handle.remove()
    module.register_full_backward_hook(lambda m, found, gradients: (found[0], found[0], found[0], found[0]))
    return seen[0], seen[1], tried(module(x, 3, other)[0].sum().backward)


@case("(1, [[None], [[1.0]]], 0)")
def arguments_that_require_no_grad():
    module, seen = Scaled(), []
    module.register_full_backward_hook(lambda m, found, gradients: seen.extend([lists(found), lists(gradients)]))
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        module(torch.tensor([1.0])).sum().backward()
    shown = list(seen)
    with torch.no_grad():
        module(leaf([1.0]))
    return len(shown) // 2, shown, len(seen) - len(shown)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
