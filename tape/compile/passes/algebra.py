"""Identities that hold bit for bit in IEEE arithmetic, NaN being one value.

`x*1`, `x/1`, `x - 0.0`, `x + (-0.0)`, double negation, `a - (-b)`, `x/4` as `x*0.25` where the inverse is exact, casts that change nothing,
selects with a known mask, squares. What would move the sign of a zero (`x + 0.0`, `0 - x`) is not among them unless the input cannot
be -0.0. Constants count only where they are frozen. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes.columns import columns_of, constants, frozen, numbers
from tape.compile.passes.draft import Draft
from tape.compile.program import Program

ADD, SUB, MUL, DIV, NEG, ABS, SQUARE = (OPCODES[name] for name in ("add", "sub", "mul", "div", "neg", "abs", "square"))
_SAME = {OPCODES[name] for name in ("maximum", "minimum", "fmax", "fmin")} | {o.AND, o.OR}  # f(x, x) is x
_NEVER_NEGATIVE = {ABS, SQUARE, OPCODES["exp"], OPCODES["cosh"]}  # nor -0.0
_LARGE = 1 << 16  # elements of a constant that are looked at


def _inverse(array: np.ndarray) -> np.ndarray | None:
    """1/c where c is a power of two and its inverse exact: then x/c and x*(1/c) round the same number."""
    if not frozen(array) or array.dtype.kind != "f" or array.size > _LARGE:
        return None
    with np.errstate(all="ignore"):
        inverse = 1 / array
    fraction, _ = np.frexp(array)
    exact = np.isfinite(array) & (np.abs(fraction) == 0.5) & np.isfinite(inverse) & (inverse != 0) & (1 / inverse == array)
    return inverse.astype(array.dtype) if exact.all() else None


class _Draft(Draft):
    """With `value`: the number that a row's constant is, by row."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.value = numbers(program)

    def kind(self, row: int) -> str:
        return str(self.spec[row].dtype.kind)

    def is_zero(self, row: int, negative: bool) -> bool:
        """Whether a row is the constant 0, of that sign where it is a float."""
        number = self.value.get(row)
        return number == 0 and (self.kind(row) != "f" or (math.copysign(1, number) < 0) == negative)

    def negated(self, row: int) -> int:
        """What a row is the negative of, or -1."""
        return self.resolve(self.a[row]) if self.op[row] == NEG else -1

    def like(self, row: int, op: int, *inputs: int) -> bool:
        """Rewrite a row, if that keeps its shape."""
        if np.broadcast_shapes(*(self.spec[i].shape for i in inputs)) != self.spec[row].shape:
            return False
        self.rewrite(row, op, inputs)
        return True


def _add(draft: _Draft, row: int, a: int, b: int) -> None:
    for x, c in ((a, b), (b, a)):
        if draft.is_zero(c, negative=True) or draft.is_zero(c, negative=False) and _no_negative_zero(draft, x):
            return draft.expand(row, x)
        if (minus := draft.negated(c)) >= 0:
            draft.rewrite(row, SUB, (x, minus))
            return None
    return None


def _no_negative_zero(draft: _Draft, row: int) -> bool:
    op = draft.op[row]
    if op == ADD:
        return any(draft.is_zero(draft.resolve(i), negative=False) for i in (draft.a[row], draft.b[row]))
    return op in _NEVER_NEGATIVE or op == o.SUM


def _sub(draft: _Draft, row: int, a: int, b: int) -> None:
    if draft.is_zero(b, negative=False):
        draft.expand(row, a)
    elif (minus := draft.negated(b)) >= 0:
        draft.rewrite(row, ADD, (a, minus))
    elif draft.kind(row) == "f" and draft.is_zero(a, negative=True):
        draft.like(row, NEG, b)


def _mul(draft: _Draft, row: int, a: int, b: int) -> None:
    if a == b:
        draft.rewrite(row, SQUARE, (a,))
        return
    for x, c in ((a, b), (b, a)):
        number = draft.value.get(c)
        if number == 1:
            return draft.expand(row, x)
        if number == -1 and draft.like(row, NEG, x):
            return
        if (minus := draft.negated(x)) >= 0:
            if draft.negated(c) >= 0:
                draft.rewrite(row, MUL, (minus, draft.negated(c)))
            elif number is not None and draft.kind(row) == "f":
                _opposite(draft, row, minus, c)
            return


def _opposite(draft: _Draft, row: int, x: int, c: int) -> None:
    """Let a row be x times the negative of a constant."""
    negative = draft.constant(-draft.value[c], draft.spec[c].dtype)
    if draft.spec[x].shape != draft.spec[row].shape:
        negative = draft.insert(row, o.EXPAND, (negative,), draft.spec[c].shape, draft.spec[c], draft.place[row])
    draft.rewrite(row, MUL, (x, negative))


def _div(draft: _Draft, row: int, a: int, b: int) -> None:
    if draft.value.get(b) == 1:
        return draft.expand(row, a)
    if draft.value.get(b) == -1 and draft.like(row, NEG, a):
        return None
    if draft.op[b] == o.CONSTANT:
        inverse = _inverse(draft.params[b])
        if inverse is not None:
            draft.rewrite(row, MUL, (a, draft.constant(inverse, inverse.dtype)))
    elif draft.negated(a) >= 0 and draft.negated(b) >= 0:
        draft.rewrite(row, DIV, (draft.negated(a), draft.negated(b)))
    return None


def _neg(draft: _Draft, row: int, a: int, _: int) -> None:
    if (minus := draft.negated(a)) >= 0:
        draft.replace(row, minus)
    elif draft.op[a] == MUL and draft.kind(row) == "f":
        x, c = (draft.resolve(i) for i in (draft.a[a], draft.b[a]))
        x, c = (c, x) if x in draft.value else (x, c)
        if c in draft.value:
            _opposite(draft, row, x, c)


def _abs(draft: _Draft, row: int, a: int, _: int) -> None:
    if draft.op[a] in _NEVER_NEGATIVE and draft.spec[a] is draft.spec[row] and draft.kind(row) == "f":
        draft.replace(row, a)
    elif (minus := draft.negated(a)) >= 0 and draft.kind(row) == "f":
        draft.rewrite(row, ABS, (minus,))


def _square(draft: _Draft, row: int, a: int, _: int) -> None:
    if draft.op[a] == NEG or draft.op[a] == ABS and draft.kind(row) != "c":
        draft.rewrite(row, SQUARE, (draft.resolve(draft.a[a]),))


def _select(draft: _Draft, row: int, mask: int, a: int) -> None:
    b, known = draft.resolve(draft.c[row]), draft.value.get(mask)
    chosen = a if a == b or known else b if known is not None else -1
    if chosen >= 0 and draft.spec[chosen].dtype == draft.spec[row].dtype:
        draft.expand(row, chosen)


def _not(draft: _Draft, row: int, a: int, _: int) -> None:
    if draft.op[a] == o.NOT and draft.kind(draft.a[a]) == "b":
        draft.replace(row, draft.a[a])


def _cast(draft: _Draft, row: int, a: int, _: int) -> None:
    if draft.spec[a] is draft.spec[row]:
        draft.replace(row, a)
    elif draft.op[a] == o.CAST:
        source = draft.resolve(draft.a[a])
        first, middle, last = (draft.spec[r].dtype for r in (source, a, row))
        if _exact(first, middle) and (last.kind not in "iu" or first.kind in "iub" and middle.kind in "iub" or _exact(first, last)):
            draft.rewrite(row, o.CAST, (source,), last)
            _cast(draft, row, source, -1)


def _exact(first: np.dtype, wider: np.dtype) -> bool:
    """Whether every number of a dtype is one of another; NumPy's own table lets int64 pass for float64."""
    if first.kind not in "fiub" or wider.kind not in "fiub" or not np.can_cast(first, wider, "safe"):
        return False
    return wider.kind != "f" or first.kind not in "iu" or np.iinfo(first).bits <= np.finfo(wider).nmant


def _same(draft: _Draft, row: int, a: int, b: int) -> None:
    if a == b and draft.spec[a].dtype == draft.spec[row].dtype:
        draft.replace(row, a)


_RULES: dict[int, Callable[[Any, int, int, int], None]] = {
    ADD: _add, SUB: _sub, MUL: _mul, DIV: _div, NEG: _neg, ABS: _abs, SQUARE: _square,
    o.SELECT: _select, o.NOT: _not, o.CAST: _cast, **dict.fromkeys(_SAME, _same),
}  # fmt: skip
# Which rows to look at: those whose opcode always says something, and those of which an input does.
_ALWAYS, _IF_INPUTS, _TELLING, _TELLING_ONE = (np.zeros(max(o.NAMES) + 1, bool) for _ in range(4))
_IF_INPUTS[[ADD, SUB, MUL, DIV, NEG, ABS, SQUARE, *_SAME]] = True
_ALWAYS[list(_RULES.keys() - set(_IF_INPUTS.nonzero()[0]))] = True
_TELLING[[NEG, ABS, o.NOT, o.CAST]] = True
_TELLING_ONE[[MUL, SQUARE, OPCODES["exp"], OPCODES["cosh"]]] = True  # says something to neg and abs


def algebra(program: Program) -> Program:
    """Use what arithmetic with ones, zeros, powers of two, signs and squares gives without computing."""
    draft = _Draft(program)
    op, a, b, _ = columns_of(program)
    telling = np.append(_TELLING[op], False)  # the last for the absent inputs, -1
    for row, number in draft.value.items():
        telling[row] = number in (0, 1, -1) or math.frexp(number)[0] in (0.5, -0.5)
    for row, array in constants(program):
        if array.ndim and row not in draft.value and _inverse(array) is not None:
            telling[row] = True
    one = np.append(_TELLING_ONE[op], False)[a] & (b < 0)
    rows = _ALWAYS[op] | _IF_INPUTS[op] & (telling[a] | telling[b] | (a == b) | one)
    for row in rows.nonzero()[0].tolist():
        _RULES[program.op[row]](draft, row, draft.resolve(program.a[row]), draft.resolve(program.b[row]))
    return draft.program()
