"""The words that answer a form: confirm this, you already follow it, and why a mail came."""

from datetime import date

from notifier.events.evidence import standing_of
from notifier.events.language import say
from notifier.events.titles import SUBJECT_LIMIT, clean, cut, quoted
from notifier.events.wording import count, plain_day
from notifier.events.words import Asked, ReplyWords
from notifier.settings import Service
from notifier.subscriptions.model import Rhythm


def asked_for_one(title: str, shown_id: str) -> Asked:
    """Return how one procedure is named in a reply."""
    return Asked(what=quoted(title, shown_id), shown=clean(shown_id))


def asked_for_all(service: Service) -> Asked:
    """Return how everything is named in a reply: "all topics", in the service's own noun."""
    name = f"all {service.topic_noun}s"
    return Asked(what=name, shown=name)


def asked_for_some(group: str, service: Service) -> Asked:
    """Return how all procedures of one process or technology type are named in a reply."""
    name = f"all {service.topic_noun}s of “{clean(group)}”"
    return Asked(what=name, shown=name)


def confirm_words(
    asked: Asked, *, service: Service, chosen: str = "", hours: int = 48, keep_days: int = 7
) -> ReplyWords:
    """Return the mail that asks the owner of an address to confirm.

    `chosen` says which alerts come, and how soon. The link works for `hours`; an address that is never
    confirmed is deleted within `keep_days`.
    """
    works = f"(link works for {count(hours, 'hour')})"
    return ReplyWords(
        subject=_fitting(f"Confirm your alerts for {asked.shown} {works}", f"Confirm your alerts {works}"),
        lead=f"To get alerts about {asked.what}, open this link and press “Confirm”.",
        action="Open the link to confirm",
        after=(
            *((say("What you will get: {chosen}.", chosen=chosen),) if chosen else ()),
            "If you did not ask, do nothing: we send nothing more and delete your address within "
            f"{count(keep_days, 'day')}.",
        ),
        standing=standing_of(service),
        kind="confirm",
    )


def already_words(asked: Asked, *, service: Service) -> ReplyWords:
    """Return the mail to an address that asks again for what it already gets; its link stops the alerts."""
    lead = f"This address already gets alerts about {asked.what}. You need do nothing: they go on as before."
    return ReplyWords(
        subject=_fitting(f"You already get alerts for {asked.shown}", "You already get these alerts"),
        lead=lead,
        action="Stop these alerts",
        after=(
            say(
                "What was chosen this time changes nothing. "
                "To change which alerts come, or how often, follow “Change what you get” below."
            ),
            "If you did not ask, somebody else typed your address; nothing has changed.",
        ),
        standing=standing_of(service),
        kind="already",
    )


def why_words(asked: Asked, *, on: date, service: Service, rhythm: Rhythm = Rhythm.AT_ONCE) -> str:
    """Return why an alert came: "You asked Example Alerts on 3 September 2022 for alerts about IP1783."."""
    sentence = {
        Rhythm.AT_ONCE: "You asked {service} on {day} for alerts about {topic}.",
        Rhythm.DAILY: "You asked {service} on {day} for daily alerts about {topic}.",
        Rhythm.WEEKLY: "You asked {service} on {day} for weekly alerts about {topic}.",
    }[rhythm]
    return sentence.format(service=clean(service.name), day=plain_day(on), topic=asked.shown)


def why_reply_words(asked: Asked, *, on: date, service: Service) -> str:
    """Return why a reply came; somebody else may have typed the address."""
    given = f"Somebody gave this address to {clean(service.name)} on {plain_day(on)}"
    return f"{given} for alerts about {asked.shown}."


def _fitting(subject: str, otherwise: str) -> str:
    """Return `subject` where it fits a list of mails, else the shorter one."""
    return subject if len(subject) <= SUBJECT_LIMIT else cut(otherwise, SUBJECT_LIMIT)
