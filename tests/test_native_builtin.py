"""Native programs as built-in functions: the same results as the careful way, None for whatever does not fit, nothing leaked."""

import gc
import sys
import threading

import numpy as np
import pytest
from random_arrays import Build
from under_test import torch

import tape
from tape.compile import opcodes as o
from tape.compile.native.build import Native

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def made(f, *arguments):
    """A compiled function whose native code is in use, and its built-in function."""
    compiled = tape.compile(f)
    compiled(*arguments)
    assert compiled.wait(60)
    compiled(*arguments)
    assert compiled._quick is not None, compiled.explain()
    return compiled, compiled._quick[0]


X = np.linspace(-1.0, 1.0, 11)
CASES = {
    "value": (lambda x: (x * x).sum(), (X,)), "gradient": (tape.func.grad(rosenbrock), (X,)),
    "both": (tape.func.value_and_grad(rosenbrock), (X,)), "two arrays": (lambda x, y: (x * y, x + y), (X, X[::-1].copy())),
    "a number": (lambda x, a: x * a, (X, 2.5)), "single precision": (lambda x: x * 2, (X.astype(np.float32),)),
    "a matrix": (lambda x: x * x.T, (np.arange(9.0).reshape(3, 3),)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_same_results(name):
    f, arguments = CASES[name]
    compiled, quick = made(f, *arguments)
    others = [a * 1.5 for a in arguments]
    for given in (arguments, others):
        got = quick(*given)
        wanted = tape.compile(f, native=False)(*given)
        assert type(got) is type(wanted)
        for a, b in zip(*((v if isinstance(v, tuple) else (v,)) for v in (got, wanted)), strict=True):
            assert type(a) is type(b) and np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=1e-12)
    if isinstance(got, np.ndarray):
        assert got.flags.owndata and got.flags.writeable and got.flags.c_contiguous


def test_what_does_not_fit_is_left_to_the_careful_way():
    compiled, quick = made(tape.func.value_and_grad(rosenbrock), X)
    strided, shorter = np.repeat(X, 2)[::2], X[:5].copy()
    for other in (X.tolist(), strided, shorter, X.astype(np.float32), X.reshape(1, -1), None, 3.0, X.view(type("Own", (np.ndarray,), {}))):
        assert quick(other) is None
    assert quick() is None and quick(X, X) is None
    value, gradient = compiled(strided)
    np.testing.assert_allclose(gradient, quick(X)[1])
    assert compiled(shorter)[1].shape == (5,)


def test_a_missed_guard_and_a_nan_are_left_to_the_careful_way():
    compiled, quick = made(tape.func.value_and_grad(lambda x: x[0] * x[1] if x.sum() > 0 else x[1].exp()), np.ones(2))
    assert quick(-np.ones(2)) is None
    assert compiled(-np.ones(2))[0] == pytest.approx(np.exp(-1))
    masked = tape.func.grad(lambda x: torch.where(x > 0, torch.sqrt(x), 0.0).sum())
    compiled, quick = made(masked, np.ones(3))
    at = np.array([4.0, -1.0, 0.25])
    np.testing.assert_array_equal(compiled(at), [0.25, 0.0, 1.0])


def test_a_change_outside_is_seen():
    scale = [2.0]
    compiled, _ = made(lambda x: x * scale[0], X)
    scale[0] = 3.0
    np.testing.assert_array_equal(compiled(X), X * 3.0)


def test_nothing_leaks():
    compiled, quick = made(tape.func.value_and_grad(rosenbrock), X)
    dtype, kind, none = X.dtype, np.ndarray, None

    def counts():
        gc.collect()
        return np.array([sys.getrefcount(each) for each in (dtype, kind, none, X)])

    for _ in range(10):
        quick(X), quick(X[:3].copy())
    before = counts()
    for _ in range(1000):
        quick(X), quick(X[:3].copy()), quick(np.full(11, np.nan))
    assert np.abs(counts() - before).max() < 50


def test_threads_may_call_at_once():
    compiled, _ = made(tape.func.value_and_grad(rosenbrock), X)
    wanted = {k: tape.func.value_and_grad(rosenbrock)(torch.tensor(X * k))[1].numpy() for k in range(1, 5)}
    wrong = []

    def work(k):
        for _ in range(500):
            if not np.allclose(compiled(X * k)[1], wanted[k], rtol=1e-10):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in wanted]
    [t.start() for t in threads], [t.join() for t in threads]
    assert not wrong


def test_large_memory_is_one_calls_at_a_time():
    """A call that finds the arena taken goes the long way."""
    x = np.linspace(0.1, 1.0, 20_000)
    compiled, quick = made(lambda v: (v.sin() * v.mean()).exp() @ v, x)
    wanted = {k: compiled(x / k) for k in range(1, 5)}
    wrong = []

    def work(k):
        for _ in range(100):
            if compiled(x / k) != wanted[k] or quick(x / k) not in (None, wanted[k]):
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in wanted]
    [t.start() for t in threads], [t.join() for t in threads]
    assert not wrong


OUTPUTS = {
    "computed": lambda b, x: b.add("mul", x, x), "reduced": lambda b, x: b.add(o.SUM, x, params=((1,), False)),
    "everything": lambda b, x: b.add(o.SUM, x, params=((0, 1), False)), "product": lambda b, x: b.add(o.MATMUL, x, b.add(o.PERMUTE, x, params=(1, 0))),
    "view": lambda b, x: b.add(o.PERMUTE, x, params=(1, 0)), "joined": lambda b, x: b.add(o.CONCATENATE, x, x, params=0),
    "scalar": lambda b, x: b.add("exp", b.add(o.INDEX, x, params=(3, 5))), "written": lambda b, x: b.add(o.OVERWRITE, b.add("neg", x), x, params=(slice(0, None),)),
}  # fmt: skip


@pytest.mark.parametrize("shape", [(7, 9), (300, 140)])
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_nan_in_an_output_is_seen(name, shape):
    b = Build(np.random.default_rng(0).normal(size=shape))
    x = b.inputs[0]
    other = b.add(o.STRONG, b.add("square", x), b.add("neg", x))
    b.program.outputs = [OUTPUTS[name](b, x), b.add(o.LESS, other, x)]
    native = Native(b.program, threads=2)
    assert not native.outcome(b.arguments)[1]
    for spot in ((3, 5), (shape[0] - 1, shape[1] - 1), (0, 0)):
        given = b.arguments[0].copy()
        given[spot] = np.nan
        outputs, nan = native.outcome([given])
        assert nan == np.isnan(outputs[0]).any()
        assert native.entry is None or (native.entry(given) is None) == nan
    assert not native.outcome(b.arguments)[1] and not Native(b.program, exact=True).outcome([given])[1]
