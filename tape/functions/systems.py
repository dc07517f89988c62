"""Systems of linear equations: solutions, factors of matrices, inverses and determinants, over stacks of matrices.

Solve (`solve`, `solve_triangular`, `cholesky_solve`, `lu_solve`, `ldl_solve`), factor (`cholesky`, `lu_factor`, `lu`, `ldl_factor`), invert (`inv`),
take determinants (`det`, `slogdet`, `logdet`). The `_ex` twins say by numbers what the others raise. Adjoints are in tape/adjoints/systems.
Invariant: a singular or indefinite matrix raises LinAlgError (a RuntimeError) before anything is recorded.
Imports lapack and matrices; imported by linalg, spectra and the adjoints.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.errors import ShapeError
from tape.functions import lapack
from tape.functions.arguments import recording, tensor_of
from tape.functions.choosing import where
from tape.functions.complex import complex, imag, real
from tape.functions.elementwise import exp
from tape.functions.layout import named
from tape.functions.matrices import (
    Factor,
    Inverse,
    Ldl,
    LdlEx,
    Lu,
    LuFactor,
    LuFactorEx,
    Slogdet,
    Solution,
    TriangularSolution,
    batched,
    info_of,
    matrices,
    turned,
)  # fmt: skip
from tape.functions.picking import tril, triu
from tape.functions.products import operands, product, transposed
from tape.outputs import numbered, titled
from tape.record import expand, normal, record
from tape.tensor import Tensor, array, wrap
from tape.traced import Traced, as_value, through

SOLVE, INV, DET, SLOGDET, CHOLESKY, TRIANGULAR, LU = (
    OPCODES[n] for n in ("solve", "inv", "det", "slogdet", "cholesky", "solve_triangular", "lu_factor")
)
SIGN = OPCODES["sign"]  # of a real determinant: the derivative is zero
FACTORED = 32  # from this size on, determinants keep their factors for the backward pass
SINGULAR = "is singular; it has no inverse"
INDEFINITE = "is not positive definite"
NONE = np.zeros((), np.int32)  # info where NumPy's functions, which a program knows, raise by themselves


def _some(info: Any) -> bool:
    """Whether any matrix failed."""
    return bool(info) if type(info) is int else bool(info.any())


# solutions


def solve(A: Any, B: Any, *, left: bool = True) -> Tensor:
    """X with A X = B (or X A = B for left=False). A is (..., n, n), B is (..., n, k), or a vector (n,), or (..., n)
    with as many batch dimensions as A; batch dimensions broadcast. ShapeError for sizes that do not fit, LinAlgError
    where A is singular.

    >>> tape.linalg.solve(tape.tensor([[2., 0.], [0., 4.]]), tape.tensor([2., 2.]))
    tensor([1.0000, 0.5000])
    """
    return _solve("linalg.solve", A, B, left, True)[0]


def solve_ex(A: Any, B: Any, *, left: bool = True, check_errors: bool = False) -> Solution:
    """`solve`, and for each matrix 0 or the number of a pivot that is zero, which raises only where `check_errors` says so."""
    X, info = _solve("linalg.solve_ex", A, B, left, check_errors)
    return Solution(X, info_of(info))


def _solve(name: str, A: Any, B: Any, left: bool, check: bool) -> tuple[Tensor, Any]:
    A, B = operands(name, A, B)
    A = matrices(name, A)
    if not B._s.ndim:
        raise ShapeError(f"{name} got a 0-d right-hand side; wanted at least one dimension")
    n, vector = A._s.shape[-1], B._s.ndim == 1 or B._s.ndim == A._s.ndim - 1 and B._s.shape == A._s.shape[:-1]
    if B._s.shape[-1 if vector else -2 if left else -1] != n:
        raise ShapeError(f"{name} got A of shape {A._s.shape} and B of shape {B._s.shape}; B must have {n} rows, as A has")
    if not left:
        if vector:
            raise ShapeError(f"{name} got a vector and left=False; wanted matrices on both sides")
        X, info = _solve(name, transposed(A), transposed(B), True, check)
        return transposed(X), info
    A, B = batched(name, A, B, vector)
    va, vb = A._v, B._v
    if check and (type(va) is Traced or type(vb) is Traced):
        X, info, *factors = np.linalg.solve(va, vb[..., None])[..., 0] if vector else np.linalg.solve(va, vb), NONE
    else:
        X, info, *factors = through(_solution, va, vb, vector)
        if check and _some(info):
            lapack.refuse(name, info, A._s.shape, SINGULAR)
    saved = (va, None, X, tuple(factors)) if recording(A, B) else None
    return record(SOLVE, (A, B), X, saved, (A._s, vector)), info


def _solution(a: np.ndarray, b: np.ndarray, vector: bool) -> tuple:
    """The solution, info, and the factors of one matrix."""
    if a.ndim > 2 or not b.size:
        return lapack.solve(a, b, vector)
    lu, pivots, info = lapack.factored(a)
    if info > 0:
        return np.full(b.shape, np.nan, b.dtype), info
    return lapack.solved((lu, pivots), b), 0, lu, pivots


def solve_triangular(A: Any, B: Any, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """X with A X = B (or X A = B for left=False), where A is triangular: only that triangle is read, without its
    diagonal where `unitriangular` says it is ones. Batch dimensions broadcast. A zero on the diagonal gives inf or
    NaN, as in PyTorch."""
    A, B = operands("linalg.solve_triangular", A, B)
    A, B = matrices("linalg.solve_triangular", A), matrices("linalg.solve_triangular", B, square=False)
    if B._s.shape[-2 if left else -1] != A._s.shape[-1]:
        raise ShapeError(f"linalg.solve_triangular got A of shape {A._s.shape} and B of shape {B._s.shape}; their sizes must fit")
    A, B = batched("linalg.solve_triangular", A, B)
    X = through(lapack.triangular, A._v, B._v, upper, left, unitriangular)
    saved = (A._v, None, X) if recording(A, B) else None
    return record(TRIANGULAR, (A, B), X, saved, (A._s, upper, left, unitriangular))


def triangular_solve(b: Any, A: Any, upper: bool = True, transpose: bool = False, unitriangular: bool = False) -> TriangularSolution:
    """The solution of A X = b (of Aᵀ X = b for `transpose`) for triangular A, and a copy of A: the older spelling of solve_triangular."""
    t = matrices("triangular_solve", A)
    X = solve_triangular(transposed(t) if transpose else t, b, upper=upper != transpose, unitriangular=unitriangular)
    batch = X._s.shape[:-2]
    return TriangularSolution(X, expand(t, batch + t._s.shape[-2:]).clone())


# inverses and determinants


def inv(A: Any) -> Tensor:
    """The inverse of square matrices. To solve equations, `solve` is faster and more accurate. LinAlgError where one
    is singular."""
    return _inverse("linalg.inv", A, True)[0]


def inv_ex(A: Any, *, check_errors: bool = False) -> Inverse:
    """`inv`, and for each matrix 0 or the number of a pivot that is zero, which raises only where `check_errors` says so."""
    found, info = _inverse("linalg.inv_ex", A, check_errors)
    return Inverse(found, info_of(info))


def _inverse(name: str, A: Any, check: bool) -> tuple[Tensor, Any]:
    A = matrices(name, A)
    if check and type(A._v) is Traced:
        found, info = np.linalg.inv(A._v), NONE
    else:
        found, info = through(lapack.inverse, A._v)
        if check and _some(info):
            lapack.refuse(name, info, A._s.shape, SINGULAR)
    return record(INV, (A,), found, (None, None, found) if recording(A) else None, (A._s,)), info


def det(A: Any) -> Tensor:
    """The determinant of square matrices. The gradient exists at singular ones too."""
    A = matrices("linalg.det", A)
    factors = _kept(A)
    found = normal(through(lapack.determinant, A._v, factors), A._s.dtype)
    return record(DET, (A,), found, (A._v, None, found, factors) if recording(A) else None, (A._s,))


def _kept(A: Tensor) -> tuple:
    """The factors of one large matrix whose backward pass will need them again, which is cheaper from some size on."""
    if A._s.ndim > 2 or A._s.shape[-1] < FACTORED or type(A._v) is not np.ndarray or not recording(A):
        return ()
    return lapack.factored(A._v)[:2]


def slogdet(A: Any) -> Slogdet:
    """Sign and logarithm of the absolute value of the determinant. Singular matrices give 0 and -inf, and have no gradient."""
    A = matrices("linalg.slogdet", A)
    factors = _kept(A)
    sign, logarithm = (normal(each, A._s.dtype) for each in through(lapack.log_determinant, A._v, factors))
    keep = recording(A)
    if A._s.dtype.kind != "c":
        made = record(SLOGDET, (A,), logarithm, (A._v, None, None, factors) if keep else None, (A._s,))
        return Slogdet(*numbered((record(SIGN, (made,), sign), made), made))
    signs, logarithms = wrap(sign), wrap(as_value(logarithm))
    if not keep:
        return Slogdet(signs, logarithms)
    whole = logarithm + np.angle(sign) * 1j  # the complex logarithm of the determinant
    made = record(SLOGDET, (A,), as_value(whole).astype(A._s.dtype), (A._v, None, None), (A._s,))
    phase = imag(made)
    return Slogdet(where(wrap(as_value(sign) == 0), 0.0, exp(complex(phase * 0.0, phase))), real(made))


def logdet(A: Any) -> Tensor:
    """The logarithm of the determinant of square matrices; NaN where that is negative."""
    sign, logarithm = slogdet(matrices("logdet", A))
    if sign._s.dtype.kind == "c":
        return logarithm + sign.log()
    if np.all(array(sign) >= 0):
        return logarithm
    return logarithm + wrap(np.where(array(sign) < 0, np.nan, 0.0).astype(sign._s.dtype))


# Cholesky factors


@titled("LinalgCholeskyEx")
def cholesky(A: Any, *, upper: bool = False) -> Tensor:
    """The lower triangular L with L Lᴴ = A (or its conjugate transpose, for upper=True). Only the lower triangle of A is read
    (the upper one for upper=True); the gradient is symmetric. LinAlgError where A is not positive definite."""
    return _cholesky("linalg.cholesky", A, upper, True)[0]


def cholesky_older(input: Any, upper: bool = False) -> Tensor:
    """`linalg.cholesky` under its older name."""
    return _cholesky("cholesky", input, upper, True)[0]


def cholesky_ex(A: Any, *, upper: bool = False, check_errors: bool = False) -> Factor:
    """`cholesky`, and for each matrix 0 or the order of a minor that is not positive, which raises only where `check_errors` says so."""
    L, info = _cholesky("linalg.cholesky_ex", A, upper, check_errors)
    return Factor(L, info_of(info))


def _cholesky(name: str, A: Any, upper: bool, check: bool) -> tuple[Tensor, Any]:
    A = matrices(name, A)
    if upper:
        L, info = _cholesky(name, turned(A), False, check)
        return turned(L), info
    if check and type(A._v) is Traced:
        L, info = np.linalg.cholesky(A._v), NONE
    else:
        L, info = through(lapack.cholesky, A._v)
        if check and _some(info):
            lapack.refuse(name, info, A._s.shape, INDEFINITE)
    return record(CHOLESKY, (A,), L, (None, None, L) if recording(A) else None, (A._s,)), info


@titled("CholeskySolve")
def cholesky_solve(B: Any, L: Any, upper: bool = False) -> Tensor:
    """X with A X = B, where L is the Cholesky factor of A (its conjugate transpose, for upper=True)."""
    B, L = operands("cholesky_solve", B, L)
    if upper:
        return solve_triangular(L, solve_triangular(turned(L), B, upper=False), upper=True)
    return solve_triangular(turned(L), solve_triangular(L, B, upper=False), upper=True)


@titled("CholeskyInverse")
def cholesky_inverse(L: Any, upper: bool = False) -> Tensor:
    """The inverse of the matrix whose Cholesky factor is L (its conjugate transpose, for upper=True)."""
    L = matrices("cholesky_inverse", L)
    half = solve_triangular(L, identity(L), upper=upper)
    return product(half, turned(half)) if upper else product(turned(half), half)


def identity(t: Tensor) -> Tensor:
    """Identity matrices of the size and dtype of square ones."""
    return wrap(np.broadcast_to(np.eye(t._s.shape[-1], dtype=t._s.dtype), t._s.shape))


# LU factors


def _factor(name: str, A: Any, pivot: bool, check: bool) -> LuFactorEx:
    t = matrices(name, A, square=False)
    if not pivot:
        raise RuntimeError(f"{name} got pivot=False; factors without exchanging rows are not available on the CPU, as in PyTorch")
    factors, pivots, info = through(lapack.lu, t._v)
    if check and _some(info):
        lapack.refuse(name, info, t._s.shape, "is singular; its factor U has a zero on the diagonal")
    saved = (t._v, None, factors, pivots) if recording(t) else None
    return LuFactorEx(record(LU, (t,), factors, saved, (t._s,)), wrap(pivots), info_of(info))


def lu_factor(A: Any, *, pivot: bool = True) -> LuFactor:
    """Compact factors of A = P L U: L, with ones on its diagonal, below the diagonal and U on and above it; and the row that each
    row was exchanged with, counted from 1."""
    return LuFactor(*_factor("linalg.lu_factor", A, pivot, False)[:2])


def lu_factor_ex(A: Any, *, pivot: bool = True, check_errors: bool = False) -> LuFactorEx:
    """`lu_factor`, and for each matrix 0 or the number of a pivot that is zero, which raises only where `check_errors` says so."""
    return _factor("linalg.lu_factor_ex", A, pivot, check_errors)


def lu(A: Any, *, pivot: bool = True) -> Lu:
    """P, L and U with A = P L U."""
    factors, pivots, _ = _factor("linalg.lu", A, pivot, False)
    P, L, U = lu_unpack(factors, pivots)
    return Lu(P, *numbered((named(L, L._s.shape, "LinalgLu"), U)))


def lu_older(A: Any, pivot: bool = True, get_infos: bool = False) -> tuple:
    """Compact factors and pivots (and info, for get_infos): the older spelling of linalg.lu_factor."""
    found = _factor("lu", A, pivot, False)
    return LuFactorEx(*found) if get_infos else LuFactor(*found[:2])


def lu_unpack(LU_data: Any, LU_pivots: Any, unpack_data: bool = True, unpack_pivots: bool = True) -> Lu:
    """P, L and U of compact factors; parts that are not asked for are empty."""
    t, pivots = matrices("lu_unpack", LU_data, square=False), tensor_of("lu_unpack", LU_pivots)
    if pivots._s.dtype != np.int32 and unpack_pivots:
        raise RuntimeError(f"lu_unpack got pivots of {pivots._s.dtype}; wanted int32, as lu_factor gives them")
    (m, n), none = t._s.shape[-2:], wrap(np.zeros(0, t._s.dtype))
    k = min(m, n)
    P, L, U = none, none, none
    if unpack_pivots:
        P = wrap(through(_permutations, pivots._v, m, t._s.dtype))
    if unpack_data:
        below = tril(t if n == k else t[..., :k], -1)
        L = below + wrap(np.broadcast_to(np.eye(m, k, dtype=t._s.dtype), below._s.shape))
        U = triu(t if m == k else t[..., :k, :])
        L, U = numbered((named(L, L._s.shape, "LuUnpack"), U))
    return Lu(P, L, U)


def _permutations(pivots: np.ndarray, m: int, dtype: Any) -> np.ndarray:
    return np.swapaxes(np.eye(m, dtype=dtype)[lapack.permutation(pivots, m)], -1, -2)


@titled("LinalgLuSolve")
def lu_solve(LU: Any, pivots: Any, B: Any, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """X with A X = B (X A = B for left=False), where A (its conjugate transpose for `adjoint`) has these compact factors."""
    LU, B = operands("linalg.lu_solve", LU, B)
    LU = matrices("linalg.lu_solve", LU)
    n = LU._s.shape[-1]
    if B._s.ndim < 2 or B._s.shape[-2 if left else -1] != n:
        raise ShapeError(f"linalg.lu_solve got factors of shape {LU._s.shape} and B of shape {B._s.shape}; their sizes must fit")
    if not left:
        return turned(lu_solve(LU, pivots, turned(B), adjoint=not adjoint))
    LU, B = batched("linalg.lu_solve", LU, B)
    order = through(lapack.permutation, tensor_of("linalg.lu_solve", pivots)._v, n)
    if adjoint:  # Aᴴ = Uᴴ Lᴴ Pᵀ
        half = solve_triangular(turned(LU), B, upper=False)
        return rows_of(solve_triangular(turned(LU), half, upper=True, unitriangular=True), np.argsort(order, -1))
    return solve_triangular(LU, solve_triangular(LU, rows_of(B, order), upper=False, unitriangular=True), upper=True)


def rows_of(t: Tensor, order: Any) -> Tensor:
    """The rows of matrices in another order, one order a matrix."""
    order = np.broadcast_to(order, t._s.shape[:-1])
    return t.take_along_dim(wrap(np.broadcast_to(order[..., None], t._s.shape)), -2)


def lu_solve_older(b: Any, LU_data: Any, LU_pivots: Any) -> Tensor:
    """X with A X = b, where A has these compact factors: the older spelling of linalg.lu_solve."""
    return lu_solve(LU_data, LU_pivots, b)


# LDL factors


def ldl_factor_ex(A: Any, *, hermitian: bool = False, check_errors: bool = False) -> LdlEx:
    """Compact factors of A = L D Lᵀ (Lᴴ for `hermitian`) for symmetric A, of which the lower triangle is read; pivots and info as LAPACK's
    sytrf gives them. There is no gradient, as in PyTorch."""
    t = matrices("linalg.ldl_factor", A)
    if recording(t):
        raise RuntimeError("linalg.ldl_factor of a tensor that requires grad; it has no derivative, as in PyTorch: detach() it")
    factors, pivots, info = through(lapack.ldl, t._v, hermitian)
    if check_errors and _some(info):
        lapack.refuse("linalg.ldl_factor_ex", info, t._s.shape, "is singular; its factor D has a zero on the diagonal")
    return LdlEx(wrap(factors), wrap(pivots), info_of(info))


def ldl_factor(A: Any, *, hermitian: bool = False) -> Ldl:
    """`ldl_factor_ex` without info; LinAlgError for a singular matrix."""
    return Ldl(*ldl_factor_ex(A, hermitian=hermitian, check_errors=True)[:2])


def ldl_solve(LD: Any, pivots: Any, B: Any, *, hermitian: bool = False) -> Tensor:
    """X with A X = B, where A has these compact factors. There is no gradient, as in PyTorch."""
    LD, B = operands("linalg.ldl_solve", LD, B)
    if recording(LD, B):
        raise RuntimeError("linalg.ldl_solve of tensors that require grad; it has no derivative, as in PyTorch: detach() them")
    p = tensor_of("linalg.ldl_solve", pivots)
    LD, B = batched("linalg.ldl_solve", matrices("linalg.ldl_solve", LD), B)
    return wrap(through(lapack.ldl_solved, LD._v, np.broadcast_to(p._v, LD._s.shape[:-1]), B._v, hermitian))


__all__ = ["cholesky", "det", "inv", "logdet", "slogdet", "solve"]
