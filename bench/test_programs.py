"""Value and gradient of each program by each contender, which must agree with the gradient by hand."""

import pytest

from bench.contest import check
from bench.peers import NAMES, contenders
from bench.programs import PROGRAMS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("program", PROGRAMS)
def test_value_and_gradient(program, name, measure, smoke):
    entries = contenders(PROGRAMS[program](smoke), (name, "NumPy"))
    if name not in entries:
        pytest.skip(f"{name} is not installed")
    check(entries)
    measure(entries[name])
