"""Drafts that amend an alert: what was announced as scheduled was seen to happen, or was wrong. Pure."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from notifier.events.drafts import Draft, Scene, draft_of, of_procedure, published_key, steps_of
from notifier.events.entry import confirmed_words
from notifier.events.model import Basis, Event, EventKind


def of_confirmation(scene: Scene, told: Event, *, seen_at: datetime, by_hand: bool) -> Draft:
    """Draft what says that an alert came true: its entry is updated and nobody is mailed (promises §1.2).

    `by_hand`: an operator says so, and nobody saw it on the body's page.
    """
    read_at = None if by_hand else scene.procedure.read_at
    payload = replace(told.payload, read_at=read_at, unreadable_at=None)
    draft = draft_of(
        scene,
        f"{scene.procedure.slug}/confirmed/{told.seq}",
        EventKind.CONFIRMED,
        Basis.CONFIRMED,
        payload,
        occurred_at=seen_at,
        no_mail=True,
        corrects_seq=told.seq,
    )
    words = confirmed_words(told.kind, payload, service=scene.service)
    return replace(draft, payload=replace(payload, entry_title=words.title, entry_html=words.html))


def of_publication(scene: Scene, *, seen_at: datetime, by_hand: bool) -> Draft:
    """Draft "Published", for a publication that the source, or by hand an operator, says has happened."""
    about = of_procedure(scene)
    return draft_of(
        scene,
        published_key(scene),
        EventKind.PUBLISHED,
        Basis.CONFIRMED,
        replace(about, day=scene.rules.local_date(seen_at), read_at=None if by_hand else about.read_at),
        occurred_at=seen_at,
        no_mail=False,
    )


def of_correction(scene: Scene, told: Event, note: str) -> Draft:
    """Draft an operator's correction of an alert, in the operator's own words.

    Its key holds these words: other words are told as well, the same words are not told twice.
    """
    said_on = scene.rules.local_date(told.recorded_at)
    payload = replace(told.payload, note=note, told_on=said_on, day=scene.today, late_days=0, learnt_on=None)
    payload = replace(payload, changes=(), read_at=None, steps=steps_of(scene.procedure))
    return draft_of(
        scene,
        f"{scene.procedure.slug}/corrected/{told.seq}/{sha256(note.encode()).hexdigest()[:16]}",
        EventKind.CORRECTION,
        Basis.CONFIRMED,
        payload,
        occurred_at=scene.now,
        no_mail=False,
        corrects_seq=told.seq,
    )
