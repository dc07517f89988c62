"""Dtype conversions with their gradients, what a Tensor says of itself, comparisons, logic, bits, closeness."""

import importlib
import math

import numpy as np
import pytest
from under_test import leaf, near, numbers, torch

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
SHORT = {
    "double": "float64", "float": "float32", "half": "float16", "bfloat16": "bfloat16", "int": "int32", "long": "int64", "short": "int16",
    "bool": "bool", "char": "int8", "byte": "uint8", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip


@pytest.mark.parametrize("source", [n for n in NAMES if "complex" not in n])
@pytest.mark.parametrize("target", NAMES)
def test_to(source, target):
    x = torch.tensor([0.0, 1.0, 2.0]).to(getattr(torch, source))
    found = x.to(getattr(torch, target))
    assert found.dtype == getattr(torch, target)
    assert (found is x) == (source == target)
    assert found.to(torch.complex128).tolist() == [0, 1, 1 if "bool" in (source, target) else 2]


@pytest.mark.parametrize("method, dtype", SHORT.items())
def test_short_forms(method, dtype):
    x = torch.tensor([0.0, 2.0])
    found = getattr(x, method)()
    assert found.dtype == getattr(torch, dtype)
    assert getattr(found, method)() is found


def test_forms_of_to():
    x, other = torch.ones(2), torch.ones(1, dtype=torch.float32)
    assert x.to("cpu") is x and x.to("cpu", torch.float32).dtype == torch.float32 and x.to(other).dtype == torch.float32
    assert x.to(dtype=torch.int64).dtype == torch.int64 and x.type_as(other).dtype == torch.float32 and x.cpu() is x
    copied = x.to(torch.float64, copy=True)
    assert copied is not x and copied.tolist() == [1.0, 1.0]


def test_type_names():
    assert torch.ones(1).type() == "torch.DoubleTensor"
    assert torch.ones(1).type("torch.FloatTensor").dtype == torch.ones(1).type(torch.float32).dtype == torch.float32


def test_gradients_come_back_in_the_dtype_of_the_input():
    x = leaf([1.0, 2.0])
    y = x.float()
    (y * y).sum().backward()
    assert x.grad.dtype == torch.float64 and x.grad.tolist() == [2.0, 4.0]
    assert type(y.grad_fn).__name__ == "ToCopyBackward0"
    assert not x.long().requires_grad and x.long().grad_fn is None


def test_second_gradients_through_a_cast():
    x = leaf([1.0, 2.0])
    (g,) = torch.autograd.grad((x.float() ** 3).sum(), x, create_graph=True)
    (h,) = torch.autograd.grad(g.sum(), x)
    near(h, [6.0, 12.0])


def test_what_a_tensor_says():
    x = torch.zeros(2, 3)
    assert torch.is_tensor(x) and not torch.is_tensor(np.ones(2))
    assert x.dim() == x.ndimension() == 2 and x.numel() == x.nelement() == torch.numel(x) == 6
    assert tuple(x.size()) == (2, 3) and x.size(0) == 2 and x.size(-1) == 3 and x.size().numel() == 6
    assert x.stride() == (3, 1) and x.stride(0) == 3 and x.T.stride() == (1, 3)
    assert x.is_contiguous() and not x.T.is_contiguous() and torch.tensor(1.0).is_contiguous()
    assert x.element_size() == 8 and x[1].storage_offset() == 3 and x.get_device() == -1
    assert x.is_floating_point() and not x.is_complex() and x.is_signed()
    assert not torch.is_floating_point(torch.tensor(1)) and torch.is_complex(torch.tensor(1j))
    assert torch.tensor(1.0).stride() == () and torch.tensor(1.0).numel() == 1


# fmt: off
PAIRS = [  # operands of comparisons
    ("floats",           lambda m: (m.tensor([1.0, 2.0, math.nan]), m.tensor([1.0, 1.0, math.nan]))),
    ("broadcast",        lambda m: (m.tensor([[1.0], [2.0]]), m.tensor([1.0, 2.0]))),
    ("int and float",    lambda m: (m.tensor([1, 2]), m.tensor([1.0, 2.5]))),
    ("a number",         lambda m: (m.tensor([1.0, 2.0]), 1.5)),
    ("an int",           lambda m: (m.tensor([1.0, 2.0]), 2)),
    ("ints and a float", lambda m: (m.tensor([1, 2]), 1.5)),
    ("0-d",              lambda m: (m.tensor(1.0), m.tensor(2.0))),
    ("0-d and a float",  lambda m: (m.tensor(1.0), 1.0)),
    ("0-d beside more",  lambda m: (m.tensor(1.0), m.tensor([1.0, 2.0]))),
    ("bools",            lambda m: (m.tensor([True, False]), m.tensor([True, True]))),
    ("bool and int",     lambda m: (m.tensor([True, False]), 1)),
    ("empty",            lambda m: (m.zeros(0), 1.0)),
    ("float32 of 0.1",   lambda m: (m.tensor([0.1], dtype=m.float32), 0.1)),
    ("bytes",            lambda m: (m.tensor([200], dtype=m.uint8), m.tensor([-56], dtype=m.int8))),
]
OPERATORS = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b,
}
LOGIC = [
    ("logical_and",  lambda m: m.logical_and(m.tensor([0, 1, 2]), m.tensor([1.0, 0.0, 3.0])),   [False, False, True]),
    ("logical_or",   lambda m: m.logical_or(m.tensor([0, 1, 0]), m.tensor([1.0, 0.0, 0.0])),    [True, True, False]),
    ("logical_xor",  lambda m: m.logical_xor(m.tensor([0, 1, 2]), m.tensor([1.0, 0.0, 3.0])),   [True, True, False]),
    ("logical_not",  lambda m: m.logical_not(m.tensor([0.0, 2.0])),                             [True, False]),
    ("~ of a mask",  lambda m: ~m.tensor([True, False]),                                        [False, True]),
    ("~ of ints",    lambda m: ~m.tensor([0, 5]),                                               [-1, -6]),
    ("&",            lambda m: m.tensor([True, False]) & m.tensor([True, True]),                [True, False]),
    ("& of ints",    lambda m: m.tensor([6, 5]) & 3,                                            [2, 1]),
    ("reflected &",  lambda m: 3 & m.tensor([6, 5]),                                            [2, 1]),
    ("|",            lambda m: m.tensor([True, False]) | m.tensor([False, False]),              [True, False]),
    ("| mixed",      lambda m: m.tensor([True, False]) | m.tensor([4, 4]),                      [5, 4]),
    ("^",            lambda m: m.tensor([6, 5]) ^ m.tensor([3, 3]),                             [5, 6]),
    ("<<",           lambda m: m.tensor([1, 3]) << 2,                                           [4, 12]),
    (">>",           lambda m: m.tensor([-8, 9]) >> m.tensor([1, 2]),                           [-4, 2]),
    ("bitwise_and",  lambda m: m.bitwise_and(m.tensor([6]), m.tensor([3])),                     [2]),
    ("bitwise_or",   lambda m: m.bitwise_or(m.tensor([6]), 1),                                  [7]),
    ("bitwise_xor",  lambda m: m.bitwise_xor(m.tensor([6]), 3),                                 [5]),
    ("bitwise_not",  lambda m: m.bitwise_not(m.tensor([6])),                                    [-7]),
    ("bitwise_left_shift", lambda m: m.bitwise_left_shift(m.tensor([6]), 1),                    [12]),
    ("isnan",        lambda m: m.isnan(m.tensor([math.nan, 1.0, math.inf])),                    [True, False, False]),
    ("isinf",        lambda m: m.isinf(m.tensor([math.nan, -math.inf])),                        [False, True]),
    ("isfinite",     lambda m: m.tensor([math.nan, 1.0, math.inf]).isfinite(),                  [False, True, False]),
    ("isnan of ints", lambda m: m.isnan(m.tensor([1])),                                         [False]),
    ("isnan bfloat16", lambda m: m.isnan(m.tensor([math.nan, 1.0], dtype=m.bfloat16)),          [True, False]),
    ("isclose",      lambda m: m.isclose(m.tensor([1.0, 1.0, math.inf, math.inf]), m.tensor([1 + 1e-6, 1.1, math.inf, 1.0])), [True, False, True, False]),
    ("isclose NaN",  lambda m: m.isclose(m.tensor([math.nan]), m.tensor([math.nan]), equal_nan=True), [True]),
    ("isclose ints", lambda m: m.isclose(m.tensor([1, 2]), m.tensor([1, 3])),                   [True, False]),
]
ERRORS = [
    ("another device",      (RuntimeError, AssertionError), lambda: torch.ones(1).to("cuda")),
    ("no dtype",            (TypeError, RuntimeError),      lambda: torch.ones(1).to("float32")),
    ("numel of a number",   TypeError,           lambda: torch.numel(3)),
    ("isnan of a number",   TypeError,           lambda: torch.isnan(3.0)),
    ("no dimension",        IndexError,          lambda: torch.ones(2).size(5)),
    ("no stride",           IndexError,          lambda: torch.ones(2).stride(5)),
    ("order with None",     TypeError,           lambda: torch.ones(2) < None),
    ("eq with text",        TypeError,           lambda: torch.eq(torch.ones(2), "a")),
    ("sizes",               RuntimeError,        lambda: torch.ones(2) < torch.ones(3)),
    ("complex order",       RuntimeError,        lambda: torch.tensor(1j) < 1),
    ("~ of floats",         TypeError,           lambda: ~torch.ones(2)),
    ("& of floats",         NotImplementedError, lambda: torch.ones(2) & torch.ones(2)),
    ("isclose dtypes",      RuntimeError,        lambda: torch.isclose(torch.ones(2), torch.ones(2, dtype=torch.float32))),
    ("allclose dtypes",     RuntimeError,        lambda: torch.allclose(torch.ones(2), torch.ones(2, dtype=torch.float32))),
    ("unknown type",        ValueError,          lambda: torch.ones(2).type("torch.FooTensor")),
]
# fmt: on
pairs = pytest.mark.parametrize("operands", [row[1] for row in PAIRS], ids=[row[0] for row in PAIRS])


@pairs
@pytest.mark.parametrize("name", OPERATORS)
def test_comparisons(name, operands):
    a, b = operands(torch)
    values = [numbers(t) if torch.is_tensor(t) else t for t in (a, b)]
    found = OPERATORS[name](a, b)
    assert found.dtype == torch.bool and not found.requires_grad
    expected = OPERATORS[name](
        *(np.asarray(v, dtype=values[0].dtype if np.ndim(v) == 0 and values[0].dtype.kind == "f" else None) for v in values)
    )
    assert np.array_equal(numbers(found), expected)
    assert torch.equal(getattr(torch, name)(a, b), found) and torch.equal(getattr(a, name)(b), found)


@pytest.mark.oracle
@pairs
@pytest.mark.parametrize("name", OPERATORS)
def test_comparisons_against_the_oracle(name, operands):
    reference = importlib.import_module("torch")
    assert OPERATORS[name](*operands(torch)).tolist() == OPERATORS[name](*operands(reference)).tolist()


@pytest.mark.parametrize("f, expected", [row[1:] for row in LOGIC], ids=[row[0] for row in LOGIC])
def test_logic_and_bits(f, expected):
    assert f(torch).tolist() == expected


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


def test_comparison_with_what_is_no_number():
    x = torch.ones(2)
    assert (x == None) is False and (x != None) is True and (x == "a") is False  # noqa: E711


def test_reflected_comparisons():
    x = torch.tensor([1.0, 2.0])
    assert (1.5 < x).tolist() == [False, True] and (2 == x).tolist() == [False, True]


def test_masks_have_no_history():
    x = leaf([1.0, 2.0])
    for mask in (x > 1, torch.isnan(x), torch.logical_not(x), torch.isclose(x, x)):
        assert not mask.requires_grad and mask.grad_fn is None and mask.dtype == torch.bool


def test_all_close_and_equal():
    x = torch.tensor([1.0, 2.0])
    assert torch.allclose(x, x + 1e-9) and not torch.allclose(x, x + 1) and x.allclose(x)
    assert torch.allclose(x, torch.tensor(1.0), atol=1.0) and not torch.allclose(x * math.nan, x * math.nan)
    assert torch.allclose(x * math.nan, x * math.nan, equal_nan=True)
    assert torch.equal(x, x.clone()) and not torch.equal(x, torch.ones(3)) and not torch.equal(x, x + 1)
    assert torch.equal(torch.tensor(1.0), torch.tensor(1.0)) and torch.equal(torch.zeros(0), torch.zeros(0))


def test_comparisons_of_scalars_steer_python():
    x = leaf(2.0)
    while x < 10:
        x = x * 2
    assert x.item() == 16.0 and bool(x > 10) and not bool(x == 10.0)


@pytest.mark.parametrize("values", [[1, 2], [True, False], [1j, 2.0], [1.5]])
def test_a_copy_as_ndarray_keeps_the_dtype(values):
    t = torch.tensor(values)
    for made in (np.array(t), np.asarray(t), np.array(t, copy=True)):
        assert made.dtype == t.numpy().dtype and made.tolist() == values
    assert not np.shares_memory(np.array(t), t.numpy()) and np.array(t, dtype=np.complex64).dtype == np.complex64
