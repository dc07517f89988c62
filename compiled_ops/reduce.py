"""Sums and maxima over the middle dimension of a contiguous (outer, middle, inner) array, and its reverse: `add_middle`, `max_middle`,
`spread_middle`; `outer_products` of pairs of vectors.

NumPy calls its inner loop once a short row, and adds one element after the other over any dimension but the last; these run at memory speed,
and add up runs of elements. They serve where rows are short or not the last. Compiled when this module is imported.
"""

from __future__ import annotations

import numpy as np
from numba import types

from compiled_ops.memory import kernel

SIGNATURES = [types.void(number[:, :, ::1], number[:, ::1]) for number in (types.float64, types.float32)]

RUN, WIDTH = 64, 2048  # elements along the middle, and columns, that are added up together
SIGNATURES_SPREAD = [types.void(number[:, ::1], number[:, :, ::1]) for number in (types.float64, types.float32)]
SIGNATURES_PAIRS = [types.void(number[:, ::1], number[:, ::1], number[:, :, ::1]) for number in (types.float64, types.float32)]


@kernel(SIGNATURES, nogil=True)
def add_middle(x, out):
    """out[o, i] = the sum of x[o, :, i], by runs of RUN elements whose sums are added in float64: a long sum loses no digits."""
    outer, middle, inner = x.shape
    if inner == 1:
        for o in range(outer):
            single = -0.0
            for j in range(middle):
                single += x[o, j, 0]
            out[o, 0] = single
        return
    if middle <= RUN:
        for o in range(outer):
            for i in range(inner):
                out[o, i] = x[o, 0, i]
            for j in range(1, middle):
                for i in range(inner):
                    out[o, i] += x[o, j, i]
        return
    width = min(inner, WIDTH)
    run, total = np.empty(width, x.dtype), np.empty(width, np.float64)
    for o in range(outer):
        for first in range(0, inner, width):
            count = min(width, inner - first)
            for i in range(count):
                total[i] = -0.0
            for start in range(0, middle, RUN):
                for i in range(count):
                    run[i] = x[o, start, first + i]
                for j in range(start + 1, min(middle, start + RUN)):
                    for i in range(count):
                        run[i] += x[o, j, first + i]
                for i in range(count):
                    total[i] += run[i]
            for i in range(count):
                out[o, first + i] = total[i]


@kernel(SIGNATURES, nogil=True)
def max_middle(x, out):
    """out[o, i] = the largest of x[o, :, i], NaN if one is."""
    outer, middle, inner = x.shape
    for o in range(outer):
        if inner == 1:
            first = second = x[o, 0, 0]
            for j in range(1, middle - 1, 2):  # two at a time: each waits for the one before it
                here, there = x[o, j, 0], x[o, j + 1, 0]
                first = here if here > first or here != here else first
                second = there if there > second or there != there else second
            if middle % 2 == 0:
                here = x[o, middle - 1, 0]
                first = here if here > first or here != here else first
            out[o, 0] = second if second > first or second != second else first
        else:
            for i in range(inner):
                out[o, i] = x[o, 0, i]
            for j in range(1, middle):
                for i in range(inner):
                    here = x[o, j, i]
                    if here > out[o, i] or here != here:
                        out[o, i] = here


@kernel(SIGNATURES_SPREAD, nogil=True)
def spread_middle(x, out):
    """out[o, :, i] = x[o, i]."""
    outer, middle, inner = out.shape
    for o in range(outer):
        for j in range(middle):
            for i in range(inner):
                out[o, j, i] = x[o, i]


@kernel(SIGNATURES_PAIRS, nogil=True)
def outer_products(x, y, out):
    """out[o, j, i] = x[o, j] * y[o, i]."""
    outer, middle, inner = out.shape
    for o in range(outer):
        for j in range(middle):
            factor = x[o, j]
            for i in range(inner):
                out[o, j, i] = factor * y[o, i]
