"""Rows whose rule depends on shapes, in compiled sweeps: products, sums over some dimensions and what undoes them, dimensions in
another order, logsumexp and softmax.

What follows from the shapes alone is a plan: an array of int64, worked out in Python once (tape/plans) and found again in a table by
two words. `prepare` finds the plan, the kernel and the operands of one contribution; the kernels are
`void (plan, add, T* g, T* x, T* y, T* out)`, where add = 0 writes and add = 1 adds, and g and out are contiguous.
Everything is compiled when a sweep first needs it. Imported by tape/replay alone.
"""

from __future__ import annotations

import sys

from compiled_ops.layout import (
    ARRAY_DATA,
    ARRAY_DIMS,
    ARRAY_DTYPE,
    ARRAY_FLAGS,
    ARRAY_NDIM,
    ARRAY_STRIDES,
    ARRAY_TYPE,
    CONTIGUOUS_ALIGNED,
    DONE,
    DTYPES,
    FLOAT_TYPE,
    FLOAT_VALUE,
    FOLD,
    GEMM,
    KERNEL,
    KERNELS,
    LOG_SHARES,
    LOG_SOFTMAX,
    LOGSUMEXP,
    NEEDED,
    OP,
    PLAN,
    PLAN_MASK,
    PLANS,
    POWERS,
    PREPARE,
    PRODUCT,
    PYTHON,
    SHARES,
    SOFTMAX,
    SOUGHT,
    SPEC,
    SPEC_WIDTH,
    SPECS,
    SPREAD,
    STRETCH,
    TUPLE_ITEMS,
    TUPLE_SIZE,
    TURN,
    TURNED,
    TYPE,
    XP,
    YP,
)
from compiled_ops.memory import as_int, cell, get, get_half, i8, put, put_scalar, scalar, types
from compiled_ops.vectormath import BLOCK, like, scratch, shift, vector_of_one

MEMORY_HASH = "514632761250b707"
vector_exp = vector_of_one("exp")
NAMES = {FOLD: "fold", STRETCH: "stretch", TURNED: "turned", POWERS: "logsumexp", SHARES: "softmax", LOG_SHARES: "log_softmax", GEMM: "multiply"}


def prepare(h, k, operand, kind, unused, found):
    """Leave at `found`: a status, the plan, the kernel and the addresses of the two operands. PLAN as status means that none is known
    for the words in NEEDED and SOUGHT."""
    x, y = cell(h, XP, k), cell(h, YP, k)
    spec = cell(h, SPEC, k)
    place = scalar(h, SPECS) + 8 * SPEC_WIDTH * spec
    code = get(place + 16)
    other = dtype = i8(0)
    put(found, PYTHON)
    if kind == PRODUCT:
        other = y if operand == 0 else x
        dtype = get(scalar(h, DTYPES) + 8 * code)
        if other == 0 or get(other + TYPE) != scalar(h, ARRAY_TYPE) or get(other + ARRAY_DTYPE) != dtype:
            return
        last = i8(get_half(other + ARRAY_NDIM)) - 1
        if last < 0 or not get_half(other + ARRAY_FLAGS) & 0x0100:
            return
        width, dims, strides = i8(4) if code == 1 else i8(8), get(other + ARRAY_DIMS), get(other + ARRAY_STRIDES)
        wide, step = get(dims + 8 * last), get(strides + 8 * last)
        low, hop = (get(dims + 8 * last - 8), get(strides + 8 * last - 8)) if last else (i8(1), step)
        if step % width or hop % width or step < width and wide > 1:
            return
        rows = (step == width or wide == 1) and (low == 1 or hop >= width * wide)
        columns = (hop == width or low == 1) and (wide == 1 or step >= width * low)
        if not rows and not columns:
            return
        inner = low if operand == 0 and last else wide
        first, second = 2 * spec + 1, cell(h, OP, k) | operand << 9 | min(last, 3) << 10 | inner << 12
    else:
        if y == 0:
            return
        first, second = get(y + TUPLE_ITEMS), i8(0)
        if kind == SPREAD:
            second = spec
        elif kind == SOFTMAX or kind == LOG_SOFTMAX:
            second = as_int(get(y + TUPLE_ITEMS + 8))
        else:
            dims = get(y + TUPLE_ITEMS + 8)
            count = get(dims + TUPLE_SIZE)
            if count > 12:
                return
            for i in range(count):
                dim = as_int(get(dims + TUPLE_ITEMS + 8 * i))
                second = second << 4 | dim + 1 if kind == TURN else second | i8(1) << dim
        second = second << 5 | kind
    table, mask = scalar(h, PLANS), scalar(h, PLAN_MASK)
    slot = (first * 0x9E3779B97F4A7C1 + second * 0x2545F4914F6CDD1D) >> 32 & mask
    while get(table + 24 * slot) != 0 and (get(table + 24 * slot) != first or get(table + 24 * slot + 8) != second):
        slot = (slot + 1) & mask
    plan = get(table + 24 * slot + 16)
    if get(table + 24 * slot) == 0 or plan == 0:
        put_scalar(h, NEEDED, first)
        put_scalar(h, SOUGHT, second)
        put(found, PLAN)
        return
    if get(plan) < 0:
        return
    at_x = at_y = i8(0)
    if kind == PRODUCT:
        at_x = other
    elif kind == LOGSUMEXP or kind == SOFTMAX or kind == LOG_SOFTMAX:
        if x == 0 or get(x + TYPE) != get(y + TYPE):
            return
        for which in range(2):
            value = get(x + TUPLE_ITEMS + 16 * which) if which or kind == LOGSUMEXP else i8(0)
            if value == 0:
                continue
            kind_of_value = get(value + TYPE)
            if kind_of_value == scalar(h, FLOAT_TYPE) and code == 0:
                at = value + FLOAT_VALUE
            else:
                if kind_of_value != scalar(h, ARRAY_TYPE) or get(value + ARRAY_DTYPE) != get(scalar(h, DTYPES) + 8 * code):
                    return
                if get_half(value + ARRAY_FLAGS) & CONTIGUOUS_ALIGNED != CONTIGUOUS_ALIGNED:
                    return
                at = get(value + ARRAY_DATA)
            if which:
                at_y = at
            else:
                at_x = at
    index = get(plan + 8) + code
    kernel = get(scalar(h, KERNELS) + 8 * index)
    if kernel == 0:
        put_scalar(h, NEEDED, index)
        put(found, KERNEL)
        return
    put(found + 8, plan)
    put(found + 16, kernel)
    put(found + 24, at_x)
    put(found + 32, at_y)
    put(found, DONE)


def fold(plan, add, g, x, y, out):
    """out[o, i] (+)= the sum of g[o, :, i], one after the other; where i is the only one, in eight running sums as NumPy has it."""
    outer, middle, inner = get(plan + 16), get(plan + 24), get(plan + 32)
    if inner == 1:
        for o in range(outer):
            row, j, total = o * middle, i8(0), like(out, 0)
            if middle >= 8:
                a, b, c, d, p, q, r, s = g[row], g[row + 1], g[row + 2], g[row + 3], g[row + 4], g[row + 5], g[row + 6], g[row + 7]
                j = i8(8)
                while j + 8 <= middle:
                    a += g[row + j]
                    b += g[row + j + 1]
                    c += g[row + j + 2]
                    d += g[row + j + 3]
                    p += g[row + j + 4]
                    q += g[row + j + 5]
                    r += g[row + j + 6]
                    s += g[row + j + 7]
                    j += 8
                total = ((a + b) + (c + d)) + ((p + q) + (r + s))
            while j < middle:
                total += g[row + j]
                j += 1
            out[o] = out[o] + total if add else total
        return
    sums = scratch(out)
    copies = 32 // inner if inner < 16 and middle >= 64 else i8(1)  # running sums of short rows
    for o in range(outer):
        for start in range(0, inner, BLOCK):
            count, row, done = min(inner - start, BLOCK) * copies, o * middle * inner + start, copies
            for i in range(count):
                sums[i] = g[row + i]
            while done + copies <= middle:
                row += inner * copies
                for i in range(count):
                    sums[i] += g[row + i]
                done += copies
            if copies > 1:
                for i in range(inner, count):
                    sums[i % inner] += sums[i]
                count, row = inner, row + inner * copies
                for i in range((middle - done) * inner):
                    sums[i % inner] += g[row + i]
            row = o * inner + start
            for i in range(count):
                out[row + i] = out[row + i] + sums[i] if add else sums[i]


def stretch(plan, add, g, x, y, out):
    """out[o, m, i] (+)= g[o, i] / the number of elements that a mean is over."""
    outer, middle, inner, count = get(plan + 16), get(plan + 24), get(plan + 32), get(plan + 40)
    if inner == 1:
        for o in range(outer):
            value = g[o] / like(out, count)
            for j in range(o * middle, (o + 1) * middle):
                out[j] = out[j] + value if add else value
        return
    values = scratch(out)
    copies = max(i8(1), min(BLOCK // inner, middle))  # short rows are written several at a time
    for o in range(outer):
        for start in range(0, inner, BLOCK):
            here = min(inner - start, BLOCK)
            for i in range(here):
                values[i] = g[o * inner + start + i] / like(out, count)
            for i in range(here, here * copies):
                values[i] = values[i - here]
            for j in range(0, middle, copies):
                row = (o * middle + j) * inner + start
                for i in range(here * min(copies, middle - j)):
                    out[row + i] = out[row + i] + values[i] if add else values[i]


def turned(plan, add, g, x, y, out):
    """The elements of g in another order: the plan holds the number of dimensions of the output and, for each, its extent and how
    far apart its elements lie in g."""
    last = get(plan + 16) - 1
    extents, steps = plan + 24, plan + 24 + 8 * (last + 1)
    inner, step, rows = get(extents + 8 * last), get(steps + 8 * last), i8(1)
    for axis in range(last):
        rows *= get(extents + 8 * axis)
    for row in range(rows):
        rest, base = row, i8(0)
        for axis in range(last - 1, -1, -1):
            extent = get(extents + 8 * axis)
            base += rest % extent * get(steps + 8 * axis)
            rest //= extent
        if add:
            for i in range(inner):
                out[row * inner + i] += g[base + i * step]
        else:
            for i in range(inner):
                out[row * inner + i] = g[base + i * step]


def logsumexp(plan, add, g, x, y, out):
    """out[o, m, i] (+)= g[o, i] exp(x[o, m, i] - y[o, i])."""
    outer, middle, inner = get(plan + 16), get(plan + 24), get(plan + 32)
    powers = scratch(out)
    size, o, j, i = outer * middle * inner, i8(0), i8(0), i8(0)
    for start in range(0, size, BLOCK):
        count = min(size - start, BLOCK)
        before_o, before_j, before_i = o, j, i
        for k in range(count):
            powers[k] = x[start + k] - y[o * inner + i]
            i += 1
            if i == inner:
                i = i8(0)
                j += 1
                if j == middle:
                    j = i8(0)
                    o += 1
        vector_exp(powers, powers, count)
        o, j, i = before_o, before_j, before_i
        for k in range(count):
            value = g[o * inner + i] * powers[k]
            out[start + k] = out[start + k] + value if add else value
            i += 1
            if i == inner:
                i = i8(0)
                j += 1
                if j == middle:
                    j = i8(0)
                    o += 1


def softmax(plan, add, g, x, y, out):
    """out (+)= y g - y (the sum of y g over the middle)."""
    outer, middle, inner = get(plan + 16), get(plan + 24), get(plan + 32)
    sums = scratch(out)
    for o in range(outer):
        for start in range(0, inner, BLOCK):
            count, first = min(inner - start, BLOCK), o * middle * inner + start
            for i in range(count):
                sums[i] = like(out, 0)
            for j in range(middle):
                row = first + j * inner
                for i in range(count):
                    sums[i] += g[row + i] * y[row + i]
            for j in range(middle):
                row = first + j * inner
                for i in range(count):
                    value = g[row + i] * y[row + i] - y[row + i] * sums[i]
                    out[row + i] = out[row + i] + value if add else value


def log_softmax(plan, add, g, x, y, out):
    """out (+)= g - exp(y) (the sum of g over the middle)."""
    outer, middle, inner = get(plan + 16), get(plan + 24), get(plan + 32)
    powers, sums = scratch(out), scratch(out)
    for o in range(outer):
        for start in range(0, inner, BLOCK):
            count, first = min(inner - start, BLOCK), o * middle * inner + start
            for i in range(count):
                sums[i] = like(out, 0)
            for j in range(middle):
                for i in range(count):
                    sums[i] += g[first + j * inner + i]
            if inner > 1:
                for j in range(middle):
                    row = first + j * inner
                    vector_exp(shift(y, row), powers, count)
                    for i in range(count):
                        value = g[row + i] - powers[i] * sums[i]
                        out[row + i] = out[row + i] + value if add else value
            else:
                for row in range(first, first + middle, BLOCK):
                    here = min(first + middle - row, BLOCK)
                    vector_exp(shift(y, row), powers, here)
                    for i in range(here):
                        value = g[row + i] - powers[i] * sums[0]
                        out[row + i] = out[row + i] + value if add else value


def address(index):
    """Address of the kernel that stands at an index of the table of kernels."""
    from compiled_ops import vectormath
    from compiled_ops.kernels import compile_loop

    here = sys.modules[__name__]
    if index == PREPARE:
        return compile_loop(here, "prepare", types.void(*[i8] * 6))
    vectormath.load()
    number = types.CPointer(types.float32 if index % 2 else types.float64)
    if index in (GEMM, GEMM + 1):
        from compiled_ops import products as here
    return compile_loop(here, NAMES[index & ~1], types.void(i8, i8, *[number] * 4))
