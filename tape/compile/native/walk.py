"""How the operands of a nest walk through memory, and along which axis each of its cells moves.

`Walk(module, nest, lanes, exact)` has a pointer for all operands that walk alike, the steps of each, and `shape()`, by which nests are one
function. Imports nest, access. Imported by loops.
"""

from __future__ import annotations

from tape.compile.native.access import Access
from tape.compile.native.cells import Operand
from tape.compile.native.llvm import Module
from tape.compile.native.nest import Nest


class Walk(Access):
    """What is known of a nest beforehand."""

    def __init__(self, module: Module, nest: Nest, lanes: int, exact: bool) -> None:
        super().__init__(module, lanes, exact)
        self.nest = nest
        self.last = len(nest.extents) - 1
        self.arguments: list[tuple[int, int]] = []
        self._classes()
        self._levels()

    def _classes(self) -> None:
        """Operands that walk alike share a pointer, and keep their distance from it."""
        lowest: dict[tuple, int] = {}
        operands = self.nest.operands()
        for p in operands:
            key = (p.root, p.steps)
            lowest[key] = min(lowest.get(key, p.offset), p.offset)
        self.index = {key: k for k, key in enumerate(lowest)}
        self.arguments = [(key[0], offset) for key, offset in lowest.items()]
        self.steps = [key[1] for key in lowest]
        self.pointers = [f"%p{k}" for k in range(len(lowest))]
        self.distance = {p: p.offset - lowest[p.root, p.steps] for p in operands}

    def shape(self) -> tuple:
        """All that the text depends on: nests of one shape are one function."""

        def at(operand: Operand | None) -> tuple[int, int] | None:
            return None if operand is None else (self.index[operand.root, operand.steps], self.distance[operand])

        nest = self.nest
        cells = tuple((c.sort, c.kind, c.op, str(c.params), c.inputs, at(c.operand), c.conditions) for c in nest.cells)
        stores = tuple((s.cell, s.kind, at(s.target)) for s in nest.stores)
        reductions = tuple((r.cell, r.kind, r.word, at(r.target), r.axes) for r in nest.reductions)
        return nest.extents, cells, stores, reductions, tuple(self.steps), self.lanes, nest.half

    def _levels(self) -> None:
        """The innermost axis that each cell moves along; -1: none."""
        self.level: list[int] = []
        for c in self.nest.cells:
            moving = [axis for axis, _, _ in c.conditions] + [self.level[i] for i in c.inputs]
            if c.operand is not None:
                moving += [k for k, step in enumerate(c.operand.steps) if step]
            self.level.append(max(moving, default=-1))
