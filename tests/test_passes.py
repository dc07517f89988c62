"""The optimiser of programs: what each pass does to hand-built programs, counted before and after.

`Rows` builds a program with the Specs that NumPy gives; `same` runs two programs at the same arguments, special values among them,
and compares outputs and guards bit for bit, NaN being one value.
"""

import numpy as np
import pytest

from compiled_ops.rows import OPCODES
from tape.compile import opcodes as o
from tape.compile.passes import PASSES, optimise
from tape.compile.passes.columns import freeze
from tape.compile.passes.common import common
from tape.compile.passes.dead import dead
from tape.compile.passes.fold import fold
from tape.compile.program import Call, Guard, Program
from tape.spec import spec_of

SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan, 5e-324, -2.5e-310, 1e308, 0.1, -3.7]


class Rows:
    """A program under construction; `x = rows.input(shape)`, `y = rows("mul", x, x)`. Runs along at sample arguments to know Specs."""

    def __init__(self):
        self.program, self.values, self.samples = Program(), [], []

    def _append(self, op, inputs, params, value, place=None):
        self.values.append(value)
        return self.program.append(op, inputs, params, spec_of(np.asarray(value)), place)

    def input(self, shape=(), dtype=float):
        sample = np.full(shape, 0.5).astype(dtype)
        self.samples.append(sample)
        return self._append(o.INPUT, (), len(self.program.inputs), sample)

    def constant(self, value, dtype=None, live=False):
        array = np.array(value, dtype)
        return self._append(o.CONSTANT, (), array if live else freeze(array), array)

    def __call__(self, name, *inputs, params=None, place=None):
        op = OPCODES[name] if name in OPCODES and OPCODES[name] in o.VALUE else {n: k for k, n in o.NAMES.items() if k >= 1000}[name]
        with np.errstate(all="ignore"):
            value = o.VALUE[op](params, *[np.asarray(self.values[i]) for i in inputs])
        return self._append(op, inputs, params, value, place)

    def guard(self, row, kind="truth"):
        guard = Guard(kind, None, "bool()")
        guard.outcome = guard.see(np.asarray(self.values[row]))
        self.program.append(o.GUARD, (row,), guard, self.program.spec[row])
        self.values.append(None)

    def done(self, *outputs):
        self.program.outputs = list(outputs)
        self.program.verify()
        return self.program


def arguments(program, seed=0):
    """Sample arguments, a good part of them special values."""
    random, found = np.random.default_rng(seed), []
    for row in program.inputs:
        shape, dtype = program.spec[row].shape, program.spec[row].dtype
        value = np.where(random.random(shape) < 0.5, random.choice(SPECIAL, shape), random.normal(size=shape))
        with np.errstate(all="ignore"):
            found.append(np.asarray(np.nan_to_num(value) if dtype.kind in "iub" else value).astype(dtype))
    return found


def bits(value):
    """An array's bytes with every NaN the same."""
    value = np.array(value)
    if value.dtype.kind in "fc":
        value[np.isnan(value)] = np.nan
    return value.dtype, value.shape, value.tobytes()


def outcome(program, given):
    """Outputs as bits, or the guard that missed: its place among the guards, and what it saw."""
    from tape.compile.program import Miss

    try:
        return [bits(value) for value in program.run(given)]
    except Miss as miss:
        return list(program.guards()).index(miss.row), miss.outcome


def same(before, after, seeds=12):
    """Assert that two programs have the same inputs, guards and outputs."""
    after.verify()
    assert [before.spec[row] for row in before.inputs] == [after.spec[row] for row in after.inputs]
    assert [before.params[row] for row in before.guards()] == [after.params[row] for row in after.guards()]
    assert [before.spec[row] for row in before.outputs] == [after.spec[row] for row in after.outputs]
    for seed in range(seeds):
        given = arguments(before, seed)
        assert outcome(before, given) == outcome(after, given), f"differs at {given}"


def names(program):
    return [o.name_of(op) for op in program.op]


def check(one, program, expected, seeds=12):
    """A pass leaves rows of these names, and the outputs as they were; a second run finds nothing more to do."""
    after = dead(one(program))
    same(program, after, seeds)
    assert names(after) == expected.split(), "\n".join(after.line(row) for row in range(len(after)))
    return after


def test_dead_rows_go_but_inputs_guards_and_what_they_read_stay():
    rows = Rows()
    x, unused = rows.input((3,)), rows.input()
    y = rows("exp", x)
    rows("sin", y)
    rows.guard(rows("less", rows.constant(0.25), rows("sum", x, params=((0,), False))))
    rows("cos", unused)
    program = rows.done(y)
    after = check(dead, program, "input input exp constant sum less guard")
    assert after.inputs == [0, 1] and dead(after) is after


def test_an_unused_call_goes():
    rows = Rows()
    x = rows.input((2, 2))
    rows("call", x, params=Call(np.linalg.inv, lambda x: ((x + np.eye(2),), {}), "inv"))
    check(dead, rows.done(rows("neg", x)), "input neg")


def test_places_stay_with_their_rows():
    rows = Rows()
    place = (test_an_unused_call_goes.__code__, 0)
    x = rows.input()
    rows("exp", x)
    y = rows("sin", x, place=place)
    program = rows.done(rows("cos", y), y)
    assert dead(program).place == [None, place, None]


def test_equal_rows_become_one():
    rows = Rows()
    a, b = rows.input((2,)), rows.input((2,))
    first = rows("mul", rows("add", a, b), rows("index", a, params=(slice(0, 2),)))
    second = rows("mul", rows("add", b, a), rows("index", a, params=(slice(0, 2),)))
    program = rows.done(rows("div", first, second), rows("sub", a, b), rows("sub", b, a))
    after = check(common, program, "input input add index mul div sub sub")
    assert common(after) is after


@pytest.mark.parametrize("depth", [3, 30])
def test_long_chains_of_equal_rows_become_one(depth):
    """Equal by sorting again, and by the walk where that takes too long."""
    rows = Rows()
    x, ends = rows.input(), []
    for _ in range(2):
        y = x
        for _ in range(depth):
            y = rows("sin", rows("mul", y, x))
        ends.append(rows("select", rows("less", y, x), y, x))
    after = check(common, rows.done(rows("add", *ends)), "input " + "mul sin " * depth + "less select add")
    assert common(after) is after


def test_what_only_looks_equal_stays():
    rows = Rows()
    x = rows.input((2,))
    kept = [rows("mul", x, rows.constant(v)) for v in (0.0, -0.0, np.inf)]
    kept += [rows("cast", x, params=np.dtype(t)) for t in ("f4", "i8")]
    kept += [rows("index", x, params=(k,)) for k in (0, slice(0, 1), slice(0, 2), slice(None, None, -1))]
    kept += [rows("maximum", x, kept[0]), rows("maximum", kept[0], x)]  # ties of 0.0 and -0.0
    program = rows.done(*kept)
    assert common(program) is program


def test_constants_count_by_content_live_ones_by_identity():
    rows = Rows()
    x = rows.input((2,))
    memory = np.ones(2)
    constants = [rows.constant([1.0, 2.0]), rows.constant([1.0, 2.0])]
    live = [rows.program.append(o.CONSTANT, (), memory, spec_of(memory)) for _ in range(2)]
    rows.values += [memory, memory]
    other = rows.constant([1.0, 1.0], live=True)
    after = common(rows.done(*[rows("add", x, i) for i in (*constants, *live, other)]))
    assert names(after).count("constant") == 3 and names(after).count("add") == 3


def test_calls_and_guards_never_become_one():
    rows = Rows()
    x = rows.input((2,))
    call = Call(np.sort, lambda x: ((x,), {}), "sort")
    y = [rows("call", x, params=call), rows("call", x, params=call)]
    rows.guard(x, "shape")
    rows.guard(x, "shape")
    program = rows.done(*y)
    assert common(program) is program


def test_constants_fold_with_the_functions_of_a_replay():
    rows = Rows()
    x = rows.input((3,))
    number, array = rows.constant(0.3), rows.constant([0.3, -0.0, 7.0])
    y = rows("mul", rows("exp", rows("sin", number)), x)
    z = rows("add", rows("exp", rows("sin", array)), x)
    after = check(fold, rows.done(y, z), "input constant mul constant add")
    assert all(not p.flags.writeable for p in after.params if isinstance(p, np.ndarray))


def test_live_constants_and_large_expands_do_not_fold():
    rows = Rows()
    live = rows.constant([1.0, 2.0], live=True)
    y = rows("exp", rows("index", live, params=(0,)))
    z = rows("expand", rows.constant(1.0), params=(100, 100))
    program = rows.done(y, z)
    assert fold(program) is program
    memory = program.params[live]
    memory[0] = 0.0
    assert program.run([])[0] == 1.0


def test_a_row_of_constants_that_raises_is_left_to_the_replay():
    rows = Rows()
    x = rows.constant([2, 3])
    program = rows.done(x)
    program.outputs = [program.append(o.INDEX, (x,), (7,), program.spec[x])]
    assert fold(program) is program


def test_optimise_lists_what_it_saved_and_leaves_its_program_alone():
    rows = Rows()
    x = rows.input((3,))
    two = rows("mul", rows.constant(1.0), rows.constant(2.0))
    y = rows("add", rows("mul", x, two), rows("mul", two, x))
    rows("exp", y)
    program = rows.done(y)
    lines = [program.line(row) for row in range(len(program))]
    after, saved = optimise(program)
    same(program, after)
    assert names(after) == "input constant mul add".split() and lines == [program.line(row) for row in range(len(program))]
    assert sum(s.before - s.after for s in saved) == len(program) - len(after) and all(s.seconds >= 0 for s in saved)
    assert optimise(after)[0] is after


def test_passes_can_be_switched_off_by_name():
    rows = Rows()
    x = rows.input()
    rows("exp", x)
    program = rows.done(rows("add", rows("sin", x), rows("sin", x)))
    everything = [name for name, _ in PASSES]
    assert optimise(program, off=everything) == (program, [])
    without, saved = optimise(program, off=["common"])
    assert names(without) == "input sin sin add".split() and "common" not in {s.name for s in saved}
    with pytest.raises(ValueError, match="off names .'inlining'.; passes are dead"):
        optimise(program, off=["inlining"])
