"""How many cores compiled programs use for large arrays: `set_num_threads`, `get_num_threads`. One unless the user says otherwise.

Knows nothing else. Imported by tape/__init__ and by compiled functions."""

from __future__ import annotations

import operator
import os

_threads = 1


def set_num_threads(threads: int) -> None:
    """Let programs compiled from now on use so many threads for large arrays (from about 500,000 computed elements in a loop).

    Results do not depend on the number. 1 is the default: threads of one program do not fight with those of BLAS or of other
    processes. ValueError below 1; more than the machine has cores is cut to that.

    >>> import tape
    >>> tape.set_num_threads(1)
    """
    global _threads
    wanted = operator.index(threads)
    if wanted < 1:
        raise ValueError(f"set_num_threads({threads}); wanted at least 1")
    _threads = min(wanted, os.cpu_count() or 1)


def get_num_threads() -> int:
    """How many threads compiled programs use for large arrays."""
    return _threads
