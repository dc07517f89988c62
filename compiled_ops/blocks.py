"""Groups of array rows, run block by block so that what passes between rows stays in the first-level cache: `run_blocks`.

A group is a table of instructions, each the call of one inner loop (WIDTH int64: function, data, mode, count, then four operands of pointer,
offset, step, increment), in three parts: before the blocks, for each block, after them. An operand begins at pointers[pointer] + offset
+ place * increment; its elements lie `step` bytes apart. The mode says what is counted: elements, rows of the inner axis, blocks, or
just `count`. Elementwise rows are NumPy's own loops, so they give NumPy's bits; the rest is in block_loops.
Whoever makes the table answers for it: nothing is looked at here. Compiled functions call only those of their own file.
Imports Numba: import it where it is needed. Imported by tape/compile/blocked.
"""

from __future__ import annotations

from llvmlite import ir
from numba.extending import intrinsic

from compiled_ops.memory import get, i8, internal, kernel, put, types

MEMORY_HASH = "514632761250b707"
WIDTH, FIRST_OPERAND = 20, 4  # words of an instruction; where its operands begin
ELEMENTS, INNER_ROWS, BLOCKS, GIVEN = range(4)
FRAME = 96  # bytes from which loops are called: four pointers; elements, inner extent, first element; four steps


@intrinsic
def _call_loop(typing, function, frame, data):
    """Call an inner loop with the pointers, counts and steps of a frame."""

    def lower(context, builder, signature, arguments):
        word, byte = ir.IntType(64), ir.IntType(8).as_pointer()
        sort = ir.FunctionType(ir.VoidType(), [word.as_pointer()] * 3 + [byte])
        frame = builder.inttoptr(arguments[1], word.as_pointer())
        places = [frame, builder.gep(frame, [word(4)]), builder.gep(frame, [word(8)])]
        builder.call(builder.inttoptr(arguments[0], sort.as_pointer()), [*places, builder.inttoptr(arguments[2], byte)])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 3), lower


@internal(types.void(i8, i8, i8, i8, i8, i8), nogil=True)
def _call(h, pointers, n, place, start, frame):
    """One instruction; the operands that it does not have are not read by its loop."""
    for k in range(4):
        operand = h + 32 + 32 * k
        put(frame + 8 * k, get(pointers + 8 * get(operand)) + get(operand + 8) + place * get(operand + 24))
        put(frame + 64 + 8 * k, get(operand + 16))
    put(frame + 32, n)
    put(frame + 48, start)
    _call_loop(get(h), frame, get(h + 8))


@kernel(types.void(*[i8] * 10), nogil=True)
def run_blocks(code, before, each, after, pointers, begin, end, block, inner, frame):
    """Run a group on the elements begin ... end: `before`, `each` and `after` instructions stand one after the other at `code`."""
    put(frame + 40, inner)
    for k in range(before):
        h = code + 160 * k
        _call(h, pointers, get(h + 24), i8(0), i8(0), frame)
    body = code + 160 * before
    for start in range(begin, end, block):
        m = min(block, end - start)
        for k in range(each):
            h = body + 160 * k
            mode = get(h + 16)
            if mode == 0:
                _call(h, pointers, m, start, start, frame)
            elif mode == 1:
                _call(h, pointers, m // inner, start // inner, start, frame)
            elif mode == 2:
                _call(h, pointers, m, start // block, start, frame)
            else:
                _call(h, pointers, get(h + 24), i8(0), start, frame)
    tail = body + 160 * each
    for k in range(after):
        h = tail + 160 * k
        _call(h, pointers, get(h + 24), i8(0), i8(0), frame)
