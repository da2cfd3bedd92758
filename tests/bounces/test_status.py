"""Status codes: only a few can mean nothing but that there is no mailbox. Pure."""

import pytest

from notifier.bounces.model import BounceKind
from notifier.bounces.status import kind_of_failure, status_in

KINDS = {
    BounceKind.HARD: ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"),
    BounceKind.SOFT: ("4.0.0", "4.2.2", "4.4.7", "4.7.1", "5.2.2", "5.3.4", "5.4.4", "5.4.6"),
    BounceKind.REFUSED: (None, "5.0.0", "5.1.0", "5.1.8", "5.2.3", "5.5.0", "5.6.0", "5.7.1", "5.7.26"),
}


@pytest.mark.parametrize(("kind", "status"), [(kind, one) for kind, some in KINDS.items() for one in some])
def test_a_code_says_what_a_failure_is(kind: BounceKind, status: str | None) -> None:
    assert kind_of_failure(status) is kind


WORDS = {
    "550 5.1.1 No such user": "5.1.1",
    "550-5.1.1 No such user": "5.1.1",
    "550 #5.1.0 Address rejected.": "5.1.0",
    "5.7.1 Not here": "5.7.1",
    "Sorry, no mailbox here by that name. (#5.1.1)": "5.1.1",
    "host 4.2.1.1 said: 554 5.7.1 blocked": "5.7.1",
    "550 No such user; see 5.1.1": None,  # a quotation (RFC 2034 §4)
    "550 5.1.1.1 is no code": None,
    "connect to 5.1.1.9: refused": None,
    "": None,
}


@pytest.mark.parametrize("words", WORDS)
def test_a_code_counts_where_a_server_puts_its_own(words: str) -> None:
    assert status_in(words) == WORDS[words]
