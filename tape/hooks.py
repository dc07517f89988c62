"""Hooks: what a user wants to run when a gradient passes a row. They stand on the tape (`Tape.hooks[row]`), those of a leaf on the leaf.

`RowHooks` keeps four lists in order of registration: on the tensor's gradient, `retain_grad`, before and after the row's own rule.
`RemovableHandle.remove()` takes one away. Invariant: a hook that raises leaves every list as it was.
Imported by tensor methods, autograd.graph, replay and rerecord.
"""

from __future__ import annotations

import itertools
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tape.columns import Tape
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import Traced, leader

_numbers = itertools.count()


class Sweeping:
    """What user code that a backward pass runs needs to know of the pass: whether saved values stay, and gradients that wait for others."""

    __slots__ = ("retain", "whole", "pending", "number")

    def __init__(self, retain: bool, whole: bool = True) -> None:
        self.retain, self.whole = retain, whole  # whole: it accumulates into every leaf
        self.pending: dict[int, dict[int, Tensor]] = {}
        self.number = next(_numbers)


class _Running(threading.local):
    """The sweeps under way in a thread, the innermost last."""

    def __init__(self) -> None:
        self.sweeps: list[Any] = []


RUNNING = _Running()


class RemovableHandle:
    """What registering a hook returns; `remove()` undoes it, leaving a `with` block too."""

    __slots__ = ("id", "_hooks")

    def __init__(self, hooks: dict[int, Callable], hook: Callable) -> None:
        self.id, self._hooks = next(_numbers), hooks
        hooks[self.id] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.remove()


class RowHooks:
    """The hooks of one row, or of one leaf (`after` then runs when `.grad` has been accumulated, `post` is its accumulation's own)."""

    __slots__ = ("tensor", "pre", "post", "after", "kept", "metadata")

    def __init__(self) -> None:
        self.tensor: dict[int, Callable] = OrderedDict()
        self.pre: dict[int, Callable] = {}
        self.post: dict[int, Callable] = {}
        self.after: dict[int, Callable] = OrderedDict()
        self.kept: list[weakref.ref] = []  # Tensors whose .grad the row fills
        self.metadata: dict = {}  # the user's, of the Node

    def retains(self, t: Tensor) -> bool:
        """Whether this Tensor asked for its gradient."""
        return any(reference() is t for reference in self.kept)

    def __bool__(self) -> bool:
        return bool(self.tensor or self.pre or self.post or self.after or self.kept)


def of_row(tape: Tape, row: int) -> RowHooks:
    """The hooks of a row, an empty set if it has none yet."""
    hooks = tape.hooks.get(row)
    if hooks is None:
        hooks = tape.hooks[row] = RowHooks()
    return hooks


def of_leaf(leaf: Tensor) -> RowHooks:
    """The hooks of a leaf."""
    try:
        return leaf._hooks
    except AttributeError:
        leaf._hooks = RowHooks()
        return leaf._hooks


def existing(leaf: Tensor) -> RowHooks | None:
    """The hooks of a leaf, if it ever had any."""
    return getattr(leaf, "_hooks", None)


def hooks_of(t: Tensor) -> RowHooks:
    """The hooks of a Tensor that requires grad."""
    return of_row(t._t, t._r) if type(t._t) is Tape else of_leaf(t)


def called(function: Callable, gradients: tuple, *args: Any) -> Any:
    """`function(*args)`, code of the user's which a sweep runs on gradients: inside the vmaps that these are of, also where they are over."""
    values = [g._v for g in gradients if g is not None]
    while STATE.grad and (batching := leader(*values)) is not None:
        if batching not in (STATE.trace.chain() if STATE.trace is not None and STATE.trace.lasting else ()):
            function, args = batching.again, (function, args)
        values = [v.content if type(v) is Traced and v.trace is batching else v for v in values]
    return function(*args)


def run_on_gradient(hooks: dict[int, Callable], g: Tensor) -> Tensor:
    """Call hooks on a tensor's gradient; each may replace it. TypeError and RuntimeError for replacements that do not fit."""
    for hook in list(hooks.values()):
        replaced = called(hook, (g,), g)
        if replaced is not None:
            g = fitting(replaced, g, getattr(hook, "__name__", repr(hook)))
    return g


def fitting(replaced: Any, g: Tensor, name: str) -> Tensor:
    """A hook's result, checked against the gradient that it replaces."""
    if not isinstance(replaced, Tensor):
        raise TypeError(f"hook {name} returned {type(replaced).__name__}; a hook returns a Tensor, or None to keep the gradient")
    if replaced._s.shape != g._s.shape or replaced._s.dtype != g._s.dtype:
        raise RuntimeError(
            f"hook {name} returned {replaced._s!r} for a gradient of {g._s!r}; shape and dtype must stay the same"
        )
    return replaced


def run_on_row(hooks: dict[int, Callable], replaceable: tuple, *arguments: tuple) -> tuple:
    """Call a row's own hooks with tuples of gradients; each may replace the first tuple."""
    for hook in list(hooks.values()):
        replaced = called(hook, (*replaceable, *[g for each in arguments for g in each]), replaceable, *arguments)
        if replaced is None:
            continue
        name = getattr(hook, "__name__", repr(hook))
        if not isinstance(replaced, tuple):
            raise TypeError(f"hook {name} returned {type(replaced).__name__}; it takes a tuple of gradients and returns one, or None")
        if len(replaced) != len(replaceable):
            raise RuntimeError(f"hook {name} returned {len(replaced)} gradients; the operation has {len(replaceable)}")
        if any([old is None and new is not None for new, old in zip(replaced, replaceable, strict=True)]):
            raise RuntimeError(f"hook {name} returned a gradient where there was None; what has no gradient gets none from a hook")
        replaceable = tuple(None if new is None else fitting(new, old, name) for new, old in zip(replaced, replaceable, strict=True))
    return replaceable
