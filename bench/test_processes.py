"""Every task of bench.processes in a small size, and the table of figures as a whole: that they run, not how
fast.
"""

import pytest

from bench import figures
from bench.peers import library
from bench.processes import in_fresh_process

TASKS = {
    "start": (),
    "long_tape": (4_000,),
    "sum_bytes": (4_000,),
    "product_bytes": (4_000,),
    "peak": (8, 1_000),
    "flat": (200,),
}


@pytest.mark.parametrize("name", ["tape", "torch"])
@pytest.mark.parametrize("task", TASKS)
def test_task_in_a_fresh_process(task, name, smoke):
    if smoke and name == "torch":
        pytest.skip("torch is slow to import; run without --smoke")
    if library(name) is None:
        pytest.skip(f"{name} is not installed")
    found = in_fresh_process(task, name, *TASKS[task])
    assert all(isinstance(number, int | float) for number in found.values())


def test_a_failing_task_says_why():
    with pytest.raises(RuntimeError, match="start with no_such_library failed: ModuleNotFoundError"):
        in_fresh_process("start", "no_such_library")


def test_the_table_names_groups_that_exist(capsys):
    with pytest.raises(SystemExit):
        figures.main(["--only", "nothing_such"])
    assert "names no group" in capsys.readouterr().err


@pytest.mark.parametrize("group", ["chain", "sweep", "four_rows"])
def test_group_of_the_table(group, capsys):
    assert figures.main(["--only", group, "--smoke"]) == 0
    assert "| what" in capsys.readouterr().out
