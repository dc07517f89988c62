"""Elementwise functions of the array API: tape's own, with the standard's promotion, in which a 0-d array counts like any other.

Imports functions. Imported by array_api.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.protocols.names import F
from tape.tensor import Tensor

ONE = {
    "abs": "abs", "acos": "acos", "acosh": "acosh", "asin": "asin", "asinh": "asinh", "atan": "atan", "atanh": "atanh", "bitwise_invert": "bitwise_not",
    "conj": "conj", "cos": "cos", "cosh": "cosh", "exp": "exp", "imag": "imag", "isfinite": "isfinite",
    "isinf": "isinf", "isnan": "isnan", "log": "log", "log1p": "log1p", "log2": "log2", "log10": "log10", "logical_not": "logical_not", "negative": "neg",
    "real": "real", "reciprocal": "reciprocal", "signbit": "signbit", "sin": "sin", "sinh": "sinh", "sqrt": "sqrt", "square": "square", "tan": "tan",
}  # fmt: skip
TWO = {
    "add": "add", "atan2": "atan2", "bitwise_and": "bitwise_and", "bitwise_left_shift": "bitwise_left_shift", "bitwise_or": "bitwise_or",
    "bitwise_right_shift": "bitwise_right_shift", "bitwise_xor": "bitwise_xor", "copysign": "copysign", "divide": "div", "equal": "eq",
    "greater": "gt", "greater_equal": "ge", "hypot": "hypot", "less": "lt", "less_equal": "le", "logaddexp": "logaddexp",
    "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor", "maximum": "maximum", "minimum": "minimum", "multiply": "mul",
    "nextafter": "nextafter", "not_equal": "ne", "pow": "pow", "remainder": "remainder", "subtract": "sub",
}  # fmt: skip
FLOATING_ROUND = {"ceil": "ceil", "floor": "floor", "trunc": "trunc", "round": "round"}


def together(*values: Any) -> list[Any]:
    """The arrays among the values in their common dtype; Python numbers stay, in the kind of the arrays."""
    dtypes = [v.dtype for v in values if isinstance(v, Tensor)]
    if len(dtypes) < 2 or all(d == dtypes[0] for d in dtypes):
        return list(values)
    common = np.result_type(*dtypes)  # the standard's table, where it has an entry
    return [v.to(common) if isinstance(v, Tensor) else v for v in values]


def _one(name: str, own: str) -> Callable:
    def function(x: Any, /) -> Tensor:
        return getattr(F, own)(x)

    return _called(function, name, f"`{name}` of the array API: `tape.{own}` of x.")


def _rounding(name: str, own: str) -> Callable:
    def function(x: Any, /) -> Tensor:
        if x.dtype.kind in "iu":
            return F.clone(x)
        if x.dtype.kind == "c":
            return F.complex(getattr(F, own)(F.real(x)), getattr(F, own)(F.imag(x)))
        return getattr(F, own)(x)

    return _called(function, name, f"`{name}` of the array API: integers as they are, `tape.{own}` of others.")


def _scalar(value: Any, like: Tensor) -> Any:
    """A Python number beside an array takes the array's dtype."""
    if isinstance(value, Tensor) or like.dtype.kind == "b":
        return value
    if like.dtype.kind in "iu" and isinstance(value, (int, bool)) or like.dtype.kind in "fc" and isinstance(value, (int, float)):
        return F.full((), value, dtype=like.dtype)
    return value


def _pair(name: str, x1: Any, x2: Any) -> tuple[Any, Any]:
    """Two operands in their common dtype."""
    if not isinstance(x1, Tensor) and not isinstance(x2, Tensor):
        raise TypeError(f"{name}: got {type(x1).__name__} and {type(x2).__name__}; at least one must be an array")
    x1, x2 = together(x1, x2)
    return x1 if isinstance(x1, Tensor) else _scalar(x1, x2), x2 if isinstance(x2, Tensor) else _scalar(x2, x1)


def _two(name: str, own: str) -> Callable:
    def function(x1: Any, x2: Any, /) -> Tensor:
        return getattr(F, own)(*_pair(name, x1, x2))

    return _called(function, name, f"`{name}` of the array API: `tape.{own}` of two arrays (or an array and a Python number) that broadcast.")


def _called(function: Callable, name: str, doc: str) -> Callable:
    function.__name__ = function.__qualname__ = name
    function.__doc__ = doc
    return function


def positive(x: Tensor, /) -> Tensor:
    """A copy of x."""
    return F.clone(x)


def floor_divide(x1: Any, x2: Any, /) -> Tensor:
    """`tape.floor_divide`, but infinite operands give the quotient itself: an infinity or a signed zero, where PyTorch has NaN or -1."""
    x1, x2 = _pair("floor_divide", x1, x2)
    y = F.floor_divide(x1, x2)
    return F.where(F.isinf(x1) | F.isinf(x2), F.div(x1, x2).detach(), y) if y.dtype.kind == "f" else y


def expm1(x: Tensor, /) -> Tensor:
    """`tape.expm1`, with the standard's limits of complex values: -1 at -infinity and infinity at +infinity, whatever the imaginary part is."""
    y = F.expm1(x)
    if y.dtype.kind != "c":
        return y
    a, b = F.real(x).detach(), F.imag(x).detach()
    down, up = a == -np.inf, a == np.inf
    re = F.where(down, F.full_like(a, -1.0), F.where(up & (F.cos(b) < 0), -a, a))
    im = F.where(b == 0, b, F.where(down, F.zeros_like(b), F.where(up & F.isfinite(b), a * F.sin(b), F.full_like(b, np.nan))))
    return F.where(F.isfinite(a), F.complex(F.real(y) + 0.0, F.imag(y)), F.complex(re, im))  # 0 is added: the real part at -0 is +0


def tanh(x: Tensor, /) -> Tensor:
    """`tape.tanh`, but the imaginary part at an infinite real one is a zero of the sign of the imaginary part of x."""
    y = F.tanh(x)
    if y.dtype.kind != "c":
        return y
    a, b = F.real(x).detach(), F.imag(x).detach()
    return F.where(F.isinf(a), F.complex(F.copysign(F.ones_like(a), a), F.copysign(F.zeros_like(b), b)), y)


def sign(x: Tensor, /) -> Tensor:
    """The sign of each element; x/|x| of complex ones; NaN at NaN."""
    if x.dtype.kind == "c":
        return F.sgn(x)
    return F.where(F.isnan(x), x, F.sign(x)) if x.dtype.kind == "f" else F.sign(x)


def clip(x: Tensor, /, min: Any = None, max: Any = None) -> Tensor:
    """Each element brought between `min` and `max`, numbers or arrays that broadcast; the dtype is that of x."""
    for bound, choose in ((min, F.maximum), (max, F.minimum)):
        if bound is not None:
            bound = bound if isinstance(bound, Tensor) else F.full((), bound, dtype=x.dtype)
            x = choose(x, bound.to(x.dtype))
    return F.clone(x) if min is None and max is None else x


def where(condition: Tensor, x1: Any, x2: Any, /) -> Tensor:
    """Elements of x1 where the condition holds, else of x2."""
    x1, x2 = together(x1, x2)
    if not isinstance(x1, Tensor) and not isinstance(x2, Tensor):
        raise TypeError("where: x1 and x2 are both Python numbers; at least one must be an array")
    x1 = x1 if isinstance(x1, Tensor) else F.full((), x1, dtype=x2.dtype)
    x2 = x2 if isinstance(x2, Tensor) else F.full((), x2, dtype=x1.dtype)
    return F.where(condition, x1, x2)


FUNCTIONS = {
    **{name: _one(name, own) for name, own in ONE.items()},
    **{name: _two(name, own) for name, own in TWO.items()},
    **{name: _rounding(name, own) for name, own in FLOATING_ROUND.items()},
    "expm1": expm1, "floor_divide": floor_divide, "tanh": tanh, "positive": positive, "sign": sign, "clip": clip, "where": where,
}  # fmt: skip

__all__ = ["FUNCTIONS", "together"]
