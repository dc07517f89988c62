"""The short recording path of every elementwise primitive. Written by `python tape/generate.py`; edit the table, not this file.

A function that finds anything unusual leaves the work to tape/record, which gives the same values and rows.
"""
# fmt: off
# ruff: noqa: E501
from __future__ import annotations

from math import acos as math_acos
from math import acosh as math_acosh
from math import asin as math_asin
from math import asinh as math_asinh
from math import atan as math_atan
from math import atanh as math_atanh
from math import cos as math_cos
from math import cosh as math_cosh
from math import erf as math_erf
from math import erfc as math_erfc
from math import exp as math_exp
from math import expm1 as math_expm1
from math import fabs as math_fabs
from math import log as math_log
from math import log10 as math_log10
from math import log1p as math_log1p
from math import log2 as math_log2
from math import sin as math_sin
from math import sinh as math_sinh
from math import sqrt as math_sqrt
from math import tan as math_tan
from math import tanh as math_tanh
from sys import _getframe
from typing import Any

from tape.columns import LIMIT
from tape.out import written
from tape.record import INSIDE, elementwise_one, elementwise_two, outside
from tape.spec import SCALAR
from tape.state import STATE
from tape.tensor import Tensor
from tape.values import pair


_neg = pair('neg')


def neg(input: Any, *, out: Any = None) -> Tensor:
    """np.negative(x), elementwise. Pullback of a cotangent g, d/dx: -g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.negative.
    """
    if out is not None:
        return written("neg", out, neg(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                value = -x
            elif spec.light:
                value = _neg[spec.code](x)
            else:
                tape = None
                return elementwise_one(8, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((8, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(8, input)

_abs = pair('abs')


def abs(input: Any, *, out: Any = None) -> Tensor:
    """np.absolute(x), elementwise. Pullback of a cotangent g, d/dx: sign(x).
    At the kink: at 0 and NaN: 0.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.absolute.
    """
    if out is not None:
        return written("abs", out, abs(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                value = math_fabs(x)
            elif spec.light:
                value = _abs[spec.code](x)
            else:
                tape = None
                return elementwise_one(9, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((9, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(9, input)

_sign = pair('sign')


def sign(input: Any, *, out: Any = None) -> Tensor:
    """where(x > 0, 1, where(x < 0, -1, 0)), elementwise. Pullback of a cotangent g, d/dx: 0.
    At the kink: zero, and 0 at NaN.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sign.
    """
    if out is not None:
        return written("sign", out, sign(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _sign[spec.code](x)
            else:
                tape = None
                return elementwise_one(10, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((10, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(10, input)

_floor = pair('floor')


def floor(input: Any, *, out: Any = None) -> Tensor:
    """np.floor(x), elementwise. Pullback of a cotangent g, d/dx: 0.
    At the kink: zero everywhere.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.floor.
    """
    if out is not None:
        return written("floor", out, floor(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _floor[spec.code](x)
            else:
                tape = None
                return elementwise_one(11, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((11, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(11, input)

_ceil = pair('ceil')


def ceil(input: Any, *, out: Any = None) -> Tensor:
    """np.ceil(x), elementwise. Pullback of a cotangent g, d/dx: 0.
    At the kink: zero everywhere.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.ceil.
    """
    if out is not None:
        return written("ceil", out, ceil(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _ceil[spec.code](x)
            else:
                tape = None
                return elementwise_one(12, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((12, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(12, input)

_round = pair('round')


def round(input: Any, *, out: Any = None) -> Tensor:
    """np.rint(x), elementwise. Pullback of a cotangent g, d/dx: 0.
    At the kink: zero everywhere.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.rint.
    """
    if out is not None:
        return written("round", out, round(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _round[spec.code](x)
            else:
                tape = None
                return elementwise_one(13, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((13, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(13, input)

_trunc = pair('trunc')


def trunc(input: Any, *, out: Any = None) -> Tensor:
    """np.trunc(x), elementwise. Pullback of a cotangent g, d/dx: 0.
    At the kink: zero everywhere.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.trunc.
    """
    if out is not None:
        return written("trunc", out, trunc(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _trunc[spec.code](x)
            else:
                tape = None
                return elementwise_one(14, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((14, input._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(14, input)

_square = pair('square')


def square(input: Any, *, out: Any = None) -> Tensor:
    """np.square(x), elementwise. Pullback of a cotangent g, d/dx: 2*x*g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.square.
    """
    if out is not None:
        return written("square", out, square(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                value = x*x
            elif spec.light:
                value = _square[spec.code](x)
            else:
                tape = None
                return elementwise_one(15, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((15, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(15, input)

_cube = pair('cube')


def cube(input: Any, *, out: Any = None) -> Tensor:
    """x*x*x, elementwise. Pullback of a cotangent g, d/dx: 3*(x*x)*g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.power(x, 3).
    """
    if out is not None:
        return written("cube", out, cube(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                value = x*x*x
            elif spec.light:
                value = _cube[spec.code](x)
            else:
                tape = None
                return elementwise_one(16, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((16, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(16, input)

_reciprocal = pair('reciprocal')


def reciprocal(input: Any, *, out: Any = None) -> Tensor:
    """np.reciprocal(x), elementwise. Pullback of a cotangent g, d/dx: -(y*y).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.reciprocal.
    """
    if out is not None:
        return written("reciprocal", out, reciprocal(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/x
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_reciprocal[0](x))
            elif spec.light:
                value = _reciprocal[spec.code](x)
            else:
                tape = None
                return elementwise_one(17, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((17, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(17, input)

_sqrt = pair('sqrt')


def sqrt(input: Any, *, out: Any = None) -> Tensor:
    """np.sqrt(x), elementwise. Pullback of a cotangent g, d/dx: g/(2*y).
    At the kink: at 0: inf.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sqrt.
    """
    if out is not None:
        return written("sqrt", out, sqrt(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sqrt(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sqrt[0](x))
            elif spec.light:
                value = _sqrt[spec.code](x)
            else:
                tape = None
                return elementwise_one(19, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((19, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(19, input)

_rsqrt = pair('rsqrt')


def rsqrt(input: Any, *, out: Any = None) -> Tensor:
    """1/sqrt(x), elementwise. Pullback of a cotangent g, d/dx: -0.5*(y*y*y).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: 1/numpy.sqrt(x).
    """
    if out is not None:
        return written("rsqrt", out, rsqrt(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/math_sqrt(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_rsqrt[0](x))
            elif spec.light:
                value = _rsqrt[spec.code](x)
            else:
                tape = None
                return elementwise_one(20, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((20, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(20, input)

_exp = pair('exp')


def exp(input: Any, *, out: Any = None) -> Tensor:
    """exp(x), elementwise. Pullback of a cotangent g, d/dx: y.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.exp.
    """
    if out is not None:
        return written("exp", out, exp(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_exp(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_exp[0](x))
            elif spec.light:
                value = _exp[spec.code](x)
            else:
                tape = None
                return elementwise_one(21, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((21, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(21, input)

_exp2 = pair('exp2')


def exp2(input: Any, *, out: Any = None) -> Tensor:
    """exp2(x), elementwise. Pullback of a cotangent g, d/dx: y*LN2.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.exp2.
    """
    if out is not None:
        return written("exp2", out, exp2(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _exp2[spec.code](x)
            else:
                tape = None
                return elementwise_one(22, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((22, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(22, input)

_expm1 = pair('expm1')


def expm1(input: Any, *, out: Any = None) -> Tensor:
    """expm1(x), elementwise. Pullback of a cotangent g, d/dx: (y + 1).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.expm1.
    """
    if out is not None:
        return written("expm1", out, expm1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_expm1(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_expm1[0](x))
            elif spec.light:
                value = _expm1[spec.code](x)
            else:
                tape = None
                return elementwise_one(23, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((23, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(23, input)

_log = pair('log')


def log(input: Any, *, out: Any = None) -> Tensor:
    """log(x), elementwise. Pullback of a cotangent g, d/dx: g/x.
    At the kink: at 0: inf.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.log.
    """
    if out is not None:
        return written("log", out, log(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log[0](x))
            elif spec.light:
                value = _log[spec.code](x)
            else:
                tape = None
                return elementwise_one(24, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((24, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(24, input)

_log2 = pair('log2')


def log2(input: Any, *, out: Any = None) -> Tensor:
    """log2(x), elementwise. Pullback of a cotangent g, d/dx: g/(x*LN2).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.log2.
    """
    if out is not None:
        return written("log2", out, log2(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log2(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log2[0](x))
            elif spec.light:
                value = _log2[spec.code](x)
            else:
                tape = None
                return elementwise_one(25, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((25, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(25, input)

_log10 = pair('log10')


def log10(input: Any, *, out: Any = None) -> Tensor:
    """log10(x), elementwise. Pullback of a cotangent g, d/dx: g/(x*LN10).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.log10.
    """
    if out is not None:
        return written("log10", out, log10(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log10(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log10[0](x))
            elif spec.light:
                value = _log10[spec.code](x)
            else:
                tape = None
                return elementwise_one(26, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((26, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(26, input)

_log1p = pair('log1p')


def log1p(input: Any, *, out: Any = None) -> Tensor:
    """log1p(x), elementwise. Pullback of a cotangent g, d/dx: g/(x + 1).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.log1p.
    """
    if out is not None:
        return written("log1p", out, log1p(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log1p(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log1p[0](x))
            elif spec.light:
                value = _log1p[spec.code](x)
            else:
                tape = None
                return elementwise_one(27, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((27, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(27, input)

_sin = pair('sin')


def sin(input: Any, *, out: Any = None) -> Tensor:
    """sin(x), elementwise. Pullback of a cotangent g, d/dx: cos(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sin.
    """
    if out is not None:
        return written("sin", out, sin(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sin(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sin[0](x))
            elif spec.light:
                value = _sin[spec.code](x)
            else:
                tape = None
                return elementwise_one(28, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((28, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(28, input)

_cos = pair('cos')


def cos(input: Any, *, out: Any = None) -> Tensor:
    """cos(x), elementwise. Pullback of a cotangent g, d/dx: -sin(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.cos.
    """
    if out is not None:
        return written("cos", out, cos(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_cos(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_cos[0](x))
            elif spec.light:
                value = _cos[spec.code](x)
            else:
                tape = None
                return elementwise_one(29, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((29, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(29, input)

_tan = pair('tan')


def tan(input: Any, *, out: Any = None) -> Tensor:
    """tan(x), elementwise. Pullback of a cotangent g, d/dx: (1 + y*y).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.tan.
    """
    if out is not None:
        return written("tan", out, tan(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_tan(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_tan[0](x))
            elif spec.light:
                value = _tan[spec.code](x)
            else:
                tape = None
                return elementwise_one(30, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((30, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(30, input)

_asin = pair('asin')


def asin(input: Any, *, out: Any = None) -> Tensor:
    """asin(x), elementwise. Pullback of a cotangent g, d/dx: g/sqrt(1 - x*x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arcsin.
    """
    if out is not None:
        return written("asin", out, asin(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_asin(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_asin[0](x))
            elif spec.light:
                value = _asin[spec.code](x)
            else:
                tape = None
                return elementwise_one(31, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((31, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(31, input)

_acos = pair('acos')


def acos(input: Any, *, out: Any = None) -> Tensor:
    """acos(x), elementwise. Pullback of a cotangent g, d/dx: -g/sqrt(1 - x*x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arccos.
    """
    if out is not None:
        return written("acos", out, acos(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_acos(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_acos[0](x))
            elif spec.light:
                value = _acos[spec.code](x)
            else:
                tape = None
                return elementwise_one(32, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((32, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(32, input)

_atan = pair('atan')


def atan(input: Any, *, out: Any = None) -> Tensor:
    """atan(x), elementwise. Pullback of a cotangent g, d/dx: g/(x*x + 1).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arctan.
    """
    if out is not None:
        return written("atan", out, atan(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_atan(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_atan[0](x))
            elif spec.light:
                value = _atan[spec.code](x)
            else:
                tape = None
                return elementwise_one(33, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((33, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(33, input)

_sinh = pair('sinh')


def sinh(input: Any, *, out: Any = None) -> Tensor:
    """sinh(x), elementwise. Pullback of a cotangent g, d/dx: cosh(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sinh.
    """
    if out is not None:
        return written("sinh", out, sinh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sinh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sinh[0](x))
            elif spec.light:
                value = _sinh[spec.code](x)
            else:
                tape = None
                return elementwise_one(34, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((34, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(34, input)

_cosh = pair('cosh')


def cosh(input: Any, *, out: Any = None) -> Tensor:
    """cosh(x), elementwise. Pullback of a cotangent g, d/dx: sinh(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.cosh.
    """
    if out is not None:
        return written("cosh", out, cosh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_cosh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_cosh[0](x))
            elif spec.light:
                value = _cosh[spec.code](x)
            else:
                tape = None
                return elementwise_one(35, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((35, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(35, input)

_tanh = pair('tanh')


def tanh(input: Any, *, out: Any = None) -> Tensor:
    """tanh(x), elementwise. Pullback of a cotangent g, d/dx: (1 - y*y).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.tanh.
    """
    if out is not None:
        return written("tanh", out, tanh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_tanh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_tanh[0](x))
            elif spec.light:
                value = _tanh[spec.code](x)
            else:
                tape = None
                return elementwise_one(36, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((36, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(36, input)

_asinh = pair('asinh')


def asinh(input: Any, *, out: Any = None) -> Tensor:
    """asinh(x), elementwise. Pullback of a cotangent g, d/dx: g/sqrt(x*x + 1).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arcsinh.
    """
    if out is not None:
        return written("asinh", out, asinh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_asinh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_asinh[0](x))
            elif spec.light:
                value = _asinh[spec.code](x)
            else:
                tape = None
                return elementwise_one(37, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((37, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(37, input)

_acosh = pair('acosh')


def acosh(input: Any, *, out: Any = None) -> Tensor:
    """acosh(x), elementwise. Pullback of a cotangent g, d/dx: g/(sqrt(x - 1)*sqrt(x + 1)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arccosh.
    """
    if out is not None:
        return written("acosh", out, acosh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_acosh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_acosh[0](x))
            elif spec.light:
                value = _acosh[spec.code](x)
            else:
                tape = None
                return elementwise_one(38, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((38, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(38, input)

_atanh = pair('atanh')


def atanh(input: Any, *, out: Any = None) -> Tensor:
    """atanh(x), elementwise. Pullback of a cotangent g, d/dx: g/(1 - x*x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arctanh.
    """
    if out is not None:
        return written("atanh", out, atanh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_atanh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_atanh[0](x))
            elif spec.light:
                value = _atanh[spec.code](x)
            else:
                tape = None
                return elementwise_one(39, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((39, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(39, input)

_sigmoid = pair('sigmoid')


def sigmoid(input: Any, *, out: Any = None) -> Tensor:
    """1/(1 + exp(-x)), elementwise. Pullback of a cotangent g, d/dx: ((1 - y)*y).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.expit.
    """
    if out is not None:
        return written("sigmoid", out, sigmoid(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/(1.0 + math_exp(-x))
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sigmoid[0](x))
            elif spec.light:
                value = _sigmoid[spec.code](x)
            else:
                tape = None
                return elementwise_one(40, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((40, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(40, input)

_log_sigmoid = pair('log_sigmoid')


def log_sigmoid(input: Any, *, out: Any = None) -> Tensor:
    """minimum(x, 0) - log1p(exp(-abs(x))), elementwise. Pullback of a cotangent g, d/dx: sigmoid(-x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.log_expit.
    """
    if out is not None:
        return written("log_sigmoid", out, log_sigmoid(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _log_sigmoid[spec.code](x)
            else:
                tape = None
                return elementwise_one(41, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((41, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(41, input)

_relu = pair('relu')


def relu(input: Any, *, out: Any = None) -> Tensor:
    """where(x < 0, 0, x), elementwise. Pullback of a cotangent g, d/dx: where(y <= 0, 0, g).
    At the kink: at 0: 0; NaN: g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.maximum(x, 0).
    """
    if out is not None:
        return written("relu", out, relu(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _relu[spec.code](x)
            else:
                tape = None
                return elementwise_one(42, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((42, input._r, 0, None, value, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(42, input)

_softplus = pair('softplus')


def softplus(input: Any, *, out: Any = None) -> Tensor:
    """where(x > 20, x, log1p(exp(x))), elementwise. Pullback of a cotangent g, d/dx: where(x > 20, g, sigmoid(x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.logaddexp(x, 0).
    """
    if out is not None:
        return written("softplus", out, softplus(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _softplus[spec.code](x)
            else:
                tape = None
                return elementwise_one(43, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((43, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(43, input)

_erf = pair('erf')


def erf(input: Any, *, out: Any = None) -> Tensor:
    """erf(x), elementwise. Pullback of a cotangent g, d/dx: (TWO_OVER_SQRT_PI*exp(-x*x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.erf.
    """
    if out is not None:
        return written("erf", out, erf(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_erf(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_erf[0](x))
            elif spec.light:
                value = _erf[spec.code](x)
            else:
                tape = None
                return elementwise_one(44, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((44, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(44, input)

_erfc = pair('erfc')


def erfc(input: Any, *, out: Any = None) -> Tensor:
    """erfc(x), elementwise. Pullback of a cotangent g, d/dx: -(TWO_OVER_SQRT_PI*exp(-x*x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.erfc.
    """
    if out is not None:
        return written("erfc", out, erfc(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_erfc(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_erfc[0](x))
            elif spec.light:
                value = _erfc[spec.code](x)
            else:
                tape = None
                return elementwise_one(45, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((45, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(45, input)

_lgamma = pair('lgamma')


def lgamma(input: Any, *, out: Any = None) -> Tensor:
    """lgamma(x), elementwise. Pullback of a cotangent g, d/dx: digamma(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.gammaln.
    """
    if out is not None:
        return written("lgamma", out, lgamma(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _lgamma[spec.code](x)
            else:
                tape = None
                return elementwise_one(46, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((46, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(46, input)

_digamma = pair('digamma')


def digamma(input: Any, *, out: Any = None) -> Tensor:
    """digamma(x), elementwise. Pullback of a cotangent g, d/dx: polygamma(1, x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.digamma.
    """
    if out is not None:
        return written("digamma", out, digamma(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec = input._t, input._s
        except AttributeError:
            home = None
        if home is tape:
            x, rows = input._v, tape.rows
            row = len(rows)
            if spec.light:
                value = _digamma[spec.code](x)
            else:
                tape = None
                return elementwise_one(47, input)
            if row < LIMIT:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((47, input._r, 0, x, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
    tape = home = None
    return elementwise_one(47, input)


def __add__(a: Any, b: Any) -> Any:
    """a + b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec = a._t, a._s
        if type(b) is Tensor:
            if spec is b._s:
                tb = b._t
                if ta is tape:
                    ra = a._r
                    if tb is tape:
                        rb = b._r
                    else:
                        rb = b._r if tb is None else tb.row if tb.num == tape.num else -1
                elif tb is tape:
                    rb = b._r
                    ra = a._r if ta is None else ta.row if ta.num == tape.num else -1
                else:
                    ra = -1
                x, y, rows = a._v, b._v, tape.rows
                row = len(rows)
                if ra >= 0 and rb >= 0 and row < LIMIT and (spec.light or type(x) is type(y) is float):
                    value = x + y
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((48, ra, rb, None, None, code, frame.f_lasti))
                    made = Tensor()
                    made._v = value
                    made._t = tape
                    made._r = row
                    made._s = spec
                    return made
            tb = None
        elif ta is tape and (type(b) is float or type(b) is int):
            x, rows = a._v, tape.rows
            row = len(rows)
            if (spec.light or type(x) is float) and row < LIMIT:
                b = float(b)
                value = x + b
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((48, a._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
        ta = None
    tape = None
    return elementwise_two(48, a, b)


def __radd__(a: Any, b: Any) -> Any:
    """b + a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and a._t is tape and (type(b) is float or type(b) is int):
        spec, y, rows = a._s, a._v, tape.rows
        row = len(rows)
        if (spec.light or type(y) is float) and row < LIMIT:
            b = float(b)
            value = b + y
            frame = _getframe(1)
            code = frame.f_code
            if id(code) in INSIDE:
                frame = outside(frame)
                code = frame.f_code
            rows.extend((48, 0, a._r, None, None, code, frame.f_lasti))
            made = Tensor()
            made._v = value
            made._t = tape
            made._r = row
            made._s = spec
            return made
    tape = None
    return elementwise_two(48, b, a)


def __sub__(a: Any, b: Any) -> Any:
    """a - b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec = a._t, a._s
        if type(b) is Tensor:
            if spec is b._s:
                tb = b._t
                if ta is tape:
                    ra = a._r
                    if tb is tape:
                        rb = b._r
                    else:
                        rb = b._r if tb is None else tb.row if tb.num == tape.num else -1
                elif tb is tape:
                    rb = b._r
                    ra = a._r if ta is None else ta.row if ta.num == tape.num else -1
                else:
                    ra = -1
                x, y, rows = a._v, b._v, tape.rows
                row = len(rows)
                if ra >= 0 and rb >= 0 and row < LIMIT and (spec.light or type(x) is type(y) is float):
                    value = x - y
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((49, ra, rb, None, None, code, frame.f_lasti))
                    made = Tensor()
                    made._v = value
                    made._t = tape
                    made._r = row
                    made._s = spec
                    return made
            tb = None
        elif ta is tape and (type(b) is float or type(b) is int):
            x, rows = a._v, tape.rows
            row = len(rows)
            if (spec.light or type(x) is float) and row < LIMIT:
                b = float(b)
                value = x - b
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((49, a._r, 0, None, None, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
        ta = None
    tape = None
    return elementwise_two(49, a, b)


def __rsub__(a: Any, b: Any) -> Any:
    """b - a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and a._t is tape and (type(b) is float or type(b) is int):
        spec, y, rows = a._s, a._v, tape.rows
        row = len(rows)
        if (spec.light or type(y) is float) and row < LIMIT:
            b = float(b)
            value = b - y
            frame = _getframe(1)
            code = frame.f_code
            if id(code) in INSIDE:
                frame = outside(frame)
                code = frame.f_code
            rows.extend((50, 0, a._r, None, None, code, frame.f_lasti))
            made = Tensor()
            made._v = value
            made._t = tape
            made._r = row
            made._s = spec
            return made
    tape = None
    return elementwise_two(50, b, a)


def __mul__(a: Any, b: Any) -> Any:
    """a * b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec = a._t, a._s
        if type(b) is Tensor:
            if spec is b._s:
                tb = b._t
                if ta is tape:
                    ra = a._r
                    if tb is tape:
                        rb = b._r
                    else:
                        rb = b._r if tb is None else tb.row if tb.num == tape.num else -1
                elif tb is tape:
                    rb = b._r
                    ra = a._r if ta is None else ta.row if ta.num == tape.num else -1
                else:
                    ra = -1
                x, y, rows = a._v, b._v, tape.rows
                row = len(rows)
                if ra >= 0 and rb >= 0 and row < LIMIT and (spec.light or type(x) is type(y) is float):
                    value = x * y
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((51, ra, rb, x if rb else None, y if ra else None, code, frame.f_lasti))
                    made = Tensor()
                    made._v = value
                    made._t = tape
                    made._r = row
                    made._s = spec
                    return made
            tb = None
        elif ta is tape and (type(b) is float or type(b) is int):
            x, rows = a._v, tape.rows
            row = len(rows)
            if (spec.light or type(x) is float) and row < LIMIT:
                b = float(b)
                value = x * b
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((51, a._r, 0, None, b, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
        ta = None
    tape = None
    return elementwise_two(51, a, b)


def __rmul__(a: Any, b: Any) -> Any:
    """b * a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and a._t is tape and (type(b) is float or type(b) is int):
        spec, y, rows = a._s, a._v, tape.rows
        row = len(rows)
        if (spec.light or type(y) is float) and row < LIMIT:
            b = float(b)
            value = b * y
            frame = _getframe(1)
            code = frame.f_code
            if id(code) in INSIDE:
                frame = outside(frame)
                code = frame.f_code
            rows.extend((51, 0, a._r, b, None, code, frame.f_lasti))
            made = Tensor()
            made._v = value
            made._t = tape
            made._r = row
            made._s = spec
            return made
    tape = None
    return elementwise_two(51, b, a)


def __truediv__(a: Any, b: Any) -> Any:
    """a / b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec = a._t, a._s
        if type(b) is Tensor:
            if spec is b._s:
                tb = b._t
                if ta is tape:
                    ra = a._r
                    if tb is tape:
                        rb = b._r
                    else:
                        rb = b._r if tb is None else tb.row if tb.num == tape.num else -1
                elif tb is tape:
                    rb = b._r
                    ra = a._r if ta is None else ta.row if ta.num == tape.num else -1
                else:
                    ra = -1
                x, y, rows = a._v, b._v, tape.rows
                row = len(rows)
                if ra >= 0 and rb >= 0 and row < LIMIT and (spec.light or type(x) is type(y) is float):
                    try:
                        value = x / y
                    except ZeroDivisionError:
                        tape = ta = tb = None
                        return elementwise_two(52, a, b)
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((52, ra, rb, x if rb else None, y, code, frame.f_lasti))
                    made = Tensor()
                    made._v = value
                    made._t = tape
                    made._r = row
                    made._s = spec
                    return made
            tb = None
        elif ta is tape and (type(b) is float or type(b) is int):
            x, rows = a._v, tape.rows
            row = len(rows)
            if (spec.light or type(x) is float) and row < LIMIT:
                b = float(b)
                try:
                    value = x / b
                except ZeroDivisionError:
                    tape = ta = None
                    return elementwise_two(52, a, b)
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((52, a._r, 0, None, b, code, frame.f_lasti))
                made = Tensor()
                made._v = value
                made._t = tape
                made._r = row
                made._s = spec
                return made
        ta = None
    tape = None
    return elementwise_two(52, a, b)


def __rtruediv__(a: Any, b: Any) -> Any:
    """b / a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and a._t is tape and (type(b) is float or type(b) is int):
        spec, y, rows = a._s, a._v, tape.rows
        row = len(rows)
        if (spec.light or type(y) is float) and row < LIMIT:
            b = float(b)
            try:
                value = b / y
            except ZeroDivisionError:
                tape = None
                return elementwise_two(53, b, a)
            frame = _getframe(1)
            code = frame.f_code
            if id(code) in INSIDE:
                frame = outside(frame)
                code = frame.f_code
            rows.extend((53, 0, a._r, b, y, code, frame.f_lasti))
            made = Tensor()
            made._v = value
            made._t = tape
            made._r = row
            made._s = spec
            return made
    tape = None
    return elementwise_two(53, b, a)


def pow(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """pow(a, b), elementwise. Pullback of a cotangent g, d/da: where(b == 0, 0, (b*pow(a, b - 1))); d/db: where((a == 0) & (b >= 0), 0, (pow(a, b)*log(a))).
    At the kink: x**0: 0 in x; 0**b: 0 in b.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.power.
    """
    made = elementwise_two(54, input, other)
    if made is NotImplemented:
        raise TypeError(f"pow: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("pow", out, made)


def maximum(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.maximum(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where(a < b, 0, g)); d/db: where(a == b, g/2, where(a > b, 0, g)).
    At the kink: tie: half to each; NaN: g to both.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.maximum.
    """
    made = elementwise_two(57, input, other)
    if made is NotImplemented:
        raise TypeError(f"maximum: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("maximum", out, made)


def minimum(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.minimum(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where(a > b, 0, g)); d/db: where(a == b, g/2, where(a < b, 0, g)).
    At the kink: tie: half to each; NaN: g to both.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.minimum.
    """
    made = elementwise_two(58, input, other)
    if made is NotImplemented:
        raise TypeError(f"minimum: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("minimum", out, made)


def fmax(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmax(a, b), elementwise. Pullback of a cotangent g, d/da: where((a >= b) | (b != b), g, 0); d/db: where((a >= b) | (b != b), 0, g).
    At the kink: tie: all to a.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmax.
    """
    made = elementwise_two(59, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmax: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmax", out, made)


def fmin(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmin(a, b), elementwise. Pullback of a cotangent g, d/da: where((a <= b) | (b != b), g, 0); d/db: where((a <= b) | (b != b), 0, g).
    At the kink: tie: all to a.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmin.
    """
    made = elementwise_two(60, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmin: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmin", out, made)


def atan2(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """atan2(a, b), elementwise. Pullback of a cotangent g, d/da: (b*where(a*a + b*b == 0, 0, 1/(a*a + b*b))); d/db: (-a*where(a*a + b*b == 0, 0, 1/(a*a + b*b))).
    At the kink: at (0, 0): 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arctan2.
    """
    made = elementwise_two(61, input, other)
    if made is NotImplemented:
        raise TypeError(f"atan2: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("atan2", out, made)


def hypot(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """hypot(a, b), elementwise. Pullback of a cotangent g, d/da: (a/hypot(a, b)); d/db: (b/hypot(a, b)).
    At the kink: at (0, 0): NaN.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.hypot.
    """
    made = elementwise_two(62, input, other)
    if made is NotImplemented:
        raise TypeError(f"hypot: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hypot", out, made)


def fmod(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmod(a, b), elementwise. Pullback of a cotangent g, d/da: g; d/db: -trunc(a/b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmod.
    """
    made = elementwise_two(63, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmod: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmod", out, made)


def remainder(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.remainder(a, b), elementwise. Pullback of a cotangent g, d/da: g; d/db: -floor(a/b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.remainder.
    """
    made = elementwise_two(64, input, other)
    if made is NotImplemented:
        raise TypeError(f"remainder: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("remainder", out, made)


def floor_divide(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.floor_divide(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: none.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.floor_divide.
    """
    made = elementwise_two(65, input, other)
    if made is NotImplemented:
        raise TypeError(f"floor_divide: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("floor_divide", out, made)


def copysign(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.copysign(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == 0, 0, (sign(a)*copysign(1, b))); d/db: 0.
    At the kink: at a = 0: 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.copysign.
    """
    made = elementwise_two(66, input, other)
    if made is NotImplemented:
        raise TypeError(f"copysign: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("copysign", out, made)


def logaddexp(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b)))), elementwise. Pullback of a cotangent g, d/da: exp(a - logaddexp(a, b)); d/db: exp(b - logaddexp(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.logaddexp.
    """
    made = elementwise_two(67, input, other)
    if made is NotImplemented:
        raise TypeError(f"logaddexp: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("logaddexp", out, made)


def xlogy(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(b != b, b, where(a == 0, 0, a*log(b))), elementwise. Pullback of a cotangent g, d/da: where((a == 0) & (b <= 0), 0, log(b)); d/db: (a/b).
    At the kink: 0*log(0) is 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.xlogy.
    """
    made = elementwise_two(68, input, other)
    if made is NotImplemented:
        raise TypeError(f"xlogy: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("xlogy", out, made)


def polygamma(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """polygamma(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: polygamma(a + 1, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.polygamma.
    """
    made = elementwise_two(69, input, other)
    if made is NotImplemented:
        raise TypeError(f"polygamma: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("polygamma", out, made)
