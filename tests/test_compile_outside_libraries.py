"""What code reads of the world through libraries: files, environment, clock, chance and settings, by whatever name it calls them.

REFUSED: a recording cannot hold it. KEPT: it looks alike, and stays compiled. WATCHED: a change is noticed and named; put back, the check
holds again. Invariant: every case is a module of its own; what the changes set is put back.
"""

import decimal
import os
import sys

import numpy as np
import pytest
from outside_models import agree, module, recorded

import tape as torch

REFUSED = {
    "getenv": "from os import getenv\ndef f(x): return x * len(getenv('HOME', 'a'))",
    "getenv under another name": "from os import getenv as of\ndef f(x): return x * len(of('HOME', 'a'))",
    "getenv in a partial": "import functools, os\nof = functools.partial(os.getenv, 'HOME', 'a')\ndef f(x): return x * len(of())",
    "getenv as a default": "from os import getenv\ndef f(x, of=getenv): return x * len(of('HOME', 'a'))",
    "getenv by getattr": "import os\ndef f(x): return x * len(getattr(os, 'getenv')('HOME', 'a'))",
    "getenv imported inside": "def f(x):\n    from os import getenv\n    return x * len(getenv('HOME', 'a'))",
    "getcwd": "from os import getcwd\ndef f(x): return x * len(getcwd())",
    "expandvars": "import os\ndef f(x): return x * len(os.path.expandvars('$HOME'))",
    "expanduser": "from os.path import expanduser\ndef f(x): return x * len(expanduser('~'))",
    "os.path.exists": "import os\ndef f(x): return x * 2 if os.path.exists('/') else x",
    "exists": "from os.path import exists\ndef f(x): return x * 2 if exists('/') else x",
    "islink": "import os.path as p\ndef f(x): return x * 2 if p.islink('/') else x",
    "abspath": "import os\ndef f(x): return x * len(os.path.abspath('a'))",
    "stat": "from os import stat\ndef f(x): return x * stat('/').st_mtime",
    "glob": "import glob\ndef f(x): return x * len(glob.glob('/*'))",
    "glob function": "from glob import glob\ndef f(x): return x * len(glob('/*'))",
    "tempfile": "import tempfile\ndef f(x): return x * len(tempfile.gettempdir())",
    "class of tempfile": "from tempfile import TemporaryDirectory\ndef f(x):\n    with TemporaryDirectory() as d: return x * len(d)",
    "path": "import pathlib\np = pathlib.Path('/')\ndef f(x): return x * 2 if p.exists() else x",
    "path in a dict": "import pathlib\nd = {'p': pathlib.Path('/')}\ndef f(x): return x * 2 if d['p'].is_dir() else x",
    "path in a list": "import pathlib\nd = [(1, pathlib.Path('/'))]\ndef f(x): return x * 2 if d[0][1].is_dir() else x",
    "path of an object": "import pathlib\nclass M:\n    def __init__(self): self.p = pathlib.Path('/')\n"
    "    def __call__(self, x): return x * 2 if self.p.exists() else x\nf = M()",
    "bound method of a path": "import pathlib\ng = pathlib.Path('/').exists\ndef f(x): return x * 2 if g() else x",
    "path made inside": "from pathlib import Path\ndef f(x): return x * 2 if Path('/').exists() else x",
    "path by methodcaller": "import operator, pathlib\np = pathlib.Path('/')\ng = operator.methodcaller('exists')\n"
    "def f(x): return x * 2 if g(p) else x",
    "cwd": "import pathlib\ndef f(x): return x * len(str(pathlib.Path.cwd()))",
    "absolute": "from pathlib import Path\ndef f(x): return x * len(Path('a').absolute().parts)",
    "uuid4": "from uuid import uuid4\ndef f(x): return x * float(uuid4().int % 7)",
    "token": "from secrets import token_bytes\ndef f(x): return x * token_bytes(1)[0]",
    "secrets.choice": "from secrets import choice\ndef f(x): return x * choice([1.0, 2.0])",
    "SystemRandom": "import random\nrng = random.SystemRandom()\ndef f(x): return x * rng.random()",
    "default_rng": "from numpy.random import default_rng\ndef f(x): return x * default_rng().normal()",
    "default_rng under another name": "from numpy.random import default_rng as rng\ndef f(x): return x * rng().normal()",
    "Random": "from random import Random\ndef f(x): return x * Random().random()",
    "np.load": "from numpy import load\ndef f(x): return x * (load('/none') if x.ndim > 3 else 1.0)",
    "initial_seed": "def f(x): return x * float(torch.initial_seed())",
    "initial_seed function": "from tape import initial_seed\ndef f(x): return x * float(initial_seed())",
    "default generator": "def f(x): return x * float(torch.default_generator.initial_seed())",
    "get_rng_state": "def f(x): return x * len(str(torch.get_rng_state()))",
    "np.random.get_state": "def f(x): return x * float(np.random.get_state()[1][0])",
    "get_state": "from numpy.random import get_state\ndef f(x): return x * float(get_state()[1][0])",
    "getstate": "import random\ndef f(x): return x * random.getstate()[1][0]",
    "state of a generator": "rng = np.random.default_rng(0)\ndef f(x): return x * float(rng.bit_generator.state['has_uint32'])",
    "geterr": "def f(x): return x * len(np.geterr()['divide'])",
    "geterr function": "from numpy import geterr\ndef f(x): return x * len(geterr()['divide'])",
    "recursion limit": "import sys\ndef f(x): return x * sys.getrecursionlimit()",
    "recursion limit, function": "from sys import getrecursionlimit\ndef f(x): return x * getrecursionlimit()",
    "thread": "import threading\ndef f(x): return x * len(threading.current_thread().name)",
    "thread function": "from threading import get_ident\ndef f(x): return x * (get_ident() % 7)",
    "weak dictionary": "import weakref\nclass P: v = 1.0\np = P()\nd = weakref.WeakValueDictionary(k=p)\ndef f(x): return x * d['k'].v",
    "weak proxy": "import weakref\nclass P: v = 1.0\np = P()\nq = weakref.proxy(p)\ndef f(x): return x * q.v",
    "weak reference": "import weakref\nclass P: v = 1.0\np = P()\nq = weakref.ref(p)\ndef f(x): return x * q().v",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_libraries_read_of_the_world_gives_a_reason(case):
    outside = recorded(module(REFUSED[case]).f)
    assert outside.reasons and not outside.unchanged() and not outside.unsettled, case


KEPT = {
    "join": "import os\ndef f(x): return x * len(os.path.join('a', 'b'))",
    "basename": "from os.path import basename, splitext, dirname\ndef f(x): return x * len(basename('a/b.c') + splitext('a.b')[0] + dirname('a/b'))",
    "os.fspath and sep": "import os\ndef f(x): return x * len(os.fspath('a') + os.sep)",
    "pure operations of a path": "from pathlib import Path\np = Path('a')\n"
    "def f(x): return x * len(str((p / 'b').with_suffix('.c').parent / p.name)) * len(Path('b').parts)",
    "pure path": "from pathlib import PurePath\nclass M:\n    def exists(self): return True\nm = M()\n"
    "def f(x): return x * len(PurePath('a/b').parts) if m.exists() else x",
    "own exists": "class M:\n    def exists(self): return True\n    def glob(self): return 2.0\nm = M()\ndef f(x): return x * m.glob() if m.exists() else x",
    "own getenv": "def getenv(name): return 2.0\ndef f(x): return x * getenv('a')",
    "uuid5": "import uuid\ndef f(x): return x * float(uuid.uuid5(uuid.NAMESPACE_DNS, 'a').int % 7)",
    "glob.escape": "import glob\ndef f(x): return x * len(glob.escape('*'))",
    "urlparse": "from urllib.parse import urlparse\ndef f(x): return x * len(urlparse('http://a/b').path)",
    "math and operator": "from math import sqrt, comb\nfrom operator import mul\ndef f(x): return mul(x, sqrt(2) * comb(4, 2))",
    "functools": "from functools import reduce, partial\ng = partial(pow, 2)\ndef f(x): return x * reduce(max, [1, 2, 3]) * g(2)",
    "itertools": "from itertools import product, chain\ndef f(x): return x * sum(a * b for a, b in product([1, 2], chain([3], [4])))",
    "dataclasses": "from dataclasses import dataclass, replace, field, asdict\n@dataclass(frozen=True)\nclass C:\n    w: float = 2.0\n"
    "c = C()\ndef f(x): return x * replace(c, w=3.0).w * asdict(c)['w']",
    "copy": "from copy import copy, deepcopy\nw = [2.0]\ndef f(x): return x * copy(w)[0] * deepcopy(w)[0]",
    "collections": "from collections import OrderedDict, namedtuple\nP = namedtuple('P', 'a b')\ndef f(x): return x * P(1, 2)._replace(a=3).a * OrderedDict(a=2)['a']",
    "statistics": "from statistics import mean\ndef f(x): return x * mean([1.0, 2.0])",
    "json.loads": "import json\ndef f(x): return x * json.loads('[2.0]')[0]",
    "re": "import re\nr = re.compile('a(b)')\ndef f(x): return x * len(r.match('ab').group(1))",
    "seeded": "from numpy.random import default_rng\nfrom random import Random\ndef f(x): return x * default_rng(3).normal() * Random(3).random()",
    "seed of one's own": "class M:\n    def initial_seed(self): return 2.0\n    def get_rng_state(self): return 3.0\nm = M()\n"
    "def f(x): return x * m.initial_seed() * m.get_rng_state()",
    "lock and local": "import threading\nk, here = threading.Lock(), threading.local()\nhere.w = 2.0\ndef f(x):\n    with k: return x * here.w",
    "sys": "import sys\ndef f(x): return x * (2 if sys.version_info > (3, 9) else 3) * sys.float_info.max ** 0",
    "errstate": "def f(x):\n    with np.errstate(all='ignore'): return x * 2",
    "printoptions inside": "def f(x):\n    with np.printoptions(precision=3): return x * len(str(np.ones(2)))",
    "localcontext": "import decimal\ndef f(x):\n    with decimal.localcontext() as c:\n        c.prec = 5\n        return x * float(decimal.Decimal(1) / 3)",
    "f-string": "def f(x):\n    if x.ndim != 1: raise ValueError(f'not a vector: {x.shape}')\n    return x * 2",
    "enum": "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\nclass F(enum.Flag):\n    A = 1\n    B = 2\n"
    "def f(x): return x * E.A.value if E.A is not E.B and ~F.A & F.B else x",
    "enum with attributes": "import enum\nclass E(enum.Enum):\n    A = (1.0, 2.0)\n    def __init__(self, m, r): self.m, self._r = m, r\n"
    "    @property\n    def g(self): return self.m / self._r\ndef f(x): return x * E.A.g",
    "abstract class": "import abc\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def go(self, x): ...\nclass C(B):\n    def go(self, x): return x * 2\n"
    "c = C()\ndef f(x): return c.go(x) if isinstance(c, B) else x",
    "getattr of an abstract class": "import abc\nclass B(abc.ABC):\n    w = 2.0\nb = B()\ndef f(x): return x * getattr(b, 'w')",
    "number": "import numbers\nk = 2.0\ndef f(x): return x * k if isinstance(k, numbers.Real) else x",
}  # fmt: skip


@pytest.mark.parametrize("case", KEPT)
def test_what_is_pure_stays_compiled(case):
    outside = recorded(module(KEPT[case]).f)
    assert outside.reasons == [] and outside.own_effects == [] and agree(outside)


ABSTRACT = "import abc\nclass I(abc.ABC): pass\nclass O: pass\nclass Q: pass\no = O()\n"
GIVEN = "import types\nmod = types.ModuleType('given')\nmod.z = 1.0\nexec('def __getattr__(name): return z', vars(mod))\n"
MEMBER = "import enum\nclass E(enum.Enum):\n    A = 1\n    B = 2\nE.A.note = 1.0\n"
WATCHED = {  # a module; what changes; what puts it back (None: nothing can); what the message names
    "threads": ("def f(x): return x * torch.get_num_threads()", "cores._threads += 1", "cores._threads -= 1", "number of threads: 1 became 2"),
    "threads under another name": ("from tape import get_num_threads as n\ndef f(x): return x * n()", "cores._threads += 1", "cores._threads -= 1",
                                   "number of threads"),
    "decimal context": ("import decimal\ndef f(x): return x * float(decimal.getcontext().prec)", "context.prec = 5", "context.prec = 28",
                        "the context of Decimals"),
    "decimal function": ("from decimal import getcontext\ndef f(x): return x * getcontext().prec", "context.prec = 5", "context.prec = 28", "Decimals"),
    "division of Decimals": ("from decimal import Decimal\nd = Decimal(1)\ndef f(x): return x * float(d / 3)", "context.prec = 5", "context.prec = 28",
                             "the context of Decimals"),
    "Decimals in a list": ("from decimal import Decimal\nd = [Decimal(1)]\ndef f(x): return x * float(d[0] / 3)", "context.rounding = 'ROUND_UP'",
                           "context.rounding = 'ROUND_HALF_EVEN'", "the context of Decimals"),
    "str of an array": ("w = np.ones(2) / 3\ndef f(x): return x * len(str(w))", "options = np.get_printoptions(); np.set_printoptions(precision=3)",
                        "printing.reset()", "how arrays are printed"),
    "str of a Tensor": ("w = torch.ones(2) / 3\ndef f(x): return x * len(f'{w}')", "torch.set_printoptions(precision=2)",
                        "printing.reset()", "how Tensors are printed"),
    "percent": ("w = torch.ones(2) / 3\ndef f(x): return x * len('%s' % w)", "torch.set_printoptions(precision=2)", "printing.reset()", "Tensors are"),
    "format": ("w = torch.ones(2) / 3\ndef f(x): return x * len('{}'.format(w))", "torch.set_printoptions(precision=2)", "printing.reset()", "Tensors are"),
    "own __str__ by format": ("k = 'ab'\nclass P:\n    def __str__(self): return k\np = P()\ndef f(x): return x * len('{}'.format(p))",
                              "m.k = 'c'", "m.k = 'ab'", "global 'k'"),
    "own __str__ by percent": ("k = 'ab'\nclass P:\n    def __str__(self): return k\np = P()\ndef f(x): return x * len('%s' % p)",
                               "m.k = 'c'", "m.k = 'ab'", "global 'k'"),
    "sys.path": ("import sys\ndef f(x): return x * len(sys.path)", "sys.path.append('none')", "sys.path.remove('none')", "attribute .path of module sys"),
    "environ": ("from os import environ\ndef f(x): return x * len(environ.get('TAPE_NONE', 'a'))", "os.environ['TAPE_NONE'] = 'abc'",
                "del os.environ['TAPE_NONE']", "global 'environ'"),
    "module __getattr__": (GIVEN + "def f(x): return x * mod.foo", "m.mod.z = 3.0", "m.mod.z = 1.0", "global 'z'"),
    "module __getattr__ passed by": (GIVEN + "def f(x): return x * mod.foo", "m.mod.foo = 3.0", "del m.mod.foo", "attribute .foo of module given"),
    "module __getattr__ replaced": (GIVEN + "def f(x): return x * mod.foo", "OLD = m.mod.__getattr__; m.mod.__getattr__ = lambda name: 4.0",
                                    "m.mod.__getattr__ = OLD", "attribute .__getattr__ of module given"),
    "class of a module": ("import types\nk = 2.0\nclass M(types.ModuleType):\n    @property\n    def foo(self): return k\nmod = M('given')\n"
                          "def f(x): return x * mod.foo", "m.k = 3.0", "m.k = 2.0", "global 'k'"),
    "hasattr of a module": ("import types\nmod = types.ModuleType('given')\ndef f(x): return x * (2 if hasattr(mod, 'foo') else 3)",
                            "m.mod.foo = 3.0", "del m.mod.foo", "attribute .foo of module given"),
    "hasattr of an object": ("import types\no = types.SimpleNamespace()\ndef f(x): return x * (2 if hasattr(o, 'foo') else 3)",
                             "m.o.foo = 3.0", "del m.o.foo", ".foo"),
    "vars of an object": ("class P: pass\np = P()\np.a = 1.0\ndef f(x): return x * sum(vars(p).values())", "m.p.b = 3.0", "del m.p.b", ".__dict__"),
    "__dict__ of a namespace": ("import types\np = types.SimpleNamespace(a=1.0)\ndef f(x): return x * len(p.__dict__)", "m.p.b = 3.0", "del m.p.b",
                                ".__dict__: 1 elements became 2"),
    "attribute of a member": (MEMBER + "def f(x): return x * E.A.note", "m.E.A.note = 2.0", "m.E.A.note = 1.0", ".note: 1.0 became 2.0"),
    "attribute of a member held": (MEMBER + "d = {'k': E.A}\ndef f(x): return x * d['k'].note", "m.E.A.note = 2.0", "m.E.A.note = 1.0", ".note"),
    "ABC.register": (ABSTRACT + "def f(x): return x * 2 if isinstance(o, I) else x", "m.I.register(m.O)", None, "registered with abstract ones"),
    "ABC.register by issubclass": (ABSTRACT + "def f(x): return x * 2 if issubclass(Q, I) else x", "m.I.register(m.Q)", None, "registered"),
    "register with a library's": (ABSTRACT + "import numbers\ndef f(x): return x * 2 if isinstance(o, numbers.Number) else x",
                                  "import numbers; numbers.Number.register(m.O)", None, "registered"),
}  # fmt: skip


class Printing:
    """Puts the options of both libraries back, to the very objects that they were."""

    def __init__(self):
        from tape.compile.outside.settings import ASKED, _format

        self.variable, self.arrays, self.tensors = _format, ASKED.arrays, torch.get_printoptions()

    def reset(self):
        import tape.printing

        tape.printing._options = self.tensors
        if self.variable is not None:
            self.variable.set(self.arrays)


@pytest.mark.parametrize("case", WATCHED)
def test_a_setting_or_state_of_a_library_is_noticed_and_named(case):
    text, change, back, told = WATCHED[case]
    m, printing = module(text), Printing()
    space = {"m": m, "np": np, "sys": sys, "os": os, "torch": torch, "cores": sys.modules["tape.cores"], "printing": printing}
    with decimal.localcontext(decimal.Context(prec=28)) as context:
        space["context"] = context
        outside = recorded(m.f)
        assert outside.reasons == [] and outside.own_effects == [] and agree(outside)
        try:
            exec(change, space)
            assert not agree(outside)
            assert told in outside.changed()
        finally:
            exec(back or "pass", space)
            printing.reset()
    with decimal.localcontext(context):
        assert agree(outside) is (back is not None), outside.changed()


def test_the_setting_counts_at_the_next_call(tmp_path):
    file = tmp_path / "there"
    m = module("def f(x): return x * 2 if p.exists() else x\ndef g(x, p): return x * 2 if p.exists() else x", p=file)
    f, g, x = torch.compile(m.f), torch.compile(m.g), np.ones(2)
    assert f(x)[0] == g(x, file)[0] == 1
    file.touch()
    assert f(x)[0] == g(x, file)[0] == 2
