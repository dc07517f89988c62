"""`tape.optimize.least_squares`, `root` and `curve_fit`, beside SciPy's own with derivatives by hand."""

import numpy as np
import pytest
from scipy import optimize as scipy_optimize

import tape
from tape.optimize import curve_fit, least_squares, root
from tape.optimize.parameters import Parameters
from tape.optimize.programs import Residuals

pytestmark = pytest.mark.filterwarnings("error")
RNG = np.random.default_rng(3)
T = np.linspace(0.0, 4.0, 40)
NOISE = 0.02 * RNG.standard_normal(40)
DATA = 2.5 * np.exp(-1.3 * T) + 0.5 + NOISE


def model(t, a, k, c):
    return a * np.exp(-k * t) + c


def by_hand(t, a, k, c):
    e = np.exp(-k * t)
    return np.stack([e, -a * t * e, np.ones_like(t)], 1)


# least_squares.


@pytest.mark.parametrize("method", ["trf", "dogbox", "lm"])
def test_methods_of_least_squares(method):
    runs = []

    def residuals(p, t, y):
        runs.append(None)
        return model(t, *p) - y

    found = least_squares(residuals, [1.0, 1.0, 0.0], method=method, args=(T, DATA))
    theirs = scipy_optimize.least_squares(lambda p: model(T, *p) - DATA, [1.0, 1.0, 0.0], lambda p: by_hand(T, *p), method=method)
    np.testing.assert_allclose(found.x, theirs.x, rtol=1e-6)
    np.testing.assert_allclose(found.jac, by_hand(T, *found.x), rtol=1e-9, atol=1e-12)
    assert found.nfev == theirs.nfev and found.jac.flags.c_contiguous
    assert len(runs) == 1 + 3, "one run for values, and one for each column of the Jacobian"


@pytest.mark.parametrize("loss", ["linear", "huber", "soft_l1", "cauchy", "arctan"])
def test_losses_pass_through(loss):
    found = least_squares(lambda p: model(T, *p) - DATA, [1.0, 1.0, 0.0], loss=loss, f_scale=0.1)
    theirs = scipy_optimize.least_squares(lambda p: model(T, *p) - DATA, [1.0, 1.0, 0.0], lambda p: by_hand(T, *p), loss=loss, f_scale=0.1)
    np.testing.assert_allclose(found.x, theirs.x, rtol=1e-6)
    assert found.cost == pytest.approx(theirs.cost, rel=1e-9)


def test_bounds_keywords_callbacks_and_jacobians_of_ones_own():
    bounds = ([0.0, 0.0, 0.6], [9.0, 9.0, 9.0])
    found = least_squares(lambda p, t, y: model(t, *p) - y, [1.0, 1.0, 0.7], bounds=bounds, args=(T,), kwargs={"y": DATA})
    assert found.x[2] == pytest.approx(0.6, abs=1e-3)
    calls = []
    jac = lambda p: (calls.append(p), by_hand(T, *p))[1]  # noqa: E731
    found = least_squares(lambda p: model(T, *p) - DATA, [1.0, 1.0, 0.0], jac)
    assert calls and found.success
    for jac in ("2-point", "3-point", "cs"):
        np.testing.assert_allclose(least_squares(lambda p: model(T, *p) - DATA, [1.0, 1.0, 0.0], jac).x, found.x, rtol=1e-5)


def test_the_mode_with_fewer_sweeps_is_taken():
    def seen(rows, columns):
        matrix = RNG.standard_normal((rows, columns))
        held = Residuals(lambda x: np.tanh(matrix @ x), Parameters("least_squares", np.zeros(columns)))
        x = RNG.standard_normal(columns)
        np.testing.assert_allclose(held.jac(x), matrix / np.cosh(matrix @ x)[:, None] ** 2, rtol=1e-10)
        return {mode for kind in (held._whole, held._parts) for mode, compiled in kind.items() if compiled.signatures}

    assert seen(20, 3) == {"forward"}
    assert seen(3, 20) == {"reverse"}


@pytest.mark.parametrize(("rows", "columns"), [(20, 4), (4, 20)])
def test_long_programs_give_the_jacobian_by_parts(rows, columns, monkeypatch):
    monkeypatch.setattr("tape.optimize.programs.ROWS", 0)
    matrix = RNG.standard_normal((rows, columns))
    runs = []

    def fun(x, shift):
        runs.append(None)
        return np.sin(matrix @ x + shift)

    held, x = Residuals(fun, Parameters("least_squares", np.zeros(columns))), RNG.standard_normal(columns)
    for shift in (0.0, 0.5):
        jac = held.jac(x, shift)
        np.testing.assert_allclose(jac, np.cos(matrix @ x + shift)[:, None] * matrix, rtol=1e-10)
        assert jac.flags.c_contiguous and jac.shape == (rows, columns)
    assert len(runs) == 2, "one run for values and one for a column or row of the Jacobian"


def test_errors_of_vector_functions():
    with pytest.raises(TypeError, match="returned a float"):
        least_squares(lambda p: [float(p[0])], [1.0])
    with pytest.raises(TypeError, match="returned an? ndarray|returned a ndarray"):
        least_squares(lambda p: np.zeros(3), [1.0])
    with pytest.raises(ValueError, match="complex|real"):
        least_squares(lambda p: p, [1.0j])
    with pytest.raises(ValueError, match="infeasible|outside|bound"):
        least_squares(lambda p: p, [5.0], bounds=(0.0, 1.0))
    with pytest.raises(ValueError, match="method"):
        least_squares(lambda p: p, [5.0], method="gauss")


# root.


def both(x):
    return [x[0] + 0.5 * (x[0] - x[1]) ** 3 - 1.0, 0.5 * (x[1] - x[0]) ** 3 + x[1]]


@pytest.mark.parametrize("method", ["hybr", "lm", "broyden1", "broyden2", "anderson", "diagbroyden", "krylov", "df-sane"])
def test_methods_of_root(method):
    found = root(both, [0.1, 0.1], method=method)
    assert found.success
    np.testing.assert_allclose(found.x, [0.8411639, 0.1588361], atol=1e-5)
    if method in ("hybr", "lm"):
        assert found.njev >= 1
        slope = 1.5 * (found.x[0] - found.x[1]) ** 2
        np.testing.assert_allclose(Residuals(both, Parameters("root", [0.0, 0.0])).jac(found.x), [[1 + slope, -slope], [-slope, 1 + slope]])


@pytest.mark.parametrize("method", ["linearmixing", "excitingmixing"])
def test_methods_of_root_for_contractions(method):
    found = root(lambda x: 0.3 * np.cos(x) - x, [0.1, 0.2], method=method, tol=1e-6, options={"jac_options": {"alpha": 1.0}} if method == "linearmixing" else None)
    np.testing.assert_allclose(found.x, 0.2876, atol=1e-3)


def test_root_with_arguments_callbacks_and_jacobians_of_ones_own():
    assert root(lambda x, k: x * x - k, [1.0], args=(2.0,)).x[0] == pytest.approx(2**0.5)
    seen = []
    root(both, [0.1, 0.1], method="krylov", callback=lambda x, f: seen.append((x, f)))
    assert seen
    assert root(both, [0.1, 0.1], jac=lambda x: np.array([[1.0, 0.0], [0.0, 1.0]])).success
    assert root(both, [0.1, 0.1], jac=False).success
    assert root(lambda x: (x * x - 4.0, np.diag(2 * x)), [1.0, 3.0], jac=True).x == pytest.approx([2.0, 2.0])
    many = root(lambda x: np.linalg.solve(np.array([[2.0, 1.0], [1.0, 3.0]]), x) + x**3 - 1.0, [0.5, 0.5])
    assert many.success
    with pytest.raises(ValueError, match="Unknown solver"):
        root(both, [0.1, 0.1], method="newton")


# curve_fit.


@pytest.mark.parametrize("method", [None, "lm", "trf", "dogbox"])
@pytest.mark.parametrize("sigma", [None, "errors", "covariance"])
def test_curve_fit_gives_scipys_results(method, sigma):
    errors = 0.02 * (1 + T)
    given = {"errors": errors, "covariance": np.diag(errors**2) + 1e-5, None: None}[sigma]
    for absolute in (False, True):
        kwargs = {"sigma": given, "absolute_sigma": absolute, "method": method, "p0": [2.0, 1.0, 0.0]}
        popt, pcov = curve_fit(model, T, DATA, **kwargs)
        wanted, covariance = scipy_optimize.curve_fit(model, T, DATA, jac=by_hand, **kwargs)
        np.testing.assert_allclose(popt, wanted, rtol=1e-6)
        np.testing.assert_allclose(pcov, covariance, rtol=1e-4, atol=1e-12)


def test_curve_fit_reads_the_signature_and_its_model_runs_once_a_program():
    runs = []

    def counted(t, a, k, c):
        runs.append(None)
        return model(t, a, k, c)

    popt, pcov, info, message, status = curve_fit(counted, T, DATA, full_output=True)
    wanted = scipy_optimize.curve_fit(model, T, DATA, jac=by_hand, full_output=True)
    np.testing.assert_allclose(popt, wanted[0], rtol=1e-5)
    assert set(info) == set(wanted[2]) and status in (1, 2, 3, 4) and isinstance(message, str)
    assert info["nfev"] == wanted[2]["nfev"]
    assert len(runs) <= 1 + 3


def test_curve_fit_with_bounds_and_jacobians_of_ones_own():
    popt, _ = curve_fit(model, T, DATA, bounds=([0, 0, 0], [2.0, 5.0, 1.0]))
    wanted, _ = scipy_optimize.curve_fit(model, T, DATA, bounds=([0, 0, 0], [2.0, 5.0, 1.0]))
    np.testing.assert_allclose(popt, wanted, atol=1e-4)
    assert popt[0] <= 2.0
    for jac in (by_hand, "3-point"):
        method = "trf" if isinstance(jac, str) else None
        np.testing.assert_allclose(curve_fit(model, T, DATA, jac=jac, method=method)[0], curve_fit(model, T, DATA)[0], rtol=1e-4)


def test_curve_fit_with_many_independent_variables_missing_data_and_constants():
    xs = RNG.standard_normal((2, 30))
    y = 3.0 * xs[0] - 2.0 * np.sin(xs[1])
    np.testing.assert_allclose(curve_fit(lambda x, a, b: a * x[0] + b * np.sin(x[1]), xs, y)[0], [3.0, -2.0], rtol=1e-7)
    holes = y.copy()
    holes[::7] = np.nan
    popt, _ = curve_fit(lambda x, a, b: a * x[0] + b * np.sin(x[1]), xs, holes, nan_policy="omit")
    np.testing.assert_allclose(popt, [3.0, -2.0], rtol=1e-7)
    popt, _ = curve_fit(lambda x, a: a, T, DATA)  # noqa: E731
    assert popt[0] == pytest.approx(DATA.mean())
    popt, _ = curve_fit(lambda x, *p: sum(c * x**k for k, c in enumerate(p)), T, 1 + 2 * T + 3 * T**2, p0=np.ones(3))
    np.testing.assert_allclose(popt, [1, 2, 3], rtol=1e-7)


def test_errors_of_curve_fit_are_scipys():
    with pytest.raises(ValueError, match="Unable to determine number of fit parameters"):
        curve_fit(lambda x, *p: x, T, DATA)
    with pytest.raises(TypeError, match="must not exceed"):
        curve_fit(lambda x, a, b, c: a + b * x + c * x * x, T[:2], DATA[:2])
    with pytest.raises(ValueError, match="infs or NaNs"):
        curve_fit(model, T, DATA * np.nan)
    with pytest.raises(ValueError, match="'args' is not a supported"):
        curve_fit(model, T, DATA, args=(1,))
    with pytest.raises(TypeError, match="returned a ndarray"):
        curve_fit(lambda x, a: np.ones(40), T, DATA)


def test_a_singular_fit_warns_as_scipy_does():
    with pytest.warns(scipy_optimize.OptimizeWarning, match="[Cc]ovariance"):
        curve_fit(lambda x, a, b: (a + b) * tape.ones_like(x), T[:2], DATA[:2])
