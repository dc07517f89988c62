"""User Functions inside vmap: by their own `vmap`, or as they are where `generate_vmap_rule` says that their code works so.

`batched(cls, args)` is what `Function.apply` asks while a Batching is open. The Function's `vmap` is called outside the Batching, with Tensors
that have the examples along a dimension, and its outputs are taken apart again; both sides keep their history: an input that the examples share
but that was computed inside is written out for each, for its gradient is.
Imports vmap's rows and structures; imported by tape.autograd.function when first needed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tape.adjoints.examples import collected, examples
from tape.func.structures import flatten
from tape.func.vmap import spread_dims
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import Traced


class VmapInfo(NamedTuple):
    """What a Function's `vmap` is told: the number of examples, and what random numbers are ("error", "different", "same")."""

    batch_size: int
    randomness: str


def batched(cls: Any, args: tuple) -> Any:
    """The outputs of a Function for all examples; NotImplemented where its code does as it is. RuntimeError where it cannot be mapped."""
    batching = STATE.trace
    leaves, structure = flatten(args)
    if not any([isinstance(t, Tensor) and type(t._v) is Traced and t._v.trace.lasting for t in leaves]):
        return NotImplemented
    own = cls.gives("vmap")
    if own and cls.generate_vmap_rule:
        raise RuntimeError(f"{cls.__name__} has both generate_vmap_rule=True and a vmap of its own; keep one")
    if not cls.gives("setup_context"):
        raise RuntimeError(f"{cls.__name__} was called inside vmap, but its forward takes ctx; write forward(*inputs) and setup_context(ctx, inputs, output)")
    if cls.generate_vmap_rule:
        return NotImplemented
    if not own:
        raise RuntimeError(f"{cls.__name__} was called inside vmap; write a static vmap(info, in_dims, *inputs), or set generate_vmap_rule = True")
    if not any([isinstance(t, Tensor) and batching.owns(t._v) for t in leaves]):  # a matter of a vmap around
        return _spread(batching, batching.around(lambda: cls.apply(*args)))
    given, dims = [], []
    for t in leaves:
        inside = isinstance(t, Tensor) and (batching.owns(t._v) or t._t is not None and not batching.outside(t))
        given.append(collected(t, batching, 0) if inside else t)
        dims.append(0 if inside else None)
    made = batching.around(lambda: cls.vmap(VmapInfo(batching.size, batching.randomness), structure.build(dims), *structure.build(given)))
    if not isinstance(made, tuple) or len(made) != 2:
        raise RuntimeError(f"{cls.__name__}.vmap returned {type(made).__name__}; wanted a pair (outputs, out_dims)")
    outputs, outer = flatten(made[0])
    out_dims = spread_dims(made[1], made[0])
    if out_dims is None or any(d is not None and not isinstance(d, int) for d in out_dims):
        raise RuntimeError(f"{cls.__name__}.vmap returned out_dims {made[1]!r}, which do not fit its outputs: {outer}")
    found = []
    for y, dim in zip(outputs, out_dims, strict=True):
        if not isinstance(y, Tensor) or dim is None:
            found.append(_spread(batching, y))
            continue
        if not -y._s.ndim <= dim < y._s.ndim or y._s.shape[dim] != batching.size:
            raise RuntimeError(
                f"{cls.__name__}.vmap returned a tensor of shape {y._s.shape} and out_dims {dim}; there must be {batching.size} examples along that dimension"
            )
        found.append(examples(y, batching, dim % y._s.ndim))
    return outer.build(found)


def _spread(batching: Any, outputs: Any) -> Any:
    """Outputs from outside: each example gets the same, and their gradients are summed."""
    leaves, structure = flatten(outputs)
    return structure.build([batching.inside(y) if isinstance(y, Tensor) else y for y in leaves])


__all__ = ["VmapInfo", "batched"]
