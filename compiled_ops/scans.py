"""Running results along the middle dimension of contiguous (outer, middle, inner) arrays: `add_along`, `multiply_along`,
`recur_along`, `log_add_along`, forwards or from the end.

NumPy's accumulate takes three times as long on a long row, and has no recurrence at all. Elements are taken one after the other,
as NumPy does. A loop is compiled for a dtype when it is first called with one, and cached on disk. Knows no Tensors.
"""

from __future__ import annotations

from math import inf

import numpy as np

from compiled_ops.memory import kernel


@kernel(None, nogil=True)
def add_along(x, out, reverse):
    """out[o, j, i] = the sum of x[o, :j+1, i], or of x[o, j:, i]."""
    outer, middle, inner = x.shape
    start, step = (middle - 1, -1) if reverse else (0, 1)
    for o in range(outer):
        if inner == 1:
            j, total = start, x[o, start, 0]
            out[o, j, 0] = total
            for _ in range(middle - 1):
                j += step
                total += x[o, j, 0]
                out[o, j, 0] = total
        else:
            j = start
            for i in range(inner):
                out[o, j, i] = x[o, j, i]
            for _ in range(middle - 1):
                j += step
                for i in range(inner):
                    out[o, j, i] = out[o, j - step, i] + x[o, j, i]


@kernel(None, nogil=True)
def multiply_along(x, out, reverse):
    """out[o, j, i] = the product of x[o, :j+1, i], or of x[o, j:, i]."""
    outer, middle, inner = x.shape
    start, step = (middle - 1, -1) if reverse else (0, 1)
    for o in range(outer):
        j = start
        for i in range(inner):
            out[o, j, i] = x[o, j, i]
        for _ in range(middle - 1):
            j += step
            for i in range(inner):
                out[o, j, i] = out[o, j - step, i] * x[o, j, i]


@kernel(None, nogil=True)
def recur_along(a, b, out, reverse):
    """out[o, j, i] = b[o, j, i] + a[o, j, i] out[o, j-1, i] (reverse: out[o, j+1, i]); the first is b's."""
    outer, middle, inner = b.shape
    start, step = (middle - 1, -1) if reverse else (0, 1)
    for o in range(outer):
        j = start
        for i in range(inner):
            out[o, j, i] = b[o, j, i]
        for _ in range(middle - 1):
            j += step
            for i in range(inner):
                out[o, j, i] = b[o, j, i] + a[o, j, i] * out[o, j - step, i]


@kernel(None, nogil=True)
def log_add_along(x, out):
    """out[o, j, i] = log(sum(exp(x[o, :j+1, i]))): the sum is kept over the exponential of the largest element so far."""
    outer, middle, inner = x.shape
    for o in range(outer):
        for i in range(inner):
            top, total = -inf, 0.0
            for j in range(middle):
                here = x[o, j, i]
                if here == top:
                    total += 1.0
                elif here > top or here != here:
                    total = total * np.exp(top - here) + 1.0
                    top = here
                else:
                    total += np.exp(here - top)
                out[o, j, i] = top + np.log(total)
