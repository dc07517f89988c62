"""Writes a hash of layout.py and memory.py into the files that compile their words in: `python -m compiled_ops.seal`.

Numba's disk cache looks only at the file of the compiled function, so an edit of either must change the files that use them.
`digest` is what they must bear, `stale` names those that do not. Run by people after an edit, and by the test that holds
them to it. Imports the standard library only.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCES = ("layout.py", "memory.py")
SEALED = (
    "visit.py", "execute.py", "suspect.py", "loops.py", "shaped.py", "products.py", "interpret.py", "blocks.py", "block_loops.py",
)  # fmt: skip
SEAL = re.compile(r'^MEMORY_HASH = "([0-9a-f]*)"$', re.MULTILINE)


def digest() -> str:
    """The first 16 hexadecimal digits of the SHA-256 of the sources, one after the other."""
    return hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in SOURCES)).hexdigest()[:16]


def stale() -> list[str]:
    """The files whose hash is not that of the sources. ValueError where a file has no line for it, or several."""
    found = []
    for name in SEALED:
        seals = SEAL.findall((FOLDER / name).read_text())
        if len(seals) != 1:
            raise ValueError(f'{name} has {len(seals)} lines MEMORY_HASH = "..."; it needs one')
        if seals[0] != digest():
            found.append(name)
    return found


def main() -> None:
    """Seal what is stale."""
    for name in stale():
        path = FOLDER / name
        path.write_text(SEAL.sub(f'MEMORY_HASH = "{digest()}"', path.read_text()))
        print(f"sealed {name}")


if __name__ == "__main__":
    main()
