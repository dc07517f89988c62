"""The steps of a native program that are no loop nests: scalar runs, products, known calls, rows for Python.

Invariant: a step says which rows it computes, not where they lie. Imported by plan and emit.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Run:
    """A scalar run: rows in ascending order. `reads`: the rows behind what it reads of others."""

    rows: list[int]
    reads: set[int] = field(default_factory=set)


@dataclass
class Product:
    """A matrix product."""

    row: int


@dataclass
class Known:
    """A call that machine code makes."""

    row: int


@dataclass
class Step:
    """A row that Python runs."""

    row: int
