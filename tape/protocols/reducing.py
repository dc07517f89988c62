"""NumPy's reductions, running sums, statistics and order on Tensors, under NumPy's parameters (`axis`, `keepdims`, `where`, `initial`, `ddof`).

Invariant: the values are NumPy's (a median of an even number of elements is the mean of the middle two, `std` has ddof 0), the gradients tape's.
Registered by import; imported by protocols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.protocols.names import F, named, numpy_function, on_values, over, tensors_of, values_in
from tape.tensor import Tensor


def _cast(a: Any, dtype: Any) -> Any:
    a = F.as_tensor(a)
    return a if dtype is None else a.to(dtype)


def _floating(a: Any, dtype: Any = None) -> Any:
    a = _cast(a, dtype)
    return a if a.is_floating_point() or a.is_complex() else a.to(np.float64)


def _where(a: Any, where: Any, nothing: Any) -> Any:
    """`a` with the elements that a mask leaves out made harmless."""
    return a if where is True else F.where(where, a, nothing)


def _count(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    if where is True:
        return F.sum(F.ones_like(a.detach()), axis, keepdims)
    mask = where if isinstance(where, Tensor) else F.as_tensor(np.asarray(where))
    return F.sum(mask.expand(a.shape).to(a.dtype), axis, keepdims)


@numpy_function(np.sum)
def _sum(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = 0, where: Any = True) -> Any:
    made = F.sum(_where(_cast(a, dtype), where, 0), axis, keepdims)
    return made if type(initial) is int and initial == 0 else made + initial


@numpy_function(np.prod)
def _prod(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, initial: Any = 1, where: Any = True) -> Any:
    a = _where(_cast(a, dtype), where, 1)
    made = F.prod(a, keepdims=keepdims) if axis is None and not keepdims else over(F.prod, a, axis, keepdims)
    return made if type(initial) is int and initial == 1 else made * initial


@numpy_function(np.mean)
def _mean(a: Any, axis: Any = None, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any:
    a = _floating(a, dtype)
    return F.mean(a, axis, keepdims) if where is True else F.sum(_where(a, where, 0), axis, keepdims) / _count(a, axis, keepdims, where)


@numpy_function(np.var)
def _var(a: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: bool = False, where: Any = True, mean: Any = None,
         correction: Any = None) -> Any:  # fmt: skip
    a, free = _floating(a, dtype), ddof if correction is None else correction
    if where is True and mean is None:
        return F.var(a, axis, correction=free, keepdim=keepdims)
    off = a - (_mean(a, axis, None, True, where) if mean is None else mean)
    return F.sum(_where(F.abs(off) ** 2, where, 0), axis, keepdims) / (_count(a, axis, keepdims, where) - free)


@numpy_function(np.std)
def _std(a: Any, axis: Any = None, dtype: Any = None, ddof: Any = 0, keepdims: bool = False, where: Any = True, mean: Any = None,
         correction: Any = None) -> Any:  # fmt: skip
    a = _floating(a, dtype)
    if where is True and mean is None:
        return F.std(a, axis, correction=ddof if correction is None else correction, keepdim=keepdims)
    return F.sqrt(_var(a, axis, None, ddof, keepdims, where, mean, correction))


def _extreme(name: str, nothing: float, nan: bool = False) -> Any:
    pair = {"amax": "maximum", "amin": "minimum"}[name]

    def extreme(a: Any, axis: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any:
        a = _where(F.as_tensor(a), where, nothing if initial is None else initial)
        if nan:
            empty = F.all(F.isnan(a), axis, keepdims) if axis is not None else F.all(F.isnan(a))
            a = F.where(F.isnan(a), nothing, a)
        made = getattr(F, name)(a, () if axis is None else axis, keepdims)
        if nan:
            made = F.where(empty, np.nan, made)
        return made if initial is None else getattr(F, pair)(made, F.as_tensor(initial).to(made.dtype))

    return extreme


for _each in named(np, "max amax"):
    numpy_function(_each)(_extreme("amax", -np.inf))
for _each in named(np, "min amin"):
    numpy_function(_each)(_extreme("amin", np.inf))
numpy_function(np.nanmax)(_extreme("amax", -np.inf, True))
numpy_function(np.nanmin)(_extreme("amin", np.inf, True))


@numpy_function(np.ptp)
def _ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.max(a, axis, keepdims=keepdims) - np.min(a, axis, keepdims=keepdims)


def _nan(name: str, nothing: Any) -> None:
    plain = getattr(np, name[3:])

    def made(a: Any, axis: Any = None, **options: Any) -> Any:
        a = F.as_tensor(a)
        there = ~F.isnan(a)
        where = options.pop("where", True)
        if nothing is not None:
            return plain(_where(a, there, nothing), axis, **options)
        return plain(_where(a, there, 0.0), axis, where=there if where is True else there & where, **options)

    numpy_function(getattr(np, name))(made)


for _name, _nothing in {"nansum": 0.0, "nanprod": 1.0, "nancumsum": 0.0, "nancumprod": 1.0, "nanmean": None, "nanvar": None, "nanstd": None}.items():
    _nan(_name, _nothing)


@numpy_function(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, keepdims: bool = False) -> Any:
    a = _floating(a)
    if weights is None:
        made = F.mean(a, axis, keepdims)
        return (made, F.zeros_like(made) + a.numel() / max(made.numel(), 1)) if returned else made
    weights = F.as_tensor(weights)
    if weights.shape != a.shape:
        axes = [d % a.ndim for d in (axis if isinstance(axis, tuple) else (axis,))]
        weights = weights.reshape([extent if d in axes else 1 for d, extent in enumerate(a.shape)])
    total = F.sum(weights.expand(a.shape), axis, keepdims)
    made = F.sum(a * weights, axis, keepdims) / total
    return (made, total.expand(made.shape)) if returned else made


def _running(name: str) -> Any:
    def made(a: Any, axis: Any = None, dtype: Any = None) -> Any:
        a = _cast(a, dtype)
        return getattr(F, name)(a.reshape(-1), 0) if axis is None else getattr(F, name)(a, axis)

    return made


numpy_function(np.cumsum)(_running("cumsum"))
numpy_function(np.cumprod)(_running("cumprod"))


def _cumulative(name: str, first: float) -> Any:
    def made(x: Any, axis: Any = None, dtype: Any = None, include_initial: bool = False) -> Any:
        found = _running(name)(x, 0 if axis is None else axis, dtype)
        if not include_initial:
            return found
        axis = 0 if axis is None else axis % found.ndim
        return F.cat([F.full((*found.shape[:axis], 1, *found.shape[axis + 1 :]), first, dtype=found.dtype), found], axis)

    return made


for _name, _first in {"cumulative_sum": 0.0, "cumulative_prod": 1.0}.items():
    for _each in named(np, _name):
        numpy_function(_each)(_cumulative("cumsum" if _first == 0.0 else "cumprod", _first))


def _truth(name: str) -> Any:
    def made(a: Any, axis: Any = None, keepdims: bool = False, where: Any = True) -> Any:
        a = _where(F.as_tensor(a) != 0, where, name == "all")
        return getattr(F, name)(a) if axis is None and not keepdims else over(getattr(F, name), a, axis, keepdims)

    return made


numpy_function(np.all)(_truth("all"))
numpy_function(np.any)(_truth("any"))


def _quantile(name: str, scale: float) -> Any:
    def made(a: Any, q: Any, axis: Any = None, method: str = "linear", keepdims: bool = False, **others: Any) -> Any:
        if any(v is not None and v is not False for v in others.values()):
            raise TypeError(f"np.{name} of a Tensor with {sorted(others)}; wanted a, q, axis, method and keepdims")
        a, q = _floating(a), F.as_tensor(q).to(np.float64) / scale
        if isinstance(axis, tuple):
            kept, axes = a.shape, [d % a.ndim for d in axis]
            a = F.movedim(a, axes, list(range(len(axes)))).flatten(0, len(axes) - 1)
            found = getattr(F, name)(a, q.to(a.dtype), 0, interpolation=method)
            return found.reshape([*q.shape, *(1 if d in axes else extent for d, extent in enumerate(kept))]) if keepdims else found
        return getattr(F, name)(a, q.to(a.dtype), axis, keepdims, interpolation=method)

    return made


numpy_function(np.quantile)(_quantile("quantile", 1.0))
numpy_function(np.nanquantile)(_quantile("nanquantile", 1.0))
numpy_function(np.percentile)(_quantile("quantile", 100.0))
numpy_function(np.nanpercentile)(_quantile("nanquantile", 100.0))


@numpy_function(np.median)
def _median(a: Any, axis: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    return np.quantile(F.as_tensor(a), 0.5, axis, keepdims=keepdims)


@numpy_function(np.nanmedian)
def _nanmedian(a: Any, axis: Any = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    return np.nanquantile(F.as_tensor(a), 0.5, axis, keepdims=keepdims)


@numpy_function(np.sort)
def _sort(a: Any, axis: Any = -1, **options: Any) -> Any:
    return F.sort(a.reshape(-1))[0] if axis is None else F.sort(a, dim=axis, stable=True)[0]


@numpy_function(np.partition)
def _partition(a: Any, kth: Any, axis: Any = -1, **options: Any) -> Any:
    return _sort(a, axis)


@numpy_function(np.unique)
def _unique(ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: Any = None, **options: Any) -> Any:
    """The values are elements of the input, and their gradients go there."""
    found = tensors_of(np.unique(values_in(ar), True, True, True, axis, **options))
    first = F.index_select(ar.reshape(-1) if axis is None else ar, 0 if axis is None else axis, found[1])
    more = [each for each, wanted in zip(found[1:], (return_index, return_inverse, return_counts), strict=True) if wanted]
    return (first, *more) if more else first


for _each in named(np, "unique_values"):
    numpy_function(_each)(lambda x: _unique(x))


@numpy_function(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    return F.sum(_cast(a, dtype).diagonal(offset, axis1, axis2), -1)


@numpy_function(np.cov)
def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: Any = None, fweights: Any = None, aweights: Any = None,
         dtype: Any = None) -> Any:  # fmt: skip
    m = _floating(m, dtype)
    m = m if rowvar or m.ndim < 2 else m.T
    if y is not None:
        other = _floating(y, dtype)
        other = other if rowvar or other.ndim < 2 else other.T
        m = F.cat([F.atleast_2d(m), F.atleast_2d(other)])
    return F.cov(m, correction=ddof if ddof is not None else 0 if bias else 1, fweights=fweights, aweights=aweights)


@numpy_function(np.corrcoef)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, dtype: Any = None) -> Any:
    c = _cov(x, y, rowvar, dtype=dtype)
    if not c.ndim:
        return c / c
    d = F.sqrt(F.real(F.diagonal(c)))
    return c / d[:, None] / d[None, :]


for _each in named(np, """argmax argmin nanargmax nanargmin count_nonzero argsort argpartition lexsort searchsorted digitize bincount histogram histogram2d
histogramdd histogram_bin_edges nonzero flatnonzero argwhere isclose allclose array_equal array_equiv isin unique_counts unique_inverse
array2string array_repr array_str iscomplex isreal iscomplexobj isrealobj isneginf isposinf shares_memory may_share_memory tril_indices_from
triu_indices_from diag_indices_from ravel_multi_index unravel_index"""):  # fmt: skip
    on_values(_each)
