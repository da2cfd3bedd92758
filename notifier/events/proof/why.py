"""Why somebody was told of an event, or was not: one sentence for every case. Pure.

What happened to a mail comes first, then what is still to happen, then why there was none.
"""

from dataclasses import replace

from notifier.delivery.model import DeliveryState
from notifier.events.proof.answers import Answer, Case
from notifier.events.proof.model import Facts, Person, Sending
from notifier.events.proof.moved import of_address, with_address
from notifier.events.proof.sent import cancelled, sent
from notifier.events.proof.unsent import unsent
from notifier.events.proof.words import digest_words
from notifier.subscriptions.model import SubscriptionState


def why(facts: Facts) -> Answer:
    """Return why the person was told of the event, or was not."""
    people = of_address(facts.people)
    return with_address(_answer(replace(facts, people=people)), people, facts.zone)


def _answer(facts: Facts) -> Answer:
    sendings = sorted((one for each in facts.people for one in each.sendings), key=_place)
    if sendings and _place(sendings[0]) < _CANCELLED:
        return sent(facts, _whose(facts, sendings[0]), sendings[0])
    for person in facts.people:
        if person.gathering is not None and _still_wanted(person):
            slot = digest_words(person.gathering.rhythm, person.gathering.slot_at, facts.zone)
            return Answer(case=Case.GATHERED, sentence=f"Gathered for the {slot}.")
    if sendings:
        return cancelled(facts, _whose(facts, sendings[0]), sendings[0])
    return unsent(facts)


_CANCELLED = 5
_PLACES = {
    DeliveryState.ACCEPTED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.PENDING: 2,
    DeliveryState.FAILED: 4,
    DeliveryState.CANCELLED: _CANCELLED,
}


def _place(one: Sending) -> int:
    return _PLACES[one.state]


def _whose(facts: Facts, mail: Sending) -> Person:
    return next(one for one in facts.people if mail in one.sendings)


def _still_wanted(person: Person) -> bool:
    """Whether what is gathered for a person will be mailed: it is bound late, from what they follow then."""
    return any(
        one.follows_it and one.chosen and one.state is SubscriptionState.ACTIVE for one in person.followings
    )
