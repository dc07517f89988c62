"""Writes `generated/reverse.py` and `generated/forward.py` from the table: `python -m compiled_ops.generate`.

One function a row and differentiable input (`tanh_x`, `div_a`), and one NumPy inner loop a row that NumPy has no ufunc of its own for
(`erf_loop`). A rule is translated name by name: rows that are formulas are written out, elementary functions become passes of a vector
function over scratch blocks, and all the rest is one plain loop that LLVM vectorises. Each function is tagged with its row.
Invariant: the text bears a hash of `vectormath` and `special`, whose words are compiled into it: Numba's cache looks only at the
file itself, so an edit of either must change the file. Run by people and by the test that compares the committed text.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from pathlib import Path

from compiled_ops import rows, vectormath
from compiled_ops.rows import Elementwise, TableError
from compiled_ops.table import ELEMENTWISE

FOLDER = Path(__file__).parent
TABLE = "table/elementwise.py"
SOURCES = ("vectormath.py", "special.py")
SPECIAL = ("digamma", "polygamma", "trigamma")
INSTRUCTIONS = ("sqrt", "floor", "trunc", "copysign")
# Rows whose value is a NumPy ufunc, as formulas; only those that some rule uses.
FORMULAS = {
    "abs": "abs(x)",
    "maximum": "where((a >= b) | (a != a), a, b)",
    "minimum": "where((a <= b) | (a != a), a, b)",
}

HEADER = '''"""{title}

Written by `python -m compiled_ops.generate`; edit the table, not this file. {hash}
{text}
"""

# ruff: noqa
{imports}from compiled_ops.vectormath import (
{words}
)

{definitions}
'''

REVERSE = """Each function computes what one row contributes to the cotangent of one input, from the cotangent `g` of its output: add = 0 writes
it to `out`, add = 1 adds it. Pointers to n contiguous float64 or float32; n = -1 is one 0-d value, computed by scalar functions."""

FORWARD = """NumPy inner loops: `args` points to the inputs and the output, of `dims[0]` elements that lie `steps` bytes apart."""

EXTRAS = '''

# select_a: the pullback of where(mask, a, b) in a; the branch not taken contributes zero, whatever stands in g
def select_a(n, add, g, mask, unused, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i if mask[i] else like(out, 0)
        out[i] = out[i] + value if add else value


# select_b: the pullback of where(mask, a, b) in b
def select_b(n, add, g, mask, unused, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = like(out, 0) if mask[i] else g_i
        out[i] = out[i] + value if add else value


# scale: the cotangent times one number
def scale(n, add, g, s, unused, out):
    factor = s[0]
    for i in range(abs(n)):
        value = g[i] * factor
        out[i] = out[i] + value if add else value


# copy: the cotangent itself
def copy(n, add, g, unused, unread, out):
    for i in range(abs(n)):
        value = g[i]
        out[i] = out[i] + value if add else value
'''


class _Formula(ast.NodeTransformer):
    """Translates one expression of the table. Afterwards `blocks` lists the vector functions to apply beforehand, in order, as
    (name of the block, function, arguments), where an argument is an expression of elements."""

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer  # of the result: constants take its type
        self.blocks: list[tuple[str, str, list[ast.expr]]] = []

    def visit_Name(self, name: ast.Name) -> ast.expr:
        if name.id in rows.CONSTANTS:
            return self._constant(name.id)
        return ast.Name(f"{name.id}_i")

    def visit_Constant(self, constant: ast.Constant) -> ast.expr:
        return self._constant(repr(constant.value))

    def visit_UnaryOp(self, operation: ast.UnaryOp) -> ast.expr:
        inner = operation.operand
        if isinstance(operation.op, ast.USub) and isinstance(inner, ast.Constant):
            return self._constant(repr(-inner.value))
        if isinstance(operation.op, ast.USub) and isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
            return self.visit(inner.operand)
        return self.generic_visit(operation)

    def visit_Call(self, call: ast.Call) -> ast.expr:
        name = call.func.id
        if name == "where":
            condition, yes, no = (self.visit(argument) for argument in call.args)
            return ast.IfExp(condition, yes, no)
        if name in vectormath.VECTOR_OF_ONE + vectormath.VECTOR_OF_TWO:
            return self._block(name, [self.visit(argument) for argument in call.args])
        if name == "polygamma" and isinstance(call.args[0], ast.Constant) and call.args[0].value == 1:
            name, call = "trigamma", ast.Call(ast.Name("trigamma"), call.args[1:], [])
        if name in SPECIAL:  # computed in float64
            inner = ast.Call(call.func, [self.visit(argument) for argument in call.args], [])
            return ast.Call(ast.Name("like"), [ast.Name(self.pointer), inner], [])
        if name in INSTRUCTIONS:
            return ast.Call(call.func, [self.visit(argument) for argument in call.args], [])
        row = rows.PRIMITIVES[name]
        formula = FORMULAS.get(name, row.value)
        if formula.startswith("np."):
            raise TableError(f"{name} is used in a rule; give its formula in {Path(__file__).name}, FORMULAS")
        inside = dict(zip(row.inputs, call.args, strict=True))
        if formula == f"{name}({', '.join(row.inputs)})":  # abs, which Python and LLVM know
            return ast.Call(call.func, [self.visit(argument) for argument in call.args], [])
        return self.visit(_Substitute(inside).visit(ast.parse(formula, mode="eval").body))

    def _constant(self, text: str) -> ast.expr:
        return ast.parse(f"like({self.pointer}, {text})", mode="eval").body

    def _block(self, function: str, arguments: list[ast.expr]) -> ast.expr:
        wanted = [ast.unparse(argument) for argument in arguments]
        taken = [name for name, *_ in self.blocks]
        for name, known, given in self.blocks:
            if known == function and [ast.unparse(argument) for argument in given] == wanted:
                return ast.Name(f"{name}_i")
        name = next(n for n in (function, f"{function}_next", f"{function}_last") if n not in taken)
        self.blocks.append((name, function, arguments))
        return ast.Name(f"{name}_i")


class _Substitute(ast.NodeTransformer):
    def __init__(self, inside: dict[str, ast.expr]) -> None:
        self.inside = inside

    def visit_Name(self, name: ast.Name) -> ast.expr:
        return self.inside.get(name.id, name)


def _loop(expression: ast.expr, inputs: tuple[str, ...], place: str, last: list[str], depth: str) -> list[str]:
    """A loop over one block: load each element, once and unconditionally (so that LLVM may vectorise both branches), then `last`."""
    used = sorted({n.id[:-2] for n in ast.walk(expression) if isinstance(n, ast.Name) and n.id.endswith("_i")})
    lines = [f"for {'i' if place == 'i' else 'k'} in range({'abs(n)' if place == 'i' else 'abs(m)'}):"]
    if place == "start + k":
        lines.append("    i = start + k")
    index = "k" if place == "k" else "i"
    lines += [f"    {name}_i = {name}[{index}]" if name in inputs else f"    {name}_i = {name}_block[k]" for name in used]
    return [depth + line for line in lines + ["    " + line for line in last]]


def _passes(formula: _Formula, inputs: tuple[str, ...], place: str, depth: str) -> list[str]:
    """The lines that fill the blocks of a formula."""
    lines = []
    for name, function, arguments in formula.blocks:
        sources = []
        for argument in arguments:
            plain = argument.id[:-2] if isinstance(argument, ast.Name) else None
            if plain in inputs:
                sources.append(plain if place == "k" else f"shift({plain}, start)")
            elif plain:
                sources.append(f"{plain}_block")
            else:  # the function's own block takes its argument first; of two, one at most may be an expression
                lines += _loop(argument, inputs, place, [f"{name}_block[k] = {ast.unparse(argument)}"], depth)
                sources.append(f"{name}_block")
        if sources.count(f"{name}_block") > 1:
            raise TableError(f"{function}: two arguments are expressions; give the generator a second block")
        lines.append(f"{depth}vector_{function}({', '.join(sources)}, {name}_block, m)")
    return lines


def _tag(row: Elementwise, text: str) -> str:
    lines = (FOLDER / TABLE).read_text().splitlines()
    number = next(k for k, line in enumerate(lines, 1) if re.match(rf'\s*(one|two)\("{row.name}"', line))
    return f"\n\n# {row.name}, {TABLE}:{number}: {text}"


def reverse_text(row: Elementwise, operand: int) -> str:
    """The kernel for the pullback of a row in one of its inputs."""
    rule = row.rules[operand]
    formula = _Formula("out")
    value = formula.visit(ast.parse(rule, mode="eval").body)
    pointers = ("g", *row.inputs, *(("y",) if len(row.inputs) == 1 else ()))
    last = [f"value = {ast.unparse(value)}", "out[i] = out[i] + value if add else value"]
    lines = [_tag(row, rule), f"def {row.name}_{row.inputs[operand]}(n, add, {', '.join(pointers)}, out):"]
    if not formula.blocks:
        return "\n".join(lines + _loop(value, pointers, "i", last, "    ")) + "\n"
    lines += [f"    {name}_block = scratch(out)" for name, *_ in formula.blocks]
    lines += ["    for start in range(0, abs(n), BLOCK):", "        m = min(n - start, BLOCK)"]
    lines += _passes(formula, pointers, "start + k", " " * 8)
    return "\n".join(lines + _loop(value, pointers, "start + k", last, " " * 8)) + "\n"


def forward_text(row: Elementwise) -> str:
    """The inner loop for the value of a row. Where a reduction feeds the output back as an input, blocks have one element."""
    formula = _Formula("y")
    value = formula.visit(ast.parse(row.value, mode="eval").body)
    inputs, count = row.inputs, len(row.inputs)
    direct = bool(formula.blocks) and isinstance(value, ast.Name) and value.id == f"{formula.blocks[-1][0]}_i"
    scratches = (*inputs, "y", *(name for name, *_ in formula.blocks[: -1 if direct else None]))
    lines = [_tag(row, row.value), f"def {row.name}_loop(args, dims, steps, data):", "    n = dims[0]"]
    lines += [f"    {name}_block = scratch(args[0])" for name in scratches]
    width = "BLOCK" if count == 1 else "1 if fed_back(args[0], steps[0], args[2]) else BLOCK"
    lines += [f"    width = {width}", "    for start in range(0, n, width):", "        m = min(n - start, width)"]
    lines += [f"        {name} = gather(args[{k}], steps[{k}], start, m, {name}_block)" for k, name in enumerate(inputs)]
    lines.append(f"        y = place(args[{count}], steps[{count}], start, y_block)")
    passes = _passes(formula, inputs, "k", " " * 8)
    if direct:
        passes = [line.replace(f"{formula.blocks[-1][0]}_block", "y") for line in passes]
    else:
        passes += _loop(value, inputs, "k", [f"y[k] = {ast.unparse(value)}"], " " * 8)
    return "\n".join([*lines, *passes, f"        spread(y, args[{count}], steps[{count}], start, m)", "    quiet()"]) + "\n"


def _file(title: str, text: str, body: str) -> str:
    """The body under a header that imports just the words it uses."""
    used = set(re.findall(r"\w+", body))
    digest = hashlib.sha256(b"\0".join((FOLDER / name).read_bytes() for name in SOURCES)).hexdigest()[:16]
    words = ["BLOCK", "fed_back", "gather", "like", "place", "quiet", "scratch", "shift", "spread"]
    definitions = [f"{name} = {value!r}" for name, value in rows.CONSTANTS.items() if name in used]
    for maker, prefix, names in (
        ("rounding", "", INSTRUCTIONS),
        ("vector_of_one", "vector_", vectormath.VECTOR_OF_ONE),
        ("vector_of_two", "vector_", vectormath.VECTOR_OF_TWO),
    ):
        made = [f'{prefix}{name} = {maker}("{name}")' for name in names if f"{prefix}{name}" in used]
        definitions += made
        words += [maker] if made else []
        used |= {maker} if made else set()
    imported = ",\n".join(f"    {word}" for word in sorted(words, key=lambda w: (not w.isupper(), w)) if word in used) + ","
    specials = [name for name in SPECIAL if name in used]
    imports = f"from compiled_ops.special import {', '.join(specials)}\n" if specials else ""
    return HEADER.format(title=title, hash=f"Hash of vectormath and special: {digest}.", text=text, words=imported, imports=imports,
                         definitions="\n".join(definitions)) + body  # fmt: skip


def texts() -> dict[str, str]:
    """The text of each generated file."""
    reverse = [reverse_text(row, k) for row in ELEMENTWISE for k, rule in enumerate(row.rules) if rule]
    forward = [forward_text(row) for row in ELEMENTWISE if not row.value.startswith("np.")]
    return {
        "reverse.py": _file("Pullbacks of elementwise rows.", REVERSE, "".join(reverse) + EXTRAS),
        "forward.py": _file("Values of elementwise rows.", FORWARD, "".join(forward)),
    }


def main() -> int:
    for name, text in texts().items():
        path = FOLDER / "generated" / name
        print(f"{path.relative_to(FOLDER.parent)}: {'unchanged' if path.exists() and path.read_text() == text else 'written'}")
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
