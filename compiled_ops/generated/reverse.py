"""Pullbacks of elementwise rows.

Written by `python -m compiled_ops.generate`; edit the table, not this file.
Hash of vectormath and special, which are compiled into it: b653a7779c243620.
Each function computes what one row contributes to the cotangent of one input, from the cotangent
`g` of its output: add = 0 writes it to `out`, add = 1 adds it. Pointers to n contiguous float64 or float32;
n = -1 is one 0-d value, computed by scalar functions.
"""

# ruff: noqa
from compiled_ops.special import digamma, polygamma, trigamma
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
sqrt = rounding("sqrt")
floor = rounding("floor")
trunc = rounding("trunc")
copysign = rounding("copysign")
vector_exp = vector_of_one("exp")
vector_log = vector_of_one("log")
vector_log1p = vector_of_one("log1p")
vector_sin = vector_of_one("sin")
vector_cos = vector_of_one("cos")
vector_sinh = vector_of_one("sinh")
vector_cosh = vector_of_one("cosh")
vector_pow = vector_of_two("pow")
vector_hypot = vector_of_two("hypot")


# neg, table/elementwise.py:28: -g
def neg_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = -g_i
        out[i] = out[i] + value if add else value


# abs, table/elementwise.py:29: g*sign(x)
def abs_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * (like(out, 1) if x_i > like(out, 0) else like(out, -1) if x_i < like(out, 0) else like(out, 0))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sign, table/elementwise.py:30: 0
def sign_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# floor, table/elementwise.py:31: 0
def floor_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# ceil, table/elementwise.py:32: 0
def ceil_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# round, table/elementwise.py:33: 0
def round_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# trunc, table/elementwise.py:34: 0
def trunc_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# square, table/elementwise.py:35: 2*x*g
def square_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 2) * x_i * g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# cube, table/elementwise.py:36: 3*(x*x)*g
def cube_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = like(out, 3) * (x_i * x_i) * g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# reciprocal, table/elementwise.py:37: -g*(y*y)
def reciprocal_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = -g_i * (y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sqrt, table/elementwise.py:38: g/(2*y)
def sqrt_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i / (like(out, 2) * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# rsqrt, table/elementwise.py:39: -0.5*g*(y*y*y)
def rsqrt_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = like(out, -0.5) * g_i * (y_i * y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# exp, table/elementwise.py:40: g*y
def exp_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * y_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# exp2, table/elementwise.py:41: g*y*LN2
def exp2_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * y_i * like(out, LN2)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# expm1, table/elementwise.py:42: g*(y + 1)
def expm1_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (y_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log, table/elementwise.py:43: g/x
def log_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / x_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log2, table/elementwise.py:44: g/(x*LN2)
def log2_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * like(out, LN2))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log10, table/elementwise.py:45: g/(x*LN10)
def log10_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * like(out, LN10))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log1p, table/elementwise.py:46: g/(x + 1)
def log1p_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sin, table/elementwise.py:47: g*cos(x)
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


# cos, table/elementwise.py:48: -g*sin(x)
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


# tan, table/elementwise.py:49: g*(1 + y*y)
def tan_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (like(out, 1) + y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# asin, table/elementwise.py:50: g/sqrt(1 - x*x)
def asin_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / sqrt(like(out, 1) - x_i * x_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# acos, table/elementwise.py:51: -g/sqrt(1 - x*x)
def acos_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = -g_i / sqrt(like(out, 1) - x_i * x_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan, table/elementwise.py:52: g/(x*x + 1)
def atan_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (x_i * x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sinh, table/elementwise.py:53: g*cosh(x)
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


# cosh, table/elementwise.py:54: g*sinh(x)
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


# tanh, table/elementwise.py:55: g*(1 - y*y)
def tanh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * (like(out, 1) - y_i * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# asinh, table/elementwise.py:56: g/sqrt(x*x + 1)
def asinh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / sqrt(x_i * x_i + like(out, 1))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# acosh, table/elementwise.py:57: g/(sqrt(x - 1)*sqrt(x + 1))
def acosh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (sqrt(x_i - like(out, 1)) * sqrt(x_i + like(out, 1)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atanh, table/elementwise.py:58: g/(1 - x*x)
def atanh_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i / (like(out, 1) - x_i * x_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sigmoid, table/elementwise.py:59: g*((1 - y)*y)
def sigmoid_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = g_i * ((like(out, 1) - y_i) * y_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# log_sigmoid, table/elementwise.py:60: g*sigmoid(-x)
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


# relu, table/elementwise.py:61: where(y <= 0, 0, g)
def relu_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        y_i = y[i]
        value = like(out, 0) if y_i <= like(out, 0) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# softplus, table/elementwise.py:62: where(x > 20, g, g*sigmoid(x))
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


# erf, table/elementwise.py:63: g*(TWO_OVER_SQRT_PI*exp(-x*x))
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


# erfc, table/elementwise.py:64: -g*(TWO_OVER_SQRT_PI*exp(-x*x))
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


# lgamma, table/elementwise.py:65: g*digamma(x)
def lgamma_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, digamma(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# digamma, table/elementwise.py:66: g*polygamma(1, x)
def digamma_x(n, add, g, x, y, out):
    for i in range(abs(n)):
        g_i = g[i]
        x_i = x[i]
        value = g_i * like(out, trigamma(x_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# add, table/elementwise.py:69: g
def add_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# add, table/elementwise.py:69: g
def add_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sub, table/elementwise.py:70: g
def sub_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# sub, table/elementwise.py:70: -g
def sub_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = -g_i
        out[i] = out[i] + value if add else value


# mul, table/elementwise.py:71: g*b
def mul_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        b_i = b[i]
        g_i = g[i]
        value = g_i * b_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# mul, table/elementwise.py:71: g*a
def mul_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        g_i = g[i]
        value = g_i * a_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# div, table/elementwise.py:72: g/b
def div_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        b_i = b[i]
        g_i = g[i]
        value = g_i / b_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# div, table/elementwise.py:72: -g*((a/b)/b)
def div_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * (a_i / b_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# pow, table/elementwise.py:73: where(b == 0, 0, g*(b*pow(a, b - 1)))
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


# pow, table/elementwise.py:73: where((a == 0) & (b >= 0), 0, g*(pow(a, b)*log(a)))
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


# maximum, table/elementwise.py:74: where(a == b, g/2, where(a < b, 0, g))
def maximum_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i < b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# maximum, table/elementwise.py:74: where(a == b, g/2, where(a > b, 0, g))
def maximum_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i > b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# minimum, table/elementwise.py:75: where(a == b, g/2, where(a > b, 0, g))
def minimum_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i > b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# minimum, table/elementwise.py:75: where(a == b, g/2, where(a < b, 0, g))
def minimum_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i / like(out, 2) if a_i == b_i else like(out, 0) if a_i < b_i else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax, table/elementwise.py:76: where((a >= b) | (b != b), g, 0)
def fmax_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i >= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmax, table/elementwise.py:76: where((a >= b) | (b != b), 0, g)
def fmax_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if (a_i >= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin, table/elementwise.py:77: where((a <= b) | (b != b), g, 0)
def fmin_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i if (a_i <= b_i) | (b_i != b_i) else like(out, 0)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmin, table/elementwise.py:77: where((a <= b) | (b != b), 0, g)
def fmin_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if (a_i <= b_i) | (b_i != b_i) else g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan2, table/elementwise.py:78: g*(b*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))
def atan2_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (b_i * (like(out, 0) if a_i * a_i + b_i * b_i == like(out, 0) else like(out, 1) / (a_i * a_i + b_i * b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# atan2, table/elementwise.py:78: g*(-a*where(a*a + b*b == 0, 0, 1/(a*a + b*b)))
def atan2_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (-a_i * (like(out, 0) if a_i * a_i + b_i * b_i == like(out, 0) else like(out, 1) / (a_i * a_i + b_i * b_i)))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# hypot, table/elementwise.py:79: g*(a/hypot(a, b))
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


# hypot, table/elementwise.py:79: g*(b/hypot(a, b))
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


# fmod, table/elementwise.py:80: g
def fmod_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# fmod, table/elementwise.py:80: -g*trunc(a/b)
def fmod_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * trunc(a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# remainder, table/elementwise.py:81: g
def remainder_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# remainder, table/elementwise.py:81: -g*floor(a/b)
def remainder_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = -g_i * floor(a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# copysign, table/elementwise.py:83: where(a == 0, 0, g*(sign(a)*copysign(1, b)))
def copysign_a(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = like(out, 0) if a_i == like(out, 0) else g_i * ((like(out, 1) if a_i > like(out, 0) else like(out, -1) if a_i < like(out, 0) else like(out, 0)) * copysign(like(out, 1), b_i))
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# copysign, table/elementwise.py:83: 0
def copysign_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        value = like(out, 0)
        out[i] = out[i] + value if add else value


# logaddexp, table/elementwise.py:84: g*exp(a - logaddexp(a, b))
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


# logaddexp, table/elementwise.py:84: g*exp(b - logaddexp(a, b))
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


# xlogy, table/elementwise.py:85: where((a == 0) & (b <= 0), 0, g*log(b))
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


# xlogy, table/elementwise.py:85: g*(a/b)
def xlogy_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * (a_i / b_i)
        value = value if g_i != like(out, 0) else like(out, 0)
        out[i] = out[i] + value if add else value


# polygamma, table/elementwise.py:86: g*polygamma(a + 1, b)
def polygamma_b(n, add, g, a, b, out):
    for i in range(abs(n)):
        a_i = a[i]
        b_i = b[i]
        g_i = g[i]
        value = g_i * like(out, polygamma(a_i + like(out, 1), b_i))
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
