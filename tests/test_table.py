"""Every elementwise row of the table: value against its reference, rules against derivatives by mpmath, kinks
as declared.

`wrong_rules(row)` is the checker: it evaluates a row's rules in 30 digits and compares them with numerical
derivatives of mpmath's own function of that name. The checker is checked: it must refuse every rule with its
sign turned or a term lost. It sees only points inside the row's domain; kinks have tests of their own.
`rows.check` must refuse rows that contradict themselves.
"""

import dataclasses
import math
import operator
import re

import mpmath as mp
import numpy as np
import pytest
import scipy.special
from kernel_calls import pullback
from table_functions import MPMATH, sample

from compiled_ops import kernels, rows, special
from compiled_ops.rows import TableError
from compiled_ops.table import ELEMENTWISE, STRUCTURE

ROWS = pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
RULES = [(row, k) for row in ELEMENTWISE for k, rule in enumerate(row.rules) if rule]
EACH_RULE = pytest.mark.parametrize(
    ("row", "operand"), RULES, ids=[f"{row.name}-{row.inputs[k]}" for row, k in RULES]
)
DIGITS = 30
NAN, INF = math.nan, math.inf


class Mask:
    """A truth value that `&` and `|` take, as masks of arrays do."""

    def __init__(self, value):
        self.value = bool(value)

    def __and__(self, other):
        return Mask(self.value and other.value)

    def __or__(self, other):
        return Mask(self.value or other.value)


class Real:
    """An mpmath number whose comparisons give masks."""

    def __init__(self, value):
        self.value = mp.mpf(value.value if isinstance(value, Real) else value)


def _operator(name):
    def apply(self, other):
        return Real(getattr(self.value, name)(Real(other).value))

    return apply


def _comparison(compare):
    return lambda self, other: Mask(compare(self.value, Real(other).value))


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv"):
    setattr(Real, f"__{_name}__", _operator(f"__{_name}__"))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Real, f"__{_name}__", _comparison(getattr(operator, _name)))
Real.__neg__ = lambda self: Real(-self.value)
Real.__abs__ = lambda self: Real(abs(self.value))

def _wrapped(f):
    return lambda *values: Real(mp.re(f(*(Real(v).value for v in values))))


def _evaluate(expression, names):
    functions = {name: _wrapped(f) for name, f in MPMATH.items()} | rows.CONSTANTS
    functions["where"] = lambda condition, yes, no: yes if condition.value else no
    functions["abs"] = abs
    return Real(eval(expression, functions | names)).value


def _partial(function, point, k):
    return mp.diff(lambda v: mp.re(function(*point[:k], v, *point[k + 1 :])), point[k], h=mp.mpf("1e-12"))


def wrong_rules(row):
    """The inputs in which a row's rule is not the derivative of mpmath's function at sampled points."""
    wrong, function = set(), MPMATH[row.name]
    with mp.workdps(DIGITS):
        for point in zip(*sample(row), strict=True):
            point = [mp.mpf(float(v)) for v in point]
            names = dict(zip(row.inputs, map(Real, point), strict=True)) | {
                "g": Real(mp.mpf("1.7")),
                "y": Real(mp.re(function(*point))),
            }
            for k, rule in enumerate(row.rules):
                if rule is None:
                    continue
                expected = mp.mpf("1.7") * _partial(function, point, k)
                if not abs(_evaluate(rule, names) - expected) <= 1e-10 * (1 + abs(expected)):
                    wrong.add(k)
    return wrong


def reference(row, inputs):
    """The row's independent implementation, `numpy.tanh` or an expression like `1/numpy.sqrt(x)`."""
    names = {"numpy": np, "scipy": scipy} | dict(zip(row.inputs, inputs, strict=True))
    called = row.reference if re.search(r"\W", row.reference.replace(".", "")) else f"{row.reference}({', '.join(row.inputs)})"
    return eval(called, names)


@ROWS
def test_value_is_that_of_the_reference(row):
    inputs = sample(row, 100)
    inputs = [v.astype(int) if type(low) is int else v for v, (low, _) in zip(inputs, row.domain, strict=True)]
    expected = reference(row, inputs)
    value = kernels.forward(row.name)(*(np.asarray(v, float) for v in inputs))
    np.testing.assert_allclose(value, expected, rtol=1e-13, atol=1e-14)


@ROWS
def test_value_in_the_table_is_mpmaths(row):
    with mp.workdps(DIGITS):
        for point in zip(*sample(row), strict=True):
            expected = mp.re(MPMATH[row.name](*(mp.mpf(float(v)) for v in point)))
            value = kernels.forward(row.name)(*point)
            assert abs(mp.mpf(float(value)) - expected) <= 1e-14 * (1 + abs(expected))
            if not row.value.startswith("np."):
                text = _evaluate(row.value, dict(zip(row.inputs, map(Real, point), strict=True)))
                assert abs(text - expected) <= 1e-15 * (1 + abs(expected))  # the table's constants are floats


@ROWS
def test_rules_are_the_derivatives(row):
    assert not wrong_rules(row)


@EACH_RULE
def test_a_turned_sign_is_caught(row, operand):
    rule = row.rules[operand]
    if rule == "0":
        planted = "g"
    else:
        planted = f"-({rule})"
    rules = (*row.rules[:operand], planted, *row.rules[operand + 1 :])
    assert operand in wrong_rules(dataclasses.replace(row, rules=rules))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("tanh", "g*(1 - y)"),
        ("sigmoid", "g*(1 - y)"),
        ("asinh", "g/sqrt(x*x)"),
        ("sqrt", "g/y"),
        ("exp2", "g*y"),
        ("erf", "g*exp(-x*x)"),
    ],
)
def test_a_lost_term_is_caught(name, rule):
    assert wrong_rules(dataclasses.replace(rows.PRIMITIVES[name], rules=(rule,))) == {0}


# Values of the rules at kinks and beyond: (inputs, wanted partials); None: that input's is not stated
KINKS = {
    "abs": [((0.0,), (0,)), ((-0.0,), (0,)), ((NAN,), (0,))],
    "relu": [((0.0,), (0,)), ((-0.0,), (0,)), ((NAN,), (1,)), ((-INF,), (0,)), ((INF,), (1,))],
    "sqrt": [((0.0,), (INF,))],
    "log": [((0.0,), (INF,))],
    "softplus": [((20.0,), (1 / (1 + math.exp(-20)),)), ((800.0,), (1,)), ((-800.0,), (0,))],
    "sigmoid": [((800.0,), (0,)), ((-800.0,), (0,))],
    "log_sigmoid": [((800.0,), (0,)), ((-800.0,), (1,)), ((0.0,), (0.5,))],
    "tanh": [((800.0,), (0,))],
    "acosh": [((1.0,), (INF,))],
    "lgamma": [((0.0,), (-INF,)), ((-1.0,), (NAN,))],
    "digamma": [((0.0,), (INF,))],
    "pow": [
        ((0.0, 0.0), (0, 0)), ((0.0, 1.0), (1, 0)), ((-2.0, 2.0), (-4, NAN)), ((0.0, -1.0), (-INF, -INF)),
        ((NAN, 0.0), (0, None)),
    ],
    "maximum": [((1.0, 1.0), (0.5, 0.5)), ((NAN, 1.0), (1, 1)), ((1.0, NAN), (1, 1)), ((1.0, 2.0), (0, 1))],
    "minimum": [((1.0, 1.0), (0.5, 0.5)), ((NAN, 1.0), (1, 1)), ((1.0, NAN), (1, 1)), ((1.0, 2.0), (1, 0))],
    "fmax": [((1.0, 1.0), (1, 0)), ((NAN, 1.0), (0, 1)), ((1.0, NAN), (1, 0)), ((NAN, NAN), (1, 0))],
    "fmin": [((1.0, 1.0), (1, 0)), ((NAN, 1.0), (0, 1)), ((1.0, NAN), (1, 0)), ((NAN, NAN), (1, 0))],
    "atan2": [((0.0, 0.0), (0, 0))],
    "hypot": [((0.0, 0.0), (NAN, NAN))],
    "copysign": [((0.0, -1.0), (0, 0)), ((2.0, -0.0), (-1, 0))],
    "logaddexp": [((-INF, -INF), (NAN, NAN)), ((INF, 0.0), (NAN, 0)), ((0.0, -INF), (1, 0))],
    "xlogy": [((0.0, 0.0), (0, NAN)), ((0.0, NAN), (NAN, NAN)), ((1.0, 0.0), (-INF, INF))],
    "remainder": [((5.0, -3.0), (1, 2)), ((1.0, 0.0), (1, -INF))],
    "fmod": [((5.0, -3.0), (1, 1))],
    "sinc": [((0.0,), (0,))],
    "softsign": [((0.0,), (1,)), ((INF,), (0,))],
    "hardtanh": [((-1.0,), (0,)), ((1.0,), (0,)), ((0.5,), (1,)), ((NAN,), (1,))],
    "hardsigmoid": [((-3.0,), (0,)), ((3.0,), (0,)), ((NAN,), (0,))],
    "hardswish": [((-3.0,), (0,)), ((3.0,), (1,)), ((-INF,), (0,))],
    "leaky_relu": [((0.0, 0.1), (0.1, 0)), ((-2.0, 0.1), (0.1, -2))],
    "elu": [((0.0, 0.5), (0.5, 0)), ((800.0, 0.5), (1, 0)), ((-INF, 0.5), (0, -1))],
    "celu": [((0.0, 0.5), (1, 0)), ((800.0, 0.5), (1, 0))],
    "hardshrink": [((0.5, 0.5), (0, 0)), ((-0.5, 0.5), (0, 0)), ((NAN, 0.5), (1, 0))],
    "softshrink": [((0.5, 0.5), (0, 0)), ((-0.5, 0.5), (0, 0)), ((NAN, 0.5), (1, 0))],
    "relu6": [((0.0,), (0,)), ((6.0,), (0,)), ((3.0,), (1,)), ((NAN,), (1,))],
    "logit": [((0.0,), (INF,)), ((1.0,), (INF,)), ((-0.5,), (NAN,)), ((1.5,), (NAN,))],
    "erfinv": [((1.0,), (INF,)), ((-1.0,), (INF,))],
    "entr": [((0.0,), (INF,))],
    "i0e": [((0.0,), (0,))],
    "fmax_even": [((1.0, 1.0), (0.5, 0.5)), ((NAN, 1.0), (0, 1)), ((1.0, NAN), (1, 0))],
    "fmin_even": [((1.0, 1.0), (0.5, 0.5)), ((NAN, 1.0), (0, 1)), ((1.0, NAN), (1, 0))],
    "hypot_least": [((0.0, 0.0), (0, 0)), ((3.0, 4.0), (0.6, 0.8))],
    "xlog1py": [((0.0, -1.0), (0, NAN)), ((1.0, -1.0), (-INF, INF))],
    "nextafter": [((1.0, 1.0), (0, 0)), ((1.0, 2.0), (1, 0))],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "inputs", "partials"),
    [(n, *case) for n, cases in KINKS.items() for case in cases],
    ids=lambda v: str(v).replace(" ", ""),
)
@pytest.mark.parametrize("n", [-1, 1], ids=["scalar", "array"])
def test_kinks_are_as_declared(name, inputs, partials, n):
    for operand, wanted in enumerate(partials):
        if wanted is not None:
            (got,) = pullback(name, operand, np.ones(1), *(np.array([v]) for v in inputs), n=n).tolist()
            assert (
                got == wanted
                or (math.isnan(got) and math.isnan(wanted))
                or got == pytest.approx(wanted, abs=1e-15)
            )


def test_rows_with_a_kink_say_what_happens_there():
    flat = {"sign", "floor", "ceil", "round", "trunc"}
    assert {row.name for row in ELEMENTWISE if row.kinks} <= KINKS.keys() | flat


def test_the_table_is_consistent():
    rows.check()
    assert len({row.name for row in (*ELEMENTWISE, *STRUCTURE)}) == len(rows.PRIMITIVES)
    for name, opcode in rows.OPCODES.items():
        primitive = rows.BY_OPCODE[opcode]
        assert name.split(":")[0] == primitive.name
        assert rows.LABELS[opcode] == (name.split(":")[1] if ":" in name else primitive.label)
        assert rows.BASE[opcode] == rows.OPCODES[primitive.name]


def planted(**changes):
    return dataclasses.replace(rows.PRIMITIVES["tanh"], name="planted", **changes)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (planted(rules=("g", "g")), "planted: 1 inputs need as many rules"),
        (planted(domain=()), "planted: 1 inputs need as many rules"),
        (planted(rules=("g*secant(x)",)), "secant"),
        (planted(rules=("g*b",)), "'b'"),
        (planted(value="secant(x)"), "secant"),
        (dataclasses.replace(rows.PRIMITIVES["mul"], name="planted", rules=("g*y", "g*a")), "'y'"),
        (dataclasses.replace(rows.PRIMITIVES["sum"], name="planted", transpose="spread_out"), "spread_out"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(row, message, monkeypatch):
    monkeypatch.setitem(rows.PRIMITIVES, "planted", row)
    with pytest.raises(TableError, match=re.escape(message)):
        rows.check()


def test_a_kink_without_a_word_is_refused(monkeypatch):
    monkeypatch.setitem(rows.PRIMITIVES, "abs", dataclasses.replace(rows.PRIMITIVES["abs"], kinks=""))
    with pytest.raises(TableError, match="kink"):
        rows.check()


def test_a_name_is_declared_once():
    with pytest.raises(TableError, match="tanh is declared twice"):
        rows.declare((rows.PRIMITIVES["tanh"],))


def test_saved_values_are_those_that_a_rule_reads():
    assert rows.PRIMITIVES["tanh"].saved == (frozenset("y"),)
    assert rows.PRIMITIVES["add"].saved == (frozenset(), frozenset())
    assert rows.PRIMITIVES["mul"].saved == (frozenset("b"), frozenset("a"))
    assert rows.PRIMITIVES["floor_divide"].saved == (frozenset(), frozenset())


@ROWS
def test_the_scalar_function_agrees_with_the_array_function(row):
    function = kernels.forward_one(row.name)
    if not row.scalar:
        assert function is None
        return
    for point in zip(*sample(row, 50), strict=True):
        point = [float(v) for v in point]
        value = function(*point)
        assert type(value) is float
        assert value == pytest.approx(float(kernels.forward(row.name)(*point)), rel=2e-15, abs=1e-15)


def test_scalar_functions_raise_where_arrays_give_infinity():
    for name, point, error in (
        ("log", 0.0, ValueError),
        ("reciprocal", 0.0, ZeroDivisionError),
        ("exp", 1000.0, OverflowError),
    ):
        with pytest.raises(error):
            kernels.forward_one(name)(point)


@pytest.mark.parametrize("n", range(8))
def test_polygamma_has_fourteen_digits(n):
    rng = np.random.default_rng(n)
    points = np.concatenate(
        [rng.uniform(0, 3, 20), 10.0 ** rng.uniform(-6, 6, 20), special.ROOT + rng.normal(0, 1e-6, 5)]
    )
    with mp.workdps(40):
        for x in points.tolist():
            expected = mp.polygamma(n, x)
            assert abs(special.polygamma(n, x) - expected) <= 1e-14 * abs(expected)
        for x in rng.uniform(-8, 0, 20).tolist():
            expected = mp.polygamma(n, x)
            assert abs(special.polygamma(n, x) - expected) <= 1e-13 * abs(expected) + 1e-14


def test_polygamma_at_poles_and_infinities():
    assert [special.digamma(v) for v in (0.0, -0.0, INF)] == [-INF, INF, INF]
    assert [special.trigamma(v) for v in (0.0, -1.0, INF)] == [INF, INF, 0]
    assert [special.polygamma(2, v) for v in (0.0, -1.0, INF)] == [-INF, -INF, 0]
    for n in range(4):
        assert math.isnan(special.polygamma(n, -INF)) and math.isnan(special.polygamma(n, NAN))
    assert math.isnan(special.digamma(-3.0))
    assert math.isnan(special.polygamma(1.5, 1.0)) and math.isnan(special.polygamma(-1, 1.0))
    assert special.polygamma(170, 50.0) == pytest.approx(float(mp.polygamma(170, 50)), rel=1e-14)
    assert math.isnan(special.polygamma(171, 50.0))
