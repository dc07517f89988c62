"""Threads that share the pieces of a loop. They are started at first use and wait for more.

`share(work, count, threads)` calls `work(low, high)` on ranges that together are 0 ... count, one range a thread, the caller's included.
Invariants: ranges follow from count and threads alone; an exception in one is raised when all are done; after a fork the child
starts threads of its own. Imported by build.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
    """Do `work(low, high)` for all of 0 ... count on several threads."""
    threads = max(1, min(threads, count))
    bounds = [count * k // threads for k in range(threads + 1)]
    others = [_pool(threads - 1).submit(work, *bounds[k : k + 2]) for k in range(1, threads)] if threads > 1 else []
    try:
        work(bounds[0], bounds[1])
    finally:
        for other in others:
            other.exception()  # all are done before memory is given back
    for other in others:
        other.result()
