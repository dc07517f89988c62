"""utils.checkpoint in both kinds, checkpointed chains, and loops with binomial checkpointing: gradients, runs, memory, refusals."""

import gc
import warnings
import weakref
from functools import cache

import numpy as np
import pytest
from under_test import NAME, leaf, name, near, numbers, same, torch

checkpoint = torch.utils.checkpoint.checkpoint
sequential = torch.utils.checkpoint.checkpoint_sequential
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own")
BOTH = pytest.mark.parametrize("reentrant", [False, True])


class Counted:
    """A function that counts its runs."""

    def __init__(self, function):
        self.function, self.runs = function, 0

    def __call__(self, *args, **kwargs):
        self.runs += 1
        return self.function(*args, **kwargs)


def body(x, w):
    return ((x * w).sin() * x).exp()


@BOTH
def test_gradients_are_those_without_and_the_function_runs_again(reentrant):
    x, w = leaf([0.3, 0.7]), leaf([1.1, -0.4])
    body(x, w).sum().backward()
    expected, x.grad, of_w, w.grad = x.grad, None, w.grad, None
    counted = Counted(body)
    y = checkpoint(counted, x, w, use_reentrant=reentrant)
    assert counted.runs == 1
    y.sum().backward()
    assert counted.runs == 2
    near(x.grad, numbers(expected))
    near(w.grad, numbers(of_w))


@BOTH
def test_leaves_that_the_function_reaches_by_itself(reentrant):
    x, w = leaf([0.3, 0.7]), leaf([1.1, -0.4])
    checkpoint(lambda x: body(x, w), x, use_reentrant=reentrant).sum().backward()
    expected = torch.autograd.grad(body(x, w).sum(), w)[0]
    near(w.grad, numbers(expected))


def test_names_of_rows():
    x = leaf([0.3])
    assert name(checkpoint(torch.sin, x, use_reentrant=True)) == "CheckpointFunctionBackward"
    assert name(checkpoint(torch.sin, x, use_reentrant=False)) == "SinBackward0"


def test_grad_serves_the_kind_that_is_not_reentrant():
    x, w = leaf([0.3, 0.7]), leaf([1.1, -0.4])
    found = torch.autograd.grad(checkpoint(body, x, w, use_reentrant=False).sum(), (x, w))
    for g, e in zip(found, torch.autograd.grad(body(x, w).sum(), (x, w)), strict=True):
        near(g, numbers(e))
    y = checkpoint(body, x, w, use_reentrant=True).sum()
    with pytest.raises(RuntimeError):
        torch.autograd.grad(y, x)
    y = checkpoint(body, x, w, use_reentrant=True).sum()
    with pytest.raises(RuntimeError):
        y.backward(inputs=[x])


def test_second_derivatives_and_two_passes():
    x = leaf([0.3, 0.7])
    y = checkpoint(lambda x: x.sin() * x.exp(), x, use_reentrant=False).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    near(h, 2 * np.cos(numbers(x)) * np.exp(numbers(x)))
    z = checkpoint(lambda x: x.sin() * x.exp(), x, use_reentrant=False).sum()
    z.backward(retain_graph=True)
    z.backward()
    near(x.grad, 2 * numbers(g))


def test_keyword_arguments_and_several_outputs():
    x = leaf([0.3, 0.7])
    a, b = checkpoint(lambda x, power: (x**power, x.sin()), x, power=3, use_reentrant=False)
    (a + b).sum().backward()
    near(x.grad, 3 * numbers(x) ** 2 + np.cos(numbers(x)))


@BOTH
def test_random_numbers_are_drawn_again_as_they_were(reentrant):
    torch.manual_seed(5)
    x = leaf(np.ones(50))
    y = checkpoint(lambda x: x * torch.rand(50) * x, x, use_reentrant=reentrant)
    after = torch.rand(3)
    y.sum().backward()
    near(x.grad, 2 * numbers(y))
    torch.manual_seed(5)
    torch.rand(50)
    same(after, numbers(torch.rand(3)))


@BOTH
def test_checkpoints_within_checkpoints(reentrant):
    x = leaf([0.3])

    def outer(x):
        return checkpoint(torch.exp, x.sin(), use_reentrant=reentrant) * x

    checkpoint(outer, x, use_reentrant=reentrant).sum().backward()
    v = 0.3
    near(x.grad, [np.exp(np.sin(v)) * (1 + v * np.cos(v))])


def test_a_function_that_changes_its_mind_is_refused():
    x, runs = leaf([0.3]), []

    def fickle(x):
        runs.append(1)
        return (x * x).sin() if len(runs) == 1 else x * 2

    with pytest.raises(RuntimeError):
        checkpoint(fickle, x, use_reentrant=False).sum().backward()


def test_warnings_and_options():
    x = leaf([0.3])
    with pytest.warns(UserWarning):
        checkpoint(torch.sin, x)
    with pytest.warns(UserWarning):
        checkpoint(torch.sin, x.detach(), use_reentrant=True)
    with pytest.raises(ValueError):
        checkpoint(torch.sin, x, use_reentrant=True, more=1)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not checkpoint(torch.sin, x, use_reentrant=False).requires_grad


def test_what_operations_save_is_not_kept():
    x, alive = leaf(np.linspace(0, 1, 1000)), []

    def function(x):
        middle = x.sin()
        alive.append(weakref.ref(middle))
        return middle.exp().sum()

    y = checkpoint(function, x, use_reentrant=False)
    gc.collect()
    assert alive[0]() is None
    y.backward()
    assert len(alive) == 2


@BOTH
@pytest.mark.parametrize("segments", [1, 2, 3])
def test_chains(segments, reentrant):
    runs = [Counted(f) for f in (torch.sin, torch.exp, torch.tanh, torch.sqrt, torch.cos)]
    x = leaf([0.3, 0.9])
    sequential(runs, segments, x, use_reentrant=reentrant).sum().backward()
    z = leaf([0.3, 0.9])
    z.sin().exp().tanh().sqrt().cos().sum().backward()
    near(x.grad, numbers(z.grad))
    assert runs[-1].runs == 1 and runs[0].runs == (1 if segments == 1 else 2)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh())
    near(sequential(model, 2, x, use_reentrant=reentrant), numbers(model(x)))


# Loops of equal steps.


@cache
def least(steps, snapshots):
    """The fewest extra steps, by trying every place for the next snapshot."""
    if steps <= 1:
        return 0
    if snapshots == 0:
        return steps * (steps - 1) // 2
    return min(m + least(steps - m, snapshots - 1) + least(m, snapshots) for m in range(1, steps))


@own
def test_schedules_take_the_fewest_steps():
    from tape.func.steps import extra_steps, split

    for steps in range(2, 40):
        for snapshots in range(1, 7):
            m = split(steps, snapshots)
            assert extra_steps(steps, snapshots) == least(steps, snapshots), (steps, snapshots)
            assert m + least(steps - m, snapshots - 1) + least(m, snapshots) == least(steps, snapshots), (steps, snapshots)


@own
@pytest.mark.parametrize("steps, snapshots", [(1, 1), (7, 1), (30, 3), (100, 5), (20, 50)])
def test_loops_have_the_gradients_and_runs_that_they_should(steps, snapshots):
    from tape.func.steps import extra_steps

    def step(state, rate):
        x, v = state
        return x + rate * v, v - rate * x.sin()

    def plain(x, v, rate):
        for _ in range(steps):
            x, v = step((x, v), rate)
        return x, v

    x, v, rate = leaf([0.3, 1.0]), leaf([0.1, -0.2]), leaf(0.05)
    expected = torch.autograd.grad(sum(t.sum() for t in plain(x, v, rate)), (x, v, rate))
    counted = Counted(step)
    outputs = torch.func.checkpoint_steps(counted, (x, v), steps, rate, snapshots=snapshots)
    assert counted.runs == steps
    found = torch.autograd.grad(sum(t.sum() for t in outputs), (x, v, rate))
    for g, e in zip(found, expected, strict=True):
        near(g, numbers(e), rtol=1e-11)
    # the first pass, one recorded run of each step, and the extra ones, of which the first pass made those up to the last snapshot
    assert counted.runs <= steps + steps + extra_steps(steps, snapshots)


@own
def test_loops_keep_no_more_states_than_allowed():
    alive, most = weakref.WeakSet(), [0]

    def step(x):
        made = x * 0.99 + x.sin() * 0.01
        alive.add(made)
        most[0] = max(most[0], len(alive))
        return made

    x = leaf(np.linspace(0, 1, 100))
    y = torch.func.checkpoint_steps(step, x, 200, budget=4 * 800)
    gc.collect()
    y.sum().backward()
    assert most[0] <= 4 + 5
    z = leaf(np.linspace(0, 1, 100))
    w = z
    for _ in range(200):
        w = w * 0.99 + w.sin() * 0.01
    w.sum().backward()
    near(x.grad, numbers(z.grad), rtol=1e-11)


@own
def test_loops_refuse():
    with pytest.raises(ValueError):
        torch.func.checkpoint_steps(torch.sin, leaf(np.ones(10)), 5, budget=8)
    with pytest.raises(ValueError):
        torch.func.checkpoint_steps(torch.sin, leaf(1.0), -1)
    x = leaf(1.0)
    assert torch.func.checkpoint_steps(torch.sin, x, 0) is x
