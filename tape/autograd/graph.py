"""The graph as PyTorch shows it: a `Node` is a face on a row, made when `grad_fn` is asked for.

`face(tape, row)` makes one (the same object while somebody holds it); `get_gradient_edge`, `increment_version` and
`register_multi_grad_hook` are PyTorch's. Implicit casts and expansions are looked through. Invariant: a Node owns nothing
but a reference to its tape. Imports hooks, versions, record; imported by Tensor.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LABELS, LEAF, OPCODES, Elementwise
from tape import hooks as hooking
from tape.autograd.saved import (
    allow_mutation_on_saved_tensors,
    attribute,
    attributes,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from tape.columns import Mark, Tape
from tape.hooks import RemovableHandle
from tape.outputs import rows_of, standing
from tape.record import FUNCTION, OUTPUT, UNNUMBERED, label_at
from tape.rerecord import Row, pullback, references
from tape.state import STATE
from tape.tensor import Tensor, blank

_OF_PAIRS = frozenset("""ScatterAdd IndexAdd IndexCopy IndexPut Put Scatter MaskedScatter SelectScatter SliceScatter DiagonalScatter
AsStridedScatter""".split())
_IMPLICIT = {OPCODES["cast:CastImplicit"], OPCODES["expand:ExpandImplicit"]}
# whose numbers are no inputs, although their rows have a place for them
_OF_ONE = frozenset("PowBackward0 PowBackward2 ClampBackward1 MaskedFillBackward0 RsubBackward1 FmodBackward0 RemainderBackward0 EluBackward0 "
                    "LeakyReluBackward0".split())  # fmt: skip
_classes: dict[str, type] = {}
_leaf_faces: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


class Node:
    """The operation that made a Tensor."""

    __slots__ = ("_t", "_r", "_leaf", "__weakref__")
    _t: Any
    _r: int

    def name(self) -> str:
        """PyTorch's name of the operation's backward."""
        kind = type(self).__name__
        return f"torch::autograd::{kind}" if kind == "AccumulateGrad" or kind in UNNUMBERED else kind

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The Nodes of the inputs, each with the number of its output; None for an input without gradient."""
        if self._leaf is not None:
            return ()
        if self._t.titles and self._r in self._t.titles:
            return tuple([_behind(self._t, row) for row in self._t.titles[self._r][1]])
        of_one = type(self).__name__ in _OF_ONE  # beside a number
        found = [_behind(self._t, row) for row in references(self._t, self._r) if row or not of_one]
        while len(found) > _arity(self._t.rows, self._r) and found[-1][0] is None:
            found.pop()
        return tuple(found)

    @property
    def metadata(self) -> dict:
        """A dict of the user's own, which lives as long as the operation."""
        return self._hooks().metadata

    @property
    def variable(self) -> Tensor:
        """The leaf of an AccumulateGrad."""
        if self._leaf is None:
            raise AttributeError(f"{type(self).__name__} has no variable; only AccumulateGrad has")
        return self._leaf

    def register_hook(self, fn: Callable) -> RemovableHandle:
        """Call fn(grad_inputs, grad_outputs) after the operation's backward; it may return other grad_inputs."""
        return RemovableHandle(self._hooks().post, fn)

    def register_prehook(self, fn: Callable) -> RemovableHandle:
        """Call fn(grad_outputs) before the operation's backward; it may return other grad_outputs."""
        return RemovableHandle(self._hooks().pre, fn)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_saved_", "_raw_saved_")) and self._leaf is None and self._t is not None:
            return attribute(self._t, self._r, name)
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        known = [*super().__dir__()]
        return known if self._leaf is not None or self._t is None else known + attributes(self._t, self._r)

    def __call__(self, *gradients: Any) -> Any:
        """The gradients of the inputs, for gradients of the outputs: one Tensor or None, or a tuple of them."""
        if len(gradients) != 1 or not isinstance(gradients[0], Tensor | None) or self._leaf is None and self._t.rows[self._r] == FUNCTION:
            given = ", ".join(type(g).__name__ for g in gradients)
            raise TypeError(f"{type(self).__name__} was called with ({given}); it takes one Tensor or None, and a user's Function is not called")
        if self._leaf is not None:
            return None if gradients[0] is None else self._leaf.backward(gradients[0])
        row = Row(self._t, self._r, [r > 0 for r in references(self._t, self._r)], STATE.grad, *self._t.rows[self._r + 3 : self._r + 5],
                  references(self._t, self._r))  # fmt: skip
        contributions = (None,) * max(_arity(self._t.rows, self._r), sum(row.need)) if gradients[0] is None else pullback(row, gradients[0])
        found = tuple(g if r else None for g, r in zip(contributions, row.refs, strict=False))
        return found[0] if len(found) == 1 else found

    def _hooks(self) -> hooking.RowHooks:
        if self._leaf is not None:
            return hooking.of_leaf(self._leaf)
        hooks = hooking.of_row(self._t, self._r)
        for row in rows_of(self._t, self._r).values() if self._t.together and self._r in self._t.together else ():
            others = hooking.of_row(self._t, row)
            others.pre, others.post = hooks.pre, hooks.post  # each output runs them for itself
        return hooks

    def _sequence_nr(self) -> int:
        """A number that grows with recording within a tape."""
        return self._r if self._leaf is None else 2**64 - 1

    def __repr__(self) -> str:
        return f"<{type(self).__name__} object at {hex(id(self))}>"


def _arity(rows: list, place: int) -> int:
    """How many inputs an operation always shows."""
    row = BY_OPCODE[rows[place]]
    if row.name == "function":
        return len(rows[place + 4][0]._call.places)
    if isinstance(row, Elementwise):
        return 1 if row.name in ("square", "cube") else len(row.inputs)
    pair = row.kind == "bilinear" or row.name in ("select", "overwrite")
    return 2 if pair or row.name in ("scatter_add", "replace") and LABELS[rows[place]] in _OF_PAIRS else 1


def _class(name: str) -> type:
    found = _classes.get(name)
    if found is None:
        found = _classes[name] = type(name, (Node,), {"__slots__": ()})
    return found


def face(tape: Tape, row: int) -> Node:
    """The Node of a row: one for all outputs of an operation."""
    row, _ = standing(tape, row)
    if tape.rows[row] == OUTPUT:
        found, _ = _behind(tape, tape.rows[row + 1])
        return found  # type: ignore[return-value]
    if tape.faces is None:
        tape.faces = weakref.WeakValueDictionary()
    found = tape.faces.get(row)
    if found is None:
        if tape.rows[row] == FUNCTION:
            ctx = tape.rows[row + 4][0]
            found = type(ctx)()
            found.__dict__, found._held = ctx.__dict__, tape
        else:
            found = _class(label_at(tape, row))()
            found._t, found._r, found._leaf = tape, row, None
        tape.faces[row] = found
    return found


def leaf_face(leaf: Tensor) -> Node:
    """The AccumulateGrad of a leaf, the same for all its uses."""
    found = _leaf_faces.get(id(leaf))  # a face holds its leaf, so the number stays the leaf's while it lives
    if found is None:
        found = _class("AccumulateGrad")()
        found._t, found._r, found._leaf = None, 0, leaf
        _leaf_faces[id(leaf)] = found
    return found


def _behind(tape: Tape, row: int) -> tuple[Node | None, int]:
    """The Node that a reference leads to, and which of its outputs it means."""
    while row:
        op = tape.rows[row]
        if op == LEAF:
            leaf = tape.rows[row + 3]()
            return (None if leaf is None else leaf_face(leaf)), 0
        if op == IMPORT:
            tape, row = tape.rows[row + 3], tape.rows[row + 4]
        elif op in _IMPLICIT:
            row = tape.rows[row + 1]
        else:
            return (face(tape, row), standing(tape, row)[1]) if op >= FIRST_OPCODE else (None, 0)
    return None, 0


class GradientEdge(NamedTuple):
    """A place in the graph: a Node and the number of one of its outputs."""

    node: Any
    output_nr: int
    ownership_token: Any = None


def stands(edge: GradientEdge) -> tuple[Tape, int]:
    """The tape and the row of an edge of an operation."""
    node = edge.node
    rows = node._call.rows if node._t.rows[node._r] == FUNCTION else rows_of(node._t, node._r)
    return node._t, rows.get(edge.output_nr, node._r)


def as_tensor(edge: GradientEdge) -> Tensor:
    """A handle on what an edge stands for; its value is not kept, only its history (and, from `get_gradient_edge`, its shape)."""
    if isinstance(edge.ownership_token, Tensor):
        return edge.ownership_token
    if edge.node._leaf is not None:
        return edge.node._leaf  # type: ignore[no-any-return]
    handle = blank(Tensor)
    handle._t, handle._r = stands(edge)
    return handle


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge that a Tensor stands on; usable wherever `grad` and `backward` take inputs. RuntimeError if it needs no gradient."""
    if tensor._t is None:
        raise RuntimeError("get_gradient_edge of a tensor that does not require grad; it stands on no edge")
    if type(tensor._t) is Mark:
        return GradientEdge(leaf_face(tensor), 0, None)
    handle = blank(Tensor)  # the row and its shape without the value
    handle._t, handle._r, handle._s = tensor._t, tensor._r, tensor._s
    return GradientEdge(tensor.grad_fn, tensor.output_nr, handle)


def increment_version(tensor: Any) -> None:
    """Say that the memory of a Tensor (or of several) was written by other means, so that backward passes notice."""
    from tape import versions

    for t in [tensor] if isinstance(tensor, Tensor) else tensor:
        if t.is_inference():
            continue
        if isinstance(t._v, float):
            t._writes = getattr(t, "_writes", 0) + 1
        else:
            versions.wrote(t._v)


class MultiHandle(RemovableHandle):
    """What `register_multi_grad_hook` returns: the handles of all its hooks."""

    __slots__ = ("handles",)

    def __init__(self, handles: tuple[RemovableHandle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Take all the hooks away."""
        for handle in self.handles:
            handle.remove()


def register_multi_grad_hook(tensors: Any, fn: Callable, *, mode: str = "all") -> Any:
    """'all': fn(list of gradients or None) once every tensor that gets a gradient got it in a backward pass; 'any': fn(first gradient)."""
    if mode not in ("all", "any"):
        raise ValueError(f"mode {mode!r}; register_multi_grad_hook knows 'all' and 'any'")
    from tape.autograd import engine

    tensors = list(tensors)
    if not all(t.requires_grad for t in tensors):
        raise AssertionError("register_multi_grad_hook of a tensor that does not require grad: its hook would never run")
    collected: dict[int, dict[int, Any]] = {}
    started: set[int] = set()  # sweeps that have given a first gradient

    def hook_for(position: int) -> Callable:
        def hook(g: Tensor) -> None:
            sweep, due = engine.current_sweep(tensors)
            if mode == "any":
                if sweep not in started:
                    started.add(sweep)
                    fn(g)
                return
            mine = collected.setdefault(sweep, {})
            mine[position] = g
            if len(mine) == due:
                del collected[sweep]
                fn([mine.get(i) for i in range(len(tensors))])

        return hook

    return MultiHandle(tuple([hooking_handle(t, hook_for(i)) for i, t in enumerate(tensors)]))


def hooking_handle(t: Tensor, hook: Callable) -> RemovableHandle:
    """Register a hook on a Tensor's gradient."""
    if t._t is None:
        raise RuntimeError("a hook on a tensor that does not require grad would never run; call requires_grad_() first")
    return RemovableHandle(hooking.hooks_of(t).tensor, hook)


@contextmanager
def region_activation_memory_budget(budget: float) -> Iterator[None]:
    """RuntimeError: budgets for saved values exist only where PyTorch compiles a region; `tape.compile` chooses for itself what it keeps."""
    raise RuntimeError("region_activation_memory_budget has no effect outside a region that PyTorch compiles; leave it out")
    yield


def set_warn_on_accumulate_grad_stream_mismatch(enabled: bool) -> None:
    """Accepted and without effect: there are no streams on the CPU."""


def set_override_stale_capture_stream(enabled: bool) -> None:
    """Accepted and without effect: there are no streams on the CPU."""


__all__ = ["GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge", "increment_version",
           "region_activation_memory_budget", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
           "set_override_stale_capture_stream", "set_warn_on_accumulate_grad_stream_mismatch"]  # fmt: skip
