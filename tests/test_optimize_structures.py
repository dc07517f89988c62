"""Structured parameters in `tape.optimize`: what the function sees, what comes back, bounds, callbacks and derivatives in the same structure."""

import pickle
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import Bounds

import tape
from tape.optimize import least_squares, minimize, objective, root

pytestmark = pytest.mark.filterwarnings("error")


@dataclass
class Line:
    slope: Any
    offsets: Any


class Pair(NamedTuple):
    a: Any
    b: Any


def distance(p):
    """Sum of squares from a = 1, w = [[1, 2], [3, 4]]."""
    return (p["a"] - 1.0) ** 2 + ((p["w"] - np.array([[1.0, 2.0], [3.0, 4.0]])) ** 2).sum()


START = {"a": 0.0, "w": np.zeros((2, 2))}


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "trust-ncg", "trust-exact", "trust-constr", "Nelder-Mead", "COBYQA"])
def test_a_dict_goes_in_and_comes_back(method):
    found = minimize(distance, START, method=method, tol=1e-9, options={"maxiter": 5000})
    assert list(found.x) == ["a", "w"] and type(found.x["a"]) is float and found.x["w"].shape == (2, 2)
    np.testing.assert_allclose(found.x["w"], [[1, 2], [3, 4]], atol=1e-4)
    assert found.x["a"] == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_array_equal(found.x_flat, np.concatenate([[found.x["a"]], found.x["w"].reshape(-1)]))
    if method == "BFGS":
        slopes = found.unravel(found.jac)
        assert slopes["w"].shape == (2, 2) and abs(slopes["a"]) < 1e-4
        assert found.hess_inv.shape == (5, 5)


@pytest.mark.parametrize(
    "start",
    [
        Line(0.0, np.zeros(2)),
        Pair(0.0, [np.zeros(1), 0.0]),
        [np.zeros(2), {"deep": (0.0, np.zeros((1, 2)))}],
        np.zeros((2, 2)),
        tape.zeros(3),
        {"one": np.float64(0.0), "none": None, "many": tape.zeros(2, 1)},
    ],
    ids=lambda s: type(s).__name__,
)
def test_structures_of_every_kind(start):
    from tape.func.structures import flatten

    def fun(p):
        leaves, structure = flatten(p)
        assert structure == flatten(start)[1]
        return sum(((leaf - k) ** 2).sum() for k, leaf in enumerate(leaves, 1))

    found = minimize(fun, start)
    leaves, structure = flatten(found.x)
    given, shape = flatten(start)
    assert structure == shape
    for k, (leaf, before) in enumerate(zip(leaves, given, strict=True), 1):
        assert isinstance(leaf, float if isinstance(before, float) else type(before))
        assert tuple(getattr(before, "shape", ())) == tuple(getattr(leaf, "shape", ()))
        np.testing.assert_allclose(np.asarray(leaf), k, atol=1e-5)


def test_vectors_stay_what_scipy_makes_of_them():
    for start in ([0.0, 0.0], (0, 0), np.zeros(2), np.zeros(2, np.float32)):
        found = minimize(lambda x: ((x - 1.0) ** 2).sum(), start)
        assert type(found.x) is np.ndarray and found.x.shape == (2,) and found.x.dtype == np.float64
        assert "x_flat" not in found
    assert minimize(lambda x: (x[0] - 1.0) ** 2, 3.0).x.shape == (1,)


def test_the_start_is_left_alone():
    start = {"w": np.ones(3)}
    found = minimize(lambda p: (p["w"] ** 2).sum(), start)
    np.testing.assert_array_equal(start["w"], 1.0)
    found.x["w"][:] = 7.0
    assert abs(found.x_flat).max() < 1


# Bounds.

LIMITED = {"a": 0.5, "w": [[1.0, 2.0], [2.5, 2.5]]}


@pytest.mark.parametrize(
    "bounds",
    [
        {"a": (None, 0.5), "w": (None, 2.5)},
        {"a": (0, 0.5), "w": (np.full((2, 2), -1.0), np.array([[9.0, 9.0], [2.5, 2.5]]))},
        [(None, 0.5), (0, 9), (0, 9), (None, 2.5), (None, 2.5)],
        Bounds([-1, -1, -1, -1, -1], [0.5, 2.5, 2.5, 2.5, 2.5]),
        Bounds({"a": -1.0, "w": -1.0}, {"a": 0.5, "w": 2.5}),
    ],
    ids=["dict", "arrays", "flat", "Bounds", "Bounds of dicts"],
)
@pytest.mark.parametrize("method", ["L-BFGS-B", "SLSQP", "trust-constr"])
def test_bounds_in_the_structure(bounds, method):
    found = minimize(distance, START, bounds=bounds, method=method, tol=1e-10)
    atol = 1e-3 if method == "trust-constr" else 1e-5
    assert found.x["a"] == pytest.approx(LIMITED["a"], abs=atol)
    np.testing.assert_allclose(found.x["w"], LIMITED["w"], atol=atol)


def test_bounds_may_leave_out():
    found = minimize(distance, START, bounds={"a": (None, 0.5)})
    assert found.x["a"] == pytest.approx(0.5)
    np.testing.assert_allclose(found.x["w"], [[1, 2], [3, 4]], atol=1e-4)
    found = minimize(lambda p: (p.slope - 2) ** 2 + (p.offsets**2).sum(), Line(0.0, np.ones(2)), bounds=Line((None, 1.0), None))
    assert found.x.slope == pytest.approx(1.0)
    found = minimize(lambda w: ((w - 2) ** 2).sum(), np.zeros((2, 2)), bounds=(None, 1.0))
    np.testing.assert_allclose(found.x, 1.0)
    found = minimize(lambda p: ((p[0] - 2) ** 2).sum() + p[1] ** 2, [np.zeros(2), 1.0], bounds=[(0, 1), None])
    np.testing.assert_allclose(found.x[0], 1.0)


def test_bounds_that_do_not_fit():
    with pytest.raises(ValueError, match=r"has \['b'\]; the parameters there are \['a', 'w'\]"):
        minimize(distance, START, bounds={"b": (0, 1)})
    with pytest.raises(ValueError, match=r"bounds\['a'\] is 3"):
        minimize(distance, START, bounds={"a": 3})
    with pytest.raises(ValueError, match=r"bounds\['w'\] has shape \(3,\)"):
        minimize(distance, START, bounds={"w": (np.zeros(3), None)})
    with pytest.raises(ValueError, match="wanted the structure of the parameters"):
        minimize(lambda p: p[0] ** 2 + p[1].sum(), [1.0, np.zeros(1)], bounds=[(0, 1)])


# Callbacks, constraints and derivatives of one's own.


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "TNC", "SLSQP", "Nelder-Mead", "COBYLA", "COBYQA", "trust-ncg"])
def test_callbacks_get_the_structure(method):
    seen = []
    minimize(distance, START, method=method, callback=lambda xk: seen.append(xk))
    assert seen and all(p["w"].shape == (2, 2) and type(p["a"]) is float for p in seen)
    results = []

    def follow(intermediate_result):
        results.append(intermediate_result)

    if method not in ("TNC",):
        minimize(distance, START, method=method, callback=follow)
        assert results and all(r.x["w"].shape == (2, 2) and np.isfinite(r.fun) for r in results)


def test_callbacks_of_trust_constr_get_the_structure_and_stop():
    seen = []

    def follow(x, state):
        seen.append((x["a"], state.x["w"].shape))
        return len(seen) == 2

    assert minimize(distance, START, method="trust-constr", callback=follow).status == 3
    assert len(seen) == 2 and seen[0][1] == (2, 2)


def test_constraints_see_the_structure():
    constraints = [{"type": "eq", "fun": lambda p: p["a"] - p["w"][0, 0] + 1.0}, {"type": "ineq", "fun": lambda p: 2.0 - p["w"].reshape(-1)}]
    for method in ("SLSQP", "trust-constr"):
        found = minimize(distance, START, method=method, constraints=constraints, tol=1e-8)
        np.testing.assert_allclose(found.x["w"], [[1.5, 2], [2, 2]], atol=5e-3)
        assert found.x["a"] == pytest.approx(0.5, abs=5e-3)


def test_ones_own_derivatives_see_the_structure():
    target = np.array([[1.0, 2.0], [3.0, 4.0]])
    jac = lambda p: {"w": 2 * (p["w"] - target), "a": 2 * (p["a"] - 1)}  # noqa: E731
    hessp = lambda p, q: {"a": 2 * q["a"], "w": 2 * q["w"]}  # noqa: E731
    found = minimize(distance, START, jac=jac, hessp=hessp, method="trust-ncg")
    np.testing.assert_allclose(found.x["w"], target, atol=1e-4)
    both = minimize(lambda p: (float((p["w"] ** 2).sum()), {"w": 2 * p["w"]}), {"w": np.ones((2, 2))}, jac=True)
    np.testing.assert_allclose(both.x["w"], 0.0, atol=1e-5)
    with pytest.raises(ValueError, match=r"the gradient that jac returned\['w'\] has shape \(4,\)"):
        minimize(distance, START, jac=lambda p: {"a": 0.0, "w": np.zeros(4)})


def test_an_objective_of_a_structure():
    held = objective(distance, like=START)
    x = held.ravel(START)
    value, gradient = held(x)
    assert value == 31.0 and gradient.tolist() == [-2.0, -2.0, -4.0, -6.0, -8.0]
    assert held.unravel(gradient)["w"].tolist() == [[-2.0, -4.0], [-6.0, -8.0]]
    np.testing.assert_allclose(held.hess(x), 2 * np.eye(5))
    assert pickle.loads(pickle.dumps(held))(x)[0] == 31.0
    assert minimize(held, START).x["a"] == pytest.approx(1.0, abs=1e-5)
    assert minimize(held, {"a": np.zeros(1), "w": np.zeros((2, 2))}).x["a"].shape == (1,), "another shape of the same structure"
    with pytest.raises(ValueError, match="has shape"):
        held.ravel({"a": 0.0, "w": np.zeros(3)})


# Vector functions.


def test_least_squares_and_root_in_structures():
    t = np.linspace(0, 1, 15)
    data = 2.0 * np.exp(-1.5 * t) + 0.25
    fun = lambda p: {"misfit": p["amplitude"] * np.exp(-p["rate"] * t) + p["rest"][0] - data}  # noqa: E731
    start = {"amplitude": 1.0, "rate": 1.0, "rest": np.zeros(1)}
    found = least_squares(fun, start, bounds=({"rate": 0.0, "rest": None}, {"amplitude": 5.0}), x_scale={"amplitude": 1.0, "rate": 1.0, "rest": 0.1})
    assert (found.x["amplitude"], found.x["rate"]) == pytest.approx((2.0, 1.5), abs=1e-6)
    assert found.jac.shape == (15, 3) and found.x_flat.shape == (3,)
    for bounds in (Bounds(0.0, [1.5, 9.0, 9.0]), ([0, 0, 0], [1.5, 9, 9])):
        assert least_squares(fun, start, bounds=tuple(map(np.array, bounds)) if isinstance(bounds, tuple) else bounds).x["amplitude"] == pytest.approx(1.5, abs=1e-3)
    found = root(lambda p: {"u": p["u"] * p["v"] - np.array([2.0, 6.0]), "v": p["v"] - 2.0}, {"u": np.ones(2), "v": 1.0})
    assert found.success and found.x["u"] == pytest.approx([1.0, 3.0]) and found.x["v"] == pytest.approx(2.0)
