"""Schedules of learning rates as functions of the epoch; what a scheduler is. Their public place is tape.optim.lr_scheduler.

Each changes the group's rate of the step before (so schedules multiply, and rates set by hand are kept), as PyTorch's do.
Invariant: groups hold the rate that the next step will use. Imports optimizer; imported by cycles and lr_scheduler.
"""

from __future__ import annotations

import math
import types
import warnings
import weakref
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tape.optim.optimizer import Optimizer


class LRScheduler:
    """A schedule: `get_lr` gives the rates of all groups at epoch `last_epoch`, `step` moves on and sets them.

    last_epoch: -1 to begin, or where a run is resumed (then groups must hold "initial_lr"). TypeError for what is no optimiser.
    """

    _left_out: tuple[str, ...] = ("optimizer",)  # of state_dict

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(self).__name__} got a {type(optimizer).__name__}; wanted an optimiser")
        self.optimizer = optimizer
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(f"group {i} holds no 'initial_lr', which resuming at epoch {last_epoch} needs")
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch, self._step_count, self._is_initial = last_epoch, 0, True
        _count_steps(optimizer)
        self._advance(None)
        self._is_initial = False

    def get_last_lr(self) -> list[Any]:
        """The rates set by the last step."""
        return self._last_lr

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        raise NotImplementedError(f"{type(self).__name__}.get_lr is missing; it gives the learning rate of each group")

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch and set its rates. epoch: to that one instead (deprecated, warns)."""
        if self._step_count == 1 and getattr(self.optimizer, "_steps", 0) == 0:
            warnings.warn(
                "lr_scheduler.step() was called before optimizer.step(): the first learning rate of the schedule is skipped; call them the "
                "other way round",
                UserWarning,
                stacklevel=2,
            )
        if epoch is not None:
            warnings.warn("the epoch of lr_scheduler.step(epoch) is deprecated; call step() once an epoch", UserWarning, stacklevel=2)
        self._advance(epoch)

    def _advance(self, epoch: int | None) -> None:
        self._step_count += 1
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        closed = getattr(self, "_get_closed_form_lr", None) if epoch is not None else None
        self._set(self.get_lr() if closed is None else closed())

    def _set(self, rates: Sequence[Any]) -> None:
        for group, rate in zip(self.optimizer.param_groups, rates, strict=False):
            group["lr"] = rate
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _scaled(self, factor: float) -> list[Any]:
        """The present rates times a factor."""
        return [group["lr"] * factor for group in self.optimizer.param_groups]

    def _kept(self) -> list[Any]:
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser; functions are left out, other callables contribute their attributes."""
        return {key: value for key, value in vars(self).items() if key not in self._left_out}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a `state_dict()`."""
        vars(self).update(state_dict)


_counted: weakref.WeakSet[Optimizer] = weakref.WeakSet()


def _count_steps(optimizer: Optimizer) -> None:
    """Let an optimiser count its steps, once."""
    if optimizer not in _counted:
        _counted.add(optimizer)
        optimizer._steps = 0  # type: ignore[attr-defined]

        def count(counting: Any, *arguments: Any) -> None:
            counting._steps += 1

        optimizer.register_step_post_hook(count)


class LambdaLR(LRScheduler):
    """The initial rate times lr_lambda(epoch); a list of functions gives each group its own. ValueError for another number of them.

    >>> x = tape.ones(1, requires_grad=True)
    >>> optimizer = tape.optim.SGD([x], lr=1.0)
    >>> schedule = tape.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    >>> optimizer.step(); schedule.step(); schedule.get_last_lr()
    [0.5]
    """

    _left_out = ("optimizer", "lr_lambdas")

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        count = len(optimizer.param_groups)
        self.lr_lambdas = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * count
        if len(self.lr_lambdas) != count:
            raise ValueError(f"{type(self).__name__} got {len(self.lr_lambdas)} functions for {count} groups")
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        return [base * function(self.last_epoch) for function, base in zip(self.lr_lambdas, self.base_lrs, strict=True)]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser; of the functions, attributes of those that are objects."""
        found = super().state_dict()
        found["lr_lambdas"] = [None if isinstance(f, types.FunctionType) else dict(vars(f)) for f in self.lr_lambdas]
        return found

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a `state_dict()`; functions stay as they are."""
        given = dict(state_dict)
        for function, attributes in zip(self.lr_lambdas, given.pop("lr_lambdas"), strict=True):
            if attributes is not None:
                vars(function).update(attributes)
        super().load_state_dict(given)


class MultiplicativeLR(LambdaLR):
    """The rate of the epoch before times lr_lambda(epoch)."""

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        if self._is_initial:
            return self._kept()
        return [group["lr"] * function(self.last_epoch) for function, group in zip(self.lr_lambdas, self.optimizer.param_groups, strict=True)]


class StepLR(LRScheduler):
    """The rate times gamma every step_size epochs.

    >>> x = tape.ones(1, requires_grad=True)
    >>> schedule = tape.optim.lr_scheduler.StepLR(tape.optim.SGD([x], lr=1.0), step_size=2)
    >>> schedule.get_last_lr()
    [1.0]
    """

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        return self._kept() if self.last_epoch == 0 or self.last_epoch % self.step_size else self._scaled(self.gamma)

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma ** (self.last_epoch // self.step_size) for base in self.base_lrs]


class MultiStepLR(LRScheduler):
    """The rate times gamma at each of the milestones, epochs in increasing order."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.milestones, self.gamma = Counter(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        times = self.milestones.get(self.last_epoch, 0)
        return self._scaled(self.gamma**times) if times else self._kept()

    def _get_closed_form_lr(self) -> list[Any]:
        passed = bisect_right(sorted(self.milestones.elements()), self.last_epoch)
        return [base * self.gamma**passed for base in self.base_lrs]


class ConstantLR(LRScheduler):
    """The rate times factor for the first total_iters epochs. ValueError for a factor outside [0, 1]."""

    def __init__(self, optimizer: Optimizer, factor: float = 1.0 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0 <= factor <= 1.0:
            raise ValueError(f"ConstantLR got factor={factor}; wanted a number from 0 to 1")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        if self.last_epoch == 0:
            return self._scaled(self.factor)
        return self._scaled(1.0 / self.factor) if self.last_epoch == self.total_iters else self._kept()

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * (self.factor if self.last_epoch < self.total_iters else 1.0) for base in self.base_lrs]


class LinearLR(LRScheduler):
    """The rate times a factor that goes straight from start_factor to end_factor in total_iters epochs. ValueError for factors outside
    [0, 1] (0 excluded at the start)."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1.0 / 3, end_factor: float = 1.0, total_iters: int = 5, last_epoch: int = -1
    ) -> None:
        if not 0 < start_factor <= 1.0 or not 0 <= end_factor <= 1.0:
            raise ValueError(f"LinearLR got start_factor={start_factor}, end_factor={end_factor}; wanted numbers from 0 to 1, above 0 at the start")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _factor(self, epoch: int) -> float:
        return self.total_iters * self.start_factor + (self.end_factor - self.start_factor) * epoch

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        if self.last_epoch == 0:
            return self._scaled(self.start_factor)
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._kept()
        return self._scaled(1.0 + (self.end_factor - self.start_factor) / self._factor(self.last_epoch - 1))

    def _get_closed_form_lr(self) -> list[Any]:
        factor = self._factor(min(self.total_iters, self.last_epoch)) / self.total_iters
        return [base * factor for base in self.base_lrs]


class ExponentialLR(LRScheduler):
    """The rate times gamma each epoch."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        return self._kept() if self._is_initial else self._scaled(self.gamma)

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * self.gamma**self.last_epoch for base in self.base_lrs]


class PolynomialLR(LRScheduler):
    """The initial rate times (1 - epoch/total_iters)^power, then zero."""

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        if self._is_initial or self.last_epoch > self.total_iters:
            return self._kept()
        return self._scaled(((1.0 - self.last_epoch / self.total_iters) / (1.0 - (self.last_epoch - 1) / self.total_iters)) ** self.power)

    def _get_closed_form_lr(self) -> list[Any]:
        return [base * (1.0 - min(self.total_iters, self.last_epoch) / self.total_iters) ** self.power for base in self.base_lrs]


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the initial rate to eta_min in T_max epochs, and back, and so on."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups at `last_epoch`."""
        epoch, period, low = self.last_epoch, self.T_max, self.eta_min
        if self._is_initial:
            return self._kept()
        if self._step_count == 1 and epoch > 0:
            return self._get_closed_form_lr()
        if (epoch - 1 - period) % (2 * period) == 0:
            return [
                group["lr"] + (base - low) * (1 - math.cos(math.pi / period)) / 2
                for base, group in zip(self.base_lrs, self.optimizer.param_groups, strict=True)
            ]
        ratio = (1 + math.cos(math.pi * epoch / period)) / (1 + math.cos(math.pi * (epoch - 1) / period))
        return [ratio * (group["lr"] - low) + low for group in self.optimizer.param_groups]

    def _get_closed_form_lr(self) -> list[Any]:
        share = (1 + math.cos(math.pi * self.last_epoch / self.T_max)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]


__all__ = [
    "ConstantLR", "CosineAnnealingLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR", "MultiStepLR", "MultiplicativeLR",
    "PolynomialLR", "StepLR",
]  # fmt: skip
