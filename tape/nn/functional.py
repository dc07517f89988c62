"""torch.nn.functional: activations, losses, layers and convolutions, re-exported from the modules that hold them."""

from tape.nn import activations as _activations
from tape.nn import classification as _classification
from tape.nn import convolution as _convolution
from tape.nn import layers as _layers
from tape.nn import losses as _losses

_ALL = {name: getattr(module, name) for module in (_activations, _layers, _losses, _classification, _convolution) for name in module.__all__}
globals().update(_ALL)
__all__ = list(_ALL)
