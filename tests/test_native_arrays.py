"""Native programs of arrays against the meaning of their rows: loop nests, views, reductions, products, memory, guards.

Every program is built by hand or drawn at random and compared with `Program.run`: to the bit where rows are elementwise, within a
few units of rounding where sums are.
"""

import numpy as np
import pytest
from random_arrays import Build, Draw

from tape.compile import opcodes as o
from tape.compile.native.build import Native
from tape.compile.program import Call, Guard, Miss
from tape.spec import intern


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


PRIMITIVES = sorted(o.NAMES[op] for op in o.ARITHMETIC if ":" not in o.NAMES[op])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_has_the_bits_of_the_array_function(name, dtype):
    from compiled_ops.rows import PRIMITIVES as table

    row = table[name]
    values = np.random.default_rng(1).uniform(*row.domain[0], size=37).astype(dtype)
    values[:4] = 0.0, np.nan, np.inf, -np.inf
    arrays = [values]
    if len(row.inputs) == 2:
        arrays.append(np.random.default_rng(2).uniform(*row.domain[1], size=37).astype(dtype))
        arrays[1][3:6] = np.nan, values[4], -0.0
    b = Build(*arrays)
    y = b.add(name, *b.inputs)
    first = b.add(o.INDEX, y, params=(slice(3, None, 2),))
    b.check(y, first)


@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed):
    draw = Draw(seed)
    draw.build.check(exact=bool(seed % 2), threads=1 + seed % 3 // 2)


PRODUCTS = [
    ((5, 7), (7, 3)), ((5, 7), (7,)), ((7,), (7, 3)), ((7,), (7,)), ((4, 5, 7), (7, 3)), ((4, 1, 5, 7), (3, 7, 2)), ((1, 7), (7, 1)),
    ((5, 1), (1, 3)), ((5, 7), (7, 1)), ((1, 7), (7, 3)), ((40, 50), (50, 60)), ((1,), (1,)), ((0, 3), (3, 4)), ((3, 0), (0, 4)),
]  # fmt: skip


@pytest.mark.parametrize("turned", range(4))
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("a, b", PRODUCTS, ids=str)
def test_products(a, b, dtype, turned):
    def swapped(shape):
        return (*shape[:-2], shape[-1], shape[-2]) if len(shape) > 1 else shape

    shapes = [swapped(s) if turned >> k & 1 else s for k, s in enumerate((a, b))]
    p = Build(*(normal(*s, seed=k).astype(dtype) for k, s in enumerate(shapes)))
    rows = list(p.inputs)
    for k, s in enumerate(shapes):
        if turned >> k & 1 and len(s) > 1:
            rows[k] = p.add(o.PERMUTE, rows[k], params=(*range(len(s) - 2), len(s) - 1, len(s) - 2))
    y = p.add(o.MATMUL, *rows)
    p.check(y, p.add("sin", y))


@pytest.mark.parametrize("dims", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2), ()])
@pytest.mark.parametrize("shape", [(3, 4, 5), (40, 33, 21), (2, 3, 50_000), (50_000, 2, 3), (300, 1, 300)], ids=str)
def test_reductions_over_any_axes(shape, dims):
    p = Build(normal(*shape))
    y = p.add("square", *p.inputs)
    rows = [p.add(op, y, params=(dims, keep)) for op in (o.SUM, o.AMAX, o.AMIN) for keep in (False, True)]
    negative = p.add(o.LESS, *p.inputs, p.constant(-4.5))
    rows += [p.add(op, negative, params=(dims, False)) for op in (o.ANY, o.ALL)]
    p.check(*rows, p.add("sub", y, rows[1]))


@pytest.mark.parametrize("length", [10, 1_000, 1_000_003])
def test_sums_are_nearly_exact(length):
    x = np.random.default_rng(0).uniform(0.5, 1.5, length)
    p = Build(x)
    p.program.outputs = [p.add(o.SUM, p.inputs[0], params=((0,), False))]
    import math

    found = float(Native(p.program).run([x])[0])
    assert abs(found - math.fsum(x)) <= 4 * np.spacing(found)


def test_maxima_of_nan_are_nan():
    x = normal(4, 50)
    x[2, 37] = np.nan
    p = Build(x)
    p.check(p.add(o.AMAX, *p.inputs, params=((1,), False)), p.add(o.AMIN, *p.inputs, params=((0,), False)))


def test_an_element_has_the_same_bits_wherever_it_stands():
    p = Build(np.full(1003, 0.7))
    y = p.add("sin", p.add("exp", *p.inputs))
    p.program.outputs = [y]
    found = Native(p.program).run(p.arguments)[0]
    assert len(set(found.tobytes()[k : k + 8] for k in range(0, 8 * 1003, 8))) == 1


def test_guards_miss_and_calls_wait_for_them():
    called = []
    x = normal(10)
    p = Build(x)
    total = p.add(o.SUM, p.add("square", *p.inputs), params=((0,), False))
    below = p.add(o.LESS, total, p.constant(100.0))
    p.program.append(o.GUARD, (below,), Guard("truth", True, "bool()"), intern((), np.dtype(bool)))
    p.values.append(None)
    looked = p.add(o.INDEX, *p.inputs, params=(slice(0, 2),))
    p.program.append(o.GUARD, (looked,), Guard("value", x[:2].tobytes(), "tolist()"), intern((), np.dtype(bool)))
    p.values.append(None)
    y = p.add(o.CALL, *p.inputs, params=Call(lambda v: (called.append(1), np.sort(v))[1], lambda v: ((v,), {}), "sort"))
    native = p.check(p.add("neg", y), total)
    called.clear()
    with pytest.raises(Miss) as miss:
        native.run([x * 100])
    assert miss.value.row == below + 1 and not called
    other = x.copy()
    other[0] += 1
    with pytest.raises(Miss) as miss:
        native.run([other])
    assert miss.value.row == below + 3 and not called


def test_outputs_that_are_inputs_views_constants_or_the_same_row():
    p = Build(normal(4, 6))
    x = p.inputs[0]
    kept = p.constant(np.arange(3.0))
    y = p.add("sin", x)
    turned = p.add(o.PERMUTE, y, params=(1, 0))
    p.check(x, y, y, turned, kept, p.constant(2.0), p.add(o.RESHAPE, x, params=(24,)))


def test_constants_are_read_at_every_call():
    held = normal(50)
    p = Build(normal(50))
    native = p.check(p.add("mul", *p.inputs, p.program.constant(held) if p.values.append(held) is None else 0))
    held *= 2
    np.testing.assert_array_equal(native.run(p.arguments)[0], p.arguments[0] * held)


def test_other_dtypes_run_in_python():
    p = Build(np.arange(12).reshape(3, 4), normal(3, 4) + 1j)
    x, z = p.inputs
    y = p.add("sin", p.add(o.CAST, p.add(o.PERMUTE, x, params=(1, 0)), params=np.dtype(np.float64)))
    p.check(y, p.add("mul", z, z), p.add(o.PERMUTE, z, params=(1, 0)), p.add("add", x, x))


def test_describe_names_the_steps():
    p = Build(normal(100, 3))
    p.program.outputs = [p.add(o.SUM, p.add("sin", *p.inputs), params=((0, 1), False))]
    lines = Native(p.program).describe()
    assert "1 reduced" in lines[1] and "(300,)" in lines[1]


@pytest.mark.parametrize("shape", [(1_000_003,), (1000, 700), (40, 30, 900)], ids=str)
def test_threads_do_not_change_a_bit(shape):
    p = Build(normal(*shape))
    y = p.add("exp", p.add("neg", p.add("square", p.add("sin", *p.inputs))))
    sums = [p.add(o.SUM, y, params=((k,), False)) for k in range(len(shape))]
    p.program.outputs = [y, *sums, p.add("sub", y, sums[0])]
    one, several = (Native(p.program, threads=n) for n in (1, 3))
    assert any(piece.count for piece in several.pieces)
    for x, z in zip(one.run(p.arguments), several.run(p.arguments), strict=True):
        np.testing.assert_array_equal(x, z)


def test_several_threads_may_call_one_program():
    from concurrent.futures import ThreadPoolExecutor

    p = Build(normal(300, 200))
    p.program.outputs = [p.add(o.SUM, p.add("sin", *p.inputs), params=((1,), False)), p.add("exp", *p.inputs)]
    native = Native(p.program)
    inputs = [normal(300, 200, seed=k) for k in range(16)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: native.run([x]), inputs))
    for x, (sums, whole) in zip(inputs, found, strict=True):
        np.testing.assert_allclose(sums, np.sin(x).sum(1), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(whole, np.exp(x), rtol=1e-14)


def test_the_entry_gives_floats_and_declines_what_does_not_fit():
    x = normal(6)
    p = Build(x)
    p.program.outputs = [p.add(o.SUM, p.add("square", *p.inputs), params=((0,), False)), p.add("neg", *p.inputs)]
    entry = Native(p.program).entry
    value, array = entry(x)
    assert type(value) is float and value == pytest.approx((x * x).sum(), rel=1e-14)
    np.testing.assert_array_equal(array, -x)
    for wrong in (x[:5], x.astype(np.float32), np.repeat(x, 2)[::2], list(x), x.reshape(2, 3), None):
        assert entry(wrong) is None
    assert entry() is None and entry(x, x) is None
    read_only = x.copy()
    read_only.flags.writeable = False
    assert entry(read_only)[0] == value


def test_the_entry_returns_none_where_a_guard_misses():
    p = Build(normal(4))
    first = p.add(o.INDEX, *p.inputs, params=(0,))
    positive = p.add(o.GREATER, first, p.constant(0.0))
    p.program.append(o.GUARD, (positive,), Guard("truth", bool(p.values[positive]), "bool()"), intern((), np.dtype(bool)))
    p.values.append(None)
    native = p.check(p.add("mul", first, first))
    assert native.entry is not None and native.entry(-p.arguments[0]) is None
    with pytest.raises(Miss):
        native.run([-p.arguments[0]])


def test_parts_written_one_by_one_stay_where_they_are():
    p = Build(normal(60), normal(60))
    x, y = p.inputs
    y = p.add("neg", y)
    for k in range(1, 12):
        before = p.add(o.INDEX, y, params=(k - 1,))
        y = p.add(o.OVERWRITE, y, p.add("sin", p.add("add", p.add(o.INDEX, x, params=(k,)), before)), params=(k,))
    z = p.add(o.OVERWRITE, y, p.add(o.INDEX, x, params=(slice(0, 2),)), params=(slice(7, 9),))
    p.check(z)
    p.check(y, z, p.add("sub", z, y))
