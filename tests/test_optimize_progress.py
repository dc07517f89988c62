"""`progress=True`: tqdm's bar where it is installed, a line where it is not."""

import sys
import types

import numpy as np
import pytest

from tape.optimize import curve_fit, least_squares, minimize, root


def bowl(x):
    return ((x - 1.0) ** 2).sum()


@pytest.fixture
def without(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("minimize bfgs", lambda: minimize(bowl, [0.0, 3.0], progress=True)),
        ("minimize powell", lambda: minimize(bowl, [0.0, 3.0], method="Powell", progress=True)),
        ("least_squares trf", lambda: least_squares(lambda x: x - 1.0, [0.0, 3.0], progress=True)),
        ("root hybr", lambda: root(lambda x: x - 1.0, [0.0, 3.0], progress=True)),
        ("curve_fit", lambda: curve_fit(lambda x, a: a * x, np.arange(1.0, 5.0), np.arange(1.0, 5.0), progress=True)),
    ],
)
def test_a_line_without_tqdm(name, run, without, capsys):
    run()
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()  # rewritten on terminals only
    count = int(line.removeprefix(f"{name}: ").split()[0])
    assert line.startswith(f"{name}: ") and count >= 1 and "lowest" in line


def test_the_count_is_scipys(without, capsys):
    found = minimize(bowl, [0.0, 3.0], method="L-BFGS-B", progress=True)
    assert f": {found.nfev} evaluations" in capsys.readouterr().err


def test_nothing_is_printed_unless_wanted(capsys):
    minimize(bowl, [0.0, 3.0])
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_the_bar_is_tqdms_and_closed_after_an_error(monkeypatch):
    bars = []

    class Bar:
        def __init__(self, **options):
            self.options, self.updates, self.closed = options, 0, False
            bars.append(self)

        def set_postfix_str(self, text, refresh=True):
            self.text = text

        def update(self):
            self.updates += 1

        def close(self):
            self.closed = True

    package, auto = types.ModuleType("tqdm"), types.ModuleType("tqdm.auto")
    auto.tqdm = Bar
    monkeypatch.setitem(sys.modules, "tqdm", package)
    monkeypatch.setitem(sys.modules, "tqdm.auto", auto)
    found = minimize(bowl, [0.0, 3.0], progress=True)
    assert bars[0].updates == found.nfev and bars[0].closed and bars[0].options["desc"] == "minimize bfgs"
    assert bars[0].text.startswith("f = ")
    with pytest.raises(TypeError):
        minimize(lambda x: 1.0, [0.0, 3.0], progress=True)
    assert bars[1].closed


def test_tqdm_itself(capsys):
    pytest.importorskip("tqdm")
    minimize(bowl, [0.0, 3.0], progress=True)
    assert "minimize bfgs" in capsys.readouterr().err
