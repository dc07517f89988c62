"""The ladder of sight: what each level counts, checks and prints; that it changes nothing; first_nan."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tape
from tape import columns
from tape.autograd import engine
from tape.verify import VerifyError

HOUSE = Path(__file__).parents[1]


def loss(x, y):
    a = (x * y).sin() + x.exp()
    a[0] = y
    return tape.cat([a, a[1:], a * 2.0]).logsumexp(0) + (x @ x) / y


@pytest.fixture
def leaves():
    return tape.tensor([0.3, 0.7, 1.1], requires_grad=True), tape.tensor(0.4, requires_grad=True)


def test_one_counts(leaves):
    with tape.debug(1) as counts:
        loss(*leaves).backward()
        loss(*leaves).backward()
    assert counts["sweeps"] == counts["tapes visited"] == 2
    assert counts["rows visited"] > 20 and counts["rows verified"] == 0
    loss(*leaves).backward()
    assert counts["sweeps"] == 2, "nothing is counted when the block has ended"


def test_inner_blocks_count_their_own(leaves):
    with tape.debug(1) as outer:
        loss(*leaves).backward()
        with tape.debug(2) as inner:
            loss(*leaves).backward()
        loss(*leaves).backward()
    assert (outer["sweeps"], inner["sweeps"]) == (3, 1)
    assert outer["rows verified"] == inner["rows verified"] > 0


def test_two_verifies_before_the_sweep(leaves):
    result = loss(*leaves)
    recorded = result._t
    columns.close(recorded)
    place = next(row for row in range(7, len(recorded.rows), 7) if isinstance(recorded.rows[row + 3], np.ndarray))
    recorded.rows[place + 3] = np.ones(17)
    with tape.debug(2), pytest.raises(VerifyError, match=r"float64\[17\]"):
        result.backward()
    assert leaves[0].grad is None


def test_three_prints_the_tape(leaves, capsys):
    result = loss(*leaves)
    expected = tape.show(result._t, print_it=False) + "\n"
    with tape.debug(3):
        result.backward()
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err == expected
    assert "= leaf  f8[3]" in expected and "test_debug.py:" in expected


def test_four_prints_values_and_cotangents(capsys):
    x = tape.tensor([1.0, 2.0], requires_grad=True)
    with tape.debug(4):
        (x * x * 3.0).sum().backward()
    printed = capsys.readouterr().err
    after = printed[printed.index("@4 = sum(@3)", printed.index("@4 = sum(@3)") + 1) :]
    assert after.splitlines()[1:3] == ["    cotangent  1.0", "    to @3      [1. 1.]"]
    assert "@2 = mul(@1, @1)" in after
    assert "    @1         [1. 2.]" in after.splitlines()
    assert after.splitlines()[-1] == "    gradient   [ 6. 12.]"


def test_four_shows_what_create_graph_records(leaves, capsys):
    x, y = leaves
    (g,) = tape.autograd.grad(loss(x, y), x, create_graph=True)
    with tape.debug(4):
        g.sum().backward()
    printed = capsys.readouterr().err
    assert "import of @" in printed and "the plain replay ends" not in printed
    assert printed.count("gradient   ") == 2


def test_four_starts_from_leaves_as_well(capsys):
    x = tape.tensor([1.0, 2.0], requires_grad=True)
    with tape.debug(4):
        tape.autograd.backward([x, (x * 2.0).sum(), x], [tape.ones(2), None, tape.ones(2)])
    assert capsys.readouterr().err.splitlines()[-1] == "    gradient   [4. 4.]"
    assert x.grad.tolist() == [4.0, 4.0]


@pytest.mark.parametrize("level", range(5))
def test_no_level_changes_a_result(leaves, level, capsys):
    x, y = leaves
    loss(x, y).backward()
    expected = x.grad.tolist(), y.grad.tolist()
    x.grad = y.grad = None
    seen = []
    with tape.debug(level):
        z = loss(x, y)
        z.register_hook(seen.append)
        x.register_hook(lambda g: g * 1.0)
        z.backward()
    assert (x.grad.tolist(), y.grad.tolist()) == expected
    assert len(seen) == 1, "hooks run once"
    with pytest.raises(RuntimeError, match="second time"):
        z.backward()


@pytest.mark.parametrize("level", [2, 4])
def test_errors_are_those_of_the_sweep(leaves, level):
    result = loss(*leaves)
    result.backward()
    with tape.debug(level), pytest.raises(RuntimeError, match="second time"):
        result.backward()


def test_a_block_that_raises_restores_the_level(leaves):
    with pytest.raises(KeyError), tape.debug(2):
        raise KeyError
    assert engine.watch is None


@pytest.mark.parametrize("level", [-1, 5, "2", None])
def test_other_levels_are_refused(level):
    with pytest.raises(ValueError, match="wanted one of 0, 1, 2, 3, 4"):
        tape.debug(level)


def run(level, text):
    return subprocess.run(
        [sys.executable, "-c", text],
        env={"TAPE_DEBUG": level, "PATH": "", "PYTHONPATH": str(HOUSE)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_environment_sets_the_level():
    done = run("2", "import tape; x = tape.tensor(2.0, requires_grad=True); (x * x).backward(); print(x.grad)")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "tensor(4.)\n"
    assert done.stderr.startswith("tape: ") and "rows verified 3" in done.stderr and "sweeps 1" in done.stderr


def test_another_level_in_the_environment_is_an_error():
    done = run("loud", "import tape")
    assert done.returncode and "TAPE_DEBUG is 'loud'; wanted 0, 1, 2, 3 or 4" in done.stderr


# first_nan


# fmt: off
@pytest.mark.parametrize("function, row", [
    (lambda x: x.log() * 2.0,                    "log("),
    (lambda x: ((x + 1.0).sqrt() - 3.0).sqrt(),  "sqrt("),
    (lambda x: (x.log() * 2.0).exp().sum(),      "log("),
    (lambda x: (x * 0.0).reciprocal() * x * 0.0, "mul("),
    (lambda x: (x / x.relu()).exp(),             None),
    (lambda x: (x.relu() / x.relu()).sin(),      "div("),
    (lambda x: x.sum() - x.exp().sum(),          None),
])  # fmt: on
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_first_nan_names_the_operation(function, row):
    found = tape.first_nan(function(tape.tensor([2.0, -2.0], requires_grad=True)))
    if row is None:
        assert found is None
    else:
        assert row in found and "test_debug.py:" in found


def test_first_nan_looks_at_leaves_and_other_tapes():
    x = tape.tensor([1.0, float("nan")], requires_grad=True)
    assert tape.first_nan(x * 2.0).startswith("@1 = leaf")
    assert tape.first_nan(x) == "the tensor itself, which no operation made"
    assert tape.first_nan(tape.tensor([1.0])) is None
    y = tape.tensor([0.0, 1.0], requires_grad=True)
    (g,) = tape.autograd.grad(y.sqrt().sum(), y, create_graph=True)  # inf at 0
    assert tape.first_nan(g) is None
    assert "mul(" in tape.first_nan((g * y).exp())


def test_first_nan_of_something_else():
    with pytest.raises(TypeError, match="wanted a Tensor"):
        tape.first_nan(float("nan"))


# first_nan of a function: the operation, the line, the index, what went in.


def line_of(found):
    path, _, line = found.place.rpartition(":")
    return open(path).read().splitlines()[int(line) - 1]


def test_the_first_value_that_is_not_finite():
    def function(x):
        y = x * 2
        z = (y - 2).log()  # minus infinity at the second element
        return (z * 3).exp() + z

    found = tape.debug.first_nan(function, tape.tensor([2.0, 1.0]))
    assert (found.stage, found.operation, found.index, found.inputs, found.value) == ("forward", "log", (1,), (0.0,), float("-inf"))
    assert "minus infinity" in line_of(found) and found.where is None
    assert "test_debug.py" in str(found) and "at index (1,)" in str(found)
    assert tape.debug.first_nan(function, tape.tensor([2.0, 3.0])) is None
    assert tape.debug.first_nan(function, tape.tensor([2.0, 1.0]), infinities=False) is None


def test_operators_with_two_inputs():
    found = tape.debug.first_nan(lambda a, b: a / b, tape.tensor([1.0, 0.0]), tape.tensor([2.0, 0.0]))
    assert found.operation in ("div", "truediv") and found.index == (1,) and found.inputs == (0.0, 0.0) and found.value != found.value


def test_a_gradient_that_is_not_finite():
    def function(x):
        return (x * 1.0).sqrt().sum()  # a kink

    found = tape.debug.first_nan(function, tape.tensor([1.0, 0.0]))
    assert (found.stage, found.operation, found.index) == ("backward", "SqrtBackward0", (1,))
    assert "a kink" in line_of(found)


def test_inactive_lanes_name_their_where():
    def function(x):
        root = x.sqrt()
        return tape.where(x > 0, root, 0.0).sum()  # leaves the root of -1 out

    found = tape.debug.first_nan(function, tape.tensor([4.0, -1.0]))
    assert found.operation == "sqrt" and found.index == (1,) and found.inputs == (-1.0,)
    assert found.where.startswith("where at ") and "inactive lane" in str(found)
    path, _, line = found.where.removeprefix("where at ").rpartition(":")
    assert "leaves the root" in open(path).read().splitlines()[int(line) - 1]


def test_a_where_that_lets_it_through_is_not_named():
    found = tape.debug.first_nan(lambda x: tape.where(x < 0, x.sqrt(), 0.0), tape.tensor([4.0, -1.0]))
    assert found.operation == "sqrt" and found.where is None


def test_inputs_that_are_not_finite_come_first():
    found = tape.debug.first_nan(lambda a, b: a + b, tape.tensor(1.0), tape.tensor([0.0, float("nan")]))
    assert found.operation == "input 1" and found.index == (1,)


def test_first_nan_leaves_everything_as_it_was():
    import sys

    x = tape.tensor([1.0, -1.0], requires_grad=True)
    before = sys.getprofile()
    assert tape.debug.first_nan(lambda x: x.sqrt(), x) is not None
    assert x.grad is None and sys.getprofile() is before
    with pytest.raises(KeyError):
        tape.debug.first_nan(lambda x: {}["missing"], x)
    assert sys.getprofile() is before


def test_lines_can_be_switched_off(leaves):
    x, _ = leaves
    with tape.debug.record_lines(False):
        y = (x * 2.0).exp() + x.sum()
        with tape.debug.record_lines(True):
            z = x * 3.0  # noqa: F841
        w = x.reshape(3, 1) @ x[:1]  # noqa: F841
    shown = tape.show(x.sin()).splitlines()
    known = [line for line in shown if "test_debug.py" in line]
    assert len(known) == 2 and " = mul(@1, 3.0)" in known[0] and " = sin(" in known[1]
    assert sum("<unknown>" in line for line in shown) == len(shown) - len(known) - 2  # but for the heading and the leaf
    y.sum().backward()
    assert np.allclose(x.grad.numpy(), 2.0 * np.exp(2.0 * x.detach().numpy()) + 3.0)
