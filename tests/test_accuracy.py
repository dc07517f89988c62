"""Values and derivatives of elementwise rows against 50 digits by mpmath, over the whole range of float64, extremes included.

Values are within ULPS of the exact result for the given floats, one unit being the distance of neighbouring floats there. What cannot be, or is
not worth its price, stands in LOOSER with its bound and its reason: a relative error, or an absolute one near roots, as a multiple of a
scale. Derivatives are within 2e-13 (or what DERIVATIVES says) of the exact one, relative to the larger of it and 1. The default run takes a few points a row, `-m slow` many more.
"""

import math

import mpmath as mp
import numpy as np
import pytest
from kernel_calls import pullback
from table_functions import MPMATH

from compiled_ops import kernels
from compiled_ops.table import ELEMENTWISE

ULPS = 4
TINY, HUGE = 5e-324, 1.7976931348623157e308
ALL, POSITIVE, UNIT, ANGLE, MODERATE = (-HUGE, HUGE), (TINY, HUGE), (-1.0, 1.0), (-1e4, 1e4), (-700.0, 700.0)

# Where values are asked for; a row that is not named is asked everywhere. Whole numbers for two ints.
RANGE = {
    "sqrt": (POSITIVE,), "rsqrt": (POSITIVE,), "log": (POSITIVE,), "log2": (POSITIVE,), "log10": (POSITIVE,), "log1p": ((-1.0, HUGE),),
    "asin": (UNIT,), "acos": (UNIT,), "atanh": (UNIT,), "acosh": ((1.0, HUGE),), "sin": (ANGLE,), "cos": (ANGLE,), "tan": (ANGLE,),
    "square": ((-1e154, 1e154),), "cube": ((-1e100, 1e100),), "reciprocal": ((1e-307, 1e307),), "exp": ((-745.0, 709.0),),
    "exp2": ((-1074.0, 1023.0),), "expm1": ((-800.0, 709.0),), "sinh": ((-709.0, 709.0),), "cosh": ((-709.0, 709.0),),
    "lgamma": ((1e-300, 1e300),), "digamma": ((1e-300, 1e300),), "rad2deg": ((-1e306, 1e306),), "sinc": (ANGLE,),
    "logit": ((TINY, 0.9999999999999999),), "ndtri": ((1e-300, 0.9999999999999999),), "erfinv": ((-0.9999999999999999, 0.9999999999999999),),
    "erfcx": ((-26.0, 1e300),), "entr": (POSITIVE,), "i0": (MODERATE,), "i1": (MODERATE,), "i0e": ((-1e5, 1e5),), "i1e": ((-1e5, 1e5),),
    "bessel_j0": ((-100.0, 100.0),), "bessel_j1": ((-100.0, 100.0),), "bessel_y0": ((1e-300, 100.0),), "bessel_y1": ((1e-300, 100.0),),
    "modified_bessel_k0": ((1e-300, 700.0),), "modified_bessel_k1": ((1e-300, 700.0),), "scaled_modified_bessel_k0": ((1e-300, 1e5),),
    "scaled_modified_bessel_k1": ((1e-300, 1e5),), "airy_ai": ((-20.0, 100.0),), "airy_ai_prime": ((-20.0, 100.0),), "log_ndtr": ((-1e10, 30.0),),
    "ndtr": ((-37.0, 1e3),), "gelu": ((-37.0, 1e3),), "erfc": ((-1e3, 26.5),), "silu": (MODERATE,), "sigmoid": (MODERATE,), "softplus": ((-740.0, HUGE),),
    "log_sigmoid": ((-HUGE, 740.0),),
    "mul": ((-1e150, 1e150),) * 2, "div": ((-1e150, 1e150), (1e-150, 1e150)), "pow": ((1e-3, 1e3), (-100.0, 100.0)),
    "atan2": ((-1e150, 1e150), (1e-150, 1e150)), "logaddexp": (MODERATE, MODERATE), "logaddexp2": (MODERATE, MODERATE), "fmod": ((-1e5, 1e5), (1.0, 1e5)),
    "remainder": ((-1e5, 1e5), (1.0, 1e5)), "floor_divide": ((-1e5, 1e5), (1.0, 1e5)), "hypot": ((1e-300, 1e307),) * 2,
    "hypot_least": ((1e-300, 1e307),) * 2, "xlogy": ((1e-100, 1e100), POSITIVE), "xlog1py": ((1e-100, 1e100), (-1.0, HUGE)),
    "celu": (MODERATE, (1e-3, 1e3)), **dict.fromkeys(("hardshrink", "softshrink"), (ALL, POSITIVE)), "ldexp": ((0.5, 1.0), (-1020.0, 1020.0)), "polygamma": ((1, 8), (1e-3, 1e10)), "zeta": ((1.0001, 50.0), (1e-2, 1e6)),
    "gammainc": ((1e-2, 1e3), (1e-2, 1e3)), "gammaincc": ((1e-2, 1e3), (1e-2, 1e3)), "gamma_density": ((1e-1, 1e3), (1e-2, 1e3)),
    "beta": ((1e-2, 50.0),) * 2, "betaln": ((1e-2, 50.0),) * 2, "erfcx_integral": ((0, 4), (-5.0, 1e6)),
    **dict.fromkeys(("jv", "yv"), ((0, 5), (1e-3, 1e3))), **dict.fromkeys(("iv", "kv"), ((0, 5), (1e-3, 500.0))),
    **dict.fromkeys(("ive", "kve"), ((0, 5), (1e-3, 1e4))), "spherical_jn": ((0, 8), (1e-3, 1e3)),
    **dict.fromkeys("chebyshev_t chebyshev_u chebyshev_v chebyshev_w legendre".split(), ((0, 8), (-1.5, 1.5))),
    **dict.fromkeys("hermite_h hermite_he laguerre".split(), ((0, 6), (-3.0, 3.0))),
}  # fmt: skip


def spread(low, high, count, rng):
    """Numbers between two bounds, of all magnitudes and signs; the bounds themselves, and near them."""
    if type(low) is int:
        return rng.integers(low, high + 1, count).astype(float)
    smallest = max(low, 1e-300) if low > 0 else 1e-300
    size = 10.0 ** rng.uniform(math.log10(smallest), math.log10(max(abs(low), abs(high))), count // 2)
    scale = 10.0 ** rng.uniform(-3, 2, count)
    near = np.concatenate([size * rng.choice([-1.0, 1.0], size.size), scale * rng.choice([-1.0, 1.0], count)])
    edges = np.array([low, high, 0.0, 1.0, 0.5, -0.5, *(1 + rng.normal(0, 1e-7, 2)), *(low + abs(low) * 10.0 ** rng.uniform(-16, -3, 2)),
                      *(high - abs(high) * 10.0 ** rng.uniform(-16, -3, 2))])  # fmt: skip
    found = np.concatenate([near, edges])
    found = found[(found >= low) & (found <= high)]
    return rng.permutation(found)[:count] if len(found) >= count else np.concatenate([found, rng.uniform(max(low, -1e3), min(high, 1e3), count - len(found))])


def points(row, count):
    rng = np.random.default_rng(list(row.name.encode()))
    ranges = RANGE.get(row.name, (ALL,) * len(row.inputs))
    return [spread(low, high, count, rng) for low, high in ranges]


# (relative, absolute) bounds of values in the place of ULPS, with the reason
ROOTS = "near roots the terms cancel"
LOOSER = {
    "softplus": (3e-9, 0, "PyTorch's definition: x itself beyond 20"),
    "digamma": (2e-15, 0, "reflection and recurrence add a few roundings"), "polygamma": (3e-15, 0, "a product with the factorial"),
    **dict.fromkeys(("ndtr", "gelu", "log_ndtr"), (4e-13, 0, "far in the tail exp(-x*x/2) magnifies the rounding of x/sqrt(2)")),
    "erfinv": (1.2e-15, 0, "a quotient of polynomials of degree 7: up to five units"),
    "erfcx": (2e-13, 0, "below -20 it is exp(x*x), which magnifies the rounding of x*x"),
    **dict.fromkeys(("bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "jv", "yv", "spherical_jn"), (4e-14, 4e-15, ROOTS)),
    **dict.fromkeys(("airy_ai", "airy_ai_prime"), (4e-14, 2e-14, ROOTS)),
    **dict.fromkeys(("modified_bessel_k0", "scaled_modified_bessel_k0"), (3e-15, 0, "SciPy's")),
    **dict.fromkeys(("iv", "ive", "kv", "kve"), (3e-14, 0, "SciPy's")), "erfcx_integral": (2e-14, 0, "a recurrence"),
    **dict.fromkeys(("i0e", "i1", "i1e"), (2e-15, 0, "SciPy's")), "zeta": (4e-15, 0, "a sum of powers"), **dict.fromkeys(("gammainc", "gammaincc"), (1e-11, 1e-300, "SciPy's")),
    "gamma_density": (4e-13, 1e-300, "the exponential of a large number"), "beta": (2e-13, 0, "SciPy's"), "betaln": (2e-14, 2e-14, ROOTS),
    "logaddexp": (1e-15, 2e-16, ROOTS), "logaddexp2": (1e-15, 2e-16, ROOTS),
    **dict.fromkeys("chebyshev_t chebyshev_u chebyshev_v chebyshev_w legendre laguerre".split(), (1e-13, 1e-14, ROOTS)),
    **dict.fromkeys(("hermite_h", "hermite_he"), (1e-13, 2e-12, ROOTS)),
}  # fmt: skip
# Derivatives: the rule's own error, relative to the larger of the exact one and 1; within MODEST, where float64 holds every intermediate
MODEST = 30.0
DERIVATIVES = {
    "softplus": 3e-9, "gammainc": 1e-11, "gammaincc": 1e-11, "gamma_density": 1e-12, "erfcx": 1e-12, "airy_ai_prime": 1e-12, "log_ndtr": 1e-12,
    **dict.fromkeys("hermite_h hermite_he laguerre legendre chebyshev_t chebyshev_u chebyshev_v chebyshev_w".split(), 1e-12),
}  # fmt: skip
NO_DERIVATIVE = {"sign", "floor", "ceil", "round", "trunc", "nextafter", "heaviside"}


def exact(row, point):
    with mp.workdps(50):
        return mp.re(MPMATH[row.name](*map(mp.mpf, point)))


def off(row, point, got):
    """By how many of its bounds a value is off."""
    wanted = exact(row, point)
    if mp.isnan(wanted) or mp.isinf(wanted) or abs(wanted) > HUGE:
        return 0.0 if not math.isfinite(got) else math.inf
    if not math.isfinite(got):
        return math.inf
    relative, absolute, _ = LOOSER.get(row.name, (0, 0, ""))
    bound = max(ULPS * float(np.spacing(abs(float(wanted)))), float(relative * abs(wanted)), absolute)
    return float(abs(mp.mpf(got) - wanted) / bound)


def check_values(row, count):
    given = points(row, count)
    with np.errstate(all="ignore"):
        values = kernels.forward(row.name)(*given)
    for point, got in zip(zip(*(v.tolist() for v in given), strict=True), values.tolist(), strict=True):
        assert off(row, point, got) <= 1, (row.name, point, got, mp.nstr(exact(row, point), 20))


SLOW_IN_MPMATH = {"kv": 3, "kve": 2, "scaled_modified_bessel_k1": 5, "modified_bessel_k1": 6, "bessel_y1": 8, "erfcx_integral": 6, "ndtri": 5,
                  "zeta": 8, "bessel_y0": 10, "modified_bessel_k0": 10, "scaled_modified_bessel_k0": 10}  # fmt: skip
SLOWEST = ("kv", "kve", "modified_bessel_k1", "scaled_modified_bessel_k1")
EACH = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)


@EACH
def test_values_are_exact_to_a_few_units(row):
    check_values(row, SLOW_IN_MPMATH.get(row.name, 24))


@EACH
@pytest.mark.slow
def test_values_are_exact_to_a_few_units_everywhere(row):
    check_values(row, 40 if row.name in SLOW_IN_MPMATH else 1000)


def test_results_that_hold_are_not_lost_on_the_way():
    def value(name, *point):
        return kernels.forward(name)(*point).item()

    assert value("sigmoid", -800.0) == 0.0 and value("sigmoid", -700.0) == pytest.approx(math.exp(-700), rel=1e-15)
    assert value("softplus", 800.0) == 800.0 and value("softplus", -700.0) == pytest.approx(math.exp(-700), rel=1e-15)
    assert value("hypot", 1e300, 1e300) == pytest.approx(math.sqrt(2) * 1e300, rel=1e-15) and value("hypot", math.inf, math.nan) == math.inf
    assert value("logaddexp", -math.inf, -math.inf) == -math.inf and value("logaddexp", math.inf, -math.inf) == math.inf
    assert value("logaddexp2", 1e300, 0.0) == 1e300 and value("logaddexp2", -math.inf, -math.inf) == -math.inf
    assert value("log_ndtr", -1e10) == pytest.approx(-5e19, rel=1e-15) and value("log_ndtr", 30.0) == pytest.approx(-4.906713927148187e-198, rel=1e-13)
    assert value("ldexp", 0.75, 1024.0) == math.ldexp(0.75, 1024) and value("ldexp", 1e300, -2000.0) == 1e300 * 2.0**-1000 * 2.0**-1000
    assert value("sinc", 1e-200) == 1.0 and value("sinc", 3.0) == 0.0 and value("erfcx", 1e200) == pytest.approx(5.6418958354775625e-201, rel=1e-15)
    assert value("i0e", 1e300) > 0 and value("tanh", 1e300) == 1.0 and value("expm1", 1e-300) == 1e-300 and value("atanh", 1e-300) == 1e-300
    assert value("xlogy", 0.0, 0.0) == 0.0 and value("xlog1py", 0.0, -1.0) == 0.0 and value("entr", 0.0) == 0.0


RULES = [(row, k) for row in ELEMENTWISE for k, rule in enumerate(row.rules) if rule and row.name not in NO_DERIVATIVE]


def check_derivative(row, operand, count):
    rng = np.random.default_rng(list(row.name.encode()) + [operand])
    given = []
    for low, high in RANGE.get(row.name, (ALL,) * len(row.inputs)):
        if type(low) is int:
            given.append(rng.integers(low, high + 1, count).astype(float))
            continue
        low, high = max(low, -MODEST), min(high, MODEST)
        size = 10.0 ** rng.uniform(-2, math.log10(max(abs(low), high)), 20 * count) * rng.choice([-1.0, 1.0], 20 * count)
        inside = size[(size > low) & (size < high)][:count]
        given.append(inside if len(inside) == count else rng.uniform(low, high, count))
    got = pullback(row.name, operand, np.ones(count), *given)
    bound = DERIVATIVES.get(row.name, 2e-13)
    for point, found in zip(zip(*(v.tolist() for v in given), strict=True), got.tolist(), strict=True):
        with mp.workdps(40):
            here = list(map(mp.mpf, point))
            wanted = mp.diff(lambda v, here=here: mp.re(MPMATH[row.name](*here[:operand], v, *here[operand + 1 :])), here[operand], h=mp.mpf("1e-15"))
            assert abs(found - wanted) <= bound * max(1, abs(wanted)), (row.name, operand, point, found, mp.nstr(wanted, 20))


@pytest.mark.parametrize(("row", "operand"), RULES, ids=[f"{row.name}-{row.inputs[k]}" for row, k in RULES])
def test_derivatives_are_exact_to_their_bound(row, operand):
    check_derivative(row, operand, 1 if row.name in SLOWEST else 2 if row.name in SLOW_IN_MPMATH else 8)
