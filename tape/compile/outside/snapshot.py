"""A snapshot of what a function can reach outside itself: functions, classes and modules, and the data that their code names.

`Snapshot(fn, arguments)` walks from the function, and from arguments that its caller knows by identity only, until nothing new is
reached. `parts` are trees of Seen (a group for each dictionary of globals, function, class and module), `values` the arrays and
Tensors, `reasons` what cannot be watched. Of classes only methods run that some reached code names, special ones, and those
that a library's base class calls. Code of libraries is not read, but what their functions close over is, and settings that they
read are watched where code names what reads them (settings.py).
Invariant: every user function that can run is in `functions`, the globals that it names are in `parts`.
Imports bytecode, settings, sources, things. Imported by watch.
"""

from __future__ import annotations

import abc
import enum
import functools
import importlib.util
import os
import sys
from collections.abc import Callable, Collection, Iterable
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

from tape import dtypes
from tape.compile.outside import sources
from tape.compile.outside.bytecode import Key, reads_of
from tape.compile.outside.sameness import Seen, fetch, plain
from tape.compile.outside.settings import SETTINGS
from tape.compile.outside.things import Things, attribute, special
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import Traced

MOST_FUNCTIONS = 400
MOST_SHARED = 100  # elements of a container in a library's module
BUILDS = frozenset("__init__ __new__ __post_init__".split())
UNWATCHED = BUILDS | frozenset(  # methods that run on their own name only, not because an object is used
    "__repr__ __str__ __format__ __reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__ __del__ __dir__ "
    "__init_subclass__ __class_getitem__ __sizeof__ __subclasshook__ __copy__ __deepcopy__ __set_name__".split()
)
METHODS = (FunctionType, staticmethod, classmethod, property, functools.cached_property, functools.partialmethod)
MODES = frozenset("is_grad_enabled is_inference_mode_enabled requires_grad grad_fn is_leaf is_inference".split())
ARGUMENT = ("argument", "")


class Snapshot(Things):
    """What was reached, and what it was."""

    def __init__(
        self,
        fn: Callable,
        arguments: Iterable[Any] = (),
        more: Iterable[FunctionType] = (),
        skip: set[Any] | None = None,
        lifted: Collection[Any] = (),
    ) -> None:
        self.skip = skip or set()
        self.lifted = {id(thing) for thing in lifted}
        self.left: list[Tensor] = []  # what a recording made and left outside
        self.names: set[str] = set()  # attributes that reached code loads
        self.bare: set[str] = set()
        self.theirs: set[str] = set()  # names of reached functions of libraries
        self.settings: set[str] = set()
        self.assumed: set[Key] = set()
        self.used: set[Key] = set()
        self.flows: set[tuple[Key, Key]] = set()
        self.everything = self.listing = self.doubtful = self.constructing = False
        self.functions: dict[int, FunctionType] = {}
        self.classes: dict[int, type] = {}
        self.built: set[int] = set()  # classes whose constructor may run
        self.modules: dict[int, ModuleType] = {}
        self.globals: dict[int, tuple[dict, str, dict[str, None]]] = {}
        self.codes: set[CodeType] = set()
        arguments, more = list(arguments), list(more)
        size: tuple | None = None
        while size != self.size():
            size = self.size()
            self.look(fn, arguments, more)
        for t in self.left:
            if type(t._v) is Traced and not t._v.trace.open:
                t._v = np.array(t._v)  # from now on a value like any other

    def size(self) -> tuple:
        named = sum(len(names) for _, _, names in self.globals.values())
        tables = len(self.functions), len(self.classes), len(self.built), len(self.modules)
        return (*tables, len(self.names), named, self.everything, self.listing, self.constructing)

    def look(self, fn: Callable, arguments: list[Any], more: list[FunctionType]) -> None:
        """One round over everything that is known to be reached."""
        self.begin()
        self.thing(fn, ("constant", fn), self.group(None, "the function"))
        for place, argument in enumerate(arguments):
            self.thing(argument, ("constant", argument), self.group(None, f"static argument {place}"), keys={ARGUMENT})
        for function in more:
            self.reach(function)
        group = self.group(vars(dtypes), "the default dtype")
        group.parts.append(Seen(("item", "_default"), "fixed", dtypes._default, group.root))
        if MODES & (self.names | self.bare | self.theirs):
            group = self.group(STATE, "the gradient mode")
            group.parts += [Seen(("attr", name), "fixed", getattr(STATE, name), group.root, f".{name}") for name in ("grad", "inference")]
        for look, table in ((self.function_group, self.functions), (self.class_group, self.classes), (self.module_group, self.modules)):
            done = 0
            while done < len(table):  # they grow while they are walked
                look(list(table.values())[done])
                done += 1
        for known in list(self.globals.values()):
            self.global_group(*known)
        for name in sorted(sources.DYNAMIC_ATTRIBUTES & self.names):
            self.refuse(f".{name} is read: what lies behind it cannot be known")
        self.set_elsewhere()
        self.weigh()

    def set_elsewhere(self) -> None:
        """Settings of libraries that reached code reads, though nothing that it names holds them."""
        named = self.names | self.theirs
        asks = self.everything or any("isinstance" in names or "issubclass" in names for _, _, names in self.globals.values())
        wanted = self.settings if asks else self.settings - {"classes"}
        for name, setting in SETTINGS.items():
            if name not in wanted and setting.askers.isdisjoint(named):
                continue
            group, now = self.group(setting.holder, setting.told), fetch(setting.way, setting.holder)
            keys = {("setting", name)} if name == "classes" else None  # an import may register some: no state of the call's own
            kind, path = "plain" if plain(now) else "fixed", (*group.path, name)
            group.parts.append(Seen(setting.way, kind, now, setting.told, "", keys, path))

    # what code reaches

    def reach(self, function: FunctionType) -> None:
        """Enter a function; read its code if it is the user's."""
        if id(function) in self.functions:
            return
        if len(self.functions) >= MOST_FUNCTIONS:
            return self.refuse(f"more than {MOST_FUNCTIONS} functions can be reached")
        self.functions[id(function)] = function
        space, code = function.__globals__, function.__code__
        if sources.library_function(function):
            self.theirs.add(function.__name__)
            return None
        reads = reads_of(code)
        self.names |= reads.attributes
        self.bare |= reads.bare
        self.assumed |= reads.assumed
        self.used |= reads.used
        self.flows |= reads.flows
        self.everything = self.everything or reads.everything
        self.listing = self.listing or "__dict__" in reads.attributes or not reads.names.isdisjoint(("vars", "dir"))
        self.constructing = self.constructing or "type" in reads.names or "__class__" in reads.attributes
        self.codes.update(reads.codes)
        known = self.globals.setdefault(id(space), (space, os.path.basename(code.co_filename), {}))
        known[2].update(dict.fromkeys(sorted(reads.names)))
        for level, name in sorted(reads.imports):
            self.imported(function, level, name)
        return None

    def imported(self, function: FunctionType, level: int, name: str) -> None:
        """The modules that a function imports while it runs."""
        full = name
        if level:
            try:
                full = importlib.util.resolve_name("." * level + name, function.__globals__.get("__package__"))
            except ImportError:
                return
        while full:
            if full in sys.modules:
                self.module(sys.modules[full])
            full = full.rpartition(".")[0]

    def module(self, module: ModuleType) -> None:
        self.modules.setdefault(id(module), module)

    def enter(self, kind: type, built: bool) -> None:
        """Enter a class whose methods may run; `built`: its constructor too."""
        for base in kind.__mro__:
            if not sources.library_class(base):
                self.classes.setdefault(id(base), base)
                if built:
                    self.built.add(id(base))
        if isinstance(kind, abc.ABCMeta):
            self.settings.add("classes")
        if type(kind) is not type and not sources.library_class(type(kind)):
            self.enter(type(kind), False)

    # groups

    def group(self, holder: Any, root: str = "") -> Seen:
        """Where the parts of a thing that is reached for good hang."""
        seen = Seen(("constant", holder), "group", holder, root, path=(id(holder),))
        self.parts.append(seen)
        return seen

    def global_group(self, space: dict, file: str, names: dict[str, None]) -> None:
        group = self.group(space)
        for name in list(names):  # it grows while functions are reached
            keys = {("name", name)}
            root = f"global {name!r} of {file}"
            if name in space:
                self.doubtful = self.doubtful or ("name", name) in self.assumed
                self.thing(space[name], ("item", name), group, root, keys=keys)
                continue
            self.absent(("item", name), group, root, keys=keys)
            if name in sources.DYNAMIC:
                self.refuse(f"{name}() is called in {file}: what it reads cannot be known")
            elif name in sources.FILES:
                self.refuse(f"{name}() is called in {file}: what it reads may differ from call to call")

    def function_group(self, function: FunctionType) -> None:
        group, code, name = self.group(function), function.__code__, function.__name__
        for variable, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
            self.cell(name, variable, cell)
        wrapped = vars(function).get("__wrapped__")
        if sources.library_function(function):
            reason = sources.impure_function(function)
            if reason:
                self.refuse(reason)
            if isinstance(wrapped, FunctionType):
                self.reach(wrapped)
            return
        root = f"the code of {name}"
        group.parts.append(Seen(("attr", "__code__"), "fixed", code, root))
        self.defaults(group, "__defaults__", function, code.co_varnames[code.co_argcount - len(function.__defaults__ or ()) : code.co_argcount])
        if code.co_kwonlyargcount:
            self.defaults(group, "__kwdefaults__", function, tuple(function.__kwdefaults__ or ()))
        for own in self.wanted(vars(function)):
            self.thing(vars(function)[own], attribute(own), group, f"attribute .{own} of function {name}", keys={("attr", own)})

    def defaults(self, group: Seen, slot: str, function: FunctionType, arguments: tuple[str, ...]) -> None:
        given = getattr(function, slot)
        held = Seen(("attr", slot), "plain", given, f"the defaults of {function.__name__}", path=(*group.path, slot))
        group.parts.append(held)
        if given is None:
            return
        pairs = list(enumerate(given)) if slot == "__defaults__" else list(given.items())
        held.kind, held.held = ("sequence", len(given)) if slot == "__defaults__" else ("mapping", (tuple(given), ()))
        for argument, (place, value) in zip(arguments, pairs, strict=True):
            keys = {("default", argument), ("name", argument)}
            self.thing(value, ("item", place), held, f"the default of {argument!r} of {function.__name__}", keys=keys)

    def cell(self, function: str, name: str, cell: Any) -> None:
        """A closure variable; functions may share it."""
        if id(cell) in self.known:
            return
        group = self.known[id(cell)] = self.group(cell, f"closure variable {name!r} of {function}")
        group.keys = {("name", name)}
        try:
            value = cell.cell_contents
        except ValueError:
            return self.absent(("cell", None), group)
        if name == "__class__":  # of super(): no constructor runs for its sake
            return self.enter(value, False)
        return self.thing(value, ("cell", None), group)

    def module_group(self, module: ModuleType) -> None:
        space, group = vars(module), self.group(module)
        library = sources.library(space)
        reason = sources.impure(module.__name__, self.names, self.bare) if library else ""
        if reason:
            self.refuse(reason)
        if module.__name__ == "decimal":
            self.settings.add("decimals")
        if not library:
            self.replaced(module, group)
        for name in sorted(self.names & set(space)) if library else self.wanted(list(space)):
            value, root = space[name], f"attribute .{name} of module {module.__name__}"
            if library and not (isinstance(value, ModuleType) or plain(value) or _simple(value) or sources.draws(value)):
                if isinstance(value, type) and sources.library_class(value):
                    self.library_type(value, Seen(("attr", name), "fixed", value, root))
                continue
            self.thing(value, attribute(name), group, root, keys={("attr", name)})

    def replaced(self, module: ModuleType, group: Seen) -> None:
        """What answers for attributes that a module of the user's does not have: its `__getattr__`, or a class of modules."""
        space, told = vars(module), f"of module {module.__name__}"
        if type(module) is not ModuleType:
            self.enter(type(module), False)
        if "__getattr__" in space:
            keys = {("attr", "__getattr__")}
            self.thing(space["__getattr__"], ("own", "__getattr__"), group, f"attribute .__getattr__ {told}", keys=keys)
        if "__getattr__" in space or self.everything:
            for name in sorted(self.names - set(space)):
                if not special(name):
                    self.absent(("own", name), group, f"attribute .{name} {told}", keys={("attr", name)})

    def class_group(self, kind: type) -> None:
        group, space = self.group(kind), vars(kind)
        called_back = {name for base in kind.__mro__ if base is not object and sources.library_class(base) for name in vars(base)}
        built = id(kind) in self.built or self.constructing
        for name, raw in list(space.items()):
            self.doubtful = self.doubtful or ("attr", name) in self.assumed
            code = isinstance(raw, METHODS)
            run = code and (special(name) and name not in UNWATCHED or built and name in BUILDS or name in called_back)
            if not (run or name in self.names or self.everything and not special(name)):
                continue
            if isinstance(raw, (MemberDescriptorType, GetSetDescriptorType)) or isinstance(kind, enum.EnumMeta) and not code:
                continue
            direct = isinstance(raw, FunctionType) or not hasattr(type(raw), "__get__")
            way = attribute(name) if direct else ("own", name)
            self.thing(raw, way, group, f"attribute .{name} of class {kind.__qualname__}", keys={("attr", name)})
        for name, member in kind.__members__.items() if isinstance(kind, enum.EnumMeta) else ():
            if not plain(member):
                self.thing(member, ("attr", name), group, f"attribute .{name} of class {kind.__qualname__}", keys={("attr", name)})
        inherited = {name for base in kind.__mro__[1:] if id(base) in self.classes for name in vars(base)}
        for name in sorted((inherited & self.names) - set(space)):
            self.absent(("own", name), group, f"attribute .{name} of class {kind.__qualname__}", keys={("attr", name)})


def _simple(value: Any) -> bool:
    """Whether it is a short list, set or dictionary of plain data."""
    if type(value) not in (list, set, dict) or len(value) > MOST_SHARED:
        return False
    return all(map(plain, value)) and (type(value) is not dict or all(map(plain, value.values())))
