"""Everything that a mail server can do wrong to Ben, or to everybody, and what must come of each."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from notifier.delivery.model import DeliveryState
from notifier.settings import Security
from tests.delivery.scripted_server import DOT, GREETING, Act

EVERYBODY = {"ada", "ben", "cora"}
OTHERS = {"ada", "cora"}
NOBODY: set[str] = set()
BEN = "ben@"
STARTTLS_ONLY: dict[str, Any] = {"security": Security.STARTTLS}
SECURE = {"security": Security.STARTTLS, "username": "notifier", "password": SecretStr("not it")}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What the server does, and what must come of it; by default one refusal of Ben's mail, for now."""

    does: str
    verb: str = ""
    act: str | Act = ""
    marker: str = BEN
    told: set[str] = field(default_factory=lambda: OTHERS)
    ben: DeliveryState = DeliveryState.PENDING
    attempts: int = 1
    minutes: int | None = 1
    """How long Ben's mail waits at least for its next attempt; None: there is none, or no wait of its own."""
    ends_ben: bool = False
    paused: str | None = None
    """Words of the pause in the details of health; None: health knows of no trouble."""
    finally_told: set[str] = field(default_factory=lambda: EVERYBODY)
    copies: int = 1
    """How many copies of Ben's mail arrive in all, under one Message-ID."""
    mail: dict[str, Any] = field(default_factory=dict)
    trusted: bool = False

    def __str__(self) -> str:
        return self.does


def _for_now(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    return Fault(does=does or f"{verb} {act}", verb=verb, act=act, **expected)


def _for_good(verb: str, act: str, **expected: Any) -> Fault:
    ended = {"ben": DeliveryState.FAILED, "minutes": None, "finally_told": OTHERS}
    return Fault(does=f"{verb} {act}", verb=verb, act=act, **(ended | expected))


def _of_the_server(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    nobody = {"told": NOBODY, "attempts": 0, "minutes": None, "marker": ""}
    return Fault(does=does or f"{verb} {act}", verb=verb, act=act, **(nobody | expected))


BAD_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")

FAULTS = (
    *(_for_good("RCPT", f"550 {code} No", ends_ben=True) for code in BAD_ADDRESS),
    _for_good("DATA", "554 5.1.1 No such user", ends_ben=True),
    _for_good(DOT, "550 5.1.1 No such user", ends_ben=True),
    _for_good("RCPT", "550 No such user here"),
    _for_good("RCPT", "552 5.2.2 Mailbox full"),
    _for_good("DATA", "554 5.5.1 No valid recipients"),
    _for_good("DATA", "554 Transaction failed"),
    _for_good(DOT, "554 5.7.1 Looks like spam"),
    _for_good(DOT, "552 Too much mail data"),
    _for_now("RCPT", "450 4.2.0 Greylisted"),
    _for_now("RCPT", "451 Try again later"),
    _for_now("DATA", "451 4.3.0 Queue file write error"),
    _for_now(DOT, "452 4.3.1 Insufficient system storage"),
    _for_now("RCPT", "554 5.7.1 Relay access denied"),
    _for_now("DATA", "554 5.7.1 Client host rejected"),
    _for_now("RCPT", "503 5.5.1 Error: need MAIL command"),
    _for_now("RCPT", "530 5.7.0 Authentication required"),
    _for_now("RCPT", "535 5.7.8 Error: authentication failed"),
    _for_now("RCPT", Act.DROP, "drops the connection at Ben's RCPT"),
    _for_now("DATA", Act.DROP, "drops the connection before the dot of Ben's mail"),
    _for_now("DATA", Act.SILENCE, "falls silent before the dot of Ben's mail"),
    _for_now(DOT, Act.DROP, "drops the connection after the dot of Ben's mail",
             told=EVERYBODY, minutes=15, copies=2),
    _for_now(DOT, Act.SILENCE, "falls silent after the dot of Ben's mail",
             told=EVERYBODY, minutes=15, copies=2),
    _of_the_server("MAIL", "451 4.3.0 Try later", paused="at MAIL: 451 4.3.0 Try later"),
    _of_the_server("MAIL", "550 5.7.1 Sender refused", paused="at MAIL: 550 5.7.1 Sender refused"),
    _of_the_server("MAIL", "550 5.1.1 Who are you", paused="at MAIL: 550 5.1.1 Who are you"),
    _of_the_server("MAIL", "530 5.7.0 Must issue STARTTLS first", paused="at MAIL: 530"),
    _of_the_server("MAIL", Act.DROP, "drops every connection at MAIL", paused="at MAIL"),
    _of_the_server("RCPT", Act.DROP, "drops every connection at RCPT",
                   paused="at RCPT", attempts=1, minutes=1),
    _of_the_server("RCPT", "530 5.7.0 Authentication required", "530 at everybody's RCPT",
                   paused="at RCPT: 530", attempts=1, minutes=1),
    _of_the_server("EHLO", Act.DROP, "drops every connection at EHLO", paused="at EHLO"),
    _of_the_server("EHLO", "421 4.3.2 Shutting down", paused="at EHLO: 421"),
    _of_the_server(GREETING, "554 5.3.2 No service here", paused="at connecting: 554"),
    _of_the_server(GREETING, Act.SILENCE, "says nothing at all", paused="at connecting"),
    _of_the_server("NEVER", "", "offers no STARTTLS", paused="STARTTLS is required", mail=STARTTLS_ONLY),
    _of_the_server(
        "STARTTLS", "454 4.7.0 TLS not available", paused="at STARTTLS: 454", mail=STARTTLS_ONLY, trusted=True
    ),
    _of_the_server("TLS", "", "shows a certificate of its own", paused="certificate", mail=STARTTLS_ONLY),
    _of_the_server("AUTH", "535 5.7.8 Wrong", paused="at AUTH: 535 5.7.8", mail=SECURE, trusted=True),
)  # fmt: skip
