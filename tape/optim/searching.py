"""A line search for the strong Wolfe conditions, by cubic interpolation (Nocedal and Wright, Numerical Optimization, algorithms 3.5, 3.6).

`search` finds a step t along a direction where the function has fallen by at least 1e-4 of what its slope promised and the slope has
flattened to 0.9 of what it was; its choices, and so its steps, are those of PyTorch's LBFGS. Knows arrays only; imported by lbfgs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

FALL, FLATTER = 1e-4, 0.9  # Wolfe's two constants
SMALLEST, MOST = 1e-9, 25  # of brackets, and of evaluations


class Point(NamedTuple):
    """A step with value, gradient and slope along the direction."""

    t: float
    f: float
    g: np.ndarray
    slope: float


def search(
    at: Callable[[float], tuple[float, np.ndarray]], d: np.ndarray, t: float, f: float, g: np.ndarray, slope: float
) -> tuple[Point, int]:
    """The step found, and how many evaluations it took. at(t): value and gradient there; d: the direction; t: the first step to try;
    f, g, slope: value, gradient and slope at 0."""

    def point(t: float) -> Point:
        value, gradient = at(t)
        return Point(t, value, gradient, float(gradient.dot(d)))

    start = Point(0.0, f, g, slope)
    before, here, evaluations, tries = start, point(t), 1, 0
    bracket: list[Point] = []
    while tries < MOST:
        if here.f > f + FALL * here.t * slope or (tries > 1 and here.f >= before.f):
            bracket = [before, here]
            break
        if abs(here.slope) <= -FLATTER * slope:
            return here, evaluations
        if here.slope >= 0:
            bracket = [before, here]
            break
        bounds = here.t + 0.01 * (here.t - before.t), here.t * 10
        before, here = here, point(cubic(before, here, bounds))
        evaluations += 1
        tries += 1
    if not bracket:
        bracket = [start, here]
    return _narrowed(point, bracket, start, float(np.abs(d).max()), evaluations, tries)


def _narrowed(
    point: Callable[[float], Point], bracket: list[Point], start: Point, longest: float, evaluations: int, tries: int
) -> tuple[Point, int]:
    """Narrow a bracket until a point in it serves. Its better end is the best point so far."""
    slow, low, high = False, *((0, 1) if bracket[0].f <= bracket[1].f else (1, 0))
    while tries < MOST and abs(bracket[1].t - bracket[0].t) * longest >= SMALLEST:
        t, slow = _inside(bracket, slow)
        here = point(t)
        evaluations += 1
        tries += 1
        if here.f > start.f + FALL * t * start.slope or here.f >= bracket[low].f:
            bracket[high] = here
            low, high = (0, 1) if bracket[0].f <= bracket[1].f else (1, 0)
            continue
        done = abs(here.slope) <= -FLATTER * start.slope
        if not done and here.slope * (bracket[high].t - bracket[low].t) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = here
        if done:
            break
    return bracket[low], evaluations


def _inside(bracket: list[Point], slow: bool) -> tuple[float, bool]:
    """The next step to try, kept off the ends where two in a row came close to one, and whether this one did."""
    t = cubic(*bracket)
    left, right = sorted((bracket[0].t, bracket[1].t))
    margin = 0.1 * (right - left)
    if min(right - t, t - left) >= margin:
        return t, False
    if slow or t >= right or t <= left:
        return (right - margin if abs(t - right) < abs(t - left) else left + margin), False
    return t, True


def cubic(a: Point, b: Point, bounds: tuple[float, float] | None = None) -> float:
    """Where the cubic through both values and slopes is least, within the bounds or between the points; the middle where it has no minimum."""
    lower, upper = bounds if bounds is not None else (min(a.t, b.t), max(a.t, b.t))
    mean = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t)
    square = mean**2 - a.slope * b.slope
    if square < 0:
        return (lower + upper) / 2.0
    root = square**0.5
    if a.t <= b.t:
        least = b.t - (b.t - a.t) * ((b.slope + root - mean) / (b.slope - a.slope + 2 * root))
    else:
        least = a.t - (a.t - b.t) * ((a.slope + root - mean) / (a.slope - b.slope + 2 * root))
    return min(max(least, lower), upper)


__all__ = ["Point", "search"]
