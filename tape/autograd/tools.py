"""The rest of PyTorch's profiler module: what external tools are told, of which none exists on the CPU, and small counting classes.

Invariant: what needs a device says so; what only annotates does nothing. Imports nothing; imported by profiler.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import Any, NoReturn


class emit_itt:
    """A block whose operations Intel's tracer would be told of. Accepted and without effect. RuntimeError if entered twice."""

    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled, self.record_shapes, self.entered = enabled, record_shapes, False

    def __enter__(self) -> emit_itt | None:
        if not self.enabled:
            return None
        if self.entered:
            raise RuntimeError("emit_itt was entered already; make another one")
        self.entered = True
        return self

    def __exit__(self, *exc: Any) -> None:
        return None


class emit_nvtx(emit_itt):
    """A block whose operations NVIDIA's tracer would be told of. AssertionError when entered: there is no CUDA."""

    def __enter__(self) -> emit_itt | None:
        if self.enabled:
            raise AssertionError("emit_nvtx: there is no CUDA here; use profile()")
        return None


def load_nvprof(path: str) -> NoReturn:
    """RuntimeError: traces of NVIDIA's profiler hold no operation of this package."""
    raise RuntimeError(f"load_nvprof({path!r}): there is no CUDA here, so no such trace; use profile() and export_chrome_trace()")


parse_nvprof_trace = load_nvprof


class EnforceUnique:
    """Remembers what it saw; RuntimeError for the same again."""

    def __init__(self) -> None:
        self.seen: set[tuple] = set()

    def see(self, *key: Any) -> None:
        """See something for the first time."""
        if key in self.seen:
            raise RuntimeError(f"seen twice: {key}")
        self.seen.add(key)


class KinetoStepTracker:
    """Steps of several who count, such as a profiler and an optimiser: the step of all is the furthest."""

    _current_step = 0
    _step_dict: dict[str, int] = defaultdict(int)

    @classmethod
    def init_step_count(cls, requester: str) -> None:
        """Let somebody count, from the present step."""
        cls._step_dict[requester] = cls._current_step

    @classmethod
    def erase_step_count(cls, requester: str) -> bool:
        """Whether somebody counted, who does not any more."""
        return cls._step_dict.pop(requester, None) is not None

    @classmethod
    def increment_step(cls, requester: str) -> int:
        """One step more of somebody's; the step of all."""
        if requester not in cls._step_dict:
            cls.init_step_count(requester)
        cls._step_dict[requester] += 1
        cls._current_step = max(cls._current_step, *cls._step_dict.values())
        return cls._current_step

    @classmethod
    def current_step(cls) -> int:
        """The step of all."""
        return cls._current_step


class MemRecordsAcc:
    """Records of memory (pairs of a record with `start_ns()` and anything else) found by time."""

    def __init__(self, mem_records: Any) -> None:
        self._records = sorted(mem_records, key=lambda each: each[0].start_ns())
        self._starts = [each[0].start_ns() for each in self._records]

    def in_interval(self, start_us: float, end_us: float) -> Any:
        """Those within an interval, in microseconds, one by one."""
        yield from self._records[bisect_left(self._starts, start_us * 1000) : bisect_right(self._starts, end_us * 1000)]


__all__ = ["EnforceUnique", "KinetoStepTracker", "MemRecordsAcc", "emit_itt", "emit_nvtx", "load_nvprof", "parse_nvprof_trace"]
