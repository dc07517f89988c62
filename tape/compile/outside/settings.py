"""Settings that libraries keep where no code of the user's names them: where each lies, and by what mention code reads it.

`SETTINGS[name]` is a Setting: its name for a person, what holds it, the way there, and the attributes and functions that read it.
"decimals" is read wherever a Decimal is reached, "classes" where abstract classes are and code asks isinstance. What is found is
immutable data, or an object that is another one once something was set. Invariant: looking changes nothing.
Imports tape.cores, tape.printing. Imported by snapshot.
"""

from __future__ import annotations

import abc
import sys
from typing import Any, NamedTuple

import numpy as np

from tape import cores, printing
from tape.compile.outside.sameness import Way

try:
    from numpy._core.printoptions import format_options as _format
except ImportError:  # an older NumPy has a dictionary, which is written to
    _format = None  # type: ignore[assignment]


class Setting(NamedTuple):
    """Where a setting lies."""

    told: str
    holder: Any
    way: Way
    askers: frozenset[str] = frozenset()


class Asked:
    """Settings that only functions tell, as attributes.

    >>> ASKED.decimals[0] == sys.modules["decimal"].getcontext().prec
    True
    """

    __slots__ = ()

    @property
    def arrays(self) -> Any:
        return repr(np.get_printoptions()) if _format is None else _format.get()

    @property
    def decimals(self) -> tuple:
        now = sys.modules["decimal"].getcontext()
        return now.prec, now.rounding, now.Emin, now.Emax, now.capitals, now.clamp, *now.traps.values()

    @property
    def classes(self) -> Any:
        return abc.get_cache_token()


ASKED = Asked()
_SHOWN = frozenset("__str__ __repr__ __format__ get_printoptions".split())
SETTINGS = {
    "threads": Setting("the number of threads", vars(cores), ("item", "_threads"), frozenset(["get_num_threads"])),
    "tensors": Setting("how Tensors are printed", vars(printing), ("item", "_options"), _SHOWN),
    "arrays": Setting("how arrays are printed", ASKED, ("attr", "arrays"), _SHOWN | {"array2string", "array_str", "array_repr"}),
    "decimals": Setting("the context of Decimals", ASKED, ("attr", "decimals")),
    "classes": Setting("the classes registered with abstract ones", ASKED, ("attr", "classes")),
}

__all__ = ["ASKED", "SETTINGS"]
