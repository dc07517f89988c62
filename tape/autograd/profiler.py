"""Where the time goes: `with profile() as prof:`, then `print(prof.key_averages().table(sort_by="self_cpu_time_total"))`.

While a profile is on, the interpreter tells each call of a public operation in this thread, and backward passes run row by row in Python, so
that each row is an event; their times are larger than those of compiled sweeps, their proportions those of the operations.
Invariant: without a profile nothing is looked at and nothing costs. Imports engine, rerecord and events; imported by tape/autograd.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import sys
import threading
import types
from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

import numpy as np

from compiled_ops import layout as m
from tape.autograd import engine
from tape.autograd.events import EventList, FunctionEvent, FunctionEventAvg
from tape.autograd.tools import EnforceUnique as EnforceUnique
from tape.autograd.tools import KinetoStepTracker as KinetoStepTracker
from tape.autograd.tools import MemRecordsAcc as MemRecordsAcc
from tape.autograd.tools import emit_itt as emit_itt
from tape.autograd.tools import emit_nvtx as emit_nvtx
from tape.autograd.tools import load_nvprof as load_nvprof
from tape.autograd.tools import parse_nvprof_trace as parse_nvprof_trace
from tape.places import outside
from tape.record import label_at
from tape.rerecord import Plain, pullback
from tape.tensor import Tensor

METHODS = {"truediv": "div", "getitem": "index", "setitem": "index_put_", "invert": "bitwise_not", "lshift": "bitwise_left_shift",
           "rshift": "bitwise_right_shift", "and": "bitwise_and", "or": "bitwise_or", "xor": "bitwise_xor", "mod": "remainder",
           "floordiv": "floor_divide"}  # fmt: skip
ROW, PULLED, GRADIENT = Plain.row.__code__, pullback.__code__, engine._Sweep._accumulate_leaf.__code__
EVALUATE, LEAF = "autograd::engine::evaluate_function: ", "torch::autograd::AccumulateGrad"
_running = threading.local()


@functools.cache
def operations() -> dict[Any, str]:
    """The code objects of all public operations, with PyTorch's names of them."""
    tape: Any = sys.modules["tape"]
    found: dict[Any, str] = {}

    def enter(name: str, value: Any) -> None:
        value = inspect.unwrap(value) if isinstance(value, types.FunctionType) else None
        if value is not None and value.__module__.startswith("tape.") and (value.__name__ == name or value.__code__ not in found):
            found[value.__code__] = f"aten::{name}"

    for prefix, home in (("", tape), ("", tape.nn.functional), ("linalg_", tape.linalg)):
        for name, value in vars(home).items():
            if not name.startswith("_") and not isinstance(value, types.ModuleType) and name in getattr(home, "_PUBLIC", vars(home)):
                enter(prefix + name, value)
    for name, value in vars(Tensor).items():
        if name.startswith("__") and name.endswith("__"):
            plain, in_place = name[2:-2], False
            base = plain[1:] if plain[:1] in "ri" and f"__{plain[1:]}__" in vars(Tensor) else plain
            in_place = plain != base and plain[0] == "i"
            if base in METHODS or base in ("add", "sub", "mul", "pow", "matmul", "neg", "abs", "eq", "ne", "lt", "le", "gt", "ge"):
                enter(METHODS.get(base, base) + ("_" if in_place else ""), value)
        elif not name.startswith("_"):
            enter(name, value)
    for name in ("shape", "item", "backward", "requires_grad_", "tensor_backward"):
        found = {code: text for code, text in found.items() if text != f"aten::{name}"}
    return found


class profile:
    """A block whose operations are measured, in this thread: time, calls and, with profile_memory, bytes of results.

    record_shapes: also the shapes of inputs; with_stack: also the user's line. `function_events` are all events, `key_averages()` sums by
    name. enabled=False: nothing happens. The other options are accepted and about devices. RuntimeError where a profile is on already.

    >>> import tape
    >>> x = tape.ones(3, requires_grad=True)
    >>> with tape.autograd.profiler.profile() as prof:
    ...     (x * x).sum().backward()
    >>> {"aten::mul", "aten::sum", "MulBackward0", "SumBackward0"} <= {event.key for event in prof.key_averages()}
    True
    """

    def __init__(
        self, enabled: bool = True, *, use_cuda: bool = False, use_device: str | None = None, record_shapes: bool = False,
        with_flops: bool = False, profile_memory: bool = False, with_stack: bool = False, with_modules: bool = False,
        use_kineto: bool = False, use_cpu: bool = True, experimental_config: Any = None, acc_events: bool = False,
        custom_trace_id_callback: Any = None, post_processing_timeout_s: float | None = None, activity_filters: Any = None,
    ) -> None:  # fmt: skip
        self.enabled, self.record_shapes, self.profile_memory, self.with_stack = enabled, record_shapes, profile_memory, with_stack
        self.function_events: EventList | None = None
        self.entered = False
        self._open: list[tuple[Any, FunctionEvent]] = []

    def __enter__(self) -> profile:
        if not self.enabled:
            return self
        if self.entered or getattr(_running, "profile", None) is not None:
            raise RuntimeError("a profile is on in this thread already; profiles do not nest")
        self.entered, self._codes, self._thread = True, operations(), threading.get_ident()
        self._events, self._numbers, self._counted = EventList(profile_memory=self.profile_memory), itertools.count(1), set[int]()
        self._start, self._before, _running.profile = perf_counter_ns(), sys.getprofile(), self
        self._rows_before, engine.row_by_row = engine.row_by_row, True
        sys.setprofile(self._tell)
        return self

    def __exit__(self, *exc: Any) -> None:
        if not self.enabled:
            return
        sys.setprofile(self._before)
        engine.row_by_row, _running.profile = self._rows_before, None
        while self._open:
            self._end(None)
        self.function_events = self._events

    def _tell(self, frame: Any, what: str, result: Any) -> None:
        """What the interpreter calls at each call and return."""
        if what == "call":
            name = self._name(frame)
            if name is not None:
                self._begin(frame, name)
        elif what == "return":
            while self._open and self._open[-1][0] is frame:
                self._end(result)

    def _name(self, frame: Any) -> str | None:
        code = frame.f_code
        name = self._codes.get(code)
        if name is not None:
            inner = self._open[-1][1].name if self._open else None
            return None if inner == name else name  # a method that is the function of its name
        if code is ROW:
            own = frame.f_locals
            return EVALUATE + label_at(own["tape"], own["self"].reached.columns.item(m.POS, own["k"]))
        if code is PULLED:
            row = frame.f_locals["row"]
            return label_at(row.tape, row.row)
        if code is GRADIENT:
            self._begin(frame, EVALUATE + LEAF)
            return LEAF
        return None

    def _begin(self, frame: Any, name: str) -> None:
        parent = self._open[-1][1] if self._open else None
        shapes, stack = [], []
        if self.record_shapes and frame is not None:
            given = [frame.f_locals.get(each) for each in frame.f_code.co_varnames[: frame.f_code.co_argcount]]
            shapes = [list(t.shape) for t in given if isinstance(t, Tensor)]
        if self.with_stack and frame is not None:
            user = outside(frame)
            stack = [f"{user.f_code.co_filename}({user.f_lineno}): {user.f_code.co_name}"]
        event = FunctionEvent(next(self._numbers), name, self._thread, (perf_counter_ns() - self._start) / 1e3, parent, shapes, stack)
        event.end = event.start
        self._events.append(event)
        self._open.append((frame, event))

    def _end(self, result: Any) -> None:
        _, event = self._open.pop()
        event.end = (perf_counter_ns() - self._start) / 1e3
        if self.profile_memory and isinstance(result, Tensor):
            value = result._v
            if type(value) is float:
                event.self_cpu_memory_usage += 8 if not any(child.self_cpu_memory_usage for child in event.cpu_children) else 0
            elif isinstance(value, np.ndarray) and value.base is None and id(value) not in self._counted:
                self._counted.add(id(value))
                event.self_cpu_memory_usage += value.nbytes
        if not self._open:
            self._counted.clear()

    def _finished(self) -> EventList:
        if self.function_events is None:
            raise RuntimeError("the profile has no events: it was not enabled, or has not ended yet")
        return self.function_events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False) -> EventList:
        """Sums by name; see `EventList.key_averages`."""
        return self._finished().key_averages(group_by_input_shape, group_by_stack_n)

    def table(self, sort_by: str | None = None, row_limit: int = 100, **options: Any) -> str:
        """All events as text; see `EventList.table`."""
        return self._finished().table(sort_by, row_limit, **options)

    def total_average(self) -> FunctionEventAvg:
        """The sum of all events."""
        return self._finished().total_average()

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all events."""
        return self._finished().self_cpu_time_total

    def export_chrome_trace(self, path: str) -> None:
        """Write a trace that chrome://tracing and Perfetto show."""
        self._finished().export_chrome_trace(path)

    def export_stacks(self, path: str, metric: str = "self_cpu_time_total") -> None:
        """Write lines that flame graphs are made of; the profile must have been made with with_stack=True."""
        if not self.with_stack:
            raise RuntimeError("export_stacks needs a profile made with with_stack=True")
        self._finished().export_stacks(path, metric)

    def __repr__(self) -> str:
        return "<unfinished profile>" if self.function_events is None else repr(self.function_events)

    def __str__(self) -> str:
        return "<unfinished profile>" if self.function_events is None else self.function_events.table()


class record_function:
    """A block, or a function as decorator, that is an event of its own under a name; without a profile nothing.

    >>> import tape
    >>> with tape.autograd.profiler.profile() as prof, tape.autograd.profiler.record_function("mine"):
    ...     _ = tape.ones(2) * 2
    >>> "mine" in [event.key for event in prof.key_averages()]
    True
    """

    def __init__(self, name: str, args: str | None = None) -> None:
        self.name, self.args = name, args
        self._event: FunctionEvent | None = None

    def __enter__(self) -> record_function:
        on = getattr(_running, "profile", None)
        if on is not None:
            on._begin(None, self.name)
            self._event = on._open[-1][1]
            self._event.is_user_annotation = True
        return self

    def __exit__(self, *exc: Any) -> None:
        on, event, self._event = getattr(_running, "profile", None), self._event, None
        if on is not None and event is not None and any(each is event for _, each in on._open):
            while on._open[-1][1] is not event:
                on._end(None)
            on._end(None)

    def __call__(self, function: Callable) -> Callable:
        @functools.wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            with record_function(self.name, self.args):
                return function(*args, **kwargs)

        return recorded


__all__ = [
    "EnforceUnique", "EventList", "FunctionEvent", "KinetoStepTracker", "MemRecordsAcc", "emit_itt", "emit_nvtx", "load_nvprof",
    "parse_nvprof_trace", "profile", "record_function",
]  # fmt: skip
