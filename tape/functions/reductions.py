"""Reductions: sums, means, products, extremes, variances, norms and their relatives, along dimensions or over all elements.

Each function takes `dim` or `axis` (an int, a tuple, None for all), `keepdim` or `keepdims`, and `dtype` where PyTorch has it;
half precision is summed in float32. IndexError for a dimension out of range, RuntimeError for one named twice. Pullbacks are in
tape/adjoints/reductions. `METHODS` lists what becomes a Tensor method. Imports arguments, extremes; imported by adjoints.
"""

from __future__ import annotations

import warnings
from math import isinf
from sys import _getframe
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.columns import LIMIT
from tape.dtypes import as_dtype, get_default_dtype
from tape.functions import extremes
from tape.functions.arguments import dim_of, dim_or_axis, dims_of, record_whole, required, tensor_of, values_of
from tape.functions.extremes import all, amax, amin, any, argmax, argmin, count_nonzero, max, min
from tape.record import CAST_IMPLICIT, INSIDE, cast, normal, outside, record
from tape.spec import SCALAR, Spec
from tape.state import STATE
from tape.sums import add_up, largest
from tape.tensor import Tensor, wrap
from tape.traced import as_value

SUM, SUM_DIM, NANSUM, MEAN, MEAN_DIM = (OPCODES[n] for n in ("sum", "sum:Sum1", "sum:Nansum", "mean", "mean:Mean1"))
_FULL: dict[Spec, tuple] = {}  # the params of a sum over everything
_add = add_up


def _prepared(name: str, input: Any, dtype: Any = None) -> Tensor:
    """The input, in the dtype that was asked for."""
    t = tensor_of(name, input)
    return t if dtype is None else cast(t, as_dtype(dtype), CAST_IMPLICIT)


def _floating(name: str, t: Tensor) -> Tensor:
    if t._s.dtype.kind in "iub":
        raise RuntimeError(f"{name} of {t._s.dtype} values; convert them with .double() first, or give dtype=")
    return t


def total(op: int, t: Tensor, dims: tuple[int, ...], keepdim: bool) -> Tensor:
    """The sum over `dims` recorded as `op`, one of the labels of sum and mean; a sum of integers is an int64."""
    spec = t._s
    summed = _add(values_of(t), axis=dims, keepdims=keepdim, dtype=np.int64 if spec.dtype.kind in "iub" else None)
    if op in (MEAN, MEAN_DIM):
        count = 1
        for dim in dims:
            count *= spec.shape[dim]
        summed = np.true_divide(summed, count) if count else summed * np.nan
    if spec.dtype.kind not in "iub":
        summed = as_value(summed).astype(spec.dtype, copy=False)
    single = spec.size and np.size(summed) == 1
    return record(op, (t,), normal(summed, spec.dtype), spec.number if single else None, (spec, dims, keepdim))


def _quick(op: int, input: Any) -> Tensor | None:
    """The sum or mean of all elements of a float64 Tensor on the open tape, recorded here."""
    tape = STATE.open
    if tape is None or type(input) is not Tensor or input._t is not tape:
        return None
    spec, rows = input._s, tape.rows
    row, value = len(rows), input._v
    if spec.code != 0 or not spec.size or row >= LIMIT:
        return None
    if type(value) is not float:
        value = float(np.add.reduce(value, None))
        if op == MEAN:
            value /= spec.size
    params = _FULL.get(spec)
    if params is None:
        params = _FULL[spec] = (spec, tuple(range(spec.ndim)), False)
    frame = _getframe(2)
    if id(frame.f_code) in INSIDE:
        frame = outside(frame)
    rows.extend((op, input._r, 0, spec.number, params, frame.f_code, frame.f_lasti))
    made = Tensor()
    made._v, made._t, made._r, made._s = value, tape, row, SCALAR
    return made


def sum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Sum over dimensions. Integers and booleans give int64.

    >>> import tape
    >>> tape.sum(tape.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    full = dim is None and axis is None and not keepdim and not keepdims
    if full and dtype is None:
        made = _quick(SUM, input)
        if made is not None:
            return made
    t = _prepared("sum", input, dtype)
    dims = dims_of("sum", t._s.ndim, dim_or_axis("sum", dim, axis))
    made = total(SUM if full else SUM_DIM, t, dims, keepdim or keepdims)
    return made if dtype is None else cast(made, as_dtype(dtype), CAST_IMPLICIT)


def mean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Arithmetic mean over dimensions. RuntimeError for integers without `dtype`."""
    full = dim is None and axis is None and not keepdim and not keepdims
    if full and dtype is None:
        made = _quick(MEAN, input)
        if made is not None:
            return made
    t = _floating("mean", _prepared("mean", input, dtype))
    dims = dims_of("mean", t._s.ndim, dim_or_axis("mean", dim, axis))
    return total(MEAN if full else MEAN_DIM, t, dims, keepdim or keepdims)


def nansum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Sum over dimensions of the elements that are not NaN; the others get no gradient."""
    from tape.functions.indexing import where

    t = _prepared("nansum", input, dtype)
    if t._s.dtype.kind in "iub":
        return sum(t, dim, keepdim, axis=axis, keepdims=keepdims)
    values = values_of(t)
    known = where(wrap(values != values), 0.0, t)
    return total(NANSUM, known, dims_of("nansum", t._s.ndim, dim_or_axis("nansum", dim, axis)), keepdim or keepdims)


def prod(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Product over one dimension or all. Integers give int64. The gradient is exact where elements are zero.

    >>> import tape
    >>> x = tape.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """
    t = _prepared("prod", input, dtype)
    dim, keep = dim_or_axis("prod", dim, axis), keepdim or keepdims
    if isinstance(dim, (tuple, list)):
        raise TypeError(f"prod: dim is {dim!r}; wanted one int, or None for all")
    dims = dims_of("prod", t._s.ndim, dim)
    if t._s.dtype.kind in "iub":
        return wrap(np.multiply.reduce(as_value(t._v), axis=dims, keepdims=keep, dtype=np.int64))
    value = np.multiply.reduce(values_of(t), axis=dims, keepdims=keep)
    return record_whole(OPCODES["prod" if dim is None else "prod:Prod1"], t, value, "ay", dims, keep)


def _spread_of(name: str, input: Any, dim: Any, unbiased: Any, keep: bool, correction: Any) -> Tensor:
    if isinstance(dim, bool):  # var(x, False): the first positional argument may be `unbiased`
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}: both unbiased and correction were given; give one")
    correction = float(unbiased) if unbiased is not None else 1.0 if correction is None else correction
    t = _floating(name, tensor_of(name, input))
    dims = dims_of(name, t._s.ndim, dim)
    values, count = values_of(t), 1
    for d in dims:
        count *= t._s.shape[d]
    free = count - correction if count > correction else 0.0
    if not free:
        warnings.warn(f"{name} of {count} elements with correction {correction}: no degrees of freedom left", UserWarning, stacklevel=3)
    with np.errstate(all="ignore"):
        centred = values - np.true_divide(_add(values, axis=dims, keepdims=True), count)
        value = np.true_divide(_add(centred * centred, axis=dims, keepdims=keep), free)
        if name == "var":
            return record_whole(OPCODES["var"], t, value, "a", dims, keep, free)
        return record_whole(OPCODES["std"], t, np.sqrt(value), "ay", dims, keep, free)


def var(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None,
    axis: Any = None, keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Variance over dimensions, divided by the number of elements less `correction` (1; `unbiased=False` means 0).

    RuntimeError for integers; a UserWarning where nothing is left to divide by.
    """
    return _spread_of("var", input, dim_or_axis("var", dim, axis), unbiased, keepdim or keepdims, correction)


def std(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None,
    axis: Any = None, keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Standard deviation over dimensions, the square root of `var`. The gradient at a constant is 0."""
    return _spread_of("std", input, dim_or_axis("std", dim, axis), unbiased, keepdim or keepdims, correction)


def logsumexp(input: Any, dim: Any = None, keepdim: bool = False, *, axis: Any = None, keepdims: bool = False) -> Tensor:
    """log(sum(exp(input))) over dimensions, without overflow. Integers are computed in the default dtype."""
    t = tensor_of("logsumexp", input)
    if t._s.dtype.kind in "iub":
        t = cast(t, get_default_dtype())
    dims = dims_of("logsumexp", t._s.ndim, required("logsumexp", dim, axis))
    values, keep = values_of(t), keepdim or keepdims
    try:
        value = _log_sum_exp(values, dims)
    except (RuntimeWarning, FloatingPointError):  # the user's filters or np.seterr turn warnings into errors
        with np.errstate(all="ignore"):
            value = _log_sum_exp(values, dims)
    if not keep:
        value = value.squeeze(dims) if type(value) is np.ndarray else np.squeeze(value, dims)
    return record_whole(OPCODES["logsumexp"], t, value, "ay", dims, keep)


def _log_sum_exp(values: Any, dims: tuple[int, ...]) -> Any:
    top = largest(values, dims, True)
    top = np.where(np.isfinite(top), top, 0)
    shifted = values - top
    powers = np.exp(shifted, out=shifted) if type(shifted) is np.ndarray else np.exp(shifted)
    return np.log(_add(powers, axis=dims, keepdims=True)) + top


def _softmax(name: str, input: Any, dim: Any, dtype: Any) -> Tensor:
    t = _floating(name, _prepared(name, input, dtype))
    dim = dim_of(name, t._s.ndim, dim)
    values, along = values_of(t), (dim,) if t._s.ndim else ()
    try:
        value = _shares(name, values, along)
    except (RuntimeWarning, FloatingPointError):
        with np.errstate(all="ignore"):
            value = _shares(name, values, along)
    return record_whole(OPCODES[name], t, value, "y", dim)


def _shares(name: str, values: Any, along: tuple[int, ...]) -> Any:
    shifted = values - largest(values, along, True)
    powers = np.exp(shifted)
    summed = _add(powers, axis=along, keepdims=True)
    return powers / summed if name == "softmax" else shifted - np.log(summed)


def softmax(input: Any, dim: Any = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
    """exp(input) along a dimension, divided by its sum; without overflow. RuntimeError for integers without `dtype`."""
    return _softmax("softmax", input, required("softmax", dim, axis), dtype)


def log_softmax(input: Any, dim: Any = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
    """The logarithm of softmax along a dimension, exact where softmax underflows. RuntimeError for integers without `dtype`."""
    return _softmax("log_softmax", input, required("log_softmax", dim, axis), dtype)


def running(t: Tensor, dim: int, reverse: bool) -> Tensor:
    """Running sums along a dimension, from its start or from its end."""
    values = values_of(t)
    dtype = np.int64 if values.dtype.kind in "iub" else values.dtype
    if not values.ndim:
        summed = values.astype(dtype)
    elif reverse:
        summed = np.flip(np.add.accumulate(np.flip(values, dim), axis=dim, dtype=dtype), dim)
    else:
        summed = np.add.accumulate(values, axis=dim, dtype=dtype)
    summed = summed if dtype == np.int64 else summed.astype(t._s.dtype, copy=False)
    return record(OPCODES["cumsum"], (t,), summed, None, (t._s, dim, reverse))


def cumsum(input: Any, dim: Any = None, *, dtype: Any = None, axis: Any = None) -> Tensor:
    """Running sums along a dimension. Integers give int64."""
    t = _prepared("cumsum", input, dtype)
    return running(t, dim_of("cumsum", t._s.ndim, required("cumsum", dim, axis)), False)


def _norm(values: np.ndarray, p: float, dims: tuple[int, ...], keep: bool) -> np.ndarray:
    if p == 2:
        return np.sqrt(_add(values * values, axis=dims, keepdims=keep))
    sizes = np.abs(values)
    if p == 0:
        return _add(values != 0, axis=dims, keepdims=keep, dtype=values.dtype)
    if p == 1:
        return _add(sizes, axis=dims, keepdims=keep)
    if isinf(p):
        return (np.maximum if p > 0 else np.minimum).reduce(sizes, axis=dims, keepdims=keep)
    return np.power(_add(np.power(sizes, p), axis=dims, keepdims=keep), 1 / p)


def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None, *, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Vector norm of order p ("fro" is 2; any number, 0, inf, -inf) over dimensions. At a vector of zeros the gradient is 0; where
    several elements attain an infinite norm they share it. RuntimeError for integers and for an infinite norm of nothing."""
    if isinstance(p, str):
        if p != "fro":
            raise RuntimeError(f"norm: p is {p!r}; wanted a number or 'fro' (for matrix norms see linalg.matrix_norm)")
        p = 2.0
    t = _floating("norm", _prepared("norm", input, dtype))
    dims, keep, p = dims_of("norm", t._s.ndim, dim_or_axis("norm", dim, axis)), keepdim or keepdims, float(p)
    if isinf(p) and 0 in [t._s.shape[d] for d in dims]:
        raise RuntimeError(f"norm of order {p} over a dimension without elements; there is no extreme of nothing")
    with np.errstate(all="ignore"):
        return record_whole(OPCODES["norm"], t, _norm(values_of(t), p, dims, keep), "ay", dims, keep, p)


METHODS = {
    **extremes.METHODS,
    **{f.__name__: f for f in (sum, mean, nansum, prod, var, std, logsumexp, softmax, log_softmax, cumsum, norm)},
}

__all__ = [
    "METHODS", "all", "amax", "amin", "any", "argmax", "argmin", "count_nonzero", "cumsum", "log_softmax", "logsumexp", "max",
    "mean", "min", "nansum", "norm", "prod", "softmax", "std", "sum", "var",
]  # fmt: skip
