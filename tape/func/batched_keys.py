"""Keys of `x[key]` inside a vmap: where a key of one example finds the elements of all examples.

`Located` gives the key for the content and carries values from NumPy's layout of what it finds to that of one example and back: index
arrays come first where slices stand between them, and where each example has its own, the examples are numbered by an index
of their own. Imports NumPy and traced only. Imported by batching.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.traced import Traced


def is_basic(items: tuple) -> bool:
    """Whether a key is made of ints, slices, None and Ellipsis: a view."""
    return all([item is None or item is Ellipsis or isinstance(item, (int, slice, np.integer)) and not isinstance(item, bool) for item in items])


class Located:
    """A key of one example's value `x`, for the content. `region` is what it finds in one example, `key` finds it in the content."""

    __slots__ = ("key", "region", "count", "own", "before", "batch")

    def __init__(self, batching: Any, x: Any, items: tuple) -> None:
        items = _explicit(items, x.ndim)
        if any([type(item) is Traced and item.dtype == np.bool_ for item in items]):
            raise RuntimeError(
                "a mask that depends on mapped values as an index inside vmap: examples would have results of different shapes; use where()"
            )
        own = [batching.owns(item) for item in items]
        if any(own):  # a mask beside them as the places where it is true
            parts: list[Any] = []
            for item in items:
                parts += np.nonzero(item) if isinstance(item, np.ndarray) and item.dtype == np.bool_ else [item]
            items, own = tuple(parts), [batching.owns(item) for item in parts]
        arrays = [isinstance(item, (np.ndarray, Traced)) for item in items]
        places = [i for i, item in enumerate(items) if arrays[i] or isinstance(item, (int, np.integer)) and any(arrays)]
        adjacent = not places or places[-1] - places[0] + 1 == len(places)
        found = np.broadcast_to(np.zeros((), np.bool_), x.shape)[
            tuple([np.zeros(item.shape, np.int64) if type(item) is Traced else item for item in items])
        ]
        self.region = found.shape
        self.own = any(own)
        self.count = 0  # dimensions of the index arrays
        if places:
            shapes = [np.shape(items[i]) if not _mask(items[i]) else (np.count_nonzero(items[i]),) for i in places]
            self.count = len(np.broadcast_shapes(*shapes))
        self.before = sum([item is None or type(item) is slice for item in items[: places[0]]]) if places and adjacent else 0
        self.batch = 0  # where the examples stand in what the key finds
        if not self.own:
            self.key: tuple = (slice(None), *items)
            self.batch = 0 if adjacent else self.count
            self.before = 0
            return
        wide = [batching.aligned([item], self.count)[0] if mine else item for item, mine in zip(items, own, strict=True)]
        if batching.owns(x):
            self.key = (np.arange(batching.size).reshape(-1, *(1,) * self.count), *wide)
        else:
            self.key = tuple(wide)
            self.batch, self.before = (self.before, 0) if adjacent else (0, 0)

    def taken(self, batching: Any, found: Any) -> Any:
        """What the key found, with the examples first and the rest as one example has it."""
        if self.batch:
            return batching.run(np.moveaxis, found, self.batch, 0)
        if not self.before:
            return found
        return batching.run(np.moveaxis, found, *self._moves())

    def arranged(self, batching: Any, value: Any) -> Any:
        """A value for one example's region as the key wants it for the content."""
        if not self.batch and not self.before:
            return batching.aligned((value,), len(self.region))[0]
        if batching.owns(value):
            (value,) = batching.aligned((value,), len(self.region))
        whole = batching.run(np.broadcast_to, value, (batching.size, *self.region))
        if self.batch:
            return batching.run(np.moveaxis, whole, 0, self.batch)
        return batching.run(np.moveaxis, whole, *self._moves()[::-1])

    def _moves(self) -> tuple[list[int], list[int]]:
        """From where to where the dimensions of index arrays move."""
        come = list(range(1, 1 + self.count))
        return come, [d + self.before for d in come]


def _mask(item: Any) -> bool:
    return isinstance(item, np.ndarray) and item.dtype == np.bool_


def _explicit(items: tuple, ndim: int) -> tuple:
    """A key with slices in the place of an Ellipsis, and arrays in the place of lists."""
    found = [np.asarray(item) if isinstance(item, (list, bool, np.bool_)) else item for item in items]
    used = sum([item.ndim if _mask(item) else item is not None and item is not Ellipsis for item in found])
    at = next((i for i, item in enumerate(found) if item is Ellipsis), None)
    if at is not None:
        found[at : at + 1] = [slice(None)] * (ndim - used)
    return tuple(found)


__all__ = ["Located", "is_basic"]
