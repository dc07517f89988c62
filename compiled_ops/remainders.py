"""fmod, remainder and floor_divide of floats, with NumPy's values to the last bit, several times faster.

A quotient below 2**52 leaves its remainder after one fused multiplication and subtraction, exactly: the rounded quotient is the true one or one
more, and in both cases what is left is a multiple of the divisor's last place below the divisor. Larger quotients go bit by bit.
Invariant: NaN for an infinite dividend and for a zero divisor. Computed in float64.
Imports Numba. Imported by the generated text, which bears a hash of this file.
"""

from __future__ import annotations

import math

from numba.core import types
from numba.extending import intrinsic, register_jitable

from compiled_ops.vectormath import rounding

floor, copysign = rounding("floor"), rounding("copysign")
EXACT = 2.0**52  # quotients below this are whole numbers that float64 tells apart


@intrinsic
def _left(typing, x, q, y):
    """x - q*y, rounded once."""

    def lower(context, builder, signature, arguments):
        x, q, y = arguments
        return builder.fma(builder.fneg(q), y, x)

    return types.float64(types.float64, types.float64, types.float64), lower


@register_jitable(error_model="numpy")
def _rare(a, b):
    """fmod of what is infinite, NaN, zero or far apart: division bit by bit, each step exact. Not libm's, which LLVM would call for every element."""
    rest, y = abs(a), abs(b)
    if rest < y:
        return a
    if not (rest < math.inf and y > 0.0):
        return math.nan
    step = y
    while step <= 0.5 * rest:
        step *= 2.0
    while step >= y:
        if rest >= step:
            rest -= step
        step *= 0.5
    return copysign(rest, a)


@register_jitable(error_model="numpy")
def fmod(a, b):
    """What division towards zero leaves of a; its sign is that of a."""
    a, b = float(a), float(b)
    x, y = abs(a), abs(b)
    quotient = floor(x / y)
    if not (quotient < EXACT and y < math.inf):
        return _rare(a, b)
    rest = _left(x, quotient, y)
    return copysign(rest + y if rest < 0.0 else rest, a)


@register_jitable(error_model="numpy")
def remainder(a, b):
    """What division towards minus infinity leaves of a; its sign is that of b."""
    a, b = float(a), float(b)
    rest = fmod(a, b)
    if b == 0.0:
        return rest
    if rest == 0.0:
        return copysign(0.0, b)
    return rest + b if (b < 0.0) != (rest < 0.0) else rest


@register_jitable(error_model="numpy")
def floor_divide(a, b):
    """The quotient, rounded towards minus infinity."""
    a, b = float(a), float(b)
    if b == 0.0:
        return a / b
    rest, ratio = fmod(a, b), a / b
    quotient = (a - rest) / b
    quotient -= 1.0 if (rest != 0.0) & ((b < 0.0) != (rest < 0.0)) else 0.0
    whole = floor(quotient)
    whole += 1.0 if quotient - whole > 0.5 else 0.0
    return copysign(0.0, ratio) if quotient == 0.0 else whole
