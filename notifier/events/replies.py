"""The words that answer a form: confirm this, you already follow it, and why a mail came."""

from datetime import date

from notifier.events import wording
from notifier.events.evidence import standing_of
from notifier.events.language import mark, say
from notifier.events.titles import SUBJECT_LIMIT, clean, cut
from notifier.events.words import Asked, ReplyWords
from notifier.settings import Service
from notifier.subscriptions.model import Rhythm


def asked_for_one(title: str, shown_id: str) -> Asked:
    """Return how one procedure is named in a reply."""
    return Asked(title=title, shown_id=shown_id)


def asked_for_all(service: Service) -> Asked:
    """Return how everything is named in a reply: "all topics", in the service's own noun."""
    return Asked(noun=service.topic_noun)


def asked_for_some(group: str, service: Service) -> Asked:
    """Return how all procedures of one process or technology type are named in a reply."""
    return Asked(noun=service.topic_noun, group=group)


def confirm_words(
    asked: Asked, *, service: Service, chosen: str = "", hours: int = 48, keep_days: int = 7
) -> ReplyWords:
    """Return the mail that asks the owner of an address to confirm.

    `chosen` says which alerts come, and how soon. The link works for `hours`; an address that is never
    confirmed is deleted within `keep_days`.
    """
    works = wording.hours(hours)
    return ReplyWords(
        subject=_fitting(
            say("Confirm your alerts for {what} (link works for {hours})", what=asked.shown, hours=works),
            say("Confirm your alerts (link works for {hours})", hours=works),
        ),
        lead=say("To get alerts about {what}, open this link and press “Confirm”.", what=asked.what),
        action=say("Open the link to confirm"),
        after=(
            *((say("What you will get: {chosen}.", chosen=chosen),) if chosen else ()),
            say(
                "If you did not ask, do nothing: we send nothing more and delete your address within {days}.",
                days=wording.days(keep_days),
            ),
        ),
        standing=standing_of(service),
        kind="confirm",
    )


def already_words(asked: Asked, *, service: Service) -> ReplyWords:
    """Return the mail to an address that asks again for what it already gets; its link stops the alerts."""
    return ReplyWords(
        subject=_fitting(
            say("You already get alerts for {what}", what=asked.shown), say("You already get these alerts")
        ),
        lead=say(
            "This address already gets alerts about {what}. You need do nothing: they go on as before.",
            what=asked.what,
        ),
        action=say("Stop these alerts"),
        after=(
            say(
                "What was chosen this time changes nothing. "
                "To change which alerts come, or how often, follow “Change what you get” below."
            ),
            say("If you did not ask, somebody else typed your address; nothing has changed."),
        ),
        standing=standing_of(service),
        kind="already",
    )


def why_words(asked: Asked, *, on: date, service: Service, rhythm: Rhythm = Rhythm.AT_ONCE) -> str:
    """Return why an alert came: "You asked Example Alerts on 3 September 2022 for alerts about IP1783."."""
    sentences = {
        Rhythm.AT_ONCE: mark("You asked {service} on {day} for alerts about {what}."),
        Rhythm.DAILY: mark("You asked {service} on {day} for daily alerts about {what}."),
        Rhythm.WEEKLY: mark("You asked {service} on {day} for weekly alerts about {what}."),
    }
    return say(sentences[rhythm], service=clean(service.name), day=wording.plain_day(on), what=asked.shown)


def why_reply_words(asked: Asked, *, on: date, service: Service) -> str:
    """Return why a reply came; somebody else may have typed the address."""
    return say(
        "Somebody gave this address to {service} on {day} for alerts about {what}.",
        service=clean(service.name),
        day=wording.plain_day(on),
        what=asked.shown,
    )


def _fitting(subject: str, otherwise: str) -> str:
    """Return `subject` where it fits a list of mails, else the shorter one."""
    return subject if len(subject) <= SUBJECT_LIMIT else cut(otherwise, SUBJECT_LIMIT)
