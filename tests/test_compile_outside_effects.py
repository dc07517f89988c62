"""What a function that is recorded does to the world, and what of the world no snapshot holds.

Side effects (counters, logs) keep the recording valid; state that the call both changes and uses is refused, as are clocks, files and
random numbers; what only looks so is not. Invariant: every case is a module of its own.
"""

import random

import pytest
from outside_models import agree, module, recorded

import tape as torch
from tape.compile.outside import Watch

EFFECTS = {  # a module; then a place in it that f changes itself
    "global": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x * 2",
    "global, not augmented": "n = 0\ndef f(x):\n    global n\n    n = 1 + n\n    return x * 2",
    "nonlocal": "def make():\n    n = 0\n    def f(x):\n        nonlocal n\n        n += 1\n        return x * 2\n    return f\nf = make()",
    "list": "log = []\ndef f(x):\n    log.append(float(x[0]))\n    return x",
    "list of a counter": "log, n = [], 0\ndef f(x):\n    global n\n    n += 1\n    log.append((n, 'f'))\n    return x",
    "attribute": "class M:\n    n = 0\n    def __call__(self, x):\n        self.n += 1\n        return x\nf = M()",
    "own attribute": "class M:\n    def __init__(self): self.n, self.h = 0, []\n"
    "    def __call__(self, x):\n        self.n += 1\n        self.h.append(x.shape)\n        return x\nf = M()",
    "list element": "n = [0]\ndef f(x):\n    n[0] += 1\n    return x",
    "dict": "d = {'calls': 0}\ndef f(x):\n    d['calls'] += 1\n    d['last'] = 'f'\n    return x",
    "dict get": "d = {}\ndef f(x):\n    d['n'] = d.get('n', 0) + 1\n    return x",
    "counter": "from collections import Counter\nd = Counter()\ndef f(x):\n    d['f'] += 1\n    return x",
    "function attribute": "def f(x):\n    f.calls += 1\n    return x\nf.calls = 0",
    "class attribute": "class M:\n    n = 0\n    def __call__(self, x):\n        type(self).n += 1\n        return x\nf = M()",
    "default": "def f(x, seen=[]):\n    seen.append(1)\n    return x",
    "printed": "n = 0\ndef f(x):\n    global n\n    n += 1\n    print(f'call {n}')\n    return x",
    "in a called function": "n = 0\ndef note():\n    global n\n    n += 1\ndef f(x):\n    note()\n    return x",
    "array": "n = np.zeros(2)\ndef f(x):\n    n[0] += 1\n    return x",
    "loop": "n = 0\ndef f(x):\n    global n\n    for k in range(3):\n        n += k if k else 7\n    return x",
    "only written": "last = None\ndef f(x):\n    global last\n    last = 5.0\n    return x",
    "aliased": "log = []\nalso = log\ndef f(x):\n    log.append(1)\n    also.append(2)\n    return x",
}


@pytest.mark.parametrize("case", EFFECTS)
def test_side_effects_are_told_and_do_not_make_later_calls_miss(case, capsys):
    m = module(EFFECTS[case] + "\nSCALE = 1.0\ndef g(x): return f(x) * SCALE\n")
    outside = recorded(m.g)
    assert outside.reasons == []
    assert len(outside.own_effects) == (0 if case == "only written" else 2 if case in ("list of a counter", "own attribute") else 1)
    assert agree(outside)
    m.f(torch.tensor([1.0]))  # and if it happens again, that is no change either
    assert agree(outside)
    m.SCALE = 2.0
    assert not agree(outside)


USED = {
    "multiplied": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x * n",
    "by a local": "n = 0\ndef f(x):\n    global n\n    n += 1\n    m = n\n    return x * m",
    "branch": "n = 0\ndef f(x):\n    global n\n    n += 1\n    if n > 3:\n        return x\n    return 2 * x",
    "loop": "n = 0\ndef f(x):\n    global n\n    n += 1\n    for _ in range(n): x = x * 2\n    return x",
    "nonlocal": "def make():\n    n = 0\n    def f(x):\n        nonlocal n\n        n += 1\n        return x * n\n    return f\nf = make()",
    "list": "log = []\ndef f(x):\n    log.append(1.0)\n    return x * len(log)",
    "list sum": "log = []\ndef f(x):\n    log.append(1.0)\n    total = sum(log)\n    return x * total",
    "through another": "n, log = 0, []\ndef f(x):\n    global n\n    n += 1\n    log.append(n)\n    return x * log[-1]",
    "attribute": "class M:\n    n = 0\n    def __call__(self, x):\n        self.n += 1\n        return x * self.n\nf = M()",
    "attribute in a method": "class M:\n    n = 0\n    def get(self): return self.n\n"
    "    def __call__(self, x):\n        self.n += 1\n        return x * self.get()\nf = M()",
    "passed on": "n = 0\ndef g(x, k): return x * k\ndef f(x):\n    global n\n    n += 1\n    return g(x, n)",
    "index": "n, table = 0, [1.0, 2.0]\ndef f(x):\n    global n\n    n += 1\n    return x * table[n % 2]",
    "walrus": "n = 0\ndef f(x):\n    global n\n    return x * (n := n + 1)",
    "comprehension": "log = []\ndef f(x):\n    log.append(1.0)\n    return x * max([v for v in log])",
    "returned": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x, n",
    "popped": "stack = [1.0, 2.0]\ndef f(x): return x * stack.pop()",
    "array": "state = np.zeros(2)\ndef f(x):\n    state[0] += 1\n    return x * state",
    "default": "def f(x, seen=[]):\n    seen.append(1)\n    return x * len(seen)",
    "by getattr": "class M: n = 0\nM = M()\ndef f(x):\n    M.n += 1\n    return x * getattr(M, 'n')",
    "own len": "log = []\ndef len(x): return 1\ndef f(x):\n    log.append(1)\n    len(log)\n    return x",
    "alias": "log = []\nalso = log\ndef f(x):\n    log.append(1.0)\n    return x * also[-1]",
    "conditional": "n = 0\ndef f(x):\n    global n\n    n += 1\n    return x * (n if x.shape else 2)",
    "handler": "n = 0\ndef f(x):\n    global n\n    n += 1\n    try:\n        raise ValueError\n    except ValueError:\n        return x * n",
}


@pytest.mark.parametrize("case", USED)
def test_state_that_the_call_changes_and_uses_is_refused(case):
    outside = recorded(module(USED[case]).f)
    assert outside.reasons and "by the call itself" in outside.reasons[0]
    assert outside.unsettled and not outside.unchanged()


def test_a_cache_that_the_first_call_fills_has_settled_at_the_second():
    m = module("TABLE = None\ndef f(x):\n    global TABLE\n    if TABLE is None: TABLE = np.ones(2)\n    return x * TABLE\n")
    assert recorded(m.f).unsettled
    outside = recorded(m.f)
    assert outside.reasons == [] and agree(outside)
    m.TABLE[0] = 3.0
    assert not agree(outside)


REFUSED = {
    "random": "import random\ndef f(x): return x * random.random()",
    "random function": "from random import gauss\ndef f(x): return x * gauss(0, 1)",
    "numpy.random": "def f(x): return x * np.random.normal()",
    "generator": "rng = np.random.default_rng(0)\ndef f(x): return x * rng.normal()",
    "unseeded generator": "def f(x): return x * np.random.default_rng().normal()",
    "tape.rand": "def f(x): return x * torch.rand(2)",
    "dropout": "def f(x): return torch.nn.functional.dropout(x)" if hasattr(torch.nn.functional, "dropout") else "def f(x): return x * torch.randn(2)",
    "time": "import time\ndef f(x): return x * time.time()",
    "time function": "from time import perf_counter as now\ndef f(x): return x * now()",
    "time imported inside": "def f(x):\n    import time\n    return x * time.monotonic()",
    "datetime": "from datetime import datetime\ndef f(x): return x * datetime.now().year",
    "datetime module": "import datetime\ndef f(x): return x * datetime.date.today().year",
    "urandom": "import os\ndef f(x): return x * os.urandom(1)[0]",
    "environ": "import os\ndef f(x): return x * float(os.environ.get('NO_SUCH', 2))",
    "secrets": "import secrets\ndef f(x): return x * secrets.randbelow(4)",
    "uuid": "import uuid\ndef f(x): return x * float(uuid.uuid4().int > 3)",
    "open": "import os\ndef f(x):\n    with open(os.devnull) as file: return x * len(file.read())",
    "open file": "import os\nfile = open(os.devnull)\ndef f(x): return x * len(file.read())",
    "iterator": "numbers = iter([1.0, 2.0, 3.0])\ndef f(x): return x * next(numbers)",
    "python generator": "def count():\n    yield 1.0\n    yield 2.0\nnumbers = count()\ndef f(x): return x * next(numbers)",
    "eval": "W = 2.0\ndef f(x): return x * eval('W')",
    "globals": "W = 2.0\ndef f(x): return x * globals()['W']",
    "subclasses": "class A: pass\ndef f(x): return x * len(A.__subclasses__())",
    "context variable": "import contextvars\nv = contextvars.ContextVar('v', default=1.0)\ndef f(x): return x * v.get()",
    "opaque": "import array\nbuffer = array.array('d', [1.0])\ndef f(x): return x * buffer[0]",
    "objects": "things = np.array([1.0, None], dtype=object)\ndef f(x): return x * things[0]",
    "many values": "data = [float(k) for k in range(3000)]\ndef f(x): return x * data[0]",
    "generator function": "def f(x):\n    yield x",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_frozen_gives_a_reason(case):
    outside = recorded(module(REFUSED[case]).f)
    assert outside.reasons and not outside.unchanged() and not outside.unsettled


ALLOWED = {
    "print": "def f(x):\n    print('here', x.shape)\n    return x",
    "seeded generator": "def f(x): return x * np.random.default_rng(0).normal()",
    "generator not drawn from": "rng, train = np.random.default_rng(0), False\ndef f(x):\n    if train: return x * rng.normal()\n    return x",
    "timedelta": "import datetime\nSTEP = datetime.timedelta(seconds=2)\ndef f(x): return x * STEP.total_seconds()",
    "library functions": "import math, functools, itertools\ndef f(x): return functools.reduce(lambda a, b: a + b, itertools.repeat(x * math.pi, 3))",
    "generator inside": "def parts(x):\n    yield x\n    yield x * 2\ndef f(x): return sum(parts(x))",
    "lock": "import threading\nlock = threading.Lock()\ndef f(x):\n    with lock: return x * 2",
    "logger": "import logging\nlog = logging.getLogger('model')\ndef f(x):\n    log.debug('called')\n    return x",
    "recursion": "def f(x, depth=3): return x if depth == 0 else f(x * 2, depth - 1)",
    "unread opaque attribute": "class M:\n    def __init__(self): self.w, self.file = 1.0, iter([1])\n    def __call__(self, x): return x * self.w\nf = M()",
    "method not called": "import time\nclass M:\n    def __init__(self): self.t = time.time()\n    def now(self): return time.time()\n"
    "    def __call__(self, x): return x\nf = M()",
}  # fmt: skip


@pytest.mark.parametrize("case", ALLOWED)
def test_what_is_harmless_is_not_refused(case, capsys):
    outside = recorded(module(ALLOWED[case]).f)
    assert outside.reasons == [] and agree(outside)


class Writer:
    """Writes random functions that change and use a counter, a list, a dictionary and an attribute."""

    def __init__(self, seed):
        self.draw = random.Random(seed)

    def value(self, depth=2):
        pick = self.draw.choice
        if depth == 0 or self.draw.random() < 0.3:
            return pick(["1.0", "2.0", "a", "b", "a", "b", "n", "len(log)", "log[-1]", "d['k']", "o.v", "o.get()", "cell()"])
        one, two = self.value(depth - 1), self.value(depth - 1)
        return pick([
            f"({one} + {two})", f"max({one}, {two})", f"twice({one})", f"({one} if {two} > 2 else 1.0)", f"[{one}, {two}][0]", f"-{one}",
            f"float(str({one}))", f"float('{{}}'.format({one}))", f"sum([{one} for _ in range(2)])", f"(lambda u: u + 1)({one})", f"({one} and {two})", f"o.add({one})",
            f"{{'u': {one}}}['u']",
        ])  # fmt: skip

    def statement(self, depth=2):
        e = self.value()
        choices = [
            "n += 1", f"n = n + {e}", f"log.append({e})", f"d['k'] += {e}", f"o.v += {e}", f"o.v = {e}", f"a = {e}", f"b = {e}", f"b += {e}",
            "o.count += 1", "hits[0] += 1", f"print({e})", f"d['k'] = d.get('k', 0) + {e}", f"keep({e})", "bump()", f"a, b = b, {e}",
            f"o.kept = [{e}]", "a = o.kept[0]", f"log[0] = {e}", "alias.append(1.0)",
        ]  # fmt: skip
        if depth:
            inner = self.statement(depth - 1).replace("\n", "\n    ")
            choices += [f"if {e} > 3:\n    {inner}", f"for _ in range(2):\n    {inner}", f"try:\n    {inner}\nfinally:\n    b = {e}"]
        return self.draw.choice(choices)

    def module(self):
        body = "\n".join(self.statement() for _ in range(self.draw.randrange(1, 6))).replace("\n", "\n    ")
        return f"""
n, log, d, hits = 0, [1.0], {{'k': 1.0}}, [0]
alias = log
class O:
    count, v, kept = 0, 1.0, [1.0]
    def get(self): return self.v
    def add(self, u):
        self.v += u
        return 1.0
o = O()
def twice(u): return 2 * u
def keep(u): log.append(u)
def make():
    c = 1.0
    def cell(): return c
    def bump():
        nonlocal c
        c += 1
    return cell, bump
cell, bump = make()
def f(x):
    global n
    a = b = 1.0
    {body}
    return x * a + b
"""


def test_random_functions_with_state_are_never_frozen_wrongly(capsys):
    wrong, kept = [], 0
    for seed in range(400):
        m = module(Writer(seed).module())
        with Watch(m.f) as watch:
            first = m.f(1.0)
        outside = watch.snapshot()
        if outside.reasons:
            continue
        kept += 1
        assert outside.unchanged(), outside.changed()
        if repr([m.f(1.0), m.f(1.0)]) != repr([first, first]):
            wrong.append(seed)
    assert wrong == [] and kept > 60
