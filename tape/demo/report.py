"""The tables that `python -m tape` prints, as text: estimates, gradients compared, cost.

Invariant: lines of at most 80 characters; functions of numbers alone, nothing is computed or measured here.
Imported by `python -m tape`.
"""

import numpy as np

from . import model
from .fit import Run


def estimates(logs: np.ndarray, errors: np.ndarray) -> str:
    """The six quantities with standard errors, beside the published ones."""
    lines = [f"{'':10}{'estimate':>10}{'+-':>9}{'published':>12}{'+-':>8}"]
    rows = zip(
        model.NAMES,
        np.exp(logs),
        errors,
        model.PUBLISHED,
        model.PUBLISHED_ERRORS,
        model.DECIMALS,
        model.MEANINGS,
        strict=True,
    )
    for name, p, error, published, published_error, places, meaning in rows:
        ours = f"{name:10}{p:10.{places + 1}f}{error:9.{places + 1}f}"
        theirs = f"{published:12.{places}f}{published_error:8.{places}f}"
        lines.append(f"{ours}{theirs}   {meaning}")
    return "\n".join(lines)


def agreement(ours: np.ndarray, differences: np.ndarray, exact: np.ndarray) -> str:
    """How far two gradients are from the complex step's, relative to its largest entry."""
    scale = np.abs(exact).max()
    lines = ["gradient at the starting point, largest deviation from the complex step:"]
    for name, gradient in (("tape", ours), ("finite differences", differences)):
        lines.append(f"  {name:20}{np.abs(gradient - exact).max() / scale:9.1e}")
    return "\n".join(lines)


def cost(ours: Run, eager: Run, differences: Run, recording: float, call: float) -> str:
    """Evaluations and times of three fits. `recording`: seconds of the first call of the compiled loss; `call`: those of a later one."""
    lines = [f"{'L-BFGS-B with':35}{'evaluations':>12}{'seconds':>9}{'ms a gradient':>14}{'loss':>8}"]
    rows = (
        ("tape's gradients, compiled", ours, call),
        ("tape's gradients, recorded anew", eager, eager.seconds / eager.gradients),
        ("finite differences of plain floats", differences, differences.seconds / differences.gradients),
    )
    for name, run, each in rows:
        lines.append(f"{name:35}{run.evaluations:12}{run.seconds:9.3f}{1e3 * each:14.3f}{run.loss:8.3f}")
    each_eager, each_float = (each for _, _, each in rows[1:])
    lines.append(f"compiled, a gradient takes {each_float / call:,.0f} times less than by finite differences and")
    lines.append(f"{each_eager / call:,.0f} times less than recorded anew; its first call, which records, took {recording:.2f} s")
    return "\n".join(lines)
