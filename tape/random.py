"""The state of random numbers under PyTorch's names (torch.random): seeds, states, and `fork_rng`, which restores it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tape.functions.random import default_generator as default_generator
from tape.functions.random import get_rng_state as get_rng_state
from tape.functions.random import initial_seed as initial_seed
from tape.functions.random import manual_seed as manual_seed
from tape.functions.random import seed as seed
from tape.functions.random import set_rng_state as set_rng_state


@contextmanager
def fork_rng(devices: Any = None, enabled: bool = True) -> Iterator[None]:
    """A context that leaves the default generator where it was, whatever is drawn inside.

    >>> import tape
    >>> with tape.random.fork_rng():
    ...     first = tape.rand(2)
    >>> tape.equal(first, tape.rand(2))
    True
    """
    if not enabled:
        yield
        return
    before = get_rng_state()
    try:
        yield
    finally:
        set_rng_state(before)

__all__ = [  # fmt: skip
    "default_generator", "fork_rng", "get_rng_state", "initial_seed", "manual_seed", "seed", "set_rng_state",
]
