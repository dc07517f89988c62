"""Pullbacks of rows whose rule forgets its input after some orders, where they are recorded again: what a user differentiates once more
has the history that PyTorch gives it.

A power x**k is differentiated to k times a power, down to x**0, whose derivative is zero without history; so a square has a third derivative,
which is 0, and no fourth. The derivative of relu has history, and zero as its derivative. `ONWARDS[opcode](row, g)` gives the contribution,
or None where the rule of the table serves: for complex values and tensors as exponents.
Invariant: values are those of the table's rules. Imported by rerecord.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.functions.choosing import where
from tape.functions.elementwise import cube, square
from tape.outputs import entitle
from tape.record import record
from tape.tensor import Tensor, array, wrap

POW, SIGN = OPCODES["pow"], OPCODES["sign"]


def _power(x: Tensor, k: float) -> Tensor:
    """x**k, recorded as a power for every k."""
    if k in (2, 3):
        return square(x) if k == 2 else cube(x)  # type: ignore[no-any-return]
    if k == 1:  # nobody but the pullback sees this, so the memory may be that of x
        return record(POW, (x,), x._v, x._v, 1.0)
    value = 1.0 if type(x._v) is float and k == 0 else np.power(array(x), np.asarray(k, x._s.dtype))
    return record(POW, (x,), float(value) if type(x._v) is float else value, x._v, float(k))


def _of_power(k: float, x: Tensor, g: Tensor) -> Tensor:
    if k == 0:
        return wrap(np.zeros(g._s.shape, g._s.dtype))
    return g * (_power(x, k - 1) * k)


def _square(row: Any, g: Tensor) -> Tensor | None:
    return _of_power(2, row.value(row.x, row.refs[0]), g)


def _cube(row: Any, g: Tensor) -> Tensor | None:
    return _of_power(3, row.value(row.x, row.refs[0]), g)


def _pow(row: Any, g: Tensor) -> Tensor | None:
    if type(row.y) not in (int, float) or row.refs[1] or row.x is None:
        return None
    return _of_power(row.y, row.value(row.x, row.refs[0]), g)


def _relu(row: Any, g: Tensor) -> Tensor | None:
    x = row.value(row.y, row.refs[0])  # what it keeps is its output, positive where the input is
    zero = record(SIGN, (x,), np.zeros(x._s.shape, x._s.dtype))  # flat: zero, and so is its derivative
    return entitle(where(wrap(np.greater(x._v, 0)), g, zero), "ThresholdBackwardBackward0", (g, x))  # type: ignore[no-any-return]


ONWARDS: dict[int, Callable[[Any, Tensor], Tensor | None]] = {OPCODES["square"]: _square, OPCODES["cube"]: _cube, POW: _pow, OPCODES["relu"]: _relu}
