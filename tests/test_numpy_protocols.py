"""NumPy's functions on Tensors: the same call on an array gives the same value, and its derivative is that of central differences."""

import numpy as np
import pytest
import scipy.special

import tape

RNG = np.random.default_rng(0)
V, W, M, S = RNG.uniform(0.3, 2.0, 6), RNG.uniform(0.3, 2.0, 3), RNG.uniform(-1.5, 1.5, (3, 4)), RNG.uniform(-1, 1, (4, 4)) + 3 * np.eye(4)
GRID = np.array([-2.0, -0.5, 0.4, 1.1, 3.0])

TEXTS = (
    (V, """np.sin(x) | np.arctan2(x, 2.0) | np.add(V, x) | np.hypot(x, V) | np.power(x, 2.5) | np.cbrt(x) | np.logaddexp(x, V) | np.degrees(x) | np.square(x)
        np.add.reduce(x) | np.multiply.reduce(x) | np.maximum.reduce(x) | np.logaddexp.reduce(x) | np.add.accumulate(x)
        np.multiply.accumulate(x) | np.add.outer(x, W) | np.multiply.outer(W, x) | np.add.reduceat(x, [0, 2, 1]) | np.exp2(x) | np.modf(x)[0] | np.float_power(x, 1.5)
        np.maximum(x, 1.0) | np.fmod(x, 0.7) | np.remainder(x, 0.7) | np.reciprocal(x) | np.copysign(x, -1.0) | np.ldexp(x, 2) | np.sinc(x) | np.i0(x)
        scipy.special.gammaln(x) | scipy.special.expit(x) | scipy.special.erf(x) | scipy.special.xlogy(x, 2.0) | scipy.special.j0(x) | scipy.special.ndtr(x)
        scipy.special.rel_entr(x, V) | scipy.special.exprel(x) | scipy.special.logit(x / 3) | scipy.special.i0e(x) | scipy.special.gammainc(2.0, x)
        np.sum(x) | np.mean(x) | np.prod(x) | np.std(x) | np.var(x, ddof=1) | np.max(x) | np.min(x) | np.ptp(x) | np.median(x) | np.quantile(x, 0.3) | np.percentile(x, [20, 50])
        np.average(x, weights=V) | np.cumsum(x) | np.cumprod(x) | np.sort(x) | np.sum(x, where=V > 1, initial=2.0) | np.mean(x, where=V > 1) | np.nansum(x) | np.nanmean(x)
        np.nanmax(x) | np.unique(x) | np.cov(x) | np.corrcoef(x, V)[0, 1] | np.partition(x, 2)[:3].sum() | np.cumulative_sum(x, include_initial=True)
        np.reshape(x, (2, 3)) | np.reshape(x, (2, 3), order='F') | np.flip(x) | np.roll(x, 2) | np.tile(x, 2) | np.repeat(x, 2) | np.repeat(x, [1, 0, 2, 1, 1, 1]) | np.diag(x) | np.append(x, V)
        np.concatenate([x, V]) | np.stack([x, V], 1) | np.hstack([x, V]) | np.vstack([x, V]) | np.column_stack([x, V]) | np.split(x, 3)[1] | np.array_split(x, 4)[0]
        np.expand_dims(x, 0) | np.atleast_2d(x) | np.broadcast_to(x, (2, 6)) | np.resize(x, (2, 4)) | np.meshgrid(x, W)[0] | np.meshgrid(x, W, indexing='ij')[0] | np.block([[x], [x]])
        np.take(x, [1, -1, 2]) | np.compress(V > 1, x) | np.extract(V > 1, x) | np.where(V > 1, x, 0.0) | np.select([V > 1.5, V > 1], [x, 2 * x], 7.0) | np.choose([0, 1, 0, 1, 0, 1], [x, V])
        np.pad(x, 2) | np.pad(x, (1, 2), constant_values=3.0) | np.pad(x, 2, mode='edge') | np.pad(x, 2, mode='reflect') | np.pad(x, 2, mode='wrap') | np.delete(x, [1, 3])
        np.insert(x, 2, 5.0) | np.insert(x, [1, 3], [7.0, 8.0]) | np.clip(x, 0.5, 1.5) | np.round(0 * x) | np.nan_to_num(x) | np.unwrap(3 * x) | np.interp(x, [0, 1, 3], [1.0, 4.0, 2.0])
        np.interp([0.1, 0.9, 2.0], [0, 1, 3], x[:3]) | np.convolve(x, W) | np.convolve(x, W, 'same') | np.convolve(W, x, 'valid') | np.correlate(x, W) | np.correlate(x, W, 'full') | np.correlate(W, x, 'same')
        np.diff(x) | np.diff(x, 2, prepend=0.0) | np.ediff1d(x) | np.gradient(x) | np.gradient(x, 0.5) | np.gradient(x, np.arange(6.0) ** 2) | np.trapezoid(x) | np.trapezoid(x, np.arange(6.0) ** 2)
        np.trapezoid(x, dx=0.5) | np.polyval(x, 1.3) | np.polyval([1.0, 2.0, 3.0], x) | np.vander(x, 3) | np.linspace(x, 4.0, 5) | np.dot(x, V) | np.vdot(x, V) | np.inner(x, V) | np.outer(x, W)
        np.kron(x, W) | np.linalg.norm(x) | np.linalg.norm(x, 3) | np.abs(np.fft.fft(x)) | np.fft.irfft(np.fft.rfft(x)) | np.real(np.fft.ifft(x)) | np.copy(x) | np.fft.fftshift(x)
        np.full_like(x, x[0]) | np.geomspace(x, 9.0, 4) | np.angle(x) | np.imag(x) + x | np.fix(x) | np.nancumsum(x) | np.nanmedian(x)"""),
    (M, """np.sum(x, axis=0) | np.sum(x, axis=(0, 1), keepdims=True) | np.mean(x, axis=1) | np.std(x, axis=0, ddof=1) | np.max(x, axis=1) | np.amin(x, axis=0, keepdims=True) | np.median(x, axis=0)
        np.percentile(x, 30, axis=1) | np.quantile(x, [0.1, 0.6], axis=(0, 1)) | np.average(x, axis=0, weights=W) | np.cumsum(x, axis=0) | np.cumprod(x, 1) | np.sort(x, axis=0) | np.prod(x, axis=(0, 1))
        np.trace(x) | np.cov(x) | np.cov(x, rowvar=False, bias=True) | np.transpose(x) | np.transpose(x, (1, 0)) | np.swapaxes(x, 0, 1) | np.moveaxis(x, 0, 1) | np.rollaxis(x, 1) | np.squeeze(x[:1])
        np.ravel(x) | np.ravel(x, order='F') | np.fliplr(x) | np.flipud(x) | np.rot90(x) | np.rot90(x, 3) | np.roll(x, 1, axis=0) | np.roll(x, (1, 2), (0, 1)) | np.tril(x) | np.triu(x, 1) | np.diagonal(x)
        np.concatenate([x, x], axis=None) | np.dstack([x, x]) | np.vsplit(x, 3)[0] | np.hsplit(x, 2)[1] | np.tile(x, (2, 1)) | np.repeat(x, 2, axis=1) | np.take(x, [0, 2], axis=0) | np.take(x, [[1, 5]])
        np.take_along_axis(x, np.argsort(M, 1), 1) | np.compress([True, False, True], x, axis=0) | np.pad(x, ((1, 0), (0, 2))) | np.pad(x, 1, mode='symmetric') | np.delete(x, 1, axis=1)
        np.insert(x, 1, W, axis=1) | np.insert(x, [0, 2], np.ones((3, 2)), axis=1) | np.diff(x, axis=0) | np.gradient(x)[1] | np.gradient(x, 0.5, axis=0) | np.trapezoid(x, axis=0) | np.dot(x, S) | np.matmul(x, S)
        np.inner(x, S) | np.tensordot(x, S, 1) | np.einsum('ij,jk->ik', x, S) | np.kron(x, W[None]) | np.cross(x.T, W) | np.linalg.norm(x) | np.linalg.norm(x, axis=1) | np.linalg.norm(x, 'nuc') | np.linalg.norm(x, 2)
        np.linalg.svd(x)[1] | np.linalg.svd(x, compute_uv=False) | np.linalg.pinv(x) | np.abs(np.fft.fft2(x)) | np.fft.irfft2(np.fft.rfft2(x)) | np.any(x > 0) + x.sum() | np.linalg.matrix_norm(x)
        np.linalg.multi_dot([x, S, S]) | np.broadcast_arrays(x, W[:, None])[0] | np.expand_dims(x, (0, 2)) | np.nanvar(x, axis=0) | np.nanmin(x, axis=1) | np.nanpercentile(x, 40, axis=0)"""),
    (S, """np.linalg.det(x) | np.linalg.inv(x) | np.linalg.solve(x, S[0]) | np.linalg.slogdet(x)[1] | np.linalg.cholesky(x @ np.transpose(x)) | np.linalg.eigvalsh(x + np.transpose(x))
        np.linalg.eigh(x + np.transpose(x))[0] | np.linalg.matrix_power(x, 3) | np.abs(np.linalg.eigvals(x)).sum() | np.linalg.lstsq(x, S[0], rcond=None)[0] | np.linalg.qr(x)[1]"""),
)  # fmt: skip


CASES = [(text.strip(), given) for given, texts in TEXTS for text in texts.replace("\n", "|").split("|") if text.strip()]


def value_of(text, x):
    """A case, of an array or a Tensor."""
    return eval(text, {"np": np, "scipy": scipy, "V": V, "W": W, "M": M, "S": S, "x": x})


@pytest.mark.parametrize("text, given", CASES, ids=[text for text, _ in CASES])
def test_values_and_derivatives(text, given):
    expected = np.asarray(value_of(text, given))
    x = tape.tensor(given, requires_grad=True)
    found = value_of(text, x)
    assert isinstance(found, tape.Tensor) and found.shape == expected.shape and found.dtype == expected.dtype
    np.testing.assert_allclose(found.detach().numpy(), expected, 1e-12, 1e-13)
    weights = np.random.default_rng(1).standard_normal(expected.shape)
    (g,) = tape.autograd.grad((found * weights).sum(), x, materialize_grads=True)
    direction = np.random.default_rng(2).standard_normal(given.shape)
    slope = sum(k * np.sum(weights * value_of(text, given + h * direction)) for k, h in ((8, 1e-4), (-8, -1e-4), (-1, 2e-4), (1, -2e-4))) / 12e-4
    np.testing.assert_allclose(np.sum(g.numpy() * direction), slope, 2e-8, 2e-8)


def test_what_is_not_known_raises():
    x = tape.tensor(V, requires_grad=True)
    for call in (lambda: np.spacing(x), lambda: np.busday_count(x, x), lambda: np.add.at(V, [0], x), lambda: np.apply_over_axes(np.sum, x, [0])):
        with pytest.raises(TypeError, match="tape"):
            call()
    with pytest.raises(TypeError, match="history"):
        np.add(x, 1.0, out=np.zeros(6))
    with pytest.raises(TypeError, match="history"):
        np.sum(x, out=np.zeros(()))


def test_results_that_have_no_derivative():
    x = tape.tensor(V, requires_grad=True)
    assert np.argsort(x).tolist() == np.argsort(V).tolist() and not np.argsort(x).requires_grad
    assert np.shape(x) == (6,) and np.ndim(x) == 1 and np.size(x) == 6 and np.result_type(x, np.float32) == np.float64
    assert np.allclose(x, V) and np.array_equal(x, V) and np.isclose(x, V).all() and np.count_nonzero(x) == 6
    assert [t.tolist() for t in np.nonzero(x > 1)] == [np.nonzero(V > 1)[0].tolist()]
    assert np.histogram(x, 3)[0].tolist() == np.histogram(V, 3)[0].tolist()
    assert np.searchsorted(x.sort()[0], 1.0) == np.searchsorted(np.sort(V), 1.0)


def test_writing():
    x, y = tape.tensor(V, requires_grad=True), tape.zeros(6)
    np.add(x, 1.0, out=y)
    np.copyto(y, 3 * x, where=V > 1)
    np.put(y, [0], 5.0)
    np.add.at(y, [1, 1], x[:2])
    want = np.where(V > 1, 3 * V, V + 1.0)
    want[0] = 5.0
    np.add.at(want, [1, 1], V[:2])
    np.testing.assert_allclose(y.detach().numpy(), want)
    (g,) = tape.autograd.grad(y.sum(), x)
    assert g[1] == (3 if V[1] > 1 else 1) + 1 and g[0] == 1


def test_numpy_functions_inside_programs():
    def f(x):
        return np.sum(np.interp(x, [0, 1, 3], [1.0, 4.0, 2.0]) * np.roll(np.sort(x), 1)) + np.max(x) + np.median(x)

    compiled = tape.compile(tape.func.value_and_grad(f))
    for given in (V, V[::-1].copy(), V + 0.1):
        value, gradient = compiled(given)
        x = tape.tensor(given, requires_grad=True)
        (g,) = tape.autograd.grad(f(x), x)
        np.testing.assert_allclose(value, f(given), 1e-12)
        np.testing.assert_allclose(gradient, g.numpy(), 1e-12)
