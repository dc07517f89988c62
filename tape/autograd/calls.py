"""Calls of user Functions as rows: what a call saves, how its outputs stand on a tape, how a sweep runs its backward.

A call with one differentiable output is one row. With several, its row stands for a token without value, each output has a row that refers to
it, and the sweep keeps the outputs' gradients (`pending`) until all have come. `stand` records a call, `pulled` runs its backward.
Invariant: a context holds no Tensor of its own tape, but for what the user put there; it knows its tape weakly.
Imports record, versions, hooks, saving; imported by function and graph.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape import hooks as hooking
from tape import versions
from tape.adjoints import adjoint
from tape.columns import SPENT, Mark, Tape
from tape.errors import NotDifferentiableError, OverwrittenError, ShapeError, SpentError, at
from tape.record import FUNCTION, OUTPUT, append, cast, label_at
from tape.rerecord import references
from tape.saving import Packed, pack
from tape.spec import Spec
from tape.state import STATE
from tape.tensor import Tensor, blank, wrap

UNDIFFERENTIATED = OPCODES["undifferentiated"]
INPUT, RESULT, OTHER = "input", "output", "other"


class Kept:
    """A saved Tensor: its value, and where its history stands: with an input (`at` is its place among the Tensor inputs), with an output
    (`at` is its number), or elsewhere (`home`, `row`; `home` is None for the call's own tape)."""

    __slots__ = ("value", "kind", "at", "original", "home", "row", "tangent", "root")

    def __init__(self, t: Tensor, kind: str, position: int) -> None:
        self.kind, self.at, self.root = kind, position, t
        if kind != RESULT and type(t._t) is Mark and not t._t.blind:
            self.original: Any = t  # a leaf refers to no tape
        else:
            self.original = weakref.ref(t)
        self.value: Any = t._v
        self.tangent = getattr(t, "_tangent", None)
        self.home: Any = t._t if kind == OTHER and type(t._t) is Tape else None
        self.row = t._r

    def settle(self, tape: Tape | None) -> None:
        """Once the call has its row: let go of what would refer to it, and hand the value to hooks."""
        if self.home is tape:
            self.home = None
        if STATE.saving is not None:
            t = self.root
            self.value, self.original = pack(t.detach() if t._t is not None else t), None
        self.root = None  # type: ignore[assignment]


class Call:
    """What the engine knows of a call, beside what the user put on its context."""

    __slots__ = ("count", "places", "specs_in", "specs_out", "kept", "tape", "number", "row", "rows", "again", "__weakref__")

    def __init__(self, args: tuple, outputs: Sequence[Any]) -> None:
        self.count = len(args)
        self.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]  # of the Tensors among the inputs
        self.specs_in = [args[i]._s for i in self.places]
        self.specs_out: list[Spec | None] = [y._s if isinstance(y, Tensor) else None for y in outputs]
        self.kept: Any = []
        self.tape: Any = None
        self.number = self.row = 0
        self.rows: dict[int, int] = {}  # where each differentiable output stands
        self.again: Any = None  # how to run the forward again, where it kept values of its own making

    def home(self) -> Tape | None:
        """The tape that the call stands on, while it lives."""
        tape = None if self.tape is None else self.tape()
        return tape if tape is not None and tape.num == self.number else None

    def origins(self) -> tuple[int, ...]:
        """The rows of the Tensor inputs, 0 for those that need no gradient."""
        tape = self.home()
        return (0,) * max(2, len(self.places)) if tape is None else references(tape, self.row)

    def kept_tensor(self, kept: Kept | None) -> Tensor | None:
        """A saved Tensor with its history. OverwrittenError if its memory was written since."""
        if kept is None:
            return None
        tape, value = self.home(), kept.value
        original = kept.original() if type(kept.original) is weakref.ref else kept.original
        if type(value) is Packed:
            value = value.tensor()._v
        elif tape is not None and (found := versions.stale(value, tape, self.row)) is not None:
            place = at((tape.rows[self.row + 5], tape.rows[self.row + 6]))
            raise OverwrittenError(
                f"{label_at(tape, self.row)}, called at {place}, saved a tensor of shape {value.shape} that has since been modified in "
                f"place (its memory is now at version {found.count}); clone() it before the modification"
            )
        made = wrap(value)
        made._v = value
        made._tangent = kept.tangent
        home, row = tape, 0
        if tape is not None and kept.kind == INPUT:
            row = self.origins()[kept.at]
        elif tape is not None and kept.kind == RESULT:
            row = self.rows.get(kept.at, 0)
        elif kept.kind == OTHER and kept.row:
            home, row = kept.home or tape, kept.row
        made._t, made._r = (home, row) if row and home is not None else (None, 0)
        if kept.kind != RESULT and isinstance(original, Tensor) and original._v is value:
            if type(original._t) is Mark or original._t is made._t and original._r == made._r:
                return original
        return made


def stand(ctx: Any, call: Call, inputs: tuple, outputs: Sequence[tuple[int, Tensor]]) -> dict[int, Tensor]:
    """Record a call on the tape. Returns, for each differentiable output (number, Tensor), a handle on its row."""
    if len(outputs) == 1:
        ((number, y),) = outputs
        token = blank(Tensor)
        token._v, token._s, token._t, token._r = y._v, y._s, None, 0
        append(token, FUNCTION, inputs, None, (ctx, number))
        found = {number: token}
    else:
        token = wrap(0.0)
        append(token, FUNCTION, inputs, None, (ctx, None))
        found = {}
        for number, y in outputs:
            handle = blank(Tensor)
            handle._v, handle._s, handle._t, handle._r = y._v, y._s, None, 0
            append(handle, OUTPUT, (token,), None, (ctx, number))
            found[number] = handle
    tape = token._t
    tape.calls = True
    call.tape, call.number, call.row = weakref.ref(tape), tape.num, token._r
    call.rows = {number: handle._r for number, handle in found.items() if handle._t is tape}
    return found


def refused(tensors: Sequence[Tensor | None], value: Tensor, reason: str) -> Tensor:
    """`value`, standing on a row that depends on `tensors` and has no derivative: a gradient that would go through it is an error."""
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value._v, value._s, None, 0
    append(made, UNDIFFERENTIATED, tuple(t for t in tensors if t is not None and t._t is not None), None, (reason,))
    return made


@adjoint("undifferentiated")
def undifferentiated_adjoint(g: Tensor, row: Any) -> tuple:
    """There is none."""
    rows = row.tape.rows
    raise NotDifferentiableError(f"{row.params[0]} (called at {at((rows[row.row + 5], rows[row.row + 6]))})")


@adjoint("output")
def output_adjoint(g: Tensor, row: Any) -> tuple:
    """The gradient waits with the sweep; what the call's row gets is a token, so that it runs after all of its outputs."""
    ctx, number = row.params
    pending = hooking.RUNNING.sweeps[-1].pending.setdefault(id(ctx), {})
    pending[number] = g
    return (wrap(0.0),)


@adjoint("function")
def function_adjoint(g: Tensor, row: Any) -> tuple:
    """What the user's backward gives."""
    return pulled(g, row, None)


def pulled(g: Tensor, row: Any, hooks: hooking.RowHooks | None) -> tuple:
    """Run the backward of a call, between the hooks of its Node; one contribution (or None) for each Tensor input."""
    ctx, number = row.params
    call, sweep = ctx._call, hooking.RUNNING.sweeps[-1] if hooking.RUNNING.sweeps else None
    if number is None:
        given = {} if sweep is None else sweep.pending.pop(id(ctx), {})
    else:
        given = {number: g}
    if len(call.specs_out) == 1:
        gradients: tuple = (given.get(0),)
    else:
        gradients = tuple([given.get(k) for k in range(len(call.specs_out))])
    if hooks is not None and hooks.pre:
        gradients = hooking.run_on_row(hooks.pre, gradients)
    found = contributions(ctx, hooking.called(ctx._pull, gradients, row.linked, _materialized(ctx, gradients)), row.linked)
    if hooks is not None and hooks.post:
        found = hooking.run_on_row(hooks.post, found, gradients)
    if sweep is not None and not sweep.retain:
        let_go(call)
    return found


def let_go(call: Call) -> None:
    """Free what a call saved."""
    if call.kept:
        call.kept = SPENT
    call.again = None


def _materialized(ctx: Any, gradients: tuple) -> tuple:
    """The gradients of the outputs as the backward gets them: zeros where there are none."""
    if not ctx.materialize_grads or all([g is not None for g in gradients]):
        return gradients
    call = ctx._call
    return tuple([
        wrap(np.zeros(spec.shape, spec.dtype)) if g is None and spec is not None and (ctx._materialize_non_diff_grads or k in call.rows) else g
        for k, (g, spec) in enumerate(zip(gradients, call.specs_out, strict=True))
    ])  # fmt: skip


def contributions(ctx: Any, found: Any, linked: bool) -> tuple:
    """The gradients that a backward returned, checked, one for each Tensor input. RuntimeError for a wrong number, kind or shape."""
    call, name = ctx._call, type(ctx).__name__
    if call.count == 1 and isinstance(found, Tensor) and found._s is call.specs_in[0]:
        return (found,)
    found = found if type(found) is tuple else (found,)
    if len(found) > call.count and all(g is None for g in found[call.count :]):
        found = found[: call.count]
    if len(found) != call.count:
        raise RuntimeError(f"{name} returned {len(found)} gradients for {call.count} inputs; return one for each, None where there is none")
    for k, g in enumerate(found):
        if g is not None and not isinstance(g, Tensor):
            raise RuntimeError(f"{name} returned a {type(g).__name__} as gradient {k}; return a Tensor or None")
        if g is not None and k not in call.places:
            raise RuntimeError(f"{name} returned a gradient for input {k}, which is no Tensor; return None for it")
    origins = call.origins()
    recorded = call.home() is not None
    return tuple([
        None if found[k] is None or recorded and not origins[j] else _fitted(found[k], spec, name, k)
        for j, (k, spec) in enumerate(zip(call.places, call.specs_in, strict=True))
    ])  # fmt: skip


def _fitted(g: Tensor, spec: Spec, name: str, k: int) -> Tensor:
    """A gradient in shape and dtype of its input: summed where the input would broadcast to it."""
    if g._s is spec:
        return g
    if g._s.shape != spec.shape:
        try:
            wide = np.broadcast_shapes(spec.shape, g._s.shape) == g._s.shape
        except ValueError:
            wide = False
        if not wide:
            raise ShapeError(f"{name} returned a gradient of shape {g._s.shape} for input {k} of shape {spec.shape}; give the input's shape")
        g = g.sum_to_size(spec.shape)
    if g._s.dtype.kind == "c" and spec.dtype.kind != "c":
        g = g.real
    return cast(g, spec.dtype) if g._s.dtype != spec.dtype else g


def saved(ctx: Any) -> tuple:
    """The Tensors that a call saved. SpentError once a backward pass has freed them."""
    call = ctx._call
    if call is None:
        return ()
    if call.kept is SPENT:
        raise SpentError(f"the saved tensors of {type(ctx).__name__} were freed by the first backward pass; give it retain_graph=True")
    return tuple(call.kept_tensor(each) for each in call.kept)


__all__ = ["INPUT", "OTHER", "RESULT", "Call", "Kept", "contributions", "let_go", "pulled", "refused", "saved", "stand"]
