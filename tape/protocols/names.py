"""How NumPy's protocols find tape's functions: `F.name` is the public function, looked up when it is called.

`numpy_function(np.roll)` registers what a NumPy function does with Tensors, under NumPy's own parameter names; `on_values` registers one that has
no derivative (indices, counts, truth values, text): NumPy computes it from the values. Imports functions; imported by the other modules here.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from tape.functions import PUBLIC
from tape.tensor import Tensor, wrap
from tape.traced import Traced, as_value

FUNCTIONS: dict[Any, Callable[..., Any]] = {}


class _Functions:
    def __getattr__(self, name: str) -> Any:
        try:
            return PUBLIC[name]
        except KeyError:
            raise AttributeError(f"tape has no function {name!r}") from None


class _Module:
    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(self.name), name)


F: Any = _Functions()
fft: Any = _Module("tape.fft")
special: Any = _Module("tape.special")


def numpy_function(*functions: Any) -> Callable:
    """Register what these functions do with a Tensor among their arguments."""

    def keep(f: Callable) -> Callable:
        for each in functions:
            FUNCTIONS[each] = f
        return f

    return keep


def named(module: Any, names: str) -> list[Any]:
    """The functions of a module that this version of NumPy has."""
    return [getattr(module, name) for name in names.split() if hasattr(module, name)]


def values_in(given: Any) -> Any:
    """An argument with arrays in the place of Tensors, inside lists, tuples and dicts as well."""
    if isinstance(given, Tensor):
        return as_value(given._v)
    if type(given) in (list, tuple):
        return type(given)(values_in(v) for v in given)
    if type(given) is dict:
        return {k: values_in(v) for k, v in given.items()}
    return given


def tensors_of(made: Any) -> Any:
    """A result with Tensors in the place of arrays."""
    if isinstance(made, (np.ndarray, Traced)):
        return wrap(made)
    if isinstance(made, tuple) and hasattr(made, "_fields"):
        return type(made)(*(tensors_of(v) for v in made))
    if type(made) in (list, tuple):
        return type(made)(tensors_of(v) for v in made)
    return wrap(np.asarray(made)) if isinstance(made, np.generic) and not isinstance(made, np.bool_) else made


def on_values(function: Any) -> None:
    """Let NumPy compute a function without a derivative from the values."""

    def computed(*args: Any, **options: Any) -> Any:
        return tensors_of(function(*values_in(args), **values_in(options)))

    FUNCTIONS[function] = computed


def over(function: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A reduction of one dimension at a time over an axis, several or (None) all; with an empty tuple, `x` itself."""
    axes = range(x.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for each in sorted((d % max(x.ndim, 1) for d in axes), reverse=True):
        x = function(x, each, keepdims)
    return x
