"""Mails, and parts of them, that were composed already: each distinct content once, for all its readers."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Generic, Protocol, TypeVar

from notifier.events.words import OverviewPart
from notifier.subscriptions.model import Rhythm

KEPT = 16_000_000
"""Bytes of what is composed that are kept in memory; most mails have some ten thousand."""


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


class Sized(Protocol):
    """Something of which is known how many bytes it takes."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...


Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", bound=Sized)


class Kept(Generic[Key, Value]):
    """Keeps what was used last, as much as fits into `limit` bytes."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self.size = 0
        """Bytes kept now."""

    def of(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept under this key; made now if there is nothing."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = make()
            self.size += found.size
            while self.size > self._limit:
                self.size -= self._kept.popitem(last=False)[1].size
        else:
            self._kept.move_to_end(key)
        return found
