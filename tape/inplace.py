"""In-place operations: new values in the same memory, and a history that says so.

`update(t, f, *others)` makes the in-place twin of any operation; tape/assignment has `t[key] = value`. The new value is computed
first and out of place, then checked, then written; so an error leaves data and history untouched, and what rows saved before is
copied where it must survive. A 0-d float lives in its handle and is replaced, not overwritten.
Imports views, versions, record; its functions become Tensor methods.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np

from compiled_ops.layout import OFFSET_SHIFT
from compiled_ops.rows import OPCODES
from tape import versions
from tape.columns import Mark, Tape
from tape.dtypes import can_cast
from tape.elements import memory_of
from tape.errors import InPlaceError, ShapeError
from tape.hooks import of_row
from tape.outputs import entitle
from tape.record import CAST_IMPLICIT, as_tensor, broadcast, cast, expand, record
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor, array, blank, share, wrap
from tape.traced import Traced, copy_of, leader
from tape.views import CUSTOM, NO_GRAD, SEVERAL, base_of, follow, links, look, renew, renewed

OVERWRITE, INDEX_PUT, COPY = OPCODES["overwrite"], OPCODES["overwrite:IndexPut"], OPCODES["overwrite:CopyBackwards"]
FILL, ZERO = OPCODES["fill"], OPCODES["fill:Zero"]
_ALONE_FLOAT = 2  # references to a float that only its Tensor holds, seen from `write`
_ALONE = 3  # references to a value that only its Tensor holds, seen from `_known_elsewhere`


def allowed(t: Tensor, name: str, others: tuple = (), uniform: bool = False) -> None:
    """Raise where a Tensor must not be written in place, from these operands. `uniform`: every element gets the same value."""
    base = base_of(t)
    recording = STATE.grad and not STATE.inference
    if recording:
        if type(t._t) is Mark or (base is not None and type(base._t) is Mark):
            what = "a leaf that requires grad" if type(t._t) is Mark else "a view of a leaf that requires grad"
            raise InPlaceError(f"{name} on {what}; write under no_grad(), or to a clone()")
        chain = getattr(t, "_chain", ())
        if t._t is None and (base is None or base._t is None) and not any([isinstance(each, Tensor) and each._t is not None for each in others]):
            chain = ()  # no history to lose
        if SEVERAL in chain:
            raise InPlaceError(f"{name} on one of several views that one operation made; write to a clone(), or index the base instead")
        if CUSTOM in chain:
            raise InPlaceError(f"{name} on a view that a Function returned, whose backward would be passed over; write to a clone()")
        if NO_GRAD in chain:
            raise InPlaceError(f"{name} on a view made under no_grad(), with gradients on; make the view with gradients on")
    if t.is_inference() and not STATE.inference:
        raise InPlaceError(f"{name} on an inference tensor outside inference mode; clone() it first")
    if type(t._v) is np.ndarray and 0 in t._v.strides and t._v.size > 1 and not uniform and _overlaps(t._v):
        raise InPlaceError(f"{name} on an expanded tensor, whose elements share memory; clone() it first")


def _overlaps(values: np.ndarray) -> bool:
    return any(stride == 0 and extent > 1 for stride, extent in zip(values.strides, values.shape, strict=True))


def shares_badly(t: Tensor, other: Tensor) -> bool:
    """Whether two Tensors share some memory, but not element for element."""
    a, b = memory_of(t._v), memory_of(other._v)
    if type(a) is float or type(b) is float or not np.may_share_memory(a, b):
        return False
    same = a.strides == b.strides and a.shape == b.shape and a.__array_interface__["data"] == b.__array_interface__["data"]
    return not same and np.shares_memory(a, b)


def before_write(t: Tensor) -> Tensor:
    """A handle on what `t` is before the write, with a value that the write does not reach where a gradient may need it."""
    old = blank(Tensor)
    old._s, old._t, old._r = t._s, t._t, t._r
    if type(t._t) is Tape and t._r in t._t.hooks and (base := base_of(t)) is not None and STATE.grad and not STATE.inference:
        fresh = follow(base, links(t))  # a write through a view goes around the view itself, and so around its hooks
        old._t, old._r = fresh._t, fresh._r
    old._v = t._v if type(t._v) is float or not STATE.grad else t._v.copy()
    if STATE.dual:
        old._tangent = getattr(t, "_tangent", None)
    return old


def update(t: Tensor, name: str, f: Callable[..., Any], *others: Any, **options: Any) -> Tensor:
    """t = f(t, *others), written into the memory of `t`; returns `t`."""
    allowed(t, name, others, name in ("fill_", "zero_"))
    for other in (*others, *options.values()):
        if isinstance(other, Tensor) and other is not t and shares_badly(t, other):
            raise InPlaceError(f"{name}: the tensor written to and an operand overlap in memory; clone() the operand")
    made = f(before_write(t), *others, **options)
    if made is NotImplemented:
        return made
    if made._s.shape != t._s.shape:
        raise RuntimeError(f"{name}: the result has shape {made._s.shape}, but the tensor written to keeps its shape {t._s.shape}")
    if not can_cast(made._s.dtype, t._s.dtype):
        raise RuntimeError(f"{name}: the result is {made._s.dtype}, which cannot be stored in a tensor of {t._s.dtype}")
    write(t, cast(made, t._s.dtype, CAST_IMPLICIT))
    return t


def write(t: Tensor, made: Tensor, key: Any = None, winners: Any = None, advanced: bool = False) -> None:
    """Write the values of `made` to `t`, or to the part of it at `key`, and let history follow."""
    base = base_of(t)
    trace = leader(made._v, key) or (STATE.trace if type(made._v) is Traced else None)
    if trace is not None:
        _take_traced(t if base is None else base, trace, made._v, key)
    if STATE.dual and base is None and key is None:
        t._tangent = getattr(made, "_tangent", None)
    if type(t._v) is float and base is None and key is None:
        if getrefcount(t._v) > _ALONE_FLOAT and t._t is not None:
            versions.replaced(t, made)
        t._v = made._v if type(made._v) is Traced else float(made._v)
        t._writes = getattr(t, "_writes", 0) + 1
        if STATE.grad and not STATE.inference:
            stand(t, made)
        return
    if type(t._v) is Traced and base is None and key is None and t._t is None and t._v.alone():
        t._v = made._v
        t._writes = getattr(t, "_writes", 0) + 1
        if STATE.grad and not STATE.inference:
            stand(t, made)
        return
    root = t if base is None else base
    chain = links(t) if base is not None else []
    recording = STATE.grad and not STATE.inference and (made._t is not None or root._t is not None)
    target = look(share(root), chain) if base is not None else share(t)
    if type(target) is np.ndarray and not target.flags.writeable:
        target = _writable(target)
    if type(target) is np.ndarray and type(made._v) is not Traced and not STATE.dual and STATE.trace is None:
        _write_at_once(root, target, made, ... if key is None else key, recording, base is None and key is None,
                       (root._s, tuple(chain), key, winners), INDEX_PUT if advanced else OVERWRITE)  # fmt: skip
        return
    versions.wrote(target)
    if key is None:
        target[...] = made._v
    else:
        target[key] = made._v
    if base is not None or key is not None:
        if recording or STATE.dual:
            params = (root._s, tuple(chain), key, winners)
            history = record(INDEX_PUT if advanced else OVERWRITE, (root, made), root._v, None, params)
            if recording:
                stand(root, history)
            if STATE.dual:
                root._tangent = getattr(history, "_tangent", None)
    elif recording:
        stand(t, made)
    _renew_aliases(root)


def _write_at_once(root: Tensor, target: np.ndarray, made: Tensor, key: Any, recording: bool, whole: bool, params: tuple, op: int) -> None:
    """Write, and let the histories of `root` and its live views follow, in one step that no interrupt can tear: the rows are recorded before
    it, and Python looks for an interrupt only after a call has returned."""
    targets: list[Tensor] = []
    names: list[str] = []
    values: list[Any] = []
    floats = []
    if recording:
        history = made if whole else record(op, (root, made), root._v, region_of(root, target[key], made) if op == OVERWRITE else None, params)
        targets += (root, root)
        names += ("_t", "_r")
        values += (history._t, history._r)
    if getattr(root, "_views", None):
        history = history if recording else root
        for view, fresh in renewed(root, history, recording):
            if fresh is not None:
                targets += (view, view)
                names += ("_t", "_r")
                values += (fresh._t, fresh._r)
            if type(view._v) is float:
                floats.append((view, look(share(view._root), links(view))))
                targets.append(view)
                names.append("_v")
                values.append(floats[-1][1])
    kept = [t for t, name in zip(targets, names, strict=True) if name == "_t" and type(t._t) is Tape and t.retains_grad]
    before = [(t, t._t, t._r) for t in kept]
    written, follow = made._v, map(setattr, targets, names, values)
    keeps = recording and key is ... and type(made._t) is Tape and made._t.rows[made._r + 4] is written
    versions.wrote(target)
    target[key] = written
    list(follow)
    if keeps:  # the row saved its result: from now on what stands in the memory, so that a later write is noticed
        tape, place = made._t, made._r
        versions.excuse(target, tape, place)
        tape.rows[place + 4] = target
    for t, tape, row in before:
        _keep_on(t, tape, row)
    for view, part in floats:
        view._v = float(part)
        view._writes = getattr(view, "_writes", 0) + 1


def region_of(root: Tensor, part: Any, made: Tensor) -> int | None:
    """x of a row that writes `made` to a part of the memory of `root`: where it lies, if it is contiguous there."""
    values, number = root._v, made._s.number
    if type(values) is not np.ndarray or not isinstance(part, np.ndarray) or not (values.flags.c_contiguous and part.flags.c_contiguous):
        return None
    if not part.size or number >> OFFSET_SHIFT or not np.may_share_memory(values, part) or made._s.size != part.size:
        return None
    offset = part.__array_interface__["data"][0] - values.__array_interface__["data"][0]
    return number | offset // values.itemsize << OFFSET_SHIFT


def _writable(target: np.ndarray) -> np.ndarray:
    """The same memory, where it is read-only only because its elements share some."""
    storage = versions.storage_of(target)
    start = target.__array_interface__["data"][0] - storage.__array_interface__["data"][0]
    return np.ndarray(target.shape, target.dtype, storage, start, target.strides)


def rewritten(t: Tensor, made: Tensor) -> None:
    """The memory of `t` was written by other means, and `made` has the history of its values: let that of `t`, and of its base, follow."""
    base = base_of(t)
    if base is None:
        stand(t, made)
        _renew_aliases(t)
        return
    made._v = t._v.copy() if type(t._v) is np.ndarray else t._v
    stand(base, record(OVERWRITE, (base, made), base._v, None, (base._s, tuple(links(t)), None, None)))
    _renew_aliases(base)


def _take_traced(root: Tensor, trace: Any, *parts: Any) -> None:
    """A traced value is about to be written into the memory of `root`: it and its live views become traced."""
    if type(root._v) is Traced and (root._v.trace is trace or not trace.lasting or leader(root._v) is not None and root._v.trace.serial > trace.serial):
        if not root._v.trace.lasting or not root._v.trace.prepare(root._v, *parts):
            return
    elif trace.lasting:
        trace.written(root)
        root._v = trace.adopt(root._v, *parts)
    else:
        _adopt(root, trace)
    for reference in getattr(root, "_views", ()):
        t = reference()
        if t is not None and t._root is root:
            t._v = look(root._v, links(t))


def _adopt(root: Tensor, trace: Any) -> None:
    """Let the memory of `root` be traced by the recording of a program."""
    if type(root._v) is np.ndarray and _known_elsewhere(root):
        trace.refuse("it writes to memory that other arrays share, by numpy(), from_numpy() or detach(); write to a clone()")
    root._v = trace.adopt(root._v)


def _known_elsewhere(root: Tensor) -> bool:
    """Whether anything but this Tensor, its live views and constants of the recording refers to its memory."""
    values = root._v
    views = [t for t in (reference() for reference in getattr(root, "_views", ())) if t is not None and t._root is root]
    known = sum(type(t._v) is np.ndarray for t in views) + STATE.trace.constants.references(values)
    if isinstance(values.base, np.ndarray):
        return getrefcount(values) > _ALONE or getrefcount(values.base) > _ALONE - 1 + known
    return getrefcount(values) > _ALONE + known


def stand(t: Tensor, row: Tensor) -> None:
    """Let a Tensor stand on the row of another; a gradient that it retains is that of its new value."""
    if type(t._t) is Tape and t.retains_grad:
        tape, place = t._t, t._r
        t._t, t._r = row._t, row._r
        _keep_on(t, tape, place)
        return
    t._t, t._r = row._t, row._r


def _keep_on(t: Tensor, tape: Tape, row: int) -> None:
    """A Tensor that retains its gradient left this row: it retains that of the row where it stands now."""
    old = tape.hooks[row].kept
    old[:] = [reference for reference in old if reference() is not t]
    if type(t._t) is Tape:
        of_row(t._t, t._r).kept.append(weakref.ref(t))


def _renew_aliases(root: Tensor) -> None:
    if STATE.grad or getattr(root, "_views", None):
        renew(root)


def fits_memory(t: Tensor, value: Any) -> None:
    """RuntimeError for a complex number that a real tensor would cut; of a complex Tensor the real part is taken."""
    if isinstance(value, complex) and value.imag and t._s.dtype.kind != "c":
        raise RuntimeError(f"{value} does not fit into a tensor of {t._s.dtype}; give its real part")


def add_in_place(have: Tensor, g: Tensor) -> None:
    """have += g without history: what accumulation into `.grad` does."""
    if type(have._v) is float or type(have._v) is not type(g._v):
        have._v = have._v + (float(g._v) if type(g._v) is not Traced else g._v)
        have._writes = getattr(have, "_writes", 0) + 1
        return
    versions.wrote(have._v)
    np.add(have._v, g._v, out=have._v, casting="unsafe")


def detach(t: Tensor) -> Tensor:
    """The same memory without history; in-place writes to either are seen by both."""
    if STATE.leaving is not None and t._t is not None:
        STATE.leaving.append(t)
    made = wrap(share(t))
    made._v = t._v
    made._r = INFERENCE if t._r == INFERENCE else 0
    base = base_of(t)
    owner = t if base is None else base
    if not hasattr(owner, "_views"):
        owner._views = []
    made._views = owner._views
    return made


def detach_(t: Tensor) -> Tensor:
    """Make `t` a leaf in place. RuntimeError for views."""
    if base_of(t) is not None and not STATE.inference:
        raise InPlaceError("detach_() of a view; detach() gives a tensor of its own")
    if type(t._t) is Tape:
        t._t, t._r = None, 0
    elif t._t is not None:
        t._t = None
    if hasattr(t, "_tangent"):
        del t._tangent
    return t


def zero_(t: Tensor) -> Tensor:
    """Fill with zeros."""
    return update(t, "zero_", lambda old: _filled(old, as_tensor(0), ZERO))


def fill_(t: Tensor, value: Any) -> Tensor:
    """Fill with one value, a number or a 0-d Tensor."""
    given = as_tensor(value)
    if given is None or given._s.ndim:
        raise RuntimeError(f"fill_ takes a number or a 0-d tensor; got {value!r}")
    fits_memory(t, value)
    title = "FillBackward3" if isinstance(value, Tensor) else "FillBackward2"
    return update(t, "fill_", lambda old, given: entitle(_filled(old, given, FILL), title, (old, given) if isinstance(value, Tensor) else (old,)), given)


def _filled(old: Tensor, value: Tensor, op: int) -> Tensor:
    value = cast(value, old._s.dtype, CAST_IMPLICIT)
    if type(value._v) is Traced:
        made = copy_of(np.broadcast_to(value._v, old._s.shape))
    else:
        made = value._v if type(value._v) is float and not old._s.ndim else np.full(old._s.shape, value._v, old._s.dtype)
    return record(op, (old, value), made, None, (old._s,))


def copy_(t: Tensor, source: Any, non_blocking: bool = False) -> Tensor:
    """Take the values of another tensor, broadcast and cast."""
    def taken(old: Tensor, given: Any) -> Tensor:
        values = as_tensor(given)
        if values is None:
            raise TypeError(f"copy_ of {type(given).__name__}; give a Tensor")
        if broadcast("copy_", old._s.shape, values._s.shape) != old._s.shape:
            raise ShapeError(f"copy_: shape {values._s.shape} does not broadcast to the tensor's shape {old._s.shape}")
        made = expand(cast(values, old._s.dtype, CAST_IMPLICIT), old._s.shape)
        value = array(made).copy() if type(made._v) is not float else made._v
        return record(COPY, (old, made), value, None, (old._s, (), None, None))

    return update(t, "copy_", taken, source)
