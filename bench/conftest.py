"""What the suites share: one thread (by importing the package), the option `--smoke`, and how a measurement
is taken.

`measure(run, prepare)` times with pytest-benchmark; under `--smoke` it calls once, and needs no plugin.
"""

import pytest

import bench

assert bench.ONE_THREAD


def pytest_addoption(parser):
    parser.addoption("--smoke", action="store_true", help="bench: tiny sizes, one call each")


@pytest.fixture
def smoke(request):
    return request.config.getoption("--smoke")


@pytest.fixture
def measure(request, smoke):
    if smoke:
        return lambda run, prepare=None: run(prepare()) if prepare else run()
    if not request.config.pluginmanager.hasplugin("benchmark"):
        pytest.skip("pytest-benchmark is not installed; `pytest bench --smoke` does without it")
    benchmark = request.getfixturevalue("benchmark")
    test, _, rest = request.node.name.rstrip("]").partition("[")
    what, dash, _ = rest.rpartition("-")  # the last part of the name is the contender
    benchmark.group = f"{test} {what}" if dash else test

    def take(run, prepare=None):
        if prepare is None:
            return benchmark(run)
        return benchmark.pedantic(run, setup=lambda: ((prepare(),), {}), rounds=20, warmup_rounds=2)

    return take
