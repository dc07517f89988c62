"""PyTorch's autograd: `backward` accumulates into leaves, `grad` returns gradients; grad modes, anomaly detection, graph, checks.

The functions here validate what the user gave and turn it into roots, cotangents and targets for tape/autograd/engine.
Invariant: nothing is closed, freed or written before every argument has been checked.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tape.autograd import forward_ad as forward_ad
from tape.autograd import functional as functional
from tape.autograd import graph as graph
from tape.autograd import profiler as profiler
from tape.autograd.anomaly_mode import detect_anomaly as detect_anomaly
from tape.autograd.anomaly_mode import set_detect_anomaly as set_detect_anomaly
from tape.autograd.engine import Target, at_once, run
from tape.autograd.function import Function as Function
from tape.autograd.function import NestedIOFunction as NestedIOFunction
from tape.autograd.grad_mode import enable_grad as enable_grad
from tape.autograd.grad_mode import enforce_grad_layout_policy as enforce_grad_layout_policy
from tape.autograd.grad_mode import inference_mode as inference_mode
from tape.autograd.grad_mode import is_multithreading_enabled as is_multithreading_enabled
from tape.autograd.grad_mode import no_grad as no_grad
from tape.autograd.grad_mode import set_grad_enabled as set_grad_enabled
from tape.autograd.grad_mode import set_multithreading_enabled as set_multithreading_enabled
from tape.autograd.gradcheck import gradcheck as gradcheck
from tape.autograd.gradcheck import gradgradcheck as gradgradcheck
from tape.autograd.graph import GradientEdge, as_tensor, stands
from tape.autograd.saved import SavedTensor as SavedTensor
from tape.autograd.variable import Variable as Variable
from tape.columns import Tape, enter, open_tape
from tape.errors import NotRecordedError, ShapeError
from tape.record import cast
from tape.tensor import Tensor, wrap
from tape.warned import warn_once


def variable(*args: Any, **kwargs: Any) -> Tensor:
    """RuntimeError: `tape.tensor` has taken its place."""
    raise RuntimeError("autograd.variable(...) is no more; write tensor(...)")


variable.Variable = Variable  # type: ignore[attr-defined]


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    grad_variables: Any = None,
    inputs: Any = None,
) -> None:
    """Add the gradient of `tensors`, weighted by `grad_tensors`, to the `.grad` of every leaf they depend on, or of `inputs` only.

    tensors: a Tensor, a GradientEdge or a sequence of them; grad_tensors: matching Tensors (None for one-element tensors).
    retain_graph keeps saved values for another pass (default: create_graph); create_graph records the pass itself.
    RuntimeError for a missing or misshaped gradient, a tensor without history, rows already used up, or empty inputs.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> tape.autograd.backward((x * x).sum())
    >>> x.grad
    tensor([2., 4.])
    """
    if grad_variables is not None:
        warnings.warn("grad_variables is the old name of grad_tensors; use that", FutureWarning, stacklevel=2)
        if grad_tensors is not None:
            raise RuntimeError("both grad_tensors and grad_variables were given; give grad_tensors only")
        grad_tensors = grad_variables
    outputs = _sequence(tensors)
    targets = None
    if inputs is not None:
        chosen = _sequence(inputs)
        if not chosen:
            raise RuntimeError("inputs= is empty; give at least one Tensor, or None for every leaf")
        targets = [_target(t, "backward") for t in chosen]
    if not outputs:
        return
    if create_graph:
        _remember_cycle()
    roots, cotangents = _roots(outputs, _sequence(grad_tensors) if grad_tensors is not None else [None] * len(outputs), create_graph)
    retain = create_graph if retain_graph is None else retain_graph
    run(roots, cotangents, targets, retain, create_graph, accumulate=True)


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> Any:
    """The gradients of `outputs`, weighted by `grad_outputs`, with respect to `inputs`: a tuple, or a dict if inputs is one.

    Never touches `.grad`. An input that the outputs do not depend on is an error, None with allow_unused=True, or zeros with
    materialize_grads=True. is_grads_batched: each grad_output has a leading batch dimension, and so has each result.
    RuntimeError as for `backward`, and for an input that does not require grad.

    >>> import tape
    >>> x = tape.tensor(2.0, requires_grad=True)
    >>> tape.autograd.grad(x**3, x)
    (tensor(12.),)
    """
    if materialize_grads and allow_unused is False:
        raise ValueError("allow_unused=False with materialize_grads=True; zeros can only be given where unused inputs are allowed")
    if not only_inputs:
        warnings.warn("only_inputs is ignored and True; to accumulate gradients in other leaves use backward()", FutureWarning, stacklevel=2)
    keys = list(inputs) if isinstance(inputs, dict) else None
    chosen = list(inputs.values()) if isinstance(inputs, dict) else _sequence(inputs)
    if not chosen:
        raise NotRecordedError("grad of no inputs; give at least one Tensor")
    retain = create_graph if retain_graph is None else retain_graph
    plain = grad_outputs is None and not create_graph and not is_grads_batched
    quick = at_once(outputs, chosen, retain) if plain else True
    found = quick if type(quick) is list else _swept(outputs, chosen, grad_outputs, retain, create_graph, is_grads_batched, quick is True)
    for position, (t, g) in enumerate(zip(chosen, found, strict=True)):
        if g is not None:
            if isinstance(t, Tensor) and g._s.dtype != t._s.dtype or hasattr(t, "_grad_dtype"):
                wanted = getattr(t, "_grad_dtype", t._s.dtype)
                found[position] = g if wanted is None else cast(g, wanted)
        elif materialize_grads:
            if not isinstance(t, Tensor):
                raise RuntimeError(f"input {position} is a GradientEdge that the outputs do not use: its shape is not known, so zeros cannot be given")
            zeros = wrap(np.zeros(t._s.shape, t._s.dtype))
            found[position] = zeros.requires_grad_() if create_graph else zeros
        elif not allow_unused:
            raise NotRecordedError(
                f"input {position} (of {len(chosen)}) was not used in computing the outputs; pass allow_unused=True to get None for it, or "
                "materialize_grads=True to get zeros"
            )
    return dict(zip(keys, found, strict=True)) if keys is not None else tuple(found)


def _remember_cycle() -> None:
    """Warn that a gradient with history may keep its leaf alive."""
    warn_once(
        "backward(create_graph=True) leaves gradients with history in .grad, which may keep what they were computed from alive; prefer "
        "autograd.grad, or reset .grad to None afterwards",
        stacklevel=3,
    )


def _swept(outputs: Any, chosen: list, grad_outputs: Any, retain: bool, create_graph: bool, batched: bool, short: bool) -> list:
    """The gradients for `grad`, whatever was given."""
    targets = [_target(t, "grad") for t in chosen]
    results = _sequence(outputs)
    weights = _sequence(grad_outputs) if grad_outputs is not None else [None] * len(results)
    if not results:
        return [None] * len(targets)
    if batched:
        return _batched(results, weights, targets, retain, create_graph)
    roots, cotangents = _roots(results, weights, create_graph)
    return run(roots, cotangents, targets, retain, create_graph, False, short)


def _sequence(given: Any) -> list:
    if isinstance(given, (Tensor, GradientEdge)):
        return [given]
    if isinstance(given, dict):
        return list(given.values())
    if isinstance(given, Sequence) or hasattr(given, "__iter__"):
        return list(given)
    raise TypeError(f"got {type(given).__name__}; wanted a Tensor or a sequence of Tensors")


def _target(t: Any, caller: str) -> Target:
    if isinstance(t, GradientEdge):
        return Target(None, *stands(t)) if t.node._leaf is None else Target(t.node._leaf, None, 0)
    if not isinstance(t, Tensor):
        raise RuntimeError(f"{caller}: an input is {type(t).__name__}; wanted a Tensor or a GradientEdge")
    if t._t is None:
        raise NotRecordedError(f"{caller}: an input of shape {t._s.shape} does not require grad; call requires_grad_() before using it")
    return Target.of(t)


def _roots(outputs: list, weights: list, create_graph: bool) -> tuple[list[tuple[Tape, int]], list[Tensor]]:
    """Rows and checked cotangents of the outputs; outputs that need no gradient are left out if others do."""
    for g in weights:
        if g is not None and not isinstance(g, Tensor):
            raise TypeError(f"a gradient is {type(g).__name__}; wanted a Tensor or None")
    if len(weights) != len(outputs):
        raise RuntimeError(f"{len(outputs)} outputs but {len(weights)} gradients; give one for each (None for a one-element output)")
    roots, cotangents = [], []
    for t, g in zip(outputs, weights, strict=True):
        if isinstance(t, GradientEdge):
            t = as_tensor(t)
            if not hasattr(t, "_s"):  # somebody put it together: nothing says what shape its gradient has, which compiled code relies on
                t._t.plain = True
        elif not isinstance(t, Tensor):
            raise AssertionError(f"an output is {type(t).__name__}; wanted a Tensor or a GradientEdge")
        if t._t is None:
            raise NotRecordedError(
                f"an output of shape {t._s.shape} does not require grad and has no history: nothing it was computed from requires grad, or "
                "it was computed under no_grad() or detached"
            )
        cotangents.append(_cotangent(t, g))
        if type(t._t) is Tape:
            roots.append((t._t, t._r))
        else:
            tape = open_tape()
            roots.append((tape, enter(tape, t)))
    return roots, cotangents


def _cotangent(t: Tensor, g: Tensor | None) -> Tensor:
    if not hasattr(t, "_s"):  # an edge that somebody put together: nothing says what shape is wanted
        return wrap(1.0) if g is None else g
    if g is None:
        if t._s.dtype.kind == "c":
            raise RuntimeError(
                f"a gradient can start by itself only from a real output, but this one is of {t._s.dtype}; give a gradient of that dtype, or "
                "reduce the output to a real scalar"
            )
        if t._s.size != 1:
            raise ShapeError(
                f"a gradient can start by itself only from one element, but the output has shape {t._s.shape}; give a gradient of that shape, "
                "or reduce the output to a scalar"
            )
        return wrap(1.0 if not t._s.ndim and t._s.code == 0 else np.ones(t._s.shape, t._s.dtype))
    if g._s.shape != t._s.shape:
        raise ShapeError(f"a gradient of shape {g._s.shape} was given for an output of shape {t._s.shape}; the shapes must be equal")
    if (g._s.dtype.kind == "c") != (t._s.dtype.kind == "c"):
        raise RuntimeError(f"a gradient of {g._s.dtype} was given for an output of {t._s.dtype}; both must be complex, or both real")
    if g._s.dtype != t._s.dtype:
        g = cast(g, t._s.dtype)
    return g


def _batched(outputs: list, weights: list, targets: list[Target], retain: bool, create_graph: bool) -> list[Tensor | None]:
    """One sweep with cotangents that stand for every entry of the leading dimension of the gradients."""
    from tape.func.vmap import mapped_over

    sizes = {g._s.shape[0] for g in weights if isinstance(g, Tensor) and g._s.ndim}
    if len(sizes) != 1 or any(isinstance(g, Tensor) and not g._s.ndim for g in weights):
        raise ShapeError(f"is_grads_batched: the gradients need one common leading dimension; got {sorted(sizes) or 'none'}")

    def swept(cotangents: list[Tensor | None]) -> list[Tensor | None]:
        roots, seeds = _roots(outputs, cotangents, create_graph)
        return run(roots, seeds, targets, retain, create_graph, accumulate=False)

    return mapped_over(swept, weights)


def tensor_backward(
    self: Tensor, gradient: Any = None, retain_graph: bool | None = None, create_graph: bool = False, inputs: Any = None
) -> None:
    """Add the gradient of this Tensor to the `.grad` of the leaves that it depends on; see `tape.autograd.backward`."""
    backward(self, gradient, retain_graph, create_graph, inputs=inputs)


__all__ = [
    "Variable", "Function", "backward", "grad_mode", "NestedIOFunction", "detect_anomaly", "enable_grad", "grad", "gradcheck", "gradgradcheck",
    "inference_mode", "no_grad", "set_detect_anomaly", "set_grad_enabled", "set_multithreading_enabled", "enforce_grad_layout_policy", "variable",
    "forward_ad", "functional", "graph", "profiler",
]  # fmt: skip
