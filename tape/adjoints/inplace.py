"""The adjoint of writing a part of a tensor: the part's gradient goes to what was written, the rest to what was there before."""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.adjoints import adjoint, tangent
from tape.record import record
from tape.tensor import Tensor, array, wrap
from tape.traced import copy_of, writable
from tape.views import follow, look


def split(values: np.ndarray, params: tuple) -> np.ndarray:
    """Take the written part out of a gradient, in place: returns its copy and leaves zeros."""
    _, chain, key, winners = params
    shown = look(values, chain)
    where: Any = ... if key is None else key
    part = copy_of(shown[where])
    shown[where] = 0
    return part if winners is None else np.where(winners, part, 0)


@adjoint("overwrite")
def overwrite_adjoint(g: Tensor, row: Any) -> tuple:
    """(gradient of the base, gradient of what was written)."""
    _, chain, key, winners = row.params
    rest = array(g).copy()
    split(rest, row.params)
    part = follow(g, chain)
    if key is not None:
        part = part[key]
    if winners is not None:
        from tape.functions.indexing import where

        part = where(wrap(winners), part, 0.0)
    if not row.need[0]:
        return None, part
    zeros = wrap(np.zeros(part._s.shape, part._s.dtype))
    return record(OPCODES["overwrite"], (g, zeros), rest, None, row.params), part if row.need[1] else None


@adjoint("fill")
def fill_adjoint(g: Tensor, row: Any) -> tuple:
    """Nothing of what was there before is left; the value gets the sum."""
    zeros = wrap(np.zeros(g._s.shape, g._s.dtype)) if row.need[0] else None
    return zeros, g.sum() if row.need[1] else None


@tangent("overwrite")
def overwrite_tangent(tangents: tuple, inputs: tuple, value: Any, x: Any, params: Any) -> Tensor:
    """The base's tangent with the written part's in its place."""
    base, part = (
        t if t is not None else wrap(np.zeros(p._s.shape, p._s.dtype)) for t, p in zip(tangents, inputs, strict=True)
    )
    values = writable(array(base), array(part))
    shown = look(values, params[1])
    shown[... if params[2] is None else params[2]] = array(part)
    return record(OPCODES["overwrite"], (base, part), values, None, params)

