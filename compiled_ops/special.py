"""Functions that no C library has: digamma and polygamma, in plain Python that kernels take in compiled form.

`digamma(x)` is the derivative of lgamma, `trigamma(x)` that of digamma, `polygamma(n, x)` its n-th one.
Poles as in SciPy: digamma is -inf at 0, inf at -0.0 and NaN at negative integers, polygamma infinite there.
Invariant: the relative error is about 1e-15 for x > 0, also at the root of digamma; for x < 0 it is
relative to the terms of the reflection. Computed in float64 whatever the kernel's dtype.
Imported by the generated text, which bears a hash of this file.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

# Taylor coefficients of digamma at its positive root, a sum of two floats; they converge within 1.46
ROOT, ROOT_REST = 1.4616321449683622, 9.549995429965697e-17
AT_ROOT = (
    0.9676722454476212,
    -0.4427631689835921,
    0.258499760955651,
    -0.16394270544240652,
    0.10782405069126237,
    -0.07219956125645471,
    0.04880428816414311,
    -0.03316112647484736,
    0.022597648232218104,
    -0.01542476590494896,
    0.010538791616612175,
    -0.007204534386356869,
    0.004926781395729853,
    -0.003369801655439328,
    0.002305126326734928,
    -0.0015769367714301972,
    0.0010788252019162967,
    -0.0007380709389960052,
    0.000504953265834602,
    -0.0003454680251063077,
    0.00023635601564027053,
    -0.00016170622091974803,
    0.0001106337276874741,
    -7.569179582195066e-05,
    5.178575795222081e-05,
    -3.5430070947659604e-05,
    2.424006611860132e-05,
    -1.6584242271854135e-05,
)
# B(2k)/(2k), B(2k) and B(2k)/(2k)! for k = 1, 2, ...: the tails of digamma, trigamma and zeta
DIGAMMA_TAIL = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160)
TRIGAMMA_TAIL = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
ZETA_TAIL = (
    0.08333333333333333,
    -0.001388888888888889,
    3.306878306878307e-05,
    -8.267195767195768e-07,
    2.08767569878681e-08,
    -5.284190138687493e-10,
    1.3382536530684679e-11,
    -3.3896802963225827e-13,
    8.586062056277845e-15,
    -2.174868698558062e-16,
    5.5090028283602295e-18,
    -1.3954464685812522e-19,
    3.534707039629467e-21,
)
LARGE = 10.0  # from here on the tails are exact to the last bit


@register_jitable(error_model="numpy")
def _series(coefficients, t):
    """c[0] + c[1]*t + c[2]*t**2 + ..."""
    total = 0.0
    for k in range(len(coefficients) - 1, -1, -1):
        total = total * t + coefficients[k]
    return total


@register_jitable(error_model="numpy")
def digamma(x):
    x = float(x)
    if math.isnan(x) or x == math.inf:
        return x
    if x == 0.0:
        return -math.copysign(math.inf, x)
    reflected = 0.0
    if x < 0.0:
        if x == np.floor(x):  # -inf too; not math.floor, which Numba makes an int64 of
            return math.nan
        reflected = math.pi / math.tan(math.pi * _from_nearest(x))
        x = 1.0 - x
    if abs(x - ROOT) < 0.4:
        t = (x - ROOT) - ROOT_REST
        return t * _series(AT_ROOT, t) - reflected
    shifted = 0.0
    while x < LARGE:
        shifted += 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    return math.log(x) - 0.5 / x - square * _series(DIGAMMA_TAIL, square) - shifted - reflected


@register_jitable(error_model="numpy")
def trigamma(x):
    x = float(x)
    if math.isnan(x):
        return x
    if x <= 0.0:
        if x == -math.inf:
            return math.nan
        if x == np.floor(x):
            return math.inf
        sine = math.sin(math.pi * _from_nearest(x)) / math.pi
        return 1.0 / (sine * sine) - trigamma_of_positive(1.0 - x)
    return trigamma_of_positive(x)


@register_jitable(error_model="numpy")
def trigamma_of_positive(x):
    shifted = 0.0
    while x < LARGE:
        shifted += 1.0 / (x * x)
        x += 1.0
    square = 1.0 / (x * x)
    return shifted + (1.0 / x + 0.5 * square + square / x * _series(TRIGAMMA_TAIL, square))


@register_jitable(error_model="numpy")
def polygamma(n, x):
    """The n-th derivative of digamma; NaN where n is no whole number from 0 to 170 (171! exceeds float64)."""
    n, x = float(n), float(x)
    if not 0.0 <= n <= 170.0 or n != np.floor(n):
        return math.nan
    if n == 0.0:
        return digamma(x)
    if n == 1.0:
        return trigamma(x)
    if x == -math.inf:
        return math.nan
    sign = -1.0 if n % 2.0 == 0.0 else 1.0
    return sign * (math.gamma(n + 1.0) * _zeta(n + 1.0, x))


@register_jitable(error_model="numpy")
def _from_nearest(x):
    """x less the nearest whole number, exactly: pi times this keeps the digits that pi times x loses."""
    below = x - np.floor(x)
    return below if below <= 0.5 else x - np.ceil(x)


@register_jitable(error_model="numpy")
def _zeta(s, x):
    """The sum of (x + k)**-s over k = 0, 1, ...; s a whole number from 3 on, x any number."""
    if x > 0.0:
        return _zeta_of_positive(s, x)
    if x == np.floor(x):
        return math.inf
    if math.isnan(x):
        return x
    # all whole k, less those below 0: both are sums over positive numbers
    sign = 1.0 if s % 2.0 == 0.0 else -1.0
    below, above = x - np.floor(x), np.ceil(x) - x
    return _zeta_of_positive(s, below) + sign * (_zeta_of_positive(s, above) - _zeta_of_positive(s, 1.0 - x))


@register_jitable(error_model="numpy")
def _zeta_of_positive(s, x):
    """First terms, then Euler and Maclaurin's formula where x exceeds s, so that its terms fall."""
    total = 0.0
    while x < LARGE + s:
        term = x**-s
        total += term
        if term <= 1e-17 * total:
            return total
        x += 1.0
    term = x**-s
    total += x ** (1.0 - s) / (s - 1.0) + 0.5 * term
    factor = s * term / x
    for k in range(len(ZETA_TAIL)):
        total += ZETA_TAIL[k] * factor
        factor *= (s + 2.0 * k + 1.0) * (s + 2.0 * k + 2.0) / (x * x)
    return total
