"""One Tensor's operation recorded in one step, where the short path does not serve: on a leaf, a constant, or beside a Python number.

`one(op, t, functions, keeps)` and `with_number(op, t, number)` compute, append the row and make the Tensor; None where anything is unusual (another
mode, a value of another kind, history on a closed tape), before anything has happened: tape/record then does it with care.
Invariant: values and rows are those of tape/record. Imports record; imported by the generated functions.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from tape.columns import BRIEF, FULL, LIMIT, Mark, begin, enter, standing
from tape.places import outside
from tape.record import FUNCTIONS, KEEPS
from tape.spec import LIGHT
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor, blank


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


def with_number(op: int, t: Tensor, number: float, left: bool = False) -> Tensor | None:
    """A primitive of a Tensor and a number on its right, or on its left."""
    if not _usual(t):
        return None
    try:
        value = FUNCTIONS[op][t._s.code](number, t._v) if left else FUNCTIONS[op][t._s.code](t._v, number)
    except (RuntimeWarning, FloatingPointError):
        return None
    if type(value) is not np.ndarray:
        return None
    keep_a, keep_b = KEEPS[op]
    if left:
        return _made(op, t, value, number if keep_a[1] else None, t._v if keep_b[1] else None, True)
    return _made(op, t, value, t._v if keep_a[0] else None, number if keep_b[0] else None)


def two(op: int, a: Any, b: Any) -> Tensor | None:
    """A primitive of two Tensors of one Spec, or of one and a number."""
    if type(b) is float or type(b) is int:
        return with_number(op, a, float(b)) if type(a) is Tensor else None
    if type(a) is float or type(a) is int:
        return with_number(op, b, float(a), True) if type(b) is Tensor else None
    if type(a) is not Tensor or type(b) is not Tensor or a._s is not b._s or type(b._v) is not np.ndarray or not _usual(a) or not _usual(b):
        return None
    x, y, spec = a._v, b._v, a._s
    try:
        value = FUNCTIONS[op][spec.code](x, y)
    except (RuntimeWarning, FloatingPointError):
        return None
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value, spec, None, 0
    tape = STATE.open
    if a._t is None and b._t is None:
        return made
    row_a, row_b = (-1, -1) if tape is None else (standing(a, tape), standing(b, tape))
    if row_a < 0 or row_b < 0 or a._t is not tape and b._t is not tape and len(tape.rows) >= BRIEF:
        if a._t is not tape and b._t is not tape or tape is None:
            tape = None
            tape = begin()
        row_a, row_b = enter(tape, a), enter(tape, b)
    keep_a, keep_b = KEEPS[op]
    frame = outside(_getframe(2))
    place = len(tape.rows)
    tape.rows.extend(
        (
            op, row_a, row_b, x if keep_a[0] and row_a or keep_a[1] and row_b else None, y if keep_b[0] and row_a or keep_b[1] and row_b else None,
            frame.f_code, frame.f_lasti,
        )
    )  # fmt: skip
    if spec.nbytes > LIGHT:
        tape.bytes += spec.nbytes
    made._t, made._r = tape, place
    return made


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


def _made(op: int, t: Tensor, value: Any, x: Any, y: Any, second: bool = False) -> Tensor:
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value, t._s, None, 0
    if t._t is None:
        return made
    tape = STATE.open
    row = -1 if tape is None else standing(t, tape)
    if row < 0 or t._t is not tape and len(tape.rows) >= BRIEF:
        tape = None
        tape = begin()
        row = enter(tape, t)
    frame = outside(_getframe(2))
    place = len(tape.rows)
    tape.rows.extend((op, 0, row, x, y, frame.f_code, frame.f_lasti) if second else (op, row, 0, x, y, frame.f_code, frame.f_lasti))
    if t._s.nbytes > LIGHT:
        tape.bytes += t._s.nbytes
    made._t, made._r = tape, place
    return made
