"""Random numbers inside a vmap: an error, different ones for each example, or the same for all, as `randomness` says.

`Draws` stands between a Generator and NumPy's stream while a Batching is open (`STATE.draws`): `numbers(stream)` gives the stream itself, or
one that draws for every example. Functions that are called example by example draw in each call. Imports state; imported by batching.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

ONCE = -1  # `example` while a function runs once, for all examples


class Drawn(RuntimeError):
    """A function that was to be called once draws numbers that differ between examples: it has to be called for each."""


class Draws:
    """What one Batching makes of random numbers. `example` is the one for which a function is being called, ONCE, or None."""

    __slots__ = ("batching", "around", "example", "_starts", "_begun")

    def __init__(self, batching: Any, around: Draws | None) -> None:
        self.batching, self.around = batching, around
        self.example: int | None = None
        self._starts: dict[int, Any] = {}
        self._begun: set[int] = set()

    def begin(self, example: int | None) -> None:
        """The next call is for this example."""
        self.example = example
        self._begun.clear()
        if not example:
            self._starts.clear()

    def numbers(self, stream: np.random.Generator) -> Any:
        """Where numbers are to be drawn from instead of `stream`. RuntimeError where that is an error."""
        mode = self.batching.randomness
        if mode == "error":
            raise RuntimeError(
                'random numbers inside vmap; say randomness="different" for numbers of each example\'s own, or "same" for those of one example'
            )
        below = stream if self.around is None else self.around.numbers(stream)
        if self.example is not None and self.example >= 0:
            if mode == "same":
                self._again(stream)
            return below
        if mode == "same":
            return below
        if self.example == ONCE:
            raise Drawn
        return Streams(self.batching, below)

    def _again(self, stream: np.random.Generator) -> None:
        """Let each example see the stream as the first one saw it."""
        key = id(stream)
        if key in self._begun:
            return
        self._begun.add(key)
        if self.example:
            stream.bit_generator.state = self._starts[key]
        else:
            self._starts[key] = stream.bit_generator.state


class Streams:
    """A stream as NumPy's, whose methods draw for every example."""

    def __init__(self, batching: Any, stream: Any) -> None:
        self._batching, self._stream = batching, stream

    def __getattr__(self, name: str) -> Callable[..., Any]:
        draw, batching = getattr(self._stream, name), self._batching

        def drawn(*args: Any, **kwargs: Any) -> Any:
            found = [draw(*args, **kwargs) for _ in range(batching.size or 1)]
            return batching.made(batching.run(np.stack, found)[: batching.size])

        return drawn


__all__ = ["ONCE", "Drawn", "Draws"]
