"""Modules: what models are made of. Re-exports only; imported by tape.nn."""

from tape.nn.modules.activation import ACTIVATIONS as ACTIVATIONS
from tape.nn.modules.containers import ModuleDict as ModuleDict
from tape.nn.modules.containers import ModuleList as ModuleList
from tape.nn.modules.containers import ParameterDict as ParameterDict
from tape.nn.modules.containers import ParameterList as ParameterList
from tape.nn.modules.containers import Sequential as Sequential
from tape.nn.modules.linear import Bilinear as Bilinear
from tape.nn.modules.linear import Conv1d as Conv1d
from tape.nn.modules.linear import Conv2d as Conv2d
from tape.nn.modules.linear import Dropout as Dropout
from tape.nn.modules.linear import Embedding as Embedding
from tape.nn.modules.linear import Flatten as Flatten
from tape.nn.modules.linear import Identity as Identity
from tape.nn.modules.linear import LayerNorm as LayerNorm
from tape.nn.modules.linear import Linear as Linear
from tape.nn.modules.linear import PReLU as PReLU
from tape.nn.modules.linear import Unflatten as Unflatten
from tape.nn.modules.loss import LOSSES as LOSSES
from tape.nn.modules.module import Module as Module
