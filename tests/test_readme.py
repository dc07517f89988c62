"""The README: its generated parts are current, its examples run, and the commands it gives are those that .ci/run runs."""

import contextlib
import doctest
import io
import re

import pytest
import readme

import tape

TEXT = readme.README.read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_generated_parts_are_current():
    assert readme.current(TEXT) == TEXT, "run python tests/readme.py"


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_examples_run(number):
    text, before = PROGRAMS[number], tape.get_default_dtype()
    try:
        if ">>>" in text:
            parser = doctest.DocTestParser().get_doctest(text, {}, f"example {number}", "README.md", 0)
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parser).failed == 0
        else:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(text, f"README.md, example {number}", "exec"), {"__name__": "example"})
            expected = re.findall(r"# prints (.*)$", text, re.MULTILINE)
            assert printed.getvalue().splitlines() == expected
    finally:
        tape.set_default_dtype(before)


def test_commands_are_those_of_the_checks():
    checks = (readme.HOUSE / ".ci" / "run").read_text()
    commands = re.findall(r"^pip install .*&& (python -m .*)$", TEXT, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert command in checks, f"README.md says {command!r}, .ci/run does not run it"


def test_nothing_but_the_project_is_spoken_of():
    for path in [readme.README, readme.HOUSE / "pyproject.toml", readme.HOUSE / ".ci" / "run"]:
        assert not re.search(r"/(work|opt|tmp|home|root)/", path.read_text()), path.name
