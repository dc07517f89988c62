"""Machine code of elementwise rows: reverse kernels against their rules evaluated by NumPy, ufuncs against
mpmath, libm, and itself on strided memory.

Every kernel is compiled once and used by all tests of the run. What a 0-d value gives is compared bit by bit
with Python's `math`; elsewhere an element's bits must not depend on its place or on the array's length.
"""

import math
import warnings

import mpmath as mp
import numpy as np
import pytest
from kernel_calls import call, operands, pullback
from table_functions import MPMATH, numpy_names, sample
from test_table import RULES

from compiled_ops import kernels, rows, special
from compiled_ops.formula import OF_ONE, OF_TWO, SPECIAL
from compiled_ops.rows import TableError
from compiled_ops.table import ELEMENTWISE

EACH_RULE = pytest.mark.parametrize(
    ("row", "operand"), RULES, ids=[f"{row.name}-{row.inputs[k]}" for row, k in RULES]
)
LOOPS = [row for row in ELEMENTWISE if not row.value.startswith("np.")]
EACH_LOOP = pytest.mark.parametrize("row", LOOPS, ids=lambda row: row.name)
FLOATS = [np.float64, np.float32]
# rows whose float32 kernels every run compiles
FEW = ("mul", "div", "maximum", "tanh", "sin", "pow", "digamma", "logaddexp")


def _slow(row):
    return () if row.name in FEW else pytest.mark.slow


SINGLE = [pytest.param(row, k, marks=_slow(row), id=f"{row.name}-{row.inputs[k]}") for row, k in RULES]
BITS = {np.dtype(np.float64): np.int64, np.dtype(np.float32): np.int32}
LENGTHS = (1, 3, 8, 1000, 1025)


def by_numpy(row, operand, g, inputs):
    names = numpy_names() | dict(zip(row.inputs, inputs, strict=True))
    names |= {"g": g, "y": operands(row.name, *inputs)[-1]}
    value = eval(row.rules[operand], names)
    return np.broadcast_to(np.asarray(value, g.dtype), g.shape)


def by_math(row, operand, g, point):
    """The rule on Python floats, by `math`; rows that are formulas are written out, as in kernels."""
    names = {name: getattr(math, name) for name in dir(math) if not name.startswith("_")}
    names |= {"where": lambda condition, yes, no: yes if condition else no, "maximum": max, "minimum": min}
    names |= {name: _float(kernels.forward(name)) for name in SPECIAL if name in rows.PRIMITIVES}
    names |= {"trigamma": special.trigamma, "polygamma": special.polygamma} | rows.CONSTANTS
    names["sign"] = lambda v: float((v > 0) - (v < 0))
    for name in ("sigmoid", "logaddexp", "logaddexp2", "ldexp", "softplus"):
        formula, inputs = rows.PRIMITIVES[name].value, rows.PRIMITIVES[name].inputs
        names[name] = eval(f"lambda {', '.join(inputs)}: {formula}", names)
    names |= dict(zip(row.inputs, point, strict=True)) | {"g": g}
    if "y" in row.saved[operand]:
        names["y"] = float(kernels.forward(row.name)(*point))
    return float(eval(row.rules[operand], names))


def _float(function):
    return lambda *numbers: float(function(*map(float, numbers)))


def same_bits(first, second):
    kind = BITS[first.dtype]
    return np.array_equal(np.ascontiguousarray(first).view(kind), np.ascontiguousarray(second).view(kind))


def check_reverse(row, operand, dtype):
    """All that is promised of one reverse kernel."""
    rng = np.random.default_rng(7)
    inputs = sample(row, max(LENGTHS), dtype)
    g = rng.standard_normal(max(LENGTHS)).astype(dtype)
    read = operands(row.name, *inputs)
    whole = call(row.name, operand, g, *read, np.full_like(g, np.nan))
    tolerance = 2e-13 if dtype is np.float64 else 5e-6
    expected = by_numpy(row, operand, g, inputs)
    near = tolerance * np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(whole, expected, rtol=tolerance, atol=near)
    for n in LENGTHS:  # position and length do not show, whatever is added to
        at = rng.integers(0, g.size - n + 1)
        part = [v[at : at + n].copy() for v in (g, *read)]
        assert same_bits(call(row.name, operand, *part, np.full(n, np.nan, dtype)), whole[at : at + n])
        before = rng.standard_normal(n).astype(dtype)
        assert same_bits(call(row.name, operand, *part, before.copy(), add=1), before + whole[at : at + n])
        assert all(same_bits(v, w[at : at + n]) for v, w in zip(part, (g, *read), strict=True))
    out = g.copy()  # the output may be the memory of an operand
    assert same_bits(call(row.name, operand, out, *read, out), whole)
    names = row.inputs if len(row.inputs) == 2 else ("x", "y")
    unread = [v if name in row.saved[operand] else None for name, v in zip(names, read, strict=True)]
    assert same_bits(call(row.name, operand, g, *unread, np.empty_like(g)), whole)


@EACH_RULE
def test_reverse_kernel_keeps_its_promises(row, operand):
    check_reverse(row, operand, np.float64)


@pytest.mark.parametrize(("row", "operand"), SINGLE)
def test_reverse_kernel_in_single_precision(row, operand):
    check_reverse(row, operand, np.float32)


@EACH_RULE
def test_a_number_of_no_dimensions_is_computed_as_by_python(row, operand):
    for point in zip(*sample(row, 40), strict=True):
        point, g = [float(v) for v in point], 1.7
        expected = by_math(row, operand, g, point)
        inputs = [np.array([v]) for v in point]
        got = pullback(row.name, operand, np.array([g]), *inputs, n=-1)[0]
        assert got == expected
        read = operands(row.name, *inputs)
        added = call(row.name, operand, np.array([g]), *read, np.array([0.3]), n=-1, add=1)
        assert added[0] == 0.3 + expected


@pytest.mark.parametrize("name", ["exp", "sin", "tanh", "sigmoid", "mul", "pow", "hypot"])
def test_nan_and_infinities_come_out(name):
    row = rows.PRIMITIVES[name]
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, 5e-324, 1e308])
    inputs = [v.ravel().copy() for v in np.meshgrid(*[values] * len(row.inputs))]
    g = np.ones_like(inputs[0])
    with np.errstate(all="ignore"):
        for operand in range(len(inputs)):
            expected = by_numpy(row, operand, g, inputs)
            np.testing.assert_allclose(pullback(name, operand, g, *inputs), expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", FLOATS, ids=["float64", "float32"])
def test_extra_kernels(dtype):
    rng = np.random.default_rng(3)
    g, out = rng.standard_normal(77).astype(dtype), rng.standard_normal(77).astype(dtype)
    g[5] = np.nan  # where the mask says no, nothing comes through
    mask = (np.arange(77) % 3 != 2).astype(np.uint8)
    assert same_bits(call("select", 0, g, mask, None, np.empty_like(g)), np.where(mask, g, dtype(0)))
    assert same_bits(call("select", 1, g, mask, None, np.empty_like(g)), np.where(mask, dtype(0), g))
    assert same_bits(call("select", 0, g, mask, None, out.copy(), add=1), out + np.where(mask, g, dtype(0)))
    assert not np.isnan(call("select", 0, g, mask, None, np.empty_like(g))[5])
    factor = np.array([1.7], dtype)
    assert same_bits(call("scale", 0, g, factor, None, np.empty_like(g)), g * factor)
    assert same_bits(call("scale", 0, g, factor, None, out.copy(), add=1), out + g * factor)
    assert same_bits(call("copy", 0, g, None, None, np.empty_like(g)), g)
    assert same_bits(call("copy", 0, g, None, None, out.copy(), add=1), out + g)


@EACH_LOOP
def test_value_has_the_same_bits_wherever_it_stands(row):
    rng = np.random.default_rng(11)
    ufunc, inputs = kernels.forward(row.name), sample(row, 1025)
    whole = ufunc(*inputs)
    strided = [np.stack([v, -v, v], axis=1)[:, 2] for v in inputs]
    assert same_bits(ufunc(*strided), whole)
    assert same_bits(ufunc(*(v[::-1] for v in inputs)), whole[::-1])
    out = np.zeros((1025, 2))
    assert same_bits(ufunc(*inputs, out=out[:, 1])[:], whole) and not out[:, 0].any()
    for n in LENGTHS:
        at = rng.integers(0, 1025 - n + 1)
        assert same_bits(ufunc(*(v[at : at + n] for v in inputs)), whole[at : at + n])
    place = rng.permutation(1025)
    assert same_bits(ufunc(*(v[place] for v in inputs)), whole[place])
    taken = inputs[0].copy()
    assert ufunc(taken, *inputs[1:], out=taken) is taken and same_bits(taken, whole)
    assert ufunc(*(v[:0] for v in inputs)).shape == (0,)
    assert ufunc.types == ["d" * len(inputs) + "->d"]


@pytest.mark.parametrize("row", [pytest.param(row, marks=_slow(row), id=row.name) for row in LOOPS])
def test_value_in_single_precision(row):
    inputs = sample(row, 1025, np.float32)
    value = kernels.forward(row.name, 1)(*inputs)
    assert value.dtype == np.float32
    exact = kernels.forward(row.name)(*(v.astype(float) for v in inputs))
    np.testing.assert_allclose(value, exact, rtol=2e-6, atol=2e-7)


@pytest.mark.parametrize("name", OF_ONE + OF_TWO)
def test_elementary_functions_are_within_four_units_in_the_last_place(name):
    inputs = sample(rows.PRIMITIVES[name], 200)
    value = kernels.forward(name)(*inputs)
    with mp.workdps(40):
        for y, *point in zip(value.tolist(), *(v.tolist() for v in inputs), strict=True):
            exact = mp.re(MPMATH[name](*(mp.mpf(v) for v in point)))
            assert abs(y - exact) <= 4 * math.ulp(float(exact))


SPECIAL_VALUES = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    np.inf,
    -np.inf,
    np.nan,
    5e-324,
    1e-310,
    1e-9,
    -0.5,
    1e22,
    -1e300,
    2.0,
]
SPECIAL_VALUES += [709.7, -745.0]


@pytest.mark.parametrize("name", OF_ONE + OF_TWO)
def test_special_values_are_those_of_libm_among_any_neighbours(name):
    rng, ufunc, count = np.random.default_rng(5), kernels.forward(name), len(rows.PRIMITIVES[name].inputs)
    others = [rng.uniform(-3, 3, 300), 10 ** rng.uniform(-20, 20, 300)]
    pool = np.concatenate([rng.choice(SPECIAL_VALUES, 300), *others])
    inputs = [rng.permutation(pool) for _ in range(count)]
    alone = np.array([ufunc(*(v[k : k + 1] for v in inputs))[0] for k in range(pool.size)])
    assert np.array_equal(ufunc(*inputs), alone, equal_nan=True)
    for k, y in enumerate(alone.tolist()):
        point = [v[k] for v in inputs]
        if not set(point) <= set(SPECIAL_VALUES):
            continue
        try:
            exact = getattr(math, name)(*point)
        except ValueError:  # a pole, or outside the domain
            assert not math.isfinite(y)
        except OverflowError:
            assert math.isinf(y)
        else:
            assert y == pytest.approx(exact, rel=1e-14, abs=1e-15, nan_ok=True)
            assert math.isnan(y) or y != 0 or math.copysign(1, y) == math.copysign(1, exact)


def test_reduce_and_accumulate_feed_results_back():
    values = np.random.default_rng(1).uniform(-2, 2, 1000)
    total = values[0]
    for value in values[1:]:
        total = kernels.forward("logaddexp")(total, value)
    assert kernels.forward("logaddexp").reduce(values) == total
    assert kernels.forward("logaddexp").accumulate(values)[-1] == total
    table = values.reshape(10, 100)
    length = kernels.forward("hypot").reduce(table, axis=0)
    np.testing.assert_allclose(length, np.sqrt((table**2).sum(0)), rtol=1e-12)


def test_broadcasting_and_types():
    base, exponent = np.arange(1.0, 7.0).reshape(3, 2), np.array([2.0, 0.5])
    np.testing.assert_allclose(kernels.forward("pow")(base, exponent), base**exponent, rtol=1e-15)
    np.testing.assert_allclose(kernels.forward("pow")(base, 2.0), base**2, rtol=1e-15)
    assert kernels.forward("exp")(np.arange(3)).dtype == np.float64
    assert kernels.forward("exp", 1)(np.float16(1)).dtype == np.float32
    with pytest.raises(TypeError):
        kernels.forward("exp", 1)(base)


def test_ufuncs_give_no_floating_point_warnings():
    odd = np.array([np.nan, np.inf, -np.inf, 0.0, 1e300, -800.0, 800.0])
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        for row in LOOPS:
            kernels.forward(row.name)(*[odd] * len(row.inputs))


def test_numpys_own_ufunc_where_the_table_says_so():
    assert kernels.forward("add") is np.add and kernels.forward("add", 1) is np.add


@pytest.mark.parametrize("name", ["tangent", "matmul", "sum"])
def test_names_that_are_no_elementwise_rows(name):
    with pytest.raises(TableError, match="no elementwise row"):
        kernels.forward(name)
    with pytest.raises(TableError, match="no elementwise row"):
        kernels.reverse_address(name, 0)


def test_operands_without_a_rule():
    with pytest.raises(TableError, match=r"polygamma has no rule in its input 0; it has rules in \[1\]"):
        kernels.reverse_address("polygamma", 0)
    with pytest.raises(TableError, match="tanh has no rule in its input 1"):
        kernels.reverse_address("tanh", 1)
