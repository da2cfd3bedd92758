"""The resolver against a real name server on loopback, and against none."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from notifier.cli.examining import resolving
from notifier.cli.examining.resolving import SystemResolver, Unanswered

ZONE = {
    (".", "NS"): ["a.root."],
    ("kidneys.example.", "TXT"): ['"v=spf1 " "-all"', '"other"'],
    ("kidneys.example.", "MX"): ["20 second.example.", "10 First.example."],
    ("null.example.", "MX"): ["0 ."],
    ("mx.example.", "A"): ["192.0.2.1"],
    ("mx.example.", "AAAA"): ["2001:db8::1"],
    ("1.2.0.192.in-addr.arpa.", "PTR"): ["mx.example."],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from `ZONE`; of "broken.example." it says SERVFAIL, of "silent.example." nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        asked = dns.message.from_wire(data)
        question = asked.question[0]
        name, kind = question.name.to_text(), question.rdtype.name
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        if name == "silent.example.":
            return
        if name == "broken.example.":
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found := ZONE.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *found))
        elif name not in {known for known, _ in ZONE}:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), address)


@pytest.fixture
async def resolver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SystemResolver]:
    monkeypatch.setattr(resolving, "PATIENCE_SECONDS", 0.5)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, local_addr=("127.0.0.1", 0)
    )
    port = transport.get_extra_info("sockname")[1]
    yield SystemResolver(["127.0.0.1"], port=port)
    transport.close()


async def test_every_kind_of_question_is_answered(resolver: SystemResolver) -> None:
    assert await resolver.reachable()
    assert sorted(await resolver.texts("kidneys.example")) == ["other", "v=spf1 -all"]
    assert await resolver.mail_hosts("kidneys.example") == ["first.example", "second.example"]
    assert await resolver.mail_hosts("null.example") == [""]
    assert await resolver.addresses("mx.example") == ["192.0.2.1", "2001:db8::1"]
    assert await resolver.names_of("192.0.2.1") == ["mx.example"]


async def test_a_name_without_a_record_and_a_name_that_is_not_there_have_none(
    resolver: SystemResolver,
) -> None:
    assert await resolver.texts("mx.example") == []
    assert await resolver.texts("nowhere.example") == []


@pytest.mark.parametrize("name", ["broken.example", "silent.example", "a..b", "x" * 70 + ".example"])
async def test_who_gets_no_answer_is_told_so(resolver: SystemResolver, name: str) -> None:
    with pytest.raises(Unanswered):
        await resolver.texts(name)


async def test_where_nobody_answers_nothing_can_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "PATIENCE_SECONDS", 0.3)
    assert not await SystemResolver(["127.0.0.1"], port=9).reachable()
