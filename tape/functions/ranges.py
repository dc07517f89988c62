"""Numbers in order: arange, linspace and logspace.

Values are computed in double precision (or the dtype wanted, where it is one of 32 bits or more) and cast once; both ends of linspace
are exact. Imports creation; imported by tape/functions.
"""

from __future__ import annotations

import math
from operator import index
from typing import Any

import numpy as np

from tape.dtypes import as_dtype, complex_of, get_default_dtype
from tape.functions.creation import dtype_of, finished, size_of
from tape.tensor import Tensor


def arange(*given: Any, start: Any = None, end: Any = None, step: Any = None, out: Tensor | None = None, dtype: Any = None,
           layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
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
    whole = all(isinstance(each, int) for each in (start, end, step))
    wanted = _ordered("arange", dtype) if dtype is not None else np.dtype(np.int64) if whole else dtype_of(None)
    count = -1
    if wanted.kind in "iu" and not whole:
        if not int(step):
            raise ValueError(f"arange of {wanted} got a step below 1; wanted a whole number")
        if wanted.itemsize < 8 and math.isfinite(start) and math.isfinite(end) and (end - start) * step >= 0:
            count = math.ceil((end - start) / step)  # as PyTorch counts, but for int64
        start, end, step, whole = int(start), int(end), int(step), True
    if step == 0:
        raise RuntimeError("arange got step=0; wanted a number that leads from start to end")
    if not (math.isfinite(start) and math.isfinite(end)):
        raise RuntimeError(f"arange got start={start}, end={end}; wanted finite numbers")
    if (end - start) * step < 0:
        raise RuntimeError(f"arange got start={start}, end={end}, step={step}; the step leads away from the end")
    if count < 0:
        count = -((start - end) // step) if whole else math.ceil((end - start) / step)
    values = start + step * np.arange(count) if not whole else np.arange(start, start + count * step, step)
    return finished(values.astype(wanted, copy=False), requires_grad, device, layout, out)


def linspace(start: Any, end: Any, steps: int, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
             pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`steps` numbers from start to end (numbers or 0-d Tensors), both included, at equal distances. RuntimeError for negative steps."""
    values = _spaced("linspace", start, end, steps, _kind("linspace", dtype, start, end))
    return finished(values, requires_grad, device, layout, out)


def logspace(start: Any, end: Any, steps: int, base: float = 10.0, *, out: Tensor | None = None, dtype: Any = None, layout: Any = None,
             device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """`base` to the powers `linspace(start, end, steps)`."""
    wanted = _kind("logspace", dtype, start, end)
    powers = _spaced("logspace", start, end, steps, wanted, whole=False)
    with np.errstate(all="ignore"):
        found = np.power(powers.dtype.type(base) if base >= 0 or powers.dtype.kind == "c" else np.float64(base), powers)
        return finished(found.astype(wanted), requires_grad, device, layout, out)


def _ordered(name: str, dtype: Any) -> np.dtype:
    wanted = as_dtype(dtype)
    if wanted.kind == "b" or wanted.kind == "c" and name == "arange":
        raise NotImplementedError(f"{name} of {wanted}; wanted a dtype of numbers in order")
    return wanted


def _kind(name: str, dtype: Any, *ends: Any) -> np.dtype:
    """The dtype of the result: that given, complex where an end is, else the default one."""
    if dtype is not None:
        return _ordered(name, dtype)
    complexes = any(isinstance(each, complex) or isinstance(each, Tensor) and each._s.dtype.kind == "c" for each in ends)
    return complex_of(get_default_dtype()) if complexes else get_default_dtype()


def _spaced(name: str, start: Any, end: Any, steps: int, dtype: np.dtype, whole: bool = True) -> np.ndarray:
    """Counted from the nearer end, so that both ends are exact; in the dtype wanted, or (`whole` False) one to compute with."""
    for each in (start, end):
        if isinstance(each, Tensor) and each._s.ndim:
            raise RuntimeError(f"{name} from {start!r} to {end!r}; wanted numbers or 0-d tensors")
    (count,) = size_of(name, (index(steps),))
    kind = dtype if dtype.kind == "c" or dtype.kind == "f" and dtype.itemsize > 2 else np.dtype(np.float64)
    first, last = (each.item() if isinstance(each, (Tensor, np.generic)) else each for each in (start, end))
    if dtype.kind in "iu":
        first, last = int(first), int(last)
    first, last = kind.type(first), kind.type(last)
    if count < 2:
        return np.full(count, first, kind).astype(dtype if whole else kind)
    places, step = np.arange(count), (last - first) / kind.type(count - 1)
    near, far = first + step * places.astype(kind), last - step * (count - 1 - places).astype(kind)
    found = np.where(places < count // 2, near, far)
    return found.astype(dtype) if whole else found


__all__ = ["arange", "linspace", "logspace"]
