"""Compiled functions in other processes and in several threads: pickles, fork and spawn, SciPy's `workers=`, concurrent calls."""

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime, differential_evolution, rosen, rosen_der

import tape
from tape.optimize import objective

METHODS = [m for m in ("fork", "spawn", "forkserver") if m in multiprocessing.get_all_start_methods()]
RUNS = []


def rosenbrock(x):
    RUNS.append(None)
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def scaled(x, factor):
    return factor * rosenbrock(x)


class Scaled:
    """A callable object with state."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, x):
        return self.factor * rosenbrock(x)


compiled = tape.compile(rosenbrock)


@tape.compile
def decorated(x):
    return (x * x).sum()


POINTS = np.random.default_rng(0).uniform(-2, 2, (12, 4))




@pytest.mark.parametrize("method", METHODS)
def test_pools_of_every_kind(method):
    gradient = objective(rosenbrock)
    compiled(POINTS[0]), gradient(POINTS[0])  # recorded here before a fork
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
        values = list(pool.map(compiled, POINTS, timeout=300))
        both = list(pool.map(gradient, POINTS[:3], timeout=300))
    np.testing.assert_allclose(values, [rosen(x) for x in POINTS], rtol=1e-13)
    for x, (value, slopes) in zip(POINTS, both, strict=False):
        assert value == pytest.approx(rosen(x), rel=1e-13)
        np.testing.assert_allclose(slopes, rosen_der(x), rtol=1e-12)


def test_a_function_sent_again_and_again_is_recorded_once_a_process():
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
        assert list(pool.map(partial(_call, compiled), [POINTS[0]] * 5)) == [rosen(POINTS[0])] * 5
        before = list(pool.map(_count, [None]))
        list(pool.map(partial(_call, compiled), POINTS))
        assert list(pool.map(_count, [None])) == before


def _call(function, x):
    return function(x)


def _count(_):
    return len(RUNS)


def test_differential_evolution_with_workers():
    def run(fun, **options):
        return differential_evolution(fun, [(-2, 2)] * 3, rng=1, maxiter=20, updating="deferred", polish=False, **options)

    here, there = run(compiled), run(compiled, workers=2)
    np.testing.assert_array_equal(here.x, there.x)
    plain = run(rosen)
    assert there.fun == pytest.approx(plain.fun, rel=1e-9)


def test_differences_with_workers():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        found = approx_fprime(POINTS[0], compiled)
        spread = np.array(list(pool.map(compiled, POINTS[0] + 1.5e-8 * np.eye(4))))
    np.testing.assert_allclose((spread - compiled(POINTS[0])) / 1.5e-8, found, rtol=1e-4)


def test_a_spawned_process_of_a_script(tmp_path):
    """As a user would have it: a script of its own, guarded main, workers that import it anew."""
    script = tmp_path / "fit.py"
    script.write_text(
        "import multiprocessing\n"
        "import numpy as np\n"
        "import tape\n"
        "@tape.compile\n"
        "def f(x):\n"
        "    return ((x - 1.0) ** 2).sum()\n"
        "if __name__ == '__main__':\n"
        "    from scipy.optimize import differential_evolution\n"
        "    with multiprocessing.get_context('spawn').Pool(2) as pool:\n"
        "        found = differential_evolution(f, [(-3, 3)] * 2, rng=0, maxiter=15, updating='deferred', workers=pool.map)\n"
        "    print(np.abs(found.x - 1).max() < 1e-3)\n"
    )
    house = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "PYTHONPATH": house}
    )
    assert done.returncode == 0 and done.stdout == "True\n", done.stderr


# Pickles.


@pytest.mark.parametrize("function", [rosenbrock, partial(scaled, factor=2.0), Scaled(3.0)], ids=["function", "partial", "object"])
def test_pickles_keep_function_and_options(function):
    held = tape.compile(function, native=False)
    value = held(POINTS[0])
    again = pickle.loads(pickle.dumps(held))
    assert again(POINTS[0]) == value and again.options == held.options


def test_a_decorated_function_pickles():
    again = pickle.loads(pickle.dumps(decorated))
    assert again(np.array([1.0, 2.0])) == 5.0


def test_pickled_objects_do_not_share_state():
    held = tape.compile(Scaled(3.0), native=False)
    first, second = (pickle.loads(pickle.dumps(held)) for _ in range(2))
    first.fn.factor = 5.0
    value = rosen(POINTS[0])
    assert [f(POINTS[0]) for f in (held, first, second)] == pytest.approx([3 * value, 5 * value, 3 * value])


def test_what_does_not_pickle_says_so():
    with pytest.raises((pickle.PicklingError, AttributeError), match="lambda"):
        pickle.dumps(tape.compile(lambda x: x))


# Threads.


def hammer(function, check, threads=4, calls=150):
    """Call from several threads at once; every result is checked."""
    barrier, wrong = threading.Barrier(threads), []

    def work(seed):
        rng = np.random.default_rng(seed)
        barrier.wait()
        for _ in range(calls):
            problem = check(function, rng)
            if problem is not None:
                wrong.append(problem)

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(work, seed) for seed in range(threads)]:
            done.result(timeout=300)
    assert not wrong, f"{len(wrong)} wrong results, the first: {wrong[0]}"


@pytest.mark.parametrize("native", [True, False])
def test_threads_call_one_function(native):
    def check(function, rng):
        x = rng.uniform(-2, 2, rng.integers(2, 6))  # several signatures, recorded while others replay
        value, slopes = function(x)
        good = np.isclose(value, rosen(x), rtol=1e-12) and np.allclose(slopes, rosen_der(x), rtol=1e-9)
        return None if good else (x, value, slopes)

    hammer(objective(rosenbrock, native=native), check)


def test_threads_with_branches():
    def branching(x):
        total = x[0] * 0.0
        for t in x:
            total = total + (t * t if t > 0 else tape.exp(t))
        return total

    def check(function, rng):
        x = rng.uniform(-1, 1, 4)
        value, slopes = function(x)
        good = np.isclose(value, np.where(x > 0, x * x, np.exp(x)).sum()) and np.allclose(slopes, np.where(x > 0, 2 * x, np.exp(x)))
        return None if good else (x, value, slopes)

    hammer(tape.compile(tape.func.value_and_grad(branching)), check, calls=60)


def test_threads_with_arrays():
    """Blocked and fused loops have scratch memory: it must not be shared between calls that run at once."""
    matrix = np.random.default_rng(5).standard_normal((60, 40))

    def energy(x):
        return (np.tanh(matrix @ x) ** 2).sum() + (np.exp(-x * x)).sum()

    def check(function, rng):
        x = rng.standard_normal(40)
        value, slopes = function(x)
        t = np.tanh(matrix @ x)
        good = np.isclose(value, (t * t).sum() + np.exp(-x * x).sum()) and np.allclose(
            slopes, matrix.T @ (2 * t * (1 - t * t)) - 2 * x * np.exp(-x * x)
        )
        return None if good else value

    for native in (True, False):
        hammer(tape.compile(tape.func.value_and_grad(energy), native=native), check)


def test_threads_with_tensors_that_require_grad():
    def check(function, rng):
        x = tape.tensor(rng.uniform(-2, 2, 3), requires_grad=True)
        y = function(x)
        (slopes,) = tape.autograd.grad(y, x)
        good = np.isclose(y.item(), rosen(x.detach().numpy())) and np.allclose(slopes.numpy(), rosen_der(x.detach().numpy()))
        return None if good else y

    hammer(tape.compile(rosenbrock), check, calls=40)


def test_the_process_ends_while_native_code_is_made():
    text = (
        "import numpy as np, tape\n"
        "for n in range(2, 8):\n"
        "    f = tape.compile(lambda x: np.sin(x).cumsum(0).sum() * n)\n"
        "    f(np.ones(n))\n"
    )
    house = str(Path(__file__).parents[1])
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", text], capture_output=True, text=True, timeout=300, check=False, env={**os.environ, "PYTHONPATH": house}
        )
        assert done.returncode == 0, done.stderr


DYING = """
import numpy as np
import tape

f = tape.compile(lambda x: (x * x).sum() * 2.0)
f(np.ones(3)), f.wait(30)
(entry,) = [v.native.entry for s in f.signatures.values() for v in s.variants]
assert entry(np.ones(3)) is not None
owner = entry.__self__
del f
owner.__dict__.clear()  # what the collector does to what it finds in a cycle, in any order
del owner, entry
print("alive")
"""


def test_a_program_may_die_after_what_it_owns():
    """Freed memory is overwritten with a pattern that a function's description must not have: read at its death, it crashed."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONMALLOC": "malloc", "MALLOC_PERTURB_": "170"}
    done = subprocess.run([sys.executable, "-c", DYING], capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert done.returncode == 0 and done.stdout == "alive\n", done.stderr
