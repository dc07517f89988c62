"""Which rows are outputs of one operation, for which PyTorch shows one Node, where each output has a row of its own.

`numbered(outputs)` enters them; `standing(tape, row)` gives the row that the Node is a face of, and the number of the output; `rows_of` goes
back. Invariant: rows that `numbered` never saw stand for themselves. Imports columns; imported by functions of several outputs, Tensor
and autograd.graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compiled_ops.rows import OPCODES
from tape.columns import Tape

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
