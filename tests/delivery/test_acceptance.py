"""How long nothing was accepted, and by how many domains."""

from datetime import UTC, datetime, timedelta

from notifier.delivery.acceptance import Acceptance
from notifier.delivery.model import Outcome, Verdict
from tests.delivery.cast import letter

NOON = datetime(2022, 10, 14, 12, tzinfo=UTC)


def _outcome(address: str, verdict: Verdict) -> Outcome:
    return Outcome(
        letter=letter()._replace(recipient=address), verdict=verdict, code=554, reply="5.7.1 Refused"
    )


def test_refusals_are_counted_by_domain_since_the_first() -> None:
    acceptance = Acceptance()
    for minutes, address in enumerate(("ada@one.example", "ben@ONE.example", "cat@two.example")):
        acceptance.note(_outcome(address, Verdict.RETRY), now=NOON + timedelta(minutes=minutes))
    found = acceptance.unaccepted
    assert found is not None
    assert (found.count, found.domains, found.since) == (3, 2, NOON)
    assert found.reply == "5.7.1 Refused"


def test_one_acceptance_ends_the_count() -> None:
    acceptance = Acceptance()
    acceptance.note(_outcome("ada@one.example", Verdict.FAILED), now=NOON)
    acceptance.accepted()
    assert acceptance.unaccepted is None


def test_what_operators_see_of_a_reply_names_no_address() -> None:
    acceptance = Acceptance()
    refused = _outcome("ada@one.example", Verdict.FAILED)
    acceptance.note(refused._replace(reply="5.7.1 <ada@one.example>: Relay access denied"), now=NOON)
    assert acceptance.unaccepted is not None
    assert acceptance.unaccepted.reply == "5.7.1 <…>: Relay access denied"
