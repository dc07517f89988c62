"""Scalar runs as LLVM text: loops with carried values in registers, straight rows in pieces.

`emit(module, name, columns, exact, scratch)` adds `define i64 @name(ptr %arena, ptr %pointers)`, which returns 0, or k > 0 where
the guard that is row k - 1 of the columns missed, with the value it saw in the first 8 bytes of the scratch area; `scratch_bytes(columns, exact)`
is the size of that area of the arena, at the offset `scratch`. Invariant: every value has the bits that `Program.run` gives it; `exact` False reads
STRONG as what it guards, which differs only where that is NaN or infinite. At TAPE_DEBUG >= 1 the loops are proved to be the columns.
Imports primitives, slots, rolled. Imported by the native tier.
"""

from __future__ import annotations

import os
from weakref import WeakKeyDictionary

from tape.compile import opcodes as o
from tape.compile.native.llvm import Module
from tape.compile.native.primitives import Primitives, number
from tape.compile.native.rolled import Loop, prove, roll
from tape.compile.native.slots import Access, Carried, Element, Gathered, Inside, Shared, Slot, Slots, Table
from tape.compile.scalars import ARENA, FAILS, HOLDS, SAME, Columns, without_strong

_FLOAT = {o.LESS: "olt", o.LESS_EQUAL: "ole", o.GREATER: "ogt", o.GREATER_EQUAL: "oge", o.EQUAL: "oeq", o.NOT_EQUAL: "une"}
_BIT = {o.LESS: "ult", o.LESS_EQUAL: "ule", o.GREATER: "ugt", o.GREATER_EQUAL: "uge", o.EQUAL: "eq", o.NOT_EQUAL: "ne"}
_LOGIC = {o.AND: "and", o.OR: "or", o.XOR: "xor"}
_plans: WeakKeyDictionary[Columns, dict[bool, tuple[Columns, Slots]]] = WeakKeyDictionary()
_MISSED = 1  # slots before those of the plan: the value that a guard missed at


def plan(columns: Columns, exact: bool) -> tuple[Columns, Slots]:
    """The columns to emit and where their values live; found once."""
    found = _plans.setdefault(columns, {})
    if exact not in found:
        rows = columns if exact else without_strong(columns)
        loops = roll(rows)
        if os.environ.get("TAPE_DEBUG", "0") > "0":
            prove(loops, rows)
        found[exact] = rows, Slots(rows, loops)
    return found[exact]


def scratch_bytes(columns: Columns, exact: bool) -> int:
    """Bytes of the arena that the function needs for itself."""
    return 8 * (plan(columns, exact)[1].count + _MISSED)


def describe(columns: Columns, exact: bool) -> list[str]:
    """What the run's machine code consists of, as readable lines."""
    rows, slots = plan(columns, exact)
    straight = len(rows) - sum(loop.period * loop.count for loop in slots.loops)
    told = [
        f"scalar rows: {len(rows)}, {straight} of them straight, {len(slots.loops)} loops, in {len(slots.pieces)} functions;"
        f" {8 * slots.count} bytes between them"
    ]
    for loop, table in zip(slots.loops, slots.tables, strict=True):
        kept = f", {len(table.column)} kept for others" if table.column else ""
        told.append(f"  loop from row {rows.rows[loop.start]}: {loop.period} rows, {loop.count} times{kept}")
    return told


def emit(module: Module, name: str, columns: Columns, exact: bool, scratch: int) -> None:
    """Add the function `name` of a scalar run to a module. `scratch`: a multiple of 8, the byte offset of its area in the arena."""
    rows, slots = plan(columns, exact)
    run = _Run(module, rows, slots)
    lines = [f"define i64 @{name}(ptr %arena, ptr %pointers) {{", f"  %scratch = getelementptr i8, ptr %arena, i64 {scratch}"]
    for k in range(len(slots.pieces)):
        piece = f"{name}.piece.{k}"
        if module.begin_plain():
            run.primitives = Primitives(module)
        module.plain_function(piece, 3, _Piece(run, k, piece).text())
        arguments = "ptr %arena, ptr %pointers, ptr %scratch"
        if k == len(slots.pieces) - 1:
            lines += [f"  %found = tail call i64 @{piece}({arguments})", "  ret i64 %found"]
        else:
            lines += [f"  %found.{k} = call i64 @{piece}({arguments})", f"  %good.{k} = icmp eq i64 %found.{k}, 0"]
            lines += [f"  br i1 %good.{k}, label %next.{k}, label %miss.{k}", f"miss.{k}:", f"  ret i64 %found.{k}", f"next.{k}:"]
    module.plain_function(name, 2, "\n".join([*lines, "}"]))


class _Run:
    """What all pieces of a run share."""

    def __init__(self, module: Module, columns: Columns, slots: Slots) -> None:
        self.module, self.columns, self.slots, self.primitives = module, columns, slots, Primitives(module)
        self.first, self.loads = columns.first, len(columns.loads)
        self.op, self.boolean = columns.op.tolist(), columns.boolean.tolist()
        self.constants = columns.constants.tolist()
        self.operands = list(zip(columns.a.tolist(), columns.b.tolist(), columns.c.tolist(), strict=True))
        self.stores: dict[int, list[tuple[int, int]]] = {}
        for value, pointer, offset in sorted(slots.stores):
            self.stores.setdefault(value, []).append((pointer, offset))


class _Piece:
    """One function: stretches of straight rows, and loops. `names[v]` is what value v is called where it can be used from now on."""

    def __init__(self, run: _Run, index: int, name: str) -> None:
        self.run, self.index, self.name = run, index, name
        self.first, self.boolean = run.first, run.boolean
        self.lines: list[str] = []
        self.names: dict[int, str] = {}
        self.pointers: dict[int, str] = {}
        self.count = 0
        self.block = "entry"
        self.misses: list[str] = []

    def text(self) -> str:
        run, slots = self.run, self.run.slots
        for part in slots.pieces[self.index].parts:
            if isinstance(part, int):
                self._loop(part)
                continue
            for row in range(*part):
                value = row + self.first
                self._compute(value, run.op[row], [self._value(v) for v in run.operands[row] if v >= 0], str(row + 1))
                for slot in slots.homes.get(row, ()):
                    self._store(value, self.names[value], self._slot(slot))
                if value in run.stores:
                    self._stored(value)
        if self.index == len(slots.pieces) - 1:
            for value in run.stores:
                if value < self.first:
                    self._stored(value)
        head = f"define i64 @{self.name}(ptr %arena, ptr %pointers, ptr %scratch) noinline {{\nentry:"
        return "\n".join([head, *self.lines, "  ret i64 0", *self.misses, "}"])

    def _stored(self, value: int) -> None:
        for pointer, offset in self.run.stores[value]:
            self._store(value, self._value(value), self._address(pointer, offset))

    # values

    def put(self, instruction: str) -> str:
        """Append an instruction; returns the name of its result."""
        self.count += 1
        self.lines.append(f"  %v{self.count} = {instruction}")
        return f"%v{self.count}"

    def kind(self, value: int) -> str:
        return "i1" if self.boolean[value] else "double"

    def _value(self, value: int) -> str:
        """The name of a value that is the same wherever this piece goes on from here."""
        found = self.names.get(value)
        if found is None:
            found = self.names[value] = self._fetch(value)
        return found

    def _fetch(self, value: int) -> str:
        if value < self.run.loads:
            return self._load(value, self._address(*self.run.columns.loads[value]))
        if value < self.first:
            return self._constant(value)
        return self._load(value, self._slot(self.run.slots.slot(value - self.first)))

    def _constant(self, value: int) -> str:
        x = self.run.constants[value - self.run.loads]
        return ("true" if x else "false") if self.boolean[value] else number(x)

    def _load(self, value: int, address: str) -> str:
        if self.boolean[value]:
            return self.put(f"icmp ne i8 {self.put(f'load i8, ptr {address}')}, 0")
        return self.put(f"load double, ptr {address}, align 8")

    def _store(self, value: int, name: str, address: str) -> None:
        if self.boolean[value]:
            self.lines.append(f"  store i8 {self.put(f'zext i1 {name} to i8')}, ptr {address}")
        else:
            self.lines.append(f"  store double {name}, ptr {address}, align 8")

    def _slot(self, slot: int) -> str:
        return self.put(f"getelementptr double, ptr %scratch, i64 {slot + _MISSED}")

    def _address(self, pointer: int, offset: int) -> str:
        return self.put(f"getelementptr i8, ptr {self._pointer(pointer)}, i64 {offset}")

    def _pointer(self, pointer: int) -> str:
        if pointer == ARENA:
            return "%arena"
        if pointer not in self.pointers:
            at = self.put(f"getelementptr ptr, ptr %pointers, i64 {pointer}")
            self.pointers[pointer] = self.put(f"load ptr, ptr {at}")
        return self.pointers[pointer]

    # rows

    def _compute(self, value: int, op: int, operands: list[str], missed: str) -> None:
        """One row; its value's name, or a branch where it is a guard. `missed` is what the function returns then."""
        given = [self.kind(v) for v in self.run.operands[value - self.first] if v >= 0]
        if op in (HOLDS, FAILS, SAME):
            self._guard(op, operands, given[0], missed)
            return
        self.names[value] = self._computed(op, operands, given, self.kind(value))

    def _computed(self, op: int, operands: list[str], given: list[str], kind: str) -> str:
        if op in _FLOAT:
            return self.put(
                f"{f'fcmp {_FLOAT[op]}' if given[0] == 'double' else f'icmp {_BIT[op]}'} {given[0]} {', '.join(operands)}"
            )
        if op == o.SELECT:
            return self.put(f"select i1 {operands[0]}, {kind} {operands[1]}, {kind} {operands[2]}")
        if op == o.STRONG:
            moves = self._truth(operands[0], given[0])
            return self.put(f"select i1 {moves}, {kind} {operands[1]}, {kind} {number(0.0) if kind == 'double' else 'false'}")
        if op in _LOGIC:
            return self.put(f"{_LOGIC[op]} i1 {', '.join(map(self._truth, operands, given))}")
        if op == o.NOT:
            return self.put(f"xor i1 {self._truth(operands[0], given[0])}, true")
        if op == o.CAST:
            return self._truth(operands[0], given[0]) if kind == "i1" else self.put(f"uitofp i1 {operands[0]} to double")
        if op == o.ISNAN:
            return self.put(f"fcmp uno double {operands[0]}, {operands[0]}")
        return self.put(self.run.primitives.call(o.name_of(op), operands))

    def _truth(self, name: str, kind: str) -> str:
        return name if kind == "i1" else self.put(f"fcmp une double {name}, {number(0.0)}")

    def _guard(self, op: int, operands: list[str], kind: str, missed: str) -> None:
        name = operands[0]
        if op == SAME:
            seen, wanted = (self.put(f"bitcast double {each} to i64") for each in operands)
            equal = self.put(f"icmp eq i64 {seen}, {wanted}")
            unordered = (self.put(f"fcmp uno double {each}, {each}") for each in operands)
            good = self.put(f"or i1 {equal}, {self.put(f'and i1 {next(unordered)}, {next(unordered)}')}")
        else:
            good = self._truth(name, kind)
            if op == FAILS:
                good = self.put(f"xor i1 {good}, true")
        self.count += 1
        miss, further = f"miss.{self.count}", f"further.{self.count}"
        saw = name if kind == "double" else f"%saw.{self.count}"
        self.misses += [f"{miss}:", *([] if kind == "double" else [f"  {saw} = uitofp i1 {name} to double"])]
        self.misses += [f"  store double {saw}, ptr %scratch", f"  ret i64 {missed}"]
        self.lines += [f"  br i1 {good}, label %{further}, label %{miss}", f"{further}:"]
        self.block = further

    # loops

    def _loop(self, index: int) -> None:
        slots = self.run.slots
        loop = slots.loops[index]
        for each in slots.access[index].values():  # what all iterations share is fetched once, before the loop
            if isinstance(each, Shared):
                self._value(each.value)
            elif isinstance(each, Element):
                self._pointer(each.pointer)
        for elements in slots.loop_stores[index].values():
            for element in elements:
                self._pointer(element.pointer)
        _Body(self, index, loop).write()
        for value in range(loop.stop - loop.period + self.first, loop.stop + self.first):
            if value - self.first in slots.own:
                self._store(value, self.names[value], self._slot(slots.own[value - self.first]))
        for value in self.run.stores:
            if loop.start <= value - self.first < loop.stop:
                self._stored(value)


class _Body:
    """The body of one loop within a piece."""

    def __init__(self, piece: _Piece, index: int, loop: Loop) -> None:
        self.piece, self.index, self.loop = piece, index, loop
        self.label = f"loop.{index}"
        self.known: dict[object, str] = {}  # names within this iteration
        self.rows: list[str] = []
        self.carried: dict[tuple[int, tuple[int, ...]], str] = {}  # (body row, initial values) -> phi

    def write(self) -> None:
        piece, loop = self.piece, self.loop
        slots = piece.run.slots
        access = slots.access[self.index]
        self.phis: list[tuple[str, str, str, int | str]] = []  # name, type, initial name, next: a body row or a name
        for each in access.values():
            if isinstance(each, Carried):
                self._phi(each)
        before = piece.block
        piece.lines += [f"  br label %{self.label}", f"{self.label}:"]
        place_of_phis = len(piece.lines)
        piece.block = self.label
        table = slots.tables[self.index]
        base = loop.start + piece.first
        for j in range(loop.period):
            operands = [self._operand(access[i, j], int(loop.at[i, j])) for i in range(3) if (i, j) in access]
            missed = "0"
            if loop.op[j] in (HOLDS, FAILS, SAME):
                missed = piece.put(f"add i64 {self._times(loop.period)}, {loop.start + j + 1}")
            piece._compute(base + j, int(loop.op[j]), operands, missed)
            self.rows.append(piece.names.pop(base + j, ""))
            if j in table.column:
                at = self._slot(Slot(table.slot(0, j), len(table.column)))
                piece._store(base + j, self.rows[j], at)
            for element in slots.loop_stores[self.index].get(j, ()):
                piece._store(base + j, self.rows[j], self._element(element))
        piece.lines += [
            f"  %k.{self.index}.next = add nuw nsw i64 %k.{self.index}, 1",
            f"  %done.{self.index} = icmp eq i64 %k.{self.index}.next, {loop.count}",
            f"  br i1 %done.{self.index}, label %exit.{self.index}, label %{self.label}",
            f"exit.{self.index}:",
        ]
        phis = [f"  %k.{self.index} = phi i64 [ 0, %{before} ], [ %k.{self.index}.next, %{piece.block} ]"]
        for name, kind, begin, following in self.phis:
            after = self.rows[following] if isinstance(following, int) else following
            phis.append(f"  {name} = phi {kind} [ {begin}, %{before} ], [ {after}, %{piece.block} ]")
        piece.lines[place_of_phis:place_of_phis] = phis
        piece.block = f"exit.{self.index}"
        for j, name in enumerate(self.rows):  # from here on the names are the last iteration's values
            piece.names[loop.stop - loop.period + j + piece.first] = name

    def _phi(self, access: Carried) -> str:
        """A chain of `lag` phis; the last one's name."""
        key = access.row, access.begin
        if key not in self.carried:
            piece = self.piece
            following: int | str = (
                access.row if access.lag == 1 else self._phi(Carried(access.row, access.lag - 1, access.begin[:-1]))
            )
            piece.count += 1
            name = f"%v{piece.count}"
            self.phis.append((name, piece.kind(access.begin[-1]), piece._value(access.begin[-1]), following))
            self.carried[key] = name
        return self.carried[key]

    def _operand(self, access: Access, at: int) -> str:
        if isinstance(access, Inside):
            return self.rows[access.row]
        if isinstance(access, Shared):
            return self.piece.names[access.value]
        if isinstance(access, Carried):
            return self.carried[access.row, access.begin]
        if access not in self.known:
            self.known[access] = self._fetch(access, at)
        return self.known[access]

    def _fetch(self, access: Slot | Gathered | Element | Table, at: int) -> str:
        piece, run = self.piece, self.piece.run
        if isinstance(access, Element):
            return piece._load(run.slots.load(access.pointer, access.first), self._element(access))
        if isinstance(access, Slot):
            return piece._load(at, self._slot(access))
        if isinstance(access, Gathered):
            listed = ", ".join(f"i64 {slot + _MISSED}" for slot in access.slots)
            slot = piece.put(f"load i64, ptr {self._in_array('i64', listed, len(access.slots))}")
            return piece._load(at, piece.put(f"getelementptr double, ptr %scratch, i64 {slot}"))
        listed = ", ".join(f"double {number(run.constants[n - run.loads])}" for n in access.numbers)
        found = piece.put(f"load double, ptr {self._in_array('double', listed, len(access.numbers))}")
        return piece._truth(found, "double") if piece.boolean[access.numbers[0]] else found

    def _in_array(self, kind: str, listed: str, count: int) -> str:
        """Where this iteration's element of an array of the module lies."""
        symbol = self.piece.run.module.fresh("@table")
        self.piece.run.module.add_plain(f"{symbol} = private unnamed_addr constant [{count} x {kind}] [{listed}]")
        return self.piece.put(f"getelementptr {kind}, ptr {symbol}, i64 %k.{self.index}")

    def _times(self, step: int) -> str:
        key = "times", step
        if key not in self.known:
            self.known[key] = self.piece.put(f"mul nsw i64 %k.{self.index}, {step}")
        return self.known[key]

    def _moved(self, pointer: str, step: int) -> str:
        """A pointer moved by `step` bytes an iteration: one for all that move alike, so that addresses differ by constants."""
        key = pointer, step
        if key not in self.known:
            self.known[key] = self.piece.put(f"getelementptr i8, ptr {pointer}, i64 {self._times(step)}")
        return self.known[key]

    def _slot(self, access: Slot) -> str:
        moved = self._moved("%scratch", access.step * 8)
        return self.piece.put(f"getelementptr i8, ptr {moved}, i64 {(access.first + _MISSED) * 8}")

    def _element(self, access: Element) -> str:
        moved = self._moved(self.piece._pointer(access.pointer), access.step)
        return self.piece.put(f"getelementptr i8, ptr {moved}, i64 {access.first}")
