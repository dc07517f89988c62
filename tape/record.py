"""Recording: every operation ends in `record`, which appends its row and makes the Tensor of its result.

`record` takes a value already computed; `elementwise_one` and `elementwise_two` compute, promote and broadcast as well: they are the
careful path behind the short ones in generated/elementwise. Mixed dtypes become cast rows and broadcasting becomes expand rows,
so rules see one dtype and one shape. Invariant: a row is appended after its value exists and in one step, so an exception
leaves no trace. Imports columns, tensor, values; everything that computes with Tensors imports this.
"""

from __future__ import annotations

from sys import _getframe
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, LABELS, MORE, OPCODES, PRIMITIVES, Elementwise
from compiled_ops.table.elementwise import ALWAYS_FLOATING, KEEPS_INTEGERS, OWN_NUMBERS
from tape import values
from tape.columns import BRIEF, FULL, LIMIT, ROW, Tape, begin, enter, open_tape, standing
from tape.dtypes import get_default_dtype, pair_type, promote_types, with_scalar
from tape.errors import ShapeError
from tape.places import outside, place_of_user
from tape.saving import pack_row
from tape.spec import LIGHT, SCALAR, Spec, intern, spec_of
from tape.state import STATE
from tape.tensor import INFERENCE, Tensor, array, blank, wrap
from tape.traced import Traced

NUMBERS = (float, int, bool, complex, np.generic)
# which of two inputs a rule reads, by whose gradient is wanted: opcode -> ((a for a, a for b), (b for a, b for b))
KEEPS = {
    opcode: tuple(tuple(name in saved for saved in row.saved) for name in ("a", "b"))
    for opcode, row in BY_OPCODE.items() if isinstance(row, Elementwise) and len(row.inputs) == 2
}
FUNCTIONS = {opcode: values.pair(BY_OPCODE[opcode].name) for opcode in KEEPS}  # their values, by dtype code
IN_MEMORY = frozenset(OPCODES[n] for n in ("overwrite", "overwrite:IndexPut", "overwrite:CopyBackwards"))  # whose values take no memory of their own
ADD, CAST, CAST_IMPLICIT, CLONE, EXPAND_IMPLICIT, FUNCTION, OUTPUT = map(
    OPCODES.__getitem__, "add cast cast:CastImplicit clone expand:ExpandImplicit function output".split()
)


def label_at(tape: Tape, row: int) -> str:
    """What PyTorch calls the backward of a row: that of a user's Function is named after it, that of a composed operation by its title."""
    if tape.titles is not None and row in tape.titles:
        return tape.titles[row][0]  # type: ignore[no-any-return]
    op = tape.rows[row]
    return type(tape.rows[row + 4][0]).__name__ if op in (FUNCTION, OUTPUT) else label_of(op)


UNNUMBERED = ("CopySlices", "CopyBackwards", "Error", "NotImplemented")  # classes of PyTorch's own, in torch::autograd


def label_of(op: int) -> str:
    """What PyTorch calls the backward of an opcode: "MulBackward0"."""
    label = LABELS[op]
    if label in UNNUMBERED:
        return label
    return f"{label[:-1]}Backward{label[-1]}" if label[-1].isdigit() and label not in OWN_NUMBERS else f"{label}Backward0"


def record(op: int, inputs: tuple, value: Any, x: Any = None, y: Any = None) -> Tensor:
    """The Tensor of `value`, computed by opcode `op` from `inputs` (Tensors, or None), with a row if one of them needs a gradient.

    `x` and `y` are what the pullback will read. 0-d float64 values become Python floats.
    """
    made = wrap(value) if type(value) is not float else _of_float(value)
    if STATE.grad and not STATE.inference:
        for t in inputs:
            if t is not None and t._t is not None:
                if (made._s.code >= 0 or made._s.dtype.kind in "fcV") and _recorded(op, inputs, x, y):
                    append(made, op, inputs, x, y)
                break
    if STATE.dual:
        from tape.autograd.forward import push

        push(made, op, inputs, x, y)
    return made


def _recorded(op: int, inputs: tuple, x: Any, y: Any) -> bool:
    """Whether an operation with an input that requires grad is recorded: one of inference tensors alone is not, but for a copy of one.
    RuntimeError where an inference tensor among others would be saved."""
    if not any([t is not None and t._r == INFERENCE for t in inputs]):
        return True
    if op != CLONE and STATE.trace is None and all([t is not None and t._r == INFERENCE for t in inputs]):
        return False
    for t in () if STATE.saves_inference else inputs:
        if t is not None and t._r == INFERENCE and any(v is t._v for v in (x, y, *(x if type(x) is tuple else ()))):
            raise RuntimeError("an inference tensor cannot be saved for backward; clone() it outside inference mode")
    return True


def _of_float(value: float) -> Tensor:
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value, SCALAR, None, INFERENCE if STATE.inference else 0
    return made


def _append_plainly(made: Tensor, op: int, first: Tensor | None, second: Tensor | None, x: Any, y: Any) -> bool:
    """`append` where recording is plain and the inputs stand on the open tape; False, before anything has happened, where not."""
    tape = STATE.open
    a, b = 0 if first is None else standing(first, tape), 0 if second is None else standing(second, tape)
    rows = tape.rows
    place = len(rows)
    if (
        a < 0 or b < 0 or place >= LIMIT or tape.bytes > FULL or type(made._v) is Traced or first is not None and type(first._v) is Traced
        or second is not None and type(second._v) is Traced
        or place >= BRIEF and (first is None or first._t is not tape) and (second is None or second._t is not tape)
    ):  # fmt: skip
        return False
    frame = outside(_getframe(3))
    rows.extend((op, a, b, x, y, frame.f_code, frame.f_lasti))
    if made._s.nbytes > LIGHT:
        if op not in IN_MEMORY:
            tape.bytes += made._s.nbytes
    elif not tape.bytes and (
        op == FUNCTION or op == OUTPUT or first is not None and first._s.nbytes > LIGHT or second is not None and second._s.nbytes > LIGHT
    ):
        tape.bytes = 1
    made._t, made._r = tape, place
    return True


def append(made: Tensor, op: int, inputs: tuple, x: Any, y: Any) -> None:
    """Append the row of `made` and let it stand there."""
    if STATE.open is not None and len(inputs) <= 2 and _append_plainly(made, op, inputs[0], inputs[-1] if len(inputs) == 2 else None, x, y):
        return
    code, instruction = place_of_user()
    beyond: Any = ()
    if STATE.trace is not None:
        inputs, beyond, x, y = STATE.trace.placed(op, inputs, made._v, x, y)
    while True:
        home = STATE.tape
        for t in inputs:
            if t is not None and t._t is home and home is not None:
                home = None
                tape = open_tape()
                break
        else:
            home = None
            tape = begin()
        rows = [0 if t is None or t._t is None else enter(tape, t) for t in inputs]
        if not tape.closed:  # nobody ended it while another tape was linked
            break
    if op not in IN_MEMORY:
        tape.bytes += max(1, made._s.nbytes)  # a row that may keep anything alive
    if len(rows) <= 2:
        place = len(tape.rows)
        tape.rows.extend((op, rows[0], rows[1] if len(rows) == 2 else 0, x, y, code, instruction))
    else:  # further inputs stand in MORE rows before it, nearest first
        pairs = [(rows[i], rows[i + 1] if i + 1 < len(rows) else 0) for i in range(2, len(rows), 2)]
        flat: list[Any] = []
        for a, b in reversed(pairs):
            flat += (MORE, a, b, None, None, None, 0)
        place = len(tape.rows) + len(flat)
        tape.rows.extend((*flat, op, rows[0], rows[1], len(pairs), y, code, instruction))
    if type(made._v) is Traced or any([t is not None and type(t._v) is Traced for t in inputs]):
        tape.plain = True
    if STATE.saving is not None:
        pack_row(tape, place, inputs, made)
    made._t, made._r = tape, place
    for each in beyond:
        each.lies(made)


def as_tensor(given: Any, like: np.dtype | None = None) -> Tensor | None:
    """A Tensor of a Tensor, an ndarray, a number or nested lists of numbers; None for anything else."""
    if isinstance(given, Tensor):
        return given
    if isinstance(given, np.ndarray):
        return wrap(native(given))
    if type(given) is Traced:
        return wrap(given)
    if isinstance(given, (*NUMBERS, list, tuple)):
        from tape.dtypes import infer_dtype

        return wrap(np.asarray(given, dtype=infer_dtype(given)))
    return None


def native(given: np.ndarray) -> np.ndarray:
    """The array in native byte order, as a plain ndarray of a dtype that Tensors have."""
    from tape.dtypes import as_dtype

    plain = np.asarray(given)
    if not plain.dtype.isnative:
        plain = plain.astype(plain.dtype.newbyteorder("="))
    as_dtype(plain.dtype)
    return plain


def cast(t: Tensor, dtype: np.dtype, op: int = CAST) -> Tensor:
    """`t` in another dtype; the same Tensor where it has it."""
    if t._s.dtype == dtype:
        return t
    value = converted(array(t), dtype)
    if t._t is None and not STATE.dual:
        return wrap(value)
    return record(op, (t,), value, None, (t._s, dtype))


def converted(values: Any, dtype: np.dtype) -> Any:
    """Values in another dtype: the real part where that is not complex, the truth of the whole where it is boolean."""
    if values.dtype.kind == "c" and dtype.kind != "c":
        return np.not_equal(values, 0) if dtype.kind == "b" else values.real.astype(dtype)
    return values.astype(dtype)


def expand(t: Tensor, shape: tuple[int, ...], op: int = EXPAND_IMPLICIT) -> Tensor:
    """`t` broadcast to a shape, recorded; the value is a view without memory of its own."""
    if t._s.shape == shape:
        return t
    value = values.stretched(t._v, shape)
    return record(op, (t,), value, t._s.number if t._s.size == 1 else None, (t._s, shape))


def elementwise_one(op: int, given: Any) -> Tensor:
    """An elementwise primitive of one input, whatever the dtype, mode or storage."""
    if STATE.trace is not None and not STATE.dual:
        made = STATE.trace.number(op, given)
        if made is not None:
            return made
    row: Any = BY_OPCODE[op]
    t = as_tensor(given)
    if t is None:
        raise TypeError(f"{row.name}: got {type(given).__name__}; wanted a Tensor, an array or a number")
    dtype = t._s.dtype
    if dtype.kind in "iub" and row.name not in KEEPS_INTEGERS:
        t = cast(t, get_default_dtype())
    elif dtype.kind == "b" and row.name == "neg":
        raise RuntimeError("neg of booleans; use logical_not (~) to invert a mask")
    value = values.one(row.name, t._v)
    if type(value) is not float and type(value) is not np.ndarray:
        value = normal(value, t._s.dtype)
    if t._t is None and not STATE.dual:
        return _of_float(value) if type(value) is float else wrap(value)
    saved = row.saved[0]
    return record(op, (t,), value, t._v if "x" in saved else None, value if "y" in saved else None)


def normal(value: Any, dtype: np.dtype) -> Any:
    """A result as Tensors hold it: NumPy scalars become floats (float64) or 0-d arrays."""
    if type(value) is float or type(value) is np.ndarray or type(value) is Traced:
        return value
    return float(value) if type(value) is np.float64 else np.asarray(value)


def elementwise_two(op: int, a: Any, b: Any) -> Any:
    """An elementwise primitive of two inputs; NotImplemented where one of them is nothing that Tensors compute with."""
    if STATE.trace is not None and not STATE.dual:
        made = STATE.trace.numbers(op, a, b)
        if made is not None:
            return made
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        made = _pair(op, a, b)
        if made is not None:
            return made
    name = BY_OPCODE[op].name
    if isinstance(a, Tensor):
        ta, kind = a, type(b)
        if kind is float and a._s.code >= 0 or (isinstance(b, Tensor) and a._s is b._s and a._s.code >= 0):
            va, tb, vb, dtype = a._v, None if kind is float else b, b if kind is float else b._v, a._s.dtype
            return _two(op, name, ta, tb, va, vb, dtype)
    elif type(a) is float and isinstance(b, Tensor) and b._s.code >= 0:
        return _two(op, name, None, b, a, b._v, b._s.dtype)
    pair = operands(name, a, b)
    if pair is None:
        return NotImplemented
    a, b, dtype = pair
    ta, tb = (cast(t, dtype, CAST_IMPLICIT) if isinstance(t, Tensor) else None for t in (a, b))
    if ta is None or tb is None:  # a number stays one, and rules read it as one value for all
        return _two(op, name, ta, tb, a if ta is None else ta._v, b if tb is None else tb._v, dtype)
    if ta._s.shape == tb._s.shape:
        return _two(op, name, ta, tb, ta._v, tb._v, dtype)
    shape = broadcast(name, ta._s.shape, tb._s.shape)
    value = normal(values.two(name, ta._v, tb._v, dtype), dtype)
    if STATE.dual or STATE.grad and not STATE.inference and (ta._t is not None or tb._t is not None):
        ta, tb = _operand(ta, shape), _operand(tb, shape)
    return _two(op, name, ta, tb, ta._v, tb._v, dtype, value)


def _pair(op: int, a: Tensor, b: Tensor) -> Tensor | None:
    """Two Tensors of one floating dtype whose shapes broadcast, recorded plainly in one step: what follows from their Specs was worked
    out when such a pair first came. None where anything is unusual, before anything has happened."""
    plan = values.PAIRS.get((a._s, b._s)) or values.meeting(a._s, b._s)
    tape, ta, tb, x, y = STATE.open, a._t, b._t, a._v, b._v
    if (
        plan is None or type(x) is Traced or type(y) is Traced or a._r == INFERENCE or b._r == INFERENCE
        or tape is not None and (len(tape.rows) >= LIMIT or tape.bytes > FULL)
        or tape is None and not (STATE.grad and not STATE.inference and not STATE.dual and STATE.place is None and STATE.trace is None and STATE.saving is None)
        or ta is not tape and type(ta) is Tape or tb is not tape and type(tb) is Tape
    ):  # fmt: skip
        return None
    out, wide_a, wide_b, side = plan
    value = values.broadcasting(FUNCTIONS[op][out.code], x, y, out.shape, side)
    made = blank(Tensor)
    made._v, made._s, made._t, made._r = value, out, None, 0
    if ta is None and tb is None:
        return made
    if ta is not tape and tb is not tape or tape is None:
        tape = None
        tape = begin()
    row_a, row_b = enter(tape, a), enter(tape, b)
    keep_a, keep_b = KEEPS[op]
    if not (keep_a[0] and row_a or keep_a[1] and row_b):
        x = None
    elif wide_a is not None:
        x = values.stretched(x, out.shape) if row_a or a._s.ndim else float(x)
    if not (keep_b[0] and row_a or keep_b[1] and row_b):
        y = None
    elif wide_b is not None:
        y = values.stretched(y, out.shape) if row_b or b._s.ndim else float(y)
    frame = outside(_getframe(1))
    code, instruction, rows, flat = frame.f_code, frame.f_lasti, tape.rows, []
    place = len(rows)
    if wide_a is not None and row_a:
        flat += (EXPAND_IMPLICIT, row_a, 0, *wide_a, code, instruction)
        row_a = place
    if wide_b is not None and row_b:
        flat += (EXPAND_IMPLICIT, row_b, 0, *wide_b, code, instruction)
        row_b = place + len(flat) - ROW
    flat += (op, row_a, row_b, x, y, code, instruction)
    rows.extend(flat)
    if out.nbytes > LIGHT:
        tape.bytes += out.nbytes
    made._t, made._r = tape, place + len(flat) - ROW
    return made


def _operand(t: Tensor, shape: tuple[int, ...]) -> Tensor:
    """An input broadcast to the shape of the result; a 0-d constant stays one value, which rules read as one for all."""
    if t._t is None and not t._s.ndim and t._s.code >= 0 and not STATE.dual and type(t._v) is not Traced:  # float() of one is a guard
        return t if type(t._v) is float else wrap(float(t._v))
    return expand(t, shape)


def _two(op: int, name: str, ta: Any, tb: Any, va: Any, vb: Any, dtype: np.dtype, value: Any = None) -> Tensor:
    """Compute (unless `value` is given) and record, for operands of one dtype, and of one shape or a number."""
    if value is None:
        value = values.two(name, va, vb, dtype)
        if type(value) is not float and type(value) is not np.ndarray:
            value = normal(value, dtype)
    keep_a, keep_b = KEEPS[op]
    need_a, need_b = ta is not None and ta._t is not None, tb is not None and tb._t is not None
    if STATE.dual:
        return record(op, (ta, tb), value, va, vb)
    if not need_a and not need_b:
        return _of_float(value) if type(value) is float else wrap(value)
    x = va if keep_a[0] and need_a or keep_a[1] and need_b else None
    y = vb if keep_b[0] and need_a or keep_b[1] and need_b else None
    return record(op, (ta, tb), value, x, y)


def operands(name: str, a: Any, b: Any) -> tuple[Any, Any, np.dtype] | None:
    """Two inputs as Tensors or numbers (of float64 where a float is meant), and the dtype of the result."""
    sides = []
    for given in (a, b):
        if isinstance(given, Tensor):
            sides.append(given)
        elif isinstance(given, NUMBERS):
            sides.append(given.item() if isinstance(given, np.generic) else given)
        elif isinstance(given, np.ndarray):
            sides.append(wrap(native(given)))
        elif type(given) is Traced:
            sides.append(wrap(given))
        else:
            return None
    a, b = sides
    if not isinstance(a, Tensor) and not isinstance(b, Tensor):
        a = as_tensor(a)
    if isinstance(a, Tensor) and isinstance(b, Tensor):
        dtype = a._s.dtype if a._s.dtype is b._s.dtype else pair_type(a._s.dtype, a._s.ndim, b._s.dtype, b._s.ndim)
    else:
        t, number = (a, b) if isinstance(a, Tensor) else (b, a)
        dtype = with_scalar(t._s.dtype, type(number))
    if dtype.kind in "iub":
        if name in ALWAYS_FLOATING:
            dtype = get_default_dtype()
        elif name == "sub" and dtype.kind == "b":
            raise RuntimeError("sub of booleans; use logical_xor (^) or convert with .long() first")
        elif name == "pow" and not isinstance(b, Tensor) and b < 0:
            raise RuntimeError("pow of integers to a negative integer power; convert the base with .double() first")
    if dtype.kind in "fV":  # an int beside floats is a float; a bool too
        a = a if isinstance(a, Tensor) else float(a)
        b = b if isinstance(b, Tensor) else float(b)
    return a, b, dtype


def broadcast(name: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape; ShapeError where there is none."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        raise ShapeError(
            f"{name}: shapes {' and '.join(map(str, shapes))} do not broadcast; each dimension, counted from the last, must agree or be 1"
        ) from None


__all__ = ["PRIMITIVES", "Spec", "append", "as_tensor", "intern", "promote_types", "record", "spec_of"]
