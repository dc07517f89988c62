"""Structures of nested arguments: taken apart and put together again, compared, hashed, pickled, and described in errors.

Invariant under test: `structure.build(leaves)` is the tree that `flatten` was given, whatever its containers are.
"""

import collections
import dataclasses
import pickle
import typing

import numpy as np
import pytest

import tape
from tape.func.structures import LEAF, NOTHING, Structure, flatten, follow, is_leaf, transform


class Pair(typing.NamedTuple):
    left: object
    right: object


@dataclasses.dataclass(frozen=True)
class Frozen:
    rate: object
    inner: object = None


@dataclasses.dataclass(slots=True)
class Slotted:
    rate: object
    degree: int = dataclasses.field(default=3, metadata={"static": True})
    squared: object = dataclasses.field(init=False, default=None)

    def __post_init__(self):
        self.squared = 7.0


class Bunch(dict):
    __getattr__ = dict.__getitem__


class Stack(list):
    pass


TREES = {
    "leaf": 1.5,
    "none": None,
    "empty tuple": (),
    "empty dict": {},
    "tuple": (1, 2.0),
    "list": [1, [2.0, [3]]],
    "dict": {"b": 1, "a": {"c": 2}},
    "keys of any kind": {1: 2.0, ("x", 2): 3.0, None: 4.0},
    "ordered dict": collections.OrderedDict(z=1, a=2),
    "defaultdict": collections.defaultdict(list, {"a": [1, 2]}),
    "subclass of dict": Bunch(a=1, b=Bunch(c=2)),
    "subclass of list": Stack([1, Stack([2])]),
    "named tuple": Pair(1, Pair(2, (3,))),
    "frozen dataclass": Frozen(1, Frozen(2)),
    "slotted dataclass": Slotted([1, 2], 5),
    "shape": tape.zeros(2, 3).shape,
    "strings": {"name": "a", "size": (1, "b")},
    "everything": ({"a": [Pair(1, None), Frozen({"x": 2.0})]}, None, [(), Slotted(4.0)]),
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_put_together_as_it_was(name):
    tree = TREES[name]
    leaves, structure = flatten(tree)
    again = structure.build(leaves)
    assert again == tree and type(again) is type(tree)
    assert repr(again) == repr(tree)
    assert structure.count == len(leaves) == len(structure.paths())
    assert structure.leaves(tree) == leaves


@pytest.mark.parametrize("name", TREES)
def test_structures_compare_hash_and_pickle(name):
    tree = TREES[name]
    leaves, structure = flatten(tree)
    _, other = flatten(structure.build([0.0] * len(leaves)))
    assert structure == other and hash(structure) == hash(other)
    assert pickle.loads(pickle.dumps(structure)) == structure
    different = [flatten(t)[1] for n, t in TREES.items() if n != name]
    assert all(structure != d for d in different if d not in (LEAF, NOTHING))


@pytest.mark.parametrize("name", TREES)
def test_paths_reach_the_leaves(name):
    tree = TREES[name]
    leaves, structure = flatten(tree)
    assert [eval("tree" + path, {"tree": tree}) for path in structure.paths()] == leaves


def test_leaves_come_from_left_to_right():
    leaves, structure = flatten({"b": (1, [2, None]), "a": Pair(3, Frozen(4, 5))})
    assert leaves == [1, 2, 3, 4, 5]
    assert repr(structure) == "{'b': (*, [*, None]), 'a': Pair(left=*, right=Frozen(rate=*, inner=*))}"


def test_a_structure_keeps_no_leaf():
    t = tape.ones(3)
    _, structure = flatten([t, {"a": t}])
    assert isinstance(structure, Structure)
    assert "tensor" not in repr(structure) and pickle.loads(pickle.dumps(structure)).count == 2


def test_other_leaves_may_be_put_in():
    _, structure = flatten(Frozen(1, {"a": 2}))
    assert structure.build(["x", tape.ones]) == Frozen("x", {"a": tape.ones})
    assert transform(lambda x: x + 1, Frozen(1, {"a": 2})) == Frozen(2, {"a": 3})


def test_a_dataclass_is_built_without_its_constructor():
    leaves, structure = flatten(Slotted(1.0))
    assert leaves == [1.0, 7.0]
    made = structure.build([2.0, 3.0])
    assert (made.rate, made.degree, made.squared) == (2.0, 3, 3.0)


def test_static_fields_belong_to_the_structure():
    assert flatten(Slotted(1.0, 2))[1] != flatten(Slotted(1.0, 3))[1]
    assert flatten(Slotted(1.0, 1))[1] != flatten(Slotted(1.0, True))[1], "1 == True, but they are two static values"
    with pytest.raises(ValueError, match="static fields"):
        flatten(Slotted(1.0, 2))[1].leaves(Slotted(1.0, 3))


def test_dicts_keep_their_order_and_are_matched_by_key():
    one, other = {"a": 1, "b": [2, 3]}, {"b": [20, 30], "a": 10}
    leaves, structure = flatten(one)
    assert list(structure.build(leaves)) == ["a", "b"]
    assert structure != flatten(other)[1]
    assert structure.leaves(other) == [10, 20, 30]


def test_what_a_leaf_to_compute_with_is():
    for value in (tape.ones(1), np.ones(2), np.float32(1), 1.0, 1, True, 1j):
        assert is_leaf(value)
    for value in ("a", None, (1,), [1.0], {}, Frozen(1), len, Frozen):
        assert not is_leaf(value)


def test_a_dataclass_itself_is_a_leaf():
    assert flatten([Frozen]) == ([Frozen], flatten([1])[1])


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ((1, 2), r"got a tuple; wanted a dict there"),
        ({"a": 1}, r"got the keys \['a'\]; wanted \['a', 'b'\]"),
        ({"a": 1, "b": [1, 2, 3]}, r"got 3 entries at \['b'\]; wanted 2"),
        ({"a": 1, "b": (1, 2)}, r"got a tuple at \['b'\]; wanted a list"),
        ({"a": (1,), "b": [1, 2]}, r"got a tuple at \['a'\]; wanted one value"),
        ({"a": None, "b": [1, 2]}, r"got a NoneType at \['a'\]; wanted one value"),
    ],
)
def test_a_tree_of_another_structure_is_refused(tree, message):
    _, structure = flatten({"a": 1, "b": [2, 3]})
    with pytest.raises(ValueError, match=message):
        structure.leaves(tree)


def test_another_number_of_leaves_is_refused():
    _, structure = flatten((1, 2))
    with pytest.raises(ValueError, match="3 leaves were given for a structure of 2"):
        structure.build([1, 2, 3])


@pytest.mark.parametrize("tree", [
    1.0, None, [], (1.0, [2.0, None]), {"a": 1.0, "b": (2.0, {"c": 3})}, {1: "text", "1": 2.0}, [[[1.0]], ()],
])  # fmt: skip
def test_follow_takes_trees_of_one_structure_only(tree):
    leaves, structure = flatten(tree)
    found: list = []
    assert follow(structure, tree, found) and found == leaves
    for other in (1.0, None, [], (1.0,), [1.0], (1.0, [2.0, 3.0]), {"b": (2.0, {"c": 3}), "a": 1.0}, {"a": 1.0}, {"1": 2.0, 1: "text"}, [[[1.0]], []]):
        if flatten(other)[1] != structure:
            assert not follow(structure, other, [])
