"""Nested arguments and results as a flat list of leaves and a structure that puts them back.

Containers are tuples, named tuples, lists, dicts and dataclasses, subclasses included, nested to any depth; None is a structure
without leaves; anything else is one leaf. `flatten` takes a tree apart, `Structure.build` puts leaves together, `Structure.leaves`
takes another tree apart in the same order, `is_leaf` tells values from other leaves, `transform` maps leaves.
Invariant: equal structures list their leaves in the same order, and neither holds a leaf: a Structure is hashable, picklable
and keeps nothing alive. Knows Tensor as a class only. Imported by tape.func, and by whatever takes nested arguments.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from operator import ne
from typing import Any, NamedTuple

import numpy as np

from tape.tensor import Tensor

VALUES = (Tensor, np.ndarray, np.generic, float, int, complex)  # bool is an int


class Structure(NamedTuple):
    """What remains of a tree without its leaves: compares, hashes and pickles as the tuple it is.

    Dicts keep their order and compare with it; dataclass fields with `metadata={"static": True}` belong to the structure,
    as does the factory of a defaultdict. Dataclasses are put together field by field, without `__init__` and `__post_init__`.
    """

    kind: type | None  # the container's class; NoneType for None; None for a leaf
    names: tuple  # keys of a dict, fields of a dataclass
    static: tuple  # (class, value) of what is neither name nor child
    children: tuple[Structure, ...]
    count: int  # of leaves

    def build(self, leaves: Sequence[Any]) -> Any:
        """The tree of this structure with these leaves. ValueError for another number of leaves.

        >>> from tape.func.structures import flatten
        >>> leaves, structure = flatten({"a": 1.0, "b": (2.0, [3.0])})
        >>> structure.build([x * 10 for x in leaves])
        {'a': 10.0, 'b': (20.0, [30.0])}
        """
        if len(leaves) != self.count:
            raise ValueError(f"{len(leaves)} leaves were given for a structure of {self.count}: {self}")
        return _build(self, iter(leaves))

    def builder(self) -> Callable[[Sequence[Any]], Any]:
        """`build` for so many leaves as there are, written out where all containers are tuples, lists and dicts.

        >>> from tape.func.structures import flatten
        >>> flatten((1.0, [2.0, {"a": 3.0}]))[1].builder()((5.0, 6.0, 7.0))
        (5.0, [6.0, {'a': 7.0}])
        """
        known: dict[str, Any] = {}
        text = _builder(self, count(), known)
        return self.build if text is None else eval(f"lambda given: {text}", known)  # type: ignore[no-any-return]

    def leaves(self, tree: Any) -> list:
        """The leaves of a tree of this structure, in this structure's order, whatever the order of its dicts.

        ValueError, naming the first difference, if the tree has another structure.
        """
        found: list = []
        _match(self, tree, "", found)
        return found

    def paths(self) -> list[str]:
        """How to reach each leaf, as Python would write it: "['a'][0].x"; "" for a lone leaf."""
        found: list[str] = []
        _paths(self, "", found)
        return found

    def __repr__(self) -> str:
        return _text(self)


def _builder(structure: Structure, numbers: Iterator[int], known: dict[str, Any]) -> str | None:
    """An expression for a tree whose leaves are `given`; None where a container is not one of Python's own."""
    kind = structure.kind
    if kind is None:
        return f"given[{next(numbers)}]"
    if kind is type(None):
        return "None"
    parts = [_builder(child, numbers, known) for child in structure.children]
    if None in parts or kind not in (tuple, list, dict):
        return None
    if kind is dict:
        keys = [f"key{len(known) + k}" for k in range(len(parts))]
        known.update(zip(keys, structure.names, strict=True))
        return f"{{{', '.join(f'{key}: {part}' for key, part in zip(keys, parts, strict=True))}}}"
    inside = "".join(f"{part}, " for part in parts)
    return f"({inside})" if kind is tuple else f"[{inside}]"


_PLAIN = frozenset((Tensor, np.ndarray, float, int))  # leaves at first sight
LEAF = Structure(None, (), (), (), 1)
NOTHING = Structure(type(None), (), (), (), 0)


def is_leaf(value: Any) -> bool:
    """Whether this is a value to compute with: a Tensor, an ndarray or a number (NumPy's included)."""
    return isinstance(value, VALUES)


def flatten(tree: Any) -> tuple[list, Structure]:
    """The leaves of a tree from left to right, and its structure; `structure.build(leaves)` is the tree again.

    >>> from tape.func.structures import flatten
    >>> flatten({"a": 1.0, "b": (2.0, None)})
    ([1.0, 2.0], {'a': *, 'b': (*, None)})
    """
    leaves: list = []
    return leaves, _take(tree, leaves)


def follow(structure: Structure, tree: Any, leaves: list) -> bool:
    """Whether a tree has exactly this structure; its leaves are appended. Makes nothing else, so it costs less than `flatten`."""
    kind: Any = structure.kind
    if kind is None:
        if type(tree) not in _PLAIN and (tree is None or _parts(tree) is not None):
            return False
        leaves.append(tree)
        return True
    if type(tree) is not kind:
        return False
    values: Any = tree
    if kind is dict:
        if len(tree) != len(structure.names) or any(map(ne, tree, structure.names)):
            return False
        values = tree.values()
    elif tree is None:
        return True
    elif kind is not list and kind is not tuple:
        names, values, static = _parts(tree)  # type: ignore[misc]
        if names != structure.names or static != structure.static:
            return False
    if len(values) != len(structure.children):
        return False
    for child, value in zip(structure.children, values, strict=True):
        if not follow(child, value, leaves):
            return False
    return True


def transform(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with `function` applied to every leaf."""
    leaves, structure = flatten(tree)
    return structure.build([function(leaf) for leaf in leaves])


def _take(tree: Any, leaves: list) -> Structure:
    kind = type(tree)
    if kind in _PLAIN:
        leaves.append(tree)
        return LEAF
    if tree is None:
        return NOTHING
    parts = _parts(tree)
    if parts is None:
        leaves.append(tree)
        return LEAF
    names, values, static = parts
    before = len(leaves)
    children = tuple([_take(value, leaves) for value in values])
    return tuple.__new__(Structure, (kind, names, static, children, len(leaves) - before))


def _parts(tree: Any) -> tuple[tuple, Any, tuple] | None:
    """Names, values and static parts of a container; None for anything else."""
    if isinstance(tree, (tuple, list)):
        return (), tree, ()
    if isinstance(tree, dict):
        static = ((type(tree.default_factory), tree.default_factory),) if isinstance(tree, defaultdict) else ()
        return tuple(tree), tree.values(), static
    if not isinstance(tree, VALUES) and dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        names, fixed = _fields(type(tree))
        static = tuple((type(value), value) for value in (getattr(tree, name) for name in fixed))
        return names, [getattr(tree, name) for name in names], static
    return None


def _fields(kind: Any) -> tuple[tuple, tuple]:
    """Names of the fields of a dataclass that hold children, and of those that are static."""
    fields = dataclasses.fields(kind)
    return tuple(f.name for f in fields if not f.metadata.get("static")), tuple(f.name for f in fields if f.metadata.get("static"))


def _build(structure: Structure, leaves: Any) -> Any:
    kind: Any = structure.kind
    if kind is None:
        return next(leaves)
    if kind is type(None):
        return None
    values = [_build(child, leaves) for child in structure.children]
    if issubclass(kind, tuple):
        return tuple.__new__(kind, values)
    if kind is list:
        return values
    made = kind.__new__(kind)
    if issubclass(kind, list):
        list.extend(made, values)
    elif issubclass(kind, dict):
        made.update(zip(structure.names, values, strict=True))
        if issubclass(kind, defaultdict):
            made.default_factory = structure.static[0][1]
    else:
        for name, value in zip(structure.names, values, strict=True):
            object.__setattr__(made, name, value)  # frozen dataclasses as well
        for name, (_, value) in zip(_fields(kind)[1], structure.static, strict=True):
            object.__setattr__(made, name, value)
    return made


def _match(structure: Structure, tree: Any, path: str, found: list) -> None:
    where = f" at {path}" if path else ""
    if structure.kind is None:
        if tree is None or _parts(tree) is not None:
            raise ValueError(f"got a {type(tree).__name__}{where}; wanted one value there")
        found.append(tree)
        return
    if type(tree) is not structure.kind:
        wanted = "None" if structure.kind is type(None) else f"a {structure.kind.__name__}"
        raise ValueError(f"got a {type(tree).__name__}{where}; wanted {wanted} there: {structure}")
    parts = _parts(tree)
    if parts is None:
        return
    names, values, static = parts
    if structure.names and not issubclass(structure.kind, dict) and static != structure.static:
        raise ValueError(f"static fields of {type(tree).__name__}{where} are {static}; wanted {structure.static}")
    if set(names) != set(structure.names):
        raise ValueError(f"got the keys {list(names)}{where}; wanted {list(structure.names)}")
    if len(values) != len(structure.children):
        raise ValueError(f"got {len(values)} entries{where}; wanted {len(structure.children)}: {structure}")
    if names and names != structure.names:
        values = [tree[name] for name in structure.names]
    for step, child, value in zip(_steps(structure), structure.children, values, strict=True):
        _match(child, value, path + step, found)


def _steps(structure: Structure) -> list[str]:
    if not structure.names:
        return [f"[{i}]" for i in range(len(structure.children))]
    if issubclass(structure.kind, dict):  # type: ignore[arg-type]
        return [f"[{name!r}]" for name in structure.names]
    return [f".{name}" for name in structure.names]


def _paths(structure: Structure, path: str, found: list[str]) -> None:
    if structure.kind is None:
        found.append(path)
    for step, child in zip(_steps(structure), structure.children, strict=True):
        _paths(child, path + step, found)


def _text(structure: Structure) -> str:
    kind = structure.kind
    if kind is None:
        return "*"
    if kind is type(None):
        return "None"
    inside = [_text(child) for child in structure.children]
    if kind is tuple:
        return f"({', '.join(inside)}{',' * (len(inside) == 1)})"
    if kind is list:
        return f"[{', '.join(inside)}]"
    if issubclass(kind, dict):
        text = "{" + ", ".join(f"{name!r}: {part}" for name, part in zip(structure.names, inside, strict=True)) + "}"
        return text if kind is dict else f"{kind.__name__}({text})"
    names = structure.names or getattr(kind, "_fields", ())
    return f"{kind.__name__}({', '.join([f'{n}={p}' for n, p in zip(names, inside, strict=True)] if names else inside)})"


__all__ = ["LEAF", "NOTHING", "Structure", "flatten", "follow", "is_leaf", "transform"]
