"""Elementwise primitives: name, value, one rule an input, where tests sample, an independent reference, PyTorch's label.

A rule is the pullback of the cotangent `g` in the inputs (`x`, or `a` and `b`) and the output `y`; with a tangent for `g` it is
the pushforward. Comparisons and `&`, `|` make masks for `where`, which is strong: the branch not taken contributes
nothing, whatever its value.

Note [strong zero]: a cotangent that is exactly zero contributes exactly zero, even where the partial is infinite or NaN. So
`where(x > 0, sqrt(x), 0)` has gradient 0 at x < 0, where 0*NaN would leak out of the branch not taken (as it does in PyTorch).
The kernels and tape/rerecord both apply it; with 0*finite = 0 it changes nothing else. Values at kinks are PyTorch 2.13's and stand in the last column of a row.
"""

from compiled_ops.rows import Elementwise

ANY, POSITIVE, UNIT, BIG, NONZERO = (-3.0, 3.0), (0.1, 4.0), (-0.9, 0.9), (1.1, 4.0), (0.2, 3.0)
ORDER = (1, 3)  # ints: tests sample whole numbers


def one(name, value, rule, domain, reference, label, scalar="", kinks="", labels=()):
    return Elementwise(name, "x", value, (rule,), (domain,), reference, label, scalar, kinks, labels=labels)


def two(name, value, rule_a, rule_b, domain, reference, label, scalar="", kinks="", labels=()):
    return Elementwise(name, "a b", value, (rule_a, rule_b), domain, reference, label, scalar, kinks, labels=labels)


def ratio(t, coefficients):
    """The quotient of two polynomials in t, given by the coefficients of both from the constant on; those of the denominator begin with 1."""

    def horner(numbers):
        first, *others = numbers
        return f"({first!r} + {t}*{horner(others)})" if others else repr(first)

    numerator, denominator = coefficients
    return f"{horner(numerator)}/{horner(denominator)}"


# The inverse of erf by the rational functions of Wichura's algorithm AS 241 (1988): near 0, in the tails, far out; numerators times sqrt(1/8), sqrt(1/2)
MIDDLE = (
    (1.1975323115670913, 47.07268811238398, 697.062665343896, 4854.886889384388, 16235.862515167575,
     23782.041382114385, 11819.493347062295, 887.0940696254552),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867, 39307.895800092710610,
     28729.085735721942674, 5226.4952788528545610),
)  # fmt: skip
TAILS = (
    (1.006522033603688, 3.274143290202006, 4.079650609331799, 2.579418287180049, 0.8983496455234804,
     0.17096479033317635, 0.016068184886544188, 0.0005476860319304465),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590, 0.0151986665636164571966,
     5.47593808499534494600e-4, 1.05075007164441684324e-9),
)  # fmt: skip
FAR = (
    (4.707849521913034, 3.8634793616288836, 1.2620629496172389, 0.209699991372496, 0.01876109113396867,
     0.0008786939826138098, 1.9173593302226658e-05, 1.4215210861921614e-07),
    (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15),
)  # fmt: skip
_DEPTH = "sqrt(-log(0.5 - 0.5*abs(x)))"
ERFINV = (
    f"where(abs(x) <= 0.85, x*({ratio('(0.180625 - 0.25*x*x)', MIDDLE)}), copysign("
    f"where({_DEPTH} <= 5, {ratio(f'({_DEPTH} - 1.6)', TAILS)}, where(abs(x) == 1, INFINITY, {ratio(f'({_DEPTH} - 5)', FAR)})), x))"
)

# fmt: off
ELEMENTWISE = (
    #   name          value                    rule in x                            domain    reference               label         for Python floats
    one("neg",        "np.negative",           "-g",                                ANY,      "numpy.negative",       "Neg",        "-x"),
    one("abs",        "np.absolute",           "g*sign(x)",                         ANY,      "numpy.absolute",       "Abs",        "fabs(x)", "at 0 and NaN: 0"),
    one("sign",       "where(x > 0, 1, where(x < 0, -1, 0))", "0",                  ANY,      "numpy.sign",           "Sign",       "",        "zero, and 0 at NaN"),
    one("floor",      "np.floor",              "0",                                 ANY,      "numpy.floor",          "Floor",      "",        "zero everywhere"),
    one("ceil",       "np.ceil",               "0",                                 ANY,      "numpy.ceil",           "Ceil",       "",        "zero everywhere"),
    one("round",      "np.rint",               "0",                                 ANY,      "numpy.rint",           "Round",      "",        "zero everywhere"),
    one("trunc",      "np.trunc",              "0",                                 ANY,      "numpy.trunc",          "Trunc",      "",        "zero everywhere"),
    one("square",     "np.square",             "2*x*g",                             ANY,      "numpy.square",         "Pow",        "x*x"),
    one("cube",       "x*x*x",                 "3*(x*x)*g",                         ANY,      "numpy.power(x, 3)",    "Pow",        "x*x*x"),
    one("reciprocal", "np.reciprocal",         "-g*(y*y)",                          NONZERO,  "numpy.reciprocal",     "Reciprocal", "1.0/x",   labels=("Pow",)),
    one("sqrt",       "np.sqrt",               "g/(2*y)",                           POSITIVE, "numpy.sqrt",           "Sqrt",       "sqrt(x)", "at 0: inf"),
    one("rsqrt",      "1/sqrt(x)",             "-0.5*g*(y*y*y)",                    POSITIVE, "1/numpy.sqrt(x)",      "Rsqrt",      "1.0/sqrt(x)"),
    one("exp",        "exp(x)",                "g*y",                               ANY,      "numpy.exp",            "Exp",        "exp(x)"),
    one("exp2",       "exp2(x)",               "g*y*LN2",                           ANY,      "numpy.exp2",           "Exp2",       ""),
    one("expm1",      "expm1(x)",              "g*(y + 1)",                         ANY,      "numpy.expm1",          "Expm1",      "expm1(x)"),
    one("log",        "log(x)",                "g/x",                               POSITIVE, "numpy.log",            "Log",        "log(x)",  "at 0: inf"),
    one("log2",       "log2(x)",               "g/(x*LN2)",                         POSITIVE, "numpy.log2",           "Log2",       "log2(x)"),
    one("log10",      "log10(x)",              "g/(x*LN10)",                        POSITIVE, "numpy.log10",          "Log10",      "log10(x)"),
    one("log1p",      "log1p(x)",              "g/(x + 1)",                         POSITIVE, "numpy.log1p",          "Log1P",      "log1p(x)"),
    one("sin",        "sin(x)",                "g*cos(x)",                          ANY,      "numpy.sin",            "Sin",        "sin(x)"),
    one("cos",        "cos(x)",                "-g*sin(x)",                         ANY,      "numpy.cos",            "Cos",        "cos(x)"),
    one("tan",        "tan(x)",                "g*(1 + y*y)",                       UNIT,     "numpy.tan",            "Tan",        "tan(x)"),
    one("asin",       "asin(x)",               "g/sqrt((1 - x)*(1 + x))",           UNIT,     "numpy.arcsin",         "Asin",       "asin(x)"),
    one("acos",       "acos(x)",               "-g/sqrt((1 - x)*(1 + x))",          UNIT,     "numpy.arccos",         "Acos",       "acos(x)"),
    one("atan",       "atan(x)",               "g/(x*x + 1)",                       ANY,      "numpy.arctan",         "Atan",       "atan(x)"),
    one("sinh",       "sinh(x)",               "g*cosh(x)",                         ANY,      "numpy.sinh",           "Sinh",       "sinh(x)"),
    one("cosh",       "cosh(x)",               "g*sinh(x)",                         ANY,      "numpy.cosh",           "Cosh",       "cosh(x)"),
    one("tanh",       "tanh(x)",               "g*(1 - y*y)",                       ANY,      "numpy.tanh",           "Tanh",       "tanh(x)"),
    one("asinh",      "asinh(x)",              "g/sqrt(x*x + 1)",                   ANY,      "numpy.arcsinh",        "Asinh",      "asinh(x)"),
    one("acosh",      "acosh(x)",              "g/(sqrt(x - 1)*sqrt(x + 1))",       BIG,      "numpy.arccosh",        "Acosh",      "acosh(x)"),  # two roots: no cancellation near 1
    one("atanh",      "atanh(x)",              "g/((1 - x)*(1 + x))",               UNIT,     "numpy.arctanh",        "Atanh",      "atanh(x)"),
    one("sigmoid",    "1/(1 + exp(-x))",       "g*((1 - y)*y)",                     ANY,      "scipy.special.expit",  "Sigmoid",    "1.0/(1.0 + exp(-x))"),
    one("log_sigmoid", "minimum(x, 0) - log1p(exp(-abs(x)))", "g*sigmoid(-x)",      ANY,      "scipy.special.log_expit", "LogSigmoid"),
    one("relu",       "where(x < 0, 0, x)",     "where(y <= 0, 0, g)",              ANY,      "numpy.maximum(x, 0)",  "Relu",       "",        "at 0: 0; NaN: g"),
    one("softplus",   "where(x > 20, x, log1p(exp(x)))", "where(x > 20, g, g*sigmoid(x))", ANY, "numpy.logaddexp(x, 0)", "Softplus", ""),
    one("erf",        "erf(x)",                "g*(TWO_OVER_SQRT_PI*exp(-x*x))",    ANY,      "scipy.special.erf",    "Erf",        "erf(x)"),
    one("erfc",       "erfc(x)",               "-g*(TWO_OVER_SQRT_PI*exp(-x*x))",   ANY,      "scipy.special.erfc",   "Erfc",       "erfc(x)"),
    one("lgamma",     "lgamma(x)",             "g*digamma(x)",                      POSITIVE, "scipy.special.gammaln", "Lgamma"),  # math.lgamma is not libm's
    one("digamma",    "digamma(x)",            "g*polygamma(1, x)",                 POSITIVE, "scipy.special.digamma", "Digamma"),
    one("frac",       "x - trunc(x)",          "g",                                 ANY,      "x - numpy.trunc(x)",   "Frac"),
    one("deg2rad",    "x*DEGREE",              "g*DEGREE",                          ANY,      "numpy.deg2rad",        "Deg2Rad"),
    one("rad2deg",    "x*RADIAN",              "g*RADIAN",                          ANY,      "numpy.rad2deg",        "Rad2Deg"),
    # sin(pi x) by the distance of x from the nearest integer, which pi*x would lose
    one("sinc",       "where(x == 0, 1, (1 - 2*(floor(x + 0.5) - 2*floor(floor(x + 0.5)/2)))*sin(PI*(x - floor(x + 0.5)))/(PI*x))",
                                               "-g*(PI*spherical_jn(1, PI*x))",     ANY,      "numpy.sinc",           "Sinc",       "",        "smooth: 0 at 0"),
    one("logit",      "where(abs(x - 0.5) < 0.2, log1p((2*x - 1)/(1 - x)), log(x/(1 - x)))", "where((x < 0) | (x > 1), INFINITY - INFINITY, g/(x*(1 - x)))", (0.05, 0.95), "scipy.special.logit", "Logit", "", "outside [0, 1]: NaN"),
    one("silu",       "x/(1 + exp(-x))",       "g*(sigmoid(x)*(1 + x*sigmoid(-x)))", ANY,     "x*scipy.special.expit(x)", "Silu"),
    one("gelu",       "x*(0.5*erfc(-x*SQRT_HALF))", "g*(0.5*erfc(-x*SQRT_HALF) + x*(INV_SQRT_TWO_PI*exp(-0.5*x*x)))", ANY, "x*scipy.special.ndtr(x)", "Gelu"),
    one("relu6",      "where(x < 0, 0, where(x > 6, 6, x))", "where((x <= 0) | (x >= 6), 0, g)", ANY, "numpy.clip(x, 0, 6)", "Hardtanh", "", "at 0 and 6: 0; NaN: g"),
    one("hardtanh",   "where(x < -1, -1, where(x > 1, 1, x))", "where((x <= -1) | (x >= 1), 0, g)", ANY, "numpy.clip(x, -1, 1)", "Hardtanh", "", "at -1 and 1: 0; NaN: g"),
    one("hardsigmoid", "where(x <= -3, 0, where(x >= 3, 1, (x + 3)/6))", "where((x > -3) & (x < 3), g/6, 0)", ANY, "numpy.clip(x/6 + 0.5, 0, 1)", "Hardsigmoid", "", "at -3 and 3: 0"),
    one("hardswish",  "where(x <= -3, 0, where(x >= 3, x, x*(x + 3)/6))", "where(x <= -3, 0, where(x < 3, g*(x/3 + 0.5), g))", ANY, "x*numpy.clip(x + 3, 0, 6)/6", "Hardswish", "", "at -3: 0; at 3: 1"),
    one("mish",       "x*tanh(softplus(x))",   "g*(tanh(softplus(x)) + x*(sigmoid(x)*(1 - tanh(softplus(x))*tanh(softplus(x)))))", ANY, "x*numpy.tanh(numpy.logaddexp(x, 0))", "Mish"),
    one("softsign",   "x/(1 + abs(x))",        "g/((1 + abs(x))*(1 + abs(x)))",     ANY,      "x/(1 + abs(x))",       "Div",        "",        "smooth: 1 at 0"),
    one("ndtr",       "0.5*erfc(-x*SQRT_HALF)", "g*(INV_SQRT_TWO_PI*exp(-0.5*x*x))", ANY,     "scipy.special.ndtr",   "SpecialNdtr"),
    one("log_ndtr",   "log_ndtr(x)",           "g*(SQRT_TWO_OVER_PI/erfcx(-x*SQRT_HALF))", ANY, "scipy.special.log_ndtr", "SpecialLogNdtr"),
    one("ndtri",      "ndtri(x)",              "g*(SQRT_TWO_PI*exp(0.5*y*y))",      (0.05, 0.95), "scipy.special.ndtri", "SpecialNdtri"),
    one("erfinv",     ERFINV,             "g*(HALF_SQRT_PI*exp(y*y))",         UNIT,     "scipy.special.erfinv", "Erfinv",     "",        "at 1: inf"),
    one("erfcx",      "erfcx(x)",              "-2*g*erfcx_integral(1, x)",         ANY,      "scipy.special.erfcx",  "SpecialErfcx"),
    one("entr",       "where(x > 0, -x*log(x), where(x == 0, 0, where(x < 0, -INFINITY, x)))", "-g*(log(x) + 1)", POSITIVE, "scipy.special.entr", "SpecialEntr", "", "at 0: inf"),
    one("i0",         "i0(x)",                 "g*i1(x)",                           ANY,      "scipy.special.i0",     "I0"),
    one("i0e",        "i0e(x)",                "g*(i1e(x) - sign(x)*i0e(x))",       ANY,      "scipy.special.i0e",    "SpecialI0E", "",        "at 0: 0"),
    one("i1",         "i1(x)",                 "g*(0.5*(i0(x) + iv(2, x)))",        ANY,      "scipy.special.i1",     "SpecialI1"),
    one("i1e",        "i1e(x)",                "g*(0.5*(i0e(x) + ive(2, x)) - sign(x)*i1e(x))", ANY, "scipy.special.i1e", "SpecialI1E"),
    one("bessel_j0",  "bessel_j0(x)",          "-g*bessel_j1(x)",                   ANY,      "scipy.special.j0",     "SpecialBesselJ0"),
    one("bessel_j1",  "bessel_j1(x)",          "g*(0.5*(bessel_j0(x) - jv(2, x)))", ANY,      "scipy.special.j1",     "SpecialBesselJ1"),
    one("bessel_y0",  "bessel_y0(x)",          "-g*bessel_y1(x)",                   POSITIVE, "scipy.special.y0",     "SpecialBesselY0"),
    one("bessel_y1",  "bessel_y1(x)",          "g*(0.5*(bessel_y0(x) - yv(2, x)))", POSITIVE, "scipy.special.y1",     "SpecialBesselY1"),
    one("modified_bessel_k0", "modified_bessel_k0(x)", "-g*modified_bessel_k1(x)",  POSITIVE, "scipy.special.k0",     "SpecialModifiedBesselK0"),
    one("modified_bessel_k1", "modified_bessel_k1(x)", "-g*(0.5*(modified_bessel_k0(x) + kv(2, x)))", POSITIVE, "scipy.special.k1", "SpecialModifiedBesselK1"),
    one("scaled_modified_bessel_k0", "scaled_modified_bessel_k0(x)", "g*(scaled_modified_bessel_k0(x) - scaled_modified_bessel_k1(x))",
                                                                                    POSITIVE, "scipy.special.k0e",    "SpecialScaledModifiedBesselK0"),
    one("scaled_modified_bessel_k1", "scaled_modified_bessel_k1(x)", "g*(scaled_modified_bessel_k1(x) - 0.5*(scaled_modified_bessel_k0(x) + kve(2, x)))",
                                                                                    POSITIVE, "scipy.special.k1e",    "SpecialScaledModifiedBesselK1"),
    one("airy_ai",    "airy_ai(x)",            "g*airy_ai_prime(x)",                ANY,      "scipy.special.airy(x)[0]", "SpecialAiryAi"),
    one("airy_ai_prime", "airy_ai_prime(x)",   "g*(x*airy_ai(x))",                  ANY,      "scipy.special.airy(x)[1]", "SpecialAiryAiPrime"),

    #   name          value            rule in a                                        rule in b                                                      domain               reference             label
    two("add",        "np.add",        "g",                                             "g",                                                           (ANY, ANY),           "numpy.add",          "Add",      "a + b"),
    two("sub",        "np.subtract",   "g",                                             "-g",                                                          (ANY, ANY),           "numpy.subtract",     "Sub",      "a - b", labels=("Rsub1",)),
    two("mul",        "np.multiply",   "g*b",                                           "g*a",                                                         (ANY, ANY),           "numpy.multiply",     "Mul",      "a * b"),
    two("div",        "np.divide",     "g/b",                                           "-g*((a/b)/b)",                                                (ANY, NONZERO),       "numpy.divide",       "Div",      "a / b", labels=("Mul",)),
    two("pow",        "pow(a, b)",     "where(b == 0, 0, g*(b*pow(a, b - 1)))",         "where((a == 0) & (b >= 0), 0, g*(pow(a, b)*log(a)))",         (POSITIVE, ANY),      "numpy.power",        "Pow",      "",      "x**0: 0 in x; 0**b: 0 in b", labels=("Pow1", "Pow2")),
    two("maximum",    "np.maximum",    "where(a == b, g/2, where(a < b, 0, g))",        "where(a == b, g/2, where(a > b, 0, g))",                      (ANY, ANY),           "numpy.maximum",      "Maximum",  "",      "tie: half to each; NaN: g to both"),
    two("minimum",    "np.minimum",    "where(a == b, g/2, where(a > b, 0, g))",        "where(a == b, g/2, where(a < b, 0, g))",                      (ANY, ANY),           "numpy.minimum",      "Minimum",  "",      "tie: half to each; NaN: g to both"),
    two("fmax",       "np.fmax",       "where((a >= b) | (b != b), g, 0)",              "where((a >= b) | (b != b), 0, g)",                            (ANY, ANY),           "numpy.fmax",         "Fmax",     "",      "tie: all to a"),
    two("fmin",       "np.fmin",       "where((a <= b) | (b != b), g, 0)",              "where((a <= b) | (b != b), 0, g)",                            (ANY, ANY),           "numpy.fmin",         "Fmin",     "",      "tie: all to a"),
    two("atan2",      "atan2(a, b)",   "g*(b*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))", "g*(-a*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))",              (ANY, NONZERO),       "numpy.arctan2",      "Atan2",    "",      "at (0, 0): 0"),
    two("hypot",      "hypot(a, b)",   "g*(a/hypot(a, b))",                             "g*(b/hypot(a, b))",                                           (NONZERO, NONZERO),   "numpy.hypot",        "Hypot",    "",      "at (0, 0): NaN"),
    two("fmod",       "fmod(a, b)",       "g",                                             "-g*trunc(a/b)",                                               (ANY, NONZERO),       "numpy.fmod",         "Fmod"),
    two("remainder",  "remainder(a, b)",  "g",                                             "-g*floor(a/b)",                                               (ANY, NONZERO),       "numpy.remainder",    "Remainder"),
    two("floor_divide", "floor_divide(a, b)", None,                                        None,                                                          (ANY, NONZERO),       "numpy.floor_divide", "NotImplemented"),
    two("copysign",   "np.copysign",   "where(a == 0, 0, g*(sign(a)*copysign(1, b)))",  "0",                                                           (ANY, ANY),           "numpy.copysign",     "Copysign", "",      "at a = 0: 0"),
    two("logaddexp",  "where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b))))", "g*exp(a - logaddexp(a, b))", "g*exp(b - logaddexp(a, b))",  (ANY, ANY),           "numpy.logaddexp",    "Logaddexp"),
    two("xlogy",      "where(b != b, b, where(a == 0, 0, a*log(b)))", "where((a == 0) & (b <= 0), 0, g*log(b))", "g*(a/b)",                             (POSITIVE, POSITIVE), "scipy.special.xlogy", "Xlogy",   "",      "0*log(0) is 0"),
    two("polygamma",  "polygamma(a, b)", None,                                          "g*polygamma(a + 1, b)",                                       (ORDER, POSITIVE), "scipy.special.polygamma", "Polygamma"),
    two("leaky_relu", "where(a > 0, a, a*b)", "where(a > 0, g, g*b)",                   "where(a > 0, 0, g*a)",                                        (ANY, POSITIVE),      "numpy.where(a > 0, a, a*b)", "LeakyRelu", "", "at 0: b", labels=("PreluKernel",)),
    two("elu",        "where(a > 0, a, b*expm1(a))", "where(a > 0, g, g*(b*exp(a)))",   "where(a > 0, 0, g*expm1(a))",                                 (ANY, POSITIVE),      "numpy.where(a > 0, a, b*numpy.expm1(a))", "Elu", "", "at 0: b"),
    two("celu",       "where(a > 0, a, b*expm1(a/b))", "where(a > 0, g, g*exp(a/b))",   "where(a > 0, 0, g*(expm1(a/b) - (a/b)*exp(a/b)))",            (ANY, POSITIVE),      "numpy.where(a > 0, a, b*numpy.expm1(a/b))", "Elu", "", "at 0: 1"),
    two("hardshrink", "where((a > b) | (a < -b) | (a != a), a, 0)", "where((a > b) | (a < -b) | (a != a), g, 0)", "0",                                 (ANY, (0.05, 0.95)),      "numpy.where(abs(a) > b, a, 0)", "Hardshrink", "", "at b: 0; NaN: g"),
    two("softshrink", "where(a > b, a - b, where(a < -b, a + b, where(a != a, a, 0)))", "where((a > b) | (a < -b) | (a != a), g, 0)", "where(a > b, -g, where(a < -b, g, 0))",
                                                                                                                                                       (ANY, (0.05, 0.95)),      "numpy.sign(a)*numpy.maximum(abs(a) - b, 0)", "Softshrink", "", "at b: 0; NaN: g"),
    two("fmax_even",  "np.fmax",       "where(a == b, g/2, where((a >= b) | (b != b), g, 0))", "where(a == b, g/2, where((a >= b) | (b != b), 0, g))", (ANY, ANY),           "numpy.fmax",         "Fmax",     "",      "tie: half to each"),
    two("fmin_even",  "np.fmin",       "where(a == b, g/2, where((a <= b) | (b != b), g, 0))", "where(a == b, g/2, where((a <= b) | (b != b), 0, g))", (ANY, ANY),           "numpy.fmin",         "Fmin",     "",      "tie: half to each"),
    two("hypot_least", "hypot(a, b)",  "where((a == 0) & (b == 0), 0, g*(a/hypot(a, b)))", "where((a == 0) & (b == 0), 0, g*(b/hypot(a, b)))",         (NONZERO, NONZERO),   "numpy.hypot",        "Hypot",    "",      "at (0, 0): 0"),
    two("logaddexp2", "where(a == b, a + 1, maximum(a, b) + ONE_OVER_LN2*log1p(exp2(-abs(a - b))))", "g*exp2(a - logaddexp2(a, b))", "g*exp2(b - logaddexp2(a, b))", (ANY, ANY), "numpy.logaddexp2", "Logaddexp2"),
    two("xlog1py",    "where(b != b, b, where(a == 0, 0, a*log1p(b)))", "where((a == 0) & (b <= -1), 0, g*log1p(b))", "g*(a/(b + 1))",                 (POSITIVE, POSITIVE), "scipy.special.xlog1py", "SpecialXlog1Py", "", "0*log1p(-1) is 0"),
    # the power of two in two factors, so that neither leaves the range before the product does
    two("ldexp",      "a*exp2(trunc(0.5*b))*exp2(b - trunc(0.5*b))", "g*exp2(b)",        "g*(LN2*ldexp(a, b))",                                       (ANY, ANY),           "a*numpy.exp2(b)",    "Ldexp"),
    two("heaviside",  "where(a == 0, b, where(a < 0, 0, where(a > 0, 1, a)))",  None,                                            None,                                                          (ANY, ANY),           "numpy.heaviside",    "NotImplemented"),
    two("nextafter",  "np.nextafter",  "where(a == b, 0, g)",                           "0",                                                           (ANY, ANY),           "numpy.nextafter",    "Nextafter", "",     "tie: 0 to both"),
    two("zeta",       "zeta(a, b)",    None,                                            "-g*(a*zeta(a + 1, b))",                                       (BIG, POSITIVE),      "scipy.special.zeta", "SpecialZeta"),
    two("gammainc",   "gammainc(a, b)", None,                                           "g*gamma_density(a, b)",                                       (POSITIVE, POSITIVE), "scipy.special.gammainc", "Igamma"),
    two("gammaincc",  "gammaincc(a, b)", None,                                          "-g*gamma_density(a, b)",                                      (POSITIVE, POSITIVE), "scipy.special.gammaincc", "Igammac"),
    two("gamma_density", "gamma_density(a, b)", "g*(gamma_density(a, b)*(log(b) - digamma(a)))", "g*(gamma_density(a - 1, b) - gamma_density(a, b))",   (POSITIVE, POSITIVE), "b**(a - 1)*numpy.exp(-b)/scipy.special.gamma(a)", "GammaDensity"),
    two("betaln",     "betaln(a, b)",  "g*(digamma(a) - digamma(a + b))",               "g*(digamma(b) - digamma(a + b))",                             (POSITIVE, POSITIVE), "scipy.special.betaln", "Betaln"),
    two("beta",       "beta(a, b)",    "g*(beta(a, b)*(digamma(a) - digamma(a + b)))",  "g*(beta(a, b)*(digamma(b) - digamma(a + b)))",                (POSITIVE, POSITIVE), "scipy.special.beta", "Beta"),
    two("erfcx_integral", "erfcx_integral(a, b)", None,                                 "-2*g*((a + 1)*erfcx_integral(a + 1, b))",                     ((1, 2), ANY),         "b*0 + [[numpy.sqrt(1/numpy.pi) - t*scipy.special.erfcx(t), scipy.special.erfcx(t)/4 - (numpy.sqrt(1/numpy.pi)*t - t*t*scipy.special.erfcx(t))/2][int(n) - 1] for n, t in zip(a, b)]", "ErfcxIntegral"),
    two("jv",         "jv(a, b)",      None,                                            "g*(0.5*(jv(a - 1, b) - jv(a + 1, b)))",                       (ORDER, POSITIVE),    "scipy.special.jv",   "SpecialJv"),
    two("yv",         "yv(a, b)",      None,                                            "g*(0.5*(yv(a - 1, b) - yv(a + 1, b)))",                       (ORDER, POSITIVE),    "scipy.special.yv",   "SpecialYv"),
    two("iv",         "iv(a, b)",      None,                                            "g*(0.5*(iv(a - 1, b) + iv(a + 1, b)))",                       (ORDER, POSITIVE),    "scipy.special.iv",   "SpecialIv"),
    two("ive",        "ive(a, b)",     None,                                            "g*(0.5*(ive(a - 1, b) + ive(a + 1, b)) - sign(b)*ive(a, b))", (ORDER, POSITIVE),    "scipy.special.ive",  "SpecialIve"),
    two("kv",         "kv(a, b)",      None,                                            "-g*(0.5*(kv(a - 1, b) + kv(a + 1, b)))",                      (ORDER, POSITIVE),    "scipy.special.kv",   "SpecialKv"),
    two("kve",        "kve(a, b)",     None,                                            "g*(kve(a, b) - 0.5*(kve(a - 1, b) + kve(a + 1, b)))",         (ORDER, POSITIVE),    "scipy.special.kve",  "SpecialKve"),
    two("spherical_jn", "spherical_jn(a, b)", None,                                     "g*((a*spherical_jn(a - 1, b) - (a + 1)*spherical_jn(a + 1, b))/(2*a + 1))", (ORDER, POSITIVE), "[scipy.special.spherical_jn(int(n), t) for n, t in zip(a, b)]", "SpecialSphericalJn"),
    # Note [derivative order] in compiled_ops/polynomials.py
    two("chebyshev_t", "chebyshev_t(a, b)", None,                                       "g*(a*chebyshev_u(a - 1, b))",                                 (ORDER, ANY),         "scipy.special.eval_chebyt", "SpecialChebyshevPolynomialT"),
    two("chebyshev_u", "chebyshev_u(a, b)", None,                                       "g*chebyshev_u(a + ONCE_MORE, b)",                             (ORDER, ANY),         "scipy.special.eval_chebyu", "SpecialChebyshevPolynomialU"),
    two("chebyshev_v", "chebyshev_v(a, b)", None,                                       "g*(chebyshev_u(a + ONCE_MORE, b) - chebyshev_u(a - 1 + ONCE_MORE, b))", (ORDER, ANY), "scipy.special.eval_chebyu(a, b) - scipy.special.eval_chebyu(a - 1, b)", "SpecialChebyshevPolynomialV"),
    two("chebyshev_w", "chebyshev_w(a, b)", None,                                       "g*(chebyshev_u(a + ONCE_MORE, b) + chebyshev_u(a - 1 + ONCE_MORE, b))", (ORDER, ANY), "scipy.special.eval_chebyu(a, b) + scipy.special.eval_chebyu(a - 1, b)", "SpecialChebyshevPolynomialW"),
    two("hermite_h",  "hermite_h(a, b)", None,                                          "2*g*(a*hermite_h(a - 1, b))",                                 (ORDER, ANY),         "scipy.special.eval_hermite", "SpecialHermitePolynomialH"),
    two("hermite_he", "hermite_he(a, b)", None,                                         "g*(a*hermite_he(a - 1, b))",                                  (ORDER, ANY),         "scipy.special.eval_hermitenorm", "SpecialHermitePolynomialHe"),
    two("laguerre",   "laguerre(a, b)", None,                                           "g*laguerre(a + ONCE_MORE, b)",                                (ORDER, ANY),         "scipy.special.eval_laguerre", "SpecialLaguerrePolynomialL"),
    two("legendre",   "legendre(a, b)", None,                                           "g*legendre(a + ONCE_MORE, b)",                                (ORDER, ANY),         "scipy.special.eval_legendre", "SpecialLegendrePolynomialP"),
)
# fmt: on

# Of integers: rows that keep them, and rows of two inputs whose result is floating in any case
KEEPS_INTEGERS = frozenset({"neg", "abs", "sign", "floor", "ceil", "round", "trunc", "square", "cube", "relu"})
ALWAYS_FLOATING = frozenset("""div atan2 hypot hypot_least logaddexp logaddexp2 xlogy xlog1py polygamma copysign ldexp nextafter zeta gammainc gammaincc
gamma_density erfcx_integral beta betaln jv yv iv ive kv kve spherical_jn""".split())
# Labels that end in a number of their own, not that of an overload
OWN_NUMBERS = frozenset({"Atan2", "Exp2", "Expm1", "I0", "Log10", "Log2", "Logaddexp2", "Rot90", "SpecialI1"})
