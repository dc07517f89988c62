"""Views of views become one view, and what is read out of an array just put together is read where it came from.

Reshapes, permutes, expands and indexes compose; a view that changes nothing goes; `index` of scatter, overwrite, concatenate, assemble and
expand finds the part; every view that leaves one element is an `index` by ints, or the element itself. No arithmetic is touched.
Imports draft, keys, origins. Imported by the pipeline.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.columns import readers, rows_of
from tape.compile.passes.draft import Draft
from tape.compile.passes.keys import Key, apart, composed, normal, plain, whole
from tape.compile.passes.origins import MADE, ZERO, Origins
from tape.compile.program import Program


def views(program: Program) -> Program:
    """Simplify rows that only move elements."""
    rows = rows_of(program, *o.VIEWS, *MADE)
    if not rows:
        return program
    draft = Draft(program)
    origins = Origins(draft)
    counts = readers(program)
    sources = o.VIEWS | MADE
    for row in rows:
        op = draft.op[row]
        source = draft.resolve(draft.a[row])
        if op in o.VIEWS:
            if draft.spec[row] is draft.spec[source] and op != o.INDEX and (op != o.PERMUTE or _unmoved(draft, row)):
                draft.replace(row, source)
            elif not draft.spec[row].shape and draft.op[source] in sources:
                _element(draft, row, source, origins)
            elif op == o.INDEX:
                _index(draft, row, source)
            elif draft.op[source] in o.VIEWS:
                _SHAPE[op](draft, row, source)
        else:
            _made(draft, row, source, counts)
            if draft.op[row] == o.OVERWRITE and row not in draft.stands:
                origins.note(row)
    return draft.program()


def _unmoved(draft: Draft, row: int) -> bool:
    dims = draft.params[row]
    return all(d % len(dims) == k for k, d in enumerate(dims))


def _element(draft: Draft, row: int, source: int, origins: Origins) -> None:
    """A 0-d view reads one element of some row."""
    place = () if draft.op[row] != o.INDEX else normal(draft.params[row], draft.spec[source].shape)
    if draft.op[row] != o.INDEX:
        place = (0,) * len(draft.spec[source].shape)
    found, there = origins.element(source, place)  # type: ignore[arg-type]
    if found == ZERO:
        draft.replace(row, draft.constant(0, draft.spec[row].dtype))
    elif not there:
        draft.replace(row, found)
    elif found != source:
        draft.rewrite(row, o.INDEX, (found,), there)


def _index(draft: Draft, row: int, source: int) -> None:
    """Index through views and into what was put together, as far as it goes."""
    start, key = source, normal(draft.params[row], draft.spec[source].shape)
    while True:
        if whole(key, draft.spec[source].shape):
            draft.replace(row, source)
            return
        step = _THROUGH.get(draft.op[source])
        found = step(draft, row, source, key) if step else None
        if found is None:
            break
        source, key = found
        if source == ZERO:
            source, key = draft.constant(0, draft.spec[row].dtype), ()
        if not draft.spec[source].shape:
            draft.expand(row, source)
            return
    if source != start or any(isinstance(k, int) and k < 0 for k in draft.params[row]):
        draft.rewrite(row, o.INDEX, (source,), plain(key))


def _through_index(draft: Draft, row: int, source: int, key: Key) -> tuple[int, Key] | None:
    inner = draft.resolve(draft.a[source])
    both = composed(normal(draft.params[source], draft.spec[inner].shape), key)
    return None if both is None else (inner, both)


def _through_expand(draft: Draft, row: int, source: int, key: Key) -> tuple[int, Key] | None:
    inner = draft.resolve(draft.a[source])
    return (inner, ()) if not draft.spec[inner].shape else None


def _through_scatter(draft: Draft, row: int, source: int, key: Key) -> tuple[int, Key] | None:
    given = normal(draft.params[source][1], draft.spec[source].shape)
    part = draft.resolve(draft.a[source])
    if given == key and draft.spec[part] is draft.spec[row]:
        return part, normal((), draft.spec[part].shape)
    return (ZERO, ()) if apart(given, key) else None


def _through_overwrite(draft: Draft, row: int, source: int, key: Key) -> tuple[int, Key] | None:
    given = normal(draft.params[source], draft.spec[source].shape)
    base, part = draft.inputs_of(source)
    if given == key and draft.spec[part] is draft.spec[row]:
        return part, normal((), draft.spec[part].shape)
    return (base, key) if apart(given, key) else None


def _through_concatenate(draft: Draft, row: int, source: int, key: Key) -> tuple[int, Key] | None:
    axis = draft.params[source] % len(draft.spec[source].shape)
    at = [k for k, entry in enumerate(key) if entry is not None][axis]
    entry, start = key[at], 0
    for part in draft.inputs_of(source):
        extent = draft.spec[part].shape[axis]
        first, last = (entry, entry) if isinstance(entry, int) else (entry[0], entry[0] + entry[1] * (entry[2] - 1))
        if start <= min(first, last) and max(first, last) < start + extent:
            moved = entry - start if isinstance(entry, int) else (entry[0] - start, *entry[1:])
            return part, (*key[:at], moved, *key[at + 1 :])
        start += extent
    return None


_THROUGH: dict[int, Callable[[Draft, int, int, Key], tuple[int, Key] | None]] = {
    o.INDEX: _through_index, o.EXPAND: _through_expand, o.SCATTER: _through_scatter,
    o.OVERWRITE: _through_overwrite, o.CONCATENATE: _through_concatenate,
}  # fmt: skip


def _reshape(draft: Draft, row: int, source: int) -> None:
    inner = draft.resolve(draft.a[source])
    if draft.op[source] == o.RESHAPE:
        if draft.spec[inner] is draft.spec[row]:
            draft.replace(row, inner)
        else:
            draft.rewrite(row, o.RESHAPE, (inner,), draft.spec[row].shape)
    elif draft.op[source] == o.EXPAND and not draft.spec[inner].shape:
        draft.rewrite(row, o.EXPAND, (inner,), draft.spec[row].shape)


def _permute(draft: Draft, row: int, source: int) -> None:
    inner = draft.resolve(draft.a[source])
    if draft.op[source] == o.PERMUTE:
        count = len(draft.params[row])
        dims = tuple([draft.params[source][d % count] % count for d in draft.params[row]])
        draft.rewrite(row, o.PERMUTE, (inner,), dims)
        if draft.spec[inner] is draft.spec[row] and _unmoved(draft, row):
            draft.replace(row, inner)
    elif draft.op[source] == o.EXPAND and not draft.spec[inner].shape:
        draft.rewrite(row, o.EXPAND, (inner,), draft.spec[row].shape)


def _expand(draft: Draft, row: int, source: int) -> None:
    inner = draft.resolve(draft.a[source])
    given, shape = draft.spec[inner].shape, draft.spec[source].shape
    leading = len(shape) - len(given)
    if draft.op[source] == o.EXPAND or draft.op[source] == o.RESHAPE and leading >= 0 and shape == (1,) * leading + given:
        draft.expand(row, inner)


_SHAPE = {o.RESHAPE: _reshape, o.PERMUTE: _permute, o.EXPAND: _expand}


def _made(draft: Draft, row: int, source: int, counts: np.ndarray) -> None:
    """Arrays put together of one part, or of arrays that were put together for nothing else."""
    op, spec = draft.op[row], draft.spec[row]
    if op == o.SCATTER and draft.spec[source] is spec and whole(normal(draft.params[row][1], spec.shape), spec.shape):
        draft.replace(row, source)
    elif op == o.OVERWRITE:
        part, key = draft.resolve(draft.b[row]), normal(draft.params[row], spec.shape)
        if draft.spec[part] is spec and whole(key, spec.shape):
            draft.replace(row, part)
        elif draft.op[source] == o.OVERWRITE and normal(draft.params[source], spec.shape) == key:
            draft.rewrite(row, o.OVERWRITE, (draft.resolve(draft.a[source]), part), draft.params[row])
    elif op == o.CONCATENATE:
        inputs = draft.inputs_of(row)
        if len(inputs) == 1:
            draft.replace(row, inputs[0])
            return
        axis = draft.params[row] % len(spec.shape)
        parts: list[int] = []
        for i in inputs:
            inside = draft.op[i] == o.CONCATENATE and counts[i] == 1 and draft.params[i] % len(spec.shape) == axis
            parts += draft.inputs_of(i) if inside else (i,)
        if len(parts) > len(inputs):
            draft.rewrite(row, o.CONCATENATE, tuple(parts), axis)
