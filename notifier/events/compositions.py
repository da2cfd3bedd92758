"""Mails that were composed already: each distinct content once, for all its readers."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from notifier.events.letters import LetterTemplate
from notifier.events.words import OverviewPart
from notifier.subscriptions.model import Rhythm

KEPT = 16_000_000
"""Bytes of composed mails kept in memory; most have some ten thousand."""


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
    """Keeps the mails used last, as many as fit into `limit` bytes."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Content, LetterTemplate] = OrderedDict()
        self.size = 0
        """Bytes kept now."""

    def of(self, content: Content, compose: Callable[[], LetterTemplate]) -> LetterTemplate:
        """Return the mail with this content, composed now if it is not kept."""
        found = self._kept.get(content)
        if found is None:
            found = self._kept[content] = compose()
            self.size += found.size
            while self.size > self._limit:
                self.size -= self._kept.popitem(last=False)[1].size
        else:
            self._kept.move_to_end(content)
        return found
