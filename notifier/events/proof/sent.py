"""Why a mail about an event went, did not go yet, or did not go in the end. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from notifier.delivery.model import DeliveryState
from notifier.events.model import EventKind
from notifier.events.proof.answers import Answer, Case, end_reason, ended_case
from notifier.events.proof.model import Facts, Person, Sending
from notifier.events.proof.words import (
    attempt_words,
    came_back_words,
    day_words,
    end_words,
    moment_words,
    reply_words,
    times_words,
    when_words,
)
from notifier.subscriptions.model import EndReason, SubscriptionState


def sent(facts: Facts, person: Person, one: Sending) -> Answer:
    """Return what became of a mail that was not cancelled."""
    match one.state:
        case DeliveryState.ACCEPTED:
            return _accepted(facts, one)
        case DeliveryState.FAILED:
            return _perhaps_come(_failed(facts, one), one)
        case DeliveryState.SENDING:
            sentence = f"Waiting{_queued(facts, one)}, and being handed to {facts.relay} at this moment."
            return Answer(case=Case.SENDING, sentence=sentence, sending=one)
        case _:
            case, why_not = _unwanted(facts, person, one) or _waiting(facts, one)
            return _perhaps_come(Answer(case=case, sentence=why_not, sending=one), one)


def _accepted(facts: Facts, one: Sending) -> Answer:
    last = one.attempts[-1]
    parts = [
        f"Handed to {facts.relay} at {moment_words(last.at, facts.zone)}{attempt_words(last.n)}, "
        f"reply {reply_words(last)}"
    ]
    if len(one.attempts) > 1:
        first = one.attempts[0]
        parts.append(f"the first, at {moment_words(first.at, facts.zone)}, ended with {reply_words(first)}")
    if one.doubtful:
        parts.append(f"an answer was lost {times_words(one.doubtful)}, so it may have come more than once")
    if one.taken_back:
        parts.append(f"{_died_words(one)}, so it may have come more than once")
    parts += [came_back_words(each, facts.zone) for each in one.came_back]
    case = Case.CAME_BACK if one.came_back else Case.ACCEPTED
    return Answer(case=case, sentence=f"{'; '.join(parts)}.", sending=one)


def _died_words(one: Sending) -> str:
    return f"the service ended {times_words(one.taken_back)} while it had this mail in hand"


def _perhaps_come(answer: Answer, one: Sending) -> Answer:
    """Add to an answer about a mail that no server has taken, as far as we know, that it may have come."""
    if not one.taken_back:
        return answer
    said = answer.sentence.removesuffix(".")
    return replace(answer, sentence=f"{said}; {_died_words(one)}, so it may have come.")


def _failed(facts: Facts, one: Sending) -> Answer:
    last = one.attempts[-1] if one.attempts else None
    at = day_words(one.done_at or facts.now, facts.zone)
    if last is not None and last.code is not None and last.code >= 500:
        tried = attempt_words(last.n)
        sentence = f"Refused by its server on {at}{tried}: {reply_words(last)}."
        return Answer(case=Case.REFUSED, sentence=sentence, sending=one)
    answer = f"; the last answer was {reply_words(last)}" if last is not None else ""
    tries = times_words(last.n) if last is not None else "no times"
    return Answer(case=Case.FAILED, sentence=f"Given up on {at}, tried {tries}{answer}.", sending=one)


def _waiting(facts: Facts, one: Sending) -> tuple[Case, str]:
    """Say why a mail that is queued has not gone, and until when it waits."""
    queued = _queued(facts, one)
    if facts.held:
        return Case.HELD, f"Waiting{queued}, while nothing is sent: {facts.held[0]}"
    if one.mail_after is not None and one.mail_after > facts.now:
        until = moment_words(one.mail_after, facts.zone)
        return (
            Case.BACKING_OFF,
            f"Waiting{queued} until {until}, because mail to this address came back for now.",
        )
    if not one.attempts:
        return Case.WAITING, f"Waiting{queued} for its turn to be handed to {facts.relay}."
    last = one.attempts[-1]
    again = f"it is tried again at {moment_words(one.next_at, facts.zone)}"
    at = moment_words(last.at, facts.zone)
    if one.doubtful:
        return Case.DOUBTFUL, f"Perhaps handed to {facts.relay} at {at}, but its answer was lost; {again}."
    return Case.PUT_OFF, f"Put off at {at}{attempt_words(last.n)} with {reply_words(last)}; {again}."


def _unwanted(facts: Facts, person: Person, one: Sending) -> tuple[Case, str] | None:
    """Say that a mail which is queued still will not go, and why; None: as things stand now, it will."""
    named = one.attempts[-1].at if one.doubtful else one.queued_at or facts.now
    found = next(_withdrawn(facts, person, facts.now, beside=named), None)
    if found is None:
        return None
    case, reason = found
    if one.doubtful:
        at = moment_words(one.attempts[-1].at, facts.zone)
        lost = f"Perhaps handed to {facts.relay} at {at}, but its answer was lost"
        return Case.DOUBTFUL, f"{lost}; it will not be tried again: {reason}."
    return case, f"Queued{_queued(facts, one)}, and will not be sent when its turn comes: {reason}."


def _queued(facts: Facts, one: Sending) -> str:
    return "" if one.queued_at is None else f" since {moment_words(one.queued_at, facts.zone)}"


def cancelled(facts: Facts, person: Person, one: Sending) -> Answer:
    """Return why a mail that was queued was not sent after all."""
    at = one.done_at or facts.now
    case, reason = next(_cancellations(facts, person, one))
    sentence = f"Queued, and not sent when its turn came at {moment_words(at, facts.zone)}: {reason}."
    return _perhaps_come(Answer(case=case, sentence=sentence, sending=one), one)


def _cancellations(facts: Facts, person: Person, one: Sending) -> Iterator[tuple[Case, str]]:
    """Yield what kept a queued mail from being sent, the surest first."""
    at = one.done_at or facts.now
    if one.stopped_at is not None:
        yield Case.TOLD_BEFORE, "what was to be said until then counts as told, as the operator decided"
    yield from _withdrawn(facts, person, at, beside=at)
    if not one.useful:
        yield Case.TOO_LATE, "it would have come too late to be of use"
    yield Case.LEFT_OUT, "nothing was left to say to this person"


def _withdrawn(facts: Facts, person: Person, at: datetime, *, beside: datetime) -> Iterator[tuple[Case, str]]:
    """Yield what had happened by an instant for which a mail leaves the event out, the surest first.

    `beside` is the instant that the sentence names besides.
    """
    zone, named = facts.zone, (beside,)
    corrected = facts.about.corrected_at
    if corrected is not None and corrected <= at:
        yield Case.CORRECTED, f"it was corrected {when_words(corrected, zone, beside=named)}"
    overtaken = facts.about.overtaken_at
    if overtaken is not None and overtaken <= at:
        when = when_words(overtaken, zone, beside=named)
        yield Case.OVERTAKEN, f"its date changed {when}, and that is told instead"
    # A correction goes to who was told and follows it still, whatever kinds they chose, and since when.
    anyhow = facts.about.kind is EventKind.CORRECTION
    mine = [each for each in person.followings if each.follows_it and each.confirmed_at is not None]
    active = [each for each in mine if each.state is SubscriptionState.ACTIVE and (anyhow or each.before)]
    ended = [each for each in mine if each.ended_at is not None and each.ended_at <= at]
    if ended and not active:
        last = max(ended, key=lambda each: each.ended_at or at)
        yield ended_case(last), _lower(end_words(end_reason(last), last.ended_at or at, zone, beside=named))
    paused = [pause for each in mine for pause in each.pauses if pause.ended_at <= at < pause.resumed_at]
    for pause in paused:
        yield Case.PAUSED, _lower(end_words(EndReason(pause.reason), pause.ended_at, zone, beside=named))
    if active and not anyhow and not any(each.chosen for each in active):
        yield Case.OTHER_KINDS, f"meanwhile they chose {active[0].preset}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
