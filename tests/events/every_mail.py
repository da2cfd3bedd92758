"""Finished mails of every kind, as they leave us: what programs that are not ours are given to judge."""

from collections.abc import Iterator
from datetime import date, timedelta

from notifier.events.checking.samples import digest, replies, staff_sample
from notifier.events.forms import FULL_SECTIONS
from notifier.events.letters import compose
from notifier.events.messages import mail_words
from notifier.events.replies import asked_for_all, asked_for_one, asked_for_some
from notifier.events.slots import GATHERING
from notifier.events.staff.forms import compose as compose_for_staff
from notifier.events.stationery import Stationery
from notifier.events.words import MailWords, ReplyWords
from notifier.settings import Service
from tests.events.letter_cast import ANN, SENDER, filled
from tests.events.test_every_kind import every_telling
from tests.events.words_cast import SERVICE, TITLE, event

REPLY_TO = "help@alerts.example.org"
EVERY = 5
"""Of the 15 ways to tell each kind on each basis one in so many is judged; a judge takes its time."""


def every_words(service: Service = SERVICE) -> Iterator[tuple[str, MailWords | ReplyWords]]:
    """Return the words of a mail of every kind and basis, of several things at once, and of every reply."""
    news = [event(kind, basis, payload) for kind, basis, payload in every_telling()][::EVERY]
    for number, one in enumerate(news):
        today = one.payload.day + timedelta(days=(0, 0, 1)[number % 3])
        words = mail_words([one], today=today, service=service)
        yield f"{number}-{one.kind.value}-{one.basis.value}", words
    for size in (2, FULL_SECTIONS, len(news)):
        yield f"several-{size}", mail_words(news[:size], today=date(2022, 10, 14), service=service)
    for asked in (asked_for_one(TITLE, "IP1783"), asked_for_all(service), asked_for_some("IP", service)):
        for reply in replies(asked, service):
            yield f"{reply.name}-{len(asked.shown)}".replace(", ", "-"), reply.words()
    for rhythm in GATHERING:
        yield f"digest-{rhythm.name.lower()}", digest(news[:3], rhythm, service)


def every_mail(service: Service = SERVICE, *, paper: Stationery | None = None) -> Iterator[tuple[str, bytes]]:
    """Return each of them finished, and a letter to staff; in the language spoken now."""
    for name, words in every_words(service):
        made = compose(words, service=service, sender=SENDER, reply_to=REPLY_TO, stationery=paper)
        yield name, filled(made)
    yield (
        "staff",
        compose_for_staff(
            staff_sample(), ANN, service=service, sender=SENDER, reply_to=REPLY_TO, stationery=paper
        ),
    )
