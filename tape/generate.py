"""Writes tape/generated/elementwise.py: the short recording path of every elementwise primitive, from the table.

Each function records itself, because a Python call more costs as much as the rest of the bookkeeping: when the thread records
plainly, the inputs are constants or stand on its open tape and the value is a float or a small array, it computes, appends the row and makes the
Tensor; in every other case it hands over to tape/record. Run `python tape/generate.py` after a change of the table (as a file: it must not need its own result).
"""

from __future__ import annotations

import math
import re
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a file, it must find the packages
    sys.path[0] = str(Path(__file__).parents[1])
from compiled_ops import table  # noqa: E402
from compiled_ops.rows import OPCODES, Elementwise  # noqa: E402

TARGET = Path(__file__).parent / "generated" / "elementwise.py"
OPERATORS = {"add": ("+", "__add__"), "sub": ("-", "__sub__"), "mul": ("*", "__mul__"), "div": ("/", "__truediv__")}

HEAD = '''"""The short recording path of every elementwise primitive. Written by `python tape/generate.py`; edit the table, not this file.

A function that finds anything unusual leaves the work to tape/record, which gives the same values and rows.
"""
# fmt: off
# ruff: noqa: E501
from __future__ import annotations

{mathematics}
from sys import _getframe
from typing import Any

from tape.columns import BRIEF, LIMIT
from tape.out import written
from tape.places import INSIDE, outside
from tape.record import elementwise_one, elementwise_two
from tape.single import one as single
from tape.single import two as double
from tape.single import with_number
from tape.spec import SCALAR
from tape.state import STATE
from tape.tensor import Tensor, blank
from tape.values import pair

'''

# the row that stands for a Tensor on the open tape: its own, that of a leaf, 0 for a constant, -1 where record must look closer
PLACE = """{pad}if {home} is tape:
{pad}    {row} = {t}._r
{pad}elif {home} is None:
{pad}    {row} = {t}._r
{pad}else:
{pad}    {row} = {home}.row if {home}.num == tape.num and not {t}._r else -1
"""

# a tape is carried on by what stands on it up to the limit; by leaves only while it is brief, so that one nobody holds is emptied
MADE = """{pad}made = blank(Tensor)
{pad}made._v = value
{pad}made._s = spec
{pad}if {recorded}:
{pad}    frame = _getframe(1)
{pad}    code = frame.f_code
{pad}    if id(code) in INSIDE:
{pad}        frame = outside(frame)
{pad}        code = frame.f_code
{pad}    rows.extend(({opcode}, {a}, {b}, {x}, {y}, code, frame.f_lasti))
{pad}    made._t = tape
{pad}    made._r = row
{pad}else:
{pad}    made._t = None
{pad}    made._r = 0
{pad}return made
"""


def scalar_text(row: Elementwise) -> str:
    """The expression for Python floats, with the functions of math under private names."""
    text = row.scalar
    return re.sub(r"\b([a-z]\w*)\(", r"math_\1(", text)


def one(row: Elementwise) -> str:
    """The recording function of a primitive of one input."""
    opcode, saved = OPCODES[row.name], row.saved[0]
    keeps = ("x" in saved) + 2 * ("y" in saved)
    x, y = ("x" if "x" in saved else "None"), ("value" if "y" in saved else "None")
    quick = "            if spec.light:\n"
    if row.scalar:
        risky = "/" in row.scalar or "(" in row.scalar.replace("fabs(", "")
        compute = f"value = {scalar_text(row)}"
        quick = "            if spec is SCALAR and type(x) is float:\n"
        quick += (
            f"                try:\n                    {compute}\n"
            f"                except (ValueError, OverflowError, ZeroDivisionError):\n                    value = float(_{row.name}[0](x))\n"
            if risky
            else f"                {compute}\n"
        )
        quick += "            elif spec.light:\n"
    place = PLACE.format(pad=" " * 8, home="home", row="a", t="input")
    body = MADE.format(pad=" " * 12, recorded="a", opcode=opcode, a="a", b="0", x=x, y=y)
    return f'''
_{row.name} = pair({row.name!r})


def {row.name}(input: Any, *, out: Any = None) -> Tensor:
    """{describe(row)}"""
    if out is not None:
        return written("{row.name}", out, {row.name}(input))
    tape = STATE.open
    if tape is not None:
        try:
            home, spec, x, rows = input._t, input._s, input._v, tape.rows
        except AttributeError:
            tape = None
            return elementwise_one({opcode}, input)
        row = len(rows)
{place}        if a >= 0 and (row < BRIEF or row < LIMIT and home is tape or not a):
{quick}                value = _{row.name}[spec.code](x)
            else:
                tape = home = None
                return elementwise_one({opcode}, input)
{body}    tape = home = None
    made = single({opcode}, input, _{row.name}, {keeps})
    return made if made is not None else elementwise_one({opcode}, input)
'''


def kept(row: Elementwise, name: str, value: str) -> str:
    """The saved value of one input of two, as an expression in the references ra and rb."""
    a, b = (name in saved for saved in row.saved)
    return value if a and b else f"{value} if ra else None" if a else f"{value} if rb else None" if b else "None"


def operator(row: Elementwise) -> str:
    """The operator method of one of the four arithmetic primitives."""
    sign, method = OPERATORS[row.name]
    opcode = OPCODES[row.name]
    compute, number = f"value = x {sign} y", f"value = x {sign} b"
    if sign == "/":
        compute = (
            "try:\n                        value = x / y\n"
            "                    except ZeroDivisionError:\n"
            f"                        tape = ta = tb = None\n                        return elementwise_two({opcode}, a, b)"
        )
        number = (
            "try:\n                    value = x / b\n                except ZeroDivisionError:\n"
            f"                    tape = ta = None\n                    return elementwise_two({opcode}, a, b)"
        )
    both = MADE.format(pad=" " * 20, recorded="ra or rb", opcode=opcode, a="ra", b="rb", x=kept(row, "a", "x"), y=kept(row, "b", "y"))
    a_saved, b_saved = "a" in row.saved[0], "b" in row.saved[0]
    mono = MADE.format(pad=" " * 16, recorded="ra", opcode=opcode, a="ra", b="0", x="x" if a_saved else "None", y="b" if b_saved else "None")
    return f'''

def {method}(a: Any, b: Any) -> Any:
    """a {sign} b, elementwise."""
    tape = STATE.open
    if tape is not None:
        ta, spec, x, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
{PLACE.format(pad=" " * 8, home="ta", row="ra", t="a")}        if type(b) is Tensor:
            if ra >= 0 and spec is b._s:
                tb, y = b._t, b._v
{PLACE.format(pad=" " * 16, home="tb", row="rb", t="b")}                if (
                    rb >= 0 and (row < BRIEF or row < LIMIT and (ta is tape or tb is tape) or not (ra or rb))
                    and (spec.light or type(x) is type(y) is float)
                ):
                    {compute}
{both}                tb = None
        elif (type(b) is float or type(b) is int) and ra >= 0:
            if (row < BRIEF or row < LIMIT and ta is tape or not ra) and (spec.light or type(x) is float):
                b = float(b)
                {number}
{mono}        ta = None
    tape = None
    if type(b) is float or type(b) is int:
        made = with_number({opcode}, a, float(b))
        if made is not None:
            return made
    return elementwise_two({opcode}, a, b)
'''


def reflected(row: Elementwise) -> str:
    """The operator method for a number on the left."""
    sign, method = OPERATORS[row.name]
    opcode = OPCODES[{"sub": "sub:Rsub1", "div": "div:Mul"}.get(row.name, row.name)]
    compute = f"value = b {sign} y"
    if sign == "/":
        compute = (
            "try:\n                value = b / y\n            except ZeroDivisionError:\n"
            f"                tape = ta = None\n                return elementwise_two({opcode}, b, a)"
        )
    x = "b" if "a" in row.saved[1] else "None"
    y = "y" if "b" in row.saved[1] else "None"
    body = MADE.format(pad=" " * 12, recorded="rb", opcode=opcode, a="0", b="rb", x=x, y=y)
    return f'''

def __r{method[2:]}(a: Any, b: Any) -> Any:
    """b {sign} a, elementwise, for b that is no Tensor."""
    tape = STATE.open
    if tape is not None and (type(b) is float or type(b) is int):
        ta, spec, y, rows = a._t, a._s, a._v, tape.rows
        row = len(rows)
{PLACE.format(pad=" " * 8, home="ta", row="rb", t="a")}        if rb >= 0 and (row < BRIEF or row < LIMIT and ta is tape or not rb) and (spec.light or type(y) is float):
            b = float(b)
            {compute}
{body}        ta = None
    tape = None
    return elementwise_two({opcode}, b, a)
'''


def two(row: Elementwise) -> str:
    """The function of a primitive of two inputs that has no operator."""
    return f'''

def {row.name}(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """{describe(row)}"""
    made = double({OPCODES[row.name]}, input, other)
    if made is None:
        made = elementwise_two({OPCODES[row.name]}, input, other)
    if made is NotImplemented:
        raise TypeError(f"{row.name}: got {{type(input).__name__}} and {{type(other).__name__}}; wanted Tensors, arrays or numbers")
    return made if out is None else written("{row.name}", out, made)
'''


def describe(row: Elementwise) -> str:
    """The docstring, from the row."""
    arguments = ", ".join(row.inputs)
    value = row.value if not row.value.startswith("np.") else f"{row.value}({arguments})"
    rules = "; ".join(
        f"d/d{name}: {rule.replace('g*', '') if rule else 'none'}" for name, rule in zip(row.inputs, row.rules, strict=True)
    )
    kinks = f"\n    At the kink: {row.kinks}." if row.kinks else ""
    shapes = "a Tensor or number of any shape" if len(row.inputs) == 1 else "Tensors or numbers whose shapes broadcast"
    where = "input" if len(row.inputs) == 1 else "input, other"
    return (
        f"{value}, elementwise. Pullback of a cotangent g, {rules}.{kinks}\n\n"
        f"    {where} ({row.args.replace(' ', ', ')} in the formulas): {shapes}; integers are computed in the default dtype where the result is\n"
        f"    not an integer. Reference: {row.reference}.\n    "
    )


def text() -> str:
    """The whole generated file."""
    rows = table.ELEMENTWISE
    functions = sorted({name for r in rows for name in re.findall(r"\b([a-z]\w*)\(", r.scalar) if hasattr(math, name)})
    parts = [HEAD.format(mathematics="\n".join(f"from math import {name} as math_{name}" for name in functions))]
    for row in rows:
        parts.append(one(row) if len(row.inputs) == 1 else operator(row) + reflected(row) if row.name in OPERATORS else two(row))
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(text())
    print(f"wrote {TARGET.name}: {len(table.ELEMENTWISE)} primitives")
