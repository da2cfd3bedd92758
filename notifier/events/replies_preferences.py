"""The words of the mails that open something: all that an address gets, or another address for it. Pure."""

from datetime import date, timedelta

from notifier.events.evidence import standing_of
from notifier.events.language import say, say_many
from notifier.events.titles import clean
from notifier.events.wording import plain_day
from notifier.events.words import ReplyWords
from notifier.settings import Service


def access_words(*, service: Service, lasts: timedelta) -> ReplyWords:
    """Return the mail with the link that opens all that its address gets."""
    minutes = lasts // timedelta(minutes=1)
    works = say_many("works for {number} minute", "works for {number} minutes", minutes)
    return ReplyWords(
        subject=say("Your link to change your alerts ({works})", works=works),
        lead=say(
            "With this link you see everything that {service} sends to this address, and can change it, "
            "stop it, or have your address deleted.",
            service=clean(service.name),
        ),
        action=say("Open your alerts"),
        after=(
            say("The link {works} from when it was asked for, and opens once.", works=works),
            say("Do not forward this mail: whoever has the link can change your alerts."),
            say("If you did not ask, do nothing: nothing has changed."),
        ),
        standing=standing_of(service),
        kind="access",
    )


def new_address_words(*, service: Service, hours: int) -> ReplyWords:
    """Return the mail that asks the owner of another address whether alerts may go there."""
    works = say_many("works for {number} hour", "works for {number} hours", hours)
    return ReplyWords(
        subject=say("Confirm this address for your alerts ({works})", works=works),
        lead=say(
            "To get your alerts from {service} at this address from now on, open this link and press "
            "“Send them here”.",
            service=clean(service.name),
        ),
        action=say("Open the link to confirm"),
        after=(
            say("Until then they go on to your old address."),
            say("If you did not ask, do nothing: we send nothing more and delete this address."),
        ),
        standing=standing_of(service),
        kind="new-address",
    )


def why_access_words(*, on: date, service: Service) -> str:
    """Return why a link to all alerts came; somebody else may have asked for it."""
    return say(
        "Somebody asked {service} on {day} for a link to the alerts of this address.",
        service=clean(service.name),
        day=plain_day(on),
    )


def why_new_address_words(*, on: date, service: Service) -> str:
    """Return why another address is asked."""
    return say(
        "Somebody who gets alerts from {service} gave this address on {day} as their new one.",
        service=clean(service.name),
        day=plain_day(on),
    )
