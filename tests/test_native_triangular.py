"""Triangular systems of machine code, solved block by block: against NumPy, for every way in which a matrix can lie."""

import numpy as np
import pytest

import tape as torch
from tape.compile.native import known


@pytest.mark.parametrize("n, columns", [(2 * known.BLOCK, 40), (2 * known.BLOCK + 1, known.BLOCK // 2), (200, 33), (300, 300), (127, 64), (150, 8)])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("unit", [False, True])
@pytest.mark.parametrize("left", [True, False])
def test_triangular_systems(n, columns, upper, turned, unit, left):
    rng = np.random.default_rng(n + columns)
    a = rng.standard_normal((n, n)) / n + 2.0 * np.eye(n)
    b = rng.standard_normal((n, columns) if left else (columns, n))

    def f(a, b):
        matrix = a.mT if turned else a
        return torch.linalg.solve_triangular(matrix, b, upper=upper, left=left, unitriangular=unit)

    compiled = torch.compile(f)
    compiled(a, b)
    compiled.wait()
    variant = next(iter(compiled.signatures.values())).variants[0]
    assert variant.tier is variant.native, variant.problems
    assert not variant.native.python_rows()
    matrix = np.triu(a.T if turned else a) if upper else np.tril(a.T if turned else a)
    if unit:
        np.fill_diagonal(matrix, 1.0)
    wanted = np.linalg.solve(matrix, b) if left else np.linalg.solve(matrix.T, b.T).T
    np.testing.assert_allclose(compiled(a, b), wanted, rtol=1e-9, atol=1e-11)


def test_a_block_that_is_left_out_is_caught(monkeypatch):
    whole = known._in_blocks
    monkeypatch.setattr(known, "_in_blocks", lambda *given: [line for line in whole(*given) if "gemm" not in line])
    with pytest.raises(AssertionError):
        test_triangular_systems(200, 33, False, False, False, True)
