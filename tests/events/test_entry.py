"""The words of feed entries."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.entry import confirmed_words, corrected_words, entry_words, is_entry
from notifier.events.model import Basis, EventKind, NextDate, Payload
from notifier.procedures.model import Dates
from tests.events.words_cast import (
    CONSULTATION,
    LISTED,
    MEETING,
    PAGE,
    PAYLOADS,
    PUBLICATION,
    SERVICE,
    TITLE,
    WINDOW,
    at,
    event,
    on,
)

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
    (EventKind.CLOSING_SOON, Basis.CHECKED, "Comments close on 11 November 2022 (first reminder)"),
    (EventKind.CLOSED, Basis.CHECKED, "Comments closed on 11 November 2022"),
    (EventKind.MEETING, Basis.SCHEDULED, "IPAC 1 listed for 8 September 2022"),
    (EventKind.EXPECTED, Basis.CHECKED, "Guidance expected on 29 March 2023"),
    (EventKind.NOT_YET, Basis.CHECKED, "Not yet published, expected on 29 March 2023"),
    (EventKind.MOVED, Basis.CHECKED, "Publication now 24 May 2023"),
    (EventKind.EXTENDED, Basis.CHECKED, "More time to comment, to 25 November 2022"),
    (EventKind.REOPENED, Basis.CONFIRMED, "Open again for comment until 25 November 2022"),
    (EventKind.REOPENED, Basis.CHECKED, "Comments scheduled again for 14 October to 25 November 2022"),
    (EventKind.CORRECTION, Basis.CONFIRMED, "Correction, not open yet"),
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


CONFIRMED = [
    (
        EventKind.OPENED,
        CONSULTATION,
        "Open for comment until 11 November 2022",
        "is open for comment until 5pm on Friday 11 November 2022.",
        "We read NICE's page at 8:55am on 14 October 2022 and saw the consultation there.",
    ),
    (
        EventKind.OPENED,
        WINDOW,
        "Appeal: open until 11 November 2022",
        "until 5pm on Friday 11 November 2022.",
        "We read NICE's page at 8:55am on 14 October 2022 and it said so.",
    ),
    (
        EventKind.MEETING,
        MEETING,
        "Discussed at IPAC 1 on 8 September 2022",
        "was discussed by NICE's advisory committee on Thursday 8 September 2022.",
        "We read NICE's page at 8:55am on 8 September 2022 and it said so.",
    ),
    (
        EventKind.EXPECTED,
        PUBLICATION,
        "Published, seen on 29 March 2023",
        "NICE has published its guidance on",
        "We read NICE's page at 9:14am on 29 March 2023 and saw the guidance there.",
    ),
    (
        EventKind.EXPECTED,
        replace(PUBLICATION, read_at=None),
        "Published",
        "NICE has published its guidance on",
        "Example Charity has confirmed this.",
    ),
    (
        EventKind.NOT_YET,
        PAYLOADS[EventKind.NOT_YET],
        "Published, seen on 30 March 2023",
        "NICE has published its guidance on",
        "We read NICE's page at 8:55am on 30 March 2023 and saw the guidance there.",
    ),
    (
        EventKind.REACHED,
        PAYLOADS[EventKind.REACHED],
        "Resolution took place on 8 September 2022",
        "NICE says that the resolution of",
        "We read NICE's page at 8:55am on 8 September 2022 and it said so.",
    ),
]


@pytest.mark.parametrize(("kind", "payload", "lead", "sentence", "evidence"), CONFIRMED)
def test_what_was_scheduled_is_said_to_have_happened_once_it_is_confirmed(
    kind: EventKind, payload: Payload, lead: str, sentence: str, evidence: str
) -> None:
    tried_in_vain = replace(payload, unreadable_at=at(2022, 9, 8, 6, 0))
    for one in (payload, tried_in_vain):
        entry = confirmed_words(kind, one, service=SERVICE)
        assert entry.title == f"{lead}: {TITLE} (IP1783)"
        assert sentence.replace("'", "&#x27;") in entry.html
        assert evidence.replace("'", "&#x27;") in entry.html


def test_a_corrected_entry_keeps_what_was_told_and_says_that_it_no_longer_holds() -> None:
    told = entry_words(EventKind.OPENED, Basis.CHECKED, CONSULTATION, service=SERVICE)
    corrected = corrected_words(told)
    assert corrected.title == f"Corrected: {told.title}"
    assert corrected.html.startswith("<p>This was corrected later; a newer entry says what holds.</p>\n")
    assert corrected.html.endswith(told.html)


def test_the_two_reminders_of_one_closing_have_titles_of_their_own() -> None:
    days = (date(2022, 11, 4), date(2022, 11, 10))
    titles = [
        entry_words(
            EventKind.CLOSING_SOON, Basis.CHECKED, replace(CONSULTATION, day=day), service=SERVICE
        ).title
        for day in days
    ]
    assert titles == [
        f"Comments close on 11 November 2022 (first reminder): {TITLE} (IP1783)",
        f"Comments close on 11 November 2022 (last reminder): {TITLE} (IP1783)",
    ]


@pytest.mark.parametrize("kind", list(EventKind))
def test_what_only_amends_another_has_no_entry_of_its_own_but_a_correction_has(kind: EventKind) -> None:
    alone = event(kind, Basis.CHECKED, PAYLOADS[kind], seq=2)
    assert is_entry(alone) is (kind is not EventKind.CONFIRMED)
    assert is_entry(replace(alone, corrects_seq=1)) is (kind is EventKind.CORRECTION)
