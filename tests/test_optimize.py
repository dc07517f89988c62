"""`tape.optimize.minimize` and `objective`: every method of SciPy, what each is supplied with, constraints, and what the user supplies."""

import math
import pickle
import warnings

import numpy as np
import pytest
from scipy import optimize as scipy_optimize
from scipy.optimize import Bounds, LinearConstraint, NonlinearConstraint

import tape
from tape.optimize import minimize, objective
from tape.optimize.scalar import GRADIENT, MATRIX, PRODUCT, VALUE

pytestmark = pytest.mark.filterwarnings("error")
START = [1.3, 0.7, 0.8]


def rosenbrock(x):
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def counted(function):
    runs = []

    def run(*args):
        runs.append(None)
        return function(*args)

    return run, runs


# Every method.


@pytest.mark.parametrize("method", [*GRADIENT, *PRODUCT, *MATRIX, *VALUE])
def test_every_method_finds_the_minimum_without_a_warning(method):
    start = [1.1, 1.15, 1.3] if method == "dogleg" else START  # which wants a positive definite Hessian on the way
    fun, runs = counted(rosenbrock)
    options = {"maxiter": 3000} if method in ("nelder-mead", "powell", "cobyla") else {}
    found = minimize(fun, start, method=method, tol=1e-8, options=options)
    np.testing.assert_allclose(found.x, 1.0, atol=0.2 if method == "cobyla" else 1e-4)  # COBYLA is slow along curved valleys
    assert isinstance(found, scipy_optimize.OptimizeResult) and found.x.dtype == np.float64
    assert len(runs) == (2 if method in PRODUCT + MATRIX else 1), "fun runs once for each program"


@pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"])
def test_steps_are_those_of_scipy_with_the_gradient_by_hand(method):
    ours = minimize(rosenbrock, START, method=method)
    by_hand = scipy_optimize.minimize(scipy_optimize.rosen, START, jac=scipy_optimize.rosen_der, method=method)
    np.testing.assert_allclose(ours.x, by_hand.x, atol=1e-5)
    assert abs(ours.nfev - by_hand.nfev) <= 3 and ours.success == by_hand.success


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov", "trust-exact", "trust-constr"])
def test_second_derivatives_are_those_by_hand(method):
    given = {"jac": scipy_optimize.rosen_der, "hess": scipy_optimize.rosen_hess}
    if method not in MATRIX + ("trust-exact",):
        given = {"jac": scipy_optimize.rosen_der, "hessp": scipy_optimize.rosen_hess_prod}
    by_hand = scipy_optimize.minimize(scipy_optimize.rosen, START, method=method, **given)
    ours = minimize(rosenbrock, START, method=method)
    np.testing.assert_allclose(ours.x, by_hand.x, atol=1e-5)
    assert abs(ours.nit - by_hand.nit) <= 2


def test_the_default_method_is_scipys():
    free, bounded = minimize(rosenbrock, START), minimize(rosenbrock, START, bounds=[(0, 2)] * 3)
    assert "hess_inv" in free and isinstance(free.hess_inv, np.ndarray)  # BFGS
    assert type(bounded.hess_inv).__name__ == "LbfgsInvHessProduct"
    tied = minimize(rosenbrock, START, constraints={"type": "eq", "fun": lambda x: x.sum() - 3.0})
    np.testing.assert_allclose(tied.x, 1.0, atol=1e-3)


def test_a_method_of_ones_own_gets_gradient_and_products():
    def descend(fun, x0, args=(), jac=None, hessp=None, **others):
        x = np.array(x0)
        for _ in range(50):
            g = jac(x)
            x = x - g * (g @ g) / (g @ hessp(x, g))
        return scipy_optimize.OptimizeResult(x=x, fun=fun(x), success=True)

    found = minimize(lambda x: (x * x * np.array([1.0, 3.0])).sum(), [3.0, 4.0], method=descend)
    np.testing.assert_allclose(found.x, 0.0, atol=1e-8)


# Writing objectives.


def test_an_objective_that_runs_eagerly_gives_the_same():
    def drawn(x):
        return (x * x).sum() + 0.0 * np.random.default_rng().standard_normal()

    held = objective(drawn)
    for _ in range(3):
        value, gradient = held(np.array([1.0, 2.0]))
        assert type(value) is float and value == 5.0 and gradient.tolist() == [2.0, 4.0] and gradient.flags.c_contiguous
    assert minimize(drawn, [1.0, 2.0]).x == pytest.approx([0.0, 0.0], abs=1e-6)


def test_numpys_functions_record():
    found = minimize(lambda x: np.sum(np.cosh(x - 1.0)) + np.linalg.norm(x - 1.0) ** 2, [0.0, 3.0])
    np.testing.assert_allclose(found.x, 1.0, atol=1e-5)


def test_branches_are_taken_anew():
    def huber(x):
        return sum(t * t / 2 if abs(t) < 1 else abs(t) - 0.5 for t in x)

    fun, runs = counted(huber)
    found = minimize(fun, [5.0, -7.0, 0.3], method="BFGS")
    np.testing.assert_allclose(found.x, 0.0, atol=1e-5)
    assert 1 < len(runs) <= 8, "one run for each path"


def test_args_are_inputs_and_state_outside_is_looked_at():
    target = np.array([1.0, 2.0])
    fun, runs = counted(lambda x, a, k: ((x - a) ** 2).sum() * k)
    held = objective(fun)
    for shift in (0.0, 1.0, 2.0):
        np.testing.assert_allclose(minimize(held, [0.0, 0.0], args=(target + shift, 2.0)).x, target + shift, atol=1e-6)
    assert len(runs) == 1, "an objective keeps its recordings"
    state = {"at": 1.0}
    assert minimize(lambda x: (x[0] - state["at"]) ** 2, 0.0).x == pytest.approx(1.0, abs=1e-6)
    held = objective(lambda x: (x[0] - state["at"]) ** 2)
    assert held(np.zeros(1))[0] == 1.0
    state["at"] = 3.0
    assert held(np.zeros(1))[0] == 9.0
    np.testing.assert_allclose(minimize(lambda x, k: (x - k).dot(x - k), [1.0], args=2.0).x, 2.0, atol=1e-6)


def test_a_compiled_function_is_compiled_once():
    fun = tape.compile(rosenbrock, native=False)
    found = minimize(fun, START)
    np.testing.assert_allclose(found.x, 1.0, atol=1e-4)


def test_callbacks_are_called_as_scipy_calls_them():
    seen, results, states = [], [], []
    minimize(rosenbrock, START, method="BFGS", callback=seen.append)
    assert seen and all(isinstance(x, np.ndarray) for x in seen)
    minimize(rosenbrock, START, method="L-BFGS-B", callback=lambda intermediate_result: results.append(intermediate_result.fun))
    assert results == sorted(results, reverse=True)
    minimize(rosenbrock, START, method="trust-constr", callback=lambda x, state: states.append(state.nit))
    assert states

    def stop(intermediate_result):
        raise StopIteration

    assert minimize(rosenbrock, START, method="BFGS", callback=stop).nit == 1


# What the user supplies.


def test_ones_own_derivatives_are_used():
    calls = []
    gradient = lambda x: (calls.append("jac"), scipy_optimize.rosen_der(x))[1]  # noqa: E731
    hessian = lambda x: (calls.append("hess"), scipy_optimize.rosen_hess(x))[1]  # noqa: E731
    product = lambda x, p: (calls.append("hessp"), scipy_optimize.rosen_hess_prod(x, p))[1]  # noqa: E731
    np.testing.assert_allclose(minimize(rosenbrock, START, method="trust-exact", jac=gradient, hess=hessian).x, 1.0, atol=1e-4)
    assert set(calls) == {"jac", "hess"}
    np.testing.assert_allclose(minimize(rosenbrock, START, method="trust-ncg", hessp=product).x, 1.0, atol=1e-4)
    assert set(calls) == {"jac", "hess", "hessp"}
    np.testing.assert_allclose(minimize(rosenbrock, START, method="trust-constr", hess=scipy_optimize.SR1()).x, 1.0, atol=1e-4)
    both = lambda x: (scipy_optimize.rosen(x), scipy_optimize.rosen_der(x))  # noqa: E731
    np.testing.assert_allclose(minimize(both, START, jac=True).x, 1.0, atol=1e-4)


@pytest.mark.parametrize("jac", ["2-point", "3-point", "cs", False])
def test_differences_on_request(jac):
    found = minimize(rosenbrock, START, jac=jac, method="SLSQP", tol=1e-10)
    exact = minimize(rosenbrock, START, method="SLSQP", tol=1e-10)
    np.testing.assert_allclose(found.x, 1.0, atol=1e-3)
    assert found.nfev > exact.nfev


# Constraints.

DOCUMENTED = [0.41494475, 0.1701105]  # SciPy's tutorial


def documented(kind):
    if kind == "dicts":
        return [
            {"type": "ineq", "fun": lambda x: [1 - x[0] - 2 * x[1], 1 - x[0] ** 2 - x[1], 1 - x[0] ** 2 + x[1]]},
            {"type": "eq", "fun": lambda x, k: k * x[0] + x[1] - 1, "args": (2.0,)},
        ]
    linear = LinearConstraint([[1, 2], [2, 1]], [-np.inf, 1], [1, 1])
    if kind == "objects":
        return [NonlinearConstraint(lambda x: [x[0] ** 2 + x[1], x[0] ** 2 - x[1]], -np.inf, 1), linear]
    return NonlinearConstraint(  # equality, upper and two-sided limits in one
        lambda x: tape.stack([2 * x[0] + x[1], x[0] ** 2 + x[1], x[0] ** 2 - x[1], x[0] + 2 * x[1]]), [1, -np.inf, -5, -np.inf], [1, 1, 1, 1]
    )


@pytest.mark.parametrize("kind", ["dicts", "objects", "mixed"])
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr", "COBYLA", "COBYQA"])
def test_the_constrained_problem_of_scipys_tutorial(method, kind):
    found = minimize(rosenbrock, [0.5, 0.0], method=method, bounds=Bounds([0, -0.5], [1.0, 2.0]), constraints=documented(kind))
    assert found.success
    np.testing.assert_allclose(found.x, DOCUMENTED, atol=2e-5)


PROBLEMS = {  # Hock and Schittkowski: objective, constraints, start, bounds, solution
    "HS6": (lambda x: (1 - x[0]) ** 2, [("eq", lambda x: 10 * (x[1] - x[0] ** 2))], [-1.2, 1.0], None, [1.0, 1.0]),
    "HS7": (lambda x: tape.log(1 + x[0] ** 2) - x[1], [("eq", lambda x: (1 + x[0] ** 2) ** 2 + x[1] ** 2 - 4)], [2.0, 2.0], None, [0.0, 3**0.5]),
    "HS12": (
        lambda x: 0.5 * x[0] ** 2 + x[1] ** 2 - x[0] * x[1] - 7 * x[0] - 7 * x[1],
        [("ineq", lambda x: 25 - 4 * x[0] ** 2 - x[1] ** 2)], [0.0, 0.0], None, [2.0, 3.0],
    ),
    "HS28": (lambda x: (x[0] + x[1]) ** 2 + (x[1] + x[2]) ** 2, [("eq", lambda x: x[0] + 2 * x[1] + 3 * x[2] - 1)], [-4.0, 1.0, 1.0], None, [0.5, -0.5, 0.5]),
    "HS35": (
        lambda x: 9 - 8 * x[0] - 6 * x[1] - 4 * x[2] + 2 * x[0] ** 2 + 2 * x[1] ** 2 + x[2] ** 2 + 2 * x[0] * x[1] + 2 * x[0] * x[2],
        [("ineq", lambda x: 3 - x[0] - x[1] - 2 * x[2])], [0.5, 0.5, 0.5], [(0, None)] * 3, [4 / 3, 7 / 9, 4 / 9],
    ),
    "HS71": (
        lambda x: x[0] * x[3] * x[:3].sum() + x[2],
        [("ineq", lambda x: x.prod() - 25), ("eq", lambda x: (x * x).sum() - 40)], [1.0, 5.0, 5.0, 1.0], [(1, 5)] * 4,
        [1.0, 4.7429994, 3.8211503, 1.3794082],
    ),
}  # fmt: skip


@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_problems_with_known_solutions(name, method):
    fun, constraints, start, bounds, solution = PROBLEMS[name]
    given = [{"type": kind, "fun": g} for kind, g in constraints]
    found = minimize(fun, start, method=method, bounds=bounds, constraints=given, options={"maxiter": 500})
    np.testing.assert_allclose(found.x, solution, atol=2e-3 if method == "trust-constr" else 1e-5)


def test_constraints_get_their_hessian():
    from tape.optimize.constraints import convert
    from tape.optimize.parameters import Parameters

    (made,) = convert(Parameters("minimize", [0.0, 0.0]), NonlinearConstraint(lambda x: [x[0] ** 2 * x[1], tape.sin(x[1])], 0, 1), "trust-constr")
    x, v = np.array([2.0, 3.0]), np.array([0.5, -2.0])
    np.testing.assert_allclose(made.fun(x), [12.0, np.sin(3.0)])
    np.testing.assert_allclose(made.jac(x), [[12.0, 4.0], [0.0, np.cos(3.0)]])
    second = made.hess(x, v)
    np.testing.assert_allclose(second @ np.eye(2), [[3.0, 2.0], [2.0, 2 * np.sin(3.0)]])


def test_ones_own_derivatives_of_constraints_are_used():
    calls = []

    def jac(x):
        calls.append("jac")
        return 2 * x

    def hess(x, v):
        calls.append("hess")
        return 2 * v[0] * np.eye(2)

    circle = NonlinearConstraint(lambda x: (x * x).sum(), 1.0, 1.0, jac=jac, hess=hess)
    for method in ("trust-constr", "SLSQP"):
        found = minimize(lambda x: x.sum(), [-1.0, -0.5], method=method, constraints=circle if method == "trust-constr" else {"type": "eq", "fun": lambda x: (x * x).sum() - 1, "jac": jac})  # fmt: skip
        np.testing.assert_allclose(found.x, -(0.5**0.5), atol=1e-4)
        assert "jac" in calls
    assert "hess" in calls


# objective.


def test_objective_serves_scipys_own_minimize():
    held = objective(rosenbrock)
    x = np.array(START)
    value, gradient = held(x)
    assert type(value) is float and gradient.flags.c_contiguous and gradient.dtype == np.float64
    for given in (list(x), x.astype(np.float32), np.repeat(x, 2)[::2]):
        assert type(held(given)[0]) is float and held(given)[1].dtype == np.float64 and held(given)[1].flags.c_contiguous
    assert value == pytest.approx(scipy_optimize.rosen(x), rel=1e-14)
    np.testing.assert_allclose(gradient, scipy_optimize.rosen_der(x), rtol=1e-12)
    np.testing.assert_allclose(held.hess(x), scipy_optimize.rosen_hess(x), rtol=1e-12)
    np.testing.assert_allclose(held.hessp(x, x), scipy_optimize.rosen_hess(x) @ x, rtol=1e-12)
    held(np.ones(3))
    np.testing.assert_allclose(gradient, scipy_optimize.rosen_der(x), rtol=1e-12)  # results own their memory
    assert scipy_optimize.minimize(held, START, jac=True).fun < 1e-9
    assert held.value(x) == pytest.approx(value, rel=1e-14)
    again = pickle.loads(pickle.dumps(held))
    assert again(x)[0] == value


# Errors.


def test_errors_say_what_to_do():
    with pytest.raises(ValueError, match="Unknown solver 'steepest'.*nelder-mead"):
        minimize(rosenbrock, START, method="steepest")
    with pytest.raises(ValueError, match=r"shape \(3,\).*sum\(\)"):
        minimize(lambda x: x * x, START)
    with pytest.raises(TypeError, match="returned a float"):
        minimize(lambda x: x[0].item(), START)
    with pytest.raises((TypeError, RuntimeError), match="complex"):
        minimize(lambda x: (x * 1j).sum(), START)
    with pytest.raises(TypeError, match="returned complex numbers"):
        minimize(lambda x: (x.detach() * 1j).sum(), START)
    with pytest.raises(ValueError, match="complex"):
        minimize(rosenbrock, [1.0 + 1j, 2.0])
    with pytest.raises(TypeError, match="fun is a int; wanted a function"):
        minimize(3, START)
    with pytest.raises(TypeError, match=r"x0\['name'\] is a str"):
        minimize(rosenbrock, {"a": 1.0, "name": "b"})
    with pytest.raises(ValueError, match="holds no number"):
        minimize(rosenbrock, {})
    with pytest.raises(ValueError, match="bounds"):
        minimize(rosenbrock, START, bounds=[(0, 1)] * 2)
    with pytest.raises(RuntimeError, match="requires grad"):  # np.array of a list would leave the tape
        minimize(lambda x: np.array([x[0] * x[1]]), [1.0, 2.0])


def sine(x):
    return (x * x).sum() + math.sin(x[0])


def filled(x):
    out = np.zeros(3)
    out[0] = x[0]
    return (x * x).sum() + (x * out).sum()


@pytest.mark.parametrize("objective", [sine, filled])
def test_numbers_that_leave_the_tape_are_told_of_where_they_do(objective):
    with warnings.catch_warnings(record=True) as told:  # float() itself warns too, once a process
        warnings.simplefilter("always")
        minimize(objective, START)
    first = objective.__code__.co_firstlineno
    assert {(w.filename, w.lineno) for w in told if "derivative lacks" in str(w.message)} == {(__file__, first + (1 if objective is sine else 2))}


def test_numbers_of_arguments_may_leave_the_tape():
    found = minimize(lambda x, a: ((x - float(a)) ** 2).sum(), START, args=(2.0,))
    np.testing.assert_allclose(found.x, 2.0, atol=1e-6)


def test_errors_of_the_objective_are_the_users():
    def broken(x):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        minimize(broken, START)


def test_warnings_of_scipy_about_what_was_given_remain():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeWarning, match="cannot handle constraints"):
            minimize(rosenbrock, START, method="BFGS", constraints=({"type": "eq", "fun": lambda x: x.sum()},))
