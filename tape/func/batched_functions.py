"""What NumPy's functions do to the contents of a Batching: dimensions move by one, operands are aligned, examples come first.

`RULES[function](batching, *args, **kwargs)` gives the value, or NotImplemented, which leaves the call to be made example by example.
Most rules come from a signature: functions along an axis, of elements, of matrices. Imports batching's interface only (what it is given);
imported by batching when first needed.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from tape.elements import memory_of
from tape.traced import Traced, map_plain

RULES: dict[Any, Callable[..., Any]] = {}


def rank(x: Any) -> int:
    """Number of dimensions of one example's value."""
    return x.ndim if type(x) is Traced or type(x) is np.ndarray else np.ndim(x)


def _rule(*functions: Any) -> Callable:
    def keep(f: Callable) -> Callable:
        for each in functions:
            RULES[each] = f
        return f

    return keep


@cache
def _signature(function: Any) -> inspect.Signature:
    return inspect.signature(function)


def _along(function: Any, none: str) -> None:
    """A function of one array along an axis. `none`: what axis=None means, "all" axes or the "flat" array."""
    first = next(iter(_signature(function).parameters))
    flagged = {"all": "all", "any": "any"}.get(function.__name__)

    def rule(batching: Any, *args: Any, **kwargs: Any) -> Any:
        bound = _signature(function).bind(*args, **kwargs)
        given, x = bound.arguments, bound.arguments[first]
        if not batching.owns(x) or given.pop("out", None) is not None:
            return NotImplemented
        if any([type(v) is Traced for k, v in given.items() if k != first]):
            return NotImplemented
        axis, content = given.get("axis", _signature(function).parameters["axis"].default), x.content
        if axis is None and none == "flat":
            content, axis = batching.run(np.reshape, content, (batching.size, -1)), 0
            if given.get("keepdims"):
                return NotImplemented
        given[first], given["axis"] = content, batching.shifted(axis, x.spec.ndim)
        made = batching.run(function, *bound.args, **bound.kwargs)
        found = batching.made(made) if not isinstance(made, tuple) else tuple(map(batching.made, made))
        if flagged:
            found.link = flagged
        return found

    RULES[function] = rule


for _f in (np.sum, np.prod, np.max, np.min, np.amax, np.amin, np.any, np.all, np.mean, np.var, np.std, np.nansum, np.nanprod, np.nanmax, np.nanmin,
           np.nanmean, np.count_nonzero, np.median, np.nanmedian, np.flip, np.ptp):  # fmt: skip
    _along(_f, "all")
for _f in (np.argmax, np.argmin, np.cumsum, np.cumprod, np.sort, np.argsort, np.nancumsum):
    _along(_f, "flat")
for _f in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft, np.diff):
    _along(_f, "none")


def _elements(function: Any) -> None:
    """A function of elements; arrays among its arguments broadcast."""

    def rule(batching: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("out") is not None:
            return NotImplemented
        names = [k for k, v in kwargs.items() if type(v) is Traced or type(v) is np.ndarray]
        aligned = batching.aligned((*args, *[kwargs[k] for k in names]))
        named = {**kwargs, **dict(zip(names, aligned[len(args) :], strict=True))}
        made = batching.run(function, *aligned[: len(args)], **named)
        return batching.made(made, args[0] if function in (np.real, np.imag) else None)

    RULES[function] = rule


for _f in (np.clip, np.round, np.around, np.nan_to_num, np.real, np.imag, np.angle, np.isclose, np.sinc, np.i0, np.fix, np.iscomplex, np.isreal,
           np.isneginf, np.isposinf):  # fmt: skip
    _elements(_f)


@_rule(np.where)
def _where(batching: Any, condition: Any, *others: Any) -> Any:
    if others:
        return batching.select(condition, *others)
    return _counted(batching)


def _counted(batching: Any, *args: Any, **kwargs: Any) -> Any:
    raise RuntimeError(
        "inside vmap, a result whose shape depends on mapped values (nonzero, unique, masked_select, ...): examples would have different shapes; "
        "use where(), or fixed sizes"
    )


_rule(np.nonzero, np.flatnonzero, np.argwhere, np.unique, np.compress, np.extract)(_counted)


def _matrices(function: Any) -> None:
    """A function of stacks of matrices."""

    def rule(batching: Any, *args: Any, **kwargs: Any) -> Any:
        made = batching.run(function, *batching.aligned(args), **kwargs)
        if not isinstance(made, tuple):
            return batching.made(made)
        found = [batching.made(each) for each in made]
        return type(made)(*found) if hasattr(made, "_fields") else tuple(found)

    RULES[function] = rule


for _f in (np.tril, np.triu, np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh, np.linalg.eig,
           np.linalg.eigvals, np.linalg.svd, np.linalg.qr, np.linalg.pinv, np.linalg.matrix_power, np.linalg.svdvals):  # fmt: skip
    _matrices(_f)


@_rule(np.linalg.solve)
def _solve(batching: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return np.linalg.solve(a, b[:, None])[..., 0]
    return batching.made(batching.run(np.linalg.solve, *batching.aligned((a, b))))


@_rule(np.matmul)
def _matmul(batching: Any, a: Any, b: Any, **kwargs: Any) -> Any:
    mine, yours, run = batching.owns(a), batching.owns(b), batching.run
    p, q = rank(a), rank(b)
    if not p or not q:
        raise ValueError("matmul of a 0-d value")
    if mine and not yours and q == 2:  # one product of one long matrix
        x = a.content
        made = run(np.matmul, run(np.reshape, x, (x.size // x.shape[-1] if x.size else math.prod(x.shape[:-1]), x.shape[-1])), b)
        return batching.made(run(np.reshape, made, (*x.shape[:-1], b.shape[-1])))
    if mine and not yours and q == 1:
        return batching.made(run(np.matmul, a.content, b))
    if yours and not mine and q == 1 and p < 3:
        return batching.made(run(np.matmul, b.content, a if p == 1 else run(np.swapaxes, a, -1, -2)))
    made = run(np.matmul, *_stacked(batching, a, b))
    if p == 1:
        made = made[..., 0, :]
    return batching.made(made[..., 0] if q == 1 else made)


def _stacked(batching: Any, a: Any, b: Any) -> list[Any]:
    """Two operands of matmul as stacks of matrices, one stack for each example."""
    a = np.reshape(a, (1, *a.shape)) if a.ndim == 1 else a
    b = np.reshape(b, (*b.shape, 1)) if b.ndim == 1 else b
    return batching.aligned((a, b))  # type: ignore[no-any-return]


@_rule(np.dot)
def _dot(batching: Any, a: Any, b: Any, out: Any = None) -> Any:
    if out is not None or not 0 < rank(a) <= 2 or not 0 < rank(b) <= 2:
        return NotImplemented
    return _matmul(batching, a, b)


@_rule(np.einsum)
def _einsum(batching: Any, formula: Any, *operands: Any, **kwargs: Any) -> Any:
    if not isinstance(formula, str) or "..." in formula or "->" not in formula or kwargs.pop("out", None) is not None:
        return NotImplemented
    terms, result = formula.replace(" ", "").split("->")
    letter = next(c for c in map(chr, range(ord("A"), ord("z"))) if c.isalpha() and c not in formula)
    parts = [letter + term if batching.owns(x) else term for term, x in zip(terms.split(","), operands, strict=True)]
    contents = [x.content if batching.owns(x) else x for x in operands]
    return batching.made(batching.run(np.einsum, f"{','.join(parts)}->{letter}{result}", *contents, **kwargs))


# shapes


@_rule(np.reshape)
def _reshape(batching: Any, a: Any, shape: Any, order: str = "C", **others: Any) -> Any:
    if order != "C" or others:
        return NotImplemented
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    if -1 in shape:
        known = 1
        for extent in shape:
            known *= extent if extent != -1 else 1
        shape = tuple([(a.size // known if known else 0) if extent == -1 else extent for extent in shape])
    return batching.made(batching.run(a.content.reshape, (batching.size, *shape)), a)


@_rule(np.ravel)
def _ravel(batching: Any, a: Any, order: str = "C") -> Any:
    return _reshape(batching, a, (a.size,)) if order == "C" else NotImplemented


@_rule(np.squeeze)
def _squeeze(batching: Any, a: Any, axis: Any = None) -> Any:
    return _reshape(batching, a, np.squeeze(a.now, axis).shape)


@_rule(np.expand_dims)
def _expand_dims(batching: Any, a: Any, axis: Any) -> Any:
    return _reshape(batching, a, np.expand_dims(a.now, axis).shape)


@_rule(np.transpose)
def _transpose(batching: Any, a: Any, axes: Any = None) -> Any:
    dims = tuple(range(a.ndim))[::-1] if axes is None else tuple([d % a.ndim for d in axes])
    return batching.made(batching.run(np.transpose, a.content, (0, *[d + 1 for d in dims])), a)


@_rule(np.swapaxes)
def _swapaxes(batching: Any, a: Any, *axes: int, **named: int) -> Any:
    first, second = (*axes, *named.values())
    dims = list(range(a.ndim))
    dims[first], dims[second] = dims[second], dims[first]
    return _transpose(batching, a, dims)


@_rule(np.moveaxis)
def _moveaxis(batching: Any, a: Any, source: Any, destination: Any) -> Any:
    order = np.moveaxis(np.empty(tuple(range(2, 2 + a.ndim)), np.bool_), source, destination).shape if a.ndim < 7 else None
    return NotImplemented if order is None else _transpose(batching, a, [extent - 2 for extent in order])


@_rule(np.broadcast_to)
def _broadcast_to(batching: Any, array: Any, shape: Any, subok: bool = False) -> Any:
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    (content,) = batching.aligned((array,), len(shape))
    return batching.made(batching.run(np.broadcast_to, content, (batching.size, *shape)), array)


@_rule(np.diagonal)
def _diagonal(batching: Any, a: Any, offset: int = 0, *axes: int, **named: int) -> Any:
    first, second = (*axes, *named.values()) or (0, 1)
    made = batching.run(np.diagonal, a.content, offset, batching.shifted(first, a.ndim), batching.shifted(second, a.ndim))
    if type(made) is np.ndarray and a.content.flags.writeable:
        made.flags.writeable = True
    return batching.made(made, a)


@_rule(np.trace)
def _trace(batching: Any, a: Any, offset: int = 0, first: int = 0, second: int = 1, dtype: Any = None, out: Any = None, **named: int) -> Any:
    axes = tuple(named.values()) or (first, second)
    return np.sum(_diagonal(batching, a, offset, *axes), -1, dtype)


@_rule(np.roll)
def _roll(batching: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    if axis is None:
        return _reshape(batching, _roll(batching, _ravel(batching, a), shift, 0), a.shape)
    return batching.made(batching.run(np.roll, a.content, shift, batching.shifted(axis, a.ndim)))


@_rule(np.repeat)
def _repeat(batching: Any, a: Any, repeats: Any, axis: Any = None) -> Any:
    if type(repeats) is Traced or not batching.owns(a):
        return NotImplemented
    if axis is None:
        a, axis = _ravel(batching, a), 0
    return batching.made(batching.run(np.repeat, a.content, repeats, batching.shifted(axis, a.ndim)))


@_rule(np.tile)
def _tile(batching: Any, A: Any, reps: Any) -> Any:
    reps = (reps,) if isinstance(reps, (int, np.integer)) else tuple(reps)
    (content,) = batching.aligned((A,), len(reps))
    return batching.made(batching.run(np.tile, content, (1, *(1,) * (A.ndim - len(reps)), *reps)))


@_rule(np.concatenate)
def _concatenate(batching: Any, arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, casting: str = "same_kind") -> Any:
    if out is not None or axis is None:
        return NotImplemented
    contents = [batching.whole(x) for x in arrays]
    return batching.made(batching.run(np.concatenate, contents, batching.shifted(axis, rank(arrays[0])), dtype=dtype, casting=casting))


@_rule(np.stack)
def _stack(batching: Any, arrays: Any, axis: int = 0, out: Any = None, **others: Any) -> Any:
    if out is not None:
        return NotImplemented
    contents = [batching.whole(x) for x in arrays]
    return batching.made(batching.run(np.stack, contents, batching.shifted(axis, rank(arrays[0]) + 1), **others))


@_rule(np.take_along_axis)
def _take_along_axis(batching: Any, arr: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None or rank(arr) != rank(indices):
        return NotImplemented
    return batching.made(batching.run(np.take_along_axis, batching.whole(arr), batching.whole(indices), batching.shifted(axis, rank(arr))))


@_rule(np.take)
def _take(batching: Any, a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    if axis is None or out is not None or mode != "raise" or not rank(a):
        return NotImplemented
    axis = axis % rank(a)
    return batching.getitem(a, (*(slice(None),) * axis, indices if isinstance(indices, Traced) else np.asarray(indices)))


@_rule(np.copy)
def _copy(batching: Any, a: Any, order: str = "K", subok: bool = False) -> Any:
    return batching.copied(a)


def _fresh(name: str) -> None:
    """A new array in the shape and dtype of one example: all examples share it."""
    function = getattr(np, name)

    def rule(batching: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
        if any([type(x) is Traced for x in (*args, *kwargs.values())]):
            return batching.made(batching.run(np.copy, batching.whole(np.broadcast_to(args[0], a.shape).astype(a.dtype))))
        return function(a.now, *args, **{"subok": False, **kwargs})

    RULES[function] = rule


for _name in ("zeros_like", "ones_like", "full_like", "empty_like"):
    _fresh(_name)


def _static(function: Any) -> None:
    RULES[function] = lambda batching, *args, **kwargs: function(*map_plain(args), **map_plain(kwargs))


for _f in (np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.iscomplexobj, np.isrealobj):
    _static(_f)


def _in_memory(function: Any) -> None:
    RULES[function] = lambda batching, a, b, **options: function(memory_of(a), memory_of(b), **options)


_in_memory(np.may_share_memory)
_in_memory(np.shares_memory)
