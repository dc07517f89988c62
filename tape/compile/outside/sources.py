"""Where code comes from, and which of it reads what no snapshot can hold: clocks, files, the system, random numbers.

`library(globals)` and `library_class(kind)` tell the user's code from Python's, ours and that of packages known to keep no data of
the user's. `impure(module, names, bare)` gives the reason why functions of a module, loaded by these names, cannot be replayed; `streams`
the states of all random generators, which a function that draws leaves changed. Code that is not known is the user's.
Imports functions.random. Imported by things, snapshot and watch.
"""

from __future__ import annotations

import _thread
import operator
import os
import sys
from collections.abc import Collection, Iterable
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from tape.functions import random as tape_random

LIBRARIES = frozenset(
    "tape compiled_ops numpy scipy numba llvmlite ml_dtypes opt_einsum matplotlib tqdm torch jax jaxlib autograd casadi pandas sympy mpmath "
    "pytest _pytest pluggy hypothesis IPython ipykernel".split()
)
INERT = frozenset("numba llvmlite typing operator _operator tqdm matplotlib logging warnings contextlib _pytest".split())
_STDLIB = os.path.dirname(os.__file__) + os.sep
_INSTALLED = ("site-packages", "dist-packages")

DYNAMIC = frozenset("eval exec globals locals __import__ compile".split())
DYNAMIC_ATTRIBUTES = frozenset("__subclasses__ __globals__ f_globals f_locals f_back cell_contents".split())
FILES = frozenset("open input".split())
_ALL_BUT_SLEEP = frozenset(
    "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time process_time_ns thread_time thread_time_ns "
    "localtime gmtime ctime asctime strftime clock_gettime clock_gettime_ns".split()
)
_READERS = frozenset("load loadtxt genfromtxt fromfile memmap fromregex".split())
IMPURE: dict[str, frozenset[str] | None] = {  # by module: the names of its functions that read the world, None for all
    "time": _ALL_BUT_SLEEP, "secrets": None, "subprocess": None, "socket": None, "urllib": None, "inspect": None, "importlib": None, "gc": None,
    "uuid": frozenset(["uuid1", "uuid4"]), "random": frozenset(["SystemRandom"]), "io": frozenset(["open"]), "_io": frozenset(["open"]),
    "os": frozenset("environ getenv urandom getcwd listdir scandir stat getpid getppid getloadavg cpu_count open read popen walk".split()),
    "posix": frozenset("environ urandom getcwd listdir scandir stat getpid getppid getloadavg cpu_count open read".split()),
    "genericpath": frozenset("exists isfile isdir getsize getmtime".split()), "numpy": _READERS, "pickle": frozenset(["load"]),
    "json": frozenset(["load"]), "sys": frozenset("_getframe modules stdin argv getrefcount".split()), "numpy.random": frozenset(),
    "tape": frozenset(["load", "seed"]), "builtins": FILES | DYNAMIC,
}  # fmt: skip
_LOOKS_UP = (operator.attrgetter, operator.methodcaller)
NOW = frozenset("now today utcnow".split())
FRESH = frozenset("default_rng Random RandomState SeedSequence PCG64 PCG64DXSM MT19937 Philox SFC64".split())
TEXT_READERS = frozenset("read_text read_bytes readline readlines".split())


def library(space: dict) -> bool:
    """Whether a module's globals belong to code that is not the user's."""
    name = str(space.get("__name__", ""))
    top = name.partition(".")[0]
    if top in LIBRARIES:
        return not name.startswith("tape.demo")
    if name in sys.builtin_module_names or getattr(space.get("__spec__"), "origin", None) in ("built-in", "frozen"):
        return name != "__main__"
    file = str(space.get("__file__") or "")
    return file.startswith(_STDLIB) and not any(folder in file for folder in _INSTALLED)


def library_function(function: FunctionType) -> bool:
    """Whether a function is not the user's; examples in a library's docstrings are."""
    return library(function.__globals__) and not function.__code__.co_filename.startswith("<doctest")


def library_class(kind: type) -> bool:
    """Whether a class is not the user's."""
    module = sys.modules.get(kind.__module__)
    return isinstance(module, ModuleType) and library(vars(module))


def impure(module: str, names: Collection[str], bare: Collection[str]) -> str:
    """Why code that loads these names of a module cannot be replayed, or ""."""
    found = module if module in IMPURE else module.partition(".")[0]
    if found in IMPURE:
        wanted = IMPURE[found]
        hits = set(names) - {"sleep", "path", "sep", "join"} if wanted is None else wanted & set(names)
        if found != module and found == "numpy":
            hits = set()
        if wanted is None and not hits:
            return ""
        if hits:
            return f"{module}.{min(hits)} is used: it reads the clock, the system or chance, and differs from call to call"
    if module in ("random", "numpy.random", "numpy.random._generator") and FRESH & set(bare):
        return f"{module}.{min(FRESH & set(bare))}() is called without a seed: it draws other numbers at every call"
    return ""


def impure_class(kind: type, names: Collection[str]) -> bool:
    """Whether it is a class whose methods of these names read the clock or files."""
    if kind.__module__ == "datetime":
        return bool(NOW & set(names))
    return kind.__module__ == "pathlib" and bool(TEXT_READERS & set(names)) or kind.__qualname__ == "SystemRandom"


def inert(value: Any) -> bool:
    """Whether an object of a library holds nothing that a result could depend on."""
    kind = type(value)
    if kind in _LOOKS_UP:
        return False
    if kind is object or kind in (_thread.LockType, _thread.RLock):
        return True
    return kind.__module__.partition(".")[0] in INERT


def draws(value: Any) -> bool:
    """Whether a value is a generator of random numbers."""
    kinds: tuple = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, tape_random.Generator)
    module = sys.modules.get("random")
    return isinstance(value, kinds if module is None else (*kinds, module.Random))


def streams(generators: Iterable[Any]) -> list[Any]:
    """Where in their streams all random generators are: the global ones and these."""
    module = sys.modules.get("random")
    states: list[Any] = [np.random.get_state(legacy=False), tape_random.default_generator.get_state()]
    if module is not None:
        states.append(module.getstate())
    for one in generators:
        if isinstance(one, np.random.Generator):
            states.append(one.bit_generator.state)
        elif isinstance(one, np.random.BitGenerator):
            states.append(one.state)
        elif isinstance(one, np.random.RandomState):
            states.append(one.get_state(legacy=False))
        elif isinstance(one, tape_random.Generator):
            states.append(one.get_state())
        else:
            states.append(one.getstate())
    return [_comparable(state) for state in states]


def _comparable(state: Any) -> Any:
    if isinstance(state, dict):
        return tuple((key, _comparable(value)) for key, value in state.items())
    return state.tobytes() if isinstance(state, np.ndarray) else state
