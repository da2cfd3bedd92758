"""The language in which a mail speaks: sentences are marked where they stand, and said as the reader speaks.

A marked sentence is its own English. Whoever composes sets the language around the whole mail, so that no
function has to hand it on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Catalogue(Protocol):
    """Sentences of one language, by their English."""

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
