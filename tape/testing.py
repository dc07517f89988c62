"""torch.testing: `assert_close`, which compares Tensors, numbers and nested containers of them within tolerances.

Invariant: nothing is recorded. Imports tensor; imported by tape/__init__.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tape.tensor import Tensor, array

TOLERANCES = {"float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "float64": (1e-7, 1e-7),
              "complex64": (1.3e-6, 1e-5), "complex128": (1e-7, 1e-7)}  # fmt: skip


def assert_close(
    actual: Any, expected: Any, *, allow_subclasses: bool = True, rtol: float | None = None, atol: float | None = None, equal_nan: bool = False,
    check_device: bool = True, check_dtype: bool = True, check_layout: bool = True, check_stride: bool = False,
    msg: str | Callable[[str], str] | None = None,
) -> None:  # fmt: skip
    """AssertionError unless |actual - expected| <= atol + rtol*|expected| everywhere, for Tensors, numbers, and containers of them.

    rtol and atol: both or neither; by default those of the coarser dtype (float64: 1e-7 and 1e-7, float32: 1.3e-6 and 1e-5), zero for
    integers and booleans. Shapes must agree and, with check_dtype, dtypes. msg: the message, or a function that makes it of this one.
    ValueError for one tolerance alone, TypeError for other kinds of values.

    >>> tape.testing.assert_close(tape.tensor([1.0, 2.0]), tape.tensor([1.0, 2.0 + 1e-9]))
    >>> tape.testing.assert_close(tape.tensor([1.0, 2.0]), tape.tensor([1.0, 2.1]))
    Traceback (most recent call last):
    ...
    AssertionError: Tensors are not close: 1 of 2 elements differ, most at index (1,): 2.0 where 2.1 was expected, a difference of 0.1 where \
atol + rtol*|expected| allows 3.1e-07
    """
    if (rtol is None) != (atol is None):
        raise ValueError(f"assert_close: rtol={rtol} and atol={atol}; give both or neither")
    given = None if rtol is None or atol is None else (float(rtol), float(atol))
    wrong = _difference(actual, expected, given, equal_nan, check_dtype, check_stride, "")
    if wrong is not None:
        raise AssertionError(wrong if msg is None else msg if isinstance(msg, str) else msg(wrong))


def _difference(actual: Any, expected: Any, given: Any, equal_nan: bool, check_dtype: bool, check_stride: bool, place: str) -> str | None:
    """What is wrong, or None."""
    options = (given, equal_nan, check_dtype, check_stride)
    at = f" (item {place})" if place else ""
    if actual is None or expected is None:
        return None if actual is expected else f"{actual!r} is not {expected!r}{at}"
    if isinstance(actual, Mapping) and isinstance(expected, Mapping):
        if actual.keys() != expected.keys():
            return f"the keys differ{at}: {sorted(map(str, actual.keys() ^ expected.keys()))} are in one of them only"
        return next(filter(None, (_difference(actual[k], expected[k], *options, f"{place}[{k!r}]") for k in actual)), None)
    if _several(actual) and _several(expected):
        if len(actual) != len(expected):
            return f"the lengths differ{at}: {len(actual)} and {len(expected)}"
        pairs = enumerate(zip(actual, expected, strict=True))
        return next(filter(None, (_difference(a, e, *options, f"{place}[{i}]") for i, (a, e) in pairs)), None)
    for kind in (Tensor, np.ndarray, (bool, int, float, complex)):
        if isinstance(actual, kind) and isinstance(expected, kind):
            return _of_values(actual, expected, *options, at)
    raise TypeError(f"assert_close: got {type(actual).__name__} and {type(expected).__name__}{at}; wanted two Tensors, two arrays or two numbers")


def _several(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _of_values(actual: Any, expected: Any, given: Any, equal_nan: bool, check_dtype: bool, check_stride: bool, at: str) -> str | None:
    what = "Tensors" if isinstance(actual, Tensor) else "arrays" if isinstance(actual, np.ndarray) else "numbers"
    a, e = (array(t) if isinstance(t, Tensor) else np.asarray(t) for t in (actual, expected))
    if a.shape != e.shape:
        return f"the shapes differ{at}: {a.shape} and {e.shape}"
    if check_dtype and a.dtype != e.dtype:
        return f"the dtypes differ{at}: {a.dtype} and {e.dtype}"
    if check_stride and a.strides != e.strides:
        return f"the strides differ{at}: {a.strides} and {e.strides}"
    rtol, atol = given or tuple(max(pair) for pair in zip(*(TOLERANCES.get(t.dtype.name, (0.0, 0.0)) for t in (a, e)), strict=True))
    wide = [t.astype(np.complex128 if t.dtype.kind == "c" else np.float64 if t.dtype.kind in "fV" else object) for t in (a, e)]
    if all(t.dtype != object for t in wide):
        close = np.isclose(wide[0], wide[1], rtol=rtol, atol=atol, equal_nan=equal_nan)
    else:
        close = np.asarray(np.equal(wide[0], wide[1]) | (np.abs(wide[0] - wide[1] * 1) <= atol + rtol * np.abs(wide[1] * 1)), bool)
    if close.all():
        return None
    distance = np.where(close, -1.0, np.nan_to_num(np.abs(wide[0] * 1 - wide[1] * 1).astype(np.float64), nan=np.inf))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(distance)), a.shape))
    allowed = atol + rtol * abs(complex(e[index]))
    return (
        f"{what} are not {'close' if allowed else 'equal'}{at}: {int((~close).sum())} of {a.size} elements differ, most at index {index}: {a[index]!s} "
        f"where {e[index]!s} was expected, a difference of {distance[index]:.6g} where atol + rtol*|expected| allows {allowed:.3g}"
    )


__all__ = ["assert_close"]
