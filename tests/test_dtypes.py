"""Dtypes: names, default, promotion, what data becomes, limits; fixed answers, every pair beside PyTorch."""

import array
import enum
import itertools
from types import SimpleNamespace

import ml_dtypes
import numpy as np
import pytest

from tape import dtypes
from tape.dtypes import (
    bfloat16,
    bool_,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    uint8,
    uint16,
    uint32,
    uint64,
)

DEFAULTS = ("float32", "float64")


def stand_in(dtype, ndim):
    """What `result_type` and `infer_dtype` see of a Tensor."""
    return SimpleNamespace(_s=SimpleNamespace(dtype=dtype, ndim=ndim))


@pytest.fixture(autouse=True)
def float32_default():
    before = dtypes.get_default_dtype()
    dtypes.set_default_dtype(float32)
    yield
    dtypes.set_default_dtype(before)


def test_names_are_numpy_dtypes():
    assert dtypes.NAMES["float"] is float32 and dtypes.NAMES["double"] is float64
    assert dtypes.NAMES["int"] is int32 and dtypes.NAMES["long"] is int64
    assert dtypes.NAMES["bool"] is bool_ == np.dtype(bool)
    assert all(isinstance(dtype, np.dtype) for dtype in dtypes.NAMES.values())
    for name in ("double", "half", "long", "short", "cfloat", "cdouble", "bfloat16", "float64"):
        assert getattr(dtypes, name) is dtypes.NAMES[name]
    assert np.zeros(2, bfloat16).dtype == bfloat16
    assert dtypes.name_of(bfloat16) == "torch.bfloat16" and dtypes.name_of(bool_) == "torch.bool"


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        (float32, float32),
        (np.float16, float16),
        (float, float64),
        (int, int64),
        (bool, bool_),
        (complex, complex128),
    ],
)
def test_as_dtype(given, dtype):
    assert dtypes.as_dtype(given) is dtype


@pytest.mark.parametrize(
    "given", ["float32", None, 1.0, object, str, np.dtype(">f8"), np.dtype("M8"), np.longdouble]
)
def test_as_dtype_rejects(given):
    with pytest.raises(TypeError, match="dtype must be|cannot hold"):
        dtypes.as_dtype(given)


def test_default_dtype():
    dtypes.set_default_dtype(np.float64)
    assert dtypes.get_default_dtype() is float64
    assert dtypes.of_python_type(complex) is complex128 and dtypes.infer_dtype(1.0) is float64
    assert dtypes.with_scalar(int64, float) is float64
    dtypes.set_default_dtype(float32)
    assert dtypes.of_python_type(complex) is complex64 and dtypes.with_scalar(int64, float) is float32
    dtypes.set_default_dtype(bfloat16)
    assert dtypes.with_scalar(int64, float) is bfloat16 and dtypes.infer_dtype(1j) is complex64


@pytest.mark.parametrize("wrong", [int32, bool_, complex64, "float32", None])
def test_a_default_dtype_must_be_floating(wrong):
    with pytest.raises(TypeError):
        dtypes.set_default_dtype(wrong)
    assert dtypes.get_default_dtype() is float32


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        (float16, bfloat16, float32),
        (uint8, int8, int16),
        (uint8, int32, int32),
        (int64, float16, float16),
        (bool_, uint8, uint8),
        (float64, complex64, complex128),
        (float32, complex128, complex128),
        (bfloat16, complex64, complex64),
        (uint16, float32, float32),
        (uint16, uint8, uint16),
        (int8, uint32, int64),
        (bool_, uint64, uint64),
        (float, np.float32, float64),
    ],
)
def test_promote_types(a, b, both):
    assert dtypes.promote_types(a, b) is both
    assert dtypes.promote_types(b, a) is both


def test_promote_types_rejects():
    with pytest.raises(RuntimeError, match="got torch.uint64 and torch.int64; cast one"):
        dtypes.promote_types(uint64, int64)
    with pytest.raises(TypeError, match="dtype must be a dtype"):
        dtypes.promote_types(float32, "float64")


@pytest.mark.parametrize(
    ("operands", "dtype"),
    [
        (([float32], [float64], []), float32),
        (([float32], [int64], [float]), float32),
        (([int32], [float64], []), float64),
        (([int32], [], [float]), float32),
        (([int8], [int64], [int]), int8),
        (([bool_], [], [int]), int64),
        (([bool_], [uint8], []), uint8),
        (([float32], [complex128], []), complex64),
        (([float64], [], [complex]), complex128),
        (([float16], [], [complex]), complex64),
        (([], [int8], [float]), float32),
        (([], [], [int, float]), float32),
        (([], [], [bool, bool]), bool_),
        (([float16, bfloat16], [float64], [float]), float32),
    ],
)
def test_result_type_of(operands, dtype):
    assert dtypes.result_type_of(*operands) is dtype


def test_result_type_reads_tensors_arrays_and_numbers():
    assert dtypes.result_type(stand_in(float32, 1), stand_in(float64, 0)) is float32
    assert dtypes.result_type(stand_in(float32, 1), np.ones(1)) is float64
    assert dtypes.result_type(np.ones(2, np.float32), np.array(1.0), 2) is float32
    assert dtypes.result_type(np.ones(2, np.float32), np.float64(1)) is float32
    assert dtypes.result_type(np.ones(2, np.int8), np.int64(1)) is int8
    assert dtypes.result_type(np.ones(2, np.int8), ml_dtypes.bfloat16(1)) is float32
    assert dtypes.result_type(np.ones(2, np.float64), np.complex64(1)) is complex128
    assert dtypes.result_type(1, 2.5) is float32


def test_result_type_rejects():
    with pytest.raises(ValueError, match="at least one operand"):
        dtypes.result_type()
    with pytest.raises(TypeError, match=r"expected a Tensor, an array or a number, got '1' \(str\)"):
        dtypes.result_type("1", np.ones(2))
    with pytest.raises(TypeError, match="cannot hold"):
        dtypes.result_type(np.array(["1"]))


class Colour(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    ("data", "dtype"),
    [
        (1.0, float32),
        (1, int64),
        (True, bool_),
        (1j, complex64),
        (Colour.RED, int64),
        (np.float64(1), float64),
        (np.bool_(1), bool_),
        (ml_dtypes.bfloat16(1), bfloat16),
        (np.array(1, np.int16), int16),
        (stand_in(float16, 2), float16),
        ([1.0, 2.0], float32),
        ([1, 2.5], float32),
        ([True, 1], int64),
        ([1.0, 1j], complex64),
        ([[1, 2], (3.0, 4)], float32),
        ([np.float64(1)], float64),
        ([1.0, np.float64(1)], float64),
        ([np.float32(1), 1.0], float32),
        ([np.int32(1), 1], int64),
        ([np.int8(1), 1.0], float32),
        ([np.uint8(1), np.int8(1)], int16),
        ([np.ones(2, np.float32), np.ones(2)], float64),
        ([stand_in(float64, 0), 1], float64),
        ([1j, np.complex128(1)], complex128),
        ([], float32),
        ([[], []], float32),
        (range(3), int64),
        (array.array("f", [1.0]), float32),
        (np.array([1], np.uint16), uint16),
    ],
    ids=repr,
)
def test_infer_dtype(data, dtype):
    assert dtypes.infer_dtype(data) is dtype


def test_infer_dtype_by_the_array_protocol():
    class Series:
        def __array__(self, dtype=None, copy=None):
            return np.ones(2, np.float32)

    assert dtypes.infer_dtype(Series()) is float32


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ("1", TypeError),
        (b"1", TypeError),
        (["1"], ValueError),
        (None, RuntimeError),
        ([None], RuntimeError),
        ({}, RuntimeError),
        ({1}, RuntimeError),
        (iter([1]), RuntimeError),
        (np.array(["1"]), TypeError),
        (np.array([None]), TypeError),
    ],
    ids=lambda each: type(each).__name__ if hasattr(each, "__next__") else repr(each),
)
def test_infer_dtype_rejects(data, error):
    with pytest.raises(error):
        dtypes.infer_dtype(data)


def test_can_cast_and_categories():
    assert (
        dtypes.can_cast(float64, float16) and dtypes.can_cast(int64, uint8) and dtypes.can_cast(bool_, int8)
    )
    assert not dtypes.can_cast(float32, int64) and not dtypes.can_cast(complex64, float64)
    assert not dtypes.can_cast(int8, bool_)
    assert dtypes.is_floating_point(bfloat16) and not dtypes.is_floating_point(complex64)
    assert dtypes.is_floating_point(stand_in(float32, 0)) and dtypes.is_complex(np.ones(1) * 1j)
    assert not dtypes.is_complex(np.float64(1))
    with pytest.raises(TypeError, match="expected a Tensor, an array or a dtype, got 1.0"):
        dtypes.is_floating_point(1.0)


def test_limits():
    assert dtypes.finfo(float32).eps == 2.0**-23 and type(dtypes.finfo(float32).eps) is float
    assert dtypes.finfo(complex128) == dtypes.finfo(float64) != dtypes.finfo()
    assert dtypes.finfo().dtype == "float32" and dtypes.finfo(bfloat16).bits == 16
    assert repr(dtypes.finfo(float32)) == (
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, "
        "smallest_normal=1.17549e-38, tiny=1.17549e-38, dtype=float32)"
    )
    assert (dtypes.iinfo(uint8).min, dtypes.iinfo(uint8).max, dtypes.iinfo(int64).max) == (0, 255, 2**63 - 1)
    assert repr(dtypes.iinfo(int8)) == "iinfo(min=-128, max=127, dtype=int8)"
    with pytest.raises(TypeError, match="finfo requires a floating or complex dtype, not torch.int32"):
        dtypes.finfo(int32)
    for wrong in (float32, bool_):
        with pytest.raises(TypeError, match="iinfo requires an integer dtype"):
            dtypes.iinfo(wrong)


def answer(function, *arguments):
    """The dtype as text, or the class of the error; 32-bit complex is complex64 with us."""
    try:
        result = function(*arguments)
    except (RuntimeError, TypeError) as error:
        return type(error).__name__
    text = dtypes.name_of(result) if isinstance(result, np.dtype) else str(result)
    return "torch.complex64" if text == "torch.complex32" else text


def refused(a, b):
    """Pairs that PyTorch refuses and we do not: uint16, uint32, uint64 with complex numbers and with other integers that some integer holds, too."""
    wide = [d for d in (a, b) if d.kind == "u" and d.itemsize > 1]
    return bool(wide) and a != b and not {a.kind, b.kind} & {"f", "V"} and np.result_type(a, b).kind != "f"


PAIRS = [(a, b) for a, b in itertools.product(dtypes.CATEGORY, repeat=2) if not refused(a, b)]


@pytest.fixture(params=DEFAULTS)
def torch(request):
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, request.param))
    dtypes.set_default_dtype(dtypes.NAMES[request.param])
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:ComplexHalf")
def test_every_pair_promotes_as_in_torch(torch):
    for a, b in PAIRS:
        theirs = getattr(torch, a.name), getattr(torch, b.name)
        assert answer(dtypes.promote_types, a, b) == answer(torch.promote_types, *theirs), (a, b)
        assert dtypes.can_cast(a, b) == torch.can_cast(*theirs), (a, b)
        for m, n in itertools.product((0, 1), repeat=2):
            tensors = [torch.ones((2,) * k, dtype=dtype) for k, dtype in zip((m, n), theirs, strict=True)]
            expected = answer(torch.result_type, *tensors)
            assert answer(dtypes.pair_type, a, m, b, n) == expected, (a, m, b, n)
            assert answer(dtypes.result_type, stand_in(a, m), stand_in(b, n)) == expected, (a, m, b, n)


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:ComplexHalf")
@pytest.mark.parametrize("number", [True, 1, 1.0, 1j, np.float64(1)], ids=repr)
def test_every_dtype_meets_numbers_as_in_torch(torch, number):
    for dtype, ndim in itertools.product(dtypes.CATEGORY, (0, 1)):
        tensor = torch.ones((2,) * ndim, dtype=getattr(torch, dtype.name))
        expected = answer(torch.result_type, tensor, number)
        assert answer(dtypes.with_scalar, dtype, dtypes.python_type(number)) == expected, dtype
        assert answer(dtypes.result_type, stand_in(dtype, ndim), number) == expected, dtype


@pytest.mark.oracle
def test_data_becomes_what_it_becomes_in_torch(torch):
    atoms = [
        True,
        1,
        2.5,
        1j,
        np.float64(1),
        np.float32(1),
        np.float16(1),
        np.int8(1),
        np.uint8(1),
        np.complex64(1),
    ]
    for count in (1, 2, 3):
        for data in itertools.product(atoms, repeat=count):
            assert answer(dtypes.infer_dtype, data) == str(torch.tensor(data).dtype), data
    for data in ([], [[]], [[1], [2.5]], [[True], [1]], range(2)):
        assert answer(dtypes.infer_dtype, data) == str(torch.tensor(data).dtype), data


@pytest.mark.oracle
def test_limits_as_in_torch(torch):
    for dtype, category in dtypes.CATEGORY.items():
        if category == dtypes.BOOL:
            continue
        ours, theirs = (dtypes.iinfo, torch.iinfo) if category == dtypes.INT else (dtypes.finfo, torch.finfo)
        ours, theirs = ours(dtype), theirs(getattr(torch, dtype.name))
        assert repr(ours) == repr(theirs)
        for name in ours.__slots__:
            assert getattr(ours, name) == getattr(theirs, name), (dtype, name)
