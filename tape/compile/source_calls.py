"""Rows that call functions, as Python source: `np.argsort(x, axis=0)`, `x[mask]`, functions of tape and SciPy imported by name.

`Calls.write(call, name, inputs)` is the expression of one call; what it needs collects in `imports`, `defined` and `constants`.
None where there is none: for functions of the user's, or arguments without source, which are given as `constants`. `number`, `spelt` and
`literal` write values. Invariant: the expression calls the very function that a replay calls, or NumPy's that gives the same bits.
Imports calls, dispatch, passes.columns. Imported by source and seeing.
"""

from __future__ import annotations

import functools
import operator
import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.compile.calls import replaced
from tape.compile.dispatch import At
from tape.compile.passes.columns import frozen

_LITERAL = 16  # elements of a constant that is written out
_NUMPY = {"np": np, "np.linalg": np.linalg, "np.fft": np.fft}
_SCANS = {"add_along": "np.add.accumulate", "multiply_along": "np.multiply.accumulate"}
_FAMILIES = ("tape", "compiled_ops", "scipy")  # whose functions are imported by name


_DEFINITIONS = {
    "replaced": "def {}(base, key, part):\n    whole = base.copy()\n    whole[key] = part\n    return whole\n",
    "written_at": "def {}(ufunc, base, key, *others):\n    whole = base.copy()\n    ufunc.at(whole, key, *others)\n    return whole\n",
}


class Text:
    """An input of a call: its expression, and one that binds as tight as a name."""

    __slots__ = ("text", "atom")

    def __init__(self, text: str, atom: str) -> None:
        self.text, self.atom = text, atom


class Calls:
    """The calls of one source. `named(name)` gives a free name like this one."""

    def __init__(self, pure: bool, named: Callable[[str], str] = lambda name: name) -> None:
        self.pure, self.named = pure, named
        self.imports: dict[tuple[str, str], str] = {}  # by module and name, what it is called in the source
        self.defined: dict[str, str] = {}  # functions defined in the source, and what they are called there
        self.constants: dict[str, Any] = {}
        self._name = ""

    def write(self, call: Any, name: str, inputs: list[Text]) -> str | None:
        """The expression of a call; None where it has none."""
        before = dict(self.imports), dict(self.defined), dict(self.constants)
        self._name = name
        try:
            args, kwargs = call.build(*inputs)
            return self._call(call.function, args, kwargs)
        except NotImplementedError:
            self.imports, self.defined, self.constants = before
            return None

    def definitions(self) -> list[str]:
        """The functions that are defined, as source."""
        return [_DEFINITIONS[name].format(taken) for name, taken in sorted(self.defined.items())]

    def lines(self) -> list[str]:
        """The imports as lines."""
        return [
            f"import {module}" if not name else f"from {module} import {name}" + (f" as {taken}" if taken != name else "")
            for (module, name), taken in sorted(self.imports.items())
        ]

    def _call(self, function: Any, args: tuple, kwargs: dict) -> str:
        if type(function) is functools.partial:
            return self._call(function.func, (*function.args, *args), {**function.keywords, **kwargs})
        if function is operator.getitem and type(args[0]) is Text and not kwargs:
            key = args[1] if type(args[1]) is tuple else (args[1],)
            return f"{args[0].atom}[{', '.join(map(self._entry, key)) or '()'}{',' if len(key) == 1 and type(key[0]) is tuple else ''}]"
        if getattr(function, "__name__", "") == "scanned" and function.__module__ == "tape.functions.cumulative" and args[0] in _SCANS:
            name, dim, reverse, values = args
            across, each = f"axis={dim}, dtype={values.atom}.dtype", f"{_SCANS[name]}(%s, %s)"
            return f"np.flip({each % (f'np.flip({values.text}, {dim})', across)}, {dim})" if reverse else each % (values.text, across)
        if type(function) is At and not kwargs:
            args = (function.ufunc, *args)
        given = [self._value(each) for each in args] + [f"{key}={self._value(each)}" for key, each in kwargs.items()]
        return f"{self._function(function)}({', '.join(given)})"

    def _function(self, function: Any) -> str:
        if type(function) is At or function is replaced:
            name = "replaced" if function is replaced else "written_at"
            if name not in self.defined:
                self.defined[name] = self.named(name)
            return self.defined[name]
        owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
        if isinstance(owner, np.ufunc):
            return f"{self._function(owner)}.{name}"
        if function is operator.getitem:
            self.imports["operator", ""] = "operator"
            return "operator.getitem"
        for prefix, module in _NUMPY.items():
            if name and getattr(module, name, None) is function:
                return f"{prefix}.{name}"
        if isinstance(function, np.ufunc) and getattr(sys.modules.get("scipy.special"), name, None) is function:
            self.imports["scipy.special", ""] = "scipy"
            return f"scipy.special.{name}"
        module = getattr(function, "__module__", None) or ""
        family = module.partition(".")[0]
        if family not in _FAMILIES or self.pure and family != "scipy" or getattr(sys.modules.get(module), name, None) is not function:
            raise NotImplementedError
        if (module, name) not in self.imports:
            self.imports[module, name] = self.named(name)
        return self.imports[module, name]

    def _entry(self, each: Any) -> str:
        """An entry of a key in brackets."""
        if type(each) is not slice:
            return self._value(each)
        bounds = ["" if bound is None else self._value(bound) for bound in (each.start, each.stop)]
        return ":".join(bounds if each.step in (None, 1) else [*bounds, self._value(each.step)])

    def _value(self, each: Any) -> str:
        """An argument."""
        kind = type(each)
        if kind is Text:
            return each.text  # type: ignore[no-any-return]
        if each is None or each is Ellipsis or kind in (bool, int, str, bytes):
            return "..." if each is Ellipsis else repr(each)
        if kind in (float, complex):
            return number(each)
        if kind in (tuple, list):
            inner = ", ".join(map(self._value, each))
            return f"[{inner}]" if kind is list else f"({inner}{',' if len(each) == 1 else ''})"
        if kind is dict and all(type(key) is str for key in each):
            return "{" + ", ".join(f"{key!r}: {self._value(value)}" for key, value in each.items()) + "}"
        if kind is slice:
            return f"slice({', '.join(map(self._value, (each.start, each.stop, each.step)))})"
        if isinstance(each, np.generic) and each.dtype.kind in "fiubc":
            return f"{literal(np.asarray(each))}[()]"
        if isinstance(each, np.dtype) and each.kind in "fiubc":
            return f"np.dtype({each.str!r})"
        if isinstance(each, type) and issubclass(each, np.generic) and getattr(np, each.__name__, None) is each:
            return f"np.{each.__name__}"
        if kind is np.ndarray:
            if spelt(each):
                return literal(each)
            key = f"{self._name}_{sum(known.startswith(self._name + '_') for known in self.constants)}"
            self.constants[key] = each
            return f'constants["{key}"]'
        if callable(each):
            return self._function(each)
        raise NotImplementedError


def spelt(array: np.ndarray) -> bool:
    """Whether a constant is written out: frozen, small, of plain numbers."""
    return frozen(array) and array.size <= _LITERAL and array.dtype.kind in "fiubc"


def number(value: Any) -> str:
    """A number, or a list of them."""
    return re.sub(r"\b(inf|nan)", r"np.\1", repr(value))


def literal(array: np.ndarray) -> str:
    """An array; what a list of numbers does not say of one without elements is its shape."""
    shape = f".reshape({array.shape!r})" if not array.size else ""
    return f"np.array({number(array.tolist())}, {array.dtype.name!r}){shape}"


__all__ = ["Calls", "Text", "literal", "number", "spelt"]
