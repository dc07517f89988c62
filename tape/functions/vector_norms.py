"""Vector norms: `norm` of any order, distances, and slices scaled down to a norm.

A norm is computed of scaled elements where their powers would overflow or vanish, and at a vector of zeros its gradient is 0. The pullback
is in tape/adjoints/reductions. `METHODS` lists what becomes a Tensor method. Imports arguments; imported by reductions.
"""

from __future__ import annotations

from math import isinf
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.dtypes import as_dtype, promote_types, real_of
from tape.functions.arguments import dim_of, dim_or_axis, dims_of, record_whole, tensor_of, values_of
from tape.functions.choosing import where
from tape.functions.results import stored
from tape.outputs import titled
from tape.record import CAST_IMPLICIT, cast
from tape.sums import add_up
from tape.tensor import Tensor, wrap
from tape.traced import as_value

SAFE = {8: (1e-145, 1e150), 4: (1e-15, 1e18)}  # by item size: between these, the sum of squares neither overflowed nor lost digits


def _powers(sizes: Any, p: float, dims: tuple[int, ...], keep: bool) -> Any:
    if p == 2:
        return np.sqrt(add_up(sizes * sizes, axis=dims, keepdims=keep))
    return np.power(add_up(np.power(sizes, p), axis=dims, keepdims=keep), 1 / p)


def norm_value(values: Any, p: float, dims: tuple[int, ...], keep: bool) -> Any:
    """The norm of order p of plain values over dimensions."""
    if p == 0:
        return add_up(values != 0, axis=dims, keepdims=keep, dtype=values.dtype if values.dtype.kind != "c" else values.real.dtype)
    sizes = values if p == 2 and values.dtype.kind != "c" else np.abs(values)
    if p == 1:
        return add_up(sizes, axis=dims, keepdims=keep)
    if isinf(p):
        return (np.maximum if p > 0 else np.minimum).reduce(sizes, axis=dims, keepdims=keep)
    found = _powers(sizes, p, dims, keep)
    low, high = SAFE[sizes.dtype.itemsize]
    if p > 2:
        low, high = low ** (2 / p), high ** (2 / p)
    if np.all((found > low) & (found < high)):
        return found
    sizes = np.abs(sizes)
    top = np.maximum.reduce(sizes, axis=dims, keepdims=True, initial=0)
    scale = np.where((top > 0) & (top < np.inf), top, 1).astype(sizes.dtype)
    return _powers(sizes / scale, p, dims, keep) * (scale if keep or not dims else np.squeeze(scale, dims))


def vector_norm(t: Tensor, p: float, dims: tuple[int, ...], keep: bool, label: str = "norm") -> Tensor:
    """The norm of order p over dimensions, recorded; real for complex values."""
    if (isinf(p) or p < 0) and 0 in [t._s.shape[d] for d in dims]:
        raise RuntimeError(f"norm of order {p} over a dimension without elements; there is none of nothing")
    with np.errstate(all="ignore"):
        value = norm_value(values_of(t), p, dims, keep)
    return record_whole(OPCODES[label], t, value, "ay", dims, keep, p, dtype=real_of(t._s.dtype) if t._s.dtype.kind == "c" else None)


def norm(
    input: Any, p: Any = "fro", dim: Any = None, keepdim: bool = False, out: Any = None, dtype: Any = None, *, axis: Any = None,
    keepdims: bool = False,
) -> Tensor:  # fmt: skip
    """Vector norm of order p ("fro" is 2; any number, 0, inf, -inf) over dimensions, or the nuclear norm ("nuc") of matrices. At a vector of
    zeros the gradient is 0; where several elements attain an infinite norm they share it. RuntimeError for integers and for an
    infinite norm of nothing.

    >>> import tape
    >>> tape.norm(tape.tensor([3.0, 4.0]))
    tensor(5.)
    """
    t = tensor_of("norm", input)
    if dtype is not None:
        wanted = as_dtype(dtype)
        if promote_types(t._s.dtype, wanted) != wanted:
            raise RuntimeError(f"norm: dtype {wanted} would narrow values of {t._s.dtype}; convert the result instead")
        t = cast(t, wanted, CAST_IMPLICIT)
    if t._s.dtype.kind in "iub":
        raise RuntimeError(f"norm of {t._s.dtype} values; convert them with .double() first, or give dtype=")
    dim, keep = dim_or_axis("norm", dim, axis), keepdim or keepdims
    if isinstance(p, str):
        if p == "nuc":
            return stored("norm", out, _nuclear(t, dim, keep))
        if p != "fro":
            raise RuntimeError(f"norm: p is {p!r}; wanted a number, 'fro' or 'nuc'")
        p = 2.0
    return stored("norm", out, vector_norm(t, 2.0 if p is None else float(p), dims_of("norm", t._s.ndim, dim), keep))


def _nuclear(t: Tensor, dim: Any, keep: bool) -> Tensor:
    """The sum of the singular values of matrices that stand in two dimensions."""
    from tape.functions.spectra import svdvals

    dims = [dim_of("norm", t._s.ndim, d) for d in (range(t._s.ndim) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,))]
    if len(dims) != 2 or dims[0] == dims[1]:
        raise RuntimeError(f"norm: the nuclear norm is one of matrices, over two dimensions; dim is {dim!r} and the tensor has {t._s.ndim}")
    found = svdvals(t.movedim(tuple(dims), (-2, -1))).sum(-1)
    for d in sorted(dims) if keep else ():
        found = found.unsqueeze(d)
    return found


def _norm_method(
    self: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False, dtype: Any = None, *, axis: Any = None, keepdims: bool = False
) -> Tensor:
    """norm(self, p, dim, keepdim, dtype=dtype)."""
    return norm(self, p, dim, keepdim, None, dtype, axis=axis, keepdims=keepdims)


def dist(input: Any, other: Any, p: float = 2) -> Tensor:
    """The norm of order p of the difference of two Tensors, which broadcast.

    >>> import tape
    >>> tape.dist(tape.tensor([3.0, 4.0]), tape.zeros(2))
    tensor(5.)
    """
    t = tensor_of("dist", input) - tensor_of("dist", other)
    if t._s.dtype.kind in "iub":
        raise RuntimeError(f"dist of {t._s.dtype} values; convert them with .double() first")
    return vector_norm(t, float(p), tuple(range(t._s.ndim)), False, "norm:Dist")


@titled("Renorm")
def renorm(input: Any, p: float, dim: int, maxnorm: float, *, out: Any = None) -> Tensor:
    """`input` with each slice along a dimension whose norm of order p is larger than `maxnorm` scaled down to it. RuntimeError for a
    vector, for p that is not positive and for a negative maxnorm.

    >>> import tape
    >>> tape.renorm(tape.tensor([[3.0, 4.0], [0.3, 0.4]]), 2, 0, 1.0)
    tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]])
    """
    t = tensor_of("renorm", input)
    if t._s.ndim < 2:
        raise RuntimeError(f"renorm of a tensor of {t._s.ndim} dimensions; it scales the slices of at least two")
    if isinstance(p, complex) or p <= 0 or isinstance(maxnorm, complex) or maxnorm < 0:
        raise RuntimeError(f"renorm: p is {p}, maxnorm {maxnorm}; wanted a positive and a non-negative number")
    dim = dim_of("renorm", t._s.ndim, dim)
    sizes = vector_norm(t, float(p), tuple([d for d in range(t._s.ndim) if d != dim]), True)
    large = wrap(as_value(np.greater(values_of(sizes), maxnorm)))
    return stored("renorm", out, t * where(large, maxnorm / (sizes + 1e-7), 1.0))  # PyTorch's guard against division by zero


METHODS = {"norm": _norm_method, "dist": dist, "renorm": renorm}
