"""The module that the behavioural tests drive, and what they share to read its Tensors.

`torch` is `tape`, or the module named by the environment variable TAPE_TEST_MODULE: with `torch` the same
tests run on the reference and prove that what they ask for is what PyTorch does.
Read values (`near`, `numbers`), make leaves (`leaf`), compare printed text (`plain`), name a row (`name`).
Invariant: nothing here depends on which of the two modules is driven. Imported by tests only.
"""

import importlib
import os
import re

import numpy as np

NAME = os.environ.get("TAPE_TEST_MODULE", "tape")
torch = importlib.import_module(NAME)


def leaf(values, dtype=None):
    """A new leaf that requires grad."""
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def numbers(tensor):
    """The values as an ndarray of their own, whatever the history of `tensor`."""
    return np.array(tensor.detach().numpy())


def near(tensor, expected, rtol=1e-12, atol=0.0):
    """Assert shape and values; NaN equals NaN."""
    assert tensor is not None, "no Tensor (an unset gradient?)"
    expected = np.asarray(expected, dtype=float)
    assert tuple(tensor.shape) == expected.shape
    np.testing.assert_allclose(numbers(tensor), expected, rtol=rtol, atol=atol, equal_nan=True)


def same(tensor, expected):
    """Assert shape and values to the last bit."""
    near(tensor, expected, rtol=0.0)


def plain(text):
    """Printed text with addresses and the module's name in dtypes taken out."""
    text = re.sub(r"0x[0-9A-Fa-f]+", "0x", text)
    return re.sub(r"dtype=(torch|tape)\.", "dtype=", text)


def name(tensor):
    """The class name of the row that made `tensor`; None for a Tensor without history."""
    row = tensor.grad_fn
    return None if row is None else type(row).__name__
