"""Where PyTorch shows one Node and a tape has several rows: operations with several outputs, and operations composed of others.

`numbered(outputs)` enters the outputs of one operation; `standing(tape, row)` gives the row that their Node is a face of, and the number of
the output; `rows_of` goes back. `titled("Addmm")` decorates a function that is composed: its last row goes by this name, with the inputs
of the function behind it. Invariant: rows that neither saw stand for themselves; sweeps know nothing of all this.
Imports columns; imported by functions, Tensor and autograd.graph.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from compiled_ops.rows import OPCODES
from tape.columns import Mark, Tape
from tape.state import STATE

_OF_CALLS = frozenset({OPCODES["function"], OPCODES["output"]})  # rows of a user's Function, which know their number themselves


def numbered(outputs: Sequence[Any], of: Any = None) -> Any:
    """The outputs (Tensors) of one operation, entered in their order. Their Node is that of the first recorded one, or of the Tensor `of`.
    Returns them as they came."""
    home = first = None
    for number, t in enumerate(outputs):
        tape = t._t
        if type(tape) is Tape:
            if tape is not home:
                home, first = tape, of._r if of is not None and of._t is tape else t._r
                if tape.together is None:
                    tape.together = {}
            tape.together[t._r] = first, number
    return outputs


def standing(tape: Tape, row: int) -> tuple[int, int]:
    """The row whose face the Node of a row is, and the number of the output."""
    if tape.rows[row] in _OF_CALLS:
        return row, tape.rows[row + 4][1] or 0
    return (row, 0) if tape.together is None else tape.together.get(row, (row, 0))


def rows_of(tape: Tape, row: int) -> dict[int, int]:
    """The rows of the outputs of which `row` carries the Node, by number."""
    return {number: each for each, (first, number) in (tape.together or {}).items() if first == row} or {0: row}


def entitle(made: Any, label: str, inputs: Sequence[Any]) -> Any:
    """Let the row on which `made` was recorded just now go by a name, with these Tensors (None: without gradient) behind it; returns `made`."""
    home = made._t
    if type(home) is Tape:
        if home.titles is None:
            home.titles = {}
        home.titles[made._r] = label, tuple([_row_on(home, t) for t in inputs])
    return made


def _row_on(home: Tape, t: Any) -> int:
    """The row that stands for a Tensor on a tape, 0 for none."""
    if t is None or t._t is None:
        return 0
    if t._t is home:
        return int(t._r)
    if type(t._t) is Mark:
        return t._t.row if t._t.num == home.num else 0
    return home.imports.get((t._t.num, t._r), 0)


def titled(label: str) -> Callable[[Callable], Callable]:
    """Decorate a function composed of recorded operations with the name that PyTorch has for it: "Addmm", or "Lerp0"."""
    full = f"{label[:-1]}Backward{label[-1]}" if label[-1].isdigit() else f"{label}Backward0"

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def named(*args: Any, **options: Any) -> Any:
            tape = STATE.tape
            start = 0 if tape is None else len(tape.rows)
            made = function(*args, **options)
            home = getattr(made, "_t", None)
            if type(home) is Tape and (home is not tape or made._r >= start):
                inputs = [t for t in (*args, *options.values()) if hasattr(t, "_t")]
                if not any(t is made for t in inputs):
                    entitle(made, full, inputs)
            return made

        return named

    return decorate
