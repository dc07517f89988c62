"""Activations and losses under PyTorch's names (torch.nn.functional), composed of recorded operations.

Losses take `reduction` "mean" (the default), "sum" or "none". Compositions are written so that no branch that is not taken
contributes inf or NaN to values or gradients. Invariant: nothing here adds rows of its own to the table.
Imports functions; imported by tape/nn.
"""

from __future__ import annotations

import warnings
from math import sqrt
from typing import Any

import numpy as np

from tape.errors import ShapeError
from tape.functions import elementwise, reductions
from tape.functions.arguments import tensor_of
from tape.functions.elementwise import relu as _relu
from tape.functions.elementwise import sigmoid, softplus, tanh
from tape.functions.indexing import where
from tape.functions.products import matmul, transposed
from tape.functions.reductions import log_softmax, softmax
from tape.tensor import Tensor, array, wrap


def relu(input: Any, inplace: bool = False) -> Tensor:
    """max(input, 0), elementwise; the gradient at 0 is 0. inplace=True writes the result into `input`."""
    return input.relu_() if inplace else _relu(input)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """input where it is positive, else negative_slope*input; the gradient at 0 is the slope."""
    t = tensor_of("leaky_relu", input)
    return where(t > 0, t, t * negative_slope)


def elu(input: Any, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """input where it is positive, else alpha*(exp(input) - 1); the gradient at 0 is alpha."""
    t = tensor_of("elu", input)
    positive = t > 0
    return where(positive, t, elementwise.expm1(where(positive, 0.0, t)) * alpha)


def silu(input: Any, inplace: bool = False) -> Tensor:
    """input * sigmoid(input), elementwise."""
    t = tensor_of("silu", input)
    return t * sigmoid(t)


def gelu(input: Any, approximate: str = "none") -> Tensor:
    """input times the normal distribution function of input; approximate="tanh" is the usual formula with tanh."""
    t = tensor_of("gelu", input)
    if approximate == "tanh":
        return t * 0.5 * (tanh((t + elementwise.cube(t) * 0.044715) * sqrt(2 / np.pi)) + 1)
    if approximate != "none":
        raise RuntimeError(f"gelu got approximate={approximate!r}; wanted 'none' or 'tanh'")
    return t * 0.5 * (elementwise.erf(t * sqrt(0.5)) + 1)


def logsigmoid(input: Any) -> Tensor:
    """log(sigmoid(input)), without overflow."""
    return elementwise.log_sigmoid(input)


def softmin(input: Any, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """softmax of -input along a dimension."""
    return softmax(-tensor_of("softmin", input), dim, dtype=dtype)


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """`input @ weight.T + bias`: input (..., n), weight (m, n) or (n,), bias (m,).

    >>> tape.nn.functional.linear(tape.ones(3), tape.ones(2, 3), tape.tensor([0., 1.]))
    tensor([3., 4.])
    """
    w = tensor_of("linear", weight)
    if w._s.ndim > 2:
        raise ShapeError(f"linear got a weight of shape {w._s.shape}; wanted (out, in) or (in,)")
    found = matmul(input, transposed(w) if w._s.ndim == 2 else w)
    return found if bias is None else found + bias


def _reduced(name: str, loss: Tensor, reduction: str) -> Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{name} got reduction={reduction!r}; wanted 'mean', 'sum' or 'none'")
    return loss if reduction == "none" else reductions.mean(loss) if reduction == "mean" else reductions.sum(loss)


def _pair(name: str, input: Any, target: Any) -> tuple[Tensor, Tensor]:
    a, b = tensor_of(name, input), tensor_of(name, target)
    if a._s.shape != b._s.shape:
        warnings.warn(
            f"{name} got input of shape {a._s.shape} and target of shape {b._s.shape}, which broadcast: is that meant?",
            UserWarning,
            stacklevel=3,
        )
    return a, b


def mse_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Tensor:
    """The mean (or sum, or each) of (input - target)**2."""
    a, b = _pair("mse_loss", input, target)
    loss = elementwise.square(a - b)
    return _reduced("mse_loss", loss if weight is None else loss * weight, reduction)


def l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", weight: Any = None
) -> Tensor:
    """The mean (or sum, or each) of |input - target|."""
    a, b = _pair("l1_loss", input, target)
    loss = elementwise.abs(a - b)
    return _reduced("l1_loss", loss if weight is None else loss * weight, reduction)


def _safe_log(t: Tensor) -> Tensor:
    """log(t), but at least -100."""
    positive = t > 0
    return elementwise.maximum(where(positive, elementwise.log(where(positive, t, 1.0)), -100.0), -100.0)


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
    return _reduced("binary_cross_entropy", loss if weight is None else loss * weight, reduction)


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
    return _reduced("binary_cross_entropy_with_logits", loss if weight is None else loss * weight, reduction)


def _classes_last(t: Tensor) -> Tensor:
    """(N, C, ...) as (N, ..., C); (C,) as it is."""
    return t if t._s.ndim < 3 else t.permute((0, *range(2, t._s.ndim), 1))


def nll_loss(input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
             reduction: str = "mean") -> Tensor:  # fmt: skip
    """Minus the log probability of each target class: input (N, C), (C,) or (N, C, ...), target the classes as
    integers, of the same shape without C. weight: one factor a class, by which the mean is weighted; targets of
    `ignore_index` do not count. ValueError for shapes that do not fit, IndexError for a class that does not exist."""
    a, classes = tensor_of("nll_loss", input), array(tensor_of("nll_loss", target))
    if a._s.ndim == 0 or classes.shape != a._s.shape[:1] * (a._s.ndim > 1) + a._s.shape[2:]:
        raise ValueError(f"nll_loss got input of shape {a._s.shape} and target of shape {classes.shape}; wanted (N, C) and (N,)")
    if classes.dtype.kind not in "iu":
        raise RuntimeError(f"nll_loss got a target of {classes.dtype}; wanted integers: use .long()")
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"nll_loss got reduction={reduction!r}; wanted 'mean', 'sum' or 'none'")
    a, count = _classes_last(a), a._s.shape[min(1, a._s.ndim - 1)]
    used = classes != ignore_index
    if np.any(used & ((classes < 0) | (classes >= count))):
        bad = classes[used & ((classes < 0) | (classes >= count))].flat[0]
        raise IndexError(f"nll_loss got the target {bad}; classes are 0 to {count - 1}")
    places = np.where(used, classes, 0)
    loss = -a[(*np.indices(classes.shape), places)]
    factors = np.ones(count, a._s.dtype) if weight is None else array(tensor_of("nll_loss", weight))
    factors = np.where(used, factors[places], 0).astype(a._s.dtype)
    loss = where(wrap(np.asarray(used)), loss, 0.0) if not used.all() else loss
    loss = loss if weight is None else loss * wrap(factors)
    if reduction == "none":
        return loss
    return reductions.sum(loss) if reduction == "sum" else reductions.sum(loss) / float(factors.sum())


def cross_entropy(input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100,
                  reduce: Any = None, reduction: str = "mean", label_smoothing: float = 0.0) -> Tensor:  # fmt: skip
    """nll_loss of log_softmax(input) over classes. The target may also hold a probability for each class, in the shape of input.

    label_smoothing: this part of the target is spread evenly over all classes.
    """
    a, b = tensor_of("cross_entropy", input), tensor_of("cross_entropy", target)
    if not 0.0 <= label_smoothing <= 1.0:
        raise RuntimeError(f"cross_entropy got label_smoothing={label_smoothing}; wanted a number from 0 to 1")
    logarithms = log_softmax(a, min(1, a._s.ndim - 1))
    if a._s.shape == b._s.shape and b._s.dtype.kind in "fV":
        return _soft(logarithms, b, weight, reduction, label_smoothing)
    sharp = nll_loss(logarithms, b, weight, None, ignore_index, None, reduction)
    if not label_smoothing:
        return sharp
    count = a._s.shape[min(1, a._s.ndim - 1)]
    factors = np.ones(count, a._s.dtype) if weight is None else array(tensor_of("cross_entropy", weight))
    used = array(b) != ignore_index
    even = where(wrap(np.asarray(used)), -reductions.sum(_classes_last(logarithms) * wrap(factors), -1), 0.0)
    if reduction == "mean":
        even = reductions.sum(even) / float(np.where(used, factors[np.where(used, array(b), 0)], 0).sum())
    elif reduction == "sum":
        even = reductions.sum(even)
    return sharp * (1 - label_smoothing) + even * (label_smoothing / count)


def _soft(logarithms: Tensor, target: Tensor, weight: Any, reduction: str, smoothing: float) -> Tensor:
    """Cross entropy with a probability for each class."""
    logarithms, target = _classes_last(logarithms), _classes_last(target)
    target = target if not smoothing else target * (1 - smoothing) + smoothing / target._s.shape[-1]
    loss = -reductions.sum(logarithms * target * (1.0 if weight is None else weight), -1)
    if reduction == "mean":
        return reductions.sum(loss) / max(1, loss._s.size)
    return _reduced("cross_entropy", loss, reduction)


__all__ = [
    "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "elu", "gelu", "l1_loss", "leaky_relu", "linear",
    "log_softmax", "logsigmoid", "mse_loss", "nll_loss", "relu", "sigmoid", "silu", "softmax", "softmin", "softplus", "tanh",
]  # fmt: skip
