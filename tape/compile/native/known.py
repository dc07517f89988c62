"""Calls of functions that machine code makes itself: elements at index arrays, factors of matrices, triangular systems, diagonals.

`recognise(program, row)` gives a recipe, or None for a call that Python makes; `written(module, ...)` adds the function `i64 (ptr y, ptr ...)`
of a recipe, which returns 0, or 1 where an index is out of bounds or a matrix not positive definite: then the rows are run one
by one, which tells. Invariant: the result is the function's own; additions at one place are made in NumPy's order.
Imported by kinds, plan and emit.
"""

from __future__ import annotations

import operator
from math import prod
from typing import Any, NamedTuple

import numpy as np

from tape.compile.native.llvm import Module
from tape.compile.native.places import contiguous
from tape.compile.native.products import flag, leading, number, pointers, whole
from tape.compile.native.vectors import KINDS
from tape.compile.program import Program

BLOCK = 64  # rows of a triangular system that are solved for at a time
DIAGONALS = ("diagonal", "zeros")  # which are loop nests
INDEX = np.dtype(np.int64)
_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))
_WORD = {"double": "double", "float": "float", "i1": "i8"}


class Ref(NamedTuple):
    """An input of a call: a row of the program, or an array that belongs to the call."""

    row: int
    array: np.ndarray | None = None


class Recipe(NamedTuple):
    """`what`: take, put or add at index arrays; cholesky; triangular; diagonal or zeros. `refs`: what is read through pointers; `base`:
    what the result begins as, if anything; `details`: the rest."""

    what: str
    refs: tuple[Ref, ...]
    base: Ref | None = None
    details: tuple = ()


class _Given:
    """Stands for an input of a call."""

    def __init__(self, row: int) -> None:
        self.row = row


def recognise(program: Program, row: int) -> Recipe | None:
    """How machine code makes a call."""
    call, spec = program.params[row], program.spec[row]
    if spec.dtype not in KINDS or not spec.size:
        return None
    args, kwargs = call.build(*map(_Given, program.inputs_of(row)))
    name, module = call.name, getattr(call.function, "__module__", "")
    if call.function is operator.getitem:
        return _at(program, "take", args[0], args[1], None)
    if kwargs:
        return None
    if module == "tape.compile.dispatch" and name == "add.at" and len(args) == 3:
        return _at(program, "add", *args)
    if module.startswith("tape.compile.") and name.strip("_") == "replaced" and len(args) == 3:
        return _at(program, "put", *args)
    if call.function is np.diagonal and type(args[0]) is _Given and all(type(x) is int for x in args[1:]):
        return Recipe("diagonal", (Ref(args[0].row),), details=args[1:]) if program.spec[args[0].row].dtype in KINDS else None
    if name == "_diagonal_in_zeros" and module == "tape.functions.picking" and type(args[4]) is _Given:
        values = program.spec[args[4].row]
        ground = np.diagonal(np.broadcast_to(0.0, spec.shape), *args[1:4])
        fits = values.shape == ground.shape and values.dtype == spec.dtype
        return Recipe("zeros", (Ref(args[4].row),), details=args[1:4]) if fits else None
    return _of_matrices(program, row, args) if spec.dtype in _FLOATS and len(spec.shape) == 2 else None


def _of_matrices(program: Program, row: int, args: tuple) -> Recipe | None:
    call, spec = program.params[row], program.spec[row]
    if call.function is np.linalg.cholesky and len(args) == 1 and type(args[0]) is _Given:
        return Recipe("cholesky", (), Ref(args[0].row)) if program.spec[args[0].row] is spec else None
    if call.name == "triangular" and call.function.__module__ == "tape.functions.lapack":
        a, b, upper, left, unit = args
        matrix, begin = _ref(program, a), _ref(program, b)
        if matrix and begin and begin[1:] == (spec.shape, spec.dtype) and matrix[2] == spec.dtype and len(matrix[1]) == 2:
            return Recipe("triangular", (matrix[0],), begin[0], (bool(upper), bool(left), bool(unit)))
    return None


def _ref(program: Program, given: Any) -> tuple[Ref, tuple[int, ...], np.dtype] | None:
    if type(given) is _Given:
        spec = program.spec[given.row]
        return Ref(given.row), spec.shape, spec.dtype
    return (Ref(-1, given), given.shape, given.dtype) if type(given) is np.ndarray and given.flags.aligned else None


def _all_of(item: Any) -> bool:
    return type(item) is slice and item == slice(None)


def _at(program: Program, what: str, x: Any, key: Any, values: Any) -> Recipe | None:
    """Elements at arrays of indices for neighbouring axes; the axes before and behind them are taken as they are."""
    items = list(key) if type(key) is tuple else [key]
    while items and _all_of(items[-1]):
        items.pop()
    lead = 0
    while lead < len(items) and _all_of(items[lead]):
        lead += 1
    found = [_ref(program, item) for item in items[lead:]]
    whole_ = _ref(program, x)
    if whole_ is None or not found or any(f is None or f[2] != INDEX for f in found) or len(items) > len(whole_[1]):
        return None
    keys = [f for f in found if f is not None]
    shape = (*whole_[1][:lead], *np.broadcast_shapes(*(f[1] for f in keys)))
    details = (shape, whole_[1], len(items), lead)
    if what == "take":
        return Recipe(what, (whole_[0], *(f[0] for f in keys)), details=details)
    source = _ref(program, values)
    part = (*shape, *whole_[1][len(items) :])
    if whole_[2] not in _FLOATS or source is None or source[1] != part or source[2] != whole_[2]:
        return None
    return Recipe(what, (source[0], *(f[0] for f in keys)), whole_[0], details)


Strides = tuple[int, ...]


def written(module: Module, recipe: Recipe, shape: tuple[int, ...], strides: list[Strides], kind: str) -> str | None:
    """The function's name; None where memory does not lie as it must. `shape`: of the result; `strides`: of each of the refs."""
    if recipe.what in ("take", "put", "add"):
        lines = _indexed(recipe, strides, kind)
    elif recipe.what == "cholesky":
        lines = _cholesky(module, shape[0], kind)
    else:
        lines = _triangular(module, recipe.details, shape, strides[0], kind)
    if lines is None:
        return None
    given = ", ".join(["ptr %y", *(f"ptr %x{k}" for k in range(len(strides)))])
    text = "\n".join([f"define internal i64 @THIS({given}) nounwind noinline {{", "entry:", *lines, "}"])
    known = module.__dict__.setdefault("known", {})
    if text not in known:
        if "llvm.memcpy" in text:
            module.external("llvm.memcpy.p0.p0.i64", "void", ["ptr", "ptr", "i64", "i1"])
        known[text] = module.fresh("known")
        module.add(text.replace("@THIS(", f"@{known[text]}("))
    return f"@{known[text]}"


def _indexed(recipe: Recipe, strides: list[Strides], kind: str) -> list[str] | None:
    """A loop over the places that the index arrays name together."""
    shape, inner, count, lead = recipe.details
    size = {"double": 8, "float": 4, "i1": 1}[kind]
    rest, steps = inner[count:], contiguous(inner, size)
    taking = recipe.what == "take"
    source = strides[0]
    if any(n > 1 and s != t for n, s, t in zip(rest, source[len(source) - len(rest) :], steps[count:], strict=True)):
        return None  # the part that moves as a whole has gaps
    block = prod(rest)
    lines = ["  br label %head", "head:", "  %t = phi i64 [ 0, %entry ], [ %next, %done ]"]
    places = _counters(lines, shape)
    total = "0"
    for k in range(count):
        step = source[k] if taking else steps[k]
        if k < lead:
            lines += [f"  %m{k} = mul i64 {places[k]}, {step}", f"  %s{k} = add i64 {total}, %m{k}"]
            total = f"%s{k}"
            continue
        at = _offset(lines, f"k{k}", places, shape, strides[1 + k - lead])
        lines += [f"  %kp{k} = getelementptr i8, ptr %x{1 + k - lead}, i64 {at}", f"  %g{k} = load i64, ptr %kp{k}, align 8"]
        lines += [f"  %low{k} = icmp slt i64 %g{k}, 0", f"  %up{k} = add i64 %g{k}, {inner[k]}", f"  %i{k} = select i1 %low{k}, i64 %up{k}, i64 %g{k}"]
        lines += [f"  %in{k} = icmp ult i64 %i{k}, {inner[k]}", f"  br i1 %in{k}, label %on{k}, label %out", f"on{k}:"]
        lines += [f"  %m{k} = mul i64 %i{k}, {step}", f"  %s{k} = add i64 {total}, %m{k}"]
        total = f"%s{k}"
    if taking:
        lines += [f"  %from = getelementptr i8, ptr %x0, i64 {total}", f"  %far = mul i64 %t, {block * size}", "  %to = getelementptr i8, ptr %y, i64 %far"]
    else:
        at = _offset(lines, "v", places, shape, source[: len(shape)])
        lines += [f"  %from = getelementptr i8, ptr %x0, i64 {at}", f"  %to = getelementptr i8, ptr %y, i64 {total}"]
    lines += _moved(recipe.what, block, kind, size, f"on{count - 1}")
    return [*lines, "  %next = add i64 %t, 1", f"  %more = icmp ult i64 %next, {prod(shape)}", "  br i1 %more, label %head, label %end", "end:", "  ret i64 0", "out:", "  ret i64 1"]  # fmt: skip


def _counters(lines: list[str], shape: tuple[int, ...]) -> list[str]:
    """The place along each axis of the flat number %t."""
    long = [axis for axis, n in enumerate(shape) if n != 1]
    places, rest = ["0"] * len(shape), "%t"
    for axis in reversed(long):
        if axis == long[0]:
            places[axis] = rest
        else:
            lines += [f"  %c{axis} = urem i64 {rest}, {shape[axis]}", f"  %q{axis} = udiv i64 {rest}, {shape[axis]}"]
            places[axis], rest = f"%c{axis}", f"%q{axis}"
    return places


def _offset(lines: list[str], name: str, places: list[str], shape: tuple[int, ...], strides: Strides) -> str:
    """Bytes to where an operand that broadcasts to a shape has its element."""
    total, lead = "0", len(shape) - len(strides)
    for axis, stride in enumerate(strides, lead):
        if stride and shape[axis] != 1:
            lines += [f"  %{name}.m{axis} = mul i64 {places[axis]}, {stride}", f"  %{name}.s{axis} = add i64 {total}, %{name}.m{axis}"]
            total = f"%{name}.s{axis}"
    return total


def _moved(what: str, block: int, kind: str, size: int, before: str) -> list[str]:
    """Move one element, or a block of them, from %from to %to."""
    if what != "add":
        if block > 1:
            move = f"  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 {block * size}, i1 false)"
        else:
            word = _WORD[kind]
            return [f"  %moved = load {word}, ptr %from, align {size}", f"  store {word} %moved, ptr %to, align {size}", "  br label %done", "done:"]
        return [move, "  br label %done", "done:"]
    head = ["  br label %each", "each:", f"  %e = phi i64 [ 0, %{before} ], [ %e.next, %each ]"]
    body = [f"  %a.at = getelementptr {kind}, ptr %to, i64 %e", f"  %b.at = getelementptr {kind}, ptr %from, i64 %e"]
    body += [f"  %a = load {kind}, ptr %a.at, align {size}", f"  %b = load {kind}, ptr %b.at, align {size}", f"  %sum = fadd {kind} %a, %b"]
    body += [f"  store {kind} %sum, ptr %a.at, align {size}", "  %e.next = add i64 %e, 1", f"  %e.more = icmp ult i64 %e.next, {block}"]
    return [*head, *body, "  br i1 %e.more, label %each, label %done", "done:"]


def _cholesky(module: Module, n: int, kind: str) -> list[str]:
    """The factor of the matrix whose lower triangle is in %y; LAPACK, which reads by columns, takes it for an upper one."""
    count = whole(module)
    function = module.external(f"lapack_{'d' if kind == 'double' else 's'}potrf", "void", ["ptr"] * 5)
    arguments = (flag(module, "U"), count(n), "%y", count(n), "%info")
    size = 8 if kind == "double" else 4
    lines = ["  %info = alloca i32", "  store i32 0, ptr %info", f"  call void {function}({pointers(arguments)})"]
    lines += ["  br label %head", "head:", "  %i = phi i64 [ 0, %entry ], [ %next, %head ]"]  # zeros right of the diagonal
    lines += [f"  %row = mul i64 %i, {(n + 1) * size}", f"  %off = add i64 %row, {size}", "  %at = getelementptr i8, ptr %y, i64 %off"]
    lines += [f"  %left = sub i64 {n - 1}, %i", f"  %bytes = mul i64 %left, {size}"]
    lines.append(f"  call void {module.external('llvm.memset.p0.i64', 'void', ['ptr', 'i8', 'i64', 'i1'])}(ptr %at, i8 0, i64 %bytes, i1 false)")
    lines += ["  %next = add i64 %i, 1", f"  %more = icmp ult i64 %next, {n}", "  br i1 %more, label %head, label %end", "end:"]
    return [*lines, "  %found = load i32, ptr %info", "  %bad = icmp ne i32 %found, 0", "  %status = zext i1 %bad to i64", "  ret i64 %status"]


def _triangular(module: Module, details: tuple, shape: tuple[int, ...], strides: Strides, kind: str) -> list[str] | None:
    """The solution for what is in %y: BLAS sees X A = B with everything transposed."""
    upper, left, unit = details
    rows, columns = shape
    n = rows if left else columns
    letter, count, size = "d" if kind == "double" else "s", whole(module), 8 if kind == "double" else 4
    lies = leading(n, n, strides, size)
    if lies is None:
        return None
    if left and columns == 1:
        by_columns, distance = lies
        function = module.external(f"blas_{letter}trsv", "void", ["ptr"] * 8)
        flags = flag(module, "U" if upper == by_columns else "L"), flag(module, "N" if by_columns else "T"), flag(module, "U" if unit else "N")
        return [f"  call void {function}({pointers((*flags, count(n), '%x0', count(distance), '%y', count(1)))})", "  ret i64 0"]
    if not left or n < 2 * BLOCK or columns < BLOCK // 2:
        return [*_solved(module, details, (rows, columns), lies, kind, "%x0", "%y"), "  ret i64 0"]
    return [*_in_blocks(module, details, (rows, columns), lies, kind), "  ret i64 0"]


def _solved(module: Module, details: tuple, shape: tuple[int, int], lies: tuple[bool, int], kind: str, matrix: str, y: str) -> list[str]:
    """A call that solves for the rows (or columns) from %y on, by what lies at `matrix`."""
    (upper, left, unit), (rows, columns), (by_columns, distance), count = details, shape, lies, whole(module)
    function = module.external(f"blas_{'d' if kind == 'double' else 's'}trsm", "void", ["ptr"] * 11)
    flags = flag(module, "R" if left else "L"), flag(module, "U" if upper == by_columns else "L"), flag(module, "T" if by_columns else "N")
    return [f"  call void {function}({pointers((*flags, flag(module, 'U' if unit else 'N'), count(columns), count(rows), number(module, kind, 1), matrix, count(distance), y, count(shape[1])))})"]  # fmt: skip


def _in_blocks(module: Module, details: tuple, shape: tuple[int, int], lies: tuple[bool, int], kind: str) -> list[str]:
    """Block by block of rows: what the rows solved for so far contribute is a product, at which BLAS is several times faster than here."""
    (upper, _, _), (rows, columns), (by_columns, distance), count = details, shape, lies, whole(module)
    size, lines = 8 if kind == "double" else 4, []
    product = module.external(f"blas_{'d' if kind == 'double' else 's'}gemm", "void", ["ptr"] * 13)

    def at(name: str, base: str, offset: int) -> str:
        lines.append(f"  %{name} = getelementptr i8, ptr {base}, i64 {offset * size}")
        return f"%{name}"

    def part(name: str, row: int, column: int) -> str:
        return at(name, "%x0", column * distance + row if by_columns else row * distance + column)

    starts = range(0, rows, BLOCK)
    for start in reversed(starts) if upper else starts:
        stop = min(start + BLOCK, rows)
        first, done = (stop, rows - stop) if upper else (0, start)
        here = at(f"y{start}", "%y", start * columns)
        if done:
            arguments = (
                flag(module, "N"), flag(module, "T" if by_columns else "N"), count(columns), count(stop - start), count(done), number(module, kind, -1),
                at(f"z{start}", "%y", first * columns), count(columns), part(f"b{start}", start, first), count(distance),
                number(module, kind, 1), here, count(columns),
            )  # fmt: skip
            lines.append(f"  call void {product}({pointers(arguments)})")
        lines += _solved(module, details, (stop - start, columns), lies, kind, part(f"a{start}", start, start), here)
    return lines
