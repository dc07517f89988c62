"""Adjoints of conjugation and of real and imaginary parts, and the rules of elementwise primitives that are not holomorphic.

The cotangent of z = a + bi is g_a + i g_b: the inner product is Re(conj(g) dz), so a map that is only real-linear has a transpose as well.
`PULLED[name]` are the pullbacks of an elementwise primitive of complex inputs that is not its rule conjugated, `PUSHED[name]` its
pushforwards; both are functions of (g or t, inputs..., y). A primitive that stands in neither is holomorphic and its rule holds as it is.
Imports functions.complex; imported by rerecord and autograd.forward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.adjoints import adjoint
from tape.functions import complex as parts
from tape.functions.choosing import where
from tape.functions.complex import conj
from tape.functions.elementwise import abs, log, pow, sqrt
from tape.tensor import Tensor, wrap
from tape.traced import as_value


@adjoint("conj")
def conj_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent conjugated."""
    return (conj(g),)


@adjoint("real")
def real_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent as a real part."""
    return (parts.joined(g, None),)


@adjoint("imag")
def imag_adjoint(g: Tensor, row: Any) -> tuple:
    """The cotangent as an imaginary part."""
    return (parts.joined(None, g),)


@adjoint("view_as_real")
def view_as_real_adjoint(g: Tensor, row: Any) -> tuple:
    """The pairs of the cotangent as complex values."""
    return (parts.joined(g[..., 0], g[..., 1]),)


@adjoint("view_as_complex")
def view_as_complex_adjoint(g: Tensor, row: Any) -> tuple:
    """The parts of the cotangent, side by side."""
    return (parts.pairs(g),)


@adjoint("complex")
def complex_adjoint(g: Tensor, row: Any) -> tuple:
    """The parts of the cotangent."""
    return parts.part(parts.REAL, g) if row.need[0] else None, parts.part(parts.IMAG, g) if row.need[1] else None


@adjoint("sgn")
def sgn_adjoint(g: Tensor, row: Any) -> tuple:
    """What of the cotangent turns y, over the absolute value: a symmetric map. 0 at 0."""
    y, size = row.out, abs(row.a)
    nothing = wrap(as_value(np.equal(size._v, 0)))
    turning = g - y * parts.part(parts.REAL, conj(y) * g)
    return (where(nothing, 0.0, turning / where(nothing, 1.0, size)),)


@adjoint("angle")
def angle_adjoint(g: Tensor, row: Any) -> tuple:
    """g iz/|z|^2, 0 at 0; zero for real values."""
    a = row.a
    if a._s.dtype.kind != "c":
        return (g * 0.0,)
    size, direction = abs(a), parts.sgn(a)  # no squares, which underflow
    nothing = wrap(as_value(np.equal(size._v, 0)))
    scaled = where(nothing, 0.0, g / where(nothing, 1.0, size))
    return (parts.joined(-parts.part(parts.IMAG, direction) * scaled, parts.part(parts.REAL, direction) * scaled),)


# elementwise primitives that are not holomorphic


def _abs_pulled(g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return g * parts.sgn(x)


def _abs_pushed(t: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return parts.part(parts.REAL, conj(parts.sgn(x)) * t)


def _power_of_zero(a: Tensor, b: Tensor) -> Tensor:
    return wrap(np.equal(a._v, 0) & np.greater_equal(as_value(b._v).real, 0))


def _pow_base(g: Tensor, a: Any, b: Any) -> Tensor:
    return where(wrap(as_value(np.equal(b._v, 0))), 0.0, g * conj(b * pow(a, b - 1)))


def _pow_exponent(g: Tensor, a: Any, b: Any) -> Tensor:
    return where(_power_of_zero(a, b), 0.0, g * conj(pow(a, b) * log(a)))


def _pow_base_pushed(t: Tensor, a: Any, b: Any) -> Tensor:
    return where(wrap(as_value(np.equal(b._v, 0))), 0.0, t * (b * pow(a, b - 1)))


def _pow_exponent_pushed(t: Tensor, a: Any, b: Any) -> Tensor:
    return where(_power_of_zero(a, b), 0.0, t * (pow(a, b) * log(a)))


def _acosh_slope(x: Tensor) -> Tensor:
    """1/(sqrt(x - 1) sqrt(x + 1)): NumPy's x + 1 would lose the sign of a zero imaginary part, which tells the side of the cut."""
    return 1 / (sqrt(x - 1) * sqrt(-(-x - 1)))


def _acosh_pulled(g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return g * conj(_acosh_slope(x))


def _acosh_pushed(t: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return t * _acosh_slope(x)


PULLED: dict[str, tuple[Callable[..., Tensor], ...]] = {
    "abs": (_abs_pulled,), "acosh": (_acosh_pulled,), "pow": (_pow_base, _pow_exponent),
}  # fmt: skip
PUSHED: dict[str, tuple[Callable[..., Tensor], ...]] = {
    "abs": (_abs_pushed,), "acosh": (_acosh_pushed,), "pow": (_pow_base_pushed, _pow_exponent_pushed),
}  # fmt: skip
