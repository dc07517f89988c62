"""Random programs as Python source: what a user might write and hand to `tape.compile`.

`Source(seed)` is a program: blocks of `Piece`s (statements made of expressions made of expressions) over a fixed set of variables, and
`calls`, what happens before each call. `text()` is the module, `without` and `smaller` give simpler programs of the same
kind, for shrinking. Invariants: every variable has a value from the start, so any statement may be left out; the same seed
gives the same program. Imported by tests/fuzz_compile.py.
"""

from __future__ import annotations

import copy
import dataclasses
import random
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

HEAD = """
import math
import numpy as np
import tape as torch
from fuzz_compile_programs import Bag
from tape import func

class Thing:
    def __init__(self): self.a, self.b = 0.5, [1.0, 2.0]

A, L, D, W, T, O, runs = 1.5, [0.5, -1.0], {"k": 0.75}, np.linspace(-1.0, 1.0, N), torch.linspace(0.5, 1.5, N), Thing(), [0]

def again(s, depth):
    if depth <= 0 or branch("again", s > 0.25):
        return s
    return again(s * 0.5 + 0.125, depth - 1) - 0.25

def scaled(v):
    return v * A

def longest(v):
    return v[0] if len(v) < 2 else torch.maximum(longest(v[:len(v) // 2]), longest(v[len(v) // 2:]))

def total(result):
    if isinstance(result, torch.Tensor):
        result = torch.view_as_real(result) * 0.5 if result.is_complex() else result
        return (result * torch.linspace(0.5, 1.5, result.numel()).reshape(result.shape)).sum() if result.is_floating_point() else 0.0
    if isinstance(result, dict):
        return sum(total(each) for each in result.values())
    if isinstance(result, (list, tuple)):
        return sum(total(each) for each in result)
    return total([result.m, result.f]) if isinstance(result, Bag) else 0.0

def make():
    q = 0.5
    def fn(x, y, p):
        runs[0] += 1
BODY
    def put(value):
        nonlocal q
        q = value
    return fn, put

fn, put = make()

def loss(x, y, p):
    return total(fn(x, y, p)) + 0.0 * x.sum()

def hvp(x, y, p):
    return func.hvp(lambda x: loss(x, y, p), (x,), (x * 0.5 + 1.0,))

def jvp(x, y, p):
    return func.jvp(lambda x, y: loss(x, y, p), (x, y), (torch.ones_like(x), torch.ones_like(y)))

def jac(x, y, p):
    return func.jacfwd(func.grad(lambda x: loss(x, y, p)))(x) if x.numel() < 5 else func.grad(loss)(x, y, p)

vag = func.value_and_grad(loss, argnums=(0, 1))
"""
LOGGING = """
log = []
def branch(place, outcome):
    log.append((place, bool(outcome)))
    return log[-1][1]
def note(value):
    log.append(repr(value))
    return value
def seen(value):
    log.append(value.shape)
    return value
def told(value):
    log.append(str(value.detach().numpy()))
    return value
"""
SILENT = """
def branch(place, outcome):
    return bool(outcome)
def note(value):
    return value
seen = told = note
"""
PROLOGUE = [
    "v0 = x.clone()", "v1 = x * 0.5", "v2 = x + y", "s0 = y * 1.0", "s1 = x[0] + 0.5", "s2 = -p.w[0]", "m0 = p.m.clone()",
    "told(p.i); m1 = torch.outer(x, x)", "f0 = p.f * 1.0", "c0, c1, k0 = 0.25, -1.5, 1", "z0 = torch.complex(v1, x)",
    "q0, (n0,) = p.d['k'][0] + 0.0, p.d['t']", "kept = {'l': [v0, {'s': s1}], 't': (s0, v1)}",
]  # fmt: skip
VARIABLES = {"S": ["s0", "s1", "s2"], "V": ["v0", "v1", "v2"], "M": ["m0", "m1"], "F": ["f0"], "C": ["c0", "c1"], "K": ["k0"], "Z": ["z0"], "Q": ["q0"]}
ATOMS = {
    **VARIABLES, "C": ["c0", "c1", "A", "L[0]", "D['k']", "O.a", "q", "0.5", "-1.25", "2.0", "1.0", "-1.0", "0.0", "O.b[1]", "-0.0"],
    "K": ["k0", "0", "1", "2"], "S": ["s0", "s1", "s2", "kept['t'][0]", "kept['l'][1]['s']", "n0"],
    "V": ["v0", "v1", "v2", "kept['l'][0]", "kept['t'][1]"], "J": ["0", "1 % N", "-1"], "B": ["s0 > 0"],
}  # fmt: skip
RULES = {
    "S": """{S} + {S}|{S} * {S}|{S} - {S}|{S} / ({S} * {S} + 1.5)|torch.sin({S})|torch.exp(-torch.abs({S}))|torch.sqrt(torch.abs({S}) + 0.1)
        torch.tanh({S})|{V}.sum()|{V}.mean()|({V} * {V}).sum()|{V}.dot({V})|{V}.max()|{V}.amin()|{V}.norm()|{V}.prod()|torch.logsumexp({V}, 0)
        {V}[{J}]|{M}[{J}, {J}]|{M}.sum()|torch.maximum({S}, {S})|torch.where({B}, {S}, {S})|{S} * {C}|{C} - {S}|{S} + {C}|{S}.detach() * {S}
        torch.clamp({S}, -1.0, 1.0)|torch.log({S})|1 / {S}|{S} ** 2|{S} ** 3|-{S}|torch.pow(torch.abs({S}) + 0.5, {S})|torch.relu({S})
        {V}[told({V}.argmax())]|{V}.var()|{F}.sum().double()|torch.floor({S})|{S}.clone()|scaled({S})|again({S}, 3)|{V}[note(int({V}.argmax()))]
        seen({V}[{V} > {S}]).sum()|torch.sign({S})|torch.atan2({S}, {S} + 3)|({V} > {S}).sum() * {S}|torch.minimum({S}, {S})|torch.linalg.det({M}[:4, :4])
        torch.nn.functional.softplus({S})|torch.erf({S})|{S} * {S} * {S}|{S} / {C}|({S} - {S}) * {C}|torch.where({B}, torch.sqrt({S}), 0.0)
        np.sin({S})|np.where({S} > {S}, {S}, {S} * {S})|np.sum({V})|np.dot({V}, {V})|np.linalg.norm({V})|np.maximum({S}, {S})|np.max({M})|np.mean({Q})
        {Z}.abs().sum()|({Z} * {Z}.conj()).sum().real|{Z}.sum().imag|torch.vdot({Z}, {Z}).real|{Q}.sum()|({Q} * {Q}).mean()|{Q}[{J}].sum()
        func.grad(lambda u: torch.tanh(u * {S}) * u)({S})|func.hessian(lambda u: torch.sin(u) * {S} * u)({S})|longest({V})|np.trace({M})""",
    "V": """{V} + {V}|{V} * {V}|{V} - {S}|{S} * {V}|torch.sin({V})|torch.exp(-{V}.abs())|torch.tanh({V})|{M} @ {V}|{V} @ {M}|{M}.sum(0)
        {M}[{J}]|{M}[:, {J}]|{M}.diagonal()|{V}.flip(0)|torch.where({V} > {V}, {V}, {V})|torch.where({V} > 0, torch.sqrt({V}), 0.0)
        {V}.cumsum(0)|torch.softmax({V}, 0)|{V}.sort().values|{V}.clone()|{V}.detach() + {V}|torch.cat([{V}[1:], {V}[:1]])
        torch.stack([{S}, {S}]).sum() * {V}|{V}[p.i]|{V}.clamp(-0.5, 0.5)|torch.maximum({V}, {V})|{V} / (1.0 + {V} * {V})|{M}.mean(1)
        {M}.amax(0)|{F}.double()|{V} * {C}|{V}.masked_fill({V} > {S}, 0.5)|{V} * torch.tensor(W)|{V} + T|{V} / {C}|{C} - {V}|-{V}|{V} ** 2
        scaled({V})|torch.linalg.solve({M} @ {M}.T + 2.0 * torch.eye(N), {V})|{V}[None].expand(2, -1).sum(0)|torch.cat([{V}[:-1], {V}[-1:]])
        {V}.reshape(1, -1)[0]|torch.zeros(N).scatter_add(0, p.i, {V})|{V} * (0.0 * {V})|np.cos({V})|{V}.detach().clone()
        torch.relu({V})|torch.log1p({V}.abs())|{V}[:1] + {V}|torch.lerp({V}, {V}, 0.25)|{V}.double()
        func.grad(lambda u: (u * u * {V}).sum())({V})|torch.log_softmax({V}, 0)|{V}.gather(0, p.i)|({V} - {V}) + {V}|{V} + 0.0|{V} * 1.0
        {Z}.real|{Z}.imag|{Z}.abs()|torch.fft.fft({V}).imag|torch.fft.ifft({Z}).real|{Q}.sum(1)|{Q}.amax(1)|{Q}[:, 0]|({Q} * {V}[:, None]).mean(1)
        np.where({V} > {S}, {V}, np.sin({V}))|np.linalg.solve(np.matmul({M}, {M}.T) + 2.0 * np.eye(N), {V})|np.sin({V})|np.dot({M}, {V})|np.flip({V})
        np.concatenate([{V}[1:], {V}[:1]])|np.cumsum({V})|np.sum({M}, axis=0)|np.maximum({V}, {S})|np.diagonal({M})|np.clip({V}, -0.5, 0.5)
        np.exp(-np.abs({V}))|np.mean({M}, 1)|np.stack([{V}, {V}]).sum(0)|np.multiply({V}, {C})|np.sqrt(np.abs({V}) + 0.25)|np.roll({V}, 1)|W * {V}
        func.vmap(lambda a: torch.tanh(a) * {S})({V})|func.vmap(lambda a: (a * {V}).sum())({M})|func.vmap(func.grad(lambda a: a * a * {S}))({V})
        func.vmap(lambda a, b: torch.where(a > b, a * b, b), in_dims=(0, None))({V}, {S})|func.vmap(lambda a: a.amax(), in_dims=1)({M})
        func.jvp(lambda u: torch.sin(u) * {V}, ({V},), ({V},))[1]|func.vjp(lambda u: u * u * {V}, {V})[1]({V})[0]|{V}[told({V}.sort().indices)]
        func.hvp(lambda u: (torch.sin(u) * {V}).sum(), ({V},), ({V},))[0]|func.jacfwd(lambda u: (u * {V}).sum())({V})""",
    "M": """{M} @ {M}|{M} + {M}|{M} * {V}|{M} * {V}[:, None]|{M}.T|torch.outer({V}, {V})|torch.tanh({M})|torch.tril({M})|torch.diag({V})
        {M}.softmax(1)|{M}.flip(0)|{M}.cumsum(1)|{M}[p.i]|{M} - {S}|{M}.permute(1, 0)|{M}.clone()|{M} * {M}|torch.stack([{V}] * N)
        {M}.reshape(-1).reshape(N, N)|torch.einsum('ij,kj->ik', {M}, {M})|torch.where({M} > {S}, {M}, {M}.T)|{M} * {C}|torch.triu({M}, 1)
        {Q} @ {Q}.T|torch.outer({Z}, {Z}).real|({M} + 1j * {M}).imag|np.outer({V}, {V})|np.transpose({M})|np.matmul({M}, {M})|np.where({M} > {S}, {M}, 0.0)
        func.hessian(lambda u: (torch.tanh(u) * {V}).sum() * u[0])({V})|func.vmap(lambda a, b: a * b + {S}, in_dims=(0, None))({V}, {V})
        func.jacrev(lambda u: torch.sin(u) * u.sum())({V})|func.vmap(lambda a: torch.outer(a, {V}).sum(0), in_dims=1, out_dims=1)({M})|{M}.reshape(N, N)""",
    "Z": "{Z} * {Z}|{Z} + {V}|{Z}.conj()|torch.exp(1j * {V})|{V} * {Z}|torch.fft.fft({V})|{Z} / (2.0 + {Z}.abs())|np.conj({Z})|{Z} * {C}|({M} + 0j) @ {Z}|"
    "torch.where({V} > 0, {Z}, {Z})|{Z}.flip(0)|torch.polar({V}, {V})|1j * {Z}|np.exp({Z}.imag * 1j)|torch.cat([{Z}[1:], {Z}[:1]])|{Z} - {S}",
    "Q": "{Q} * {Q}|{Q} + {V}[:, None]|{M} @ {Q}|torch.tanh({Q})|{Q}[p.i]|{Q} * {C}|{Q} - {Q}.mean(0)|np.sin({Q})|{Q}.flip(1)|torch.where({Q} > {S}, {Q}, 0.5)|"
    "{Q} / (1.0 + {Q}.abs().sum())|{Q}.cumsum(1)",
    "F": "{F} * {F}|{F} + {V}.float()|{F} * {C}|torch.sin({F})|{F}.flip(0)|{V}.to(torch.float32)|({F} * {V}).float()",
    "B": "{S} > {S}|{S} < {C}|{V}.sum() >= 0|{S} == {S}|({V} > {S}).any()|branch(0, {S} > 0) and branch(0, {S} < 1)|not branch(0, {S} > {C})|({S} > 0) & ({S} < 2)|{C} > 0.3",
}
RULES = {kind: [rule.strip() for rule in re.split(r"\||\n", rules)] for kind, rules in RULES.items()}
STATEMENTS = {
    "{s} = {S}": 6, "{s} = torch.tanh({S})": 4, "{v} = {V}": 6, "{v} = torch.tanh({V})": 5, "{m} = {M}": 2, "{m} = torch.tanh({M})": 2,
    "{f} = torch.tanh({F})": 1, "{v}[{J}] = {S}": 3, "{v} += {V}": 2, "{v}[1:] = {V}[1:]": 1, "{v}.mul_({S})": 1, "{m}[{J}] = {V}": 1,
    "{m}[{J}, {J}] = {S}": 1, "view = {v}[1:]; view *= {S}": 1, "view = {m}.T; view[{J}] = {V}": 1, "{v} = {v}.clone(); {v}[p.i] = {V}": 1,
    "{v} = {m}[{J}]; {v} += {S}": 1, "{s} += {S}": 1, "{v}[told({v} > {S})] = 0.5": 1, "{m} = {m}.clone(); {m}.diagonal().mul_({S})": 1,
    "{s} = {S}; {v} = {v}.clone(); {v}.view(-1)[{J}] -= {S}": 1, "{v} = x": 0.2, "{v} = {V}.detach()": 0.5, "{m} += {V}": 0.5,
    "if branch(PLACE, {B}):\n    {BLOCK}\nelse:\n    {BLOCK}": 5, "if branch(PLACE, {B}):\n    {BLOCK}": 3,
    "if branch(PLACE, {B}):\n    {BLOCK}\n    return {R}": 1, "COUNT = 0\nwhile COUNT < 4 and branch(PLACE, {B}):\n    COUNT += 1\n    {BLOCK}": 2,
    "for j in range({K}):\n    {BLOCK}\n    {v} = {v} + {V} * j": 2, "for e in {V}[:3]:\n    {s} = {s} * 0.5 + e": 1,
    "with torch.no_grad():\n    {BLOCK}": 1, "u = {V}.detach().requires_grad_()\n(torch.sin(u) * {V}.detach()).sum().backward()\n{v} = u.grad": 1,
    "{v} = func.grad(lambda u: (torch.tanh(u) * {V}).sum())({V})": 1, "{s} = func.grad(lambda u: u * u * {S})({S})": 0.5,
    "{c} = note(math.sin(float({S})))": 1, "{c} = note({S}.item())": 0.7, "{c} = note(float(torch.floor({S}.detach())))": 0.7,
    "{k} = int(note(float(torch.clamp({S}.detach(), 0, 3))))": 1, "{c} = len(seen({V}[{V} > {S}]))": 0.5, "{c} = note({V}.argmax().item())": 0.5,
    "{s} = {V}[seen(torch.nonzero({V} > {S}, as_tuple=True)[0])].sum()": 0.5,
    "{c} = float(note(np.asarray({V}.detach())).round().sum())": 0.2, "{c} = note(({V}.detach() > 0).tolist()).count(True)": 0.3,
    "u = {V}.detach().requires_grad_()\n(g,) = torch.autograd.grad((u ** 3 * {V}.detach()).sum(), u, create_graph=True)\n"
    "{v} = torch.autograd.grad(g.sum(), u)[0]": 0.5,
    "{z} = {Z} * 0.5": 1.5, "{q} = torch.tanh({Q})": 1.5, "{z} = {z} + {V}; {z}[{J}] = {S}": 0.5, "{z} = {z}.clone(); {z}.real.mul_({S})": 0.3,
    "kept['l'][0] = {V}": 0.5, "kept['t'] = ({S}, {V})": 0.5, "kept['l'][1]['s'] = {S}": 0.5, "kept = {{'t': ({S}, {V}), 'l': [{V}, dict(s={S})]}}": 0.5,
    "kept['l'][0] += {S}": 0.3, "{q} = {q}.clone(); {q}[{J}, 0] = {S}": 0.5, "{q} = {q} + {V}[:, None]; {q}[:, 1:] *= {S}": 0.3,
    "pile = [{V}]\nwhile len(pile) < 4 and branch(PLACE, pile[-1].sum() > {C}):\n    pile.append(pile[-1] * 0.5 - {S})\n{v} = sum(pile)": 0.7,
    "held = Bag({M}, {F}, {V}, None)\nheld.w = held.w * {S}\n{v} = held.w + held.m[{J}]": 0.5, "np.multiply({V}, 2.0, out={v})": 0.1,
}  # fmt: skip
RESULTS = ["{S}", "{V}", "({V}, {S})", "[{M}, {V}]", "{{'a': {V}, 'b': ({S}, {F})}}", "Bag({M}, {V}, {S}, 3)", "({V}, {V}, v0, v0[1:])", "({S}, None, {C}, {B})",
           "{{'d': [{V}, ({S}, {{'e': {Q}}})], 'z': {Z}.abs()}}", "({Z}, {S}, {Q})", "[Bag({M}, kept, {S}, [{C}]), {V}]"]
CHANGES = [
    "A = {c}", "L[0] = {c}", "L.append({c})", "D['k'] = {c}", "W[0] = {c}", "W[:] = W + {c}", "T.mul_({c})", "T = torch.linspace({c}, 1.0, N)",
    "O.a = {c}", "O.b[1] = {c}", "O.b = [0.5, {c}]", "put({c})", "W = np.linspace({c}, 1.0, N)", "scaled = lambda v: v * A + {c}", "T[0] = {c}",
]  # fmt: skip
MODES = {"plain": 4, "tensor": 2, "grads": 4, "vag": 3, "hvp": 1, "jvp": 1, "jac": 0.3}


@dataclasses.dataclass
class Bag:
    """The structured argument of the programs, and a result of some."""

    m: Any
    f: Any
    w: Any
    i: Any
    d: Any = None


class Piece:
    """A statement or an expression: text with holes, and what is in them (Pieces, lists of Pieces or text)."""

    def __init__(self, kind: str, text: str, parts: list[Any]) -> None:
        self.kind, self.text, self.parts = kind, text, parts

    def expression(self) -> str:
        filled = self.text.format(*[each if isinstance(each, str) else each.expression() for each in self.parts])
        return f"({filled})" if self.kind in "SVMFCBZQ" and self.parts else filled

    def lines(self, margin: str) -> Iterator[str]:
        """The statement as lines of source."""
        for line in self.text.split("\n"):
            indent = margin + " " * (len(line) - len(line.lstrip()))
            block = re.fullmatch(r"\s*\{(\d+)\}", line)
            if block and isinstance(self.parts[int(block[1])], list):
                yield from body(self.parts[int(block[1])], indent)
            else:
                filled = [each if isinstance(each, str) else each.expression() for each in (p if not isinstance(p, list) else "" for p in self.parts)]
                yield margin + line.format(*filled)


def body(block: list[Piece], margin: str) -> Iterator[str]:
    """A block as lines of source."""
    for piece in block:
        yield from piece.lines(margin)
    if not block:
        yield margin + "pass"


class Call(NamedTuple):
    """What happens before a call, which of three inputs is passed, and how."""

    change: str
    given: int
    layout: str


class Source:
    """A random program and its calls."""

    def __init__(self, seed: int) -> None:
        rng = self.rng = random.Random(seed)
        self.seed, self.places = seed, 0
        self.mode = rng.choices(list(MODES), list(MODES.values()))[0]
        self.size, self.columns = rng.choice([1, 2, 3, 3, 4, 5, 17, 40]), rng.choice([1, 2, 3, 6])
        self.block = [self.statement(2) for _ in range(rng.randrange(2, 9))]
        self.result = self.filled("R", rng.choice(RESULTS))
        self.calls = [self.call(k) for k in range(rng.randrange(4, 8))]

    def call(self, number: int) -> Call:
        rng = self.rng
        change = rng.choice(CHANGES).format(c=rng.choice(["0.5", "-0.75", "2.0", "1.0", "0.0"])) if number and rng.random() < 0.3 else ""
        return Call(change, rng.randrange(min(number + 1, 4)), rng.choice(["plain", "plain", "strided", "fortran"]))

    def statement(self, depth: int) -> Piece:
        rules = [rule for rule in STATEMENTS if depth or "BLOCK" not in rule]
        return self.filled("statement", self.rng.choices(rules, [STATEMENTS[rule] for rule in rules])[0], depth)

    def filled(self, kind: str, rule: str, depth: int = 2) -> Piece:
        """A Piece of a rule: capital names are expressions, small ones variables, the same one each time."""
        rng, parts, chosen = self.rng, [], {}

        def hole(found: re.Match) -> str:
            name = found[1]
            if name == "BLOCK":
                parts.append([self.statement(depth - 1) for _ in range(rng.randrange(1, 4))])
            elif name == "R":
                parts.append(self.filled("R", rng.choice(RESULTS)))
            elif name.islower():
                parts.append(chosen.setdefault(name, rng.choice(VARIABLES[name.upper()])))
            else:
                parts.append(self.expression(name, 1 + (rng.random() < 0.3)))
            return f"{{{len(parts) - 1}}}"

        while "PLACE" in rule:
            self.places += 1
            rule = rule.replace("PLACE", str(self.places), 1).replace("COUNT", f"n{self.places}")  # nested loops count apart
        return Piece(kind, re.sub(r"(?<!\{)\{(\w+)\}", hole, rule), parts)

    def expression(self, kind: str, depth: int) -> Piece:
        rng = self.rng
        if kind not in RULES or kind != "B" and (depth <= 0 or rng.random() < 0.25):
            return Piece(kind, rng.choice(ATOMS[kind]), [])
        rule, parts = rng.choice(RULES[kind]), []

        def hole(found: re.Match) -> str:
            parts.append(self.expression(found[1], depth - 1))
            return f"{{{len(parts) - 1}}}"

        return Piece(kind, re.sub(r"\{(\w+)\}", hole, rule), parts)

    def text(self, logging: bool) -> str:
        """The module; `logging`: with the branches taken in `log`."""
        lines = [*PROLOGUE, *body(self.block, ""), f"return {self.result.expression()}"]
        return f"N = {self.size}" + (LOGGING if logging else SILENT) + HEAD.replace("BODY", "\n".join("        " + line for line in lines))

    def clean(self) -> bool:
        """Whether the derivative is that of the function: nothing is detached, no number leaves."""
        cuts = r"detach|no_grad|float|item\(|backward|floor|note|sign|func|int\(|f0|== "
        return not re.search(cuts, self.written())

    def singles(self) -> bool:
        """Whether float32 values take part."""
        return bool(re.search(r"f0|float32|\.float\(", self.written()))

    def peeks(self) -> bool:
        """Whether operations look at values themselves, beside what the program logs: derivatives of products at zeros, orders of sorting, norms at zero."""
        return bool(re.search(r"prod|sort|argmax|norm", self.written()))

    def written(self) -> str:
        """What is random in the function."""
        return "\n".join([*body(self.block, ""), self.result.expression()])

    # shrinking

    def smaller(self) -> Iterator[Source]:
        """Simpler programs, the much simpler first."""
        for k in range(len(self.calls)):
            yield self.changed(lambda s, k=k: s.calls.pop(k))
        for k, call in enumerate(self.calls):
            if call.change or call.layout != "plain":
                yield self.changed(lambda s, k=k, call=call: s.calls.__setitem__(k, Call("", call.given, "plain")))
        for number in range(len(list(_blocks(self.block)))):
            block = list(_blocks(self.block))[number]
            for k, piece in enumerate(block):
                yield self.changed(lambda s, number=number, k=k: list(_blocks(s.block))[number].pop(k))
                for inner in range(sum(isinstance(part, list) for part in piece.parts)):
                    yield self.changed(lambda s, number=number, k=k, inner=inner: _open(list(_blocks(s.block))[number], k, inner))
        for number in range(len(list(self.pieces()))):
            piece = list(self.pieces())[number]
            if piece.kind in ATOMS and piece.parts:
                for choice in [*range(len(piece.parts)), -1]:
                    if choice < 0 or getattr(piece.parts[choice], "kind", "") == piece.kind:
                        yield self.changed(lambda s, number=number, choice=choice: _simplify(list(s.pieces())[number], choice))

    def pieces(self) -> Iterator[Piece]:
        for block in _blocks(self.block):
            for piece in block:
                yield from _within(piece)
        yield from _within(self.result)

    def changed(self, change: Any) -> Source:
        made = copy.deepcopy(self)
        change(made)
        return made


def _blocks(block: list[Piece]) -> Iterator[list[Piece]]:
    yield block
    for piece in block:
        for part in piece.parts:
            if isinstance(part, list):
                yield from _blocks(part)


def _within(piece: Piece) -> Iterator[Piece]:
    yield piece
    for part in piece.parts:
        if isinstance(part, Piece):
            yield from _within(part)


def _open(block: list[Piece], k: int, inner: int) -> None:
    block[k : k + 1] = [part for part in block[k].parts if isinstance(part, list)][inner]


def _simplify(piece: Piece, choice: int) -> None:
    other = piece.parts[choice] if choice >= 0 else Piece(piece.kind, ATOMS[piece.kind][0], [])
    piece.text, piece.parts = other.text, other.parts
