"""Schedules that go up and down, that follow a measured quantity, and that combine others.

    CosineAnnealingWarmRestarts CyclicLR OneCycleLR      up and down
    ReduceLROnPlateau                                    lower when a quantity stops getting better
    SequentialLR ChainedScheduler                        one after the other, or all at once

Invariant: as in lr_scheduler, whose names these also are. Imports schedules; imported by lr_scheduler.
"""

from __future__ import annotations

import math
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from tape.optim.optimizer import Optimizer
from tape.optim.schedules import LRScheduler


def each(value: Any, optimizer: Optimizer, name: str) -> list[Any]:
    """A value for each group: the given list, or one value for all. ValueError for a list of another length."""
    count = len(optimizer.param_groups)
    if not isinstance(value, (list, tuple)):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{name} has {len(value)} entries for {count} groups")
    return list(value)


class CosineAnnealingWarmRestarts(LRScheduler):
    """Half a cosine down to eta_min in T_0 epochs, then from the start again in T_0*T_mult, and so on (Loshchilov and Hutter, 2017).

    ValueError for T_0 or T_mult that are no positive integers.
    """

    def __init__(self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        if T_0 <= 0 or not isinstance(T_0, int) or T_mult < 1 or not isinstance(T_mult, int):
            raise ValueError(f"CosineAnnealingWarmRestarts got T_0={T_0}, T_mult={T_mult}; wanted integers of at least 1")
        self.T_0, self.T_i, self.T_mult, self.eta_min, self.T_cur = T_0, T_0, T_mult, eta_min, last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[Any]:
        """The rates of all groups now."""
        share = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (base - self.eta_min) * share for base in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go to the next epoch, or to the given one, which may be a fraction."""
        self._move(epoch)

    def _advance(self, epoch: Any) -> None:
        self._step_count += 1
        self._move(0 if self.last_epoch < 0 else None)

    def _move(self, epoch: Any) -> None:
        if epoch is None and self.last_epoch < 0:
            epoch = 0
        if epoch is None:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        else:
            if epoch < 0:
                raise ValueError(f"step got epoch={epoch}; wanted a number of at least 0")
            self.T_cur, self.T_i = self._within(epoch)
        self.last_epoch = math.floor(epoch)
        self._set(self.get_lr())

    def _within(self, epoch: float) -> tuple[Any, int]:
        """How far an epoch is within its period, and how long that is."""
        if epoch < self.T_0:
            return epoch, self.T_0
        if self.T_mult == 1:
            return epoch % self.T_0, self.T_0
        n = int(math.log((epoch / self.T_0 * (self.T_mult - 1) + 1), self.T_mult))
        return epoch - self.T_0 * (self.T_mult**n - 1) / (self.T_mult - 1), self.T_0 * self.T_mult**n


class CyclicLR(LRScheduler):
    """Straight up from base_lr to max_lr in step_size_up steps and down in step_size_down, over and over (Smith, 2017).

    mode: "triangular", "triangular2" (each cycle half as high) or "exp_range" (height times gamma^steps), or scale_fn of the cycle or, with
    scale_mode="iterations", of the step. cycle_momentum moves the momentum the other way. ValueError for another mode or no momentum.
    """

    _left_out = ("optimizer", "_scale")

    def __init__(
        self, optimizer: Optimizer, base_lr: Any, max_lr: Any, step_size_up: int = 2000, step_size_down: int | None = None,
        mode: str = "triangular", gamma: float = 1.0, scale_fn: Callable[[float], float] | None = None, scale_mode: str = "cycle",
        cycle_momentum: bool = True, base_momentum: Any = 0.8, max_momentum: Any = 0.9, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        base_lrs = each(base_lr, optimizer, "base_lr")
        if last_epoch == -1:
            for rate, group in zip(base_lrs, optimizer.param_groups, strict=True):
                group["lr"] = rate
        self.max_lrs = each(max_lr, optimizer, "max_lr")
        up, down = float(step_size_up), float(step_size_up if step_size_down is None else step_size_down)
        self.total_size, self.step_ratio = up + down, up / (up + down)
        modes: dict[str, tuple[Callable[[float], float], str]] = {
            "triangular": (lambda x: 1.0, "cycle"),
            "triangular2": (lambda x: 1 / (2.0 ** (x - 1)), "cycle"),
            "exp_range": (lambda x: gamma**x, "iterations"),
        }
        if scale_fn is None and mode not in modes:
            raise ValueError(f"CyclicLR got mode={mode!r}; wanted one of {', '.join(map(repr, modes))}, or scale_fn")
        self.mode, self.gamma = mode, gamma
        self._scale, self.scale_mode = modes[mode] if scale_fn is None else (scale_fn, scale_mode)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            _momentum_key(optimizer, "CyclicLR")
            self.base_momentums, self.max_momentums = (
                each(base_momentum, optimizer, "base_momentum"),
                each(max_momentum, optimizer, "max_momentum"),
            )
            if last_epoch == -1:
                for momentum, group in zip(self.max_momentums, optimizer.param_groups, strict=True):
                    _set_momentum(group, momentum)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def get_lr(self) -> list[Any]:
        """The rates of all groups now; moves the momentum as well."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1.0 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self._scale(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            for group, low, high in zip(self.optimizer.param_groups, self.base_momentums, self.max_momentums, strict=True):
                _set_momentum(group, high - (high - low) * height * scale)
        return [low + (high - low) * height * scale for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]


class OneCycleLR(LRScheduler):
    """Once up to max_lr and down far below (Smith and Topin, 2018): begin at max_lr/div_factor, reach max_lr at the share pct_start of
    all steps, end at that start over final_div_factor; with three_phase, down as fast as up and then on to the end.

    total_steps, or epochs and steps_per_epoch, say how many steps there are; one more is a ValueError. anneal_strategy: "cos" or "linear".
    cycle_momentum moves the momentum (or the first of the betas) the other way.
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: Any, total_steps: int | None = None, epochs: int | None = None, steps_per_epoch: int | None = None,
        pct_start: float = 0.3, anneal_strategy: str = "cos", cycle_momentum: bool = True, base_momentum: Any = 0.85,
        max_momentum: Any = 0.95, div_factor: float = 25.0, final_div_factor: float = 1e4, three_phase: bool = False, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR needs total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch if epochs > 0 and steps_per_epoch > 0 else 0
        if total_steps <= 0 or not isinstance(total_steps, int):
            raise ValueError(f"OneCycleLR got {total_steps} steps in all; wanted an integer of at least 1")
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR got pct_start={pct_start}; wanted a float from 0 to 1")
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(f'OneCycleLR got anneal_strategy={anneal_strategy!r}; wanted "cos" or "linear"')
        self.total_steps, self._anneal_func_type, self.cycle_momentum = total_steps, anneal_strategy, cycle_momentum
        up, rates, momenta = float(pct_start * total_steps) - 1, ("initial_lr", "max_lr"), ("max_momentum", "base_momentum")
        self._schedule_phases = [_phase(up, rates, momenta)]
        if three_phase:
            self._schedule_phases.append(_phase(float(2 * pct_start * total_steps) - 2, rates[::-1], momenta[::-1]))
            self._schedule_phases.append(_phase(total_steps - 1, ("initial_lr", "min_lr"), ("max_momentum", "max_momentum")))
        else:
            self._schedule_phases.append(_phase(total_steps - 1, ("max_lr", "min_lr"), momenta[::-1]))
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, each(max_lr, optimizer, "max_lr"), strict=True):
                first = highest / div_factor
                group.update(initial_lr=first, max_lr=highest, min_lr=first / final_div_factor)
        if cycle_momentum:
            self.use_beta1 = _momentum_key(optimizer, "OneCycleLR") == "betas"
            pairs = zip(each(max_momentum, optimizer, "max_momentum"), each(base_momentum, optimizer, "base_momentum"), strict=True)
            for group, (high, low) in zip(optimizer.param_groups, pairs, strict=True):
                if last_epoch == -1:
                    _set_momentum(group, high)
                    group.update(max_momentum=high, base_momentum=low)
        super().__init__(optimizer, last_epoch)

    def _between(self, start: float, end: float, share: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * share + start
        return end + (start - end) / 2.0 * (math.cos(math.pi * share) + 1)

    def get_lr(self) -> list[Any]:
        """The rates of all groups now; moves the momentum as well. ValueError past the last step."""
        if self.last_epoch > self.total_steps:
            raise ValueError(f"OneCycleLR was made for {self.total_steps} steps; this is step {self.last_epoch}")
        begin = 0.0
        for i, phase in enumerate(self._schedule_phases):
            if self.last_epoch <= phase["end_step"] or i == len(self._schedule_phases) - 1:
                break
            begin = phase["end_step"]
        share = (self.last_epoch - begin) / (phase["end_step"] - begin)
        for group in self.optimizer.param_groups if self.cycle_momentum else ():
            _set_momentum(group, self._between(group[phase["start_momentum"]], group[phase["end_momentum"]], share))
        return [self._between(group[phase["start_lr"]], group[phase["end_lr"]], share) for group in self.optimizer.param_groups]


def _phase(end: float, rates: tuple[str, str], momenta: tuple[str, str]) -> dict[str, Any]:
    return {"end_step": end, "start_lr": rates[0], "end_lr": rates[1], "start_momentum": momenta[0], "end_momentum": momenta[1]}


def _momentum_key(optimizer: Optimizer, name: str) -> str:
    for key in ("betas", "momentum"):
        if key in optimizer.defaults:
            return key
    raise ValueError(f"{name} with cycle_momentum=True needs an optimiser with momentum or betas; set cycle_momentum=False")


def _set_momentum(group: dict[str, Any], momentum: Any) -> None:
    if "betas" in group:
        group["betas"] = (momentum, *group["betas"][1:])
    else:
        group["momentum"] = momentum


class ReduceLROnPlateau(LRScheduler):
    """The rate times factor when `step(metrics)` has seen no better value for more than patience epochs.

    Better is by more than threshold, relative ("rel") or not ("abs"), lower for mode "min" and higher for "max". cooldown: epochs to wait
    after a reduction; min_lr: the least rate; eps: smaller reductions are left out. ValueError for a factor of 1 or more, another mode.
    """

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10, threshold: float = 1e-4,
        threshold_mode: str = "rel", cooldown: int = 0, min_lr: Any = 0, eps: float = 1e-8,
    ) -> None:  # fmt: skip
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau got factor={factor}; wanted a number below 1")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f'ReduceLROnPlateau got {mode!r}, {threshold_mode!r}; wanted "min" or "max", and "rel" or "abs"')
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"ReduceLROnPlateau got a {type(optimizer).__name__}; wanted an optimiser")
        self.factor, self.optimizer = factor, optimizer
        self.default_min_lr, self.min_lrs = (None if isinstance(min_lr, (list, tuple)) else min_lr), each(min_lr, optimizer, "min_lr")
        self.patience, self.cooldown, self.eps, self.last_epoch = patience, cooldown, eps, 0
        self._last_lr = self._kept()
        self.mode_worse = math.inf if mode == "min" else -math.inf
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self._reset()

    def _reset(self) -> None:
        """Forget what was seen."""
        self.best, self.cooldown_counter, self.num_bad_epochs = self.mode_worse, 0, 0

    @property
    def in_cooldown(self) -> bool:
        """Whether the rate was lowered less than cooldown epochs ago."""
        return self.cooldown_counter > 0

    def is_better(self, a: float, best: float) -> bool:
        """Whether a value is better than the best by more than the threshold."""
        sign = -1.0 if self.mode == "min" else 1.0
        bound = best * (1.0 + sign * self.threshold) if self.threshold_mode == "rel" else best + sign * self.threshold
        return a < bound if self.mode == "min" else a > bound

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Tell what this epoch has reached."""
        value = float(metrics.item() if hasattr(metrics, "item") else metrics)
        if epoch is not None:
            warnings.warn("the epoch of lr_scheduler.step(epoch) is deprecated; call step(metrics) once an epoch", UserWarning, stacklevel=2)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.is_better(value, self.best):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group, least in zip(self.optimizer.param_groups, self.min_lrs, strict=False):
                lower = max(float(group["lr"]) * self.factor, least)
                if float(group["lr"]) - lower > self.eps:
                    group["lr"] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = self._kept()


class _Several(LRScheduler):
    """What a schedule of schedules saves and loads."""

    _schedulers: list[LRScheduler]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser, with the state of each schedule."""
        return {**super().state_dict(), "_schedulers": [schedule.state_dict() for schedule in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over a `state_dict()`."""
        given = dict(state_dict)
        for schedule, state in zip(self._schedulers, given.pop("_schedulers"), strict=True):
            schedule.load_state_dict(state)
        super().load_state_dict(given)


class SequentialLR(_Several):
    """Schedules one after the other: the next begins at each of the milestones. ValueError for another number of milestones, or schedules
    of another optimiser."""

    def __init__(self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1) -> None:
        if not schedulers or any(s.optimizer is not optimizer for s in schedulers):
            raise ValueError("SequentialLR needs at least one schedule, all of the optimiser that it is given")
        if any(isinstance(s, ReduceLROnPlateau) for s in schedulers):
            raise ValueError("SequentialLR cannot hold ReduceLROnPlateau, which steps with a quantity")
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(f"SequentialLR got {len(milestones)} milestones for {len(schedulers)} schedules; wanted one less than schedules")
        self._schedulers, self._milestones, self.optimizer, self.last_epoch = list(schedulers), list(milestones), optimizer, last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for schedule in self._schedulers:  # each made its first step when it was made
            schedule.last_epoch -= 1
        self._schedulers[0]._is_initial = True
        self._schedulers[0]._advance(None)
        self._schedulers[0]._is_initial = False
        self._last_lr = self._schedulers[0].get_last_lr()

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch."""
        self.last_epoch += 1
        position = bisect_right(self._milestones, self.last_epoch)
        schedule = self._schedulers[position]
        if position > 0 and self._milestones[position - 1] == self.last_epoch:
            schedule._is_initial = True
            for group in self.optimizer.param_groups:
                group["lr"] = group["initial_lr"]
            schedule._advance(0)
            schedule._is_initial = False
        else:
            schedule.step()
        self._last_lr = schedule.get_last_lr()


class ChainedScheduler(_Several):
    """Schedules at once: each changes the rate that the others left. ValueError for none, or for different optimisers."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        if len(schedulers) < 1:
            raise ValueError("ChainedScheduler got no schedules")
        optimizer = optimizer or schedulers[0].optimizer
        if any(s.optimizer is not optimizer for s in schedulers):
            raise ValueError("ChainedScheduler got schedules of different optimisers")
        self._schedulers, self.optimizer = list(schedulers), optimizer
        self._last_lr = self._kept()

    def step(self, epoch: int | None = None) -> None:
        """Go to the next epoch."""
        for schedule in self._schedulers:
            schedule.step()
        self._last_lr = self._kept()


__all__ = ["ChainedScheduler", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "ReduceLROnPlateau", "SequentialLR"]
