"""einsum: sums of products named by subscripts, carried out as permutations, reshapes and matrix products.

`einsum` reads the equation once per shape (`plan`), takes diagonals and sums that concern one operand first, and
contracts operands two at a time in the order that opt_einsum finds. Every step is a recorded operation,
so derivatives of all orders are theirs. Labels are numbers here: letters first, then the dimensions of an ellipsis.
Imports products; imported by tape/__init__.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

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
    terms, output, path = plan(equation, tuple(t._s.shape for t in tensors))
    parts = [_own(t, labels, wanted) for t, (labels, wanted) in zip(tensors, terms, strict=True)]
    for pair in path:
        chosen = [parts.pop(i) for i in sorted(pair, reverse=True)]
        keep = {label for _, labels in parts for label in labels} | set(output)
        found = chosen.pop()
        while chosen:
            found = _pair(found, chosen.pop(), keep | {label for _, labels in chosen for label in labels})
        parts.append(found)
    ((t, labels),) = parts
    t, labels = _summed(t, labels, set(output))
    order = tuple(labels.index(label) for label in output)
    return t if order == tuple(range(len(order))) else t.permute(order)


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
    """What to do: for each operand its labels and those of them that broadcasting leaves, the labels of the result, the pairs."""
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
            if own.setdefault(label, size) != size:
                raise ShapeError(
                    f"einsum {equation!r}: {_name(label)} stands for sizes {own[label]} and {size} of operand {i}; they must agree"
                )
            known = sizes.get(label, 1)
            if size != known and size != 1 and known != 1:
                raise ShapeError(
                    f"einsum {equation!r}: {_name(label)} has size {size} in operand {i}, {known} before; they must agree or be 1"
                )
            sizes[label] = size if known == 1 else known
    seen = [label for term in labels for label in term]
    if arrow:
        wide = sum(1 for label in set(seen) if label >= ELLIPSIS) if "..." in right else 0
        output = _labels(right, equation, len(right.replace("...", "")) + wide, "the result")
        for label in output:
            if label not in sizes:
                raise ShapeError(f"einsum {equation!r}: {_name(label)} of the result stands in no operand")
            if output.count(label) > 1:
                raise ShapeError(f"einsum {equation!r}: {_name(label)} stands twice in the result")
    else:
        output = (
            *sorted((label for label in set(seen) if label >= ELLIPSIS), reverse=True),
            *sorted(label for label in set(seen) if label < ELLIPSIS and seen.count(label) == 1),
        )
    terms = []
    for term, shape in zip(labels, shapes, strict=True):
        size_of = dict(zip(term, shape, strict=True))
        terms.append((term, tuple(label for label in dict.fromkeys(term) if size_of[label] == sizes[label])))
    return tuple(terms), output, _path([wanted for _, wanted in terms], output, sizes)


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


def _own(t: Tensor, labels: Labels, wanted: Labels) -> tuple[Tensor, Labels]:
    """One operand with diagonals taken for labels that it has twice, and without dimensions of size 1 that broadcast."""
    while len(set(labels)) < len(labels):
        label = next(each for each in labels if labels.count(each) > 1)
        first = labels.index(label)
        second = labels.index(label, first + 1)
        t = t.diagonal(0, first, second)  # which puts the diagonal last
        labels = (*(each for i, each in enumerate(labels) if i not in (first, second)), label)
    if len(wanted) < len(labels):
        left = tuple(label for label in labels if label in wanted)
        t = reshaped(t, tuple(size for size, label in zip(t._s.shape, labels, strict=True) if label in wanted))
        labels = left
    return t, labels


def _summed(t: Tensor, labels: Labels, keep: set[int]) -> tuple[Tensor, Labels]:
    """Without the dimensions whose labels are not kept."""
    over = tuple(i for i, label in enumerate(labels) if label not in keep)
    if not over:
        return t, labels
    left = tuple(label for label in labels if label in keep)
    return (t.sum(over) if left else t.sum()), left


def _pair(a: tuple[Tensor, Labels], b: tuple[Tensor, Labels], keep: set[int]) -> tuple[Tensor, Labels]:
    """The product of two operands, summed over what they share and nobody keeps."""
    s, p = _summed(*a, keep | set(b[1]))
    t, q = _summed(*b, keep | set(a[1]))
    batch = tuple(label for label in p if label in q and label in keep)
    over = tuple(label for label in p if label in q and label not in keep)
    left, right = tuple(label for label in p if label not in q), tuple(label for label in q if label not in p)
    size = {**dict(zip(q, t._s.shape, strict=True)), **dict(zip(p, s._s.shape, strict=True))}
    outer = tuple(size[label] for label in batch)
    rows, columns = tuple(size[label] for label in left), tuple(size[label] for label in right)
    result = batch + left + right
    s = permuted(s, tuple(p.index(label) for label in batch + left + over))
    t = permuted(t, tuple(q.index(label) for label in batch + over + right))
    if not over:
        return reshaped(s, outer + rows + (1,) * len(right)) * reshaped(t, outer + (1,) * len(left) + columns), result
    k, m, n = (int(np.prod([size[label] for label in each], dtype=np.int64)) for each in (over, left, right))
    s = reshaped(s, (*outer, m, k) if left or batch else (k,))
    t = reshaped(t, (*outer, k, n) if right or batch else (k,))
    return reshaped(product(s, t), outer + rows + columns), result


__all__ = ["einsum"]
