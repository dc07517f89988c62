"""A run of scalar rows as the table of codes that `compiled_ops.interpret` runs.

`lower(columns, exact)` gives a `Run`; `Run.values()` is fresh memory for its values, constants in their place. Invariant: `interpret.check`
has read every row of it, so that the loop, which looks at nothing, stays within its memory.
Imports scalars and the ground floor. Imported by the package's front.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from compiled_ops import inner, interpret
from compiled_ops.rows import BY_OPCODE, Elementwise
from tape.compile import opcodes as o
from tape.compile import scalars

_SAME_NAME = (*o.COMPARISONS, *o.LOGICAL, o.ISNAN, o.ISINF, o.ISFINITE, o.SELECT, o.STRONG)
_CODES = np.zeros(4000, np.int32)  # opcode of a program -> code of the loop; 0: called by address
for _op, _name in o.NAMES.items():
    if _op in o.ARITHMETIC or _op in _SAME_NAME:
        _CODES[_op] = interpret.CODES.get(_name, 0)
_CODES[scalars.HOLDS], _CODES[scalars.FAILS], _CODES[scalars.SAME] = (
    interpret.CODES[name] for name in ("guard_true", "guard_false", "guard_same")
)
_SLOW = [interpret.CALL_ONE, interpret.CALL_TWO] + [interpret.CODES[name] for name, text in interpret.TEXTS.items() if "(" in text]


class Run(NamedTuple):
    """`loads` (pointer, offset, whether a byte) and `stores` (value, pointer, offset, whether a byte) as int64; `rows` the program's rows."""

    table: np.ndarray
    loops: np.ndarray
    loads: np.ndarray
    stores: np.ndarray
    constants: np.ndarray
    first: int
    rows: np.ndarray

    def values(self) -> np.ndarray:
        """Memory for the values."""
        made = np.zeros(self.first + len(self.table), np.float64)
        made[len(self.loads) : self.first] = self.constants
        return made

    def microseconds(self) -> float:
        """What the run is expected to cost: 3 ns a row, 15 more for a function of the library or a loop by address."""
        code = self.table[:, 0]
        return 0.5 + 0.003 * len(code) + 0.015 * int(np.isin(code, _SLOW).sum())

    def arguments(self, values: int, pointers: int) -> tuple[int, ...]:
        """What `interpret.run` is called with, given addresses of the values and of the table of pointers."""
        table, loops, loads, stores = (x.ctypes.data for x in (self.table, self.loops, self.loads, self.stores))
        return table, values, self.first, loops, pointers, loads, len(self.loads), stores, len(self.stores)


def lower(columns: scalars.Columns, exact: bool) -> Run:
    """The run of columns whose places were given as (2*pointer + whether a byte, offset)."""
    count = len(columns.op)
    table = np.zeros((count + 1, 4), np.int32)
    op, first = columns.op, columns.first
    code, a, b, c = _CODES[op], columns.a.copy(), columns.b, columns.c
    cast = op == o.CAST
    code[cast] = np.where(columns.boolean[first:][cast], interpret.CODES["truth"], interpret.CODES["copy"])
    if not exact:
        strong = op == o.STRONG
        code[strong], a[strong] = interpret.CODES["copy"], b[strong]
    loops: list[tuple[int, int]] = []
    for rare in np.unique(op[code == 0]).tolist():
        loop = inner.value_loop(o.NAMES[rare], "d")
        if loop is None:
            raise ValueError(f"{o.NAMES[rare]} has no loop for float64")
        here = op == rare
        code[here] = interpret.CALL_ONE if _is_unary(rare) else interpret.CALL_TWO
        c = np.where(here, len(loops), c)
        loops.append(loop)
    table[:count, 0] = code
    for k, column in enumerate((a, b, c), 1):
        table[:count, k] = np.maximum(column, 0)
    entries = np.array(loops, np.int64).reshape(-1, 2)
    interpret.check(table, first, len(entries))
    loads = np.array([(p >> 1, offset, p & 1) for p, offset in columns.loads], np.int64).reshape(-1, 3)
    stores = np.array([(v, p >> 1, offset, p & 1) for v, p, offset in columns.stores], np.int64).reshape(-1, 4)
    if len(stores) and not 0 <= stores[:, 0].min() <= stores[:, 0].max() < first + count:
        raise ValueError(f"a store of a scalar run names no value; there are {first + count}")
    return Run(table, entries, loads, stores, columns.constants, first, columns.rows)


def _is_unary(op: int) -> bool:
    row = BY_OPCODE[op]
    return isinstance(row, Elementwise) and len(row.inputs) == 1
