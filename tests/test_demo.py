"""The main job: the fit, its derivatives and standard errors, its pictures, and the command line."""

import doctest
import subprocess
import sys

import numpy as np
import pytest

from tape.__main__ import main
from tape.demo import data, fit, model, picture, report

STEPS = 4  # a year; enough for six digits of every estimate


@pytest.fixture(scope="module")
def fitted():
    return fit.fit(STEPS)


@pytest.fixture(scope="module")
def second(fitted):
    return fit.hessian(fitted.logs, STEPS)


@pytest.fixture
def elsewhere(fitted):
    """A point with no symmetry and a large gradient."""
    return fitted.logs + np.array([0.1, -0.05, 0.07, -0.1, 0.2, -0.3])


# The data and the model.


def test_one_figure_a_year():
    assert data.YEARS[0] == 1900 and data.YEARS[-1] == 1920
    assert len(data.YEARS) == len(data.HARE) == len(data.LYNX) == 21


@pytest.mark.parametrize("module", [model, fit])
def test_examples_of_the_docstrings(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


def test_runge_kutta_is_of_fourth_order():
    parameters = np.exp(model.start())
    exact, coarse, fine = (model.yearly(parameters, steps)[-1] for steps in (320, 16, 32))
    ratio = (np.array(coarse) - exact) / (np.array(fine) - exact)
    np.testing.assert_allclose(ratio, 16, rtol=0.2)


def test_what_the_equations_conserve_stays():
    """delta u - gamma log u + beta v - alpha log v is constant along a solution."""
    alpha, beta, gamma, delta, *_ = parameters = np.exp(model.start())
    u, v = np.array(model.yearly(parameters, steps=40)).T
    conserved = delta * u - gamma * np.log(u) + beta * v - alpha * np.log(v)
    np.testing.assert_allclose(conserved, conserved[0], rtol=1e-6)


def test_tensors_and_floats_give_one_loss(elsewhere):
    number = fit.value(elsewhere, STEPS)
    assert fit.compiled(STEPS)(elsewhere)[0] == pytest.approx(number, rel=1e-13)
    assert fit.value_and_gradient(elsewhere, STEPS)[0] == pytest.approx(number, rel=1e-13)


def test_a_population_below_zero_is_nan_and_no_error():
    wild = np.array([5.0, 3.0, 5.0, 3.0, 5.0, 5.0])
    assert not np.isfinite(fit.value(wild, 1))
    assert not np.isfinite(fit.value_and_gradient(wild, 1)[0])
    assert not np.isfinite(fit.compiled(1)(wild)[0])


# Derivatives.


@pytest.mark.parametrize("steps", [1, 10])
def test_gradient_is_the_complex_steps(elsewhere, steps):
    exact = fit.complex_step(elsewhere, steps)
    for gradient_of in (fit.value_and_gradient, lambda logs, steps: fit.compiled(steps)(logs)):
        _, gradient = gradient_of(elsewhere, steps)
        np.testing.assert_allclose(gradient, exact, rtol=1e-10)


def test_finite_differences_are_close_but_far_less_exact(elsewhere):
    exact = fit.complex_step(elsewhere, STEPS)
    deviation = np.abs(fit.finite_differences(elsewhere, STEPS) - exact).max() / np.abs(exact).max()
    assert 1e-10 < deviation < 1e-5


def test_hessian_is_the_difference_of_gradients(fitted, second):
    h = 1e-4
    after, before = (
        np.stack([fit.complex_step(fitted.logs + step, STEPS) for step in sign * h * np.eye(6)])
        for sign in (1, -1)
    )
    differences = (after - before) / (2 * h)
    np.testing.assert_allclose(second, second.T, rtol=1e-9)
    np.testing.assert_allclose(second, differences, atol=1e-5 * np.abs(second).max())
    errors = fit.standard_errors(fitted.logs, second)
    np.testing.assert_allclose(errors, fit.standard_errors(fitted.logs, differences), rtol=1e-4)


# The fit.


def test_the_published_fit_within_a_seventh_of_its_standard_errors(fitted):
    assert fitted.converged
    distance = (np.exp(fitted.logs) - model.PUBLISHED) / model.PUBLISHED_ERRORS
    assert np.abs(distance).max() < 1 / 7


def test_the_published_standard_errors_to_about_their_rounding(fitted, second):
    # delta's is 0.0034; the published interval gives 0.0035, which rounds up.
    errors = fit.standard_errors(fitted.logs, second)
    rounding = 0.5 * 10.0 ** -np.array(model.DECIMALS)
    assert (np.abs(errors - model.PUBLISHED_ERRORS) < 1.3 * rounding).all()


def test_the_fit_is_a_stationary_minimum(fitted, second):
    assert np.abs(fit.complex_step(fitted.logs, STEPS)).max() < 1e-3
    assert np.linalg.eigvalsh(second).min() > 0


def test_the_compiled_fit_takes_the_steps_of_the_eager_one_in_much_less_time(fitted):
    eager = fit.fit_eagerly(STEPS)
    np.testing.assert_allclose(eager.logs, fitted.logs, atol=1e-6)
    assert abs(eager.evaluations - fitted.evaluations) <= 2
    assert fit.seconds_a_gradient(STEPS, calls=20) < eager.seconds / eager.gradients / 20


def test_finite_differences_end_at_the_same_point_after_more_evaluations(fitted):
    run = fit.fit_by_differences(STEPS)
    np.testing.assert_allclose(run.logs, fitted.logs, atol=1e-5)
    assert run.evaluations > 5 * fitted.evaluations


def test_no_standard_errors_away_from_a_minimum(fitted):
    with pytest.raises(np.linalg.LinAlgError):
        fit.standard_errors(fitted.logs, -np.eye(6))


# Pictures and tables.


def test_the_picture_fits_a_terminal(fitted):
    lines = picture.draw(np.exp(fitted.logs)).splitlines()
    assert len(lines) <= 20 and max(map(len, lines)) <= 80
    body = "".join(lines[1:])
    assert body.isascii()
    assert body.count("H") >= 19 and body.count("L") >= 19  # of 21; two may share a place
    assert body.count(".") > 60 and body.count("~") > 60
    assert lines[-1].split() == ["1900", "1905", "1910", "1915", "1920"]


def test_a_wild_fit_does_not_break_the_picture():
    lines = picture.draw((40.0, 0.1, 0.1, 1e-9, 30.0, 4.0)).splitlines()
    assert len(lines) <= 20 and max(map(len, lines)) <= 80
    assert float(lines[1].split()[0]) <= 120


def test_tables_fit_a_terminal(fitted, second):
    errors = fit.standard_errors(fitted.logs, second)
    table = report.estimates(fitted.logs, errors) + "\n" + report.cost(fitted, fitted, fitted, 1.0, 1e-5)
    assert all(name in table for name in model.NAMES)
    assert max(map(len, table.splitlines())) <= 80


def test_a_picture_file(fitted, tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("fit.png", "without_an_ending"):
        file = tmp_path / name
        assert picture.refuse(str(file)) is None
        picture.plot(np.exp(fitted.logs), str(file))
        assert file.read_bytes().startswith(b"\x89PNG")


# The command line.


def refused(argv, capsys):
    """The one line on stderr of a command that ends with code 2 before it does anything."""
    with pytest.raises(SystemExit) as stop:
        main(argv)
    printed = capsys.readouterr()
    assert stop.value.code == 2
    assert printed.out == "" and printed.err.count("\n") == 1
    return printed.err


@pytest.mark.parametrize("steps", ["0", "-3", "2.5", "many"])
def test_steps_below_one_are_refused(steps, capsys):
    line = refused([f"--steps={steps}"], capsys)
    assert f"got '{steps}'" in line and "at least 1" in line


def test_unknown_arguments_are_refused(capsys):
    assert "--speed" in refused(["--speed"], capsys)


def test_unwritable_plots_are_refused(tmp_path, capsys):
    pytest.importorskip("matplotlib")
    assert "is not a directory" in refused(["--plot", str(tmp_path / "missing" / "fit.png")], capsys)
    assert "it is a directory" in refused(["--plot", str(tmp_path)], capsys)
    assert "ending must be one of" in refused(["--plot", str(tmp_path / "fit.docx")], capsys)


def test_a_plot_without_matplotlib_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert "needs matplotlib" in refused(["--plot", str(tmp_path / "fit.png")], capsys)


def test_a_disk_that_fills_up_is_one_line_too(tmp_path, capsys, monkeypatch):
    pytest.importorskip("matplotlib")

    def full(parameters, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(picture, "plot", full)
    assert main(["--steps=1", "--quiet", "--plot", str(tmp_path / "fit.png")]) == 2
    assert "No space left on device" in capsys.readouterr().err


def test_the_command(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tape", "--steps=2"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "compiling kernels (first run only)" in done.stderr
    for published in ("0.55", "0.028", "0.80", "0.024", "33.9", "5.9"):
        assert published in done.stdout
    assert "1920" in done.stdout.splitlines()[-1]
    assert max(map(len, done.stdout.splitlines())) <= 200
