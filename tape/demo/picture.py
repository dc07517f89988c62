"""Data and fit as a picture: characters for a terminal (`draw`), or a file by matplotlib (`plot`).

Ask `refuse` first whether a file can be made at all: it answers before minutes of work rather than after.
Invariant: `draw` gives at most 20 lines of at most 80 ASCII characters, whatever the fit.
matplotlib is imported only for a file. Imported by `python -m tape`.
"""

import math
import os
from collections.abc import Iterable
from pathlib import Path

from . import model
from .data import HARE, LYNX, YEARS

WIDTH, HEIGHT = 80, 20
_MARGIN = 5  # the scale at the left and its line
_COLUMNS = 73
_ROWS = HEIGHT - 3  # under a title, over an axis and its years
_FINE = 20  # steps a year along which a curve is drawn


def curves(parameters: Iterable[float]) -> tuple[list[float], list[float], list[float]]:
    """Times, hares and lynxes of the fit, `_FINE` points a year."""
    states = list(model.path([float(p) for p in parameters], _FINE))
    times = [YEARS[0] + k / _FINE for k in range(len(states))]
    return times, [u for u, _ in states], [v for _, v in states]


def draw(parameters: Iterable[float]) -> str:
    """The picture in characters: H and L are the data of hares and lynxes, . and ~ the fit."""
    times, hare, lynx = curves(parameters)
    # Half the height of the data may be added for the fit, no more: a wild fit must not flatten the data.
    highest = min(max(*HARE, *LYNX, *hare, *lynx), 1.5 * max(*HARE, *LYNX))
    top = max(20, 20 * math.ceil(highest / 20))
    grid = [[" "] * _COLUMNS for _ in range(_ROWS)]
    for mark, values in ((".", hare), ("~", lynx)):
        for t, y in zip(times, values, strict=True):
            _put(grid, t, y, top, mark)
    for mark, counts in (("H", HARE), ("L", LYNX)):
        for t, y in zip(YEARS, counts, strict=True):
            _put(grid, t, y, top, mark)
    every = (_ROWS - 1) // 4
    lines = ["pelts, thousands: hares H (fit .), lynxes L (fit ~)".rjust(_MARGIN + 55)]
    for k, cells in enumerate(grid):
        scale = f"{top * (_ROWS - 1 - k) / (_ROWS - 1):3.0f} +" if k % every == 0 else "    |"
        lines.append((scale + "".join(cells)).rstrip())
    lines += ["    +" + "-" * _COLUMNS, _years()]
    return "\n".join(lines)


def _put(grid: list[list[str]], t: float, y: float, top: float, mark: str) -> None:
    """Write `mark` at (t, y), unless it lies outside."""
    if 0 <= y <= top:  # false for NaN too
        grid[_ROWS - 1 - round(y / top * (_ROWS - 1))][_column(t)] = mark


def _column(t: float) -> int:
    return round((t - YEARS[0]) / (YEARS[-1] - YEARS[0]) * (_COLUMNS - 1))


def _years() -> str:
    line = [" "] * WIDTH
    for year in YEARS[::5]:
        at = min(_MARGIN + _column(year) - 1, WIDTH - 4)
        line[at : at + 4] = str(year)
    return "".join(line).rstrip()


def refuse(file: str) -> str | None:
    """Why no picture can be written to `file`, in one line; None if nothing speaks against it."""
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        return f"a plot needs matplotlib ({missing}); install it, or leave --plot out to get characters"
    path = Path(file)
    known = sorted(Figure().canvas.get_supported_filetypes())
    if _kind(path) not in known:
        return f"cannot plot to {file}: the ending must be one of {', '.join(known)}"
    if not path.parent.is_dir():
        return f"cannot plot to {file}: {path.parent} is not a directory"
    if path.is_dir():
        return f"cannot plot to {file}: it is a directory; add a file name"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return f"cannot plot to {file}: no permission to write there"
    return None


def _kind(path: Path) -> str:
    return path.suffix[1:].lower() or "png"


def plot(parameters: Iterable[float], file: str) -> None:
    """Write data and fit to `file`, in the format of its ending (none: PNG); OSError if that fails."""
    from matplotlib.figure import Figure

    times, hare, lynx = curves(parameters)
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, colour, counts, fitted in (("hares", "C0", HARE, hare), ("lynxes", "C3", LYNX, lynx)):
        axes.plot(YEARS, counts, "o", color=colour, label=f"{name}, pelts collected")
        axes.plot(times, fitted, "-", color=colour, label=f"{name}, fit")
    axes.set(xlabel="year", ylabel="thousands", title="Lotka-Volterra equations fitted to the pelt records")
    axes.locator_params(axis="x", integer=True)
    axes.set_ylim(bottom=0)
    figure.legend(loc="outside lower center", ncols=4)
    figure.savefig(file, dpi=150, format=_kind(Path(file)))
