"""How letters leave: in whose name, from which address, and signed by what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from notifier.delivery.model import Claimed, Letter
from notifier.events.catalogues import Languages
from notifier.events.letters import LetterTemplate, compose
from notifier.events.personal import (
    LINK_END,
    Personal,
    TwoForms,
    Values,
    address_value,
    date_value,
    link_heads,
)
from notifier.events.stationery import Stationery
from notifier.events.words import MailWords, ReplyWords
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.subscriptions.return_path import ReturnPath, envelope_nonce, envelope_token
from notifier.subscriptions.tokens import Purpose, Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a letter is for: the address as it is written to, and the nonce of the links it carries."""

    address: str
    nonce: str


class Alert(NamedTuple):
    """One alert before it is made: of which delivery, for whom, what it says and why it comes.

    `about` are the ids of its events.
    """

    claimed: Claimed
    address: str
    nonce: str
    template: LetterTemplate
    why: TwoForms
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What every letter of this service has in common."""

    service: Service
    sender: str
    reply_to: str | None
    signer: Signer
    rules: Rules
    return_path: ReturnPath | None = None
    """Where mail comes back to; None: to the sender, where nothing is made of it."""
    stationery: Stationery = field(default_factory=Stationery)
    languages: Languages = field(default_factory=Languages)

    def compose(self, words: MailWords | ReplyWords) -> LetterTemplate:
        """Compose the mail that says `words`, for any number of people, in the language spoken now."""
        return compose(
            words,
            service=self.service,
            sender=self.sender,
            reply_to=self.reply_to,
            stop_by_mail=self.return_path is not None,
            stationery=self.stationery,
        )

    def letter(
        self,
        claimed: Claimed,
        template: LetterTemplate,
        to: Recipient,
        *,
        why: str,
        link: str,
        now: datetime,
    ) -> Letter:
        """Return the finished letter of one delivery whose link is of its own kind."""
        personal = Personal(
            recipient=to.address,
            message_id=self.message_id(claimed, to),
            sent_at=now.astimezone(self.rules.zone),
            why_line=why,
            link_url=link,
        )
        return Letter(
            delivery_id=claimed.delivery_id,
            subscriber_id=claimed.subscriber_id,
            attempts=claimed.attempts,
            doubtful=claimed.doubtful,
            sender=self.envelope_sender(claimed, to),
            recipient=to.address,
            parts=template.fill(personal),
        )

    def letters(self, alerts: Sequence[Alert], now: datetime) -> list[Letter]:
        """Return the finished letters of many alerts, in order: each carries the link that stops it.

        Raises:
            UnsafeValueError: an address could break out of its place.
        """
        rows = [(one.claimed.delivery_id, one.nonce) for one in alerts]
        stops = self.signer.sign_all(Purpose.STOP, rows)
        message_ids = self.signer.sign_all(Purpose.MESSAGE, rows)
        writer = _Writer(self, date_value(now.astimezone(self.rules.zone)))
        return [
            writer.write(*each)
            for each in zip(alerts, stops, message_ids, self._envelope_senders(alerts), strict=True)
        ]

    def envelope_sender(self, claimed: Claimed, to: Recipient) -> str:
        """Return the address that a delivery comes back to, which says of it which delivery it was."""
        if self.return_path is None:
            return self.sender
        token = envelope_token(self.signer, claimed.delivery_id, nonce=to.nonce, address=to.address)
        return self.return_path.with_token(token)

    def message_id(self, claimed: Claimed, to: Recipient) -> str:
        """Return the Message-ID of a delivery, the same however often it is sent."""
        token = self.signer.sign(Purpose.MESSAGE, claimed.delivery_id, to.nonce)
        return f"<{token}@{self.message_domain}>"

    @property
    def message_domain(self) -> str:
        """The domain of every Message-ID: that of the sender."""
        return self.sender.rpartition("@")[2]

    @property
    def stop_base(self) -> str:
        """What every link begins with that stops something; its token follows."""
        return f"{self.service.public_url}/stop/"

    def stop_url(self, claimed: Claimed, to: Recipient) -> str:
        """Return the link that stops what a delivery was sent for."""
        return f"{self.stop_base}{self.signer.sign(Purpose.STOP, claimed.delivery_id, to.nonce)}"

    def _envelope_senders(self, alerts: Sequence[Alert]) -> list[str]:
        if self.return_path is None:
            return [self.sender] * len(alerts)
        rows = [(one.claimed.delivery_id, envelope_nonce(one.nonce, one.address)) for one in alerts]
        return [self.return_path.with_token(token) for token in self.signer.sign_all(Purpose.BOUNCE, rows)]


class _Writer:
    """Fills alerts: what they have in common is encoded once, a token fits into any place as it is."""

    def __init__(self, post: Post, date: bytes) -> None:
        self._date = date
        self._base = post.stop_base.encode()
        self._heads = link_heads(post.stop_base)
        self._message_end = f"@{post.message_domain}>".encode()
        self._stop_before, self._stop_after = b"", b""
        if post.return_path is not None:  # a mail to there stops the same
            before, after = post.return_path.around_token
            self._stop_before, self._stop_after = before.encode(), after.encode()

    def write(self, alert: Alert, stop: str, message_id: str, sender: str) -> Letter:
        claimed, address = alert.claimed, alert.address
        token = stop.encode()
        values = Values(
            address_value(address),
            self._date,
            b"<" + message_id.encode() + self._message_end,
            self._base + token,
            self._stop_before + token + self._stop_after,
            alert.why.text,
            alert.why.html,
            self._heads.text + token + LINK_END,
            self._heads.html + token + LINK_END,
        )
        return Letter(
            claimed.delivery_id,
            claimed.subscriber_id,
            claimed.attempts,
            claimed.doubtful,
            sender,
            address,
            alert.template.filled(values),
            alert.about,
        )
