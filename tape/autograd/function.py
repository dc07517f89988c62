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

from tape.autograd import again, calls
from tape.autograd.applied import finished, transposed
from tape.autograd.graph import Node
from tape.state import STATE, change
from tape.tensor import Tensor


class FunctionCtx:
    """What `forward` tells about itself, and keeps for `backward`. Any other attribute may be set on it, and read on `y.grad_fn`."""

    to_save: tuple | None = None
    saved_for_forward: tuple | None = None
    dirty_tensors: tuple | None = None
    non_differentiable: tuple | None = None
    materialize_grads: bool = True
    _materialize_non_diff_grads: bool = True  # False: None for outputs marked non-differentiable
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
    _pushes = False  # whether the user's jvp is running, which finds what was saved for it

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
        if self._pushes or self._call is None:
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
        return tuple(SavedTensor.of(self, None, k) for k in range(len(self._call.kept)))

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
        self._pushes = True
        try:
            return self._forward_cls.jvp(self, *tangents)
        finally:
            self._pushes = False

    def _rule(self) -> Callable:
        cls = self._forward_cls
        own, other = cls.backward is not Function.backward, cls.vjp is not Function.vjp
        if own and other:
            raise RuntimeError(f"{cls.__name__} has both backward and vjp, which are the same rule; keep one")
        return cls.vjp if other else cls.backward  # type: ignore[no-any-return]

    def _pull(self, linked: bool, gradients: tuple) -> Any:
        """The gradients of the inputs, by the user's backward or by transposing the user's jvp."""
        cls, ctx = self._forward_cls, self
        if linked and self._call.again is not None:
            ctx = again.with_histories(self)
        if cls.jvp is not Function.jvp and cls.backward is Function.backward and cls.vjp is Function.vjp:
            return transposed(ctx, gradients)
        if STATE.place is None:
            return ctx.apply(*gradients)
        before = change(place=None)  # what a user's backward records was written in the user's lines
        try:
            return ctx.apply(*gradients)
        finally:
            change(**before)


class FunctionMeta(type):
    """Gives each Function the class of its contexts, named `<Function>Backward`."""

    def __init__(cls, name: str, bases: tuple, attributes: dict) -> None:
        cls._backward_cls = type(f"{name}Backward", (BackwardCFunction,), {"_forward_cls": cls, "__module__": attributes.get("__module__")})
        super().__init__(name, bases, attributes)

    def gives(cls, name: str) -> bool:
        """Whether the user wrote this method."""
        return getattr(cls, name) is not getattr(Function, name)


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
        separate = cls.gives("setup_context")
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
        return finished(cls, ctx, args, kwargs, output)


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
