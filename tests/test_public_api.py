"""The public names as type checkers see them: stubs are current, cover the package, and a typed program over them runs."""

from pathlib import Path

import public_api
import pytest

import tape
from tape import stubs

HOUSE = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["__init__.pyi", "tensor.pyi"])
def test_stubs_are_current(name):
    assert (HOUSE / "tape" / name).read_text() == stubs.texts()[name], "run python -m tape.stubs"


def test_the_typed_program_runs():
    public_api.main()


def test_every_public_function_says_what_it_does():
    silent = [
        f"{home.__name__}.{name}"
        for home in (tape, tape.Tensor, tape.autograd, tape.func, tape.linalg, tape.nn, tape.optim, tape.optimize)
        for name, value in vars(home).items()
        if not name.startswith("_")
        and callable(value)
        and getattr(value, "__module__", "").startswith("tape")
        and not (value.__doc__ or "").strip()
    ]
    assert silent == []
