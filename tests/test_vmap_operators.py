"""PyTorch's operator database inside `vmap` against a loop over examples, and what `vmap` itself does against PyTorch's."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("expecttest")

import operator_vmap  # noqa: E402

import tape  # noqa: E402

pytestmark = [pytest.mark.oracle, pytest.mark.filterwarnings("ignore")]
ENTRIES = operator_vmap.entries()


def cases(entries, dtype):
    return [pytest.param(e, id=f"{e.name}{':' + e.variant_test_name if e.variant_test_name else ''}") for e in entries if getattr(torch, dtype) in e.dtypes]


@pytest.mark.parametrize("entry", cases(ENTRIES[::24], "float64"))
def test_one_in_twenty_four(entry):
    problems, _ = operator_vmap.examine_mapped(entry, "float64", most=1)
    assert not problems, "\n".join(problems)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_all(dtype):
    problems = [f"{e.name}: {p}" for e in ENTRIES if getattr(torch, dtype) in e.dtypes for p in operator_vmap.examine_mapped(e, dtype, most=2)[0]]
    assert not problems, "\n".join(problems)


def shapes(made):
    """What a call gave, as far as both libraries can give the same."""
    if isinstance(made, (torch.Tensor, tape.Tensor)):
        return tuple(made.shape)
    if isinstance(made, dict):
        return {k: shapes(v) for k, v in made.items()}
    return [shapes(v) for v in made] if isinstance(made, (tuple, list)) else made


CALLS = {
    "sizes": lambda t, v: v(t.add)(t.ones(2, 3), t.ones(3, 3)), "no dimension": lambda t, v: v(t.sum, in_dims=None)(t.ones(2)),
    "only None": lambda t, v: v(t.add, in_dims=(None, None))(t.ones(2), t.ones(2)), "no argument": lambda t, v: v(lambda: t.ones(1))(),
    "out of range": lambda t, v: v(t.sum, in_dims=2)(t.ones(2, 3)), "negative": lambda t, v: v(t.sum, in_dims=-1)(t.ones(2, 3)),
    "a number": lambda t, v: v(t.add)(t.ones(2), 3.0), "None for a number": lambda t, v: v(t.add, in_dims=(0, None))(t.ones(2), 3.0),
    "0-d": lambda t, v: v(t.sin)(t.tensor(1.0)), "returns a number": lambda t, v: v(lambda x: 3.0)(t.ones(2)), "returns None": lambda t, v: v(lambda x: None)(t.ones(2)),
    "returns a dict": lambda t, v: v(lambda x: {"a": x, "b": (x, [x])})(t.ones(2, 3)), "returns text": lambda t, v: v(lambda x: (x, "s"))(t.ones(2)),
    "too few": lambda t, v: v(t.add, in_dims=(0,))(t.ones(2), t.ones(2)), "nested": lambda t, v: v(lambda x: x[0] + x[1], in_dims=((0, None),))((t.ones(2), t.ones(3))),
    "list for a list": lambda t, v: v(lambda x: x[0] + x[1], in_dims=([0, None],))([t.ones(2), t.ones(3)]),
    "other keys": lambda t, v: v(lambda x: x["a"], in_dims=({"a": 0},))({"a": t.ones(2), "b": t.ones(2)}),
    "a list": lambda t, v: v(t.add, in_dims=[0, 0])(t.ones(2), t.ones(2)), "text": lambda t, v: v(t.sum, in_dims="a")(t.ones(2)),
    "a float": lambda t, v: v(t.sum, in_dims=(0.0,))(t.ones(2)), "out_dims": lambda t, v: v(lambda x: (x, x), out_dims=(1, -1))(t.ones(2, 3)),
    "out_dims out of range": lambda t, v: v(lambda x: x, out_dims=2)(t.ones(2, 3)), "out_dims None": lambda t, v: v(lambda x: x, out_dims=None)(t.ones(2)),
    "out_dims None of a constant": lambda t, v: v(lambda x: t.ones(4), out_dims=None)(t.ones(2)), "a constant": lambda t, v: v(lambda x: t.ones(4))(t.ones(2)),
    "too many out_dims": lambda t, v: v(lambda x: (x, x), out_dims=(0, 1, 0))(t.ones(2, 3)), "one out_dim": lambda t, v: v(lambda x: x, out_dims=(1,))(t.ones(2, 3)),
    "out_dims of a dict": lambda t, v: v(lambda x: {"a": x}, out_dims={"a": 1})(t.ones(2, 3)), "out_dims text": lambda t, v: v(lambda x: x, out_dims="a")(t.ones(2)),
    "keywords": lambda t, v: v(lambda x, y: x + y)(t.ones(2), y=t.ones(2)), "number by keyword": lambda t, v: v(lambda x, y: x + y)(t.ones(2), y=2.0),
    "randomness": lambda t, v: v(t.sum, randomness="foo")(t.ones(2)), "chunk 0": lambda t, v: v(t.sum, chunk_size=0)(t.ones(2)),
    "chunks": lambda t, v: v(lambda x: x * 2, chunk_size=2)(t.ones(5, 2)), "nothing": lambda t, v: v(lambda x: x * 2)(t.ones(0, 2)),
    "bool": lambda t, v: v(lambda x: x if x.sum() > 0 else -x)(t.ones(5, 2)), "item": lambda t, v: v(lambda x: x * x.sum().item())(t.ones(5, 2)),
    "nonzero": lambda t, v: v(lambda x: x.nonzero())(t.ones(5, 2)), "mask": lambda t, v: v(lambda x: x[x > 0])(t.ones(5, 2)),
    "allclose": lambda t, v: v(lambda x: x if t.allclose(x, x) else -x)(t.ones(5, 2)), "shared bool": lambda t, v: v(lambda x: x if t.ones(2).sum() > 0 else -x)(t.ones(5)),
    "index": lambda t, v: v(lambda x, i: x[i])(t.arange(10.0).reshape(5, 2), t.tensor([0, 1, 0, 1, 1])), "len": lambda t, v: v(lambda x: x * len(x))(t.ones(5, 2)),
    "outside in place": lambda t, v: (lambda z: v(lambda x: z.add_(x))(t.ones(5, 2)))(t.zeros(2)), "in place": lambda t, v: v(lambda x: x.add_(1))(t.ones(5, 2)),
    "random": lambda t, v: v(lambda x: t.rand(3))(t.ones(5)), "random the same": lambda t, v: v(lambda x: t.rand(3), randomness="same")(t.ones(5)),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls_as_in_pytorch(name):
    told = []
    for library in (torch, tape):
        try:
            told.append(shapes(CALLS[name](library, library.func.vmap)))
        except Exception as problem:
            told.append(next(c for c in (ValueError, IndexError, RuntimeError, TypeError) if isinstance(problem, c)))
    assert told[0] == told[1]
