"""The words of feed entries."""

from dataclasses import replace

import pytest

from notifier.events.entry import entry_words
from notifier.events.model import Basis, EventKind, NextDate
from notifier.procedures.model import Dates
from tests.events.words_cast import CONSULTATION, LISTED, PAGE, PAYLOADS, SERVICE, TITLE, on

TBC = Dates(as_written="TBC")


def test_the_entry_of_a_confirmed_opening_has_the_promised_title() -> None:
    entry = entry_words(EventKind.OPENED, Basis.CONFIRMED, CONSULTATION, service=SERVICE)
    assert entry.title == f"Open for comment until 11 November 2022: {TITLE} (IP1783)"
    assert f'<a href="{PAGE}">' in entry.html
    assert "<li>IPAC 2: Thursday 12 January 2023</li>" in entry.html
    assert "<li>Expected publication: Wednesday 29 March 2023</li>" in entry.html
    assert "Review" not in entry.html
    assert "This service is not run by NICE." in entry.html


ENTRY_TITLES = [
    (EventKind.OPENED, Basis.CHECKED, "Comments scheduled for 14 October to 11 November 2022"),
    (EventKind.CLOSING_SOON, Basis.CHECKED, "Comments close on 11 November 2022"),
    (EventKind.CLOSED, Basis.CHECKED, "Comments closed on 11 November 2022"),
    (EventKind.MEETING, Basis.SCHEDULED, "IPAC 1 listed for 8 September 2022"),
    (EventKind.EXPECTED, Basis.CHECKED, "Guidance expected on 29 March 2023"),
    (EventKind.NOT_YET, Basis.CHECKED, "Not yet published, expected on 29 March 2023"),
    (EventKind.MOVED, Basis.CHECKED, "Publication now 24 May 2023"),
    (EventKind.EXTENDED, Basis.CHECKED, "More time to comment, to 25 November 2022"),
    (EventKind.PUBLISHED, Basis.CONFIRMED, "Published, seen on 29 March 2023"),
    (EventKind.LISTED, Basis.CHECKED, "Now listed here"),
]


@pytest.mark.parametrize(("kind", "basis", "lead"), ENTRY_TITLES)
def test_an_entry_title_says_its_date_in_full(kind: EventKind, basis: Basis, lead: str) -> None:
    entry = entry_words(kind, basis, PAYLOADS[kind], service=SERVICE)
    assert entry.title == f"{lead}: {TITLE} (IP1783)"


def test_a_schedule_that_was_over_before_it_was_listed_is_told_with_its_old_dates() -> None:
    entry = entry_words(EventKind.LISTED, Basis.CHECKED, LISTED, service=SERVICE)
    assert "All of its dates had passed when it was listed here." in entry.html
    assert "<li>IPAC 1: Thursday 8 September 2022</li>" in entry.html


def test_what_a_source_writes_cannot_become_markup_in_an_entry() -> None:
    hostile = replace(
        CONSULTATION,
        title="<script>alert(1)</script>",
        link='javascript:alert("x")',
        next_dates=(NextDate(label="<b>IPAC</b>", dates=on(2023, 1, 12)),),
    )
    entry = entry_words(EventKind.OPENED, Basis.CONFIRMED, hostile, service=SERVICE)
    assert "<script" not in entry.html
    assert "<b>" not in entry.html
    assert "javascript:" not in entry.html
