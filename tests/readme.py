"""Keeps the generated parts of README.md current: `python tests/readme.py` writes them, test_readme compares them.

Each part stands between `<!-- NAME: generated -->` and `<!-- end of NAME -->`. `PARTS` maps names to functions of the text.
Invariant: text outside the markers is never touched. Imported by test_readme.
"""

import ast
import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path

HOUSE = Path(__file__).parents[1]
README = HOUSE / "README.md"
sys.path.insert(0, str(HOUSE))

FAMILIES = {  # title -> the modules of tape that define such functions
    "elementwise": "generated.elementwise functions.elementwise functions.affine",
    "comparisons and logic": "functions.comparison",
    "complex values": "functions.complex",
    "shapes and joining": "functions.shape functions.layout functions.joining functions.splitting functions.arranging functions.strided",
    "picking, writing, searching": "functions.picking functions.choosing functions.scattering functions.scatter_reducing functions.searching functions.sorting",
    "reductions and statistics": "functions.reductions functions.extremes functions.vector_norms functions.statistics functions.counting",
    "running results, differences": "functions.cumulative functions.differences",
    "products": "functions.products functions.combined functions.einsum",
    "linear algebra": "functions.linalg functions.systems functions.spectra",
    "creation": "functions.creation functions.ranges functions.exchange functions.windows functions.typed",
    "random numbers": "functions.random functions.sampling",
    "kinds and sizes": "functions.conversion dtypes",
}
MODULES = """special linalg fft masked nn nn.functional nn.init optim optim.lr_scheduler func optimize autograd autograd.functional autograd.forward_ad autograd.graph
utils.checkpoint random signal.windows debug""".split()


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
    """The public functions by family, and what is in the modules. ValueError where a function belongs to no family."""
    from tape.functions import PUBLIC

    titles = {f"tape.{module}": title for title, modules in FAMILIES.items() for module in modules.split()}
    found: dict[str, list[str]] = {title: [] for title in FAMILIES}
    for name in sorted(PUBLIC):
        home = getattr(PUBLIC[name], "__module__", None) or type(PUBLIC[name]).__module__
        if home not in titles:
            raise ValueError(f"{name} of {home}: say in FAMILIES of tests/readme.py where it belongs")
        found[titles[home]].append(name)
    lines = ["| family | functions |", "|---|---|"]
    lines += [f"| {title} | {' '.join(f'`{each}`' for each in names)} |" for title, names in found.items()]
    for module in MODULES:
        home = importlib.import_module(f"tape.{module}")
        public = getattr(home, "__all__", None) or [n for n, v in vars(home).items() if callable(v) and n[0] != "_"]
        lines.append(f"| `tape.{module}` | {' '.join(f'`{each}`' for each in public)} |")
    return "\n".join(lines)


def differences() -> str:
    """What the tests marked `differs` pin down, with the test that shows it."""
    found = []
    for path in sorted((HOUSE / "tests").glob("test_*.py")):
        text = ast.parse(path.read_text())
        constants = {t.id: s.value.value for s in text.body if isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant)
                     for t in s.targets if isinstance(t, ast.Name)}  # fmt: skip
        for part in ast.walk(text):
            for mark in getattr(part, "decorator_list", ()):
                if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "differs":
                    what = part.name.removeprefix("test_").replace("_", " ")
                    reason = mark.args[0]
                    told = reason.value if isinstance(reason, ast.Constant) else constants[reason.id]
                    found.append(f"- {told} (`{path.name}`: {what})")
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
