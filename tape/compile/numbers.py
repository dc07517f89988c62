"""The short ways of a recording: one or two 0-d float64 values, of which scalar programs consist.

`number(trace, op, x)` and `numbers(trace, op, a, b)` compute, add the program's row and the tape's, and make the Tensor in one step; None for
anything else, which the careful way of tape/record serves with the same rows. Imported by recording, whose methods they are.
"""

from __future__ import annotations

from typing import Any

from compiled_ops.rows import BY_OPCODE, OPCODES
from tape import values
from tape.columns import LIMIT
from tape.places import place_of_user
from tape.record import KEEPS
from tape.record import append as append_row
from tape.saving import Saved
from tape.spec import FLOAT64, SCALAR
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor, blank
from tape.traced import Traced

_NAMES = {op: row.name for op, row in BY_OPCODE.items()}
_BASES = {op: OPCODES[row.name] for op, row in BY_OPCODE.items()}


def numbers(trace: Any, op: int, a: Any, b: Any) -> Tensor | None:
    """The short way for two 0-d float64 values, Tensors or floats: row, value and history at once. None for anything else."""
    ta, tb = type(a) is not float, type(b) is not float
    va, vb = getattr(a, "_v", None) if ta else a, getattr(b, "_v", None) if tb else b
    x, y = va.now if type(va) is Traced else va, vb.now if type(vb) is Traced else vb
    if type(x) is not float or type(y) is not float or type(va) is float and type(vb) is float:
        return None
    name, place = _NAMES[op], place_of_user()
    real = values.two(name, x, y, FLOAT64)
    rows = (va.row if type(va) is Traced else trace.constants.row(va, FLOAT64), vb.row if type(vb) is Traced else trace.constants.row(vb, FLOAT64))
    made = blank(Tensor)
    made._s, made._t, made._r = SCALAR, None, INFERENCE if STATE.inference else 0
    made._v = Traced(real, trace.program.append(_BASES[op], rows, None, SCALAR, place), SCALAR, trace)
    if STATE.grad and not STATE.inference:
        need_a, need_b = ta and a._t is not None, tb and b._t is not None
        if need_a or need_b:
            keep_a, keep_b = KEEPS[op]
            _row(made, op, a if ta else None, b if tb else None, need_a, need_b,
                 va if keep_a[0] and need_a or keep_a[1] and need_b else None,
                 vb if keep_b[0] and need_a or keep_b[1] and need_b else None, place)  # fmt: skip
    return made


def number(trace: Any, op: int, given: Any) -> Tensor | None:
    """The short way for one 0-d float64 Tensor."""
    value = getattr(given, "_v", None)
    if type(value) is not Traced or type(value.now) is not float:
        return None
    row: Any = BY_OPCODE[op]
    place, real = place_of_user(), values.one(row.name, value.now)
    made = blank(Tensor)
    made._s, made._t, made._r = SCALAR, None, INFERENCE if STATE.inference else 0
    made._v = Traced(real, trace.program.append(_BASES[op], (value.row,), None, SCALAR, place), SCALAR, trace)
    if STATE.grad and not STATE.inference and given._t is not None:
        saved = row.saved[0]
        _row(made, op, given, None, True, False, value if "x" in saved else None, made._v if "y" in saved else None, place)
    return made


def fixed(value: Any) -> Any:
    """What a row saves: an element of an array as it is now, as floats are outside of recordings, whatever is written to the array later."""
    if type(value) is Traced:
        if value.parent is not None and type(value.now) is float:
            return Traced(value._real, value.row, SCALAR, value.trace)
    elif type(value) is tuple:
        return tuple([fixed(each) for each in value])
    elif type(value) is Saved:
        value.value = fixed(value.value)
    return value


def placed(trace: Any, op: int, inputs: tuple, value: Any, saved: Any, params: Any) -> tuple[tuple, tuple, Any, Any]:
    """What a row refers to, in front of what it lies, and what it saves."""
    return inputs, (), fixed(saved), fixed(params) if type(params) is not tuple else params


def _row(made: Tensor, op: int, a: Any, b: Any, need_a: bool, need_b: bool, x: Any, y: Any, place: tuple[Any, int]) -> None:
    """Append a row to the tape, where an input of it stands there already and nothing is unusual; carefully elsewhere."""
    home = STATE.tape
    if home is not None and not home.closed and len(home.rows) < LIMIT:
        if (not need_a or a._t is home) and (not need_b or b._t is home):
            made._t, made._r = home, len(home.rows)
            home.rows.extend((op, a._r if need_a else 0, b._r if need_b else 0, fixed(x), fixed(y), *place))
            return
    append_row(made, op, (a, b), x, y)
