"""What Python on one row costs a sweep, and lines cost recording: `python -m bench.python_rows`.

A gradient through a chain of 1,000 rows of 8 elements is timed plainly, with a tensor hook in its middle, and with a user Function in the place
of its middle row; and 10^5 writes `y[i] = x[i] * 2` with their gradient, at two lengths, beside PyTorch where it is installed.
Differences are medians of interleaved rounds. Imports the package as a user does.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import tape

LENGTH, ROUNDS, LIMIT = 1_000, 400, 5.0  # rows, rounds, microseconds that one row in Python may cost


class Double(tape.autograd.Function):
    """2 x, by hand."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2.0

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        return g * 2.0


def chain(x: Any, middle: Callable[[Any], Any]) -> Any:
    """The sum of a long chain of elementwise rows with `middle` half-way."""
    h = x
    for _ in range(LENGTH // 2):
        h = h * 1.0001
    h = middle(h)
    for _ in range(LENGTH // 2):
        h = h * 0.9999
    return h.sum()


def hooked(h: Any) -> Any:
    """A row with a tensor hook that keeps the gradient."""
    h = h * 2.0
    h.register_hook(lambda g: None)
    return h


def sweep_times() -> dict[str, float]:
    """Microseconds of one gradient, by what stands in the middle."""
    x = tape.ones(8, requires_grad=True)
    middles: dict[str, Callable] = {"plain": lambda h: h * 2.0, "hook": hooked, "Function": Double.apply}
    roots = {}
    for name, middle in middles.items():
        roots[name] = chain(x, middle)
        tape.autograd.grad(roots[name], x, retain_graph=True)  # ends the tape: each chain has one of its own
    found: dict[str, list[float]] = {name: [] for name in middles}
    for _ in range(ROUNDS):
        for name, y in roots.items():
            begin = time.perf_counter()
            tape.autograd.grad(y, x, retain_graph=True)
            found[name].append(1e6 * (time.perf_counter() - begin))
    return {name: statistics.median(each) for name, each in found.items()}


def recording_times() -> dict[bool, float]:
    """Microseconds to record an operation, with and without the place where it is written."""
    x = tape.ones(8, requires_grad=True)
    found: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS // 4):
        for lines, times in found.items():
            with tape.debug.record_lines(lines):
                begin = time.perf_counter()
                chain(x, lambda h: h)
                times.append(1e6 * (time.perf_counter() - begin) / LENGTH)
    return {lines: statistics.median(times) for lines, times in found.items()}


def writes(torch: Any, n: int) -> float:
    """Seconds for n writes of parts and the gradient through them."""
    x = torch.ones(n, dtype=torch.float64, requires_grad=True)
    begin = time.perf_counter()
    y = torch.zeros(n, dtype=torch.float64)
    for i in range(n):
        y[i] = x[i] * 2.0
    y.sum().backward()
    return time.perf_counter() - begin


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    given.add_argument("--writes", type=int, default=100_000, help="writes in the longer of the two loops")
    n = given.parse_args().writes
    recording = recording_times()
    print(f"recording an operation: {recording[True]:.2f} us, lines are {100 * (1 - recording[False] / recording[True]):.0f} % of it (at most 15)")
    times = sweep_times()
    print(f"a gradient through {LENGTH} rows: {times['plain']:.1f} us")
    extra = {name: times[name] - times["plain"] for name in ("hook", "Function")}
    for name, cost in extra.items():
        print(f"  with a {name} on one row: {cost:+.2f} us (at most {LIMIT:g})")
    writes(tape, 1_000)
    short, long = writes(tape, n // 10), writes(tape, n)
    print(f"y[i] = x[i] * 2 with its gradient: {n // 10} times {1e6 * short / (n // 10):.2f} us each, {n} times {1e6 * long / n:.2f} us each")
    try:
        import torch
    except ImportError:
        return int(max(extra.values()) > LIMIT)
    reference = writes(torch, n // 10)
    print(f"  PyTorch, {n // 10} times: {1e6 * reference / (n // 10):.2f} us each")
    return int(max(extra.values()) > LIMIT or long / n > reference / (n // 10))


if __name__ == "__main__":
    raise SystemExit(main())
