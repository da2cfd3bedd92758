"""The sentences for staff, each kind of alert, each way to change a date, and each end of a mailing."""

from dataclasses import replace
from datetime import date

import pytest

from notifier.events.forecast import Forecast
from notifier.events.forecast_words import people_words, what_words, when_words
from notifier.events.model import Basis, EventKind
from notifier.events.staff.calendar import StaffKind, slots
from notifier.events.staff.model import Command, Receipt
from notifier.events.staff.outlook import SHOWN, Attention, outlook_words
from notifier.events.staff.words import due_items, hold_command, letter_words, receipt_words
from notifier.events.titles import SUBJECT_LIMIT
from notifier.procedures.due import Edge
from notifier.procedures.hand_outlook import Noted
from notifier.procedures.model import Milestone, MilestoneKind
from notifier.subscriptions.audience import Rhythms
from tests.cast import RULES, london
from tests.procedures.schedule_cast import CONSULTATION, IPAC_1, PUBLICATION, between, ip1783

ZONE = "Europe/London"
WINDOW = replace(CONSULTATION, kind=MilestoneKind.WINDOW, label="Appeal")
OPENING = Forecast(
    at=london(2022, 10, 14),
    day=date(2022, 10, 14),
    procedure=ip1783(),
    milestone=CONSULTATION,
    edge=Edge.OPENS,
    kind=EventKind.OPENED,
    basis=Basis.SCHEDULED,
    title="Comments scheduled",
    held=False,
    late_days=0,
    mailed=True,
    people=Rhythms(at_once=1204),
)
RECEIPT = Receipt(
    mailing_id=7,
    titles=("Comments scheduled for October (IP1783)",),
    queued=1204,
    accepted=1198,
    waiting=6,
    refused=0,
    cancelled=0,
    last_accepted_at=london(2022, 10, 14, 9, 3),
)


@pytest.mark.parametrize(
    ("kind", "milestone", "words"),
    [
        (EventKind.OPENED, CONSULTATION, "IP1783 opens for comment"),
        (EventKind.OPENED, WINDOW, "IP1783: “Appeal” opens"),
        (
            EventKind.CLOSING_SOON,
            CONSULTATION,
            "IP1783: reminder that comments close on Friday 11 November 2022",
        ),
        (EventKind.CLOSING_SOON, WINDOW, "IP1783: reminder that “Appeal” ends on Friday 11 November 2022"),
        (EventKind.CLOSED, CONSULTATION, "IP1783 closes for comment"),
        (EventKind.CLOSED, WINDOW, "IP1783: “Appeal” ends"),
        (EventKind.MEETING, IPAC_1, "IP1783: “IPAC 1” is due"),
        (EventKind.EXPECTED, PUBLICATION, "IP1783 is expected to be published"),
        (EventKind.NOT_YET, PUBLICATION, "IP1783 is “not yet published”, unless it is seen by then"),
        (EventKind.PUBLISHED, PUBLICATION, "IP1783 is published"),
    ],
)
def test_each_kind_of_alert_is_named(kind: EventKind, milestone: Milestone, words: str) -> None:
    assert what_words(replace(OPENING, kind=kind, milestone=milestone)) == words


@pytest.mark.parametrize("kind", EventKind)
def test_no_kind_is_without_a_name(kind: EventKind) -> None:
    assert what_words(replace(OPENING, kind=kind)).startswith("IP1783")


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (Rhythms(), "nobody"),
        (Rhythms(at_once=1), "1 person"),
        (Rhythms(at_once=1204), "1,204 people"),
        (Rhythms(at_once=1100, daily=90, weekly=14), "1,204 people (1,100 at once, 90 daily, 14 weekly)"),
        (Rhythms(weekly=1), "1 person (1 weekly)"),
    ],
)
def test_people_are_counted_with_how_soon_they_read_it(people: Rhythms, words: str) -> None:
    assert people_words(people) == words


def test_a_day_is_named_from_where_its_reader_stands() -> None:
    at = london(2022, 10, 14, 17)
    assert when_words(at, date(2022, 10, 14), ZONE) == "Today at 5pm"
    assert when_words(at, date(2022, 10, 13), ZONE) == "Tomorrow at 5pm"
    assert when_words(at, date(2022, 10, 12), ZONE) == "Friday 14 October 2022 at 5pm"


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("file:ip1783.toml", (Command(purpose="To change it", line="edit ip1783.toml"),)),
        ("web:ip1783", ()),
        (
            None,
            (
                Command(
                    purpose="To change it, import the page again",
                    line="notifier import FILE --reference GID-IPG10158",
                ),
            ),
        ),
    ],
)
def test_a_date_is_changed_where_it_comes_from(key: str | None, change: tuple[Command, ...]) -> None:
    one = replace(OPENING, procedure=replace(ip1783(), source_key=key))
    [item] = due_items([one], today=date(2022, 10, 13), zone=ZONE)
    assert item.commands[1:] == change


def test_a_command_can_be_copied_into_a_shell() -> None:
    odd = replace(CONSULTATION, key="it's odd; rm")
    line = hold_command("GID-IPG10158", odd).line
    assert line == """notifier procedure hold GID-IPG10158 'it'"'"'s odd; rm' --reason "…\""""


def test_what_a_whole_procedure_holds_is_released_as_a_whole() -> None:
    one = replace(OPENING, held=True, procedure=replace(ip1783(), held=True))
    [item] = due_items([one], today=date(2022, 10, 13), zone=ZONE)
    assert item.text == "Tomorrow at 9am: IP1783 opens for comment, 1,204 people (held)."
    assert item.commands[0].line == 'notifier procedure release GID-IPG10158 --reason "…"'


def test_what_is_only_recorded_is_told_as_such() -> None:
    [item] = due_items([replace(OPENING, mailed=False)], today=date(2022, 10, 13), zone=ZONE)
    assert item.text == "Tomorrow at 9am: IP1783 opens for comment, in the feeds only."


def test_no_subject_is_longer_than_a_list_of_mails_shows() -> None:
    [slot] = slots(london(2022, 10, 13, 15), letter_at=RULES.closes_at.replace(hour=15), rules=RULES)
    long = replace(OPENING, milestone=replace(WINDOW, label="A very long label " * 9))
    assert len(letter_words(slot, [long], zone=ZONE).subject) <= SUBJECT_LIMIT
    assert len(receipt_words(replace(RECEIPT, titles=("word " * 60,)), zone=ZONE).subject) <= SUBJECT_LIMIT


def test_held_alerts_are_counted_beside_the_others() -> None:
    [slot] = slots(london(2022, 10, 13, 15), letter_at=RULES.closes_at.replace(hour=15), rules=RULES)
    words = letter_words(slot, [OPENING, replace(OPENING, held=True)], zone=ZONE)
    assert words.subject == "Tomorrow, 14 Oct: 2 alerts, 1 held"
    assert words.lead == "2 alerts are due tomorrow, Friday 14 October 2022."


@pytest.mark.parametrize(
    ("receipt", "lead"),
    [
        (RECEIPT, "1,204 queued, 1,198 accepted by 9:03am, 6 waiting, 0 refused."),
        (
            replace(RECEIPT, accepted=0, waiting=1204, last_accepted_at=None),
            "1,204 queued, 0 accepted, 1,204 waiting, 0 refused.",
        ),
        (
            replace(RECEIPT, accepted=1195, cancelled=3),
            "1,204 queued, 1,195 accepted by 9:03am, 6 waiting, 0 refused, 3 not sent (their readers had "
            "left, or they came too late).",
        ),
    ],
)
def test_a_receipt_says_what_became_of_each_mail(receipt: Receipt, lead: str) -> None:
    assert receipt_words(receipt, zone=ZONE).lead == lead


def test_a_receipt_names_what_was_sent() -> None:
    words = receipt_words(RECEIPT, zone=ZONE)
    assert words.subject.startswith("Sent, 1,198 of 1,204 accepted: Comments scheduled")
    assert [item.text for item in words.sections[0].items] == ["Comments scheduled for October (IP1783)"]


def test_a_long_section_of_the_outlook_ends_with_how_many_more_there_are() -> None:
    now = london(2022, 10, 10, 15)
    found = slots(now, letter_at=RULES.closes_at.replace(hour=15), rules=RULES)
    slot = next(one for one in found if one.kind is StaffKind.OUTLOOK)
    step = replace(CONSULTATION, dates=between(date(2022, 9, 1), date(2022, 9, 30)))
    many = [Noted(slug="GID-1", shown_id="IP1", milestone=step, whole=False)] * (SHOWN + 3)
    nothing = Attention(held=many, unread=(), month_only=(), overdue=())
    [held] = outlook_words(slot, [], nothing, zone=ZONE).sections
    assert len(held.items) == SHOWN + 1
    assert held.items[-1].text == "And 3 more."
