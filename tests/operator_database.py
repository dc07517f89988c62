"""PyTorch's public operator database, run against tape: values, gradients and gradients of gradients on its own sample inputs.

    python -m tests.operator_database [NAME ...] [--dtype float64 ...] [--order 2] [--under special.] [--quiet]

A NAME is the database's ("linalg.solve"); without one, all that are in scope. `examine(entry, dtype)` gives the differences as text, the
empty list where there are none. Needs torch 2.13 and expecttest; imported by test_operator_database, which is marked oracle.
"""

import argparse
import fnmatch
import functools
import operator
import os
import sys
import types
import warnings
from collections import Counter

import numpy as np
import torch

import tape

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch.testing._internal.common_methods_invocations import op_db

TOLERANCE = {"float64": 1e-7, "complex128": 1e-7, "float32": 2e-4, "complex64": 2e-4, "float16": 1e-2, "bfloat16": 5e-2}
# Layers of networks, sparse and quantised storage, private and accelerator-only entries: no aim of this library.
OUT_OF_SCOPE = """_* jiterator_* to_sparse* *_copy native_* max_pool2d_with_indices_backward grid_sampler_* hash_tensor nn.functional.*pool* nn.functional.*dropout*
nn.functional.batch_norm nn.functional.bilinear nn.functional.ctc_loss nn.functional.embedding* nn.functional.*_norm nn.functional.grid_sample
nn.functional.interpolate nn.functional.upsample_* nn.functional.max_unpool* nn.functional.multi_head_* nn.functional.scaled_dot_* nn.functional.fractional_*
nn.functional.pixel_* nn.functional.channel_shuffle nn.functional.linear_cross_entropy nn.functional.conv_transpose* nn.functional.conv3d nn.functional.unfold
nn.functional.rrelu nn.functional.multi* nn.functional.triplet* nn.functional.pdist empty_permuted empty_strided new_empty_strided resize_* resolve_* ormqr geqrf
*_lowrank stft istft chalf unsafe_* sparse.* torch.ops.* slice""".split()
IN_SCOPE = {"nn.functional.layer_norm", "__getitem__", "__radd__", "__rdiv__", "__rmatmul__", "__rmod__", "__rmul__", "__rpow__", "__rsub__", "__rand__", "__ror__", "__rxor__"}
# Results that depend on random numbers or on uninitialised memory: shape and dtype are compared.
RANDOM = set("""bernoulli cauchy exponential geometric log_normal multinomial normal rand_like randint randint_like randn randn_like uniform empty empty_like
new_empty""".split())


def in_scope(name):
    """Whether the library sets out to have the operation."""
    return name in IN_SCOPE or not any(fnmatch.fnmatchcase(name, pattern) for pattern in OUT_OF_SCOPE)


def find(entry):
    """tape's function for an entry: where the database wraps the function in a lambda, the same lambda over tape; else what has its name."""
    name, op = entry.name, entry.op
    if isinstance(op, types.FunctionType) and op.__name__ == "<lambda>" and "torch" in op.__code__.co_names:
        return types.FunctionType(op.__code__, {**op.__globals__, "torch": tape}, op.__name__, op.__defaults__, op.__closure__)
    for start in (tape, tape.Tensor):
        found = start
        for part in name.split("."):
            found = getattr(found, part, None)
        if callable(found):
            return found
        if found is not None and start is tape.Tensor:  # a property
            return operator.attrgetter(name)
    return None


def over_tape(function):
    """A wrapper of the database that calls torch's functions, calling tape's."""
    if not isinstance(function, types.FunctionType) or "torch" not in function.__code__.co_names:
        return function
    made = types.FunctionType(function.__code__, {**function.__globals__, "torch": tape}, function.__name__, function.__defaults__, function.__closure__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


class Both:
    """Arguments for either library, made from one sample. A tensor that occurs twice stays one; strides are kept."""

    def __init__(self, differentiable=True):
        self.torch_leaves, self.tape_leaves, self.known, self.differentiable = [], [], {}, differentiable

    def tensor(self, t):
        """A pair of leaves."""
        if id(t) not in self.known:
            ours = own(t)
            theirs = t.detach().clone(memory_format=torch.preserve_format) if t.layout == torch.strided else t
            if t.requires_grad and self.differentiable:
                theirs.requires_grad_()
                ours.requires_grad_()
                self.torch_leaves.append(theirs)
                self.tape_leaves.append(ours)
            self.known[id(t)] = theirs, ours, t
        return self.known[id(t)][:2]

    def pair(self, x):
        """Any argument, for torch and for tape."""
        if isinstance(x, torch.Tensor):
            return self.tensor(x)
        if isinstance(x, torch.Size):
            return x, tuple(x)
        if isinstance(x, (list, tuple)):
            pairs = [self.pair(v) for v in x]
            return tuple(type(x)(p[k] for p in pairs) if type(x) in (list, tuple) else type(x)(*(p[k] for p in pairs)) for k in (0, 1))
        if isinstance(x, dict):
            pairs = {k: self.pair(v) for k, v in x.items()}
            return {k: p[0] for k, p in pairs.items()}, {k: p[1] for k, p in pairs.items()}
        if isinstance(x, torch.dtype):
            return x, getattr(tape, str(x).split(".")[1])
        if isinstance(x, (torch.device, torch.layout, torch.memory_format)):
            return x, str(x).split(".")[-1] if isinstance(x, torch.device) else getattr(tape, str(x).split(".")[-1], None)
        return x, x


def own(t):
    """tape's tensor of the values and strides of torch's."""
    plain = t.detach().resolve_conj().resolve_neg()
    if plain.dtype == torch.bfloat16:
        return tape.tensor(plain.float().numpy()).to(tape.bfloat16)
    return tape.from_numpy(plain.clone(memory_format=torch.preserve_format).numpy())


def flat(out):
    """Every tensor of a result."""
    if isinstance(out, (torch.Tensor, tape.Tensor)):
        return [out]
    if isinstance(out, (tuple, list)):
        return [t for each in out for t in flat(each)]
    return [out] if isinstance(out, (bool, int, float, complex)) else []


def numbers(t):
    """A result as an ndarray of standard dtype."""
    if isinstance(t, torch.Tensor):
        t = t.detach().resolve_conj().resolve_neg()
        return (t.float() if t.dtype == torch.bfloat16 else t).numpy(force=True)
    if isinstance(t, tape.Tensor):
        t = t.detach()
        return np.asarray((t.float() if t.dtype == tape.bfloat16 else t).numpy())
    return np.asarray(t)


def compare(what, theirs, ours, tolerance):
    """A list of at most one difference."""
    if (theirs is None) != (ours is None):
        present = numbers(theirs if ours is None else ours)
        if not np.any(present):
            return []
        return [f"{what}: {'torch' if theirs is None else 'tape'} gives None"]
    if theirs is None:
        return []
    a, b = numbers(theirs), numbers(ours)
    if a.shape != b.shape:
        return [f"{what}: shape {b.shape}, torch {a.shape}"]
    if isinstance(theirs, torch.Tensor) and isinstance(ours, tape.Tensor) and str(theirs.dtype).split(".")[1] != str(ours.dtype).replace("torch.", ""):
        return [f"{what}: dtype {ours.dtype}, torch {theirs.dtype}"]
    if a.dtype.kind in "fc" or b.dtype.kind in "fc":
        with np.errstate(all="ignore"):
            scale = max(1.0, float(np.abs(a[np.isfinite(a)]).max(initial=0.0)))
            off = ~((a == b) | (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= tolerance * np.maximum(np.abs(a), min(scale, 1e3))))
    else:
        off = a != b
    if np.any(off):
        at = tuple(int(i) for i in np.argwhere(off)[0])
        return [f"{what} at {at}: {b[at]!r}, torch {a[at]!r} ({int(off.sum())} of {off.size} differ)"]
    return []


def derivatives(library, outputs, leaves, seed, order):
    """First derivatives of weighted outputs, and second ones; arrays stand as they come."""
    rng = np.random.default_rng(seed)

    def weights(like):
        shape, kind = tuple(like.shape), numbers(like).dtype
        w = rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if kind.kind == "c" else 0)
        w = np.asarray(w, kind)
        return torch.from_numpy(w.copy()).to(like.dtype) if library is torch else tape.tensor(w).to(like.dtype)

    outputs = [o for o in outputs if isinstance(o, library.Tensor) and o.requires_grad]
    if not outputs:
        return [], []
    seeds = [weights(o).requires_grad_(order > 1) for o in outputs]
    first = library.autograd.grad(outputs, leaves, seeds, create_graph=order > 1, allow_unused=True)
    if order < 2:
        return first, []
    total = [g for g in first if g is not None and g.requires_grad]
    ws = [weights(g) for g in total]
    second = library.autograd.grad(total, [*leaves, *seeds], ws, allow_unused=True) if total else []
    return first, second


def examine(entry, dtype, order=2, most=None):
    """Differences for one entry of the database in one dtype, under PyTorch's default dtype."""
    before = tape.get_default_dtype()
    tape.set_default_dtype(tape.float32)
    try:
        return _examine(entry, dtype, order, most)
    finally:
        tape.set_default_dtype(before)


def _examine(entry, dtype, order, most):
    function = find(entry)
    if function is None:
        return ["MISSING"]
    theirs_dtype = getattr(torch, dtype)
    differentiable = order and entry.supports_autograd and dtype in ("float64", "complex128", "float32", "complex64") and theirs_dtype in entry.dtypesIf.get("cpu", entry.dtypes)
    problems = []
    torch.manual_seed(0)
    for number, sample in enumerate(entry.sample_inputs("cpu", theirs_dtype, requires_grad=bool(differentiable))):
        if most is not None and number >= most:
            break
        both = Both(bool(differentiable))
        (i, j), (a, b), (c, d) = both.pair(sample.input), both.pair(tuple(sample.args)), both.pair(dict(sample.kwargs))
        told = f"sample {number}: {summary(sample)}"
        try:
            expected = entry.gradcheck_wrapper(entry.op, i, *a, **c) if differentiable else entry.op(i, *a, **c)
        except Exception:
            continue
        try:
            found = wrapped(entry, function, (j, *b), d, (i, *a), c) if differentiable else function(j, *b, **d)
            if differentiable:
                expected, found = sample.output_process_fn_grad(expected), sample.output_process_fn_grad(found)
            left, right = flat(expected), flat(found)
            if len(left) != len(right):
                problems.append(f"{told}: {len(right)} results, torch {len(left)}")
                continue
            if entry.name in RANDOM:
                problems += [f"{told}: another shape" for x, y in zip(left, right, strict=True) if numbers(x).shape != numbers(y).shape]
                continue
            tolerance = TOLERANCE.get(dtype, 2e-4)  # integers give integers, which are compared exactly, or the default dtype
            bad = [p for k, (x, y) in enumerate(zip(left, right, strict=True)) for p in compare(f"value {k}", x, y, tolerance)]
            if not bad and differentiable and both.torch_leaves:
                one = min(order, 2 if entry.supports_gradgrad else 1)
                want = derivatives(torch, left, both.torch_leaves, number, one)
                got = derivatives(tape, right, both.tape_leaves, number, one)
                for level, (x, y) in enumerate(zip(want, got, strict=True), 1):
                    x = x or [None] * len(y)  # torch sees no dependence: zeros are as good
                    bad += [p for k, (u, v) in enumerate(zip(x, y, strict=False)) for p in compare(f"order {level} in {k}", u, v, 10 * tolerance)]
            problems += [f"{told}: {p}" for p in bad[:2]]
        except Exception as problem:
            problems.append(f"{told}: {type(problem).__name__}: {str(problem)[:300]}")
    return problems


def wrapped(entry, function, args, kwargs, torch_args, torch_kwargs):
    """tape's function through the entry's wrapper. Those of masked operations put 0 where nothing counts, by functions of torch: what they put
    it in is found with torch's arguments."""
    if "masked" not in entry.gradcheck_wrapper.__name__:
        return over_tape(entry.gradcheck_wrapper)(function, *args, **kwargs)
    found = function(*args, **kwargs)

    def ones(*_, **__):
        return torch.ones(tuple(found.shape))

    ones.__name__ = entry.op.__name__
    keep = entry.gradcheck_wrapper(ones, *torch_args, **torch_kwargs) != 0
    return found if keep.all() else tape.where(own(keep), found, 0.0)


def replace(x, swaps):
    """An argument with other Tensors in the place of some."""
    if isinstance(x, tape.Tensor):
        return swaps.get(id(x), x)
    if type(x) in (list, tuple):
        return type(x)(replace(v, swaps) for v in x)
    return {k: replace(v, swaps) for k, v in x.items()} if type(x) is dict else x


def tensors_in(out):
    """Every Tensor of a result."""
    return [out] if isinstance(out, tape.Tensor) else [t for each in out for t in tensors_in(each)] if isinstance(out, (tuple, list)) else []


def scalar_of(function, args, kwargs, leaves):
    """A function of the leaves: the real part of a weighted sum of all results that have derivatives."""
    keys = tuple(id(leaf) for leaf in leaves)

    def weighted(*given):
        swaps = dict(zip(keys, given, strict=True))
        total = 0.0
        for k, out in enumerate(tensors_in(function(*replace(args, swaps), **replace(kwargs, swaps)))):
            if out.is_floating_point() or out.is_complex():
                part = (out * (1.0 + k)).sum()
                total = total + (part.real if part.is_complex() else part)
        return total

    return weighted


def examine_compiled(entry, dtype, most=3):
    """Where a compiled value and gradient are not those of the function run eagerly, at the inputs recorded and at others."""
    function = find(entry)
    problems, seen = [], Counter()
    if function is None or not entry.supports_autograd or entry.name in RANDOM:
        return problems, seen
    torch.manual_seed(0)
    for number, sample in enumerate(entry.sample_inputs("cpu", getattr(torch, dtype), requires_grad=True)):
        both = Both()
        (_, j), (_, b), (_, d) = both.pair(sample.input), both.pair(tuple(sample.args)), both.pair(dict(sample.kwargs))
        leaves = both.tape_leaves
        if number >= most or not leaves:
            break

        told = f"sample {number}: {summary(sample)}"
        try:
            wrapper = entry.gradcheck_wrapper
            called = function if wrapper.__name__ == "<lambda>" else functools.partial(wrapper, function)
            plain = tape.func.value_and_grad(scalar_of(called, (j, *b), d, leaves), tuple(range(len(leaves))))
            inputs = [[leaf.detach() * k for leaf in leaves] for k in (1.0, 1.0, 1.001)]
            expected = [flat(plain(*given)) for given in inputs]
        except Exception:
            seen["eager run raises"] += 1
            continue
        try:
            compiled = tape.compile(plain, native=False)
            for given, want in zip(inputs, expected, strict=True):
                bad = [p for k, (x, y) in enumerate(zip(want, flat(compiled(*given)), strict=True)) for p in compare(f"result {k}", x, y, 1e-9)]
                problems += [f"{told}: {p}" for p in bad[:1]]
            held = [v for signature in compiled.signatures.values() for v in signature.programs()]
            seen["replayed" if held else "run eagerly"] += 1
        except Exception as problem:
            if os.environ.get("TAPE_RAISE"):
                raise
            problems.append(f"{told}: {type(problem).__name__}: {str(problem)[:300]}")
    return problems, seen


def summary(sample):
    """The arguments of a sample in short."""

    def short(x):
        if isinstance(x, torch.Tensor):
            return f"{str(x.dtype).split('.')[1]}{list(x.shape)}" + ("" if x.is_contiguous() else "*")
        if isinstance(x, (list, tuple)):
            return "(" + ", ".join(short(v) for v in x) + ")"
        return repr(x)[:60]

    return ", ".join([short(sample.input), *map(short, sample.args), *(f"{k}={short(v)}" for k, v in sample.kwargs.items())])


def entries(patterns=("*",)):
    """The entries in scope that match one of the patterns."""
    return [e for e in op_db if in_scope(e.name) and any(fnmatch.fnmatchcase(e.name, p) for p in patterns)]


def supports(entry, dtype):
    """Whether the database lists the dtype for an entry on the CPU."""
    return getattr(torch, dtype) in entry.dtypes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["*"])
    parser.add_argument("--dtype", nargs="+", default=["float64", "complex128"])
    parser.add_argument("--order", type=int, default=2)
    parser.add_argument("--most", type=int, help="samples an entry")
    parser.add_argument("--compiled", action="store_true", help="compare compiled programs with eager runs instead")
    parser.add_argument("--show", type=int, default=3, help="differences shown an entry")
    given = parser.parse_args()
    counts = Counter()
    for entry in entries(given.names):
        for dtype in given.dtype:
            if not supports(entry, dtype):
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                if given.compiled:
                    problems, seen = examine_compiled(entry, dtype, given.most or 3)
                    counts.update(seen)
                else:
                    problems = examine(entry, dtype, given.order, given.most)
            kind = "right" if not problems else "missing" if problems == ["MISSING"] else "wrong"
            counts[dtype, kind] += 1
            if problems:
                name = f"{entry.name}{':' + entry.variant_test_name if entry.variant_test_name else ''}"
                print(f"{name} {dtype}: {len(problems)}")
                for p in problems[: given.show]:
                    print("   ", p)
                sys.stdout.flush()
    print(dict(counts))


if __name__ == "__main__":
    main()
