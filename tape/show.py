"""`show(t)`: the tape of a Tensor as text, one readable line a row with the user's file and line."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LABELS, LEAF, MORE
from tape.columns import ROW, SPENT, Tape
from tape.errors import at
from tape.tensor import Tensor


def show(t: Any, *, last: int | None = None, print_it: bool = True) -> str:
    """Print the tape that a Tensor stands on, and return the text.

    t: a Tensor with history, or a Tape. last: only so many rows at the end, up to the Tensor's own. A line reads

        @3 = mul(@1, @2)  keeps f8[3], f8[3]    model.py:12

    ValueError for a Tensor without history.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> text = tape.show((x * x).sum(), print_it=False)
    >>> text.splitlines()[1][:16]
    '@1 = leaf  f8[2]'
    """
    if isinstance(t, Tensor):
        if type(t._t) is not Tape:
            raise ValueError("show: this tensor has no history; give the result of an operation on a tensor that requires grad")
        tape, top = t._t, t._r
    elif isinstance(t, Tape):
        tape, top = t, len(t.rows) - ROW
    else:
        raise TypeError(f"show: got {type(t).__name__}; wanted a Tensor or a Tape")
    numbers = range(ROW, top + 1, ROW)
    chosen = numbers if last is None else numbers[-last:] if last > 0 else numbers[:0]
    lines = [f"tape {tape.num}, {top // ROW} rows" + (f", the last {len(chosen)}" if len(chosen) < len(numbers) else "")]
    body = [describe(tape, row) for row in chosen]
    width = min(72, max((len(text) for text, _ in body), default=0))
    lines += [f"{text:<{width}}  {place}".rstrip() for text, place in body]
    text = "\n".join(lines)
    if print_it:
        print(text)
    return text


def describe(tape: Tape, row: int) -> tuple[str, str]:
    """One row: what it is, and where it was written."""
    op, a, b, x, y, code, instruction = tape.rows[row : row + ROW]
    name, number = f"@{row // ROW}", lambda reference: f"@{reference // ROW}" if reference else "_"
    if op == LEAF:
        return f"{name} = leaf  {_kind(y)}", ""
    if op == IMPORT:
        return f"{name} = import of @{y // ROW} on tape {x.num}", ""
    if op == MORE:
        return f"{name} = further inputs {number(a)}, {number(b)} of the row below", ""
    if op < FIRST_OPCODE:
        return f"{name} = {LABELS[op].lower()}", ""
    primitive: Any = BY_OPCODE[op]
    binary = b or (primitive.kind == "elementwise" and len(primitive.inputs) == 2) or primitive.kind == "bilinear"
    inputs = f"{number(a)}, {_operand(b, y)}" if binary else number(a)
    if binary and not a and isinstance(x, (int, float)):
        inputs = f"{x!r}, {number(b)}"
    kept = [_kind(v) for v in _saved(primitive, x, y)]
    place = at((code, instruction))
    return f"{name} = {primitive.name}({inputs})" + (f"  keeps {', '.join(kept)}" if kept else ""), os.path.relpath(place) if os.path.isabs(
        place
    ) and len(os.path.relpath(place)) < len(place) else place


def _operand(reference: int, saved: Any) -> str:
    return f"@{reference // ROW}" if reference else repr(saved) if isinstance(saved, (int, float)) else "_"


def _saved(primitive: Any, x: Any, y: Any) -> list:
    values = x if type(x) is tuple else (x,)
    if primitive.kind in ("elementwise", "bilinear"):
        values = (*values, y)
    return [v for v in values if isinstance(v, (float, np.ndarray)) or v is SPENT]


def _kind(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if value is SPENT:
        return "<spent>"
    dtype, shape = value.dtype, value.shape
    return f"{dtype.kind}{dtype.itemsize}[{','.join(map(str, shape))}]"
