"""Calls that machine code makes itself: elements at index arrays, factors, triangular systems, diagonals; errors take the long way."""

import numpy as np
import pytest
from under_test import torch

import tape

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")
RNG = np.random.default_rng(0)
X, M = RNG.normal(size=(6, 5)), RNG.normal(size=(8, 8))
P = M @ M.T + 8 * np.eye(8)
ROWS, COLUMNS = np.array([3, 0, -1, 3]), np.array([4, 4, 0, 1])


def solve(**how):
    return lambda a, b: torch.linalg.solve_triangular(torch.linalg.cholesky(a), b, upper=False, **how)


def written(x):
    y = x * 2
    y[ROWS[1:], COLUMNS[1:]] = x[0, :3]
    y[:, COLUMNS[2:]] = x[:, :2]
    return y


CASES = {
    "elements": (lambda x: x[ROWS, COLUMNS] * 2, (X,)), "whole rows": (lambda x: x[ROWS].sin(), (X,)),
    "a table": (lambda x: x[ROWS[:, None], COLUMNS[:3]], (X,)), "a frozen table": (lambda x: x[np.array(ROWS[:, None]), COLUMNS[None, :3].copy()], (X,)),
    "a given table": (lambda x, j, k: x[j, k], (X, np.array(ROWS[:, None], order="C").copy(), COLUMNS[None].copy())), "one unknown": (lambda a, b: torch.linalg.solve_triangular(a[:1, :1], b[:1], upper=True), (P, M)), "of a transpose": (lambda x: x.T[COLUMNS, ROWS], (X,)),
    "columns": (lambda x: x[:, COLUMNS], (X,)), "of numbers given": (lambda x, k: x[k] * 3, (X, np.array([2, -6, 5]))),
    "repeated places add up": (tape.func.grad(lambda x: (x[ROWS, COLUMNS] ** 3).sum() + (x[ROWS].sin() ** 2).sum()), (X,)),
    "gathered": (tape.func.grad(lambda x: x.gather(1, torch.tensor(COLUMNS[:, None] % 5)).exp().sum()), (X,)),
    "written": (written, (X,)), "columns of a transpose": (lambda x: x.T[:, COLUMNS].sin(), (X,)),
    "gradient of columns": (tape.func.grad(lambda x: (x[:, COLUMNS] ** 2 * x[:, 2:3]).sum()), (X,)),
    "factor": (lambda a: torch.linalg.cholesky(a).sin(), (P,)), "log of a determinant": (tape.func.grad(lambda a: 2 * torch.linalg.cholesky(a).diagonal().log().sum()), (P,)),
    "system": (solve(), (P, M)), "one right side": (solve(), (P, M[:, :1].copy())), "from the right": (solve(left=False), (P, M)),
    "transposed": (lambda a, b: torch.linalg.solve_triangular(a.T, b, upper=True), (P, M)), "upper": (lambda a, b: torch.linalg.solve_triangular(a, b, upper=True), (P, M)),
    "transposed, one": (lambda a, b: torch.linalg.solve_triangular(a.T, b[:, :1], upper=False), (P, M)),
    "unit": (lambda a, b: torch.linalg.solve_triangular(a, b, upper=False, unitriangular=True), (P / 9, M)),
    "gradient of a system": (tape.func.grad(lambda a, b: (solve()(a, b) ** 2).sum()), (P, M)),
    "diagonals": (lambda a: a.diagonal(1).exp() * a.T.diagonal(1).sin(), (M,)), "on a diagonal": (lambda a: torch.diag(a.diagonal(), 2) * 2, (M,)),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_same_results(name):
    f, arguments = CASES[name]
    compiled = tape.compile(f)
    compiled(*arguments)
    assert compiled.wait(60)
    others = [a * 1.25 if a.dtype == float else a for a in arguments]
    for given in (arguments, others):
        wanted = tape.compile(f, native=False)(*given)
        np.testing.assert_allclose(compiled(*given), wanted, rtol=1e-11, atol=1e-12)
    told = compiled.explain()
    assert "tier: native" in told and "step:" not in told, told


def test_an_index_out_of_bounds_is_told():
    compiled = tape.compile(lambda x, k: x[k] * 3)
    compiled(X, np.array([1, 2]))
    assert compiled.wait(60)
    np.testing.assert_array_equal(compiled(X, np.array([-6, 5])), X[[-6, 5]] * 3)
    for k in (6, -7):
        with pytest.raises(IndexError):
            compiled(X, np.array([0, k]))


def test_a_matrix_that_is_not_positive_definite_is_told():
    compiled = tape.compile(lambda a: torch.linalg.cholesky(a).sum())
    assert compiled(P) == pytest.approx(np.linalg.cholesky(P).sum())
    assert compiled.wait(60) and compiled(P) == pytest.approx(np.linalg.cholesky(P).sum())
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        compiled(-P)
    assert compiled(2 * P) == pytest.approx(np.linalg.cholesky(2 * P).sum())


def test_each_step_is_measured():
    compiled = tape.compile(tape.func.grad(lambda a: torch.linalg.cholesky(a).diagonal().log().sum() + torch.linalg.eigvalsh(a @ a).sin().sum()))
    compiled(P)
    assert compiled.wait(60)
    told = compiled.explain(measure=True).splitlines()
    first = next(k for k, line in enumerate(told) if "measured, step by step" in line)
    steps = [line.strip() for line in told if line.startswith("    ") and line.strip().split(":")[0] in ("known", "loops", "product", "step", "run")]
    listed = [line.split(" us  ") for line in told[first + 1 : first + 1 + len(steps)]]
    assert [text for _, text in listed] == steps and all(float(seconds) >= 0 for seconds, _ in listed)
    assert {"known", "loops", "product", "step"} <= {text.split(":")[0] for text in steps}
    np.testing.assert_allclose(compiled(P), tape.compile(compiled.fn, native=False)(P))
