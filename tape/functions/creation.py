"""Making Tensors: of data (`tensor`, `as_tensor`, `from_numpy`), of constants and of sequences of numbers.

Everything here gives a leaf that is written nowhere on a tape; `requires_grad=True` makes operations on it recorded, also inside
no_grad. Invariant: only `as_tensor` and `from_numpy` share memory with what they are given. `device=` takes "cpu" only.
Imports dtypes and tensor; imported by random, nn, optim and tape/__init__.
"""

from __future__ import annotations

import math
import warnings
from operator import index
from typing import Any

import numpy as np

from tape.dtypes import as_dtype, get_default_dtype, infer_dtype, of_python_type, python_type
from tape.errors import ShapeError
from tape.record import cast, native
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced

_KNOWN = {int, float, bool, complex, np.ndarray}


def finished(value: Any, requires_grad: bool = False, device: Any = None) -> Tensor:
    """The leaf of a new array."""
    if device is not None and str(device) not in ("cpu", "cpu:0"):
        raise RuntimeError(f"device={device!r}; tensors are on the CPU: leave device out")
    made = wrap(value)
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


def _dtype_of(dtype: Any) -> np.dtype:
    return get_default_dtype() if dtype is None else as_dtype(dtype)


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
            return np.array(_plain(data)).astype(wanted)  # NumPy refuses to cut off fractions; PyTorch does it
        return np.array(_plain(data), dtype=wanted)
    except OverflowError as error:
        raise RuntimeError(f"a value does not fit into {wanted}: {error}") from None
    except ValueError as error:
        if "inhomogeneous" in str(error) or "setting an array element" in str(error):
            raise ValueError("tensor data must be nested sequences of equal lengths; these are ragged") from None
        raise


def _plain(data: Any) -> Any:
    """Nested sequences with Tensors in them as nested sequences of arrays."""
    if isinstance(data, Tensor):
        if data._t is not None:
            warnings.warn("a Tensor that requires grad became plain data; stack() keeps its history", UserWarning, stacklevel=2)
        return array(data)
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
            return _shared(plain)
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
    if not ndarray.dtype.isnative:
        raise ValueError("from_numpy got an array of swapped bytes, which cannot be shared; use tensor() for a copy")
    return _shared(native(ndarray))


def _shared(plain: np.ndarray) -> Tensor:
    made = wrap(plain)
    made._v = plain  # a 0-d array too, or memory would not be shared
    return made


def zeros(*given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of a size given as ints or as one tuple. dtype: the default one."""
    return finished(np.zeros(size_of("zeros", given, size), _dtype_of(dtype)), requires_grad, device)


def ones(*given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of a size given as ints or as one tuple. dtype: the default one."""
    return finished(np.ones(size_of("ones", given, size), _dtype_of(dtype)), requires_grad, device)


def empty(*given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Memory of a size given as ints or as one tuple, with whatever values it holds."""
    return finished(np.empty(size_of("empty", given, size), _dtype_of(dtype)), requires_grad, device)


def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One value everywhere. dtype: that of the value (bool, int64, the default floating or complex dtype).

    >>> tape.full((2,), 7)
    tensor([7, 7])
    """
    shape = size_of("full", (size,))
    if isinstance(fill_value, Tensor):
        dtype, fill_value = fill_value._s.dtype if dtype is None else dtype, fill_value.item()
    wanted = of_python_type(python_type(fill_value)) if dtype is None else as_dtype(dtype)
    return finished(_filled(shape, fill_value, wanted), requires_grad, device)


def _filled(shape: tuple[int, ...], value: Any, dtype: np.dtype) -> np.ndarray:
    try:
        return np.full(shape, value, dtype)
    except OverflowError as error:
        raise RuntimeError(f"a value does not fit into {dtype}: {error}") from None


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """The identity matrix (n, n), or ones on the main diagonal of (n, m)."""
    shape = size_of("eye", (n, n if m is None else m))
    return finished(np.eye(*shape, dtype=_dtype_of(dtype)), requires_grad, device)


def arange(*given: Any, start: Any = None, end: Any = None, step: Any = None, dtype: Any = None, device: Any = None,
           requires_grad: bool = False) -> Tensor:  # fmt: skip
    """start, start + step, ... below end: `arange(end)`, `arange(start, end)` or `arange(start, end, step)`.

    dtype: int64 where all are ints, else the default one. RuntimeError for a step of 0 or away from the end.
    """
    numbers = [each.item() if isinstance(each, (Tensor, np.generic)) else each for each in given]
    if not 1 <= len(numbers) <= 3 and end is None or len(numbers) > 3:
        raise TypeError(f"arange got {len(numbers)} numbers; wanted (end), (start, end) or (start, end, step)")
    if len(numbers) == 1:
        start, end = (numbers[0], end) if end is not None else (start, numbers[0])
    elif len(numbers) > 1:
        start, end, step = (*numbers, step)[:3]
    start, step = 0 if start is None else start, 1 if step is None else step
    if step == 0:
        raise RuntimeError("arange got step=0; wanted a number that leads from start to end")
    if (end - start) * step < 0:
        raise RuntimeError(f"arange got start={start}, end={end}, step={step}; the step leads away from the end")
    whole = all(isinstance(each, int) for each in (start, end, step))
    wanted = as_dtype(dtype) if dtype is not None else np.dtype(np.int64) if whole else get_default_dtype()
    count = -((start - end) // step) if whole else math.ceil((end - start) / step)
    values = start + step * np.arange(count) if not whole else np.arange(start, start + count * step, step)
    return finished(values.astype(wanted, copy=False), requires_grad, device)


def linspace(start: Any, end: Any, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """`steps` numbers from start to end, both included, at equal distances. RuntimeError for negative steps."""
    return finished(_spaced("linspace", start, end, steps, _dtype_of(dtype)).astype(_dtype_of(dtype)), requires_grad, device)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None,
             requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`base` to the powers `linspace(start, end, steps)`."""
    powers = _spaced("logspace", start, end, steps, _dtype_of(dtype))
    return finished(np.power(powers.dtype.type(base), powers).astype(_dtype_of(dtype)), requires_grad, device)


def _spaced(name: str, start: Any, end: Any, steps: int, dtype: np.dtype) -> np.ndarray:
    """Counted from the nearer end, so that both ends are exact."""
    (count,) = size_of(name, (steps,))
    kind = dtype if dtype.kind == "c" or dtype.kind == "f" and dtype.itemsize > 2 else np.dtype(np.float64)
    first, last = (kind.type(each.item() if isinstance(each, (Tensor, np.generic)) else each) for each in (start, end))
    if count < 2:
        return np.full(count, first, kind)
    step, places = (last - first) / kind.type(count - 1), np.arange(count)
    near, far = first + step * places.astype(kind), last - step * (count - 1 - places).astype(kind)
    return np.where(places < count // 2, near, far)


def _like(name: str, input: Any, dtype: Any) -> tuple[tuple[int, ...], np.dtype]:
    if not isinstance(input, Tensor):
        raise TypeError(f"{name} got {type(input).__name__}; wanted a Tensor")
    return input._s.shape, input._s.dtype if dtype is None else as_dtype(dtype)


def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the shape and, unless given, the dtype of a Tensor."""
    return finished(np.zeros(*_like("zeros_like", input, dtype)), requires_grad, device)


def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of the shape and, unless given, the dtype of a Tensor."""
    return finished(np.ones(*_like("ones_like", input, dtype)), requires_grad, device)


def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Memory of the shape and, unless given, the dtype of a Tensor, with whatever values it holds."""
    return finished(np.empty(*_like("empty_like", input, dtype)), requires_grad, device)


def full_like(input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """One value everywhere, in the shape and, unless given, the dtype of a Tensor."""
    shape, wanted = _like("full_like", input, dtype)
    value = fill_value.item() if isinstance(fill_value, Tensor) else fill_value
    return finished(_filled(shape, value, wanted), requires_grad, device)


def new_tensor(self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A leaf with a copy of data, in the dtype of this Tensor unless another is given."""
    return finished(_copied(data, self._s.dtype if dtype is None else dtype), requires_grad, device)


def new_zeros(
    self: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Zeros of a size, in the dtype of this Tensor unless another is given."""
    return zeros(*given, size=size, dtype=self._s.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad)


def new_ones(
    self: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Ones of a size, in the dtype of this Tensor unless another is given."""
    return ones(*given, size=size, dtype=self._s.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad)


def new_empty(
    self: Tensor, *given: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Memory of a size, in the dtype of this Tensor unless another is given."""
    return empty(*given, size=size, dtype=self._s.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value everywhere, in the dtype of this Tensor unless another is given."""
    return full(size, fill_value, dtype=self._s.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad)


METHODS = {
    "new_tensor": new_tensor, "new_zeros": new_zeros, "new_ones": new_ones, "new_empty": new_empty, "new_full": new_full,
}  # fmt: skip
__all__ = [
    "arange", "as_tensor", "empty", "empty_like", "eye", "from_numpy", "full", "full_like", "linspace", "logspace", "ones",
    "ones_like", "tensor", "zeros", "zeros_like",
]  # fmt: skip
