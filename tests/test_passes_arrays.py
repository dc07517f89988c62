"""Views, reads of single elements and their gradients, arrays made element by element: counts before and after, bit for bit."""

from time import process_time

import numpy as np
import pytest
from test_passes import Rows, check, names, same

from tape.compile.passes import optimise
from tape.compile.passes.assemble import assemble
from tape.compile.passes.keys import apart, composed, normal, place_within, plain
from tape.compile.passes.scatters import scatters
from tape.compile.passes.views import views

ALL = slice(None)


def test_keys_select_what_numpy_does():
    random = np.random.default_rng(0)
    x = np.arange(5 * 6).reshape(5, 6)

    def entry(n):
        bounds = sorted(random.integers(-n, n + 1, 2).tolist())
        return [int(random.integers(-n, n)), slice(*bounds), slice(None, None, -1), slice(*bounds, 2), slice(bounds[1], None, -2)][random.integers(5)]

    seen = 0
    for _ in range(300):
        first = tuple(k for n in x.shape for k in ([None] if random.random() < 0.2 else []) + [entry(n)])
        written = normal(first, x.shape)
        part = x[first]
        np.testing.assert_array_equal(x[plain(written)], part)
        then = tuple(entry(n) if n else ALL for n in part.shape)
        both = composed(written, normal(then, part.shape))
        if both is not None:
            np.testing.assert_array_equal(x[plain(both)], part[then])
        other = tuple(entry(n) for n in x.shape)
        if apart(written, normal(other, x.shape)):
            seen += 1
            assert not set(part.reshape(-1)) & set(x[other].reshape(-1))
        key = normal(other, x.shape)
        place = tuple(int(random.integers(n)) for n in x.shape)
        within = place_within(key, place)
        assert (within is not None) == (x[place] in np.atleast_1d(x[other])) and (within is None or x[other][within] == x[place])
    assert seen > 20


@pytest.mark.parametrize(
    "make, expected",
    {
        "reshape": (lambda r, x: r("reshape", r("reshape", x, params=(6,)), params=(3, 2)), "input reshape"),
        "and back": (lambda r, x: r("reshape", r("reshape", x, params=(6,)), params=(2, 3)), "input"),
        "permute": (lambda r, x: r("permute", r("permute", x, params=(1, 0)), params=(1, 0)), "input"),
        "expand": (lambda r, x: r("expand", r("expand", x, params=(4, 2, 3)), params=(5, 4, 2, 3)), "input expand"),
        "leading axis": (lambda r, x: r("expand", r("reshape", x, params=(1, 2, 3)), params=(4, 2, 3)), "input expand"),
        "index": (lambda r, x: r("index", r("index", x, params=(ALL, slice(1, 3))), params=(1, ALL)), "input index"),
        "all": (lambda r, x: r("index", x, params=(ALL, slice(0, 3))), "input"),
        "reversed": (lambda r, x: r("index", r("index", x, params=(ALL, slice(None, None, -1))), params=(ALL, slice(None, None, -1))), "input"),
        "element": (lambda r, x: r("index", r("reshape", r("permute", x, params=(1, 0)), params=(6,)), params=(-2,)), "input index"),
        "scatter": (lambda r, x: r("index", r("scatter", x, params=((4, 3), (slice(1, 3), ALL))), params=(slice(1, 3),)), "input"),
        "zeros": (lambda r, x: r("index", r("scatter", x, params=((4, 3), (slice(1, 3), ALL))), params=(3, ALL)), "constant input expand"),
        "zero": (lambda r, x: r("index", r("scatter", x, params=((4, 3), (slice(1, 3), ALL))), params=(3, 1)), "constant input"),
        "overwrite": (lambda r, x: r("index", r("overwrite", x, r.constant(1.0), params=(0, 1)), params=(1, ALL)), "input index"),
        "overwritten": (lambda r, x: r("index", r("overwrite", x, r.constant(1.0), params=(0, 1)), params=(0, 1)), "input constant"),
        "written twice": (lambda r, x: r("overwrite", r("overwrite", x, r.constant(1.0), params=(0, 1)), r.constant(2.0), params=(0, 1)),
                          "input constant overwrite"),
        "concatenate": (lambda r, x: r("index", r("concatenate", r("exp", x), x, params=0), params=(slice(2, 4), 0)), "input index"),
        "nested": (lambda r, x: r("concatenate", r("concatenate", x, x, params=0), x, params=0), "input concatenate"),
        "assemble": (lambda r, x: r("index", r("assemble", r("sum", x, params=(None, False)), params=((3,), (1,), np.dtype(float))), params=(1,)),
                     "input sum"),
        "scatter all": (lambda r, x: r("scatter", x, params=((2, 3), (ALL, ALL))), "input"),
        "one element": (lambda r, x: r("reshape", r("index", x, params=(slice(1, 2), slice(2, 3))), params=()), "input index"),
        "of a number": (lambda r, x: r("index", r("expand", r.constant(2.0), params=(4,)), params=(slice(1, 3),)), "input constant expand"),
    }.values(),
)  # fmt: skip
def test_views(make, expected):
    rows = Rows()
    x = rows.input((2, 3))
    y = make(rows, x)
    check(views, rows.done(y, rows("neg", y)), expected + " neg")


def test_an_overlap_that_is_no_part_stays():
    rows = Rows()
    x = rows.input((3,))
    y = rows("overwrite", x, rows.input((2,)), params=(slice(0, 2),))
    program = rows.done(rows("index", y, params=(slice(1, 3),)), rows("index", y, params=(slice(None, None, -1),)))
    assert views(program) is program


def gradient_of_reads(n, shape=None, first=None):
    """The rows that `sum(f(x[i]) for i in range(n))` leaves for the gradient of x."""
    rows = Rows()
    shape = shape or (n,)
    x = rows.input(shape)
    total = first and first(rows, x)
    for i in reversed(range(n)):
        part = rows("exp", rows("index", x, params=(i, *[ALL] * (len(shape) - 1))))
        term = rows("scatter", part, params=(shape, (i, *[ALL] * (len(shape) - 1))))
        total = term if total is None else rows("add", total, term)
    return rows.done(total)


def test_gradients_of_element_reads_are_one_array():
    check(scatters, gradient_of_reads(3), "constant input index exp index exp index exp add add add assemble")
    check(scatters, gradient_of_reads(20), "constant input " + "index exp " * 20 + "assemble add")


def test_gradients_of_row_reads_are_one_array():
    check(scatters, gradient_of_reads(3, (3, 2)), "constant input " + "index exp " * 3 + "reshape " * 3 + "concatenate add")
    after = check(scatters, gradient_of_reads(2, (4, 2)), "constant input " + "index exp " * 2 + "reshape reshape expand concatenate add")
    assert after.spec[-1].shape == (4, 2)


def test_a_dense_term_stays_where_it_was_added():
    dense = gradient_of_reads(3, first=lambda rows, x: rows("sin", x))
    check(scatters, dense, "constant input sin index exp index exp index exp add add add assemble add")


def test_parts_of_the_same_element_are_added_in_their_order():
    rows = Rows()
    x = [rows.input() for _ in range(4)]
    terms = [rows("scatter", i, params=((3,), (k,))) for i, k in zip(x, (0, 1, 0, 0), strict=True)]
    total = rows("add", rows("add", rows("add", terms[0], terms[1]), terms[2]), terms[3])
    check(scatters, rows.done(total), "constant" + " input" * 4 + " add add add add assemble")


def test_a_sum_that_is_read_twice_is_written_twice():
    rows = Rows()
    x = [rows.input() for _ in range(3)]
    terms = [rows("scatter", i, params=((3,), (k,))) for k, i in enumerate(x)]
    first = rows("add", terms[0], terms[1])
    program = rows.done(rows("add", first, terms[2]), rows("exp", first))
    same(program, scatters(program))
    assert names(optimise(program)[0]).count("assemble") == 2


def test_overlapping_regions_are_left():
    rows = Rows()
    x, y = rows.input((2,)), rows.input((2,))
    program = rows.done(rows("add", *[rows("scatter", v, params=((3,), (slice(k, k + 2),))) for k, v in ((0, x), (1, y))]))
    assert scatters(program) is program


def test_elements_that_are_stacked_are_assembled():
    rows = Rows()
    x, y = rows.input(), rows.input()
    parts = [rows("reshape", rows("exp", x), params=(1,)), rows.constant([2.0]), rows("index", y, params=(None,))]
    check(assemble, rows.done(rows("concatenate", *parts, params=0)), "constant input input exp assemble")


def loop_of_writes(n, base, start=0):
    rows = Rows()
    x = rows.input((n,))
    y = rows.constant(np.zeros(n)) if base == "zeros" else rows("neg", x)
    total = rows.constant(1.0)
    for i in range(start, n):
        total = rows("mul", total, rows("index", x, params=(i,)))
        y = rows("overwrite", y, total, params=(i,))
        total = rows("index", y, params=(i,))
    return rows.done(y)


@pytest.mark.parametrize("base, start, last", [("zeros", 0, "assemble"), ("zeros", 5, "assemble"), ("x", 0, "assemble"), ("x", 5, "overwrite")])
def test_loops_of_writes_are_linear(base, start, last):
    before = loop_of_writes(20, base, start)
    after, _ = optimise(before)
    same(before, after)
    assert names(after)[-1] == last and names(after).count("assemble") == 1 and names(after).count("overwrite") == (last == "overwrite")


def elements_moved(program):
    """What a replay writes, in elements."""
    return sum(program.spec[row].size for row in range(len(program)))


@pytest.mark.parametrize("make", [gradient_of_reads, lambda n: loop_of_writes(n, "zeros"), lambda n: loop_of_writes(n, "x")])
def test_reads_and_writes_of_elements_cost_linear_work(make):
    small, large = (optimise(make(n)) for n in (100, 400))
    assert elements_moved(large[0]) < 4.5 * elements_moved(small[0])
    began = process_time()
    optimise(make(1000))
    assert process_time() - began < 5
