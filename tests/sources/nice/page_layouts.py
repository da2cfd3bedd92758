"""One page, written in each of the layouts in which such pages circulate. Everything in it is invented."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Page:
    """What a page says, before it is laid out; rows are labels and values, or dates and texts."""

    title: str | None = None
    standing: str | None = None
    summary: str | None = None
    facts: Rows = ()
    description: Sequence[str] = ()
    schedule: Rows = ()
    team: Rows = ()
    email: str | None = None
    lists: Sequence[tuple[str, Sequence[str]]] = ()
    timeline: Rows = field(default=())


KEY_EVENTS = "Key events during the development of the guidance:"


def _plain(page: Page, row: Callable[[str, str], list[str]]) -> str:
    lines = [*((page.title, "") if page.title else ()), *((page.standing,) if page.standing else ())]
    lines += [page.summary or "", ""]
    lines += [line for label, value in page.facts for line in row(label, value)]
    if page.description:
        first, *rest = page.description
        lines += [*row("Description", first), *(line for each in rest for line in ("", each))]
    lines += ["", "Provisional Schedule", "", *(line for each in page.schedule for line in row(*each))]
    if page.team:
        lines += ["", "Project Team", "", *(line for each in page.team for line in row(*each))]
    if page.email:
        lines += ["", "Email enquiries", "", f"If you have a question, write to {page.email}"]
    for heading, names in page.lists:
        lines += ["", heading, "", *names]
    if page.timeline:
        lines += [
            "",
            "Timeline",
            "",
            KEY_EVENTS,
            "",
            *(line for each in page.timeline for line in row(*each)),
        ]
    return "\n".join(lines) + "\n"


def label_value(page: Page) -> str:
    """`Label value`, as a page's text is copied; only a space lies between them."""
    return _plain(page, lambda label, value: [f"{label} {value}"])


def bars(page: Page) -> str:
    """`Label | value |`."""
    return _plain(page, lambda label, value: [f"{label} | {value} |"])


def colon(page: Page) -> str:
    """`Label: value`."""
    return _plain(page, lambda label, value: [f"{label}: {value}"])


def two_lines(page: Page) -> str:
    """`Label:` above its value."""
    return _plain(page, lambda label, value: [f"{label}:", value])


def bullets(page: Page) -> str:
    """`- Label:` above `- value`."""
    return _plain(page, lambda label, value: [f"- {label}:", f"- {value}"])


def markdown(page: Page) -> str:
    """Markdown with headings and tables."""
    lines = [f"# {page.title}\n"] if page.title else []
    lines += [page.standing or "", "", page.summary or "", ""]
    if page.facts:
        lines += ["| Field | Value |", "| --- | :-- |", *(f"| **{a}:** | {b} |" for a, b in page.facts)]
    if page.description:
        lines += ["", "## Description", "", "\n\n".join(page.description)]
    lines += ["", "## Provisional Schedule", "", "| Stage | Date |", "|---|---|"]
    lines += [f"| {label} | {value} |" for label, value in page.schedule]
    if page.team:
        lines += ["", "## Project Team", "", *(f"- **{label}:** {value}" for label, value in page.team)]
    if page.email:
        lines += ["", "## Email enquiries", "", f"- [Write to us](mailto:{page.email})"]
    for heading, names in page.lists:
        lines += ["", f"## {heading}", "", *(f"* {name}" for name in names)]
    if page.timeline:
        lines += ["", "## Timeline", "", KEY_EVENTS, "", "Date | Update", "---|---"]
        lines += [f"{day} | {text}" for day, text in page.timeline]
    return "\n".join(lines) + "\n"


def html_lists(page: Page) -> str:
    """A whole HTML document, with lists of terms."""
    return _html(page, lambda rows: f"<dl class='key-dates'>{''.join(map(_term, rows))}</dl>")


def html_tables(page: Page) -> str:
    """A whole HTML document, with tables."""
    head = "<thead><tr><th scope=col>Date</th><th scope=col>Update</th></tr></thead>"
    return _html(page, lambda rows: f"<table>{head}<tbody>\n{''.join(map(_row, rows))}</tbody></table>")


def html_paragraphs(page: Page) -> str:
    """A whole HTML document, with paragraphs that begin with a bold label."""
    return _html(page, lambda rows: "\n".join(map(_paragraph, rows)))


def _paragraph(row: tuple[str, str]) -> str:
    return f"<p><strong>{escape(row[0])}:</strong> {_day(row[1])}</p>"


def _term(row: tuple[str, str]) -> str:
    return f"\n<div><dt>{escape(row[0])}:</dt>\n  <dd>\n    {_day(row[1])}</dd></div>"


def _row(row: tuple[str, str]) -> str:
    return f"<tr>\n<th scope='row'>{escape(row[0])}</th><td>{_day(row[1])} </td>\n</tr>"


def _day(text: str) -> str:
    return f"<span>{escape(text)}</span>"


def _html(page: Page, rows: Callable[[Rows], str]) -> str:
    parts = [f"<h1 class='page-header__heading'>{escape(page.title)}</h1>"] if page.title else []
    parts += [f"<p class='lead'>{escape(page.standing)}</p>"] if page.standing else []
    parts += [f"<p>{escape(page.summary)}</p>"] if page.summary else []
    parts += [rows(page.facts) if page.facts else ""]
    if page.description:
        parts += ["<h3>Description</h3>", *(f"<p>{escape(each)}</p>" for each in page.description)]
    parts += ["<h2>Provisional Schedule</h2>", rows(page.schedule)]
    if page.team:
        parts += ["<h2>Project Team</h2>", rows(page.team)]
    if page.email:
        parts += [
            "<h2>Email enquiries</h2>",
            f"<ul><li><a href='mailto:{page.email}'>Write to us</a></li></ul>",
        ]
    for heading, names in page.lists:
        items = "".join(f"<li>{escape(name)}</li>\n" for name in names)
        parts += [f"<h2>{escape(heading)}</h2>", f"<ul>{items}</ul>"]
    if page.timeline:
        parts += ["<h2>Timeline</h2>", f"<p>{KEY_EVENTS}</p>", rows(page.timeline)]
    body = "\n".join(parts)
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><title>Project information</title><style>p {}</style></head>"
        "<body>"
        "<div class='cookie-banner'><h2>Cookies</h2><p>Status of cookies: sweet.</p></div>"
        "<nav><ul><li>Status</li><li>Project Team</li></ul></nav>"
        f"<div id='content'>{body}</div><script>var status = 'In progress';</script>"
        "<footer><h2>Timeline</h2><p>1 January 2020 We began.</p></footer></body></html>"
    )


LAYOUTS = (
    label_value,
    bars,
    colon,
    two_lines,
    bullets,
    markdown,
    html_lists,
    html_tables,
    html_paragraphs,
)
