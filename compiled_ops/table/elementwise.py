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


def one(name, value, rule, domain, reference, label, scalar="", kinks="", labels=()):
    return Elementwise(name, "x", value, (rule,), (domain,), reference, label, scalar, kinks, labels=labels)


def two(name, value, rule_a, rule_b, domain, reference, label, scalar="", kinks="", labels=()):
    return Elementwise(name, "a b", value, (rule_a, rule_b), domain, reference, label, scalar, kinks, labels=labels)


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
    one("asin",       "asin(x)",               "g/sqrt(1 - x*x)",                   UNIT,     "numpy.arcsin",         "Asin",       "asin(x)"),
    one("acos",       "acos(x)",               "-g/sqrt(1 - x*x)",                  UNIT,     "numpy.arccos",         "Acos",       "acos(x)"),
    one("atan",       "atan(x)",               "g/(x*x + 1)",                       ANY,      "numpy.arctan",         "Atan",       "atan(x)"),
    one("sinh",       "sinh(x)",               "g*cosh(x)",                         ANY,      "numpy.sinh",           "Sinh",       "sinh(x)"),
    one("cosh",       "cosh(x)",               "g*sinh(x)",                         ANY,      "numpy.cosh",           "Cosh",       "cosh(x)"),
    one("tanh",       "tanh(x)",               "g*(1 - y*y)",                       ANY,      "numpy.tanh",           "Tanh",       "tanh(x)"),
    one("asinh",      "asinh(x)",              "g/sqrt(x*x + 1)",                   ANY,      "numpy.arcsinh",        "Asinh",      "asinh(x)"),
    one("acosh",      "acosh(x)",              "g/(sqrt(x - 1)*sqrt(x + 1))",       BIG,      "numpy.arccosh",        "Acosh",      "acosh(x)"),  # two roots: no cancellation near 1
    one("atanh",      "atanh(x)",              "g/(1 - x*x)",                       UNIT,     "numpy.arctanh",        "Atanh",      "atanh(x)"),
    one("sigmoid",    "1/(1 + exp(-x))",       "g*((1 - y)*y)",                     ANY,      "scipy.special.expit",  "Sigmoid",    "1.0/(1.0 + exp(-x))"),
    one("log_sigmoid", "minimum(x, 0) - log1p(exp(-abs(x)))", "g*sigmoid(-x)",      ANY,      "scipy.special.log_expit", "LogSigmoid"),
    one("relu",       "where(x < 0, 0, x)",     "where(y <= 0, 0, g)",              ANY,      "numpy.maximum(x, 0)",  "Relu",       "",        "at 0: 0; NaN: g"),
    one("softplus",   "where(x > 20, x, log1p(exp(x)))", "where(x > 20, g, g*sigmoid(x))", ANY, "numpy.logaddexp(x, 0)", "Softplus", ""),
    one("erf",        "erf(x)",                "g*(TWO_OVER_SQRT_PI*exp(-x*x))",    ANY,      "scipy.special.erf",    "Erf",        "erf(x)"),
    one("erfc",       "erfc(x)",               "-g*(TWO_OVER_SQRT_PI*exp(-x*x))",   ANY,      "scipy.special.erfc",   "Erfc",       "erfc(x)"),
    one("lgamma",     "lgamma(x)",             "g*digamma(x)",                      POSITIVE, "scipy.special.gammaln", "Lgamma"),  # math.lgamma is not libm's
    one("digamma",    "digamma(x)",            "g*polygamma(1, x)",                 POSITIVE, "scipy.special.digamma", "Digamma"),

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
    two("fmod",       "np.fmod",       "g",                                             "-g*trunc(a/b)",                                               (ANY, NONZERO),       "numpy.fmod",         "Fmod"),
    two("remainder",  "np.remainder",  "g",                                             "-g*floor(a/b)",                                               (ANY, NONZERO),       "numpy.remainder",    "Remainder"),
    two("floor_divide", "np.floor_divide", None,                                        None,                                                          (ANY, NONZERO),       "numpy.floor_divide", "NotImplemented"),
    two("copysign",   "np.copysign",   "where(a == 0, 0, g*(sign(a)*copysign(1, b)))",  "0",                                                           (ANY, ANY),           "numpy.copysign",     "Copysign", "",      "at a = 0: 0"),
    two("logaddexp",  "where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b))))", "g*exp(a - logaddexp(a, b))", "g*exp(b - logaddexp(a, b))",  (ANY, ANY),           "numpy.logaddexp",    "Logaddexp"),
    two("xlogy",      "where(b != b, b, where(a == 0, 0, a*log(b)))", "where((a == 0) & (b <= 0), 0, g*log(b))", "g*(a/b)",                             (POSITIVE, POSITIVE), "scipy.special.xlogy", "Xlogy",   "",      "0*log(0) is 0"),
    two("polygamma",  "polygamma(a, b)", None,                                          "g*polygamma(a + 1, b)",                                       (POSITIVE, POSITIVE), "scipy.special.polygamma", "Polygamma"),
)
# fmt: on
