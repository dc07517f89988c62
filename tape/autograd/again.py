"""Values that a Function's `forward` made for itself and kept: what a double backward makes of them.

`forward` runs without recording, so an intermediate value on the context has no history, and a gradient of the backward through it would
silently be missing. `remember` notes how to run such a call again; `with_histories` does so, recording, when a backward is itself
differentiated, and gives a context whose intermediates have their history. What comes out otherwise than the first time, or lost its
history on the way (through `detach` or NumPy), stands on a row whose derivative is an error.
Invariant: a call that keeps inputs and outputs only pays nothing. Imports calls; imported by function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tape.autograd.calls import INPUT, OTHER, Call, Kept, refused
from tape.columns import Tape
from tape.state import change
from tape.tensor import Tensor, wrap
from tape.traced import Traced

_OWN = frozenset({"to_save", "saved_for_forward", "dirty_tensors", "non_differentiable", "needs_input_grad", "_call", "_metadata"})


class Again:
    """How to run a forward again: the Function and its arguments, None in the place of those where it cannot be."""

    __slots__ = ("cls", "args", "kwargs", "names")

    def __init__(self, cls: Any, args: tuple | None, kwargs: dict, names: list[str]) -> None:
        self.cls, self.args, self.kwargs, self.names = cls, args, kwargs, names


def _bare(t: Any) -> bool:
    """Whether this is a Tensor that could have a history and has none."""
    return isinstance(t, Tensor) and t._t is None and t._s.dtype.kind in "fcV"


def _found(value: Any, test: Callable[[Any], bool]) -> bool:
    return test(value) or type(value) in (tuple, list) and any(test(v) for v in value)


def remember(ctx: Any, cls: Any, args: tuple, kwargs: dict, outputs: list) -> None:
    """Note how to run a call again, if its context keeps Tensors that are neither inputs nor outputs."""
    call, known = ctx._call, [*args, *outputs]

    def own(t: Any) -> bool:
        return _bare(t) and not any(t is k for k in known)

    names = [name for name, value in ctx.__dict__.items() if name not in _OWN and _found(value, own)]
    if not names and not any(t is not None and t.kind == OTHER and not t.row and _bare(t.root) and own(t.root) for t in call.kept):
        return
    kept: list[Any] = []
    for a in args:
        if isinstance(a, Tensor) and a._t is not None:
            kept.append(Kept(a, INPUT, sum(isinstance(k, Kept) or isinstance(k, Tensor) for k in kept)))
            kept[-1].root = None
        else:
            kept.append(a)
    call.again = Again(cls, None if ctx.dirty_tensors else tuple(kept), kwargs, names)


def origins(call: Call) -> list[Tensor]:
    """Handles on the Tensor inputs that need a gradient."""
    tape, found = call.home(), []
    for row in call.origins():
        if row:
            t = wrap(0.0)
            t._t, t._r = tape, row
            found.append(t)
    return found


def with_histories(ctx: Any) -> Any:
    """A context like this one, whose intermediates have their history."""
    call, how = ctx._call, ctx._call.again
    fresh, lost = _run(ctx, how) if how.args is not None else (None, True)
    sources = origins(call)
    reason = f"{type(ctx).__name__} keeps a value that forward computed, which has no history to differentiate through; save inputs and outputs only"

    def renewed(old: Any, new: Any) -> Any:
        if type(old) in (tuple, list):
            several = new if type(new) is type(old) and len(new) == len(old) else [None] * len(old)
            return type(old)(renewed(o, n) for o, n in zip(old, several, strict=True))
        if not _bare(old):
            return old
        if isinstance(new, Tensor) and new._s is old._s and _equal(new._v, old._v):
            return new if new._t is not None or not lost else refused(sources, old, reason)
        return old if isinstance(new, Tensor) and new._t is None and not lost else refused(sources, old, reason)

    made = type(ctx)()
    made.__dict__.update(ctx.__dict__)
    for name in how.names:
        setattr(made, name, renewed(getattr(ctx, name), getattr(fresh, name, None)))
    made._call = twin = Call.__new__(Call)
    for name in ("count", "places", "specs_in", "specs_out", "tape", "number", "row", "rows"):
        setattr(twin, name, getattr(call, name))
    twin.again = None
    twin.kept = list(call.kept)
    saved = fresh.to_save if fresh is not None and fresh.to_save is not None else ()
    for k, kept in enumerate(twin.kept):
        if kept is not None and kept.kind == OTHER and not kept.row:
            old = call.kept_tensor(kept)
            twin.kept[k] = Kept(renewed(old, saved[k] if k < len(saved) else None), OTHER, 0)
    return made


def _equal(new: Any, old: Any) -> bool:
    return type(new) is Traced or type(old) is Traced or bool(np.array_equal(new, old, equal_nan=True))


def _run(ctx: Any, how: Again) -> tuple[Any, bool]:
    """Run the forward again, recording. Returns its context and whether anything left the history on the way."""
    call, cls = ctx._call, how.cls
    args = tuple(call.kept_tensor(a) if type(a) is Kept else a for a in how.args or ())
    fresh = cls._backward_cls()
    fresh.needs_input_grad = ctx.needs_input_grad
    leaving: list[Tensor] = []
    separate = cls.gives("setup_context")
    before = change(grad=not separate, leaving=leaving, saving=None)
    try:
        if separate:
            output = cls.forward(*args, **how.kwargs)
            change(grad=True)
            cls.setup_context(fresh, args, _as_recorded(call, output))
        else:
            cls.forward(fresh, *args, **how.kwargs)
    finally:
        change(**before)
    return fresh, bool(leaving)


def _as_recorded(call: Call, output: Any) -> Any:
    """Outputs with the history that those of the call have."""
    tape: Tape | None = call.home()
    outputs = output if type(output) is tuple else (output,)
    made = []
    for k, y in enumerate(outputs):
        if isinstance(y, Tensor) and k in call.rows:
            y = wrap(y._v)
            y._t, y._r = tape, call.rows[k]
        made.append(y)
    return tuple(made) if type(output) is tuple else made[0]


__all__ = ["origins", "remember", "with_histories"]
