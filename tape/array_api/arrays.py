"""Reductions, shapes, sets, sorting and products of the array API, by tape's own functions.

Imports functions. Imported by array_api.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from tape import linalg
from tape.array_api.elementwise import together
from tape.protocols.names import F, over
from tape.tensor import Tensor

UniqueAll = namedtuple("UniqueAll", "values indices inverse_indices counts")
UniqueCounts = namedtuple("UniqueCounts", "values counts")
UniqueInverse = namedtuple("UniqueInverse", "values inverse_indices")


def _axes(x: Tensor, axis: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)


def _summed(x: Tensor, dtype: Any) -> Tensor:
    """x in the dtype that its sums and products have."""
    if dtype is not None:
        return x.to(dtype)
    kind = x.dtype.kind
    return x.to(np.uint64) if kind == "u" else x.to(np.int64) if kind in "ib" else x


def sum(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Sums over axes; small integers are summed in 64 bits of their kind."""
    x = _summed(x, dtype)
    if axis == ():
        return F.clone(x)
    return F.sum(x, _axes(x, axis), keepdims, dtype=x.dtype)


def prod(x: Tensor, /, *, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
    """Products over axes; small integers are multiplied in 64 bits of their kind."""
    x = _summed(x, dtype)
    return F.clone(x) if axis == () else over(lambda t, d, keep: F.prod(t, d, keep, dtype=x.dtype), x, axis, keepdims)


def mean(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Arithmetic means over axes."""
    return F.clone(x) if axis == () else F.mean(x, _axes(x, axis), keepdims)


def var(x: Tensor, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Variances over axes, with the divisor n - correction."""
    return F.zeros_like(x) if axis == () else F.var(x, _axes(x, axis), correction=correction, keepdim=keepdims)


def std(x: Tensor, /, *, axis: Any = None, correction: float = 0.0, keepdims: bool = False) -> Tensor:
    """Standard deviations over axes, with the divisor n - correction."""
    return F.zeros_like(x) if axis == () else F.std(x, _axes(x, axis), correction=correction, keepdim=keepdims)


def max(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Largest elements over axes; NaN where there is one."""
    return F.clone(x) if axis == () else F.amax(x, _axes(x, axis), keepdims)


def min(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Smallest elements over axes; NaN where there is one."""
    return F.clone(x) if axis == () else F.amin(x, _axes(x, axis), keepdims)


def all(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether all elements over axes are true."""
    return over(F.all, x if x.dtype.kind == "b" else x != 0, axis, keepdims)


def any(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """Whether one element over axes is true."""
    return over(F.any, x if x.dtype.kind == "b" else x != 0, axis, keepdims)


def count_nonzero(x: Tensor, /, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """How many elements over axes are not zero."""
    return sum(x != 0, axis=axis, keepdims=keepdims)


def argmax(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The index of the first largest element."""
    return _first(F.argmax, x, axis, keepdims)


def argmin(x: Tensor, /, *, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """The index of the first smallest element."""
    return _first(F.argmin, x, axis, keepdims)


def _first(function: Any, x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    if axis is None:
        found = function(x.reshape(-1), 0)
        return found.reshape((1,) * x.ndim) if keepdims else found
    return function(x, axis, keepdims)


def _cumulated(function: Any, x: Tensor, axis: int | None, dtype: Any, include_initial: bool, first: int) -> Tensor:
    x = _summed(x, dtype)
    if axis is None:
        if x.ndim > 1:
            raise ValueError(f"a running sum of {x.ndim} dimensions needs an axis")
        axis = 0
    made = function(x, axis, dtype=x.dtype)
    if include_initial:
        axis %= x.ndim
        made = F.cat([F.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), first, dtype=x.dtype), made], axis)
    return made


def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Running sums along an axis, after a zero if that is wanted."""
    return _cumulated(F.cumsum, x, axis, dtype, include_initial, 0)


def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Running products along an axis, after a one if that is wanted."""
    return _cumulated(F.cumprod, x, axis, dtype, include_initial, 1)


def diff(x: Tensor, /, *, axis: int = -1, n: int = 1, prepend: Any = None, append: Any = None) -> Tensor:
    """The n-th differences along an axis."""
    return F.diff(x, n, axis, prepend, append)


# shapes


def broadcast_arrays(*arrays: Tensor) -> tuple[Tensor, ...]:
    """The arrays in their common shape."""
    return tuple(F.broadcast_tensors(*arrays)) if arrays else ()


def broadcast_to(x: Tensor, /, shape: tuple[int, ...]) -> Tensor:
    """x in another shape, to which it broadcasts."""
    return F.broadcast_to(x, tuple(shape))


def concat(arrays: Any, /, *, axis: int | None = 0) -> Tensor:
    """Arrays joined along an axis, or flattened and joined."""
    arrays = together(*arrays)
    return F.cat([a.reshape(-1) for a in arrays], 0) if axis is None else F.cat(arrays, axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Tensor:
    """Arrays joined along a new axis."""
    return F.stack(together(*arrays), axis)


def unstack(x: Tensor, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of x along an axis."""
    return tuple(F.unbind(x, axis))


def expand_dims(x: Tensor, /, *, axis: int | tuple[int, ...] = 0) -> Tensor:
    """x with new axes of size 1."""
    return F.reshape(x, _numpy_shape(np.expand_dims, x, axis))


def _numpy_shape(function: Any, x: Tensor, *args: Any) -> tuple[int, ...]:
    try:
        return function(np.broadcast_to(np.False_, tuple(x.shape)), *args).shape
    except np.exceptions.AxisError as problem:
        raise IndexError(str(problem)) from None


def squeeze(x: Tensor, /, axis: int | tuple[int, ...]) -> Tensor:
    """x without some axes of size 1. ValueError where one has another size."""
    return F.reshape(x, _numpy_shape(np.squeeze, x, axis))


def flip(x: Tensor, /, *, axis: Any = None) -> Tensor:
    """Elements in reverse order along axes."""
    return F.flip(x, _axes(x, axis))


def moveaxis(x: Tensor, source: Any, destination: Any, /) -> Tensor:
    """Axes moved to other places."""
    return F.movedim(x, source, destination)


def permute_dims(x: Tensor, /, axes: tuple[int, ...]) -> Tensor:
    """Axes in another order."""
    return F.permute(x, tuple(axes))


def repeat(x: Tensor, repeats: Any, /, *, axis: int | None = None) -> Tensor:
    """Each element several times; an array of repeats, of any integer dtype, says how often for each place along the axis."""
    return F.repeat_interleave(x, repeats.to(np.int64) if isinstance(repeats, Tensor) else repeats, axis)


def reshape(x: Tensor, /, shape: tuple[int, ...], *, copy: bool | None = None) -> Tensor:
    """The elements under another shape. copy=False raises ValueError where a copy is needed."""
    if copy:
        return F.clone(F.reshape(x, tuple(shape)))
    if copy is False:
        try:
            return x.view(tuple(shape))
        except RuntimeError as problem:
            raise ValueError(f"reshape with copy=False: {problem}") from None
    return F.reshape(x, tuple(shape))


def roll(x: Tensor, /, shift: Any, *, axis: Any = None) -> Tensor:
    """Elements moved along axes, those that leave at one end entering at the other."""
    if isinstance(axis, tuple) and isinstance(shift, int):
        shift = (shift,) * len(axis)
    return F.roll(x, shift) if axis is None else F.roll(x, shift, axis)


def tile(x: Tensor, repetitions: tuple[int, ...], /) -> Tensor:
    """x several times along each axis."""
    return F.tile(x, tuple(repetitions))


# picking, sorting, sets


def take(x: Tensor, indices: Tensor, /, *, axis: int | None = None) -> Tensor:
    """Parts of x along an axis, by a vector of indices."""
    axis = 0 if axis is None else axis
    return x[(slice(None),) * (axis % x.ndim) + (indices,)]


def take_along_axis(x: Tensor, indices: Tensor, /, *, axis: int = -1) -> Tensor:
    """Elements of x along an axis, by indices for each vector."""
    return F.take_along_dim(x, indices.to(np.int64), axis)


def nonzero(x: Tensor, /) -> tuple[Tensor, ...]:
    """The indices of elements that are not zero, one vector an axis. ValueError for 0-d arrays."""
    if not x.ndim:
        raise ValueError("nonzero of a 0-d array; reshape it to one element")
    return tuple(F.nonzero(x, as_tuple=True))


def searchsorted(x1: Tensor, x2: Any, /, *, side: str = "left", sorter: Tensor | None = None) -> Tensor:
    """Where elements of x2 would be inserted into the sorted vector x1."""
    x1, x2 = together(x1, x2)
    return F.searchsorted(x1, x2, side=side, sorter=sorter)


def sort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """x sorted along an axis."""
    return F.sort(x, dim=axis, descending=descending, stable=stable)[0]


def argsort(x: Tensor, /, *, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """The indices that sort x along an axis."""
    return F.sort(x, dim=axis, descending=descending, stable=stable)[1]


def _unique(x: Tensor) -> tuple[Tensor, ...]:
    """Distinct values (each NaN is one), where they first are, which one each element is, and how many there are of each."""
    _, first, inverse, counts = np.unique(x.detach().numpy(), True, True, True, equal_nan=False)
    values = F.index_select(x.reshape(-1), 0, F.from_numpy(first))
    return values, F.from_numpy(first), F.from_numpy(inverse.reshape(tuple(x.shape))), F.from_numpy(counts)


def unique_all(x: Tensor, /) -> UniqueAll:
    """Distinct values, first indices, inverse indices and counts."""
    return UniqueAll(*_unique(x))


def unique_counts(x: Tensor, /) -> UniqueCounts:
    """Distinct values and their counts."""
    values, _, _, counts = _unique(x)
    return UniqueCounts(values, counts)


def unique_inverse(x: Tensor, /) -> UniqueInverse:
    """Distinct values, and which one each element is."""
    values, _, inverse, _ = _unique(x)
    return UniqueInverse(values, inverse)


def unique_values(x: Tensor, /) -> Tensor:
    """Distinct values."""
    return _unique(x)[0]


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Tensor:
    """Whether each element of x1 is one of x2."""
    return F.isin(*together(x1, x2), invert=invert)


# products


def matmul(x1: Tensor, x2: Tensor, /) -> Tensor:
    """Matrix products in all ranks but 0."""
    return F.matmul(*together(x1, x2))


def matrix_transpose(x: Tensor, /) -> Tensor:
    """The last two axes exchanged."""
    if x.ndim < 2:
        raise ValueError(f"matrix_transpose of {x.ndim} dimensions; wanted at least two")
    return F.transpose(x, -2, -1)


def tensordot(x1: Tensor, x2: Tensor, /, *, axes: Any = 2) -> Tensor:
    """Sums of products over axes of two arrays."""
    x1, x2 = together(x1, x2)
    return F.tensordot(x1, x2, axes if isinstance(axes, int) else tuple(list(a) for a in axes))


def vecdot(x1: Tensor, x2: Tensor, /, *, axis: int = -1) -> Tensor:
    """Dot products along an axis, the first array conjugated."""
    if not -min_ndim(x1, x2) <= axis < 0:
        raise ValueError(f"vecdot: axis {axis}; wanted a negative one that both arrays have")
    if x1.shape[axis] != x2.shape[axis]:
        raise ValueError(f"vecdot of vectors of {x1.shape[axis]} and {x2.shape[axis]} elements; wanted equally many, this axis does not broadcast")
    x1, x2 = F.broadcast_tensors(*together(x1, x2))
    return linalg.vecdot(x1, x2, dim=axis).to(x1.dtype)


def min_ndim(*arrays: Tensor) -> int:
    """The number of dimensions that all have."""
    return int(np.min([a.ndim for a in arrays]))


FUNCTIONS = {
    f.__name__: f
    for f in (sum, prod, mean, var, std, max, min, all, any, count_nonzero, argmax, argmin, cumulative_sum, cumulative_prod, diff, broadcast_arrays,
              broadcast_to, concat, stack, unstack, expand_dims, squeeze, flip, moveaxis, permute_dims, repeat, reshape, roll, tile, take, take_along_axis,
              nonzero, searchsorted, sort, argsort, unique_all, unique_counts, unique_inverse, unique_values, isin, matmul, matrix_transpose, tensordot,
              vecdot)
}  # fmt: skip

__all__ = ["FUNCTIONS"]
