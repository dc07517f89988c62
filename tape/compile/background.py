"""One daemon thread that makes native code while calls go on. `later(task)` queues a task; tasks run in order and report for themselves.
Knows nothing of programs. Imported by variant."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
_lock = threading.Lock()
_worker: list[threading.Thread] = []


def later(task: Callable[[], None]) -> None:
    """Run a task in the background; the thread starts with the first one."""
    _tasks.put(task)
    with _lock:
        if not _worker or not _worker[0].is_alive():
            _worker[:] = [threading.Thread(target=_work, name="tape compiler", daemon=True)]
            _worker[0].start()


def _work() -> None:
    while True:
        _tasks.get()()
