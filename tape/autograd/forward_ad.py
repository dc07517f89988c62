"""Forward-mode differentiation with dual Tensors, PyTorch's interface: `with dual_level(): y = f(make_dual(x, t))`."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

from compiled_ops.rows import OPCODES
from tape.inplace import detach
from tape.record import append, cast
from tape.state import STATE, change
from tape.tensor import Tensor, give_tangent, tangent_of


class UnpackedDualTensor(NamedTuple):
    """A dual Tensor's value, and its tangent or None."""

    primal: Tensor
    tangent: Tensor | None


_levels = itertools.count(1)


def enter_dual_level() -> int:
    """Open the level of forward mode; only one may be open."""
    if STATE.dual:
        raise RuntimeError("a dual level is open already; levels do not nest: compute nested derivatives with create_graph")
    change(dual=next(_levels))
    return 0


def exit_dual_level(*, level: int | None = None) -> None:
    """Close the level; tangents made in it are gone."""
    if not STATE.dual:
        raise RuntimeError("no dual level is open; enter one with dual_level()")
    change(dual=0)


class dual_level:
    """A level of forward mode as a context.

    >>> import tape
    >>> from tape.autograd import forward_ad
    >>> with forward_ad.dual_level():
    ...     x = forward_ad.make_dual(tape.tensor(2.0), tape.tensor(1.0))
    ...     forward_ad.unpack_dual(x ** 3).tangent
    tensor(12.)
    """

    def __enter__(self) -> int:
        return enter_dual_level()

    def __exit__(self, *exc: Any) -> None:
        exit_dual_level()


def make_dual(tensor: Tensor, tangent: Tensor, *, level: int | None = None) -> Tensor:
    """A Tensor with the value (and history) of `tensor` that carries `tangent`, of the same shape.

    RuntimeError outside a level or for another shape, ValueError for integers.
    """
    if not STATE.dual:
        raise RuntimeError("make_dual outside a dual level; enter one with dual_level()")
    for given, name in ((tensor, "tensor"), (tangent, "tangent")):
        if given._s.dtype.kind not in "fcV":
            raise ValueError(f"make_dual: {name} is {given._s.dtype}; tangents exist for floating dtypes")
    if tensor._s.shape != tangent._s.shape:
        raise RuntimeError(f"make_dual: tangent of shape {tangent._s.shape} for a tensor of shape {tensor._s.shape}; they must agree")
    made, tangent = _alias(tensor), cast(tangent, tensor._s.dtype)
    give_tangent(made, tangent)
    return made


def unpack_dual(tensor: Tensor, *, level: int | None = None) -> UnpackedDualTensor:
    """Value and tangent of a Tensor; outside a level, the Tensor itself and None."""
    if not STATE.dual:
        return UnpackedDualTensor(tensor, None)
    tangent = tangent_of(tensor)
    if tangent is None:
        return UnpackedDualTensor(tensor, None)
    return UnpackedDualTensor(_alias(tensor), tangent)


def _alias(tensor: Tensor) -> Tensor:
    """The same value and history without a tangent."""
    before = change(dual=0)
    try:
        made = detach(tensor)
        if tensor._t is not None and STATE.grad:
            append(made, OPCODES["reshape:Alias"], (tensor,), tensor._s.number, (tensor._s, tensor._s.shape))
    finally:
        change(**before)
    return made
