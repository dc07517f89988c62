"""Two operands that broadcast: the short way gives the bits of NumPy and the rows and gradients of the careful one.

The reference is what `expand` and an operation on operands of one shape record.
"""

from __future__ import annotations

import numpy as np
import pytest

import tape
from tape.values import broadcasting, outer_products, pair, short_side

SHAPES = [
    ((3, 4), (4,)), ((4,), (3, 4)), ((3, 1), (1, 4)), ((2, 1, 5), (3, 5)), ((1,), (6,)), ((), (5,)), ((5,), ()),
    ((0, 3), (3,)), ((300, 1, 5), (7, 5)), ((7, 5), (300, 1, 5)), ((900, 5), (900, 1)), ((2, 500, 1, 3), (2, 1, 4, 3)),
    ((1, 4000, 2), (1, 1, 2)), ((50, 1, 30), (40, 30)), ((200, 8, 1, 3), (200, 1, 4, 1)),
]  # fmt: skip
OPERATIONS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.true_divide, "maximum": np.maximum, "hypot": np.hypot}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_values_and_gradients(shapes, dtype):
    rng = np.random.default_rng(len(shapes[0]) + sum(shapes[1]))
    a, b = (rng.uniform(0.5, 2.0, shape).astype(dtype) for shape in shapes)
    out = np.broadcast_shapes(*shapes)
    weights = tape.tensor(rng.uniform(-1, 1, out).astype(dtype))
    for name, reference in OPERATIONS.items():
        for needs in ((True, True), (True, False), (False, True), (False, False)):
            leaves = [tape.tensor(x, requires_grad=need) for x, need in zip((a, b), needs, strict=True)]
            found = getattr(tape, name)(*leaves)
            assert found.dtype == dtype and found.requires_grad == any(needs)
            if name != "hypot":
                assert np.array_equal(found.detach().numpy(), reference(a, b)), name
            careful = [tape.tensor(x, requires_grad=need) for x, need in zip((a, b), needs, strict=True)]
            wide = getattr(tape, name)(*(t.expand(out) for t in careful))
            assert np.array_equal(found.detach().numpy(), wide.detach().numpy()), name
            if any(needs):
                (found * weights).sum().backward()
                (wide * weights).sum().backward()
            for mine, theirs in zip(leaves, careful, strict=True):
                assert (mine.grad is None) == (theirs.grad is None)
                if mine.grad is not None:
                    assert np.array_equal(mine.grad.numpy(), theirs.grad.numpy()), name


@pytest.mark.parametrize(
    "shapes, side",
    [
        (((300, 1, 5), (7, 5)), (0, 300, 7, 5)),
        (((7, 5), (300, 1, 5)), (1, 300, 7, 5)),
        (((900, 5), (900, 1)), (1, 900, 5, 1)),
        (((2, 500, 1, 3), (2, 1, 4, 3)), (0, 1000, 4, 3)),
        (((200, 8, 1, 3), (200, 1, 4, 1)), None),  # one operand written out would not help
        (((50, 1, 30), (40, 30)), None),  # long enough
        (((30, 1, 5), (7, 5)), None),  # too few
        (((4000, 5), (5,)), (1, 1, 4000, 5)),
    ],
    ids=str,
)
def test_an_operand_is_written_out_where_numpy_would_crawl(shapes, side):
    assert short_side(*shapes, np.broadcast_shapes(*shapes)) == side
    if side is not None:
        a, b = (np.random.default_rng(1).standard_normal(shape) for shape in shapes)
        assert np.array_equal(broadcasting(np.subtract, a, b, np.broadcast_shapes(*shapes), side), a - b)


def test_warnings_as_errors_leave_the_values_alone():
    a, b = np.ones((300, 1, 5)), np.zeros((7, 5))
    with np.errstate(all="raise"):
        found = tape.tensor(a, requires_grad=True) / tape.tensor(b)
    assert np.all(np.isinf(found.detach().numpy()))


def test_the_first_call_of_all_may_write_an_operand_out():
    a, b = np.linspace(1, 2, 1500).reshape(300, 1, 5), np.linspace(2, 3, 35).reshape(7, 5)
    f = pair("logaddexp")[0]
    assert np.array_equal(broadcasting(f, a, b, (300, 7, 5), (0, 300, 7, 5)), f(a, b))


def test_no_shape_in_common():
    with pytest.raises(RuntimeError, match="do not broadcast"):
        tape.ones(3, requires_grad=True) + tape.ones(4)


def test_inference_tensors_and_other_tapes_take_the_careful_way():
    with tape.inference_mode():
        fixed = tape.ones(2, 3)
    x = tape.ones(2, 3, requires_grad=True)
    with pytest.raises(RuntimeError, match="inference tensor"):
        x * fixed
    first = x * 2.0
    first.sum().backward(retain_graph=True)
    again = (first * tape.tensor([1.0, 2.0, 3.0], requires_grad=True)).sum()
    x.grad = None
    again.backward()
    assert x.grad.tolist() == [[2.0, 4.0, 6.0], [2.0, 4.0, 6.0]]


@pytest.mark.parametrize("first, second", [("d", "d"), ("f", "f"), ("d", "f"), ("D", "D")])
@pytest.mark.parametrize("shape", [(3, 2, 4), (40, 30, 5), (64, 1, 128), (0, 4, 3), (5000, 2, 1)])
def test_outer_products_of_pairs(shape, first, second):
    count, n, m = shape
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(n, count)).astype(first).T, rng.normal(size=(count, 2 * m)).astype(second)[:, ::2]
    a[:1], b[-1:] = -0.0, np.inf
    with np.errstate(all="ignore"):
        found, expected = outer_products(a, b), a[:, :, None] * b[:, None, :]
    assert found.dtype == expected.dtype and found.shape == shape
    np.testing.assert_array_equal(found, expected)
    known = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found.real[known]), np.signbit(expected.real[known]))
