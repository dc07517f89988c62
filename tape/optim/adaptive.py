"""Step lengths from the history of each gradient element: Adagrad, Adadelta, RMSprop, Rprop.

Invariant: with equal options each takes PyTorch's steps to rounding. Imports optimizer; imported by tape.optim.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tape.optim.optimizer import Kept, Optimizer, counted, decayed
from tape.tensor import array, wrap


class Adagrad(Optimizer):
    """p -= lr/(1 + (k-1)*lr_decay) * g / (sqrt(s) + eps) in step k, where s is the sum of all squared gradients (Duchi et al., 2011).

    >>> x = tape.tensor([1.0], requires_grad=True)
    >>> optimizer = tape.optim.Adagrad([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.9000], requires_grad=True)
    """

    bounds = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-2, lr_decay: float = 0, weight_decay: float = 0, initial_accumulator_value: float = 0,
        eps: float = 1e-10, foreach: bool | None = None, *, maximize: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay,
                    "initial_accumulator_value": initial_accumulator_value, "foreach": foreach, "maximize": maximize,
                    "differentiable": differentiable, "fused": fused}  # fmt: skip
        super().__init__(params, defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters; their sums begin at initial_accumulator_value."""
        super().add_param_group(param_group)
        group = self.param_groups[-1]
        for p in group["params"]:
            start = group["initial_accumulator_value"]
            complex_start = complex(start, start) if p._s.dtype.kind == "c" else start
            self.state[p] = {"step": wrap(0.0), "sum": wrap(np.full_like(array(p), complex_start))}

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of Adagrad."""
        g, step = decayed(group, values, g), counted(kept)
        kept["sum"] = kept["sum"] + g * g
        return values - float(group["lr"]) / (1 + (step - 1) * group["lr_decay"]) * g / (np.sqrt(kept["sum"]) + group["eps"])


class Adadelta(Optimizer):
    """p -= lr * g * sqrt(d + eps)/sqrt(s + eps), where s and d are running means of the squared gradients and of the squared steps."""

    bounds = ("lr", "eps", "weight_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1.0, rho: float = 0.9, eps: float = 1e-6, weight_decay: float = 0,
        foreach: bool | None = None, *, capturable: bool = False, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "capturable": capturable,
                    "foreach": foreach, "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """ValueError for negative options and rho outside [0, 1]."""
        super().check(group)
        if not 0.0 <= group["rho"] <= 1.0:
            raise ValueError(f"Adadelta got rho={group['rho']}; wanted a number from 0 to 1")

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of Adadelta."""
        g, rho, eps = decayed(group, values, g), group["rho"], group["eps"]
        counted(kept, square_avg=g, acc_delta=g)
        kept["square_avg"] = kept["square_avg"] * rho + (1 - rho) * g * g
        delta = np.sqrt(kept["acc_delta"] + eps) / np.sqrt(kept["square_avg"] + eps) * g
        kept["acc_delta"] = kept["acc_delta"] * rho + (1 - rho) * delta * delta
        return values - float(group["lr"]) * delta


class RMSprop(Optimizer):
    """p -= lr * g / (sqrt(s) + eps), where s is the running mean of the squared gradients, less that of the gradients squared if centered.

    With momentum m: b = m*b + g/(sqrt(s) + eps), p -= lr*b.
    """

    bounds = ("lr", "eps", "weight_decay", "momentum", "alpha")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-2, alpha: float = 0.99, eps: float = 1e-8, weight_decay: float = 0, momentum: float = 0,
        centered: bool = False, capturable: bool = False, foreach: bool | None = None, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "centered": centered, "weight_decay": weight_decay,
                    "capturable": capturable, "foreach": foreach, "maximize": maximize, "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of RMSprop."""
        g, alpha = decayed(group, values, g), group["alpha"]
        extra = ([("momentum_buffer", g)] if group["momentum"] > 0 else []) + ([("grad_avg", g)] if group["centered"] else [])
        counted(kept, square_avg=g, **dict(extra))
        s = kept["square_avg"] = kept["square_avg"] * alpha + (1 - alpha) * g * g
        if group["centered"]:
            mean = kept["grad_avg"] = kept["grad_avg"] + (1 - alpha) * (g - kept["grad_avg"])
            s = s - mean * mean
        step = g / (np.sqrt(s) + group["eps"])
        if group["momentum"] > 0:
            step = kept["momentum_buffer"] = group["momentum"] * kept["momentum_buffer"] + step
        return values - float(group["lr"]) * step


class Rprop(Optimizer):
    """p -= sign(g) * d, where d grows by etas[1] while the sign of g stays and shrinks by etas[0] where it turns (Riedmiller, 1993).

    d begins at lr and stays within step_sizes; where the sign has turned, that step is left out.
    """

    bounds = ("lr",)

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-2, etas: tuple[float, float] = (0.5, 1.2), step_sizes: tuple[float, float] = (1e-6, 50),
        *, capturable: bool = False, foreach: bool | None = None, maximize: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize,
                    "differentiable": differentiable, "capturable": capturable}  # fmt: skip
        super().__init__(params, defaults)

    def check(self, group: dict[str, Any]) -> None:
        """ValueError for a negative lr and for etas that do not shrink and grow."""
        super().check(group)
        if not 0.0 < group["etas"][0] < 1.0 < group["etas"][1]:
            raise ValueError(f"Rprop got etas={group['etas']}; wanted one between 0 and 1 and one above 1")

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of Rprop."""
        if counted(kept, prev=g) == 1:
            kept["step_size"] = np.full_like(g, float(group["lr"]))
        turned = np.sign(g * kept["prev"])
        factor = np.where(turned > 0, group["etas"][1], np.where(turned < 0, group["etas"][0], 1.0))
        kept["step_size"] = np.clip(kept["step_size"] * factor, *group["step_sizes"])
        g = kept["prev"] = np.where(turned < 0, 0.0, g)
        return values - np.sign(g) * kept["step_size"]


__all__ = ["Adadelta", "Adagrad", "RMSprop", "Rprop"]
