"""What is kept for one kind of arguments of a compiled function, and how functions are compiled.

`Signature` holds the variants and families recorded, the reasons to run the function itself, and the story of misses; `Options` are what
`tape.compile` was told. Invariant: the variant used last stands in front. Imports variant. Imported by function, differentiable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tape import kinks
from tape.compile.arguments import is_of, kinds_of
from tape.compile.variant import Variant
from tape.func.structures import Structure, follow
from tape.tensor import Tensor

LIMIT = 64  # programs a signature keeps


class Options(NamedTuple):
    """How a function is compiled; see `tape.compile`."""

    native: bool = True
    threads: int | None = None
    audit: bool = False
    relaxed: bool = False
    passes: tuple[str, ...] = ()
    limit: int = LIMIT


class Signature:
    """What is kept for one kind of arguments: variants, the one used last in front, and the story of misses."""

    def __init__(self, structure: Structure, kinds: tuple, kink: str) -> None:
        self.structure, self.kinds, self.kink = structure, kinds, kink
        self.several = sum(kind[0] in ("tensor", "same") for kind in kinds) > 1  # Tensors, of which two may be one
        self.variants: list[Variant] = []
        self.families: list[Any] = []  # where arguments require grad; see differentiable
        self.eager: list[str] = []  # reasons to run the function itself
        self.misses: dict[str, int] = {}  # guard, as the user knows it -> how often it missed
        self.running_misses = 0
        self.recordings = self.unsettled = 0
        self.onwards = False  # whether a captured Tensor had a history of its own at the last call
        self.captured: list[Tensor] | None = None  # leaves that require grad among what the function captured, once looked for
        self.lifted: list[Tensor] = []  # captured Tensors whose values changed: read anew at each replay
        self.changes = 0  # recordings running that a change outside made necessary

    def fits(self, tree: Any, leaves: list) -> bool:
        """Whether arguments are of this kind; their leaves are appended."""
        if self.kink != kinks.current().name or not follow(self.structure, tree, leaves):
            return False
        return kinds_of(leaves) == self.kinds if self.several else all(map(is_of, leaves, self.kinds))

    def programs(self) -> Iterator[Variant]:
        """Everything recorded: variants, and where arguments require grad each function of a family up to its highest derivative."""
        yield from self.variants
        for family in self.families:
            level = family.lowest
            while level is not None:
                yield level.variant
                level = level.above


__all__ = ["LIMIT", "Options", "Signature"]
