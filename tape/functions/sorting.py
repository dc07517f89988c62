"""Sorting: values with the places that they came from, so that gradients go back there.

`sort` and `topk` return (values, indices). Equal elements keep their order; NaN counts as the largest. The pullback is that of taking
elements at an index. `METHODS` lists what becomes a Tensor method; tape/functions/indexing passes everything on.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.elements import over_leading
from tape.functions.arguments import dim_of, tensor_of, values_of
from tape.functions.extremes import chosen
from tape.functions.keys import along
from tape.functions.picking import take_at
from tape.functions.results import stored
from tape.return_types import Named
from tape.tensor import Tensor, wrap
from tape.traced import through

SORT, SORT_STABLE, TOPK = (OPCODES[f"take:{n}"] for n in ("Sort", "Sort1", "Topk"))


def _order(t: Tensor, dim: int, descending: bool) -> np.ndarray:
    """Where the sorted elements come from. Descending, equal elements keep their order too, so the ascending order is not reversed."""
    if t._s.dtype.kind == "c":
        raise RuntimeError("complex values have no order to sort by; sort their .abs()")
    values = values_of(t)
    if not values.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(values, axis=dim, kind="stable")
    return values.shape[dim] - 1 - np.flip(np.argsort(np.flip(values, dim), axis=dim, kind="stable"), dim)


@over_leading
def _best(values: np.ndarray, k: int, dim: int, largest: bool) -> np.ndarray:
    """Where the k largest (smallest) elements along a dimension, counted from the end, stand, in order. NaN is the largest."""
    n = values.shape[dim]
    if 4 * k < n:  # choose, and order only what was chosen
        chosen = np.argpartition(values, n - k if largest else max(k - 1, 0), axis=dim)
        found = np.sort(np.take(chosen, np.arange(n - k, n) if largest else np.arange(k), axis=dim), axis=dim)
        values = np.take_along_axis(values, found, dim)
    else:
        found = np.broadcast_to(np.arange(n).reshape([-1] + [1] * (-1 - dim)), values.shape)
    if largest:
        order = values.shape[dim] - 1 - np.flip(np.argsort(np.flip(values, dim), axis=dim, kind="stable"), dim)
    else:
        order = np.argsort(values, axis=dim, kind="stable")
    return np.take_along_axis(found, np.take(order, np.arange(k), axis=dim), dim)


def sort(input: Any, dim: int = -1, descending: bool = False, stable: bool | None = None, *, out: Any = None) -> Named:
    """The elements in order along a dimension, and where they were: (values, indices). Always stable, whatever `stable` says.

    >>> import tape
    >>> tape.tensor([3.0, 1.0, 2.0]).sort().indices
    tensor([1, 2, 0])
    """
    t = tensor_of("sort", input)
    dim = dim_of("sort", t._s.ndim, dim)
    places = _order(t, dim, descending)
    return stored("sort", out, chosen("sort", take_at(t, along(places, dim, t._s.ndim), SORT if stable is None else SORT_STABLE), places))


def argsort(input: Any, dim: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Where the elements in order along a dimension were; int64."""
    t = tensor_of("argsort", input)
    return wrap(_order(t, dim_of("argsort", t._s.ndim, dim), descending))


def msort(input: Any, *, out: Any = None) -> Tensor:
    """The elements in order along the first dimension."""
    return stored("msort", out, sort(input, 0)[0])


def topk(input: Any, k: int, dim: int = -1, largest: bool = True, sorted: bool = True, *, out: Any = None) -> Named:
    """The k largest (or smallest) elements along a dimension, in order, and where they were. RuntimeError for more than there are."""
    t, k = tensor_of("topk", input), index(k)
    dim = dim_of("topk", t._s.ndim, dim)
    extent = t._s.shape[dim] if t._s.ndim else 1
    if not 0 <= k <= extent:
        raise RuntimeError(f"topk: k is {k} along a dimension of extent {extent}; wanted 0 ... {extent}")
    if t._s.dtype.kind == "c":
        raise RuntimeError("complex values have no order to choose by; take their .abs()")
    places = through(_best, values_of(t), k, dim - t._s.ndim, largest) if t._s.ndim else np.zeros((), np.int64)
    return stored("topk", out, chosen("topk", take_at(t, along(places, dim, t._s.ndim), TOPK), places))


METHODS = {f.__name__: f for f in (sort, argsort, msort, topk)}
