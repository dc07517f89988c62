"""Tensors outside a function that stand for rows while it is recorded.

`lifting(recording, tensors, captured, inputs)` puts a Traced in the place of their values: whatever the function does with them becomes rows, or
guards where values leave. Other threads find Traced there meanwhile, which are plain values to them; two recordings do not lift at
once, if they can wait for each other. Invariant: afterwards every Tensor has its own memory again, or what somebody else gave it.
Imports recording. Imported by function.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from tape.compile import opcodes as o
from tape.compile.recording import DISTURBED, WRITES, Recording
from tape.spec import intern
from tape.tensor import Tensor, share
from tape.traced import Traced

WAIT = 1.0  # seconds for another recording, which may itself wait for this thread
_alone = threading.RLock()


@contextmanager
def lifting(recording: Recording, tensors: Sequence[Tensor], captured: Sequence[Tensor], inputs: Sequence[Tensor]) -> Iterator[None]:
    """Rows read the memory of `tensors` at every replay; those `captured` are the arguments `inputs`."""
    waited = _alone.acquire(timeout=WAIT)
    try:
        for t in tensors:
            values = _lift(recording, t)
            memory, program = np.atleast_1d(values), recording.program
            row = program.append(o.CONSTANT, (), memory, intern(memory.shape, memory.dtype))
            if not values.ndim:  # 0-d constants are numbers to programs, vectors are memory
                row = program.append(o.RESHAPE, (row,), (), t._s)
            t._v = Traced(values, row, t._s, recording)
            recording.arguments.append(t._v)
        for t, given in zip(captured, inputs, strict=True):
            _lift(recording, t)
            t._v = given._v
        yield
    finally:
        while recording.lifted:
            _lower(recording, *recording.lifted.pop())
        if waited:
            _alone.release()


def _lift(recording: Recording, t: Tensor) -> np.ndarray:
    values = share(t)
    if type(values) is Traced:  # another recording has lifted it, and could not be waited for
        recording.passing = [DISTURBED]
        values = values.array
    recording.lifted.append((t, values))
    return values


def _lower(recording: Recording, t: Tensor, values: np.ndarray) -> None:
    if type(t._v) is not Traced:
        recording.refuse(WRITES)
    elif t._v.trace is not recording:
        recording.passing = [DISTURBED]
    else:
        t._v = values


__all__ = ["lifting"]
