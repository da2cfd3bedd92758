"""Cells that a spreadsheet would run are marked, and whatever was marked is read back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.csv_cells import neutral, plain


@pytest.mark.parametrize("cell", ["=1+1", "+44 20", "-1", "@SUM(A1)", "\tx", "\r=1", "'=1"])
def test_what_begins_like_a_formula_is_marked(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "ada@example.org", "a=b", "1-1"])
def test_everything_else_stays_as_it_is(cell: str) -> None:
    assert neutral(cell) == cell


def test_an_apostrophe_that_others_wrote_stays() -> None:
    assert plain("'o@example.org") == "'o@example.org"
    assert plain("'=1") == "=1"


@given(st.text(alphabet="=+-@\t\r'ax", max_size=8))
def test_reading_gives_back_what_was_written(cell: str) -> None:
    assert plain(neutral(cell)) == cell
