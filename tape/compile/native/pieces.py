"""Nests as steps of a plan: large ones cut into pieces, gaps packed beforehand, partial results joined afterwards.

`Nests.add_nest(nest, rows)` appends what one nest needs: copies of memory that it would gather again and again, the identity where it adds to
memory, the nest itself, and the sums over its pieces. Invariant: pieces follow from shapes alone, so results do not depend on
how many threads take them. Imported by plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from tape.compile.native.cells import Cell, Operand
from tape.compile.native.halves import symmetric, twins
from tape.compile.native.nest import SIZES, Nest, Reduction, Store, arrange, in_memory, lanes_of, packs
from tape.compile.native.places import contiguous
from tape.compile.native.reductions import IDENTITY

PIECE = 8192  # elements of a piece of a large nest
FEW = 32  # pieces at most where each has partial sums of its own for many results


@dataclass
class Loops:
    """A nest, in `pieces` of `length` steps of its outermost axis (1: the whole). `partial`: bytes that a root moves on a piece."""

    nest: Nest
    lanes: int
    rows: list[int]
    pieces: int = 1
    length: int = 0
    partial: dict[int, int] = field(default_factory=dict)


class Nests:
    """Steps in the making. `sizes`: bytes of blocks that are no row's, numbered from `first_block` on."""

    def __init__(self, first_block: int) -> None:
        self.steps: list[Any] = []
        self.sizes: dict[int, int] = {}
        self.square: set[tuple[int, int]] = set()  # root and offset of symmetric matrices
        self._first_block = first_block

    def add_nest(self, nest: Nest, rows: list[int]) -> None:
        """The steps of one nest, which computes these rows."""
        lanes = lanes_of(nest)
        nest = arrange(nest, lanes)
        half = symmetric(nest, self.mirrors)
        nest, copies = twins(nest, self.mirrors)
        step = Loops(replace(self._packed(nest, rows), half=half), lanes, rows)
        after: list[Nest] = []
        if prod(step.nest.extents) >= 2 * PIECE:
            self._cut(step)
        reductions = []
        for r in step.nest.reductions:
            gaps = in_memory(step.nest, r) and r.target.steps[-1] not in (0, SIZES[r.kind])
            reductions.append(self._partial(step, r, after) if gaps or (step.pieces > 1 and 0 in r.axes) else r)
        step.nest = replace(step.nest, reductions=reductions)
        for r in step.nest.reductions:
            if in_memory(step.nest, r):
                self._fill(r, step)
        self.steps.append(step)
        for following in (*after, *copies):
            self.add_nest(following, rows)
        if half:
            self.square.update((s.target.root, s.target.offset) for s in nest.stores)

    def mirrors(self, operand: Operand, p: int, q: int) -> bool:
        """Whether a load along two axes reads a symmetric matrix, one of its rows a step: what a nest that is its own mirror image stored."""
        steps = sorted(step for step in operand.steps if step)
        return (operand.root, operand.offset) in self.square and len(steps) == 2 and set(steps) == {operand.steps[p], operand.steps[q]}

    def _packed(self, nest: Nest, rows: list[int]) -> Nest:
        """Memory that is read often and with gaps along the last axis is copied beforehand."""
        cells, last, copies = list(nest.cells), len(nest.extents) - 1, {}
        for k, c in enumerate(cells):
            if c.operand is None or not packs(nest, c, last):
                continue
            if c.operand not in copies:
                axes = [a for a, step in enumerate(c.operand.steps) if step]
                extents, size = tuple(nest.extents[a] for a in axes), SIZES[c.kind]
                strides = contiguous(extents, size)
                root = self._block(prod(extents) * size)
                given = Cell("load", c.kind, operand=Operand(c.operand.root, c.operand.offset, tuple(c.operand.steps[a] for a in axes)))
                self.steps.append(Loops(Nest(extents, [given], [Store(0, c.kind, Operand(root, 0, strides))], []), lanes_of(nest), rows))
                steps = [0] * len(nest.extents)
                for a, stride in zip(axes, strides, strict=True):
                    steps[a] = stride
                copies[c.operand] = Operand(root, 0, tuple(steps))
            cells[k] = c._replace(operand=copies[c.operand])
        return Nest(nest.extents, cells, nest.stores, nest.reductions) if copies else nest

    def _block(self, size: int) -> int:
        """The root of a new block that is no row's."""
        root = -1 - self._first_block - len(self.sizes)
        self.sizes[-1 - root] = size
        return root

    def _cut(self, step: Loops) -> None:
        """Cut a large nest in pieces; where its outermost axis is reduced, each has a partial result of its own."""
        nest = step.nest
        outer = nest.extents[0]
        inner = prod(nest.extents[1:])
        length = max(1, PIECE // inner)
        across = [r for r in nest.reductions if 0 in r.axes]
        results = max((prod(n for k, n in enumerate(nest.extents) if k not in r.axes) for r in across), default=0)
        if results > 1:
            length = max(length, -(-outer // FEW))
        pieces = -(-outer // length)
        if pieces == 1 or results * pieces > prod(nest.extents) // 4:
            return
        step.pieces, step.length = pieces, length

    def _partial(self, step: Loops, r: Reduction, after: list[Nest]) -> Reduction:
        """The reduction into a block of its own, for each piece if its axes are reduced across pieces; `after` brings results home."""
        extents, size = step.nest.extents, SIZES[r.kind]
        kept = [k for k in range(len(extents)) if k not in r.axes]
        shape = tuple(extents[k] for k in kept)
        strides = contiguous(shape, size)
        bytes_ = prod(shape) * size
        across = 0 in r.axes
        root = self._block(bytes_ * (step.pieces if across else 1))
        steps = [0] * len(extents)
        for k, s in zip(kept, strides, strict=True):
            steps[k] = s
        home = tuple(r.target.steps[k] for k in kept)
        if across:
            step.partial[root] = bytes_
            cell = Cell("load", r.kind, operand=Operand(root, 0, (bytes_, *strides)))
            whole = Reduction(0, r.kind, r.word, Operand(r.target.root, r.target.offset, (0, *home)), frozenset({0}))
            after.append(Nest((step.pieces, *shape), [cell], [], [whole]))
        else:
            cell = Cell("load", r.kind, operand=Operand(root, 0, strides))
            after.append(Nest(shape, [cell], [Store(0, r.kind, Operand(r.target.root, r.target.offset, home))], []))
        return Reduction(r.cell, r.kind, r.word, Operand(root, 0, tuple(steps)), r.axes)

    def _fill(self, r: Reduction, step: Loops) -> None:
        """Write the identity where a nest adds to memory."""
        kept = [k for k in range(len(step.nest.extents)) if k not in r.axes]
        extents, steps = [step.nest.extents[k] for k in kept], [r.target.steps[k] for k in kept]
        if r.target.root in step.partial:
            extents, steps = [step.pieces, *extents], [step.partial[r.target.root], *steps]
        cell = Cell("number", r.kind, params=IDENTITY[r.word])
        nest = Nest(tuple(extents), [cell], [Store(0, r.kind, Operand(r.target.root, r.target.offset, tuple(steps)))], [])
        lanes = lanes_of(nest)
        self.steps.append(Loops(arrange(nest, lanes), lanes, step.rows))
