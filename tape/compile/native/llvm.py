"""LLVM text to machine code, kept on disk between processes.

`Module` collects text (declarations once, fresh names); `compile_now(text)` gives a `Code`, whose `address(name)` is a function's.
Invariants: no fast-math and no contraction, so an operation rounds as written; a `Code` keeps its machine code alive, and the code dies with it; a declared function
is `tape_<name>` of libm (LLVM knows none of these names, so it folds no call), a vector function of `compiled_ops.vectormath`,
`blas_<name>` or `lapack_<name>` of SciPy, or given to `provide`. A damaged or foreign entry on disk is ignored. Imported by the native tier.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import threading
from collections.abc import Iterable
from functools import cache
from typing import Any

from tape.compile.background import ending
from tape.compile.native import mkl, shelf

_DECLARED = re.compile(r"^declare [^@\n]*@([\w.$]+)\(", re.MULTILINE)
_DEFINED = re.compile(r"^define i64 @([\w.$]+)\(", re.MULTILINE)
_PLAIN = "; what follows is translated as it stands"  # begins each plain part of a module's text
_LONG = 400_000  # characters of a plain part, some thousand rows: half a second
_given: dict[str, int] = {}  # symbols known to LLVM, and where they are
_lock = threading.RLock()
_alive: list[Any] = []  # libraries whose functions machine code calls


class Module:
    """LLVM text in the making. Functions that it calls are declared once, names are made unique."""

    def __init__(self) -> None:
        self._declared: dict[str, str] = {}
        self._parts: list[str] = []
        self._plain: list[list[str]] = []
        self._once: set[str] = set()  # symbols of the last plain part
        self._across: dict[str, str] = {}  # declarations of plain functions
        self._counts: dict[str, int] = {}

    def external(self, name: str, result: str, parameters: Iterable[str], attributes: str = "") -> str:
        """Declare a function that the module calls; returns its name with the `@`."""
        line = f"declare {result} @{name}({', '.join(parameters)}) {attributes}".rstrip()
        if self._declared.setdefault(name, line) != line:
            raise ValueError(f"@{name} is declared twice, as {self._declared[name]!r} and as {line!r}; one name has one type")
        return f"@{name}"

    def libm(self, name: str, count: int = 1) -> str:
        """Declare libm's function of `count` float64; returns what to call. It counts as pure: errno is nobody's business."""
        return self.external(f"tape_{name}", "double", ["double"] * count, "nounwind willreturn memory(none)")

    def fresh(self, prefix: str) -> str:
        """A name that the module does not use yet."""
        number = self._counts[prefix] = self._counts.get(prefix, -1) + 1
        return f"{prefix}.{number}"

    def add(self, text: str) -> None:
        """Add functions or globals."""
        self._parts.append(text)

    def begin_plain(self) -> bool:
        """Begin another plain part if the last one is long; whether it did. Parts are translated one by one, so that whoever else needs
        LLVM, or the end of the process, waits for one at most."""
        if self._plain and sum(map(len, self._plain[-1])) < _LONG:
            return False
        self._plain.append([])
        self._once.clear()
        return True

    def add_plain(self, text: str) -> None:
        """Add functions or globals that are translated as they stand: long straight text from which LLVM's passes gain nothing, but on
        which they take longer than the translation. They see what else is in this part, and plain functions."""
        if not self._plain:
            self.begin_plain()
        self._plain[-1].append(text)

    def plain_function(self, name: str, parameters: int, text: str) -> None:
        """Add the plain function `i64 name(ptr, ...)`, which all of the module may call."""
        self.add_plain(text)
        self._across[name] = f"declare i64 @{name}({', '.join(['ptr'] * parameters)})"

    def once(self, symbol: str, text: str) -> None:
        """Add what defines a symbol to the plain part, unless it is there."""
        if symbol not in self._once:
            self.add_plain(text)
            self._once.add(symbol)

    def text(self) -> str:
        """The whole module."""
        declared, across = [*self._declared.values()], self._across
        parts = [[*declared, *across.values(), *self._parts, ""]] if self._parts else [[]]
        for plain in self._plain:
            text = "\n".join(plain)
            other = [line for name, line in across.items() if f"define i64 @{name}(" not in text and f"@{name}(" in text]
            parts.append([_PLAIN, *declared, *other, text, ""])
        return "\n".join(line for part in parts for line in part)


class Code:
    """Machine code of one module: it lives as long as this object."""

    def __init__(self, engine: Any, from_disk: bool, size: int) -> None:
        self._engine, self.from_disk, self.size = engine, from_disk, size

    def address(self, name: str) -> int:
        """Where a function starts. KeyError for a name that the module does not define."""
        with _lock:
            found = self._engine.get_function_address(name)
        if not found:
            raise KeyError(f"the module defines no function {name!r}")
        return int(found)


@cache
def _target() -> tuple[str, str, str]:
    """The CPU, its features, and what else distinguishes machine code: LLVM's version."""
    import llvmlite
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), llvmlite.__version__


def features(*names: str) -> bool:
    """Whether the processor has one of these features, by LLVM's names."""
    return not {f"+{name}" for name in names}.isdisjoint(_target()[1].split(","))


def _machine() -> Any:
    import llvmlite.binding as llvm

    cpu, features, _ = _target()
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(cpu=cpu, features=features, opt=2, jit=True)


def provide(name: str, address: int) -> None:
    """Make a function known to modules that declare it. One name stands for one function in every process: it is part of cached code."""
    import llvmlite.binding as llvm

    with _lock:
        if _given.get(name) != address:
            llvm.add_symbol(name, address)
            _given[name] = address


def compile_now(text: str, level: int = 3) -> Code:
    """Machine code of a module's text, optimised by LLVM's pipeline of a level from 0 to 3 (plain text: no passes).

    Raises RuntimeError where the text is no LLVM module, LookupError where a declared function cannot be found.
    """
    defined = set(_DEFINED.findall(text))
    with _lock:
        for name in set(_DECLARED.findall(text)) - defined:
            if not name.startswith("llvm."):
                _find(name)
    key = hashlib.sha256("\n".join((*_target(), str(level), text)).encode()).hexdigest()
    found = shelf.load(key)
    if found:
        try:
            return Code(_load(found), True, sum(map(len, found)))
        except RuntimeError:  # whole, but no object file of this system
            pass
    whole, *plain = text.split(_PLAIN)
    made = [_locked(whole, level)] if whole.strip() or not plain else []
    for part in plain:
        if ending.is_set():
            raise RuntimeError("the process ends; nothing is compiled any more")
        made.append(_locked(part, None))
    shelf.store(key, made)
    return Code(_load(made), False, sum(map(len, made)))


def _locked(text: str, level: int | None) -> bytes:
    with _lock:
        return _object(text, level)


def _object(text: str, level: int | None) -> bytes:
    """Optimise at a level, if at all, and translate. A context of its own: what LLVM interns for the text goes when it is done."""
    import llvmlite.binding as llvm

    module = llvm.parse_assembly(text, llvm.create_context())
    machine = _machine()
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=level or 0)
    options.slp_vectorization = False  # it costs time, and scalar rows have no packs worth it
    options.loop_vectorization = options.loop_unrolling = level is not None and level >= 2
    builder = llvm.create_pass_builder(machine, options)
    if level is None:
        passes = llvm.create_new_module_pass_manager()
        passes.add_always_inliner_pass()
    else:
        passes = builder.getModulePassManager()
    passes.run(module, builder)
    made: bytes = machine.emit_object(module)
    return made


@cache
def _lasting() -> Any:
    """A context that is never freed: an engine's own module must not outlive its context."""
    import llvmlite.binding as llvm

    return llvm.create_context()


def _load(made: list[bytes]) -> Any:
    import llvmlite.binding as llvm

    with _lock:
        return _engine(made, llvm)


def _engine(made: list[bytes], llvm: Any) -> Any:
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly("", _lasting()), _machine())
    for each in made:
        engine.add_object_file(llvm.ObjectFileRef.from_data(each))
    engine.finalize_object()
    return engine


def _find(name: str) -> None:
    """Make a declared function known to LLVM, which would end the process at an unknown one."""
    if name in _given:
        return
    family, _, rest = name.partition("_")
    if family == "tape":
        provide(name, _libm(rest))
    elif family in ("blas", "lapack"):
        provide(name, mkl.address(rest) or _scipy(f"scipy.linalg.cython_{family}", rest))
    elif name.startswith("compiled_ops_"):
        from compiled_ops import vectormath

        vectormath.load()
        _known(name)
    else:
        _known(name)


def _known(name: str) -> None:
    import llvmlite.binding as llvm

    address = llvm.address_of_symbol(name)
    if not address:
        raise LookupError(f"the text calls @{name}, which this process does not have; pass its address to `provide`")
    _given[name] = address


def _libm(name: str) -> int:
    import ctypes
    import ctypes.util

    library = ctypes.CDLL(None)  # the interpreter's own libm, which `math` uses
    if not hasattr(library, name):
        library = ctypes.CDLL(ctypes.util.find_library("m"))
        _alive.append(library)
    try:
        return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0
    except AttributeError:
        raise LookupError(f"libm has no function {name!r}") from None


def _scipy(module: str, name: str) -> int:
    import ctypes
    import importlib

    capsule = importlib.import_module(module).__pyx_capi__[name]
    api: Any = ctypes.pythonapi
    api.PyCapsule_GetName.restype, api.PyCapsule_GetName.argtypes = ctypes.c_char_p, [ctypes.py_object]
    api.PyCapsule_GetPointer.restype, api.PyCapsule_GetPointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return int(api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule)))


def _hold() -> None:
    """Wait for LLVM's work to end: a fork in its middle would leave the child with a lock taken for ever, ours or that which llvmlite takes
    at each call, also where machine code is given up."""
    _lock.acquire()
    ffi = sys.modules.get("llvmlite.binding.ffi")
    if ffi is not None:
        ffi.lib._lock.__enter__()
        _held.append(ffi.lib._lock)


def _let_go() -> None:
    if _held:
        _held.pop().__exit__()
    _lock.release()


_held: list[Any] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_hold, after_in_parent=_let_go, after_in_child=_let_go)
