"""`first_nan(t)`: which operation in a history was the first to give NaN. `saved_values`: which values a row holds.

Rows hold only what their pullbacks read; other values of elementwise rows are computed again from what is known of their inputs.
Invariant: it reads only. Imports columns, values, rerecord, show; imported by debug and tape/__init__.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LEAF, Elementwise
from tape import values
from tape.columns import Tape
from tape.rerecord import references
from tape.show import describe
from tape.tensor import Tensor, array

Place = tuple[int, int, int]  # closing number of the tape, number of the tape, row: their order is that of recording


def first_nan(t: Tensor) -> str | None:
    """The first operation in the history of `t` known to give a NaN, as a line of `show`; None if none is.

    Known are leaves, what rows saved for the backward pass (before one used it up), elementwise functions of these, and `t` itself.
    Where something else lies between, such as a sum, the answer is the first operation after it that is known: look at its
    inputs too. TypeError for anything but a Tensor.

    >>> import tape
    >>> x = tape.tensor([1.0, -1.0], requires_grad=True)
    >>> tape.first_nan((x.log() * 2).exp())[:12]
    '@2 = log(@1)'
    """
    if not isinstance(t, Tensor):
        raise TypeError(f"first_nan: got {type(t).__name__}; wanted a Tensor")
    if type(t._t) is not Tape:
        return "the tensor itself, which no operation made" if _is_nan(array(t)) else None
    rows = _reachable(t)
    known: dict[Place, Any] = {_place(t._t, t._r): t._v}
    for tape, row in rows.values():
        if tape.rows[row] == LEAF:
            leaf = tape.rows[row + 3]()
            if leaf is not None:
                known[_place(tape, row)] = leaf._v
        elif tape.rows[row] >= FIRST_OPCODE:
            for reference, value in saved_values(tape, row):
                known[_stand(tape, reference)] = value
    with np.errstate(all="ignore"):
        for place in sorted(rows):
            tape, row = rows[place]
            if place not in known and tape.rows[row] >= FIRST_OPCODE:
                _compute(tape, row, known)
            if place in known and _is_nan(known[place]):
                return "  ".join(filter(None, describe(tape, row)))
    return None


def saved_values(tape: Tape, row: int) -> list[tuple[int, Any]]:
    """The values that a row saved, each with the row whose value it is."""
    op, a, b, x, y = tape.rows[row : row + 5]
    primitive: Any = BY_OPCODE[op]
    if primitive.kind == "whole":
        found = list(zip((a, b, row), x if type(x) is tuple else (), strict=False))
    elif isinstance(primitive, Elementwise) and len(primitive.inputs) == 1:
        found = [(a, x), (row, y)]
    elif primitive.kind in ("elementwise", "bilinear"):
        found = [(a, x), (b, y)]
    else:
        found = []
    plain = [(reference, getattr(value, "value", value)) for reference, value in found]
    return [(reference, value) for reference, value in plain if reference and isinstance(value, (float, np.ndarray))]


def _place(tape: Tape, row: int) -> Place:
    return (tape.closed or sys.maxsize, tape.num, row)


def _stand(tape: Tape, row: int) -> Place:
    """The place of a reference; that of its original where it is an import."""
    if tape.rows[row] == IMPORT:
        tape, row = tape.rows[row + 3], tape.rows[row + 4]
    return _place(tape, row)


def _reachable(t: Tensor) -> dict[Place, tuple[Tape, int]]:
    """Every row that a Tensor depends on, its own included."""
    found: dict[Place, tuple[Tape, int]] = {}
    due = [(t._t, t._r)]
    while due:
        tape, row = due.pop()
        op = tape.rows[row]
        if op == IMPORT:
            due.append((tape.rows[row + 3], tape.rows[row + 4]))
        elif _place(tape, row) not in found:
            found[_place(tape, row)] = (tape, row)
            if op >= FIRST_OPCODE:
                due += [(tape, reference) for reference in references(tape, row) if reference]
    return found


def _compute(tape: Tape, row: int, known: dict[Place, Any]) -> None:
    """The value of an elementwise row whose inputs are known."""
    op, a, b, x, y = tape.rows[row : row + 5]
    primitive = BY_OPCODE[op]
    if not isinstance(primitive, Elementwise):
        return
    inputs = [known.get(_stand(tape, a)) if a else x]
    if len(primitive.inputs) == 2:
        inputs.append(known.get(_stand(tape, b)) if b else y)
    if any(not isinstance(value, (float, np.ndarray)) for value in inputs):
        return
    if len(inputs) == 1:
        known[_place(tape, row)] = values.one(primitive.name, inputs[0])
    else:
        dtype = next((value.dtype for value in inputs if isinstance(value, np.ndarray)), np.dtype(float))
        known[_place(tape, row)] = values.two(primitive.name, *inputs, dtype)


def _is_nan(value: Any) -> bool:
    found = np.asarray(value)
    return bool(found.dtype.kind == "f" and np.isnan(found).any())


__all__ = ["first_nan", "saved_values"]
