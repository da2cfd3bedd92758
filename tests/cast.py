"""The cast of the capability tests: IP1783 and its like, the people who follow them, and who tells them.

Everything here goes through the doors of the rooms themselves: no row is made up that the service would not
have written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import RowMapping, Table, func, select

from notifier import sequence
from notifier.db import Database, Rank
from notifier.delivery import outbox, owners
from notifier.delivery.model import Bound, Letter
from notifier.events.announce import Announced, Voice, announce
from notifier.events.bind import MailBinder
from notifier.events.catalogues import Languages
from notifier.events.digests import close_slots
from notifier.events.expand import expand
from notifier.events.interest import Preset, kinds_of
from notifier.events.post import Post
from notifier.procedures import due_store
from notifier.procedures import store as procedures
from notifier.procedures.due import Rules, StoredDue
from notifier.procedures.model import Facts, Milestone, MilestoneKind, Procedure, Snapshot, Status
from notifier.settings import Times
from notifier.sources.intake import Intake, Origin, Taken
from notifier.sources.sync import take_in
from notifier.subscriptions import course, lifecycle
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.fence import Answer, Fence, SignUpLimits
from notifier.subscriptions.lifecycle import LinkView
from notifier.subscriptions.model import EndReason, Rhythm
from notifier.subscriptions.tokens import Signer
from notifier.subscriptions.topics import EVERYTHING, Topic
from tests.events.words_cast import SERVICE, TITLE, between, on

_TIMES = Times()
RULES = Rules(
    zone=_TIMES.tz,
    announce_at=_TIMES.announce_at,
    closes_at=_TIMES.closes_at,
    holidays=_TIMES.public_holidays,
)
VOICE = Voice(rules=RULES, service=SERVICE, quiet_from=time(20), quiet_until=time(8))
INTAKE = Intake(rules=RULES, settle=timedelta(minutes=30))
SIGNER = Signer(b"a secret of the tests, 32 bytes.")
LIMITS = SignUpLimits(per_address_and_day=3, everyone_per_hour=100, link_hours=48)
SENDER = "alerts@alerts.example.org"

MACHINE_NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
"""Machine time of the tests: years away from the calendar, so that a mix-up shows."""


def london(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Return the instant of an hour in London; by default 9am, when dates are announced."""
    return RULES.instant(date(year, month, day), time(hour, minute))


BEGIN = london(2022, 9, 1)
"""When the service first reads IP1783: nothing of its schedule has passed."""


def meeting(key: str, day: date) -> Milestone:
    return Milestone(key=key, label=key.upper(), kind=MilestoneKind.MEETING, dates=on(*_ymd(day)))


def consultation(first: date, last: date) -> Milestone:
    return Milestone(
        key="consultation", label="Consultation", kind=MilestoneKind.CONSULTATION, dates=between(first, last)
    )


def publication(day: date) -> Milestone:
    return Milestone(
        key="publication",
        label="Expected publication",
        kind=MilestoneKind.PUBLICATION,
        dates=on(*_ymd(day)),
    )


def _ymd(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def snapshot(
    *milestones: Milestone,
    number: int = 1783,
    status: Status = Status.IN_PROGRESS,
    title: str = TITLE,
    process: str = "IP",
    draft: bool = False,
) -> Snapshot:
    """Return a reading of the procedure with this ID number."""
    facts = Facts(
        title=title, status=status, process=process, id_number=str(number), technology_type="Procedure"
    )
    return Snapshot(reference=f"GID-IPG{number}", facts=facts, milestones=milestones, draft=draft)


IP1783 = snapshot(
    meeting("ipac-1", date(2022, 9, 8)),
    consultation(date(2022, 10, 14), date(2022, 11, 11)),
    meeting("ipac-2", date(2023, 1, 12)),
    publication(date(2023, 3, 29)),
)


def in_status(found: Snapshot, status: Status) -> Snapshot:
    """Return the same reading with another status."""
    return replace(found, facts=replace(found.facts, status=status))


async def read(db: Database, found: Snapshot, *, now: datetime, source: str = "") -> Taken:
    """Take in a reading. By default each procedure has a source of its own, whose first load is silent."""
    origin = Origin(key=source or f"file:{found.reference}", actor="Cora the coordinator")
    done = await take_in(db, [found], origin, intake=INTAKE, now=now)
    (taken,) = done.taken
    return taken


async def stored(db: Database, found: Snapshot = IP1783) -> Procedure:
    """Return a procedure as it is stored."""
    async with db.read() as conn:
        procedure = await procedures.find(conn, found.reference)
    assert procedure is not None
    return procedure


async def dues(db: Database, found: Snapshot = IP1783) -> dict[tuple[str, str, date], StoredDue]:
    """Return the stored due instants of a procedure by milestone, edge and day."""
    procedure = await stored(db, found)
    async with db.read() as conn:
        all_of_it = await due_store.of_procedure(conn, procedure.id)
    return {(one.milestone_key, one.instant.edge.value, one.instant.local_date): one for one in all_of_it}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who follows something."""

    name: str
    address: str
    subscriber_id: int
    subscription_id: int


async def follow(
    db: Database,
    name: str,
    topic: Topic = EVERYTHING,
    *,
    preset: Preset = Preset.EVERY_STEP,
    rhythm: Rhythm = Rhythm.AT_ONCE,
    now: datetime = BEGIN,
) -> Person:
    """Let somebody follow a topic, confirmed, as of the events so far."""
    asked = await ask(db, name, topic, preset=preset, rhythm=rhythm, now=now)
    await confirm(db, asked, now=now)
    return asked


async def confirm(db: Database, asked: Person, *, now: datetime) -> None:
    """Let somebody confirm what they asked for, as of the events so far."""
    async with db.write(Rank.WEB) as conn:
        found = await subscriptions.get(conn, asked.subscription_id)
        assert found is not None
        since = await sequence.last(conn)
        assert await course.activate(conn, found, since_seq=since, wording="Yes", now=now)


async def end(db: Database, person: Person, *, now: datetime) -> None:
    """Let somebody stop what they follow."""
    async with db.write(Rank.WEB) as conn:
        found = await subscriptions.get(conn, person.subscription_id)
        assert found is not None
        seq = await sequence.last(conn)
        assert await course.end(conn, found, seq=seq, reason=EndReason.LINK, now=now)


async def ask(
    db: Database,
    name: str,
    topic: Topic = EVERYTHING,
    *,
    preset: Preset = Preset.EVERY_STEP,
    rhythm: Rhythm = Rhythm.AT_ONCE,
    now: datetime = BEGIN,
) -> Person:
    """Let somebody ask to follow a topic; the mail that would ask them to confirm is left out."""
    address = f"{name.lower()}@example.org"
    async with db.write(Rank.WEB) as conn:
        who = await subscriptions.subscriber_id(conn, address=address, address_key=address, now=now)
        what = await subscriptions.topic_id(conn, topic)
        asked = await course.ask(
            conn,
            subscriber_id=who,
            topic_id=what,
            kinds=kinds_of(preset),
            rhythm=rhythm,
            now=now,
            confirm_until=MACHINE_NOW + timedelta(hours=48),
        )
    return Person(name=name, address=address, subscriber_id=who, subscription_id=asked)


async def sweep(db: Database, now: datetime) -> Announced:
    """Announce what is due at `now`."""
    return await announce(db, VOICE, now=now)


async def fan_out(db: Database, now: datetime) -> int:
    """Expand every chunk that is open at `now`, digests too. Return how many deliveries that made."""
    made = 0
    while True:
        while (count := await expand(db, now=now, machine_now=MACHINE_NOW)) is not None:
            made += count
        if not await close_slots(db, RULES, now=now):
            return made


def binder(languages: Languages | None = None) -> MailBinder:
    """Return what makes letters, as the service is set up here."""
    post = Post(
        service=SERVICE,
        sender=SENDER,
        reply_to="help@alerts.example.org",
        signer=SIGNER,
        rules=RULES,
        languages=languages or Languages(),
    )
    return MailBinder(post=post, link_hours=48)


async def claim_letters(
    db: Database, now: datetime, *, machine_now: datetime = MACHINE_NOW, languages: Languages | None = None
) -> list[Letter]:
    """Claim and bind what is ready under a new owner, as the sender does. Return the letters."""
    async with db.write(Rank.OUTCOMES) as conn:
        lease = await owners.register(conn, host="here", machine_now=machine_now)
        claimed = await outbox.claim(conn, owner_id=lease.owner_id, limit=100, machine_now=machine_now)
        bound = await binder(languages)(conn, claimed, now)
        await outbox.cancel(conn, bound.cancelled, now=now)
    return sorted(written(bound), key=lambda letter: letter.recipient)


def written(bound: Bound) -> list[Letter]:
    """Return the finished letters of what was bound."""
    return [letter for some in bound.letters for letter in some.write(range(len(some.delivery_ids)))]


async def rows(db: Database, table: Table) -> Sequence[RowMapping]:
    """Return every row of a table in the order of its key."""
    async with db.read() as conn:
        return (await conn.execute(select(table).order_by(*table.primary_key))).mappings().all()


async def count(db: Database, table: Table) -> int:
    """Return how many rows a table has."""
    async with db.read() as conn:
        return await conn.scalar(select(func.count()).select_from(table)) or 0


async def sign_up(
    db: Database,
    address: str,
    topic: Topic = EVERYTHING,
    *,
    preset: Preset = Preset.DEADLINES,
    rhythm: Rhythm = Rhythm.AT_ONCE,
    now: datetime = BEGIN,
    machine_now: datetime = MACHINE_NOW,
    limits: SignUpLimits = LIMITS,
    reminders: bool = True,
) -> Answer:
    """Let somebody type an address into the form."""
    return await lifecycle.sign_up(
        db,
        address=address,
        topic=topic,
        kinds=kinds_of(preset),
        fence=fence(now=now, machine_now=machine_now, limits=limits),
        rhythm=rhythm,
        reminders=reminders,
    )


def fence(
    *, now: datetime = BEGIN, machine_now: datetime = MACHINE_NOW, limits: SignUpLimits = LIMITS
) -> Fence:
    """Return what stands around mailboxes here."""
    return Fence(signer=SIGNER, limits=limits, now=now, machine_now=machine_now)


async def press_confirm(
    db: Database, text: str, *, now: datetime = BEGIN, machine_now: datetime = MACHINE_NOW
) -> LinkView:
    """Let somebody press the button behind a confirmation link."""
    return await lifecycle.confirm(
        db, text=text, signer=SIGNER, wording="Yes, send me alerts", now=now, machine_now=machine_now
    )
