"""The text of a tensor, character for character as PyTorch writes it.

Write one (`format_tensor`), write a 0-d one by a format specification (`format_scalar`), choose how
(`set_printoptions`).
Invariant: what is printed depends only on the value, the arguments, the options and the default dtype; no
more elements are looked at than are printed, so the text of a large array costs no more than that of a small
one. Knows ndarrays and dtypes, no Tensor. Imported by tensor, show and the package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from . import dtypes


@dataclass(frozen=True)
class Options:
    """How tensors are printed; see `set_printoptions`."""

    precision: int = 4
    threshold: float = 1000
    edgeitems: int = 3
    linewidth: int = 80
    sci_mode: bool | None = None


PROFILES = {
    "default": Options(),
    "short": Options(precision=2, edgeitems=2),
    "full": Options(threshold=float("inf")),
}
_options = PROFILES["default"]


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed.

    What is not given stays, except `sci_mode`, which then is decided for each tensor again. precision:
    digits after the point. threshold: more elements than this are summarised by `edgeitems` at both ends of
    each axis. linewidth: characters a line. profile: "default", "short" or "full" to start from. sci_mode:
    always (True) or never (False) scientific notation. Raises ValueError for an unknown profile.

    >>> set_printoptions(profile="default")
    """
    global _options
    base = _options
    if profile is not None:
        if profile not in PROFILES:
            raise ValueError(f"unknown profile {profile!r}; choose one of {', '.join(PROFILES)}")
        base = PROFILES[profile]
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    _options = replace(base, sci_mode=sci_mode, **{k: v for k, v in given.items() if v is not None})


def get_printoptions() -> Options:
    """The options now in force."""
    return _options


def format_tensor(
    value: np.ndarray, *, grad_fn: str | None = None, requires_grad: bool = False, prefix: str = "tensor("
) -> str:
    """The text of a tensor of this value.

    grad_fn: the name in `grad_fn=<...>`, or None; requires_grad is shown where there is no grad_fn. The
    dtype is shown where it does not go without saying: not for the default dtype and its complex one, int64
    and bool.

    >>> format_tensor(np.array([1.0, 2.5]), grad_fn="AddBackward0")
    'tensor([1.0000, 2.5000], grad_fn=<AddBackward0>)'
    """
    indent = len(prefix)
    suffixes = []
    if value.size == 0:
        body = "[]"
        if value.ndim != 1:
            suffixes.append(f"size={value.shape}")
        silent = {dtypes.get_default_dtype()}
    else:
        body = _body(value, indent)
        default = dtypes.get_default_dtype()
        silent = {default, dtypes.complex_of(default), dtypes.int64, dtypes.bool_}
    if value.dtype not in silent:
        suffixes.append("dtype=" + dtypes.name_of(value.dtype))
    if grad_fn is not None:
        suffixes.append(f"grad_fn=<{grad_fn}>")
    elif requires_grad:
        suffixes.append("requires_grad=True")
    return _append(prefix + body, suffixes, indent)


def format_scalar(value: Any, spec: str = "") -> str:
    """A 0-d value (an ndarray, NumPy or Python scalar) by a format specification, as f"{t:.3f}" shows it.

    >>> format_scalar(np.array(17.0)), format_scalar(0.1, ".3f")
    ('17.0', '0.100')
    """
    if isinstance(value, (np.ndarray, np.generic)):
        value = _widened(np.asarray(value)).item()
    return format(value, spec)


def _append(text: str, suffixes: list[str], indent: int) -> str:
    """Add `, suffix` for each, on a new line where it would pass the line width, and the closing bracket."""
    used = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if used + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            used = indent + len(suffix)
        else:
            text += ", " + suffix
            used += len(suffix) + 2
    return text + ")"


def _widened(value: np.ndarray) -> np.ndarray:
    """The same numbers in a type whose elements come out of it as Python numbers; exact for all floats."""
    return value.astype(np.float64) if dtypes.is_floating_point(value.dtype) else value


def _body(value: np.ndarray, indent: int) -> str:
    edge = _options.edgeitems
    cut = [False] * value.ndim
    if value.size > _options.threshold:
        cut = [n > 2 * edge for n in value.shape]
        for axis, is_cut in enumerate(cut):
            if is_cut:
                ends = (*range(edge), *range(value.shape[axis] - edge, value.shape[axis]))
                value = value.take(ends, axis)
    value = _widened(value)
    write, width = _writer(value)
    return _nested(value.tolist(), cut, indent, write, width)


def _nested(items: Any, cut: list[bool], indent: int, write: Callable[[Any], str], width: int) -> str:
    """Write nested lists; `cut` says of each axis whether its middle is left out."""
    if not cut:
        return write(items)
    last = len(cut) == 1
    if last:
        parts = [write(x) for x in items]
    else:
        parts = [_nested(x, cut[1:], indent + 1, write, width) for x in items]
    if cut[0]:
        parts.insert(_options.edgeitems, " ..." if last else "...")
    newline = "\n" + " " * (indent + 1)
    if not last:
        return "[" + ("," + "\n" * (len(cut) - 2) + newline).join(parts) + "]"
    a_line = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [", ".join(parts[i : i + a_line]) for i in range(0, len(parts), a_line)]
    return "[" + ("," + newline).join(lines) + "]"


def _writer(value: np.ndarray) -> tuple[Callable[[Any], str], int]:
    """A function from an element to its text, aligned for all of `value`, and the width of these texts."""
    if value.dtype.kind == "c":
        write_real, real_width = _float_writer(np.real(value).astype(np.float64))
        write_imag, imag_width = _float_writer(np.imag(value).astype(np.float64))

        def write_complex(z: complex) -> str:
            imag = write_imag(z.imag).lstrip()
            return write_real(z.real) + (imag if imag.startswith("-") else "+" + imag) + "j"

        return write_complex, real_width + imag_width + 1
    if value.dtype.kind == "f":
        return _float_writer(value)
    width = max(len(str(x)) for x in value.ravel().tolist())
    return lambda x: str(x).rjust(width), width


def _float_writer(value: np.ndarray) -> tuple[Callable[[float], str], int]:
    """Zeros, infinities and nan have no say in the notation or the width; they are only padded."""
    counted = value[np.isfinite(value) & (value != 0)]
    if not counted.size:
        return _float_text("whole", 1), 1
    size = np.abs(counted)
    low, high = float(size.min()), float(size.max())
    whole = bool((counted == np.ceil(counted)).all())
    scientific = _options.sci_mode
    if scientific is None:
        scientific = high / low > 1000.0 or high > 1e8 or (low < 1e-4 and not whole)
    style = "scientific" if scientific else "whole" if whole else "fixed"
    unpadded = _float_text(style, 0)
    width = max(len(unpadded(x)) for x in counted.tolist())
    return _float_text(style, width), width


def _float_text(style: str, width: int) -> Callable[[float], str]:
    if style == "whole":
        return lambda x: (f"{x:.0f}." if np.isfinite(x) else str(x)).rjust(width)
    spec = f">{width}.{_options.precision}{'e' if style == 'scientific' else 'f'}"
    return lambda x: format(x, spec)
