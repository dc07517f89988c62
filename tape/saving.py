"""What rows save while hooks on saved values are on: `pack` hands a value to the user's hook, `unpack` gets it back.

`STATE.saving` is (pack, unpack, what it was outside) of the thread's innermost pair, or None; a row then holds a `Packed` in the place of the value, and the
sweeps of its tape run in Python. Invariant: values saved without hooks are never looked at here.
Imports state, tensor; imported by record, rerecord, autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, Elementwise
from tape.state import STATE, change
from tape.tensor import Tensor, blank, wrap
from tape.traced import Traced


class Saved:
    """A saved value that is more than an array: with tangents, of the dual levels in which it was recorded."""

    __slots__ = ("value", "_tangent")

    def __init__(self, value: Any, tangents: Any) -> None:
        self.value, self._tangent = value, tangents  # named as a Tensor's, so that tangents are read and given alike


class Packed:
    """What a pack hook made of a saved value, and the hook that gives it back."""

    __slots__ = ("content", "unpack")

    def __init__(self, content: Any, unpack: Callable[[Any], Any]) -> None:
        self.content, self.unpack = content, unpack

    def tensor(self) -> Tensor:
        """The saved Tensor. TypeError where the hook gives none."""
        found = self.unpack(self.content)
        if not isinstance(found, Tensor):
            raise TypeError(f"the unpack hook of a saved tensor returned {type(found).__name__}; it must return a Tensor")
        return found


def pack(value: Any, hooks: tuple[Callable, Callable] | None = None) -> Packed:
    """Hand a value to a pair of hooks, the thread's innermost by default. RuntimeError for a hook that writes into it."""
    packing, unpacking = STATE.saving[:2] if hooks is None else hooks
    t = value if isinstance(value, Tensor) else wrap(value)
    before = t._version if not t.is_inference() else 0
    outer = change(saving=None, grad=False)
    try:
        content = packing(t)
    finally:
        change(**outer)
    if not t.is_inference() and t._version != before:
        raise RuntimeError("a pack hook modified the saved tensor in place; it must work on a clone()")
    return Packed(content, unpacking)


def _is_value(value: Any) -> bool:
    return type(value) is np.ndarray or type(value) is float or type(value) is Traced


def pack_row(tape: Any, place: int, inputs: tuple, y: Tensor) -> None:
    """Pack what the row just recorded saves: its inputs as they are, its output as a Tensor on the row."""
    rows = tape.rows
    row, a, b = BY_OPCODE[rows[place]], rows[place + 3], rows[place + 4]
    second = inputs[1] if len(inputs) > 1 else None
    if isinstance(row, Elementwise) and len(row.inputs) == 1:
        rows[place + 3], rows[place + 4] = _packed(a, inputs[0]), _packed(b, _standing(tape, place, y))
    elif isinstance(row, Elementwise) or row.kind == "bilinear":
        b = _packed(b, second)  # PyTorch's order: other, then self
        rows[place + 3], rows[place + 4] = _packed(a, inputs[0]), b
    elif type(a) is tuple and row.kind == "whole":
        sources = (inputs[0], second, _standing(tape, place, y))
        rows[place + 3] = tuple(_packed(v, sources[k]) if k < 3 else v for k, v in enumerate(a))
    elif row.name == "select" and _is_value(a):
        rows[place + 3] = pack(wrap(a))
    else:
        return
    tape.plain = True


def _packed(value: Any, t: Tensor | None) -> Any:
    """A saved value packed, if it is that of a Tensor."""
    if t is None or not _is_value(value):
        return value
    return pack(t if t._v is value else wrap(value))


def _standing(tape: Any, place: int, y: Tensor) -> Tensor:
    """The result of a row, as a Tensor of its own."""
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = y._v, y._s, tape, place
    return made


def unpacked(saved: Any) -> Any:
    """What a row saved, as its rule reads it. Tangents do not go through hooks."""
    if type(saved) is Packed:
        return saved.tensor()._v
    if type(saved) is Saved and type(saved.value) is Packed:
        return Saved(unpacked(saved.value), saved._tangent)
    if type(saved) is tuple and any([type(v) is Packed or type(v) is Saved for v in saved]):
        return tuple(unpacked(v) for v in saved)
    return saved


__all__ = ["Packed", "Saved", "pack", "pack_row", "unpacked"]
