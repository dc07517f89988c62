"""Lines of the table of figures, and how they are written. Knows nothing of measuring. Imported by figures
and process_figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.peers import NAMES


def headings(names: Sequence[str]) -> tuple[str, ...]:
    """Of the table's columns; the first of the contenders is us."""
    return ("what", "ours", *names[1:], "ratio", "target", "met")


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

    def texts(self, names: Sequence[str] = NAMES) -> list[str]:
        """The cells of the table, left to right; `names` are its contenders."""
        verdict = {True: "yes", False: "NO", None: "-" if self.target else ""}[self.met]
        return [self.what, *(self.cells.get(name, "") for name in names), self.ratio, self.target, verdict]

    def short(self, names: Sequence[str] = NAMES) -> str:
        """One line for whoever waits."""
        cells = zip(headings(names), self.texts(names), strict=True)
        return ", ".join(f"{h}: {t}" if h != "what" else t for h, t in cells if t)


def markdown(lines: Sequence[Line], names: Sequence[str] = NAMES) -> str:
    """The table, aligned, as Markdown."""
    rows = [list(headings(names)), *(line.texts(names) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(text)
