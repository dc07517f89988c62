"""One thread that makes native code while calls go on. `later(task)` queues a task; tasks run in order and report for themselves.

Invariants: the thread starts with the first task; in a forked child `resume` starts it again with what was queued or running; when the
interpreter ends, the task that runs is waited for (LLVM must not be torn down under it) and the rest are dropped. Knows nothing of
programs. Imported by variant.
"""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Callable

Task = Callable[[], None]
_tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
_lock = threading.Lock()
_worker: list[threading.Thread] = []
_running: list[Task] = []
ending = threading.Event()  # set when the interpreter ends: long tasks may look


def later(task: Task) -> None:
    """Run a task, which must not raise, in the background.

    >>> from threading import Event
    >>> done = Event()
    >>> later(done.set)
    >>> done.wait(10)
    True
    """
    _tasks.put(task)
    resume()


def resume() -> None:
    """Make sure that somebody works at what is queued: a fork leaves the thread behind in the parent."""
    with _lock:
        if (not _worker or not _worker[0].is_alive()) and not ending.is_set():
            for task in _running:  # cut off by the fork: once more
                _tasks.put(task)
            _running.clear()
            _worker[:] = [threading.Thread(target=_work, name="tape compiles", daemon=True)]
            _worker[0].start()


def _work() -> None:
    while (task := _tasks.get()) is not None and not ending.is_set():
        _running.append(task)
        task()
        _running.clear()


@atexit.register
def _finish() -> None:
    ending.set()
    _tasks.put(None)
    if _worker and _worker[0].is_alive():
        _worker[0].join()
