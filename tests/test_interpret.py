"""The loop over scalar rows: every code to the bit of its row's meaning, guards, bytes, and rows that would read outside."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from compiled_ops import inner, interpret
from compiled_ops.table import ELEMENTWISE
from tape.compile import opcodes as o

POINTS = [0.3, 1.7, -0.4, 2.5, -3.0, 0.0, -0.0, 1.0, -1.0, 25.0, 800.0, 1e-310, 1e308, math.inf, -math.inf, math.nan]
BY_NAME = {name: op for op, name in o.NAMES.items()}
ROWS = [row.name for row in ELEMENTWISE if row.name in interpret.CODES]
TESTS = [name for name in interpret.FURTHER if name not in ("select", "strong", "copy", "truth")]


def replay(rows, inputs, loops=()):
    """The values of rows (code, a, b, c) after `inputs`; the status comes first."""
    table = np.array([*rows, (interpret.END, 0, 0, 0)], np.int32)
    entries = np.array(loops, np.int64).reshape(-1, 2)
    interpret.check(table, len(inputs), len(entries))
    values = np.zeros(len(inputs) + len(table))
    values[: len(inputs)] = inputs
    status = interpret.run(table.ctypes.data, values.ctypes.data, len(inputs), entries.ctypes.data, 0, 0, 0, 0, 0)
    return status, values[len(inputs) : -1]


def same(found, wanted):
    """Bit by bit; one NaN is like another."""
    return np.array_equal(found.view(np.int64)[~np.isnan(found)], wanted.view(np.int64)[~np.isnan(wanted)])


def meaning(name, operands, dtype=np.float64):
    with np.errstate(all="ignore"):
        return float(o.VALUE[BY_NAME[name]](None, *[np.asarray(v, dtype) for v in operands]))


def arguments(count):
    return [(x,) for x in POINTS] if count == 1 else [(x, y) for x in POINTS for y in POINTS]


@pytest.mark.parametrize("name", ROWS)
def test_rows_give_the_bits_of_their_meaning(name):
    count = int(interpret.READS[interpret.CODES[name]])
    cases = arguments(count)
    inputs = [v for case in cases for v in case]
    rows = [(interpret.CODES[name], count * k, count * k + count - 1, 0) for k in range(len(cases))]
    status, found = replay(rows, inputs)
    wanted = np.array([meaning(name, case) for case in cases])
    assert status == 0 and np.array_equal(np.isnan(found), np.isnan(wanted)) and same(found, wanted)


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.name not in interpret.CODES], ids=lambda row: row.name)
def test_the_other_rows_are_called_by_address(row):
    loop, count = inner.value_loop(row.name, "d"), len(row.inputs)
    assert loop is not None
    cases = arguments(count)
    inputs = [v for case in cases for v in case]
    code = interpret.CALL_ONE if count == 1 else interpret.CALL_TWO
    rows = [(code, count * k, count * k + count - 1, 1) for k in range(len(cases))]
    status, found = replay(rows, inputs, [(0, 0), loop])
    with np.errstate(all="ignore"):
        wanted = np.array([float(inner.kernels.forward(row.name)(*map(np.float64, case))) for case in cases])
    assert status == 0 and np.array_equal(np.isnan(found), np.isnan(wanted)) and same(found, wanted)


@pytest.mark.parametrize("name", TESTS)
def test_comparisons_and_logic(name):
    logic = name.startswith("logical")
    points, dtype = ([0.0, 1.0], np.bool_) if logic else (POINTS, np.float64)
    count = int(interpret.READS[interpret.CODES[name]])
    cases = [(x,) for x in points] if count == 1 else [(x, y) for x in points for y in points]
    rows = [(interpret.CODES[name], count * k, count * k + count - 1, 0) for k in range(len(cases))]
    _, found = replay(rows, [v for case in cases for v in case])
    assert found.tolist() == [meaning(name, case, dtype) for case in cases]


def test_choices():
    code = interpret.CODES
    rows = [(code["select"], 0, 2, 3), (code["select"], 1, 2, 3), (code["strong"], 0, 3, 0), (code["strong"], 2, 3, 0),
            (code["copy"], 3, 0, 0), (code["truth"], 2, 0, 0), (code["truth"], 0, 0, 0)]  # fmt: skip
    _, found = replay(rows, [0.0, 1.0, 5.0, math.inf])
    assert found.tolist() == [math.inf, 5.0, 0.0, math.inf, math.inf, 1.0, 0.0]


@pytest.mark.parametrize(
    ("guard", "operands", "holds"),
    [("guard_true", (2.0, 0), True), ("guard_true", (math.nan, 0), True), ("guard_true", (0.0, 0), False),
     ("guard_false", (0.0, 0), True), ("guard_false", (-0.0, 0), True), ("guard_false", (math.nan, 0), False),
     ("guard_same", (1.5, 1.5), True), ("guard_same", (0.0, -0.0), False), ("guard_same", (math.nan, math.nan), True)],
)  # fmt: skip
def test_a_guard_stops_the_run(guard, operands, holds):
    code = interpret.CODES
    rows = [(code["neg"], 0, 0, 0), (code[guard], 0, 1, 0), (code["neg"], 2, 0, 0)]
    status, found = replay(rows, operands)
    assert status == (0 if holds else 2)
    assert found[2] == (operands[0] if holds else 0.0) or holds and math.isnan(operands[0])


def test_loads_and_stores_of_numbers_and_bytes():
    source, target = np.array([0.5, 4.0]), np.zeros(2)
    mask, flags = np.array([True, False]), np.zeros(3, np.bool_)
    pointers = np.array([v.ctypes.data for v in (source, mask, target, flags)], np.int64)
    loads = np.array([(0, 8, 0), (1, 0, 1), (1, 1, 1)], np.int64)
    table = np.array([(interpret.CODES["sqrt"], 0, 0, 0), (interpret.CODES["logical_or"], 1, 2, 0), (0, 0, 0, 0)], np.int32)
    stores = np.array([(3, 2, 8, 0), (4, 3, 1, 1), (2, 3, 2, 1)], np.int64)
    values = np.zeros(6)
    addresses = [v.ctypes.data for v in (table, values)]
    interpret.run(*addresses, 3, 0, pointers.ctypes.data, loads.ctypes.data, 3, stores.ctypes.data, 3)
    assert target.tolist() == [0.0, 2.0] and flags.tolist() == [False, True, False]


GOOD = [(interpret.CODES["add"], 0, 1, 0), (interpret.CODES["mul"], 2, 0, 0), (interpret.CODES["select"], 0, 1, 3), (0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [(0, 1, 2), (0, 2, -1), (1, 1, 3), (1, 2, 9), (2, 3, 4), (2, 3, -1), (0, 0, 0), (1, 0, 1000), (1, 0, -1), (3, 0, 5), (3, 1, 5)],
)
def test_a_wrong_column_is_found_before_it_runs(row, column, fault):
    table = np.array(GOOD, np.int32)
    interpret.check(table, 2, 0)
    table[row, column] = fault
    with pytest.raises(ValueError, match="scalar row"):
        interpret.check(table, 2, 0)


def test_a_call_names_an_entry_that_is_there():
    table = np.array([(interpret.CALL_ONE, 0, 0, 1), (0, 0, 0, 0)], np.int32)
    interpret.check(table, 1, 2)
    with pytest.raises(ValueError, match="scalar row 0 reads 1"):
        interpret.check(table, 1, 1)


def test_shapes_of_tables_are_checked():
    for table in (np.zeros((2, 4)), np.zeros((0, 4), np.int32), np.zeros((2, 3), np.int32), np.zeros((4, 2), np.int32).T):
        with pytest.raises(ValueError, match="scalar rows are"):
            interpret.check(table, 1, 0)


def test_another_process_takes_the_loop_from_the_cache(tmp_path):
    code = "from compiled_ops import interpret; print(sum(interpret.run.stats.cache_hits.values()))"
    found = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}, capture_output=True, text=True,
            cwd=Path(__file__).parents[1], check=True,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert found == ["0", "1"]


def test_inner_loops_are_believed_only_where_memory_says_what_python_sees(monkeypatch):
    assert inner.inner_loop(np.add, "dd->d") is not None
    assert inner.inner_loop(np.add, "dd->?") is None and inner.inner_loop(np.matmul, "dd->d") is None
    monkeypatch.setattr(inner._Ufunc, "from_address", classmethod(lambda cls, address: cls(nin=2, nout=1, nargs=3, ntypes=5)))
    assert inner._fields(np.subtract) is None
