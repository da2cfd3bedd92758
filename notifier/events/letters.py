"""Mails composed once per variant and made personal by joining bytes.

Composing is the slow half (templates, inlined styles, encoding) and happens once for all readers of the same
news. Filling happens once per person and only joins: see `splice.py`.
"""

import re
import textwrap
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape

from notifier.events.forms import html_form, text_form
from notifier.events.headers import alert_headers, reply_headers
from notifier.events.language import spoken_tag
from notifier.events.splice import Hole, Spliced, plain, quoted_printable, soft
from notifier.events.stationery import Stationery
from notifier.events.titles import clean
from notifier.events.words import MailWords, ReplyWords
from notifier.settings import Service

TEXT_WIDTH = 72
_BOUNDARY = "=_two_forms"  # "=_" cannot occur in quoted-printable, so no text can end a part
_FORMS = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"'
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


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """A composed mail with holes for the values of one person."""

    spliced: Spliced

    def fill(self, personal: Personal) -> bytes:
        """Return the finished mail: RFC 5322, CRLF, 7-bit.

        Raises:
            UnsafeValueError: a value has line breaks or is otherwise not of its form.
        """
        one_click = personal.one_click_url or personal.link_url
        _demand(_ADDRESS, personal.recipient, "recipient")
        _demand(_MESSAGE_ID, personal.message_id, "message id")
        _demand(_URL, personal.link_url, "link")
        _demand(_URL, one_click, "one-click link")
        if personal.stop_address is not None:
            _demand(_ADDRESS, personal.stop_address, "stop address")
        if personal.sent_at.tzinfo is None:
            raise UnsafeValueError("date")
        why = _one_line(personal.why_line)
        return self.spliced.fill(
            {
                Hole.RECIPIENT: personal.recipient.encode(),
                Hole.DATE: format_datetime(personal.sent_at).encode(),
                Hole.MESSAGE_ID: personal.message_id.encode(),
                Hole.ONE_CLICK: one_click.encode(),
                Hole.STOP_ADDRESS: (personal.stop_address or "").encode(),
                Hole.WHY_TEXT: soft(_wrapped(why)),
                Hole.WHY_HTML: soft(escape(why)),
                Hole.LINK_TEXT: soft(personal.link_url),
                Hole.LINK_HTML: soft(escape(personal.link_url)),
            }
        )


def compose(
    words: MailWords | ReplyWords,
    *,
    service: Service,
    sender: str,
    reply_to: str | None = None,
    stop_by_mail: bool = False,
    stationery: Stationery | None = None,
) -> LetterTemplate:
    """Compose the mail that says `words`, for any number of people, in the language spoken now.

    `sender` is of the domain of the envelope's, so that From is aligned with it (RFC 7489); `reply_to` is a
    mailbox that is read. With `stop_by_mail` alerts can be stopped by a mail too.
    Replies (confirmations) carry no List headers: there is nothing to leave yet.
    """
    paper = stationery or Stationery()
    name = paper.sender_name
    if isinstance(words, MailWords):
        head = alert_headers(
            words, service=service, sender=sender, reply_to=reply_to, name=name, stop_by_mail=stop_by_mail
        )
    else:
        head = reply_headers(words, service=service, sender=sender, reply_to=reply_to, name=name)
    return LetterTemplate(
        plain(f"{head}MIME-Version: 1.0\r\n{_FORMS}\r\n\r\n")
        + _part("plain", text_form(words, service=service, width=TEXT_WIDTH, stationery=paper))
        + _part("html", html_form(words, service=service, stationery=paper))
        + plain(f"--{_BOUNDARY}--\r\n")
    )


def _part(subtype: str, text: str) -> Spliced:
    head = (
        f"--{_BOUNDARY}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\nContent-Language: {spoken_tag()}\r\n\r\n"
    )
    return plain(head) + quoted_printable(text) + plain("\r\n")


def _demand(form: re.Pattern[str], value: str, field: str) -> None:
    if form.fullmatch(value) is None:
        raise UnsafeValueError(field)


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise UnsafeValueError("reason")
    return clean(text)


def _wrapped(text: str) -> str:
    """Wrap the reason as the lines around it are: indented by two, which the template does for the first."""
    if len(text) <= TEXT_WIDTH - 2:
        return text
    lines = textwrap.wrap(text, TEXT_WIDTH - 2, break_long_words=False, break_on_hyphens=False)
    return "\n  ".join(lines)
