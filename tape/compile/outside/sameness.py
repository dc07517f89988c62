"""Whether values outside a program are what they were, and what a person is told of those that are not.

A snapshot is a tree of Seen: how a thing is reached from what holds it, and what it was. `differences(parts)` walks the same ways again
and gives each topmost thing that changed, `description` puts it into words. Values are the same if type and every bit are: 1, 1.0
and True differ, so do 0.0 and -0.0, and a NaN equals itself. Invariant: agrees with the quick check that check.py writes of the
same tree. Imports tensor. Imported by the rest of this package.
"""

from __future__ import annotations

import enum
import struct
from collections.abc import Iterator
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from tape.tensor import Tensor

GONE = type("Gone", (), {"__repr__": lambda self: "nothing"})()
SMALL = 2048  # bytes: below this, tobytes is the quicker way to compare
Way = tuple[str, Any]  # how a thing is reached: ("item", key), ("attr", name), ("own", name), ("cell", None), ("constant", itself)


class Content(NamedTuple):
    """The content of an ndarray: `bits` is None where it is known by reference only."""

    shape: tuple
    dtype: np.dtype
    strides: tuple
    bits: bytes | None


class Seen:
    """A thing outside. `kind` says how it is compared, `value` is what it was (held, so that its identity stays its own) and `held` what
    of its content is compared; `parts` are the things in it, `keys` what code calls it, `root` and `suffix` its name for a person,
    `path` its name for us. `alias`: other ways lead to the same object, which must then stay the same."""

    __slots__ = ("way", "kind", "value", "held", "parts", "keys", "root", "suffix", "path", "alias")

    def __init__(self, way: Way, kind: str, value: Any, root: str, suffix: str = "", keys: set | None = None, path: tuple = ()) -> None:
        self.way, self.kind, self.value, self.root, self.suffix, self.path = way, kind, value, root, suffix, path
        self.keys: set = set() if keys is None else keys
        self.parts: list[Seen] = []
        self.held: Any = None
        self.alias = False

    def __str__(self) -> str:
        return f"{self.root}, at {self.suffix}" if self.suffix else self.root


# values


PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range, np.dtype)
PLAIN_NAMES = frozenset(
    "datetime.date datetime.time datetime.datetime datetime.timedelta datetime.timezone decimal.Decimal fractions.Fraction uuid.UUID re.Pattern "
    "pathlib.PosixPath pathlib.PurePosixPath pathlib.WindowsPath pathlib.PureWindowsPath pathlib._local.PosixPath pathlib._local.PurePosixPath "
    "pathlib._local.WindowsPath pathlib._local.PureWindowsPath".split()
)
_OF_MEMBERS = frozenset("_value_ _name_ __objclass__ _sort_order_ _inverted_ _hash_".split())


def remarks(member: enum.Enum) -> list[str]:
    """The attributes that a program gave a member of an enumeration, which can change."""
    return [name for name in vars(member) if name not in _OF_MEMBERS]


def plain(value: Any) -> bool:
    """Whether a value is immutable data all the way down."""
    kind = type(value)
    if kind in PLAIN or isinstance(value, np.dtype):
        return True
    if isinstance(value, enum.Enum):
        return plain(value._value_) and not remarks(value)
    if kind is tuple or kind is frozenset:
        return all(map(plain, value))
    if kind is slice:
        return plain((value.start, value.stop, value.step))
    return isinstance(value, np.generic) and not value.dtype.hasobject or f"{kind.__module__}.{kind.__qualname__}" in PLAIN_NAMES


def same(a: Any, b: Any) -> bool:
    """Whether two plain immutable values have one type and the same bits.

    >>> same(1.5, 1.5), same(1, 1.0), same(0.0, -0.0), same((1, "a"), (1, "a")), same((1,), (True,))
    (True, False, False, True, False)
    """
    if a is b:
        return True
    kind = type(a)
    if kind is not type(b) or isinstance(a, enum.Enum):
        return False
    if kind is float:
        return struct.pack("d", a) == struct.pack("d", b)
    if kind is complex:
        return struct.pack("dd", a.real, a.imag) == struct.pack("dd", b.real, b.imag)
    if kind is tuple or kind is frozenset:
        return len(a) == len(b) and all(map(same, a, b))
    if kind is slice:
        return same((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return plain(a) and bool(a == b) and (kind in (int, str, bytes) or repr(a) == repr(b))


def differ(a: Any, b: Any) -> bool:
    return not same(a, b)


def all_differ(now: Any, then: tuple) -> bool:
    """Whether any element differs; lengths are known to agree."""
    return not all(map(same, now, then))


def unlike(now: Any, then: FunctionType) -> bool:
    """Whether one function stands for another: defined again with the same code, and nothing of its own to remember."""
    return not (
        type(now) is FunctionType
        and now.__globals__ is then.__globals__
        and now.__code__ == then.__code__
        and now.__closure__ is then.__closure__ is None
        and not now.__dict__
        and not then.__dict__
        and same(now.__defaults__, then.__defaults__)
        and now.__kwdefaults__ is then.__kwdefaults__ is None
    )


def content_of(array: np.ndarray, bits: bool) -> Content:
    return Content(array.shape, array.dtype, array.strides, array.tobytes() if bits else None)


def array_differs(now: Any, then: np.ndarray, content: Content) -> bool:
    """Whether an ndarray has another shape, dtype or content; by reference, whether it is another or has been laid out anew."""
    if type(now) is not np.ndarray or now.shape != content.shape or now.dtype != content.dtype:
        return True
    if content.bits is None:
        return now is not then or now.strides != content.strides
    return now.tobytes() != content.bits


def float_differs(now: Any, then: float) -> bool:
    """The same of the float in a Tensor, which may have moved into an array."""
    return not (isinstance(now, (float, np.ndarray)) and same(float(now), then))


def filled(cell: Any) -> bool:
    """Whether a closure cell that was empty holds something."""
    return fetch(("cell", None), cell) is not GONE


# the slow walk


def fetch(way: Way, holder: Any) -> Any:
    """What is found by a way now, or GONE."""
    how, key = way
    try:
        if how == "item":
            return holder[key]
        if how == "attr":
            return getattr(holder, key)
        if how == "own":
            return holder.__dict__[key]
        return holder.cell_contents if how == "cell" else key
    except (KeyError, IndexError, AttributeError, ValueError, TypeError):
        return GONE


def changed_itself(seen: Seen, now: Any) -> bool:
    """Whether a thing differs, its parts aside."""
    kind, then = seen.kind, seen.value
    if kind == "absent":
        return now is not GONE
    if kind == "group":
        return False
    if now is GONE or seen.alias and now is not then:
        return True
    if kind == "plain":
        return differ(now, then)
    if kind == "function":
        return now is not then and unlike(now, then)
    if kind == "elements":
        return type(now) is not type(then) or len(now) != len(seen.held) or all_differ(now, seen.held)
    if kind == "sequence":
        return type(now) is not type(then) or len(now) != seen.held
    if kind == "mapping":
        keys, values = seen.held
        return type(now) is not type(then) or len(now) != len(keys) or all_differ(now, keys) or bool(values) and all_differ(now.values(), values)
    if kind == "object":
        return type(now) is not type(then)
    if kind == "array":
        return array_differs(now, then, seen.held)
    if kind == "tensor":
        return tensor_differs(seen, now)
    if kind == "float":
        return float_differs(now, then)
    return now is not then  # "fixed"


def tensor_differs(seen: Seen, now: Any) -> bool:
    spec, needs, itself = seen.held
    return type(now) is not type(seen.value) or now._s is not spec or (now._t is not None) is not needs or itself and now is not seen.value


def differences(parts: list[Seen], holder: Any = None) -> Iterator[tuple[Seen, Any]]:
    """Each topmost thing that changed, and what stands there now."""
    for seen in parts:
        now = fetch(seen.way, holder)
        if changed_itself(seen, now):
            yield seen, now
        elif seen.kind != "absent":
            yield from differences(seen.parts, now)


def description(seen: Seen, now: Any) -> str:
    """What a person is told of a change."""
    then = seen.value
    if seen.kind in ("elements", "mapping", "sequence") and type(now) is type(then):
        before, after = _listed(seen), list(now.items()) if seen.kind == "mapping" and seen.held[1] else list(now)
        count = before if isinstance(before, int) else len(before)
        if count != len(after) or isinstance(before, int):
            return f"{seen}: {count} elements became {len(after)}"
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            if not all(map(same, one, other)) if seen.kind == "mapping" and seen.held[1] else differ(one, other):
                if seen.kind == "mapping" and seen.held[1] and same(one[0], other[0]):
                    place, one, other = one[0], one[1], other[1]
                return f"{seen.root}, at {seen.suffix}[{place!r}]: {brief(one)} became {brief(other)}"
    if seen.kind == "array" and type(now) is np.ndarray and seen.held.bits is not None:
        old = np.ndarray(seen.held.shape, seen.held.dtype, bytes(seen.held.bits) or b"\0")
        if now.shape == old.shape and now.dtype == old.dtype and now.size:
            bytewise = [np.frombuffer(a.tobytes(), np.uint8).reshape(now.size, -1) for a in (now, old)]
            first = int((bytewise[0] != bytewise[1]).any(1).argmax())
            return f"{seen}: element {first} of {now.size}, {old.flat[first]!r} became {now.flat[first]!r}"
        return f"{seen}: {brief(old)} became {brief(now)}"
    return f"{seen}: {'nothing' if seen.kind == 'absent' else brief(then)} became {brief(now)}"


def _listed(seen: Seen) -> Any:
    if seen.kind != "mapping":
        return seen.held
    keys, values = seen.held
    return list(zip(keys, values, strict=True)) if values else keys


def brief(value: Any) -> str:
    """A value in few words."""
    if type(value) is np.ndarray:
        return f"an array {value.dtype}{list(value.shape)}"
    if isinstance(value, Tensor):
        return f"a Tensor {value._s!r}{' that requires grad' if value._t is not None else ''}"
    if type(value) is FunctionType:
        return f"the function of line {value.__code__.co_firstlineno}"
    if value is GONE or plain(value):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return f"an object of {type(value).__qualname__}"
