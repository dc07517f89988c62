"""Elements of values that may be plain or traced, by keys that may be either: `at_key`, `shape_at`; where a value lies, `memory_of`; and
functions of arrays that compute along further leading dimensions, `over_leading`.

NumPy asks a key's array for plain numbers, which a traced one does not give away; here the value's trace, or the key's, does the work.
Imports traced. Imported by functions and in-place operations.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tape.traced import Traced, leader, map_plain


def at_key(values: Any, key: tuple) -> Any:
    """`values[key]`, also where values are plain and the key is not."""
    batching = leader(values, key)
    if batching is not None:
        return batching.getitem(values, key)
    if type(values) is not Traced:
        for item in key:
            if type(item) is Traced and item.live() is not None:
                found = item.trace.call(operator.getitem, (values, key), {})
                if item.dtype == bool:
                    item.trace.guard_shape(found)
                return found
    return values[key]


def shape_at(shape: tuple[int, ...], key: tuple) -> tuple[int, ...]:
    """The shape of what a key finds in an array of a shape."""
    for item in key:
        if type(item) is Traced and item.trace.lasting and item.dtype == bool:
            item.trace.value(item, "an index by a mask")
    return np.broadcast_to(np.bool_(0), shape)[map_plain(key)].shape


def memory_of(value: Any) -> Any:
    """The array that a value lies in: that of all examples, inside vmap."""
    while type(value) is Traced:
        value = value.content if value.trace.lasting else value.now
    return value


def over_leading(function: Callable) -> Callable:
    """Mark a function of arrays (a decorator): along further leading dimensions, which all its array arguments have, it computes one by one."""
    function.over_leading = True  # type: ignore[attr-defined]
    return function
