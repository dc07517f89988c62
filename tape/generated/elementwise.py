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

from tape.columns import BRIEF, LIMIT
from tape.out import written
from tape.places import INSIDE, outside
from tape.record import elementwise_one, elementwise_two
from tape.single import one as single
from tape.single import two as double
from tape.single import with_number
from tape.spec import SCALAR
from tape.state import STATE
from tape.tensor import Tensor, blank
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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(8, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                value = -x
            elif spec.light:
                value = _neg[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(8, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((8, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(8, input, _neg, 0)
    return made if made is not None else elementwise_one(8, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(9, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                value = math_fabs(x)
            elif spec.light:
                value = _abs[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(9, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((9, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(9, input, _abs, 1)
    return made if made is not None else elementwise_one(9, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(10, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _sign[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(10, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((10, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(10, input, _sign, 0)
    return made if made is not None else elementwise_one(10, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(11, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _floor[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(11, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((11, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(11, input, _floor, 0)
    return made if made is not None else elementwise_one(11, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(12, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _ceil[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(12, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((12, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(12, input, _ceil, 0)
    return made if made is not None else elementwise_one(12, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(13, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _round[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(13, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((13, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(13, input, _round, 0)
    return made if made is not None else elementwise_one(13, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(14, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _trunc[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(14, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((14, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(14, input, _trunc, 0)
    return made if made is not None else elementwise_one(14, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(15, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                value = x*x
            elif spec.light:
                value = _square[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(15, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((15, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(15, input, _square, 1)
    return made if made is not None else elementwise_one(15, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(16, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                value = x*x*x
            elif spec.light:
                value = _cube[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(16, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((16, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(16, input, _cube, 1)
    return made if made is not None else elementwise_one(16, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(17, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/x
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_reciprocal[0](x))
            elif spec.light:
                value = _reciprocal[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(17, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((17, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(17, input, _reciprocal, 2)
    return made if made is not None else elementwise_one(17, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(19, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sqrt(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sqrt[0](x))
            elif spec.light:
                value = _sqrt[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(19, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((19, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(19, input, _sqrt, 2)
    return made if made is not None else elementwise_one(19, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(20, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/math_sqrt(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_rsqrt[0](x))
            elif spec.light:
                value = _rsqrt[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(20, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((20, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(20, input, _rsqrt, 2)
    return made if made is not None else elementwise_one(20, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(21, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_exp(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_exp[0](x))
            elif spec.light:
                value = _exp[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(21, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((21, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(21, input, _exp, 2)
    return made if made is not None else elementwise_one(21, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(22, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _exp2[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(22, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((22, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(22, input, _exp2, 2)
    return made if made is not None else elementwise_one(22, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(23, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_expm1(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_expm1[0](x))
            elif spec.light:
                value = _expm1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(23, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((23, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(23, input, _expm1, 2)
    return made if made is not None else elementwise_one(23, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(24, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log[0](x))
            elif spec.light:
                value = _log[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(24, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((24, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(24, input, _log, 1)
    return made if made is not None else elementwise_one(24, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(25, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log2(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log2[0](x))
            elif spec.light:
                value = _log2[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(25, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((25, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(25, input, _log2, 1)
    return made if made is not None else elementwise_one(25, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(26, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log10(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log10[0](x))
            elif spec.light:
                value = _log10[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(26, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((26, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(26, input, _log10, 1)
    return made if made is not None else elementwise_one(26, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(27, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_log1p(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_log1p[0](x))
            elif spec.light:
                value = _log1p[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(27, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((27, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(27, input, _log1p, 1)
    return made if made is not None else elementwise_one(27, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(28, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sin(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sin[0](x))
            elif spec.light:
                value = _sin[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(28, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((28, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(28, input, _sin, 1)
    return made if made is not None else elementwise_one(28, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(29, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_cos(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_cos[0](x))
            elif spec.light:
                value = _cos[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(29, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((29, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(29, input, _cos, 1)
    return made if made is not None else elementwise_one(29, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(30, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_tan(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_tan[0](x))
            elif spec.light:
                value = _tan[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(30, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((30, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(30, input, _tan, 2)
    return made if made is not None else elementwise_one(30, input)

_asin = pair('asin')


def asin(input: Any, *, out: Any = None) -> Tensor:
    """asin(x), elementwise. Pullback of a cotangent g, d/dx: g/sqrt((1 - x)*(1 + x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arcsin.
    """
    if out is not None:
        return written("asin", out, asin(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(31, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_asin(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_asin[0](x))
            elif spec.light:
                value = _asin[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(31, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((31, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(31, input, _asin, 1)
    return made if made is not None else elementwise_one(31, input)

_acos = pair('acos')


def acos(input: Any, *, out: Any = None) -> Tensor:
    """acos(x), elementwise. Pullback of a cotangent g, d/dx: -g/sqrt((1 - x)*(1 + x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arccos.
    """
    if out is not None:
        return written("acos", out, acos(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(32, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_acos(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_acos[0](x))
            elif spec.light:
                value = _acos[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(32, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((32, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(32, input, _acos, 1)
    return made if made is not None else elementwise_one(32, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(33, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_atan(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_atan[0](x))
            elif spec.light:
                value = _atan[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(33, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((33, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(33, input, _atan, 1)
    return made if made is not None else elementwise_one(33, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(34, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_sinh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sinh[0](x))
            elif spec.light:
                value = _sinh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(34, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((34, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(34, input, _sinh, 1)
    return made if made is not None else elementwise_one(34, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(35, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_cosh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_cosh[0](x))
            elif spec.light:
                value = _cosh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(35, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((35, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(35, input, _cosh, 1)
    return made if made is not None else elementwise_one(35, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(36, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_tanh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_tanh[0](x))
            elif spec.light:
                value = _tanh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(36, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((36, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(36, input, _tanh, 2)
    return made if made is not None else elementwise_one(36, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(37, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_asinh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_asinh[0](x))
            elif spec.light:
                value = _asinh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(37, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((37, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(37, input, _asinh, 1)
    return made if made is not None else elementwise_one(37, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(38, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_acosh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_acosh[0](x))
            elif spec.light:
                value = _acosh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(38, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((38, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(38, input, _acosh, 1)
    return made if made is not None else elementwise_one(38, input)

_atanh = pair('atanh')


def atanh(input: Any, *, out: Any = None) -> Tensor:
    """atanh(x), elementwise. Pullback of a cotangent g, d/dx: g/((1 - x)*(1 + x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arctanh.
    """
    if out is not None:
        return written("atanh", out, atanh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(39, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_atanh(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_atanh[0](x))
            elif spec.light:
                value = _atanh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(39, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((39, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(39, input, _atanh, 1)
    return made if made is not None else elementwise_one(39, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(40, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = 1.0/(1.0 + math_exp(-x))
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_sigmoid[0](x))
            elif spec.light:
                value = _sigmoid[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(40, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((40, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(40, input, _sigmoid, 2)
    return made if made is not None else elementwise_one(40, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(41, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _log_sigmoid[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(41, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((41, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(41, input, _log_sigmoid, 1)
    return made if made is not None else elementwise_one(41, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(42, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _relu[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(42, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((42, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(42, input, _relu, 2)
    return made if made is not None else elementwise_one(42, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(43, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _softplus[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(43, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((43, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(43, input, _softplus, 1)
    return made if made is not None else elementwise_one(43, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(44, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_erf(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_erf[0](x))
            elif spec.light:
                value = _erf[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(44, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((44, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(44, input, _erf, 1)
    return made if made is not None else elementwise_one(44, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(45, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec is SCALAR and type(x) is float:
                try:
                    value = math_erfc(x)
                except (ValueError, OverflowError, ZeroDivisionError):
                    value = float(_erfc[0](x))
            elif spec.light:
                value = _erfc[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(45, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((45, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(45, input, _erfc, 1)
    return made if made is not None else elementwise_one(45, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(46, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _lgamma[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(46, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((46, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(46, input, _lgamma, 1)
    return made if made is not None else elementwise_one(46, input)

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
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(47, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _digamma[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(47, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((47, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(47, input, _digamma, 1)
    return made if made is not None else elementwise_one(47, input)

_frac = pair('frac')


def frac(input: Any, *, out: Any = None) -> Tensor:
    """x - trunc(x), elementwise. Pullback of a cotangent g, d/dx: g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x - numpy.trunc(x).
    """
    if out is not None:
        return written("frac", out, frac(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(48, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _frac[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(48, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((48, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(48, input, _frac, 0)
    return made if made is not None else elementwise_one(48, input)

_deg2rad = pair('deg2rad')


def deg2rad(input: Any, *, out: Any = None) -> Tensor:
    """x*DEGREE, elementwise. Pullback of a cotangent g, d/dx: DEGREE.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.deg2rad.
    """
    if out is not None:
        return written("deg2rad", out, deg2rad(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(49, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _deg2rad[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(49, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((49, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(49, input, _deg2rad, 0)
    return made if made is not None else elementwise_one(49, input)

_rad2deg = pair('rad2deg')


def rad2deg(input: Any, *, out: Any = None) -> Tensor:
    """x*RADIAN, elementwise. Pullback of a cotangent g, d/dx: RADIAN.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.rad2deg.
    """
    if out is not None:
        return written("rad2deg", out, rad2deg(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(50, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _rad2deg[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(50, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((50, a, 0, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(50, input, _rad2deg, 0)
    return made if made is not None else elementwise_one(50, input)

_sinc = pair('sinc')


def sinc(input: Any, *, out: Any = None) -> Tensor:
    """where(x == 0, 1, (1 - 2*(floor(x + 0.5) - 2*floor(floor(x + 0.5)/2)))*sin(PI*(x - floor(x + 0.5)))/(PI*x)), elementwise. Pullback of a cotangent g, d/dx: -(PI*spherical_jn(1, PI*x)).
    At the kink: smooth: 0 at 0.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sinc.
    """
    if out is not None:
        return written("sinc", out, sinc(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(51, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _sinc[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(51, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((51, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(51, input, _sinc, 1)
    return made if made is not None else elementwise_one(51, input)

_logit = pair('logit')


def logit(input: Any, *, out: Any = None) -> Tensor:
    """where(abs(x - 0.5) < 0.2, log1p((2*x - 1)/(1 - x)), log(x/(1 - x))), elementwise. Pullback of a cotangent g, d/dx: where((x < 0) | (x > 1), INFINITY - INFINITY, g/(x*(1 - x))).
    At the kink: outside [0, 1]: NaN.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.logit.
    """
    if out is not None:
        return written("logit", out, logit(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(52, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _logit[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(52, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((52, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(52, input, _logit, 1)
    return made if made is not None else elementwise_one(52, input)

_silu = pair('silu')


def silu(input: Any, *, out: Any = None) -> Tensor:
    """x/(1 + exp(-x)), elementwise. Pullback of a cotangent g, d/dx: (sigmoid(x)*(1 + x*sigmoid(-x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x*scipy.special.expit(x).
    """
    if out is not None:
        return written("silu", out, silu(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(53, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _silu[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(53, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((53, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(53, input, _silu, 1)
    return made if made is not None else elementwise_one(53, input)

_gelu = pair('gelu')


def gelu(input: Any, *, out: Any = None) -> Tensor:
    """x*(0.5*erfc(-x*SQRT_HALF)), elementwise. Pullback of a cotangent g, d/dx: (0.5*erfc(-x*SQRT_HALF) + x*(INV_SQRT_TWO_PI*exp(-0.5*x*x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x*scipy.special.ndtr(x).
    """
    if out is not None:
        return written("gelu", out, gelu(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(54, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _gelu[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(54, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((54, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(54, input, _gelu, 1)
    return made if made is not None else elementwise_one(54, input)

_relu6 = pair('relu6')


def relu6(input: Any, *, out: Any = None) -> Tensor:
    """where(x < 0, 0, where(x > 6, 6, x)), elementwise. Pullback of a cotangent g, d/dx: where((x <= 0) | (x >= 6), 0, g).
    At the kink: at 0 and 6: 0; NaN: g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.clip(x, 0, 6).
    """
    if out is not None:
        return written("relu6", out, relu6(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(55, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _relu6[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(55, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((55, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(55, input, _relu6, 1)
    return made if made is not None else elementwise_one(55, input)

_hardtanh = pair('hardtanh')


def hardtanh(input: Any, *, out: Any = None) -> Tensor:
    """where(x < -1, -1, where(x > 1, 1, x)), elementwise. Pullback of a cotangent g, d/dx: where((x <= -1) | (x >= 1), 0, g).
    At the kink: at -1 and 1: 0; NaN: g.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.clip(x, -1, 1).
    """
    if out is not None:
        return written("hardtanh", out, hardtanh(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(56, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _hardtanh[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(56, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((56, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(56, input, _hardtanh, 1)
    return made if made is not None else elementwise_one(56, input)

_hardsigmoid = pair('hardsigmoid')


def hardsigmoid(input: Any, *, out: Any = None) -> Tensor:
    """where(x <= -3, 0, where(x >= 3, 1, (x + 3)/6)), elementwise. Pullback of a cotangent g, d/dx: where((x > -3) & (x < 3), g/6, 0).
    At the kink: at -3 and 3: 0.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.clip(x/6 + 0.5, 0, 1).
    """
    if out is not None:
        return written("hardsigmoid", out, hardsigmoid(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(57, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _hardsigmoid[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(57, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((57, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(57, input, _hardsigmoid, 1)
    return made if made is not None else elementwise_one(57, input)

_hardswish = pair('hardswish')


def hardswish(input: Any, *, out: Any = None) -> Tensor:
    """where(x <= -3, 0, where(x >= 3, x, x*(x + 3)/6)), elementwise. Pullback of a cotangent g, d/dx: where(x <= -3, 0, where(x < 3, (x/3 + 0.5), g)).
    At the kink: at -3: 0; at 3: 1.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x*numpy.clip(x + 3, 0, 6)/6.
    """
    if out is not None:
        return written("hardswish", out, hardswish(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(58, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _hardswish[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(58, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((58, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(58, input, _hardswish, 1)
    return made if made is not None else elementwise_one(58, input)

_mish = pair('mish')


def mish(input: Any, *, out: Any = None) -> Tensor:
    """x*tanh(softplus(x)), elementwise. Pullback of a cotangent g, d/dx: (tanh(softplus(x)) + x*(sigmoid(x)*(1 - tanh(softplus(x))*tanh(softplus(x))))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x*numpy.tanh(numpy.logaddexp(x, 0)).
    """
    if out is not None:
        return written("mish", out, mish(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(59, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _mish[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(59, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((59, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(59, input, _mish, 1)
    return made if made is not None else elementwise_one(59, input)

_softsign = pair('softsign')


def softsign(input: Any, *, out: Any = None) -> Tensor:
    """x/(1 + abs(x)), elementwise. Pullback of a cotangent g, d/dx: g/((1 + abs(x))*(1 + abs(x))).
    At the kink: smooth: 1 at 0.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: x/(1 + abs(x)).
    """
    if out is not None:
        return written("softsign", out, softsign(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(60, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _softsign[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(60, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((60, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(60, input, _softsign, 1)
    return made if made is not None else elementwise_one(60, input)

_ndtr = pair('ndtr')


def ndtr(input: Any, *, out: Any = None) -> Tensor:
    """0.5*erfc(-x*SQRT_HALF), elementwise. Pullback of a cotangent g, d/dx: (INV_SQRT_TWO_PI*exp(-0.5*x*x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.ndtr.
    """
    if out is not None:
        return written("ndtr", out, ndtr(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(61, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _ndtr[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(61, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((61, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(61, input, _ndtr, 1)
    return made if made is not None else elementwise_one(61, input)

_log_ndtr = pair('log_ndtr')


def log_ndtr(input: Any, *, out: Any = None) -> Tensor:
    """log_ndtr(x), elementwise. Pullback of a cotangent g, d/dx: (SQRT_TWO_OVER_PI/erfcx(-x*SQRT_HALF)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.log_ndtr.
    """
    if out is not None:
        return written("log_ndtr", out, log_ndtr(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(62, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _log_ndtr[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(62, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((62, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(62, input, _log_ndtr, 1)
    return made if made is not None else elementwise_one(62, input)

_ndtri = pair('ndtri')


def ndtri(input: Any, *, out: Any = None) -> Tensor:
    """ndtri(x), elementwise. Pullback of a cotangent g, d/dx: (SQRT_TWO_PI*exp(0.5*y*y)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.ndtri.
    """
    if out is not None:
        return written("ndtri", out, ndtri(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(63, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _ndtri[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(63, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((63, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(63, input, _ndtri, 2)
    return made if made is not None else elementwise_one(63, input)

_erfinv = pair('erfinv')


def erfinv(input: Any, *, out: Any = None) -> Tensor:
    """where(abs(x) <= 0.85, x*((1.1975323115670913 + (0.180625 - 0.25*x*x)*(47.07268811238398 + (0.180625 - 0.25*x*x)*(697.062665343896 + (0.180625 - 0.25*x*x)*(4854.886889384388 + (0.180625 - 0.25*x*x)*(16235.862515167575 + (0.180625 - 0.25*x*x)*(23782.041382114385 + (0.180625 - 0.25*x*x)*(11819.493347062295 + (0.180625 - 0.25*x*x)*887.0940696254552)))))))/(1.0 + (0.180625 - 0.25*x*x)*(42.31333070160091 + (0.180625 - 0.25*x*x)*(687.1870074920579 + (0.180625 - 0.25*x*x)*(5394.196021424751 + (0.180625 - 0.25*x*x)*(21213.794301586597 + (0.180625 - 0.25*x*x)*(39307.89580009271 + (0.180625 - 0.25*x*x)*(28729.085735721943 + (0.180625 - 0.25*x*x)*5226.495278852854)))))))), copysign(where(sqrt(-log(0.5 - 0.5*abs(x))) <= 5, (1.006522033603688 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(3.274143290202006 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(4.079650609331799 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(2.579418287180049 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.8983496455234804 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.17096479033317635 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.016068184886544188 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*0.0005476860319304465)))))))/(1.0 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(2.053191626637759 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(1.6763848301838038 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.6897673349851 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.14810397642748008 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.015198666563616457 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*(0.0005475938084995345 + (sqrt(-log(0.5 - 0.5*abs(x))) - 1.6)*1.0507500716444169e-09))))))), where(abs(x) == 1, INFINITY, (4.707849521913034 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(3.8634793616288836 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.2620629496172389 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.209699991372496 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.01876109113396867 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.0008786939826138098 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.9173593302226658e-05 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*1.4215210861921614e-07)))))))/(1.0 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.599832206555888 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.1369298809227358 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.014875361290850615 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(0.0007868691311456133 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.8463183175100548e-05 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*(1.421511758316446e-07 + (sqrt(-log(0.5 - 0.5*abs(x))) - 5)*2.0442631033899397e-15))))))))), x)), elementwise. Pullback of a cotangent g, d/dx: (HALF_SQRT_PI*exp(y*y)).
    At the kink: at 1: inf.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.erfinv.
    """
    if out is not None:
        return written("erfinv", out, erfinv(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(64, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _erfinv[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(64, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((64, a, 0, None, value, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(64, input, _erfinv, 2)
    return made if made is not None else elementwise_one(64, input)

_erfcx = pair('erfcx')


def erfcx(input: Any, *, out: Any = None) -> Tensor:
    """erfcx(x), elementwise. Pullback of a cotangent g, d/dx: -2*erfcx_integral(1, x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.erfcx.
    """
    if out is not None:
        return written("erfcx", out, erfcx(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(65, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _erfcx[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(65, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((65, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(65, input, _erfcx, 1)
    return made if made is not None else elementwise_one(65, input)

_entr = pair('entr')


def entr(input: Any, *, out: Any = None) -> Tensor:
    """where(x > 0, -x*log(x), where(x == 0, 0, where(x < 0, -INFINITY, x))), elementwise. Pullback of a cotangent g, d/dx: -(log(x) + 1).
    At the kink: at 0: inf.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.entr.
    """
    if out is not None:
        return written("entr", out, entr(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(66, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _entr[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(66, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((66, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(66, input, _entr, 1)
    return made if made is not None else elementwise_one(66, input)

_i0 = pair('i0')


def i0(input: Any, *, out: Any = None) -> Tensor:
    """i0(x), elementwise. Pullback of a cotangent g, d/dx: i1(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.i0.
    """
    if out is not None:
        return written("i0", out, i0(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(67, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _i0[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(67, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((67, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(67, input, _i0, 1)
    return made if made is not None else elementwise_one(67, input)

_i0e = pair('i0e')


def i0e(input: Any, *, out: Any = None) -> Tensor:
    """i0e(x), elementwise. Pullback of a cotangent g, d/dx: (i1e(x) - sign(x)*i0e(x)).
    At the kink: at 0: 0.

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.i0e.
    """
    if out is not None:
        return written("i0e", out, i0e(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(68, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _i0e[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(68, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((68, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(68, input, _i0e, 1)
    return made if made is not None else elementwise_one(68, input)

_i1 = pair('i1')


def i1(input: Any, *, out: Any = None) -> Tensor:
    """i1(x), elementwise. Pullback of a cotangent g, d/dx: (0.5*(i0(x) + iv(2, x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.i1.
    """
    if out is not None:
        return written("i1", out, i1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(69, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _i1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(69, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((69, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(69, input, _i1, 1)
    return made if made is not None else elementwise_one(69, input)

_i1e = pair('i1e')


def i1e(input: Any, *, out: Any = None) -> Tensor:
    """i1e(x), elementwise. Pullback of a cotangent g, d/dx: (0.5*(i0e(x) + ive(2, x)) - sign(x)*i1e(x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.i1e.
    """
    if out is not None:
        return written("i1e", out, i1e(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(70, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _i1e[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(70, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((70, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(70, input, _i1e, 1)
    return made if made is not None else elementwise_one(70, input)

_bessel_j0 = pair('bessel_j0')


def bessel_j0(input: Any, *, out: Any = None) -> Tensor:
    """bessel_j0(x), elementwise. Pullback of a cotangent g, d/dx: -bessel_j1(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.j0.
    """
    if out is not None:
        return written("bessel_j0", out, bessel_j0(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(71, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _bessel_j0[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(71, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((71, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(71, input, _bessel_j0, 1)
    return made if made is not None else elementwise_one(71, input)

_bessel_j1 = pair('bessel_j1')


def bessel_j1(input: Any, *, out: Any = None) -> Tensor:
    """bessel_j1(x), elementwise. Pullback of a cotangent g, d/dx: (0.5*(bessel_j0(x) - jv(2, x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.j1.
    """
    if out is not None:
        return written("bessel_j1", out, bessel_j1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(72, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _bessel_j1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(72, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((72, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(72, input, _bessel_j1, 1)
    return made if made is not None else elementwise_one(72, input)

_bessel_y0 = pair('bessel_y0')


def bessel_y0(input: Any, *, out: Any = None) -> Tensor:
    """bessel_y0(x), elementwise. Pullback of a cotangent g, d/dx: -bessel_y1(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.y0.
    """
    if out is not None:
        return written("bessel_y0", out, bessel_y0(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(73, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _bessel_y0[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(73, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((73, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(73, input, _bessel_y0, 1)
    return made if made is not None else elementwise_one(73, input)

_bessel_y1 = pair('bessel_y1')


def bessel_y1(input: Any, *, out: Any = None) -> Tensor:
    """bessel_y1(x), elementwise. Pullback of a cotangent g, d/dx: (0.5*(bessel_y0(x) - yv(2, x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.y1.
    """
    if out is not None:
        return written("bessel_y1", out, bessel_y1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(74, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _bessel_y1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(74, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((74, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(74, input, _bessel_y1, 1)
    return made if made is not None else elementwise_one(74, input)

_modified_bessel_k0 = pair('modified_bessel_k0')


def modified_bessel_k0(input: Any, *, out: Any = None) -> Tensor:
    """modified_bessel_k0(x), elementwise. Pullback of a cotangent g, d/dx: -modified_bessel_k1(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.k0.
    """
    if out is not None:
        return written("modified_bessel_k0", out, modified_bessel_k0(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(75, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _modified_bessel_k0[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(75, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((75, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(75, input, _modified_bessel_k0, 1)
    return made if made is not None else elementwise_one(75, input)

_modified_bessel_k1 = pair('modified_bessel_k1')


def modified_bessel_k1(input: Any, *, out: Any = None) -> Tensor:
    """modified_bessel_k1(x), elementwise. Pullback of a cotangent g, d/dx: -(0.5*(modified_bessel_k0(x) + kv(2, x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.k1.
    """
    if out is not None:
        return written("modified_bessel_k1", out, modified_bessel_k1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(76, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _modified_bessel_k1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(76, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((76, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(76, input, _modified_bessel_k1, 1)
    return made if made is not None else elementwise_one(76, input)

_scaled_modified_bessel_k0 = pair('scaled_modified_bessel_k0')


def scaled_modified_bessel_k0(input: Any, *, out: Any = None) -> Tensor:
    """scaled_modified_bessel_k0(x), elementwise. Pullback of a cotangent g, d/dx: (scaled_modified_bessel_k0(x) - scaled_modified_bessel_k1(x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.k0e.
    """
    if out is not None:
        return written("scaled_modified_bessel_k0", out, scaled_modified_bessel_k0(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(77, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _scaled_modified_bessel_k0[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(77, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((77, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(77, input, _scaled_modified_bessel_k0, 1)
    return made if made is not None else elementwise_one(77, input)

_scaled_modified_bessel_k1 = pair('scaled_modified_bessel_k1')


def scaled_modified_bessel_k1(input: Any, *, out: Any = None) -> Tensor:
    """scaled_modified_bessel_k1(x), elementwise. Pullback of a cotangent g, d/dx: (scaled_modified_bessel_k1(x) - 0.5*(scaled_modified_bessel_k0(x) + kve(2, x))).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.k1e.
    """
    if out is not None:
        return written("scaled_modified_bessel_k1", out, scaled_modified_bessel_k1(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(78, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _scaled_modified_bessel_k1[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(78, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((78, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(78, input, _scaled_modified_bessel_k1, 1)
    return made if made is not None else elementwise_one(78, input)

_airy_ai = pair('airy_ai')


def airy_ai(input: Any, *, out: Any = None) -> Tensor:
    """airy_ai(x), elementwise. Pullback of a cotangent g, d/dx: airy_ai_prime(x).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.airy(x)[0].
    """
    if out is not None:
        return written("airy_ai", out, airy_ai(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(79, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _airy_ai[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(79, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((79, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(79, input, _airy_ai, 1)
    return made if made is not None else elementwise_one(79, input)

_airy_ai_prime = pair('airy_ai_prime')


def airy_ai_prime(input: Any, *, out: Any = None) -> Tensor:
    """airy_ai_prime(x), elementwise. Pullback of a cotangent g, d/dx: (x*airy_ai(x)).

    input (x in the formulas): a Tensor or number of any shape; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.airy(x)[1].
    """
    if out is not None:
        return written("airy_ai_prime", out, airy_ai_prime(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one(80, input)
        row = len(rows)
        if home is tape:
            a = input._r
        elif home is None:
            a = input._r
        else:
            a = home.row if home.num == tape.num and not input._r else -1
        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
            if spec.light:
                value = _airy_ai_prime[spec.code](x)
            else:
                tape = home = None
                return elementwise_one(80, input)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if a:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((80, a, 0, x, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
    tape = home = None
    made = single(80, input, _airy_ai_prime, 1)
    return made if made is not None else elementwise_one(80, input)


def __add__(a: Any, b: Any) -> Any:
    """a + b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec, x, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            ra = a._r
        elif ta is None:
            ra = a._r
        else:
            ra = ta.row if ta.num == tape.num and not a._r else -1
        if type(b) is Tensor:
            if ra >= 0 and spec is b._s:
                tb, y = b._t, b._v
                if tb is tape:
                    rb = b._r
                elif tb is None:
                    rb = b._r
                else:
                    rb = tb.row if tb.num == tape.num and not b._r else -1
                if (
                    rb >= 0 and (row < BRIEF or row < LIMIT and (ta is tape or tb is tape) or not (ra or rb))
                    and (spec.light or type(x) is type(y) is float)
                ):
                    value = x + y
                    made = blank(Tensor)
                    made._v = value
                    made._s = spec
                    if ra or rb:
                        frame = _getframe(1)
                        code = frame.f_code
                        if id(code) in INSIDE:
                            frame = outside(frame)
                            code = frame.f_code
                        rows.extend((81, ra, rb, None, None, code, frame.f_lasti))
                        made._t = tape
                        made._r = row
                    else:
                        made._t = None
                        made._r = 0
                    return made
                tb = None
        elif (type(b) is float or type(b) is int) and ra >= 0:
            if (row < BRIEF or row < LIMIT and ta is tape or not ra) and (spec.light or type(x) is float):
                b = float(b)
                value = x + b
                made = blank(Tensor)
                made._v = value
                made._s = spec
                if ra:
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((81, ra, 0, None, None, code, frame.f_lasti))
                    made._t = tape
                    made._r = row
                else:
                    made._t = None
                    made._r = 0
                return made
        ta = None
    tape = None
    if type(b) is float or type(b) is int:
        made = with_number(81, a, float(b))
        if made is not None:
            return made
    return elementwise_two(81, a, b)


def __radd__(a: Any, b: Any) -> Any:
    """b + a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and (type(b) is float or type(b) is int):
        ta, spec, y, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            rb = a._r
        elif ta is None:
            rb = a._r
        else:
            rb = ta.row if ta.num == tape.num and not a._r else -1
        if rb >= 0 and (row < BRIEF or row < LIMIT and ta is tape or not rb) and (spec.light or type(y) is float):
            b = float(b)
            value = b + y
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if rb:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((81, 0, rb, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
        ta = None
    tape = None
    return elementwise_two(81, b, a)


def __sub__(a: Any, b: Any) -> Any:
    """a - b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec, x, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            ra = a._r
        elif ta is None:
            ra = a._r
        else:
            ra = ta.row if ta.num == tape.num and not a._r else -1
        if type(b) is Tensor:
            if ra >= 0 and spec is b._s:
                tb, y = b._t, b._v
                if tb is tape:
                    rb = b._r
                elif tb is None:
                    rb = b._r
                else:
                    rb = tb.row if tb.num == tape.num and not b._r else -1
                if (
                    rb >= 0 and (row < BRIEF or row < LIMIT and (ta is tape or tb is tape) or not (ra or rb))
                    and (spec.light or type(x) is type(y) is float)
                ):
                    value = x - y
                    made = blank(Tensor)
                    made._v = value
                    made._s = spec
                    if ra or rb:
                        frame = _getframe(1)
                        code = frame.f_code
                        if id(code) in INSIDE:
                            frame = outside(frame)
                            code = frame.f_code
                        rows.extend((82, ra, rb, None, None, code, frame.f_lasti))
                        made._t = tape
                        made._r = row
                    else:
                        made._t = None
                        made._r = 0
                    return made
                tb = None
        elif (type(b) is float or type(b) is int) and ra >= 0:
            if (row < BRIEF or row < LIMIT and ta is tape or not ra) and (spec.light or type(x) is float):
                b = float(b)
                value = x - b
                made = blank(Tensor)
                made._v = value
                made._s = spec
                if ra:
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((82, ra, 0, None, None, code, frame.f_lasti))
                    made._t = tape
                    made._r = row
                else:
                    made._t = None
                    made._r = 0
                return made
        ta = None
    tape = None
    if type(b) is float or type(b) is int:
        made = with_number(82, a, float(b))
        if made is not None:
            return made
    return elementwise_two(82, a, b)


def __rsub__(a: Any, b: Any) -> Any:
    """b - a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and (type(b) is float or type(b) is int):
        ta, spec, y, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            rb = a._r
        elif ta is None:
            rb = a._r
        else:
            rb = ta.row if ta.num == tape.num and not a._r else -1
        if rb >= 0 and (row < BRIEF or row < LIMIT and ta is tape or not rb) and (spec.light or type(y) is float):
            b = float(b)
            value = b - y
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if rb:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((83, 0, rb, None, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
        ta = None
    tape = None
    return elementwise_two(83, b, a)


def __mul__(a: Any, b: Any) -> Any:
    """a * b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec, x, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            ra = a._r
        elif ta is None:
            ra = a._r
        else:
            ra = ta.row if ta.num == tape.num and not a._r else -1
        if type(b) is Tensor:
            if ra >= 0 and spec is b._s:
                tb, y = b._t, b._v
                if tb is tape:
                    rb = b._r
                elif tb is None:
                    rb = b._r
                else:
                    rb = tb.row if tb.num == tape.num and not b._r else -1
                if (
                    rb >= 0 and (row < BRIEF or row < LIMIT and (ta is tape or tb is tape) or not (ra or rb))
                    and (spec.light or type(x) is type(y) is float)
                ):
                    value = x * y
                    made = blank(Tensor)
                    made._v = value
                    made._s = spec
                    if ra or rb:
                        frame = _getframe(1)
                        code = frame.f_code
                        if id(code) in INSIDE:
                            frame = outside(frame)
                            code = frame.f_code
                        rows.extend((84, ra, rb, x if rb else None, y if ra else None, code, frame.f_lasti))
                        made._t = tape
                        made._r = row
                    else:
                        made._t = None
                        made._r = 0
                    return made
                tb = None
        elif (type(b) is float or type(b) is int) and ra >= 0:
            if (row < BRIEF or row < LIMIT and ta is tape or not ra) and (spec.light or type(x) is float):
                b = float(b)
                value = x * b
                made = blank(Tensor)
                made._v = value
                made._s = spec
                if ra:
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((84, ra, 0, None, b, code, frame.f_lasti))
                    made._t = tape
                    made._r = row
                else:
                    made._t = None
                    made._r = 0
                return made
        ta = None
    tape = None
    if type(b) is float or type(b) is int:
        made = with_number(84, a, float(b))
        if made is not None:
            return made
    return elementwise_two(84, a, b)


def __rmul__(a: Any, b: Any) -> Any:
    """b * a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and (type(b) is float or type(b) is int):
        ta, spec, y, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            rb = a._r
        elif ta is None:
            rb = a._r
        else:
            rb = ta.row if ta.num == tape.num and not a._r else -1
        if rb >= 0 and (row < BRIEF or row < LIMIT and ta is tape or not rb) and (spec.light or type(y) is float):
            b = float(b)
            value = b * y
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if rb:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((84, 0, rb, b, None, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
        ta = None
    tape = None
    return elementwise_two(84, b, a)


def __truediv__(a: Any, b: Any) -> Any:
    """a / b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec, x, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            ra = a._r
        elif ta is None:
            ra = a._r
        else:
            ra = ta.row if ta.num == tape.num and not a._r else -1
        if type(b) is Tensor:
            if ra >= 0 and spec is b._s:
                tb, y = b._t, b._v
                if tb is tape:
                    rb = b._r
                elif tb is None:
                    rb = b._r
                else:
                    rb = tb.row if tb.num == tape.num and not b._r else -1
                if (
                    rb >= 0 and (row < BRIEF or row < LIMIT and (ta is tape or tb is tape) or not (ra or rb))
                    and (spec.light or type(x) is type(y) is float)
                ):
                    try:
                        value = x / y
                    except ZeroDivisionError:
                        tape = ta = tb = None
                        return elementwise_two(85, a, b)
                    made = blank(Tensor)
                    made._v = value
                    made._s = spec
                    if ra or rb:
                        frame = _getframe(1)
                        code = frame.f_code
                        if id(code) in INSIDE:
                            frame = outside(frame)
                            code = frame.f_code
                        rows.extend((85, ra, rb, x if rb else None, y, code, frame.f_lasti))
                        made._t = tape
                        made._r = row
                    else:
                        made._t = None
                        made._r = 0
                    return made
                tb = None
        elif (type(b) is float or type(b) is int) and ra >= 0:
            if (row < BRIEF or row < LIMIT and ta is tape or not ra) and (spec.light or type(x) is float):
                b = float(b)
                try:
                    value = x / b
                except ZeroDivisionError:
                    tape = ta = None
                    return elementwise_two(85, a, b)
                made = blank(Tensor)
                made._v = value
                made._s = spec
                if ra:
                    frame = _getframe(1)
                    code = frame.f_code
                    if id(code) in INSIDE:
                        frame = outside(frame)
                        code = frame.f_code
                    rows.extend((85, ra, 0, None, b, code, frame.f_lasti))
                    made._t = tape
                    made._r = row
                else:
                    made._t = None
                    made._r = 0
                return made
        ta = None
    tape = None
    if type(b) is float or type(b) is int:
        made = with_number(85, a, float(b))
        if made is not None:
            return made
    return elementwise_two(85, a, b)


def __rtruediv__(a: Any, b: Any) -> Any:
    """b / a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and (type(b) is float or type(b) is int):
        ta, spec, y, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
        if ta is tape:
            rb = a._r
        elif ta is None:
            rb = a._r
        else:
            rb = ta.row if ta.num == tape.num and not a._r else -1
        if rb >= 0 and (row < BRIEF or row < LIMIT and ta is tape or not rb) and (spec.light or type(y) is float):
            b = float(b)
            try:
                value = b / y
            except ZeroDivisionError:
                tape = ta = None
                return elementwise_two(86, b, a)
            made = blank(Tensor)
            made._v = value
            made._s = spec
            if rb:
                frame = _getframe(1)
                code = frame.f_code
                if id(code) in INSIDE:
                    frame = outside(frame)
                    code = frame.f_code
                rows.extend((86, 0, rb, b, y, code, frame.f_lasti))
                made._t = tape
                made._r = row
            else:
                made._t = None
                made._r = 0
            return made
        ta = None
    tape = None
    return elementwise_two(86, b, a)


def pow(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """pow(a, b), elementwise. Pullback of a cotangent g, d/da: where(b == 0, 0, (b*pow(a, b - 1))); d/db: where((a == 0) & (b >= 0), 0, (pow(a, b)*log(a))).
    At the kink: x**0: 0 in x; 0**b: 0 in b.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.power.
    """
    made = double(87, input, other)
    if made is None:
        made = elementwise_two(87, input, other)
    if made is NotImplemented:
        raise TypeError(f"pow: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("pow", out, made)


def maximum(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.maximum(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where(a < b, 0, g)); d/db: where(a == b, g/2, where(a > b, 0, g)).
    At the kink: tie: half to each; NaN: g to both.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.maximum.
    """
    made = double(90, input, other)
    if made is None:
        made = elementwise_two(90, input, other)
    if made is NotImplemented:
        raise TypeError(f"maximum: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("maximum", out, made)


def minimum(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.minimum(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where(a > b, 0, g)); d/db: where(a == b, g/2, where(a < b, 0, g)).
    At the kink: tie: half to each; NaN: g to both.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.minimum.
    """
    made = double(91, input, other)
    if made is None:
        made = elementwise_two(91, input, other)
    if made is NotImplemented:
        raise TypeError(f"minimum: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("minimum", out, made)


def fmax(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmax(a, b), elementwise. Pullback of a cotangent g, d/da: where((a >= b) | (b != b), g, 0); d/db: where((a >= b) | (b != b), 0, g).
    At the kink: tie: all to a.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmax.
    """
    made = double(92, input, other)
    if made is None:
        made = elementwise_two(92, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmax: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmax", out, made)


def fmin(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmin(a, b), elementwise. Pullback of a cotangent g, d/da: where((a <= b) | (b != b), g, 0); d/db: where((a <= b) | (b != b), 0, g).
    At the kink: tie: all to a.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmin.
    """
    made = double(93, input, other)
    if made is None:
        made = elementwise_two(93, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmin: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmin", out, made)


def atan2(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """atan2(a, b), elementwise. Pullback of a cotangent g, d/da: (b*where(a*a + b*b == 0, 0, 1/(a*a + b*b))); d/db: (-a*where(a*a + b*b == 0, 0, 1/(a*a + b*b))).
    At the kink: at (0, 0): 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.arctan2.
    """
    made = double(94, input, other)
    if made is None:
        made = elementwise_two(94, input, other)
    if made is NotImplemented:
        raise TypeError(f"atan2: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("atan2", out, made)


def hypot(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """hypot(a, b), elementwise. Pullback of a cotangent g, d/da: (a/hypot(a, b)); d/db: (b/hypot(a, b)).
    At the kink: at (0, 0): NaN.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.hypot.
    """
    made = double(95, input, other)
    if made is None:
        made = elementwise_two(95, input, other)
    if made is NotImplemented:
        raise TypeError(f"hypot: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hypot", out, made)


def fmod(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """fmod(a, b), elementwise. Pullback of a cotangent g, d/da: g; d/db: -trunc(a/b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmod.
    """
    made = double(96, input, other)
    if made is None:
        made = elementwise_two(96, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmod: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmod", out, made)


def remainder(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """remainder(a, b), elementwise. Pullback of a cotangent g, d/da: g; d/db: -floor(a/b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.remainder.
    """
    made = double(97, input, other)
    if made is None:
        made = elementwise_two(97, input, other)
    if made is NotImplemented:
        raise TypeError(f"remainder: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("remainder", out, made)


def floor_divide(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """floor_divide(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: none.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.floor_divide.
    """
    made = double(98, input, other)
    if made is None:
        made = elementwise_two(98, input, other)
    if made is NotImplemented:
        raise TypeError(f"floor_divide: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("floor_divide", out, made)


def copysign(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.copysign(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == 0, 0, (sign(a)*copysign(1, b))); d/db: 0.
    At the kink: at a = 0: 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.copysign.
    """
    made = double(99, input, other)
    if made is None:
        made = elementwise_two(99, input, other)
    if made is NotImplemented:
        raise TypeError(f"copysign: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("copysign", out, made)


def logaddexp(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a == b, a + LN2, maximum(a, b) + log1p(exp(-abs(a - b)))), elementwise. Pullback of a cotangent g, d/da: exp(a - logaddexp(a, b)); d/db: exp(b - logaddexp(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.logaddexp.
    """
    made = double(100, input, other)
    if made is None:
        made = elementwise_two(100, input, other)
    if made is NotImplemented:
        raise TypeError(f"logaddexp: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("logaddexp", out, made)


def xlogy(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(b != b, b, where(a == 0, 0, a*log(b))), elementwise. Pullback of a cotangent g, d/da: where((a == 0) & (b <= 0), 0, log(b)); d/db: (a/b).
    At the kink: 0*log(0) is 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.xlogy.
    """
    made = double(101, input, other)
    if made is None:
        made = elementwise_two(101, input, other)
    if made is NotImplemented:
        raise TypeError(f"xlogy: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("xlogy", out, made)


def polygamma(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """polygamma(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: polygamma(a + 1, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.polygamma.
    """
    made = double(102, input, other)
    if made is None:
        made = elementwise_two(102, input, other)
    if made is NotImplemented:
        raise TypeError(f"polygamma: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("polygamma", out, made)


def leaky_relu(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a > 0, a, a*b), elementwise. Pullback of a cotangent g, d/da: where(a > 0, g, b); d/db: where(a > 0, 0, a).
    At the kink: at 0: b.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.where(a > 0, a, a*b).
    """
    made = double(103, input, other)
    if made is None:
        made = elementwise_two(103, input, other)
    if made is NotImplemented:
        raise TypeError(f"leaky_relu: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("leaky_relu", out, made)


def elu(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a > 0, a, b*expm1(a)), elementwise. Pullback of a cotangent g, d/da: where(a > 0, g, (b*exp(a))); d/db: where(a > 0, 0, expm1(a)).
    At the kink: at 0: b.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.where(a > 0, a, b*numpy.expm1(a)).
    """
    made = double(105, input, other)
    if made is None:
        made = elementwise_two(105, input, other)
    if made is NotImplemented:
        raise TypeError(f"elu: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("elu", out, made)


def celu(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a > 0, a, b*expm1(a/b)), elementwise. Pullback of a cotangent g, d/da: where(a > 0, g, exp(a/b)); d/db: where(a > 0, 0, (expm1(a/b) - (a/b)*exp(a/b))).
    At the kink: at 0: 1.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.where(a > 0, a, b*numpy.expm1(a/b)).
    """
    made = double(106, input, other)
    if made is None:
        made = elementwise_two(106, input, other)
    if made is NotImplemented:
        raise TypeError(f"celu: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("celu", out, made)


def hardshrink(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where((a > b) | (a < -b) | (a != a), a, 0), elementwise. Pullback of a cotangent g, d/da: where((a > b) | (a < -b) | (a != a), g, 0); d/db: 0.
    At the kink: at b: 0; NaN: g.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.where(abs(a) > b, a, 0).
    """
    made = double(107, input, other)
    if made is None:
        made = elementwise_two(107, input, other)
    if made is NotImplemented:
        raise TypeError(f"hardshrink: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hardshrink", out, made)


def softshrink(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a > b, a - b, where(a < -b, a + b, where(a != a, a, 0))), elementwise. Pullback of a cotangent g, d/da: where((a > b) | (a < -b) | (a != a), g, 0); d/db: where(a > b, -g, where(a < -b, g, 0)).
    At the kink: at b: 0; NaN: g.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.sign(a)*numpy.maximum(abs(a) - b, 0).
    """
    made = double(108, input, other)
    if made is None:
        made = elementwise_two(108, input, other)
    if made is NotImplemented:
        raise TypeError(f"softshrink: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("softshrink", out, made)


def fmax_even(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmax(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where((a >= b) | (b != b), g, 0)); d/db: where(a == b, g/2, where((a >= b) | (b != b), 0, g)).
    At the kink: tie: half to each.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmax.
    """
    made = double(109, input, other)
    if made is None:
        made = elementwise_two(109, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmax_even: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmax_even", out, made)


def fmin_even(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.fmin(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, g/2, where((a <= b) | (b != b), g, 0)); d/db: where(a == b, g/2, where((a <= b) | (b != b), 0, g)).
    At the kink: tie: half to each.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.fmin.
    """
    made = double(110, input, other)
    if made is None:
        made = elementwise_two(110, input, other)
    if made is NotImplemented:
        raise TypeError(f"fmin_even: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("fmin_even", out, made)


def hypot_least(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """hypot(a, b), elementwise. Pullback of a cotangent g, d/da: where((a == 0) & (b == 0), 0, (a/hypot(a, b))); d/db: where((a == 0) & (b == 0), 0, (b/hypot(a, b))).
    At the kink: at (0, 0): 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.hypot.
    """
    made = double(111, input, other)
    if made is None:
        made = elementwise_two(111, input, other)
    if made is NotImplemented:
        raise TypeError(f"hypot_least: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hypot_least", out, made)


def logaddexp2(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a == b, a + 1, maximum(a, b) + ONE_OVER_LN2*log1p(exp2(-abs(a - b)))), elementwise. Pullback of a cotangent g, d/da: exp2(a - logaddexp2(a, b)); d/db: exp2(b - logaddexp2(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.logaddexp2.
    """
    made = double(112, input, other)
    if made is None:
        made = elementwise_two(112, input, other)
    if made is NotImplemented:
        raise TypeError(f"logaddexp2: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("logaddexp2", out, made)


def xlog1py(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(b != b, b, where(a == 0, 0, a*log1p(b))), elementwise. Pullback of a cotangent g, d/da: where((a == 0) & (b <= -1), 0, log1p(b)); d/db: (a/(b + 1)).
    At the kink: 0*log1p(-1) is 0.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.xlog1py.
    """
    made = double(113, input, other)
    if made is None:
        made = elementwise_two(113, input, other)
    if made is NotImplemented:
        raise TypeError(f"xlog1py: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("xlog1py", out, made)


def ldexp(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """a*exp2(trunc(0.5*b))*exp2(b - trunc(0.5*b)), elementwise. Pullback of a cotangent g, d/da: exp2(b); d/db: (LN2*ldexp(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: a*numpy.exp2(b).
    """
    made = double(114, input, other)
    if made is None:
        made = elementwise_two(114, input, other)
    if made is NotImplemented:
        raise TypeError(f"ldexp: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("ldexp", out, made)


def heaviside(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """where(a == 0, b, where(a < 0, 0, where(a > 0, 1, a))), elementwise. Pullback of a cotangent g, d/da: none; d/db: none.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.heaviside.
    """
    made = double(115, input, other)
    if made is None:
        made = elementwise_two(115, input, other)
    if made is NotImplemented:
        raise TypeError(f"heaviside: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("heaviside", out, made)


def nextafter(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """np.nextafter(a, b), elementwise. Pullback of a cotangent g, d/da: where(a == b, 0, g); d/db: 0.
    At the kink: tie: 0 to both.

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: numpy.nextafter.
    """
    made = double(116, input, other)
    if made is None:
        made = elementwise_two(116, input, other)
    if made is NotImplemented:
        raise TypeError(f"nextafter: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("nextafter", out, made)


def zeta(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """zeta(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: -(a*zeta(a + 1, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.zeta.
    """
    made = double(117, input, other)
    if made is None:
        made = elementwise_two(117, input, other)
    if made is NotImplemented:
        raise TypeError(f"zeta: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("zeta", out, made)


def gammainc(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """gammainc(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: gamma_density(a, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.gammainc.
    """
    made = double(118, input, other)
    if made is None:
        made = elementwise_two(118, input, other)
    if made is NotImplemented:
        raise TypeError(f"gammainc: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("gammainc", out, made)


def gammaincc(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """gammaincc(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: -gamma_density(a, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.gammaincc.
    """
    made = double(119, input, other)
    if made is None:
        made = elementwise_two(119, input, other)
    if made is NotImplemented:
        raise TypeError(f"gammaincc: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("gammaincc", out, made)


def gamma_density(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """gamma_density(a, b), elementwise. Pullback of a cotangent g, d/da: (gamma_density(a, b)*(log(b) - digamma(a))); d/db: (gamma_density(a - 1, b) - gamma_density(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: b**(a - 1)*numpy.exp(-b)/scipy.special.gamma(a).
    """
    made = double(120, input, other)
    if made is None:
        made = elementwise_two(120, input, other)
    if made is NotImplemented:
        raise TypeError(f"gamma_density: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("gamma_density", out, made)


def betaln(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """betaln(a, b), elementwise. Pullback of a cotangent g, d/da: (digamma(a) - digamma(a + b)); d/db: (digamma(b) - digamma(a + b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.betaln.
    """
    made = double(121, input, other)
    if made is None:
        made = elementwise_two(121, input, other)
    if made is NotImplemented:
        raise TypeError(f"betaln: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("betaln", out, made)


def beta(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """beta(a, b), elementwise. Pullback of a cotangent g, d/da: (beta(a, b)*(digamma(a) - digamma(a + b))); d/db: (beta(a, b)*(digamma(b) - digamma(a + b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.beta.
    """
    made = double(122, input, other)
    if made is None:
        made = elementwise_two(122, input, other)
    if made is NotImplemented:
        raise TypeError(f"beta: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("beta", out, made)


def erfcx_integral(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """erfcx_integral(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: -2*((a + 1)*erfcx_integral(a + 1, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: b*0 + [[numpy.sqrt(1/numpy.pi) - t*scipy.special.erfcx(t), scipy.special.erfcx(t)/4 - (numpy.sqrt(1/numpy.pi)*t - t*t*scipy.special.erfcx(t))/2][int(n) - 1] for n, t in zip(a, b)].
    """
    made = double(123, input, other)
    if made is None:
        made = elementwise_two(123, input, other)
    if made is NotImplemented:
        raise TypeError(f"erfcx_integral: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("erfcx_integral", out, made)


def jv(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """jv(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (0.5*(jv(a - 1, b) - jv(a + 1, b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.jv.
    """
    made = double(124, input, other)
    if made is None:
        made = elementwise_two(124, input, other)
    if made is NotImplemented:
        raise TypeError(f"jv: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("jv", out, made)


def yv(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """yv(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (0.5*(yv(a - 1, b) - yv(a + 1, b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.yv.
    """
    made = double(125, input, other)
    if made is None:
        made = elementwise_two(125, input, other)
    if made is NotImplemented:
        raise TypeError(f"yv: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("yv", out, made)


def iv(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """iv(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (0.5*(iv(a - 1, b) + iv(a + 1, b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.iv.
    """
    made = double(126, input, other)
    if made is None:
        made = elementwise_two(126, input, other)
    if made is NotImplemented:
        raise TypeError(f"iv: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("iv", out, made)


def ive(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """ive(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (0.5*(ive(a - 1, b) + ive(a + 1, b)) - sign(b)*ive(a, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.ive.
    """
    made = double(127, input, other)
    if made is None:
        made = elementwise_two(127, input, other)
    if made is NotImplemented:
        raise TypeError(f"ive: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("ive", out, made)


def kv(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """kv(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: -(0.5*(kv(a - 1, b) + kv(a + 1, b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.kv.
    """
    made = double(128, input, other)
    if made is None:
        made = elementwise_two(128, input, other)
    if made is NotImplemented:
        raise TypeError(f"kv: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("kv", out, made)


def kve(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """kve(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (kve(a, b) - 0.5*(kve(a - 1, b) + kve(a + 1, b))).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.kve.
    """
    made = double(129, input, other)
    if made is None:
        made = elementwise_two(129, input, other)
    if made is NotImplemented:
        raise TypeError(f"kve: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("kve", out, made)


def spherical_jn(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """spherical_jn(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: ((a*spherical_jn(a - 1, b) - (a + 1)*spherical_jn(a + 1, b))/(2*a + 1)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: [scipy.special.spherical_jn(int(n), t) for n, t in zip(a, b)].
    """
    made = double(130, input, other)
    if made is None:
        made = elementwise_two(130, input, other)
    if made is NotImplemented:
        raise TypeError(f"spherical_jn: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("spherical_jn", out, made)


def chebyshev_t(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """chebyshev_t(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (a*chebyshev_u(a - 1, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_chebyt.
    """
    made = double(131, input, other)
    if made is None:
        made = elementwise_two(131, input, other)
    if made is NotImplemented:
        raise TypeError(f"chebyshev_t: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("chebyshev_t", out, made)


def chebyshev_u(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """chebyshev_u(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: chebyshev_u(a + ONCE_MORE, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_chebyu.
    """
    made = double(132, input, other)
    if made is None:
        made = elementwise_two(132, input, other)
    if made is NotImplemented:
        raise TypeError(f"chebyshev_u: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("chebyshev_u", out, made)


def chebyshev_v(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """chebyshev_v(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (chebyshev_u(a + ONCE_MORE, b) - chebyshev_u(a - 1 + ONCE_MORE, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_chebyu(a, b) - scipy.special.eval_chebyu(a - 1, b).
    """
    made = double(133, input, other)
    if made is None:
        made = elementwise_two(133, input, other)
    if made is NotImplemented:
        raise TypeError(f"chebyshev_v: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("chebyshev_v", out, made)


def chebyshev_w(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """chebyshev_w(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (chebyshev_u(a + ONCE_MORE, b) + chebyshev_u(a - 1 + ONCE_MORE, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_chebyu(a, b) + scipy.special.eval_chebyu(a - 1, b).
    """
    made = double(134, input, other)
    if made is None:
        made = elementwise_two(134, input, other)
    if made is NotImplemented:
        raise TypeError(f"chebyshev_w: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("chebyshev_w", out, made)


def hermite_h(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """hermite_h(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: 2*(a*hermite_h(a - 1, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_hermite.
    """
    made = double(135, input, other)
    if made is None:
        made = elementwise_two(135, input, other)
    if made is NotImplemented:
        raise TypeError(f"hermite_h: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hermite_h", out, made)


def hermite_he(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """hermite_he(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: (a*hermite_he(a - 1, b)).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_hermitenorm.
    """
    made = double(136, input, other)
    if made is None:
        made = elementwise_two(136, input, other)
    if made is NotImplemented:
        raise TypeError(f"hermite_he: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("hermite_he", out, made)


def laguerre(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """laguerre(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: laguerre(a + ONCE_MORE, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_laguerre.
    """
    made = double(137, input, other)
    if made is None:
        made = elementwise_two(137, input, other)
    if made is NotImplemented:
        raise TypeError(f"laguerre: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("laguerre", out, made)


def legendre(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """legendre(a, b), elementwise. Pullback of a cotangent g, d/da: none; d/db: legendre(a + ONCE_MORE, b).

    input, other (a, b in the formulas): Tensors or numbers whose shapes broadcast; integers are computed in the default dtype where the result is
    not an integer. Reference: scipy.special.eval_legendre.
    """
    made = double(138, input, other)
    if made is None:
        made = elementwise_two(138, input, other)
    if made is NotImplemented:
        raise TypeError(f"legendre: got {type(input).__name__} and {type(other).__name__}; wanted Tensors, arrays or numbers")
    return made if out is None else written("legendre", out, made)
