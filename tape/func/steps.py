"""A loop of equal steps, differentiated in little memory: binomial checkpointing.

`checkpoint_steps(step, state, n)` is n steps from a state; its backward pass keeps a few states and computes the others again, in the order
that needs the fewest steps (A. Griewank and A. Walther, "Algorithm 799: revolve", 2000). `extra_steps` says how many that are.
Invariant: at most `snapshots` states are alive beside the one at hand, and one step's saved values. Imports autograd; imported by tape.func.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tape.autograd import grad
from tape.autograd.function import Function
from tape.autograd.grad_mode import enable_grad, no_grad
from tape.func.structures import Structure, flatten
from tape.tensor import Tensor

Leaves = list[Tensor]


def checkpoint_steps(
    step: Callable[..., Any], state: Any, steps: int, *parameters: Any, snapshots: int | None = None, budget: int | None = None
) -> Any:
    """The state after `steps` steps, state = step(state, *parameters), with a backward pass in little memory.

    state: a Tensor or a nested structure of Tensors, which step keeps; parameters: Tensors that every step gets and that may
    require grad (Tensors that step reaches by itself get no gradient). snapshots: how many states may be kept, or budget: how many bytes of
    them (default: enough that no step runs more than three times in it). The backward pass is made of first derivatives only.
    ValueError for a negative number of steps or no room for a state.

    >>> rate, x = tape.tensor(0.1, requires_grad=True), tape.tensor(1.0, requires_grad=True)
    >>> y = tape.func.checkpoint_steps(lambda x, rate: x - rate * x, x, 100, rate, snapshots=4)
    >>> tape.autograd.grad(y, x)[0].item() == 0.9**100
    False
    >>> abs(tape.autograd.grad(tape.func.checkpoint_steps(lambda x: 0.9 * x, x, 100, snapshots=4), x)[0].item() / 0.9**100 - 1) < 1e-12
    True
    """
    leaves, structure = flatten(state)
    if steps < 0 or not all(isinstance(t, Tensor) for t in leaves):
        raise ValueError(f"checkpoint_steps: got {steps} steps of a state {structure}; wanted at least 0, and Tensors only")
    if steps == 0:
        return state
    if snapshots is None:
        bytes_each = max(1, sum(t.nbytes for t in leaves))
        snapshots = next(s for s in range(1, steps + 2) if repetitions(steps, s) <= 2) if budget is None else budget // bytes_each
    if snapshots < 1:
        raise ValueError(f"checkpoint_steps: {budget if snapshots is None else snapshots} is room for no state; one at least is needed")
    found = _Steps.apply(step, structure, steps, snapshots, len(leaves), *leaves, *parameters)
    return structure.build(list(found) if isinstance(found, tuple) else [found])


def repetitions(steps: int, snapshots: int) -> int:
    """How often a step runs at most, beside the first pass and its recorded run: C(c + t, t) steps can be done with t, where c states are
    at hand, the first among them."""
    times = 0
    while math.comb(snapshots + 1 + times, times) < steps:
        times += 1
    return times


def extra_steps(steps: int, snapshots: int) -> int:
    """How many steps a backward pass over so many runs without recording, beside one recorded run of each: the least possible number.

    >>> extra_steps(100, 4), extra_steps(100, 99)
    (316, 99)
    """
    times = repetitions(steps, snapshots)
    return times * steps - math.comb(snapshots + 1 + times, times - 1) if times else 0


def split(steps: int, snapshots: int) -> int:
    """After how many steps to keep the next state, with room for so many more: the number of extra steps is piecewise linear in it, so one
    of the bends is best."""
    at_hand, times = snapshots + 1, repetitions(steps, snapshots)
    bends = []
    for fewer in (times - 1, times - 2):
        if fewer >= 0:
            bends += [math.comb(at_hand + fewer, at_hand), steps - math.comb(at_hand + fewer, at_hand - 1)]
    inside = {min(max(bend, 1), steps - 1) for bend in bends}
    return min(inside, key=lambda m: (m + extra_steps(steps - m, snapshots - 1) + extra_steps(m, snapshots), m))


class _Steps(Function):
    """All steps as one row."""

    @staticmethod
    def forward(ctx: Any, step: Callable, structure: Structure, steps: int, snapshots: int, count: int, *tensors: Tensor) -> Any:
        """Run all steps, and keep those states that the backward pass begins with."""
        state, parameters = list(tensors[:count]), tensors[count:]
        ctx.run, ctx.steps, ctx.snapshots, ctx.count = _Run(step, structure, parameters), steps, snapshots, count
        ctx.save_for_backward(*tensors)
        ctx.kept, place, room, left = {}, 0, snapshots, steps
        while room and left > 1:
            ahead = split(left, room)
            state = ctx.run.ahead(state, ahead)
            place, room, left = place + ahead, room - 1, left - ahead
            ctx.kept[place] = state
        state = ctx.run.ahead(state, left)
        return tuple(state) if count > 1 else state[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        """Last step first, from the nearest state that was kept."""
        tensors = ctx.saved_tensors
        kept, ctx.kept = ctx.kept, {}  # another pass over a graph that is kept begins from the first state
        reverse = _Reverse(ctx.run, list(tensors[ctx.count :]), kept)
        found = reverse.over(0, ctx.steps, list(tensors[: ctx.count]), ctx.snapshots, list(gradients))
        return (None,) * 5 + tuple(found) + tuple(reverse.of_parameters)


class _Run:
    """A step on flat lists of Tensors."""

    def __init__(self, step: Callable, structure: Structure, parameters: tuple) -> None:
        self.step, self.structure, self.parameters = step, structure, parameters

    def once(self, state: Leaves, parameters: Any) -> Leaves:
        """One step."""
        return self.structure.leaves(self.step(self.structure.build(state), *parameters))

    def ahead(self, state: Leaves, steps: int) -> Leaves:
        """Several steps without gradients."""
        with no_grad():
            for _ in range(steps):
                state = self.once(state, self.parameters)
        return state


class _Reverse:
    """A backward pass over the steps; `kept` are states by their position."""

    def __init__(self, run: _Run, parameters: Leaves, kept: dict[int, Leaves]) -> None:
        self.run, self.parameters, self.kept = run, parameters, kept
        self.of_parameters: list[Tensor | None] = [None] * len(parameters)

    def over(self, begin: int, end: int, state: Leaves, room: int, gradients: Leaves) -> Leaves:
        """The gradients at `begin` of those at `end`, from the state at `begin`, with room for so many states."""
        while end - begin > 1:
            if room:
                middle = begin + split(end - begin, room)
                between = self.kept.pop(middle, None) or self.run.ahead(state, middle - begin)
                gradients = self.over(middle, end, between, room - 1, gradients)
                del between
                end = middle
            else:
                gradients = self.one(self.run.ahead(state, end - 1 - begin), gradients)
                end -= 1
        return self.one(state, gradients) if end > begin else gradients

    def one(self, state: Leaves, gradients: Leaves) -> Leaves:
        """The gradients before one step of those after it."""
        with enable_grad():
            inputs = [t.detach().requires_grad_() if t.is_floating_point() or t.is_complex() else t for t in (*state, *self.parameters)]
            outputs = self.run.once(inputs[: len(state)], inputs[len(state) :])
            live = [(y, g) for y, g in zip(outputs, gradients, strict=True) if y.requires_grad]
            wanted = [t for t in inputs if t.requires_grad]
            pulled = grad([y for y, _ in live], wanted, [g for _, g in live], allow_unused=True) if live else [None] * len(wanted)
        found = dict(zip(map(id, wanted), pulled, strict=True))
        for i, t in enumerate(inputs[len(state) :]):
            have, g = self.of_parameters[i], found.get(id(t))
            self.of_parameters[i] = g if have is None else have if g is None else have + g
        from tape.functions.creation import zeros_like

        return [zeros_like(t) if (g := found.get(id(t))) is None else g for t in inputs[: len(state)]]


__all__ = ["checkpoint_steps", "extra_steps", "repetitions", "split"]
