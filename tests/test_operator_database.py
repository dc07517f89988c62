"""PyTorch's operator database: every operation in scope has the value, gradient and second gradient that PyTorch gives on its own samples,
and gives the same compiled as eagerly."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("expecttest")

import operator_database as database  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]

# What is not as in PyTorch, and why. An entry that comes right must leave this table.
DIFFERENT = {
    "as_strided_scatter": "PyTorch hands the overwritten elements a gradient, which finite differences refute",
    "linalg.norm:subgradients_at_zero": "second derivatives of a norm of zeros: 0 where PyTorch has NaN",
    "masked.logaddexp": "second derivatives of what is masked in both: 0 where PyTorch has NaN",
    "special.bessel_j0": "PyTorch's is off by 4e-7 where its approximations meet",
    "special.bessel_y1": "PyTorch's is off by 4e-7 where its approximations meet",
}


def name_of(entry):
    return f"{entry.name}{':' + entry.variant_test_name if entry.variant_test_name else ''}"


def cases(dtype):
    return [pytest.param(e, id=name_of(e)) for e in database.entries() if database.supports(e, dtype)]


@pytest.mark.parametrize("entry", cases("float64"))
def test_float(entry):
    problems = database.examine(entry, "float64", most=3)
    assert bool(problems) == (name_of(entry) in DIFFERENT), "\n".join(problems)


@pytest.mark.parametrize("entry", cases("complex128"))
def test_complex(entry):
    problems = database.examine(entry, "complex128", most=2)
    assert not problems or name_of(entry) in DIFFERENT, "\n".join(problems)


@pytest.mark.parametrize("entry", cases("float64"))
def test_compiled(entry):
    problems, _ = database.examine_compiled(entry, "float64", most=1)
    assert not problems, "\n".join(problems)


def test_the_checker_sees_a_wrong_value_and_a_wrong_derivative(monkeypatch):
    import tape

    (entry,) = database.entries(["sinh"])
    assert not database.examine(entry, "float64", most=1)
    right = tape.sinh
    monkeypatch.setattr(tape, "sinh", lambda x: right(x) * (1 + 1e-5))
    assert "value" in database.examine(entry, "float64", most=1)[0]
    monkeypatch.setattr(tape, "sinh", lambda x: right(x.detach()) + 0 * x)
    assert "order 1" in database.examine(entry, "float64", most=1)[0]
    monkeypatch.setattr(tape, "sinh", lambda x: right(x) + (x - x.detach()) ** 2)
    assert "order 2" in database.examine(entry, "float64", most=1)[0]
