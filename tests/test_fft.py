"""Fourier transforms: values against NumPy and SciPy, derivatives of every order, forward mode, norms and sizes, compiled programs, errors."""

import importlib

import numpy as np
import pytest
import scipy.fft

import tape as torch

fft = torch.fft
REAL, COMPLEX = ("rfft", "ihfft"), ("fft", "ifft", "irfft", "hfft")
CASES = [(name, n, norm) for name in (*REAL, *COMPLEX) for n in (None, 3, 5, 8) for norm in (None, "ortho", "forward")]
SEVERAL = [
    (name, s, dim)
    for name in ("fftn", "ifftn", "irfftn", "hfftn", "rfftn", "ihfftn")
    for s, dim in ((None, None), (None, (0, 2)), ((2, 6), None), ((3, 4), (1, 0)), ((5,), (1,)))
]


def values(*shape, of_complex=True, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if of_complex else 0)


def given(name, *shape, seed=0):
    return values(*shape, of_complex=not name.startswith(REAL), seed=seed)


def adjoint_holds(f, x, rtol=1e-12):
    """A linear map, its pushforward and its pullback: Re <w, f(t)> = Re <pullback(w), t>, and the pullback is linear in the same way."""
    leaf = torch.tensor(x, requires_grad=True)
    y = f(leaf)
    w = values(*y.shape, of_complex=y.is_complex(), seed=1)
    t = values(*x.shape, of_complex=x.dtype.kind == "c", seed=2)
    seed = torch.tensor(w, requires_grad=True)
    (g,) = torch.autograd.grad(y, leaf, seed, create_graph=True)
    expected = float((np.conj(w) * f(torch.tensor(t)).numpy()).real.sum())
    assert g.dtype == leaf.dtype and float((np.conj(g.detach().numpy()) * t).real.sum()) == pytest.approx(expected, rel=rtol)
    (back,) = torch.autograd.grad(g, seed, torch.tensor(t))  # the transpose of the transpose is the map
    np.testing.assert_allclose(back.numpy(), f(torch.tensor(t)).numpy(), rtol=rtol, atol=1e-12)
    ad = torch.autograd.forward_ad
    with ad.dual_level():
        tangent = ad.unpack_dual(f(ad.make_dual(torch.tensor(x), torch.tensor(t)))).tangent
    np.testing.assert_allclose(tangent.numpy(), f(torch.tensor(t)).numpy(), rtol=rtol, atol=1e-12)


@pytest.mark.parametrize(("name", "n", "norm"), CASES)
def test_one_dimension(name, n, norm):
    for axis in (-1, 0):
        x = given(name, 6, 5)
        y = getattr(fft, name)(torch.tensor(x), n, axis, norm)
        np.testing.assert_allclose(y.numpy(), getattr(np.fft, name)(x, n, axis, norm), rtol=1e-11, atol=1e-12)
    adjoint_holds(lambda t: getattr(fft, name)(t, n, 0, norm), x)


@pytest.mark.parametrize(("name", "s", "dim"), SEVERAL)
def test_several_dimensions(name, s, dim):
    x = given(name, 4, 3, 5)
    axes = tuple(range(3 - len(s), 3)) if dim is None and s is not None else dim
    for norm in (None, "ortho"):
        y = getattr(fft, name)(torch.tensor(x), s, dim, norm)
        np.testing.assert_allclose(y.numpy(), getattr(scipy.fft, name)(x, s, axes, norm), rtol=1e-11, atol=1e-12)
    adjoint_holds(lambda t: getattr(fft, name)(t, s, dim, "forward"), x)


@pytest.mark.parametrize("name", ["fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2"])
def test_two_dimensions(name):
    x = given(name, 2, 4, 5)
    f = getattr(fft, name)
    np.testing.assert_allclose(f(torch.tensor(x)).numpy(), getattr(scipy.fft, name)(x), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(f(torch.tensor(x), (3, 4), (0, 1)).numpy(), getattr(scipy.fft, name)(x, (3, 4), (0, 1)), rtol=1e-11, atol=1e-12)
    adjoint_holds(f, x)


def test_transforms_of_real_values_have_real_gradients():
    x = values(7, of_complex=False)
    for name in (*REAL, *COMPLEX):
        adjoint_holds(getattr(fft, name), x)
    z = torch.tensor(x, requires_grad=True)
    fft.fft(z).abs().pow(2).sum().backward()
    np.testing.assert_allclose(z.grad.numpy(), 14 * x)  # Parseval


def test_inverses():
    x = torch.tensor(values(4, 5, of_complex=False))
    for there, back in (("fft", "ifft"), ("rfft", "irfft"), ("fftn", "ifftn"), ("rfft2", "irfft2"), ("ihfft", "hfft"), ("ihfftn", "hfftn")):
        for norm in (None, "ortho", "forward"):
            size = {} if "i" not in back[:1] and back[0] != "h" or back in ("ifft", "ifftn") else {"s" if back[-1] in "n2" else "n": (4, 5) if back[-1] in "n2" else 5}
            found = getattr(fft, back)(getattr(fft, there)(x, norm=norm), norm=norm, **size)
            np.testing.assert_allclose(found.numpy(), x.numpy(), rtol=1e-12, atol=1e-13)


def test_dtypes():
    for dtype, made in ((torch.float32, torch.complex64), (torch.float64, torch.complex128), (torch.complex64, torch.complex64)):
        x = torch.ones(4, dtype=dtype)
        assert fft.fft(x).dtype == made and fft.ifftn(x).dtype == made
        assert fft.irfft(x).dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float32, requires_grad=True)
    fft.rfft(x).abs().sum().backward()
    assert x.grad.dtype == torch.float32
    for dtype in (torch.int64, torch.uint8, torch.bool):
        assert fft.fft(torch.ones(3, dtype=dtype)).dtype == torch.complex128
    assert fft.fftn(torch.tensor(2.0)).item() == 2 + 0j
    assert fft.fft(torch.zeros(0, 3)).shape == (0, 3) and fft.irfft(torch.zeros(0, 3)).shape == (0, 4)


@pytest.mark.parametrize("n", [0, 1, 2, 5, 8])
def test_frequencies(n):
    if n:
        np.testing.assert_array_equal(fft.fftfreq(n, 0.5).numpy(), np.fft.fftfreq(n, 0.5))
        np.testing.assert_array_equal(fft.rfftfreq(n, d=0.5).numpy(), np.fft.rfftfreq(n, 0.5))
    assert fft.fftfreq(n, dtype=torch.float32).dtype == torch.float32 and fft.fftfreq(n).shape == (n,)
    assert fft.fftfreq(n, requires_grad=True).requires_grad
    with pytest.raises(RuntimeError):
        fft.fftfreq(n, dtype=torch.int64)
    with pytest.raises(RuntimeError):
        fft.rfftfreq(-1)


@pytest.mark.parametrize("shape", [(1,), (2,), (5,), (4, 3), (2, 3, 5), (0, 3)])
def test_shifts(shape):
    x = values(*shape)
    for name in ("fftshift", "ifftshift"):
        f, numpys = getattr(fft, name), getattr(np.fft, name)
        for dim in (None, 0, (0,), tuple(range(len(shape)))):
            np.testing.assert_array_equal(f(torch.tensor(x), dim).numpy(), numpys(x, dim))
        assert f(torch.arange(5)).tolist() == numpys(np.arange(5)).tolist()
    if x.size:
        adjoint_holds(fft.fftshift, x)


def test_out():
    x, out = torch.ones(4), torch.zeros(0, dtype=torch.complex128)
    assert fft.fft(x, out=out) is out and out.tolist() == [4, 0, 0, 0]
    with pytest.raises(RuntimeError):
        fft.fft(x, out=torch.zeros(4))


def test_what_raises():
    x, z = torch.ones(4, 6), torch.ones(4, 6, dtype=torch.complex128)
    for error, call in (
        (IndexError, lambda: fft.fft(torch.tensor(1.0))),
        (RuntimeError, lambda: fft.rfftn(torch.tensor(1.0))),
        (RuntimeError, lambda: fft.rfftn(x, dim=())),
        (RuntimeError, lambda: fft.fft(x, 0)),
        (RuntimeError, lambda: fft.irfft(z, -1)),
        (RuntimeError, lambda: fft.fft(x, norm="other")),
        (RuntimeError, lambda: fft.fft(x.half())),
        (RuntimeError, lambda: fft.rfft(z)),
        (RuntimeError, lambda: fft.ihfftn(z)),
        (RuntimeError, lambda: fft.fftn(x, s=(2, 3, 4))),
        (RuntimeError, lambda: fft.fftn(x, s=(2,), dim=(0, 1))),
        (RuntimeError, lambda: fft.fftn(x, dim=(0, 0))),
        (IndexError, lambda: fft.fft(x, dim=2)),
        (IndexError, lambda: fft.fft2(x[0])),
        (RuntimeError, lambda: fft.irfft(z[:, :1])),
        (RuntimeError, lambda: fft.fftshift(torch.tensor(1.0))),
        (TypeError, lambda: fft.fft(x, n=2.5)),
    ):
        with pytest.raises(error):
            call()


def test_sizes_of_minus_one_are_kept():
    x = torch.ones(4, 6)
    assert fft.fftn(x, s=(-1, 3)).shape == (4, 3) and fft.fftn(x, s=5, dim=1).shape == (4, 5)
    assert fft.fftn(x, dim=()).dtype == torch.complex128


def test_large_transforms_and_strides():
    x = values(256, 300)[::2, ::-1]
    np.testing.assert_allclose(fft.fft2(torch.tensor(x)).numpy(), np.fft.fft2(x), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fft.fft(torch.tensor(x).T).numpy(), np.fft.fft(x.T), rtol=1e-9, atol=1e-9)


def test_compiled():
    def spectrum(x, w):
        y = (fft.irfft(fft.rfft(x) * w, 8) ** 2).sum() + fft.fft2(x.reshape(2, 4)).abs().sum()
        return y, *torch.autograd.grad(y, (x, w))

    compiled = torch.compile(spectrum)
    for seed in (1, 1, 2, 3):
        arguments = [values(8, of_complex=False, seed=seed), values(5, seed=seed)]
        found, expected = (f(*(torch.tensor(a, requires_grad=True) for a in arguments)) for f in (compiled, spectrum))
        for ours, eager in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours.detach().numpy(), eager.detach().numpy(), rtol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn", "fft", "hfft", "irfft", "rfft2", "ihfft2"])
def test_as_in_pytorch(name):
    reference = importlib.import_module("torch")
    x = given(name, 3, 4, 5)
    found = []
    for m in (torch, reference):
        leaf = m.tensor(x, requires_grad=True)
        for norm in (None, "ortho", "forward"):
            y = getattr(m.fft, name)(leaf, norm=norm)
            (g,) = m.autograd.grad((y.abs() ** 3).sum(), leaf, create_graph=True)
            (h,) = m.autograd.grad((g.abs() ** 2).sum(), leaf)
            found.append([(t.detach().resolve_conj() if m is reference else t.detach()).numpy() for t in (y, g, h)])
    for ours, theirs in zip(found[:3], found[3:], strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
