"""Whatever is typed for an address is written to safely or refused; however often, a mailbox is spared."""

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.db import Database
from notifier.delivery.tables import delivery
from notifier.events.personal import Personal
from notifier.subscriptions.fence import Answer
from notifier.subscriptions.lifecycle import normal_address
from notifier.subscriptions.masking import masked, without_masked
from notifier.subscriptions.model import InvalidAddress
from notifier.subscriptions.topics import EVERYTHING, Topic, TopicKind, procedure_topic
from tests.cast import SIGNER, count, sign_up
from tests.events.letter_cast import ANN, alert

FLOOD = 10_000
_BREAKS = ["\r\n", "\n", "\r", "\0", "\x0b", "\u2028", "%0d%0a", "\r\nBcc: x@y.example", "\r\n\r\nHello"]

_parts = st.text(st.characters(codec="utf-8") | st.sampled_from("@.+-_\"'()<>,;:[]\\ \r\n\t\0•"), max_size=40)
_local = st.text("abcXYZ019.!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=70)
_domain = st.from_regex(r"[a-z0-9-]{1,20}(\.[a-z0-9-]{1,20}){0,3}", fullmatch=True) | st.sampled_from(
    ["example.org", "bücher.example.org", "例え.jp", "xn--bcher-kva.example", "[127.0.0.1]", "localhost"]
)
_plausible = st.builds("{}@{}".format, _local, _domain)
_broken = st.builds(
    lambda text, place, end: text[:place] + end + text[place:],
    _plausible,
    st.integers(0, 40),
    st.sampled_from(_BREAKS),
)
addresses = _plausible | _broken | st.builds("{}@{}".format, _parts, _parts) | _parts | st.emails()


@settings(max_examples=120, deadline=None)
@given(st.lists(addresses, min_size=50, max_size=50))
def test_each_of_six_thousand_addresses_is_refused_or_can_be_written_to(texts: list[str]) -> None:
    for text in texts:
        _refused_or_safe(text)


def _refused_or_safe(text: str) -> None:
    try:
        normal = normal_address(text)
    except InvalidAddress:
        return
    assert normal.isascii()
    assert not re.search(r"[\s\x00-\x1f\x7f<>,;]", normal)
    assert normal.count("@") == 1
    assert len(SIGNER.fence_key(normal.casefold())) == 32
    assert without_masked(f"by email to {masked(normal)}: all") == (
        "by email to an address that has been erased: all"
    )


@settings(max_examples=300, deadline=None)
@given(addresses)
def test_what_is_not_refused_fits_into_the_head_of_a_mail(text: str) -> None:
    try:
        normal = normal_address(text)
    except InvalidAddress:
        return
    head = b"".join(_LETTER.fill(_to(normal))).partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\nTo: ") == 1
    assert f"To: {normal}".encode() in head.split(b"\r\n")
    assert b"Bcc" not in head


_LETTER = alert()


def _to(address: str) -> Personal:
    return Personal(
        recipient=address,
        message_id=ANN.message_id,
        sent_at=ANN.sent_at,
        why_line=ANN.why_line,
        link_url=ANN.link_url,
    )


async def test_ten_thousand_sign_ups_for_one_mailbox_make_no_more_mails_than_the_settings_allow(
    sqlite_db: Database,
) -> None:
    topics = (EVERYTHING, procedure_topic(1), Topic(kind=TopicKind.PROCESS, value="ip"))
    answers: Counter[Answer] = Counter()
    for n in range(FLOOD):
        spelt = ("vera@example.org", f"vera+{n}@example.org", "VERA@Example.ORG")[n % 3]
        answers[await sign_up(sqlite_db, spelt, topics[n // 3 % 3])] += 1
    assert answers == {Answer.QUEUED: 3, Answer.FENCED: FLOOD - 3}
    assert await count(sqlite_db, delivery) == 3
