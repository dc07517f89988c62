"""Indexing: `x[key]` in all its forms; what takes, puts, chooses and sorts by index stands beside and is passed on here.

Basic keys (ints, slices with positive step, None, Ellipsis) give views, all others copies. The path of a basic key seen before is
short: a plan by shape and key says how to index, what to record and what the result is. `METHODS` lists what becomes a Tensor
method. Imports basic, keys, picking, choosing, sorting; pullbacks are in tape/adjoints/indexing.
"""

from __future__ import annotations

from collections.abc import Iterator
from sys import _getframe
from typing import Any
from weakref import ref

from compiled_ops.rows import OPCODES
from tape.columns import LIMIT, standing
from tape.functions import choosing, picking, sorting
from tape.functions.basic import Plan, element, plan_of
from tape.functions.choosing import clamp, clamp_max, clamp_min, clip, masked_fill, safe_math, where
from tape.functions.joining import unbind
from tape.functions.keys import ITEMS, plain_key
from tape.functions.picking import (
    diag,
    diagonal,
    gather,
    index_add,
    index_select,
    masked_select,
    scatter_add,
    take,
    take_along_dim,
    take_at,
    tril,
    triu,
)  # fmt: skip
from tape.functions.sorting import argsort, msort, sort, topk
from tape.places import INSIDE, outside
from tape.spec import SCALAR, Spec
from tape.state import STATE
from tape.tensor import Tensor, blank, share
from tape.views import view

SLICE, SELECT, UNSQUEEZE, ALIAS = (OPCODES[f"getitem{n}"] for n in ("", ":Select", ":Unsqueeze", ":Alias"))
PLANS: dict[tuple, Plan] = {}  # by Spec and index; emptied when full
PLAN_LIMIT = 8192


def getitem(self: Tensor, key: Any) -> Tensor:
    """self[key]: a view for ints, slices, None and Ellipsis, else a copy.

    IndexError out of range, for too many indices and for a mask of another shape; ValueError for a step that is not positive.

    >>> import tape
    >>> x = tape.arange(6.0).reshape(2, 3)
    >>> x[:, x[0] > 0]
    tensor([[1., 2.],
            [4., 5.]])
    """
    kind, spec = type(key), self._s
    if kind is int:
        plan = element(spec, key) if spec.ndim == 1 and spec.code == 0 else PLANS.get((spec, key))
    elif kind is slice:
        try:
            plan = PLANS.get((spec, key.start, key.stop, key.step))
        except TypeError:
            plan = None
    elif kind is tuple and ITEMS.issuperset(map(type, key)):
        plan = PLANS.get((spec, tuple([(k.start, k.stop, k.step) if type(k) is slice else k for k in key])))
    else:
        plan = PLANS.get((spec, (key,))) if key is None or key is Ellipsis else None
    tape, values = STATE.open, self._v
    if plan is None or tape is None or type(values) is float:
        tape = None
        return _careful(self, key)
    row = standing(self, tape)
    rows = tape.rows
    if row < 0 or len(rows) >= LIMIT:
        tape = None
        return _careful(self, key)
    quick, op, x, y, out, chain = plan
    made = blank(Tensor)
    made._v = values.item(quick) if out is SCALAR else values[quick]
    made._s = out
    if row:
        frame = _getframe(1)
        if id(frame.f_code) in INSIDE:
            frame = outside(frame)
        made._r = len(rows)
        rows.extend((op, row, 0, x, y, frame.f_code, frame.f_lasti))
        made._t = tape
    else:
        made._t, made._r = None, 0
    base = getattr(self, "_root", None)
    if base is None:
        made._root, made._chain = base, chain = self, chain
    else:
        made._root, made._chain = base, self._chain + chain
    try:
        views = base._views
    except AttributeError:
        views = base._views = []
    views.append(ref(made))
    count = len(views)
    if count > 64 and not count & count - 1:
        views[:] = [reference for reference in views if reference() is not None]
    return made


def _careful(self: Tensor, key: Any) -> Tensor:
    """self[key] in any mode, for any key."""
    plain, basic = plain_key(self._s, key)
    if not basic:
        return take_at(self, plain)
    plan = plan_of(self._s, plain, _label(self._s, plain, key))
    _keep(self._s, key, plan)
    return view(self, plan[1], share(self)[plain], plan[2], plan[3])


def _keep(spec: Spec, key: Any, plan: Plan) -> None:
    """Remember the plan of a key that consists of plain ints, slices of them, None and Ellipsis."""
    items = key if type(key) is tuple else (key,)
    for item in items:
        plain = (item.start, item.stop, item.step) if type(item) is slice else ()
        if type(item) not in ITEMS or not all(type(each) in (int, type(None)) for each in plain):
            return
    parts = [(k.start, k.stop, k.step) if type(k) is slice else k for k in items]
    if len(PLANS) >= PLAN_LIMIT:
        PLANS.clear()
    if type(key) is int:
        PLANS[spec, key] = plan
    elif type(key) is slice:
        PLANS[spec, key.start, key.stop, key.step] = plan
    else:
        PLANS[spec, tuple(parts)] = plan


def _label(spec: Spec, plain: tuple, key: Any) -> int:
    """What PyTorch calls the last step of an index: full slices are none, except alone."""
    if type(key) is slice:
        return SLICE
    op, dim = ALIAS, 0
    left = spec.ndim - sum(item is not None and item is not Ellipsis for item in plain)
    for item in plain:
        if item is None:
            op = UNSQUEEZE
        elif item is Ellipsis:
            dim += left
        elif type(item) is int:
            op, dim = SELECT, dim + 1
        else:
            extent = spec.shape[dim]
            op, dim = op if item.indices(extent) == (0, extent, 1) else SLICE, dim + 1
    return op


def iterate(self: Tensor) -> Iterator[Tensor]:
    """Views of the entries along the first dimension. TypeError for a 0-d tensor."""
    if not self._s.ndim:
        raise TypeError("iterating over a 0-d tensor; it has no dimension to iterate along")
    return iter(unbind(self))


METHODS = {"__getitem__": getitem, "__iter__": iterate, **picking.METHODS, **choosing.METHODS, **sorting.METHODS}

__all__ = [
    "METHODS", "argsort", "clamp", "clamp_max", "clamp_min", "clip", "diag", "diagonal", "gather", "index_add",
    "index_select", "masked_fill", "masked_select", "msort", "safe_math", "scatter_add", "sort", "take",
    "take_along_dim", "topk", "tril", "triu", "where",
]  # fmt: skip
