"""Warnings that are given once a process, or every time once `set_warn_always(True)` says so, as PyTorch has it.

`warn_once(message, stacklevel)` gives one. Invariant: what was told is remembered also while every warning is wanted.
Imports nothing; imported by tensor and autograd.
"""

from __future__ import annotations

import warnings

_told: set[str] = set()
_always = False


def set_warn_always(b: bool) -> None:
    """Whether warnings that are usually given once come every time. RuntimeError for anything but a bool.

    >>> import tape
    >>> tape.set_warn_always(True)
    >>> tape.is_warn_always_enabled()
    True
    >>> tape.set_warn_always(False)
    """
    global _always
    if not isinstance(b, bool):
        raise RuntimeError(f"set_warn_always was given {b!r}; it takes True or False")
    _always = b


def is_warn_always_enabled() -> bool:
    """Whether every warning comes every time."""
    return _always


def warn_once(message: str, stacklevel: int = 2) -> None:
    """A UserWarning, unless this process has given it already. `stacklevel` counts from the caller, as for `warnings.warn`."""
    if message in _told and not _always:
        return
    _told.add(message)
    warnings.warn(message, UserWarning, stacklevel=stacklevel + 1)


__all__ = ["is_warn_always_enabled", "set_warn_always", "warn_once"]
