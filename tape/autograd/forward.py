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
from tape.errors import NoDerivativeError
from tape.record import cast
from tape.rerecord import Row, Saved, number_in, references
from tape.rules import complex_rules, rules
from tape.state import STATE, change, levels, outer_dual
from tape.tensor import Tensor, give_tangent, tangent_of, wrap


def push(made: Tensor, op: int, inputs: tuple, x: Any, y: Any) -> None:
    """Give the result of an operation its tangents, and the row's saved values theirs, those of the outermost level first."""
    if made._s.dtype.kind not in "fcV" or STATE.inference:
        return
    current = STATE.dual
    for level in levels():
        tangents = tuple(_tangent_at(t, level) for t in inputs)
        if all(t is None for t in tangents):
            continue
        before = change(dual=level)
        try:
            change(dual=outer_dual())  # tangents have tangents of the levels around
            tangent = _pushed(made, op, inputs, tangents, x, y)
        finally:
            change(**before)
        give_tangent(made, tangent, level)
        if type(made._t) is Tape:
            rows, place = made._t.rows, made._r
            rows[place + 3], rows[place + 4] = _saved(made, op, tangents, level, rows[place + 3], rows[place + 4])
        if level != current:
            x, y = _saved(made, op, tangents, level, x, y)


def _tangent_at(t: Any, level: int) -> Tensor | None:
    """The tangent that an input carries in a level."""
    before, STATE.dual = STATE.dual, level
    found = tangent_of(t)
    STATE.dual = before
    return found


def _pushed(made: Tensor, op: int, inputs: tuple, tangents: tuple, x: Any, y: Any) -> Tensor:
    """The tangent of a result, by the row's rule, its registered pushforward, or its adjoint."""
    row: Any = BY_OPCODE[op]
    if isinstance(row, Elementwise):
        return _elementwise(row, op, made, inputs, tangents, x, y)
    tangents = tuple(s if s is None or t is None else cast(s, t._s.dtype) for s, t in zip(tangents, inputs, strict=True))
    if row.name in TANGENTS:
        return TANGENTS[row.name](tangents, inputs, made._v, x, y)
    return _derived(op, made, inputs, tangents, x, y)


def _elementwise(row: Elementwise, op: int, made: Tensor, inputs: tuple, tangents: tuple, x: Any, y: Any) -> Tensor:
    if len(row.inputs) == 1:
        arguments: tuple = (inputs[0], made)
    else:
        arguments = tuple(t if t is not None else wrap(number_in(_plain(v), made._s.dtype)) for t, v in zip(inputs, (x, y), strict=True))
    total: Any = None
    of_complex = any(t._s.dtype.kind == "c" for t in arguments)
    for rule, tangent in zip(complex_rules(op, True) if of_complex else rules(op), tangents, strict=False):
        if tangent is None:
            continue
        if rule is None:
            raise NoDerivativeError(f"{row.name} has no derivative in this input; detach() it")
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
    before = change(grad=True)
    try:  # at one, not zero: a zero would hide partials that are not finite
        u = wrap(np.ones(made._s.shape, made._s.dtype)).requires_grad_()
        refs = references(made._t, made._r) if recorded else (0,) * max(2, len(inputs))
        row = Row.__new__(Row)
        row.tape, row.row, row.op = (made._t, made._r, op) if recorded else (None, 0, op)
        row.need, row.linked, row.x, row.y, row.refs = [t is not None for t in tangents], recorded, x, y, refs
        pulled = ADJOINTS[BY_OPCODE[op].name](u, row)
        pairs = [(p, t) for p, t in zip(pulled, tangents, strict=False) if t is not None and p is not None and p._t is not None]
        outputs, weights = [p for p, _ in pairs], [t for _, t in pairs]
        found = grad(outputs, u, weights, create_graph=True, allow_unused=True)[0] if outputs else None
        return wrap(np.zeros(made._s.shape, made._s.dtype)) if found is None else found
    finally:
        change(**before)


def _saved(made: Tensor, op: int, tangents: tuple, level: int, x: Any, y: Any) -> tuple[Any, Any]:
    """What a row saves, with the tangents of what it was."""
    row: Any = BY_OPCODE[op]
    first, second, own = tangents[0], tangents[1] if len(tangents) > 1 else None, _tangent_at(made, level)
    if STATE.trace is not None and STATE.trace.lasting and type(made._t) is Tape:
        first, second, own = STATE.trace.beside(made, (first, second, own))
    if isinstance(row, Elementwise) and len(row.inputs) == 1:
        return _with(x, first, level), _with(y, own, level)
    if isinstance(row, Elementwise) or row.kind == "bilinear":
        return _with(x, first, level), _with(y, second, level)
    if row.kind == "whole" and type(x) is tuple:
        return (*(_with(v, t, level) for v, t in zip(x, (first, second, own), strict=False)), *x[3:]), y
    return x, y


def _with(value: Any, tangent: Tensor | None, level: int) -> Any:
    if value is None or tangent is None:
        return value
    made = Saved(value.value, value._tangent) if type(value) is Saved else Saved(value, None)
    give_tangent(made, tangent, level)
    return made


__all__ = ["push"]
