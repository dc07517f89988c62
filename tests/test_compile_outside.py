"""The guard on state outside a program: each kind of thing that a function can read, changed and put back.

A model is the text of a module. `recorded` runs its `f` under a Watch. Every case: the check holds, repeatedly; the change is noticed and
named; put back, the check holds again. The quick check is held against the slow walk on every case. Which code runs is found
before it runs. Invariant: the tests change nothing outside their own modules.
"""

import sys

import numpy as np
import pytest
from outside_models import MODEL, agree, module, recorded

import tape as torch
from tape.compile.outside import Watch, sources

CASES = {  # body of f(x); change; what puts it back; what the message names
    "float": ("x * SCALE", "m.SCALE = 3.0", "m.SCALE = 2.0", "global 'SCALE' of model.py: 2.0 became 3.0"),
    "int to float": ("x * COUNT", "m.COUNT = 3.0", "m.COUNT = 3", "3 became 3.0"),
    "bool to int": ("x * FLAG", "m.FLAG = 1", "m.FLAG = True", "True became 1"),
    "signed zero": ("x * ZERO", "m.ZERO = -0.0", "m.ZERO = 0.0", "0.0 became -0.0"),
    "nan": ("x * NAN", "m.NAN = 1.0", "m.NAN = float('nan')", "nan became 1.0"),
    "deleted": ("x * SCALE", "del m.SCALE", "m.SCALE = 2.0", "became nothing"),
    "shadowed builtin": ("x * abs(2)", "m.abs = lambda x: 5", "del m.abs", "'abs' of model.py: nothing became"),
    "closure cell": ("inner(x)", "m.setter(3.0)", "m.setter(2.0)", "closure variable 'a' of inner"),
    "list in a cell": ("inner(x)", "m.inner.__closure__[1].cell_contents[0] = 7.0", "m.inner.__closure__[1].cell_contents[0] = 1.0", "'b'"),
    "default": ("with_default(x)", "m.with_default.__defaults__ = (3.0, [1])", "m.with_default.__defaults__ = (2.0, [1])", "'k'"),
    "mutable default": ("with_default(x)", "m.with_default.__defaults__[1][0] = 5", "m.with_default.__defaults__[1][0] = 1", "'many'"),
    "keyword default": ("with_keyword(x)", "m.with_keyword.__kwdefaults__['k'] = 3.0", "m.with_keyword.__kwdefaults__ = {'k': 2.0}", "'k'"),
    "dict content": ("x * CFG['lr']", "m.CFG['lr'] = 0.2", "m.CFG['lr'] = 0.1", "'CFG' of model.py, at ['lr']: 0.1 became 0.2"),
    "dict order": ("x * CFG['lr']", "m.CFG['lr'] = m.CFG.pop('lr')", "m.CFG = {'lr': 0.1, 'nested': m.CFG['nested']}", "'CFG'"),
    "nested dict": ("x * CFG['lr']", "m.CFG['nested']['n'][2] = 4", "m.CFG['nested'] = {'n': [1, 2, 3]}", "at ['nested']['n'][2]: 3 became 4"),
    "dict grows": ("x * CFG['lr']", "m.CFG['more'] = 1", "del m.CFG['more']", "2 elements became 3"),
    "list element": ("x * LOG[0]", "m.LOG[0] = 1", "m.LOG[0] = 1.0", "at [0]: 1.0 became 1"),
    "list grows": ("x * LOG[0]", "m.LOG.append(3)", "m.LOG.pop()", "'LOG'"),
    "list to tuple": ("x * LOG[0]", "m.LOG = (1.0, 2.0)", "m.LOG = [1.0, 2.0]", "'LOG'"),
    "set": ("x * len(NAMES)", "m.NAMES.add('c')", "m.NAMES.remove('c')", "'NAMES'"),
    "list in a tuple": ("x * PAIR[1][0]", "m.PAIR[1][0] = 9", "m.PAIR = (1, [2])", "at [1][0]: 2 became 9"),
    "namedtuple": ("x * POINT.x", "m.POINT = m.POINT._replace(x=4.0)", "m.POINT = m.POINT._replace(x=1.0)", "'POINT'"),
    "deque": ("x * QUEUE[0]", "m.QUEUE.append(3)", "m.QUEUE.pop()", "'QUEUE'"),
    "slice": ("x[SPAN]", "m.SPAN = slice(0, 1)", "m.SPAN = slice(0, 2)", "'SPAN'"),
    "dtype": ("x.to(KIND)", "m.KIND = np.dtype('f8')", "m.KIND = np.dtype('f4')", "'KIND'"),
    "dataclass": ("x * OPT.rate", "m.OPT.rate = 0.25", "m.OPT.rate = 0.5", "'OPT' of model.py, at .rate: 0.5 became 0.25"),
    "deep in a dataclass": ("x * OPT.rate", "m.OPT.deep['a'][1]['b'] = 3", "m.OPT = m.Options()", "at .deep['a'][1]['b']: 2 became 3"),
    "enum": ("x * MODE.value", "m.MODE = m.Mode.SLOW", "m.MODE = m.Mode.FAST", "'MODE'"),
    "attribute": ("x * LAYER.bias", "m.LAYER.bias = 2.0", "del m.LAYER.bias", "at .bias: nothing became 2.0"),
    "nested object": ("x * LAYER.inner.z", "m.LAYER.inner.z = 1", "m.LAYER.inner.z = 1.5", "at .inner.z: 1.5 became 1"),
    "thread local": ("x * LOCAL.w", "m.LOCAL.w = 3.0", "m.LOCAL.w = 2.0", "at .w: 2.0 became 3.0"),
    "attrgetter": ("x * GETTER(LAYER)", "m.LAYER.inner.z = 3.0", "m.LAYER.inner.z = 1.5", "at .inner.z: 1.5 became 3.0"),
    "enum that holds a list": ("x * Table.ONE.value[0]", "m.Table.ONE.value[0] = 3.0", "m.Table.ONE.value[0] = 2.0", "[0]: 2.0 became 3.0"),
    "mangled name": ("x * HIDDEN.get()", "m.HIDDEN._Hidden__w = 3.0", "m.HIDDEN._Hidden__w = 2.0", "2.0 became 3.0"),
    "descriptor": ("x * HIDDEN.described", "m.FACTOR[0] = 3.0", "m.FACTOR[0] = 2.0", "'FACTOR'"),
    "super": ("x * Under().go()", "m.Hidden.v = 3.0", "m.Hidden.v = 2.0", ".v of class Hidden"),
    "import inside": ("imported(x)", "sys.modules['guarded_settings'].rate = 3.0", "sys.modules['guarded_settings'].rate = 2.0", ".rate of module guarded"),
    "decorated": ("decorated(x)", "m.FACTOR[0] = 3.0", "m.FACTOR[0] = 2.0", "'FACTOR'"),
    "memoised": ("x * memoised()", "m.FACTOR[0] = 3.0", "m.FACTOR[0] = 2.0", "'FACTOR'"),
    "partial": ("part(x)", "m.part.keywords['k'][0] = 3.0", "m.part.keywords['k'][0] = 2.0", "'part' of model.py, at .keywords['k'][0]"),
    "metaclass": ("x * Made.k", "m.Meta.FACTOR = 3.0", "m.Meta.FACTOR = 2.0", ".FACTOR of class Meta"),
    "slot": ("x * SLOT.w", "m.SLOT.w = 3.0", "m.SLOT = m.Slotted()", "at .w: 2.0 became 3.0"),
    "class attribute": ("x * LAYER.bias", "m.Layer.bias = 2.0", "m.Layer.bias = 1.0", "attribute .bias of class Layer"),
    "base class attribute": ("LAYER.factor() * x", "m.Base.kind = 2.0", "m.Base.kind = 3.0", "attribute .kind of class Base"),
    "attribute hidden by a subclass": ("LAYER.factor() * x", "m.Layer.kind = 2.0", "del m.Layer.kind", "attribute .kind of class Layer"),
    "method replaced": ("LAYER.factor() * x", "m.Layer.factor = lambda self: 2", "del m.Layer.factor", "attribute .factor of class Layer"),
    "global of a property": ("x * LAYER.double", "m.TWO = 3.0", "m.TWO = 2.0", "'TWO'"),
    "global of a staticmethod": ("LAYER.shift(x)", "m.SHIFT = 3.0", "m.SHIFT = 4.0", "'SHIFT'"),
    "class attribute of a classmethod": ("x * Layer.make()", "m.Layer.bias = 3.0", "m.Layer.bias = 1.0", ".bias of class Layer"),
    "called object": ("LAYER(x)", "m.Layer.__call__ = lambda self, x: x", "m.Layer.__call__ = ORIGINAL", ".__call__ of class Layer"),
    "array in place": ("x[0] * SMALL", "m.SMALL[2] = 7", "m.SMALL[2] = 2", "element 2 of 4"),
    "array nan": ("x[0] * SMALL", "m.SMALL[0] = np.nan", "m.SMALL[0] = 0.0", "element 0 of 4"),
    "array bound anew": ("x[0] * SMALL", "m.SMALL = np.arange(4.0) + 1", "m.SMALL = np.arange(4.0)", "'SMALL'"),
    "array dtype": ("x[0] * SMALL", "m.SMALL = np.arange(4)", "m.SMALL = np.arange(4.0)", "'SMALL'"),
    "array shape": ("x[0] * SMALL", "m.SMALL = m.SMALL.reshape(2, 2)", "m.SMALL = m.SMALL.reshape(4)", "'SMALL'"),
    "array in an object": ("x[0] * LAYER.w", "m.LAYER.w *= 2", "m.LAYER.w /= 2", "at .w: element 0 of 3"),
    "large array bound anew": ("x[0] * LARGE", "m.OLD, m.LARGE = m.LARGE, np.zeros(200_000)", "m.LARGE = m.OLD", "'LARGE'"),
    "large Tensor bound anew": ("x[0] * BIG", "m.OLD, m.BIG = m.BIG, torch.zeros(150_000)", "m.BIG = m.OLD", "'BIG'"),
    "Tensor in place": ("x * TENSOR", "m.TENSOR[0] = 5", "m.TENSOR[0] = 1", "'TENSOR'"),
    "Tensor bound anew": ("x * TENSOR", "m.TENSOR = m.TENSOR + 1", "m.TENSOR = torch.tensor([1.0, 2.0])", "'TENSOR'"),
    "0-d Tensor": ("x * NUMBER", "m.NUMBER = torch.tensor(4.0)", "m.NUMBER = torch.tensor(3.0)", "'NUMBER'"),
    "Tensor requires grad": ("x * TENSOR", "m.TENSOR.requires_grad_()", "m.TENSOR.requires_grad_(False)", "'TENSOR'"),
    "another leaf of the same value": ("x * LEAF", "m.OLD, m.LEAF = m.LEAF, m.LEAF.detach().requires_grad_()", "m.LEAF = m.OLD", "'LEAF'"),
    "module attribute": ("x * cfg.scale", "m.cfg.scale = 2.0", "m.cfg.scale = 1.0", "attribute .scale of module cfg"),
    "alias of a module": ("[x * c.scale for c in [cfg]][0]", "m.cfg.scale = 2.0", "m.cfg.scale = 1.0", "attribute .scale of module cfg"),
    "function defined again": ("helper(x)", "m.OLD, m.helper = m.helper, lambda x: x", "m.helper = m.OLD", "'helper'"),
    "code of a function": ("helper(x)", "m.OLD = m.helper.__code__; m.helper.__code__ = m.inner2.__code__", "m.helper.__code__ = m.OLD", "code of helper"),
    "global of a function": ("helper(x)", "m.TWO = 2", "m.TWO = 2.0", "'TWO'"),
    "function in a container": ("{'h': [helper]}['h'][0](x)", "m.TWO = 5.0", "m.TWO = 2.0", "'TWO'"),
    "attribute by getattr": ("x * getattr(LAYER.inner, 'z')", "m.LAYER.inner.z = 2.0", "m.LAYER.inner.z = 1.5", "at .inner.z"),
    "default dtype": ("x * torch.zeros(2)", "torch.set_default_dtype(torch.float32)", "torch.set_default_dtype(torch.float64)", "default dtype"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_change_is_noticed_named_and_forgotten_when_put_back(case):
    body, change, back, told = CASES[case]
    m = module(MODEL + f"def inner2(x): return x\ndef f(x): return {body}\n")
    space = {"m": m, "np": np, "sys": sys, "torch": torch, "ORIGINAL": m.Layer.__call__}
    outside = recorded(m.f)
    assert outside.reasons == [] and outside.own_effects == []
    assert all(agree(outside) for _ in range(3))
    try:
        exec(change, space)
        assert not agree(outside)
        assert told in outside.changed()
    finally:
        exec(back, space)
    assert agree(outside), outside.changed()


@pytest.fixture(autouse=True)
def settings(monkeypatch):
    monkeypatch.setitem(sys.modules, "guarded_settings", module("rate = 2.0", "guarded_settings"))


@pytest.mark.parametrize("change", ["UNREAD = 1.0", "LAYER.unread = 5", "cfg.unread = 3.0", "LAYER.fresh = 1", "fresh = 2"])
def test_what_is_not_read_may_change(change):
    m = module(MODEL + "def f(x): return LAYER(x) * cfg.scale\n")
    outside = recorded(m.f)
    exec(f"m.{change}", {"m": m})
    assert agree(outside) and outside.reasons == []


def test_methods_closures_partials_and_callable_objects_as_the_function():
    import functools

    m = module("class Model:\n    def __init__(self): self.w = 2.0\n    def loss(self, x): return x * self.w\n    __call__ = loss\n")
    model = m.Model()
    for fn in (model.loss, model, functools.partial(m.Model.loss, model), lambda x: model.loss(x)):
        outside = recorded(fn)
        assert agree(outside) and not outside.reasons
        model.w = 3.0
        assert not agree(outside) and ".w: 2.0 became 3.0" in outside.changed()
        model.w = 2.0
        assert agree(outside)


def test_functions_that_library_code_closes_over_are_watched():
    m = module("W = 2.0\ndef loss(x): return (x * W).sum()\n")
    outside = recorded(torch.func.grad(m.loss))
    assert outside.reasons == [] and agree(outside)
    m.W = 3.0
    assert not agree(outside) and "'W'" in outside.changed()


def test_arguments_known_by_identity_are_watched():
    m = module("K = 1.0\nclass Model:\n    w = 1.0\n    def go(self, x): return x * self.w * K\ndef f(x, model): return model.go(x)\n")
    model, x = m.Model(), torch.tensor([1.0])
    outside = recorded(m.f, x, model, arguments=[model])
    for owner, name in ((m, "K"), (m.Model, "w"), (model, "w")):
        assert agree(outside)
        setattr(owner, name, 5.0)
        assert not agree(outside)
        if owner is model:
            del model.w
        else:
            setattr(owner, name, 1.0)
    assert agree(outside)


def test_one_thing_reached_by_two_ways_must_stay_one():
    m = module("A = [1.0]\nB = A\nC = {'a': A}\ndef f(x): return x * A[0] * B[0] * C['a'][0]\n")
    outside = recorded(m.f)
    m.A = [1.0]  # equal, but B is watched through it
    m.B[0] = 2.0
    assert not agree(outside)
    m.B[0], m.A = 1.0, m.B
    assert agree(outside)


def test_structures_that_contain_themselves():
    m = module("A = [1.0]\nA.append(A)\nclass N: pass\nO = N()\nO.o, O.v = O, 1.0\ndef f(x): return x * A[1][0] * O.o.v\n")
    outside = recorded(m.f)
    assert outside.reasons == [] and agree(outside)
    m.O.v = 2.0
    assert not agree(outside)


def test_large_arrays_are_heavy_and_named():
    m = module(MODEL + "def f(x): return x[0] * (LARGE.sum() + SMALL.sum()) + BIG.sum() + TENSOR.sum()\n")
    outside = recorded(m.f)
    assert [thing for _, thing in outside.heavy] == [m.BIG, m.LARGE] and outside.anew == []
    assert "'BIG' of model.py: float64[150000]" in outside.heavy[0][0] and "'LARGE'" in outside.heavy[1][0]
    assert {name for name, _ in outside.values} == {f"global '{n}' of model.py" for n in ("LARGE", "SMALL", "BIG", "TENSOR")}
    m.LARGE[0] = 1.0
    assert agree(outside)  # what is heavy is compared apart
    assert {id(a) for a in outside.live} == {id(m.LARGE), id(m.BIG._v)}
    m.LARGE.shape = (2, 100_000)
    assert not agree(outside)


def test_lifted_things_are_compared_by_identity_only():
    m = module(MODEL + "def f(x): return x[0] * SMALL.sum() + (x * TENSOR).sum()\n")
    outside = recorded(m.f, lifted=[m.TENSOR])
    m.TENSOR[0] = 5.0
    assert agree(outside) and outside.heavy == [] and len(outside.anew) == 1 and "'TENSOR'" in outside.anew[0]
    assert {id(a) for a in outside.live} == {id(m.TENSOR._v)}
    m.TENSOR = m.TENSOR.clone()
    assert not agree(outside)


# which code runs is known without running it


@pytest.mark.parametrize("body", [case[0] for case in CASES.values()])
def test_every_code_object_that_runs_was_found_before(body):
    m = module(MODEL + f"def inner2(x): return x\ndef f(x): return {body}\n")
    ran = set()

    def hook(frame, event, argument):
        if event == "call" and not sources.library(frame.f_globals):
            ran.add(frame.f_code)

    before = sys.getprofile()
    with Watch(m.f) as watch:
        sys.setprofile(hook)
        try:
            m.f(torch.tensor([1.0, 2.0]))
        finally:
            sys.setprofile(before)
    ran = {code for code in ran if code.co_filename == "model.py"}
    assert ran and ran <= watch.before.codes
    watch.saw(ran)
    assert watch.snapshot().reasons == []


def test_code_that_comes_in_unseen_is_found_afterwards():
    m = module("W = 2.0\nclass Model:\n    def go(self, x): return x * W\ndef f(x, model): return model.go(x)\n")
    model = m.Model()
    with Watch(m.f) as watch:
        m.f(torch.tensor([1.0]), model)
    assert m.Model.go.__code__ not in watch.before.codes
    watch.saw({m.f.__code__, m.Model.go.__code__, sys._getframe().f_code})
    outside = watch.snapshot()
    assert outside.reasons == [] and agree(outside)
    m.W = 3.0
    assert not agree(outside)
