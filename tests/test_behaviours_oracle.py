"""The recorded outcomes are PyTorch's: the files of cases, and those on Functions and the graph, pass when PyTorch itself is driven."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.oracle
def test_pytorch_behaves_as_recorded():
    files = [*sorted(HERE.glob("test_behaviours_*.py")), *(HERE / f"test_{name}.py" for name in ("function", "function_double", "function_modes", "graph"))]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "ignore", "-m", "not oracle", "-p", "no:cacheprovider", *map(str, files)]
    done = subprocess.run(command, env={**os.environ, "TAPE_TEST_MODULE": "torch"}, capture_output=True, text=True, cwd=HERE.parent)
    assert done.returncode == 0, done.stdout[-2000:]
