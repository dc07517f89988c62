"""Elementwise arithmetic on vectors as LLVM text: a row's formula in the table, comparisons, masks, casts.

`Vectors` writes instructions on `<lanes x double>`, `<lanes x float>` and `<lanes x i1>`; `apply` writes one row. Elementary functions are the
vector functions of `compiled_ops.vectormath`, whole vectors only, so that an element's bits depend on its value alone.
Invariant: every operation rounds as written, in the order of the table's text.
Imported by loops.
"""

from __future__ import annotations

import ast
import struct
from functools import cache
from typing import Any

import numpy as np

from compiled_ops.formula import FORMULAS, OF_ONE, OF_TWO, SPECIAL, parsed
from compiled_ops.rows import CONSTANTS, PRIMITIVES, Elementwise
from tape.compile import opcodes as o
from tape.compile.native.llvm import Module

KINDS = {np.dtype(np.float64): "double", np.dtype(np.float32): "float", np.dtype(np.bool_): "i1"}
# NumPy ufuncs of the table as formulas; those left out have no vector form and run in Python
TEXT = {
    "np.negative": "-x", "np.absolute": "abs(x)", "np.floor": "floor(x)", "np.ceil": "ceil(x)", "np.rint": "rint(x)",
    "np.trunc": "trunc(x)", "np.square": "x*x", "np.reciprocal": "1/x", "np.sqrt": "sqrt(x)", "np.add": "a + b",
    "np.subtract": "a - b", "np.multiply": "a*b", "np.divide": "a/b", "np.copysign": "copysign(a, b)",
    "np.fmax": "where((a >= b) | (b != b), a, b)", "np.fmin": "where((a <= b) | (b != b), a, b)",
    "np.maximum": FORMULAS["maximum"], "np.minimum": FORMULAS["minimum"],
}  # fmt: skip
_INTRINSICS = {"sqrt": 1, "floor": 1, "ceil": 1, "rint": 1, "trunc": 1, "abs": 1, "copysign": 2}
_ARITHMETIC = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_COMPARED = {ast.Lt: "olt", ast.LtE: "ole", ast.Gt: "ogt", ast.GtE: "oge", ast.Eq: "oeq", ast.NotEq: "une"}
COMPARED = {
    o.LESS: ("olt", "ult"), o.LESS_EQUAL: ("ole", "ule"), o.GREATER: ("ogt", "ugt"),
    o.GREATER_EQUAL: ("oge", "uge"), o.EQUAL: ("oeq", "eq"), o.NOT_EQUAL: ("une", "ne"),
}  # fmt: skip
_JOINED = {o.AND: "and", o.OR: "or", o.XOR: "xor"}


@cache
def formula(name: str) -> ast.expr | None:
    """The value of a primitive as an expression; None where it has no vector form."""
    row = PRIMITIVES[name]
    text = TEXT.get(row.value) if row.value.startswith("np.") else row.value
    if text is None or any(isinstance(word, ast.Name) and word.id in SPECIAL for word in ast.walk(parsed(text))):
        return None
    return parsed(text)


@cache
def prepare() -> None:
    """Parse every formula and weigh it, in the thread that calls this."""
    for row in PRIMITIVES.values():
        if isinstance(row, Elementwise):
            cost(row.name)


@cache
def cost(name: str) -> int:
    """About how many simple instructions a primitive is."""
    text = ast.unparse(formula(name) or ast.Constant(0))
    words = {n.id for n in ast.walk(parsed(text)) if isinstance(n, ast.Name)}
    heavy = sum(15 for word in words if word in OF_ONE + OF_TWO) + sum(
        8 for word in words if word in PRIMITIVES and word not in _INTRINSICS
    )
    return heavy + 1 + 4 * text.count("/") + 4 * text.count("sqrt") + sum(text.count(sign) for sign in "+*<>|")


def number(value: float, kind: str) -> str:
    """A constant as LLVM writes it."""
    if kind == "i1":
        return "true" if value else "false"
    if kind == "float":
        value = float(np.float32(value))
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


class Vectors:
    """Writes instructions into `lines`. Values are SSA names of vectors."""

    def __init__(self, module: Module, lanes: int, exact: bool) -> None:
        self.module, self.lanes, self.exact = module, lanes, exact
        self.lines: list[str] = []
        self._count = 0

    def name(self) -> str:
        """A fresh SSA name."""
        self._count += 1
        return f"%v{self._count}"

    def put(self, text: str) -> str:
        """Write an instruction; returns the name of its value."""
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def type(self, kind: str) -> str:
        """The vector type of a kind."""
        return f"<{self.lanes} x {kind}>"

    def constant(self, value: float, kind: str) -> str:
        """A vector of one number."""
        return "<" + ", ".join([f"{kind} {number(value, kind)}"] * self.lanes) + ">"

    def splat(self, scalar: str, kind: str) -> str:
        """A vector of one scalar value."""
        vector = self.type(kind)
        single = self.put(f"insertelement {vector} poison, {kind} {scalar}, i32 0")
        return self.put(f"shufflevector {vector} {single}, {vector} poison, <{self.lanes} x i32> zeroinitializer")

    def intrinsic(self, name: str, kind: str, arguments: list[str]) -> str:
        """Call `llvm.<name>` on vectors of a kind."""
        vector = self.type(kind)
        suffix = f"v{self.lanes}f{64 if kind == 'double' else 32}"
        function = self.module.external(f"llvm.{name}.{suffix}", vector, [vector] * len(arguments))
        return self.put(f"call {vector} {function}({', '.join(f'{vector} {a}' for a in arguments)})")

    def function(self, name: str, kind: str, arguments: list[str]) -> str:
        """Call the vector function of libm's `name`, on several vectors or a padded one where its width differs from ours."""
        from compiled_ops.vectormath import CONVENTION, VECTOR_BYTES

        width = VECTOR_BYTES // (8 if kind == "double" else 4)
        vector = f"<{width} x {kind}>"
        symbol = self.module.external(f"compiled_ops_{name}_{kind}{width}", vector, [vector] * len(arguments))
        call = f"call {CONVENTION} {vector} {symbol}".replace("  ", " ")

        def called(given: list[str]) -> str:
            return self.put(f"{call}({', '.join(f'{vector} {a}' for a in given)})")

        if width == self.lanes:
            return called(arguments)
        if width > self.lanes:  # pad with ones
            padding = self.constant(1.0, kind)
            picks = self._picks([*range(self.lanes), *[self.lanes] * (width - self.lanes)])
            mine = self.type(kind)
            wide = [self.put(f"shufflevector {mine} {a}, {mine} {padding}, {picks}") for a in arguments]
            return self.put(f"shufflevector {vector} {called(wide)}, {vector} poison, {self._picks(range(self.lanes))}")
        mine, parts = self.type(kind), []
        for start in range(0, self.lanes, width):
            picks = self._picks(range(start, start + width))
            parts.append(called([self.put(f"shufflevector {mine} {a}, {mine} poison, {picks}") for a in arguments]))
        while len(parts) > 1:
            half, width = f"<{width} x {kind}>", 2 * width
            picks = self._picks(range(width))
            parts = [
                self.put(f"shufflevector {half} {x}, {half} {y}, {picks}") for x, y in zip(parts[::2], parts[1::2], strict=True)
            ]
        return parts[0]

    @staticmethod
    def _picks(places: Any) -> str:
        places = list(places)
        return f"<{len(places)} x i32> <" + ", ".join(f"i32 {p}" for p in places) + ">"

    def choose(self, mask: str, a: str, b: str, kind: str) -> str:
        """a where the mask holds, else b."""
        vector = self.type(kind)
        return self.put(f"select {self.type('i1')} {mask}, {vector} {a}, {vector} {b}")

    # --- rows ---------------------------------------------------------------------------------------------------------

    def apply(self, op: int, params: Any, inputs: list[tuple[str, str]], kind: str) -> str:
        """One elementwise row of (name, kind) inputs."""
        names = [name for name, _ in inputs]
        given = inputs[0][1]
        if op in o.ARITHMETIC:
            primitive = o.NAMES[op].partition(":")[0]
            expression = formula(primitive)
            assert expression is not None
            return self._formula(expression, dict(zip(PRIMITIVES[primitive].inputs, names, strict=True)), kind)
        if op in COMPARED:
            if given == "i1":
                return self.put(f"icmp {COMPARED[op][1]} {self.type(given)} {names[0]}, {names[1]}")
            return self.put(f"fcmp {COMPARED[op][0]} {self.type(given)} {names[0]}, {names[1]}")
        if op in o.LOGICAL:
            names = [self.truth(name, k) for name, k in inputs]
            if op == o.NOT:
                return self.put(f"xor {self.type('i1')} {names[0]}, {self.constant(1, 'i1')}")
            return self.put(f"{_JOINED[op]} {self.type('i1')} {names[0]}, {names[1]}")
        if op == o.SELECT:
            return self.choose(self.truth(*inputs[0]), names[1], names[2], kind)
        if op == o.STRONG:
            if not self.exact:
                return names[1]
            return self.choose(self.truth(*inputs[0]), names[1], self.constant(0, kind), kind)
        if op == o.CAST:
            return self.cast(names[0], given, kind)
        return self._classified(op, names[0], given)

    def _classified(self, op: int, x: str, kind: str) -> str:
        """isnan, isinf, isfinite."""
        vector = self.type(kind)
        if op == o.ISNAN:
            return self.put(f"fcmp uno {vector} {x}, {x}")
        size = self.intrinsic("fabs", kind, [x])
        return self.put(f"fcmp {'oeq' if op == o.ISINF else 'olt'} {vector} {size}, {self.constant(float('inf'), kind)}")

    def truth(self, name: str, kind: str) -> str:
        """Whether elements differ from zero."""
        return name if kind == "i1" else self.put(f"fcmp une {self.type(kind)} {name}, {self.constant(0, kind)}")

    def cast(self, name: str, given: str, kind: str) -> str:
        """Another dtype."""
        if given == kind:
            return name
        if kind == "i1":
            return self.truth(name, given)
        word = "uitofp" if given == "i1" else "fptrunc" if kind == "float" else "fpext"
        return self.put(f"{word} {self.type(given)} {name} to {self.type(kind)}")

    def _formula(self, e: ast.expr, names: dict[str, str], kind: str, known: dict[str, str] | None = None) -> str:
        """An expression of the table; equal parts are computed once."""
        known = {} if known is None else known
        if isinstance(e, ast.Name):
            return self.constant(CONSTANTS[e.id], kind) if e.id in CONSTANTS else names[e.id]
        if isinstance(e, ast.Constant):
            return self.constant(e.value, kind)
        key = ast.unparse(e)
        if key not in known:
            known[key] = self._compound(e, names, kind, known)
        return known[key]

    def _compound(self, e: ast.expr, names: dict[str, str], kind: str, known: dict[str, str]) -> str:
        vector = self.type(kind)
        if isinstance(e, ast.UnaryOp):
            inner = e.operand
            if isinstance(inner, ast.Constant):
                return self.constant(-inner.value, kind)
            return self.put(f"fneg {vector} {self._formula(inner, names, kind, known)}")
        if isinstance(e, ast.BinOp) and type(e.op) in _ARITHMETIC:
            a, b = (self._formula(part, names, kind, known) for part in (e.left, e.right))
            return self.put(f"{_ARITHMETIC[type(e.op)]} {vector} {a}, {b}")
        if isinstance(e, ast.BinOp):
            a, b = (self._formula(part, names, kind, known) for part in (e.left, e.right))
            return self.put(f"{'and' if isinstance(e.op, ast.BitAnd) else 'or'} {self.type('i1')} {a}, {b}")
        if isinstance(e, ast.Compare):
            a, b = (self._formula(part, names, kind, known) for part in (e.left, e.comparators[0]))
            return self.put(f"fcmp {_COMPARED[type(e.ops[0])]} {vector} {a}, {b}")
        assert isinstance(e, ast.Call)
        return self._call(ast.unparse(e.func), [self._formula(a, names, kind, known) for a in e.args], kind)

    def _call(self, name: str, arguments: list[str], kind: str) -> str:
        if name == "where":
            return self.choose(arguments[0], arguments[1], arguments[2], kind)
        if name in _INTRINSICS:
            return self.intrinsic("fabs" if name == "abs" else name, kind, arguments)
        if name in OF_ONE + OF_TWO:
            return self.function(name, kind, arguments)
        expression = formula(name)
        assert expression is not None
        return self._formula(expression, dict(zip(PRIMITIVES[name].inputs, arguments, strict=True)), kind)
