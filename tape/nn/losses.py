"""Losses under torch.nn.functional's names, composed of recorded operations.

All take `reduction` "mean" (the default), "sum" or "none" (and `size_average` and `reduce`, the older spelling of the same). Compositions
are written so that no branch that is not taken contributes inf or NaN to values or gradients. Those of classes are in classification.
Imports functions; imported by nn.functional.
"""

from __future__ import annotations

import warnings
from math import log, pi
from typing import Any

import numpy as np

from tape.functions import elementwise, reductions
from tape.functions.arguments import tensor_of
from tape.functions.choosing import where
from tape.nn.layers import bounded_below
from tape.outputs import titled
from tape.record import broadcast
from tape.tensor import Tensor, array, wrap


def reduction_of(size_average: Any, reduce: Any, reduction: str) -> str:
    """The reduction that the older arguments mean, where they are given."""
    if size_average is None and reduce is None:
        return reduction
    warnings.warn("size_average and reduce are an older spelling; use reduction='mean', 'sum' or 'none'", UserWarning, stacklevel=4)
    if reduce is False:
        return "none"
    return "mean" if size_average or size_average is None else "sum"


def reduced(name: str, loss: Tensor, reduction: str) -> Tensor:
    """The loss of each element, or their mean or sum."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{name} got reduction={reduction!r}; wanted 'mean', 'sum' or 'none'")
    return loss if reduction == "none" else reductions.mean(loss) if reduction == "mean" else reductions.sum(loss)


def weighed(name: str, loss: Tensor, weight: Any, reduction: str) -> Tensor:
    """`reduced`, of losses times weights of their shape; the mean is over the sum of the weights."""
    if weight is None:
        return reduced(name, loss, reduction)
    w = tensor_of(name, weight)
    if w._s.shape != loss._s.shape:
        raise ValueError(f"{name} got weight of shape {w._s.shape} for losses of shape {loss._s.shape}; both must be the same")
    if reduction == "mean":
        return reductions.sum(loss * w) / reductions.sum(w)
    return reduced(name, loss * w, reduction)


def _pair(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    a, b = tensor_of(name, input), tensor_of(name, target)
    if a._s.shape != b._s.shape:
        warnings.warn(
            f"{name} got input of shape {a._s.shape} and target of shape {b._s.shape}, which broadcast: is that meant?",
            UserWarning,
            stacklevel=3,
        )
    return a, b


@titled("MseLoss")
def mse_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Tensor:
    """The mean (or sum, or each) of (input - target)**2; with weights, of the shape of both, the weighted mean."""
    a, b = _pair("mse_loss", input, target)
    return weighed("mse_loss", elementwise.square(a - b), weight, reduction_of(size_average, reduce, reduction))


def l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None) -> Tensor:
    """The mean (or sum, or each) of |input - target|; with weights, of the shape of both, the weighted mean."""
    a, b = _pair("l1_loss", input, target)
    return weighed("l1_loss", elementwise.abs(a - b), weight, reduction_of(size_average, reduce, reduction))


@titled("SmoothL1Loss")
def smooth_l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """d**2 / (2 beta) of differences d smaller than beta, |d| - beta/2 of larger ones. RuntimeError for a negative beta."""
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss got beta={beta}; wanted a number that is not negative")
    a, b = _pair("smooth_l1_loss", input, target)
    d = a - b
    size = elementwise.abs(d)
    loss = size if beta == 0 else where(size < beta, elementwise.square(d) * (0.5 / beta), size - 0.5 * beta)
    return reduced("smooth_l1_loss", loss, reduction_of(size_average, reduce, reduction))


@titled("HuberLoss")
def huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0, weight: Any = None) -> Tensor:
    """d**2 / 2 of differences d up to delta, delta (|d| - delta/2) of larger ones. RuntimeError for delta that is not positive."""
    if delta <= 0:
        raise RuntimeError(f"huber_loss got delta={delta}; wanted a positive number")
    a, b = _pair("huber_loss", input, target)
    d = a - b
    size = elementwise.abs(d)
    return weighed("huber_loss", where(size <= delta, elementwise.square(d) * 0.5, (size - 0.5 * delta) * delta), weight, reduction)


# of probabilities


def _safe_log(t: Tensor) -> Tensor:
    """log(t), but at least -100."""
    positive = t > 0
    return elementwise.maximum(where(positive, elementwise.log(where(positive, t, 1.0)), -100.0), -100.0)


@titled("BinaryCrossEntropy")
def binary_cross_entropy(input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
                         reduction: str = "mean") -> Tensor:  # fmt: skip
    """The mean (or sum, or each) of -(target*log(input) + (1 - target)*log(1 - input)), for probabilities. Logarithms
    are at least -100, and have no gradient there. ValueError for different shapes, RuntimeError outside [0, 1]."""
    a, b = tensor_of("binary_cross_entropy", input), tensor_of("binary_cross_entropy", target)
    if a._s.shape != b._s.shape:
        raise ValueError(
            f"binary_cross_entropy got input of shape {a._s.shape} and target of shape {b._s.shape}; both must be the same"
        )
    if not np.all((array(a) >= 0) & (array(a) <= 1)):
        raise RuntimeError("binary_cross_entropy got input outside [0, 1]; for logits use binary_cross_entropy_with_logits")
    loss = -(b * _safe_log(a) + (1 - b) * _safe_log(1 - a))
    return reduced("binary_cross_entropy", loss if weight is None else loss * weight, reduction_of(size_average, reduce, reduction))


@titled("BinaryCrossEntropyWithLogits")
def binary_cross_entropy_with_logits(input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None,
                                     reduction: str = "mean", pos_weight: Any = None) -> Tensor:  # fmt: skip
    """binary_cross_entropy of sigmoid(input), without overflow. pos_weight: multiplies the loss of positive targets."""
    a, b = tensor_of("binary_cross_entropy_with_logits", input), tensor_of("binary_cross_entropy_with_logits", target)
    if a._s.shape != b._s.shape:
        raise ValueError(
            f"binary_cross_entropy_with_logits got input {a._s.shape} and target {b._s.shape}; both shapes must be the same"
        )
    logarithm = elementwise.log_sigmoid(a)
    if pos_weight is not None:
        logarithm = logarithm * ((tensor_of("pos_weight", pos_weight) - 1) * b + 1)
    loss = (1 - b) * a - logarithm
    return reduced("binary_cross_entropy_with_logits", loss if weight is None else loss * weight, reduction_of(size_average, reduce, reduction))


def kl_div(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """target (log(target) - input), where input holds logarithms of probabilities and so does target for `log_target`. reduction="batchmean"
    divides the sum by the extent of the first dimension, which is what the divergence is."""
    a, b = tensor_of("kl_div", input), tensor_of("kl_div", target)
    loss = elementwise.exp(b) * (b - a) if log_target else elementwise.xlogy(b, b) - b * a
    reduction = reduction_of(size_average, reduce, reduction)
    if reduction == "batchmean":
        return reductions.sum(loss) / (a._s.shape[0] if a._s.ndim else 1)
    return reduced("kl_div", loss, reduction)


def gaussian_nll_loss(input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> Tensor:
    """(log(var) + (input - target)**2 / var) / 2, with var of at least eps, of the shape of input or with a last extent of 1 (or without it), or a
    number; for `full` with its constant. ValueError for a negative variance and other shapes."""
    a, b = tensor_of("gaussian_nll_loss", input), tensor_of("gaussian_nll_loss", target)
    if isinstance(var, (int, float)):
        if var < 0:
            raise ValueError(f"gaussian_nll_loss got var={var}; a variance is not negative")
        v = wrap(np.full(a._s.shape, var, a._s.dtype))
    else:
        v = tensor_of("gaussian_nll_loss", var)
    if v._s.shape != a._s.shape:
        if v._s.shape == a._s.shape[:-1]:
            v = v.unsqueeze(-1)
        elif v._s.ndim != a._s.ndim or any(n not in (1, m) for n, m in zip(v._s.shape, a._s.shape, strict=True)):
            raise ValueError(f"gaussian_nll_loss got var of shape {v._s.shape} for input of shape {a._s.shape}; wanted that, or a last extent of 1")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"gaussian_nll_loss got reduction={reduction!r}; wanted 'mean', 'sum' or 'none'")
    if np.any(array(v) < 0):
        raise ValueError("gaussian_nll_loss got a negative variance; variances are not negative")
    v = bounded_below(v, eps)  # the gradient is that of var, as in PyTorch
    loss = (elementwise.log(v) + elementwise.square(a - b) / v) * 0.5
    return reduced("gaussian_nll_loss", loss + 0.5 * log(2 * pi) if full else loss, reduction)


def poisson_nll_loss(input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8,
                     reduce: Any = None, reduction: str = "mean") -> Tensor:  # fmt: skip
    """exp(input) - target input, or for rates instead of their logarithms (log_input=False) input - target log(input + eps); for `full` with
    Stirling's approximation of log(target!) where target > 1."""
    a, b = tensor_of("poisson_nll_loss", input), tensor_of("poisson_nll_loss", target)
    loss = elementwise.exp(a) - b * a if log_input else a - b * elementwise.log(a + eps)
    if full:
        many = b > 1
        safe = where(many, b, 2.0)
        loss = loss + where(many, safe * elementwise.log(safe) - safe + elementwise.log(safe * (2 * pi)) * 0.5, 0.0)
    return reduced("poisson_nll_loss", loss, reduction_of(size_average, reduce, reduction))


# of signs


@titled("SoftMarginLoss")
def soft_margin_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Tensor:
    """log(1 + exp(-target input)), for targets 1 and -1."""
    a, b = tensor_of("soft_margin_loss", input), tensor_of("soft_margin_loss", target)
    return reduced("soft_margin_loss", -elementwise.log_sigmoid(a * b), reduction_of(size_average, reduce, reduction))


def hinge_embedding_loss(input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None,
                         reduction: str = "mean") -> Tensor:  # fmt: skip
    """input where target is 1, max(0, margin - input) where it is -1."""
    a, b = tensor_of("hinge_embedding_loss", input), tensor_of("hinge_embedding_loss", target)
    apart = where(b != 1, (margin - a).clamp_min(0), 0.0)
    return reduced("hinge_embedding_loss", apart + where(b != -1, a, 0.0), reduction_of(size_average, reduce, reduction))


def margin_ranking_loss(input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
                        reduction: str = "mean") -> Tensor:  # fmt: skip
    """max(0, margin - target (input1 - input2)): target 1 says that the first should rank higher, -1 the second."""
    a, b, t = (tensor_of("margin_ranking_loss", each) for each in (input1, input2, target))
    if not a._s.ndim == b._s.ndim == t._s.ndim:
        raise RuntimeError(f"margin_ranking_loss got shapes {a._s.shape}, {b._s.shape} and {t._s.shape}; wanted the same number of dimensions")
    return reduced("margin_ranking_loss", (-t * (a - b) + margin).clamp_min(0), reduction_of(size_average, reduce, reduction))


def cosine_embedding_loss(input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
                          reduction: str = "mean") -> Tensor:  # fmt: skip
    """1 - cos where target is 1, max(0, cos - margin) where it is -1, for the cosine of the angle between vectors (n, d), or two of shape (d,)."""
    a, b, t = (tensor_of("cosine_embedding_loss", each) for each in (input1, input2, target))
    if t._s.ndim > 1 or a._s.ndim != t._s.ndim + 1 or b._s.ndim != t._s.ndim + 1:
        raise RuntimeError(
            f"cosine_embedding_loss got shapes {a._s.shape}, {b._s.shape} and {t._s.shape}; wanted (n, d), (n, d) and (n,), or "
            "(d,), (d,) and ()"
        )
    broadcast("cosine_embedding_loss", a._s.shape, b._s.shape)
    sizes = [reductions.sum(x * x, -1) + 1e-12 for x in (a, b)]  # PyTorch's guard against division by zero
    cosine = reductions.sum(a * b, -1) / elementwise.sqrt(sizes[0] * sizes[1])
    loss = where(t == 1, 1 - cosine, 0.0) + where(t == -1, (cosine - margin).clamp_min(0), 0.0)
    return reduced("cosine_embedding_loss", loss, reduction_of(size_average, reduce, reduction))


__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "gaussian_nll_loss", "hinge_embedding_loss", "huber_loss",
    "kl_div", "l1_loss", "margin_ranking_loss", "mse_loss", "poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss",
]  # fmt: skip
