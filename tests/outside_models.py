"""What the tests of the guard on outside state share: modules made of text, recording under a Watch, and the two checks side by side.

Invariant: modules made here are in nobody's sys.modules. Imported by tests/test_compile_outside*.
"""

from types import ModuleType

import numpy as np

import tape as torch
from tape.compile.outside import Watch
from tape.compile.outside.check import check_of
from tape.compile.outside.words import quickest

MODEL = """
import dataclasses, enum, functools, operator, threading, types
from collections import deque, namedtuple

@dataclasses.dataclass
class Options:
    rate: float = 0.5
    deep: dict = dataclasses.field(default_factory=lambda: {"a": [1.0, {"b": 2}]})

class Mode(enum.Enum):
    FAST = 1
    SLOW = 2

class Slotted:
    __slots__ = ("w",)
    def __init__(self): self.w = 2.0

class Base:
    kind = 3.0
    def factor(self): return self.kind

class Layer(Base):
    bias = 1.0
    def __init__(self):
        self.w, self.inner, self.unread = np.ones(3), types.SimpleNamespace(z=1.5), object
    @property
    def double(self): return self.bias * TWO
    @staticmethod
    def shift(x): return x + SHIFT
    @classmethod
    def make(cls): return cls.bias
    def __call__(self, x): return x * self.bias
    def other(self, x): return x * UNREAD

TWO, SHIFT, UNREAD, SCALE, COUNT, FLAG, NAN, ZERO = 2.0, 4.0, 9.0, 2.0, 3, True, float("nan"), 0.0
CFG, LOG, NAMES, PAIR = {"lr": 0.1, "nested": {"n": [1, 2, 3]}}, [1.0, 2.0], {"a", "b"}, (1, [2])
OPT, MODE, LAYER, SLOT = Options(), Mode.FAST, Layer(), Slotted()
SMALL, LARGE, TENSOR, NUMBER = np.arange(4.0), np.zeros(200_000), torch.tensor([1.0, 2.0]), torch.tensor(3.0)
LEAF, BIG = torch.tensor([1.0], requires_grad=True), torch.zeros(150_000)
POINT, QUEUE, SPAN, KIND = namedtuple("Point", "x y")(1.0, 2.0), deque([1, 2]), slice(0, 2), np.dtype("f4")
cfg = types.ModuleType("cfg")
cfg.scale, cfg.unread = 1.0, 2.0

def helper(x): return x * TWO
def with_default(x, k=2.0, many=[1]): return x * k * many[0]
def with_keyword(x, *, k=2.0): return x * k
def outer():
    a, b = 2.0, [1.0]
    def inner(x): return x * a * b[0]
    def setter(v):
        nonlocal a
        a = v
    return inner, setter
inner, setter = outer()

class Table(enum.Enum):
    ONE = [2.0]

class Described:
    def __get__(self, owner, kind): return FACTOR[0]

class Hidden:
    described, v = Described(), 2.0
    def __init__(self): self.__w = 2.0
    def get(self): return self.__w
    def go(self): return self.v

class Under(Hidden):
    def go(self): return super().go()

class Meta(type):
    FACTOR = 2.0
    @property
    def k(cls): return cls.FACTOR

class Made(metaclass=Meta): pass

def imported(x):
    import guarded_settings
    return x * guarded_settings.rate

def scaled(function):
    @functools.wraps(function)
    def wrapper(*args): return function(*args)
    return wrapper

@scaled
def decorated(x): return x * FACTOR[0]

@functools.lru_cache
def memoised(): return FACTOR[0]

FACTOR, HIDDEN, LOCAL, GETTER = [2.0], Hidden(), threading.local(), operator.attrgetter("inner.z")
LOCAL.w = 2.0
part = functools.partial(lambda x, k: x * k[0], k=[2.0])
"""


def module(text, name="model", **given):
    made = ModuleType(name)
    made.__dict__.update({"np": np, "torch": torch, "__file__": f"{name}.py", **given})
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


def recorded(fn, *args, arguments=(), lifted=()):
    with Watch(fn, arguments) as watch:
        fn(*(args or (torch.tensor([1.0, 2.0]),)))
    return watch.snapshot(lifted)


SHARP = {}  # by identity: an Outside, and its check as words of memory


def agree(outside):
    """Quick check, words of memory and slow walk must say the same; whether nothing changed."""
    quick, told = outside.unchanged(), outside.changed()
    assert quick == (told == ""), (quick, told)
    if quick and not outside.sharp and id(outside) not in SHARP:
        SHARP[id(outside)] = outside, quickest(outside.parts, check_of(outside.parts))
    if id(outside) in SHARP and not outside.more:
        assert SHARP[id(outside)][1]() is quick, told
    return quick
