"""Convolutions (cross-correlations, as everywhere in networks) over one and two dimensions.

`conv1d` and `conv2d` cut the padded input into as many slices as a kernel has places, stack these and make one matrix product with the
weights a group: no loop over positions, and every derivative is that of slices and products. Imports functions; imported by nn.functional.
"""

from __future__ import annotations

from itertools import product as places
from math import prod
from typing import Any

from tape.errors import ShapeError
from tape.functions.arguments import tensor_of
from tape.functions.arranging import constant_pad_nd
from tape.functions.joining import stack
from tape.functions.products import operands, product, reshaped
from tape.outputs import titled
from tape.tensor import Tensor


def conv1d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor:
    """The correlation of signals (N, C, L) or (C, L) with kernels (O, C / groups, K): (N, O, L'). padding: zeros on both sides, or "valid" (none), or
    "same" (as many as keep L, for stride 1); bias: (O,).

    >>> tape.nn.functional.conv1d(tape.arange(4.).reshape(1, 1, 4), tape.tensor([[[1., -1.]]]))
    tensor([[[-1., -1., -1.]]])
    """
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(input: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor:
    """The correlation of pictures (N, C, H, W) or (C, H, W) with kernels (O, C / groups, Kh, Kw): (N, O, H', W'). stride, padding and dilation
    are one number, or one a dimension; padding may also be "valid" (none), or "same" (as many zeros as keep H and W, for stride 1); bias: (O,)."""
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def _each(name: str, what: str, given: Any, count: int, least: int) -> tuple[int, ...]:
    found = (given,) * count if isinstance(given, int) else tuple(given) * (count if len(given) == 1 else 1)
    if len(found) != count or any(not isinstance(n, int) or n < least for n in found):
        raise RuntimeError(f"{name} got {what}={given!r}; wanted {count} integers of at least {least}, or one")
    return found


def _padded(name: str, t: Tensor, padding: Any, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Tensor:
    """The input with zeros around its last dimensions."""
    count = len(kernel)
    if isinstance(padding, str):
        if padding not in ("same", "valid"):
            raise RuntimeError(f"{name} got padding={padding!r}; wanted numbers, 'same' or 'valid'")
        if padding == "same" and any(s != 1 for s in stride):
            raise RuntimeError(f"{name} got padding='same' and stride={stride}; only a stride of 1 keeps the extents")
        totals = [d * (k - 1) if padding == "same" else 0 for k, d in zip(kernel, dilation, strict=True)]
        sides = [(total // 2, total - total // 2) for total in totals]
    else:
        sides = [(n, n) for n in _each(name, "padding", padding, count, 0)]
    around = [n for side in reversed(sides) for n in side]
    return constant_pad_nd(t, around) if any(around) else t


@titled("Convolution")
def _convolution(name: str, count: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> Tensor:
    t, w = operands(name, input, weight)
    if w._s.ndim != count + 2 or t._s.ndim not in (count + 1, count + 2):
        raise ShapeError(
            f"{name} got input of shape {t._s.shape} and weight of shape {w._s.shape}; wanted {count + 2} dimensions of each "
            "(input may lack the first)"
        )
    single = t._s.ndim == count + 1
    t = reshaped(t, (1, *t._s.shape)) if single else t
    out, each, *kernel = w._s.shape
    if groups < 1 or t._s.shape[1] != each * groups or out % groups:
        raise ShapeError(
            f"{name} got input of shape {t._s.shape}, weight of shape {w._s.shape} and groups={groups}; the channels {t._s.shape[1]} must be "
            f"{each} * groups, and {out} a multiple of groups"
        )
    steps, gaps = _each(name, "stride", stride, count, 1), _each(name, "dilation", dilation, count, 1)
    t = _padded(name, t, padding, tuple(kernel), steps, gaps)
    extents = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(t._s.shape[2:], kernel, steps, gaps, strict=True)]
    if any(n < 1 for n in extents):
        raise RuntimeError(f"{name} got (padded) input of shape {t._s.shape} and kernels of extents {kernel}, spread by {gaps}; they do not fit in")
    n, area = t._s.shape[0], prod(extents)
    slices = [
        t[(..., *(slice(i * d, i * d + s * (e - 1) + 1, s) for i, d, s, e in zip(at, gaps, steps, extents, strict=True)))]
        for at in places(*map(range, kernel))
    ]
    columns = reshaped(stack(slices, 2), (n, groups, each * len(slices), area)) if len(slices) > 1 else reshaped(slices[0], (n, groups, each, area))
    kernels = reshaped(w, (groups, out // groups, each * len(slices)))
    if groups == 1:
        found = product(reshaped(kernels, kernels._s.shape[1:]), reshaped(columns, (n, each * len(slices), area)))
    else:
        found = product(kernels, columns)
    found = reshaped(found, (n, out, *extents))
    if bias is not None:
        b = tensor_of(name, bias)
        if b._s.shape != (out,):
            raise ShapeError(f"{name} got a bias of shape {b._s.shape}; wanted ({out},)")
        found = found + reshaped(b, (out, *(1,) * count))
    return reshaped(found, found._s.shape[1:]) if single else found


__all__ = ["conv1d", "conv2d"]
