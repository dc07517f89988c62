"""Optimisers that update parameters in place, step by step as PyTorch's, and schedules of their learning rates.

    SGD                                             gradient descent with momentum
    Adam AdamW NAdam RAdam Adamax                   running means of gradients and their squares
    Adagrad Adadelta RMSprop Rprop                  step lengths from the gradients' history
    LBFGS                                           quasi-Newton steps, with a strong Wolfe line search
    lr_scheduler                                    learning rates that change from epoch to epoch

Re-exports only; imported by tape/__init__. For smooth objectives without noise, `tape.optimize.minimize` is usually the better choice.
"""

from tape.optim import lr_scheduler as lr_scheduler
from tape.optim.adam import Adam as Adam
from tape.optim.adam import Adamax as Adamax
from tape.optim.adam import AdamW as AdamW
from tape.optim.adam import NAdam as NAdam
from tape.optim.adam import RAdam as RAdam
from tape.optim.adaptive import Adadelta as Adadelta
from tape.optim.adaptive import Adagrad as Adagrad
from tape.optim.adaptive import RMSprop as RMSprop
from tape.optim.adaptive import Rprop as Rprop
from tape.optim.lbfgs import LBFGS as LBFGS
from tape.optim.optimizer import Optimizer as Optimizer
from tape.optim.sgd import SGD as SGD

__all__ = ["LBFGS", "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "Optimizer", "RAdam", "RMSprop", "Rprop", "lr_scheduler"]
