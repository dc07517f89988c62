"""A function evaluated once at chosen arguments, ready to be pulled back through, and pushed forward by pulling back twice.

`Pullback` holds outputs and auxiliary values of the evaluation; `pull` gives gradients for one set of cotangents, `push` tangents of
the outputs for one set of tangents: the pullback is linear in its cotangents, so its own pullback is the pushforward
(J. Townsend, "A new trick for calculating Jacobian vector products", 2017).
Invariant: what `value`, `aux`, `pull` and `push` give is released from the level; `outputs` are not. Imported by the transforms of
tape.func.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tape.autograd import grad
from tape.func import arguments
from tape.func.arguments import Chosen
from tape.func.levels import Level, no_inference
from tape.func.structures import flatten
from tape.functions.creation import ones_like, zeros_like
from tape.tensor import Tensor


class Pullback:
    """`func` at the chosen arguments: its outputs with their history, and sweeps over it that leave it as it is."""

    def __init__(self, name: str, func: Callable, chosen: Chosen, kwargs: dict, has_aux: bool) -> None:
        self.level = Level()
        with self.level as level:
            variables = level.start(chosen.leaves)
            result, aux = arguments.pair(name, func(*chosen.put(variables), **kwargs), has_aux)
            self.outputs, self.structure = arguments.outputs(name, result)
            level.settle(self.outputs, name)
            self.aux = freed(level, aux)
        level.keep(self.outputs)
        self.weights: list[Tensor] = []  # cotangents of the outputs, variables themselves
        self.back: list[tuple[int, Tensor]] = []  # the gradients that depend on them, by position

    def value(self) -> Any:
        """What the function returned."""
        with no_inference():
            return self.structure.build(self.level.release(self.outputs, self.level.linked))

    def pull(
        self, outputs: Sequence[Tensor], cotangents: Sequence[Tensor], retain: bool = True, create_graph: bool | None = None
    ) -> list[Tensor]:
        """The gradient of every input, for cotangents of some outputs."""
        with no_inference():
            create = self.level.graph_for(cotangents) if create_graph is None else create_graph
            return self.level.release(self.level.pull(outputs, cotangents, retain or create, create), create)

    def push(self, tangents: Sequence[Tensor]) -> list[Tensor]:
        """The tangent of every output, for tangents of all inputs."""
        live = [y for y in self.outputs if y.requires_grad]
        if live and not self.weights:
            self._prepare(live)
        with no_inference():
            found: list[Tensor | None] = [None] * len(live)
            create = self.level.graph_for(tangents)
            if self.back:
                pulled, weights = [g for _, g in self.back], [tangents[i] for i, _ in self.back]
                found = list(grad(pulled, self.weights, weights, retain_graph=True, create_graph=create, allow_unused=True))
            following = iter(found)
            pushed = [next(following) if y.requires_grad else None for y in self.outputs]
            return self.level.release(
                [zeros_like(y) if t is None else t for t, y in zip(pushed, self.outputs, strict=True)], create
            )

    def _prepare(self, live: list[Tensor]) -> None:
        """Record the pullback as a function of its cotangents. At one, not zero: a zero would hide partials that are not finite."""
        with self.level as level:
            self.weights = [level.variable(ones_like(y)) for y in live]
            back = grad(live, level.variables, self.weights, create_graph=True, allow_unused=True) if level.variables else ()
            self.back = [(i, g) for i, g in enumerate(back) if g is not None and g.requires_grad]


def freed(level: Level, tree: Any) -> Any:
    """A tree whose Tensors carry no trace of the level; other leaves as they are."""
    leaves, structure = flatten(tree)
    places = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]
    for i, t in zip(places, level.release([leaves[i] for i in places], level.ambient), strict=True):
        leaves[i] = t
    return structure.build(leaves)


__all__ = ["Pullback", "freed"]
