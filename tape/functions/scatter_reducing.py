"""Putting values together with what is there already: scatter_reduce and index_reduce by sum, product, mean, largest and smallest.

All are composed of rows that take, put and multiply, so every derivative exists: products are formed pairwise (zeros need no division),
and equal largest elements share the gradient evenly, as in PyTorch. `METHODS` lists what becomes a Tensor method;
tape/functions/indexing passes everything on. Imports picking; imported by indexing and, for `scatter(reduce=)`, by picking.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.errors import ShapeError
from tape.functions.arguments import recording, tensor_of, values_of
from tape.functions.choosing import where
from tape.functions.layout import joined, named, reshaped
from tape.functions.picking import added_at, replaced_at, scatter_parts, take_at, whole_rows
from tape.out import takes_out
from tape.tensor import Tensor, wrap
from tape.traced import Traced, as_value, through

REDUCED, BY_INDEX = OPCODES["scatter_add:ScatterReduce"], OPCODES["scatter_add:IndexReduce"]


@takes_out
def scatter_reduce(input: Any, dim: int, index: Any, src: Any, reduce: str, *, include_self: bool = True) -> Tensor:
    """At each [index[i, j], j] (for dim 0, and so on) the sum, product, mean, largest or smallest of all src[i, j] that lead there and,
    with `include_self`, of the element of `input`; elsewhere `input`.

    reduce: "sum", "prod", "mean", "amax" or "amin". RuntimeError for another one; else errors as `gather`.

    >>> import tape
    >>> tape.zeros(2).scatter_reduce(0, tape.tensor([0, 0, 1]), tape.tensor([1.0, 2.0, 3.0]), "prod", include_self=False)
    tensor([2., 3.])
    """
    if reduce not in ("sum", "prod", "mean", "amax", "amin"):
        raise RuntimeError(f"scatter_reduce: reduce={reduce!r}; wanted 'sum', 'prod', 'mean', 'amax' or 'amin'")
    return reduced_at(reduce, *scatter_parts("scatter_reduce", input, dim, index, src), include_self)


@takes_out
def index_reduce(input: Any, dim: int, index: Any, source: Any, reduce: str, *, include_self: bool = True) -> Tensor:
    """The entries of a dimension that a vector of indices names, reduced with those of `source`; see `scatter_reduce`.

    reduce: "prod", "mean", "amax" or "amin". RuntimeError for another one, or another shape.
    """
    t, given = tensor_of("index_reduce", input), tensor_of("index_reduce", source)
    if reduce not in ("prod", "mean", "amax", "amin"):
        raise RuntimeError(f"index_reduce: reduce={reduce!r}; wanted 'prod', 'mean', 'amax' or 'amin'")
    _, key, wanted = whole_rows("index_reduce", t, dim, index)
    if given._s.size == 1 and wanted in ((), (1,)):
        given = reshaped(given, wanted)
    if given._s.shape != wanted:
        raise ShapeError(f"index_reduce: source has shape {given._s.shape}; the index wants {wanted}")
    if given._s.dtype != t._s.dtype:
        raise RuntimeError(f"index_reduce: source is {given._s.dtype}, the tensor {t._s.dtype}; they must agree")
    return reduced_at(reduce, t, key, given, include_self, BY_INDEX)


def reduced_at(reduce: str, t: Tensor, key: tuple, source: Tensor, include_self: bool, op: int = REDUCED) -> Tensor:
    """`t` reduced with `source` at a key."""
    if reduce == "sum" or reduce == "mean":
        base = t if include_self else replaced_at(t, key, 0)
        total = added_at(base, key, source, op)
        return total if reduce == "sum" else _divided(total, through(_counts, t._s.shape, key, include_self))
    at = as_value(through(_positions, t._s.shape, key)).reshape(-1)
    flat, given = reshaped(t, (t._s.size,)), reshaped(source, (source._s.size,))
    made = _product(flat, at, given, include_self) if reduce == "prod" else _extreme(reduce, flat, at, given, include_self)
    return named(made, t._s.shape, "ScatterReduce" if op == REDUCED else "IndexReduce")


def _positions(shape: tuple[int, ...], key: tuple) -> np.ndarray:
    """The flat positions that a key names."""
    return np.asarray(np.arange(math.prod(shape)).reshape(shape)[key])


def _counts(shape: tuple[int, ...], key: tuple, include_self: bool) -> np.ndarray:
    found = np.full(shape, int(include_self))
    np.add.at(found, key, 1)
    return np.maximum(found, 1)


def _divided(total: Tensor, counts: Any) -> Tensor:
    if total._s.dtype.kind in "iu":
        return wrap(as_value(np.floor_divide(total._v, counts)).astype(total._s.dtype))
    return total / wrap(as_value(counts).astype(total._s.dtype))


def _product(flat: Tensor, at: Any, source: Tensor, include_self: bool) -> Tensor:
    """Products by groups: neighbours of a group are multiplied in pairs until one factor is left of each."""
    places = np.asarray(at)
    base = flat if include_self else replaced_at(flat, (places,), 1, repeats=False)
    if not places.size:
        return base
    order = np.argsort(places, kind="stable")
    factors, places = take_at(source, (order,)), places[order]
    one = wrap(np.ones(1, source._s.dtype))
    while True:
        same = np.append(places[1:] == places[:-1], False)
        if not same.any():
            break
        starts = np.flatnonzero(np.append(True, ~same[:-1]))
        rank = np.arange(places.size) - np.repeat(starts, np.diff(np.append(starts, places.size)))
        left = np.flatnonzero(rank % 2 == 0)
        right = np.where(same[left], left + 1, places.size)
        factors = take_at(factors, (left,)) * take_at(joined([factors, one], 0), (right,))
        places = places[left]
    return replaced_at(base, (places,), take_at(base, (places,)) * factors, repeats=False)


def _extreme(reduce: str, flat: Tensor, at: Any, source: Tensor, include_self: bool) -> Tensor:
    """The elements that win. Where several do, what they differ from the first of them (nothing, but for its derivative) is shared out."""
    winner, own, given, share = through(_winners, reduce, values_of(flat), at, values_of(source), include_self)
    made = take_at(joined([flat, source], 0), (winner,))
    if not recording(flat, source) or type(share) is not Traced and (share == 1).all():
        return made
    weights = wrap(share.astype(flat._s.dtype))
    own, given = (own & (share < 1), given & (share[at] < 1))
    mine = where(wrap(own), flat - made, 0.0) * weights
    theirs = where(wrap(given), source - take_at(made, (at,)), 0.0) * take_at(weights, (at,))
    return added_at(made + mine, (at,), theirs, REDUCED)


def _winners(reduce: str, base: np.ndarray, at: np.ndarray, source: np.ndarray, include_self: bool) -> tuple[np.ndarray, ...]:
    """Where the winning elements stand in base and source joined, which of both win (finite ones), and the share of each winner."""
    better = np.maximum if reduce == "amax" else np.minimum
    touched = np.zeros(base.shape, bool)
    touched[at] = True
    start, kept = base.copy(), ~touched | include_self
    low, high = (-math.inf, math.inf) if base.dtype.kind == "f" else (False, True) if base.dtype.kind == "b" else (
        np.iinfo(base.dtype).min, np.iinfo(base.dtype).max)  # fmt: skip
    start[~kept] = low if reduce == "amax" else high
    best = start.copy()
    better.at(best, at, source)

    def equal(values: np.ndarray, bests: np.ndarray) -> np.ndarray:
        return (values == bests) | ((values != values) & (bests != bests))

    own, given = kept & equal(base, best), equal(source, best[at])
    count = own.astype(np.int64)
    np.add.at(count, at, given)
    first = np.full(base.size, base.size + source.size)
    np.minimum.at(first, at[given], base.size + np.flatnonzero(given))
    finite = np.isfinite(best) if base.dtype.kind == "f" else np.ones(best.shape, bool)
    return np.where(own, np.arange(base.size), first), own & finite, given & finite[at], 1.0 / np.maximum(count, 1)


METHODS = {"scatter_reduce": scatter_reduce, "index_reduce": index_reduce}
__all__ = ["index_reduce", "scatter_reduce"]
