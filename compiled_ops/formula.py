"""Translates an expression of the table into what a generated kernel computes for one element.

`Formula("out").translate("g*cos(x)")` gives `g_i * cos_i` and notes in `blocks` that cos must be applied
to x beforehand: elementary functions run over a scratch block each, all else is arithmetic on elements.
Invariant: the result mentions only elements (`x_i`), constants of the output's type (`like(out, 2)`), and
functions that kernels may call on a number. Knows text only; imported by generate.
"""

from __future__ import annotations

import ast
import copy
from functools import cache
from typing import NamedTuple

from compiled_ops import rows
from compiled_ops.rows import Elementwise, TableError

# Applied to whole blocks; `vectormath` makes them. Each has the name that libm has for it.
OF_ONE = (
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan",
    "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc", "lgamma",
)  # fmt: skip
OF_TWO = ("pow", "atan2", "hypot")
INSTRUCTIONS = ("sqrt", "floor", "trunc", "copysign")  # of the CPU, on one element
# Loops of their own, computed in float64, by the module that holds them. A row whose value is one has its name.
MODULES = {
    "special": ("digamma", "polygamma", "trigamma"),
    "remainders": ("floor_divide", "fmod", "remainder"),
    "families": ("erfcx_integral", "gamma_density", "spherical_jn", "zeta"),
    "polynomials": (
        "chebyshev_t", "chebyshev_u", "chebyshev_v", "chebyshev_w", "hermite_h", "hermite_he", "laguerre", "legendre",
    ),
    "scipy_functions": (
        "airy_ai", "airy_ai_prime", "bessel_j0", "bessel_j1", "bessel_y0", "bessel_y1", "beta", "betaln", "erfcx", "gammainc",
        "gammaincc", "i0", "i0e", "i1", "i1e", "iv", "ive", "jv", "kv", "kve", "log_ndtr", "modified_bessel_k0", "modified_bessel_k1", "ndtri",
        "scaled_modified_bessel_k0", "scaled_modified_bessel_k1", "yv",
    ),
}  # fmt: skip
SPECIAL = tuple(name for names in MODULES.values() for name in names)
# Rows whose value is a NumPy ufunc, as formulas; only those that some rule uses.
FORMULAS = {
    "maximum": "where((a >= b) | (a != a), a, b)",
    "minimum": "where((a <= b) | (a != a), a, b)",
}


class Block(NamedTuple):
    """One vector function to apply beforehand. An argument is an expression of elements."""

    name: str
    function: str
    arguments: list[ast.expr]


@cache
def parsed(text: str) -> ast.expr:
    """The expression of a formula's text. Python 3.11 may fail to parse in two threads at once, so what works in the background has its
    texts parsed before (`prepare` of the native tier)."""
    return ast.parse(text, mode="eval").body


class Formula(ast.NodeTransformer):
    """Translates one expression; constants take the type of `pointer`'s elements."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        self.blocks: list[Block] = []  # in the order in which they must be filled

    def translate(self, expression: str) -> ast.expr:
        return self.visit(ast.parse(expression, mode="eval").body)

    def visit_Name(self, name: ast.Name) -> ast.expr:
        return self._like(name) if name.id in rows.CONSTANTS else ast.Name(f"{name.id}_i")

    def visit_Constant(self, constant: ast.Constant) -> ast.expr:
        return self._like(constant)

    def visit_UnaryOp(self, operation: ast.UnaryOp) -> ast.expr:
        inner = operation.operand
        if isinstance(operation.op, ast.USub):
            if isinstance(inner, ast.Constant):
                return self._like(ast.Constant(-inner.value))
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return self.visit(inner.operand)
        return self.generic_visit(operation)

    def visit_Call(self, call: ast.Call) -> ast.expr:
        name, arguments = ast.unparse(call.func), call.args
        if name == "polygamma" and isinstance(arguments[0], ast.Constant) and arguments[0].value == 1:
            name, arguments = "trigamma", arguments[1:]
        if name not in {"where", "abs", *OF_ONE, *OF_TWO, *INSTRUCTIONS, *SPECIAL}:
            return self._written_out(name, arguments)
        arguments = [self.visit(argument) for argument in arguments]
        if name == "where":
            return ast.IfExp(*arguments)
        if name in OF_ONE + OF_TWO:
            return ast.Name(f"{self._block(name, arguments)}_i")
        called = ast.Call(ast.Name(name), arguments, [])
        return self._like(called) if name in SPECIAL else called

    def _like(self, value: ast.expr) -> ast.expr:
        return ast.Call(ast.Name("like"), [ast.Name(self.pointer), value], [])

    def _written_out(self, name: str, arguments: list[ast.expr]) -> ast.expr:
        """The formula of another row, with the arguments in the place of its inputs."""
        row = rows.PRIMITIVES[name]
        formula = FORMULAS.get(name, row.value) if isinstance(row, Elementwise) else "np."
        if not isinstance(row, Elementwise) or formula.startswith("np."):
            raise TableError(f"a rule uses {name}, which has no formula; give it one in {__name__}.FORMULAS")
        inside = dict(zip(row.inputs, arguments, strict=True))
        return self.visit(_Substitution(inside).visit(ast.parse(formula, mode="eval").body))

    def _block(self, function: str, arguments: list[ast.expr]) -> str:
        """Name of the block that holds the function of these arguments, a new one if none does yet."""
        wanted = [ast.unparse(argument) for argument in arguments]
        for block in self.blocks:
            if block.function == function and [ast.unparse(v) for v in block.arguments] == wanted:
                return block.name
        taken = {block.name for block in self.blocks}
        name = next(n for n in (function, f"{function}_next", f"{function}_last") if n not in taken)
        self.blocks.append(Block(name, function, arguments))
        return name


class _Substitution(ast.NodeTransformer):
    def __init__(self, inside: dict[str, ast.expr]) -> None:
        self.inside = inside

    def visit_Name(self, name: ast.Name) -> ast.expr:
        return copy.deepcopy(self.inside.get(name.id, name))
