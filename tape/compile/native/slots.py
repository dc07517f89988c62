"""Where values of a scalar run live between the parts of its machine code: slots of 8 bytes in a scratch area.

`Slots(columns, loops)` cuts the run into `pieces`, each a function of LLVM's own size, and decides for every operand of a loop how it is
reached (`access`). A body row whose values others read by iteration has a column of its loop's table, one line an iteration; rows before and
after a loop that continue its pattern have their places in it too, so that a reference keeps its constant step. Anything else
that crosses pieces has a slot of its own. Invariant: whatever is read from a slot is stored by the row it belongs to, which
stands before the reader. Imports rolled. Imported by scalar_text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tape.compile.native.rolled import CONSTANT, LOAD, NONE, Loop
from tape.compile.scalars import Columns

PIECE = 2000  # rows of a function: LLVM takes longer than linear in the length of one
_DEEPEST = 4  # iterations back that a carried value is handed on in registers


class Inside(NamedTuple):
    """The value of a body row of the same iteration."""

    row: int


class Carried(NamedTuple):
    """The value of a body row `lag` iterations ago; in the first ones the values `begin`, the latest first."""

    row: int
    lag: int
    begin: tuple[int, ...]


class Shared(NamedTuple):
    """One value for all iterations."""

    value: int


class Slot(NamedTuple):
    """The slot `first + k*step`."""

    first: int
    step: int


class Gathered(NamedTuple):
    """The slot `slots[k]`."""

    slots: tuple[int, ...]


class Element(NamedTuple):
    """The element at a byte offset `first + k*step` from a pointer."""

    pointer: int
    first: int
    step: int


class Table(NamedTuple):
    """The constants of the iterations."""

    numbers: tuple[int, ...]


Access = Inside | Carried | Shared | Slot | Gathered | Element | Table


class Piece(NamedTuple):
    """Stretches of straight rows (start, stop) and numbers of loops, in order: one function."""

    parts: list[tuple[int, int] | int]


class _LoopTable:
    """The table of one loop: lines for the iterations from `low` to `high`, columns for body rows."""

    def __init__(self, loop: Loop) -> None:
        self.low, self.high, self.column, self.first = 0, loop.count, dict[int, int](), 0

    def slot(self, k: int, row: int) -> int:
        return self.first + (k - self.low) * len(self.column) + self.column[row]


class Slots:
    """The plan. `count` slots; `homes[row]`: the slots to which a straight row stores its value."""

    def __init__(self, columns: Columns, loops: list[Loop]) -> None:
        self.columns, self.loops, self.first = columns, loops, columns.first
        self.starts = np.array([loop.start for loop in loops], np.int64)
        self.stops = np.array([loop.stop for loop in loops], np.int64)
        self._number_of = {place: k for k, place in enumerate(columns.loads)}
        self._begins = [loop.start for loop in loops]
        self.tables = [_LoopTable(loop) for loop in loops]
        self.pieces = list(_pieces(len(columns), loops))
        self.piece_of = self._piece_of()
        self.homes: dict[int, list[int]] = {}
        self.own: dict[int, int] = {}  # the own slot of a row: a straight one's, or of the last iteration's value
        self.access: list[dict[tuple[int, int], Access]] = [{} for _ in loops]
        self._beyond: list[tuple[int, int, int, int]] = []  # (row, loop, iteration, body row): homes outside the loop
        self.stores, self.loop_stores = self._sort_stores()
        strided = self._classify()
        self._single_reads()
        self.count = 0
        for table in self.tables:
            if table.column:
                table.first = self.count
                self.count += (table.high - table.low) * len(table.column)
        for row in self.own:
            self.own[row] = self.count
            self.count += 1
        self._settle(strided)

    def _piece_of(self) -> np.ndarray:
        found = np.empty(len(self.columns), np.int64)
        for number, piece in enumerate(self.pieces):
            for part in piece.parts:
                start, stop = part if isinstance(part, tuple) else (self.loops[part].start, self.loops[part].stop)
                found[start:stop] = number
        return found

    def loop_of(self, rows: np.ndarray) -> np.ndarray:
        """The numbers of the loops in which rows stand; -1 for straight ones."""
        if not self.loops:
            return np.full(len(rows), -1)
        found = np.searchsorted(self.starts, rows, "right") - 1
        return np.where((found >= 0) & (rows < self.stops[found]), found, -1)

    def where(self, row: int) -> tuple[int, int, int]:
        """(loop, iteration, body row) of a row; loop -1 for a straight one."""
        number = bisect_right(self._begins, row) - 1
        if number < 0 or row >= self.loops[number].stop:
            return -1, 0, 0
        loop = self.loops[number]
        return number, (row - loop.start) // loop.period, (row - loop.start) % loop.period

    def _sort_stores(self) -> tuple[list[tuple[int, int, int]], list[dict[int, list[Element]]]]:
        """Stores of single values, and those that every iteration of a loop makes, in constant steps, by body row."""
        given = self.columns.stores
        rows = np.array([value for value, _, _ in given], np.int64) - self.first
        owners = self.loop_of(rows)
        grouped: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        for n in np.flatnonzero(owners >= 0).tolist():
            loop = self.loops[owners[n]]
            k, body = divmod(int(rows[n]) - loop.start, loop.period)
            grouped.setdefault((int(owners[n]), body), []).append((k, given[n][1], given[n][2], n))
        in_loops: list[dict[int, list[Element]]] = [{} for _ in self.loops]
        done = set()
        for (number, body), found in grouped.items():
            count = self.loops[number].count
            k, pointer, offset, _ = np.array(sorted(found), np.int64).T
            if len(found) == count and (k == np.arange(count)).all() and (pointer == pointer[0]).all():
                step = int(offset[1] - offset[0])
                if (np.diff(offset) == step).all():
                    in_loops[number].setdefault(body, []).append(Element(int(pointer[0]), int(offset[0]), step))
                    done.update(n for *_, n in found)
        return [store for n, store in enumerate(given) if n not in done], in_loops

    def _classify(self) -> list[tuple[int, int, int, int]]:
        """How the operands of loops are reached; those that need slots come back as (loop, operand, body row, home loop or -1)."""
        strided = []
        for number, loop in enumerate(self.loops):
            for o, j in zip(*(each.tolist() for each in np.nonzero(loop.kind != NONE)), strict=True):
                at, step = int(loop.at[o, j]), int(loop.step[o, j])
                kind = loop.kind[o, j]
                if kind == LOAD:
                    pointer = int(loop.pointer[o, j])
                    self.access[number][o, j] = Element(pointer, at, step) if step else Shared(self.load(pointer, at))
                elif kind == CONSTANT:
                    table = loop.tables.get((o, j))
                    self.access[number][o, j] = Shared(at) if table is None else Table(tuple(table.tolist()))
                elif step == 0:
                    self.access[number][o, j] = Shared(at)
                elif (found := self._carried(loop, o, j, at - self.first, step)) is not None:
                    self.access[number][o, j] = found
                else:
                    strided.append((number, o, j, self._home(number, at - self.first, step)))
        return strided

    def load(self, pointer: int, offset: int) -> int:
        """The value number of a load."""
        return self._number_of[pointer, offset]

    def _carried(self, loop: Loop, o: int, j: int, row: int, step: int) -> Access | None:
        if step != loop.period:
            return None
        if row >= loop.start:
            return Inside(row - loop.start)
        lag, body = -((row - loop.start) // loop.period), (row - loop.start) % loop.period
        if (o, j) in loop.entry:
            return Carried(body, 1, (loop.entry[o, j],))
        if lag > _DEEPEST:
            return None
        return Carried(body, lag, tuple(self.first + loop.start + body - i * loop.period for i in range(1, lag + 1)))

    def _home(self, number: int, row: int, step: int) -> int:
        """The loop whose table holds the rows `row + k*step`, made long enough for them; -1: they have no common step there."""
        count = self.loops[number].count
        home = self.where(row + step * (count // 2))[0]
        if home >= 0 and step % self.loops[home].period == 0:
            loop, table = self.loops[home], self.tables[home]
            first, body = divmod(row - loop.start, loop.period)
            iterations = range(first, first + count * (step // loop.period), step // loop.period)
            outside = _ends(iterations, loop.count)
            if all(self.where(loop.start + k * loop.period + body)[0] < 0 for k in outside):
                table.column.setdefault(body, len(table.column))
                for k in outside:
                    table.low, table.high = min(table.low, k), max(table.high, k + 1)
                    self._beyond.append((loop.start + k * loop.period + body, home, k, body))
                return home
        for k in range(count):
            self._slot_needed(row + k * step, number)
        return -1

    def _slot_needed(self, row: int, reader: int = -1) -> None:
        """Somebody reads a row from memory: the loop `reader`, or what stands outside of loops. A loop's last values have slots of their own,
        which are written after it; itself it reads them in its table."""
        number, k, body = self.where(row)
        if number >= 0 and (k < self.loops[number].count - 1 or number == reader):
            column = self.tables[number].column
            column.setdefault(body, len(column))
        else:
            self.own.setdefault(row, 0)

    def _single_reads(self) -> None:
        """Values that straight rows, loops as a whole, or stores read: from memory where they come from another piece or from within a
        loop."""
        columns, first = self.columns, self.first
        rows = np.arange(len(columns))
        straight = rows[self.loop_of(rows) < 0]
        values, readers = [], []
        for column in (columns.a, columns.b, columns.c):
            chosen = straight[column[straight] >= first]
            values.append(column[chosen] - first)
            readers.append(self.piece_of[chosen])
        for number, loop in enumerate(self.loops):
            shared = [
                value
                for access in self.access[number].values()
                for value in (
                    (access.value,) if isinstance(access, Shared) else access.begin if isinstance(access, Carried) else ()
                )
                if value >= first
            ]
            values.append(np.array(shared, np.int64) - first)
            readers.append(np.full(len(shared), self.piece_of[loop.start]))
        stored = np.array([value for value, _, _ in self.stores if value >= first], np.int64) - first
        values.append(stored)
        readers.append(self.piece_of[stored])
        value, reader = np.concatenate(values).astype(np.int64), np.concatenate(readers).astype(np.int64)
        loop_of = self.loop_of(value)
        within = loop_of >= 0
        if within.any():
            starts = self.starts[loop_of]
            last = self.stops[loop_of] - np.array([loop.period for loop in self.loops])[loop_of]
            within &= (value < last) & (value >= starts)
        for row in np.unique(value[within | (self.piece_of[value] != reader)]).tolist():
            self._slot_needed(row)

    def _settle(self, strided: list[tuple[int, int, int, int]]) -> None:
        """Slots are numbered now: write them where they are needed."""
        for row, number, k, body in self._beyond:
            self.homes.setdefault(row, []).append(self.tables[number].slot(k, body))
        for row, slot in self.own.items():
            if self.where(row)[0] < 0:
                self.homes.setdefault(row, []).append(slot)
        for number, o, j, home in strided:
            loop = self.loops[number]
            row, step = int(loop.at[o, j]) - self.first, int(loop.step[o, j])
            if home < 0:
                self.access[number][o, j] = Gathered(tuple(self.slot(row + k * step, number) for k in range(loop.count)))
                continue
            period, table = self.loops[home].period, self.tables[home]
            k, body = divmod(row - self.loops[home].start, period)
            self.access[number][o, j] = Slot(table.slot(k, body), step // period * len(table.column))

    def slot(self, row: int, reader: int = -1) -> int:
        """Where a row's value can be read from, by the loop `reader` or by what stands outside of loops."""
        number, k, body = self.where(row)
        if row in self.own and (number != reader or number < 0):
            return self.own[row]
        return self.tables[number].slot(k, body) if number >= 0 else self.homes[row][0]


def _ends(iterations: range, count: int) -> list[int]:
    """Those of a range that are no iterations of a loop of `count`."""
    if 0 <= iterations[0] < count and 0 <= iterations[-1] < count:
        return []
    return [k for k in iterations if not 0 <= k < count]


def _pieces(count: int, loops: list[Loop]) -> Iterator[Piece]:
    parts: list[tuple[int, int] | int] = []
    size, at = 0, 0
    for number in range(len(loops) + 1):
        loop = loops[number] if number < len(loops) else None
        while at < (stop := count if loop is None else loop.start):
            if size >= PIECE:
                yield Piece(parts)
                parts, size = [], 0
            upto = min(stop, at + PIECE - size)
            parts.append((at, upto))
            size, at = size + upto - at, upto
        if loop is not None:
            if size + loop.period > PIECE and parts:
                yield Piece(parts)
                parts, size = [], 0
            parts.append(number)
            size, at = size + loop.period, loop.stop
    if parts or not count:  # a run without rows may still copy elements and constants
        yield Piece(parts)
