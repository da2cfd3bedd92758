"""What the DNS says of a sender, at the seam: a table of domains and what is made of them."""

from typing import Any

import pytest

from notifier.cli.examining.sender_dns import sender_dns
from notifier.cli.finding import Finding
from tests.cli.examining.cast import DOMAIN, REPLY_TO, SENDER, FakeDns, short

OURS = "198.51.100.7"
WORLD = "8.8.4.4"
BELOW = "bounces.kidneys.example"
GOOD: dict[str, Any] = {
    "txt": {DOMAIN: ["v=spf1 ip4:8.8.4.4 ~all"], f"_dmarc.{DOMAIN}": ["v=DMARC1; p=quarantine"]},
    "mx": {DOMAIN: ["mx.kidneys.example"], "office.example": ["mx1.office.example"]},
    "hosts": {"out.kidneys.example": [WORLD]},
    "pointers": {WORLD: ["out.kidneys.example"]},
}


async def ask(ours: str | None = None, bounces: str | None = None, **changes: Any) -> list[Finding]:
    dns = FakeDns(**(GOOD | changes))
    return list(await sender_dns(dns, sender=SENDER, reply_to=REPLY_TO, bounces=bounces, ours=ours))


def of(found: list[Finding], subject: str) -> Finding:
    [one] = [one for one in found if one.subject == subject]
    return one


async def test_a_domain_that_is_set_up_well_is_fine_throughout() -> None:
    found = await ask(WORLD)
    assert short(found) == [
        ("SPF", "ok"),
        ("DMARC", "ok"),
        (f"mail for {DOMAIN}", "ok"),
        ("mail for office.example", "ok"),
        ("PTR", "ok"),
    ]
    assert f"lets {WORLD} send" in found[0].sentence


def below() -> dict[str, Any]:
    """A world in which mail leaves in envelopes of a domain below the sender's, as well set up as that."""
    return {
        "txt": GOOD["txt"] | {BELOW: ["v=spf1 ip4:8.8.4.4 ~all"]},
        "mx": GOOD["mx"] | {BELOW: ["mx.kidneys.example"]},
    }


async def test_the_domain_of_the_envelope_is_asked_too() -> None:
    found = await ask(WORLD, bounces=f"returned@{BELOW}", **below())
    assert short(found) == [
        ("SPF", "ok"),
        ("SPF", "ok"),
        ("DMARC", "ok"),
        (f"mail for {DOMAIN}", "ok"),
        (f"mail for {BELOW}", "ok"),
        ("mail for office.example", "ok"),
        ("PTR", "ok"),
    ]


async def test_a_domain_of_the_envelope_without_records_is_told() -> None:
    found = await ask(WORLD, bounces=f"returned@{BELOW}")
    assert f"{BELOW} has no SPF record." in [one.sentence for one in found if one.subject == "SPF"]
    lost = of(found, f"mail for {BELOW}")
    assert (lost.verdict, "bounces to it are lost" in lost.sentence) == ("failed", True)


async def test_spf_is_not_known_where_one_of_its_two_domains_gets_no_answer() -> None:
    found = await ask(WORLD, bounces=f"returned@{BELOW}", silent=[BELOW])
    assert [one for one in found if one.subject == "SPF"] == []
    assert any("SPF: nobody answered" in one.sentence for one in found)


async def test_an_envelope_of_the_senders_own_domain_is_asked_once() -> None:
    assert short(await ask(bounces=f"returned@{DOMAIN}")) == short(await ask())


async def test_where_nothing_can_be_asked_that_is_one_line_and_nothing_is_asked() -> None:
    dns = FakeDns(there=False)
    [one] = await sender_dns(dns, sender=SENDER, reply_to=REPLY_TO, bounces=None, ours=WORLD)
    assert one.sentence.startswith("Not asked")
    assert dns.asked == []


async def test_a_name_that_gets_no_answer_is_no_statement_about_it() -> None:
    found = await ask(silent=[DOMAIN])
    assert [one for one in short(found) if one[0] == "SPF"] == []
    assert "SPF: nobody answered" in of([one for one in found if "SPF" in one.sentence], "DNS").sentence
    assert of(found, "DMARC").verdict == "ok"


@pytest.mark.parametrize(
    ("records", "verdict", "words"),
    [
        ([], "attention", "has no SPF record"),
        (["v=spf1 ~all", "v=spf1 -all"], "attention", "has 2 SPF records"),
        (["v=spf1 +all"], "attention", "lets everybody send"),
        (["v=spf1 all"], "attention", "lets everybody send"),
        (["v=spf1 include:nowhere.example ~all"], "attention", "includes a name without a record"),
        (["v=spf10 -all", "google-site-verification=x"], "attention", "has no SPF record"),
        (["v=spf1 include:relay.example ~all"], "ok", "is there; see that it names your mail server"),
    ],
)
async def test_spf_records_are_judged(records: list[str], verdict: str, words: str) -> None:
    txt = {DOMAIN: records, "relay.example": ["v=spf1 ip4:192.0.2.0/24 -all"]}
    one = of(await ask(txt=txt), "SPF")
    assert one.verdict == verdict
    assert words in one.sentence


async def test_an_address_of_ours_that_the_record_does_not_name_is_told() -> None:
    one = of(await ask("9.9.9.9"), "SPF")
    assert (one.verdict, "does not let 9.9.9.9" in one.sentence) == ("attention", True)


@pytest.mark.parametrize(
    ("where", "records", "verdict", "words"),
    [
        (DOMAIN, ["v=DMARC1; p=none; rua=mailto:d@kidneys.example"], "ok", "is p=none"),
        (DOMAIN, ["v=DMARC1; p=reject; aspf=s; adkim=s"], "ok", "Alignment is strict (aspf, adkim)."),
        (DOMAIN, ["v=DMARC1"], "attention", "has no policy"),
        (DOMAIN, ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "attention", "has 2 records"),
        ("elsewhere.example", ["v=DMARC1; p=none"], "attention", "has no DMARC record"),
    ],
)
async def test_dmarc_records_are_judged(where: str, records: list[str], verdict: str, words: str) -> None:
    one = of(await ask(txt={f"_dmarc.{where}": records}), "DMARC")
    assert one.verdict == verdict
    assert words in one.sentence


async def test_the_organisations_dmarc_record_holds_for_a_domain_below_it() -> None:
    dns = FakeDns(txt={"_dmarc.kidneys.example": ["v=DMARC1; p=reject"]}, mx={})
    found = await sender_dns(dns, sender="a@mail.kidneys.example", reply_to=REPLY_TO, bounces=None, ours=None)
    assert "of kidneys.example is p=reject" in of(list(found), "DMARC").sentence


@pytest.mark.parametrize(
    ("mx", "hosts", "verdict", "words"),
    [
        ({}, {}, "failed", "answers to it are lost"),
        ({"office.example": [""]}, {}, "failed", "answers to it are lost"),
        ({}, {"office.example": [OURS]}, "attention", "has no MX record"),
        ({"office.example": ["a.example", "b.example"]}, {}, "ok", "takes mail at a.example, b.example"),
    ],
)
async def test_whoever_answers_must_find_a_mailbox(mx: Any, hosts: Any, verdict: str, words: str) -> None:
    one = of(await ask(mx=mx, hosts=hosts), "mail for office.example")
    assert one.verdict == verdict
    assert words in one.sentence


@pytest.mark.parametrize(
    ("ours", "pointers", "hosts", "subject", "words"),
    [
        (WORLD, {}, {}, "PTR", "has no name"),
        (WORLD, {WORLD: ["x.example"]}, {"x.example": [OURS]}, "PTR", "does not lead back"),
        ("10.0.0.5", {}, {}, "outgoing address", "others see as another address"),
    ],
)
async def test_an_address_whose_name_does_not_lead_back_is_told(
    ours: str, pointers: Any, hosts: Any, subject: str, words: str
) -> None:
    one = of(await ask(ours, pointers=pointers, hosts=hosts), subject)
    assert (one.verdict, words in one.sentence) == ("attention", True)
