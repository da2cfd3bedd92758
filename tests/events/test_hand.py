"""The coordinator's hand: each act, its one sentence, and its preview that changes nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import update

from notifier.db import Database, Rank
from notifier.delivery.model import DeliveryState
from notifier.delivery.tables import delivery
from notifier.events import hand
from notifier.events.hand import Done
from notifier.events.hand_reading import View, look
from notifier.events.model import Basis, EventKind
from notifier.events.store import event_of
from notifier.events.tables import event
from notifier.procedures.due import CheckedAs, DueState
from notifier.procedures.hand import Hand, HandError
from notifier.procedures.model import MilestoneState
from notifier.procedures.tables import due, milestone, procedure, revision
from tests.cast import (
    BEGIN,
    IP1783,
    VOICE,
    claim_letters,
    consultation,
    count,
    fan_out,
    follow,
    london,
    read,
    rows,
    snapshot,
    stored,
    sweep,
)

OPENING = london(2022, 10, 14)
CONSULTATION = snapshot(consultation(date(2022, 10, 14), date(2022, 11, 11)))
REFERENCE = IP1783.reference


def cora(at: datetime = BEGIN) -> Hand:
    return Hand(by="Cora", reason="the dates are being agreed", at=at)


async def _states(db: Database) -> set[str]:
    return {row["state"] for row in await rows(db, due)}


async def _shown(db: Database, *, now: datetime = BEGIN) -> View:
    return await look(db, VOICE, REFERENCE, now=now)


async def test_a_held_procedure_says_nothing_until_it_is_released(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    done = await hand.hold(db, VOICE, REFERENCE, None, by=cora())
    assert done == Done(
        sentence="4 dates of IP1783 held; nobody is mailed until you release them.", changed=True
    )
    assert await _states(db) == {DueState.HELD}
    assert (await sweep(db, OPENING)).events == 0


async def test_one_held_date_keeps_nothing_else_from_speaking(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    done = await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    assert done.sentence == "“IPAC-1” of IP1783 is held; nobody is mailed about it until you release it."
    assert (await sweep(db, OPENING)).events == 1


async def test_holding_twice_changes_nothing_and_says_so(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    again = await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    assert again == Done(sentence="“IPAC-1” of IP1783 is held already; nothing was changed.", changed=False)
    assert await count(db, revision) == 1


async def test_a_release_says_who_gets_mail_and_when(db: Database) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben")
    await read(db, IP1783, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, None, by=cora())
    done = await hand.release(db, VOICE, REFERENCE, None, by=cora())
    assert done.sentence == (
        "4 dates of IP1783 released. Next, 2 people get mail at 9am on Thursday 8 September 2022."
    )
    assert (await sweep(db, london(2022, 9, 8))).events == 1


async def test_a_release_after_the_day_says_what_is_late_and_what_is_left_unsaid(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, CONSULTATION, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "consultation", by=cora())
    now = london(2022, 10, 16)
    done = await hand.release(db, VOICE, REFERENCE, "consultation", by=cora(now))
    assert done.sentence == (
        "“Consultation” of IP1783 is released. Its opening of 14 October 2022 has passed: it is said 2 days "
        "late, and 1 person gets mail at the next sweep. "
        "Next, 1 person gets mail at 9am on Friday 4 November 2022."
    )
    assert (await sweep(db, now)).events == 1


async def test_a_release_after_the_close_mails_nobody(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, CONSULTATION, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "consultation", by=cora())
    done = await hand.release(db, VOICE, REFERENCE, "consultation", by=cora(london(2022, 11, 12)))
    assert "Its first reminder of 4 November 2022 has passed, and is not said any more." in done.sentence
    assert (
        "Its opening of 14 October 2022 has passed: the feeds say it 29 days late; a mail would help nobody, "
        "so nobody is mailed." in done.sentence
    )
    assert done.sentence.endswith("Nothing more of it is to be mailed.")


async def test_a_date_released_in_a_held_procedure_stays_silent_and_says_so(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    await hand.hold(db, VOICE, REFERENCE, None, by=cora())
    done = await hand.release(db, VOICE, REFERENCE, "ipac-1", by=cora())
    assert "Nobody is mailed yet: the whole of IP1783 is still held" in done.sentence
    assert await _states(db) == {DueState.HELD}


async def test_a_released_procedure_names_the_dates_that_stay_held(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    await hand.hold(db, VOICE, REFERENCE, None, by=cora())
    done = await hand.release(db, VOICE, REFERENCE, None, by=cora())
    assert done.sentence.startswith("3 dates of IP1783 released. Still held by itself: IPAC-1.")


async def test_releasing_what_nobody_held_says_so(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    done = await hand.release(db, VOICE, REFERENCE, "ipac-1", by=cora())
    assert done == Done(sentence="“IPAC-1” of IP1783 is not held; nothing was changed.", changed=False)


async def test_releasing_a_whole_of_which_parts_are_held_names_them(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora())
    await hand.hold(db, VOICE, REFERENCE, "publication", by=cora())
    done = await hand.release(db, VOICE, REFERENCE, None, by=cora())
    assert done.sentence == (
        "IP1783 is not held as a whole, but in parts: name ipac-1 or publication; nothing was changed."
    )


@pytest.mark.parametrize("name", ["consultation", None])
async def test_what_waits_for_an_unread_source_speaks_when_somebody_releases_it(
    db: Database, name: str | None
) -> None:
    await read(db, CONSULTATION, now=BEGIN)
    await hand.hold(db, VOICE, REFERENCE, name, by=cora())
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(due).values(checked_as=CheckedAs.UNREADABLE))
    assert (await hand.release(db, VOICE, REFERENCE, name, by=cora())).changed
    assert {row["checked_as"] for row in await rows(db, due)} == {CheckedAs.RELEASED}
    assert await _states(db) == {DueState.PENDING}


async def test_a_publication_that_is_held_is_not_mailed_by_confirming_it(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    for name in ("publication", None):
        await hand.hold(db, VOICE, REFERENCE, name, by=cora())
        with pytest.raises(HandError, match="release it first"):
            await hand.confirm(db, VOICE, REFERENCE, "publication", by=cora())
        await hand.release(db, VOICE, REFERENCE, name, by=cora())


async def test_a_consultation_published_while_it_is_open_is_told_at_the_next_sweep(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, replace(CONSULTATION, draft=True), now=BEGIN)
    now = london(2022, 10, 17)
    done = await hand.publish(db, VOICE, REFERENCE, by=cora(now))
    assert "Its opening of 14 October 2022 has passed: it is said 3 days late, and 1 person" in done.sentence
    assert (await sweep(db, now)).events == 1


async def test_a_draft_is_silent_and_unseen_until_it_is_published(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, CONSULTATION, now=BEGIN)
    done = await hand.draft(db, VOICE, REFERENCE, by=cora())
    assert done.sentence == (
        "IP1783 is a draft: no page, feed or calendar shows it, and nobody is mailed about its 1 date to "
        "come until you publish it."
    )
    assert (await stored(db)).draft
    assert (await sweep(db, OPENING)).events == 0
    done = await hand.publish(db, VOICE, REFERENCE, by=cora(london(2022, 10, 13)))
    assert done.sentence == (
        "IP1783 is published: pages, feeds and calendars show it. "
        "Next, 1 person gets mail at 9am on Friday 14 October 2022."
    )
    assert (await sweep(db, OPENING)).events == 1


async def test_a_draft_that_its_file_decides_is_left_to_it(db: Database) -> None:
    await read(db, CONSULTATION, now=BEGIN)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(procedure).values(source_key="file:ip1783.toml"))
    for act in (hand.draft, hand.publish):
        with pytest.raises(HandError, match=r"comes from the file ip1783\.toml"):
            await act(db, VOICE, REFERENCE, by=cora())


async def test_a_date_that_happened_is_confirmed_without_a_second_mail(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    now = london(2022, 9, 8, 17)
    done = await hand.confirm(db, VOICE, REFERENCE, "ipac-1", by=cora(now))
    assert done.sentence == (
        "“IPAC-1” of IP1783 has happened, as you say. What was said as scheduled is now shown as confirmed; "
        "nobody is mailed."
    )
    told, amended = [event_of(row) for row in await rows(db, event)]
    assert (amended.kind, amended.corrects_seq, amended.no_mail) == (EventKind.CONFIRMED, told.seq, True)
    assert next(row for row in await rows(db, milestone) if row["key"] == "ipac-1")["state"] == "reached"


async def test_a_date_confirmed_before_it_speaks_speaks_as_confirmed(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    early = london(2022, 9, 8, 8)
    done = await hand.confirm(db, VOICE, REFERENCE, "ipac-1", by=cora(early))
    assert done.sentence.endswith("It will be said as confirmed when it is due; nobody is mailed before.")
    await sweep(db, london(2022, 9, 8))
    [told] = [event_of(row) for row in await rows(db, event)]
    assert (told.kind, told.basis) == (EventKind.MEETING, Basis.CONFIRMED)


async def test_a_confirmed_publication_is_mailed(db: Database) -> None:
    await follow(db, "Ada")
    await read(db, IP1783, now=BEGIN)
    now = london(2022, 10, 3, 14)
    await sweep(db, now)
    done = await hand.confirm(db, VOICE, REFERENCE, "publication", by=cora(now))
    assert done.sentence == "IP1783 is published, as you say; 1 person gets mail now."
    last = event_of((await rows(db, event))[-1])
    assert (last.kind, last.basis, last.no_mail) == (EventKind.PUBLISHED, Basis.CONFIRMED, False)


async def test_a_publication_confirmed_at_night_is_mailed_in_the_morning(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    done = await hand.confirm(db, VOICE, REFERENCE, "publication", by=cora(london(2022, 10, 3, 22)))
    assert done.sentence == (
        "IP1783 is published, as you say; nobody gets mail at 9am on Tuesday 4 October 2022."
    )


async def _told_everybody(db: Database) -> None:
    await follow(db, "Ada")
    await follow(db, "Ben")
    await read(db, CONSULTATION, now=BEGIN)
    await sweep(db, OPENING)
    await fan_out(db, OPENING)
    await claim_letters(db, OPENING)
    async with db.write(Rank.WEB) as conn:
        await conn.execute(update(delivery).values(state=DeliveryState.ACCEPTED))


@pytest.mark.parametrize("name", ["consultation", "consultation/opens", "CONSULTATION/OPENS"])
async def test_what_was_said_is_corrected_to_everybody_who_was_told(db: Database, name: str) -> None:
    await _told_everybody(db)
    done = await hand.correct(
        db, VOICE, REFERENCE, name, say="It opens on 21 October.", by=cora(london(2022, 10, 14, 12))
    )
    assert done.changed
    assert "2 people get the correction, whoever was mailed about it." in done.sentence
    last = event_of((await rows(db, event))[-1])
    assert (last.kind, last.corrects_seq) == (EventKind.CORRECTION, 1)
    assert last.payload.note == "It opens on 21 October."
    [kept] = [row for row in await rows(db, revision) if row["actor"] == "Cora"]
    assert (kept["new"], kept["reason"]) == ("It opens on 21 October.", "the dates are being agreed")


async def test_what_was_said_is_found_by_the_beginning_of_its_id(db: Database) -> None:
    await _told_everybody(db)
    [told] = (await _shown(db)).announced
    prefix = told.event.public_id[:8]
    assert (await hand.correct(db, VOICE, REFERENCE, prefix, say="No.", by=cora(OPENING))).changed
    corrected = {one.event.seq: one.corrected for one in (await _shown(db)).announced}
    assert corrected == {1: True, 2: False}


@pytest.mark.parametrize(
    ("name", "say", "why"),
    [
        ("consultation/open", "No.", "did you mean “consultation/opens/2022-10-14”"),
        ("consultation", "  ", "a correction needs words"),
    ],
)
async def test_a_correction_of_nothing_or_without_words_is_refused(
    db: Database, name: str, say: str, why: str
) -> None:
    await _told_everybody(db)
    with pytest.raises(HandError, match=why):
        await hand.correct(db, VOICE, REFERENCE, name, say=say, by=cora(OPENING))


async def test_a_name_that_fits_several_alerts_is_never_guessed(db: Database) -> None:
    await read(db, CONSULTATION, now=BEGIN)
    await sweep(db, OPENING)
    await sweep(db, london(2022, 11, 4))
    with pytest.raises(HandError, match="“consultation” fits several alerts of GID-IPG1783"):
        await hand.correct(db, VOICE, REFERENCE, "consultation", say="No.", by=cora(OPENING))


Act = Callable[[Database], Awaitable[Done]]


def _previews() -> list[Act]:
    return [
        lambda db: hand.hold(db, VOICE, REFERENCE, None, by=cora(), dry_run=True),
        lambda db: hand.hold(db, VOICE, REFERENCE, "ipac-1", by=cora(), dry_run=True),
        lambda db: hand.draft(db, VOICE, REFERENCE, by=cora(), dry_run=True),
        lambda db: hand.confirm(db, VOICE, REFERENCE, "publication", by=cora(), dry_run=True),
        lambda db: hand.correct(db, VOICE, REFERENCE, "ipac-1", say="No.", by=cora(), dry_run=True),
    ]


TABLES = (procedure, milestone, due, revision, event)


@pytest.mark.parametrize("place", range(5))
async def test_a_preview_says_what_would_be_and_changes_nothing(db: Database, place: int) -> None:
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    before = [[dict(row) for row in await rows(db, table)] for table in TABLES]
    done = await _previews()[place](db)
    assert not done.changed
    assert done.sentence.startswith("A dry run, nothing was changed. What would be: ")
    assert [[dict(row) for row in await rows(db, table)] for table in TABLES] == before
    assert (await hand.hold(db, VOICE, REFERENCE, None, by=cora())).changed


async def test_a_procedure_is_shown_with_what_was_and_will_be_said_and_who_changed_what(db: Database) -> None:
    await read(db, IP1783, now=BEGIN)
    await sweep(db, london(2022, 9, 8))
    await hand.confirm(db, VOICE, REFERENCE, "ipac-1", by=cora(london(2022, 9, 9)))
    view = await _shown(db, now=london(2022, 9, 9))
    assert [one.name for one in view.announced] == ["ipac-1/reached/2022-09-08"]
    assert [one.milestone.key for one in view.coming][:2] == ["consultation", "consultation"]
    assert [(one.actor, one.milestone_key) for one in view.revisions] == [("Cora", "ipac-1")]
    assert view.procedure.milestones[0].state is MilestoneState.REACHED


async def test_an_unknown_reference_is_refused(db: Database) -> None:
    with pytest.raises(HandError, match="no procedure has the reference"):
        await hand.release(db, VOICE, "GID-IPG1", None, by=cora())
