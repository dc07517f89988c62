"""Matrix products as calls of BLAS on memory as it lies: transposes are flags, rows and columns may have gaps.

`product(module, sizes, places, kind)` adds a function `void (ptr a, ptr b, ptr y)` and returns its name, or None where BLAS cannot read an
operand as it lies. Shapes are those of `numpy.matmul`, batches included. Invariant: the result is C-contiguous and no operand overlaps
it. Imported by emit and known.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from tape.compile.native.llvm import Module

_SIZES = {"double": 8, "float": 4}
Shaped = tuple[tuple[int, ...], tuple[int, ...]]  # shape, byte strides


def product(module: Module, a: Shaped, b: Shaped, kind: str) -> str | None:
    """The name of a function that multiplies operands of these shapes and strides."""
    size = _SIZES[kind]
    left = a if len(a[0]) > 1 else ((1, *a[0]), (0, *a[1]))
    right = b if len(b[0]) > 1 else ((*b[0], 1), (*b[1], 0))
    (m, k), n = left[0][-2:], right[0][-1]
    if not (m and k and n):
        return None
    call = _call(module, m, k, n, left[1][-2:], right[1][-2:], kind, size)
    if call is None:
        return None
    batch = _broadcast(left[0][:-2], right[0][:-2])
    if not prod(batch):
        return None
    steps = [_steps(batch, x[0][:-2], x[1][:-2]) for x in (left, right)]
    lines = ["entry:", *_batched(batch, *steps, m * n * size, call)]
    text = "\n".join(["define internal void @THIS(ptr %a, ptr %b, ptr %y) nounwind noinline {", *lines, "  ret void", "}"])
    known = module.__dict__.setdefault("products", {})
    if text not in known:
        known[text] = module.fresh("product")
        module.add(text.replace("@THIS(", f"@{known[text]}("))
    return f"@{known[text]}"


def _broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    count = max(len(a), len(b))
    a, b = (1,) * (count - len(a)) + a, (1,) * (count - len(b)) + b
    return tuple(y if x == 1 else x for x, y in zip(a, b, strict=True))


def _steps(batch: tuple[int, ...], shape: tuple[int, ...], strides: tuple[int, ...]) -> list[int]:
    lead = len(batch) - len(shape)
    return [0] * lead + [0 if n == 1 else s for n, s in zip(shape, strides, strict=True)]


def _batched(batch: tuple[int, ...], left: list[int], right: list[int], bytes_: int, call: list[str]) -> list[str]:
    """A loop over the flat number of a product in the batch."""
    count = prod(batch)
    if count == 1:
        return ["  %pa = getelementptr i8, ptr %a, i64 0", "  %pb = getelementptr i8, ptr %b, i64 0", "  %py = getelementptr i8, ptr %y, i64 0", *call]
    lines = ["  br label %head", "head:", "  %t = phi i64 [ 0, %entry ], [ %next, %head ]"]
    rest, offsets = "%t", {"a": "0", "b": "0"}
    for axis in range(len(batch) - 1, -1, -1):
        lines.append(f"  %i{axis} = urem i64 {rest}, {batch[axis]}")
        lines.append(f"  %q{axis} = udiv i64 {rest}, {batch[axis]}")
        rest = f"%q{axis}"
        for name, steps in (("a", left), ("b", right)):
            if steps[axis]:
                lines.append(f"  %m{name}{axis} = mul i64 %i{axis}, {steps[axis]}")
                lines.append(f"  %o{name}{axis} = add i64 {offsets[name]}, %m{name}{axis}")
                offsets[name] = f"%o{name}{axis}"
    lines.append(f"  %oy = mul i64 %t, {bytes_}")
    lines += [f"  %p{x} = getelementptr i8, ptr %{x}, i64 {offsets[x]}" for x in "ab"]
    lines += ["  %py = getelementptr i8, ptr %y, i64 %oy", *call]
    return [*lines, "  %next = add i64 %t, 1", f"  %more = icmp ult i64 %next, {count}", "  br i1 %more, label %head, label %done", "done:"]


def leading(rows: int, columns: int, strides: tuple[int, ...], size: int) -> tuple[bool, int] | None:
    """Whether a matrix lies by columns, as Fortran has it, and the distance of its columns (else rows); None for anything else."""
    across, along = strides
    if rows == 1:
        across = columns * size if along == size or columns == 1 else across
    if columns == 1:
        along = size if across >= size or rows == 1 else along
        if across < size or across % size:
            return None
    if along == size and across % size == 0 and across >= columns * size:
        return False, across // size
    if across == size and along % size == 0 and along >= rows * size:
        return True, along // size
    return None


def _call(module: Module, m: int, k: int, n: int, a, b, kind: str, size: int) -> list[str] | None:
    letter = "d" if kind == "double" else "s"
    count = whole(module)
    if m == 1 and n == 1:
        steps = (a[1] if k > 1 else size, b[0] if k > 1 else size)
        if any(s <= 0 or s % size for s in steps):
            return None
        function = module.external(f"blas_{letter}dot", kind, ["ptr"] * 5)
        arguments = (count(k), "%pa", count(steps[0] // size), "%pb", count(steps[1] // size))
        return [f"  %dot = call {kind} {function}({pointers(arguments)})", f"  store {kind} %dot, ptr %py"]
    left, right = leading(m, k, a, size), leading(k, n, b, size)
    one, zero = number(module, kind, 1), number(module, kind, 0)
    if n == 1 or m == 1:
        matrix, pointer, vector, step, rows, columns = (
            (left, "%pa", "%pb", b[0], m, k) if n == 1 else (right, "%pb", "%pa", a[1], k, n)
        )
        step = step if k > 1 else size
        if matrix is None or step <= 0 or step % size:
            return None
        by_columns = matrix[0]
        if by_columns:  # Fortran sees it as it is
            turned, shape = "N" if n == 1 else "T", (rows, columns)
        else:
            turned, shape = "T" if n == 1 else "N", (columns, rows)
        arguments = (
            flag(module, turned), count(shape[0]), count(shape[1]), one, pointer, count(matrix[1]), vector, count(step // size), zero, "%py", count(1)
        )  # fmt: skip
        function = module.external(f"blas_{letter}gemv", "void", ["ptr"] * 11)
        return [f"  call void {function}({pointers(arguments)})"]
    if left is None or right is None:
        return None
    flags = [flag(module, "T" if by_columns else "N") for by_columns, _ in (right, left)]
    arguments = (
        *flags, count(n), count(m), count(k), one, "%pb", count(right[1]), "%pa", count(left[1]), zero, "%py", count(n)
    )  # fmt: skip
    function = module.external(f"blas_{letter}gemm", "void", ["ptr"] * 13)
    return [f"  call void {function}({pointers(arguments)})"]


def pointers(arguments: tuple[str, ...]) -> str:
    """Arguments of a call that are all addresses."""
    return ", ".join(f"ptr {x}" for x in arguments)


def _constant(module: Module, name: str, text: str) -> str:
    known = module.__dict__.setdefault("constants", set())
    if name not in known:
        known.add(name)
        module.add(f"@{name} = internal constant {text}")
    return f"@{name}"


def whole(module: Module) -> Callable[[int], str]:
    """Gives the address of an integer, as Fortran wants it."""
    return lambda value: _constant(module, f"whole.{value}", f"i32 {value}")


def flag(module: Module, letter: str) -> str:
    """The address of a letter."""
    return _constant(module, f"flag.{letter}", f"i8 {ord(letter)}")


def number(module: Module, kind: str, value: int) -> str:
    """The address of a number of a kind."""
    return _constant(module, f"number.{kind}.{value}", f"{kind} {value}.0")
