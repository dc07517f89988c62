"""Programs as source and as text: the source runs and gives every bit, guards raise, the listing folds loops."""

import numpy as np
import pytest
from test_passes import Rows, arguments, bits, outcome
from test_passes_random import random_program

from tape.compile.passes import optimise
from tape.compile.program import Call
from tape.compile.show import listing
from tape.compile.source import constants_of, primitive, to_python


def executed(program, pure=False):
    """The function that the source of a program defines, without its constants to give."""
    text = to_python(program, "f", pure=pure)
    names = {}
    exec(compile(text, "<source>", "exec"), names)
    constants = constants_of(program)
    return lambda *given: names["f"](*given, *([constants] if constants else []))


@pytest.mark.parametrize("seed", range(100))
def test_source_gives_every_bit(seed):
    recorded = random_program(seed)
    for program in (recorded, optimise(recorded)[0]):
        f = executed(program)
        for given in (arguments(program, k) for k in range(3)):
            wanted = outcome(program, given)
            if isinstance(wanted, tuple):
                with pytest.raises(ValueError, match="recorded with .* that these inputs do not give"):
                    f(*given)
            else:
                assert [bits(v) for v in f(*given)] == wanted


def test_source_is_what_one_would_write():
    rows = Rows()
    x, y = rows.input((3,)), rows.input()
    z = rows("add", rows("mul", rows.constant(2.0), x), rows("div", rows("sub", x, rows("sub", x, y)), y))
    z = rows("sum", rows("exp", rows("neg", z)), params=((0,), False))
    lines = to_python(rows.done(rows("mul", z, z)), "loss").splitlines()
    assert lines[-5:] == [
        "    x_0 = np.asarray(x_0, 'float64')",
        "    x_1 = np.asarray(x_1, 'float64')",
        '    with np.errstate(all="ignore"):',
        "        sum_10 = np.sum(exp(-(2.0 * x_0 + (x_0 - (x_0 - x_1)) / x_1)), axis=(0,))",
        "        return [sum_10 * sum_10]",
    ]


def test_guards_and_places_and_constants():
    rows = Rows()
    x = rows.input((2,))
    place = (test_source_is_what_one_would_write.__code__, 0)
    y = rows("exp", x, place=place)
    live = rows.constant([1.0, 2.0], live=True)
    rows.guard(rows("less", rows("index", x, params=(0,)), rows.constant(1.0)))
    call = rows("call", y, params=Call(lambda v: np.sort(v), lambda v: ((v,), {}), "sort"))
    program = rows.done(rows("add", call, live), y)
    text = to_python(program)
    assert "# test_passes_source.py:" in text and "if not (x[0] < 1.0):" in text and 'constants["call_7"](exp_1)' in text
    assert sorted(constants_of(program)) == ["call_7", "constant_2"] and constants_of(program)["constant_2"] is program.params[live]
    f = executed(program)
    assert [bits(v) for v in f(np.zeros(2))] == [bits(v) for v in program.run([np.zeros(2)])]
    program.params[live][:] = 5
    np.testing.assert_array_equal(f(np.zeros(2))[0], [6.0, 6.0])
    with pytest.raises(ValueError, match=r"bool\(\): recorded with True that"):
        f(np.array([2.0, 0.0]))
    for name in ("1f", "class", "np"):
        with pytest.raises(ValueError, match=f"'{name}' is no name of a function here"):
            to_python(program, name)
    with pytest.raises(ValueError, match="no elementwise primitive"):
        primitive("matmul")


def test_pure_source_needs_numpy_and_scipy_only():
    rows = Rows()
    x = rows.input((4,))
    y = x
    for name in ("sigmoid", "erf", "cube", "rsqrt", "log_sigmoid"):
        y = rows(name, y)
    program = rows.done(y, rows("pow", rows("exp", x), rows.constant(1.5)))
    assert "tape" not in to_python(program, pure=True)
    given = np.linspace(0.1, 2.0, 4)
    for found, wanted in zip(executed(program, pure=True)(given), program.run([given]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


def loop(turns, inner=1):
    rows = Rows()
    x = rows.input()
    places = [(code.__code__, 0) for code in (loop, executed, bits, outcome)]
    y = rows("exp", x, place=places[0])
    for _ in range(turns):
        y = rows("add", rows("mul", y, x, place=places[1]), rows.constant(0.5), place=places[1])
        for _ in range(inner if inner > 1 else 0):
            y = rows("sin", rows("neg", y, place=places[2]), place=places[2])
    return rows.done(rows("cos", y, place=places[3]))


def test_listing_folds_loops():
    lines = listing(loop(200), name="f").splitlines()
    assert lines[0] == "f: 603 rows, 1 inputs, 1 outputs" and len(lines) == 9
    assert lines[3].strip() == "200 times, %2 to %601, the first:" and lines[-1] == "  outputs %602"
    assert lines[4].split()[:5] == ["%2", "=", "mul", "%1", "%0"] and "test_passes_source.py" in lines[4]


def test_listing_folds_loops_in_loops():
    text = listing(loop(50, inner=4))
    assert "50 times, %2 to %551, the first:" in text and "      4 times, %5 to %12, the first:" in text
    assert len(text.splitlines()) == 12


def test_listing_cuts_long_lines():
    rows = Rows()
    x = [rows.input() for _ in range(100)]
    line = listing(rows.done(rows("assemble", *x, params=((100,), tuple(range(100)), np.dtype(float))))).splitlines()[-2]
    assert len(line) < 140 and line.startswith("  %100 = assemble %0 %1") and line.endswith("float64[100]")


def test_listing_shows_what_does_not_repeat():
    program = random_program(3)
    lines = listing(program).splitlines()
    assert len(lines) >= 20 and any("guard" in line or "input" in line for line in lines)
    assert listing(program, 5).splitlines()[1:] == [*lines[1:6], f"  and {len(lines) - 7} lines more", lines[-1]]
