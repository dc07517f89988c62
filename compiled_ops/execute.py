"""The sweep itself: `execute` runs the visited rows in strict reverse order, calling kernels through a table of addresses.

It reads only the columns and the data of arrays that the caller keeps alive, and runs without the GIL. What it cannot do itself
(a row for Python, a kernel not compiled yet, more memory) it hands back as a status; it resumes at the same row and stage.
Gradients are contiguous buffers, or one value that stands for all (UNIFORM); rows that pass a gradient on share its
buffer, and whoever adds to a shared one copies it first. Operands that are not contiguous pass through tiles.
Functions take the address `h` of the head, not arrays: Numba counts references of arrays, atomically, at every call.
Compiled functions call only compiled functions of their own file: Numba's disk cache does not see edits elsewhere.
"""

from __future__ import annotations

from compiled_ops.layout import (
    A, ADDRESS, ARRAY_DATA, AVERAGE, B, BINARY, BUFFER, BUFFER_COUNT, BUMP, BY_PYTHON, BYTES, COPY, COUNT, CURRENT, DONE, END, FLAG,
    FLOAT_VALUE, FREE_COUNT, FREED, GATHER, IN_PYTHON, KERNEL, KERNELS, KINDS, MASKED, MEMORY, NEEDED, NOTHING, OFFSET_SHIFT, OP, OWNER,
    OWNER_NOW, PASS, PASS_ON, PREPARE, PRODUCT, PYTHON, REFS, REGION, RESULT, RESULTS, SPEC, SPEC_WIDTH, SPECS, SPREAD, STAGE, STRUCK, SUM,
    TILE, TILES, TOTAL, UNARY, UNIFORM, WRITTEN, XP, YP,
)
from compiled_ops.memory import (
    as_int, call_kernel, cell, clear, fill, fixed, get, get_double, i8, internal, kernel, move, number, put_cell, put_scalar, read_as,
    scalar, set_number,
)

MEMORY_HASH = "514632761250b707"


@internal(i8(i8, i8), nogil=True)
def _allocate(h, size):
    """A buffer of `size` bytes that nobody reads, with one reference; -1 where the chunk in hand is too small."""
    size = (size + 63) & ~63
    free = scalar(h, FREE_COUNT)
    for i in range(free - 1, max(free - 33, -1), -1):
        buffer = cell(h, FREED, i)
        if cell(h, BYTES, buffer) == size:
            put_cell(h, FREED, i, cell(h, FREED, free - 1))
            put_scalar(h, FREE_COUNT, free - 1)
            put_cell(h, REFS, buffer, 1)
            return buffer
    if scalar(h, BUMP) + size > scalar(h, END):
        put_scalar(h, NEEDED, size)
        return -1
    buffer = scalar(h, BUFFER_COUNT)
    put_scalar(h, BUFFER_COUNT, buffer + 1)
    put_cell(h, ADDRESS, buffer, scalar(h, BUMP))
    put_cell(h, BYTES, buffer, size)
    put_cell(h, REFS, buffer, 1)
    put_cell(h, OWNER, buffer, scalar(h, OWNER_NOW))
    put_scalar(h, BUMP, scalar(h, BUMP) + size)
    return buffer


@kernel(i8(i8, i8), nogil=True)
def release(h, buffer):
    """Give up one reference; the memory of the last is used again, unless it belongs to an array outside (BYTES 0)."""
    put_cell(h, REFS, buffer, cell(h, REFS, buffer) - 1)
    if cell(h, REFS, buffer) == 0 and cell(h, BYTES, buffer):
        put_cell(h, FREED, scalar(h, FREE_COUNT), buffer)
        put_scalar(h, FREE_COUNT, scalar(h, FREE_COUNT) + 1)
    return 0


@kernel(i8(i8, i8, i8, i8), nogil=True)
def adopt(h, address, owner, refs):
    """Enter memory that an array outside owns as a buffer."""
    buffer = scalar(h, BUFFER_COUNT)
    put_scalar(h, BUFFER_COUNT, buffer + 1)
    put_cell(h, ADDRESS, buffer, address)
    put_cell(h, BYTES, buffer, 0)
    put_cell(h, REFS, buffer, refs)
    put_cell(h, OWNER, buffer, owner)
    return buffer


@kernel(i8(i8, i8, i8, i8), nogil=True)
def writable(h, slot, spec, zero):
    """Make the gradient of `slot` a full buffer of its own to add to or write: new (zeros if `zero`), or what it holds, copied where
    shared. -> 1 if there was a gradient before, 0 if not, -1 for want of memory."""
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * spec
    size, width = get(place), i8(4) if get(place + 16) == 1 else i8(8)
    old = cell(h, BUFFER, slot)
    if old >= 0 and not cell(h, UNIFORM, slot) and (cell(h, REFS, old) == 1 or cell(h, OWNER, old) == -RESULTS - slot):
        return 1
    if cell(h, RESULT, slot):
        new = adopt(h, cell(h, RESULT, slot), -RESULTS - slot, 2)  # two: never taken over by another row
    else:
        new = _allocate(h, size * width)
        if new < 0:
            return -1
    put_cell(h, SPEC, slot, spec)
    put_cell(h, BUFFER, slot, new)
    address = cell(h, ADDRESS, new)
    if old < 0:
        if zero:
            clear(address, size * width)
        return 0
    if cell(h, UNIFORM, slot):
        fill(address, cell(h, ADDRESS, old), size, width)
        put_cell(h, UNIFORM, slot, 0)
    else:
        move(address, cell(h, ADDRESS, old), size * width)
    release(h, old)
    return 1


@internal(i8(i8, i8), nogil=True)
def _copier(h, spec):
    """Whether the kernel that copies values of this spec is there. -> a status."""
    code = get(fixed(h, SPECS) + 8 * SPEC_WIDTH * spec + 16)
    if code < 0:
        return PYTHON
    if get(fixed(h, KERNELS) + 8 * (COPY + code)) == 0:
        put_scalar(h, NEEDED, COPY + code)
        return KERNEL
    return DONE


@internal(i8(i8, i8, i8, i8, i8, i8, i8), nogil=True)
def _put_values(h, g, uniform, size, code, out, add):
    """out = g, or out += g, for `size` values, or one that stands for all."""
    width = i8(4) if code == 1 else i8(8)
    if size == 1:
        set_number(out, code, number(out, code) + number(g, code) if add else number(g, code))
    elif not add:
        if uniform:
            fill(out, g, size, width)
        else:
            move(out, g, size * width)
    else:
        copier = get(fixed(h, KERNELS) + 8 * (COPY + code))
        if not uniform:
            call_kernel(copier, size, 1, g, 0, 0, out)
        else:
            tile = fixed(h, TILES)
            fill(tile, g, min(size, TILE), width)
            for start in range(0, size, TILE):
                call_kernel(copier, min(size - start, TILE), 1, tile, 0, 0, out + width * start)
    return DONE


@internal(i8(i8, i8, i8, i8, i8), nogil=True)
def _put_region(h, k, slot, offset, add):
    """Write or add the gradient of row k to the slot's buffer from element `offset` on."""
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * cell(h, SPEC, k)
    size, code = get(place), get(place + 16)
    width = i8(4) if code == 1 else i8(8)
    g, out = cell(h, ADDRESS, cell(h, BUFFER, k)), cell(h, ADDRESS, cell(h, BUFFER, slot)) + width * offset
    return _put_values(h, g, cell(h, UNIFORM, k), size, code, out, add)


@internal(i8(i8, i8, i8, i8), nogil=True)
def _pass_on(h, k, slot, spec):
    """Hand the gradient of row k to `slot` as it is, under another shape of the same size. -> a status."""
    mine = cell(h, BUFFER, k)
    if cell(h, BUFFER, slot) < 0:
        put_cell(h, BUFFER, slot, mine)
        put_cell(h, UNIFORM, slot, cell(h, UNIFORM, k))
        put_cell(h, SPEC, slot, spec)
        put_cell(h, REFS, mine, cell(h, REFS, mine) + 1)
        return DONE
    status = _copier(h, spec)
    if status != DONE:
        return status
    add = writable(h, slot, spec, 0)
    return MEMORY if add < 0 else _put_region(h, k, slot, i8(0), add)


@internal(i8(i8, i8, i8, i8, i8), nogil=True)
def _spread(h, k, slot, spec, count):
    """The pullback of a sum, or a mean over `count` elements, with one value as its gradient: one value again. -> a status."""
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * spec
    size, code = get(place), get(place + 16)
    value = number(cell(h, ADDRESS, cell(h, BUFFER, k)), code) / count
    fresh = cell(h, BUFFER, slot) < 0
    new = _allocate(h, 8)
    if new < 0:
        return MEMORY
    set_number(cell(h, ADDRESS, new), code, value)
    if fresh:
        put_cell(h, BUFFER, slot, new)
        put_cell(h, UNIFORM, slot, 1)
        put_cell(h, SPEC, slot, spec)
        return DONE
    add = writable(h, slot, spec, 0)
    if add < 0:
        release(h, new)
        return MEMORY
    _put_values(h, cell(h, ADDRESS, new), 1, size, code, cell(h, ADDRESS, cell(h, BUFFER, slot)), add)
    release(h, new)
    return DONE


@internal(i8(i8, i8, i8, i8), nogil=True)
def _sum_up(h, k, slot, spec):
    """The pullback of expanding one element: the sum of the gradient. -> a status."""
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * cell(h, SPEC, k)
    size, code = get(place), get(place + 16)
    adder = get(fixed(h, KERNELS) + 8 * (SUM + code))
    if adder == 0:
        put_scalar(h, NEEDED, SUM + code)
        return KERNEL
    add = writable(h, slot, spec, 0)
    if add < 0:
        return MEMORY
    g, out = cell(h, ADDRESS, cell(h, BUFFER, k)), cell(h, ADDRESS, cell(h, BUFFER, slot))
    if cell(h, UNIFORM, k):
        value = size * number(g, code)
        set_number(out, code, value + number(out, code) if add else value)
    else:
        call_kernel(adder, size, add, g, 0, 0, out)
    return DONE


@internal(i8(i8, i8, i8, i8), nogil=True)
def _elementwise(h, k, slot, operand):
    """Write or add the contribution of row k to `slot`. -> a status; KERNEL leaves the index of the missing one in NEEDED."""
    spec, op = cell(h, SPEC, k), cell(h, OP, k)
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * spec
    size, code, zero_d = get(place), get(place + 16), get(place + 24)
    width = i8(4) if code == 1 else i8(8)
    masked = get(fixed(h, KINDS) + 8 * op) == MASKED
    if code < 0:
        return PYTHON
    index = 4 * op + 2 * operand + code
    address = get(fixed(h, KERNELS) + 8 * index)
    if address == PASS_ON:
        return _pass_on(h, k, slot, spec)
    if address == 0:
        put_scalar(h, NEEDED, index)
        return KERNEL
    x, y = cell(h, XP, k), cell(h, YP, k)
    how_x = read_as(h, x, size, code, masked)
    how_y = read_as(h, y, size, code, 0)
    if how_x == 0 or how_y == 0:
        return PYTHON
    gather = get(fixed(h, KERNELS) + 8 * GATHER)
    if gather == 0 and (how_x == 2 or how_y == 2):
        put_scalar(h, NEEDED, GATHER)
        return KERNEL
    if cell(h, BUFFER, slot) < 0 and cell(h, RESULT, slot) == 0:  # what `writable` does, for the commonest case
        add = i8(0)
        put_cell(h, SPEC, slot, spec)
        put_cell(h, BUFFER, slot, _allocate(h, size * width))
    else:
        add = writable(h, slot, spec, 0)
    if add < 0 or cell(h, BUFFER, slot) < 0:
        return MEMORY
    g, out, uniform = cell(h, ADDRESS, cell(h, BUFFER, k)), cell(h, ADDRESS, cell(h, BUFFER, slot)), cell(h, UNIFORM, k)
    if zero_d and code == 0:
        at_x = x + FLOAT_VALUE if how_x == 3 else (get(x + ARRAY_DATA) if x else x)
        at_y = y + FLOAT_VALUE if how_y == 3 else (get(y + ARRAY_DATA) if y else y)
        call_kernel(address, -1, add, g, at_x, at_y, out)
        return DONE
    at_x = get(x + ARRAY_DATA) if x and how_x == 1 else i8(0)
    at_y = get(y + ARRAY_DATA) if y and how_y == 1 else i8(0)
    if how_x == 1 and how_y == 1 and not uniform:
        call_kernel(address, size, add, g, at_x, at_y, out)
        return DONE
    tile_g, tile_x, tile_y = fixed(h, TILES), fixed(h, TILES) + 8 * TILE, fixed(h, TILES) + 16 * TILE
    widest = min(size, TILE)
    if uniform:
        fill(tile_g, g, widest, width)
    for one_value, obj, tile in ((how_x == 3, x, tile_x), (how_y == 3, y, tile_y)):
        if one_value:
            set_number(tile, code, get_double(obj + FLOAT_VALUE))
            fill(tile, tile, widest, width)
    width_x = i8(1) if masked else width
    for start in range(0, size, TILE):
        count = min(size - start, TILE)
        if how_x == 2:
            call_kernel(gather, count, width_x, start, x, 0, tile_x)
        if how_y == 2:
            call_kernel(gather, count, width, start, y, 0, tile_y)
        call_kernel(address, count, add, tile_g if uniform else g + width * start,
                    at_x + width_x * start if how_x == 1 and x else (tile_x if x else i8(0)),
                    at_y + width * start if how_y == 1 and y else (tile_y if y else i8(0)), out + width * start)
    return DONE


@internal(i8(i8, i8, i8, i8, i8), nogil=True)
def _shaped(h, k, slot, operand, kind):
    """The contribution of a row whose rule depends on shapes: what compiled_ops/shaped prepares and computes. -> a status."""
    found = fixed(h, TILES)
    if get(fixed(h, KERNELS) + 8 * PREPARE) == 0:
        put_scalar(h, NEEDED, PREPARE)
        return KERNEL
    call_kernel(get(fixed(h, KERNELS) + 8 * PREPARE), h, k, operand, kind, 0, found)
    if get(found) != DONE:
        return get(found)
    plan, spec = get(found + 8), get(get(found + 8))
    if cell(h, UNIFORM, k) and (kind == TOTAL or kind == AVERAGE):
        status = _copier(h, spec)
        return status if status != DONE else _spread(h, k, slot, spec, get(plan + 40))
    if cell(h, UNIFORM, k) and writable(h, k, cell(h, SPEC, k), 0) < 0:
        return MEMORY
    add = writable(h, slot, spec, 0)
    if add < 0:
        return MEMORY
    g, out = cell(h, ADDRESS, cell(h, BUFFER, k)), cell(h, ADDRESS, cell(h, BUFFER, slot))
    call_kernel(get(found + 16), plan, add, g, get(found + 24), get(found + 32), out)
    return DONE


@internal(i8(i8, i8, i8), nogil=True)
def _written(h, k, x):
    """Both pullbacks of writing a contiguous part: the part's gradient leaves the buffer for what was written, and what was there before
    takes the buffer over, so that a loop of writes costs what it writes. -> a status."""
    base, part, spec, mine = cell(h, A, k), cell(h, B, k), cell(h, SPEC, k), cell(h, BUFFER, k)
    if cell(h, RESULT, k):  # the gradient itself must stay whole
        return PYTHON
    status = _copier(h, spec)
    if status != DONE:
        return status
    takes_over = base >= 0 and base != part and cell(h, BUFFER, base) < 0 and cell(h, RESULT, base) == 0
    part_spec, offset = x & ((1 << OFFSET_SHIFT) - 1), x >> OFFSET_SHIFT
    if base >= 0 and writable(h, k, spec, 0) < 0:  # all memory first: this may be tried again
        return MEMORY
    if base >= 0 and not takes_over and writable(h, base, spec, 1) < 0:
        return MEMORY
    if part >= 0 and writable(h, part, part_spec, 1) < 0:
        return MEMORY
    mine = cell(h, BUFFER, k)
    place = fixed(h, SPECS) + 8 * SPEC_WIDTH * spec
    total, code = get(place), get(place + 16)
    size, width = get(fixed(h, SPECS) + 8 * SPEC_WIDTH * part_spec), i8(4) if code == 1 else i8(8)
    uniform = cell(h, UNIFORM, k)
    at = cell(h, ADDRESS, mine) + (i8(0) if uniform else width * offset)
    if part >= 0:
        _put_values(h, at, uniform, size, code, cell(h, ADDRESS, cell(h, BUFFER, part)), 1)
    if base < 0:
        return DONE
    clear(at, size * width)
    if takes_over:
        put_cell(h, BUFFER, base, mine)
        put_cell(h, UNIFORM, base, 0)
        put_cell(h, SPEC, base, spec)
        put_cell(h, REFS, mine, cell(h, REFS, mine) + 1)
    else:
        _put_values(h, cell(h, ADDRESS, mine), 0, total, code, cell(h, ADDRESS, cell(h, BUFFER, base)), 1)
    return DONE


@internal(i8(i8, i8, i8, i8, i8), nogil=True)
def _contribute(h, k, slot, operand, kind):
    """The contribution of row k to one of its inputs. -> a status."""
    if kind == UNARY or kind == BINARY or kind == MASKED:
        return _elementwise(h, k, slot, operand)
    if get(fixed(h, SPECS) + 8 * SPEC_WIDTH * cell(h, SPEC, k) + 16) < 0 or cell(h, XP, k) == 0 and (kind == PASS or kind == REGION or kind == WRITTEN):
        return PYTHON
    if kind >= PRODUCT or cell(h, XP, k) == 0:
        return _shaped(h, k, slot, operand, kind)
    status = _copier(h, cell(h, SPEC, k))
    if status != DONE:
        return status
    x = as_int(cell(h, XP, k))
    if kind == WRITTEN:
        return _written(h, k, x) if operand == 0 or cell(h, A, k) < 0 else DONE
    spec = x & ((1 << OFFSET_SHIFT) - 1)
    if kind == PASS:
        return _pass_on(h, k, slot, spec)
    if kind == TOTAL or kind == AVERAGE:
        return _spread(h, k, slot, spec, get(fixed(h, SPECS) + 8 * SPEC_WIDTH * spec) if kind == AVERAGE else 1)
    if kind == SPREAD:
        return _sum_up(h, k, slot, spec)
    if kind == REGION:
        return MEMORY if writable(h, slot, spec, 1) < 0 else _put_region(h, k, slot, x >> OFFSET_SHIFT, 1)
    return PYTHON


@kernel(i8(i8), nogil=True)
def execute(h):
    """Run the rows from CURRENT on. -> DONE, or why not; then CURRENT and STAGE say where to resume."""
    kinds = fixed(h, KINDS)
    for k in range(scalar(h, CURRENT), fixed(h, COUNT)):
        if cell(h, BUFFER, k) < 0 or cell(h, FLAG, k) & STRUCK and not cell(h, FLAG, k) & IN_PYTHON:
            continue
        kind = get(kinds + 8 * cell(h, OP, k))
        if kind == NOTHING and not cell(h, FLAG, k) & IN_PYTHON:
            continue
        if cell(h, FLAG, k) & IN_PYTHON or kind == BY_PYTHON or kind > NOTHING:
            put_scalar(h, CURRENT, k)
            return PYTHON
        for operand in range(scalar(h, STAGE), 2):
            slot = cell(h, A, k) if operand == 0 else cell(h, B, k)
            if slot >= 0:
                status = _contribute(h, k, slot, operand, kind)
                if status != DONE:
                    put_scalar(h, CURRENT, k)
                    put_scalar(h, STAGE, operand)
                    return status
        put_scalar(h, STAGE, 0)
        if not cell(h, RESULT, k):
            release(h, cell(h, BUFFER, k))  # another one where the row needed it full
            put_cell(h, BUFFER, k, -1)
    put_scalar(h, CURRENT, fixed(h, COUNT))
    return DONE
