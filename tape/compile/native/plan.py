"""The plan of a native program: steps in order, and where every value lies.

`Plan(program, exact)` has `steps` (scalar runs, nests, products, Python rows), `place(row)`, `offsets` of the arena's blocks and its `size`.
The table of pointers holds inputs, then constants, then outputs. Invariants: a block is taken again only after the last step that
reads it; what outlives a call is in an output; views cost nothing; large sums are taken in fixed pieces, whatever the threads.
Imports schedule. Imported by build.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tape.compile import opcodes as o
from tape.compile.native.cells import Cell, Cells, Operand, dims_of, operand
from tape.compile.native.kinds import ARRAY, BLOCK, COPY, FREE, NOTHING, PYTHON, REDUCED, SCALAR, VIEW, Classes, movable
from tape.compile.native.known import DIAGONALS, Ref
from tape.compile.native.nest import SIZES, Nest, Reduction, Store
from tape.compile.native.pieces import Loops, Nests
from tape.compile.native.places import Place, address_of, broadcast, contiguous, diagonal, identity, through_view
from tape.compile.native.reductions import WORDS
from tape.compile.native.schedule import Schedule
from tape.compile.native.steps import Known, Product, Run, Step
from tape.compile.native.vectors import KINDS
from tape.compile.passes.columns import frozen
from tape.compile.program import Program


class Plan(Nests):
    """Steps and places of a program. `watched`: each call notes where an output holds a NaN, as bytes that are not 0 among `flags`
    ones, whose address stands behind those of the outputs."""

    def __init__(self, program: Program, watched: bool = False) -> None:
        super().__init__(len(program))
        self.program, self.watched, self.flags = program, watched, 0
        self._wanted_rows = set(program.outputs)
        self._seen: set[int] = set()  # outputs in which a nest looked for NaN as it made them
        self.classes = Classes(program)
        self.schedule = Schedule(self.classes)
        constants = np.flatnonzero(self.classes.op == o.CONSTANT).tolist()
        self.constants = [row for row in constants if program.params[row].ndim or row in self._wanted_rows]
        first = len(program.inputs)
        self._constant = {row: first + k for k, row in enumerate(self.constants)}
        refs = [ref for recipe in self.classes.known.values() for ref in (*recipe.refs, recipe.base)]
        self.held = [ref.array for ref in refs if ref is not None and ref.array is not None]  # of known calls, behind the constants
        self._held = {id(array): first + len(self.constants) + k for k, array in enumerate(self.held)}
        self.first_output = first + len(self.constants) + len(self.held)
        self._places: dict[int, Place | None] = {}
        self.copies: list[tuple[int, int]] = []  # (output, row) of outputs that are not made where they are wanted
        self._assign_outputs()
        self._share_places()
        self._make_steps()
        self.wanted = self._wanted()
        self.offsets: dict[int, int] = {}
        self.size = 0
        self._lay_out()
        self.size = -(-self.size // 64) * 64  # scratch of scalar runs follows

    # --- places ----------------------------------------------------------------------------------------------------

    def _assign_outputs(self) -> None:
        """A computed row is made in its output; other outputs are copies."""
        for k, row in enumerate(self.program.outputs):
            if self.classes.of[row] in (FREE, VIEW) or row in self._places:
                self.copies.append((k, row))
            else:
                spec = self.program.spec[row]
                self._places[row] = Place(self.first_output + k, 0, contiguous(spec.shape, spec.dtype.itemsize))

    def _share_places(self) -> None:
        """A value that only its patch reads is made where the patched one is wanted; a part of a joined one in its place there."""
        program, kept = self.program, self.schedule.kept
        for row in reversed(np.flatnonzero(self.classes.op == o.OVERWRITE).tolist()):
            base = program.a[row]
            if self.classes.of[row] == BLOCK and row in kept and self.classes.alone[base]:
                if self.classes.of[base] in (ARRAY, BLOCK) and base in kept and base not in self._places:
                    self._places[base] = self.place(row)
        free = movable(self.classes)
        for row in reversed(np.flatnonzero(self.classes.op == o.CONCATENATE).tolist()):
            if self.classes.of[row] == BLOCK and row in kept:
                for part, region in self._regions(row):
                    if part in free and part in kept and part not in self._places:
                        self._places[part] = region

    def _regions(self, row: int) -> Iterator[tuple[int, Place]]:
        """The parts of a joined value, and where each lies in it."""
        whole, start = self.place(row), 0
        assert whole is not None
        for part in self.program.inputs_of(row):
            spec = self.program.spec[part]
            axis = self.program.params[row] % spec.ndim
            yield part, Place(whole.root, whole.offset + start * whole.strides[axis], whole.strides)
            start += spec.shape[axis]

    def place(self, row: int) -> Place | None:
        """Where a row lies; None for a view that memory does not have."""
        if row not in self._places:
            self._places[row] = self._find(row)
        return self._places[row]

    def _find(self, row: int) -> Place | None:
        program, kind = self.program, self.classes.of[row]
        spec = program.spec[row]
        if kind == VIEW:
            behind = self.place(program.a[row])
            given = program.spec[program.a[row]]
            return None if behind is None else through_view(program.op[row], program.params[row], behind, given.shape, given.dtype)
        if program.op[row] == o.CONSTANT:
            return Place(self._constant[row], 0, program.params[row].strides) if row in self._constant else None
        root = program.params[row] if kind == FREE else -1 - row
        return Place(root, 0, contiguous(spec.shape, spec.dtype.itemsize))

    def ready(self, row: int, time: int) -> Place | None:
        """Where a row lies if it has been made before a time."""
        base = self.classes.base[row]
        made = self.classes.of[base] == FREE or (base in self.schedule.kept and self.schedule.time[base] < time)
        return self.place(row) if made else None

    def mirrors(self, operand: Operand, p: int, q: int) -> bool:
        """Whether a load along two axes reads a symmetric matrix, a constant that nobody can change or one that was made so."""
        row = next((row for row, root in self._constant.items() if root == operand.root), None)
        value = None if row is None else self.program.params[row]
        if value is None or value.ndim != 2 or operand.offset or {operand.steps[p], operand.steps[q]} != set(value.strides) or not frozen(value):
            return super().mirrors(operand, p, q)
        return value.shape[0] == value.shape[1] and sum(map(abs, operand.steps)) == sum(value.strides) and np.array_equal(value, value.T, equal_nan=True)

    # --- steps -----------------------------------------------------------------------------------------------------

    def _make_steps(self) -> None:
        of, time = self.classes.of, self.schedule.time
        rows = np.fromiter(self.schedule.kept, np.int64, len(self.schedule.kept))
        rows = rows[np.lexsort((rows, np.array(time, np.int64)[rows]))]
        scalar = np.array(of, np.int64)[rows] == SCALAR
        ends = np.flatnonzero(np.diff(scalar, append=False)) + 1  # of stretches of scalar rows, and of what is between
        for row, is_scalar, place in zip(rows.tolist(), scalar.tolist(), range(len(rows)), strict=True):
            kind = of[row]
            if is_scalar:
                if not place or not scalar[place - 1]:
                    self._append_scalars(rows[place : ends[np.searchsorted(ends, place, "right")]])
            elif kind in (ARRAY, REDUCED, COPY):
                self._append_array(row, time[row])
            elif kind == BLOCK:
                self._append_block(row)
            elif kind == PYTHON:
                self._finish_group()
                self.steps.append(Step(row))
        self._finish_group()
        for k, row in self.copies:
            self._copy_out(k, row)
        for row in dict.fromkeys(self.program.outputs):
            spec = self.program.spec[row]
            if self.watched and row not in self._seen and KINDS.get(spec.dtype, "i1") != "i1" and spec.size:
                self._look_through(row)

    _open: dict
    _open_time = -1

    def _append_scalars(self, rows: np.ndarray) -> None:
        self._finish_group()
        last = self.steps[-1] if self.steps else None
        if isinstance(last, Run):
            rows = np.array([*last.rows, *rows.tolist()])
            self.steps.pop()
        mine = np.zeros(len(self.program), bool)
        mine[rows] = True
        reads = np.array(self.classes.base, np.int64)[self.classes.inputs_of(rows)]
        self.steps.append(Run(rows.tolist(), set(reads[~mine[reads]].tolist())))

    def _append_array(self, row: int, time: int) -> None:
        if self._open_time != time:
            self._finish_group()
            self._open, self._open_time = {}, time
        self._open.setdefault(self.schedule.domain(row), []).append(row)

    def _finish_group(self) -> None:
        if self._open_time < 0:
            return
        groups, time = self._open, self._open_time
        self._open_time = -1
        for shape, rows in groups.items():
            if 0 not in shape:
                self.add_nest(self._nest(shape, rows, time), rows)

    def _nest(self, shape: tuple[int, ...], rows: list[int], time: int) -> Nest:
        program, axes = self.program, len(shape)
        cells = Cells(program, axes, lambda row: self.ready(row, time))
        here = identity(shape)
        for row in self._within(rows, time):
            cells.find(row, here)
        stores, reductions = [], []
        for row in rows:
            place, kind = self.place(row), KINDS[program.spec[row].dtype]
            assert place is not None
            if self.classes.of[row] == ARRAY:
                stores.append(Store(cells.find(row, here), kind, operand(place, here, axes)))
                continue
            cell = cells.find(program.a[row], here)
            if self.classes.of[row] == COPY:
                stores.append(Store(cell, kind, operand(Place(place.root, place.offset, contiguous(shape, SIZES[kind])), here, axes)))
                continue
            reduced = frozenset(dims_of(program.params[row][0], axes))
            target = self._reduced_target(place, reduced, axes, program.params[row][1])
            reductions.append(Reduction(cell, kind, WORDS[program.op[row]], target, reduced))
        outputs = {row: cells.find(row, here) for row in rows if self.classes.of[row] == ARRAY and row in self._wanted_rows}
        return Nest(shape, cells.cells, stores, [*reductions, *self._watch(cells, outputs, axes)])

    def _watch(self, cells: Cells, outputs: dict[int, int], axes: int) -> list[Reduction]:
        """Whether any of the outputs that a nest makes, each a cell, is a NaN somewhere."""
        found = [cell for cell in outputs.values() if cells.cells[cell].kind != "i1"]
        if not self.watched or not found:
            return []
        self._seen.update(outputs)
        self.flags += 1
        target = Operand(self.first_output + len(self.program.outputs), self.flags - 1, (0,) * axes)
        return [Reduction(cells.any_nan(found), "i1", "any", target, frozenset(range(axes)))]

    def _look_through(self, row: int) -> None:
        """A nest that looks for NaN in an output that lies in memory."""
        shape = self.program.spec[row].shape
        cells = Cells(self.program, len(shape), self.place)
        found = {row: cells.find(row, identity(shape))}
        self.add_nest(Nest(shape, cells.cells, [], self._watch(cells, found, len(shape))), [row])

    def _within(self, rows: list[int], time: int) -> list[int]:
        """The rows that a nest computes at the very place where it is, ascending: so that no search goes deep."""
        seen: set[int] = set()
        todo = list(rows)
        while todo:
            row = todo.pop()
            for base, direct in self.schedule.reads(row):
                if direct and self.classes.of[base] == ARRAY and base not in seen and self.schedule.time[base] == time:
                    seen.add(base)
                    todo.append(base)
        return sorted(seen)

    @staticmethod
    def _reduced_target(place: Place, reduced: frozenset[int], axes: int, keep: bool) -> Operand:
        strides = iter(place.strides)
        steps = []
        for axis in range(axes):
            if axis in reduced:
                steps.append(0)
                if keep:
                    next(strides)
            else:
                steps.append(next(strides))
        return Operand(place.root, place.offset, tuple(steps))

    def _append_block(self, row: int) -> None:
        self._finish_group()
        program = self.program
        if program.op[row] == o.MATMUL:
            self.steps.append(Product(row))
            return
        if program.op[row] == o.OVERWRITE:
            self._patch(row)
            return
        if program.op[row] == o.CALL:
            self._known(row)
            return
        for part, region in self._regions(row):
            if program.spec[part].size and self.place(part) != region:
                self._copy(part, region, self.schedule.time[row])

    def lies(self, ref: Ref) -> Place | None:
        """Where what a known call reads is."""
        return self.place(ref.row) if ref.array is None else Place(self._held[id(ref.array)], 0, ref.array.strides)

    def _known(self, row: int) -> None:
        """A known call: what the result begins as is copied there; diagonals are nests."""
        recipe, spec = self.classes.known[row], self.program.spec[row]
        target, kind = self.place(row), KINDS[spec.dtype]
        assert target is not None
        source = None if recipe.base is None and recipe.what not in DIAGONALS else self.lies(recipe.base or recipe.refs[0])
        shape = spec.shape
        if recipe.what in DIAGONALS and source is not None:
            given = self.program.spec[recipe.refs[0].row]
            if recipe.what == "zeros":
                zeros = Store(0, kind, operand(target, identity(shape), spec.ndim))
                self.add_nest(Nest(shape, [Cell("number", kind, params=0.0)], [zeros], []), [row])
                target, shape = diagonal(target, shape, spec.dtype, recipe.details), given.shape
            else:
                source = diagonal(source, given.shape, given.dtype, recipe.details)
        elif recipe.base is not None and recipe.base.array is None:
            self._copy(recipe.base.row, target, self.schedule.time[row])
            source = None
        if source is not None:
            here = identity(shape)
            cell = Cell("load", kind, operand=operand(source, here, len(shape)))
            self.add_nest(Nest(shape, [cell], [Store(0, kind, operand(target, here, len(shape)))], []), [row])
        if recipe.what not in DIAGONALS:
            self.steps.append(Known(row))
        elif source is None:
            self.steps.append(Step(row))

    def _patch(self, row: int) -> None:
        """A value with a small part overwritten: the rest is copied, or lies there already."""
        program, time = self.program, self.schedule.time[row]
        base, part, spec = program.a[row], program.b[row], program.spec[row]
        whole = self.place(row)
        assert whole is not None
        if self.place(base) != whole:
            self._copy(base, whole, time)
        region = through_view(o.INDEX, program.params[row], whole, spec.shape, spec.dtype)
        assert region is not None
        shape = np.broadcast_to(np.zeros((), spec.dtype), spec.shape)[program.params[row]].shape
        if 0 not in shape:
            self._copy(part, region, time, shape)

    def _copy(self, row: int, target: Place, time: int, shape: tuple[int, ...] | None = None, output: bool = False) -> None:
        """A nest that copies a row to a place, broadcast to a shape."""
        spec = self.program.spec[row]
        shape = spec.shape if shape is None else shape
        cells = Cells(self.program, len(shape), lambda r: self.ready(r, time + 1))  # what stands before is done
        here, kind = identity(shape), KINDS[spec.dtype]
        cell = cells.find(row, broadcast(here, shape, spec.shape))
        watch = self._watch(cells, {row: cell}, len(shape)) if output else []
        self.add_nest(Nest(shape, cells.cells, [Store(cell, kind, operand(target, here, len(shape)))], watch), [row])

    def _copy_out(self, k: int, row: int) -> None:
        spec = self.program.spec[row]
        if spec.dtype not in KINDS:
            self.steps.append(Step(-1 - k))
        elif spec.size:
            self._copy(row, Place(self.first_output + k, 0, contiguous(spec.shape, spec.dtype.itemsize)), 1 << 60, output=row not in self._seen)

    # --- the arena -------------------------------------------------------------------------------------------------

    def _read(self, step: Run | Loops | Product | Known | Step) -> set[int]:
        """The rows behind what a step reads."""
        program, base = self.program, self.classes.base
        if isinstance(step, Loops):
            return {-1 - c.operand.root for c in step.nest.cells if c.operand is not None and c.operand.root < 0}
        if isinstance(step, Run):
            return step.reads
        rows = [step.row if step.row >= 0 else program.outputs[-1 - step.row]]
        if isinstance(step, Step) and step.row < 0:
            return {base[rows[0]]}
        return {base[i] for row in rows for i in program.inputs_of(row)}

    def _wanted(self) -> set[int]:
        """Scalar rows that steps other than their own read, or the caller."""
        found = {row for row in self.program.outputs if self.classes.of[row] == SCALAR}
        for step in self.steps:
            found |= self._read(step)
        return {row for row in found if row < len(self.program) and self.classes.of[row] == SCALAR}

    def touched(self, step: Run | Loops | Product | Known | Step) -> set[int]:
        """The blocks that a step reads or writes."""
        if isinstance(step, Loops):
            return {-1 - p.root for p in step.nest.operands() if p.root < 0}
        found = self._read(step)
        if isinstance(step, Run):
            found = found | self.wanted.intersection(step.rows)
        elif step.row >= 0:
            found.add(step.row)
        places = [self.place(row) for row in found if self.classes.of[row] not in (FREE, NOTHING)]
        return {-1 - place.root for place in places if place is not None and place.root < 0}

    def block_size(self, block: int) -> int:
        """Bytes of a block."""
        return self.sizes[block] if block >= len(self.program) else max(self.program.spec[block].nbytes, 1)

    def _lay_out(self) -> None:
        """First fit, in the order of the steps."""
        last: dict[int, int] = {}
        uses = [self.touched(step) for step in self.steps]
        for k, blocks in enumerate(uses):
            for block in blocks:
                last[block] = k
        taken: list[tuple[int, int, int]] = []  # offset, end, block; by offset
        for k, blocks in enumerate(uses):
            fresh = sorted(b for b in blocks if b not in self.offsets)
            if fresh:
                taken = [t for t in taken if last[t[2]] >= k]
            for block in fresh:
                size = self.block_size(block)
                align = 64 if size >= 64 else 8
                size = -(-size // align) * align
                offset = 0
                spot = len(taken)
                for n, (start, end, _) in enumerate(taken):
                    if -(-offset // align) * align + size <= start:
                        spot = n
                        break
                    offset = max(offset, end)
                offset = -(-offset // align) * align
                self.offsets[block] = offset
                taken.insert(spot, (offset, offset + size, block))
                self.size = max(self.size, offset + size)


def constant_addresses(plan: Plan) -> list[int]:
    """Where the constants lie now, and the arrays of known calls behind them."""
    return [address_of(array) for array in (*(np.asarray(plan.program.params[row]) for row in plan.constants), *plan.held)]
