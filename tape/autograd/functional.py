"""Products and matrices of derivatives of functions of Tensors, torch.autograd.functional's: vjp jvp jacobian hessian hvp vhp.

`inputs` is a Tensor or a tuple of them, and so is what `func` returns; results mirror both. Everything runs with gradients on, whatever
the mode around; with create_graph the results have history, without it they have none. strict=True raises where a result is zero only
because nothing depends on an input; otherwise it is zeros. Invariant: no `.grad` is written and no input changed.
Imports creation, joining and the grad modes; imported by tape.autograd only. `tape.func` has the same for nested arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tape.autograd import forward_ad
from tape.autograd.grad_mode import inference_mode
from tape.functions.creation import eye, ones_like, zeros, zeros_like
from tape.functions.joining import stack
from tape.tensor import Tensor

Tensors = tuple[Tensor, ...]


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple:
    """`(func(*inputs), product)`: the product of `v`, of the outputs' shapes, with the Jacobian; of the inputs' shapes.

    v may be left out for one output of one element. TypeError for inputs, outputs or v that are no Tensors; RuntimeError for v of another
    number or shape and, with strict, where an output does not depend on an input.

    >>> import tape
    >>> tape.autograd.functional.vjp(lambda x: x * x, tape.tensor([1.0, 2.0]), tape.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with _recording():
        run = _Run("vjp", func, inputs, create_graph, strict)
        weights = run.weights(v, run.outputs, run.several_outputs, "output")
        found = run.filled(_gradients(run.outputs, run.inputs, weights, create_graph), run.inputs, "the output")
    return run.out(run.outputs, run.several_outputs), run.out(found, run.several)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple:
    """`(func(*inputs), product)`: the product of the Jacobian with `v`, of the inputs' shapes; of the outputs' shapes.

    v may be left out for one input of one element. Errors as for `vjp`. The pullback is linear in its cotangent, so its own pullback is
    the product: two backward passes, where `tape.func.jvp` takes one forward pass.

    >>> import tape
    >>> tape.autograd.functional.jvp(lambda x: x * x, tape.tensor([1.0, 2.0]), tape.tensor([1.0, 10.0]))
    (tensor([1., 4.]), tensor([ 2., 40.]))
    """
    with _recording():
        run = _Run("jvp", func, inputs, create_graph, strict, (v,))
        (weights,) = run.given
        found = run.filled(_pushed(run.outputs, run.inputs, weights, create_graph, strict), run.outputs, "the input", "output")
    return run.out(run.outputs, run.several_outputs), run.out(found, run.several_outputs)


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple:
    """`(func(*inputs), product)`: the product of `v`, of the inputs' shapes, with the Hessian of `func`, which returns one element.

    Errors as for `vjp`, and RuntimeError for outputs of another size. Two backward passes, one less than `hvp`.

    >>> import tape
    >>> tape.autograd.functional.vhp(lambda x: (x**3).sum(), tape.tensor([1.0, 2.0]), tape.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    with _recording():
        run = _Run("vhp", func, inputs, create_graph, strict, (v,))
        (weights,) = run.given
        first = run.gradient()
        found = run.filled(_gradients(first, run.inputs, weights, create_graph), run.inputs, "the gradient", linked=False)
    return run.out(run.outputs, False), run.out(found, run.several)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> tuple:
    """`(func(*inputs), product)`: the product of the Hessian of `func`, which returns one element, with `v`, of the inputs' shapes.

    Errors as for `vhp`, which gives the same where the Hessian is symmetric, with one backward pass less.

    >>> import tape
    >>> tape.autograd.functional.hvp(lambda x: (x**3).sum(), tape.tensor([1.0, 2.0]), tape.tensor([1.0, 10.0]))
    (tensor(9.), tensor([  6., 120.]))
    """
    with _recording():
        run = _Run("hvp", func, inputs, create_graph, strict, (v,))
        (weights,) = run.given
        first = run.gradient()
        found = run.filled(_pushed(first, run.inputs, weights, create_graph), run.inputs, "the gradient", linked=False)
    return run.out(run.outputs, False), run.out(found, run.several)


def jacobian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian of `func` at `inputs`: for an output of shape S and an input of shape T a Tensor of shape S + T; for tuples of outputs
    and inputs, a tuple of tuples, the outputs first.

    One backward pass an element of the outputs; vectorize: all rows as one batch; with strategy="forward-mode", one tangent an element of
    the inputs. TypeError for what is no Tensor; RuntimeError with strict where an output does not depend on an input, and for strict
    with vectorize; NotImplementedError for forward mode without vectorize or with create_graph; AssertionError for another strategy.

    >>> import tape
    >>> tape.autograd.functional.jacobian(lambda x: x * x, tape.tensor([1.0, 2.0]))
    tensor([[2., 0.],
            [0., 4.]])
    """
    _known(strategy, "jacobian")
    if strategy == "forward-mode":
        if create_graph:
            raise NotImplementedError("jacobian: forward mode gives no history; leave create_graph=False, or use tape.func.jacfwd")
        if strict:
            raise RuntimeError('jacobian: strict=True cannot be told with strategy="forward-mode"; leave one of them out')
        if not vectorize:
            raise NotImplementedError('jacobian: strategy="forward-mode" is for vectorize=True only')
    with _recording():
        if strategy == "forward-mode":
            return _by_columns(func, inputs)
        run = _Run("jacobian", func, inputs, create_graph, strict and not vectorize)
        if strict and vectorize:
            raise RuntimeError("jacobian: strict=True cannot be told with vectorize=True; leave one of them out")
        rows = [_batched_rows(run, y) if vectorize else _rows(run, y, i) for i, y in enumerate(run.outputs)]
    found = tuple(run.out(each, run.several) for each in rows)
    return found if run.several_outputs else found[0]


def hessian(
    func: Callable[..., Any], inputs: Any, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Hessian of `func`, which returns one element: a Tensor of shape T + T for an input of shape T, a tuple of tuples for a tuple.

    vectorize and the strategy of the outer Jacobian as for `jacobian`. Errors as for `jacobian`, and RuntimeError for an output of
    another size.

    >>> import tape
    >>> tape.autograd.functional.hessian(lambda x: (x**3).sum(), tape.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    given, several = _tensors(inputs, "inputs", "hessian")
    _known(outer_jacobian_strategy, "hessian")

    def gradient(*at: Tensor) -> Any:
        for x in at:
            if not x.requires_grad:  # where the outer derivative is taken by tangents
                x.requires_grad_()
        run = _Run("hessian", func, at, True, strict)
        first = run.gradient()
        return first if several else first[0]

    return jacobian(gradient, inputs if several else given[0], create_graph, strict, vectorize, outer_jacobian_strategy)


def _recording() -> inference_mode:
    """Gradients on, also within no_grad and inference mode."""
    return inference_mode(False)


class _Run:
    """A function called once on variables that stand for its inputs, and what must hold of its results. `vectors` of the inputs' shapes are
    checked before the call (`given`)."""

    def __init__(self, name: str, func: Callable[..., Any], inputs: Any, create_graph: bool, strict: bool, vectors: tuple = ()) -> None:
        self.name, self.create_graph, self.strict = name, create_graph, strict
        given, self.several = _tensors(inputs, "inputs", name)
        self.inputs = tuple(x.view_as(x) if create_graph and x.requires_grad else x.detach().requires_grad_() for x in given)
        self.given = [self.weights(v, self.inputs, self.several, "input") for v in vectors]
        self.outputs, self.several_outputs = _tensors(func(*self.inputs), "outputs of the function", name)
        for i, y in enumerate(self.outputs if strict else ()):
            if not y.requires_grad:
                raise RuntimeError(
                    f"{name}: output {i} does not require grad: nothing it was computed from depends on the inputs, which strict=True refuses"
                )

    def weights(self, v: Any, like: Tensors, several: bool, what: str) -> Tensors | None:
        """The vectors that were given, checked; a missing one is one where there is one element."""
        if v is None:
            if len(like) != 1 or like[0].numel() != 1:
                raise RuntimeError(f"{self.name}: v may be left out for a single {what} of one element only; give one of each {what}'s shape")
            return (ones_like(like[0]),)
        given, _ = _tensors(v, "v", self.name)
        if len(given) != len(like):
            raise RuntimeError(f"{self.name}: v holds {len(given)} Tensors; wanted {len(like)}, one for each {what}")
        for i, (w, t) in enumerate(zip(given, like, strict=True)):
            if w.shape != t.shape:
                raise RuntimeError(f"{self.name}: entry {i} of v has shape {tuple(w.shape)}; wanted that of the {what}, {tuple(t.shape)}")
        return tuple(w.view_as(w) if self.create_graph and w.requires_grad else w.detach() for w in given)

    def gradient(self) -> Tensors:
        """The gradient of the one element that the function must return, with history."""
        if self.several_outputs:
            raise RuntimeError(f"{self.name}: the function returned a tuple; wanted a single Tensor of one element")
        (y,) = self.outputs
        if y.numel() != 1:
            raise RuntimeError(f"{self.name}: the function returned a Tensor of shape {tuple(y.shape)}; wanted one element")
        return self.filled(_gradients((y.reshape(()),), self.inputs, None, True), self.inputs, "the output", linked=True)

    def filled(
        self, found: Sequence[Tensor | None], like: Tensors, of: str, what: str = "input", *, linked: bool | None = None
    ) -> Tensors:
        """Zeros for what nothing depends on. With strict RuntimeError in their place, and for what does not depend on the inputs any more
        though it is to be differentiated again (`linked`)."""
        for i, g in enumerate(found if self.strict else ()):
            if g is None:
                raise RuntimeError(f"{self.name}: {of} is independent of {what} {i}, which strict=True refuses")
            if (self.create_graph if linked is None else linked) and not g.requires_grad:
                raise RuntimeError(
                    f"{self.name}: the derivative for {what} {i} is independent of the inputs, which strict=True refuses where it is to be "
                    "differentiated again"
                )
        return tuple(zeros_like(t) if g is None else g for g, t in zip(found, like, strict=True))

    def out(self, found: Sequence[Tensor], several: bool) -> Any:
        """Results in the form of what was given, with history only if it was asked for."""
        given = tuple(found) if self.create_graph else tuple(t.detach() if t.requires_grad else t for t in found)
        return given if several else given[0]


def _known(strategy: str, name: str) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise AssertionError(f'{name}: the strategy is {strategy!r}; wanted "reverse-mode" or "forward-mode"')


def _tensors(given: Any, what: str, name: str) -> tuple[Tensors, bool]:
    """A tuple of Tensors, and whether it was one. TypeError for anything else."""
    found = given if isinstance(given, tuple) else (given,)
    for i, t in enumerate(found):
        if not isinstance(t, Tensor):
            place = f" hold a {type(t).__name__} at position {i}" if isinstance(given, tuple) else f" are a {type(t).__name__}"
            raise TypeError(f"{name}: the {what}{place}; wanted a Tensor or a tuple of Tensors")
    return found, isinstance(given, tuple)


def _gradients(outputs: Tensors, inputs: Tensors, weights: Tensors | None, create_graph: bool) -> list[Tensor | None]:
    """The gradients of those outputs that have history; None for inputs that they do not depend on."""
    from tape.autograd import grad

    live = [i for i, y in enumerate(outputs) if y.requires_grad]
    if not live:
        return [None] * len(inputs)
    chosen = None if weights is None else [weights[i] for i in live]
    return list(grad([outputs[i] for i in live], inputs, chosen, create_graph=create_graph, retain_graph=True, allow_unused=True))


def _pushed(outputs: Tensors, inputs: Tensors, weights: Tensors | None, create_graph: bool, strict: bool = False) -> list[Tensor | None]:
    """Tangents of the outputs along `weights`: the pullback, linear in its cotangents, pulled back. From ones, not zeros: where a cotangent
    is zero, partials that are not finite are not looked at. RuntimeError with `strict` for an input that no output depends on."""
    seeds = tuple(ones_like(y).requires_grad_() for y in outputs)
    back = _gradients(outputs, inputs, seeds, True)
    for i, g in enumerate(back if strict else ()):
        if g is None:
            raise RuntimeError(f"no output depends on input {i}, which strict=True refuses")
    pairs = [(g, w) for g, w in zip(back, weights or (), strict=True) if g is not None]
    if not pairs:
        return [None] * len(outputs)
    return _gradients(tuple(g for g, _ in pairs), seeds, tuple(w for _, w in pairs), create_graph)


def _rows(run: _Run, y: Tensor, position: int) -> list[Tensor]:
    """The Jacobian of one output by each input, a backward pass for each element."""
    elements = y.reshape(-1)
    rows = [_gradients((elements[j],), run.inputs, None, run.create_graph) for j in range(y.numel())]
    columns: list[Sequence[Tensor | None]] = list(zip(*rows, strict=True)) if rows else [()] * len(run.inputs)
    found = []
    for i, (x, column) in enumerate(zip(run.inputs, columns, strict=True)):
        each = run.filled(column, (x,) * len(column), f"output {position}", f"input {i}, element")
        if each:
            found.append(stack(list(each)).reshape(tuple(y.shape) + tuple(x.shape)))
        else:
            found.append(zeros((*y.shape, *x.shape), dtype=x.dtype))
    return found


def _batched_rows(run: _Run, y: Tensor) -> list[Tensor]:
    """The same with all elements as one batch of cotangents."""
    from tape.autograd import grad

    shapes = [tuple(y.shape) + tuple(x.shape) for x in run.inputs]
    count = y.numel()
    if not y.requires_grad or not count:
        return [zeros(shape, dtype=x.dtype) for shape, x in zip(shapes, run.inputs, strict=True)]
    basis = eye(count, dtype=y.dtype).reshape((count, *y.shape))
    found = grad([y], run.inputs, [basis], create_graph=run.create_graph, retain_graph=True, allow_unused=True, is_grads_batched=True)
    return [
        zeros(shape, dtype=x.dtype) if g is None else g.reshape(shape) for g, shape, x in zip(found, shapes, run.inputs, strict=True)
    ]


def _by_columns(func: Callable[..., Any], inputs: Any) -> Any:
    """The Jacobian by forward mode, a tangent for each element of each input."""
    given, several = _tensors(inputs, "inputs", "jacobian")
    columns: list[list[list[Tensor | None]]] = []  # by input, element and output
    outputs: Tensors = ()
    several_outputs = False
    for i, x in enumerate(given):
        columns.append([])
        for direction in eye(x.numel(), dtype=x.dtype).reshape((x.numel(), *x.shape)):
            with forward_ad.dual_level():
                duals = [forward_ad.make_dual(z, direction if j == i else zeros_like(z)) for j, z in enumerate(given)]
                outputs, several_outputs = _tensors(func(*duals), "outputs of the function", "jacobian")
                columns[-1].append([forward_ad.unpack_dual(y).tangent for y in outputs])
    found = []
    for place, y in enumerate(outputs):
        blocks = []
        for x, runs in zip(given, columns, strict=True):
            tangents = [zeros_like(y) if run[place] is None else run[place] for run in runs]
            blocks.append(stack(tangents, -1).reshape(tuple(y.shape) + tuple(x.shape)))
        found.append(tuple(blocks) if several else blocks[0])
    return tuple(found) if several_outputs else found[0]


__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]
