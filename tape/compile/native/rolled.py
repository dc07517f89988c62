"""Finds the loops that a program's scalar rows were written out from.

`roll(columns)` gives the `Loop`s of a scalar run, in order; what lies between them stays straight-line. A loop is a stretch of rows in which
`op[i] == op[i + P]` and every operand moves by a constant step from one iteration to the next: 0 for what all iterations
share, P for what is computed in the same or an earlier iteration, minus another loop's period where a backward pass reads the values of a
forward pass; elements of arrays move by bytes, constants are shared or a table. Where only the first iteration reads a carried value from
elsewhere, it belongs to the loop (`entry`). Invariant (`written_out`): the loops, written out again, are the columns exactly.
Imports scalars. Imported by slots and scalar_text.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from tape.compile.scalars import Columns

NONE, LOAD, CONSTANT, ROW = range(4)  # kinds of operands
_WINDOWS = (8, 48)  # rows that must be alike for a distance between equal windows to count
_CANDIDATES = 8  # periods tried for each kind of window
_NEAR = 48  # operands this near are part of what windows compare: they are alike in each iteration
_LEAST = 48  # rows that a loop must save
_RUNS = 1000  # stretches of one period that are looked at
_LONGEST = 6000  # rows of a body: LLVM takes longer than linear in the length of a block


@dataclass(eq=False)
class Loop:
    """`count` iterations of `period` rows from row `start` on (rows are counted within the run). For operand o of body row j, in
    iteration k: kind[o, j], and at[o, j] + k*step[o, j], which is a value number (ROW), a byte offset from pointer[o, j] (LOAD) or
    the number of a shared constant (CONSTANT) unless `tables` has the numbers of all iterations."""

    start: int
    period: int
    count: int
    op: np.ndarray
    kind: np.ndarray
    at: np.ndarray
    step: np.ndarray
    pointer: np.ndarray
    tables: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)
    entry: dict[tuple[int, int], int] = field(default_factory=dict)  # value numbers in iteration 0 that do not follow the step

    @property
    def stop(self) -> int:
        return self.start + self.period * self.count


class _Operands:
    """What operands refer to, as arrays of 3 x rows: kind, value number, and `x`, the number that must move by constant steps."""

    def __init__(self, columns: Columns) -> None:
        loads, first = len(columns.loads), columns.first
        self.number = np.stack([columns.a, columns.b, columns.c]).astype(np.int64)
        number = self.number
        places = np.array(columns.loads, np.int64).reshape(-1, 2)
        self.kind = np.select([number < 0, number < loads, number < first], [NONE, LOAD, CONSTANT], ROW).astype(np.int8)
        is_load = self.kind == LOAD
        self.x = np.where(self.kind == ROW, number, 0)
        self.pointer = np.full_like(number, -2)
        if loads:
            self.x[is_load] = places[number[is_load], 1]
            self.pointer[is_load] = places[number[is_load], 0]
        boolean = columns.boolean[number] & (number >= 0)
        mixed = columns.op.astype(np.int64)  # equal in rows that may be iterations of one row
        for o in range(3):
            mixed = mixed * 1000003 + self.pointer[o] * 8 + self.kind[o] * 2 + boolean[o]
        self.key = mixed


def roll(columns: Columns) -> list[Loop]:
    """The loops of a run, in order; none overlaps another."""
    if len(columns) < 2 * _LEAST:
        return []
    operands = _Operands(columns)
    runs = [run for period in _periods(columns, operands) for run in _runs(operands, period)]
    heap = [_ranked(start, length, period) for start, length, period in runs]
    heapq.heapify(heap)
    taken: list[tuple[int, int]] = []
    loops = []
    while heap:
        _, start, length, period = heapq.heappop(heap)
        free = _free(taken, start, start + length)
        if free != (start, start + length):
            if _worth(free[1] - free[0], period):
                heapq.heappush(heap, _ranked(free[0], free[1] - free[0], period))
            continue
        count = length // period
        lowest = max((stop for _, stop in taken if stop <= start), default=0)
        loop = _loop(columns, operands, start, period, count, length % period, lowest)
        if loop is not None:
            loops.append(loop)
            taken.append((loop.start, loop.stop))
    return sorted(loops, key=lambda loop: loop.start)


def _worth(length: int, period: int) -> bool:
    """Whether a stretch is worth a loop."""
    return length >= 3 * period and length - length % period - period >= _LEAST


def _ranked(start: int, length: int, period: int) -> tuple[int, int, int, int]:
    """A stretch, with the rows that it saves first."""
    return length % period + period - length, start, length, period


def _free(taken: list[tuple[int, int]], start: int, stop: int) -> tuple[int, int]:
    """The longest part of a stretch that no loop has yet."""
    parts, at = [], start
    for begin, end in sorted(taken):
        if end > at and begin < stop:
            parts.append((at, max(at, begin)))
            at = end
    parts.append((at, max(at, stop)))
    return max(parts, key=lambda part: part[1] - part[0])


def _periods(columns: Columns, operands: _Operands) -> list[int]:
    """Commonest distances from a window of rows to the next one like it."""
    first, rows = columns.first, np.arange(len(columns))
    near = rows + first - operands.number
    alike = operands.key.copy()
    for o in range(3):
        alike = alike * 1000003 + np.where((operands.kind[o] == ROW) & (near[o] <= _NEAR), near[o], 0)
    hashes = alike.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(29)
    found: list[int] = []
    for width in _WINDOWS:
        if len(rows) <= 2 * width:
            break
        distances = _distances(_windows(hashes, width))
        counts = np.bincount(distances[distances <= _LONGEST])
        best = np.argsort(-counts, kind="stable")[:_CANDIDATES]
        found.extend(int(period) for period in best if counts[period] * 4 > _LEAST and period not in found)
    return found


def _windows(hashes: np.ndarray, width: int) -> np.ndarray:
    """A hash of each `width` rows on end, as a difference of running sums with powers of an odd number."""
    power = np.uint64(0xD1342543DE82EF95)
    powers = np.full(len(hashes), power)
    powers[0] = 1
    np.multiply.accumulate(powers, out=powers)
    sums = np.concatenate([[np.uint64(0)], np.add.accumulate(hashes * powers)])
    windows = sums[width:] - sums[:-width]
    return windows * powers[len(windows) - 1 :: -1][: len(windows)]


def _distances(windows: np.ndarray) -> np.ndarray:
    order = np.argsort(windows, kind="stable")
    ordered = windows[order]
    return np.diff(order)[ordered[1:] == ordered[:-1]]


def _runs(operands: _Operands, period: int) -> list[tuple[int, int, int]]:
    """(start, length, period) of the stretches that repeat with a period, at least three times and with constant steps."""
    key, x = operands.key, operands.x
    if period <= 0 or len(key) < 3 * period:
        return []
    same = key[period:] == key[:-period]
    good = same[period:] & same[:-period]
    for o in range(3):
        step = x[o, period:] - x[o, :-period]
        good &= step[period:] == step[:-period]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], good.view(np.int8), [0]])))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    worth = (lengths >= period) & (lengths + period >= _LEAST)
    found = [(int(start), int(length) + 2 * period, period) for start, length in zip(starts[worth], lengths[worth], strict=True)]
    return sorted(found, key=lambda run: -run[1])[:_RUNS]


def _loop(columns: Columns, operands: _Operands, start: int, period: int, count: int, spare: int, lowest: int) -> Loop | None:
    """The loop of a stretch, of which up to `spare` rows may be left out at the start; shorter by iterations there where rows share a
    value of the first one, longer by one where that is different in what it carries in only. None where too little is left.
    `lowest`: the row where the loop before ends."""
    begin, entry = start, None
    for shift in _shifts(operands, columns, start, period, spare):
        if start + shift - period >= lowest:
            entry = _entry(columns, operands, start + shift, period)
            if entry is not None:
                begin, count = start + shift - period, count + 1
                break
    while entry is None:
        body, following = slice(begin, begin + period), slice(begin + period, begin + 2 * period)
        shared = (operands.kind[:, body] == ROW) & (operands.x[:, body] == operands.x[:, following])
        if not (shared & (operands.x[:, body] >= columns.first + begin)).any():
            break
        begin, count = begin + period, count - 1
        if not _worth(count * period, period):
            return None
    body, following = slice(begin + period, begin + 2 * period), slice(begin + 2 * period, begin + 3 * period)
    step = operands.x[:, following] - operands.x[:, body]
    kind, pointer = operands.kind[:, body], operands.pointer[:, body]
    loop = Loop(begin, period, count, columns.op[body], kind, operands.x[:, body] - step, step, pointer, entry=entry or {})
    _constants(loop, operands)
    return loop


def _shifts(operands: _Operands, columns: Columns, start: int, period: int, spare: int) -> list[int]:
    """Where the iteration before a stretch may begin: how far its rows go back that differ in carried values at most."""
    before = np.arange(max(0, start - period), start)
    body, following = before + period, before + 2 * period
    step = operands.x[:, following] - operands.x[:, body]
    follows = (operands.kind[:, before] == operands.kind[:, body]) & (operands.x[:, before] == operands.x[:, body] - step)
    carried = (operands.kind[:, body] == ROW) & (step == period)
    alike = (columns.op[before] == columns.op[body]) & (follows | carried).all(0)
    wrong = np.flatnonzero(~alike)
    shift = period - (start - int(before[wrong[-1]]) - 1) if len(wrong) else period - len(before)
    return list(range(shift, min(shift + 4, spare + 1)))


def _entry(columns: Columns, operands: _Operands, start: int, period: int) -> dict[tuple[int, int], int] | None:
    """What the iteration before the first, which begins at `start`, reads where it does not follow the steps; None where it is no
    iteration of the loop."""
    before, body = slice(start - period, start), slice(start, start + period)
    at = operands.x[:, body]
    step = operands.x[:, start + period : start + 2 * period] - at
    if not np.array_equal(columns.op[before], columns.op[body]):
        return None
    begin = columns.first + start  # number of the first value of what is iteration 0 so far
    number, kind = operands.number[:, before], operands.kind[:, before]
    follows = (kind == operands.kind[:, body]) & (operands.x[:, before] == at - step)
    follows &= operands.pointer[:, before] == operands.pointer[:, body]
    carried = (operands.kind[:, body] == ROW) & (step == period) & (at < begin) & (at >= begin - period)
    same_type = columns.boolean[number] == columns.boolean[operands.number[:, body]]
    carried &= (number >= 0) & (number < begin - period) & same_type
    shared_inside = (operands.kind[:, body] == ROW) & (step == 0) & (at >= begin - period)
    if not (follows | carried).all() or shared_inside.any():
        return None
    return {(int(o), int(j)): int(number[o, j]) for o, j in zip(*np.nonzero(~follows), strict=True)}


def _constants(loop: Loop, operands: _Operands) -> None:
    """Constants of all iterations: shared, or a table."""
    for o in range(3):
        for j in np.flatnonzero(loop.kind[o] == CONSTANT).tolist():
            numbers = operands.number[o, loop.start + j : loop.stop : loop.period]
            loop.at[o, j] = numbers[0]
            if (numbers != numbers[0]).any():
                loop.tables[o, j] = numbers.copy()


def written_out(loops: list[Loop], columns: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The columns op, a, b, c with all that loops cover made from the loops alone."""
    op, operands = columns.op.copy(), np.stack([columns.a, columns.b, columns.c])
    number_of = {place: k for k, place in enumerate(columns.loads)}
    for loop in loops:
        covered = slice(loop.start, loop.stop)
        op[covered], operands[:, covered] = -1, -1
        for k in range(loop.count):
            here = slice(loop.start + k * loop.period, loop.start + (k + 1) * loop.period)
            op[here] = loop.op
            values = loop.at + k * loop.step
            for o, j in zip(*np.nonzero(loop.kind == LOAD), strict=True):
                values[o, j] = number_of[int(loop.pointer[o, j]), int(values[o, j])]
            for (o, j), numbers in loop.tables.items():
                values[o, j] = numbers[k]
            if k == 0:
                for (o, j), number in loop.entry.items():
                    values[o, j] = number
            operands[:, here] = np.where(loop.kind == NONE, -1, values)
    return op, operands[0], operands[1], operands[2]


def prove(loops: list[Loop], columns: Columns) -> None:
    """Raise AssertionError where the loops, written out, are not the columns."""
    for name, made, given in zip(
        "op a b c".split(), written_out(loops, columns), (columns.op, columns.a, columns.b, columns.c), strict=True
    ):
        wrong = np.flatnonzero(made != given)
        if len(wrong):
            raise AssertionError(f"column {name} of row {wrong[0]}: the loops give {made[wrong[0]]}, not {given[wrong[0]]}")
