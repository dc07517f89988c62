"""Extremes and truth: the largest and smallest elements, where they stand, and whether all or any hold.

Over all elements, equal extremes share the gradient; along a dimension one is chosen and has it. NaN wins everywhere.
`METHODS` lists what becomes a Tensor method; tape/functions/reductions passes everything on. Imports arguments; imported there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.functions.arguments import dim_of, dim_or_axis, dims_of, record_whole, tensor_of, values_of
from tape.functions.keys import along
from tape.functions.picking import take_at
from tape.functions.results import stored
from tape.outputs import numbered
from tape.return_types import KINDS, Named
from tape.tensor import Tensor, wrap
from tape.traced import as_value


def _ordered(name: str, t: Tensor) -> Tensor:
    if t._s.dtype.kind == "c":
        raise NotImplementedError(f"{name} of complex values, which have no order; compare their .abs()")
    return t


def _extreme(name: str, label: str, reduce: Callable, input: Any, dim: Any, keep: bool) -> Tensor:
    t = _ordered(name, tensor_of(name, input))
    dims = dims_of(name, t._s.ndim, dim)
    empty = [d for d in dims if not t._s.shape[d]]
    if empty:
        kind = RuntimeError if dim is None else IndexError
        raise kind(f"{name} over dimension {empty[0]}, which has no elements; there is no extreme of nothing")
    value = reduce(values_of(t), axis=dims, keepdims=keep)
    return record_whole(OPCODES[label], t, value, "ay", dims, keep)


def amax(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Largest element over dimensions; equal ones share the gradient evenly. NaN wins. IndexError over an empty dimension."""
    return stored("amax", out, _extreme("amax", "amax", np.maximum.reduce, input, dim_or_axis("amax", dim, axis), keepdim or keepdims))


def amin(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Smallest element over dimensions; equal ones share the gradient evenly. NaN wins. IndexError over an empty dimension."""
    return stored("amin", out, _extreme("amin", "amin", np.minimum.reduce, input, dim_or_axis("amin", dim, axis), keepdim or keepdims))


def aminmax(
    input: Any, *, dim: Any = None, keepdim: bool = False, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Named:
    """Smallest and largest element, of all or along one dimension: (min, max). Equal ones share the gradient evenly; NaN wins.

    >>> import tape
    >>> low, high = tape.aminmax(tape.tensor([3.0, 1.0, 2.0]))
    >>> high - low
    tensor(2.)
    """
    dim, keep = dim_or_axis("aminmax", dim, axis), keepdim or keepdims
    if dim is not None:
        dim = dim_of("aminmax", tensor_of("aminmax", input)._s.ndim, dim)
    low = _extreme("aminmax", "amin:Aminmax", np.minimum.reduce, input, dim, keep)
    return stored("aminmax", out, KINDS["aminmax"](numbered((low, _extreme("aminmax", "amax:Aminmax", np.maximum.reduce, input, dim, keep)))))


def chosen(name: str, values: Tensor, indices: np.ndarray) -> Named:
    """The pair (values, indices) of the function `name`."""
    return KINDS[name]((values, wrap(indices)))


def _max_or_min(name: str, input: Any, dim: Any, keep: bool) -> Any:
    reduce, best = (np.maximum.reduce, np.argmax) if name == "max" else (np.minimum.reduce, np.argmin)
    if dim is None:
        return _extreme(name, f"a{name}:{name.capitalize()}1", reduce, input, None, keep)
    if isinstance(dim, (Tensor, np.ndarray)):
        from tape.functions import elementwise

        return getattr(elementwise, f"{name}imum")(input, dim)
    t = _ordered(name, tensor_of(name, input))
    dim = dim_of(name, t._s.ndim, dim)
    if not t._s.ndim:
        return chosen(name, take_at(t, (), OPCODES[f"take:{name.capitalize()}"]), np.zeros((), np.int64))
    if not t._s.shape[dim]:
        raise IndexError(f"{name} over dimension {dim}, which has no elements; there is no extreme of nothing")
    places = as_value(best(values_of(t), axis=dim, keepdims=keep))
    key = along(places, dim, t._s.ndim)
    return chosen(name, take_at(t, key, OPCODES[f"take:{name.capitalize()}"]), places)


def max(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """Largest element of all (equal ones share the gradient), or along one dimension (values, indices), where the first of
    equal ones is chosen and has the gradient; `max(a, b)` of two Tensors is `maximum`. NaN wins.

    >>> import tape
    >>> tape.tensor([[1.0, 5.0], [7.0, 2.0]]).max(dim=1).indices
    tensor([1, 0])
    """
    return stored("max", out, _max_or_min("max", input, dim_or_axis("max", dim if other is None else other, axis), keepdim or keepdims))


def min(
    input: Any, dim: Any = None, keepdim: bool = False, *, other: Any = None, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Any:
    """Smallest element of all, or along one dimension (values, indices), or `minimum` of two Tensors; as `max`."""
    return stored("min", out, _max_or_min("min", input, dim_or_axis("min", dim if other is None else other, axis), keepdim or keepdims))


def _place(name: str, best: Callable, input: Any, dim: Any, keep: bool) -> Tensor:
    values = values_of(_ordered(name, tensor_of(name, input)))
    if values.dtype.kind == "b":
        raise RuntimeError(f"{name} of booleans; convert them with .long() first")
    if dim is None:
        if not values.size:
            raise IndexError(f"{name} of a tensor without elements; give the dimension to search along")
        found = as_value(best(values))
        return wrap(found.reshape((1,) * values.ndim) if keep else found)
    dim = dim_of(name, values.ndim, dim)
    if values.ndim and not values.shape[dim]:
        raise IndexError(f"{name} along dimension {dim}, which has no elements; there is no extreme of nothing")
    return wrap(as_value(best(values, axis=dim, keepdims=keep)) if values.ndim else np.zeros((), np.int64))


def argmax(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Where the largest element stands (the first of equal ones), in the flattened tensor or along a dimension; int64."""
    return stored("argmax", out, _place("argmax", np.argmax, input, dim_or_axis("argmax", dim, axis), keepdim or keepdims))


def argmin(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Where the smallest element stands (the first of equal ones), in the flattened tensor or along a dimension; int64."""
    return stored("argmin", out, _place("argmin", np.argmin, input, dim_or_axis("argmin", dim, axis), keepdim or keepdims))


def _logical(name: str, reduce: Callable, input: Any, dim: Any, keep: bool) -> Tensor:
    t = tensor_of(name, input)
    found = as_value(reduce(values_of(t) != 0, axis=dims_of(name, t._s.ndim, dim), keepdims=keep))
    return wrap(found.astype(np.uint8) if t._s.dtype == np.uint8 else found)


def all(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Whether every element over dimensions is true (not zero); bool."""
    return stored("all", out, _logical("all", np.logical_and.reduce, input, dim_or_axis("all", dim, axis), keepdim or keepdims))


def any(
    input: Any, dim: Any = None, keepdim: bool = False, *, out: Any = None, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """Whether some element over dimensions is true (not zero); bool."""
    return stored("any", out, _logical("any", np.logical_or.reduce, input, dim_or_axis("any", dim, axis), keepdim or keepdims))


def count_nonzero(input: Any, dim: Any = None, *, axis: Any = None) -> Tensor:
    """How many elements over dimensions are not zero; int64."""
    t = tensor_of("count_nonzero", input)
    dims = dims_of("count_nonzero", t._s.ndim, dim_or_axis("count_nonzero", dim, axis))
    return wrap(as_value(np.add.reduce(values_of(t) != 0, axis=dims, dtype=np.int64)))


METHODS = {f.__name__: f for f in (amax, amin, aminmax, max, min, argmax, argmin, all, any, count_nonzero)}
