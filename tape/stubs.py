"""Writes tape/__init__.pyi and tape/tensor.pyi for editors and type checkers: `python -m tape.stubs`.

Functions become public and become methods while tape is imported, which no type checker follows; here the finished package is
read and written down. `texts()` gives both files, `TARGETS` says where they belong, a test compares them.
Invariant: signatures are those of the functions themselves. Imports tape; run by people.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import tape

handles: Any = importlib.import_module("tape.tensor")  # as an attribute, tape.tensor is the function
FOLDER = Path(__file__).parent
HEAD = """# What type checkers see of {what}. Written by `python -m tape.stubs`; edit the functions, not this file.
# fmt: off
# ruff: noqa: E501, F401, I001
"""
KNOWN = {"Any", "Callable", "Iterable", "Iterator", "Literal", "Sequence", "Tensor", "Size", "np", "bool", "bytes", "complex", "dict", "float",
         "int", "list", "object", "set", "slice", "str", "tuple", "type", "None", "ndarray", "dtype", "Spec"}  # fmt: skip
PUBLIC_MODULES = {"autograd", "func", "linalg", "masked", "nn", "optim", "optimize", "random", "return_types", "signal", "special", "testing", "utils"}
OPERATORS = {f"__{prefix}{name}__" for name in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split() for prefix in ("", "r", "i")} | {
    f"__{name}__" for name in "eq ne lt le gt ge".split()
}  # fmt: skip
SHADOWED = ("bool", "float", "int", "complex", "type")  # builtins that are also methods of Tensor or names of the package


def texts() -> dict[str, str]:
    """The text of each stub, by file name."""
    return {"__init__.pyi": package_text(), "tensor.pyi": tensor_text()}


def package_text() -> str:
    """Every public name of the package, imported from where it is defined; what was made for the package itself is written out."""
    imports, aliases, values, own_functions = [], [], [], []
    for name, value in sorted(vars(tape).items()):
        if name.startswith("_") and name != "__version__" or name.isupper():
            continue
        if isinstance(value, types.ModuleType):
            if value.__name__ == f"tape.{name}" and name in PUBLIC_MODULES:
                imports.append(f"from tape import {name} as {name}")
        elif callable(value) and (home := _home(value)):
            own = value.__qualname__
            if home == tape.__name__:
                own_functions.append(_function(value, name, method=False))
            elif name == own:
                imports.append(f"from {home} import {own} as {own}")
            else:  # only `import x as x` makes a name public
                imports.append(f"from {home} import {own} as _{own}")
                aliases.append(f"{name} = _{own}")
        elif not isinstance(value, types.FunctionType):
            values.append(f"{name}: {_kind(value)}")
    needed = ["import builtins", "from collections.abc import Callable, Iterable, Iterator, Sequence", "from typing import Any, Literal, TypeAlias", "",
              "import numpy as np", ""]  # fmt: skip
    builtin = [f"_{name}: TypeAlias = builtins.{name}" for name in SHADOWED]
    return "\n".join([HEAD.format(what="the package"), *needed, *dict.fromkeys(imports), "", *aliases, "", *builtin, "", *own_functions, "", *values, ""])


def tensor_text() -> str:
    """Tensor with all its methods, and the functions of its module."""
    lines = [
        HEAD.format(what="Tensor"),
        "import builtins",
        "from collections.abc import Callable, Iterable, Iterator, Sequence",
        "from typing import Any, Literal, TypeAlias",
        "",
        "import numpy as np",
        "",
        "from tape.spec import Spec",
        "",
        *(f"_{name}: TypeAlias = {name}" for name in SHADOWED),
        "",
    ]
    for kind in (handles.Tensor, handles.Size):
        lines += _class(kind)
    for name, value in vars(handles).items():
        if isinstance(value, types.FunctionType) and value.__module__ == handles.__name__:
            lines += [_function(value, name, method=False)]
    lines += ["", f"INFERENCE: {_kind(handles.INFERENCE)}", "Mark: Any", ""]
    return "\n".join(lines)


def _home(value: Any) -> str | None:
    """The module that a function or class can be imported from under its own name."""
    import sys

    home = sys.modules.get(getattr(value, "__module__", None) or "")
    return home.__name__ if home is not None and getattr(home, getattr(value, "__qualname__", ""), None) is value else None


def _kind(value: Any) -> str:
    if isinstance(value, np.dtype):
        return "np.dtype[Any]"
    return f"builtins.{type(value).__name__}" if type(value) in (float, int, str) else "Any"


def _class(kind: type) -> list[str]:
    base = "" if kind.__base__ is object else "(tuple[_int, ...])"
    lines = [f"class {kind.__name__}{base}:"]
    annotated = vars(kind).get("__annotations__", {})
    lines += [f"    {name}: Any" for name in vars(kind).get("__slots__", ()) if name != "__weakref__" and name not in annotated]
    lines += [f"    {name}: {_annotation(text)}" for name, text in annotated.items()]
    for name, value in sorted(vars(kind).items()):
        if not base or not name.startswith("__") or name == "__repr__":  # a Size is cut and joined as tuples are
            lines += _member(name, value)
    return [*lines, ""]


def _member(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, property):
        assert value.fget is not None
        yield f"    @property\n    def {name}(self) -> {_returned(value.fget)}: ..."
        if value.fset is not None:
            yield f"    @{name}.setter\n    def {name}(self, value: Any) -> None: ..."
        if value.fdel is not None:
            yield f"    @{name}.deleter\n    def {name}(self) -> None: ..."
    elif isinstance(value, (staticmethod, classmethod)):
        yield f"    {name}: Any"
    elif isinstance(value, types.FunctionType):
        yield "    " + _function(value, name, method=True)
    elif name == "__array_priority__":
        yield f"    {name}: {_kind(value)}"


def _returned(function: Callable) -> str:
    return _annotation(function.__annotations__.get("return", "Any"))


def _function(function: types.FunctionType, name: str, method: bool) -> str:
    """One line: the signature, its defaults left out."""
    parts, seen_star, positional = [], False, True
    parameters = list(inspect.signature(function).parameters.values())
    for position, parameter in enumerate(parameters):
        text = parameter.name
        if method and position == 0:
            parts.append("self")
            continue
        if positional and parameter.kind is not parameter.POSITIONAL_ONLY:
            if parts and position and parameters[position - 1].kind is parameter.POSITIONAL_ONLY:
                parts.append("/")
            positional = False
        if parameter.kind is parameter.VAR_POSITIONAL:
            text, seen_star = f"*{text}", True
        elif parameter.kind is parameter.VAR_KEYWORD:
            text = f"**{text}"
        elif parameter.kind is parameter.KEYWORD_ONLY and not seen_star:
            parts.append("*")
            seen_star = True
        text += f": {_annotation(parameter.annotation)}"
        parts.append(text + (" = ..." if parameter.default is not parameter.empty else ""))
    returned = "Tensor" if name in OPERATORS else _returned(function)
    odd = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
    return f"def {name}({', '.join(parts)}) -> {returned}: ...{odd}"


def _annotation(text: Any) -> str:
    """An annotation as it was written; Any where it names what the stub does not know."""
    if text is inspect.Parameter.empty:
        return "Any"
    if not isinstance(text, str):
        text = getattr(text, "__name__", "Any") if isinstance(text, type) else "Any"
    names = {part.id for part in ast.walk(ast.parse(text, mode="eval")) if isinstance(part, ast.Name)}
    if names - KNOWN:
        return "Any"
    parsed = ast.parse(text, mode="eval")
    for part in ast.walk(parsed):
        if isinstance(part, ast.Name) and part.id in SHADOWED:
            part.id = f"_{part.id}"
    return ast.unparse(parsed)


def main() -> None:
    """Write both files."""
    for name, text in texts().items():
        (FOLDER / name).write_text(text)
        print(f"wrote {name}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
