"""The measured programs as CasADi's users write them: expressions in symbols.

Each function takes the module `casadi`, the symbols of the parameters and the program's constants, and gives
the expression of the value. Memory is read as CasADi reads it, by columns: the symbol of a matrix is the
transpose of the program's, a vector is a column. `KINDS` names those written in scalar symbols (SX); the
others are in matrix symbols (MX). The Gaussian process is missing: there is no dense Cholesky factor of an
MX. Invariant: as bench.programs'. Imports numpy only; imported by compiled_programs and compiled_peers.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np


def rosenbrock(ca: Any, params: Any, given: Any) -> Any:
    (x,) = params
    return 100.0 * ca.sumsqr(x[1:] - x[:-1] ** 2) + ca.sumsqr(1.0 - x[:-1])


def long_rosenbrock(ca: Any, params: Any, given: Any) -> Any:
    """The same text in matrix symbols."""
    return rosenbrock(ca, params, given)


def lotka_volterra(ca: Any, params: Any, given: Any) -> Any:
    (p,), (logs, h, every) = params, given
    a, b, c, d, u, v = (p[k] for k in range(6))

    def slopes(u, v):
        return u * (a - b * v), v * (d * u - c)

    total = 0
    for hare, lynx in logs.tolist():
        for _ in range(every):
            pa, qa = slopes(u, v)
            pb, qb = slopes(u + 0.5 * h * pa, v + 0.5 * h * qa)
            pc, qc = slopes(u + 0.5 * h * pb, v + 0.5 * h * qb)
            pd, qd = slopes(u + h * pc, v + h * qc)
            u, v = u + h / 6 * (pa + 2 * pb + 2 * pc + pd), v + h / 6 * (qa + 2 * qb + 2 * qc + qd)
        total += (ca.log(u) - hare) ** 2 + (ca.log(v) - lynx) ** 2
    return total


def stencil(ca: Any, params: Any, given: Any) -> Any:
    """The five points do not mind the transpose, the target does."""
    (field,), (target, rate, steps) = params, given
    u = field
    for _ in range(steps):
        inside = u[1:-1, 1:-1]
        inside = inside + rate * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * inside)
        middle = ca.horzcat(u[1:-1, 0], inside, u[1:-1, -1])
        u = ca.vertcat(u[0, :], middle, u[-1, :])
    return ca.sumsqr(u - ca.DM(target.T))


def nbody(ca: Any, params: Any, given: Any) -> Any:
    (x,), (mass, soft) = params, given
    n = mass.size
    square = soft
    for k in range(3):
        across = ca.repmat(x[k, :], n, 1)
        square = square + (across - across.T) ** 2
    return -0.5 * ca.sum1(ca.sum2(ca.DM(np.outer(mass, mass)) / ca.sqrt(square)))


def log_sum_exp(ca: Any, columns: list[Any]) -> Any:
    """Of each row, given as a list of columns."""
    top = reduce(ca.fmax, columns)
    return top + ca.log(sum(ca.exp(column - top) for column in columns))


def mixture(ca: Any, params: Any, given: Any) -> Any:
    (a, mean, s), (points,) = params, given
    (n, k), m = points.shape, a.shape[0]
    data = ca.DM(points)
    weight = a - log_sum_exp(ca, [a[c] for c in range(m)]) - ca.sum1(s).T
    columns = []
    for c in range(m):
        u = (data - ca.repmat(mean[:, c].T, n, 1)) * ca.repmat(ca.exp(-s[:, c]).T, n, 1)
        columns.append(weight[c] - 0.5 * ca.sum2(u**2))
    return ca.sum1(log_sum_exp(ca, columns)) - 0.5 * n * k * math.log(2 * math.pi)


def mlp(ca: Any, params: Any, given: Any) -> Any:
    """Weights and activities are transposed: a column an image."""
    (first, first_bias, second, second_bias), (images, labels) = params, given
    n, classes = labels.size, second_bias.shape[0]
    hidden = ca.tanh(first @ ca.DM(images.T) + ca.repmat(first_bias, 1, n))
    scores = second @ hidden + ca.repmat(second_bias, 1, n)
    chosen = np.zeros((classes, n))
    chosen[labels, np.arange(n)] = 1.0
    hit = ca.sum1(scores * ca.DM(chosen)).T
    return ca.sum1(log_sum_exp(ca, [scores[k, :].T for k in range(classes)]) - hit) / n


def logistic(ca: Any, params: Any, given: Any) -> Any:
    (w, b), (features, labels) = params, given
    z = ca.DM(features) @ w + b
    soft = ca.fmax(z, 0) + ca.log1p(ca.exp(-ca.fabs(z)))
    return ca.sum1(soft - ca.DM(labels) * z) / labels.size


KINDS = {rosenbrock: "SX", lotka_volterra: "SX"}
