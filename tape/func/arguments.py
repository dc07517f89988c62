"""What transforms are given and what functions return, checked and taken apart: positions, leaves, outputs, auxiliary values.

`choose` picks the arguments to differentiate and makes Tensors of their leaves, `Chosen.put` puts others in their place; `like`
matches tangents or cotangents to Tensors; `outputs` and `pair` take results apart. Invariant: arguments that are not
differentiated, and keyword arguments, reach the function as they were given.
Imports structures and creation; imported by the transforms of tape.func.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tape.func.structures import Structure, flatten, is_leaf
from tape.functions.creation import tensor
from tape.tensor import Tensor


class Chosen(NamedTuple):
    """The leaves of the arguments to differentiate, and how arguments and results are put together."""

    args: tuple
    positions: tuple[int, ...]
    structure: Structure  # of one argument, or of the tuple of several
    leaves: list[Tensor]
    several: bool

    def put(self, leaves: Sequence[Any]) -> list:
        """All arguments, with these leaves in the place of the chosen ones."""
        tree = self.structure.build(leaves)
        found = list(self.args)
        for position, value in zip(self.positions, tree if self.several else (tree,), strict=True):
            found[position] = value
        return found


def choose(name: str, args: tuple, argnums: Any, forward: bool = False) -> Chosen:
    """The arguments at `argnums`, an int or a tuple of ints, with Tensors as leaves.

    RuntimeError for a wrong `argnums` and for leaves that are not floating (ValueError in forward mode, as in PyTorch), ValueError for
    leaves that are no values.
    """
    several = isinstance(argnums, tuple)
    given = argnums if several else (argnums,)
    if not given:
        raise RuntimeError(f"{name}: argnums is empty; give the position of at least one argument")
    if not all(isinstance(n, int) and not isinstance(n, bool) for n in given):
        raise RuntimeError(f"{name}: argnums is {argnums!r}; wanted an int or a tuple of ints")
    for n in given:
        if not -len(args) <= n < len(args):
            raise RuntimeError(f"{name}: argnums asks for argument {n}, but only {len(args)} positional arguments were given")
    positions = tuple(n % len(args) for n in given)
    if len(set(positions)) < len(positions):
        raise RuntimeError(f"{name}: argnums is {argnums!r}, which names an argument twice; name each once")
    tree = tuple(args[n] for n in positions) if several else args[positions[0]]
    leaves, structure = flatten(tree)
    return Chosen(args, positions, structure, variables(name, leaves, structure, positions, several, forward), several)


def variables(
    name: str, leaves: list, structure: Structure, positions: tuple[int, ...], several: bool, forward: bool
) -> list[Tensor]:
    """The leaves as Tensors of floating dtype; arrays and numbers are copied."""
    found = []
    for place, leaf in enumerate(leaves):
        if isinstance(leaf, Tensor):
            made = leaf
        elif is_leaf(leaf):
            made = tensor(leaf)
        else:
            raise ValueError(
                f"{name}: {_where(structure, place, positions, several)} is a {type(leaf).__name__}; wanted a Tensor, an array or a number: what is "
                "not to be differentiated goes into another argument, or into a dataclass field with metadata={'static': True}"
            )
        if not (made.is_floating_point() or made.is_complex()):
            raise (ValueError if forward else RuntimeError)(
                f"{name}: {_where(structure, place, positions, several)} has dtype {made.dtype}; only floating values can be differentiated: convert it "
                "with .double() or float(), or leave it out of argnums"
            )
        found.append(made)
    return found


def _where(structure: Structure, place: int, positions: tuple[int, ...], several: bool) -> str:
    """Which argument a leaf belongs to, and where in it: "argument 0['w']"."""
    path = structure.paths()[place]
    if not several:
        return f"argument {positions[0]}{path}"
    number, _, rest = path[1:].partition("]")
    return f"argument {positions[int(number)]}{rest}"


def pair(name: str, result: Any, has_aux: bool) -> tuple[Any, Any]:
    """Output and auxiliary value of a function, None for the latter without `has_aux`."""
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError(
            f"{name}: with has_aux=True the function must return a pair (output, aux); it returned {_described(result)}"
        )
    return result


def outputs(name: str, result: Any) -> tuple[list[Tensor], Structure]:
    """The Tensors that a function returned. RuntimeError for anything else among them, and for none at all."""
    leaves, structure = flatten(result)
    for path, leaf in zip(structure.paths(), leaves, strict=True):
        if not isinstance(leaf, Tensor):
            place = f" at {path}" if path else ""
            raise RuntimeError(
                f"{name}: the function returned {_described(leaf)}{place}; wanted Tensors only, computed from its arguments"
            )
    if not leaves:
        raise RuntimeError(f"{name}: the function returned {_described(result)}, which holds no Tensor; wanted at least one")
    return leaves, structure


def scalar(name: str, result: Any) -> Tensor:
    """The one 0-d Tensor that a function must return to have a gradient."""
    if not isinstance(result, Tensor):
        raise RuntimeError(f"{name}: the function returned {_described(result)}; wanted a 0-d Tensor computed from its arguments")
    if result.ndim:
        raise RuntimeError(
            f"{name}: the function returned a Tensor of shape {tuple(result.shape)}; a gradient wants a 0-d Tensor: reduce it, or use vjp or jacrev"
        )
    if result.is_complex():
        raise RuntimeError(f"{name}: the function returned a complex Tensor; a gradient wants a real one: take .real or .abs(), or use vjp")
    return result


def like(name: str, what: str, given: Any, structure: Structure, wanted: Sequence[Tensor]) -> list[Tensor]:
    """Tangents or cotangents as Tensors of the shapes and dtypes of `wanted`. RuntimeError for another structure or shape."""
    try:
        leaves = structure.leaves(given)
    except ValueError as error:
        raise RuntimeError(f"{name}: the {what} must have the structure {structure}: {error}") from None
    found = []
    for path, leaf, t in zip(structure.paths(), leaves, wanted, strict=True):
        place = f" at {path}" if path else ""
        if not is_leaf(leaf):
            raise RuntimeError(f"{name}: the {what}{place} hold {_described(leaf)}; wanted a Tensor, an array or a number")
        made = leaf if isinstance(leaf, Tensor) else tensor(leaf)
        if made.shape != t.shape:
            raise RuntimeError(f"{name}: the {what}{place} have shape {tuple(made.shape)}; wanted {tuple(t.shape)}")
        found.append(made if made.dtype == t.dtype else made.to(t.dtype))
    return found


def _described(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    kind = type(value).__name__
    return f"a {kind} of {len(value)} entries" if isinstance(value, (tuple, list, dict)) else f"a {kind}"


__all__ = ["Chosen", "choose", "like", "outputs", "pair", "scalar"]
