"""`Variable`, from when Tensors had no gradients: making one makes a Tensor. Every Tensor is an instance. Imported by tape/autograd."""

from __future__ import annotations

from typing import Any

from tape.tensor import Tensor, wrap


class VariableMeta(type):
    """Makes every Tensor an instance of Variable."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, Tensor)

    def __call__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Tensor:
        if data is None:
            import numpy as np

            data = wrap(np.empty(0))
        if not isinstance(data, Tensor):
            raise TypeError(f"Variable of a {type(data).__name__}; it takes a Tensor")
        made = data.detach()
        return made.requires_grad_() if requires_grad else made


class Variable(metaclass=VariableMeta):
    """The old name of Tensor: Variable(data, requires_grad=False) is `data` without its history."""


__all__ = ["Variable", "VariableMeta"]
