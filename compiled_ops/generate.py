"""Writes `generated/reverse.py` and `generated/forward.py` from the table: `python -m compiled_ops.generate`.

One function a row and differentiable input (`tanh_x`, `div_a`), and one NumPy inner loop a row for which
NumPy has no ufunc of its own (`erf_loop`), each tagged with its row. Elementary functions become passes of a
vector function over scratch blocks (`formula` finds them), all the rest one plain loop that LLVM vectorises.
Invariant: the text bears a hash of SOURCES, whose words are compiled into it: Numba's
cache looks only at the file itself, so an edit of one must change the file.
Run by people, and by the test that compares the committed text.
"""

from __future__ import annotations

import ast
import hashlib
import re
import sys
from pathlib import Path

from compiled_ops import rows
from compiled_ops.formula import INSTRUCTIONS, MODULES, OF_ONE, OF_TWO, Formula
from compiled_ops.rows import Elementwise, TableError
from compiled_ops.table import ELEMENTWISE

FOLDER = Path(__file__).parent
TABLE = "table/elementwise.py"
SOURCES = ("vectormath.py", "special.py", "remainders.py", "families.py", "polynomials.py", "scipy_functions.py")
WORDS = ("BLOCK", "fed_back", "gather", "like", "place", "quiet", "scratch", "shift", "spread")
# Loops over all elements, over one block of them, and over a block that `gather` made: head and index
LOOPS = {
    "whole": (["for i in range(abs(n)):"], "i"),
    "block": (["for k in range(abs(m)):", "    i = start + k"], "i"),
    "gathered": (["for k in range(m):"], "k"),
}

HEADER = '''"""{title}

Written by `python -m compiled_ops.generate`; edit the table, not this file.
Hash of the modules whose words are compiled into it: {digest}.
{text}
"""

# ruff: noqa
{imports}from compiled_ops.vectormath import (
{words}
)

{definitions}
'''

REVERSE = """Each function computes what one row contributes to the cotangent of one input, from the cotangent
`g` of its output: add = 0 writes it to `out`, add = 1 adds it. Pointers to n contiguous float64 or float32;
n = -1 is one 0-d value, computed by scalar functions."""

FORWARD = """NumPy inner loops: `args` points to the inputs and the output, of `dims[0]` elements that lie
`steps` bytes apart."""

EXTRAS = """

# select_a: the pullback of where(mask, a, b) in a; nothing comes through where the mask is 0
def select_a(n, add, g, mask, unused, out):
    for i in range(abs(n)):
        g_i = g[i]
        value = g_i if mask[i] else like(out, 0)
        out[i] = out[i] + value if add else value


# select_b: the pullback of where(mask, a, b) in b; nothing comes through where the mask is 1
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
"""


def _loop(sort: str, inputs: tuple[str, ...], expression: ast.expr, last: list[str]) -> list[str]:
    """A loop that loads each element, once and unconditionally so that LLVM may vectorise both branches of
    a choice, and then does `last`.
    """
    head, index = LOOPS[sort]
    elements = {n.id for n in ast.walk(expression) if isinstance(n, ast.Name) and n.id.endswith("_i")}
    body = []
    for name in sorted(element.removesuffix("_i") for element in elements):
        body.append(f"{name}_i = {name}[{index}]" if name in inputs else f"{name}_i = {name}_block[k]")
    return [*head, *(f"    {line}" for line in body + last)]


def _passes(sort: str, inputs: tuple[str, ...], formula: Formula) -> list[str]:
    """The lines that fill the blocks of a formula."""
    lines = []
    for name, function, arguments in formula.blocks:
        own, sources = f"{name}_block", []
        for argument in arguments:
            plain = argument.id.removesuffix("_i") if isinstance(argument, ast.Name) else ""
            if plain in inputs:
                sources.append(plain if sort == "gathered" else f"shift({plain}, start)")
            elif plain:
                sources.append(f"{plain}_block")
            else:  # the function's own block takes its argument first
                lines += _loop(sort, inputs, argument, [f"{own}[k] = {ast.unparse(argument)}"])
                sources.append(own)
        if sources.count(own) > 1:
            raise TableError(f"{function}: two arguments are expressions; give it a second block")
        lines.append(f"vector_{function}({', '.join(sources)}, {own}, m)")
    return lines


def _function(row: Elementwise, text: str, head: str, lines: list[str]) -> str:
    """A function under the tag of its row."""
    table = (FOLDER / TABLE).read_text().splitlines()
    number = next(k for k, line in enumerate(table, 1) if re.match(rf'\s*(one|two)\("{row.name}"', line))
    tag = f"# {row.name}, {TABLE}:{number}: {text}"
    return "\n".join(["", "", tag, f"def {row.name}_{head}:", *(f"    {line}" for line in lines)]) + "\n"


def _inside(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def reverse_text(row: Elementwise, operand: int) -> str:
    """The kernel for the pullback of a row in one of its inputs."""
    rule, formula = row.rules[operand] or "", Formula("out")
    value = formula.translate(rule)
    pointers = ("g", *row.inputs, *(("y",) if len(row.inputs) == 1 else ()))
    last = [f"value = {ast.unparse(value)}", "out[i] = out[i] + value if add else value"]
    if rule not in ("-g", "0"):  # Note [strong zero] in compiled_ops/table/elementwise.py
        last.insert(1, "value = value if g_i != like(out, 0) else like(out, 0)")
    if formula.blocks:
        lines = [f"{block.name}_block = scratch(out)" for block in formula.blocks]
        lines += ["for start in range(0, abs(n), BLOCK):", "    m = min(n - start, BLOCK)"]
        lines += _inside(_passes("block", pointers, formula) + _loop("block", pointers, value, last))
    else:
        lines = _loop("whole", pointers, value, last)
    return _function(row, rule, f"{row.inputs[operand]}(n, add, {', '.join(pointers)}, out)", lines)


def forward_text(row: Elementwise) -> str:
    """The inner loop for the value of a row. Blocks have one element where results are the next inputs."""
    formula, inputs, count = Formula("y"), row.inputs, len(row.inputs)
    value = formula.translate(row.value)
    passes, scratches = _passes("gathered", inputs, formula), [block.name for block in formula.blocks]
    if isinstance(value, ast.Name) and all(isinstance(v, ast.Name) for v in formula.blocks[-1].arguments):
        passes[-1] = passes[-1].replace(f"{scratches.pop()}_block", "y")  # it writes to the output itself
    else:
        passes += _loop("gathered", inputs, value, [f"y[k] = {ast.unparse(value)}"])
    width = "BLOCK" if count == 1 else "1 if fed_back(args[0], steps[0], args[2]) else BLOCK"
    lines = [f"{name}_block = scratch(args[0])" for name in (*inputs, "y", *scratches)]
    lines += ["n = dims[0]", f"width = {width}", "for start in range(0, n, width):"]
    gathered = [
        f"{name} = gather(args[{k}], steps[{k}], start, m, {name}_block)" for k, name in enumerate(inputs)
    ]
    placed = f"y = place(args[{count}], steps[{count}], start, y_block)"
    spread = f"spread(y, args[{count}], steps[{count}], start, m)"
    lines += _inside(["m = min(n - start, width)", *gathered, placed, *passes, spread])
    return _function(row, row.value, "loop(args, dims, steps, data)", [*lines, "quiet()"])


def _file(title: str, text: str, body: str) -> str:
    """The body under a header that brings just the words it uses."""
    used = set(re.findall(r"\w+", body))
    words = [word for word in WORDS if word in used]
    definitions = [f"{name} = {value!r}".replace("inf", 'float("inf")') for name, value in rows.CONSTANTS.items() if name in used]
    makers = {"rounding": ("", INSTRUCTIONS), "vector_of_one": ("vector_", OF_ONE)}
    for maker, (prefix, names) in (makers | {"vector_of_two": ("vector_", OF_TWO)}).items():
        made = [f'{prefix}{name} = {maker}("{name}")' for name in names if f"{prefix}{name}" in used]
        definitions += made
        words += [maker] if made else []
    called = {module: [name for name in names if re.search(rf"(?<!def )\b{name}\(", body)] for module, names in MODULES.items()}
    header = HEADER.format(
        title=title,
        text=text,
        digest=hashlib.sha256(b"\0".join((FOLDER / name).read_bytes() for name in SOURCES)).hexdigest()[:16],
        imports="".join(f"from compiled_ops.{module} import {', '.join(names)}\n" for module, names in called.items() if names),
        words="\n".join(f"    {word}," for word in words),
        definitions="\n".join(definitions),
    )
    return header + body


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
        unchanged = path.exists() and path.read_text() == text
        print(f"{path.relative_to(FOLDER.parent)}: {'unchanged' if unchanged else 'written'}")
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
