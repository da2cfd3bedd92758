"""One event as it is about to be told: what the sentences are made of."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from notifier.events.language import say, say_set
from notifier.events.model import Basis, EventKind, Payload
from notifier.events.titles import clean, named, quoted
from notifier.events.wording import full_day, hour, local, plain_day, short_day
from notifier.procedures.model import MilestoneKind
from notifier.settings import Relation, Service

_LABEL_ROOM = 24  # leaves a subject of 60 characters two words of the title


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An event, the service that tells it, and the reader's civil day.

    `today` is None for what is read later (feeds, pages): then no sentence may lean on the day of reading.
    """

    kind: EventKind
    basis: Basis
    payload: Payload
    service: Service
    today: date | None

    @property
    def topic(self) -> str:
        """The quoted title with its identity, as sentences say it."""
        return quoted(self.payload.title, self.payload.shown_id)

    @property
    def named(self) -> str:
        """The title with its identity, as feed titles say it."""
        return named(self.payload.title, self.payload.shown_id)

    @property
    def shown_id(self) -> str:
        """The identity alone."""
        return clean(self.payload.shown_id)

    @property
    def body(self) -> str:
        """Whose procedure it is: "NICE"."""
        return clean(self.payload.body)

    @property
    def site(self) -> str:
        """Where the body publishes: "NICE's website"."""
        if self.payload.body == self.service.body:
            return say_set(self.service.body_site)
        return say("{body}'s website", body=self.body)

    @property
    def label(self) -> str:
        """What the source calls the date; empty for news about the whole procedure."""
        return clean(self.payload.label or "")

    @property
    def confirmed(self) -> bool:
        """Whether "open", "published" and "discussed" may be said (promises §1.2)."""
        return self.basis is Basis.CONFIRMED

    @property
    def own(self) -> bool:
        """Whether the body itself runs this service."""
        return self.service.relation is Relation.OWN

    @property
    def comments(self) -> bool:
        """Whether this is about a consultation, rather than a window in which only some may act."""
        return self.payload.milestone_kind is not MilestoneKind.WINDOW

    @property
    def day(self) -> date:
        """The day the source gave: of a single date, or the opening of a range."""
        return self.payload.start or self.payload.day

    @property
    def over(self) -> bool:
        """Whether the day to act by has passed for the reader; never so where the reader's day is unknown."""
        deadline = self.payload.deadline
        return self.today is not None and deadline is not None and deadline < self.today

    @property
    def link(self) -> str | None:
        """The body's page about the procedure, if it is a web address that can be shown."""
        return web_address(self.payload.link)

    @property
    def page(self) -> str:
        """Our page about the procedure."""
        return f"{self.service.public_url}/procedures/{self.payload.slug}"

    @property
    def calendar(self) -> str:
        """Our calendar of the procedure."""
        return f"{self.service.public_url}/calendar/{self.payload.slug}.ics"

    @property
    def feed(self) -> str:
        """Our feed of the procedure."""
        return f"{self.service.public_url}/feeds/{self.payload.slug}.atom"

    def is_today(self, day: date) -> bool:
        """Whether `day` is the reader's today, where that is known."""
        return day == self.today

    def on(self, day: date) -> str:
        """Return "today, Friday 14 October 2022" on that day, "on Friday 14 October 2022" otherwise."""
        if self.is_today(day):
            return say("today, {day}", day=full_day(day))
        return say("on {day}", day=full_day(day))

    def given(self, day: date) -> str:
        """Return the same without "on", for after "gives"."""
        return say("today, {day},", day=full_day(day)) if self.is_today(day) else full_day(day)

    def brief(self, day: date) -> str:
        """Return "11 Nov" for a subject, "11 November 2022" for what is read later."""
        return short_day(day) if self.today is not None else plain_day(day)

    def short_label(self, label: str, otherwise: str) -> str:
        """Return the source's label where there is one short enough to lead a subject, else `otherwise`."""
        shown = clean(label)
        return shown if shown and (self.today is None or len(shown) <= _LABEL_ROOM) else otherwise

    def read(self) -> str | None:
        """Return when the source was read: "at 8:55am", with the day unless it is the reader's today."""
        if self.payload.read_at is None:
            return None
        there = local(self.payload.read_at, self.payload.zone)
        if self.is_today(there.date()):
            return say("at {time}", time=hour(there.time()))
        return _at(there)

    def unreadable(self) -> str | None:
        """Return when the source was asked in vain: "at 8:55am today", or with its day.

        None where the source was read since, or where nothing of ours rests on the clock alone.
        """
        tried, read = self.payload.unreadable_at, self.payload.read_at
        if tried is None or self.basis is not Basis.SCHEDULED or (read is not None and read >= tried):
            return None
        there = local(tried, self.payload.zone)
        if self.is_today(there.date()):
            return say("at {time} today", time=hour(there.time()))
        return _at(there)

    def closing(self, day: date) -> str:
        """Return "5pm on Friday 11 November 2022" if the source states the hour, else the day and the habit.

        It stands after "until".
        """
        closes_at = self.payload.closes_at
        if self.payload.time_stated and closes_at:
            return say("{time} on {day}", time=hour(closes_at), day=full_day(day))
        return f"{full_day(day)}{self.habit()}"

    def at_closing(self, day: date) -> str:
        """Return the same as it stands after "ends": "at 5pm on Friday …", or "on Friday …" and the habit."""
        closes_at = self.payload.closes_at
        if self.payload.time_stated and closes_at:
            return say("at {time} on {day}", time=hour(closes_at), day=full_day(day))
        return f"{say('on {day}', day=full_day(day))}{self.habit()}"

    def habit(self) -> str:
        """Return " (NICE usually closes at 5pm)" where the source states no hour itself."""
        closes_at = self.payload.closes_at
        if self.payload.time_stated or closes_at is None:
            return ""
        return say(" ({body} usually closes at {time})", body=self.body, time=hour(closes_at))


def _at(there: datetime) -> str:
    return say("at {time} on {day}", time=hour(there.time()), day=plain_day(there.date()))


def web_address(url: str | None) -> str | None:
    """Return `url` if it is an http(s) address without blanks or controls, else None."""
    if not url or not url.isascii() or not url.isprintable() or any(mark in url for mark in ' <>"'):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None
