"""Loops found in scalar rows: what is found is worth it, and written out again it is the columns exactly."""

import numpy as np
import pytest
from scalar_programs import Rows, compare, looped, run_columns

from tape.compile.native.rolled import prove, roll
from tape.compile.scalars import without_strong


def saved(columns):
    return sum(loop.period * (loop.count - 1) for loop in roll(columns))


def euler(steps, scale=0.01):
    """Steps of an oscillator and, backwards, a recurrence that reads its states."""
    rows = Rows(4)
    x, v, h, zero = rows.element(0), rows.element(1), rows.constant(scale), rows.constant(0.0)
    states = []
    for _ in range(steps):
        x, v = rows.row("add", x, rows.row("mul", h, v)), rows.row("sub", v, rows.row("mul", h, rows.row("sin", x)))
        states.append((x, v))
    g = zero
    for x, v in reversed(states):
        g = rows.row("add", rows.row("mul", g, rows.row("cos", x)), rows.row("mul", v, x))
    return rows.assembled([g, x, v])


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_written_out_again_the_loops_are_the_columns(seed, exact):
    columns, *_ = run_columns(looped(seed))
    columns = columns if exact else without_strong(columns)
    prove(roll(columns), columns)


def test_the_proof_fails_where_a_loop_is_wrong():
    columns, *_ = run_columns(euler(50))
    loops = roll(columns)
    loops[0].step[0, 0] += 1
    with pytest.raises(AssertionError, match="column a of row"):
        prove(loops, columns)


def test_a_forward_and_a_backward_loop_are_found_whole():
    columns, *_ = run_columns(euler(100))
    forward, backward = roll(columns)
    assert (forward.period, forward.count) == (5, 100) and (backward.period, backward.count) == (4, 100)
    assert -forward.period in backward.step
    assert len(columns) == forward.period * forward.count + backward.period * backward.count


def test_what_the_first_iteration_reads_from_elsewhere_belongs_to_the_loop():
    columns, *_ = run_columns(euler(100))
    assert [len(loop.entry) for loop in roll(columns)] == [4, 1]  # x and v twice each; g


def test_constants_are_shared_or_a_table():
    rows = Rows(2)
    x, fixed = rows.element(0), rows.constant(2.0)
    for k in range(60):
        x = rows.row("add", rows.row("mul", x, fixed), rows.constant(k * 0.5))
    (loop,) = roll(run_columns(rows.assembled([x]))[0])
    assert (loop.period, len(loop.tables)) == (2, 1)


def test_elements_of_an_array_move_by_bytes():
    rows = Rows(300)
    total = rows.constant(0.0)
    for k in range(100):
        total = rows.row("add", total, rows.row("square", rows.element(299 - 3 * k)))
    (loop,) = roll(run_columns(rows.assembled([total]))[0])
    assert loop.step[0, 0] == -24


def test_short_and_irregular_programs_have_no_loops():
    rows = Rows(3)
    assert roll(run_columns(rows.assembled([rows.row("sin", rows.element(0))]))[0]) == []
    rng = np.random.default_rng(0)
    rows = Rows(3)
    values = [rows.element(k) for k in range(3)]
    for _ in range(300):
        values.append(rows.row(rng.choice(["add", "mul", "sub"]), *rng.choice(values, 2).tolist()))
    columns, *_ = run_columns(rows.assembled(values[-5:]))
    assert saved(columns) < 100
    prove(roll(columns), columns)


def test_interleaved_loops_of_two_periods_are_both_found():
    rows = Rows(2)
    x, y = rows.element(0), rows.element(1)
    for _ in range(40):
        x = rows.row("sin", rows.row("add", x, y))
    for _ in range(50):
        y = rows.row("tanh", rows.row("mul", rows.row("add", y, x), x))
    program = rows.assembled([x, y])
    columns, *_ = run_columns(program)
    assert [(loop.period, loop.count) for loop in roll(columns)] == [(2, 40), (3, 50)]
    compare(program, np.array([0.3, 0.7]))


def test_a_value_of_some_iteration_is_read_after_the_loop():
    rows = Rows(1)
    x = rows.element(0)
    seen = []
    for _ in range(60):
        x = rows.row("add", rows.row("sin", x), x)
        seen.append(x)
    compare(rows.assembled([seen[7], seen[-1], seen[0], rows.row("mul", seen[20], seen[40])]), np.array([0.3]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_random_loops_compute_what_rows_do_one_by_one(seed):
    rng = np.random.default_rng(seed)
    compare(looped(seed), rng.normal(size=40), rng.normal(size=40))
