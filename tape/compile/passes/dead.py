"""Dead rows go: those that no output and no guard needs.

Inputs stay, so that arguments keep their places; guards and all that they read stay. An unused call goes, even if it could raise.
Imports draft. Imported by the pipeline.
"""

from __future__ import annotations

from tape.compile import opcodes as o
from tape.compile.passes.draft import rows_of, select
from tape.compile.program import Program


def dead(program: Program) -> Program:
    """Drop rows that nothing wanted depends on."""
    size = len(program)
    roots = {*program.outputs, *program.inputs, *rows_of(program, o.GUARD)}
    further = [i for rows in program.more.values() for i in rows]
    used = roots.union(program.a, program.b, program.c, further)
    used.discard(-1)
    if len(used) == size:  # the last dead row would be one that nothing reads
        return program
    live = bytearray(size + 1)  # the last for the absent inputs, -1
    for row in roots:
        live[row] = 1
    more = program.more
    for row, i, j, k in zip(range(size - 1, -1, -1), reversed(program.a), reversed(program.b), reversed(program.c), strict=True):
        if live[row]:
            live[i] = live[j] = 1
            if k >= 0:
                live[k] = 1
                for further in more.get(row, ()):
                    live[further] = 1
    return select(program, [row for row in range(size) if live[row]], [*range(size)])
