"""Identities of arithmetic, strong zeros, reductions of one element, broadcasting: each on a small program, bit for bit."""

import numpy as np
import pytest
from test_passes import Rows, check, names, same

from tape.compile import opcodes as o
from tape.compile.passes import PASSES, optimise
from tape.compile.passes.algebra import algebra
from tape.compile.passes.dead import dead
from tape.compile.passes.expands import expands
from tape.compile.passes.reductions import reductions
from tape.compile.passes.relaxed import relaxed
from tape.compile.passes.strong import strong

SHAPES = [(), (3,), (2, 3)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "make, expected",
    {
        "x*1": (lambda r, x, y: r("mul", x, r.constant(1.0)), "input input"),
        "1*x": (lambda r, x, y: r("mul", r.constant(1.0), x), "input input"),
        "x/1": (lambda r, x, y: r("div", x, r.constant(1.0)), "input input"),
        "x - 0.0": (lambda r, x, y: r("sub", x, r.constant(0.0)), "input input"),
        "x + -0.0": (lambda r, x, y: r("add", x, r.constant(-0.0)), "input input"),
        "x*x + 0.0": (lambda r, x, y: r("add", r("square", x), r.constant(0.0)), "input input square"),
        "x + 0.0 + 0.0": (lambda r, x, y: r("add", r("add", x, r.constant(0.0)), r.constant(0.0)), "input input constant add"),
        "x * -1": (lambda r, x, y: r("mul", x, r.constant(-1.0)), "input input neg"),
        "x / -1": (lambda r, x, y: r("div", x, r.constant(-1.0)), "input input neg"),
        "-0.0 - x": (lambda r, x, y: r("sub", r.constant(-0.0), x), "input input neg"),
        "x/4": (lambda r, x, y: r("div", x, r.constant(4.0)), "constant input input mul"),
        "x/2**-1022": (lambda r, x, y: r("div", x, r.constant(2.0**-1022)), "constant input input mul"),
        "-(-x)": (lambda r, x, y: r("neg", r("neg", x)), "input input"),
        "abs(abs(x))": (lambda r, x, y: r("abs", r("abs", x)), "input input abs"),
        "abs(-x)": (lambda r, x, y: r("abs", r("neg", x)), "input input abs"),
        "abs(x*x)": (lambda r, x, y: r("abs", r("square", x)), "input input square"),
        "(-x)**2": (lambda r, x, y: r("square", r("neg", x)), "input input square"),
        "abs(x)**2": (lambda r, x, y: r("square", r("abs", x)), "input input square"),
        "x*x": (lambda r, x, y: r("mul", x, x), "input input square"),
        "x - (-y)": (lambda r, x, y: r("sub", x, r("neg", y)), "input input add"),
        "x + (-y)": (lambda r, x, y: r("add", x, r("neg", y)), "input input sub"),
        "-x + y": (lambda r, x, y: r("add", r("neg", x), y), "input input sub"),
        "(-x)*(-y)": (lambda r, x, y: r("mul", r("neg", x), r("neg", y)), "input input mul"),
        "(-x)/(-y)": (lambda r, x, y: r("div", r("neg", x), r("neg", y)), "input input div"),
        "-(3*x)": (lambda r, x, y: r("neg", r("mul", r.constant(3.0), x)), "constant input input mul"),
        "3*(-x)": (lambda r, x, y: r("mul", r.constant(3.0), r("neg", x)), "constant input input mul"),
        "max(x, x)": (lambda r, x, y: r("maximum", x, x), "input input"),
        "where(True)": (lambda r, x, y: r("select", r.constant(True), x, y), "input input"),
        "where(False)": (lambda r, x, y: r("select", r.constant(False), x, y), "input input"),
        "where(m, x, x)": (lambda r, x, y: r("select", r("less", x, y), x, x), "input input"),
        "not not": (lambda r, x, y: r("logical_not", r("logical_not", r("less", x, y))), "input input less"),
        "cast": (lambda r, x, y: r("cast", x, params=np.dtype(float)), "input input"),
        "cast of cast": (
            lambda r, x, y: r("cast", r("cast", r("cast", x, params=np.dtype("f4")), params=np.dtype("f8")), params=np.dtype("f4")),
            "input input cast",
        ),
    }.values(),
)  # fmt: skip
def test_identities(make, expected, shape):
    rows = Rows()
    x, y = rows.input(shape), rows.input(shape)
    check(algebra, rows.done(make(rows, x, y)), expected)


@pytest.mark.parametrize(
    "make",
    {
        "x + 0.0": lambda r, x: r("add", x, r.constant(0.0)),
        "x - -0.0": lambda r, x: r("sub", x, r.constant(-0.0)),
        "0 - x": lambda r, x: r("sub", r.constant(0.0), x),
        "x*0": lambda r, x: r("mul", x, r.constant(0.0)),
        "x - x": lambda r, x: r("sub", x, x),
        "x/x": lambda r, x: r("div", x, x),
        "x/3": lambda r, x: r("div", x, r.constant(3.0)),
        "x/2**-1074": lambda r, x: r("div", x, r.constant(5e-324)),
        "-(x - 1)": lambda r, x: r("neg", r("sub", x, r.constant(1.0))),
        "x**2": lambda r, x: r("pow", x, r.constant(2.0)),
        "live 1": lambda r, x: r("mul", x, r.constant([1.0], live=True)),
        "to int": lambda r, x: r("cast", r("cast", r("cast", x, params=np.dtype("f4")), params=np.dtype("f8")), params=np.dtype("i4")),
    }.values(),
)  # fmt: skip
def test_what_would_change_a_bit_stays(make):
    rows = Rows()
    program = rows.done(make(rows, rows.input((3,))))
    assert algebra(program) is program


def test_integers_keep_their_own_rules():
    rows = Rows()
    x = rows.input((4,), "i8")
    y = rows("add", x, rows.constant(0, "i8"))
    z = rows("neg", rows("mul", x, rows.constant(3, "i8")))
    check(algebra, rows.done(y, rows("mul", y, rows.constant(1, "i8")), z), "input constant mul neg")


def test_a_constant_of_another_shape_still_broadcasts():
    rows = Rows()
    x = rows.input((3,))
    check(algebra, rows.done(rows("mul", x, rows.constant(np.ones((2, 3)))), rows("mul", x, rows.constant([-1.0] * 3))), "input expand neg")


@pytest.mark.parametrize(
    "make, expected",
    {
        "g": (lambda r, g, x: r("strong", g, g), "input input"),
        "-g": (lambda r, g, x: r("strong", g, r("neg", g)), "input input neg"),
        "3*g": (lambda r, g, x: r("strong", g, r("mul", g, r.constant(3.0))), "input input constant mul"),
        "g/3": (lambda r, g, x: r("strong", g, r("div", g, r.constant(3.0))), "input input constant div"),
        "where": (lambda r, g, x: r("strong", g, r("select", r("less", x, g), g, r.constant(0.0))), "input input less constant select"),
        "strong": (lambda r, g, x: r("strong", g, r("strong", g, x)), "input input strong"),
        "g is 2": (lambda r, g, x: r("strong", r.constant(2.0), x), "input input"),
        "g is 0": (lambda r, g, x: r("strong", r.constant([0.0, -0.0, 0.0]), x), "constant input input expand"),
        "inf*g": (lambda r, g, x: r("strong", g, r("mul", g, r.constant(np.inf))), "input input constant mul strong"),
        "g/0": (lambda r, g, x: r("strong", g, r("div", g, r.constant(0.0))), "input input constant div strong"),
        "x*g": (lambda r, g, x: r("strong", g, r("mul", g, x)), "input input mul strong"),
        "3/g": (lambda r, g, x: r("strong", g, r("div", r.constant(3.0), g)), "input input constant div strong"),
    }.values(),
)  # fmt: skip
def test_strong_zeros_that_follow_from_the_value(make, expected):
    rows = Rows()
    before = rows.done(make(rows, rows.input((3,)), rows.input((3,))))
    after = dead(strong(before))
    after.verify()
    assert names(after) == expected.split()
    for g in (0.0, -0.0, 1.5, np.nan, np.inf):
        given = [np.array([g, 1.0, 0.0]), np.array([np.inf, 2.0, np.nan])]
        np.testing.assert_array_equal(before.run(given)[0], after.run(given)[0])  # equal but for the sign of a zero


@pytest.mark.parametrize("name, expected", [("sum", "constant input reshape add"), ("prod", "input reshape"), ("amax", "input reshape")])
def test_reductions_of_one_element(name, expected):
    rows = Rows()
    x = rows.input((3, 1))
    check(reductions, rows.done(rows(name, x, params=((1,), False))), expected)
    assert reductions(program := rows.done(rows(name, x, params=((0,), False)))) is not program  # the first row is still there
    assert o.name_of(reductions(program).op[-1]) == name


def test_reductions_of_reductions_of_one_element():
    rows = Rows()
    y = rows("sum", rows("sum", rows.input((1, 1)), params=((1,), True)), params=((0, 1), False))
    check(reductions, rows.done(y), "constant input add reshape add")


def test_elementwise_rows_take_small_operands_as_they_are():
    rows = Rows()
    a, b, c = rows.input(), rows.input((3,)), rows.input((2, 3))
    y = rows("mul", rows("expand", a, params=(2, 3)), c)
    z = rows("add", rows("expand", rows("reshape", b, params=(1, 3)), params=(2, 3)), y)
    check(expands, check(expands, rows.done(z), "input input input mul reshape add"), "input input input mul add")


def test_what_is_equal_everywhere_is_computed_once():
    rows = Rows()
    a, b = rows.input(), rows.input((3,))
    y = rows("mul", rows("expand", a, params=(2, 3)), rows.constant(3.0))
    z = rows("exp", rows("expand", b, params=(2, 3)))
    after = check(expands, rows.done(y, z), "input input constant mul expand exp expand")
    assert [after.spec[row].shape for row in (3, 5)] == [(), (3,)]


def test_an_array_function_is_not_computed_by_the_scalar_one():
    rows = Rows()
    program = rows.done(rows("exp", rows("expand", rows.input(), params=(4,))))
    assert expands(program) is program


@pytest.mark.parametrize(
    "make, expected",
    {
        "x*0": (lambda r, x: r("mul", x, r.constant(0.0)), "constant input expand"),
        "x - x": (lambda r, x: r("sub", x, x), "constant input expand"),
        "x + 0.0": (lambda r, x: r("add", r.constant(0.0), x), "input"),
        "x - -0.0": (lambda r, x: r("sub", x, r.constant(-0.0)), "input"),
        "0 - x": (lambda r, x: r("sub", r.constant(0.0), x), "input neg"),
        "x/3": (lambda r, x: r("div", x, r.constant(3.0)), "constant input mul"),
        "x**2": (lambda r, x: r("pow", x, r.constant(2.0)), "input square"),
        "x**-0.5": (lambda r, x: r("pow", x, r.constant(-0.5)), "input rsqrt"),
        "x**2.5": (lambda r, x: r("pow", x, r.constant(2.5)), "input constant pow"),
        "2*(3*x)": (lambda r, x: r("mul", r.constant(2.0), r("mul", x, r.constant(3.0))), "constant input mul"),
        "(x + 1) + 2": (lambda r, x: r("add", r("add", x, r.constant(1.0)), r.constant(2.0)), "constant input add"),
        "sum of expand": (lambda r, x: r("sum", r("expand", x, params=(5, 3)), params=((0,), False)), "constant input mul"),
        "sum of other axis": (lambda r, x: r("sum", r("expand", x, params=(5, 3)), params=((1,), False)), "input expand sum"),
    }.values(),
)  # fmt: skip
def test_relaxed_identities_are_close_and_only_where_asked_for(make, expected):
    rows = Rows()
    program = rows.done(make(rows, rows.input((3,))))
    after = dead(relaxed(program))
    after.verify()
    assert names(after) == expected.split()
    given = [np.array([0.7, 1.9, 3.1])]
    np.testing.assert_allclose(after.run(given)[0], program.run(given)[0], rtol=1e-14)
    same(program, optimise(program)[0])
    assert "relaxed" in {s.name for s in optimise(program, relaxed=True)[1]} - {s.name for s in optimise(program, ["relaxed"], relaxed=True)[1]}


def test_a_wrong_identity_is_found(monkeypatch):
    """Planted: x + 0 -> x, which -0.0 tells apart."""
    from tape.compile.passes import algebra as module

    monkeypatch.setattr(module._Draft, "is_zero", lambda draft, row, negative: draft.value.get(row) == 0)
    rows = Rows()
    program = rows.done(rows("add", rows.input((8,)), rows.constant(0.0)))
    with pytest.raises(AssertionError, match="differs at"):
        same(program, algebra(program))


def test_passes_stay_quiet_about_an_optimised_program():
    rows = Rows()
    x, y = rows.input((2, 3)), rows.input((3,))
    z = rows("sum", rows("mul", rows("add", x, y), rows.constant(0.1)), params=((1,), False))
    program = optimise(rows.done(rows("exp", z)))[0]
    for name, one in PASSES:
        assert one(program) is program, name
