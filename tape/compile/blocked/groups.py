"""A group of array rows as the table of instructions that `compiled_ops.blocks.run_blocks` runs.

`lower(schedule, number, stored)` gives a `Group`: the table, its three parts, the block's elements and the scratch memory that it needs.
Values that stay within a block get slots there, used again when nothing reads them any more; operands that do not lie in a row are
gathered, an element for each row of the inner axis is spread, a row that comes again and again is laid out once before the blocks.
Invariant: what a block computes depends on the elements alone, and sums are folded in an order that the shape fixes.
Imports schedule and the ground floor. Imported by the package's front.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compiled_ops import block_loops, inner
from compiled_ops.blocks import BLOCKS, ELEMENTS, FIRST_OPERAND, FRAME, GIVEN, INNER_ROWS, WIDTH
from tape.compile import opcodes as o
from tape.compile.blocked.places import COLUMN, FLAT, ROW, SCALAR, Pattern
from tape.compile.blocked.regions import layout
from tape.compile.blocked.schedule import COLUMNS, REDUCES, ROWS, TOTAL, Schedule, reduction

BLOCK = 1024  # elements: a few operands of 8 kB stay in L1
SCRATCH = -1  # in the place of a root: memory of the group's own


class Operand(NamedTuple):
    """Elements of a root's memory or of a slot (root SCRATCH, offset: which), `step` bytes apart; `increment`: bytes from place to place."""

    root: int
    offset: int
    step: int
    increment: int


class Instruction(NamedTuple):
    """One call of an inner loop; the operands are inputs, then the output."""

    loop: tuple[int, int]
    mode: int
    count: int
    operands: tuple[Operand, ...]


class Group(NamedTuple):
    """`operands[k]` of the table stand where `pointers` says: (instruction, operand, root) of those in memory."""

    table: np.ndarray
    parts: tuple[int, int, int]
    size: int
    block: int
    inner: int
    scratch: int
    roots: list[tuple[int, int, int]]
    kept: list[np.ndarray]  # what the table refers to by address

    def traffic(self) -> int:
        """Bytes that blocks read from memory and write to it; rows of the inner axis count as one element each."""
        each = self.table[self.parts[0] : self.parts[0] + self.parts[1]]
        inside = {k - self.parts[0]: 0 for k, _, _ in self.roots if 0 <= k - self.parts[0] < self.parts[1]}
        for k, j, _ in self.roots:
            if k - self.parts[0] in inside:
                row = each[k - self.parts[0]]
                places = self.size // self.inner if row[2] == INNER_ROWS else self.size
                inside[k - self.parts[0]] += places * abs(int(row[FIRST_OPERAND + 4 * j + 3]))
        return sum(inside.values())

    def microseconds(self) -> float:
        """What the group is expected to cost: 20 ns a call of a loop, 0.12 ns an element and loop, and memory at 10 GB/s."""
        blocks = -(-self.size // self.block)
        return 0.5 + self.parts[1] * (0.02 * blocks + 0.00012 * self.size) + self.traffic() * 1e-4

    def arguments(self, pointers: int, frame: int) -> tuple[int, ...]:
        """What `run_blocks` is called with, given addresses of the table of pointers and of a frame."""
        return self.table.ctypes.data, *self.parts, pointers, 0, self.size, self.block, self.inner, frame


_COMBINE = {"sum": np.add, "prod": np.multiply, "amax": np.maximum, "amin": np.minimum}


class _Lowering:
    def __init__(self, schedule: Schedule, number: int, stored: set[int]) -> None:
        self.schedule, self.program, self.number = schedule, schedule.program, number
        self.step, self.stored = schedule.steps[number], stored
        self.inner = self.step.inner or 1
        self.block = min(max(1, BLOCK // self.inner) * self.inner, self.step.size)
        self.before: list[Instruction] = []
        self.each: list[Instruction] = []
        self.after: list[Instruction] = []
        self.bytes: list[int] = []  # of each slot
        self.lasting: set[int] = set()  # slots that keep their memory all through
        self.at: dict[int, Operand] = {}  # where a row's value is within a block
        self.made: dict[tuple, Operand] = {}  # operands laid out in slots
        self.kept: list[np.ndarray] = []

    def slot(self, elements: int, width: int, lasting: bool = False) -> int:
        self.bytes.append(-(-elements * width // 64) * 64)
        if lasting:
            self.lasting.add(len(self.bytes) - 1)
        return len(self.bytes) - 1

    def temporary(self, width: int, whole: bool = True) -> Operand:
        """Room for a block's elements, or for one a row."""
        return Operand(SCRATCH, self.slot(self.block if whole else self.block // self.inner, width), width, 0)

    def target(self, row: int, whole: bool) -> Operand:
        """Where a row's value goes: its memory where others read it, else a slot."""
        width = self.program.spec[row].dtype.itemsize
        return Operand(row, 0, width, width) if row in self.stored else self.temporary(width, whole)

    def operand(self, row: int, reader: int, whole: bool) -> Operand:
        """An input of a row, with all elements or one a row of the inner axis."""
        passed = self.schedule.passes(self.number, row, reader)
        width = self.program.spec[row].dtype.itemsize
        if passed is not None:
            root, _, spread = passed
            return self.spread(self.at[root], width, (root,)) if spread else self.at[root]
        place, read = self.schedule.places.of(row), self.schedule.read_as(row, reader)
        if read.kind == SCALAR:
            return Operand(place.root, place.offset, 0, 0)
        if read.kind == FLAT:
            return Operand(place.root, place.offset, width, width)
        fits = whole and read.inner == self.inner
        if fits and read.kind == COLUMN:
            return self.spread(Operand(place.root, place.offset, width, width), width, (place.root, place.offset))
        return self.gathered(place.root, place.offset, read, width, fits and read.kind == ROW)

    def spread(self, operand: Operand, width: int, key: tuple) -> Operand:
        """Each element as often as the inner axis is long."""
        if key not in self.made:
            self.made[key] = self.temporary(width)
            loop = block_loops.address(block_loops.EXPANDS[width]), 0
            self.each.append(Instruction(loop, INNER_ROWS, 0, (operand, self.made[key])))
        return self.made[key]

    def gathered(self, root: int, offset: int, read: Pattern, width: int, once: bool) -> Operand:
        """Strided elements, side by side; those that are the same in every block once only."""
        key = (root, offset, read.extents, read.strides)
        if key not in self.made:
            slot = self.slot(self.block, width, lasting=once)
            self.made[key] = Operand(SCRATCH, slot, width, 0)
            self._gather(self.before if once else self.each, root, offset, read, width, self.made[key], once)
        return self.made[key]

    def _gather(self, part: list, root: int, offset: int, read: Pattern, width: int, out: Operand, once: bool = False) -> None:
        table = np.array([width, len(read.extents), *read.extents, *read.strides], np.int64)
        self.kept.append(table)
        loop = block_loops.address("gather"), table.ctypes.data
        part.append(Instruction(loop, GIVEN if once else ELEMENTS, self.block, (Operand(root, offset, 0, 0), out)))

    def row(self, row: int) -> None:
        op, whole = self.program.op[row], self.step.whole.get(row, False)
        if op in REDUCES:
            self.reduce(row)
        elif op == o.RESHAPE:
            self.copy(row)
        elif row in self.schedule.regions:
            self.place(row)
        else:
            inputs = [self.operand(i, row, whole) for i in self.program.inputs_of(row)]
            self.at[row] = self.target(row, whole)
            mode = ELEMENTS if whole else INNER_ROWS
            self.each.append(Instruction(self.schedule.loops[row], mode, 0, (*inputs, self.at[row])))

    def copy(self, row: int) -> None:
        """A reshape of elements that do not lie in a row, or come from the group itself."""
        source = self.program.a[row]
        place, read = self.schedule.places.of(source), self.schedule.read_as(source, row)
        if self.schedule.passes(self.number, source, row) is not None or read.kind in (SCALAR, FLAT):
            found = self.operand(source, row, True)
            self.at[row] = self.target(row, True)
            self._move(found, self.at[row], self.program.spec[row].dtype)
            return
        self.at[row] = self.target(row, True)
        self._gather(self.each, place.root, place.offset, read, self.program.spec[row].dtype.itemsize, self.at[row])

    def _move(self, operand: Operand, out: Operand, dtype: np.dtype) -> None:
        """Elements of a block as they are."""
        code = dtype.char
        either = dtype == np.bool_  # which has no np.positive
        loop = inner.inner_loop(np.logical_or, "??->?") if either else inner.inner_loop(np.positive, f"{code}->{code}")
        assert loop is not None
        self.each.append(Instruction(loop, ELEMENTS, 0, (operand, operand, out) if either else (operand, out)))

    def place(self, row: int) -> None:
        """Arrays put into a larger one, whose other elements are zero or those of the first input."""
        program, spec = self.program, self.program.spec[row]
        width = spec.dtype.itemsize
        base = self.operand(program.a[row], row, True) if program.op[row] == o.OVERWRITE else None
        self.at[row] = out = self.target(row, True)
        if base is not None:
            self._move(base, out, spec.dtype)
        for region in self.schedule.regions[row]:
            part = self.schedule.places.of(region.source)
            table, offset = layout(region, spec.shape, part.strides, width, program.op[row] == o.SCATTER)
            self.kept.append(table)
            operand = Operand(part.root, part.offset + offset, 0, 0)
            loop = block_loops.address("placed"), table.ctypes.data
            self.each.append(Instruction(loop, ELEMENTS, 0, (operand, out)))

    def cast(self, part: list, operand: Operand, out: Operand, name: str, mode: int, count: int = 0) -> None:
        part.append(Instruction((block_loops.address(name), 0), mode, count, (operand, out)))

    def reduce(self, row: int) -> None:
        """A reduction, in float64: of a block to one number, of each row of the inner axis, or into totals as long as a block."""
        program, source, name = self.program, self.program.a[row], REDUCES[self.program.op[row]]
        found = reduction(program, row)
        assert found is not None
        how, narrow = found[0], program.spec[row].dtype.itemsize == 4
        operand = self.operand(source, row, True)
        if operand.step == 0:  # one element for all
            operand = self.laid_out(operand, 4 if narrow else 8)
        if narrow:
            wide = self.temporary(8)
            self.cast(self.each, operand, wide, "single_to_double", ELEMENTS)
            operand = wide
        moves = operand.increment > 0
        if how == ROWS:
            out = self.target(row, False)
            result = self.temporary(8, False) if narrow else out
            loop = block_loops.address(f"{name}_rows"), 0
            self.each.append(Instruction(loop, INNER_ROWS, 0, (operand._replace(increment=8 * self.inner * moves), result)))
            if narrow:
                self.cast(self.each, result, out, "double_to_single", INNER_ROWS)
            self.at[row] = out
        elif how == TOTAL:
            self._total(row, operand._replace(increment=8 * self.block * moves), name, narrow)
        else:
            assert how == COLUMNS
            self._columns(row, operand, name, narrow)

    def laid_out(self, operand: Operand, width: int) -> Operand:
        one = Pattern(FLAT, 0, (self.step.size,), (0,))
        return self.gathered(operand.root, operand.offset, one, width, False)

    def _total(self, row: int, operand: Operand, name: str, narrow: bool) -> None:
        blocks = -(-self.step.size // self.block)
        partial = Operand(SCRATCH, self.slot(blocks, 8, lasting=True), 8, 8)
        loop, out = (block_loops.address(f"{name}_total"), 0), Operand(row, 0, 8, 0)
        direct = blocks == 1 and not narrow
        self.each.append(Instruction(loop, BLOCKS, 0, (operand, out if direct else partial)))
        if not direct:
            whole = partial if narrow else out  # the loop has read all before it writes
            self.after.append(Instruction(loop, GIVEN, blocks, (partial._replace(increment=0), whole._replace(increment=0))))
            if narrow:
                self.cast(self.after, partial._replace(increment=0), out, "double_to_single", GIVEN, 1)

    def _columns(self, row: int, operand: Operand, name: str, narrow: bool) -> None:
        totals = Operand(SCRATCH, self.slot(self.block, 8, lasting=True), 8, 0)
        self.each.append(Instruction((block_loops.address(f"{name}_columns"), 0), ELEMENTS, 0, (operand, totals)))
        combine = inner.inner_loop(_COMBINE[name], "dd->d")
        copy = (block_loops.address("double_to_single"), 0) if narrow else inner.inner_loop(np.positive, "d->d")
        assert combine is not None and copy is not None
        rows = self.block // self.inner
        while rows > 1:  # the upper half onto the lower, until one row is left
            half = rows // 2
            upper = Operand(SCRATCH, totals.offset, 8, 8 * (rows - half) * self.inner)
            self.after.append(Instruction(combine, GIVEN, half * self.inner, (totals, upper, totals)))
            rows -= half
        self.after.append(Instruction(copy, GIVEN, self.inner, (totals, Operand(row, 0, 4 if narrow else 8, 0))))

    def slots(self) -> tuple[list[int], int]:
        """Where each slot lies, and the memory of all: one is used again when no later instruction of the blocks reads it."""
        last = {x.offset: k for k, one in enumerate(self.each) for x in one.operands if x.root == SCRATCH}
        where, free, end = [0] * len(self.bytes), list[tuple[int, int]](), FRAME + 32
        for slot in sorted(self.lasting):
            where[slot], end = end, end + self.bytes[slot]
        given: set[int] = set(self.lasting)
        for k, one in enumerate(self.each):
            for x in one.operands:
                if x.root == SCRATCH and x.offset not in given:
                    given.add(x.offset)
                    size = self.bytes[x.offset]
                    fitting = [f for f in free if f[0] == size]
                    if fitting:
                        free.remove(fitting[-1])
                        where[x.offset] = fitting[-1][1]
                    else:
                        where[x.offset], end = end, end + size
            for slot in {x.offset for x in one.operands if x.root == SCRATCH} - self.lasting:
                if last[slot] == k:
                    free.append((self.bytes[slot], where[slot]))
        return where, end

    def group(self) -> Group:
        for row in self.step.rows:
            if row in self.step.whole or row in self.stored:  # else nobody wants this sum
                self.row(row)
        where, scratch = self.slots()
        instructions = [*self.before, *self.each, *self.after]
        table = np.zeros((len(instructions), WIDTH), np.int64)
        roots = []
        for k, one in enumerate(instructions):
            table[k, :FIRST_OPERAND] = *one.loop, one.mode, one.count
            for j, x in enumerate(one.operands):
                offset, increment = x.offset, x.increment
                if x.root == SCRATCH:
                    offset = where[x.offset]
                    if one.mode == GIVEN:  # nothing moves there: the increment is an offset
                        offset, increment = offset + increment, 0
                else:
                    roots.append((k, j, x.root))
                table[k, FIRST_OPERAND + 4 * j : FIRST_OPERAND + 4 * j + 4] = 0, offset, x.step, increment
        parts = len(self.before), len(self.each), len(self.after)
        return Group(table, parts, self.step.size, self.block, self.inner, scratch, roots, self.kept)


def lower(schedule: Schedule, number: int, stored: set[int]) -> Group:
    """The table of a group; `stored`: the roots that need memory."""
    return _Lowering(schedule, number, stored).group()
