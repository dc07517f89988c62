"""Where values are: in a sorted sequence (searchsorted, bucketize), in a set (isin), other than zero (nonzero, argwhere), in a shape
(unravel_index).

All answers are constants. `METHODS` lists what becomes a Tensor method; tape/functions/indexing passes everything on.
Imports arguments; imported by choosing (for `where(condition)`) and indexing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.dtypes import promote_types
from tape.functions.arguments import sizes_of, tensor_of, values_of
from tape.out import takes_out, written
from tape.tensor import Tensor, wrap
from tape.traced import as_value, through


def nonzero(input: Any, *, as_tuple: bool = False, out: Tensor | None = None) -> Any:
    """Where elements are not zero: a matrix with a row for each, or with `as_tuple` a vector a dimension; int64."""
    values = values_of(tensor_of("nonzero", input))
    if as_tuple:
        found = np.nonzero(values if values.ndim else values.reshape(1))
        return tuple([wrap(each) for each in found])
    made = wrap(np.argwhere(values))
    return made if out is None else written("nonzero", out, made)


def argwhere(input: Any) -> Tensor:
    """Where elements are not zero: a matrix with a row for each; int64."""
    return nonzero(input)  # type: ignore[no-any-return]


def nonzero_static(input: Any, *, size: int, fill_value: int = -1) -> Tensor:
    """As `nonzero`, but always `size` rows: further ones are left out, missing ones filled. RuntimeError for a negative size."""
    if size < 0:
        raise RuntimeError(f"nonzero_static: size {size}; wanted at least 0")
    return wrap(through(_some, values_of(tensor_of("nonzero_static", input)), size, fill_value))


def _some(values: np.ndarray, size: int, fill: int) -> np.ndarray:
    found = np.argwhere(values)[:size]
    return np.concatenate([found, np.full((size - len(found), found.shape[1]), fill)])


@takes_out
def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Which elements are among the test elements (with `invert`: are not)."""
    a, b = tensor_of("isin", elements), tensor_of("isin", test_elements)
    promote_types(a._s.dtype, b._s.dtype)
    return wrap(as_value(np.isin(values_of(a), values_of(b), assume_unique=assume_unique, invert=invert)))


@takes_out
def searchsorted(sorted_sequence: Any, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None,
                 sorter: Any = None) -> Tensor:  # fmt: skip
    """Before which place of a sorted sequence (the last dimension, or one vector for all) each value belongs to keep it sorted.

    right, or side="right": after equal elements instead of before them. sorter: the order that sorts an unsorted sequence.
    NaN counts as the largest. RuntimeError for shapes or dtypes that do not agree.

    >>> import tape
    >>> tape.searchsorted(tape.tensor([1.0, 3.0, 5.0]), tape.tensor([3.0, 6.0]), right=True)
    tensor([2, 3])
    """
    bounds = tensor_of("searchsorted", sorted_sequence)
    given = tensor_of("searchsorted", input)
    if side not in (None, "left", "right") or side == "left" and right:
        raise RuntimeError(f"searchsorted: side={side!r} and right={right}; wanted 'left' or 'right', or only right=")
    if not bounds._s.ndim:
        raise RuntimeError("searchsorted: the sequence is 0-d; wanted at least a vector")
    if bounds._s.ndim > 1 and bounds._s.shape[:-1] != given._s.shape[:-1]:
        raise RuntimeError(f"searchsorted: a sequence of shape {bounds._s.shape} and values of {given._s.shape}; all but the last must agree")
    order = None
    if sorter is not None:
        order = tensor_of("searchsorted", sorter)
        if order._s.shape != bounds._s.shape or order._s.dtype != np.int64:
            raise RuntimeError(f"searchsorted: a sorter {order._s!r} for a sequence {bounds._s!r}; wanted int64 of the same shape")
        order = as_value(order._v)
        if order.size and not (0 <= order.min() and order.max() < bounds._s.shape[-1]):
            raise RuntimeError(f"searchsorted: the sorter has an index from {order.min()} to {order.max()}; wanted 0 ... {bounds._s.shape[-1] - 1}")
    found = through(_placed, values_of(bounds), values_of(given), "right" if right or side == "right" else "left", order)
    return wrap(as_value(found).astype(np.int32 if out_int32 else np.int64))


def _placed(bounds: np.ndarray, values: np.ndarray, side: Any, order: np.ndarray | None) -> np.ndarray:
    if order is not None:
        bounds = np.take_along_axis(bounds, order, -1)
    if bounds.ndim == 1:
        return np.asarray(np.searchsorted(bounds, values, side))
    found = np.empty(values.shape, np.int64)
    for place in np.ndindex(bounds.shape[:-1]):
        found[place] = np.searchsorted(bounds[place], values[place], side)
    return found


@takes_out
def bucketize(input: Any, boundaries: Any, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """Between which of sorted boundaries (a vector) each value lies; see `searchsorted`."""
    bounds = tensor_of("bucketize", boundaries)
    if bounds._s.ndim != 1:
        raise RuntimeError(f"bucketize: boundaries of {bounds._s.ndim} dimensions; wanted a vector")
    found = np.searchsorted(values_of(bounds), values_of(tensor_of("bucketize", input)), "right" if right else "left")
    return wrap(as_value(found).astype(np.int32 if out_int32 else np.int64))


def unravel_index(indices: Any, shape: Any) -> tuple[Tensor, ...]:
    """Flat (C order) positions in a shape as one index Tensor a dimension; int64. Positions beyond begin anew.

    >>> import tape
    >>> tape.unravel_index(tape.tensor([5, 1]), (2, 3))
    (tensor([1, 0]), tensor([2, 1]))
    """
    t = tensor_of("unravel_index", indices)
    sizes = sizes_of("unravel_index", (shape,) if not isinstance(shape, Tensor) else tuple(shape.tolist()))
    if t._s.dtype.kind not in "iu":
        raise TypeError(f"unravel_index: indices are {t._s.dtype}; wanted integers")
    if any(n < 0 for n in sizes):
        raise ValueError(f"unravel_index: shape {sizes}; extents are at least 0")
    left, found = as_value(t._v).astype(np.int64), []
    for extent in reversed(sizes):
        found.append(wrap(as_value(left % max(1, extent))))
        left = left // max(1, extent)
    return tuple(reversed(found))


METHODS = {"nonzero": nonzero, "argwhere": argwhere, "nonzero_static": nonzero_static}
__all__ = ["argwhere", "bucketize", "isin", "nonzero", "nonzero_static", "searchsorted", "unravel_index"]
