"""Programs: functions recorded once and replayed. The public face is `compile`; everything else loads when it is first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compile(fn: Callable | None = None, **options: Any) -> Any:
    """Record a function once and replay it natively afterwards. Usable as a call and as a decorator.

    The first call with arguments of some structure, shapes and dtypes runs `fn` and records every operation on Tensors; later calls
    replay the recording, first by compiled kernels, then, as soon as it is ready, by machine code of its own. ndarrays and floats
    arrive in `fn` as Tensors and its results come back as ndarrays and numbers; Tensors give Tensors, and where one requires grad
    the call is one differentiable row. Other arguments (ints, strings, functions) are part of the signature.

    Never stale: every value that `fn` looked at (`if x > 0`, `float(x)`) is a guard, and what it reads from globals, closures and
    attributes is compared at each call; a difference records again, and both recordings are kept. What cannot be kept runs
    eagerly, and `.explain()` says why.

    native: machine code in the background; False: the blocked tier only. threads: cores for large arrays, None for `set_num_threads`.
    audit: run `fn` again at each call and compare; RuntimeError on a difference. relaxed: identities of real numbers that change last
    bits, NaN and signs of zeros. passes: names of optimiser passes to leave out, as in explain(). limit: programs kept for a kind of
    arguments. TypeError for another option or an `fn` that is no function; ValueError for a value that an option does not take.

    The result is called like `fn` and has `.explain()` (programs, guards, misses, reasons to run eagerly, cost), `.show()` (the last
    program as text), `.to_python()` and `.constants()` (as NumPy source) and `.wait(timeout)` (for machine code). It pickles where `fn` does;
    threads may share it.

    >>> import numpy as np, tape
    >>> f = tape.compile(tape.func.value_and_grad(lambda x: (x * x).sum()))
    >>> f(np.array([1.0, 2.0]))
    (5.0, array([2., 4.]))
    >>> f
    <compiled <lambda>: 1 programs>
    """
    from tape.compile.function import Compiled

    _check(options)
    if fn is None:
        return lambda fn: Compiled(fn, **options)
    return Compiled(fn, **options)


def _check(options: dict[str, Any]) -> None:
    """Raise for options that `Compiled` would take and serve otherwise than meant."""
    from tape.compile.signature import Options

    unknown = sorted(set(options) - set(Options._fields))
    if unknown:
        raise TypeError(f"compile: unknown options {unknown}; there are {', '.join(Options._fields)}")
    for name, least in (("threads", 1), ("limit", 1)):
        value = options.get(name)
        if value is not None and not (isinstance(value, int) and value >= least):
            raise ValueError(f"compile: {name} is {value!r}; wanted a whole number of at least {least}")
    given = options.get("passes", ())
    if given:
        from tape.compile.passes.pipeline import PASSES

        known = [name for name, _ in PASSES] + ["relaxed"]
        if isinstance(given, str) or set(given) - set(known):
            raise ValueError(f"compile: passes is {given!r}; wanted a tuple of names to leave out, of {', '.join(known)}")


__all__ = ["compile"]
