"""What we said and was wrong: taken back in the words of what was said (promises §1.5)."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.entry import entry_words
from notifier.events.messages import mail_words
from notifier.events.model import Basis, DateChange, EventKind, Payload
from notifier.events.words import Link, MailWords
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import (
    CONSULTATION,
    CORRECTED,
    MEETING,
    OWN_SERVICE,
    PAGE,
    PUBLICATION,
    SERVICE,
    TITLE,
    T,
    between,
    changing,
    event,
    in_month,
    on,
)

OPENING, CLOSING = date(2022, 10, 14), date(2022, 11, 11)
OLD = between(OPENING, CLOSING)
LONGER = between(OPENING, date(2022, 11, 25))
SHIFTED = between(date(2022, 10, 21), date(2022, 11, 18))
MOVED, REMOVED = EventKind.MOVED, EventKind.REMOVED
NOTE = "We took the dates of another topic for these."


def told(
    milestone: MilestoneKind,
    old: Dates,
    new: Dates | None,
    *,
    on: date,
    seen: date | None = None,
    label: str = "Step",
) -> Payload:
    kind = REMOVED if new is None else MOVED
    payload = changing(kind, old, new, milestone=milestone, label=label, day=seen or on)
    return replace(payload, told_on=on)


def mail(payload: Payload) -> MailWords:
    return mail_words(
        [event(EventKind.CORRECTION, Basis.CONFIRMED, payload)], today=payload.day, service=SERVICE
    )


CONSULTING, WINDOW = MilestoneKind.CONSULTATION, MilestoneKind.WINDOW
DAY, WAS = date(2022, 10, 14), on(2022, 10, 14)
SAID = [
    pytest.param(
        told(CONSULTING, OLD, SHIFTED, on=OPENING),
        "not open yet",
        f"We told you on 14 October 2022 that comments on {T} were due to open that day; they did not, "
        "and NICE now gives 21 October to 18 November 2022.",
        id="opening",
    ),
    pytest.param(
        told(CONSULTING, OLD, SHIFTED, on=date(2022, 10, 16)),
        "not open yet",
        f"We told you on 16 October 2022 that comments on {T} were due to open on 14 October 2022; "
        "they did not, and NICE now gives 21 October to 18 November 2022.",
        id="opening, told late",
    ),
    pytest.param(
        told(CONSULTING, OLD, None, on=OPENING),
        "not open yet",
        f"We told you on 14 October 2022 that comments on {T} were due to open that day; they did not, "
        "and NICE now gives no date.",
        id="opening, removed",
    ),
    pytest.param(
        told(CONSULTING, OLD, Dates(as_written="TBC"), on=OPENING),
        "not open yet",
        f"We told you on 14 October 2022 that comments on {T} were due to open that day; they did not, "
        "and NICE now gives no date.",
        id="opening, to be confirmed",
    ),
    pytest.param(
        told(CONSULTING, OLD, LONGER, on=date(2022, 11, 4)),
        "new closing date",
        f"We told you on 4 November 2022 that comments on {T} close on 11 November 2022; they do not, "
        "and NICE now gives 14 October to 25 November 2022.",
        id="closing soon",
    ),
    pytest.param(
        told(CONSULTING, OLD, LONGER, on=CLOSING, seen=date(2022, 11, 14)),
        "not closed yet",
        f"We told you on 11 November 2022 that comments on {T} closed that day; they did not, "
        "and NICE now gives 14 October to 25 November 2022.",
        id="closed",
    ),
    pytest.param(
        told(CONSULTING, OLD, LONGER, on=date(2022, 11, 12), seen=date(2022, 11, 14)),
        "not closed yet",
        f"We told you on 12 November 2022 that comments on {T} had closed on 11 November 2022; they did not, "
        "and NICE now gives 14 October to 25 November 2022.",
        id="closed, told late",
    ),
    pytest.param(
        told(CONSULTING, OLD, None, on=CLOSING, seen=date(2022, 11, 14)),
        "closing date removed",
        f"We told you on 11 November 2022 that comments on {T} closed that day; they did not, "
        "and NICE now gives no date.",
        id="closed, removed",
    ),
    pytest.param(
        told(WINDOW, OLD, SHIFTED, on=OPENING, label="Appeal"),
        "not open yet",
        f"We told you on 14 October 2022 that “Appeal” for {T} was due to open that day; it did not, "
        "and NICE now gives 21 October to 18 November 2022.",
        id="window opening",
    ),
    pytest.param(
        told(WINDOW, OLD, LONGER, on=date(2022, 11, 4), label="Appeal"),
        "new closing date",
        f"We told you on 4 November 2022 that “Appeal” for {T} ends on 11 November 2022; it does not, "
        "and NICE now gives 14 October to 25 November 2022.",
        id="window ending soon",
    ),
    pytest.param(
        told(WINDOW, OLD, LONGER, on=CLOSING, label="Appeal"),
        "not closed yet",
        f"We told you on 11 November 2022 that “Appeal” for {T} ended that day; it did not, "
        "and NICE now gives 14 October to 25 November 2022.",
        id="window ended",
    ),
    pytest.param(
        told(MilestoneKind.PUBLICATION, WAS, on(2023, 5, 24), on=DAY),
        "not published yet",
        f"We told you on 14 October 2022 that guidance on {T} was expected that day; it was not published, "
        "and NICE now gives 24 May 2023.",
        id="publication",
    ),
    pytest.param(
        told(MilestoneKind.PUBLICATION, WAS, in_month(2023, 5), on=date(2022, 10, 17)),
        "not published yet",
        f"We told you on 17 October 2022 that guidance on {T} was expected on 14 October 2022; "
        "it was not published, and NICE now gives May 2023, day not set.",
        id="publication, less exact",
    ),
    pytest.param(
        told(MilestoneKind.MEETING, WAS, on(2022, 11, 10), on=DAY),
        "not discussed yet",
        f"We told you on 14 October 2022 that NICE's advisory committee was scheduled to discuss {T} "
        "that day; it did not, and NICE now gives 10 November 2022.",
        id="meeting",
    ),
    pytest.param(
        told(MilestoneKind.RESOLUTION, WAS, on(2022, 11, 10), on=DAY),
        "date moved",
        f"We told you on 14 October 2022 that the resolution of {T} was listed for that day; "
        "it did not take place, and NICE now gives 10 November 2022.",
        id="resolution",
    ),
    pytest.param(
        told(MilestoneKind.OTHER, WAS, None, on=date(2022, 10, 15), label="Scoping"),
        "date removed",
        f"We told you on 15 October 2022 that “Scoping” of {T} was listed for 14 October 2022; "
        "it did not take place, and NICE now gives no date.",
        id="another date, removed",
    ),
]


@pytest.mark.parametrize(("payload", "lead", "sentence"), SAID)
def test_a_correction_says_what_we_said_that_it_did_not_happen_and_what_holds(
    payload: Payload, lead: str, sentence: str
) -> None:
    made = mail(payload)
    assert made.subject.startswith(f"Correction, {lead}: Radiofrequency")
    assert made.sections[0].lead == sentence
    entry = entry_words(EventKind.CORRECTION, Basis.CONFIRMED, payload, service=SERVICE)
    assert entry.title == f"Correction, {lead}: {TITLE} (IP1783)"


def test_where_the_day_we_spoke_is_not_kept_the_day_itself_is_said() -> None:
    assert CORRECTED.told_on is None
    assert mail(CORRECTED).sections[0].lead.startswith("We told you on 14 October 2022 that comments")


def test_of_several_rows_the_one_that_was_told_is_taken_back() -> None:
    meeting = told(MilestoneKind.MEETING, WAS, on(2022, 11, 10), on=DAY, label="IPAC 1")
    beside = DateChange(kind=MOVED, milestone_kind=CONSULTING, label="Consultation", old=OLD, new=SHIFTED)
    lead = mail(replace(meeting, changes=(beside, *meeting.changes))).sections[0].lead
    assert lead.startswith("We told you on 14 October 2022 that NICE's advisory committee was scheduled")


def by_hand(payload: Payload, on: date = OPENING) -> Payload:
    return replace(payload, note=NOTE, told_on=on, day=date(2022, 10, 15), start=payload.start)


BY_HAND = [
    (
        CONSULTATION,
        OPENING,
        f"We told you on 14 October 2022 that comments on {T} were due to open that day; that was wrong.",
    ),
    (
        CONSULTATION,
        CLOSING,
        f"We told you on 11 November 2022 that comments on {T} closed that day; that was wrong.",
    ),
    (
        MEETING,
        date(2022, 9, 8),
        f"We told you on 8 September 2022 that NICE's advisory committee was scheduled to discuss {T} "
        "that day; that was wrong.",
    ),
    (
        PUBLICATION,
        date(2023, 3, 29),
        f"We told you on 29 March 2023 that guidance on {T} was expected that day; that was wrong.",
    ),
    (
        replace(PUBLICATION, milestone_kind=None, label=None, start=None),
        OPENING,
        f"What we told you on 14 October 2022 about {T} was wrong.",
    ),
]


@pytest.mark.parametrize(("payload", "on", "sentence"), BY_HAND)
def test_a_correction_by_hand_quotes_the_operator(payload: Payload, on: date, sentence: str) -> None:
    made = mail(by_hand(payload, on))
    assert made.subject == "Correction: Radiofrequency ablation for palliation… (IP1783)"
    assert made.sections[0].lead == f"{sentence} Example Charity says: “{NOTE}”"


def test_a_correction_by_hand_does_not_repeat_the_dates_that_may_be_wrong() -> None:
    (section,) = mail(by_hand(CONSULTATION)).sections
    assert [row.label for row in section.dates] == ["IPAC 2", "Expected publication"]
    assert section.how_we_know == ("Example Charity runs this service and has corrected this.",)


def test_a_correction_leads_to_the_page_that_decides() -> None:
    (section,) = mail(CORRECTED).sections
    assert section.can_do[0] == Link(text="See the page on NICE's website", url=PAGE)


def test_a_note_cannot_become_markup_or_a_second_line() -> None:
    payload = replace(by_hand(CONSULTATION), note="a\r\nBcc: <b>x</b>")
    entry = entry_words(EventKind.CORRECTION, Basis.CONFIRMED, payload, service=SERVICE)
    assert "NICE" in entry.html
    assert "says: “a Bcc: &lt;b&gt;x&lt;/b&gt;”" in entry.html


def test_the_body_itself_corrects_in_its_own_name() -> None:
    made = mail_words(
        [event(EventKind.CORRECTION, Basis.CONFIRMED, by_hand(CONSULTATION))],
        today=OPENING,
        service=OWN_SERVICE,
    )
    assert made.sections[0].lead.endswith(f"that was wrong. NICE says: “{NOTE}”")
