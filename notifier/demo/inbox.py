"""The demo's next mail server: a real SMTP server on loopback that keeps what it takes. Nothing leaves."""

import asyncio
import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

OK = "250 2.0.0 Taken over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One caught mail and its envelope; `number` counts from 1 in the order of arrival."""

    number: int
    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def text(self) -> str:
        """The plain text part."""
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())

    @property
    def html(self) -> str:
        """The HTML part."""
        part = self.message.get_body(("html",))
        return "" if part is None else str(part.get_content())


class Inbox:
    """Listens on a free port of loopback from `start` to `stop`."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.port = 0
        self.over = False
        """Whether nothing more is to come, so that who reads is not interrupted."""
        self._arrived = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Begin to take mail."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, hostname="inbox.localhost", enable_SMTPUTF8=False), "127.0.0.1", 0
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more mail."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a mail (the name is aiosmtpd's)."""
        content = envelope.original_content or b""
        sender = str(envelope.mail_from)
        for recipient in envelope.rcpt_tos:
            number = len(self.mails) + 1
            self.mails.append(Mail(number=number, sender=sender, recipient=str(recipient), content=content))
        self._arrived.set()
        return OK

    async def first_to(self, recipient: str, *, seconds: float = 10.0) -> Mail:
        """Return the first mail to somebody, waiting for it.

        Raises:
            TimeoutError: none came in time.
        """
        async with asyncio.timeout(seconds):
            while True:
                self._arrived.clear()
                for mail in self.mails:
                    if mail.recipient == recipient:
                        return mail
                await self._arrived.wait()
