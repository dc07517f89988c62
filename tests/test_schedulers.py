"""Learning-rate schedules: rates equal to PyTorch's over many epochs, chaining, saving and loading, refusals, warnings."""

import importlib

import pytest
from under_test import leaf, torch

L = "lr_scheduler"
# fmt: off
SCHEDULES = [
    ("LambdaLR",          lambda s, o, m: s.LambdaLR(o, lambda epoch: 0.95**epoch)),
    ("LambdaLR list",     lambda s, o, m: s.LambdaLR(o, [lambda epoch: 0.95**epoch, lambda epoch: 1 / (1 + epoch)])),
    ("MultiplicativeLR",  lambda s, o, m: s.MultiplicativeLR(o, lambda epoch: 0.9)),
    ("StepLR",            lambda s, o, m: s.StepLR(o, 3, gamma=0.5)),
    ("MultiStepLR",       lambda s, o, m: s.MultiStepLR(o, [2, 5, 5, 9], gamma=0.3)),
    ("ConstantLR",        lambda s, o, m: s.ConstantLR(o, factor=0.25, total_iters=4)),
    ("LinearLR",          lambda s, o, m: s.LinearLR(o, start_factor=0.1, end_factor=0.7, total_iters=6)),
    ("ExponentialLR",     lambda s, o, m: s.ExponentialLR(o, 0.9)),
    ("PolynomialLR",      lambda s, o, m: s.PolynomialLR(o, total_iters=7, power=2.0)),
    ("CosineAnnealingLR", lambda s, o, m: s.CosineAnnealingLR(o, T_max=5, eta_min=0.01)),
    ("WarmRestarts",      lambda s, o, m: s.CosineAnnealingWarmRestarts(o, T_0=3, T_mult=2, eta_min=0.01)),
    ("CyclicLR",          lambda s, o, m: s.CyclicLR(o, 0.1, 1.0, step_size_up=3, step_size_down=5)),
    ("CyclicLR 2",        lambda s, o, m: s.CyclicLR(o, 0.1, 1.0, step_size_up=3, mode="triangular2", base_momentum=0.7)),
    ("CyclicLR exp",      lambda s, o, m: s.CyclicLR(o, 0.1, [1.0, 2.0], step_size_up=4, mode="exp_range", gamma=0.95, cycle_momentum=False)),
    ("OneCycleLR",        lambda s, o, m: s.OneCycleLR(o, 1.0, total_steps=30)),
    ("OneCycleLR 3",      lambda s, o, m: s.OneCycleLR(o, [1.0, 0.5], epochs=5, steps_per_epoch=6, three_phase=True, anneal_strategy="linear")),
    ("SequentialLR",      lambda s, o, m: s.SequentialLR(o, [s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9), s.StepLR(o, 2)], [4, 11])),
    ("ChainedScheduler",  lambda s, o, m: s.ChainedScheduler([s.ConstantLR(o, 0.1, 3), s.ExponentialLR(o, 0.9)])),
]
# fmt: on
IDS = [row[0] for row in SCHEDULES]


def made(module, make):
    a, b = (module.tensor([1.0], dtype=module.float64, requires_grad=True) for _ in range(2))
    optimizer = module.optim.SGD([{"params": [a]}, {"params": [b], "lr": 0.2}], lr=0.8, momentum=0.9)
    return optimizer, make(getattr(module.optim, L), optimizer, module)


def rates(module, make, epochs=22, stop=None):
    optimizer, schedule = made(module, make)
    found = []
    for epoch in range(epochs):
        if epoch == stop:
            state, groups = schedule.state_dict(), optimizer.state_dict()
            optimizer, schedule = made(module, make)
            optimizer.load_state_dict(groups)
            schedule.load_state_dict(state)
        found += [(group["lr"], group["momentum"]) for group in optimizer.param_groups]
        assert schedule.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
        optimizer.step()
        schedule.step()
    return found


@pytest.mark.oracle
@pytest.mark.parametrize("make", [row[1] for row in SCHEDULES], ids=IDS)
def test_rates_are_those_of_pytorch(make):
    reference = importlib.import_module("torch")
    expected = rates(reference, make)
    found = rates(torch, make)
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("make", [row[1] for row in SCHEDULES], ids=IDS)
def test_a_schedule_is_saved_and_loaded(make):
    assert rates(torch, make, stop=7) == rates(torch, make)


@pytest.mark.oracle
@pytest.mark.parametrize(
    "options",
    [{}, {"mode": "max", "factor": 0.5, "patience": 1, "cooldown": 2}, {"threshold_mode": "abs", "patience": 2, "threshold": 0.05, "min_lr": 0.1}],
)
def test_plateaus_are_those_of_pytorch(options):
    reference = importlib.import_module("torch")
    metrics = [1.0, 0.9, 0.89, 0.89, 0.9, 0.88, 0.88, 0.8801, 0.9, 0.9, 0.9, 0.5, 0.5, 0.51, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]

    def run(module):
        optimizer, schedule = made(module, lambda s, o, m: s.ReduceLROnPlateau(o, **options))
        found = []
        for value in metrics:
            optimizer.step()
            schedule.step(module.tensor(value))
            found += [group["lr"] for group in optimizer.param_groups]
        return found, {key: value for key, value in schedule.state_dict().items() if key not in ("_last_lr", "best")}

    ours, theirs = run(torch), run(reference)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-12)
    assert ours[1] == theirs[1]


def optimizer(**options):
    return torch.optim.SGD([leaf([1.0])], lr=0.1, **options)


def schedule(name, *arguments, **options):
    return getattr(torch.optim.lr_scheduler, name)(*arguments, **options)


# fmt: off
REFUSED = [
    ("no optimiser",       TypeError,  lambda: schedule("StepLR", 1.0, 3)),
    ("resumed too early",  KeyError,   lambda: schedule("StepLR", optimizer(), 3, last_epoch=5)),
    ("factor",             ValueError, lambda: schedule("ConstantLR", optimizer(), factor=1.5)),
    ("start factor",       ValueError, lambda: schedule("LinearLR", optimizer(), start_factor=0.0)),
    ("number of lambdas",  ValueError, lambda: schedule("LambdaLR", optimizer(), [abs, abs])),
    ("no steps",           ValueError, lambda: schedule("OneCycleLR", optimizer(momentum=0.9), 1.0)),
    ("strategy",           ValueError, lambda: schedule("OneCycleLR", optimizer(momentum=0.9), 1.0, total_steps=5, anneal_strategy="up")),
    ("periods",            ValueError, lambda: schedule("CosineAnnealingWarmRestarts", optimizer(), T_0=0)),
    ("no momentum",        ValueError, lambda: schedule("CyclicLR", torch.optim.Adagrad([leaf(1.0)]), 0.1, 1.0)),
    ("mode",               ValueError, lambda: schedule("CyclicLR", optimizer(momentum=0.9), 0.1, 1.0, mode="square")),
    ("plateau factor",     ValueError, lambda: schedule("ReduceLROnPlateau", optimizer(), factor=1.0)),
    ("plateau mode",       ValueError, lambda: schedule("ReduceLROnPlateau", optimizer(), mode="best")),
    ("nothing to chain",   ValueError, lambda: schedule("ChainedScheduler", [])),
]
# fmt: on


@pytest.mark.parametrize("kind, attempt", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_refused(kind, attempt):
    with pytest.raises(kind):
        attempt()


def test_one_cycle_ends():
    o = optimizer(momentum=0.9)
    s = schedule("OneCycleLR", o, 1.0, total_steps=3)
    for _ in range(2):
        o.step()
        s.step()
    with pytest.raises(ValueError):
        for _ in range(3):
            o.step()
            s.step()


def test_stepping_before_the_optimiser_warns():
    with pytest.warns(UserWarning):
        schedule("StepLR", optimizer(), 3).step()


def test_a_schedule_of_ones_own():
    class Halved(torch.optim.lr_scheduler.LRScheduler):
        def get_lr(self):
            return [base / 2**self.last_epoch for base in self.base_lrs]

    o = optimizer()
    s = Halved(o)
    for _ in range(3):
        o.step()
        s.step()
    assert s.get_last_lr() == [0.1 / 8] and s.last_epoch == 3
