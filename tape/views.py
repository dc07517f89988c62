"""Views: Tensors that share memory with a base, and keep a history that in-place writes to either side can renew.

`view` records a view and remembers the chain of operations that leads to it from its base; `renew` records the chain again on
a base that was written. `VIEW_VALUE[name](array, params)` is each view operation on plain arrays.
Invariant: a base knows its live views (weakly), so a write costs what is alive. Imported by functions and inplace.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, OPCODES
from tape.columns import BLIND, LOST, Mark, Tape
from tape.record import normal, record
from tape.state import STATE, change
from tape.tensor import INFERENCE, Tensor, blank, share

VIEW_VALUE: dict[str, Callable[[np.ndarray, Any], np.ndarray]] = {}
AS_STRIDED = OPCODES["getitem:AsStrided"]
SEVERAL, NO_GRAD, CUSTOM = "several outputs", "no_grad", "a Function"  # why a view must not be written: stands last in its chain


def view_value(name: str) -> Callable:
    """Register how a view operation looks at a plain array; the result must be an array (0-d included) that shares memory."""

    def keep(function: Callable) -> Callable:
        VIEW_VALUE[name] = function
        return function

    return keep


def view(t: Tensor, op: int, value: Any, x: Any, y: Any, several: bool = False) -> Tensor:
    """The Tensor of a view `value` of `t`, recorded as `op` with saved x and params y. `several`: one of many outputs of an operation."""
    made = record(op, (t,), value, x, y)
    if made._t is None:  # as what it is a view of, whatever the mode
        made._r = INFERENCE if t._r == INFERENCE else 0
        if t._t is not None and STATE.trace is None and t._r != INFERENCE and made._s.dtype.kind in "fcV":
            made._t = BLIND
    try:
        base, chain = t._root, t._chain
    except AttributeError:
        base, chain = t, ()
    made._root = base
    made._chain = (*chain, (op, x, y), SEVERAL) if several else (*chain, (op, x, y)) if STATE.grad and not STATE.inference else (*chain, (op, x, y), NO_GRAD)
    try:
        views = base._views
    except AttributeError:
        views = base._views = []
    views.append(weakref.ref(made))
    if len(views) > 64 and len(views) & (len(views) - 1) == 0:  # at each power of two: the dead ones go
        views[:] = [reference for reference in views if reference() is not None]
    return made


def base_of(t: Tensor) -> Tensor | None:
    """The Tensor whose memory a view shares, or None."""
    return getattr(t, "_root", None)


def links(t: Tensor) -> list[tuple[int, Any, Any]]:
    """The operations from the base to a view."""
    return [link for link in getattr(t, "_chain", ()) if type(link) is tuple]


def look(values: np.ndarray, chain: list) -> np.ndarray:
    """The part of a plain array that a chain of view operations shows, sharing memory."""
    for op, _, params in chain:
        values = VIEW_VALUE[BY_OPCODE[op].name](values, params)
    return values


def follow(t: Tensor, chain: list) -> Tensor:
    """The same on a Tensor, recorded."""
    for op, x, params in chain:
        t = record(op, (t,), normal(VIEW_VALUE[BY_OPCODE[op].name](share(t), params), t._s.dtype), x, params)
    return t


def renewed(base: Tensor, history: Tensor, recording: bool) -> list[tuple[Tensor, Tensor | None]]:
    """The live views of a memory about to be written, each with a handle on its new row once `base` stands where `history` does; None
    where it needs none."""
    found: list[tuple[Tensor, Tensor | None]] = []
    start = None
    for t in [reference() for reference in base._views]:
        if t is None:
            continue
        fresh = None
        mine = getattr(t, "_root", None) is base
        if loses(t, history):
            fresh = blank(Tensor)
            fresh._t, fresh._r = LOST, 0
        elif mine and (recording and (history._t is not None or t._t is not None) or type(t._t) is Tape and base._t is not None and STATE.trace is None):
            if start is None:
                start = base
                if type(history._t) is not Mark:  # rows know a leaf by its Tensor
                    start = blank(Tensor)
                    start._v, start._s, start._t, start._r = base._v, base._s, history._t, history._r
            before = change(grad=True, inference=False)  # the history of a view goes on although that of the base does not
            try:
                fresh = _again(start, links(t))
            finally:
                change(**before)
        found.append((t, fresh))
    return found


def blind(t: Tensor) -> bool:
    """Whether a Tensor is a view made while gradients were off, of one that requires grad: a write to its memory loses its history."""
    return t._t is LOST or type(t._t) is Mark and t._t.blind


def loses(t: Tensor, base: Tensor) -> bool:
    """Whether a view loses its history with a write to its memory, after which what it is a view of, or `base`, has one: nobody may write
    to such a view, so nobody says how it is one of what was written."""
    if getattr(base, "_chain", None) == ():  # what `.data` gave: beside the history
        return False
    marked = any([type(link) is str for link in getattr(t, "_chain", ())])
    return blind(t) or marked and (base._t is not None or t._root._t is not None)


def _again(base: Tensor, chain: list) -> Tensor:
    """A view of a memory that was written: under PyTorch's name for one with a new history."""
    fresh = follow(base, [(AS_STRIDED if BY_OPCODE[op].name == "getitem" else op, x, y) for op, x, y in chain])
    if not chain or BY_OPCODE[chain[-1][0]].name == "getitem":
        return fresh
    return record(AS_STRIDED, (fresh,), fresh._v, None, (fresh._s, (Ellipsis,)))


def renew(base: Tensor) -> None:
    """After a write to `base`: every live view of its memory gets its values and, where the write was recorded, its row anew."""
    references = getattr(base, "_views", ())
    if not references:
        return
    recording = STATE.grad and not STATE.inference
    for t in [reference() for reference in references]:
        if t is None:
            continue
        chain = links(t)
        if type(t._v) is float:
            t._v = float(look(share(t._root), chain))
            t._writes = getattr(t, "_writes", 0) + 1
        if loses(t, base):
            t._t = LOST
            continue
        recorded = recording and (base._t is not None or t._t is not None)
        if t._root is base and (recorded or STATE.dual):
            fresh = _again(base, chain)
            if recorded:
                t._t, t._r = fresh._t, fresh._r
            if STATE.dual:
                t._tangent = getattr(fresh, "_tangent", None)
