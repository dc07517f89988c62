"""`out=`: where results go, what is refused, and what stays as it was. The in-place twins of elementwise operations beside them."""

import warnings

import pytest
from under_test import near, torch

ONE = """neg abs square reciprocal sqrt rsqrt exp exp2 expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh asinh atanh sigmoid erf erfc
lgamma digamma floor ceil round trunc frac sign deg2rad rad2deg sinc logit erfinv i0 sgn nan_to_num""".split()
TWO = """add sub mul div pow maximum minimum fmax fmin atan2 hypot fmod remainder copysign logaddexp logaddexp2 xlogy ldexp heaviside nextafter
float_power igamma igammac""".split()
COMPARED = "eq ne lt le gt ge logical_and logical_or logical_xor".split()
NO_TWIN = {"square", "maximum", "minimum", "fmax", "fmin", "logaddexp", "logaddexp2"}


def points(*values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("name", ONE)
def test_out_of_one_input(name):
    f, x = getattr(torch, name), points(0.25, 0.5, 0.75)
    wanted = f(x)
    for out in (torch.zeros(3, dtype=torch.float64), torch.zeros(0, dtype=torch.float64)):
        assert f(x, out=out) is out
        near(out, wanted.tolist())
    assert f(x, out=x) is x
    near(x, wanted.tolist())


@pytest.mark.parametrize("name", TWO)
def test_out_of_two_inputs(name):
    f, x, y = getattr(torch, name), points(0.25, 0.5, 0.75), points(1.5)
    wanted, out = f(x, y), torch.zeros(3, dtype=torch.float64)
    assert f(x, y, out=out) is out
    near(out, wanted.tolist())


@pytest.mark.parametrize("name", COMPARED)
def test_answers_go_to_any_dtype(name):
    f, x, y = getattr(torch, name), points(0.0, 0.5, 0.75), points(0.5)
    for dtype in (torch.bool, torch.int64, torch.float32):
        out = torch.zeros(3, dtype=dtype)
        assert f(x, y, out=out) is out and out.tolist() == f(x, y).to(dtype).tolist()


@pytest.mark.parametrize("name", ONE)
def test_in_place_twin_of_one_input(name):
    x = points(0.25, 0.5, 0.75)
    wanted = getattr(torch, name)(x).tolist()
    assert getattr(x, f"{name}_")() is x
    near(x, wanted)


@pytest.mark.parametrize("name", [name for name in (*TWO, *COMPARED) if name not in NO_TWIN])
def test_in_place_twin_of_two_inputs(name):
    x, y = points(0.25, 0.5, 0.75), points(1.5)
    wanted = getattr(torch, name)(x, y).to(torch.float64).tolist()
    assert getattr(x, f"{name}_")(y) is x
    near(x, wanted)


def test_in_place_twins_of_integers():
    x = torch.tensor([12, 18], dtype=torch.int64)
    assert x.gcd_(torch.tensor(8)).tolist() == [4, 2]
    x &= 6
    x |= 1
    x ^= 3
    x <<= 2
    x >>= 1
    assert x.tolist() == [12, 0]
    assert torch.gcd(torch.tensor([4]), torch.tensor([6]), out=x).tolist() == [2]


def test_in_place_twins_keep_history():
    x = points(0.25, 0.5).requires_grad_()
    y = x * 1
    y.sinc_()
    y.hypot_(points(1.0))
    (g,) = torch.autograd.grad(y.sum(), x)
    z = torch.hypot(torch.sinc(x), points(1.0))
    near(g, torch.autograd.grad(z.sum(), x)[0].tolist())


def test_out_takes_part_in_the_version_check():
    x = points(0.25, 0.5).requires_grad_()
    held = points(2.0, 3.0)
    y = x * held
    torch.exp(points(1.0, 1.0), out=held)
    with pytest.raises(RuntimeError):
        y.sum().backward()


def test_out_is_written_through_views():
    base = torch.zeros(2, 3, dtype=torch.float64)
    torch.exp(points(0.0, 0.0, 0.0), out=base[1])
    near(base, [[0.0] * 3, [1.0] * 3])


def test_refusals():
    x, out = points(0.25, 0.5), torch.zeros(2, dtype=torch.float64)
    leaf = points(0.25, 0.5).requires_grad_()
    with pytest.raises(RuntimeError):
        torch.sin(leaf, out=out)
    with pytest.raises(RuntimeError):
        torch.sin(x, out=leaf)
    with pytest.raises(RuntimeError):
        torch.sin(x, out=torch.zeros(2, dtype=torch.int64))
    with pytest.raises(TypeError):
        torch.sin(x, out=[0.0, 0.0])
    near(out, [0.0, 0.0])
    with torch.no_grad():
        torch.sin(leaf, out=out)
        near(out, torch.sin(x).tolist())


def test_another_shape_is_resized_with_a_warning():
    out = torch.zeros(3, dtype=torch.float64)
    with pytest.warns(UserWarning, match="resize"):
        torch.add(points(1.0, 2.0), 1, out=out)
    near(out, [2.0, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        torch.add(points(1.0, 2.0), 1, out=torch.zeros(0, dtype=torch.float64))


def test_a_lower_precision_is_stored():
    out = torch.zeros(2, dtype=torch.float32)
    torch.sqrt(points(4.0, 2.0), out=out)
    assert out.dtype == torch.float32 and out.tolist()[0] == 2.0


def test_out_of_scalars_and_keywords():
    out = torch.tensor(0.0, dtype=torch.float64)
    assert torch.mul(torch.tensor(3.0, dtype=torch.float64), 2, out=out) is out and out.item() == 6.0
    torch.div(points(7.0), points(2.0), rounding_mode="floor", out=(o := torch.zeros(1, dtype=torch.float64)))
    near(o, [3.0])
    torch.clamp(points(-1.0, 3.0), 0.0, 2.0, out=(o := torch.zeros(2, dtype=torch.float64)))
    near(o, [0.0, 2.0])
    torch.add(points(1.0), points(2.0), alpha=3, out=(o := torch.zeros(1, dtype=torch.float64)))
    near(o, [7.0])


def test_several_results():
    mantissa, exponent = torch.zeros(0, dtype=torch.float64), torch.zeros(0, dtype=torch.int32)
    found = torch.frexp(points(8.0, -0.3), out=(mantissa, exponent))
    assert found.mantissa is mantissa and found.exponent is exponent
    near(mantissa, [0.5, -0.6])
    assert exponent.tolist() == [4, -1]
