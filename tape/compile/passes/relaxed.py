"""Identities of real numbers that floating point does not keep; run only where asked for.

What each gives up: `x*0 -> 0` and `x - x -> 0` NaN and infinity of x; `x + 0.0 -> x`, `0.0 - x -> -x` the sign of a zero;
`x/c -> x*(1/c)`, `a*(b*x) -> (a*b)*x`, `(x + a) + b -> x + (a + b)`, `x**2 -> x*x` and other small powers the last bit, and overflow
where only an intermediate one happens; `sum(expand(x)) -> n*x` the rounding of n sums. Only real floating constants that are frozen count.
Imports algebra, columns, draft, reductions. Imported by the pipeline.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes.algebra import ADD, DIV, MUL, NEG, SQUARE, SUB
from tape.compile.passes.columns import columns_of, numbers
from tape.compile.passes.draft import Draft
from tape.compile.passes.reductions import axes
from tape.compile.program import Program
from tape.spec import intern

POW = OPCODES["pow"]
_POWERS = {2: SQUARE, 0.5: OPCODES["sqrt"], 3: OPCODES["cube"], -1: OPCODES["reciprocal"], -0.5: OPCODES["rsqrt"]}
_LOOKED_AT = np.zeros(max(o.NAMES) + 1, bool)
_LOOKED_AT[[ADD, SUB, MUL, DIV, POW]] = True


class _Draft(Draft):
    """With `value`: the number that a row is, by row."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.value = numbers(program)

    def constant_times(self, row: int, op: int) -> tuple[float, int] | None:
        """The number and the other input of a sum or product with a constant."""
        if self.op[row] != op:
            return None
        a, b = self.inputs_of(row)
        pair = (a, b) if a in self.value else (b, a)
        return (self.value[pair[0]], pair[1]) if pair[0] in self.value else None

    def combine(self, row: int, op: int, x: int, number: float) -> None:
        """Let a row be x and a number, if that keeps its shape."""
        if self.spec[x].shape == self.spec[row].shape and np.isfinite(number):
            self.rewrite(row, op, (x, self.constant(number, self.spec[row].dtype)))


def relaxed(program: Program) -> Program:
    """Use identities that hold for real numbers."""
    draft = _Draft(program)
    op, a, b, _ = columns_of(program)
    number = np.zeros(len(program) + 1, bool)
    number[list(draft.value)] = True
    rows = _LOOKED_AT[op] & (number[a] | number[b]) | (op == SUB) & (a == b)
    for row in rows.nonzero()[0].tolist():
        if draft.spec[row].dtype.kind == "f":
            _RULES[program.op[row]](draft, row, *draft.inputs_of(row))
    for row in (op == o.SUM).nonzero()[0].tolist():
        _sum(draft, row)
    return draft.program()


def _add(draft: _Draft, row: int, a: int, b: int) -> None:
    for x, c in ((a, b), (b, a)):
        if c in draft.value:
            inner = draft.constant_times(x, ADD)
            if draft.value[c] == 0:
                draft.expand(row, x)
            elif inner:
                draft.combine(row, ADD, inner[1], inner[0] + draft.value[c])
            return


def _sub(draft: _Draft, row: int, a: int, b: int) -> None:
    if a == b:
        draft.expand(row, draft.constant(0, draft.spec[row].dtype))
    elif draft.value.get(b) == 0:
        draft.expand(row, a)
    elif draft.value.get(a) == 0 and draft.spec[b] is draft.spec[row]:
        draft.rewrite(row, NEG, (b,))


def _mul(draft: _Draft, row: int, a: int, b: int) -> None:
    for x, c in ((a, b), (b, a)):
        if c in draft.value:
            inner = draft.constant_times(x, MUL)
            if draft.value[c] == 0:
                draft.expand(row, draft.constant(0, draft.spec[row].dtype))
            elif inner:
                draft.combine(row, MUL, inner[1], inner[0] * draft.value[c])
            return


def _div(draft: _Draft, row: int, a: int, b: int) -> None:
    if draft.value.get(b):
        draft.combine(row, MUL, a, 1 / draft.value[b])


def _pow(draft: _Draft, row: int, a: int, b: int) -> None:
    exponent = draft.value.get(b)
    if exponent == 1:
        draft.expand(row, a)
    elif exponent == 0:
        draft.expand(row, draft.constant(1, draft.spec[row].dtype))
    elif exponent in _POWERS and draft.spec[a] is draft.spec[row]:
        draft.rewrite(row, _POWERS[exponent], (a,))


_RULES: dict[int, Callable[[_Draft, int, int, int], None]] = {ADD: _add, SUB: _sub, MUL: _mul, DIV: _div, POW: _pow}


def _sum(draft: _Draft, row: int) -> None:
    """A sum over axes along which nothing changes."""
    wide = draft.resolve(draft.a[row])
    spec = draft.spec[row]
    if draft.op[wide] != o.EXPAND or spec.dtype.kind != "f":
        return
    x, shape = draft.resolve(draft.a[wide]), draft.spec[wide].shape
    given = (1,) * (len(shape) - len(draft.spec[x].shape)) + draft.spec[x].shape
    over = axes(draft.params[row][0], len(shape))
    if any(given[d] != 1 for d in over) or any(given[d] != shape[d] for d in range(len(shape)) if d not in over):
        return
    count = float(np.prod([shape[d] for d in over]))
    x = draft.reshaped(row, x, intern(spec.shape, spec.dtype))
    draft.rewrite(row, MUL, (x, draft.constant(count, spec.dtype)))
