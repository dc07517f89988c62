"""Keeps the generated parts of README.md current: `python tests/readme.py` writes them, test_readme compares them.

Each part stands between `<!-- NAME: generated -->` and `<!-- end of NAME -->`. `PARTS` maps names to functions of the text.
Invariant: text outside the markers is never touched. Imported by test_readme.
"""

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path

HOUSE = Path(__file__).parents[1]
README = HOUSE / "README.md"
sys.path.insert(0, str(HOUSE))

FAMILIES = {
    "shape": "shapes and joining",
    "indexing": "picking, sorting, masks",
    "reductions": "reductions",
    "products": "products",
    "einsum": "",
    "comparison": "comparisons and logic",
    "creation": "creation",
    "random": "random numbers",
    "conversion": "kinds and sizes",
}


def elementwise() -> str:
    """One line a row of the table of elementwise primitives."""
    from compiled_ops.table import ELEMENTWISE

    lines = ["| name | value | pullback of the cotangent `g` | at kinks | reference |", "|---|---|---|---|---|"]
    for row in ELEMENTWISE:
        value = f"{row.value[3:]}({', '.join(row.inputs)})" if row.value.startswith("np.") else row.value
        rules = "; ".join(f"{name}: `{rule}`" if rule else f"{name}: none" for name, rule in zip(row.inputs, row.rules, strict=True))
        cells = [f"`{row.name}`", f"`{value}`", rules, row.kinks, f"`{row.reference}`"]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def families() -> str:
    """The public functions by family."""
    lines = ["| family | functions |", "|---|---|"]
    for name, title in FAMILIES.items():
        public = [each for each in importlib.import_module(f"tape.functions.{name}").__all__ if each != "METHODS"]
        if title:
            lines.append(f"| {title} | {' '.join(f'`{each}`' for each in public)} |")
        else:
            lines[-1] = lines[-1].removesuffix(" |") + "".join(f" `{each}`" for each in public) + " |"
    for module in ("linalg", "nn.functional", "optim", "func", "optimize"):
        home = importlib.import_module(f"tape.{module}")
        public = getattr(home, "__all__", None) or [n for n, v in vars(home).items() if inspect.isfunction(v) and n[0] != "_"]
        lines.append(f"| `tape.{module}` | {' '.join(f'`{each}`' for each in public)} |")
    return "\n".join(lines)


def differences() -> str:
    """What the tests marked `differs` pin down, with the test that shows it."""
    found = []
    for path in sorted((HOUSE / "tests").glob("test_*.py")):
        for part in ast.walk(ast.parse(path.read_text())):
            for mark in getattr(part, "decorator_list", ()):
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "differs":
                    what = part.name.removeprefix("test_").replace("_", " ")
                    found.append(f"- {mark.args[0].value} (`{path.name}`: {what})")
    return "\n".join(found)


PARTS: dict[str, Callable[[], str]] = {"elementwise": elementwise, "families": families, "differences": differences}


def current(text: str) -> str:
    """The text with its generated parts written anew. ValueError where a part's markers are missing."""
    for name, part in PARTS.items():
        pattern = re.compile(rf"(<!-- {name}: generated -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if len(pattern.findall(text)) != 1:
            raise ValueError(f"README.md needs one pair of markers for {name}")
        body = part()
        text = pattern.sub(lambda match, body=body: match[1] + body + "\n" + match[2], text)
    return text


if __name__ == "__main__":
    README.write_text(current(README.read_text()))
