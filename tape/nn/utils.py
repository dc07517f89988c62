"""torch.nn.utils (PyTorch's name): gradients cut to a length, and parameters as one vector.

Invariant: gradients are scaled in place and nothing is recorded. Imports functions and inplace; imported by tape.nn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from tape.autograd.grad_mode import no_grad
from tape.functions.joining import cat, stack
from tape.tensor import Tensor


def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False) -> Tensor:
    """The norm of all elements together. RuntimeError where it is not finite, if asked for."""
    given = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    with no_grad():
        if not given:
            from tape.functions.creation import zeros

            return zeros(())
        norms = stack([t.norm(float(norm_type)) for t in given])
        total = norms.norm(float(norm_type))
    if error_if_nonfinite and not math.isfinite(float(total.item())):
        raise RuntimeError(f"the norm of order {norm_type} of all gradients is {total.item()}; pass error_if_nonfinite=False to go on")
    return total


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """Scale all gradients so that their norm together is at most max_norm; returns the norm before.

    >>> x = tape.tensor([3.0, 4.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> tape.nn.utils.clip_grad_norm_([x], 1.0), x.grad
    (tensor(10.), tensor([0.6000, 0.8000]))
    """
    gradients = _gradients(parameters)
    total = get_total_norm(gradients, norm_type, error_if_nonfinite)
    with no_grad():
        factor = (max_norm / (total + 1e-6)).clamp(max=1.0)
        for g in gradients:
            g.mul_(factor)
    return total


def clip_grad_value_(parameters: Any, clip_value: float, foreach: bool | None = None) -> None:
    """Clamp every gradient element between -clip_value and clip_value."""
    with no_grad():
        for g in _gradients(parameters):
            g.clamp_(-float(clip_value), float(clip_value))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """All parameters in one vector, recorded."""
    return cat([p.reshape(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Set parameters to the parts of a vector. TypeError for what is no Tensor."""
    if not isinstance(vec, Tensor):
        raise TypeError(f"vector_to_parameters got a {type(vec).__name__}; wanted a Tensor")
    place = 0
    for p in parameters:
        p.data = vec[place : place + p.numel()].view_as(p).data
        place += p.numel()


def _gradients(parameters: Any) -> list[Tensor]:
    given = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    return [p.grad for p in given if p.grad is not None]


__all__ = ["clip_grad_norm_", "clip_grad_value_", "get_total_norm", "parameters_to_vector", "vector_to_parameters"]
