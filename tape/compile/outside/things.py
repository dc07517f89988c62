"""How things outside are looked at: plain data, containers, objects, arrays and Tensors become trees of Seen.

`Things.thing(value, way, holder)` gives the Seen of a value that some reached code may read, and enters the functions, classes and
modules that it meets with `reach`, `enter` and `module`, which Snapshot defines. Of an object only attributes that reached code loads
by name are looked at (all of them where code uses getattr, vars and the like, of dataclasses and of library objects), and that
attributes of such names, which would hide those of its class, are still absent. What cannot be watched gives a reason.
Invariant: every mutable thing is compared at one place, and where several ways lead to it, each must lead to it still.
Imports sameness, sources. Imported by snapshot.
"""

from __future__ import annotations

import abc
import collections
import dataclasses
import enum
import functools
import io
import keyword
import logging
import operator
import sys
import weakref
from collections.abc import Iterable
from types import (
    BuiltinFunctionType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from tape.compile.outside import sources
from tape.compile.outside.bytecode import Key
from tape.compile.outside.sameness import PLAIN, Seen, Way, content_of, plain, remarks
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import Traced

MOST_VALUES, DEEPEST = 2000, 40
MOST_BYTES = 1 << 20  # of arrays that are compared by content
FIXED = (
    BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType, MethodWrapperType, GetSetDescriptorType, MemberDescriptorType,
    np.ufunc, logging.Logger, type(collections.namedtuple("_One", "field").field),
)  # fmt: skip
SPACES = frozenset("types.SimpleNamespace argparse.Namespace threading.local _thread._local".split())  # classes of attributes alone
WEAK = (weakref.ReferenceType, weakref.ProxyType, weakref.CallableProxyType)
SEQUENCES, MAPPINGS, SETS = (list, tuple, collections.deque), (dict, MappingProxyType), (set, frozenset)
CODE = (FunctionType, ModuleType, type, MethodType, staticmethod, classmethod, property, functools.cached_property)


def special(name: str) -> bool:
    """Whether a name is one of Python's own."""
    return name.startswith("__") and name.endswith("__")


def attribute(name: str) -> Way:
    """The quick way to an attribute."""
    return ("attr" if name.isidentifier() and not keyword.iskeyword(name) else "own", name)


def slots_of(kind: type) -> list[str]:
    written = [base for base in kind.__mro__ if "__slots__" in vars(base)]  # classes in C have such members too
    return [name for base in written for name, raw in vars(base).items() if isinstance(raw, MemberDescriptorType)]


def _of_c(kind: type) -> bool:
    """Whether objects of a class are memory of ctypes, which has no attributes that tell it."""
    return any(base.__module__ == "_ctypes" for base in kind.__mro__)


def _told(seen: Seen, array: np.ndarray) -> str:
    return f"{seen}: {array.dtype}{list(array.shape)}"


def _writable(array: Any) -> bool:
    """Whether somebody can write to an array, or to one whose memory it looks at."""
    return isinstance(array, np.ndarray) and (array.flags.writeable or _writable(array.base))


class Things:
    """Looks at data. `skip` holds paths, and identities of objects, that are not to be looked at."""

    names: set[str]
    bare: set[str]
    settings: set[str]
    everything: bool
    listing: bool
    skip: set[Any]
    lifted: set[int]

    def reach(self, function: FunctionType) -> None:
        raise NotImplementedError

    def enter(self, kind: type, built: bool) -> None:
        raise NotImplementedError

    def module(self, module: ModuleType) -> None:
        raise NotImplementedError

    def begin(self) -> None:
        """Forget what was looked at."""
        self.parts: list[Seen] = []
        self.values: list[tuple[str, Any]] = []
        self.anew: list[str] = []
        self.heavy: list[tuple[str, Any]] = []
        self.live: list[np.ndarray] = []
        self.reasons: dict[str, None] = {}
        self.passing: dict[str, None] = {}
        self.generators: list[Any] = []
        self.count = self.depth = 0
        self.known: dict[int, Seen] = {}
        self.arrays: list[tuple[Seen, Any]] = []

    def refuse(self, reason: str) -> None:
        self.reasons[reason] = None

    def wanted(self, names: Iterable[str]) -> list[str]:
        """Those attributes that code may read."""
        return [name for name in names if name in self.names or self.everything and not special(name)]

    def child(self, way: Way, holder: Seen, root: str, step: str, keys: set[Key] | None) -> Seen | None:
        """A Seen not yet looked into; None for what is to be skipped."""
        suffix = "" if root else holder.suffix + step
        how = way[0].replace("own", "attr")  # one name by either way
        path = (*holder.path, how, id(way[1]) if how == "constant" else way[1])
        return None if path in self.skip else Seen(way, "absent", None, root or holder.root, suffix, holder.keys if keys is None else keys, path)

    def absent(self, way: Way, holder: Seen, root: str = "", step: str = "", keys: set[Key] | None = None) -> None:
        """Add to a holder that it has nothing there."""
        seen = self.child(way, holder, root, step, keys)
        if seen is not None:
            holder.parts.append(seen)

    def thing(self, value: Any, way: Way, holder: Seen, root: str = "", step: str = "", keys: set[Key] | None = None) -> None:
        """Add a value to its holder. `root` names it anew, `step` adds to the holder's name; without `keys` it goes by the holder's."""
        seen = self.child(way, holder, root, step, keys)
        if seen is None or id(value) in self.skip:
            return
        holder.parts.append(seen)
        seen.kind, seen.value = "fixed", value
        self.count += 1
        if self.count > MOST_VALUES:
            return self.refuse(f"more than {MOST_VALUES} values lie outside")
        if plain(value):
            seen.kind = "plain"
            if isinstance(value, enum.Enum):
                self.enter(type(value), False)
            elif type(value) not in PLAIN:
                self.look_at((value,), seen)
            return None
        known = self.known.setdefault(id(value), seen)
        if known is not seen:
            known.keys |= seen.keys
            known.alias = known.alias or known.kind not in ("fixed", "function")
            seen.kind = "function" if type(value) is FunctionType else "fixed"
        elif self.depth >= DEEPEST:
            self.refuse(f"{seen.root} is nested more than {DEEPEST} deep")
        else:
            self.depth += 1
            self.sort(value, seen)
            self.depth -= 1
        return None

    def look_at(self, values: Iterable[Any], seen: Seen) -> None:
        """What plain data leads to: a path to its file, a Decimal to its context."""
        for value in values:
            kind = type(value)
            if kind in (tuple, frozenset):
                self.look_at(value, seen)
            elif kind in PLAIN:
                continue
            elif kind.__module__ == "decimal":
                self.settings.add("decimals")
            elif sources.file_path(kind) and (used := self.names & sources.PATH_READERS):
                self.refuse(f"{seen} is a path whose .{min(used)} is used: files differ from call to call")

    def sort(self, value: Any, seen: Seen) -> None:
        """Look into a value by its kind."""
        kind = type(value)
        if issubclass(kind, WEAK):
            self.refuse(f"{seen} is a weak reference, whose object may vanish")
        elif isinstance(value, CODE):
            self.code(value, seen)
        elif isinstance(value, enum.Enum):  # one that holds what can change
            if not plain(value._value_):
                self.thing(value._value_, ("attr", "_value_"), seen, step=".value", keys={("attr", "value")})
            self.enter(kind, False)
            for name in self.wanted(remarks(value)):
                self.thing(vars(value)[name], ("own", name), seen, step=f".{name}", keys={("attr", name)})
        elif isinstance(value, (operator.attrgetter, operator.methodcaller)):
            self.everything = True
            reduced: Any = value.__reduce__()
            texts = [text for text in (*getattr(reduced[0], "args", ()), *reduced[1]) if isinstance(text, str)]
            self.names.update(name for text in texts for name in text.split(".") if name.isidentifier())
        elif isinstance(value, (functools.partial, functools.partialmethod)):
            for name in ("func", "args", "keywords"):
                self.thing(getattr(value, name), ("attr", name), seen, step=f".{name}")
        elif isinstance(value, Tensor):
            self.tensor(value, seen)
        elif kind is np.ndarray:
            self.array(value, seen)
        elif sources.draws(value):
            self.generator(value, seen)
        elif isinstance(value, FIXED) or kind.__name__ == "cython_function_or_method":
            self.builtin(value, seen)
        elif isinstance(value, io.IOBase):
            if value not in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
                self.refuse(f"{seen} is an open file")
        elif isinstance(value, SEQUENCES + MAPPINGS + SETS):
            self.container(value, seen)
        elif hasattr(kind, "__next__") and sources.library_class(kind):
            self.refuse(f"{seen} is an iterator ({kind.__name__}), which every call would advance")
        elif sources.library_class(kind) and callable(value) and hasattr(value, "__wrapped__"):
            self.thing(value.__wrapped__, ("constant", value.__wrapped__), seen)
        elif sources.inert(value):
            pass
        elif isinstance(value, np.ndarray) or not (hasattr(value, "__dict__") or slots_of(kind)) or _of_c(kind):
            self.refuse(f"{seen} is an opaque object of type {kind.__module__}.{kind.__qualname__}")
        else:
            seen.kind = "object"
            self.attributes(value, seen)

    def code(self, value: Any, seen: Seen) -> None:
        if isinstance(value, FunctionType):
            seen.kind = "function"
            self.reach(value)
        elif isinstance(value, ModuleType):
            self.module(value)
        elif isinstance(value, type):
            if not sources.library_class(value):
                self.enter(value, True)
            else:
                self.library_type(value, seen)
        else:
            for name in ("__func__", "fget", "fset", "func", "__self__"):
                part = getattr(value, name, None)
                if isinstance(part, FunctionType):
                    self.reach(part)
                elif part is not None:
                    self.thing(part, ("constant", part), seen)

    def library_type(self, kind: type, seen: Seen) -> None:
        """A class of a library, which is not looked into."""
        if sources.impure_class(kind, self.names):
            self.refuse(f"{seen}, {kind.__module__}.{kind.__qualname__}, reads the clock or files, which differ from call to call")
        elif self.called_bare(kind.__name__, seen) and (reason := sources.fresh(kind.__module__, kind.__name__)):
            self.refuse(reason)
        if kind.__module__ == "decimal":
            self.settings.add("decimals")
        if isinstance(kind, abc.ABCMeta):
            self.settings.add("classes")

    def called_bare(self, name: str, seen: Seen) -> bool:
        """Whether code calls something of this name, or of that by which it is known, without arguments."""
        return name in self.bare or any(key in self.bare for _, key in seen.keys)

    def generator(self, value: Any, seen: Seen) -> None:
        told = [name for name in sorted(self.names & sources.STREAM_READERS) if hasattr(type(value), name)]
        if type(value).__qualname__ == "SystemRandom":
            return self.refuse(f"{seen} draws from the system: every call must draw others")
        if told:
            self.refuse(f"{seen} is a generator of random numbers whose .{told[0]} is used, which others move")
        self.generators.append(value)
        return None

    def builtin(self, value: Any, seen: Seen) -> None:
        """A function in C: what it is bound to, and whether it reads the clock and the like."""
        owner, module = getattr(value, "__self__", None), getattr(value, "__module__", None)
        name = getattr(value, "__name__", "")
        if not isinstance(module, str):
            module = "numpy.random" if sources.draws(owner) else ""
        reason = sources.impure(module, {name}, (name,) if self.called_bare(name, seen) else ())
        if module == "decimal":
            self.settings.add("decimals")
        if reason:
            self.refuse(reason)
        if isinstance(owner, type):
            if sources.impure_class(owner, {value.__name__}):
                self.refuse(f"{seen}, {owner.__qualname__}.{value.__name__}, reads the clock or files, which differ from call to call")
        elif owner is not None and not isinstance(owner, ModuleType):
            self.thing(owner, ("constant", owner), seen)

    def array(self, value: np.ndarray, seen: Seen) -> None:
        if value.dtype.hasobject:
            return self.refuse(f"{seen} is an array of Python objects")
        seen.kind = "array"
        self.values.append((str(seen), value))
        self.arrays.append((seen, value))
        return None

    def tensor(self, value: Tensor, seen: Seen) -> None:
        seen.kind, lifted = "tensor", id(value) in self.lifted
        seen.held = value._s, value._t is not None, lifted or value._t is not None
        self.values.append((str(seen), value))
        kind = type(value._v)
        if kind is Traced and value._v.trace.open and value._v.trace is not STATE.trace:
            return self.passing.setdefault(f"{seen} is being read by a recording in another thread")
        if kind not in (float, np.ndarray):
            self.left.append(value)
            return self.refuse(f"{seen} is a Tensor that the recording itself made")
        gradient = value.grad if value.is_leaf else None
        if gradient is not None and type(gradient._v) not in (float, np.ndarray):
            self.left.append(gradient)
            return self.refuse(f"the .grad of {seen} is filled by the call: return the gradient instead")
        if "grad" in self.names and value.is_leaf:
            self.thing(gradient, ("attr", "grad"), seen, step=".grad", keys={("attr", "grad")})
        how = "fixed" if lifted else "float" if kind is float else "array"
        part = Seen(("attr", "_v"), how, value._v, seen.root, seen.suffix, seen.keys, (*seen.path, "_v"))
        if lifted and kind is np.ndarray:
            seen.parts.append(part)  # the memory that rows read
            self.live.append(value._v)
            self.anew.append(_told(seen, value._v))
        elif not lifted and part.path not in self.skip:
            seen.parts.append(part)
            if kind is np.ndarray:
                self.arrays.append((part, value))
        return None

    def weigh(self) -> None:
        """Which arrays are compared by the copies that are kept here: the smallest first, until the bytes are spent."""
        left = MOST_BYTES
        for seen, thing in sorted(self.arrays, key=lambda pair: pair[0].value.nbytes):
            left -= seen.value.nbytes
            seen.held = content_of(seen.value, left >= 0)
            if left < 0:
                self.live.append(seen.value)
                if _writable(seen.value):
                    self.heavy.append((_told(seen, seen.value), thing))

    def container(self, value: Any, seen: Seen) -> None:
        if isinstance(value, MAPPINGS):
            keys = tuple(value)
            values = tuple([value[key] for key in keys])
            simple = all(map(plain, values))
            seen.kind, seen.held = "mapping", (keys, values if simple else ())
            parts = [(one, ("item", key), f"[{key!r}]") for key, one in zip(keys, values, strict=True)] if not simple else []
            self.count += len(keys) if simple else 0
            self.look_at((*keys, *values) if simple else keys, seen)
            parts += [(key, ("constant", key), " (a key)") for key in keys if not plain(key)]
        else:
            elements = tuple(value)
            unordered = isinstance(value, SETS)
            if unordered or all(map(plain, elements)):
                seen.kind, seen.held = "elements", elements
                parts = [(one, ("constant", one), "") for one in elements if not plain(one)]
                self.count += len(elements)
                self.look_at(elements, seen)
            else:
                seen.kind, seen.held = "sequence", len(elements)
                parts = [(one, ("item", place), f"[{place}]") for place, one in enumerate(elements)]
        if self.count > MOST_VALUES:
            self.refuse(f"more than {MOST_VALUES} values lie outside")
        for one, way, step in parts:
            if self.count <= MOST_VALUES:
                self.thing(one, way, seen, step=step)
        if type(value).__module__ not in ("builtins", "collections"):
            self.attributes(value, seen)

    def attributes(self, value: Any, seen: Seen) -> None:
        """The attributes of an object that code may read, and absent ones that would hide those of its class."""
        kind, own = type(value), getattr(value, "__dict__", {})
        library = sources.library_class(kind)
        self.enter(kind, False)
        every = library or dataclasses.is_dataclass(kind)
        slots = slots_of(kind)
        found = list(own) if every else self.wanted(own)
        found += [name for name in (slots if every else self.wanted(slots)) if name not in found]
        careful = kind.__getattribute__ is not object.__getattribute__ and not library
        for name in found:
            keys, step = {("attr", name)}, f".{name}"
            if name in own:
                hidden = careful or any(name in vars(base) and hasattr(type(vars(base)[name]), "__set__") for base in kind.__mro__)
                self.thing(own[name], ("own", name) if hidden else attribute(name), seen, step=step, keys=keys)
            elif hasattr(value, name):
                self.thing(getattr(value, name), ("attr", name), seen, step=step, keys=keys)
            else:
                self.absent(("attr", name), seen, step=step, keys=keys)
        if not hasattr(value, "__dict__") or library and not (self.everything and f"{kind.__module__}.{kind.__name__}" in SPACES):
            return
        listed = self.child(("attr", "__dict__"), seen, "", ".__dict__", None) if self.listing else None
        if listed is not None:
            listed.kind, listed.value, listed.held = "mapping", own, (tuple(own), ())
            seen.parts.append(listed)
        offered = {name for base in kind.__mro__ if base is not object for name in vars(base)}
        missing = self.names - set(own) if self.everything or hasattr(kind, "__getattr__") else (self.names & offered) - set(own)
        for name in sorted(missing):
            if not special(name) and name not in slots:
                self.absent(("own", name), seen, step=f".{name}", keys={("attr", name)})
