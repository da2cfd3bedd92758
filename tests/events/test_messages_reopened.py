"""A consultation that had closed and takes comments again."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.entry import entry_words
from notifier.events.messages import mail_words
from notifier.events.model import Basis, DateChange, EventKind, Payload
from notifier.events.words import Link, Section
from notifier.procedures.model import Dates, MilestoneKind
from tests.events.words_cast import (
    PAGE,
    REOPENED,
    SERVICE,
    TITLE,
    T,
    at,
    between,
    changing,
    event,
    on,
)

SEEN = date(2022, 11, 15)
OLD, NEW = (
    between(date(2022, 10, 14), date(2022, 11, 11)),
    between(date(2022, 10, 14), date(2022, 11, 25)),
)
LATER = between(date(2022, 11, 21), date(2023, 1, 6))


def again(
    old: Dates | None, new: Dates, milestone: MilestoneKind = MilestoneKind.CONSULTATION, label: str = "X"
) -> Payload:
    payload = changing(EventKind.REOPENED, old, new, milestone=milestone, label=label, day=SEEN)
    return replace(payload, read_at=at(2022, 11, 15, 8, 55))


WINDOW = again(OLD, NEW, MilestoneKind.WINDOW, "Appeal")
GIVES = "NICE now gives Friday 14 October to Friday 25 November 2022 for"


def section(basis: Basis, payload: Payload, today: date = SEEN) -> Section:
    (one,) = mail_words([event(EventKind.REOPENED, basis, payload)], today=today, service=SERVICE).sections
    return one


SAID = [
    pytest.param(
        Basis.CONFIRMED,
        REOPENED,
        "Open again, to 25 Nov: Radiofrequency ablation… (IP1783)",
        f"You can comment on {T} again: until Friday 25 November 2022; comments had closed on 11 November.",
        id="open",
    ),
    pytest.param(
        Basis.CHECKED,
        REOPENED,
        "Comments due again, to 25 Nov: Radiofrequency… (IP1783)",
        f"{GIVES} comments on {T}, so comments are scheduled to be taken again; "
        "they had closed on 11 November.",
        id="scheduled",
    ),
    pytest.param(
        Basis.CONFIRMED,
        again(OLD, LATER),
        "Comments due again, from 21 Nov: Radiofrequency… (IP1783)",
        f"NICE now gives Monday 21 November 2022 to Friday 6 January 2023 for comments on {T}, "
        "so comments are scheduled to be taken again; they had closed on 11 November 2022.",
        id="from a day to come",
    ),
    pytest.param(
        Basis.CONFIRMED,
        WINDOW,
        "Appeal open again, to 25 Nov: Radiofrequency… (IP1783)",
        f"“Appeal” is open for {T} again: until Friday 25 November 2022; it had ended on 11 November.",
        id="a window, open",
    ),
    pytest.param(
        Basis.CHECKED,
        WINDOW,
        "Appeal due again, to 25 Nov: Radiofrequency… (IP1783)",
        f"{GIVES} “Appeal” of {T}, so it is scheduled to open again; it had ended on 11 November.",
        id="a window, scheduled",
    ),
    pytest.param(
        Basis.CONFIRMED,
        again(None, NEW),
        "Open again, to 25 Nov: Radiofrequency ablation… (IP1783)",
        f"You can comment on {T} again: until Friday 25 November 2022; comments had closed before.",
        id="from nobody knows when",
    ),
]


@pytest.mark.parametrize(("basis", "payload", "subject", "sentence"), SAID)
def test_comments_that_are_taken_again_are_said_with_the_old_close(
    basis: Basis, payload: Payload, subject: str, sentence: str
) -> None:
    mail = mail_words([event(EventKind.REOPENED, basis, payload)], today=SEEN, service=SERVICE)
    assert mail.subject == subject
    assert mail.sections[0].lead == sentence


def test_an_entry_says_it_without_the_day_of_reading() -> None:
    entry = entry_words(EventKind.REOPENED, Basis.CONFIRMED, REOPENED, service=SERVICE)
    assert entry.title == f"Open again for comment until 25 November 2022: {TITLE} (IP1783)"
    assert (
        f"<p>{T} is open for comment again: until Friday 25 November 2022; "
        "comments had closed on 11 November.</p>" in entry.html
    )
    window = entry_words(EventKind.REOPENED, Basis.CHECKED, WINDOW, service=SERVICE)
    assert window.title == f"Appeal scheduled again for 14 October to 25 November 2022: {TITLE} (IP1783)"


def test_an_hour_that_the_source_states_is_said() -> None:
    payload = replace(REOPENED, closes_at=at(2022, 11, 25, 17, 0).time(), time_stated=True)
    lead = section(Basis.CONFIRMED, payload).lead
    assert "again: until 5pm on Friday 25 November 2022; comments had closed" in lead


def test_who_reads_it_after_the_new_close_is_told_that_it_is_over() -> None:
    one = section(Basis.CONFIRMED, REOPENED, today=date(2022, 11, 26))
    assert one.lead == f"The time to comment on {T} ended on Friday 25 November 2022."
    assert one.can_do[0] == "Comments can no longer be sent."


def test_the_way_to_comment_and_both_ranges_stand_under_it() -> None:
    one = section(Basis.CONFIRMED, REOPENED)
    assert one.can_do[0] == Link(text="Read the consultation and comment on NICE's website", url=PAGE)
    assert [(row.value, row.before) for row in one.dates] == [
        (
            "Friday 14 October to Friday 25 November 2022",
            "Friday 14 October to Friday 11 November 2022",
        )
    ]


def test_what_was_not_seen_open_is_to_be_looked_for() -> None:
    one = section(Basis.CHECKED, REOPENED)
    assert one.can_do[0] == Link(text="Look for the consultation on NICE's website", url=PAGE)
    assert one.how_we_know == (
        "We read NICE's page at 8:55am and saw the change; we have not seen the consultation itself.",
    )


def test_other_rows_that_changed_with_it_are_counted() -> None:
    meeting = DateChange(
        kind=EventKind.MOVED,
        milestone_kind=MilestoneKind.MEETING,
        label="IPAC 2",
        old=on(2023, 1, 12),
        new=on(2023, 2, 9),
    )
    one = section(Basis.CONFIRMED, replace(REOPENED, changes=(*REOPENED.changes, meeting)))
    assert one.notes == ("1 other date has changed too.",)


@pytest.mark.parametrize(
    ("basis", "counted"), [(Basis.CONFIRMED, "1 open again"), (Basis.CHECKED, "1 due to reopen")]
)
def test_among_several_it_is_counted_by_what_is_known(basis: Basis, counted: str) -> None:
    events = [event(EventKind.REOPENED, basis, REOPENED)] * 2
    mail = mail_words(events, today=SEEN, service=SERVICE)
    assert mail.subject == f"2 updates: {counted.replace('1', '2')} (IP1783)"
