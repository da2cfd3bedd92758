"""One mail of every kind, about an invented procedure, to try templates and catalogues on. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from notifier.events.choices import chosen_words
from notifier.events.forms import FULL_SECTIONS
from notifier.events.interest import Preset, kinds_of
from notifier.events.messages import mail_words
from notifier.events.model import Basis, DateChange, Event, EventKind, NextDate, Payload, Step
from notifier.events.overview import overview_words
from notifier.events.replies import (
    already_words,
    asked_for_all,
    asked_for_one,
    asked_for_some,
    confirm_words,
)
from notifier.events.replies_preferences import access_words, new_address_words
from notifier.events.slots import GATHERING
from notifier.events.staff.model import Command, StaffItem, StaffSection, StaffWords
from notifier.events.words import Asked, MailWords, ReplyWords
from notifier.procedures.listing import DatedLine, Line
from notifier.procedures.model import Dates, Milestone, MilestoneKind, Precision, Status
from notifier.settings import Service
from notifier.subscriptions.model import Rhythm

_TITLE = "An invented treatment for trying out what mails look like"
_ID = "IP0000"
_OPENS, _CLOSES = date(2026, 10, 14), date(2026, 11, 11)
_OLD, _NEW = date(2027, 3, 29), date(2027, 5, 24)

_CHANGES = frozenset(
    (
        EventKind.DATE_ADDED,
        EventKind.DATE_SET,
        EventKind.MOVED,
        EventKind.EXTENDED,
        EventKind.SHORTENED,
        EventKind.REMOVED,
        EventKind.CORRECTION,
        EventKind.REOPENED,
    )
)
_NEVER_MAILED = frozenset((EventKind.LISTED, EventKind.CONFIRMED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A mail to be; its words are made when they are asked for, in the language of that moment."""

    name: str
    words: Callable[[], MailWords | ReplyWords]


def samples(service: Service) -> Iterator[Sample]:
    """Return a mail of every kind and basis, one about two things, one about very many, and every reply."""
    news = list(_every_news(service))
    for event in news:
        yield Sample(name=f"“{event.kind.value}”, {event.basis.value}", words=_about([event], service))
    yield Sample(name="two things", words=_about(news[:2], service))
    yield Sample(name=f"{FULL_SECTIONS} things", words=_about(news[:FULL_SECTIONS], service))
    yield Sample(name=f"{len(news)} things", words=_about(news, service))
    for rhythm in GATHERING:
        yield Sample(name=f"digest, {rhythm.name.lower()}", words=partial(digest, news[:3], rhythm, service))
    for asked in (asked_for_one(_TITLE, _ID), asked_for_all(service), asked_for_some("Invented", service)):
        yield from replies(asked, service)


def digest(news: Sequence[Event], rhythm: Rhythm, service: Service) -> MailWords:
    """Return a digest of news; a weekly one says too what is open and what comes, with more than it shows."""
    dated = [DatedLine(procedure=_line(one), milestone=_milestone(number)) for number, one in enumerate(news)]
    more = overview_words(dated * 5, dated, service=service) if rhythm is Rhythm.WEEKLY else ()
    today = max(event.payload.day for event in news)
    return mail_words(news, today=today, service=service, rhythm=rhythm, overview=more)


def _line(news: Event) -> Line:
    about = news.payload
    return Line(
        id=news.procedure_id,
        slug=about.slug,
        title=about.title,
        shown_id=about.shown_id,
        status=Status.IN_PROGRESS,
        status_as_written=None,
    )


def _milestone(number: int) -> Milestone:
    """Return a consultation, a meeting, or a publication whose day is not known."""
    kind = (MilestoneKind.CONSULTATION, MilestoneKind.MEETING, MilestoneKind.PUBLICATION)[number % 3]
    dates = (Dates(start=_OPENS, end=_CLOSES, precision=Precision.DAY), _day(_NEW), Dates())[number % 3]
    return Milestone(key=kind.value, label=_ID, kind=kind, dates=dates)


def replies(asked: Asked, service: Service) -> Iterator[Sample]:
    """Return a mail of every kind that answers a form about what was asked for."""
    for rhythm in Rhythm:
        words = partial(_confirm, asked, rhythm, service)
        yield Sample(name=f"confirm, {rhythm.name.lower()}", words=words)
    yield Sample(name="already", words=partial(already_words, asked, service=service))
    yield Sample(name="access", words=partial(access_words, service=service, lasts=timedelta(minutes=30)))
    yield Sample(name="new address", words=partial(new_address_words, service=service, hours=48))


def _confirm(asked: Asked, rhythm: Rhythm, service: Service) -> ReplyWords:
    preset = list(Preset)[rhythm % len(Preset)]
    reminders = rhythm is not Rhythm.WEEKLY
    chosen = chosen_words(kinds_of(preset), rhythm, reminders=reminders, daily_at=time(9))
    return confirm_words(asked, service=service, chosen=chosen)


def staff_sample() -> StaffWords:
    """Return a letter to staff with everything that one can hold."""
    command = Command(purpose="To hold it", line="notifier procedure hold GID-IPG0 ipac-1 --reason '…'")
    item = StaffItem(text=f"Tomorrow at 9am: {_ID} opens for comment, 1,204 people.", commands=(command,))
    return StaffWords(
        subject=f"Tomorrow, 14 Oct: {_ID} opens for comment, 1,204 people",
        lead="1 alert is due tomorrow, Wednesday 14 October 2026.",
        sections=(StaffSection(heading="", items=(item,)), StaffSection(heading="Held", items=(item,))),
    )


def _about(events: list[Event], service: Service) -> Callable[[], MailWords]:
    today = max(event.payload.day for event in events)
    return partial(mail_words, events, today=today, service=service)


def _every_news(service: Service) -> Iterator[Event]:
    seq = 0
    for kind in EventKind:
        for basis in Basis:
            if kind not in _NEVER_MAILED:
                seq += 1
                late = 2 if basis is Basis.SCHEDULED else 0
                yield _event(seq, kind, basis, replace(_payload(kind, service), late_days=late))


def _event(seq: int, kind: EventKind, basis: Basis, payload: Payload) -> Event:
    at = datetime.combine(payload.day, time(8), UTC)
    return Event(
        seq=seq,
        public_id=f"sample{seq}",
        kind=kind,
        basis=basis,
        procedure_id=1,
        payload=payload,
        occurred_at=at,
        recorded_at=at,
    )


def _day(day: date) -> Dates:
    return Dates(start=day, precision=Precision.DAY)


def _payload(kind: EventKind, service: Service) -> Payload:
    opens_or_closes = kind.opens_or_closes
    payload = Payload(
        title=_TITLE,
        shown_id=_ID,
        slug="GID-IPG0",
        body=service.body,
        link="https://www.example.org/guidance/gid-ipg0",
        status_as_written="In progress",
        milestone_key="consultation" if opens_or_closes else "publication",
        milestone_kind=MilestoneKind.CONSULTATION if opens_or_closes else MilestoneKind.PUBLICATION,
        label="Consultation" if opens_or_closes else "Expected publication",
        day=_OPENS,
        start=_OPENS,
        deadline=_CLOSES if opens_or_closes else None,
        closes_at=time(17) if opens_or_closes else None,
        time_stated=opens_or_closes,
        next_dates=(NextDate(label="IPAC 2", dates=_day(date(2027, 1, 12))),),
        steps=_steps(),
        read_at=datetime.combine(_OPENS - timedelta(days=1), time(7, 55), UTC),
        reason="The company has withdrawn its evidence.",
    )
    return replace(payload, changes=(_change(kind),)) if kind in _CHANGES else payload


def _change(kind: EventKind) -> DateChange:
    """Return a change of the row that the kind is about: the consultation, or the publication."""
    if kind in (EventKind.EXTENDED, EventKind.SHORTENED, EventKind.CORRECTION, EventKind.REOPENED):
        old = Dates(start=_OPENS, end=_CLOSES, precision=Precision.DAY)
        by = timedelta(days=-7 if kind is EventKind.SHORTENED else 14)
        new = replace(old, end=_CLOSES + by)
        about = MilestoneKind.CONSULTATION
        return DateChange(kind=kind, milestone_kind=about, label="Consultation", old=old, new=new)
    return DateChange(
        kind=kind,
        milestone_kind=MilestoneKind.PUBLICATION,
        label="Expected publication",
        old=None if kind in (EventKind.DATE_ADDED, EventKind.DATE_SET) else _day(_OLD),
        new=None if kind is EventKind.REMOVED else _day(_NEW),
    )


def _steps() -> tuple[Step, ...]:
    consultation = Dates(start=_OPENS, end=_CLOSES, precision=Precision.DAY)
    return (
        Step(key="ipac-1", label="IPAC 1", kind=MilestoneKind.MEETING, dates=_day(date(2026, 9, 8))),
        Step(key="consultation", label="Consultation", kind=MilestoneKind.CONSULTATION, dates=consultation),
        Step(key="ipac-2", label="IPAC 2", kind=MilestoneKind.MEETING, dates=_day(date(2027, 1, 12))),
        Step(key="publication", label="Publication", kind=MilestoneKind.PUBLICATION, dates=_day(_OLD)),
    )
