"""What a compiled function tells of itself: `explain`, `show`, `to_python` and its `constants`. Imported by function when asked."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tape.compile import opcodes as o
from tape.compile.program import Program
from tape.errors import at
from tape.func.structures import is_leaf
from tape.tensor import Tensor, array

GUARDS = 20  # of a program that are listed
SPELT = 10_000  # elements of an array that is written into Python source


def explain(compiled: Any, measure: bool = False) -> str:
    """Signatures, the programs of each, what they rely on and what they cost; with `measure` native programs run at the recorded inputs."""
    lines = [repr(compiled)]
    for signature in compiled.signatures.values():
        lines.append(f"arguments {_arguments(signature)}: {signature.recordings} recordings")
        if signature.onwards:
            lines.append("  ran eagerly: a Tensor that the function captured is no leaf but has a history; pass it as an argument")
        for reason in signature.eager:
            lines.append(f"  runs eagerly each time: {reason}")
        for name, count in signature.misses.items():
            lines.append(f"  guard {name} missed {count} times")
        for number, variant in enumerate(signature.programs()):
            lines += _variant(number, variant, measure)
    if not compiled.signatures:
        lines.append("not called yet")
    return "\n".join(lines)


def _arguments(signature: Any) -> str:
    return ", ".join(map(_argument, signature.kinds)) or "none"


def _argument(kind: tuple) -> str:
    if kind[0] == "array":
        return f"{kind[2]}{list(kind[1])}"
    if kind[0] == "tensor":
        return f"Tensor {kind[1]!r}{' with history' if kind[2] else ''}"
    if kind[0] == "same":
        return f"argument {kind[1]} again"
    if kind[0] == "float":
        return "float"
    return repr(kind[2]) if len(kind) == 3 and not callable(kind[2]) else getattr(kind[2], "__qualname__", kind[1].__name__)


def _variant(number: int, variant: Any, measure: bool) -> list[str]:
    program: Program = variant.program
    lines = [f"  program {number}: {len(variant.recorded)} rows recorded, {len(program)} kept, {variant.replays} replays"]
    if variant.exact_calls:
        lines.append(f"    {variant.exact_calls} replays gave NaN and were run again with zero cotangents kept strong")
    guards = list(program.guards())
    lines += [f"    guard {_outcome(program, row)}" for row in guards[:GUARDS]]
    lines += [f"    and {len(guards) - GUARDS:,} guards more"] if len(guards) > GUARDS else []
    lines.append(f"    passes: {_passes(variant.saved)}")
    lines.append(f"    tier: {type(variant.tier).__name__.lower()}" + "".join(f"; {k} made in {v * 1e3:.0f} ms" for k, v in variant.seconds.items()))
    if variant.candidate is not None:
        lines.append("    native code, which reads memory that changed meanwhile, is held against the first tier at the next call")
    lines += [f"    {line}" for line in (variant.tier.describe() if hasattr(variant.tier, "describe") else [])]
    if measure and variant.native is not None:
        found = variant.native.measure(variant.arguments)
        lines.append(f"    measured, step by step: {sum(seconds for _, seconds in found) * 1e6:.1f} us in all")
        lines += [f"    {seconds * 1e6:10.1f} us  {text}" for text, seconds in found]
    lines += [f"    problem: {problem}" for problem in variant.problems]
    outside = variant.outside
    if outside is not None:
        lines += [f"    read anew at every call: {name}" for name in outside.anew]
        lines += [f"    compared at every call (a Tensor, an argument or a read-only array is not): {name}" for name, _ in outside.heavy]
        lines += [f"    changed by the function itself, not repeated by replays: {name}" for name in outside.own_effects]
    calls = [row for row, op in enumerate(program.op) if op == o.CALL]
    if variant.native is not None:
        python = variant.native.python_rows()
        calls = [row for row in calls if row in python]
    if calls:
        names = sorted({program.params[row].name for row in calls})
        lines.append(f"    {len(calls)} rows call Python at each replay: {', '.join(names)}")
    return lines


def _outcome(program: Program, row: int) -> str:
    """What a guard asks for, and where: "item() 2.5 at model.py:12"."""
    guard, place = program.params[row], program.place[row]
    shown, spec = repr(guard), program.spec[program.a[row]]
    if guard.kind == "value" and spec.size == 1 and spec.dtype.kind in "fiub":
        shown = f"{guard.asked} {np.frombuffer(guard.outcome, spec.dtype)[0].item()!r}"
    return shown if place is None else f"{shown} at {at(place)}"


def _passes(saved: list[Any]) -> str:
    """Rows that each pass saved, and the time that all of them took."""
    rows: dict[str, int] = {}
    for each in saved:
        rows[each.name] = rows.get(each.name, 0) + each.before - each.after
    told = ", ".join(f"{name} {count:+,}".replace("+", "") for name, count in rows.items() if count)
    return f"{sum(each.seconds for each in saved) * 1e3:.1f} ms, rows saved: {told or 'none'}"


def _latest(compiled: Any) -> Any:
    for signature in reversed(compiled.signatures.values()):
        for variant in signature.programs():
            return variant
    raise RuntimeError(f"{compiled!r} has no program yet: call it first, and see explain() if it runs eagerly")


def show(compiled: Any, rows: int) -> str:
    """The optimised program, row by row."""
    from tape.compile.show import listing

    return listing(_latest(compiled).program, rows)


def _whole(compiled: Any) -> Program:
    """The program used last, with an output for every number and array of the result: constants are no outputs of what is replayed."""
    variant = _latest(compiled)
    whole: Program = variant.program.with_outputs([])
    for k, leaf in variant.results:
        if k >= 0:
            whole.outputs.append(variant.program.outputs[k])
        elif is_leaf(leaf):
            value = np.array(array(leaf.detach()) if isinstance(leaf, Tensor) else leaf)
            value.flags.writeable = False
            whole.outputs.append(whole.constant(value))
    return whole


def _name_of(compiled: Any) -> str:
    """The function's name, as far as the source can have it."""
    from tape.compile.source import RESERVED

    name = re.sub(r"\W", "_", getattr(compiled.fn, "__name__", "program").replace("<lambda>", "program"))
    name = name if name.isidentifier() else f"_{name}"
    return f"{name}_" if name in RESERVED else name


def constants(compiled: Any) -> dict[str, Any]:
    """What the source takes as `constants`."""
    from tape.compile.source import constants_of

    return constants_of(_whole(compiled))


def to_python(compiled: Any) -> str:
    """NumPy source of the optimised program; the arrays that it holds are written out where they are not too long."""
    from tape.compile.source import constants_of
    from tape.compile.source import to_python as written

    program, name = _whole(compiled), _name_of(compiled)
    text, held = written(program, name), constants_of(program)
    if not held:
        return text
    spelt = {key: _spelt(value) for key, value in held.items()}
    written_out = [f"    {key!r}: {value}," for key, value in spelt.items() if value]
    lines = ["CONSTANTS = {", *written_out, "}"] if written_out else []
    missing = [key for key, value in spelt.items() if not value]
    if missing:
        lines.append(f"# to be given as `constants`, as the function's constants() has them (too long, or calls of Python): {', '.join(missing)}")
    else:
        text = text.replace("constants):", "constants=CONSTANTS):", 1)
    before, start, after = text.partition(f"def {name}(")
    return "\n".join([before.rstrip("\n"), "", *lines, "", "", start]) + after


def _spelt(value: Any) -> str:
    """Python source of a constant; "" where it has none of reasonable length."""
    if isinstance(value, bytes):
        return repr(value)
    if not isinstance(value, np.ndarray) or value.size > SPELT or value.dtype.kind not in "fiubc":
        return ""
    return re.sub(r"\b(inf|nan)\b", r"np.\1", f"np.array({value.reshape(-1).tolist()!r}, {value.dtype.str!r}).reshape({value.shape!r})")
