"""Broadcasting costs nothing: elementwise rows take small operands as they are, and compute once what is equal.

`mul(expand(a), b)` becomes `mul(a, b)` where the shape of the result stays; where all operands are expanded, the row is computed small and
expanded after. An array never becomes a 0-d row for functions that two implementations may round differently (0-d float64 rows use the
scalar function): only for what IEEE arithmetic rounds correctly. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

from itertools import product

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes.columns import rows_of
from tape.compile.passes.draft import Draft
from tape.compile.program import Program
from tape.spec import FLOAT64, Spec, intern

EXACT = {OPCODES[name] for name in ("add", "sub", "mul", "div", "neg", "abs", "square", "sqrt", "floor", "ceil", "round", "trunc")}
EXACT |= {*o.COMPARISONS, *o.LOGICAL, o.ISNAN, o.ISINF, o.ISFINITE, o.SELECT, o.CAST, o.STRONG}


def expands(program: Program) -> Program:
    """Drop expand rows between elementwise rows."""
    wide = rows_of(program, o.EXPAND, o.RESHAPE)
    if not wide:
        return program
    draft = Draft(program)
    source = {row: a for row in wide if (a := _narrow(draft, row)) >= 0}  # by row: what it repeats
    if not source:
        return program
    elementwise = o.ELEMENTWISE
    for row, (op, a, b, c) in enumerate(zip(program.op, program.a, program.b, program.c, strict=True)):
        if op in elementwise and (a in source or b in source or c in source):
            _take(draft, row, source)
    return draft.program()


def _narrow(draft: Draft, row: int) -> int:
    """The row that this one broadcasts: the input of an expand, or of a reshape that only puts axes of one element in front."""
    a = draft.a[row]
    given, shape = draft.spec[a].shape, draft.spec[row].shape
    leading = len(shape) - len(given)
    if draft.op[row] == o.RESHAPE and (leading <= 0 or shape != (1,) * leading + given):
        return -1
    return a


def _take(draft: Draft, row: int, source: dict[int, int]) -> None:
    """Let a row read what its operands broadcast: as many of them as its shape allows, else all and expand the result."""
    inputs, spec = draft.inputs_of(row), draft.spec[row]
    choices = [(source[i], i) if i in source else (i,) for i in inputs]
    for chosen in product(*choices):
        if _shape(draft, chosen) == spec.shape:
            if chosen != inputs:
                draft.rewrite(row, draft.op[row], chosen, draft.params[row])
            break
    narrow = tuple([choice[0] for choice in choices])
    if all(len(choice) > 1 or draft.spec[i].size == 1 for choice, i in zip(choices, inputs, strict=True)):
        _hoist(draft, row, narrow, spec, source)


def _shape(draft: Draft, rows: tuple[int, ...]) -> tuple[int, ...]:
    return np.broadcast_shapes(*[draft.spec[i].shape for i in rows])


def _hoist(draft: Draft, row: int, narrow: tuple[int, ...], spec: Spec, source: dict[int, int]) -> None:
    small = intern(_shape(draft, narrow), spec.dtype)
    scalar = not small.shape and any(draft.spec[i].dtype == FLOAT64 for i in narrow)
    if small.size >= spec.size or scalar and draft.op[row] not in EXACT:
        return
    computed = draft.insert(row, draft.op[row], narrow, draft.params[row], small, draft.place[row])
    draft.rewrite(row, o.EXPAND, (computed,), spec.shape)
    source[row] = computed
