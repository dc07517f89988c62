"""Programs of complex and real inputs, for tests of complex values: each takes a module and five leaves and gives a real scalar.

`inputs()` gives their values: complex x, y (3, 3), real r (3, 3) and s (3,), complex m (3, 2). A program may use the module `t` (tape or torch).
Imported by test_complex only.
"""

import numpy as np

PROGRAMS = {}


def inputs(seed=1):
    """Arrays for the five leaves."""
    rng = np.random.default_rng(seed)

    def complex_values(*shape):
        return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)

    return [complex_values(3, 3), complex_values(3, 3), rng.standard_normal((3, 3)), rng.standard_normal(3), complex_values(3, 2)]


def program(f):
    PROGRAMS[f.__name__] = f
    return f


@program
def promotion(t, x, y, r, s, m):
    return (x * r + r / x - y * s + 2j * r + (1 + 1j) * y).abs().sum()


@program
def joined(t, x, y, r, s, m):
    return t.cat([x, r.to(x.dtype), y]).pow(2).imag.sum() + (t.stack([x, y]) * t.stack([r, r])).sum(0).abs().sum()


@program
def products(t, x, y, r, s, m):
    return (x @ m).abs().pow(2).sum() + (r.to(x.dtype) @ m).real.sum() + (x.mH @ y).angle().sum() + (m.T @ x[0]).abs().sum()


@program
def einsum(t, x, y, r, s, m):
    return t.einsum("ij,ik,kl->jl", x, y.conj(), m).abs().sum()


@program
def dots(t, x, y, r, s, m):
    pair = t.vdot(x[0], y[0]) * t.dot(x[1], y[1])
    return pair.real + t.outer(x[0], y[0]).abs().sum() + t.inner(x, y).imag.sum() + t.tensordot(x, y, 2).abs()


@program
def indexed(t, x, y, r, s, m):
    return (x[1:, ::2] * y[0, [1, 1]]).real.sum() + x[r > 0].abs().sum() + x.diagonal().sgn().real.sum() + t.tril(y).abs().sum()


@program
def written(t, x, y, r, s, m):
    z = t.zeros(3, 3, dtype=x.dtype)
    z[0] = x[0] * y[0]
    z[1] = r[1]
    z[:, 1] += y[:, 2]
    z.real[2] = s * s
    z.imag.mul_(r)
    return (z * z).imag.sum() + (z.abs() ** 3).sum()


@program
def views(t, x, y, r, s, m):
    z = x * 1
    pairs = t.view_as_real(z)
    pairs[..., 0] *= r
    other = t.view_as_complex(t.stack([r, r * 2], -1))
    return (z * other * z.conj() * y).imag.sum()


@program
def parts(t, x, y, r, s, m):
    return (t.polar(r.abs(), s.expand(3, 3)) * t.complex(r, s.expand(3, 3)) * x).real.sum() + (x.imag * y.real).sum()


@program
def reduced(t, x, y, r, s, m):
    return x.var() + y.std() + (x.mean() * y.prod(0).sum() * r.sum()).abs() + t.linalg.vector_norm(y, 3) + x.norm() + (x.cumsum(0) * y).abs().sum()


@program
def powers(t, x, y, r, s, m):
    one = (x**y).real.sum() + (r.abs() ** y).imag.sum() + (x**s).imag.sum() + (2**x).real.sum() + ((1 + 2j) ** r).abs().sum()
    return one + (x ** (0.5 + 1j)).real.sum() + (x**3).imag.sum() + (x**0.5).real.sum() + (x**-1).imag.sum()


@program
def elementary(t, x, y, r, s, m):
    return t.sigmoid(x).real.sum() + t.tanh(y).abs().sum() + t.exp(x * 0.3).imag.sum() + t.log(y).abs().sum() + t.rsqrt(x).real.sum()


@program
def inverse(t, x, y, r, s, m):
    return t.asin(x).real.sum() + t.acosh(y).imag.sum() + t.atan(x).abs().sum() + t.atanh(y).real.sum() + t.acos(x).imag.sum()


@program
def interpolated(t, x, y, r, s, m):
    return t.lerp(x, y, 0.3).abs().sum() + t.addcmul(x, y, y, value=1j).abs().sum() + t.addcdiv(x, x, y, value=2).abs().sum()


@program
def in_place(t, x, y, r, s, m):
    z = x.clone()
    z.mul_(y)
    z.add_(r, alpha=2)
    z[0] *= 1j
    return (z.conj() * z * x).imag.sum()


@program
def masked(t, x, y, r, s, m):
    return x.masked_fill(r > 0, 1j).abs().sum() + t.where(r > 0, x, y).sgn().real.sum() + x.flip(0).angle().sum()


@program
def cast(t, x, y, r, s, m):
    return (x.to(t.complex64).to(t.complex128) * r.to(t.complex64)).real.sum() * 1e-6 + (x.real * r).sum()


@program
def mixed(t, x, y, r, s, m):
    return ((r * r).sum() * x.sum()).abs() + (x * x.conj()).real.sum() * s.sum() + (r.exp() * s).sum()


@program
def transformed(t, x, y, r, s, m):
    return (t.fft.fft(r) * t.fft.ifft(x)).real.sum() + t.fft.rfft(s).abs().sum() + t.fft.irfft(y).pow(2).sum()
