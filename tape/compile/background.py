"""One thread that makes native code while calls go on. `later(task)` queues a task; tasks run in order and report for themselves.

Invariants: the thread starts with the first task, again after a fork; when the interpreter ends, the task that runs is waited for (LLVM must
not be torn down under it) and the rest are dropped. Knows nothing of programs. Imported by variant.
"""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Callable

_tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
_lock = threading.Lock()
_worker: list[threading.Thread] = []
ending = threading.Event()  # set when the interpreter ends: long tasks may look


def later(task: Callable[[], None]) -> None:
    """Run a task, which must not raise, in the background.

    >>> from threading import Event
    >>> done = Event()
    >>> later(done.set)
    >>> done.wait(10)
    True
    """
    _tasks.put(task)
    with _lock:
        if not _worker or not _worker[0].is_alive():  # not alive: after a fork
            _worker[:] = [threading.Thread(target=_work, name="tape compiles", daemon=True)]
            _worker[0].start()


def _work() -> None:
    while (task := _tasks.get()) is not None and not ending.is_set():
        task()


@atexit.register
def _finish() -> None:
    ending.set()
    _tasks.put(None)
    if _worker and _worker[0].is_alive():
        _worker[0].join()
