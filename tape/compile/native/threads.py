"""Threads that share the pieces of a loop. They are started at first use and wait for more.

`share(work, count, threads)` calls `work(low, high)` on ranges that together are 0 ... count, in the caller's thread and others.
Invariants: ranges follow from count and threads alone; an exception in one is raised when all are done; after a fork the child
starts threads of its own. Imported by build.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

_RANGES = 4  # a thread
_lock = threading.Lock()
_pools: dict[tuple[int, int], ThreadPoolExecutor] = {}  # by process and number


def _pool(threads: int) -> ThreadPoolExecutor:
    key = os.getpid(), threads
    found = _pools.get(key)
    if found is None:
        with _lock:
            found = _pools.get(key)
            if found is None:
                found = _pools[key] = ThreadPoolExecutor(threads, "tape loops")
    return found


def share(work: Callable[[int, int], object], count: int, threads: int) -> None:
    """Do `work(low, high)` for all of 0 ... count on several threads. Whoever is done takes the next range: one that a busy core holds up
    keeps nobody waiting for more than a range."""
    threads = max(1, min(threads, count))
    ranges = min(count, 1 if threads == 1 else _RANGES * threads)
    left = iter([(count * k // ranges, count * (k + 1) // ranges) for k in range(ranges)])

    def take() -> None:
        for low, high in left:
            work(low, high)

    others = [_pool(threads - 1).submit(take) for _ in range(threads - 1)]
    try:
        take()
    finally:
        for other in others:
            if not other.cancel():
                other.exception()  # all are done before memory is given back
    for other in others:
        if not other.cancelled():
            other.result()
