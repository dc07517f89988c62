"""What a call allocates and gives back, besides its results.

`beyond_results(call, points)` gives the bytes at the peak of a call that are not part of what it returns, as
tracemalloc sees them: Python's objects and NumPy's arrays, not memory that compiled code takes from malloc by
itself. Invariant: nothing is traced but the calls. Imported by compiled_figures.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import numpy as np


def size(result: Any) -> int:
    """Bytes of what a call returned: containers, numbers, arrays with the memory that they are views of."""
    if isinstance(result, tuple | list):
        return sys.getsizeof(result) + sum(map(size, result))
    if isinstance(result, np.ndarray) and result.base is not None:
        return sys.getsizeof(result) + size(result.base)
    return sys.getsizeof(result)


def beyond_results(call: Callable[..., Any], points: Sequence[tuple[Any, ...]], calls: int = 5) -> int:
    """The median over some calls, which comes after a few that are not counted."""
    found = []
    tracemalloc.start()
    try:
        for count in range(calls + 2):
            for point in points:
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                result = call(*point)
                peak = tracemalloc.get_traced_memory()[1]
                if count >= 2:
                    found.append(peak - before - size(result))
                del result
    finally:
        tracemalloc.stop()
    return int(median(found))
