"""Replaying rows backwards in compiled code: one call runs a whole sweep and comes back only where Python is needed.

`sweep(reached, seeds, wanted, ...)` gives the gradients of the wanted entries. Gradient buffers come from chunks of memory that the
sweep owns and are used again as rows finish; results own their arrays. Saved values move out of the tape before the
compiled code starts (or their tape is marked as being read), so no other thread can free them under it.
`COMPILED` tells whether the interpreter's objects look as the compiled code expects; if not, tape/rerecord sweeps in Python.
Imports reach, rerecord and compiled_ops; imported by autograd.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from ctypes import c_double
from functools import cache
from typing import Any

import numpy as np

from compiled_ops import layout as m
from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, LEAF, Elementwise
from tape import native, plans
from tape import spec as specs
from tape.adjoints import ACCUMULATE
from tape.chunks import LOCK, give_back, take
from tape.columns import SPENT, Tape
from tape.reach import CHUNK, KERNELS, Reached, kinds
from tape.record import FUNCTION, OUTPUT
from tape.rerecord import Row, hooked, inputs, leaf_group, pullback, references
from tape.spec import SCALAR, SPECS, Spec, intern
from tape.state import STATE, settle
from tape.tensor import Tensor, array, wrap
from tape.values import stretched
from tape.versions import storage_of


@cache
def compiled() -> bool:
    """Whether compiled code may read this interpreter's objects: the offsets are tried on objects of known content."""
    if os.environ.get("TAPE_REPLAY", "") == "plain":
        return False
    import struct
    import sys

    if struct.calcsize("P") != 8 or not getattr(sys, "_is_gil_enabled", lambda: True)():
        return False
    native.load()
    word_at = native.word_at
    sample, values = [3, 2.5, None], np.arange(6.0).reshape(2, 3)
    pair = (sample, values)
    items = word_at(id(sample), m.LIST_ITEMS)
    header = [word_at(id(values), offset) for offset in (m.ARRAY_DATA, m.ARRAY_DTYPE)]
    shape = word_at(id(values), m.ARRAY_DIMS)
    strides = word_at(id(values), m.ARRAY_STRIDES)
    return (
        [word_at(items, 8 * i) for i in range(3)] == [id(each) for each in sample]
        and word_at(id(sample[1]), m.FLOAT_VALUE) == struct.unpack("q", struct.pack("d", 2.5))[0]
        and word_at(id(sample[1]), m.TYPE) == id(float)
        and [word_at(id(pair), m.TUPLE_SIZE + (i and m.TUPLE_ITEMS - m.TUPLE_SIZE + 8 * (i - 1))) for i in range(3)] == [2, *map(id, pair)]
        and all(native.int_value(id(n)) == n for n in [0, 7, 300, 1 << 29, (1 << 30) - 1, 1 << 30, (1 << 45) + 12345])
        and header == [values.ctypes.data, id(values.dtype)]
        and word_at(id(values), m.ARRAY_NDIM) & 0xFFFFFFFF == 2
        and [word_at(shape, 8 * i) for i in range(2)] == [2, 3]
        and [word_at(strides, 8 * i) for i in range(2)] == [24, 8]
        and word_at(id(values), m.ARRAY_FLAGS) & m.CONTIGUOUS_ALIGNED == m.CONTIGUOUS_ALIGNED
        and not word_at(id(values.T), m.ARRAY_FLAGS) & 1
    )


@cache
def kind_of(op: int) -> int:
    """How an opcode runs."""
    return int(kinds()[op])


def _kernel(index: int) -> None:
    """Compile, or load, the kernel that a sweep missed."""
    from compiled_ops import kernels

    opcode, operand, code = index // 4, index // 2 % 2, index % 2
    if index in (m.COPY, m.COPY + 1):
        KERNELS[index] = kernels.reverse_address("copy", 0, code)
    elif opcode < FIRST_OPCODE:
        if index in (m.SUM, m.SUM + 1, m.GATHER):
            from compiled_ops.loops import address
        else:
            from compiled_ops.shaped import address

        KERNELS[index] = address(index)
    else:
        KERNELS[index] = kernels.reverse_address(BY_OPCODE[opcode].name, operand, code)


def _has_rule(index: int) -> bool:
    """Whether the missing kernel can exist; if not, the rule in Python raises the error that says where the operation was written."""
    row: Any = BY_OPCODE.get(index // 4)
    return not isinstance(row, Elementwise) or row.rules[index // 2 % 2] is not None


class Replay:
    """One compiled sweep over a `Reached`."""

    __slots__ = ("reached", "head", "columns", "buffers", "h", "chunks", "outside", "known", "results", "at_entry", "keep", "retained")

    def __init__(self, reached: Reached, at_entry: Callable[[int, Tensor], Tensor]) -> None:
        self.reached, self.at_entry = reached, at_entry
        self.columns, self.buffers, self.head, self.h = reached.columns, reached.buffers, reached.head, reached.h
        self.head[m.SPECS] = specs.address()
        plans.place_table(self.head)
        self.chunks: list[np.ndarray] = [reached.chunk]
        self.outside: dict[int, np.ndarray] = {}  # buffer -> the array from outside that it is
        self.known: dict[int, Tensor] = {}  # buffer -> the Tensor that users know it as
        self.results: dict[int, np.ndarray] = {}
        self.keep: dict[int, list[Any]] = {}
        self.retained: list[Tape] = []

    # before and after the sweep

    def hold(self, retain: bool) -> None:
        """Take over the saved values of the rows that will run, or mark their tapes as being read."""
        for tape, first, last in self.reached.tapes:
            if retain:
                tape.readers += 1
                self.retained.append(tape)
            elif last - first > 1:
                keep = [SPENT] * (2 * (last - first))
                self.keep[tape.num] = keep  # before it is filled: `let_go` gives back what an interrupt cut off
                native.consume(self.h, id(tape.rows), id(keep), first, last)
                if tape.readers:
                    tape.limbo.append(keep)

    def let_go(self) -> None:
        """Undo `hold`: the values of rows that ran die here, or with the last sweep that still reads their tape; where the sweep
        was broken off, those of the others go back."""
        reached = self.reached
        if self.head[m.CURRENT] < reached.count and self.keep:
            with LOCK:
                for tape, first, last in reached.tapes:
                    if tape.num in self.keep:
                        for k in range(max(first, self.head[m.CURRENT]), last):
                            if self.columns.item(m.FLAG, k) & m.STRUCK:
                                continue  # nothing was taken from it
                            place = self.columns.item(m.POS, k)
                            tape.rows[place + 3], tape.rows[place + 4] = self.saved(tape, place, k)
        self.keep.clear()
        spare, self.chunks = self.chunks[1:], self.chunks[:1]
        if spare:
            give_back(spare)
        if self.retained:
            with LOCK:
                while self.retained:
                    tape = self.retained[-1]
                    tape.readers -= 1
                    del self.retained[-1]
                    if not tape.readers:
                        tape.limbo.clear()

    def want(self, k: int, spec: Spec) -> None:
        """Prepare the array that the gradient of an entry will be computed in."""
        if spec is not SCALAR or k not in self.reached.leaves:  # a leaf's row keeps its gradient by itself
            made = self.results[k] = np.empty(spec.shape, spec.dtype)
            self.columns[m.RESULT, k] = native.word_at(id(made), m.ARRAY_DATA)

    def result(self, k: int) -> Any:
        """The finished gradient of a wanted entry, a float or an array of its own; None where nothing reached it."""
        if self.columns.item(m.BUFFER, k) < 0:
            return None
        if self.columns.item(m.SPEC, k) == SCALAR.number:
            buffer = self.columns.item(m.BUFFER, k)
            return c_double.from_address(self.buffers.item(m.ADDRESS - m.COLUMNS, buffer)).value
        mine = self.results.get(k)
        if mine is not None and self.buffers.item(m.OWNER - m.COLUMNS, self.columns.item(m.BUFFER, k)) == -m.RESULTS - k:
            return mine
        found = self.gradient(k)
        return stretched(found[(0,) * found.ndim].reshape(()).copy(), found.shape) if found.size and self.columns.item(m.UNIFORM, k) else np.array(found)

    def tensor(self, k: int) -> Tensor | None:
        """The finished gradient of a wanted entry: one Tensor for all entries that were handed the same, the cotangent given where it is that."""
        buffer = self.columns.item(m.BUFFER, k)
        if buffer < 0:
            return None
        known = self.known.get(buffer)
        if known is None:
            known = self.known[buffer] = wrap(self.result(k))
        spec = SPECS[self.columns.item(m.SPEC, k)]
        return known if known._s is spec else wrap(array(known).reshape(spec.shape))

    # gradients as arrays

    def gradient(self, k: int) -> np.ndarray:
        """The gradient of an entry, an array that may share memory with others: not to be written into."""
        columns = self.columns
        buffer, spec, uniform = columns.item(m.BUFFER, k), SPECS[columns.item(m.SPEC, k)], columns.item(m.UNIFORM, k)
        owner = self.buffers.item(m.OWNER - m.COLUMNS, buffer)
        if owner <= -m.RESULTS:
            found = self.results[-owner - m.RESULTS]
        elif owner < 0:
            found = self.outside[buffer]
        else:
            chunk = self.chunks[owner]
            start = self.buffers.item(m.ADDRESS - m.COLUMNS, buffer) - native.word_at(id(chunk), m.ARRAY_DATA)
            if uniform:
                return stretched(chunk[start : start + spec.dtype.itemsize].view(spec.dtype).reshape(()), spec.shape)
            return np.ndarray(spec.shape, spec.dtype, chunk, start)
        if uniform:
            return stretched(found.reshape(()), spec.shape)
        return found if found.shape == spec.shape else found.reshape(spec.shape)

    def place(self, k: int, g: np.ndarray, known: Tensor | None = None) -> None:
        """Make an array the gradient of an entry; it is never written into. `known`: the Tensor that users know it as."""
        g = np.asarray(g, order="C")
        spec = intern(g.shape, g.dtype)
        self.head[m.SPECS] = specs.address()
        if self.head[m.BUFFER_COUNT] + 2 * self.reached.count >= self.buffers.shape[1]:
            self.reached.set_memory(self.columns, np.concatenate([self.buffers, np.empty_like(self.buffers)], axis=1))
            self.buffers = self.reached.buffers
        if len(self.outside) >= 8:  # let go of those that no gradient is any more
            refs = self.buffers[m.REFS - m.COLUMNS]
            self.outside = {buffer: each for buffer, each in self.outside.items() if refs[buffer] > 1}
            self.known = {buffer: each for buffer, each in self.known.items() if buffer in self.outside}
        buffer = native.adopt(self.h, native.word_at(id(g), m.ARRAY_DATA), -1, 2)
        self.outside[buffer] = g
        if known is not None:
            self.known[buffer] = known
        columns = self.columns
        columns[m.BUFFER, k], columns[m.SPEC, k], columns[m.UNIFORM, k] = buffer, spec.number, 0

    def own(self, k: int, spec: Spec, zero: int = 1) -> np.ndarray:
        """The gradient of an entry as an array to add to: zeros (if `zero`) where there was none, a copy if it was shared."""
        self.head[m.SPECS] = specs.address()
        while native.writable(self.h, k, spec.number, zero) < 0:
            self.more_memory()
        return self.gradient(k)

    def add(self, k: int, g: np.ndarray, made: bool = False, known: Tensor | None = None) -> None:
        """Add a contribution to the gradient of an entry. `made`: nobody else has this array, so it may become a result itself. `known`: the
        Tensor that users know it as."""
        spec = intern(g.shape, g.dtype)
        if self.columns[m.BUFFER, k] < 0 and (spec.code < 0 or not made or not self.columns[m.RESULT, k]):
            self.place(k, g, known)
        elif spec.code < 0:
            self.place(k, self.gradient(k) + g)
        else:
            fresh = self.columns[m.BUFFER, k] < 0
            if fresh and made and g.flags.c_contiguous and k in self.results:
                self.results[k] = g
                self.columns[m.RESULT, k] = native.word_at(id(g), m.ARRAY_DATA)
                native.writable(self.h, k, spec.number, 0)  # the result is the gradient from now on
                return
            mine = self.own(k, spec, not fresh)
            if fresh:
                mine[...] = g
            else:
                np.add(mine, g, out=mine)

    def seed(self, k: int, g: float | np.ndarray, known: Tensor | None = None) -> None:
        """Add a cotangent to the gradient of a root. `known`: the Tensor that was given for it."""
        columns, reached = self.columns, self.reached
        if type(g) is float and not self.outside and columns.item(m.BUFFER, k) < 0 and not columns.item(m.RESULT, k):
            reached.seed[()] = g
            buffer = native.adopt(self.h, reached.seed_address, -1, 2)
            self.outside[buffer] = reached.seed
            if known is not None:
                self.known[buffer] = known
            columns[m.BUFFER, k] = buffer
            columns[m.SPEC, k] = columns[m.UNIFORM, k] = 0
            return
        self.add(k, np.array(g) if type(g) is float else g, known=known)  # type: ignore[arg-type]

    def more_memory(self) -> None:
        """Give the sweep another chunk."""
        chunk = take(max(self.head[m.NEEDED] + 64, CHUNK))
        self.chunks.append(chunk)
        start = native.word_at(id(chunk), m.ARRAY_DATA)
        self.head[m.BUMP], self.head[m.END] = (start + 63) & ~63, start + len(chunk)
        self.head[m.OWNER_NOW] = len(self.chunks) - 1

    # the sweep

    def run(self) -> None:
        """Run all rows."""
        head, before = self.head, None  # user code and rules in Python run without recording
        try:
            while (status := native.execute(self.h)) != m.DONE:
                if status == m.KERNEL and _has_rule(head[m.NEEDED]):
                    _kernel(head[m.NEEDED])
                elif status == m.MEMORY:
                    self.more_memory()
                elif status == m.PLAN:
                    self.plan(head[m.CURRENT])
                else:
                    if before is None:
                        before = STATE.grad, STATE.inference
                        STATE.grad = STATE.inference = False
                        STATE.open = None
                    self.serve(head[m.CURRENT])
        finally:
            if before is not None:
                STATE.grad, STATE.inference = before
                settle()

    def plan(self, k: int) -> None:
        """Work out what follows from the shapes of an entry, whose rule is about to run."""
        tape, place = self.reached.locate(k)
        x, y = self.saved(tape, place, k)
        op, out = self.columns.item(m.OP, k), SPECS[self.columns.item(m.SPEC, k)]
        plans.add(self.head, kind_of(op), self.head[m.STAGE], out, x, y)
        self.head[m.SPECS] = specs.address()

    def serve(self, k: int) -> None:
        """What an entry needs of Python: hooks and captures first, then its rule where no kernel has it."""
        columns, head = self.columns, self.head
        tape, place = self.reached.locate(k)
        hooks = tape.hooks.get(place)
        op = columns.item(m.OP, k)
        own_hooks = hooks is not None and (hooks.pre or hooks.post) and op >= FIRST_OPCODE
        if op == LEAF:
            for j in leaf_group(self.reached, k, next(last for each, _, last in self.reached.tapes if each is tape)):
                columns[m.FLAG, j] &= ~m.IN_PYTHON
                if columns[m.BUFFER, j] >= 0:
                    g = self.at_entry(j, self.lasting(j))
                    self.place(j, array(g), g)
            return
        if columns[m.FLAG, k] & m.IN_PYTHON:
            columns[m.FLAG, k] &= ~m.IN_PYTHON
            g = self.at_entry(k, self.lasting(k))
            self.place(k, array(g), g)
            if not own_hooks or columns[m.FLAG, k] & m.STRUCK or op < FIRST_OPCODE:
                return  # execute goes on with the rule
        stage, entries = head[m.STAGE], inputs(self.reached, k)
        x, y = self.saved(tape, place, k)
        row = Row(tape, place, [e >= 0 and i >= stage for i, e in enumerate(entries)], False, x, y, references(tape, place))
        g_array = self.gradient(k)
        primitive = BY_OPCODE[op]
        in_place = ACCUMULATE.get(primitive.name)
        if primitive.name == "overwrite" and not own_hooks and not stage and SPECS[columns[m.SPEC, k]].code >= 0:
            self.overwrite(k, row, entries)
        elif in_place is not None and not own_hooks and SPECS[columns[m.SPEC, k]].code >= 0 and entries[0] >= 0 and len(entries) == 2:
            in_place(self.own(entries[0], row.params[0]), g_array, row)
        else:
            self.rule(k, row, entries, g_array, hooks if own_hooks else None)
        head[m.CURRENT], head[m.STAGE] = k + 1, 0
        if not columns[m.RESULT, k] and columns[m.BUFFER, k] >= 0:
            native.release(self.h, int(columns[m.BUFFER, k]))
            columns[m.BUFFER, k] = -1

    def overwrite(self, k: int, row: Row, entries: list[int]) -> None:
        """The pullback of writing a part: the part leaves the gradient buffer, and what was there before takes the buffer over, so
        that a loop of writes costs what it writes."""
        from tape.adjoints.inplace import split

        columns, (base, part) = self.columns, entries
        wanted = columns[m.RESULT, k]  # then the gradient itself must stay whole
        mine = self.gradient(k).copy() if wanted else self.own(k, SPECS[columns[m.SPEC, k]])
        written = split(mine, row.params)
        if part >= 0:
            self.add(part, written)
        if base < 0:
            return
        if columns[m.BUFFER, base] < 0 and not columns[m.RESULT, base] and not wanted:
            for name in (m.BUFFER, m.SPEC, m.UNIFORM):
                columns[name, base] = columns[name, k]
            columns[m.BUFFER, k] = -1
        else:
            self.add(base, mine)

    def rule(self, k: int, row: Row, entries: list[int], g_array: np.ndarray, hooks: Any) -> None:
        """Run a rule in Python and hand its contributions on. Code of users sees Tensors that last, and may keep those that it gives."""
        users = hooks is not None or row.op in (FUNCTION, OUTPUT)
        g = self.lasting(k) if users else wrap(g_array)
        found = pullback(row, g) if hooks is None else hooked(hooks, row, g)
        seen = {id(g_array), id(row.x), id(row.y), *map(id, row.x if type(row.x) is tuple else ())}
        for entry, contribution, needed in zip(entries, found, row.need, strict=False):
            if needed and contribution is not None:
                values = array(contribution)
                made = not users and values.base is None and id(values) not in seen
                seen.add(id(values))
                if values.base is not None and any(storage_of(values) is chunk for chunk in self.chunks):
                    values = values.copy()  # a view of memory that the sweep will use again
                self.add(entry, values, made, contribution if users else None)

    def lasting(self, k: int) -> Tensor:
        """The gradient of an entry for code of users: the Tensor that they know, or one with memory of its own."""
        known = self.known.get(self.columns.item(m.BUFFER, k))
        return known if known is not None and known._s is SPECS[self.columns.item(m.SPEC, k)] else wrap(self.gradient(k).copy())

    def saved(self, tape: Tape, place: int, k: int) -> tuple[Any, Any]:
        """The saved values of an entry: on its tape, or already in the hands of this sweep."""
        x, y = tape.rows[place + 3], tape.rows[place + 4]
        if x is SPENT or y is SPENT:
            keep, at = self.keep[tape.num], int(self.columns[m.ALIAS, k])
            if x is SPENT:
                x, at = keep[at], at + 1
            if y is SPENT:
                y = keep[at]
        return x, y



__all__ = ["LOCK", "Replay", "compiled"]
