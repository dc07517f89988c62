"""LBFGS: quasi-Newton steps from the last gradients (Nocedal and Wright, algorithm 7.4), optionally with a line search.

A step evaluates the closure many times. Invariant: parameters, options and stopping rules are PyTorch's, so trajectories agree to
rounding. Imports optimizer and searching; imported by tape.optim. `tape.optimize.minimize` runs SciPy's L-BFGS-B on compiled programs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tape.inplace import write
from tape.optim.optimizer import Optimizer, evaluated
from tape.optim.searching import search
from tape.state import change
from tape.tensor import Tensor, array, wrap


class LBFGS(Optimizer):
    """Up to max_iter quasi-Newton steps for each `step(closure)`, from the last history_size changes of the gradient.

    The closure must unset the gradients, compute the loss, call backward and return the loss. A step ends early where no gradient element
    is above tolerance_grad, no parameter or the loss changes by more than tolerance_change, or max_eval evaluations (default
    1.25*max_iter) are used up. line_search_fn: None (steps of length lr) or "strong_wolfe". ValueError for several groups and
    a negative lr, RuntimeError for another line search.

    >>> x = tape.tensor([1.0, 2.0], requires_grad=True)
    >>> optimizer = tape.optim.LBFGS([x], line_search_fn="strong_wolfe")
    >>> def closure():
    ...     optimizer.zero_grad()
    ...     loss = ((x - 3) ** 2).sum()
    ...     loss.backward()
    ...     return loss
    >>> optimizer.step(closure)
    tensor(5., grad_fn=<SumBackward0>)
    >>> [round(value, 9) for value in x.tolist()]
    [3.0, 3.0]
    """

    bounds = ("lr",)

    def __init__(
        self, params: Iterable[Any], lr: Any = 1, max_iter: int = 20, max_eval: int | None = None, tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9, history_size: int = 100, line_search_fn: str | None = None,
    ) -> None:  # fmt: skip
        defaults = {"lr": lr, "max_iter": max_iter, "max_eval": max_iter * 5 // 4 if max_eval is None else max_eval,
                    "tolerance_grad": tolerance_grad, "tolerance_change": tolerance_change, "history_size": history_size,
                    "line_search_fn": line_search_fn}  # fmt: skip
        super().__init__(params, defaults)
        if len(self.param_groups) != 1:
            raise ValueError(f"LBFGS got {len(self.param_groups)} groups; it treats all parameters alike: give one")

    def _step(self, closure: Callable[[], Any] | None) -> Any:
        if closure is None:
            raise TypeError("LBFGS.step needs a closure, which it evaluates several times")
        before = change(grad=False)
        try:
            return _Steps(self, closure).run()
        finally:
            change(**before)


class _Steps:
    """The iterations of one call of `step`."""

    def __init__(self, optimizer: LBFGS, closure: Callable[[], Any]) -> None:
        (self.group,) = optimizer.param_groups
        self.parameters: list[Tensor] = self.group["params"]
        self.closure, self.kept = closure, optimizer.state[self.parameters[0]]
        self.kept.setdefault("func_evals", 0)
        self.kept.setdefault("n_iter", 0)

    def run(self) -> Any:
        """Iterate until a stopping rule holds; the loss of the first evaluation is returned."""
        group, kept = self.group, self.kept
        first = evaluated(self.closure)
        loss, gradient, evaluations = float(first.item() if isinstance(first, Tensor) else first), self.gradient(), 1
        kept["func_evals"] += 1
        flat = _largest(gradient) <= group["tolerance_grad"]
        for iteration in range(1, group["max_iter"] + 1) if not flat else ():
            kept["n_iter"] += 1
            d = self.direction(gradient)
            kept["prev_flat_grad"], kept["prev_loss"] = wrap(gradient.copy()), loss
            first_length = min(1.0, 1.0 / float(np.abs(gradient).sum())) if kept["n_iter"] == 1 else 1.0
            t, slope = first_length * float(group["lr"]), float(gradient.dot(d))
            kept["d"], kept["t"], before = wrap(d), t, loss
            if slope > -group["tolerance_change"]:
                break
            used = 0
            if group["line_search_fn"] is not None:
                loss, gradient, t, used = self.searched(d, t, loss, gradient, slope)
                kept["t"] = t
            else:
                self.move(self.values(), t, d)
                if iteration != group["max_iter"]:
                    loss, gradient = self.evaluate()
                    used = 1
            evaluations += used
            kept["func_evals"] += used
            if (
                iteration == group["max_iter"] or evaluations >= group["max_eval"] or _largest(gradient) <= group["tolerance_grad"]
                or _largest(d * t) <= group["tolerance_change"] or abs(loss - before) < group["tolerance_change"]
            ):  # fmt: skip
                break
        return first

    def direction(self, gradient: np.ndarray) -> np.ndarray:
        """The two-loop recursion: minus the gradient times the inverse Hessian that the remembered changes suggest."""
        kept = self.kept
        if kept["n_iter"] == 1:
            kept.update(old_dirs=[], old_stps=[], ro=[], H_diag=1.0)
            return -gradient
        y, s = gradient - array(kept["prev_flat_grad"]), array(kept["d"]) * kept["t"]
        curvature = float(y.dot(s))
        if curvature > 1e-10:
            for name, value in (("old_dirs", wrap(y)), ("old_stps", wrap(s)), ("ro", 1.0 / curvature)):
                if len(kept[name]) == self.group["history_size"]:
                    del kept[name][0]
                kept[name].append(value)
            kept["H_diag"] = curvature / float(y.dot(y))
        changes = [(array(y), array(s), ro) for y, s, ro in zip(kept["old_dirs"], kept["old_stps"], kept["ro"], strict=True)]
        q, weights = -gradient, []
        for y, s, ro in reversed(changes):
            weights.append(float(s.dot(q)) * ro)
            q = q - weights[-1] * y
        r = q * kept["H_diag"]
        for (y, s, ro), weight in zip(changes, reversed(weights), strict=True):
            r = r + s * (weight - float(y.dot(r)) * ro)
        return r

    def searched(self, d: np.ndarray, t: float, loss: float, gradient: np.ndarray, slope: float) -> tuple[float, np.ndarray, float, int]:
        """Move by a line search: the new loss and gradient, the step taken, and the evaluations it took."""
        if self.group["line_search_fn"] != "strong_wolfe":
            raise RuntimeError(f'LBFGS got line_search_fn={self.group["line_search_fn"]!r}; wanted None or "strong_wolfe"')
        start = self.values()

        def at(t: float) -> tuple[float, np.ndarray]:
            self.move(start, t, d)
            found = self.evaluate()
            self.restore(start)
            return found

        point, used = search(at, d, t, loss, gradient, slope)
        self.move(start, point.t, d)
        return point.f, point.g, point.t, used

    def evaluate(self) -> tuple[float, np.ndarray]:
        """Loss and gradient where the parameters are."""
        found = evaluated(self.closure)
        return float(found.item() if isinstance(found, Tensor) else found), self.gradient()

    def gradient(self) -> np.ndarray:
        """All gradients in one array; zeros for parameters without."""
        parts = []
        for p in self.parameters:
            g = getattr(p, "_grad", None)
            parts.append(_flat(np.zeros(p._s.shape, p._s.dtype) if g is None else array(g)))
        return np.concatenate(parts)

    def values(self) -> list[np.ndarray]:
        """Copies of the parameters' values."""
        return [array(p).copy() for p in self.parameters]

    def move(self, start: list[np.ndarray], t: float, d: np.ndarray) -> None:
        """Set the parameters to start + t*d."""
        place = 0
        for p, values in zip(self.parameters, start, strict=True):
            flat = _flat(values)
            moved = (flat + t * d[place : place + flat.size]).astype(flat.dtype).view(p._s.dtype).reshape(p._s.shape)
            write(p, wrap(moved))
            place += flat.size

    def restore(self, start: list[np.ndarray]) -> None:
        """Set the parameters back."""
        for p, values in zip(self.parameters, start, strict=True):
            write(p, wrap(values))


def _flat(values: np.ndarray) -> np.ndarray:
    """Values in one dimension, complex ones as pairs of real ones."""
    plain = np.ascontiguousarray(values).reshape(-1)
    return plain.view(plain.real.dtype)


def _largest(values: np.ndarray) -> float:
    return float(np.abs(values).max(initial=0.0))


__all__ = ["LBFGS"]
