"""Reductions over axes of one element are no reductions: they become a reshape.

NumPy's sum starts from 0.0, so that the sum of one -0.0 is 0.0: a sum becomes a reshape and `+ 0.0`. Imports draft, algebra. Imported
by the pipeline.
"""

from __future__ import annotations

from tape.compile import opcodes as o
from tape.compile.passes.algebra import ADD
from tape.compile.passes.columns import rows_of
from tape.compile.passes.draft import Draft
from tape.compile.program import Program


def axes(dims: object, ndim: int) -> tuple[int, ...]:
    """The axes that a reduction goes over, counted from the first."""
    if dims is None:
        return tuple(range(ndim))
    return tuple([d % ndim for d in (dims if isinstance(dims, (tuple, list)) else (dims,))])


def reductions(program: Program) -> Program:
    """Replace reductions of one element each."""
    rows = rows_of(program, *o.REDUCTIONS)
    if not rows:
        return program
    draft = Draft(program)
    for row in rows:
        x, spec = draft.resolve(program.a[row]), program.spec[row]
        given = draft.spec[x]
        if given.dtype != spec.dtype or any(given.shape[d] != 1 for d in axes(program.params[row][0], given.ndim)):
            continue
        x = draft.reshaped(row, x, spec)
        if program.op[row] == o.SUM and spec.dtype.kind not in "iu":
            draft.rewrite(row, ADD, (x, draft.constant(0.0, spec.dtype)))
        else:
            draft.replace(row, x)
    return draft.program()
