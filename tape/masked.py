"""Reductions and normalisations of the elements where a mask is true (torch.masked), under PyTorch's names and with its answers.

`mask` broadcasts to the input; without one all elements count. Those left out are replaced by what changes nothing (0 for a sum,
minus infinity for a largest element) before an ordinary function runs, so they have no gradient, whatever their value; where nothing is left
the answer is that of nothing: 0, 1, an infinity, or NaN for means and shares. Imports functions; imported by tape/__init__.
"""

from __future__ import annotations

import builtins
from math import inf, nan
from typing import Any

import numpy as np

from tape import functions
from tape.dtypes import as_dtype
from tape.functions import cumulative, elementwise, extremes, reductions, statistics, vector_norms
from tape.functions.arguments import dims_of, tensor_of, values_of
from tape.functions.choosing import where
from tape.functions.complex import conj
from tape.record import broadcast
from tape.tensor import Tensor, wrap
from tape.traced import as_value


def _masked(name: str, input: Any, mask: Any, fill: float, dtype: Any = None) -> Tensor:
    """The input in the dtype asked for, with `fill` where the mask is not true."""
    t = tensor_of(f"masked.{name}", input)
    if dtype is not None:
        t = t.to(as_dtype(dtype))
    keep = _kept(name, t, mask)
    if keep is None:
        return t
    if t._s.dtype.kind in "iub" and fill in (inf, -inf):
        limits = np.iinfo(t._s.dtype) if t._s.dtype.kind != "b" else None
        fill = (limits.max if fill > 0 else limits.min) if limits is not None else fill > 0
    return where(wrap(keep), t, wrap(np.asarray(fill, t._s.dtype)))


def _kept(name: str, t: Tensor, mask: Any) -> Any:
    """The mask in the shape of the input, None without one."""
    if mask is None:
        return None
    keep = as_value(tensor_of(f"masked.{name}", mask)._v)
    if keep.dtype.kind != "b":
        keep = keep != 0
    if keep.ndim > t._s.ndim:
        raise IndexError(f"masked.{name}: a mask of {keep.ndim} dimensions for an input of {t._s.ndim}; it may have as many at most")
    if broadcast(f"masked.{name}", keep.shape, t._s.shape) != t._s.shape:
        raise RuntimeError(f"masked.{name}: a mask of shape {keep.shape} is larger than the input of shape {tuple(t._s.shape)}")
    return np.broadcast_to(keep, t._s.shape)


def _count(name: str, t: Tensor, mask: Any, dims: tuple[int, ...], keep: bool) -> Tensor:
    """How many elements count, as a number of the input's dtype."""
    kept = _kept(name, t, mask)
    ones = np.ones(t._s.shape, bool) if kept is None else kept
    return wrap(as_value(np.add.reduce(ones, axis=dims, keepdims=keep, dtype=np.int64)).astype(t._s.dtype))


def _dims(name: str, t: Tensor, dim: Any) -> tuple[int, ...]:
    return dims_of(f"masked.{name}", t._s.ndim, dim)


def sum(input: Any, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The sum over dimensions of the elements where the mask is true; 0 of none.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0, 4.0])
    >>> tape.masked.sum(x, 0, mask=x > 1)
    tensor(6.)
    """
    return reductions.sum(_masked("sum", input, mask, 0, dtype), dim, builtins.bool(keepdim), dtype=dtype)


def prod(input: Any, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The product over dimensions of the elements where the mask is true; 1 of none."""
    t = _masked("prod", input, mask, 1, dtype)
    if t._s.dtype.kind in "iub":
        t = t.to(np.dtype(np.int64))
    dims = _dims("prod", t, dim)
    for d in reversed(dims):
        t = reductions.prod(t, d, True)
    found = t if keepdim else t.reshape([n for d, n in enumerate(t._s.shape) if d not in dims])
    return found if dtype is None else found.to(as_dtype(dtype))


def mean(input: Any, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The mean over dimensions of the elements where the mask is true; NaN of none. ValueError for integers without `dtype`."""
    t, keep = _masked("mean", input, mask, 0, dtype), builtins.bool(keepdim)
    if t._s.dtype.kind in "iub":
        raise ValueError(f"masked.mean of {t._s.dtype} values; give dtype=")
    dims = _dims("mean", t, dim)
    return reductions.total(reductions.SUM_DIM, t, dims, keep) / _count("mean", t, mask, dims, keep)


def amax(input: Any, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The largest element over dimensions where the mask is true; minus infinity of none."""
    return extremes.amax(_masked("amax", input, mask, -inf, dtype), dim, builtins.bool(keepdim))


def amin(input: Any, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The smallest element over dimensions where the mask is true; infinity of none."""
    return extremes.amin(_masked("amin", input, mask, inf, dtype), dim, builtins.bool(keepdim))


def argmax(input: Any, dim: int | None = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """Where the largest element stands among those where the mask is true (0 of none), in the dtype of the input."""
    t = _masked("argmax", input, mask, -inf, dtype)
    return extremes.argmax(t, dim, builtins.bool(keepdim)).to(t._s.dtype)


def argmin(input: Any, dim: int | None = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """Where the smallest element stands among those where the mask is true (0 of none), in the dtype of the input."""
    t = _masked("argmin", input, mask, inf, dtype)
    return extremes.argmin(t, dim, builtins.bool(keepdim)).to(t._s.dtype)


def median(input: Any, dim: int = -1, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """The median along a dimension of the elements where the mask is true; NaN of none. ValueError for integers."""
    t = _masked("median", input, None, nan, dtype)
    kept = _kept("median", t, mask)
    if t._s.dtype.kind in "iub":
        if kept is not None and not np.all(kept):
            raise ValueError(f"masked.median of {t._s.dtype} values, some of which are left out; give dtype=")
        return statistics.median(t, dim, keepdim).values
    return statistics.nanmedian(t if kept is None else where(wrap(kept), t, nan), dim, keepdim).values


def norm(
    input: Any, ord: float | None = 2.0, dim: Any = None, *, keepdim: bool | None = False, dtype: Any = None, mask: Any = None
) -> Tensor:
    """The vector norm of order `ord` over dimensions of the elements where the mask is true; of none 0, and infinity for negative orders."""
    order = 2.0 if ord is None else float(ord)
    t = _masked("norm", input, mask, inf if order < 0 else 0, dtype)
    return vector_norms.vector_norm(reductions._floating("masked.norm", t), order, _dims("norm", t, dim), builtins.bool(keepdim))


def _spread(name: str, input: Any, dim: Any, unbiased: bool | None, correction: Any, keepdim: Any, dtype: Any, mask: Any) -> Tensor:
    if unbiased is not None and correction is not None:
        raise TypeError(f"masked.{name}: both unbiased and correction were given; give one")
    less = float(unbiased) if unbiased is not None else 1.0 if correction is None else float(correction)
    t, keep = tensor_of(f"masked.{name}", input), builtins.bool(keepdim)
    if dtype is not None:
        t = t.to(as_dtype(dtype))
    elif t._s.dtype.kind in "iub":
        t = t.to(np.dtype(np.float32))  # as PyTorch does, whatever the default dtype
    dims = _dims(name, t, dim)
    count = _count(name, t, mask, dims, True)
    middle = reductions.total(reductions.SUM_DIM, _masked(name, t, mask, 0), dims, True) / count
    off = _masked(name, t - middle, mask, 0)
    squares = off * conj(off)
    total = reductions.total(reductions.SUM_DIM, squares, dims, keep)
    free = values_of(_count(name, squares, mask, dims, keep)).real - less
    return total / wrap(as_value(np.maximum(free, 0)).astype(total._s.dtype))


def var(
    input: Any, dim: Any = None, unbiased: bool | None = None, *, correction: float | None = None, keepdim: bool | None = False,
    dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The variance over dimensions of the elements where the mask is true, divided by their number less `correction` (1).
    Of complex values, too, it has the dtype of the input."""
    return _spread("var", input, dim, unbiased, correction, keepdim, dtype, mask)


def std(
    input: Any, dim: Any = None, unbiased: bool | None = None, *, correction: float | None = None, keepdim: bool | None = False,
    dtype: Any = None, mask: Any = None,
) -> Tensor:  # fmt: skip
    """The standard deviation over dimensions of the elements where the mask is true, the square root of `var`."""
    return elementwise.sqrt(_spread("std", input, dim, unbiased, correction, keepdim, dtype, mask))


def softmax(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Softmax along a dimension over the elements where the mask is true, 0 elsewhere; NaN where there is none."""
    return reductions.softmax(_masked("softmax", input, mask, -inf, dtype), dim)


def log_softmax(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """The logarithm of `softmax`."""
    return reductions.log_softmax(_masked("log_softmax", input, mask, -inf, dtype), dim)


def softmin(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Softmax of the negative elements along a dimension, over those where the mask is true."""
    return reductions.softmax(-_masked("softmin", input, mask, inf, dtype), dim)


def logsumexp(input: Any, dim: Any = None, *, keepdim: bool = False, dtype: Any = None, mask: Any = None) -> Tensor:
    """log(sum(exp(...))) over dimensions of the elements where the mask is true; minus infinity of none. In the dtype of
    the input, of integers too."""
    t = _masked("logsumexp", input, mask, -inf, dtype)
    return reductions.logsumexp(t, _dims("logsumexp", t, dim) if t._s.ndim else 0, keepdim).to(t._s.dtype)


def cumsum(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Running sums along a dimension of the elements where the mask is true."""
    return cumulative.cumsum(_masked("cumsum", input, mask, 0, dtype), dim, dtype=dtype)


def cumprod(input: Any, dim: int, *, dtype: Any = None, mask: Any = None) -> Tensor:
    """Running products along a dimension of the elements where the mask is true."""
    return cumulative.cumprod(_masked("cumprod", input, mask, 1, dtype), dim, dtype=dtype)


def normalize(input: Any, ord: float, dim: int, *, eps: float = 1e-12, dtype: Any = None, mask: Any = None) -> Tensor:
    """The elements divided by their masked norm of order `ord` along a dimension (by `eps` if that is larger), 0 where the mask is not true."""
    t = _masked("normalize", input, mask, 0, dtype)
    size = norm(input, ord, dim, keepdim=True, dtype=dtype, mask=mask)
    return t / functions.PUBLIC["maximum"](size, wrap(np.asarray(eps, size._s.dtype)))


def logaddexp(input: Any, other: Any, *, dtype: Any = None, input_mask: Any = None, other_mask: Any = None) -> Tensor:
    """log(exp(input) + exp(other)), elementwise, of the elements where their masks are true; minus infinity where neither is."""
    return elementwise.logaddexp(
        _masked("logaddexp", input, input_mask, -inf, dtype), _masked("logaddexp", other, other_mask, -inf, dtype)
    )


__all__ = [
    "amax", "amin", "argmax", "argmin", "cumprod", "cumsum", "log_softmax", "logaddexp", "logsumexp", "mean", "median", "norm", "normalize",
    "prod", "softmax", "softmin", "std", "sum", "var",
]  # fmt: skip
