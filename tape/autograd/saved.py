"""What rows have saved, under PyTorch's names, and hooks on it: `y.grad_fn._saved_self`, `saved_tensors_hooks` and its relatives.

`named(node)` maps names to places on the row; `SavedTensor` is one such place, on which hooks may be set. Inside `saved_tensors_hooks(pack,
unpack)` every saved value goes through `pack` when it is saved and through `unpack` when it is read; the innermost pair applies.
Invariant: a row whose values are packed is swept in Python. Imports saving, calls, versions; imported by graph.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from compiled_ops.rows import IMPORT, LEAF
from tape import versions
from tape.autograd.named import label, others, tensors
from tape.columns import SPENT, Tape
from tape.errors import SpentError
from tape.record import label_of
from tape.rerecord import Row, references
from tape.saving import Packed, Saved, pack, unpacked
from tape.state import STATE, change
from tape.tensor import Tensor, wrap


def _tensor_at(tape: Tape, place: int, at: tuple) -> Any:
    """A saved value as a Tensor with its history (the leaf itself, where it is one), or the number it is; SpentError once it is freed."""
    column, position, source = at
    rows = tape.rows
    value = rows[place + column]
    if value is SPENT:
        raise SpentError("saved values were freed by the first backward pass; give it retain_graph=True")
    value = value[position] if position is not None else value
    value = unpacked(value) if type(value) is Saved else value
    reference = 0 if source is None else place if source < 0 else references(tape, place)[source]
    if type(value) is Packed:
        found = value.tensor()
        return Row(tape, place, (), True, None, None, ()).value(found._v, reference) if reference and rows[reference] != LEAF else found
    if value is None or not reference and type(value) is float and label(tape, place) not in ("Mul", "Div"):
        return value
    found = None if reference == place else _holder(value, *_original(tape, reference))
    return Row(tape, place, (), True, None, None, ()).value(value, reference) if found is None else found


def _original(tape: Tape, reference: int) -> tuple[Tape, int]:
    """Where a row stands that another tape may have made."""
    return (tape.rows[reference + 3], tape.rows[reference + 4]) if tape.rows[reference] == IMPORT else (tape, reference)


def _holder(value: Any, tape: Tape, row: int) -> Tensor | None:
    """The user's Tensor of a value that stands on a row (0: that has no history), while it lives. One look at all objects, milliseconds."""
    if row and tape.rows[row] == LEAF:
        leaf = tape.rows[row + 3]()
        return leaf if leaf is not None and leaf._v is value else None
    home = tape if row else None
    for t in gc.get_referrers(value):
        if isinstance(t, Tensor) and t._v is value and t._t is home and (t._r == row or not row):
            return t
    return None


class SavedTensor:
    """A place where a row, or a user's Function, keeps a Tensor for its backward."""

    __slots__ = ("_holder", "_tape", "_place", "_at")

    def __init__(self, *given: Any) -> None:
        raise RuntimeError("a SavedTensor was made; operations make them: read one as y.grad_fn._raw_saved_<name>")

    @classmethod
    def of(cls, holder: Any, tape: Tape | None, at: Any, place: int = 0) -> SavedTensor:
        """That of a call of a user's Function (`at` is its number there), or of a row (see named.tensors)."""
        made = cls.__new__(cls)
        made._holder, made._tape, made._at, made._place = holder, tape, at, place
        return made

    @property
    def data(self) -> Any:
        """What is kept: the Tensor, or what a pack hook made of it."""
        value = self._value()
        if type(value) is Packed:
            return value.content
        return self._holder._call.kept_tensor(self._holder._call.kept[self._at]) if self._tape is None else _tensor_at(self._tape, self._place, self._at)

    def unpack(self) -> Tensor | None:
        """The Tensor, by the unpack hook where one is set."""
        value = self._value()
        return value.tensor() if type(value) is Packed else self.data

    @property
    def unpack_hook(self) -> Callable | None:
        """The hook that gives the Tensor back, where one is set."""
        value = self._value()
        return value.unpack if type(value) is Packed else None

    def _value(self) -> Any:
        """What stands there. SpentError once it is freed."""
        if self._tape is None:
            kept = self._holder._call.kept
            found = SPENT if kept is SPENT else kept[self._at] if kept[self._at] is None else kept[self._at].value
        else:
            column, position, _ = self._at
            found = self._tape.rows[self._place + column]
            found = found if position is None or found is SPENT else found[position]
        if found is SPENT:
            raise SpentError("register_hooks on a saved tensor that a backward pass has freed; register before it, or give it retain_graph=True")
        return found.value if type(found) is Saved and type(found.value) is Packed else found

    def register_hooks(self, pack_hook: Callable, unpack_hook: Callable) -> None:
        """Hand the saved Tensor to `pack_hook` now and read it through `unpack_hook` from now on. RuntimeError where hooks are set
        already, where nothing is saved, or once it is freed."""
        value = self._value()
        if type(value) is Packed:
            raise RuntimeError("register_hooks on a saved tensor that has hooks already; one pair is all that it takes")
        if value is None or type(value) is slice:
            raise RuntimeError("register_hooks where no tensor is saved")
        if self._tape is None:
            kept = self._holder._call.kept[self._at]
            kept.value = pack(self._holder._call.kept_tensor(kept), (pack_hook, unpack_hook))
            kept.original = None
            return
        column, position, _ = self._at
        made: Any = pack(_tensor_at(self._tape, self._place, self._at), (pack_hook, unpack_hook))
        made = Saved(made, value._tangent) if type(value) is Saved else made
        rows = self._tape.rows
        if position is not None:
            whole = rows[self._place + column]
            made = (*whole[:position], made, *whole[position + 1 :])
        self._tape.plain = True
        rows[self._place + column] = made


def attribute(tape: Tape, place: int, name: str) -> Any:
    """`_saved_<what>` or `_raw_saved_<what>` of a row. AttributeError where it has none."""
    raw, what = name.startswith("_raw_saved_"), name.removeprefix("_raw_saved_").removeprefix("_saved_")
    at = tensors(tape, place).get(what)
    if at is not None and raw:
        return SavedTensor.of(None, tape, at, place)
    if raw and what == "indices" and "indices" in others(tape, place):
        return tuple(SavedTensor.of(None, tape, (3, k, None), place) for k in range(len(tape.rows[place + 3])))
    if at is not None:
        return _tensor_at(tape, place, at)
    known = {} if raw else others(tape, place)
    if what in known:
        return known[what]
    raise AttributeError(f"{label_of(tape.rows[place])} has no attribute {name!r}; dir() shows what it saved")


def attributes(tape: Tape, place: int) -> list[str]:
    """The names that `attribute` knows for a row."""
    places = tensors(tape, place)
    return [f"_saved_{n}" for n in (*places, *others(tape, place))] + [f"_raw_saved_{n}" for n in places]


class saved_tensors_hooks:
    """A block in which what operations save goes through `pack_hook`, and comes back through `unpack_hook` when a backward pass reads it.
    The innermost block applies. RuntimeError inside `disable_saved_tensors_hooks`.

    Saved values may go to disk, for instance:

    >>> import os, tempfile
    >>> import numpy as np, tape
    >>> folder = tempfile.mkdtemp()
    >>> def to_disk(t):
    ...     path = os.path.join(folder, f"{len(os.listdir(folder))}.npy")
    ...     np.save(path, t.detach().numpy())
    ...     return path
    >>> def from_disk(path):
    ...     return tape.from_numpy(np.load(path))
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> with tape.autograd.graph.saved_tensors_hooks(to_disk, from_disk):
    ...     y = (x * x).sum()
    >>> len(os.listdir(folder))
    2
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        if STATE.saving_refused is not None:
            raise RuntimeError(STATE.saving_refused)
        change(saving=(self.pack_hook, self.unpack_hook, STATE.saving))

    def __exit__(self, *exc: Any) -> None:
        if STATE.saving is not None:
            change(saving=STATE.saving[2])


class save_on_cpu(saved_tensors_hooks):
    """Accepted and almost without effect: all memory is the CPU's."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(lambda t: t, lambda t: t)


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """A block in which setting hooks on saved values raises RuntimeError(error_message); it cannot begin inside such hooks."""
    if STATE.saving is not None:
        raise RuntimeError(error_message)
    before = change(saving_refused=error_message)
    try:
        yield
    finally:
        change(**before)


class _Original:
    """A saved value as `allow_mutation_on_saved_tensors` packs it: replaced by a copy before its memory is written."""

    __slots__ = ("tensor", "__weakref__")

    def __init__(self, t: Tensor) -> None:
        self.tensor = t


class _Mutations:
    """The values saved in one `allow_mutation_on_saved_tensors` block, by the storage that holds them."""

    def __init__(self) -> None:
        self.by_storage: dict[int, weakref.WeakSet[_Original]] = {}
        self.open = True

    def pack(self, t: Tensor) -> _Original:
        found = _Original(t if t._t is None else t.detach())
        if type(t._v) is np.ndarray:
            self.by_storage.setdefault(id(versions.storage_of(t._v)), weakref.WeakSet()).add(found)
        return found

    def unpack(self, found: _Original) -> Tensor:
        if not self.open:
            raise AssertionError("backward outside of the allow_mutation_on_saved_tensors block in which its values were saved")
        return found.tensor

    def before_write(self, storage: np.ndarray) -> None:
        for found in self.by_storage.pop(id(storage), ()):
            found.tensor = wrap(found.tensor._v.copy())

    def clear(self) -> None:
        """Forget what is saved."""
        self.by_storage.clear()


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[_Mutations]:
    """A block in which saved values may be written in place: they are copied before the first write, so that backward, which must run
    inside the block, stays right. RuntimeError when nested.

    >>> import tape
    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> with tape.autograd.graph.allow_mutation_on_saved_tensors():
    ...     y = x.clone()
    ...     z = y.square()
    ...     _ = y.mul_(100)
    ...     z.sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """
    if STATE.mutations is not None:
        raise RuntimeError("allow_mutation_on_saved_tensors inside another; one block is enough")
    mine = _Mutations()
    before = change(mutations=mine)
    try:
        with saved_tensors_hooks(mine.pack, mine.unpack):
            yield mine
    finally:
        change(**before)
        mine.open = False
        mine.clear()
