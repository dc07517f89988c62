"""What follows when the forward of a user's Function has run: histories for its outputs, and tangents.

`finished` turns what `forward` returned into what `apply` returns; `transposed` makes the pullback of a Function that has a jvp only, and
`_derived` the pushforward of one that has a backward only. Invariant: an input that is returned as it is comes back as a view of itself, so
that no Tensor of the user's changes its history unless it was marked dirty. Imports calls, again, inplace; imported by function.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from tape import versions
from tape.autograd import again, calls
from tape.autograd.calls import INPUT, OTHER, RESULT, Call, Kept
from tape.hooks import RUNNING, Sweeping
from tape.inplace import allowed, rewritten
from tape.state import STATE, change
from tape.tensor import INFERENCE, Tensor, give_tangent, tangent_of, wrap
from tape.views import CUSTOM, SEVERAL, links


def finished(cls: Any, ctx: Any, args: tuple, kwargs: dict, output: Any) -> Any:
    """Give the outputs of a call their history and tangents."""
    several = type(output) is tuple
    outputs = list(output) if several else [output]
    inputs = tuple([a for a in args if isinstance(a, Tensor)])
    records = STATE.grad and not STATE.inference and any(ctx.needs_input_grad)
    tangents = STATE.dual and not STATE.inference and any([tangent_of(t) is not None for t in inputs])
    dirty, silent = ctx.dirty_tensors or (), ctx.non_differentiable or ()
    _check_dirty(cls, dirty, inputs, outputs, records, silent)
    if records and STATE.trace is not None and STATE.trace.lasting:
        inputs = tuple([STATE.trace.within(t) for t in inputs])
    smooth = [
        k for k, y in enumerate(outputs)
        if records and isinstance(y, Tensor) and y._s.dtype.kind in "fcV" and not any(y is s for s in silent)
    ]  # fmt: skip
    made = outputs
    if records or tangents:
        call = ctx._call = Call(args, outputs)
        if ctx.to_save is not None:
            call.kept = [_kept(t, args, outputs, smooth, dirty) for t in ctx.to_save]
        if smooth:
            found = calls.stand(ctx, call, inputs, [(k, outputs[k]) for k in smooth])
            made = _standing(outputs, inputs, dirty, found)
        again.remember(ctx, cls, args, kwargs, outputs)
        for kept in call.kept:
            if kept is not None:
                kept.settle(call.home())
    if not smooth or len(smooth) < len(outputs):
        made = [y if k in smooth else _silent(y, inputs, dirty) for k, y in enumerate(made)]
    ctx.to_save = ctx.dirty_tensors = ctx.non_differentiable = None  # a context holds no Tensor of its own tape
    if tangents:
        _push(cls, ctx, args, made, outputs, (dirty, silent))
    ctx.saved_for_forward = ctx.saved_for_forward if cls.gives("jvp") and records else None
    return tuple(made) if several else made[0]


def _check_dirty(cls: Any, dirty: tuple, inputs: tuple, outputs: list, records: bool, silent: tuple) -> None:
    """RuntimeError where an input marked dirty is not returned, or may not be written, or is no input but a view; its version grows."""
    for t in dirty:
        if records and t._is_view() and sum(isinstance(y, Tensor) for y in outputs) > 1:
            raise RuntimeError(f"{cls.__name__} modifies a view in place and returns several outputs; clone() the view, or write two Functions")
        if not any(t is y for y in outputs):
            raise RuntimeError(f"{cls.__name__} marked an input as dirty that it does not return; return every input that is modified in place")
        if records and any(t is x for x in inputs):
            allowed(t, cls.__name__)
        elif records and not any(t is s for s in silent):
            text = f"{cls.__name__} marked a tensor as dirty that is no input; mark inputs only"
            if t._is_view():
                raise RuntimeError(text)
            warnings.warn(text, UserWarning, stacklevel=4)
        if type(t._v) is np.ndarray and t._r != INFERENCE:
            versions.wrote(t._v)
        else:
            t._writes = getattr(t, "_writes", 0) + 1


def _kept(t: Any, args: tuple, outputs: list, smooth: list[int], dirty: tuple) -> Kept | None:
    """How a Tensor given to save_for_backward is kept. TypeError for anything else, RuntimeError for an inference Tensor."""
    if t is None:
        return None
    if not isinstance(t, Tensor):
        raise TypeError(f"save_for_backward was given a {type(t).__name__}; it takes Tensors (or None): keep other values on ctx")
    if t.is_inference() and not STATE.inference and not STATE.saves_inference:
        raise RuntimeError("save_for_backward of an inference tensor; clone() it outside inference mode")
    tensors = [a for a in args if isinstance(a, Tensor)]
    at = next((j for j, a in enumerate(tensors) if a is t), None)
    if at is not None and not any(t is d for d in dirty):
        return Kept(t, INPUT, at)
    number = next((k for k in smooth if outputs[k] is t), None)
    return Kept(t, RESULT, number) if number is not None else Kept(t, OTHER, 0)


def _standing(outputs: list, inputs: tuple, dirty: tuple, found: dict[int, Tensor]) -> list:
    """The outputs of a recorded call. An input returned as it is comes back as a view; one that was modified takes the new history."""
    made = list(outputs)
    for k, handle in found.items():
        y = outputs[k]
        returned = any(y is x for x in inputs)
        if returned and any(y is d for d in dirty):
            rewritten(y, handle)
            continue
        if returned:
            y = _as_view(y, CUSTOM)
        elif getattr(y, "_root", None) is not None:
            y._chain = (*links(y), SEVERAL if len(found) > 1 else CUSTOM)
        y._t, y._r = handle._t, handle._r
        made[k] = y
    return made


def _as_view(y: Tensor, mark: str | None = None) -> Tensor:
    """An input as it is returned: a view of it, without history of its own."""
    before = change(grad=False)
    try:
        made = y.view_as(y)
    finally:
        change(**before)
    made._chain = (*links(made), mark) if mark is not None else tuple(links(made))
    return made


def _silent(y: Any, inputs: tuple, dirty: tuple) -> Any:
    """An output without gradient: never the input itself, and without the history that it may have had."""
    if not isinstance(y, Tensor):
        return y
    if any(y is x for x in inputs):
        return y if any(y is d for d in dirty) else y.detach() if y._t is not None else _as_view(y)
    if y._t is None:
        return y
    return y if y._is_view() else y.detach() if y.is_leaf else y.detach_()


def transposed(ctx: Any, gradients: tuple) -> tuple:
    """The pullback of a call whose Function has a jvp only: that is linear in the tangents, so its gradient in them is what is wanted."""
    from tape.autograd import grad

    call, linked = ctx._call, STATE.grad
    before = change(grad=True, inference=False)
    try:
        tangents: list[Any] = [None] * call.count
        for k, spec in zip(call.places, call.specs_in, strict=True):
            tangents[k] = wrap(np.zeros(spec.shape, spec.dtype))
            if spec.dtype.kind in "fcV":
                tangents[k].requires_grad_()
        pushed = ctx.apply_jvp(*tangents)
        pushed = pushed if type(pushed) is tuple else (pushed,)
        pairs = [(t, g) for t, g in zip(pushed, gradients, strict=True) if isinstance(t, Tensor) and t._t is not None and g is not None]
        leaves = [t for t in tangents if t is not None and t._t is not None]
        if not pairs or not leaves:
            return (None,) * call.count
        found = iter(grad([t for t, _ in pairs], leaves, [g for _, g in pairs], create_graph=linked, allow_unused=True))
        return tuple(None if t is None or t._t is None else next(found) for t in tangents)
    finally:
        change(**before)


def _push(cls: Any, ctx: Any, args: tuple, made: list, outputs: list, marked: tuple[tuple, tuple]) -> None:
    """Give the outputs their tangents, by the user's jvp or by the derivative of the user's backward in its cotangents."""
    level = STATE.dual
    given = [tangent_of(a) if isinstance(a, Tensor) else None for a in args]
    sources = [(a, s, s._version) for a, s in zip(args, given, strict=True) if s is not None and not s.is_inference()]
    before = change(dual=0)
    try:
        if not cls.gives("jvp") and (cls.gives("backward") or cls.gives("vjp")):
            pushed = _derived(ctx, args, given, made)
        else:
            if ctx.materialize_grads:
                given = [
                    wrap(np.zeros(a._s.shape, a._s.dtype)) if s is None and isinstance(a, Tensor) and a._s.dtype.kind in "fcV" else s
                    for s, a in zip(given, args, strict=True)
                ]
            pushed = ctx.apply_jvp(*given)
            pushed = pushed if type(pushed) is tuple else (pushed,)
    finally:
        change(**before)
    if len(pushed) != len(made):
        raise RuntimeError(f"{cls.__name__}.jvp returned {len(pushed)} tangents for {len(made)} outputs; return one for each")
    for y, tangent, output in zip(made, pushed, outputs, strict=True):
        if tangent is None:
            continue
        if not isinstance(y, Tensor) or y._s.dtype.kind not in "fcV" or any(output is s for s in marked[1]):
            raise RuntimeError(f"{cls.__name__}.jvp returned a tangent for an output without derivative; return None there")
        if not isinstance(tangent, Tensor) or tangent._s.shape != y._s.shape:
            shape = tangent._s.shape if isinstance(tangent, Tensor) else type(tangent).__name__
            raise RuntimeError(f"{cls.__name__}.jvp returned a tangent of shape {shape} for an output of shape {y._s.shape}; they must agree")
        if cls.gives("jvp"):
            _check_memory(cls, output, tangent, sources, any(output is d for d in marked[0]))
        give_tangent(y, tangent, level)


def _check_memory(cls: Any, output: Tensor, tangent: Tensor, sources: list, dirty: bool) -> None:
    """RuntimeError where an output shares memory with an input that has a tangent and its tangent does not share that one's alike."""
    root = output._base if output._is_view() else output
    for x, given, version in sources:
        if dirty and output is x:
            if tangent is not given or given._version == version:
                raise RuntimeError(f"{cls.__name__} modifies an input in place; its jvp must modify that input's tangent in place and return it")
            return
        if (x._base if x._is_view() else x) is root:
            if not tangent._is_view() or tangent._base is not (given._base if given._is_view() else given):
                raise RuntimeError(f"{cls.__name__} returns a view (or an input as it is); its jvp must return the same view of that input's tangent")
            return


def _derived(ctx: Any, args: tuple, given: list, made: list) -> list:
    """The pushforward as the derivative of the pullback, which is linear in its cotangents."""
    from tape.autograd import grad

    before = change(grad=True)
    try:
        wanted = [k for k, y in enumerate(made) if isinstance(y, Tensor) and y._s.dtype.kind in "fcV"]
        cotangents: list[Any] = [None] * len(made)
        for k in wanted:
            cotangents[k] = wrap(np.zeros(made[k]._s.shape, made[k]._s.dtype)).requires_grad_()
        RUNNING.sweeps.append(Sweeping(True))  # nothing is freed: the backward runs only to be differentiated
        try:
            found = calls.contributions(ctx, ctx._pull(True, tuple(cotangents)), True)
        finally:
            RUNNING.sweeps.pop()
        tensors = [s for s, a in zip(given, args, strict=True) if isinstance(a, Tensor)]
        pairs = [(p, s) for p, s in zip(found, tensors, strict=True) if p is not None and s is not None and p._t is not None]
        pushed: list[Any] = [None] * len(made)
        if pairs and wanted:
            results = grad([p for p, _ in pairs], [cotangents[k] for k in wanted], [s for _, s in pairs], create_graph=True, allow_unused=True)
            for k, s in zip(wanted, results, strict=True):
                pushed[k] = s
        return pushed
    finally:
        change(**before)


__all__ = ["finished", "transposed"]
