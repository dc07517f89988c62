"""Common subexpressions: rows with the same opcode, inputs and parameters become one (value numbering).

Parameters count by content, frozen constants too, bit by bit: 0.0 and -0.0 stay apart. Other constants are the user's memory and count by
identity, calls and guards stay as they are. The inputs of `add` and `mul` may change places: IEEE arithmetic does not see it, but for
the payload of a NaN. Rows without parameters are numbered by sorting, again until no more become equal, which is a few times faster than a
walk over all rows; long chains of equal rows need the walk. Imports columns, draft. Imported by the pipeline.
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
_PLAIN = np.zeros_like(_SWAPS)  # opcodes without parameters
_PLAIN[list(o.ELEMENTWISE - {o.CAST})] = True
_SMALL = 1 << 16  # bytes of a frozen constant that are worth comparing
_SORTS = 8


def common(program: Program) -> Program:
    """Let equal rows be computed once."""
    op, a, _, c = columns_of(program)
    plain = _PLAIN[op] & (c < 0)
    others = (~plain).nonzero()[0].tolist()
    stands = _sorted(program, plain.nonzero()[0], others) if len(others) * 4 < len(op) else None
    if stands is None:
        stands = _walked(program)
    first = stands == np.arange(len(op))
    if first.all():
        return program
    replaced = (~first).nonzero()[0]
    return select(program, first.nonzero()[0], dict(zip(replaced.tolist(), stands[replaced].tolist(), strict=True)))


def _constant_key(array: Any) -> tuple:
    if frozen(array) and array.nbytes <= _SMALL and not array.dtype.hasobject:
        return o.CONSTANT, array.dtype, array.shape, array.tobytes()
    return o.CONSTANT, id(array)


def _sorted(program: Program, plain: np.ndarray, others: list[int]) -> np.ndarray | None:
    """For each row the first that equals it; None where so many sorts do not find all."""
    op, a, b, _ = columns_of(program)
    size, op, a, b = len(op), op[plain], a[plain], b[plain]
    stands = np.arange(size + 1)
    stands[-1] = -1  # an absent input
    shared = _shared(program, others)
    for _ in range(_SORTS):
        first, second = stands[a], stands[b]
        swapped = _SWAPS[op] & (second > first)
        first, second = np.where(swapped, second, first), np.where(swapped, first, second)
        numbered = (first * (size + 1) + second + 1) * len(_SWAPS) + op
        order = np.argsort(numbered, kind="stable")
        new = np.diff(numbered[order], prepend=-1) != 0
        before = stands.copy()
        stands[plain[order]] = plain[order[new]][np.cumsum(new) - 1] if len(plain) else plain
        seen: dict[tuple, int] = {}
        for row, key, inputs in shared:
            stands[row] = seen.setdefault((key, *stands[inputs].tolist()), row)
        if (before == stands).all():
            return stands[:-1]
    return None


def _shared(program: Program, others: list[int]) -> list[tuple[int, int, list[int]]]:
    """Of rows with parameters or three inputs those that may have an equal: the row, a number for what it does, its inputs."""
    kinds: dict[tuple, list[tuple[int, list[int]]]] = {}
    for row in others:
        op, params = program.op[row], program.params[row]
        if op not in _ALONE:
            key = _constant_key(params) if op == o.CONSTANT else (op, signature(params))
            kinds.setdefault(key, []).append((row, list(program.inputs_of(row))))
    found = [(row, k, inputs) for k, rows in enumerate(kinds.values()) if len(rows) > 1 for row, inputs in rows]
    return sorted(found)


def _walked(program: Program) -> np.ndarray:
    """For each row the first that equals it, in one walk."""
    stands = [*range(len(program)), -1]  # the last for the absent inputs
    seen: dict[Any, int] = {}
    more, commutative, constant = program.more, COMMUTATIVE, o.CONSTANT
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
        stands[row] = seen.setdefault(key, row)
    return np.array(stands[:-1])
