"""Guards of compiled functions: what a function looked at is looked at again, and both ways are kept.

Each function counts its runs in `runs`; `compiled(f)` has no native code, so that a test means the recording and not the machine.
"""

import math

import numpy as np
import pytest

import tape
import tape as torch
from tape import func


def compiled(fn, **options):
    return tape.compile(fn, native=False, **options)


def counted(fn):
    """The function, and a list that has an entry a run."""
    runs = []

    def run(*args):
        runs.append(1)
        return fn(*args)

    return run, runs


def countdown(x):
    count = 0
    while x > 1:
        x, count = x / 2, count + 1
    return x + count


def deeper(x, depth=0):
    return x if x < 0 or depth > 5 else deeper(x - 1.0, depth + 1) * 2


BRANCHES = {
    "if": (lambda x: x * 2 if x > 0 else x.exp(), [1.0, -1.0, 2.0, -2.0], 2),
    "two ifs": (lambda x: (x if x > 0 else -x) * (2 if x > 1 else 3), [0.5, 2.0, -1.0, 3.0, 0.25, -2.0], 3),
    "equal": (lambda x: x + 1 if x == 2 else x, [2.0, 1.0, 2.0, 5.0], 2),
    "not": (lambda x: x if not x else 1 / x, [0.0, 2.0, 4.0, 0.0], 2),
    "and": (lambda x: x if x > 0 and x < 1 else -x, [0.5, 2.0, -1.0, 0.25, 3.0, -3.0], 3),
    "while": (countdown, [0.5, 3.0, 3.5, 0.25, 9.0, 15.0], 3),
    "recursion": (deeper, [-1.0, 0.5, 0.25, 2.5, -3.0], 3),
    "max": (lambda x: max(x, 2 - x), [0.0, 3.0, 0.5, 5.0], 2),
    "floor": (lambda x: x * math.pi ** int(torch.floor(x)), [1.5, 2.5, 1.25, 2.75], 2),
    "float of a comparison": (lambda x: x * float(x > 0), [1.0, -1.0, 2.0], 2),
    "rounded": (lambda x: x * torch.floor(x).item(), [1.5, 2.5, 1.25, 2.75], 2),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_both_paths_are_kept_and_chosen(name):
    fn, points, paths = BRANCHES[name]
    run, runs = counted(fn)
    f = compiled(run)
    for x in [*points, *points]:
        assert f(x) == float(fn(torch.tensor(x)))
    assert len(runs) == paths, f.explain()


VECTORS = {
    "mask": (lambda x: x[x > 0].sum() * x[0], [[1.0, -1, 2], [2.0, -2, 1], [1.0, 1, 1], [-1.0, 2, -3], [2.0, 3, 4]], 3),
    "nonzero": (lambda x: x[torch.nonzero(x > 0)[:, 0]] * 2, [[1.0, -1, 2], [2.0, -2, 1], [1.0, 1, 1]], 2),
    "tolist": (lambda x: x * len(set((x > 0).tolist())), [[1.0, -1, 2], [2.0, -2, 1], [1.0, 1, 1], [3.0, 1, 1]], 2),
    "asarray": (lambda x: x * np.asarray(x > 0).sum(), [[1.0, -1, 2], [2.0, -2, 1], [1.0, 1, 1]], 2),
    "numpy": (lambda x: x * int((x > 0).numpy().sum()), [[1.0, -1, 2], [2.0, -2, 1], [1.0, 1, 1]], 2),
    "an index": (lambda x: [x.sum(), x.prod(), x.max()][x.argmax()], [[1.0, -1, 0], [2.0, -2, 1], [0.0, 1, 0], [0.0, 3, 1]], 2),
    "a Tensor as index": (lambda x: x[x.argmax()] * 2, [[1.0, -1, 0], [0.0, 3, 1], [2.0, 0, 1]], 2),
    "any": (lambda x: x * 2 if (x > 1).any() else x, [[1.0, -1, 0], [2.0, -2, 1], [0.0, 5, 0]], 2),
    "range of an int": (lambda x: sum(x[k] for k in range(int(x[0]))), [[1.0, 2, 3], [3.0, 5, 6], [1.0, 4, 4], [3.0, 1, 1]], 2),
}


@pytest.mark.parametrize("name", VECTORS)
def test_values_that_decide_about_arrays(name):
    fn, points, paths = VECTORS[name]
    run, runs = counted(fn)
    f = compiled(run)
    for x in map(np.array, [*points, *points]):
        np.testing.assert_array_equal(f(x), fn(torch.tensor(x)).numpy())
    assert len(runs) == paths, f.explain()


def test_structures_may_differ_between_paths():
    f = compiled(lambda x: (x, {"a": x * 2}) if x > 0 else [x])
    assert [f(x) for x in (1.0, -1.0, 2.0, -2.0)] == [(1.0, {"a": 2.0}), [-1.0], (2.0, {"a": 4.0}), [-2.0]]


def test_a_number_that_leaves_the_tape_is_never_frozen():
    run, runs = counted(lambda x: x * math.sin(float(x)))
    f = compiled(run)
    points = [0.1 * k for k in range(12)]
    assert [f(x) for x in points] == [x * math.sin(x) for x in points]
    assert len(runs) == len(points)
    told = f.explain()
    assert "runs eagerly" in told and "test_compile_guards.py:" in told and "tape.sin(x), not math.sin(float(x))" in told


def test_few_values_of_a_number_do_not_make_it_eager():
    run, runs = counted(lambda x, scale: x * float(scale))
    f = compiled(run)
    for k in range(30):
        assert f(2.0 + k, float(k % 3)) == (2.0 + k) * (k % 3)
    assert len(runs) == 3 and "eagerly" not in f.explain()


def test_the_cache_is_bounded():
    run, runs = counted(lambda x: x * 2 if x > 1 else x * 3 if x > 0 else x * 4)
    f = compiled(run, limit=2)
    for x in (2.0, 0.5, -1.0, 2.0, 0.5, -1.0):
        assert f(x) == x * (2 if x > 1 else 3 if x > 0 else 4)
        assert all(len(s.variants) <= 2 for s in f.signatures.values())
    assert len(runs) > 3


def test_an_error_leaves_everything_as_it_was():
    def fn(x):
        if x > 10:
            raise KeyError("large")
        return x * 2

    f = compiled(fn)
    for _ in range(2):
        with pytest.raises(KeyError, match="large"):
            f(11.0)
    assert tape.is_grad_enabled() and tape.state.STATE.trace is None
    assert f(1.0) == 2.0
    with pytest.raises(KeyError):
        f(12.0)
    assert f(3.0) == 6.0
    x = torch.tensor(2.0, requires_grad=True)
    (x * x).backward()
    assert x.grad == 4.0


def test_an_error_on_a_new_path_leaves_the_old_one():
    f = compiled(lambda x: x * 2 if x > 0 else torch.ones(3) @ torch.ones(4))
    assert f(1.0) == 2.0
    with pytest.raises(RuntimeError):
        f(-1.0)
    assert f(2.0) == 4.0


def test_audit_catches_what_was_frozen(monkeypatch):
    from tape.compile.recording import Recording

    monkeypatch.setattr(Recording, "value", lambda self, x, asked: x.now)
    f = compiled(lambda x: x * math.sin(float(x)), audit=True)
    assert f(1.0) == math.sin(1.0)
    with pytest.raises(RuntimeError, match="audit"):
        f(2.0)


def test_a_place_named_twice_by_an_argument_adds_up():
    x, places = np.arange(4.0), np.array([1, 0, 1, 1])
    f = compiled(tape.func.grad(lambda x, places: (x[places] * torch.arange(4.0)).sum()))
    for _ in range(2):
        np.testing.assert_array_equal(f(x, places), [1.0, 5.0, 0.0, 0.0])
    g = compiled(lambda x, places: torch.zeros(4).scatter_add(0, places, x))
    for _ in range(2):
        np.testing.assert_array_equal(g(x, places), [1.0, 5.0, 0.0, 0.0])


def test_asarray_of_a_tensor_is_a_guard():
    f = compiled(lambda x: x * float(np.asarray(x.detach()).round().sum()))
    for x in (np.array([1.25, 2.0]), np.array([3.0, 2.0]), np.array([1.25, 2.0])):
        np.testing.assert_array_equal(f(x), x * x.round().sum())


def test_zero_times_infinity_where_a_branch_was_not_taken():
    def fn(x):
        return torch.where(x > 0, torch.sqrt(x), 0.0).sum() + (x * 0.0).sum()

    f = compiled(tape.func.value_and_grad(fn))
    for x in ([1.0, 4.0], [-1.0, 4.0], [0.0, 1.0], [np.inf, 1.0], [np.nan, 0.0]):
        value, gradient = tape.func.value_and_grad(fn)(torch.tensor(x))
        for _ in range(2):
            mine = f(np.array(x))
            np.testing.assert_array_equal(mine[0], float(value))
            np.testing.assert_array_equal(mine[1], gradient.numpy())


def test_the_second_derivative_does_not_depend_on_infinities_elsewhere():
    def fn(x):
        return (torch.where(x > 0, torch.sqrt(x), 0.0) * (x - 1)).sum()

    for first in (0.0, 4.0):
        assert tape.func.hessian(fn)(torch.tensor([first, 1.0]))[1, 1] == 1.0


def test_a_derivative_that_looks_at_values():
    run, runs = counted(lambda x: x.prod())
    f = compiled(run)
    for values in ([1.0, 2.0, 3.0], [0.0, 2.0, 3.0], [4.0, 0.0, 0.0], [0.0, 5.0, 3.0], [2.0, 2.0, 5.0]):
        x = torch.tensor(values, requires_grad=True)
        found = []
        for fn in (f, torch.prod):
            (first,) = torch.autograd.grad(fn(x), x, create_graph=True)
            found.append((first, *torch.autograd.grad(first.sum(), x)))
        for mine, theirs in zip(*found, strict=True):
            np.testing.assert_allclose(mine.detach().numpy(), theirs.detach().numpy())
    assert len(runs) <= 3


def test_second_derivatives_where_a_branch_was_not_taken():
    def fn(x):
        inner = x[1] * x + x[0]
        return torch.where(inner > 0, torch.sqrt(inner), 0.0).sum()

    values = [0.0, -1.0, -1.0, 2.0]
    direction = torch.ones(4)
    product = compiled(lambda x: func.hvp(fn, (x,), (direction,))[0])
    expected = func.hvp(fn, (torch.tensor(values),), (direction,))[0].numpy()
    assert np.isfinite(expected).all()
    for _ in range(2):
        np.testing.assert_array_equal(product(np.array(values)), expected)
    x = torch.tensor(values, requires_grad=True)
    (first,) = torch.autograd.grad(compiled(fn)(x), x, create_graph=True)
    np.testing.assert_array_equal(torch.autograd.grad(first, x, direction)[0].numpy(), expected)


def test_two_numbers_that_leave_and_come_back():
    def fn(x, w):
        return x * float(np.asarray(x.clone()).round().sum()) + (-w[0]).item()

    run, runs = counted(fn)
    f = compiled(run)
    first, second = (np.array([1.0, -1.0, 2.0]), np.array([0.5, 2.0])), (np.array([3.0, 1.0, 2.0]), np.array([0.25, 2.0]))
    for given in (first, second, first, second, first):
        f(*given)
    assert len(runs) == 2


@pytest.mark.parametrize("leave", [lambda x: math.sin(float(x.log()[0])), lambda x: x.log().tolist()[1], lambda x: x.float().log()[0].item()])
def test_a_nan_that_leaves_is_a_nan_whatever_its_sign(leave):
    for native in (False, True):
        run, runs = counted(lambda x: x * leave(x))
        f = tape.compile(run, native=native)
        for _ in range(3):
            np.testing.assert_array_equal(f(np.array([-1.0, 2.0])), run(torch.tensor([-1.0, 2.0])).numpy())
            f.wait(20)
        assert len(runs) == 1 + 3 and "tier: program" not in f.explain() and "missed" not in f.explain()
