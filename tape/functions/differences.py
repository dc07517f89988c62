"""Differences, gradients on grids and integrals by the trapezoidal rule, with the trace of a matrix: sums and differences of parts, whose
derivatives follow of themselves.

`METHODS` lists what becomes a Tensor method. Imports reductions and layout; imported by tape.functions.
"""

from __future__ import annotations

from numbers import Number
from operator import index
from typing import Any

from compiled_ops.rows import OPCODES
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.comparison import logical_xor
from tape.functions.creation import zeros
from tape.functions.cumulative import cumsum
from tape.functions.joining import cat
from tape.functions.layout import clone, reshaped
from tape.functions.picking import diagonal, part_of
from tape.functions.reductions import sum, total
from tape.functions.results import stored
from tape.tensor import Tensor

TRACE = OPCODES["sum:Trace"]


def _part(t: Tensor, dim: int, start: int, stop: int) -> Tensor:
    return part_of(t, (*(slice(None),) * dim, slice(start, stop, 1), ...))


def diff(input: Any, n: int = 1, dim: int = -1, prepend: Any = None, append: Any = None, *, out: Any = None, axis: Any = None) -> Tensor:
    """Differences of neighbours along a dimension, n times over, after joining `prepend` before and `append` behind. Of booleans: whether
    they differ. RuntimeError for a 0-d tensor and for negative n.

    >>> import tape
    >>> tape.diff(tape.tensor([1.0, 4.0, 9.0]))
    tensor([3., 5.])
    """
    t, n = tensor_of("diff", input), index(n)
    if not t._s.ndim or n < 0:
        raise RuntimeError(f"diff of {t._s.ndim} dimensions, n={n}; wanted at least one dimension, and n not negative")
    dim = dim_of("diff", t._s.ndim, dim if axis is None else axis)
    if n and (prepend is not None or append is not None):
        t = cat([each for each in (prepend, t, append) if each is not None], dim)
    for _ in range(min(n, t._s.shape[dim])):
        extent = t._s.shape[dim]
        later, sooner = _part(t, dim, 1, extent), _part(t, dim, 0, max(extent - 1, 0))
        t = logical_xor(later, sooner) if t._s.dtype.kind == "b" else later - sooner
    return stored("diff", out, t if n else clone(t))


def gradient(input: Any, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Tensor, ...]:
    """The derivative along each dimension of values on a grid, by central differences inside and one-sided ones of first or second order at the
    edges. `spacing`: a number for all, a number for each, or a vector of coordinates for each dimension.

    RuntimeError for fewer than edge_order + 1 values along a dimension.

    >>> import tape
    >>> tape.gradient(tape.tensor([1.0, 4.0, 9.0, 16.0]))[0]
    tensor([3., 4., 6., 7.])
    """
    t, spacing = tensor_of("gradient", input), 1 if spacing is None else spacing
    if t._s.dtype.kind in "iub" and t._s.dtype.kind != "i":
        raise RuntimeError(f"gradient of {t._s.dtype} values; convert them first")
    dims = list(range(t._s.ndim)) if dim is None else [dim_of("gradient", t._s.ndim, d) for d in (dim if isinstance(dim, (tuple, list)) else (dim,))]
    if len(set(dims)) < len(dims):
        raise RuntimeError(f"gradient: dim {dim} names a dimension twice")
    if edge_order not in (1, 2):
        raise RuntimeError(f"gradient: edge_order is {edge_order}; wanted 1 or 2")
    if isinstance(spacing, (Number, Tensor)) and not getattr(spacing, "ndim", 0):
        spacings = [spacing] * len(dims)
    else:
        spacings = list(spacing)  # type: ignore[arg-type]
    if len(spacings) != len(dims):
        raise RuntimeError(f"gradient: {len(spacings)} spacings for {len(dims)} dimensions; wanted one each, or one number")
    for d in dims:
        if not t._s.ndim or t._s.shape[d] < edge_order + 1:
            raise RuntimeError(f"gradient: along dimension {d} of shape {tuple(t._s.shape)}; edge_order {edge_order} wants {edge_order + 1} values")
    return tuple([_along(t, d, h, edge_order) for d, h in zip(dims, spacings, strict=True)])


def _along(t: Tensor, d: int, h: Any, order: int) -> Tensor:
    n = t._s.shape[d]
    if isinstance(h, Tensor) and h._s.ndim:
        if h._s.shape != (n,):
            raise RuntimeError(f"gradient: coordinates of shape {tuple(h._s.shape)} along a dimension of extent {n}")
        steps = reshaped(diff(h), tuple([n - 1 if k == d else 1 for k in range(t._s.ndim)]))
        before, behind = _part(steps, d, 0, n - 2), _part(steps, d, 1, n - 1)
        inner = (
            -behind / (before * (before + behind)) * _part(t, d, 0, n - 2)
            + (behind - before) / (before * behind) * _part(t, d, 1, n - 1)
            + before / (behind * (before + behind)) * _part(t, d, 2, n)
        )
        ends = [(_part(steps, d, 0, 1), _part(steps, d, 1, 2)), (_part(steps, d, n - 2, n - 1), _part(steps, d, n - 3, n - 2))] if n > 2 else None
        if order == 1:
            first = (_part(t, d, 1, 2) - _part(t, d, 0, 1)) / _part(steps, d, 0, 1)
            last = (_part(t, d, n - 1, n) - _part(t, d, n - 2, n - 1)) / _part(steps, d, n - 2, n - 1)
        else:
            assert ends is not None  # edge_order + 1 values are there
            first = _edge(*[_part(t, d, k, k + 1) for k in range(3)], *ends[0])
            last = -_edge(*[_part(t, d, n - 1 - k, n - k) for k in range(3)], *ends[1])
        return cat([first, inner, last], d)
    inner = (_part(t, d, 2, n) - _part(t, d, 0, n - 2)) / (2 * h)
    if order == 1:
        first = (_part(t, d, 1, 2) - _part(t, d, 0, 1)) / h
        last = (_part(t, d, n - 1, n) - _part(t, d, n - 2, n - 1)) / h
    else:
        first, last = (_edge(*[_part(t, d, k, k + 1) for k in places], h, h) for places in ((0, 1, 2), (n - 1, n - 2, n - 3)))
        last = -last
    return cat([first, inner, last], d)


def _edge(a: Tensor, b: Tensor, c: Tensor, h: Any, k: Any) -> Tensor:
    """The derivative at the first of three points, h and k apart, of the parabola through their values."""
    return -(2 * h + k) / (h * (h + k)) * a + (h + k) / (h * k) * b - h / (k * (h + k)) * c


def _widths(name: str, y: Tensor, x: Any, dx: Any, dim: int) -> Any:
    """The widths of the intervals, to be multiplied with values along `dim`."""
    if x is None:
        return 1 if dx is None else dx
    if dx is not None:
        raise TypeError(f"{name}: both x and dx were given; give one")
    grid = tensor_of(name, x)
    if not grid._s.ndim:
        raise RuntimeError(f"{name}: x is a number; wanted the coordinates of the values along the dimension")
    if grid._s.ndim == 1:
        if grid._s.size != y._s.shape[dim]:
            raise RuntimeError(f"{name}: {grid._s.size} coordinates for {y._s.shape[dim]} values along dimension {dim}")
        grid = reshaped(grid, tuple([grid._s.size if d == dim else 1 for d in range(y._s.ndim)]))
    elif grid._s.ndim < y._s.ndim:
        grid = reshaped(grid, (*(1,) * (y._s.ndim - grid._s.ndim), *grid._s.shape))
    return diff(grid, 1, dim - y._s.ndim)


def _sides(name: str, y: Any, dim: Any) -> tuple[Tensor, int]:
    t = tensor_of(name, y)
    if t._s.dtype.kind == "b":
        raise RuntimeError(f"{name} of booleans; convert them first")
    return t, dim_of(name, t._s.ndim, dim)


def trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The integral along a dimension by the trapezoidal rule, over coordinates `x` or with intervals of width `dx` (1).

    >>> import tape
    >>> tape.trapezoid(tape.tensor([1.0, 2.0, 3.0]))
    tensor(4.)
    """
    t, dim = _sides("trapezoid", y, dim)
    if not t._s.ndim or not t._s.shape[dim]:
        return zeros([n for d, n in enumerate(t._s.shape) if d != dim], dtype=t._s.dtype)
    n, width = t._s.shape[dim], _widths("trapezoid", t, x, dx, dim)
    if x is None:  # without a sum for each interval
        ends = _part(t, dim, 0, 1) + _part(t, dim, n - 1, n)
        return (sum(t, dim) * 2 - ends.squeeze(dim)) * (width / 2.0)
    return sum((_part(t, dim, 1, n) + _part(t, dim, 0, n - 1)) * width, dim - t._s.ndim) / 2


trapz = trapezoid


def cumulative_trapezoid(y: Any, x: Any = None, *, dx: Any = None, dim: int = -1) -> Tensor:
    """The running integral along a dimension by the trapezoidal rule, one value an interval; arguments as `trapezoid`."""
    t, dim = _sides("cumulative_trapezoid", y, dim)
    n, width = t._s.shape[dim], _widths("cumulative_trapezoid", t, x, dx, dim)
    both = _part(t, dim, 1, n) + _part(t, dim, 0, max(n - 1, 0))
    return cumsum(both * (width / 2.0), dim) if x is None else cumsum(both * width, dim - t._s.ndim) / 2


def trace(input: Any) -> Tensor:
    """The sum of the diagonal of a matrix. RuntimeError for anything else.

    >>> import tape
    >>> tape.trace(tape.tensor([[1.0, 2.0], [3.0, 4.0]]))
    tensor(5.)
    """
    t = tensor_of("trace", input)
    if t._s.ndim != 2:
        raise RuntimeError(f"trace of {t._s.ndim} dimensions; wanted a matrix")
    return total(TRACE, diagonal(t), (0,), False)


METHODS = {"diff": diff, "trace": trace}
__all__ = ["METHODS", "cumulative_trapezoid", "diff", "gradient", "trace", "trapezoid", "trapz"]
