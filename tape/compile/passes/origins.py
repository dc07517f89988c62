"""Where a single element of a row comes from: through views, and out of what was put together.

`Origins(draft).element(row, place)` follows an element to the row and place where it was computed. Element by element writes in a loop
(`y[i] = ...`) are chains of `overwrite`; for those a table by place answers in logarithmic time, so that reading all elements of a chain of n
writes is no quadratic work. Imports draft, keys. Imported by views.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from tape.compile import opcodes as o
from tape.compile.passes.draft import Draft
from tape.compile.passes.keys import Key, flat, normal, place_of, place_within

MADE = {o.SCATTER, o.OVERWRITE, o.CONCATENATE, o.ASSEMBLE}
ZERO = -1  # in the place of a row: the element is a zero that no row holds


class _Chain:
    """Overwrites of single elements, each of the last one's result: who wrote what when."""

    def __init__(self, base: int) -> None:
        self.base, self.length = base, 0
        self.writes: dict[int, tuple[list[int], list[int]]] = {}  # by element: times, and the rows written

    def write(self, number: int, part: int) -> int:
        self.length += 1
        times, parts = self.writes.setdefault(number, ([], []))
        times.append(self.length)
        parts.append(part)
        return self.length


class Origins:
    """Follows elements through a draft. `note(row)` must see every overwrite in order, after its inputs were resolved."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.chains: dict[int, tuple[_Chain, int]] = {}
        self.tables: dict[int, Any] = {}

    def note(self, row: int) -> None:
        """Take down an overwrite of a single element by a 0-d row."""
        draft = self.draft
        base, part = draft.inputs_of(row)[:2]
        shape = draft.spec[row].shape
        key = normal(draft.params[row], shape)
        if draft.spec[part].shape or not all(isinstance(entry, int) for entry in key):
            return
        chain, time = self.chains.get(base, (None, 0))
        if chain is None or time != chain.length:
            chain = _Chain(base)
        self.chains[row] = chain, chain.write(flat(key, shape), part)  # type: ignore[arg-type]

    def element(self, row: int, place: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        """The row and place that an element was computed at; ZERO for a zero between the parts of an array."""
        draft = self.draft
        while row >= 0:
            op = draft.op[row]
            step = _VIEW.get(op)
            if step is not None:
                found: Any = draft.resolve(draft.a[row]), step(draft, row, place)
            elif op in MADE:
                found = self._part(row, op, place)
            else:
                break
            row, place = found
        return row, place

    def _part(self, row: int, op: int, place: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
        """One step out of an array that was put together."""
        draft = self.draft
        spec, params = draft.spec[row], draft.params[row]
        if op == o.ASSEMBLE:
            if row not in self.tables:
                self.tables[row] = dict(zip(params[1], draft.inputs_of(row), strict=True))
            return self.tables[row].get(flat(place, spec.shape), ZERO), ()
        if op == o.CONCATENATE:
            axis, inputs = params % len(spec.shape), draft.inputs_of(row)
            if row not in self.tables:
                self.tables[row] = _starts([draft.spec[i].shape[axis] for i in inputs])
            starts = self.tables[row]
            k = bisect_right(starts, place[axis]) - 1
            return inputs[k], (*place[:axis], place[axis] - starts[k], *place[axis + 1 :])
        if row in self.chains:
            chain, time = self.chains[row]
            times, parts = chain.writes.get(flat(place, spec.shape), ([], []))
            k = bisect_right(times, time)
            return (parts[k - 1], ()) if k else (chain.base, place)
        key = normal(params if op == o.OVERWRITE else params[1], spec.shape)
        part = draft.resolve(draft.b[row] if op == o.OVERWRITE else draft.a[row])
        within = place_within(key, place)
        if within is not None:
            return part, _narrowed(within, draft.spec[part].shape)
        return (draft.resolve(draft.a[row]), place) if op == o.OVERWRITE else (ZERO, ())


def _starts(extents: list[int]) -> list[int]:
    found, start = [], 0
    for extent in extents:
        found.append(start)
        start += extent
    return found


def _narrowed(place: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The place of an element before broadcasting."""
    return tuple([p if extent > 1 else 0 for p, extent in zip(place[len(place) - len(shape) :], shape, strict=True)])


def _before_reshape(draft: Draft, row: int, place: tuple[int, ...]) -> tuple[int, ...]:
    return place_of(flat(place, draft.spec[row].shape), draft.spec[draft.a[row]].shape)


def _before_permute(draft: Draft, row: int, place: tuple[int, ...]) -> tuple[int, ...]:
    found = [0] * len(place)
    for p, d in zip(place, draft.params[row], strict=True):
        found[d] = p
    return tuple(found)


def _before_expand(draft: Draft, row: int, place: tuple[int, ...]) -> tuple[int, ...]:
    return _narrowed(place, draft.spec[draft.a[row]].shape)


def _before_index(draft: Draft, row: int, place: tuple[int, ...]) -> tuple[int, ...]:
    key: Key = normal(draft.params[row], draft.spec[draft.a[row]].shape)
    rest, found = iter(place), []
    for entry in key:
        if entry is None:
            next(rest)
        else:
            found.append(entry if isinstance(entry, int) else entry[0] + next(rest) * entry[1])
    return tuple(found)


_VIEW = {o.RESHAPE: _before_reshape, o.PERMUTE: _before_permute, o.EXPAND: _before_expand, o.INDEX: _before_index}
