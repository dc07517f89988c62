"""Running results along the middle dimension of contiguous (outer, middle, inner) arrays: `add_along`, `multiply_along`,
`recur_along`, `log_add_along` and `log_add_complex_along`; forwards or from the end. `latest_along` says where the extreme so far stands.

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


@kernel(None, nogil=True)
def log_add_complex_along(x, out):
    """The same for complex values, one pair at a time: the element with the larger real part, and log(1 + exp(the other less it))."""
    outer, middle, inner = x.shape
    for o in range(outer):
        for i in range(inner):
            so_far = x[o, 0, i]
            out[o, 0, i] = so_far
            for j in range(1, middle):
                here = x[o, j, i]
                low, high = (here, so_far) if here.real < so_far.real or so_far.real != so_far.real else (so_far, here)
                if low.real == high.real and np.isinf(low.real):
                    so_far = low if low.real < 0 else np.log(np.exp(low) + np.exp(high))
                else:
                    ratio = np.exp(low - high)
                    size = 0.5 * np.log1p(ratio.real * (2.0 + ratio.real) + ratio.imag * ratio.imag)
                    so_far = high + complex(size, np.arctan2(ratio.imag, 1.0 + ratio.real))
                out[o, j, i] = so_far


@kernel(None, nogil=True)
def latest_along(x, out, largest):
    """out[o, j, i] = where the extreme of x[o, :j+1, i] stands: of equal ones the latest; NaN is more extreme than anything."""
    outer, middle, inner = x.shape
    for o in range(outer):
        for i in range(inner):
            out[o, 0, i] = 0
        for j in range(1, middle):
            for i in range(inner):
                here, place = x[o, j, i], out[o, j - 1, i]
                best = x[o, place, i]
                if here != here or best == best and (here >= best if largest else here <= best):
                    place = j
                out[o, j, i] = place
