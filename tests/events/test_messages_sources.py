"""What could not be read, what the body gives as its reason, and where published guidance is found."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from notifier.events.entry import entry_words
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind, Payload
from notifier.events.titles import excerpt
from notifier.events.words import Link, Section
from tests.events.words_cast import (
    CONSULTATION,
    MEETING,
    PAYLOADS,
    PUBLICATION,
    SERVICE,
    T,
    at,
    event,
)

OPENING = date(2022, 10, 14)
UNREAD = replace(
    CONSULTATION, read_at=at(2022, 10, 13, 5, 0), unreadable_at=at(2022, 10, 14, 7, 55), time_stated=False
)
NOT_YET = replace(
    PAYLOADS[EventKind.NOT_YET], read_at=at(2023, 3, 29, 15, 0), unreadable_at=at(2023, 3, 30, 7, 55)
)
PRODUCT = "https://www.nice.org.uk/guidance/ipg749"


def section(kind: EventKind, basis: Basis, payload: Payload, today: date) -> Section:
    (one,) = mail_words([event(kind, basis, payload)], today=today, service=SERVICE).sections
    return one


def unread(payload: Payload, tried: datetime, read: datetime) -> Payload:
    return replace(payload, unreadable_at=tried, read_at=read)


UNREADABLE = [
    (
        EventKind.OPENED,
        UNREAD,
        OPENING,
        "We could not read NICE's page at 8:55am today; we go by its schedule as last read at 6am on "
        "13 October 2022; we have not seen the consultation itself.",
    ),
    (
        EventKind.OPENED,
        replace(UNREAD, read_at=at(2022, 10, 14, 5, 0)),
        OPENING,
        "We could not read NICE's page at 8:55am today; we go by its schedule as last read at 6am; "
        "we have not seen the consultation itself.",
    ),
    (
        EventKind.OPENED,
        replace(UNREAD, read_at=None),
        OPENING,
        "We could not read NICE's page at 8:55am today; we go by its schedule as entered by "
        "Example Charity; we have not seen the consultation itself.",
    ),
    (
        EventKind.CLOSING_SOON,
        UNREAD,
        date(2022, 11, 10),
        "We could not read NICE's page at 8:55am on 14 October 2022; we go by its schedule as last read "
        "at 6am on 13 October 2022; we have not seen the consultation itself.",
    ),
    (
        EventKind.MEETING,
        unread(MEETING, at(2022, 9, 8, 7, 55), at(2022, 9, 7, 7, 55)),
        date(2022, 9, 8),
        "We could not read NICE's page at 8:55am today; we go by its schedule as last read at 8:55am on "
        "7 September 2022; we have not seen whether the committee meets.",
    ),
    (
        EventKind.EXPECTED,
        unread(PUBLICATION, at(2023, 3, 29, 7, 55), at(2023, 3, 28, 7, 55)),
        date(2023, 3, 29),
        "We could not read NICE's page at 8:55am today; we go by its schedule as last read at 8:55am on "
        "28 March 2023; we have not seen the guidance itself.",
    ),
]


@pytest.mark.parametrize(("kind", "payload", "today", "evidence"), UNREADABLE)
def test_a_source_that_could_not_be_read_is_said_with_what_we_go_by(
    kind: EventKind, payload: Payload, today: date, evidence: str
) -> None:
    assert section(kind, Basis.SCHEDULED, payload, today).how_we_know == (evidence,)


def test_an_entry_names_both_days_in_full() -> None:
    entry = entry_words(EventKind.OPENED, Basis.SCHEDULED, UNREAD, service=SERVICE)
    assert (
        "We could not read NICE&#x27;s page at 8:55am on 14 October 2022; we go by its schedule as last read "
        "at 6am on 13 October 2022; we have not seen the consultation itself." in entry.html
    )


@pytest.mark.parametrize(
    ("basis", "payload", "evidence"),
    [
        (
            Basis.SCHEDULED,
            replace(UNREAD, read_at=at(2022, 10, 14, 7, 58)),
            "We go by NICE's schedule, last read at 8:58am; we have not seen the consultation itself.",
        ),
        (
            Basis.CHECKED,
            replace(UNREAD, read_at=at(2022, 10, 14, 7, 50)),
            "We read NICE's page at 8:50am and it still gave these dates; "
            "we have not seen the consultation itself.",
        ),
    ],
)
def test_a_failure_before_a_good_reading_is_not_worth_a_word(
    basis: Basis, payload: Payload, evidence: str
) -> None:
    assert section(EventKind.OPENED, basis, payload, OPENING).how_we_know == (evidence,)


def test_what_was_looked_for_in_vain_and_what_could_not_be_looked_for_are_two_things() -> None:
    checked = section(EventKind.NOT_YET, Basis.CHECKED, PAYLOADS[EventKind.NOT_YET], date(2023, 3, 30))
    assert checked.lead == (
        f"{T} was expected on Wednesday 29 March 2023 and was not on NICE's website "
        "at 8:55am on Thursday 30 March 2023."
    )
    assert checked.how_we_know == ("We read NICE's page at 8:55am and did not find the guidance.",)
    mail = mail_words(
        [event(EventKind.NOT_YET, Basis.SCHEDULED, NOT_YET)], today=date(2023, 3, 30), service=SERVICE
    )
    assert mail.subject == "Not seen published yet: Radiofrequency ablation… (IP1783)"
    assert mail.sections[0].lead == (
        f"{T} was expected on Wednesday 29 March 2023; we have not seen it published, "
        "and we could not read NICE's website to check."
    )
    assert mail.sections[0].how_we_know == (
        "We could not read NICE's page at 8:55am today; we go by its schedule as last read at 4pm on "
        "29 March 2023; we have not seen the guidance itself.",
    )


@pytest.mark.parametrize("kind", [EventKind.PUBLISHED, EventKind.EXPECTED])
def test_published_guidance_is_one_link_away(kind: EventKind) -> None:
    payload = replace(PUBLICATION, link=PRODUCT)
    read = Link(text="Read the guidance on NICE's website", url=PRODUCT)
    assert section(kind, Basis.CONFIRMED, payload, date(2023, 3, 29)).can_do == (read,)
    entry = entry_words(kind, Basis.CONFIRMED, payload, service=SERVICE)
    assert f'<a href="{PRODUCT}">Read the guidance on NICE&#x27;s website</a>' in entry.html


LONG = "The company has withdrawn its evidence. " * 9
ENDLESS = "word " * 90


@pytest.mark.parametrize("kind", [EventKind.SUSPENDED, EventKind.DISCONTINUED])
@pytest.mark.parametrize(
    ("reason", "note"),
    [
        ("No evidence was sent.", "NICE gives this reason: “No evidence was sent.”"),
        ("No evidence", "NICE gives this reason: “No evidence”."),
        (" two\nlines ", "NICE gives this reason: “two lines”."),
        (LONG, f"NICE gives this reason: “{'The company has withdrawn its evidence. ' * 5}…”"),
    ],
)
def test_the_reason_of_the_body_is_quoted_as_its_own_words(kind: EventKind, reason: str, note: str) -> None:
    payload = replace(PAYLOADS[kind], reason=reason)
    assert section(kind, Basis.CONFIRMED, payload, OPENING).notes[0] == note


@pytest.mark.parametrize("kind", [EventKind.SUSPENDED, EventKind.DISCONTINUED])
@pytest.mark.parametrize("reason", [None, "", " \n"])
def test_without_a_reason_none_is_quoted(kind: EventKind, reason: str | None) -> None:
    notes = section(kind, Basis.CONFIRMED, replace(PAYLOADS[kind], reason=reason), OPENING).notes
    assert not any("reason" in note for note in notes)


@pytest.mark.parametrize("text", [LONG, ENDLESS, "x" * 900, f"Short. {ENDLESS}", "a. " * 200])
def test_a_long_quotation_ends_at_a_sentence_or_a_word_within_its_room(text: str) -> None:
    quoted = excerpt(text, 300)
    assert len(quoted) <= 300
    assert quoted.endswith("…")
    assert len(quoted) > 100
    assert excerpt(text[:300].strip(), 300) == text[:300].strip()


def test_an_alert_that_was_held_back_says_so_instead_of_blaming_the_service() -> None:
    late = replace(CONSULTATION, late_days=2, note="the page contradicted itself")
    one = section(EventKind.OPENED, Basis.CONFIRMED, late, date(2022, 10, 16))
    assert one.notes == (
        "This alert is 2 days late: we were checking this date from 14 to 16 October. "
        "The closing date has not changed.",
    )


def test_a_consultation_learnt_of_late_is_said_so_in_its_entry_too() -> None:
    payload = replace(CONSULTATION, learnt_on=date(2022, 10, 18))
    entry = entry_words(EventKind.OPENED, Basis.CONFIRMED, payload, service=SERVICE)
    assert entry.title.startswith("Open for comment until 11 November 2022: ")
    assert (
        "Open for comment; we learnt of it on Tuesday 18 October 2022: "
        f"you can comment on {T} until 5pm on Friday 11 November 2022." in entry.html
    )
