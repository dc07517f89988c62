"""MKL in the place of SciPy's BLAS: found where installed, ignored where told so or where it is not."""

import subprocess
import sys

import numpy as np
import pytest
from under_test import torch

import tape
from tape.compile.native import mkl

pytestmark = pytest.mark.skipif(torch is not tape, reason="programs are tape's own")
SCRIPT = """
import numpy as np, tape
from tape.compile.native import mkl
f = tape.compile(lambda a, b: a @ b)
a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
f(a, b); assert f.wait(60)
assert np.allclose(f(a, b), a @ b, rtol=1e-14)
print(bool(mkl.library()))
"""


def run(blas):
    import os

    done = subprocess.run([sys.executable, "-c", SCRIPT], env={**os.environ, "TAPE_BLAS": blas}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() == "True"


def test_scipy_serves_where_told_so():
    assert run("scipy") is False


@pytest.mark.skipif(mkl.library() is None, reason="MKL is not installed")
def test_mkl_serves_where_installed():
    assert run("mkl") is True
    a = np.linspace(0, 1, 300 * 300).reshape(300, 300)
    f = tape.compile(lambda x: x @ x.T)
    f(a)
    assert f.wait(60)
    np.testing.assert_allclose(f(a), a @ a.T, rtol=1e-12)


def test_an_unknown_routine_is_nowhere():
    assert mkl.address("no_such_routine") == 0
