"""Memory for the gradients of sweeps: chunks of bytes that are used again by later sweeps.

`take` one of at least a size, `give_back` those that a sweep is done with; LOCK is what sweeps hold while they take over saved values.
Invariant: a chunk is in the hands of one sweep, or spare. Imported by replay.
"""

from __future__ import annotations

import threading

import numpy as np

SPARE = 1 << 26  # bytes of memory kept between sweeps
_chunks: list[np.ndarray] = []
LOCK = threading.RLock()  # held from the visit of the rows until their values are in the sweep's hands


def take(size: int) -> np.ndarray:
    """Memory for gradients: a spare chunk of about this size, or a new one."""
    with LOCK:
        for i, chunk in enumerate(_chunks):
            if size <= len(chunk) <= 2 * size:
                return _chunks.pop(i)
    return np.empty(size, np.uint8)


def give_back(chunks: list[np.ndarray]) -> None:
    """Keep chunks for later sweeps, the newest first, as far as SPARE goes: fresh memory costs a page fault each 4 kB."""
    with LOCK:
        _chunks[:0] = chunks
        total = 0
        for i, chunk in enumerate(_chunks):
            total += len(chunk)
            if total > SPARE:
                del _chunks[i:]
                break
