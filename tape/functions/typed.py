"""PyTorch's old constructors: a class for each dtype (`FloatTensor`, `LongTensor`, ...), `Tensor(...)` with arguments, `t.new(...)`.

A size gives memory with whatever it holds, a sequence or an array a copy in the dtype, a Tensor of that dtype one that shares its memory;
`isinstance(t, tape.LongTensor)` asks for the dtype. Invariant: these classes have no instances but Tensors of their dtype.
Imports creation; imported by functions and conversion, and by Tensor when it is called with arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape import dtypes
from tape.functions.creation import empty, tensor
from tape.tensor import Tensor

NAMES = {  # as Tensor.type() writes dtypes
    dtypes.float64: "DoubleTensor", dtypes.float32: "FloatTensor", dtypes.float16: "HalfTensor", dtypes.bfloat16:
    "BFloat16Tensor", dtypes.int64: "LongTensor", dtypes.int32: "IntTensor", dtypes.int16: "ShortTensor", dtypes.int8:
    "CharTensor", dtypes.uint8: "ByteTensor", dtypes.bool_: "BoolTensor", dtypes.complex64: "ComplexFloatTensor",
    dtypes.complex128: "ComplexDoubleTensor",
}  # fmt: skip


def of(dtype: np.dtype, data: tuple) -> Tensor:
    """What an old constructor makes. TypeError for numbers that are no size, text, and Tensors of another dtype."""
    if not data:
        return empty(0, dtype=dtype)
    (first, *more) = data
    if isinstance(first, Tensor) and not more:
        if first.dtype != dtype:
            raise TypeError(f"a {NAMES[dtype]} was asked of a Tensor of {first.dtype}; convert it with .to({dtype})")
        return first.detach()
    if isinstance(first, (list, tuple, np.ndarray)) and not more and type(first) is not type(empty(0).shape):
        return tensor(first, dtype=dtype)
    if any(isinstance(n, bool) or not isinstance(n, (int, np.integer, tuple)) for n in data):
        raise TypeError(f"{NAMES[dtype]} got {data!r}; it takes a sequence of values, or a size as ints: tensor({first!r}) makes one of a number")
    return empty(*data, dtype=dtype)


def fill(made: Tensor, data: tuple) -> None:
    """Make a new Tensor what `Tensor(*data)` is: of the default dtype, or that of the Tensor given, whose memory it shares."""
    given = data[0] if data and isinstance(data[0], Tensor) else None
    dtype = dtypes.get_default_dtype() if given is None else given.dtype
    found = of(dtype, data)
    made._v, made._s, made._t, made._r, made._views = found._v, found._s, None, found._r, getattr(found, "_views", [])
    if given is not None and given.requires_grad:
        raise RuntimeError("Tensor(t) of a tensor that requires grad; use t.view_as(t), or t.detach() for a tensor without history")


def new(self: Tensor, *data: Any) -> Tensor:
    """A Tensor of this one's dtype, made as the old constructors do: `new(2, 3)` of a size, `new([1.0, 2.0])` of values."""
    return of(self.dtype, data)


class Typed(type):
    """The class of the classes."""

    dtype: np.dtype

    def __instancecheck__(cls, given: object) -> bool:
        return isinstance(given, Tensor) and given.dtype == cls.dtype

    def __call__(cls, *data: Any) -> Tensor:
        return of(cls.dtype, data)


def set_default_tensor_type(t: Any) -> None:
    """Set the default dtype by one of these classes, or by its name: the old way of `set_default_dtype`."""
    named = TYPES.get(t.removeprefix("torch.")) if isinstance(t, str) else t
    if not isinstance(named, Typed):
        raise TypeError(f"set_default_tensor_type got {t!r}; wanted one of {', '.join(TYPES)}, or its name")
    dtypes.set_default_dtype(named.dtype)


TYPES = {name: Typed(name, (), {"dtype": dtype, "__doc__": f"Tensors of {dtype}, by the old constructor."}) for dtype, name in NAMES.items()}
(BFloat16Tensor, BoolTensor, ByteTensor, CharTensor, ComplexDoubleTensor, ComplexFloatTensor, DoubleTensor, FloatTensor, HalfTensor, IntTensor, LongTensor,
 ShortTensor) = (TYPES[name] for name in sorted(TYPES))  # fmt: skip
METHODS = {"new": new}
__all__ = [
    "BFloat16Tensor", "BoolTensor", "ByteTensor", "CharTensor", "ComplexDoubleTensor", "ComplexFloatTensor", "DoubleTensor", "FloatTensor", "HalfTensor",
    "IntTensor", "LongTensor", "ShortTensor", "set_default_tensor_type",
]  # fmt: skip
