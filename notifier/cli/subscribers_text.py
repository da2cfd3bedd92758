"""What is known of one address, as text and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.events.proof.model import Suppressed
from notifier.events.proof.portrait import Mail, Portrait, Thing
from notifier.events.proof.words import day_words, moment_words, suppressed_words
from notifier.events.titles import clean
from notifier.subscriptions.model import Rhythm

_RHYTHMS = {Rhythm.AT_ONCE: "at once", Rhythm.DAILY: "daily", Rhythm.WEEKLY: "weekly"}


def as_text(address: str, found: Sequence[Portrait], suppressed: Suppressed | None, zone: ZoneInfo) -> str:
    """Return everything, in lines."""
    return "\n".join(_lines(address, found, suppressed, zone))


def as_json(address: str, found: Sequence[Portrait], suppressed: Suppressed | None, zone: ZoneInfo) -> str:
    """Return everything, for scripts."""
    document = {
        "address": address,
        "suppressed": None if suppressed is None else asdict(suppressed),
        "people": [asdict(one) for one in found],
    }

    def told(value: object) -> str:
        return (
            value.astimezone(zone).isoformat(timespec="seconds")
            if isinstance(value, datetime)
            else str(value)
        )

    return json.dumps(document, indent=2, ensure_ascii=False, default=told)


def _lines(
    address: str, found: Sequence[Portrait], suppressed: Suppressed | None, zone: ZoneInfo
) -> Iterator[str]:
    if not found:
        yield f"{address} is not known here."
    if suppressed is not None:
        yield f"{suppressed_words(suppressed, zone)}."
    for one in found:
        reminders = "reminders" if one.reminders else "no reminders"
        name = one.address or f"{address}, erased"
        yield f"{name}: known since {day_words(one.since, zone)}, language {one.language}, {reminders}"
        yield "Follows, or asked to"
        for thing in one.things:
            yield from _thing(thing, zone)
        yield "Mails (newest first)"
        for mail in one.mails:
            yield _mail(mail, zone)
        if not one.mails:
            yield "  none"


def _thing(one: Thing, zone: ZoneInfo) -> Iterator[str]:
    ended = f": {one.ended_reason}" if one.ended_reason else ""
    yield f"  {clean(one.what)}, {one.preset}, {_RHYTHMS[one.rhythm]} ({one.state}{ended})"
    for line in one.history:
        detail = f": {clean(line.detail)}" if line.detail else ""
        yield f"    {moment_words(line.at, zone)}, {line.what}{detail}"


def _mail(one: Mail, zone: ZoneInfo) -> str:
    queued = "" if one.queued_at is None else f"queued at {moment_words(one.queued_at, zone)}, "
    when = "" if one.at is None else f" at {moment_words(one.at, zone)}"
    said = "" if one.code is None else f", {one.code} {clean(one.reply)}".rstrip()
    return f"  {'; '.join(one.about) or 'nothing settled yet'} ({queued}{one.state}{when}{said})"
