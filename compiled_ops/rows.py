"""The kinds of row, and the registry that gives every primitive its opcode.

Declare a primitive (`Elementwise`, `Structural`), look one up (`PRIMITIVES[name]`, `BY_OPCODE[opcode]`), check a rule (`check`).
Invariant: the table is closed. Every name that a rule mentions is an argument, `g`, `y`, a constant or another
elementwise row, so that every order of derivative exists as soon as the first does.
Knows text and integers; knows nothing of arrays, kernels or Tensors. Imported by everything above.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

# What a rule may mention besides rows. Conventions at kinks come from PyTorch 2.13 and stand in the rows.
CONSTANTS = {
    "LN2": 0.6931471805599453,
    "LN10": 2.302585092994046,
    "TWO_OVER_SQRT_PI": 1.1283791670955126,
    "HALF_SQRT_PI": 0.886226925452758,
    "PI": 3.141592653589793,
    "SQRT_HALF": 0.7071067811865476,
    "SQRT_TWO_PI": 2.5066282746310002,
    "INV_SQRT_TWO_PI": 0.3989422804014327,
    "SQRT_TWO_OVER_PI": 0.7978845608028654,
    "ONE_OVER_LN2": 1.4426950408889634,
    "DEGREE": 0.017453292519943295,
    "RADIAN": 57.29577951308232,
    "INFINITY": float("inf"),
    "ONCE_MORE": 0.0009765625,  # Note [derivative order] in compiled_ops/polynomials.py
}

# Rows of the tape that are no operation: the sentinel at position 0, a leaf, a value of another tape,
# further references of a row with more than two inputs (they stand directly before it).
SENTINEL, LEAF, IMPORT, MORE = 0, 1, 2, 3
FIRST_OPCODE = 8
WIDE = frozenset({"concatenate", "function", "undifferentiated"})  # rows that may have more than two inputs: x counts their MORE rows


class TableError(ValueError):
    """A row of the table contradicts itself or names something that is not in the table."""


@dataclass(frozen=True)
class Elementwise:
    """A function of one or two numbers, applied to each element. `rules` holds one expression an input, in the inputs
    (`x`, or `a` and `b`), the output `y` (one input only) and the cotangent `g`; it is the pullback and, because the
    Jacobian is diagonal, also the pushforward with a tangent in the place of `g`. None: not differentiable in that input."""

    name: str
    args: str
    value: str  # "np.<ufunc>" where NumPy's own ufunc is exact or best, else an expression that a kernel is made from
    rules: tuple[str | None, ...]
    domain: tuple[tuple[float, float], ...]  # where tests sample each input
    reference: str  # dotted name of an independent implementation
    label: str  # what PyTorch calls the backward of this operation
    scalar: str = ""  # function of `math` (or an expression) for Python floats; "" where the array path serves
    kinks: str = ""
    doc: str = ""
    labels: tuple[str, ...] = ()  # further labels under which the same rule is recorded
    kind: str = field(default="elementwise", init=False)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        return tuple(self.args.split())

    @cached_property
    def saved(self) -> tuple[frozenset[str], ...]:
        """For each input, the values (`x`, `a`, `b`, `y`) that its rule reads."""
        return tuple(names(rule) & {"x", "a", "b", "y"} if rule else frozenset() for rule in self.rules)


@dataclass(frozen=True)
class Structural:
    """A row whose rule is more than an expression: `kind` is linear, bilinear or whole. Its adjoint is written with
    recording functions (tape/adjoints); a linear row names its transpose, and its pushforward is itself."""

    name: str
    kind: str
    label: str
    doc: str
    transpose: str = ""
    labels: tuple[str, ...] = ()


Primitive = Elementwise | Structural
PRIMITIVES: dict[str, Primitive] = {}
OPCODES: dict[str, int] = {}  # name, and "name:Label" for further labels
BY_OPCODE: dict[int, Primitive] = {}
LABELS: dict[int, str] = {SENTINEL: "Sentinel", LEAF: "Leaf", IMPORT: "Import", MORE: "More"}
BASE: dict[int, int] = {SENTINEL: SENTINEL, LEAF: LEAF, IMPORT: IMPORT, MORE: MORE}  # opcode of the primitive's first label


def names(expression: str) -> frozenset[str]:
    """Every name in an expression."""
    return frozenset(n.id for n in ast.walk(ast.parse(expression, mode="eval")) if isinstance(n, ast.Name))


def _opcode_numbers() -> Iterator[int]:
    number = FIRST_OPCODE
    while True:
        yield number
        number += 1


_numbers = _opcode_numbers()


def declare(rows: tuple[Primitive, ...]) -> None:
    """Give each row its opcodes, one a label, in the order of the table."""
    for row in rows:
        if row.name in PRIMITIVES:
            raise TableError(f"{row.name} is declared twice; a primitive has one row")
        PRIMITIVES[row.name] = row
        first = next(_numbers)
        for opcode, label in ((first, row.label), *((next(_numbers), label) for label in row.labels)):
            OPCODES[row.name if opcode == first else f"{row.name}:{label}"] = opcode
            BY_OPCODE[opcode], LABELS[opcode], BASE[opcode] = row, label, first


def check() -> None:
    """Raise TableError where a row has the wrong number of rules, or a rule leaves the closed table."""
    for row in PRIMITIVES.values():
        if isinstance(row, Structural):
            if row.transpose and row.transpose not in PRIMITIVES:
                raise TableError(f"{row.name}: its transpose {row.transpose!r} is not a row")
            continue
        if not len(row.rules) == len(row.domain) == len(row.inputs):
            raise TableError(f"{row.name}: {len(row.inputs)} inputs need as many rules and domains")
        legal = {*row.inputs, "g", *(("y",) if len(row.inputs) == 1 else ()), *CONSTANTS, *PRIMITIVES, "where"}
        for rule in filter(None, (*row.rules, "" if row.value.startswith("np.") else row.value)):
            if unknown := names(rule) - legal:
                raise TableError(f"{row.name}: the rule {rule!r} names {sorted(unknown)}, which the table does not hold")
        smooth = {"maximum", "minimum", "abs", "relu", "sqrt", "pow", "clamp"}
        if row.name in smooth and not row.kinks:
            raise TableError(f"{row.name}: say what happens at its kink")
