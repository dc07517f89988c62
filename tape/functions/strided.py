"""Elements at equal distances in memory: `as_strided` and `unfold`, views whose elements may overlap.

`strided_view` looks at a plain array, `places` says which elements it sees, so that gradients go back to these (overlapping
ones add up). A row's parameters are (Spec, "unfold", dim, size, step) or (Spec, "strides", size, stride, offset, layout): the strides
and the offset of the input are part of what as_strided means. Invariant: windows are found by position, whatever the layout of the
array; strides are followed only where the array has those that were recorded, else the elements are a read-only copy.
Imports layout and views; imported by shape, scattering and adjoints.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.errors import ShapeError
from tape.functions.arguments import dim_of, sizes_of, tensor_of
from tape.functions.choosing import where
from tape.functions.layout import reshaped
from tape.functions.picking import put_at
from tape.record import record
from tape.spec import Spec, intern
from tape.state import STATE
from tape.tensor import Tensor, share, wrap
from tape.traced import Traced, copy_of, through
from tape.views import base_of, view, view_value

AS_STRIDED, UNFOLD = OPCODES["strided"], OPCODES["strided:Unfold"]


def root_of(values: np.ndarray) -> np.ndarray:
    """The array that owns the memory."""
    while isinstance(values.base, np.ndarray):
        values = values.base
    return values


def layout_of(values: np.ndarray) -> tuple[tuple[int, ...], int]:
    """Strides and storage offset of an array, in elements."""
    start = np.lib.array_utils.byte_bounds(root_of(values))[0]
    strides = tuple([step // values.itemsize for step in values.strides])
    return strides, (values.__array_interface__["data"][0] - start) // values.itemsize


@view_value("strided")
def strided_view(values: np.ndarray, params: tuple) -> np.ndarray:
    """What a strided row sees of a plain array."""
    if params[1] == "unfold":
        return windows(values, *params[2:])
    size, stride, offset, (strides, start) = params[2:]
    own = layout_of(values)
    if own != (strides, start):
        seen = places(params)
        if (seen < 0).any():
            raise RuntimeError("as_strided looks at memory beside its tensor, which this gradient has not; take it of the base")
        if own[0] != strides:
            copied = np.asarray(values.reshape(-1)[seen])
            copied.flags.writeable = False
            return copied
        offset += own[1] - start
    root, step = root_of(values), values.itemsize
    memory = root.reshape(-1, order="K" if not root.flags.c_contiguous else "C").view(np.uint8)
    made = np.ndarray(size, np.uint8 if values.dtype.kind == "V" else values.dtype, memory, offset * step, tuple([n * step for n in stride]))
    if values.dtype.kind == "V":  # bfloat16 has no buffers: bytes, seen as numbers
        pairs = np.ndarray((*size, step), np.uint8, memory, offset * step, (*[n * step for n in stride], 1))
        made = pairs.view(values.dtype)[..., 0]
    made.flags.writeable = values.flags.writeable
    return made


def windows(values: np.ndarray, dim: int, size: int, step: int) -> np.ndarray:
    """Windows of `size` entries along a dimension, `step` apart, each as the last dimension."""
    if not values.ndim:
        values = values.reshape(1)
        return values[:size] if size else values[:0]
    found = np.lib.stride_tricks.sliding_window_view(values, size, dim, writeable=values.flags.writeable) if size else None
    if found is None:  # windows of nothing
        shape = (*values.shape[:dim], values.shape[dim] // step + 1, *values.shape[dim + 1 :], 0)
        return values.reshape(-1)[:0].reshape(shape)
    return found[(*(slice(None),) * dim, slice(None, None, step))]


def places(params: tuple) -> np.ndarray:
    """For each element that a row sees, its position among the elements of the input, in C order; -1 where it is none of them."""
    spec = params[0]
    if params[1] == "unfold":
        return windows(np.arange(spec.size).reshape(spec.shape), *params[2:])
    size, stride, offset, (strides, start) = params[2:]
    seen, own = _positions(size, stride, offset), _positions(spec.shape, strides, start).reshape(-1)
    lookup = np.full(max(seen.max(initial=0), own.max(initial=0)) + 1, -1)
    lookup[own[::-1]] = np.arange(own.size)[::-1]
    return lookup[seen]


def _positions(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> np.ndarray:
    """Where in memory the elements of a strided array lie."""
    found = np.full(size, offset)
    for d, (extent, step) in enumerate(zip(size, stride, strict=True)):
        found += (np.arange(extent) * step).reshape((-1,) + (1,) * (len(size) - d - 1))
    return found


def as_strided(input: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """A view of the memory of `input`: element [i, j, ...] lies storage_offset + i*stride[0] + j*stride[1] + ... elements from its begin.

    Without an offset the view begins where `input` does. Elements may overlap; their gradients add up. RuntimeError for negative
    numbers and beyond the memory.

    >>> import tape
    >>> tape.arange(4.0).as_strided((3, 2), (1, 1))
    tensor([[0., 1.],
            [1., 2.],
            [2., 3.]])
    """
    t = tensor_of("as_strided", input)
    params = strided_params("as_strided", t, size, stride, storage_offset)
    if type(t._v) is Traced:
        if STATE.trace is not None:
            STATE.trace.refuse("as_strided() depends on how memory is laid out; index or unfold() instead")
        return record(AS_STRIDED, (t,), copy_of(t._v.reshape(-1)[places(params)]), None, params)
    base = base_of(t)
    if base is not None:  # the memory beside a view is part of the base
        of_base = strided_params("as_strided", base, size, stride, params[4])
        marks = [mark for mark in t._chain if type(mark) is not tuple]
        if t._t is None or (places(params) < 0).any():
            t, params = base, of_base
        made = view(t, AS_STRIDED, strided_view(share(t), params), None, params)
        made._chain = ((AS_STRIDED, None, of_base), *{*marks, *[mark for mark in made._chain if type(mark) is not tuple]})
        return made
    return view(t, AS_STRIDED, strided_view(share(t), params), None, params)


def strided_params(name: str, t: Tensor, size: Any, stride: Any, offset: int | None) -> tuple:
    """The parameters of an as_strided row, checked."""
    shape, steps = sizes_of(name, (size,)), sizes_of(name, (stride,))
    if len(shape) != len(steps):
        raise RuntimeError(f"{name}: {len(shape)} sizes and {len(steps)} strides; give as many of both")
    values = share(t)
    if type(values) is Traced:
        values = np.empty(values.shape, values.dtype) if values.trace.lasting else values.array
    layout = layout_of(values)
    start = layout[1] if offset is None else index(offset)
    if any(n < 0 for n in (*shape, *steps, start)):
        raise RuntimeError(f"{name}: sizes {shape}, strides {steps}, offset {start}; none may be negative")
    last = start + sum((extent - 1) * step for extent, step in zip(shape, steps, strict=True))
    low, high = np.lib.array_utils.byte_bounds(root_of(values))
    if 0 not in shape and last >= (high - low) // values.itemsize:
        raise ShapeError(f"{name}: sizes {shape}, strides {steps}, offset {start} reach element {last} of {(high - low) // values.itemsize}")
    return t._s, "strides", shape, steps, start if 0 not in shape else 0, layout


def unfold(input: Any, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of `size` entries along a dimension, `step` apart; each window is the new last dimension.

    RuntimeError for a size beyond the extent or a step below 1.

    >>> import tape
    >>> tape.arange(5.0).unfold(0, 3, 2)
    tensor([[0., 1., 2.],
            [2., 3., 4.]])
    """
    t = tensor_of("unfold", input)
    dim, size, step = dim_of("unfold", t._s.ndim, dimension), index(size), index(step)
    extent = t._s.shape[dim] if t._s.ndim else 1
    if not 0 <= size <= extent:
        raise RuntimeError(f"unfold: windows of {size} entries along a dimension of extent {extent}; wanted 0 ... {extent}")
    if step < 1:
        raise RuntimeError(f"unfold: step {step}; wanted at least 1")
    params = (t._s, "unfold", dim, size, step)
    return view(t, UNFOLD, through(strided_view, share(t), params), None, params)


def gathered(g: Tensor, params: tuple) -> Tensor:
    """Zeros with each element of `g` added where a strided row saw it: the adjoint of such a row."""
    spec: Spec = params[0]
    at = places(params)
    if (at < 0).any():
        g, at = where(wrap(at >= 0), g, 0.0), np.maximum(at, 0)
    if not spec.size:
        return wrap(np.zeros(spec.shape, g._s.dtype))
    return reshaped(put_at(g, intern((spec.size,), g._s.dtype), (at,)), spec.shape)


METHODS = {"as_strided": as_strided, "unfold": unfold}
__all__ = ["as_strided"]
