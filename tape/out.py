"""`out=`: results written into Tensors that the caller gives, as PyTorch does it; the one place that knows its rules.

    @takes_out
    def trapezoid(y, x=None): ...            # gains the keyword out: a Tensor, or a tuple of them for several results

`takes_out` makes a function take `out=`; `written(name, out, made)` is what it does with a result, for functions that name `out` in their own
signature. Tensor methods have no `out`: tape/methods attaches `function.without_out`. Rules: the result is computed first, so `out` may be an
input; RuntimeError where a result or `out` requires grad and gradients are on, or where the dtype of `out` is of a lower category; an `out` of
another shape takes the result's, with a warning unless it was empty; TypeError where it is no Tensor. Returns `out` itself.
Imports record; tape/inplace only when something is written. Imported by functions of every family.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from sys import _getframe
from typing import Any

import numpy as np

from tape.dtypes import can_cast, name_of
from tape.places import outside
from tape.record import cast
from tape.spec import SCALAR, intern
from tape.state import STATE
from tape.tensor import Tensor, tangent_of


def takes_out(function: Callable) -> Callable:
    """The function with a further keyword `out`. Its result is a Tensor, or a tuple of Tensors.

    >>> import tape
    >>> x = tape.zeros(0)
    >>> tape.add(tape.tensor([1.0, 2.0]), 1, out=x) is x, x
    (True, tensor([2., 3.]))
    """

    @functools.wraps(function)
    def call(*inputs: Any, out: Any = None, **options: Any) -> Any:
        made = function(*inputs, **options)
        return made if out is None else written(function.__name__, out, made)

    call.without_out = function  # type: ignore[attr-defined]
    known = inspect.signature(function)
    last = inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Any)
    parameters = list(known.parameters.values())
    place = len(parameters) - (bool(parameters) and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD)
    call.__signature__ = known.replace(parameters=[*parameters[:place], last, *parameters[place:]])  # type: ignore[attr-defined]
    return call


def written(name: str, out: Any, made: Any) -> Any:
    """Write a result, or each of several, into `out` and return `out`."""
    if isinstance(made, tuple):
        if not isinstance(out, (tuple, list)) or len(out) != len(made):
            raise TypeError(f"{name}: out is {_told(out)}; wanted a tuple of {len(made)} Tensors")
        several = [_write(name, each, value) for each, value in zip(out, made, strict=True)]
        return type(made)._make(several) if hasattr(made, "_make") else tuple(several)
    if isinstance(out, (tuple, list)) and len(out) == 1:
        out = out[0]
    return _write(name, out, made)


def _told(given: Any) -> str:
    return f"{type(given).__name__} of {len(given)}" if isinstance(given, (tuple, list)) else type(given).__name__


def _write(name: str, out: Any, made: Tensor) -> Tensor:
    from tape import inplace

    if not isinstance(out, Tensor):
        raise TypeError(f"{name}: out is {_told(out)}; wanted a Tensor")
    if STATE.grad and (made._t is not None or out._t is not None):
        which = "out" if made._t is None else "an input"
        raise RuntimeError(f"{name}: {which} requires grad, and what is written to out= has no gradient; use no_grad(), or leave out= away")
    if STATE.dual and (tangent_of(made) is not None or tangent_of(out) is not None):
        raise NotImplementedError(f"{name}: out or an input is dual, and what is written to out= has no tangent; leave out= away")
    if not can_cast(made._s.dtype, out._s.dtype):
        raise RuntimeError(f"{name}: the result is {name_of(made._s.dtype)}, which cannot be stored in out of {name_of(out._s.dtype)}")
    if out is made:
        return out
    inplace.allowed(out, name)
    if out._s.shape != made._s.shape:
        _resize(name, out, made)
    inplace.write(out, cast(made, out._s.dtype))
    return out


def _resize(name: str, out: Tensor, made: Tensor) -> None:
    """Give `out` memory of the result's shape."""
    if out._s.size:
        text = f"{name}: out has shape {out._s.shape} and is resized to {made._s.shape}; give an empty tensor, or one of the result's shape"
        frame = outside(_getframe(1))
        warnings.warn_explicit(text, UserWarning, frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__"))
    out._s = intern(made._s.shape, out._s.dtype)
    out._v = 0.0 if out._s is SCALAR else np.empty(made._s.shape, out._s.dtype)


__all__ = ["takes_out", "written"]
