"""A compiled function as one row on the caller's tape, with compiled derivatives of every order.

The function is recorded once with its differentiable arguments as leaves; their gradient, and its gradient in turn, are recorded onto the
same program when first asked for, from the tapes that the recording kept: `fn` runs again only where a derivative looks at values that
the function did not look at, and sees others than were recorded. A `Level` is one of these functions: number 0 is `fn`, number k+1 the vector-Jacobian product of number k. Each takes and gives vectors, so it is one row with one input.
Imports function, variant. Imported by function when first needed.
"""

from __future__ import annotations

import threading
from operator import is_
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape.compile.arguments import UNREAD, as_argument, finished, own
from tape.compile.constants import freeze
from tape.compile.function import AS_ROW, Compiled
from tape.compile.program import Miss
from tape.compile.recording import Recording
from tape.compile.running import try_traced
from tape.compile.signature import Signature
from tape.compile.variant import Variant
from tape.compile.verdict import final, told
from tape.errors import OverwrittenError
from tape.func.structures import flatten
from tape.record import record
from tape.spec import Spec
from tape.state import change
from tape.tensor import Tensor, array, share, wrap
from tape.traced import Traced, leader, plain
from tape.versions import writes

PROGRAM = OPCODES["program"]
_NOTHING = wrap(np.zeros(0))


class Level:
    """One function of the family: `inputs` are the leaves that it is differentiated in, `output` its vector, both on the recording's tapes."""

    def __init__(self, family: Family, inputs: list[Tensor], output: Tensor, others: list[Tensor]) -> None:
        self.family, self.inputs, self.output = family, inputs, output
        self.specs = [t._s for t in inputs]
        rows = [family.recording.row_of(t._v) for t in (output, *others)]
        expected = [plain(t._v) for t in (output, *others)]
        program = family.recording.program.with_outputs(rows)
        family.recording.constants.settle(family.outside.live)
        freeze(program, family.outside)
        results: list[tuple[int, Any]] = [(k, None) for k in range(len(rows))]
        self.variant = Variant(program, results, None, family.arguments, expected, family.options, family.outside)
        self.above: Level | None = None

    def derivative(self, g: np.ndarray) -> Level:
        """The vector-Jacobian product, as a function of the inputs and the cotangent."""
        if self.above is None:
            with self.family.lock:  # another thread may be recording it
                self.above = self.above or self._derived(g)
        return self.above

    def _derived(self, g: np.ndarray) -> Level:
        from tape.autograd import grad

        family = self.family
        before = change(place=None, grad=True, inference=False)
        try:
            with family.recording:
                family.arguments.append(np.array(g))
                cotangent = wrap(family.recording.input(np.array(g))).requires_grad_()
                found = grad(self.output, self.inputs, cotangent, create_graph=True, allow_unused=True, materialize_grads=True)
                return Level(family, [*self.inputs, cotangent], joined(list(found)), [])
        finally:
            change(**before)

    def apply(self, tensors: list[Tensor], kept: tuple[dict[int, np.ndarray], list[int]], outputs: list[Any] | None = None) -> Tensor:
        """The vector at these inputs, recorded as one row where they need a gradient. `kept`: what a call keeps, its fixed arguments and when it was."""
        batching = leader(*[t._v for t in tensors])
        if batching is not None:
            value = batching.call(lambda *values: self._one(list(values), kept), tuple(t._v for t in tensors), {}, "the derivative of a compiled function")
        else:
            value = np.array((outputs or self.variant.replay(self.family.arrange([array(t) for t in tensors], kept[0])))[0])
        flat = joined(tensors)
        return record(PROGRAM, (flat,), value, (flat._v, None, None), (flat._s, self, kept))

    def _one(self, values: list[np.ndarray], kept: tuple[dict[int, np.ndarray], list[int]]) -> np.ndarray:
        """The vector of one example."""
        try:
            return self.variant.replay(self.family.arrange(values, kept[0]))[0]  # type: ignore[no-any-return]
        except Miss:
            return array(_elsewhere(self.family, [wrap(v) for v in values], kept))


class Family:
    """A recording of `fn` that is kept open, and its levels. `fixed` are the places of arguments that are not differentiated."""

    def __init__(
        self, recording: Recording, outside: Any, arguments: list[np.ndarray], chosen: list[int], captured: list[Tensor], options: Any
    ) -> None:
        self.recording, self.outside, self.arguments = recording, outside, [np.array(a) for a in arguments]
        self.captured = captured
        self.read = [v for v in outside.live if not any(v is t._v for t in captured)]  # memory that rows read anew
        self.chosen, self.count, self.options = chosen, len(arguments), options
        self.lowest: Level
        self.again: Any = None  # record the function at other arguments
        self.others: Any = None  # the families of the same kind of arguments
        self.layout: list[tuple[str, Any, Any]] = []
        self.lock = threading.RLock()  # held while a level is recorded
        self.structure: Any = None

    def of(self, captured: list[Tensor]) -> bool:
        """Whether these are the Tensors outside that it is differentiated in."""
        return same(self.captured, captured)

    def moment(self) -> list[int]:
        """How often the memory that rows read was written to."""
        return [writes(v) for v in self.read]

    def still(self, moment: list[int]) -> None:
        """OverwrittenError where a derivative would read other memory outside than the call that it belongs to."""
        heavy = [name for name, _ in self.outside.heavy]
        if self.moment() != moment or not all(unchanged() for unchanged, name in self.outside.more if name in heavy):
            raise OverwrittenError(
                f"the derivative of a compiled function reads {', '.join([*self.outside.anew, *heavy])}, which has been modified in place "
                "since the call; clone() it before the modification, or pass it as an argument"
            )

    def arrange(self, values: list[np.ndarray], fixed: dict[int, np.ndarray]) -> list[np.ndarray]:
        """Arguments in the order of the program's inputs: the function's own, then cotangents."""
        own = iter(values)
        found = [next(own) if k in self.chosen else fixed[k] for k in range(self.count)]
        return [np.ascontiguousarray(v).reshape(np.shape(v)) for v in (*found, *own)]


def call(compiled: Compiled, signature: Signature, leaves: list, theirs: Any) -> Any:
    """Call a compiled function with Tensors of which some require grad. `theirs`: the arguments as they were given."""
    traced = [(leaf, kind) for leaf, kind in zip(leaves, signature.kinds, strict=True) if kind[0] not in UNREAD]
    chosen = [k for k, (leaf, _) in enumerate(traced) if isinstance(leaf, Tensor) and leaf._t is not None]
    captured = signature.captured or []
    chosen += range(len(traced), len(traced) + len(captured))
    arguments = [*(as_argument(leaf, kind) for leaf, kind in traced), *(np.ascontiguousarray(share(t)) for t in captured)]
    tensors = [*(traced[k][0] for k in chosen[: len(chosen) - len(captured)]), *captured]
    fixed = {k: np.array(a) for k, a in enumerate(arguments) if k not in chosen}
    missed: tuple[Variant, Miss] | None = None
    stale: Family | None = None
    for family in signature.families:
        if not family.outside.unchanged():
            stale = stale or family
        elif family.of(captured):
            try:
                outputs = family.lowest.variant.replay(arguments)
            except Miss as miss:
                missed = family.lowest.variant, miss
                continue
            except Exception:  # an operation fails at these values: the function may know what to do about it
                return compiled.fn(*theirs[0], **theirs[1])
            signature.running_misses = signature.changes = 0
            found = _finish(family, tensors, fixed, outputs)
            if compiled.options.audit:
                result, shape = flatten(found)
                compiled.audit(result, shape, leaves, signature.structure)
            return found
    if missed is not None:
        compiled.missed(signature, missed[0], missed[0].path(missed[1]))
        if signature.eager:
            return compiled.fn(*theirs[0], **theirs[1])
    elif signature.families:  # something outside has changed: other Tensors may require grad now
        if stale is not None:
            compiled.changed(signature, stale.lowest.variant)
        signature.captured = None
        if compiled.way(signature, leaves) != AS_ROW or not same(signature.captured or [], captured):
            return compiled(*theirs[0], **theirs[1])
    family = _new_family(compiled, signature, leaves, arguments, chosen, captured, theirs)
    if family is None:
        return compiled.fn(*theirs[0], **theirs[1])
    return _finish(family, tensors, fixed, family.lowest.variant.replay(arguments))


def _new_family(
    compiled: Compiled, signature: Signature, leaves: list, arguments: list, chosen: list[int], captured: list[Tensor], theirs: Any = None
) -> Family | None:
    given = chosen[: len(chosen) - len(captured)]
    traced = try_traced(compiled.fn, signature, leaves, [np.array(a) for a in arguments], given, captured, theirs)
    if isinstance(traced, str):
        signature.eager.append(traced)
        return None
    recording, result, structure, outside = traced
    reasons = told(recording, outside, result)
    if reasons:
        if final(recording, outside, signature):
            signature.eager += reasons
        return None
    family = Family(recording, outside, arguments, chosen, captured, compiled.options)
    empty = [leaf if kind[0] == "static" else _NOTHING if isinstance(leaf, Tensor) else np.zeros(0) if isinstance(leaf, np.ndarray) else 0.0
             for leaf, kind in zip(leaves, signature.kinds, strict=True)]  # fmt: skip
    family.again = lambda arguments: _new_family(compiled, signature, empty, arguments, chosen, captured)
    family.others = lambda: [each for each in signature.families if each is not family]
    smooth = [leaf for leaf in result if isinstance(leaf, Tensor) and leaf._t is not None]
    others = [leaf for leaf in result if isinstance(leaf, Tensor) and leaf._t is None and type(leaf._v) is Traced]
    at = 0
    for leaf in result:
        if any(leaf is t for t in smooth):
            family.layout.append(("smooth", leaf._s, at))
            at += leaf._s.size
        elif any(leaf is t for t in others):
            family.layout.append(("other", None, 1 + sum(kind == "other" for kind, _, _ in family.layout)))
        else:
            family.layout.append(("constant", own(leaf), None))
    family.structure = structure
    before = change(place=None)
    try:
        with recording:
            flat = joined(smooth) if smooth else wrap(np.zeros(0))
            family.lowest = Level(family, recording.leaves, flat, others)
    finally:
        change(**before)
    signature.families = [family, *signature.families][: compiled.options.limit]
    return family


def _finish(family: Family, tensors: list[Tensor], fixed: dict, outputs: list[Any]) -> Any:
    flat = family.lowest.apply(tensors, (fixed, family.moment()), outputs)
    found = []
    for kind, what, where in family.layout:
        if kind == "smooth":
            part = flat[where : where + what.size].reshape(what.shape)
            found.append(part if part._s.dtype == what.dtype else part.to(what.dtype))
        else:
            found.append(finished(outputs[where] if kind == "other" else own(what), True))
    return family.structure.build(found)


def same(ones: list[Tensor], others: list[Tensor]) -> bool:
    """Whether two lists hold the same Tensors."""
    return len(ones) == len(others) and all(map(is_, ones, others))


def joined(tensors: list[Tensor]) -> Tensor:
    """Tensors as one vector, one after the other."""
    from tape.functions.joining import cat

    return tensors[0].reshape(-1) if len(tensors) == 1 else cat([t.reshape(-1) for t in tensors])


def parted(flat: Tensor, specs: list[Spec]) -> list[Tensor]:
    """The Tensors that a vector was joined from."""
    found, at = [], 0
    for spec in specs:
        part = flat[at : at + spec.size].reshape(spec.shape)
        found.append(part if part._s.dtype == spec.dtype else part.to(spec.dtype))
        at += spec.size
    return found


def pull(g: Tensor, row: Any) -> Tensor:
    """The vector-Jacobian product of a program row, itself a program."""
    _, level, kept = row.params
    level.family.still(kept[1])
    example = g._v
    while type(example) is Traced and example.trace.lasting:
        example = example.content[0]
    inputs = [*parted(row.a, level.specs), g]
    try:
        return level.derivative(np.asarray(example)).apply(inputs, kept)
    except Miss:  # a derivative may look at values where the function does not: that of a product at its zeros
        return _elsewhere(level.family, inputs, kept)


def _elsewhere(family: Family, inputs: list[Tensor], kept: tuple[dict[int, np.ndarray], list[int]]) -> Tensor:
    """A derivative along a path that `family` did not record: another family has it, or the function is recorded anew at these inputs."""
    own = len(family.chosen)
    for other in family.others():
        try:
            if other.of(family.captured) and other.outside.unchanged():
                return _climbed(other, inputs[own:]).apply(inputs, (kept[0], other.moment()))
        except Miss:
            continue
    if not family.outside.unchanged():
        raise RuntimeError(f"the derivative of a compiled function takes another path now, and {family.outside.changed()} since the call")
    before = change(grad=True, inference=False)
    try:
        made = family.again(family.arrange([array(t) for t in inputs[:own]], kept[0]))
    finally:
        change(**before)
    if made is None:
        raise RuntimeError("the derivative of a compiled function takes a path that cannot be recorded; see explain()")
    return _climbed(made, inputs[own:]).apply(inputs, (kept[0], made.moment()))


def _climbed(family: Family, cotangents: list[Tensor]) -> Level:
    """The level that takes these cotangents."""
    level = family.lowest
    for g in cotangents:
        level = level.derivative(array(g))
    return level


__all__ = ["call", "pull"]
