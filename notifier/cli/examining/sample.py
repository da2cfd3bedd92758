"""One alert as this service would send it: the test mail, and what mail programs ask of its form."""

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import uuid4

from notifier.cli.finding import Finding, attention, fine
from notifier.delivery.model import Letter
from notifier.events.language import say
from notifier.events.letters import compose
from notifier.events.personal import Personal
from notifier.events.words import Link, MailWords, Section
from notifier.settings import ServingSettings
from notifier.subscriptions.return_path import ReturnPath

LARGEST_HTML = 100_000
"""Bytes. Gmail cuts a mail off at 102 KB, and its unsubscribe link with it."""

RETURN_MARK = "testmailofthenotifiersdoctor"
"""Of the form of an envelope's token, and no secret's: a test mail that comes back proves nothing."""

_ONCE = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
"""Headers that a mail has exactly once (RFC 5322 §3.6; Gmail refuses mail with two of one)."""


def test_letter(settings: ServingSettings, *, to: str, now: datetime) -> Letter:
    """Return the test mail: it has envelope and headers of an alert, and says what to look for."""
    service, sender = settings.service, settings.mail.sender
    words = MailWords(
        subject=say("Test mail: {service}", service=service.name)[:60],
        sections=(_section(settings),),
        standing=say("This is a test; nobody else gets it."),
        kind="test",
        slug=None,
        shown_id=None,
    )
    reply_to, bounces = settings.mail.reply_to, settings.mail.bounces
    returning = None if bounces is None else ReturnPath(bounces).with_token(RETURN_MARK)
    template = compose(
        words, service=service, sender=sender, reply_to=reply_to, stop_by_mail=returning is not None
    )
    personal = Personal(
        recipient=to,
        message_id=f"<{uuid4().hex}@{sender.rpartition('@')[2]}>",
        sent_at=now.astimezone(settings.times.tz),
        why_line=say("Somebody ran `notifier doctor --to` with your address."),
        link_url=f"{service.public_url}/contact",
        one_click_url=f"{service.public_url}/stop/test",
        stop_address=returning,
    )
    return Letter(
        delivery_id=0,
        subscriber_id=0,
        attempts=0,
        doubtful=0,
        sender=returning or sender,
        recipient=to,
        parts=template.fill(personal),
    )


def _section(settings: ServingSettings) -> Section:
    domain = settings.mail.sender.rpartition("@")[2]
    return Section(
        heading=say("Test mail"),
        lead=say("If you read this, mail from {service} reaches you.", service=settings.service.name),
        notes=(say("Look whether it is in the inbox and not among the spam."),),
        can_do=(
            say("Open this mail's source: “Show original”, “View source” or “View message details”."),
            say("Authentication-Results should say spf=pass, dkim=pass and dmarc=pass."),
            say("dkim should name {domain} (header.d or header.i), or a domain above it.", domain=domain),
            say(
                "In DKIM-Signature, the list after h= should name List-Unsubscribe and List-Unsubscribe-Post."
            ),
        ),
        dates=(),
        how_we_know=(say("This mail has all the headers of an alert and went the same way."),),
        page=Link(text=say("The service"), url=settings.service.public_url),
    )


def form(settings: ServingSettings, *, now: datetime) -> Sequence[Finding]:
    """Judge a composed mail by what RFC 5322, RFC 8058 and large receivers ask of its form."""
    letter = test_letter(settings, to="reader@example.org", now=now)
    message = message_from_bytes(letter.content, policy=policy.default)
    return [_form(letter.content, message), _one_click(message), _from(message, letter.sender)]


def _form(content: bytes, message: EmailMessage) -> Finding:
    wrong = [f"{name} stands {len(message.get_all(name, []))} times" for name in _ONCE
             if len(message.get_all(name, [])) != 1]  # fmt: skip
    html = message.get_body(("html",))
    lines = content.split(b"\r\n")
    if not content.isascii():
        wrong.append("it is not 7-bit safe")
    if max(map(len, lines)) > 998 or any(b"\n" in line or b"\r" in line for line in lines):
        wrong.append("its lines are not as RFC 5322 wants them")
    if message.get_body(("plain",)) is None or html is None:
        wrong.append("it has not both forms, text and HTML")
    elif len(html.as_bytes()) > LARGEST_HTML:
        wrong.append("its HTML is over 100 KB")
    if wrong:
        return attention(
            "message format", f"Of a composed mail: {'; '.join(wrong)}.", "This is a fault of ours."
        )
    return fine("message format", "A composed alert is 7-bit, has text and HTML, and each header once.")


def _one_click(message: EmailMessage) -> Finding:
    header = str(message["List-Unsubscribe"])
    post = message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    if post and header.startswith("<https://"):
        return fine(
            "one-click unsubscribe", "Every alert carries List-Unsubscribe (https) and its one-click POST."
        )
    words = "One-click unsubscribe needs an https address, and service.public_url is none."
    return attention("one-click unsubscribe", words, "Let a proxy end TLS, and set public_url to https.")


def _from(message: EmailMessage, envelope: str) -> Finding:
    """From is aligned with the envelope when both are of one organisation's domain (RFC 7489 §3.1.2)."""
    address = message["From"].addresses[0]
    one, other = address.domain.lower(), envelope.rpartition("@")[2].lower()
    if one == other:
        return fine("From alignment", f"From and the envelope are both of {one}.")
    if one.endswith(f".{other}") or other.endswith(f".{one}"):
        return fine(
            "From alignment", f"From is of {one}, the envelope of {other}: aligned unless DMARC is strict."
        )
    words = f"From is of {one}, the envelope of {other}: SPF does not count for DMARC."
    return attention("From alignment", words, "Use an envelope of the same domain, or rely on DKIM alone.")
