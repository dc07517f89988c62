"""Where code comes from, and which of it reads what no snapshot can hold: clocks, files, the system, random numbers.

`library(globals)` and `library_class(kind)` tell the user's code from Python's, ours and that of packages known to keep no data of
the user's. `impure(module, names, bare)` gives the reason why functions of a module, loaded by these names, cannot be replayed, and
`impure_function` that of one function, by whatever name it goes; `streams` the states of all random generators, which a function
that draws leaves changed. Code that is not known is the user's.
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
INERT = frozenset("numba llvmlite typing operator _operator _abc tqdm matplotlib logging warnings contextlib _pytest".split())
_STDLIB = os.path.dirname(os.__file__) + os.sep
_INSTALLED = ("site-packages", "dist-packages")

DYNAMIC = frozenset("eval exec globals locals __import__ compile".split())
DYNAMIC_ATTRIBUTES = frozenset("__subclasses__ __globals__ f_globals f_locals f_back cell_contents".split())
FILES = frozenset("open input".split())
_ALL_BUT_SLEEP = frozenset(
    "time time_ns perf_counter perf_counter_ns monotonic monotonic_ns process_time process_time_ns thread_time thread_time_ns "
    "localtime gmtime ctime asctime strftime clock_gettime clock_gettime_ns".split()
)
_READERS = frozenset("load loadtxt genfromtxt fromfile memmap fromregex geterr geterrcall geterrobj".split())
_PATHS = frozenset(
    "exists lexists isfile isdir islink ismount isjunction isdevdrive getsize getmtime getatime getctime samefile "
    "sameopenfile abspath realpath relpath expanduser expandvars".split()
)
_SYSTEM = frozenset(
    "environ environb getenv getenvb urandom getrandom getcwd getcwdb listdir scandir stat lstat fstat statvfs access "
    "readlink getpid getppid getuid geteuid getgid getlogin getloadavg cpu_count process_cpu_count sched_getaffinity "
    "get_terminal_size get_exec_path uname times open read popen walk fwalk".split()
)
PATH_READERS = frozenset(
    "exists is_file is_dir is_mount is_symlink is_junction is_socket is_fifo is_block_device is_char_device stat lstat "
    "owner samefile cwd home absolute resolve expanduser readlink iterdir glob rglob walk open read_text read_bytes".split()
)  # methods of paths that look at files
IMPURE: dict[str, frozenset[str] | None] = {  # by module: the names of its functions that read the world, None for all
    "time": _ALL_BUT_SLEEP, "secrets": None, "subprocess": None, "socket": None, "urllib": None, "inspect": None, "importlib": None,
    "gc": None, "tempfile": None, "linecache": None, "fileinput": None, "getpass": None, "pwd": None, "grp": None, "locale": None,
    "tracemalloc": None, "uuid": frozenset(["uuid1", "uuid4", "getnode"]), "random": frozenset(["SystemRandom", "getstate"]),
    "urllib.parse": frozenset(), "io": frozenset(["open", "open_code"]), "_io": frozenset(["open", "open_code"]), "os": _SYSTEM,
    "posix": _SYSTEM, "nt": _SYSTEM, "posixpath": _PATHS, "ntpath": _PATHS, "genericpath": _PATHS, "pathlib": PATH_READERS,
    "glob": frozenset("glob iglob glob0 glob1".split()), "shutil": frozenset("disk_usage which get_terminal_size".split()),
    "numpy": _READERS, "pickle": frozenset(["load"]), "json": frozenset(["load"]), "numpy.random": frozenset(["get_state"]),
    "builtins": FILES | DYNAMIC,
    "sys": frozenset("_getframe _current_frames modules stdin argv getrefcount getrecursionlimit getswitchinterval gettrace getprofile".split()),
    "tape": frozenset("load seed initial_seed get_rng_state".split()), "decimal": frozenset(["flags"]),
    "threading": frozenset("current_thread currentThread main_thread get_ident get_native_id active_count activeCount enumerate".split()),
    "_thread": frozenset("get_ident get_native_id _count".split()), "contextvars": frozenset(["copy_context"]),
    "multiprocessing": frozenset("cpu_count current_process parent_process active_children".split()),
    "asyncio": frozenset("current_task all_tasks get_event_loop get_running_loop".split()),
    "resource": frozenset("getrusage getrlimit".split()), "traceback": frozenset("format_stack extract_stack walk_stack".split()),
    "email.utils": frozenset("formatdate localtime make_msgid".split()),
    **{name: frozenset(["open"]) for name in "gzip bz2 lzma tarfile tokenize shelve dbm".split()},
    "sqlite3": frozenset(["connect"]), "scipy.io": frozenset("loadmat whosmat readsav mmread mminfo hb_read netcdf_file".split()),
    "pandas": frozenset("read_csv read_table read_fwf read_json read_excel read_parquet read_feather read_pickle read_hdf read_sql".split()),
}  # fmt: skip
_FILE_CLASSES = frozenset(
    "_io.FileIO gzip.GzipFile bz2.BZ2File lzma.LZMAFile zipfile.ZipFile tarfile.TarFile mmap.mmap sqlite3.Connection "
    "random.SystemRandom".split()
)
_SYSTEM_MODULES = frozenset("tempfile subprocess socket secrets fileinput urllib.request".split())  # their classes as well
_LOOKS_UP = (operator.attrgetter, operator.methodcaller)
NOW = frozenset("now today utcnow".split())
FRESH = frozenset("default_rng Random RandomState SeedSequence PCG64 PCG64DXSM MT19937 Philox SFC64".split())
STREAM_READERS = frozenset("get_state getstate initial_seed bit_generator state".split())  # they tell where a generator is


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
    found = module
    while found and found not in IMPURE:
        found = found.rpartition(".")[0]
    if found:
        wanted = IMPURE[found]
        hits = set(names) - {"sleep", "path", "sep", "join"} if wanted is None else wanted & set(names)
        if found != module and found == "numpy":
            hits = set()
        if wanted is None and not hits:
            return ""
        if hits:
            return f"{module}.{min(hits)} is used: it reads the clock, the system or chance, and differs from call to call"
    if FRESH & set(bare):
        return fresh(module, min(FRESH & set(bare)))
    return ""


def fresh(module: str, name: str) -> str:
    """Why something of a module, called without arguments, cannot be replayed, or ""."""
    if name not in FRESH or module != "random" and not module.startswith("numpy.random"):
        return ""
    return f"{module}.{name}() is called without a seed: it draws other numbers at every call"


def impure_function(function: FunctionType) -> str:
    """The same of one function of a library: it may be known under another name, and by another module."""
    name = {function.__name__}
    where = (str(function.__globals__.get("__name__")), str(function.__module__))
    return next((reason for module in where if (reason := impure(module, name, ()))), "")


def impure_class(kind: type, names: Collection[str]) -> bool:
    """Whether it is a class whose methods of these names read the clock or files."""
    module = kind.__module__
    if module == "datetime":
        return bool(NOW & set(names))
    if file_path(kind):
        return bool(PATH_READERS & set(names))
    return module in _SYSTEM_MODULES and not issubclass(kind, BaseException) or f"{module}.{kind.__qualname__}" in _FILE_CLASSES


def file_path(kind: type) -> bool:
    """Whether it is a class of paths that can look at files."""
    return kind.__module__.partition(".")[0] == "pathlib" and hasattr(kind, "exists")


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
