"""Where a compiled function belongs: to an instance as its method, or to a process that got it as a pickle.

`method(compiled, instance, owner)` is the compiled function of one instance, kept in it; `restore(kind, fn, options)` is what a pickle gives.
Invariant: no instance ever gets another's. Imported by function.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from tape.compile.signature import LIMIT

_restored: dict[Any, Any] = {}  # of functions that are found by name; the last ones


def method(compiled: Any, instance: Any, owner: Any) -> Any:
    """The compiled method of an instance, or of a class."""
    name = f"_compiled_{compiled.fn.__name__}_{id(compiled):x}"  # a class and its bases may each have one
    found = getattr(instance, "__dict__", {}).get(name)
    if found is None or found.fn.__self__ is not instance:  # it belongs to the instance that this one is a copy of
        found = type(compiled)(compiled.fn.__get__(instance, owner), **compiled.options._asdict())
        if isinstance(instance, type):
            setattr(instance, name, found)
        elif hasattr(instance, "__dict__"):
            instance.__dict__[name] = found
    return found


def restore(kind: type, fn: Callable, options: Any) -> Any:
    """A compiled function from a pickle. A pool sends it with every task: the same one is recorded once in a process."""
    if type(fn) is not types.FunctionType:
        return kind(fn, **options._asdict())
    found = _restored.pop((fn, options), None) or kind(fn, **options._asdict())
    _restored[fn, options] = found
    while len(_restored) > LIMIT:
        del _restored[next(iter(_restored))]
    return found


__all__ = ["method", "restore"]
