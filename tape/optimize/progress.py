"""The bar of `progress=True`: evaluations so far, and the last and the lowest value.

`Progress(name, wanted)` is a context; `saw(value)` counts. With tqdm (the extra `progress`) it is its bar, without it one line on stderr,
rewritten on a terminal. Invariant: an exception passes through and leaves the bar closed; nothing is printed unless wanted.
Imports nothing of tape. Imported by scalar and vector.
"""

from __future__ import annotations

import sys
import time
from typing import Any

SECONDS = 0.1  # between two writes


class Progress:
    """Counts evaluations and shows them."""

    def __init__(self, name: str, wanted: bool) -> None:
        self.name, self.wanted = name, wanted
        self.count, self.last, self.lowest = 0, float("nan"), float("inf")
        self._bar: Any = None
        self._written = 0.0

    def __enter__(self) -> Progress:
        if self.wanted:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                self._bar = None
            else:
                self._bar = tqdm(desc=self.name, unit=" evaluations", mininterval=SECONDS)
        return self

    def __exit__(self, *exc: Any) -> None:
        if not self.wanted:
            return
        if self._bar is not None:
            self._bar.set_postfix_str(self._values(), refresh=False)
            self._bar.close()
        else:
            self._line("\n")

    def saw(self, value: float) -> None:
        """One evaluation gave this value."""
        if not self.wanted:
            return
        self.count += 1
        value = value.real  # of a complex step
        self.last, self.lowest = value, min(self.lowest, value)
        now = time.monotonic()
        due = now - self._written >= SECONDS
        if due:
            self._written = now
        if self._bar is not None:
            if due:
                self._bar.set_postfix_str(self._values(), refresh=False)
            self._bar.update()
        elif due and sys.stderr.isatty():
            self._line("")

    def _values(self) -> str:
        return f"f = {self.last:.6g}, lowest {self.lowest:.6g}"

    def _line(self, end: str) -> None:
        start = "\r" if sys.stderr.isatty() else ""
        print(f"{start}{self.name}: {self.count} evaluations, {self._values()}", end=end, file=sys.stderr, flush=True)


__all__ = ["Progress"]
