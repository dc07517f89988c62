"""Which rows a gradient reaches: `visit` enters the rows of one tape, `link` resolves their references, `consume` takes over
the saved values of the rows about to run. All three read or write the tape's list in place and hold the GIL.

Invariant: entries stand in strict reverse order of recording, so running them from the first to the last is topological.
Imported by tape/replay alone.
"""

from __future__ import annotations

from compiled_ops.memory import (
    ARRAY_DATA, ARRAY_TYPE, FLOAT_TYPE, TYPE,
    ALIAS, A, B, BUFFER, COUNT, FLAG, KINDS, LEAD, LIST_ITEMS, NONE, NOTHING, OP, OPCODES, POS, RESULT, ROW, ROW_SLOT, BITS,
    SPECIAL, SPECIALS, SPENT, STRUCK, UNIFORM, WIDE, WIDE_A, WIDE_B, WIDE_ROW, WIDES, XP, YP, as_int, get, highest_bit, i8,
    kernel, line, put, table,
)

MEMORY_HASH = "da416190ea807c20"


@kernel(i8(i8, line, line, table))
def visit(rows, seeds, head, columns):
    """Enter the rows of one tape that the rows at `seeds` depend on, highest first, as entries COUNT, COUNT + 1, ...

    `rows` is the address of the tape's list. References stay positions until they are resolved below to entries of the
    columns (-1: none). Leaves and imports are listed in SPECIAL. `seeds` is overwritten with the entries of the seeds.
    """
    items = get(rows + LIST_ITEMS)
    bits, row_slot = columns[BITS], columns[ROW_SLOT]
    top = 0
    for i in range(seeds.shape[0]):
        row = seeds[i] // ROW
        bits[row >> 6] |= i8(1) << (row & 63)
        top = max(top, row)
    first = k = head[COUNT]
    specials, wides = head[SPECIALS], head[WIDES]
    none, kinds = head[NONE], head[KINDS]
    for word in range(top >> 6, -1, -1):
        while bits[word] != 0:
            bit = highest_bit(bits[word])
            bits[word] &= ~(i8(1) << bit)
            row = (word << 6) + bit
            place = items + 8 * ROW * row
            op = as_int(get(place))
            x, y = get(place + 24), get(place + 32)
            columns[POS, k] = row * ROW
            columns[OP, k] = op
            columns[XP, k] = 0 if x == none else x
            columns[YP, k] = 0 if y == none else y
            columns[BUFFER, k] = -1
            columns[RESULT, k] = columns[FLAG, k] = columns[LEAD, k] = columns[UNIFORM, k] = 0
            columns[ALIAS, k] = k
            columns[WIDE, k] = -1
            row_slot[row] = k
            kind = get(kinds + 8 * op)
            a = b = i8(0)
            if kind == NOTHING:
                columns[SPECIAL, specials] = k
                specials += 1
            else:
                a, b = as_int(get(place + 8)), as_int(get(place + 16))
                if a:
                    bits[a // ROW >> 6] |= i8(1) << (a // ROW & 63)
                if b:
                    bits[b // ROW >> 6] |= i8(1) << (b // ROW & 63)
                if kind == WIDE_ROW and x != none:
                    columns[WIDE, k] = wides
                    for more in range(row - 1, row - 1 - as_int(x), -1):
                        side = items + 8 * ROW * more
                        columns[WIDE_A, wides], columns[WIDE_B, wides] = as_int(get(side + 8)), as_int(get(side + 16))
                        for reference in (columns[WIDE_A, wides], columns[WIDE_B, wides]):
                            if reference:
                                bits[reference // ROW >> 6] |= i8(1) << (reference // ROW & 63)
                        wides += 1
            columns[A, k] = a
            columns[B, k] = b
            k += 1
    for j in range(first, k):
        a, b = columns[A, j], columns[B, j]
        columns[A, j] = row_slot[a // ROW] if a else -1
        columns[B, j] = row_slot[b // ROW] if b else -1
    for j in range(head[WIDES], wides):
        a, b = columns[WIDE_A, j], columns[WIDE_B, j]
        columns[WIDE_A, j] = row_slot[a // ROW] if a else -1
        columns[WIDE_B, j] = row_slot[b // ROW] if b else -1
    for i in range(seeds.shape[0]):
        seeds[i] = row_slot[seeds[i] // ROW]
    head[COUNT], head[SPECIALS], head[WIDES] = k, specials, wides
    return k


@kernel(i8(line, table, i8))
def link(head, columns, restricted):
    """Let every reference to an import or a repeated leaf name the entry that it stands for, and, where targets are
    given (LEAD is 1 at each), strike out what leads to none of them. Returns the first entry left to run whose saved
    values an earlier sweep consumed, or -1."""
    count = head[COUNT]
    for k in range(count):
        if columns[A, k] >= 0:
            columns[A, k] = columns[ALIAS, columns[A, k]]
        if columns[B, k] >= 0:
            columns[B, k] = columns[ALIAS, columns[B, k]]
    for j in range(head[WIDES]):
        if columns[WIDE_A, j] >= 0:
            columns[WIDE_A, j] = columns[ALIAS, columns[WIDE_A, j]]
        if columns[WIDE_B, j] >= 0:
            columns[WIDE_B, j] = columns[ALIAS, columns[WIDE_B, j]]
    spent, wide = i8(-1), head[WIDES]
    for k in range(count - 1, -1, -1):
        lead = i8(0)
        a, b = columns[A, k], columns[B, k]
        if a >= 0:
            lead |= columns[LEAD, a] if restricted else 1
        if b >= 0:
            lead |= columns[LEAD, b] if restricted else 1
        if columns[WIDE, k] >= 0:
            for j in range(columns[WIDE, k], wide):
                for reference in (columns[WIDE_A, j], columns[WIDE_B, j]):
                    if reference >= 0:
                        lead |= columns[LEAD, reference] if restricted else 1
                if restricted:
                    if columns[WIDE_A, j] >= 0 and not columns[LEAD, columns[WIDE_A, j]]:
                        columns[WIDE_A, j] = -1
                    if columns[WIDE_B, j] >= 0 and not columns[LEAD, columns[WIDE_B, j]]:
                        columns[WIDE_B, j] = -1
            wide = columns[WIDE, k]
        if restricted:
            if a >= 0 and not columns[LEAD, a]:
                columns[A, k] = -1
            if b >= 0 and not columns[LEAD, b]:
                columns[B, k] = -1
        if not lead:
            columns[FLAG, k] |= STRUCK
        elif columns[XP, k] == head[SPENT] or columns[YP, k] == head[SPENT]:
            spent = k
        columns[LEAD, k] |= lead
    return spent


@kernel(i8(i8, i8, line, table, i8, i8))
def consume(rows, keep, head, columns, first, last):
    """Exchange the saved values of the rows about to run for the entries of the list `keep`, two a row, without touching a
    reference count: the caller owns them afterwards and the tape's rows say that they are spent. -> entries used."""
    items, kept = get(rows + LIST_ITEMS), get(keep + LIST_ITEMS)
    used = 0
    for k in range(first, last):
        if columns[FLAG, k] & STRUCK:
            continue
        columns[ALIAS, k] = used  # where the values of this row lie from now on
        place = items + 8 * columns[POS, k]
        kind = get(head[KINDS] + 8 * columns[OP, k])
        if kind == NOTHING:
            continue
        spends = get(head[KINDS] + 8 * (OPCODES + columns[OP, k]))  # bit 0: x is a value, bit 1: y is
        for which in range(2):
            pointer = columns[XP + which, k]
            if pointer and spends & (1 << which):
                put(place + 24 + 8 * which, get(kept + 8 * used))
                put(kept + 8 * used, pointer)
                used += 1
    return used


@kernel(i8(line, table, i8, i8, line))
def suspect(head, columns, first, last, written):
    """The first entry of [first, last) left to run that saved an array lying in memory written in place, or something that is no
    plain array; -1 if there is none. `written` holds pairs (start, end) of addresses, sorted."""
    pairs = written.shape[0] // 2
    for k in range(first, last):
        if columns[FLAG, k] & STRUCK:
            continue
        for which in range(2):
            obj = columns[XP + which, k]
            if obj == 0 or get(obj + TYPE) == head[FLOAT_TYPE]:
                continue
            if get(obj + TYPE) != head[ARRAY_TYPE]:
                if get(head[KINDS] + 8 * (OPCODES + columns[OP, k])) & (1 << which):
                    return k
                continue
            data = get(obj + ARRAY_DATA)
            low, high = i8(0), pairs
            while low < high:
                middle = (low + high) >> 1
                if written[2 * middle] <= data:
                    low = middle + 1
                else:
                    high = middle
            if low and data < written[2 * low - 1]:
                return k
    return -1
