"""Forward-mode differentiation with dual Tensors, PyTorch's interface: `with dual_level(): y = f(make_dual(x, t))`.

Unlike PyTorch's, levels nest: a tangent may itself be dual in a level around, which gives tangents of tangents, to any order. Each level
has a number of its own, so the levels never mix. Invariant: a tangent is gone when its level is closed.
Imports inplace, record and state; imported by autograd and tape.func.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from compiled_ops.rows import OPCODES
from tape.inplace import detach
from tape.record import append
from tape.state import STATE, change, outer_dual
from tape.tensor import Tensor, give_tangent, tangent_of


class UnpackedDualTensor(NamedTuple):
    """A dual Tensor's value, and its tangent or None."""

    primal: Tensor
    tangent: Tensor | None


class _Open(threading.local):
    """The levels that a thread has open, whether operations push tangents, and whether those of the innermost level are constants: true only in
    one that `tape.func` opened itself."""

    def __init__(self) -> None:
        self.levels: list[int] = []
        self.pushing = True
        self.constant = False


_open = _Open()
_numbers = itertools.count(1)


def _settle() -> None:
    change(duals=tuple(_open.levels), dual=_open.levels[-1] if _open.levels and _open.pushing else 0)


def __getattr__(name: str) -> Any:
    if name == "_current_level":  # PyTorch's name: the position of the innermost level, -1 where none is open
        return len(_open.levels) - 1
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def enter_dual_level() -> int:
    """Open a level of forward mode within those that are open; returns its position among them, 0 for the outermost."""
    _open.levels.append(next(_numbers))
    _settle()
    return len(_open.levels) - 1


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the innermost level; tangents made in it are gone. RuntimeError where none is open, or `level` is another one."""
    if not _open.levels:
        raise RuntimeError("no dual level is open; enter one with dual_level()")
    if level is not None and level != len(_open.levels) - 1:
        raise RuntimeError(f"level {level} was to be closed, but the innermost is {len(_open.levels) - 1}; close that first")
    _open.levels.pop()
    _settle()


class dual_level:
    """A level of forward mode as a context. Levels nest: the inner one's tangents are differentiated by the outer one.

    >>> import tape
    >>> from tape.autograd import forward_ad
    >>> x, one = tape.tensor(2.0), tape.tensor(1.0)
    >>> with forward_ad.dual_level():
    ...     outer = forward_ad.make_dual(x, one)
    ...     with forward_ad.dual_level():
    ...         first = forward_ad.unpack_dual(forward_ad.make_dual(outer, one) ** 3).tangent
    ...     forward_ad.unpack_dual(first)
    UnpackedDualTensor(primal=tensor(12.), tangent=tensor(12.))
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: Any) -> None:
        exit_dual_level()


def opened() -> tuple:
    """The levels that are open, for `again`."""
    return list(_open.levels), _open.pushing, _open.constant


@contextmanager
def again(levels: tuple) -> Iterator[None]:
    """A block with these levels open and no others, closed ones among them: a function that runs again finds its arguments' tangents."""
    before = opened()
    (*_open.levels,), _open.pushing, _open.constant = levels
    _settle()
    try:
        yield
    finally:
        _open.levels, _open.pushing, _open.constant = before
        _settle()


@contextmanager
def level_of(constant: bool) -> Iterator[None]:
    """A level of which is known whether its tangents are constants."""
    with dual_level():
        before, _open.constant = _open.constant, constant
        try:
            yield
        finally:
            _open.constant = before


def has_constants() -> bool:
    """Whether the tangents of the innermost level are known to be constants."""
    return _open.constant


class _set_fwd_grad_enabled:
    """Forward mode on or off, as a call or for a block: while it is off, operations push no tangents
    and `unpack_dual` finds none."""

    def __init__(self, mode: bool) -> None:
        self._before, _open.pushing = _open.pushing, bool(mode)
        _settle()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: Any) -> None:
        _open.pushing = self._before
        _settle()


def _is_fwd_grad_enabled() -> bool:
    return _open.pushing


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A Tensor with the value (and history) of `tensor` that carries `tangent`, of the same shape, in the innermost level.

    level: the position of another level that is open. In inference mode no operation pushes tangents. RuntimeError outside a level, for another shape, and where `tensor` or `tangent` is dual in this level already; ValueError for integers.
    """
    number = _number(level, "make_dual")
    for given, name in ((tensor, "tensor"), (tangent, "tangent")):
        if given._s.dtype.kind not in "fcV":
            raise ValueError(f"make_dual: {name} is {given._s.dtype}; tangents exist for floating dtypes")
    if tensor._s.shape != tangent._s.shape:
        raise RuntimeError(f"make_dual: tangent of shape {tangent._s.shape} for a tensor of shape {tensor._s.shape}; they must agree")
    if any(_at(t, number) is not None for t in (tensor, tangent)):
        raise RuntimeError("make_dual: the tensor or its tangent is dual in this level already; unpack it first, or enter another level")
    return with_tangent(tensor, tangent, number)


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Value and tangent of a Tensor in the innermost level (or that of the given position); outside a level, the Tensor itself and None."""
    if not _open.levels:
        return UnpackedDualTensor(tensor, None)
    if not isinstance(tensor, Tensor):
        raise TypeError(f"unpack_dual: got {type(tensor).__name__}; wanted a Tensor")
    number = _number(level, "unpack_dual")
    return UnpackedDualTensor(_alias(tensor, number), _at(tensor, number) if _open.pushing else None)


def with_tangent(tensor: Tensor, tangent: Tensor | None, number: int | None = None) -> Tensor:
    """An alias of a Tensor that carries this tangent (None: none) in the place of its own, of the level of this number or the current one."""
    number = STATE.dual if number is None else number
    made = _alias(tensor, number)
    if tangent is not None:
        give_tangent(made, tangent, number)
    return made


def _number(level: int | None, name: str) -> int:
    if not _open.levels:
        raise RuntimeError(f"{name} outside a dual level; enter one with dual_level()")
    if level is None:
        return _open.levels[-1]
    if not 0 <= level < len(_open.levels):
        raise RuntimeError(f"{name}: level {level} is not open; there are {len(_open.levels)}")
    return _open.levels[level]


def _at(tensor: Tensor, number: int) -> Tensor | None:
    """The tangent of a Tensor in the level of this number."""
    before, STATE.dual = STATE.dual, number
    found = tangent_of(tensor)
    STATE.dual = before
    return found


def _alias(tensor: Tensor, number: int) -> Tensor:
    """The same value and history, with the tangents of the levels around this one only."""
    before = change(dual=0)
    try:
        made = detach(tensor)
        if tensor._t is not None and STATE.grad:
            append(made, OPCODES["reshape"], (tensor,), tensor._s.number, (tensor._s, tensor._s.shape))
        change(dual=number)
        for outer in iter(outer_dual, 0):
            change(dual=outer)
            tangent = tangent_of(tensor)
            if tangent is not None:
                give_tangent(made, tangent)
    finally:
        change(**before)
    return made

__all__ = [  # fmt: skip
    "UnpackedDualTensor", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual", "dual_level",
]
