"""A native program as a built-in function of Python: arrays in, fresh arrays and floats out, a quarter of a microsecond of overhead.

`builtin(native, ...)` makes it, or gives None where a program does not qualify. The function looks at its arguments the way C code
with NumPy's headers does (exact ndarray of the recorded dtype, shape and layout; exact float), makes the results, calls the machine
code under the GIL and answers None, with nothing changed, where an argument does not fit, a guard missed or a result holds a NaN:
then the careful way is taken. The offsets of NumPy's and Python's objects are compared with known objects once a process (`_layout_holds`);
where they differ there are none. Invariant: what the machine code needs of the process comes through one table of addresses,
so its text is the same in every process and is kept on disk like any other. Imported by variant.
"""

from __future__ import annotations

import ctypes
import itertools
from functools import cache
from typing import Any

import numpy as np

from tape.compile.native.llvm import Module, compile_now
from tape.compile.native.places import address_of
from tape.spec import FLOAT32, FLOAT64, SCALAR, Spec

WORK = 1 << 18  # elements of all rows together: beyond, other threads should not wait for the GIL
TYPE, DATA, NDIM, SHAPE, DESCR, FLAGS, ITEMS = 8, 16, 24, 32, 56, 64, 24  # offsets in PyObject, PyArrayObject and tuples
ALIGNED = 0x101  # C-contiguous and aligned
_NEW_ARRAY = 93  # PyArray_New among NumPy's exported functions
_SYMBOLS = ("PyFloat_FromDouble", "PyTuple_New", "Py_DecRef", "Py_IncRef")
_TYPES, _FLOAT_TYPE, _NONE, _NEW, _RUN, _ARENA, _POINTERS, _COUNT = range(8)
_FIRST_SYMBOL = 8
_FIRST_DESCR = _FIRST_SYMBOL + len(_SYMBOLS)
_numbers = itertools.count()
_FLAT = {FLOAT64: ("double", 12), FLOAT32: ("float", 11)}


class _Method(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


def _word(place: int, offset: int) -> int:
    return ctypes.c_int64.from_address(place + offset).value


@cache
def _layout_holds() -> bool:
    """Whether objects of this process lie in memory as the entries expect."""
    probe, pair = np.zeros((3, 2)), (1.5, None)
    return (
        _word(id(probe), TYPE) == id(np.ndarray)
        and _word(id(probe), DATA) == address_of(probe)
        and _word(id(probe), NDIM) & 0xFFFFFFFF == 2
        and [_word(_word(id(probe), SHAPE), 8 * d) for d in (0, 1)] == [3, 2]
        and _word(id(probe), DESCR) == id(probe.dtype)
        and _word(id(probe), FLAGS) & 0xFFFFFFFF == probe.flags.num
        and _word(id(pair), ITEMS) == id(pair[0])
        and ctypes.c_double.from_address(id(pair[0]) + DATA).value == 1.5
    )


@cache
def _new_array() -> int:
    """The address of PyArray_New."""
    from numpy._core import _multiarray_umath

    unwrap = ctypes.pythonapi.PyCapsule_GetPointer
    unwrap.restype, unwrap.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return _word(unwrap(_multiarray_umath._ARRAY_API, None), 8 * _NEW_ARRAY)


def builtin(native: Any, kinds: list[str], results: list[int], structure: Any) -> Any:
    """The built-in function, or None. `kinds`: "array" or "float" an argument; `results`: which output each leaf of the result is;
    `structure`: that of the result, one leaf or a tuple of leaves. Its `__self__.calls` counts; it keeps the machine code alive."""
    program = native.program
    inputs = [program.spec[row] for row in program.inputs]
    outputs = [program.spec[row] for row in program.outputs]
    if len(native.pieces) != 1 or not native.pieces[0].name or not outputs or sorted(results) != list(range(len(outputs))):
        return None
    if any(s.dtype not in _FLAT for s in (*inputs, *outputs)) or any(s is not SCALAR and not s.ndim for s in outputs):
        return None
    single = structure.kind is None
    if not single and not (structure.kind is tuple and all(child.kind is None for child in structure.children)):
        return None
    if sum(s.size for s in program.spec) > WORK or len(kinds) != len(inputs) or not _layout_holds():
        return None
    module = Module()
    module.add(_text(inputs, kinds, outputs, results, single, native.plan.first_output))
    return _build(native, module.text(), inputs, outputs)


def _build(native: Any, text: str, inputs: list[Spec], outputs: list[Spec]) -> Any:
    code = compile_now(text)
    space = native.workspace()
    slots = np.zeros(len(inputs) + len(outputs), np.float64)  # numbers on their way in and out
    symbols = [ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value for name in _SYMBOLS]
    run = native.code.address(native.pieces[0].name)
    addresses = [id(np.ndarray), id(float), id(None), _new_array(), run, space.arena, space.table, 0, *symbols]
    addresses += [id(s.dtype) for s in inputs] + [address_of(slots)]
    table = np.array(addresses, np.int64).view(Table)
    method = _Method(f"program_{next(_numbers)}".encode(), code.address("entry"), 0x80, b"A compiled program.")
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    table.kept = (code, native, space, slots, method)
    return make(ctypes.addressof(method), table, None)


class Table(np.ndarray):
    """The table of addresses, which is the function's `__self__` and owns all that the function needs, its own description included:
    Python reads that once more when the function dies, just before it lets go of `__self__`."""

    kept: tuple = ()

    @property
    def calls(self) -> int:
        """How often the machine code ran this way."""
        return int(self[_COUNT])


def _text(inputs: list[Spec], kinds: list[str], outputs: list[Spec], results: list[int], single: bool, first_output: int) -> str:
    """The function's text: check arguments, make outputs, run, look for NaN, hand over."""
    w = _Writer()
    for line in ("define i64 @entry(i64 %self, i64 %args, i64 %count) {", "start:"):
        w.line(line)
    w.line(f"  %data.place = add i64 %self, {DATA}")
    w.load("table", "%data.place")
    given = w.value("icmp eq i64 %count, {}", len(inputs))
    w.unless(given, "other")
    pointers = w.entry(_POINTERS)
    slots = w.entry(_FIRST_DESCR + len(inputs))
    for k, (spec, kind) in enumerate(zip(inputs, kinds, strict=True)):
        w.argument(k, spec, kind, pointers, slots)
    made = [w.output(k, spec, pointers, slots, first_output, len(inputs)) for k, spec in enumerate(outputs)]
    run, arena = w.entry(_RUN), w.entry(_ARENA)
    count = w.entry(_COUNT)
    w.store(w.value("add i64 {}, 1", count), w.at("%table", 8 * _COUNT))
    arena_, pointers_, run_ = (w.value("inttoptr i64 {} to ptr", x) for x in (arena, pointers, run))
    status = w.value("call i64 {}(ptr {}, ptr {})", run_, arena_, pointers_)
    w.unless(w.value("icmp eq i64 {}, 0", status), "undo")
    for k, spec in enumerate(outputs):
        w.no_nan(k, spec, pointers, first_output)
    finished = [w.finish(k, spec, made[k], slots, len(inputs)) for k, spec in enumerate(outputs)]
    if single:
        w.line(f"  ret i64 {finished[0]}")
    else:
        found = w.call("PyTuple_New", len(results))
        for place, k in enumerate(results):
            w.store(finished[k], w.at(found, ITEMS + 8 * place))
        w.line(f"  ret i64 {found}")
    w.line("undo:")
    for k, spec in enumerate(outputs):
        if spec.ndim:
            w.call("Py_DecRef", f"%made.{k}", result="void")
    w.line("  br label %other")
    w.line("other:")
    none = w.entry(_NONE, "%table.late")
    w.call("Py_IncRef", none, result="void", table="%table.late")
    w.line(f"  ret i64 {none}\n}}")
    return "\n".join([*w.globals, *w.lines]).replace("other:\n", "other:\n  %late = inttoptr i64 %data.place to ptr\n  %table.late = load i64, ptr %late\n")


class _Writer:
    """Lines of one function over 64-bit integers, addresses among them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.globals: list[str] = []
        self._fresh = itertools.count()

    def line(self, text: str) -> None:
        self.lines.append(text)

    def value(self, text: str, *parts: Any) -> str:
        """A fresh value computed by an instruction."""
        name = f"%v{next(self._fresh)}"
        self.line(f"  {name} = {text.format(*parts)}")
        return name

    def at(self, base: str, offset: Any) -> str:
        """The address some bytes on."""
        return self.value("add i64 {}, {}", base, offset)

    def load(self, name: str, address: str, kind: str = "i64") -> str:
        self.line(f"  %{name}.at = inttoptr i64 {address} to ptr\n  %{name} = load {kind}, ptr %{name}.at")
        return f"%{name}"

    def read(self, address: str, kind: str = "i64") -> str:
        """What stands at an address."""
        return self.value("load {}, ptr {}", kind, self.value("inttoptr i64 {} to ptr", address))

    def store(self, what: str, address: str, kind: str = "i64") -> None:
        self.line(f"  store {kind} {what}, ptr {self.value('inttoptr i64 {} to ptr', address)}")

    def entry(self, number: int, table: str = "%table") -> str:
        """A word of the table of addresses."""
        return self.read(self.at(table, 8 * number))

    def unless(self, condition: str, target: str) -> None:
        """Go to `target` unless a condition holds."""
        label = f"l{next(self._fresh)}"
        self.line(f"  br i1 {condition}, label %{label}, label %{target}\n{label}:")

    def call(self, symbol: str, *arguments: Any, result: str = "i64", table: str = "%table") -> str:
        """Call one of Python's functions with integer arguments."""
        function = self.value("inttoptr i64 {} to ptr", self.entry(_FIRST_SYMBOL + _SYMBOLS.index(symbol), table))
        given = ", ".join(f"i64 {a}" for a in arguments)
        if result == "void":
            self.line(f"  call void {function}({given})")
            return ""
        return self.value("call {} {}({})", result, function, given)

    def argument(self, k: int, spec: Spec, kind: str, pointers: str, slots: str) -> None:
        """Check argument `k` and put its address into the table of pointers."""
        x = self.read(self.at("%args", 8 * k))
        have = self.read(self.at(x, TYPE))
        self.unless(self.value("icmp eq i64 {}, {}", have, self.entry(_FLOAT_TYPE if kind == "float" else _TYPES)), "other")
        if kind == "float":
            slot = self.at(slots, 8 * k)
            self.store(self.read(self.at(x, DATA)), slot)
            self.store(slot, self.at(pointers, 8 * k))
            return
        checks = [(self.read(self.at(x, DESCR)), self.entry(_FIRST_DESCR + k), "i64")]
        checks.append((self.read(self.at(x, NDIM), "i32"), str(spec.ndim), "i32"))
        checks.append((self.value("and i32 {}, {}", self.read(self.at(x, FLAGS), "i32"), ALIGNED), str(ALIGNED), "i32"))
        for a, b, width in checks:
            self.unless(self.value("icmp eq {} {}, {}", width, a, b), "other")
        shape = self.read(self.at(x, SHAPE))
        for d, extent in enumerate(spec.shape):
            self.unless(self.value("icmp eq i64 {}, {}", self.read(self.at(shape, 8 * d)), extent), "other")
        self.store(self.read(self.at(x, DATA)), self.at(pointers, 8 * k))

    def output(self, k: int, spec: Spec, pointers: str, slots: str, first: int, before: int) -> str:
        """Make output `k` and put the address of its memory into the table of pointers."""
        if not spec.ndim:
            self.store(self.at(slots, 8 * (before + k)), self.at(pointers, 8 * (first + k)))
            return ""
        extents = ", ".join(f"i64 {extent}" for extent in spec.shape)
        self.globals.append(f"@shape.{k} = private unnamed_addr constant [{spec.ndim} x i64] [{extents}]")
        function = self.value("inttoptr i64 {} to ptr", self.entry(_NEW))
        kind = self.entry(_TYPES)
        number = _FLAT[spec.dtype][1]
        self.line(
            f"  %made.{k} = call i64 {function}(i64 {kind}, i32 {spec.ndim}, ptr @shape.{k}, i32 {number}, "
            "ptr null, ptr null, i32 0, i32 0, ptr null)"
        )
        self.store(self.read(self.at(f"%made.{k}", DATA)), self.at(pointers, 8 * (first + k)))
        return f"%made.{k}"

    def no_nan(self, k: int, spec: Spec, pointers: str, first: int) -> None:
        """Go back if output `k` holds a NaN: eight at a time, then one by one."""
        kind = _FLAT[spec.dtype][0]
        start = self.value("inttoptr i64 {} to ptr", self.read(self.at(pointers, 8 * (first + k))))
        wide = spec.size // 8 * 8
        for step, begin, end in ((8, 0, wide), (1, wide, spec.size)):
            if begin == end:
                continue
            shape = kind if step == 1 else f"<8 x {kind}>"
            flag = "i1" if step == 1 else "<8 x i1>"
            n = next(self._fresh)
            label = f"before.{n}"
            self.line(f"  br label %{label}\n{label}:\n  br label %loop.{n}\nloop.{n}:")
            self.line(f"  %i.{n} = phi i64 [ {begin}, %{label} ], [ %next.{n}, %loop.{n} ]")
            zero = "false" if step == 1 else "zeroinitializer"
            self.line(f"  %seen.{n} = phi {flag} [ {zero}, %{label} ], [ %now.{n}, %loop.{n} ]")
            self.line(f"  %p.{n} = getelementptr {kind}, ptr {start}, i64 %i.{n}")
            self.line(f"  %x.{n} = load {shape}, ptr %p.{n}, align {spec.dtype.itemsize}")
            self.line(f"  %is.{n} = fcmp uno {shape} %x.{n}, %x.{n}")
            self.line(f"  %now.{n} = or {flag} %seen.{n}, %is.{n}")
            self.line(f"  %next.{n} = add i64 %i.{n}, {step}")
            self.line(f"  %done.{n} = icmp eq i64 %next.{n}, {end}")
            self.line(f"  br i1 %done.{n}, label %after.{n}, label %loop.{n}\nafter.{n}:")
            any_ = f"%now.{n}"
            if step == 8:
                any_ = self.value("icmp ne i8 {}, 0", self.value("bitcast <8 x i1> {} to i8", f"%now.{n}"))
            self.unless(self.value("xor i1 {}, true", any_), "undo")

    def finish(self, k: int, spec: Spec, made: str, slots: str, before: int) -> str:
        """Output `k` as an object."""
        if spec.ndim:
            return made
        function = self.value("inttoptr i64 {} to ptr", self.entry(_FIRST_SYMBOL + _SYMBOLS.index("PyFloat_FromDouble")))
        return self.value("call i64 {}(double {})", function, self.read(self.at(slots, 8 * (before + k)), "double"))


__all__ = ["builtin"]
