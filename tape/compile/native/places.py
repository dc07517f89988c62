"""Where values lie: a root (a pointer or a block of the arena), a byte offset, byte strides; and what views make of it.

`Place` is strided memory, `contiguous` the strides of C order, `through_view` the place of a view. A `Map` says which element of a value
belongs to a point of a loop nest: for each axis of the value a base and (axis of the nest, step) pairs; `identity`, `broadcast`
and `through` build them. Invariant: a map never divides, so an address is a sum of multiples of the nest's counters.
Imports NumPy and the opcodes. Imported by the native tier.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tape.compile import opcodes as o

Term = tuple[int, tuple[tuple[int, int], ...]]  # base, ((axis of the nest, step), ...)
Map = tuple[Term, ...]
Condition = tuple[int, int, int]  # axis, low, high: low <= counter < high


class Place(NamedTuple):
    """Strided memory. `root` >= 0 is an entry of the table of pointers, < 0 the value -1 - root of the arena."""

    root: int
    offset: int
    strides: tuple[int, ...]


def contiguous(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Byte strides of C order.

    >>> contiguous((2, 3), 8)
    (24, 8)
    """
    strides, step = [], itemsize
    for extent in reversed(shape):
        strides.append(step)
        step *= max(extent, 1)
    return tuple(reversed(strides))


def is_contiguous(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> bool:
    """Whether strides mean C order; axes of one element may have any."""
    wanted = contiguous(shape, itemsize)
    return 0 in shape or all(n == 1 or s == w for n, s, w in zip(shape, strides, wanted, strict=True))


def through_view(op: int, params: Any, place: Place, shape: tuple[int, ...], dtype: np.dtype) -> Place | None:
    """The place of a view of memory, None where elements would have to move. NumPy works it out on memory that is never touched."""
    ground = np.zeros(1, dtype)
    whole = np.lib.stride_tricks.as_strided(ground, shape, place.strides, writeable=False)
    if op == o.RESHAPE:
        seen = whole.view()
        try:
            seen.shape = tuple(params) if isinstance(params, (tuple, list)) else params
        except AttributeError:
            return None
    elif op == o.INDEX:  # with an ellipsis, an element is a view too
        key = params if isinstance(params, tuple) else (params,)
        seen = whole[key if Ellipsis in key else (*key, ...)]
    else:
        seen = o.VALUE[op](params, whole)
    offset = place.offset + address_of(seen) - address_of(ground) if seen.size else place.offset
    return Place(place.root, offset, tuple(int(s) for s in seen.strides))


def diagonal(place: Place, shape: tuple[int, ...], dtype: np.dtype, details: tuple) -> Place:
    """The place of `numpy.diagonal(x, *details)`."""
    ground = np.zeros(1, dtype)
    seen = np.diagonal(np.lib.stride_tricks.as_strided(ground, shape, place.strides, writeable=False), *details)
    return Place(place.root, place.offset + address_of(seen) - address_of(ground), tuple(int(s) for s in seen.strides))


def address_of(array: np.ndarray) -> int:
    """Where an array's first element lies."""
    return array.__array_interface__["data"][0]


def identity(shape: tuple[int, ...]) -> Map:
    """Every axis of a value is the nest's axis of the same number."""
    return tuple((0, ((k, 1),)) if n != 1 else (0, ()) for k, n in enumerate(shape))


def broadcast(found: Map, shape: tuple[int, ...], inner: tuple[int, ...]) -> Map:
    """The map of an input of shape `inner` that broadcasts to a value of `shape` with map `found`."""
    lead = len(shape) - len(inner)
    return tuple((0, ()) if inner[k] == 1 else found[lead + k] for k in range(len(inner)))


def moved(term: Term, base: int, step: int) -> Term:
    """base + step * term."""
    return base + step * term[0], tuple((axis, step * by) for axis, by in term[1])


def through(op: int, params: Any, found: Map, shape: tuple[int, ...], inner: tuple[int, ...]) -> Map | None:
    """The map of a view's input, given the view's own; None where it would divide."""
    if op == o.EXPAND:
        return broadcast(found, shape, inner)
    if op == o.PERMUTE:
        axes = [d % len(inner) for d in params]
        return tuple(found[axes.index(k)] for k in range(len(inner)))
    if op == o.INDEX:
        return _through_index(key_of(params, inner), found)
    return _through_reshape(found, shape, inner)


def key_of(key: Any, shape: tuple[int, ...]) -> list[Any]:
    """A basic key written out: for every axis of `shape` an int >= 0 or (start, step, count), and None for new axes."""
    parts = list(key) if isinstance(key, tuple) else [key]
    given = sum(part is not None and part is not Ellipsis for part in parts)
    rest: list[Any] = [slice(None)] * (len(shape) - given)
    if Ellipsis in parts:
        at = parts.index(Ellipsis)
        parts[at : at + 1] = rest
    else:
        parts += rest
    written, axis = [], 0
    for part in parts:
        if part is None:
            written.append(None)
            continue
        if isinstance(part, slice):
            start, stop, step = part.indices(shape[axis])
            written.append((start, step, len(range(start, stop, step))))
        else:
            written.append(int(part) % max(shape[axis], 1))
        axis += 1
    return written


def _through_index(key: list[Any], found: Map) -> Map:
    made, k = [], 0
    for part in key:
        if part is None:
            k += 1
        elif isinstance(part, tuple):
            made.append(moved(found[k], part[0], part[1]))
            k += 1
        else:
            made.append((part, ()))
    return tuple(made)


def _through_reshape(found: Map, shape: tuple[int, ...], inner: tuple[int, ...]) -> Map | None:
    """Axes that split an axis of the input add up; an axis that joins several would divide."""
    made: list[Term] = []
    k = 0
    for extent in inner:
        if extent == 1:
            made.append((0, ()))
            continue
        base, parts, size = 0, (), 1
        if not extent:
            return None
        while size < extent:
            if k == len(shape) or shape[k] == 0 or extent % (size * shape[k]):
                return None
            if shape[k] != 1:
                base, steps = base * shape[k] + found[k][0], tuple((axis, by * shape[k]) for axis, by in parts)
                parts = steps + found[k][1]
                size *= shape[k]
            k += 1
        made.append((base, parts))
    return tuple(made)


def inside(key: list[Any], found: Map) -> tuple[Map, tuple[Condition, ...], bool] | None:
    """Where a scattered part is read: its map, the conditions under which a point lies in it, and whether any point does. None where
    the key or the map is more than shifts."""
    made: list[Term] = []
    conditions: list[Condition] = []
    k = 0
    for part in key:
        if part is None:
            made.append((0, ()))
            continue
        low, step, count = part if isinstance(part, tuple) else (part, 1, 1)
        base, parts = found[k]
        k += 1
        if step != 1 or len(parts) > 1 or (parts and parts[0][1] != 1):
            return None
        if not parts:
            if not low <= base < low + count:
                return (), (), False
        else:
            conditions.append((parts[0][0], low - base, low - base + count))
        if isinstance(part, tuple):
            made.append((base - low, parts))
    return tuple(made), tuple(conditions), True
