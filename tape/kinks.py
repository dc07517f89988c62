"""Boundary conventions: which derivative a function has where it has several, as one set that can be switched.

    tape.set_kink_rules("minimum-norm")          # from now on, in every thread
    with tape.kink_rules("torch-2.14"): ...      # within a block

`RULES` holds the sets; the default is "torch-2.13". A convention is chosen when an operation is recorded, by another row or another mask,
so compiled replay, re-recorded backward passes, forward mode and programs of `tape.compile` follow of themselves, and rows recorded before
a switch keep theirs; a program that was compiled under another set is recorded anew. `set_kink_rules` says which conventions there are.

All other values at kinks are the same in every set; they stand in the rows of the table. Imports nothing but the numbers of opcodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from compiled_ops import table  # noqa: F401  (fills the registry)
from compiled_ops.rows import OPCODES


class Rules(NamedTuple):
    """One set: the derivative of clamp at a bound, whether a tie with a Tensor bound is shared, and the rows that stand for others."""

    name: str
    clamp_passes: bool
    clamp_shares: bool
    rows: dict[str, int]


_FIRST = {name: OPCODES[name] for name in ("fmax", "fmin", "hypot")}
_LEAST = {"fmax": OPCODES["fmax_even"], "fmin": OPCODES["fmin_even"], "hypot": OPCODES["hypot_least"]}
RULES = {
    rules.name: rules
    for rules in (
        Rules("torch-2.13", True, False, _FIRST),
        Rules("torch-2.14", False, True, _FIRST),
        Rules("minimum-norm", False, True, _LEAST),
    )
}
_current = [RULES["torch-2.13"]]
LISTENERS: list[Callable[[], object]] = []  # called after a switch


def current() -> Rules:
    """The set in force."""
    return _current[0]


def set_kink_rules(name: str) -> None:
    """Choose the derivatives at kinks: "torch-2.13" (the default), "torch-2.14" or "minimum-norm". ValueError for another name.

    | at                                | torch-2.13          | torch-2.14       | minimum-norm     |
    |-----------------------------------|---------------------|------------------|------------------|
    | clamp, at a bound that is a number | 1                  | 0                | 0                |
    | clamp, equal to a bound that is a Tensor | 1 to the input, 0 to the bound | half to each | half to each |
    | fmax, fmin: a tie                 | all to the first    | all to the first | half to each     |
    | hypot at (0, 0)                   | NaN                 | NaN              | 0                |

    >>> import tape
    >>> tape.set_kink_rules("minimum-norm")
    >>> x = tape.tensor([0.0, 1.0], requires_grad=True)
    >>> x.clamp(min=0.0).sum().backward()
    >>> x.grad
    tensor([0., 1.])
    >>> tape.set_kink_rules("torch-2.13")
    """
    if name not in RULES:
        raise ValueError(f"set_kink_rules got {name!r}; wanted one of {', '.join(map(repr, RULES))}")
    _current[0] = RULES[name]
    for listener in LISTENERS:
        listener()


def get_kink_rules() -> str:
    """The name of the set in force."""
    return _current[0].name


@contextmanager
def kink_rules(name: str) -> Iterator[None]:
    """A block in which another set is in force, in every thread."""
    before = get_kink_rules()
    set_kink_rules(name)
    try:
        yield
    finally:
        set_kink_rules(before)
