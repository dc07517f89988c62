"""Choosing element by element: `where`, and what is a choice by a mask too: clamp, masked_fill.

All of them are one kind of row, `select`, that saves nothing but the mask. It is strong: the branch not chosen gets zero, whatever
the cotangent. At a bound clamp passes the gradient on, unless tape/kinks says otherwise. `METHODS` lists what becomes a Tensor method;
tape/functions/indexing passes everything on. Imports record; imported by indexing, and by rules through it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape import kinks
from tape.columns import Tape
from tape.dtypes import pair_type, with_scalar
from tape.functions.arguments import number_as, recording, tensor_of
from tape.functions.searching import nonzero
from tape.out import takes_out
from tape.record import CAST_IMPLICIT, broadcast, cast, elementwise_two, expand, normal, operands, record
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import as_value

WHERE, FILL, FILL_TENSOR = OPCODES["select"], OPCODES["select:MaskedFill"], OPCODES["select:MaskedFill1"]


def mask_of(name: str, given: Any) -> np.ndarray:
    """The values of a boolean mask. RuntimeError for anything else."""
    mask = as_value(tensor_of(name, given)._v)
    if mask.dtype == np.uint8 and name == "where":
        return as_value(mask.astype(bool))  # PyTorch's masks of old
    if mask.dtype.kind != "b":
        raise RuntimeError(f"{name}: the mask is of {mask.dtype}; wanted booleans: compare, as in x != 0")
    return mask


def choice(op: int, mask: np.ndarray, a: Any, b: Any, dtype: np.dtype) -> Tensor:
    """The elements of `a` where the mask is true, of `b` elsewhere (Tensors of `dtype`, or numbers), recorded as `op`."""
    ta, tb = a if isinstance(a, Tensor) else None, b if isinstance(b, Tensor) else None
    va, vb, shape = np.asarray(a, dtype) if ta is None else ta._v, np.asarray(b, dtype) if tb is None else tb._v, mask.shape
    if (ta is None or ta._s.shape == shape) and (tb is None or tb._s.shape == shape):
        value = np.where(mask, va, vb)
    else:
        shape = broadcast("where", shape, *[t._s.shape for t in (ta, tb) if t is not None])
        mask = np.broadcast_to(mask, shape)
        value = np.where(mask, va, vb)
        ta, tb = None if ta is None else expand(ta, shape), None if tb is None else expand(tb, shape)
    if value.dtype != dtype:
        value = value.astype(dtype)
    made = record(op, (ta, tb), normal(value, dtype), mask, None)
    if STATE.safe and type(made._t) is Tape:
        made._t.plain = made._t.safe = True  # sweeps over this tape run in Python, where every rule can be sheltered
    return made


@takes_out
def where(condition: Any, input: Any = None, other: Any = None, *, safe: bool = False) -> Any:
    """The elements of `input` where a boolean condition holds, of `other` elsewhere; all three broadcast, numbers stay numbers. With
    the condition alone, the indices where it holds, a vector a dimension.

    A branch that was not chosen gets no gradient, whatever its value. RuntimeError where the condition is not boolean.

    safe: NaN and infinity in the branch not chosen stay out of derivatives of every order and mode also where they have passed through
    products, norms and other operations that mix elements. Backward passes over it run in Python, so it costs time; see `safe_math`.

    >>> import tape
    >>> tape.where(tape.tensor([1.0, -2.0]) > 0, 1.0, 0.0)
    tensor([1., 0.])
    """
    if input is None and other is None:
        return nonzero(condition, as_tuple=True)
    mask = mask_of("where", condition)
    pair = operands("where", input, other)
    if pair is None:
        raise TypeError(f"where: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    a, b, dtype = pair
    a, b = (cast(t, dtype, CAST_IMPLICIT) if isinstance(t, Tensor) else t for t in (a, b))
    if not safe or STATE.safe:
        return choice(WHERE, mask, a, b, dtype)
    with safe_math():
        return choice(WHERE, mask, a, b, dtype)


class safe_math:
    """Within this context (or a function that it decorates) every `where` and every other choice by a mask is safe, and so are the
    backward passes that run in it.

    >>> import tape
    >>> x = tape.zeros(2, requires_grad=True)
    >>> with tape.safe_math():
    ...     y = tape.where(x > 0, tape.stack([x.log(), x]).norm(dim=0), x)
    >>> tape.autograd.grad(y.sum(), x)[0]
    tensor([1., 1.])
    """

    def __enter__(self) -> None:
        self.before = STATE.safe
        STATE.safe = True

    def __exit__(self, *_: object) -> None:
        STATE.safe = self.before

    def __call__(self, function: Callable) -> Callable:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            with safe_math():
                return function(*args, **kwargs)

        return call


def _where_method(self: Tensor, condition: Any, other: Any, *, safe: bool = False) -> Tensor:
    """where(condition, self, other)."""
    return where(condition, self, other, safe=safe)


def masked_fill(input: Any, mask: Any, value: Any) -> Tensor:
    """`input` with one value (a number or 0-d Tensor, cast to its dtype) where a boolean mask, which broadcasts, is true."""
    t, chosen = tensor_of("masked_fill", input), mask_of("masked_fill", mask)
    if isinstance(value, (Tensor, np.ndarray)):
        given = tensor_of("masked_fill", value)
        if given._s.ndim:
            raise RuntimeError(f"masked_fill: a value of shape {given._s.shape}; wanted a number or a 0-d tensor: use where()")
        return choice(FILL_TENSOR, chosen, cast(given, t._s.dtype, CAST_IMPLICIT), t, t._s.dtype)
    return choice(FILL, chosen, number_as("masked_fill", value, t._s.dtype), t, t._s.dtype)


def _bounded(label: str, input: Any, low: Any, high: Any) -> Tensor:
    """Clamp to numbers."""
    t = tensor_of("clamp", input)
    dtype = t._s.dtype
    if dtype.kind != "f":
        for bound in (low, high):
            if bound is not None:
                dtype = with_scalar(dtype, type(bound.item() if isinstance(bound, np.generic) else bound))
        t = cast(t, dtype, CAST_IMPLICIT)
    _ordered(dtype)
    values = found = as_value(t._v)
    if dtype.kind == "V":  # bfloat16 does not know Python's numbers
        low, high = (None if bound is None else np.asarray(bound, dtype) for bound in (low, high))
    if low is not None:
        found = np.maximum(found, low)
    if high is not None:
        own = type(found) is np.ndarray and low is not None
        found = np.minimum(found, high, out=found) if own else np.minimum(found, high)
    inside = None
    if recording(t):
        if kinks.current().clamp_passes and (low is None or high is None or low <= high):
            inside = as_value(np.equal(values, found))  # what it left as it was; NaN is not
        else:
            above, below = (np.greater_equal, np.less_equal) if kinks.current().clamp_passes else (np.greater, np.less)
            sides = [side(values, bound) for side, bound in ((above, low), (below, high)) if bound is not None]
            inside = as_value(sides[0] if len(sides) == 1 else sides[0] & sides[1])
    return record(OPCODES[f"select:{label}"], (t,), normal(found, dtype), inside, None)


def _ordered(dtype: np.dtype) -> None:
    if dtype.kind == "c":
        raise NotImplementedError("clamp of complex values, which have no order; clamp .real and .imag")


def _bounded_by_tensors(label: str, input: Any, low: Any, high: Any) -> Tensor:
    """Clamp to Tensors, which get the gradient where they are the value: one choice a bound."""
    t, bounds = tensor_of("clamp", input), [None if b is None else tensor_of("clamp", b) for b in (low, high)]
    dtype, ndim = t._s.dtype, t._s.ndim
    for bound in bounds:
        if bound is not None:
            dtype, ndim = pair_type(dtype, ndim, bound._s.dtype, bound._s.ndim), max(ndim, bound._s.ndim)
    _ordered(dtype)
    found, op = cast(t, dtype, CAST_IMPLICIT), OPCODES[f"select:{label}"]
    for bound, beyond in zip(bounds, (np.less, np.greater), strict=True):
        if bound is not None:
            bound = cast(bound, dtype, CAST_IMPLICIT)
            broadcast("clamp", found._s.shape, bound._s.shape)
            if kinks.current().clamp_shares:
                found = elementwise_two(OPCODES["maximum" if beyond is np.less else "minimum"], found, bound)
                continue
            mask = beyond(found._v, bound._v) | np.not_equal(bound._v, bound._v)
            found = choice(op, as_value(mask), bound, found, dtype)
    return found


@takes_out
def clamp(input: Any, min: Any = None, max: Any = None) -> Tensor:
    """`input` made to lie between bounds, numbers or Tensors that broadcast; where they contradict, max wins. NaN stays.

    The gradient at a bound is 1 (see `set_kink_rules`). RuntimeError without any bound.

    >>> import tape
    >>> tape.clamp(tape.tensor([-1.0, 0.5, 2.0]), 0.0, 1.0)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("clamp without bounds; give min, max or both")
    if isinstance(min, (Tensor, np.ndarray)) or isinstance(max, (Tensor, np.ndarray)):
        return _bounded_by_tensors("Clamp", input, min, max)
    return _bounded("Clamp1", input, min, max)


@takes_out
def clamp_min(input: Any, min: Any) -> Tensor:
    """`input` made to be at least a number or Tensor; see `clamp`."""
    if isinstance(min, (Tensor, np.ndarray)):
        return _bounded_by_tensors("ClampMin1", input, min, None)
    return _bounded("ClampMin", input, min, None)


@takes_out
def clamp_max(input: Any, max: Any) -> Tensor:
    """`input` made to be at most a number or Tensor; see `clamp`."""
    if isinstance(max, (Tensor, np.ndarray)):
        return _bounded_by_tensors("ClampMax1", input, None, max)
    return _bounded("ClampMax", input, None, max)


clip = clamp


METHODS = {
    "where": _where_method, "masked_fill": masked_fill, "clamp": clamp, "clip": clamp, "clamp_min": clamp_min, "clamp_max": clamp_max,
}  # fmt: skip
