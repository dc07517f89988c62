"""The first tier against the meaning of programs: elementwise rows to the bit, reductions to a few ulps, guards, memory, threads."""

import numpy as np
import pytest
from random_rows import Builder, build

from compiled_ops.table import ELEMENTWISE
from tape.compile import opcodes as o
from tape.compile.blocked import Blocked

SHAPES = [(), (1,), (7,), (3000,), (40, 60), (2, 3, 5)]


def builder(seed=0):
    return Builder(np.random.default_rng(seed))


def compare(program, arguments, ulps=0, **options):
    """Run twice, so that memory used again is seen; compare with the meaning."""
    blocked = Blocked(program, **options)
    wanted = program.run(arguments)
    for _ in range(2):
        for found, right in zip(blocked.run(arguments), wanted, strict=True):
            assert found.shape == right.shape and found.dtype == right.dtype
            if ulps and right.dtype.kind == "f":
                np.testing.assert_allclose(found, right, rtol=ulps * np.finfo(right.dtype).eps, atol=0)
            else:
                np.testing.assert_array_equal(found, right)
                assert not right.dtype.kind == "f" or np.array_equal(np.signbit(found), np.signbit(right)) or np.isnan(right).any()
    return blocked


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["f8", "f4"])
@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.name)
def test_elementwise_rows(row, dtype):
    for shape in SHAPES:
        b = builder(len(shape))
        inputs = [b.input(b.numbers(shape, dtype) * 3 - 2) for _ in row.inputs]
        made = b.append(row.name, inputs)
        b.program.outputs = [made, b.append(row.name, [made, *inputs[1:]])]
        compare(b.program, b.arguments)


@pytest.mark.parametrize("op", sorted(o.COMPARISONS | {o.ISNAN, o.ISINF, o.ISFINITE}), ids=o.name_of)
def test_comparisons(op):
    for shape, dtype in [(s, d) for s in SHAPES for d in (np.float64, np.float32, np.int64)]:
        b = builder()
        x, y = (b.input(np.round(b.numbers(shape) * 2).astype(dtype)) for _ in range(2))
        b.program.outputs = [b.append(op, (x, y) if op in o.COMPARISONS else (x,))]
        compare(b.program, b.arguments)


@pytest.mark.parametrize("op", sorted(o.LOGICAL), ids=o.name_of)
def test_logic(op):
    for shape in SHAPES:
        b = builder()
        x, y = (b.input(b.numbers(shape) > 1) for _ in range(2))
        b.program.outputs = [b.append(op, (x,) if op == o.NOT else (x, y))]
        compare(b.program, b.arguments)


@pytest.mark.parametrize("source", ["?", "i4", "i8", "f4", "f8", "c16"])
@pytest.mark.parametrize("target", ["?", "i4", "i8", "f4", "f8", "c16", "f2"])
def test_casts(source, target):
    for shape in SHAPES:
        b = builder()
        x = b.input(np.round(b.numbers(shape) * 2 - 1).astype(source))
        b.program.outputs = [b.append(o.CAST, (x,), np.dtype(target))]
        compare(b.program, b.arguments)


@pytest.mark.parametrize("dtype", ["?", "i4", "i8", "f4", "f8", "c16"])
def test_select(dtype):
    for shape in SHAPES:
        b = builder()
        mask = b.input(b.numbers(shape) > 1)
        x, y = (b.input((b.numbers(shape) * 4).astype(dtype)) for _ in range(2))
        b.program.outputs = [b.append(o.SELECT, (mask, x, y))]
        compare(b.program, b.arguments)


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8"])
@pytest.mark.parametrize("shape", SHAPES)
def test_strong_is_a_choice_or_passes_on(shape, dtype):
    b = builder()
    g = b.input(np.round(b.numbers(shape)).astype(dtype) - np.ones((), dtype))
    found = b.input(b.numbers(shape).astype(dtype))
    b.program.outputs = [b.append(o.STRONG, (g, found))]
    compare(b.program, b.arguments, exact=True)
    np.testing.assert_array_equal(Blocked(b.program).run(b.arguments)[0], b.values[found])


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["f8", "f4"])
@pytest.mark.parametrize("op", [o.SUM, o.PROD, o.AMAX, o.AMIN], ids=o.name_of)
@pytest.mark.parametrize(
    ("shape", "axes"),
    [((5000,), (0,)), ((70, 30), (0,)), ((70, 30), (1,)), ((70, 30), (0, 1)), ((6, 5, 40), (1,)), ((6, 5, 40), (0, 2)), ((6, 5, 40), (1, 2)),
     ((6, 5, 40), (0, 1)), ((3, 5000), (1,)), ((5000, 3), (0,)), ((3, 5000), (0,)), ((4, 1), (1,)), ((1, 4), (0,)), ((1,), (0,)), ((), ())],
)  # fmt: skip
def test_reductions(op, shape, axes, dtype):
    for keepdims in (False, True):
        b = builder()
        x = b.input(b.numbers(shape) ** (0.01 if op == o.PROD else 1))
        y = b.append(o.CAST, (x,), np.dtype(dtype))
        z = b.append("mul", (y, y))
        made = [b.append(op, (source,), (axes, keepdims)) for source in (y, z)]
        b.program.outputs = [*made, b.append("neg", (made[1],))]
        compare(b.program, b.arguments, ulps=(0 if op in (o.AMAX, o.AMIN) else 60))


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 1)])
def test_extremes_pass_nan_on(axes):
    for op in (o.AMAX, o.AMIN):
        b = builder()
        values = b.numbers((50, 40))
        values[3, 5] = values[49, 39] = values[0, 0] = np.nan
        b.program.outputs = [b.append(op, (b.input(values),), (axes, False))]
        compare(b.program, b.arguments)


def test_reductions_of_bools_and_integers():
    for op, dtype in [(o.ANY, "?"), (o.ALL, "?"), (o.SUM, "i8"), (o.AMAX, "i4")]:
        b = builder()
        b.program.outputs = [b.append(op, (b.input((b.numbers((30, 40)) > 1).astype(dtype)),), ((0,), False))]
        compare(b.program, b.arguments)


VIEWS = [
    (o.RESHAPE, (60, 40)), (o.RESHAPE, (2400,)), (o.PERMUTE, (1, 0)), (o.INDEX, (slice(None, None, -1), slice(3, 50, 7))),
    (o.INDEX, (slice(2, None), None, slice(None, -1))), (o.INDEX, (5, slice(None))), (o.INDEX, (slice(None), 7)), (o.INDEX, (-1, -2)),
    (o.EXPAND, (3, 40, 60)), (o.SCATTER, ((42, 63), (slice(1, -1), slice(2, 62)))), (o.CONCATENATE, 1),
]  # fmt: skip


@pytest.mark.parametrize(("op", "params"), VIEWS, ids=[f"{o.name_of(op)}-{k}" for k, (op, _) in enumerate(VIEWS)])
@pytest.mark.parametrize("dtype", ["f8", "f4", "?", "c16"])
def test_views_of_inputs_and_of_results(op, params, dtype):
    b = builder()
    x = b.input((b.numbers((40, 60)) - 1).astype(dtype))
    y = b.append(o.NOT if dtype == "?" else "neg", (x,))
    outputs = []
    for source in (x, y):
        made = b.append(op, (source, source) if op == o.CONCATENATE else (source,), params)
        again = b.append(
            o.RESHAPE, (b.append(o.PERMUTE, (made,), tuple(reversed(range(b.values[made].ndim)))),), (b.values[made].size,)
        )
        more = b.append(o.NOT if dtype == "?" else "square", (again,))
        outputs += [made, again, more]
    b.program.outputs = outputs
    compare(b.program, b.arguments)


def test_overwrite_and_assemble():
    b = builder()
    x, part = b.input(b.numbers((30, 20))), b.input(b.numbers((20,)))
    y = b.append(o.OVERWRITE, (x, part), (3, slice(None)))
    elements = [b.append(o.INDEX, (y,), (k, k)) for k in range(4)]
    made = b.append(o.ASSEMBLE, [b.append("exp", (e,)) for e in elements], ((2, 3), (0, 5, 2, 1), np.dtype(float)))
    b.program.outputs = [y, made, b.append("sin", (made,)), b.append(o.INDEX, (made,), (0, 1))]
    compare(b.program, b.arguments)


KEYS = [
    (slice(1, -1), slice(2, 62)), (slice(None, None, -2), slice(60, 3, -7)), (3, slice(None)), (slice(5, 6), -1), (-2, 7), (slice(4, 9),), 8,
    (None, slice(1, 3), 2), (slice(1, 3), None, slice(0, 4)), (Ellipsis, 0), (slice(3, 3), slice(None)), (2, None), (slice(None), slice(None)),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=str)
@pytest.mark.parametrize("dtype", ["f8", "f4", "?", "c16", "i8"])
def test_parts_in_larger_arrays(key, dtype):
    whole = np.zeros((42, 63))[key]
    b = builder()
    base = b.input((b.numbers((42, 63)) - 1).astype(dtype))
    part = b.input((b.numbers(whole.shape) - 1).astype(dtype))
    turned = b.append(o.PERMUTE, (b.input((b.numbers(whole.T.shape) - 1).astype(dtype)),), tuple(reversed(range(whole.ndim))))
    outputs = []
    for one in (part, turned, b.append(o.NOT if dtype == "?" else "neg", (part,))):
        made = [b.append(o.SCATTER, (one,), ((42, 63), key)), b.append(o.OVERWRITE, (base, one), key)]
        outputs += [*made, b.append(o.NOT_EQUAL, made)]
    fresh = b.append(o.NOT if dtype == "?" else "neg", (base,))
    b.program.outputs = [*outputs, b.append(o.OVERWRITE, (fresh, part), key)]
    compare(b.program, b.arguments)


def test_parts_are_joined_in_blocks():
    b = builder()
    x, y, z = (b.input(b.numbers(shape)) for shape in ((500, 3), (500, 1), (500, 7)))
    joined = b.append(o.CONCATENATE, (b.append("exp", (x,)), y, z, x), 1)
    b.program.outputs = [b.append("mul", (joined, b.append(o.SCATTER, (x,), ((500, 14), (slice(None), slice(2, 5))))))]
    blocked = compare(b.program, b.arguments)
    assert not any("NumPy" in line for line in blocked.describe())


@pytest.mark.parametrize(
    ("left", "right"), [((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((30, 40), (40, 50)), ((2, 3, 4), (4, 5))]
)
@pytest.mark.parametrize("dtype", ["f8", "f4", "c16"])
def test_matmul(left, right, dtype):
    b = builder()
    x, y = (b.input(b.numbers(shape).astype(dtype)) for shape in (left, right))
    made = b.append(o.MATMUL, (x, y))
    turned = b.append(o.MATMUL, (b.append(o.INDEX, (x,), (Ellipsis, slice(None, None, -1))), y)) if dtype != "c16" else made
    b.program.outputs = [made, b.append("neg", (made,)), turned]
    compare(b.program, b.arguments)


def test_rows_columns_and_numbers_broadcast():
    b = builder()
    full, row, column, one = (b.input(b.numbers(s)) for s in ((300, 40), (40,), (300, 1), ()))
    x = b.append("mul", (full, b.append("exp", (column,))))
    x = b.append("add", (b.append("sin", (row,)), x))
    x = b.append("div", (x, one))
    spread = b.append(o.EXPAND, (b.append("sqrt", (column,)),), (300, 40))
    x = b.append("sub", (x, spread))
    peak = b.append(o.AMAX, (x,), ((1,), True))
    x = b.append("sub", (x, b.append(o.EXPAND, (b.append("neg", (peak,)),), (300, 40))))
    b.program.outputs = [x, b.append(o.AMIN, (x,), ((0,), False)), peak]
    blocked = compare(b.program, b.arguments)
    assert sum("rows of 40" in line for line in blocked.describe()) <= 2


@pytest.mark.parametrize("shape", [(0,), (0, 4), (4, 0)])
def test_empty_arrays(shape):
    b = builder()
    x = b.input(np.empty(shape))
    y = b.append("exp", (b.append("mul", (x, x)),))
    b.program.outputs = [
        y,
        b.append(o.SUM, (y,), ((0,), False)),
        b.append(o.RESHAPE, (y,), (0,)),
        b.append(o.CAST, (y,), np.dtype("f4")),
    ]
    compare(b.program, b.arguments)


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["f8", "f4"])
@pytest.mark.parametrize("seed", range(60))
def test_random_programs(seed, dtype):
    rng = np.random.default_rng(seed)
    program, arguments, _ = build(rng, int(rng.choice([15, 40, 120])), dtype)
    precise = dtype is np.float64
    blocked, wanted = Blocked(program, exact=True), program.run(arguments)
    for _ in range(2):
        for row, found, right in zip(program.outputs, blocked.run(arguments), wanted, strict=True):
            assert found.dtype == right.dtype and found.shape == right.shape, program.line(row)
            np.testing.assert_allclose(
                found, right, rtol=1e-9 if precise else 2e-3, atol=1e-10 if precise else 1e-3, err_msg=program.line(row)
            )


def test_a_comparison_can_fail():
    """The harness above sees one wrong bit."""
    b = builder()
    b.program.outputs = [b.append("exp", (b.input(b.numbers((5,))),))]
    other = builder()
    other.program.outputs = [other.append("expm1", (other.input(b.arguments[0]),))]
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(Blocked(b.program).run(b.arguments)[0], other.program.run(b.arguments)[0])
