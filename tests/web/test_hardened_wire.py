"""Whatever bytes come over the wire: a clear answer, never a 5xx, nothing repeated, and life goes on."""

import json
import logging

import pytest

from tests.web.wire import HOST, Wire

pytestmark = pytest.mark.usefixtures("seeded")

SECRET = "ada-and-a-token"
PLAIN = f"GET / HTTP/1.1\r\nHost: {HOST}\r\n"

HOSTILE = {
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "no version": (b"GET /\r\n\r\n", {400}),
    "an unknown version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400}),
    "a method in lower case": (f"get / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400, 405}),
    "an invented method": (f"BREW / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400, 405}),
    "TRACE": (f"TRACE / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {405}),
    "CONNECT": (f"CONNECT {HOST}:443 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400, 404, 405}),
    "a target that is a star": (f"OPTIONS * HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400, 404, 405}),
    "a target without a slash": (f"GET x HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400, 404}),
    "a broken whole target": (f"GET http://[ HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "a NUL in the target": (f"GET /\0 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "a header without a colon": (f"{PLAIN}nonsense\r\n\r\n".encode(), {400}),
    "a header name with a blank": (f"{PLAIN}X Y: z\r\n\r\n".encode(), {400}),
    "a NUL in a header": (f"{PLAIN}X-Y: a\0b\r\n\r\n".encode(), {400}),
    "a folded header": (f"{PLAIN}X-Y: a\r\n b\r\n\r\n".encode(), {200, 400}),
    "a negative length": (f"{PLAIN}Content-Length: -5\r\n\r\n".encode(), {400}),
    "a length in words": (f"{PLAIN}Content-Length: five\r\n\r\n".encode(), {400}),
    "two lengths": (f"{PLAIN}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab".encode(), {400}),
    "a length and chunks": (
        f"{PLAIN}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".encode(),
        {400},
    ),
    "unknown transfer coding": (f"{PLAIN}Transfer-Encoding: banana\r\n\r\n".encode(), {400}),
    "an unknown expectation": (f"{PLAIN}Expect: banana\r\n\r\n".encode(), {417}),
    "a path of a thousand steps up": (
        f"GET /{'../' * 1000}etc/passwd HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(),
        {404},
    ),
    "a target that is too long": (
        f"GET /search?q={'a' * 5000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(),
        {414},
    ),
    "a target beyond all measure": (f"GET /{'a' * 50_000} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {431}),
    "one enormous header": (f"{PLAIN}X-Y: {'a' * 20_000}\r\n\r\n".encode(), {431}),
    "a flood of headers": ((PLAIN + "X-Y: z\r\n" * 5000 + "\r\n").encode(), {400, 431}),
    "a flood that never ends": (
        (PLAIN + "X-Yyyyyyyyy: z\r\n" * 90 + f"X: {'a' * 8000}\r\n" * 8).encode(),
        {431},
    ),
    "a broken escape in the path": (f"GET /id/%zz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "half an escape": (f"GET /search?q=% HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "bytes that are no UTF-8": (f"GET /search?q=%ff%fe HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "a surrogate": (f"GET /id/%ED%A0%80 HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "an escaped NUL": (f"GET /feeds/%00.atom HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode(), {400}),
    "raw bytes in the path": (b"GET /id/\xff\xfe HTTP/1.1\r\nHost: alerts.example.org\r\n\r\n", {400}),
    "odd conditions": (
        (
            f'GET /feeds/all.atom HTTP/1.1\r\nHost: {HOST}\r\nIf-None-Match: \x80,"\r\n'
            "If-Modified-Since: Tue, 99 Foo 99999 25:61:61\r\n"
            "Accept-Encoding: ;;q=,\r\nRange: bytes=9-1\r\n\r\n"
        ).encode("latin-1"),
        {200},
    ),
    "an odd cookie": (f"{PLAIN}Cookie: ;;=;\x80=\x80\r\n\r\n".encode("latin-1"), {200}),
    "an odd origin": (
        f"POST /confirm/x HTTP/1.1\r\nHost: {HOST}\r\nOrigin: http://[\r\nContent-Length: 0\r\n\r\n".encode(),
        {403},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_cannot_be_read_is_answered_and_harms_nobody(
    wire: Wire, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    data, expected = HOSTILE[name]
    with caplog.at_level(logging.INFO):
        heard = await wire.ask(data)
    assert heard.status in expected, heard
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
    assert (await wire.get("/health/live")).status == 200


@pytest.mark.parametrize(
    "data",
    [
        f"GET /{SECRET}\0 HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
        f"{PLAIN}{SECRET}\r\n\r\n",
        f"{PLAIN}X-Y: {SECRET}\0\r\n\r\n",
        f"GET /{SECRET * 1000} HTTP/1.1\r\n",
        f"GET /id/{SECRET}%zz HTTP/1.1\r\nHost: {HOST}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: {SECRET}.evil.example\r\n\r\n",
    ],
)
async def test_what_was_sent_is_repeated_neither_in_the_answer_nor_in_the_log(
    wire: Wire, data: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        heard = await wire.ask(data.encode())
    assert 400 <= heard.status < 500
    assert SECRET not in heard.head + heard.body.decode()
    assert SECRET not in caplog.text
    assert "127.0.0.1" not in caplog.text


EVERY_ANSWER = {
    "a page": (f"{PLAIN}\r\n", 200),
    "a feed": (f"GET /feeds/all.atom HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 200),
    "a calendar": (f"GET /calendar/all.ics HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 200),
    "a redirect": (f"GET /procedures/gid-ipg10158 HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 301),
    "a file": (f"GET /robots.txt HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 200),
    "health": (f"GET /health/live HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 200),
    "nothing there": (f"GET /nowhere HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 404),
    "a wrong method": (f"PUT / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\n\r\n", 405),
    "a foreign host": ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    "an odd expectation": (f"{PLAIN}Expect: banana\r\n\r\n", 417),
    "nothing readable": ("nonsense\r\n\r\n", 400),
    "too much head": (PLAIN + f"X: {'a' * 8000}\r\n" * 5, 431),
}


@pytest.mark.parametrize("name", EVERY_ANSWER)
async def test_every_answer_carries_what_protects_its_reader(wire: Wire, name: str) -> None:
    data, status = EVERY_ANSWER[name]
    heard = await wire.ask(data.encode())
    assert heard.status == status
    assert (heard.header("Content-Security-Policy") or "").startswith("default-src 'none'")
    assert heard.header("X-Content-Type-Options") == "nosniff"
    assert heard.header("Referrer-Policy") == "same-origin"
    assert heard.header("Cross-Origin-Opener-Policy") == "same-origin"
    assert heard.header("Strict-Transport-Security") == "max-age=31536000"
    assert heard.header("Server") == "notifier"


async def test_an_asset_and_an_unchanged_feed_carry_it_too(wire: Wire) -> None:
    front = await wire.get("/")
    asset = front.body.decode().partition('<link rel="stylesheet" href="')[2].partition('"')[0]
    etag = (await wire.get("/feeds/all.rss")).header("ETag")
    for heard, status in (
        (await wire.get(asset), 200),
        (await wire.get("/feeds/all.rss", f"If-None-Match: {etag}"), 304),
    ):
        assert heard.status == status
        assert (heard.header("Content-Security-Policy") or "").startswith("default-src 'none'")
        assert heard.header("Strict-Transport-Security") == "max-age=31536000"


async def test_an_unreadable_request_gets_a_problem_document_and_the_connection_ends(wire: Wire) -> None:
    async with wire.open() as visitor:
        await visitor.say(b"nonsense\r\n\r\n")
        heard = await visitor.hear()
        assert await visitor.is_hung_up_on()
    assert heard.header("Content-Type") == "application/problem+json"
    assert json.loads(heard.body) == {"type": "about:blank", "title": "Bad Request", "status": 400}


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/id/%zz", 400, "We could not read that"),
        (f"/{'a' * 5000}", 414, "That address is too long"),
        ("/nowhere", 404, "There is no such page"),
    ],
)
async def test_people_get_a_page_and_programs_a_problem(
    wire: Wire, path: str, status: int, said: str
) -> None:
    page = await wire.get(path, "Accept: text/html")
    assert page.status == status
    assert f"<h1>{said}</h1>" in page.body.decode()
    problem = await wire.get(path)
    assert problem.header("Content-Type") == "application/problem+json"
    assert json.loads(problem.body)["status"] == status
