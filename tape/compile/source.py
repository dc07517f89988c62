"""A program as Python source: readable NumPy that gives the outputs of `Program.run` bit for bit.

`to_python(program, name)` writes the function, `constants_of(program)` gives what it cannot spell out (arrays, calls of the user's), to be
passed as `constants`. Rows read once are nested into the row that reads them; guards are `if` statements that raise ValueError. Functions
that NumPy does not have, or rounds differently, are `primitive(name)` or imported from tape: the very functions of a replay; with `pure=True`
NumPy's and SciPy's. Names that the source brings in give way to the function's own. Invariant: the text depends on nothing but the program.
Imports opcodes, program, passes, source_calls. Imported by the front of this package.
"""

from __future__ import annotations

import keyword
import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES, PRIMITIVES
from tape.compile import opcodes as o
from tape.compile.passes.columns import readers
from tape.compile.program import Program
from tape.compile.source_calls import Calls, Text, literal, number, spelt
from tape.errors import at

_WIDTH = 72  # of a nested expression
_LONG = 128  # bytes of a guarded value from which on it is passed as a constant
RESERVED = frozenset(  # names of the source that a function cannot take
    (*keyword.kwlist, "np", "ml_dtypes", "operator", "scipy", "primitive", "constants", "CONSTANTS", "list", "range", "slice", "ValueError")
)
_ATOM, _SIGN, _PRODUCT, _SUM, _COMPARISON = 9, 3, 2, 1, 0  # how tight an expression binds
_OPERATORS = {OPCODES["add"]: ("+", _SUM), OPCODES["sub"]: ("-", _SUM), OPCODES["mul"]: ("*", _PRODUCT), OPCODES["div"]: ("/", _PRODUCT)}
_OPERATORS |= {o.LESS: ("<", _COMPARISON), o.LESS_EQUAL: ("<=", _COMPARISON), o.GREATER: (">", _COMPARISON)}
_OPERATORS |= {o.GREATER_EQUAL: (">=", _COMPARISON), o.EQUAL: ("==", _COMPARISON), o.NOT_EQUAL: ("!=", _COMPARISON)}
_NUMPY = {o.MATMUL: "np.matmul", o.SELECT: "np.where", o.SUM: "np.sum", o.PROD: "np.prod", o.AMAX: "np.max", o.AMIN: "np.min",
          o.ANY: "np.any", o.ALL: "np.all", o.AND: "np.logical_and", o.OR: "np.logical_or", o.XOR: "np.logical_xor",
          o.NOT: "np.logical_not", o.ISNAN: "np.isnan", o.ISINF: "np.isinf", o.ISFINITE: "np.isfinite",
          o.RESHAPE: "np.reshape", o.PERMUTE: "np.transpose", o.EXPAND: "np.broadcast_to"}  # fmt: skip
_DEFINITIONS = {
    o.STRONG: 'def {}(g, found):\n    """`found`, but 0 where g is 0."""\n    return np.where(g != 0, found, np.zeros((), found.dtype))\n',
    o.SCATTER: "def {}(part, shape, key):\n    whole = np.zeros(shape, part.dtype)\n    whole[key] = part\n    return whole\n",
    o.OVERWRITE: "def {}(base, part, key):\n    whole = base.copy()\n    whole[key] = part\n    return whole\n",
    o.ASSEMBLE: "def {}(elements, shape, places, dtype):\n    whole = np.zeros(shape, dtype)\n"
    "    whole.reshape(-1)[list(places)] = elements\n    return whole\n",
}
_OWN_LINE = {o.CALL, o.GUARD, o.INPUT}


def primitive(name: str) -> Callable[..., Any]:
    """The function of a primitive that a replay uses, for arrays; ValueError for a name that is no elementwise primitive."""
    if OPCODES.get(name) not in o.ARITHMETIC:
        raise ValueError(f"primitive({name!r}): there is no elementwise primitive of that name")
    value = partial(o.VALUE[OPCODES[name]], None)
    return lambda *inputs: np.asarray(value(*[np.asarray(x) for x in inputs]))


def constants_of(program: Program, *, pure: bool = False) -> dict[str, Any]:
    """What the source of a program takes as `constants`: arrays that are live or large, functions that are found by no name, and long
    guarded values; empty if none. Arrays are passed on as they are, so that later changes of live ones are seen.
    """
    found: dict[str, Any] = {}
    for row, op in enumerate(program.op):
        params = program.params[row]
        if op == o.CALL:
            calls = Calls(pure)
            written = calls.write(params, _name(program, row), [Text("", "")] * len(program.inputs_of(row)))
            found |= {_name(program, row): params} if written is None else calls.constants
        elif op == o.CONSTANT and not spelt(params):
            found[_name(program, row)] = params
        elif op == o.GUARD and params.kind == "value" and len(params.outcome) > _LONG:
            found[_name(program, row)] = params.outcome
    return found


def to_python(program: Program, name: str = "program", *, pure: bool = False) -> str:
    """The source of a function of that name: inputs in, the list of outputs out.

    pure: call NumPy and SciPy only, which agree with a replay to a few ulps instead of every bit. With `constants_of(program)` not empty,
    the function takes it as its last argument. ValueError for a name that Python does not take.

    >>> from tape.compile.program import Program
    >>> from tape.spec import SCALAR
    >>> p = Program()
    >>> x = p.append(o.INPUT, (), 0, SCALAR)
    >>> p.outputs = [p.append(OPCODES["mul"], (p.constant(2.0), x), None, SCALAR)]
    >>> print(to_python(p, "twice").split("import numpy as np")[1].strip())
    def twice(x):
        x = np.asarray(x, 'float64')
        with np.errstate(all="ignore"):
            return [2.0 * x]
    """
    if not name.isidentifier() or name in RESERVED:
        raise ValueError(f"to_python: {name!r} is no name of a function here; wanted a Python identifier that the source does not use itself")
    writer = _Writer(program, pure, name)
    body = writer.body()
    given = [writer.text[row] for row in program.inputs] + (["constants"] if constants_of(program, pure=pure) else [])
    head = [f'"""{name}: a program of {len(program)} rows as NumPy source."""', "", *writer.imports(), ""]
    for definition in (*(_DEFINITIONS[op].replace("{}", writer.defined[op], 1) for op in sorted(writer.defined)), *writer.calls.definitions()):
        head += ["", *definition.splitlines(), ""]
    return "\n".join([*head, "", f"def {name}({', '.join(given)}):", *body, ""])


def _name(program: Program, row: int) -> str:
    return f"{o.name_of(program.op[row])}_{row}"


def _key(params: Any) -> str:
    """A basic key as it stands in brackets."""

    def entry(k: Any) -> str:
        if not isinstance(k, slice):
            return repr(k)
        bounds = ["" if bound is None else str(bound) for bound in (k.start, k.stop)]
        return ":".join(bounds if k.step in (None, 1) else [*bounds, str(k.step)])

    params = params if isinstance(params, tuple) else (params,)
    return ", ".join(map(entry, params)) or "()"


class _Writer:
    """Writes the rows in order; `text` and `binds` hold each row's expression or name."""

    def __init__(self, program: Program, pure: bool, name: str) -> None:
        self.program, self.pure = program, pure
        self.taken = {name, *RESERVED}
        self.text, self.binds = [""] * len(program), [_ATOM] * len(program)
        self.lines: list[str] = []
        self.defined: dict[int, str] = {}  # opcodes whose function is defined in the source, and its name there
        self.primitives: dict[str, str] = {}
        self.calls = Calls(pure, self.named)

    def named(self, name: str) -> str:
        """A name like this one that nothing else has; from now on it is taken."""
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def imports(self) -> list[str]:
        """The lines that bring in what the rows call."""
        lines = ["import numpy as np"]
        if any(spec.dtype.kind == "V" for spec in self.program.spec if spec is not None):
            lines.insert(0, "import ml_dtypes  # its dtypes have names from here on")
        lines += self.calls.lines()
        if not self.primitives:
            return lines
        if not self.pure:
            lines += ["", "from tape.compile.source import primitive  # the functions of a replay, equal to the last bit", ""]
            return lines + [f'{taken} = primitive("{name}")' for name, taken in sorted(self.primitives.items())]
        if any("scipy" in PRIMITIVES[name].reference for name in self.primitives) and "import scipy.special" not in lines:  # type: ignore[union-attr]
            lines.append("import scipy.special")
        return [*lines, "", *[self._plain(name) for name in sorted(self.primitives)]]

    def _plain(self, name: str) -> str:
        """The definition of a primitive by NumPy or SciPy."""
        row: Any = PRIMITIVES[name]
        text = row.reference.replace("numpy.", "np.")
        taken = self.primitives[name]
        return f"{taken} = {text}" if "(" not in text else f"{taken} = lambda {', '.join(row.inputs)}: {text}  # noqa: E731"

    def body(self) -> list[str]:
        """The lines of the function."""
        program = self.program
        self._name_inputs()
        counts = readers(program)
        wanted = {*program.outputs, *program.inputs}
        for row, op in enumerate(program.op):
            if op == o.INPUT:
                continue
            if op == o.GUARD:
                self._guard(row)
                continue
            self.text[row], self.binds[row] = self._expression(row, op)
            once = counts[row] == 1 and row not in wanted and op not in _OWN_LINE and len(self.text[row]) <= _WIDTH
            last = row in program.outputs and counts[row] == 1 and row == len(program) - 1 and len(self.text[row]) <= _WIDTH
            if op != o.CONSTANT and not once and not last:
                name = _name(program, row)
                self._line(f"{name} = {self.text[row]}", row)
                self.text[row], self.binds[row] = name, _ATOM
        given = [f"    {self.text[row]} = np.asarray({self.text[row]}, {program.spec[row].dtype.name!r})" for row in program.inputs]
        self.lines.append(f"        return [{', '.join(map(self._output, program.outputs))}]")
        return [*given, '    with np.errstate(all="ignore"):', *self.lines]

    def _name_inputs(self) -> None:
        several = len(self.program.inputs) > 1
        for row in self.program.inputs:
            self.text[row] = f"x_{self.program.params[row]}" if several else "x"
            self.taken.add(self.text[row])

    def _line(self, text: str, row: int) -> None:
        place = self.program.place[row]
        where = "" if place is None or place[0] is None else f"  # {os.path.basename(at(place))}"
        self.lines.append(f"        {text}{where}")

    def _atom(self, row: int) -> str:
        """A row's value as an expression that binds as tight as a name; an array even where it is a written-out constant."""
        text = self._typed(row)
        return text if self.binds[row] == _ATOM or text is not self.text[row] else f"({text})"

    def _typed(self, row: int) -> str:
        """A row's value, with its dtype where it is written out."""
        if self.program.op[row] != o.CONSTANT or not spelt(self.program.params[row]):
            return self.text[row]
        return literal(self.program.params[row])

    def _output(self, row: int) -> str:
        """What is returned: of a constant that is given, a copy."""
        text = self._typed(row)
        return f"{text}.copy()" if self.program.op[row] == o.CONSTANT and text is self.text[row] else text

    def _operand(self, row: int, others: tuple[int, ...], tightness: int) -> str:
        """An operand of an operator: numbers as they are, if there is an array beside them to take the dtype from."""
        number = self.program.op[row] == o.CONSTANT and not self.program.spec[row].shape and self.program.spec[row].dtype.kind in "fiu"
        if number and all(self.program.op[i] == o.CONSTANT for i in others) or not number:
            text = self._typed(row)
            return text if text is not self.text[row] or self.binds[row] >= tightness else f"({text})"
        return self.text[row]

    def _expression(self, row: int, op: int) -> tuple[str, int]:
        program = self.program
        inputs, params = program.inputs_of(row), program.params[row]
        if op == o.CONSTANT:
            return (number(params.item()) if not params.shape else "", _ATOM) if spelt(params) else (self._constant(row), _ATOM)
        if op in _OPERATORS:
            sign, binds = _OPERATORS[op]
            a, b = inputs
            left, right = self._operand(a, (b,), binds + (binds == _COMPARISON)), self._operand(b, (a,), binds + 1)
            return f"{left} {sign} {right}", binds
        if op == OPCODES["neg"]:
            text = self._typed(inputs[0])
            return (f"-{text}" if self.binds[inputs[0]] >= _SIGN else f"-({text})"), _SIGN
        if op == o.INDEX:
            return f"{self._atom(inputs[0])}[{_key(params)}]", _ATOM
        if op == o.CAST:
            return f"{self._atom(inputs[0])}.astype({np.dtype(params).name!r})", _ATOM
        if op == o.ITEM:
            text = f"{self.text[inputs[0]]}[{params}]"
            return (text if program.spec[row].shape else f"np.asarray({text})"), _ATOM
        if op == o.CALL:
            return self._call(row, inputs), _ATOM
        return f"{self._function(row, op)}({', '.join(self._given(op, inputs, params))})", _ATOM

    def _constant(self, row: int) -> str:
        return f'constants["{_name(self.program, row)}"]'

    def _call(self, row: int, inputs: tuple[int, ...]) -> str:
        """A call, by name where the function has one; numbers come as arrays, as they do in a replay."""
        given = [Text(self._typed(i), self._atom(i)) for i in inputs]
        text = self.calls.write(self.program.params[row], _name(self.program, row), given)
        if text is None:
            return f"{self._constant(row)}({', '.join(each.text for each in given)})"
        spec = self.program.spec[row]
        return text if spec.shape or spec.dtype.hasobject else f"np.asarray({text})"

    def _function(self, row: int, op: int) -> str:
        if op in _NUMPY:
            return _NUMPY[op]
        if op == o.CONCATENATE:
            return "np.concatenate"
        name = o.name_of(op)
        if op in _DEFINITIONS:
            if op not in self.defined:
                self.defined[op] = self.named(name)
            return self.defined[op]
        value = PRIMITIVES[name].value  # type: ignore[union-attr]
        if value.startswith("np."):
            return value
        if name not in self.primitives:
            self.primitives[name] = self.named(name)
        return self.primitives[name]

    def _given(self, op: int, inputs: tuple[int, ...], params: Any) -> list[str]:
        """The arguments of a call."""
        values = [self._typed(i) for i in inputs]
        if op in o.REDUCTIONS:
            return [*values, f"axis={params[0]!r}", *(["keepdims=True"] if params[1] else [])]
        if op in (o.RESHAPE, o.PERMUTE, o.EXPAND):
            return [*values, repr(params)]
        if op == o.CONCATENATE:
            return [f"[{', '.join(values)}]", f"axis={params}"]
        if op == o.SCATTER:
            return [*values, repr(params[0]), f"np.s_[{_key(params[1])}]"]
        if op == o.OVERWRITE:
            return [*values, f"np.s_[{_key(params)}]"]
        if op == o.ASSEMBLE:
            places = tuple(params[1])
            several = len(places) > 2 and places == tuple(range(places[0], places[0] + len(places)))
            written = f"range({places[0]}, {places[-1] + 1})" if several else repr(places)
            return [f"[{', '.join(values)}]", repr(params[0]), written, repr(np.dtype(params[2]).name)]
        return values

    def _guard(self, row: int) -> None:
        guard, place = self.program.params[row], self.program.place[row]
        value = self._typed(self.program.inputs_of(row)[0])
        if guard.kind == "truth":
            check, was = (f"not ({value})" if guard.outcome else value), f"{guard.outcome}"
        elif guard.kind == "shape":
            check, was = f"np.shape({value}) != {guard.outcome!r}", f"{guard.outcome}"
        else:
            known = repr(guard.outcome) if len(guard.outcome) <= _LONG else self._constant(row)
            dtype = self.program.spec[self.program.a[row]].dtype
            if dtype.kind in "fc" and np.isnan(np.frombuffer(guard.outcome, dtype)).any():
                value = f"np.where(np.isnan({value}), np.nan, {value})"
            check, was = f"np.asarray({value}).tobytes() != {known}", "a value"
        where = "" if place is None or place[0] is None else f" at {os.path.basename(at(place))}"
        message = f"{guard.asked}{where}: recorded with {was} that these inputs do not give; record the function at them"
        self._line(f"if {check}:", row)
        self.lines.append(f"            raise ValueError({message!r})")
