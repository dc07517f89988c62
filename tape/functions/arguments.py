"""Arguments as PyTorch takes them: dimensions, sizes, tensors, and NumPy's names `axis` and `keepdims` for `dim` and `keepdim`.

`tensor_of` coerces an input, `dim_of` and `dims_of` normalise dimensions, `sizes_of` reads a shape given as one tuple or as several ints.
Invariant: what is returned is valid; everything else raised the class of exception that PyTorch raises.
Imported by the other modules of functions.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from tape.record import as_tensor, normal, record
from tape.spec import FLOAT32
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import as_value


def tensor_of(name: str, given: Any) -> Tensor:
    """A Tensor of what was given; TypeError where it is none and cannot become one."""
    if isinstance(given, Tensor):
        return given
    found = as_tensor(given)
    if found is None:
        raise TypeError(f"{name}: got {type(given).__name__}; wanted a Tensor, an array or a number")
    return found


def dim_of(name: str, ndim: int, dim: Any) -> int:
    """A dimension counted from the front. IndexError out of range; a 0-d tensor has dimensions 0 and -1, as PyTorch has it."""
    try:
        dim = index(dim)
    except TypeError:
        raise TypeError(f"{name}: dim is {dim!r} ({type(dim).__name__}); wanted an int") from None
    extent = ndim or 1
    if not -extent <= dim < extent:
        raise IndexError(f"{name}: dim {dim} of a tensor of {ndim} dimensions; wanted one of {-extent} ... {extent - 1}")
    return dim + extent if dim < 0 else dim


def dims_of(name: str, ndim: int, dim: Any) -> tuple[int, ...]:
    """Dimensions counted from the front, ascending; all for None or (). RuntimeError where one is given twice."""
    if dim is None:
        return tuple(range(ndim))
    if isinstance(dim, (tuple, list)):
        found = sorted(dim_of(name, ndim, each) for each in dim)
        if len(set(found)) < len(found):
            raise RuntimeError(f"{name}: dim {tuple(dim)} names a dimension twice; give each once")
        return tuple(found if ndim else ()) if found else tuple(range(ndim))
    found_one = dim_of(name, ndim, dim)
    return (found_one,) if ndim else ()


def dim_or_axis(name: str, dim: Any, axis: Any) -> Any:
    """`dim`, or NumPy's name for it. TypeError where both are given."""
    if axis is None:
        return dim
    if dim is not None:
        raise TypeError(f"{name}: both dim and axis were given; they mean the same, give one")
    return axis


def required(name: str, dim: Any, axis: Any) -> Any:
    """`dim` or `axis`, one of which must be given."""
    found = dim_or_axis(name, dim, axis)
    if found is None:
        raise TypeError(f"{name}: dim is missing; say along which dimension")
    return found


def sizes_of(name: str, sizes: tuple) -> tuple[int, ...]:
    """A shape given as one tuple or list, or as several ints."""
    if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)):
        sizes = tuple(sizes[0])
    try:
        return tuple(map(index, sizes))
    except TypeError:
        raise TypeError(f"{name}: sizes {sizes!r}; wanted ints, or one tuple of ints") from None


def indices_of(name: str, given: Any, kinds: tuple = (np.int64, np.int32), error: type[Exception] = RuntimeError) -> np.ndarray:
    """An index tensor's values. RuntimeError (or `error`) where they are not of one of the integer dtypes `kinds`; none may be of any."""
    values = as_value(tensor_of(name, given)._v)
    if values.dtype.type not in kinds:
        if values.size or values.dtype.kind == "b":
            raise error(f"{name}: the index is of {values.dtype}; wanted {' or '.join(kind.__name__ for kind in kinds)}: convert with .long()")
        values = values.astype(np.int64)
    return values


def number_as(name: str, number: Any, dtype: np.dtype) -> np.ndarray:
    """A Python number as an array of a dtype; fractions are cut off for integers. RuntimeError where a complex one, or one too large,
    would lose its value."""
    if isinstance(number, (complex, np.complexfloating)) and dtype.kind != "c":
        if number.imag:
            raise RuntimeError(f"{name}: the value {number!r} is complex, the tensor {dtype}; take its real part")
        number = number.real
    try:
        return np.asarray(int(number) if dtype.kind in "iu" else number, dtype)
    except (OverflowError, ValueError) as error:
        raise RuntimeError(f"{name}: the value {number!r} does not fit into {dtype}: {error}") from None
    except TypeError:
        raise TypeError(f"{name}: got {type(number).__name__}; wanted a number or a 0-d tensor") from None


def recording(*inputs: Tensor) -> bool:
    """Whether an operation on these will be recorded (or pushed forward), so that what its rule reads must be kept."""
    if STATE.dual:
        return True
    return STATE.grad and not STATE.inference and any(t._t is not None for t in inputs)


def values_of(t: Tensor) -> np.ndarray:
    """Values to compute with: half precision as float32, a float as a 0-d array."""
    values = as_value(t._v)
    return values.astype(FLOAT32) if values.dtype.itemsize == 2 and values.dtype.kind in "fV" else values


def record_whole(op: int, t: Tensor, value: Any, saves: str, *params: Any, dtype: Any = None) -> Tensor:
    """Record a reduction that keeps its input ("a"), its output ("y") or both; the result is of the input's dtype unless told otherwise."""
    dtype = t._s.dtype if dtype is None else dtype
    value = normal(as_value(value).astype(dtype, copy=False), dtype)
    value = value.item() if type(value) is np.ndarray and not value.ndim and value.dtype == np.float64 else value
    saved = (t._v if "a" in saves else None, None, value if "y" in saves else None)
    return record(op, (t,), value, saved, (t._s, *params))
