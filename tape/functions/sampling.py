"""Samples of distributions: `normal`, `bernoulli`, `multinomial`, `poisson`, `randint_like`, and the methods that fill a Tensor with samples in
place: `uniform_`, `normal_`, `exponential_`, `cauchy_`, `log_normal_`, `geometric_`, `bernoulli_`, `random_`.

All draw from a Generator of tape/functions/random (`generator=`, or the one that `manual_seed` seeds); the numbers differ from PyTorch's for
the same seed, the distributions do not. Samples do not depend on their parameters as far as derivatives go: these get zeros, as in
PyTorch. `METHODS` lists what becomes a Tensor method. Imports random; imported by tape.functions.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any

import numpy as np

from tape.dtypes import as_dtype, get_default_dtype, name_of, real_of
from tape.functions.arguments import tensor_of, values_of
from tape.functions.choosing import where
from tape.functions.creation import finished, size_of
from tape.functions.random import Generator, default_generator
from tape.functions.results import stored
from tape.tensor import Tensor, wrap
from tape.traced import as_value, through


def _numbers(generator: Generator | None) -> np.random.Generator:
    return (generator or default_generator).numbers


def _without_slope(made: Tensor, *parameters: Any) -> Tensor:
    """`made` as a function of its parameters whose derivative is 0."""
    for each in parameters:
        if isinstance(each, Tensor) and each._t is not None:
            made = where(np.zeros((), bool), each, made)
    return made


def _gaussian(numbers: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Standard normal values; complex ones have variance 1, half of it in each part."""
    if dtype.kind == "c":
        parts = numbers.standard_normal((*shape, 2)) * np.sqrt(0.5)
        return np.asarray(parts[..., 0] + 1j * parts[..., 1]).astype(dtype)
    return np.asarray(numbers.standard_normal(shape))


def _even(numbers: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """Values distributed evenly in [0, 1), in both parts of complex ones."""
    return numbers.random(shape) + 1j * numbers.random(shape) if dtype.kind == "c" else numbers.random(shape)


def normal(
    mean: Any = 0.0, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, out: Any = None, dtype: Any = None,
    layout: Any = None, device: Any = None, pin_memory: bool = False, requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """Samples of normal distributions: a mean and a standard deviation an element (Tensors, which broadcast), or numbers and a size.
    RuntimeError where a standard deviation is negative.

    >>> import tape
    >>> tape.normal(0.0, 1.0, (2, 3)).shape
    torch.Size([2, 3])
    """
    tensors = [each for each in (mean, std) if isinstance(each, Tensor)]
    if size is None and not tensors:
        raise TypeError("normal of two numbers; give a size too, or Tensors")
    if size is not None:
        wanted = get_default_dtype() if dtype is None else as_dtype(dtype)
        shape = size_of("normal", (size,))
    else:
        wanted = (mean if isinstance(mean, Tensor) else std)._s.dtype
        shape = np.broadcast_shapes(*[each._s.shape for each in tensors])
    values = [values_of(each) if isinstance(each, Tensor) else each for each in (mean, std)]

    def draw(mean: Any, std: Any) -> np.ndarray:
        if np.any(np.less(std, 0)):
            raise RuntimeError("normal: a standard deviation is negative")
        return np.asarray(mean + std * _gaussian(_numbers(generator), shape, wanted)).astype(wanted)

    made = wrap(as_value(through(draw, *values)))
    if size is not None:
        return stored("normal", out, finished(made._v, requires_grad, device))
    return stored("normal", out, _without_slope(made, mean, std))


def _chances(name: str, t: Tensor) -> Any:
    values = values_of(t)
    if not np.all((values >= 0) & (values <= 1)):
        raise RuntimeError(f"{name}: a probability is not between 0 and 1")
    return values


def bernoulli(input: Any, p: float | None = None, *, generator: Generator | None = None, out: Any = None) -> Tensor:
    """1 with the probability that stands at each place of `input` (or with p), else 0. RuntimeError for a probability outside of 0 ... 1.

    >>> import tape
    >>> tape.bernoulli(tape.tensor([0.0, 1.0]))
    tensor([0., 1.])
    """
    t = tensor_of("bernoulli", input)
    if p is None and t._s.dtype.kind not in "fV":
        raise RuntimeError(f"bernoulli of {name_of(t._s.dtype)}; wanted probabilities, of a floating dtype")
    chance = _chances("bernoulli", t if p is None else wrap(np.asarray(float(p))))

    def draw(chance: Any) -> np.ndarray:
        return np.asarray(_numbers(generator).random(t._s.shape) < chance).astype(t._s.dtype)

    return stored("bernoulli", out, _without_slope(wrap(as_value(through(draw, chance))), t))


def multinomial(input: Any, num_samples: int, replacement: bool = False, *, generator: Generator | None = None, out: Any = None) -> Tensor:
    """Indices drawn with the probabilities (up to a factor) in a vector, or in each row of a matrix: int64. RuntimeError for negative or
    infinite ones, where all are 0, and, without replacement, for more samples than indices.

    >>> import tape
    >>> tape.multinomial(tape.tensor([0.0, 3.0, 0.0]), 2, replacement=True)
    tensor([1, 1])
    """
    t, count = tensor_of("multinomial", input), index(num_samples)
    if t._s.ndim not in (1, 2) or t._s.dtype.kind not in "fV":
        raise RuntimeError(f"multinomial of {t._s.ndim} dimensions and {t._s.dtype}; wanted a floating vector or matrix")
    if count <= 0 or not replacement and count > t._s.shape[-1]:
        raise RuntimeError(f"multinomial: {count} samples of {t._s.shape[-1]} indices{'' if replacement else ' without replacement'}")

    def draw(chances: np.ndarray) -> np.ndarray:
        chances, numbers = np.asarray(chances, np.float64), _numbers(generator)
        total = chances.sum(-1, keepdims=True)
        if not np.all(np.isfinite(chances) & (chances >= 0)) or not np.all(total > 0):
            raise RuntimeError("multinomial: probabilities must be finite, not negative, and not all 0")
        if replacement:
            running = np.cumsum(chances, -1)
            drawn = numbers.random((*chances.shape[:-1], count)) * running[..., -1:]
            found = (drawn[..., None] >= running[..., None, :]).sum(-1)
            last = chances.shape[-1] - 1 - np.argmax(chances[..., ::-1] > 0, -1)  # rounding must not lead past what is possible
            return np.minimum(found, last[..., None])
        if np.any((chances > 0).sum(-1) < count):
            raise RuntimeError(f"multinomial: {count} samples without replacement, but fewer indices have a probability above 0")
        with np.errstate(divide="ignore"):
            waits = numbers.standard_exponential(chances.shape) / chances  # the first to come are a sample without replacement
        return np.ascontiguousarray(np.argsort(waits, -1)[..., :count])

    return stored("multinomial", out, wrap(as_value(through(draw, values_of(t)))))


def poisson(input: Any, generator: Generator | None = None) -> Tensor:
    """Samples of Poisson distributions with the rates in `input`, in its dtype. RuntimeError for a negative rate."""
    t = tensor_of("poisson", input)

    def draw(rates: np.ndarray) -> np.ndarray:
        if np.any(rates < 0):
            raise RuntimeError("poisson: a rate is negative")
        return np.asarray(_numbers(generator).poisson(rates)).astype(t._s.dtype)

    return _without_slope(wrap(as_value(through(draw, values_of(t)))), t)


def randint_like(
    input: Tensor, *given: Any, low: int | None = None, high: int | None = None, generator: Generator | None = None, dtype: Any = None,
    device: Any = None, requires_grad: bool = False, memory_format: Any = None, layout: Any = None,
) -> Tensor:  # fmt: skip
    """`randint` in the shape and, unless given, the dtype of a Tensor: `randint_like(input, high)` or `randint_like(input, low, high)`."""
    ends = list(given)
    if high is None and ends:
        high = ends.pop()
    if low is None:
        low = ends.pop() if ends else 0
    if high is None or ends:
        raise TypeError(f"randint_like got {given}; wanted (high) or (low, high)")
    low, high = int(low), int(high)
    if low >= high:
        raise RuntimeError(f"randint_like got low={low} and high={high}; low must be below high")
    drawn = as_value(_numbers(generator).integers(low, high, input._s.shape))
    return finished(drawn.astype(input._s.dtype if dtype is None else as_dtype(dtype)), requires_grad, device)


# in place


def _fill(t: Tensor, name: str, draw: Callable[[], Any]) -> Tensor:
    """Write samples into a Tensor, whose history ends there."""
    from tape.inplace import update

    dtype = t._s.dtype

    def drawn(old: Tensor) -> Tensor:
        return wrap(as_value(draw()).astype(dtype))

    return update(t, name, drawn)


def _floating(name: str, t: Tensor, kinds: str = "fV") -> None:
    if t._s.dtype.kind not in kinds:
        raise NotImplementedError(f"{name} of {name_of(t._s.dtype)}; wanted a floating dtype")


def uniform_(self: Tensor, *given: float, generator: Generator | None = None, **ends: float) -> Tensor:
    """Fill with numbers distributed evenly from `from` (0) to below `to` (1). RuntimeError where from is above to."""
    low, high = _ends("uniform_", given, ends, (0.0, 1.0))
    _floating("uniform_", self, "fcV")
    if low > high:
        raise RuntimeError(f"uniform_: from is {low}, to {high}; from must not be above to")
    return _fill(self, "uniform_", lambda: _stretched(low, high, _even(_numbers(generator), self._s.shape, self._s.dtype)))


def _stretched(low: float, high: float, values: Any) -> Any:
    return low * (1 + 1j if np.iscomplexobj(values) else 1) + (high - low) * values


def _ends(name: str, given: tuple, named: dict, default: tuple) -> Any:
    """The arguments `from` and `to`, the first of which is no name that Python lets a parameter have."""
    if len(given) > 2 or set(named) - {"from", "to"}:
        raise TypeError(f"{name} got {given} and {named}; wanted from and to")
    ends = {**dict(zip(("from", "to"), default, strict=True)), **dict(zip(("from", "to"), given, strict=False)), **named}
    return ends["from"], ends["to"]


def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Fill with samples of a normal distribution. RuntimeError for a negative standard deviation."""
    _floating("normal_", self, "fcV")
    if std < 0:
        raise RuntimeError(f"normal_: std is {std}; wanted one that is not negative")
    return _fill(self, "normal_", lambda: mean + std * _gaussian(_numbers(generator), self._s.shape, self._s.dtype))


def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Generator | None = None) -> Tensor:
    """Fill with exponentials of normal samples. RuntimeError for a standard deviation that is not positive."""
    _floating("log_normal_", self)
    if std <= 0:
        raise RuntimeError(f"log_normal_: std is {std}; wanted a positive one")
    return _fill(self, "log_normal_", lambda: np.exp(mean + std * _numbers(generator).standard_normal(self._s.shape)))


def exponential_(self: Tensor, lambd: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Fill with samples of the exponential distribution of rate `lambd`. RuntimeError for a rate that is not positive."""
    _floating("exponential_", self)
    if lambd <= 0:
        raise RuntimeError(f"exponential_: lambd is {lambd}; wanted a positive one")
    return _fill(self, "exponential_", lambda: _numbers(generator).standard_exponential(self._s.shape) / lambd)


def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Generator | None = None) -> Tensor:
    """Fill with samples of the Cauchy distribution. RuntimeError for a sigma that is not positive."""
    _floating("cauchy_", self)
    if sigma <= 0:
        raise RuntimeError(f"cauchy_: sigma is {sigma}; wanted a positive one")
    return _fill(self, "cauchy_", lambda: median + sigma * _numbers(generator).standard_cauchy(self._s.shape))


def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """Fill with the number of trials up to the first success, each succeeding with probability p. RuntimeError for p not in 0 ... 1."""
    if not 0 < p < 1:
        raise RuntimeError(f"geometric_: p is {p}; wanted one between 0 and 1")
    return _fill(self, "geometric_", lambda: _numbers(generator).geometric(p, self._s.shape))


def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """Fill with 1 with probability p (a number, or a Tensor that broadcasts), else 0. RuntimeError for p not in 0 ... 1."""
    chance = _chances("bernoulli_", p if isinstance(p, Tensor) else wrap(np.asarray(float(p))))
    return _fill(self, "bernoulli_", lambda: _numbers(generator).random(self._s.shape) < np.asarray(chance))


def random_(self: Tensor, *given: Any, generator: Generator | None = None, **ends: Any) -> Tensor:
    """Fill with integers distributed evenly from `from` (0) to below `to`; `random_(to)` counts from 0. Without an end: up to the largest
    value of the dtype, or the largest integer up to which its floats know all."""
    if len(given) == 1:
        given = (0, given[0])
    low, high = _ends("random_", given, ends, (0, None))
    dtype = self._s.dtype
    if high is None:
        high = 2 if dtype.kind == "b" else 1 + (int(np.iinfo(dtype).max) if dtype.kind in "iu" else _whole(dtype))
    if low >= high:
        raise RuntimeError(f"random_: from is {low}, to {high}; from must be below to")
    wide = np.int64 if int(high) <= 1 << 63 else np.uint64
    return _fill(self, "random_", lambda: _numbers(generator).integers(int(low), int(high), self._s.shape, dtype=wide))


def _whole(dtype: np.dtype) -> int:
    """The integer up to which a floating dtype holds all."""
    digits = {8: 53, 4: 24}.get(real_of(dtype).itemsize if dtype.kind == "c" else dtype.itemsize, 11 if dtype.kind == "f" else 8)
    return 1 << digits


METHODS = {
    f.__name__: f
    for f in (bernoulli, multinomial, uniform_, normal_, log_normal_, exponential_, cauchy_, geometric_, bernoulli_, random_)
}  # fmt: skip
__all__ = ["METHODS", "bernoulli", "multinomial", "normal", "poisson", "randint_like"]
