"""NumPy's functions on traced values: which rows each becomes.

`run_ufunc` takes ufuncs and their reductions, `FUNCTIONS` the functions that arrive through `__array_function__`. What stands in neither,
or gives NotImplemented here, becomes a call of the NumPy function itself at each replay: right, if slower.
Imports recording. Imported by recording when first needed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import PRIMITIVES, Elementwise
from tape.compile import opcodes as o
from tape.compile.recording import Recording
from tape.sums import add_up
from tape.traced import Traced, map_plain, plain

UFUNCS = {
    getattr(np, row.value[3:]): row.name for row in PRIMITIVES.values() if isinstance(row, Elementwise) and row.value.startswith("np.")
}
_BY_ARRAY = {  # NumPy's own functions where the table computes by compiled loops: the rows' values differ in the last bit at most
    np.exp: "exp", np.exp2: "exp2", np.expm1: "expm1", np.log: "log", np.log2: "log2", np.log10: "log10", np.log1p: "log1p",
    np.sin: "sin", np.cos: "cos", np.tan: "tan", np.arcsin: "asin", np.arccos: "acos", np.arctan: "atan", np.sinh: "sinh",
    np.cosh: "cosh", np.tanh: "tanh", np.arcsinh: "asinh", np.arccosh: "acosh", np.arctanh: "atanh", np.power: "pow",
    np.arctan2: "atan2", np.hypot: "hypot", np.logaddexp: "logaddexp", np.float_power: "pow",
}  # fmt: skip
COMPARISONS = {np.less: o.LESS, np.less_equal: o.LESS_EQUAL, np.greater: o.GREATER, np.greater_equal: o.GREATER_EQUAL,
               np.equal: o.EQUAL, np.not_equal: o.NOT_EQUAL}  # fmt: skip
_NOTHING = {np.maximum: -np.inf, np.minimum: np.inf, np.add: 0, np.multiply: 1}
LOGICAL = {np.logical_and: o.AND, np.logical_or: o.OR, np.logical_xor: o.XOR, np.logical_not: o.NOT}
BITS = {np.bitwise_and: o.AND, np.bitwise_or: o.OR, np.bitwise_xor: o.XOR, np.invert: o.NOT}
QUESTIONS = {np.isnan: o.ISNAN, np.isinf: o.ISINF, np.isfinite: o.ISFINITE}
REDUCTIONS = {np.add: o.SUM, np.multiply: o.PROD, np.maximum: o.AMAX, np.minimum: o.AMIN, np.logical_or: o.ANY, np.logical_and: o.ALL}


def run_ufunc(trace: Recording, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
    """One call of a ufunc with traced values among its inputs or outputs."""
    out = kwargs.pop("out", None)
    casting = kwargs.pop("casting", None)
    made = _made(trace, ufunc, method, inputs, kwargs)
    if out is None or made is None:
        return made
    target = out[0]
    if type(target) is Traced:
        trace.setitem(target, ..., made.astype(target.dtype, copy=False) if casting == "unsafe" else made)
        return target
    trace.refuse("it writes traced values into an array (out=, or an in-place operator on an ndarray); use Tensors")
    target[...] = plain(made)
    return target


def _made(trace: Recording, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
    if method == "reduce" and ufunc in REDUCTIONS:
        return reduce(trace, ufunc, *inputs, **kwargs)
    if method != "__call__" or kwargs:
        if method == "at":
            return _write_at(trace, ufunc, *inputs)
        return trace.call(getattr(ufunc, method), inputs, kwargs, f"{ufunc.__name__}.{method}")
    if ufunc in UFUNCS and _floating(inputs):
        return trace.elementwise(UFUNCS[ufunc], inputs)
    if ufunc in COMPARISONS:
        return trace.compare(COMPARISONS[ufunc], *inputs)
    if ufunc in LOGICAL and all(_boolean(x) for x in inputs):
        return trace.logical(LOGICAL[ufunc], *inputs)
    if ufunc in BITS and all(_boolean(x) for x in inputs):
        return trace.logical(BITS[ufunc], *inputs)
    if ufunc in QUESTIONS:
        return trace.question(QUESTIONS[ufunc], *inputs)
    if ufunc is np.matmul:
        return matmul(trace, *inputs)
    return trace.call(ufunc, inputs, kwargs)


def _floating(inputs: tuple) -> bool:
    """Whether the table's row computes this: real floating results of the inputs' own dtype."""
    kind = np.result_type(*[plain(x) for x in inputs])
    return kind.kind == "f" and kind.itemsize >= 4


def _boolean(x: Any) -> bool:
    return np.asarray(plain(x)).dtype == np.bool_


class At:
    """`ufunc.at` on a copy, which it gives."""

    __slots__ = ("ufunc",)

    def __init__(self, ufunc: Any) -> None:
        self.ufunc = ufunc

    def __call__(self, base: np.ndarray, key: Any, *others: Any) -> np.ndarray:
        whole = base.copy()
        self.ufunc.at(whole, key, *others)
        return whole


def _write_at(trace: Recording, ufunc: Any, target: Any, key: Any, *others: Any) -> None:
    if type(target) is not Traced:
        trace.refuse(f"np.{ufunc.__name__}.at writes traced values into an array; use Tensors")
        ufunc.at(target, map_plain(key), *map(plain, others))
        return

    trace.setitem(target, ..., trace.call(At(ufunc), (target, key, *others), {}, f"{ufunc.__name__}.at"))


def reduce(trace: Recording, ufunc: Any, x: Any, axis: Any = 0, dtype: Any = None, keepdims: bool = False, **others: Any) -> Any:
    """A reduction over axes."""
    others = {k: v for k, v in others.items() if v is not None and v is not np._NoValue}
    if others.get("initial") == _NOTHING.get(ufunc) and type(x) is Traced and x.size:
        others.pop("initial", None)  # of something, the value of nothing makes no difference
    if type(x) is not Traced or others:
        return trace.call(ufunc.reduce, (x,), {"axis": axis, "dtype": dtype, "keepdims": keepdims, **others}, f"{ufunc.__name__}.reduce")
    if dtype is not None and np.dtype(dtype) != x.dtype:
        x = x.astype(dtype)
    elif dtype is None and ufunc in (np.add, np.multiply) and x.dtype.kind in "biu":
        x = x.astype(np.uint64 if x.dtype.kind == "u" else np.int64)
    ndim = x.ndim
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(operator.index(a) % ndim for a in axes)) if ndim else ()
    real = add_up(x.array, axes, bool(keepdims)) if ufunc is np.add else ufunc.reduce(x.array, axis=axes, keepdims=keepdims)
    if not axes:
        return trace.copied(x)
    return trace.append(REDUCTIONS[ufunc], (x.row,), (axes, bool(keepdims)), real)


def matmul(trace: Recording, a: Any, b: Any) -> Any:
    """a @ b in all ranks, of one floating dtype."""
    x, y = (np.asarray(plain(v)) for v in (a, b))
    if x.dtype != y.dtype or x.dtype.kind != "f" or not x.ndim or not y.ndim:
        return trace.call(np.matmul, (a, b), {})
    return trace.append(o.MATMUL, (trace.row_of(a), trace.row_of(b)), None, np.matmul(x, y))


# functions

FUNCTIONS: dict[Any, Callable[..., Any]] = {}


def _function(*functions: Any) -> Callable:
    def keep(f: Callable) -> Callable:
        for each in functions:
            FUNCTIONS[each] = f
        return f

    return keep


def _is_traced(x: Any) -> bool:
    return type(x) is Traced


@_function(np.reshape)
def _reshape(trace: Recording, a: Any, shape: Any, order: str = "C", **others: Any) -> Any:
    if order != "C" or others or not _is_traced(a):
        return NotImplemented
    real = np.reshape(a.array, shape)
    return a if real.shape == a.shape else trace.view(o.RESHAPE, real.shape, a, real)


@_function(np.ravel)
def _ravel(trace: Recording, a: Any, order: str = "C") -> Any:
    return _reshape(trace, a, -1, order)


@_function(np.squeeze)
def _squeeze(trace: Recording, a: Any, axis: Any = None) -> Any:
    return _reshape(trace, a, np.squeeze(a.array, axis).shape)


@_function(np.expand_dims)
def _expand_dims(trace: Recording, a: Any, axis: Any) -> Any:
    return _reshape(trace, a, np.expand_dims(a.array, axis).shape)


@_function(np.transpose)
def _transpose(trace: Recording, a: Any, axes: Any = None) -> Any:
    if not _is_traced(a):
        return NotImplemented
    dims = tuple(range(a.ndim))[::-1] if axes is None else tuple(operator.index(d) % a.ndim for d in axes)
    return trace.view(o.PERMUTE, dims, a, np.transpose(a.array, dims)) if a.ndim > 1 else a


@_function(np.swapaxes)
def _swapaxes(trace: Recording, a: Any, first: int, second: int) -> Any:
    dims = list(range(a.ndim))
    dims[first], dims[second] = dims[second], dims[first]
    return _transpose(trace, a, dims)


@_function(np.moveaxis)
def _moveaxis(trace: Recording, a: Any, source: Any, destination: Any) -> Any:
    places = np.moveaxis(np.empty(tuple(range(2, 2 + a.ndim)), np.bool_), source, destination).shape
    return _transpose(trace, a, [extent - 2 for extent in places])


@_function(np.broadcast_to)
def _broadcast_to(trace: Recording, array: Any, shape: Any, subok: bool = False) -> Any:
    real = np.broadcast_to(array.array, shape)
    return array if real.shape == array.shape else trace.view(o.EXPAND, real.shape, array, real)


@_function(np.flip)
def _flip(trace: Recording, m: Any, axis: Any = None) -> Any:
    axes = range(m.ndim) if axis is None else [a % m.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    return m[tuple(slice(None, None, -1) if d in axes else slice(None) for d in range(m.ndim))]


@_function(np.copy)
def _copy(trace: Recording, a: Any, order: str = "K", subok: bool = False) -> Any:
    return trace.copied(a) if _is_traced(a) else NotImplemented


@_function(np.concatenate)
def _concatenate(trace: Recording, arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, casting: str = "same_kind") -> Any:
    if out is not None or dtype is not None or axis is None:
        return NotImplemented
    real = np.concatenate([plain(x) for x in arrays], axis)
    rows = tuple(trace.row_of(x, real.dtype) for x in arrays)
    return trace.append(o.CONCATENATE, rows, operator.index(axis) % real.ndim, real)


@_function(np.stack)
def _stack(trace: Recording, arrays: Any, axis: int = 0, out: Any = None, **others: Any) -> Any:
    if out is not None or others:
        return NotImplemented
    ndim = np.ndim(plain(arrays[0])) + 1
    return _concatenate(trace, [np.expand_dims(x, axis % ndim) for x in arrays], axis)


@_function(np.where)
def _where(trace: Recording, condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None:
        found = trace.call(np.where, (condition,), {})
        trace.guard_shape(found[0])
        return found
    return trace.select(condition, x, y)


@_function(np.sum)
def _sum(trace: Recording, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.add, a, axis, dtype, keepdims is True, **others)


@_function(np.prod)
def _prod(trace: Recording, a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.multiply, a, axis, dtype, keepdims is True, **others)


@_function(np.max)
def _max(trace: Recording, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.maximum, a, axis, None, keepdims is True, **others)


@_function(np.min)
def _min(trace: Recording, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.minimum, a, axis, None, keepdims is True, **others)


@_function(np.any)
def _any(trace: Recording, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.logical_or, a, axis, None, keepdims is True, **others)


@_function(np.all)
def _all(trace: Recording, a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **others: Any) -> Any:
    return NotImplemented if out is not None else reduce(trace, np.logical_and, a, axis, None, keepdims is True, **others)


def _fresh(name: str) -> None:
    function = getattr(np, name)

    def made(trace: Recording, a: Any, *args: Any, **kwargs: Any) -> Any:
        if any(_is_traced(x) for x in args):
            return NotImplemented
        return function(np.empty(a.shape, a.dtype), *args, **kwargs)

    FUNCTIONS[function] = made


for _name in ("zeros_like", "ones_like", "full_like", "empty_like"):
    _fresh(_name)


@_function(np.shape)
def _shape(trace: Recording, a: Any) -> tuple[int, ...]:
    return np.shape(plain(a))


@_function(np.ndim)
def _ndim(trace: Recording, a: Any) -> int:
    return np.ndim(plain(a))


@_function(np.size)
def _size(trace: Recording, a: Any, axis: Any = None) -> int:
    return np.size(plain(a), axis)


def _static(function: Any) -> None:
    FUNCTIONS[function] = lambda trace, *args, **kwargs: function(*map_plain(args), **map_plain(kwargs))


for _each in (np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj, np.may_share_memory, np.shares_memory):
    _static(_each)


def _counts(function: Any) -> None:
    def found(trace: Recording, *args: Any, **kwargs: Any) -> Any:
        made = trace.call(function, args, kwargs)
        for each in made if isinstance(made, tuple) else (made,):
            if type(each) is Traced:
                trace.guard_shape(each)
        return made

    FUNCTIONS[function] = found


for _each in (np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract):
    _counts(_each)

for _ufunc, _name in _BY_ARRAY.items():
    UFUNCS.setdefault(_ufunc, _name)
