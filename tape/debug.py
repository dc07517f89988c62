"""The ladder of sight: TAPE_DEBUG=1 ... 4 for a process, `with debug(level):` for a block, `first_nan(t)` for one question.

1 counts sweeps, rows and kernels and reports them at exit; 2 also verifies each tape before a sweep; 3 also prints it; 4 also runs the
sweep a first time through the plain Python pullbacks, printing every saved value and every cotangent.
All goes to the standard error stream. Invariant: at level 0 a sweep pays for one comparison, and no level changes a result, runs
a hook or uses a saved value up. Imports engine, rerecord, show, verify; imported by tape/__init__ only.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections import Counter
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LEAF, Elementwise
from tape.autograd import engine
from tape.columns import ROW, Tape
from tape.errors import TapeError
from tape.reach import Reached
from tape.rerecord import Plain, Row, inputs, pullback, references
from tape.show import describe, show
from tape.state import change
from tape.tensor import Tensor, array
from tape.verify import verify

LEVELS = range(5)
counts: Counter[str] = Counter()
_level = 0
_lock = threading.Lock()


class debug:
    """Look at every sweep, in all threads, at a level of the ladder (0: not at all) until the block ends.

    level: 1 counts, 2 verifies tapes before sweeps, 3 prints them, 4 prints every saved value and cotangent. ValueError for others.
    The environment variable TAPE_DEBUG sets the level of a whole process; counts are then reported when it exits.

    >>> import tape
    >>> x = tape.tensor(3.0, requires_grad=True)
    >>> with tape.debug(2) as counts:
    ...     (x * x).backward()
    >>> counts["sweeps"]
    1
    """

    def __init__(self, level: int) -> None:
        if level not in LEVELS:
            raise ValueError(f"debug level {level!r}; wanted one of 0, 1, 2, 3, 4")
        self.level = level
        self._before: list[int] = []

    def __enter__(self) -> Counter[str]:
        self._before.append(_level)
        _set(self.level)
        return counts

    def __exit__(self, *exc: object) -> None:
        _set(self._before.pop())


def _set(level: int) -> None:
    global _level
    from compiled_ops import kernels

    with _lock:
        _level = level
        engine.watch = _look if level else None
        if _count_kernel in kernels.on_compile:
            kernels.on_compile.remove(_count_kernel)
        if level:
            kernels.on_compile.append(_count_kernel)


def _count_kernel(name: str) -> None:
    counts["kernels compiled or loaded"] += 1


def _look(reached: Reached, roots: list[tuple[Tape, int]], cotangents: list[Tensor]) -> None:
    """What the engine calls before a sweep, when its rows are known and nothing is consumed yet."""
    counts["sweeps"] += 1
    counts["rows visited"] += reached.count
    counts["tapes visited"] += len(reached.tapes)
    if _level >= 2:
        for tape, _, _ in reached.tapes:
            counts["rows verified"] += verify(tape)
    if _level >= 3:
        for tape, _, _ in reached.tapes:
            _say(show(tape, print_it=False))
    if _level >= 4:
        before = change(grad=False, inference=False, dual=0)
        try:
            _Printing(reached).replay(roots, cotangents)
        except TapeError as error:
            _say(f"the plain replay ends: {error}")
        finally:
            change(**before)


def _say(text: str) -> None:
    print(text, file=sys.stderr)


class _Printing(Plain):
    """A plain sweep that prints and leaves no trace: no hooks, nothing used up."""

    def __init__(self, reached: Reached) -> None:
        super().__init__(reached, create_graph=False, retain=True)

    def replay(self, roots: list[tuple[Tape, int]], cotangents: list[Tensor]) -> None:
        """Run all rows from the roots."""
        for (tape, row), g in zip(reversed(roots), reversed(cotangents), strict=True):
            self.add(self.reached.entry[tape.num, row], g)
        for k, g in self.run(self._at_entry).items():
            if k in self.reached.leaves:
                tape, place = self.reached.locate(k)
                _say(f"{describe(tape, place)[0]}\n    gradient   {_text(g)}")

    def _at_entry(self, k: int, g: Tensor) -> Tensor:
        return g

    def row(self, tape: Tape, k: int, g: Tensor) -> None:
        """Print one row with its saved values, its cotangent and what it hands on."""
        from compiled_ops.layout import POS

        place = int(self.reached.columns[POS, k])
        entries = inputs(self.reached, k)
        rows = tape.rows
        text, where = describe(tape, place)
        _say(f"{text}  {where}".rstrip())
        for reference, value in _values(tape, place):
            _say(f"    @{reference // ROW:<9} {_text(value)}")
        _say(f"    cotangent  {_text(g)}")
        row = Row(tape, place, [e >= 0 for e in entries], False, rows[place + 3], rows[place + 4], references(tape, place))
        for entry, reference, found in zip(entries, row.refs, pullback(row, g), strict=False):
            if entry >= 0 and found is not None:
                _say(f"    to @{reference // ROW:<6} {_text(found)}")
                self.add(entry, found)


def _text(value: Any) -> str:
    values = array(value) if isinstance(value, Tensor) else np.asarray(value)
    return np.array2string(values, precision=6, threshold=20, prefix=" " * 15) if values.ndim else repr(values.item())


def _values(tape: Tape, row: int) -> list[tuple[int, Any]]:
    """The values that a row saved, each with the row whose value it is."""
    op, a, b, x, y = tape.rows[row : row + 5]
    primitive: Any = BY_OPCODE[op]
    if primitive.kind == "whole":
        found = list(zip((a, b, row), x if type(x) is tuple else (), strict=False))
    elif isinstance(primitive, Elementwise) and len(primitive.inputs) == 1:
        found = [(a, x), (row, y)]
    elif primitive.kind in ("elementwise", "bilinear"):
        found = [(a, x), (b, y)]
    else:
        found = []
    unpacked = [(reference, getattr(value, "value", value)) for reference, value in found]
    return [(reference, value) for reference, value in unpacked if reference and isinstance(value, (float, np.ndarray))]


def first_nan(t: Tensor) -> str | None:
    """The first operation in the history of `t` whose value is known to hold a NaN, as a line of `show`; None if there is none.

    Known are the values of leaves, what rows saved for the backward pass (before one used it up), and `t` itself: where an
    operation saved nothing, as sums do, the answer is the first one after it that did, so look at its inputs too.
    TypeError for anything but a Tensor.

    >>> import tape
    >>> x = tape.tensor([1.0, -1.0], requires_grad=True)
    >>> tape.first_nan((x.log() * 2).exp())[:13]
    '@2 = log(@1) '
    """
    if not isinstance(t, Tensor):
        raise TypeError(f"first_nan: got {type(t).__name__}; wanted a Tensor")
    nan = bool(_is_nan(array(t)))
    if type(t._t) is not Tape:
        return "the tensor itself, which has no history" if nan else None
    found: list[tuple[int, int, Tape]] = [(t._t.closed or sys.maxsize, t._r, t._t)] if nan else []
    seen, due = {(t._t.num, t._r)}, [(t._t, t._r)]
    while due:
        tape, row = due.pop()
        op, *_, x, y = tape.rows[row : row + 5]
        order = tape.closed or sys.maxsize
        if op == LEAF:
            leaf = x()
            if leaf is not None and _is_nan(array(leaf)):
                found.append((order, row, tape))
            continue
        following = [(x, y)] if op == IMPORT else [(tape, r) for r in references(tape, row) if r] if op >= FIRST_OPCODE else []
        for reference, value in _values(tape, row) if op >= FIRST_OPCODE else ():
            if _is_nan(value):
                found.append((order, reference, tape))
        for home, place in following:
            if (home.num, place) not in seen:
                seen.add((home.num, place))
                due.append((home, place))
    if not found:
        return None
    _, row, tape = min(found, key=lambda each: each[:2])
    while tape.rows[row] == IMPORT:
        tape, row = tape.rows[row + 3], tape.rows[row + 4]
    return "  ".join(filter(None, describe(tape, row)))


def _is_nan(value: Any) -> bool:
    values = np.asarray(value)
    return bool(values.dtype.kind == "f" and np.isnan(values).any())


def report() -> str:
    """What was counted so far, in a line."""
    return "tape: " + ", ".join(f"{number:,} {what}" for what, number in sorted(counts.items())) if counts else "tape: no sweep"


def _from_environment() -> None:
    given = os.environ.get("TAPE_DEBUG", "0") or "0"
    if given not in map(str, LEVELS):
        raise ValueError(f"TAPE_DEBUG is {given!r}; wanted 0, 1, 2, 3 or 4")
    if given != "0":
        _set(int(given))
        atexit.register(lambda: _say(report()))


_from_environment()

__all__ = ["counts", "debug", "first_nan", "report"]
