"""The two forms of a mail: plain text, wrapped, and HTML with its styles inlined."""

from functools import cache
from typing import TYPE_CHECKING

from notifier.events.language import spoken_tag
from notifier.events.splice import Hole
from notifier.events.stationery import Stationery
from notifier.events.titles import clean
from notifier.events.words import MailWords, ReplyWords
from notifier.settings import Service

if TYPE_CHECKING:
    from css_inline import CSSInliner

FULL_SECTIONS = 12
"""Beyond it, HTML sections are short: large mail programs cut a mail at 102 KB."""

TEXT_HOLES = frozenset((Hole.WHY_TEXT, Hole.LINK_TEXT))
HTML_HOLES = frozenset((Hole.WHY_HTML, Hole.LINK_HTML))


def text_form(words: MailWords | ReplyWords, *, service: Service, width: int, stationery: Stationery) -> str:
    """Return the plain text with the marks of its holes, wrapped at `width` columns."""
    name = "alert.txt" if isinstance(words, MailWords) else "reply.txt"
    values = values_of(words, service, stationery) | {"width": width}
    return stationery.templates.render(name, values, holes=TEXT_HOLES)


def html_form(
    words: MailWords | ReplyWords, *, service: Service, stationery: Stationery, brief: bool = False
) -> str:
    """Return the HTML with the marks of its holes; nothing in it is loaded from elsewhere.

    Its sections are short if there are many of them, or if it is to be `brief`.
    """
    name = "alert.html" if isinstance(words, MailWords) else "reply.html"
    brief = brief or (isinstance(words, MailWords) and len(words.sections) > FULL_SECTIONS)
    values = values_of(words, service, stationery) | {"brief": brief}
    return inliner().inline(stationery.templates.render(name, values, holes=HTML_HOLES))


def values_of(words: MailWords | ReplyWords, service: Service, stationery: Stationery) -> dict[str, object]:
    """Return what the templates of alerts and replies are given, beside `width` or `brief`."""
    slug = words.slug if isinstance(words, MailWords) else None
    base = service.public_url
    return {
        "words": words,
        "preferences": f"{base}/preferences",
        "get_your_own": f"{base}/subscribe?to={slug}" if slug else f"{base}/subscribe",
        **frame_values(service, stationery),
    }


def frame_values(service: Service, stationery: Stationery) -> dict[str, object]:
    """Return what the frame of every mail is given, letters to staff included."""
    base = service.public_url
    return {
        "hole": Hole,
        "lang": spoken_tag(),
        "accent": stationery.accent,
        "accent_dark": stationery.accent_dark,
        "name": clean(service.name),
        "operator": ", ".join([clean(service.operator), *map(clean, service.postal_address.splitlines())]),
        "footer": clean(stationery.footer),
        "privacy": f"{base}/privacy",
        "accessibility": f"{base}/accessibility",
        "contact": f"{base}/contact",
    }


@cache
def inliner() -> "CSSInliner":
    """Return what puts the styles of a mail where mail programs look for them; it loads nothing."""
    from css_inline import CSSInliner  # noqa: PLC0415 - 2 MB, when the first mail is composed

    return CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
