"""What compiled functions do to their callers beside their results: containers that they change, errors of their own, and NumPy's error state."""

import dataclasses

import numpy as np
import pytest

import tape
import tape as torch


@dataclasses.dataclass
class Model:
    weight: object
    layers: list


def doubled(p):
    p["a"] = p["a"] * 2
    p["list"].append(p["a"].sum())
    p["deep"][0]["b"] = p["list"]
    del p["gone"]
    return p["a"]


def stepped(model, history):
    model.weight = model.weight - 0.5
    model.name = "stepped"
    model.layers[0], model.layers[1] = model.layers[1], model.layers[0]
    history.insert(0, model.weight)
    return model.weight * model.layers[0]


def nested(values):
    """Arguments for `doubled` and for `stepped`."""
    a = values([1.0, 2.0])
    return ({"a": a, "list": [values([3.0])], "deep": ({"b": None},), "gone": 1},), (Model(a, [values([2.0]), values([4.0])]), [])


def told(tree):
    """A tree as text, whose leaves are lists."""
    leaves, structure = tape.func.structures.flatten(tree)
    return str(structure), [np.asarray(leaf.detach() if isinstance(leaf, torch.Tensor) else leaf).tolist() for leaf in leaves]


@pytest.mark.parametrize("number, f", enumerate([doubled, stepped]))
@pytest.mark.parametrize("values", [torch.tensor, np.array, lambda v: torch.tensor(v, requires_grad=True)], ids=["tensors", "arrays", "grads"])
def test_containers_change_as_without_compiling(number, f, values):
    compiled = tape.compile(f, native=False)
    for _ in range(3):
        mine, theirs = nested(values)[number], nested(torch.tensor)[number]
        kept = mine[0]["a"] if f is doubled else mine[0].layers[0]
        result, expected = compiled(*mine), f(*theirs)
        assert told(mine) == told(theirs) and np.asarray(torch.as_tensor(result).detach()).tolist() == expected.tolist()
        if f is doubled:
            assert mine[0]["deep"][0]["b"] is mine[0]["list"] and kept is not mine[0]["a"]
        else:
            assert mine[0].layers[1] is kept and mine[0].name == "stepped"
        assert not any(type(leaf) is tape.traced.Traced for leaf in tape.func.structures.flatten(mine)[0])
    assert "changes a list, dict or dataclass" in compiled.explain()


def test_containers_that_are_only_read_are_replayed():
    runs = []

    def f(p):
        runs.append(1)
        own = dict(p, c=p["a"][0])
        own["a"] = own["c"] * 2
        return own

    compiled = tape.compile(f, native=False)
    for value in (1.0, 2.0, 3.0):
        given = {"a": [np.array([value])]}
        assert compiled(given)["a"].tolist() == [2 * value] and list(given) == ["a"]
    assert len(runs) == 1


def raising(x):
    raise ValueError("mine")


def wrong_shapes(x):
    return x @ torch.ones(3, 3)


def missing(x):
    return {}["key"]


def asserting(x):
    assert x.sum() < 0


@pytest.mark.parametrize("f, kind", [(raising, ValueError), (wrong_shapes, RuntimeError), (missing, KeyError), (asserting, AssertionError)])
@pytest.mark.parametrize("values", [np.array, torch.tensor, lambda v: torch.tensor(v, requires_grad=True)], ids=["array", "tensor", "grads"])
def test_errors_of_the_function_pass_after_one_run(f, kind, values):
    runs = []

    def run(x, log):
        runs.append(1)
        log.append("started")
        return f(x)

    log = []
    with pytest.raises(kind):
        tape.compile(run, native=False)(values([1.0, 2.0]), log)
    assert runs == [1] and log == ["started"]


def test_a_function_that_raises_at_some_values_is_still_recorded_elsewhere():
    runs = []

    @tape.compile(native=False)
    def f(x):
        runs.append(1)
        if x[0] < 0:
            raise ValueError("negative")
        return x * 2

    for sign in (1.0, -1.0, 1.0, -1.0, 1.0):
        if sign < 0:
            with pytest.raises(ValueError, match="negative"):
                f(np.array([sign]))
        else:
            assert f(np.array([sign])).tolist() == [2.0]
    assert len(runs) == 3  # recorded once, and run where it raises


def test_errors_that_only_recording_causes_are_not_shown():
    @tape.compile(native=False)
    def f(x):
        np.asarray(x)[0] = 5.0  # what a recording hands out cannot be written into
        return x * 2

    for _ in range(2):
        assert f(np.array([1.0, 2.0])).tolist() == [10.0, 4.0]


def accumulated(x):
    return np.cumprod(x * 1e200)


def shielded(x):
    with np.errstate(all="raise"):
        return np.cumprod(x * 1e200)


@pytest.mark.parametrize("grads", [False, True])
@pytest.mark.parametrize("native", [False, True])
def test_floating_point_errors_are_raised_where_numpy_raises_them(grads, native):
    small, large = (torch.tensor(v, requires_grad=grads) for v in ([1e-190, 1e-190], [1.0, 1.0]))
    f, g = tape.compile(accumulated, native=native), tape.compile(shielded, native=native)
    for x in (small, large, small, large):
        assert np.isinf(f(x).detach().numpy()).any() == (x is large)
        f.wait(20)
        with np.errstate(over="raise"):
            if x is large:
                with pytest.raises(FloatingPointError):
                    f(x)
            else:
                f(x)
        if x is large:
            with pytest.raises(FloatingPointError):
                g(x)
        else:
            g(x)
