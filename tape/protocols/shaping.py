"""NumPy's functions that move, join and repeat elements, on Tensors and under NumPy's parameters.

What is known without looking at elements (`np.shape`, `np.result_type`) is answered here as well.
Registered by import; imported by protocols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.protocols.names import F, named, numpy_function, values_in
from tape.tensor import Tensor

for _name in "fliplr flipud hsplit vsplit dsplit tile kron diagflat swapaxes moveaxis".split():

    def _same(*args: Any, own: str = _name, **named: Any) -> Any:
        return getattr(F, own)(*args, *named.values())  # NumPy's parameters in their order

    numpy_function(getattr(np, _name))(_same)


def _tensors(arrays: Any) -> list[Any]:
    return [F.as_tensor(a) for a in arrays]


@numpy_function(np.reshape)
def _reshape(a: Any, shape: Any, order: str = "C", copy: Any = None) -> Any:
    if order == "F":
        shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
        shape = np.reshape(np.empty(a.shape, np.bool_), shape).shape
        return _transpose(F.reshape(_transpose(a), shape[::-1]))
    return F.reshape(F.clone(a) if copy else a, shape)


@numpy_function(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    return F.reshape(_transpose(a) if order == "F" else a, -1) if a.numel() else F.reshape(a, 0)


@numpy_function(np.transpose, *named(np, "permute_dims"))
def _transpose(a: Any, axes: Any = None) -> Any:
    return F.permute(a, tuple(reversed(range(a.ndim))) if axes is None else tuple(axes))


for _each in named(np, "matrix_transpose") + named(np.linalg, "matrix_transpose"):
    numpy_function(_each)(lambda x: F.transpose(x, -2, -1))


@numpy_function(np.rollaxis)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    order = list(range(a.ndim))
    order.insert(start if start <= axis % a.ndim else start - 1, order.pop(axis % a.ndim))
    return F.permute(a, order)


@numpy_function(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for each in axes:
        if a.shape[each] != 1:
            raise ValueError(f"np.squeeze: dimension {each} has size {a.shape[each]}; only dimensions of size 1 can be squeezed")
    return F.squeeze(a) if axis is None else F.reshape(a, np.squeeze(np.empty(a.shape, np.bool_), axis).shape)


@numpy_function(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    return F.reshape(a, np.expand_dims(np.empty(a.shape, np.bool_), axis).shape)


@numpy_function(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    return F.broadcast_to(array, (shape,) if np.ndim(shape) == 0 else tuple(shape))


@numpy_function(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    return tuple(F.broadcast_tensors(*_tensors(args)))


@numpy_function(np.flip)
def _flip(m: Any, axis: Any = None) -> Any:
    return F.flip(m, tuple(range(m.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,))


@numpy_function(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    if axis is not None and isinstance(axis, tuple) != isinstance(shift, tuple):
        shift, axis = np.broadcast_arrays(shift, axis)
        shift, axis = tuple(map(int, shift.reshape(-1))), tuple(map(int, axis.reshape(-1)))
    return F.roll(a, shift) if axis is None else F.roll(a, shift, axis)


@numpy_function(np.rot90)
def _rot90(m: Any, k: int = 1, axes: Any = (0, 1)) -> Any:
    return F.rot90(m, k, list(axes))


@numpy_function(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return F.tril(m, k)


@numpy_function(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return F.triu(m, k)


@numpy_function(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    return F.diag(v, k)


@numpy_function(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return F.diagonal(a, offset, axis1, axis2)


@numpy_function(*named(np.linalg, "diagonal"))
def _matrix_diagonal(x: Any, offset: int = 0) -> Any:
    return F.diagonal(x, offset, -2, -1)


@numpy_function(np.concatenate)
def _concatenate(arrays: Any, axis: Any = 0, dtype: Any = None, casting: str = "same_kind") -> Any:
    arrays = [a if dtype is None else a.to(dtype) for a in _tensors(arrays)]
    return F.cat([a.reshape(-1) for a in arrays]) if axis is None else F.cat(arrays, axis)


@numpy_function(np.stack)
def _stack(arrays: Any, axis: int = 0, dtype: Any = None, casting: str = "same_kind") -> Any:
    return F.stack([a if dtype is None else a.to(dtype) for a in _tensors(arrays)], axis)


def _joined(name: str) -> Any:
    def made(tup: Any, dtype: Any = None, casting: str = "same_kind") -> Any:
        return getattr(F, name)([a if dtype is None else a.to(dtype) for a in _tensors(tup)])

    return made


for _name in ("hstack", "vstack", "dstack", "column_stack"):
    numpy_function(getattr(np, _name))(_joined(_name))


@numpy_function(np.block)
def _block(arrays: Any) -> Any:
    def depth(x: Any) -> int:
        return 1 + max(map(depth, x)) if isinstance(x, list) else 0

    def joined(x: Any, level: int) -> Any:
        return F.cat([joined(each, level - 1) for each in x], -level) if isinstance(x, list) else _at_least(F.as_tensor(x), most)

    levels = depth(arrays)
    most = max([levels, *(np.ndim(values_in(x)) for x in _leaves(arrays))])
    return joined(arrays, levels)


def _leaves(x: Any) -> list[Any]:
    return [leaf for each in x for leaf in _leaves(each)] if isinstance(x, list) else [x]


def _at_least(a: Any, ndim: int) -> Any:
    return a.reshape((1,) * (ndim - a.ndim) + tuple(a.shape)) if a.ndim < ndim else a


@numpy_function(np.append)
def _append(arr: Any, values: Any, axis: Any = None) -> Any:
    return _concatenate((arr, values), axis)


@numpy_function(np.split, np.array_split)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    parts = indices_or_sections
    return list(F.tensor_split(ary, parts if isinstance(parts, int) else [int(i) for i in parts], axis))


for _each in named(np, "unstack"):
    numpy_function(_each)(lambda x, axis=0: F.unbind(x, axis))


@numpy_function(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    return F.repeat_interleave(a, repeats if isinstance(repeats, int) else F.as_tensor(repeats), axis)


def _atleast(name: str) -> Any:
    def made(*arys: Any) -> Any:
        found = [getattr(F, name)(a) for a in _tensors(arys)]
        return found[0] if len(found) == 1 else tuple(found)

    return made


for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    numpy_function(getattr(np, _name))(_atleast(_name))


@numpy_function(np.copy)
def _copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    return F.clone(a)


@numpy_function(np.astype)
def _astype(x: Any, dtype: Any, copy: bool = True, device: Any = None) -> Any:
    made = x.to(dtype)
    return F.clone(made) if copy and made is x else made


@numpy_function(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    made = F.meshgrid(*[F.as_tensor(x).reshape(-1) for x in xi], indexing=indexing)
    if sparse:
        return tuple(m[tuple(slice(None) if d == _axis(k, indexing) else slice(0, 1) for d in range(m.ndim))] for k, m in enumerate(made))
    return tuple(made)


def _axis(k: int, indexing: str) -> int:
    return 1 - k if indexing == "xy" and k < 2 else k


# what is known without looking at elements


@numpy_function(np.shape)
def _shape(a: Any) -> tuple[int, ...]:
    return tuple(a.shape)


@numpy_function(np.ndim)
def _ndim(a: Any) -> int:
    return int(a.ndim)


@numpy_function(np.size)
def _size(a: Any, axis: Any = None) -> int:
    return int(a.numel() if axis is None else a.shape[axis])


def _like(name: str) -> Any:
    def made(a: Any, *fill: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, device: Any = None) -> Any:
        kind = a.dtype if dtype is None else np.dtype(dtype)
        shape = tuple(a.shape) if shape is None else (shape,) if np.ndim(shape) == 0 else tuple(shape)
        return getattr(F, name)(shape, *fill, dtype=kind)

    return made


for _name in ("zeros", "ones", "empty"):
    numpy_function(getattr(np, f"{_name}_like"))(_like(_name))


@numpy_function(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, device: Any = None) -> Any:
    empty = _like("zeros")(a, dtype=dtype, shape=shape)
    return empty + fill_value if isinstance(fill_value, Tensor) else F.full(tuple(empty.shape), fill_value, dtype=empty.dtype)


@numpy_function(np.result_type)
def _result_type(*given: Any) -> Any:
    return np.result_type(*(g.dtype if isinstance(g, Tensor) else g for g in given))


@numpy_function(np.can_cast)
def _can_cast(from_: Any, to: Any, casting: Any = "safe") -> bool:
    return np.can_cast(from_.dtype if isinstance(from_, Tensor) else from_, to, casting)

