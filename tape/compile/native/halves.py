"""Nests that are their own mirror image under the exchange of two axes, as what is computed of all pairs of points is.

`symmetric(nest, mirrors)` says whether every store and reduction of a nest over (n, n) gives at (i, j) the bits that it gives at (j, i): then
one half is computed, and each vector is written to both by `write_rows(writer)`, whose loop ends at the diagonal. `twins(nest, mirrors)` takes
out sums along one axis that are, up to the sign, sums along another. Two values mirror each other where commutativity says so:
x[i] - x[j] is minus its mirror image, whose square is the same. Invariant: all elements have the bits of the whole nest; sums have
another order, which depends on shapes alone. Imports nest. Imported by pieces and loops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.native.cells import Cell, Operand
from tape.compile.native.nest import SIZES, Nest, Reduction, Store
from tape.compile.native.reductions import IDENTITY, combine
from tape.compile.native.vectors import cost

WORTH = 24  # simple instructions a point, from which on half of them is more than what mirroring costs
SMALLEST = 32  # points an axis
_COMMUTE = {OPCODES[name] for name in ("add", "mul")}
_SUB, _MUL, _DIV, _NEG = OPCODES["sub"], OPCODES["mul"], OPCODES["div"], OPCODES["neg"]
_ADD = OPCODES["add"]
_EVEN = {OPCODES["square"], OPCODES["abs"]}
Image = tuple[int, bool] | None  # the cell that a cell's mirror image is, and whether with the other sign
Mirrors = Callable[[Operand, int, int], bool]  # whether a load along two axes reads a symmetric matrix


def symmetric(nest: Nest, mirrors: Mirrors) -> bool:
    """Whether a nest is its own mirror image, and worth the trouble."""
    if len(nest.extents) != 2 or nest.extents[0] != nest.extents[1] or nest.extents[0] < SMALLEST or not nest.stores:
        return False
    if any(s.target.steps[1] != SIZES[s.kind] or s.kind == "i1" for s in nest.stores):
        return False
    if any(r.axes != {0, 1} or r.word == "prod" for r in nest.reductions):
        return False
    if {s.target.root for s in nest.stores} & {c.operand.root for c in nest.cells if c.operand is not None}:
        return False  # the other side of the diagonal may be read after it is written
    work = sum(cost(o.NAMES[c.op]) if c.op in o.ARITHMETIC else 1 for c in nest.cells if c.sort == "apply")
    if work < WORTH + 8 * (len(nest.stores) - 1):
        return False
    images = _images(nest.cells, 0, 1, mirrors)
    return all(images[wanted.cell] == (wanted.cell, False) for wanted in (*nest.stores, *nest.reductions))


def twins(nest: Nest, mirrors: Mirrors) -> tuple[Nest, list[Nest]]:
    """The nest without sums that mirror others, and the nests that copy these."""
    left, copies = list(nest.reductions), []
    for r in nest.reductions:
        for other in left:
            pair = [*r.axes, *other.axes]
            if r is other or r.word != "sum" or other.word != "sum" or r.kind != other.kind or len(pair) != 2 or pair[0] > pair[1]:
                continue
            p, q = pair
            if nest.extents[p] != nest.extents[q] or p == q:
                continue
            image = _images(nest.cells, p, q, mirrors)[r.cell]
            if image is not None and (turned := _alike(nest.cells, image, other.cell)) is not None:
                left.remove(r)
                copies.append(_copy(nest, r, other, p, q, turned))
                break
    return replace(nest, reductions=left), copies


def _alike(cells: list[Cell], image: tuple[int, bool], other: int) -> bool | None:
    """Whether the image of a cell is minus another cell; None where it is neither."""
    (one, turned), back = image, False
    while cells[one].sort == "apply" and cells[one].op == _NEG:
        one, turned = cells[one].inputs[0], not turned
    while cells[other].sort == "apply" and cells[other].op == _NEG:
        other, back = cells[other].inputs[0], not back
    return turned != back if one == other else None


def _copy(nest: Nest, r: Reduction, other: Reduction, p: int, q: int, turned: bool) -> Nest:
    """A sum along p from that along q: what stands at i along q stands there at i along p."""
    axes = [a for a in range(len(nest.extents)) if a not in (p, q)]
    extents = (nest.extents[p], *(nest.extents[a] for a in axes))
    source, target = (
        Operand(each.target.root, each.target.offset, (each.target.steps[at], *(each.target.steps[a] for a in axes))) for each, at in ((other, p), (r, q))
    )
    cells = [Cell("load", r.kind, operand=source)]
    if turned:
        cells.append(Cell("apply", r.kind, _NEG, None, (0,)))
    return Nest(extents, cells, [Store(len(cells) - 1, r.kind, target)], [])


def _images(cells: list[Cell], p: int, q: int, mirrors: Mirrors) -> list[Image]:
    """What becomes of every cell if the axes p and q are exchanged; None where that is not among the cells."""
    places = {_key(c, c.inputs): k for k, c in enumerate(cells) if not c.conditions}
    images: list[Image] = []
    for k, c in enumerate(cells):
        if c.sort == "number":
            images.append((k, False))
        elif c.sort == "load":
            images.append(None if c.conditions or c.operand is None else _of_load(c, k, p, q, places, mirrors))
        else:
            images.append(_of_result(c, k, [images[i] for i in c.inputs], places) if c.sort == "apply" else None)
    return images


def _key(c: Cell, inputs: tuple[int, ...]) -> Any:
    return c.sort, c.kind, c.op, str(c.params), inputs, c.operand


def _of_load(c: Cell, k: int, p: int, q: int, places: dict[Any, int], mirrors: Mirrors) -> Image:
    assert c.operand is not None
    steps = list(c.operand.steps)
    steps[p], steps[q] = steps[q], steps[p]
    other = places.get(_key(c._replace(operand=c.operand._replace(steps=tuple(steps))), ()))
    if other is None:
        return (k, False) if mirrors(c.operand, p, q) else None
    return other, False


def _of_result(c: Cell, k: int, inputs: list[Image], places: dict[Any, int]) -> Image:
    if any(image is None for image in inputs):
        return None
    seen = [image for image in inputs if image is not None]
    mirrored, signs = tuple(cell for cell, _ in seen), [turned for _, turned in seen]
    if c.op in _EVEN or c.op == _MUL and c.inputs[0] == c.inputs[1]:
        signs = [False] * len(signs)  # either sign gives the same, also of a zero
    if c.op in (_NEG, o.STRONG) and mirrored == c.inputs and not (c.op == o.STRONG and signs[0]):
        return k, signs[-1]
    if c.op == _ADD and mirrored == c.inputs and all(signs):
        return k, True
    if c.op in (_MUL, _DIV) and mirrored == c.inputs and signs.count(True) == 1 and (c.op == _MUL or signs[0]):
        return k, True  # never over x[i] - x[j]: its zero has one sign on both sides
    if any(signs):
        return None
    if c.op == _SUB and mirrored == c.inputs[::-1] != c.inputs:
        return k, True
    if mirrored == c.inputs or c.op in _COMMUTE and mirrored == c.inputs[::-1]:
        return k, False
    other = places.get(_key(c, mirrored))
    return None if other is None else (other, False)


def write_rows(w: Any) -> None:
    """The vectors of a row up to the one that has the diagonal in it."""
    row, extent = w.counters[0], w.nest.extents[1]
    whole = extent - extent % w.lanes

    def goes_on(counter: str) -> str:
        return str(w.put(f"icmp sle i64 {counter}, {row}"))

    def in_front(counter: str) -> str:
        inside = w.put(f"icmp slt i64 {counter}, {whole}")
        return str(w.put(f"and i1 {goes_on(counter)}, {inside}"))

    place = w._while("0", w.lanes, in_front, lambda counter: _vector(w, counter, row, None))
    if whole < extent:
        w._while(place, w.lanes, goes_on, lambda counter: _vector(w, counter, row, w.under(w.put(f"sub nsw i64 {extent}, {counter}"))))


def _vector(w: Any, counter: str, row: str, mask: str | None) -> None:
    """One vector of every cell; its values are written in a row and, mirrored, in a column; sums count what lies below the diagonal twice."""
    names = w.computed(counter, mask)
    for s in w.nest.stores:
        w._store(names[s.cell], s.kind, s.target, counter, mask)
        w.store(names[s.cell], s.kind, _mirrored(w, s.target, counter, row), s.target.steps[0], mask)
    if not w.nest.reductions:
        return
    vector = w.type("i64")
    before = w.put(f"sub nsw i64 {row}, {counter}")
    below = w.put(f"icmp slt {vector} {w.lane_numbers()}, {w.splat(before, 'i64')}")
    within = w.put(f"icmp sle {vector} {w.lane_numbers()}, {w.splat(before, 'i64')}")
    for k, r in enumerate(w.nest.reductions):
        value = names[r.cell]
        once = w.choose(within, value, w.constant(IDENTITY[r.word], r.kind), r.kind)
        if r.word == "sum" and r.kind != "i1":
            twice = w.put(f"fadd {w.type(r.kind)} {value}, {value}")
            once = w.choose(below, twice, once, r.kind)
        w.sums[k] = [combine(w, r.word, r.kind, w.sums[k][0], once), *w.sums[k][1:]]


def _mirrored(w: Any, target: Operand, counter: str, row: str) -> str:
    """Where the first element of a vector belongs on the other side of the diagonal."""
    down, along = target.steps
    start = w.put(f"getelementptr i8, ptr %p{w.index[target.root, target.steps]}, i64 {w.distance[target]}")
    right = w.put(f"getelementptr i8, ptr {start}, i64 {w.put(f'mul nsw i64 {row}, {along}')}")
    return str(w.put(f"getelementptr i8, ptr {right}, i64 {w.put(f'mul nsw i64 {counter}, {down}')}"))
