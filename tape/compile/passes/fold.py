"""Constant folding: rows of frozen constants alone are computed now, with the function that a replay would use.

Live constants are the user's memory and are never folded. An array of equal elements becomes an expand of one, which costs
nothing, and expands stay, so that no row makes an array much larger than its inputs. Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.columns import columns_of, constants, freeze, frozen, uniform
from tape.compile.passes.draft import Draft
from tape.compile.program import Program
from tape.spec import spec_of

_NEVER = {o.INPUT, o.CONSTANT, o.CALL, o.ITEM, o.GUARD}
_SMALL = 1 << 12  # elements that a folded array may have in any case


def fold(program: Program) -> Program:
    """Compute rows whose inputs are known."""
    draft, expand = Draft(program), o.EXPAND
    known = np.zeros(len(program) + 1, bool)
    for row, array in constants(program):
        if frozen(array):
            known[row] = True
            if array.size > 1 and uniform(array) is not None:
                draft.rewrite(row, expand, (draft.constant(array.reshape(-1)[0], array.dtype),), array.shape)
    _, a, b, c = columns_of(program)
    tried = known.copy()
    while True:
        absent = known.copy()
        absent[-1] = True  # an absent input, -1, does not stand in the way; but a row needs one that is known
        rows = (known[a] & absent[b] & absent[c] & ~tried[:-1]).nonzero()[0].tolist()
        if not rows:
            return draft.program()
        for row in rows:
            tried[row] = True
            if _foldable(program, row, known):
                known[row] = program.op[row] == expand or _folded(draft, row)


def _folded(draft: Draft, row: int) -> bool:
    """Make a constant of a row of constants, unless it raises, which is then for the replay to do."""
    try:
        with np.errstate(all="ignore"):
            value = freeze(o.VALUE[draft.op[row]](draft.params[row], *[_array(draft, i) for i in draft.before.inputs_of(row)]))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return False
    if spec_of(value) is not draft.spec[row]:
        return False
    draft.rewrite(row, o.CONSTANT, (), value)
    return True


def _array(draft: Draft, row: int) -> np.ndarray:
    """The value of a known row: a constant, or an expand of known rows."""
    if draft.op[row] == o.EXPAND:
        return np.broadcast_to(_array(draft, draft.a[row]), draft.params[row])
    array: np.ndarray = draft.params[row]
    return array


def _foldable(program: Program, row: int, known: np.ndarray) -> bool:
    inputs = program.inputs_of(row)
    if program.op[row] in _NEVER or not all(known[i] for i in inputs):
        return False
    return bool(program.spec[row].size <= max(_SMALL, *[program.spec[i].size for i in inputs]))
