"""The rules of elementwise primitives as Python functions: over Tensors, for complex inputs, and over plain arrays.

`rules(op)` gives what the table says as functions of (g, inputs..., y), `complex_rules(op)` the same for complex inputs, `value_rules(op)` over
ndarrays and what a program records; `harmless(op)` those that need no strong zero. Each is made once.
Imports the table and functions; imported by rerecord and forward mode.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, CONSTANTS, Elementwise
from tape import values
from tape.adjoints.complex import PULLED, PUSHED
from tape.functions import elementwise
from tape.functions.complex import conj
from tape.functions.indexing import where
from tape.traced import plain


@cache
def rules(op: int) -> tuple:
    """The rules of an elementwise primitive as Python functions of (g, inputs..., y), over Tensors."""
    row: Any = BY_OPCODE[op]
    names = {**{k: v for k, v in vars(elementwise).items() if not k.startswith("_")}, **CONSTANTS, "where": where}
    arguments = f"g, {', '.join(row.inputs)}" + (", y" if len(row.inputs) == 1 else "")
    return tuple(rule and eval(f"lambda {arguments}: {rule}", names) for rule in row.rules)


@cache
def harmless(op: int) -> tuple:
    """The rules of an elementwise primitive that are zero where the cotangent is, without being told."""
    return tuple(made for made, text in zip(rules(op), BY_OPCODE[op].rules, strict=True) if text in ("g", "-g", "0"))  # type: ignore[union-attr]


@cache
def complex_rules(op: int, pushed: bool = False) -> tuple:
    """The same for complex inputs. A holomorphic primitive's pullback is its rule at conjugated values, since the rule has real
    coefficients, and its pushforward the rule; the others have rules of their own."""
    found = (PUSHED if pushed else PULLED).get(BY_OPCODE[op].name)
    if found is not None:
        return found
    safe = harmless(op)
    return tuple(rule if pushed or rule is None or rule in safe else _conjugated(rule) for rule in rules(op))


@cache
def holomorphic(op: int) -> bool:
    """Whether a primitive is differentiable in every complex input."""
    return BY_OPCODE[op].name not in PULLED and None not in rules(op)


def _conjugated(rule: Any) -> Any:
    return lambda g, *kept: rule(g, *[None if each is None else conj(each) for each in kept])


@cache
def value_rules(op: int) -> tuple:
    """The same rules over plain values, for programs that are being recorded: no Tensor is made on the way."""
    def function(row: Elementwise) -> Any:
        if len(row.inputs) == 1:
            return lambda x: values.one(row.name, x)
        return lambda a, b: values.two(row.name, a, b, np.result_type(plain(a), plain(b)))

    row: Any = BY_OPCODE[op]
    names = {**{each.name: function(each) for each in BY_OPCODE.values() if isinstance(each, Elementwise)}, **CONSTANTS, "where": np.where}
    arguments = f"g, {', '.join(row.inputs)}" + (", y" if len(row.inputs) == 1 else "")
    return tuple(rule and eval(f"lambda {arguments}: {rule}", names) for rule in row.rules)
