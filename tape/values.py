"""Values of elementwise primitives on plain ndarrays and floats, the same functions that replay uses.

`one(name, v)` and `two(name, a, b)` take and give ndarrays (or Python floats, which stand for 0-d float64); `meeting` works out what two
operands that broadcast come to, `broadcasting` computes it, `stretched` is `np.broadcast_to`. Rows that are a NumPy
ufunc use it; all others use ufuncs made of compiled loops, so that eager results and replayed ones agree to the last bit.
Knows no Tensors. Imported by record, functions and the generated operations.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from compiled_ops import kernels, table  # noqa: F401  (the table fills the registry)
from compiled_ops.rows import PRIMITIVES
from tape.spec import FLOAT32, FLOAT64, Spec, intern
from tape.traced import Traced, leader

ENOUGH, SHORT = 4096, 16  # elements of a result, and of NumPy's inner loop, from and up to which an operand is written out first
PAIRS: dict[tuple[Spec, Spec], tuple] = {}  # what `meeting` found; emptied when full
PAIR_LIMIT = 8192
_CODES = {FLOAT64: 0, FLOAT32: 1}
_COMPLEX = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "expm1": np.expm1, "exp2": np.exp2, "pow": np.power,
    "cube": lambda x: x * x * x, "rsqrt": lambda x: 1 / np.sqrt(x), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "neg": np.negative, "abs": np.absolute, "square": np.square, "reciprocal": np.reciprocal, "sqrt": np.sqrt,
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
}  # fmt: skip
_INTEGER = {"sign": lambda x: x.copy() if x.dtype.kind == "b" else np.sign(x), "pow": lambda a, b: _whole_power(a, b), "relu": lambda x: np.maximum(x, 0), "cube": lambda x: x * x * x,
            "fmod": np.fmod, "remainder": np.remainder, "floor_divide": np.floor_divide}  # fmt: skip


def _whole_power(a: Any, b: Any) -> Any:
    """Powers of integers; a negative one is the whole part of the fraction, as PyTorch has it."""
    below = np.less(b, 0)
    if not np.any(below):
        return np.power(a, b)
    fraction = np.where(np.equal(a, 1), 1, np.where(np.equal(a, -1), np.where(np.equal(np.mod(b, 2), 0), 1, -1), 0))
    return np.where(below, fraction, np.power(a, np.where(below, 0, b))).astype(np.result_type(a, b))


@cache
def function(name: str, dtype: np.dtype) -> Any:
    """The array function of an elementwise primitive for operands of one dtype."""
    row = PRIMITIVES[name]
    if dtype.kind == "c" and name not in _COMPLEX:
        raise NotImplementedError(f"{name} of {dtype} values; it takes real ones: give their .real, .abs() or .angle()")
    if row.value.startswith("np."):
        ufunc = getattr(np, row.value[3:])
        # bfloat16 meets Python's numbers in float32
        return (lambda *v: np.asarray(ufunc(*v)).astype(dtype, copy=False)) if dtype.kind == "V" else ufunc
    if dtype in _CODES:
        return kernels.forward(name, _CODES[dtype])
    special: dict[str, Any] = _COMPLEX if dtype.kind == "c" else _INTEGER if dtype.kind in "iub" else {}
    if name in special:
        return special[name]
    if dtype.kind in "fV":  # half precision is computed in float32
        single = kernels.forward(name, 1)
        return lambda *v: single(*(np.asarray(x, np.float32) for x in v)).astype(dtype)
    raise TypeError(f"{name} of {dtype} values; convert them to a floating dtype first")


@cache
def scalar(name: str) -> Any:
    """The function for Python floats, or None; it may raise where the array function gives inf or nan."""
    return kernels.forward_one(name)


def _quietly(f: Any, *values: Any) -> Any:
    """NumPy's ufunc without its warnings. `np.errstate` costs four small multiplications, so it is entered only where the user turned
    warnings into errors; otherwise the filter that tape/__init__ sets for this package keeps them silent."""
    try:
        return f(*values)
    except (RuntimeWarning, FloatingPointError):
        with np.errstate(all="ignore"):
            return f(*values)


def one(name: str, value: Any) -> Any:
    """The primitive of one value."""
    if type(value) is float:
        quick = scalar(name)
        if quick is not None:
            try:
                return quick(value)
            except (ValueError, OverflowError, ZeroDivisionError):
                pass
        return float(_quietly(function(name, FLOAT64), np.float64(value)))
    if type(value) is Traced and value.live() is not None:
        return value.trace.elementwise(name, (value,))
    return _quietly(function(name, value.dtype), value)


def two(name: str, a: Any, b: Any, dtype: np.dtype) -> Any:
    """The primitive of two values that broadcast, computed in `dtype`."""
    if type(a) is float and type(b) is float:
        quick = scalar(name)
        if quick is not None:
            try:
                return quick(a, b)
            except (ValueError, OverflowError, ZeroDivisionError):
                pass
        return float(_quietly(function(name, FLOAT64), np.float64(a), np.float64(b)))
    if type(a) is Traced or type(b) is Traced:
        trace = leader(a, b) or (a if type(a) is Traced else b).live()
        if trace is not None:
            return trace.elementwise(name, (a, b), dtype)
    return _quietly(function(name, dtype), a, b)


def finite(value: Any) -> bool:
    """Whether an array has neither NaN nor infinity, in one pass: the sum of squares tells. False also where that overflows."""
    if type(value) is not np.ndarray or value.dtype != FLOAT64 or not value.flags.c_contiguous:
        return False
    flat = value.reshape(-1)
    total = flat.dot(flat)
    return bool(total - total == 0.0)


def outer_products(a: Any, b: Any) -> Any:
    """The outer products of vectors (k, n) and (k, m), pair by pair: (k, n, m). NumPy calls its inner loop once a row."""
    if a.dtype is not b.dtype or a.dtype.char not in "df" or a.size * b.shape[-1] < ENOUGH:
        return np.multiply(a[:, :, None], b[:, None, :])
    from compiled_ops.reduce import outer_products as compiled

    out = np.empty((*a.shape, b.shape[1]), a.dtype)
    compiled(np.ascontiguousarray(a), np.ascontiguousarray(b), out)
    return out


def broadcasting(f: Any, a: Any, b: Any, shape: tuple[int, ...], side: tuple[int, int, int, int] | None) -> np.ndarray:
    """The ufunc `f` of two values that broadcast to `shape`. `side` is what `short_side` says of their shapes."""
    if side is None:
        return _quietly(f, a, b)
    from compiled_ops.reduce import spread_middle

    which, outer, middle, inner = side
    small = b if which else a
    out = np.empty(shape, small.dtype)
    spread_middle(small.reshape(outer, inner), out.reshape(outer, middle, inner))
    try:
        return f(a, out, out=out) if which else f(out, b, out=out)
    except (RuntimeWarning, FloatingPointError):  # `out` is overwritten
        return _quietly(f, a, b)


def meeting(a: Spec, b: Spec) -> tuple | None:
    """What the Specs of two operands say: the Spec of the result, x and y of the expand row of each operand (None where it has the shape
    of the result), and how to compute (short_side). None where the dtype is no kernel's, the result 0-d or an error."""
    if a.dtype is not b.dtype or a.code < 0 or not a.ndim and not b.ndim:
        return None
    try:
        out = intern(np.broadcast_shapes(a.shape, b.shape), a.dtype)
    except ValueError:
        return None
    wide = [None if s is out else (s.number if s.size == 1 else None, (s, out.shape)) for s in (a, b)]
    if len(PAIRS) >= PAIR_LIMIT:
        PAIRS.clear()
    PAIRS[a, b] = found = out, *wide, short_side(a.shape, b.shape, out.shape)
    return found


def short_side(a: tuple[int, ...], b: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, int, int, int] | None:
    """Where NumPy would call its inner loop for a few elements at a time: which operand to write out first so that it need not, and that
    one's extents before, of and behind the dimensions that it is repeated along. None where NumPy does well."""
    size = 1
    for extent in out:
        size *= extent
    if size < ENOUGH:
        return None
    runs = [_runs(shape, out) for shape in (a, b)]
    both = _runs(a, out, b)
    if both[-1][1] >= SHORT:
        return None
    for which, (own, other) in enumerate((runs, runs[::-1])):
        extents = [1, 1, 1]
        if len(own) > 3 or len(own) == 3 and not own[1][0] or other[-1][1] < 4 * both[-1][1] or not any(repeated for repeated, _ in own):
            continue
        at = 0
        for repeated, extent in own:
            at = 1 if repeated else 2 if at else 0
            extents[at] *= extent
        return which, *extents
    return None


def _runs(shape: tuple[int, ...], out: tuple[int, ...], beside: tuple[int, ...] | None = None) -> list[list]:
    """The dimensions of a result in runs along which an operand (and another beside it) lies evenly: whether it is repeated, the extent."""
    found: list[list] = []
    for d, extent in enumerate(out):
        if extent == 1:
            continue
        kind = []
        for each in (shape,) if beside is None else (shape, beside):
            own = d - (len(out) - len(each))
            kind.append(own < 0 or each[own] != extent)
        mark: Any = tuple(kind) if beside is not None else kind[0]
        if found and found[-1][0] == mark:
            found[-1][1] *= extent
        else:
            found.append([mark, extent])
    return found


def pair(name: str) -> list[Any]:
    """The array functions for float64 and float32, each found (and compiled) at its first call, which puts it in its place."""
    functions: list[Any] = [None, None]

    def first_call(code: int, dtype: np.dtype) -> Any:
        def call(*v: Any, **out: Any) -> Any:
            functions[code] = function(name, dtype)
            return functions[code](*v, **out)

        return call

    functions[0], functions[1] = first_call(0, FLOAT64), first_call(1, FLOAT32)
    return functions


def stretched(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """What `np.broadcast_to` gives, at a fifth of its cost for small contiguous arrays."""
    array = np.array(value) if type(value) is float else value
    if type(array) is not np.ndarray or not array.flags.c_contiguous or not array.flags.writeable:
        return np.broadcast_to(array, shape)
    missing = len(shape) - array.ndim
    strides = [0] * missing
    for extent, stride, wanted in zip(array.shape, array.strides, shape[missing:], strict=True):
        strides.append(stride if extent == wanted else 0)
    made = np.ndarray(shape, array.dtype, array, 0, tuple(strides))
    made.flags.writeable = False
    return made
