"""Arrays made element by element become one `assemble` row.

`stack` and `concatenate` of 0-d values, and loops that write `y[i] = ...`, which are chains of `overwrite` rows, each a copy of the whole
array. A chain that leaves part of its base reads that part element by element, or overwrites a range at once, whichever is
linear in the number of writes. Imports draft, keys. Imported by the pipeline.
"""

from __future__ import annotations

from tape.compile import opcodes as o
from tape.compile.passes.columns import frozen, numbers, readers, rows_of
from tape.compile.passes.draft import Draft
from tape.compile.passes.keys import flat, normal, place_of
from tape.compile.program import Program
from tape.spec import intern

_SPARSE = 8  # a base is read element by element where it has at most so many elements a write


def assemble(program: Program) -> Program:
    """Put elements together at once."""
    rows = rows_of(program, o.CONCATENATE, o.OVERWRITE)
    if not rows:
        return program
    draft, counts = Draft(program), readers(program)
    zeros = {row for row, number in numbers(program).items() if str(number) in ("0", "0.0")}
    chains: dict[int, tuple[int, dict[int, int]]] = {}  # by last row: the base, and the part at each element written
    for row in rows:
        if draft.op[row] == o.CONCATENATE:
            _concatenated(draft, row)
            continue
        base, part = draft.inputs_of(row)
        shape = draft.spec[row].shape
        key = normal(draft.params[row], shape)
        if draft.spec[part].shape or not all(isinstance(entry, int) for entry in key):
            continue
        start, written = chains.pop(base) if base in chains and counts[base] == 1 else (base, {})
        written[flat(key, shape)] = part  # type: ignore[arg-type]
        chains[row] = start, written
    for row, (base, written) in chains.items():
        if len(written) > 1:
            _written(draft, row, base, written, zeros)
    return draft.program()


def _concatenated(draft: Draft, row: int) -> None:
    spec, parts, inputs = draft.spec[row], [], draft.inputs_of(row)
    if all(draft.op[i] == o.CONSTANT for i in inputs) or any(draft.spec[i].size != 1 for i in inputs):
        return
    for i in inputs:
        source = draft.resolve(draft.a[i])
        if draft.op[i] in o.VIEWS and not draft.spec[source].shape:
            parts.append(source)
        elif draft.op[i] == o.CONSTANT and frozen(draft.params[i]):
            parts.append(draft.constant(draft.params[i].reshape(()), spec.dtype))
        else:
            return
    draft.rewrite(row, o.ASSEMBLE, tuple(parts), (spec.shape, tuple(range(len(parts))), spec.dtype))


def _written(draft: Draft, row: int, base: int, written: dict[int, int], zeros: set[int]) -> None:
    spec, places = draft.spec[row], sorted(written)
    step = places[1] - places[0]
    if len(places) < spec.size and base not in zeros:
        if len(spec.shape) == 1 and places == [*range(places[0], places[-1] + 1, step)]:
            several = intern((len(places),), spec.dtype)
            params = several.shape, tuple(range(len(places))), spec.dtype
            part = draft.insert(row, o.ASSEMBLE, tuple([written[p] for p in places]), params, several, draft.place[row])
            draft.rewrite(row, o.OVERWRITE, (base, part), (slice(places[0], places[-1] + 1, step),))
            return
        if spec.size > _SPARSE * len(places):
            return
        for p in range(spec.size):
            if p not in written:
                key = place_of(p, spec.shape)
                written[p] = draft.insert(row, o.INDEX, (base,), key, intern((), spec.dtype), draft.place[row])
        places = sorted(written)
    draft.rewrite(row, o.ASSEMBLE, tuple([written[p] for p in places]), (spec.shape, tuple(places), spec.dtype))
