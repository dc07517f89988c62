"""PyTorch's operator database: every operation in scope has the value, gradient and second gradient that PyTorch gives on its own samples,
and gives the same compiled as eagerly."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("expecttest")

import operator_database as database  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]

# What is not as in PyTorch, and why. An entry that comes right must leave this table.
DIFFERENT = {}


def cases(dtype):
    return [pytest.param(e, id=f"{e.name}{':' + e.variant_test_name if e.variant_test_name else ''}") for e in database.entries() if database.supports(e, dtype)]


@pytest.mark.parametrize("entry", cases("float64"))
def test_float(entry):
    problems = database.examine(entry, "float64", most=3)
    assert not problems or DIFFERENT.get(entry.name), "\n".join(problems)


@pytest.mark.parametrize("entry", cases("complex128"))
def test_complex(entry):
    problems = database.examine(entry, "complex128", most=2)
    assert not problems or DIFFERENT.get(entry.name), "\n".join(problems)


@pytest.mark.parametrize("entry", cases("float64"))
def test_compiled(entry):
    problems, _ = database.examine_compiled(entry, "float64", most=1)
    assert not problems or DIFFERENT.get(entry.name), "\n".join(problems)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "complex128", "float32", "complex64"])
def test_all_samples(dtype):
    wrong = []
    for entry in database.entries():
        if database.supports(entry, dtype) and entry.name not in DIFFERENT:
            wrong += [f"{entry.name}: {p}" for p in database.examine(entry, dtype, 2 if dtype in ("float64", "complex128") else 0)]
    assert not wrong, "\n".join(wrong)


def test_the_checker_sees_a_wrong_value_and_a_wrong_derivative(monkeypatch):
    import tape

    (entry,) = database.entries(["sinh"])
    assert not database.examine(entry, "float64", most=1)
    right = tape.sinh
    monkeypatch.setattr(tape, "sinh", lambda x: right(x) + 1e-5)
    assert "value" in database.examine(entry, "float64", most=1)[0]
    monkeypatch.setattr(tape, "sinh", lambda x: right(x.detach()) + 0 * x)
    assert "order 1" in database.examine(entry, "float64", most=1)[0]
    monkeypatch.setattr(tape, "sinh", lambda x: right(x) + (x - x.detach()) ** 2)
    assert "order 2" in database.examine(entry, "float64", most=1)[0]
