"""Forms that are too large, broken, from elsewhere, or too many: a clear answer, and nothing done."""

import gzip
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from aiohttp import web

from notifier.db import Database
from notifier.web.app import build
from notifier.web.keys import Site
from tests.web.conftest import AT_ONCE, Bell
from tests.web.people import FORM, all_subscriptions
from tests.web.web_cast import PlainVitals
from tests.web.wire import HOST, Heard, Wire, serving

pytestmark = pytest.mark.usefixtures("seeded")

GOOD = urlencode(FORM).encode()
MULTIPART = "Content-Type: multipart/form-data; boundary=x"
HUGE = 10 * 1024 * 1024


def part(name: str, value: bytes, *headers: str) -> bytes:
    lines = (f'Content-Disposition: form-data; name="{name}"', *headers)
    return b"--x\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + value + b"\r\n"


def parts(**fields: str) -> bytes:
    return b"".join(part(name, value.encode()) for name, value in fields.items()) + b"--x--\r\n"


async def test_a_good_form_is_taken_either_way(wire: Wire, db: Database) -> None:
    assert (await wire.post("/subscribe", GOOD)).status == 200
    assert (await wire.post("/subscribe", parts(**FORM), MULTIPART)).status == 200
    assert len(await all_subscriptions(db)) == 1


BROKEN = {
    "a NUL": (GOOD.replace(b"ada", b"a%00da"), ()),
    "a raw NUL": (GOOD.replace(b"ada", b"a\0da"), ()),
    "no UTF-8": (GOOD.replace(b"ada", b"%ff%fe"), ()),
    "a broken escape": (GOOD.replace(b"ada", b"%zz"), ()),
    "half an escape": (GOOD + b"&x=%", ()),
    "a field twice": (GOOD + b"&address=eve%40evil.example", ()),
    "a field twice in parts": (part("address", b"a@example.org") + parts(**FORM), (MULTIPART,)),
    "a thousand fields": (b"&".join(b"a%d=1" % n for n in range(1500)), ()),
    "an unknown charset": (GOOD, ("Content-Type: application/x-www-form-urlencoded; charset=klingon",)),
    "a charset that is no text": (GOOD, ("Content-Type: application/x-www-form-urlencoded; charset=zip",)),
    "a charset with traps": (GOOD, ("Content-Type: application/x-www-form-urlencoded; charset=utf-7",)),
    "a charset of parts": (
        part("address", b"a", "Content-Type: text/plain; charset=klingon") + b"--x--\r\n",
        (MULTIPART,),
    ),
    "parts in parts": (
        part("a", b"--y\r\n\r\n--y--", "Content-Type: multipart/mixed; boundary=y") + b"--x--\r\n",
        (MULTIPART,),
    ),
    "a part without a name": (b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n", (MULTIPART,)),
    "a part without an end": (part("a", b"1"), (MULTIPART,)),
    "a part with a flood of headers": (part("a", b"1", *["X-Y: z"] * 1000) + b"--x--\r\n", (MULTIPART,)),
    "an unknown coding of a part": (
        part("a", b"1", "Content-Transfer-Encoding: banana") + b"--x--\r\n",
        (MULTIPART,),
    ),
    "no boundary": (b"--x--\r\n", ("Content-Type: multipart/form-data",)),
    "an unknown compression": (GOOD, ("Content-Encoding: gzip",)),
    "no media type": (GOOD, ("Content-Type: ;;;",)),
}


@pytest.mark.parametrize("path", ["/subscribe", "/stop/x", "/confirm/x"])
@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_form_is_refused_and_nothing_is_done(
    wire: Wire, db: Database, bell: Bell, path: str, name: str
) -> None:
    body, headers = BROKEN[name]
    heard = await wire.post(path, body, *headers)
    assert heard.status in (400, 413, 415), heard
    assert await all_subscriptions(db) == []
    assert bell.rung == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream"])
async def test_what_is_no_form_is_said_to_be_none(wire: Wire, kind: str) -> None:
    heard = await wire.post("/subscribe", b'{"address": "a@example.org"}', f"Content-Type: {kind}")
    assert heard.status == 415


@pytest.mark.parametrize("path", ["/subscribe", "/stop/x", "/confirm/x"])
@pytest.mark.parametrize("multipart", [False, True])
async def test_a_form_of_ten_megabytes_is_refused(wire: Wire, path: str, multipart: bool) -> None:
    if multipart:
        heard = await wire.post(path, part("address", b"a" * HUGE) + b"--x--\r\n", MULTIPART)
    else:
        heard = await wire.post(path, b"address=" + b"a" * HUGE)
    assert heard.status == 413
    assert (await wire.get("/health/live")).status == 200


async def test_ten_megabytes_in_chunks_or_compressed_are_refused_too(wire: Wire) -> None:
    head = (
        f"POST /subscribe HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    ).encode()
    chunk = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    assert (await wire.ask(head + chunk * (HUGE // 0x10000) + b"0\r\n\r\n")).status == 413
    bomb = gzip.compress(b"address=" + b"a" * HUGE)
    assert (await wire.post("/subscribe", bomb, "Content-Encoding: gzip")).status == 413


async def test_ten_megabytes_where_no_form_is_expected_are_not_kept(wire: Wire) -> None:
    head = f"GET /privacy HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {HUGE}\r\n\r\n".encode()
    assert (await wire.ask(head + b"a" * HUGE)).status == 200


class TestFromElsewhere:
    async def test_every_form_is_refused_whatever_its_address(self, site: Site, vitals: PlainVitals) -> None:
        app = build(site, vitals, AT_ONCE)
        paths = {
            route.resource.canonical.replace("{token}", "x")
            for route in app.router.routes()
            if route.method not in ("GET", "HEAD") and isinstance(route.resource, web.Resource)
        }
        assert {"/subscribe", "/confirm/x", "/stop/x"} <= paths
        async with serving(site, vitals, AT_ONCE) as wire:
            for path in paths:
                for said in ("Sec-Fetch-Site: cross-site", "Origin: https://evil.example", "Origin: null"):
                    assert (await wire.post(path, b"stop=yes", said)).status == 403, path

    async def test_one_click_comes_from_a_mail_provider_and_is_not(self, wire: Wire) -> None:
        heard = await wire.post(
            "/stop/x", b"List-Unsubscribe=One-Click", "Sec-Fetch-Site: cross-site", "Origin: null"
        )
        assert (heard.status, heard.body) == (404, b"This link is not known.\n")


class TestFence:
    async def test_one_network_asks_only_so_often_and_is_told_when_it_may_again(
        self, site: Site, vitals: PlainVitals, db: Database
    ) -> None:
        limits = replace(AT_ONCE, asks_per_network=2, trusted_proxies=())
        async with serving(site, vitals, limits) as wire:
            for name in ("ann", "bob"):
                assert (await ask(wire, name)).status == 200
            heard = await ask(wire, "cat", "Accept: text/html")
        assert heard.status == 429
        assert heard.header("Retry-After") == "3600"
        assert "Nothing was sent. Try again in 60 minutes." in heard.body.decode()
        assert len(await all_subscriptions(db)) == 2

    async def test_the_answer_is_the_same_for_known_and_unknown_addresses(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        """What is counted is the asking, whatever became of it; or else the count would tell."""
        limits = replace(AT_ONCE, asks_per_network=5, trusted_proxies=())
        async with serving(site, vitals, limits) as wire:
            for _ in range(5):  # twice over what one mail address may ask
                assert (await ask(wire, "ada")).status == 200
            assert (await ask(wire, "ada")).body == (await ask(wire, "eve")).body

    async def test_behind_a_trusted_proxy_each_visitor_is_counted_alone(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        async with serving(site, vitals, replace(AT_ONCE, asks_per_network=1)) as wire:
            for n in (1, 2, 3):
                said = f"X-Forwarded-For: 203.0.113.{n}"
                assert (await ask(wire, f"a{n}", said)).status == 200
                assert (await ask(wire, f"b{n}", said)).status == 429
            made_up = "X-Forwarded-For: 198.51.100.7, 203.0.113.1"
            assert (await ask(wire, "c", made_up)).status == 429

    async def test_nobody_else_is_believed_about_whom_they_ask_for(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        limits = replace(AT_ONCE, asks_per_network=1, trusted_proxies=())
        async with serving(site, vitals, limits) as wire:
            assert (await ask(wire, "ann", "X-Forwarded-For: 203.0.113.1")).status == 200
            assert (await ask(wire, "bob", "X-Forwarded-For: 203.0.113.2")).status == 429

    async def test_looking_at_the_form_and_mistakes_in_it_do_not_count(
        self, site: Site, vitals: PlainVitals
    ) -> None:
        limits = replace(AT_ONCE, asks_per_network=1, trusted_proxies=())
        async with serving(site, vitals, limits) as wire:
            for _ in range(3):
                assert (await wire.get("/subscribe")).status == 200
                assert (
                    await wire.post("/subscribe", urlencode(FORM | {"address": ""}).encode())
                ).status == 422
            assert (await ask(wire, "ann")).status == 200


async def ask(wire: Wire, name: str, *headers: str) -> Heard:
    body = urlencode(FORM | {"address": f"{name}@example.org"}).encode()
    return await wire.post("/subscribe", body, *headers)
