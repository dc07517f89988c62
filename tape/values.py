"""Values of elementwise primitives on plain ndarrays and floats, the same functions that replay uses.

`one(name, v)` and `two(name, a, b)` take and give ndarrays (or Python floats, which stand for 0-d float64). Rows that are a NumPy
ufunc use it; all others use ufuncs made of compiled loops, so that eager results and replayed ones agree to the last bit.
Knows no Tensors. Imported by record, functions and the generated operations.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from compiled_ops import kernels, table  # noqa: F401  (the table fills the registry)
from compiled_ops.rows import PRIMITIVES
from tape.spec import FLOAT32, FLOAT64
from tape.traced import Traced

_CODES = {FLOAT64: 0, FLOAT32: 1}
_COMPLEX = {
    "exp": np.exp, "log": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh,
    "log2": np.log2, "log10": np.log10, "log1p": np.log1p, "expm1": np.expm1, "exp2": np.exp2, "pow": np.power,
    "cube": lambda x: x * x * x, "rsqrt": lambda x: 1 / np.sqrt(x), "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "sign": np.sign,
}  # fmt: skip
_INTEGER = {"sign": np.sign, "pow": np.power, "relu": lambda x: np.maximum(x, 0), "cube": lambda x: x * x * x}


@cache
def function(name: str, dtype: np.dtype) -> Any:
    """The array function of an elementwise primitive for operands of one dtype."""
    row = PRIMITIVES[name]
    if row.value.startswith("np."):
        return getattr(np, row.value[3:])
    if dtype in _CODES:
        return kernels.forward(name, _CODES[dtype])
    special = _COMPLEX if dtype.kind == "c" else _INTEGER if dtype.kind in "iub" else {}
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
        trace = (a if type(a) is Traced else b).live()
        if trace is not None:
            return trace.elementwise(name, (a, b), dtype)
    return _quietly(function(name, dtype), a, b)


def pair(name: str) -> list[Any]:
    """The array functions for float64 and float32, each found (and compiled) at its first call, which puts it in its place."""
    functions: list[Any] = [None, None]

    def first_call(code: int, dtype: np.dtype) -> Any:
        def call(*v: Any) -> Any:
            functions[code] = function(name, dtype)
            return functions[code](*v)

        return call

    functions[0], functions[1] = first_call(0, FLOAT64), first_call(1, FLOAT32)
    return functions
