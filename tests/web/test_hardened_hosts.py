"""The service answers to its own names only."""

from dataclasses import replace

import pytest

from notifier.web.hosts import host_name, own_hosts
from notifier.web.keys import Site
from tests.web.conftest import AT_ONCE
from tests.web.web_cast import SERVICE, PlainVitals
from tests.web.wire import HOST, Wire, serving


@pytest.mark.parametrize(
    "host",
    [HOST, "ALERTS.Example.org", f"{HOST}:443", f"{HOST}.", "localhost:8080", "127.0.0.1", "[::1]:8080"],
)
async def test_its_own_names_and_this_machine_are_served(wire: Wire, host: str) -> None:
    assert (await wire.get("/privacy", host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"{HOST}.evil.example", f"x{HOST}", "203.0.113.9", "[2001:db8::1]", "example.org"],
)
async def test_a_foreign_name_is_told_where_the_service_is(wire: Wire, host: str) -> None:
    heard = await wire.get("/privacy", "Accept: text/html", host=host)
    assert heard.status == 421
    assert "This service is at https://alerts.example.org and nowhere else." in heard.body.decode()


@pytest.mark.parametrize(
    "host", ["", "a b", f"{HOST}/x", f"user@{HOST}", f"{HOST}:port", "[::1", "a,b", "<script>", "é"]
)
async def test_what_is_no_name_is_a_bad_request(wire: Wire, host: str) -> None:
    assert (await wire.get("/privacy", host=host)).status == 400


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        ("GET /privacy HTTP/1.1\r\n\r\n", 400),
        ("GET /privacy HTTP/1.0\r\n\r\n", 400),
        ("GET /health/live HTTP/1.1\r\n\r\n", 400),
        ("GET /health/live HTTP/1.0\r\n\r\n", 200),
        (f"GET /privacy HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n", 400),
        (f"GET http://{HOST}/privacy HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 200),
        (f"GET http://evil.example/privacy HTTP/1.1\r\nHost: {HOST}\r\n\r\n", 421),
        (f"GET http://{HOST}/privacy HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ],
)
async def test_there_is_one_name_and_the_whole_address_counts(
    wire: Wire, request_head: str, status: int
) -> None:
    assert (await wire.ask(request_head.encode())).status == status


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
async def test_probes_may_ask_by_address_but_not_by_a_foreign_name(wire: Wire, path: str) -> None:
    """A foreign name that points to this machine would let a website read what is told to this machine."""
    assert (await wire.get(path, host="10.1.2.3:8080")).status in (200, 503)
    assert (await wire.get(path, host="evil.example")).status == 421


async def test_names_from_the_settings_are_served(site: Site, vitals: PlainVitals) -> None:
    async with serving(site, vitals, replace(AT_ONCE, hosts=("inside.example",))) as wire:
        assert (await wire.get("/privacy", host="inside.example:8080")).status == 200
        assert (await wire.get("/privacy", host="outside.example")).status == 421


def test_an_address_of_ipv6_is_known_with_and_without_brackets() -> None:
    service = SERVICE.model_copy(update={"public_url": "http://[2001:db8::7]:8080/alerts"})
    assert {"2001:db8::7", "fd00::1"} <= own_hosts(service, ("[fd00::1]",))
    assert host_name("[2001:DB8::7]:8080") == "2001:db8::7"
