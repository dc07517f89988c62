"""Memory shared with other libraries: DLPack both ways, buffers, asarray."""

import numpy as np
import pytest
from under_test import leaf, same, torch


def test_both_ways_share_memory():
    values = np.arange(6.0).reshape(2, 3)
    x = torch.from_dlpack(values)
    values[0, 0] = 9.0
    assert x[0, 0] == 9.0
    y = torch.arange(3.0)
    seen = np.from_dlpack(y)
    y[1] = 7.0
    same(y, seen)
    assert np.shares_memory(seen, y.numpy()) and y.__dlpack_device__() == (1, 0)
    z = torch.from_dlpack(y)
    z[0] = 5.0
    assert y[0] == 5.0
    copied = torch.from_dlpack(y, copy=True)
    copied[0] = 1.0
    assert y[0] == 5.0
    same(torch.from_dlpack(torch.tensor(2.5)), 2.5)


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.int8, torch.uint8, torch.int64, torch.complex128, torch.bool], ids=str)
def test_dtypes(kind):
    x = torch.tensor([[1, 0], [1, 1]]).to(kind).t()
    made = torch.from_dlpack(x.__dlpack__() and np.from_dlpack(x))
    assert made.dtype == kind and made.stride() == (1, 2)


def test_refusals():
    with pytest.raises(BufferError, match="detach"):
        leaf([1.0]).__dlpack__()
    with pytest.raises(BufferError):
        torch.from_dlpack(leaf([1.0]))
    with pytest.raises(BufferError):
        torch.ones(2).__dlpack__(dl_device=(2, 0))
    with pytest.raises(TypeError):
        torch.from_dlpack([1.0])


@pytest.mark.oracle
def test_with_pytorch():
    theirs = pytest.importorskip("torch")
    a = theirs.arange(3.0)
    x = torch.from_dlpack(a)
    x[0] = 4.0
    assert a[0] == 4.0
    b = theirs.from_dlpack(torch.ones(2))
    assert b.sum() == 2.0


def test_buffers():
    memory = bytearray(np.arange(4, dtype=np.int16).tobytes())
    x = torch.frombuffer(memory, dtype=torch.int16)
    x[0] = 7
    assert memory[0] == 7
    same(torch.frombuffer(memory, dtype=torch.int16, count=2, offset=2), [1, 2])
    assert torch.frombuffer(np.ones(2), dtype=torch.float64, requires_grad=True).requires_grad
    for options in ({"count": 0}, {"count": 9}, {"offset": 8}, {"offset": 1}):
        with pytest.raises(ValueError, match="frombuffer"):
            torch.frombuffer(memory, dtype=torch.int16, **options)
    with pytest.raises(ValueError, match="empty"):
        torch.frombuffer(bytearray(), dtype=torch.int16)


def test_asarray_shares_where_it_can():
    values = np.ones(3)
    assert torch.asarray(values).data_ptr() == values.__array_interface__["data"][0]
    x = leaf([1.0, 2.0])
    assert torch.asarray(x) is x and torch.asarray(x, copy=True) is not x
    copied = torch.asarray(values, copy=True)
    copied[0] = 5.0
    assert values[0] == 1.0
    assert torch.asarray(values, dtype=torch.float32).dtype == torch.float32
    assert torch.asarray([1, 2], requires_grad=False).dtype == torch.int64
    assert torch.asarray(bytearray(8), dtype=torch.int32).shape == (2,)
    assert torch.asarray(2.5, requires_grad=True).requires_grad
    assert torch.asarray(np.float32(1)).dtype == torch.float32
    for given in ([1.0], 2.0):
        with pytest.raises(ValueError, match="copy=False"):
            torch.asarray(given, copy=False)
    with pytest.raises(ValueError, match="copy=False"):
        torch.asarray(values, dtype=torch.float32, copy=False)
