"""Arrays and Tensors outside that are written to between calls: whatever a function makes of them, no result is stale.

Large ones are not copied into a program but read anew, and a function may use them in ways that no row sees.
"""

import threading

import numpy as np
import pytest
from under_test import torch

import tape
from tape.compile import lifting as module
from tape.compile.verdict import unaltered

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")
SMALL, LARGE = 6, 150_000  # elements; a megabyte is compared by copies

USES = {
    "a row alone": lambda x, a: (x * a).sum(),
    "an element": lambda x, a: (x * a).sum() * float(a[0]),
    "a sum": lambda x, a: (x * a).mean() + x[0] * a.sum(),
    "another array of it": lambda x, a: (x * a).sum() + (x * (a + a)).mean(),
    "a part of it": lambda x, a: (x[:3] * a[:3]).sum(),
    "a branch": lambda x, a: (x * a).sum() if a[0] < 3.0 else x[0] * a[-1],
    "an index": lambda x, a: (x * a).sum() + x[int(a[0])],
    "itself": lambda x, a: ((x * a).sum(), a),
    "a view of it": lambda x, a: ((x * a).sum(), a[1:4]),
    "a list": lambda x, a: (x * a).sum() * a[:2].tolist()[1],
    "a number of its own function": lambda x, a: (x * a).sum() * np.asarray(getattr(a, "detach", lambda: a)()).max(),
    "nothing": lambda x, a: x.sum() * len(a),
}
KINDS = {
    "array": lambda n: np.ones(n),
    "part of an array": lambda n: np.ones((n, 2))[:, 0],
    "view of one": lambda n: np.ones(2 * n)[n:],
    "Tensor": lambda n: torch.ones(n, dtype=torch.float64),
    "Tensor over an array": lambda n: torch.from_numpy(np.ones(n)),
    "Tensor that requires grad": lambda n: torch.ones(n, dtype=torch.float64, requires_grad=True),
}


def written(a, by):
    """The same memory with other values."""
    values = a.detach().numpy() if isinstance(a, torch.Tensor) else a
    values += by


def arrays(result):
    return [np.asarray(r.detach() if isinstance(r, torch.Tensor) else r) for r in (result if type(result) is tuple else (result,))]


@pytest.mark.parametrize("n", [SMALL, LARGE])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("use", USES)
def test_no_result_is_stale(use, kind, n):
    outside, fn = KINDS[kind](n), USES[use]
    compiled, x = tape.compile(lambda x: fn(x, outside), native=False), np.linspace(1.0, 2.0, n)
    for k in range(6):
        with torch.no_grad():
            wanted = arrays(fn(torch.tensor(x), outside))
        for _ in range(2):
            for found, right in zip(arrays(compiled(x)), wanted, strict=True):
                np.testing.assert_allclose(found, right, rtol=1e-12)
        written(outside, 1.0 if k % 2 else 0.25)


WRITES = [
    lambda t: t.add_(1.0),
    lambda t: setattr(t, "data", torch.full_like(t, 5.0)),
    lambda t: t.mul_(1.5),
    lambda t: t.copy_(torch.full_like(t, 7.0)),
    lambda t: setattr(t, "data", t.data * 2.0),
    lambda t: t.fill_(3.0),
    lambda t: written(t, 0.25),
]


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("shape", [(), (1,), (3,), (LARGE,)])
def test_every_way_to_write_to_a_tensor_is_seen(shape, native):
    outside = torch.ones(shape, dtype=torch.float64)
    compiled = tape.compile(lambda x: (x * outside).sum(), native=native)
    for write in WRITES * 2:
        compiled(2.0)
        assert compiled.wait(60)
        write(outside)
        assert compiled(2.0) == 2.0 * outside.sum().item()
    assert sum(s.recordings for s in compiled.signatures.values()) <= 6 and "eagerly" not in compiled.explain()


@pytest.mark.parametrize("shape", [(), (3,)])
def test_a_small_tensor_that_every_call_finds_changed_is_read_anew(shape):
    outside, ran = torch.zeros(shape, dtype=torch.float64), []

    def f(x):
        ran.append(1)
        return (x * outside).sum()

    compiled = tape.compile(f, native=False)
    for k in range(20):
        assert compiled(2.0) == 2.0 * k * outside.numel()
        outside.add_(1.0)
    assert len(ran) <= 3


@pytest.mark.parametrize("n", [SMALL, LARGE])
@pytest.mark.parametrize("use", USES)
def test_no_gradient_is_stale(use, n):
    outside, fn = KINDS["Tensor that requires grad"](n), USES[use]
    compiled = tape.compile(lambda x: fn(x, outside), native=False)
    for _ in range(4):
        slopes = []
        for each in (compiled, lambda x: fn(x, outside)):
            x = torch.linspace(1.0, 2.0, n, dtype=torch.float64, requires_grad=True)
            results = each(x)
            total = sum(r.sum() for r in (results if type(results) is tuple else (results,)))
            slopes.append(torch.autograd.grad(total, [x, outside], allow_unused=True, materialize_grads=True))
        for found, right in zip(*slopes, strict=True):
            np.testing.assert_allclose(found, right, rtol=1e-12)
        written(outside, 0.75)


def test_a_large_array_is_compared_and_a_read_only_one_is_not():
    large = np.ones(LARGE)
    compiled = tape.compile(lambda x: (x * large).sum(), native=False)
    assert compiled(2.0) == 2.0 * LARGE
    assert "compared at every call" in compiled.explain()
    large.flags.writeable = False
    compiled = tape.compile(lambda x: (x * large).sum(), native=False)
    assert compiled(2.0) == 2.0 * LARGE
    assert "compared at every call" not in compiled.explain()


@pytest.mark.parametrize("array", [np.ones((4, 6)), np.ones((4, 6)).T, np.ones((4, 6))[:, ::2], np.ones(3, complex), np.zeros(0)])
def test_every_bit_is_compared(array):
    same = unaltered(array)
    assert same()
    for place in np.ndindex(array.shape):
        before, array[place] = array[place], np.nan
        assert not same()
        array[place] = -before
        assert not same()
        array[place] = before
        assert same()


def test_memory_written_before_native_code_is_ready_does_not_spoil_it(monkeypatch):
    from tape.compile import variant

    tasks = []
    monkeypatch.setattr(variant, "later", tasks.append)
    weights = torch.ones(LARGE, dtype=torch.float64)
    compiled, x = tape.compile(lambda x: (x * weights).sum()), np.linspace(1.0, 2.0, LARGE)
    compiled(x)
    written(weights, 0.5)
    tasks.pop()()
    (made,) = next(iter(compiled.signatures.values())).variants
    assert made.native is None and made.candidate is not None and "held against the first tier" in compiled.explain()
    np.testing.assert_allclose(compiled(x), 1.5 * x.sum())
    assert made.tier is made.native is not None and made.candidate is None and not made.problems


def test_native_code_that_differs_at_calls_is_given_up(monkeypatch):
    from tape.compile import variant
    from tape.compile.native.build import Native

    tasks, run = [], Native.run
    monkeypatch.setattr(variant, "later", tasks.append)
    monkeypatch.setattr(Native, "run", lambda self, arguments: [v + 1.0 for v in run(self, arguments)])  # a planted fault
    weights = torch.ones(LARGE, dtype=torch.float64)
    compiled, x = tape.compile(lambda x: (x * weights).sum()), np.linspace(1.0, 2.0, LARGE)
    compiled(x)
    tasks.pop()()
    for _ in range(variant.TRIALS + 1):
        np.testing.assert_allclose(compiled(x), x.sum())
    (made,) = next(iter(compiled.signatures.values())).variants
    assert made.native is None and made.candidate is None and "native tier: output 0" in made.problems[0]


def other_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_another_thread_may_use_a_tensor_that_is_being_recorded():
    weights, seen, ran = torch.ones(LARGE, dtype=torch.float64), [], []

    def f(x):
        ran.append(1)
        if len(ran) == 1:
            other_thread(lambda: seen.append((weights + 1.0).sum().item()))
        return (x * weights).sum()

    compiled = tape.compile(f, native=False)
    for _ in range(4):
        assert compiled(2.0) == 2.0 * LARGE
    assert seen == [2.0 * LARGE]
    assert len(ran) in (2, 4), compiled.explain()  # recorded anew, or `ran` counts as changed by each call
    assert type(weights._v) is np.ndarray


def test_two_recordings_of_one_tensor(monkeypatch):
    monkeypatch.setattr(module, "WAIT", 0.01)  # the first waits for the second
    weights, results = torch.ones(LARGE, dtype=torch.float64), []
    inner = tape.compile(lambda x: (x + weights).sum(), native=False)
    calls = iter([lambda: results.append(inner(1.0))])

    def outer(x):
        for call in calls:
            other_thread(call)
        return (x * weights).sum()

    compiled = tape.compile(outer, native=False)
    for k in range(3):
        assert compiled(2.0) == 2.0 * LARGE + k * 2.0 * LARGE
        assert inner(1.0) == (2.0 + k) * LARGE
        written(weights, 1.0)
    assert results == [2.0 * LARGE] and type(weights._v) is np.ndarray


def test_many_threads_record_functions_of_one_tensor():
    weights, slopes = torch.ones(LARGE, dtype=torch.float64), torch.ones(50, dtype=torch.float64, requires_grad=True)
    functions = [tape.compile(lambda x, k=k: (x * weights).sum() * k + (slopes * x).sum(), native=False) for k in range(6)]
    wrong = []

    def work(k):
        for _ in range(4):
            x = torch.tensor(2.0, requires_grad=True, dtype=torch.float64)
            (slope,) = torch.autograd.grad(functions[k](x), x)
            found = functions[k](2.0), slope.item(), (weights.sum() * 2.0).item()
            if found != (2.0 * (k * LARGE + 50), k * LARGE + 50.0, 2.0 * LARGE):
                wrong.append((k, found))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and all("eagerly" not in f.explain() for f in functions)
    assert type(weights._v) is type(slopes._v) is np.ndarray
