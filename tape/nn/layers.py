"""Layers and measures of likeness: affine maps, normalisation, padding, dropout, distances, under torch.nn.functional's names.

`linear`, `layer_norm`, `normalize`, `cosine_similarity`, `pairwise_distance`, `pad` (constant, reflect, replicate, circular), `dropout`, `one_hot`.
All are composed of recorded operations. Invariant: nothing here adds rows of its own to the table.
Imports functions; imported by nn.functional.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tape.elements import memory_of
from tape.errors import ShapeError
from tape.functions import reductions
from tape.functions.arguments import sizes_of, tensor_of
from tape.functions.arranging import constant_pad_nd
from tape.functions.elementwise import rsqrt, square
from tape.functions.picking import index_select
from tape.functions.products import matmul, transposed
from tape.functions.random import rand_like
from tape.functions.vector_norms import norm
from tape.inplace import update
from tape.out import takes_out
from tape.outputs import entitle, titled
from tape.record import broadcast, expand
from tape.tensor import Tensor, array, wrap
from tape.traced import as_value


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """`input @ weight.T + bias`: input (..., n), weight (m, n) or (n,), bias (m,).

    >>> tape.nn.functional.linear(tape.ones(3), tape.ones(2, 3), tape.tensor([0., 1.]))
    tensor([3., 4.])
    """
    w = tensor_of("linear", weight)
    if w._s.ndim > 2:
        raise ShapeError(f"linear got a weight of shape {w._s.shape}; wanted (out, in) or (in,)")
    turned = transposed(w) if w._s.ndim == 2 else w
    found = matmul(input, turned)
    if bias is None or found._s.ndim != 2 or turned is w:
        return found if bias is None else found + bias
    return entitle(found + bias, "AddmmBackward0", (bias, input, turned))  # type: ignore[no-any-return]


@titled("NativeLayerNorm")
def layer_norm(input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Tensor:
    """(input - mean) / sqrt(var + eps) over the last dimensions, whose extents are `normalized_shape`, times weight plus bias of that shape."""
    t, shape = tensor_of("layer_norm", input), sizes_of("layer_norm", (normalized_shape,))
    if not shape or t._s.shape[-len(shape) :] != shape:
        raise ShapeError(f"layer_norm got input of shape {t._s.shape} and normalized_shape={shape}; the last extents must be these")
    for name, each in (("weight", weight), ("bias", bias)):
        if each is not None and tuple(each.shape) != shape:
            raise ShapeError(f"layer_norm got a {name} of shape {tuple(each.shape)}; wanted normalized_shape, {shape}")
    dims = tuple(range(-len(shape), 0))
    centred = t - reductions.mean(t, dims, True)
    found = centred * rsqrt(reductions.mean(square(centred), dims, True) + eps)
    found = found if weight is None else found * weight
    return found if bias is None else found + bias


@takes_out
def normalize(input: Any, p: float = 2.0, dim: Any = 1, eps: float = 1e-12) -> Tensor:
    """input over its norm of order p along a dimension, which is at least eps."""
    t = tensor_of("normalize", input)
    return t / norm(t, p, dim, True).clamp_min(eps)


def bounded_below(t: Tensor, eps: float) -> Tensor:
    """max(t, eps) whose gradient is that of t."""
    return t + wrap((np.maximum(array(t), eps) - array(t)).astype(t._s.dtype))


def cosine_similarity(x1: Any, x2: Any, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along a dimension, whose norms count as at least eps; other dimensions broadcast."""
    a, b = tensor_of("cosine_similarity", x1), tensor_of("cosine_similarity", x2)
    shape = broadcast("cosine_similarity", a._s.shape, b._s.shape)
    a, b = expand(a, shape), expand(b, shape)
    left, right = (t / bounded_below(norm(t, 2, dim, True), eps) for t in (a, b))
    return reductions.sum(left * right, dim)


def pairwise_distance(x1: Any, x2: Any, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The norm of order p of x1 - x2 + eps over the last dimension."""
    a, b = tensor_of("pairwise_distance", x1), tensor_of("pairwise_distance", x2)
    return norm(a - b + eps, p, -1, keepdim)


# padding


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """`input` with further elements around it. pad holds (before, after) for the last dimension, then the one before, and so on; negative
    numbers cut off. mode: "constant" puts `value` (0) there, "reflect" what stands across the edge (which itself is not repeated), "replicate"
    the edge, "circular" the other end; these three pad the last 1, 2 or 3 dimensions behind one or two others.

    >>> tape.nn.functional.pad(tape.tensor([[1., 2., 3.]]), (1, 1), mode="reflect")
    tensor([[2., 1., 2., 3., 2.]])
    """
    t = tensor_of("pad", input)
    pads = sizes_of("pad", (tuple(pad),))
    if mode == "constant":
        return constant_pad_nd(t, pads, 0 if value is None else value)
    if mode not in ("reflect", "replicate", "circular"):
        raise NotImplementedError(f"pad got mode={mode!r}; wanted 'constant', 'reflect', 'replicate' or 'circular'")
    if value is not None and value != 0:
        raise ValueError(f"pad got value={value} and mode={mode!r}; only constant padding has a value")
    count = len(pads) // 2
    if len(pads) % 2 or count not in (1, 2, 3) or t._s.ndim - count not in (1, 2):
        raise NotImplementedError(
            f"pad of shape {t._s.shape} by {pads} with mode={mode!r}; it pads the last 1 to 3 dimensions behind one or two others"
        )
    for k in range(count):
        before, after = pads[2 * k : 2 * k + 2]
        dim = t._s.ndim - 1 - k
        if before or after:
            t = index_select(t, dim, wrap(_sources(mode, t._s.shape[dim], before, after)))
    return t


def _sources(mode: str, n: int, before: int, after: int) -> np.ndarray:
    """Which element stands at each place along a padded dimension."""
    if n + before + after < 0 or not n and before + after > 0:
        raise RuntimeError(f"pad by ({before}, {after}) of a dimension of extent {n}; nothing would be left, or there is nothing to take")
    places = np.arange(-before, n + after)
    if mode == "replicate":
        return np.clip(places, 0, n - 1)
    limit = n - 1 if mode == "reflect" else n
    if before > limit or after > limit:
        raise RuntimeError(f"pad by ({before}, {after}) with mode={mode!r} of a dimension of extent {n}; wanted at most {limit} on either side")
    if mode == "circular":  # what was cut off on one side does not come in on the other
        left = places[max(before, 0) : len(places) - max(after, 0)]
        return np.concatenate([left[len(left) - before :] if before > 0 else left[:0], left, left[: max(after, 0)]])
    return np.where(places < 0, -places, np.where(places >= n, 2 * (n - 1) - places, places))


# chance and classes


def dropout(input: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Elements set to zero with probability p, the others divided by 1 - p; the input itself where `training` is False. Draws from the generator
    that manual_seed seeds. ValueError for p outside [0, 1]."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout got p={p}; a probability is from 0 to 1")
    t = tensor_of("dropout", input)
    if not training or p == 0.0:
        return t

    def dropped(x: Tensor) -> Tensor:
        if p == 1.0:
            return x * 0.0
        return x * ((rand_like(x.detach()) >= p).to(x.dtype) * (1.0 / (1.0 - p)))

    return update(t, "dropout_", dropped) if inplace else dropped(t)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """1 at the place that each integer names along a new last dimension, 0 elsewhere; as many places as the largest integer needs without
    `num_classes`. int64."""
    t = tensor_of("one_hot", tensor)
    if t._s.dtype != np.int64:
        raise RuntimeError(f"one_hot got {t._s.dtype}; wanted int64: use .long()")
    values = as_value(array(t))
    if not values.size and num_classes <= 0:
        raise RuntimeError("one_hot of no elements needs num_classes: nothing tells how many there are")
    if np.any(values < 0):
        raise RuntimeError(f"one_hot got the class {memory_of(values).min()}; classes are not negative")
    count = int(values.max()) + 1 if num_classes == -1 else num_classes
    if num_classes != -1 and (num_classes < 1 or np.any(values >= num_classes)):
        found = memory_of(values)
        raise RuntimeError(f"one_hot got num_classes={num_classes} and a class {found.max() if found.size else '-'}; classes must be smaller")
    return wrap((values[..., None] == np.arange(count)).astype(np.int64))


__all__ = ["cosine_similarity", "dropout", "layer_norm", "linear", "normalize", "one_hot", "pad", "pairwise_distance"]
