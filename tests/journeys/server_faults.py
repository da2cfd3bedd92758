"""Everything that a mail server can do wrong to Ben, or to everybody, and what must come of each.

A row says what the server does; who is told meanwhile, and in the end; what is tried again and when; whom it
ends; what health, the log and the metrics say. By default one refusal of Ben's mail, for now.
"""

from collections.abc import Mapping
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
QUICKLY = {"timeout_seconds": 0.3}

PAUSED, BROKE, GIVEN_UP, FEWER = "sending_paused", "session_broke", "pipelining_given_up", "fewer_connections"
DELIVERED = "delivered"
ALL_TOLD = {"accepted": 3}
BOTH = (False, True)
"""Command by command, and pipelined; most faults are the same to both and are shown to one."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What the server does, and what must come of it."""

    does: str
    verb: str = ""
    act: str | Act = ""
    marker: str = BEN
    server: Mapping[str, Any] = field(default_factory=dict)
    """What else is set of the server."""
    pipelining: tuple[bool, ...] = (False,)
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
    outcomes: Mapping[str, int] = field(default_factory=lambda: {"accepted": 2, "retry": 1})
    """The attempts in the metrics, by verdict; doubtful ones have a line of their own too."""
    log: set[str] = field(default_factory=set)
    """What the log says of sending, beside what became of the letters."""
    perhaps: set[str] = field(default_factory=set)
    """What it may say besides, by chance."""
    connections: int = 1
    """How many are open in the metrics."""
    mail: dict[str, Any] = field(default_factory=dict)
    trusted: bool = False

    def __str__(self) -> str:
        return self.does


def _for_now(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    return Fault(does=does or f"{verb} {act}", verb=verb, act=act, **expected)


def _for_good(verb: str, act: str, **expected: Any) -> Fault:
    verdict = "bad_address" if expected.get("ends_ben") else "failed"
    ended = {"ben": DeliveryState.FAILED, "minutes": None, "finally_told": OTHERS}
    ended |= {"outcomes": {"accepted": 2, verdict: 1}}
    return Fault(does=f"{verb} {act}", verb=verb, act=act, **(ended | expected))


def _breaks(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    """A session ends over Ben's mail twice; Ada's was taken before, so nobody else waits."""
    return _for_now(verb, act, does, **({"log": {BROKE}, "pipelining": BOTH} | expected))


def _doubtful(act: str | Act, does: str, **expected: Any) -> Fault:
    doubt: dict[str, Any] = {"minutes": 15, "outcomes": {"accepted": 2, "doubtful": 1}, "pipelining": BOTH}
    doubt["perhaps"] = {PAUSED}  # if Cora's mail was in line already
    return _for_now(DOT, act, does, **(doubt | expected))


def _of_the_server(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    nobody = {"told": NOBODY, "attempts": 0, "minutes": None, "marker": "", "outcomes": {}}
    nobody |= {"log": {PAUSED}, "connections": 0}
    return Fault(does=does or f"{verb} {act}", verb=verb, act=act, **(nobody | expected))


def _over_each(verb: str, act: str | Act, does: str = "", **expected: Any) -> Fault:
    """The second time over the same letter it is the letter's, so each waits for a minute."""
    each = {"attempts": 1, "minutes": 1, "outcomes": {"retry": 3}}
    return _of_the_server(verb, act, does, **(each | expected))


def _does_no_harm(does: str, server: Mapping[str, Any], **expected: Any) -> Fault:
    all_is_well = {"told": EVERYBODY, "ben": DeliveryState.ACCEPTED, "minutes": None, "outcomes": ALL_TOLD}
    return Fault(does=does, server=server, **(all_is_well | expected))


BAD_ADDRESS = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
LONG = "250 " + 9_000 * "x"
ENDLESS = "\r\n".join(9_000 * ["250-and so on"])

FAULTS = (
    # Of one address, for good: only six codes end a subscriber.
    *(_for_good("RCPT", f"550 {code} No", ends_ben=True) for code in BAD_ADDRESS),
    _for_good("DATA", "554 5.1.1 No such user", ends_ben=True, pipelining=BOTH),
    _for_good(DOT, "550 5.1.1 No such user", ends_ben=True, pipelining=BOTH),
    _for_good("RCPT", "550 No such user here", pipelining=BOTH),
    _for_good("RCPT", "552 5.2.2 Mailbox full"),
    _for_good("DATA", "554 5.5.1 No valid recipients"),
    _for_good("DATA", "554 Transaction failed"),
    _for_good(DOT, "554 5.7.1 Looks like spam"),
    _for_good(DOT, "552 Too much mail data"),
    # For now.
    _for_now("RCPT", "450 4.2.0 Greylisted", pipelining=BOTH),
    _for_now("RCPT", "450 4.2.0 Greylisted", "greylists everybody", marker="", told=NOBODY,
             outcomes={"retry": 3}),
    _for_now("RCPT", "451 Try again later"),
    _for_now("DATA", "451 4.3.0 Queue file write error", pipelining=BOTH),
    _for_now(DOT, "452 4.3.1 Insufficient system storage", pipelining=BOTH),
    _for_now("RCPT", "554 5.7.1 Relay access denied"),
    _for_now("DATA", "554 5.7.1 Client host rejected"),
    # A session that ends over one mail.
    _breaks("RCPT", "421 4.7.0 Try again later"),
    _breaks("DATA", "421 4.3.0 Filter crashed"),
    _breaks(DOT, "421 4.3.0 Filter crashed"),
    _breaks("RCPT", "503 5.5.1 Error: need MAIL command", pipelining=(False,)),
    _breaks("RCPT", "530 5.7.0 Authentication required", pipelining=(False,)),
    _breaks("RCPT", "535 5.7.8 Error: authentication failed", pipelining=(False,)),
    _breaks("RCPT", Act.DROP, "drops the connection at Ben's RCPT"),
    _breaks("DATA", Act.DROP, "drops the connection before the dot of Ben's mail"),
    _breaks("DATA", Act.SILENCE, "falls silent before the dot of Ben's mail", mail=QUICKLY,
            pipelining=(False,)),
    _breaks("RCPT", LONG, "answers Ben's RCPT with a line without end", pipelining=(False,)),
    _breaks("RCPT", LONG, "answers Ben's RCPT, pipelined, with a line without end", pipelining=(True,),
            log={BROKE, GIVEN_UP}),
    _breaks("RCPT", ENDLESS, "answers Ben's RCPT with lines without end", pipelining=(False,)),
    # After the final dot nobody knows, and only there can a mail come twice.
    _doubtful(Act.DROP, "keeps Ben's mail and drops the connection", told=EVERYBODY, copies=2),
    _doubtful(Act.LOSE, "loses Ben's mail and drops the connection"),
    _doubtful(Act.SILENCE, "keeps Ben's mail and falls silent", told=EVERYBODY, copies=2,
              pipelining=(False,)),
    _doubtful(LONG, "answers Ben's mail with a line without end", pipelining=(False,)),
    _doubtful(LONG, "answers Ben's mail, pipelined, with a line without end", pipelining=(True,),
              log={GIVEN_UP}),
    # What harms nobody.
    _does_no_harm("serves one connection of three", {"most_connections": 1}, mail={"connections": 3},
                  log={FEWER}, pipelining=BOTH),
    _does_no_harm("ends each connection with 421 after one mail", {"mails_each": 1}, pipelining=BOTH),
    _does_no_harm("answers byte by byte, but in time", {"slow_verb": "MAIL", "byte_seconds": 0.001},
                  pipelining=BOTH),
    _does_no_harm("forgets what rides behind a body", {"forgets_after": DOT}, pipelining=(True,),
                  mail=QUICKLY, log={GIVEN_UP}),
    _does_no_harm("forgets what comes with RCPT", {"forgets_after": "RCPT"}, pipelining=(True,),
                  mail=QUICKLY, log={GIVEN_UP, PAUSED}),
    _does_no_harm("says more than yes to a mail", {"adds": {DOT: "250 2.0.0 Ok"}}, connections=0),
    _does_no_harm("says more than yes to what is pipelined", {"adds": {DOT: "250 2.0.0 Ok"}},
                  pipelining=(True,), log={BROKE, GIVEN_UP}, connections=0),
    # Of the server: nobody is told, no attempt is counted, one letter tries it from time to time.
    _of_the_server("MAIL", "451 4.3.0 Try later", paused="at MAIL: 451 4.3.0 Try later", pipelining=BOTH),
    _of_the_server("MAIL", "550 5.7.1 Sender refused", paused="at MAIL: 550 5.7.1 Sender refused"),
    _of_the_server("MAIL", "550 5.1.1 Who are you", paused="at MAIL: 550 5.1.1 Who are you"),
    _of_the_server("MAIL", "530 5.7.0 Must issue STARTTLS first", paused="at MAIL: 530"),
    _of_the_server("MAIL", Act.DROP, "drops every connection at MAIL", paused="at MAIL", pipelining=BOTH),
    _of_the_server("EHLO", Act.DROP, "drops every connection at EHLO", paused="at EHLO"),
    _of_the_server("EHLO", "421 4.3.2 Shutting down", paused="at EHLO: 421"),
    _of_the_server("EHLO", LONG, "answers EHLO with a line without end", paused="at EHLO"),
    _of_the_server(GREETING, "421 4.3.2 Starting", paused="at connecting: 421"),
    _of_the_server(GREETING, "554 5.3.2 No service here", paused="at connecting: 554"),
    _of_the_server(GREETING, Act.SILENCE, "says nothing at all", paused="at connecting", mail=QUICKLY),
    _of_the_server("", "", "greets byte by byte", paused="at connecting", mail=QUICKLY,
                   server={"slow_verb": GREETING, "byte_seconds": 0.2}),
    _of_the_server("NEVER", "", "offers no STARTTLS", paused="STARTTLS is required", mail=STARTTLS_ONLY),
    _of_the_server(
        "STARTTLS", "454 4.7.0 TLS not available", paused="at STARTTLS: 454", mail=STARTTLS_ONLY, trusted=True
    ),
    _of_the_server("TLS", "", "shows a certificate of its own", paused="certificate", mail=STARTTLS_ONLY),
    _of_the_server("AUTH", "535 5.7.8 Wrong", paused="at AUTH: 535 5.7.8", mail=SECURE, trusted=True),
    # Of the server too, but over each mail, which is tried twice.
    _over_each("RCPT", Act.DROP, "drops every connection at RCPT", paused="at RCPT", pipelining=BOTH),
    _over_each("RCPT", "530 5.7.0 Authentication required", "530 at everybody's RCPT", paused="at RCPT: 530"),
    _over_each("", "", "answers RCPT byte by byte", paused="at RCPT", mail=QUICKLY,
               server={"slow_verb": "RCPT", "byte_seconds": 0.2}),
    _over_each("", "", "answers what is pipelined byte by byte", paused="at RCPT", mail=QUICKLY,
               server={"slow_verb": "RCPT", "byte_seconds": 0.2}, pipelining=(True,),
               log={PAUSED, GIVEN_UP}),
    _over_each("", "", "answers RCPT twice", paused="at DATA: 250 unexpected answer",
               server={"adds": {"RCPT": "250 2.1.5 Ok"}}),
    _over_each("", "", "answers what is pipelined twice", paused="at DATA: 250 unexpected answer",
               server={"adds": {"RCPT": "250 2.1.5 Ok"}}, pipelining=(True,), log={PAUSED, GIVEN_UP}),
    _over_each("", "", "says yes to a mail before it has it", paused="an answer to nothing",
               server={"adds": {"DATA": "250 2.0.0 Ok"}}),
)  # fmt: skip
