"""What a compiled function tells of itself: `explain`, `show`, `to_python`. Text only; imported by function when asked."""

from __future__ import annotations

from typing import Any

from tape.compile import opcodes as o
from tape.compile.program import Program
from tape.errors import at


def explain(compiled: Any) -> str:
    """Signatures, the programs of each, what they rely on and what they cost."""
    lines = [repr(compiled)]
    for signature in compiled.signatures.values():
        lines.append(f"arguments {_arguments(signature)}: {signature.recordings} recordings")
        for reason in signature.eager:
            lines.append(f"  runs eagerly each time: {reason}")
        for name, count in signature.misses.items():
            lines.append(f"  guard {name} missed {count} times")
        for number, variant in enumerate([*signature.variants, *(f.lowest.variant for f in signature.families)]):
            lines += _variant(number, variant)
    if not compiled.signatures:
        lines.append("not called yet")
    return "\n".join(lines)


def _arguments(signature: Any) -> str:
    shown = [f"{k[2]}{list(k[1])}" if k[0] == "array" else k[0] if k[0] == "float" else repr(k[1]) for k in signature.kinds]
    return ", ".join(shown) or "none"


def _variant(number: int, variant: Any) -> list[str]:
    program: Program = variant.program
    lines = [f"  program {number}: {len(variant.recorded)} rows recorded, {len(program)} kept, {variant.replays} replays"]
    if variant.exact_calls:
        lines.append(f"    {variant.exact_calls} replays gave NaN and were run again with zero cotangents kept strong")
    for row in program.guards():
        place = program.place[row]
        lines.append(f"    guard {program.params[row]!r}" + ("" if place is None else f" at {at(place)}"))
    saved: dict[str, list[float]] = {}
    for each in variant.saved:
        entry = saved.setdefault(each.name, [0, 0.0])
        entry[0] += each.before - each.after
        entry[1] += each.seconds
    for name, (rows, seconds) in saved.items():
        lines.append(f"    pass {name}: {rows:+.0f} rows saved, {seconds * 1e3:.1f} ms".replace("+", ""))
    lines.append(f"    tier: {type(variant.tier).__name__.lower()}" + "".join(f"; {k} made in {v * 1e3:.0f} ms" for k, v in variant.seconds.items()))
    lines += [f"    {line}" for line in (variant.tier.describe() if hasattr(variant.tier, "describe") else [])]
    lines += [f"    problem: {problem}" for problem in variant.problems]
    outside = variant.outside
    if outside is not None:
        lines += [f"    read by reference, not compared: {name}" for name in outside.by_reference]
        lines += [f"    changed by the function itself, not repeated by replays: {name}" for name in outside.own_effects]
    calls = sum(op == o.CALL for op in program.op)
    if calls:
        names = sorted({params.name for op, params in zip(program.op, program.params, strict=True) if op == o.CALL})
        lines.append(f"    {calls} rows call Python at each replay: {', '.join(names)}")
    return lines


def _latest(compiled: Any) -> Any:
    for signature in reversed(compiled.signatures.values()):
        for variant in [*signature.variants, *(f.lowest.variant for f in signature.families)]:
            return variant
    raise RuntimeError(f"{compiled!r} has no program yet: call it first, and see explain() if it runs eagerly")


def show(compiled: Any, rows: int) -> str:
    """The optimised program, row by row."""
    from tape.compile.show import listing

    return listing(_latest(compiled).program, rows)


def to_python(compiled: Any) -> str:
    """NumPy source of the optimised program."""
    from tape.compile.source import to_python as written

    return written(_latest(compiled).program, getattr(compiled.fn, "__name__", "program").replace("<lambda>", "program"))
