"""Other dtypes of a Tensor, and what it is: sizes, strides, kinds.

`to` and its short forms (`double`, `long`, ...) are recorded where both dtypes are floating, so gradients come back
in the dtype of the input; every other conversion gives a constant. Invariant: what has the wanted dtype already is
returned itself. Imports record and dtypes; the questions about values (comparisons, isclose, ...) stand in
functions/comparison, whose methods are listed with those of here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape import dtypes
from tape.asked import asked
from tape.dtypes import as_dtype, is_complex, is_floating_point
from tape.functions import comparison, typed
from tape.functions.typed import NAMES
from tape.record import OPCODES, cast, record
from tape.tensor import Size, Tensor, array, share

BY_NAME = {f"torch.{name}": dtype for dtype, name in NAMES.items()}
CLONE = OPCODES["clone"]


def to(self: Tensor, *given: Any, dtype: Any = None, device: Any = None, non_blocking: bool = False, copy: bool = False,
       other: Tensor | None = None, memory_format: Any = None) -> Tensor:  # fmt: skip
    """This Tensor in another dtype: `to(dtype)`, `to(other)` (the dtype of another Tensor) or `to("cpu", dtype)`.

    Returned itself where nothing changes, unless copy=True. TypeError for what is no dtype, RuntimeError for other devices.
    """
    flags = [each for each in given if isinstance(each, bool)]  # non_blocking, copy: by position
    copy = flags[1] if len(flags) > 1 else copy
    for each in given:
        if isinstance(each, Tensor):
            other = each
        elif isinstance(each, str):
            device = each
        elif each is not None and not isinstance(each, bool):
            dtype = as_dtype(each)
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise RuntimeError(f"to({device!r}); tensors are on the CPU: leave the device out")
    wanted = as_dtype(dtype) if dtype is not None else other._s.dtype if other is not None else self._s.dtype
    if wanted == self._s.dtype:
        return record(CLONE, (self,), array(self).copy(), self._s.number, (self._s,)) if copy else self
    return converted(self, wanted)


def converted(t: Tensor, dtype: np.dtype) -> Tensor:
    """`t` in another dtype, recorded between floating dtypes; from complex values the real part is taken."""
    return cast(t, dtype)


def type_of(self: Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """Without argument the name of the dtype, such as "torch.DoubleTensor"; else this Tensor in a dtype, given so or
    as such a name."""
    if dtype is None:
        return f"torch.{NAMES[self._s.dtype]}" if self._s.dtype in NAMES else dtypes.name_of(self._s.dtype)
    if isinstance(dtype, str):
        if dtype not in BY_NAME:
            raise ValueError(f"type({dtype!r}); wanted a dtype or one of {', '.join(BY_NAME)}")
        dtype = BY_NAME[dtype]
    elif isinstance(dtype, typed.Typed):
        dtype = dtype.dtype
    return converted(self, as_dtype(dtype)) if as_dtype(dtype) != self._s.dtype else self


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """This Tensor in the dtype of another."""
    return to(self, other)


def _short(dtype: np.dtype) -> Any:
    def convert(self: Tensor, memory_format: Any = None) -> Tensor:
        return self if self._s.dtype is dtype else converted(self, dtype)

    convert.__doc__ = f"This Tensor as {dtype}; itself where it is that already."
    return convert


def cpu(self: Tensor, memory_format: Any = None) -> Tensor:
    """This Tensor itself: all are on the CPU."""
    return self


def is_tensor(obj: Any) -> bool:
    """Whether an object is a Tensor."""
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """The number of elements. TypeError for what is no Tensor."""
    return _checked("numel", input)._s.size


def _checked(name: str, given: Any) -> Tensor:
    if not isinstance(given, Tensor):
        raise TypeError(f"{name} got {type(given).__name__}; wanted a Tensor")
    return given


def dim(self: Tensor) -> int:
    """The number of dimensions."""
    return self._s.ndim


class Count(int):
    """How many elements a Tensor has, as NumPy and the array API have `x.size`; called, `x.size()` or `x.size(dim)`, the shape as PyTorch has it."""

    _shape: tuple[int, ...]

    def __call__(self, dim: int | None = None) -> Any:
        """The shape, or the extent of one dimension. IndexError where there is no such dimension."""
        return Size(self._shape) if dim is None else _entry(self._shape, dim)


def size(self: Tensor) -> Count:
    """The number of elements; `size()` is the shape, `size(dim)` the extent of a dimension."""
    made = Count(self._s.size)
    made._shape = self._s.shape
    return made


def _entry(of: tuple[int, ...], dim: int) -> int:
    if not -len(of) <= dim < len(of):
        raise IndexError(f"dimension {dim} of a tensor of {len(of)} dimensions; wanted {-len(of)} to {len(of) - 1}")
    return of[dim]


def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours are in memory, for each dimension or for one."""
    asked(self._v, "stride()")
    values = array(self)
    strides = tuple(step // values.itemsize for step in values.strides)
    return strides if dim is None else _entry(strides, dim)


def is_contiguous(self: Tensor, memory_format: Any = None) -> bool:
    """Whether the elements lie in memory in order, without gaps."""
    asked(self._v, "is_contiguous()")
    return bool(array(self).flags.c_contiguous)


def storage_offset(self: Tensor) -> int:
    """How many elements before the first one the memory of its base begins."""
    values = array(self)
    base = values
    while isinstance(base.base, np.ndarray):
        base = base.base
    return (values.__array_interface__["data"][0] - base.__array_interface__["data"][0]) // values.itemsize


def data_ptr(self: Tensor) -> int:
    """Where the first element lies in memory."""
    return int(array(self).__array_interface__["data"][0]) if type(self._v) is not float else int(share(self).__array_interface__["data"][0])


def element_size(self: Tensor) -> int:
    """Bytes of one element."""
    return self._s.dtype.itemsize


def is_signed(self: Tensor) -> bool:
    """Whether the dtype has negative values."""
    return self._s.dtype.kind not in "bu"


def get_device(self: Tensor) -> int:
    """-1, which stands for the CPU."""
    return -1


METHODS = {
    "to": to, "type": type_of, "type_as": type_as, "cpu": cpu, "numel": numel, "nelement": numel, "dim": dim, "ndimension": dim,
    "size": property(size), "stride": stride, "is_contiguous": is_contiguous, "storage_offset": storage_offset, "data_ptr": data_ptr, "element_size":
    element_size, "is_floating_point": is_floating_point, "is_complex": is_complex, "is_signed": is_signed,
    "get_device": get_device, **{name: _short(dtype) for name, dtype in dtypes.NAMES.items() if name in (
        "double", "float", "half", "bfloat16", "int", "long", "short", "bool", "cfloat", "cdouble")},
    "char": _short(dtypes.int8), "byte": _short(dtypes.uint8), **comparison.METHODS, **typed.METHODS,
}  # fmt: skip
__all__ = ["is_complex", "is_floating_point", "is_tensor", "numel"]
