"""Gradients of functions that return a scalar: `grad`, `grad_and_value` (torch.func's) and `value_and_grad` (JAX's order).

Each takes a function and gives one of the same arguments; they nest, in themselves and in the other transforms, to any order.
Invariant: no `.grad` is written, no Tensor of the user's changes, and results have history only where something outside the
transform can be differentiated through them. Imports levels and arguments; imported by tape.func.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tape.func import arguments
from tape.func.levels import Level
from tape.func.pullbacks import freed
from tape.functions.creation import ones_like


def grad(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns the gradient of `func`, which must return a 0-d Tensor, at the arguments it is called with.

    argnums: which positional arguments to differentiate: an int gives a gradient of that argument's structure (tuples, lists, dicts,
    dataclasses of Tensors, arrays, numbers; the gradient's leaves are Tensors of the leaves' shapes and dtypes), a tuple gives a tuple.
    has_aux: `func` returns (output, aux), and the result is (gradient, aux). What the output does not depend on gets zeros.
    Works under `no_grad` as well, where its result has no history. RuntimeError for an output that is no 0-d Tensor, arguments that are
    not floating, wrong `argnums`, an output that is no pair with has_aux. By one reverse sweep.

    >>> import tape
    >>> tape.func.grad(tape.sin)(0.0)
    tensor(1.)
    >>> tape.func.grad(tape.func.grad(lambda x: x**3))(2.0)
    tensor(12.)
    >>> tape.func.grad(lambda p: (p["a"] * p["b"]).sum())({"a": tape.ones(2), "b": tape.zeros(2)})
    {'a': tensor([0., 0.]), 'b': tensor([1., 1.])}
    """

    @functools.wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, _, aux = _differentiate("grad", func, argnums, has_aux, args, kwargs)
        return (found, aux) if has_aux else found

    return gradient


def grad_and_value(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns (gradient, value) of `func`, or (gradient, (value, aux)) with has_aux; otherwise as `grad`.

    >>> import tape
    >>> tape.func.grad_and_value(lambda x: (x * x).sum())(tape.tensor([1.0, 2.0]))
    (tensor([2., 4.]), tensor(5.))
    """

    @functools.wraps(func)
    def gradient_and_value(*args: Any, **kwargs: Any) -> Any:
        found, value, aux = _differentiate("grad_and_value", func, argnums, has_aux, args, kwargs)
        return found, ((value, aux) if has_aux else value)

    return gradient_and_value


def value_and_grad(func: Callable[..., Any], argnums: int | tuple[int, ...] = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that returns (value, gradient) of `func`, or ((value, aux), gradient) with has_aux; otherwise as `grad`.

    >>> import tape
    >>> tape.func.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (tensor(6.), (tensor(3.), tensor(2.)))
    """

    @functools.wraps(func)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        found, value, aux = _differentiate("value_and_grad", func, argnums, has_aux, args, kwargs)
        return ((value, aux) if has_aux else value), found

    return value_and_gradient


def _differentiate(name: str, func: Callable, argnums: Any, has_aux: bool, args: tuple, kwargs: dict) -> tuple[Any, Any, Any]:
    """Gradient, value and auxiliary value."""
    chosen = arguments.choose(name, args, argnums)
    with Level() as level:
        variables = level.start(chosen.leaves)
        result, aux = arguments.pair(name, func(*chosen.put(variables), **kwargs), has_aux)
        value = arguments.scalar(name, result)
        level.settle([value], name)
        found = level.pull([value], [ones_like(value)], True, level.linked)  # kept: the function may have handed out a pullback
        value, *found = level.release([value, *found], level.linked)
        return chosen.structure.build(found), value, freed(level, aux) if has_aux else None


__all__ = ["grad", "grad_and_value", "value_and_grad"]
