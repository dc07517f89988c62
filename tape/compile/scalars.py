"""Scalar runs: rows that each compute one float64 or bool, as flat integer columns for the tiers that run them.

`belongs(program)` marks the rows that may stand in a run; `columns_of(program, rows, place_of)` turns a run of them into `Columns`.
Invariants: values are numbered loads, then constants, then rows; an operand has a smaller number than its row; every operand of a
row is a value and no value is computed twice. What has no arithmetic is no row: constants and elements of arrays are values,
a view or a cast that changes nothing is its input, ASSEMBLE and SCATTER are stores. Memory that a run stores to must not be
memory that it loads from. Imports program and opcodes. Imported by the tiers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Guard, Program
from tape.spec import SCALAR, intern

ARENA = -1  # the pointer of a place that lies in the arena
HOLDS, FAILS, SAME = 2000, 2001, 2002  # opcodes of guards: `a` is true; `a` is false; `a` has the bits of `b`
GUARDS = (HOLDS, FAILS, SAME)
BOOL = intern((), np.dtype(np.bool_))

PlaceOf = Callable[[int], tuple]
TESTS = o.COMPARISONS | o.LOGICAL | {o.ISNAN, o.ISINF, o.ISFINITE}  # rows whose value is a bool
COMPUTE, SAME_AS, LOAD, CONSTANT, STORE, GUARD = range(1, 7)  # what becomes of a row
_CLASS = np.zeros(4000, np.int8)
_CLASS[[*o.ARITHMETIC, *TESTS, o.SELECT, o.STRONG]] = COMPUTE
_CLASS[[o.PERMUTE, o.EXPAND, o.SUM, o.PROD, o.AMAX, o.AMIN, o.OVERWRITE]] = SAME_AS  # where the input is 0-d
_CLASS[[o.INDEX, o.RESHAPE, o.INPUT]] = LOAD  # of an array; 0-d ones are the same as their input
_CLASS[o.CONSTANT], _CLASS[o.GUARD] = CONSTANT, GUARD
_CLASS[[o.ASSEMBLE, o.SCATTER]] = STORE
_CLASS[o.CAST] = COMPUTE
_SMALL = 64  # zeros that a run writes for places that an ASSEMBLE leaves out; where there are more, the row stays outside
_ZERO, _FALSE = -2, -3  # in the place of a row: what stands where nothing fills an ASSEMBLE


@dataclass(eq=False)
class Columns:
    """A scalar run. `boolean[v]` says that value v is a bool (one byte in memory, else a float64); `rows` are the program's rows, for
    messages. A constant bool stands as 0.0 or 1.0."""

    loads: list[tuple[int, int]]  # (pointer or ARENA, byte offset), in ascending order
    constants: np.ndarray
    op: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    boolean: np.ndarray
    stores: list[tuple[int, int, int]]  # (value, pointer or ARENA, byte offset)
    rows: np.ndarray

    @property
    def first(self) -> int:
        """The number of the first row's value."""
        return len(self.loads) + len(self.constants)

    def __len__(self) -> int:
        return len(self.op)


def belongs(program: Program) -> np.ndarray:
    """For every row of a program whether it may stand in a scalar run."""
    spec = np.fromiter(map(id, program.spec), np.int64, len(program))  # interned, so its address tells one
    is_bool = spec == id(BOOL)
    kind = is_bool | (spec == id(SCALAR))
    op, a, b, c = (np.array(column, np.int64) for column in (program.op, program.a, program.b, program.c))
    row = _CLASS[np.minimum(op, len(_CLASS) - 1)]
    inputs = np.ones(len(op), bool)
    for operand in (a, b, c):
        inputs &= (operand < 0) | kind[operand]
    computed = np.isin(row, (COMPUTE, SAME_AS)) & kind & inputs
    computed &= ~(is_bool & np.isin(op, [*o.ARITHMETIC, o.SUM, o.PROD]))  # + of bools is no sum of floats
    guards = (row == GUARD) & inputs
    found = computed | guards | (np.isin(row, (LOAD, CONSTANT)) & kind)
    for k in np.flatnonzero(row == STORE):
        found[k] = all(kind[i] for i in program.inputs_of(int(k))) and _is_short(program, int(k))
    return found


def _is_short(program: Program, row: int) -> bool:
    spec = program.spec[row]
    return spec.dtype in (SCALAR.dtype, BOOL.dtype) and spec.size - len(program.inputs_of(row)) <= _SMALL


def columns_of(program: Program, rows: Sequence[int], place_of: PlaceOf, wanted: Iterable[int] | None = None) -> Columns:
    """The columns of a run.

    rows: rows in ascending order for which `belongs` holds. place_of(row): where a value from outside lies, and where one that is wanted
    outside goes: (pointer or ARENA, byte offset), for arrays also (shape, byte strides). wanted: the rows of the run that others read;
    None: find out, at the cost of a look at the whole program.
    """
    return _Extraction(program, np.asarray(rows, np.int64), place_of).columns(wanted)


class _Extraction:
    """The work of `columns_of`. While it goes on a value is named by its row; `same` says of which row it is merely another name."""

    def __init__(self, program: Program, rows: np.ndarray, place_of: PlaceOf) -> None:
        self.program, self.rows, self.place_of = program, rows, place_of
        self.base = int(rows[0]) if len(rows) else 0
        stop = int(rows[-1]) + 1 if len(rows) else 0
        self.op, self.a, self.b, self.c = (
            np.array(column[self.base : stop], np.int64)[rows - self.base]
            for column in (program.op, program.a, program.b, program.c)
        )
        self.index = np.full(stop - self.base + 1, -1)  # by row, less base; the last for rows from elsewhere
        self.index[rows - self.base] = np.arange(len(rows))
        self.kind = _CLASS[self.op]
        self.same = np.full(len(rows), -1)
        self.places: dict[int, tuple] = {}
        self.loaded: dict[int, tuple[int, int]] = {}
        self.parts: dict[int, dict[int, int]] = {}  # of a position that is stores: flat place -> row
        self.bits: dict[int, float] = {}  # of a position that is a guard of a value: the value

    def columns(self, wanted: Iterable[int] | None) -> Columns:
        self._classify()
        self.computed = np.flatnonzero((self.kind == COMPUTE) | (self.kind == GUARD))
        operands = [self._resolve(column[self.computed]) for column in (self.a, self.b, self.c)]
        stores = self._stores(self._wanted() if wanted is None else wanted)
        return self._number(operands, stores)

    def _place(self, row: int) -> tuple:
        found = self.places.get(row)
        if found is None:
            found = self.places[row] = self.place_of(row)
        return found

    def _at(self, rows: np.ndarray) -> np.ndarray:
        """The positions in the run of rows; -1 for rows from elsewhere."""
        return self.index[np.where(rows >= self.base, rows - self.base, -1)]

    def _classify(self) -> None:
        """What needs a look at parameters: elements of arrays, casts, guards, stores."""
        spec, params = self.program.spec, self.program.params
        alike = self.kind == SAME_AS
        self.same[alike] = np.where(self.op[alike] == o.OVERWRITE, self.b[alike], self.a[alike])
        special = np.flatnonzero(np.isin(self.kind, (LOAD, STORE, GUARD)) | (self.op == o.CAST))
        for k, row, op, source in zip(special.tolist(), *(x[special].tolist() for x in (self.rows, self.op, self.a)), strict=True):
            if op == o.INPUT:
                self.loaded[row] = self._place(row)[:2]
            elif op == o.CAST:
                if spec[source] is spec[row]:
                    self.same[k], self.kind[k] = source, SAME_AS
            elif op == o.GUARD:
                self._guard(k, params[row])
            elif op in (o.ASSEMBLE, o.SCATTER):
                self._parts_of(k, row)
            elif spec[source].shape == ():
                self.same[k], self.kind[k] = source, SAME_AS
            else:
                self._element(k, row, source, params[row] if op == o.INDEX else ())

    def _guard(self, k: int, guard: Guard) -> None:
        if guard.kind == "shape":
            self.kind[k] = 0
        elif guard.kind == "truth" or self.program.spec[self.a[k]] is BOOL:
            self.op[k] = HOLDS if guard.outcome in (True, b"\x01") else FAILS
        else:
            self.op[k], self.bits[k] = SAME, float(np.frombuffer(guard.outcome, np.float64)[0])

    def _parts_of(self, k: int, row: int) -> None:
        params, size = self.program.params[row], self.program.spec[row].size
        places = [_flat(params[0], params[1])] if self.op[k] == o.SCATTER else params[1]
        self.parts[k] = dict(zip((int(i) % size for i in places), self.program.inputs_of(row), strict=True))

    def _element(self, k: int, row: int, source: int, key: Any) -> None:
        """An element of an array: a load, or one of the parts that an ASSEMBLE of this very run puts together."""
        spec = self.program.spec[source]
        inside = int(self._at(np.array([source]))[0])
        if inside >= 0:
            self.same[k] = self.parts[inside].get(_flat(spec.shape, key), _FALSE if spec.dtype == BOOL.dtype else _ZERO)
            self.kind[k] = SAME_AS
            return
        pointer, offset, *rest = self._place(source)
        if key != ():
            for i, extent, stride in zip(key if type(key) is tuple else (key,), rest[0], rest[1], strict=True):
                offset += (i + extent if i < 0 else i) * stride
        self.loaded[row] = pointer, int(offset)

    def _resolve(self, rows: np.ndarray) -> np.ndarray:
        """The rows that given rows are another name of."""
        while True:
            at = self._at(rows)
            onward = np.where((at >= 0) & (rows >= 0), self.same[at], -1) if len(self.rows) else np.full(len(rows), -1)
            if (onward == -1).all():
                return rows
            rows = np.where(onward == -1, rows, onward)

    def _wanted(self) -> list[int]:
        """The rows of the run that outputs or rows outside read."""
        program = self.program
        outside = np.ones(len(program), bool)
        outside[self.rows] = False
        read = np.zeros(len(program) + 1, bool)  # the last for -1
        for column in (program.a, program.b, program.c):
            read[np.array(column, np.int64)[outside]] = True
        for row, further in program.more.items():
            if outside[row]:
                read[list(further)] = True
        read[program.outputs] = True
        return self.rows[read[self.rows]].tolist()

    def _stores(self, wanted: Iterable[int]) -> list[tuple[int, int, int]]:
        """(row, pointer, offset)"""
        found: list[tuple[int, int, int]] = []
        rows = np.array(list(wanted), np.int64)
        for row, kind in zip(rows.tolist(), self.kind[self._at(rows)].tolist(), strict=True):
            if kind in (COMPUTE, SAME_AS, LOAD, CONSTANT):
                pointer, offset = self._place(row)[:2]
                if self.loaded.get(row) != (pointer, offset):
                    found.append((row, pointer, offset))
        for k, filled in self.parts.items():
            row = int(self.rows[k])
            spec = self.program.spec[row]
            pointer, offset = self._place(row)[:2]
            absent = _FALSE if spec.dtype == BOOL.dtype else _ZERO
            found.extend((filled.get(i, absent), pointer, offset + i * spec.dtype.itemsize) for i in range(spec.size))
        resolved = self._resolve(np.array([row for row, _, _ in found], np.int64)).tolist()
        return [(row, pointer, offset) for row, (_, pointer, offset) in zip(resolved, found, strict=True)]

    def _number(self, operands: list[np.ndarray], stores: list[tuple[int, int, int]]) -> Columns:
        """Rows become value numbers."""
        stored = np.array([row for row, _, _ in stores], np.int64)
        number = np.full(len(self.index), -1)  # by row, less base
        near, far = self._outside(np.concatenate([*operands, stored]))
        loads, constants, boolean, numbers = self._numbered([*far, *near])
        first = len(loads) + len(constants)
        number[self.rows[self.computed] - self.base] = first + np.arange(len(self.computed))
        for row in near:
            number[row - self.base] = numbers[row]
        far_rows = np.array(far, np.int64)
        far_numbers = np.array([numbers[row] for row in far], np.int64)

        def of(rows: np.ndarray) -> np.ndarray:
            found = number[np.where(rows >= self.base, rows - self.base, -1)]
            distant = (rows < self.base) & (rows != -1)
            found[distant] = far_numbers[np.searchsorted(far_rows, rows[distant])]
            return found.astype(np.int32)

        a, b, c = (of(rows) for rows in operands)
        for k in self.bits:
            b[np.searchsorted(self.computed, k)] = numbers[_FALSE - 1 - k]
        rows = self.rows[self.computed]
        made = np.fromiter(map(id, map(self.program.spec.__getitem__, rows.tolist())), np.int64, len(rows)) == id(BOOL)
        placed = [(value, pointer, offset) for value, (_, pointer, offset) in zip(of(stored).tolist(), stores, strict=True)]
        op = self.op[self.computed].astype(np.int32)
        return Columns(loads, constants, op, a, b, c, np.concatenate([boolean, made]), placed, rows)

    def _outside(self, read: np.ndarray) -> tuple[list[int], list[int]]:
        """The rows read that are not computed here: those from base on, and in ascending order those before."""
        read = read[read != -1]
        at = self._at(read)
        if len(self.rows):
            read = read[(at < 0) | (read < 0) | (self.kind[at] != COMPUTE)]
        near, far = np.unique(read[read >= self.base]), np.unique(read[read < self.base])
        return near.tolist(), far.tolist()

    def _numbered(self, rows: list[int]) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray, dict[int, int]]:
        """Loads and constants, which of them are bools, and the numbers of rows and (below _FALSE) of guards' values."""
        op, spec, params = self.program.op, self.program.spec, self.program.params
        fixed = [row for row in rows if row < 0 or op[row] == o.CONSTANT]
        values = np.array([params[row] if row >= 0 else 0.0 for row in fixed] + list(self.bits.values()), np.float64)
        flags = [row == _FALSE if row < 0 else spec[row] is BOOL for row in fixed] + [False] * len(self.bits)
        fixed.extend(_FALSE - 1 - k for k in self.bits)
        place = {row: self.loaded.get(row) or self._place(row)[:2] for row in rows if row >= 0 and op[row] != o.CONSTANT}
        of_place = {place[row]: spec[row] is BOOL for row in place}
        loads = sorted(of_place)
        number_of = {place: k for k, place in enumerate(loads)}
        numbers = {row: number_of[found] for row, found in place.items()}
        boolean = [of_place[place] for place in loads]
        constants = []
        for flag in (False, True):  # by their bits: 0.0 and -0.0 are two
            chosen = np.flatnonzero(np.array(flags, bool) == flag)
            unique, which = np.unique(values[chosen].view(np.int64), return_inverse=True)
            first = len(boolean)
            numbers.update(zip((fixed[k] for k in chosen.tolist()), (first + which).tolist(), strict=True))
            boolean.extend([flag] * len(unique))
            constants.append(unique.view(np.float64))
        return loads, np.concatenate(constants), np.array(boolean, bool), numbers


def _flat(shape: tuple[int, ...], key: Any) -> int:
    """The place of the element at a key of whole numbers, counted in C order."""
    flat = 0
    for i, extent in zip(key if type(key) is tuple else (key,), shape, strict=False):
        flat = flat * extent + (i + extent if i < 0 else i)
    return flat


def without_strong(columns: Columns) -> Columns:
    """The run with every STRONG row read as what it guards, and without rows that nothing reads then."""
    first, count = columns.first, len(columns)
    means = np.arange(first + count)
    strong = np.flatnonzero(columns.op == o.STRONG)
    means[first + strong] = columns.b[strong]
    while (means[means] != means).any():
        means = means[means]
    operands = [np.where(column >= 0, means[column], -1) for column in (columns.a, columns.b, columns.c)]
    stores = [(int(means[value]), pointer, offset) for value, pointer, offset in columns.stores]
    kept = np.ones(count, bool)
    kept[strong] = False
    wanted = np.isin(columns.op, GUARDS)
    wanted[[value - first for value, _, _ in stores if value >= first]] = True
    while True:  # rows that nobody reads, then those that only they read, ...
        read = np.zeros(first + count + 1, bool)
        for operand in operands:
            read[operand[kept]] = True
        dead = kept & ~read[first:-1] & ~wanted
        if not dead.any():
            break
        kept &= ~dead
    number = np.concatenate([np.arange(first), first + np.cumsum(kept) - 1, [-1]]).astype(np.int32)
    a, b, c = (number[operand[kept]] for operand in operands)
    boolean = np.concatenate([columns.boolean[:first], columns.boolean[first:][kept]])
    stores = [(int(number[value]), pointer, offset) for value, pointer, offset in stores]
    return Columns(columns.loads, columns.constants, columns.op[kept], a, b, c, boolean, stores, columns.rows[kept])
