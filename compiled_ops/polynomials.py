"""Orthogonal polynomials and their derivatives of every order, in plain Python that kernels take in compiled form.

`chebyshev_t(n, x)`, `_u`, `_v`, `_w`, `hermite_h`, `hermite_he`, `laguerre`, `legendre`: 0 for n < 0, else by their three-term recurrences, which
cost n steps; beyond LONG steps Chebyshev polynomials go by cosines. NaN beyond degree MOST.
Note [derivative order]: where the derivative of a polynomial is none of the same kind, the fraction of the first argument says how often it is
differentiated, in 1/1024ths: `legendre(5 + 2/1024, x)` is P5''(x). So the table stays closed: the rule of `legendre(a, b)` is
`legendre(a + 1/1024, b)`. Callers give whole n.
Imports Numba. Imported by the generated text, which bears a hash of this file.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

LONG, MOST = 64.0, 1e6


@register_jitable(error_model="numpy")
def _order(a):
    """(n, how often differentiated)"""
    n = np.floor(a)
    return n, np.floor((a - n) * 1024.0 + 0.5)


@register_jitable(error_model="numpy")
def _recurred(n, x, first):
    """p(n) of p(k + 1) = 2 x p(k) - p(k - 1) from p(0) = 1, p(1) = first."""
    before, now, k = 1.0, first, 1.0
    if n == 0.0:
        return 1.0
    while k < n:
        before, now = now, 2.0 * x * now - before
        k += 1.0
    return now


@register_jitable(error_model="numpy")
def chebyshev_t(n, x):
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    if n <= LONG:
        return _recurred(n, x, x)
    if abs(x) <= 1.0:
        return math.cos(n * math.acos(x))
    return math.cosh(n * math.acosh(abs(x))) * (1.0 if x > 0.0 or n % 2.0 == 0.0 else -1.0)


@register_jitable(error_model="numpy")
def _gegenbauer(n, order, x):
    """C(n) of the given order: C(0) = 1, C(1) = 2 order x."""
    if n < 0.0:
        return 0.0
    before, now, k = 0.0, 1.0, 1.0
    while k <= n:
        before, now = now, (2.0 * x * (k + order - 1.0) * now - (k + 2.0 * order - 2.0) * before) / k
        k += 1.0
    return now


@register_jitable(error_model="numpy")
def chebyshev_u(a, x):
    n, times = _order(float(a))
    x = float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < times:
        return 0.0
    if times == 0.0:
        if n > LONG and abs(x) < 1.0:
            angle = math.acos(x)
            return math.sin((n + 1.0) * angle) / math.sin(angle)
        return _recurred(n, x, 2.0 * x)
    return 2.0**times * math.gamma(times + 1.0) * _gegenbauer(n - times, times + 1.0, x)


@register_jitable(error_model="numpy")
def chebyshev_v(n, x):
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    if n > LONG and abs(x) < 1.0:
        angle = math.acos(x)
        return math.cos((n + 0.5) * angle) / math.cos(0.5 * angle)
    return _recurred(n, x, 2.0 * x - 1.0)


@register_jitable(error_model="numpy")
def chebyshev_w(n, x):
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    if n > LONG and abs(x) < 1.0:
        angle = math.acos(x)
        return math.sin((n + 0.5) * angle) / math.sin(0.5 * angle)
    return _recurred(n, x, 2.0 * x + 1.0)


@register_jitable(error_model="numpy")
def hermite_h(n, x):
    """The physicists' polynomials."""
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    before, now, k = 0.0, 1.0, 0.0
    while k < n:
        before, now = now, 2.0 * x * now - 2.0 * k * before
        k += 1.0
    return now


@register_jitable(error_model="numpy")
def hermite_he(n, x):
    """The probabilists' polynomials."""
    n, x = np.floor(float(n)), float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < 0.0:
        return 0.0
    before, now, k = 0.0, 1.0, 0.0
    while k < n:
        before, now = now, x * now - k * before
        k += 1.0
    return now


@register_jitable(error_model="numpy")
def laguerre(a, x):
    n, times = _order(float(a))
    x = float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < times:
        return 0.0
    before, now, k = 0.0, 1.0, 0.0
    while k < n - times:
        before, now = now, ((2.0 * k + 1.0 + times - x) * now - (k + times) * before) / (k + 1.0)
        k += 1.0
    return now if times % 2.0 == 0.0 else -now


@register_jitable(error_model="numpy")
def legendre(a, x):
    n, times = _order(float(a))
    x = float(x)
    if math.isnan(x) or math.isnan(n) or n > MOST:
        return math.nan
    if n < times:
        return 0.0
    factor, k = 1.0, 1.0
    while k < 2.0 * times:
        factor *= k
        k += 2.0
    return factor * _gegenbauer(n - times, times + 0.5, x)
