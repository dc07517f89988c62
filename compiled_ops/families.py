"""Families of special functions that contain their own derivatives, in plain Python that kernels take in compiled form.

`spherical_jn(n, x)`: spherical Bessel functions of the first kind. `erfcx_integral(n, x)`: exp(x*x) times the n-th iterated integral of erfc;
erfcx itself is number 0. `gamma_density(a, x)`: the density of the gamma distribution, which the derivatives of gammainc are made of.
`zeta(s, q)`: Hurwitz's. Invariant: the relative error is some 1e-15, but for spherical_jn near its roots, where it is relative to the
neighbouring orders. Computed in float64 whatever the kernel's dtype.
Imports special, scipy_functions. Imported by the generated text, which bears a hash of this file.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from compiled_ops.special import _zeta, _zeta_of_positive

TWO_OVER_SQRT_PI = 1.1283791670955126
# Stirling's series for log(gamma(a + 1)) less its leading terms
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
MOST = 1e6  # NaN beyond this order, which takes as many steps
CLOSE = 0.1  # relative distance of a and x below which their logarithm is a series


@register_jitable(error_model="numpy")
def spherical_jn(n, x):
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    if abs(x) == math.inf:
        return 0.0
    sign = -1.0 if x < 0.0 and n % 2.0 == 1.0 else 1.0
    x = abs(x)
    square = x * x
    if square < 2.0 * n + 3.0:
        return sign * _spherical_series(n, x)
    zeroth = math.sin(x) / x
    first = (zeroth - math.cos(x)) / x
    if n == 0.0:
        return zeroth
    if n <= x:
        k = 1.0
        while k < n:
            zeroth, first = first, (2.0 * k + 1.0) / x * first - zeroth
            k += 1.0
        return sign * first
    return sign * _spherical_downwards(n, x, zeroth, first)


@register_jitable(error_model="numpy")
def _spherical_series(n, x):
    lead, k = 1.0, 1.0
    while k <= n:
        lead *= x / (2.0 * k + 1.0)
        k += 1.0
    term, total, k = 1.0, 1.0, 1.0
    while abs(term) > 1e-17 * abs(total):
        term *= -0.5 * x * x / (k * (2.0 * (n + k) + 1.0))
        total += term
        k += 1.0
    return lead * total


@register_jitable(error_model="numpy")
def _spherical_downwards(n, x, zeroth, first):
    """Miller's recurrence from an order high enough, made to agree with the larger of the first two."""
    k = np.floor(n + 20.0 + 3.0 * math.sqrt(n + x))
    above, here, wanted = 0.0, 1e-300, 0.0
    while k > 0.0:
        if k == n:
            wanted = here
        above, here = here, (2.0 * k + 1.0) / x * here - above
        if abs(here) > 1e250:
            above, here, wanted = above * 1e-250, here * 1e-250, wanted * 1e-250
        k -= 1.0
    return wanted * (zeroth / here) if abs(zeroth) > abs(first) else wanted * (first / above)


@register_jitable(error_model="numpy")
def erfcx_integral(n, x):
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < -1.0:
        return 0.0
    if n == -1.0:
        return TWO_OVER_SQRT_PI
    if x > 0.5:  # all terms of the recurrence downwards are positive
        k = np.floor(n + 60.0 + 400.0 / (x * x))
        ratio = 1.0 / (x + math.sqrt(x * x + 2.0 * k))
        product = TWO_OVER_SQRT_PI
        while k >= 0.0:
            ratio = 1.0 / (2.0 * x + 2.0 * (k + 1.0) * ratio)
            if k <= n:
                product *= ratio
            k -= 1.0
        return product
    before, now, k = TWO_OVER_SQRT_PI, math.exp(x * x) * math.erfc(x), 1.0
    while k <= n:
        before, now = now, (before - 2.0 * x * now) / (2.0 * k)
        k += 1.0
    return now


@register_jitable(error_model="numpy")
def gamma_density(a, x):
    """x**(a - 1) * exp(-x) / gamma(a); 0 where 1/gamma(a) is."""
    a, x = float(a), float(x)
    if math.isnan(a) or math.isnan(x) or x < 0.0 or abs(a) == math.inf:
        return math.nan
    if a <= 0.0 and a == np.floor(a):
        return 0.0
    if x == 0.0:
        return 1.0 if a == 1.0 else 0.0 if a > 1.0 else math.inf
    if x == math.inf:
        return 0.0
    if a < 10.0:
        sign = 1.0 if a > 0.0 or np.floor(a) % 2.0 == 0.0 else -1.0
        if a > 0.0 and x < 600.0:
            return x ** (a - 1.0) * math.exp(-x) / math.gamma(a)
        return sign * math.exp((a - 1.0) * math.log(x) - x - math.lgamma(a))
    square, rest = 1.0 / (a * a), 0.0
    for k in range(len(STIRLING) - 1, -1, -1):
        rest = rest * square + STIRLING[k]
    return math.exp(-rest / a - _deviance(a, x)) / math.sqrt(2.0 * math.pi * a) * (a / x)


@register_jitable(error_model="numpy")
def _deviance(a, x):
    """a*log(a/x) + x - a, without cancellation."""
    if abs(a - x) > CLOSE * (a + x):
        return a * math.log(a / x) + x - a
    ratio = (a - x) / (a + x)
    total, term, k = (a - x) * ratio, 2.0 * a * ratio, 1.0
    while k < 100.0:
        term *= ratio * ratio
        following = total + term / (2.0 * k + 1.0)
        if following == total:
            return total
        total, k = following, k + 1.0
    return total


@register_jitable(error_model="numpy")
def zeta(s, q):
    """The sum of (q + k)**-s over k = 0, 1, ...: infinite at s = 1 and at whole q <= 0, NaN for s < 1 and for other negative q."""
    s, q = float(s), float(q)
    if math.isnan(s) or math.isnan(q) or s < 1.0:
        return math.nan
    if s == 1.0:
        return math.inf
    if q <= 0.0:
        if q == np.floor(q):
            return math.inf
        if s != np.floor(s):
            return math.nan
        return _zeta(s, q)
    if q > 1e9:  # two terms of the series in 1/q are all
        return (1.0 / (s - 1.0) + 0.5 / q) * q ** (1.0 - s)
    return _zeta_of_positive(s, q)
