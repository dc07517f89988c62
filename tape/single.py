"""One Tensor's operation recorded in one step, where the short path does not serve: on a leaf, a constant, or beside a Python number.

`one(op, t, functions, keeps)` and `with_number(op, t, number)` compute, append the row and make the Tensor; None where anything is unusual (another
mode, a value of another kind, history on a closed tape), before anything has happened: tape/record then does it with care.
Invariant: values and rows are those of tape/record. Imports record; imported by the generated functions.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from tape.columns import FULL, LIMIT, Mark, begin, enter
from tape.record import FUNCTIONS, KEEPS, outside
from tape.spec import LIGHT
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor


def one(op: int, t: Any, functions: list, keeps: int) -> Tensor | None:
    """A primitive of one input. keeps: 1 where its rule reads the input, 2 the output, 3 both."""
    if type(t) is not Tensor or not _usual(t):
        return None
    try:
        value = functions[t._s.code](t._v)
    except (RuntimeWarning, FloatingPointError):  # somebody made errors of warnings
        return None
    if type(value) is not np.ndarray:
        return None
    return _made(op, t, value, t._v if keeps & 1 else None, value if keeps & 2 else None)


def with_number(op: int, t: Tensor, number: float) -> Tensor | None:
    """A primitive of a Tensor and a number on its right."""
    if not _usual(t):
        return None
    try:
        value = FUNCTIONS[op][t._s.code](t._v, number)
    except (RuntimeWarning, FloatingPointError):
        return None
    if type(value) is not np.ndarray:
        return None
    keep_a, keep_b = KEEPS[op]
    return _made(op, t, value, t._v if keep_a[0] else None, number if keep_b[0] else None)


def _usual(t: Tensor) -> bool:
    """Whether an operation on `t` alone is recorded plainly, or is a constant."""
    if type(t._v) is not np.ndarray or t._s.code < 0 or t._r == INFERENCE:
        return False
    home, tape = t._t, STATE.open
    if tape is None:
        if not STATE.grad or STATE.inference or STATE.dual or STATE.place is not None or STATE.trace is not None or STATE.saving is not None:
            return False
    elif len(tape.rows) >= LIMIT or tape.bytes > FULL:
        return False
    return home is None or home is tape or type(home) is Mark


def _made(op: int, t: Tensor, value: Any, x: Any, y: Any) -> Tensor:
    made = Tensor()
    made._v, made._s, made._t, made._r = value, t._s, None, 0
    if t._t is None:
        return made
    tape = STATE.open
    if t._t is not tape:
        tape = None
        tape = begin()
    row = enter(tape, t)
    frame = outside(_getframe(2))
    place = len(tape.rows)
    tape.rows.extend((op, row, 0, x, y, frame.f_code, frame.f_lasti))
    if t._s.nbytes > LIGHT:
        tape.bytes += t._s.nbytes
    made._t, made._r = tape, place
    return made
