"""Timing several contenders round robin, so that whatever else the machine does falls on all of them alike.

`contest(entries)` gives the median seconds of a call by name, `check(entries)` demands that all contenders
agree, `ratio` divides medians, `seconds` writes a time for people. Times are the process's processor time, so
that other users of the machine do not count, unless a contest is given another clock: with several threads
only time on the wall means anything. Invariant: nothing is timed that was not checked by `check` or by its
caller. Imports peers for `numbers`; imported by figures and the pytest suites.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from bench.peers import numbers


@dataclass(frozen=True)
class Entry:
    """What is timed: `run(prepared)` after an untimed `prepare()`; without one, `run(*point)` in a loop over
    the points in turn."""

    run: Callable[..., Any]
    prepare: Callable[[], Any] | None = None
    points: Sequence[Sequence[Any]] = ((),)


def check(entries: Mapping[str, Callable[[], Any]], rtol: float = 1e-8) -> None:
    """Call each contender once and assert that value and gradients agree with those of the last one."""
    outcomes = {name: numbers(run()) for name, run in entries.items()}
    *others, reference = outcomes
    value, gradients = outcomes[reference]
    for name in others:
        about = f"{name} against {reference}"
        np.testing.assert_allclose(outcomes[name][0], value, rtol=rtol, err_msg=f"{about}: value")
        assert len(outcomes[name][1]) == len(gradients), (
            f"{about}: {len(outcomes[name][1])} gradients for {len(gradients)}"
        )
        for k, (mine, theirs) in enumerate(zip(outcomes[name][1], gradients, strict=True)):
            assert mine.shape == theirs.shape, (
                f"{about}: gradient {k} has shape {mine.shape}, not {theirs.shape}"
            )
            scale = float(np.abs(theirs).max(initial=0.0))
            np.testing.assert_allclose(
                mine, theirs, rtol=rtol, atol=rtol * scale, err_msg=f"{about}: gradient {k}"
            )


def _block(entry: Entry, calls: int, clock: Callable[[], float]) -> float:
    """Seconds a call, over a block of calls."""
    if entry.prepare is None:
        run, points = entry.run, islice(cycle(entry.points), calls)
        start = clock()
        for point in points:
            run(*point)
        return (clock() - start) / calls
    spent = 0.0
    for _ in range(calls):
        prepared = entry.prepare()
        start = clock()
        entry.run(prepared)
        spent += clock() - start
        del prepared
    return spent / calls


def contest(
    entries: Mapping[str, Entry | Callable[[], Any]],
    rounds: int = 9,
    block: float = 0.02,
    clock: Callable[[], float] = process_time,
) -> dict[str, float]:
    """Median seconds of one call by contender: `rounds` rounds, in each a block of about `block` seconds of
    every contender, and another contender first each time. What is already allocated is hidden from the
    garbage collector, which stays on."""
    given = {name: entry if isinstance(entry, Entry) else Entry(entry) for name, entry in entries.items()}
    calls = {}
    for name, entry in given.items():
        _block(entry, 1, clock)
        calls[name] = max(1, min(10_000, int(block / max(_block(entry, 1, clock), 1e-7))))
    samples: dict[str, list[float]] = {name: [] for name in given}
    order = list(given)
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            for name in order:
                samples[name].append(_block(given[name], calls[name], clock))
            order.append(order.pop(0))
    finally:
        gc.unfreeze()
    return {name: median(times) for name, times in samples.items()}


def ratio(times: Mapping[str, float], peer: str, ours: str = "tape") -> float | None:
    """How many times faster than a peer we are; None where one of the two is missing."""
    return times[peer] / times[ours] if peer in times and ours in times else None


def seconds(t: float) -> str:
    """A time with three figures and its unit.

    >>> seconds(0.0000123)
    '12.3 us'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if t >= size:
            return f"{t / size:.3g} {unit}" if t < 1000 * size else f"{t / size:.0f} {unit}"
    return f"{t / 1e-9:.3g} ns"
