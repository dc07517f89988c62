"""Loops that a sweep calls through its table of kernels and that belong to no row: a sum, and reading a strided array.

`total` sums in blocks of 4,096 with four running sums each, so that rounding grows far slower than with one. Both are compiled at
first use. Imported by tape/replay alone.
"""

from __future__ import annotations

import sys

from compiled_ops.layout import ARRAY_DATA, ARRAY_DIMS, ARRAY_NDIM, ARRAY_STRIDES
from compiled_ops.memory import get, get_byte, get_half, i8, move, put, put_byte, put_half, types

MEMORY_HASH = "514632761250b707"


def total(n, add, g, x, y, out):
    """out[0] (+)= the sum of g."""
    whole = 0.0
    for start in range(0, n, 4096):
        stop = min(n, start + 4096)
        s = t = u = v = 0.0
        i = start
        while i + 4 <= stop:
            s += g[i]
            t += g[i + 1]
            u += g[i + 2]
            v += g[i + 3]
            i += 4
        while i < stop:
            s += g[i]
            i += 1
        whole += (s + t) + (u + v)
    out[0] = out[0] + whole if add else whole


def gather(n, width, start, array, unused, target):
    """Elements start ... start + n - 1, in C order, of a strided array, given the address of its object. Whole rows are copied at
    once where they are contiguous; where a row begins is worked out anew only when the last dimension but one is through."""
    dims, strides, data = get(array + ARRAY_DIMS), get(array + ARRAY_STRIDES), get(array + ARRAY_DATA)
    last = i8(get_half(array + ARRAY_NDIM)) - 1
    inner, step = get(dims + 8 * last), get(strides + 8 * last)
    rows, hop = (get(dims + 8 * last - 8), get(strides + 8 * last - 8)) if last else (i8(1), i8(0))
    column, row = start % inner, start // inner % rows
    done, base = i8(0), i8(0)
    fresh = True
    while done < n:
        if fresh:
            rest, base = (start + done) // inner // rows, data
            for axis in range(last - 2, -1, -1):
                extent = get(dims + 8 * axis)
                base += (rest % extent) * get(strides + 8 * axis)
                rest //= extent
            fresh = False
        run = min(inner - column, n - done)
        source = base + row * hop + column * step
        if step == width:
            move(target + width * done, source, width * run)
        elif width == 8:
            for i in range(run):
                put(target + 8 * (done + i), get(source + step * i))
        elif width == 4:
            for i in range(run):
                put_half(target + 4 * (done + i), get_half(source + step * i))
        else:
            for i in range(run):
                put_byte(target + done + i, get_byte(source + step * i))
        done += run
        column = i8(0)
        row += 1
        if row == rows:
            row, fresh = i8(0), True


def address(index):
    """Address of the loop that stands at an index of the table of kernels."""
    from compiled_ops.kernels import compile_loop
    from compiled_ops.layout import GATHER

    here = sys.modules[__name__]

    if index == GATHER:
        return compile_loop(here, "gather", types.void(*[i8] * 6))
    number = types.CPointer(types.float32 if index % 2 else types.float64)
    return compile_loop(here, "total", types.void(types.intp, types.intp, *[number] * 4))
