"""What a profile has measured: events in the order they began, sums by name, tables and Chrome traces.

Times are microseconds, memory bytes. `self_` is what an event did itself, without the events inside it.
Invariant: an event lies within its parent. Knows nothing of Tensors; imported by profiler.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

UNITS = (("s", 1e6), ("ms", 1e3), ("us", 1.0))


class FunctionEvent:
    """One call of an operation, one row of a backward pass, or one block of the user's."""

    def __init__(self, id: int, name: str, thread: int, start: float, parent: FunctionEvent | None, shapes: list, stack: list) -> None:
        self.id, self.name, self.thread, self.start, self.end = id, name, thread, start, start
        self.cpu_parent, self.cpu_children = parent, list[FunctionEvent]()
        self.input_shapes, self.stack, self.self_cpu_memory_usage, self.is_user_annotation = shapes, stack, 0, False
        self.count = 1
        if parent is not None:
            parent.cpu_children.append(self)

    @property
    def key(self) -> str:
        """The name."""
        return self.name

    @property
    def cpu_time_total(self) -> float:
        """Microseconds from begin to end."""
        return self.end - self.start

    cpu_time = cpu_time_total

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds less those of the events inside."""
        return max(0.0, self.cpu_time_total - sum(child.cpu_time_total for child in self.cpu_children))

    @property
    def cpu_memory_usage(self) -> int:
        """Bytes of results, of the events inside as well."""
        return self.self_cpu_memory_usage + sum(child.cpu_memory_usage for child in self.cpu_children)

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} cpu_time={text_of(self.cpu_time_total)} start_us={self.start:.3f} end_us={self.end:.3f} "
            f"cpu_children={[child.id for child in self.cpu_children]} thread={self.thread} input_shapes={self.input_shapes} "
            f"cpu_memory_usage={self.cpu_memory_usage}>"
        )


class FunctionEventAvg:
    """The sum of several events of one name."""

    def __init__(self) -> None:
        self.key, self.count, self.input_shapes, self.stack = "", 0, [], list[str]()
        self.cpu_time_total = self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = self.self_cpu_memory_usage = 0
        self.is_user_annotation = False

    def add(self, other: Any) -> FunctionEventAvg:
        """Add an event, or another sum."""
        if not self.count:
            self.key, self.input_shapes, self.stack, self.is_user_annotation = other.key, other.input_shapes, other.stack, other.is_user_annotation
        self.count += other.count
        for name in ("cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "self_cpu_memory_usage"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    __iadd__ = add

    @property
    def cpu_time(self) -> float:
        """Microseconds a call."""
        return self.cpu_time_total / self.count if self.count else 0.0

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={text_of(self.self_cpu_time_total)} cpu_time={text_of(self.cpu_time)} "
            f"input_shapes={self.input_shapes} cpu_memory_usage={self.cpu_memory_usage}>"
        )


class EventList(list):
    """Events or sums of them; the methods say what they add up to."""

    def __init__(self, events: Any = (), *, profile_memory: bool = False) -> None:
        super().__init__(events)
        self._profile_memory = profile_memory

    @property
    def self_cpu_time_total(self) -> float:
        """Microseconds of all events, each counted once."""
        return sum(event.self_cpu_time_total for event in self)

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0, group_by_overload_name: bool = False) -> EventList:
        """Sums of the events of one name (and of one list of input shapes, and of one place in the program, if asked for)."""
        sums: dict[tuple, FunctionEventAvg] = {}
        for event in self:
            key = (event.key, str(event.input_shapes) if group_by_input_shape else "", *event.stack[:group_by_stack_n])
            sums.setdefault(key, FunctionEventAvg()).add(event)
        for each in sums.values():
            each.input_shapes = each.input_shapes if group_by_input_shape else []
            each.stack = each.stack[:group_by_stack_n]
        return EventList(sums.values(), profile_memory=self._profile_memory)

    def total_average(self) -> FunctionEventAvg:
        """The sum of all; its key is "Total"."""
        total = FunctionEventAvg()
        for event in self:
            total.add(event)
        total.key, total.input_shapes, total.cpu_time_total = "Total", [], self.self_cpu_time_total
        return total

    def table(
        self, sort_by: str | None = None, row_limit: int = 100, max_src_column_width: int = 75, max_name_column_width: int = 55,
        max_shapes_column_width: int = 80, header: str | None = None, top_level_events_only: bool = False, time_unit: str | None = None,
    ) -> str:  # fmt: skip
        """The events as text, the largest first where sort_by names what: "cpu_time_total", "self_cpu_time_total", "cpu_time",
        "cpu_memory_usage", "self_cpu_memory_usage" or "count". ValueError for another name."""
        chosen = [event for event in self if not top_level_events_only or getattr(event, "cpu_parent", None) is None]
        if sort_by is not None:
            if chosen and not isinstance(getattr(chosen[0], sort_by, None), (int, float)):
                raise ValueError(f"table: sort_by is {sort_by!r}; wanted a time, a memory or count, as for instance self_cpu_time_total")
            chosen.sort(key=lambda event: getattr(event, sort_by), reverse=True)
        total = sum(event.self_cpu_time_total for event in self) or 1.0
        rows = [self._row(event, total, time_unit, max_name_column_width, max_shapes_column_width) for event in chosen[:row_limit]]
        titles = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg"]
        titles += ["CPU Mem", "Self CPU Mem"] if self._profile_memory else []
        titles += ["# of Calls"] + (["Input Shapes"] if any(event.input_shapes for event in self) else [])
        titles += ["Source Location"] if any(event.stack for event in self) else []
        for row, event in zip(rows, chosen, strict=False):
            row += [", ".join(event.stack)[-max_src_column_width:]] if "Source Location" in titles else []
            if "Input Shapes" not in titles:
                del row[len(titles) - ("Source Location" in titles)]
        widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
        line = "  ".join("-" * width for width in widths)
        texts = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in [titles, *rows]]
        head = [header] if header else []
        return "\n".join([*head, line, texts[0], line, *texts[1:], line, f"Self CPU time total: {text_of(self.self_cpu_time_total)}", ""])

    def _row(self, event: Any, total: float, unit: str | None, name_width: int, shapes_width: int) -> list[str]:
        name = event.key if len(event.key) <= name_width else event.key[: name_width - 3] + "..."
        row = [name, f"{100 * event.self_cpu_time_total / total:.2f}%", text_of(event.self_cpu_time_total, unit)]
        row += [f"{100 * event.cpu_time_total / total:.2f}%", text_of(event.cpu_time_total, unit), text_of(event.cpu_time, unit)]
        row += [bytes_of(event.cpu_memory_usage), bytes_of(event.self_cpu_memory_usage)] if self._profile_memory else []
        return [*row, str(event.count), str(event.input_shapes)[:shapes_width]]

    def export_chrome_trace(self, path: str) -> None:
        """Write the events as a trace that chrome://tracing and Perfetto show."""
        process = os.getpid()
        events = [
            {
                "ph": "X", "cat": "user_annotation" if event.is_user_annotation else "cpu_op", "name": event.name, "pid": process, "tid": event.thread,
                "ts": event.start, "dur": event.cpu_time_total, "args": {"External id": event.id, "Input Dims": event.input_shapes,
                "Bytes": event.self_cpu_memory_usage, "Call stack": ";".join(event.stack)},
            }
            for event in self
        ]  # fmt: skip
        with open(path, "w") as file:
            json.dump({"schemaVersion": 1, "displayTimeUnit": "ms", "traceEvents": events}, file)

    def export_stacks(self, path: str, metric: str) -> None:
        """Write "place;...;operation microseconds" lines, which flame graphs are made of. ValueError for another metric."""
        if metric != "self_cpu_time_total":
            raise ValueError(f"export_stacks: metric is {metric!r}; wanted self_cpu_time_total")
        sums: Counter[str] = Counter()
        for event in self:
            for names in _chains(event):
                sums[";".join([*reversed(event.stack), *names])] += int(event.self_cpu_time_total)
        with open(path, "w") as file:
            file.writelines(f"{place} {time}\n" for place, time in sums.items() if time)

    def __str__(self) -> str:
        return self.table()


def _chains(event: Any) -> Iterator[list[str]]:
    """The names from the outermost event to this one."""
    names: list[str] = []
    while event is not None:
        names.insert(0, event.key)
        event = getattr(event, "cpu_parent", None)
    yield names


def text_of(microseconds: float, unit: str | None = None) -> str:
    """A time in a readable unit, or the given one."""
    for name, size in UNITS:
        if unit == name or unit is None and (microseconds >= size or name == "us"):
            return f"{microseconds / size:.3f}{name}"
    raise ValueError(f"time_unit is {unit!r}; wanted s, ms or us")


def bytes_of(count: int) -> str:
    """Bytes in a readable unit."""
    for name, size in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if abs(count) >= size:
            return f"{count / size:.2f} {name}"
    return f"{count} B"


__all__ = ["EventList", "FunctionEvent", "FunctionEventAvg", "bytes_of", "text_of"]
