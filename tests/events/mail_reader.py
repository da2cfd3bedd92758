"""Reads a finished mail as a mail program does, and as a relay checks it."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    assert all(not header.defects for header in message.values())
    return message


def body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    assert not part.defects
    text = part.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


class Page(HTMLParser):
    """Collects what a reader sees and where the links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.links: dict[str, str] = {}
        self.loaded: list[str] = []
        self._link: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._link = values.get("href") if tag == "a" else self._link
        self.loaded += [value for name in ("src", "background") if (value := values.get(name))]
        self.loaded += [tag] if tag in ("link", "img", "script", "iframe") else []

    def handle_endtag(self, tag: str) -> None:
        self._link = None if tag == "a" else self._link

    def handle_data(self, data: str) -> None:
        self.shown.append(data)
        if self._link:
            self.links[data] = self._link

    @property
    def text(self) -> str:
        return " ".join("".join(self.shown).split())


def assert_fit_for_the_wire(content: bytes) -> None:
    assert content.isascii()
    assert b"\0" not in content
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    head, _, rest = content.partition(b"\r\n\r\n")
    assert max(map(len, head.split(b"\r\n"))) <= 998
    assert max(map(len, rest.split(b"\r\n"))) <= 76
