"""Dtypes: what mixed operations give, what dtype gradients have, and the shapes of broadcast gradients.

PyTorch's default, float32, is set throughout: with float64 most of the categories would fall together.
"""

import numpy as np
import pytest
from under_test import leaf, near, same, torch

pytestmark = pytest.mark.default_dtype("float32")

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64"]
# fmt: off
SUMS = [  # of arrays of two dtypes: one line a dtype, columns as in DTYPES
    ("bool",    "bool    uint8   int8    int16   int32   int64   float32 float64"),
    ("uint8",   "uint8   uint8   int16   int16   int32   int64   float32 float64"),
    ("int8",    "int8    int16   int8    int16   int32   int64   float32 float64"),
    ("int16",   "int16   int16   int16   int16   int32   int64   float32 float64"),
    ("int32",   "int32   int32   int32   int32   int32   int64   float32 float64"),
    ("int64",   "int64   int64   int64   int64   int64   int64   float32 float64"),
    ("float32", "float32 float32 float32 float32 float32 float32 float32 float64"),
    ("float64", "float64 float64 float64 float64 float64 float64 float64 float64"),
]
# fmt: on
PAIRS = [(a, b, c) for a, row in SUMS for b, c in zip(DTYPES, row.split(), strict=True)]
RANK = {"bool": 0, "uint8": 1, "int8": 1, "int16": 1, "int32": 1, "int64": 1, "float32": 2, "float64": 2}


def ones(dtype, shape=(2,)):
    return torch.ones(shape, dtype=getattr(torch, dtype))


@pytest.mark.parametrize("a, b, expected", PAIRS)
def test_sums_of_arrays(a, b, expected):
    assert (ones(a) + ones(b)).dtype == getattr(torch, expected)
    assert torch.promote_types(getattr(torch, a), getattr(torch, b)) == getattr(torch, expected)


@pytest.mark.parametrize("a, b, expected", PAIRS)
def test_scalars_raise_the_category_only(a, b, expected):
    wanted = a if RANK[a] >= RANK[b] else b
    assert (ones(a) * ones(b, ())).dtype == getattr(torch, wanted)
    assert (ones(b, ()) * ones(a)).dtype == getattr(torch, wanted)
    assert (ones(a, ()) * ones(b, ())).dtype == getattr(torch, expected)


# fmt: off
MIXED = [
    ("float32 and a float",           lambda: ones("float32") * 2.5,              "float32"),
    ("float32 and a NumPy float",     lambda: ones("float32") * np.float64(2.5),  "float32"),
    ("float64 and a float",           lambda: ones("float64") * 2.5,              "float64"),
    ("int64 and a float",             lambda: ones("int64") * 2.5,                "float32"),
    ("int32 and an int",              lambda: ones("int32") + 2,                  "int32"),
    ("bool and an int",               lambda: ones("bool") + 2,                   "int64"),
    ("bool and a bool",               lambda: ones("bool") * True,                "bool"),
    ("quotient of integers",          lambda: ones("int64") / ones("int64"),      "float32"),
    ("quotient of int and number",    lambda: ones("int64") / 2,                  "float32"),
    ("floor quotient of integers",    lambda: ones("int64") // ones("int64"),     "int64"),
    ("sum of booleans",               lambda: ones("bool").sum(),                 "int64"),
    ("sum of int32",                  lambda: ones("int32").sum(),                "int64"),
    ("sum of int32 as float64",       lambda: ones("int32").sum(dtype=torch.float64), "float64"),
    ("prod of int8",                  lambda: ones("int8").prod(),                "int64"),
    ("cumsum of int32",               lambda: ones("int32").cumsum(0),            "int64"),
    ("sum of float32",                lambda: ones("float32").sum(),              "float32"),
    ("sin of integers",               lambda: ones("int64").sin(),                "float32"),
    ("sqrt of float64",               lambda: ones("float64").sqrt(),             "float64"),
    ("abs of integers",               lambda: abs(ones("int32")),                 "int32"),
    ("square of integers",            lambda: ones("int64") ** 2,                 "int64"),
    ("integers to a float power",     lambda: ones("int64") ** 0.5,               "float32"),
    ("comparison",                    lambda: ones("float32") < 2,                "bool"),
    ("argmax",                        lambda: ones("float32").argmax(),           "int64"),
    ("where of two floats",           lambda: torch.where(ones("bool"), ones("float32"), ones("float64")),
                                                                                  "float64"),
    ("cat of two floats",             lambda: torch.cat([ones("float32"), ones("float64")]), "float64"),
    ("maximum of int and float",      lambda: torch.maximum(ones("int64"), ones("float32")), "float32"),
    ("tensor of a float",             lambda: torch.tensor(1.0),                  "float32"),
    ("tensor of an int",              lambda: torch.tensor(1),                    "int64"),
    ("tensor of a NumPy float",       lambda: torch.tensor(np.float64(1.0)),      "float64"),
    ("tensor of a list of them",      lambda: torch.tensor([np.float64(1.0)]),    "float64"),
    ("tensor of an array",            lambda: torch.tensor(np.ones(2)),           "float64"),
    ("from_numpy",                    lambda: torch.from_numpy(np.ones(2, np.float32)), "float32"),
    ("zeros",                         lambda: torch.zeros(2),                     "float32"),
    ("zeros_like",                    lambda: torch.zeros_like(ones("int32")),    "int32"),
    ("arange of ints",                lambda: torch.arange(3),                    "int64"),
    ("arange of floats",              lambda: torch.arange(0.0, 1.0, 0.5),        "float32"),
    ("linspace",                      lambda: torch.linspace(0, 1, 3),            "float32"),
    ("full of an int",                lambda: torch.full((2,), 3),                "int64"),
    ("full of a float",               lambda: torch.full((2,), 3.0),              "float32"),
    ("eye",                           lambda: torch.eye(2),                       "float32"),
    ("randn",                         lambda: torch.randn(2),                     "float32"),
    ("long of a float",               lambda: ones("float64").long(),             "int64"),
    ("to a dtype",                    lambda: ones("int64").to(torch.float64),    "float64"),
    ("to another's dtype",            lambda: ones("int64").type_as(ones("float64")), "float64"),
]
# fmt: on


@pytest.mark.parametrize("make, expected", [case[1:] for case in MIXED], ids=[case[0] for case in MIXED])
def test_mixed_operations(make, expected):
    assert make().dtype == getattr(torch, expected)


@pytest.mark.parametrize("default", ["float32", "float64"])
def test_the_default_dtype(default):
    torch.set_default_dtype(getattr(torch, default))
    try:
        assert torch.get_default_dtype() == getattr(torch, default)
        assert torch.tensor(1.5).dtype == torch.zeros(1).dtype == getattr(torch, default)
        assert (torch.arange(3) / 2).dtype == getattr(torch, default)
    finally:
        torch.set_default_dtype(torch.float32)


# Gradients.


@pytest.mark.parametrize("first", ["float32", "float64"])
@pytest.mark.parametrize("second", ["float32", "float64"])
def test_gradients_have_the_dtype_of_their_leaf(first, second):
    x, w = leaf([1.0, 2.0], getattr(torch, first)), leaf([3.0, 4.0], getattr(torch, second))
    y = x * w
    assert y.dtype == (torch.float32 if first == second == "float32" else torch.float64)
    y.sum().backward()
    assert x.grad.dtype == x.dtype and w.grad.dtype == w.dtype
    same(x.grad, [3.0, 4.0])
    same(w.grad, [1.0, 2.0])


def test_gradients_through_casts():
    x = leaf([1.0, 2.0])
    y = x.double().sin().float()
    assert y.dtype == torch.float32
    y.sum().backward()
    assert x.grad.dtype == torch.float32
    near(x.grad, np.cos([1.0, 2.0]), rtol=1e-6)


def test_gradients_of_scalars_mixed_with_arrays():
    x, w = leaf([1.0, 2.0]), leaf(3.0, torch.float64)
    y = x * w
    assert y.dtype == torch.float32
    y.sum().backward()
    assert x.grad.dtype == torch.float32 and w.grad.dtype == torch.float64
    same(w.grad, 3.0)


def test_integers_are_constants_of_float_operations():
    x = leaf([1.0, 2.0])
    (x * torch.tensor([3, 4]) + torch.tensor(True)).sum().backward()
    assert x.grad.dtype == torch.float32
    same(x.grad, [3.0, 4.0])


def test_float32_is_computed_in_float32():
    x = leaf([16777216.0])
    y = x + 1
    assert y.item() == 16777216.0
    assert (torch.tensor([1.0]) / 3).item() == float(np.float32(1) / np.float32(3))


# Broadcasting.

SHAPES = [
    ((), (3,)),
    ((), ()),
    ((1,), (3,)),
    ((3,), (2, 3)),
    ((2, 1), (1, 3)),
    ((2, 1), (3,)),
    ((2, 3), ()),
    ((1, 1, 1), (2, 3)),
    ((4, 1, 3), (2, 1)),
    ((1,), ()),
    ((0,), (1,)),
    ((2, 0), (2, 1)),
    ((2, 0), ()),
]


@pytest.mark.parametrize("left, right", SHAPES)
@pytest.mark.parametrize("swap", [False, True])
def test_gradients_have_the_shape_of_their_leaf(left, right, swap):
    if swap:
        left, right = right, left
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=left), rng.normal(size=right)
    x, w = leaf(a.tolist(), torch.float64), leaf(b.tolist(), torch.float64)
    if 0 in left:
        x = torch.zeros(left, dtype=torch.float64, requires_grad=True)
    if 0 in right:
        w = torch.zeros(right, dtype=torch.float64, requires_grad=True)
    y = x * w
    assert tuple(y.shape) == np.broadcast_shapes(left, right)
    y.sum().backward()
    assert tuple(x.grad.shape) == left and tuple(w.grad.shape) == right
    full = np.broadcast_shapes(left, right)
    near(x.grad, summed_to(np.broadcast_to(b, full), left))
    near(w.grad, summed_to(np.broadcast_to(a, full), right))


def summed_to(array, shape):
    """The sum of `array` over the axes along which `shape` was broadcast."""
    array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    axes = tuple(i for i, n in enumerate(shape) if n == 1 and array.shape[i] != 1)
    return array.sum(axis=axes, keepdims=True) if axes else array


def test_where_broadcasts_its_three_inputs():
    x, w = leaf([1.0, 2.0]), leaf([[10.0], [20.0]])
    torch.where(torch.tensor([True, False]), x, w).sum().backward()
    same(x.grad, [2.0, 0.0])
    same(w.grad, [[1.0], [1.0]])


def test_matmul_broadcasts_its_batches():
    a = torch.ones(4, 1, 2, 3, requires_grad=True)
    b = torch.ones(5, 3, 2, requires_grad=True)
    y = a @ b
    assert tuple(y.shape) == (4, 5, 2, 2)
    y.sum().backward()
    same(a.grad, np.full((4, 1, 2, 3), 10.0))
    same(b.grad, np.full((5, 3, 2), 8.0))
