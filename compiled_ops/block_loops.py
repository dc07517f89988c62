"""Inner loops that blocks need and NumPy has not: choices, casts, strided reading, spreading and reductions.

`address("select_wide")` compiles one at first use. All are `void (args, counts, steps, data)` like NumPy's inner loops, counts being the
number of elements (or rows), the inner extent and the number of the first element. Reductions are of float64: eight running sums a block,
folded in pairs, so that a block's sum depends on its elements alone. Strided operands: the step is 0 or the width, but for the readers.
Compiled functions use nothing but words of memory. Imported by tape/compile/blocked.
"""

from __future__ import annotations

import sys
from functools import cache

from compiled_ops.memory import (
    clear,
    get,
    get_byte,
    get_double,
    get_half,
    get_single,
    i8,
    move,
    put,
    put_byte,
    put_double,
    put_half,
    put_single,
    types,
)  # fmt: skip

MEMORY_HASH = "514632761250b707"


def select_wide(args, counts, steps, data):
    """where(mask, a, b) for elements of 8 bytes."""
    mask, a, b, out = args[0], args[1], args[2], args[3]
    if steps[0] == 1 and steps[1] == 8 and steps[2] == 8:
        for i in range(counts[0]):
            u, v = get(a + 8 * i), get(b + 8 * i)
            put(out + 8 * i, u if get_byte(mask + i) else v)
    else:
        for i in range(counts[0]):
            u, v = get(a + steps[1] * i), get(b + steps[2] * i)
            put(out + 8 * i, u if get_byte(mask + steps[0] * i) else v)


def select_half(args, counts, steps, data):
    """where(mask, a, b) for elements of 4 bytes."""
    mask, a, b, out = args[0], args[1], args[2], args[3]
    for i in range(counts[0]):
        u, v = get_half(a + steps[1] * i), get_half(b + steps[2] * i)
        put_half(out + 4 * i, u if get_byte(mask + steps[0] * i) else v)


def select_byte(args, counts, steps, data):
    """where(mask, a, b) for elements of one byte."""
    mask, a, b, out = args[0], args[1], args[2], args[3]
    for i in range(counts[0]):
        u, v = get_byte(a + steps[1] * i), get_byte(b + steps[2] * i)
        put_byte(out + i, u if get_byte(mask + steps[0] * i) else v)


def strong_double(args, counts, steps, data):
    """where(g != 0, found, 0): Note [strong zero] in table/elementwise.py."""
    g, found, out = args[0], args[1], args[2]
    if steps[0] == 8 and steps[1] == 8:
        for i in range(counts[0]):
            value = get_double(found + 8 * i)
            put_double(out + 8 * i, value if get_double(g + 8 * i) != 0 else 0.0)
    else:
        for i in range(counts[0]):
            value = get_double(found + steps[1] * i)
            put_double(out + 8 * i, value if get_double(g + steps[0] * i) != 0 else 0.0)


def strong_single(args, counts, steps, data):
    """The same for float32."""
    g, found, out = args[0], args[1], args[2]
    for i in range(counts[0]):
        value = get_single(found + steps[1] * i)
        put_single(out + 4 * i, value if get_single(g + steps[0] * i) != 0 else types.float32(0))


def bool_to_double(args, counts, steps, data):
    for i in range(counts[0]):
        put_double(args[1] + 8 * i, types.float64(get_byte(args[0] + steps[0] * i)))


def bool_to_single(args, counts, steps, data):
    for i in range(counts[0]):
        put_single(args[1] + 4 * i, types.float32(get_byte(args[0] + steps[0] * i)))


def single_to_double(args, counts, steps, data):
    for i in range(counts[0]):
        put_double(args[1] + 8 * i, types.float64(get_single(args[0] + steps[0] * i)))


def double_to_single(args, counts, steps, data):
    for i in range(counts[0]):
        put_single(args[1] + 4 * i, types.float32(get_double(args[0] + steps[0] * i)))


def word_to_double(args, counts, steps, data):
    for i in range(counts[0]):
        put_double(args[1] + 8 * i, types.float64(get(args[0] + steps[0] * i)))


def word_to_single(args, counts, steps, data):
    for i in range(counts[0]):
        put_single(args[1] + 4 * i, types.float32(get(args[0] + steps[0] * i)))


def gather(args, counts, steps, data):
    """Elements counts[2] ... counts[2] + n of a strided array in C order; data: their width, the number of dimensions, extents, strides."""
    width, last, base, out = get(data), get(data + 8) - 1, args[0], args[1]
    extents, strides = data + 16, data + 24 + 8 * last
    inner, step = get(extents + 8 * last), get(strides + 8 * last)
    rows, hop = (get(extents + 8 * last - 8), get(strides + 8 * last - 8)) if last else (i8(1), i8(0))
    n, start = counts[0], counts[2]
    column, row, rest = start % inner, start // inner % rows, start // inner // rows
    done = i8(0)
    while done < n:
        origin, over = base, rest
        for axis in range(last - 2, -1, -1):
            extent = get(extents + 8 * axis)
            origin += (over % extent) * get(strides + 8 * axis)
            over //= extent
        while row < rows and done < n:
            run = min(inner - column, n - done)
            source, target = origin + row * hop + column * step, out + width * done
            if step == width:
                move(target, source, run * width)
            elif width == 8:
                for i in range(run):
                    put(target + 8 * i, get(source + step * i))
            elif width == 4:
                for i in range(run):
                    put_half(target + 4 * i, get_half(source + step * i))
            else:
                for i in range(run):
                    move(target + width * i, source + step * i, width)
            done += run
            column = i8(0)
            row += 1
        row = i8(0)
        rest += 1


def placed(args, counts, steps, data):
    """Elements counts[2] ... counts[2] + n, in C order, of an array that holds another at regular places: what of them lies there is
    written, the others are cleared or left. data: width, dimensions d > 0, whether to clear; d each of extents, starts, steps, counts of
    places, strides of the other."""
    width, d, fresh, out = get(data), get(data + 8), get(data + 16), args[1]
    extents, starts = data + 24, data + 24 + 8 * d
    hops, places, strides = starts + 8 * d, starts + 16 * d, starts + 24 * d
    last = 8 * (d - 1)
    inner, first, hop = get(extents + last), get(starts + last), get(hops + last)
    count, stride = get(places + last), get(strides + last)
    n, row, column = counts[0], counts[2] // get(extents + last), counts[2] % get(extents + last)
    done = i8(0)
    while done < n:
        run = min(inner - column, n - done)
        target, source, rest, inside = out + width * done, args[0], row, True
        for axis in range(d - 2, -1, -1):
            extent = get(extents + 8 * axis)
            place = rest % extent - get(starts + 8 * axis)
            rest //= extent
            step = get(hops + 8 * axis)
            if step != 1:
                inside = inside and place % step == 0
                place //= step
            inside = inside and 0 <= place and place < get(places + 8 * axis)
            source += place * get(strides + 8 * axis)
        begin = max(i8(0), (column - first + hop - 1) // hop)
        end = min(count, (column + run - first + hop - 1) // hop)
        if not inside or end < begin:
            end = begin
        if fresh and end - begin < run:
            clear(target, width * run)
        source += begin * stride
        target += width * (first + begin * hop - column)
        if hop == 1 and stride == width:
            move(target, source, width * (end - begin))
        elif width == 8:
            for k in range(end - begin):
                put(target + 8 * hop * k, get(source + stride * k))
        else:
            for k in range(end - begin):
                move(target + width * hop * k, source + stride * k, width)
        done += run
        column = i8(0)
        row += 1


def expand_wide(args, counts, steps, data):
    """Each of n elements of 8 bytes counts[1] times."""
    inner = counts[1]
    for i in range(counts[0]):
        value, target = get(args[0] + steps[0] * i), args[1] + 8 * i * inner
        for j in range(inner):
            put(target + 8 * j, value)


def expand_half(args, counts, steps, data):
    inner = counts[1]
    for i in range(counts[0]):
        value, target = get_half(args[0] + steps[0] * i), args[1] + 4 * i * inner
        for j in range(inner):
            put_half(target + 4 * j, value)


def expand_byte(args, counts, steps, data):
    inner = counts[1]
    for i in range(counts[0]):
        value, target = get_byte(args[0] + steps[0] * i), args[1] + i * inner
        for j in range(inner):
            put_byte(target + j, value)


def sum_total(args, counts, steps, data):
    """The sum of n elements."""
    x, n, whole = args[0], counts[0], 0.0
    for start in range(0, n, 1024):
        stop = min(n, start + 1024)
        a = b = c = d = e = f = g = h = -0.0
        i = start
        while i + 8 <= stop:
            at = x + 8 * i
            a += get_double(at)
            b += get_double(at + 8)
            c += get_double(at + 16)
            d += get_double(at + 24)
            e += get_double(at + 32)
            f += get_double(at + 40)
            g += get_double(at + 48)
            h += get_double(at + 56)
            i += 8
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
        while i < stop:
            total += get_double(x + 8 * i)
            i += 1
        whole = total if start == 0 else whole + total
    put_double(args[1], whole)


def sum_rows(args, counts, steps, data):
    """The sum of each of n rows of counts[1] elements."""
    inner = counts[1]
    for row in range(counts[0]):
        x = args[0] + 8 * inner * row
        a = b = c = d = -0.0
        i = i8(0)
        while i + 4 <= inner:
            at = x + 8 * i
            a += get_double(at)
            b += get_double(at + 8)
            c += get_double(at + 16)
            d += get_double(at + 24)
            i += 4
        total = (a + b) + (c + d)
        while i < inner:
            total += get_double(x + 8 * i)
            i += 1
        put_double(args[1] + 8 * row, total)


def sum_columns(args, counts, steps, data):
    """Add n elements to as many running totals; the first block begins them."""
    x, out = args[0], args[1]
    if counts[2] == 0:
        move(out, x, 8 * counts[0])
    else:
        for i in range(counts[0]):
            put_double(out + 8 * i, get_double(out + 8 * i) + get_double(x + 8 * i))


def prod_total(args, counts, steps, data):
    total = get_double(args[0])
    for i in range(1, counts[0]):
        total *= get_double(args[0] + 8 * i)
    put_double(args[1], total)


def prod_rows(args, counts, steps, data):
    for row in range(counts[0]):
        x = args[0] + 8 * counts[1] * row
        total = get_double(x)
        for i in range(1, counts[1]):
            total *= get_double(x + 8 * i)
        put_double(args[1] + 8 * row, total)


def prod_columns(args, counts, steps, data):
    x, out = args[0], args[1]
    if counts[2] == 0:
        move(out, x, 8 * counts[0])
    else:
        for i in range(counts[0]):
            put_double(out + 8 * i, get_double(out + 8 * i) * get_double(x + 8 * i))


def amax_total(args, counts, steps, data):
    """The largest, NaN if one is."""
    total = get_double(args[0])
    for i in range(1, counts[0]):
        here = get_double(args[0] + 8 * i)
        total = here if here > total or here != here else total
    put_double(args[1], total)


def amax_rows(args, counts, steps, data):
    for row in range(counts[0]):
        x = args[0] + 8 * counts[1] * row
        total = get_double(x)
        for i in range(1, counts[1]):
            here = get_double(x + 8 * i)
            total = here if here > total or here != here else total
        put_double(args[1] + 8 * row, total)


def amax_columns(args, counts, steps, data):
    x, out = args[0], args[1]
    if counts[2] == 0:
        move(out, x, 8 * counts[0])
    else:
        for i in range(counts[0]):
            here, total = get_double(x + 8 * i), get_double(out + 8 * i)
            put_double(out + 8 * i, here if here > total or here != here else total)


def amin_total(args, counts, steps, data):
    """The smallest, NaN if one is."""
    total = get_double(args[0])
    for i in range(1, counts[0]):
        here = get_double(args[0] + 8 * i)
        total = here if here < total or here != here else total
    put_double(args[1], total)


def amin_rows(args, counts, steps, data):
    for row in range(counts[0]):
        x = args[0] + 8 * counts[1] * row
        total = get_double(x)
        for i in range(1, counts[1]):
            here = get_double(x + 8 * i)
            total = here if here < total or here != here else total
        put_double(args[1] + 8 * row, total)


def amin_columns(args, counts, steps, data):
    x, out = args[0], args[1]
    if counts[2] == 0:
        move(out, x, 8 * counts[0])
    else:
        for i in range(counts[0]):
            here, total = get_double(x + 8 * i), get_double(out + 8 * i)
            put_double(out + 8 * i, here if here < total or here != here else total)


CASTS = {"?d": "bool_to_double", "?f": "bool_to_single", "fd": "single_to_double", "df": "double_to_single",
         "ld": "word_to_double", "lf": "word_to_single"}  # fmt: skip
SELECTS = {8: "select_wide", 4: "select_half", 1: "select_byte"}
EXPANDS = {8: "expand_wide", 4: "expand_half", 1: "expand_byte"}


@cache
def address(name: str) -> int:
    """Address of a loop of this file, compiled (or loaded) at the first call."""
    from compiled_ops.kernels import compile_loop

    words = types.CPointer(types.int64)
    return compile_loop(sys.modules[__name__], name, types.void(words, words, words, types.int64))
