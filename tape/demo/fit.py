"""The fit: SciPy's L-BFGS-B on the model's loss, standard errors from its Hessian, and the checks of both.

minimise with the compiled loss (`compiled`, `fit`), with a tape recorded at each point (`fit_eagerly`) or with SciPy's finite
differences (`fit_by_differences`); differentiate once (`value_and_gradient`), twice (`hessian`) or by complex step (`complex_step`),
and get from second derivatives of logarithms to standard errors of the quantities themselves (`standard_errors`).

Invariant: points are ndarrays of six logarithms; every function evaluates the one text in `model`.
SciPy is imported when a fit begins. Imported by report and by `python -m tape`.
"""

import cmath
import functools
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import tape

from . import model

# Far below what the data can tell apart; the same for every run, so that they stop at the same point.
STOP = {"ftol": 1e-13, "gtol": 1e-6}


@dataclass(frozen=True)
class Run:
    """One minimisation: where it ended and what it took."""

    logs: np.ndarray
    loss: float
    gradients: int
    evaluations: int
    seconds: float
    converged: bool
    message: str


def value(logs: np.ndarray, steps: int) -> float:
    """The loss in plain Python floats.

    >>> round(value(np.array(model.start()), steps=4), 1)
    169.6
    """
    return model.loss([float(q) for q in logs], _exp, _log, steps)


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def _log(x: float) -> float:
    # A trial point may send a population below zero: NaN there, as Tensors give.
    return math.log(x) if x > 0 else math.nan


@functools.cache
def compiled(steps: int) -> Any:
    """The loss recorded once and replayed: point -> (loss, gradient), with second derivatives as its methods.

    >>> loss, gradient = compiled(4)(np.array(model.start()))
    >>> round(loss, 1), gradient.shape
    (169.6, (6,))
    """
    return tape.optimize.objective(lambda logs: model.loss(logs, tape.exp, tape.log, steps))


def seconds_a_gradient(steps: int, calls: int = 200) -> float:
    """The median time of a call of the compiled loss with its gradient, in native code where that can be made."""
    held, point = compiled(steps), np.array(model.start())
    held.wait()
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        held(point)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def record(logs: np.ndarray, steps: int) -> tuple[Any, Any]:
    """The leaf of six logarithms, and the loss recorded from it (both Tensors)."""
    leaf = tape.tensor(logs, requires_grad=True)
    return leaf, model.loss(leaf, tape.exp, tape.log, steps)


def value_and_gradient(logs: np.ndarray, steps: int) -> tuple[float, np.ndarray]:
    """The loss and its gradient, by one recording and one sweep.

    >>> loss, gradient = value_and_gradient(np.array(model.start()), steps=4)
    >>> round(loss, 1), gradient.shape
    (169.6, (6,))
    """
    leaf, loss = record(logs, steps)
    (gradient,) = tape.autograd.grad(loss, leaf)
    return loss.item(), gradient.numpy()


def hessian(logs: np.ndarray, steps: int) -> np.ndarray:
    """Second derivatives of the loss, (6, 6): products with the unit vectors, forward over reverse, compiled."""
    return compiled(steps).hess(logs)


def complex_step(logs: np.ndarray, steps: int, h: float = 1e-30) -> np.ndarray:
    """The gradient by complex step: the imaginary part of loss(x + ih) / h, exact to rounding.

    Nothing is subtracted, so nothing cancels, and h may be as small as one likes.
    """
    gradient = np.empty(len(logs))
    for k in range(len(logs)):
        moved = [complex(q, h if j == k else 0.0) for j, q in enumerate(logs)]
        gradient[k] = model.loss(moved, cmath.exp, cmath.log, steps).imag / h
    return gradient


def finite_differences(logs: np.ndarray, steps: int) -> np.ndarray:
    """The gradient by forward differences of plain floats, as SciPy's optimisers take them: 7 evaluations."""
    from scipy.optimize import approx_fprime

    return np.asarray(approx_fprime(logs, value, np.sqrt(np.finfo(float).eps), steps))


def standard_errors(logs: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Standard errors of the six quantities, from the Hessian in their logarithms.

    Its inverse is the covariance of the logarithms; by the delta method an error of log p is multiplied by p.
    Raises numpy.linalg.LinAlgError where the Hessian is not positive definite (no minimum there).
    """
    np.linalg.cholesky(second)
    return np.exp(logs) * np.sqrt(np.diag(np.linalg.inv(second)))


def fit(steps: int) -> Run:
    """Minimise the compiled loss."""
    return _timed(lambda: tape.optimize.minimize(compiled(steps), model.start(), method="L-BFGS-B", options=STOP))


def fit_eagerly(steps: int) -> Run:
    """The same with a tape recorded and swept at each point."""
    return _by_scipy(value_and_gradient, True, steps)


def fit_by_differences(steps: int) -> Run:
    """Minimise the loss in plain floats, with SciPy's own finite differences for gradients."""
    return _by_scipy(value, None, steps)


def _by_scipy(function: Callable[[np.ndarray, int], Any], jac: bool | None, steps: int) -> Run:
    from scipy.optimize import minimize

    return _timed(lambda: minimize(function, model.start(), args=(steps,), jac=jac, method="L-BFGS-B", options=STOP))


def _timed(minimise: Callable[[], Any]) -> Run:
    import scipy.optimize  # noqa: F401  (which takes a while, and is not part of a fit)

    began = time.perf_counter()
    result = minimise()
    seconds = time.perf_counter() - began
    return Run(
        logs=result.x,
        loss=float(result.fun),
        gradients=result.njev,
        evaluations=result.nfev,
        seconds=seconds,
        converged=bool(result.success),
        message=str(result.message),
    )
