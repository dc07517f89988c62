"""The text of tensors: fixed texts, options, format specifications, and random arrays beside PyTorch.

`CASES` holds what PyTorch 2.13 prints; the oracle test compares anew where PyTorch is installed.
Invariant: options and default dtype are after a test as before it."""

import dataclasses

import numpy as np
import pytest

from tape import dtypes, printing


def f32(values):
    return np.array(values, np.float32)


# name: value, arguments, text with float32 as the default dtype
CASES = {
    "whole": (f32([1, 2, 3]), {}, "tensor([1., 2., 3.])"),
    "fraction": (f32([1, -2.5, 3]), {}, "tensor([ 1.0000, -2.5000,  3.0000])"),
    "scalar": (f32(1.5), {}, "tensor(1.5000)"),
    "whole_scalar": (f32(17), {}, "tensor(17.)"),
    "ratio_above_1000": (f32([1, 10000.5]), {}, "tensor([1.0000e+00, 1.0000e+04])"),
    "ratio_1000": (f32([1.5, 1500]), {}, "tensor([   1.5000, 1500.0000])"),
    "whole_large": (f32([1, 1000]), {}, "tensor([   1., 1000.])"),
    "small": (f32([1e-5, 0]), {}, "tensor([1.0000e-05, 0.0000e+00])"),
    "large": (f32([3e8, 2e8]), {}, "tensor([3.0000e+08, 2.0000e+08])"),
    "zeros_do_not_count": (f32([0, 0.5]), {}, "tensor([0.0000, 0.5000])"),
    "negative_zero": (f32([-0.0, 1]), {}, "tensor([-0., 1.])"),
    "nan_inf": (f32([np.nan, np.inf, -np.inf]), {}, "tensor([nan, inf, -inf])"),
    "nan_whole": (f32([np.nan, 1]), {}, "tensor([nan, 1.])"),
    "nan_padded": (f32([-np.inf, 1.5, np.nan]), {}, "tensor([  -inf, 1.5000,    nan])"),
    "empty": (f32([]), {}, "tensor([])"),
    "empty_grad": (f32([]), {"requires_grad": True}, "tensor([], requires_grad=True)"),
    "empty_axes": (np.zeros((0, 3), np.float32), {}, "tensor([], size=(0, 3))"),
    "empty_float64": (np.zeros((2, 0), np.float64), {}, "tensor([], size=(2, 0), dtype=torch.float64)"),
    "empty_int64": (np.zeros(0, np.int64), {}, "tensor([], dtype=torch.int64)"),
    "int64": (np.array([-1, 100, 5]), {}, "tensor([ -1, 100,   5])"),
    "int8": (np.array([[1, 2], [-3, 4]], np.int8), {},
        "tensor([[ 1,  2],\n"
        "        [-3,  4]], dtype=torch.int8)"),
    "int_scalar": (np.array(7), {}, "tensor(7)"),
    "bool": (np.array([True, False]), {}, "tensor([ True, False])"),
    "bool_scalar": (np.array(True), {}, "tensor(True)"),
    "float16": (np.array([0.1, 65504], np.float16), {},
        "tensor([9.9976e-02, 6.5504e+04], dtype=torch.float16)"),
    "bfloat16": (np.array([0.1, 2], dtypes.bfloat16), {}, "tensor([0.1001, 2.0000], dtype=torch.bfloat16)"),
    "float64": (np.array([0.5]), {}, "tensor([0.5000], dtype=torch.float64)"),
    "complex_whole": (np.array([1 + 2j, -3 - 4j], np.complex64), {}, "tensor([ 1.+2.j, -3.-4.j])"),
    "complex_mixed": (np.array([1 + 2j, 3.5 - 1e-6j], np.complex64), {},
        "tensor([1.0000+2.0000e+00j, 3.5000-1.0000e-06j])"),
    "complex_nan": (np.array([complex(np.nan, 1), 2], np.complex128), {},
        "tensor([nan+1.j, 2.+0.j], dtype=torch.complex128)"),
    "leaf": (f32([1, 2]), {"requires_grad": True}, "tensor([1., 2.], requires_grad=True)"),
    "grad_fn": (f32([[1, 2], [3, 4]]), {"grad_fn": "AddBackward0"},
        "tensor([[1., 2.],\n"
        "        [3., 4.]], grad_fn=<AddBackward0>)"),
    "grad_fn_scalar": (f32(27), {"grad_fn": "MeanBackward0"}, "tensor(27., grad_fn=<MeanBackward0>)"),
    "float64_leaf": (np.zeros(3), {"requires_grad": True},
        "tensor([0., 0., 0.], dtype=torch.float64, requires_grad=True)"),
    "suffix_wraps": (2 * np.arange(11.0), {"grad_fn": "MulBackward0"},
        "tensor([ 0.,  2.,  4.,  6.,  8., 10., 12., 14., 16., 18., 20.],\n"
        "       dtype=torch.float64, grad_fn=<MulBackward0>)"),
    "suffix_wraps_once": (2 * np.arange(9.0), {"grad_fn": "MulBackward0"},
        "tensor([ 0.,  2.,  4.,  6.,  8., 10., 12., 14., 16.], dtype=torch.float64,\n"
        "       grad_fn=<MulBackward0>)"),
    "wrapped_lines": (np.arange(25, dtype=np.float32), {"grad_fn": "MulBackward0"},
        "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n"
        "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24.],\n"
        "       grad_fn=<MulBackward0>)"),
    "three_axes": (np.arange(8, dtype=np.float32).reshape(2, 2, 2) / 2, {},
        "tensor([[[0.0000, 0.5000],\n"
        "         [1.0000, 1.5000]],\n"
        "\n"
        "        [[2.0000, 2.5000],\n"
        "         [3.0000, 3.5000]]])"),
    "four_axes": (np.ones((2, 1, 2, 1), np.float32), {},
        "tensor([[[[1.],\n"
        "          [1.]]],\n"
        "\n"
        "\n"
        "        [[[1.],\n"
        "          [1.]]]])"),
    "summarised": (np.arange(1001), {}, "tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    "summarised_notation_from_the_ends": (f32([1.5, 2, 3] + [1e9] * 1000 + [4, 5, 6]), {},
        "tensor([1.5000, 2.0000, 3.0000,  ..., 4.0000, 5.0000, 6.0000])"),
    "summarised_axes": (np.zeros((40, 40), np.float32), {},
        "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        ...,\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.]])"),
    "summarised_one_axis": (np.zeros((2, 600), np.float32), {},
        "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
        "        [0., 0., 0.,  ..., 0., 0., 0.]])"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def float32_default():
    before, options = dtypes.get_default_dtype(), printing.get_printoptions()
    dtypes.set_default_dtype(dtypes.float32)
    printing.set_printoptions(profile="default")
    yield
    dtypes.set_default_dtype(before)
    printing.set_printoptions(**dataclasses.asdict(options))


@pytest.mark.parametrize("name", CASES)
def test_text(name):
    value, arguments, text = CASES[name]
    assert printing.format_tensor(np.asarray(value), **arguments) == text


def test_the_default_dtype_is_not_written():
    dtypes.set_default_dtype(dtypes.float64)
    assert printing.format_tensor(np.ones(2)) == "tensor([1., 1.])"
    assert printing.format_tensor(np.ones(2) * 1j) == "tensor([0.+1.j, 0.+1.j])"
    assert printing.format_tensor(f32([1, 1])) == "tensor([1., 1.], dtype=torch.float32)"
    assert printing.format_tensor(np.zeros(0, np.complex128)) == "tensor([], dtype=torch.complex128)"


def test_another_prefix_sets_the_indent():
    text = printing.format_tensor(np.eye(2, dtype=np.float32), prefix="Mine(")
    assert text == "Mine([[1., 0.],\n      [0., 1.]])"


def test_the_value_is_not_written_to_and_may_be_read_only():
    value = f32([[1, 2], [3, 4]]).T
    value.flags.writeable = False
    assert printing.format_tensor(value) == "tensor([[1., 3.],\n        [2., 4.]])"


@pytest.mark.parametrize(
    ("options", "values", "text"),
    [
        ({"precision": 2}, [1.23456789, 1000, 1e-5], "tensor([1.23e+00, 1.00e+03, 1.00e-05])"),
        ({"precision": 2}, [0, 1 / 3], "tensor([0.00, 0.33])"),
        ({"profile": "short"}, [0, 1 / 3], "tensor([0.00, 0.33])"),
        ({"sci_mode": False}, [1.23456789, 1000, 1e-5], "tensor([   1.2346, 1000.0000,    0.0000])"),
        ({"sci_mode": True}, [1, 2], "tensor([1.0000e+00, 2.0000e+00])"),
        ({"threshold": 5, "edgeitems": 1}, range(6), "tensor([0.,  ..., 5.])"),
        (
            {"threshold": 5, "edgeitems": 1},
            np.zeros((3, 3)),
            "tensor([[0.,  ..., 0.],\n        ...,\n        [0.,  ..., 0.]])",
        ),
        ({"linewidth": 30}, range(10), "tensor([0., 1., 2., 3., 4.,\n        5., 6., 7., 8., 9.])"),
    ],
)
def test_options(options, values, text):
    printing.set_printoptions(**options)
    assert printing.format_tensor(f32(values)) == text


def test_options_stay_except_sci_mode():
    printing.set_printoptions(precision=2, sci_mode=True)
    printing.set_printoptions(linewidth=100)
    assert printing.get_printoptions() == printing.Options(precision=2, linewidth=100)
    printing.set_printoptions(profile="full")
    assert len(printing.format_tensor(f32(np.zeros(1200)))) == 5200


def test_an_unknown_profile_changes_nothing():
    with pytest.raises(ValueError, match="unknown profile 'long'; choose one of default, short, full"):
        printing.set_printoptions(profile="long", precision=2)
    assert printing.get_printoptions() == printing.Options()


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (f32(17), "", "17.0"),
        (f32(0.1), "", "0.10000000149011612"),
        (np.array(0.1), "", "0.1"),
        (0.1, ".3f", "0.100"),
        (np.array(7), "", "7"),
        (np.array(7), "03d", "007"),
        (np.array(True), "", "True"),
        (np.array(1 + 2j), "", "(1+2j)"),
        (np.array(0.1, dtypes.bfloat16), "", "0.10009765625"),
        (f32(0.1), "e", "1.000000e-01"),
    ],
)
def test_scalar(value, spec, text):
    assert printing.format_scalar(value, spec) == text


SHAPES = [(), (0,), (1,), (3,), (30,), (999,), (1000,), (1001,), (0, 3), (2, 0), (2, 3), (7, 8), (40, 40),
          (1500, 1), (1, 1500), (7, 150), (2, 2, 2), (12, 3, 40), (2, 3, 2, 2)]  # fmt: skip
OPTIONS = [{}, {}, {}, {}, {"precision": 2}, {"precision": 0}, {"precision": 8}, {"threshold": 0},
           {"linewidth": 40}, {"linewidth": 15}, {"edgeitems": 1, "threshold": 5}, {"profile": "short"},
           {"profile": "full"}, {"sci_mode": True}, {"sci_mode": False}]  # fmt: skip


def random_floats(rng, shape):
    """Numbers of one kind (whole, huge, of mixed size, zeros, negative zeros), some with nan and inf."""
    x = rng.standard_normal(shape)
    kinds = [
        lambda: np.round(x * 10),
        lambda: x * 10.0 ** rng.integers(-9, 12),
        lambda: np.round(x * 1e3),
        lambda: x * 10.0 ** rng.integers(-4, 4, shape),
        lambda: x * 0,
        lambda: np.round(x * 10.0 ** rng.integers(0, 20)),
        lambda: np.where(rng.random(shape) < 0.3, 0.0, x),
        lambda: np.where(rng.random(shape) < 0.3, -0.0, np.round(x * 3)),
    ]
    x = kinds[rng.integers(len(kinds))]()
    if rng.random() < 0.35:
        odd = rng.choice([np.nan, np.inf, -np.inf], size=shape)
        x = np.where(rng.random(shape) < rng.choice([0.3, 1]), odd, x)
    return np.asarray(x)


def random_array(rng, shape, dtype):
    if dtype == dtypes.bool_:
        return np.asarray(rng.random(shape) < 0.5)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low = max(info.min, -(10 ** int(rng.integers(1, 18))))
        high = min(info.max, 10 ** int(rng.integers(1, 18)))
        return np.asarray(rng.integers(low, high, shape)).astype(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        if dtype.kind == "c":
            z = np.empty(shape, dtype)
            z.real, z.imag = random_floats(rng, shape), random_floats(rng, shape)
            return z
        return random_floats(rng, shape).astype(dtype)


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    yield torch
    torch.set_default_dtype(before)
    torch.set_printoptions(profile="default")


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", list(dtypes.CATEGORY), ids=str)
def test_random_arrays_print_as_in_torch(torch, dtype):
    rng = np.random.default_rng(list(dtypes.CATEGORY).index(dtype))
    theirs = getattr(torch, dtype.name)
    for _ in range(150):
        value = random_array(rng, SHAPES[rng.integers(len(SHAPES))], dtype)
        default, options = ("float32", "float64")[rng.integers(2)], OPTIONS[rng.integers(len(OPTIONS))]
        torch.set_default_dtype(getattr(torch, default))
        dtypes.set_default_dtype(dtypes.NAMES[default])
        for module in (torch, printing):
            module.set_printoptions(profile="default")
            module.set_printoptions(**options)
        plain = value.astype(np.float32) if dtype == dtypes.bfloat16 else value
        tensor = torch.from_numpy(plain.copy()).to(theirs)
        arguments = {}
        if dtype.kind not in "biu" and rng.random() < 0.7:
            tensor.requires_grad_()
            arguments["requires_grad"] = True
            if rng.random() < 0.5:
                tensor = tensor.clone()
                arguments["grad_fn"] = "CloneBackward0"
        assert printing.format_tensor(value, **arguments) == repr(tensor), (value.shape, default, options)
        if value.ndim == 0:
            assert printing.format_scalar(value) == format(tensor, "")
            assert printing.format_scalar(value, ">12") == format(tensor, ">12")
