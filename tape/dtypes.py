"""The element types, which are NumPy dtypes, and the rules by which operands of different types meet.

Make sense of a dtype argument (`as_dtype`), of plain data (`infer_dtype`), of two types (`promote_types`),
of the operands of an operation (`pair_type`, `with_scalar`, `result_type_of`, `result_type`); choose the
default (`set_default_dtype`); ask what a type can hold (`finfo`, `iinfo`, `can_cast`). `NAMES` gives every
type under its public name, including those that would hide a Python built-in here (`float`, `int`, `bool`).
Invariant: every dtype that leaves this module is a key of `CATEGORY`, in native byte order, and the answers
are PyTorch's, except that NumPy has no 32-bit complex (the complex type of float16 is complex64) and that
complex NumPy scalars count as complex. Knows no Tensor (it recognises one by `_s`, its spec). Everyone may
import it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import ml_dtypes  # about 10 ms; a lazy bfloat16 would cost every table lookup a special case
import numpy as np

float64 = double = np.dtype(np.float64)
float32 = np.dtype(np.float32)
float16 = half = np.dtype(np.float16)
bfloat16 = np.dtype(ml_dtypes.bfloat16)
int64 = long = np.dtype(np.int64)
int32 = np.dtype(np.int32)
int16 = short = np.dtype(np.int16)
int8 = np.dtype(np.int8)
uint8 = np.dtype(np.uint8)
uint16, uint32, uint64 = np.dtype(np.uint16), np.dtype(np.uint32), np.dtype(np.uint64)
bool_ = np.dtype(np.bool_)
complex64 = cfloat = np.dtype(np.complex64)
complex128 = cdouble = np.dtype(np.complex128)

NAMES: dict[str, np.dtype] = {
    "float64": float64, "double": float64, "float32": float32, "float": float32, "float16": float16,
    "half": float16, "bfloat16": bfloat16, "int64": int64, "long": int64, "int32": int32, "int": int32,
    "int16": int16, "short": int16, "int8": int8, "uint8": uint8, "uint16": uint16, "uint32": uint32,
    "uint64": uint64, "bool": bool_, "complex64": complex64, "cfloat": complex64, "complex128": complex128,
    "cdouble": complex128,
}  # fmt: skip

BOOL, INT, FLOAT, COMPLEX = range(4)
CATEGORY: dict[np.dtype, int] = {
    d: {"b": BOOL, "i": INT, "u": INT, "f": FLOAT, "c": COMPLEX}.get(d.kind, FLOAT)  # bfloat16 is of kind "V"
    for d in NAMES.values()
}
_WIDE_UNSIGNED = {uint16, uint32, uint64}  # PyTorch lets them mix with no other integers; here they do as in NumPy where an integer holds both
_PYTHON_TYPES = (bool, int, float, complex)  # by category
_PYTHON_CATEGORY = {t: c for c, t in enumerate(_PYTHON_TYPES)}

_default = float64
_pairs: dict[tuple[np.dtype, np.dtype], np.dtype] = {}  # answers of promote_types so far; the types are few


def as_dtype(given: Any) -> np.dtype:
    """The dtype that a `dtype=` argument means: a NumPy dtype or scalar type, bool, int, float or complex.

    Raises TypeError for anything else, and for dtypes that a Tensor cannot have (object, strings, swapped
    bytes).

    >>> as_dtype(np.float32), as_dtype(float)
    (dtype('float32'), dtype('float64'))
    """
    if not isinstance(given, (np.dtype, type)):
        raise TypeError(f"dtype must be a dtype such as tape.float32, not {given!r} ({type(given).__name__})")
    dtype = np.dtype(given)
    if dtype not in CATEGORY:
        raise TypeError(f"a Tensor cannot hold {given!r}; convert to one of {', '.join(map(str, CATEGORY))}")
    return dtype


def name_of(dtype: np.dtype) -> str:
    """A dtype as PyTorch writes it: `torch.float32`."""
    return "torch." + dtype.name


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype that Python floats become (and, with twice the size, Python complex numbers).

    It is float64 at first; `set_default_dtype(tape.float32)` gives PyTorch's. Raises TypeError unless dtype
    is floating.
    """
    global _default
    dtype = as_dtype(dtype)
    if CATEGORY[dtype] != FLOAT:
        raise TypeError(f"only floating-point types are supported as the default type, not {name_of(dtype)}")
    _default = dtype


def get_default_dtype() -> np.dtype:
    """The dtype that Python floats become."""
    return _default


def complex_of(dtype: np.dtype) -> np.dtype:
    """The complex dtype whose parts are of this floating dtype (complex64 at the least)."""
    return complex128 if dtype == float64 else complex64


def real_of(dtype: np.dtype) -> np.dtype:
    """The dtype of the real part: the float below a complex dtype, every other dtype itself."""
    return float64 if dtype == complex128 else float32 if dtype == complex64 else dtype


def of_python_type(kind: type) -> np.dtype:
    """The dtype that a Python number of this type (bool, int, float or complex) becomes."""
    if kind is float:
        return _default
    return complex_of(_default) if kind is complex else int64 if kind is int else bool_


def promote_types(a: Any, b: Any) -> np.dtype:
    """The smallest dtype that holds both, by category (bool < int < float < complex), then by size.

    An unsigned and a signed integer give the signed one that holds both; float16 and bfloat16 give float32. Raises RuntimeError for uint64
    with a signed integer, which none holds. (PyTorch refuses uint16, uint32 and uint64 with every other integer and bool.)

    >>> promote_types(float16, bfloat16), promote_types(int64, float16)
    (dtype('float32'), dtype('float16'))
    """
    found = _pairs.get((a, b))
    if found is None:
        a, b = as_dtype(a), as_dtype(b)
        found = _pairs[a, b] = _join(a, b)
    return found


def _join(a: np.dtype, b: np.dtype) -> np.dtype:
    if a == b:
        return a
    low, high = sorted((a, b), key=lambda d: (CATEGORY[d], d.itemsize))
    if CATEGORY[high] <= INT and not _WIDE_UNSIGNED.isdisjoint((a, b)):
        both = np.result_type(a, b)
        if both.kind == "f":
            raise RuntimeError(f"no integer dtype holds both, got {name_of(a)} and {name_of(b)}; cast one of them first")
        return both
    if CATEGORY[low] == CATEGORY[high] and low.itemsize == high.itemsize:  # uint8, int8 or float16, bfloat16
        return int16 if CATEGORY[high] == INT else float32
    return complex128 if high == complex64 and low == float64 else high


def lift(high: np.dtype, low: np.dtype) -> np.dtype:
    """The type of `high` after meeting `low` of less rank (0-d beside n-d, a Python number beside a tensor).

    Only a higher category counts, and a float that turns complex keeps its precision.

    >>> lift(float32, float64), lift(int64, float16), lift(float32, complex128)
    (dtype('float32'), dtype('float16'), dtype('complex64'))
    """
    if CATEGORY[low] <= CATEGORY[high]:
        return high
    return complex_of(high) if CATEGORY[high] == FLOAT else promote_types(high, low)


def pair_type(a: np.dtype, a_ndim: int, b: np.dtype, b_ndim: int) -> np.dtype:
    """The type in which two tensors of these dtypes and numbers of axes meet."""
    if a is b:
        return a
    if (a_ndim == 0) == (b_ndim == 0):
        return promote_types(a, b)
    return lift(b, a) if a_ndim == 0 else lift(a, b)


def with_scalar(dtype: np.dtype, kind: type) -> np.dtype:
    """The type in which a tensor of this dtype meets a Python bool, int, float or complex (`kind`)."""
    return lift(dtype, of_python_type(kind))


def result_type_of(
    dims: Iterable[np.dtype], zero_dims: Iterable[np.dtype] = (), scalars: Iterable[type] = ()
) -> np.dtype:
    """The type in which operands meet: tensors with axes, 0-d tensors, Python numbers.

    The last are given as bool, int, float or complex. Within each of the three, types are promoted; a later
    one can only raise the category of an earlier. Raises ValueError when there is no operand at all.

    >>> result_type_of([float32], [float64], [int])
    dtype('float32')
    """
    result = None
    for group in (dims, zero_dims, map(of_python_type, scalars)):
        level = None
        for dtype in group:
            level = dtype if level is None or level is dtype else promote_types(level, dtype)
        if level is not None:
            result = level if result is None else lift(result, level)
    if result is None:
        raise ValueError("result_type wants at least one operand, got none")
    return result


def python_type(number: Any) -> type:
    """Which of bool, int, float, complex a Python or NumPy scalar counts as. Raises TypeError for others.

    >>> python_type(np.float32(1)), python_type(np.int8(1))
    (<class 'float'>, <class 'int'>)
    """
    kind = type(number)
    if kind in _PYTHON_CATEGORY:
        return kind
    if isinstance(number, np.generic):  # before the loop: np.float64 is a float, but np.float32 is not
        return _PYTHON_TYPES[CATEGORY[as_dtype(number.dtype)]]
    for base in _PYTHON_TYPES:  # an IntEnum, a subclass of float
        if isinstance(number, base):
            return base
    raise TypeError(f"expected a Tensor, an array or a number, got {number!r} ({kind.__name__})")


def result_type(*operands: Any) -> np.dtype:
    """The dtype in which these operands would meet in an operation.

    Operands are Tensors, ndarrays, dtypes, and Python or NumPy numbers (a NumPy number counts as a Python one).
    Raises TypeError for anything else, ValueError without operands.

    >>> result_type(np.ones(2, np.float32), np.float64(1))
    dtype('float32')
    """
    dims, zero_dims, scalars = [], [], []
    for operand in operands:
        spec = getattr(operand, "_s", None)
        if spec is not None:
            (dims if spec.ndim else zero_dims).append(spec.dtype)
        elif isinstance(operand, np.ndarray):
            (dims if operand.ndim else zero_dims).append(as_dtype(operand.dtype))
        elif isinstance(operand, np.dtype):
            dims.append(as_dtype(operand))
        else:
            scalars.append(python_type(operand))
    return result_type_of(dims, zero_dims, scalars)


def infer_dtype(data: Any) -> np.dtype:
    """The dtype that `tensor(data)` has.

    Arrays, Tensors and NumPy scalars keep theirs, Python floats and complex numbers get the default, ints
    int64, bools bool; what is in a sequence is promoted; an empty sequence has the default.

    Raises TypeError for strings and for arrays of types that a Tensor cannot have, ValueError for a string
    within a sequence, RuntimeError for anything without a type of its own.

    >>> infer_dtype([1, 2.5]), infer_dtype([np.float32(1), 1.0])
    (dtype('float64'), dtype('float64'))
    """
    if isinstance(data, (str, bytes)):
        raise TypeError(f"tensor data must be numbers, not {type(data).__name__}: {data!r}")
    return _infer(data)


def _infer(data: Any) -> np.dtype:
    kind = type(data)
    if kind in _PYTHON_CATEGORY:
        return of_python_type(kind)
    spec = data if isinstance(data, (np.ndarray, np.generic)) else getattr(data, "_s", None)
    if spec is not None:
        return as_dtype(spec.dtype)
    if isinstance(data, (str, bytes)):
        raise ValueError(f"tensor data must be numbers, found {data!r} in a sequence")
    if isinstance(data, _PYTHON_TYPES):
        return of_python_type(python_type(data))
    if hasattr(data, "__array__"):
        return as_dtype(np.asarray(data).dtype)
    if isinstance(data, Mapping) or not (hasattr(data, "__getitem__") and hasattr(data, "__len__")):
        raise RuntimeError(f"Could not infer dtype of {kind.__name__}; give numbers, an array or a sequence")
    return _infer_items(data)


def _infer_items(items: Any) -> np.dtype:
    kinds = set(map(type, items))  # at C speed: long lists of Python numbers are the common case
    if not kinds:
        return _default
    if kinds <= _PYTHON_CATEGORY.keys():
        return of_python_type(max(kinds, key=_PYTHON_CATEGORY.__getitem__))
    result = None
    for item in items:
        dtype = _infer(item)
        result = dtype if result is None or result is dtype else promote_types(result, dtype)
    assert result is not None
    return result


def can_cast(source: Any, target: Any) -> bool:
    """Whether an in-place operation may store a result of dtype `source` in `target`.

    Never in a lower category; sizes and signs do not count.

    >>> can_cast(float64, float32), can_cast(float32, int64)
    (True, False)
    """
    return CATEGORY[_own_or_of(source)] <= CATEGORY[as_dtype(target)]


def _own_or_of(given: Any) -> np.dtype:
    """The dtype itself, or that of a Tensor (the array API asks about either)."""
    spec = getattr(given, "_s", None)
    return as_dtype(given) if spec is None else spec.dtype


def _category_of(x: Any) -> int:
    if isinstance(x, (np.dtype, type)):
        return CATEGORY[as_dtype(x)]
    spec = x if isinstance(x, (np.ndarray, np.generic)) else getattr(x, "_s", None)
    if spec is None:
        raise TypeError(f"expected a Tensor, an array or a dtype, got {x!r} ({type(x).__name__})")
    return CATEGORY[as_dtype(spec.dtype)]


def is_floating_point(x: Any) -> bool:
    """Whether a Tensor, array or dtype is of floating type. Raises TypeError for anything else."""
    return _category_of(x) == FLOAT


def is_complex(x: Any) -> bool:
    """Whether a Tensor, array or dtype is of complex type. Raises TypeError for anything else."""
    return _category_of(x) == COMPLEX


class finfo:
    """The limits of a floating dtype (default: the default dtype; of a complex dtype: those of its parts).

    `bits eps max min smallest_normal tiny resolution` are Python numbers, `dtype` is the name.

    >>> finfo(float32).eps
    1.1920928955078125e-07
    """

    __slots__ = ("bits", "eps", "max", "min", "smallest_normal", "tiny", "resolution", "dtype")

    def __init__(self, dtype: Any = None) -> None:
        dtype = real_of(_default if dtype is None else _own_or_of(dtype))
        if CATEGORY[dtype] != FLOAT:
            raise TypeError(f"finfo requires a floating or complex dtype, not {name_of(dtype)}; see iinfo")
        known = ml_dtypes.finfo(dtype)
        self.bits, self.dtype = dtype.itemsize * 8, dtype.name
        self.eps, self.max, self.min = float(known.eps), float(known.max), float(known.min)
        self.smallest_normal = self.tiny = float(known.smallest_normal)
        self.resolution = 10.0 ** -int(known.precision)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(("finfo", self.dtype))

    def __repr__(self) -> str:
        names = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{n}={getattr(self, n):g}' for n in names)}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer dtype: `bits max min` are Python ints, `dtype` is the name.

    >>> iinfo(int8).max
    127
    """

    __slots__ = ("bits", "max", "min", "dtype")

    def __init__(self, dtype: Any) -> None:
        dtype = _own_or_of(dtype)
        if CATEGORY[dtype] != INT:
            raise TypeError(f"iinfo requires an integer dtype, not {name_of(dtype)}; see finfo")
        known = np.iinfo(dtype)
        self.bits, self.dtype = dtype.itemsize * 8, dtype.name
        self.max, self.min = int(known.max), int(known.min)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and self.dtype == other.dtype

    def __hash__(self) -> int:
        return hash(("iinfo", self.dtype))

    def __repr__(self) -> str:
        return f"iinfo(min={self.min:g}, max={self.max:g}, dtype={self.dtype})"
