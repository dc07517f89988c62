"""What a loop nest computes at one point, as cells: loads, numbers, elementwise operations, choices by place.

`Cells.find(row, map)` gives the cell of a row's element at a point of the nest: rows without memory of their own are computed where they
are needed, views only change the map, scattered and overwritten values become a choice between inside and outside.
Invariant: cells stand after their inputs and each is there once. A load carries the conditions under which its address is valid.
Imports places. Imported by loops and plan.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.native.places import Condition, Map, Place, broadcast, identity, inside, key_of, through
from tape.compile.native.vectors import KINDS
from tape.compile.program import Program

ADD, MULTIPLY = OPCODES["add"], OPCODES["mul"]
SMALL = 4  # a sum of at most so many elements is written out


class Operand(NamedTuple):
    """Memory that a nest walks through: bytes from a root, and bytes a step of each axis."""

    root: int
    offset: int
    steps: tuple[int, ...]


class Cell(NamedTuple):
    """One value at a point of the nest. `sort`: load, number, apply, inside."""

    sort: str
    kind: str  # double, float or i1
    op: int = 0
    params: Any = None
    inputs: tuple[int, ...] = ()
    operand: Operand | None = None
    conditions: frozenset[Condition] = frozenset()


def operand(place: Place, found: Map, axes: int) -> Operand:
    """Memory at a place seen through a map."""
    offset, steps = place.offset, [0] * axes
    for stride, (base, parts) in zip(place.strides, found, strict=True):
        offset += stride * base
        for axis, step in parts:
            steps[axis] += stride * step
    return Operand(place.root, offset, tuple(steps))


def as_number(program: Program, row: int) -> float | None:
    """The number that a frozen 0-d constant of a native dtype is."""
    value = program.params[row]
    if program.op[row] == o.CONSTANT and not value.ndim and value.dtype in KINDS:
        return float(value)
    return None


def summed_small(program: Program, row: int) -> bool:
    """Whether a row is a sum of few elements, to be written out."""
    if program.op[row] != o.SUM or not program.spec[row].size:
        return False
    return program.spec[program.a[row]].size <= SMALL * program.spec[row].size and program.spec[row].size >= 2 * SMALL


def dims_of(dims: Any, ndim: int) -> tuple[int, ...]:
    """The axes that a reduction's params name."""
    if dims is None:
        return tuple(range(ndim))
    return tuple(sorted(d % ndim for d in (dims if isinstance(dims, (tuple, list)) else (dims,))))


def positions(program: Program, row: int, found: Map) -> list[Map]:
    """The maps of the elements that a small sum adds up, in order."""
    dims, keep = program.params[row][0], program.params[row][1]
    shape = program.spec[program.a[row]].shape
    axes = dims_of(dims, len(shape))
    kept = iter([term for k, term in enumerate(found) if k not in axes] if keep else found)
    base = [None if k in axes else next(kept) for k in range(len(shape))]
    every = []
    for place in product(*(range(shape[k]) for k in axes)):
        at = dict(zip(axes, place, strict=True))
        every.append(tuple((at[k], ()) if term is None else term for k, term in enumerate(base)))
    return every


class Cells:
    """The cells of one nest. `memory(row)` says where a row lies if it can be loaded, else None."""

    def __init__(self, program: Program, axes: int, memory: Callable[[int], Place | None]) -> None:
        self.program, self.axes, self.memory = program, axes, memory
        self.cells: list[Cell] = []
        self._known: dict[Any, int] = {}
        self._found: dict[Any, int] = {}

    def _add(self, cell: Cell) -> int:
        key = (cell.sort, cell.kind, cell.op, str(cell.params), cell.inputs, cell.operand, cell.conditions)
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = len(self.cells)
            self.cells.append(cell)
        return place

    def number(self, value: float, kind: str) -> int:
        """The cell of a number."""
        return self._add(Cell("number", kind, params=value))

    def any_nan(self, cells: list[int]) -> int:
        """The cell that says whether one of some cells is a NaN."""
        found = [self._add(Cell("apply", "i1", o.ISNAN, None, (cell,))) for cell in cells]
        for cell in found[1:]:
            found[0] = self._add(Cell("apply", "i1", o.OR, None, (found[0], cell)))
        return found[0]

    def find(self, row: int, found: Map, conditions: frozenset[Condition] = frozenset()) -> int:
        """The cell of a row at a map; the address of what it loads is valid under the conditions only."""
        everywhere = self._found.get((row, found, frozenset()))
        if everywhere is not None:
            return everywhere
        key = (row, found, conditions)
        if key not in self._found:
            self._found[key] = self._make(row, found, conditions)
        return self._found[key]

    def _make(self, row: int, found: Map, conditions: frozenset[Condition]) -> int:
        program, op = self.program, self.program.op[row]
        spec, params = program.spec[row], program.params[row]
        kind = KINDS[spec.dtype]
        value = as_number(program, row)
        if value is not None:
            return self.number(value, kind)
        place = self.memory(row)
        if place is not None:
            return self._add(Cell("load", kind, operand=operand(place, found, self.axes), conditions=conditions))
        inputs = program.inputs_of(row)
        shapes = [program.spec[i].shape for i in inputs]
        if op in o.ELEMENTWISE:
            cells = tuple(self.find(i, broadcast(found, spec.shape, s), conditions) for i, s in zip(inputs, shapes, strict=True))
            return self._add(Cell("apply", kind, op, params, cells))
        if op in o.VIEWS:
            inner = through(op, params, found, spec.shape, shapes[0])
            assert inner is not None
            return self.find(inputs[0], inner, conditions)
        if op == o.MATMUL:  # an outer product
            a, b = (self.find(inputs[k], ((0, ()), found[1]) if k else (found[0], (0, ())), conditions) for k in (0, 1))
            return self._add(Cell("apply", kind, MULTIPLY, None, (a, b)))
        if op == o.SUM:
            parts = [self.find(inputs[0], at, conditions) for at in positions(program, row, found)]
            total = parts[0]
            for part in parts[1:]:
                total = self._add(Cell("apply", kind, ADD, None, (total, part)))
            return total
        return self._inside(op, row, found, conditions)

    def _inside(self, op: int, row: int, found: Map, conditions: frozenset[Condition]) -> int:
        """A part within zeros or within the value that it overwrites."""
        program, kind = self.program, KINDS[self.program.spec[row].dtype]
        part, key = (program.a[row], program.params[row][1]) if op == o.SCATTER else (program.b[row], program.params[row])
        seen = inside(key_of(key, program.spec[row].shape), found)
        assert seen is not None
        inner, more, any_inside = seen
        outside = -1
        if op == o.OVERWRITE:
            outside = self.find(program.a[row], found, conditions)
        if not any_inside:
            return outside if outside >= 0 else self.number(0, kind)
        if any(n == 0 for n in program.spec[part].shape):
            return outside if outside >= 0 else self.number(0, kind)
        inner = (
            inner if len(inner) == len(program.spec[part].shape) else broadcast(inner, (0,) * len(inner), program.spec[part].shape)
        )
        inner = tuple((0, ()) if n == 1 else term for n, term in zip(program.spec[part].shape, inner, strict=True))
        within = self.find(part, inner, conditions | frozenset(more))
        if not more:
            return within
        if outside < 0:
            outside = self.number(0, kind)
        return self._add(Cell("inside", kind, inputs=(within, outside), conditions=frozenset(more)))


def shiftable(program: Program, row: int) -> bool:
    """Whether a scatter or an overwrite is a shift, which a nest over the whole can take in."""
    shape = program.spec[row].shape
    key = program.params[row][1] if program.op[row] == o.SCATTER else program.params[row]
    if program.spec[row].dtype not in KINDS or not _basic(key):
        return False
    part = program.spec[program.a[row] if program.op[row] == o.SCATTER else program.b[row]]
    seen = inside(key_of(key, shape), identity(shape))
    return seen is not None and (not seen[2] or len(seen[0]) >= len(part.shape)) and part.dtype == program.spec[row].dtype


def _basic(key: Any) -> bool:
    parts = key if isinstance(key, tuple) else (key,)
    return all(isinstance(p, (int, np.integer, slice, type(None), type(Ellipsis))) and not isinstance(p, bool) for p in parts)
