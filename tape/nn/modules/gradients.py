"""Hooks on a whole module's gradients: `Surrounded` passes arguments and results of one call through rows whose gradients the hooks see.

`before(args)` and `after(result)` wrap what goes in and comes out. A pass reaches the row of the results first, which keeps their gradients (after
the pre-hooks had them), then the row of the arguments, which shows both to the hooks. Invariant: where nothing requires grad, nothing is wrapped.
Imports autograd.function; imported by module.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tape.autograd.function import Function
from tape.state import STATE
from tape.tensor import Tensor


class BackwardHookFunction(Function):
    """Hands its arguments on, so that their gradients pass its row."""

    @staticmethod
    def forward(ctx: Any, *args: Tensor) -> tuple:
        ctx.mark_non_differentiable(*[t for t in args if not t.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> tuple:
        return gradients


def _wrapped(given: tuple, hook: Callable) -> tuple[tuple, list[int] | None]:
    """The Tensors among these passed through a row with this hook, and where they stand; None where none of them requires grad."""
    places = [i for i, each in enumerate(given) if isinstance(each, Tensor)]
    if not STATE.grad or not any(given[i].requires_grad for i in places):
        return given, None
    passed = BackwardHookFunction.apply(*[given[i] for i in places])
    next(t.grad_fn for t in passed if t.grad_fn is not None).register_hook(hook)
    every = list(given)
    for i, t in zip(places, passed, strict=True):
        every[i] = t
    return type(given)(*every) if hasattr(given, "_fields") else tuple(every), places


def _spread(places: Sequence[int], gradients: Sequence[Any], count: int) -> tuple:
    """Gradients at their places, None elsewhere."""
    found: list[Any] = [None] * count
    for i, g in zip(places, gradients, strict=True):
        found[i] = g
    return tuple(found)


def _replaced(found: tuple, new: Any, name: str) -> tuple:
    """What a hook returned, instead of what it was shown. RuntimeError for another number of gradients."""
    if new is None:
        return found
    new = new if isinstance(new, tuple) else (new,)
    if len(new) != len(found):
        raise RuntimeError(f"{name} returned {len(new)} gradients for {len(found)}; return as many, or None to keep them")
    return new


class Surrounded:
    """One call of a module with hooks on its gradients."""

    def __init__(self, module: Any, hooks: Sequence[Callable], pre_hooks: Sequence[Callable]) -> None:
        self.module, self.hooks, self.pre_hooks = module, hooks, pre_hooks
        self.entered: list[int] | None = None
        self.left: list[int] | None = None
        self.inputs = self.outputs = 0
        self.of_outputs: tuple | None = None

    def before(self, args: tuple) -> tuple:
        """The arguments, so that their gradients are seen."""
        args, self.entered = _wrapped(args, self._at_inputs)
        self.inputs = len(args)
        return args

    def after(self, result: Any) -> Any:
        """The result of the call, so that its gradients are seen."""
        given = result if isinstance(result, tuple) else (result,)
        if not isinstance(result, (tuple, Tensor)):
            warnings.warn(f"a module with backward hooks returned a {type(result).__name__}; only a Tensor or a tuple is seen", UserWarning, stacklevel=4)
        found, self.left = _wrapped(given, self._at_outputs)
        self.outputs = len(given)
        return found if isinstance(result, tuple) else found[0]

    def _at_outputs(self, _: tuple, gradients: tuple) -> tuple:
        assert self.left is not None
        shown = _spread(self.left, gradients, self.outputs)
        for hook in self.pre_hooks:
            shown = _replaced(shown, hook(self.module, shown), "a backward pre-hook")
        self.of_outputs = shown
        if self.entered is None:  # no argument requires grad: nothing comes later
            nothing = (None,) * self.inputs
            for hook in self.hooks:
                found = hook(self.module, nothing, shown)
                if found is not None and not (isinstance(found, tuple) and all(g is None for g in found)):
                    raise RuntimeError("a backward hook returned a gradient for arguments that require none; return None")
            self.of_outputs = None
        return tuple(shown[i] for i in self.left)

    def _at_inputs(self, found: tuple, _: tuple) -> tuple | None:
        if self.of_outputs is None:  # the gradient came to the arguments around the results, as in a double backward
            return None
        assert self.entered is not None
        shown = _spread(self.entered, found, self.inputs)
        for hook in self.hooks:
            shown = _replaced(shown, hook(self.module, shown, self.of_outputs), "a backward hook")
        self.of_outputs = None
        return tuple(shown[i] for i in self.entered)


__all__ = ["BackwardHookFunction", "Surrounded"]
