"""Switches for recording: no_grad, enable_grad, set_grad_enabled, inference_mode. All are per thread and reentrant, and serve as
context managers and as decorators, with or without parentheses, of functions and generators."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any

from tape.state import STATE, change


class _Switch:
    """A context manager that is also a decorator; one object may be entered again while it is active."""

    def __init__(self) -> None:
        self._before: list[tuple[bool, bool]] = []  # gradients, inference

    def _switches(self) -> dict[str, Any]:
        raise NotImplementedError  # each subclass says what it switches

    def _again(self) -> _Switch:
        return type(self)()

    def clone(self) -> _Switch:
        """Another of the same kind."""
        return self._again()

    def __enter__(self) -> None:
        wanted = {"grad": STATE.grad, "inference": STATE.inference, **self._switches()}
        self._before.append((STATE.grad, STATE.inference))
        grad, inference = wanted["grad"], wanted["inference"]
        # No call from here on: Python looks for a pending interrupt at calls, and finds all of this done or nothing.
        STATE.grad, STATE.inference = grad, inference
        STATE.open = STATE.tape if grad and not inference and not STATE.dual and STATE.place is None and STATE.trace is None and STATE.saving is None else None

    def __exit__(self, *exc: Any) -> None:
        grad, inference = self._before[-1]
        STATE.grad, STATE.inference = grad, inference
        STATE.open = STATE.tape if grad and not inference and not STATE.dual and STATE.place is None and STATE.trace is None and STATE.saving is None else None
        del self._before[-1]

    def __call__(self, function: Callable) -> Any:
        if inspect.isclass(function):
            warnings.warn(
                f"{type(self).__name__} decorates a class; only its constructor runs under it: decorate methods instead",
                FutureWarning,
                stacklevel=2,
            )
            function.__init__ = self(function.__init__)
            return function
        if inspect.isgeneratorfunction(function):
            return self._around_generator(function)

        @functools.wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return switched

    def _around_generator(self, function: Callable) -> Callable:
        """The switch holds while the generator runs, not while its consumer does."""

        @functools.wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            send: Callable[[], Any] = lambda: next(generator)  # noqa: E731
            while True:
                try:
                    with self._again():
                        produced = send()
                except StopIteration as end:
                    return end.value
                try:
                    answer = yield produced
                except GeneratorExit:
                    with self._again():
                        generator.close()
                    raise
                except BaseException as error:
                    send = functools.partial(generator.throw, error)
                else:
                    send = functools.partial(generator.send, answer)

        return switched


class _Bare(type):
    """Lets `@no_grad` stand without parentheses."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        given = (*args, *kwargs.values())
        if len(given) == 1 and callable(given[0]) and kwargs.keys() <= {"mode"}:
            return super().__call__()(given[0])
        return super().__call__(*args, **kwargs)


class no_grad(_Switch, metaclass=_Bare):
    """Operations inside are not recorded.

    >>> import tape
    >>> x = tape.ones(1, requires_grad=True)
    >>> with tape.no_grad():
    ...     (x * 2).requires_grad
    False
    """

    def _switches(self) -> dict[str, Any]:
        return {"grad": False}


class enable_grad(_Switch, metaclass=_Bare):
    """Operations inside are recorded again, within `no_grad`; not within `inference_mode`."""

    def _switches(self) -> dict[str, Any]:
        return {"grad": True}


class set_grad_enabled(_Switch):
    """Recording on or off: as a call at once, as a context for its block.

    >>> import tape
    >>> with tape.set_grad_enabled(False):
    ...     tape.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled was given {mode!r}; it takes True or False")
        super().__init__()
        self.mode = mode
        self._at_call: dict[str, Any] | None = change(grad=self.mode)
        self.prev = self._at_call["grad"]

    def _switches(self) -> dict[str, Any]:
        return {"grad": self.mode}

    def _again(self) -> _Switch:
        return set_grad_enabled(self.mode)

    def __enter__(self) -> None:
        super().__enter__()
        if self._at_call is not None:
            self._before[-1] = (self._at_call["grad"], self._before[-1][1])
        self._at_call = None

    def __call__(self, function: Callable) -> Any:
        if self._at_call is not None:
            change(**self._at_call)
            self._at_call = None
        return super().__call__(function)


class inference_mode(_Switch, metaclass=_Bare):
    """Nothing inside is recorded, nor can its results be later; `inference_mode(False)` escapes.

    >>> import tape
    >>> with tape.inference_mode():
    ...     tape.ones(1).is_inference()
    True
    """

    def __init__(self, mode: bool = True) -> None:
        super().__init__()
        self.mode = bool(mode)

    def _switches(self) -> dict[str, Any]:
        return {"inference": True, "grad": False} if self.mode else {"inference": False, "grad": True}

    def _again(self) -> _Switch:
        return inference_mode(self.mode)


class set_multithreading_enabled(_Switch):
    """Remembered, as a call at once or for a block, and without further effect: a sweep runs in the thread that asked for it."""

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self.mode, self._outer = bool(mode), STATE.multithreading
        STATE.multithreading = self.mode

    def _switches(self) -> dict[str, Any]:
        return {}

    def _again(self) -> _Switch:
        return set_multithreading_enabled(self.mode)

    def __exit__(self, *exc: Any) -> None:
        super().__exit__(*exc)
        STATE.multithreading = self._outer


class enforce_grad_layout_policy(_Switch):
    """Accepted and without effect: gradients that accumulate always lie in memory as their leaf does. TypeError for anything but a bool."""

    def __init__(self, enable: bool = True) -> None:
        if not isinstance(enable, bool):
            raise TypeError(f"enforce_grad_layout_policy was given {enable!r}; it takes True or False")
        super().__init__()

    def _switches(self) -> dict[str, Any]:
        return {}


def is_grad_enabled() -> bool:
    """Whether operations of this thread are recorded."""
    return STATE.grad


def is_multithreading_enabled() -> bool:
    """What `set_multithreading_enabled` said last."""
    return STATE.multithreading


def is_inference_mode_enabled() -> bool:
    """Whether this thread is in inference mode."""
    return STATE.inference


__all__ = ["enable_grad", "enforce_grad_layout_policy", "inference_mode", "no_grad", "set_grad_enabled", "set_multithreading_enabled"]
