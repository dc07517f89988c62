"""Products that are combined with something: added to a tensor, multiplied in a chain, taken of all pairs.

`addmm` and its kin, `multi_dot` and `chain_matmul` (in the cheapest order), `kron`, `cross`, `cdist`. All are composed of recorded operations, so
derivatives of every order are theirs. `METHODS` lists what becomes a Tensor method; `__all__` what tape exports.
Imports products, picking, vector_norms; imported by linalg, tape/functions and tape/methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tape.errors import ShapeError
from tape.functions.arguments import dim_of, tensor_of
from tape.functions.picking import index_select
from tape.functions.products import METHODS as _PRODUCTS
from tape.functions.products import bmm, matmul, matmul_reflected, mm, mv, operands, outer, product, reshaped
from tape.functions.reductions import sum as _sum
from tape.functions.shape import permute
from tape.functions.vector_norms import norm
from tape.out import takes_out
from tape.outputs import titled
from tape.record import broadcast, expand
from tape.tensor import Tensor, wrap


def _scaled(t: Tensor, factor: Any) -> Tensor:
    """`t` times a number, which loses its fraction beside integers, as in PyTorch."""
    return t if factor == 1 else t * (int(factor) if t._s.dtype.kind in "iu" else factor)


def _added(name: str, found: Tensor, input: Any, beta: Any, alpha: Any) -> Tensor:
    found = _scaled(found, alpha)
    given = operands(name, input, found)[0]
    if broadcast(name, given._s.shape, found._s.shape) != found._s.shape:
        raise ShapeError(f"{name} got input of shape {given._s.shape} for products of shape {found._s.shape}; it must broadcast to that")
    return found if beta == 0 else _scaled(given, beta) + found


@takes_out
@titled("Addmm")
def addmm(input: Any, mat1: Any, mat2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (mat1 @ mat2)`, for matrices; `input` broadcasts. With beta=0, `input` is not looked at.

    >>> tape.addmm(tape.ones(2), tape.eye(2), tape.eye(2), alpha=2)
    tensor([[3., 1.],
            [1., 3.]])
    """
    return _added("addmm", mm(mat1, mat2), input, beta, alpha)


@takes_out
@titled("Addmv")
def addmv(input: Any, mat: Any, vec: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (mat @ vec)`, for a matrix and a vector; `input` broadcasts."""
    return _added("addmv", mv(mat, vec), input, beta, alpha)


@takes_out
@titled("Baddbmm")
def baddbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * (batch1 @ batch2)`, for stacks of matrices; `input` broadcasts."""
    return _added("baddbmm", bmm(batch1, batch2), input, beta, alpha)


@takes_out
@titled("Addbmm")
def addbmm(input: Any, batch1: Any, batch2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * sum(batch1 @ batch2)` over the stacks of matrices; `input` broadcasts."""
    a, b = operands("addbmm", batch1, batch2)
    if a._s.ndim != 3 or b._s.ndim != 3 or a._s.shape[0] != b._s.shape[0] or a._s.shape[2] != b._s.shape[1]:
        raise ShapeError(f"addbmm got {a._s.shape} and {b._s.shape}; wanted (b, n, m) and (b, m, p)")
    k, n, m = a._s.shape  # one product of long matrices sums by itself
    long = product(reshaped(permute(a, (1, 0, 2)), (n, k * m)), reshaped(b, (k * m, b._s.shape[2])))
    return _added("addbmm", long, input, beta, alpha)


@takes_out
@titled("Addr")
def addr(input: Any, vec1: Any, vec2: Any, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """`beta * input + alpha * outer(vec1, vec2)`; `input` broadcasts."""
    found = outer(vec1, vec2)
    if found._s.dtype.kind == "b":
        found = found & bool(alpha)
        return found if not beta else found | (tensor_of("addr", input) & bool(beta))
    found = found if alpha == 1 else found * alpha
    t = tensor_of("addr", input)
    if broadcast("addr", t._s.shape, found._s.shape) != found._s.shape:
        raise ShapeError(f"addr got input of shape {t._s.shape} for an outer product of shape {found._s.shape}; it must broadcast to that")
    return found if beta == 0 else (t if beta == 1 else t * beta) + found


# chains


def _order(sizes: Sequence[int]) -> dict[tuple[int, int], int]:
    """Where to split each part of a chain of matrices of these sizes so that the fewest multiplications are made."""
    n = len(sizes) - 1
    cost = {(i, i): 0 for i in range(n)}
    split: dict[tuple[int, int], int] = {}
    for length in range(1, n):
        for i in range(n - length):
            j = i + length
            cost[i, j], split[i, j] = min((cost[i, k] + cost[k + 1, j] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j))
    return split


def multi_dot(tensors: Sequence[Any]) -> Tensor:
    """The product of a chain of matrices, multiplied in the cheapest order. The first may be a vector (a row), the last one too (a column)."""
    parts = operands("linalg.multi_dot", *tensors)
    if len(parts) < 2:
        raise RuntimeError(f"linalg.multi_dot got {len(parts)} tensors; wanted at least two")
    for i, t in enumerate(parts):
        ends = i in (0, len(parts) - 1)
        if t._s.ndim != 2 and not (ends and t._s.ndim == 1):
            raise ShapeError(f"linalg.multi_dot got shape {t._s.shape} at place {i}; wanted matrices, or vectors at the ends")
    row, column = parts[0]._s.ndim == 1, parts[-1]._s.ndim == 1
    if row:
        parts[0] = reshaped(parts[0], (1, *parts[0]._s.shape))
    if column:
        parts[-1] = reshaped(parts[-1], (*parts[-1]._s.shape, 1))
    split = _order([*(t._s.shape[0] for t in parts), parts[-1]._s.shape[1]])

    def multiplied(i: int, j: int) -> Tensor:
        return parts[i] if i == j else product(multiplied(i, split[i, j]), multiplied(split[i, j] + 1, j))

    found = multiplied(0, len(parts) - 1)
    return reshaped(found, found._s.shape[row : 2 - column]) if row or column else found


@takes_out
def chain_matmul(*matrices: Any) -> Tensor:
    """The product of a chain of matrices, multiplied in the cheapest order: the older spelling of linalg.multi_dot."""
    if len(matrices) == 1:
        return tensor_of("chain_matmul", matrices[0]).clone()
    return multi_dot(matrices)


# of all pairs


@takes_out
def kron(input: Any, other: Any) -> Tensor:
    """The Kronecker product: each element of `input` times all of `other`, in blocks.

    >>> tape.kron(tape.eye(2), tape.ones(1, 2))
    tensor([[1., 1., 0., 0.],
            [0., 0., 1., 1.]])
    """
    a, b = tensor_of("kron", input), tensor_of("kron", other)
    n = max(a._s.ndim, b._s.ndim)
    p, q = ((1,) * (n - t._s.ndim) + t._s.shape for t in (a, b))
    left = reshaped(a, tuple(e for extent in p for e in (extent, 1)))
    right = reshaped(b, tuple(e for extent in q for e in (1, extent)))
    return reshaped(left * right, tuple(x * y for x, y in zip(p, q, strict=True)))


@titled("LinalgCross")
def cross_product(input: Any, other: Any, dim: int) -> Tensor:
    """Vector products along a dimension of extent 3; the others broadcast."""
    a, b = tensor_of("cross", input), tensor_of("cross", other)
    shape = broadcast("cross", a._s.shape, b._s.shape)
    along = dim_of("cross", len(shape), dim)
    if a._s.shape[along - len(shape)] != 3 or b._s.shape[along - len(shape)] != 3:
        raise ShapeError(f"cross got shapes {a._s.shape} and {b._s.shape}; both need extent 3 along dimension {dim}")
    a, b = expand(a, shape), expand(b, shape)
    second, third = (wrap(np.array(order)) for order in ([1, 2, 0], [2, 0, 1]))
    return index_select(a, along, second) * index_select(b, along, third) - index_select(a, along, third) * index_select(b, along, second)


@takes_out
def cross(input: Any, other: Any, dim: int | None = None) -> Tensor:
    """Vector products along a dimension of extent 3, by default the first such; the other dimensions broadcast.

    >>> tape.cross(tape.tensor([1., 0., 0.]), tape.tensor([0., 1., 0.]))
    tensor([0., 0., 1.])
    """
    a, b = tensor_of("cross", input), tensor_of("cross", other)
    if dim is None:
        shape = broadcast("cross", a._s.shape, b._s.shape)
        dim = next((d for d, extent in enumerate(shape) if extent == 3), -1)
        if dim < 0:
            raise RuntimeError(f"cross got shapes {a._s.shape} and {b._s.shape}; no dimension has extent 3")
    return cross_product(a, b, dim)


@titled("Cdist")
def cdist(x1: Any, x2: Any, p: float = 2.0, compute_mode: str | None = None) -> Tensor:
    """Distances of order p between all rows of x1 (..., m, d) and x2 (..., n, d): (..., m, n); batch dimensions broadcast. Differences are always
    formed (`compute_mode` is accepted and not needed), so close points keep their digits. The gradient of a distance of zero is 0.

    >>> tape.cdist(tape.tensor([[0., 0.]]), tape.tensor([[3., 4.], [0., 0.]]))
    tensor([[5., 0.]])
    """
    a, b = operands("cdist", x1, x2)
    if a._s.ndim < 2 or b._s.ndim < 2 or a._s.shape[-1] != b._s.shape[-1]:
        raise ShapeError(f"cdist got shapes {a._s.shape} and {b._s.shape}; wanted (..., m, d) and (..., n, d)")
    if a._s.dtype.kind not in "fV":
        raise RuntimeError(f"cdist of {a._s.dtype} values; wanted floating ones: convert with .double()")
    if p < 0:
        raise RuntimeError(f"cdist got p={p}; wanted 0, inf or a positive number")
    left, right = a.unsqueeze(-2), b.unsqueeze(-3)
    if not a._s.shape[-1]:
        return _sum(left - right, -1)
    return norm(left - right, p, -1)


METHODS = {
    **_PRODUCTS, "ger": outer, "matmul": matmul, "__matmul__": matmul, "__rmatmul__": matmul_reflected,
    "addmm": addmm, "addmv": addmv, "addbmm": addbmm, "baddbmm": baddbmm, "addr": addr, "kron": kron, "cross": cross,
}  # fmt: skip
ger = outer
__all__ = ["addbmm", "addmm", "addmv", "addr", "baddbmm", "cdist", "chain_matmul", "cross", "ger", "kron"]
