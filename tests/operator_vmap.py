"""PyTorch's operator database, each entry inside `vmap` against a loop over examples: values, gradients and tangents, inside and outside.

    python tests/operator_vmap.py [NAME ...] [--dtype float64 ...] [--most 2] [--show 3]

`examine_mapped(entry, dtype)` gives the differences as text and counts what was compared. Nothing of torch but the samples is used: the
loop is the reference. Imported by test_vmap_operators, which is marked oracle.
"""

import argparse
import sys
import warnings
from collections import Counter

import numpy as np
import torch
from operator_database import RANDOM, Both, compare, entries, find, flat, replace, summary

import tape

SIZE = 3
REFUSED = "inside vmap"


def stacked(leaf, dim, shared):
    """Examples of a leaf along a dimension: itself and slightly other ones."""
    if shared:
        return leaf.detach()
    return tape.stack([leaf.detach() * (1.0 + 0.01 * k) for k in range(SIZE)], dim)


def looped(function, leaves, dims):
    """What vmap means."""
    rows = [flat(function(*[x if d is None else x.select(d, k).clone() for x, d in zip(leaves, dims, strict=True)])) for k in range(SIZE)]
    return [tape.stack(list(each)) for each in zip(*rows, strict=True)]


def sum_of(outputs):
    """A scalar that depends on all results, through squares so that second derivatives are there."""
    total = 0.0
    for k, y in enumerate(outputs):
        y = abs(y) if y.is_complex() else y
        total = total + (y * y * (1.0 + 0.1 * k)).sum()
    return total


def ways(function, leaves, dims):
    """The functions to compare, by name: of the stacked leaves, with vmap and with a loop."""
    several = tuple(range(len(leaves)))

    def scalar(*given):
        return sum_of(function(*given))

    def tangent(*given):
        return tape.func.jvp(lambda *xs: tuple(function(*xs)), given, tuple(x.detach() * 0.5 for x in given))[1]

    def mapped(f):
        return lambda *xs: flat(tape.func.vmap(f, dims)(*xs))

    def one_by_one(f):
        return lambda *xs: looped(f, xs, dims)

    inner = tape.func.grad(scalar, several)
    yield "value", mapped(function), one_by_one(function)
    yield "grad inside", mapped(inner), one_by_one(inner)
    yield "jvp inside", mapped(tangent), one_by_one(tangent)
    for name, f in (("grad outside", function), ("grad of grad", inner)):
        outer = [tape.func.grad(lambda *xs, each=each, f=f: sum_of(each(f)(*xs)), several) for each in (mapped, one_by_one)]
        yield name, lambda *xs, o=outer: flat(o[0](*xs)), lambda *xs, o=outer: flat(o[1](*xs))
    pushed = [lambda *xs, each=each: flat(tape.func.jvp(lambda *ys: tuple(each(function)(*ys)), xs, tuple(x * 0.5 for x in xs))[1]) for each in (mapped, one_by_one)]
    yield "jvp outside", *pushed


def examine_mapped(entry, dtype, most=2):
    """Differences between vmap and a loop for one entry, and what was compared."""
    function = find(entry)
    problems, seen = [], Counter()
    if function is None or not entry.supports_autograd or entry.name in RANDOM:
        return problems, seen
    torch.manual_seed(0)
    done = 0
    for number, sample in enumerate(entry.sample_inputs("cpu", getattr(torch, dtype), requires_grad=True)):
        both = Both()
        (_, j), (_, b), (_, d) = both.pair(sample.input), both.pair(tuple(sample.args)), both.pair(dict(sample.kwargs))
        own = both.tape_leaves
        if not own or any(leaf.numel() > 2000 for leaf in own):
            continue
        if done >= most:
            break
        done += 1

        def call(*given, j=j, b=b, d=d, own=own):
            swaps = {id(leaf): x for leaf, x in zip(own, given, strict=True)}
            found = flat(entry.gradcheck_wrapper(function, replace(j, swaps), *replace(b, swaps), **replace(d, swaps)))
            return [y for y in found if isinstance(y, tape.Tensor) and (y.is_floating_point() or y.is_complex())]

        told = f"sample {number}: {summary(sample)}"
        choices = [(0,) * len(own), tuple(min(1, leaf.ndim) for leaf in own)]
        if len(own) > 1:
            choices += [(0, *(None,) * (len(own) - 1)), (*(None,) * (len(own) - 1), 0)]
        for dims in choices:
            leaves = [stacked(leaf, dim or 0, dim is None) for leaf, dim in zip(own, dims, strict=True)]
            for name, with_vmap, with_loop in ways(call, leaves, dims):
                try:
                    expected = with_loop(*leaves)
                except Exception:
                    seen["loop raises"] += 1
                    break
                try:
                    found = with_vmap(*leaves)
                    bad = [p for k, (x, y) in enumerate(zip(expected, found, strict=True)) for p in compare(f"{name} {k}, in_dims {dims}", x, y, 1e-6)]
                    seen["compared"] += 1
                except Exception as problem:
                    if REFUSED in str(problem):
                        seen["refused"] += 1
                        if name != "value":
                            problems.append(f"{told}: {name}, in_dims {dims}: refused: {str(problem)[:150]}")
                        break
                    bad = [f"{name}, in_dims {dims}: {type(problem).__name__}: {str(problem)[:250]}"]
                problems += [f"{told}: {p}" for p in bad[:1]]
                if bad and name == "value":
                    break
    return problems, seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["*"])
    parser.add_argument("--dtype", nargs="+", default=["float64"])
    parser.add_argument("--most", type=int, default=2, help="samples an entry")
    parser.add_argument("--show", type=int, default=3, help="differences shown an entry")
    given = parser.parse_args()
    total = Counter()
    for entry in entries(given.names):
        for dtype in given.dtype:
            if getattr(torch, dtype) not in entry.dtypes:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                problems, seen = examine_mapped(entry, dtype, given.most)
            total.update(seen)
            total["wrong" if problems else "refuses" if seen["refused"] else "right"] += 1
            if problems or seen["refused"]:
                print(f"{entry.name} {entry.variant_test_name} {dtype}: {len(problems)} {dict(seen)}")
                for p in problems[: given.show]:
                    print("   ", p)
                sys.stdout.flush()
    print(dict(total))


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
