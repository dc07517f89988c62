"""Running rows backwards in Python: each pullback is ordinary recording code, so with gradients on the backward pass lands on a new
tape (`create_graph`), and without it is the plain replay that the compiled one must agree with.

`pullback` gives one row's contributions; `sweep` runs a whole `Reached`. Invariant: contributions are summed in strict reverse order
of recording, exactly as the compiled sweep sums them. Imports reach, record, adjoints; imported by replay and autograd.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from compiled_ops import layout as m
from compiled_ops.rows import BY_OPCODE, FIRST_OPCODE, LEAF, MORE, WIDE, Elementwise, Structural
from tape.adjoints import ADJOINTS
from tape.adjoints.onwards import ONWARDS
from tape.adjoints.sheltered import alive, quiet, sheltered
from tape.columns import ROW, SPENT, Tape
from tape.errors import NoDerivativeError, at
from tape.reach import Reached, spent_error
from tape.record import FUNCTION, label_at, label_of
from tape.rules import complex_rules, harmless, holomorphic, rules, value_rules
from tape.saving import Saved, unpacked
from tape.spec import FLOAT64, SCALAR, spec_of
from tape.state import STATE, change, settle
from tape.tensor import Tensor, blank, give_tangent, tangent_of, wrap
from tape.traced import Traced, leader

_PLAIN = frozenset({np.ndarray, float, int, complex, type(None)})  # values and numbers that NumPy computes with at once


class Row:
    """One row of a tape as a pullback sees it. `need` says which inputs want a gradient; `linked` whether saved values get their history
    back, so that the pullback itself is differentiable."""

    __slots__ = ("tape", "row", "op", "x", "y", "refs", "need", "linked")

    def __init__(self, tape: Tape, row: int, need: Any, linked: bool, x: Any, y: Any, refs: tuple[int, ...]) -> None:
        self.tape, self.row, self.need, self.linked = tape, row, need, linked
        self.op, self.x, self.y, self.refs = tape.rows[row], x, y, refs

    def value(self, saved: Any, reference: int) -> Tensor:
        """A saved value as a Tensor, standing on the row `reference` where histories are linked."""
        made = blank(Tensor)
        if type(saved) is Saved:
            made._tangent = saved._tangent
            saved = saved.value
        if type(saved) is float:
            made._v, made._s = saved, SCALAR
        else:
            made._v = saved if type(saved) is Traced else np.asarray(saved)
            made._s = saved.spec if type(saved) is Traced else spec_of(made._v)
        made._t, made._r = (self.tape, reference) if self.linked and reference else (None, 0)
        return made

    @property
    def params(self) -> Any:
        """The static parameters of a linear or whole row."""
        return self.y

    @property
    def a(self) -> Tensor:
        """The first input, where the row saved it."""
        return self.value(self.x[0] if isinstance(self.x, tuple) else self.x, self.refs[0])

    @property
    def b(self) -> Tensor:
        """The second input."""
        return self.value(self.x[1] if isinstance(self.x, tuple) else self.y, self.refs[1])

    @property
    def out(self) -> Tensor:
        """The output of a whole row."""
        return self.value(self.x[2], self.row)


def _is_complex(name: str, g: Tensor, saved: Any) -> bool:
    """Whether the inputs of a row are complex: its cotangent is, or, for abs, what it saved."""
    if name != "abs":
        return g._s.code < 0 and g._s.dtype.kind == "c"
    dtype = getattr(saved.value if type(saved) is Saved else saved, "dtype", None)
    return dtype is not None and dtype.kind == "c"


def references(tape: Tape, row: int) -> tuple[int, ...]:
    """The rows of all inputs of a row."""
    rows = tape.rows
    a, b, x = rows[row + 1], rows[row + 2], rows[row + 3]
    if type(x) is not int or row < ROW or rows[row - ROW] != MORE or getattr(BY_OPCODE.get(rows[row]), "name", "") not in WIDE:
        return (a, b)
    more: list[int] = [a, b]
    for place in range(row - ROW, row - ROW * (x + 1), -ROW):
        more += rows[place + 1 : place + 3]
    return tuple(more)


def pullback(row: Row, g: Tensor) -> tuple:
    """The contributions of a row to its inputs: a Tensor, or None, an input. What it records carries the place of the row."""
    if not row.linked and STATE.trace is None:
        return _pulled(row, g)
    before = STATE.place
    code = row.tape.rows[row.row + 5]
    if code is not None:
        STATE.place = (code, row.tape.rows[row.row + 6])
        STATE.open = None
    try:
        return _pulled(row, g)
    finally:
        STATE.place = before
        settle()


def _pulled(row: Row, g: Tensor) -> tuple:
    try:
        return _contributions(row, g)
    except Exception as error:
        _explain(error, row)
        raise


def _explain(error: Exception, row: Row) -> None:
    """Let an error out of a pullback, a user's among them, say where the operation was written; in anomaly mode a warning says it too."""
    place = at((row.tape.rows[row.row + 5], row.tape.rows[row.row + 6]))
    if not any("was recorded at" in note for note in getattr(error, "__notes__", ())):
        error.add_note(f"raised in the backward pass of {label_at(row.tape, row.row)}, which was recorded at {place}")
    if STATE.anomaly:
        from tape.autograd.anomaly_mode import tell

        tell(row.tape, row.row)


def _contributions(row: Row, g: Tensor) -> tuple:
    primitive: Any = BY_OPCODE[row.op]
    if isinstance(primitive, Elementwise):
        found = _elementwise(primitive, row, g)
        return found if not STATE.safe or not STATE.dual else tuple([quiet(each, alive(g)) for each in found])
    rule = ADJOINTS[primitive.name]
    found = tuple(rule(g, row)) if not STATE.safe else sheltered(rule, g, row)
    if primitive.kind == "whole" and g._s.size == 1 and (type(g._v) is Traced or not np.all(g._v)):  # Note [strong zero]: of a number that nobody used
        return tuple([each if each is None or each._s.dtype.kind != "f" else strong_zero(each, g) for each in found])
    return found


def _traced(row: Row, g: Tensor) -> tuple:
    """The contributions of an elementwise row to a program that is being recorded, where no history of theirs is wanted."""
    found: list[Any] = []
    safe = harmless(row.op)
    for rule, quick, needed in zip(rules(row.op), value_rules(row.op), row.need, strict=False):
        if not needed:
            found.append(None)
            continue
        value = quick(g._v, row.x, row.y)
        if rule not in safe and value is not g._v:
            value = (leader(g._v, value) or g._v.trace).strong(g._v, value, True)
        if type(value) is not Traced:
            value = np.full(g._s.shape, value, g._s.dtype)
        found.append(g if value is g._v else wrap(value))
    return tuple(found)


def _of_arrays(row: Row, g: Tensor) -> tuple:
    """The contributions of a holomorphic row of complex arrays, where no history of theirs is wanted."""
    found: list[Any] = []
    safe, (x, y) = harmless(row.op), [kept if kept is None or type(kept) is float else np.conjugate(kept) for kept in (row.x, row.y)]
    with np.errstate(all="ignore"):
        for rule, quick, needed in zip(rules(row.op), value_rules(row.op), row.need, strict=False):
            if not needed or rule in safe:
                found.append(rule(g, g, g) if needed else None)  # "g" or "-g"
                continue
            value = quick(g._v, x, y)
            if not np.isfinite(value).all():
                value = np.where(np.not_equal(g._v, 0) | np.isfinite(value), value, 0)
            found.append(wrap(np.asarray(value, g._s.dtype)))
    return tuple(found)


def _elementwise(primitive: Elementwise, row: Row, g: Tensor) -> tuple:
    of_complex = _is_complex(primitive.name, g, row.x)
    chosen = complex_rules(row.op) if of_complex else rules(row.op)
    if type(g._v) is Traced and g._v.live() is not None and not row.linked and not STATE.dual and not of_complex and None not in chosen:
        if not isinstance(row.x, Saved) and not isinstance(row.y, Saved):
            return _traced(row, g)
    if of_complex and not row.linked and not STATE.dual and holomorphic(row.op) and _PLAIN.issuperset(map(type, (g._v, row.x, row.y))):
        return _of_arrays(row, g)
    if row.op in ONWARDS and row.linked and row.need[0] and not of_complex and STATE.onwards and not (STATE.trace or STATE.dual or STATE.safe):
        found = ONWARDS[row.op](row, g)
        if found is not None:
            return (strong_zero(found, g),)
    if len(primitive.inputs) == 1:
        saved = primitive.saved[0]
        x = row.value(row.x, row.refs[0]) if "x" in saved else None
        y = row.value(row.y, row.row) if "y" in saved else None
        arguments: tuple = (x, y)
    else:
        a = row.value(number_in(row.x, g._s.dtype), row.refs[0]) if row.x is not None else None
        b = row.value(number_in(row.y, g._s.dtype), row.refs[1]) if row.y is not None else None
        arguments = (a, b)
    contributions = []
    for rule, needed in zip(chosen, row.need, strict=False):
        if not needed:
            contributions.append(None)
            continue
        if rule is None:
            place = at((row.tape.rows[row.row + 5], row.tape.rows[row.row + 6]))
            raise NoDerivativeError(
                f"{primitive.name}, recorded at {place}, has no derivative in this input; detach() the input to treat it as constant"
            )
        found = rule(g, *arguments)
        if not isinstance(found, Tensor):
            found = wrap(np.full(g._s.shape, found, g._s.dtype))
        fresh = not any(found is each for each in arguments)
        contributions.append(found if rule in harmless(row.op) else strong_zero(found, g, fresh))
    return tuple(contributions)


def number_in(saved: Any, dtype: np.dtype) -> Any:
    """A saved number in the dtype of its row: as a 0-d float64 value it would promote a 0-d cotangent of another dtype."""
    return np.asarray(saved, dtype) if type(saved) in (float, int, complex) and dtype is not FLOAT64 else saved


def strong_zero(found: Tensor, g: Tensor, fresh: bool = False) -> Tensor:
    """Note [strong zero]: zero wherever the cotangent is, also where the partial is not finite. Where it is finite, that holds of itself, and
    the history must stay: the second derivative goes through it. `fresh`: nobody else has what was found."""
    value = found._v
    if type(value) is Traced or type(g._v) is Traced:
        trace = leader(value, g._v) or (value if type(value) is Traced else g._v).live()
        if trace is not None and not trace.lasting:
            return _strong(trace, found, g, fresh)
    if type(value) is Traced or type(g._v) is Traced:
        fine = trace is not None and trace.harmless(value, g._v)
    elif type(value) is float:
        fine = value - value == 0.0 or g._v != 0.0
    else:
        fine = bool(np.isfinite(value).all()) or bool(np.all(g._v))
    if fine:
        return found
    from tape.functions.indexing import where

    return where(wrap(np.not_equal(g._v, 0) | np.isfinite(value)), found, 0.0)


def _strong(trace: Any, found: Tensor, g: Tensor, fresh: bool) -> Tensor:
    """The same without looking at values: a row of the program that is being recorded."""
    if found is g:
        return found
    made = wrap(trace.strong(g._v, found._v, fresh and getattr(found._v, "parent", None) is None))
    tangent = tangent_of(found) if STATE.dual else None
    if found._t is None and tangent is None:
        return made
    keep = trace.select(np.isfinite(found._v), 1.0, g._v)  # zero where what the rule gave was put aside: there is no derivative through it
    if tangent is not None:
        masked = wrap(trace.strong(keep, tangent._v))
        masked._t, masked._r = tangent._t, tangent._r
        give_tangent(made, masked)
    if found._t is not None:
        from tape.functions.indexing import where

        before = change(dual=0)
        chosen = where(wrap(np.not_equal(keep, 0)), found, 0.0)  # for its history
        change(**before)
        made._t, made._r = chosen._t, chosen._r
    return made


class Plain:
    """A sweep in Python: gradients are Tensors, one an entry."""

    def __init__(self, reached: Reached, create_graph: bool, retain: bool) -> None:
        self.reached, self.create_graph, self.retain = reached, create_graph, retain
        self.gradients: dict[int, Any] = {}
        self.quick: Any = None  # a recording's short way, which leaves pairs among the gradients

    def add(self, k: int, g: Tensor) -> None:
        """Add a contribution to the gradient of an entry."""
        have = self.gradients.get(k)
        if type(have) is tuple:
            have = self.quick.tensor(have)
        if have is None:
            self.gradients[k] = g
        elif type(have._v) is Traced and have._t is None and g._t is None and have._s is g._s and not STATE.dual:
            self.gradients[k] = wrap(have._v + g._v)
        else:
            self.gradients[k] = have + g

    def run(self, at_entry: Any) -> dict[int, Tensor]:
        """Run every row; `at_entry(k, g)` sees each gradient when it is complete (hooks, captures) and may replace it."""
        reached, columns = self.reached, self.reached.columns
        flags, ops = columns[m.FLAG], columns[m.OP]
        left: dict[int, Tensor] = {}
        trace = STATE.trace
        quick = self.quick = None if trace is None or trace.lasting or type(self) is not Plain else trace.short_way(self)
        for tape, first, last in reached.tapes:
            for k in range(first, last):
                if quick is not None and quick.row(tape, k):
                    continue
                if ops[k] == LEAF and flags[k] & m.IN_PYTHON:
                    for j in leaf_group(self.reached, k, last):  # in PyTorch's order: that of the operation's inputs
                        if j in self.gradients:
                            left[j] = at_entry(j, self.taken(j))
                        flags[j] &= ~m.IN_PYTHON
                g = self.taken(k)
                if g is None:
                    continue
                if flags[k] & m.IN_PYTHON or ops[k] < FIRST_OPCODE:
                    g = at_entry(k, g)
                left[k] = g
                if ops[k] >= FIRST_OPCODE and not flags[k] & m.STRUCK:
                    self.row(tape, k, g)
                    if not columns[m.RESULT, k]:
                        del left[k]
        return left

    def taken(self, k: int) -> Any:
        """The gradient of an entry, once and for all; None where there is none."""
        g = self.gradients.pop(k, None)
        return self.quick.tensor(g) if type(g) is tuple else g

    def row(self, tape: Tape, k: int, g: Tensor) -> None:
        """Run one row and hand its contributions on."""
        place = self.reached.columns.item(m.POS, k)
        entries = inputs(self.reached, k)
        rows = tape.rows
        x, y = rows[place + 3], rows[place + 4]
        if x is SPENT or y is SPENT:
            raise spent_error(tape, place)
        if tape.plain:
            x, y = unpacked(x), unpacked(y)
        row = Row(tape, place, [e >= 0 for e in entries], self.create_graph, x, y, references(tape, place))
        if not self.retain:
            spend(tape, place)
        if STATE.anomaly:
            from tape.autograd.anomaly_mode import watched

            found = watched(tape, place, lambda: _hooked_or_not(tape, place, row, g))
        else:
            found = _hooked_or_not(tape, place, row, g)
        for entry, contribution in zip(entries, found, strict=False):
            if entry >= 0 and contribution is not None:
                self.add(entry, contribution)


def _hooked_or_not(tape: Tape, place: int, row: Row, g: Tensor) -> tuple:
    return pullback(row, g) if place not in tape.hooks else hooked(tape.hooks[place], row, g)


def leaf_group(reached: Reached, k: int, last: int) -> list[int]:
    """The entries of leaves with hooks that became complete with entry k, those of earlier inputs first."""
    ops, flags, j = reached.columns[m.OP], reached.columns[m.FLAG], k
    while j < last and ops[j] == LEAF:
        j += 1
    return [i for i in range(j - 1, k - 1, -1) if flags[i] & m.IN_PYTHON]


def hooked(hooks: Any, row: Row, g: Tensor) -> tuple:
    """The pullback of a row with hooks before and after it."""
    from tape.hooks import run_on_row

    if row.op == FUNCTION:
        from tape.autograd.calls import pulled

        return pulled(g, row, hooks)
    if hooks.pre:
        (g,) = run_on_row(hooks.pre, (g,))
    found = pullback(row, g) if g is not None else (None,) * len(row.refs)  # type: ignore[redundant-expr]
    if not hooks.post:
        return found
    return run_on_row(hooks.post, tuple([each if needed else None for each, needed in zip(found, row.need, strict=False)]), (g,))


def inputs(reached: Reached, k: int) -> list[int]:
    """The entries of all inputs of an entry; -1 where no gradient is wanted."""
    columns = reached.columns
    found = [columns.item(m.A, k), columns.item(m.B, k)]
    wide = columns.item(m.WIDE, k) - 1
    if wide >= 0:
        tape, place = reached.locate(k)
        for j in range(wide, wide + tape.rows[place + 3]):
            found += (int(columns[m.WIDE_A, j]), int(columns[m.WIDE_B, j]))
    return found


def spend(tape: Tape, place: int) -> None:
    """Mark the saved values of a row as used up."""
    row = BY_OPCODE[tape.rows[place]]
    kind = row.kind
    if kind in ("elementwise", "bilinear", "whole") or isinstance(row, Structural) and row.name in ("select", "take", "put"):
        if tape.rows[place + 3] is not None:
            tape.rows[place + 3] = SPENT
        if kind in ("elementwise", "bilinear") and tape.rows[place + 4] is not None:
            tape.rows[place + 4] = SPENT


__all__ = ["Plain", "Row", "Saved", "inputs", "label_of", "pullback", "spend"]
