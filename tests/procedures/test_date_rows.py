"""A schedule's row is split where its date begins; a row with two readings is refused."""

import contextlib
import re
from datetime import date

import pytest

from notifier.procedures.date_words import DateError
from notifier.procedures.dates import split_row
from tests.growth import LINEAR, growth

TODAY = date(2022, 9, 1)

ROWS = [
    ("IPAC 1 08 September 2022", "IPAC 1", date(2022, 9, 8), None),
    ("Committee meeting: 1 08 March 2018", "Committee meeting: 1", date(2018, 3, 8), None),
    ("Committee meeting: 1 8 March 2018", "Committee meeting: 1", date(2018, 3, 8), None),
    ("Committee meeting: 8 March 2018", "Committee meeting", date(2018, 3, 8), None),
    ("IPAC 1: 08 September 2022", "IPAC 1", date(2022, 9, 8), None),
    ("IPAC 1 | 08 September 2022 |", "IPAC 1", date(2022, 9, 8), None),
    ("- Appeal panel - Thursday 8 September 2022", "Appeal panel", date(2022, 9, 8), None),
    (
        "Draft guidance: 1 21 February 2023 - 14 March 2023",
        "Draft guidance: 1",
        date(2023, 2, 21),
        date(2023, 3, 14),
    ),
    (
        "Consultation from 14 October to 11 November 2022",
        "Consultation",
        date(2022, 10, 14),
        date(2022, 11, 11),
    ),
    ("Phase 2 meeting - 11 November 2022", "Phase 2 meeting", date(2022, 11, 11), None),
]


@pytest.mark.parametrize(("row", "label", "start", "end"), ROWS)
def test_a_row_is_split_at_the_date_at_its_end(row: str, label: str, start: date, end: date | None) -> None:
    split = split_row(row, today=TODAY)
    assert split is not None
    assert (split[0], split[1].start, split[1].end) == (label, start, end)


@pytest.mark.parametrize(
    ("row", "probably"),
    [
        ("IPAC 2 March 2023", '"IPAC 02 March 2023" or "IPAC 2: March 2023"'),
        (
            "Committee meeting: 2 March 2023",
            '"Committee meeting 02 March 2023" or "Committee meeting 2: March 2023"',
        ),
        ("IPAC 1 - 08 September 2022", '"IPAC 01 - 08 September 2022" or "IPAC 1: 08 September 2022"'),
        ("IPAC 108 September 2022", '"IPAC 108: September 2022"'),
        ("Appeal 14 October 2022 11 November 2022", "Appeal 14 October 2022 - 11 November 2022"),
        ("Appeal 14/10/2022 - 11 November 2022", None),
    ],
)
def test_a_row_with_two_readings_is_refused(row: str, probably: str | None) -> None:
    with pytest.raises(DateError) as refused:
        split_row(row, today=TODAY)
    assert refused.value.probably == probably


@pytest.mark.parametrize(
    "row", ['"IPAC 02 March 2023" or "IPAC 2: March 2023"', '"IPAC 1: 08 September 2022"']
)
def test_what_a_refusal_proposes_can_be_read(row: str) -> None:
    for proposal in re.findall(r'"([^"]+)"', row):
        assert split_row(proposal, today=TODAY) is not None


@pytest.mark.parametrize(
    "row",
    [
        "",
        "IPAC 1",
        "08 September 2022",
        "Expected publication soon",
        "Please note that comments can be made until 11 November 2022",
        "The dates may change. We last looked at them in September 2022",
        "word " * 60 + "8 September 2022",
    ],
)
def test_a_line_without_a_label_or_a_plain_date_is_no_row(row: str) -> None:
    assert split_row(row, today=TODAY) is None


@pytest.mark.parametrize(
    "piece", ["1 ", "1 January ", "8 September 2022 - ", "( ", "early ", "mon ", "- ", "\u00a0"]
)
def test_a_hostile_row_takes_no_longer_than_its_length(piece: str) -> None:
    def split(size: int) -> None:
        with contextlib.suppress(DateError):
            split_row(piece * (size // len(piece)), today=TODAY)

    assert growth(split, small=20_000) < LINEAR


@pytest.mark.parametrize("about", ["w/c 8 March 2022", "week commencing 8 March 2022", "around March 2022"])
def test_a_date_that_is_only_about_right_is_kept_as_text_and_does_not_speak(about: str) -> None:
    split = split_row(f"IPAC 1: {about}", today=TODAY)
    assert split is not None
    assert (split[0], split[1].start, split[1].as_written) == ("IPAC 1", None, about)
