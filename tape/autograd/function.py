"""User Functions: an operation with a backward of the user's own.

Subclass `Function` with a static `forward` (taking ctx, or beside `setup_context`) and `backward` (or `vjp`, `jvp`), and call `apply`.
A rule given in one mode gives the other: `backward` is linear in its cotangents, `jvp` in its tangents, and each is transposed by
differentiating it. `once_differentiable` marks a backward without history. Invariant: a double backward never drops a term: values that
`forward` made and kept are computed again with history, and where that cannot be, going through them is an error.
Imports calls and graph; imported by tape/autograd.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from tape import versions
from tape.autograd import again, calls
from tape.autograd.calls import INPUT, OTHER, RESULT, Call, Kept
from tape.autograd.graph import Node
from tape.hooks import RUNNING
from tape.inplace import allowed, rewritten
from tape.state import STATE, change
from tape.tensor import INFERENCE, Tensor, give_tangent, tangent_of, wrap
from tape.views import CUSTOM, SEVERAL, links


class FunctionCtx:
    """What `forward` tells about itself, and keeps for `backward`. Any other attribute may be set on it, and read on `y.grad_fn`."""

    to_save: tuple | None = None
    saved_for_forward: tuple | None = None
    dirty_tensors: tuple | None = None
    non_differentiable: tuple | None = None
    materialize_grads: bool = True
    needs_input_grad: tuple = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep Tensors (or None) for `backward`, which finds them in `saved_tensors`. The last call counts."""
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep Tensors (or None) for `jvp`, which finds them in `saved_tensors`."""
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say which inputs were modified in place; each must be returned."""
        self.dirty_tensors = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say which outputs have no gradient; `backward` still gets zeros for them."""
        self.non_differentiable = args

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Accepted and without effect: shared memory is noticed by itself."""
        warnings.warn("mark_shared_storage does nothing; shared memory is noticed by itself", FutureWarning, stacklevel=2)

    def set_materialize_grads(self, value: bool) -> None:
        """Whether `backward` and `jvp` get zeros (True) or None for what has no gradient."""
        self.materialize_grads = bool(value)


class BackwardCFunction(Node, FunctionCtx):
    """The context of a call, and its Node: both are of the class `<Function>Backward` and share their attributes."""

    __slots__ = ("_held",)
    _forward_cls: Any
    _call: Any = None

    @property  # type: ignore[misc]
    def _t(self) -> Any:
        return getattr(self, "_held", None) or (None if self._call is None else self._call.home())

    @property  # type: ignore[misc]
    def _r(self) -> int:
        return self._call.row  # type: ignore[no-any-return]

    @property  # type: ignore[misc]
    def _leaf(self) -> None:
        return None

    @property  # type: ignore[misc]
    def metadata(self) -> dict:
        """A dict of the user's own."""
        return self.__dict__.setdefault("_metadata", {})  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BackwardCFunction) and other.__dict__ is self.__dict__

    def __hash__(self) -> int:
        return id(self.__dict__)

    @property
    def saved_tensors(self) -> tuple:
        """The saved Tensors, with their history. RuntimeError if one was written in place since, or a backward pass freed them."""
        if self._call is None or self._call.kept == [] and self.saved_for_forward is not None:
            return self.saved_for_forward or ()
        found = calls.saved(self)
        if self._forward_cls.clear_saved_tensors_on_access:
            self.maybe_clear_saved_tensors()
        return found

    @property
    def saved_variables(self) -> tuple:
        """The old name of `saved_tensors`."""
        warnings.warn("saved_variables is the old name of saved_tensors; use that", DeprecationWarning, stacklevel=2)
        return self.saved_tensors

    @property
    def _raw_saved_tensors(self) -> tuple:
        from tape.autograd.saved import SavedTensor

        calls.saved(self)
        return tuple(SavedTensor(self, None, k) for k in range(len(self._call.kept)))

    def maybe_clear_saved_tensors(self) -> None:
        """Free the saved Tensors now, where the Function asks for it (`clear_saved_tensors_on_access`)."""
        if self._forward_cls.clear_saved_tensors_on_access:
            calls.let_go(self._call)

    def apply(self, *gradients: Any) -> Any:
        """Run the user's backward."""
        rule = self._rule()
        return rule(self, list(gradients)) if self._forward_cls.boxed_grads_call else rule(self, *gradients)

    def apply_jvp(self, *tangents: Any) -> Any:
        """Run the user's jvp."""
        return self._forward_cls.jvp(self, *tangents)

    def _rule(self) -> Callable:
        cls = self._forward_cls
        if cls.backward is not Function.backward and cls.vjp is not Function.vjp:
            raise RuntimeError(f"{cls.__name__} has both backward and vjp, which are the same rule; keep one")
        return cls.vjp if cls.vjp is not Function.vjp else cls.backward  # type: ignore[no-any-return]

    def _pull(self, linked: bool, gradients: tuple) -> Any:
        """The gradients of the inputs, by the user's backward or by transposing the user's jvp."""
        cls, ctx = self._forward_cls, self
        if linked and self._call.again is not None:
            ctx = again.with_histories(self)
        if cls.backward is Function.backward and cls.vjp is Function.vjp and cls.jvp is not Function.jvp:
            return _transposed(ctx, gradients)
        return ctx.apply(*gradients)


def _transposed(ctx: BackwardCFunction, gradients: tuple) -> tuple:
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


class FunctionMeta(type):
    """Gives each Function the class of its contexts, named `<Function>Backward`."""

    def __init__(cls, name: str, bases: tuple, attributes: dict) -> None:
        cls._backward_cls = type(f"{name}Backward", (BackwardCFunction,), {"_forward_cls": cls, "__module__": attributes.get("__module__")})
        super().__init__(name, bases, attributes)


class Function(metaclass=FunctionMeta):
    """An operation whose derivative the user writes.

    forward(ctx, *inputs), or forward(*inputs) with setup_context(ctx, inputs, output), computes; it runs without recording.
    backward(ctx, *gradients) (or vjp) returns one gradient for each input, None where there is none; jvp(ctx, *tangents) one tangent
    for each output. `apply(*inputs)` calls it.

    >>> import tape
    >>> class Square(tape.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> x = tape.tensor(3.0, requires_grad=True)
    >>> y = Square.apply(x)
    >>> y.backward()
    >>> y, x.grad
    (tensor(9., grad_fn=<SquareBackward>), tensor(6.))
    """

    _backward_cls: Any
    clear_saved_tensors_on_access = False
    boxed_grads_call = False
    generate_vmap_rule = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(f"{type(self).__name__} was instantiated; its methods are static: call {type(self).__name__}.apply(...)",
                      DeprecationWarning, stacklevel=2)  # fmt: skip

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"a {type(self).__name__} was called; call {type(self).__name__}.apply(...)")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Compute the outputs; a Function must have it."""
        raise NotImplementedError("this Function has no forward; write a static forward(ctx, *inputs)")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> Any:
        """Fill the context, for a `forward` without one."""
        raise NotImplementedError("this Function has no setup_context; write one, or let forward take ctx")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """The gradients of the inputs."""
        raise NotImplementedError("this Function has no backward (or vjp, or jvp); write a static backward(ctx, *gradients)")

    vjp = backward

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """The tangents of the outputs."""
        raise NotImplementedError("this Function has no jvp, and no backward that gives one; write a static jvp(ctx, *tangents)")

    @staticmethod
    def vmap(info: Any, in_dims: tuple, *args: Any) -> Any:
        """The outputs for a batch of inputs, and where their batch dimension is."""
        raise NotImplementedError("this Function has no vmap; write a static vmap(info, in_dims, *inputs), or set generate_vmap_rule = True")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Call the Function. Returns what `forward` returns, its Tensors with history."""
        separate = cls.setup_context is not Function.setup_context
        if separate or kwargs:
            bound = inspect.signature(cls.forward).bind(*(() if separate else (None,)), *args, **kwargs)
            if separate:
                bound.apply_defaults()
            args, kwargs = bound.args[0 if separate else 1 :], bound.kwargs
        if STATE.trace is not None and STATE.trace.lasting:
            from tape.func.functions import batched

            found = batched(cls, args)
            if found is not NotImplemented:
                return found
        ctx = cls._backward_cls()
        ctx.needs_input_grad = tuple([isinstance(a, Tensor) and a._t is not None for a in args])
        before = change(grad=False, dual=0)
        try:
            if separate:
                output = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, output)
            else:
                output = cls.forward(ctx, *args, **kwargs)
        finally:
            change(**before)
        return _finished(cls, ctx, args, kwargs, output)


def _finished(cls: Any, ctx: Any, args: tuple, kwargs: dict, output: Any) -> Any:
    """Give the outputs of a call their history and tangents."""
    several = type(output) is tuple
    outputs = list(output) if several else [output]
    inputs = tuple([a for a in args if isinstance(a, Tensor)])
    records = STATE.grad and not STATE.inference and any(ctx.needs_input_grad)
    tangents = STATE.dual and not STATE.inference and any([tangent_of(t) is not None for t in inputs])
    dirty, silent = ctx.dirty_tensors or (), ctx.non_differentiable or ()
    _check_dirty(cls, dirty, inputs, outputs, records)
    if records and STATE.trace is not None and STATE.trace.lasting:
        inputs = STATE.trace.spread(inputs)
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
    ctx.to_save = None
    if tangents:
        _push(cls, ctx, args, made)
    ctx.saved_for_forward = ctx.saved_for_forward if cls.jvp is not Function.jvp and records else None
    return tuple(made) if several else made[0]


def _check_dirty(cls: Any, dirty: tuple, inputs: tuple, outputs: list, records: bool) -> None:
    """RuntimeError where an input marked dirty is not returned, or may not be written; its version grows."""
    for t in dirty:
        if not any(t is y for y in outputs):
            raise RuntimeError(f"{cls.__name__} marked an input as dirty that it does not return; return every input that is modified in place")
        if records and any(t is x for x in inputs):
            allowed(t, cls.__name__)
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
    if t.is_inference() and not STATE.inference:
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
        y._t, y._r, y._output = handle._t, handle._r, k
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
    return y.detach() if y.is_leaf or y._is_view() else y.detach_()


def _push(cls: Any, ctx: Any, args: tuple, made: list) -> None:
    """Give the outputs their tangents, by the user's jvp or by the derivative of the user's backward in its cotangents."""
    level = STATE.dual
    given = [tangent_of(a) if isinstance(a, Tensor) else None for a in args]
    before = change(dual=0)
    try:
        if cls.jvp is Function.jvp and (cls.backward is not Function.backward or cls.vjp is not Function.vjp):
            pushed = _derived(ctx, args, given, made)
        else:
            if ctx.materialize_grads:
                given = [wrap(np.zeros(a._s.shape, a._s.dtype)) if s is None and isinstance(a, Tensor) else s for s, a in zip(given, args, strict=True)]
            pushed = ctx.apply_jvp(*given)
            pushed = pushed if type(pushed) is tuple else (pushed,)
    finally:
        change(**before)
    if len(pushed) != len(made):
        raise RuntimeError(f"{cls.__name__}.jvp returned {len(pushed)} tangents for {len(made)} outputs; return one for each")
    for y, tangent in zip(made, pushed, strict=True):
        if tangent is None or not isinstance(y, Tensor):
            continue
        if not isinstance(tangent, Tensor) or tangent._s.shape != y._s.shape:
            shape = tangent._s.shape if isinstance(tangent, Tensor) else type(tangent).__name__
            raise RuntimeError(f"{cls.__name__}.jvp returned a tangent of shape {shape} for an output of shape {y._s.shape}; they must agree")
        give_tangent(y, tangent, level)


def _derived(ctx: BackwardCFunction, args: tuple, given: list, made: list) -> list:
    """The pushforward as the derivative of the pullback, which is linear in its cotangents."""
    from tape.autograd import grad

    before = change(grad=True)
    try:
        wanted = [k for k, y in enumerate(made) if isinstance(y, Tensor) and y._s.dtype.kind in "fcV"]
        cotangents: list[Any] = [None] * len(made)
        for k in wanted:
            cotangents[k] = wrap(np.zeros(made[k]._s.shape, made[k]._s.dtype)).requires_grad_()
        RUNNING.sweeps.append(_Peeking)
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


class _Peeking:
    """Stands where a sweep would, while a backward runs only to be differentiated."""

    retain = True
    pending: dict = {}


def once_differentiable(fn: Callable) -> Callable:
    """Mark a backward as not differentiable: it runs without recording, and differentiating through its results is an error, whatever
    they depended on."""

    @functools.wraps(fn)
    def wrapper(ctx: Any, *gradients: Any) -> Any:
        before = change(grad=False)
        try:
            found = fn(ctx, *gradients)
        finally:
            change(**before)
        if not STATE.grad or STATE.inference:
            return found
        call = ctx._call
        origins = [t for t in gradients if isinstance(t, Tensor)] + again.origins(call)
        if not any(t._t is not None for t in origins):
            return found
        reason = f"{type(ctx).__name__} is marked once_differentiable: its backward has no derivative"
        several = found if type(found) is tuple else (found,)
        several = tuple(calls.refused(origins, g, reason) if isinstance(g, Tensor) and g._s.dtype.kind in "fcV" else g for g in several)
        return several if type(found) is tuple else several[0]

    return wrapper


class InplaceFunction(Function):
    """The old base class of Functions that can work in place; a Function can as well."""

    def __init__(self, inplace: bool = False) -> None:
        super().__init__()
        self.inplace = inplace


class NestedIOFunction(Function):
    """The old base class of Functions of nested tuples; a Function takes and passes them on as they are."""


__all__ = ["BackwardCFunction", "Function", "FunctionCtx", "FunctionMeta", "InplaceFunction", "NestedIOFunction", "once_differentiable"]
