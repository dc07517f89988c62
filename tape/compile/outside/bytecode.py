"""What a code object reads of the world outside, and what becomes of it: which of it reaches a result.

`reads_of(code)` gives a Reads: names of globals, attributes and imports that the code and the functions written inside it load; `used`,
what goes into a return value, a call, a branch or an index; and `flows`, what is only stored elsewhere. A counter (`n += 1`,
`log.append(x)`, `d["k"] += 1`) flows into itself alone and is not used. Things outside are named by keys: ("name", n) for globals and
closure cells, ("attr", a) for attributes of whatever object, ("default", p) for parameters.
Found by running the instructions once over a stack of sets of keys. Invariant: what is not understood counts as used.
Imports nothing of this package. Imported by snapshot and watch.
"""

from __future__ import annotations

import dis
import sys
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

Key = tuple[str, str]
Keys = frozenset[Key]
NO_KEYS: Keys = frozenset()

PURE = frozenset("len float int str repr bool abs max min round tuple list dict set sorted sum isinstance type id".split())
SHOWN = frozenset(["print"])  # what is printed reaches no result
STORING = frozenset(
    "append appendleft extend extendleft add insert update setdefault discard remove clear write debug info warning error".split()
)
READS_ALL = frozenset("getattr vars dir hasattr copy deepcopy attrgetter methodcaller __dict__ __getattribute__".split())
READS_TEXT = frozenset("str repr format".split())
READS_NAMED = frozenset("getattr hasattr attrgetter methodcaller __getattribute__".split())

PUSHES = frozenset("LOAD_CONST LOAD_CLOSURE LOAD_BUILD_CLASS LOAD_ASSERTION_ERROR PUSH_NULL LOAD_SMALL_INT LOAD_COMMON_CONSTANT".split())
IDLE = frozenset(
    "RESUME NOP CACHE PRECALL KW_NAMES MAKE_CELL COPY_FREE_VARS EXTENDED_ARG SETUP_ANNOTATIONS NOT_TAKEN RETURN_CONST".split()
)
MERGED = {  # instructions that make one value of several, which holds what they held
    "BINARY_OP": 2, "BINARY_SUBSCR": 2, "COMPARE_OP": 2, "CONTAINS_OP": 2, "IS_OP": 2, "BINARY_SLICE": 3, "UNARY_NEGATIVE": 1,
    "UNARY_POSITIVE": 1, "UNARY_NOT": 1, "UNARY_INVERT": 1, "LIST_TO_TUPLE": 1, "FORMAT_SIMPLE": 1, "FORMAT_WITH_SPEC": 2,
    "CONVERT_VALUE": 1, "TO_BOOL": 1,
}  # fmt: skip
BUILT = frozenset("BUILD_LIST BUILD_TUPLE BUILD_SET BUILD_STRING BUILD_SLICE".split())
ADDED = frozenset("LIST_EXTEND SET_UPDATE DICT_UPDATE DICT_MERGE".split())  # LIST_APPEND and the like stand in loops: they have no rule
ENDS = frozenset("RETURN_VALUE RETURN_CONST RAISE_VARARGS RERAISE JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT".split())


class Reads(NamedTuple):
    """What a code object and those written inside it read; `bare` are the names of functions called without arguments,
    `assumed` the builtins and methods that are taken to be Python's own."""

    names: frozenset[str]
    attributes: frozenset[str]
    imports: frozenset[tuple[int, str]]
    bare: frozenset[str]
    used: Keys
    flows: frozenset[tuple[Key, Key]]
    assumed: Keys
    everything: bool
    codes: tuple[CodeType, ...]


class Value(NamedTuple):
    """A place of the stack: what it holds of the outside, and the name of the function that it is (".append" for a method)."""

    keys: Keys = NO_KEYS
    name: str = ""


NOTHING = Value()


@lru_cache(4096)
def reads_of(code: CodeType) -> Reads:
    """What a code object reads.

    >>> def f(x):
    ...     global calls
    ...     calls += 1
    ...     return x * scale
    >>> sorted(reads_of(f.__code__).used)
    [('default', 'x'), ('name', 'scale')]
    """
    flow = Flow(code)
    names, attributes, imports, everything = set(), set(), set(), False
    for position, instruction in enumerate(flow.instructions):
        op = instruction.opname
        if op.startswith(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")):
            names.add(instruction.argval)
        elif op in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR", "IMPORT_FROM"):
            attributes.add(instruction.argval)
        elif op == "IMPORT_NAME":
            level = flow.instructions[position - 2].argval
            imports.add((level if isinstance(level, int) else 0, instruction.argval))
        everything = everything or op in ("MATCH_CLASS", "IMPORT_STAR")
        if op.startswith(("FORMAT_", "CONVERT_VALUE")):
            attributes |= {"__str__", "__repr__", "__format__"}
    listed = [part for constant in code.co_consts for part in (constant if isinstance(constant, tuple) else (constant,))]
    texts = [text for text in listed if isinstance(text, str)]
    percent = any("%" in text for text in texts) and any(i.opname == "BINARY_OP" and "%" in i.argrepr for i in flow.instructions)
    if names & READS_TEXT or "format" in attributes or percent:
        attributes |= {"__str__", "__repr__", "__format__"}
    if READS_NAMED & (names | attributes):
        attributes |= {name for text in texts for name in text.split(".") if name.isidentifier()}
    everything = everything or bool(READS_ALL & (names | attributes))
    inner = [reads_of(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    return Reads(
        frozenset(names).union(*(r.names for r in inner)),
        frozenset(attributes).union(*(r.attributes for r in inner)),
        frozenset(imports).union(*(r.imports for r in inner)),
        frozenset(flow.bare).union(*(r.bare for r in inner)),
        frozenset(flow.used).union(*(r.used for r in inner)),
        frozenset(flow.flows).union(*(r.flows for r in inner)),
        frozenset(flow.assumed).union(*(r.assumed for r in inner)),
        everything or any(r.everything for r in inner),
        (code, *(c for r in inner for c in r.codes)),
    )


def reaching(used: set[Key], flows: set[tuple[Key, Key]]) -> set[Key]:
    """The keys that are used, or flow into something that is.

    >>> sorted(reaching({("name", "a")}, {(("name", "b"), ("name", "a")), (("name", "c"), ("name", "d"))}))
    [('name', 'a'), ('name', 'b')]
    """
    reached = set(used)
    while True:
        more = {source for source, target in flows if target in reached} - reached
        if not more:
            return reached
        reached |= more


class Flow:
    """One run over the instructions of a code object, repeated until its local variables hold nothing new."""

    def __init__(self, code: CodeType) -> None:
        self.instructions = list(dis.get_instructions(code))
        self.used: set[Key] = set()
        self.flows: set[tuple[Key, Key]] = set()
        self.bare: set[str] = set()
        self.assumed: set[Key] = set()
        parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        self.locals: dict[str, Keys] = {name: frozenset([("default", name)]) for name in parameters}
        held = None
        while held != self.locals:
            held = dict(self.locals)
            self.run()

    def run(self) -> None:
        self.stack: list[Value] = []
        waiting: dict[int, list[Value]] = {}  # by the offset that a jump leads to: the stack there
        alive = True
        for instruction in self.instructions:
            there = waiting.pop(instruction.offset, None)
            if there is not None:
                self.stack = self.joined(self.stack, there) if alive else there
                alive = True
            elif not alive:  # the start of an exception handler
                self.stack, alive = [], True
            self.step(instruction)
            op = instruction.opname
            if "JUMP" in op and "BACKWARD" not in op or op == "FOR_ITER":
                left = list(self.stack)
                if op == "FOR_ITER" and sys.version_info < (3, 12):
                    left = left[:-2]  # neither the iterator nor an item
                elif op.startswith("JUMP_IF"):
                    left.append(NOTHING)  # kept where it jumps; it is used already
                known = waiting.get(instruction.argval)
                waiting[instruction.argval] = left if known is None else self.joined(known, left)
            alive = op not in ENDS

    def joined(self, a: list[Value], b: list[Value]) -> list[Value]:
        """The stack where two ways meet."""
        if len(a) != len(b):
            for value in a + b:
                self.use(value.keys)
            return [NOTHING] * max(len(a), len(b))
        return [one if one == two else Value(one.keys | two.keys) for one, two in zip(a, b, strict=True)]

    def use(self, keys: Keys) -> None:
        self.used |= keys

    def pop(self, count: int = 1) -> Keys:
        """Take values off; what they hold."""
        keys = NO_KEYS
        for _ in range(count):
            if self.stack:
                keys |= self.stack.pop().keys
        return keys

    def push(self, keys: Keys = NO_KEYS, name: str = "") -> None:
        self.stack.append(Value(keys, name))

    def store(self, keys: Keys, target: Key, owner: Keys = NO_KEYS, known: bool = True) -> None:
        """What `keys` name goes into `target`; into a thing that has no name outside, it counts as used."""
        keys = keys - owner
        if known:
            self.flows |= {(key, target) for key in keys if key != target}
        else:
            self.use(keys - {target})

    def step(self, instruction: dis.Instruction) -> None:
        op, arg = instruction.opname, instruction.arg or 0
        if op in PUSHES:
            self.push()
        elif op in IDLE:
            pass
        elif op in MERGED or op in BUILT or op in ("BUILD_MAP", "BUILD_CONST_KEY_MAP", "FORMAT_VALUE"):
            count = MERGED.get(op, arg)
            if op == "FORMAT_VALUE":
                count = 2 if arg & 4 else 1
            elif op == "BUILD_MAP":
                count = 2 * arg
            elif op == "BUILD_CONST_KEY_MAP":
                count = arg + 1
            self.push(self.pop(count))
        elif op in ADDED:
            keys = self.pop()
            if 0 < arg <= len(self.stack):
                self.stack[-arg] = Value(self.stack[-arg].keys | keys)
            else:
                self.use(keys)
        elif op == "POP_TOP":
            self.pop()
        elif op == "COPY" and arg <= len(self.stack):
            self.stack.append(self.stack[-arg])
        elif op == "SWAP" and arg <= len(self.stack):
            self.stack[-1], self.stack[-arg] = self.stack[-arg], self.stack[-1]
        elif not (self.load(instruction, op, arg) or self.save(instruction, op) or self.call(op, arg)):
            self.unknown(instruction)

    def load(self, instruction: dis.Instruction, op: str, arg: int) -> bool:
        name = instruction.argval
        if op == "LOAD_GLOBAL":
            if arg & 1:
                self.push()
            self.push(frozenset([("name", name)]), name)
        elif op in ("LOAD_DEREF", "LOAD_NAME", "LOAD_CLASSDEREF"):
            self.push(frozenset([("name", name)]))
        elif op in ("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_BORROW"):
            self.push(self.locals.get(name, NO_KEYS))
        elif op in ("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"):
            for one in name:
                self.push(self.locals.get(one, NO_KEYS))
        elif op in ("LOAD_ATTR", "LOAD_METHOD"):
            keys = self.pop() | {("attr", name)}
            if op == "LOAD_METHOD" or sys.version_info >= (3, 12) and arg & 1:
                self.push()
            self.push(keys, "." + name)
        elif op == "IMPORT_NAME":
            self.pop(2)
            self.push()
        elif op == "IMPORT_FROM":
            self.push()
        else:
            return False
        return True

    def save(self, instruction: dis.Instruction, op: str) -> bool:
        name = instruction.argval
        if op in ("STORE_GLOBAL", "STORE_DEREF"):
            self.store(self.pop(), ("name", name))
        elif op == "STORE_FAST":
            self.keep(name)
        elif op == "STORE_FAST_STORE_FAST":
            for one in name:
                self.keep(one)
        elif op == "STORE_FAST_LOAD_FAST":
            self.keep(name[0])
            self.push(self.locals.get(name[1], NO_KEYS))
        elif op == "STORE_ATTR":
            owner = self.pop()
            self.store(self.pop(), ("attr", name), owner, bool(owner))
        elif op == "STORE_SUBSCR":
            key, container, keys = self.pop(), self.pop(), self.pop()
            self.use(key - container)
            self.into(keys, container)
        elif op in ("DELETE_SUBSCR", "DELETE_ATTR"):
            self.use(self.pop() if op == "DELETE_SUBSCR" else NO_KEYS)
            self.pop()
        elif op in ("DELETE_FAST", "DELETE_GLOBAL", "DELETE_DEREF"):
            pass
        else:
            return False
        return True

    def keep(self, name: str) -> None:
        self.locals[name] = self.locals.get(name, NO_KEYS) | self.pop()

    def into(self, keys: Keys, container: Keys) -> None:
        """What `keys` name goes into a container."""
        if not container:
            self.use(keys)
        for target in container:
            self.store(keys, target, container)

    def call(self, op: str, arg: int) -> bool:
        if op not in ("CALL", "CALL_KW"):
            return False
        if op == "CALL_KW":
            self.pop()
        passed = self.pop(arg)
        callee = [self.stack.pop() if self.stack else NOTHING for _ in range(2)]
        name = callee[0].name or callee[1].name
        base = callee[0].keys | callee[1].keys
        if not arg and name:
            self.bare.add(name.lstrip("."))
        if name in SHOWN:
            self.assumed.add(("name", name))
            self.push()
        elif name in PURE:
            self.assumed.add(("name", name))
            self.push(passed)
        elif name.startswith("."):
            owner = base - {("attr", name[1:])}
            if name[1:] in STORING and owner:
                self.assumed.add(("attr", name[1:]))
                self.into(passed, owner)
            else:
                self.use(passed - owner)
            self.push(base)
        else:
            self.use(passed | base)
            self.push()
        return True

    def unknown(self, instruction: dis.Instruction) -> None:
        """An instruction that has no rule here, or ends or branches: what it could look at counts as used."""
        op = instruction.opname
        if op in ("RETURN_VALUE", "YIELD_VALUE", "GET_ITER") or op.startswith(("POP_JUMP", "JUMP_IF")):
            if self.stack:
                self.use(self.stack[-1].keys)
        elif op.startswith("JUMP"):
            return
        else:
            for value in self.stack:
                self.use(value.keys)
            if "FAST" in op:
                for name in instruction.argval if isinstance(instruction.argval, tuple) else [instruction.argval]:
                    self.use(self.locals.get(name, NO_KEYS))
        # what an instruction without a rule leaves behind is new: all that went in is used already
        effect = dis.stack_effect(instruction.opcode, instruction.arg if instruction.opcode >= dis.HAVE_ARGUMENT else None, jump=False)
        if effect < 0:
            self.pop(-effect)
        elif effect == 0 and self.stack:
            self.stack[-1] = NOTHING
        for _ in range(max(effect, 0)):
            self.push()
