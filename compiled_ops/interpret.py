"""Scalar rows replayed by one compiled loop: `run(rows, values, first, loops, pointers, loads, load_count, stores,
store_count)`, all of them addresses and counts.

A row is four int32: code, a, b, c. `CODES` numbers what it may do, `READS` says how many of a, b, c are values; row k writes value
first + k. The last row is END. `run` copies loads in, runs the rows, copies stores out and returns 0, or k + 1 where row k is a guard that
saw another outcome. Booleans are 0.0 and 1.0. `check` raises ValueError for rows that would read outside; `run` looks at nothing.
What a code computes comes from the table: rows for Python floats inline, with libm's functions; the rest through addresses of the array
loops, as one element. The commonest cases jump to the next row themselves, so that the CPU foretells each jump from its own history;
with one jump for all a row costs a third more, with one for every case the loop takes four times as long to compile.
The LLVM text is made while Numba compiles; the function's qualified name, under which Numba caches it, bears a checksum of its sources.
Imports Numba: import it where it is needed. Imported by tape/compile/blocked.
"""

from __future__ import annotations

import ast
import zlib
from pathlib import Path

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from compiled_ops.memory import get, get_byte, get_double, put_byte, put_double
from compiled_ops.rows import CONSTANTS
from compiled_ops.table import ELEMENTWISE

MEMORY_HASH = "514632761250b707"
I1, HALF, WORD, REAL = ir.IntType(1), ir.IntType(32), ir.IntType(64), ir.DoubleType()
INSTRUCTIONS = {
    "sqrt": "sqrt",
    "fabs": "fabs",
    "floor": "floor",
    "ceil": "ceil",
    "rint": "rint",
    "trunc": "trunc",
    "copysign": "copysign",
}
# Rows whose value is an instruction or a choice between inputs, which the array loop makes in the same way.
EXACT = {"floor": "floor(x)", "ceil": "ceil(x)", "round": "rint(x)", "trunc": "trunc(x)", "copysign": "copysign(a, b)",
         "sign": "where(x > 0, 1, where(x < 0, -1, 0))", "relu": "where(x < 0, 0, x)",
         "maximum": "where((a > b) | (a != a), a, b)", "minimum": "where((a < b) | (a != a), a, b)"}  # fmt: skip
# What programs have besides the table's rows; a, b, c are values.
FURTHER = {
    "less": "a < b", "less_equal": "a <= b", "greater": "a > b", "greater_equal": "a >= b", "equal": "a == b", "not_equal": "a != b",
    "logical_and": "(a != 0) & (b != 0)", "logical_or": "(a != 0) | (b != 0)", "logical_xor": "(a != 0) ^ (b != 0)",
    "logical_not": "a == 0", "isnan": "a != a", "isinf": "fabs(a) == INF", "isfinite": "fabs(a) < INF", "truth": "a != 0",
    "select": "where(a != 0, b, c)", "strong": "where(a != 0, b, 0)", "copy": "a",
}  # fmt: skip
GUARDS = {"guard_true": "a != 0", "guard_false": "a == 0", "guard_same": "same(a, b)"}  # go on where it holds

COMMON = ("add", "sub", "mul", "div", "neg", "square", "sin", "exp")  # with a jump of their own

TEXTS: dict[str, str] = {
    row.name: row.scalar if row.scalar else EXACT[row.name] for row in ELEMENTWISE if row.name in EXACT or row.scalar
}
END, CALL_ONE, CALL_TWO = 0, 1, 2  # CALL_ONE: a, and in c the entry of the table of loops; CALL_TWO: a, b, c likewise
CODES = {name: 3 + k for k, name in enumerate((*TEXTS, *FURTHER, *GUARDS))}
READS = np.array(
    [0, 1, 2] + [1 + max((" a b c".split().index(n.id) for n in ast.walk(ast.parse(text, mode="eval"))
                          if isinstance(n, ast.Name) and n.id in "abc"), default=0)
                 for text in (*TEXTS.values(), *FURTHER.values(), *GUARDS.values())], np.int32)  # fmt: skip


class _Words:
    """Writes an expression of the table for one case, given the values of its inputs."""

    def __init__(self, builder: ir.IRBuilder, inputs: dict[str, ir.Value]) -> None:
        self.builder, self.inputs = builder, inputs

    def value(self, text: str) -> ir.Value:
        """The expression as float64; a comparison gives 0 or 1."""
        return self._real(self.of(ast.parse(text, mode="eval").body))

    def _real(self, value: ir.Value) -> ir.Value:
        return self.builder.uitofp(value, REAL) if value.type == I1 else value

    def of(self, part: ast.expr) -> ir.Value:
        b = self.builder
        if isinstance(part, ast.Name):
            if part.id == "INF":
                return REAL(float("inf"))
            return REAL(CONSTANTS[part.id]) if part.id in CONSTANTS else self.inputs[part.id]
        if isinstance(part, ast.Constant):
            return REAL(float(part.value))
        if isinstance(part, ast.UnaryOp):
            return b.fneg(self.of(part.operand))
        if isinstance(part, ast.Compare):
            sign = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}[type(part.ops[0])]
            compare = b.fcmp_unordered if sign == "!=" else b.fcmp_ordered
            return compare(sign, self.of(part.left), self.of(part.comparators[0]))
        if isinstance(part, ast.BinOp):
            name = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv",
                    ast.BitAnd: "and_", ast.BitOr: "or_", ast.BitXor: "xor"}[type(part.op)]  # fmt: skip
            return getattr(b, name)(self.of(part.left), self.of(part.right))
        assert isinstance(part, ast.Call), ast.dump(part)
        return self._call(ast.unparse(part.func), [self.of(argument) for argument in part.args])

    def _call(self, name: str, arguments: list[ir.Value]) -> ir.Value:
        b = self.builder
        if name == "where":
            return b.select(*arguments)
        if name == "same":
            equal = b.icmp_unsigned("==", *(b.bitcast(v, WORD) for v in arguments))
            return b.or_(equal, b.and_(*(b.fcmp_unordered("uno", v, v) for v in arguments)))  # the sign of a NaN is nobody's
        if name in INSTRUCTIONS:
            sort = ir.FunctionType(REAL, [REAL] * len(arguments))
            return b.call(b.module.declare_intrinsic(f"llvm.{INSTRUCTIONS[name]}", [REAL], sort), arguments)
        return b.call(_declared(b.module, name, ir.FunctionType(REAL, [REAL] * len(arguments))), arguments)


def _declared(module: ir.Module, name: str, sort: ir.FunctionType) -> ir.Function:
    found = module.globals.get(name)
    return found if found is not None else ir.Function(module, sort, name)


class _Loop:
    """The blocks of the loop: one a code, each with its own jump to the next."""

    def __init__(self, builder: ir.IRBuilder, rows: ir.Value, values: ir.Value, first: ir.Value, loops: ir.Value) -> None:
        self.entry, self.function = builder, builder.function
        self.rows = builder.inttoptr(rows, HALF.as_pointer())
        self.values = builder.inttoptr(values, REAL.as_pointer())
        self.out, self.loops = builder.gep(self.values, [first]), builder.inttoptr(loops, WORD.as_pointer())
        self.one, self.steps, self.pointers = (self._words(k) for k in ([1], [8, 8, 8], [0, 0, 0]))
        self.done, self.missed = (self.function.append_basic_block(name) for name in ("done", "missed"))
        self.done_at, self.missed_at = (ir.IRBuilder(block).phi(WORD) for block in (self.done, self.missed))
        self.cases: dict[int, tuple[ir.Block, list[ir.PhiInstr]]] = {}

    def _words(self, numbers: list[int]) -> ir.Value:
        """Constants on the stack."""
        memory = self.entry.alloca(WORD, len(numbers))
        for k, number in enumerate(numbers):
            self.entry.store(WORD(number), self.entry.gep(memory, [WORD(k)]))
        return memory

    def write(self) -> ir.Value:
        """All of it; the builder is left where the loop ends. -> 0, or 1 + the guard that missed."""
        names = {CALL_ONE: "one", CALL_TWO: "two"} | {code: name for name, code in CODES.items()}
        for code, name in names.items():
            block = self.function.append_basic_block(f"case_{name}")
            builder = ir.IRBuilder(block)
            self.cases[code] = block, [builder.phi(sort) for sort in (WORD, REAL, REAL, WORD)]
        self.shared = ir.IRBuilder(self.function.append_basic_block("shared"))
        self.shared_at = self.shared.phi(WORD)
        self._jump(self.entry, WORD(0))
        for code, name in names.items():
            self._case(code, name)
        self._next(self.shared, self.shared_at)
        after = self.function.append_basic_block("after")
        for block in (self.done, self.missed):
            ir.IRBuilder(block).branch(after)
        self.entry.position_at_end(after)
        result = self.entry.phi(WORD)
        result.add_incoming(WORD(0), self.done)
        result.add_incoming(self.missed_at, self.missed)
        return result

    def _jump(self, b: ir.IRBuilder, k: ir.Value) -> None:
        """To row k, where all cases do it that have no jump of their own."""
        self.shared_at.add_incoming(k, b.block)
        b.branch(self.shared.block)

    def _next(self, b: ir.IRBuilder, k: ir.Value) -> None:
        """Read row k and jump to its case. Its first two values are read before: every case but END has them, or reads value 0."""
        place = b.shl(k, WORD(2))
        code, *names = (b.load(b.gep(self.rows, [b.add(place, WORD(j))])) for j in range(4))
        a, second, c = (b.sext(name, WORD) for name in names)
        x, y = (b.load(b.gep(self.values, [v])) for v in (a, second))
        here = b.block
        switch = b.switch(code, self.done)
        self.done_at.add_incoming(k, here)
        for number, (block, phis) in self.cases.items():
            switch.add_case(HALF(number), block)
            for phi, value in zip(phis, (k, x, y, c), strict=True):
                phi.add_incoming(value, here)

    def _case(self, code: int, name: str) -> None:
        block, (k, x, y, c) = self.cases[code]
        b = ir.IRBuilder(block)
        out = b.gep(self.out, [k])
        if code in (CALL_ONE, CALL_TWO):
            self._by_address(b, [x, y][: code - CALL_ONE + 1], c, out)
        else:
            inputs = {"x": x, "a": x, "b": y}
            text = TEXTS.get(name) or FURTHER.get(name) or GUARDS[name]
            if READS[code] == 3:
                inputs["c"] = b.load(b.gep(self.values, [c]))
            if name in GUARDS:
                following = self.function.append_basic_block(f"held_{name}")
                held = _Words(b, inputs).of(ast.parse(text, mode="eval").body)
                self.missed_at.add_incoming(k_and_one := b.add(k, WORD(1)), b.block)
                b.cbranch(held, following, self.missed)
                b.position_at_end(following)
                self._jump(b, k_and_one)
                return
            b.store(_Words(b, inputs).value(text), out)
        (self._next if name in COMMON else self._jump)(b, b.add(k, WORD(1)))

    def _by_address(self, b: ir.IRBuilder, operands: list[ir.Value], entry: ir.Value, out: ir.Value) -> None:
        """Call an array loop for one element; the operands are handed over on the stack."""
        byte = ir.IntType(8).as_pointer()
        with b.goto_entry_block():
            seats = [b.alloca(REAL) for _ in operands]
        for k, (operand, seat) in enumerate(zip(operands, seats, strict=True)):
            b.store(operand, seat)
            b.store(b.ptrtoint(seat, WORD), b.gep(self.pointers, [WORD(k)]))
        b.store(b.ptrtoint(out, WORD), b.gep(self.pointers, [WORD(len(operands))]))
        place = b.gep(self.loops, [b.shl(entry, WORD(1))])
        function, data = b.load(place), b.load(b.gep(place, [WORD(1)]))
        sort = ir.FunctionType(ir.VoidType(), [WORD.as_pointer()] * 3 + [byte])
        b.call(b.inttoptr(function, sort.as_pointer()), [self.pointers, self.one, self.steps, b.inttoptr(data, byte)])


@intrinsic
def _loop(typing, rows, values, first, loops):
    """The jump-table loop over rows at an address."""

    def lower(context, builder, signature, arguments):
        return _Loop(builder, *arguments).write()

    return types.int64(*[types.int64] * 4), lower


def _run(rows, values, first, loops, pointers, loads, load_count, stores, store_count):
    """Copy loads in, run, copy stores out. A load is (pointer, offset, 1 where it is a byte), a store (value, pointer, offset, 1 where it
    is a byte)."""
    for k in range(load_count):
        source = get(pointers + 8 * get(loads + 24 * k)) + get(loads + 24 * k + 8)
        if get(loads + 24 * k + 16):
            put_double(values + 8 * k, types.float64(get_byte(source)))
        else:
            put_double(values + 8 * k, get_double(source))
    missed = _loop(rows, values, first, loops)
    if missed == 0:
        for k in range(store_count):
            found = get_double(values + 8 * get(stores + 32 * k))
            target = get(pointers + 8 * get(stores + 32 * k + 8)) + get(stores + 32 * k + 16)
            if get(stores + 32 * k + 24):
                put_byte(target, types.int8(found))
            else:
                put_double(target, found)
    return missed


def _compiled():
    sources = ("interpret.py", "memory.py", "rows.py", "table/elementwise.py")
    checksum = zlib.crc32(b"\0".join((Path(__file__).parent / name).read_bytes() for name in sources))
    _run.__qualname__ = f"run_{checksum:08x}"
    return njit(types.int64(*[types.int64] * 9), cache=True, nogil=True, error_model="numpy")(_run)


run = _compiled()


def check(rows: np.ndarray, first: int, loop_count: int) -> None:
    """Raise ValueError unless every row is a known code that reads values before its own, and the last alone is END."""
    if rows.dtype != np.int32 or rows.ndim != 2 or rows.shape[1] != 4 or not rows.flags.c_contiguous or not len(rows):
        raise ValueError(f"scalar rows are a contiguous int32[n, 4], n > 0; got {rows.dtype}{list(rows.shape)}")
    code = rows[:, 0]
    if code[-1] != END or (code[:-1] == END).any() or code.min() < 0 or code.max() >= len(READS):
        raise ValueError(f"codes of scalar rows are 1 to {len(READS) - 1}, and {END} at the end alone")
    own = first + np.arange(len(rows), dtype=np.int64)
    call = (code == CALL_ONE) | (code == CALL_TWO)
    for operand in (1, 2, 3):
        needed, limit = READS[code] >= operand, own  # what is not needed is read nevertheless, so it must be there
        if operand == 3:
            needed, limit = needed | call, np.where(call, loop_count, own)
        wrong = (rows[:, operand] < 0) | (rows[:, operand] >= np.where(needed, limit, np.maximum(limit, 1)))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                f"scalar row {row} reads {int(rows[row, operand])}; {int(limit[row])} values (or loops) stand before it"
            )
