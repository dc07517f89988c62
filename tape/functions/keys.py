"""Keys of `x[key]`: what a user gives, made into what NumPy takes with PyTorch's meaning.

`plain_key` checks a key and says whether it is basic (ints, slices, None and Ellipsis: a view) or advanced (with index arrays and
masks: a copy); `along` makes the key of gather and its relatives. Invariant: a basic key holds exactly one Ellipsis, so that NumPy
answers with an array even for one element; an advanced one needs none. Imported by indexing, picking and in-place assignment.
"""

from __future__ import annotations

from functools import lru_cache
from operator import index as as_index
from typing import Any

import numpy as np

from tape.elements import at_key
from tape.spec import Spec
from tape.tensor import Tensor
from tape.traced import Traced, as_value, leader, through

ARRAYS = {np.ndarray, Traced}
ITEMS = {int, slice, type(None), type(Ellipsis)}  # what a basic key is made of


def plain_key(spec: Spec, key: Any) -> tuple[tuple, bool]:
    """The key as a tuple for NumPy, and whether it is basic. Basic keys contain exactly one Ellipsis."""
    if type(key) is list and len(key) < 32 and any(isinstance(k, (Tensor, np.ndarray, list, tuple, range, slice)) or k is None or k is ... for k in key):
        key = tuple(key)  # as PyTorch reads lists of indices
    items = [
        k if type(k) in ITEMS else _coerced(k) for k in (key if isinstance(key, tuple) else (key,))
    ]
    used, dots, basic = 0, 0, True
    for item in items:
        if type(item) in ARRAYS:
            basic, used = False, used + (item.ndim if item.dtype.kind == "b" else 1)
        else:
            dots += item is Ellipsis
            used += item is not None and item is not Ellipsis
    if used > spec.ndim:
        hint = "; a 0-d tensor has none: use item()" if not spec.ndim else ""
        raise IndexError(f"{used} indices for a tensor of {spec.ndim} dimensions{hint}")
    if dots > 1:  # the first stands for all dimensions that are left, the others for none
        first = items.index(Ellipsis) if basic else next(k for k, item in enumerate(items) if item is Ellipsis)
        items = [item for k, item in enumerate(items) if item is not Ellipsis or k == first]
    dim = 0
    for position, item in enumerate(items):
        if type(item) is int:
            extent = spec.shape[dim]
            if not -extent <= item < extent:
                raise IndexError(f"index {item} along dimension {dim} of extent {extent}; wanted one of {-extent} ... {extent - 1}")
        elif type(item) is slice:
            items[position] = _checked(item)
        elif item is Ellipsis:
            dim += spec.ndim - used
        elif item is not None and item.dtype.kind == "b":
            if item.shape != spec.shape[dim : dim + item.ndim]:
                raise IndexError(f"a mask of shape {item.shape} at dimension {dim} of a tensor of shape {spec.shape}; they must agree")
            dim += item.ndim - 1
        dim += item is not None and item is not Ellipsis
    if basic:
        return (*items, *(() if dots else (Ellipsis,))), True
    at = [i for i, item in enumerate(items) if type(item) is int or type(item) in ARRAYS]
    if at[-1] - at[0] + 1 != len(at) and any(type(items[i]) is int for i in at):
        return _all_arrays(spec, items), False
    return tuple(items), False


def _coerced(item: Any) -> Any:
    """An item of a key as an int or an array of ints or bools."""
    if isinstance(item, Tensor):
        item = as_value(item._v)
    elif isinstance(item, (list, tuple, range)):
        item = np.asarray(item if not isinstance(item, list) else [np.asarray(i) if isinstance(i, Tensor) else i for i in item])
        item = item if item.size else item.astype(np.int64)
    elif isinstance(item, (bool, np.bool_)):
        return np.asarray(item)
    if isinstance(item, (np.ndarray, Traced)):
        if item.dtype == np.uint8:
            return as_value(item.astype(bool))  # PyTorch's masks of old
        if item.dtype.type not in (np.int64, np.int32, np.bool_):
            raise IndexError(f"an index of {item.dtype}; wanted int64, int32 or booleans: convert with .long()")
        return int(item) if not item.ndim and item.dtype.kind != "b" and leader(item) is None else item
    if isinstance(item, str):
        raise TypeError(f"index {item!r}; wanted an int, a slice, None, Ellipsis, or a tensor of integers or booleans")
    try:
        return as_index(item)
    except TypeError:
        raise IndexError(
            f"an index of {type(item).__name__}; wanted an int, a slice, None, Ellipsis, or a tensor of integers or booleans"
        ) from None


def _checked(item: slice) -> slice:
    start, stop, step = (None if each is None else as_index(each) for each in (item.start, item.stop, item.step))
    if step is not None and step <= 0:
        raise ValueError(f"a slice with step {step}; steps must be positive: use flip() to reverse")
    return slice(start, stop, step)


def _all_arrays(spec: Spec, items: list) -> tuple:
    """A key of ints and arrays with slices between, as arrays alone: ints apply first, as in PyTorch."""
    first: list[Any] = []
    second: list[Any] = []
    for item in items:
        if type(item) not in ARRAYS:
            first.append(item)
            if type(item) is not int:
                second.append(item if item is Ellipsis else slice(None))
        elif item.ndim or item.dtype.kind != "b":
            first += [slice(None)] * (item.ndim if item.dtype.kind == "b" else 1)
            second.append(item)
        else:
            first.append(None)
            second.append(np.zeros(int(item), np.int64))
    places = at_key(at_key(np.arange(spec.size).reshape(spec.shape), tuple(first)), tuple(second))
    return through(np.unravel_index, places, spec.shape)  # type: ignore[no-any-return]


def _counted(extent: int, axis: int, ndim: int) -> np.ndarray:
    """0, 1, ... along one dimension. Keys are never written."""
    extents = [1] * ndim
    extents[axis] = -1
    found = np.arange(extent).reshape(extents)
    found.flags.writeable = False
    return found


_kept = lru_cache(256)(_counted)


def along(places: np.ndarray, dim: int, ndim: int) -> tuple:
    """The key that picks entry places[i, j, ...] along `dim` at (i, j, ...) of the other dimensions, which `places` has as well, with
    `dim` (ndim dimensions) or without it."""
    key: list[Any] = []
    for d in range(ndim):
        if d == dim:
            key.append(places)
        else:
            axis = d if places.ndim == ndim or d < dim else d - 1
            extent = places.shape[axis]
            key.append((_kept if extent <= 1024 else _counted)(extent, axis, places.ndim))
    return tuple(key)
