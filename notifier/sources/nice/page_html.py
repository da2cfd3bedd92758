"""A project page as HTML → the lines that its text would have. Pure: nothing is fetched, no entity expanded.

Only what a reader of the page sees is text: no scripts, styles and buttons, and none of the site's own
navigation. Where the page marks its main part, nothing else is read but the first heading.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from notifier.sources.errors import SourceError
from notifier.sources.nice.page_lines import (
    MOST_LINES,
    Document,
    Line,
    mail_addresses,
    one_line,
    row,
    text_line,
)

if TYPE_CHECKING:
    from lxml import etree

_DOCUMENT = re.compile(r"<!doctype html|<html[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(r"</(?:h[1-6]|dl|table|main|body|html)>|<body[\s>]", re.IGNORECASE)
_BLOCK_FIRST = re.compile(
    r"<(?:!--|head|main|div|section|article|h[1-6]|p|pre|dl|dt|table|ul|ol|span)\b", re.IGNORECASE
)
_END = re.compile(r"</html\s{0,20}>", re.IGNORECASE)
_OPENING = 2000
"""Characters in which a document says that it is HTML; a comment or two may come before."""

_UNSEEN = (
    frozenset(("head", "title", "script", "style", "template", "noscript", "nav", "header", "footer"))
    | frozenset(("button", "select", "option", "textarea", "dialog"))
    | frozenset(("svg", "math", "iframe", "object", "audio", "video", "canvas"))
)
_UNSEEN_ROLES = frozenset(("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog"))
_CHROME = ("cookie", "onetrust", "ccc-", "breadcrumb", "skip-link", "skiplink", "global-nav", "site-")
"""How the classes of a site's own furniture begin: cookie notices, the way here, headers and footers."""

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_INLINE = (
    frozenset(
        ("a", "abbr", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "ins", "kbd", "label", "mark")
    )
    | frozenset(("b", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u"))
    | frozenset(("q", "samp", "time", "var", "wbr"))
)
_PARTING = frozenset(("p", "div", "ul", "ol", "table", "dl", "section", "article", "blockquote", "pre"))


def is_html(text: str) -> bool:
    """Whether a text is HTML, rather than plain text or Markdown that uses a tag here and there."""
    return (
        _DOCUMENT.search(text, 0, _OPENING) is not None
        or _BLOCK_FIRST.match(text[:_OPENING].lstrip()) is not None
        or _FRAGMENT.search(text) is not None
    )


def read_html(text: str, *, name: str) -> Document:
    """Read an HTML document or a piece of one; `name` is what errors call it.

    Raise `SourceError` for a document without its end, and for one that is nested or long beyond any page.
    """
    if _DOCUMENT.search(text, 0, _OPENING) and not _END.search(text):
        lines = text.rstrip().split("\n")
        expected = "the whole page: it ends before its </html>"
        raise SourceError(file=name, line=len(lines), found=lines[-1][-60:], expected=expected)
    from lxml import etree  # noqa: PLC0415 - 5 MB that a service without such a source never needs

    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if any(entry.level_name == "FATAL" for entry in parser.error_log):
        expected = "a page that can be read to its end: its elements are nested too deeply"
        raise SourceError(file=name, line=None, found=None, expected=expected)
    if root is None:
        return Document(())
    mixed = not (_DOCUMENT.search(text, 0, _OPENING) or text.lstrip()[:1] == "<")
    if sum(1 for _ in root.iter()) > MOST_LINES:
        expected = f"a project page: it has more than {MOST_LINES:,} elements"
        raise SourceError(file=name, line=None, found=None, expected=expected)
    return Document(_content(root, mixed=mixed), tuple(_addresses(root)))


def _addresses(root: "etree._Element") -> Iterator[str]:
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href") or ""
    for meta in root.iter("meta"):
        if meta.get("property") == "og:url":
            yield meta.get("content") or ""


def _content(root: "etree._Element", *, mixed: bool) -> tuple[Line, ...]:
    """Return the lines of a document's main part; `mixed`: it is plain text with some HTML in it."""
    title = next(root.iter("h1"), None)
    above_title = frozenset(title.iterancestors()) if title is not None else frozenset()
    walk = _Walk(above_title, keeps_lines=mixed)
    parts = list(root.iter("main"))
    if len(parts) == 1 and title is not None and parts[0] not in above_title:
        walk.block(title)
    walk.block(parts[0] if len(parts) == 1 else root)
    walk.end_line()
    return tuple(walk.lines)


class _Walk:
    """Gathers the lines of a document; recursion is no deeper than the parser lets elements nest (256)."""

    def __init__(self, seen_always: "frozenset[etree._Element]", *, keeps_lines: bool) -> None:
        self.lines: list[Line] = []
        self._seen_always = seen_always
        self._keeps_lines = keeps_lines
        self._text: list[str] = []
        self._mails: list[str] = []
        self._number = 1
        self._item = False
        self._term = ""

    def block(self, element: "etree._Element") -> None:
        """Take in an element that begins and ends lines of its own, and all that it holds."""
        tag = element.tag
        if tag in _HEADINGS:
            self.end_line()
            text = one_line(self._inner(element)).rstrip(" :")
            self.lines.append(Line(element.sourceline or 1, text, level=_HEADINGS[tag]))
        elif tag == "dt":
            self.end_line()
            self._term = self._inner(element)
        elif tag == "dd":
            self._row(element, (self._term, self._inner(element)))
        elif tag == "tr" and len(cells := [each for each in element if each.tag in ("td", "th")]) > 1:
            header = all(each.tag == "th" for each in cells)
            self._row(element, tuple(self._inner(each) for each in cells), header=header)
        else:
            self.end_line()
            self._item = tag == "li"
            self._children(element)
            self.end_line()
            if tag in _PARTING and self.lines and self.lines[-1].text:
                self.lines.append(Line(self._number, ""))

    def end_line(self) -> None:
        """Make lines of the text gathered so far; each `<br>` ends one."""
        text = "".join(self._text)
        for number, part in enumerate(text.split("\n") if text.strip() else (), start=self._number):
            if self._keeps_lines:
                self.lines.append(text_line(number, part))
            elif plain := one_line(part):
                mails = tuple(self._mails)
                labels = plain.endswith(":")
                self.lines.append(Line(self._number, plain, labels=labels, item=self._item, mails=mails))
        self._text, self._mails, self._item = [], [], False

    def _row(self, element: "etree._Element", cells: tuple[str, ...], *, header: bool = False) -> None:
        mails = tuple(self._mails)
        self._mails = []
        self.end_line()
        self.lines.append(row(element.sourceline or 1, cells, header=header, mails=mails))

    def _children(self, element: "etree._Element") -> None:
        self._add(element.text, element)
        for child in element:
            if self._is_unseen(child):
                pass
            elif child.tag == "br":
                self._text.append("\n")
            elif child.tag in _INLINE:
                self._link(child)
                self._children(child)
            else:
                self.block(child)
            self._add(child.tail, child)

    def _add(self, text: str | None, element: "etree._Element") -> None:
        if text:
            if not self._text:
                self._number = element.sourceline or self._number
            keeps_lines = self._keeps_lines or element.tag == "pre"
            self._text.append(text if keeps_lines else text.replace("\n", " "))

    def _inner(self, element: "etree._Element") -> str:
        """Return the text of a cell or a heading; its paragraphs are parted by an empty line."""
        gathered: list[str] = []
        self._gather(element, gathered)
        parts = (one_line(part) for part in "".join(gathered).split("\n\n"))
        return "\n\n".join(part for part in parts if part)

    def _gather(self, element: "etree._Element", into: list[str]) -> None:
        into.append((element.text or "").replace("\n", " "))
        for child in element:
            if child.tag == "br":
                into.append("\n")
            elif not self._is_unseen(child):
                self._link(child)
                apart = "\n\n" if child.tag in _PARTING else "" if child.tag in _INLINE else " "
                into.append(apart)
                self._gather(child, into)
                into.append(apart)
            into.append((child.tail or "").replace("\n", " "))

    def _link(self, element: "etree._Element") -> None:
        if element.tag == "a":
            self._mails.extend(mail_addresses((element.get("href") or "")[:300]))

    def _is_unseen(self, element: "etree._Element") -> bool:
        if element in self._seen_always:
            return False
        if not isinstance(element.tag, str) or element.tag in _UNSEEN:
            return True
        if not element.attrib:
            return False
        if element.get("role") in _UNSEEN_ROLES or "hidden" in element.attrib:
            return True
        names = f"{element.get('class', '')} {element.get('id', '')}".lower().split()
        return any(name.startswith(_CHROME) for name in names)
