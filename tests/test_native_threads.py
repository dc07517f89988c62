"""Threads that take the ranges of a loop in turn: everything is done once, errors wait for all, and a held-up thread holds nobody up."""

import threading
import time

import pytest

from tape.compile.native.threads import share


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [1, 2, 7, 123])
def test_every_piece_is_done_once(threads, count):
    done = []
    share(lambda low, high: done.extend(range(low, high)), count, threads)
    assert sorted(done) == list(range(count))


def test_an_error_is_raised_when_all_are_done():
    done = []

    def work(low, high):
        if low == 0:
            raise ArithmeticError("planted")
        time.sleep(0.01)
        done.append(low)

    with pytest.raises(ArithmeticError, match="planted"):
        share(work, 40, 2)
    before = list(done)
    time.sleep(0.05)
    assert done == before, "nothing goes on behind the caller's back"


def test_a_thread_that_is_held_up_takes_one_range_only():
    held, took = threading.Event(), []

    def work(low, high):
        if threading.current_thread() is not threading.main_thread():
            held.wait(1.0)
        took.append((threading.current_thread() is threading.main_thread(), low))
        if len([1 for mine, _ in took if mine]) == 7:
            held.set()

    share(work, 8, 2)
    assert sum(mine for mine, _ in took) >= 7 and len(took) == 8
