"""The short way through a sweep gives what the engine gives, and steps aside where a sweep is more than it handles."""

import numpy as np
import pytest
from under_test import numbers, torch

from tape.autograd import engine

WAYS = []


@pytest.fixture(autouse=True)
def ways(monkeypatch):
    """Whether each attempt at the short way went through, in order."""
    WAYS.clear()
    real = engine.gradients

    def watched(*given):
        found = real(*given)
        WAYS.append(found is not None)
        return found

    monkeypatch.setattr(engine, "gradients", watched)


def leaf(*values, **how):
    return torch.tensor(values, requires_grad=True, **how)


def several_tapes(x, y):
    from tape.columns import close

    first = torch.sin(x * y)
    close(first._t)
    return (first * y).sum()


def hooked(x, y):
    z = x * y
    z.register_hook(lambda g: g * 2.0)
    return z.sum()


def kept(x, y):
    z = x * y
    z.retain_grad()
    return z.sum()


# fmt: off
CASES = [  # name, root, whether the short way serves
    ("elementwise",   lambda x, y: (torch.sin(x) * y + x).sum(),         True),
    ("shared leaf",   lambda x, y: (x * x * x).sum(),                    True),
    ("by Python",     lambda x, y: (x.cumsum(0) * y).sum(),              True),
    ("gather",        lambda x, y: x[torch.tensor([0, 0, 1])].sum() * y[0], True),
    ("one of them",   lambda x, y: (x * 2.0).sum(),                      True),
    ("mean",          lambda x, y: (x * y).mean(),                       True),
    ("several tapes", several_tapes,                                     False),
    ("a hook",        hooked,                                            True),
    ("retained",      kept,                                              False),
]
# fmt: on


@pytest.mark.parametrize("retain", [False, True])
@pytest.mark.parametrize("name, f, serves", CASES, ids=[case[0] for case in CASES])
def test_gradients_are_those_of_the_engine(name, f, serves, retain, monkeypatch):
    x, y = leaf(0.5, 1.5, -0.25), leaf(2.0, 3.0, 0.75)
    found = torch.autograd.grad(f(x, y), [x, y], retain_graph=retain, allow_unused=True)
    f(x, y).backward(retain_graph=retain)
    f(x, y).backward(retain_graph=retain)
    assert WAYS == [serves] * 3
    monkeypatch.setattr(engine, "_short", lambda *_: None)
    monkeypatch.setattr(torch.autograd, "at_once", lambda *_: False)
    p, q = leaf(0.5, 1.5, -0.25), leaf(2.0, 3.0, 0.75)
    expected = torch.autograd.grad(f(p, q), [p, q], allow_unused=True)
    f(p, q).backward()
    f(p, q).backward()
    for mine, theirs in zip((*found, x.grad, y.grad), (*expected, p.grad, q.grad), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_array_equal(numbers(mine), numbers(theirs))


def test_targets_that_are_rows():
    x = leaf(0.5, 1.5)
    a = x * x
    b = torch.exp(a)
    late = x * 3.0
    root = (b * b).sum()
    after = root * 2.0
    found = torch.autograd.grad(root, [b, a, x, late, after, a], allow_unused=True, retain_graph=True)
    assert WAYS == [True] and found[3] is None and found[4] is None and found[5] is found[1]
    np.testing.assert_allclose(numbers(found[0]), 2 * numbers(b))
    np.testing.assert_allclose(numbers(found[2]), numbers(found[0]) * numbers(b) * 2 * numbers(x))
    (alone,) = torch.autograd.grad(root, a)
    np.testing.assert_array_equal(numbers(alone), numbers(found[1]))


def test_the_root_as_target():
    x = leaf(0.5, 1.5)
    root = (x * x).sum()
    assert torch.autograd.grad(root, [root, x])[0].item() == 1.0 and WAYS == [False]


def test_used_up_rows_are_refused_and_nothing_changes():
    x = leaf(0.5, 1.5)
    root = (x * x).sum()
    root.backward()
    before = numbers(x.grad).copy()
    with pytest.raises(RuntimeError, match="second time"):
        root.backward()
    np.testing.assert_array_equal(numbers(x.grad), before)
    assert WAYS == [True, False]


def test_results_are_arrays_of_their_own():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (x + y).sum().backward()
    assert WAYS == [True] and not np.shares_memory(numbers(x.grad), numbers(y.grad))
    x.grad.mul_(5.0)
    assert y.grad.tolist() == [1.0, 1.0]


def test_a_leaf_with_a_hook_and_a_leaf_of_half_precision_go_the_long_way():
    x, y = leaf(1.0, 2.0), leaf(3.0, 4.0)
    x.register_hook(lambda g: g * 10.0)
    (x * y).sum().backward()
    half = leaf(1.0, 2.0, dtype=torch.float16)
    (half.double() * y).sum().backward()
    assert WAYS == [False, False] and x.grad.tolist() == [30.0, 40.0] and half.grad.dtype == torch.float16


def test_a_failing_rule_leaves_everything_as_it_was(monkeypatch):
    from tape.adjoints import ADJOINTS

    x = leaf(1.0, 2.0)
    root = (torch.sin(x).cumsum(0) * x).sum()

    def broken(g, row):
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setitem(ADJOINTS, "cumsum", broken)
        with pytest.raises(ValueError, match="broken"):
            root.backward()
    assert x.grad is None and WAYS == []
    again = (torch.sin(x).cumsum(0) * x).sum()
    again.backward()
    assert x.grad is not None and torch.is_grad_enabled()
