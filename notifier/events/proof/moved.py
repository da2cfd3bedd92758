"""What is said of somebody who changed their address: which of their addresses got the mail. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from notifier.delivery.model import DeliveryState
from notifier.events.proof.answers import Answer
from notifier.events.proof.model import Person, Sending
from notifier.events.proof.words import day_words

_OPEN = (DeliveryState.PENDING, DeliveryState.SENDING)


def with_address(answer: Answer, people: Sequence[Person], zone: ZoneInfo) -> Answer:
    """Add to an answer about these people which address it speaks of, if that is not plain."""
    person = next((one for one in people if answer.sending in one.sendings), None)
    if person is not None:
        words = _words(person, answer.sending, zone)
    elif people and all(one.left_at is not None for one in people):
        words = _words(people[0], None, zone)
    else:
        words = None
    return replace(answer, sentence=f"{answer.sentence.removesuffix('.')}; {words}.") if words else answer


def of_address(people: Sequence[Person]) -> tuple[Person, ...]:
    """Return people as far as the address is theirs.

    Where somebody else has it now, whoever left it had only the mail from before.
    """
    if not any(one.address is not None and one.left_at is None for one in people):
        return tuple(people)
    return tuple(one if one.left_at is None else _until(one, one.left_at) for one in people)


def _until(person: Person, left_at: datetime) -> Person:
    before = tuple(one for one in person.sendings if (at := _sent_at(one)) is not None and at < left_at)
    nothing = replace(person, followings=(), gathering=None, unqueued=None, left_out_at=None)
    return replace(nothing, sendings=before)


def _words(person: Person, mail: Sending | None, zone: ZoneInfo) -> str | None:
    at = None if mail is None else _sent_at(mail)
    if person.left_at is not None and (at is None or at >= person.left_at):
        return f"their alerts went to another address from {day_words(person.left_at, zone)} on"
    if mail is None or not mail.attempts or mail.state is DeliveryState.CANCELLED:
        return None
    then = next((one for one in person.moves if at is not None and at < one.at), None)
    if then is None or (then.asked and person.left_at is None):
        return None
    so_far = "so far " if mail.state in _OPEN else ""
    return f"{so_far}it was sent to the address they had until {day_words(then.at, zone)}"


def _sent_at(mail: Sending) -> datetime | None:
    """Return when a mail went, or was tried last."""
    return mail.attempts[-1].at if mail.attempts else mail.done_at
