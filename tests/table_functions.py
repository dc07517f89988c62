"""The functions of the table by others: `MPMATH` in any precision, `numpy_names()` by NumPy and SciPy, and `sample(row)`, points in its domain.

Independent of the table's own text. Imported by the tests of rows, rules and kernels.
"""

import mpmath as mp
import numpy as np
import scipy.special

from compiled_ops import kernels, rows
from compiled_ops.table import ELEMENTWISE


def _iterated(n, x):
    """exp(x*x) times the n-th iterated integral of erfc, by parabolic cylinder functions."""
    n, x = int(n), mp.mpf(x)
    if n < 0:
        return 2 / mp.sqrt(mp.pi)
    return mp.exp(x * x / 2) * mp.pcfd(-n - 1, x * mp.sqrt(2)) * mp.mpf(2) ** (-mp.mpf(n - 1) / 2) / mp.sqrt(mp.pi)


def _polynomial(function):
    """A polynomial whose degree carries in 1/1024ths how often it is differentiated."""

    def value(a, x):
        n = int(mp.floor(a))
        times = int(mp.nint((a - n) * 1024))
        if n < times:
            return mp.mpf(0)
        return mp.diff(lambda t: function(n, t), x, times) if times else function(n, x)

    return value


def _spherical(n, x):
    n = int(n)
    if n < 0:
        return mp.mpf(0)
    if x < 0:
        return (-1) ** n * _spherical(n, -x)
    return mp.sqrt(mp.pi / (2 * x)) * mp.besselj(n + mp.mpf(1) / 2, x) if x else mp.mpf(n == 0)


def _recurred(first, factors):
    """Polynomials of degree n by p(k + 1) = (c + d*x)*p(k) - e*p(k - 1), with (c, d, e) = factors(k) and p(1) = first(x). mpmath's own fail near 0."""

    def value(n, x):
        before, now = mp.mpf(0), mp.mpf(1)
        for k in range(int(n)):
            c, d, e = factors(mp.mpf(k))
            before, now = now, first(x) if k == 0 else (c + d * x) * now - e * before
        return now if n >= 0 else mp.mpf(0)

    return value


def _doubled(k):
    return 0, 2, 1


# mpmath's zeta loses digits for large q, its inverse of erf for arguments near 1
def _hurwitz(s, q):
    with mp.workdps(120):
        return +mp.zeta(s, q)


def _quantile(p):
    with mp.workdps(mp.mp.dps + int(-mp.log10(min(p, 1 - p))) + 10):
        return mp.findroot(lambda x: mp.log(mp.ncdf(x) / p), mp.mpf(float(scipy.special.ndtri(float(p)))))


# mpmath's own function of each row, independent of the table's text
MPMATH = {
    "neg": lambda x: -x, "abs": abs, "sign": mp.sign, "floor": mp.floor, "ceil": mp.ceil, "round": mp.nint,
    "square": lambda x: x**2, "trunc": lambda x: mp.sign(x) * mp.floor(abs(x)), "cube": lambda x: x**3,
    "reciprocal": lambda x: 1 / x, "sqrt": mp.sqrt, "rsqrt": lambda x: 1 / mp.sqrt(x), "exp": mp.exp,
    "exp2": lambda x: mp.mpf(2) ** x, "expm1": mp.expm1, "log": mp.log, "log2": lambda x: mp.log(x, 2),
    "log10": mp.log10, "log1p": mp.log1p, "sin": mp.sin, "cos": mp.cos, "tan": mp.tan, "asin": mp.asin,
    "acos": mp.acos, "atan": mp.atan, "sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh, "asinh": mp.asinh,
    "acosh": mp.acosh, "atanh": mp.atanh, "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "relu": lambda x: max(x, mp.mpf(0)), "log_sigmoid": lambda x: -mp.log1p(mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)), "erf": mp.erf, "erfc": mp.erfc, "lgamma": mp.loggamma,
    "digamma": mp.digamma, "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "pow": lambda a, b: a**b, "maximum": max, "minimum": min, "fmax": max,
    "fmin": min, "atan2": mp.atan2, "hypot": mp.hypot, "fmod": lambda a, b: mp.sign(a) * (abs(a) % abs(b)),
    "remainder": lambda a, b: a - b * mp.floor(a / b), "floor_divide": lambda a, b: mp.floor(a / b),
    "copysign": lambda a, b: abs(a) * (-1 if b < 0 else 1),
    "logaddexp": lambda a, b: max(a, b) + mp.log1p(mp.exp(-abs(a - b))),
    "xlogy": lambda a, b: a * mp.log(b) if a else mp.mpf(0),
    "polygamma": lambda n, x: mp.polygamma(int(n), x),
    "frac": lambda x: x - mp.sign(x) * mp.floor(abs(x)), "deg2rad": mp.radians, "rad2deg": mp.degrees, "sinc": mp.sincpi,
    "logit": lambda x: mp.log(x) - mp.log1p(-x), "silu": lambda x: x / (1 + mp.exp(-x)), "gelu": lambda x: x * mp.ncdf(x),
    "hardtanh": lambda x: min(max(x, mp.mpf(-1)), mp.mpf(1)), "hardsigmoid": lambda x: min(max(x / 6 + mp.mpf(1) / 2, mp.mpf(0)), mp.mpf(1)),
    "hardswish": lambda x: x * min(max(x + 3, mp.mpf(0)), mp.mpf(6)) / 6, "mish": lambda x: x * mp.tanh(mp.log1p(mp.exp(x))),
    "leaky_relu": lambda a, b: a if a > 0 else a * b, "elu": lambda a, b: a if a > 0 else b * mp.expm1(a),
    "celu": lambda a, b: a if a > 0 else b * mp.expm1(a / b), "hardshrink": lambda a, b: a if abs(a) > b else mp.mpf(0),
    "softshrink": lambda a, b: mp.sign(a) * max(abs(a) - b, mp.mpf(0)),
    "relu6": lambda x: min(max(x, mp.mpf(0)), mp.mpf(6)), "softsign": lambda x: x / (1 + abs(x)),
    "ndtr": mp.ncdf, "log_ndtr": lambda x: mp.log(mp.ncdf(x)) if x < 5 else mp.log1p(-mp.ncdf(-x)),
    "ndtri": _quantile, "erfinv": mp.erfinv,
    "erfcx": lambda x: mp.exp(mp.mpf(x) ** 2) * mp.erfc(x) if x < 1e5 else (1 - 1 / (2 * mp.mpf(x) ** 2)) / (x * mp.sqrt(mp.pi)), "entr": lambda x: -x * mp.log(x) if x else mp.mpf(0),
    "i0": lambda x: mp.besseli(0, x), "i0e": lambda x: mp.besseli(0, x) * mp.exp(-abs(x)),
    "i1": lambda x: mp.besseli(1, x), "i1e": lambda x: mp.besseli(1, x) * mp.exp(-abs(x)),
    "bessel_j0": lambda x: mp.besselj(0, x), "bessel_j1": lambda x: mp.besselj(1, x),
    "bessel_y0": lambda x: mp.bessely(0, x), "bessel_y1": lambda x: mp.bessely(1, x),
    "modified_bessel_k0": lambda x: mp.besselk(0, x), "modified_bessel_k1": lambda x: mp.besselk(1, x),
    "scaled_modified_bessel_k0": lambda x: mp.besselk(0, x) * mp.exp(x),
    "scaled_modified_bessel_k1": lambda x: mp.besselk(1, x) * mp.exp(x),
    "airy_ai": mp.airyai, "airy_ai_prime": lambda x: mp.airyai(x, derivative=1),
    "fmax_even": max, "fmin_even": min, "hypot_least": mp.hypot,
    "logaddexp2": lambda a, b: max(a, b) + mp.log1p(mp.mpf(2) ** -abs(a - b)) / mp.log(2),
    "xlog1py": lambda a, b: a * mp.log1p(b) if a else mp.mpf(0), "ldexp": lambda a, b: a * mp.mpf(2) ** b,
    "heaviside": lambda a, b: mp.mpf(a > 0) if a else b, "nextafter": lambda a, b: a,
    "zeta": _hurwitz, "gammainc": lambda a, x: mp.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mp.gammainc(a, x, regularized=True),
    "gamma_density": lambda a, x: mp.exp((a - 1) * mp.log(x) - x) * mp.rgamma(a),
    "betaln": lambda a, b: mp.log(mp.beta(a, b)), "beta": mp.beta, "erfcx_integral": _iterated,
    "jv": mp.besselj, "yv": mp.bessely, "iv": mp.besseli, "kv": mp.besselk,
    "ive": lambda n, x: mp.besseli(n, x) * mp.exp(-abs(x)), "kve": lambda n, x: mp.besselk(n, x) * mp.exp(x),
    "spherical_jn": _spherical, "chebyshev_t": _polynomial(_recurred(lambda x: x, _doubled)),
    "chebyshev_u": _polynomial(_recurred(lambda x: 2 * x, _doubled)), "chebyshev_v": _polynomial(_recurred(lambda x: 2 * x - 1, _doubled)),
    "chebyshev_w": _polynomial(_recurred(lambda x: 2 * x + 1, _doubled)),
    "hermite_h": _polynomial(_recurred(lambda x: 2 * x, lambda k: (0, 2, 2 * k))),
    "hermite_he": _polynomial(_recurred(lambda x: x, lambda k: (0, 1, k))),
    "laguerre": _polynomial(_recurred(lambda x: 1 - x, lambda k: ((2 * k + 1) / (k + 1), -1 / (k + 1), k / (k + 1)))),
    "legendre": _polynomial(_recurred(lambda x: x, lambda k: (0, (2 * k + 1) / (k + 1), k / (k + 1)))),
}  # fmt: skip


def sample(row, count=5, dtype=np.float64):
    """Points inside the row's domain, the same in every run; whole numbers where its bounds are ints."""
    rng = np.random.default_rng(list(row.name.encode()))
    return [
        (rng.integers(low, high + 1, count) if type(low) is int else rng.uniform(low, high, count)).astype(dtype)
        for low, high in row.domain
    ]


def numpy_names():
    """The functions that rules mention, by NumPy and SciPy; what they lack by the kernels of the values."""
    same = "exp exp2 log log2 log10 log1p sin cos tan sinh cosh sqrt sign hypot "
    same += "floor trunc copysign logaddexp logaddexp2 maximum minimum where"
    names = {row.name: kernels.forward(row.name) for row in ELEMENTWISE if not row.value.startswith("np.")}
    names |= {name: getattr(np, name) for name in same.split()}
    in_scipy = "erfc erfcx digamma i0 i0e i1 i1e jv yv iv ive kv kve zeta beta betaln"
    names |= {name: getattr(scipy.special, name) for name in in_scipy.split()}
    names |= {"bessel_j0": scipy.special.j0, "bessel_j1": scipy.special.j1, "modified_bessel_k0": scipy.special.k0}
    names |= {"pow": np.power, "sigmoid": scipy.special.expit}
    return names | {"polygamma": lambda n, x: scipy.special.polygamma(np.asarray(n, int), x)} | rows.CONSTANTS
