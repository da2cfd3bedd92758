"""What a page says has happened: its dates where they are exact, its words always, the newest first."""

from datetime import date

import pytest

from notifier.procedures.model import TimelineEntry
from notifier.sources.nice.page_lines import text_lines
from notifier.sources.nice.page_timeline import date_at_start, newest_first, read_timeline

TODAY = date(2022, 9, 1)


def told(text: str) -> list[tuple[str, str]]:
    entries = read_timeline(list(text_lines(text)), file="knee.txt", today=TODAY)
    return [(f"{entry.start or ''}{f'/{entry.end}' if entry.end else ''}", entry.text) for entry in entries]


@pytest.mark.parametrize(
    ("line", "start", "end", "rest"),
    [
        ("12 January 2023 Committee meeting: 1", date(2023, 1, 12), None, "Committee meeting: 1"),
        ("12th January 2023: It met", date(2023, 1, 12), None, "It met"),
        ("12\u00a0January\u00a02023 – It met – twice", date(2023, 1, 12), None, "It met – twice"),
        ("10 November 2022 12 people came", date(2022, 11, 10), None, "12 people came"),
        ("9 October 2020 (14:00) Workshop", date(2020, 10, 9), None, "Workshop"),
        (
            "14 October - 11 November 2022 Consultation",
            date(2022, 10, 14),
            date(2022, 11, 11),
            "Consultation",
        ),
        ("17 February 2022 - 10 March 2022", date(2022, 2, 17), date(2022, 3, 10), ""),
        ("Thursday, 8 September 2022 IPAC 1", date(2022, 9, 8), None, "IPAC 1"),
    ],
)
def test_a_date_at_the_start_of_a_line_is_parted_from_its_words(
    line: str, start: date, end: date | None, rest: str
) -> None:
    found = date_at_start(line, today=TODAY)
    assert found is not None
    assert (found[0].start, found[0].end, found[1]) == (start, end, rest)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Committee meeting 12 January 2023",
        "March 2022 Scoping",
        "31 June 2022 Never",
        "12 people",
        "1850",
    ],
)
def test_a_line_without_an_exact_day_at_its_start_is_words(line: str) -> None:
    assert date_at_start(line, today=TODAY) is None


def test_a_text_that_goes_on_below_belongs_to_its_date() -> None:
    assert told("12 January 2023 It met\nand went on\n11 January 2023\nThe day before") == [
        ("2023-01-12", "It met and went on"),
        ("2023-01-11", "The day before"),
    ]


def test_prose_without_an_exact_date_has_none_and_keeps_its_words() -> None:
    assert told(
        "| Spring 2023 | Scoping |\n| 12 January 2022 | Began |\n- In all this time nothing was seen"
    ) == [
        ("", "Spring 2023: Scoping"),
        ("2022-01-12", "Began"),
        ("", "In all this time nothing was seen"),
    ]


def test_older_pages_that_begin_with_the_oldest_are_turned() -> None:
    oldest_first = (
        "Date | Update\n---|---\n25 August 2006 | Referred\n1 May 2007 | Scoped\n23 July 2007 | Stopped"
    )
    assert [day for day, _ in told(oldest_first)] == ["2007-07-23", "2007-05-01", "2006-08-25"]


def test_a_range_counts_by_its_end_and_rows_of_one_day_keep_their_order() -> None:
    def entry(start: int, end: int | None, text: str) -> TimelineEntry:
        return TimelineEntry(start=date(2022, 2, start), end=date(2022, 2, end) if end else None, text=text)

    newest = (entry(17, 28, "a"), entry(21, None, "b"), entry(21, None, "c"), entry(1, None, "d"))
    assert newest_first(newest) == newest
    assert newest_first((newest[3], newest[0], newest[1], newest[2])) == newest
