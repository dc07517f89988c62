"""Pullbacks of elementwise rows.

Written by `python -m compiled_ops.generate`; edit the table, not this file.
Hash of the modules whose words are compiled into it: 3d8bfba5c497aa05.
Each function computes what one row contributes to the cotangent of one input, from the cotangent
`g` of its output: add = 0 writes it to `out`, add = 1 adds it. Pointers to n contiguous float64 or float32;
n = -1 is one 0-d value, computed by scalar functions.
"""

# ruff: noqa
from compiled_ops.special import digamma, polygamma, trigamma
from compiled_ops.families import erfcx_integral, gamma_density, spherical_jn, zeta
from compiled_ops.polynomials import chebyshev_u, hermite_h, hermite_he, laguerre, legendre
from compiled_ops.scipy_functions import airy_ai, airy_ai_prime, bessel_j0, bessel_j1, bessel_y0, bessel_y1, beta, erfcx, i0, i0e, i1, i1e, iv, ive, jv, kv, kve, modified_bessel_k0, modified_bessel_k1, scaled_modified_bessel_k0, scaled_modified_bessel_k1, yv
from compiled_ops.vectormath import (
    BLOCK,
    like,
    scratch,
    shift,
    rounding,
    vector_of_one,
    vector_of_two,
)

LN2 = 0.6931471805599453
LN10 = 2.302585092994046
TWO_OVER_SQRT_PI = 1.1283791670955126
HALF_SQRT_PI = 0.886226925452758
PI = 3.141592653589793
SQRT_HALF = 0.7071067811865476
SQRT_TWO_PI = 2.5066282746310002
INV_SQRT_TWO_PI = 0.3989422804014327
SQRT_TWO_OVER_PI = 0.7978845608028654
ONE_OVER_LN2 = 1.4426950408889634
DEGREE = 0.017453292519943295
RADIAN = 57.29577951308232
INFINITY = float("inf")
ONCE_MORE = 0.0009765625
sqrt = rounding("sqrt")
floor = rounding("floor")
trunc = rounding("trunc")
copysign = rounding("copysign")
vector_exp = vector_of_one("exp")
vector_exp2 = vector_of_one("exp2")
vector_expm1 = vector_of_one("expm1")
vector_log = vector_of_one("log")
vector_log1p = vector_of_one("log1p")
vector_sin = vector_of_one("sin")
vector_cos = vector_of_one("cos")
vector_sinh = vector_of_one("sinh")
vector_cosh = vector_of_one("cosh")
vector_tanh = vector_of_one("tanh")
vector_erfc = vector_of_one("erfc")
vector_pow = vector_of_two("pow")
vector_hypot = vector_of_two("hypot")


# neg, table/elementwise.py:65: -g
def neg_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = -g_i
        out[i] = out[i] + value if add else value


# abs, table/elementwise.py:66: g*sign(x)
def abs_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 1) if x_i > like(out, 0) else like(out, -1) if x_i < like(out, 0) else like(out, 0))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sign, table/elementwise.py:67: 0
def sign_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# floor, table/elementwise.py:68: 0
def floor_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# ceil, table/elementwise.py:69: 0
def ceil_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# round, table/elementwise.py:70: 0
def round_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# trunc, table/elementwise.py:71: 0
def trunc_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# square, table/elementwise.py:72: 2*x*g
def square_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 2) * x_i * g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# cube, table/elementwise.py:73: 3*(x*x)*g
def cube_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 3) * (x_i * x_i) * g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# reciprocal, table/elementwise.py:74: -g*(y*y)
def reciprocal_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = -g_i * (y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sqrt, table/elementwise.py:75: g/(2*y)
def sqrt_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i / (like(out, 2) * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# rsqrt, table/elementwise.py:76: -0.5*g*(y*y*y)
def rsqrt_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = like(out, -0.5) * g_i * (y_i * y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# exp, table/elementwise.py:77: g*y
def exp_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * y_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# exp2, table/elementwise.py:78: g*y*LN2
def exp2_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * y_i * like(out, LN2)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# expm1, table/elementwise.py:79: g*(y + 1)
def expm1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (y_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log, table/elementwise.py:80: g/x
def log_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / x_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log2, table/elementwise.py:81: g/(x*LN2)
def log2_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * like(out, LN2))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log10, table/elementwise.py:82: g/(x*LN10)
def log10_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * like(out, LN10))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log1p, table/elementwise.py:83: g/(x + 1)
def log1p_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sin, table/elementwise.py:84: g*cos(x)
def sin_x(n, add, g, x, y, out):
    cos_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_cos(shift(x, start), cos_block, m)
        for k in range(abs(m)):
            i = start + k
            cos_i = cos_block[k]
            g_i = g[i]
            value = g_i * cos_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# cos, table/elementwise.py:85: -g*sin(x)
def cos_x(n, add, g, x, y, out):
    sin_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_sin(shift(x, start), sin_block, m)
        for k in range(abs(m)):
            i = start + k
            g_i = g[i]
            sin_i = sin_block[k]
            value = -g_i * sin_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# tan, table/elementwise.py:86: g*(1 + y*y)
def tan_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (like(out, 1) + y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# asin, table/elementwise.py:87: g/sqrt((1 - x)*(1 + x))
def asin_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / sqrt((like(out, 1) - x_i) * (like(out, 1) + x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# acos, table/elementwise.py:88: -g/sqrt((1 - x)*(1 + x))
def acos_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i / sqrt((like(out, 1) - x_i) * (like(out, 1) + x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan, table/elementwise.py:89: g/(x*x + 1)
def atan_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sinh, table/elementwise.py:90: g*cosh(x)
def sinh_x(n, add, g, x, y, out):
    cosh_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_cosh(shift(x, start), cosh_block, m)
        for k in range(abs(m)):
            i = start + k
            cosh_i = cosh_block[k]
            g_i = g[i]
            value = g_i * cosh_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# cosh, table/elementwise.py:91: g*sinh(x)
def cosh_x(n, add, g, x, y, out):
    sinh_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_sinh(shift(x, start), sinh_block, m)
        for k in range(abs(m)):
            i = start + k
            g_i = g[i]
            sinh_i = sinh_block[k]
            value = g_i * sinh_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# tanh, table/elementwise.py:92: g*(1 - y*y)
def tanh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (like(out, 1) - y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# asinh, table/elementwise.py:93: g/sqrt(x*x + 1)
def asinh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / sqrt(x_i * x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# acosh, table/elementwise.py:94: g/(sqrt(x - 1)*sqrt(x + 1))
def acosh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (sqrt(x_i - like(out, 1)) * sqrt(x_i + like(out, 1)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atanh, table/elementwise.py:95: g/((1 - x)*(1 + x))
def atanh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / ((like(out, 1) - x_i) * (like(out, 1) + x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sigmoid, table/elementwise.py:96: g*((1 - y)*y)
def sigmoid_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * ((like(out, 1) - y_i) * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log_sigmoid, table/elementwise.py:97: g*sigmoid(-x)
def log_sigmoid_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_exp(shift(x, start), exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i * (like(out, 1) / (like(out, 1) + exp_i))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# relu, table/elementwise.py:98: where(y <= 0, 0, g)
def relu_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = like(out, 0) if y_i <= like(out, 0) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# softplus, table/elementwise.py:99: where(x > 20, g, g*sigmoid(x))
def softplus_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = -x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            x_i = x[i]
            value = g_i if x_i > like(out, 20) else g_i * (like(out, 1) / (like(out, 1) + exp_i))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# erf, table/elementwise.py:100: g*(TWO_OVER_SQRT_PI*exp(-x*x))
def erf_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = -x_i * x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i * (like(out, TWO_OVER_SQRT_PI) * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# erfc, table/elementwise.py:101: -g*(TWO_OVER_SQRT_PI*exp(-x*x))
def erfc_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = -x_i * x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = -g_i * (like(out, TWO_OVER_SQRT_PI) * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# lgamma, table/elementwise.py:102: g*digamma(x)
def lgamma_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, digamma(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# digamma, table/elementwise.py:103: g*polygamma(1, x)
def digamma_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, trigamma(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# frac, table/elementwise.py:104: g
def frac_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# deg2rad, table/elementwise.py:105: g*DEGREE
def deg2rad_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i * like(out, DEGREE)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# rad2deg, table/elementwise.py:106: g*RADIAN
def rad2deg_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i * like(out, RADIAN)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sinc, table/elementwise.py:108: -g*(PI*spherical_jn(1, PI*x))
def sinc_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i * (like(out, PI) * like(out, spherical_jn(like(out, 1), like(out, PI) * x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# logit, table/elementwise.py:110: where((x < 0) | (x > 1), INFINITY - INFINITY, g/(x*(1 - x)))
def logit_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, INFINITY) - like(out, INFINITY) if (x_i < like(out, 0)) | (x_i > like(out, 1)) else g_i / (x_i * (like(out, 1) - x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# silu, table/elementwise.py:111: g*(sigmoid(x)*(1 + x*sigmoid(-x)))
def silu_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    exp_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = -x_i
        vector_exp(exp_block, exp_block, m)
        vector_exp(shift(x, start), exp_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            exp_next_i = exp_next_block[k]
            g_i = g[i]
            x_i = x[i]
            value = g_i * (like(out, 1) / (like(out, 1) + exp_i) * (like(out, 1) + x_i * (like(out, 1) / (like(out, 1) + exp_next_i))))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# gelu, table/elementwise.py:112: g*(0.5*erfc(-x*SQRT_HALF) + x*(INV_SQRT_TWO_PI*exp(-0.5*x*x)))
def gelu_x(n, add, g, x, y, out):
    erfc_block = scratch(out)
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            erfc_block[k] = -x_i * like(out, SQRT_HALF)
        vector_erfc(erfc_block, erfc_block, m)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = like(out, -0.5) * x_i * x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            erfc_i = erfc_block[k]
            exp_i = exp_block[k]
            g_i = g[i]
            x_i = x[i]
            value = g_i * (like(out, 0.5) * erfc_i + x_i * (like(out, INV_SQRT_TWO_PI) * exp_i))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# relu6, table/elementwise.py:113: where((x <= 0) | (x >= 6), 0, g)
def relu6_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 0) if (x_i <= like(out, 0)) | (x_i >= like(out, 6)) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hardtanh, table/elementwise.py:114: where((x <= -1) | (x >= 1), 0, g)
def hardtanh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 0) if (x_i <= like(out, -1)) | (x_i >= like(out, 1)) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hardsigmoid, table/elementwise.py:115: where((x > -3) & (x < 3), g/6, 0)
def hardsigmoid_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / like(out, 6) if (x_i > like(out, -3)) & (x_i < like(out, 3)) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hardswish, table/elementwise.py:116: where(x <= -3, 0, where(x < 3, g*(x/3 + 0.5), g))
def hardswish_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 0) if x_i <= like(out, -3) else g_i * (x_i / like(out, 3) + like(out, 0.5)) if x_i < like(out, 3) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# mish, table/elementwise.py:117: g*(tanh(softplus(x)) + x*(sigmoid(x)*(1 - tanh(softplus(x))*tanh(softplus(x)))))
def mish_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    log1p_block = scratch(out)
    tanh_block = scratch(out)
    exp_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_exp(shift(x, start), exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            log1p_i = log1p_block[k]
            x_i = x[i]
            tanh_block[k] = x_i if x_i > like(out, 20) else log1p_i
        vector_tanh(tanh_block, tanh_block, m)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_next_block[k] = -x_i
        vector_exp(exp_next_block, exp_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_next_i = exp_next_block[k]
            g_i = g[i]
            tanh_i = tanh_block[k]
            x_i = x[i]
            value = g_i * (tanh_i + x_i * (like(out, 1) / (like(out, 1) + exp_next_i) * (like(out, 1) - tanh_i * tanh_i)))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# softsign, table/elementwise.py:118: g/((1 + abs(x))*(1 + abs(x)))
def softsign_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / ((like(out, 1) + abs(x_i)) * (like(out, 1) + abs(x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# ndtr, table/elementwise.py:119: g*(INV_SQRT_TWO_PI*exp(-0.5*x*x))
def ndtr_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            x_i = x[i]
            exp_block[k] = like(out, -0.5) * x_i * x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i * (like(out, INV_SQRT_TWO_PI) * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# log_ndtr, table/elementwise.py:120: g*(SQRT_TWO_OVER_PI/erfcx(-x*SQRT_HALF))
def log_ndtr_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, SQRT_TWO_OVER_PI) / like(out, erfcx(-x_i * like(out, SQRT_HALF))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# ndtri, table/elementwise.py:121: g*(SQRT_TWO_PI*exp(0.5*y*y))
def ndtri_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            y_i = y[i]
            exp_block[k] = like(out, 0.5) * y_i * y_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i * (like(out, SQRT_TWO_PI) * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# erfinv, table/elementwise.py:122: g*(HALF_SQRT_PI*exp(y*y))
def erfinv_x(n, add, g, x, y, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            y_i = y[i]
            exp_block[k] = y_i * y_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i * (like(out, HALF_SQRT_PI) * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# erfcx, table/elementwise.py:123: -2*g*erfcx_integral(1, x)
def erfcx_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, -2) * g_i * like(out, erfcx_integral(like(out, 1), x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# entr, table/elementwise.py:124: -g*(log(x) + 1)
def entr_x(n, add, g, x, y, out):
    log_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_log(shift(x, start), log_block, m)
        for k in range(abs(m)):
            i = start + k
            g_i = g[i]
            log_i = log_block[k]
            value = -g_i * (log_i + like(out, 1))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# i0, table/elementwise.py:125: g*i1(x)
def i0_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, i1(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# i0e, table/elementwise.py:126: g*(i1e(x) - sign(x)*i0e(x))
def i0e_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, i1e(x_i)) - (like(out, 1) if x_i > like(out, 0) else like(out, -1) if x_i < like(out, 0) else like(out, 0)) * like(out, i0e(x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# i1, table/elementwise.py:127: g*(0.5*(i0(x) + iv(2, x)))
def i1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 0.5) * (like(out, i0(x_i)) + like(out, iv(like(out, 2), x_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# i1e, table/elementwise.py:128: g*(0.5*(i0e(x) + ive(2, x)) - sign(x)*i1e(x))
def i1e_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 0.5) * (like(out, i0e(x_i)) + like(out, ive(like(out, 2), x_i))) - (like(out, 1) if x_i > like(out, 0) else like(out, -1) if x_i < like(out, 0) else like(out, 0)) * like(out, i1e(x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# bessel_j0, table/elementwise.py:129: -g*bessel_j1(x)
def bessel_j0_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i * like(out, bessel_j1(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# bessel_j1, table/elementwise.py:130: g*(0.5*(bessel_j0(x) - jv(2, x)))
def bessel_j1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 0.5) * (like(out, bessel_j0(x_i)) - like(out, jv(like(out, 2), x_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# bessel_y0, table/elementwise.py:131: -g*bessel_y1(x)
def bessel_y0_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i * like(out, bessel_y1(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# bessel_y1, table/elementwise.py:132: g*(0.5*(bessel_y0(x) - yv(2, x)))
def bessel_y1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 0.5) * (like(out, bessel_y0(x_i)) - like(out, yv(like(out, 2), x_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# modified_bessel_k0, table/elementwise.py:133: -g*modified_bessel_k1(x)
def modified_bessel_k0_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i * like(out, modified_bessel_k1(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# modified_bessel_k1, table/elementwise.py:134: -g*(0.5*(modified_bessel_k0(x) + kv(2, x)))
def modified_bessel_k1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i * (like(out, 0.5) * (like(out, modified_bessel_k0(x_i)) + like(out, kv(like(out, 2), x_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# scaled_modified_bessel_k0, table/elementwise.py:135: g*(scaled_modified_bessel_k0(x) - scaled_modified_bessel_k1(x))
def scaled_modified_bessel_k0_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, scaled_modified_bessel_k0(x_i)) - like(out, scaled_modified_bessel_k1(x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# scaled_modified_bessel_k1, table/elementwise.py:137: g*(scaled_modified_bessel_k1(x) - 0.5*(scaled_modified_bessel_k0(x) + kve(2, x)))
def scaled_modified_bessel_k1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, scaled_modified_bessel_k1(x_i)) - like(out, 0.5) * (like(out, scaled_modified_bessel_k0(x_i)) + like(out, kve(like(out, 2), x_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# airy_ai, table/elementwise.py:139: g*airy_ai_prime(x)
def airy_ai_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, airy_ai_prime(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# airy_ai_prime, table/elementwise.py:140: g*(x*airy_ai(x))
def airy_ai_prime_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (x_i * like(out, airy_ai(x_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# add, table/elementwise.py:143: g
def add_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# add, table/elementwise.py:143: g
def add_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sub, table/elementwise.py:144: g
def sub_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sub, table/elementwise.py:144: -g
def sub_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = -g_i
        out[i] = out[i] + value if add else value


# mul, table/elementwise.py:145: g*b
def mul_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        b_i = b[i]
        g_i = g[i]
        value = g_i * b_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# mul, table/elementwise.py:145: g*a
def mul_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        g_i = g[i]
        value = g_i * a_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# div, table/elementwise.py:146: g/b
def div_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        b_i = b[i]
        g_i = g[i]
        value = g_i / b_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# div, table/elementwise.py:146: -g*((a/b)/b)
def div_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * (a_i / b_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# pow, table/elementwise.py:147: where(b == 0, 0, g*(b*pow(a, b - 1)))
def pow_a(n, add, g, a, b, out):
    pow_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            b_i = b[i]
            pow_block[k] = b_i - like(out, 1)
        vector_pow(shift(a, start), pow_block, pow_block, m)
        for k in range(abs(m)):
            i = start + k
            b_i = b[i]
            g_i = g[i]
            pow_i = pow_block[k]
            value = like(out, 0) if b_i == like(out, 0) else g_i * (b_i * pow_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# pow, table/elementwise.py:147: where((a == 0) & (b >= 0), 0, g*(pow(a, b)*log(a)))
def pow_b(n, add, g, a, b, out):
    pow_block = scratch(out)
    log_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_pow(shift(a, start), shift(b, start), pow_block, m)
        vector_log(shift(a, start), log_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            log_i = log_block[k]
            pow_i = pow_block[k]
            value = like(out, 0) if (a_i == like(out, 0)) & (b_i >= like(out, 0)) else g_i * (pow_i * log_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# maximum, table/elementwise.py:148: where(a == b, g/2, where(a < b, 0, g))
def maximum_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i < b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# maximum, table/elementwise.py:148: where(a == b, g/2, where(a > b, 0, g))
def maximum_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i > b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# minimum, table/elementwise.py:149: where(a == b, g/2, where(a > b, 0, g))
def minimum_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i > b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# minimum, table/elementwise.py:149: where(a == b, g/2, where(a < b, 0, g))
def minimum_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i < b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax, table/elementwise.py:150: where((a >= b) | (b != b), g, 0)
def fmax_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i >= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax, table/elementwise.py:150: where((a >= b) | (b != b), 0, g)
def fmax_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if (a_i >= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin, table/elementwise.py:151: where((a <= b) | (b != b), g, 0)
def fmin_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i <= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin, table/elementwise.py:151: where((a <= b) | (b != b), 0, g)
def fmin_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if (a_i <= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan2, table/elementwise.py:152: g*(b*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))
def atan2_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (b_i * (like(out, 0) if a_i * a_i + b_i * b_i == like(out, 0) else like(out, 1) / (a_i * a_i + b_i * b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan2, table/elementwise.py:152: g*(-a*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))
def atan2_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (-a_i * (like(out, 0) if a_i * a_i + b_i * b_i == like(out, 0) else like(out, 1) / (a_i * a_i + b_i * b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hypot, table/elementwise.py:153: g*(a/hypot(a, b))
def hypot_a(n, add, g, a, b, out):
    hypot_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_hypot(shift(a, start), shift(b, start), hypot_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            g_i = g[i]
            hypot_i = hypot_block[k]
            value = g_i * (a_i / hypot_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# hypot, table/elementwise.py:153: g*(b/hypot(a, b))
def hypot_b(n, add, g, a, b, out):
    hypot_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_hypot(shift(a, start), shift(b, start), hypot_block, m)
        for k in range(abs(m)):
            i = start + k
            b_i = b[i]
            g_i = g[i]
            hypot_i = hypot_block[k]
            value = g_i * (b_i / hypot_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# fmod, table/elementwise.py:154: g
def fmod_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmod, table/elementwise.py:154: -g*trunc(a/b)
def fmod_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * trunc(a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# remainder, table/elementwise.py:155: g
def remainder_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# remainder, table/elementwise.py:155: -g*floor(a/b)
def remainder_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * floor(a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# copysign, table/elementwise.py:157: where(a == 0, 0, g*(sign(a)*copysign(1, b)))
def copysign_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if a_i == like(out, 0) else g_i * ((like(out, 1) if a_i > like(out, 0) else like(out, -1) if a_i < like(out, 0) else like(out, 0)) * copysign(like(out, 1), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# copysign, table/elementwise.py:157: 0
def copysign_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# logaddexp, table/elementwise.py:158: g*exp(a - logaddexp(a, b))
def logaddexp_a(n, add, g, a, b, out):
    exp_block = scratch(out)
    log1p_block = scratch(out)
    exp_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_block[k] = -abs(a_i - b_i)
        vector_exp(exp_block, exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            log1p_i = log1p_block[k]
            exp_next_block[k] = a_i - (a_i + like(out, LN2) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + log1p_i)
        vector_exp(exp_next_block, exp_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_next_i = exp_next_block[k]
            g_i = g[i]
            value = g_i * exp_next_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# logaddexp, table/elementwise.py:158: g*exp(b - logaddexp(a, b))
def logaddexp_b(n, add, g, a, b, out):
    exp_block = scratch(out)
    log1p_block = scratch(out)
    exp_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_block[k] = -abs(a_i - b_i)
        vector_exp(exp_block, exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            log1p_i = log1p_block[k]
            exp_next_block[k] = b_i - (a_i + like(out, LN2) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + log1p_i)
        vector_exp(exp_next_block, exp_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp_next_i = exp_next_block[k]
            g_i = g[i]
            value = g_i * exp_next_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# xlogy, table/elementwise.py:159: where((a == 0) & (b <= 0), 0, g*log(b))
def xlogy_a(n, add, g, a, b, out):
    log_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_log(shift(b, start), log_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            log_i = log_block[k]
            value = like(out, 0) if (a_i == like(out, 0)) & (b_i <= like(out, 0)) else g_i * log_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# xlogy, table/elementwise.py:159: g*(a/b)
def xlogy_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# polygamma, table/elementwise.py:160: g*polygamma(a + 1, b)
def polygamma_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, polygamma(a_i + like(out, 1), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# leaky_relu, table/elementwise.py:161: where(a > 0, g, g*b)
def leaky_relu_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if a_i > like(out, 0) else g_i * b_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# leaky_relu, table/elementwise.py:161: where(a > 0, 0, g*a)
def leaky_relu_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        g_i = g[i]
        value = like(out, 0) if a_i > like(out, 0) else g_i * a_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# elu, table/elementwise.py:162: where(a > 0, g, g*(b*exp(a)))
def elu_a(n, add, g, a, b, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_exp(shift(a, start), exp_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i if a_i > like(out, 0) else g_i * (b_i * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# elu, table/elementwise.py:162: where(a > 0, 0, g*expm1(a))
def elu_b(n, add, g, a, b, out):
    expm1_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_expm1(shift(a, start), expm1_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            expm1_i = expm1_block[k]
            g_i = g[i]
            value = like(out, 0) if a_i > like(out, 0) else g_i * expm1_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# celu, table/elementwise.py:163: where(a > 0, g, g*exp(a/b))
def celu_a(n, add, g, a, b, out):
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_block[k] = a_i / b_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            exp_i = exp_block[k]
            g_i = g[i]
            value = g_i if a_i > like(out, 0) else g_i * exp_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# celu, table/elementwise.py:163: where(a > 0, 0, g*(expm1(a/b) - (a/b)*exp(a/b)))
def celu_b(n, add, g, a, b, out):
    expm1_block = scratch(out)
    exp_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            expm1_block[k] = a_i / b_i
        vector_expm1(expm1_block, expm1_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_block[k] = a_i / b_i
        vector_exp(exp_block, exp_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp_i = exp_block[k]
            expm1_i = expm1_block[k]
            g_i = g[i]
            value = like(out, 0) if a_i > like(out, 0) else g_i * (expm1_i - a_i / b_i * exp_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# hardshrink, table/elementwise.py:164: where((a > b) | (a < -b) | (a != a), g, 0)
def hardshrink_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i > b_i) | (a_i < -b_i) | (a_i != a_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hardshrink, table/elementwise.py:164: 0
def hardshrink_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# softshrink, table/elementwise.py:165: where((a > b) | (a < -b) | (a != a), g, 0)
def softshrink_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i > b_i) | (a_i < -b_i) | (a_i != a_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# softshrink, table/elementwise.py:165: where(a > b, -g, where(a < -b, g, 0))
def softshrink_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i if a_i > b_i else g_i if a_i < -b_i else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax_even, table/elementwise.py:167: where(a == b, g/2, where((a >= b) | (b != b), g, 0))
def fmax_even_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else g_i if (a_i >= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax_even, table/elementwise.py:167: where(a == b, g/2, where((a >= b) | (b != b), 0, g))
def fmax_even_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if (a_i >= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin_even, table/elementwise.py:168: where(a == b, g/2, where((a <= b) | (b != b), g, 0))
def fmin_even_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else g_i if (a_i <= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin_even, table/elementwise.py:168: where(a == b, g/2, where((a <= b) | (b != b), 0, g))
def fmin_even_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if (a_i <= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hypot_least, table/elementwise.py:169: where((a == 0) & (b == 0), 0, g*(a/hypot(a, b)))
def hypot_least_a(n, add, g, a, b, out):
    hypot_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_hypot(shift(a, start), shift(b, start), hypot_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            hypot_i = hypot_block[k]
            value = like(out, 0) if (a_i == like(out, 0)) & (b_i == like(out, 0)) else g_i * (a_i / hypot_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# hypot_least, table/elementwise.py:169: where((a == 0) & (b == 0), 0, g*(b/hypot(a, b)))
def hypot_least_b(n, add, g, a, b, out):
    hypot_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_hypot(shift(a, start), shift(b, start), hypot_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            hypot_i = hypot_block[k]
            value = like(out, 0) if (a_i == like(out, 0)) & (b_i == like(out, 0)) else g_i * (b_i / hypot_i)
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# logaddexp2, table/elementwise.py:170: g*exp2(a - logaddexp2(a, b))
def logaddexp2_a(n, add, g, a, b, out):
    exp2_block = scratch(out)
    log1p_block = scratch(out)
    exp2_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp2_block[k] = -abs(a_i - b_i)
        vector_exp2(exp2_block, exp2_block, m)
        vector_log1p(exp2_block, log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            log1p_i = log1p_block[k]
            exp2_next_block[k] = a_i - (a_i + like(out, 1) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + like(out, ONE_OVER_LN2) * log1p_i)
        vector_exp2(exp2_next_block, exp2_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp2_next_i = exp2_next_block[k]
            g_i = g[i]
            value = g_i * exp2_next_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# logaddexp2, table/elementwise.py:170: g*exp2(b - logaddexp2(a, b))
def logaddexp2_b(n, add, g, a, b, out):
    exp2_block = scratch(out)
    log1p_block = scratch(out)
    exp2_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            exp2_block[k] = -abs(a_i - b_i)
        vector_exp2(exp2_block, exp2_block, m)
        vector_log1p(exp2_block, log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            log1p_i = log1p_block[k]
            exp2_next_block[k] = b_i - (a_i + like(out, 1) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + like(out, ONE_OVER_LN2) * log1p_i)
        vector_exp2(exp2_next_block, exp2_next_block, m)
        for k in range(abs(m)):
            i = start + k
            exp2_next_i = exp2_next_block[k]
            g_i = g[i]
            value = g_i * exp2_next_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# xlog1py, table/elementwise.py:171: where((a == 0) & (b <= -1), 0, g*log1p(b))
def xlog1py_a(n, add, g, a, b, out):
    log1p_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_log1p(shift(b, start), log1p_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            log1p_i = log1p_block[k]
            value = like(out, 0) if (a_i == like(out, 0)) & (b_i <= like(out, -1)) else g_i * log1p_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# xlog1py, table/elementwise.py:171: g*(a/(b + 1))
def xlog1py_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (a_i / (b_i + like(out, 1)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# ldexp, table/elementwise.py:173: g*exp2(b)
def ldexp_a(n, add, g, a, b, out):
    exp2_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_exp2(shift(b, start), exp2_block, m)
        for k in range(abs(m)):
            i = start + k
            exp2_i = exp2_block[k]
            g_i = g[i]
            value = g_i * exp2_i
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# ldexp, table/elementwise.py:173: g*(LN2*ldexp(a, b))
def ldexp_b(n, add, g, a, b, out):
    exp2_block = scratch(out)
    exp2_next_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        for k in range(abs(m)):
            i = start + k
            b_i = b[i]
            exp2_block[k] = trunc(like(out, 0.5) * b_i)
        vector_exp2(exp2_block, exp2_block, m)
        for k in range(abs(m)):
            i = start + k
            b_i = b[i]
            exp2_next_block[k] = b_i - trunc(like(out, 0.5) * b_i)
        vector_exp2(exp2_next_block, exp2_next_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            exp2_i = exp2_block[k]
            exp2_next_i = exp2_next_block[k]
            g_i = g[i]
            value = g_i * (like(out, LN2) * (a_i * exp2_i * exp2_next_i))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# nextafter, table/elementwise.py:175: where(a == b, 0, g)
def nextafter_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if a_i == b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# nextafter, table/elementwise.py:175: 0
def nextafter_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# zeta, table/elementwise.py:176: -g*(a*zeta(a + 1, b))
def zeta_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * (a_i * like(out, zeta(a_i + like(out, 1), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# gammainc, table/elementwise.py:177: g*gamma_density(a, b)
def gammainc_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, gamma_density(a_i, b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# gammaincc, table/elementwise.py:178: -g*gamma_density(a, b)
def gammaincc_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * like(out, gamma_density(a_i, b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# gamma_density, table/elementwise.py:179: g*(gamma_density(a, b)*(log(b) - digamma(a)))
def gamma_density_a(n, add, g, a, b, out):
    log_block = scratch(out)
    for start in range(0, abs(n), BLOCK):
        m = min(n - start, BLOCK)
        vector_log(shift(b, start), log_block, m)
        for k in range(abs(m)):
            i = start + k
            a_i = a[i]
            b_i = b[i]
            g_i = g[i]
            log_i = log_block[k]
            value = g_i * (like(out, gamma_density(a_i, b_i)) * (log_i - like(out, digamma(a_i))))
            value = value if g_i != like(out, 0) else like(out, 0)
            out[i] = out[i] + value if add else value


# gamma_density, table/elementwise.py:179: g*(gamma_density(a - 1, b) - gamma_density(a, b))
def gamma_density_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, gamma_density(a_i - like(out, 1), b_i)) - like(out, gamma_density(a_i, b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# betaln, table/elementwise.py:180: g*(digamma(a) - digamma(a + b))
def betaln_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, digamma(a_i)) - like(out, digamma(a_i + b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# betaln, table/elementwise.py:180: g*(digamma(b) - digamma(a + b))
def betaln_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, digamma(b_i)) - like(out, digamma(a_i + b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# beta, table/elementwise.py:181: g*(beta(a, b)*(digamma(a) - digamma(a + b)))
def beta_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, beta(a_i, b_i)) * (like(out, digamma(a_i)) - like(out, digamma(a_i + b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# beta, table/elementwise.py:181: g*(beta(a, b)*(digamma(b) - digamma(a + b)))
def beta_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, beta(a_i, b_i)) * (like(out, digamma(b_i)) - like(out, digamma(a_i + b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# erfcx_integral, table/elementwise.py:182: -2*g*((a + 1)*erfcx_integral(a + 1, b))
def erfcx_integral_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, -2) * g_i * ((a_i + like(out, 1)) * like(out, erfcx_integral(a_i + like(out, 1), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# jv, table/elementwise.py:183: g*(0.5*(jv(a - 1, b) - jv(a + 1, b)))
def jv_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, 0.5) * (like(out, jv(a_i - like(out, 1), b_i)) - like(out, jv(a_i + like(out, 1), b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# yv, table/elementwise.py:184: g*(0.5*(yv(a - 1, b) - yv(a + 1, b)))
def yv_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, 0.5) * (like(out, yv(a_i - like(out, 1), b_i)) - like(out, yv(a_i + like(out, 1), b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# iv, table/elementwise.py:185: g*(0.5*(iv(a - 1, b) + iv(a + 1, b)))
def iv_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, 0.5) * (like(out, iv(a_i - like(out, 1), b_i)) + like(out, iv(a_i + like(out, 1), b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# ive, table/elementwise.py:186: g*(0.5*(ive(a - 1, b) + ive(a + 1, b)) - sign(b)*ive(a, b))
def ive_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, 0.5) * (like(out, ive(a_i - like(out, 1), b_i)) + like(out, ive(a_i + like(out, 1), b_i))) - (like(out, 1) if b_i > like(out, 0) else like(out, -1) if b_i < like(out, 0) else like(out, 0)) * like(out, ive(a_i, b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# kv, table/elementwise.py:187: -g*(0.5*(kv(a - 1, b) + kv(a + 1, b)))
def kv_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * (like(out, 0.5) * (like(out, kv(a_i - like(out, 1), b_i)) + like(out, kv(a_i + like(out, 1), b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# kve, table/elementwise.py:188: g*(kve(a, b) - 0.5*(kve(a - 1, b) + kve(a + 1, b)))
def kve_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, kve(a_i, b_i)) - like(out, 0.5) * (like(out, kve(a_i - like(out, 1), b_i)) + like(out, kve(a_i + like(out, 1), b_i))))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# spherical_jn, table/elementwise.py:189: g*((a*spherical_jn(a - 1, b) - (a + 1)*spherical_jn(a + 1, b))/(2*a + 1))
def spherical_jn_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * ((a_i * like(out, spherical_jn(a_i - like(out, 1), b_i)) - (a_i + like(out, 1)) * like(out, spherical_jn(a_i + like(out, 1), b_i))) / (like(out, 2) * a_i + like(out, 1)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# chebyshev_t, table/elementwise.py:191: g*(a*chebyshev_u(a - 1, b))
def chebyshev_t_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (a_i * like(out, chebyshev_u(a_i - like(out, 1), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# chebyshev_u, table/elementwise.py:192: g*chebyshev_u(a + ONCE_MORE, b)
def chebyshev_u_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, chebyshev_u(a_i + like(out, ONCE_MORE), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# chebyshev_v, table/elementwise.py:193: g*(chebyshev_u(a + ONCE_MORE, b) - chebyshev_u(a - 1 + ONCE_MORE, b))
def chebyshev_v_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, chebyshev_u(a_i + like(out, ONCE_MORE), b_i)) - like(out, chebyshev_u(a_i - like(out, 1) + like(out, ONCE_MORE), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# chebyshev_w, table/elementwise.py:194: g*(chebyshev_u(a + ONCE_MORE, b) + chebyshev_u(a - 1 + ONCE_MORE, b))
def chebyshev_w_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (like(out, chebyshev_u(a_i + like(out, ONCE_MORE), b_i)) + like(out, chebyshev_u(a_i - like(out, 1) + like(out, ONCE_MORE), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hermite_h, table/elementwise.py:195: 2*g*(a*hermite_h(a - 1, b))
def hermite_h_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 2) * g_i * (a_i * like(out, hermite_h(a_i - like(out, 1), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hermite_he, table/elementwise.py:196: g*(a*hermite_he(a - 1, b))
def hermite_he_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (a_i * like(out, hermite_he(a_i - like(out, 1), b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# laguerre, table/elementwise.py:197: g*laguerre(a + ONCE_MORE, b)
def laguerre_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, laguerre(a_i + like(out, ONCE_MORE), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# legendre, table/elementwise.py:198: g*legendre(a + ONCE_MORE, b)
def legendre_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, legendre(a_i + like(out, ONCE_MORE), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# select_a: the pullback of where(mask, a, b) in a; nothing comes through where the mask is 0
def select_a(n, add, g, mask, unused, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i if mask[i] else like(out, 0)
        out[i] = out[i] + value if add else value


# select_b: the pullback of where(mask, a, b) in b; nothing comes through where the mask is 1
def select_b(n, add, g, mask, unused, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = like(out, 0) if mask[i] else g_i
        out[i] = out[i] + value if add else value


# scale: the cotangent times one number
def scale(n, add, g, s, unused, out):
    factor = s[0]
    for i in range(abs(n)):
        value = g[i] * factor
        out[i] = out[i] + value if add else value


# copy: the cotangent itself
def copy(n, add, g, unused, unread, out):
    for i in range(abs(n)):
        value = g[i]
        out[i] = out[i] + value if add else value
