"""The contract of `tape.compile`: arguments and results of every kind, state outside, one row on the caller's tape, and what it tells.

Guards have a file of their own. `compiled(f)` has no native code; `counted(f)` gives the function and a list with an entry a run.
"""

import dataclasses
import threading

import numpy as np
import pytest

import tape
import tape as torch
from tape import func


def compiled(fn, **options):
    return tape.compile(fn, native=False, **options)


def counted(fn):
    runs = []

    def run(*args, **kwargs):
        runs.append(1)
        return fn(*args, **kwargs)

    return run, runs


@dataclasses.dataclass
class Point:
    x: object
    y: object


ARGUMENTS = {
    "float": (lambda x: x * 2, (1.5,), 3.0), "array": (lambda x: x * 2, (np.ones(2),), np.full(2, 2.0)),
    "NumPy number": (lambda x: x * 2, (np.float64(1.5),), 3.0), "integers": (lambda x: x * 2, (np.arange(3),), np.arange(3) * 2),
    "int": (lambda x, k: x**k, (np.ones(2) * 2, 3), np.full(2, 8.0)), "single": (lambda x: x * 2, (np.ones(2, np.float32),), np.full(2, 2, np.float32)),
    "tuple": (lambda p: p[0] * p[1], ((2.0, np.ones(2)),), np.full(2, 2.0)), "list": (lambda p: p[0] + p[1][0], ([1.0, [2.0]],), 3.0),
    "dict": (lambda p: p["a"] * p["b"], ({"a": 2.0, "b": 3.0},), 6.0), "dataclass": (lambda p: p.x - p.y, (Point(2.0, 3.0),), -1.0),
    "string": (lambda x, how: x * 2 if how == "twice" else x, (1.0, "twice"), 2.0), "None": (lambda x, y: x if y is None else y, (1.0, None), 1.0),
    "strided": (lambda x: x * 2, (np.arange(6.0)[::2],), np.array([0.0, 4.0, 8.0])), "empty": (lambda x: x * 2, (np.zeros(0),), np.zeros(0)),
    "Fortran": (lambda x: x.T, (np.arange(6.0).reshape(2, 3),), np.arange(6.0).reshape(2, 3).T), "booleans": (lambda x: x.sum(), (np.array([True, True]),), 2),
    "unchanged": (lambda x: x, (np.arange(3.0),), np.arange(3.0)), "constant": (lambda x: torch.ones(2), (1.0,), np.ones(2)),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments_and_results(name):
    fn, args, expected = ARGUMENTS[name]
    run, runs = counted(fn)
    f = compiled(run)
    for _ in range(3):
        found = f(*args)
        assert type(found) is type(expected) and np.asarray(found).dtype == np.asarray(expected).dtype
        np.testing.assert_array_equal(found, expected)
        if isinstance(found, np.ndarray):
            assert found.flags.c_contiguous and not any(np.may_share_memory(found, a) for a in args if isinstance(a, np.ndarray))
            found[...] = 7
    assert len(runs) == 1, f.explain()


def test_results_of_every_structure():
    f = compiled(lambda x: {"a": [x * 2, (x.sum(), 3)], "b": None, "c": "text", "p": Point(x, 2.5)})
    for k in (1.0, 2.0, 3.0):
        found = f(np.array([k, 1.0]))
        assert found["b"] is None and found["c"] == "text" and found["a"][1] == (k + 1, 3) and found["p"].y == 2.5
        assert found["a"][0].tolist() == [2 * k, 2.0] and found["p"].x.tolist() == [k, 1.0]


def test_tensors_give_tensors_of_their_own():
    f = compiled(lambda x: (x * 2, torch.zeros(2)))
    for _ in range(3):
        doubled, zeros = f(torch.ones(2))
        assert isinstance(doubled, torch.Tensor) and doubled.tolist() == [2.0, 2.0]
        doubled.mul_(5)


def test_each_kind_of_arguments_has_programs_of_its_own():
    run, runs = counted(lambda x: x * 2)
    f = compiled(run)
    kinds = [np.ones(2), np.ones(3), np.ones((2, 1)), np.ones(2, np.float32), np.ones(2, int), 1.0, torch.ones(2)]
    for value in [*kinds, *kinds]:
        f(value)
    assert len(runs) == len(kinds) == len(f.signatures)


def test_decorators_and_methods():
    @tape.compile
    def plain(x):
        """Twice."""
        return x * 2

    @tape.compile(native=False, limit=3)
    def other(x):
        return x * 3

    class Model:
        def __init__(self, w):
            self.w = w

        @tape.compile(native=False)
        def __call__(self, x):
            return x * self.w

    two, five = Model(2.0), Model(5.0)
    for x in (1.0, 2.0, 3.0):
        assert (plain(x), other(x), two(x), five(x)) == (2 * x, 3 * x, 2 * x, 5 * x)
    two.w = 4.0
    assert (two(1.0), five(1.0)) == (4.0, 5.0)
    assert plain.__doc__ == "Twice." and plain.__name__ == "plain" and other.options.limit == 3
    with pytest.raises(TypeError, match="unknown options"):
        tape.compile(lambda x: x, speed=3)
    with pytest.raises(TypeError, match="wanted a function"):
        tape.compile(3)


SCALE = 2.0


def test_state_outside(monkeypatch):
    cell, held = 3.0, {"w": np.ones(2), "b": [1.0]}
    f = compiled(lambda x: x * SCALE * cell + held["w"][0] + held["b"][0])
    assert f(1.0) == 8.0 and f(2.0) == 14.0
    monkeypatch.setitem(globals(), "SCALE", 1.0)
    assert f(1.0) == 5.0
    cell = 5.0
    assert f(1.0) == 7.0
    held["w"][0] = 10.0
    assert f(1.0) == 16.0
    held["b"].insert(0, 2.0)
    assert f(1.0) == 17.0


def test_random_numbers_are_drawn_each_time():
    f = compiled(lambda x: x * torch.rand(3))
    assert len({tuple(f(np.ones(3))) for _ in range(5)}) == 5
    assert "random" in f.explain()


def test_writes_to_arguments():
    def fn(x):
        x.mul_(2)
        return x.sum()

    x = np.ones(2)
    f = compiled(fn)
    assert [f(x), f(x)] == [4.0, 4.0] and x.tolist() == [1.0, 1.0]
    g, t = compiled(fn), torch.ones(2)
    assert [float(g(t)), float(g(t))] == [4.0, 8.0] and t.tolist() == [4.0, 4.0]


def test_a_row_on_the_callers_tape_with_derivatives_of_every_order():
    run, runs = counted(lambda x, y: (x**3 * y).sum())
    f = compiled(run)
    for values in ([1.0, 2.0], [3.0, -1.0]):
        x, y = torch.tensor(values, requires_grad=True), torch.tensor(2.0, requires_grad=True)
        z = f(x, y)
        assert z.grad_fn is not None
        (first,) = torch.autograd.grad(z, x, create_graph=True)
        (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
        (third,) = torch.autograd.grad(second.sum(), x)
        for found, expected in ((first, 6 * x**2), (second, 12 * x), (third, 12 + 0 * x)):
            np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-14)
        f(x, y).backward()
        np.testing.assert_allclose(y.grad.numpy(), (x.detach() ** 3).sum().numpy())
    assert len(runs) == 1
    with torch.no_grad():
        assert not f(x, y).requires_grad


def test_captured_parameters_are_trained():
    w, b = torch.ones(2, 2, requires_grad=True), torch.zeros(2, requires_grad=True)
    run, runs = counted(lambda x: ((x @ w + b - 1) ** 2).sum())
    f, losses = compiled(run), []
    x = torch.tensor([[0.5, -1.0], [0.25, 0.75]])
    for _ in range(30):
        loss = f(x)
        losses.append(loss.item())
        loss.backward()
        expected = torch.autograd.grad(((x @ w + b - 1) ** 2).sum(), [w, b])
        np.testing.assert_allclose(w.grad.numpy(), expected[0].numpy(), rtol=1e-12)
        np.testing.assert_allclose(b.grad.numpy(), expected[1].numpy(), rtol=1e-12)
        with torch.no_grad():
            for p in (w, b):
                p -= 0.1 * p.grad
                p.grad = None
    assert losses[-1] < 0.05 * losses[0] and len(runs) == 1


def test_captured_tensors_are_read_anew():
    w = torch.ones(2)
    run, runs = counted(lambda x: (x * w).sum())
    f = compiled(run)
    for k in range(8):
        assert f(np.array([1.0, 2.0])) == 3.0 * 2**k
        w.mul_(2)
    assert len(runs) == 2


def test_nested_compiled_functions():
    inner_run, inner_runs = counted(lambda x: torch.sin(x).sum())
    inner = compiled(inner_run)
    run, runs = counted(lambda x: x * inner(x) + inner(2.0))
    f = compiled(run)
    for x in (np.ones(2), np.array([0.5, 2.0])):
        np.testing.assert_allclose(f(x), x * np.sin(x).sum() + np.sin(2.0), rtol=1e-15)
    assert len(runs) == 1 and len(inner_runs) == 2


def rosen(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


TRANSFORMS = {
    "grad": func.grad(rosen), "value_and_grad": func.value_and_grad(rosen), "hessian": func.hessian(rosen), "jacfwd": func.jacfwd(lambda x: x**2 * x[0]),
    "jacrev": func.jacrev(lambda x: x**2 * x[0]), "jvp": lambda x: func.jvp(rosen, (x,), (torch.ones(3),)), "hvp": lambda x: func.hvp(rosen, (x,), (torch.ones(3),)),
    "vjp": lambda x: func.vjp(rosen, x)[1](torch.ones(()))[0], "grad of grad": func.grad(lambda x: func.grad(rosen)(x)[0]),
}  # fmt: skip


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms(name):
    run, runs = counted(TRANSFORMS[name])
    f = compiled(run)
    for x in (np.array([0.5, -1.0, 2.0]), np.array([1.0, 1.0, 1.0]), np.array([-0.25, 3.0, 0.0])):
        found, expected = func.structures.flatten(f(x))[0], func.structures.flatten(TRANSFORMS[name](torch.tensor(x)))[0]
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(a, b.numpy(), rtol=1e-13)
    assert len(runs) == 1


def test_calls_from_several_threads():
    f, wrong = compiled(lambda x: torch.sin(x).cumsum(0) * (x if x[0] > 0 else -x)), []

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(60):
            x = rng.standard_normal(50)
            if not np.allclose(f(x), np.sin(x).cumsum() * (x if x[0] > 0 else -x), rtol=1e-12):
                wrong.append(x)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_it_tells():
    f = compiled(func.value_and_grad(rosen))
    assert "not called" in f.explain()
    with pytest.raises(RuntimeError, match="call it first"):
        f.show()
    x = np.array([0.5, -1.0, 2.0])
    value, gradient = f(x)
    f(x)
    assert "1 recordings" in f.explain() and "rows recorded" in f.explain() and "tier" in f.explain()
    assert "test_compile_function.py:" in f.show() and "input 0" in f.show()
    space = {}
    exec(f.to_python(), space)
    (written,) = [each for name, each in space.items() if callable(each) and name not in ("strong",) and not name.startswith("_")][-1:]
    found = written(x)
    np.testing.assert_allclose(found[0], value, rtol=1e-14)
    np.testing.assert_allclose(found[1], gradient, rtol=1e-14)
