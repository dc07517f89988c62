"""Common subexpressions: rows with the same opcode, inputs and parameters become one (value numbering, in one walk).

Parameters count by content, frozen constants too, bit by bit: 0.0 and -0.0 stay apart. Other constants are the user's memory and count by
identity, calls and guards stay as they are. The inputs of `add` and `mul` may change places: IEEE arithmetic does not see it, but for
the payload of a NaN. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

from typing import Any

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes.draft import frozen, select, signature
from tape.compile.program import Program

COMMUTATIVE = {OPCODES["add"], OPCODES["mul"], o.EQUAL, o.NOT_EQUAL, o.AND, o.OR, o.XOR}
_ALONE = {o.INPUT, o.CALL, o.GUARD}
_SMALL = 1 << 16  # bytes of a frozen constant that are worth comparing


def _constant_key(array: Any) -> tuple:
    if frozen(array) and array.nbytes <= _SMALL and not array.dtype.hasobject:
        return o.CONSTANT, array.dtype, array.shape, array.tobytes()
    return o.CONSTANT, id(array)


def common(program: Program) -> Program:
    """Let equal rows be computed once."""
    stands = [*range(len(program)), -1]  # the last for the absent inputs
    seen: dict[Any, int] = {}
    more, commutative, constant, found = program.more, COMMUTATIVE, o.CONSTANT, False
    span, opcodes = len(program) + 1, max(o.NAMES) + 1
    for row, (op, i, j, k, params) in enumerate(zip(program.op, program.a, program.b, program.c, program.params, strict=True)):
        if params is None:
            i, j = stands[i], stands[j]
            if j > i and op in commutative:
                i, j = j, i
            # One integer, where possible: tuples by the thousand make the garbage collector run.
            key: Any = (i * span + j + 1) * opcodes + op if k < 0 else (op, i, j, stands[k])
        elif op in _ALONE:
            continue
        elif op == constant:
            key = _constant_key(params)
        else:
            key = (op, stands[i], stands[j], stands[k], signature(params))
        if row in more:
            key = key, *[stands[i] for i in more[row]]
        first = seen.setdefault(key, row)
        if first != row:
            stands[row] = first
            found = True
    if not found:
        return program
    del stands[-1]
    return select(program, [row for row, first in enumerate(stands) if first == row], stands)
