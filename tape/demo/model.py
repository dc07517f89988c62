"""The Lotka-Volterra equations, a Runge-Kutta method for them, and how improbable the data are under them.

    hares  u' = (alpha - beta * v) * u          lynxes  v' = (delta * u - gamma) * v

solve (`yearly`, `path`), judge six unknowns (`loss`), begin somewhere sensible (`start`). The unknowns are
the *logarithms* of alpha, beta, gamma, delta and of the populations in 1900: all six are positive quantities.

Invariant: one text serves every kind of number. The functions use arithmetic and the `exp` and `log` that
they are given, so that 0-d Tensors record a tape, floats give SciPy's finite differences, complex numbers the
complex step.
Knows nothing of Tensors; imported by fit, report and picture.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .data import HARE, LYNX, YEARS

NAMES = ("alpha", "beta", "gamma", "delta", "hare 1900", "lynx 1900")
MEANINGS = (
    "hare births a year",
    "hares eaten per lynx",
    "lynx deaths a year",
    "lynx births per hare",
    "thousands",
    "thousands",
)

# Posterior means of the Stan fit (see data), their standard deviations, and the decimals of both.
# Those of the rates are from the published 80 % intervals, half the width over 1.28. Those of the populations
# are not published; a Markov chain of our own on the same posterior gives them (and the rates' again).
PUBLISHED = (0.55, 0.028, 0.80, 0.024, 33.9, 5.9)
PUBLISHED_ERRORS = (0.06, 0.004, 0.09, 0.004, 2.9, 0.5)
DECIMALS = (2, 3, 2, 3, 1, 1)

# Note [which fit reproduces the published one]
# Stan reports means over a posterior in which the spread of the log residuals is unknown too (0.25 for both
# species). We hold it at 0.25 and look for the mode. Root mean square distance of our six estimates from the
# published six, in published standard errors: least squares of the log residuals alone 0.15; mode of the
# published posterior over the quantities themselves 0.09; mode over their logarithms 0.07. So the last: the
# published priors (normal for the rates, log-normal for the populations), and the Jacobian of the logarithm
# for the rates. A Markov chain of 100,000 steps on the full posterior, the spreads unknown, has its medians
# within 0.1 standard errors of this mode.
SPREAD = 0.25
RATE_PRIORS = ((1.0, 0.5), (0.05, 0.05), (1.0, 0.5), (0.05, 0.05))  # mean, standard deviation
POPULATION_PRIOR = (math.log(10.0), 1.0)  # the same, of the logarithm


def start() -> list[float]:
    """Logarithms to begin with, from the data alone.

    Small cycles have period 2 pi / sqrt(alpha gamma), around u = gamma / delta, v = alpha / beta.
    Ten years from peak to peak and the mean counts give the rates; the first counts, the populations in 1900.
    """
    rate = 2 * math.pi / 10
    rest_hare, rest_lynx = sum(HARE) / len(HARE), sum(LYNX) / len(LYNX)
    return [math.log(p) for p in (rate, rate / rest_lynx, rate, rate / rest_hare, HARE[0], LYNX[0])]


def _rates(u: Any, v: Any, alpha: Any, beta: Any, gamma: Any, delta: Any) -> tuple[Any, Any]:
    return (alpha - beta * v) * u, (delta * u - gamma) * v


def _step(u: Any, v: Any, h: float, rates: Sequence[Any]) -> tuple[Any, Any]:
    """One step of the classical fourth-order Runge-Kutta method."""
    du_a, dv_a = _rates(u, v, *rates)
    du_b, dv_b = _rates(u + h / 2 * du_a, v + h / 2 * dv_a, *rates)
    du_c, dv_c = _rates(u + h / 2 * du_b, v + h / 2 * dv_b, *rates)
    du_d, dv_d = _rates(u + h * du_c, v + h * dv_c, *rates)
    return (
        u + h / 6 * (du_a + 2 * (du_b + du_c) + du_d),
        v + h / 6 * (dv_a + 2 * (dv_b + dv_c) + dv_d),
    )


def path(parameters: Sequence[Any], steps: int) -> Iterator[tuple[Any, Any]]:
    """Hares and lynxes from 1900 to 1920, `steps` times a year, the first instant included.

    `parameters` are the six quantities themselves (not their logarithms), numbers of any one kind.

    >>> rest = (1.0, 0.1, 1.0, 0.1, 10.0, 10.0)          # nothing moves at (gamma / delta, alpha / beta)
    >>> list(path(rest, steps=1))[-1]
    (10.0, 10.0)
    """
    *rates, u, v = parameters
    yield u, v
    for _ in range((len(YEARS) - 1) * steps):
        u, v = _step(u, v, 1 / steps, rates)
        yield u, v


def yearly(parameters: Sequence[Any], steps: int) -> list[tuple[Any, Any]]:
    """`path` at the turn of each year: as many pairs as there are data."""
    return [state for k, state in enumerate(path(parameters, steps)) if k % steps == 0]


def loss(logs: Sequence[Any], exp: Callable[[Any], Any], log: Callable[[Any], Any], steps: int) -> Any:
    """Minus the logarithm of the posterior density of six logarithms, up to a constant.

    See Note [which fit reproduces the published one]. `logs` is anything with six entries; the result has
    their kind (a 0-d Tensor for a Tensor).

    >>> round(loss(start(), math.exp, math.log, steps=4), 1)
    169.6
    """
    logs = [logs[k] for k in range(len(NAMES))]
    parameters = [exp(q) for q in logs]
    total = 0.0
    for (u, v), hare, lynx in zip(yearly(parameters, steps), HARE, LYNX, strict=True):
        for residual in (log(u) - math.log(hare), log(v) - math.log(lynx)):
            total = total + residual * residual
    total = total / (2 * SPREAD**2)
    for q, p, (mean, deviation) in zip(logs[:4], parameters[:4], RATE_PRIORS, strict=True):
        distance = (p - mean) / deviation
        total = total + distance * distance / 2 - q
    mean, deviation = POPULATION_PRIOR
    for q in logs[4:]:
        distance = (q - mean) / deviation
        total = total + distance * distance / 2
    return total
