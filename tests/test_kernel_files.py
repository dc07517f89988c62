"""Generated kernels as files, and their machine code on disk.

The committed text is what the generator writes, bears the hash of what is compiled into it, and leans on no
other compiled function. A second process takes every kernel from Numba's cache; other instruction sets and a
system without libmvec give the same values.
"""

import ast
import json
import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from test_table import RULES

from compiled_ops import generate, kernels
from compiled_ops.formula import Formula
from compiled_ops.generated import forward, reverse
from compiled_ops.rows import TableError
from compiled_ops.table import ELEMENTWISE


def test_generated_text_is_current():
    for name, text in generate.texts().items():
        path = Path(generate.__file__).parent / "generated" / name
        assert path.read_text() == text, "run python -m compiled_ops.generate"


def test_generated_text_bears_the_hash_of_what_is_compiled_into_it(monkeypatch, tmp_path):
    for name in (*generate.SOURCES, generate.TABLE):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((generate.FOLDER / name).read_text())
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    before = generate.texts()
    edited = tmp_path / "special.py"
    edited.write_text(edited.read_text().replace("LARGE = 10.0", "LARGE = 11.0"))
    assert all(before[name] != text for name, text in generate.texts().items())


def test_compiled_functions_call_only_those_of_their_own_file():
    """Another file's compiled function would stay in the cache as it was; the header's hash covers ours."""
    from numba.core.dispatcher import Dispatcher

    for module in (forward, reverse):
        for name, value in vars(module).items():
            if name.startswith("__"):
                continue
            assert not isinstance(value, Dispatcher), name
            origin = getattr(value, "__module__", None)
            assert origin in (None, module.__name__, *[f"compiled_ops.{file.removesuffix('.py')}" for file in generate.SOURCES]), name


def test_a_kernel_is_compiled_once_by_several_threads(monkeypatch):
    kernels.reverse_address("neg", 0)
    key = ("neg_x", 0)
    monkeypatch.setattr(kernels, "_addresses", {k: v for k, v in kernels._addresses.items() if k != key})
    seen, found = [], []
    monkeypatch.setattr(kernels, "on_compile", [seen.append])

    def ask():
        found.append(kernels.reverse_address("neg", 0))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    before = kernels.compiled_count()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 4
    assert seen == ["neg_x"] and kernels.compiled_count() == before + 1


FRESH = """
import json, sys
import numpy as np
sys.path.insert(0, {tests!r})
from compiled_ops import kernels
light = "numba" not in sys.modules
from kernel_calls import pullback
if {without_libmvec}:
    import ctypes
    load = ctypes.CDLL
    def refuse(name, *rest, **further):
        if "libmvec" in str(name): raise OSError(name)
        return load(name, *rest, **further)
    ctypes.CDLL = refuse
x = np.linspace(-2, 2, 1027)
names = ["sin", "digamma", "softplus"]
digits = [pullback(name, 0, x, abs(x) + 0.5).tobytes().hex()[:4000] for name in names]
digits += [kernels.forward("pow")(abs(x), x).tobytes().hex()[:4000]]
error = float(abs(kernels.forward("pow")(abs(x), x) - abs(x)**x).max())
from compiled_ops import vectormath
print(json.dumps([light, kernels.compiled_count(), kernels.cache_hits(), digits, error, vectormath.LETTER]))
"""


def fresh_process(cache, without_libmvec=False, **environment):
    code = FRESH.format(tests=str(Path(__file__).parent), without_libmvec=without_libmvec)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), **environment}
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_a_second_process_takes_all_from_the_cache(tmp_path):
    light, count, hits, digits, error, _ = fresh_process(tmp_path)
    assert light, "importing kernels must not import Numba"
    assert count >= 5 and hits == 0 and error < 1e-14
    again = fresh_process(tmp_path)
    assert again[1] == again[2] == count
    assert again[3] == digits


@pytest.mark.skipif(platform.machine() != "x86_64", reason="names features of x86-64")
@pytest.mark.parametrize(
    ("letter", "features", "without"),
    [("d", "+avx,+avx2,+fma", False), ("b", "+sse2", False), ("b", "+sse2", True)],
)
def test_other_instruction_sets_and_no_libmvec(letter, features, without, tmp_path):
    if letter == "d" and "avx2" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this CPU has no AVX2")
    result = fresh_process(tmp_path, without, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES=features)
    assert result[5] == letter and result[4] < 1e-14


def test_every_row_has_its_kernels():
    wanted = {f"{row.name}_{row.inputs[k]}" for row, k in RULES} | {"select_a", "select_b", "scale", "copy"}
    own = {
        name for name, value in vars(reverse).items() if getattr(value, "__module__", "") == reverse.__name__
    }
    assert wanted == own
    assert all(hasattr(forward, f"{row.name}_loop") for row in ELEMENTWISE if not row.value.startswith("np."))


def test_rules_are_written_out_down_to_elements():
    formula = Formula("out")
    value = formula.translate("g*logaddexp(x - 1, exp(2*x)) + sigmoid(-x)")
    assert "_i_i" not in ast.unparse(value)
    assert [block.function for block in formula.blocks] == ["exp", "exp", "log1p", "exp"]
    same = Formula("out")
    assert ast.unparse(same.translate("cos(x)*cos(x)")) == "cos_i * cos_i" and len(same.blocks) == 1


@pytest.mark.parametrize("rule", ["g*nextafter(x, 2)", "g*matmul(x, x)"])
def test_a_rule_that_no_kernel_can_be_made_of_is_refused(rule):
    with pytest.raises(TableError, match="has no formula"):
        Formula("out").translate(rule)
