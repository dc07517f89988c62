"""Divisions that share a reciprocal: every quotient is the correctly rounded one, at the ends of the range as in the middle."""

import numpy as np
import pytest

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.native import loops, quotients
from tape.compile.native.build import Native
from tape.compile.program import Program
from tape.spec import intern

N = 1 << 14
SPECIAL = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1.7e308, 3.0, 2.0**400, 2.0**-400, 2.0**401, 2.0**-401)
DRAWS = {
    "normal": lambda rng: rng.standard_normal(N),
    "all exponents": lambda rng: np.ldexp(rng.random(N) + 1, rng.integers(-1070, 1023, N)),
    "just above one": lambda rng: 1 + rng.integers(0, 16, N) * 2.0**-52,
    "just below two": lambda rng: 2 - rng.integers(1, 16, N) * 2.0**-52,
    "whole": lambda rng: rng.integers(1, 1 << 53, N).astype(float),
    "few bits": lambda rng: np.ldexp(rng.integers(1, 1 << 26, N).astype(float), rng.integers(-400, 373, N)),
    "special": lambda rng: rng.choice(SPECIAL, N),
}


def program(n=N, scale=None, shape=None):
    """a / c, b / c, and a / (scale * c)."""
    whole, made = intern((n,) if shape is None else shape, np.dtype(float)), Program()
    narrow = whole if shape is None else intern((shape[0], 1), np.dtype(float))
    a, b, c = (made.append(o.INPUT, (), k, spec) for k, spec in enumerate((whole, whole, narrow)))
    rows = [made.append(OPCODES["div"], (x, c), None, whole) for x in (a, b)]
    if scale is not None:
        factor = made.constant(scale)
        made.params[factor].flags.writeable = False
        scaled = made.append(OPCODES["mul"], (factor, c), None, narrow)
        rows.append(made.append(OPCODES["div"], (a, scaled), None, whole))
    made.outputs = rows
    return made


def same(found, wanted):
    np.testing.assert_array_equal(found.view(np.int64)[~np.isnan(wanted)], wanted.view(np.int64)[~np.isnan(wanted)])
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))


needs_fma = pytest.mark.skipif(not quotients._fuses(), reason="this processor does not multiply and add with one rounding")


@needs_fma
@pytest.mark.parametrize("scale", [None, 2.0, -0.25])
@pytest.mark.parametrize("kind", DRAWS)
def test_quotients_are_correctly_rounded(kind, scale):
    native = Native(program(scale=scale))
    assert "llvm.vector.reduce.and" in native.text
    rng = np.random.default_rng(len(kind))
    for other in DRAWS.values():
        a, b, c = DRAWS[kind](rng), other(rng), DRAWS[kind](rng) if rng.integers(2) else other(rng)
        with np.errstate(all="ignore"):
            a[::2] = np.nextafter(b * c, rng.choice([np.inf, -np.inf]))[::2]  # quotients next to a number, where rounding is hardest
            wanted = [a / c, b / c] + ([] if scale is None else [a / (scale * c)])
        for found, expected in zip(native.run([a, b, c]), wanted, strict=True):
            same(found, expected)


@needs_fma
def test_one_divisor_for_a_row():
    """A divisor that stays the same along the last axis is worth a reciprocal for one division."""
    rng = np.random.default_rng(0)
    native = Native(program(shape=(37, 41)))
    a, b, c = rng.standard_normal((37, 41)), rng.standard_normal((37, 41)), rng.standard_normal((37, 1))
    a[3], c[4], c[5] = 0.0, 0.0, np.inf
    with np.errstate(all="ignore"):
        for found, wanted in zip(native.run([a, b, c]), (a / c, b / c), strict=True):
            same(found, wanted)


@needs_fma
def test_a_step_that_is_left_out_is_caught(monkeypatch):
    def careless(w, a, b, reciprocal, factor):
        return w.put(f"fmul {w.type('double')} {a}, {reciprocal[0]}")

    monkeypatch.setattr(loops, "quotient", careless)
    rng = np.random.default_rng(1)
    a, b, c = (rng.standard_normal(N) for _ in range(3))
    with pytest.raises(AssertionError):
        same(Native(program()).run([a, b, c])[0], a / c)


def test_where_nothing_fuses(monkeypatch):
    monkeypatch.setattr(quotients, "_fuses", lambda: False)
    native = Native(program())
    assert "llvm.fma" not in native.text
    rng = np.random.default_rng(2)
    a, b, c = (rng.standard_normal(N) for _ in range(3))
    same(native.run([a, b, c])[0], a / c)
