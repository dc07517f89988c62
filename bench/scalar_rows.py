"""Scalar programs of any length: the same few operations over and over, operations drawn at random, and both.

`text(m, x, rows, share)` is a program of about `rows` operations on 0-d values, of which `share` repeat; `m`
has sin, cos, tanh and atan, and is tape, torch or `math`. No operation is dead or a copy of another: each
continues one of eight chains, whose ends are added. Values stay small: products are with inputs only, which
are below 1. Invariant: the same arguments give the same program. Imports compiled_programs for the class only;
imported by first_call and compiled_figures.
"""

from __future__ import annotations

import math
import random
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench.compiled_programs import Compiled, new

INPUTS, CHAINS, WINDOW = 16, 8, 50
MATH = SimpleNamespace(sin=math.sin, cos=math.cos, tanh=math.tanh, atan=math.atan)


def start() -> np.ndarray:
    """The inputs."""
    return np.random.default_rng(10).uniform(0.1, 0.9, INPUTS)


def text(m: Any, x: Any, rows: int, share: float) -> Any:
    """The program. x: what has INPUTS entries."""
    x = [x[k] for k in range(INPUTS)]
    z = x[0]
    for _ in range(int(rows * share) // 3):
        z = m.sin(z) * x[1] + x[2]
    draw = random.Random(11)
    recent = [*x, z]  # z is the end of one chain
    for _ in range(rows - int(rows * share)):
        a, b, c = recent[-CHAINS], draw.choice(recent[-WINDOW:]), draw.choice(x)
        way = draw.randrange(8)
        if way < 4:
            y = (m.sin, m.cos, m.tanh, m.atan)[way](a)
        else:
            y = a + b if way == 4 else a - b if way == 5 else a * c if way == 6 else b - c * a
        recent.append(y)
        if len(recent) > 4 * WINDOW:
            del recent[: 2 * WINDOW]
    total = recent[-1]
    for each in recent[-CHAINS:-1]:
        total = total + each
    return total


def mixed(smoke: bool = False) -> Compiled:
    """A program whose value and gradient have about 10^5 rows, of which 95 % repeat."""
    rows = 300 if smoke else 30_000

    def by_hand(x):
        return text(MATH, x.tolist(), rows, 0.95), gradient(x, rows, 0.95)

    made = new(
        "rows_1e5",
        (start(),),
        (),
        lambda torch, p, c: text(torch, p[0], rows, 0.95),
        lambda lib, p, c: text(SimpleNamespace(**vars(lib.np), atan=lib.np.arctan), p[0], rows, 0.95),
        by_hand,
    )
    return Compiled(f"{rows:,} scalar operations, 95 % repeat", **made, limits=())


def gradient(x: np.ndarray, rows: int, share: float) -> np.ndarray:
    """By the complex step, one input at a time."""
    step = 1e-30
    complex_math = SimpleNamespace(sin=np.sin, cos=np.cos, tanh=np.tanh, atan=np.arctan)
    found = np.empty(INPUTS)
    for k in range(INPUTS):
        moved = x.astype(complex)
        moved[k] += step * 1j
        found[k] = text(complex_math, list(moved), rows, share).imag / step
    return found
