"""NumPy's protocols: `np.sin(t)`, `array * t`, `np.interp(t, xp, fp)` and `np.linalg.solve(A, t)` on Tensors record, as tape's own functions do.

Parameters and values are NumPy's. Invariant: what is not known raises TypeError instead of falling back to plain arrays, which would
lose the history. Imports the functions; imported by methods.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

import numpy as np

from tape.protocols import mathematics, picking, reducing, shaping  # noqa: F401  (imported to register)
from tape.protocols.names import FUNCTIONS
from tape.protocols.ufuncs import array_ufunc
from tape.tensor import Tensor

_MEANINGLESS = {"out": None, "like": None, "order": "K", "subok": False, "overwrite_input": False}  # where they say what is so anyway


@cache
def _signature(function: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except ValueError:  # some of NumPy's compiled functions have none
        return None


def array_function(self: Any, function: Any, types: Any, args: tuple, options: dict) -> Any:
    """Another NumPy function with a Tensor among its arguments, as NumPy's protocol hands it over."""
    own = FUNCTIONS.get(function)
    if own is None:
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        raise TypeError(f"{name} of a Tensor: no operation of tape means the same; use a function of tape, or detach().numpy()")
    signature = _signature(function)
    if signature is None or any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values()):
        out, options = options.get("out"), {k: v for k, v in options.items() if k != "out"}
        made = own(*args, **options)
    else:
        given = signature.bind(*args, **options)
        out = given.arguments.pop("out", None)
        positional, named = [], {}
        for name, parameter in signature.parameters.items():
            if name not in given.arguments:
                continue
            value = given.arguments[name]
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            elif parameter.kind is parameter.VAR_KEYWORD:
                named.update(value)
            elif value is not np._NoValue and (name not in _MEANINGLESS or value != _MEANINGLESS[name]):
                named[name] = value
        made = own(*positional, **named)
    if out is None:
        return made
    if not isinstance(out, Tensor):
        raise TypeError(f"np.{function.__name__} writes a Tensor into an ndarray, where its history is lost; drop out=")
    return out.copy_(made)


__all__ = ["array_function", "array_ufunc"]
