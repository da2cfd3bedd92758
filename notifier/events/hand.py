"""The coordinator's hand, each act a use case: who and why are kept, and one sentence says what it comes to.

With `dry_run` the act is done and undone within its transaction, so that a preview cannot differ from it.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.db import Database, Rank
from notifier.events import amend, hand_words
from notifier.events.forecast import forecast, late
from notifier.events.hand_reading import AHEAD, announced, the_event
from notifier.events.model import EventKind
from notifier.events.voice import Voice
from notifier.procedures import due_store, hand_store, revision_store
from notifier.procedures.due import DueState
from notifier.procedures.hand import Hand, HandError, demand_confirmable, the_milestone
from notifier.procedures.model import Milestone, MilestoneKind, MilestoneState, Procedure
from notifier.sources import hand as schedule
from notifier.sources.arming import rearm
from notifier.subscriptions import audience
from notifier.subscriptions.topics import topics_of

SEARCHED = 500
"""How many of a procedure's newest alerts a correction is looked for in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an act came to. `changed` is False where everything was so already, or it was undone."""

    sentence: str
    changed: bool


async def hold(
    db: Database, voice: Voice, reference: str, name: str | None, *, by: Hand, dry_run: bool = False
) -> Done:
    """Keep a date, or a whole procedure where `name` is None, from speaking.

    Raises:
        HandError: there is no such procedure or date.
    """
    async with _act(db, dry_run=dry_run) as conn:
        acted = await schedule.hold(conn, reference, name, held=True, rules=voice.rules, by=by)
        if not acted.changed:
            return _same(hand_words.unchanged(acted.procedure, acted.milestone, "held"))
        sentence = hand_words.held_words(acted.procedure, acted.milestone, acted.dates)
        return _done(sentence, dry_run=dry_run)


async def release(
    db: Database, voice: Voice, reference: str, name: str | None, *, by: Hand, dry_run: bool = False
) -> Done:
    """Let a date, or a whole procedure, speak again; what passed meanwhile is late, by policy.

    Raises:
        HandError: there is no such procedure or date.
    """
    async with _act(db, dry_run=dry_run) as conn:
        acted = await schedule.hold(conn, reference, name, held=False, rules=voice.rules, by=by)
        found, one = acted.procedure, acted.milestone
        if not acted.changed:
            return _same(hand_words.not_held(found, one))
        coming = await forecast(conn, voice, start=by.at, end=by.at + AHEAD, procedure_id=found.id)
        passed = await late(conn, voice, found.id, now=by.at)
        mine = [each for each in passed if one is None or each.milestone.key == one.key]
        sentence = hand_words.released_words(
            found, one, acted.dates, coming=coming, late=mine, zone=voice.rules.zone.key
        )
        return _done(sentence, dry_run=dry_run)


async def draft(db: Database, voice: Voice, reference: str, *, by: Hand, dry_run: bool = False) -> Done:
    """Take a procedure out of pages, feeds, calendar and mail.

    Raises:
        HandError: there is no such procedure, or its file decides.
    """
    async with _act(db, dry_run=dry_run) as conn:
        acted = await schedule.set_draft(conn, reference, draft=True, rules=voice.rules, by=by)
        if not acted.changed:
            return _same(hand_words.unchanged(acted.procedure, None, "a draft"))
        return _done(hand_words.hidden_words(acted.procedure, acted.dates), dry_run=dry_run)


async def publish(db: Database, voice: Voice, reference: str, *, by: Hand, dry_run: bool = False) -> Done:
    """Let a draft be seen, and its dates speak.

    Raises:
        HandError: there is no such procedure, or its file decides.
    """
    async with _act(db, dry_run=dry_run) as conn:
        acted = await schedule.set_draft(conn, reference, draft=False, rules=voice.rules, by=by)
        found = acted.procedure
        if not acted.changed:
            return _same(hand_words.unchanged(found, None, "published"))
        coming = await forecast(conn, voice, start=by.at, end=by.at + AHEAD, procedure_id=found.id)
        passed = await late(conn, voice, found.id, now=by.at)
        sentence = hand_words.shown_words(found, coming=coming, late=passed, zone=voice.rules.zone.key)
        return _done(sentence, dry_run=dry_run)


async def confirm(
    db: Database, voice: Voice, reference: str, name: str, *, by: Hand, dry_run: bool = False
) -> Done:
    """Say that a date happened: what was announced as scheduled is upgraded, a publication is mailed.

    Raises:
        HandError: there is no such procedure or date, or it cannot have happened yet.
    """
    async with _act(db, dry_run=dry_run) as conn:
        found = await hand_store.the_procedure(conn, reference)
        one = the_milestone(found, name)
        demand_confirmable(found, one, today=voice.rules.local_date(by.at))
        if one.state is MilestoneState.REACHED:
            return _same(hand_words.unchanged(found, one, "confirmed"))
        told = await _was_told(conn, found, one)
        await hand_store.set_reached(conn, found, one, by=by)
        await rearm(conn, found.id, rules=voice.rules, now=by.at)
        await amend.confirm(conn, voice, found.id, one.key, now=by.at)
        if one.kind is MilestoneKind.PUBLICATION:
            sentence = await _published(conn, voice, found, by)
        else:
            sentence = hand_words.confirmed_words(found, one, told=told)
        return _done(sentence, dry_run=dry_run)


async def correct(
    db: Database, voice: Voice, reference: str, name: str, *, say: str, by: Hand, dry_run: bool = False
) -> Done:
    """Correct what was announced, in the words of `say`, to everybody whose mail about it was accepted.

    Raises:
        HandError: there is no such procedure or alert, or nothing is said.
    """
    note = " ".join(say.split())
    if not note:
        raise HandError("a correction needs words: say what is right")
    async with _act(db, dry_run=dry_run) as conn:
        found = await hand_store.the_procedure(conn, reference)
        one = the_event(found, await announced(conn, found, limit=SEARCHED), name)
        people = await amend.correct(conn, voice, one.event.seq, note, now=by.at)
        if people is None:
            return _same("This was said of that alert already; nobody gets it twice.")
        await revision_store.note(conn, found.id, by=by, old=f"alert {one.event.public_id[:8]}", new=note)
        return _done(hand_words.corrected_words(one.event.payload.entry_title, people), dry_run=dry_run)


@asynccontextmanager
async def _act(db: Database, *, dry_run: bool) -> AsyncIterator[AsyncConnection]:
    async with db.write(Rank.WEB) as conn, conn.begin_nested() as undo:
        yield conn
        if dry_run:
            await undo.rollback()


def _done(sentence: str, *, dry_run: bool) -> Done:
    shown = f"A dry run, nothing was changed. What would be: {sentence}" if dry_run else sentence
    return Done(sentence=shown, changed=not dry_run)


def _same(sentence: str) -> Done:
    return Done(sentence=sentence, changed=False)


async def _was_told(conn: AsyncConnection, found: Procedure, one: Milestone) -> bool:
    stored = await due_store.of_procedure(conn, found.id)
    return any(row.milestone_key == one.key and row.state is DueState.ANNOUNCED for row in stored)


async def _published(conn: AsyncConnection, voice: Voice, found: Procedure, by: Hand) -> str:
    facts = found.facts
    topics = topics_of(found.id, process=facts.process, technology_type=facts.technology_type)
    people = await audience.by_rhythm(conn, topics, EventKind.PUBLISHED.bit)
    return hand_words.published_words(
        found, people, mail_from=voice.mail_from(by.at), now=by.at, zone=voice.rules.zone.key
    )
