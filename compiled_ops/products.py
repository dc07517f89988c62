"""Matrix products in compiled sweeps: `multiply` calls BLAS gemm, SciPy's, with the operands as they lie in memory.

The kernel is one of compiled_ops/shaped: `void (plan, add, T* g, array, y, T* out)`, only that the other operand comes as the address of
its ndarray. One of its last two dimensions is contiguous (`prepare` sees to that), so nothing is copied. `blas(code)` is the
routine's address, which plans hold. Compiled when a sweep first needs it. Imported by shaped and tape/plans.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from compiled_ops.layout import ARRAY_DATA, ARRAY_DIMS, ARRAY_NDIM, ARRAY_STRIDES
from compiled_ops.memory import get, get_half, i8, types
from compiled_ops.vectormath import shift

MEMORY_HASH = "514632761250b707"


@intrinsic
def multiply_matrices(typingctx, routine, flip_a, flip_b, m, n, k, a, lda, b, ldb, add, c):
    """BLAS gemm at an address, as Fortran has it: c (m, n), leading dimension m, (+)= a b, transposed as told. Sizes fit 32 bits."""

    def codegen(context, builder, signature, args):
        number, half, byte = args[11].type.pointee, ir.IntType(32), ir.IntType(8)

        def stored(value):
            place = cgutils.alloca_once(builder, value.type)
            builder.store(value, place)
            return builder.bitcast(place, byte.as_pointer())

        def letter(flag):
            chosen = builder.icmp_signed("!=", flag, ir.Constant(flag.type, 0))
            return stored(builder.select(chosen, ir.Constant(byte, ord("T")), ir.Constant(byte, ord("N"))))

        routine, flip_a, flip_b, m, n, k, a, lda, b, ldb, add, c = args
        m, n, k, lda, ldb = (stored(builder.trunc(each, half)) for each in (m, n, k, lda, ldb))
        one, zero = ir.Constant(number, 1.0), ir.Constant(number, 0.0)
        beta = stored(builder.select(builder.icmp_signed("!=", add, ir.Constant(add.type, 0)), one, zero))
        a, b, c = builder.inttoptr(a, byte.as_pointer()), builder.inttoptr(b, byte.as_pointer()), builder.bitcast(c, byte.as_pointer())
        arguments = [letter(flip_a), letter(flip_b), m, n, k, stored(one), a, lda, b, ldb, beta, c, m]
        function = ir.FunctionType(ir.VoidType(), [byte.as_pointer()] * 13)
        builder.call(builder.inttoptr(routine, function.as_pointer()), arguments)
        return context.get_dummy_value()

    return types.void(*[types.int64] * 11, c), codegen


@intrinsic
def address_of(typingctx, pointer, offset):
    """The address of an element of typed memory."""

    def codegen(context, builder, signature, args):
        return builder.ptrtoint(builder.gep(args[0], [args[1]]), ir.IntType(64))

    return types.int64(pointer, types.int64), codegen


def multiply(plan, add, g, other, y, out):
    """out (+)= g times the array `other`, or the other way round, each of `batch` times. The plan holds the extents (rows, columns,
    summed), whether g stands on the left, whether `other` is transposed, the batch and the address of BLAS gemm."""
    rows, columns, summed = get(plan + 16), get(plan + 24), get(plan + 32)
    left, turned_over, batch, routine = get(plan + 40), get(plan + 48), get(plan + 56), get(plan + 64)
    array = address_of(other, i8(0))
    nd, dims, strides, data = i8(get_half(array + ARRAY_NDIM)), get(array + ARRAY_DIMS), get(array + ARRAY_STRIDES), get(array + ARRAY_DATA)
    width = address_of(out, i8(1)) - address_of(out, i8(0))
    if nd == 1:  # a column
        down, along, low, wide = get(strides), width, get(dims), i8(1)
    else:
        down, along, low, wide = get(strides + 8 * nd - 16), get(strides + 8 * nd - 8), get(dims + 8 * nd - 16), get(dims + 8 * nd - 8)
    if turned_over:
        down, along, low, wide = along, down, wide, low
    by_rows = (along == width or wide == 1) and (low == 1 or down >= width * wide)
    flipped = i8(0) if by_rows else i8(1)
    leading = (down // width if low > 1 else wide) if by_rows else (along // width if wide > 1 else low)
    for number in range(batch):
        there, rest = data, number
        for axis in range(nd - 3, -1, -1):
            extent = get(dims + 8 * axis)
            there += rest % extent * get(strides + 8 * axis)
            rest //= extent
        mine, target = address_of(g, number * (rows * summed if left else summed * columns)), shift(out, number * rows * columns)
        # row by row C = A B is, column by column, Cᵀ = Bᵀ Aᵀ
        if left:
            multiply_matrices(routine, flipped, i8(0), columns, rows, summed, there, leading, mine, summed, add, target)
        else:
            multiply_matrices(routine, i8(0), flipped, columns, rows, summed, mine, columns, there, leading, add, target)


def blas(code):
    """Address of BLAS gemm for a dtype code, SciPy's; 0 where it has none."""
    from numba.extending import get_cython_function_address

    try:
        return get_cython_function_address("scipy.linalg.cython_blas", "sgemm" if code else "dgemm")
    except (ImportError, ValueError):
        return 0
