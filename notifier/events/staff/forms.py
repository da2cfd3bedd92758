"""The two forms of a letter to staff. It is composed for each address: there are few of them."""

from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from notifier.events.evidence import standing_of
from notifier.events.forms import frame_values, inliner
from notifier.events.personal import Personal
from notifier.events.splice import Hole
from notifier.events.staff.model import StaffSection, StaffWords
from notifier.events.stationery import Stationery
from notifier.events.titles import clean
from notifier.settings import Service

WIDTH = 72

_WIRE = policy.SMTP.clone(max_line_length=76, cte_type="7bit")  # RFC 2045 §6.7: 76 characters


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What the templates show: the words, and whose service this is."""

    subject: str
    lead: str
    sections: tuple[StaffSection, ...]
    standing: str


def compose(
    words: StaffWords,
    personal: Personal,
    *,
    service: Service,
    sender: str,
    reply_to: str | None,
    stationery: Stationery | None = None,
) -> bytes:
    """Return the finished mail: RFC 5322, CRLF, 7-bit. There is no list to leave, so no List headers."""
    paper = stationery or Stationery()
    message = EmailMessage(policy=_WIRE)
    message["From"] = Address(display_name=clean(paper.sender_name or service.name), addr_spec=sender)
    if reply_to:
        message["Reply-To"] = reply_to
    message["To"] = personal.recipient
    message["Subject"] = clean(words.subject)
    message["Date"] = format_datetime(personal.sent_at)
    message["Message-ID"] = personal.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834
    values = staff_values(words, service, paper)
    message.set_content(_text(values, personal.why_line, paper), cte="quoted-printable")
    html = _html(values, personal.why_line, paper)
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def staff_values(words: StaffWords, service: Service, paper: Stationery) -> dict[str, object]:
    """Return what the templates of letters to staff are given; the text one beside it `why` and `width`."""
    shown = _Shown(
        subject=words.subject, lead=words.lead, sections=words.sections, standing=standing_of(service)
    )
    return {"words": shown, **frame_values(service, paper)}


def _text(values: dict[str, object], why: str, paper: Stationery) -> str:
    return paper.templates.render("staff.txt", values | {"why": why, "width": WIDTH}, holes=())


def _html(values: dict[str, object], why: str, paper: Stationery) -> str:
    """Return the page in the frame of all mails, whose one hole here is filled at once."""
    page = paper.templates.render("staff.html", values, holes=(Hole.WHY_HTML,))
    return inliner().inline(page).replace(Hole.WHY_HTML.mark, escape(why))
