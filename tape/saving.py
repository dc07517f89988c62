"""What rows save while hooks on saved values are on: `pack` hands a value to the user's hook, `unpack` gets it back.

`STATE.saving` is the innermost pair (pack, unpack) of the thread, or None; a row then holds a `Packed` in the place of the value, and the
sweeps of its tape run in Python. Invariant: values saved without hooks are never looked at here.
Imports state, tensor; imported by record, rerecord, autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, Elementwise
from tape.state import STATE, change
from tape.tensor import Tensor, wrap
from tape.traced import Traced


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
    packing, unpacking = STATE.saving if hooks is None else hooks
    t = value if isinstance(value, Tensor) else wrap(value)
    before = t._version if not t.is_inference() else 0
    outer = change(saving=None)
    try:
        content = packing(t)
    finally:
        change(**outer)
    if not t.is_inference() and t._version != before:
        raise RuntimeError("a pack hook modified the saved tensor in place; it must work on a clone()")
    return Packed(content, unpacking)


def _is_value(value: Any) -> bool:
    return type(value) is np.ndarray or type(value) is float or type(value) is Traced


def packed(op: int, x: Any, y: Any) -> tuple[Any, Any]:
    """What a row of this opcode saves, every value in it packed."""
    row = BY_OPCODE[op]
    if isinstance(row, Elementwise) or row.kind == "bilinear":
        return tuple(pack(v) if _is_value(v) else v for v in (x, y))  # type: ignore[return-value]
    if type(x) is tuple and row.kind == "whole":
        return tuple(pack(v) if _is_value(v) else v for v in x), y
    if row.name == "select" and _is_value(x):
        return pack(x), y
    return x, y


def holds(x: Any, y: Any) -> bool:
    """Whether anything that a row saved is packed."""
    return type(x) is Packed or type(y) is Packed or type(x) is tuple and any([type(v) is Packed for v in x])


def unpacked(saved: Any) -> Any:
    """What a row saved, as its rule reads it."""
    if type(saved) is Packed:
        return saved.tensor()._v
    if type(saved) is tuple and any([type(v) is Packed for v in saved]):
        return tuple(unpacked(v) for v in saved)
    return saved


__all__ = ["Packed", "holds", "pack", "packed", "unpacked"]
