"""One alert about IP1783, and Ann, who gets it."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from notifier.delivery.wire import content_of
from notifier.events.letters import LetterTemplate, compose
from notifier.events.messages import mail_words
from notifier.events.model import Basis, EventKind
from notifier.events.personal import Personal
from tests.events.words_cast import CONSULTATION, SERVICE, TITLE, event

SENDER = "alerts@alerts.example.org"
ANN = Personal(
    recipient="ann@charity.example",
    message_id="<e1.ab12@alerts.example.org>",
    sent_at=datetime(2022, 10, 14, 9, 0, 7, tzinfo=timezone(timedelta(hours=1))),
    why_line="You asked Example Alerts on 3 September 2022 for alerts about IP1783.",
    link_url="https://alerts.example.org/s/abcdefghijklmnop?a=1&b=2",
    one_click_url="https://alerts.example.org/one-click/abcdefghijklmnop",
)


def filled(template: LetterTemplate, personal: Personal = ANN) -> bytes:
    """Return a finished mail as its reader gets it."""
    return content_of(b"".join(template.fill(personal)))


def alert(title: str = TITLE) -> LetterTemplate:
    news = event(EventKind.OPENED, Basis.CONFIRMED, replace(CONSULTATION, title=title))
    words = mail_words([news], today=date(2022, 10, 14), service=SERVICE)
    return compose(words, service=SERVICE, sender=SENDER, reply_to="help@alerts.example.org")
