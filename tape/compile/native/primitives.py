"""One float64 by the formulas of the table, as LLVM text: what 0-d rows compute in machine code.

`Primitives(module).call(name, operands)` is the text of one instruction, of a row's opcode name; a formula of several instructions becomes an
internal function of the module, once. Invariant: the bits are those of `tape.values` for 0-d values. So a row with a formula for Python
floats takes libm's scalar functions, and one without takes the vector function, of whose lanes one is used (Note [position
independence] in compiled_ops/vectormath); rows that are NumPy ufuncs follow NumPy's definition of them.
Imports llvm. Imported by scalar_text.
"""

from __future__ import annotations

import ast
import struct
from functools import cache

from compiled_ops import kernels
from compiled_ops.formula import FORMULAS, OF_ONE, OF_TWO, SPECIAL, parsed
from compiled_ops.rows import CONSTANTS, PRIMITIVES, Elementwise
from tape.compile.native.llvm import Module, provide

UFUNCS = {  # NumPy's definitions for two floats; sign of zero and NaN included
    "np.floor": "floor(x)", "np.ceil": "ceil(x)", "np.rint": "rint(x)", "np.trunc": "trunc(x)", "np.copysign": "copysign(a, b)",
    "np.maximum": "where((a > b) | (a != a), a, b)", "np.minimum": "where((a < b) | (a != a), a, b)",  # of 0.0 and -0.0 the second
    "np.fmax": "where((a >= b) | (b != b), a, b)", "np.fmin": "where((a <= b) | (b != b), a, b)",
    "np.nextafter": "nextafter(a, b)",
}  # fmt: skip
_TESTS = {"isinf": "abs(x) == INFINITY", "isfinite": "abs(x) < INFINITY"}
_INTRINSICS = {"sqrt": "sqrt", "fabs": "fabs", "abs": "fabs", "floor": "floor", "ceil": "ceil", "rint": "rint", "trunc": "trunc",
               "copysign": "copysign"}  # fmt: skip
_ARITHMETIC = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_LOGIC = {ast.BitAnd: "and", ast.BitOr: "or"}
_COMPARED = {ast.Lt: "olt", ast.LtE: "ole", ast.Gt: "ogt", ast.GtE: "oge", ast.Eq: "oeq", ast.NotEq: "une"}


def number(value: float) -> str:
    """A float64 as LLVM writes it, exactly."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


@cache
def text_of(name: str) -> tuple[str, tuple[str, ...], bool]:
    """(formula, inputs, whether elementary functions are libm's scalar ones) of a row for 0-d values."""
    if name in _TESTS:
        return _TESTS[name], ("x",), True
    row = PRIMITIVES[name]
    assert isinstance(row, Elementwise)
    if row.scalar:
        return row.scalar, row.inputs, True
    return UFUNCS.get(row.value, row.value) if row.value.startswith("np.") else row.value, row.inputs, False


@cache
def prepare() -> None:
    """Parse every formula, in the thread that calls this."""
    for row in PRIMITIVES.values():
        if isinstance(row, Elementwise):
            parsed(text_of(row.name)[0])
    for text in (*FORMULAS.values(), *_TESTS.values()):
        parsed(text)


class Primitives:
    """Rows of the table in one module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._made: dict[str, tuple[str, tuple[str, ...]]] = {}  # the instruction, with {x}, {a}, {b} for operands

    def call(self, name: str, operands: list[str]) -> str:
        """The instruction that gives the row's value."""
        found = self._made.get(name)
        if found is None:
            found = self._made[name] = self._make(name)
        template, inputs = found
        return template.format(**dict(zip(inputs, operands, strict=True)))

    def _make(self, name: str) -> tuple[str, tuple[str, ...]]:
        if name in SPECIAL:  # in no library: the loops that the array functions are made of
            return self._looped(name)
        text, inputs, scalar = text_of(name)
        body = _Body(self, scalar)
        result, kind = body.value(parsed(text), dict.fromkeys(inputs) | {each: f"%{each}" for each in inputs})
        if len(body.lines) == 1:
            instruction = body.lines[0].partition(" = ")[2]
            for each in inputs:
                instruction = instruction.replace(f"%{each}", f"{{{each}}}")
            return instruction, inputs
        return self._function(name, kind, inputs, [*body.lines, f"ret {kind} {result}"])

    def _function(
        self, name: str, kind: str, inputs: tuple[str, ...], lines: list[str], inline: str = "alwaysinline"
    ) -> tuple[str, tuple[str, ...]]:
        symbol = f"@row.{name}"
        parameters = ", ".join(f"double %{each}" for each in inputs)
        written = "\n  ".join([f"define internal {kind} {symbol}({parameters}) {inline} {{", *lines])
        self.module.once(symbol, written + "\n}")
        return f"call {kind} {symbol}(" + ", ".join(f"double {{{each}}}" for each in inputs) + ")", inputs

    def _looped(self, name: str) -> tuple[str, tuple[str, ...]]:
        """A row whose value only its compiled loop gives, which takes addresses and counts as a ufunc's does."""
        symbol, inputs = self.module.external(f"loop_{name}", "void", ["ptr"] * 4), PRIMITIVES[name].inputs  # type: ignore[union-attr]
        provide(f"loop_{name}", _loop(name))
        every = (*inputs, "y")
        lines = [f"%{each}.at = alloca double" for each in every]
        lines += [f"%addresses = alloca [{len(every)} x ptr]", "%count = alloca i64", f"%steps = alloca [{len(every)} x i64]"]
        lines += [f"store double %{each}, ptr %{each}.at" for each in inputs] + ["store i64 1, ptr %count"]
        for k, each in enumerate(every):
            lines += [f"%at.{k} = getelementptr ptr, ptr %addresses, i64 {k}", f"store ptr %{each}.at, ptr %at.{k}"]
            lines += [f"%step.{k} = getelementptr i64, ptr %steps, i64 {k}", f"store i64 8, ptr %step.{k}"]
        lines += [f"call void {symbol}(ptr %addresses, ptr %count, ptr %steps, ptr null)"]
        lines += ["%result = load double, ptr %y.at", "ret double %result"]
        return self._function(name, "double", inputs, lines, "noinline")


@cache
def _loop(name: str) -> int:
    """Address of the compiled loop of a row's array function."""
    from numba import types

    from compiled_ops import vectormath

    vectormath.load()
    from compiled_ops.generated import forward

    pointers, counts = types.CPointer(types.CPointer(types.float64)), types.CPointer(types.intp)
    return kernels.compile_loop(forward, f"{name}_loop", types.void(pointers, counts, counts, types.voidptr))


class _Body:
    """Instructions of one formula. Equal subexpressions are computed once."""

    def __init__(self, primitives: Primitives, scalar: bool) -> None:
        self.module, self.primitives, self.scalar = primitives.module, primitives, scalar
        self.lines: list[str] = []
        self._known: dict[str, tuple[str, str]] = {}

    def _put(self, instruction: str, kind: str) -> tuple[str, str]:
        name = f"%t{len(self.lines)}"
        self.lines.append(f"{name} = {instruction}")
        return name, kind

    def value(self, e: ast.expr, names: dict[str, str]) -> tuple[str, str]:
        """(name, type) of an expression."""
        if isinstance(e, ast.Constant):
            return number(float(e.value)), "double"
        if isinstance(e, ast.Name):
            return names.get(e.id) or number(float("inf") if e.id == "INFINITY" else CONSTANTS[e.id]), "double"
        text = ast.unparse(e) + str(names)
        if text not in self._known:
            self._known[text] = self._compound(e, names)
        return self._known[text]

    def _compound(self, e: ast.expr, names: dict[str, str]) -> tuple[str, str]:
        if isinstance(e, ast.BinOp):
            (a, kind), (b, _) = self.value(e.left, names), self.value(e.right, names)
            return self._put(f"{(_LOGIC if kind == 'i1' else _ARITHMETIC)[type(e.op)]} {kind} {a}, {b}", kind)
        if isinstance(e, ast.UnaryOp):
            return self._put(f"fneg double {self.value(e.operand, names)[0]}", "double")
        if isinstance(e, ast.Compare):
            (a, kind), (b, _) = self.value(e.left, names), self.value(e.comparators[0], names)
            if kind == "i1":
                return self._put(f"icmp ne i1 {a}, {b}", "i1")
            return self._put(f"fcmp {_COMPARED[type(e.ops[0])]} double {a}, {b}", "i1")
        assert isinstance(e, ast.Call) and isinstance(e.func, ast.Name), ast.unparse(e)
        arguments = [self.value(argument, names) for argument in e.args]
        return self._call(e.func.id, [argument for argument, _ in arguments], arguments[-1][1])

    def _call(self, name: str, arguments: list[str], kind: str) -> tuple[str, str]:
        if name == "where":
            return self._put(f"select i1 {arguments[0]}, {kind} {arguments[1]}, {kind} {arguments[2]}", kind)
        listed = ", ".join(f"double {argument}" for argument in arguments)
        if name in _INTRINSICS:
            function = self.module.external(f"llvm.{_INTRINSICS[name]}.f64", "double", ["double"] * len(arguments))
            return self._put(f"call double {function}({listed})", "double")
        if name == "nextafter" or (self.scalar and name not in PRIMITIVES) or (self.scalar and name in OF_ONE + OF_TWO):
            return self._put(f"call double {self.module.libm(name, len(arguments))}({listed})", "double")
        if name in OF_ONE + OF_TWO:
            return self._one_lane(name, arguments)
        formula = FORMULAS.get(name) or text_of(name)[0]
        inputs = text_of(name)[1]
        return self.value(parsed(formula), dict(zip(inputs, arguments, strict=True)))

    def _one_lane(self, name: str, arguments: list[str]) -> tuple[str, str]:
        from compiled_ops import vectormath

        lanes = vectormath.VECTOR_BYTES // 8
        vector = f"<{lanes} x double>"
        pure = "nounwind willreturn memory(none)"
        function = self.module.external(
            f"compiled_ops_{name}_double{lanes}", f"{vectormath.CONVENTION} {vector}".strip(), [vector] * len(arguments), pure
        )
        ones = ", ".join(["double 1.0"] * lanes)
        filled = [self._put(f"insertelement {vector} <{ones}>, double {argument}, i32 0", vector)[0] for argument in arguments]
        listed = ", ".join(f"{vector} {each}" for each in filled)
        found, _ = self._put(f"call {vectormath.CONVENTION} {vector} {function}({listed})".replace("  ", " "), vector)
        return self._put(f"extractelement {vector} {found}, i32 0", "double")
