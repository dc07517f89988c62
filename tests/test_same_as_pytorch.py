"""Lines of code on shapes, indices and creation, run with PyTorch and with tape: values, dtypes, names, views and exceptions must be the same.

The lines stand in tests/shape_lines.txt; the last expression of each is compared. `A`, `B`, ... are made anew for every line (see SETUP).
"""

from pathlib import Path

import numpy as np
import pytest

import tape

theirs = pytest.importorskip("torch")
LINES = [line for line in (Path(__file__).parent / "shape_lines.txt").read_text().splitlines() if line and not line.startswith("#")]
SETUP = """
i = torch.tensor
A, s, V, E = torch.arange(6.0).reshape(2, 3), i(3.0), torch.arange(24.0).reshape(2, 3, 4), torch.empty(0, 3)
B = torch.ones(2, 3, requires_grad=True)
C, I, M, Z = B * 2, i([0, 1]), A > 2, i([1 + 2j, 3 - 1j])
"""


def outcome(library, line):
    """What a line gives, in terms that both libraries share."""
    names = {"torch": library, "np": np}
    exec(SETUP, names)
    *before, last = line.split(";")
    try:
        exec(";".join(before), names)
        return common(eval(last.strip(), names), library)
    except Exception as error:
        return "raises", next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


def common(x, library):
    if isinstance(x, library.Tensor):
        plain = x.detach()
        plain = plain.double() if str(plain.dtype).endswith("bfloat16") else plain
        plain = plain.resolve_conj().resolve_neg() if library is theirs else plain
        row = None if x.grad_fn is None else type(x.grad_fn).__name__
        return "Tensor", str(x.dtype).removeprefix("torch."), row, x._is_view(), x.requires_grad, np.asarray(plain.numpy())
    if isinstance(x, library.Size):
        return "Size", tuple(x)
    if isinstance(x, (tuple, list)):
        return [common(each, library) for each in x]
    if isinstance(x, type):
        return x.__name__
    return str(x).removeprefix("torch.") if isinstance(x, (np.dtype, theirs.dtype)) else x


def same(a, b):
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.shape == b.shape and bool(np.all(np.isclose(a, b, rtol=1e-12, atol=0, equal_nan=True)))
    return type(a) is type(b) and a == b


@pytest.fixture(autouse=True)
def double_by_default():
    before = theirs.get_default_dtype()
    theirs.set_default_dtype(theirs.float64)
    yield
    theirs.set_default_dtype(before)


@pytest.mark.oracle
@pytest.mark.parametrize("part", range(20))
def test_lines(part):
    wrong = []
    for line in LINES[part::20]:
        wanted, found = outcome(theirs, line), outcome(tape, line)
        if not same(wanted, found):
            wrong.append(f"{line}\n    PyTorch: {wanted}\n    tape:    {found}")
    assert not wrong, "\n".join(wrong)
