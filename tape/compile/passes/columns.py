"""What passes look at: the columns of a program as arrays, rows by opcode, constants and what they are, readers.

`columns_of(program)` are op, a, b, c as arrays, kept as long as the program lives, so that a pass finds the few rows that it is about
without a walk over all of them. `frozen` tells constants that never change, `numbers` the rows that are one known number, `signature`
makes parameters hashable. Invariant: passes never change a program, so its arrays stay true. Imports opcodes, program. Imported by the passes.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program

_LARGE = 1 << 20  # elements of a constant that are looked at


class Columns(NamedTuple):
    """The integer columns of a program, as arrays."""

    op: np.ndarray
    a: np.ndarray
    b: np.ndarray
    c: np.ndarray


_arrays: WeakKeyDictionary[Program, Columns] = WeakKeyDictionary()


def columns_of(program: Program) -> Columns:
    """The columns of a program as arrays, to be read only."""
    found = _arrays.get(program)
    if found is None or len(found.op) != len(program):
        found = Columns(*(np.array(column, np.int64) for column in (program.op, program.a, program.b, program.c)))
        _arrays[program] = found
    return found


def remember(program: Program, columns: Columns) -> None:
    """Keep the arrays that a program was made of."""
    _arrays[program] = columns


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
    wanted = np.zeros(max(o.NAMES) + 1, bool)
    wanted[list(ops)] = True
    rows: list[int] = wanted[columns_of(program).op].nonzero()[0].tolist()
    return rows


def constants(program: Program) -> list[tuple[int, np.ndarray]]:
    """The rows of constants with their arrays."""
    return [(row, program.params[row]) for row in rows_of(program, o.CONSTANT)]


def uniform(array: np.ndarray) -> float | None:
    """The one real number that all elements of a frozen constant are, bit by bit, or None."""
    if not frozen(array) or array.dtype.kind not in "fiub" or not 0 < array.size <= _LARGE:
        return None
    first: float = array.item(0)
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


def readers(program: Program) -> np.ndarray:
    """For every row how many inputs of rows read it; a row wanted as output has one reader more."""
    found = columns_of(program)
    further = [i for rows in program.more.values() for i in rows]
    counts = np.bincount(np.concatenate([found.a + 1, found.b + 1, found.c + 1]), minlength=len(program) + 1)[1:]
    np.add.at(counts, np.array(further + program.outputs, int), 1)
    return counts
