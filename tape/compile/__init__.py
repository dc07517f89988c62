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

    Options: `native` (True: machine code when ready; False: never), `threads` (cores for large arrays, default `set_num_threads`),
    `audit` (run `fn` again at each call and compare; RuntimeError on a difference), `relaxed` (allow identities that change NaN and
    signed zeros), `passes` (names of optimiser passes to leave out), `limit` (programs kept a signature).

    >>> import numpy as np, tape
    >>> f = tape.compile(tape.func.value_and_grad(lambda x: (x * x).sum()))
    >>> f(np.array([1.0, 2.0]))
    (5.0, array([2., 4.]))
    """
    from tape.compile.function import Compiled

    if fn is None:
        return lambda fn: Compiled(fn, **options)
    return Compiled(fn, **options)


__all__ = ["compile"]
