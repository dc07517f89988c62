"""Shapes changed in place: `t_`, `transpose_`, `squeeze_`, `unsqueeze_`, `as_strided_` give a Tensor other sizes over the same memory.

The Tensor becomes what the view function gives; views made of it before keep looking at the memory as it was, for which a hidden base
takes the Tensor's place. Nothing is written, yet it counts as a write, as in PyTorch: rows that saved the Tensor before refuse to go back.
Imports inplace and functions; `METHODS` become Tensor methods.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from tape import versions
from tape.columns import LOST, Tape
from tape.functions import shape, strided
from tape.inplace import allowed, stand
from tape.outputs import entitle
from tape.state import change
from tape.tensor import Tensor, blank, share
from tape.views import base_of, blind

_TITLES = {"t": "T", "transpose": "Transpose", "swapaxes": "Transpose", "swapdims": "Transpose", "squeeze": "Squeeze", "unsqueeze": "Unsqueeze",
           "as_strided": "AsStrided"}  # fmt: skip


def turn(t: Tensor, name: str, view: Callable[..., Tensor], *args: Any, **options: Any) -> Tensor:
    """Let `t` be what a view function gives of it; returns `t`. RuntimeError for a leaf that requires grad."""
    allowed(t, name, uniform=True)  # elements that share memory are no obstacle
    before = blank(Tensor)
    before._v, before._s, before._t, before._r = share(t), t._s, t._t, t._r
    if hasattr(t, "_tangent"):
        before._tangent = t._tangent
    alive = [v for v in (reference() for reference in getattr(t, "_views", ())) if v is not None and v._root is t]
    if base_of(t) is not None:
        before._root, before._chain = t._root, t._chain
    linked = type(t._t) is Tape  # its history goes on although gradients may be off, since its values do; a leaf stays one
    outer = change(grad=True, inference=False) if linked else {}
    try:
        made = view(before, *args, **options)
    finally:
        change(**outer)
    if alive or base_of(t) is not None:
        for v in alive:
            v._root = before
            if blind(v):
                v._t = LOST
        if alive:
            before._views = [*t._views, *getattr(before, "_views", ())]
            del t._views
        t._root, t._chain = made._root, made._chain
        t._root._views.append(weakref.ref(t))
    if type(t._v) is np.ndarray and type(made._v) is np.ndarray:
        versions.wrote(made._v)
    else:
        t._writes = getattr(t, "_writes", 0) + 1
    t._v, t._s = made._v, made._s
    if hasattr(made, "_tangent"):
        t._tangent = made._tangent
    if linked:
        stand(t, entitle(made, _title(name, args, options), (before,)))
    elif blind(t):
        t._t = LOST
    return t


def _title(name: str, args: tuple, options: dict) -> str:
    """PyTorch's name, which counts the ways to call."""
    title = _TITLES[name.rstrip("_")]
    if title == "Squeeze":
        (dim,) = (*args, *options.values()) or (None,)
        return f"SqueezeBackward{3 if dim is None else 4 if isinstance(dim, int) else 5}"
    return f"{title}Backward1"


def _method(name: str, view: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def method(self: Tensor, *args: Any, **options: Any) -> Tensor:
        return turn(self, name, view, *args, **options)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"`{name.rstrip('_')}` in place: this Tensor gets the shape, over the same memory; returns it."
    return method


METHODS = {
    f"{name}_": _method(f"{name}_", function)
    for name, function in {
        "t": shape.t, "transpose": shape.transpose, "swapaxes": shape.transpose, "swapdims": shape.transpose, "squeeze": shape.squeeze,
        "unsqueeze": shape.unsqueeze, "as_strided": strided.as_strided,
    }.items()
}  # fmt: skip
