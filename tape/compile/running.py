"""Runs a function once on traced values: what a program is made of.

`try_traced(fn, signature, leaves, arguments, ...)` gives the recording, the leaves of the result and the state outside, or why there can be none.
Invariant: afterwards arguments and captured Tensors have the values that they had, or what the function itself wrote.
Imports recording, lifting, given, outside. Imported by function, differentiable.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tape.compile.given import MUTATES, Given, own_error
from tape.compile.lifting import lifting
from tape.compile.outside import Watch
from tape.compile.recording import Recording, Refused
from tape.compile.signature import Signature
from tape.func.structures import Structure, flatten
from tape.state import change
from tape.tensor import Tensor, wrap


def try_traced(fn: Callable, *args: Any) -> tuple[Recording, list, Structure, Any] | str:
    """`run_traced`, or why the function fails when it is given traced values: it might not with plain ones. Its own errors pass."""
    try:
        return run_traced(fn, *args)
    except Refused as problem:
        return str(problem)
    except Exception as problem:
        if own_error(problem):
            raise
        return f"it fails while it is recorded, and not by itself: {type(problem).__name__}: {problem}"


def run_traced(
    fn: Callable,
    signature: Signature,
    leaves: list,
    arguments: list[np.ndarray],
    chosen: Sequence[int] = (),
    captured: Sequence[Tensor] = (),
    theirs: Any = None,
) -> tuple[Recording, list, Structure, Any]:
    """Run the function once with its arguments traced, those `chosen` and the `captured` as leaves that require grad; what the
    recording saw, the leaves of its result and the state outside. The values of the captured are the last arguments; `theirs` are the
    caller's, whose containers follow what the function changed unless it will run once more to be differentiated."""
    recording = Recording()
    watch = Watch(fn, [leaf for leaf, kind in zip(leaves, signature.kinds, strict=True) if kind[0] == "static"])
    before = change(place=None)
    try:
        with recording:
            dynamic, inputs = [wrap(recording.input(a)) for a in arguments], []
            given_for = iter(dynamic)
            for leaf, kind in zip(leaves, signature.kinds, strict=True):
                x = leaf if kind[0] == "static" else inputs[kind[1]] if kind[0] == "same" else next(given_for)
                if kind[0] == "tensor":
                    x.__class__ = kind[3]  # of a Parameter, say
                    x.requires_grad_(kind[2])
                inputs.append(x)
            recording.leaves = [*(dynamic[k] for k in chosen), *captured]
            args, kwargs = built = signature.structure.build(inputs)
            given = Given(theirs, built)
            try:
                with watch:
                    lifted = [t for t in (*signature.lifted, *watch.heavy()) if not any(t is each for each in captured)]
                    with lifting(recording, lifted, captured, dynamic[len(dynamic) - len(captured) :]):
                        recording.borrowed = [x._v for x, leaf in zip(inputs, leaves, strict=True) if isinstance(leaf, Tensor)]
                        recording.borrowed += [t._v for t in captured]
                        result, shape = flatten(fn(*args, **kwargs))
                        result = [t.view_as(t) if any(t is each for each in (*lifted, *captured)) else t for t in result]
            except Exception as problem:
                if own_error(problem):
                    given.back()
                raise
    finally:
        change(**before)
    if any(hasattr(x, "_gradient") or hasattr(x, "_hooks") for x in dynamic):
        recording.refuse("it leaves a hook on one of its arguments, or a gradient in its .grad")
    if given.changed():
        recording.refuse(MUTATES)
        if not recording.leaves:
            given.back()
    watch.saw({place[0] for place in recording.program.place if place is not None})
    return recording, result, shape, watch.snapshot([*lifted, *captured])


__all__ = ["try_traced"]
