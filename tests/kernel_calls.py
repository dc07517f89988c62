"""Calls reverse kernels on arrays, through ctypes: what the tests of the table and of the kernels share."""

import ctypes

import numpy as np

from compiled_ops import kernels, rows
from compiled_ops.rows import Elementwise

KERNEL = ctypes.CFUNCTYPE(None, ctypes.c_ssize_t, ctypes.c_ssize_t, *[ctypes.c_void_p] * 4)


def call(name, operand, g, first, second, out, n=None, add=0):
    """Run a reverse kernel as it is; a None operand is a null pointer."""
    function = KERNEL(kernels.reverse_address(name, operand, kernels.DTYPE_CODES[out.dtype]))
    function(
        g.size if n is None else n,
        add,
        *(None if v is None else v.ctypes.data for v in (g, first, second, out)),
    )
    return out


def operands(name, *inputs):
    """What a kernel reads besides g: two inputs, or the one and its value."""
    row = rows.PRIMITIVES[name]
    if not isinstance(row, Elementwise) or len(inputs) == 2:
        return inputs
    code = kernels.DTYPE_CODES[inputs[0].dtype]
    with np.errstate(all="ignore"):
        return inputs[0], kernels.forward(name, code)(inputs[0])


def pullback(name, operand, g, *inputs, n=None):
    """The contribution of cotangent g to one input, written over NaN."""
    return call(name, operand, g, *operands(name, *inputs), np.full_like(g, np.nan), n=n)
