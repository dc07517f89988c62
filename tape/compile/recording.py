"""Recording a program: what happens to Traced values while a function runs, row by row.

`Recording` is set as `STATE.trace` for one run. Every NumPy operation on a Traced arrives here and becomes a row (`elementwise`, `ufunc`,
`function`, `getitem`, `call`); writes become `overwrite` rows and views follow them; real values leave through guards (`truth`, `value`).
`reasons` collects why the run cannot be kept as a program. Invariant: the rows compute the very values that the run saw.
Imports program, traced; the functions that NumPy dispatches stand in tape/compile/dispatch. Imported by function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import OPCODES
from tape import values
from tape.columns import close
from tape.compile import opcodes as o
from tape.compile.calls import guarded, pattern_of, replaced
from tape.compile.constants import Constants, owner
from tape.compile.numbers import number, numbers, placed
from tape.compile.outside.errstate import heeding
from tape.compile.program import Call, Guard, Program, bits
from tape.compile.pullbacks import short_way
from tape.places import place_of_user
from tape.spec import FLOAT64, SCALAR, Spec, intern, spec_of
from tape.state import STATE, settle
from tape.traced import Traced, map_plain, mapped, plain

_BOOL = np.dtype(bool)
DISTURBED = "a Tensor outside was used in another thread while it was recorded"
WRITES = "it writes to one of its arguments; write to a clone()"
_PLAIN_KEYS = (int, slice, type(None), type(Ellipsis), np.integer)


class Refused(Exception):
    """A function cannot be recorded and has to start again, on plain values."""


class Recording:
    """One run of a function, as a program that grows."""

    lasting = False  # what it made is plain once it has ended

    def __init__(self) -> None:
        self.program = Program()
        self.reasons: list[str] = []
        self.passing: list[str] = []  # reasons that another recording may not find
        self.left = False  # whether NumPy's own functions ran on values, under its floating-point error state
        self.open = False  # under way
        self.borrowed: list[Any] = []  # the arguments that stand for Tensors of the caller's
        self.constants = Constants(self.program)
        self._constant = self.constants.row
        self._guarded: set[tuple[int, str]] = set()
        self.arguments: list[Traced] = []
        self.lifted: list[tuple[Any, np.ndarray]] = []  # Tensors outside that stand for rows, and their memory
        self.leaves: list[Any] = []  # the arguments that the run is to be differentiated in
        self._before: Any = None

    def __enter__(self) -> Recording:
        if STATE.tape is not None:
            close(STATE.tape)  # what the run records stays on tapes of its own
        self._before = STATE.trace
        STATE.trace, self.open = self, True
        settle()
        return self

    def __exit__(self, *_: object) -> None:
        if STATE.tape is not None:
            close(STATE.tape)
        STATE.trace, self.open = self._before, False
        settle()

    def refuse(self, reason: str) -> None:
        """This run cannot be replayed; say why, once."""
        if reason not in self.reasons:
            self.reasons.append(reason)

    def elsewhere(self, x: Traced) -> None:
        """Another thread uses a value: if it is not one of a Tensor that stands outside, what it does may belong to the function."""
        if any(t._v is x.root for t, _ in self.lifted):
            self.passing = [DISTURBED]
        else:
            self.refuse("its values are used in another thread, where operations are not recorded")

    # rows

    def input(self, value: np.ndarray) -> Traced:
        """The next argument."""
        spec = spec_of(value)
        row = self.program.append(o.INPUT, (), len(self.program.inputs), spec)
        made = Traced(value.item() if spec is SCALAR else value, row, spec, self)
        self.arguments.append(made)
        return made

    def append(self, op: int, inputs: tuple[int, ...], params: Any, real: Any, parent: Any = None, link: Any = None) -> Traced:
        """A row for a value just computed."""
        if type(real) is float:
            spec = SCALAR
        elif type(real) is np.float64:
            real, spec = float(real), SCALAR
        else:
            real = real if type(real) is np.ndarray else np.asarray(real)
            spec = spec_of(real)
            if spec is SCALAR and parent is None:
                real = real.item()
        return Traced(real, self.program.append(op, inputs, params, spec, place_of_user()), spec, self, parent, link)

    def row_of(self, value: Any, dtype: np.dtype | None = None) -> int:
        """The row of an operand: a Traced's own, or one for a constant; cast where `dtype` says so."""
        if type(value) is not Traced:
            return self._constant(value, dtype)
        row = value.row
        have = self.program.spec[row]
        if dtype is None or have.dtype == dtype:
            return row
        return self.program.append(o.CAST, (row,), dtype, intern(have.shape, dtype))

    def foreign(self, x: Traced) -> int:
        """The row of a value that another recording made: a constant here."""
        if x.trace.open:
            x.trace.elsewhere(x)
        return self._constant(np.array(x._real), None)

    # elementwise

    def elementwise(self, name: str, inputs: tuple, dtype: np.dtype | None = None) -> Traced:
        """A primitive of the table, of operands that broadcast and have one dtype (numbers take it)."""
        reals = [x.now if type(x) is Traced else x for x in inputs]
        program = self.program
        if all([type(x) is float for x in reals]):  # the commonest: numbers, whose rows need no casts
            real = values.one(name, *reals) if len(reals) == 1 else values.two(name, *reals, FLOAT64)
            rows = tuple([x.row if type(x) is Traced else self._constant(x, FLOAT64) for x in inputs])
            row = program.append(OPCODES[name], rows, None, SCALAR, place_of_user())
            return Traced(real, row, SCALAR, self)
        if len(reals) == 1:
            real = values.one(name, reals[0])
            if type(real) is not float and real.dtype.kind != "c" and np.iscomplexobj(reals[0]):  # abs: no cast gives it
                return self.call(values.one, (name, inputs[0]), {}, name)  # type: ignore[no-any-return]
            if dtype is None:
                dtype = FLOAT64 if type(real) is float else real.dtype
        else:
            dtype = dtype or np.result_type(*reals)
            real = values.two(name, reals[0], reals[1], dtype)
        rows = []
        for x in inputs:
            row = x.row if type(x) is Traced else self._constant(x, dtype)
            spec = program.spec[row]
            if spec.dtype != dtype:
                row = program.append(o.CAST, (row,), dtype, intern(spec.shape, dtype))
            rows.append(row)
        return self.append(OPCODES[name], tuple(rows), None, real)

    numbers, number, short_way, placed = numbers, number, short_way, placed

    def compare(self, op: int, a: Any, b: Any) -> Traced:
        """A comparison; both sides meet in one dtype."""
        reals = plain(a), plain(b)
        dtype = np.result_type(*reals)
        return self.append(op, (self.row_of(a, dtype), self.row_of(b, dtype)), None, o.VALUE[op](None, *map(np.asarray, reals)))

    def logical(self, op: int, *inputs: Any) -> Traced:
        """And, or, xor, not, of booleans (anything else is compared with zero first)."""
        rows = tuple(self.row_of(x, _BOOL) for x in inputs)
        return self.append(op, rows, None, np.asarray(o.VALUE[op](None, *[np.asarray(plain(x)) for x in inputs])))

    def question(self, op: int, x: Any) -> Traced:
        """isnan, isinf, isfinite."""
        return self.append(op, (self.row_of(x),), None, np.asarray(o.VALUE[op](None, np.asarray(plain(x)))))

    def select(self, mask: Any, a: Any, b: Any) -> Traced:
        """np.where(mask, a, b)."""
        real = np.where(plain(mask), plain(a), plain(b))
        rows = self.row_of(mask, _BOOL), self.row_of(a, real.dtype), self.row_of(b, real.dtype)
        return self.append(o.SELECT, rows, None, real)

    def strong(self, g: Any, found: Any, fresh: bool = False) -> Any:
        """Note [strong zero]: zero where the cotangent is zero. `fresh`: nobody else has the memory of what was found."""
        real = plain(found)
        if type(real) is float and type(g) is Traced and type(g.now) is float:
            real = 0.0 if g.now == 0.0 else real
        elif not fresh or not values.finite(real):  # finite values are zero there of themselves
            real = o.VALUE[o.STRONG](None, np.asarray(plain(g)), np.asarray(real))
        return self.append(o.STRONG, (self.row_of(g, FLOAT64 if type(real) is float else real.dtype), self.row_of(found)), None, real)

    def cast(self, x: Traced, dtype: np.dtype, copy: bool = True) -> Traced:
        """Another dtype."""
        if x.dtype == dtype:
            return self.copied(x) if copy else x
        return self.append(o.CAST, (x.row,), dtype, x.array.astype(dtype))

    def copied(self, x: Traced) -> Traced:
        """The same row in memory of its own."""
        return Traced(x.now if type(x.now) is float else x.now.copy(), x.row, x.spec, self)

    # views and writes

    def view(self, op: int, params: Any, x: Traced, real: Any) -> Traced:
        """The same elements at other places; shares memory where `real` does."""
        shares = isinstance(real, np.ndarray) and real.base is not None
        if type(real) is np.float64:
            real = float(real)
        scalar_view = op == o.INDEX and not isinstance(real, np.ndarray) or type(real) is float
        made = self.append(op, (x.row,), params, real, x if shares or scalar_view else None, (op, params))
        if type(made._real) is np.ndarray and made._real.dtype == FLOAT64 and not made._real.ndim:
            made._real = float(made._real)
        return made

    def given(self, x: Traced) -> bool:
        """Whether this is an argument."""
        return any(x is argument for argument in self.arguments)

    def getitem(self, x: Traced, key: Any) -> Traced:
        """x[key]: a view for ints, slices, None and Ellipsis, else a copy."""
        items = key if type(key) is tuple else (key,)
        if all(isinstance(item, _PLAIN_KEYS) and not isinstance(item, bool) for item in items):
            key = basic_key(items, x.ndim)
            return self.view(o.INDEX, key, x, x.array[key])
        found = self.call(operator.getitem, (x, key), {})
        if any(np.asarray(plain(item)).dtype == _BOOL for item in items if not isinstance(item, (slice, type(None), type(Ellipsis)))):
            self.guard_shape(found)
        return found

    def setitem(self, x: Traced, key: Any, value: Any) -> None:
        """x[key] = value, in the real memory and in the rows; `x`'s root gets a new row."""
        if any(x.root is argument for argument in self.arguments):
            if any(x.root is argument for argument in self.borrowed):
                raise Refused(WRITES)  # what is written to stands for a Tensor of the user's
            self.refuse(WRITES)
        items = key if type(key) is tuple else (key,)
        basic = all(isinstance(item, _PLAIN_KEYS) and not isinstance(item, bool) for item in items)
        before, dtype = x.row, x.dtype
        shape = np.shape(np.empty(x.shape, np.bool_)[map_plain(key)])
        part: Any = value if type(value) is Traced else np.asarray(value)
        if part.dtype != dtype:
            part = part.astype(dtype)
        if np.shape(part) != shape:
            part = np.broadcast_to(part, shape)
        if basic and shape == x.shape:
            row = self.row_of(part)
        elif basic:
            where, written = basic_key(items, x.ndim), self.row_of(part)
            if self._zeros(before):
                op, rows, params = o.SCATTER, (written,), (x.shape, where)
            else:
                op, rows, params = o.OVERWRITE, (before, written), where
            row = self.program.append(op, rows, params, intern(x.shape, dtype), place_of_user())
        else:
            row = self.call(replaced, (x, key, part), {}).row
        self._store(x, key, plain(part))
        self._put(x, row)

    def _store(self, x: Traced, key: Any, real: Any) -> None:
        if type(x.now) is not float:
            x.now[map_plain(key)] = real
        else:
            x._real = float(np.asarray(real))

    def _put(self, x: Traced, row: int) -> None:
        """Let `x` be the value of `row`: the chain of views up to its root is rewritten."""
        spec = self.program.spec
        while x.parent is not None:
            op, params = x.link
            above = x.parent
            if op == o.INDEX:
                row = self.program.append(o.OVERWRITE, (above.row, row), params, spec[above.row])
            elif op == o.RESHAPE:
                row = self.program.append(o.RESHAPE, (row,), above.shape, spec[above.row])
            elif op == o.PERMUTE:
                row = self.program.append(o.PERMUTE, (row,), tuple(np.argsort(params).tolist()), spec[above.row])
            else:
                self.refuse(f"it writes to a view made by {o.name_of(op)}; write to the tensor itself")
                break
            if type(above._real) is float:
                above._real = float(np.asarray(x._real).reshape(()))
            elif type(x._real) is float:
                above._real[params if op == o.INDEX else ...] = x._real
            x = above
        x._row = row
        x.writes += 1

    def refresh(self, x: Traced) -> None:
        """Follow writes to the memory that a view shares."""
        above = x.parent
        assert above is not None
        op, params = x.link
        if op == o.CALL and self.program.b[x._row] >= 0:
            self.refuse(f"it writes to memory that {params.name} looks at; write to a clone()")
        x._row = self.program.append(op, (above.row,), params, self.program.spec[x._row])
        if type(x._real) is float:
            x._real = float(np.asarray(o.VALUE[op](params, above.array)))
        elif not np.may_share_memory(x._real, above.array):  # a view of a float, or of such a view
            x._real = np.array(o.VALUE[op](params, above.array))
        x.writes = x.root.writes

    def adopt(self, array: Any, zeros: bool = False) -> Traced:
        """A plain value into which traced ones are about to be written, as a Traced; `zeros`: that is all it holds."""
        frozen = np.zeros((), array.dtype) if zeros else np.array(array)
        frozen.flags.writeable = False
        return Traced(array, self.row_of(np.broadcast_to(frozen, array.shape) if zeros else frozen), spec_of(array), self)

    def _zeros(self, row: int) -> bool:
        """Whether a row is zeros in every replay."""
        program = self.program
        value = program.params[program.a[row] if program.op[row] == o.EXPAND else row]
        return type(value) is np.ndarray and not owner(value).flags.writeable and not value.any()

    # everything else

    def call(self, function: Callable, args: tuple, kwargs: dict, name: str = "", careful: bool = False) -> Any:
        """Call a function of plain arrays now, and at every replay. Arrays come back traced; another result is guarded. `careful`: it
        gets arrays that cannot be written into, for a replay could not repeat that; its error makes the whole function run eagerly."""
        found, build = pattern_of(self.constants, args, kwargs)
        if not found:
            return function(*args, **kwargs)
        self.left = True
        call = Call(heeding(function), build, name or getattr(function, "__name__", repr(function)))
        args, kwargs = build(*[x.array for x in found])
        if careful:
            args, kwargs = mapped(args, guarded), mapped(kwargs, guarded)
        try:
            real = function(*args, **kwargs)
        except Exception as problem:  # which a replay could not repeat for code that expects it
            self.refuse(f"{call.name} raises {type(problem).__name__} at some values")
            raise
        rows = tuple(x.row for x in found)
        if isinstance(real, tuple):
            real = tuple(np.asarray(each) for each in real)
            made = self.program.append(o.CALL, rows, call, intern((), np.dtype(object)), place_of_user())
            return tuple(self.append(o.ITEM, (made,), k, each) for k, each in enumerate(real))
        if isinstance(real, (np.ndarray, np.generic)):
            shares = isinstance(real, np.ndarray) and any(np.may_share_memory(real, x.array) for x in found)
            if shares and careful and not real.flags.writeable and owner(real).flags.writeable:
                real.flags.writeable = True
            return self.append(o.CALL, rows, call, real if shares else np.array(real), found[0] if shares else None, (o.CALL, call))
        if isinstance(real, (bool, int, float, complex)):
            return self.value(self.append(o.CALL, rows, call, np.asarray(real)), call.name).item()
        self.refuse(f"{call.name} of a traced value gives a {type(real).__name__}, which a program cannot keep")
        return real

    def ufunc(self, ufunc: Any, method: str, inputs: tuple, kwargs: dict) -> Any:
        """A NumPy ufunc on traced values."""
        from tape.compile.dispatch import run_ufunc

        return run_ufunc(self, ufunc, method, inputs, kwargs)

    def function(self, function: Any, args: tuple, kwargs: dict) -> Any:
        """A NumPy function on traced values."""
        from tape.compile.dispatch import FUNCTIONS

        known = FUNCTIONS.get(function)
        if known is not None:
            made = known(self, *args, **kwargs)
            if made is not NotImplemented:
                return made
        return self.call(function, args, kwargs, careful=True)

    # guards

    def truth(self, x: Traced) -> bool:
        """bool(x), and every replay must see the same."""
        outcome = bool(x.now)
        self._guard(x.row, Guard("truth", outcome, "bool()"))
        return outcome

    def value(self, x: Traced, asked: str) -> Any:
        """The real value for code that leaves the tape; every replay must see the same bits."""
        self.left = self.left or x.dtype != _BOOL
        kind = Guard("truth", bool(x.now), asked) if x.dtype == _BOOL and x.size == 1 else Guard("value", bits(x.array), asked)
        self._guard(x.row, kind)
        return x.now if type(x.now) is float else x.now.copy()

    def guard_shape(self, x: Traced) -> None:
        """The shape depended on values; every replay must find the same."""
        self._guard(x.row, Guard("shape", x.shape, "a shape"))

    def _guard(self, row: int, guard: Guard) -> None:
        if (row, guard.kind) not in self._guarded:
            self._guarded.add((row, guard.kind))
            self.program.append(o.GUARD, (row,), guard, SCALAR, place_of_user())


def basic_key(items: tuple, ndim: int) -> tuple:
    """A basic key without Ellipsis, one item an axis: ints, slices and None."""
    taken = sum(item is not None and item is not Ellipsis for item in items)
    if any(item is Ellipsis for item in items):
        at = next(k for k, item in enumerate(items) if item is Ellipsis)
        items = (*items[:at], *(slice(None),) * (ndim - taken), *items[at + 1 :])
    else:
        items = (*items, *(slice(None),) * (ndim - taken))
    return tuple(item if item is None or type(item) is slice else int(item) for item in items)


__all__ = ["Recording", "Spec", "basic_key"]
