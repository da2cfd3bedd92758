"""Answers that are repeated from memory: the same bytes, as long as they are true, and no limit is lost."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from aiohttp import web

from notifier.db import Database
from notifier.web.app import build
from notifier.web.documents import SETTLED
from notifier.web.keys import TALLY, Site
from notifier.web.repeated import Answer, Question, Repeated
from notifier.web.tally import WebTally
from tests.web.conftest import AT_ONCE
from tests.web.test_feeds import DOCUMENTS
from tests.web.web_cast import NOW, PlainVitals, StillClock, ip1783, moving, take
from tests.web.wire import HOST, Visitor, Wire, started

FEED = "/feeds/GID-IPG10158.atom"
GZIP = "Accept-Encoding: gzip"


@dataclass
class Told:
    """A service on a real socket, and what it counts."""

    wire: Wire
    app: web.Application

    @property
    def repeated(self) -> int:
        return self.app[TALLY].repeated


@pytest.fixture
async def told(site: Site, vitals: PlainVitals, clock: StillClock, seeded: None) -> AsyncIterator[Told]:
    clock.instant = NOW + timedelta(minutes=5)
    app = build(site, vitals, replace(AT_ONCE, idle_seconds=0.5, send_seconds=0.5))
    async with started(app) as wire:
        yield Told(wire, app)


def asking(path: str, *headers: str, host: str = HOST) -> bytes:
    return "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", f"Host: {host}", *headers, "")).encode()


async def raw(visitor: Visitor, question: bytes) -> bytes:
    """Return an answer as it came, its Date left out."""
    await visitor.say(question)
    heard = await visitor.hear()
    assert heard.status, "hung up"
    return re.sub(rb"\r\nDate: [^\r]*", b"", heard.head.encode()) + heard.body


def tag_in(answer: bytes) -> str:
    found = re.search(rb"\r\nEtag: ([^\r]*)", answer, re.IGNORECASE)
    assert found is not None
    return found[1].decode()


@pytest.mark.parametrize("path", DOCUMENTS)
@pytest.mark.parametrize("coding", ["identity", "gzip", "gzip, br;q=0.1"])
async def test_a_repeated_answer_is_the_made_one_byte_by_byte(
    told: Told, clock: StillClock, path: str, coding: str
) -> None:
    await told.wire.get(path, "X-Other: words")
    clock.instant += SETTLED
    tag = '"old"'
    for lines in ((), ("If-None-Match: {}",), ("If-Modified-Since: Sun, 01 Jan 2023 00:00:00 GMT",)):
        conditions = [line.format(tag) for line in lines]
        question, before = asking(path, f"Accept-Encoding: {coding}", *conditions), told.repeated
        async with told.wire.open() as visitor:
            made = await raw(visitor, question)
        assert told.repeated == before
        async with told.wire.open() as visitor:
            assert await raw(visitor, question) == made
            assert await raw(visitor, question) == made
        assert told.repeated == before + 2
        assert made.startswith(b"HTTP/1.1 304" if conditions else b"HTTP/1.1 200")
        tag = tag_in(made)


async def test_readers_who_differ_in_nothing_that_matters_share_an_answer(told: Told) -> None:
    await told.wire.get(FEED, GZIP, "User-Agent: one/1.0", "Accept: */*", "X-Forwarded-For: 192.0.2.1")
    await told.wire.get(FEED, GZIP, "user-agent: other", "Sec-Fetch-Mode: navigate", "Cookie: a=b")
    assert told.repeated == 1


async def test_a_commit_is_in_the_very_next_answer(told: Told, db: Database, clock: StillClock) -> None:
    path = "/calendar/GID-IPG10158.ics"
    for ends in (date(2022, 11, 18), date(2022, 11, 25), date(2022, 12, 2)):
        clock.instant += timedelta(minutes=5)
        before = told.repeated
        for _ in range(2):
            await told.wire.get(path)
        assert told.repeated > before
        await take(db, ip1783(ends=ends), now=clock.instant - timedelta(minutes=1))
        assert f"{ends:%Y%m%d}".encode() in (await told.wire.get(path)).body


async def test_any_commit_ends_what_was_kept(told: Told, db: Database) -> None:
    tag = (await told.wire.get(FEED)).header("ETag")
    await told.wire.get(FEED, f"If-None-Match: {tag}")
    await take(db, moving(date(2023, 2, 22)), now=NOW)
    assert (await told.wire.get(FEED, f"If-None-Match: {tag}")).status == 304
    assert told.repeated == 0


async def test_an_answer_from_before_a_change_was_settled_is_repeated_as_it_was(
    told: Told, clock: StillClock
) -> None:
    clock.instant = NOW
    assert (await told.wire.get(FEED)).header("Last-Modified") is None
    clock.instant = NOW + SETTLED
    assert (await told.wire.get(FEED)).header("Last-Modified") is None
    assert told.repeated == 1
    assert (await told.wire.get(FEED, "X-Other: words")).header("Last-Modified") is not None


@pytest.mark.parametrize(
    ("question", "status"),
    [
        (asking(FEED, host="evil.example"), 421),
        (asking(FEED, f"Host: {HOST}"), 400),
        (asking("/feeds/gid-ipg10158.atom"), 301),
        (asking("/feeds/none.atom"), 404),
        (asking("/health/live"), 200),
        (asking(FEED).replace(b"HTTP/1.1", b"HTTP/1.0"), 200),
        (asking(FEED, "X-Odd: caf\u00e9"), 200),
        (asking(FEED, "Content-Length: 0"), 200),
        (asking(FEED, "Connection: close"), 200),
    ],
)
async def test_whatever_is_not_a_plain_question_goes_the_usual_way(
    told: Told, question: bytes, status: int
) -> None:
    await told.wire.get(FEED)
    for _ in range(2):
        assert (await told.wire.ask(question)).status == status
    assert told.repeated == 0


async def test_head_is_not_taken_for_get(told: Told) -> None:
    await told.wire.get(FEED)
    async with told.wire.open() as visitor:
        await visitor.say(asking(FEED).replace(b"GET", b"HEAD"))
        assert b"200 OK" in await visitor.reader.readuntil(b"\r\n\r\n")
        await visitor.say(asking("/health/live"))
        assert (await visitor.reader.readuntil(b"\r\n")) == b"HTTP/1.1 200 OK\r\n"


async def test_a_body_is_never_taken_for_a_request(told: Told) -> None:
    smuggled = asking("/health/live")
    question = asking(FEED, f"Content-Length: {len(smuggled)}")
    for _ in range(2):
        async with told.wire.open() as visitor:
            await visitor.say(question)
            assert (await visitor.hear()).status == 200
            await visitor.say(smuggled)
            await visitor.say(asking("/nowhere"))
            assert (await visitor.hear()).status in (0, 404)
    assert told.repeated == 0


async def test_questions_in_one_piece_or_in_many_are_answered_in_order(told: Told) -> None:
    await told.wire.get(FEED)
    whole = asking(FEED)
    async with told.wire.open() as visitor:
        await visitor.say(whole + asking("/health/live") + whole)
        heard = [await visitor.hear() for _ in range(3)]
        assert [one.header("ETag") is not None for one in heard] == [True, False, True]
        await visitor.say(whole[:30])
        await asyncio.sleep(0.05)
        await visitor.say(whole[30:] + whole)
        assert [(await visitor.hear()).status for _ in range(2)] == [200, 200]
        await visitor.say(asking("/health/live"))
        await visitor.say(whole)
        heard = [await visitor.hear() for _ in range(2)]
        assert [one.header("ETag") is not None for one in heard] == [False, True]


async def test_a_connection_is_let_go_when_it_is_idle_after_a_repeated_answer(told: Told) -> None:
    await told.wire.get(FEED)
    async with told.wire.open() as visitor:
        for _ in range(4):  # longer together than a connection may be idle
            await visitor.say(asking(FEED))
            assert (await visitor.hear()).status == 200
            await asyncio.sleep(0.2)
        assert told.repeated == 4
        assert await visitor.is_hung_up_on()


async def test_what_continues_a_head_is_not_taken_for_a_question(told: Told) -> None:
    await told.wire.get(FEED)
    async with told.wire.open() as visitor:
        await visitor.say(f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX-Note: ".encode())
        await asyncio.sleep(0.05)
        await visitor.say(asking(FEED))
        assert (await visitor.hear()).status == 400
    assert told.repeated == 0


async def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    memory = Repeated(lambda: 1, WebTally(), room=1000)
    questions = [asking(f"/feeds/{name}.atom") for name in "abc"]
    for each in questions:
        asked = memory.find(each)
        assert isinstance(asked, Question)
        memory.keep(asked, Answer(b"", b"x" * 300, ("/feeds/{reference}.atom", 200)))
    assert [isinstance(memory.find(each), Answer) for each in questions] == [False, True, True]


async def test_what_was_asked_before_a_change_is_not_kept_after_it() -> None:
    versions = iter((1, 2))
    memory = Repeated(lambda: next(versions), WebTally())
    asked = memory.find(asking(FEED))
    await asyncio.sleep(0)
    assert isinstance(memory.find(asking("/feeds/all.atom")), Question)
    assert isinstance(asked, Question)
    memory.keep(asked, Answer(b"", b"old", ("/feeds/{reference}.atom", 200)))
    assert isinstance(memory.find(asking(FEED)), Question)


async def test_nothing_is_repeated_while_the_state_is_not_known() -> None:
    assert Repeated(lambda: None, WebTally()).find(asking(FEED)) is None
