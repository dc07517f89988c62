"""The text of a program's module: its steps as calls in order, cut into pieces where a row needs Python.

`text_of(plan, exact)` gives the text, the pieces and the scratch bytes behind the arena. A piece is a function
`i64 (ptr arena, ptr pointers)` that returns 0, or not 0 where a guard failed; or a row for Python.
Invariant: pieces in order are the plan's steps in order. Imported by build.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from tape.compile.native.entry import Convention, entry_text, fits
from tape.compile.native.known import written
from tape.compile.native.llvm import Module
from tape.compile.native.loops import function
from tape.compile.native.pieces import Loops
from tape.compile.native.plan import Plan
from tape.compile.native.products import product
from tape.compile.native.steps import Known, Product, Run, Step
from tape.compile.native.vectors import KINDS, number
from tape.compile.scalars import ARENA, Columns, columns_of

SHARED = 500_000  # cells to compute, from which on threads share a nest


class Piece(NamedTuple):
    """A function of the module by name, or a row that Python runs. `count`: pieces that threads may share."""

    name: str
    row: int = -1
    count: int = 0


def text_of(plan: Plan, exact: bool, threads: int, convention: Convention) -> tuple[str, list[Piece], int]:
    """The module's text, its pieces, the bytes of scratch memory behind the arena. A program of one piece has an entry of a convention."""
    emission = _Emission(plan, exact, threads)
    for step in plan.steps:
        emission.add(step)
    emission.close()
    pieces = emission.pieces
    if len(pieces) == 1 and pieces[0].name and not pieces[0].count and fits(plan, convention):
        emission.module.add(entry_text(plan, convention, pieces[0].name, plan.size + emission.scratch, work_of(plan)))
    return emission.module.text(), emission.pieces, emission.scratch


def texts_apart(plan: Plan, exact: bool, threads: int) -> tuple[str, list[list[Piece]]]:
    """The module's text with functions for each step alone, and the pieces of each step."""
    emission, steps = _Emission(plan, exact, threads), []
    for step in plan.steps:
        before = len(emission.pieces)
        emission.add(step)
        emission.close()
        steps.append(emission.pieces[before:])
    return emission.module.text(), steps


def work_of(plan: Plan) -> int:
    """About how many cells a call computes."""
    return sum(len(s.nest.cells) * prod(s.nest.extents) if isinstance(s, Loops) else len(plan.program) for s in plan.steps)


class _Emission:
    def __init__(self, plan: Plan, exact: bool, threads: int) -> None:
        self.plan, self.exact, self.threads, self.module = plan, exact, threads, Module()
        self.pieces: list[Piece] = []
        self.scratch = 0
        self.lines: list[str] = []
        self.roots: dict[int, str] = {}
        self.count = 0

    def add(self, step: Run | Loops | Product | Known | Step) -> None:
        """One step of the plan."""
        if isinstance(step, Loops):
            self._loops(step)
        elif isinstance(step, Run):
            self._run(step)
        elif isinstance(step, Product):
            if not self._product(step.row):
                self._python(step.row)
        elif isinstance(step, Known):
            if not self._known(step.row):
                self._python(step.row)
        else:
            self._python(step.row)

    def close(self) -> None:
        """End the piece that is being written."""
        if self.lines:
            name = f"piece{len(self.pieces)}"
            text = ["define i64 @" + name + "(ptr %arena, ptr %pointers) nounwind {", "entry:", *self._root_loads(), *self.lines]
            self.module.add("\n".join([*text, "  ret i64 0", "}"]))
            self.pieces.append(Piece(name))
        self.lines, self.roots = [], {}

    def _python(self, row: int) -> None:
        self.close()
        self.pieces.append(Piece("", row))

    def _name(self) -> str:
        self.count += 1
        return f"%t{self.count}"

    def _address(self, root: int, offset: int) -> str:
        if root < 0:
            base, offset = "%arena", offset + self.plan.offsets[-1 - root]
        else:
            base = self.roots.setdefault(root, f"%root{root}")
        if not offset:
            return base
        name = self._name()
        self.lines.append(f"  {name} = getelementptr i8, ptr {base}, i64 {offset}")
        return name

    def _loops(self, step: Loops) -> None:
        name, arguments = function(self.module, step.nest, step.lanes, self.exact, step.pieces > 1)
        if step.pieces == 1:
            self.lines.append(f"  call void {name}({self._pointers(arguments)})")
            return
        name = self._in_pieces(step, name, arguments)
        if self.threads > 1 and len(step.nest.cells) * prod(step.nest.extents) >= SHARED:
            self.close()
            self._shared(step, name, arguments)
        else:
            self.lines.append(f"  call void {name}({self._pointers(arguments)}, i64 0, i64 {step.pieces})")

    def _pointers(self, arguments: list[tuple[int, int]]) -> str:
        return ", ".join([f"ptr {self._address(root, offset)}" for root, offset in arguments])

    def _in_pieces(self, step: Loops, name: str, arguments: list[tuple[int, int]]) -> str:
        """A function that runs a nest for a range of pieces."""
        moves = tuple(step.partial.get(root, 0) for root, _ in arguments)
        extent = step.nest.extents[0]
        key = (name, step.length, extent, moves)
        known = self.module.__dict__.setdefault("in_pieces", {})
        if key in known:
            return known[key]
        given = ", ".join(f"ptr %p{k}" for k in range(len(moves)))
        inside = []
        for k, by in enumerate(moves):
            if by:
                inside += [f"  %by{k} = mul i64 %c, {by}", f"  %at{k} = getelementptr i8, ptr %p{k}, i64 %by{k}"]
        passed = ", ".join(f"ptr {f'%at{k}' if by else f'%p{k}'}" for k, by in enumerate(moves))
        found = known[key] = "@" + self.module.fresh("pieces")
        self.module.add(f"""define internal void {found}({given}, i64 %from, i64 %to) nounwind noinline {{
entry:
  br label %head
head:
  %c = phi i64 [ %from, %entry ], [ %next, %head ]
  %low = mul i64 %c, {step.length}
  %end = add i64 %low, {step.length}
  %past = icmp sgt i64 %end, {extent}
  %high = select i1 %past, i64 {extent}, i64 %end
{chr(10).join(inside)}
  call void {name}({passed}, i64 %low, i64 %high)
  %next = add i64 %c, 1
  %more = icmp slt i64 %next, %to
  br i1 %more, label %head, label %done
done:
  ret void
}}""")
        return found

    def _shared(self, step: Loops, name: str, arguments: list[tuple[int, int]]) -> None:
        """A nest of which threads take ranges of pieces is a function that Python calls."""
        pointers = self._pointers(arguments)
        cut = self.module.fresh("cut")
        head = f"define i64 @{cut}(ptr %arena, ptr %pointers, i64 %from, i64 %to) nounwind {{"
        call = f"  call void {name}({pointers}, i64 %from, i64 %to)"
        self.module.add("\n".join([head, "entry:", *self._root_loads(), *self.lines, call, "  ret i64 0", "}"]))
        self.lines, self.roots = [], {}
        self.pieces.append(Piece(cut, count=step.pieces))

    def _root_loads(self) -> list[str]:
        heads = [f"  {r} = load ptr, ptr {r}.at" for r in self.roots.values()]
        return [*(f"  {r}.at = getelementptr i64, ptr %pointers, i64 {k}" for k, r in self.roots.items()), *heads]

    def _run(self, step: Run) -> None:
        from tape.compile.native import scalar_text

        name = self.module.fresh("scalars")
        columns = columns_of(self.plan.program, step.rows, self._place_of, self.plan.wanted & set(step.rows))
        if not len(columns):
            self._only_moves(columns)
            return
        scalar_text.emit(self.module, name, columns, self.exact, self.plan.size)
        self.scratch = max(self.scratch, scalar_text.scratch_bytes(columns, self.exact))
        self._guarded(f"@{name}(ptr %arena, ptr %pointers)")

    def _guarded(self, call: str) -> None:
        """Call what may miss."""
        self.count += 1
        n = self.count
        self.lines += [
            f"  %missed{n} = call i64 {call}",
            f"  %any{n} = icmp ne i64 %missed{n}, 0",
            f"  br i1 %any{n}, label %miss{n}, label %on{n}",
            f"miss{n}:",
            f"  ret i64 %missed{n}",
            f"on{n}:",
        ]

    def _only_moves(self, columns: Columns) -> None:
        """A run in which nothing is computed: elements and constants that go elsewhere."""
        for value, pointer, offset in columns.stores:
            sort = "i8" if columns.boolean[value] else "double"
            if value < len(columns.loads):
                moved = self._name()
                self.lines.append(f"  {moved} = load {sort}, ptr {self._point(*columns.loads[value])}")
            else:
                given = float(columns.constants[value - len(columns.loads)])
                moved = str(int(given)) if sort == "i8" else number(given, "double")
            self.lines.append(f"  store {sort} {moved}, ptr {self._point(pointer, offset)}")

    def _point(self, pointer: int, offset: int) -> str:
        base = "%arena" if pointer == ARENA else self.roots.setdefault(pointer, f"%root{pointer}")
        name = self._name()
        self.lines.append(f"  {name} = getelementptr i8, ptr {base}, i64 {offset}")
        return name

    def _place_of(self, row: int) -> tuple:
        place = self.plan.place(row)
        assert place is not None, f"row {row} has no memory"
        spec = self.plan.program.spec[row]
        pointer, offset = (place.root, place.offset) if place.root >= 0 else (ARENA, place.offset + self.plan.offsets[-1 - place.root])
        return (pointer, offset, spec.shape, place.strides) if spec.ndim else (pointer, offset)

    def _known(self, row: int) -> bool:
        plan = self.plan
        recipe, spec, target = plan.classes.known[row], plan.program.spec[row], plan.place(row)
        places = [plan.lies(ref) for ref in recipe.refs]
        assert target is not None
        if any(place is None for place in places):
            return False
        found = [place for place in places if place is not None]
        shapes = [plan.program.spec[ref.row].shape if ref.array is None else ref.array.shape for ref in recipe.refs]
        strides = [tuple(0 if n == 1 else by for n, by in zip(x, place.strides, strict=True)) for x, place in zip(shapes, found, strict=True)]
        name = written(self.module, recipe, spec.shape, strides, KINDS[spec.dtype])
        if name is not None:
            self._guarded(f"{name}({', '.join(f'ptr {self._address(p.root, p.offset)}' for p in (target, *found))})")
        return name is not None

    def _product(self, row: int) -> bool:
        plan, program = self.plan, self.plan.program
        places = [plan.place(i) for i in (program.a[row], program.b[row])]
        target = plan.place(row)
        if any(p is None for p in places) or target is None:
            return False
        a, b = ((program.spec[i].shape, p.strides) for i, p in zip((program.a[row], program.b[row]), places, strict=True))
        name = product(self.module, a, b, KINDS[program.spec[row].dtype])
        if name is None:
            return False
        pointers = [self._address(p.root, p.offset) for p in (*places, target)]
        self.lines.append(f"  call void {name}({', '.join(f'ptr {p}' for p in pointers)})")
        return True
