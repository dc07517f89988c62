"""What users of `tape.optimize` give beside the function: options, arguments, errors, bounds, scales and Jacobians in every form that SciPy takes."""

import warnings

import numpy as np
import pytest
from scipy import optimize as scipy_optimize
from scipy.optimize import Bounds, NonlinearConstraint
from scipy.sparse import csr_array

import tape
from tape.optimize import curve_fit, least_squares, minimize, objective, root

pytestmark = pytest.mark.filterwarnings("error")
T = np.linspace(0.0, 4.0, 40)
DATA = 2.5 * np.exp(-1.3 * T) + 0.5 + 0.02 * np.random.default_rng(3).standard_normal(40)


def model(t, a, k, c):
    return a * np.exp(-k * t) + c


def pair(x):
    return np.stack([x[0] * np.cos(x[1]) - 4, x[1] * x[0] - x[1] - 5])


def pair_jac(x):
    return np.array([[np.cos(x[1]), -x[0] * np.sin(x[1])], [x[1], x[0] - 1]])


# Options about derivatives.


@pytest.mark.parametrize("method", ["hybr", "lm"])
@pytest.mark.parametrize("jac", [None, False, "columns"])
def test_col_deriv_is_about_the_users_jacobian(method, jac):
    given = (lambda x: pair_jac(x).T) if jac == "columns" else jac
    options = {"col_deriv": 1}
    found = root(pair, [1.0, 1.0], method=method, jac=given, options=options)
    np.testing.assert_allclose(found.x, [6.50409711, 0.90841421], rtol=1e-6)
    assert options == {"col_deriv": 1}


def test_col_deriv_of_curve_fit():
    wanted = curve_fit(model, T, DATA)[0]
    columns = lambda t, a, k, c: np.stack([np.exp(-k * t), -a * t * np.exp(-k * t), np.ones_like(t)])  # noqa: E731
    for jac in (None, columns):
        np.testing.assert_allclose(curve_fit(model, T, DATA, jac=jac, col_deriv=1)[0], wanted, rtol=1e-6)
    with pytest.raises(TypeError, match="col_deriv"):
        curve_fit(model, T, DATA, method="trf", col_deriv=1)


@pytest.mark.parametrize("jac", ["2-point", "3-point", "cs"])
@pytest.mark.parametrize("method", ["trf", "dogbox"])
@pytest.mark.parametrize("progress", [False, True])
def test_differences_of_curve_fit(jac, method, progress, capsys):
    kwargs = {"method": method, "jac": jac, "p0": [2.0, 1.0, 0.0]}
    popt, pcov = curve_fit(model, T, DATA, progress=progress, **kwargs)
    wanted, covariance = scipy_optimize.curve_fit(model, T, DATA, **kwargs)
    np.testing.assert_allclose(popt, wanted, rtol=1e-5)
    np.testing.assert_allclose(pcov, covariance, rtol=1e-3)


def test_a_bar_beside_complex_steps(capsys):
    for run in (lambda: least_squares(lambda p: p**2 - 4.0, [1.0, 3.0], "cs", progress=True), lambda: minimize(lambda x: ((x - 2.0) ** 2).sum(), [1.0, 3.0], jac="cs", progress=True)):
        np.testing.assert_allclose(run().x, 2.0, rtol=1e-5)


# Arguments and errors.


@pytest.mark.parametrize("args", [[T, DATA], (T, DATA), np.stack([T, DATA])], ids=["list", "tuple", "rows"])
def test_arguments_of_least_squares_are_unpacked(args):
    found = least_squares(lambda p, t, y: model(t, *p) - y, [1.0, 1.0, 0.0], args=args)
    np.testing.assert_allclose(found.x, curve_fit(model, T, DATA)[0], rtol=1e-5)


@pytest.mark.parametrize("args", [[1.0, 2.0], (1.0, 2.0), np.array([1.0, 2.0])], ids=["list", "tuple", "array"])
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr", "COBYQA"])
def test_arguments_of_constraints_are_unpacked(args, method):
    limit = {"type": "ineq", "fun": lambda x, a, b: x[0] * a - b, "args": args}
    np.testing.assert_allclose(minimize(lambda x: (x**2).sum(), [3.0, 1.0], method=method, constraints=limit).x, [2.0, 0.0], atol=1e-3)


@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
@pytest.mark.parametrize("sigma", [0.1, np.float64(0.1), np.array(0.1), [0.1], [[0.1]]], ids=repr)
def test_one_error_for_all_points(method, sigma):
    found = curve_fit(model, T, DATA, sigma=sigma, absolute_sigma=True, method=method)
    wanted = curve_fit(model, T, DATA, sigma=np.full(40, 0.1), absolute_sigma=True, method=method)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    holes = np.where(np.arange(40) % 7 == 0, np.nan, DATA)
    assert np.isfinite(curve_fit(model, T, holes, sigma=sigma, method=method, nan_policy="omit")[1]).all()


# Bounds and scales.

SQUARE, ABOVE = np.zeros((2, 2)), np.array([[1.0, 9.0], [2.0, 0.5]])
REACHED = np.minimum(ABOVE, 3.0)


@pytest.mark.parametrize(
    "bounds",
    [Bounds(SQUARE - 1, ABOVE), Bounds(-1, ABOVE), Bounds(SQUARE - 1, ABOVE, True), Bounds(SQUARE - 1, ABOVE, SQUARE == 0), Bounds((SQUARE - 1).reshape(-1), ABOVE.reshape(-1))],
    ids=["sides", "a number", "feasible", "feasible each", "flat"],
)
def test_bounds_of_an_array(bounds):
    fun = lambda p: ((p - 3.0) ** 2).sum()  # noqa: E731
    np.testing.assert_allclose(minimize(fun, SQUARE, bounds=bounds).x, REACHED, atol=1e-6)
    np.testing.assert_allclose(minimize(fun, SQUARE, bounds=bounds, method="trust-constr").x, REACHED, atol=1e-2)
    np.testing.assert_allclose(least_squares(lambda p: p - 3.0, SQUARE, bounds=bounds).x, REACHED, atol=1e-4)


@pytest.mark.parametrize("keep", [False, True, [True, False, True]])
@pytest.mark.parametrize("low", [-1.0, {"a": -1.0, "b": np.full(2, -1.0)}, {"b": -1.0}, np.full(3, -1.0)], ids=["number", "dict", "part", "vector"])
def test_bounds_of_a_dict(low, keep):
    found = minimize(lambda p: (p["a"] - 3.0) ** 2 + ((p["b"] - 3.0) ** 2).sum(), {"a": 0.0, "b": np.zeros(2)}, bounds=Bounds(low, {"a": 2.0}, keep))
    assert found.x["a"] == pytest.approx(2.0)
    np.testing.assert_allclose(found.x["b"], 3.0, atol=1e-4)


@pytest.mark.parametrize("start", [np.zeros(3), {"a": 0.0, "b": np.zeros(2)}], ids=["vector", "dict"])
def test_scales_of_another_length(start):
    with pytest.raises(ValueError, match=r"x_scale has shape \(2,\); wanted one number, or one for each of the 3 parameters"):
        least_squares(lambda p: p - 1.0 if isinstance(start, np.ndarray) else p["b"], start, x_scale=np.ones(2))


# Vectors of objectives.


def test_vectors_of_an_objective_have_the_length_of_its_parameters():
    runs = []
    held = objective(lambda p: (runs.append(None), (p["a"] ** 2).sum() + p["b"] ** 2)[1], like={"a": np.ones(2), "b": 1.0})
    for call in (held, held.value, held.gradient, held.hess, lambda x: held.hessp(x, np.ones(3)), lambda x: held.hessp(np.ones(3), x)):
        for size in (2, 5):
            with pytest.raises(ValueError, match=rf"objective: x has {size} numbers; wanted 3, for parameters of the structure \{{'a'"):
                call(np.ones(size))
    assert not runs and held(np.array([1.0, 2.0, 3.0]))[0] == 14.0
    with pytest.raises(TypeError, match="x is a dict; wanted a vector: ravel"):
        held({"a": np.ones(2), "b": 1.0})


# Numbers that leave the tape.


@pytest.mark.parametrize(
    "fun",
    [
        lambda p: ((np.interp(p, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]) - 3.0) ** 2).sum(),
        lambda p: ((p - p[p.argmax()] - 1) ** 2).sum() + p.sum() ** 2,
        lambda p: (p * T[int(np.searchsorted(T, p)[0])]).sum() ** 2,
        lambda p: p[int((p > 0.5).sum())] ** 2,
        lambda p: (p[p.argsort().tolist()] * np.arange(2.0)).sum() ** 2,
    ],
    ids=["interp", "argmax", "searchsorted", "count", "argsort"],
)
def test_indices_have_no_derivative_to_lack(fun):
    minimize(fun, [1.2, 0.3], options={"maxiter": 3})


def test_numbers_among_indices_are_told_of():
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        minimize(lambda p: (p[p.argmax()] * float(p[0])) ** 2 + p[1] ** 2, [1.2, 0.3])
    assert any("derivative lacks" in str(w.message) for w in told)


# Jacobians of one's own, in the parameters' structure.

POINT = {"a": 0.0, "b": np.zeros(2)}


def near(p):
    return (p["a"] - 3.0) ** 2 + (p["b"] ** 2).sum()


@pytest.mark.parametrize(
    "jac",
    [lambda p: {"b": np.zeros(2), "a": 1.0}, lambda p: {"a": np.ones(1), "b": np.zeros((1, 2))}, lambda p: [1.0, 0.0, 0.0], lambda p: csr_array([[1.0, 0.0, 0.0]])],
    ids=["one value", "a row", "vector", "sparse"],
)
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_a_jacobian_of_constraints(jac, method):
    for limit in (NonlinearConstraint(lambda p: p["a"], 0, 1, jac=jac), {"type": "ineq", "fun": lambda p: p["a"] * -1.0 + 1.0, "jac": lambda p: -1.0 * np.array([1.0, 0, 0])}):
        found = minimize(near, POINT, method=method, constraints=limit)
        assert found.x["a"] == pytest.approx(1.0, abs=1e-3)
        np.testing.assert_allclose(found.x["b"], 0.0, atol=1e-4)


def test_a_jacobian_of_vector_functions():
    fun = lambda p: [p["a"] - 3.0, p["b"] * 2.0 - 1.0]  # noqa: E731
    jac = lambda p: {"a": [1.0, 0.0, 0.0], "b": np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])}  # noqa: E731
    fun_of_pair, start = (lambda p: [p[0] - 3.0, p[1] * 2.0 - 1.0]), [0.0, np.zeros(2)]
    whole = np.diag([1.0, 2.0, 2.0])
    for solve in (least_squares, root):
        for found in (solve(fun, POINT, jac=lambda p: {k: np.array(v) for k, v in jac(p).items()}), solve(fun, POINT, jac=lambda p: whole)):
            assert found.x["a"] == pytest.approx(3.0)
            np.testing.assert_allclose(found.x["b"], 0.5)
        for given in (whole, whole.tolist(), [whole[:, 0], whole[:, 1:]]):
            np.testing.assert_allclose(solve(fun_of_pair, start, jac=lambda p, given=given: given).x[1], 0.5)
        np.testing.assert_allclose(solve(lambda p: p * 2.0 - 1.0, SQUARE, jac=lambda p: 2 * np.eye(4).reshape(4, 2, 2)).x, 0.5)
        np.testing.assert_allclose(solve(lambda p: p * 2.0 - 1.0, tape.zeros(2), jac=lambda p: 2 * np.eye(2)).x.numpy(), 0.5)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a": np.ones(3), "b": np.zeros((3, 4))}, r"that jac returned\['b'\] has shape \(3, 4\); wanted \(2,\) after an axis of the values"),
        ({"a": np.ones(2), "b": np.zeros((3, 2))}, r"has parts for \[2, 3\] values"),
        ({"a": np.ones(3)}, "b"),
    ],
)
def test_jacobians_that_do_not_fit(given, message):
    with pytest.raises(ValueError, match=message):
        least_squares(lambda p: [p["a"], p["b"]], POINT, jac=lambda p: given)
