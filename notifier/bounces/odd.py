"""Bounces of servers that keep to no standard, which flufl.bounce knows; it is used only here. Pure."""

import logging
from email.message import Message

from notifier.bounces.model import BounceKind, Fate
from notifier.bounces.parts import parts_of, text_of
from notifier.bounces.status import diagnostic_line, kind_of_failure, status_in

# It writes a line for each of its detectors.
logging.getLogger("flufl.bounce").setLevel(logging.WARNING)


def odd_fate(message: Message) -> Fate | None:
    """Return what became of a mail, as such a bounce tells it; None where the message is none.

    Whom it names does not matter: the token says whose mail it was. What is not given up is only delayed.
    """
    from flufl.bounce import all_failures  # noqa: PLC0415 - two dozen modules, rarely needed

    for_now, for_good = all_failures(message)
    if not for_good:
        return Fate(kind=BounceKind.DELAYED) if for_now else None
    said = _words_with_a_status(message)
    status = status_in(said)
    return Fate(kind=kind_of_failure(status), status=status, diagnostic=diagnostic_line(said))


def _words_with_a_status(message: Message) -> str:
    """Return the first line with a status code; empty where there is none."""
    texts = (text_of(part) for part in parts_of(message) if part.get_content_maintype() == "text")
    lines = (line for text in texts for line in text.splitlines())
    return next((line.strip() for line in lines if status_in(line.strip()) is not None), "")
