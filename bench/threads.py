"""Two threads beside one: `python -m bench.threads`.

Sweeps through large arrays, each thread with a tape of its own, and replays of one compiled program, which both threads share. The figure is
how much more work two threads do in the time of one, the median of rounds in which one and two take turns. Compiled code runs without the
interpreter's lock. Imports the package as a user does; wants a machine with two idle cores.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

import numpy as np

import tape

SIZE, LENGTH, ROUNDS, TARGET = 200_000, 8, 9, 1.7  # elements, operations, rounds, times the work of one thread


def loss(x: tape.Tensor) -> tape.Tensor:
    """A chain of elementwise operations whose derivatives compute exponentials and sines."""
    for _ in range(LENGTH):
        x = (x * 0.9).sin() + (x * 0.1).exp() * 0.1
    return x.sum()


def sweeps() -> tuple[Callable[[], Callable[[], None]], int]:
    """What a thread prepares, a function that it calls, and how often: the gradient of a tape of its own."""

    def prepare() -> Callable[[], None]:
        x = tape.linspace(0.1, 1.0, SIZE, requires_grad=True)
        y = loss(x)

        def sweep() -> None:
            tape.autograd.grad(y, x, retain_graph=True)

        return sweep

    return prepare, 6


def replays() -> tuple[Callable[[], Callable[[], None]], int]:
    """The same of one program for all threads."""
    program = tape.compile(tape.func.value_and_grad(loss))
    given = np.linspace(0.1, 1.0, SIZE)
    for _ in range(4):
        program(given)
    program.wait()

    def prepare() -> Callable[[], None]:
        mine = given.copy()
        return lambda: program(mine)

    return prepare, 12


def seconds(functions: list[Callable[[], None]], times: int) -> float:
    """Wall time in which each function runs that often, in a thread of its own."""
    started = threading.Barrier(len(functions) + 1)

    def work(function: Callable[[], None]) -> None:
        started.wait()
        for _ in range(times):
            function()

    threads = [threading.Thread(target=work, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    started.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - begin


def speed_up(prepare: Callable[[], Callable[[], None]], times: int) -> float:
    """Work of two threads over that of one, in the same time."""
    functions = [prepare(), prepare()]
    for function in functions:
        function()
    found = []
    for _ in range(ROUNDS):
        alone = seconds(functions[:1], times)
        found.append(2.0 * alone / seconds(functions, times))
    return statistics.median(found)


def main() -> int:
    met = True
    for name, (prepare, times) in {"sweeps, a tape each": sweeps(), "replays of one program": replays()}.items():
        found = speed_up(prepare, times)
        met &= found >= TARGET
        print(f"{name}: two threads do {found:.2f} times the work of one (at least {TARGET:g})")
    return int(not met)


if __name__ == "__main__":
    raise SystemExit(main())
