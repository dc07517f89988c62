"""gradcheck and gradgradcheck: derivatives by autograd against central differences.

`gradcheck(func, inputs)` compares first derivatives (backward, and forward mode on request), `gradgradcheck` second ones.
`GradcheckError` says which Jacobian differs, shows both, and where they differ most. Invariant: the inputs hold the very arrays afterwards that they held before,
whatever `func` did or raised. Imports autograd.jacobians; imported by tape.autograd only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tape.autograd.jacobians import (
    Check,
    GradcheckError,
    backward,
    basis,
    columns,
    omitted,
    paired,
    pulled,
    pushed,
    pushed_together,
)
from tape.tensor import Tensor, array, wrap


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compare the derivatives of `func` at `inputs` with central differences; True, or GradcheckError (False with raise_exception=False).

    func: takes `inputs`, returns a Tensor or a tuple; inputs: a Tensor or a sequence. Every Tensor among them that requires grad is
    checked, of any shape, best in float64: float32 is too coarse for the default eps and tolerances and gets a warning.
    A Jacobian passes where |numerical - analytical| <= atol + rtol*|numerical| in each element. fast_mode compares one random
    projection of each Jacobian instead of all elements. nondet_tol: how far two backward passes may differ.
    check_undefined_grad: leaving an output out must give what a zero gradient for it gives. check_grad_dtypes: gradients have
    their input's dtype. check_batched_grad: `grad(is_grads_batched=True)` agrees with one pass at a time; check_batched_forward_grad:
    tangents under `vmap` with one at a time. Complex outputs are checked as two real ones, complex inputs in both directions of each
    element. masked is about sparse tensors, of which there are none, and changes nothing.
    check_forward_ad, check_backward_ad: which modes. ValueError where no input requires grad, AssertionError where no mode is asked for.

    What it cannot see: anything away from `inputs` (other branches, kinks elsewhere); errors smaller than the tolerances; an error in a
    function that is not a function of its inputs alone; at a kink, which of the one-sided derivatives is right; in fast_mode, errors that
    the projection happens to hide; dependence on an input through NumPy outside the tape where the derivative is zero both ways.

    >>> import tape
    >>> x = tape.tensor([0.5, 1.5], requires_grad=True)
    >>> tape.autograd.gradcheck(lambda x: x.sin() * x, (x,))
    True
    >>> tape.autograd.gradcheck(lambda x: x.detach() * x, (x,), raise_exception=False)
    False
    """
    if not check_forward_ad and not check_backward_ad:
        raise AssertionError("gradcheck: check_forward_ad and check_backward_ad are both False; ask for at least one mode")
    if check_batched_grad and not check_backward_ad:
        raise AssertionError("gradcheck: check_batched_grad needs check_backward_ad=True")
    if check_batched_forward_grad and not check_forward_ad:
        raise AssertionError("gradcheck: check_batched_forward_grad needs check_forward_ad=True")
    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    check = Check(
        func, given, eps, atol, rtol, nondet_tol, check_forward_ad, check_backward_ad, check_batched_grad, check_grad_dtypes,
        check_undefined_grad, fast_mode, check_batched_forward_grad,
    )  # fmt: skip
    _look_at_inputs(given)
    try:
        _run(check)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool | None = False,
) -> bool:
    """Compare second derivatives of `func`: gradcheck of its backward pass, in `inputs` and in the gradients that it starts from.

    grad_outputs: those gradients (default: random ones, the same at each call); gen_non_contig_grad_outputs makes the random ones
    non-contiguous. check_rev_over_rev, check_fwd_over_rev: the mode of the second differentiation. The rest is as in `gradcheck`,
    and so is what it cannot see; the first derivative itself is not checked.

    >>> import tape
    >>> x = tape.tensor([0.5, 1.5], requires_grad=True)
    >>> tape.autograd.gradgradcheck(lambda x: x**3, (x,))
    True
    """
    from tape.autograd import grad

    given = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if grad_outputs is None:
        starts = tuple(_random_like(t, gen_non_contig_grad_outputs, seed) for seed, t in enumerate(_differentiable(func, given)))
    else:
        starts = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    count = len(given)

    def second(*arguments: Any) -> tuple:
        sources = [t.requires_grad_() for t, each in zip(arguments, given, strict=False) if isinstance(each, Tensor) and each.requires_grad]
        outputs = _differentiable(func, arguments[:count])
        found = grad(outputs, sources, arguments[count:], create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    return gradcheck(
        second,
        given + starts,
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=check_undefined_grad,
        check_grad_dtypes=check_grad_dtypes,
        check_batched_grad=check_batched_grad,
        check_forward_ad=check_fwd_over_rev,
        check_backward_ad=check_rev_over_rev,
        fast_mode=fast_mode,
        masked=masked,
    )


def _look_at_inputs(inputs: tuple) -> None:
    if not any(isinstance(t, Tensor) and t.requires_grad for t in inputs):
        raise ValueError("gradcheck: no input requires grad; give at least one Tensor with requires_grad=True")
    for position, t in enumerate(inputs):
        if not isinstance(t, Tensor) or not t.requires_grad:
            continue
        if t.dtype not in (np.float64, np.complex128):
            warnings.warn(
                f"Input #{position} requires gradient and is {t.dtype}, not float64 or complex128; differences of so few digits will likely fail the check",
                UserWarning,
                stacklevel=3,
            )
        if any(step == 0 and extent > 1 for step, extent in zip(array(t).strides, t.shape, strict=True)):
            raise RuntimeError(f"gradcheck: input {position} is an expanded view, whose elements share memory; clone() it")


def _differentiable(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Tensor]:
    found = func(*inputs)
    return [t for t in (found if isinstance(found, (tuple, list)) else (found,)) if isinstance(t, Tensor) and t.requires_grad]


def _random_like(t: Tensor, strided: bool, seed: int) -> Tensor:
    draw = np.random.default_rng(seed)
    shape = (*t.shape[:-1], 2 * t.shape[-1]) if strided and t.ndim else tuple(t.shape)
    values = draw.standard_normal(shape) + (1j * draw.standard_normal(shape) if t.is_complex() else 0.0)
    values = np.asarray(values).astype(t.dtype)
    return wrap(values[..., ::2] if strided and t.ndim else values).requires_grad_()


def _run(check: Check) -> None:
    outputs = check.outputs()
    chosen = [i for i, t in enumerate(outputs) if t.requires_grad]
    if not chosen:
        floating = [i for i, t in enumerate(outputs) if t.dtype.kind in "fV"]
        for position, t in enumerate(check.leaves):
            if any(n.any() for n in columns(check, t, basis(t), floating)):
                raise GradcheckError(
                    f"Numerical gradient for function expected to be zero: no output requires grad, but one depends on input {position}"
                )
        return
    (_run_fast if check.fast else _run_slow)(check, outputs, chosen)
    if check.backward:
        starts = [_random_like(outputs[i], False, i).detach() for i in chosen]
        _check_gradients(check, [outputs[i] for i in chosen], starts)
    if check.forward and check.undefined and len(check.leaves) > 1:
        _check_omitted_tangents(check, chosen)
    if check.batched_forward:
        _check_tangents(check, chosen)


def _run_slow(check: Check, outputs: list[Tensor], chosen: list[int]) -> None:
    differences = [paired(t, columns(check, t, basis(t), chosen)) for t in check.leaves]
    if check.backward:
        gradients = pulled(check, [outputs[i] for i in chosen])
        _compare(check, chosen, differences, gradients)
        _compare_passes(check, gradients, pulled(check, [outputs[i] for i in chosen]))
    if check.forward:
        tangents = [paired(t, pushed(check, t, basis(t), chosen)) for t in check.leaves]
        _compare(check, chosen, differences, tangents, "computed with forward mode ")


def _run_fast(check: Check, outputs: list[Tensor], chosen: list[int]) -> None:
    """One projection v J u a Jacobian, with positive random u and v of length 1; where it fails, the whole Jacobians speak."""
    draw, leaves, differentiable = np.random.default_rng(0), check.leaves, [outputs[i] for i in chosen]

    def direction(t: Tensor) -> np.ndarray:
        u = draw.uniform(0.1, 1.0, t._s.size) + (1j * draw.uniform(0.1, 1.0, t._s.size) if t.is_complex() else 0.0)
        return u / np.linalg.norm(u) if len(u) else u

    def along(jacobians: Callable) -> list[list[np.ndarray]]:
        of_inputs = [jacobians(check, t, u[None], chosen) for t, u in zip(leaves, right, strict=True)]
        return [[found @ v for found, v in zip(of_outputs, left, strict=True)] for of_outputs in of_inputs]

    def against() -> list[list[np.ndarray]]:
        starts = [wrap(v.reshape(o.shape).astype(o.dtype)) for o, v in zip(differentiable, left, strict=True)]
        of_outputs = [backward(check, [o], [start]) for o, start in zip(differentiable, starts, strict=True)]
        return [[(found[i].reshape(1, -1).conj() @ u).real for found in of_outputs] for i, u in enumerate(right)]

    right, left = [direction(t) for t in leaves], [direction(t) for t in differentiable]
    differences = along(columns)
    for found in ([against()] if check.backward else []) + ([along(pushed)] if check.forward else []):
        for i, u in enumerate(right):
            for o, v in enumerate(left):
                tolerance = check.atol * np.sum(np.abs(u)) * np.sum(v)
                if not np.allclose(found[i][o], differences[i][o], rtol=check.rtol, atol=tolerance):
                    _run_slow(check, outputs, chosen)
                    raise GradcheckError(
                        f"{_mismatch(check, chosen, o, i)}numerical:{wrap(differences[i][o])}\nanalytical:{wrap(found[i][o])}\n"
                        "in a random projection (fast_mode); each element is within tolerance"
                    )
    if check.backward:
        _compare_passes(check, against(), against())


def _mismatch(check: Check, chosen: list[int], o: int, i: int, how: str = "") -> str:
    """How every message about two Jacobians begins; of complex outputs it names the part."""
    part, number = check.named()[chosen[o]]
    of_part = f"While considering the {part} part of complex outputs only, " if part else ""
    return f"{of_part}Jacobian {how}mismatch for output {number} with respect to input {i},\n"


def _compare(check: Check, chosen: list[int], numerical: list, analytical: list, how: str = "") -> None:
    for i, (of_numerical, of_analytical) in enumerate(zip(numerical, analytical, strict=True)):
        for o, (n, a) in enumerate(zip(of_numerical, of_analytical, strict=True)):
            if not np.allclose(a, n, rtol=check.rtol, atol=check.atol):
                excess = np.nan_to_num(np.abs(a - n) - check.atol - check.rtol * np.abs(n), nan=np.inf)
                row, column = np.unravel_index(int(np.argmax(excess)), n.shape)
                shape = tuple(check.leaves[i].shape)
                element = tuple(int(k) for k in np.unravel_index(int(row), shape)) if shape else ()
                raise GradcheckError(
                    f"{_mismatch(check, chosen, o, i, how)}numerical:{wrap(n)}\nanalytical:{wrap(a)}\n"
                    f"They differ most at [{row}, {column}] (element {element} of the input, element {column} of the output, flattened): numerical "
                    f"{n[row, column]:.8g}, analytical {a[row, column]:.8g}, a difference of {abs(a[row, column] - n[row, column]):.3g} where atol + "
                    f"rtol*|numerical| allows {check.atol + check.rtol * abs(n[row, column]):.3g}; {int((excess > 0).sum())} of {n.size} elements differ\n"
                )


def _check_omitted_tangents(check: Check, chosen: list[int]) -> None:
    """Inputs without a tangent against inputs with zeros."""
    draw = np.random.default_rng(0)
    for i, t in enumerate(check.leaves):
        direction = draw.standard_normal(t._s.size) + (1j * draw.standard_normal(t._s.size) if t.is_complex() else 0.0)
        for o, (a, b) in enumerate(zip(*omitted(check, t, direction, chosen), strict=True)):
            if not np.allclose(array(a), array(b), rtol=check.rtol, atol=check.atol):
                raise GradcheckError(f"tangents of inputs other than {i} that are left out give output {o} another tangent than zeros do")


def _check_tangents(check: Check, chosen: list[int]) -> None:
    """Tangents in batches against one at a time."""
    draw = np.random.default_rng(0)
    for i, t in enumerate(check.leaves):
        directions = draw.standard_normal((2, t._s.size)) + (1j * draw.standard_normal((2, t._s.size)) if t.is_complex() else 0.0)
        single = pushed(check, t, directions, chosen)
        for o, (a, b) in enumerate(zip(pushed_together(check, t, directions, chosen), single, strict=True)):
            if a.shape != b.shape or not np.allclose(a, b, rtol=check.rtol, atol=check.atol):
                raise GradcheckError(f"a batch of tangents of input {i} gives output {o} other tangents than one at a time")


def _compare_passes(check: Check, first: list, second: list) -> None:
    for i, (of_first, of_second) in enumerate(zip(first, second, strict=True)):
        for o, (a, b) in enumerate(zip(of_first, of_second, strict=True)):
            if np.abs(a - b).max(initial=0.0) > check.nondet_tol:
                raise GradcheckError(
                    f"Backward is not reentrant: two passes from output {o} give input {i} gradients that differ by "
                    f"{np.abs(a - b).max():g}, more than nondet_tol={check.nondet_tol:g}"
                )


def _check_gradients(check: Check, outputs: list[Tensor], starts: list[Tensor]) -> None:
    """Zero gradients give zeros; outputs left out against zero gradients, and batches against single passes."""
    from tape.autograd import grad

    for i, g in enumerate(backward(check, outputs, [wrap(np.zeros(s.shape, s.dtype)) for s in starts])):
        if g.any():
            raise GradcheckError(f"backward not multiplied by grad_output: where that is zero, the gradient of input {i} is not")
    for o in range(len(outputs)) if check.undefined and len(outputs) > 1 else ():
        zeros = [wrap(np.zeros(s.shape, s.dtype)) if i == o else s for i, s in enumerate(starts)]
        full = backward(check, outputs, zeros)
        without = backward(check, outputs[:o] + outputs[o + 1 :], starts[:o] + starts[o + 1 :])
        for i, (a, b) in enumerate(zip(full, without, strict=True)):
            if not np.allclose(a, b, rtol=check.rtol, atol=check.atol) and np.isfinite(a).all():
                raise GradcheckError(f"Expected backward without output {o} to treat it as zero, but the gradient of input {i} differs")
    if not check.batched:
        return
    for o, (output, start) in enumerate(zip(outputs, starts, strict=True)):
        both = np.stack([array(start), -2 * array(start)])
        single = [backward(check, [output], [wrap(each)]) for each in both]
        found = grad([output], check.leaves, [wrap(both)], retain_graph=True, allow_unused=True, is_grads_batched=True)
        for i, g in enumerate(found):
            expected = np.stack([each[i] for each in single])
            got = np.zeros_like(expected) if g is None else array(g)
            if got.shape != expected.shape or not np.allclose(got, expected, rtol=check.rtol, atol=check.atol):
                raise GradcheckError(f"a batch of gradients for output {o} gives input {i} other gradients than one pass at a time")


def _plain_check(func: Callable[..., Any], inputs: tuple, eps: float) -> Check:
    return Check(func, inputs, eps, 0.0, 0.0, 0.0, False, True, False, False, False, False)


def _refuse(name: str, outputs: Sequence[Tensor], grad_out: float) -> None:
    warnings.warn(f"{name} is no part of PyTorch's public interface and about to go; gradcheck() compares Jacobians", FutureWarning, stacklevel=3)
    if grad_out != 1.0:
        raise ValueError(f"{name} got grad_out={grad_out}; only 1.0 is left of it")
    if any(t.is_complex() for t in outputs):
        raise ValueError(f"{name} of a complex output; take its real and its imaginary part")


def get_numerical_jacobian(fn: Callable[..., Any], inputs: Any, target: Any = None, eps: float = 1e-3, grad_out: float = 1.0) -> tuple[Tensor, ...]:
    """Jacobians of the first output of `fn(inputs)` by central differences, one for each input that requires grad (or of `target`): a row for
    each element of the input, a column for each of the output. ValueError for complex outputs. FutureWarning."""
    given = inputs if isinstance(inputs, (tuple, list)) else (inputs,)
    wanted = given if target is None else target if isinstance(target, (tuple, list)) else (target,)
    check = _plain_check(lambda *moved: fn(moved), tuple(given), eps)
    found = check.func(*given)
    _refuse("get_numerical_jacobian", [found] if isinstance(found, Tensor) else found, grad_out)
    return tuple([wrap(paired(t, columns(check, t, basis(t), [0]))[0]) for t in wanted if isinstance(t, Tensor) and t.requires_grad])


def get_numerical_jacobian_wrt_specific_input(
    fn: Callable[..., Any], input_idx: int, inputs: Sequence[Any], outputs: Sequence[Tensor], eps: float, input: Tensor | None = None,
    is_forward_ad: bool = False,
) -> tuple[Tensor, ...]:  # fmt: skip
    """Jacobians of each output of `fn(*inputs)` in one input (or in `input`, one of them) by central differences. AssertionError for complex
    outputs."""
    if any(t.is_complex() for t in outputs):
        raise AssertionError("get_numerical_jacobian_wrt_specific_input of a complex output; take its real and its imaginary part")
    t = inputs[input_idx] if input is None else input
    found = columns(_plain_check(fn, tuple(inputs), eps), t, basis(t), list(range(len(outputs))))
    return tuple([wrap(each) for each in paired(t, found)])


def get_analytical_jacobian(
    inputs: Any, output: Tensor, nondet_tol: float = 0.0, grad_out: float = 1.0
) -> tuple[tuple[Tensor, ...], bool, bool, bool]:
    """Jacobians of an output in each input that requires grad, by backward passes; whether two passes agree up to `nondet_tol`, and whether all
    gradients have the shape and the dtype of their input. ValueError for complex outputs. FutureWarning."""
    _refuse("get_analytical_jacobian", [output], grad_out)
    given = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    check = _plain_check(lambda *_: output, given, 0.0)
    first, second = ([each[0] for each in pulled(check, [output])] for _ in range(2))
    agree = all(a.size == 0 or bool(np.abs(a - b).max() <= nondet_tol) for a, b in zip(first, second, strict=True))
    return tuple([wrap(each) for each in first]), agree, True, True


__all__ = [
    "GradcheckError", "get_analytical_jacobian", "get_numerical_jacobian", "get_numerical_jacobian_wrt_specific_input", "gradcheck", "gradgradcheck",
]  # fmt: skip
