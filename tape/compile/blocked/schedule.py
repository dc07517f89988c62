"""Which rows run together: every row that is work gets a step, in an order in which all that a step reads is there.

A step is a run of scalar rows, a group of array rows over the same elements, or one row that NumPy runs. A row joins the latest step of its
sort whose rows it may stand beside, else it begins a new one at the end. In a group a value passes from row to row without memory
where it has all elements, or one a row of the group's inner axis; whatever else is read of a step's rows is read by later steps.
Invariant: inputs are ready; a row that NumPy runs comes after every guard before it. Imports places and scalars.
"""

from __future__ import annotations

import copy
from collections import defaultdict

import numpy as np

from compiled_ops import block_loops, inner
from tape.compile import opcodes as o
from tape.compile.blocked.places import COLUMN, FLAT, ROW, SCALAR, Pattern, Places, pattern
from tape.compile.blocked.regions import Region, regions
from tape.compile.program import Program
from tape.compile.scalars import belongs

LARGEST_INNER = 2048  # elements of an inner axis of which a block may hold whole rows
LOOK_BACK = 4  # groups that a row may still join
TOTAL, ROWS, COLUMNS = range(3)  # reductions: of all, over the inner axis, over the outer axis
REDUCES = {o.SUM: "sum", o.PROD: "prod", o.AMAX: "amax", o.AMIN: "amin"}
_UFUNCS = {op: getattr(np, o.NAMES[op]) for op in (*o.COMPARISONS, *o.LOGICAL, o.ISNAN, o.ISINF, o.ISFINITE)}


class Step:
    """Rows that run together. `kind`: "scalars", "group" or "numpy". A group has `size` elements in rows of `inner` (0: not settled);
    `whole[row]` says whether a row of it has all elements or one a row."""

    __slots__ = ("kind", "rows", "size", "inner", "whole")

    def __init__(self, kind: str, rows: list[int], size: int = 0) -> None:
        self.kind, self.rows, self.size, self.inner = kind, rows, size, 0
        self.whole: dict[int, bool] = {}


def reduction(program: Program, row: int) -> tuple[int, int] | None:
    """How a reduction goes in a group, and the extent of the inner axis; None where NumPy does it."""
    source, (dims, _) = program.spec[program.a[row]], program.params[row]
    if (
        program.op[row] not in REDUCES
        or source.dtype.char not in "df"
        or source.size < 2
        or program.spec[row].dtype != source.dtype
    ):
        return None
    ndim = source.ndim
    axes = set(range(ndim)) if dims is None else {d % ndim for d in (dims if type(dims) is tuple else (dims,))}
    folded = [(axis in axes, extent) for axis, extent in enumerate(source.shape) if extent != 1]
    flags = [flag for flag, _ in folded]
    within = int(np.prod([extent for flag, extent in folded if flag]))
    if all(flags):
        return TOTAL, 0
    if not any(flags) or flags != sorted(flags) and flags != sorted(flags, reverse=True):
        return None
    how, extent = (COLUMNS, source.size // within) if flags[0] else (ROWS, within)
    return (how, extent) if extent <= LARGEST_INNER else None


def loop_of(program: Program, row: int, exact: bool) -> tuple[int, int] | None:
    """The inner loop of an elementwise row, or None where NumPy does it."""
    op, spec = program.op[row], program.spec[row]
    kinds = [program.spec[i].dtype for i in program.inputs_of(row)]
    if any(kind.itemsize not in (1, 4, 8) or not kind.isnative for kind in (*kinds, spec.dtype)):
        return None
    if op in o.ARITHMETIC:
        return inner.value_loop(o.NAMES[op], spec.dtype.char) if all(kind == spec.dtype for kind in kinds) else None
    if op in _UFUNCS:
        return inner.inner_loop(_UFUNCS[op], "".join(kind.char for kind in kinds) + "->?")
    name = None
    if op == o.SELECT and kinds[0].char == "?" and kinds[1] == kinds[2] == spec.dtype:
        name = block_loops.SELECTS[spec.dtype.itemsize]
    elif op == o.STRONG and exact and kinds[0] == kinds[1]:
        name = {"d": "strong_double", "f": "strong_single"}.get(kinds[0].char)
    elif op == o.CAST and kinds[0] == spec.dtype:
        return inner.inner_loop(np.positive, f"{spec.dtype.char}->{spec.dtype.char}")
    elif op == o.CAST:
        name = block_loops.CASTS.get(kinds[0].char + spec.dtype.char)
    return (block_loops.address(name), 0) if name else None


def columns_as_arrays(program: Program) -> Program:
    """The same program with arrays for its columns of numbers: to make one of 34,000 numbers takes a millisecond."""
    made = copy.copy(program)
    made.op, made.a, made.b, made.c = (np.array(x, np.int64) for x in (program.op, program.a, program.b, program.c))  # type: ignore
    return made


class Schedule:
    """`steps`, in order; `step_of[row]` (-1: an input, a constant, a view), `loops[row]` for elementwise rows in groups, `regions[row]`
    for those that put arrays into others."""

    def __init__(self, program: Program, exact: bool) -> None:
        self.program, self.exact = program, exact
        self.columns = columns_as_arrays(program)
        self.steps: list[Step] = []
        self.step_of = np.full(len(program), -1, np.int64)
        self.ready = np.zeros(len(program), np.int64)  # the first step that may read a root's memory
        self.loops: dict[int, tuple[int, int]] = {}
        self.regions: dict[int, list[Region]] = {}
        self._groups: dict[int, list[int]] = defaultdict(list)  # size -> steps
        self._by_rows: dict[int, list[int]] = defaultdict(list)  # number of inner rows -> steps
        self._scalars = -1  # the latest run
        mine = belongs(self.columns)
        self.places = Places(program, exact, mine)
        self._assign(mine)

    def _assign(self, mine: np.ndarray) -> None:
        program, ops = self.program, np.asarray(self.columns.op)
        source = (ops == o.INPUT) | (ops == o.CONSTANT)
        # stretches of scalar rows go in one piece; inputs and constants between them are no work
        edges = np.flatnonzero(~source & ~mine)
        before = 0
        for edge in (*edges.tolist(), len(program)):
            if edge > before:
                stretch = before + np.flatnonzero(~source[before:edge])
                if len(stretch):
                    self._run(stretch)
            before = edge + 1
            if edge < len(program) and not self.places.is_view(edge):
                self._array_row(edge)

    def root(self, row: int) -> int:
        """The row whose memory a row lies in. A scalar row is its own: what it is the same as is settled within its run."""
        if self.step_of[row] >= 0 or self.program.op[row] in (o.INPUT, o.CONSTANT):
            return row
        return self.places.source(row)[0]

    def _run(self, rows: np.ndarray) -> None:
        program, first, last = self.program, int(rows[0]), int(rows[-1])
        read: set[int] = set()
        for column in (self.columns.a, self.columns.b, self.columns.c):
            part = np.asarray(column[first : last + 1])
            read.update(np.unique(part[(part >= 0) & (part < first)]).tolist())
        for row in program.more.keys() & set(range(first, last + 1)) if program.more else ():
            read.update(i for i in program.more[row] if i < first)
        latest = self._scalars
        fits = latest >= 0 and all(self.step_of[i] == latest or self.ready[self.root(i)] <= latest for i in read)
        if not fits:
            self._scalars = latest = self._new(Step("scalars", []))
        self.steps[latest].rows.extend(rows.tolist())
        self.step_of[rows], self.ready[rows] = latest, latest + 1

    def _new(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def _array_row(self, row: int) -> None:
        program, op = self.program, self.program.op[row]
        how = None
        if op == o.GUARD or op == o.CALL or program.spec[row].size == 0:
            pass
        elif op in o.ELEMENTWISE:
            loop = loop_of(program, row, self.exact)
            if loop:
                self.loops[row] = loop
                self._elementwise(row)
                return
        elif op in o.REDUCTIONS and (how := reduction(program, row)):
            self._reduce(row, *how)
            return
        elif (
            program.spec[row].ndim
            and program.spec[row].dtype.itemsize in (1, 4, 8)
            and (found := regions(program, row)) is not None
        ):
            if op != o.OVERWRITE or program.spec[row].dtype.char in "df":
                self.regions[row] = found
                self._join(row, self._group_for(row, program.spec[row].size), True)
                return
        elif op == o.RESHAPE and program.spec[row].dtype.itemsize in (1, 4, 8):
            self._join(row, self._group_for(row, program.spec[row].size), True)
            return
        step = self._new(Step("numpy", [row]))
        self.step_of[row], self.ready[row] = step, step + 1

    def _join(self, row: int, step: int, whole: bool) -> None:
        self.steps[step].rows.append(row)
        self.steps[step].whole[row] = whole
        self.step_of[row], self.ready[row] = step, step + 1

    def _elementwise(self, row: int) -> None:
        program, size = self.program, self.program.spec[row].size
        for number in reversed(self._by_rows[size][-LOOK_BACK:]):
            if self._fits_column(row, number):
                self._join(row, number, False)
                return
        group = self._group_for(row, size)
        self._join(row, group, True)
        step = self.steps[group]
        for i in program.inputs_of(row):
            found = self.read_as(i, row)
            if not step.inner and found.kind in (COLUMN, ROW) and found.inner <= LARGEST_INNER:
                self._settle(group, found.inner)

    def _settle(self, number: int, inner_extent: int) -> None:
        step = self.steps[number]
        if not step.inner:
            step.inner = inner_extent
            self._by_rows[step.size // inner_extent].append(number)

    def read_as(self, row: int, reader: int) -> Pattern:
        """How an elementwise row (or a reduction, which reads what it is given) reads one of its inputs."""
        place, program = self.places.of(row), self.program
        shape, strides = place.shape, place.strides
        wanted = program.spec[reader].shape if program.op[reader] in o.ELEMENTWISE else shape
        if shape != wanted:
            more = len(wanted) - len(shape)
            strides = (0,) * more + tuple(0 if n == 1 else s for n, s in zip(shape, strides, strict=True))
        return pattern(wanted, strides, program.spec[row].dtype.itemsize)

    def passes(self, step: int, row: int, reader: int) -> tuple[int, bool, bool] | None:
        """Whether a group hands `row` to `reader` without memory: the root, whether it has all elements, whether it must be spread."""
        root = self.root(row)
        parts = self.regions.get(reader)
        if parts is not None and any(part.source == row for part in parts):
            return None
        if self.step_of[root] != step or root not in self.steps[step].whole or self.places.of(row).offset:
            return None
        group, read = self.steps[step], self.read_as(row, reader)
        one = read.kind == SCALAR and self.program.spec[root].size == self.program.spec[reader].size == 1
        if read.kind == FLAT and self.places.of(row).shape != () or one:
            if read.extents and read.extents[0] != self.program.spec[root].size:
                return None
            return root, group.whole[root], False
        if not group.whole[root] and read.kind == COLUMN and read.inner == group.inner:
            return root, False, True
        return None

    def _fits(self, row: int, number: int) -> bool:
        """Whether a row with all elements of a group may join it."""
        for i in self.program.inputs_of(row):
            if self.ready[self.root(i)] <= number:
                continue
            passed = self.passes(number, i, row)
            if passed is None or passed[1] == passed[2]:
                return False
        return True

    def _fits_column(self, row: int, number: int) -> bool:
        """Whether a row with one element a row of the inner axis may: at least one input comes from the group itself."""
        some = False
        for i in self.program.inputs_of(row):
            passed = self.passes(number, i, row)
            if passed is not None and not passed[1] and not passed[2]:
                some = True
            elif self.ready[self.root(i)] > number or self.read_as(i, row).kind not in (SCALAR, FLAT):
                return False
        return some

    def _group_for(self, row: int, size: int) -> int:
        for number in reversed(self._groups[size][-LOOK_BACK:]):
            if self._fits(row, number):
                return number
        number = self._new(Step("group", [], size))
        self._groups[size].append(number)
        return number

    def _reduce(self, row: int, how: int, extent: int) -> None:
        program = self.program
        size = program.spec[program.a[row]].size
        for number in reversed(self._groups[size][-LOOK_BACK:]):
            if (not extent or self.steps[number].inner in (0, extent)) and self._fits(row, number):
                break
        else:
            number = self._new(Step("group", [], size))
            self._groups[size].append(number)
        if extent:
            self._settle(number, extent)
        self._join(row, number, False)
        if how != ROWS:
            del self.steps[number].whole[row]


def last_reads(schedule: Schedule) -> dict[int, int]:
    """For every root that is read from memory, the last step that does (one past the end: the program gives it)."""
    program, step = schedule.program, schedule.step_of
    last: dict[int, int] = {}
    columns = np.array([schedule.columns.a, schedule.columns.b, schedule.columns.c])
    reader = np.broadcast_to(np.arange(len(program)), columns.shape)
    used = (columns >= 0) & (step[reader] >= 0) & (step[columns] != step[reader])
    pairs = set(zip(columns[used].tolist(), step[reader[used]].tolist(), strict=True))
    pairs |= {(i, int(step[row])) for row, further in program.more.items() if step[row] >= 0 for i in further}
    for row, number in pairs:
        root = schedule.root(row)
        if step[root] != number:  # else a group hands it on by itself
            last[root] = max(last.get(root, -1), number)
    return last | {schedule.root(row): len(schedule.steps) for row in program.outputs}
