"""What becomes of each row in the native tier: scalar code, part of a loop nest, a view of memory, a block, a Python step.

`classify(program)` gives one class a row. SCALAR rows are 0-d and run together; ARRAY rows are computed inside of nests and have no
memory unless somebody needs it; REDUCED rows end a nest; COPY rows are views whose elements must move; BLOCK rows are products,
joins and known calls; PYTHON rows call NumPy. Invariant: any valid row has a class; what no other can do is PYTHON.
Imports cells, known and scalars. Imported by schedule.
"""

from __future__ import annotations

import numpy as np

from tape.compile import opcodes as o
from tape.compile.native.cells import shiftable, summed_small
from tape.compile.native.known import Recipe, recognise
from tape.compile.native.places import identity, through
from tape.compile.native.vectors import KINDS, cost, formula
from tape.compile.program import Program
from tape.compile.scalars import belongs

FREE, SCALAR, ARRAY, REDUCED, COPY, BLOCK, PYTHON, VIEW, NOTHING = range(9)
NAMES = ("free", "scalar", "array", "reduced", "copy", "block", "python", "view", "nothing")
FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
HEAVY = 12  # a value that costs more is kept rather than computed twice
PATCH = 16  # an overwritten part that is smaller by this factor is written by itself
CHEAP = 3  # the same where each element would be computed many times over
LONG = 60  # and one that costs more is kept even for a single reader


class Classes:
    """The class of each row, the row behind views, and the cost of computing a value where it is needed."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.belongs = belongs(program)
        self.op, self.a, self.b, self.c = (np.array(column, np.int64) for column in (program.op, program.a, program.b, program.c))
        self.plain = self._plain()
        self.of: list[int] = np.where(self.plain, SCALAR, FREE).tolist()
        self.base: list[int] = list(range(len(program)))  # behind views
        self.forced: set[int] = set()  # computed rows that somebody must find in memory
        self.cost: list[float] = [0.0] * len(program)
        self.known: dict[int, Recipe] = {}  # calls that machine code makes
        others = np.flatnonzero(~self.plain).tolist()
        self.alone, self.repeated = self._read_once(others)
        for row in others:
            self.of[row] = self._class(row)
            if self.of[row] == VIEW:
                self.base[row] = self.base[program.a[row]]
            self.cost[row] = self._cost(row)

    def _plain(self) -> np.ndarray:
        """Rows that are surely scalar code: 0-d results of 0-d inputs. Programs may have a great many."""
        kind = np.fromiter((not spec.ndim for spec in self.program.spec), bool, len(self.program))
        special = np.isin(self.op, (o.INPUT, o.CONSTANT, o.GUARD))
        return self.belongs & kind & ~special & (kind[self.a] | ~np.isin(self.op, list(o.VIEWS)))

    def inputs_of(self, rows: np.ndarray) -> np.ndarray:
        """All that some rows read, once each."""
        read = np.zeros(len(self.program) + 1, bool)  # the last for -1
        for column in (self.a, self.b, self.c):
            read[column[rows]] = True
        if self.program.more:
            for row in set(self.program.more).intersection(rows.tolist()):
                read[list(self.program.more[row])] = True
        return np.flatnonzero(read[:-1])

    def heavy(self, row: int) -> bool:
        """Whether a computed row is kept in memory for those who cannot take it in."""
        if row in self.forced:
            return True
        limit = CHEAP if self.repeated[row] else LONG if self.alone[row] else HEAVY
        return self.cost[row] > limit

    def _class(self, row: int) -> int:
        program, op, spec = self.program, self.program.op[row], self.program.spec[row]
        if op in (o.INPUT, o.CONSTANT):
            return FREE
        if op == o.GUARD:
            if program.params[row].kind == "shape":
                return NOTHING
            return SCALAR if self.belongs[row] else PYTHON
        inputs = program.inputs_of(row)
        if op in o.VIEWS and not (self.belongs[row] and not program.spec[inputs[0]].ndim):
            return self._view(row, inputs[0])
        if self.belongs[row]:
            return SCALAR
        if op == o.CALL:
            recipe = recognise(program, row)
            if recipe is not None:
                self.known[row] = recipe
            return PYTHON if recipe is None else BLOCK
        specs = [program.spec[i] for i in inputs]
        if spec.dtype not in KINDS or any(s.dtype not in KINDS for s in specs):
            return PYTHON
        if op in o.ELEMENTWISE:
            return ARRAY if self._elementwise(op, spec, specs) else PYTHON
        if op in o.REDUCTIONS:
            return self._reduction(row, op, specs[0])
        if op == o.OVERWRITE and specs[1].size * PATCH <= spec.size and shiftable(program, row):
            return BLOCK
        if op in (o.SCATTER, o.OVERWRITE):
            return ARRAY if shiftable(program, row) else PYTHON
        if op == o.CONCATENATE:
            return BLOCK if all(s.dtype == spec.dtype for s in specs) else PYTHON
        if op == o.MATMUL:
            if spec.dtype not in FLOATS or any(s.dtype != spec.dtype for s in specs):
                return PYTHON
            return ARRAY if all(s.ndim == 2 for s in specs) and specs[0].shape[1] == 1 else BLOCK
        return PYTHON

    def _elementwise(self, op: int, spec, specs) -> bool:
        if op in o.ARITHMETIC:
            return spec.dtype in FLOATS and formula(o.NAMES[op].partition(":")[0]) is not None
        if op in (o.ISNAN, o.ISINF, o.ISFINITE):
            return specs[0].dtype in FLOATS
        if op in o.COMPARISONS:
            return specs[0].dtype == specs[1].dtype
        if op == o.STRONG:
            return specs[1].dtype == spec.dtype
        return op != o.SELECT or specs[1].dtype == specs[2].dtype == spec.dtype

    def _reduction(self, row: int, op: int, spec) -> int:
        if op in (o.ANY, o.ALL):
            fits = spec.dtype == np.bool_
        else:
            fits = spec.dtype in FLOATS
        if not fits or not spec.size:
            return PYTHON
        return ARRAY if summed_small(self.program, row) else REDUCED

    def _view(self, row: int, given: int) -> int:
        """A view, if elements can stay where they are; what is behind it may have to be kept in memory for that."""
        program, op = self.program, self.program.op[row]
        shape, inner = program.spec[row].shape, program.spec[given].shape
        base = self.base[given]
        if op != o.RESHAPE:
            return VIEW
        if through(op, program.params[row], identity(shape), shape, inner) is not None:
            return VIEW
        if given != base or program.spec[row].dtype not in KINDS or self.of[base] == FREE:
            return VIEW if self._reshapes(row) else COPY if program.spec[row].dtype in KINDS else PYTHON
        self.forced.add(base)
        return VIEW

    def _reshapes(self, row: int) -> bool:
        """Whether a reshape of a view of memory is a view; the memory is contiguous where we choose it."""
        program, chain = self.program, []
        at = row
        while self.of[at] == VIEW if at != row else True:
            chain.append(at)
            at = program.a[at]
        memory = program.params[at] if program.op[at] == o.CONSTANT else np.broadcast_to(np.zeros((), program.spec[at].dtype), ())
        if program.op[at] != o.CONSTANT:
            memory = np.empty(program.spec[at].shape, program.spec[at].dtype)
        seen = memory
        for step in reversed(chain):
            seen = o.VALUE[program.op[step]](program.params[step], seen)
        kept = np.shares_memory(memory, seen) if seen.size else True
        if kept and self.of[at] in (ARRAY,):
            self.forced.add(at)
        return kept

    def _cost(self, row: int) -> float:
        """About how many instructions an element of the row takes where it is computed anew."""
        program, kind = self.program, self.of[row]
        if kind == VIEW:
            return self.cost[program.a[row]]
        if kind != ARRAY:
            return 0.0 if not program.spec[row].ndim else 1.0
        op = program.op[row]
        own = cost(o.NAMES[op].partition(":")[0]) if op in o.ARITHMETIC else 1.0
        inputs = program.inputs_of(row)
        if op == o.SUM:
            own = program.spec[inputs[0]].size // max(program.spec[row].size, 1)
            return own * (1 + self._taken_in(inputs[0]))
        return own + sum(self._taken_in(i) for i in inputs)

    def _taken_in(self, row: int) -> float:
        base = self.base[row]
        return 1.0 if self.of[base] == ARRAY and self.heavy(base) else self.cost[base]

    def _read_once(self, others: list[int]) -> tuple[list[bool], list[bool]]:
        """Which rows have one reader, who needs no element more than once or twice: taking them in computes nothing anew. And which have a
        reader that needs every element twice or more. `others` are the rows that are not plain; those of plain ones are counted together."""
        program = self.program
        counts = np.zeros(len(program) + 1, np.int64)  # the last for -1
        for column in (self.a, self.b, self.c):
            counts += np.bincount(column[self.plain] % len(counts), minlength=len(counts))
        readers = counts[:-1].tolist()
        size = (counts[:-1] > 0).astype(np.int64).tolist()  # of the largest nest that reads
        for row in reversed(others):
            here = program.spec[row].size
            if program.op[row] in o.VIEWS:
                here = size[row]
            elif program.op[row] in o.REDUCTIONS:
                here = program.spec[program.a[row]].size
            for i in program.inputs_of(row):
                readers[i] += readers[row] if program.op[row] in o.VIEWS else 1
                size[i] = max(size[i], here)
        for row in program.outputs:
            readers[row] += 2
        own = [spec.size for spec in program.spec]
        alone = [readers[row] == 1 and size[row] <= 1.5 * n + 64 for row, n in enumerate(own)]
        return alone, [size[row] >= 2 * n and size[row] > 64 for row, n in enumerate(own)]


def movable(classes: Classes) -> set[int]:
    """Rows made by nests, or joined of parts, that nests and joining alone read: they may lie at any strides."""
    program, of, base = classes.program, classes.of, classes.base
    kinds, op = np.array(of, np.int64), classes.op
    bound = np.isin(kinds, (SCALAR, PYTHON, COPY)) | (kinds == BLOCK) & (op != o.CONCATENATE) | (kinds == VIEW) & (op == o.RESHAPE)
    held = {base[i] for i in classes.inputs_of(np.flatnonzero(bound)).tolist()}
    made = np.flatnonzero((kinds == ARRAY) | (kinds == BLOCK) & (op == o.CONCATENATE)).tolist()
    return {row for row in made if row not in held and program.spec[row].ndim}
