"""How letters leave: in whose name, from which address, and signed by what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from notifier.delivery.model import Claimed, Letter
from notifier.events.catalogues import Languages
from notifier.events.letters import LetterTemplate, Personal, compose
from notifier.events.stationery import Stationery
from notifier.events.words import MailWords, ReplyWords
from notifier.procedures.due import Rules
from notifier.settings import Service
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
    stationery: Stationery = field(default_factory=Stationery)
    languages: Languages = field(default_factory=Languages)

    def compose(self, words: MailWords | ReplyWords) -> LetterTemplate:
        """Compose the mail that says `words`, for any number of people, in the language spoken now."""
        return compose(
            words,
            service=self.service,
            sender=self.sender,
            reply_to=self.reply_to,
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
        )
        return Letter(
            delivery_id=claimed.delivery_id,
            subscriber_id=claimed.subscriber_id,
            attempts=claimed.attempts,
            doubtful=claimed.doubtful,
            sender=self.sender,
            recipient=to.address,
            content=template.fill(personal),
            about=about,
        )

    def message_id(self, claimed: Claimed, to: Recipient) -> str:
        """Return the Message-ID of a delivery, the same however often it is sent."""
        token = self.signer.sign(Purpose.MESSAGE, claimed.delivery_id, to.nonce)
        return f"<{token}@{self.sender.rpartition('@')[2]}>"

    def stop_url(self, claimed: Claimed, to: Recipient) -> str:
        """Return the link that stops what a delivery was sent for."""
        token = self.signer.sign(Purpose.STOP, claimed.delivery_id, to.nonce)
        return f"{self.service.public_url}/stop/{token}"


async def nonces(conn: AsyncConnection, subscriber_ids: Sequence[int]) -> Mapping[int, str]:
    """Return what each subscriber's links are made with."""
    query = select(subscriber.c.id, subscriber.c.nonce).where(subscriber.c.id.in_(subscriber_ids))
    return {row.id: row.nonce for row in await conn.execute(query)}
