"""Where a vmap begins and ends: the switches of the thread, and Tensors from outside that its function uses.

`Border` is the part of a Batching that knows what was there before it: `spread` lets Tensors from outside stand on a row of their own, which sums
the gradients of the examples; `around` calls a function as it was called before; `finish` finds Tensors from outside that were written
to. Invariant: a row that belongs to examples never refers to one from outside but through such a row.
Imports record; imported by batching.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

from compiled_ops.rows import LEAF, OPCODES
from tape import columns
from tape.columns import Mark, close
from tape.func.batched_draws import Draws
from tape.record import append
from tape.state import STATE, settle
from tape.tensor import Tensor

SPREAD = OPCODES["spread"]


class Border:
    """The beginning and the end of one application of vmap to `size` examples."""

    lasting = True  # its values mean the same inside and outside, before and after

    def __init__(self, size: int, randomness: str = "error") -> None:
        trace = STATE.trace
        self.size, self.randomness = size, randomness
        self.base = trace.base if trace is not None and trace.lasting else trace  # the recording of a program around, if any
        self.start = self.serial = 0
        self._spread: dict[Any, tuple[Tensor, Tensor]] = {}
        self._written: list[tuple[weakref.ref, Any]] = []
        self._before: Any = None
        self.draws = Draws(self, STATE.draws)

    def __enter__(self) -> Any:
        if STATE.tape is not None:
            close(STATE.tape)  # what is older lies outside
        self.start = self.serial = next(columns._numbers)
        self._before, STATE.trace, STATE.draws = STATE.trace, self, self.draws
        settle()
        return self

    def __exit__(self, problem: Any, *_: object) -> None:
        STATE.trace, STATE.draws = self._before, self.draws.around
        settle()
        self._spread.clear()
        if problem is not None:
            for reference, before in self._written:
                t = reference()
                if t is not None:
                    t._v = before

    def finish(self) -> None:
        """After the function has returned and its results are put together. RuntimeError where it wrote values of examples into a Tensor that
        somebody still holds: one from outside, which has its own values back."""
        written, self._written = self._written, []
        if any([reference() is not None for reference, _ in written]):
            gc.collect()
        for reference, before in written:
            t = reference()
            if t is not None:
                t._v = before
                raise RuntimeError(
                    f"inside vmap, values of {self.size} examples were written into a tensor of shape {t._s.shape} from outside, which has room for one; "
                    "return them instead"
                )

    # what lies outside

    def around(self, function: Callable, *args: Any) -> Any:
        """Call a recording function as it was called before this Batching began."""
        STATE.trace, STATE.draws = self._before, self.draws.around
        settle()
        try:
            return function(*args)
        finally:
            STATE.trace, STATE.draws = self, self.draws
            settle()

    def written(self, root: Tensor) -> None:
        """A plain Tensor is about to take the values of examples."""
        self._written.append((weakref.ref(root), root._v))

    def outside(self, t: Tensor) -> bool:
        """Whether a Tensor that needs a gradient was made before this Batching began."""
        home = t._t
        if type(home) is not Mark and home.rows[t._r] == LEAF:  # a leaf's row may be younger than the leaf
            leaf = home.rows[t._r + 3]()
            home = home if leaf is None or leaf._t is None else leaf._t
        return (home.born if type(home) is Mark else home.num) < self.start

    def spread(self, inputs: tuple) -> tuple:
        """Inputs of a row, where Tensors from outside stand on a row that gives each example the same, and sums their gradients."""
        return tuple([t if t is None or t._t is None or not self.outside(t) else self.from_outside(t) for t in inputs])

    def from_outside(self, t: Tensor) -> Tensor:
        """A Tensor from outside on a row of its own, which sums the gradients of the examples."""
        home = t._t
        if type(home) is not Mark and home.rows[t._r] == LEAF:
            leaf = home.rows[t._r + 3]()
            t = t if leaf is None else leaf
        key: Any = id(t) if type(t._t) is Mark else (t._t.num, t._r)
        found = self._spread.get(key)
        if found is None:
            made = Tensor()
            made._v, made._s, made._t, made._r = t._v, t._s, None, 0
            self.around(append, made, SPREAD, (t,), None, (t._s, self))
            made._t.plain = True
            if hasattr(t, "_tangent"):
                made._tangent = t._tangent
            found = self._spread[key] = t, made
        return found[1]


__all__ = ["Border"]
