"""A program being rewritten: what passes share.

`Draft(program)`: `replace` lets readers of a row read another, `rewrite` gives a row another meaning, `insert` puts a new row before an
old one, `constant` a new frozen array; `program()` is the result. Invariant: whoever replaces or rewrites a row gives it an equal
value, and inputs that stand before it; places and guards stay. The columns are copied at the first change.
Imports opcodes, program, columns. Imported by the passes.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.columns import Columns, columns_of, freeze, remember, signature
from tape.compile.program import Program
from tape.errors import Place
from tape.spec import Spec, spec_of


class Draft:
    """Columns of a program that may be changed. `resolve` says which row stands for a row now; rows are worked on in order."""

    def __init__(self, program: Program) -> None:
        self.before, self.size = program, len(program)
        self.op, self.a, self.b, self.c = program.op, program.a, program.b, program.c
        self.params, self.spec, self.place, self.more = program.params, program.spec, program.place, program.more
        self.stands: dict[int, int] = {}  # by replaced row: the row that its readers read
        self.position: list[int] = []  # by new row: the old row that it stands before
        self.rewritten: list[int] = []
        self._constants: dict[tuple, int] = {}
        self.changed = False

    def resolve(self, row: int) -> int:
        """The row whose value a row has."""
        return self.stands.get(row, row)

    def inputs_of(self, row: int) -> tuple[int, ...]:
        """The rows that a row reads, those that stand for them."""
        a, b, c, stands = self.a[row], self.b[row], self.c[row], self.stands
        if c >= 0:
            return tuple([stands.get(i, i) for i in (a, b, c, *self.more.get(row, ()))])
        if b >= 0:
            return stands.get(a, a), stands.get(b, b)
        return (stands.get(a, a),) if a >= 0 else ()

    def replace(self, row: int, by: int) -> None:
        """Readers of a row read an earlier one of the same shape and dtype."""
        self.stands[row] = self.resolve(by)
        self.changed = True

    def rewrite(self, row: int, op: int, inputs: tuple[int, ...], params: Any = None) -> None:
        """Give a row another opcode, inputs and parameters; its Spec and place stay."""
        self._own()
        self.op[row], self.params[row] = op, params
        self._read(row, inputs)
        self.rewritten.append(row)

    def insert(self, before: int, op: int, inputs: tuple[int, ...], params: Any, spec: Spec, place: Place | None = None) -> int:
        """A new row that stands right before an old one; returns its name in the draft."""
        self._own()
        row = len(self.op)
        self.op.append(op)
        self.params.append(params)
        self.spec.append(spec)
        self.place.append(place)
        for column in (self.a, self.b, self.c):
            column.append(-1)
        self._read(row, inputs)
        self.position.append(before)
        return row

    def constant(self, value: Any, dtype: np.dtype) -> int:
        """A frozen constant at the front of the program, one for equal arrays."""
        array = freeze(np.asarray(value, dtype))
        key = signature(array)
        if key not in self._constants:
            self._constants[key] = self.insert(0, o.CONSTANT, (), array, spec_of(array))
        return self._constants[key]

    def reshaped(self, before: int, row: int, spec: Spec) -> int:
        """A row's value in another shape of as many elements: itself where the shape is the same."""
        return row if self.spec[row] is spec else self.insert(before, o.RESHAPE, (row,), spec.shape, spec, self.place[before])

    def expand(self, row: int, by: int) -> None:
        """Readers of a row read an earlier one, broadcast to its shape where that differs."""
        if self.spec[by] is self.spec[row]:
            self.replace(row, by)
        else:
            self.rewrite(row, o.EXPAND, (by,), self.spec[row].shape)

    def _own(self) -> None:
        self.changed = True
        if self.op is self.before.op:
            self.op, self.a, self.b, self.c = self.op.copy(), self.a.copy(), self.b.copy(), self.c.copy()
            self.params, self.spec, self.place, self.more = self.params.copy(), self.spec.copy(), self.place.copy(), dict(self.more)

    def _read(self, row: int, inputs: tuple[int, ...]) -> None:
        given = len(inputs)
        self.a[row] = inputs[0] if given else -1
        self.b[row] = inputs[1] if given > 1 else -1
        self.c[row] = inputs[2] if given > 2 else -1
        if given > 3:
            self.more[row] = inputs[3:]
        else:
            self.more.pop(row, None)

    def program(self) -> Program:
        """The rewritten program, or the one given where nothing changed."""
        if not self.changed:
            return self.before
        kept = np.ones(len(self.op), bool)
        if self.stands:
            kept[list(self.stands)] = False
        if not self.position:
            return select(self, kept.nonzero()[0], self.stands)
        where = np.concatenate([np.arange(self.size), np.array(self.position) - 0.5])
        order = np.argsort(where, kind="stable")
        return select(self, order[kept[order]], self.stands)

    def columns(self) -> Columns:
        """The columns as they are now, from those of the program before."""
        found = columns_of(self.before)
        if self.op is self.before.op:
            return found
        changed = [*self.rewritten, *range(self.size, len(self.op))]
        further, made = len(self.op) - self.size, []
        for array, column in zip(found, (self.op, self.a, self.b, self.c), strict=True):
            array = np.concatenate([array, np.empty(further, array.dtype)])
            array[changed] = [column[row] for row in changed]
            made.append(array)
        return Columns(*made)


def select(source: Program | Draft, order: np.ndarray, stands: dict[int, int]) -> Program:
    """The program of some rows of a program or draft, in a new order; readers of a row in `stands` read that one."""
    length = len(source.op)
    op, a, b, c = source.columns() if isinstance(source, Draft) else columns_of(source)
    names = np.full(length + 1, -1)  # the last for the absent inputs, -1
    names[order] = np.arange(len(order))
    if stands:
        names[list(stands)] = names[list(stands.values())]
    new, still = Program(), len(order) == length and (np.diff(order) == 1).all()
    if still:
        new.op, new.params, new.spec, new.place = source.op, source.params, source.spec, source.place
        new.a, new.b, new.c, made = source.a, source.b, source.c, Columns(op, a, b, c)
    else:
        made = Columns(op[order], names[a[order]], names[b[order]], names[c[order]])
        new.op, new.a, new.b, new.c = (column.tolist() for column in made)
        new.params, new.spec, new.place = _taken(order, source.params, source.spec, source.place)
    for row, further in source.more.items():
        if row not in stands and names[row] >= 0:
            new.more[int(names[row])] = tuple(names[list(further)].tolist())
    before = source.before if isinstance(source, Draft) else source
    new.inputs, new.outputs = (names[np.array(rows, int)].tolist() for rows in (before.inputs, before.outputs))
    remember(new, made)
    return new


def _taken(order: np.ndarray, *columns: list) -> list[list]:
    """Rows of columns in a new order; by slices, where most rows follow each other as before."""
    starts = np.flatnonzero(np.diff(order, prepend=-2) != 1)
    if len(starts) * 8 > len(order):
        rows = order.tolist()
        return [[*map(column.__getitem__, rows)] for column in columns]
    stops = order[np.append(starts[1:], len(order)) - 1] + 1
    slices = [slice(first, stop) for first, stop in zip(order[starts].tolist(), stops.tolist(), strict=True)]
    return [list(chain.from_iterable([column[part] for part in slices])) for column in columns]
