"""What the functions of linear algebra share: matrices checked, batches made equal, results of several parts.

`matrices` checks an argument, `batched` expands operands to one batch, `several` records an operation of more than one differentiable result: one
row holds them all, end to end in its last dimension, and its adjoint sees the cotangents of all at once (`parts` takes either apart).
Named tuples bear PyTorch's field names. Invariant: what raises here raises before anything is recorded.
Imports products; imported by systems, spectra, linalg and their adjoints.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from compiled_ops.rows import OPCODES
from tape.columns import LIMIT, ROW
from tape.errors import ShapeError
from tape.functions.arguments import recording, tensor_of
from tape.functions.basic import plan_of
from tape.functions.complex import conj
from tape.functions.products import transposed
from tape.outputs import numbered
from tape.record import expand, record
from tape.spec import LIGHT, Spec, intern
from tape.state import STATE
from tape.tensor import Tensor, blank, wrap
from tape.traced import Traced

Shapes = tuple[tuple[int, ...], ...]
INFO = np.dtype(np.int32)


class VanishingGapWarning(UserWarning):
    """The gradient of an eigenvector or singular vector was divided by the gap between two values that nearly coincide."""


class Slogdet(NamedTuple):
    """Sign and logarithm of the absolute value of a determinant."""

    sign: Tensor
    logabsdet: Tensor


class Eigh(NamedTuple):
    """Eigenvalues and eigenvectors, in columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class Svd(NamedTuple):
    """A = U diag(S) Vh."""

    U: Tensor
    S: Tensor
    Vh: Tensor


class TurnedSvd(NamedTuple):
    """A = U diag(S) Vᴴ."""

    U: Tensor
    S: Tensor
    V: Tensor


class Qr(NamedTuple):
    """A = Q R."""

    Q: Tensor
    R: Tensor


class Factor(NamedTuple):
    """A triangular factor, and of each matrix 0 or the order of the minor that is not positive."""

    L: Tensor
    info: Tensor


class Inverse(NamedTuple):
    """An inverse, and of each matrix 0 or which pivot is zero."""

    inverse: Tensor
    info: Tensor


class Solution(NamedTuple):
    """A solution, and of each matrix 0 or which pivot is zero."""

    result: Tensor
    info: Tensor


class TriangularSolution(NamedTuple):
    """The solution of a triangular system, and its matrix."""

    solution: Tensor
    cloned_coefficient: Tensor


class Lu(NamedTuple):
    """A = P L U."""

    P: Tensor
    L: Tensor
    U: Tensor


class LuFactor(NamedTuple):
    """Compact factors, L below the diagonal and U on and above it, and the rows exchanged, counted from 1."""

    LU: Tensor
    pivots: Tensor


class LuFactorEx(NamedTuple):
    """The same, and of each matrix 0 or which pivot is zero."""

    LU: Tensor
    pivots: Tensor
    info: Tensor


class Ldl(NamedTuple):
    """Compact factors of a symmetric matrix, and how rows were exchanged."""

    LD: Tensor
    pivots: Tensor


class LdlEx(NamedTuple):
    """The same, and of each matrix 0 or which pivot is zero."""

    LD: Tensor
    pivots: Tensor
    info: Tensor


class Lstsq(NamedTuple):
    """A least-squares solution, squared residuals of each column, ranks and singular values (empty where not asked for)."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def matrices(name: str, given: Any, square: bool = True) -> Tensor:
    """A Tensor of one or more matrices of a dtype that LAPACK has."""
    t = given if isinstance(given, Tensor) else tensor_of(name, given)
    spec = t._s
    if spec.dtype.kind not in "fc" or spec.dtype.itemsize == 2:
        raise RuntimeError(f"{name} of {spec.dtype}; wanted float32, float64 or a complex dtype: convert with .double()")
    if spec.ndim < 2:
        raise ShapeError(f"{name} got shape {spec.shape}; wanted matrices, at least two dimensions")
    if square and spec.shape[-1] != spec.shape[-2]:
        raise ShapeError(f"{name} got shape {spec.shape}; wanted square matrices")
    return t


def batched(name: str, a: Tensor, b: Tensor, vector: bool = False) -> tuple[Tensor, Tensor]:
    """Matrices and right-hand sides (matrices, or vectors) whose batch dimensions have been broadcast."""
    p, q = a._s.shape[:-2], b._s.shape[: -1 if vector else -2]
    if p == q:
        return a, b
    try:
        batch = np.broadcast_shapes(p, q)
    except ValueError:
        raise ShapeError(f"{name} got batch dimensions {p} and {q}; they must broadcast") from None
    return expand(a, batch + a._s.shape[-2:]), expand(b, batch + b._s.shape[-1 if vector else -2 :])


def turned(t: Tensor) -> Tensor:
    """The conjugate transpose."""
    return conj(transposed(t))


def info_of(info: Any) -> Tensor:
    """LAPACK's info of each matrix as a Tensor."""
    return wrap(info if type(info) is Traced else np.asarray(info, INFO))


def packed(ndim: int, *values: Any) -> Any:
    """Arrays end to end in one last dimension behind their `ndim` batch dimensions."""
    dtype = np.result_type(*values)
    return np.concatenate([v.reshape((*v.shape[:ndim], prod(v.shape[ndim:]))).astype(dtype, copy=False) for v in values], axis=-1)


def parts(t: Tensor, batch: tuple[int, ...], shapes: Shapes, label: str = "UnsafeView") -> list[Tensor]:
    """The parts of what `packed` put together, recorded. `shapes`: of each part, without the batch dimensions."""
    if t._t is not None and t._t is STATE.open and type(t._v) is np.ndarray and len(t._t.rows) < LIMIT and t._s.nbytes <= LIGHT:
        return _at_once(t, batch, shapes, label)
    found, start, op = [], 0, OPCODES[f"reshape:{label}"]
    for shape in shapes:
        size = prod(shape)
        code, x, y, _, full = _plan(t._s, start, start + size, (*batch, *shape))
        piece = record(code, (t,), t._v[..., start : start + size], x, y)
        found.append(record(op, (piece,), np.reshape(piece._v, full.shape), piece._s.number, (piece._s, full.shape)))
        start += size
    return found


def _at_once(t: Tensor, batch: tuple[int, ...], shapes: Shapes, label: str) -> list[Tensor]:
    """The same where recording is plain, all rows in one step, at the place of the row of `t`."""
    tape, flat, found, start, op = t._t, [], [], 0, OPCODES[f"reshape:{label}"]
    place, code, instruction = len(tape.rows), tape.rows[t._r + 5], tape.rows[t._r + 6]
    for shape in shapes:
        stop = start + prod(shape)
        slices, x, y, piece, full = _plan(t._s, start, stop, (*batch, *shape))
        flat += (slices, t._r, 0, x, y, code, instruction, op, place, 0, piece.number, (piece, full.shape), code, instruction)
        made = blank(Tensor)
        made._v, made._s, made._t, made._r = t._v[..., start:stop].reshape(full.shape), full, tape, place + ROW
        found.append(made)
        start, place = stop, place + 2 * ROW
    tape.rows.extend(flat)
    return found


@lru_cache(maxsize=1024)
def _plan(spec: Spec, start: int, stop: int, shape: tuple[int, ...]) -> tuple:
    """For elements of the last dimension: opcode and what a row saves, and the Specs before and after they are reshaped."""
    _, op, x, y, piece, _ = plan_of(spec, (Ellipsis, slice(start, stop)), OPCODES["getitem"])
    return op, x, y, piece, intern(shape, spec.dtype)


def several(row: str, t: Tensor, whole: Any, shapes: Shapes, label: str, *params: Any) -> list[Tensor]:
    """The parts of a decomposition of `t`: its row saves the matrices and the parts packed."""
    made = record(OPCODES[row], (t,), whole, (t._v, None, whole) if recording(t) else None, (t._s, shapes, *params))
    return numbered(parts(made, t._s.shape[:-2], shapes, label), made)  # type: ignore[no-any-return]


__all__ = ["VanishingGapWarning", "batched", "info_of", "matrices", "packed", "parts", "several", "turned"]
