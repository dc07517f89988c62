"""verify: recordings of every kind pass, and each fault planted in one is found, with its row."""

import numpy as np
import pytest

import tape
from tape.columns import ROW, Tape, close
from tape.verify import VerifyError

rng = np.random.default_rng(0)


def leaf(*shape):
    return tape.tensor(rng.uniform(0.5, 1.5, size=shape), requires_grad=True)


# fmt: off
RECORDINGS = {
    "arithmetic":  lambda x: (x * x + 2 * x - 1 / x).sum(),
    "elementary":  lambda x: (x.exp().log1p().sin() * x.sigmoid() ** 1.5).sum(),
    "broadcast":   lambda x: (x.reshape(6, 1) * x.reshape(1, 6) + x.mean()).sum(),
    "casts":       lambda x: (x.float() * x).sum(),
    "scalars":     lambda x: x.sum().sin() * 2.0 + x[0],
    "views":       lambda x: x[1:4].reshape(3, 1).expand(3, 2).permute(1, 0).sum(),
    "indices":     lambda x: x[tape.tensor([0, 0, 2])].sum() + x[x > 1].sum(),
    "concatenate": lambda x: tape.cat([x, x[:2], x.flip(0), x * 2, x.cumsum(0)]).prod(),
    "products":    lambda x: (x.reshape(2, 3) @ x.reshape(3, 2)).trace() if hasattr(x, "trace") else (x.reshape(2, 3) @ x.reshape(3, 2)).sum(),
    "whole":       lambda x: x.logsumexp(0) + x.softmax(0)[0] + x.var() + x.norm() + x.amax(),
    "masks":       lambda x: tape.where(x > 1, x, x * x).clamp(0.6, 1.4).sum(),
    "in place":    lambda x: in_place(x),
    "linalg":      lambda x: tape.linalg.solve(x[:4].reshape(2, 2) + 3 * tape.eye(2), x[4:]).sum(),
}
# fmt: on


def in_place(x):
    y = tape.zeros(6)
    y[:3] = x[3:] * 2
    y[1] = x[0].exp()
    y.mul_(x)
    return y.sum()


@pytest.mark.parametrize("function", RECORDINGS.values(), ids=RECORDINGS)
def test_recordings_pass_before_and_after_a_sweep(function):
    result = function(leaf(6))
    assert tape.verify(result) == len(result._t) > 1
    result.backward(retain_graph=True)
    assert tape.verify(result) == len(result._t)
    result.backward()
    assert tape.verify(result) == len(result._t)


@pytest.mark.parametrize("function", RECORDINGS.values(), ids=RECORDINGS)
def test_the_tape_of_a_backward_pass_passes(function):
    x = leaf(6)
    (g,) = tape.autograd.grad(function(x), x, create_graph=True)
    if g.grad_fn is not None:
        assert tape.verify(g.sum()) > 1
        assert tape.verify(g) > 1


def test_a_leaf_has_no_tape():
    with pytest.raises(ValueError, match="no history"):
        tape.verify(leaf(2))
    with pytest.raises(TypeError, match="wanted a Tensor or a Tape"):
        tape.verify([1.0])


# Planted faults: each changes one recording, whose rows are
# 1 leaf, 2 mul(1, 1), 3 sin(2), 4 reshape(3), 5 more, 6 concatenate(4, 4), 7 sum(6), 8 mul(7, 7)


@pytest.fixture
def recording():
    x = leaf(3)
    y = (x * x).sin().reshape(3, 1)
    total = tape.cat([y, y, y]).sum()
    found = (total * total)._t
    close(found)  # so that nothing else is recorded on it once it is broken
    return found


def place(rows, name):
    """Where the last row of a primitive starts."""
    from compiled_ops.rows import BY_OPCODE

    return max(row for row in range(ROW, len(rows), ROW) if rows[row] in BY_OPCODE and BY_OPCODE[rows[row]].name == name)


def plant(rows, name, offset, value):
    rows[place(rows, name) + offset] = value


# fmt: off
FAULTS = {
    "half a row":              (lambda rows: rows.append(0),                                         "no whole rows"),
    "no sentinel":             (lambda rows: rows.__setitem__(0, 1),                                 "sentinel"),
    "unknown opcode":          (lambda rows: plant(rows, "sin", 0, 5_000),                           "opcode 5000"),
    "opcode of another type":  (lambda rows: plant(rows, "sin", 0, "sin"),                           "opcode 'sin'"),
    "forward reference":       (lambda rows: plant(rows, "sin", 1, place(rows, "sum")),              "must be an earlier row"),
    "reference to itself":     (lambda rows: plant(rows, "sin", 1, place(rows, "sin")),              "must be an earlier row"),
    "negative reference":      (lambda rows: plant(rows, "mul", 2, -ROW),                            "must be an earlier row"),
    "reference beside a row":  (lambda rows: plant(rows, "sin", 1, ROW + 1),                         "no row starts"),
    "reference to a MORE row": (lambda rows: plant(rows, "sum", 1, place(rows, "concatenate") - ROW), "no value"),
    "place of another type":   (lambda rows: plant(rows, "sin", 5, "here"),                          "its place"),
    "leaf without reference":  (lambda rows: rows.__setitem__(ROW + 3, None),                        "weak reference"),
    "saved value of a shape":  (lambda rows: plant(rows, "sin", 3, np.ones(4)),                      r"float64\[4\]"),
    "saved value of a dtype":  (lambda rows: plant(rows, "sin", 3, np.ones(3, np.float32)),          r"float32\[3\]"),
    "parameter of a shape":    (lambda rows: plant(rows, "reshape", 4, (tape.spec.intern((5,), np.dtype(float)), (5,))), r"float64\[5\]"),
    "parameters of no tuple":  (lambda rows: plant(rows, "reshape", 4, [3]),                         "tuple of parameters"),
    "too many further rows":   (lambda rows: plant(rows, "concatenate", 3, 2),                       "no further references"),
    "further rows unused":     (lambda rows: plant(rows, "concatenate", 3, None),                    "no row below takes them"),
}
# fmt: on


@pytest.mark.parametrize("fault, message", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(recording, fault, message):
    tape.verify(recording)
    fault(recording.rows)
    with pytest.raises(VerifyError, match=message) as caught:
        tape.verify(recording)
    assert f"tape {recording.num}" in str(caught.value)


def test_the_fault_names_row_and_line(recording):
    plant(recording.rows, "sin", 3, np.ones(4))
    with pytest.raises(VerifyError, match=rf"row @{place(recording.rows, 'sin') // ROW}, recorded at .*test_verify\.py:\d+"):
        tape.verify(recording)


def test_hooks_stand_on_rows(recording):
    recording.hooks[ROW + 3] = object()
    with pytest.raises(VerifyError, match="hooks stand at"):
        tape.verify(recording)


@pytest.fixture
def importing():
    x = leaf(3)
    (g,) = tape.autograd.grad(x.exp().sum(), x, create_graph=True)
    found = (g * g).sum()._t
    close(found)
    return found


def import_place(recording):
    return next(iter(recording.imports.values()))


def test_imports_name_tapes_that_closed_earlier(importing):
    tape.verify(importing)
    importing.rows[import_place(importing) + 3].closed = 1 << 40
    importing.closed = 1 << 39
    with pytest.raises(VerifyError, match="not smaller than its own"):
        tape.verify(importing)


def test_imports_of_an_open_tape_are_faults(importing):
    importing.rows[import_place(importing) + 3].closed = 0
    with pytest.raises(VerifyError, match="closing number 0"):
        tape.verify(importing)


def test_imports_name_rows(importing):
    row = import_place(importing)
    key = next(key for key, value in importing.imports.items() if value == row)
    del importing.imports[key]
    importing.rows[row + 4] += 1
    with pytest.raises(VerifyError, match="no value stands"):
        tape.verify(importing)


def test_imports_agree_with_their_index(importing):
    importing.imports[999, ROW] = import_place(importing)
    with pytest.raises(VerifyError, match="is not the import of row @1 of tape 999"):
        tape.verify(importing)


def test_an_empty_tape_passes():
    assert tape.verify(Tape()) == 1
