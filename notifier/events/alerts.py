"""Writing alerts: what was bound becomes letters, many at a time.

Whatever letters have in common is made once: a content, and why people who asked for the same on the same day
get it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from notifier.delivery.model import Letter
from notifier.events.compositions import Content, Kept
from notifier.events.joining import Joiner
from notifier.events.letters import LetterTemplate
from notifier.events.messages import mail_words
from notifier.events.model import Event
from notifier.events.personal import TwoForms, reason
from notifier.events.post import Alert, Post
from notifier.events.replies import why_words
from notifier.events.variants import Variant
from notifier.events.wanting import Wanted
from notifier.events.words import Asked
from notifier.subscriptions.model import Rhythm

REASONS_KEPT = 8_192
"""Reasons kept in memory; each is some three hundred bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What some deliveries of a mailing tell: the same to all of their readers."""

    variant: Variant
    content: Content
    events: tuple[Event, ...]


class AlertWriter:
    """Makes the letters of alerts and digests."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._compositions: Kept[Content, LetterTemplate] = Kept()
        self._joiner = Joiner(post)
        self._reason = lru_cache(REASONS_KEPT)(self._encode_reason)
        self._day = lru_cache(REASONS_KEPT)(self._civil_day)  # those who were imported asked together

    def write(
        self, said: Sequence[tuple[Wanted, Told]], names: Mapping[int, Asked], now: datetime
    ) -> list[Letter]:
        """Return the letters of deliveries; `names` are those of the topics by which people follow."""
        made: dict[Told, tuple[LetterTemplate, tuple[str, ...]]] = {}
        alerts: list[Alert] = []
        for one, told in said:
            if told not in made:
                made[told] = self._template(told), tuple(event.public_id for event in told.events)
            template, about = made[told]
            cause, reader = one.cause, one.reader
            day = self._day(cause.asked)
            why = self._reason(told.content.language, names[cause.topic_id], cause.rhythm, day)
            alerts.append(Alert(one.claimed, reader.address, reader.nonce, template, why, about))
        return self._post.letters(alerts, now)

    def _template(self, told: Told) -> LetterTemplate:
        with self._post.languages.speaking(told.content.language):
            return self._compositions.of(told.content, lambda: self._compose(told.events, told.content))

    def _compose(self, events: Sequence[Event], content: Content) -> LetterTemplate:
        if self._joiner.joins(events):
            return self._joiner.join(events, content)
        words = mail_words(
            events,
            today=content.today,
            service=self._post.service,
            rhythm=content.rhythm,
            overview=content.overview,
        )
        return self._post.compose(words)

    def _encode_reason(self, language: str, asked: Asked, rhythm: int, day: date) -> TwoForms:
        with self._post.languages.speaking(language):
            return reason(why_words(asked, on=day, service=self._post.service, rhythm=Rhythm(rhythm)))

    def _civil_day(self, minute: str) -> date:
        """Return the civil day of a minute in UTC; no zone's difference from it has seconds."""
        return self._post.rules.local_date(datetime.fromisoformat(minute).replace(tzinfo=UTC))
