"""Which rows a gradient reaches: `visit` enters the rows of one tape, `link` resolves their references, `consume` takes over
the saved values of the rows about to run. All three read or write the tape's list in place and hold the GIL.

Invariant: entries stand in strict reverse order of recording, so running them from the first to the last is topological.
Imported by tape/replay alone.
"""

from __future__ import annotations

from compiled_ops.layout import (
    A, ALIAS, B, BITS, BUFFER, COUNT, FLAG, KINDS, LEAD, LIST_ITEMS, NONE, NOTHING, OP, OPCODES,
    POS, RESULT, ROW, ROW_SLOT, SPECIAL, SPECIAL_ROW, SPECIALS, SPENT, SEVENTH, STRUCK, UNIFORM, WIDE, WIDE_A, WIDE_B, WIDE_ROW,
    WIDES, XP, YP,
)
from compiled_ops.memory import as_int, cell, clear, column, get, highest_bit, i8, internal, kernel, put, put_cell, put_scalar, scalar, types

MEMORY_HASH = "514632761250b707"


@internal(types.void(i8, i8, i8))
def _need(bits, reference, floor):
    """Set the bit of a row that has to be visited: one that is not below the floor."""
    if reference >= floor:
        row = reference * SEVENTH
        word = bits + 8 * (row >> 6)
        put(word, get(word) | (i8(1) << (row & 63)))


@internal(i8(i8, i8, i8))
def _entry(row_slot, reference, floor):
    return get(row_slot + 8 * (reference * SEVENTH)) if reference >= floor else i8(-1)


@kernel(i8(i8, i8, i8, i8, i8))
def visit(h, rows, seeds, count, floor):
    """Enter the rows of one tape that the rows at `seeds` depend on, highest first, as entries COUNT, COUNT + 1, ...

    `rows` is the address of the tape's list, `seeds` that of `count` positions, which become entries. References stay positions
    until they are resolved below to entries (-1: none). Leaves and imports are listed in SPECIAL. Rows before `floor` (at least
    one row, the sentinel) are left out. Returns the new COUNT.
    """
    items = get(rows + LIST_ITEMS)
    bits, row_slot = column(h, BITS), column(h, ROW_SLOT)
    position, opcode, first_input, second_input = column(h, POS), column(h, OP), column(h, A), column(h, B)
    saved_x, saved_y, buffer, wide = column(h, XP), column(h, YP), column(h, BUFFER), column(h, WIDE)
    top = i8(0)
    for i in range(count):
        _need(bits, get(seeds + 8 * i), floor)
        top = max(top, get(seeds + 8 * i) * SEVENTH)
    first = k = scalar(h, COUNT)
    specials, wides = scalar(h, SPECIALS), scalar(h, WIDES)
    none, kinds = scalar(h, NONE), scalar(h, KINDS)
    for word in range(top >> 6, -1, -1):
        here = get(bits + 8 * word)  # what is asked for among these 64 rows
        put(bits + 8 * word, 0)
        while here != 0:
            bit = highest_bit(here)
            # row after row while each is asked for: the next one is then guessed rightly, before what it depends on is known
            while bit >= 0 and here >> bit & 1:
                here &= ~(i8(1) << bit)
                row = (word << 6) + bit
                bit -= 1
                place = items + 8 * ROW * row
                op = as_int(get(place))
                x, y = get(place + 24), get(place + 32)
                put(position + 8 * k, row * ROW)
                put(opcode + 8 * k, op)
                put(saved_x + 8 * k, 0 if x == none else x)
                put(saved_y + 8 * k, 0 if y == none else y)
                put(row_slot + 8 * row, k)
                put(wide + 8 * k, 0)
                kind = get(kinds + 8 * op)
                if kind == NOTHING:
                    put_cell(h, SPECIAL, specials, k)
                    put_cell(h, SPECIAL_ROW, specials, row * ROW)
                    specials += 1
                    put(first_input + 8 * k, -1)
                    put(second_input + 8 * k, -1)
                    k += 1
                    continue
                for operand in range(2):
                    reference = as_int(get(place + 8 + 8 * operand))
                    there = i8(-1)
                    if reference >= floor:
                        there = reference * SEVENTH
                        mask = i8(1) << (there & 63)
                        if there >> 6 == word:
                            here |= mask
                        else:
                            put(bits + 8 * (there >> 6), get(bits + 8 * (there >> 6)) | mask)
                    put((second_input if operand else first_input) + 8 * k, there)
                if kind == WIDE_ROW and x != none:
                    put(wide + 8 * k, wides + 1)
                    put(bits + 8 * word, here)
                    for more in range(row - 1, row - 1 - as_int(x), -1):
                        side = items + 8 * ROW * more
                        put_cell(h, WIDE_A, wides, as_int(get(side + 8)))
                        put_cell(h, WIDE_B, wides, as_int(get(side + 16)))
                        _need(bits, cell(h, WIDE_A, wides), floor)
                        _need(bits, cell(h, WIDE_B, wides), floor)
                        wides += 1
                    here = get(bits + 8 * word)
                    put(bits + 8 * word, 0)
                k += 1
    for j in range(first, k):
        there, also = get(first_input + 8 * j), get(second_input + 8 * j)
        put(first_input + 8 * j, get(row_slot + 8 * max(there, 0)) if there >= 0 else -1)
        put(second_input + 8 * j, get(row_slot + 8 * max(also, 0)) if also >= 0 else -1)
    for name in (RESULT, FLAG, LEAD, UNIFORM, ALIAS):
        clear(column(h, name) + 8 * first, 8 * (k - first))
    for j in range(first, k):
        put(buffer + 8 * j, -1)
    for j in range(scalar(h, WIDES), wides):
        put_cell(h, WIDE_A, j, _entry(row_slot, cell(h, WIDE_A, j), floor))
        put_cell(h, WIDE_B, j, _entry(row_slot, cell(h, WIDE_B, j), floor))
    for i in range(count):
        put(seeds + 8 * i, _entry(row_slot, get(seeds + 8 * i), floor))
    put_scalar(h, COUNT, k)
    put_scalar(h, SPECIALS, specials)
    put_scalar(h, WIDES, wides)
    return k


@internal(i8(i8, i8, i8))
def _resolve(h, name, k):
    """Let a reference name the entry that it stands for. Returns that entry."""
    target = cell(h, name, k)
    if target >= 0 and cell(h, ALIAS, target):
        target = cell(h, ALIAS, target) - 1
        put_cell(h, name, k, target)
    return target


@internal(i8(i8, i8, i8, i8))
def _leads(h, name, k, restricted):
    """Whether a reference leads to a target; if not, it is dropped."""
    target = cell(h, name, k)
    if target < 0:
        return 0
    if restricted and not cell(h, LEAD, target):
        put_cell(h, name, k, -1)
        return 0
    return 1


@kernel(i8(i8, i8, i8))
def link(h, restricted, aliased):
    """Let every reference to an import or a repeated leaf name the entry that it stands for (`aliased`: there are some), and, if
    restricted to targets (LEAD is 1 at each), strike out what leads to none. Returns the first entry left to run whose saved
    values an earlier sweep consumed, or -1."""
    count, wide, spent, mark = scalar(h, COUNT), scalar(h, WIDES), i8(-1), scalar(h, SPENT)
    if aliased:
        for k in range(count):
            _resolve(h, A, k)
            _resolve(h, B, k)
        for j in range(wide):
            _resolve(h, WIDE_A, j)
            _resolve(h, WIDE_B, j)
    for k in range(count - 1, -1, -1):
        lead = _leads(h, A, k, restricted) | _leads(h, B, k, restricted)
        if cell(h, WIDE, k):
            for j in range(cell(h, WIDE, k) - 1, wide):
                lead |= _leads(h, WIDE_A, j, restricted) | _leads(h, WIDE_B, j, restricted)
            wide = cell(h, WIDE, k) - 1
        if not lead:
            put_cell(h, FLAG, k, cell(h, FLAG, k) | STRUCK)
        else:
            put_cell(h, LEAD, k, 1)
            if cell(h, XP, k) == mark or cell(h, YP, k) == mark:
                spent = k
    return spent


@kernel(i8(i8, i8, i8, i8, i8))
def consume(h, rows, keep, first, last):
    """Exchange the saved values of the rows about to run for the entries of the list `keep`, without touching a reference count: the
    caller owns them afterwards and the tape's rows say that they are spent. ALIAS keeps where each row's begin. -> entries used."""
    items, kept = get(rows + LIST_ITEMS), get(keep + LIST_ITEMS)
    used = i8(0)
    for k in range(first, last):
        if cell(h, FLAG, k) & STRUCK:
            continue
        put_cell(h, ALIAS, k, used)
        place, op = items + 8 * cell(h, POS, k), cell(h, OP, k)
        spends = get(scalar(h, KINDS) + 8 * (OPCODES + op))  # bit 0: x is a value, bit 1: y is
        if spends & 1 and cell(h, XP, k):
            put(place + 24, get(kept + 8 * used))
            put(kept + 8 * used, cell(h, XP, k))
            used += 1
        if spends & 2 and cell(h, YP, k):
            put(place + 32, get(kept + 8 * used))
            put(kept + 8 * used, cell(h, YP, k))
            used += 1
    return used
