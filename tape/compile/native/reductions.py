"""Reductions in loop nests: identities, combining two vectors of partial results, folding a vector to a number.

`IDENTITY[word]` starts an accumulator, `combine` joins two, `fold` reduces the lanes. Words: sum, prod, max, min, any, all. Invariant: the
order of additions follows from shapes alone; max and min give NaN if an element is NaN.
Imported by loops.
"""

from __future__ import annotations

from tape.compile import opcodes as o
from tape.compile.native.vectors import Vectors

WORDS = {o.SUM: "sum", o.PROD: "prod", o.AMAX: "max", o.AMIN: "min", o.ANY: "any", o.ALL: "all"}
IDENTITY = {"sum": 0.0, "prod": 1.0, "max": float("-inf"), "min": float("inf"), "any": 0.0, "all": 1.0}
_FLOATS = {"sum": "fadd", "prod": "fmul"}
_MASKS = {"any": "or", "all": "and", "sum": "or", "prod": "and", "max": "or", "min": "and"}


def combine(v: Vectors, word: str, kind: str, a: str, b: str, vector: bool = True) -> str:
    """The two partial results joined; `a` is the earlier one."""
    sort = v.type(kind) if vector else kind
    if kind == "i1":
        return v.put(f"{_MASKS[word]} {sort} {a}, {b}")
    if word in _FLOATS:
        return v.put(f"{_FLOATS[word]} {sort} {a}, {b}")
    mask = v.type("i1") if vector else "i1"
    beats = v.put(f"fcmp {'oge' if word == 'max' else 'ole'} {sort} {a}, {b}")
    nan = v.put(f"fcmp uno {sort} {a}, {a}")
    either = v.put(f"or {mask} {beats}, {nan}")
    return v.put(f"select {mask} {either}, {sort} {a}, {sort} {b}")


def fold(v: Vectors, word: str, kind: str, names: list[str]) -> str:
    """A number from vectors of partial results: neighbours first, then halves of the lanes."""
    while len(names) > 1:
        names = [combine(v, word, kind, *names[k : k + 2]) if k + 1 < len(names) else names[k] for k in range(0, len(names), 2)]
    name, width, vector = names[0], v.lanes, v.type(kind)
    while width > 1:
        width //= 2
        picks = ", ".join(f"i32 {k + width if k < width else 0}" for k in range(v.lanes))
        upper = v.put(f"shufflevector {vector} {name}, {vector} poison, <{v.lanes} x i32> <{picks}>")
        name = combine(v, word, kind, name, upper)
    return v.put(f"extractelement {vector} {name}, i32 0")
