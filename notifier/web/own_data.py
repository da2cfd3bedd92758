"""What is kept about somebody, as a file that people and programs can read."""

import json
from datetime import datetime

from aiohttp import hdrs, web

from notifier.events.choices import chosen_words
from notifier.events.own_data import Noted, OwnData, own_data
from notifier.events.preferences import Hand
from notifier.subscriptions.model import Subscription
from notifier.web.followed import followed_by
from notifier.web.keys import Site

FILE_NAME = "my-alerts.json"


async def own_data_file(site: Site, hand: Hand) -> web.Response:
    """Return everything as a file to keep.

    Raises:
        AccessOver: the page has ended.
    """
    found = await own_data(site.db, hand)
    async with site.db.read() as conn:
        names = [one.words for one in await followed_by(conn, found.asked, site.service)]
    kept = {
        "service": site.service.name,
        "made_at": _instant(hand.now),
        "address": found.address,
        "language": found.language,
        "reminders": found.reminders,
        "known_since": _instant(found.since),
        "new_addresses_asked_for": list(found.new_addresses),
        "alerts": [_alerts(one, name, found, hand) for one, name in zip(found.asked, names, strict=True)],
        "mails": [
            {
                "at": _instant(one.at),
                "about": list(one.about),
                "state": one.state,
                "server_said": one.server_said,
            }
            for one in found.mails
        ],
        "mails_that_came_back": [_noted(one) for one in found.came_back],
    }
    return web.Response(
        body=json.dumps(kept, ensure_ascii=False, indent=2).encode(),
        content_type="application/json",
        headers={
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{FILE_NAME}"',
            hdrs.CACHE_CONTROL: "no-store",
            "X-Robots-Tag": "noindex",
        },
    )


def _alerts(one: Subscription, name: str, found: OwnData, hand: Hand) -> dict[str, object]:
    return {
        "about": name,
        "chosen": chosen_words(one.kinds, one.rhythm, reminders=one.reminders, daily_at=hand.daily_at),
        "state": one.state.value,
        "asked_at": _instant(one.asked_at),
        "confirmed_at": _instant(one.confirmed_at),
        "ended_at": _instant(one.ended_at),
        "ended_how": one.ended_reason,
        "history": [_noted(line) for line in found.histories[one.id]],
    }


def _noted(line: Noted) -> dict[str, object]:
    return {"at": _instant(line.at), "what": line.what, "more": line.more}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
