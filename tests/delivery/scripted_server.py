"""A real SMTP server in the test's own loop, which misbehaves exactly as its script says.

It is aiosmtpd; the script only comes between a command and its normal answer. What the server saw is kept, so
that a test can say both what we made of an answer and what we did on the wire.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

CERTIFICATE = Path(__file__).parent / "tls" / "certificate.pem"
EXPIRED = CERTIFICATE.with_name("expired.pem")
KEY = Path(__file__).parent / "tls" / "key.pem"

GREETING = "greeting"
DOT = "."


class Act(Enum):
    """What a server can do instead of answering."""

    DROP = auto()
    SILENCE = auto()
    LOSE = auto()
    """After the final dot: drop the connection and the mail with it."""


@dataclass
class Rule:
    """Answer `verb` with `act` when its argument, or the envelope, holds `marker`; `times` times."""

    verb: str
    act: str | Act
    marker: str = ""
    times: int = 1_000


@dataclass(frozen=True)
class Mail:
    """A mail that the server took, on which of its connections, under which envelope."""

    connection: int
    sender: str
    recipient: str
    content: bytes


@dataclass
class ScriptedServer:
    """Listens on a port of its own from `start` to `stop`."""

    rules: list[Rule] = field(default_factory=list)
    taken: list[Mail] = field(default_factory=list)
    seen: list[tuple[int, str]] = field(default_factory=list)
    """Every command as (number of the connection from 1, verb); the final dot is the verb "."."""
    greeted_by: list[str] = field(default_factory=list)
    connections: int = 0
    open_now: set[asyncio.BaseTransport] = field(default_factory=set)
    served: set["_Session"] = field(default_factory=set)
    most_open: int = 0
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    password: bytes = b"right"
    answer_after: float = 0.0
    """Seconds the server takes for each final dot."""
    options: dict[str, Any] = field(default_factory=dict)
    """For aiosmtpd's SMTP: tls_context, auth_required, …"""
    implicit_tls: bool = False
    pipelining: bool = False
    """Whether it offers to take commands without being waited for (RFC 2920); aiosmtpd only does so."""
    read_ahead: int = 0
    """How often an envelope had come before the mail in front of it was answered."""
    forgets_after: str = ""
    """A verb together with which it throws away whatever it has received beyond it."""
    adds: dict[str, str] = field(default_factory=dict)
    """What it says besides, by the verb with whose answer this comes."""
    adds_after: float = 0.0
    """Seconds between an answer and what is added to it; 0: both come in one packet."""
    most_connections: int = 1_000
    """How many it serves at once; the next one hears 421 as its greeting."""
    mails_each: int = 1_000
    """After how many mails on a connection it says 421 to the next."""
    byte_seconds: float = 0.0
    """Seconds between the bytes of an answer."""
    slow_verb: str = ""
    """The verb from which on, on each connection, its answers come byte by byte."""
    port: int = 0
    _server: asyncio.Server | None = None

    def when(self, verb: str, act: str | Act, *, marker: str = "", times: int = 1_000) -> None:
        """Add a rule."""
        self.rules.append(Rule(verb, act, marker, times))

    def verbs(self, connection: int) -> list[str]:
        """Return what was said on one connection, in order."""
        return [verb for number, verb in self.seen if number == connection]

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        context = server_tls() if self.implicit_tls else None
        self._server = await loop.create_server(lambda: _Session(self), "127.0.0.1", self.port, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        assert self._server is not None
        self._server.close()
        self.drop_all()
        await asyncio.sleep(0.01)

    def drop_all(self) -> None:
        """End every open connection, as a server does after a long silence."""
        for transport in list(self.open_now):
            transport.close()

    def act_on(self, verb: str, argument: str) -> str | Act | None:
        """Return what the script says to do, and count it."""
        for rule in self.rules:
            if rule.verb == verb and rule.marker in argument and rule.times > 0:
                rule.times -= 1
                return rule.act
        return None

    def check(self, mechanism: str, login: bytes, password: bytes) -> bool:
        self.logins.append((login, password))
        return password == self.password


class _Taker:
    """aiosmtpd's handler: a mail is taken at the final dot, unless the script says otherwise."""

    async def handle_EHLO(  # noqa: N802
        self, session: "_Session", _: object, __: object, hostname: str, responses: list[str]
    ) -> list[str]:
        session.session.host_name = hostname
        if session.script.pipelining:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_DATA(self, session: "_Session", _: object, envelope: Any) -> str:  # noqa: N802
        script, number = session.script, session.number
        script.seen.append((number, DOT))
        session.answering = DOT
        act = script.act_on(DOT, envelope.rcpt_tos[0])
        session.forget_after(DOT)
        if isinstance(act, str):
            return act
        if act is Act.LOSE:
            await session.perform(act)
        mail = Mail(number, envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content)
        script.taken.append(mail)
        await session.perform(act)
        await asyncio.sleep(script.answer_after)
        return "250 2.0.0 Taken"


class _Session(SMTP):
    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        self.number = 0
        self.answering = ""
        self._slow = False
        defaults: dict[str, Any] = {"hostname": "test.invalid", "auth_callback": script.check}
        super().__init__(_Taker(), **(defaults | script.options))
        self._smtp_methods = {verb: self._scripted(verb, do) for verb, do in self._smtp_methods.items()}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.number:
            self.script.connections += 1
            self.number = self.script.connections
            self.script.open_now.add(transport)
            self.script.most_open = max(self.script.most_open, len(self.script.open_now))
            self._first_transport = transport
            if len(self.script.served) < self.script.most_connections:
                self.script.served.add(self)
        super().connection_made(transport)

    def eof_received(self) -> bool:
        """End a connection at once that its client has left, though the script has it wait for ever."""
        super().eof_received()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.script.open_now.discard(self._first_transport)
        self.script.served.discard(self)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        """Answer; the greeting is the first thing a server says, so the script comes between here."""
        if str(status).startswith("220 test.invalid"):
            self.answering = GREETING
            act = self.script.act_on(GREETING, "")
            if self not in self.script.served:
                act = "421 4.7.0 Too many connections"
            await self.perform(act if isinstance(act, Act) else None)
            status = act or status
        added = self.script.adds.get(self.answering, "")
        verb, self.answering = self.answering, ""
        if added and not self.script.adds_after:
            status, added = f"{status}\r\n{added}", ""
        await self._say(status, slowly=verb == self.script.slow_verb)
        if added:
            await asyncio.sleep(self.script.adds_after)
            await super().push(added)
        if str(status).startswith("421"):
            await self.perform(Act.DROP)

    async def _say(self, status: Any, *, slowly: bool) -> None:
        self._slow = self._slow or (slowly and self.script.byte_seconds > 0)
        if not self._slow:
            await super().push(status)
            return
        for byte in f"{status}\r\n".encode():
            self._writer.write(bytes((byte,)))
            await asyncio.sleep(self.script.byte_seconds)

    def forget_after(self, verb: str) -> None:
        if verb == DOT and b"MAIL" in self._reader._buffer:
            self.script.read_ahead += 1
        if verb == self.script.forgets_after:
            self._reader._buffer.clear()

    async def perform(self, act: str | Act | None) -> None:
        if act in (Act.DROP, Act.LOSE) and self.transport is not None:
            self.transport.close()
        if act is not None:
            await asyncio.Event().wait()  # ended by the loss of the connection

    def _scripted(self, verb: str, do: Any) -> Any:
        async def answer(argument: str | None) -> None:
            self.script.seen.append((self.number, verb))
            self.answering = verb
            self.forget_after(verb)
            about = (argument or "") + " ".join(self.envelope.rcpt_tos if self.envelope else ())
            if verb == "EHLO":
                self.script.greeted_by.append(about)
            act = self.script.act_on(verb, about)
            if verb == "MAIL" and self.script.verbs(self.number).count(DOT) >= self.script.mails_each:
                act = "421 4.7.0 Enough for now"
            if isinstance(act, Act):
                await self.perform(act)
            elif act is None:
                await do(argument)
            else:
                await self.push(act)

        return answer


def server_tls(certificate: Path = CERTIFICATE) -> ssl.SSLContext:
    """Return the server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, KEY)
    return context


def trusting_tls(certificate: Path = CERTIFICATE) -> ssl.SSLContext:
    """Return a client's side that trusts one test certificate and nothing else."""
    return ssl.create_default_context(cafile=str(certificate))
