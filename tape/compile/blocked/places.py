"""Where values lie: each array row is elements of the memory of one row, its root, at an offset and byte strides.

`Places(program, exact)` finds them: a view has the root of its input; everything else is its own root. `pattern(...)` says in which order a
place is read: one element for all, elements in a row, one a row of the inner axis, the same row again and again, or strided.
Invariant: memory that rows write is C-contiguous. Imports program and opcodes. Imported by the other files here.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program

SCALAR, FLAT, COLUMN, ROW, STRIDED = range(5)


class Place(NamedTuple):
    """Elements of the memory of row `root`."""

    root: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Pattern(NamedTuple):
    """How a place is read in C order. `inner`: the extent of the inner axis, for COLUMN and ROW; `extents` and `strides` are those of the
    place with dimensions that lie behind one another made one."""

    kind: int
    inner: int
    extents: tuple[int, ...]
    strides: tuple[int, ...]


class Places:
    """The places of a program's array rows, found when asked for."""

    def __init__(self, program: Program, exact: bool, own: np.ndarray) -> None:
        """own: the rows that have memory of their own whatever they do, as scalar rows have."""
        self.program, self.exact, self.own = program, exact, own
        largest = max((spec.nbytes for spec in set(program.spec) if spec is not None), default=0)
        self._memory = np.empty(largest + 16, np.uint8)  # stands for every root's memory; never touched
        self._shown: dict[int, tuple[int, np.ndarray]] = {}  # row -> root, array
        self._found: dict[int, Place] = {}

    def is_view(self, row: int) -> bool:
        """Whether a row is no work: other places of its input's memory. A reshape that must copy is none."""
        return self._looks(row) and self.source(row)[0] != row

    def viewed(self, row: int) -> int:
        """The input that a view looks at."""
        return self.program.b[row] if self.program.op[row] == o.STRONG else self.program.a[row]

    def source(self, row: int) -> tuple[int, np.ndarray]:
        """The root of a row, and an array over memory that stands for it."""
        shown = self._shown.get(row)
        if shown is None:
            chain = [row]  # views of views, without recursion
            while self._looks(chain[-1]) and self.viewed(chain[-1]) not in self._shown:
                chain.append(self.viewed(chain[-1]))
            for r in reversed(chain):
                self._shown[r] = self._show(r)
            shown = self._shown[row]
        return shown

    def _looks(self, row: int) -> bool:
        op = self.program.op[row]
        return (op in o.VIEWS or op == o.STRONG and not self.exact) and not self.own[row]

    def _show(self, row: int) -> tuple[int, np.ndarray]:
        program, spec = self.program, self.program.spec[row]
        if self._looks(row):
            root, base = self._shown[self.viewed(row)]
            if program.op[row] == o.STRONG:
                return root, np.broadcast_to(base, spec.shape)
            made = np.asarray(o.VALUE[program.op[row]](program.params[row], base))
            if made.size == 0 or np.may_share_memory(made, base):
                return root, made
        elif program.op[row] == o.CONSTANT and program.params[row].flags.aligned:
            return row, program.params[row]
        return row, np.ndarray(spec.shape, spec.dtype, self._memory)

    def of(self, row: int) -> Place:
        """The place of a row."""
        found = self._found.get(row)
        if found is None:
            root, array = self.source(row)
            start = self._shown[root][1]
            offset = array.__array_interface__["data"][0] - start.__array_interface__["data"][0]
            found = self._found[row] = Place(root, offset, array.shape, array.strides)
        return found


@cache
def pattern(shape: tuple[int, ...], strides: tuple[int, ...], width: int) -> Pattern:
    """In which order elements of `width` bytes are read.

    >>> pattern((4, 3), (8, 0), 8)[:2] == (COLUMN, 3)
    True
    """
    extents: list[int] = []
    steps: list[int] = []
    for extent, step in zip(shape, strides, strict=True):
        if extent == 1:
            continue
        if steps and steps[-1] == step * extent:
            extents[-1] *= extent
            steps[-1] = step
        else:
            extents.append(extent)
            steps.append(step)
    kind, inner = STRIDED, 0
    if not steps or steps == [0]:
        kind = SCALAR
    elif steps == [width]:
        kind = FLAT
    elif steps == [width, 0]:
        kind, inner = COLUMN, extents[1]
    elif steps == [0, width]:
        kind, inner = ROW, extents[1]
    return Pattern(kind, inner, tuple(extents), tuple(steps))
