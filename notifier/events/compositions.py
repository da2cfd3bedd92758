"""Mails that were composed already: each distinct content once, for all its readers."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from notifier.events.letters import LetterTemplate
from notifier.events.words import OverviewPart
from notifier.subscriptions.model import Rhythm

KEPT = 256
"""Composed mails kept in memory; each is some ten kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What makes two mails the same but for their reader.

    `deadlines` are those of its events as they hold by now (`overtaking.py`). `today` is part of it because
    texts may say "tomorrow". `rhythm` is that of a digest, at once for others; `overview` is what a weekly
    digest adds.
    """

    language: str
    seqs: tuple[int, ...]
    deadlines: tuple[date | None, ...]
    today: date
    rhythm: Rhythm = Rhythm.AT_ONCE
    overview: tuple[OverviewPart, ...] = ()


class Compositions:
    """Keeps the mails used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Content, LetterTemplate] = OrderedDict()

    def of(self, content: Content, compose: Callable[[], LetterTemplate]) -> LetterTemplate:
        """Return the mail with this content, composed now if it is not kept."""
        found = self._kept.get(content)
        if found is None:
            found = self._kept[content] = compose()
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(content)
        return found
