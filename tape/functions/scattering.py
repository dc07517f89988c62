"""Writing into a copy: scatter, index_put, index_copy, index_fill, put, masked_scatter, and parts exchanged (select_scatter and its kin).

Each is one row that puts (`replaced_at`) or adds (`added_at`) values at a key, as tape/functions/picking has them; where an index names a
place twice the last value stays. `METHODS` lists what becomes a Tensor method; tape/functions/indexing passes everything on.
What reduces with what is there already stands in tape/functions/scatter_reducing.
Imports picking, keys, strided; imported by indexing.
"""

from __future__ import annotations

from operator import index as as_index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.elements import shape_at
from tape.errors import ShapeError
from tape.functions.arguments import dim_of, indices_of, number_as, tensor_of
from tape.functions.choosing import mask_of, where
from tape.functions.keys import along, plain_key
from tape.functions.layout import named, reshaped
from tape.functions.picking import added_at, diagonal_view, placed, replaced_at, scatter_parts, take_at, whole_rows
from tape.functions.scatter_reducing import reduced_at
from tape.functions.strided import places as strided_places
from tape.functions.strided import strided_params
from tape.out import takes_out
from tape.record import cast, expand, normal, record
from tape.tensor import Tensor, wrap
from tape.traced import as_value, copy_of, through

ADD_PUT, ADD_FLAT, FILLED, SCATTER_VALUE = (OPCODES[n] for n in ("scatter_add:IndexPut", "scatter_add:Put", "fill", "replace:Scatter1"))
PUT_AT, PUT_FLAT, FILL, FILL_TENSOR, COPY, MASKED, SELECT, SLICE, DIAGONAL, STRIDED = (
    OPCODES[f"replace:{label}"]
    for label in ("IndexPut", "Put", "IndexFill", "IndexFill1", "IndexCopy", "MaskedScatter", "SelectScatter", "SliceScatter",
                  "DiagonalScatter", "AsStridedScatter")
)  # fmt: skip


@takes_out
def scatter(input: Any, dim: int, index: Any, src: Any = None, *, value: Any = None, reduce: str | None = None) -> Tensor:
    """`input` with src[i, j] (a Tensor), or one number, in the place of [index[i, j], j] for dim 0, and so on; with `reduce` "add" or
    "multiply" it is added to or multiplied with what is there. Errors as `gather`."""
    t = tensor_of("scatter", input)
    given = src if value is None else value
    if given is None:
        raise TypeError("scatter: neither src nor value was given")
    number = None if isinstance(given, (Tensor, np.ndarray)) else number_as("scatter", given, t._s.dtype)
    if reduce is not None:
        if reduce not in ("add", "multiply"):
            raise RuntimeError(f"scatter: reduce={reduce!r}; wanted 'add' or 'multiply'")
        values = given if number is None else np.broadcast_to(number, np.shape(indices_of("scatter", index)))
        return reduced_at("sum" if reduce == "add" else "prod", *scatter_parts("scatter", t, dim, index, values), True)
    if number is None:
        return replaced_at(*scatter_parts("scatter", t, dim, index, given))
    dim, places = placed("scatter", t, dim, index)
    return replaced_at(t, along(places, dim, t._s.ndim), number, SCATTER_VALUE)


def index_put(input: Any, indices: tuple, values: Any, accumulate: bool = False) -> Tensor:
    """`input` with `values`, which broadcast, in the place of input[indices], or with `accumulate` added there.

    IndexError out of range, RuntimeError for another dtype or values that do not broadcast.
    """
    t, given = tensor_of("index_put", input), tensor_of("index_put", values)
    key, _ = plain_key(t._s, tuple([slice(None) if each is None else each for each in indices]))
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"index_put: values are {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    given = _fitting("index_put", given, shape_at(t._s.shape, key))
    return added_at(t, key, given, ADD_PUT) if accumulate else replaced_at(t, key, given, PUT_AT)


def _fitting(name: str, given: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Values broadcast to the part that they replace."""
    while given._s.ndim > len(shape) and given._s.shape[0] == 1:
        given = reshaped(given, given._s.shape[1:])
    new = len(shape) - given._s.ndim
    if new < 0 or any(n not in (1, wanted) for n, wanted in zip(given._s.shape, shape[new:], strict=True)):
        raise ShapeError(f"{name}: values of shape {given._s.shape} for a part of shape {shape}; they must broadcast to it")
    return expand(given, shape)


def fill(input: Any, value: Any) -> Tensor:
    """A Tensor like `input` with one value (a number or a 0-d Tensor) everywhere."""
    t = tensor_of("fill", input)
    given = tensor_of("fill", value) if isinstance(value, (Tensor, np.ndarray)) else wrap(number_as("fill", value, t._s.dtype))
    if given._s.ndim:
        raise RuntimeError(f"fill: a value of shape {given._s.shape}; wanted a number or a 0-d tensor")
    given = cast(given, t._s.dtype)
    return record(FILLED, (t, given), normal(copy_of(np.broadcast_to(given._v, t._s.shape)), t._s.dtype), None, (t._s,))


def with_diagonal(input: Any, fill_value: Any, wrap: bool = False) -> Tensor:
    """`input` with one number on its main diagonal; of a matrix with more rows than columns also below it again, where `wrap` is set."""
    t = tensor_of("fill_diagonal_", input)
    if t._s.ndim < 2 or t._s.ndim > 2 and len(set(t._s.shape)) > 1:
        raise RuntimeError(f"fill_diagonal_ of a tensor of shape {t._s.shape}; wanted a matrix, or as many entries along every dimension")
    rows, columns = t._s.shape[0], t._s.shape[1]
    if t._s.ndim == 2:
        at = np.arange(0, t._s.size if wrap else min(rows, columns) * columns, columns + 1)
    else:
        at = np.arange(rows) * sum(rows**k for k in range(t._s.ndim))
    return replaced_at(t, np.unravel_index(at, t._s.shape), number_as("fill_diagonal_", fill_value, t._s.dtype), FILL, repeats=False)


def put(input: Any, index: Any, source: Any, accumulate: bool = False) -> Tensor:
    """`input` with the elements of `source` at flat (C order) positions, or with `accumulate` added there. IndexError out of range."""
    t, given, at = tensor_of("put", input), tensor_of("put", source), indices_of("put", index, (np.int64,))
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"put: source is {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    if given._s.size != at.size:
        raise ShapeError(f"put: {given._s.size} source elements for {at.size} indices; wanted as many")
    if at.size and not (-t._s.size <= at.min() and at.max() < t._s.size):
        raise IndexError(f"put: an index from {at.min()} to {at.max()} into {t._s.size} elements")
    at, given = as_value(at % max(1, t._s.size)).reshape(-1), reshaped(given, (given._s.size,))
    flat = reshaped(t, (t._s.size,))
    return named(added_at(flat, (at,), given, ADD_FLAT) if accumulate else replaced_at(flat, (at,), given, PUT_FLAT), t._s.shape, "Put")


@takes_out
def index_copy(input: Any, dim: int, index: Any, source: Any) -> Tensor:
    """`input` with the entries of `source` in the place of the entries of a dimension that a vector of indices names."""
    t, given = tensor_of("index_copy", input), tensor_of("index_copy", source)
    dim, key, wanted = whole_rows("index_copy", t, dim, index, (np.int64,))
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"index_copy: source is {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    if given._s.shape != wanted and not (given._s.size == 1 and wanted in ((), (1,))):
        raise IndexError(f"index_copy: source has shape {given._s.shape}; the index wants {wanted}")
    return replaced_at(t, key, reshaped(given, wanted), COPY)


def index_fill(input: Any, dim: int, index: Any, value: Any) -> Tensor:
    """`input` with one value (a number or a 0-d Tensor) at the entries of a dimension that a vector of indices names. Negative
    indices count from the end; IndexError out of range."""
    t = tensor_of("index_fill", input)
    dim, key, wanted = whole_rows("index_fill", t, dim, index, (np.int64,), IndexError, negative=True)
    if isinstance(value, (Tensor, np.ndarray)):
        given = tensor_of("index_fill", value)
        if given._s.ndim:
            raise RuntimeError(f"index_fill: a value of shape {given._s.shape}; wanted a number or a 0-d tensor")
        return replaced_at(t, key, expand(cast(given, t._s.dtype), wanted), FILL_TENSOR)
    return replaced_at(t, key, number_as("index_fill", value, t._s.dtype), FILL)


def masked_scatter(input: Any, mask: Any, source: Any) -> Tensor:
    """`input` with the elements of `source`, in order, where a boolean mask, which broadcasts, is true.

    RuntimeError where source has too few elements or another dtype.
    """
    t, chosen, given = tensor_of("masked_scatter", input), mask_of("masked_scatter", mask), tensor_of("masked_scatter", source)
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"masked_scatter: source is {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    shape = np.broadcast_shapes(t._s.shape, chosen.shape)
    chosen = as_value(np.broadcast_to(chosen, shape))
    if type(chosen) is not np.ndarray:  # a program, or examples of a vmap: how many are true must not be asked
        at = through(_in_order, chosen, given._s.size)
        return where(wrap(chosen), take_at(reshaped(given, (given._s.size,)), (at,)), t) if given._s.size else t.clone()
    count = int(np.count_nonzero(chosen))
    if count > given._s.size:
        raise RuntimeError(f"masked_scatter: the mask is true {count} times, but source has {given._s.size} elements")
    t = expand(t, shape)
    if not shape:
        return replaced_at(t, (), reshaped(given, (given._s.size,))[0], MASKED) if count else t.clone()
    return replaced_at(t, (chosen,), reshaped(given, (given._s.size,))[:count], MASKED)


def _in_order(mask: np.ndarray, available: int) -> np.ndarray:
    """For each place where a mask is true, how many are before it."""
    if np.count_nonzero(mask) > available:
        raise RuntimeError(f"masked_scatter: the mask is true {np.count_nonzero(mask)} times, but source has {available} elements")
    return np.maximum(np.cumsum(mask).reshape(mask.shape) - 1, 0)


def _exchanged(name: str, t: Tensor, key: tuple, src: Any, op: int, several: bool = False) -> Tensor:
    """`t` with `src` in the place of a part."""
    given, wanted = tensor_of(name, src), shape_at(t._s.shape, key)
    if given._s.shape != wanted:
        raise ShapeError(f"{name}: src has shape {given._s.shape}, the part that it replaces {wanted}; they must agree")
    return replaced_at(t, key, cast(given, t._s.dtype), op, several)


def select_scatter(input: Any, src: Any, dim: int, index: int) -> Tensor:
    """`input` with `src` in the place of input.select(dim, index). IndexError out of range, RuntimeError for another shape.

    >>> import tape
    >>> tape.select_scatter(tape.zeros(2, 2), tape.ones(2), 0, 1)
    tensor([[0., 0.],
            [1., 1.]])
    """
    t = tensor_of("select_scatter", input)
    dim, index = dim_of("select_scatter", t._s.ndim, dim), as_index(index)
    extent = t._s.shape[dim] if t._s.ndim else 0
    if not -extent <= index < extent:
        raise IndexError(f"select_scatter: index {index} along a dimension of extent {extent}; wanted one of {-extent} ... {extent - 1}")
    return _exchanged("select_scatter", t, (*(slice(None),) * dim, index, ...), src, SELECT)


def slice_scatter(input: Any, src: Any, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1) -> Tensor:
    """`input` with `src` in the place of the entries start:end:step of a dimension. RuntimeError for another shape."""
    t = tensor_of("slice_scatter", input)
    dim = dim_of("slice_scatter", t._s.ndim, dim)
    if step < 1:
        raise RuntimeError(f"slice_scatter: step {step}; wanted at least 1")
    return _exchanged("slice_scatter", t, (*(slice(None),) * dim, slice(start, end, step), ...), src, SLICE)


def diagonal_scatter(input: Any, src: Any, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """`input` with `src` in the place of input.diagonal(offset, dim1, dim2). RuntimeError for another shape."""
    t = tensor_of("diagonal_scatter", input)
    first, second = dim_of("diagonal_scatter", t._s.ndim, dim1), dim_of("diagonal_scatter", t._s.ndim, dim2)
    if first == second:
        raise RuntimeError(f"diagonal_scatter: dim1 {dim1} and dim2 {dim2} are the same dimension")
    at = diagonal_view(np.arange(t._s.size).reshape(t._s.shape), (t._s, offset, first, second))
    return _exchanged("diagonal_scatter", t, np.unravel_index(at, t._s.shape), src, DIAGONAL)


def as_strided_scatter(input: Any, src: Any, size: Any, stride: Any, storage_offset: int | None = None) -> Tensor:
    """`input` with `src` in the place of input.as_strided(size, stride, storage_offset). RuntimeError for another shape."""
    t = tensor_of("as_strided_scatter", input)
    at = strided_places(strided_params("as_strided_scatter", t, size, stride, storage_offset))
    if (at < 0).any():
        raise RuntimeError("as_strided_scatter: the strides lead to memory that is no element of the tensor; scatter into its base")
    flat = reshaped(t, (t._s.size,))
    return named(_exchanged("as_strided_scatter", flat, (at,), src, STRIDED, True), t._s.shape, "AsStridedScatter")


METHODS = {
    f.__name__: f
    for f in (
        scatter, index_put, put, index_copy, index_fill, masked_scatter, select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter,
    )
}  # fmt: skip
__all__ = [
    "as_strided_scatter", "diagonal_scatter", "fill", "index_copy", "index_fill", "index_put", "masked_scatter", "put", "scatter",
    "select_scatter", "slice_scatter",
]  # fmt: skip
