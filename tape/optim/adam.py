"""Adam and its relatives: steps from running means of the gradients and of their squares (Kingma and Ba, 2015).

In the formulas m and v are the running means with factors b, c = betas, corrected for their start at zero by 1 - b^k and 1 - c^k in step k.
Invariant: with equal options each takes PyTorch's steps to rounding. Imports optimizer; imported by tape.optim.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tape.optim.optimizer import Kept, Optimizer, counted, decayed


class Adam(Optimizer):
    """p -= lr * m / (sqrt(v) + eps), with m and v corrected; amsgrad takes the largest v so far.

    weight_decay adds weight_decay*p to the gradient, or with decoupled_weight_decay shrinks p by lr*weight_decay directly. foreach, fused
    and capturable are accepted and change nothing. ValueError for negative options and betas outside [0, 1).

    >>> x = tape.tensor([1.0], requires_grad=True)
    >>> optimizer = tape.optim.Adam([x], lr=0.1)
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x
    tensor([0.9000], requires_grad=True)
    """

    bounds = ("lr", "eps", "weight_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[Any, Any] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
        amsgrad: bool = False, *, foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None, decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad, "maximize": maximize,
                    "foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused,
                    "decoupled_weight_decay": decoupled_weight_decay}  # fmt: skip
        super().__init__(params, defaults)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of Adam."""
        values, g = _shrunk(group, values, g)
        step, lr, b, c = _means(group, kept, g)
        v = kept["exp_avg_sq"]
        if group["amsgrad"]:
            v = kept["max_exp_avg_sq"] = np.maximum(kept.get("max_exp_avg_sq", np.zeros_like(v)), v)
        return values - lr / (1 - b**step) * kept["exp_avg"] / (np.sqrt(v) / (1 - c**step) ** 0.5 + group["eps"])


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019): p shrinks by lr*weight_decay apart from the gradient.

    >>> x = tape.tensor([1.0], requires_grad=True)
    >>> tape.optim.AdamW([x], lr=0.1).param_groups[0]["weight_decay"]
    0.01
    """

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[Any, Any] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 1e-2,
        amsgrad: bool = False, *, maximize: bool = False, foreach: bool | None = None, capturable: bool = False,
        differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip


class Adamax(Optimizer):
    """p -= lr/(1 - b^k) * m / u, where u is the larger of c*u and |g| + eps."""

    bounds = ("lr", "eps", "weight_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, foreach: bool | None = None, *, maximize: bool = False, differentiable: bool = False,
        capturable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "foreach": foreach, "maximize": maximize,
                    "differentiable": differentiable, "capturable": capturable}  # fmt: skip
        super().__init__(params, defaults)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of Adamax."""
        g = decayed(group, values, g)
        step, (b, c) = counted(kept, exp_avg=g, exp_inf=g), map(float, group["betas"])
        kept["exp_avg"] = kept["exp_avg"] + (1 - b) * (g - kept["exp_avg"])
        kept["exp_inf"] = np.maximum(kept["exp_inf"] * c, np.abs(g) + group["eps"])
        return values - float(group["lr"]) / (1 - b**step) * kept["exp_avg"] / kept["exp_inf"]


class NAdam(Optimizer):
    """Adam with Nesterov's momentum (Dozat, 2016), whose factor is b*(1 - 0.96^(k*momentum_decay)/2) in step k."""

    bounds = ("lr", "eps", "weight_decay", "momentum_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 2e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
        momentum_decay: float = 4e-3, decoupled_weight_decay: bool = False, *, foreach: bool | None = None, maximize: bool = False,
        capturable: bool = False, differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "momentum_decay": momentum_decay,
                    "decoupled_weight_decay": decoupled_weight_decay, "maximize": maximize, "foreach": foreach,
                    "capturable": capturable, "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of NAdam."""
        values, g = _shrunk(group, values, g)
        step, lr, b, c = _means(group, kept, g)
        mu, following = (b * (1.0 - 0.5 * 0.96 ** (k * group["momentum_decay"])) for k in (step, step + 1))
        product = kept["mu_product"] = kept.get("mu_product", np.ones(())) * mu
        length = np.sqrt(kept["exp_avg_sq"] / (1 - c**step)) + group["eps"]
        values = values - lr * (1.0 - mu) / (1.0 - product) * g / length
        return values - lr * following / (1.0 - product * following) * kept["exp_avg"] / length


class RAdam(Optimizer):
    """Adam that starts with plain momentum until v is known well enough (Liu et al., 2020), and then rectifies its steps."""

    bounds = ("lr", "eps", "weight_decay")

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0,
        decoupled_weight_decay: bool = False, *, foreach: bool | None = None, maximize: bool = False, capturable: bool = False,
        differentiable: bool = False,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize, "foreach": foreach,
                    "capturable": capturable, "decoupled_weight_decay": decoupled_weight_decay, "differentiable": differentiable}  # fmt: skip
        super().__init__(params, defaults)

    def updated(self, group: dict[str, Any], kept: Kept, values: np.ndarray, g: np.ndarray) -> np.ndarray:
        """One step of RAdam."""
        values, g = _shrunk(group, values, g)
        step, lr, b, c = _means(group, kept, g)
        longest = 2 / (1 - c) - 1
        length = longest - 2 * step * c**step / (1 - c**step)
        m = kept["exp_avg"] / (1 - b**step)
        if length <= 5.0:
            return values - lr * m
        rectified = ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
        return values - lr * m * rectified * (1 - c**step) ** 0.5 / (np.sqrt(kept["exp_avg_sq"]) + group["eps"])


def _shrunk(group: dict[str, Any], values: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and gradient after weight decay of either kind."""
    if group["decoupled_weight_decay"]:
        return values * (1 - float(group["lr"]) * group["weight_decay"]), g
    return values, decayed(group, values, g)


def _means(group: dict[str, Any], kept: Kept, g: np.ndarray) -> tuple[float, float, float, float]:
    """Renew both running means; the number of the step, the learning rate and both factors."""
    step, (b, c) = counted(kept, exp_avg=g, exp_avg_sq=g), map(float, group["betas"])
    kept["exp_avg"] = kept["exp_avg"] + (1 - b) * (g - kept["exp_avg"])
    kept["exp_avg_sq"] = kept["exp_avg_sq"] * c + (1 - c) * g * g
    return step, float(group["lr"]), b, c


__all__ = ["Adam", "AdamW", "Adamax", "NAdam", "RAdam"]
