"""Elements at other places: rolled, turned, padded, repeated, in grids, in windows; values against NumPy, derivatives, views, errors."""

import numpy as np
import pytest
from derivatives import arrays, first, forward, oracle, second
from under_test import leaf, near, numbers, same, torch

windows = np.lib.stride_tricks.sliding_window_view
# fmt: off
# name, function of (module, inputs...), NumPy's function, shapes of the inputs
TABLE = [
    ("roll",               lambda m, x: x.roll(2),                          lambda x: np.roll(x, 2),                    [(2, 3)]),
    ("roll two",           lambda m, x: m.roll(x, (1, -1), (0, 1)),         lambda x: np.roll(x, (1, -1), (0, 1)),      [(2, 3)]),
    ("roll by nothing",    lambda m, x: x.roll(3, 1),                       lambda x: x,                                [(2, 3)]),
    ("rot90",              lambda m, x: x.rot90(),                          lambda x: np.rot90(x),                      [(2, 3)]),
    ("rot90 twice",        lambda m, x: m.rot90(x, 2, (0, 2)),              lambda x: np.rot90(x, 2, (0, 2)),           [(2, 1, 3)]),
    ("rot90 back",         lambda m, x: m.rot90(x, -1, (1, 2)),             lambda x: np.rot90(x, -1, (1, 2)),          [(2, 2, 3)]),
    ("fliplr",             lambda m, x: x.fliplr(),                         np.fliplr,                                  [(2, 3)]),
    ("flipud",             lambda m, x: m.flipud(x),                        np.flipud,                                  [(2, 3)]),
    ("repeat_interleave",  lambda m, x: x.repeat_interleave(2),             lambda x: np.repeat(x, 2),                  [(2, 3)]),
    ("repeat_interleave each", lambda m, x: x.repeat_interleave(m.tensor([2, 0, 1]), dim=1), lambda x: np.repeat(x, [2, 0, 1], 1), [(2, 3)]),
    ("constant_pad_nd",    lambda m, x: m.constant_pad_nd(x, (1, 0, 0, 2)), lambda x: np.pad(x, ((0, 2), (1, 0))),      [(2, 3)]),
    ("constant_pad_nd with 2", lambda m, x: m.constant_pad_nd(x, (-1, 2), 2.0), lambda x: np.pad(x[:, 1:], ((0, 0), (0, 2)), constant_values=2.0), [(2, 3)]),
    ("diag_embed",         lambda m, x: m.diag_embed(x, 1),                 lambda x: np.stack([np.diag(r, 1) for r in x]), [(2, 3)]),
    ("diag_embed in front", lambda m, x: x.diag_embed(0, 0, 1),             lambda x: np.stack([np.diag(r) for r in x], 2), [(2, 3)]),
    ("diagflat",           lambda m, x: x.diagflat(-1),                     lambda x: np.diagflat(x, -1),               [(2, 2)]),
    ("block_diag",         lambda m, x, y: m.block_diag(x, y, m.tensor(2.0)), lambda x, y: np.block([[x, np.zeros((2, 4))], [np.zeros((1, 2)), y[None], np.zeros((1, 1))], [np.zeros((1, 5)), np.full((1, 1), 2.0)]]), [((2, 2), (3,))]),
    ("meshgrid",           lambda m, x, y: m.meshgrid(x, y, indexing="ij")[0] * 2, lambda x, y: np.meshgrid(x, y, indexing="ij")[0] * 2, [((2,), (3,))]),
    ("meshgrid xy",        lambda m, x, y: m.meshgrid(x, y, indexing="xy")[0] + m.meshgrid(x, y, indexing="xy")[1], lambda x, y: sum(np.meshgrid(x, y)), [((2,), (3,))]),
    ("cartesian_prod",     lambda m, x, y: m.cartesian_prod(x, y),          lambda x, y: np.stack(np.meshgrid(x, y, indexing="ij"), -1).reshape(-1, 2), [((2,), (3,))]),
    ("combinations",       lambda m, x: m.combinations(x),                  lambda x: x[[[0, 1], [0, 2], [1, 2]]],      [(3,)]),
    ("tensor_split",       lambda m, x: x.tensor_split(2)[1],               lambda x: np.array_split(x, 2)[1],          [(5,), (3, 2)]),
    ("tensor_split at",    lambda m, x: m.tensor_split(x, (1, 2), 1)[1],    lambda x: x[:, 1:2],                        [(2, 3)]),
    ("hsplit",             lambda m, x: m.hsplit(x, 3)[2],                  lambda x: np.hsplit(x, 3)[2],               [(3,), (2, 3)]),
    ("vsplit",             lambda m, x: x.vsplit([1])[1],                   lambda x: x[1:],                            [(2, 3)]),
    ("dsplit",             lambda m, x: x.dsplit(2)[0],                     lambda x: x[:, :, :1],                      [(1, 3, 2)]),
    ("split_with_sizes",   lambda m, x: x.split_with_sizes([1, 2], 1)[1],   lambda x: x[:, 1:],                         [(2, 3)]),
    ("dstack",             lambda m, x, y: m.dstack([x, y]),                lambda x, y: np.dstack([x, y]),             [((2, 3), (2, 3)), ((3,), (3,)), ((), ())]),
    ("column_stack",       lambda m, x, y: m.column_stack([x, y]),          lambda x, y: np.column_stack([x, y]),       [((2,), (2, 2)), ((2,), (2,))]),
    ("atleast_3d",         lambda m, x: m.atleast_3d(x).clone(),                np.atleast_3d,                              [(2, 3), (3,), ()]),
    ("atleast_2d",         lambda m, x: m.atleast_2d([x, x])[1].clone(),        np.atleast_2d,                              [(3,), ()]),
    ("unfold",             lambda m, x: x.unfold(1, 2, 1),                  lambda x: windows(x, 2, 1),                 [(2, 4)]),
    ("unfold with steps",  lambda m, x: x.unfold(0, 3, 2),                  lambda x: windows(x, 3)[::2],               [(7,)]),
    ("unfold a transpose", lambda m, x: x.t().unfold(0, 2, 1),              lambda x: windows(x.T, 2, 0),               [(2, 3)]),
    ("unfold one",         lambda m, x: x.unfold(0, 1, 1),                  lambda x: x.reshape(1),                     [()]),
    ("as_strided",         lambda m, x: x.as_strided((2, 2), (1, 1)),       lambda x: windows(x, 2)[:2],                [(4,)]),
    ("as_strided from 1",  lambda m, x: m.as_strided(x, (2, 2), (1, 3), 1), lambda x: x[:, 1:].T,                       [(2, 3)]),
]
# fmt: on
CASES = []
for case, f, reference, shapes in TABLE:
    CASES += [pytest.param(f, reference, s if isinstance(s[0] if s else 0, tuple) else [s], id=f"{case}-{s}") for s in shapes]
cases = pytest.mark.parametrize("f, reference, shapes", CASES)


@cases
def test_values_and_derivatives(f, reference, shapes):
    inputs = arrays(*shapes, seed=3)
    near(f(torch, *map(torch.tensor, inputs)), reference(*inputs))
    first(f, inputs)
    second(f, inputs)
    forward(f, inputs)


@pytest.mark.oracle
@cases
def test_against_pytorch(f, reference, shapes):
    pytest.importorskip("torch")
    oracle(f, arrays(*shapes, seed=3))


MOVED = [(f, reference, shapes[0]) for f, reference, shapes in (case.values for case in CASES) if len(shapes) == 1]


@pytest.mark.parametrize("kind", [torch.int64, torch.bool, torch.complex128, torch.bfloat16], ids=str)
def test_other_dtypes_move_as_floats_do(kind):
    for f, reference, shape in MOVED:
        values = np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3
        made, wanted = f(torch, torch.tensor(values).to(kind)), reference(values)
        assert made.dtype == kind
        same(made.to(torch.float64) if kind != torch.complex128 else made.real, wanted != 0 if kind == torch.bool else wanted)


# views


def test_windows_follow_writes_to_their_base():
    x = leaf(np.arange(5.0))
    y = x * 1
    pairs = y.unfold(0, 2, 1)
    assert pairs._base is y and pairs.stride() == (1, 1)
    y.mul_(10)
    same(pairs, [[0.0, 10.0], [10.0, 20.0], [20.0, 30.0], [30.0, 40.0]])
    pairs.sum().backward()
    same(x.grad, [10.0, 20.0, 20.0, 20.0, 10.0])


def test_writes_through_strides_reach_the_base():
    x = leaf(np.arange(6.0).reshape(2, 3))
    y = x * 1
    corner = y.as_strided((2, 2), (3, 1))
    corner.mul_(2)
    same(y, [[0.0, 2.0, 2.0], [6.0, 8.0, 5.0]])
    assert corner._version == y._version == 1
    (y * y).sum().backward()
    near(x.grad, [[0.0, 8.0, 4.0], [24.0, 32.0, 10.0]])


def test_strides_of_a_view_lead_to_memory_beside_it():
    x = leaf(np.arange(6.0).reshape(2, 3))
    y = x * 1
    row = y[1]
    assert row.storage_offset() == 3
    same(row.as_strided((2,), (2,), 0), [0.0, 2.0])
    beside = row.as_strided((2,), (1,), 2)
    beside.mul_(7)
    same(y, [[0.0, 1.0, 14.0], [21.0, 4.0, 5.0]])
    y.sum().backward()
    same(x.grad, [[1.0, 1.0, 7.0], [7.0, 1.0, 1.0]])


def test_overlapping_windows_are_not_written():
    y = torch.tensor(np.arange(4.0))
    with pytest.raises(RuntimeError):
        torch.broadcast_to(y, (2, 4)).mul_(2)
    same(y, np.arange(4.0))


def test_parts_of_tensor_split_may_be_written():
    x = leaf(np.ones(4))
    y = x * 1
    a, b = y.tensor_split(2)
    a.mul_(3)
    b.add_(1)
    (y * y).sum().backward()
    near(x.grad, [18.0, 18.0, 4.0, 4.0])


def test_who_is_returned_itself():
    x, one = torch.ones(2, 3), torch.tensor(1.0)
    assert torch.atleast_1d(x) is x and torch.atleast_2d(x) is x and torch.atleast_1d(one)._is_view()
    assert torch.broadcast_tensors(x, one)[0] is x
    assert torch.meshgrid(x[0], x[1], indexing="ij")[0]._is_view()
    assert not x.roll(0)._is_view() and not torch.rot90(x, 0)._is_view()


def test_bytes_seen_as_another_dtype():
    x = torch.ones(4, dtype=torch.float64)
    bits = x.view(torch.int64)
    assert bits[0].item() == np.float64(1).view(np.int64)
    bits[0] = 0
    assert x[0] == 0 and x.view(torch.float32).shape == (8,) and not leaf([1.0]).view(torch.int64).requires_grad
    with pytest.raises(RuntimeError, match="whole number"):
        torch.ones(3, dtype=torch.float32).view(torch.float64)


def test_places_and_shapes():
    near(torch.tril_indices(3, 2), np.stack(np.tril_indices(3, 0, 2)))
    near(torch.triu_indices(2, 3, 1), np.stack(np.triu_indices(2, 1, 3)))
    assert torch.broadcast_shapes((2, 1), (3,), 1) == torch.Size([2, 3])
    near(torch.repeat_interleave(torch.tensor([1, 0, 2])), [0, 2, 2])
    size = torch.ones(2, 3, 4).shape
    assert [type(each) for each in (size[1:], size + (1,), (1,) + size, size * 2)] == [torch.Size] * 4
    assert size[1:].numel() == 12 and torch.Size(torch.tensor([2, 3])) == (2, 3)
    with pytest.raises(TypeError):
        torch.Size([1.5])


ERRORS = [
    (RuntimeError, lambda: torch.ones(2, 3).roll((1, 2), (0,))),
    (IndexError, lambda: torch.ones(2, 3).roll(1, 2)),
    (RuntimeError, lambda: torch.ones(3).rot90()),
    (RuntimeError, lambda: torch.ones(2, 3).rot90(1, (1, 1))),
    (RuntimeError, lambda: torch.ones(3).fliplr()),
    (RuntimeError, lambda: torch.ones(3).repeat_interleave(-1)),
    (RuntimeError, lambda: torch.ones(3).repeat_interleave(torch.tensor([1, 2]))),
    (RuntimeError, lambda: torch.ones(3).repeat_interleave(2, output_size=5)),
    (RuntimeError, lambda: torch.constant_pad_nd(torch.ones(3), (1, 2, 3, 4))),
    (RuntimeError, lambda: torch.constant_pad_nd(torch.ones(3), (-2, -2))),
    (RuntimeError, lambda: torch.meshgrid(torch.ones(2, 2))),
    (RuntimeError, lambda: torch.meshgrid(torch.ones(2), indexing="zz")),
    (RuntimeError, lambda: torch.cartesian_prod(torch.ones(2, 2))),
    (RuntimeError, lambda: torch.combinations(torch.ones(2), -1)),
    (RuntimeError, lambda: torch.block_diag(torch.ones(1, 1, 1))),
    (RuntimeError, lambda: torch.broadcast_shapes((2,), (3,))),
    (RuntimeError, lambda: torch.hsplit(torch.ones(2, 3), 2)),
    (RuntimeError, lambda: torch.vsplit(torch.ones(3), 1)),
    (RuntimeError, lambda: torch.ones(3).tensor_split(0)),
    (RuntimeError, lambda: torch.ones(3).unfold(0, 4, 1)),
    (RuntimeError, lambda: torch.ones(3).unfold(0, 2, 0)),
    (RuntimeError, lambda: torch.ones(3).as_strided((2,), (3,))),
    (RuntimeError, lambda: torch.ones(3).as_strided((2,), (-1,))),
    (RuntimeError, lambda: torch.ones(3).as_strided((2, 1), (1,))),
    (IndexError, lambda: torch.ones(()).select(0, 0)),
]


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_errors(number):
    kind, f = ERRORS[number]
    with pytest.raises(kind):
        f()


def test_numbers_of_no_use():
    assert numbers(torch.empty(0, 3).unfold(1, 2, 1)).shape == (0, 2, 2)
    assert torch.ones(3).unfold(0, 0, 1).shape == (4, 0)
