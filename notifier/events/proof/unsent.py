"""Why there was no mail about an event: of what somebody asked for, the nearest to a mail explains. Pure."""

from collections.abc import Sequence

from notifier.events.model import EventKind
from notifier.events.proof.answers import Answer, Case, end_reason, ended_case
from notifier.events.proof.model import Facts, Following, Person
from notifier.events.proof.words import day_words, end_words, moment_words, suppressed_words, when_words
from notifier.subscriptions.model import EndReason, SubscriptionState


def unsent(facts: Facts) -> Answer:
    """Return why there was no mail at all."""
    about = facts.about
    announced = day_words(about.recorded_at, facts.zone)
    if facts.forgotten:
        sentence = f"Announced on {announced}: what proves who was told is kept for 18 months only."
        return Answer(case=Case.FORGOTTEN, sentence=sentence)
    if about.no_mail:
        sentence = "Nobody was mailed about this: it stands on the pages and in the feeds alone."
        return Answer(case=Case.NO_MAIL, sentence=sentence)
    ranked = sorted(
        (_explained(facts, person, one) for person in facts.people for one in person.followings),
        key=lambda each: _NEARNESS.index(each.case),
    )
    unconfirmed = (Case.NEVER_CONFIRMED, Case.NOT_CONFIRMED_YET, Case.FOLLOWS_OTHERS)
    if facts.suppressed is not None and (not ranked or ranked[0].case in unconfirmed):
        return Answer(case=Case.SUPPRESSED, sentence=f"{suppressed_words(facts.suppressed, facts.zone)}.")
    if not ranked:
        sentence = "Never asked: no sign-up with this address is known."
        return Answer(case=Case.NEVER_ASKED, sentence=sentence)
    if ranked[0].case is Case.FOLLOWS_OTHERS:
        return _follows_others(facts)
    return ranked[0]


_NEARNESS = (
    Case.UNQUEUED,
    Case.CORRECTED,
    Case.LEFT_OUT,
    Case.CHANGED_SINCE,
    Case.PAUSED,
    Case.UNEXPLAINED,
    Case.NO_REMINDERS,
    Case.OTHER_KINDS,
    Case.ENDED,
    Case.ERASED,
    Case.CONFIRMED_LATER,
    Case.NOT_CONFIRMED_YET,
    Case.NEVER_CONFIRMED,
    Case.FOLLOWS_OTHERS,
)
"""Which explanation comes nearer to a mail than another."""


def _explained(facts: Facts, person: Person, one: Following) -> Answer:
    """Return why one thing that somebody asked for brought them no mail about the event."""
    if not one.follows_it:
        return Answer(case=Case.FOLLOWS_OTHERS, sentence="")
    if one.confirmed_at is None:
        return _unconfirmed(facts, one)
    if not one.before:
        how = "Taken in by the operator" if one.imported else "Confirmed"
        both = (one.confirmed_at, facts.about.recorded_at)
        confirmed, announced = (when_words(at, facts.zone, beside=both) for at in both)
        sentence = f"{how} only {confirmed}, after this was announced {announced}."
        return Answer(case=Case.CONFIRMED_LATER, sentence=sentence)
    over = _over(facts, one)
    if over is not None:
        return over
    return _should_have_come(facts, person, one) if one.chosen else _not_chosen(facts, one)


def _over(facts: Facts, one: Following) -> Answer | None:
    """Return how something was not followed just then; None: it was."""
    zone, at = facts.zone, facts.about.recorded_at
    if one.state is SubscriptionState.ENDED and one.ended_at is not None:
        announced = when_words(at, zone, beside=[one.ended_at])
        before = f"before this was announced {announced}"
        after = f"after this was announced {announced} and before its mail was queued"
        words = end_words(end_reason(one), one.ended_at, zone, beside=[at])
        sentence = f"{words}, {before if one.ended_before else after}."
        return Answer(case=ended_case(one), sentence=sentence)
    for pause in one.pauses:
        if pause.ended_at <= at < pause.resumed_at:
            named = (pause.ended_at, pause.resumed_at, at)
            words = end_words(EndReason(pause.reason), pause.ended_at, zone, beside=named)
            resumed, announced = (when_words(each, zone, beside=named) for each in named[1:])
            sentence = f"{words}, and taken up again only {resumed}; this was announced {announced}."
            return Answer(case=Case.PAUSED, sentence=sentence)
    return None


def _unconfirmed(facts: Facts, one: Following) -> Answer:
    asked, until = day_words(one.asked_at, facts.zone), day_words(one.link_until, facts.zone)
    if one.state is SubscriptionState.PENDING and one.link_until > facts.now:
        sentence = f"Asked on {asked}, not confirmed yet; the link works until {until}."
        return Answer(case=Case.NOT_CONFIRMED_YET, sentence=sentence)
    sentence = f"Asked on {asked}, never confirmed; the link ended on {until}."
    return Answer(case=Case.NEVER_CONFIRMED, sentence=sentence)


def _not_chosen(facts: Facts, one: Following) -> Answer:
    if one.changed_at is not None:
        both = (facts.about.recorded_at, one.changed_at)
        announced, changed = (when_words(at, facts.zone, beside=both) for at in both)
        sentence = f"Chose {one.preset}; this was announced {announced}, and the choice changed {changed}."
        return Answer(case=Case.OTHER_KINDS, sentence=sentence)
    if facts.about.kind is EventKind.CLOSING_SOON and one.without_reminders:
        return Answer(case=Case.NO_REMINDERS, sentence="Wants no reminders; this was one.")
    return Answer(case=Case.OTHER_KINDS, sentence=f"Chose {one.preset}; this is no part of it.")


def _should_have_come(facts: Facts, person: Person, one: Following) -> Answer:
    """Return why nothing came of what was confirmed before, not ended, and chosen."""
    about, zone = facts.about, facts.zone
    if person.unqueued is not None:
        when = moment_words(person.unqueued, zone)
        sentence = (
            f"Not queued yet: its mail goes from {when} on."
            if person.unqueued > facts.now
            else f"Not queued yet: its mailing of {when} is being prepared."
        )
        return Answer(case=Case.UNQUEUED, sentence=sentence)
    if about.corrected_at is not None:
        sentence = (
            f"Not mailed: it was corrected on {day_words(about.corrected_at, zone)}, before its mail went."
        )
        return Answer(case=Case.CORRECTED, sentence=sentence)
    if person.left_out_at is not None:
        mail = moment_words(person.left_out_at, zone)
        sentence = (
            f"Left out of the mail of {mail}, which had other news: nothing was left to say about this."
        )
        return Answer(case=Case.LEFT_OUT, sentence=sentence)
    if one.changed_at is not None:
        on = day_words(one.changed_at, zone)
        sentence = f"What is sent here was changed only on {on}, after this was announced: {one.change}."
        return Answer(case=Case.CHANGED_SINCE, sentence=sentence)
    since = day_words(one.confirmed_at or one.asked_at, zone)
    announced = moment_words(about.recorded_at, zone)
    sentence = (
        f"Unexplained, please report it: {one.what} is followed since {since}, and nothing was queued when "
        f"this was announced at {announced}."
    )
    return Answer(case=Case.UNEXPLAINED, sentence=sentence)


def _follows_others(facts: Facts) -> Answer:
    followed = [one for person in facts.people for one in person.followings]
    active = [one.what for one in followed if one.state is SubscriptionState.ACTIVE]
    verb = "Follows" if active else "Only ever asked for"
    names = _listed(list(dict.fromkeys(active or [one.what for one in followed])))
    return Answer(case=Case.FOLLOWS_OTHERS, sentence=f"{verb} {names}, and not what this is about.")


def _listed(names: Sequence[str]) -> str:
    """Return "IP1, IP2 and everything", at most five by name."""
    shown = [*names[:5], f"{len(names) - 5} more"] if len(names) > 5 else list(names)
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
