"""The array API namespace beside the standard's own strict implementation: values, dtypes and shapes of every function, and derivatives through it."""

import builtins
import inspect
import pickle

import numpy as np
import pytest

import tape
import tape.array_api as ours

strict = pytest.importorskip("array_api_strict")

SHAPES = ((), (1,), (5,), (2, 3), (0,), (2, 0, 3), (2, 1, 4))
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
REAL, COMPLEX = ("float32", "float64"), ("complex64", "complex128")
NUMERIC, ALL = (*INTEGERS, *REAL, *COMPLEX), ("bool", *INTEGERS, *REAL, *COMPLEX)
FLOATING = (*REAL, *COMPLEX)

ONE = {
    **dict.fromkeys("abs positive square negative sign".split(), NUMERIC), **dict.fromkeys("ceil floor trunc".split(), (*INTEGERS, *REAL)), "round": NUMERIC,
    **dict.fromkeys("acos acosh asin asinh atan atanh cos cosh exp expm1 log log1p log2 log10 reciprocal sin sinh sqrt tan tanh".split(), FLOATING),
    "bitwise_invert": ("bool", *INTEGERS), "conj": NUMERIC, "imag": COMPLEX, "real": NUMERIC, "signbit": REAL, "logical_not": ("bool",),
    **dict.fromkeys("isfinite isinf isnan".split(), NUMERIC),
}  # fmt: skip
TWO = {
    **dict.fromkeys("add multiply subtract".split(), NUMERIC), **dict.fromkeys("divide pow".split(), FLOATING), **dict.fromkeys("equal not_equal".split(), ALL),
    **dict.fromkeys("bitwise_and bitwise_or bitwise_xor".split(), ("bool", *INTEGERS)), **dict.fromkeys("bitwise_left_shift bitwise_right_shift".split(), INTEGERS),
    **dict.fromkeys("atan2 copysign hypot logaddexp nextafter".split(), REAL), **dict.fromkeys("logical_and logical_or logical_xor".split(), ("bool",)),
    **dict.fromkeys("less less_equal greater greater_equal maximum minimum floor_divide remainder".split(), (*INTEGERS, *REAL)),
}  # fmt: skip
OTHERS = {  # of an array of three dimensions, or a matrix, or a vector
    (2, 3, 4): """sum(x) | sum(x, axis=1) | sum(x, axis=(0, 2), keepdims=True) | prod(x, axis=-1) | mean(x, axis=(0, 1)) | var(x, axis=1) | std(x, correction=1.0) | max(x, axis=(0, 1)) | min(x, axis=2, keepdims=True)
        any(x > 0, axis=(0, 1)) | all(x > 0, axis=1) | all(x) | count_nonzero(x, axis=1) | argmax(x) | argmax(x, keepdims=True) | argmin(x, axis=1, keepdims=True) | cumulative_sum(x, axis=1, include_initial=True)
        cumulative_prod(x, axis=0) | diff(x, axis=1) | diff(x, n=2) | broadcast_to(x, (5, 2, 3, 4)) | concat([x, x], axis=1) | concat([x, x], axis=None) | stack([x, x], axis=-1) | unstack(x, axis=1)[0]
        expand_dims(x, axis=-2) | squeeze(x[:1, ...], axis=0) | flip(x) | flip(x, axis=1) | flip(x, axis=(0, -1)) | moveaxis(x, 0, -1) | moveaxis(x, (0, 1), (1, 0)) | permute_dims(x, (2, 0, 1)) | repeat(x, 2, axis=1)
        repeat(x, 3) | reshape(x, (4, -1)) | reshape(x, (24,), copy=True) | roll(x, 2) | roll(x, 1, axis=2) | roll(x, (1, 2), axis=(0, 1)) | tile(x, (2, 1)) | tile(x, (2, 1, 1, 3)) | sort(x) | sort(x, axis=0, descending=True)
        argsort(x) | argsort(x, axis=1, descending=True) | take(x, asarray([1, 0]), axis=1) | take_along_axis(x, argsort(x, axis=1), axis=1) | nonzero(x)[1] | matrix_transpose(x) | triu(x, k=1) | tril(x) | linalg.diagonal(x)
        linalg.trace(x) | vecdot(x, x) | vecdot(x, x, axis=-2) | tensordot(x, x, axes=((0, 1), (0, 1))) | matmul(x, matrix_transpose(x)) | clip(x, 0, 1) | where(x > 0, x, -x) | unique_values(x) | unique_all(x).counts
        unique_inverse(x).inverse_indices | unique_counts(x).values | zeros_like(x) | ones_like(x, dtype=int32) | full_like(x, 3) | astype(x, float32) | broadcast_arrays(x, x[0, 0, :])[1] | linalg.vector_norm(x)
        linalg.vector_norm(x, axis=(0, 1), ord=3) | linalg.vector_norm(x, axis=1, keepdims=True, ord=1) | linalg.matrix_norm(x) | linalg.matrix_norm(x, ord=1) | linalg.matrix_norm(x, ord=2, keepdims=True) | linalg.svdvals(x)
        linalg.svd(x, full_matrices=False).S | linalg.pinv(x) | linalg.matrix_rank(x) | searchsorted(sort(x[0, 0, :]), x[1, 1, :]) | isin(x, x[0, :, :]) | sum(x, axis=()) | std(x, axis=())""",
    (4, 4): """linalg.det(x) | linalg.inv(x) | linalg.slogdet(x).logabsdet | linalg.slogdet(x).sign | linalg.solve(x, x[0, :]) | linalg.solve(x, x) | linalg.matrix_power(x, 3) | linalg.matrix_power(x, -2) | linalg.qr(x).R
        linalg.cholesky(x @ conj(matrix_transpose(x))) | linalg.cholesky(x @ conj(matrix_transpose(x)), upper=True) | linalg.eigvalsh(x + matrix_transpose(x)) | linalg.eigh(x + matrix_transpose(x)).eigenvalues
        linalg.matrix_norm(x, ord='nuc') | linalg.outer(x[0, :], x[1, :]) | linalg.cross(x[:, 1:], x[:, :3]) | x @ x | x.T | x.mT""",
    (8,): """fft.fft(x) | fft.ifft(x, n=5) | fft.rfft(x, norm='ortho') | fft.irfft(x, n=6) | fft.hfft(x) | fft.ihfft(x) | fft.fftn(x) | fft.ifftn(x, s=(4,), axes=(0,)) | fft.rfftn(x) | fft.irfftn(x) | fft.fftshift(x) | fft.ifftshift(x)
        cumulative_sum(x) | linalg.vecdot(x, x) | meshgrid(x, x[:2])[1] | meshgrid(x, x[:3], indexing='ij')[0] | x[::2] | x[x > 0] | x[2:5] | x[None, :]""",
    (): """arange(5) | arange(1.0, 3.0, 0.5) | arange(7, 0, -2, dtype=float32) | linspace(0.0, 1.0, 5) | linspace(0, 3, 4, endpoint=False) | eye(3) | eye(2, 4, k=1, dtype=int32) | ones((2, 3)) | zeros(4, dtype=bool) | full((2,), 7)
        full(3, 1.5) | full((), True) | asarray([[1, 2], [3, 4]]) | asarray(1.5) | asarray([1.0, 2j]) | asarray([True]) | fft.fftfreq(8, d=0.5) | fft.rfftfreq(7) | asarray(x) | expand_dims(x, axis=0)""",
}  # fmt: skip


def sample(dtype, shape, seed=0):
    """Values that the functions of the standard are defined for, small enough for int8 products."""
    rng = np.random.default_rng([seed, *map(ord, dtype)])
    if dtype == "bool":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype in INTEGERS:
        return rng.integers(1, 6, shape).astype(dtype)
    values = rng.uniform(0.1, 0.9, shape)
    return (values + 1j * rng.uniform(-1, 1, shape) if dtype in COMPLEX else values).astype(dtype)


def both(call, *arrays):
    """The result of the standard's implementation and of ours, or that both raise."""
    try:
        expected = call(strict, *(strict.asarray(a) for a in arrays))
    except Exception:
        return None
    found = call(ours, *(ours.asarray(a) for a in arrays))
    assert type(found) is tape.Tensor, type(found)
    a, b = np.asarray(expected._array), found.numpy()
    assert b.shape == a.shape and b.dtype == a.dtype, (b.dtype, b.shape, a.dtype, a.shape)
    loose = a.dtype in ("float32", "complex64")
    if a.dtype.kind in "fc":
        np.testing.assert_allclose(b, a, 3e-4 if loose else 1e-9, 3e-4 if loose else 1e-10)
    else:
        assert np.array_equal(a, b)
    return found


def test_every_name_of_the_standard_is_there():
    for theirs, own in ((strict, ours), (strict.linalg, ours.linalg), (strict.fft, ours.fft)):
        names = {n for n in theirs.__all__ if not n.endswith("_flags") and n not in ("ArrayAPIStrictFlags", "Device", "__version__", "broadcast_shapes")}
        assert not names - builtins.set(dir(own)), names - builtins.set(dir(own))
    assert tape.ones(2).__array_namespace__() is ours and tape.ones(2).__array_namespace__(api_version="2024.12") is ours
    with pytest.raises(ValueError, match="2024"):
        tape.ones(2).__array_namespace__(api_version="1999.01")


@pytest.mark.parametrize("name", ONE)
def test_of_one_array(name):
    for dtype in ONE[name]:
        for shape in SHAPES:
            values = sample(dtype, shape)
            both(lambda xp, x: getattr(xp, name)(x), values + 1 if name == "acosh" and dtype in REAL else values)


@pytest.mark.parametrize("name", TWO)
def test_of_two_arrays(name):
    kinds = TWO[name]
    for first in kinds:
        for second in kinds:
            for shapes in (((2, 3), (2, 3)), ((), (3,)), ((2, 1), (3,)), ((0,), ())):
                both(lambda xp, x, y: getattr(xp, name)(x, y), sample(first, shapes[0]), sample(second, shapes[1], 1))
        if first != "bool":
            both(lambda xp, x: getattr(xp, name)(x, 2), sample(first, (3,)))


@pytest.mark.parametrize("text, shape", [(t.strip(), shape) for shape, texts in OTHERS.items() for t in texts.replace("\n", "|").split("|") if t.strip()])
def test_other_functions(text, shape):
    compared = 0
    for dtype in (FLOATING if "linalg.m" in text else ALL) if shape else ("float64",):
        values = sample(dtype, shape) + (3 * np.eye(4) if shape == (4, 4) else 0) if dtype in FLOATING else sample(dtype, shape)
        values = values.astype(dtype)

        def call(xp, x):
            return eval(text, {**{n: getattr(xp, n) for n in ours.__all__}, "x": x})

        compared += both(call, values) is not None
    assert compared, "the standard's implementation refused every dtype"


def test_info_and_dtypes():
    info = ours.__array_namespace_info__()
    assert info.default_device() == "cpu" and info.devices() == ["cpu"] and info.capabilities()["boolean indexing"]
    assert info.default_dtypes()["real floating"] == ours.float64 and builtins.set(info.dtypes(kind="unsigned integer")) == {"uint8", "uint16", "uint32", "uint64"}
    assert ours.isdtype(ours.float32, ("bool", "real floating")) and not ours.isdtype(ours.int8, "unsigned integer")
    assert ours.result_type(ours.asarray(1, dtype=ours.int8), ours.uint8) == ours.int16 and ours.can_cast(ours.int8, ours.int32)
    assert ours.finfo(ours.float32).bits == 32 and ours.iinfo(ours.int8).max == 127 and ours.finfo(ours.complex128).eps == 2.0**-52
    x = ours.asarray([1.0, 2.0])
    assert x.size == 2 and x.ndim == 1 and x.shape == (2,) and x.to_device("cpu") is x and str(x.device) == "cpu"
    assert np.from_dlpack(x.detach()).tolist() == [1.0, 2.0] and ours.from_dlpack(np.ones(2)).sum() == 2.0


def test_derivatives_through_the_namespace():
    x = tape.tensor([0.3, 0.7, 1.1], requires_grad=True)
    xp = x.__array_namespace__()
    y = xp.std(xp.sin(x)) + xp.max(x) * xp.sum(xp.sort(x) * xp.asarray([1.0, 2.0, 3.0])) + xp.vecdot(x, x)
    assert tape.autograd.gradcheck(lambda x: xp.std(xp.sin(x)) + xp.max(x) * xp.sum(xp.sort(x)) + xp.vecdot(x, x), (x,)) and y.requires_grad


def test_errors_of_the_standard():
    x = ours.ones((2, 3))
    for call, error in (
        (lambda: ours.squeeze(x, 0), ValueError), (lambda: ours.cumulative_sum(x), ValueError), (lambda: ours.nonzero(ours.asarray(1.0)), ValueError),
        (lambda: ours.zeros(2, device="gpu"), ValueError), (lambda: ours.asarray([1, 2], copy=False), ValueError), (lambda: ours.expand_dims(x, axis=4), IndexError),
        (lambda: ours.isdtype(ours.int8, "numbers"), ValueError), (lambda: ours.vecdot(x, x, axis=0), ValueError), (lambda: ours.add(1, 2), TypeError),
    ):  # fmt: skip
        with pytest.raises(error):
            call()


def test_limits_at_infinite_operands():
    inf, nan = np.inf, np.nan
    x1, x2 = ours.asarray([inf, -inf, inf, 3.0, -3.0, -3.0, 7.0, nan]), ours.asarray([2.0, 2.0, inf, -inf, inf, -inf, 2.0, inf])
    assert np.array_equal(ours.floor_divide(x1, x2).numpy(), [inf, -inf, nan, -0.0, -0.0, 0.0, 3.0, nan], equal_nan=True)
    assert ours.signbit(ours.floor_divide(x1, x2)).tolist()[3:6] == [True, True, False]
    z = {complex(-inf, inf): -1 + 0j, complex(-inf, nan): -1 + 0j, complex(-inf, 2): -1 + 0j, complex(inf, 0): complex(inf, 0), complex(inf, nan): complex(inf, nan),
         complex(nan, 0): complex(nan, 0), complex(inf, 2): complex(-inf, inf), complex(0, inf): complex(nan, nan)}  # fmt: skip
    np.testing.assert_equal(ours.expm1(ours.asarray(list(z))).numpy(), list(z.values()))
    assert complex(ours.tanh(ours.asarray(complex(inf, 2)))) == 1 and np.signbit(complex(ours.tanh(ours.asarray(complex(-inf, -2)))).imag)
    factor = ours.linalg.cholesky(ours.eye(2, dtype=ours.complex128), upper=True)
    assert not np.signbit(factor.numpy()[1, 0].imag)
    x = tape.tensor([0.3 + 0j, 1 - 2j], requires_grad=True)
    assert tape.autograd.gradcheck(ours.expm1, (x,)) and tape.autograd.gradcheck(ours.tanh, (x,))


def test_unsigned_integers_meet_others_in_operators():
    for first, second in ((a, b) for a in INTEGERS for b in INTEGERS):
        x, y = sample(first, (3,)), sample(second, (3,), 1)
        if np.result_type(x, y).kind == "f":
            with pytest.raises(RuntimeError, match="no integer dtype holds both"):
                ours.asarray(x) + ours.asarray(y)
        else:
            assert (ours.asarray(x) + ours.asarray(y)).dtype == np.result_type(x, y) and np.array_equal((ours.asarray(x) * ours.asarray(y)).numpy(), x * y)


PYTORCHS = """squeeze(x[:1], axis=0) | unsqueeze(x, axis=1) | sort(x, axis=0)[0] | argsort(x, axis=0) | unbind(x, axis=1)[0] | topk(x, 1, axis=0)[0] | gather(x, axis=0, index=arange(1).reshape(1, 1))
    linalg.vecdot(x, x, axis=0) | linalg.matrix_norm(x, keepdims=True) | linalg.vector_norm(x, axis=0, keepdims=True) | fft.fft(x, axis=0).abs() | fft.rfft(x, n=2, axis=0).abs() | index_select(x, axis=1, index=arange(2))
    count_nonzero(x, axis=0) | diff(x, axis=0) | roll(x, 1, 0) | tril(x, 1) | eye(2, 3) | flip(x, (0,)) | linspace(0, 1, 5) | full((2,), 1.5) | reshape(x, (4, 3)) | take(x, arange(3)) | tensor(pi) | x[newaxis] + e
    tensor([inf, -inf])"""  # fmt: skip
STANDARDS = {
    "flip(x, axis=0)": "flip(x, (0,))", "roll(x, 1, axis=0)": "roll(x, 1, 0)", "tril(x, k=1)": "tril(x, 1)", "eye(2, 3, k=1)": "tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])", "zeros(shape=(2, 3))": "zeros(2, 3)",
    "linspace(0.0, 1.0, num=5, endpoint=False)": "arange(5) / 5", "reshape(x, (12,), copy=True)": "x.flatten()", "take(x, arange(2), axis=1)": "x[:, :2]", "tensordot(x, x, axes=2)": "(x * x).sum()",
    "count_nonzero(x, axis=0, keepdims=True)": "tensor([[3, 3, 3, 3]])", "broadcast_to(x, shape=(2, 3, 4))": "stack((x, x))", "fft.fftn(x, axes=(0,)).real": "fft.fft(x, dim=0).real", "linalg.trace(x)": "trace(x)",
    "linalg.outer(x[0], x[0])": "outer(x[0], x[0])", "permute_dims(x, (1, 0))": "x.T", "expand_dims(x, axis=0)": "x[None]", "astype(x, float32)": "x.float()", "bitwise_invert(arange(2))": "~arange(2)",
    "cumulative_sum(x, axis=0)": "cumsum(x, 0)", "unstack(x)[1]": "x[1]", "matrix_transpose(x)": "x.mT", "unique_values(x)": "unique(x)", "vecdot(x, x)": "(x * x).sum(-1)", "arange(0, stop=3)": "arange(3)",
}  # fmt: skip


def evaluated(text, home):
    x = home.reshape(home.arange(1.0, 13.0, dtype=home.float64), (3, 4))
    return eval(text, {}, {**{n: getattr(home, n) for n in dir(home) if not n.startswith("__")}, "x": x})


@pytest.mark.parametrize("text, same", STANDARDS.items())
def test_keywords_and_names_of_the_standard_beside_pytorchs(text, same):
    found, expected = evaluated(text, tape), evaluated(same, tape)
    assert np.allclose(found.numpy(), expected.numpy()) and found.shape == expected.shape


@pytest.mark.oracle
@pytest.mark.parametrize("text", [t.strip() for t in PYTORCHS.replace("\n", "|").split("|")])
def test_calls_that_pytorch_accepts_mean_what_they_mean_there(text):
    torch = pytest.importorskip("torch")
    found, expected = evaluated(text, tape), evaluated(text, torch)
    assert np.allclose(found.numpy(), expected.numpy()) and tuple(found.shape) == tuple(expected.shape)


def test_further_keywords_keep_functions_whole():
    assert pickle.loads(pickle.dumps(tape.flip)) is tape.flip and pickle.loads(pickle.dumps(tape.fft.fft)) is tape.fft.fft
    assert "axis" in inspect.signature(tape.flip).parameters and "k" in inspect.signature(tape.eye).parameters
    for call in (lambda: tape.squeeze(tape.ones(1, 2), dim=0, axis=0), lambda: tape.flip(tape.ones(2), dims=(0,), turns=1), lambda: tape.sort(tape.ones(2), along=0)):
        with pytest.raises(TypeError):
            call()
    program = tape.compile(lambda x: tape.squeeze(x, axis=0) * tape.flip(x, axis=1))
    x = tape.tensor([[1.0, 2.0]], dtype=tape.float64)
    assert program(x).tolist() == [[2.0, 2.0]] == program(x).tolist()
