"""The whole examination: what hangs or breaks is a finding, and bulk-sender rules are read off the rest."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from notifier.cli.examining.bounded import bounded
from notifier.cli.examining.bulk_rules import bulk_rules
from notifier.cli.examining.examination import Patient, examine
from notifier.cli.finding import Finding, attention, fine
from notifier.delivery.smtp_server import SmtpServer
from notifier.settings import Security
from tests.cli.examining.cast import DOMAIN, NOW, FakeDns, settings, short
from tests.delivery.scripted_server import ScriptedServer, server_tls, trusting_tls
from tests.journeys.house import free_port

GOOD = FakeDns(
    txt={DOMAIN: ["v=spf1 include:relay.example ~all"], "relay.example": ["v=spf1 ip4:192.0.2.1 -all"],
         f"_dmarc.{DOMAIN}": ["v=DMARC1; p=none"]},
    mx={DOMAIN: ["mx.example"], "office.example": ["mx.example"]},
)  # fmt: skip


class HangingDns(FakeDns):
    """Never answers, and keeps no time limit of its own."""

    async def reachable(self) -> bool:
        await asyncio.Event().wait()
        return True


class BrokenDns(FakeDns):
    """Fails as a bug fails."""

    async def reachable(self) -> bool:
        raise RuntimeError("a bug")


@pytest.fixture
async def relaying() -> AsyncIterator[ScriptedServer]:
    scripted = ScriptedServer(options={"tls_context": server_tls()})
    await scripted.start()
    yield scripted
    await scripted.stop()


@pytest.fixture
async def site() -> AsyncIterator[str]:
    """A service that lives, behind TLS."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            text="The process answers.\n", headers={"Strict-Transport-Security": "max-age=63072000"}
        )

    application = web.Application()
    application.router.add_get("/health/live", answer)
    server = TestServer(application)
    await server.start_server(ssl=server_tls())
    yield str(server.make_url("")).rstrip("/").replace("127.0.0.1", "localhost")
    await server.close()


def patient(relaying: ScriptedServer, site: str, **changes: object) -> Patient:
    server = SmtpServer(
        host="localhost",
        port=relaying.port,
        security=Security.STARTTLS,
        username="notifier",
        password="right",
        tls=trusting_tls(),
    )
    one = Patient(settings=settings(public_url=site), server=server, resolver=GOOD, web_tls=trusting_tls())
    return replace(one, **changes)  # type: ignore[arg-type]


async def test_where_all_is_well_nothing_fails_and_no_mail_is_sent(
    relaying: ScriptedServer, site: str
) -> None:
    found = await examine(patient(relaying, site), now=NOW)
    assert "failed" not in {verdict for _, verdict in short(found)}
    subjects = {subject for subject, _ in short(found)}
    assert subjects >= {
        "mail server", "mail encryption", "mail extensions", "message format", "one-click unsubscribe",
        "From alignment", "SPF", "DMARC", "public address", "clock", "disk", "backup", "bulk-sender rules",
    }  # fmt: skip
    assert relaying.taken == []


async def test_a_test_mail_is_sent_to_whoever_is_named(relaying: ScriptedServer, site: str) -> None:
    found = await examine(patient(relaying, site, to="ada@charity.example"), now=NOW)
    assert "250 2.0.0 Taken" in next(one.sentence for one in found if one.subject == "test mail")
    assert [mail.recipient for mail in relaying.taken] == ["ada@charity.example"]


async def test_it_leaves_in_the_envelope_of_an_alert_and_that_domain_is_asked(
    relaying: ScriptedServer, site: str
) -> None:
    mine = settings(public_url=site, bounces="returned@bounces.kidneys.example")
    found = await examine(patient(relaying, site, settings=mine, to="ada@charity.example"), now=NOW)
    [mail] = relaying.taken
    assert mail.sender.startswith("returned+")
    assert ("mail for bounces.kidneys.example", "failed") in short(found)
    assert "Not met: SPF." in found[-1].sentence


@pytest.mark.parametrize(
    ("resolver", "words"), [(HangingDns(), "within 0.5 seconds"), (BrokenDns(), "RuntimeError: a bug")]
)
async def test_what_hangs_or_breaks_is_a_finding_beside_the_others(
    relaying: ScriptedServer, site: str, resolver: FakeDns, words: str
) -> None:
    found = await examine(patient(relaying, site, resolver=resolver), now=NOW, look_seconds=0.5)
    assert [words in one.sentence for one in found if one.subject == "DNS"] == [True]
    assert ("mail server", "ok") in short(found)


async def test_everything_that_can_be_away_may_be_away_at_once() -> None:
    server = SmtpServer(host="127.0.0.1", port=free_port(), security=Security.PLAIN)
    url = f"https://localhost:{free_port()}"
    alone = Patient(settings=settings(public_url=url), server=server, resolver=FakeDns(there=False))
    found = await examine(alone, now=NOW)
    assert ("mail server", "failed") in short(found)
    assert short(found).count(("DNS", "attention")) == 1


async def test_a_look_that_takes_its_time_is_let_finish() -> None:
    async def look() -> Sequence[Finding]:
        await asyncio.sleep(0.05)
        return [fine("x", "So it is.")]

    assert short(await bounded("x", look, seconds=5)) == [("x", "ok")]


def test_bulk_rules_are_met_or_not_or_not_to_be_seen() -> None:
    bad = [fine("SPF", ""), attention("DMARC", "", ""), fine("From alignment", ""), attention("PTR", "", "")]
    one = bulk_rules(bad)
    assert one.verdict == "attention"
    unmet, _, rest = one.sentence.partition(" Met: ")
    assert unmet == "Not met: DMARC, valid PTR."
    met, _, unseen = rest.partition(" Not to be seen from here: ")
    assert met == "SPF, From alignment."
    for rule in ("DKIM", "spam rate below 0.3 %", "TLS", "one-click", "message format"):
        assert rule in unseen


def test_a_rule_with_two_findings_is_met_when_both_are() -> None:
    found = [fine("SPF", "one"), attention("SPF", "other", "")]
    assert "Not met: SPF." in bulk_rules(found).sentence
