"""Running results along a dimension: sums, products, extremes and logarithms of sums of exponentials.

`running`, `running_product` and `recurrence` record along a dimension forwards or from its end, for adjoints: y[j] = b[j] + a[j] y[j-1] is the
row that derivatives of products and exponentials end in, exact where elements are zero. Half precision is computed in float32, integers
in int64. `METHODS` lists what becomes a Tensor method. Imports arguments, picking; imported by reductions and adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import as_dtype
from tape.elements import over_leading
from tape.functions.arguments import dim_of, required, tensor_of, values_of
from tape.functions.keys import along
from tape.functions.layout import joined
from tape.functions.picking import part_of, take_at
from tape.functions.results import stored, wanted_of
from tape.record import CAST_IMPLICIT, cast, normal, record
from tape.return_types import KINDS, Named
from tape.tensor import Tensor, wrap
from tape.traced import as_value, copy_of, through

CUMSUM, CUMPROD, RECURRENCE, LOGCUMSUMEXP = (OPCODES[n] for n in ("cumsum", "cumprod", "recurrence", "logcumsumexp"))
CUMMAX, CUMMIN = OPCODES["take:Cummax"], OPCODES["take:Cummin"]
ENOUGH = 512  # elements that make a compiled loop worth its call
_PLAIN = {"add_along": np.add, "multiply_along": np.multiply}  # the same, element after element, by NumPy


def _scan(name: str, dim: int, reverse: bool, *values: Any) -> Any:
    """A loop of compiled_ops.scans along `dim`, traced where values are."""
    ndim = values[0].ndim
    return through(scanned, name, dim - ndim, reverse, *values) if ndim else copy_of(values[-1])


@over_leading
def scanned(name: str, dim: int, reverse: bool, *values: np.ndarray) -> np.ndarray:
    """A loop of compiled_ops.scans along `dim`, counted from the end, of arrays of one shape and dtype."""
    first = values[0]
    dim += first.ndim
    if not first.size:
        return values[-1].copy()
    if name in _PLAIN and first.size < ENOUGH:
        ufunc = _PLAIN[name]
        if not reverse:
            return ufunc.accumulate(first, axis=dim, dtype=first.dtype)
        return np.ascontiguousarray(np.flip(ufunc.accumulate(np.flip(first, dim), axis=dim, dtype=first.dtype), dim))
    from compiled_ops import scans

    folded = [_folded(v, dim) for v in values]
    out = np.empty_like(folded[0])
    getattr(scans, name)(*folded, out, *((reverse,) if not name.startswith("log") else ()))
    return out.reshape(first.shape)


def _folded(values: np.ndarray, dim: int) -> np.ndarray:
    """The array, contiguous, as (outer, middle, inner) around a dimension."""
    outer, inner = 1, 1
    for d, extent in enumerate(values.shape):
        outer, inner = (outer * extent, inner) if d < dim else (outer, inner * extent if d > dim else inner)
    return np.ascontiguousarray(values).reshape(outer, values.shape[dim], inner)


def _summable(t: Tensor) -> np.ndarray:
    values = values_of(t)
    return values.astype(np.int64) if values.dtype.kind in "iub" else values


def _stored_as(t: Tensor, values: Any) -> Any:
    """In the dtype of `t`, unless that is an integer's, whose sums and products are int64."""
    return normal(as_value(values if t._s.dtype.kind in "iub" else as_value(values).astype(t._s.dtype, copy=False)), t._s.dtype)


def running(t: Tensor, dim: int, reverse: bool) -> Tensor:
    """Running sums along a dimension, from its start or from its end."""
    summed = _scan("add_along", dim, reverse, _summable(t))
    return record(CUMSUM, (t,), _stored_as(t, summed), None, (t._s, dim, reverse))


def running_product(t: Tensor, dim: int, reverse: bool) -> Tensor:
    """Running products along a dimension, from its start or from its end."""
    value = _stored_as(t, _scan("multiply_along", dim, reverse, _summable(t)))
    return record(CUMPROD, (t,), value, (t._v, None, value), (t._s, dim, reverse))


def recurrence(a: Tensor, b: Tensor, dim: int, reverse: bool) -> Tensor:
    """y[j] = b[j] + a[j] y[j-1] along a dimension, from its start (y before it is 0), or with y[j+1] from its end; one shape and dtype."""
    value = _stored_as(b, _scan("recur_along", dim, reverse, values_of(a), values_of(b)))
    return record(RECURRENCE, (a, b), value, (a._v, None, value), (b._s, dim, reverse))


def shifted(t: Tensor, dim: int, forward: bool, fill: float) -> Tensor:
    """`t` moved on by one along a dimension, with `fill` where nothing comes from, recorded."""
    if not t._s.ndim:
        return wrap(np.full((), fill, t._s.dtype))
    n, shape = t._s.shape[dim], t._s.shape
    if not n:
        return t
    left = part_of(t, (*(slice(None),) * dim, slice(0, n - 1, 1) if forward else slice(1, n, 1), ...))
    edge = wrap(np.full((*shape[:dim], 1, *shape[dim + 1 :]), fill, t._s.dtype))
    return joined([edge, left] if forward else [left, edge], dim)


def _prepared(name: str, input: Any, dim: Any, axis: Any, dtype: Any = None) -> tuple[Tensor, int]:
    t = tensor_of(name, input)
    if dtype is not None:
        t = cast(t, as_dtype(dtype), CAST_IMPLICIT)
    return t, dim_of(name, t._s.ndim, required(name, dim, axis))


def cumsum(input: Any, dim: Any = None, *, dtype: Any = None, out: Any = None, axis: Any = None) -> Tensor:
    """Running sums along a dimension. Integers give int64.

    >>> import tape
    >>> tape.cumsum(tape.tensor([1.0, 2.0, 3.0]), 0)
    tensor([1., 3., 6.])
    """
    dtype = wanted_of(dtype, out)
    t, dim = _prepared("cumsum", input, dim, axis, dtype)
    return stored("cumsum", out, _again(running(t, dim, False), dtype))


def cumprod(input: Any, dim: Any = None, *, dtype: Any = None, out: Any = None, axis: Any = None) -> Tensor:
    """Running products along a dimension. Integers give int64. The gradient is exact where elements are zero.

    >>> import tape
    >>> tape.cumprod(tape.tensor([1.0, 2.0, 3.0]), 0)
    tensor([1., 2., 6.])
    """
    dtype = wanted_of(dtype, out)
    t, dim = _prepared("cumprod", input, dim, axis, dtype)
    return stored("cumprod", out, _again(running_product(t, dim, False), dtype))


def _again(made: Tensor, dtype: Any) -> Tensor:
    """In the dtype that was asked for, where an integer's was."""
    return made if dtype is None else cast(made, as_dtype(dtype), CAST_IMPLICIT)


def logcumsumexp(input: Any, dim: Any = None, *, out: Any = None, axis: Any = None) -> Tensor:
    """Running logarithms of sums of exponentials along a dimension, without overflow. The
    imaginary part of a complex result is that of the largest element so far, and more, not reduced to one turn.

    >>> import tape
    >>> tape.logcumsumexp(tape.tensor([1000.0, 1000.0]), 0)
    tensor([1000.0000, 1000.6931])
    """
    t, dim = _prepared("logcumsumexp", input, dim, axis)
    if t._s.dtype.kind in "iub":
        raise NotImplementedError(f"logcumsumexp of {t._s.dtype} values; convert them with .double() first")
    values = values_of(t)
    value = _stored_as(t, _scan("log_add_complex_along" if values.dtype.kind == "c" else "log_add_along", dim, False, values))
    return stored("logcumsumexp", out, record(LOGCUMSUMEXP, (t,), value, (t._v, None, value), (t._s, dim)))


def _running_extreme(name: str, input: Any, dim: Any, axis: Any, out: Any) -> Named:
    t, dim = _prepared(name, input, dim, axis)
    places = as_value(through(_latest, name, dim - t._s.ndim, values_of(t))) if t._s.ndim else np.zeros((), np.int64)
    made = take_at(t, along(places, dim, t._s.ndim), CUMMAX if name == "cummax" else CUMMIN)
    return stored(name, out, KINDS[name]((made, wrap(places))))


@over_leading
def _latest(name: str, dim: int, values: np.ndarray) -> np.ndarray:
    """Where the extreme so far stands: of equal ones the latest, and NaN as soon as there is one."""
    dim += values.ndim
    if not values.size:
        return np.zeros(values.shape, np.int64)
    if values.dtype.kind == "f" and values.size >= ENOUGH:
        from compiled_ops import scans

        folded = _folded(values, dim)
        out = np.empty(folded.shape, np.int64)
        scans.latest_along(folded, out, name == "cummax")
        return out.reshape(values.shape)
    reached = (np.maximum if name == "cummax" else np.minimum).accumulate(values, axis=dim)
    extents = [1] * values.ndim
    extents[dim] = -1
    new = np.equal(values, reached) | np.not_equal(values, values)
    return np.maximum.accumulate(np.where(new, np.arange(values.shape[dim]).reshape(extents), 0), axis=dim)


def cummax(input: Any, dim: Any = None, *, out: Any = None, axis: Any = None) -> Named:
    """Largest elements so far along a dimension, and where they stand: (values, indices). Of equal ones the latest is chosen and has the
    gradient; NaN wins.

    >>> import tape
    >>> tape.cummax(tape.tensor([1.0, 3.0, 2.0]), 0).values
    tensor([1., 3., 3.])
    """
    return _running_extreme("cummax", input, dim, axis, out)


def cummin(input: Any, dim: Any = None, *, out: Any = None, axis: Any = None) -> Named:
    """Smallest elements so far along a dimension, and where they stand: (values, indices); as `cummax`."""
    return _running_extreme("cummin", input, dim, axis, out)


METHODS = {f.__name__: f for f in (cumsum, cumprod, logcumsumexp, cummax, cummin)}
