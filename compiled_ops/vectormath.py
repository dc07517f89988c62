"""Elementary functions on arrays, and the pointer words of generated kernels, as Numba intrinsics.

`vector_of_one("exp")` makes `vector_exp(source, target, n)`: libmvec's vector `exp` on n contiguous elements;
n = -1 is one 0-d value and takes libm's scalar function, to the bit what `math.exp` gives. `load()` makes
the vector functions known to LLVM. `scratch`, `shift`, `gather`, `place`, `spread`, `fed_back`, `like`,
`rounding` and `quiet` are the other words of the text in `generated/`.
Invariant (Note [position independence]): an element's result depends on its value alone. The vector function
sees full vectors only, a shorter rest padded with 1.0; neither an element's place nor the length shows.
Imports Numba. Imported by the generated text, and by `kernels` at the first compilation.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable, Iterator

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from compiled_ops.formula import OF_ONE, OF_TWO

BLOCK = 512  # elements of a scratch block: 4 KB of float64, so that half a dozen of them stay in L1
INDEX = ir.IntType(64)


def _instruction_set() -> tuple[str, int, str]:
    """libmvec's letter, the bytes of a vector, the calling convention. They follow from the CPU features that
    Numba compiles for, which are part of its cache's key, so what the cache holds always fits. AVX-512 is 1.3
    to 2 times as fast as AVX2 and no less accurate.
    """
    if platform.machine() in ("aarch64", "arm64"):
        return "n", 16, "aarch64_vector_pcs"
    features = set(cpu_target.target_context.codegen().magic_tuple()[2].split(","))
    if {"+avx512f", "+avx512dq"} <= features:
        return "e", 64, ""
    return ("d", 32, "") if "+avx2" in features else ("b", 16, "")


LETTER, VECTOR_BYTES, CONVENTION = _instruction_set()
_engines: list[object] = []  # keeps the machine code of `_lane_by_lane` alive


def _symbol(name: str, kind: str) -> tuple[str, int]:
    """Our name of a vector function of `float` or `double`, and its lanes."""
    lanes = VECTOR_BYTES // (8 if kind == "double" else 4)
    return f"compiled_ops_{name}_{kind}{lanes}", lanes


def _functions() -> Iterator[tuple[str, str, int]]:
    for names, count in ((OF_ONE, 1), (OF_TWO, 2)):
        for name in names:
            yield name, "double", count
            yield name, "float", count


def _libm_name(name: str, kind: str) -> str:
    return name if kind == "double" else name + "f"


def load() -> None:
    """Tell LLVM where the vector functions are: libmvec's or, where that lacks one, libm's lane by lane.
    Their symbols are our own, so that machine code cached where libmvec was complete still finds every
    function on a system where it is not.
    """
    if _engines:
        return
    try:
        library = ctypes.CDLL("libmvec.so.1") if sys.platform.startswith("linux") else None
    except OSError:
        library = None
    missing = []
    for name, kind, count in _functions():
        symbol, lanes = _symbol(name, kind)
        function = getattr(library, f"_ZGV{LETTER}N{lanes}{'v' * count}_{_libm_name(name, kind)}", None)
        if function is None:
            missing.append((name, kind, count))
        else:
            llvm.add_symbol(symbol, ctypes.cast(function, ctypes.c_void_p).value)
    engine = _compile("\n".join(_lane_by_lane(*entry) for entry in missing))
    for name, kind, _ in missing:
        symbol, _ = _symbol(name, kind)
        llvm.add_symbol(symbol, engine.get_function_address(symbol))
    _engines.append(engine)


def _lane_by_lane(name: str, kind: str, count: int) -> str:
    """LLVM text of a vector function that calls the scalar one for each lane."""
    symbol, lanes = _symbol(name, kind)
    vector, lines, result = f"<{lanes} x {kind}>", [], "poison"
    for lane in range(lanes):
        for k in range(count):
            lines.append(f"%a{lane}.{k} = extractelement {vector} %v{k}, i32 {lane}")
        arguments = ", ".join(f"{kind} %a{lane}.{k}" for k in range(count))
        lines.append(f"%y{lane} = call {kind} @{_libm_name(name, kind)}({arguments})")
        lines.append(f"%r{lane} = insertelement {vector} {result}, {kind} %y{lane}, i32 {lane}")
        result = f"%r{lane}"
    head = f"define {CONVENTION} {vector} @{symbol}({', '.join(f'{vector} %v{k}' for k in range(count))})"
    declared = f"declare {kind} @{_libm_name(name, kind)}({', '.join([kind] * count)})"
    return "\n  ".join([f"{declared}\n{head} {{", *lines, f"ret {vector} {result}\n}}"])


def _compile(text: str):
    """Machine code for the CPU that Numba compiles for: both must pass vectors in the same registers."""
    _, cpu, features = cpu_target.target_context.codegen().magic_tuple()
    machine = llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=2)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), machine)
    engine.finalize_object()
    return engine


def _entry_alloca(builder, kind, count: int, align: int):
    """Stack memory of the whole call, not cleared (Numba's own `alloca_once` writes zeros at every call)."""
    with builder.goto_entry_block():
        memory = builder.alloca(ir.ArrayType(kind, count))
        memory.align = align
        return builder.bitcast(memory, kind.as_pointer())


def _declared(builder, name: str, result, parameters: list):
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(result, parameters), name)


def _emit_map(builder, name: str, sources: list, target, n) -> None:
    """`target[i] = name(sources[i]...)` for n elements (Note [position independence]); n = -1: one scalar."""
    scalar_type = target.type.pointee
    kind = "double" if scalar_type == ir.DoubleType() else "float"
    symbol, lanes = _symbol(name, kind)
    vector_type, count = ir.VectorType(scalar_type, lanes), len(sources)
    vector = _declared(builder, symbol, vector_type, [vector_type] * count)
    vector.calling_convention = CONVENTION
    scalar = _declared(builder, _libm_name(name, kind), scalar_type, [scalar_type] * count)
    rest_of = [_entry_alloca(builder, scalar_type, lanes, VECTOR_BYTES) for _ in sources]
    rest_out = _entry_alloca(builder, scalar_type, lanes, VECTOR_BYTES)
    size = ir.Constant(INDEX, VECTOR_BYTES // lanes)

    with builder.if_then(builder.icmp_signed("<", n, INDEX(0))):
        builder.store(builder.call(scalar, [builder.load(source) for source in sources]), target)
    with cgutils.for_range_slice(builder, INDEX(0), n, INDEX(lanes), INDEX) as (start, _):
        left = builder.sub(n, start)
        short = builder.icmp_signed("<", left, INDEX(lanes))
        here = [builder.gep(source, [start]) for source in sources]
        there = builder.gep(target, [start])
        with builder.if_then(short, likely=False):
            padding = ir.Constant(vector_type, [1.0] * lanes)
            for source, rest in zip(here, rest_of, strict=True):
                builder.store(padding, builder.bitcast(rest, vector_type.as_pointer()), align=VECTOR_BYTES)
                cgutils.raw_memcpy(builder, rest, source, left, size)
        chosen = [builder.select(short, rest, source) for source, rest in zip(here, rest_of, strict=True)]
        pointers = [builder.bitcast(pointer, vector_type.as_pointer()) for pointer in chosen]
        vectors = [builder.load(pointer, align=VECTOR_BYTES // lanes) for pointer in pointers]
        result = builder.call(vector, vectors, cconv=CONVENTION)
        out = builder.bitcast(builder.select(short, rest_out, there), vector_type.as_pointer())
        builder.store(result, out, align=VECTOR_BYTES // lanes)
        with builder.if_then(short, likely=False):
            cgutils.raw_memcpy(builder, there, rest_out, left, size)


def vector_of_one(name: str) -> Callable:
    """The intrinsic `vector_<name>(source, target, n)`; source and target may be the same memory."""

    @intrinsic
    def vector(typing, source, target, n):
        def lower(context, builder, signature, arguments):
            _emit_map(builder, name, [arguments[0]], arguments[1], arguments[2])

        return types.void(source, target, types.intp), lower

    return vector


def vector_of_two(name: str) -> Callable:
    """The intrinsic `vector_<name>(first, second, target, n)`; target may be the memory of either."""

    @intrinsic
    def vector(typing, first, second, target, n):
        def lower(context, builder, signature, arguments):
            _emit_map(builder, name, list(arguments[:2]), arguments[2], arguments[3])

        return types.void(first, second, target, types.intp), lower

    return vector


def rounding(name: str) -> Callable:
    """An intrinsic `sqrt(x)`, `floor(x)`, `trunc(x)` or `copysign(a, b)`: an instruction on numbers."""

    def lower(context, builder, signature, arguments):
        kind = arguments[0].type
        sort = ir.FunctionType(kind, [kind] * len(arguments))
        function = builder.module.declare_intrinsic(f"llvm.{name}", [kind], sort)
        return builder.call(function, arguments)

    @intrinsic
    def of_one(typing, x):
        return x(x), lower

    @intrinsic
    def of_two(typing, a, b):
        return a(a, a), lower

    return of_two if name == "copysign" else of_one


@intrinsic
def like(typing, pointer, value):
    """`value` as a number of the pointer's type: a float32 kernel computes in float32, constants included."""

    def lower(context, builder, signature, arguments):
        return context.cast(builder, arguments[1], value, pointer.dtype)

    return pointer.dtype(pointer, value), lower


@intrinsic
def scratch(typing, pointer):
    """A block of BLOCK elements of the pointer's type on the stack."""

    def lower(context, builder, signature, arguments):
        return _entry_alloca(builder, arguments[0].type.pointee, BLOCK, 64)

    return pointer(pointer), lower


@intrinsic
def shift(typing, pointer, start):
    """The pointer, `start` elements on."""

    def lower(context, builder, signature, arguments):
        return builder.gep(arguments[0], [arguments[1]])

    return pointer(pointer, types.intp), lower


def _strided(builder, pointer, step, index):
    """Address of element `index` of memory whose elements lie `step` bytes apart."""
    start = builder.bitcast(pointer, ir.IntType(8).as_pointer())
    return builder.bitcast(builder.gep(start, [builder.mul(step, index)]), pointer.type)


def _is_contiguous(context, builder, pointer, step):
    return builder.icmp_signed("==", step, INDEX(context.get_abi_sizeof(pointer.type.pointee)))


@intrinsic
def gather(typing, pointer, step, start, n, block):
    """Elements start ... start + n of strided memory: where they lie if contiguous, else copied to block."""

    def lower(context, builder, signature, arguments):
        pointer, step, start, n, block = arguments
        contiguous = _is_contiguous(context, builder, pointer, step)
        with builder.if_then(builder.not_(contiguous)), cgutils.for_range(builder, n) as loop:
            source = _strided(builder, pointer, step, builder.add(start, loop.index))
            builder.store(builder.load(source), builder.gep(block, [loop.index]))
        return builder.select(contiguous, builder.gep(pointer, [start]), block)

    return pointer(pointer, types.intp, types.intp, types.intp, block), lower


@intrinsic
def place(typing, pointer, step, start, block):
    """Where to write a block of results: in the output if contiguous, else in block, for `spread` to take."""

    def lower(context, builder, signature, arguments):
        pointer, step, start, block = arguments
        contiguous = _is_contiguous(context, builder, pointer, step)
        return builder.select(contiguous, builder.gep(pointer, [start]), block)

    return pointer(pointer, types.intp, types.intp, block), lower


@intrinsic
def spread(typing, block, pointer, step, start, n):
    """Write a block to strided memory; nothing to do where `place` chose the memory itself."""

    def lower(context, builder, signature, arguments):
        block, pointer, step, start, n = arguments
        strided = builder.not_(_is_contiguous(context, builder, pointer, step))
        with builder.if_then(strided), cgutils.for_range(builder, n) as loop:
            target = _strided(builder, pointer, step, builder.add(start, loop.index))
            builder.store(builder.load(builder.gep(block, [loop.index])), target)
        return context.get_dummy_value()

    return types.void(block, pointer, types.intp, types.intp, types.intp), lower


@intrinsic
def fed_back(typing, first, step, out):
    """Whether results are the next inputs, as in `ufunc.reduce` and `accumulate`: `out` is the operand, which
    does not move, or its next element.
    """

    def lower(context, builder, signature, arguments):
        first, step, out = arguments
        here = builder.icmp_unsigned("==", first, out)
        no_step = builder.icmp_signed("==", step, INDEX(0))
        following = builder.icmp_unsigned("==", _strided(builder, first, step, INDEX(1)), out)
        return builder.or_(following, builder.and_(here, no_step))

    return types.boolean(first, types.intp, out), lower


@intrinsic
def quiet(typing):
    """Clear the floating-point flags, which vector functions raise for lanes whose result is not taken: NumPy
    would warn of them. On x86 those of SSE only, two instructions and no call: nothing compiled here
    raises one in the older unit, as libm's fmod does for infinity.
    """

    def lower(context, builder, signature, arguments):
        if platform.machine() in ("x86_64", "AMD64"):
            word = builder.alloca(ir.IntType(32))
            pointer = builder.bitcast(word, ir.IntType(8).as_pointer())
            builder.call(_declared(builder, "llvm.x86.sse.stmxcsr", ir.VoidType(), [pointer.type]), [pointer])
            builder.store(builder.and_(builder.load(word), ir.IntType(32)(~0x3F)), word)
            builder.call(_declared(builder, "llvm.x86.sse.ldmxcsr", ir.VoidType(), [pointer.type]), [pointer])
        else:
            clear = _declared(builder, "feclearexcept", ir.IntType(32), [ir.IntType(32)])
            builder.call(clear, [ir.IntType(32)(0x1F)])
        return context.get_dummy_value()

    return types.void(), lower
