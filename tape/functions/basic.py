"""Basic indexing: what an index of ints, slices, None and Ellipsis shows of a tensor, worked out once for each shape and index.

`plan_of` gives the plan of an index, `part` the view. A key here is a tuple of valid items with exactly one Ellipsis, so that NumPy
answers with an array even for one element. A plan says whether the region is contiguous in C order of the input: then a compiled
sweep adds the gradient there by itself. `shown` makes a view of any kind by its plan. Imports views; imported by indexing, shape, joining.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any
from weakref import ref

import numpy as np

from compiled_ops.layout import OFFSET_SHIFT
from compiled_ops.rows import OPCODES
from tape.columns import LIMIT, standing
from tape.places import outside
from tape.spec import SCALAR, Spec, intern
from tape.state import STATE
from tape.tensor import Tensor, blank, share
from tape.views import view, view_value

_SELECT = OPCODES["getitem:Select"]
# quick (what to index an array with, or give to item()), opcode, x, y, Spec of the result, chain of a first view
Plan = tuple[Any, int, int | None, tuple, Spec, tuple]


@view_value("getitem")
def _getitem_value(values: np.ndarray, params: tuple) -> np.ndarray:
    return values[params[1]]


def plan_of(spec: Spec, key: tuple, op: int) -> Plan:
    """How to index values of `spec` with `key`, to be recorded as `op`."""
    shape: list[int] = []
    regions: list[tuple[int, int, int]] = []  # start, count, step along each dimension of the input
    left = spec.ndim
    for item in key:
        left -= item is not None and item is not Ellipsis
    for item in key:
        if item is None:
            shape.append(1)
        elif item is Ellipsis:
            for extent in spec.shape[len(regions) : len(regions) + left]:
                shape.append(extent)
                regions.append((0, extent, 1))
        elif type(item) is slice:
            extent = spec.shape[len(regions)]
            start, stop, step = item.indices(extent)
            count = len(range(start, stop, step))
            shape.append(count)
            regions.append((start, count, step))
        else:
            regions.append((item + spec.shape[len(regions)] if item < 0 else item, 1, 1))
    x, out = _region(spec, regions), intern(tuple(shape), spec.dtype)
    params = (spec, key)
    return _quick(key, out), op, x, params, out, ((op, x, params),)


def element(spec: Spec, key: int) -> Plan | None:
    """The plan of one element of a float64 vector, which loops ask for by ever other numbers; None out of range."""
    if not -spec.size <= key < spec.size or spec.number >> OFFSET_SHIFT:
        return None
    x, params = spec.number | key % spec.size << OFFSET_SHIFT, (spec, (key, Ellipsis))
    return key, _SELECT, x, params, SCALAR, ((_SELECT, x, params),)


def _region(spec: Spec, regions: list[tuple[int, int, int]]) -> int | None:
    """x for a region that is contiguous in C order of the input: full in the inner dimensions, one run, single in the outer ones."""
    offset, stride, full, elements = 0, 1, True, 1
    for (start, count, step), extent in zip(reversed(regions), reversed(spec.shape), strict=True):
        if count > 1 and (step != 1 or not full):
            return None
        full = full and count == extent
        offset += start * stride
        stride *= extent
        elements *= count
    return spec.number | (offset if elements else 0) << OFFSET_SHIFT if spec.number >> OFFSET_SHIFT == 0 else None


def _quick(key: tuple, out: Spec) -> Any:
    """The cheapest form of a key: for `item()` where the result is a float, without a needless Ellipsis elsewhere."""
    if out is SCALAR:
        ints = tuple([item for item in key if type(item) is int])
        return ints[0] if len(ints) == 1 else ints
    if not out.ndim or key[-1] is not Ellipsis or len(key) == 1:
        return key
    return key[0] if len(key) == 2 else key[:-1]


def shown(t: Tensor, plan: Plan, value: np.ndarray) -> Tensor:
    """The Tensor of a view `value` of `t`: recorded here where recording is plain, by tape/views otherwise."""
    tape = STATE.open
    _, op, x, y, out, chain = plan
    row = -1 if tape is None else standing(t, tape)
    if tape is None or row < 0 or len(tape.rows) >= LIMIT:
        tape = None
        return view(t, op, value, x, y)
    made = blank(Tensor)
    made._v, made._s = value.item() if out is SCALAR else value, out
    if row:
        made._t, made._r = tape, len(tape.rows)
        frame = outside(_getframe(1))
        tape.rows.extend((op, row, 0, x, y, frame.f_code, frame.f_lasti))
    else:
        made._t, made._r = None, 0
    enlist(t, made, chain)
    return made


def enlist(t: Tensor, made: Tensor, chain: tuple) -> None:
    """Let `made` be a view of `t`, by the operations of `chain`."""
    base = getattr(t, "_root", None)
    if base is None:
        made._root, made._chain = base, chain = t, chain
    else:
        made._root, made._chain = base, t._chain + chain
    try:
        views = base._views
    except AttributeError:
        views = base._views = []
    views.append(ref(made))
    count = len(views)
    if count > 64 and not count & count - 1:  # at each power of two: the dead ones go
        views[:] = [reference for reference in views if reference() is not None]


def part(t: Tensor, key: tuple, op: int, several: bool = False) -> Tensor:
    """The view that a valid key gives, recorded as `op`; `several`: one of many outputs of one operation."""
    plan = plan_of(t._s, key, op)
    return view(t, op, share(t)[key], plan[2], plan[3], several)
