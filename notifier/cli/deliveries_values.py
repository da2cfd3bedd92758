"""What is known of an event and of its people, as rows of CSV and as JSON."""

import json
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.events.proof.answers import Answer
from notifier.events.proof.listing import Entry
from notifier.events.proof.model import About, Attempt, Facts, Person, Sending

COLUMNS = (
    "address",
    "erased_as",
    "state",
    "queued_at",
    "attempt",
    "attempt_at",
    "code",
    "reply",
    "waits_until",
    "sentence",
)


def answer_json(address: str, facts: Facts, answer: Answer) -> dict[str, object]:
    """Return what `notifier why` answers, for scripts."""
    return {
        "address": address,
        "event": about_json(facts.about, facts.zone),
        "case": answer.case.value,
        "sentence": answer.sentence,
        **_sending_json(answer.sending, facts.zone),
    }


def _mail(person: Person) -> Sending | None:
    return person.sendings[0] if person.sendings else None


def rows_of(entry: Entry, zone: ZoneInfo) -> Iterator[dict[str, str]]:
    """Yield the rows of one person, by column."""
    mail = _mail(entry.person)
    whole = {
        "address": entry.person.address or "",
        "erased_as": "" if entry.person.address else entry.person.address_hash or "",
        "state": entry.answer.case.value,
        "queued_at": _iso(mail.queued_at if mail else None, zone) or "",
        "waits_until": _iso(_waits_until(entry), zone) or "",
        "sentence": entry.answer.sentence,
    }
    blank = {"attempt": "", "attempt_at": "", "code": "", "reply": ""}
    attempts = mail.attempts if mail is not None else ()
    for one in attempts:
        yield whole | {
            "attempt": str(one.n),
            "attempt_at": _iso(one.at, zone) or "",
            "code": "" if one.code is None else str(one.code),
            "reply": one.reply,
        }
    if not attempts:
        yield whole | blank


def _waits_until(entry: Entry) -> datetime | None:
    """Return until when a mail waits that has not gone."""
    if entry.person.gathering is not None:
        return entry.person.gathering.slot_at
    mail = _mail(entry.person)
    if mail is None or mail.done_at is not None:
        return None
    instants = (mail.next_at if mail.attempts else None, mail.mail_after)
    return max((one for one in instants if one is not None), default=None)


def entry_json(entry: Entry, zone: ZoneInfo) -> dict[str, object]:
    """Return one person, for scripts."""
    return {
        "address": entry.person.address,
        "erased_as": None if entry.person.address else entry.person.address_hash,
        "case": entry.answer.case.value,
        "sentence": entry.answer.sentence,
        "waits_until": _iso(_waits_until(entry), zone),
        **_sending_json(_mail(entry.person), zone),
    }


def _sending_json(one: Sending | None, zone: ZoneInfo) -> dict[str, object]:
    return {
        "queued_at": None if one is None else _iso(one.queued_at, zone),
        "attempts": [] if one is None else [_attempt_json(each, zone) for each in one.attempts],
        "answers_lost": 0 if one is None else one.doubtful,
        "taken_back": 0 if one is None else one.taken_back,
    }


def _attempt_json(one: Attempt, zone: ZoneInfo) -> dict[str, object]:
    return {"n": one.n, "at": _iso(one.at, zone), "code": one.code, "reply": one.reply or None}


def about_json(about: About, zone: ZoneInfo) -> dict[str, object]:
    """Return an event, for scripts."""
    return {
        "number": about.seq,
        "id": about.public_id,
        "title": about.title,
        "kind": about.kind.value,
        "announced_at": _iso(about.recorded_at, zone),
        "corrected_at": _iso(about.corrected_at, zone),
    }


def _iso(instant: datetime | None, zone: ZoneInfo) -> str | None:
    return None if instant is None else instant.astimezone(zone).isoformat(timespec="seconds")


def dumped(value: object) -> str:
    """Return JSON on one line."""
    return json.dumps(value, ensure_ascii=False)
