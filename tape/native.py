"""The compiled functions of a sweep, bound when the first one runs: their import brings Numba and the disk cache.

Looking one up here costs an attribute; importing it where it is used costs a microsecond each time.
Invariant: every name is None before `load()` and bound after it. Imported by reach and replay.
"""

from __future__ import annotations

from typing import Any

word_at: Any = None
int_value: Any = None
visit: Any = None
link: Any = None
consume: Any = None
adopt: Any = None
writable: Any = None
release: Any = None
execute: Any = None
suspect: Any = None


def load_suspect() -> None:
    """Bind the check of saved values against writes, which only programs that write in place need."""
    from compiled_ops.suspect import suspect as checking

    global suspect
    suspect = checking


def load() -> None:
    """Bind the functions."""
    from compiled_ops import execute as executing
    from compiled_ops import memory
    from compiled_ops import visit as visiting

    global word_at, int_value, visit, link, consume, adopt, writable, release, execute
    word_at, int_value = memory.word_at, memory.int_value
    visit, link, consume = visiting.visit, visiting.link, visiting.consume
    adopt, writable, release = executing.adopt, executing.writable, executing.release
    execute = executing.execute
