"""Reductions: sums, means, products, extremes, variances, norms and their relatives, along dimensions or over all elements.

Each function takes `dim` or `axis` (an int, a tuple, None for all), `keepdim` or `keepdims`, and `dtype` where PyTorch has it;
half precision is summed in float32. IndexError for a dimension out of range, RuntimeError for one named twice. Pullbacks are in
tape/adjoints/reductions. `METHODS` lists what becomes a Tensor method. Imports arguments, extremes; imported by adjoints.
"""

from __future__ import annotations

import builtins
import warnings
from sys import _getframe
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.columns import BRIEF, LIMIT, standing
from tape.dtypes import as_dtype, get_default_dtype, real_of
from tape.functions import cumulative, extremes, vector_norms
from tape.functions.arguments import dim_of, dim_or_axis, dims_of, record_whole, required, sizes_of, tensor_of, values_of
from tape.functions.choosing import where
from tape.functions.cumulative import cummax, cummin, cumprod, cumsum, logcumsumexp
from tape.functions.extremes import all, amax, amin, aminmax, any, argmax, argmin, count_nonzero, max, min
from tape.functions.layout import reshaped
from tape.functions.results import stored, wanted_of
from tape.functions.vector_norms import dist, norm, renorm
from tape.outputs import numbered
from tape.places import INSIDE, outside
from tape.record import CAST_IMPLICIT, cast, normal, record
from tape.spec import SCALAR, Spec
from tape.state import STATE
from tape.sums import add_up, largest
from tape.tensor import Tensor, blank, wrap
from tape.traced import Traced, as_value

SUM, SUM_DIM, NANSUM, MEAN, MEAN_DIM = (
    OPCODES[n] for n in ("sum", "sum:Sum1", "sum:Nansum", "mean", "mean:Mean1")
)
VAR_MEAN, STD_MEAN = OPCODES["mean:VarMean"], OPCODES["mean:StdMean"]
_FULL: dict[Spec, tuple] = {}  # the params of a sum over everything
_add = add_up
BLOCK = 16384  # elements of a block of rows


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
    if op in (MEAN, MEAN_DIM, VAR_MEAN, STD_MEAN):
        count = 1
        for dim in dims:
            count *= spec.shape[dim]
        summed = np.true_divide(summed, count) if count else summed * np.nan
    if spec.dtype.kind not in "iub":
        summed = as_value(summed).astype(spec.dtype, copy=False)
    single = spec.size and np.size(summed) == 1
    return record(op, (t,), normal(summed, spec.dtype), spec.number if single else None, (spec, dims, keepdim))


def _quick(op: int, input: Any) -> Tensor | None:
    """The sum or mean of all elements of a float64 Tensor that is a constant or stands on the open tape, recorded here."""
    tape = STATE.open
    if tape is None or type(input) is not Tensor:
        return None
    spec, rows, origin = input._s, tape.rows, standing(input, tape)
    row, value = len(rows), input._v
    if origin < 0 or spec.code != 0 or not spec.size or row >= (LIMIT if input._t is tape or not origin else BRIEF) or type(value) is Traced:
        return None
    if type(value) is not float:
        value = float(np.add.reduce(value, None))
        if op == MEAN:
            value /= spec.size
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value, SCALAR, None, 0
    if not origin:
        return made
    params = _FULL.get(spec)
    if params is None:
        params = _FULL[spec] = (spec, tuple(range(spec.ndim)), False)
    frame = _getframe(2)
    if id(frame.f_code) in INSIDE:
        frame = outside(frame)
    rows.extend((op, origin, 0, spec.number, params, frame.f_code, frame.f_lasti))
    made._t, made._r = tape, row
    return made


def sum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Sum over dimensions. Integers and booleans give int64.

    >>> import tape
    >>> tape.sum(tape.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
    tensor([4., 6.])
    """
    full = dim is None and axis is None and not keepdim and not keepdims
    if full and dtype is None and out is None:
        made = _quick(SUM, input)
        if made is not None:
            return made
    dtype = wanted_of(dtype, out)
    t = _prepared("sum", input, dtype)
    dims = dims_of("sum", t._s.ndim, dim_or_axis("sum", dim, axis))
    made = total(SUM if full else SUM_DIM, t, dims, keepdim or keepdims)
    return stored("sum", out, made if dtype is None else cast(made, as_dtype(dtype), CAST_IMPLICIT))


def mean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Arithmetic mean over dimensions. RuntimeError for integers without `dtype`."""
    full = dim is None and axis is None and not keepdim and not keepdims
    if full and dtype is None and out is None:
        made = _quick(MEAN, input)
        if made is not None:
            return made
    dtype = wanted_of(dtype, out)
    t = _floating("mean", _prepared("mean", input, dtype))
    dims = dims_of("mean", t._s.ndim, dim_or_axis("mean", dim, axis))
    return stored("mean", out, total(MEAN if full else MEAN_DIM, t, dims, keepdim or keepdims))


def nansum(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Sum over dimensions of the elements that are not NaN; the others get no gradient."""
    dtype = wanted_of(dtype, out)
    t = _prepared("nansum", input, dtype)
    if t._s.dtype.kind in "iub":
        return sum(t, dim, keepdim, out=out, axis=axis, keepdims=keepdims)
    dims, keep = dims_of("nansum", t._s.ndim, dim_or_axis("nansum", dim, axis)), keepdim or keepdims
    if type(t._v) is not Traced and t._s.dtype.kind != "c":
        made = total(NANSUM, t, dims, keep)
        if np.all(np.equal(made._v, made._v)):  # nothing to leave out
            return stored("nansum", out, made)
    known, _ = _known("nansum", t)
    return stored("nansum", out, total(NANSUM, known, dims, keep))


def _known(name: str, t: Tensor) -> tuple[Tensor, Any]:
    """The elements with 0 in the place of NaN, and where there was none."""
    if t._s.dtype.kind == "c":
        raise RuntimeError(f"{name} of complex values; take the real and the imaginary part")
    values = values_of(t)
    fine = as_value(np.equal(values, values))
    return where(wrap(fine), t, 0.0), fine


def nanmean(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Arithmetic mean over dimensions of the elements that are not NaN; NaN where there is none. RuntimeError for integers.

    >>> import tape
    >>> tape.nanmean(tape.tensor([1.0, float("nan"), 3.0]))
    tensor(2.)
    """
    dtype = wanted_of(dtype, out)
    t = _floating("nanmean", _prepared("nanmean", input, dtype))
    dims, keep = dims_of("nanmean", t._s.ndim, dim_or_axis("nanmean", dim, axis)), keepdim or keepdims
    known, fine = _known("nanmean", t)
    count = wrap(as_value(np.add.reduce(fine, axis=dims, keepdims=keep)).astype(t._s.dtype))
    return stored("nanmean", out, total(NANSUM, known, dims, keep) / count)


def prod(
    input: Any, dim: Any = None, keepdim: bool = False, *, dtype: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Product over one dimension or all. Integers give int64. The gradient is exact where elements are zero.

    >>> import tape
    >>> x = tape.tensor([2.0, 0.0, 3.0], requires_grad=True)
    >>> x.prod().backward()
    >>> x.grad
    tensor([0., 6., 0.])
    """
    dtype = wanted_of(dtype, out)
    t = _prepared("prod", input, dtype)
    dim, keep = dim_or_axis("prod", dim, axis), keepdim or keepdims
    if isinstance(dim, (tuple, list)):
        raise TypeError(f"prod: dim is {dim!r}; wanted one int, or None for all")
    dims = dims_of("prod", t._s.ndim, dim)
    if t._s.dtype.kind in "iub":
        made = wrap(as_value(np.multiply.reduce(as_value(t._v), axis=dims, keepdims=keep, dtype=np.int64)))
        return stored("prod", out, made if dtype is None else cast(made, as_dtype(dtype)))
    value = np.multiply.reduce(values_of(t), axis=dims, keepdims=keep)
    return stored("prod", out, record_whole(OPCODES["prod" if dim is None else "prod:Prod1"], t, value, "ay", dims, keep))


def _degrees(name: str, t: Tensor, dim: Any, unbiased: Any, correction: Any) -> tuple[tuple[int, ...], int, float]:
    """The dimensions, how many elements they hold, and by what the sum of squares is divided."""
    if isinstance(dim, bool):  # var(x, False): the first positional argument may be `unbiased`
        dim, unbiased = None, dim
    if unbiased is not None and correction is not None:
        raise TypeError(f"{name}: both unbiased and correction were given; give one")
    correction = float(unbiased) if unbiased is not None else 1.0 if correction is None else correction
    dims, count = dims_of(name, t._s.ndim, dim), 1
    for d in dims:
        count *= t._s.shape[d]
    free = count - correction if count > correction else 0.0
    if not free:
        warnings.warn(f"{name} of {count} elements with correction {correction}: no degrees of freedom left", UserWarning, stacklevel=4)
    return dims, count, free


def _spread_of(name: str, label: str, input: Any, dim: Any, unbiased: Any, keep: bool, correction: Any) -> tuple[Tensor, tuple[int, ...]]:
    """Variance or standard deviation, from deviations from the mean, and the dimensions."""
    t = _floating(name, tensor_of(name, input))
    dims, count, free = _degrees(name, t, dim, unbiased, correction)
    values = values_of(t)
    with np.errstate(all="ignore"):
        middle = np.true_divide(_add(values, axis=dims, keepdims=True), count)
        centred = values - middle
        if t._s.dtype.kind == "c":
            squares = np.square(centred.real) + np.square(centred.imag)
        else:
            squares = np.multiply(centred, centred, out=centred) if type(centred) is np.ndarray else centred * centred
        value = np.true_divide(_add(squares, axis=dims, keepdims=keep), free)
        kind = real_of(t._s.dtype) if t._s.dtype.kind == "c" else None
        if name.startswith("var"):
            return record_whole(OPCODES[label], t, value, "a", dims, keep, free, dtype=kind), dims
        return record_whole(OPCODES[label], t, np.sqrt(value), "ay", dims, keep, free, dtype=kind), dims


def var(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None, out: Any = None,
    axis: Any = None, keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Variance over dimensions, divided by the number of elements less `correction` (1; `unbiased=False` means 0). That of complex values
    is the sum of their parts' variances, and real. RuntimeError for integers; a UserWarning where nothing is left to divide by.

    >>> import tape
    >>> tape.var(tape.tensor([1.0, 2.0, 3.0]))
    tensor(1.)
    """
    return stored("var", out, _spread_of("var", "var", input, dim_or_axis("var", dim, axis), unbiased, keepdim or keepdims, correction)[0])


def std(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None, out: Any = None,
    axis: Any = None, keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Standard deviation over dimensions, the square root of `var`. The gradient at a constant is 0."""
    return stored("std", out, _spread_of("std", "std", input, dim_or_axis("std", dim, axis), unbiased, keepdim or keepdims, correction)[0])


def var_mean(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None, out: Any = None,
    axis: Any = None, keepdims: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Variance and mean over dimensions: (var, mean); arguments and errors as `var`."""
    keep = keepdim or keepdims
    spread, dims = _spread_of("var_mean", "var:VarMean", input, dim_or_axis("var_mean", dim, axis), unbiased, keep, correction)
    return stored("var_mean", out, numbered((spread, total(VAR_MEAN, tensor_of("var_mean", input), dims, keep))))


def std_mean(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float | None = None, out: Any = None,
    axis: Any = None, keepdims: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """Standard deviation and mean over dimensions: (std, mean); arguments and errors as `var`."""
    keep = keepdim or keepdims
    spread, dims = _spread_of("std_mean", "std:StdMean", input, dim_or_axis("std_mean", dim, axis), unbiased, keep, correction)
    return stored("std_mean", out, numbered((spread, total(STD_MEAN, tensor_of("std_mean", input), dims, keep))))


def logsumexp(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
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
    return stored("logsumexp", out, record_whole(OPCODES["logsumexp"], t, value, "ay", dims, keep))


def _log_sum_exp(values: Any, dims: tuple[int, ...]) -> Any:
    top = largest(values.real if values.dtype.kind == "c" else values, dims, True)
    top = np.where(np.isfinite(top), top, 0)
    shifted = values - top
    powers = np.exp(shifted, out=shifted) if type(shifted) is np.ndarray else np.exp(shifted)
    return np.log(_add(powers, axis=dims, keepdims=True)) + top


def _softmax(name: str, input: Any, dim: Any, dtype: Any) -> Tensor:
    t = _prepared(name, input, dtype)
    if t._s.dtype.kind in "iubc":
        raise NotImplementedError(f"{name} of {t._s.dtype} values; it takes floating ones: convert them first, or give dtype=")
    dim = dim_of(name, t._s.ndim, dim)
    values, along = values_of(t), (dim,) if t._s.ndim else ()
    try:
        value = _shares(name, values, along)
    except (RuntimeWarning, FloatingPointError):
        with np.errstate(all="ignore"):
            value = _shares(name, values, along)
    return record_whole(OPCODES[name], t, value, "y", dim)


def _shares(name: str, values: Any, along: tuple[int, ...]) -> Any:
    if type(values) is np.ndarray and values.size > 2 * BLOCK and along == (values.ndim - 1,) and values.flags.c_contiguous:
        return _blocks(name, values)
    shifted = values - largest(values, along, True)
    powers = np.exp(shifted)
    summed = _add(powers, axis=along, keepdims=True)
    return powers / summed if name == "softmax" else shifted - np.log(summed)


def _blocks(name: str, values: np.ndarray) -> np.ndarray:
    """The same over the last dimension, some rows at a time, so that what is in between stays in the cache. Rows do not mix."""
    n = values.shape[-1]
    out, rows, step = np.empty(values.shape, values.dtype), values.reshape(-1, n), builtins.max(1, BLOCK // n)
    target = out.reshape(-1, n)
    for start in range(0, len(rows), step):
        part, into = rows[start : start + step], target[start : start + step]
        np.subtract(part, largest(part, (1,), True), out=into)
        if name == "softmax":
            np.exp(into, out=into)
            np.true_divide(into, _add(into, axis=(1,), keepdims=True), out=into)
        else:
            np.subtract(into, np.log(_add(np.exp(into), axis=(1,), keepdims=True)), out=into)
    return out


def softmax(input: Any, dim: Any = None, dtype: Any = None, *, out: Any = None, axis: Any = None) -> Tensor:
    """exp(input) along a dimension, divided by its sum; without overflow. RuntimeError for integers without `dtype`."""
    return stored("softmax", out, _softmax("softmax", input, required("softmax", dim, axis), dtype))


def log_softmax(input: Any, dim: Any = None, dtype: Any = None, *, out: Any = None, axis: Any = None) -> Tensor:
    """The logarithm of softmax along a dimension, exact where softmax underflows. RuntimeError for integers without `dtype`."""
    return stored("log_softmax", out, _softmax("log_softmax", input, required("log_softmax", dim, axis), dtype))


def sum_to_size(input: Any, *size: Any) -> Tensor:
    """The sum over the dimensions that a tensor of `size` would be broadcast along, in that size. RuntimeError where it would not be.

    >>> import tape
    >>> tape.ones(2, 3).sum_to_size(1, 3)
    tensor([[2., 2., 2.]])
    """
    t, shape = tensor_of("sum_to_size", input), sizes_of("sum_to_size", size)
    lead = t._s.ndim - len(shape)
    if lead < 0 or builtins.any(n not in (1, have) for n, have in zip(shape, t._s.shape[builtins.max(lead, 0) :], strict=False)):
        raise RuntimeError(f"sum_to_size: {shape} does not broadcast to the tensor's shape {tuple(t._s.shape)}")
    if shape == t._s.shape and shape:
        return t
    dims = tuple([d for d, have in enumerate(t._s.shape) if d < lead or shape[d - lead] != have])
    return reshaped(total(SUM_DIM, t, dims, True), shape) if dims or not shape else reshaped(t, shape)


METHODS = {
    **extremes.METHODS,
    **cumulative.METHODS,
    **vector_norms.METHODS,
    **{f.__name__: f for f in (sum, mean, nansum, nanmean, prod, var, std, logsumexp, softmax, log_softmax, sum_to_size)},
}

__all__ = [
    "METHODS", "all", "amax", "amin", "aminmax", "any", "argmax", "argmin", "count_nonzero", "cummax", "cummin", "cumprod", "cumsum", "dist",
    "log_softmax", "logcumsumexp", "logsumexp", "max", "mean", "min", "nanmean", "nansum", "norm", "prod", "renorm", "softmax", "std",
    "std_mean", "sum", "var", "var_mean",
]  # fmt: skip
