"""How fast this machine is now, so that limits in seconds mean the same on any: torch's time for an operation
of the chain.

`pace()` is 1 where torch takes 4.7 us an operation, as on the machine that the limits were set for, and 2
where all is twice as slow; it is 1 too where torch is not installed, and then limits are taken literally.
Imported by figures and process_figures.
"""

from __future__ import annotations

from bench.contest import contest
from bench.peers import contenders
from bench.programs import chain

REFERENCE = 4.7e-6
OPERATIONS = 2_000


def pace() -> float:
    """The pace at this moment; takes a second."""
    entries = contenders(chain(), ("torch",))
    return contest(entries, rounds=15, block=0.0)["torch"] / OPERATIONS / REFERENCE if entries else 1.0
