"""One daemon thread that makes native code while calls go on. `later(task)` queues a task; tasks run in order and report for themselves.
Invariant: the process does not end while a task is inside LLVM (a thread that dies there takes the process with it): the task that runs is
waited for, the others are dropped. A forked child begins with an empty queue. Knows nothing of programs. Imported by variant."""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections.abc import Callable

_tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
_lock = threading.Lock()
_worker: list[threading.Thread] = []


def later(task: Callable[[], None]) -> None:
    """Run a task in the background; the thread starts with the first one."""
    _tasks.put(task)
    with _lock:
        if not _worker or not _worker[0].is_alive():
            _worker[:] = [threading.Thread(target=_work, args=(_tasks,), name="tape compiler", daemon=True)]
            _worker[0].start()


def _work(tasks: queue.SimpleQueue) -> None:
    while (task := tasks.get()) is not None:
        task()
        del task  # it holds a program


def _finish() -> None:
    """Drop what waits, and wait for what runs."""
    try:
        while True:
            _tasks.get_nowait()
    except queue.Empty:
        _tasks.put(None)
    if _worker:
        _worker[0].join()


def _begin_anew() -> None:
    """In a forked child: the thread did not come along, and a lock may have been held."""
    global _tasks, _lock
    _tasks, _lock = queue.SimpleQueue(), threading.Lock()
    _worker.clear()


atexit.register(_finish)
os.register_at_fork(after_in_child=_begin_anew)
