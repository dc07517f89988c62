"""Elementwise functions under PyTorch's names: those of the table as generated, and those whose signature or dtypes say more.

Aliases and compositions add no rows. `PUBLIC` maps what `tape` exports, `SPECIAL` what only `tape.special` has, `METHODS` lists what becomes a
Tensor method; its operators are in tape/methods. The rules of the table are evaluated with the names of this module.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape import kinks, return_types
from tape.dtypes import finfo, name_of
from tape.functions.affine import addcdiv, addcmul, lerp, times  # noqa: F401
from tape.functions.arguments import tensor_of
from tape.functions.choosing import choice
from tape.generated.elementwise import *  # noqa: F403
from tape.generated.elementwise import (
    __add__,
    __mul__,
    __sub__,
    __truediv__,
    cube,
    floor_divide,
    gammainc,
    gammaincc,
    lgamma,
    polygamma,
    reciprocal,
    square,
)
from tape.generated.elementwise import ldexp as _ldexp
from tape.generated.elementwise import logaddexp as _logaddexp
from tape.generated.elementwise import logit as _logit
from tape.generated.elementwise import round as _round
from tape.generated.elementwise import sinc as _sinc
from tape.generated.elementwise import softplus as _softplus
from tape.generated.elementwise import trunc as _trunc
from tape.out import takes_out, written
from tape.outputs import entitle, titled
from tape.record import CAST_IMPLICIT, cast, elementwise_two, normal, record
from tape.single import two
from tape.spec import FLOAT64
from tape.state import STATE
from tape.tensor import Tensor, wrap
from tape.traced import as_value

_POW, _POW_BOTH, _POW_BASE, _RSUB, _SELECT, _NAN_TO_NUM = (OPCODES[n] for n in ("pow", "pow:Pow1", "pow:Pow2", "sub:Rsub1", "select", "select:NanToNum"))
_LOGADDEXP = OPCODES["logaddexp"]


def _wanted(made: Any, name: str, a: Any, b: Any) -> Tensor:
    if made is NotImplemented:
        raise TypeError(f"{name}: got {type(a).__name__} and {type(b).__name__}; wanted Tensors, arrays or numbers")
    return made


def add(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Tensor:
    """input + alpha*other, elementwise; shapes broadcast.

    >>> import tape
    >>> tape.add(tape.tensor([1.0, 2.0]), 1)
    tensor([2., 3.])
    """
    if type(input) is not Tensor:
        input = tensor_of("add", input)
    elif alpha == 1 and out is None:
        made = __add__(input, other)
        if made is not NotImplemented:
            return made
    made = _wanted(__add__(input, other if alpha == 1 else times("add", alpha, other, input)), "add", input, other)
    return made if out is None else written("add", out, made)


def sub(input: Any, other: Any, *, alpha: Any = 1, out: Any = None) -> Tensor:
    """input - alpha*other, elementwise; shapes broadcast. RuntimeError for booleans."""
    if type(input) is not Tensor:
        input = tensor_of("sub", input)
    made = _wanted(__sub__(input, other if alpha == 1 else times("sub", alpha, other, input)), "sub", input, other)
    return made if out is None else written("sub", out, made)


def rsub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha*input, elementwise."""
    return _wanted(elementwise_two(_RSUB, other, input if alpha == 1 else times("rsub", alpha, input, other)), "rsub", input, other)


def mul(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """input * other, elementwise; shapes broadcast."""
    made = _wanted(__mul__(input if type(input) is Tensor else tensor_of("mul", input), other), "mul", input, other)
    return made if out is None else written("mul", out, made)


def div(input: Any, other: Any, *, rounding_mode: str | None = None, out: Any = None) -> Tensor:
    """input / other, elementwise; integers give the default float dtype. rounding_mode: None, "trunc" or "floor".

    The rounded forms have zero gradient. ValueError for another mode.
    """
    if rounding_mode is None:
        made = _wanted(__truediv__(input if type(input) is Tensor else tensor_of("div", input), other), "div", input, other)
    else:
        made = _rounded_quotient(input, other, rounding_mode)
    return made if out is None else written("div", out, made)


def _rounded_quotient(input: Any, other: Any, mode: str) -> Tensor:
    if mode not in ("trunc", "floor"):
        raise ValueError(f"div: rounding_mode {mode!r}; wanted None, 'trunc' or 'floor'")
    t = tensor_of("div", input)
    if not all(type(v) in (int, bool) or getattr(getattr(v, "_s", v), "dtype", np.dtype(float)).kind in "iub" for v in (t, other)):
        quotient = _wanted(__truediv__(t, other), "div", t, other)
        if mode == "trunc":
            return _trunc(quotient)
        exact = floor_divide(t.detach(), other.detach() if isinstance(other, Tensor) else other)
        if quotient._t is None:
            return exact
        return choice(_SELECT, np.zeros(quotient._s.shape, bool), quotient, exact, exact._s.dtype)  # a history, with derivative zero
    exact = floor_divide(t, other)
    if mode == "floor":
        return exact
    from tape.functions.indexing import where

    return where((exact < 0) & (exact * other != t), exact + 1, exact)


def pow(input: Any, exponent: Any, *, out: Any = None) -> Tensor:
    """input ** exponent, elementwise. Gradient in the input 0 where the exponent is 0; in the exponent 0 where the input is 0.

    Exponents 2, 3, 0.5 and -1 have rows of their own. RuntimeError for negative integer powers of integers.
    """
    if out is not None:
        return written("pow", out, pow(input, exponent))
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
                    return entitle(input * 1, "PowBackward0", (input,))  # type: ignore[no-any-return]
        op = _POW_BOTH if isinstance(exponent, Tensor) else _POW
    else:
        op = _POW_BASE
    made = two(op, input, exponent)
    return made if made is not None else _wanted(elementwise_two(op, input, exponent), "pow", input, exponent)


def float_power(input: Any, exponent: Any, *, out: Any = None) -> Tensor:
    """input ** exponent in double precision, float64 or complex128, whatever the dtypes."""
    if out is not None:
        return written("float_power", out, float_power(input, exponent))
    if type(input) is Tensor and input._s.dtype is FLOAT64 and (type(exponent) is float or type(exponent) is Tensor and exponent._s.dtype is FLOAT64):
        return pow(input, exponent)
    kinds = [v._s.dtype.kind if isinstance(v, Tensor) else np.asarray(v).dtype.kind for v in (input, exponent)]
    dtype = np.dtype(np.complex128 if "c" in kinds else np.float64)
    a, b = (cast(v, dtype, CAST_IMPLICIT) if isinstance(v, Tensor) else v for v in (input, exponent))
    if not isinstance(a, Tensor):
        a = a if isinstance(b, Tensor) else wrap(np.asarray(a, dtype))
    return pow(a, b)


def round(input: Any, *, decimals: int = 0, out: Any = None) -> Tensor:
    """Nearest integer, half to even; to `decimals` places. The gradient is zero. RuntimeError for decimals of integers."""
    if out is not None:
        return written("round", out, round(input, decimals=decimals))
    t = tensor_of("round", input)
    if not decimals:
        return t.clone() if t._s.dtype.kind in "iu" else _round(t)
    if t._s.dtype.kind in "iub":
        raise RuntimeError(f"round: decimals={decimals} for {name_of(t._s.dtype)}, which has none; convert it with .double()")
    factor = 10.0 ** (decimals if decimals > 0 else -decimals)
    return _round(t * factor) / factor if decimals > 0 else _round(t / factor) * factor


def positive(input: Any) -> Tensor:
    """+input, the Tensor itself. RuntimeError for booleans."""
    t = tensor_of("positive", input)
    if t._s.dtype.kind == "b":
        raise RuntimeError("unary + of booleans; convert with .long() first")
    return t


def softplus(input: Any, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + exp(beta*input))/beta; input itself where beta*input > threshold."""
    t = tensor_of("softplus", input)
    return _softplus(t) if threshold == 20.0 and beta == 1.0 else _scaled_softplus(t, beta, threshold)  # type: ignore[no-any-return]


@titled("Softplus")
def _scaled_softplus(t: Tensor, beta: float, threshold: float) -> Tensor:
    if threshold == 20.0:
        return _softplus(t * beta) / beta
    from tape.functions.indexing import where

    scaled = t * beta
    return where(scaled > threshold, t, _softplus(where(scaled > threshold, 0.0, scaled)) / beta)


def _conventional(name: str, words: str) -> Any:
    """A function whose derivative at kinks tape/kinks chooses."""

    def function(input: Any, other: Any, *, out: Any = None) -> Tensor:
        op = kinks.current().rows[name]
        made = two(op, input, other)
        if made is None:
            made = _wanted(elementwise_two(op, input, other), name, input, other)
        return made if out is None else written(name, out, made)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{words}, elementwise; shapes broadcast. `set_kink_rules` says what the derivative at a kink is."
    return function


fmax = _conventional("fmax", "The larger of two numbers; where one is NaN, the other")
fmin = _conventional("fmin", "The smaller of two numbers; where one is NaN, the other")
hypot = _conventional("hypot", "sqrt(input**2 + other**2) without overflow")


@takes_out
def heaviside(input: Any, values: Any) -> Tensor:
    """0 below 0, 1 above, and `values` at 0; without a derivative. RuntimeError for different dtypes."""
    t, at_zero = tensor_of("heaviside", input), tensor_of("heaviside", values)
    if t._s.dtype != at_zero._s.dtype:
        raise RuntimeError(f"heaviside: {name_of(t._s.dtype)} and {name_of(at_zero._s.dtype)}; both must have one dtype")
    if t._s.dtype.kind in "iub":
        from tape.functions.indexing import where

        return where(t == 0, at_zero, (t > 0).to(t._s.dtype))
    return _wanted(elementwise_two(OPCODES["heaviside"], t, at_zero), "heaviside", t, at_zero)


def _is_complex(*given: Any) -> bool:
    first, last = given[0], given[-1]
    if type(first) is Tensor and type(last) is Tensor:
        return first._s.dtype.kind == "c" or last._s.dtype.kind == "c"
    return any(isinstance(v, complex) or getattr(getattr(v, "_s", v), "dtype", np.dtype(float)).kind == "c" for v in given)


def logaddexp(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """log(exp(input) + exp(other)) without overflow, elementwise; shapes broadcast."""
    quick = two(_LOGADDEXP, input, other) if out is None else None
    if quick is not None:
        return quick
    if not _is_complex(input, other):
        return _logaddexp(input, other, out=out)
    from tape.functions.complex import real
    from tape.functions.indexing import where

    a, b = tensor_of("logaddexp", input), tensor_of("logaddexp", other)
    a_larger = real(a) >= real(b)
    made = where(a_larger, a, b) + log1p(exp(where(a_larger, b - a, a - b)))  # noqa: F405
    return made if out is None else written("logaddexp", out, made)


def ldexp(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """input * 2**other, elementwise; shapes broadcast."""
    if not _is_complex(input, other):
        return _ldexp(input, other, out=out)
    made = titled("Ldexp")(operator.mul)(tensor_of("ldexp", input), pow(2.0, other))
    return made if out is None else written("ldexp", out, made)


def sinc(input: Any, *, out: Any = None) -> Tensor:
    """sin(pi*input)/(pi*input), 1 at 0."""
    if not _is_complex(input):
        return _sinc(input, out=out)
    from tape.functions.indexing import where

    at_zero, scaled = input == 0, input * np.pi
    made = where(at_zero, 1.0, sin(scaled) / where(at_zero, 1.0, scaled))  # noqa: F405
    return made if out is None else written("sinc", out, made)


def logit(input: Any, eps: float | None = None, *, out: Any = None) -> Tensor:
    """log(input/(1 - input)); with `eps` of the input clamped to [eps, 1 - eps]. NaN outside [0, 1]."""
    if eps is None:
        return _logit(input, out=out)
    from tape.functions.choosing import clamp

    return _logit(clamp(input, eps, 1.0 - eps), out=out)


@takes_out
def frexp(input: Any) -> Any:
    """(mantissa, exponent): input is mantissa * 2**exponent, with 0.5 <= |mantissa| < 1 and exponent an int32."""
    t = tensor_of("frexp", input)
    if t._s.dtype.kind not in "fV":
        raise NotImplementedError(f"frexp of {name_of(t._s.dtype)}; wanted a floating dtype")
    values = as_value(t._v)
    exponent = np.frexp(values if t._s.dtype.kind == "f" else values.astype(np.float32))[1]
    half = exponent // 2  # two factors: the power of a subnormal number's exponent is out of range
    factors = [wrap(np.ldexp(1.0, power).astype(t._s.dtype)) for power in (-half, half - exponent)]
    return return_types.frexp((t * factors[0] * factors[1], wrap(as_value(exponent))))


@takes_out
def nan_to_num(input: Any, nan: float | None = None, posinf: float | None = None, neginf: float | None = None) -> Tensor:
    """NaN replaced by `nan` (0), infinities by `posinf` and `neginf` (the largest and lowest finite numbers); gradient zero there."""
    t = tensor_of("nan_to_num", input)
    dtype = t._s.dtype
    if dtype.kind in "iub":
        return t.clone()
    if dtype.kind == "c":
        from tape.functions.complex import complex, imag, real

        return complex(nan_to_num(real(t), nan, posinf, neginf), nan_to_num(imag(t), nan, posinf, neginf))
    values = as_value(t._v)
    if type(values) is np.ndarray and dtype.kind == "f" and not STATE.safe:
        with np.errstate(all="ignore"):
            total = np.add.reduce(values, None)
        if np.isfinite(total):  # then so is every element: one pass, and no mask in memory
            return record(_NAN_TO_NUM, (t,), normal(values.copy(), dtype), np.broadcast_to(np.True_, values.shape), None)
    plain = values if dtype.kind == "f" else values.astype(np.float32)
    finite = as_value(np.isfinite(plain))
    limits = finfo(dtype)
    given = (0.0 if nan is None else nan, limits.max if posinf is None else posinf, limits.min if neginf is None else neginf)
    instead = np.where(np.isnan(plain), given[0], np.where(plain > 0, given[1], given[2])).astype(dtype)
    return choice(_NAN_TO_NUM, finite, t, wrap(as_value(instead)), dtype)


@takes_out
@titled("Mvlgamma")
def mvlgamma(input: Any, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function of dimension p: the sum of lgamma(input - j/2), j < p, and a constant."""
    if p < 1:
        raise RuntimeError(f"mvlgamma: p is {p}; wanted at least 1")
    t = tensor_of("mvlgamma", input)
    found = lgamma(t)
    for j in range(1, p):
        found = found + lgamma(t - 0.5 * j)
    return found + p * (p - 1) / 4 * float(np.log(np.pi)) if p > 1 else found


def igamma(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """The regularised lower incomplete gamma function P(input, other)."""
    return gammainc(input, other, out=out)


def igammac(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """The regularised upper incomplete gamma function Q(input, other)."""
    return gammaincc(input, other, out=out)


absolute, negative, divide, true_divide, multiply, subtract = abs, neg, div, div, mul, sub  # noqa: F405
arcsin, arccos, arctan, arcsinh, arccosh, arctanh, arctan2 = asin, acos, atan, asinh, acosh, atanh, atan2  # noqa: F405
fix, expit, sgn = _trunc, sigmoid, sign  # noqa: F405
multigammaln = mvlgamma

# What only tape.special has, and what other modules make public
SPECIAL = """airy_ai airy_ai_prime bessel_j0 bessel_j1 bessel_y0 bessel_y1 beta betaln entr erfcx expit gammainc gammaincc i0e i1 i1e iv ive jv kv kve log_ndtr
modified_bessel_k0 modified_bessel_k1 multigammaln ndtr ndtri scaled_modified_bessel_k0 scaled_modified_bessel_k1 xlog1py yv zeta""".split()
_HIDDEN = """times cube log_sigmoid silu gelu relu6 softsign fmax_even fmin_even hypot_least gamma_density erfcx_integral spherical_jn
chebyshev_t chebyshev_u chebyshev_v chebyshev_w hermite_h hermite_he laguerre legendre elu celu leaky_relu hardtanh hardsigmoid hardswish
hardshrink softshrink mish""".split()
_MODULES = {__name__, "tape.functions.affine", "tape.generated.elementwise"}
PUBLIC = {
    name: value
    for name, value in list(globals().items())
    if not name.startswith("_") and getattr(value, "__module__", "") in _MODULES and name not in _HIDDEN and name not in SPECIAL
}
METHODS = {name: value for name, value in PUBLIC.items() if name not in {"polygamma", "softplus", "rsub"}}


def _polygamma_method(self: Tensor, n: int) -> Tensor:
    """The polygamma function of order n, elementwise."""
    return polygamma(n, self)


METHODS["polygamma"] = _polygamma_method
