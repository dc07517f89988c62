"""What is refused, by exception class, and that nothing was changed by the attempt.

One row a case: a name, the class, and a function that gets `Things` made anew for each case.
"""

import copy

import numpy as np
import pytest
from under_test import leaf, name, numbers, torch

grad = torch.autograd.grad
backward = torch.autograd.backward
LinAlgError = torch.linalg.LinAlgError
multi_grad_hook = torch.autograd.graph.register_multi_grad_hook


class Things:
    """Tensors to go wrong with: leaves `x` and `other`, `y` of three elements, a scalar `z`, constants."""

    def __init__(self):
        self.x = leaf([1.0, 2.0, 3.0])
        self.other = leaf([4.0, 5.0, 6.0])
        self.h = self.x * 1
        self.y = self.h * self.h
        self.z = self.y.sum()
        self.matrix = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
        self.constant = torch.tensor([1.0, 2.0, 3.0])
        self.integers = torch.tensor([1, 2, 3])
        self.booleans = torch.tensor([True, False, True])
        self.singular = torch.zeros(2, 2)
        self.scalar = torch.tensor(2.0)

    def state(self):
        """All that an attempt could change."""
        tensors = (value for value in vars(self).values() if hasattr(value, "grad_fn"))
        return [self.x.grad, self.other.grad] + [
            (numbers(t).tolist(), t.requires_grad, t.is_leaf, t._version, name(t)) for t in tensors
        ]


def consumed(t):
    t.z.backward(inputs=[t.h])
    t.h.grad = None
    return t.z


def assign(attribute, value):
    return lambda t: setattr(t.x, attribute, value)


def no_grad_view(t):
    with torch.no_grad():
        return t.h[:1]


def overwritten(t):
    h = t.x * 1
    y = h.sin()
    h.add_(1)
    return y.sum()


def hooked(hook, attach="register_hook"):
    """A sweep through a row with a hook of this kind."""

    def attempt(t):
        y = t.x * 3
        target = y if attach == "register_hook" else y.grad_fn
        getattr(target, attach.removeprefix("row_"))(hook)
        y.sum().backward()

    return attempt


def unused(t):
    grad(t.z, t.x, allow_unused=False, materialize_grads=True)


def accumulated(tensor):
    tensor.register_post_accumulate_grad_hook(print)


READ_ONLY = "is_leaf grad_fn output_nr _version retains_grad shape dtype ndim T _base".split()


# fmt: off
STARTING = [
    ("several elements",            RuntimeError, lambda t: t.y.backward()),
    ("grad of several elements",    RuntimeError, lambda t: grad(t.y, t.x)),
    ("no element",                  RuntimeError, lambda t: t.y[:0].backward()),
    ("output without history",      RuntimeError, lambda t: t.scalar.backward()),
    ("grad without history",        RuntimeError, lambda t: grad(t.scalar, t.x)),
    ("gradient broadcast",          RuntimeError, lambda t: t.y.backward(torch.ones(1))),
    ("gradient of another shape",   RuntimeError, lambda t: t.y.backward(torch.ones(3, 1))),
    ("(1,) for a scalar",           RuntimeError, lambda t: t.z.backward(torch.ones(1))),
    ("no gradients",                RuntimeError, lambda t: backward([t.z], [])),
    ("too few gradients",           RuntimeError, lambda t: backward([t.z, t.z], [None])),
    ("too few gradients in grad",   RuntimeError, lambda t: grad([t.z, t.z], t.x, [None])),
    ("gradient that is a float",    TypeError,    lambda t: t.y.backward(1.0)),
    ("gradient that is an array",   TypeError,    lambda t: t.y.backward(np.ones(3))),
    ("no inputs",                   RuntimeError, lambda t: t.z.backward(inputs=[])),
    ("unused input",                RuntimeError, lambda t: grad(t.z, t.other)),
    ("one unused input of two",     RuntimeError, lambda t: grad(t.z, (t.x, t.other))),
    ("input that needs no gradient",RuntimeError, lambda t: grad(t.z, t.constant)),
    ("backward for a constant",     RuntimeError, lambda t: t.z.backward(inputs=[t.constant])),
    ("allow_unused and materialize",ValueError,   unused),
    ("backward, consumed row",      RuntimeError, lambda t: consumed(t).backward()),
    ("grad, consumed row",          RuntimeError, lambda t: grad(consumed(t), t.x)),
    ("overwritten saved value",     RuntimeError, lambda t: overwritten(t).backward()),
]

FLAGS = [
    ("requires_grad_ of integers",  RuntimeError, lambda t: t.integers.requires_grad_()),
    ("requires_grad_ of booleans",  RuntimeError, lambda t: t.booleans.requires_grad_()),
    ("requires_grad = True",        RuntimeError, lambda t: setattr(t.integers, "requires_grad", True)),
    ("tensor of integers",          RuntimeError, lambda t: torch.tensor([1, 2], requires_grad=True)),
    ("zeros of integers",           RuntimeError, lambda t: torch.zeros_like(t.integers, requires_grad=True)),
    ("requires_grad_(False)",       RuntimeError, lambda t: t.y.requires_grad_(False)),
    ("requires_grad = False",       RuntimeError, lambda t: setattr(t.y, "requires_grad", False)),
    ("requires_grad = 1",           RuntimeError, assign("requires_grad", 1)),
    ("grad of another shape",       RuntimeError, lambda t: setattr(t.x, "grad", torch.ones(2))),
    ("grad of another dtype",       RuntimeError, lambda t: setattr(t.x, "grad", t.constant.float())),
    ("grad that is no Tensor",      TypeError,    assign("grad", 3.0)),
    ("grad that is an array",       TypeError,    assign("grad", np.ones(3))),
    ("grad that is the Tensor itself",RuntimeError, lambda t: setattr(t.x, "grad", t.x)),
    *[(f"{attribute} is read-only",  AttributeError, assign(attribute, None)) for attribute in READ_ONLY],
]

WRITING = [
    ("to a leaf",                   RuntimeError, lambda t: t.x.add_(1)),
    ("to a leaf by an operator",    RuntimeError, lambda t: t.x.__iadd__(1)),
    ("to an element of a leaf",     RuntimeError, lambda t: t.x.__setitem__(0, 5.0)),
    ("to a masked part of a leaf",  RuntimeError, lambda t: t.x.__setitem__(t.booleans, 5.0)),
    ("to a view of a leaf",         RuntimeError, lambda t: t.x[:2].mul_(2)),
    ("to zero a leaf",              RuntimeError, lambda t: t.x.zero_()),
    ("to a view made under no_grad",RuntimeError, lambda t: no_grad_view(t).add_(1)),
    ("to an output of split",       RuntimeError, lambda t: t.h.split(2)[0].add_(1)),
    ("to one output of unbind",     RuntimeError, lambda t: t.h.unbind()[0].add_(1)),
    ("to one output of chunk",      RuntimeError, lambda t: t.h.chunk(3)[0].zero_()),
    ("to expanded memory",          RuntimeError, lambda t: t.scalar.expand(3).add_(1)),
    ("to overlapping memory",       RuntimeError, lambda t: t.constant[1:].copy_(t.constant[:-1])),
    ("added to overlapping memory", RuntimeError, lambda t: t.constant[1:].add_(t.constant[:-1])),
    ("a larger shape",              RuntimeError, lambda t: t.constant.add_(torch.ones(2, 3))),
    ("a larger shape to a scalar",  RuntimeError, lambda t: t.scalar.mul_(t.constant)),
    ("too much to a slice",         RuntimeError, lambda t: t.constant.__setitem__(slice(0, 2), t.constant)),
    ("out of range",                IndexError,   lambda t: t.constant.__setitem__(5, 1.0)),
    ("floats to integers",          RuntimeError, lambda t: t.integers.add_(1.5)),
    ("a quotient to integers",      RuntimeError, lambda t: t.integers.div_(2)),
    ("integers to booleans",        RuntimeError, lambda t: t.booleans.add_(1)),
    ("a view of a leaf detached",   RuntimeError, lambda t: t.h[:1].detach_()),
]

CONVERTING = [
    ("several elements by item",    RuntimeError, lambda t: t.constant.item()),
    ("no element by item",          RuntimeError, lambda t: t.constant[:0].item()),
    ("several elements by float",   ValueError,   lambda t: float(t.constant)),
    ("several elements by int",     ValueError,   lambda t: int(t.constant)),
    ("truth of several elements",   RuntimeError, lambda t: bool(t.constant)),
    ("truth of no element",         RuntimeError, lambda t: bool(t.constant[:0])),
    ("comparison as a condition",   RuntimeError, lambda t: 1 if t.constant > 1 else 0),
    ("iterating a scalar",          TypeError,    lambda t: list(t.scalar)),
    ("length of a scalar",          TypeError,    lambda t: len(t.scalar)),
    ("index from a float",          TypeError,    lambda t: [1, 2, 3][t.scalar]),
    ("deepcopy of a non-leaf",      RuntimeError, lambda t: copy.deepcopy(t.y)),
    ("numpy of a leaf",             RuntimeError, lambda t: t.x.numpy()),
    ("numpy of a non-leaf",         RuntimeError, lambda t: t.y.numpy()),
]

HOOKS = [
    ("on a constant",               RuntimeError, lambda t: t.constant.register_hook(print)),
    ("retain_grad of a constant",   RuntimeError, lambda t: t.constant.retain_grad()),
    ("post-accumulate, non-leaf",   RuntimeError, lambda t: accumulated(t.y)),
    ("post-accumulate, constant",   RuntimeError, lambda t: accumulated(t.constant)),
    ("that changes the shape",      RuntimeError, hooked(lambda g: g[:2])),
    ("that changes the dtype",      RuntimeError, hooked(lambda g: g.float())),
    ("that gives no Tensor",        TypeError,    hooked(lambda g: 3.0)),
    ("before a row, wrong number",  RuntimeError, hooked(lambda gs: (gs[0], gs[0]), "row_register_prehook")),
    ("after a row, wrong number",   RuntimeError, hooked(lambda gi, go: (), "row_register_hook")),
    ("before a row, no Tensor",     TypeError,    hooked(lambda gs: (3.0,), "row_register_prehook")),
    ("mode of a multi-grad hook",   ValueError,   lambda t: multi_grad_hook((t.x,), print, mode="some")),
]

OPERATIONS = [
    ("sizes that do not broadcast", RuntimeError, lambda t: t.x + torch.ones(2)),
    ("sizes that do not multiply",  RuntimeError, lambda t: t.matrix @ t.matrix),
    ("vectors of two lengths",      RuntimeError, lambda t: torch.dot(t.x, torch.ones(2))),
    ("matmul of a scalar",          RuntimeError, lambda t: t.matrix @ t.scalar),
    ("matmul of different dtypes",  RuntimeError, lambda t: t.matrix @ t.constant.float()),
    ("reshape to another size",     RuntimeError, lambda t: t.x.reshape(2, 2)),
    ("view to another size",        RuntimeError, lambda t: t.x.view(4)),
    ("reshape with two unknowns",   RuntimeError, lambda t: t.x.reshape(-1, -1)),
    ("view of a transpose",         RuntimeError, lambda t: t.matrix.t().view(6)),
    ("index out of range",          IndexError,   lambda t: t.x[3]),
    ("negative index out of range", IndexError,   lambda t: t.x[-4]),
    ("index array out of range",    IndexError,   lambda t: t.x[torch.tensor([0, 7])]),
    ("too many indices",            IndexError,   lambda t: t.x[0, 0]),
    ("mask of another shape",       IndexError,   lambda t: t.x[torch.tensor([True, False])]),
    ("sum along no axis",           IndexError,   lambda t: t.x.sum(1)),
    ("transposing no axis",         IndexError,   lambda t: t.matrix.transpose(0, 2)),
    ("permute of too few axes",     RuntimeError, lambda t: t.matrix.permute(0)),
    ("negative step",               ValueError,   lambda t: t.x[::-1]),
    ("expand of a wrong size",      RuntimeError, lambda t: t.x.expand(2, 4)),
    ("cat of other sizes",          RuntimeError, lambda t: torch.cat([t.matrix, torch.ones(2, 2)])),
    ("stack of other sizes",        RuntimeError, lambda t: torch.stack([t.x, torch.ones(2)])),
    ("cat of nothing",              (RuntimeError, ValueError), lambda t: torch.cat([])),
    ("mean of integers",            RuntimeError, lambda t: t.integers.mean()),
    ("integers to power -1",        RuntimeError, lambda t: t.integers ** -1),
    ("difference of booleans",      RuntimeError, lambda t: t.booleans - t.booleans),
    ("negative of booleans",        RuntimeError, lambda t: -t.booleans),
    ("max along an empty axis",     IndexError,   lambda t: torch.zeros(0, 3).max(0)),
    ("singular inverse",            LinAlgError,  lambda t: torch.linalg.inv(t.singular)),
    ("singular solve",              LinAlgError,  lambda t: torch.linalg.solve(t.singular, torch.ones(2))),
    ("indefinite cholesky",         LinAlgError,  lambda t: torch.linalg.cholesky(-torch.eye(2))),
    ("inverse of an oblong matrix", RuntimeError, lambda t: torch.linalg.inv(t.matrix)),
    ("optimiser of a non-leaf",     ValueError,   lambda t: torch.optim.SGD([t.y], lr=0.1)),
    ("optimiser of nothing",        ValueError,   lambda t: torch.optim.SGD([], lr=0.1)),
    ("negative learning rate",      ValueError,   lambda t: torch.optim.SGD([t.x], lr=-0.1)),
]
# fmt: on

CASES = {
    f"{group}: {case}": (kind, attempt)
    for group, rows in {
        "start": STARTING,
        "flag": FLAGS,
        "write": WRITING,
        "convert": CONVERTING,
        "hook": HOOKS,
        "operation": OPERATIONS,
    }.items()
    for case, kind, attempt in rows
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case):
    kind, attempt = CASES[case]
    things = Things()
    before = things.state()
    with pytest.raises(kind) as caught:
        attempt(things)
    assert str(caught.value).strip(), "an error without a message"
    assert things.state() == before
    (things.other * 2).sum().backward()
    assert numbers(things.other.grad).tolist() == [2.0, 2.0, 2.0]


@pytest.mark.differs("more gradients than outputs are refused, not ignored")
@pytest.mark.parametrize("attempt", [lambda t, g: backward([t.z], g), lambda t, g: grad([t.z], t.x, g)])
def test_too_many_gradients(attempt):
    t = Things()
    with pytest.raises(RuntimeError):
        attempt(t, [torch.tensor(1.0), torch.tensor(1.0)])
    assert t.x.grad is None
    t.z.backward()


def test_linalg_errors_are_runtime_errors():
    assert issubclass(torch.linalg.LinAlgError, RuntimeError)


def test_an_overwritten_saved_value_is_told_by_its_version():
    with pytest.raises(RuntimeError, match="version"):
        overwritten(Things()).backward()


def test_the_old_name_of_grad_tensors_warns():
    t = Things()
    with pytest.warns(FutureWarning):
        backward([t.y], grad_variables=[torch.ones(3)])
    assert numbers(t.x.grad).tolist() == [2.0, 4.0, 6.0]


def test_reading_grad_of_a_non_leaf_warns():
    t = Things()
    with pytest.warns(UserWarning):
        assert t.y.grad is None


def test_reading_a_retained_grad_does_not_warn(recwarn):
    t = Things()
    t.h.retain_grad()
    assert t.h.grad is None
    t.z.backward()
    assert numbers(t.h.grad).tolist() == [2.0, 4.0, 6.0]
    assert not recwarn.list


def test_an_operation_without_derivative_is_named_with_its_place():
    x = leaf([3.0, 4.0])
    y = (x // 2).sum()
    with pytest.raises(RuntimeError, match="floor_divide|NotImplemented"):
        y.backward()
    assert x.grad is None
