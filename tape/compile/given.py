"""What a compiled function does to its caller beside its result: containers that it changes, and errors of its own.

A function gets containers made anew around its arguments. `Given` knows which of the caller's each stands for, and `back` carries what the
function changed of them to the caller's, as running the function itself would. `own_error` tells an error that the function raises whatever
it is given from one that only recording may have caused. Invariant: a container that the function did not change is not touched.
Imports arguments, tape.func.structures. Imported by function.
"""

from __future__ import annotations

import dataclasses
import dis
import os
import sysconfig
from collections.abc import Iterator
from typing import Any

import numpy as np

from tape.compile.arguments import finished, released
from tape.errors import InPlaceError, OverwrittenError
from tape.func.structures import flatten
from tape.tensor import Tensor

MUTATES = "it changes a list, dict or dataclass that it is given, which a replay would not; return the new values instead"
_HOUSE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_TRACING = (os.path.join(_HOUSE, "compile") + os.sep, os.path.join(_HOUSE, "traced.py"))
_LIBRARIES = tuple({os.path.join(sysconfig.get_path(name), "") for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OF_PYTHON = (LookupError, ArithmeticError, NameError)  # errors of plain code that no value makes
_OF_MEMORY = (OverwrittenError, InPlaceError)  # traced values share memory in places where numbers do not
_RAISE = dis.opmap["RAISE_VARARGS"]


class Given:
    """The caller's arguments, and the trees of the same structure that the function gets for them."""

    def __init__(self, theirs: Any, built: Any) -> None:
        every = [] if theirs is None else list(_containers(theirs, built))
        self.pairs = [(a, b, dict(_contents(b))) for a, b in every if not isinstance(a, tuple)]
        if not self.pairs:
            return
        before, _ = flatten(theirs)
        now, _ = flatten(built)
        self.kept = [*zip(before, now, strict=True), *every]  # so that identities stay taken
        self.known = {id(b): a for a, b in self.kept}
        self.tensors = any(isinstance(leaf, Tensor) for leaf in before)

    def changed(self) -> bool:
        """Whether the function changed one of the containers."""
        return any(not _same(dict(_contents(b)), before) for _, b, before in self.pairs)

    def back(self) -> None:
        """Change the caller's containers likewise."""
        for theirs, built, before in self.pairs:
            now = dict(_contents(built))
            if _same(now, before):
                continue
            if isinstance(built, list):
                theirs[:] = [self._theirs(each) for each in built]
            elif isinstance(built, dict):
                made = {key: self._theirs(each) for key, each in built.items()}
                theirs.clear()
                theirs.update(made)
            else:
                for name in before.keys() - now.keys():
                    object.__delattr__(theirs, name)
                for name, each in now.items():
                    if name not in before or before[name] is not each:
                        _put(theirs, name, self._theirs(each))

    def _theirs(self, value: Any) -> Any:
        """A value as it appears to the caller: what stands for something of theirs is that again, what the function made becomes plain."""
        if id(value) in self.known:
            return self.known[id(value)]
        if not isinstance(value, (list, tuple, dict)) and not _is_dataclass(value):
            return finished(released(value), self.tensors)
        if isinstance(value, tuple):
            return tuple.__new__(type(value), [self._theirs(each) for each in value])
        self.known[id(value)] = value
        self.kept.append((value, value))
        for key, each in list(_contents(value)):
            _put(value, key, self._theirs(each))
        return value


def _same(now: dict, before: dict) -> bool:
    return list(now) == list(before) and all(now[key] is before[key] for key in now)


def _is_dataclass(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _put(container: Any, key: Any, value: Any) -> None:
    """Set an item, or the field of a dataclass."""
    if isinstance(container, (list, dict)):
        container[key] = value
    else:
        object.__setattr__(container, key, value)


def _contents(container: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a container, in order."""
    if isinstance(container, (list, tuple)):
        yield from enumerate(container)
    elif isinstance(container, dict):
        yield from container.items()
    else:
        names = [field.name for field in dataclasses.fields(container)]
        names += [name for name in getattr(container, "__dict__", ()) if name not in names]
        yield from ((name, getattr(container, name)) for name in names if hasattr(container, name))


def _containers(theirs: Any, built: Any) -> Iterator[tuple[Any, Any]]:
    """The containers of one tree with those at the same places of the other."""
    if isinstance(theirs, (list, tuple, dict)):
        inside = zip(_contents(theirs), _contents(built), strict=True)
        for (_, a), (_, b) in inside:
            yield from _containers(a, b)
    elif _is_dataclass(theirs) and theirs is not built:
        for name, b in _contents(built):
            yield from _containers(getattr(theirs, name), b)
    else:
        return
    yield theirs, built


def own_error(problem: BaseException) -> bool:
    """Whether the function raises this when it is run by itself, too: it says `raise` in the user's code or in an operation's checks, or
    it is an error of the user's code that no traced value can have caused."""
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    code = trace.tb_frame.f_code
    place, raised = code.co_filename, code.co_code[trace.tb_lasti] == _RAISE
    if place.startswith(_HOUSE):
        return raised and not place.startswith(_TRACING) and not isinstance(problem, _OF_MEMORY) and "Traced" not in str(problem)
    if place.startswith(_LIBRARIES) or place.startswith(os.path.dirname(np.__file__)):
        return False
    return raised or isinstance(problem, _OF_PYTHON)


__all__ = ["Given", "MUTATES", "own_error"]
