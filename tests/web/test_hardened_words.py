"""Control characters and markup in a title stay words: on pages, in feeds, calendars and mail."""

from dataclasses import replace
from email.header import decode_header, make_header
from html import unescape

import feedparser
import pytest
from icalendar import Calendar
from lxml import etree

from notifier.db import Database
from tests.events.letter_cast import alert, filled
from tests.events.mail_reader import assert_fit_for_the_wire, read
from tests.web.web_cast import NOW, ip1783, speak, take
from tests.web.wire import Wire

WORST = (
    'Bcc: eve@evil.example\r\nX: <script>alert("x")</script>\x00\x08\x1b[31m\x85\u2028\u202e'
    "\ufffe ]]> <!-- & {{ 7*7 }} %0d%0a 'quoted'"
)
CONTROLS = [chr(n) for n in (*range(9), 11, 12, *range(14, 32), 127, 0x85, 0x2028, 0x202E, 0xFFFE, 0xD800)]
SHOWN = '<script>alert("x")</script>'


def worst_topic():
    plain = ip1783()
    milestones = tuple(replace(one, label=f"{one.label} {WORST}") for one in plain.milestones)
    facts = replace(
        plain.facts, title=WORST, description=WORST, decision=WORST, process=WORST, status_as_written=WORST
    )
    return replace(plain, facts=facts, milestones=milestones)


@pytest.fixture
async def told(db: Database) -> None:
    """The worst topic of all, listed and open for comment."""
    await take(db, ip1783())
    await take(db, worst_topic(), now=NOW)
    await speak(db, NOW)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/procedures",
        "/procedures/GID-IPG10158",
        "/search?q=script",
        "/id/1783",
        "/subscribe?to=GID-IPG10158",
    ],
)
@pytest.mark.usefixtures("told")
async def test_on_pages(wire: Wire, path: str) -> None:
    heard = await wire.get(path, "Accept: text/html")
    page = heard.body.decode()
    assert heard.status == 200
    assert "<script" not in page.lower()
    assert SHOWN in unescape(page)
    assert "{{ 7*7 }}" in unescape(page)
    assert [one for one in CONTROLS if one in page] == []


@pytest.mark.parametrize("path", ["/feeds/all.atom", "/feeds/all.rss", "/feeds/GID-IPG10158.atom"])
@pytest.mark.usefixtures("told")
async def test_in_feeds(wire: Wire, path: str) -> None:
    heard = await wire.get(path)
    assert heard.status == 200
    etree.fromstring(heard.body)
    found = feedparser.parse(heard.body)
    assert not found.bozo
    titles = [unescape(one.title) for one in found.entries]
    assert any(SHOWN in title for title in titles)
    assert "<script" not in heard.body.decode().lower()
    assert [one for one in CONTROLS if one in heard.body.decode()] == []


@pytest.mark.usefixtures("told")
async def test_in_calendars(wire: Wire) -> None:
    heard = await wire.get("/calendar/all.ics")
    events = Calendar.from_ical(heard.body).walk("VEVENT")
    assert any(SHOWN in str(one["SUMMARY"]) for one in events)
    lines = heard.body.decode().replace("\r\n ", "").split("\r\n")
    assert not any(line.startswith(("Bcc", "X:")) for line in lines)
    assert [one for one in CONTROLS if one in heard.body.decode()] == []


def test_in_mail() -> None:
    content = filled(alert(f"{WORST}\ud800"))
    assert_fit_for_the_wire(content)
    message = read(content)
    said = str(make_header(decode_header(message["Subject"])))
    assert message["Bcc"] is None
    assert len(said) <= 60
    assert said.startswith("Comment by 11 Nov: Bcc: eve@evil.example X… (IP1783)")
    assert [one for one in (*CONTROLS, "\r", "\n") if one in said] == []
