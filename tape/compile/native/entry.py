"""A native program as a built-in function of the interpreter: `entry(*arrays)` in a fraction of a microsecond.

`entry_text(plan)` is the LLVM text of a vectorcall-style C function around a program of one piece; `bind(code, plan)` makes the Python callable.
It checks type, dtype, shape and contiguity of every argument, makes the output arrays, runs, and returns a tuple: a float for each 0-d
float64, else an array; None where an argument does not fit or a guard missed: the caller then takes the long way. Invariants: no
state is shared between calls (the arena is on the stack), and nothing of Python runs between the first write and the last.
Offsets in objects are those of `compiled_ops.layout`, looked at before they are relied on. Imported by build.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np

from compiled_ops.layout import ARRAY_DATA, ARRAY_DIMS, ARRAY_DTYPE, ARRAY_FLAGS, ARRAY_NDIM, CONTIGUOUS_ALIGNED, FLOAT_VALUE, TYPE
from tape.compile.native.places import address_of
from tape.compile.native.plan import Plan, constant_addresses
from tape.spec import FLOAT32, FLOAT64

DEEPEST = 1 << 16  # bytes of the arena on the stack
LONG = 50_000  # cells to compute, from which on other threads may run meanwhile
_BOOL = np.dtype(np.bool_)
_DTYPES = (FLOAT64, FLOAT32, _BOOL)
_NEW_ARRAY = 93  # PyArray_New in NumPy's table of functions
(ARRAY, FLOAT, NONE, NEW_ARRAY, NEW_TUPLE, SET_ITEM, NEW_FLOAT, INCREASE, DECREASE, SAVE, RESTORE, DTYPE) = range(12)
CONSTANTS = DTYPE + len(_DTYPES)
_FASTCALL = 0x80


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


def fits(plan: Plan, arena_size: int) -> bool:
    """Whether a program of one piece can have an entry."""
    program = plan.program
    rows = [*program.inputs, *program.outputs]
    return arena_size <= DEEPEST and all(program.spec[r].dtype in _DTYPES for r in rows) and layout_holds()


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

    def require(self, condition: str) -> None:
        """Go on only if it holds."""
        self.count += 1
        self.lines += [f"  br i1 {condition}, label %on{self.count}, label %unfit", f"on{self.count}:"]

    def slot(self, k: int) -> str:
        """Where the table of pointers holds entry k."""
        return self.put(f"getelementptr i64, ptr %pointers, i64 {k}")


def entry_text(plan: Plan, piece: str, arena_size: int, work: int) -> str:
    """The C function `entry` and the table of addresses that it looks up."""
    program, t = plan.program, _Text()
    t.require(t.put(f"icmp eq i64 %nargs, {len(program.inputs)}"))
    for k, row in enumerate(program.inputs):
        _take(t, k, program.spec[row].shape, _DTYPES.index(program.spec[row].dtype))
    for k in range(len(plan.constants)):
        t.lines.append(f"  store ptr {t.known(CONSTANTS + k)}, ptr {t.slot(len(program.inputs) + k)}")
    outputs = [program.spec[row] for row in program.outputs]
    tuple_ = t.put(f"call ptr {t.known(NEW_TUPLE)}(i64 {len(outputs)})")
    t.lines += [f"  %none = icmp eq ptr {tuple_}, null", "  br i1 %none, label %error, label %made", "made:"]
    globals_ = []
    for k, spec in enumerate(outputs):
        slot = t.slot(plan.first_output + k)
        if not spec.ndim and spec.dtype == FLOAT64:
            t.lines.append(f"  store ptr %number{k}, ptr {slot}")
            continue
        globals_.append(f"@dims{k} = internal constant [{max(spec.ndim, 1)} x i64] [{', '.join(f'i64 {n}' for n in spec.shape or (0,))}]")
        given = f"ptr {t.known(ARRAY)}, i32 {spec.ndim}, ptr @dims{k}, i32 {spec.dtype.num}, ptr null, ptr null, i32 0, i32 0, ptr null"
        array = t.put(f"call ptr {t.known(NEW_ARRAY)}({given})")
        t.lines += [f"  %none{k} = icmp eq ptr {array}, null", f"  br i1 %none{k}, label %failed, label %made{k}", f"made{k}:"]
        t.put(f"call i32 {t.known(SET_ITEM)}(ptr {tuple_}, i64 {k}, ptr {array})")
        t.lines.append(f"  store ptr {t.field(array, ARRAY_DATA)}, ptr {slot}")
    state = t.put(f"call ptr {t.known(SAVE)}()") if work > LONG else ""
    missed = t.put(f"call i64 @{piece}(ptr %arena, ptr %pointers)")
    if state:
        t.lines.append(f"  call void {t.known(RESTORE)}(ptr {state})")
    t.lines += [f"  %good = icmp eq i64 {missed}, 0", "  br i1 %good, label %done, label %drop", "done:"]
    for k, spec in enumerate(outputs):
        if not spec.ndim and spec.dtype == FLOAT64:
            number = t.put(f"call ptr {t.known(NEW_FLOAT)}(double {t.put(f'load double, ptr %number{k}')})")
            t.put(f"call i32 {t.known(SET_ITEM)}(ptr {tuple_}, i64 {k}, ptr {number})")
    t.lines += [f"  ret ptr {tuple_}", "drop:"]
    t.lines += [f"  call void {t.known(DECREASE)}(ptr {tuple_})", "  br label %unfit", "unfit:"]
    none = t.known(NONE)
    t.lines += [f"  call void {t.known(INCREASE)}(ptr {none})", f"  ret ptr {none}"]
    if globals_:
        t.lines.append("failed:")
        t.lines += [f"  call void {t.known(DECREASE)}(ptr {tuple_})", "  br label %error"]
    t.lines += ["error:", "  ret ptr null", "}"]
    stack = [f"  %arena = alloca [{max(arena_size, 64)} x i8], align 64", f"  %pointers = alloca [{plan.first_output + len(outputs) + 1} x i64], align 64"]
    stack += [f"  %number{k} = alloca double" for k, spec in enumerate(outputs) if not spec.ndim and spec.dtype == FLOAT64]
    table = f"@entry.table = internal global [{CONSTANTS + len(plan.constants)} x i64] zeroinitializer, align 64"
    head = "define ptr @entry(ptr %self, ptr %args, i64 %nargs) {"
    found = "define ptr @entry.table.place() {\n  ret ptr @entry.table\n}"
    return "\n".join([table, *globals_, found, head, "entry:", *stack, *t.lines])


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
def _addresses() -> list[int]:
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


def bind(code: Any, plan: Plan) -> Any:
    """The callable. It keeps the machine code and the constants alive."""
    place = ctypes.CFUNCTYPE(ctypes.c_void_p)(code.address("entry.table.place"))()
    words = [*_addresses(), *constant_addresses(plan)]
    ctypes.memmove(place, np.array(words, np.int64).ctypes.data, 8 * len(words))
    definition = _Definition(b"program", code.address("entry"), _FASTCALL, b"A compiled program: arrays in, a tuple out.")
    new = ctypes.pythonapi.PyCFunction_NewEx
    new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p]
    kept = (code, definition, [plan.program.params[row] for row in plan.constants])
    return new(ctypes.addressof(definition), kept, None)
