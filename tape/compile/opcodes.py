"""The rows of programs: which opcodes there are, what each computes on plain arrays, and what its parameters mean.

A program row is an opcode, up to three inputs (further ones apart), parameters and a Spec. Elementwise primitives keep their opcode
from the table; the others stand here. `VALUE[op](params, *arrays)` is what the row means, written with NumPy: every tier must agree
with it. Invariant: rows are pure (a write to memory is an `overwrite` row that gives a new value); inputs of elementwise rows
broadcast and have the dtype of the result, but for the mask of `select` and the input of `cast`.
Imports NumPy and the table. Imported by everything in this package.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops import table  # noqa: F401  (fills the registry)
from compiled_ops.rows import OPCODES, PRIMITIVES, Elementwise
from tape import values
from tape.spec import FLOAT64
from tape.sums import add_up

_FIRST = 1000  # above every opcode of the table
NAMES: dict[int, str] = {}
VALUE: dict[int, Callable[..., Any]] = {}
# Opcodes by what they do with shapes; passes and tiers ask for the group, not for the single row.
ELEMENTWISE: set[int] = set()  # one output element from the elements at the same place
COMPARISONS: set[int] = set()  # elementwise, two inputs of one dtype, a boolean result
LOGICAL: set[int] = set()  # elementwise, booleans
VIEWS: set[int] = set()  # the same elements, or some of them, found at other places: no arithmetic
REDUCTIONS: set[int] = set()  # params (dims, keepdims)


def _opcode(name: str, value: Callable[..., Any], *groups: set[int]) -> int:
    number = _FIRST + len(NAMES)
    NAMES[number], VALUE[number] = name, value
    for group in groups:
        group.add(number)
    return number


def _table_value(name: str) -> Callable[..., Any]:
    def value(params: Any, *inputs: Any) -> Any:
        """0-d float64 values take the scalar function in every tier, arrays the array function."""
        if inputs[0].dtype == FLOAT64 and not any(x.ndim for x in inputs):
            numbers = [float(x) for x in inputs]
            return values.one(name, *numbers) if len(numbers) == 1 else values.two(name, *numbers, FLOAT64)
        return values.two(name, *inputs, inputs[0].dtype) if len(inputs) > 1 else values.one(name, *inputs)

    return value


def _assemble(params: Any, *elements: Any) -> np.ndarray:
    shape, places, dtype = params
    whole = np.zeros(shape, dtype)
    whole.reshape(-1)[list(places)] = elements
    return whole


def _scatter(params: Any, part: np.ndarray) -> np.ndarray:
    shape, key = params
    whole = np.zeros(shape, part.dtype)
    whole[key] = part
    return whole


def _overwrite(key: Any, base: np.ndarray, part: np.ndarray) -> np.ndarray:
    whole = base.copy()
    whole[key] = part
    return whole


def _reduction(ufunc: Any) -> Callable[..., Any]:
    return lambda params, x: ufunc.reduce(x, axis=params[0], keepdims=params[1])


# fmt: off
INPUT = _opcode("input", lambda params: params)        # params: its place among the inputs
CONSTANT = _opcode("constant", lambda params: params)  # params: the ndarray, read anew at every replay
LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL = (
    _opcode(f.__name__, lambda p, a, b, f=f: f(a, b), ELEMENTWISE, COMPARISONS)
    for f in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal))
AND, OR, XOR, NOT = (
    _opcode(f.__name__, lambda p, *v, f=f: f(*v), ELEMENTWISE, LOGICAL)
    for f in (np.logical_and, np.logical_or, np.logical_xor, np.logical_not))
ISNAN, ISINF, ISFINITE = (_opcode(f.__name__, lambda p, x, f=f: f(x), ELEMENTWISE) for f in (np.isnan, np.isinf, np.isfinite))
SELECT = _opcode("select", lambda p, mask, a, b: np.where(mask, a, b), ELEMENTWISE)
CAST = _opcode("cast", lambda dtype, x: x.astype(dtype), ELEMENTWISE)  # params: the dtype
STRONG = _opcode("strong", lambda p, g, found: np.where(np.not_equal(g, 0), found, np.zeros((), found.dtype)), ELEMENTWISE)
RESHAPE = _opcode("reshape", lambda shape, x: np.reshape(x, shape), VIEWS)
PERMUTE = _opcode("permute", lambda dims, x: np.transpose(x, dims), VIEWS)
EXPAND = _opcode("expand", lambda shape, x: np.broadcast_to(x, shape), VIEWS)
INDEX = _opcode("index", lambda key, x: x[key], VIEWS)                 # params: ints, slices (any sign of step) and None, one an axis
SCATTER = _opcode("scatter", _scatter)                                # params: (shape, key); zeros with the input at a basic key
OVERWRITE = _opcode("overwrite", _overwrite)                          # params: a basic key; the first input with the second there
ASSEMBLE = _opcode("assemble", _assemble)                             # params: (shape, places, dtype); 0-d inputs at flat places of zeros
SUM = _opcode("sum", lambda params, x: add_up(x, params[0], params[1]), REDUCTIONS)
PROD = _opcode("prod", _reduction(np.multiply), REDUCTIONS)
AMAX = _opcode("amax", _reduction(np.maximum), REDUCTIONS)
AMIN = _opcode("amin", _reduction(np.minimum), REDUCTIONS)
ANY = _opcode("any", _reduction(np.logical_or), REDUCTIONS)
ALL = _opcode("all", _reduction(np.logical_and), REDUCTIONS)
MATMUL = _opcode("matmul", lambda p, a, b: np.matmul(a, b))
CONCATENATE = _opcode("concatenate", lambda axis, *parts: np.concatenate(parts, axis))
CALL = _opcode("call", lambda call, *inputs: call(*inputs))           # params: a `Call`; the result may be a tuple
ITEM = _opcode("item", lambda k, several: several[k])                 # params: which output of a call
GUARD = _opcode("guard", lambda guard, *inputs: guard.check(*inputs)) # params: a `Guard`; gives nothing
# fmt: on

for _name, _row in PRIMITIVES.items():
    if isinstance(_row, Elementwise):
        NAMES[OPCODES[_name]], VALUE[OPCODES[_name]] = _name, _table_value(_name)
        ELEMENTWISE.add(OPCODES[_name])

ARITHMETIC = {op for op in ELEMENTWISE if op < _FIRST}  # the primitives of the table: inputs and result have one dtype


def name_of(op: int) -> str:
    """What a row is called: "mul", "index", "call"."""
    return NAMES[op]
