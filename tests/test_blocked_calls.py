"""Calls of the first tier: guards that miss, outputs of the caller's own, constants read anew, threads, memory, planted faults."""

import threading
import tracemalloc

import numpy as np
import pytest
from random_rows import build
from test_blocked import builder, compare

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.blocked import Blocked
from tape.compile.program import Call, Miss, Program
from tape.spec import intern


def guarded(shape, kind="truth", test=1.0):
    b = builder()
    x = b.input(np.full(shape, test))
    asked = b.append(o.LESS, (x, b.constant(1.5))) if kind == "truth" else x
    b.guard(asked, kind)
    b.program.outputs = [b.append("neg", (x,))]
    return b.program, int(np.flatnonzero(np.array(b.program.op) == o.GUARD)[0])


@pytest.mark.parametrize(
    ("shape", "kind"), [((), "truth"), ((1,), "truth"), ((), "value"), ((4,), "value"), ((4,), "shape"), ((), "shape")]
)
def test_guards_miss_with_row_and_outcome(shape, kind):
    program, row = guarded(shape, kind)
    blocked = Blocked(program)
    np.testing.assert_array_equal(blocked.run([np.full(shape, 1.0)])[0], -np.ones(shape))
    if kind == "shape":
        return
    with pytest.raises(Miss) as miss:
        blocked.run([np.full(shape, 2.0)])
    with pytest.raises(Miss) as right:
        program.run([np.full(shape, 2.0)])
    assert (miss.value.row, miss.value.outcome) == (right.value.row, right.value.outcome) == (row, right.value.outcome)
    np.testing.assert_array_equal(blocked.run([np.full(shape, 1.0)])[0], -np.ones(shape))


def test_guards_of_bools():
    b = builder()
    x = b.input(np.array(True))
    b.guard(b.append(o.NOT, (x,)), "value")
    b.program.outputs = [x]
    blocked = Blocked(b.program)
    assert blocked.run([np.array(True)])[0].dtype == bool
    with pytest.raises(Miss) as miss:
        blocked.run([np.array(False)])
    assert miss.value.outcome == b"\x01"


def test_the_first_guard_that_misses_is_named_and_calls_wait_for_guards():
    b = builder()
    called = []
    x = b.input(np.array(1.0))
    b.guard(b.append(o.GREATER, (x, b.constant(0.0))))
    call = Call(lambda v: called.append(1) or np.asarray(v) * 2, lambda v: ((v,), {}), "double")
    y = b.append(o.CALL, (x,), call)
    b.guard(b.append(o.GREATER, (y, b.constant(1.0))))
    b.program.outputs = [b.append("neg", (y,))]
    blocked = Blocked(b.program)
    assert blocked.run([np.array(3.0)])[0] == -6 and len(called) == 2
    with pytest.raises(Miss) as miss:
        blocked.run([np.array(-1.0)])
    assert miss.value.row == 3 and len(called) == 2


def test_calls_with_several_results():
    program, f8 = Program(), np.dtype(float)
    x = program.append(o.INPUT, (), 0, intern((4, 4), f8))
    call = program.append(o.CALL, (x,), Call(lambda v: tuple(np.linalg.eigh(v)), lambda v: ((v,), {}), "eigh"), intern((), f8))
    values = program.append(o.ITEM, (call,), 0, intern((4,), f8))
    vectors = program.append(o.ITEM, (call,), 1, intern((4, 4), f8))
    scaled = program.append(OPCODES["mul"], (vectors, values), None, intern((4, 4), f8))
    program.outputs = [program.append(o.SUM, (scaled,), ((0, 1), False), intern((), f8)), vectors]
    matrix = np.diag(np.arange(4.0)) + 0.1
    compare(program, [matrix], ulps=8)


def test_constants_are_read_at_every_call():
    b = builder()
    held, strided = np.ones(3000), np.ones((50, 60)).T
    x = b.input(np.ones(3000))
    y = b.append("add", (x, b.constant(held)))
    b.program.outputs = [y, b.append("neg", (b.constant(strided),)), b.append(o.INDEX, (b.constant(strided),), (2, 3))]
    blocked = compare(b.program, b.arguments)
    held[5], strided[2, 3] = 7.0, 9.0
    found = blocked.run(b.arguments)
    assert found[0][5] == 8.0 and found[1][2, 3] == -9.0 and found[2] == 9.0


def test_constants_that_are_not_aligned_and_long_chains_of_views():
    b = builder()
    odd = np.frombuffer(b"x" + np.arange(40.0).tobytes(), np.float64, offset=1)
    swapped = np.arange(40).astype(">f8")
    x = b.append("exp", (b.append("neg", (b.constant(odd),)),))
    y = b.append(o.CAST, (b.constant(swapped),), np.dtype(float))
    view = b.append(o.INDEX, (b.constant(odd),), (slice(3, 7),))
    b.program.outputs = [b.append("add", (x, y)), b.append("square", (view,)), b.append(o.INDEX, (view,), (1,))]
    for _ in range(1500):
        x = b.append(o.RESHAPE, (x,), (8, 5) if b.values[x].ndim == 1 else (40,))
    b.program.outputs += [x, b.append("neg", (x,))]
    compare(b.program, b.arguments)


def test_a_description_says_what_runs_and_what_it_costs():
    b = builder()
    x = b.input(b.numbers((3000,)))
    total = b.append(o.SUM, (b.append("exp", (b.append("mul", (x, x)),)),), ((0,), False))
    b.program.outputs = [b.append("sin", (total,)), b.append(o.CAST, (x,), np.dtype("f2"))]
    text = Blocked(b.program).describe()
    assert any("group of 3000 elements in blocks of 1024, 48000 bytes of memory: mul exp sum, about" in line for line in text)
    assert any("scalar run: 1 rows, 1 loads, 1 stores, 0 guards, about" in line for line in text)
    assert any("NumPy: %5 = cast" in line for line in text) and "memory of a call" in text[-1]


def test_outputs_are_the_callers_own():
    for shape in ((), (3,), (3000,)):
        b = builder()
        x, held = b.input(b.numbers(shape)), np.ones(shape)
        y = b.append("exp", (x,))
        b.program.outputs = [
            x,
            y,
            y,
            b.append(o.EXPAND, (y,), (2, *shape)),
            b.constant(held),
            b.append(o.RESHAPE, (y,), (*shape, 1)),
        ]
        blocked = Blocked(b.program)
        first = blocked.run(b.arguments)
        kept = [v.copy() for v in first]
        for v in first:
            assert v.flags.writeable and not np.shares_memory(v, b.arguments[0])
        for i, v in enumerate(first):
            assert not any(np.shares_memory(v, w) for w in first[i + 1 :])
            v[...] = -1
        for found, right in zip(blocked.run(b.arguments), kept, strict=True):
            np.testing.assert_array_equal(found, right)
        assert (held == 1).all()


def test_sums_are_the_same_every_time_and_wherever_the_memory_lies():
    b = builder()
    x = b.input(b.numbers((5001,)) * 1e8)
    b.program.outputs = [b.append(o.SUM, (b.append("sin", (x,)),), ((0,), False))]
    found = {Blocked(b.program).run([a])[0].tobytes() for a in b.arguments for _ in range(3)}
    space = np.empty(5002)
    for shift in (0, 1):
        space[shift : shift + 5001] = b.arguments[0]
        found.add(Blocked(b.program).run([space[shift : shift + 5001]])[0].tobytes())
    assert len(found) == 1


def test_threads_share_a_program():
    program, arguments, _ = build(np.random.default_rng(5), 120)
    blocked = Blocked(program, exact=True)
    inputs = [[a + k / 100 for a in arguments] for k in range(8)]
    wanted, wrong = [], []
    for one in inputs:
        try:
            wanted.append(blocked.run(one))
        except Miss:
            wanted.append(None)

    def work(k):
        for _ in range(30):
            try:
                found = blocked.run(inputs[k])
            except Miss:
                found = None
            right = wanted[k]
            equal = found is right if right is None or found is None else all(map(np.array_equal, found, right))
            if not equal:
                wrong.append(k)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(w is not None for w in wanted) and not wrong


def test_nothing_is_allocated_but_the_results():
    b = builder()
    x = b.input(b.numbers((400, 50)))
    y = x
    for _ in range(6):
        y = b.append("sub", (b.append("mul", (y, x)), b.append(o.EXPAND, (b.append(o.AMAX, (y,), ((1,), True)),), (400, 50))))
    b.program.outputs = [b.append(o.SUM, (y,), ((0, 1), False))]
    blocked = Blocked(b.program)
    blocked.run(b.arguments)
    peaks = []  # of several calls: other threads of this process may allocate as well
    tracemalloc.start()
    try:
        for _ in range(10):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            blocked.run(b.arguments)
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
    assert min(peaks) < 2_000


def test_long_scalar_runs_between_arrays():
    b = builder()
    x = b.input(b.numbers((50,)))
    total = b.append(o.INDEX, (x,), (0,))
    for k in range(1, 50):
        total = b.append("add", (b.append("mul", (total, b.append(o.INDEX, (x,), (k,)))), b.constant(0.5)))
    scaled = b.append("mul", (x, total))
    whole = b.append(o.SUM, (scaled,), ((0,), False))
    b.program.outputs = [b.append("sin", (b.append("add", (whole, total)),)), scaled]
    blocked = compare(b.program, b.arguments, ulps=4)
    assert sum("scalar run" in line for line in blocked.describe()) == 2


def test_verification_finds_a_planted_fault(monkeypatch):
    from tape.compile import blocked as package

    b = builder()
    x = b.input(np.array(0.5))
    b.program.outputs = [b.append("add", (b.append("exp", (x,)), x))]
    right = package.columns_of

    def wrong(*arguments):
        found = right(*arguments)
        found.b[-1] = len(found.op) + 5
        return found

    monkeypatch.setattr(package, "columns_of", wrong)
    with pytest.raises(ValueError, match="scalar row 1 reads 7"):
        Blocked(b.program)
