"""Making Tensors: of data (`tensor`, `as_tensor`, `from_numpy`), of constants and of sequences of numbers.

Everything here gives a leaf that is written nowhere on a tape; `requires_grad=True` makes operations on it recorded, also inside
no_grad. Invariant: only `as_tensor` and `from_numpy` share memory with what they are given. `device=` takes "cpu" only.
Imports dtypes and tensor; imported by random, nn, optim and tape/__init__.
"""

from __future__ import annotations

import warnings
from operator import index
from typing import Any

import numpy as np

from tape.dtypes import as_dtype, get_default_dtype, infer_dtype, of_python_type, python_type
from tape.errors import ShapeError
from tape.out import written
from tape.record import cast, native
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced

_KNOWN = {int, float, bool, complex, np.ndarray}


def finished(value: Any, requires_grad: bool = False, device: Any = None, layout: Any = None, out: Tensor | None = None) -> Tensor:
    """The leaf of a new array, or `out` with its values."""
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise RuntimeError(f"device={device!r}; tensors are on the CPU: leave device out")
    if layout is not None and "strided" not in str(layout):
        raise RuntimeError(f"layout={layout!r}; tensors are strided: leave layout out")
    made = wrap(value)
    if out is not None:
        made = written("creation", out, made)
    return made.requires_grad_() if requires_grad else made


def size_of(name: str, given: tuple, size: Any = None) -> tuple[int, ...]:
    """A shape from `f(2, 3)`, `f((2, 3))` or `f(size=(2, 3))`."""
    if size is not None:
        given = (size, *given)
    if not given:
        raise TypeError(f"{name} got no size; give the extents, such as {name}(2, 3)")
    extents = given[0] if len(given) == 1 and isinstance(given[0], (tuple, list)) else given
    try:
        shape = tuple(map(index, extents))
    except TypeError:
        raise TypeError(f"{name} got the size {given!r}; wanted ints, or one tuple of them") from None
    if shape and min(shape) < 0:
        raise ShapeError(f"{name} got the size {shape}; extents are at least 0")
    return shape


def dtype_of(dtype: Any, out: Tensor | None = None) -> np.dtype:
    if dtype is None:
        return get_default_dtype() if out is None else out._s.dtype
    return as_dtype(dtype)


def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, pin_memory: bool = False) -> Tensor:
    """A leaf with a copy of data: a number, nested sequences of numbers, arrays or Tensors, or an array.

    dtype: Python floats become the default dtype, ints int64, bools bool; arrays and Tensors keep theirs. ValueError for ragged
    sequences, TypeError for text, RuntimeError for what has no dtype and for requires_grad of integers.

    >>> tape.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    if type(data) is float and dtype is None and get_default_dtype() == np.float64:
        return finished(data, requires_grad, device)
    if isinstance(data, Tensor):
        warnings.warn(
            "tensor() of a Tensor copies it without history; write t.detach().clone(), and .requires_grad_() where wanted",
            UserWarning,
            stacklevel=2,
        )
    return finished(_copied(data, dtype), requires_grad, device)


def _copied(data: Any, dtype: Any) -> np.ndarray:
    wanted = infer_dtype(data) if dtype is None else as_dtype(dtype)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"tensor data must be numbers, not {type(data).__name__}: {data!r}")
    if isinstance(data, Tensor):
        return array(data).astype(wanted)
    if isinstance(data, np.ndarray):
        return data.astype(wanted, order="C")
    if dtype is not None and not isinstance(data, (int, float, complex, np.generic, list, tuple)):
        infer_dtype(data)  # raises for what is no number
    try:
        if dtype is not None and wanted.kind in "iub" and infer_dtype(data).kind in "fV":
            given = np.array(_plain(data))  # NumPy refuses to cut off fractions; PyTorch does it
            if wanted.kind != "b" and not np.isfinite(given.astype(np.float64)).all():
                raise RuntimeError(f"a value that is not finite does not fit into {wanted}")
            return given.astype(wanted)
        return np.array(_plain(data), dtype=wanted)
    except OverflowError as error:
        if wanted.kind == "u" and np.min(np.array(_plain(data))) < 0:
            return np.array(_plain(data), np.int64).astype(wanted)  # counted from the end, as PyTorch does
        kind = ValueError if wanted.itemsize == 8 else RuntimeError
        raise kind(f"a value does not fit into {wanted}: {error}") from None
    except ValueError as error:
        if "inhomogeneous" in str(error) or "setting an array element" in str(error):
            raise ValueError("tensor data must be nested sequences of equal lengths; these are ragged") from None
        raise


def _plain(data: Any) -> Any:
    """Nested sequences with Tensors in them as nested sequences of arrays."""
    if isinstance(data, Tensor):
        if data._t is not None:
            warnings.warn("a Tensor that requires grad became plain data; stack() keeps its history", UserWarning, stacklevel=2)
        if data._s.size != 1:
            raise ValueError(f"a Tensor of shape {data._s.shape} in a sequence; only one element becomes a number: use stack()")
        return array(data).reshape(())
    if isinstance(data, (list, tuple)):
        if _KNOWN.issuperset(map(type, data)):
            return data
        return [_plain(each) for each in data]
    return data


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """A Tensor of data without copying where possible: a Tensor is returned itself, an array shares its memory.

    dtype: converts, recorded for a Tensor with history.
    """
    if isinstance(data, Tensor):
        return data if dtype is None else cast(data, as_dtype(dtype))
    if isinstance(data, np.ndarray):
        plain = native(data)
        if dtype is None or as_dtype(dtype) == plain.dtype:
            return shared(plain)
        return finished(plain.astype(as_dtype(dtype)), device=device)
    return finished(_copied(data, dtype), device=device)


def from_numpy(ndarray: np.ndarray) -> Tensor:
    """A Tensor that shares the memory of an ndarray: a write to one is seen in the other. TypeError for anything else.

    >>> values = np.zeros(2)
    >>> t = tape.from_numpy(values)
    >>> values[0] = 5
    >>> t
    tensor([5., 0.])
    """
    if type(ndarray) is Traced:
        return wrap(ndarray)
    if not isinstance(ndarray, np.ndarray):
        raise TypeError(f"from_numpy got {type(ndarray).__name__}; wanted an ndarray: use tensor() for other data")
    if any(step < 0 for step in ndarray.strides):
        raise ValueError("from_numpy got an array with negative strides, such as a[::-1]; use tensor() for a copy")
    if not ndarray.dtype.isnative:
        raise ValueError("from_numpy got an array of swapped bytes, which cannot be shared; use tensor() for a copy")
    return shared(native(ndarray))


def shared(plain: np.ndarray) -> Tensor:
    """A Tensor that shares the memory of an array."""
    made = wrap(plain)
    made._v = plain  # a 0-d array too, or memory would not be shared
    return made


def zeros(*given: Any, size: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Zeros of a size given as ints or as one tuple. dtype: the default one."""
    return finished(np.zeros(size_of("zeros", given, size), dtype_of(dtype, out)), requires_grad, device, layout, out)


def ones(*given: Any, size: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Ones of a size given as ints or as one tuple. dtype: the default one."""
    return finished(np.ones(size_of("ones", given, size), dtype_of(dtype, out)), requires_grad, device, layout, out)


def empty(*given: Any, size: Any = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
          pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """Memory of a size given as ints or as one tuple, with whatever values it holds."""
    return finished(np.empty(size_of("empty", given, size), dtype_of(dtype, out)), requires_grad, device, layout, out)


def full(size: Any, fill_value: Any, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
         pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """One value everywhere. dtype: that of the value (bool, int64, the default floating or complex dtype).

    >>> tape.full((2,), 7)
    tensor([7, 7])
    """
    if not isinstance(size, (tuple, list)):
        raise TypeError(f"full got the size {size!r}; wanted a tuple of ints")
    shape = size_of("full", (size,))
    if isinstance(fill_value, Tensor):
        dtype, fill_value = fill_value._s.dtype if dtype is None else dtype, fill_value.item()
    wanted = of_python_type(python_type(fill_value)) if dtype is None else as_dtype(dtype)
    return finished(_filled(shape, fill_value, wanted), requires_grad, device, layout, out)


def _filled(shape: tuple[int, ...], value: Any, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "u" and isinstance(value, int) and -(1 << 8 * dtype.itemsize) < value < 0:
        value += 1 << 8 * dtype.itemsize  # counted from the end, as PyTorch does
    if isinstance(value, complex) and dtype.kind != "c":
        raise RuntimeError(f"a complex value does not fit into {dtype}; take its real part")
    try:
        return np.full(shape, int(value) if dtype.kind in "iu" else value, dtype)
    except (OverflowError, ValueError) as error:
        raise RuntimeError(f"a value does not fit into {dtype}: {error}") from None


def eye(n: int, m: int | None = None, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
        pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """The identity matrix (n, n), or ones on the main diagonal of (n, m)."""
    shape = size_of("eye", (n, n if m is None else m))
    return finished(np.eye(*shape, dtype=dtype_of(dtype, out)), requires_grad, device, layout, out)


def scalar_tensor(s: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
                  requires_grad: bool = False) -> Tensor:  # fmt: skip
    """A 0-d leaf of a number, in the default dtype unless another is given."""
    return finished(_filled((), s.item() if isinstance(s, (Tensor, np.generic)) else s, dtype_of(dtype)), requires_grad, device, layout)


def empty_strided(size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, requires_grad: bool = False,
                  pin_memory: bool = False) -> Tensor:  # fmt: skip
    """Memory with the given strides (in elements), with whatever values it holds. RuntimeError for as many sizes as strides missing."""
    shape, steps = size_of("empty_strided", (tuple(size),)), tuple(map(index, stride))
    if len(shape) != len(steps) or any(step < 0 for step in steps):
        raise RuntimeError(f"empty_strided: sizes {shape} and strides {steps}; give as many of both, none negative")
    wanted = dtype_of(dtype)
    count = 0 if 0 in shape else 1 + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    memory, each = np.empty((count, wanted.itemsize), np.uint8), wanted.itemsize
    found = np.ndarray((*shape, each), np.uint8, memory, 0, (*[step * each for step in steps], 1))
    made = finished(found.view(wanted)[..., 0] if shape else np.empty((), wanted), False, device, layout)
    return made.requires_grad_() if requires_grad else made


def _like(name: str, input: Any, dtype: Any) -> tuple[tuple[int, ...], np.dtype]:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name} got {type(input).__name__}; wanted a Tensor")
    return input._s.shape, input._s.dtype if dtype is None else as_dtype(dtype)


def zeros_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
               requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """Zeros of the shape and, unless given, the dtype of a Tensor."""
    return finished(np.zeros(*_like("zeros_like", input, dtype)), requires_grad, device, layout)


def ones_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
              requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """Ones of the shape and, unless given, the dtype of a Tensor."""
    return finished(np.ones(*_like("ones_like", input, dtype)), requires_grad, device, layout)


def empty_like(input: Tensor, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
               requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """Memory of the shape and, unless given, the dtype of a Tensor, with whatever values it holds."""
    return finished(np.empty(*_like("empty_like", input, dtype)), requires_grad, device, layout)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
              requires_grad: bool = False, memory_format: Any = None) -> Tensor:  # fmt: skip
    """One value everywhere, in the shape and, unless given, the dtype of a Tensor."""
    shape, wanted = _like("full_like", input, dtype)
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    return finished(_filled(shape, value, wanted), requires_grad, device, layout)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None,
               pin_memory: bool = False) -> Tensor:  # fmt: skip
    """A leaf with a copy of data, in the dtype of this Tensor unless another is given."""
    if isinstance(data, Tensor):
        warnings.warn("new_tensor() of a Tensor copies it; write t.detach().clone() for that", UserWarning, stacklevel=2)
    return finished(_copied(data, self._s.dtype if dtype is None else dtype), requires_grad, device, layout)


def _new(name: str, make: Any, what: str) -> Any:
    def method(self: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False,
               layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
        dtype = self._s.dtype if dtype is None else dtype
        return make(*given, size=size, dtype=dtype, device=device, requires_grad=requires_grad, layout=layout)  # type: ignore[no-any-return]

    method.__name__ = method.__qualname__ = name
    method.__doc__ = f"{what} of a size, in the dtype of this Tensor unless another is given."
    return method


new_zeros, new_ones = _new("new_zeros", zeros, "Zeros"), _new("new_ones", ones, "Ones")
new_empty = _new("new_empty", empty, "Memory with whatever values it holds,")


def new_full(self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
             layout: Any = None, pin_memory: bool = False) -> Tensor:  # fmt: skip
    """One value everywhere, in the dtype of this Tensor unless another is given."""
    return full(size, fill_value, dtype=self._s.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad, layout=layout)


def new_empty_strided(self: Tensor, size: Any, stride: Any, *, dtype: Any = None, layout: Any = None, device: Any = None,
                      pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Memory with the given strides, in the dtype of this Tensor unless another is given; see `empty_strided`."""
    dtype = self._s.dtype if dtype is None else dtype
    return empty_strided(size, stride, dtype=dtype, layout=layout, device=device, requires_grad=requires_grad)


METHODS = {
    "new_tensor": new_tensor, "new_zeros": new_zeros, "new_ones": new_ones, "new_empty": new_empty, "new_full": new_full,
    "new_empty_strided": new_empty_strided,
}  # fmt: skip
__all__ = [
    "as_tensor", "empty", "empty_like", "empty_strided", "eye", "from_numpy", "full", "full_like", "ones", "ones_like", "scalar_tensor",
    "tensor", "zeros", "zeros_like",
]  # fmt: skip
