"""Elementwise functions under PyTorch's names: those of the table as generated, and the few whose signature says more.

Aliases and compositions add no rows. `METHODS` lists what becomes a Tensor method; its operators are in tape/methods.
"""

from __future__ import annotations

from typing import Any

from compiled_ops.rows import OPCODES
from tape.generated.elementwise import *  # noqa: F403
from tape.generated.elementwise import (
    __add__,
    __mul__,
    __sub__,
    __truediv__,
    cube,
    floor_divide,
    polygamma,
    reciprocal,
    square,
)
from tape.generated.elementwise import floor as _floor
from tape.generated.elementwise import round as _round
from tape.generated.elementwise import softplus as _softplus
from tape.generated.elementwise import trunc as _trunc
from tape.out import takes_out
from tape.record import as_tensor, elementwise_two
from tape.tensor import Tensor

_POW, _POW_BOTH, _POW_BASE, _RSUB = OPCODES["pow"], OPCODES["pow:Pow1"], OPCODES["pow:Pow2"], OPCODES["sub:Rsub1"]


def _wanted(made: Any, name: str, a: Any, b: Any) -> Tensor:
    if made is NotImplemented:
        raise TypeError(f"{name}: got {type(a).__name__} and {type(b).__name__}; wanted Tensors, arrays or numbers")
    return made


def _left(given: Any, name: str) -> Tensor:
    found = as_tensor(given)
    if found is None:
        raise TypeError(f"{name}: got {type(given).__name__}; wanted a Tensor, an array or a number")
    return found


@takes_out
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha*other, elementwise; shapes broadcast.

    >>> import tape
    >>> tape.add(tape.tensor([1.0, 2.0]), 1)
    tensor([2., 3.])
    """
    return _wanted(__add__(_left(input, "add"), other if alpha == 1 else _left(other, "add") * alpha), "add", input, other)


@takes_out
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha*other, elementwise; shapes broadcast. RuntimeError for booleans."""
    return _wanted(__sub__(_left(input, "sub"), other if alpha == 1 else _left(other, "sub") * alpha), "sub", input, other)


@takes_out
def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha*input, elementwise."""
    return _wanted(elementwise_two(_RSUB, other, input if alpha == 1 else input * alpha), "rsub", input, other)


@takes_out
def mul(input: Any, other: Any) -> Tensor:
    """input * other, elementwise; shapes broadcast."""
    return _wanted(__mul__(_left(input, "mul"), other), "mul", input, other)


@takes_out
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """input / other, elementwise; integers give the default float dtype. rounding_mode: None, "trunc" or "floor".

    The rounded forms have zero gradient. ValueError for another mode.
    """
    if rounding_mode not in (None, "trunc", "floor"):
        raise ValueError(f"div: rounding_mode {rounding_mode!r}; wanted None, 'trunc' or 'floor'")
    found = _wanted(__truediv__(_left(input, "div"), other), "div", input, other)
    if rounding_mode is None:
        return found
    if all(getattr(getattr(t, "_s", None), "dtype", None) is None or t._s.dtype.kind in "iu" for t in (input, other)):
        exact = floor_divide(input, other)
        if rounding_mode == "floor":
            return exact
        from tape.functions.indexing import where

        return where((exact < 0) & (exact * other != input), exact + 1, exact)
    return _trunc(found) if rounding_mode == "trunc" else _floor(found)


@takes_out
def pow(input: Any, exponent: Any) -> Tensor:
    """input ** exponent, elementwise. Gradient in the input 0 where the exponent is 0; in the exponent 0 where the input is 0.

    Exponents 2, 3, 0.5 and -1 have rows of their own. RuntimeError for negative integer powers of integers.
    """
    if isinstance(input, Tensor):
        if type(exponent) in (int, float):
            if exponent == 2:
                return square(input)
            if input._s.dtype.kind == "f":
                if exponent == 3:
                    return cube(input)
                if exponent == -1:
                    return reciprocal(input)
                if exponent == 1:
                    return input * 1
        op = _POW_BOTH if isinstance(exponent, Tensor) else _POW
    else:
        op = _POW_BASE
    return _wanted(elementwise_two(op, input, exponent), "pow", input, exponent)


@takes_out
def round(input: Any, *, decimals: int = 0) -> Tensor:
    """Nearest integer, half to even; to `decimals` places. The gradient is zero."""
    return _round(input) if not decimals else _round(_left(input, "round") * 10.0**decimals) / 10.0**decimals


@takes_out
def frac(input: Any) -> Tensor:
    """The fractional part, input - trunc(input)."""
    return _left(input, "frac") - _trunc(input)


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta*input))/beta; input itself where beta*input > threshold."""
    t = _left(input, "softplus")
    if threshold == 20.0:
        return _softplus(t) if beta == 1.0 else _softplus(t * beta) / beta
    from tape.functions.indexing import where

    scaled = t * beta
    return where(scaled > threshold, t, _softplus(where(scaled > threshold, 0.0, scaled)) / beta)


@takes_out
def lerp(input: Any, end: Any, weight: Any) -> Tensor:
    """input + weight*(end - input)."""
    t = _left(input, "lerp")
    return t + (_left(end, "lerp") - t) * weight


@takes_out
def addcmul(input: Any, first: Any, second: Any, *, value: Any = 1) -> Tensor:
    """input + value*first*second."""
    product = _left(first, "addcmul") * second
    return _left(input, "addcmul") + (product if value == 1 else product * value)


@takes_out
def addcdiv(input: Any, first: Any, second: Any, *, value: Any = 1) -> Tensor:
    """input + value*first/second."""
    quotient = _left(first, "addcdiv") / second
    return _left(input, "addcdiv") + (quotient if value == 1 else quotient * value)


absolute, negative, divide, true_divide, multiply, subtract = abs, neg, div, div, mul, sub  # noqa: F405
arcsin, arccos, arctan, arcsinh, arccosh, arctanh, arctan2 = asin, acos, atan, asinh, acosh, atanh, atan2  # noqa: F405
fix, expit, sgn = _trunc, sigmoid, sign  # noqa: F405

_HIDDEN = {"takes_out", "written", "STATE", "SCALAR", "INSIDE", "outside", "cube", "log_sigmoid", "METHODS", "PUBLIC", "Tensor", "as_tensor", "elementwise_one", "elementwise_two", "pair"}
PUBLIC = {
    name: value
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", "").startswith("tape.") and name not in _HIDDEN
}
METHODS = {name: value for name, value in PUBLIC.items() if name not in {"polygamma", "softplus", "expit"}}


def _polygamma_method(self: Tensor, n: int) -> Tensor:
    """The polygamma function of order n, elementwise."""
    return polygamma(n, self)


METHODS["polygamma"] = _polygamma_method
