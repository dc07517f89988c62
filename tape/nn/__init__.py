"""Models: `Module` with parameters and state, layers, activations and losses as modules, initial values, and `functional`.

    Module Parameter Sequential ModuleList ModuleDict ParameterList ParameterDict       what models are made of
    Linear Bilinear Conv1d Conv2d LayerNorm Embedding PReLU                             layers with parameters
    Identity Flatten Unflatten Dropout; ReLU, Tanh, ...; MSELoss, CrossEntropyLoss, ... modules without
    functional init utils                                                               the same as functions; initial values; gradient clipping

A Parameter is a leaf that requires grad unless told otherwise; optimisers (tape.optim) update it in place. Re-exports only.
"""

from tape.nn import functional as functional
from tape.nn import init as init
from tape.nn import utils as utils
from tape.nn.modules import ACTIVATIONS as _ACTIVATIONS
from tape.nn.modules import LOSSES as _LOSSES
from tape.nn.modules import Bilinear as Bilinear
from tape.nn.modules import Conv1d as Conv1d
from tape.nn.modules import Conv2d as Conv2d
from tape.nn.modules import Dropout as Dropout
from tape.nn.modules import Embedding as Embedding
from tape.nn.modules import Flatten as Flatten
from tape.nn.modules import Identity as Identity
from tape.nn.modules import LayerNorm as LayerNorm
from tape.nn.modules import Linear as Linear
from tape.nn.modules import Module as Module
from tape.nn.modules import ModuleDict as ModuleDict
from tape.nn.modules import ModuleList as ModuleList
from tape.nn.modules import ParameterDict as ParameterDict
from tape.nn.modules import ParameterList as ParameterList
from tape.nn.modules import PReLU as PReLU
from tape.nn.modules import Sequential as Sequential
from tape.nn.modules import Unflatten as Unflatten
from tape.nn.parameter import Parameter as Parameter

globals().update(_ACTIVATIONS)
globals().update(_LOSSES)
__all__ = [  # noqa: PLE0604
    "Bilinear", "Conv1d", "Conv2d", "Dropout", "Embedding", "Flatten", "Identity", "LayerNorm", "Linear", "Module", "ModuleDict", "ModuleList",
    "PReLU", "Parameter", "ParameterDict", "ParameterList", "Sequential", "Unflatten", "functional", "init", "utils", *_ACTIVATIONS, *_LOSSES,
]  # fmt: skip
