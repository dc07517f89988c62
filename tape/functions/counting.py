"""Counting: histograms, how often integers occur, and the different values among elements.

Counts have no gradient; `unique` gives the elements at their first places, to which gradients go back. Inside tape.compile a result whose
size depends on values is guarded. `METHODS` lists what becomes a Tensor method. Imports arguments, picking; imported by tape.functions.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tape.functions.arguments import dim_of, tensor_of, values_of
from tape.functions.picking import take_at
from tape.functions.results import stored
from tape.return_types import KINDS, Named
from tape.tensor import Tensor, wrap
from tape.traced import Traced, as_value, through


def _floats(name: str, input: Any) -> Tensor:
    t = tensor_of(name, input)
    if t._s.dtype.kind not in "fV":
        raise NotImplementedError(f"{name} of {t._s.dtype} values; convert them with .double() first")
    return t


def _limits(name: str, low: float, high: float, values: np.ndarray) -> tuple[float, float]:
    """The ends of the range: of the data where none was given, and one apart on either side of a single point."""
    if low == high and values.size:
        low, high = (values.min(), values.max()) if low == 0 else (low, high)
    if low == high:
        low, high = low - 1, high + 1
    if not (np.isfinite(low) and np.isfinite(high)):
        raise RuntimeError(f"{name}: the range from {low} to {high} is not finite")
    if low > high:
        raise RuntimeError(f"{name}: the range ends at {high}, before it begins at {low}")
    return float(low), float(high)


def histc(input: Any, bins: int = 100, min: float = 0, max: float = 0, *, out: Any = None) -> Tensor:
    """How many elements lie in each of `bins` equal intervals from min to max (of the data where both are 0); others do not count, and the
    last interval has its end too. RuntimeError for integers and for no bins.

    >>> import tape
    >>> tape.histc(tape.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
    tensor([0., 2., 1., 0.])
    """
    t, bins = _floats("histc", input), index(bins)
    if bins <= 0:
        raise RuntimeError(f"histc: {bins} bins; wanted at least one")
    return stored("histc", out, wrap(as_value(through(_counts, values_of(t), bins, min, max)).astype(t._s.dtype)))


def _counts(values: np.ndarray, bins: int, low: float, high: float) -> np.ndarray:
    flat = values.reshape(-1)
    low, high = _limits("histc", low, high, flat)
    inside = flat[(flat >= low) & (flat <= high)]
    places = ((inside - low) / (high - low) * bins).astype(np.int64)
    return np.bincount(np.minimum(places, bins - 1), minlength=bins)


def _edges(name: str, bins: Any, limits: Any, values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The edges of bins: those given, or equal ones over a range."""
    if isinstance(bins, Tensor):
        return np.asarray(as_value(bins._v), dtype)
    bins = index(bins)
    if bins <= 0:
        raise RuntimeError(f"{name}: {bins} bins; wanted at least one")
    low, high = limits if limits is not None else (values.min(), values.max()) if values.size else (0.0, 1.0)
    if low > high:
        raise RuntimeError(f"{name}: the range ends at {high}, before it begins at {low}")
    if low == high:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, bins + 1, dtype=dtype)


def _binned(edges: list[np.ndarray], points: np.ndarray, weight: np.ndarray | None, density: bool) -> np.ndarray:
    """The histogram of points, the rows of a matrix, over the edges along each of its columns."""
    keep = np.ones(len(points), bool)
    places = []
    for column, own in zip(points.T, edges, strict=True):
        place = np.searchsorted(own, column, "right") - 1
        place[column == own[-1]] = len(own) - 2
        keep &= (place >= 0) & (place < len(own) - 1) & (column == column)
        places.append(place)
    shape = tuple([len(own) - 1 for own in edges])
    flat = np.ravel_multi_index([p[keep] for p in places], shape) if places else np.zeros(0, np.int64)
    size = int(np.prod(shape))
    found = np.bincount(flat, None if weight is None else weight[keep], minlength=size).reshape(shape).astype(points.dtype)
    if density:
        found = found / found.sum()
        for d, own in enumerate(edges):
            found = found / np.diff(own).reshape([-1 if k == d else 1 for k in range(len(edges))])
    return found.astype(points.dtype)


def histogram(input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False, out: Any = None) -> Named:
    """Counts (or summed weights, or with `density` their share a unit length) of the elements between edges: (hist, bin_edges). `bins` is a
    number of equal bins, over `range` or that of the data, or a vector of edges; the last bin has its end too.

    >>> import tape
    >>> tape.histogram(tape.tensor([1.0, 2.0, 1.0]), 2).hist
    tensor([2., 1.])
    """
    t = _floats("histogram", input)
    flat, heavy = np.reshape(values_of(t), (-1,)), None if weight is None else np.reshape(values_of(tensor_of("histogram", weight)), (-1,))

    def counted(flat: np.ndarray, heavy: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        edges = _edges("histogram", bins, range, flat, flat.dtype)
        return _binned([edges], flat[:, None], heavy, density), edges

    found, edges = through(counted, flat, heavy)
    return stored("histogram", out, KINDS["histogram"]((wrap(as_value(found)), wrap(as_value(edges)))))


def histogramdd(input: Any, bins: Any, *, range: Any = None, weight: Any = None, density: bool = False) -> Named:
    """The histogram in several dimensions of points, which stand in the last dimension: (hist, a tuple of bin_edges). `bins` is one number for
    all, one each, or a vector of edges each; `range` gives both ends of each in turn."""
    t = _floats("histogramdd", input)
    if t._s.ndim < 2:
        raise RuntimeError(f"histogramdd of {t._s.ndim} dimensions; wanted points in the last of at least two")
    n = t._s.shape[-1]
    each = [bins] * n if isinstance(bins, int) else list(bins)
    if len(each) != n:
        raise RuntimeError(f"histogramdd: {len(each)} bins for points of {n} coordinates")
    limits = [None] * n if range is None else [tuple(range[2 * k : 2 * k + 2]) for k in np.arange(n)]
    heavy = None if weight is None else np.reshape(values_of(tensor_of("histogramdd", weight)), (-1,))

    def counted(points: np.ndarray, heavy: np.ndarray | None) -> tuple[np.ndarray, ...]:
        edges = [_edges("histogramdd", b, r, c, points.dtype) for b, r, c in zip(each, limits, points.T, strict=True)]
        return _binned(edges, points, heavy, density), *edges

    found, *edges = through(counted, np.reshape(values_of(t), (-1, n)), heavy)
    return KINDS["histogramdd"]((wrap(as_value(found)), tuple([wrap(as_value(own)) for own in edges])))


def bincount(input: Any, weights: Any = None, minlength: int = 0) -> Tensor:
    """How often each of 0, 1, 2, ... occurs in a vector of integers, or the sum of the weights of its places; at least `minlength` long.
    RuntimeError for negative integers.

    >>> import tape
    >>> tape.bincount(tape.tensor([0, 2, 2]))
    tensor([1, 0, 2])
    """
    t = tensor_of("bincount", input)
    if t._s.ndim != 1 or t._s.dtype.kind not in "iu":
        kind = RuntimeError if t._s.ndim != 1 else NotImplementedError
        raise kind(f"bincount of {t._s.ndim} dimensions and {t._s.dtype}; wanted a vector of integers")
    heavy = None if weights is None else tensor_of("bincount", weights)
    if heavy is not None and heavy._s.shape != t._s.shape:
        raise RuntimeError(f"bincount: weights of shape {tuple(heavy._s.shape)} for {t._s.size} integers")
    if minlength < 0:
        raise RuntimeError(f"bincount: minlength is {minlength}; wanted one that is not negative")
    if type(t._v) is not Traced and t._s.size and np.min(t._v) < 0:
        raise RuntimeError("bincount: an integer is negative")
    single = heavy is not None and heavy._s.dtype == np.float32
    found = through(np.bincount, t._v, None if heavy is None else values_of(heavy), minlength)
    return wrap(as_value(_sized(found)).astype(np.float32 if single else found.dtype))


def _sized(found: Any) -> Any:
    """A result whose shape depends on values: inside tape.compile another shape records anew."""
    if type(found) is Traced and found.live() is not None:
        found.trace.guard_shape(found)
    return found


def unique(input: Any, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The different elements, in order, or along a dimension the different slices; with `return_inverse` which of them stands at each
    place, with `return_counts` how often each occurs. NaN differs from itself.

    >>> import tape
    >>> tape.unique(tape.tensor([3, 1, 3]), return_counts=True)
    (tensor([1, 3]), tensor([1, 2]))
    """
    t = tensor_of("unique", input)
    if dim is not None:
        dim = dim_of("unique", t._s.ndim, dim)
    return _different(t, dim, return_inverse, return_counts, through(_unique, values_of(t), dim))


def unique_consecutive(input: Any, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None) -> Any:
    """The elements (or along a dimension the slices) that differ from the one before; other results as `unique`.

    >>> import tape
    >>> tape.unique_consecutive(tape.tensor([1, 1, 2, 1]))
    tensor([1, 2, 1])
    """
    t = tensor_of("unique_consecutive", input)
    if dim is not None:
        dim = dim_of("unique_consecutive", t._s.ndim, dim)
    return _different(t, dim, return_inverse, return_counts, through(_runs, values_of(t), dim))


def _different(t: Tensor, dim: int | None, inverse: bool, counts: bool, found: Any) -> Any:
    """The results asked for, of where the different ones stand first, the inverse and the counts."""
    first, back, often = (as_value(_sized(each)) for each in found)
    work = t if dim is not None and t._s.ndim else t.reshape(-1)
    made = take_at(work, (*(slice(None),) * (dim or 0), first))
    results = [made, *([wrap(back)] if inverse else ()), *([wrap(often)] if counts else ())]
    return tuple(results) if len(results) > 1 else made


def _unique(values: np.ndarray, dim: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if dim is None or not values.ndim:
        _, first, back, often = np.unique(values.reshape(-1), True, True, True, equal_nan=False)
        return first, back.reshape(values.shape), often
    slices = _slices(values, dim)
    order = np.lexsort(slices.T[::-1])
    first, back, often = _runs(slices[order], 0)
    inverse = np.empty(len(order), np.int64)
    inverse[order] = back
    return order[first], inverse, often


def _slices(values: np.ndarray, dim: int) -> np.ndarray:
    """The slices along a dimension as rows of a matrix."""
    if 0 in values.shape[:dim] + values.shape[dim + 1 :]:
        raise RuntimeError(f"unique along dimension {dim} of shape {values.shape}: the slices have no elements to tell them apart")
    moved = np.moveaxis(values, dim, 0)
    return moved.reshape(moved.shape[0], int(np.prod(moved.shape[1:])))


def _runs(values: np.ndarray, dim: int | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where runs of equal elements (slices) begin, which run each belongs to, and how long they are."""
    slices = values.reshape(-1, 1) if dim is None or not values.ndim else _slices(values, dim)
    new = np.ones(len(slices), bool)
    new[1:] = (slices[1:] != slices[:-1]).any(1)
    first = np.flatnonzero(new)
    back = np.cumsum(new) - 1
    return first, back.reshape(values.shape) if dim is None else back, np.diff(np.append(first, len(slices)))


METHODS = {f.__name__: f for f in (histc, histogram, bincount, unique, unique_consecutive)}
__all__ = ["METHODS", "bincount", "histc", "histogram", "histogramdd", "unique", "unique_consecutive"]
