"""Basic keys (ints, slices and None) as something to calculate with.

`normal(key, shape)` writes a key out: an int counted from the first element, (start, step, count) for a slice, None for a new axis, one
entry for every axis; `plain` gives a key back. `composed` is the key of indexing twice, `apart` says that two keys share no element,
`place_within` where an element lies in the part that a key selects. Invariant: a normal key and the key it came from select the
same elements in the same order. Knows tuples only. Imported by passes over views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Entry = int | tuple[int, int, int] | None
Key = tuple[Entry, ...]


def normal(key: Any, shape: Sequence[int]) -> Key:
    """A key written out for an array of some shape."""
    entries: list[Entry] = []
    axis = 0
    for k in key if isinstance(key, tuple) else (key,):
        if k is None:
            entries.append(None)
            continue
        extent = shape[axis]
        axis += 1
        if isinstance(k, slice):
            start, stop, step = k.indices(extent)
            entries.append((start, step, len(range(start, stop, step))))
        else:
            entries.append(int(k) % extent)
    return (*entries, *[(0, 1, extent) for extent in shape[axis:]])


def plain(key: Key) -> tuple[Any, ...]:
    """A normal key as ints, slices and None."""
    found: list[Any] = []
    for entry in key:
        if isinstance(entry, tuple):
            start, step, count = entry
            stop = start + step * count
            found.append(slice(start, stop if stop >= 0 else None, step) if count else slice(0, 0, 1))
        else:
            found.append(entry)
    return tuple(found)


def whole(key: Key, shape: Sequence[int]) -> bool:
    """Whether a key selects everything as it is."""
    return len(key) == len(shape) and all(entry == (0, 1, extent) for entry, extent in zip(key, shape, strict=True))


def composed(first: Key, then: Key) -> Key | None:
    """The key of indexing with one key and then with another; None where there is no such key."""
    found: list[Entry] = []
    rest = iter(then)
    for entry in first:
        if isinstance(entry, int):
            found.append(entry)
            continue
        k = next(rest)
        while k is None:
            found.append(None)
            k = next(rest)
        if entry is None:
            if isinstance(k, tuple):
                if k[2] != 1:
                    return None
                found.append(None)
        elif isinstance(k, int):
            found.append(entry[0] + k * entry[1])
        else:
            found.append((entry[0] + k[0] * entry[1], entry[1] * k[1], k[2]))
    return (*found, *rest)


def apart(one: Key, other: Key) -> bool:
    """Whether two keys of one array can be seen to select no common element."""
    pairs = zip([e for e in one if e is not None], [e for e in other if e is not None], strict=True)
    return any(_apart(_span(a), _span(b)) for a, b in pairs)


def _span(entry: int | tuple[int, int, int]) -> range:
    if isinstance(entry, int):
        return range(entry, entry + 1)
    found = range(entry[0], entry[0] + entry[1] * entry[2], entry[1])
    return found if found.step > 0 else found[::-1]


def _apart(a: range, b: range) -> bool:
    if not a or not b or a[-1] < b[0] or b[-1] < a[0]:
        return True
    return a.step == b.step and (a[0] - b[0]) % a.step != 0


def place_within(key: Key, place: Sequence[int]) -> tuple[int, ...] | None:
    """Where the element at `place` of an array lies in the part that a key selects; None where it does not."""
    found, places = [], iter(place)
    for entry in key:
        if entry is None:  # a new axis, of one element
            found.append(0)
            continue
        p = next(places)
        if isinstance(entry, tuple):
            where, rest = divmod(p - entry[0], entry[1])
            if rest or not 0 <= where < entry[2]:
                return None
            found.append(where)
        elif entry != p:
            return None
    return tuple(found)


def flat(place: Sequence[int], shape: Sequence[int]) -> int:
    """The number of an element in row-major order."""
    found = 0
    for p, extent in zip(place, shape, strict=True):
        found = found * extent + p
    return found


def place_of(number: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The place of an element from its number in row-major order."""
    found = []
    for extent in reversed(shape):
        number, p = divmod(number, extent)
        found.append(p)
    return tuple(reversed(found))
