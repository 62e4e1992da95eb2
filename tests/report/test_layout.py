from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnlstat.report.layout import (
    WIDTH,
    Columns,
    clean,
    display_width,
    pad,
    pad_left,
    pairs_in_columns,
    wrap,
)

LABELS = st.text(alphabet=st.sampled_from("ab :+()[],_日語é\u0301 "), max_size=300)


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("é", 1), ("", 0), ("ｱ", 1), ("\uff21", 2)],
)
def test_display_width(text, width):
    assert display_width(text) == width
    assert display_width(pad(text, 9)) == display_width(pad_left(text, 9)) == 9


@given(LABELS, st.integers(4, 90))
def test_wrapped_text_fits_and_loses_only_blanks(text, width):
    lines = wrap(text, width, indent="  ")
    assert max(map(display_width, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wrap_breaks_where_a_reader_would():
    assert wrap("C(ses)[T.low]:write", 13) == ["C(ses)[T.low]", ":write"]
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_control_characters_are_shown():
    assert clean("a\nb\tc\x00") == "a\\nb\\tc\\x00"
    assert clean(1.5) == "1.5"


@given(st.lists(LABELS, min_size=1, max_size=4))
def test_a_table_fits_the_page_and_its_numbers_are_aligned(names):
    cells = ("-1.234e-300", "1.234e-300", "-1.234e+10", "<0.001", "-1.234e-300", "1.234e-300")
    heads = ("coef", "std err", "z", "P>|z|", "[0.025", "0.975]")
    rows = [(clean(name), cells) for name in names]
    columns = Columns.fitting(heads, rows)
    ends = set()
    for name, numbers in rows:
        lines = columns.row(name, numbers)
        assert max(map(display_width, lines)) <= WIDTH
        ends.add(display_width(lines[0]))
    assert len(ends) == 1
    assert display_width(columns.head()) == ends.pop()


def test_pairs_stand_in_two_columns_unless_one_is_too_long():
    two = pairs_in_columns([("a", "1"), ("b", "2"), ("c", "3")])
    assert len(two) == 2
    assert max(map(len, two)) <= WIDTH
    assert len(pairs_in_columns([("a" * 38, "1"), ("b", "2"), ("c", "3")])) == 3
