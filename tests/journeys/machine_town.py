"""The service without its web and its sockets, driven by hand: the real use cases, sender and SQLite file."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from sqlalchemy import select

from notifier.clock import machine_now
from notifier.delivery import outbox
from notifier.delivery.allowance import Allowance
from notifier.delivery.deliver import Deliverer
from notifier.delivery.model import Letter, Outcome, Verdict
from notifier.delivery.tables import delivery
from notifier.delivery.tally import DeliveryTally
from notifier.events import preferences
from notifier.events import store as events
from notifier.events.announce import announce
from notifier.events.digests import close_slots
from notifier.events.ending import end_followings
from notifier.events.expand import expand
from notifier.events.interest import Preset
from notifier.events.model import Event, EventKind
from notifier.events.stop import stop
from notifier.events.tables import variant_event
from notifier.procedures.model import Dates, Snapshot
from notifier.scheduling import next_instant
from notifier.sources.arming import rearm_all
from notifier.subscriptions import access
from notifier.subscriptions import store as subscriptions
from notifier.subscriptions.fence import SignUpLimits
from notifier.subscriptions.lifecycle import LinkState
from notifier.subscriptions.model import EndReason, Rhythm, SubscriptionState
from notifier.subscriptions.retention import forget
from notifier.subscriptions.store import nonce_of
from notifier.subscriptions.tables import access as access_table
from notifier.subscriptions.tables import subscriber, subscription, topic
from notifier.subscriptions.tokens import Purpose
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from notifier.subscriptions.unreachable import end_address
from tests.cast import RULES, SIGNER, VOICE, binder, fence, press_confirm, read, sign_up, stored
from tests.journeys.promise_calendar import Days
from tests.journeys.promise_records import Fact
from tests.journeys.stirring import StirringDatabase
from tests.letter_by_letter import LetterByLetter

UNCOMMITTED = 3
CONNECTIONS = 2
_NO_FENCE = SignUpLimits(per_address_and_day=100_000, everyone_per_hour=100_000, link_hours=48)
_CHANGES = ("date_added", "date_set", "moved", "extended", "shortened", "removed")
_CHANGES_BY_NAME = ("reopened", "correction")


@dataclass(frozen=True)
class Taken:
    """A mail that the far end took: of which delivery, to whom, and at which calendar instant."""

    delivery_id: int
    recipient: str
    message_id: str
    at: datetime


class FarEnd(LetterByLetter):
    """The next mail server: takes all, or hangs before or after it took a letter."""

    capacity = CONNECTIONS

    def __init__(self, town: "Town") -> None:
        super().__init__()
        self._town = town
        self.taken: list[Taken] = []
        self.hangs: str | None = None
        self.hanging = 0

    async def send(self, letter: Letter) -> Outcome:
        if self.hangs != "before":
            line = next(one for one in letter.data.split(b"\r\n") if one.lower().startswith(b"message-id:"))
            self.taken.append(
                Taken(letter.delivery_id, letter.recipient, line.decode().split()[1], self._town.now())
            )
        if self.hangs is not None:
            self.hanging += 1
            self._town.db.stirred.set()
            await asyncio.Event().wait()
        return Outcome(letter=letter, verdict=Verdict.ACCEPTED, code=250, reply="2.0.0 Taken")


class Town:
    """A calendar, a service that may be down, and the mail that it handed over."""

    def __init__(self, path: Path, start: datetime) -> None:
        self.db = StirringDatabase(path)
        self.instant = start
        self.far_end = FarEnd(self)
        self.kills = 0
        self._deliverer: Deliverer | None = None
        self._sending: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """Return calendar now (the `Clock` of the sender)."""
        return self.instant

    def seconds_until(self, instant: datetime) -> float:
        return (instant - self.instant).total_seconds()

    async def start(self) -> None:
        """Start the service: a new owner, the instants to come derived anew, then a first look."""
        await rearm_all(self.db, rules=RULES, now=self.instant)
        self._deliverer = Deliverer(
            self.db,
            self.far_end,
            bind=binder(),
            end_address=partial(end_address, signer=SIGNER),
            clock=self,
            uncommitted=UNCOMMITTED,
            allowance=Allowance(zone=RULES.zone),
            tally=DeliveryTally(),
        )
        self._sending = asyncio.create_task(self._deliverer.run())
        await self.look()

    async def kill(self) -> None:
        """End the sender without a goodbye: what it had claimed stays claimed by a dead owner."""
        assert self._sending is not None
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)
        self.kills += 1
        self.far_end.hangs, self.far_end.hanging = None, 0

    async def close(self) -> None:
        """End everything."""
        await self.kill()
        await self.db.dispose()

    async def read(self, found: Snapshot, *, source: str) -> None:
        """Take in a reading."""
        await read(self.db, found, now=self.instant, source=source)

    async def live(self, until: datetime) -> None:
        """Let time pass with the service up, from alarm to alarm; it stands still where the far end hangs."""
        await self.look()
        for _ in range(500):
            coming = await next_instant(self.db, self.instant, RULES)
            if coming is None or coming >= until:
                break
            assert coming > self.instant, "an alarm in the past would ring for ever"
            self.instant = coming
            await self.look()
            if self.far_end.hanging:
                return
        self.instant = until
        await self.look()

    async def look(self) -> None:
        """Sweep: announce, fan out, send until nothing is left or the far end hangs."""
        while (await announce(self.db, VOICE, now=self.instant)).more:
            pass
        await self._fan_out()
        while await close_slots(self.db, RULES, now=self.instant):
            await self._fan_out()
        assert self._deliverer is not None
        self._deliverer.ring()
        async with asyncio.timeout(10):
            while await self._waiting() and not self.far_end.hanging:
                await self.db.stirred.wait()

    async def _fan_out(self) -> None:
        while await expand(self.db, now=self.instant, machine_now=machine_now()) is not None:
            pass

    async def keep_house(self) -> None:
        """Do what is done once a day."""
        await forget(self.db, signer=SIGNER, now=self.instant, machine_now=machine_now())
        await end_followings(self.db, now=self.instant)

    async def ask(
        self, person: str, topic: Snapshot | str | None, preset: Preset, rhythm: Rhythm = Rhythm.AT_ONCE
    ) -> None:
        """Fill in the form: for a procedure, a process by its name, or everything."""
        wanted = await self._topic(topic)
        await sign_up(
            self.db,
            person,
            wanted,
            preset=preset,
            rhythm=rhythm,
            now=self.instant,
            machine_now=machine_now(),
            limits=_NO_FENCE,
        )

    async def confirm(self, person: str, about: Snapshot | str | None) -> bool:
        """Press the button behind the newest link to this. Return whether it confirmed."""
        wanted = await self._topic(about)
        token = await self._confirm_token(person, wanted)
        view = await press_confirm(self.db, token, now=self.instant, machine_now=machine_now())
        return view.state is LinkState.GOOD

    async def change(self, person: str, about: Snapshot | str | None, rhythm: Rhythm) -> None:
        """Choose another rhythm on the page of preferences, opened by a fresh link."""
        around = fence(now=self.instant, machine_now=machine_now(), limits=_NO_FENCE)
        await access.ask(self.db, address=person, fence=around)
        async with self.db.read() as conn:
            newest = select(access_table).order_by(access_table.c.id.desc()).limit(1)
            row = (await conn.execute(newest)).one()
            found = await subscriptions.active_of(conn, row.subscriber_id)
        link = SIGNER.sign(Purpose.ACCESS, row.id, row.nonce)
        page = await access.open_once(self.db, text=link, signer=SIGNER, machine_now=machine_now())
        session = access.Session(text=page, signer=SIGNER, machine_now=machine_now())
        hand = preferences.Hand(session=session, now=self.instant, daily_at=RULES.announce_at)
        wanted = await self._topic(about)
        mine = next(one.id for one in found if one.topic == wanted)
        await preferences.change(self.db, hand, mine, preset=None, rhythm=rhythm)

    async def _topic(self, about: Snapshot | str | None) -> Topic:
        if about is None:
            return EVERYTHING
        if isinstance(about, str):
            return Topic(kind=TopicKind.PROCESS, value=about)
        return procedure_topic((await stored(self.db, about)).id)

    async def stop(self, person: str) -> list[Fact]:
        """Press the button behind the stop link of somebody's last alert. Return what that mail said."""
        said = await self.facts()
        last = next(
            one.delivery_id
            for one in reversed(self.far_end.taken)
            if one.recipient == person and one.delivery_id in said
        )
        async with self.db.read() as conn:
            who = await conn.scalar(select(delivery.c.subscriber_id).where(delivery.c.id == last))
            nonce = await nonce_of(conn, who or 0)
        token = SIGNER.sign(Purpose.STOP, last, nonce or "")
        assert await stop(self.db, text=token, signer=SIGNER, reason=EndReason.LINK, now=self.instant)
        return said[last]

    async def facts(self) -> dict[int, list[Fact]]:
        """Return what each delivery said: its bound events, in the words of the promises."""
        query = select(delivery.c.id, variant_event.c.event_seq).join(
            variant_event, variant_event.c.variant_id == delivery.c.variant_id
        )
        async with self.db.read() as conn:
            bound = (await conn.execute(query)).all()
            known = await events.load(conn, [row.event_seq for row in bound])
        said: dict[int, list[Fact]] = {}
        for row in bound:
            said.setdefault(row.id, []).append(_fact(known[row.event_seq]))
        return said

    async def _waiting(self) -> int:
        self.db.stirred.clear()  # what is written from here on, this look may not see
        async with self.db.read() as conn:
            return await outbox.waiting(conn)

    async def _confirm_token(self, person: str, wanted: Topic) -> str:
        query = (
            select(subscription.c.id, subscription.c.nonce)
            .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
            .join(topic, topic.c.id == subscription.c.topic_id)
            .where(subscriber.c.address == person, subscription.c.state == SubscriptionState.PENDING)
            .where(topic.c.kind == wanted.kind, topic.c.value == wanted.value)
        )
        async with self.db.read() as conn:
            row = (await conn.execute(query)).one()
        return SIGNER.sign(Purpose.CONFIRM, row.id, row.nonce)


def _fact(event: Event) -> Fact:
    about = event.payload
    if event.kind in (*_CHANGES, *_CHANGES_BY_NAME):
        rows_ = frozenset((one.label, _days(one.old), _days(one.new)) for one in about.changes)
        return (about.slug, event.kind.value if event.kind in _CHANGES_BY_NAME else "dates", rows_)
    if event.kind in (
        EventKind.SUSPENDED,
        EventKind.RESTARTED,
        EventKind.DISCONTINUED,
        EventKind.PUBLISHED,
    ):
        return (about.slug, event.kind.value)
    return (about.slug, event.kind.value, about.milestone_key, about.day)


def _days(dates: Dates | None) -> Days:
    if dates is None or dates.start is None:
        return None
    return dates.start, dates.end or dates.start
