"""Views made while gradients are off, and inference tensors outside inference mode, as PyTorch 2.13 treats them."""

import pytest
from behaviours import check, collector, leaf, names
from under_test import torch

CASES = {}
case = collector(CASES)
MODES = (torch.no_grad, torch.inference_mode)


def flags(t):
    return t.requires_grad, t.is_leaf, t._is_view(), t.is_inference()


def outcome(run):
    """What a call gives, or that it raises."""
    try:
        return run()
    except RuntimeError:
        return "RuntimeError"


def made_inside(requires_grad=True):
    with torch.inference_mode():
        return torch.ones(2, 3, requires_grad=requires_grad)


@case(
    "[[(True, True, True, False), (True, True, True, False), (False, True, False, False), (True, True, True, False)], [(True, True, True, False), (True, True, True, False), (False, True, False, False), (True, True, True, False)], [(False, True, True, False), (False, True, True, False), (False, True, False, False), (False, True, True, False)], [(True, True, True, False), (True, True, True, False), (False, True, False, False), (True, True, True, False)], [(True, True, True, False), (True, True, True, False), (False, True, False, False), (True, True, True, False)], [(False, True, True, False), (False, True, True, False), (False, True, False, False), (False, True, True, False)]]"
)
def flags_of_views_made_without_gradients():
    found = []
    for mode in MODES:
        for x in (leaf([1.0, 2.0]), leaf([1.0, 2.0]) * 1, torch.ones(2)):
            with mode():
                views = x[:], x.view(2), x.detach(), x[:1][:1]
            found.append([flags(v) for v in views])
    return found


@case("[(True, ['MulBackward0'], None, None, [1.0, 1.0]), (True, ['MulBackward0'], None, None, [1.0, 1.0])]")
def they_record_but_pass_no_gradient_on():
    found = []
    for mode in MODES:
        x = leaf([1.0, 2.0])
        y = x * 1
        with mode():
            v = y[1:]
        z = v * 3
        (z + x).sum().backward()
        found.append((z.requires_grad, names(z), z.grad_fn.next_functions[0][0], v.grad, x.grad.tolist()))
    return found


@case("('RuntimeError', (None, None))")
def grad_of_such_a_view():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        v = x[1:]
    z = (v * 3).sum()
    return outcome(lambda: torch.autograd.grad(z, v)), torch.autograd.grad(z, [v, x], allow_unused=True)


@case("(tensor([3.]), None)")
def such_a_view_asked_for_a_gradient():
    x = leaf([1.0, 2.0])
    with torch.no_grad():
        v = x[1:]
    v.requires_grad_()
    (v * 3).sum().backward()
    return v.grad, x.grad


@case(
    "[(True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [4.0, 8.0], 'written', (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [4.0, 8.0], (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [2.0, 4.0], (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [4.0, 8.0], 'written', (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [4.0, 8.0], (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), [2.0, 4.0]]"
)
def history_is_lost_with_a_write():
    found = []
    for mode in MODES:
        for write in (lambda y, v: y.mul_(2), lambda y, v: v.mul_(2), lambda y, v: y.t_()):
            y = leaf([[1.0, 2.0]]) * 1
            with mode():
                v = y[0]
                if write(y, v) is v:
                    found.append("written")
            found.append((v.requires_grad, "Invalid" in repr(v), *map(outcome, (lambda: v.grad_fn, lambda: v.is_leaf, lambda: (v * 2).grad_fn))))  # noqa: B023
            with torch.no_grad():
                found.append((v * 2).tolist())
    return found


@case("(tensor([7.0000, 3.5000, 5.5000], requires_grad=True), tensor([14.,  7., 11.]), True)")
def a_parameter_written_through_views():
    x = leaf([1.0, 2.0, 3.0])
    with torch.no_grad():
        v = x[1:]
        v.mul_(2)
        v -= 0.5
        x.view(-1)[0] = 7
    (x * x).sum().backward()
    return x, x.grad, x.is_leaf


@case("['RuntimeError', 'RuntimeError', 'RuntimeError', 'RuntimeError', 'RuntimeError', 'RuntimeError']")
def writes_to_such_views():
    found = []
    for mode in MODES:
        for write in (lambda v: v.add_(1), lambda v: v.unsqueeze_(0), lambda v: v.__setitem__(0, 1.0)):
            y = leaf([1.0, 2.0]) * 1
            with mode():
                v = y[:]
            found.append(outcome(lambda: write(v) is None))  # noqa: B023
    return found


@case("([[6.0, 12.0, 18.0]], (3, 1), True, True)")
def turned_without_gradients():
    x = leaf([[1.0, 2.0, 3.0]])
    v = (x * 2)[:]
    with torch.no_grad():
        v.transpose_(0, 0)
        x.t_()
    return outcome(lambda: v.mul_(3).tolist()), tuple(x.shape), x.requires_grad, x.is_leaf


@case("((True, True, True, False), 'RuntimeError')")
def functions_that_return_views_without_gradients():
    class Part(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x[:1]

        @staticmethod
        def backward(ctx, g):
            return g

    x = leaf([1.0, 2.0])
    with torch.no_grad():
        y = Part.apply(x)
    return flags(y), outcome(lambda: y.zero_())


@case(
    "[(False, True, False, False), (False, True, False, False), (False, True, False, False), (False, True, False, False), (False, True, False, False), (False, True, False, False), (False, True, False, True), (False, True, False, True), (False, True, False, True), (False, True, False, True)]"
)
def operations_on_inference_tensors_alone():
    c = made_inside()
    results = c * c, c.exp(), c.sum(), c @ c.T, torch.cat([c, c]), c + made_inside(False), c[0], c.view(-1), c.T, c.detach()
    return [flags(t) for t in results]


@case(
    "([(True, False, False, False), (True, False, False, False), (True, False, False, False), (True, False, False, False), 'RuntimeError'], tensor([[1., 1., 1.],\n        [1., 1., 1.]]), False, tensor([[1., 1., 1.],\n        [1., 1., 1.]]))"
)
def inference_tensors_among_others():
    c, s = made_inside(), leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    (c + s).sum().backward()
    results = [outcome(lambda: flags(f())) for f in (lambda: c * 2, lambda: 1 - c, lambda: c + torch.ones(3), lambda: c.clone(), lambda: c * s)]  # noqa: B023
    return results, c.grad, c.grad.is_inference(), s.grad


@case(
    "[((True, True, False, True), 'RuntimeError'), ((True, True, False, True), 'RuntimeError'), ((True, True, False, True), 'RuntimeError'), ((True, True, False, True), 'RuntimeError'), ((True, True, False, True), 'RuntimeError'), ((True, True, False, True), 'RuntimeError')]"
)
def writes_to_inference_tensors():
    writes = (
        lambda c: c.add_(2), lambda c: c.t_(), lambda c: c.copy_(torch.ones(2, 3)), lambda c: c.mul_(c), lambda c: c.zero_(), lambda c: c.__setitem__(0, 1.0)
    )  # fmt: skip
    found = []
    for write in writes:
        c = made_inside()
        with torch.inference_mode():
            write(c)
        found.append((flags(c), outcome(lambda: write(c) is None)))  # noqa: B023
    return found


@case("[True, True]")
def inference_mode_of_a_function():
    return [f(torch.ones(2, requires_grad=True)).is_inference() for f in (torch.inference_mode(mode=lambda x: x * 2), torch.inference_mode(lambda x: x * 2))]


@case(
    "[((True, True, True, False), (True, True, True, False), (False, True, False, True)), (True, False, True), ([4.0, 5.0], 'RuntimeError'), ((False, True, True, False), (False, True, True, False), (False, True, False, True)), (False, False, True), ([4.0, 4.0], None)]"
)
def ordinary_tensors_viewed_and_written_inside():
    found = []
    for x in (leaf([1.0, 2.0]) * 1, torch.ones(2)):
        with torch.inference_mode():
            v = x.view(-1)
            w = v.view(2, 1)
            found.append((flags(v), flags(w), flags(v * 2)))
            w.add_(2)
            found.append((w.requires_grad, w.is_inference(), x._version == w._version))
        x.add_(1)
        found.append((x.tolist(), outcome(lambda: v.grad_fn)))  # noqa: B023
    return found


@case("([True, False, True, True, False], True)")
def multithreading_is_remembered():
    enabled = torch.autograd.is_multithreading_enabled
    torch.autograd.set_multithreading_enabled(True)
    found = [enabled()]
    with torch.autograd.set_multithreading_enabled(False):
        found.append(enabled())
        torch.autograd.set_multithreading_enabled(True)
        found.append(enabled())
    found.append(enabled())
    torch.autograd.set_multithreading_enabled(False)
    found.append(enabled())
    torch.autograd.set_multithreading_enabled(True)
    return found, enabled()


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
