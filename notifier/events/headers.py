"""The headers of a mail, all but those that are personal (`splice.Hole`)."""

import re
from email.header import Header
from urllib.parse import urlsplit

from notifier.events.splice import Hole
from notifier.events.titles import clean
from notifier.events.words import MailWords, ReplyWords
from notifier.settings import Service

_ATOM_TEXT = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
# After the link, which the one-click header is about; on a line of its own, so that none grows too long.
_BY_MAIL = f",\r\n <mailto:{Hole.STOP_ADDRESS.mark}?subject=unsubscribe>"
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.:\[\]-]+")


def alert_headers(
    words: MailWords,
    *,
    service: Service,
    sender: str,
    reply_to: str | None,
    name: str | None = None,
    stop_by_mail: bool = False,
) -> str:
    """Return the header block of an alert, each line with its CRLF.

    List-Id is RFC 2919, List-Help, List-Owner and List-Archive RFC 2369, the one-click pair RFC 8058. Mails
    about one procedure share an ancestor that was never sent, so that mail programs show them together.
    `name` stands in From; by default it is the service's.
    """
    host = host_of(service)
    slug = words.slug
    where = f"{service.public_url}/procedures/{slug}" if slug else f"{service.public_url}/"
    lines = [
        *_envelope(words.subject, name=name or service.name, sender=sender, reply_to=reply_to),
        *([f"In-Reply-To: {thread_id(slug, host)}", f"References: {thread_id(slug, host)}"] if slug else []),
        f"List-Id: {_list_id(words, service, host)}",
        f"List-Unsubscribe: <{Hole.ONE_CLICK.mark}>{_BY_MAIL if stop_by_mail else ''}",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Help: <{service.public_url}/contact>",
        f"List-Owner: <mailto:{_mailbox(reply_to or sender)}>",
        f"List-Archive: <{where}>",
        *_automatic(words.kind, slug, host),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def reply_headers(
    words: ReplyWords, *, service: Service, sender: str, reply_to: str | None, name: str | None = None
) -> str:
    """Return the header block of a reply to a form: no list, for nothing was confirmed yet."""
    lines = [
        *_envelope(words.subject, name=name or service.name, sender=sender, reply_to=reply_to),
        *_automatic(words.kind, None, host_of(service)),
    ]
    return "".join(f"{line}\r\n" for line in lines)


def host_of(service: Service) -> str:
    """Return the host name that ids are made with: that of the public address, fit for a dot-atom."""
    return _atom(urlsplit(service.public_url).hostname or "localhost")


def thread_id(slug: str, host: str) -> str:
    """Return the Message-ID that all mails about one procedure answer: `<procedure.GID-IPG10158@host>`."""
    return f"<procedure.{_atom(slug)}@{host}>"


def _envelope(subject: str, *, name: str, sender: str, reply_to: str | None) -> list[str]:
    return [
        f"From: {phrase(name)} <{_mailbox(sender)}>",
        *([f"Reply-To: {_mailbox(reply_to)}"] if reply_to else []),
        f"To: {Hole.RECIPIENT.mark}",
        f"Subject: {unstructured('Subject', subject)}",
        f"Date: {Hole.DATE.mark}",
        f"Message-ID: {Hole.MESSAGE_ID.mark}",
    ]


def _automatic(kind: str, slug: str | None, host: str) -> list[str]:
    """Return the marks of a machine's mail: RFC 3834, and the groups by which relays count complaints."""
    return [
        "Auto-Submitted: auto-generated",
        f"Feedback-ID: {_atom(kind)}:{_atom(slug or 'several')}:alerts:{host}",
    ]


def _list_id(words: MailWords, service: Service, host: str) -> str:
    label = f"{_atom(words.slug).lower()}." if words.slug else ""
    name = f"{clean(service.name)}: {words.shown_id}" if words.shown_id else clean(service.name)
    return f"{phrase(name)} <{label}alerts.{host}>"


def _atom(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)


def _mailbox(address: str) -> str:
    if _MAILBOX.fullmatch(address) is None:
        raise ValueError("The sender and reply-to of a mail are plain ASCII addresses")
    return address


def phrase(text: str) -> str:
    """Return a display name as RFC 5322 wants it: bare, quoted, or in encoded words (RFC 2047)."""
    shown = clean(text)
    if not shown.isascii() or "=?" in shown:
        return Header(shown, "utf-8", header_name="Reply-To").encode(linesep="\r\n")
    if _ATOM_TEXT.fullmatch(shown):
        return shown
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unstructured(name: str, text: str) -> str:
    """Return a free text value of header `name`, in folded encoded words where it is not plain ASCII."""
    shown = clean(text)
    if shown.isascii() and "=?" not in shown:
        return shown
    return Header(shown, "utf-8", header_name=name).encode(linesep="\r\n")
