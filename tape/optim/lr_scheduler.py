"""Learning rates that change from epoch to epoch: make one of an optimiser, and call its `step()` after the optimiser's.

    StepLR MultiStepLR ConstantLR LinearLR ExponentialLR PolynomialLR CosineAnnealingLR LambdaLR MultiplicativeLR
    CosineAnnealingWarmRestarts CyclicLR OneCycleLR ReduceLROnPlateau
    SequentialLR ChainedScheduler                                                several at once

Re-exports only; imported by tape.optim.
"""

from tape.optim.cycles import ChainedScheduler as ChainedScheduler
from tape.optim.cycles import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from tape.optim.cycles import CyclicLR as CyclicLR
from tape.optim.cycles import OneCycleLR as OneCycleLR
from tape.optim.cycles import ReduceLROnPlateau as ReduceLROnPlateau
from tape.optim.cycles import SequentialLR as SequentialLR
from tape.optim.schedules import ConstantLR as ConstantLR
from tape.optim.schedules import CosineAnnealingLR as CosineAnnealingLR
from tape.optim.schedules import ExponentialLR as ExponentialLR
from tape.optim.schedules import LambdaLR as LambdaLR
from tape.optim.schedules import LinearLR as LinearLR
from tape.optim.schedules import LRScheduler as LRScheduler
from tape.optim.schedules import MultiplicativeLR as MultiplicativeLR
from tape.optim.schedules import MultiStepLR as MultiStepLR
from tape.optim.schedules import PolynomialLR as PolynomialLR
from tape.optim.schedules import StepLR as StepLR

_LRScheduler = LRScheduler  # the name of old

__all__ = [
    "ChainedScheduler", "ConstantLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "ExponentialLR", "LRScheduler", "LambdaLR", "LinearLR",
    "MultiStepLR", "MultiplicativeLR", "OneCycleLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "StepLR",
]  # fmt: skip
