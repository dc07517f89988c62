"""Order statistics and covariances: medians, quantiles, the k-th smallest, the most frequent element, `cov` and `corrcoef`.

Elements are found by partition, not by sorting all, and the gradient goes to the elements that were chosen; over all elements `median` shares it
among equal ones. NaN counts as the largest and wins, except in the nan- functions. What is chosen when several places hold the same
value is open, as in PyTorch. `METHODS` lists what becomes a Tensor method. Imports reductions and picking; pullbacks are those of taking.
"""

from __future__ import annotations

import warnings
from operator import index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.elements import over_leading
from tape.functions.arguments import dim_of, dim_or_axis, record_whole, tensor_of, values_of
from tape.functions.choosing import clamp, where
from tape.functions.complex import complex as joined_parts
from tape.functions.complex import conj, imag, real
from tape.functions.elementwise import floor, sqrt
from tape.functions.keys import along
from tape.functions.layout import reshaped
from tape.functions.picking import diagonal, take_at
from tape.functions.products import matmul
from tape.functions.reductions import sum
from tape.functions.results import stored
from tape.functions.shape import flatten, movedim
from tape.return_types import KINDS, Named
from tape.tensor import Tensor, wrap
from tape.traced import Traced, as_value, through

INTERPOLATIONS = ("linear", "lower", "higher", "midpoint", "nearest")


def _ordered(name: str, input: Any) -> Tensor:
    t = tensor_of(name, input)
    if t._s.dtype.kind == "c":
        raise RuntimeError(f"{name} of complex values, which have no order")
    return t


def _ranked(values: np.ndarray, axis: int, k: int) -> np.ndarray:
    """Where the element of rank k stands along an axis, which is kept."""
    return np.take(np.argpartition(values, k, axis=axis), [k], axis=axis)


def _middle(values: np.ndarray, axis: int, skip: bool) -> np.ndarray:
    """Where the median stands along an axis, which is kept: the lower one of two; NaN if there is one, unless `skip`."""
    n = values.shape[axis]
    known = np.equal(values, values)
    if known.all():
        return _ranked(values, axis, (n - 1) // 2)
    if not skip:
        return np.where(known.all(axis, keepdims=True), _ranked(values, axis, (n - 1) // 2), np.argmin(known, axis, keepdims=True))
    order = np.argsort(values, axis=axis, kind="stable")
    rank = np.maximum(known.sum(axis, keepdims=True) - 1, 0) // 2
    return np.take_along_axis(order, rank, axis)


def _picked(name: str, label: str, t: Tensor, dim: Any, keep: bool, out: Any, find: Any, *more: Any) -> Named:
    """The elements along a dimension at the places that `find(values, dim, *more)` gives: (values, indices)."""
    dim = dim_of(name, t._s.ndim, dim)
    if not t._s.ndim:
        return stored(name, out, KINDS[name]((take_at(t, (), OPCODES[label]), wrap(np.zeros((), np.int64)))))
    if not t._s.shape[dim]:
        raise IndexError(f"{name} over dimension {dim}, which has no elements; there is nothing to choose")
    places = as_value(through(_places, find, values_of(t), dim - t._s.ndim, keep, *more))
    return stored(name, out, KINDS[name]((take_at(t, along(places, dim, t._s.ndim), OPCODES[label]), wrap(places))))


@over_leading
def _places(find: Any, values: np.ndarray, dim: int, keep: bool, *more: Any) -> np.ndarray:
    dim += values.ndim
    if not values.size:
        return np.zeros([1 if d == dim else n for d, n in enumerate(values.shape) if keep or d != dim], np.int64)
    found = find(values, dim, *more)
    return np.array(found if keep else np.squeeze(found, dim), order="C")


def _of_all(t: Tensor, label: str, skip: bool) -> Tensor:
    """The median of all elements, which equal ones share the gradient of."""
    flat = np.reshape(values_of(t), (-1,))
    value = as_value(through(_median_value, flat, skip))
    return record_whole(OPCODES[label], t, value, "ay", tuple(range(t._s.ndim)), False)


def _median_value(flat: np.ndarray, skip: bool) -> np.ndarray:
    if not flat.size:
        return np.asarray(np.nan).astype(flat.dtype) if flat.dtype.kind == "f" else np.asarray(np.iinfo(flat.dtype).min, flat.dtype)
    return np.asarray(flat[_middle(flat, 0, skip)[0]])


def median(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """The middle element (the lower one of two) of all, whose equals share the gradient, or along one dimension: (values, indices).
    NaN wins. IndexError along a dimension without elements.

    >>> import tape
    >>> tape.median(tape.tensor([3.0, 1.0, 2.0, 4.0]))
    tensor(2.)
    """
    t, dim = _ordered("median", input), dim_or_axis("median", dim, axis)
    if dim is None:
        return stored("median", out, _of_all(t, "amax:Median", False))
    return _picked("median", "take:Median1", t, dim, keepdim or keepdims, out, _middle, False)


def nanmedian(input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """As `median`, of the elements that are not NaN; NaN where there is none."""
    t, dim = _ordered("nanmedian", input), dim_or_axis("nanmedian", dim, axis)
    if dim is None:
        return stored("nanmedian", out, _of_all(t, "amax:Nanmedian", True))
    return _picked("nanmedian", "take:Nanmedian1", t, dim, keepdim or keepdims, out, _middle, True)


def kthvalue(input: Any, k: int, dim: int = -1, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False) -> Named:
    """The k-th smallest element along a dimension, counted from 1: (values, indices). RuntimeError for k out of range.

    >>> import tape
    >>> tape.kthvalue(tape.tensor([3.0, 1.0, 2.0]), 2).values
    tensor(2.)
    """
    t, k = _ordered("kthvalue", input), index(k)
    dim = dim_of("kthvalue", t._s.ndim, dim if axis is None else axis)
    extent = t._s.shape[dim] if t._s.ndim else 1
    if not extent:
        raise IndexError(f"kthvalue over dimension {dim}, which has no elements; there is nothing to choose")
    if not 1 <= k <= extent:
        raise RuntimeError(f"kthvalue: k is {k} along a dimension of extent {extent}; wanted 1 ... {extent}")
    return _picked("kthvalue", "take:Kthvalue", t, dim, keepdim or keepdims, out, _ranked, k - 1)


def _most_frequent(values: np.ndarray, axis: int) -> np.ndarray:
    """Where the smallest of the most frequent elements stands last along an axis, which is kept."""
    order = np.argsort(values, axis=axis, kind="stable")
    ranked = np.moveaxis(np.take_along_axis(values, order, axis), axis, -1)
    n = ranked.shape[-1]
    new = np.concatenate([np.ones((*ranked.shape[:-1], 1), bool), ranked[..., 1:] != ranked[..., :-1]], -1)
    start = np.maximum.accumulate(np.where(new, np.arange(n), 0), -1)
    best = np.argmax(np.arange(n) - start, -1, keepdims=True)  # the first rank at which a run is as long as the longest
    return np.take_along_axis(order, np.moveaxis(best, -1, axis), axis)


def mode(input: Any, dim: int = -1, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False) -> Named:
    """The most frequent element along a dimension (the smallest of several), and where it stands last: (values, indices).

    >>> import tape
    >>> tape.mode(tape.tensor([2, 1, 2, 1, 3])).values
    tensor(1)
    """
    return _picked("mode", "take:Mode", _ordered("mode", input), dim if axis is None else axis, keepdim or keepdims, out, _most_frequent)


def _quantile(name: str, input: Any, q: Any, dim: Any, keep: bool, interpolation: str, skip: bool) -> Tensor:
    t = tensor_of(name, input)
    if t._s.dtype not in (np.float64, np.float32):
        raise RuntimeError(f"{name} of {t._s.dtype} values; wanted float64 or float32")
    if interpolation not in INTERPOLATIONS:
        raise RuntimeError(f"{name}: interpolation is {interpolation!r}; wanted one of {', '.join(INTERPOLATIONS)}")
    shares = q if isinstance(q, Tensor) else wrap(np.asarray(q, t._s.dtype))
    if shares._s.ndim > 1 or shares._s.dtype != t._s.dtype:
        raise RuntimeError(f"{name}: q is of shape {tuple(shares._s.shape)} and {shares._s.dtype}; wanted a number or vector of {t._s.dtype}")
    levels = as_value(shares._v)
    if not np.all((levels >= 0) & (levels <= 1)):
        raise RuntimeError(f"{name}: q must lie between 0 and 1")
    if dim is None:
        work, extents = flatten(t) if t._s.ndim else reshaped(t, (1,)), [1] * t._s.ndim
    else:
        dim = dim_of(name, t._s.ndim, dim)
        work = movedim(t, dim, -1) if t._s.ndim else reshaped(t, (1,))
        extents = [1 if d == dim else n for d, n in enumerate(t._s.shape)]
    if not work._s.shape[-1]:
        raise RuntimeError(f"{name} of no elements")
    count = shares._s.size
    row = (1,) * (work._s.ndim - 1)
    lower, upper, ranks = through(_neighbours, values_of(work), np.reshape(levels, (*row, -1)), interpolation, skip)
    below, last = take_at(work, along(lower, work._s.ndim - 1, work._s.ndim)), work._s.ndim - 1
    found = below
    if interpolation in ("linear", "midpoint"):
        above = take_at(work, along(upper, last, work._s.ndim))
        if interpolation == "linear":  # from the nearer end, which is exact there, and where the other one is infinite
            weight = wrap(as_value(ranks - np.floor(ranks)))
            if shares._t is not None:  # the extent less one is what the rank grows by with q
                exact = reshaped(shares, (*row, count)) * wrap(as_value(through(_extents, values_of(work), skip)))
                weight = exact - floor(exact)
            near = weight >= 0.5
            found = where(near, above, below) + where(near, weight - 1, weight) * (above - below)
        else:
            found = above - (above - below) * 0.5
    found = movedim(found, -1, 0)
    if shares._s.ndim:
        return reshaped(found, (count, *extents)) if keep else found
    return reshaped(found, tuple(extents) if keep else tuple(found._s.shape[1:]))


@over_leading
def _extents(values: np.ndarray, skip: bool) -> np.ndarray:
    """The highest rank of each row, as a column: that of the last element, or of the last that is not NaN."""
    n = values.shape[-1]
    known = np.equal(values, values).sum(-1, keepdims=True)
    return (np.maximum(known - 1, 0) if skip else np.full(known.shape, n - 1)).astype(values.dtype)


@over_leading
def _neighbours(values: np.ndarray, levels: np.ndarray, interpolation: str, skip: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row and level: where the elements stand between which the quantile lies, and its rank."""
    ranks = _extents(values, skip) * levels
    if not skip:
        ranks = np.where(np.isnan(values).any(-1, keepdims=True), values.shape[-1] - 1, ranks).astype(values.dtype)
    ranks = {"lower": np.floor, "higher": np.ceil, "nearest": np.rint}.get(interpolation, np.asarray)(ranks)
    below, above = np.floor(ranks).astype(np.int64), np.ceil(ranks).astype(np.int64)
    wanted = np.unique(np.concatenate([below.ravel(), above.ravel()]))
    if len(wanted) <= 16:
        order = np.argpartition(values, wanted, axis=-1) if wanted.size and values.size else np.zeros(values.shape, np.int64)
    else:
        order = np.argsort(values, axis=-1, kind="stable")
    return np.take_along_axis(order, below, -1), np.take_along_axis(order, above, -1), ranks


def quantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None, axis: Any = None,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """The q-quantiles (q a number, or a vector, whose dimension comes first) of all elements or along a dimension. NaN wins.

    >>> import tape
    >>> tape.quantile(tape.tensor([1.0, 2.0, 3.0, 4.0]), 0.5)
    tensor(2.5000)
    """
    return stored("quantile", out, _quantile("quantile", input, q, dim_or_axis("quantile", dim, axis), keepdim or keepdims, interpolation, False))


def nanquantile(
    input: Any, q: Any, dim: Any = None, keepdim: bool = False, *, interpolation: str = "linear", out: Any = None, axis: Any = None,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """As `quantile`, of the elements that are not NaN; NaN where there is none."""
    return stored("nanquantile", out, _quantile("nanquantile", input, q, dim_or_axis("nanquantile", dim, axis), keepdim or keepdims, interpolation, True))


def _weights(name: str, given: Any, count: int, kinds: str) -> Tensor | None:
    if given is None:
        return None
    t = tensor_of("cov", given)
    if t._s.ndim > 1 or t._s.size != count or t._s.dtype.kind not in kinds:
        raise RuntimeError(f"cov: {name} is of shape {tuple(t._s.shape)} and {t._s.dtype}; wanted one {'integer' if kinds == 'iu' else 'number'} an observation")
    if type(t._v) is not Traced and np.any(np.less(t._v, 0)):
        raise RuntimeError(f"cov: {name} must not be negative")
    return t


def cov(input: Any, *, correction: int = 1, fweights: Any = None, aweights: Any = None) -> Tensor:
    """The covariance matrix of variables, the rows of a matrix (of one variable, a vector or number, its variance), over observations, the
    columns, with frequencies and weights of these. A UserWarning where nothing is left to divide by.

    >>> import tape
    >>> tape.cov(tape.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    tensor([[ 1., -1.],
            [-1.,  1.]])
    """
    t = tensor_of("cov", input)
    if t._s.ndim > 2 or t._s.dtype.kind == "b":
        raise RuntimeError(f"cov of {t._s.ndim} dimensions and {t._s.dtype}; wanted at most two dimensions of numbers")
    x = t if t._s.ndim == 2 else reshaped(t, (1, t._s.size))
    count = x._s.shape[1]
    often, heavy = _weights("fweights", fweights, count, "iu"), _weights("aweights", aweights, count, "fV")
    w: Any = often if heavy is None else heavy if often is None else often * heavy
    total: Any = count if w is None else sum(w)
    centre = sum(x if w is None else x * w, 1, True) / total
    if w is None or heavy is None:
        free: Any = total - correction
    else:
        free = total - correction * sum(w * heavy) / total if correction else total
    left = free._v if isinstance(free, Tensor) else free
    if left <= 0:
        warnings.warn("cov: no degrees of freedom left", UserWarning, stacklevel=2)
        free = 0
    x = x - centre
    found = matmul(x, conj(x if w is None else x * w).transpose(0, 1)) / free
    return found.squeeze()


def corrcoef(input: Any) -> Tensor:
    """The matrix of Pearson's correlation coefficients of variables, the rows of a matrix; of one variable 1."""
    if tensor_of("corrcoef", input)._s.ndim > 2:
        raise RuntimeError("corrcoef of more than two dimensions; wanted variables as rows, observations as columns")
    c = cov(input)
    if not c._s.ndim:
        return c / c
    spread = sqrt(real(diagonal(c)))
    found = c / spread.unsqueeze(1) / spread.unsqueeze(0)
    if found._s.dtype.kind == "c":
        return joined_parts(clamp(real(found), -1.0, 1.0), clamp(imag(found), -1.0, 1.0))
    return clamp(found, -1.0, 1.0)


METHODS = {f.__name__: f for f in (median, nanmedian, kthvalue, mode, quantile, nanquantile, cov, corrcoef)}
__all__ = ["METHODS", "corrcoef", "cov", "kthvalue", "median", "mode", "nanmedian", "nanquantile", "quantile"]
