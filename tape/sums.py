"""Sums and maxima of plain arrays over dimensions, with NumPy's meaning: `add_up` and `largest`.

Over one or more neighbouring dimensions of a contiguous float array of some size, short or not the last, compiled loops serve,
which are several times as fast; NumPy does the rest, and its pairwise summation is kept where rows are long.
Knows no Tensors. Imported by functions and adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.spec import FLOAT32, FLOAT64

ENOUGH = 2048  # elements that make the compiled loop worth its call; for maxima, whose bits do not depend on the order, FEW
FEW = 256
SHORT = 64  # a longer row at the end is left to NumPy, which adds in pairs


def _middle(values: Any, axis: Any, enough: int) -> tuple[np.ndarray, tuple[int, int, int]] | None:
    """The array as (outer, middle, inner) around the dimensions to reduce, where the compiled loop serves."""
    if type(values) is not np.ndarray or values.size < enough or values.dtype not in (FLOAT64, FLOAT32) or not values.flags.c_contiguous:
        return None
    dims = sorted(range(values.ndim)[d] for d in ((axis,) if isinstance(axis, int) else axis if axis is not None else ()))
    if not dims or dims[-1] - dims[0] + 1 != len(dims):
        return None
    shape = values.shape
    outer, middle, inner = 1, 1, 1
    for dim, extent in enumerate(shape):
        if dim < dims[0]:
            outer *= extent
        elif dim <= dims[-1]:
            middle *= extent
        else:
            inner *= extent
    return None if inner == 1 and middle > SHORT else (values.reshape(outer, middle, inner), (dims[0], dims[-1] + 1, middle))


def _reduced(values: Any, axis: Any, keepdims: bool, name: str, enough: int) -> np.ndarray | None:
    found = _middle(values, axis, enough)
    if found is None:
        return None
    from compiled_ops import reduce

    folded, (start, stop, _) = found
    out = np.empty((folded.shape[0], folded.shape[2]), values.dtype)
    getattr(reduce, name)(folded, out)
    shape = values.shape
    return out.reshape(shape[:start] + (1,) * (stop - start if keepdims else 0) + shape[stop:])


def add_up(values: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    """`np.add.reduce`; where the compiled loop serves, of more accurate sums by runs."""
    found = _reduced(values, axis, keepdims, "add_middle", ENOUGH) if dtype is None or dtype == getattr(values, "dtype", None) else None
    return np.add.reduce(values, axis=axis, keepdims=keepdims, dtype=dtype) if found is None else found


def largest(values: Any, axis: Any, keepdims: bool = False) -> Any:
    """`np.maximum.reduce`, minus infinity where there is nothing to reduce."""
    found = _reduced(values, axis, keepdims, "max_middle", FEW)
    return np.maximum.reduce(values, axis=axis, keepdims=keepdims, initial=-np.inf) if found is None else found
