"""Gradients that compute parts of the function again instead of keeping what they saved: memory for time, PyTorch's interface.

`checkpoint(f, *args)` is f(*args), but what its operations save is dropped; the backward pass runs f once more. `checkpoint_sequential`
does so for segments of a chain. For a loop of equal steps, `tape.func.checkpoint_steps` needs far less memory.
Invariant: gradients of every order are those without checkpoint, as long as f computes the same again; that is checked.
Imports autograd; imported by tape.utils and tape.func.
"""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from tape import autograd
from tape.autograd import forward_ad
from tape.autograd.function import Function
from tape.autograd.grad_mode import enable_grad
from tape.autograd.saved import saved_tensors_hooks
from tape.errors import TapeError
from tape.functions.random import get_rng_state, set_rng_state
from tape.hooks import RUNNING
from tape.state import STATE, change
from tape.tensor import Tensor, wrap
from tape.traced import Traced


class CheckpointError(TapeError):
    """A function computed something else when it was run again."""


_SETTINGS: dict[str, bool] = {}  # what blocks say about every checkpoint made inside


@contextmanager
def _setting(name: str, value: bool) -> Iterator[None]:
    before = _SETTINGS.get(name)
    _SETTINGS[name] = value
    try:
        yield
    finally:
        if before is None:
            del _SETTINGS[name]
        else:
            _SETTINGS[name] = before


def set_checkpoint_early_stop(enable: bool) -> Any:
    """A block whose checkpoints stop their second run early, or do not, whatever their early_stop says."""
    return _setting("early_stop", enable)


def set_checkpoint_debug_enabled(enabled: bool | None) -> Any:
    """A block whose checkpoints run to the end the second time, as with debug=True, whatever their debug says; None: as they say."""
    return nullcontext() if enabled is None else _setting("debug", enabled)


def noop_context_fn() -> tuple[Any, Any]:
    """The contexts of both runs, where nothing else is asked for."""
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable[..., Any], *args: Any, use_reentrant: bool | None = None, context_fn: Callable[[], tuple[Any, Any]] = noop_context_fn,
    determinism_check: str = "default", debug: bool = False, early_stop: bool = True, **kwargs: Any,
) -> Any:  # fmt: skip
    """function(*args, **kwargs), without keeping what its operations save: the backward pass runs it again, with random numbers as the
    first time (unless preserve_rng_state=False).

    use_reentrant=False: gradients of all kinds and orders; determinism_check="none" leaves out the comparison of shapes of both runs;
    context_fn gives contexts for both; early_stop ends the second run when it has all values. use_reentrant=True: the function is
    one row, and the backward pass runs a backward pass of its own, which `backward()` without inputs= can do only. Left out, it
    is True, with a warning. CheckpointError where the second run differs, ValueError for unknown options.

    >>> from tape.utils.checkpoint import checkpoint
    >>> x = tape.tensor(0.5, requires_grad=True)
    >>> y = checkpoint(lambda x: x.sin().exp(), x, use_reentrant=False)
    >>> tape.autograd.grad(y, x)
    (tensor(1.4174),)
    """
    if use_reentrant is None:
        warnings.warn("checkpoint: say use_reentrant=False (recommended) or True; it is True now", UserWarning, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if determinism_check not in ("default", "none"):
        raise ValueError(f'checkpoint: determinism_check is {determinism_check!r}; wanted "default" or "none"')
    if use_reentrant:
        if kwargs:
            raise ValueError(f"checkpoint: use_reentrant=True takes no keyword arguments for the function; got {', '.join(kwargs)}")
        if context_fn is not noop_context_fn:
            raise ValueError("checkpoint: context_fn is for use_reentrant=False")
        return CheckpointFunction.apply(function, preserve, *args)
    contexts = context_fn()
    if not STATE.grad:
        return function(*args, **kwargs)
    early_stop, debug = _SETTINGS.get("early_stop", early_stop), _SETTINGS.get("debug", debug)
    again = _Again(function, args, kwargs, preserve, contexts[1], determinism_check == "default", early_stop and not debug)
    with contexts[0], saved_tensors_hooks(again.pack, again.unpack):
        return function(*args, **kwargs)


class _Kept:
    """What stands in a row for a value that was not kept."""

    __slots__ = ("number", "described", "batchings", "__weakref__")

    def __init__(self, number: int, t: Tensor) -> None:
        self.number, self.described, self.batchings = number, _described(t), _batchings(t._v)


class _Enough(Exception):
    """All values that anybody waits for are there."""


class _Again:
    """A function and what it was called with; the values that it saves, by number, while a backward pass is using them."""

    def __init__(
        self, function: Callable[..., Any], args: tuple, kwargs: dict, preserve: bool, context: Any, checked: bool, early_stop: bool
    ) -> None:
        self.function, self.args, self.kwargs, self.context = function, args, kwargs, context
        self.random, self.levels = get_rng_state() if preserve else None, forward_ad.opened()
        self.chain, self.draws = _open_batchings(), STATE.draws
        self.checked, self.early_stop = checked, early_stop
        self.kept: list[weakref.ref[_Kept]] = []
        self.values: dict[int, Tensor] = {}

    def pack(self, t: Tensor) -> _Kept:
        """The first run saves a value."""
        made = _Kept(len(self.kept), t)
        self.kept.append(weakref.ref(made))
        return made

    def unpack(self, kept: _Kept) -> Tensor:
        """A backward pass reads it: once a value was taken, it must be computed again for another pass."""
        if kept.number not in self.values:
            self.values.clear()
            self.run()
        if kept.number not in self.values:
            raise CheckpointError(f"checkpoint: the second run saved fewer values than the first, which saved {len(self.kept)}")
        found = self.values.pop(kept.number)
        if self.checked and _described(found) != kept.described:
            raise CheckpointError(
                f"checkpoint: value {kept.number} was {kept.described} in the first run and {_described(found)} in the second; the function "
                "must compute the same again"
            )
        return found if _batchings(found._v) == kept.batchings else wrap(_moved(found._v, kept.batchings))

    def run(self) -> None:
        """Compute the values again."""
        count, waited = 0, {ref.number for ref in (reference() for reference in self.kept) if ref is not None}

        def pack(t: Tensor) -> Tensor:
            nonlocal count
            if count in waited:
                self.values[count] = t.detach()
            elif count >= len(self.kept):
                raise CheckpointError(f"checkpoint: the second run saved more values than the first, which saved {len(self.kept)}")
            count += 1
            if self.early_stop and count == len(self.kept):
                raise _Enough
            return t.detach()

        def run() -> None:
            before = change(draws=self.draws)
            try:
                with _random(self.random), forward_ad.again(self.levels), self.context, enable_grad(), saved_tensors_hooks(pack, lambda t: t):
                    self.function(*self.args, **self.kwargs)
            finally:
                change(**before)

        try:
            _inside(self.chain, run)
        except _Enough:
            return
        if count != len(self.kept):
            raise CheckpointError(f"checkpoint: the first run saved {len(self.kept)} values and the second {count}; it must compute the same again")


def _open_batchings() -> list[Any]:
    """The applications of vmap that are under way, the outermost first."""
    return STATE.trace.chain() if STATE.trace is not None and STATE.trace.lasting else []


def _inside(chain: list[Any], function: Callable[[], Any]) -> None:
    """Call a function inside these applications of vmap, over ones among them, and outside all others."""
    under_way = _open_batchings()
    for each in reversed(chain):
        if each not in under_way:
            function = partial(each.again, function, ())
    for each in under_way:
        if each not in chain:
            function = partial(each.around, function)
    function()


def _batchings(value: Any) -> list[Any]:
    """The applications of vmap of whose examples a value is, the innermost first."""
    found = []
    while type(value) is Traced and value.trace.lasting:
        found.append(value.trace)
        value = value.content
    return found


def _moved(value: Any, batchings: list[Any]) -> Any:
    """A value of the second run as one of the first: what the function maps itself is mapped by another vmap each time."""
    if len(_batchings(value)) != len(batchings):
        raise CheckpointError("checkpoint: the second run saved a value of other examples than the first; the function must compute the same again")
    return batchings[0].made(_moved(value.content, batchings[1:])) if batchings else value


def _described(t: Tensor) -> tuple:
    return tuple(t.shape), str(t.dtype)


@contextmanager
def _random(state: Any) -> Iterator[None]:
    """Random numbers as they were drawn then, for a while."""
    if state is None:
        yield
        return
    before = get_rng_state()
    set_rng_state(state)
    try:
        yield
    finally:
        set_rng_state(before)


class CheckpointFunction(Function):
    """A function as one row, whose backward runs it again and a backward pass within."""

    @staticmethod
    def forward(ctx: Any, function: Callable[..., Any], preserve: bool, *args: Any) -> Any:
        """The function without gradients."""
        check_backward_validity(args)
        ctx.function, ctx.random = function, get_rng_state() if preserve else None
        ctx.args = [None if isinstance(a, Tensor) else a for a in args]
        ctx.places = [i for i, a in enumerate(args) if isinstance(a, Tensor)]
        ctx.save_for_backward(*(a for a in args if isinstance(a, Tensor)))
        return function(*args)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        """The gradients of the arguments; those of what the function reaches by itself are accumulated on the way."""
        if RUNNING.sweeps and not RUNNING.sweeps[-1].whole:
            raise RuntimeError(
                "checkpoint with use_reentrant=True serves backward() without inputs= only, not grad(): its own backward pass accumulates into all "
                "leaves; use use_reentrant=False"
            )
        args = list(ctx.args)
        for place, t in zip(ctx.places, ctx.saved_tensors, strict=True):
            args[place] = t
        args = list(detach_variable(tuple(args)))
        with _random(ctx.random), enable_grad():
            outputs = ctx.function(*args)
        found = outputs if isinstance(outputs, tuple) else (outputs,)
        pairs = [(y, g) for y, g in zip(found, gradients, strict=True) if isinstance(y, Tensor) and y.requires_grad]
        if not pairs:
            raise RuntimeError("checkpoint: no output requires grad, so there is nothing to differentiate; do not use checkpoint here")
        autograd.backward([y for y, _ in pairs], [g for _, g in pairs])
        return (None, None, *(a.grad if isinstance(a, Tensor) else None for a in args))


def check_backward_validity(inputs: Sequence[Any]) -> None:
    """Warn where no input requires grad: with use_reentrant=True there is then no gradient."""
    if not any(isinstance(t, Tensor) and t.requires_grad for t in inputs):
        warnings.warn("checkpoint: none of the inputs requires grad, so gradients will be None; use use_reentrant=False", UserWarning, stacklevel=4)


def detach_variable(inputs: tuple) -> tuple:
    """Leaves of the values of Tensors, as they are; other values unchanged."""
    return tuple(t.detach().requires_grad_(t.requires_grad) if isinstance(t, Tensor) else t for t in inputs)


def checkpoint_sequential(functions: Any, segments: int, input: Any, use_reentrant: bool | None = None, **kwargs: Any) -> Any:
    """A chain of functions (or the modules of a Sequential), checkpointed in so many segments; the last one is kept.

    >>> from tape.utils.checkpoint import checkpoint_sequential
    >>> x = tape.tensor(0.5, requires_grad=True)
    >>> checkpoint_sequential([tape.sin, tape.exp, tape.tanh], 2, x, use_reentrant=False)
    tensor(0.9239, grad_fn=<TanhBackward0>)
    """
    if use_reentrant is None:
        warnings.warn("checkpoint_sequential: say use_reentrant=False (recommended) or True; it is True now", UserWarning, stacklevel=2)
        use_reentrant = True
    preserve = kwargs.pop("preserve_rng_state", True)
    if kwargs:
        raise ValueError(f"checkpoint_sequential: unknown options {', '.join(kwargs)}")
    chain = list(functions.children()) if hasattr(functions, "children") else list(functions)

    def segment(begin: int, end: int) -> Callable[[Any], Any]:
        def run(value: Any) -> Any:
            for function in chain[begin:end]:
                value = function(value)
            return value

        return run

    length, end = len(chain) // segments, 0
    for begin in range(0, length * (segments - 1), length) if length else ():
        end = begin + length
        input = checkpoint(segment(begin, end), input, use_reentrant=use_reentrant, preserve_rng_state=preserve)
    return segment(end, len(chain))(input)


__all__ = ["CheckpointError", "CheckpointFunction", "check_backward_validity", "checkpoint", "checkpoint_sequential", "detach_variable", "noop_context_fn",
           "set_checkpoint_debug_enabled", "set_checkpoint_early_stop"]  # fmt: skip
