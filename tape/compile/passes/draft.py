"""A program being rewritten: what passes share.

`Draft(program)` copies the columns; `replace` lets readers of a row read another, `rewrite` gives a row another meaning, `insert` puts a
new row before an old one, `constant` a new frozen array; `program()` is the result. `frozen` tells constants that never change,
`readers` counts who reads a row, `signature` makes parameters hashable.
Invariant: whoever replaces or rewrites a row gives it an equal value, and inputs that stand before it; places and guards stay.
Imports opcodes, program. Imported by the passes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program
from tape.errors import Place
from tape.spec import Spec, spec_of

_LARGE = 1 << 20  # elements of a constant that are looked at


def frozen(array: Any) -> bool:
    """Whether a constant can be used before the program runs: others are the user's memory, read anew at every replay."""
    return not array.shape or not array.flags.writeable


def freeze(value: Any) -> np.ndarray:
    """A read-only C-contiguous copy."""
    array = np.array(value, order="C")
    array.flags.writeable = False
    return array


def rows_of(program: Program, *ops: int) -> list[int]:
    """The rows with these opcodes, in order."""
    wanted = set(ops)
    if wanted.isdisjoint(program.op):
        return []
    return [row for row, op in enumerate(program.op) if op in wanted]


def constants(program: Program) -> list[tuple[int, np.ndarray]]:
    """The rows of constants with their arrays."""
    return [(row, program.params[row]) for row in rows_of(program, o.CONSTANT)]


def uniform(array: np.ndarray) -> float | None:
    """The one real number that all elements of a frozen constant are, bit by bit, or None."""
    if not frozen(array) or array.dtype.kind not in "fiub" or not 0 < array.size <= _LARGE:
        return None
    first = array.item(0)
    if array.ndim and (array.item(-1) != first or not (array == first).all() or (np.signbit(array) != np.signbit(first)).any()):
        return None
    return first


def numbers(program: Program) -> dict[int, float]:
    """The rows that are one known real number at every element: uniform constants, and what expands them."""
    found = {row: number for row, array in constants(program) if (number := uniform(array)) is not None}
    for row in rows_of(program, o.EXPAND) if found else ():
        if program.a[row] in found:
            found[row] = found[program.a[row]]
    return found


def signature(params: Any) -> Any:
    """Parameters as something hashable, equal for equal parameters."""
    if isinstance(params, (tuple, list)):
        return tuple(signature(p) for p in params)
    if isinstance(params, slice):
        return "slice", params.start, params.stop, params.step
    if isinstance(params, np.ndarray):
        return params.dtype.str, params.shape, params.tobytes()
    return params


def readers(program: Program) -> list[int]:
    """For every row how many inputs of rows read it; a row wanted as output has one reader more."""
    counts = [0] * (len(program) + 1)  # the last for the absent inputs, -1
    for column in (program.a, program.b, program.c):
        for i in column:
            counts[i] += 1
    for further in program.more.values():
        for i in further:
            counts[i] += 1
    for row in program.outputs:
        counts[row] += 1
    counts[-1] = 0
    return counts


class Draft:
    """Columns of a program that may be changed. `resolve` says which row stands for a row now; rows are worked on in order."""

    def __init__(self, program: Program) -> None:
        self.before = program
        self.op, self.params = program.op.copy(), program.params.copy()
        self.a, self.b, self.c = program.a.copy(), program.b.copy(), program.c.copy()
        self.spec, self.place = program.spec.copy(), program.place.copy()
        self.more = dict(program.more)
        self.size = len(program)
        self.stands = [*range(self.size)]  # by row: the row that its readers read
        self.position: list[int] = []  # by new row: the old row that it stands before
        self._constants: dict[tuple, int] = {}
        self.changed = False

    def resolve(self, row: int) -> int:
        """The row whose value a row has."""
        return self.stands[row] if 0 <= row < self.size else row

    def inputs_of(self, row: int) -> tuple[int, ...]:
        """The rows that a row reads, those that stand for them."""
        a, b, c = self.a[row], self.b[row], self.c[row]
        if c >= 0:
            found: tuple[int, ...] = (a, b, c, *self.more.get(row, ()))
        else:
            found = (a, b) if b >= 0 else (a,) if a >= 0 else ()
        return tuple([self.resolve(i) for i in found])

    def replace(self, row: int, by: int) -> None:
        """Readers of a row read an earlier one of the same shape and dtype."""
        self.stands[row] = self.resolve(by)
        self.changed = True

    def rewrite(self, row: int, op: int, inputs: tuple[int, ...], params: Any = None) -> None:
        """Give a row another opcode, inputs and parameters; its Spec and place stay."""
        self.op[row], self.params[row] = op, params
        self._read(row, inputs)
        self.changed = True

    def insert(self, before: int, op: int, inputs: tuple[int, ...], params: Any, spec: Spec, place: Place | None = None) -> int:
        """A new row that stands right before an old one; returns its name in the draft."""
        row = len(self.op)
        self.op.append(op)
        self.params.append(params)
        self.spec.append(spec)
        self.place.append(place)
        for column in (self.a, self.b, self.c):
            column.append(-1)
        self._read(row, inputs)
        self.position.append(before)
        self.changed = True
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
        stands = self.stands
        order: list[int] = [row for row in range(self.size) if stands[row] == row]
        if self.position:
            where = np.array([*order, *(p - 0.5 for p in self.position)])
            order += range(self.size, len(self.op))
            order = [order[k] for k in np.argsort(where, kind="stable").tolist()]
        return select(self, order, stands)


def select(columns: Any, order: list[int], stands: list[int]) -> Program:
    """The program of some rows of a program or draft, in a new order; `stands[row]` is the row to read in the place of a row."""
    names = [-1] * (len(columns.op) + 1)
    for name, row in enumerate(order):
        names[row] = name
    size, length = len(stands), len(columns.op)
    names[:size] = [names[row] for row in stands]
    new, op, params, spec, place = Program(), columns.op, columns.params, columns.spec, columns.place
    if len(order) == length and not columns_moved(order):
        new.op, new.params, new.spec, new.place = op, params, spec, place
        new.a, new.b, new.c = columns.a, columns.b, columns.c
    else:
        new.op, new.params = [op[row] for row in order], [params[row] for row in order]
        new.spec, new.place = [spec[row] for row in order], [place[row] for row in order]
        for column, was in (("a", columns.a), ("b", columns.b), ("c", columns.c)):
            setattr(new, column, [names[was[row]] for row in order])
    new.more = {}
    for row, further in columns.more.items():
        if (size <= row or stands[row] == row) and (name := names[row]) >= 0:
            new.more[name] = tuple([names[i] for i in further])
    source = columns.before if isinstance(columns, Draft) else columns
    new.inputs = [names[row] for row in source.inputs]
    new.outputs = [names[row] for row in source.outputs]
    return new


def columns_moved(order: list[int]) -> bool:
    """Whether rows change their names."""
    return order != [*range(len(order))]
