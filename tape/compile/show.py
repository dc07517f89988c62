"""A program as readable text: one line a row, with the user's file and line; repeated groups of rows are folded.

`listing(program)` gives the text. Rows are alike when opcode, shape, dtype and the user's line are; where a group of alike rows comes again
and again (a loop that was recorded turn by turn), its first turn is shown with the number of turns, and so are groups of groups.
Imports program. Imported by the front of this package.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from tape.compile.program import Program

_LONGEST = 4096  # rows of a group that repeats
_TRIES = 12  # places at which a group may end
_WIDE = 64


class Group(NamedTuple):
    """`times` turns of `items`, rows or groups themselves; `kind` is equal for what looks alike."""

    kind: tuple
    times: int
    items: tuple[Group | int, ...]


def listing(program: Program, rows: int | None = None, name: str = "program") -> str:
    """The rows of a program as text, groups that repeat shown once.

    rows: so many lines at most; the text says how many are left out.

    >>> print(listing(Program(), name="nothing"))
    nothing: 0 rows, 0 inputs, 0 outputs
    """
    guards = len(list(program.guards()))
    head = f"{name}: {len(program):,} rows, {len(program.inputs)} inputs, {len(program.outputs)} outputs" + f", {guards} guards" * bool(guards)
    outputs = f"outputs {' '.join(f'%{row}' for row in program.outputs)}"
    lines = _lines(program, groups(program), "  ")
    if rows is not None and len(lines) > rows:
        lines = [*lines[:rows], f"  and {len(lines) - rows:,} lines more"]
    return "\n".join([head, *lines, *([f"  {outputs}"] if program.outputs else [])])


def groups(program: Program) -> list[Group | int]:
    """The rows in order, those that repeat as groups."""
    kinds: dict[tuple, int] = {}
    alike = [kinds.setdefault(key, len(kinds)) for key in zip(program.op, program.spec, program.place, strict=True)]
    return _folded([*range(len(program))], alike)


def _folded(items: list[Group | int], alike: list[int]) -> list[Group | int]:
    """Fold until nothing repeats: groups of groups in later walks, groups within a group when it is found."""
    while True:
        fewer = _fold(items, alike)
        if len(fewer) == len(items):
            return items
        items = fewer


def _fold(items: list[Group | int], rows: list[int]) -> list[Group | int]:
    """One walk that takes the shortest group beginning at each item, where folding saves three lines."""
    kinds = [item.kind if isinstance(item, Group) else rows[item] for item in items]
    numbers: dict[object, int] = {}
    alike = [numbers.setdefault(kind, len(numbers)) for kind in kinds]
    following, seen = [len(items)] * len(items), dict[int, int]()
    for k in range(len(items) - 1, -1, -1):
        following[k] = seen.get(alike[k], len(items))
        seen[alike[k]] = k
    found, k = list[Group | int](), 0
    while k < len(items):
        length, times = _repeats(alike, following, k)
        if times > 1:
            kind = tuple(kinds[k : k + length]), times
            found.append(Group(kind, times, tuple(_folded(items[k : k + length], rows))))
            k += length * times
        else:
            found.append(items[k])
            k += 1
    return found


def _repeats(alike: list[int], following: list[int], start: int) -> tuple[int, int]:
    """Length and turns of the shortest group that repeats from here; one turn where none does."""
    end = start
    for _ in range(_TRIES):
        end = following[end]
        length = end - start
        if end >= len(alike) or length > _LONGEST:
            break
        turn, times = alike[start:end], 1
        while alike[start + times * length : start + (times + 1) * length] == turn:
            times += 1
        if (times - 1) * length > 2:
            return length, times
    return 1, 1


def _first(item: Group | int) -> int:
    return _first(item.items[0]) if isinstance(item, Group) else item


def _size(item: Group | int) -> int:
    return item.times * sum(map(_size, item.items)) if isinstance(item, Group) else 1


def _lines(program: Program, items: Sequence[Group | int], indent: str) -> list[str]:
    found = []
    for item in items:
        if isinstance(item, Group):
            first = _first(item)
            found.append(f"{indent}{item.times} times, %{first} to %{first + _size(item) - 1}, the first:")
            found += _lines(program, item.items, indent + "    ")
        else:
            text, _, place = program.line(item).partition("    # ")
            if len(text) > 2 * _WIDE:  # a row of many inputs
                text = f"{text[: _WIDE + 16]} ... {text[-_WIDE // 2 :]}"
            found.append(f"{indent + text:<{_WIDE}}  {_short(place)}".rstrip())
    return found


def _short(place: str) -> str:
    """A file and line from where the user is, where that is shorter."""
    near = os.path.relpath(place) if os.path.isabs(place) else place
    return near if len(near) < len(place) else place
