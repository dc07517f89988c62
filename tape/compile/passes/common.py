"""Common subexpressions: rows with the same opcode, inputs and parameters become one (value numbering, in one walk).

Parameters count by content, frozen constants too, bit by bit: 0.0 and -0.0 stay apart. Other constants are the user's memory and count by
identity, calls and guards stay as they are. The inputs of `add` and `mul` may change places: IEEE arithmetic does not see it, but for
the payload of a NaN. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes.columns import columns_of, frozen, signature
from tape.compile.passes.draft import select
from tape.compile.program import Program

COMMUTATIVE = {OPCODES["add"], OPCODES["mul"], o.EQUAL, o.NOT_EQUAL, o.AND, o.OR, o.XOR}
_ALONE = {o.INPUT, o.CALL, o.GUARD}
_SWAPS = np.zeros(max(o.NAMES) + 1, bool)
_SWAPS[list(COMMUTATIVE)] = True
_WITH_PARAMS = np.ones_like(_SWAPS)
_WITH_PARAMS[list(o.ELEMENTWISE - {o.CAST})] = False
_SMALL = 1 << 16  # bytes of a frozen constant that are worth comparing


def _constant_key(array: Any) -> tuple:
    if frozen(array) and array.nbytes <= _SMALL and not array.dtype.hasobject:
        return o.CONSTANT, array.dtype, array.shape, array.tobytes()
    return o.CONSTANT, id(array)


def _plain(program: Program) -> np.ndarray:
    """A number for every row that is opcode and two inputs and no more; rows with equal numbers are equal."""
    op, a, b, c = columns_of(program)
    plain = (c < 0) & (a >= 0) & ~_WITH_PARAMS[op]
    swapped = _SWAPS[op] & (b > a)
    first, second = np.where(swapped, b, a), np.where(swapped, a, b)
    numbered: np.ndarray = ((first * (len(op) + 1) + second + 1) * len(_SWAPS) + op)[plain]
    return numbered


def _none(program: Program) -> bool:
    """Whether no two rows are equal as they stand: then none become so by merging others. Cheaper than the walk."""
    numbered = np.sort(_plain(program))
    if (numbered[1:] == numbered[:-1]).any():
        return False
    op, a, _, c = columns_of(program)
    seen = set()
    rows = ((c >= 0) | (a < 0) | _WITH_PARAMS[op]).nonzero()[0].tolist()
    for row in rows:
        key = _key(program, row)
        if key in seen:
            return False
        if key:
            seen.add(key)
    return True


def _key(program: Program, row: int) -> tuple | None:
    op, params = program.op[row], program.params[row]
    if op in _ALONE:
        return None
    return _constant_key(params) if op == o.CONSTANT else (op, *program.inputs_of(row), signature(params))


def common(program: Program) -> Program:
    """Let equal rows be computed once."""
    if _none(program):
        return program
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
    first = np.array(stands[:-1])
    replaced = (first != np.arange(len(first))).nonzero()[0]
    return select(program, (first == np.arange(len(first))).nonzero()[0], dict(zip(replaced.tolist(), first[replaced].tolist(), strict=True)))
