"""Loads, stores and calls by address, as intrinsics for the compiled halves of a sweep, and how saved values are read.

Constants and intrinsics are compiled into their users, and Numba's disk cache does not see edits here: visit.py and execute.py carry
the hash of this file and of layout.py, and a test holds them to it. Imported by those two.
"""

from __future__ import annotations

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from compiled_ops.layout import (
    ARRAY_DIMS,
    ARRAY_DTYPE,
    ARRAY_FLAGS,
    ARRAY_NDIM,
    ARRAY_TYPE,
    CELLS,
    CONTIGUOUS_ALIGNED,
    DTYPES,
    FLOAT_TYPE,
    INT_DIGITS,
    INT_SIZE,
    TAGGED_INTS,
    TYPE,
)

i8 = types.int64


def _memory(llvm_type, numba_type):
    """A typed load and a typed store at an address."""

    @intrinsic
    def load(typingctx, address):
        def codegen(context, builder, signature, args):
            return builder.load(builder.inttoptr(args[0], llvm_type.as_pointer()))

        return numba_type(types.int64), codegen

    @intrinsic
    def store(typingctx, address, value):
        def codegen(context, builder, signature, args):
            builder.store(args[1], builder.inttoptr(args[0], llvm_type.as_pointer()))
            return context.get_dummy_value()

        return types.void(types.int64, numba_type), codegen

    return load, store


get, put = _memory(ir.IntType(64), types.int64)
get_half, put_half = _memory(ir.IntType(32), types.int32)
get_byte, put_byte = _memory(ir.IntType(8), types.int8)
get_double, put_double = _memory(ir.DoubleType(), types.float64)
get_single, put_single = _memory(ir.FloatType(), types.float32)


def fixed_load(builder, pointer):
    """A load of what no compiled code writes during a call: LLVM then loads it once, whatever is stored in between."""
    loaded = builder.load(pointer)
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


def _indexed():
    """Load and store entry k of column c, given the address h of the head."""

    def address(builder, args):
        word, pointer = ir.IntType(64), ir.IntType(64).as_pointer()
        at = builder.add(args[0], builder.mul(builder.add(args[1], ir.Constant(word, CELLS)), ir.Constant(word, 8)))
        column = fixed_load(builder, builder.inttoptr(at, pointer))
        return builder.inttoptr(builder.add(column, builder.mul(args[2], ir.Constant(word, 8))), pointer)

    @intrinsic
    def cell(typingctx, h, column, k):
        def codegen(context, builder, signature, args):
            return builder.load(address(builder, args))

        return types.int64(types.int64, types.int64, types.int64), codegen

    @intrinsic
    def put_cell(typingctx, h, column, k, value):
        def codegen(context, builder, signature, args):
            builder.store(args[3], address(builder, args))
            return context.get_dummy_value()

        return types.void(*[types.int64] * 4), codegen

    return cell, put_cell


cell, put_cell = _indexed()


@intrinsic
def column(typingctx, h, index):
    """Address of column number `index`, given the address h of the head."""

    def codegen(context, builder, signature, args):
        word = ir.IntType(64)
        at = builder.add(args[0], builder.mul(builder.add(args[1], ir.Constant(word, CELLS)), ir.Constant(word, 8)))
        return fixed_load(builder, builder.inttoptr(at, word.as_pointer()))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def fixed(typingctx, h, index):
    """Scalar number `index` of the head, one that stays as it is while compiled code runs: an address of a table or a type."""

    def codegen(context, builder, signature, args):
        at = builder.add(args[0], builder.mul(args[1], ir.Constant(ir.IntType(64), 8)))
        return fixed_load(builder, builder.inttoptr(at, ir.IntType(64).as_pointer()))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def scalar(typingctx, h, index):
    """Scalar number `index` of the head at address h."""

    def codegen(context, builder, signature, args):
        at = builder.add(args[0], builder.mul(args[1], ir.Constant(ir.IntType(64), 8)))
        return builder.load(builder.inttoptr(at, ir.IntType(64).as_pointer()))

    return types.int64(types.int64, types.int64), codegen


@intrinsic
def put_scalar(typingctx, h, index, value):
    def codegen(context, builder, signature, args):
        at = builder.add(args[0], builder.mul(args[1], ir.Constant(ir.IntType(64), 8)))
        builder.store(args[2], builder.inttoptr(at, ir.IntType(64).as_pointer()))
        return context.get_dummy_value()

    return types.void(*[types.int64] * 3), codegen


@intrinsic
def highest_bit(typingctx, word):
    def codegen(context, builder, signature, args):
        zeros = builder.ctlz(args[0], ir.Constant(ir.IntType(1), 1))
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return types.int64(types.int64), codegen


@intrinsic
def call_kernel(typingctx, address, n, add, g, x, y, out):
    def codegen(context, builder, signature, args):
        word, byte = ir.IntType(64), ir.IntType(8).as_pointer()
        kernel_type = ir.FunctionType(ir.VoidType(), [word, word, byte, byte, byte, byte])
        kernel = builder.inttoptr(args[0], kernel_type.as_pointer())
        builder.call(kernel, [args[1], args[2], *(builder.inttoptr(p, byte) for p in args[3:])])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 7), codegen


@intrinsic
def move(typingctx, target, source, count):
    def codegen(context, builder, signature, args):
        byte = ir.IntType(8).as_pointer()
        cgutils.raw_memcpy(builder, builder.inttoptr(args[0], byte), builder.inttoptr(args[1], byte), args[2], 1)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 3), codegen


@intrinsic
def clear(typingctx, target, count):
    """Set `count` bytes to zero."""

    def codegen(context, builder, signature, args):
        byte = ir.IntType(8)
        cgutils.memset(builder, builder.inttoptr(args[0], byte.as_pointer()), args[1], 0)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), codegen


def kernel(signature, **options):
    """The one spelling of the decorator for the engine: compiled when its module is imported, cached on disk."""
    return njit(signature, cache=True, error_model="numpy", **options)


def internal(signature, **options):
    """The same for functions that only compiled code calls: they need no wrapper for Python, and become part of their callers, where
    what is fixed is loaded once."""
    return kernel(signature, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True, **options)


@intrinsic
def as_int(typingctx, obj):
    """Value of a Python int in [0, 2**60). Without branches; a one-digit int is padded to 32 bytes, so its next digit may be read."""

    def codegen(context, builder, signature, args):
        word, half = ir.IntType(64), ir.IntType(32)

        def digit(offset):
            at = builder.inttoptr(builder.add(args[0], ir.Constant(word, offset)), half.as_pointer())
            return builder.zext(builder.load(at), word)

        size = builder.load(builder.inttoptr(builder.add(args[0], ir.Constant(word, INT_SIZE)), word.as_pointer()))
        if TAGGED_INTS:
            size = builder.lshr(size, ir.Constant(word, 3))
        low, high = digit(INT_DIGITS), builder.shl(digit(INT_DIGITS + 4), ir.Constant(word, 30))
        found = builder.select(builder.icmp_signed(">", size, ir.Constant(word, 1)), builder.or_(low, high), low)
        return builder.select(builder.icmp_signed("==", size, ir.Constant(word, 0)), ir.Constant(word, 0), found)

    return types.int64(types.int64), codegen


@kernel(i8(i8))
def int_value(obj):
    """`as_int` for Python callers, who prove it."""
    return as_int(obj)


@kernel(i8(i8, i8))
def word_at(obj, offset):
    """The 64-bit word at an offset of an object; how tape/replay reads data pointers and proves the offsets above."""
    return get(obj + offset)


@internal(types.void(i8, i8, i8, i8), nogil=True)
def fill(out, source, n, width):
    """n elements, each the one at `source`; what is there is copied behind itself."""
    move(out, source, width)
    done = i8(1)
    while done < n:
        count = min(done, n - done)
        move(out + width * done, out, width * count)
        done += count


@internal(i8(i8, i8, i8, i8, i8), nogil=True)
def read_as(h, obj, size, code, mask):
    """How a saved value is read: 1 as it lies, 2 through tiles, 3 one value for all, 0 not here."""
    if obj == 0:
        return 1
    kind = get(obj + TYPE)
    if kind == fixed(h, FLOAT_TYPE):
        return 3
    if kind != fixed(h, ARRAY_TYPE) or get(obj + ARRAY_DTYPE) != get(fixed(h, DTYPES) + 8 * (2 if mask else code)):
        return 0
    total, nd = i8(1), i8(get_half(obj + ARRAY_NDIM))
    for axis in range(nd):
        total *= get(get(obj + ARRAY_DIMS) + 8 * axis)
    if total != size:
        return 0
    flags = get_half(obj + ARRAY_FLAGS)
    if flags & CONTIGUOUS_ALIGNED == CONTIGUOUS_ALIGNED:
        return 1
    return 2 if flags & 0x0100 and nd > 0 else 0


@internal(types.float64(i8, i8), nogil=True)
def number(address, code):
    return get_double(address) if code == 0 else types.float64(get_single(address))


@internal(types.void(i8, i8, types.float64), nogil=True)
def set_number(address, code, value):
    if code == 0:
        put_double(address, value)
    else:
        put_single(address, types.float32(value))
