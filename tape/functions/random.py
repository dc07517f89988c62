"""Random Tensors: `rand`, `randn`, `randint`, `randperm`, `rand_like`, `randn_like`, and the generators that they draw from.

`manual_seed(n)` makes what follows reproducible; `generator=Generator().manual_seed(n)` keeps a stream of one's own.
The numbers are those of NumPy's PCG64: the stream of a seed differs from PyTorch's, whose algorithm (a Mersenne
twister) is not repeated here. Invariant: one draw of n numbers advances a generator once, under NumPy's lock, so
threads may share it. Imports creation; imported by tape/__init__.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.dtypes import as_dtype, get_default_dtype, real_of
from tape.functions.creation import finished, size_of
from tape.state import STATE
from tape.tensor import Tensor
from tape.traced import as_value


class Generator:
    """A stream of random numbers, seeded with 0 unless told otherwise.

    >>> g = tape.Generator().manual_seed(3)
    >>> a = tape.rand(2, generator=g)
    >>> b = tape.rand(2, generator=g.manual_seed(3))
    >>> tape.equal(a, b)
    True
    """

    def __init__(self, device: Any = "cpu") -> None:
        finished(0.0, device=device)
        self.manual_seed(0)

    def manual_seed(self, seed: int) -> Generator:
        """Start the stream of a seed; returns the generator. Negative seeds count from 2**64 downwards."""
        self._seed = int(seed)
        if not -(1 << 63) <= self._seed < 1 << 64:
            raise RuntimeError(f"manual_seed got {seed}; wanted a number of at most 64 bits")
        self._stream = np.random.Generator(np.random.PCG64(self._seed % (1 << 64)))
        return self

    @property
    def numbers(self) -> Any:
        """NumPy's generator of the stream; inside vmap what stands for it there."""
        return self._stream if STATE.draws is None else STATE.draws.numbers(self._stream)

    def seed(self) -> int:
        """Start a stream that nobody can foresee; returns its seed."""
        self.manual_seed(int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 1)
        return self._seed

    def initial_seed(self) -> int:
        """The seed last given."""
        return self._seed

    def get_state(self) -> dict:
        """Where in the stream the generator is, for `set_state`."""
        return {"seed": self._seed, "stream": self._stream.bit_generator.state}

    def set_state(self, state: dict) -> Generator:
        """Go on from where `get_state` was asked."""
        self._seed = state["seed"]
        self._stream.bit_generator.state = state["stream"]
        return self


default_generator = Generator()
default_generator.seed()


def manual_seed(seed: int) -> Generator:
    """Seed the generator that functions without `generator=` draw from; returns it. The numbers differ from PyTorch's
    for the same seed."""
    return default_generator.manual_seed(seed)


def seed() -> int:
    """Start an unforeseeable stream; returns its seed."""
    return default_generator.seed()


def initial_seed() -> int:
    """The seed of the generator that functions without `generator=` draw from."""
    return default_generator.initial_seed()


def get_rng_state() -> dict:
    """Where in its stream the default generator is."""
    return default_generator.get_state()


def set_rng_state(state: dict) -> None:
    """Let the default generator go on from where `get_rng_state` was asked."""
    default_generator.set_state(state)


def _drawn(draw: str, shape: tuple[int, ...], dtype: np.dtype, generator: Generator | None) -> np.ndarray:
    """Floats from a method of NumPy's generator; both parts of complex values, of variance 1 together where they are normal."""
    if dtype.kind == "c":
        parts = _drawn(draw, (*shape, 2), real_of(dtype), generator)
        if draw == "standard_normal":
            parts = parts * np.sqrt(np.asarray(0.5, parts.dtype))
        return as_value(parts[..., 0] + 1j * parts[..., 1]).astype(dtype, copy=False)
    if dtype.kind not in "fV":
        raise RuntimeError(f"random numbers of {dtype} were asked for; wanted a floating dtype: use randint for integers")
    numbers = (generator or default_generator).numbers
    direct = dtype if dtype.kind == "f" and dtype.itemsize > 2 else np.dtype(np.float32)
    return as_value(getattr(numbers, draw)(shape, dtype=direct)).astype(dtype, copy=False)


def _wanted(dtype: Any, out: Tensor | None) -> np.dtype:
    return as_dtype(dtype) if dtype is not None else get_default_dtype() if out is None else out._s.dtype


def rand(*given: Any, size: Any = None, generator: Generator | None = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None,
         device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Numbers distributed evenly in [0, 1), in both parts of complex ones. The stream of a seed differs from PyTorch's."""
    return finished(_drawn("random", size_of("rand", given, size), _wanted(dtype, out), generator), requires_grad, device, layout, out)


def randn(*given: Any, size: Any = None, generator: Generator | None = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None,
          device: Any = None, pin_memory: bool = False, requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Numbers of the standard normal distribution; complex ones have variance 1 too. The stream of a seed differs from PyTorch's."""
    drawn = _drawn("standard_normal", size_of("randn", given, size), _wanted(dtype, out), generator)
    return finished(drawn, requires_grad, device, layout, out)


def randint(*given: Any, low: int | None = None, high: int | None = None, size: Any = None, generator: Generator | None = None,
            out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
            requires_grad: bool = False) -> Tensor:  # fmt: skip
    """Integers distributed evenly from low (0) to below high: `randint(high, size)` or `randint(low, high, size)`.

    dtype: int64. RuntimeError where low is not below high. The stream of a seed differs from PyTorch's.
    """
    numbers = list(given)
    if size is None and numbers and isinstance(numbers[-1], (tuple, list)):
        size = numbers.pop()
    if high is None and numbers:
        high = numbers.pop()
    if low is None:
        low = numbers.pop() if numbers else 0
    if size is None or high is None or low is None or numbers:
        raise TypeError(f"randint got {given}; wanted (high, size) or (low, high, size), size being a tuple")
    if low >= high:
        raise RuntimeError(f"randint got low={low} and high={high}; low must be below high")
    wanted = np.dtype(np.int64) if dtype is None and out is None else _wanted(dtype, out)
    drawn = (generator or default_generator).numbers.integers(int(low), int(high), size_of("randint", (size,)), dtype=np.int64)
    return finished(as_value(drawn).astype(wanted, copy=False), requires_grad, device, layout, out)


def randperm(
    n: int, *, generator: Generator | None = None, out: Tensor | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """The integers below n in random order. The stream of a seed differs from PyTorch's."""
    (count,) = size_of("randperm", (n,))
    order = (generator or default_generator).numbers.permutation(count)
    wanted = np.dtype(np.int64) if dtype is None and out is None else _wanted(dtype, out)
    return finished(order.astype(wanted, copy=False), requires_grad, device, layout, out)


def rand_like(
    input: Tensor, *, generator: Generator | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """`rand` in the shape and, unless given, the dtype of a Tensor."""
    return rand(input._s.shape, generator=generator, dtype=input._s.dtype if dtype is None else dtype, layout=layout, device=device,
                requires_grad=requires_grad)  # fmt: skip


def randn_like(
    input: Tensor, *, generator: Generator | None = None, dtype: Any = None, layout: Any = None, device: Any = None,
    pin_memory: bool = False, requires_grad: bool = False, memory_format: Any = None,
) -> Tensor:  # fmt: skip
    """`randn` in the shape and, unless given, the dtype of a Tensor."""
    return randn(input._s.shape, generator=generator, dtype=input._s.dtype if dtype is None else dtype, layout=layout, device=device,
                 requires_grad=requires_grad)  # fmt: skip


METHODS: dict[str, Any] = {}
__all__ = [
    "Generator", "default_generator", "get_rng_state", "initial_seed", "manual_seed", "rand", "rand_like", "randint", "randn",
    "randn_like", "randperm", "seed", "set_rng_state",
]  # fmt: skip
