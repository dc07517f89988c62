"""Losses of classes: `nll_loss` of logarithms of probabilities, `cross_entropy` of anything, under torch.nn.functional's names.

Targets are integers, or for cross_entropy a probability for each class. Classes stand along dimension 1 (0 of a single one); what stands
behind are places that are classified one by one. Imports losses; imported by nn.functional.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.functions import reductions
from tape.functions.arguments import tensor_of
from tape.functions.indexing import where
from tape.functions.reductions import log_softmax
from tape.nn.losses import reduced, reduction_of
from tape.outputs import entitle
from tape.tensor import Tensor, array, wrap


def _classes_last(t: Tensor) -> Tensor:
    """(N, C, ...) as (N, ..., C); (C,) as it is."""
    return t if t._s.ndim < 3 else t.permute((0, *range(2, t._s.ndim), 1))


def nll_loss(input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
             reduction: str = "mean") -> Tensor:  # fmt: skip
    """Minus the log probability of each target class: input (N, C), (C,) or (N, C, ...), target the classes as
    integers, of the same shape without C. weight: one factor a class, by which the mean is weighted; targets of
    `ignore_index` do not count. ValueError for shapes that do not fit, IndexError for a class that does not exist."""
    reduction = reduction_of(size_average, reduce, reduction)
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
    if reduction != "none":
        loss = reductions.sum(loss) if reduction == "sum" else reductions.sum(loss) / float(factors.sum())
    return entitle(loss, "NllLossBackward0", (input,)) if classes.ndim < 2 else loss


def cross_entropy(input: Any, target: Any, weight: Any = None, size_average: Any = None, ignore_index: int = -100,
                  reduce: Any = None, reduction: str = "mean", label_smoothing: float = 0.0) -> Tensor:  # fmt: skip
    """nll_loss of log_softmax(input) over classes. The target may also hold a probability for each class, in the shape of input.

    label_smoothing: this part of the target is spread evenly over all classes.
    """
    reduction = reduction_of(size_average, reduce, reduction)
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
    return reduced("cross_entropy", loss, reduction)


__all__ = ["cross_entropy", "nll_loss"]
