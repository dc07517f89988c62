"""`strong(g, found)` where it can be seen that it is `found`, or zero. See Note [strong zero] in compiled_ops/table/elementwise.

Where `found` is g times finite constants, or a choice between such values and zero, it is zero wherever g is: the row goes. This is the one
pass that may change a bit, the sign of a zero: `found` can be -0.0 where the strong zero is 0.0. Programs without strong rows need no
second, exact variant. Imports draft, algebra. Imported by the pipeline.
"""

from __future__ import annotations

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.algebra import DIV, MUL, NEG
from tape.compile.passes.columns import columns_of, frozen, rows_of
from tape.compile.passes.draft import Draft
from tape.compile.program import Program

_DEEP = 8  # rows looked through


def strong(program: Program) -> Program:
    """Drop strong zeros that follow from how the value was computed."""
    rows = rows_of(program, o.STRONG)
    if not rows:
        return program
    draft = Draft(program)
    for row in _promising(program, np.array(rows)):
        g, found = draft.resolve(program.a[row]), draft.resolve(program.b[row])
        number = _known(draft, g)
        if number is not None and number.size and not number.any():
            draft.expand(row, draft.constant(0, program.spec[row].dtype))
        elif number is not None and (number != 0).all() or _vanishes(draft, found, g, _DEEP):
            draft.expand(row, found)
    return draft.program()


def _promising(program: Program, rows: np.ndarray) -> list[int]:
    """Strong rows but for those whose value is a product without constants and the like."""
    op, a, b, _ = columns_of(program)
    g, found = a[rows], b[rows]
    of, constant = op[found], np.append(op == o.CONSTANT, False)
    scaled = np.isin(of, (MUL, DIV)) & (constant[a[found]] | constant[b[found]])
    looked = (found == g) | constant[g] | constant[found] | np.isin(of, (NEG, o.SELECT, o.STRONG)) | scaled
    promising: list[int] = rows[looked].tolist()
    return promising


def _known(draft: Draft, row: int) -> np.ndarray | None:
    """The array of a frozen constant."""
    return draft.params[row] if draft.op[row] == o.CONSTANT and frozen(draft.params[row]) else None


def _vanishes(draft: Draft, row: int, g: int, deep: int) -> bool:
    """Whether a value is zero, of whatever sign, at each element where g is zero."""
    if row == g:
        return True
    op = draft.op[row]
    if op == o.CONSTANT:
        number = _known(draft, row)
        return number is not None and not number.any()
    if op == o.STRONG and draft.resolve(draft.a[row]) == g:
        return True
    if not deep or op not in (NEG, MUL, DIV, o.SELECT):
        return False
    a, b = draft.resolve(draft.a[row]), draft.resolve(draft.b[row])
    if op == NEG:
        return _vanishes(draft, a, g, deep - 1)
    if op == o.SELECT:
        return all(_vanishes(draft, i, g, deep - 1) for i in (b, draft.resolve(draft.c[row])))
    for x, c in ((a, b), (b, a))[: 2 if op == MUL else 1]:
        number = _known(draft, c)
        if number is not None and (np.isfinite(number).all() if op == MUL else not (np.isnan(number) | (number == 0)).any()):
            return _vanishes(draft, x, g, deep - 1)
    return False
