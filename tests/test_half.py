"""Half precision: float16 and bfloat16 are computed through float32, and have gradients of their own dtype in every kind of sweep."""

import numpy as np
import pytest

import tape as torch

HALVES = ["float16", "bfloat16"]
ULP = {"float16": 2.0**-10, "bfloat16": 2.0**-7}
# fmt: off
UNARY = ("abs acos asin atan ceil cos cosh digamma erf erfc exp exp2 expm1 floor lgamma log log10 log1p log2 neg reciprocal relu round rsqrt "
         "sigmoid sign sin sinh sqrt square tan tanh trunc asinh atanh").split()
BINARY = "add sub mul div pow atan2 maximum minimum fmax fmin fmod remainder hypot copysign logaddexp xlogy".split()
WHOLE = {
    "sum": lambda x: x.sum(), "mean": lambda x: x.mean(0), "prod": lambda x: x.prod(1), "var": lambda x: x.var(), "std": lambda x: x.std(1),
    "norm": lambda x: x.norm(), "amax": lambda x: x.amax(1), "logsumexp": lambda x: x.logsumexp(1), "softmax": lambda x: x.softmax(0),
    "cumsum": lambda x: x.cumsum(1), "matmul": lambda x: x @ x.T, "mv": lambda x: x @ x[0], "dot": lambda x: x[0].dot(x[1]),
    "index": lambda x: x[1:, [0, 2]], "cat": lambda x: torch.cat([x, x * 2]), "where": lambda x: torch.where(x > 0.5, x, x * x),
    "sort": lambda x: x.sort(1)[0], "clamp": lambda x: x.clamp(0.2, 0.6), "numbers": lambda x: (x * 2.5 + 1) ** 3 / 7 - 2.0 ** x,
    "expand": lambda x: x[:, :1].expand(3, 4) * x, "einsum": lambda x: torch.einsum("ij,kj->ik", x, x),
}
# fmt: on


def arrays(*shapes, seed=0):
    return [np.random.default_rng(seed + i).uniform(0.1, 0.9, shape) for i, shape in enumerate(shapes)]


def compared(f, inputs, dtype, ulps=1):
    """Values (of one rounding, or of several within `ulps`) and gradients in half precision against those of the same numbers in float32."""
    half = [torch.tensor(v).to(getattr(torch, dtype)).requires_grad_() for v in inputs]
    single = [t.detach().float().requires_grad_() for t in half]
    y, z = f(*half), f(*single)
    assert y.dtype == getattr(torch, dtype)
    near(y, z, ULP[dtype], ulps)
    if not y.requires_grad:
        return
    w = torch.ones(tuple(y.shape), dtype=y.dtype)
    for graph in (True, False):
        gs = torch.autograd.grad(y, half, w, create_graph=graph, retain_graph=True, allow_unused=True, materialize_grads=True)
        hs = torch.autograd.grad(z, single, w.float(), retain_graph=True, allow_unused=True, materialize_grads=True)
        for g, h in zip(gs, hs, strict=True):
            assert g.dtype == y.dtype
            near(g, h, ULP[dtype], 8)  # rules read rounded outputs and round each step


def near(ours, exact, ulp, ulps):
    a, b = ours.detach().float().numpy(), exact.detach().numpy()
    np.testing.assert_allclose(a, b, rtol=ulps * ulp, atol=ulps * ulp * max(1.0, float(np.abs(b).max(initial=0))))


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("shape", [(), (5,), (3, 4)])
def test_functions_of_one_value(dtype, shape):
    for name in UNARY:
        compared(getattr(torch, name), arrays(shape), dtype)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("shapes", [((), ()), ((5,), (5,)), ((3, 1), (4,)), ((3, 4), ())])
def test_functions_of_two_values(dtype, shapes):
    for name in BINARY:
        compared(getattr(torch, name), arrays(*shapes), dtype)


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize("name", WHOLE)
def test_whole_arrays(dtype, name):
    compared(WHOLE[name], arrays((3, 4)), dtype, 8 if name == "numbers" else 1)


@pytest.mark.parametrize("dtype", HALVES)
def test_a_0d_value_used_twice_beside_numbers(dtype):
    """The second contribution is added to the first, whatever numbers the rules multiply by."""
    a, b = (torch.tensor(v, dtype=getattr(torch, dtype), requires_grad=True) for v in (1.0, 2.0))
    y = a + (b - a) * 0.5
    assert [g.item() for g in torch.autograd.grad(y, (a, b), torch.ones((), dtype=y.dtype))] == [0.5, 0.5]
    for _ in range(2):
        (a * 2.0 + a * a).backward()
    assert a.grad.item() == 8.0 and a.grad.dtype == a.dtype


@pytest.mark.parametrize("dtype", HALVES)
def test_programs(dtype):
    def f(x):
        y = (torch.exp(x) * 2.0).sum() + (x @ x.T).amax()
        return y, torch.autograd.grad(y, x)[0]

    compiled = torch.compile(f)
    for seed in (0, 0, 3):
        x = torch.tensor(arrays((3, 4), seed=seed)[0]).to(getattr(torch, dtype)).requires_grad_()
        for ours, eager in zip(compiled(x), f(x), strict=True):
            assert ours.dtype == eager.dtype == x.dtype and ours.tolist() == eager.tolist()


@pytest.mark.parametrize("dtype", HALVES)
def test_casts_and_promotion(dtype):
    kind = getattr(torch, dtype)
    x = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    y = x.to(kind)
    assert y.dtype == kind and (y * 2.0).dtype == kind and (y * torch.ones(2)).dtype == torch.float64
    assert (y * torch.ones((), dtype=torch.float64)).dtype == kind and (y * torch.ones(2, dtype=torch.int64)).dtype == kind
    (y * y).sum().backward()
    assert x.grad.dtype == torch.float64 and x.grad.tolist() == [2.0, 4.0]
    assert torch.promote_types(torch.float16, torch.bfloat16) == torch.float32
    short = x.half() if dtype == "float16" else x.bfloat16()
    assert short.dtype == kind and short.type() == ("torch.HalfTensor" if dtype == "float16" else "torch.BFloat16Tensor")


def test_every_way_to_say_a_dtype():
    x = torch.ones(2)
    assert x.to(torch.float64, True) is x and x.to(torch.float64, False, True) is not x and x.to() is x and x.to(None) is x
    assert x.to("cpu", torch.float32).dtype == x.to(x.float()).dtype == x.to(dtype=torch.float32, device="cpu", non_blocking=True).dtype
    assert x.to(torch.float32, memory_format=torch.preserve_format).dtype == torch.float32
    assert x.double(memory_format=torch.preserve_format) is x and x.type("torch.FloatTensor").dtype == torch.float32
    assert x.type() == "torch.DoubleTensor" and x.type(torch.int8).dtype == torch.int8 and x.cfloat().type() == "torch.ComplexFloatTensor"
    assert (x * 2j).long().tolist() == [0, 0] and (x * 2j).bool().tolist() == [True, True]
    with pytest.raises(ValueError):
        x.type("float")
    with pytest.raises(TypeError):
        x.to(1.5)
