"""One loop nest as an LLVM function: explicit vectors along the last axis, masked where a whole vector does not fit.

`function(module, nest, lanes, exact, bounded)` adds the function to the module (once for equal text) and says where its pointer
arguments start. With `bounded` the outermost axis runs from `low` to `high`, two further arguments. Invariants: a load or store touches
elements of its operand only; a lane's value never depends on its place in the vector. Values that do not move along an axis are
computed outside of its loop. Imported by plan and build.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from tape.compile.native.access import MEMORY
from tape.compile.native.cells import Operand
from tape.compile.native.halves import write_rows
from tape.compile.native.llvm import Module
from tape.compile.native.nest import SIZES, Nest, Reduction, in_memory, main_box, suffix
from tape.compile.native.quotients import begin, quotient, shared
from tape.compile.native.reductions import IDENTITY, combine, fold
from tape.compile.native.walk import Walk


def function(module: Module, nest: Nest, lanes: int, exact: bool, bounded: bool) -> tuple[str, list[tuple[int, int]]]:
    """The function's name and (root, offset) of each pointer argument."""
    writer = _Writer(module, nest, lanes, exact, bounded)
    known = module.__dict__.setdefault("nests", {})
    key = (*writer.shape(), bounded)
    if key not in known:
        body = writer.whole()
        known[key] = name = module.fresh("nest")
        module.add(body.replace("@THIS(", f"@{name}("))
    return f"@{known[key]}", writer.arguments


class _Writer(Walk):
    def __init__(self, module: Module, nest: Nest, lanes: int, exact: bool, bounded: bool) -> None:
        super().__init__(module, nest, lanes, exact)
        self.bounded = bounded
        self.block = "entry"
        self.labels = 0
        self.counters: list[str] = []
        self.names: dict[int, str] = {}
        self.inside: dict[tuple[int, int, int], str] = {}  # conditions on outer axes, as i1
        self.box = main_box(nest)
        self.in_box: dict[int, str] = {}  # whether an outer axis is within the box, as i1
        self.quotients = shared(nest.cells, self.level, self.last)
        self.bases = {share.base for share in self.quotients.values()}
        self.reciprocals: dict[int, tuple[str, str]] = {}
        starts = [suffix(nest, r) for r in nest.reductions]
        self.starts = starts
        self.unroll = self._unrolling()
        self.sums: dict[int, list[str]] = {}  # the accumulators of each reduction now

    def _unrolling(self) -> int:
        """Several vectors a round where sums would wait for each other."""
        size = sum(level == self.last for level in self.level)
        carried = any(start <= self.last for start in self.starts)
        if self.nest.half:
            return 1
        wanted = (4 if size <= 10 else 2 if size <= 24 else 1) if carried else (2 if size <= 8 else 1)
        while wanted > 1 and self.nest.extents and self.nest.extents[-1] < 2 * wanted * self.lanes:
            wanted //= 2
        return wanted

    # --- the text --------------------------------------------------------------------------------------------------

    def whole(self) -> str:
        """The function, named THIS."""
        self._values(-1)
        if self.last < 0:
            self._point()
        else:
            self._loop(0)
        given = ", ".join([f"ptr %p{k}" for k in range(len(self.steps))] + (["i64 %low", "i64 %high"] if self.bounded else []))
        return "\n".join([f"define internal void @THIS({given}) nounwind noinline {{", "entry:", *self.lines, "  ret void", "}"])

    def _label(self, name: str) -> str:
        self.labels += 1
        return f"{name}{self.labels}"

    def _begin(self, label: str) -> None:
        self.lines.append(f"{label}:")
        self.block = label

    def _range(self, axis: int) -> tuple[str, str]:
        return ("%low", "%high") if self.bounded and axis == 0 else ("0", str(self.nest.extents[axis]))

    def _loop(self, axis: int) -> None:
        """The loop over an axis with all that is in it."""
        for k, r in enumerate(self.nest.reductions):
            if self.starts[k] == axis:
                self.sums[k] = [self.constant(IDENTITY[r.word], r.kind)] * self.unroll
        if axis == self.last:
            self._inner()
        else:
            self._outer(axis)
        for k, r in enumerate(self.nest.reductions):
            if self.starts[k] == axis:
                self._finish(k, r)

    def _outer(self, axis: int) -> None:
        start, stop = self._range(axis)
        head, after = self._label("head"), self._label("after")
        before = self.block
        self.lines.append(f"  br label %{head}")
        self._begin(head)
        counter = f"%i{axis}"
        self.counters.append(counter)
        spot = len(self.lines)
        self.lines.append("")
        phis = self._phis(axis)
        saved = list(self.pointers)
        for k, steps in enumerate(self.steps):
            if steps[axis]:
                self.pointers[k] = self._walk(saved[k], counter, steps[axis])
        self._values(axis)
        self._loop(axis + 1)
        self.pointers = saved
        self.lines.append(f"  %n{axis} = add nsw i64 {counter}, 1")
        self.lines.append(f"  %d{axis} = icmp slt i64 %n{axis}, {stop}")
        self.lines.append(f"  br i1 %d{axis}, label %{head}, label %{after}")
        self.lines[spot] = f"  {counter} = phi i64 [ {start}, %{before} ], [ %n{axis}, %{self.block} ]"
        self._close(phis, before)
        self._begin(after)

    def _phis(self, axis: int) -> list[tuple[int, int, int, str, str, str]]:
        """Accumulators carried through a loop become phis, whose second value is filled in later."""
        made = []
        for k in [k for k, start in enumerate(self.starts) if start <= axis]:
            kind = self.nest.reductions[k].kind
            for u, first in enumerate(self.sums[k]):
                name = self.name()
                made.append((len(self.lines), k, u, name, first, self.type(kind)))
                self.lines.append("")
                self.sums[k] = [*self.sums[k][:u], name, *self.sums[k][u + 1 :]]
        return made

    def _close(self, phis: list[tuple[int, int, int, str, str, str]], before: str) -> None:
        for spot, k, u, name, first, sort in phis:
            self.lines[spot] = f"  {name} = phi {sort} [ {first}, %{before} ], [ {self.sums[k][u]}, %{self.block} ]"

    def _walk(self, pointer: str, counter: str, step: int) -> str:
        offset = counter if step == 1 else self.put(f"mul nsw i64 {counter}, {step}")
        return self.put(f"getelementptr i8, ptr {pointer}, i64 {offset}")

    # --- values that stay the same along the last axis ----------------------------------------------------------------

    def _values(self, axis: int) -> None:
        """All that moves along an outer axis and along none further in."""
        if axis == self.last and axis >= 0:
            return
        for condition in sorted({c for cell in self.nest.cells for c in cell.conditions if c[0] == axis}):
            shifted = self.put(f"sub nsw i64 {self.counters[axis]}, {condition[1]}")
            self.inside[condition] = self.put(f"icmp ult i64 {shifted}, {condition[2] - condition[1]}")
        if axis in self.box:
            low, high = self.box[axis]
            self.in_box[axis] = self.put(f"icmp ult i64 {self.put(f'sub nsw i64 {self.counters[axis]}, {low}')}, {high - low}")
        for k, c in enumerate(self.nest.cells):
            if self.level[k] != axis:
                continue
            if c.sort == "load":
                self.names[k] = self.splat(self._single(k), c.kind)
            elif c.sort == "inside":
                within, outside = (self.names[i] for i in c.inputs)
                mask = self.splat(self._all([self.inside[x] for x in sorted(c.conditions)]), "i1")
                self.names[k] = self.choose(mask, within, outside, c.kind)
            else:
                self.names[k] = self._computed(k, self.names)
            if k in self.bases:
                self.reciprocals[k] = begin(self, self.names[k])

    def _computed(self, k: int, names: dict[int, str]) -> str:
        c = self.nest.cells[k]
        if c.sort == "number":
            return self.constant(c.params, c.kind)
        return self.apply(c.op, c.params, [(names[i], self.nest.cells[i].kind) for i in c.inputs], c.kind)

    def _all(self, conditions: list[str]) -> str:
        return reduce(lambda name, other: self.put(f"and i1 {name}, {other}"), conditions)

    def _address(self, operand: Operand, counter: str | None = None) -> str:
        """Where an operand's element is; `counter` is the place along the last axis."""
        k = self.index[operand.root, operand.steps]
        pointer = self.pointers[k]
        if counter is not None and self.steps[k][self.last]:
            pointer = self._walk(pointer, counter, self.steps[k][self.last])
        distance = self.distance[operand]
        return self.put(f"getelementptr i8, ptr {pointer}, i64 {distance}") if distance else pointer

    def _single(self, k: int) -> str:
        """A load of one number; outside of its conditions one of nothing in particular."""
        c = self.nest.cells[k]
        pointer = self._address(c.operand)
        if c.conditions:
            valid = self._all([self.inside[x] for x in sorted(c.conditions)])
            if "safe" not in self.module.__dict__:
                self.module.__dict__["safe"] = True
                self.module.add("@safe = internal constant [64 x i8] zeroinitializer, align 64")
            pointer = self.put(f"select i1 {valid}, ptr {pointer}, ptr @safe")
        value = self.put(f"load {MEMORY[c.kind]}, ptr {pointer}, align {SIZES[c.kind]}")
        return self.put(f"icmp ne i8 {value}, 0") if c.kind == "i1" else value

    # --- the last axis ---------------------------------------------------------------------------------------------

    def _inner(self) -> None:
        """Whole vectors in the box, where it is known which conditions hold, masked ones elsewhere."""
        if self.nest.half:
            write_rows(self)
            return
        start, stop = self._range(self.last)
        if not self.box:
            self._vectors(start, stop)
            return
        outer = [self.in_box[axis] for axis in sorted(self.in_box)]
        low, high = self.box.get(self.last, (0, self.nest.extents[self.last]))
        if high - low < self.lanes:
            self._masked(start, stop)
            return
        first, end = str(low), str(high)
        if self.bounded and self.last == 0:
            first, end = self.clamp(str(low), start, stop), self.clamp(str(high), start, stop)
        if outer:
            first = self.put(f"select i1 {self._all(outer)}, i64 {first}, i64 {stop}")
        if first != start:
            self._masked(start, first)
        place = self._full(first, end)
        self._masked(place, stop)

    def _vectors(self, start: str, stop: str) -> None:
        known = start == "0" and stop != "%high"
        count = int(stop) if known else -1
        if known and count < self.lanes:
            self._one_masked(start, stop)
            return
        if known:
            whole = count - count % (self.lanes * self.unroll)
            if whole:
                self._full(start, str(whole))
            place = whole
            while count - place >= self.lanes:
                self._body(str(place), None, 0)
                place += self.lanes
            if place < count:
                self._one_masked(str(place), stop)
            return
        self._masked(self._full(start, stop), stop)

    def _while(self, start: str, step: int, goes_on: Callable[[str], str], body: Callable[[str], None]) -> str:
        """A loop that asks before each round; returns the counter behind it."""
        head, round_, after = self._label("while"), self._label("round"), self._label("after")
        before = self.block
        self.lines.append(f"  br label %{head}")
        self._begin(head)
        counter, spot = self.name(), len(self.lines)
        self.lines.append("")
        phis = self._phis(self.last)
        kept = {k: list(names) for k, names in self.sums.items()}
        self.lines.append(f"  br i1 {goes_on(counter)}, label %{round_}, label %{after}")
        self._begin(round_)
        body(counter)
        following = self.put(f"add nsw i64 {counter}, {step}")
        self.lines.append(f"  br label %{head}")
        self.lines[spot] = f"  {counter} = phi i64 [ {start}, %{before} ], [ {following}, %{self.block} ]"
        self._close(phis, before)
        self.sums = kept
        self._begin(after)
        return counter

    def _full(self, start: str, stop: str) -> str:
        step = self.lanes * self.unroll

        def goes_on(counter: str) -> str:
            end = self.put(f"add nsw i64 {counter}, {step}")
            return self.put(f"icmp sle i64 {end}, {stop}")

        def body(counter: str) -> None:
            for u in range(self.unroll):
                place = counter if not u else self.put(f"add nsw i64 {counter}, {u * self.lanes}")
                self._body(place, None, u)

        return self._while(start, step, goes_on, body)

    def _masked(self, start: str, stop: str) -> None:
        self._while(start, self.lanes, lambda j: self.put(f"icmp slt i64 {j}, {stop}"), lambda j: self._one_masked(j, stop))

    def _one_masked(self, counter: str, stop: str) -> None:
        left = self.put(f"sub nsw i64 {stop}, {counter}")
        self._body(counter, self.under(left), 0)

    def _point(self) -> None:
        """A nest without axes: one element, in the first lane."""
        for s in self.nest.stores:
            value = self.put(f"extractelement {self.type(s.kind)} {self.names[s.cell]}, i32 0")
            if s.kind == "i1":
                value = self.put(f"zext i1 {value} to i8")
            self.lines.append(f"  store {MEMORY[s.kind]} {value}, ptr {self._address(s.target)}, align {SIZES[s.kind]}")

    def _body(self, counter: str, mask: str | None, u: int) -> None:
        """One vector of every cell, store and sum."""
        names = self.computed(counter, mask)
        for s in self.nest.stores:
            self._store(names[s.cell], s.kind, s.target, counter, mask)
        for k, r in enumerate(self.nest.reductions):
            value = names[r.cell]
            if mask:
                value = self.choose(mask, value, self.constant(IDENTITY[r.word], r.kind), r.kind)
            if self.starts[k] <= self.last:
                self.sums[k] = [*self.sums[k]]
                self.sums[k][u] = combine(self, r.word, r.kind, self.sums[k][u], value)
            else:
                pointed = self._load_from(r.target, r.kind, counter, mask)
                self._store(combine(self, r.word, r.kind, pointed, value), r.kind, r.target, counter, mask)

    def computed(self, counter: str, mask: str | None) -> dict[int, str]:
        """One vector of every cell."""
        names = dict(self.names)
        masks: dict[frozenset, str | None] = {frozenset(): mask}
        for k, c in enumerate(self.nest.cells):
            if self.level[k] != self.last:
                continue
            if c.sort == "load" and not mask and not self._holds(c.conditions):
                names[k] = self.constant(0, c.kind)  # which nothing uses
            elif c.sort == "load":
                names[k] = self._load_from(c.operand, c.kind, counter, self._mask(c.conditions, counter, masks) if mask else None)
            elif c.sort == "inside":
                names[k] = names[c.inputs[0 if self._holds(c.conditions) else 1]]
                if mask:
                    within = self._condition(c.conditions, counter)
                    names[k] = self.choose(within, names[c.inputs[0]], names[c.inputs[1]], c.kind)
            elif k in self.quotients:
                share, (a, b) = self.quotients[k], c.inputs
                names[k] = quotient(self, names[a], names[b], self.reciprocals[share.base], share.factor)
            else:
                names[k] = self._computed(k, names)
            if k in self.bases:
                self.reciprocals[k] = begin(self, names[k])
        return names

    def _holds(self, conditions: frozenset) -> bool:
        """Whether conditions hold in the box: everywhere, or nowhere."""
        return all(low <= self.box[axis][0] and self.box[axis][1] <= high for axis, low, high in conditions)

    def _condition(self, conditions: frozenset, counter: str) -> str:
        """Lanes for which conditions hold."""
        name = ""
        for condition in sorted(conditions):
            if condition[0] == self.last:
                shifted = self.put(f"sub nsw i64 {counter}, {condition[1]}")
                lanes = self.put(f"add {self.type('i64')} {self.splat(shifted, 'i64')}, {self.lane_numbers()}")
                width = "<" + ", ".join([f"i64 {condition[2] - condition[1]}"] * self.lanes) + ">"
                here = self.put(f"icmp ult {self.type('i64')} {lanes}, {width}")
            else:
                here = self.splat(self.inside[condition], "i1")
            name = here if not name else self.put(f"and {self.type('i1')} {name}, {here}")
        return name

    def _mask(self, conditions: frozenset, counter: str, masks: dict[frozenset, str | None]) -> str | None:
        if conditions not in masks:
            masks[conditions] = self.put(f"and {self.type('i1')} {masks[frozenset()]}, {self._condition(conditions, counter)}")
        return masks[conditions]

    def _load_from(self, operand: Operand, kind: str, counter: str, mask: str | None) -> str:
        return self.load(self._address(operand, counter), operand.steps[self.last], kind, mask)

    def _store(self, value: str, kind: str, target: Operand, counter: str, mask: str | None) -> None:
        self.store(value, kind, self._address(target, counter), target.steps[self.last], mask)

    def _finish(self, k: int, r: Reduction) -> None:
        """Fold an accumulator and write it, or join it with what other rounds left."""
        value = fold(self, r.word, r.kind, self.sums[k])
        pointer = self._address(r.target)
        word = MEMORY[r.kind]
        if in_memory(self.nest, r):
            before = self.put(f"load {word}, ptr {pointer}, align {SIZES[r.kind]}")
            if r.kind == "i1":
                before = self.put(f"icmp ne i8 {before}, 0")
            value = combine(self, r.word, r.kind, before, value, vector=False)
        if r.kind == "i1":
            value = self.put(f"zext i1 {value} to i8")
        self.lines.append(f"  store {word} {value}, ptr {pointer}, align {SIZES[r.kind]}")
