"""Values of elementwise rows.

Written by `python -m compiled_ops.generate`; edit the table, not this file.
Hash of the modules whose words are compiled into it: 3d8bfba5c497aa05.
NumPy inner loops: `args` points to the inputs and the output, of `dims[0]` elements that lie
`steps` bytes apart.
"""

# ruff: noqa
from compiled_ops.special import digamma, polygamma
from compiled_ops.remainders import floor_divide, fmod, remainder
from compiled_ops.families import erfcx_integral, gamma_density, spherical_jn, zeta
from compiled_ops.polynomials import chebyshev_t, chebyshev_u, chebyshev_v, chebyshev_w, hermite_h, hermite_he, laguerre, legendre
from compiled_ops.scipy_functions import airy_ai, airy_ai_prime, bessel_j0, bessel_j1, bessel_y0, bessel_y1, beta, betaln, erfcx, gammainc, gammaincc, i0, i0e, i1, i1e, iv, ive, jv, kv, kve, log_ndtr, modified_bessel_k0, modified_bessel_k1, ndtri, scaled_modified_bessel_k0, scaled_modified_bessel_k1, yv
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
PI = 3.141592653589793
SQRT_HALF = 0.7071067811865476
ONE_OVER_LN2 = 1.4426950408889634
DEGREE = 0.017453292519943295
RADIAN = 57.29577951308232
INFINITY = float("inf")
sqrt = rounding("sqrt")
floor = rounding("floor")
trunc = rounding("trunc")
copysign = rounding("copysign")
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


# sign, table/elementwise.py:67: where(x > 0, 1, where(x < 0, -1, 0))
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


# cube, table/elementwise.py:73: x*x*x
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


# rsqrt, table/elementwise.py:76: 1/sqrt(x)
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


# exp, table/elementwise.py:77: exp(x)
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


# exp2, table/elementwise.py:78: exp2(x)
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


# expm1, table/elementwise.py:79: expm1(x)
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


# log, table/elementwise.py:80: log(x)
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


# log2, table/elementwise.py:81: log2(x)
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


# log10, table/elementwise.py:82: log10(x)
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


# log1p, table/elementwise.py:83: log1p(x)
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


# sin, table/elementwise.py:84: sin(x)
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


# cos, table/elementwise.py:85: cos(x)
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


# tan, table/elementwise.py:86: tan(x)
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


# asin, table/elementwise.py:87: asin(x)
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


# acos, table/elementwise.py:88: acos(x)
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


# atan, table/elementwise.py:89: atan(x)
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


# sinh, table/elementwise.py:90: sinh(x)
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


# cosh, table/elementwise.py:91: cosh(x)
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


# tanh, table/elementwise.py:92: tanh(x)
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


# asinh, table/elementwise.py:93: asinh(x)
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


# acosh, table/elementwise.py:94: acosh(x)
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


# atanh, table/elementwise.py:95: atanh(x)
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


# sigmoid, table/elementwise.py:96: 1/(1 + exp(-x))
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


# log_sigmoid, table/elementwise.py:97: minimum(x, 0) - log1p(exp(-abs(x)))
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


# relu, table/elementwise.py:98: where(x < 0, 0, x)
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


# softplus, table/elementwise.py:99: where(x > 20, x, log1p(exp(x)))
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


# erf, table/elementwise.py:100: erf(x)
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


# erfc, table/elementwise.py:101: erfc(x)
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


# lgamma, table/elementwise.py:102: lgamma(x)
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


# digamma, table/elementwise.py:103: digamma(x)
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


# frac, table/elementwise.py:104: x - trunc(x)
def frac_loop(args, dims, steps, data):
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
            y[k] = x_i - trunc(x_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# deg2rad, table/elementwise.py:105: x*DEGREE
def deg2rad_loop(args, dims, steps, data):
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
            y[k] = x_i * like(y, DEGREE)
        spread(y, args[1], steps[1], start, m)
    quiet()


# rad2deg, table/elementwise.py:106: x*RADIAN
def rad2deg_loop(args, dims, steps, data):
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
            y[k] = x_i * like(y, RADIAN)
        spread(y, args[1], steps[1], start, m)
    quiet()


# sinc, table/elementwise.py:108: where(x == 0, 1, (1 - 2*(floor(x + 0.5) - 2*floor(floor(x + 0.5)/2)))*sin(PI*(x - floor(x + 0.5)))/(PI*x))
def sinc_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    sin_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            sin_block[k] = like(y, PI) * (x_i - floor(x_i + like(y, 0.5)))
        vector_sin(sin_block, sin_block, m)
        for k in range(m):
            sin_i = sin_block[k]
            x_i = x[k]
            y[k] = like(y, 1) if x_i == like(y, 0) else (like(y, 1) - like(y, 2) * (floor(x_i + like(y, 0.5)) - like(y, 2) * floor(floor(x_i + like(y, 0.5)) / like(y, 2)))) * sin_i / (like(y, PI) * x_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# logit, table/elementwise.py:110: where(abs(x - 0.5) < 0.2, log1p((2*x - 1)/(1 - x)), log(x/(1 - x)))
def logit_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    log1p_block = scratch(args[0])
    log_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            log1p_block[k] = (like(y, 2) * x_i - like(y, 1)) / (like(y, 1) - x_i)
        vector_log1p(log1p_block, log1p_block, m)
        for k in range(m):
            x_i = x[k]
            log_block[k] = x_i / (like(y, 1) - x_i)
        vector_log(log_block, log_block, m)
        for k in range(m):
            log_i = log_block[k]
            log1p_i = log1p_block[k]
            x_i = x[k]
            y[k] = log1p_i if abs(x_i - like(y, 0.5)) < like(y, 0.2) else log_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# silu, table/elementwise.py:111: x/(1 + exp(-x))
def silu_loop(args, dims, steps, data):
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
            x_i = x[k]
            y[k] = x_i / (like(y, 1) + exp_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# gelu, table/elementwise.py:112: x*(0.5*erfc(-x*SQRT_HALF))
def gelu_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    erfc_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            erfc_block[k] = -x_i * like(y, SQRT_HALF)
        vector_erfc(erfc_block, erfc_block, m)
        for k in range(m):
            erfc_i = erfc_block[k]
            x_i = x[k]
            y[k] = x_i * (like(y, 0.5) * erfc_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# relu6, table/elementwise.py:113: where(x < 0, 0, where(x > 6, 6, x))
def relu6_loop(args, dims, steps, data):
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
            y[k] = like(y, 0) if x_i < like(y, 0) else like(y, 6) if x_i > like(y, 6) else x_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# hardtanh, table/elementwise.py:114: where(x < -1, -1, where(x > 1, 1, x))
def hardtanh_loop(args, dims, steps, data):
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
            y[k] = like(y, -1) if x_i < like(y, -1) else like(y, 1) if x_i > like(y, 1) else x_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# hardsigmoid, table/elementwise.py:115: where(x <= -3, 0, where(x >= 3, 1, (x + 3)/6))
def hardsigmoid_loop(args, dims, steps, data):
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
            y[k] = like(y, 0) if x_i <= like(y, -3) else like(y, 1) if x_i >= like(y, 3) else (x_i + like(y, 3)) / like(y, 6)
        spread(y, args[1], steps[1], start, m)
    quiet()


# hardswish, table/elementwise.py:116: where(x <= -3, 0, where(x >= 3, x, x*(x + 3)/6))
def hardswish_loop(args, dims, steps, data):
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
            y[k] = like(y, 0) if x_i <= like(y, -3) else x_i if x_i >= like(y, 3) else x_i * (x_i + like(y, 3)) / like(y, 6)
        spread(y, args[1], steps[1], start, m)
    quiet()


# mish, table/elementwise.py:117: x*tanh(softplus(x))
def mish_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    exp_block = scratch(args[0])
    log1p_block = scratch(args[0])
    tanh_block = scratch(args[0])
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
            tanh_block[k] = x_i if x_i > like(y, 20) else log1p_i
        vector_tanh(tanh_block, tanh_block, m)
        for k in range(m):
            tanh_i = tanh_block[k]
            x_i = x[k]
            y[k] = x_i * tanh_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# softsign, table/elementwise.py:118: x/(1 + abs(x))
def softsign_loop(args, dims, steps, data):
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
            y[k] = x_i / (like(y, 1) + abs(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# ndtr, table/elementwise.py:119: 0.5*erfc(-x*SQRT_HALF)
def ndtr_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    erfc_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            erfc_block[k] = -x_i * like(y, SQRT_HALF)
        vector_erfc(erfc_block, erfc_block, m)
        for k in range(m):
            erfc_i = erfc_block[k]
            y[k] = like(y, 0.5) * erfc_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# log_ndtr, table/elementwise.py:120: log_ndtr(x)
def log_ndtr_loop(args, dims, steps, data):
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
            y[k] = like(y, log_ndtr(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# ndtri, table/elementwise.py:121: ndtri(x)
def ndtri_loop(args, dims, steps, data):
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
            y[k] = like(y, ndtri(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# erfinv, table/elementwise.py:122: where(abs(x) <= 0.85, x*((1.1975323115670913 + (0.180625 - 0.25*x*x)*(47.07268811238398 + (0.180625 - 0.25*x*x)*(697.062665343896 + (0.180625 - 0.25*x*x)*(4854.886889384388 + (0.180625 - 0.25*x*x)*(16235.862515167575 + (0.180625 - 0.25*x*x)*(23782.041382114385 + (0.180625 - 0.25*x*x)*(11819.493347062295 + (0.180625 - 0.25*x*x)*887.0940696254552)))))))/(1.0 + (0.180625 - 0.25*x*x)*(42.31333070160091 + (0.180625 - 0.25*x*x)*(687.1870074920579 + (0.180625 - 0.25*x*x)*(5394.196021424751 + (0.180625 - 0.25*x*x)*(21213.794301586597 + (0.180625 - 0.25*x*x)*(39307.89580009271 + (0.180625 - 0.25*x*x)*(28729.085735721943 + (0.180625 - 0.25*x*x)*5226.495278852854)))))))), copysign(where(sqrt(-log(0.5 - 0.5*abs(x))) <= 5, (1.006522033603688 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(3.274143290202006 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(4.079650609331799 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(2.579418287180049 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.8983496455234804 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.17096479033317635 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.016068184886544188 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*0.0005476860319304465)))))))/(1.0 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(2.053191626637759 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(1.6763848301838038 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.6897673349851 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.14810397642748008 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.015198666563616457 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.0005475938084995345 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*1.0507500716444169e-09))))))), where(abs(x) == 1, INFINITY, (4.707849521913034 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(3.8634793616288836 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.2620629496172389 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.209699991372496 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.01876109113396867 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.0008786939826138098 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.9173593302226658e-05 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*1.4215210861921614e-07)))))))/(1.0 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.599832206555888 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.1369298809227358 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.014875361290850615 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.0007868691311456133 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.8463183175100548e-05 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.421511758316446e-07 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*2.0442631033899397e-15))))))))), x))
def erfinv_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    log_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        for k in range(m):
            x_i = x[k]
            log_block[k] = like(y, 0.5) - like(y, 0.5) * abs(x_i)
        vector_log(log_block, log_block, m)
        for k in range(m):
            log_i = log_block[k]
            x_i = x[k]
            y[k] = x_i * ((like(y, 1.1975323115670913) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 47.07268811238398) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 697.062665343896) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 4854.886889384388) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 16235.862515167575) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 23782.041382114385) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 11819.493347062295) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * like(y, 887.0940696254552)))))))) / (like(y, 1.0) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 42.31333070160091) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 687.1870074920579) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 5394.196021424751) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 21213.794301586597) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 39307.89580009271) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * (like(y, 28729.085735721943) + (like(y, 0.180625) - like(y, 0.25) * x_i * x_i) * like(y, 5226.495278852854))))))))) if abs(x_i) <= like(y, 0.85) else copysign((like(y, 1.006522033603688) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 3.274143290202006) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 4.079650609331799) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 2.579418287180049) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.8983496455234804) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.17096479033317635) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.016068184886544188) + (sqrt(-log_i) - like(y, 1.6)) * like(y, 0.0005476860319304465)))))))) / (like(y, 1.0) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 2.053191626637759) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 1.6763848301838038) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.6897673349851) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.14810397642748008) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.015198666563616457) + (sqrt(-log_i) - like(y, 1.6)) * (like(y, 0.0005475938084995345) + (sqrt(-log_i) - like(y, 1.6)) * like(y, 1.0507500716444169e-09)))))))) if sqrt(-log_i) <= like(y, 5) else like(y, INFINITY) if abs(x_i) == like(y, 1) else (like(y, 4.707849521913034) + (sqrt(-log_i) - like(y, 5)) * (like(y, 3.8634793616288836) + (sqrt(-log_i) - like(y, 5)) * (like(y, 1.2620629496172389) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.209699991372496) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.01876109113396867) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.0008786939826138098) + (sqrt(-log_i) - like(y, 5)) * (like(y, 1.9173593302226658e-05) + (sqrt(-log_i) - like(y, 5)) * like(y, 1.4215210861921614e-07)))))))) / (like(y, 1.0) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.599832206555888) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.1369298809227358) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.014875361290850615) + (sqrt(-log_i) - like(y, 5)) * (like(y, 0.0007868691311456133) + (sqrt(-log_i) - like(y, 5)) * (like(y, 1.8463183175100548e-05) + (sqrt(-log_i) - like(y, 5)) * (like(y, 1.421511758316446e-07) + (sqrt(-log_i) - like(y, 5)) * like(y, 2.0442631033899397e-15)))))))), x_i)
        spread(y, args[1], steps[1], start, m)
    quiet()


# erfcx, table/elementwise.py:123: erfcx(x)
def erfcx_loop(args, dims, steps, data):
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
            y[k] = like(y, erfcx(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# entr, table/elementwise.py:124: where(x > 0, -x*log(x), where(x == 0, 0, where(x < 0, -INFINITY, x)))
def entr_loop(args, dims, steps, data):
    x_block = scratch(args[0])
    y_block = scratch(args[0])
    log_block = scratch(args[0])
    n = dims[0]
    width = BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        x = gather(args[0], steps[0], start, m, x_block)
        y = place(args[1], steps[1], start, y_block)
        vector_log(x, log_block, m)
        for k in range(m):
            log_i = log_block[k]
            x_i = x[k]
            y[k] = -x_i * log_i if x_i > like(y, 0) else like(y, 0) if x_i == like(y, 0) else -like(y, INFINITY) if x_i < like(y, 0) else x_i
        spread(y, args[1], steps[1], start, m)
    quiet()


# i0, table/elementwise.py:125: i0(x)
def i0_loop(args, dims, steps, data):
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
            y[k] = like(y, i0(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# i0e, table/elementwise.py:126: i0e(x)
def i0e_loop(args, dims, steps, data):
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
            y[k] = like(y, i0e(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# i1, table/elementwise.py:127: i1(x)
def i1_loop(args, dims, steps, data):
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
            y[k] = like(y, i1(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# i1e, table/elementwise.py:128: i1e(x)
def i1e_loop(args, dims, steps, data):
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
            y[k] = like(y, i1e(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# bessel_j0, table/elementwise.py:129: bessel_j0(x)
def bessel_j0_loop(args, dims, steps, data):
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
            y[k] = like(y, bessel_j0(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# bessel_j1, table/elementwise.py:130: bessel_j1(x)
def bessel_j1_loop(args, dims, steps, data):
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
            y[k] = like(y, bessel_j1(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# bessel_y0, table/elementwise.py:131: bessel_y0(x)
def bessel_y0_loop(args, dims, steps, data):
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
            y[k] = like(y, bessel_y0(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# bessel_y1, table/elementwise.py:132: bessel_y1(x)
def bessel_y1_loop(args, dims, steps, data):
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
            y[k] = like(y, bessel_y1(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# modified_bessel_k0, table/elementwise.py:133: modified_bessel_k0(x)
def modified_bessel_k0_loop(args, dims, steps, data):
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
            y[k] = like(y, modified_bessel_k0(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# modified_bessel_k1, table/elementwise.py:134: modified_bessel_k1(x)
def modified_bessel_k1_loop(args, dims, steps, data):
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
            y[k] = like(y, modified_bessel_k1(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# scaled_modified_bessel_k0, table/elementwise.py:135: scaled_modified_bessel_k0(x)
def scaled_modified_bessel_k0_loop(args, dims, steps, data):
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
            y[k] = like(y, scaled_modified_bessel_k0(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# scaled_modified_bessel_k1, table/elementwise.py:137: scaled_modified_bessel_k1(x)
def scaled_modified_bessel_k1_loop(args, dims, steps, data):
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
            y[k] = like(y, scaled_modified_bessel_k1(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# airy_ai, table/elementwise.py:139: airy_ai(x)
def airy_ai_loop(args, dims, steps, data):
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
            y[k] = like(y, airy_ai(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# airy_ai_prime, table/elementwise.py:140: airy_ai_prime(x)
def airy_ai_prime_loop(args, dims, steps, data):
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
            y[k] = like(y, airy_ai_prime(x_i))
        spread(y, args[1], steps[1], start, m)
    quiet()


# pow, table/elementwise.py:147: pow(a, b)
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


# atan2, table/elementwise.py:152: atan2(a, b)
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


# hypot, table/elementwise.py:153: hypot(a, b)
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


# fmod, table/elementwise.py:154: fmod(a, b)
def fmod_loop(args, dims, steps, data):
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
            y[k] = like(y, fmod(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# remainder, table/elementwise.py:155: remainder(a, b)
def remainder_loop(args, dims, steps, data):
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
            y[k] = like(y, remainder(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# floor_divide, table/elementwise.py:156: floor_divide(a, b)
def floor_divide_loop(args, dims, steps, data):
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
            y[k] = like(y, floor_divide(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# logaddexp, table/elementwise.py:158: where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b))))
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


# xlogy, table/elementwise.py:159: where(b != b, b, where(a == 0, 0, a*log(b)))
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


# polygamma, table/elementwise.py:160: polygamma(a, b)
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


# leaky_relu, table/elementwise.py:161: where(a > 0, a, a*b)
def leaky_relu_loop(args, dims, steps, data):
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
            y[k] = a_i if a_i > like(y, 0) else a_i * b_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# elu, table/elementwise.py:162: where(a > 0, a, b*expm1(a))
def elu_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    expm1_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_expm1(a, expm1_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            expm1_i = expm1_block[k]
            y[k] = a_i if a_i > like(y, 0) else b_i * expm1_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# celu, table/elementwise.py:163: where(a > 0, a, b*expm1(a/b))
def celu_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    expm1_block = scratch(args[0])
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
            expm1_block[k] = a_i / b_i
        vector_expm1(expm1_block, expm1_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            expm1_i = expm1_block[k]
            y[k] = a_i if a_i > like(y, 0) else b_i * expm1_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# hardshrink, table/elementwise.py:164: where((a > b) | (a < -b) | (a != a), a, 0)
def hardshrink_loop(args, dims, steps, data):
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
            y[k] = a_i if (a_i > b_i) | (a_i < -b_i) | (a_i != a_i) else like(y, 0)
        spread(y, args[2], steps[2], start, m)
    quiet()


# softshrink, table/elementwise.py:165: where(a > b, a - b, where(a < -b, a + b, where(a != a, a, 0)))
def softshrink_loop(args, dims, steps, data):
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
            y[k] = a_i - b_i if a_i > b_i else a_i + b_i if a_i < -b_i else a_i if a_i != a_i else like(y, 0)
        spread(y, args[2], steps[2], start, m)
    quiet()


# hypot_least, table/elementwise.py:169: hypot(a, b)
def hypot_least_loop(args, dims, steps, data):
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


# logaddexp2, table/elementwise.py:170: where(a == b, a + 1, maximum(a, b) + ONE_OVER_LN2*log1p(exp2(-abs(a - b))))
def logaddexp2_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    exp2_block = scratch(args[0])
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
            exp2_block[k] = -abs(a_i - b_i)
        vector_exp2(exp2_block, exp2_block, m)
        vector_log1p(exp2_block, log1p_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            log1p_i = log1p_block[k]
            y[k] = a_i + like(y, 1) if a_i == b_i else (a_i if (a_i >= b_i) | (a_i != a_i) else b_i) + like(y, ONE_OVER_LN2) * log1p_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# xlog1py, table/elementwise.py:171: where(b != b, b, where(a == 0, 0, a*log1p(b)))
def xlog1py_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    log1p_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        vector_log1p(b, log1p_block, m)
        for k in range(m):
            a_i = a[k]
            b_i = b[k]
            log1p_i = log1p_block[k]
            y[k] = b_i if b_i != b_i else like(y, 0) if a_i == like(y, 0) else a_i * log1p_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# ldexp, table/elementwise.py:173: a*exp2(trunc(0.5*b))*exp2(b - trunc(0.5*b))
def ldexp_loop(args, dims, steps, data):
    a_block = scratch(args[0])
    b_block = scratch(args[0])
    y_block = scratch(args[0])
    exp2_block = scratch(args[0])
    exp2_next_block = scratch(args[0])
    n = dims[0]
    width = 1 if fed_back(args[0], steps[0], args[2]) else BLOCK
    for start in range(0, n, width):
        m = min(n - start, width)
        a = gather(args[0], steps[0], start, m, a_block)
        b = gather(args[1], steps[1], start, m, b_block)
        y = place(args[2], steps[2], start, y_block)
        for k in range(m):
            b_i = b[k]
            exp2_block[k] = trunc(like(y, 0.5) * b_i)
        vector_exp2(exp2_block, exp2_block, m)
        for k in range(m):
            b_i = b[k]
            exp2_next_block[k] = b_i - trunc(like(y, 0.5) * b_i)
        vector_exp2(exp2_next_block, exp2_next_block, m)
        for k in range(m):
            a_i = a[k]
            exp2_i = exp2_block[k]
            exp2_next_i = exp2_next_block[k]
            y[k] = a_i * exp2_i * exp2_next_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# heaviside, table/elementwise.py:174: where(a == 0, b, where(a < 0, 0, where(a > 0, 1, a)))
def heaviside_loop(args, dims, steps, data):
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
            y[k] = b_i if a_i == like(y, 0) else like(y, 0) if a_i < like(y, 0) else like(y, 1) if a_i > like(y, 0) else a_i
        spread(y, args[2], steps[2], start, m)
    quiet()


# zeta, table/elementwise.py:176: zeta(a, b)
def zeta_loop(args, dims, steps, data):
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
            y[k] = like(y, zeta(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# gammainc, table/elementwise.py:177: gammainc(a, b)
def gammainc_loop(args, dims, steps, data):
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
            y[k] = like(y, gammainc(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# gammaincc, table/elementwise.py:178: gammaincc(a, b)
def gammaincc_loop(args, dims, steps, data):
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
            y[k] = like(y, gammaincc(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# gamma_density, table/elementwise.py:179: gamma_density(a, b)
def gamma_density_loop(args, dims, steps, data):
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
            y[k] = like(y, gamma_density(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# betaln, table/elementwise.py:180: betaln(a, b)
def betaln_loop(args, dims, steps, data):
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
            y[k] = like(y, betaln(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# beta, table/elementwise.py:181: beta(a, b)
def beta_loop(args, dims, steps, data):
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
            y[k] = like(y, beta(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# erfcx_integral, table/elementwise.py:182: erfcx_integral(a, b)
def erfcx_integral_loop(args, dims, steps, data):
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
            y[k] = like(y, erfcx_integral(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# jv, table/elementwise.py:183: jv(a, b)
def jv_loop(args, dims, steps, data):
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
            y[k] = like(y, jv(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# yv, table/elementwise.py:184: yv(a, b)
def yv_loop(args, dims, steps, data):
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
            y[k] = like(y, yv(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# iv, table/elementwise.py:185: iv(a, b)
def iv_loop(args, dims, steps, data):
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
            y[k] = like(y, iv(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# ive, table/elementwise.py:186: ive(a, b)
def ive_loop(args, dims, steps, data):
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
            y[k] = like(y, ive(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# kv, table/elementwise.py:187: kv(a, b)
def kv_loop(args, dims, steps, data):
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
            y[k] = like(y, kv(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# kve, table/elementwise.py:188: kve(a, b)
def kve_loop(args, dims, steps, data):
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
            y[k] = like(y, kve(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# spherical_jn, table/elementwise.py:189: spherical_jn(a, b)
def spherical_jn_loop(args, dims, steps, data):
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
            y[k] = like(y, spherical_jn(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# chebyshev_t, table/elementwise.py:191: chebyshev_t(a, b)
def chebyshev_t_loop(args, dims, steps, data):
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
            y[k] = like(y, chebyshev_t(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# chebyshev_u, table/elementwise.py:192: chebyshev_u(a, b)
def chebyshev_u_loop(args, dims, steps, data):
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
            y[k] = like(y, chebyshev_u(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# chebyshev_v, table/elementwise.py:193: chebyshev_v(a, b)
def chebyshev_v_loop(args, dims, steps, data):
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
            y[k] = like(y, chebyshev_v(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# chebyshev_w, table/elementwise.py:194: chebyshev_w(a, b)
def chebyshev_w_loop(args, dims, steps, data):
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
            y[k] = like(y, chebyshev_w(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# hermite_h, table/elementwise.py:195: hermite_h(a, b)
def hermite_h_loop(args, dims, steps, data):
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
            y[k] = like(y, hermite_h(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# hermite_he, table/elementwise.py:196: hermite_he(a, b)
def hermite_he_loop(args, dims, steps, data):
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
            y[k] = like(y, hermite_he(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# laguerre, table/elementwise.py:197: laguerre(a, b)
def laguerre_loop(args, dims, steps, data):
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
            y[k] = like(y, laguerre(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()


# legendre, table/elementwise.py:198: legendre(a, b)
def legendre_loop(args, dims, steps, data):
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
            y[k] = like(y, legendre(a_i, b_i))
        spread(y, args[2], steps[2], start, m)
    quiet()
