"""What differs from one person to the next, checked and encoded for its places in a mail. Pure.

Whatever is the same for many is encoded once: a reason, a date, the beginning of a link.
"""

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import NamedTuple

from notifier.delivery.wire import stuffed
from notifier.events.splice import LONGEST_CODED_LINE, soft
from notifier.events.titles import clean
from notifier.subscriptions.tokens import LONGEST_TOKEN

TEXT_WIDTH = 72
LINK_END = b"=\r\n"
"""A soft line end (RFC 2045 §6.7): what follows a token, so that the text goes on where a line begins."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.:\[\]-]{1,255}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.:\[\]-]+>")
_URL = re.compile(r"https?://[!#-;=?-~]{1,900}")


class UnsafeValueError(ValueError):
    """A personal value that could break out of its place in a mail; `field` names it, never its content."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The {field} of a letter is not of a form that can be put into a mail")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What differs from one person to the next.

    `recipient` is an ASCII addr-spec. `message_id` carries its angle brackets and stays the same when a
    delivery is sent again. `sent_at` is aware. `why_line` is one line of plain text. `link_url` is the page
    this mail's one personal link shows: where alerts are stopped, or where a confirmation is given.
    `one_click_url` takes the RFC 8058 POST; by default it is `link_url`. A mail to `stop_address` stops the
    same, in templates that name it. Replies have no use for either.
    """

    recipient: str
    message_id: str
    sent_at: datetime
    why_line: str
    link_url: str
    one_click_url: str | None = None
    stop_address: str | None = None


class Values(NamedTuple):
    """The values of one person as they stand in a mail, in the order of `Hole`; made by what is below."""

    recipient: bytes
    date: bytes
    message_id: bytes
    one_click: bytes
    stop_address: bytes
    why_text: bytes
    why_html: bytes
    link_text: bytes
    link_html: bytes


class TwoForms(NamedTuple):
    """A value as it stands in the two forms of a mail."""

    text: bytes
    html: bytes


def values_of_person(personal: Personal) -> Values:
    """Return the values of one person.

    Raises:
        UnsafeValueError: one has line breaks or is otherwise not of its form.
    """
    why, link = reason(personal.why_line), link_values(personal.link_url)
    one_click = personal.one_click_url or personal.link_url
    stop = personal.stop_address
    return Values(
        recipient=address_value(personal.recipient, "recipient"),
        date=date_value(personal.sent_at),
        message_id=_demanded(_MESSAGE_ID, personal.message_id, "message id"),
        one_click=_demanded(_URL, one_click, "one-click link"),
        stop_address=b"" if stop is None else address_value(stop, "stop address"),
        why_text=why.text,
        why_html=why.html,
        link_text=link.text,
        link_html=link.html,
    )


def reason(why_line: str) -> TwoForms:
    """Return why somebody gets a mail.

    Raises:
        UnsafeValueError: it has line breaks.
    """
    if "\n" in why_line or "\r" in why_line:
        raise UnsafeValueError("reason")
    why = clean(why_line)
    return TwoForms(text=stuffed(soft(_wrapped(why))), html=stuffed(soft(escape(why))))


def link_values(url: str) -> TwoForms:
    """Return a link of one person.

    Raises:
        UnsafeValueError: it is no link of plain ASCII.
    """
    _demanded(_URL, url, "link")
    return TwoForms(text=stuffed(soft(url)), html=stuffed(soft(escape(url))))


def link_heads(base: str) -> TwoForms:
    """Return what all links have in common that end with a token of their own: after it stands `LINK_END`.

    Raises:
        UnsafeValueError: `base` is no beginning of a link.
    """
    link = link_values(base)
    return TwoForms(text=_with_room(link.text), html=_with_room(link.html))


def address_value(address: str, field: str = "recipient") -> bytes:
    """Return an address as it stands in a header.

    Raises:
        UnsafeValueError: it is none of plain ASCII.
    """
    return _demanded(_ADDRESS, address, field)


def date_value(sent_at: datetime) -> bytes:
    """Return an aware instant as RFC 5322 writes it.

    Raises:
        UnsafeValueError: it is naive.
    """
    if sent_at.tzinfo is None:
        raise UnsafeValueError("date")
    return format_datetime(sent_at).encode()


def _demanded(form: re.Pattern[str], value: str, field: str) -> bytes:
    if form.fullmatch(value) is None:
        raise UnsafeValueError(field)
    return value.encode()


def _with_room(coded: bytes) -> bytes:
    """Let a token follow on the same line, where both fit."""
    whole = coded.removesuffix(LINK_END)
    last = len(whole) - (whole.rfind(b"\r\n") + 2 if b"\r\n" in whole else 0)
    return whole if last + LONGEST_TOKEN < LONGEST_CODED_LINE else coded


def _wrapped(text: str) -> str:
    """Wrap the reason as the lines around it are: indented by two, which the template does for the first."""
    if len(text) <= TEXT_WIDTH - 2:
        return text
    lines = textwrap.wrap(text, TEXT_WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "\n  ".join(lines)
