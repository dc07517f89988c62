"""The quick check of outside state against the slow walk: on random data, and with one path left out, which must be caught.

Invariant: `image`, which knows only NumPy and Python, says what a change is.
"""

import random

import numpy as np
import pytest
from outside_models import MODEL, agree, module, recorded

import tape as torch
from tape.compile.outside import Watch
from tape.compile.outside.check import check_of
from tape.compile.outside.sameness import differences

PLANTED = {  # what f reads, and a change and its undoing for every path of the check
    "SCALE": ("m.SCALE = 5.0", "m.SCALE = 2.0"), "LOG": ("m.LOG[1] = 0.0", "m.LOG[1] = 2.0"), "CFG": ("m.CFG['lr'] = 7", "m.CFG['lr'] = 0.1"),
    "n": ("m.CFG['nested']['n'][0] = 7", "m.CFG['nested']['n'][0] = 1"), "rate": ("m.OPT.rate = 7", "m.OPT.rate = 0.5"),
    "w": ("m.LAYER.w[0] = 3", "m.LAYER.w[0] = 1"), "bias": ("m.LAYER.bias = 3", "del m.LAYER.bias"), "class": ("m.Layer.bias = 3", "m.Layer.bias = 1.0"),
    "scale": ("m.cfg.scale = 3", "m.cfg.scale = 1.0"), "TENSOR": ("m.TENSOR[0] = 7", "m.TENSOR[0] = 1"), "NUMBER": ("m.NUMBER[()] = 7", "m.NUMBER[()] = 3"),
    "a": ("m.setter(7)", "m.setter(2.0)"), "b": ("m.inner.__closure__[1].cell_contents[0] = 7", "m.inner.__closure__[1].cell_contents[0] = 1.0"),
    "abs": ("m.abs = 3", "del m.abs"), "default": ("m.with_default.__defaults__ = (7, [1])", "m.with_default.__defaults__ = (2.0, [1])"),
    "many": ("m.with_default.__defaults__[1][0] = 7", "m.with_default.__defaults__[1][0] = 1"),
    "k": ("m.with_keyword.__kwdefaults__['k'] = 7", "m.with_keyword.__kwdefaults__['k'] = 2.0"),
    "cell, other": ("m.other.append(1)", "m.other.pop()"),
}  # fmt: skip
READS = (
    "x * SCALE * LOG[0] * CFG['lr'] * OPT.rate * LAYER.w[0] * LAYER.bias * cfg.scale * TENSOR * NUMBER * abs(-1) * other[0] "
    "+ inner(x) + with_default(x) + with_keyword(x)"
)


def all_parts(parts):
    for seen in list(parts):
        yield parts, seen
        yield from all_parts(seen.parts)


def disagreements(m, outside, check):
    """The planted changes at which a check and the slow walk differ."""
    found = []
    for name, (change, back) in PLANTED.items():
        exec(change, {"m": m})
        if check() != (not any(True for _ in differences(outside.parts))):
            found.append(name)
        exec(back, {"m": m})
    return found


def test_a_check_with_one_path_left_out_is_caught():
    m = module(MODEL + f"other = [1.0]\ndef f(x): return {READS}\n")
    outside = recorded(m.f)
    assert outside.reasons == [] and disagreements(m, outside, outside.unchanged) == []
    missed = set()
    for parts, seen in list(all_parts(outside.parts)):
        touched = {name for name, (change, back) in PLANTED.items() if _touches(m, seen, change, back)}
        if not touched:
            continue
        place = parts.index(seen)
        parts.remove(seen)
        pruned = check_of(outside.parts)
        parts.insert(place, seen)
        caught = set(disagreements(m, outside, pruned))
        assert caught == touched, (str(seen), caught, touched)
        missed |= caught
    assert missed == set(PLANTED), "no path was left out that these changes touch"


def _touches(m, seen, change, back):
    """Whether a planted change is seen at this thing or in it."""
    exec(change, {"m": m})
    inside = {id(part) for _, part in all_parts([seen])}
    touched = any(id(other) in inside for other, _ in differences(_touches.parts))
    exec(back, {"m": m})
    return touched


@pytest.fixture(autouse=True)
def _whole_tree(monkeypatch):
    """`_touches` looks at the tree of the recording under test."""
    original = Watch.snapshot

    def snapshot(self, lifted=()):
        outside = original(self, lifted)
        _touches.parts = outside.parts
        return outside

    monkeypatch.setattr(Watch, "snapshot", snapshot)


ATOMS = [0, 1, True, False, 0.0, -0.0, 1.0, float("nan"), None, "a", b"a", 1j, (1, 2.0), (1, 2), frozenset([1]), np.float64(1), np.float32(1)]


def grown(draw, depth):
    kind = draw.randrange(7) if depth else 0
    if kind <= 1:
        return draw.choice(ATOMS)
    if kind == 2:
        return np.array([draw.choice([0.0, -0.0, 1.0, np.nan]) for _ in range(draw.randrange(4))])
    if kind == 3:
        return {draw.choice("abcd"): grown(draw, depth - 1) for _ in range(draw.randrange(4))}
    if kind == 4:
        return torch.tensor([draw.choice([0.0, -0.0, 1.0])] * draw.randrange(1, 3))
    made = [grown(draw, depth - 1) for _ in range(draw.randrange(5))]
    return tuple(made) if kind == 5 else made


def spots(value, found):
    """All containers and arrays in a value."""
    if isinstance(value, (list, tuple, dict)):
        found.append(value)
        for part in value.values() if isinstance(value, dict) else value:
            spots(part, found)
    elif isinstance(value, np.ndarray):
        found.append(value)
    return found


def image(value):
    """What the value is, to the last bit: the meaning that the check must keep."""
    if isinstance(value, torch.Tensor):
        return "Tensor", image(value.detach().numpy())
    if isinstance(value, np.ndarray):
        return value.shape, value.tobytes()
    if isinstance(value, dict):
        return "dict", [(key, image(part)) for key, part in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [image(part) for part in value]
    return type(value), repr(value)


def test_random_structures_randomly_changed():
    draw = random.Random(5)
    for _ in range(150):
        m = module("def f(x): return (x, DATA)[0]\n", DATA=grown(draw, 4))
        outside = recorded(m.f)
        before = image(m.DATA)
        assert outside.reasons == [] and agree(outside)
        for _ in range(6):
            target = draw.choice(spots(m.DATA, []) or [None])
            if isinstance(target, list) and target:
                target[draw.randrange(len(target))] = grown(draw, 1)
            elif isinstance(target, dict):
                target[draw.choice("abcd")] = grown(draw, 1)
            elif isinstance(target, np.ndarray) and target.size:
                target[0] = draw.choice([0.0, -0.0, 1.0, np.nan])
            else:
                m.DATA = grown(draw, 2)
            if image(m.DATA) != before:
                assert not agree(outside), "a change went unnoticed"
            else:
                agree(outside)
