"""Item assignment: `t[key] = value` for every kind of key, and index_put_.

`assign` is Tensor.__setitem__; a number written to an element of a vector, which loops do, goes a short way. Invariant: everything is checked
before anything is written. Imports inplace; its functions become Tensor methods.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.layout import OFFSET_SHIFT
from compiled_ops.rows import OPCODES
from tape import versions
from tape.columns import Mark, Tape
from tape.elements import shape_at
from tape.functions.picking import last_at, may_repeat
from tape.inplace import OVERWRITE, allowed, fits_memory, update, write
from tape.record import CAST_IMPLICIT, append, as_tensor, cast, expand, record
from tape.spec import SCALAR
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor, blank
from tape.traced import Traced, room, through


def _set_element(t: Tensor, key: int, value: Tensor) -> bool:
    """t[key] = value for a vector and a number, where nothing is unusual: what loops do. False where something is, before anything happened."""
    target, home = t._v, t._t
    if (
        type(target) is not np.ndarray or t._s.ndim != 1 or t._s.code != 0 or not STATE.grad or STATE.inference or STATE.dual
        or STATE.trace is not None or STATE.saving is not None or type(home) is Mark or t._r == INFERENCE or value._r == INFERENCE
        or hasattr(t, "_root") or hasattr(t, "_views") or not target.flags.writeable or not -target.size <= key < target.size
        or type(home) is Tape and home.hooks and t.retains_grad
    ):  # fmt: skip
        return False
    number = value._v
    if value._t is None and home is None:
        versions.wrote(target)
        target[key] = number
        return True
    history = blank(Tensor)
    history._v, history._s = target, t._s
    append(history, OVERWRITE, (t, value), SCALAR.number | key % target.size << OFFSET_SHIFT, (t._s, (), (key, Ellipsis), None))
    tape, row = history._t, history._r
    versions.wrote(target)
    target[key] = number  # no call from here on: an interrupt finds all of this done or nothing
    t._t = tape
    t._r = row
    return True


def assign(t: Tensor, key: Any, value: Any) -> None:
    """t[key] = value, for every kind of index; the value is cast and broadcast."""
    from tape.functions.indexing import plain_key

    if type(key) is int and type(value) is Tensor and type(value._v) is float and _set_element(t, key, value):
        return
    given = as_tensor(value)
    if given is None:
        raise TypeError(f"item assignment of {type(value).__name__}; give a Tensor, an array or a number")
    fits_memory(t, value)
    key, basic = plain_key(t._s, key)
    allowed(t, "item assignment", (given,), basic and not given._s.ndim and all(k is Ellipsis or isinstance(k, int) for k in key) and len(key) > t._s.ndim - 1)
    shape = shape_at(t._s.shape, key)
    made = cast(given, t._s.dtype, CAST_IMPLICIT)
    while made._s.ndim > len(shape) and made._s.shape[0] == 1:
        made = made.squeeze(0)
    try:
        np.broadcast_shapes(made._s.shape, shape)
        fits = np.broadcast_shapes(made._s.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise RuntimeError(f"item assignment of shape {given._s.shape} to a part of shape {shape}; it must broadcast to it")
    made = expand(made, shape)
    write(t, made, key, None if basic else _winners(t, key, shape), not basic)


def _winners(t: Tensor, key: tuple, shape: tuple[int, ...]) -> Any:
    """Where an index names a place twice, the last write wins: a mask of the elements that stay, None if all do."""
    if not may_repeat(key):
        for item in key:
            if type(item) is Traced and not item.trace.lasting:
                np.nonzero(item)  # a program that is being recorded sees how many there are, and relies on it
        return None
    mask = through(last_at, t._s.shape, key, shape)
    return mask if type(mask) is Traced or not mask.all() else None


def index_put_(t: Tensor, indices: tuple, values: Any, accumulate: bool = False) -> Tensor:
    """t[indices] = values, or with `accumulate` t[indices] += values, where repeated indices add up."""
    if not accumulate:
        assign(t, tuple(indices), values)
        return t

    def added(old: Tensor, given: Any) -> Tensor:
        from tape.functions.indexing import plain_key

        key, _ = plain_key(old._s, tuple(indices))
        part = cast(as_tensor(given), old._s.dtype, CAST_IMPLICIT)
        part = expand(part, shape_at(old._s.shape, key))
        value = room(old._s.shape, old._s.dtype, part._v, *key)
        np.add.at(value, key, part._v)
        return old + record(OPCODES["put"], (part,), value, key, (part._s, old._s))

    return update(t, "index_put_", added, values)
