"""profiler.profile: which events there are, how they nest and add up, tables, traces, and that nothing is left behind."""

import json
import sys

import pytest
from under_test import NAME, leaf, torch

profiler = torch.autograd.profiler
own = pytest.mark.skipif(NAME != "tape", reason="of tape's own")


def run(x):
    with profiler.record_function("block"):
        y = (x * x).sin().sum()
    y.backward()


@pytest.fixture
def prof():
    x = leaf([[0.1, 0.2], [0.3, 0.4]])
    run(x)  # kernels are there from now on
    with profiler.profile(profile_memory=True, record_shapes=True) as found:
        run(x)
    return found


def test_keys_of_events(prof):
    keys = {event.key for event in prof.key_averages()}
    wanted = {"block", "aten::mul", "aten::sin", "aten::sum", "aten::cos", "torch::autograd::AccumulateGrad"}
    for name in ("MulBackward0", "SinBackward0", "SumBackward0"):
        wanted |= {name, f"autograd::engine::evaluate_function: {name}"}
    assert wanted <= keys


def test_events_lie_within_others(prof):
    events = {event.name: event for event in prof.function_events}
    assert events["aten::sin"].cpu_parent is events["block"]
    assert events["MulBackward0"].cpu_parent is events["autograd::engine::evaluate_function: MulBackward0"]
    block = events["block"]
    assert sum(child.cpu_time_total for child in block.cpu_children) <= block.cpu_time_total
    assert block.self_cpu_time_total >= 0 and prof.self_cpu_time_total > 0
    assert {child.name for child in block.cpu_children} >= {"aten::mul", "aten::sin", "aten::sum"}


def test_sums_by_name(prof):
    sums = {event.key: event for event in prof.key_averages()}
    assert sums["aten::sin"].count == 1 and sums["aten::mul"].count >= 2
    assert sums["aten::mul"].cpu_time == pytest.approx(sums["aten::mul"].cpu_time_total / sums["aten::mul"].count)
    assert prof.total_average().key == "Total"
    by_shape = prof.key_averages(group_by_input_shape=True)
    assert any(event.key == "aten::mul" and event.input_shapes[:2] == [[2, 2], [2, 2]] for event in by_shape)
    assert sums["aten::sin"].self_cpu_memory_usage == 32


def test_tables(prof):
    text = prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=3)
    for title in ("Name", "Self CPU %", "Self CPU", "CPU total", "CPU Mem", "# of Calls", "Self CPU time total: "):
        assert title in text
    names = [line.split()[0] for line in prof.key_averages().table(sort_by="count", row_limit=50).splitlines() if "aten::" in line]
    assert "aten::mul" in names
    assert "block" in prof.table() and "block" in str(prof)


def test_traces_for_chrome(prof, tmp_path):
    path = tmp_path / "trace.json"
    prof.export_chrome_trace(str(path))
    events = {event["name"]: event for event in json.loads(path.read_text())["traceEvents"] if event.get("ph") == "X"}
    block, inner = events["block"], events["aten::sin"]
    assert block["cat"] == "user_annotation" and inner["cat"] == "cpu_op"
    assert block["ts"] <= inner["ts"] and inner["ts"] + inner["dur"] <= block["ts"] + block["dur"] + 1


def test_gradients_are_the_same():
    x, z = leaf([0.1, 0.2]), leaf([0.1, 0.2])
    run(x)
    with profiler.profile():
        run(z)
    assert x.grad.tolist() == z.grad.tolist()


def test_record_function_as_decorator_and_without_a_profile():
    @profiler.record_function("mine")
    def function(x):
        return x * 2

    function(leaf(1.0))
    with profiler.profile() as prof:
        function(leaf(1.0))
    assert [event.count for event in prof.key_averages() if event.key == "mine"] == [1]


def test_a_profile_that_is_off():
    with profiler.profile(enabled=False) as prof:
        leaf(1.0) * 2
    assert prof is None or prof.function_events is None


def test_profiles_end_with_exceptions():
    with pytest.raises(KeyError), profiler.profile() as prof:
        leaf(1.0) * 2
        raise KeyError
    assert any(event.key == "aten::mul" for event in prof.key_averages())


@own
def test_nothing_is_left_behind():
    from tape.autograd import engine

    before = sys.getprofile()
    with profiler.profile(with_stack=True) as prof:
        leaf(1.0).sin()
        assert engine.row_by_row
    assert sys.getprofile() is before and not engine.row_by_row
    assert "test_profiler.py" in prof.function_events[-1].stack[0]
    with pytest.raises(RuntimeError):
        profiler.profile().key_averages()
    with profiler.profile(), pytest.raises(RuntimeError):
        profiler.profile().__enter__()
    with pytest.raises(ValueError):
        prof.table(sort_by="beauty")


def test_names_for_devices():
    with profiler.emit_itt(enabled=False), profiler.emit_nvtx(enabled=False):
        pass
    if NAME == "tape":
        with pytest.raises(AssertionError), profiler.emit_nvtx():
            pass
        with pytest.raises(RuntimeError):
            profiler.load_nvprof("trace")
    unique = profiler.EnforceUnique()
    unique.see(1, 2)
    with pytest.raises(RuntimeError):
        unique.see(1, 2)
    tracker = profiler.KinetoStepTracker
    tracker.init_step_count("me")
    first = tracker.increment_step("me")
    assert tracker.increment_step("me") == first + 1 == tracker.current_step()
    assert tracker.erase_step_count("me") and not tracker.erase_step_count("me")
