"""Making Tensors: dtypes, values, sharing and copying, requires_grad, random numbers, errors.

Most of the table is compared with PyTorch by running it there too (see under_test).
"""

import copy
import importlib
import pickle
import threading

import numpy as np
import pytest
from under_test import leaf, near, numbers, torch

# fmt: off
MADE = [  # what, its function of a module, expected dtype, expected values
    ("float",            lambda m: m.tensor(2.5),                            "float64",    2.5),
    ("int",              lambda m: m.tensor(2),                              "int64",      2),
    ("bool",             lambda m: m.tensor(True),                           "bool",       True),
    ("complex",          lambda m: m.tensor(1 + 2j),                         "complex128", 1 + 2j),
    ("list",             lambda m: m.tensor([1, 2.5]),                       "float64",    [1.0, 2.5]),
    ("nested",           lambda m: m.tensor([[1, 2], [3, 4]]),               "int64",      [[1, 2], [3, 4]]),
    ("nothing",          lambda m: m.tensor([]),                             "float64",    []),
    ("empty rows",       lambda m: m.tensor([[], []]),                       "float64",    [[], []]),
    ("bools and ints",   lambda m: m.tensor([True, 2]),                      "int64",      [1, 2]),
    ("array",            lambda m: m.tensor(np.array([1, 2], np.int16)),     "int16",      [1, 2]),
    ("strided array",    lambda m: m.tensor(np.arange(6.0).reshape(2, 3).T), "float64",    [[0, 3], [1, 4], [2, 5]]),
    ("NumPy number",     lambda m: m.tensor(np.float32(2)),                  "float32",    2.0),
    ("list of arrays",   lambda m: m.tensor([np.float32(1), np.float32(2)]), "float32",    [1.0, 2.0]),
    ("list of Tensors",  lambda m: m.tensor([m.tensor(1.0), m.tensor(2.0)]), "float64",    [1.0, 2.0]),
    ("given dtype",      lambda m: m.tensor([1, 2], dtype=m.float32),        "float32",    [1.0, 2.0]),
    ("cut off",          lambda m: m.tensor([1.7, -1.7], dtype=m.int64),     "int64",      [1, -1]),
    ("to bool",          lambda m: m.tensor([0.5, 0.0], dtype=m.bool),       "bool",       [True, False]),
    ("range",            lambda m: m.tensor(range(3)),                       "int64",      [0, 1, 2]),
    ("as_tensor",        lambda m: m.as_tensor([1.0, 2.0]),                  "float64",    [1.0, 2.0]),
    ("as_tensor dtype",  lambda m: m.as_tensor(np.ones(2), dtype=m.float32), "float32",    [1.0, 1.0]),
    ("zeros",            lambda m: m.zeros(2, 3),                            "float64",    [[0.0] * 3] * 2),
    ("zeros of a tuple", lambda m: m.zeros((2,), dtype=m.int32),             "int32",      [0, 0]),
    ("zeros by name",    lambda m: m.zeros(size=(2,)),                       "float64",    [0.0, 0.0]),
    ("0-d zeros",        lambda m: m.zeros(()),                              "float64",    0.0),
    ("no zeros",         lambda m: m.zeros(0),                               "float64",    []),
    ("zeros of a Size",  lambda m: m.zeros(m.ones(2, 1).shape),              "float64",    [[0.0], [0.0]]),
    ("complex zeros",    lambda m: m.zeros(1, dtype=m.complex64),            "complex64",  [0j]),
    ("ones",             lambda m: m.ones(2),                                "float64",    [1.0, 1.0]),
    ("full float",       lambda m: m.full((2,), 1.5),                        "float64",    [1.5, 1.5]),
    ("full int",         lambda m: m.full((2,), 7),                          "int64",      [7, 7]),
    ("full bool",        lambda m: m.full((2,), True),                       "bool",       [True, True]),
    ("full complex",     lambda m: m.full((1,), 1j),                         "complex128", [1j]),
    ("0-d full",         lambda m: m.full((), 2.0),                          "float64",    2.0),
    ("eye",              lambda m: m.eye(2),                                 "float64",    [[1.0, 0.0], [0.0, 1.0]]),
    ("wide eye",         lambda m: m.eye(1, 2, dtype=m.int64),               "int64",      [[1, 0]]),
    ("arange",           lambda m: m.arange(3),                              "int64",      [0, 1, 2]),
    ("arange of floats", lambda m: m.arange(1.5),                            "float64",    [0.0, 1.0]),
    ("arange from",      lambda m: m.arange(1, 4),                           "int64",      [1, 2, 3]),
    ("arange down",      lambda m: m.arange(5, 0, -2),                       "int64",      [5, 3, 1]),
    ("arange fractions", lambda m: m.arange(0, 1, 0.25),                     "float64",    [0.0, 0.25, 0.5, 0.75]),
    ("arange by name",   lambda m: m.arange(start=1, end=3),                 "int64",      [1, 2]),
    ("arange dtype",     lambda m: m.arange(3, dtype=m.float32),             "float32",    [0.0, 1.0, 2.0]),
    ("arange tenths",    lambda m: m.arange(0.0, 0.5, 0.1),                  "float64",    [0.0, 0.1, 0.2, 0.1 * 3, 0.4]),
    ("no arange",        lambda m: m.arange(0),                              "int64",      []),
    ("linspace",         lambda m: m.linspace(0, 1, 5),                      "float64",    [0.0, 0.25, 0.5, 0.75, 1.0]),
    ("linspace of one",  lambda m: m.linspace(3, 9, 1),                      "float64",    [3.0]),
    ("linspace of none", lambda m: m.linspace(3, 9, 0),                      "float64",    []),
    ("linspace thirds",  lambda m: m.linspace(-1, 1, 7),                     "float64",    [-1 + i / 3 if i < 4 else 1 - (6 - i) / 3 for i in range(7)]),
    ("logspace",         lambda m: m.logspace(0, 2, 3),                      "float64",    [1.0, 10.0, 100.0]),
    ("logspace of 2",    lambda m: m.logspace(0, 3, 4, base=2.0),            "float64",    [1.0, 2.0, 4.0, 8.0]),
    ("zeros_like",       lambda m: m.zeros_like(m.ones(2, dtype=m.float32)), "float32",    [0.0, 0.0]),
    ("ones_like",        lambda m: m.ones_like(m.zeros(2), dtype=m.int64),   "int64",      [1, 1]),
    ("full_like",        lambda m: m.full_like(m.zeros(2), 3),               "float64",    [3.0, 3.0]),
    ("0-d ones_like",    lambda m: m.ones_like(m.tensor(3.0)),               "float64",    1.0),
    ("new_zeros",        lambda m: m.ones(1, dtype=m.float32).new_zeros(2),  "float32",    [0.0, 0.0]),
    ("new_ones",         lambda m: m.ones(1, dtype=m.int8).new_ones((2,)),   "int8",       [1, 1]),
    ("new_full",         lambda m: m.ones(1, dtype=m.float32).new_full((2,), 3), "float32", [3.0, 3.0]),
    ("new_tensor",       lambda m: m.ones(1, dtype=m.float32).new_tensor([1, 2]), "float32", [1.0, 2.0]),
]
ERRORS = [
    ("ragged",              ValueError,   lambda: torch.tensor([[1, 2], [3]])),
    ("deeper ragged",       (ValueError, TypeError),   lambda: torch.tensor([[1, 2], 3])),
    ("text",                TypeError,    lambda: torch.tensor("a")),
    ("list of text",        ValueError,   lambda: torch.tensor(["a"])),
    ("None",                RuntimeError, lambda: torch.tensor(None)),
    ("too large",           RuntimeError, lambda: torch.tensor([300], dtype=torch.uint8)),
    ("complex as float",    TypeError,    lambda: torch.tensor([1j], dtype=torch.float64)),
    ("integer gradients",   RuntimeError, lambda: torch.tensor([1], requires_grad=True)),
    ("integer zeros",       RuntimeError, lambda: torch.zeros(1, dtype=torch.int64, requires_grad=True)),
    ("no array",            TypeError,    lambda: torch.from_numpy([1.0])),
    ("negative size",       RuntimeError, lambda: torch.zeros(-1)),
    ("float size",          TypeError,    lambda: torch.zeros(2.0)),
    ("no size",             TypeError,    lambda: torch.zeros()),
    ("no step",             RuntimeError, lambda: torch.arange(0, 1, 0)),
    ("wrong direction",     RuntimeError, lambda: torch.arange(3, 1)),
    ("negative steps",      RuntimeError, lambda: torch.linspace(0, 1, -1)),
    ("missing steps",       TypeError,    lambda: torch.linspace(0, 1)),
    ("negative eye",        RuntimeError, lambda: torch.eye(-1)),
    ("no dtype",            TypeError,    lambda: torch.zeros(1, dtype="float32")),
    ("empty range",         RuntimeError, lambda: torch.randint(5, 2, (1,))),
    ("integer randn",       RuntimeError, lambda: torch.randn(2, dtype=torch.int64)),
    ("negative randperm",   RuntimeError, lambda: torch.randperm(-1)),
]
# fmt: on


@pytest.mark.parametrize("f, dtype, expected", [row[1:] for row in MADE], ids=[row[0] for row in MADE])
def test_values_and_dtypes(f, dtype, expected):
    made = f(torch)
    assert made.dtype == getattr(torch, dtype) and made.is_leaf and not made.requires_grad
    assert tuple(made.shape) == np.shape(expected)
    np.testing.assert_allclose(numbers(made), expected, rtol=1e-15, atol=1e-16)


@pytest.mark.oracle
@pytest.mark.default_dtype("float32")
@pytest.mark.parametrize("f", [row[1] for row in MADE], ids=[row[0] for row in MADE])
def test_against_the_oracle(f):
    reference = importlib.import_module("torch")
    before = reference.get_default_dtype()
    reference.set_default_dtype(reference.float32)
    mine, theirs = f(torch), f(reference)
    reference.set_default_dtype(before)
    assert str(mine.dtype).removeprefix("torch.") == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(numbers(mine), theirs.numpy(), rtol=2e-7, atol=1e-7)


@pytest.mark.parametrize("kind, f", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
def test_errors(kind, f):
    with pytest.raises(kind):
        f()


def test_linspace_ends_are_exact():
    for steps in (2, 3, 10, 11):
        values = torch.linspace(0.1, 0.7, steps)
        assert values[0].item() == 0.1 and values[-1].item() == 0.7


def test_tensor_copies():
    values = np.ones(2)
    made = torch.tensor(values)
    values[0] = 5
    near(made, [1.0, 1.0])


def test_tensor_of_a_tensor_warns_and_cuts_history():
    x = leaf([1.0])
    with pytest.warns(UserWarning):
        made = torch.tensor(x * 2)
    assert not made.requires_grad and made.tolist() == [2.0]


def test_numbers_of_tensors_that_require_grad_warn():
    x = leaf(1.0)
    with pytest.warns(UserWarning):
        assert torch.tensor([x, x]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("share", [lambda v: torch.from_numpy(v), lambda v: torch.as_tensor(v)], ids=["from_numpy", "as_tensor"])
@pytest.mark.parametrize("shape", [(2,), (), (2, 2)])
def test_memory_is_shared(share, shape):
    values = np.zeros(shape)
    made = share(values)
    values[...] = 3.0
    near(made, np.full(shape, 3.0))
    made.fill_(4.0)
    assert (values == 4.0).all()


def test_from_numpy_takes_the_dtype_and_the_strides():
    values = np.arange(6, dtype=np.float32).reshape(2, 3).T
    made = torch.from_numpy(values)
    assert made.dtype == torch.float32 and made.stride() == (1, 3)
    assert np.shares_memory(made.numpy(), values)


def test_as_tensor_returns_tensors_themselves():
    x = leaf([1.0])
    assert torch.as_tensor(x) is x
    (torch.as_tensor(x, dtype=torch.float32) * 2).sum().backward()
    near(x.grad, [2.0])


def test_requires_grad_is_kept_inside_no_grad():
    with torch.no_grad():
        made = [
            torch.tensor(1.0, requires_grad=True), torch.zeros(1, requires_grad=True), torch.ones(1, requires_grad=True),
            torch.full((1,), 1.0, requires_grad=True), torch.eye(1, requires_grad=True), torch.rand(1, requires_grad=True),
            torch.arange(1.0, requires_grad=True), torch.linspace(0, 1, 2, requires_grad=True), torch.randn(1, requires_grad=True),
            torch.ones_like(torch.ones(1), requires_grad=True), torch.ones(1).new_zeros(1, requires_grad=True),
        ]  # fmt: skip
    assert all(t.requires_grad and t.is_leaf for t in made)


def test_likes_of_a_leaf_do_not_require_grad():
    x = leaf([1.0])
    assert not any(t.requires_grad for t in (torch.zeros_like(x), torch.ones_like(x), x.new_zeros(1), torch.rand_like(x)))


# random numbers


def test_a_seed_repeats_the_stream():
    torch.manual_seed(3)
    first = [torch.rand(3), torch.randn(3), torch.randint(10, (3,)), torch.randperm(5)]
    torch.manual_seed(3)
    for before, again in zip(first, [torch.rand(3), torch.randn(3), torch.randint(10, (3,)), torch.randperm(5)], strict=True):
        assert torch.equal(before, again)
    assert torch.initial_seed() == 3


def test_generators_are_streams_of_their_own():
    g = torch.Generator()
    assert g.manual_seed(5) is g and g.initial_seed() == 5
    a = torch.rand(4, generator=g)
    torch.manual_seed(0)
    torch.rand(7)
    assert torch.equal(torch.rand(4, generator=g.manual_seed(5)), a)
    state = g.get_state()
    b = torch.randn(4, generator=g)
    g.set_state(state)
    assert torch.equal(torch.randn(4, generator=g), b)


def test_distributions():
    torch.manual_seed(1)
    even, normal, whole = torch.rand(20000), torch.randn(20000), torch.randint(-2, 3, (20000,))
    assert 0 <= even.min().item() and even.max().item() < 1 and abs(even.mean().item() - 0.5) < 0.02
    assert abs(normal.mean().item()) < 0.05 and abs(normal.std().item() - 1) < 0.05
    assert sorted(set(whole.tolist())) == [-2, -1, 0, 1, 2] and whole.dtype == torch.int64
    assert sorted(torch.randperm(50).tolist()) == list(range(50))


def test_dtypes_and_shapes_of_random_tensors():
    assert torch.rand(2, 3).shape == (2, 3) and torch.rand((2,)).dtype == torch.float64 and torch.randn(()).ndim == 0
    for dtype in (torch.float32, torch.float16, torch.bfloat16):
        assert torch.randn(3, dtype=dtype).dtype == dtype and torch.rand_like(torch.ones(3, dtype=dtype)).dtype == dtype
    assert torch.randint(0, 5, (2,), dtype=torch.float32).dtype == torch.float32
    assert torch.randn_like(torch.ones(2, 2)).shape == (2, 2)


def test_threads_may_share_the_default_generator():
    torch.manual_seed(0)
    found = []
    threads = [threading.Thread(target=lambda: found.append(torch.rand(1000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({t[0].item() for t in found}) == 4


def test_copies_and_pickles():
    x = leaf([1.0, 2.0])
    for made in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert made.requires_grad and made is not x and made.tolist() == [1.0, 2.0]


# where and how


def test_layouts_formats_and_out():
    x = torch.zeros(2, dtype=torch.float32, layout=torch.strided, pin_memory=False, device="cpu")
    assert torch.ones_like(x, memory_format=torch.preserve_format).dtype == torch.float32
    assert torch.empty(2, 3, memory_format=torch.contiguous_format).shape == (2, 3)
    assert repr(torch.preserve_format) == "torch.preserve_format" and repr(torch.strided) == "torch.strided"
    given = torch.empty(0)
    assert torch.arange(3.0, out=given) is given and torch.eye(2, out=given) is given
    near(given, np.eye(2))
    ints = torch.zeros(2, dtype=torch.int64)
    assert torch.ones(2, out=ints) is ints and ints.tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="layout"):
        torch.zeros(2, layout="sparse_coo")


def test_memory_with_strides():
    x = torch.empty_strided((2, 3), (1, 2), dtype=torch.float32)
    assert x.stride() == (1, 2) and x.shape == (2, 3) and x.dtype == torch.float32
    assert torch.ones(1, dtype=torch.int8).new_empty_strided((2,), (3,)).stride() == (3,)
    assert torch.empty_strided((), ()).shape == () and torch.empty_strided((0, 2), (1, 1)).shape == (0, 2)
    with pytest.raises(RuntimeError, match="strides"):
        torch.empty_strided((2,), (1, 1))


def test_ranges_take_tensors_and_cut_to_integers():
    near(torch.linspace(torch.tensor(0.0), torch.tensor(1), 3), [0.0, 0.5, 1.0])
    assert torch.linspace(0, 10, 5, dtype=torch.int64).tolist() == [0, 2, 5, 7, 10]
    assert torch.linspace(0, 1j, 3).dtype == torch.complex128
    assert torch.logspace(0, 3, 4, 2, dtype=torch.int64).tolist() == [1, 2, 4, 8]
    assert torch.arange(2.5, dtype=torch.int64).tolist() == [0, 1]
    for call in (
        lambda: torch.linspace(torch.zeros(2), 1, 3), lambda: torch.arange(float("nan")), lambda: torch.arange(float("inf")),
        lambda: torch.linspace(0, 1, -1),
    ):  # fmt: skip
        with pytest.raises(RuntimeError):
            call()
    with pytest.raises(ValueError, match="step"):
        torch.arange(1, 3, 0.5, dtype=torch.int64)
    with pytest.raises(NotImplementedError):
        torch.arange(2, dtype=torch.bool)


def test_numbers_that_do_not_fit():
    assert torch.full((1,), -1, dtype=torch.uint8).item() == torch.tensor(-1, dtype=torch.uint8).item() == 255
    assert torch.scalar_tensor(2, dtype=torch.int32).dtype == torch.int32 and torch.scalar_tensor(True).dtype == torch.get_default_dtype()
    for call in (
        lambda: torch.tensor(300, dtype=torch.uint8), lambda: torch.full((1,), 300, dtype=torch.uint8),
        lambda: torch.full((1,), 1j, dtype=torch.float64), lambda: torch.tensor(float("inf"), dtype=torch.int64),
    ):  # fmt: skip
        with pytest.raises(RuntimeError):
            call()
    with pytest.raises(ValueError, match="fit"):
        torch.tensor(2**70)
    with pytest.raises(ValueError, match="sequence"):
        torch.tensor([torch.ones(2), torch.ones(2)])
    assert torch.tensor([torch.ones(1), torch.tensor(2.0)]).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="negative strides"):
        torch.from_numpy(np.arange(3)[::-1])
