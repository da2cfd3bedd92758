"""Mails composed once per variant and made personal by joining bytes.

Composing is the slow half (templates, inlined styles, encoding) and happens once for all readers of the same
news. Filling happens once per person and only joins: see `splice.py`.
"""

from collections.abc import Sequence
from operator import itemgetter

from notifier.events.forms import html_form, text_form
from notifier.events.headers import alert_headers, reply_headers
from notifier.events.language import spoken_tag
from notifier.events.personal import TEXT_WIDTH, Personal, Values, values_of_person
from notifier.events.splice import Spliced, plain, quoted_printable
from notifier.events.stationery import Stationery
from notifier.events.words import MailWords, ReplyWords
from notifier.settings import Service

_BOUNDARY = "=_two_forms"  # "=_" cannot occur in quoted-printable, so no text can end a part
_FORMS = f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"'


class LetterTemplate:
    """A composed mail with holes for the values of one person, as DATA carries it."""

    def __init__(self, spliced: Spliced) -> None:
        data = spliced.as_data()
        self._parts: list[bytes] = [b""] * (len(data.pieces) + len(data.holes))
        self._parts[::2] = data.pieces
        self._pick = itemgetter(*(Values._fields.index(hole) for hole in data.holes))
        self.size = sum(map(len, data.pieces))
        """Bytes, the values left out."""

    def filled(self, values: Values) -> Sequence[bytes]:
        """Return the finished mail as DATA carries it (RFC 5322, 7-bit), in pieces."""
        parts = self._parts.copy()
        parts[1::2] = self._pick(values)
        return parts

    def fill(self, personal: Personal) -> Sequence[bytes]:
        """Return the finished mail as DATA carries it, in pieces.

        Raises:
            UnsafeValueError: a value has line breaks or is otherwise not of its form.
        """
        return self.filled(values_of_person(personal))


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
    return assembled(
        head_of(
            words,
            service=service,
            sender=sender,
            reply_to=reply_to,
            stop_by_mail=stop_by_mail,
            name=paper.sender_name,
        ),
        text=quoted_printable(text_form(words, service=service, width=TEXT_WIDTH, stationery=paper)),
        html=quoted_printable(html_form(words, service=service, stationery=paper)),
    )


def head_of(
    words: MailWords | ReplyWords,
    *,
    service: Service,
    sender: str,
    reply_to: str | None,
    stop_by_mail: bool,
    name: str | None,
) -> str:
    """Return the headers of a mail with the marks of their holes; see `compose`."""
    if isinstance(words, MailWords):
        return alert_headers(
            words, service=service, sender=sender, reply_to=reply_to, name=name, stop_by_mail=stop_by_mail
        )
    return reply_headers(words, service=service, sender=sender, reply_to=reply_to, name=name)


def assembled(head: str, *, text: Spliced, html: Spliced) -> LetterTemplate:
    """Return the mail that has these headers and forms, the forms encoded as quoted-printable."""
    return LetterTemplate(
        plain(f"{head}MIME-Version: 1.0\r\n{_FORMS}\r\n\r\n")
        + _part("plain", text)
        + _part("html", html)
        + plain(f"--{_BOUNDARY}--\r\n")
    )


def _part(subtype: str, form: Spliced) -> Spliced:
    head = (
        f"--{_BOUNDARY}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\nContent-Language: {spoken_tag()}\r\n\r\n"
    )
    return plain(head) + form + plain("\r\n")
