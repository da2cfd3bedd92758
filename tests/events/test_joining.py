"""Mails joined from blocks are those that the templates give, byte for byte."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.events.catalogues import Languages
from notifier.events.compositions import Content
from notifier.events.joining import Joiner
from notifier.events.messages import mail_words
from notifier.events.model import Basis, Event, EventKind
from notifier.events.post import Post
from notifier.events.stationery import Stationery, Templates
from notifier.events.titles import clean
from notifier.events.words import Link, OverviewPart, OverviewRow
from notifier.settings import Service
from notifier.subscriptions.model import Rhythm
from notifier.subscriptions.return_path import ReturnPath
from tests.cast import RULES, SENDER, SIGNER
from tests.events.letter_cast import ANN, filled
from tests.events.mail_reader import assert_fit_for_the_wire, read
from tests.events.pseudo_language import PSEUDO, pseudo_languages
from tests.events.words_cast import OWN_SERVICE, PAYLOADS, SERVICE, event

TODAY = date(2022, 10, 14)
KINDS = [kind for kind in PAYLOADS if kind not in (EventKind.CONFIRMED, EventKind.LISTED)]
WORDS = st.text(st.characters(), max_size=90) | st.text(
    st.sampled_from("ab <>&\"'=.~\xa0\u2028\ufdd0\ufdd2\ufdd3{}%é🙂"), max_size=200
)


def _post(service: Service = SERVICE, *, languages: Languages | None = None, **more: object) -> Post:
    return Post(
        service=service,
        sender=SENDER,
        reply_to="help@alerts.example.org",
        signer=SIGNER,
        rules=RULES,
        languages=languages or Languages(),
        return_path=ReturnPath("bounces@alerts.example.org"),
        **more,  # type: ignore[arg-type]
    )


def _content(
    events: Sequence[Event], rhythm: Rhythm, overview: tuple[OverviewPart, ...] = (), language: str = "en"
) -> Content:
    return Content(
        language=language,
        seqs=tuple(one.seq for one in events),
        deadlines=tuple(one.payload.deadline for one in events),
        today=TODAY,
        rhythm=rhythm,
        overview=overview,
    )


def _assert_joined_as_rendered(joiner: Joiner, post: Post, events: Sequence[Event], content: Content) -> None:
    assert joiner.joins(events)
    with post.languages.speaking(content.language):
        words = mail_words(
            events, today=TODAY, service=post.service, rhythm=content.rhythm, overview=content.overview
        )
        whole, joined = post.compose(words), joiner.join(events, content)
    ann = replace(ANN, stop_address="bounces+x@alerts.example.org")
    assert filled(joined, ann) == filled(whole, ann)


def _news(number: int, kind: EventKind, basis: Basis, title: str = "A title", label: str = "") -> Event:
    payload = replace(PAYLOADS[kind], slug=f"GID-{number}", shown_id=f"IP{number}", title=title)
    return event(kind, basis, replace(payload, label=label or payload.label), seq=number)


@pytest.mark.parametrize("service", [SERVICE, OWN_SERVICE])
@pytest.mark.parametrize("rhythm", Rhythm)
@pytest.mark.parametrize("basis", Basis)
def test_news_of_every_kind_is_joined_as_it_is_rendered(
    service: Service, rhythm: Rhythm, basis: Basis
) -> None:
    post = _post(service)
    joiner = Joiner(post)
    news = [_news(number, kind, basis) for number, kind in enumerate(KINDS, 1)]
    for events in (news, news[:2], news[3:9], news[::5]):
        _assert_joined_as_rendered(joiner, post, events, _content(events, rhythm))


def test_a_digest_in_another_language_is_joined_in_it(tmp_path: Path) -> None:
    post = _post(languages=pseudo_languages(tmp_path))
    joiner = Joiner(post)
    events = [_news(number, kind, Basis.CHECKED) for number, kind in enumerate(KINDS[:5], 1)]
    for language in ("en", PSEUDO, "en"):
        _assert_joined_as_rendered(joiner, post, events, _content(events, Rhythm.DAILY, language=language))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(Basis), WORDS, WORDS), min_size=2, max_size=4),
    st.sampled_from(Rhythm),
    st.lists(st.tuples(WORDS, WORDS), max_size=2),
    WORDS,
)
def test_whatever_is_said_is_joined_as_it_is_rendered(
    said: list[tuple[EventKind, Basis, str, str]],
    rhythm: Rhythm,
    rows: list[tuple[str, str]],
    site: str,
) -> None:
    shown = clean(site)  # as settings take it
    post = _post(SERVICE.model_copy(update={"body_site": shown, "name": f"Alerts {shown}"}))
    events = [_news(number, *each) for number, each in enumerate(said, 1)]
    link = Link(text="More", url="https://alerts.example.org/")
    parts = tuple(
        OverviewPart(heading=clean(head), rows=(OverviewRow(topic=link, when=clean(when)),), more=link)
        for head, when in rows
    )
    content = _content(events, rhythm, parts)
    _assert_joined_as_rendered(Joiner(post), post, events, content)
    assert_fit_for_the_wire(filled(Joiner(post).join(events, content)))


def test_what_is_kept_of_one_day_is_not_said_on_the_next() -> None:
    post = _post()
    joiner = Joiner(post)
    events = [_news(number, EventKind.CLOSING_SOON, Basis.CHECKED) for number in (1, 2)]
    mails = [
        filled(joiner.join(events, replace(_content(events, Rhythm.DAILY), today=day)))
        for day in (date(2022, 11, 4), date(2022, 11, 10))
    ]
    assert b"tomorrow" not in mails[0].lower()
    assert b"tomorrow" in mails[1].lower()


def test_what_changed_since_is_not_said_as_it_was() -> None:
    post = _post()
    joiner = Joiner(post)
    events = [_news(number, EventKind.OPENED, Basis.CHECKED) for number in (1, 2)]
    joiner.join(events, _content(events, Rhythm.DAILY))
    later = [
        replace(one, payload=replace(one.payload, deadline=one.payload.deadline + timedelta(days=14)))
        for one in events
        if one.payload.deadline is not None
    ]
    _assert_joined_as_rendered(joiner, post, later, _content(later, Rhythm.DAILY))


def test_an_operators_own_templates_make_the_whole_mail(tmp_path: Path) -> None:
    (tmp_path / "footer.txt").write_text("{{ operator }}\n")
    post = _post(stationery=Stationery(templates=Templates(tmp_path)))
    assert not Joiner(post).joins([_news(number, EventKind.OPENED, Basis.CHECKED) for number in (1, 2)])


def test_a_mail_about_one_procedure_is_rendered_whole() -> None:
    opened = _news(1, EventKind.OPENED, Basis.CHECKED)
    assert not Joiner(_post()).joins([opened, replace(opened, seq=2)])


def test_a_joined_mail_has_the_headers_of_a_mail_about_several_things() -> None:
    events = [_news(number, EventKind.OPENED, Basis.CONFIRMED) for number in (1, 2)]
    message = read(filled(Joiner(_post()).join(events, _content(events, Rhythm.AT_ONCE))))
    assert message["Subject"] == "2 updates: 2 open for comment"
    assert "References" not in message
