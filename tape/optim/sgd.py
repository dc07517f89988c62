"""SGD: gradient descent with momentum. Imports optimizer; imported by tape.optim."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tape.optim.optimizer import Kept, Optimizer, decayed


class SGD(Optimizer):
    """Gradient descent, p -= lr*g, optionally with momentum.

    With momentum m and dampening d: b = g at the first step, then b = m*b + (1 - d)*g, and b takes the place of g (g
    + m*b for nesterov). weight_decay adds weight_decay*p to g; maximize climbs. foreach and fused are accepted and
    change nothing. ValueError for negative options.

    >>> x = tape.tensor([1.0], requires_grad=True)
    >>> optimizer = tape.optim.SGD([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.8000], requires_grad=True)
    """

    bounds = ("lr", "momentum", "weight_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: float = 0,
        nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
                    "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused}  # fmt: skip
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """ValueError for negative options, and for nesterov without momentum or with dampening."""
        super().check(group)
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ValueError("SGD got nesterov=True; it needs a momentum above 0 and dampening=0")

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """p - lr*g, where g is the gradient or the momentum."""
        g, momentum = decayed(group, values, g), group["momentum"]
        if momentum != 0:
            buffer = kept.get("momentum_buffer")
            b = kept["momentum_buffer"] = np.array(g) if buffer is None else momentum * buffer + (1 - group["dampening"]) * g
            g = g + momentum * b if group["nesterov"] else b
        return values - float(group["lr"]) * g


__all__ = ["SGD"]
