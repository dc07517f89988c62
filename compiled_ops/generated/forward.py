"""Values of elementwise rows.

Written by `python -m compiled_ops.generate`; edit the table, not this file.
Hash of vectormath and special, which are compiled into it: b653a7779c243620.
NumPy inner loops: `args` points to the inputs and the output, of `dims[0]` elements that lie
`steps` bytes apart.
"""

# ruff: noqa
from compiled_ops.special import digamma, polygamma
from compiled_ops.vectormath import (
    BLOCK,
    fed_back,
    gather,
    like,
    place,
    quiet,
    scratch,
    spread,
    rounding,
    vector_of_one,
    vector_of_two,
)

LN2 = 0.6931471805599453
sqrt = rounding("sqrt")
vector_exp = vector_of_one("exp")
vector_exp2 = vector_of_one("exp2")
vector_expm1 = vector_of_one("expm1")
vector_log = vector_of_one("log")
vector_log2 = vector_of_one("log2")
vector_log10 = vector_of_one("log10")
vector_log1p = vector_of_one("log1p")
vector_sin = vector_of_one("sin")
vector_cos = vector_of_one("cos")
vector_tan = vector_of_one("tan")
vector_asin = vector_of_one("asin")
vector_acos = vector_of_one("acos")
vector_atan = vector_of_one("atan")
vector_sinh = vector_of_one("sinh")
vector_cosh = vector_of_one("cosh")
vector_tanh = vector_of_one("tanh")
vector_asinh = vector_of_one("asinh")
vector_acosh = vector_of_one("acosh")
vector_atanh = vector_of_one("atanh")
vector_erf = vector_of_one("erf")
vector_erfc = vector_of_one("erfc")
vector_lgamma = vector_of_one("lgamma")
vector_pow = vector_of_two("pow")
vector_atan2 = vector_of_two("atan2")
vector_hypot = vector_of_two("hypot")


# sign, table/elementwise.py:30: where(x > 0, 1, where(x < 0, -1, 0))
def sign_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            y[k] = like(y, 1) if x_i > like(y, 0) else like(y, -1) if x_i < like(y, 0) else like(y, 0)
        spread(y, args[1], steps[1], start, m)
    quiet()


# cube, table/elementwise.py:36: x*x*x
def cube_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            y[k] = x_i * x_i * x_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# rsqrt, table/elementwise.py:39: 1/sqrt(x)
def rsqrt_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            y[k] = like(y, 1) / sqrt(x_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# exp, table/elementwise.py:40: exp(x)
def exp_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_exp(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# exp2, table/elementwise.py:41: exp2(x)
def exp2_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_exp2(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# expm1, table/elementwise.py:42: expm1(x)
def expm1_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_expm1(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# log, table/elementwise.py:43: log(x)
def log_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_log(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# log2, table/elementwise.py:44: log2(x)
def log2_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_log2(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# log10, table/elementwise.py:45: log10(x)
def log10_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_log10(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# log1p, table/elementwise.py:46: log1p(x)
def log1p_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_log1p(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# sin, table/elementwise.py:47: sin(x)
def sin_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_sin(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# cos, table/elementwise.py:48: cos(x)
def cos_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_cos(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# tan, table/elementwise.py:49: tan(x)
def tan_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_tan(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# asin, table/elementwise.py:50: asin(x)
def asin_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_asin(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# acos, table/elementwise.py:51: acos(x)
def acos_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_acos(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# atan, table/elementwise.py:52: atan(x)
def atan_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_atan(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# sinh, table/elementwise.py:53: sinh(x)
def sinh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_sinh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# cosh, table/elementwise.py:54: cosh(x)
def cosh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_cosh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# tanh, table/elementwise.py:55: tanh(x)
def tanh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_tanh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# asinh, table/elementwise.py:56: asinh(x)
def asinh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_asinh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# acosh, table/elementwise.py:57: acosh(x)
def acosh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_acosh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# atanh, table/elementwise.py:58: atanh(x)
def atanh_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_atanh(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# sigmoid, table/elementwise.py:59: 1/(1 + exp(-x))
def sigmoid_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    exp_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            exp_block[k] = -x_i
        vector_exp(exp_block, exp_block, m)
        for k in range(m):
            exp_i = exp_block[k]
            y[k] = like(y, 1) / (like(y, 1) + exp_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# log_sigmoid, table/elementwise.py:60: minimum(x, 0) - log1p(exp(-abs(x)))
def log_sigmoid_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    exp_block = scratch(args[0])
    log1p_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            exp_block[k] = -abs(x_i)
        vector_exp(exp_block, exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(m):
            log1p_i = log1p_block[k]
            x_i = x[k]
            y[k] = (x_i if (x_i <= like(y, 0)) | (x_i != x_i) else like(y, 0)) - log1p_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# relu, table/elementwise.py:61: where(x < 0, 0, x)
def relu_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            y[k] = like(y, 0) if x_i < like(y, 0) else x_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# softplus, table/elementwise.py:62: where(x > 20, x, log1p(exp(x)))
def softplus_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    exp_block = scratch(args[0])
    log1p_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_exp(x, exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(m):
            log1p_i = log1p_block[k]
            x_i = x[k]
            y[k] = x_i if x_i > like(y, 20) else log1p_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# erf, table/elementwise.py:63: erf(x)
def erf_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_erf(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# erfc, table/elementwise.py:64: erfc(x)
def erfc_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_erfc(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# lgamma, table/elementwise.py:65: lgamma(x)
def lgamma_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_lgamma(x, y, m)
        spread(y, args[1], steps[1], start, m)
    quiet()


# digamma, table/elementwise.py:66: digamma(x)
def digamma_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            y[k] = like(y, digamma(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# pow, table/elementwise.py:73: pow(a, b)
def pow_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_pow(a, b, y, m)
        spread(y, args[2], steps[2], start, m)
    quiet()


# atan2, table/elementwise.py:78: atan2(a, b)
def atan2_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_atan2(a, b, y, m)
        spread(y, args[2], steps[2], start, m)
    quiet()


# hypot, table/elementwise.py:79: hypot(a, b)
def hypot_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_hypot(a, b, y, m)
        spread(y, args[2], steps[2], start, m)
    quiet()


# logaddexp, table/elementwise.py:84: where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b))))
def logaddexp_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    exp_block = scratch(args[0])
    log1p_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            exp_block[k] = -abs(a_i - b_i)
        vector_exp(exp_block, exp_block, m)
        vector_log1p(exp_block, log1p_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            log1p_i = log1p_block[k]
            y[k] = a_i + like(y, LN2) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + log1p_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# xlogy, table/elementwise.py:85: where(b != b, b, where(a == 0, 0, a*log(b)))
def xlogy_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    log_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_log(b, log_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            log_i = log_block[k]
            y[k] = b_i if b_i != b_i else like(y, 0) if a_i == like(y, 0) else a_i * log_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# polygamma, table/elementwise.py:86: polygamma(a, b)
def polygamma_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            y[k] = like(y, polygamma(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()
