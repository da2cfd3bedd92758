"""Visitors who are slow on purpose, or come in crowds, are let go; everybody else is served meanwhile."""

import asyncio
import logging
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from ipaddress import ip_network

import pytest
from aiohttp import web

from notifier.web.app import build
from notifier.web.connection import Doors
from notifier.web.keys import Site
from notifier.web.limits import Limits
from notifier.web.server import WebServer
from tests.web.conftest import AT_ONCE
from tests.web.web_cast import PlainVitals
from tests.web.wire import HOST, Visitor, Wire, serving, started

HASTE = 0.3
"""Seconds: the limit in each test, far below what the wire helper waits for."""

LIVE = f"GET /health/live HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
FORM_HEAD = (
    f"POST /subscribe HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    "Content-Length: 1000\r\n\r\n"
).encode()
UNTRUSTED = replace(AT_ONCE, trusted_proxies=())


def within(**limits: float) -> Limits:
    return replace(AT_ONCE, **limits)


async def drip(visitor: Visitor, data: bytes, every: float = HASTE / 10) -> None:
    """Send one byte after the other until the other side has had enough."""
    for byte in data:
        if visitor.writer.is_closing() or visitor.reader.at_eof():
            return
        await visitor.say(bytes([byte]))
        await asyncio.sleep(every)


class TestSlowVisitors:
    async def test_a_head_that_trickles_in_is_ended_in_time(self, site: Site, vitals: PlainVitals) -> None:
        async with serving(site, vitals, within(header_seconds=HASTE)) as wire, wire.open() as visitor:
            dripping = asyncio.create_task(drip(visitor, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 100))
            heard = await visitor.hear()
            assert heard.status == 408
            assert heard.header("Connection") == "close"
            assert await visitor.is_hung_up_on()
            dripping.cancel()

    async def test_the_second_head_of_a_connection_too(self, site: Site, vitals: PlainVitals) -> None:
        async with serving(site, vitals, within(header_seconds=HASTE)) as wire, wire.open() as visitor:
            await visitor.say(LIVE)
            assert (await visitor.hear()).status == 200
            await visitor.say(b"GET / HT")
            assert (await visitor.hear()).status == 408
            assert await visitor.is_hung_up_on()

    async def test_between_requests_a_connection_may_rest_longer(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        async with serving(site, vitals, within(header_seconds=HASTE)) as wire, wire.open() as visitor:
            for _ in range(2):
                await visitor.say(LIVE)
                assert (await visitor.hear()).status == 200
                await asyncio.sleep(HASTE * 2)
            await visitor.say(LIVE)
            assert (await visitor.hear()).status == 200

    async def test_but_not_for_ever(self, site: Site, vitals: PlainVitals) -> None:
        async with serving(site, vitals, within(idle_seconds=HASTE)) as wire:
            async with wire.open() as silent:
                assert await silent.is_hung_up_on()
            async with wire.open() as once:
                await once.say(LIVE)
                assert (await once.hear()).status == 200
                assert await once.is_hung_up_on()

    async def test_a_form_that_trickles_in_is_ended_in_time(
        self, site: Site, vitals: PlainVitals, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with serving(site, vitals, within(body_seconds=HASTE)) as wire, wire.open() as visitor:
            await visitor.say(FORM_HEAD)
            dripping = asyncio.create_task(drip(visitor, b"a" * 900))
            heard = await visitor.hear()
            assert heard.status == 408
            assert heard.header("Connection") == "close"
            dripping.cancel()
        assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []

    async def test_a_visitor_who_leaves_in_the_middle_is_no_error(
        self, site: Site, vitals: PlainVitals, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with serving(site, vitals, AT_ONCE) as wire:
            async with wire.open() as visitor:
                await visitor.say(FORM_HEAD + b"address=a")
                await asyncio.sleep(0.05)
            await asyncio.sleep(0.05)
            assert (await wire.ask(LIVE)).status == 200
        assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []

    async def test_a_reader_who_does_not_read_is_cut_off(self, site: Site, vitals: PlainVitals) -> None:
        async def endless(_: web.Request) -> web.Response:
            return web.Response(body=b"x" * 50_000_000)

        app = build(site, vitals, within(send_seconds=HASTE))
        app.router.add_get("/endless", endless)
        async with started(app) as wire, wire.open() as visitor:
            await visitor.say(f"GET /endless HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
            await asyncio.sleep(HASTE * 3)
            got = await _read_all(visitor)
        assert got < 50_000_000

    async def test_an_answer_that_takes_too_long_is_given_up(self, site: Site, vitals: PlainVitals) -> None:
        async def slow(_: web.Request) -> web.Response:
            await asyncio.sleep(60)
            return web.Response()

        app = build(site, vitals, within(request_seconds=HASTE))
        app.router.add_get("/slow", slow)
        async with started(app) as wire:
            heard = await wire.get("/slow")
        assert heard.status == 503
        assert heard.header("Retry-After") == "60"

    async def test_a_stop_does_not_wait_for_them(self, site: Site, vitals: PlainVitals) -> None:
        async with AsyncExitStack() as stack:
            app = build(site, vitals, AT_ONCE)
            server = WebServer(app, host="127.0.0.1", port=0)
            await server.start()
            visitors = [await stack.enter_async_context(Wire(server.port).open()) for _ in range(20)]
            for visitor in visitors:
                await visitor.say(FORM_HEAD)
            await asyncio.sleep(0.05)
            began = time.monotonic()
            await server.stop()
            assert time.monotonic() - began < 8


class TestCrowds:
    async def test_hundreds_of_slow_heads_keep_nobody_from_being_served(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        async with serving(site, vitals, AT_ONCE) as wire, AsyncExitStack() as stack:
            for _ in range(200):
                slow = await stack.enter_async_context(wire.open())
                await slow.say(b"GET / HTTP/1.1\r\nX-")
            assert (await wire.ask(LIVE)).status == 200

    async def test_when_the_house_is_full_newcomers_are_told_and_served_again_later(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        async with serving(site, vitals, replace(AT_ONCE, connections=3)) as wire:
            async with AsyncExitStack() as stack:
                for _ in range(3):
                    inside = await stack.enter_async_context(wire.open())
                    await inside.say(LIVE)
                    assert (await inside.hear()).status == 200
                async with wire.open() as newcomer:
                    heard = await newcomer.hear()
                assert heard.status == 503
                assert heard.header("Retry-After") == "60"
                assert heard.header("Content-Type") == "application/problem+json"
            await asyncio.sleep(0.05)
            assert (await wire.ask(LIVE)).status == 200

    async def test_one_network_address_has_only_so_many_connections(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        limits = replace(UNTRUSTED, connections_per_address=2)
        async with serving(site, vitals, limits) as wire, wire.open() as one, wire.open() as two:
            for inside in (one, two):
                await inside.say(LIVE)
                assert (await inside.hear()).status == 200
            async with wire.open() as third:
                assert (await third.hear()).status == 503

    async def test_a_trusted_proxy_brings_everybody(self, site: Site, vitals: PlainVitals) -> None:
        limits = replace(AT_ONCE, connections_per_address=1)
        async with serving(site, vitals, limits) as wire, wire.open() as one, wire.open() as two:
            for inside in (one, two):
                await inside.say(LIVE)
                assert (await inside.hear()).status == 200

    async def test_a_thousand_requests_at_once_on_one_connection_are_answered_in_order(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        async with serving(site, vitals, AT_ONCE) as wire, wire.open() as visitor:
            saying = asyncio.create_task(visitor.say(LIVE * 1000))
            for _ in range(1000):
                assert (await visitor.hear()).status == 200
            await saying


def test_doors_forget_who_has_left() -> None:
    limits = replace(UNTRUSTED, trusted_proxies=(ip_network("10.0.0.0/8"),))
    doors = Doors(limits=limits, headers={})
    homes = [doors.network((peer, 1)) for peer in ("203.0.113.1", "2001:db8::1", "2001:db8::2", "10.0.0.1")]
    assert homes == ["203.0.113.1", "2001:db8::/64", "2001:db8::/64", None]
    assert doors.network("a unix socket") is None
    for home in homes:
        assert doors.enter(home)
    assert doors.by_network == {"203.0.113.1": 1, "2001:db8::/64": 2}
    for home in homes:
        doors.leave(home)
    assert doors.inside == 0
    assert doors.by_network == {}


async def _read_all(visitor: Visitor) -> int:
    got = 0
    try:
        while piece := await asyncio.wait_for(visitor.reader.read(1 << 20), 10):
            got += len(piece)
    except ConnectionError:
        pass
    return got
