"""What registering hooks gives back, gradients taken at edges of the graph, and arguments of the wrong kind, as PyTorch 2.13 has it."""

import importlib

import pytest
from behaviours import check, collector, leaf
from under_test import NAME, torch

CASES = {}
case = collector(CASES)
grad = torch.autograd.grad
jacobians = importlib.import_module(f"{NAME}.autograd.gradcheck")


@case("['RemovableHandle', 'RemovableHandle', 'RemovableHandle', 'RemovableHandle', True, 1]")
def handles():
    x = leaf([1.0])
    y = x * 2
    made = [
        x.register_hook(lambda g: None), x.register_post_accumulate_grad_hook(lambda t: None), y.grad_fn.register_hook(lambda a, b: None),
        y.grad_fn.register_prehook(lambda a: None),
    ]  # fmt: skip
    several = torch.autograd.graph.register_multi_grad_hook((x,), lambda g: None)
    kind = importlib.import_module(f"{NAME}.utils.hooks").RemovableHandle
    return [*[type(h).__name__ for h in made], isinstance(several, kind), len(several.handles)]


@case("[[2.0], [3.0]]")
def any_gradient_of_each_pass():
    seen = []
    x, z, w = leaf([1.0]), leaf([2.0]), leaf([3.0])
    handle = torch.autograd.graph.register_multi_grad_hook((x, z, w), lambda g: seen.append(g.tolist()), mode="any")
    (x * z).sum().backward()
    (x * w).sum().backward()
    handle.remove()
    (x * z).sum().backward()
    return seen


@case("None")
def a_prehook_that_drops_the_gradient():
    x = leaf([1.0, 2.0])
    y = x * 2
    y.grad_fn.register_prehook(lambda g: (None,))
    y.sum().backward()
    return x.grad


@case("tensor([2.])")
def a_hook_that_returns_the_leaf():
    x = leaf([1.0])
    x.register_post_accumulate_grad_hook(lambda t: t)
    (x * 2).sum().backward()
    return x.grad


@case("!! TypeError")
def a_hook_that_returns_a_number():
    x = leaf([1.0])
    x.register_post_accumulate_grad_hook(lambda t: 1)
    (x * 2).sum().backward()


@case("tensor([2., 4.])")
def a_list_with_the_gradient():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward([torch.tensor(1.0)])
    return x.grad


@case("!! TypeError")
def an_array_as_gradient():
    import numpy as np

    (leaf([1.0, 2.0]) * 2).backward(np.ones(2))


@case("!! RuntimeError")
def a_number_among_the_inputs():
    x = leaf([1.0])
    return grad(x.sum(), [x, 3])


@case("!! AssertionError")
def a_number_among_the_outputs():
    x = leaf([1.0])
    return grad([x.sum(), 3], x)


@case("!! RuntimeError")
def the_old_function():
    return torch.autograd.variable([1.0])


@case("(True, False, 'set_grad_enabled', 'no_grad')")
def a_switch():
    switch = torch.set_grad_enabled(False)
    torch.set_grad_enabled(True)
    kinds = type(switch.clone()).__name__, type(torch.no_grad().clone()).__name__
    torch.set_grad_enabled(True)
    return switch.prev, switch.mode, *kinds


@case("!! TypeError")
def a_switch_of_text():
    torch.set_grad_enabled("on")


@case("tensor([1.])", "UserWarning")
def a_new_tensor_of_a_tensor():
    return torch.zeros(1).new_tensor(torch.ones(1))


def rounded(found):
    return [[[round(v, 4) for v in row] for row in each.tolist()] for each in found]


def pair():
    return torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True), torch.ones(2, dtype=torch.float64, requires_grad=True)


@case("([[[2.0, 0.0], [0.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]]], [[[1.0, 0.0], [0.0, 4.0]]])", "FutureWarning")
def numerical_jacobians():
    x, z = pair()
    return rounded(jacobians.get_numerical_jacobian(lambda a: a[0] * a[0] * a[1], (x, z))), rounded(
        jacobians.get_numerical_jacobian(lambda a: a[0] * a[0] * a[1], (x, z), target=z)
    )


@case("[[[2.0, 0.0], [0.0, 4.0]], [[1.0], [1.0]]]")
def numerical_jacobians_of_one_input():
    x, z = pair()
    return rounded(jacobians.get_numerical_jacobian_wrt_specific_input(lambda x, z: (x * x * z, (x * z).sum()), 0, (x, z), (x, x.sum()), 1e-6))


@case("([[[2.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]], (True, True, True))", "FutureWarning")
def analytical_jacobians():
    x, z = pair()
    found = jacobians.get_analytical_jacobian((x, z), x * x)
    return rounded(found[0]), found[1:]


@case("!! ValueError", "FutureWarning")
def jacobians_of_complex_outputs():
    x, z = pair()
    return jacobians.get_analytical_jacobian((x, z), x * 1j)


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
