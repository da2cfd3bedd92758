"""Mails about several procedures, joined from blocks: each piece of news is rendered once for all readers.

Digests differ from one reader to the next, but what they are made of does not. A block is what the templates
make of one piece of news, cut out of a mail that holds nothing else; the mail around the blocks is rendered
once too, with marks where its subject and the like stand. What is joined is byte for byte what rendering the
whole mail gives, as long as nothing in the templates looks from one piece of news to the next: so only the
shipped ones are joined. Whole lines are put together, and quoted-printable encodes each line for itself.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from notifier.events.compositions import Content, Kept
from notifier.events.forms import FULL_SECTIONS, html_form, text_form
from notifier.events.language import spoken_tag
from notifier.events.letters import LetterTemplate, assembled, head_of
from notifier.events.messages import frame_words, section_words, telling
from notifier.events.model import Event
from notifier.events.personal import TEXT_WIDTH
from notifier.events.post import Post
from notifier.events.several import urgency
from notifier.events.splice import Hole, Spliced, encoded, quoted_printable
from notifier.events.telling import Telling
from notifier.events.text_layout import wrapped
from notifier.events.words import Link, MailWords, OverviewPart, Section

BLOCKS_KEPT = 32_000_000
"""Bytes of blocks kept in memory; each has some eight thousand."""

OVERVIEWS_KEPT = 8_000_000
"""Bytes of the overviews of weekly digests kept in memory."""

LINES_KEPT = 64
"""Lines around the news that are kept: whose service it is, and the day of a digest, are often the same."""

# No characters at all, and none of those that mark a person's holes: `titles.clean` lets none through.
_OPEN, _SHUT = "\ufdd2", "\ufdd3"
_MARK = re.compile(f"{_OPEN}([a-z]+){_SHUT}")
_PLACED = f"{_OPEN}placed{_SHUT}"
_BARE = MailWords(subject="", sections=(), standing="", kind="several", slug=None, shown_id=None)
_NOTHING = Section(
    heading="", lead="", notes=(), can_do=(), dates=(), how_we_know=(), page=Link(text="", url="")
)


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of both forms, encoded; `brief` are those of a mail that is too long for whole sections."""

    text: bytes
    html: bytes
    brief: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.text) + len(self.html) + len(self.brief)


@dataclass(frozen=True, slots=True)
class _News:
    """One piece of news, ready to be put in."""

    telling: Telling
    urgency: tuple[int, date]
    block: _Block

    @property
    def size(self) -> int:
        """Bytes."""
        return self.block.size


class _Form:
    """One form of the mail around the news: encoded, but for the lines in which a mark stands.

    `shaped` gives a value as it stands in the form.
    """

    def __init__(self, form: str, shaped: Callable[[str], str]) -> None:
        self._shaped = shaped
        self._line = lru_cache(LINES_KEPT)(self._encoded_line)
        self._parts: list[Spliced | tuple[str, str, str]] = []
        together = ""
        for line in re.findall(r"[^\n]*\n|[^\n]+", form):
            before, *marked = _MARK.split(line)
            if marked:
                self._parts += (quoted_printable(together), (before, *marked))  # type: ignore[arg-type]
                together = ""
            else:
                together += line
        self._parts.append(quoted_printable(together))

    def filled(self, values: Mapping[str, str], placed: bytes) -> Spliced:
        """Return the form with these values, and the news."""
        pieces: list[bytes] = [b""]
        holes: list[Hole] = []
        for part in self._parts:
            if isinstance(part, Spliced):
                pieces[-1] += part.pieces[0]
                pieces += part.pieces[1:]
                holes += part.holes
            else:
                before, name, after = part
                pieces[-1] += placed if name == "placed" else self._line(before, values[name], after)
        return Spliced(tuple(pieces), tuple(holes))

    def _encoded_line(self, before: str, value: str, after: str) -> bytes:
        return encoded(f"{before}{self._shaped(value)}{after}")


@dataclass(frozen=True, slots=True)
class _Frame:
    """The mail around the news, and what stands between two pieces of news."""

    text: _Form
    html: _Form
    gap: _Block


class Joiner:
    """Joins mails in the language spoken now. What it keeps is bounded in bytes."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._news: Kept[tuple[str, int, date | None, date], _News] = Kept(BLOCKS_KEPT)
        self._overviews: Kept[tuple[str, tuple[OverviewPart, ...]], _Block] = Kept(OVERVIEWS_KEPT)
        self._frames: dict[tuple[str, bool, bool], _Frame] = {}
        self._around: dict[str, tuple[str, str]] = {}

    def joins(self, events: Sequence[Event]) -> bool:
        """Whether a mail about these is joined: of one procedure there are few mails that differ."""
        several = len({event.payload.slug for event in events}) > 1
        return several and self._post.stationery.templates.is_shipped

    def join(self, events: Sequence[Event], content: Content) -> LetterTemplate:
        """Return the mail about these events of several procedures."""
        news = sorted((self._piece(event, content) for event in events), key=lambda one: one.urgency)
        words = frame_words([one.telling for one in news], today=content.today, rhythm=content.rhythm)
        frame = self._frame(words, content.language)
        blocks, brief = [one.block for one in news], len(news) > FULL_SECTIONS
        after = self._overview(content)
        text = frame.gap.text.join([one.text for one in blocks]) + after.text
        html = frame.gap.html.join([one.brief if brief else one.html for one in blocks]) + after.html
        shown = {"subject": words.subject, "standing": words.standing, "intro": words.intro}
        return assembled(
            head_of(
                words,
                service=self._post.service,
                sender=self._post.sender,
                reply_to=self._post.reply_to,
                stop_by_mail=self._post.return_path is not None,
                name=self._post.stationery.sender_name,
            ),
            text=frame.text.filled(shown, text),
            html=frame.html.filled(shown, html),
        )

    def _piece(self, event: Event, content: Content) -> _News:
        def make() -> _News:
            t = telling(
                event.kind, event.basis, event.payload, service=self._post.service, today=content.today
            )
            return _News(t, urgency(t), self._cut_out(replace(_BARE, sections=(section_words(t),))))

        key = (content.language, event.seq, event.payload.deadline, content.today)
        return self._news.of(key, make)

    def _overview(self, content: Content) -> _Block:
        if not content.overview:
            return _Block(b"", b"", b"")
        key = (content.language, content.overview)
        return self._overviews.of(key, lambda: self._cut_out(replace(_BARE, overview=content.overview)))

    def _frame(self, words: MailWords, language: str) -> _Frame:
        key = (language, bool(words.intro), bool(words.standing))
        if key not in self._frames:
            marked = replace(
                _BARE,
                placed=_PLACED,
                subject=f"{_OPEN}subject{_SHUT}",
                intro=f"{_OPEN}intro{_SHUT}" if words.intro else "",
                standing=f"{_OPEN}standing{_SHUT}" if words.standing else "",
            )
            text = _Form(self._text(marked), lambda value: wrapped(value, TEXT_WIDTH))
            self._frames[key] = _Frame(text, _Form(self._html(marked), _in_html), self._gap())
        return self._frames[key]

    def _gap(self) -> _Block:
        one = self._cut_out(replace(_BARE, sections=(_NOTHING,)))
        two = self._cut_out(replace(_BARE, sections=(_NOTHING, _NOTHING)))
        return _Block(
            two.text[len(one.text) : -len(one.text)],
            two.html[len(one.html) : -len(one.html)],
            two.brief[len(one.brief) : -len(one.brief)],
        )

    def _cut_out(self, words: MailWords) -> _Block:
        """Return what the templates make of the news or the overview in `words`, without the mail around."""
        if spoken_tag() not in self._around:
            around = replace(_BARE, placed=_PLACED)
            self._around[spoken_tag()] = self._text(around), self._html(around)
        text, html = self._around[spoken_tag()]
        return _Block(
            _between(text, self._text(words)),
            _between(html, self._html(words)),
            _between(html, self._html(words, brief=True)),
        )

    def _text(self, words: MailWords) -> str:
        post = self._post
        return text_form(words, service=post.service, width=TEXT_WIDTH, stationery=post.stationery)

    def _html(self, words: MailWords, *, brief: bool = False) -> str:
        post = self._post
        return html_form(words, service=post.service, stationery=post.stationery, brief=brief)


def _between(around: str, whole: str) -> bytes:
    """Return, encoded, what `whole` has where the news is placed in `around`.

    Raises:
        ValueError: the rest of both is not the same.
    """
    before, after = around.split(f"{_PLACED}\n")
    if not (whole.startswith(before) and whole.endswith(after)):
        raise ValueError("the mail around its news depends on them")
    return encoded(whole[len(before) : len(whole) - len(after)])


def _in_html(text: str) -> str:
    """Return text as it stands in a page whose styles were inlined."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")
