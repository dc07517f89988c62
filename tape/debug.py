"""The ladder of sight: TAPE_DEBUG=1 ... 4 for a process, `with debug(level):` for a block.

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

from tape.autograd import engine
from tape.columns import ROW, Tape
from tape.errors import TapeError
from tape.nans import saved_values
from tape.nonfinite import first_nan
from tape.places import record_lines
from tape.reach import Reached
from tape.rerecord import Plain, Row, inputs, pullback, references
from tape.show import describe, show
from tape.state import change
from tape.tensor import Tensor, array
from tape.verify import verify

LEVELS = range(5)
counts: Counter[str] = Counter()  # of the whole process
_counting: list[Counter[str]] = [counts]  # and of every open block
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

    first_nan = staticmethod(first_nan)
    record_lines = record_lines

    def __init__(self, level: int) -> None:
        if level not in LEVELS:
            raise ValueError(f"debug level {level!r}; wanted one of 0, 1, 2, 3, 4")
        self.level = level
        self._before: list[tuple[int, Counter[str]]] = []

    def __enter__(self) -> Counter[str]:
        mine: Counter[str] = Counter()
        self._before.append((_level, mine))
        _counting.append(mine)
        _set(self.level)
        return mine

    def __exit__(self, *exc: object) -> None:
        level, mine = self._before.pop()
        _counting[:] = [each for each in _counting if each is not mine]
        _set(level)


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


def _count(what: str, number: int = 1) -> None:
    for each in list(_counting):
        each[what] += number


def _count_kernel(name: str) -> None:
    _count("kernels compiled or loaded")


def _look(reached: Reached, seeds: list[tuple[int, Tensor]]) -> None:
    """What the engine calls before a sweep with the entries and cotangents that it starts from, when its rows are known and nothing is consumed yet."""
    _count("sweeps")
    _count("rows visited", reached.count)
    _count("tapes visited", len(reached.tapes))
    if _level >= 2:
        for tape, _, _ in reached.tapes:
            _count("rows verified", verify(tape))
    if _level >= 3:
        for tape, _, _ in reached.tapes:
            _say(show(tape, print_it=False))
    if _level >= 4:
        before = change(grad=False, inference=False, dual=0)
        try:
            _Printing(reached).replay(seeds)
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

    def replay(self, seeds: list[tuple[int, Tensor]]) -> None:
        """Run all rows from the seeds."""
        for k, g in seeds:
            self.add(k, g)
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
        for reference, value in saved_values(tape, place):
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


def report() -> str:
    """What was counted so far, in a line."""
    return "tape: " + ", ".join(f"{what} {number:,}" for what, number in sorted(counts.items())) if counts else "tape: no sweep"


def _from_environment() -> None:
    given = os.environ.get("TAPE_DEBUG", "0") or "0"
    if given not in map(str, LEVELS):
        raise ValueError(f"TAPE_DEBUG is {given!r}; wanted 0, 1, 2, 3 or 4")
    if given != "0":
        _set(int(given))
        atexit.register(lambda: _say(report()))


_from_environment()

__all__ = ["counts", "debug", "report"]
