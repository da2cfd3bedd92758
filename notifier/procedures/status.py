"""A source's word for where a procedure stands → `Status`. Pure; the word itself is kept beside it."""

import re

from notifier.procedures.model import Status

STATUS_WORDS = {
    "Proposed": Status.PROPOSED,
    "Awaiting development": Status.AWAITING_DEVELOPMENT,
    "Topic selection": Status.TOPIC_SELECTION,
    "Topic prioritisation": Status.TOPIC_SELECTION,
    "Topic selection / prioritisation": Status.TOPIC_SELECTION,
    "Referred": Status.REFERRED,
    "In progress": Status.IN_PROGRESS,
    "Suspended": Status.SUSPENDED,
    "Impacted by COVID-19": Status.IMPACTED_BY_COVID_19,
    "Discontinued": Status.DISCONTINUED,
    "Complete": Status.COMPLETE,
    "Completed": Status.COMPLETE,
}
"""Every status word that is understood, as a page writes it; feeds write "InProgress" for "In progress"."""


def _bare(word: str) -> str:
    return re.sub(r"[^0-9a-z]", "", word.lower())


_BY_BARE_WORD = {_bare(word): status for word, status in STATUS_WORDS.items()}


def read_status(text: str) -> Status:
    """Read a status word in any case, with or without spaces and punctuation; `UNKNOWN` for any other."""
    return _BY_BARE_WORD.get(_bare(text), Status.UNKNOWN)
