"""Whatever the values, a mail is valid and says exactly them."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.events.letters import compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.titles import clean, quoted, subject
from notifier.procedures.model import MilestoneKind
from tests.events.letter_cast import ANN, SENDER, alert, filled
from tests.events.mail_reader import Page, assert_fit_for_the_wire, body, read
from tests.events.words_cast import PAYLOADS, SERVICE, event

TITLES = st.text(st.characters(), max_size=400) | st.text(
    st.sampled_from("a <>&=.~\r\n\ufdd0\u202e{}%é"), max_size=200
)
ATOMS = st.text(st.sampled_from("abcXYZ0189!#$%&'*+/=?^_`{|}~-"), min_size=1, max_size=60)
TAILS = st.text(st.sampled_from("abcXYZ019-._~:/?#[]@!$&'()*+,;=%"), max_size=300)


@settings(max_examples=60, deadline=None)
@given(
    title=TITLES,
    local=ATOMS,
    tail=TAILS,
    asked=st.text(st.characters(exclude_characters="\r\n"), max_size=120),
)
def test_whatever_is_spliced_comes_back_exactly(title: str, local: str, tail: str, asked: str) -> None:
    url = f"https://alerts.example.org/{tail}"
    person = replace(
        ANN, recipient=f"{local}@charity.example", link_url=url, one_click_url=None, why_line=asked
    )
    content = filled(alert(title), person)
    assert_fit_for_the_wire(content)
    message = read(content)
    assert message["To"].addresses[0].addr_spec == person.recipient
    assert message["Message-ID"] == person.message_id
    assert message["Date"].datetime == person.sent_at
    assert message["List-Unsubscribe"] == f"<{url}>"
    assert message["Subject"] == subject("Comment by 11 Nov", title, "IP1783")
    text, page = body(message, "plain"), Page(body(message, "html"))
    sentence = f"You can now comment on {quoted(title, 'IP1783')} until 5pm on Friday 11 November 2022."
    assert " ".join(sentence.split()) in " ".join(text.split())
    assert " ".join(sentence.split()) in page.text
    assert " ".join(clean(asked).split()) in " ".join(text.split())
    assert " ".join(clean(asked).split()) in page.text
    assert f"\n  {url}\n" in text
    assert page.links["Stop these alerts"] == url


@settings(max_examples=60, deadline=None)
@given(label=TITLES, status=TITLES, operator=st.text(max_size=60))
def test_nothing_that_others_write_can_open_a_hole(label: str, status: str, operator: str) -> None:
    service = SERVICE.model_copy(update={"operator": operator, "postal_address": operator})
    for kind in (EventKind.REMOVED, EventKind.MEETING, EventKind.CLOSED, EventKind.DATE_ADDED):
        payload = replace(PAYLOADS[kind], label=label, status_as_written=status, read_at=None)
        rows = tuple(replace(row, label=label, milestone_kind=MilestoneKind.OTHER) for row in payload.changes)
        news = event(kind, Basis.CONFIRMED, replace(payload, changes=rows))
        words = mail_words([news], today=datetime(2022, 10, 14, tzinfo=UTC).date(), service=service)
        content = filled(compose(words, service=service, sender=SENDER))
        assert_fit_for_the_wire(content)
        assert body(read(content), "plain").count(ANN.link_url) == 1
