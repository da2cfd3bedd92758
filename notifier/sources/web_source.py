"""One source that is asked over the web: what it is, and when it is to be asked next. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from importlib.metadata import version

from notifier.procedures.check_store import Waiting
from notifier.procedures.due import Rules
from notifier.procedures.source_store import WEB_PREFIX, KnownSource
from notifier.settings import Shape as Configured
from notifier.settings import SourceSettings
from notifier.sources.reading import Shape

LEAST_LEAD = timedelta(minutes=5)
MOST_LEAD = timedelta(minutes=30)
"""How long before a date speaks its source is asked: the more sources of one host, the earlier."""

PUBLICATION_EVERY = timedelta(hours=1)
"""How often a source is read on the day on which its guidance is expected …"""
PUBLICATION_UNTIL = time(17)
"""… and until when (promises §1.3)."""

LONGEST_REST = timedelta(hours=25)
"""No server and no failure makes a source wait longer than a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSource:
    """A page or a record at an address. `shape` None: told from the content. `headers` may hold a secret."""

    name: str
    url: str
    interval: timedelta
    shape: Shape | None = None
    reference: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return what its answers are read by; what was read by other means is asked for whole again."""
        read_by = (version("notifier"), self.url, self.shape or "", self.reference or "")
        return hashlib.sha256("\n".join(read_by).encode()).hexdigest()[:16]

    @property
    def key(self) -> str:
        """Under what it is known; its procedures name it so."""
        return f"{WEB_PREFIX}{self.name}"


_SHAPES = {Configured.PAGE: Shape.PAGE, Configured.NICE_JSON: Shape.NICE_JSON}


def web_source_of(settings: SourceSettings) -> WebSource | None:
    """Return the source that the settings name; None for a folder."""
    if settings.url is None:
        return None
    key = settings.api_key
    return WebSource(
        name=settings.name,
        url=settings.url,
        interval=settings.interval,
        shape=_SHAPES.get(settings.shape) if settings.shape else None,
        reference=settings.reference,
        headers=((settings.api_key_header, key.get_secret_value()),) if key else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What makes asking urgent, by source key: dates about to speak, changes to be seen again, and guidance
    that is expected today and was not seen."""

    waiting: Sequence[Waiting]
    unsettled: Mapping[str, datetime]
    expected_today: frozenset[str]

    def lead(self, seconds_between: float) -> timedelta:
        """Return how long before a date its source is asked, so that all have had their turn in time."""
        needed = timedelta(seconds=seconds_between) * len({one.source_key for one in self.waiting})
        return max(LEAST_LEAD, min(needed, MOST_LEAD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """When one source is to be asked next. `urgent`: a date of it is about to speak, and nobody has asked.

    `blind`: so it is, and it may not be asked.
    """

    source: WebSource
    known: KnownSource | None
    at: datetime
    urgent: bool
    blind: bool


def plan_of(
    source: WebSource,
    known: KnownSource | None,
    outlook: Outlook,
    *,
    lead: timedelta,
    rules: Rules,
    now: datetime,
) -> Planned:
    """Plan the next asking of one source."""
    unasked = [
        one for one in outlook.waiting if one.source_key == source.key and is_unasked(one, lead=lead, now=now)
    ]
    return Planned(
        source=source,
        known=known,
        at=next_asking(source, known, outlook, lead=lead, rules=rules, now=now),
        urgent=bool(unasked),
        blind=any(is_blind(source, known, one, lead=lead, now=now) for one in unasked),
    )


def next_asking(
    source: WebSource,
    known: KnownSource | None,
    outlook: Outlook,
    *,
    lead: timedelta,
    rules: Rules,
    now: datetime,
) -> datetime:
    """Return when a source is to be asked next; never before the instant that its server or a failure set."""
    if known is None or known.next_at is None or known.next_at > now + max(source.interval, LONGEST_REST):
        return now  # never asked, or when a clock ran ahead
    urgent = [one for one in _urgent(source, known, outlook, lead, rules, now) if one is not None]
    earliest = min([known.next_at, *urgent])
    return max(earliest, known.next_at) if known.failures else earliest


def is_blind(
    source: WebSource, known: KnownSource | None, one: Waiting, *, lead: timedelta, now: datetime
) -> bool:
    """Whether a date is about to speak whose source failed and may not be asked yet."""
    if known is None or one.source_key != source.key or not known.failures or known.next_at is None:
        return False
    return known.next_at > now and is_unasked(one, lead=lead, now=now)


def is_unasked(one: Waiting, *, lead: timedelta, now: datetime) -> bool:
    """Whether it is time to ask about a date, and nobody has."""
    ask_at = one.speaks_at - lead
    return ask_at <= now and (one.checked_at is None or one.checked_at < ask_at)


def _urgent(
    source: WebSource, known: KnownSource, outlook: Outlook, lead: timedelta, rules: Rules, now: datetime
) -> Sequence[datetime | None]:
    asked = known.asked_at or now
    checks = [
        one.speaks_at - lead
        for one in outlook.waiting
        if one.source_key == source.key and (one.checked_at is None or one.checked_at < one.speaks_at - lead)
    ]
    settles_at = outlook.unsettled.get(source.key)
    again = settles_at if settles_at is not None and settles_at > asked else None
    hourly = asked + PUBLICATION_EVERY if source.key in outlook.expected_today else None
    if hourly is not None and hourly > rules.instant(rules.local_date(now), PUBLICATION_UNTIL):
        hourly = None
    return [*checks, again, hourly]
