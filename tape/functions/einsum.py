"""einsum: sums of products named by subscripts, carried out as permutations, reshapes and matrix products.

`einsum` reads the equation once for given shapes (`plan`), takes diagonals that concern one operand first, and
contracts operands two at a time in the order that opt_einsum finds. Every step is a recorded operation,
so derivatives of all orders are theirs. Labels are numbers here: letters first, then the dimensions of an ellipsis.
Imports products; imported by tape/__init__.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any

from tape.errors import ShapeError
from tape.functions.products import operands, permuted, product, reshaped
from tape.tensor import Tensor

Labels = tuple[int, ...]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ELLIPSIS = len(LETTERS)  # labels from here on stand for dimensions under an ellipsis, counted from the last


def einsum(equation: Any, *given: Any) -> Tensor:
    """Sums of products of operands, by an equation such as "ij,jk->ik".

    Each operand has one letter a dimension; letters that do not stand behind the arrow are summed over. A letter
    twice in one operand takes its diagonal; "..." stands for further dimensions, which broadcast, as do dimensions of
    size 1. Without an arrow the result has the letters that appear once, in alphabetical order. Instead of an
    equation, each operand may be followed by a list of numbers (0 to 51), and a last list stands for the result. All
    operands have one dtype. RuntimeError for an equation that cannot be read or does not fit the operands.

    >>> tape.einsum("ij,ij->i", tape.ones(2, 3), tape.ones(2, 3))
    tensor([3., 3.])
    """
    if not isinstance(equation, str):
        equation, given = _from_lists((equation, *given))
    elif len(given) == 1 and isinstance(given[0], (list, tuple)) and any(isinstance(each, Tensor) for each in given[0]):
        given = tuple(given[0])
    tensors = operands("einsum", *given)
    prepared, steps, over, order = plan(equation, tuple(t._s.shape for t in tensors))
    parts = []
    for t, (diagonals, shape) in zip(tensors, prepared, strict=True):
        for first, second in diagonals:
            t = t.diagonal(0, first, second)  # which puts the diagonal last
        parts.append(t if shape is None else reshaped(t, shape))
    for i, j, left, right, sums, shape in steps:
        b, a = parts.pop(j), parts.pop(i)
        a, b = _arranged(a, *left), _arranged(b, *right)
        parts.append(reshaped(product(a, b) if sums else a * b, shape))
    (t,) = parts
    t = t.sum(over) if over else t
    return t if order is None else t.permute(order)


def _arranged(t: Tensor, over: Labels, order: Labels | None, shape: Labels) -> Tensor:
    """An operand summed over dimensions, permuted and reshaped."""
    t = t.sum(over) if over else t
    return reshaped(t if order is None else permuted(t, order), shape)


def _from_lists(given: Sequence) -> tuple[str, tuple]:
    """The equation that stands for operands with lists of numbers between them."""

    def letters(numbers: Any) -> str:
        for each in numbers:
            if each is not Ellipsis and not (isinstance(each, int) and 0 <= each < len(LETTERS)):
                raise RuntimeError(f"einsum got the subscript {each!r}; wanted a number from 0 to 51, or ...")
        return "".join("..." if each is Ellipsis else LETTERS[each] for each in numbers)

    pairs, rest = len(given) // 2, len(given) % 2
    if not pairs or any(not isinstance(given[2 * i + 1], (list, tuple)) for i in range(pairs)):
        raise TypeError("einsum wants an equation and operands, or operands each followed by a list of subscripts")
    equation = ",".join(letters(given[2 * i + 1]) for i in range(pairs)) + ("->" + letters(given[-1]) if rest else "")
    return equation, tuple(given[2 * i] for i in range(pairs))


@lru_cache(maxsize=512)
def plan(equation: str, shapes: tuple[tuple[int, ...], ...]) -> tuple:
    """What to do: for each operand its diagonals and the shape without dimensions that broadcast; the contractions, each of two
    operands by place; the dimensions to sum of what is left, and their order (None: as they are)."""
    labels, output, sizes = _read(equation, shapes)
    prepared, terms = [], []
    for term, shape in zip(labels, shapes, strict=True):
        size_of, diagonals = dict(zip(term, shape, strict=True)), []
        while len(set(term)) < len(term):
            label = next(each for each in term if term.count(each) > 1)
            first = term.index(label)
            second = term.index(label, first + 1)
            diagonals.append((first, second))
            term = (*(each for i, each in enumerate(term) if i not in (first, second)), label)
        wide = tuple(label for label in term if size_of[label] == sizes[label])
        prepared.append((diagonals, None if wide == term else tuple(size_of[label] for label in wide)))
        terms.append(wide)
    steps = []
    for places in _path(terms, output, sizes):
        left = sorted(places)
        while len(left) > 1:
            j, i = left.pop(), left.pop()
            b, a = terms.pop(j), terms.pop(i)
            keep = {label for term in terms for label in term} | set(output)
            step, found = _contraction(a, b, keep, sizes)
            steps.append((i, j, *step))
            terms.append(found)
            left.append(len(terms) - 1)
    over, rest = _summed(terms[0], set(output))
    return prepared, steps, over, _order(rest, output)


def _order(labels: Labels, wanted: Labels) -> Labels | None:
    return None if labels == wanted else tuple(labels.index(label) for label in wanted)


def _summed(labels: Labels, keep: set[int]) -> tuple[Labels, Labels]:
    """The dimensions whose labels are not kept, and the other labels."""
    over = tuple(i for i, label in enumerate(labels) if label not in keep)
    return over, tuple(label for label in labels if label in keep)


def _contraction(a: Labels, b: Labels, keep: set[int], sizes: dict[int, int]) -> tuple[tuple, Labels]:
    """How to multiply two operands and sum over what they share and nobody keeps, and the labels of the result."""
    over_a, p = _summed(a, keep | set(b))
    over_b, q = _summed(b, keep | set(a))
    batch = tuple(label for label in p if label in q and label in keep)
    shared = tuple(label for label in p if label in q and label not in keep)
    rows, columns = tuple(label for label in p if label not in q), tuple(label for label in q if label not in p)
    lead, result = tuple(sizes[label] for label in batch), batch + rows + columns
    shape = tuple(sizes[label] for label in result)
    if shared:
        m, k, n = (prod(sizes[label] for label in each) for each in (rows, shared, columns))
        shape_a, shape_b = (*lead, m, k) if rows or batch else (k,), (*lead, k, n) if columns or batch else (k,)
    else:
        heights, widths = tuple(sizes[label] for label in rows), tuple(sizes[label] for label in columns)
        shape_a, shape_b = lead + heights + (1,) * len(columns), lead + (1,) * len(rows) + widths
    left = over_a, _order(p, batch + rows + shared), shape_a
    right = over_b, _order(q, batch + shared + columns), shape_b
    return (left, right, bool(shared), shape), result


def _read(equation: str, shapes: tuple[tuple[int, ...], ...]) -> tuple[list[Labels], Labels, dict[int, int]]:
    """The labels of each operand and of the result, and what size each has."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    texts = left.split(",")
    if len(texts) != len(shapes):
        raise ShapeError(f"einsum got {len(shapes)} operands; the equation {equation!r} has {len(texts)}")
    labels = [
        _labels(text, equation, len(shape), f"operand {i}") for i, (text, shape) in enumerate(zip(texts, shapes, strict=True))
    ]
    sizes: dict[int, int] = {}
    for i, (term, shape) in enumerate(zip(labels, shapes, strict=True)):
        own: dict[int, int] = {}
        for label, size in zip(term, shape, strict=True):
            known = sizes.get(label, 1)
            if own.setdefault(label, size) != size or (size != known and 1 not in (size, known)):
                raise ShapeError(
                    f"einsum {equation!r}: {_name(label)} has size {size} in operand {i}, but {own[label] if own[label] != size else known} "
                    "before; both must be the same (or 1, in different operands)"
                )
            sizes[label] = size if known == 1 else known
    seen = [label for term in labels for label in term]
    wide = sorted({label for label in seen if label >= ELLIPSIS}, reverse=True)
    if not arrow:
        return labels, (*wide, *sorted(label for label in set(seen) if label < ELLIPSIS and seen.count(label) == 1)), sizes
    output = _labels(right, equation, len(right.replace("...", "")) + (len(wide) if "..." in right else 0), "the result")
    for label in output:
        if label not in sizes:
            raise ShapeError(f"einsum {equation!r}: {_name(label)} of the result stands in no operand")
        if output.count(label) > 1:
            raise ShapeError(f"einsum {equation!r}: {_name(label)} stands twice in the result")
    return labels, output, sizes


def _labels(text: str, equation: str, ndim: int, what: str) -> Labels:
    """The labels of one operand (of `ndim` dimensions), or of the result."""
    before, dots, after = text.partition("...")
    for letter in before + after:
        if letter not in LETTERS:
            raise RuntimeError(f"einsum {equation!r}: {letter!r} in {text!r}; subscripts are letters, or one ... an operand")
    wide = ndim - len(before) - len(after)
    if wide < 0 or wide and not dots:
        raise ShapeError(f"einsum {equation!r}: {what} has {ndim} dimensions; {text!r} names {len(before) + len(after)}")
    return (
        *(LETTERS.index(letter) for letter in before),
        *(ELLIPSIS + i for i in range(wide - 1, -1, -1)),
        *(LETTERS.index(letter) for letter in after),
    )


def _name(label: int) -> str:
    return f"subscript {LETTERS[label]}" if label < ELLIPSIS else "a dimension under the ellipsis"


def _path(terms: list[Labels], output: Labels, sizes: dict[int, int]) -> tuple[tuple[int, ...], ...]:
    """Which operands to contract, in turn; results go to the end of the list."""
    if len(terms) < 3:
        return ((0, 1),) if len(terms) == 2 else ()
    import opt_einsum

    symbol = {label: opt_einsum.get_symbol(i) for i, label in enumerate(sizes)}
    texts = ["".join(symbol[label] for label in term) for term in (*terms, output)]
    shapes = [tuple(sizes[label] for label in term) for term in terms]
    equation = ",".join(texts[:-1]) + "->" + texts[-1]
    return tuple(opt_einsum.contract_path(equation, *shapes, shapes=True)[0])


__all__ = ["einsum"]
