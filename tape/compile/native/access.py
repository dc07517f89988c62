"""Vectors from and to memory: whole or masked, contiguous, spread out, or one element for all lanes.

`Access` writes the loads and stores of a loop along one axis. Invariant: no byte is touched outside of the lanes asked for.
Imported by loops.
"""

from __future__ import annotations

from tape.compile.native.nest import SIZES
from tape.compile.native.vectors import Vectors

MEMORY = {"double": "double", "float": "float", "i1": "i8"}  # a bool is a byte in memory


class Access(Vectors):
    """Loads and stores at pointers with a byte step."""

    def load(self, pointer: str, step: int, kind: str, mask: str | None) -> str:
        """The vector at a pointer; lanes outside of the mask are 1."""
        word, vector, size = MEMORY[kind], self.type(MEMORY[kind]), SIZES[kind]
        if step == 0 and mask is None:
            value = self.put(f"load {word}, ptr {pointer}, align {size}")
            name = self.splat(value, word)
        elif step == size and mask is None:
            name = self.put(f"load {vector}, ptr {pointer}, align {size}")
        else:
            name = self._load_masked(pointer, step, kind, mask or self.constant(1, "i1"))
        return self.put(f"icmp ne {vector} {name}, zeroinitializer") if kind == "i1" else name

    def _load_masked(self, pointer: str, step: int, kind: str, mask: str) -> str:
        vector, size = self.type(MEMORY[kind]), SIZES[kind]
        padding = "zeroinitializer" if kind == "i1" else self.constant(1.0, kind)
        code = f"v{self.lanes}{'i8' if kind == 'i1' else 'f64' if kind == 'double' else 'f32'}"
        if step == size:
            f = self.module.external(f"llvm.masked.load.{code}.p0", vector, ["ptr", "i32 immarg", self.type("i1"), vector])
            return self.put(f"call {vector} {f}(ptr {pointer}, i32 {size}, {self.type('i1')} {mask}, {vector} {padding})")
        pointers = self._spread(pointer, step)
        f = self.module.external(f"llvm.masked.gather.{code}.v{self.lanes}p0", vector, [self.type("ptr"), "i32 immarg", self.type("i1"), vector])
        return self.put(f"call {vector} {f}({self.type('ptr')} {pointers}, i32 {size}, {self.type('i1')} {mask}, {vector} {padding})")

    def _spread(self, pointer: str, step: int) -> str:
        places = "<" + ", ".join(f"i64 {k * step}" for k in range(self.lanes)) + ">"
        return self.put(f"getelementptr i8, ptr {pointer}, {self.type('i64')} {places}")

    def store(self, value: str, kind: str, pointer: str, step: int, mask: str | None) -> None:
        """Write a vector, but for the lanes outside of the mask."""
        vector, size = self.type(MEMORY[kind]), SIZES[kind]
        if kind == "i1":
            value = self.put(f"zext {self.type('i1')} {value} to {vector}")
        code = f"v{self.lanes}{'i8' if kind == 'i1' else 'f64' if kind == 'double' else 'f32'}"
        if step == size and mask is None:
            self.lines.append(f"  store {vector} {value}, ptr {pointer}, align {size}")
        elif step == size:
            f = self.module.external(f"llvm.masked.store.{code}.p0", "void", [vector, "ptr", "i32 immarg", self.type("i1")])
            self.lines.append(f"  call void {f}({vector} {value}, ptr {pointer}, i32 {size}, {self.type('i1')} {mask})")
        else:
            mask = mask or self.constant(1, "i1")
            f = self.module.external(
                f"llvm.masked.scatter.{code}.v{self.lanes}p0", "void", [vector, self.type("ptr"), "i32 immarg", self.type("i1")]
            )
            spread = self._spread(pointer, step)
            self.lines.append(f"  call void {f}({vector} {value}, {self.type('ptr')} {spread}, i32 {size}, {self.type('i1')} {mask})")

    def clamp(self, value: str, low: str, high: str) -> str:
        """A counter, brought between two others."""
        function = self.module.external("llvm.smax.i64", "i64", ["i64", "i64"])
        raised = self.put(f"call i64 {function}(i64 {value}, i64 {low})")
        function = self.module.external("llvm.smin.i64", "i64", ["i64", "i64"])
        return self.put(f"call i64 {function}(i64 {raised}, i64 {high})")

    def under(self, limit: str) -> str:
        """The lanes below a number."""
        vector = self.type("i64")
        return self.put(f"icmp slt {vector} {self.lane_numbers()}, {self.splat(limit, 'i64')}")

    def lane_numbers(self) -> str:
        return "<" + ", ".join(f"i64 {k}" for k in range(self.lanes)) + ">"
