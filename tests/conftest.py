"""What holds for every test: the default dtype it starts with, and that it leaves no state behind.

Tests start in float64; `pytestmark = pytest.mark.default_dtype("float32")` gives PyTorch's default to a file.
`@pytest.mark.differs(reason)` marks a test of what we do otherwise than the reference on purpose: run on the
reference it must fail.
Invariant: grad mode, inference mode, anomaly mode and default dtype are after a test as before it.
"""

import importlib.util
import sys
import threading

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "default_dtype(name): the default dtype that the test starts with")
    config.addinivalue_line("markers", "differs(reason): behaviour that differs from PyTorch on purpose")


def pytest_collection_modifyitems(items):
    """Comparisons with PyTorch are skipped without it; on the reference itself, deliberate differences must fail."""
    if importlib.util.find_spec("torch") is None:
        for item in items:
            if item.get_closest_marker("oracle"):
                item.add_marker(pytest.mark.skip(reason="PyTorch is not installed"))
    under_test = sys.modules.get("under_test")
    if under_test is None or under_test.NAME != "torch":
        return
    for item in items:
        differs = item.get_closest_marker("differs")
        if differs is not None:
            item.add_marker(pytest.mark.xfail(strict=True, reason=f"differs: {differs.args[0]}"))


def _state(torch):
    return {
        "grad mode": torch.is_grad_enabled(),
        "inference mode": torch.is_inference_mode_enabled(),
        "anomaly mode": torch.is_anomaly_enabled(),
        "NaN check": torch.is_anomaly_check_nan_enabled(),
        "default dtype": torch.get_default_dtype(),
    }


@pytest.fixture(autouse=True)
def clean_state(request):
    """Set the default dtype; fail the test if it leaks a mode, and mend what it leaked."""
    under_test = sys.modules.get("under_test")
    if under_test is None or getattr(request.module, "torch", None) is not under_test.torch:
        yield
        return
    torch = under_test.torch
    marker = request.node.get_closest_marker("default_dtype")
    found = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, marker.args[0] if marker else "float64"))
    before = _state(torch)
    yield
    after = _state(torch)
    torch.set_grad_enabled(True)
    torch.autograd.set_detect_anomaly(False)
    torch.set_default_dtype(found)
    leaked = [f"{key} is {after[key]}" for key in before if before[key] != after[key]]
    assert not leaked, "the test leaked: " + "; ".join(leaked)


@pytest.fixture
def idle():
    """Native code that other tests have ordered is made by now: its thread holds tapes and imports modules meanwhile."""
    from tape.compile.background import later

    done = threading.Event()
    later(done.set)
    done.wait(120)
