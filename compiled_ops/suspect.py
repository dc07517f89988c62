"""Which rows left to run may have saved memory that was written in place since: `suspect`. Compiled only where anything was."""

from __future__ import annotations

from compiled_ops.layout import ARRAY_DATA, ARRAY_TYPE, FLAG, FLOAT_TYPE, KINDS, OP, OPCODES, STRUCK, TYPE, XP
from compiled_ops.memory import cell, get, i8, kernel, scalar, types

MEMORY_HASH = "514632761250b707"
line = types.int64[::1]


@kernel(i8(i8, i8, i8, line))
def suspect(h, first, last, written):
    """The first entry of [first, last) left to run that saved an array lying in memory written in place, or something that is no
    plain array; -1 if there is none. `written` holds pairs (start, end) of addresses, sorted."""
    pairs = written.shape[0] // 2
    for k in range(first, last):
        if cell(h, FLAG, k) & STRUCK:
            continue
        for which in range(2):
            obj = cell(h, XP + which, k)
            if obj == 0 or get(obj + TYPE) == scalar(h, FLOAT_TYPE):
                continue
            if get(obj + TYPE) != scalar(h, ARRAY_TYPE):
                if get(scalar(h, KINDS) + 8 * (OPCODES + cell(h, OP, k))) & (1 << which):
                    return k
                continue
            data = get(obj + ARRAY_DATA)
            low, high = i8(0), i8(pairs)
            while low < high:
                middle = (low + high) >> 1
                if written[2 * middle] <= data:
                    low = middle + 1
                else:
                    high = middle
            if low and data < written[2 * low - 1]:
                return k
    return -1
