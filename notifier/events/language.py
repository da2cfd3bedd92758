"""The language in which a mail speaks: sentences are marked where they stand, and said as the reader speaks.

A marked sentence is its own English. Whoever composes sets the language around the whole mail, so that no
function has to hand it on. What is composed outside (feeds, pages, letters to staff) speaks English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

ENGLISH = "en-GB"
"""The tag (RFC 5646) of the language in which every sentence is written."""


class Catalogue(Protocol):
    """Sentences of one language, by their English."""

    @property
    def tag(self) -> str:
        """The language as mails and pages name it (RFC 5646)."""
        ...

    def gettext(self, message: str) -> str:
        """Return the sentence in this language; the English itself where it has none."""
        ...

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the sentence in the form that `n` wants."""
        ...


_speaking: ContextVar[Catalogue | None] = ContextVar("speaking", default=None)


@contextmanager
def speaking(catalogue: Catalogue | None) -> Iterator[None]:
    """Say everything within in the language of `catalogue`; None: in English."""
    token = _speaking.set(catalogue)
    try:
        yield
    finally:
        _speaking.reset(token)


def spoken_tag() -> str:
    """Return the tag of the language spoken now."""
    catalogue = _speaking.get()
    return ENGLISH if catalogue is None else catalogue.tag


def say(sentence: str, /, **values: object) -> str:
    """Return a sentence in the language spoken now, its `{names}` filled."""
    catalogue = _speaking.get()
    return (sentence if catalogue is None else catalogue.gettext(sentence)).format(**values)


def say_many(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the sentence for so many things, its `{names}` filled; `{number}` is the number."""
    catalogue = _speaking.get()
    english = one if number == 1 else many
    sentence = english if catalogue is None else catalogue.ngettext(one, many, number)
    return sentence.format(number=number, **values)


def say_set(words: str) -> str:
    """Return words that a setting holds, such as the public noun for a procedure, in the language spoken now.

    They are in no shipped catalogue: an operator who sets them adds them to a catalogue of his own.
    """
    catalogue = _speaking.get()
    return words if catalogue is None else catalogue.gettext(words)


def mark(sentence: str) -> str:
    """Mark a sentence of a table, that is said later, for the catalogues."""
    return sentence


def mark_many(one: str, many: str) -> tuple[str, str]:
    """Mark the two forms of a sentence of a table, that is said later, for the catalogues."""
    return one, many


def goes_on(lead: str) -> str:
    """Return a lead as it goes on after a colon: English lowers its first letter, other languages do not."""
    return f"{lead[0].lower()}{lead[1:]}" if _speaking.get() is None else lead
