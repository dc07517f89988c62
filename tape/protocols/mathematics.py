"""NumPy's mathematics beyond ufuncs on Tensors: interpolation, convolution, differences, integrals, products, `np.linalg` and `np.fft`.

`np.linalg.f` and `np.fft.f` are `tape.linalg.f` and `tape.fft.f` under NumPy's parameters. Registered by import; imported by protocols.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape import linalg
from tape.dtypes import promote_types
from tape.protocols.names import F, fft, named, numpy_function, values_in
from tape.tensor import Tensor


@numpy_function(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, min: Any = None, max: Any = None) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = F.as_tensor(a)
    for bound, choose in ((low, F.maximum), (high, F.minimum)):
        if isinstance(bound, (Tensor, np.ndarray)):
            a = choose(a, F.as_tensor(bound).to(a.dtype))
        elif bound is not None:
            a = F.clamp(a, min=bound) if choose is F.maximum else F.clamp(a, max=bound)
    return a


@numpy_function(np.round, *named(np, "around"))
def _round(a: Any, decimals: int = 0) -> Any:
    return F.round(a) if not decimals else F.round(a, decimals=decimals)


@numpy_function(np.fix)
def _fix(x: Any) -> Any:
    return F.trunc(x)


@numpy_function(np.real)
def _real(val: Any) -> Any:
    return F.real(val)


@numpy_function(np.imag)
def _imag(val: Any) -> Any:
    return F.imag(val) if val.is_complex() else F.zeros_like(val)


@numpy_function(np.angle)
def _angle(z: Any, deg: bool = False) -> Any:
    return F.rad2deg(F.angle(z)) if deg else F.angle(z)


@numpy_function(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    return F.real(a) if not np.iscomplexobj(np.real_if_close(values_in(a), tol)) else a


@numpy_function(np.sinc)
def _sinc(x: Any) -> Any:
    return F.sinc(x)


@numpy_function(np.i0)
def _i0(x: Any) -> Any:
    return F.i0(x)


@numpy_function(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    made = F.nan_to_num(x, nan, posinf, neginf)
    return made if copy else x.copy_(made)


@numpy_function(np.unwrap)
def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    values = values_in(p)
    return p + F.as_tensor(np.unwrap(values, discont, axis, period=period) - values)


@numpy_function(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = (F.as_tensor(v) for v in (x, xp, fp))
    if period is not None:
        x, xp = F.remainder(x, period), F.remainder(xp, period)
        order = F.argsort(xp)
        xp, fp = xp[order], fp[order]
        xp, fp = F.cat([xp[-1:] - period, xp, xp[:1] + period]), F.cat([fp[-1:], fp, fp[:1]])
    n = xp.shape[0]
    if n == 1:
        made = fp[0] + 0 * x
    else:
        i = F.as_tensor(np.clip(np.searchsorted(values_in(xp), values_in(x), side="right") - 1, 0, n - 2))
        x0, y0 = xp[i], fp[i]
        made = y0 + (x - x0) * ((fp[i + 1] - y0) / (xp[i + 1] - x0))
    made = F.where(x < xp[0], fp[0] if left is None else left, made)
    made = F.where(x > xp[-1], fp[-1] if right is None else right, made)
    return F.where(x == xp[-1], fp[-1], made)


@numpy_function(np.convolve)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    a, v = F.as_tensor(a), F.as_tensor(v)
    if not a.numel() or not v.numel():
        raise ValueError("np.convolve: an array is empty; wanted at least one element of each")
    if v.numel() > a.numel():
        a, v = v, a
    n, m = a.numel(), v.numel()
    before, behind = {"full": (m - 1, m - 1), "same": ((m - 1) - (m - 1) // 2, (m - 1) // 2), "valid": (0, 0)}[mode]
    dtype = promote_types(a.dtype, v.dtype)
    ends = F.cat([F.zeros(before, dtype=dtype), a.to(dtype), F.zeros(behind, dtype=dtype)])
    return F.matmul(ends.unfold(0, m, 1), F.flip(v.to(dtype), (0,))) if n else ends


@numpy_function(np.correlate)
def _correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    a, v = F.as_tensor(a), F.as_tensor(v)
    made = _convolve(a, F.conj(F.flip(v, (0,))), mode)
    if v.numel() > a.numel() and mode == "same":  # the longer one decides where the middle is
        full = _convolve(a, F.conj(F.flip(v, (0,))), "full")
        start = (a.numel() - 1) - (a.numel() - 1) // 2 if a.numel() % 2 else a.numel() // 2 - 1
        return full[start : start + v.numel()]
    return made


@numpy_function(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    a = F.as_tensor(a)

    def edge(value: Any) -> Any:
        if value is None:
            return None
        value = F.as_tensor(value)
        return value.to(a.dtype).expand([1 if d == axis % a.ndim else e for d, e in enumerate(a.shape)]) if not value.ndim else value

    return F.diff(a, n, axis, edge(prepend), edge(append))


@numpy_function(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    made = F.diff(F.as_tensor(ary).reshape(-1))
    parts = [F.as_tensor(to_begin).reshape(-1)] if to_begin is not None else []
    return F.cat([*parts, made, *([F.as_tensor(to_end).reshape(-1)] if to_end is not None else [])])


@numpy_function(np.gradient)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    f = F.as_tensor(f)
    axes = tuple(range(f.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    spacing = [v.item() if isinstance(v, np.generic) else v for v in (varargs if len(varargs) > 1 else [*varargs, 1.0][:1] * len(axes))]
    if len(spacing) != len(axes):
        raise TypeError(f"np.gradient: {len(varargs)} spacings for {len(axes)} axes; give none, one, or one an axis")
    made = [F.gradient(f, spacing=(s if np.isscalar(s) else F.as_tensor(s),), dim=d, edge_order=edge_order)[0] if not np.isscalar(s)
            else F.gradient(f, spacing=s, dim=d, edge_order=edge_order)[0] for s, d in zip(spacing, axes, strict=True)]  # fmt: skip
    return made[0] if len(made) == 1 else tuple(made)


@numpy_function(*named(np, "trapezoid trapz"))
def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    y = F.as_tensor(y)
    return F.trapezoid(y, F.as_tensor(x), dim=axis) if x is not None else F.trapezoid(y, dx=1.0, dim=axis) * dx


@numpy_function(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    x, made = F.as_tensor(x), 0.0
    for coefficient in F.as_tensor(p):
        made = made * x + coefficient
    return made


@numpy_function(np.vander)
def _vander(x: Any, N: Any = None, increasing: bool = False) -> Any:
    made = linalg.vander(F.as_tensor(x), N=N)
    return made if increasing else F.flip(made, (-1,))


for _name in ("linspace", "logspace", "geomspace"):

    def _spaced(start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, _name: str = _name, **options: Any) -> Any:
        if retstep or options.get("dtype") is not None or options.get("axis", 0) != 0:
            raise TypeError(f"np.{_name} of Tensors takes start, stop, num and endpoint")
        start, stop = F.as_tensor(start), F.as_tensor(stop)
        weights = F.as_tensor(np.linspace(0.0, 1.0, num, endpoint)).reshape((-1, *(1,) * max(start.ndim, stop.ndim)))
        if _name == "geomspace":
            return start * (stop / start) ** weights
        made = start + (stop - start) * weights
        return made if _name == "linspace" else options.get("base", 10.0) ** made

    numpy_function(getattr(np, _name))(_spaced)


# products


@numpy_function(np.tensordot, *named(np.linalg, "tensordot"))
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    return F.tensordot(a, b, axes)


@numpy_function(np.einsum)
def _einsum(*operands: Any, optimize: Any = False, **options: Any) -> Any:
    if any(v is not None for v in options.values()):
        raise TypeError(f"np.einsum of a Tensor with {sorted(options)}; wanted the subscripts and the operands")
    return F.einsum(*operands)


@numpy_function(np.dot)
def _dot(a: Any, b: Any) -> Any:
    a, b = F.as_tensor(a), F.as_tensor(b)
    if not a.ndim or not b.ndim:
        return a * b
    return F.matmul(a, b) if b.ndim <= 2 and a.ndim <= 2 else F.tensordot(a, b, ([a.ndim - 1], [max(b.ndim - 2, 0)]))


@numpy_function(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return F.sum(F.conj(F.as_tensor(a)).reshape(-1) * F.as_tensor(b).reshape(-1))


@numpy_function(np.inner)
def _inner(a: Any, b: Any) -> Any:
    a, b = F.as_tensor(a), F.as_tensor(b)
    return a * b if not a.ndim or not b.ndim else F.tensordot(a, b, ([a.ndim - 1], [b.ndim - 1]))


@numpy_function(np.outer, *named(np.linalg, "outer"))
def _outer(a: Any, b: Any) -> Any:
    return F.as_tensor(a).reshape(-1)[:, None] * F.as_tensor(b).reshape(-1)[None, :]


@numpy_function(np.cross, *named(np.linalg, "cross"))
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    axisa, axisb, axisc = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    a, b = F.movedim(F.as_tensor(a), axisa, -1), F.movedim(F.as_tensor(b), axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ValueError(f"np.cross of vectors of {a.shape[-1]} and {b.shape[-1]} elements; both need 3")
    return F.movedim(linalg.cross(*F.broadcast_tensors(a, b), dim=-1), -1, axisc)


# np.linalg and np.fft


for _name in "eig eigvals matrix_power matrix_rank multi_dot pinv qr slogdet svdvals tensorsolve tensorinv cond det inv solve".split():

    def _linear(*args: Any, own: str = _name, **named: Any) -> Any:
        return getattr(linalg, own)(*args, *named.values())

    numpy_function(getattr(np.linalg, _name))(_linear)


@numpy_function(np.linalg.cholesky)
def _cholesky(a: Any, upper: bool = False) -> Any:
    return linalg.cholesky(a, upper=upper)


@numpy_function(np.linalg.eigh)
def _eigh(a: Any, UPLO: str = "L") -> Any:
    return linalg.eigh(a, UPLO)


@numpy_function(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return linalg.eigvalsh(a, UPLO)


@numpy_function(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    return linalg.svd(a, full_matrices) if compute_uv else linalg.svdvals(a)


@numpy_function(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    b = F.as_tensor(b)
    found = linalg.lstsq(a, b[:, None] if b.ndim == 1 else b, rcond=rcond, driver="gelsd")
    x = found.solution[:, 0] if b.ndim == 1 else found.solution
    return x, found.residuals, found.rank, found.singular_values


@numpy_function(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord is None and axis is None:
        return linalg.vector_norm(x.reshape(-1)) if not keepdims else linalg.vector_norm(x, keepdim=True)
    return linalg.norm(x, ord, axis, keepdims)


for _each in named(np.linalg, "matrix_norm"):
    numpy_function(_each)(lambda x, keepdims=False, ord="fro": linalg.matrix_norm(x, ord, keepdim=keepdims))
for _each in named(np.linalg, "vector_norm"):
    numpy_function(_each)(lambda x, axis=None, keepdims=False, ord=2: linalg.vector_norm(x, ord, axis, keepdims))
for _each in named(np.linalg, "vecdot") + named(np, "vecdot"):
    numpy_function(_each)(lambda x1, x2, axis=-1: linalg.vecdot(x1, x2, dim=axis))
for _each in named(np.linalg, "matmul"):
    numpy_function(_each)(lambda x1, x2: F.matmul(x1, x2))
for _each in named(np.linalg, "trace"):
    numpy_function(_each)(lambda x, offset=0, dtype=None: F.sum(F.diagonal(x, offset, -2, -1), -1, dtype=dtype))


def _transform(name: str) -> None:
    size, where, usual = ("s", "axes", (-2, -1) if name.endswith("2") else None) if name[-1] in "2n" else ("n", "axis", -1)

    def made(a: Any, norm: Any = None, **named: Any) -> Any:
        return getattr(fft, name)(a, named.get(size), named.get(where, usual), norm)

    numpy_function(getattr(np.fft, name))(made)


for _name in "fft ifft rfft irfft hfft ihfft fft2 ifft2 rfft2 irfft2 fftn ifftn rfftn irfftn".split():
    _transform(_name)
for _name in ("fftshift", "ifftshift"):

    def _shift(x: Any, axes: Any = None, _name: str = _name) -> Any:
        return getattr(fft, _name)(x, axes)

    numpy_function(getattr(np.fft, _name))(_shift)
