"""Object files on disk, so that another process need not compile again.

`load(key)` gives the files stored under a key, or none; `store(key, parts)` keeps them. The folder is TAPE_CACHE_DIR, else `tape` in the user's
cache folder; one that cannot be written means no cache. Invariant: what `load` gives is what `store` was given (a digest stands
before it, and files appear whole), and the folder holds at most LIMIT bytes after a store, the oldest entries going first.
Imported by llvm.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import tempfile
from pathlib import Path

LIMIT = 256 << 20
_DIGEST = 32
_SUFFIX = ".tape-object"


def folder() -> Path:
    """Where entries are kept."""
    given = os.environ.get("TAPE_CACHE_DIR")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "tape"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tape"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tape"


def load(key: str) -> list[bytes]:
    """The entry of a key; empty where there is none or it is damaged."""
    try:
        whole = (folder() / (key + _SUFFIX)).read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: no home
        return []
    made = whole[_DIGEST:]
    if hashlib.sha256(made).digest() != whole[:_DIGEST]:
        return []
    parts: list[bytes] = marshal.loads(made)
    return parts


def store(key: str, parts: list[bytes]) -> None:
    """Keep an entry, where that is possible."""
    try:
        place, made = folder(), marshal.dumps(parts)
        place.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(made).digest() + made)
            os.replace(name, place / (key + _SUFFIX))
        except OSError:
            os.unlink(name)
            raise
        _make_room(place)
    except (OSError, RuntimeError):
        return


def _make_room(place: Path) -> None:
    entries = [(entry.stat(), entry.path) for entry in os.scandir(place) if entry.name.endswith(_SUFFIX)]
    excess = sum(status.st_size for status, _ in entries) - LIMIT
    for status, path in sorted(entries, key=lambda entry: entry[0].st_mtime):
        if excess <= 0:
            return
        os.unlink(path)
        excess -= status.st_size
