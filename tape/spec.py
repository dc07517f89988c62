"""Interned shapes: one `Spec` for each (shape, dtype) pair, so that `a._s is b._s` means nothing to promote or broadcast.

`spec_of(array)` and `intern(shape, dtype)` find one; `SPECS` lists them by number and `numbers` holds what compiled code
reads of each (size, bytes, dtype code, zero-dimensional). Invariant: number 0 is the 0-d float64, SCALAR.
A Spec lives as long as the process; a program uses few. Imported by everything above errors.
"""

from __future__ import annotations

import threading

import numpy as np

FLOAT64, FLOAT32 = np.dtype(np.float64), np.dtype(np.float32)
LIGHT = 1 << 14  # bytes: above this the cost of an operation hides that of careful recording
WIDTH = 4


class Spec:
    """Shape and dtype of a value. `code` is 0 for float64, 1 for float32 and -1 for what no kernel reads; `light` says that
    the short recording path may serve (a small array of one of those two)."""

    __slots__ = ("shape", "dtype", "ndim", "size", "nbytes", "code", "light", "number")

    def __repr__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"


SPECS: list[Spec] = []
numbers = np.zeros(256 * WIDTH, np.int64)
_interned: dict[tuple, Spec] = {}
_lock = threading.Lock()
_retired: list[np.ndarray] = []


def intern(shape: tuple[int, ...], dtype: np.dtype) -> Spec:
    """The Spec of a shape (a tuple of ints) and a NumPy dtype."""
    found = _interned.get((shape, dtype))
    return found if found is not None else _new(shape, dtype)


def _new(shape: tuple[int, ...], dtype: np.dtype) -> Spec:
    global numbers
    with _lock:
        if (shape, dtype) in _interned:
            return _interned[shape, dtype]
        spec = Spec()
        spec.shape, spec.dtype, spec.ndim = shape, dtype, len(shape)
        spec.size = 1
        for extent in shape:
            spec.size *= extent
        spec.nbytes = spec.size * dtype.itemsize
        spec.code = 0 if dtype == FLOAT64 else 1 if dtype == FLOAT32 else -1
        spec.light = spec.code >= 0 and 0 < spec.ndim and spec.nbytes <= LIGHT
        spec.number = len(SPECS)
        if (spec.number + 1) * WIDTH > len(numbers):
            _retired.append(numbers)  # a sweep in another thread may be reading it
            numbers = np.concatenate([numbers, np.zeros_like(numbers)])
        numbers[spec.number * WIDTH : (spec.number + 1) * WIDTH] = spec.size, spec.nbytes, spec.code, not shape
        SPECS.append(spec)
        _interned[shape, dtype] = spec
        return spec


def address() -> int:
    """Where `numbers` lies now."""
    global _address
    if _address[0] is not numbers:
        _address = numbers, numbers.ctypes.data
    return _address[1]


_address: tuple[np.ndarray | None, int] = (None, 0)


def spec_of(array: np.ndarray) -> Spec:
    """The Spec of an ndarray."""
    found = _interned.get((array.shape, array.dtype))
    return found if found is not None else _new(array.shape, array.dtype)


SCALAR = intern((), FLOAT64)
