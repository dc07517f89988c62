"""Forward mode inside recording: while a dual level is open, every operation also pushes tangents.

The pushforward of an elementwise row is its rule with the tangent in the place of the cotangent; of other rows it is registered
(`@tangent`) or derived from the adjoint, which is linear in the cotangent: differentiate it once more.
Values saved while a level is open carry their tangents along, so a backward pass over them gives tangents of gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, Elementwise
from tape.adjoints import ADJOINTS, TANGENTS
from tape.columns import Tape
from tape.rerecord import Row, Saved, complex_rules, references, rules
from tape.state import STATE, change
from tape.tensor import Tensor, give_tangent, tangent_of, wrap


def push(made: Tensor, op: int, inputs: tuple, x: Any, y: Any) -> None:
    """Give the result of an operation its tangent, and the row's saved values theirs."""
    tangents = tuple(tangent_of(t) for t in inputs)
    if all(t is None for t in tangents) or made._s.dtype.kind not in "fcV":
        return
    row: Any = BY_OPCODE[op]
    level = STATE.dual
    before = change(dual=0)  # tangents have no tangents: there is one level
    try:
        if isinstance(row, Elementwise):
            tangent = _elementwise(row, op, made, inputs, tangents, x, y)
        elif row.name in TANGENTS:
            tangent = TANGENTS[row.name](tangents, inputs, made._v, x, y)
        else:
            tangent = _derived(op, made, inputs, tangents, x, y)
    finally:
        change(**before)
    give_tangent(made, tangent, level)
    if type(made._t) is Tape:
        _save_tangents(made, row, tangents, level)


def _elementwise(row: Elementwise, op: int, made: Tensor, inputs: tuple, tangents: tuple, x: Any, y: Any) -> Tensor:
    if len(row.inputs) == 1:
        arguments: tuple = (inputs[0], made)
    else:
        arguments = tuple(t if t is not None else wrap(_plain(v)) for t, v in zip(inputs, (x, y), strict=True))
    total: Any = None
    of_complex = any(t._s.dtype.kind == "c" for t in arguments)
    for rule, tangent in zip(complex_rules(op, True) if of_complex else rules(op), tangents, strict=False):
        if tangent is None:
            continue
        if rule is None:
            raise RuntimeError(f"{row.name} has no derivative in this input; detach() it")
        part = rule(tangent, *arguments)
        if not isinstance(part, Tensor):
            part = wrap(np.full(made._s.shape, part, made._s.dtype))
        total = part if total is None else total + part
    return total


def _plain(value: Any) -> Any:
    return value.value if type(value) is Saved else value


def _derived(op: int, made: Tensor, inputs: tuple, tangents: tuple, x: Any, y: Any) -> Tensor:
    """The pushforward as the derivative of the pullback in its cotangent."""
    from tape.autograd import grad

    recorded = type(made._t) is Tape
    before = change(dual=0, grad=True)
    try:
        u = wrap(np.zeros(made._s.shape, made._s.dtype)).requires_grad_()
        refs = references(made._t, made._r) if recorded else (0,) * max(2, len(inputs))
        row = Row.__new__(Row)
        row.tape, row.row, row.op = (made._t, made._r, op) if recorded else (None, 0, op)
        row.need, row.linked, row.x, row.y, row.refs = [t is not None for t in tangents], recorded, x, y, refs
        pulled = ADJOINTS[BY_OPCODE[op].name](u, row)
        pairs = [(p, t) for p, t in zip(pulled, tangents, strict=False) if t is not None and p is not None]
        outputs, weights = [p for p, _ in pairs], [t for _, t in pairs]
        return grad(outputs, u, weights, create_graph=True)[0]
    finally:
        change(**before)


def _save_tangents(made: Tensor, row: Any, tangents: tuple, level: int) -> None:
    """Let the saved values of a row just recorded carry their tangents."""
    rows, place = made._t.rows, made._r
    x, y = rows[place + 3], rows[place + 4]
    second, own = tangents[1] if len(tangents) > 1 else None, tangent_of(made)
    if isinstance(row, Elementwise) and len(row.inputs) == 1:
        rows[place + 3], rows[place + 4] = _with(x, tangents[0], level), _with(y, own, level)
    elif isinstance(row, Elementwise) or row.kind == "bilinear":
        rows[place + 3], rows[place + 4] = _with(x, tangents[0], level), _with(y, second, level)
    elif row.kind == "whole" and type(x) is tuple:
        rows[place + 3] = tuple(_with(v, t, level) for v, t in zip(x, (tangents[0], second, own), strict=False))


def _with(saved: Any, tangent: Tensor | None, level: int) -> Any:
    return saved if saved is None or tangent is None or type(saved) is Saved else Saved(saved, tangent, level)


__all__ = ["push"]
