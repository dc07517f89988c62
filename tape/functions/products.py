"""Products: matmul in all ranks, its special cases, and products that are sums of them.

Everything here ends in the one bilinear row `matmul`, whose operands are vectors (also for their outer product), matrices, or stacks
of matrices of equal batch: `matmul` folds or expands what is given until it is one of these. einsum stands in tape/functions/einsum,
products combined with something in combined.
`product` is matmul for use inside the package: its operands are Tensors of one dtype.
Invariant: operands are never promoted; different dtypes are an error, as in PyTorch.
Imports record and the elementwise operations; imported by linalg, einsum, nn.functional and the adjoint of products.
"""

from __future__ import annotations

from collections.abc import Sequence
from sys import _getframe
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.columns import BRIEF, LIMIT, standing
from tape.errors import ShapeError
from tape.functions.complex import conj
from tape.out import takes_out, written
from tape.outputs import titled
from tape.record import as_tensor, expand, record
from tape.spec import FLOAT64, SCALAR, spec_of
from tape.state import STATE
from tape.tensor import Tensor, blank, wrap
from tape.traced import Traced

MM, MV, DOT, BMM, OUTER = (OPCODES[n] for n in ("matmul", "matmul:Mv", "matmul:Dot", "matmul:Bmm", "matmul:Mul"))
LABEL = {(2, 2): MM, (2, 1): MV, (1, 2): MV, (1, 1): DOT}  # by the ranks of the operands
RESHAPE, PERMUTE = OPCODES["reshape:UnsafeView"], OPCODES["permute:T"]


def matmul(input: Any, other: Any, *, out: Any = None) -> Tensor:
    """The matrix product, as `input @ other`.

    Vectors (1-d) stand for one row on the left and one column on the right; the result lacks that dimension. More than two
    dimensions are stacks of matrices whose batch dimensions broadcast. Both operands have the same dtype. ShapeError
    (a RuntimeError) where sizes do not fit, RuntimeError for different dtypes.

    >>> tape.matmul(tape.ones(2, 3), tape.ones(3))
    tensor([3., 3.])
    """
    found = short(input, other)
    if found is None:
        found = product(*operands("matmul", input, other))
    return found if out is None else written("matmul", out, found)


def short(input: Any, other: Any, ranks: tuple[int, int] | None = None) -> Tensor | None:
    """The product of vectors and matrices that are constants, or small and one on the open tape: then recorded here at the line two frames
    up. None where that is not what was given."""
    tape = STATE.open
    try:
        a, b, from_a, from_b = input._s, other._s, input._t, other._t
    except AttributeError:
        return None
    op = LABEL.get((a.ndim, b.ndim))
    if from_a is None and from_b is None:
        fits = op is not None and a.code >= 0 and a.dtype is b.dtype and a.shape[-1] == b.shape[0] and ranks in (None, (a.ndim, b.ndim))
        plain = fits and type(input._v) is np.ndarray and type(other._v) is np.ndarray and not STATE.dual
        return wrap(input._v.dot(other._v)) if plain else None
    if tape is None:
        return None
    if (
        op is None or from_a is not tape and from_b is not tape and len(tape.rows) >= BRIEF or not a.light or not b.light or a.dtype is not b.dtype
        or a.shape[-1] != b.shape[0] or ranks is not None and ranks != (a.ndim, b.ndim)
    ):  # fmt: skip
        return None
    rows = tape.rows
    row = len(rows)
    a_row, b_row = standing(input, tape), standing(other, tape)
    if a_row < 0 or b_row < 0 or row >= LIMIT:  # an inference tensor, another tape, a leaf not seen yet
        return None
    x, y = input._v, other._v
    value: Any = x.dot(y)
    made = blank(Tensor)
    if op == DOT:
        value = float(value) if a.dtype is FLOAT64 else np.asarray(value)
    frame = _getframe(2)
    rows.extend((op, a_row, b_row, x if b_row else None, y if a_row else None, frame.f_code, frame.f_lasti))
    made._v, made._t, made._r = value, tape, row
    made._s = SCALAR if type(value) is float else spec_of(value)
    return made


def operands(name: str, *given: Any) -> list[Tensor]:
    """The operands of a product as Tensors; TypeError for what is none, RuntimeError for different dtypes."""
    if len(given) == 2 and isinstance(given[0], Tensor) and isinstance(given[1], Tensor) and given[0]._s.dtype is given[1]._s.dtype:
        return list(given)
    tensors = []
    for each in given:
        t = as_tensor(each)
        if t is None:
            raise TypeError(f"{name} got {type(each).__name__}; wanted Tensors or arrays")
        tensors.append(t)
    dtypes = {t._s.dtype for t in tensors}
    if len(dtypes) > 1:
        names = " and ".join(str(t._s.dtype) for t in tensors)
        raise RuntimeError(f"{name} got dtypes {names}; products do not promote: convert one with .to(dtype)")
    return tensors


def product(a: Tensor, b: Tensor) -> Tensor:
    """`a @ b`, recorded, for Tensors of one dtype."""
    p, q = a._s, b._s
    if not p.ndim or not q.ndim:
        raise ShapeError(f"matmul got {p.shape} and {q.shape}; both need at least one dimension: use * for scalars")
    if p.shape[-1] != q.shape[-2 if q.ndim > 1 else 0]:
        raise ShapeError(
            f"matmul got {p.shape} and {q.shape}; the last dimension of the first ({p.shape[-1]}) must equal "
            f"the {'last but one' if q.ndim > 1 else 'only'} dimension of the second ({q.shape[-2 if q.ndim > 1 else 0]})"
        )
    if STATE.trace is not None and STATE.trace.lasting:
        found = STATE.trace.product(a, b)
        if found is not None:
            return found  # type: ignore[no-any-return]
    if p.ndim < 3 and q.ndim < 3:
        return bilinear(LABEL[p.ndim, q.ndim], a, b)
    if q.ndim < 3:  # one product with all rows: no gradient of b for each matrix of the stack
        rows = reshaped(a, (p.size // p.shape[-1] if p.shape[-1] else int(np.prod(p.shape[:-1])), p.shape[-1]))
        return reshaped(bilinear(LABEL[2, q.ndim], rows, b), p.shape[:-1] + q.shape[1:])
    if p.ndim == 1:
        found = product(reshaped(a, (1, *p.shape)), b)
        return reshaped(found, found._s.shape[:-2] + found._s.shape[-1:])
    try:
        batch = np.broadcast_shapes(p.shape[:-2], q.shape[:-2])
    except ValueError:
        raise ShapeError(
            f"matmul got {p.shape} and {q.shape}; the batch dimensions {p.shape[:-2]} and {q.shape[:-2]} must broadcast"
        ) from None
    return bilinear(BMM, expand(a, batch + p.shape[-2:]), expand(b, batch + q.shape[-2:]))


def bilinear(op: int, a: Tensor, b: Tensor) -> Tensor:
    """The row of a product whose shapes fit."""
    va, vb = a._v, b._v
    if (
        a._s.code < 0 and a._s.dtype.itemsize == 2 and a._s.dtype.kind in "fV" and op != OUTER
    ):  # half precision is computed in float32
        value = np.matmul(va.astype(np.float32), vb.astype(np.float32)).astype(a._s.dtype)
    elif op < BMM:
        value = va.dot(vb) if type(vb) is not Traced else np.matmul(va, vb)  # the same BLAS routine as matmul, called in half the time
    else:
        value = np.matmul(va, vb) if op == BMM else np.multiply.outer(va, vb)
    keep = STATE.dual > 0
    if a._t is None and b._t is None and not keep:
        return wrap(value)
    return record(op, (a, b), value, va if b._t is not None or keep else None, vb if a._t is not None or keep else None)


def reshaped(t: Tensor, shape: tuple[int, ...]) -> Tensor:
    """`t` in another shape: not a view, for intermediate results only."""
    if t._s.shape == shape:
        return t
    value = np.reshape(t._v, shape)
    if t._t is None and not STATE.dual:
        return wrap(value)
    return record(RESHAPE, (t,), value, t._s.number, (t._s, shape))


def transposed(t: Tensor) -> Tensor:
    """`t` with its last two dimensions exchanged: not a view, for intermediate results only."""
    value = t._v.swapaxes(-1, -2)
    if t._t is None and not STATE.dual:
        return wrap(value)
    n = t._s.ndim
    return record(PERMUTE, (t,), value, None, (t._s, (*range(n - 2), n - 1, n - 2)))


def _ranked(name: str, a: Any, b: Any, ranks: tuple[int, int]) -> Tensor:
    """The product of operands of these ranks."""
    a, b = operands(name, a, b)
    if (a._s.ndim, b._s.ndim) != ranks:
        raise ShapeError(f"{name} got {a._s.shape} and {b._s.shape}; wanted a {ranks[0]}-d and a {ranks[1]}-d tensor: use matmul")
    if ranks == (3, 3) and a._s.shape[0] != b._s.shape[0]:
        raise ShapeError(f"{name} got {a._s.shape} and {b._s.shape}; both need the same number of matrices: use matmul")
    if ranks == (1, 1) and a._s.shape != b._s.shape:
        raise ShapeError(f"{name} got {a._s.shape} and {b._s.shape}; both vectors need the same length")
    return product(a, b)


def mm(input: Any, mat2: Any, *, out: Any = None) -> Tensor:
    """The product of two matrices, (n, m) and (m, p). ShapeError for other ranks."""
    found = short(input, mat2, (2, 2))
    if found is None:
        found = _ranked("mm", input, mat2, (2, 2))
    return found if out is None else written("mm", out, found)


def mv(input: Any, vec: Any, *, out: Any = None) -> Tensor:
    """The product of a matrix (n, m) and a vector (m,). ShapeError for other ranks."""
    found = short(input, vec, (2, 1))
    if found is None:
        found = _ranked("mv", input, vec, (2, 1))
    return found if out is None else written("mv", out, found)


@takes_out
def bmm(input: Any, mat2: Any) -> Tensor:
    """The products of two stacks of matrices, (b, n, m) and (b, m, p). ShapeError for other ranks and for broadcasting."""
    return _ranked("bmm", input, mat2, (3, 3))


def dot(input: Any, tensor: Any, *, out: Any = None) -> Tensor:
    """The inner product of two vectors of one length, 0-d.

    >>> tape.dot(tape.tensor([2., 3.]), tape.tensor([2., 1.]))
    tensor(7.)
    """
    found = short(input, tensor, (1, 1))
    if found is None:
        found = _ranked("dot", input, tensor, (1, 1))
    return found if out is None else written("dot", out, found)


@takes_out
@titled("Vdot")
def vdot(input: Any, other: Any) -> Tensor:
    """The inner product of two vectors, the first one conjugated where it is complex."""
    a, b = operands("vdot", input, other)
    return _ranked("vdot", conj(a), b, (1, 1))


@takes_out
def inner(input: Any, other: Any) -> Tensor:
    """Inner products over the last dimension of both: shape `input.shape[:-1] + other.shape[:-1]`. 0-d operands multiply."""
    a, b = operands("inner", input, other)
    if not a._s.ndim or not b._s.ndim:
        return a * b
    return tensordot(a, b, ([-1], [-1]))


@takes_out
def outer(input: Any, vec2: Any) -> Tensor:
    """All products of the elements of two vectors: (n,) and (m,) give (n, m)."""
    a, b = as_tensor(input), as_tensor(vec2)
    if a is None or b is None or a._s.ndim != 1 or b._s.ndim != 1:
        raise ShapeError(
            f"outer got {' and '.join(str(getattr(t, 'shape', type(t).__name__)) for t in (input, vec2))}; wanted two 1-d tensors"
        )
    return bilinear(OUTER, a, b) if a._s.dtype is b._s.dtype and a._s.dtype.kind != "b" else reshaped(a, (a._s.size, 1)) * b


def tensordot(a: Any, b: Any, dims: int | Sequence = 2) -> Tensor:
    """The product summed over several dimensions.

    dims: the number of last dimensions of `a` and first of `b` to sum over, or a list of dimensions of each. The result has
    the other dimensions of `a`, then those of `b`. ShapeError where sizes differ.

    >>> tape.tensordot(tape.ones(2, 3, 4), tape.ones(4, 3), ([2, 1], [0, 1])).shape
    torch.Size([2])
    """
    a, b = operands("tensordot", a, b)
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if not 0 <= dims <= min(a._s.ndim, b._s.ndim):
            raise ShapeError(
                f"tensordot got dims={dims} for {a._s.shape} and {b._s.shape}; wanted at least 0 and at most either rank"
            )
        over: Any = list(range(a._s.ndim - dims, a._s.ndim)), list(range(dims))
    else:
        over = [[each] if isinstance(each, int) else list(each) for each in dims]
    if len(over) != 2 or len(over[0]) != len(over[1]):
        raise ShapeError(f"tensordot got dims={dims!r}; wanted two lists of one length, or a number")
    over = [[_dim(d, t) for d in each] for each, t in zip(over, (a, b), strict=True)]
    for i, j in zip(*over, strict=True):  # what is 1 in one operand only broadcasts: the other may be summed at once
        if a._s.shape[i] != b._s.shape[j] and 1 in (a._s.shape[i], b._s.shape[j]):
            a, b = (a.sum(i, keepdim=True, dtype=a._s.dtype), b) if b._s.shape[j] == 1 else (a, b.sum(j, keepdim=True, dtype=a._s.dtype))
    sizes = [[t._s.shape[d] for d in each] for each, t in zip(over, (a, b), strict=True)]
    if sizes[0] != sizes[1]:
        raise ShapeError(
            f"tensordot got {a._s.shape} and {b._s.shape}; the summed dimensions {over} have sizes {sizes}, which must agree"
        )
    rest = [[d for d in range(t._s.ndim) if d not in each] for each, t in zip(over, (a, b), strict=True)]
    k = int(np.prod(sizes[0], dtype=np.int64))
    left, right = permuted(a, (*rest[0], *over[0])), permuted(b, (*over[1], *rest[1]))
    shapes = [tuple(t._s.shape[d] for d in each) for each, t in zip(rest, (a, b), strict=True)]
    m, n = (int(np.prod(shape, dtype=np.int64)) for shape in shapes)
    left = reshaped(left, (m, k) if rest[0] else (k,))
    right = reshaped(right, (k, n) if rest[1] else (k,))
    return reshaped(product(left, right), shapes[0] + shapes[1])


def permuted(t: Tensor, dims: tuple[int, ...]) -> Tensor:
    """`t` with its dimensions in another order: not a view, for intermediate results only."""
    if dims == tuple(range(len(dims))):
        return t
    return record(PERMUTE, (t,), np.transpose(t._v, dims), None, (t._s, dims))


def _dim(d: Any, t: Tensor) -> int:
    if not -t._s.ndim <= d < t._s.ndim:
        raise IndexError(f"dimension {d} of a tensor of shape {t._s.shape}; wanted {-t._s.ndim} to {t._s.ndim - 1}")
    return int(d) % t._s.ndim


def matmul_reflected(self: Tensor, other: Any) -> Any:
    """`other @ self` for an array; a Tensor may stand in the other's place."""
    return product(*operands("matmul", other, self)) if isinstance(other, (np.ndarray, Tensor)) else NotImplemented


METHODS = {"mm": mm, "mv": mv, "bmm": bmm, "dot": dot, "vdot": vdot, "inner": inner, "outer": outer}
__all__ = ["bmm", "dot", "inner", "matmul", "mm", "mv", "outer", "tensordot", "vdot"]
