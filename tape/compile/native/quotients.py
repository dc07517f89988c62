"""Divisions by one divisor share its reciprocal, and every quotient still is the correctly rounded one.

With y = 1/b rounded to nearest, q = a*y is off by two units at most; q + (a - b*q)*y, with one rounding an operation, is off by less than one,
and once more gives a/b rounded to nearest (Markstein, IBM Journal of Research and Development 34, 1990; Muller et al., Handbook of
Floating-Point Arithmetic, 2018, chapter 4). A division takes as long as a dozen of these steps. It holds where nothing leaves the range
of normal numbers: vectors with an element near its ends are divided as ever.
`shared(cells, level, last)` finds the divisions, `begin` writes a reciprocal, `quotient` a division. Imports cells, vectors. Imported by loops.
"""

from __future__ import annotations

from functools import cache
from math import frexp
from typing import Any, NamedTuple

from compiled_ops.rows import OPCODES
from tape.compile.native.cells import Cell
from tape.compile.native.llvm import features

LARGEST = 2.0**400  # of divisors and of what is divided; the smallest is its reciprocal
_DIV, _MUL = OPCODES["div"], OPCODES["mul"]


class Share(NamedTuple):
    """A division by `factor` (a power of two) times the value of the cell `base`."""

    base: int
    factor: float


def shared(cells: list[Cell], level: list[int], last: int) -> dict[int, Share]:
    """The divisions along the last axis that share their divisor with another, or with all points of that axis."""
    if last < 0 or not _fuses():
        return {}
    groups: dict[int, dict[int, Share]] = {}
    for k, c in enumerate(cells):
        if c.sort == "apply" and c.op == _DIV and c.kind == "double" and level[k] == last:
            base, factor = c.inputs[1], 1.0
            while (step := _scaled(cells, base)) is not None and 2.0**-40 < abs(factor * step[1]) < 2.0**40:
                base, factor = step[0], factor * step[1]
            groups.setdefault(base, {})[k] = Share(base, factor)
    return {k: share for base, found in groups.items() if len(found) > 1 or level[base] < last for k, share in found.items()}


@cache
def _fuses() -> bool:
    """Whether the processor multiplies and adds with one rounding."""
    return features("fma", "neon")


def _scaled(cells: list[Cell], k: int) -> tuple[int, float] | None:
    """The cell and the power of two of which a cell is the product."""
    c = cells[k]
    if c.sort == "apply" and c.op == _MUL:
        for one, other in (c.inputs, c.inputs[::-1]):
            if cells[one].sort == "number" and abs(frexp(cells[one].params)[0]) == 0.5:
                return other, float(cells[one].params)
    return None


def begin(w: Any, divisor: str) -> tuple[str, str]:
    """The reciprocal of a divisor, and in which lanes it can be relied on."""
    return w.put(f"fdiv {w.type('double')} {w.constant(1.0, 'double')}, {divisor}"), _within(w, divisor)


def quotient(w: Any, a: str, b: str, reciprocal: tuple[str, str], factor: float) -> str:
    """a / b, where b is `factor` times what the reciprocal is of."""
    y, fine = reciprocal
    sort, mask = w.type("double"), w.type("i1")
    none = w.put(f"fcmp oeq {sort} {a}, {w.constant(0.0, 'double')}")
    enough = w.put(f"or {mask} {none}, {_within(w, a)}")
    good = w.put(f"and {mask} {fine}, {enough}")
    every = w.module.external(f"llvm.vector.reduce.and.v{w.lanes}i1", "i1", [mask])
    whole = w.put(f"call i1 {every}({mask} {good})")
    quick, slow, after = w._label("quick"), w._label("slow"), w._label("after")
    w.lines.append(f"  br i1 {whole}, label %{quick}, label %{slow}")
    w._begin(quick)
    if factor != 1.0:
        y = w.put(f"fmul {sort} {y}, {w.constant(1.0 / factor, 'double')}")
    first = found = w.put(f"fmul {sort} {a}, {y}")
    minus = w.put(f"fneg {sort} {b}")
    for _ in range(2):
        rest = w.intrinsic("fma", "double", [minus, found, a])
        found = w.intrinsic("fma", "double", [rest, y, found])
    found = w.choose(none, first, found, "double")  # the sign of a zero
    w.lines.append(f"  br label %{after}")
    w._begin(slow)
    divided = w.put(f"fdiv {sort} {a}, {b}")
    w.lines.append(f"  br label %{after}")
    w._begin(after)
    return str(w.put(f"phi {sort} [ {found}, %{quick} ], [ {divided}, %{slow} ]"))


def _within(w: Any, value: str) -> str:
    """The lanes in which a value is neither too small nor too large."""
    sort, size = w.type("double"), w.intrinsic("fabs", "double", [value])
    above = w.put(f"fcmp oge {sort} {size}, {w.constant(1.0 / LARGEST, 'double')}")
    below = w.put(f"fcmp ole {sort} {size}, {w.constant(LARGEST, 'double')}")
    return str(w.put(f"and {w.type('i1')} {above}, {below}"))
