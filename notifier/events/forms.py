"""The two forms of a mail: plain text, wrapped, and HTML with its styles inlined."""

import textwrap
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from notifier.events.splice import Hole
from notifier.events.titles import clean
from notifier.events.words import DateRow, Link, MailWords, ReplyWords
from notifier.settings import Service

_LABEL_WIDTH = 22
_FULL_SECTIONS = 12  # beyond it, HTML sections are short: large mail programs cut a mail at 102 KB


def text_form(words: MailWords | ReplyWords, *, service: Service, width: int) -> str:
    """Return the plain text with the marks of its holes, wrapped at `width` columns."""
    name = "alert.txt" if isinstance(words, MailWords) else "reply.txt"
    template = templates().get_template(name)
    return template.render(words=words, hole=Hole, width=width, **_footer(words, service))


def html_form(words: MailWords | ReplyWords, *, service: Service) -> str:
    """Return the HTML with the marks of its holes; nothing in it is loaded from elsewhere."""
    name = "alert.html" if isinstance(words, MailWords) else "reply.html"
    brief = isinstance(words, MailWords) and len(words.sections) > _FULL_SECTIONS
    page = (
        templates().get_template(name).render(words=words, hole=Hole, brief=brief, **_footer(words, service))
    )
    return inliner().inline(page)


def _footer(words: MailWords | ReplyWords, service: Service) -> dict[str, str]:
    slug = words.slug if isinstance(words, MailWords) else None
    base = service.public_url
    return {
        "name": clean(service.name),
        "preferences": f"{base}/preferences",
        "get_your_own": f"{base}/subscribe?to={slug}" if slug else f"{base}/subscribe",
        "operator": ", ".join([clean(service.operator), *map(clean, service.postal_address.splitlines())]),
        "privacy": f"{base}/privacy",
        "accessibility": f"{base}/accessibility",
        "contact": f"{base}/contact",
    }


@cache
def templates() -> Environment:
    """Return the mail templates; read from the package once, when the first mail is composed."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["wrapped"] = _wrapped
    environment.filters["aligned"] = _aligned
    environment.tests["link"] = _is_link
    return environment


@cache
def inliner() -> CSSInliner:
    """Return what puts the styles of a mail where mail programs look for them; it loads nothing."""
    return CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def _is_link(item: object) -> bool:
    return isinstance(item, Link)


def _wrapped(text: str, width: int, indent: int = 0) -> str:
    """Wrap `text`; addresses and hyphenated words stay whole."""
    space = " " * indent
    return textwrap.fill(
        text,
        width,
        initial_indent=space,
        subsequent_indent=space,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(rows: Sequence[DateRow], width: int) -> str:
    """Return the dates as two columns; a label too long for its column has a line of its own."""
    column = max((len(row.label) for row in rows if len(row.label) <= _LABEL_WIDTH), default=0)
    lines = []
    for row in rows:
        value = row.value if row.before is None else f"{row.value} (was {row.before})"
        hanging = " " * (2 + column + 3)
        first = f"  {row.label.ljust(column)}   "
        if len(row.label) > _LABEL_WIDTH:
            lines.append(_wrapped(row.label, width, 2))
            first = hanging
        lines.append(
            textwrap.fill(
                value, width, initial_indent=first, subsequent_indent=hanging, break_long_words=False
            )
        )
    return "\n".join(lines)
