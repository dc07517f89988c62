"""Pullbacks of scalar rows while a program is recorded: straight lines made from the table, which compute and add rows in one step.

`short_way(trace, sweep).row(tape, k)` runs one entry of a plain sweep and hands its contributions on; False leaves the entry to
tape/rerecord, which gives the same values and rows by way of Tensors. Gradients are pairs (value, row of the program) among the sweep's
Tensors. Invariant: a value is computed before the first row is added, so an entry is done wholly or not at all.
Imports the table, tensor; imported by recording, whose method it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from compiled_ops import layout as m
from compiled_ops.kernels import forward_one
from compiled_ops.rows import BY_OPCODE, CONSTANTS, FIRST_OPCODE, OPCODES, Elementwise
from tape.columns import SPENT, Tape
from tape.compile import opcodes as o
from tape.spec import FLOAT64, SCALAR
from tape.state import STATE
from tape.tensor import Tensor, wrap
from tape.traced import Traced

_OPERATORS = {ast.Add: ("add", "+"), ast.Sub: ("sub", "-"), ast.Mult: ("mul", "*"), ast.Div: ("div", "/")}
_ADD = OPCODES["add"]

Pair = tuple[float, int]


def short_way(trace: Any, sweep: Any) -> Pullbacks | None:
    """That of a sweep in which nothing but values is wanted and nobody looks on."""
    return None if sweep.create_graph or STATE.dual or STATE.safe or STATE.anomaly else Pullbacks(trace, sweep)


class Pullbacks:
    """The short way of one sweep over the rows of 0-d float64 values."""

    def __init__(self, trace: Any, sweep: Any) -> None:
        self.trace, self.sweep, self.gradients = trace, sweep, sweep.gradients
        columns = sweep.reached.columns[:, : sweep.reached.count]
        self._op, self._a, self._b, self._at = (columns[i].tolist() for i in (m.OP, m.A, m.B, m.POS))
        self._slow = (columns[m.FLAG] | columns[m.RESULT]).tolist()

    def tensor(self, pair: Pair) -> Tensor:
        """A gradient as a Tensor."""
        return wrap(Traced(*pair, SCALAR, self.trace))

    def row(self, tape: Tape, k: int) -> bool:
        """Run an entry; False where it is not of this kind."""
        op = self._op[k]
        if op < FIRST_OPCODE or self._slow[k]:
            return False
        g = self.gradients.get(k)
        if g is None:
            return True
        a, b = self._a[k], self._b[k]
        made = _lines(op, a >= 0, b >= 0)
        if made is None or tape.hooks:
            return False
        rows, at = tape.rows, self._at[k]
        if type(g) is not tuple:
            g = None if g._t is not None else self._pair(g._v)
        x, y = self._pair(rows[at + 3]), self._pair(rows[at + 4])
        if g is None or x is None or y is None:
            return False
        place = rows[at + 5], rows[at + 6]
        try:
            found = made(g[0], g[1], x[0], x[1], y[0], y[1], self.trace, place)
        except (ArithmeticError, ValueError):  # where Python's numbers raise, arrays give NaN or an infinity
            return False
        del self.gradients[k]
        if not self.sweep.retain:
            for saved in (at + 3, at + 4):
                if rows[saved] is not None:
                    rows[saved] = SPENT
        for entry, pair in zip((a, b), found, strict=False):
            if entry >= 0:
                self._add(entry, pair, place)
        return True

    def _pair(self, value: Any) -> Pair | None:
        """A 0-d float64 value and its row; what no rule reads is no value."""
        if value is None:
            return (0.0, -1)
        if type(value) is float:
            return (value, self.trace.constants.row(value, FLOAT64))
        if type(value) is not Traced or value.trace is not self.trace or type(value.now) is not float:
            return None
        return (value._real, value._row)

    def _add(self, entry: int, pair: Pair, place: Any) -> None:
        have = self.gradients.get(entry)
        if have is None:
            self.gradients[entry] = pair
        elif type(have) is tuple:
            row = self.trace.program.append(_ADD, (have[1], pair[1]), None, SCALAR, place)
            self.gradients[entry] = (have[0] + pair[0], row)
        else:
            self.sweep.add(entry, self.tensor(pair))


@cache
def _lines(op: int, *need: bool) -> Callable[..., tuple] | None:
    """The pullback of a primitive in the inputs that need one, as a function of values and rows of cotangent and saved values. None where
    the rules are more than arithmetic and functions of Python's numbers."""
    row = BY_OPCODE[op]
    if not isinstance(row, Elementwise):
        return None
    text = _Text({"g": ("g", "gr"), **dict(zip((*row.inputs, "y"), (("x", "xr"), ("y", "yr")), strict=False))})
    try:
        found = [text.strong(rule) if needed else None for rule, needed in zip(row.rules, need, strict=False)]
    except NotImplementedError:
        return None
    return text.function(found)


class _Text:
    """Rules as lines that compute and lists of the rows to add. `known`: by name the expressions of a value and of its row."""

    def __init__(self, known: dict[str, tuple[str, str]]) -> None:
        self.known = known
        self.lines: list[str] = []
        self.constants: list[str] = []
        self.rows: list[tuple[int, str, str]] = []
        self.names: dict[str, Any] = {"FLOAT64": FLOAT64}

    def strong(self, rule: str | None) -> tuple[str, str]:
        """The contribution by a rule. Note [strong zero]"""
        if rule is None or rule == "0":
            raise NotImplementedError
        value, row = self.expression(ast.parse(rule, mode="eval").body)
        if rule in ("g", "-g"):
            return value, row
        return self.add(o.STRONG, f"{value} if g != 0.0 else 0.0", "gr", row)

    def add(self, op: int, value: str, a: str, b: str = "-1") -> tuple[str, str]:
        """A value to compute and a row to add."""
        k = len(self.rows)
        self.lines.append(f"v{k} = {value}")
        self.rows.append((op, a, b))
        return f"v{k}", f"n + {k}"

    def expression(self, part: ast.expr) -> tuple[str, str]:
        """Value and row of a part of a rule."""
        if isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant):
            return self.number(-part.operand.value)  # type: ignore[operator]
        if isinstance(part, ast.UnaryOp):
            value, row = self.expression(part.operand)
            return self.add(OPCODES["neg"], f"-{value}", row)
        if isinstance(part, ast.BinOp) and type(part.op) in _OPERATORS:
            name, sign = _OPERATORS[type(part.op)]
            (x, i), (y, j) = self.expression(part.left), self.expression(part.right)
            return self.add(OPCODES[name], f"{x} {sign} {y}", i, j)
        if isinstance(part, ast.Constant):
            return self.number(part.value)
        if isinstance(part, ast.Name):
            return self.known[part.id] if part.id in self.known else self.number(CONSTANTS[part.id])
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in OPCODES:
            name = part.func.id
            quick, inputs = forward_one(name), [self.expression(each) for each in part.args]
            if quick is not None:
                self.names[name] = quick
                return self.add(OPCODES[name], f"{name}({', '.join(value for value, _ in inputs)})", *[row for _, row in inputs])
        raise NotImplementedError

    def number(self, given: Any) -> tuple[str, str]:
        """A constant of the rule."""
        self.constants.append(repr(float(given)))
        return self.constants[-1], f"c{len(self.constants) - 1}"

    def function(self, found: list[tuple[str, str] | None]) -> Callable[..., tuple]:
        """The lines as a function."""
        ops, a, b = (tuple(each) for each in zip(*self.rows, strict=True)) if self.rows else ((), (), ())
        rows = [f"c{k} = trace.constants.row({each}, FLOAT64)" for k, each in enumerate(self.constants)]
        if self.rows:
            rows += ["n = len(trace.program.op)", f"trace.program.extend({ops}, ({', '.join(a)},), ({', '.join(b)},), place)"]
        pairs = ", ".join("None" if pair is None else f"({pair[0]}, {pair[1]})" for pair in found)
        head = "def pullback(g, gr, x, xr, y, yr, trace, place):"
        exec("\n    ".join([head, *self.lines, *rows, f"return ({pairs},)"]), self.names)
        return self.names["pullback"]  # type: ignore[no-any-return]
