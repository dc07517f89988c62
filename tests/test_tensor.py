"""Tensors as values: attributes, conversions, arithmetic with numbers and arrays, copies, printing."""

import copy
import math

import numpy as np
import pytest
from under_test import leaf, near, numbers, plain, same, torch

# Attributes.


def test_shape_and_size():
    x = torch.zeros(2, 3)
    assert tuple(x.shape) == (2, 3) and tuple(x.size()) == (2, 3)
    assert x.shape[0] == 2 and x.size(1) == 3 and x.size(-1) == 3
    assert x.ndim == 2 and x.dim() == 2 and x.numel() == 6
    assert x.shape == (2, 3)
    assert x.element_size() == 8 and x.itemsize == 8 and x.nbytes == 48


def test_flags_of_leaves_and_others():
    c, x = torch.ones(2), leaf([1.0, 2.0])
    y = x * 2
    assert (c.is_leaf, c.requires_grad, c.grad_fn, c.grad) == (True, False, None, None)
    assert (x.is_leaf, x.requires_grad, x.grad_fn, x.grad) == (True, True, None, None)
    assert (y.is_leaf, y.requires_grad) == (False, True)
    assert (c * 2).is_leaf and not (c * 2).requires_grad
    assert x.output_nr == 0 and y.output_nr == 0


def test_requires_grad_is_set_and_unset():
    x = torch.ones(2)
    x.requires_grad = True
    y = x * 2
    x.requires_grad = False
    assert not (x * 2).requires_grad
    assert y.requires_grad
    assert x.requires_grad_() is x and x.requires_grad
    y.requires_grad_(True)


def test_transposes():
    x = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    same(x.T, [[1, 4], [2, 5], [3, 6]])
    same(x.mT, [[1, 4], [2, 5], [3, 6]])
    assert not x.T.is_contiguous() and x.T.contiguous().is_contiguous()


def test_no_copy_where_nothing_changes():
    x = torch.ones(2, 3)
    assert x.contiguous() is x
    assert x.to(torch.float64) is x and x.double() is x
    assert x.float() is not x


def test_unknown_attributes():
    assert not hasattr(torch.ones(2), "no_such_attribute")


# Conversions.


def test_item_gives_python_numbers():
    assert type(torch.tensor(1.5).item()) is float
    assert type(torch.tensor(2).item()) is int
    assert type(torch.tensor(True).item()) is bool
    assert torch.tensor([[3.5]]).item() == 3.5
    assert leaf(2.0).item() == 2.0 and (leaf([2.0]) * 3).item() == 6.0
    assert type(torch.tensor(1.5, dtype=torch.float32).item()) is float


@pytest.mark.filterwarnings("ignore:Converting a tensor with requires_grad")
def test_python_conversions():
    x = torch.tensor([2.75])
    assert float(x) == 2.75 and int(x) == 2 and bool(x) is True
    assert bool(torch.tensor(0.0)) is False and bool(torch.tensor(float("nan"))) is True
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert math.sqrt(torch.tensor(4.0)) == 2.0
    assert f"{torch.tensor(2.5):.2f}" == "2.50"
    assert complex(torch.tensor(2.0)) == 2 + 0j
    assert float(leaf(3.0) * 2) == 6.0


def test_tolist():
    assert torch.tensor([[1.0, 2.0], [3.0, 4.0]]).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert torch.tensor(1.5).tolist() == 1.5
    assert torch.tensor([1, 2]).tolist() == [1, 2]
    assert torch.zeros(0).tolist() == [] and torch.zeros(2, 0).tolist() == [[], []]
    assert leaf([1.0]).tolist() == [1.0]


def test_numpy_gives_an_array():
    x = torch.tensor([[1.0, 2.0]])
    array = x.numpy()
    assert type(array) is np.ndarray and array.dtype == np.float64 and array.shape == (1, 2)
    array[0, 0] = 7.0
    same(x, [[7.0, 2.0]])
    scalar = torch.tensor(3.0).numpy()
    assert type(scalar) is np.ndarray and scalar.shape == ()
    assert np.asarray(torch.tensor([1, 2])).tolist() == [1, 2]


def test_creation_from_arrays_and_numbers():
    assert torch.tensor(np.array([1.0, 2.0], dtype=np.float32)).dtype == torch.float32
    assert torch.tensor([1, 2]).dtype == torch.int64
    assert torch.tensor([True]).dtype == torch.bool
    assert torch.tensor([1, 2.5]).dtype == torch.float64
    assert torch.tensor([[]]).shape == (1, 0)
    assert torch.as_tensor(torch.ones(2)).shape == (2,)
    source = np.array([1.0, 2.0])
    shared = torch.as_tensor(source)
    source[0] = 5.0
    same(shared, [5.0, 2.0])


def test_iteration_and_length():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    rows = list(x)
    assert len(x) == 2 and len(rows) == 2
    first, second = x
    (first * second).sum().backward()
    same(x.grad, [[3.0, 4.0], [1.0, 2.0]])
    assert [t.item() for t in torch.tensor([5.0, 6.0])] == [5.0, 6.0]
    assert list(torch.zeros(0)) == []


def test_membership_and_hash():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0])
    assert 2.0 in x and 7.0 not in x
    assert len({x, y}) == 2 and {x: "x"}[x] == "x"
    assert hash(x) == hash(x)


# Arithmetic with numbers and arrays.

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "%": lambda a, b: a % b,
}
DERIVATIVES = {
    "+": (lambda a, b: 1.0, lambda a, b: 1.0),
    "-": (lambda a, b: 1.0, lambda a, b: -1.0),
    "*": (lambda a, b: b, lambda a, b: a),
    "/": (lambda a, b: 1 / b, lambda a, b: -a / b**2),
    "**": (lambda a, b: b * a ** (b - 1), lambda a, b: a**b * math.log(a)),
    "%": (lambda a, b: 1.0, lambda a, b: -float(a // b)),
}
NUMBERS = [3, 2.5, np.float64(2.5), np.int64(3)]


def kind(number):
    return type(number).__name__


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("number", NUMBERS, ids=kind)
@pytest.mark.parametrize("values", [1.75, [1.75, 4.0]], ids=["scalar", "array"])
def test_numbers_on_the_right(operator, number, values):
    x = leaf(values)
    y = OPERATORS[operator](x, number)
    near(y, OPERATORS[operator](np.array(values), float(number)))
    assert y.dtype == torch.float64 and y.requires_grad
    y.sum().backward()
    wanted = [DERIVATIVES[operator][0](float(v), float(number)) for v in np.ravel(values)]
    near(x.grad, np.reshape(wanted, np.shape(values)), rtol=1e-10)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("number", NUMBERS, ids=kind)
@pytest.mark.parametrize("values", [1.75, [1.75, 4.0]], ids=["scalar", "array"])
def test_numbers_on_the_left(operator, number, values):
    x = leaf(values)
    y = OPERATORS[operator](number, x)
    near(y, OPERATORS[operator](float(number), np.array(values)))
    assert y.dtype == torch.float64 and y.requires_grad
    if operator == "%":
        return
    y.sum().backward()
    wanted = [DERIVATIVES[operator][1](float(number), float(v)) for v in np.ravel(values)]
    near(x.grad, np.reshape(wanted, np.shape(values)), rtol=1e-10, atol=1e-15)


@pytest.mark.differs("the remainder has a derivative by its divisor")
def test_remainder_by_a_divisor_with_history():
    x = leaf([1.75, 4.0])
    (7.5 % x).sum().backward()
    same(x.grad, [-4.0, -1.0])


def test_booleans_count_as_numbers():
    x = leaf([1.75, 4.0])
    same(True + x * True, [2.75, 5.0])


@pytest.mark.differs("NumPy arrays are operands on either side")
@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "**"])
def test_numpy_arrays_on_either_side(operator):
    x, array = leaf([1.75, 4.0]), np.array([2.0, 3.0])
    right, left = OPERATORS[operator](x, array), OPERATORS[operator](array, x)
    near(right, OPERATORS[operator](np.array([1.75, 4.0]), array))
    near(left, OPERATORS[operator](array, np.array([1.75, 4.0])))
    (right + left).sum().backward()
    by_x, by_other = DERIVATIVES[operator]
    pairs = zip([1.75, 4.0], [2.0, 3.0], strict=True)
    near(x.grad, [by_x(v, a) + by_other(a, v) for v, a in pairs], rtol=1e-10)


@pytest.mark.differs("an array times a matrix records")
def test_matrix_products_with_numpy_arrays():
    x, array = leaf([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]])
    (array @ x).sum().backward()
    same(x.grad, [8.0, 10.0])
    (x @ array).sum().backward()
    same(x.grad, [15.0, 21.0])


@pytest.mark.differs("a NumPy function of a Tensor that requires grad records")
def test_numpy_functions_record():
    x = leaf([0.5, 1.5])
    np.sin(x).sum().backward()
    near(x.grad, np.cos([0.5, 1.5]), rtol=1e-10)


def test_floor_division():
    x = torch.tensor([7.0, -7.0])
    same(x // 2, [3.0, -4.0])
    same(7.0 // torch.tensor([2.0, -2.0]), [3.0, -4.0])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_remainder_has_the_sign_of_the_divisor(sign):
    x = torch.tensor([7.5, -7.5])
    same(x % (2 * sign), [7.5 % (2 * sign), -7.5 % (2 * sign)])


def test_unary_operators():
    x = leaf([-1.5, 2.0])
    same(+x, [-1.5, 2.0])
    same(-x, [1.5, -2.0])
    same(abs(x), [1.5, 2.0])
    same(~torch.tensor([True, False]), [False, True])
    same(torch.tensor([True, True]) & torch.tensor([True, False]), [True, False])
    same(torch.tensor([False, False]) | torch.tensor([True, False]), [True, False])


def test_division_by_zero_and_overflow_do_not_raise():
    zero, big = torch.tensor(0.0), torch.tensor(1e300)
    assert (1 / zero).item() == math.inf and (-1 / zero).item() == -math.inf
    assert math.isnan((zero / zero).item())
    assert (big * big).item() == math.inf and big.exp().item() == math.inf
    assert zero.log().item() == -math.inf and math.isnan((-big).log().item())
    assert math.isnan((torch.tensor(-8.0) ** (1 / 3)).item())
    assert (zero**-1).item() == math.inf and (big**2).item() == math.inf
    assert math.isnan((zero % 0).item()) and math.isnan(torch.tensor(math.inf).sin().item())


# Comparisons.


def test_comparisons_give_booleans():
    x, z = leaf([1.0, 2.0, 3.0]), torch.tensor([3.0, 2.0, 1.0])
    for result, expected in [
        (x < z, [True, False, False]),
        (x <= 2, [True, True, False]),
        (x == z, [False, True, False]),
        (x != z, [True, False, True]),
        (2 < x, [False, False, True]),
        (x >= z, [False, True, True]),
    ]:
        assert result.tolist() == expected
        assert result.dtype == torch.bool and not result.requires_grad


def test_comparison_with_other_things():
    x = torch.tensor([1.0])
    assert (x == None) is False  # noqa: E711
    assert (x != None) is True  # noqa: E711
    assert (x == "text") is False


# Copies.


def test_copies_of_leaves():
    x = leaf([1.0, 2.0])
    (x * 3).sum().backward()
    deep = copy.deepcopy(x)
    assert deep.requires_grad and deep.is_leaf
    same(deep.grad, [3.0, 3.0])
    with torch.no_grad():
        deep += 1
    same(x, [1.0, 2.0])
    shallow = copy.copy(x)
    assert shallow.requires_grad and shallow is not x


def test_deepcopy_keeps_identities():
    x = leaf([1.0])
    pair = copy.deepcopy([x, x])
    assert pair[0] is pair[1] and pair[0] is not x


def test_clone_is_recorded_and_owns_its_memory():
    x = leaf([1.0, 2.0])
    y = x.clone()
    y.mul_(5)
    same(x, [1.0, 2.0])
    y.sum().backward()
    same(x.grad, [5.0, 5.0])


# Printing, in float32 as PyTorch has it.

# fmt: off
PRINTED = [
    ("scalar",       lambda: torch.tensor(7.0),                      "tensor(7.)"),
    ("integers",     lambda: torch.tensor([1, -20]),                 "tensor([  1, -20])"),
    ("booleans",     lambda: torch.tensor([True, False]),            "tensor([ True, False])"),
    ("digits",       lambda: torch.tensor([0.5, 1 / 3]),             "tensor([0.5000, 0.3333])"),
    ("whole",        lambda: torch.tensor([1.0, -10.0]),             "tensor([  1., -10.])"),
    ("large",        lambda: torch.tensor([1.0, 12345.678]),         "tensor([1.0000e+00, 1.2346e+04])"),
    ("small",        lambda: torch.tensor([1e-5, 1.0]),              "tensor([1.0000e-05, 1.0000e+00])"),
    ("special",      lambda: torch.tensor([math.nan, math.inf]),     "tensor([nan, inf])"),
    ("special too",  lambda: torch.tensor([math.nan, 1.5]),          "tensor([   nan, 1.5000])"),
    ("empty",        lambda: torch.zeros(0),                         "tensor([])"),
    ("empty matrix", lambda: torch.zeros(2, 0),                      "tensor([], size=(2, 0))"),
    ("leaf",         lambda: leaf([1.0]),                            "tensor([1.], requires_grad=True)"),
    ("other float",  lambda: torch.ones(1, dtype=torch.float64),     "tensor([1.], dtype=float64)"),
    ("other int",    lambda: torch.ones(1, dtype=torch.int32),       "tensor([1], dtype=int32)"),
    ("both",         lambda: leaf([1.0], dtype=torch.float64),
                     "tensor([1.], dtype=float64, requires_grad=True)"),
    ("history",      lambda: leaf([1.0]) * 3,                        "tensor([3.], grad_fn=<MulBackward0>)"),
    ("matrix",       lambda: torch.tensor([[1.0, 2.5], [3.0, 4.0]]),
                     "tensor([[1.0000, 2.5000],\n        [3.0000, 4.0000]])"),
    ("long",         lambda: torch.zeros(1001),
                     "tensor([0., 0., 0.,  ..., 0., 0., 0.])"),
]
# fmt: on


@pytest.mark.default_dtype("float32")
@pytest.mark.parametrize("make, text", [case[1:] for case in PRINTED], ids=[case[0] for case in PRINTED])
def test_printing(make, text):
    assert plain(repr(make())) == text
    assert plain(str(make())) == text


def test_formatting_a_scalar():
    assert f"{torch.tensor(1.5)} {leaf(2.0)}" == "1.5 2.0"
    assert f"{(leaf(2.0) * 2):6.2f}" == "  4.00"
    assert numbers(torch.tensor(1.5)) == 1.5


def test_where_a_tensor_lies():
    x = torch.ones(1)
    assert x.is_cpu and not (x.is_cuda or x.is_sparse or x.is_quantized or x.is_meta) and x.is_nonzero()
    assert x.is_same_size(torch.zeros(1)) and not x.is_same_size(torch.zeros(2)) and x.share_memory_() is x
    with pytest.raises(RuntimeError):
        torch.ones(2).is_nonzero()
