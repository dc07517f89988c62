"""Gradients of element reads: sums of scattered parts become one array.

The pullback of `x[i]` is a scatter into zeros; n reads leave n arrays of n elements and their sum, quadratic work. Here such a sum is one
`assemble` of its elements (parts of the same element are added as 0-d rows, in the same tree), or one `concatenate` of its regions, plus
what dense terms there are. Adding zeros turns -0.0 into 0.0, and so does the `+ 0.0` that is left of them.
Note [adding zeros]: a sum of h and zeros, in any order, is h + 0.0; so zeros may be added last, and once.
Imports algebra, draft, keys. Imported by the pipeline.
"""

from __future__ import annotations

from bisect import bisect_left

from tape.compile import opcodes as o
from tape.compile.passes.algebra import ADD
from tape.compile.passes.columns import numbers, readers, rows_of, signature
from tape.compile.passes.draft import Draft
from tape.compile.passes.keys import flat, normal
from tape.compile.program import Program
from tape.spec import Spec, intern

_REGIONS = 2  # among zeros, that are left to be added
_FEW = 16  # elements to which zeros are added one by one, so that they stay 0-d rows


class _Sum:
    """A sum of `terms` scattered arrays, and one dense row added before them (-1: none). Parts are elements, by number a row and how many
    terms have it, or regions of one axis, (start, stop, row) in order; `axis` is -1 for elements."""

    __slots__ = ("dense", "terms", "axis", "elements", "regions")

    def __init__(self, axis: int = -1, terms: int = 1) -> None:
        self.dense, self.terms, self.axis = -1, terms, axis
        self.elements: dict[int, tuple[int, int]] = {}
        self.regions: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        return len(self.elements) + len(self.regions)


def scatters(program: Program) -> Program:
    """Make sums of scatters linear in the number of parts."""
    if not rows_of(program, o.SCATTER, o.ASSEMBLE):
        return program
    draft, counts, spec = Draft(program), readers(program), program.spec
    zeros = {row for row, number in numbers(program).items() if str(number) in ("0", "0.0")}
    sums: dict[int, _Sum] = {}
    for row in rows_of(program, ADD):
        if not spec[row].shape:
            continue
        a, b = draft.inputs_of(row)
        if spec[a] is not spec[row] or spec[b] is not spec[row] or spec[row].dtype.kind not in "fciu":
            continue
        if _same_key(draft, row, a, b):
            continue
        one = sums[a] if a in sums and counts[a] == 1 else _leaf(draft, a, zeros)
        other = sums[b] if b in sums and counts[b] == 1 and a != b else _leaf(draft, b, zeros)
        found = _joined(draft, row, one, other) if one and other else None
        if found:
            sums.pop(a, None)
            sums.pop(b, None)
        elif one and one.dense < 0:
            found = _with_dense(one, b)
            sums.pop(a, None)
        elif other and other.dense < 0:
            found = _with_dense(other, a)
            sums.pop(b, None)
        if found:
            sums[row] = found
    for row, found in sums.items():
        if found.terms > 1 and len(found) and not _thin(found, spec[row]):
            _write(draft, row, found)
    return draft.program()


def _thin(found: _Sum, spec: Spec) -> bool:
    """A few regions among many zeros: a loop over the whole chooses as it goes, where a joined array would be written and read."""
    return 0 < len(found.regions) <= _REGIONS and 2 * sum(stop - start for start, stop, _ in found.regions) < spec.shape[found.axis]


def _same_key(draft: Draft, row: int, a: int, b: int) -> bool:
    """Make the sum of two arrays scattered to the same place the scattered sum."""
    if not draft.op[a] == draft.op[b] == o.SCATTER or signature(draft.params[a]) != signature(draft.params[b]):
        return False
    one, other = draft.resolve(draft.a[a]), draft.resolve(draft.a[b])
    spec = draft.spec[one]
    if spec is not draft.spec[other] or not spec.shape:
        return False
    total = draft.insert(row, ADD, (one, other), None, spec, draft.place[row])
    draft.rewrite(row, o.SCATTER, (total,), draft.params[a])
    return True


def _leaf(draft: Draft, row: int, zeros: set[int]) -> _Sum | None:
    """A row that is zero but for some parts."""
    op, spec = draft.op[row], draft.spec[row]
    if op == o.ASSEMBLE:
        found = _Sum()
        found.elements = {place: (part, 1) for place, part in zip(draft.params[row][1], draft.inputs_of(row), strict=True)}
        return found
    if op != o.SCATTER:
        return _Sum() if row in zeros else None
    key, part = normal(draft.params[row][1], spec.shape), draft.resolve(draft.a[row])
    if all(isinstance(entry, int) for entry in key):
        found = _Sum()
        found.elements[flat(key, spec.shape)] = part, 1  # type: ignore[arg-type]
        return found
    if None in key:
        return None
    cut = [k for k, (entry, extent) in enumerate(zip(key, spec.shape, strict=True)) if entry != (0, 1, extent)]
    shape = tuple([entry[2] for entry in key if isinstance(entry, tuple)])
    if len(cut) != 1 or draft.spec[part].shape != shape:
        return None
    axis, entry = cut[0], key[cut[0]]
    found = _Sum(axis)
    if isinstance(entry, tuple) and entry[1] != 1 and entry[2] != 1 or entry is None:
        return None
    start, count = (entry, 1) if isinstance(entry, int) else (entry[0], entry[2])
    if count:
        found.regions.append((start, start + count, part))
    return found


def _with_dense(parts: _Sum, row: int) -> _Sum:
    parts.dense = row
    return parts


def _joined(draft: Draft, row: int, one: _Sum, other: _Sum) -> _Sum | None:
    """The sum of two sums, where its parts can be written apart; None where they overlap."""
    if len(one) < len(other):
        one, other = other, one
    dense = max(one.dense, other.dense)
    if min(one.dense, other.dense) >= 0 or len(other) and one.axis != other.axis:
        return None
    # With a dense row x, (x + g) + h is not x + (g + h): only parts of other elements may join.
    if dense >= 0 and not one.elements.keys().isdisjoint(other.elements):
        return None
    if not _regions_joined(one.regions, other.regions):
        return None
    dtype = draft.spec[row].dtype
    for place, (part, hits) in other.elements.items():
        if place in one.elements:
            before, met = one.elements[place]
            part, hits = draft.insert(row, ADD, (before, part), None, intern((), dtype), draft.place[row]), hits + met
        one.elements[place] = part, hits
    one.dense, one.terms = dense, one.terms + other.terms
    return one


def _regions_joined(regions: list[tuple[int, int, int]], further: list[tuple[int, int, int]]) -> bool:
    """Put further regions in order among others; False, with nothing changed, where one overlaps."""
    for start, stop, _ in further:
        k = bisect_left(regions, (start,))
        if k and regions[k - 1][1] > start or k < len(regions) and regions[k][0] < stop:
            return False
    for region in further:
        regions.insert(bisect_left(regions, region), region)
    return True


def _write(draft: Draft, row: int, found: _Sum) -> None:
    """Let an add row be the sum."""
    spec, place = draft.spec[row], draft.place[row]
    zeros = spec.dtype.kind not in "iu"  # -0.0 is to be told from 0.0
    one_by_one = zeros and found.axis < 0 and (len(found) <= _FEW or any(hits == found.terms for _, hits in found.elements.values()))
    if one_by_one:
        zero, small = draft.constant(0, spec.dtype), intern((), spec.dtype)
        for number, (part, hits) in found.elements.items():
            if hits < found.terms:
                found.elements[number] = draft.insert(row, ADD, (part, zero), None, small, place), hits
    op, inputs, params = _parts(draft, row, found, spec)
    rest = [found.dense] if found.dense >= 0 else []
    if zeros and not one_by_one:
        whole = draft.insert(row, op, inputs, params, spec, place)
        if rest:
            whole = draft.insert(row, ADD, (whole, draft.constant(0, spec.dtype)), None, spec, place)
        draft.rewrite(row, ADD, (whole, *rest) if rest else (whole, draft.constant(0, spec.dtype)))
    elif rest:
        draft.rewrite(row, ADD, (draft.insert(row, op, inputs, params, spec, place), *rest))
    else:
        draft.rewrite(row, op, inputs, params)


def _parts(draft: Draft, row: int, found: _Sum, spec: Spec) -> tuple[int, tuple[int, ...], object]:
    """The row that puts the parts together: opcode, inputs, parameters."""
    if found.axis < 0:
        places = sorted(found.elements)
        return o.ASSEMBLE, tuple([found.elements[p][0] for p in places]), (spec.shape, tuple(places), spec.dtype)
    axis, parts, at = found.axis, [], 0

    def region(count: int) -> Spec:
        return intern((*spec.shape[:axis], count, *spec.shape[axis + 1 :]), spec.dtype)

    for start, stop, part in [*found.regions, (spec.shape[axis], spec.shape[axis], -1)]:
        if start > at:
            gap = region(start - at)
            parts.append(draft.insert(row, o.EXPAND, (draft.constant(0, spec.dtype),), gap.shape, gap, draft.place[row]))
        if part >= 0:
            parts.append(draft.reshaped(row, part, region(stop - start)))
        at = stop
    return o.CONCATENATE, tuple(parts), axis
