"""What each thread has switched on, and its open tape.

`STATE.open` is the open tape while recording is plain, and None whenever anything unusual is on (gradients off, inference,
a dual level, a borrowed place): the short recording paths look at nothing else. `change` sets one switch and keeps `open` true to it.
`OPEN` lists the open tape of every thread. Imported by columns, record and the grad modes.
"""

from __future__ import annotations

import threading
from typing import Any

OPEN: dict[int, Any] = {}  # thread -> its open tape


class _Ending:
    """Dies with its thread and takes the thread's entry of OPEN along."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()

    def __del__(self, opened: dict[int, Any] = OPEN) -> None:  # a default outlives the module's names when the interpreter ends
        opened.pop(self.thread, None)


class State(threading.local):
    """The switches of one thread."""

    open: Any = None  # the open tape while recording is plain
    tape: Any = None  # the open tape
    grad = True
    inference = False
    saves_inference = False  # whether rows may save inference tensors: inside transforms of tape.func through which nobody outside differentiates
    dual = 0  # number of the innermost forward-mode level that is open, 0 if none is
    duals: tuple[int, ...] = ()  # the numbers of all that are open, the innermost last
    place: Any = None  # where rows recorded on someone's behalf come from: (code, instruction)
    multithreading = True  # what was asked for; nothing depends on it
    anomaly = False
    safe = False  # whether branches not taken are kept out of every derivative (tape.safe_math)
    check_nan = True
    trace: Any = None  # the recording of a program that is under way
    saving: Any = None  # the innermost pair of hooks on saved values, with what was there outside
    saving_refused: str | None = None  # why no such hooks may be set
    mutations: Any = None  # the values saved in an open allow_mutation_on_saved_tensors block
    leaving: list | None = None  # collects the Tensors whose history somebody leaves, while a forward runs again
    onwards = True  # whether what a pullback records may have a history of which all derivatives are zero, as in PyTorch: tape.func has no use for it
    draws: Any = None  # what a vmap that is under way makes of random numbers

    def __init__(self) -> None:
        self.ending = _Ending()


STATE = State()


def change(**switches: Any) -> dict[str, Any]:
    """Set switches of this thread; returns what they were, to be handed back the same way.

    >>> before = change(grad=False)
    >>> STATE.open is None
    True
    >>> _ = change(**before)
    """
    before = {name: getattr(STATE, name) for name in switches}
    for name, value in switches.items():
        setattr(STATE, name, value)
    settle()
    return before


def outer_dual() -> int:
    """The forward-mode level around the current one, 0 if none is: tangents are computed with tangents of that level."""
    position = STATE.duals.index(STATE.dual) if STATE.dual in STATE.duals else 0
    return STATE.duals[position - 1] if position else 0


def levels() -> tuple[int, ...]:
    """The forward-mode levels that are open, up to the current one."""
    return STATE.duals[: STATE.duals.index(STATE.dual) + 1] if STATE.dual in STATE.duals else ()


def settle() -> None:
    """Make `open` agree with the switches."""
    plain = STATE.grad and not STATE.inference and not STATE.dual and STATE.place is None and STATE.trace is None and STATE.saving is None
    STATE.open = STATE.tape if plain else None
