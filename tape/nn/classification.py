"""Losses of classes: `nll_loss` of logarithms of probabilities, `cross_entropy` of anything, under torch.nn.functional's names.

Targets are integers, or for cross_entropy a probability for each class. Classes stand along dimension 1 (0 of a single one); what stands
behind are places that are classified one by one. Invariant: nothing depends on a class but by arrays, so that classes may be traced: mapped by
vmap, or arguments of a compiled function. Imports losses; imported by nn.functional.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.elements import at_key, memory_of
from tape.functions import reductions
from tape.functions.arguments import tensor_of
from tape.functions.indexing import where
from tape.functions.reductions import log_softmax
from tape.nn.losses import reduced, reduction_of
from tape.outputs import entitle
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced


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
    wrong = used & ((classes < 0) | (classes >= count))
    if np.any(wrong):
        raise IndexError(f"nll_loss got the target {memory_of(classes)[memory_of(wrong)].flat[0]}; classes are 0 to {count - 1}")
    loss = -a[(*np.indices(classes.shape), np.where(used, classes, 0))]
    factors = _factors("nll_loss", a, classes, used, weight)
    loss = loss if used.all() else where(wrap(used), loss, 0.0)
    loss = loss if weight is None else loss * wrap(factors)
    if reduction != "none":
        loss = reductions.sum(loss) if reduction == "sum" else reductions.sum(loss) / _number(factors.sum())
    return entitle(loss, "NllLossBackward0", (input,)) if classes.ndim < 2 else loss


def _factors(name: str, a: Tensor, classes: Any, used: Any, weight: Any) -> Any:
    """By what each loss is multiplied, and the mean divided: the weight of its class, 0 where that is ignored."""
    if weight is None:
        return used.astype(a._s.dtype)
    found = at_key(array(tensor_of(name, weight)), (np.where(used, classes, 0),))
    return np.where(used, found, 0).astype(a._s.dtype)


def _number(total: Any) -> Any:
    """A total as a number to divide by; as a Tensor where it is traced, and no number."""
    return wrap(total) if type(total) is Traced else float(total)


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
    count, classes = a._s.shape[min(1, a._s.ndim - 1)], array(b)
    used, each = classes != ignore_index, _classes_last(logarithms)
    each = each if weight is None else each * tensor_of("cross_entropy", weight).detach()
    even = where(wrap(used), -reductions.sum(each, -1), 0.0)
    if reduction == "mean":
        even = reductions.sum(even) / _number(_factors("cross_entropy", a, classes, used, weight).sum())
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
