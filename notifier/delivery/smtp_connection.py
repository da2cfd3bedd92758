"""One connection to a mail server, from greeting to QUIT (RFC 5321), over aiosmtplib.

The commands are given one by one, so that whoever sends a letter knows which of them was refused and whether
the connection was lost before or after the final dot: before it nothing was accepted, after it nobody knows.

Each connection has an `SMTP` object of its own, is closed once and never connected again: reconnecting a lost
object of aiosmtplib 5.1 hangs for ever.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from ssl import SSLContext
from typing import Any, cast

from aiosmtplib import SMTP, SMTPDataError, SMTPHeloError, SMTPResponse, SMTPServerDisconnected
from aiosmtplib.email import parse_address
from aiosmtplib.protocol import SMTPProtocol

from notifier.delivery.model import Letter
from notifier.delivery.refusal import Stage
from notifier.delivery.smtp_server import SmtpServer
from notifier.delivery.smtp_trouble import Lost, Refused, Stale, Trouble, at
from notifier.settings import Security

REFUSALS_PER_CONNECTION = 5
"""Postfix answers slowly after ten errors in a session (smtpd_soft_error_limit); a new one starts at zero."""

LONGEST_IDLE = 60.0
"""Seconds after which a kept connection is not trusted: a firewall may have forgotten it without a word."""

_START_INPUT = 354
_CLOSING = 421


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a server showed of itself: for whoever examines it, not for sending.

    `tls` and `cipher` are None on a connection in clear, and the certificate is empty (as `getpeercert` gives
    it); `extensions` are those of EHLO by their small names; `local`: the server is on this machine.
    """

    tls: str | None
    cipher: str | None
    certificate: Mapping[str, Any]
    extensions: Mapping[str, str]
    local: bool


class Connection:
    """An open session. Every exception of `deliver` except `Refused` leaves it fit only for `close`."""

    def __init__(self, smtp: SMTP, *, letters: int, end_of_data_timeout: float) -> None:
        self._smtp = smtp
        self._end_of_data_timeout = end_of_data_timeout
        self._most_letters = letters
        self._letters = 0
        self._refusals = 0
        self._needs_reset = False

    @classmethod
    async def open(cls, server: SmtpServer, *, tls: SSLContext | None) -> "Connection":
        """Connect, encrypt as configured, and log in if there is a user.

        Raises:
            Trouble: `Refused` or `Lost`, with the stage that failed; nothing is left open.
        """
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.timeout,
            use_tls=server.security is Security.TLS,
            start_tls=False,
            tls_context=tls,
            local_hostname=server.local_hostname or "localhost",
        )
        try:
            with at(Stage.CONNECT):
                await smtp.connect()
            await _greet(smtp, server)
            if server.security is Security.STARTTLS:
                await _encrypt(smtp)
                await _greet(smtp, server)
            if server.username is not None:
                await _log_in(smtp, server.username, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return cls(
            smtp, letters=server.letters_per_connection, end_of_data_timeout=server.end_of_data_timeout
        )

    @property
    def offer(self) -> Offer:
        """What the server showed of itself."""
        encrypted = self._smtp.get_transport_info("ssl_object")
        peer: str = self._smtp.get_transport_info("peername")[0].partition("%")[0]
        return Offer(
            tls=encrypted.version() if encrypted is not None else None,
            cipher=encrypted.cipher()[0] if encrypted is not None else None,
            certificate=(encrypted.getpeercert() or {}) if encrypted is not None else {},
            extensions={name.lower(): value for name, value in self._smtp.esmtp_extensions.items()},
            local=ip_address(peer).is_loopback,
        )

    @property
    def offers_pipelining(self) -> bool:
        """Whether the server takes commands without waiting for each answer (RFC 2920)."""
        return self._smtp.supports_extension("pipelining")

    @property
    def usable(self) -> bool:
        """Whether another letter may go over it; an EOF that came while it lay idle is seen here."""
        return (
            self._smtp.is_connected
            and not _has_unread(self._smtp.protocol)
            and self._letters < self._most_letters
            and self._refusals < REFUSALS_PER_CONNECTION
        )

    def hand_over(self, protocol: asyncio.Protocol) -> asyncio.Transport:
        """Let `protocol` speak from here on, over the same transport; only `close` is still to be called.

        There is no way to pipeline by aiosmtplib, and no other to take over what it opened.
        """
        transport = cast("asyncio.Transport", self._smtp.transport)
        transport.set_protocol(protocol)
        return transport

    async def deliver(self, letter: Letter) -> SMTPResponse:
        """Hand over one letter and return the answer that accepted it.

        Raises:
            Refused: the server said no; the connection can be used again.
            Stale: see there.
            Lost: see there.
        """
        kept, self._letters = self._letters > 0, self._letters + 1
        try:
            _check_writable(letter.sender, Stage.SENDER)
            _check_writable(letter.recipient, Stage.RECIPIENT)
            encoding = self._encoding(letter)
            await self._begin(letter.sender, encoding, kept=kept)
            with at(Stage.RECIPIENT):
                await self._smtp.rcpt(letter.recipient, encoding=encoding)
            return await self._content(letter.data)
        except Refused:
            # Without RSET the next letter would go out under this one's sender.
            self._needs_reset = True
            self._refusals += 1
            raise

    def leave(self) -> None:
        """Say QUIT and hang up without waiting for the answer: nothing depends on it."""
        protocol = self._smtp.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """Hang up. Closing twice does nothing."""
        self._smtp.close()

    async def _begin(self, sender: str, encoding: str, *, kept: bool) -> None:
        """Name the sender; only here can it turn out that a kept connection has ended in the meantime."""
        try:
            with at(Stage.SENDER):
                if self._needs_reset:
                    await self._smtp.rset()
                    self._needs_reset = False
                options = () if encoding == "ascii" else ("SMTPUTF8",)
                await self._smtp.mail(sender, options=options, encoding=encoding)
        except Trouble as trouble:
            if kept and (isinstance(trouble, Lost) or self._needs_reset or trouble.code == _CLOSING):
                raise Stale(trouble.stage, trouble.code, trouble.text) from trouble
            raise

    def _encoding(self, letter: Letter) -> str:
        """Return how to write the envelope; beyond ASCII only if the server offers SMTPUTF8 (RFC 6531)."""
        if letter.sender.isascii() and letter.recipient.isascii():
            return "ascii"
        if self._smtp.supports_extension("smtputf8"):
            return "utf-8"
        raise Refused(Stage.RECIPIENT, None, "The mail server takes no addresses beyond ASCII (SMTPUTF8)")

    async def _content(self, data: bytes) -> SMTPResponse:
        with at(Stage.DATA):
            answer = await self._smtp.execute_command(b"DATA")
            protocol = self._smtp.protocol
            if answer.code != _START_INPUT:
                raise SMTPDataError(answer.code, answer.message)
            if protocol is None:
                raise SMTPServerDisconnected("Connection lost")
            if _has_unread(protocol):
                raise Lost(Stage.DATA, None, "an answer to nothing has come")
            protocol.write(data)
        with at(Stage.CONTENT):
            answer = await protocol.read_response(timeout=self._end_of_data_timeout)
            if answer.code // 100 != 2:
                raise SMTPDataError(answer.code, answer.message)
            transport = cast("asyncio.Transport | None", self._smtp.transport)
            if transport is not None and transport.get_write_buffer_size():
                raise Lost(Stage.CONTENT, answer.code, "an answer before the end of the data")
        return answer


def _check_writable(address: str, stage: Stage) -> None:
    """Refuse an address that aiosmtplib could not write, or would tidy up and so send to somebody else."""
    try:
        writable = parse_address(address) == address and address.isprintable()
    except ValueError:
        writable = False
    if not writable:
        raise Refused(stage, None, "The address cannot be written in an SMTP command")


def _has_unread(protocol: SMTPProtocol | None) -> bool:
    """Whether an answer, or a part of one, has come that nobody asked for.

    aiosmtplib would take it for the answer to the next command, or to the body; it has no other way to look.
    """
    return protocol is not None and bool(protocol._buffer)


async def _greet(smtp: SMTP, server: SmtpServer) -> None:
    """Say EHLO, or HELO to a server that does not know it (RFC 5321 §3.2)."""
    with at(Stage.HELLO):
        name = server.local_hostname or _address_literal(smtp)
        try:
            await smtp.ehlo(hostname=name)
        except SMTPHeloError:
            if not smtp.is_connected:
                raise
            await smtp.helo(hostname=name)


def _address_literal(smtp: SMTP) -> str:
    """Return our end of the connection as RFC 5321 §4.1.3 writes it: [192.0.2.1], [IPv6:2001:db8::1]."""
    address: str = smtp.get_transport_info("sockname")[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


async def _encrypt(smtp: SMTP) -> None:
    if not smtp.supports_extension("starttls"):
        raise Refused(Stage.TLS, None, "STARTTLS is required, and the server does not offer it")
    with at(Stage.TLS):
        await smtp.starttls()


async def _log_in(smtp: SMTP, username: str, password: str) -> None:
    if not smtp.supports_extension("auth"):
        raise Refused(Stage.LOGIN, None, "A user is configured, and the server offers no AUTH")
    with at(Stage.LOGIN):
        await smtp.login(username, password)
