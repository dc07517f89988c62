"""What programs need to hold parameters: `Parameter`, and `functional` with activations and losses.

A Parameter is a leaf that requires grad unless told otherwise; optimisers (tape.optim) update it in place.
Imports tensor and functions; imported by tape/__init__.
"""

from tape.nn import functional as functional
from tape.nn.parameter import Parameter as Parameter

__all__ = ["Parameter", "functional"]
