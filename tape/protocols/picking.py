"""NumPy's functions that pick, insert, pad and write elements, on Tensors and under NumPy's parameters.

Padding, inserting and deleting ask NumPy where each element of the result comes from, on an array of positions, and pick elements by that.
Registered by import; imported by protocols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.protocols.names import F, numpy_function, values_in
from tape.tensor import Tensor


def _picked(a: Any, positions: np.ndarray) -> Any:
    """The elements of a vector at positions, in the shape of those."""
    return F.index_select(a, 0, F.as_tensor(positions.reshape(-1))).reshape(positions.shape)


def _along(a: Any, axis: int, positions: np.ndarray) -> Any:
    return F.index_select(a, axis % a.ndim, F.as_tensor(positions))


@numpy_function(np.resize)
def _resize(a: Any, new_shape: Any) -> Any:
    return _picked(a.reshape(-1), np.resize(np.arange(a.numel()), new_shape))


@numpy_function(np.take)
def _take(a: Any, indices: Any, axis: Any = None, mode: str = "raise") -> Any:
    extent = a.numel() if axis is None else a.shape[axis]
    places = np.asarray(values_in(indices))
    places = np.clip(places, 0, extent - 1) if mode == "clip" else places % extent if mode == "wrap" else places
    if places.size and (places.min() < -extent or places.max() >= extent):
        raise IndexError(f"np.take: an index is out of range for {extent} elements; wanted one of {-extent} ... {extent - 1}")
    flat, axis = (a.reshape(-1), 0) if axis is None else (a, axis % a.ndim)
    found = F.index_select(flat, axis, F.as_tensor((places % max(extent, 1)).reshape(-1)))
    return found.reshape((*flat.shape[:axis], *places.shape, *flat.shape[axis + 1 :]))


@numpy_function(np.take_along_axis)
def _take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Any:
    return F.take_along_dim(arr, F.as_tensor(indices), axis)


@numpy_function(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None) -> Any:
    places = np.flatnonzero(values_in(condition))
    return _picked(a.reshape(-1), places) if axis is None else _along(a, axis, places)


@numpy_function(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return _picked(F.as_tensor(arr).reshape(-1), np.flatnonzero(values_in(condition)))


@numpy_function(np.where)
def _where(condition: Any, *choices: Any) -> Any:
    if not choices:
        return F.nonzero(F.as_tensor(condition), as_tuple=True)
    condition = F.as_tensor(condition)
    return F.where(condition if condition.dtype == np.bool_ else condition != 0, *(c if np.isscalar(c) else F.as_tensor(c) for c in choices))


@numpy_function(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    made = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        made = _where(condition, choice, made)
    return made


@numpy_function(np.choose)
def _choose(a: Any, choices: Any, mode: str = "raise") -> Any:
    index = F.as_tensor(a)
    return _select([index == k for k in range(len(choices))], list(choices))


@numpy_function(np.pad)
def _pad(array: Any, pad_width: Any, mode: str = "constant", **options: Any) -> Any:
    if mode == "constant":
        inside = np.pad(np.ones(array.shape, np.bool_), pad_width)
        places = np.pad(np.arange(array.numel()).reshape(array.shape), pad_width)
        value = options.get("constant_values", 0)
        fill = value if np.isscalar(value) else F.as_tensor(np.pad(np.zeros(array.shape), pad_width, constant_values=values_in(value)))
        return F.where(F.as_tensor(inside), _picked(array.reshape(-1), places), fill) if array.numel() else F.zeros(inside.shape) + fill
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        raise TypeError(f"np.pad of a Tensor in the mode {mode!r}; wanted constant, edge, reflect, symmetric or wrap")
    return _picked(array.reshape(-1), np.pad(np.arange(array.numel()).reshape(array.shape), pad_width, mode, **options))


@numpy_function(np.delete)
def _delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    extent = arr.numel() if axis is None else arr.shape[axis]
    places = np.delete(np.arange(extent), values_in(obj))
    return _picked(arr.reshape(-1), places) if axis is None else _along(arr, axis, places)


@numpy_function(np.insert)
def _insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    arr, values = F.as_tensor(arr), F.as_tensor(values)
    a = arr.reshape(-1) if axis is None else F.movedim(arr, axis, 0)
    extent = a.shape[0]
    places = np.insert(np.arange(extent), values_in(obj), -1)
    new = np.flatnonzero(places < 0)
    values = F.movedim(values, axis, 0) if axis is not None and values.ndim == a.ndim and np.ndim(obj) else values
    values = values.expand((len(new), *a.shape[1:])).to(a.dtype)
    order = np.argsort(np.argsort(np.atleast_1d(values_in(obj)), kind="stable"), kind="stable") if np.ndim(values_in(obj)) else np.arange(len(new))
    places[new] = extent + np.argsort(order, kind="stable")
    made = F.index_select(F.cat([a, values]), 0, F.as_tensor(places))
    return made if axis is None else F.movedim(made, 0, axis)


@numpy_function(np.fill_diagonal)
def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    n = min(a.shape)
    a[(np.arange(n),) * a.ndim] = val


@numpy_function(np.put)
def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    index, values = F.as_tensor(ind).reshape(-1), F.as_tensor(v).reshape(-1)
    a.put_(index, _resize(values, index.numel()).to(a.dtype))


@numpy_function(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    values = F.as_tensor(values)
    a.copy_(_where(mask, _resize(values, tuple(a.shape)).to(a.dtype), a))


@numpy_function(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    places = np.flatnonzero(values_in(mask))
    arr.put_(F.as_tensor(places), _resize(F.as_tensor(vals), len(places)).to(arr.dtype))


@numpy_function(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, Tensor):
        raise TypeError("np.copyto writes a Tensor into an ndarray, where its history is lost; copy into a Tensor, or take detach().numpy()")
    src = F.as_tensor(src)
    dst.copy_(src if where is True else _where(where, src.expand(dst.shape).to(dst.dtype), dst))
