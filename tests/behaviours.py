"""Small programs with their outcome under PyTorch written beside them: `@case(outcome, *warnings)` above a function without arguments.

The outcome is the text of what the function returns, or `!! <class>` for what it raises; warnings are class names. `check(case)` runs one on
the module under test. Invariant: every outcome was recorded from PyTorch 2.13, which the same file confirms when it is driven by PyTorch.
Imported by the files of cases.
"""

import warnings

from under_test import plain, torch

CLASSES = ("TypeError", "AttributeError", "IndexError", "AssertionError", "NotImplementedError", "RuntimeError", "ZeroDivisionError", "ValueError")


class Case:
    """A function, the text of its outcome and the warnings that it gives."""

    def __init__(self, run, outcome, warned):
        self.run, self.outcome, self.warned = run, outcome, sorted(warned)


def collector(cases):
    """The decorator that enters functions into a dict of cases."""

    def case(outcome, *warned):
        def keep(function):
            assert function.__name__ not in cases
            cases[function.__name__] = Case(function, outcome, warned)
            return function

        return keep

    return case


def leaf(values, **options):
    """A new leaf that requires grad."""
    return torch.tensor(values, requires_grad=True, **options)


def check(case):
    """Run a case and compare."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=RuntimeWarning)
        try:
            outcome = plain(repr(case.run()))
        except Exception as error:
            known = {each.__name__ for each in type(error).__mro__}
            outcome = "!! " + next(name for name in CLASSES if name in known)
    assert outcome == case.outcome
    assert sorted({each.category.__name__ for each in seen}) == case.warned
