"""Rows that put arrays into a larger one: `scatter`, `overwrite` and `concatenate`, as regions of the result.

`regions(program, row)` lists what lies where; None where a key has more than ints, slices and None, or a part broadcasts. A region is, for each axis of the
result, where it begins, its step (positive), how many places it has, and the axis of the part (-1: the part has none).
Imports program and opcodes. Imported by schedule and groups.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program


class Span(NamedTuple):
    """Places of one axis: start, start + step, ... (`count` of them), holding axis `axis` of the part, backwards if `back`."""

    start: int
    step: int
    count: int
    axis: int
    back: bool


class Region(NamedTuple):
    """Part `source` (a row) at the spans of the result's axes."""

    source: int
    spans: tuple[Span, ...]


def regions(program: Program, row: int) -> list[Region] | None:
    """The regions of a row, in the order in which they are written."""
    op, params, shape = program.op[row], program.params[row], program.spec[row].shape
    inputs = program.inputs_of(row)
    whole = tuple(Span(0, 1, extent, axis, False) for axis, extent in enumerate(shape))
    if op == o.CONCATENATE:
        found, start, axis = [], 0, params % len(shape)
        for source in inputs:
            count = program.spec[source].shape[axis]
            mine = Span(start, 1, count, axis, False)
            found.append(Region(source, (*whole[:axis], mine, *whole[axis + 1 :])))
            start += count
        return found
    if op not in (o.SCATTER, o.OVERWRITE):
        return None
    spans = _spans(params[1] if op == o.SCATTER else params, shape)
    part = program.spec[inputs[-1]].shape
    if spans is None or part != _shape(params[1] if op == o.SCATTER else params, spans):
        return None
    return [Region(inputs[-1], spans)]


def _spans(key: Any, shape: tuple[int, ...]) -> tuple[Span, ...] | None:
    entries = list(key) if type(key) is tuple else [key]
    if any(
        not (type(e) is slice or e is None or e is Ellipsis or isinstance(e, (int, np.integer))) or type(e) is bool for e in entries
    ):
        return None
    used = sum(e is not None and e is not Ellipsis for e in entries)
    missing = [slice(None)] * (len(shape) - used)
    place = next((k for k, e in enumerate(entries) if e is Ellipsis), len(entries))
    entries[place : place + 1] = missing
    spans: list[Span] = []
    axis = 0
    for entry in entries:
        if entry is None:
            axis += 1
            continue
        extent = shape[len(spans)]
        if isinstance(entry, slice):
            start, _, step = entry.indices(extent)
            count = len(range(*entry.indices(extent)))
            back = step < 0
            spans.append(Span(start + step * (count - 1) if back else start, abs(step), count, axis, back))
            axis += 1
        else:
            spans.append(Span(int(entry) % extent, 1, 1, -1, False))
    return tuple(spans)


def _shape(key: Any, spans: tuple[Span, ...]) -> tuple[int, ...]:
    """The shape that a part has at a key: parts that broadcast to it are left to NumPy."""
    counts = {span.axis: span.count for span in spans if span.axis >= 0}
    return tuple(counts.get(axis, 1) for axis in range(max([*counts, -1]) + 1 + _trailing_none(key)))


def _trailing_none(key: Any) -> int:
    entries = key if type(key) is tuple else (key,)
    count = 0
    for entry in reversed(entries):
        if entry is not None:
            break
        count += 1
    return count


def layout(region: Region, shape: tuple[int, ...], strides: tuple[int, ...], width: int, clear: bool) -> tuple[np.ndarray, int]:
    """The table that the loop `placed` reads, and the offset in the part's memory at which it begins; `strides` are the part's."""
    offset, steps = 0, []
    for span in region.spans:
        stride = strides[span.axis] if span.axis >= 0 else 0
        offset += (span.count - 1) * stride if span.back else 0
        steps.append(-stride if span.back else stride)
    columns = [[s.start for s in region.spans], [s.step for s in region.spans], [s.count for s in region.spans], steps]
    return np.array([width, len(shape), clear, *shape, *(v for column in columns for v in column)], np.int64), offset
