"""Writes and what they do to saved results, to the histories of views, to names and flags, as PyTorch 2.13 does it."""

import pytest
from behaviours import check, collector, leaf, names, values
from under_test import torch

CASES = {}
case = collector(CASES)


def outcome(run):
    """What a call gives, or the class of what it raises."""
    try:
        return run()
    except Exception as error:
        return "RuntimeError" if isinstance(error, RuntimeError) else type(error).__name__


def swept(x, y):
    """The gradient of the sum of y for x, or that there is none to be had."""
    return outcome(lambda: torch.autograd.grad(y.sum(), x)[0].mul(1e6).round().tolist())


@case(
    "[(True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError'), (True, 'RuntimeError')]"
)
def results_saved_in_place_and_overwritten():
    found = []
    writes = (lambda y: y.mul_(2), lambda y: y.zero_(), lambda y: y.__setitem__(0, 3.0), lambda y: y[:1].add_(1), lambda y: y.exp_())
    for name in ("exp_", "tanh_", "sigmoid_", "sqrt_"):
        for write in writes:
            for x in (leaf([1.0, 2.0]), leaf(1.0)):
                if x.ndim == 0 and write in writes[2:4]:
                    continue
                y = x * 1
                getattr(y, name)()
                with torch.no_grad():
                    before = swept(x, y)
                z = x * 1
                getattr(z, name)()
                write(z)
                found.append((isinstance(before, str), swept(x, z)))
    return found


@case("[[2718282.0, 1000000.0], 'RuntimeError', [2718282.0, 1000000.0], 'RuntimeError', [2718282.0, 1000000.0], 'RuntimeError']")
def results_saved_through_a_view_and_overwritten():
    found = []
    for write in (lambda y: y.mul_(2), lambda y: y[1:].mul_(2), lambda y: y[:1].mul_(2)):
        x = leaf([1.0, 2.0])
        y = x * 1
        y[:1].exp_()
        found.append(swept(x, y))
        x = leaf([1.0, 2.0])
        y = x * 1
        y[:1].exp_()
        write(y)
        found.append(swept(x, y))
    return found


@case("[[6000000.0, 6000000.0], [2000000.0, 2000000.0], [-2000000.0, -2000000.0], [2000000.0, 0.0], [0.0, 0.0]]")
def results_that_nobody_saved():
    found = []
    for first in (lambda y: y.mul_(3), lambda y: y.add_(1), lambda y: y.neg_(), lambda y: y.clamp_(0, 1), lambda y: y.copy_(torch.ones(2))):
        x = leaf([0.5, 2.0])
        y = x * 1
        first(y)
        y.mul_(2)
        found.append(swept(x, y))
    return found


@case("(['RuntimeError', [[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]], 'RuntimeError', 'RuntimeError'], [[1.0, 1.0], [1.0, 1.0]])")
def copies_of_other_shapes():
    y = torch.zeros(2, 2)
    found = [outcome(lambda: values(y.copy_(source))) for source in (torch.arange(4.0), torch.ones(2, 1), torch.ones(2), torch.ones(3), torch.ones(1, 2, 2))]  # noqa: B023
    return found, values(y)


@case(
    "[(True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError'), (True, True, 'RuntimeError', 'RuntimeError', 'RuntimeError')]"
)
def one_of_several_views_after_a_write():
    found = []
    for write in (lambda y, v: y.mul_(2), lambda y, v: v.detach().mul_(2), lambda y, v: y[1:].zero_()):
        for split in (lambda y: y.unbind()[0], lambda y: y.split(1)[0], lambda y: y.chunk(2)[1]):
            y = leaf([[1.0, 2.0], [3.0, 4.0]]) * 1
            v = split(y)
            write(y, v)
            found.append((v.requires_grad, "Invalid" in repr(v), outcome(lambda: v.is_leaf), outcome(lambda: v.grad_fn), outcome(lambda: (v * 2).requires_grad)))  # noqa: B023
    return found


@case("(True, ['AsStridedBackward0'], [(True, 'RuntimeError'), (True, 'RuntimeError')])")
def views_of_a_constant_that_gets_a_history():
    c = torch.ones(2, 2)
    v, part = c[0], c.unbind()[0]
    with torch.no_grad():
        w = c[0]
    c.mul_(leaf([1.0, 2.0]))
    return v.requires_grad, names(v), [(t.requires_grad, outcome(lambda: t.grad_fn)) for t in (part, w)]  # noqa: B023


@case(
    "[(['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [0.0, 0.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [1000000.0, 1000000.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [1000000.0, 1000000.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [0.0, 0.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [0.0, 0.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [1000000.0, 1000000.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [1000000.0, 1000000.0]]), (['MulBackward0', 'AsStridedBackward0'], [[1000000.0, 1000000.0], [0.0, 0.0]])]"
)
def names_of_views_after_a_write_without_gradients():
    found = []
    for write in (lambda y, v: y.mul_(2), lambda y, v: v.mul_(2)):
        for view in (lambda y: y[0], lambda y: y.view(4), lambda y: y.t(), lambda y: y[:1]):
            x = leaf([[1.0, 2.0], [3.0, 4.0]])
            y = x * 1
            v = view(y)
            with torch.no_grad():
                write(y, v)
            found.append((names(y, v), swept(x, v)))
    return found


@case(
    "[(['TBackward1'], ['MulBackward0'], 1, (2, 1)), (['TransposeBackward1'], ['MulBackward0'], 1, (2, 1)), (['TransposeBackward1'], ['MulBackward0'], 1, (2, 1)), (['SqueezeBackward4'], ['MulBackward0'], 1, (2,)), (['SqueezeBackward3'], ['MulBackward0'], 1, (2,)), (['UnsqueezeBackward1'], ['MulBackward0'], 1, (1, 1, 2)), (['AsStridedBackward1'], ['MulBackward0'], 1, (1,)), (['FillBackward2'], ['MulBackward0'], 1, (1, 2)), (['FillBackward3'], ['MulBackward0', None], 1, (1, 2)), (['ZeroBackward0'], ['MulBackward0'], 1, (1, 2))]"
)
def names_of_shapes_changed_in_place():
    found = []
    for change in (
        lambda y: y.t_(), lambda y: y.transpose_(0, 1), lambda y: y.swapaxes_(0, 1), lambda y: y.squeeze_(0), lambda y: y.squeeze_(), lambda y: y.unsqueeze_(0),
        lambda y: y.as_strided_((1,), (1,)), lambda y: y.fill_(3.0), lambda y: y.fill_(torch.tensor(3.0)), lambda y: y.zero_(),
    ):  # fmt: skip
        y = leaf([[1.0, 2.0]]) * 1
        change(y)
        found.append((names(y), [None if node is None else type(node).__name__ for node, _ in y.grad_fn.next_functions], y._version, tuple(y.shape)))
    return found


@case(
    "[(1, 1, [[1000000.0, 1000000.0]], 'RuntimeError', False), (1, 1, [[1000000.0, 1000000.0]], 'RuntimeError', False), (1, 1, [[1000000.0, 1000000.0]], 'RuntimeError', False), (1, 1, [[1000000.0, 1000000.0]], 'RuntimeError', False)]"
)
def shapes_changed_in_place_count_as_writes():
    found = []
    for change in (lambda y: y.t_(), lambda y: y.unsqueeze_(0), lambda y: y.squeeze_(), lambda y: y.transpose_(0, 1)):
        x = leaf([[1.0, 2.0]])
        y = x * 1
        z, v = y.exp(), y[0]
        change(z)
        change(y)
        found.append((y._version, v._version, swept(x, y), swept(x, z), outcome(lambda: v.grad_fn is None)))  # noqa: B023
    return found


@case("((2, 1), True, 'RuntimeError')")
def blind_views_turned():
    y = leaf([[1.0, 2.0]]) * 1
    with torch.no_grad():
        v = y[:]
        v.t_()
    return tuple(v.shape), v.requires_grad, outcome(lambda: v.is_leaf)


@case("(tensor([[5., 5.],\n        [2., 2.]]), ['AsStridedBackward0', 'AsStridedBackward0'])")
def views_of_a_parameter_after_updates():
    p, q = leaf([[1.0, 2.0], [3.0, 4.0]]), leaf([1.0, 2.0])
    v, w = p[0], p.view(4)
    for _ in range(3):
        (q * q).sum().backward()
        with torch.no_grad():
            p.add_(1)
    (v * 3).sum().backward()
    (w * 2).sum().backward()
    return p.grad, names(v, w)


@case("[([[2.0, 2.0], [0.0, 0.0]], True, True, [4.0, 8.0]), ([[2.0, 2.0], [0.0, 0.0]], True, True, [4.0, 8.0])]")
def fragile_views_after_a_write_beside_the_history():
    found = []
    for view in (lambda p: p.unbind()[0], lambda p: p[0]):
        p = leaf([[1.0, 2.0], [3.0, 4.0]])
        v = view(p)
        with torch.no_grad():
            w = view(p)
        p.data.mul_(2)
        (v * 2).sum().backward()
        found.append((p.grad.tolist(), w.requires_grad, w.is_leaf, (w * 2).tolist()))
    return found


@pytest.mark.parametrize("name", CASES)
def test_behaviour(name):
    check(CASES[name])
