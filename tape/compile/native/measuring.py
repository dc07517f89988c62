"""What the steps of a native program cost: estimated from their shapes, and measured.

`estimate(plan, step)` is seconds on one core of a present-day machine, good to a small factor; `measured(native, arguments)` runs each step of
a program as a function of its own, a few times in order, and gives the shortest time of each. Invariant: a measured program's
results and memory are its own. Imported by build.
"""

from __future__ import annotations

import time
from math import prod
from typing import Any

import numpy as np

from tape.compile.native.emit import texts_apart
from tape.compile.native.llvm import compile_now
from tape.compile.native.nest import SIZES, seconds_of
from tape.compile.native.pieces import Loops
from tape.compile.native.plan import Plan
from tape.compile.native.steps import Product, Run

ROUNDS = 5
_ROW = 0.5e-9  # seconds a scalar row
_MULTIPLIED = 4e-11  # seconds a multiplication in a matrix product
_BYTE = 1e-10  # seconds a byte of what does not stay in the cache
_CACHE = 1 << 20


def estimate(plan: Plan, step: Any) -> float | None:
    """Seconds that a step takes, about; None where that is not known."""
    program = plan.program
    if isinstance(step, Loops):
        nest = step.nest
        kinds = [c.kind for c in nest.cells if c.operand is not None] + [s.kind for s in nest.stores]
        steps = [c.operand.steps for c in nest.cells if c.operand is not None] + [s.target.steps for s in nest.stores]
        moved = sum(SIZES[kind] * prod(n for n, by in zip(nest.extents, each, strict=True) if by) for kind, each in zip(kinds, steps, strict=True))
        return max(seconds_of(nest, step.lanes), _BYTE * moved if moved > _CACHE else 0.0)
    if isinstance(step, Run):
        return _ROW * len(step.rows)
    if isinstance(step, Product):
        return _MULTIPLIED * program.spec[step.row].size * program.spec[program.a[step.row]].shape[-1]
    return None


def measured(native: Any, arguments: list[np.ndarray]) -> list[float]:
    """Seconds of each step of a program at some inputs, but for what it takes to call it. Raises Miss like `run`."""
    text, pieces = texts_apart(native.plan, native.exact, native.threads)
    code = compile_now(text, 0)
    functions = native.functions(code, [piece for step in pieces for piece in step])
    space, outputs = native.space(arguments)
    best = [float("inf")] * len(pieces)
    for _ in range(ROUNDS):
        for k, step in enumerate(pieces):
            began = time.perf_counter()
            if not all([native.do(piece, functions, space, arguments, outputs) for piece in step]):
                native.program.run(arguments)
            best[k] = min(best[k], time.perf_counter() - began)
        space.found.clear()
    return best
