"""Dead rows go: those that no output and no guard needs.

Inputs stay, so that arguments keep their places; guards and all that they read stay. An unused call goes, even if it could raise.
Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

import numpy as np

from tape.compile import opcodes as o
from tape.compile.passes.columns import readers, rows_of
from tape.compile.passes.draft import select
from tape.compile.program import Program


def dead(program: Program) -> Program:
    """Drop rows that nothing wanted depends on."""
    readings = readers(program)
    readings[[*program.inputs, *rows_of(program, o.GUARD)]] += 1
    if readings.all():
        return program
    counts: list[int] = readings.tolist()
    going = [row for row, count in enumerate(counts) if not count]  # a row goes when its last reader has gone
    for row in going:
        for i in program.inputs_of(row):
            counts[i] -= 1
            if not counts[i]:
                going.append(i)
    kept = np.ones(len(program), bool)
    kept[going] = False
    return select(program, kept.nonzero()[0], {})
