"""Who asks, through proxies that are trusted and others that are not."""

from ipaddress import ip_network

import pytest

from notifier.web.visitor import address_of, network_of, visitor

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1,10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("::1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("::1", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", [], None),
        ("10.0.0.1", ["10.0.0.2"], None),
        ("10.0.0.1", ["198.51.100.1, unknown"], None),
        ("10.0.0.1", ["198.51.100.1,"], None),
        ("10.0.0.1", ["<script>"], None),
        ("10.0.0.1", ["9" * 5000], None),
        ("", [], None),
    ],
)
def test_the_first_who_is_not_trusted_is_the_visitor(
    peer: str, forwarded: list[str], expected: str | None
) -> None:
    found = visitor(address_of(peer), forwarded, TRUSTED)
    assert (None if found is None else str(found)) == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_customer_of_ipv6_has_a_whole_network(address: str, network: str) -> None:
    found = address_of(address)
    assert found is not None
    assert network_of(found) == network
