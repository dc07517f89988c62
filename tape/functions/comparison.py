"""Questions about values: comparisons, logic on masks and on bits, isnan and its kind, isclose, allclose, equal.

All answers are constants: a mask has no gradient. Operands promote and broadcast as in arithmetic; a Python number
counts by its category only. Invariant: an answer about Tensors is a new array, never a view.
Imports record; imported by tape/__init__, which also makes operators of these functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.dtypes import name_of
from tape.out import takes_out
from tape.record import as_tensor, broadcast, operands
from tape.spec import FLOAT64
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced, as_value

ORDERED = ("lt", "le", "gt", "ge")


def _values(name: str, a: Any, b: Any) -> tuple[Any, Any, np.dtype] | None:
    """Two operands as arrays or numbers in the dtype in which they meet; None for what is no operand."""
    pair = operands(name, a, b)
    if pair is None:
        return None
    sides = [t._v if isinstance(t, Tensor) else t for t in pair[:2]]
    dtype = pair[2]
    sides = [v.astype(dtype, copy=False) if isinstance(v, (np.ndarray, Traced)) else v for v in sides]
    if all(isinstance(v, (np.ndarray, Traced)) for v in sides) and sides[0].shape != sides[1].shape:
        broadcast(name, sides[0].shape, sides[1].shape)  # for the error
    return sides[0], sides[1], dtype


def _comparison(name: str, ufunc: Any, sign: str) -> tuple[Callable, Callable]:
    ordered = name in ORDERED

    def operator(self: Any, other: Any) -> Any:
        if isinstance(self, Tensor) and self._s.code >= 0:  # nothing to promote
            if type(other) is float:
                return wrap(as_value(ufunc(self._v, other)))
            if isinstance(other, Tensor) and other._s is self._s:
                return wrap(as_value(ufunc(self._v, other._v)))
        found = _values(name, self, other)
        if found is None:
            return NotImplemented
        a, b, dtype = found
        if ordered and dtype.kind == "c":
            raise NotImplementedError(f"{name} of complex values, which have no order; compare their .abs()")
        return wrap(as_value(ufunc(a, b)))

    def function(input: Any, other: Any) -> Tensor:
        found = operator(input, other)
        if found is NotImplemented:
            raise TypeError(f"{name} got {type(input).__name__} and {type(other).__name__}; wanted Tensors or numbers")
        return found

    function.__name__ = function.__qualname__ = name
    answers = [str(answer) for answer in ufunc([1.0, 2.0], 2.0)]
    example = ", ".join(answer.rjust(max(map(len, answers))) for answer in answers)
    function.__doc__ = (
        f"Where `input {sign} other`, elementwise with broadcasting: a boolean Tensor without gradient.\n\n"
        f"    >>> tape.{name}(tape.tensor([1.0, 2.0]), 2.0)\n    tensor([{example}])\n    "
    )
    return takes_out(function), operator


eq, eq_operator = _comparison("eq", np.equal, "==")
ne, ne_operator = _comparison("ne", np.not_equal, "!=")
lt, lt_operator = _comparison("lt", np.less, "<")
le, le_operator = _comparison("le", np.less_equal, "<=")
gt, gt_operator = _comparison("gt", np.greater, ">")
ge, ge_operator = _comparison("ge", np.greater_equal, ">=")


def _logical(name: str, ufunc: Any, words: str) -> Callable:
    def function(input: Any, other: Any) -> Tensor:
        found = _values(name, input, other)
        if found is None:
            raise TypeError(f"{name} got {type(input).__name__} and {type(other).__name__}; wanted Tensors")
        return wrap(as_value(ufunc(_truths(found[0]), _truths(found[1]))))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"Where {words}, elementwise with broadcasting; every value but 0 counts as true."
    return takes_out(function)


logical_and = _logical("logical_and", np.logical_and, "both are true")
logical_or = _logical("logical_or", np.logical_or, "at least one is true")
logical_xor = _logical("logical_xor", np.logical_xor, "exactly one is true")


def _truths(values: Any) -> Any:
    return as_value(values).astype(bool)


@takes_out
def logical_not(input: Any) -> Tensor:
    """Where values are 0 or False."""
    return wrap(as_value(array(_tensor("logical_not", input)) == 0))


def _bitwise(name: str, ufunc: Any, sign: str, shifts: bool = False) -> tuple[Callable, Callable, Callable]:
    def operator(self: Any, other: Any) -> Any:
        found = _values(name, self, other)
        if found is None:
            return NotImplemented
        a, b, dtype = found
        if dtype.kind not in ("iu" if shifts else "iub"):
            raise NotImplementedError(
                f"{name} of {name_of(dtype)}; wanted integers{'' if shifts else ' or booleans'}: convert with .long()"
            )
        return wrap(as_value(ufunc(a, b)).astype(dtype, copy=False))

    def function(input: Any, other: Any) -> Tensor:
        found = operator(input, other)
        if found is NotImplemented:
            raise TypeError(f"{name} got {type(input).__name__} and {type(other).__name__}; wanted Tensors or numbers")
        return found

    def reflected(self: Tensor, other: Any) -> Any:
        return operator(other, self)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"`input {sign} other`, bit by bit, for integers{'' if shifts else ' and booleans'} with broadcasting."
    return takes_out(function), operator, reflected


bitwise_and, and_operator, and_reflected = _bitwise("bitwise_and", np.bitwise_and, "&")
bitwise_or, or_operator, or_reflected = _bitwise("bitwise_or", np.bitwise_or, "|")
bitwise_xor, xor_operator, xor_reflected = _bitwise("bitwise_xor", np.bitwise_xor, "^")
bitwise_left_shift, left_operator, left_reflected = _bitwise("bitwise_left_shift", np.left_shift, "<<", True)
bitwise_right_shift, right_operator, right_reflected = _bitwise("bitwise_right_shift", np.right_shift, ">>", True)


def _whole(name: str, ufunc: Any, words: str) -> Callable:
    def function(input: Any, other: Any) -> Tensor:
        found = _values(name, input, other)
        if found is None:
            raise TypeError(f"{name} got {type(input).__name__} and {type(other).__name__}; wanted Tensors or numbers")
        a, b, dtype = found
        if dtype.kind not in "iu":
            raise NotImplementedError(f"{name} of {name_of(dtype)}; wanted integers: convert with .long()")
        return wrap(as_value(ufunc(a, b)).astype(dtype, copy=False))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The {words} of integers, elementwise with broadcasting."
    return takes_out(function)


gcd = _whole("gcd", np.gcd, "greatest common divisor")
lcm = _whole("lcm", np.lcm, "least common multiple")


@takes_out
def bitwise_not(input: Any) -> Tensor:
    """All bits inverted, `~input`: the other truth value of booleans. TypeError for floating values."""
    t = _tensor("bitwise_not", input)
    if t._s.dtype.kind not in "iub":
        raise TypeError(f"~ of {name_of(t._s.dtype)}; wanted integers or booleans: compare first, or use logical_not")
    return wrap(as_value(np.invert(t._v)))


def _tensor(name: str, given: Any) -> Tensor:
    if not isinstance(given, (Tensor, np.ndarray)):
        raise TypeError(f"{name} got {type(given).__name__}; wanted a Tensor")
    found = as_tensor(given)
    assert found is not None
    return found


def _floating(t: Tensor) -> np.ndarray:
    """The values, in a dtype that NumPy's questions about floats take."""
    values = array(t)
    return values.astype(np.float32) if values.dtype.kind == "V" else values


def isnan(input: Tensor) -> Tensor:
    """Where values are NaN."""
    return wrap(as_value(np.isnan(_floating(_tensor("isnan", input)))))


def isinf(input: Tensor) -> Tensor:
    """Where values are infinite, of either sign."""
    return wrap(as_value(np.isinf(_floating(_tensor("isinf", input)))))


def isfinite(input: Tensor) -> Tensor:
    """Where values are neither NaN nor infinite."""
    return wrap(as_value(np.isfinite(_floating(_tensor("isfinite", input)))))


@takes_out
def isposinf(input: Tensor) -> Tensor:
    """Where values are positive infinity. RuntimeError for complex values."""
    return _infinite("isposinf", input, np.inf)


@takes_out
def isneginf(input: Tensor) -> Tensor:
    """Where values are negative infinity. RuntimeError for complex values."""
    return _infinite("isneginf", input, -np.inf)


def _infinite(name: str, input: Any, value: float) -> Tensor:
    t = _tensor(name, input)
    if t._s.dtype.kind == "c":
        raise RuntimeError(f"{name} of complex values, which have no sign; look at .real and .imag")
    return wrap(as_value(np.equal(_floating(t), value)))


def isreal(input: Tensor) -> Tensor:
    """Where the imaginary part is zero: everywhere for real dtypes."""
    t = _tensor("isreal", input)
    return wrap(as_value(np.equal(t._v.imag, 0)) if t._s.dtype.kind == "c" else np.ones(t._s.shape, np.bool_))


@takes_out
def signbit(input: Tensor) -> Tensor:
    """Where the sign is minus, that of -0.0 included."""
    t = _tensor("signbit", input)
    if t._s.dtype.kind == "c":
        raise RuntimeError("signbit of complex values, which have no sign; look at .real and .imag")
    values = _floating(t)
    return wrap(as_value(np.less(values, 0) if t._s.dtype.kind in "iub" else np.signbit(values)))


def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |input - other| <= atol + rtol * |other|, elementwise with broadcasting; equal infinities are close.

    RuntimeError for different dtypes, as in PyTorch.
    """
    a, b = _tensor("isclose", input), _tensor("isclose", other)
    if a._s.dtype != b._s.dtype:
        raise RuntimeError(f"isclose got {name_of(a._s.dtype)} and {name_of(b._s.dtype)}; convert one with .to(dtype)")
    broadcast("isclose", a._s.shape, b._s.shape)
    va, vb = _floating(a), _floating(b)
    with np.errstate(all="ignore"):
        if va.dtype.kind in "iub":
            va, vb = va.astype(FLOAT64), vb.astype(FLOAT64)
        close = np.equal(va, vb) | (np.isfinite(vb) & (np.abs(va - vb) <= atol + rtol * np.abs(vb)))
        if equal_nan:
            close = close | (np.isnan(va) & np.isnan(vb))
    return wrap(as_value(close))


def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` has it."""
    return bool(wrap(np.all(isclose(input, other, rtol, atol, equal_nan)._v)))


def equal(input: Tensor, other: Tensor) -> bool:
    """Whether the shape and all elements are the same; of different dtypes the numbers are compared."""
    a, b = _tensor("equal", input), _tensor("equal", other)
    if a._s.shape != b._s.shape:
        return False
    return bool(wrap(np.all(np.equal(a._v, b._v) if a._s is b._s else eq(a, b)._v)))


not_equal, less, less_equal, greater, greater_equal = ne, lt, le, gt, ge
def contains(self: Tensor, element: Any) -> bool:
    """Whether an element equals this number or Tensor: `element in self`. RuntimeError for anything else."""
    if not isinstance(element, (Tensor, int, float, complex, np.generic)):
        raise RuntimeError(f"in: got {type(element).__name__}; wanted a Tensor or a number")
    return bool(wrap(np.any(as_value(eq(self, element)._v))))


METHODS = {
    "__contains__": contains,
    "isposinf": isposinf, "isneginf": isneginf, "isreal": isreal, "signbit": signbit, "gcd": gcd, "lcm": lcm,
    "eq": eq, "ne": ne, "not_equal": ne, "lt": lt, "less": lt, "le": le, "less_equal": le, "gt": gt, "greater": gt, "ge": ge,
    "greater_equal": ge, "__eq__": eq_operator, "__ne__": ne_operator, "__lt__": lt_operator, "__le__": le_operator,
    "__gt__": gt_operator, "__ge__": ge_operator, "logical_and": logical_and, "logical_or": logical_or, "logical_xor":
    logical_xor, "logical_not": logical_not, "bitwise_and": bitwise_and, "bitwise_or": bitwise_or, "bitwise_xor":
    bitwise_xor, "bitwise_not": bitwise_not, "bitwise_left_shift": bitwise_left_shift, "bitwise_right_shift":
    bitwise_right_shift, "__and__": and_operator, "__or__": or_operator, "__xor__": xor_operator, "__lshift__":
    left_operator, "__rshift__": right_operator, "__rand__": and_reflected, "__ror__": or_reflected, "__rxor__":
    xor_reflected, "__rlshift__": left_reflected, "__rrshift__": right_reflected, "__invert__": bitwise_not, "isnan":
    isnan, "isinf": isinf, "isfinite": isfinite, "isclose": isclose, "allclose": allclose, "equal": equal,
}  # fmt: skip
__all__ = """allclose bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor eq equal gcd ge greater greater_equal gt
isclose isfinite isinf isnan isneginf isposinf isreal lcm le less less_equal logical_and logical_not logical_or logical_xor lt ne not_equal signbit""".split()
