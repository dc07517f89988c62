"""A native program as a built-in function of the interpreter: arrays and floats in, fresh arrays and floats out, in a fraction of a microsecond.

`entry_text(plan, ...)` is the LLVM text of a vectorcall-style C function around a program of one piece; `bind(...)` makes the Python callable.
A `Convention` says how it is called: which arguments are floats, and how results stand in what it returns. It checks type, dtype,
shape and contiguity of every argument, makes the results and runs; it answers None, with nothing changed, where an argument does not fit,
a guard missed or a watched output holds a NaN: then the caller takes the long way. It may outlive all else; `__self__.calls` counts its
successes. Invariants: the arena is on the stack, or one call has it at a time; nothing of Python runs between the
first write and the last. Offsets in objects are those of `compiled_ops.layout`, looked at before they are relied on. Imported by build.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from compiled_ops.layout import ARRAY_DATA, ARRAY_DIMS, ARRAY_DTYPE, ARRAY_FLAGS, ARRAY_NDIM, CONTIGUOUS_ALIGNED, FLOAT_VALUE, TYPE
from tape.compile.native.places import address_of
from tape.compile.native.plan import Plan, constant_addresses
from tape.compile.program import Program
from tape.spec import FLOAT32, FLOAT64, SCALAR

DEEPEST = 1 << 16  # bytes of an arena on the stack
LONG = 50_000  # cells to compute, from which on other threads may run meanwhile
_BOOL = np.dtype(np.bool_)
_DTYPES = (FLOAT64, FLOAT32, _BOOL, np.dtype(np.int64))
_NEW_ARRAY = 93  # PyArray_New in NumPy's table of functions
(ARRAY, FLOAT, NONE, NEW_ARRAY, NEW_TUPLE, SET_ITEM, NEW_FLOAT, INCREASE, DECREASE, SAVE, RESTORE, DTYPE) = range(12)
BUSY, CALLS, ARENA_PLACE = (DTYPE + len(_DTYPES) + k for k in range(3))
CONSTANTS = ARENA_PLACE + 1
NO_ARGUMENTS, FASTCALL = 0x04, 0x80
_NAME, _DOC = b"program", b"A compiled program."


class _Definition(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("function", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p)]


@cache
def layout_holds() -> bool:
    """Whether this interpreter's arrays and floats are laid out as expected."""
    array, number = np.ones((2, 3)), 2.5

    def word(address: int, kind: Any = ctypes.c_int64) -> int:
        return kind.from_address(address).value

    at, dims = id(array), word(id(array) + ARRAY_DIMS)
    return (
        word(at + TYPE) == id(np.ndarray)
        and word(at + ARRAY_DATA) == address_of(array)
        and word(at + ARRAY_NDIM, ctypes.c_int32) == 2
        and (word(dims), word(dims + 8)) == (2, 3)
        and word(at + ARRAY_DTYPE) == id(FLOAT64)
        and word(at + ARRAY_FLAGS, ctypes.c_int32) & CONTIGUOUS_ALIGNED == CONTIGUOUS_ALIGNED
        and word(id(number) + FLOAT_VALUE, ctypes.c_double) == 2.5
    )


class Convention(NamedTuple):
    """How an entry is called. `floats`: which arguments are Python floats; `results`: which output each leaf of the result is; `single`: the
    result is one leaf, no tuple."""

    floats: tuple[bool, ...]
    results: tuple[int, ...]
    single: bool

    @classmethod
    def plain(cls, program: Program) -> Convention:
        """Arrays in, a tuple of all outputs out."""
        return cls((False,) * len(program.inputs), tuple(range(len(program.outputs))), False)

    @classmethod
    def of(cls, program: Program, kinds: list[str], results: list[int], structure: Any) -> Convention | None:
        """That of a user's function. `kinds`: "array" or "float" an argument; `structure`: of the result, of which the entry gives the one leaf
        or a tuple of all leaves. None where results are not outputs, each once."""
        specs = [program.spec[row] for row in program.outputs]
        if sorted(results) != list(range(len(specs))) or not specs or any(not s.ndim and s is not SCALAR for s in specs):
            return None
        return cls(tuple(kind == "float" for kind in kinds), tuple(results), structure.kind is None)


def fits(plan: Plan, convention: Convention) -> bool:
    """Whether a program of one piece can have an entry."""
    program = plan.program
    rows = [*program.inputs, *program.outputs]
    return all(program.spec[r].dtype in _DTYPES for r in rows) and len(convention.floats) == len(program.inputs) and layout_holds()


class _Text:
    """Lines of the function."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0

    def put(self, text: str) -> str:
        self.count += 1
        self.lines.append(f"  %x{self.count} = {text}")
        return f"%x{self.count}"

    def field(self, base: str, offset: int, kind: str = "ptr") -> str:
        """Load what lies at an offset."""
        return self.put(f"load {kind}, ptr {self.put(f'getelementptr i8, ptr {base}, i64 {offset}')}")

    def known(self, k: int) -> str:
        """An address of the table."""
        return self.put(f"load ptr, ptr getelementptr (i64, ptr @entry.table, i64 {k})")

    def require(self, condition: str, other: str = "unfit") -> None:
        """Go on only if it holds, else elsewhere."""
        self.count += 1
        self.lines += [f"  br i1 {condition}, label %on{self.count}, label %{other}", f"on{self.count}:"]

    def slot(self, k: int) -> str:
        """Where the table of pointers holds entry k."""
        return self.put(f"getelementptr i64, ptr %pointers, i64 {k}")


def entry_text(plan: Plan, convention: Convention, piece: str, arena_size: int, work: int) -> str:
    """The C function `entry` and the table of addresses that it looks up."""
    program, t = plan.program, _Text()
    outputs = [program.spec[row] for row in program.outputs]
    floats = [spec is SCALAR for spec in outputs]
    t.require(t.put(f"icmp eq i64 %nargs, {len(program.inputs)}"))
    for k, row in enumerate(program.inputs):
        if convention.floats[k]:
            _take_float(t, k)
        else:
            _take(t, k, program.spec[row].shape, _DTYPES.index(program.spec[row].dtype))
    constants = plan.first_output - len(program.inputs)
    for k in range(constants):
        t.lines.append(f"  store ptr {t.known(CONSTANTS + k)}, ptr {t.slot(len(program.inputs) + k)}")
    holder, globals_ = _make_results(t, plan, convention, floats)
    words = -(-plan.flags // 8)
    for k in range(words):
        t.lines.append(f"  store i64 0, ptr {t.put(f'getelementptr i64, ptr %flags, i64 {k}')}")
    t.lines.append(f"  store ptr %flags, ptr {t.slot(plan.first_output + len(outputs))}")
    _run(t, piece, arena_size, work)
    for k in range(words):
        word = t.put(f"load i64, ptr {t.put(f'getelementptr i64, ptr %flags, i64 {k}')}")
        t.require(t.put(f"icmp eq i64 {word}, 0"), "drop")
    calls = f"getelementptr (i64, ptr @entry.table, i64 {CALLS})"
    more = t.put(f"add i64 {t.put(f'load i64, ptr {calls}')}, 1")
    t.lines.append(f"  store i64 {more}, ptr {calls}")
    for k, is_float in enumerate(floats):
        if is_float:
            number = t.put(f"call ptr {t.known(NEW_FLOAT)}(double {t.put(f'load double, ptr %number{k}')})")
            if convention.single:
                holder = number
            else:
                t.put(f"call i32 {t.known(SET_ITEM)}(ptr {holder}, i64 {convention.results.index(k)}, ptr {number})")
    t.lines += [f"  ret ptr {holder}", "drop:"]
    if not (convention.single and floats[0]):
        t.lines.append(f"  call void {t.known(DECREASE)}(ptr {holder})")
    t.lines += ["  br label %unfit", "unfit:"]
    none = t.known(NONE)
    t.lines += [f"  call void {t.known(INCREASE)}(ptr {none})", f"  ret ptr {none}"]
    if not convention.single:
        t.lines.append("failed:")
        t.lines += [f"  call void {t.known(DECREASE)}(ptr {holder})", "  br label %error"]
    t.lines += ["error:", "  ret ptr null", "}"]
    stack = [f"  %pointers = alloca [{plan.first_output + len(outputs) + 1} x i64], align 64", f"  %flags = alloca [{max(words, 1)} x i64]"]
    if arena_size <= DEEPEST:
        stack.append(f"  %arena = alloca [{max(arena_size, 64)} x i8], align 64")
    stack += [f"  %number{k} = alloca double" for k, is_float in enumerate(floats) if is_float]
    table = f"@entry.table = internal global [{CONSTANTS + constants} x i64] zeroinitializer, align 64"
    head = "define ptr @entry(ptr %self, ptr %args, i64 %nargs) {"
    found = "define ptr @entry.table.place() {\n  ret ptr @entry.table\n}"
    return "\n".join([table, *globals_, found, head, "entry:", *stack, *t.lines])


def _make_results(t: _Text, plan: Plan, convention: Convention, floats: list[bool]) -> tuple[str, list[str]]:
    """Objects for the outputs, and where their memory is. The object that holds them all, and global constants."""
    globals_, holder = [], ""
    if not convention.single:
        holder = t.put(f"call ptr {t.known(NEW_TUPLE)}(i64 {len(floats)})")
        t.require(t.put(f"icmp ne ptr {holder}, null"), "error")
    for k, row in enumerate(plan.program.outputs):
        slot, spec = t.slot(plan.first_output + k), plan.program.spec[row]
        if floats[k]:
            t.lines.append(f"  store ptr %number{k}, ptr {slot}")
            continue
        globals_.append(f"@dims{k} = internal constant [{max(spec.ndim, 1)} x i64] [{', '.join(f'i64 {n}' for n in spec.shape or (0,))}]")
        given = f"ptr {t.known(ARRAY)}, i32 {spec.ndim}, ptr @dims{k}, i32 {spec.dtype.num}, ptr null, ptr null, i32 0, i32 0, ptr null"
        array = t.put(f"call ptr {t.known(NEW_ARRAY)}({given})")
        t.require(t.put(f"icmp ne ptr {array}, null"), "error" if convention.single else "failed")
        if convention.single:
            holder = array
        else:
            t.put(f"call i32 {t.known(SET_ITEM)}(ptr {holder}, i64 {convention.results.index(k)}, ptr {array})")
        t.lines.append(f"  store ptr {t.field(array, ARRAY_DATA)}, ptr {slot}")
    return holder, globals_


def _run(t: _Text, piece: str, arena_size: int, work: int) -> None:
    """Call the machine code. A large arena is one call's at a time; who finds it taken goes the long way."""
    arena, busy = "%arena", f"getelementptr (i64, ptr @entry.table, i64 {BUSY})"
    if arena_size > DEEPEST:
        arena = t.known(ARENA_PLACE)
        t.require(t.put(f"icmp eq i64 {t.put(f'load i64, ptr {busy}')}, 0"), "drop")
        t.lines.append(f"  store i64 1, ptr {busy}")
    state = t.put(f"call ptr {t.known(SAVE)}()") if work > LONG else ""
    missed = t.put(f"call i64 @{piece}(ptr {arena}, ptr %pointers)")
    if state:
        t.lines.append(f"  call void {t.known(RESTORE)}(ptr {state})")
    if arena_size > DEEPEST:
        t.lines.append(f"  store i64 0, ptr {busy}")
    t.require(t.put(f"icmp eq i64 {missed}, 0"), "drop")


def _take_float(t: _Text, k: int) -> None:
    """Check that argument k is a float; its number is read where it is."""
    number = t.field("%args", 8 * k)
    t.require(t.put(f"icmp eq ptr {t.field(number, TYPE)}, {t.known(FLOAT)}"))
    t.lines.append(f"  store ptr {t.put(f'getelementptr i8, ptr {number}, i64 {FLOAT_VALUE}')}, ptr {t.slot(k)}")


def _take(t: _Text, k: int, shape: tuple[int, ...], dtype: int) -> None:
    """Check argument k and note where its memory is."""
    array = t.field("%args", 8 * k)
    kind = t.field(array, TYPE)
    t.require(t.put(f"icmp eq ptr {kind}, {t.known(ARRAY)}"))
    t.require(t.put(f"icmp eq ptr {t.field(array, ARRAY_DTYPE)}, {t.known(DTYPE + dtype)}"))
    t.require(t.put(f"icmp eq i32 {t.field(array, ARRAY_NDIM, 'i32')}, {len(shape)}"))
    flags = t.put(f"and i32 {t.field(array, ARRAY_FLAGS, 'i32')}, {CONTIGUOUS_ALIGNED}")
    t.require(t.put(f"icmp eq i32 {flags}, {CONTIGUOUS_ALIGNED}"))
    dims = t.field(array, ARRAY_DIMS) if shape else ""
    for axis, n in enumerate(shape):
        t.require(t.put(f"icmp eq i64 {t.field(dims, 8 * axis, 'i64')}, {n}"))
    t.lines.append(f"  store ptr {t.field(array, ARRAY_DATA)}, ptr {t.slot(k)}")


@cache
def addresses() -> list[int]:
    """The part of the table that all programs share."""
    api = ctypes.pythonapi
    api.PyCapsule_GetPointer.restype = ctypes.c_void_p
    api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    from numpy._core import _multiarray_umath

    table = api.PyCapsule_GetPointer(_multiarray_umath._ARRAY_API, None)
    new_array = ctypes.c_int64.from_address(table + 8 * _NEW_ARRAY).value
    names = ("PyTuple_New", "PyTuple_SetItem", "PyFloat_FromDouble", "Py_IncRef", "Py_DecRef", "PyEval_SaveThread", "PyEval_RestoreThread")
    functions = [ctypes.cast(getattr(api, name), ctypes.c_void_p).value or 0 for name in names]
    return [id(np.ndarray), id(float), id(None), new_array, *functions, *(id(d) for d in _DTYPES)]


class Kept:
    """The `__self__` of an entry: it owns all that the function needs while it can be called."""

    def __init__(self, place: int, *kept: Any) -> None:
        self.place, self.kept = place, kept

    @property
    def calls(self) -> int:
        """How often the machine code ran this way."""
        return ctypes.c_int64.from_address(self.place + 8 * CALLS).value


def bind(code: Any, plan: Plan, arena_size: int) -> Any:
    """The callable. It keeps the machine code, the constants and its memory alive."""
    place = ctypes.CFUNCTYPE(ctypes.c_void_p)(code.address("entry.table.place"))()
    memory = np.empty(arena_size + 64 if arena_size > DEEPEST else 0, np.uint8)
    words = np.array([*addresses(), 0, 0, -(-address_of(memory) // 64) * 64, *constant_addresses(plan)], np.int64)
    ctypes.memmove(place, address_of(words), words.nbytes)
    return builtin(code.address("entry"), FASTCALL, Kept(place, code, memory, [plan.program.params[row] for row in plan.constants], plan.held))


def builtin(address: int, convention: int, owner: Any) -> Any:
    """A C function as a callable, which keeps its `__self__` alive."""
    definition = _kept_for_good(_Definition(_NAME, address, convention, _DOC))
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    return new(definition, owner, None)


def _kept_for_good(definition: _Definition) -> int:
    """The address of a copy that is never freed: a function reads its description when it dies, and where it dies in a cycle the garbage
    collector may have cleared all that it owns before. 32 bytes a program."""
    allocate = ctypes.pythonapi.PyMem_RawMalloc
    allocate.restype, allocate.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    place: int = allocate(ctypes.sizeof(definition))
    ctypes.memmove(place, ctypes.addressof(definition), ctypes.sizeof(definition))
    return place
