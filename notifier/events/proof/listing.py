"""Everybody whom an event concerned, a page at a time, each with the sentence that says what became of it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier import holds
from notifier.db import Database
from notifier.delivery.model import DeliveryState
from notifier.events.model import Event
from notifier.events.proof import records
from notifier.events.proof.answers import Answer, Case
from notifier.events.proof.facts import Asking, about, followings_of
from notifier.events.proof.mailings import MailingState, mailings_of
from notifier.events.proof.model import Facts, Person
from notifier.events.proof.moved import with_address
from notifier.events.proof.people import Asked, who_had, with_moves
from notifier.events.proof.sent import cancelled, sent
from notifier.events.proof.words import digest_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is known of an event before anybody is named; `facts` speak of nobody yet."""

    facts: Facts
    mailings: Sequence[MailingState]

    @property
    def unqueued(self) -> Sequence[MailingState]:
        """The mailings that are not fanned out wholly yet."""
        return [one for one in self.mailings if one.unqueued and one.stopped_at is None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person and what became of the event for them."""

    person: Person
    answer: Answer


async def opening(conn: AsyncConnection, event: Event, asking: Asking) -> Opening:
    """Return what is known of an event as a whole."""
    facts = Facts(
        about=await about(conn, event),
        people=(),
        held=tuple(one.sentence for one in await holds.standing(conn, machine_now=asking.machine_now)),
        relay=asking.relay,
        zone=asking.rules.zone,
        now=asking.now,
    )
    return Opening(facts=facts, mailings=await mailings_of(conn, event.seq))


async def listing(
    db: Database, event: Event, head: Opening, asking: Asking, *, only: str | None = None
) -> AsyncIterator[Sequence[Entry]]:
    """Yield everybody whom the event was queued or gathered for; `only` an address key."""
    asked = None if only is None else Asked.of(only, asking.signer)
    async with db.read() as conn:
        ids = None if asked is None else await who_had(conn, asked)
    async for page in records.people(db, event, asking.rules, now=asking.now, only=ids):
        by_wishes = [
            one.subscriber_id for one in page if any(each.state in _BY_WISHES for each in one.sendings)
        ]
        async with db.read() as conn:
            followings = await followings_of(conn, event, by_wishes) if by_wishes else {}
            moved = await with_moves(conn, page, asked)
        yield [
            Entry(person=one, answer=_answer(head.facts, one))
            for each in moved
            for one in (replace(each, followings=followings.get(each.subscriber_id, ())),)
        ]


_BY_WISHES = (DeliveryState.PENDING, DeliveryState.CANCELLED)
"""The states of a mail of which what its person wants, or wanted, decides."""


def _answer(facts: Facts, one: Person) -> Answer:
    if one.gathering is not None:
        slot = digest_words(one.gathering.rhythm, one.gathering.slot_at, facts.zone)
        return Answer(case=Case.GATHERED, sentence=f"Gathered for the {slot}.")
    (mail,) = one.sendings
    told = cancelled if mail.state is DeliveryState.CANCELLED else sent
    answer = told(facts, one, mail)
    return with_address(answer, (one,), facts.zone)
