"""The programs that are measured compiled: those of bench.programs, and some that only a compiler makes worth
writing, each with a gradient written by hand for Numba.

`COMPILED[name](smoke)` gives a Compiled: the Program, its further forms, and the limits it is held to; its
`points` are the two places it is called at in turn, so that no contender gains from seeing an array again.
In `in_torch` loops are written out; in `in_numpy`, `lib.repeat` says how they run.
Invariant: everything is float64, and all forms of a program agree; bench.contest.check asserts it.
Imports programs, by_hand and symbolic; imported by compiled_peers and the figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bench import by_hand, symbolic
from bench.programs import PROGRAMS, Arrays, Program, rosenbrock

LIBRARIES = ("jax", "torch.compile", "torch", "HIPS", "CasADi")
HAND = ("by hand",)
THREADS, FIRST_TIER = "2 threads", "first tier"


@dataclass(frozen=True)
class Limit:
    """`ours` is to take at most `ratio` times what the fastest of `of` takes or, where there is none, at most
    `ratio` seconds."""

    ratio: float
    of: tuple[str, ...] = ()
    ours: str = "tape"


@dataclass(frozen=True)
class Compiled:
    """A program with what only these figures need: `by_hand(*params, *given)`, the expression for CasADi where
    writing it there makes sense, the limits, contenders that only some programs have, and those whose compiler
    may take minutes."""

    what: str
    program: Program
    by_hand: Callable[..., Any]
    given: tuple[Any, ...]
    limits: tuple[Limit, ...]
    symbolic: Callable[..., Any] | None = None
    also: tuple[str, ...] = ()
    hard: tuple[str, ...] = ()

    @cached_property
    def points(self) -> tuple[Arrays, Arrays]:
        """The parameters, and the same moved a little."""
        rng = np.random.default_rng(99)
        moved = (p * (1.0 + 1e-3 * rng.standard_normal(p.shape)) for p in self.program.params)
        return self.program.params, tuple(np.asarray(p) for p in moved)


def written_out(step: Callable[..., Any], times: int, carry: Any, extra: Any) -> Any:
    """`repeat` as a loop of Python."""
    for _ in range(times):
        carry = step(carry, extra)
    return carry


def new(
    name: str,
    params: Arrays,
    constants: Arrays,
    in_torch: Callable[..., Any],
    in_numpy: Callable[..., Any],
    hand: Callable[..., Any],
    *given: Any,
) -> dict[str, Any]:
    """A program and its gradient by hand, as arguments of Compiled."""
    program = Program(name, params, constants, in_torch, in_numpy, lambda p, c: hand(*p, *given))
    return {"program": program, "by_hand": hand, "given": given}


def framed(join: Callable[..., Any], u: Any, inside: Any) -> Any:
    """A field with the edge of u; `join` concatenates."""
    middle = join((u[1:-1, :1], inside, u[1:-1, -1:]), 1)
    return join((u[:1], middle, u[-1:]), 0)


def waves(smoke: bool = False) -> dict[str, Any]:
    """Exponentials and sines of a long vector."""
    x = np.random.default_rng(6).uniform(-1.5, 1.5, 100 if smoke else 1_000_000)

    def text(m, x):
        return (m.exp(-x * x) * m.sin(3.0 * x)).sum()

    return new(
        "waves", (x,), (), lambda m, p, c: text(m, *p), lambda lib, p, c: text(lib.np, *p), by_hand.waves
    )


def lotka_volterra(smoke: bool = False) -> dict[str, Any]:
    """Lotka and Volterra's equations by the classical Runge-Kutta method, in single numbers, and the squared
    log residuals at 20 times; in four rates and the two populations at the beginning."""
    times, every, h = (2, 2, 0.1) if smoke else (20, 10, 0.1)
    rng = np.random.default_rng(7)
    logs = rng.normal(3.0, 0.5, (times, 2))
    counts = logs.tolist()
    truth = np.array([0.55, 0.028, 0.80, 0.024, 33.9, 5.9])

    def slopes(u, v, rates):
        a, b, c, d = rates
        return u * (a - b * v), v * (d * u - c)

    def step(state, rates):
        u, v = state
        pa, qa = slopes(u, v, rates)
        pb, qb = slopes(u + 0.5 * h * pa, v + 0.5 * h * qa, rates)
        pc, qc = slopes(u + 0.5 * h * pb, v + 0.5 * h * qb, rates)
        pd, qd = slopes(u + h * pc, v + h * qc, rates)
        return u + h / 6 * (pa + 2.0 * pb + 2.0 * pc + pd), v + h / 6 * (qa + 2.0 * qb + 2.0 * qc + qd)

    def text(log, repeat, p):
        rates, state = tuple(p[k] for k in range(4)), (p[4], p[5])
        total = 0.0
        for hare, lynx in counts:
            state = repeat(step, every, state, rates)
            r, s = log(state[0]) - hare, log(state[1]) - lynx
            total = total + r * r + s * s
        return total

    return new(
        "lotka_volterra",
        (truth,),
        (logs,),
        lambda torch, p, c: text(torch.log, written_out, p[0]),
        lambda lib, p, c: text(lib.np.log, lib.repeat, p[0]),
        by_hand.lotka_volterra,
        logs,
        h,
        every,
    )


def stencil(smoke: bool = False, in_place: bool = False) -> dict[str, Any]:
    """30 steps of the heat equation on a square with its edge held, five points, and how far the result is
    from a target; the field written with slices and joined, or its inside added to in place."""
    n, steps, rate = (8, 3, 0.2) if smoke else (160, 30, 0.2)
    rng = np.random.default_rng(8)
    field, target = rng.random((n, n)), rng.random((n, n))

    def change(u):
        return u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]

    def joined(torch, params, constants):
        (u,), (target,) = params, constants
        for _ in range(steps):
            u = framed(torch.cat, u, u[1:-1, 1:-1] + rate * change(u))
        return ((u - target) ** 2).sum()

    def added(torch, params, constants):
        u, (target,) = params[0].clone(), constants
        for _ in range(steps):
            u[1:-1, 1:-1] += rate * change(u)
        return ((u - target) ** 2).sum()

    def in_numpy(lib, params, constants):
        (u,), (target,) = params, constants
        u = lib.repeat(lambda u, rate: lib.add_inside(u, rate * change(u)), steps, u, rate)
        return ((u - target) ** 2).sum()

    in_torch = added if in_place else joined
    return new("stencil", (field,), (target,), in_torch, in_numpy, by_hand.stencil, target, rate, steps)


def nbody(smoke: bool = False) -> dict[str, Any]:
    """Gravitational energy of 200 bodies with softening, over all pairs by broadcasting."""
    n, soft = (6, 0.01) if smoke else (200, 0.01)
    rng = np.random.default_rng(4)
    x, mass = rng.standard_normal((n, 3)), rng.random(n) + 0.5

    def text(m, params, constants):
        (x,), (mass,) = params, constants
        d = x[:, None, :] - x[None, :, :]
        return -0.5 * (mass[:, None] * mass / m.sqrt((d * d).sum(2) + soft)).sum()

    return new(
        "nbody",
        (x,),
        (mass,),
        text,
        lambda lib, p, c: text(lib.np, p, c),
        by_hand.nbody,
        mass,
        soft,
    )


def gaussian_process(smoke: bool = False) -> dict[str, Any]:
    """Minus the log marginal likelihood of 300 observations under a Gaussian process; in the logarithms of
    length, amplitude and noise."""
    n = 8 if smoke else 300
    rng = np.random.default_rng(9)
    x = rng.standard_normal((n, 3))
    squares = ((x[:, None] - x) ** 2).sum(2)
    y = np.sin(x[:, 0]) + 0.3 * rng.standard_normal(n)
    shift = 0.5 * n * math.log(2 * math.pi)

    def text(m, solve, params, constants):
        (scales,), (squares, eye, y) = params, constants
        length, amplitude, noise = scales[0], scales[1], scales[2]
        k = m.exp(2.0 * amplitude - 0.5 * m.exp(-2.0 * length) * squares) + m.exp(2.0 * noise) * eye
        lower = m.linalg.cholesky(k)
        z = solve(lower, y)
        return 0.5 * (z * z).sum() + m.log(m.diagonal(lower, 0, -1, -2)).sum() + shift

    def in_torch(torch, params, constants):
        def solve(lower, y):
            return torch.linalg.solve_triangular(lower, y[:, None], upper=False)

        return text(torch, solve, params, constants)

    return new(
        "gaussian_process",
        (np.array([0.1, 0.2, -1.0]),),
        (squares, np.eye(n), y),
        in_torch,
        lambda lib, p, c: text(lib.np, lib.solve_lower, p, c),
        by_hand.gaussian_process,
        squares,
        y,
    )


def known(program: Program, hand: Callable[..., Any]) -> dict[str, Any]:
    """A program of bench.programs."""
    return {"program": program, "by_hand": hand, "given": program.constants}


def vector(n: int, what: str, *limits: Limit, **more: Any) -> Callable[[bool], Compiled]:
    """Rosenbrock's function."""
    return lambda smoke=False: Compiled(
        f"Rosenbrock, n = {what}",
        **known(rosenbrock(min(n, 20) if smoke else n), by_hand.rosenbrock),
        limits=limits,
        symbolic=symbolic.rosenbrock if n <= 1000 else symbolic.long_rosenbrock,
        **more,
    )


def one(what: str, make: Callable[[bool], Any], hand: Any, *limits: Limit, **more: Any) -> Any:
    """An entry of COMPILED; `hand` is None for programs that bring their own."""

    def build(smoke: bool = False) -> Compiled:
        made = make(smoke)
        return Compiled(what, **(known(made, hand) if hand else made), limits=limits, **more)

    return build


COMPILED: dict[str, Callable[[bool], Compiled]] = {
    "rosenbrock_2": vector(2, "2", Limit(2e-6), Limit(1 / 8, ("jax",))),
    "rosenbrock_10": vector(10, "10", Limit(2e-6), Limit(1 / 8, ("jax",))),
    "rosenbrock_1e3": vector(1000, "1,000", Limit(1.5, HAND), Limit(1 / 6, ("jax",))),
    "rosenbrock_1e6": vector(
        1_000_000,
        "10^6",
        Limit(1.0, ("jax", "torch.compile")),
        Limit(1 / 1.4, ("tape",), THREADS),
        also=(THREADS,),
    ),
    "waves": one("exp(-x^2) sin(3x), 10^6", waves, None, Limit(1 / 1.8, ("tape",), THREADS), also=(THREADS,)),
    "lotka_volterra": one(
        "Lotka-Volterra RK4, 200 steps",
        lotka_volterra,
        None,
        Limit(1.3, HAND),
        Limit(0.3e-3, (), FIRST_TIER),
        symbolic=symbolic.lotka_volterra,
        also=(FIRST_TIER, "jax scan"),
        hard=("jax",),
    ),
    "stencil": one(
        "30 steps of a 160x160 stencil",
        stencil,
        None,
        Limit(1.5, HAND),
        Limit(1.0, ("jax", "jax scan")),
        also=("jax scan",),
        symbolic=symbolic.stencil,
    ),
    "stencil_in_place": one(
        "the stencil written in place",
        lambda smoke: stencil(smoke, in_place=True),
        None,
        Limit(1.5, HAND),
    ),
    "nbody": one(
        "n-body energy, 200 bodies",
        nbody,
        None,
        Limit(2.0, HAND),
        Limit(1 / 3, ("jax",)),
        symbolic=symbolic.nbody,
    ),
    "mixture": one(
        "Gaussian mixture, 1,000 x 10, 25",
        PROGRAMS["mixture"],
        by_hand.mixture,
        Limit(1.0, LIBRARIES),
        symbolic=symbolic.mixture,
    ),
    "mlp": one(
        "MLP 784-128-10, batch 64",
        PROGRAMS["mlp"],
        by_hand.mlp,
        Limit(1.2, LIBRARIES),
        symbolic=symbolic.mlp,
    ),
    "logistic": one(
        "logistic regression, 100,000 x 50",
        PROGRAMS["logistic"],
        by_hand.logistic,
        Limit(1.15, LIBRARIES),
        symbolic=symbolic.logistic,
    ),
    "gaussian_process": one("Gaussian process, n = 300", gaussian_process, None, Limit(1.0, LIBRARIES)),
}
