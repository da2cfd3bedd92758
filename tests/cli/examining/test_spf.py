"""SPF as values: which address a record lets send, and how many lookups that takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.cli.examining.spf import Spf, SpfCheck, records_in, terms_of
from tests.cli.examining.cast import FakeDns

ADDRESS = "192.0.2.10"
ELSEWHERE = {
    "relay.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "strict.example": ["v=spf1 -all"],
    "loop.example": ["v=spf1 include:loop.example -all"],
    "macro.example": ["v=spf1 exists:%{i}.example -all"],
}
HOSTS = {"a.example": [ADDRESS], "mx.example": [ADDRESS, "2001:db8::1"], "d.example": ["192.0.2.99"]}


async def check(record: str, address: str | None = ADDRESS) -> tuple[Spf, int]:
    dns = FakeDns(txt={"d.example": [record], **ELSEWHERE}, mx={"d.example": ["", "mx.example"]}, hosts=HOSTS)
    one = SpfCheck(dns)
    return await one.ask("d.example", address), one.lookups


@pytest.mark.parametrize(
    ("record", "result"),
    [
        ("v=spf1 ip4:192.0.2.10 -all", Spf.PASSED),
        ("v=spf1 ip4:192.0.2.0/28 -all", Spf.PASSED),
        ("v=spf1 ip4:192.0.3.0/24 -all", Spf.FAIL),
        ("v=spf1 ip6:2001:db8::/32 ~all", Spf.SOFTFAIL),
        ("v=spf1 ?all", Spf.NEUTRAL),
        ("v=spf1", Spf.NEUTRAL),
        ("v=spf1 a:a.example -all", Spf.PASSED),
        ("v=spf1 a -all", Spf.FAIL),
        ("v=spf1 a/24 -all", Spf.PASSED),
        ("v=spf1 mx -all", Spf.PASSED),
        ("v=spf1 -ip4:192.0.2.10 +all", Spf.FAIL),
        ("v=spf1 include:relay.example -all", Spf.PASSED),
        ("v=spf1 ~include:relay.example -all", Spf.SOFTFAIL),
        ("v=spf1 include:strict.example ~all", Spf.SOFTFAIL),
        ("v=spf1 include:nowhere.example ~all", Spf.ERROR),
        ("v=spf1 redirect=relay.example", Spf.PASSED),
        ("v=spf1 redirect=strict.example", Spf.FAIL),
        ("v=spf1 redirect=nowhere.example", Spf.ERROR),
        ("v=spf1 include:macro.example -all", Spf.UNDECIDED),
        ("v=spf1 include:loop.example -all", Spf.ERROR),
        ("v=spf1 ip4:nonsense ip4: -all", Spf.FAIL),
    ],
)
async def test_a_record_lets_an_address_send_or_not(record: str, result: Spf) -> None:
    assert (await check(record))[0] is result


async def test_lookups_are_counted_through_what_is_included() -> None:
    assert await check("v=spf1 a mx include:relay.example -all", None) == (Spf.FAIL, 3)
    many = " ".join(["include:strict.example"] * 11)
    assert (await check(f"v=spf1 {many} -all", None))[0] is Spf.ERROR


def test_only_spf_records_are_taken_for_such() -> None:
    assert records_in(["v=spf1 -all", "V=SPF1", "v=spf1x", "other"]) == ["v=spf1 -all", "V=SPF1"]


@given(st.text(max_size=80))
async def test_whatever_a_record_holds_it_is_read_without_a_fault(text: str) -> None:
    record = f"v=spf1 {text}"
    terms_of(record)
    assert isinstance((await check(record))[0], Spf)
