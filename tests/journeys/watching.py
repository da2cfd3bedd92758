"""What the journeys of watched sources share: a page that is watched, and what people see of the service."""

import json
from functools import partial
from typing import Any

import feedparser

from notifier.settings import SourceSettings, Unreadable, Watching
from tests.journeys.house import House
from tests.journeys.watched_stories import Turn
from tests.journeys.web_body import WebBody

ADA = "ada@patients.example"


def source(body: WebBody, *, every_minutes: int = 60) -> SourceSettings:
    """Watch the page of IP1783."""
    return SourceSettings(name="ip1783", url=body.url(), every_minutes=every_minutes)


def watching(unreadable: Unreadable = Unreadable.SAY) -> Watching:
    """Ask this machine, without rests."""
    return Watching(seconds_between=0, allow_private=("127.0.0.0/8",), unreadable=unreadable)


def on(body: WebBody, *turns: Turn) -> list[tuple[str, Any]]:
    """Let the website take these turns."""
    return [(at, partial(turn, body)) for at, turn in turns]


async def titles(house: House) -> tuple[str, ...]:
    """Return how the titles of the feed begin, oldest first."""
    _, content, _ = await house.get("/feeds/all.atom")
    return tuple(one.title.partition(": Radio")[0] for one in reversed(feedparser.parse(content).entries))


def last_text(house: House) -> str:
    """Return the plain text of Ada's last mail on one line."""
    return " ".join(house.mails_to(ADA)[-1].text.split())


async def schedule_of(house: House) -> list[str]:
    """Return the dates in the calendar."""
    _, content, _ = await house.get("/calendar/GID-IPG10158.ics")
    days = [
        line for line in content.decode().splitlines() if line.startswith(("DTSTART", "DTEND", "SUMMARY"))
    ]
    assert len(days) >= 5
    return days


async def health_of(house: House) -> dict[str, Any]:
    """Return what health says to this machine."""
    status, content, _ = await house.get("/health", Accept="application/json")
    assert status == 200
    found: dict[str, Any] = json.loads(content)
    return found


async def entry_ids(house: House) -> list[str]:
    """Return the ids of the feed of IP1783."""
    _, content, _ = await house.get("/feeds/GID-IPG10158.atom")
    return [entry.id for entry in feedparser.parse(content).entries]
