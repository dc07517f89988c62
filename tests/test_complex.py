"""Complex values: gradients in PyTorch's convention to every order, forward mode, compiled programs, views of parts, kinks, errors.

The gradient of a real L in z = a + bi is dL/da + i dL/db: the tests hold it against differences of values, and against PyTorch.
"""

import importlib

import numpy as np
import pytest
from complex_programs import PROGRAMS, inputs
from under_test import torch

STEP = 1e-6
ALL = sorted(PROGRAMS)


def value(t):
    t = t.detach()
    return (t.resolve_conj() if hasattr(t, "resolve_conj") else t).numpy().copy()


def leaves(m, arrays):
    return [m.tensor(v.copy(), requires_grad=True) for v in arrays]


def gradients(m, f, arrays, graph=False):
    xs = leaves(m, arrays)
    return xs, m.autograd.grad(f(m, *xs), xs, create_graph=graph, allow_unused=True, materialize_grads=True)


def directions(arrays, seed=3):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(v.shape) + (1j * rng.standard_normal(v.shape) if v.dtype.kind == "c" else 0) for v in arrays]


def inner(gs, ts):
    """The inner product in which gradients are gradients: Re(conj(g) t)."""
    return sum(float((np.conj(g) * t).real.sum()) for g, t in zip(gs, ts, strict=True))


def second(m, f, arrays, vs):
    """The gradient of <gradient, v>."""
    xs, gs = gradients(m, f, arrays, graph=True)
    total = sum((g * m.tensor(v).conj()).real.sum() for g, v in zip(gs, vs, strict=True) if g.requires_grad)
    return [value(h) for h in m.autograd.grad(total, xs, allow_unused=True, materialize_grads=True)]


@pytest.mark.parametrize("name", ALL)
def test_gradients_are_differences_of_values(name):
    f, arrays = PROGRAMS[name], inputs()
    _, gs = gradients(torch, f, arrays)
    assert [g.dtype for g in gs] == [torch.complex128, torch.complex128, torch.float64, torch.float64, torch.complex128]
    for seed in (3, 4):
        ts = directions(arrays, seed)
        ends = [f(torch, *(torch.tensor(v + sign * STEP * t) for v, t in zip(arrays, ts, strict=True))).item() for sign in (1, -1)]
        if name != "cast":
            assert inner(map(value, gs), ts) == pytest.approx((ends[0] - ends[1]) / (2 * STEP), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_second_derivatives_are_differences_of_gradients(name):
    f, arrays = PROGRAMS[name], inputs()
    vs = directions(arrays)
    moved = [gradients(torch, f, [a + sign * STEP * v for a, v in zip(arrays, vs, strict=True)])[1] for sign in (1, -1)]
    for h, up, down in zip(second(torch, f, arrays, vs), *moved, strict=True):
        np.testing.assert_allclose(h, (value(up) - value(down)) / (2 * STEP), rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.differs("PyTorch drops imaginary parts")) if n == "powers" else n for n in ALL])
def test_tangents_are_products_with_the_gradient(name):
    f, arrays = PROGRAMS[name], inputs()
    ts, ad = directions(arrays), torch.autograd.forward_ad
    with ad.dual_level():
        tangent = ad.unpack_dual(f(torch, *(ad.make_dual(torch.tensor(v), torch.tensor(t)) for v, t in zip(arrays, ts, strict=True)))).tangent
    assert tangent.dtype == torch.float64
    assert tangent.item() == pytest.approx(inner(map(value, gradients(torch, f, arrays)[1]), ts), rel=1e-6 if name == "cast" else 1e-11)


@pytest.mark.parametrize("name", ["promotion", "products", "indexed", "written", "parts", "reduced", "powers", "in_place", "transformed"])
def test_compiled_programs_compute_complex_values_and_gradients(name):
    f = PROGRAMS[name]

    def both(*xs):
        y = f(torch, *xs)
        return y, *torch.autograd.grad(y, xs, allow_unused=True, materialize_grads=True)

    compiled = torch.compile(both)
    for seed in (1, 1, 2, 5):
        arrays = inputs(seed)
        if name == "indexed":  # as many elements in every mask: the shape is guarded
            arrays[2] = inputs(1)[2]
        for ours, eager in zip(compiled(*leaves(torch, arrays)), both(*leaves(torch, arrays)), strict=True):
            assert ours.dtype == eager.dtype
            np.testing.assert_allclose(value(ours), value(eager), rtol=1e-12, atol=1e-13)


@pytest.mark.oracle
@pytest.mark.parametrize("name", [n for n in ALL if n != "masked"])  # PyTorch's gradient of a mixed where() fails
def test_as_in_pytorch(name):
    reference, f, arrays = importlib.import_module("torch"), PROGRAMS[name], inputs()
    vs = directions(arrays)
    found = [[value(g) for g in gradients(m, f, arrays)[1]] + second(m, f, arrays, vs) for m in (torch, reference)]
    for ours, theirs in zip(*found, strict=True):
        assert ours.dtype == theirs.dtype
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


# the engine


def test_the_convention():
    z = torch.tensor(1 + 2j, requires_grad=True)
    for f, expected in ((lambda z: (z * z.conj()).real, 2 + 4j), (lambda z: (z * z).real, 2 - 4j), (lambda z: (1j * z).real, -1j), (lambda z: z.imag, 1j)):
        assert torch.autograd.grad(f(z), z)[0].item() == expected
    assert torch.autograd.grad(z * z, z, torch.tensor(1 + 0j))[0].item() == 2 - 4j


def test_a_complex_output_needs_a_gradient_of_its_kind():
    z = torch.tensor(1 + 2j, requires_grad=True)
    with pytest.raises(RuntimeError):
        (z * z).backward()
    with pytest.raises(RuntimeError):
        (z * z).backward(torch.tensor(1.0))
    with pytest.raises(RuntimeError):
        z.abs().backward(torch.tensor(1j))
    with pytest.raises(RuntimeError):
        z.grad = torch.tensor(1.0)
    assert z.grad is None
    (z * z).backward(torch.tensor(1j))
    assert z.grad.dtype == torch.complex128 and z.grad.item() == pytest.approx(1j * (2 - 4j))


def test_gradients_accumulate_and_hooks_see_them():
    z, seen = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True), []
    w = z * (2 + 1j)
    w.retain_grad()
    w.register_hook(lambda g: seen.append(g.clone()))
    z.register_hook(lambda g: g * 2)
    for _ in range(2):
        w.abs().pow(2).sum().backward(retain_graph=True)
    np.testing.assert_allclose(seen[0].numpy(), 2 * value(w))
    np.testing.assert_allclose(w.grad.numpy(), 4 * value(w))
    np.testing.assert_allclose(z.grad.numpy(), 8 * 5 * value(z))


def test_complex_leaves():
    z = torch.zeros(2, dtype=torch.complex64, requires_grad=True)
    assert z.is_leaf and z.requires_grad and z.is_complex()
    (z + 1).abs().sum().backward()
    assert z.grad.dtype == torch.complex64
    with pytest.raises(RuntimeError):
        z.add_(1)


def test_real_leaves_have_real_gradients():
    r = torch.tensor([1.0, 2.0], requires_grad=True)
    for y in ((r * 1j).imag.sum(), (r + 1j).abs().sum(), (r.to(torch.complex128) ** 2).real.sum(), torch.fft.fft(r).abs().sum(), torch.complex(r, r).real.sum()):
        assert torch.autograd.grad(y, r)[0].dtype == torch.float64


def test_tapes_of_complex_rows_are_verified():
    import tape

    for name in ("dots", "parts", "transformed"):
        with tape.debug(2):
            gradients(tape, PROGRAMS[name], inputs())


# special points


@pytest.mark.parametrize("name", "floor round sign erf lgamma relu logit maximum fmin fmod atan2 hypot copysign floor_divide softmax".split())
def test_what_has_no_complex_meaning_is_refused(name):
    z = torch.tensor([1 + 2j, 3.0])
    others = {"softmax": (0,)}.get(name, (z,) if name in "maximum fmin fmod atan2 hypot copysign floor_divide".split() else ())
    with pytest.raises(NotImplementedError if name not in ("maximum", "fmin") else RuntimeError):
        getattr(torch, name)(z, *others)


def test_gradients_at_zero():
    for f in (torch.abs, torch.angle, torch.sgn):
        z = torch.tensor([0j, 0j], requires_grad=True)
        y = f(z)
        (g,) = torch.autograd.grad(y, z, torch.ones(2, dtype=y.dtype), create_graph=True)
        assert value(g).tolist() == [0, 0]
    z = torch.tensor(0j, requires_grad=True)
    for power in (2, 3, 1):
        assert torch.autograd.grad(z**power, z, torch.tensor(1 + 0j))[0].item() == (power == 1)


def test_gradients_beside_a_cut_and_of_tiny_values():
    z = torch.tensor([complex(-2.0, 0.0), complex(-2.0, -0.0)], requires_grad=True)
    (g,) = torch.autograd.grad(torch.acosh(z), z, torch.ones(2, dtype=z.dtype))
    np.testing.assert_allclose(value(g), [-(3**-0.5), -(3**-0.5)], atol=1e-15)
    tiny = torch.tensor([complex(3e-200, 4e-200)], requires_grad=True)
    with np.errstate(all="ignore"):
        (g,) = torch.autograd.grad(torch.acosh(tiny * 0 + 2).real.sum() + (tiny.abs() * 1e-200).sum(), tiny)
    np.testing.assert_allclose(value(g), [0.6e-200 + 0.8e-200j])


@pytest.mark.differs("PyTorch squares the absolute value, which underflows")
def test_angles_of_tiny_values():
    tiny = torch.tensor([complex(3e-200, 4e-200)], requires_grad=True)
    (g,) = torch.autograd.grad(torch.angle(tiny).sum(), tiny)
    np.testing.assert_allclose(value(g), [complex(-0.16e200, 0.12e200)])


@pytest.mark.parametrize("name", "asin acos atan asinh acosh atanh sqrt log log10 log1p".split())
def test_branch_cuts_are_numpys(name):
    values = np.array([complex(a, b) for a in (-2.0, -0.5, 0.5, 2.0, 0.0, -0.0) for b in (0.0, -0.0, 2.0, -2.0)])
    values = np.concatenate([values, np.array([complex(0.0, 2.0), complex(-0.0, 2.0), complex(0.0, -2.0), complex(-0.0, -2.0)])])
    numpys = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
    with np.errstate(all="ignore"):
        expected = getattr(np, numpys.get(name, name))(values)
    np.testing.assert_allclose(value(getattr(torch, name)(torch.tensor(values))), expected, rtol=1e-14)


def test_angles_of_real_values():
    x = torch.tensor([1.0, -1.0, 0.0, -0.0, np.nan, -np.inf], requires_grad=True)
    y = torch.angle(x)
    np.testing.assert_array_equal(value(y), [0, np.pi, 0, 0, np.nan, np.pi])
    assert torch.autograd.grad(y.sum(), x)[0].tolist() == [0.0] * 6
    assert torch.angle(torch.tensor([1, -2])).dtype.is_floating_point if hasattr(torch.float64, "is_floating_point") else True


# parts


def test_parts_are_views():
    z = torch.tensor([[1 + 2j, 3 + 4j], [5 + 6j, 7 + 8j]])
    for turned in (z, z.T):
        assert turned.real._is_view() and turned.imag._is_view()
    z.T.imag[0] = torch.tensor([20.0, 60.0])
    torch.view_as_real(z)[1, 1, 0] = 0.0
    z.real[0, 0] = -1.0
    assert z.tolist() == [[-1 + 20j, 3 + 4j], [5 + 60j, 8j]]
    pairs = torch.tensor([[1.0, 2.0]])
    torch.view_as_complex(pairs)[0] = 5j
    assert pairs.tolist() == [[0.0, 5.0]]
    z.real = torch.zeros(2, 2)
    z.imag = torch.ones(2, 2)
    assert z.tolist() == [[1j, 1j], [1j, 1j]]
    one = torch.tensor(1 + 2j)
    one.imag.add_(1)
    assert one.item() == 1 + 3j


def test_real_values_are_their_own_parts():
    r = torch.tensor([1.0, 2.0])
    assert r.real is r and torch.real(r) is r and r.conj() is r and r.resolve_conj() is r and r.resolve_neg() is r
    with pytest.raises(RuntimeError):
        _ = r.imag
    with pytest.raises(RuntimeError):
        torch.imag(r)
    with pytest.raises(RuntimeError):
        torch.view_as_real(r)
    with pytest.raises(RuntimeError):
        torch.view_as_complex(torch.ones(2, 3))
    with pytest.raises(RuntimeError):
        torch.view_as_complex(torch.ones(2, 2).T)
    with pytest.raises(RuntimeError):
        torch.view_as_complex(torch.ones(2, 2, dtype=torch.int64))
    for wrong in ((torch.ones(2), torch.ones(2, dtype=torch.float32)), (torch.ones(2, dtype=torch.int64),) * 2):
        with pytest.raises(RuntimeError):
            torch.complex(*wrong)
        with pytest.raises(RuntimeError):
            torch.polar(*wrong)


def test_adjoints_of_matrices():
    z = torch.tensor([[1 + 2j, 3 + 4j]], requires_grad=True)
    for turned in (z.mH, z.H, z.T.conj(), z.adjoint()):
        np.testing.assert_array_equal(value(turned), value(z).conj().T)
        assert turned.requires_grad


def test_complex_of_what_is_complex_already():
    z = torch.tensor([1 + 2j])
    assert z.cdouble() is z and z.to(torch.complex64).dtype == torch.complex64 and z.cfloat().dtype == torch.complex64
    assert z.bool().tolist() == [True] and z.real.double() is not None


def test_casts_to_real_take_the_real_part():
    z = torch.tensor([1 + 2j], requires_grad=True)
    y = z.to(torch.float64)
    assert y.tolist() == [1.0]
    assert torch.autograd.grad(y.sum(), z)[0].tolist() == [1 + 0j]


@pytest.mark.differs("PyTorch's view_as_real of no elements has no gradient")
def test_empty_and_0d_values():
    z = torch.zeros(0, 3, dtype=torch.complex128, requires_grad=True)
    (z.abs().sum() + z.real.sum() + torch.view_as_real(z).sum()).backward()
    assert z.grad.shape == (0, 3) and z.grad.dtype == torch.complex128
    one = torch.tensor(3 + 4j, requires_grad=True)
    one.abs().backward()
    assert one.grad.item() == pytest.approx(0.6 + 0.8j)


def test_jacobians_are_of_real_values():
    z, r = torch.tensor([1 + 2j]), torch.tensor([1.0, 2.0])
    for transform in (torch.func.jacrev, torch.func.jacfwd, torch.func.hessian):
        with pytest.raises(RuntimeError):
            transform(lambda z: z.abs().sum())(z)
    for transform in (torch.func.jacrev, torch.func.jacfwd):
        with pytest.raises(RuntimeError):
            transform(lambda r: r * 1j)(r)
    np.testing.assert_allclose(value(torch.func.jacrev(lambda r: (r * 1j).abs())(r)), np.eye(2))
    np.testing.assert_allclose(value(torch.func.grad(lambda z: z.abs().pow(2).sum())(z)), [2 + 4j])
