"""The shape of a loop nest: which axes it has, in which order, which one the vectors run along.

`arrange` drops axes of one element, joins those that every operand walks through in one stride, puts the axis that vectors like best
innermost. Invariant: the order depends on shapes and strides alone, and so do the bits of every result.
Imported by loops and plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tape.compile import opcodes as o
from tape.compile.native.cells import Cell, Operand
from tape.compile.native.vectors import cost

SIZES = {"double": 8, "float": 4, "i1": 1}


@dataclass(frozen=True)
class Store:
    """A cell to be written at every point."""

    cell: int
    kind: str
    target: Operand


@dataclass(frozen=True)
class Reduction:
    """A cell to be reduced over some axes into a target, which has no step along them."""

    cell: int
    kind: str
    word: str
    target: Operand
    axes: frozenset[int]


@dataclass(frozen=True)
class Nest:
    """Loops over `extents` that compute cells, store some and reduce others. Axis 0 is the outermost, the last one has the vectors. `half`: it
    is its own mirror image, and what lies above the diagonal is copied."""

    extents: tuple[int, ...]
    cells: list[Cell]
    stores: list[Store]
    reductions: list[Reduction]
    half: bool = False

    def operands(self) -> list[Operand]:
        """All memory that the nest touches."""
        loads = [c.operand for c in self.cells if c.operand is not None]
        return [*loads, *(s.target for s in self.stores), *(r.target for r in self.reductions)]


def pruned(nest: Nest) -> Nest:
    """Without cells that nothing needs."""
    wanted, todo = set(), [s.cell for s in nest.stores] + [r.cell for r in nest.reductions]
    while todo:
        cell = todo.pop()
        if cell not in wanted:
            wanted.add(cell)
            todo += nest.cells[cell].inputs
    order = sorted(wanted)
    new = {old: k for k, old in enumerate(order)}
    cells = [nest.cells[old]._replace(inputs=tuple(new[i] for i in nest.cells[old].inputs)) for old in order]
    stores = [replace(s, cell=new[s.cell]) for s in nest.stores]
    return Nest(nest.extents, cells, stores, [replace(r, cell=new[r.cell]) for r in nest.reductions])


def renumbered(nest: Nest, axes: list[int], extents: list[int]) -> Nest:
    """The nest over `axes` of the given one, in that order."""
    new = {old: k for k, old in enumerate(axes)}

    def seen(operand: Operand) -> Operand:
        return operand._replace(steps=tuple(operand.steps[a] for a in axes))

    cells = []
    for c in nest.cells:
        conditions = frozenset((new[axis], low, high) for axis, low, high in c.conditions)
        cells.append(c._replace(operand=seen(c.operand) if c.operand is not None else None, conditions=conditions))
    stores = [replace(s, target=seen(s.target)) for s in nest.stores]
    reductions = [replace(r, target=seen(r.target), axes=frozenset(new[a] for a in r.axes if a in new)) for r in nest.reductions]
    return Nest(tuple(extents), cells, stores, reductions)


def arrange(nest: Nest, lanes: int) -> Nest:
    """The nest in the order in which it runs."""
    nest = pruned(nest)
    axes = [k for k, n in enumerate(nest.extents) if n != 1]
    if not axes:
        return as_stores(renumbered(nest, [], []))
    nest = as_stores(renumbered(nest, axes, [nest.extents[k] for k in axes]))
    axes = list(range(len(axes)))
    weight = {k: sum(abs(p.steps[k]) for p in nest.operands()) for k in axes}
    first = nest.stores[0].target if nest.stores else None
    axes.sort(key=lambda k: -(abs(first.steps[k]) if first else weight[k]))
    nest = _joined(renumbered(nest, axes, [nest.extents[k] for k in axes]))
    count = len(nest.extents)
    best = min(range(count), key=lambda a: (_time(nest, a, lanes), -a))
    if best != count - 1:
        axes = [a for a in range(count) if a != best] + [best]
        nest = _joined(renumbered(nest, axes, [nest.extents[a] for a in axes]))
    return nest


def _joined(nest: Nest) -> Nest:
    """Neighbouring axes that all operands walk through in one stride become one."""
    bounded = {axis for c in nest.cells for axis, _, _ in c.conditions}
    k = 0
    while k + 1 < len(nest.extents):
        inner = nest.extents[k + 1]
        straight = all(p.steps[k] == p.steps[k + 1] * inner for p in nest.operands())
        same = all((k in r.axes) == (k + 1 in r.axes) for r in nest.reductions)
        if straight and same and not {k, k + 1} & bounded:
            axes = [a for a in range(len(nest.extents)) if a != k]
            extents = [n * (inner if a == k else 1) for a, n in enumerate(nest.extents)]
            extents[k + 1] = inner * nest.extents[k]
            nest = renumbered(nest, axes, [extents[a] for a in axes])
            bounded = {axis for c in nest.cells for axis, _, _ in c.conditions}
        else:
            k += 1
    return nest


def _time(nest: Nest, axis: int, lanes: int) -> float:
    """About the time of the nest if vectors run along an axis."""
    depends: list[bool] = []
    whole = 0.0
    for c in nest.cells:
        moves = any(depends[i] for i in c.inputs) or any(a == axis for a, _, _ in c.conditions)
        if c.operand is not None:
            step = c.operand.steps[axis]
            moves = moves or step != 0
            whole += 0 if not step else 1 if step == SIZES[c.kind] or packs(nest, c, axis) else 1.2 * lanes
        elif c.sort == "apply" and moves:
            whole += cost(o.NAMES[c.op]) if c.op in o.ARITHMETIC else 1
        depends.append(moves)
    for s in nest.stores:
        whole += 1 if s.target.steps[axis] == SIZES[s.kind] else 2.0 * lanes
    rounds = -(-nest.extents[axis] // lanes)
    folds = 0.0
    for r in nest.reductions:
        if axis in r.axes:
            whole += 1
            folds += 12
        else:
            whole += 3
    others = 1
    for a, n in enumerate(nest.extents):
        others *= n if a != axis else 1
    return others * (rounds * (whole + 1) + folds)


def seconds_of(nest: Nest, lanes: int) -> float:
    """About how long the vectors' instructions take."""
    return 2.5e-10 * (_time(nest, len(nest.extents) - 1, lanes) / (1 + nest.half) if nest.extents else 4 * len(nest.cells))


def packs(nest: Nest, cell: Cell, axis: int) -> bool:
    """Whether what a load walks through with gaps along an axis is read so often that a copy without gaps pays."""
    found = cell.operand
    if found is None or cell.conditions or not found.steps or found.steps[axis] in (0, SIZES[cell.kind]):
        return False
    repeated = 1
    for n, step in zip(nest.extents, found.steps, strict=True):
        repeated *= n if not step else 1
    return repeated >= 8


def suffix(nest: Nest, reduction: Reduction) -> int:
    """The outermost axis from which on all axes are reduced: an accumulator in registers lives through these loops."""
    start = len(nest.extents)
    while start and start - 1 in reduction.axes:
        start -= 1
    return start


def in_memory(nest: Nest, reduction: Reduction) -> bool:
    """Whether loops outside of those of the accumulator are reduced too: the target must hold the identity beforehand."""
    return any(axis < suffix(nest, reduction) for axis in reduction.axes)


def as_stores(nest: Nest) -> Nest:
    """Reductions over no axis are stores."""
    stores = [*nest.stores, *(Store(r.cell, r.kind, r.target) for r in nest.reductions if not r.axes)]
    return Nest(nest.extents, nest.cells, stores, [r for r in nest.reductions if r.axes])


def main_box(nest: Nest) -> dict[int, tuple[int, int]]:
    """For each axis with conditions the longest range in which each of them holds everywhere or nowhere."""
    ends: dict[int, set[int]] = {}
    for axis, low, high in {x for c in nest.cells for x in c.conditions}:
        ends.setdefault(axis, {0, nest.extents[axis]}).update((low, high))
    found = {}
    for axis, places in ends.items():
        order = sorted(place for place in places if 0 <= place <= nest.extents[axis])
        found[axis] = max(zip(order, order[1:], strict=False), key=lambda pair: pair[1] - pair[0], default=(0, nest.extents[axis]))
    return found


def lanes_of(nest: Nest) -> int:
    """How many elements a vector of the nest has."""
    from compiled_ops.vectormath import VECTOR_BYTES

    kinds = {c.kind for c in nest.cells} - {"i1"}
    return VECTOR_BYTES // (4 if kinds == {"float"} else 8)
