"""`verify(tape)`: whether a recorded tape is what sweeps rely on; compiled code itself checks nothing.

It looks at every row: whole rows of seven, known opcodes, references to earlier rows, imports of tapes that closed earlier, further
references where a row says they are, and shapes and dtypes of saved values and parameters as far as they follow from the
rows before. Invariant: it reads only, and reports the first fault with its row and the user's line.
Imports columns, show; imported by debug and tests.
"""

from __future__ import annotations

from types import CodeType
from typing import Any
from weakref import ref

import numpy as np

from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, IMPORT, LEAF, MORE, SENTINEL, WIDE, Elementwise
from tape.columns import ROW, Tape
from tape.dtypes import real_of
from tape.errors import TapeError, at
from tape.spec import SCALAR, Spec, intern, spec_of
from tape.tensor import Tensor

_KEEPS_SPEC = frozenset({"clone", "flip", "cumsum", "tril", "triu", "inv", "cholesky"})


class VerifyError(TapeError):
    """A tape that no recording can have made."""


def verify(t: Any) -> int:
    """Check the tape that a Tensor stands on, or a Tape; the number of its rows, or VerifyError for the first fault.

    ValueError for a Tensor without history, TypeError for anything else.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> tape.verify((x * x).sum()) >= 4
    True
    """
    if isinstance(t, Tensor):
        if type(t._t) is not Tape:
            raise ValueError("verify: this tensor has no history; give the result of an operation on a tensor that requires grad")
        t = t._t
    elif not isinstance(t, Tape):
        raise TypeError(f"verify: got {type(t).__name__}; wanted a Tensor or a Tape")
    _check_frame(t)
    known: dict[int, Spec] = {}
    for row in range(ROW, len(t.rows), ROW):
        _check_row(t, row)
        spec = _check_values(t, row, known)
        if spec is not None:
            known[row] = spec
    return len(t)


def _fault(tape: Tape, row: int, text: str) -> VerifyError:
    place = ""
    if len(tape.rows) >= row + ROW and isinstance(tape.rows[row + 5], CodeType):
        place = f", recorded at {at((tape.rows[row + 5], tape.rows[row + 6]))}"
    return VerifyError(f"tape {tape.num}, row @{row // ROW}{place}: {text}")


def _check_frame(tape: Tape) -> None:
    """What holds for a tape as a whole."""
    rows = tape.rows
    if type(rows) is not list or len(rows) % ROW or not rows:
        raise VerifyError(f"tape {tape.num}: its {len(rows)} entries are no whole rows of {ROW}")
    if rows[:3] != [SENTINEL, 0, 0]:
        raise _fault(tape, 0, f"the first row must be the sentinel, but starts with {rows[:3]}")
    for row in tape.hooks:
        if row % ROW or not ROW <= row < len(rows):
            raise VerifyError(f"tape {tape.num}: hooks stand at {row}, where no row starts")
    for (number, there), row in tape.imports.items():
        if row % ROW or not ROW <= row < len(rows) or rows[row] != IMPORT or (rows[row + 3].num, rows[row + 4]) != (number, there):
            raise VerifyError(f"tape {tape.num}: row {row} is not the import of row @{there // ROW} of tape {number}")


def _check_row(tape: Tape, row: int) -> None:
    """Opcode, references and place of one row."""
    rows = tape.rows
    op, a, b, x, y, code, instruction = rows[row : row + ROW]
    if type(op) is not int or op not in BY_OPCODE and op not in (LEAF, IMPORT, MORE):
        raise _fault(tape, row, f"no primitive has opcode {op!r}")
    for name, reference in (("a", a), ("b", b)):
        if type(reference) is not int or not 0 <= reference < row:
            raise _fault(tape, row, f"its reference {name} is {reference!r}; it must be an earlier row, smaller than {row}")
        if reference % ROW:
            raise _fault(tape, row, f"its reference {name} is {reference}, where no row starts")
        if reference and rows[reference] == MORE:
            raise _fault(tape, row, f"its reference {name} leads to @{reference // ROW}, which holds further references and no value")
    if code is not None and type(code) is not CodeType or type(instruction) is not int:
        raise _fault(tape, row, f"its place is {code!r}, {instruction!r}; it must be a code object or None, and an instruction")
    if op == LEAF and not (isinstance(x, ref) and isinstance(y, Spec)):
        raise _fault(tape, row, "a leaf must hold a weak reference to its Tensor, and its shape and dtype")
    if op == IMPORT:
        _check_import(tape, row, x, y)
    if op == MORE:
        below = rows[row + ROW] if row + ROW < len(rows) else None
        if below != MORE and (below is None or not _is_wide(rows, row + ROW)):
            raise _fault(tape, row, "it holds further references, but no row below takes them")
    elif op >= FIRST_OPCODE and _is_wide(rows, row):
        count, above = x, rows[row - ROW * x : row : ROW] if row > ROW * x else []
        if above != [MORE] * count:
            raise _fault(tape, row, f"it takes the references of {count} rows above it, but these are no further references")


def _check_import(tape: Tape, row: int, home: Any, there: Any) -> None:
    if not isinstance(home, Tape):
        raise _fault(tape, row, f"an import must name a Tape, not {type(home).__name__}")
    if home is tape or not home.closed or tape.closed and home.closed >= tape.closed:
        mine = tape.closed or "still to come"
        raise _fault(tape, row, f"it imports from tape {home.num} with closing number {home.closed}, which is not smaller than its own, {mine}")
    if type(there) is not int or there % ROW or not ROW <= there < len(home.rows) or home.rows[there] == MORE:
        raise _fault(tape, row, f"it imports {there!r} of tape {home.num}, where no value stands")


def _is_wide(rows: list, row: int) -> bool:
    return rows[row] in BY_OPCODE and BY_OPCODE[rows[row]].name in WIDE and type(rows[row + 3]) is int and rows[row + 3] > 0


def _check_values(tape: Tape, row: int, known: dict[int, Spec]) -> Spec | None:
    """Check what the row saves against what is known of its inputs; what is known of its value."""
    op, a, b, x, y = tape.rows[row : row + 5]
    if op == LEAF:
        return y
    if op < FIRST_OPCODE:
        return None
    primitive: Any = BY_OPCODE[op]
    if isinstance(primitive, Elementwise):
        return _check_elementwise(tape, row, primitive, known)
    params = None if primitive.kind == "bilinear" else y
    if params is not None and type(params) is not tuple:
        raise _fault(tape, row, f"{primitive.name} must hold a tuple of parameters, not {type(params).__name__}")
    if primitive.kind == "whole" and not (x is None or type(x) is tuple and len(x) >= 3):
        if type(x).__name__ != "Spent":
            raise _fault(tape, row, f"{primitive.name} must hold a tuple of at least three saved values or None")
    spec = params[0] if params and isinstance(params[0], Spec) else None
    _agree(tape, row, f"the first parameter of {primitive.name}", spec, known.get(a))
    if primitive.name == "select":
        mask = spec_of(x).shape if isinstance(x, np.ndarray) else None
        for reference in (a, b):
            if mask is not None and reference in known and known[reference].shape != mask:
                raise _fault(tape, row, f"its mask has shape {mask}, its input @{reference // ROW} {known[reference].shape}")
        return known.get(a) or known.get(b)
    return None if spec is None or params is None else _outcome(primitive.name, spec, params)


def _outcome(name: str, spec: Spec, params: tuple) -> Spec | None:
    """Shape and dtype of a linear row's value, where the parameters say so."""
    if name in _KEEPS_SPEC:
        return spec
    if name in ("reshape", "expand") and len(params) > 1:
        return intern(tuple(params[1]), spec.dtype)
    if name == "cast":
        return intern(spec.shape, params[1])
    if name == "permute":
        return intern(tuple(spec.shape[d] for d in params[1]), spec.dtype)
    return params[1] if name == "put" and isinstance(params[1], Spec) else None


def _check_elementwise(tape: Tape, row: int, primitive: Elementwise, known: dict[int, Spec]) -> Spec | None:
    _, a, b, x, y = tape.rows[row : row + 5]
    if len(primitive.inputs) == 1:
        first, second = (("its saved input", _spec(x, a), a), ("its saved output", _spec(y, row), 0))
    else:
        first, second = (("its saved first input", _spec(x, a), a), ("its saved second input", _spec(y, b), b))
    found: Spec | None = None
    for what, saved, reference in (first, second):
        _agree(tape, row, what, saved, known.get(reference))
        for spec in (saved, known.get(reference)):
            if found is not None:
                _agree(tape, row, f"{primitive.name}: {what}", spec, found)
            found = found or spec
    if primitive.name == "abs" and found is not None:
        return intern(found.shape, real_of(found.dtype))
    return found


def _spec(saved: Any, reference: int) -> Spec | None:
    """Shape and dtype of a saved value; None where there is none, or a number that stands for all elements."""
    saved = getattr(saved, "value", saved)
    if isinstance(saved, np.ndarray):
        return spec_of(saved)
    return SCALAR if type(saved) is float and reference else None


def _agree(tape: Tape, row: int, what: str, given: Spec | None, wanted: Spec | None) -> None:
    if given is not None and wanted is not None and (given.shape, given.dtype) != (wanted.shape, wanted.dtype):
        raise _fault(tape, row, f"{what} is {given!r}, but the rows before make it {wanted!r}")


__all__ = ["VerifyError", "verify"]
