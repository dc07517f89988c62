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


def values(t):
    return t.detach().tolist()


def names(*tensors):
    """The names of the Nodes."""
    return [t.grad_fn.name().removeprefix("torch::autograd::") if t.grad_fn is not None else None for t in tensors]


def refused(make, write):
    """Whether a write is refused, and whether data and version are what they were."""
    t = make(leaf([1.0, 2.0, 3.0]))
    before, version = values(t), None if t.is_inference() else t._version
    try:
        write(t)
        outcome = "done"
    except RuntimeError:
        outcome = "RuntimeError"
    except (TypeError, IndexError) as error:
        outcome = type(error).__name__
    return outcome, values(t) == before, (None if t.is_inference() else t._version) == version


def view_without_grad(x):
    y = x * 1
    with torch.no_grad():
        return y[1:]


def constant_view_without_grad(x):
    y = x.detach().clone()
    with torch.no_grad():
        return y[1:]


def made_in_inference(x):
    with torch.inference_mode():
        return torch.ones(3)


def doubled_in_inference(t):
    with torch.inference_mode():
        t.mul_(2)


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
