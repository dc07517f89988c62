"""Constant folding: rows of frozen constants alone are computed now, with the function that a replay would use.

Live constants are the user's memory and are never folded. A row that would make an array much larger than its inputs (an expand)
stays. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.draft import Draft, constants, freeze, frozen
from tape.compile.program import Program
from tape.spec import spec_of

_NEVER = {o.INPUT, o.CONSTANT, o.CALL, o.ITEM, o.GUARD}
_SMALL = 1 << 12  # elements that a folded array may have in any case


def fold(program: Program) -> Program:
    """Compute rows whose inputs are known."""
    size = len(program)
    known = bytearray(size + 1)  # the last for the absent inputs, -1: rows without inputs are not looked at
    for row, array in constants(program):
        if frozen(array):
            known[row] = 1
    draft = None
    b = program.b
    for row, i in enumerate(program.a):
        if known[i] and (b[row] < 0 or known[b[row]]) and _foldable(program, row, known):
            draft = draft or Draft(program)
            value = _value(draft, row)
            if value is not None and spec_of(value) is program.spec[row]:
                draft.rewrite(row, o.CONSTANT, (), value)
                known[row] = 1
    return draft.program() if draft else program


def _value(draft: Draft, row: int) -> np.ndarray | None:
    """What a row of constants gives; None where it raises, which is then for the replay to do."""
    inputs = [draft.params[i] for i in draft.before.inputs_of(row)]
    try:
        with np.errstate(all="ignore"):
            return freeze(o.VALUE[draft.op[row]](draft.params[row], *inputs))
    except (ArithmeticError, TypeError, ValueError):
        return None


def _foldable(program: Program, row: int, known: bytearray) -> bool:
    inputs = program.inputs_of(row)
    if program.op[row] in _NEVER or not all(known[i] for i in inputs):
        return False
    return program.spec[row].size <= max(_SMALL, *[program.spec[i].size for i in inputs])
