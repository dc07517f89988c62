"""Lines of the table of figures, and how they are written. Knows nothing of measuring. Imported by figures
and process_figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.peers import NAMES

HEADINGS = ("what", "ours", *NAMES[1:], "ratio", "target", "met")


@dataclass(frozen=True)
class Line:
    """One figure: `cells` has texts by contender's name, `met` is None where there is no target or nothing to
    hold against it."""

    what: str
    cells: Mapping[str, str]
    ratio: str
    target: str
    met: bool | None

    @classmethod
    def within(
        cls, what: str, cells: Mapping[str, str], value: float, limit: float, unit: str, pace: float
    ) -> Line:
        """A figure with a limit in units of time, which holds for a machine of pace 1: `value / pace` is held
        against it."""
        scaled = value / pace
        at_pace = f"at pace 1: {scaled:.3g} {unit}" if pace != 1.0 else ""
        return cls(what, cells, at_pace, f"<= {limit:g} {unit}", scaled <= limit)

    def texts(self) -> list[str]:
        """The cells of the table, left to right."""
        verdict = {True: "yes", False: "NO", None: "-" if self.target else ""}[self.met]
        return [self.what, *(self.cells.get(name, "") for name in NAMES), self.ratio, self.target, verdict]

    def short(self) -> str:
        """One line for whoever waits."""
        return ", ".join(
            f"{h}: {t}" if h != "what" else t for h, t in zip(HEADINGS, self.texts(), strict=True) if t
        )


def markdown(lines: Sequence[Line]) -> str:
    """The table, aligned, as Markdown."""
    rows = [list(HEADINGS), *(line.texts() for line in lines)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADINGS))]
    text = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(text)
