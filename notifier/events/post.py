"""How letters leave: in whose name, from which address, and signed by what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, Letter
from notifier.delivery.wire import data_of
from notifier.events.catalogues import Languages
from notifier.events.letters import LetterTemplate, Personal, compose
from notifier.events.stationery import Stationery
from notifier.events.words import MailWords, ReplyWords
from notifier.procedures.due import Rules
from notifier.settings import Service
from notifier.subscriptions.return_path import ReturnPath, envelope_token
from notifier.subscriptions.tables import subscriber
from notifier.subscriptions.tokens import Purpose, Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom a letter is for: the address as it is written to, and the nonce of the links it carries."""

    address: str
    nonce: str


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
        about: tuple[str, ...] = (),
    ) -> Letter:
        """Return the finished letter of one delivery."""
        personal = Personal(
            recipient=to.address,
            message_id=self.message_id(claimed, to),
            sent_at=now.astimezone(self.rules.zone),
            why_line=why,
            link_url=link,
            stop_address=self.stop_address(claimed, to),
        )
        return Letter(
            delivery_id=claimed.delivery_id,
            subscriber_id=claimed.subscriber_id,
            attempts=claimed.attempts,
            doubtful=claimed.doubtful,
            sender=self.envelope_sender(claimed, to),
            recipient=to.address,
            data=data_of(template.fill(personal)),
            about=about,
        )

    def envelope_sender(self, claimed: Claimed, to: Recipient) -> str:
        """Return the address that a delivery comes back to, which says of it which delivery it was."""
        if self.return_path is None:
            return self.sender
        token = envelope_token(self.signer, claimed.delivery_id, nonce=to.nonce, address=to.address)
        return self.return_path.with_token(token)

    def stop_address(self, claimed: Claimed, to: Recipient) -> str | None:
        """Return where a mail stops what a delivery was sent for; None: nobody would read it."""
        if self.return_path is None:
            return None
        return self.return_path.with_token(self._stop_token(claimed, to))

    def message_id(self, claimed: Claimed, to: Recipient) -> str:
        """Return the Message-ID of a delivery, the same however often it is sent."""
        token = self.signer.sign(Purpose.MESSAGE, claimed.delivery_id, to.nonce)
        return f"<{token}@{self.sender.rpartition('@')[2]}>"

    def stop_url(self, claimed: Claimed, to: Recipient) -> str:
        """Return the link that stops what a delivery was sent for."""
        return f"{self.service.public_url}/stop/{self._stop_token(claimed, to)}"

    def _stop_token(self, claimed: Claimed, to: Recipient) -> str:
        return self.signer.sign(Purpose.STOP, claimed.delivery_id, to.nonce)


async def nonces(conn: AsyncConnection, subscriber_ids: Sequence[int]) -> Mapping[int, str]:
    """Return what each subscriber's links are made with."""
    query = select(subscriber.c.id, subscriber.c.nonce).where(subscriber.c.id.in_(subscriber_ids))
    return {row.id: row.nonce for row in await conn.execute(query)}
