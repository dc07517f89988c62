"""PyTorch's names of what operations have saved: which Tensors of a row they mean, and the sizes, dimensions and numbers beside them.

`tensors(tape, place)` tells where the saved Tensors of a row stand, `others(tape, place)` gives the rest by name. What a row does not keep, such
as the bounds of a clamp, has no name here. Invariant: nothing is computed but from the row. Imports record; imported by saved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from compiled_ops.rows import BY_OPCODE, Elementwise
from tape.columns import SPENT, Tape
from tape.record import label_at, label_of
from tape.saving import Packed
from tape.tensor import Tensor, wrap

# names of saved Tensors: (which of x and y, position in x where that is a tuple, which input's history: 0, 1, -1 for the output's, None for none)
_X, _Y, _RESULT = (3, None, 0), (4, None, 1), (4, None, -1)
_SECOND = {"pow": "exponent", "Mm": "mat2", "Bmm": "mat2", "Mv": "vec", "Dot": "tensor"}
_SIZELESS = frozenset(
    "AsStrided Complex Conj CopyBackwards Cummax Cummin DiagEmbed Fill Flip Gather IndexAdd IndexCopy IndexFill MaskedSelect Nansum Permute Repeat "
    "Roll Scatter ScatterAdd Stack T Take Tile ToCopy Transpose Tril Triu Unbind Unsqueeze ViewAsReal Zero".split()
)
_OWN: dict[str, dict[str, str | None]] = {  # other names of `self`, `other` and `result`; None for what PyTorch does not show
    "LinalgInvEx": {"result": "inverse"}, "LinalgDet": {"self": "A"}, "LinalgSlogdet": {"self": "A"}, "LinalgSolveEx": {"self": "A"},
    "LinalgCholeskyEx": {"result": "L"}, "LinalgEigh": {"self": None, "result": None}, "LinalgSvd": {"self": None, "result": None},
    "LinalgQr": {"self": None, "result": None}, "LeakyRelu": {"other": "negative_slope"}, "Elu": {"other": "alpha"},
    "Fmod": {"self": None, "other": None}, "Remainder": {"self": None, "other": None},
}  # fmt: skip
_END = 2**63 - 1  # PyTorch's number for the end of a slice that was left open


def label(tape: Tape, place: int) -> str:
    """The name of a row without its usual ending."""
    return label_at(tape, place).removesuffix("Backward0")


def tensors(tape: Tape, place: int) -> dict[str, tuple]:
    """Where the Tensors that a row saved stand, by PyTorch's names."""
    names = _OWN.get(label(tape, place), {})
    return {names.get(name, name): at for name, at in _tensors(tape, place).items() if names.get(name, name) is not None}


def _tensors(tape: Tape, place: int) -> dict[str, tuple]:
    rows = tape.rows
    row, name = BY_OPCODE[rows[place]], label(tape, place)
    if name != label_of(rows[place]).removesuffix("Backward0"):
        return {}  # the last row of a composition, which goes by another name
    if isinstance(row, Elementwise) and len(row.inputs) == 1:
        saved = row.saved[0]
        return ({"self": _X} if "x" in saved else {}) | ({"result": _RESULT} if "y" in saved else {})
    if isinstance(row, Elementwise) or row.kind == "bilinear":
        read = frozenset("ab") if not isinstance(row, Elementwise) else frozenset().union(*row.saved)
        both = {"a": ("self", _X), "b": (_SECOND.get(name, _SECOND.get(row.name, "other")), _Y)}
        return dict(at for name, at in both.items() if name in read)
    if row.kind == "whole" and (type(rows[place + 3]) is tuple or rows[place + 3] is SPENT):
        found = {"self": (3, 0, 0), "result": (3, 2, -1)}
        x = rows[place + 3]
        if x is not SPENT and len(x) > 1 and x[1] is not None:
            found["other"] = (3, 1, 1)
        return {name: at for name, at in found.items() if x is SPENT or x[at[1]] is not None}
    if row.name == "select":
        return {"condition": (3, None, None)} if name == "Where" else {"mask": (3, None, None)} if name == "MaskedFill" else {}
    if name == "MaskedSelect":
        return {"mask": (3, 0, None)}
    if name == "IndexSelect" and type(rows[place + 3]) is tuple:
        return {"index": (3, len(rows[place + 3]) - 1, None)}
    return {}


def others(tape: Tape, place: int) -> dict[str, Any]:
    """What else PyTorch shows of a row."""
    rows = tape.rows
    row, name, x, params = BY_OPCODE[rows[place]], label(tape, place), rows[place + 3], rows[place + 4]
    if row.name in ("add", "sub"):
        return {"alpha": 1} if name in ("Add", "Sub", "RsubBackward1") else {}
    if row.name in ("square", "cube"):
        return {"exponent": 2 if row.name == "square" else 3}
    if name == "Mm":
        return _matrices(x, "self") | _matrices(params, "mat2")
    if row.kind in ("elementwise", "bilinear") or type(params) is not tuple or not params:
        return {}
    if name == "Index" and type(x) is tuple:
        return {"indices": tuple(index_at(rows, place, k) for k in range(len(x))), "self_sym_sizes": params[0].shape}
    found = {"self_sym_sizes": tuple(params[0].shape)} if _sized(row, name, params) else {}
    rule = _RULES.get(name)
    return found if rule is None else found | rule(x, params)


def _sized(row: Any, name: str, params: tuple) -> bool:
    return row.kind != "whole" and hasattr(params[0], "shape") and name not in _SIZELESS and row.name not in ("clone", "concatenate", "cumsum")


def index_at(rows: list, place: int, k: int) -> Tensor | None:
    """One of the indices that an indexing by arrays saved."""
    value = rows[place + 3][k]
    return value.tensor() if type(value) is Packed else wrap(value) if isinstance(value, np.ndarray) else None


def _matrices(value: Any, name: str) -> dict[str, Any]:
    """Sizes and strides of a factor, where the row saved it."""
    if not isinstance(value, np.ndarray):
        return {}
    return {f"{name}_sym_sizes": value.shape, f"{name}_sym_strides": tuple(stride // value.itemsize for stride in value.strides)}


def _reduced(x: Any, params: tuple) -> dict[str, Any]:
    """Over these dimensions, () for all."""
    return {"dim": () if len(params[1]) == params[0].ndim else params[1], "keepdim": params[2]}


def _reduced_or_all(x: Any, params: tuple) -> dict[str, Any]:
    return {"dim": None if len(params[1]) == params[0].ndim else params[1], "keepdim": params[2]}


def _spread(x: Any, params: tuple) -> dict[str, Any]:
    """Variance: the row keeps what the squares are divided by."""
    count = int(np.prod([params[0].shape[d] for d in params[1]], dtype=int))
    correction = count - params[3]
    everything = len(params[1]) == params[0].ndim
    return _reduced_or_all(x, params) | {"correction": None if everything and correction == 1 else int(correction) if correction % 1 == 0 else correction}


def _inserted(narrow: tuple, wide: tuple) -> dict[str, Any]:
    """The dimension of extent one that `wide` has more; nothing where it may be one of several."""
    found = [d for d in range(len(wide)) if wide[d] == 1 and (*wide[:d], *wide[d + 1 :]) == tuple(narrow)]
    return {"dim": found[0]} if len(found) == 1 else {}


def _turned(x: Any, params: tuple) -> dict[str, Any]:
    moved = [d for d, k in enumerate(params[1]) if d != k]
    return {"dim0": moved[0], "dim1": moved[1]} if len(moved) == 2 else {}


def _picked(x: Any, params: tuple) -> dict[str, Any]:
    """The last of the numbers that chose, of what the others left."""
    numbers = [d for d, k in enumerate(params[1]) if isinstance(k, (int, np.integer))]
    if not numbers or Ellipsis in params[1][: numbers[-1]]:
        return {}
    last, before = numbers[-1], set(numbers[:-1])
    sizes = tuple(n for d, n in enumerate(params[0].shape) if d not in before)
    return {"dim": last - len(before), "index": int(params[1][last]), "self_sym_sizes": sizes}


def _cut(x: Any, params: tuple) -> dict[str, Any]:
    key, ndim = list(params[1]), params[0].ndim
    if Ellipsis in key:
        at = key.index(Ellipsis)
        key[at : at + 1] = [slice(None)] * (ndim - len(key) + 1)
    for d, k in enumerate(key):
        if isinstance(k, slice) and k != slice(None):
            start, stop, step = k.indices(params[0].shape[d])
            return {"dim": d, "start": start, "end": _END if k.stop is None else stop, "step": step}
    return {}


def _chosen(x: Any, params: tuple) -> dict[str, Any]:
    return {"dim": next(d for d, k in enumerate(params[1]) if isinstance(k, (int, np.integer)) or isinstance(k, slice) and k != slice(None))}


def _numbers(*names: str) -> Callable[[Any, tuple], dict[str, Any]]:
    """The parameters after the first, by these names; None for one without."""

    def named(x: Any, params: tuple) -> dict[str, Any]:
        return {name: value for name, value in zip(names, params[1:], strict=False) if name is not None}

    return named


_DIM = _numbers("dim")
_RULES: dict[str, Callable[[Any, tuple], dict[str, Any]]] = {
    "Softmax": _DIM, "LogSoftmax": _DIM, "Cat": _DIM, "Stack": _DIM, "Cumsum": _DIM, "Cumprod": _DIM, "Logcumsumexp": _DIM,
    "SumBackward1": _numbers("dim", "keepdim"), "MeanBackward1": lambda x, p: {**_numbers("dim", "keepdim")(x, p), "self_sym_numel": p[0].size},
    "Mean": lambda x, p: {"self_sym_numel": p[0].size}, "ProdBackward1": lambda x, p: {"dim": p[1][0], "keepdim": p[2]},
    "Amax": _reduced, "Amin": _reduced, "Logsumexp": _numbers("dim", "keepdim"),
    "LinalgVectorNorm": lambda x, p: _reduced_or_all(x, p) | {"ord": int(p[3]) if p[3] % 1 == 0 else p[3]}, "Std": _spread, "Var": _spread,
    "Permute": _numbers("dims"), "Transpose": _turned, "Flip": _numbers("dims"), "Diagonal": _numbers("offset", "dim1", "dim2"),
    "Tril": _numbers("diagonal"), "Triu": _numbers("diagonal"),
    "Unsqueeze": lambda x, p: _inserted(p[0].shape, p[1]), "SqueezeBackward1": lambda x, p: _inserted(p[1], p[0].shape),
    "AsStrided": lambda x, p: dict(zip(("size", "stride", "storage_offset"), p[2:5], strict=True)) if p[1] == "strides" else {},
    "Unfold": lambda x, p: dict(zip(("dimension", "size", "step"), p[2:5], strict=True)) if p[1] == "unfold" else {},
    "Select": _picked, "Slice": _cut, "Split": _chosen, "Unbind": _chosen, "IndexSelect": lambda x, p: {"dim": len(x) - 1} if type(x) is tuple else {},
}  # fmt: skip


__all__ = ["index_at", "label", "others", "tensors"]
