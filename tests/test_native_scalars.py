"""Scalar runs as machine code: every row has the bits that NumPy's rows have, and what crosses loops, pieces and guards arrives."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from scalar_programs import OPCODE, Native, Rows, compare, looped, run_columns, same_bits

from compiled_ops.rows import PRIMITIVES, Elementwise
from tape.compile import opcodes as o
from tape.compile.native import llvm, scalar_text, shelf
from tape.compile.program import Miss
from tape.compile.scalars import BOOL, columns_of

NAMES = [name for name, row in PRIMITIVES.items() if isinstance(row, Elementwise)]
ODD = [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, -7.5, 1e-310, 1e300, -1e300, 710.0, -745.5, np.inf, -np.inf, np.nan, 20.5, 1e-9]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("TAPE_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "objects"))
    monkeypatch.setenv("TAPE_DEBUG", "1")


def everywhere(name, values):
    """The row at every value, or at every pair of neighbours and of values from both ends."""
    rows = Rows(len(values))
    elements = [rows.element(k) for k in range(len(values))]
    if len(PRIMITIVES[name].inputs) == 1:
        return rows.assembled([rows.row(name, x) for x in elements])
    pairs = [*zip(elements, elements[1:], strict=False), *zip(elements, reversed(elements), strict=True)]
    return rows.assembled([rows.row(name, a, b) for a, b in pairs])


@pytest.mark.parametrize("name", NAMES)
def test_every_elementwise_row_has_the_bits_of_the_eager_one(name):
    row = PRIMITIVES[name]
    rng = np.random.default_rng(len(name))
    inside = np.concatenate([rng.uniform(*domain, 30) for domain in row.domain for _ in (0, 1)])
    compare(everywhere(name, inside), inside)
    wide = np.concatenate([rng.normal(scale=20.0, size=30), rng.normal(size=10) * 10.0 ** rng.integers(-200, 200, 10)])
    values = np.array([*wide, *ODD, *(ODD if len(row.inputs) > 1 else [])])
    if name == "polygamma":
        values = np.concatenate([rng.integers(0, 6, 20) + 0.0, values])
    compare(everywhere(name, values), values)


@pytest.mark.parametrize("name", NAMES)
def test_in_a_loop_a_row_is_the_same_as_alone(name):
    values = np.random.default_rng(1).uniform(*PRIMITIVES[name].domain[-1], 150)
    native = compare(everywhere(name, values), values)
    assert "phi i64" in native.text


@pytest.mark.parametrize("exact", [True, False])
def test_comparisons_logic_casts_selects_and_strong_zeros(exact):
    rows = Rows(len(ODD))
    elements = [rows.element(k) for k in range(len(ODD))]
    found = []
    for a, b in zip(elements, [*elements[3:], *elements[:3]], strict=True):
        tests = [rows.row(o.NAMES[op], a, b) for op in sorted(o.COMPARISONS)]
        tests += [rows.row(name, a) for name in ("isnan", "isinf", "isfinite")]
        both = [rows.row(name, tests[0], tests[4]) for name in ("logical_and", "logical_or", "logical_xor", "less", "equal")]
        tests += [*both, rows.row("logical_not", tests[1]), rows.cast(a, BOOL)]
        found += [rows.cast(test, rows.program.spec[a]) for test in tests]
        found += [rows.row("select", tests[2], a, b), rows.cast(rows.row("select", *tests[:3]), rows.program.spec[a])]
        if exact:
            found.append(rows.row("strong", a, b))
    compare(rows.assembled(found), np.array(ODD), exact=exact)


def test_outputs_may_be_bools_elements_constants_and_gaps():
    rows = Rows(3)
    x = rows.element(1)
    mask = rows.row("less", x, rows.element(2))
    part = rows.program.append(o.ASSEMBLE, (x, rows.constant(2.5)), ((2, 3), (4, 0), np.dtype(float)), rows.program.spec[x])
    from tape.spec import intern

    rows.program.spec[part] = intern((2, 3), np.dtype(float))
    again = rows.program.append(o.INDEX, (part,), (1, 1), rows.program.spec[x])
    empty = rows.program.append(o.INDEX, (part,), (1, 2), rows.program.spec[x])
    one = rows.constant(1.0)
    compare(rows.outputs(mask, part, again, empty, one, x, rows.row("add", again, empty)), np.array([1.0, 2.0, 3.0]), np.zeros(3))


def test_masks_are_carried_kept_for_the_way_back_and_read_after_the_loop():
    rows = Rows(2)
    x, limit = rows.element(0), rows.element(1)
    last, masks = rows.row("less", x, limit), []
    for _ in range(60):
        moved = rows.row("add", rows.row("cos", x), rows.row("mul", x, limit))
        mask = rows.row("less", moved, x)
        x = rows.row("select", rows.row("logical_or", mask, last), moved, rows.row("sin", x))
        last = mask
        masks.append((mask, x))
    g = rows.constant(1.0)
    for mask, x in reversed(masks):
        g = rows.row("add", rows.row("select", mask, rows.row("sin", g), x), rows.cast(mask, rows.program.spec[x]))
    program = rows.outputs(g, x, masks[5][0], masks[-1][0], rows.row("logical_and", masks[7][0], masks[59][0]))
    native = compare(program, *np.random.default_rng(0).normal(size=(8, 2)))
    assert native.text.count("phi i64") == 2 and "phi i1" in native.text


def test_a_run_may_only_copy():
    rows = Rows(3)
    program = rows.assembled([rows.element(2), rows.constant(0.5), rows.element(0)], (3, 1, 0), 5)
    native = compare(program, np.array([1.0, 2.0, 3.0]))
    assert len(native.columns) == 0


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_random_loops(seed, exact):
    rng = np.random.default_rng(seed)
    program = looped(seed)
    native = Native(program, exact)
    for _ in range(2):
        x = rng.normal(size=40)
        right = program.run([x])
        if exact or _strong_changes_nothing(program, x):
            same_bits(native.run([x]), right)


def _strong_changes_nothing(program, x):
    values = program.run([x], keep=True)
    strong = [row for row, op in enumerate(program.op) if op == o.STRONG]
    return all(values[program.a[row]] != 0 or values[program.b[row]] == 0 for row in strong)


def test_guards_return_the_row_that_missed_and_what_it_saw():
    rows = Rows(3)
    a, b, c = (rows.element(k) for k in range(3))
    rows.guard(rows.row("less", a, b), "truth", True)
    by_value = rows.guard(rows.row("add", a, b), "value", np.float64(3.0).tobytes())
    rows.guard(c, "shape", ())
    by_truth = rows.guard(c, "truth", False)
    program = rows.outputs(rows.row("mul", a, b))
    native = compare(program, np.array([1.0, 2.0, 0.0]))
    for x, row, saw in (([2.0, 1.0, 0.0], 5, 0.0), ([1.0, 2.5, 0.0], by_value, 3.5), ([1.0, 2.0, np.nan], by_truth, np.nan)):
        with pytest.raises(Miss) as miss:
            native.run([np.array(x)])
        with pytest.raises(Miss) as wanted:
            program.run([np.array(x)])
        assert miss.value.row == wanted.value.row == row
        assert miss.value.outcome == saw or np.isnan(saw)


def test_a_guard_in_a_loop_says_in_which_iteration():
    rows = Rows(40)
    total, guards = rows.constant(0.0), []
    for k in range(40):
        x = rows.element(k)
        guards.append(rows.guard(rows.row("greater", x, total), "truth", k > 0))
        total = rows.row("add", total, rows.row("mul", x, rows.constant(-0.5)))
    program = rows.outputs(total)
    x = np.linspace(0.0, 1.0, 40)
    native = compare(program, x)
    assert "phi i64" in native.text
    for k in (3, 17, 39):
        changed = x.copy()
        changed[k] = -1e6
        with pytest.raises(Miss) as miss:
            native.run([changed])
        assert miss.value.row == guards[k]


def test_long_programs_without_loops_come_in_pieces(monkeypatch):
    rng = np.random.default_rng(3)
    rows = Rows(8)
    values = [rows.element(k) for k in range(8)]
    for _ in range(7000):
        a, b = values[-int(rng.integers(1, 9))], values[int(rng.integers(len(values)))]
        values.append(
            rows.row(rng.choice(["sin", "sigmoid"]), a)
            if rng.random() < 0.2
            else rows.row(rng.choice(["add", "mul", "sub", "maximum"]), a, b)
        )
    native = compare(rows.assembled(values[-40:]), rng.normal(size=8))
    assert native.text.count("define i64 @run.piece") >= 4
    monkeypatch.setattr(llvm, "_LONG", 100_000)  # pieces in several LLVM modules that call each other
    parted = compare(native.program, rng.normal(size=8))
    assert parted.text.count("declare i64 @run.piece") >= 3


@pytest.mark.parametrize("x", [[0.3, 1.0], [0.0, 0.0], [np.nan, 1.0]])
def test_the_fast_variant_reads_strong_as_what_it_guards(x):
    rows = Rows(2)
    found = rows.row("strong", rows.element(0), rows.row("sin", rows.row("strong", rows.element(0), rows.element(1))))
    program = rows.outputs(found)
    fast, exact = Native(program, exact=False), Native(program)
    same_bits(exact.run([np.array(x)]), program.run([np.array(x)]))
    assert "fcmp" not in fast.text and fast.run([np.array(x)])[0] == np.sin(x[1])


def test_another_process_finds_the_object_on_disk(tmp_path):
    script = (
        "import sys; sys.path[:0] = ['tests']; from test_native_scalars import *;"
        "print(Native(looped(3)).code.from_disk, compare(looped(3), np.arange(40.0)) is not None)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | {"TAPE_CACHE_DIR": str(tmp_path)}, capture_output=True, text=True
        )
        for _ in range(2)
    ]
    assert [each.stdout for each in told] == ["False True\n", "True True\n"], told[0].stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_while_the_worker_compiles_leaves_both_processes_able_to(tmp_path):
    script = """
import os, sys, threading
sys.path[:0] = ["tests"]
from test_native_scalars import *
text, done = Native(looped(6)).text, threading.Event()
from tape.compile.background import later
for k in range(8):
    later(lambda k=k: llvm.compile_now(text + f"; {k}").address("run") and k == 7 and done.set())
for k in range(4):
    child = os.fork()
    if not child:
        threading.Timer(50, os._exit, [2]).start()
        os._exit(0 if llvm.compile_now(text + f"; in the child {k}").address("run") else 1)
    assert os.waitpid(child, 0)[1] == 0
assert done.wait(50)
"""
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=os.environ | {"TAPE_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr


def test_damaged_entries_and_folders_that_cannot_be_written_are_no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TAPE_CACHE_DIR", str(tmp_path))
    text = Native(looped(4)).text
    (entry,) = tmp_path.iterdir()
    assert llvm.compile_now(text).from_disk
    whole = entry.read_bytes()
    for damaged in (b"", whole[:-5], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]):
        entry.write_bytes(damaged)
        assert not llvm.compile_now(text).from_disk
    monkeypatch.setenv("TAPE_CACHE_DIR", str(entry / "in a file"))
    assert not llvm.compile_now(text).from_disk
    monkeypatch.setenv("TAPE_CACHE_DIR", str(tmp_path / "few"))
    monkeypatch.setattr(shelf, "LIMIT", 3 * len(whole))
    for seed in range(10):
        shelf.store(str(seed), [whole])
    assert 1 <= len(list((tmp_path / "few").iterdir())) <= 3 and shelf.load("9") == [whole]


def test_errors_of_a_text_say_what_they_are():
    code = llvm.compile_now(Native(looped(5)).text)
    assert code.address("run")
    with pytest.raises(RuntimeError):
        llvm.compile_now("this is no module")
    with pytest.raises(LookupError, match="nonsense"):
        llvm.compile_now("declare double @tape_nonsense(double)")
    with pytest.raises(KeyError):
        code.address("walk")


def test_a_plan_is_described():
    told = scalar_text.describe(run_columns(looped(11))[0], True)
    assert told[0].startswith("scalar rows: ") and all("rows, " in line for line in told[1:])


def test_extraction_is_fast_and_reads_only_what_it_is_told():
    rows = Rows(5)
    last = rows.element(0)
    for k in range(11000):
        last = rows.row("add", rows.row("mul", last, rows.constant(float(k))), rows.element(1))
    program = rows.outputs(last)
    places = {rows.input: (0, 0, (5,), (8,)), last: (1, 0)}
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        columns = columns_of(program, range(1, len(program)), places.__getitem__, [last])
        best = min(best, time.process_time() - start)
    assert len(columns) == 22000 and columns.loads == [(0, 0), (0, 8)] and columns.stores == [(columns.first + 21999, 1, 0)]
    assert best < 0.5  # about 0.05 where the machine is free


def test_a_hundred_thousand_rows_that_repeat_are_ready_in_a_second():
    rows = Rows(6)
    values = [rows.element(k) for k in range(6)]
    rng = np.random.default_rng(0)
    for _ in range(3000):  # three in a hundred do not repeat
        values.append(rows.row(rng.choice(["add", "mul", "sub"]), *rng.choice(values[-50:], 2).tolist()))
    x, v, h, states = values[0], values[1], rows.constant(1e-3), []
    for _ in range(5000):
        force = rows.row("sub", rows.row("sin", x), rows.row("mul", v, values[2]))
        x, v = rows.row("add", x, rows.row("mul", h, v)), rows.row("sub", v, rows.row("mul", h, force))
        states.append((x, v))
    g = rows.constant(1.0)
    for x, v in reversed(states):
        inner = rows.row("mul", rows.row("cos", x), g)
        for _ in range(4):
            inner = rows.row("add", rows.row("mul", inner, h), v)
        g = rows.row("add", g, rows.row("mul", h, inner))
    program = rows.assembled([g, x, v, values[-1]])
    assert len(program) > 97000
    start = time.process_time()
    native = Native(program)
    spent = time.process_time() - start
    same_bits(native.run([np.full(6, 0.3)]), program.run([np.full(6, 0.3)]))
    assert spent < 5.0, f"{spent:.2f} s"  # 0.6 where the machine is free
    assert scalar_text.scratch_bytes(native.columns, True) < 8 * 12 * 5000


def test_opcodes_of_the_table_are_all_covered():
    columns, *_ = run_columns(looped(1))
    assert set(np.unique(columns.op).tolist()) <= set(OPCODE.values())
