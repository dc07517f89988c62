"""Parameter: a Tensor that requires grad from the start and prints as what it is.

Invariant: a Parameter is a leaf; it shares memory with the Tensor that it was made of. Imports creation; imported by tape/nn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tape.dtypes import get_default_dtype
from tape.tensor import Tensor, share, wrap


class Parameter(Tensor):
    """A leaf of the values of `data` (a Tensor, whose memory it shares, or nothing: no elements). It requires grad unless
    told otherwise. TypeError for data of another kind, RuntimeError where integers are to require grad.

    >>> w = tape.nn.Parameter(tape.ones(2))
    >>> (w * w).sum().backward()
    >>> w.grad
    tensor([2., 2.])
    """

    __slots__ = ()

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Any:
        made = Tensor.__new__(cls)
        if data is None:
            plain = wrap(np.empty(0, get_default_dtype()))
        elif isinstance(data, Tensor):
            share(data)
            plain = data
        else:
            raise TypeError(f"Parameter got {type(data).__name__}; wanted a Tensor: use tape.tensor(data)")
        made._v, made._s, made._t, made._r = plain._v, plain._s, None, 0
        return made.requires_grad_() if requires_grad else made

    def __init__(self, data: Any = None, requires_grad: bool = True) -> None:
        """All is done by then."""

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()
