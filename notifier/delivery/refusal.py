"""What a mail server's answer means, and whom it blames. Pure.

Sources: reply codes RFC 5321 §4.2, enhanced status codes RFC 3463 and their place in a reply RFC 2034 §4,
AUTH and STARTTLS replies RFC 4954 §6 and RFC 3207 §4, null MX (5.1.10) RFC 7505.

An address is ended only by an answer that can mean nothing else. Postfix reports refused *senders and
clients* at RCPT too (554 5.7.1), so the verb and the reply code alone prove nothing about a mailbox.
"""

import re
import unicodedata
from enum import StrEnum

from notifier.delivery.model import Verdict

REPLY_LENGTH = 120
"""Characters kept of a server's words: enough for the reason, too few to store a mail that it quotes."""

_BLAMES_THE_ADDRESS = frozenset(
    (
        "5.1.1",  # bad destination mailbox address
        "5.1.2",  # bad destination system address
        "5.1.3",  # bad destination mailbox address syntax
        "5.1.6",  # mailbox has moved, no forwarding address
        "5.1.10",  # the domain says that it takes no mail (null MX)
        "5.2.1",  # mailbox disabled
    )
)

_BLAMES_THE_SERVER = frozenset(
    (
        421,  # service not available, closing the channel
        503,  # bad sequence: this connection has lost its place
        530,  # authentication, or STARTTLS, required first
        534,  # this way to authenticate is too weak
        535,  # credentials not valid
        538,  # encryption required for this way to authenticate
    )
)

# A local part is looked for only where a word begins, and not again from each letter of a long one.
_ADDRESS = re.compile(r"""<[^<>]*@[^<>]*>|(?:"[^"]*"|(?<![^\s<>,;:()"'])[^\s<>,;:()"'@]++)@[^\s<>,;:()"']+""")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")


class Stage(StrEnum):
    """Where in a session an answer was given or the connection lost; the value names it in a sentence."""

    CONNECT = "connecting"
    HELLO = "EHLO"
    TLS = "STARTTLS"
    LOGIN = "AUTH"
    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    DATA = "DATA"
    CONTENT = "the end of the data"


_OF_ONE_LETTER = frozenset((Stage.RECIPIENT, Stage.DATA, Stage.CONTENT))
"""Up to MAIL all letters look the same to a server: what it refuses there is us."""


def enhanced_code(text: str) -> str | None:
    """Return the enhanced status code such as "5.1.1" that begins a reply's text; None where there is none.

    A code anywhere else in the text is a quotation and does not count (RFC 2034 §4).
    """
    found = _ENHANCED.match(text)
    return found.group(1) if found else None


def blames_the_address(enhanced: str) -> bool:
    """Whether an enhanced code can mean nothing but that there is no such mailbox."""
    return enhanced in _BLAMES_THE_ADDRESS


def judge(code: int, text: str, *, stage: Stage = Stage.RECIPIENT) -> Verdict:
    """Judge one reply to a letter.

    - 2xx is acceptance; the caller asks only at the end of the data.
    - 4xx, and whatever is no SMTP answer, is for now: RETRY.
    - A code that speaks of the server (`is_server_fault`) never fails a letter: RETRY.
    - 5xx with one of six enhanced codes blames the address: BAD_ADDRESS.
    - 5.7.x before the data is policy against a sender or client, which an operator can repair: RETRY, so
      that a relay's slip does not lose a whole announcement. At the end of the data it is this mail: FAILED.
    - Every other 5xx, above all one without an enhanced code: FAILED, the address unblamed.
    """
    if 200 <= code <= 299:
        return Verdict.ACCEPTED
    if not 500 <= code <= 599 or code in _BLAMES_THE_SERVER:
        return Verdict.RETRY
    enhanced = enhanced_code(text) or ""
    if blames_the_address(enhanced):
        return Verdict.BAD_ADDRESS
    if enhanced.startswith("5.7.") and stage is not Stage.CONTENT:
        return Verdict.RETRY
    return Verdict.FAILED


def is_server_fault(stage: Stage, code: int | None) -> bool:
    """Say whether a refusal is the server's trouble or ours with it, so that no letter is to blame.

    `code` is None where the refusal was found on our own side, such as STARTTLS not being offered.
    """
    return stage not in _OF_ONE_LETTER or code in _BLAMES_THE_SERVER


def without_addresses(text: str) -> str:
    """Return a server's words without the addresses that it quotes."""
    return _ADDRESS.sub("<…>", text)


def reply_line(text: str) -> str:
    """Return a server's words fit to store: one line, printable, at most `REPLY_LENGTH` characters."""
    if text.isprintable() and len(text) <= REPLY_LENGTH and "  " not in text:
        return text.strip()  # as nearly all are
    printable = "".join(" " if unicodedata.category(char).startswith("C") else char for char in text)
    line = " ".join(printable.split())
    return line if len(line) <= REPLY_LENGTH else line[: REPLY_LENGTH - 1].rstrip() + "…"
