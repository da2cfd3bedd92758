"""Atom and RSS as readers read them: parsed by feedparser, valid by RFC 4287, right in every character."""

import locale
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import pytest
import rnc2rng
from feedgen.entry import FeedEntry as GeneratedEntry
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from notifier.events.model import Basis, EventKind
from notifier.feeds.atom_rss import render_atom, render_rss
from notifier.feeds.characters import cleaned, one_line
from notifier.feeds.model import FeedEntry, FeedLink, FeedView, LinkRelation, categories_of

SCHEMA = Path(__file__).parent / "schemas" / "atom.rnc"
NS = {"a": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/"}
ANY_TEXT = st.text(st.characters(exclude_categories=()))

OPENED = FeedEntry(
    id="tag:alerts.example.org,2022-10-14:event/k3v9",
    title="Open for comment until 11 November 2022: Ablation & <vertebroplasty> (IP1783)",
    html="<p>Comments close on <b>11 November 2022</b> at 5pm &amp; not later.</p>",
    link="https://alerts.example.org/procedures/GID-IPG10158?a=1&b=2",
    published=datetime(2022, 10, 14, 8, 0, 0, 123_456, tzinfo=UTC),
    updated=datetime(2022, 10, 14, 10, 30, tzinfo=timezone(timedelta(hours=1))),
    categories=categories_of(
        EventKind.OPENED, Basis.CHECKED, "IP", vocabulary="tag:alerts.example.org,2022:category/"
    ),
)
MET = replace(
    OPENED,
    id="tag:alerts.example.org,2022-09-08:event/a1b2",
    title="IPAC 1 listed for 8 September 2022: Ablation (IP1783)",
    published=datetime(2022, 9, 8, 8, tzinfo=UTC),
    updated=datetime(2022, 9, 8, 8, tzinfo=UTC),
    categories=(),
)
VIEW = FeedView(
    id="tag:alerts.example.org,2022:procedure/GID-IPG10158",
    title="Ablation & more (IP1783)",
    subtitle="Dates of IP1783 as they come",
    page_url="https://alerts.example.org/procedures/GID-IPG10158",
    atom_url="https://alerts.example.org/feeds/GID-IPG10158.atom",
    rss_url="https://alerts.example.org/feeds/GID-IPG10158.rss",
    updated=datetime(2022, 10, 14, 9, 30, tzinfo=UTC),
    author="Example Alerts",
    entries=(OPENED, MET),
)
EMPTY = replace(VIEW, entries=())
LINKED = replace(
    VIEW,
    links=(
        FeedLink(rel=LinkRelation.HUB, href="https://hub.example.org/"),
        FeedLink(rel=LinkRelation.PREV_ARCHIVE, href="https://alerts.example.org/feeds/all-1"),
    ),
)


@cache
def schema() -> etree.RelaxNG:
    translated = rnc2rng.dumps(rnc2rng.loads(SCHEMA.read_text(encoding="utf-8")))
    return etree.RelaxNG(etree.fromstring(translated.replace('xmlns:local=""', "").encode()))


def atom(view: FeedView) -> Any:
    """Parse the Atom of a view, valid and with an author as RFC 4287 §4.1.1 wants it."""
    tree = etree.fromstring(render_atom(view))
    schema().assertValid(tree)
    assert tree.find("a:author/a:name", NS) is not None
    return tree


def rss(view: FeedView) -> Any:
    """Parse the RSS of a view."""
    return etree.fromstring(render_rss(view))


@pytest.mark.parametrize("view", [VIEW, EMPTY, LINKED])
def test_atom_is_valid_by_the_schema_of_its_rfc(view: FeedView) -> None:
    atom(view)


def test_the_schema_itself_notices_a_feed_that_is_not_valid() -> None:
    broken = etree.fromstring(render_atom(VIEW).replace(b"<id>", b"<di>").replace(b"</id>", b"</di>"))
    assert not schema().validate(broken)


@pytest.mark.parametrize("render", [render_atom, render_rss])
def test_a_reader_sees_the_entries_newest_first_with_words_links_ids_and_dates(render: Any) -> None:
    parsed = feedparser.parse(render(VIEW))
    assert not parsed.bozo
    assert [entry.id for entry in parsed.entries] == [OPENED.id, MET.id]
    opened = parsed.entries[0]
    assert opened.link == OPENED.link
    assert opened.title_detail.value.startswith("Open for comment until 11 November 2022: Ablation &")
    content = opened.content[0].value if "content" in opened else opened.summary
    assert content == OPENED.html
    assert opened.published_parsed[:6] == (2022, 10, 14, 8, 0, 0)
    assert (opened.get("author") or parsed.feed.author) == "Example Alerts"
    assert parsed.feed.title == "Ablation & more (IP1783)"
    assert parsed.feed.subtitle == "Dates of IP1783 as they come"
    assert parsed.feed.link == VIEW.page_url
    assert parsed.feed.language == "en-GB"
    assert parsed.feed.updated_parsed[:6] == (2022, 10, 14, 9, 30, 0)


def test_the_title_of_an_entry_is_plain_text_in_both_formats() -> None:
    assert atom(VIEW).findtext("a:entry/a:title", namespaces=NS) == OPENED.title
    assert atom(VIEW).find("a:entry/a:title", NS).get("type") is None
    assert rss(VIEW).findtext("channel/item/title") == OPENED.title


def test_the_content_of_an_atom_entry_is_declared_to_be_html() -> None:
    assert atom(VIEW).find("a:entry/a:content", NS).get("type") == "html"


def test_an_entry_link_in_atom_says_what_it_is() -> None:
    (link,) = atom(VIEW).findall("a:entry[1]/a:link", NS)
    assert dict(link.attrib) == {
        "href": OPENED.link,
        "rel": "alternate",
        "type": "text/html",
        "title": OPENED.title,
    }


def test_feedgen_still_drops_what_an_entry_link_is() -> None:
    """When this fails, python-feedgen#135 is mended, and `_EntryLinks` can go."""
    entry = GeneratedEntry()
    entry.id("tag:a.example,2022:x")
    entry.title("x")
    entry.link(href="https://a.example/", rel="alternate", type="text/html", title="x")
    assert dict(entry.atom_entry().find("link").attrib) == {"href": "https://a.example/"}


def test_the_link_of_an_rss_channel_is_its_page_and_not_the_feed_or_the_hub() -> None:
    assert rss(VIEW).findtext("channel/link") == VIEW.page_url
    assert rss(LINKED).findtext("channel/link") == VIEW.page_url


def test_each_format_links_to_itself_with_its_own_address_and_type() -> None:
    (atom_self,) = atom(VIEW).findall("a:link[@rel='self']", NS)
    (rss_self,) = rss(VIEW).findall("channel/a:link[@rel='self']", NS)
    assert (atom_self.get("href"), atom_self.get("type")) == (VIEW.atom_url, "application/atom+xml")
    assert (rss_self.get("href"), rss_self.get("type")) == (VIEW.rss_url, "application/rss+xml")


def test_hub_and_archives_are_linked_once_in_both_formats() -> None:
    wanted = [("hub", "https://hub.example.org/"), ("prev-archive", "https://alerts.example.org/feeds/all-1")]
    in_atom = [(x.get("rel"), x.get("href")) for x in atom(LINKED).findall("a:link", NS)]
    in_rss = [(x.get("rel"), x.get("href")) for x in rss(LINKED).findall("channel/a:link", NS)]
    assert [link for link in in_atom if link in wanted] == wanted
    assert [link for link in in_rss if link[0] != "self"] == wanted


def test_the_guid_of_rss_is_the_same_name_as_in_atom_and_no_address() -> None:
    guid = rss(VIEW).find("channel/item/guid")
    assert (guid.text, guid.get("isPermaLink")) == (OPENED.id, "false")


def test_the_author_in_rss_is_a_name_without_a_mail_address() -> None:
    assert rss(VIEW).findtext("channel/item/dc:creator", namespaces=NS) == "Example Alerts"
    assert rss(VIEW).find("channel/item/author") is None
    assert rss(VIEW).find("channel/managingEditor") is None


def test_categories_keep_term_label_and_scheme() -> None:
    scheme = "tag:alerts.example.org,2022:category/"
    assert [dict(c.attrib) for c in atom(VIEW).findall("a:entry[1]/a:category", NS)] == [
        {"term": "opened", "label": "Opening", "scheme": f"{scheme}kind"},
        {"term": "IP", "scheme": f"{scheme}process"},
        {"term": "checked", "label": "Checked", "scheme": f"{scheme}basis"},
    ]
    assert [(c.text, c.get("domain")) for c in rss(VIEW).findall("channel/item[1]/category")] == [
        ("Opening", f"{scheme}kind"),
        ("IP", f"{scheme}process"),
        ("Checked", f"{scheme}basis"),
    ]


def test_every_date_is_an_instant_of_the_view_in_whole_seconds_of_utc() -> None:
    assert [x.text for x in atom(VIEW).iter("{*}updated", "{*}published")] == [
        "2022-10-14T09:30:00+00:00",
        "2022-10-14T09:30:00+00:00",
        "2022-10-14T08:00:00+00:00",
        "2022-09-08T08:00:00+00:00",
        "2022-09-08T08:00:00+00:00",
    ]
    assert [x.text for x in rss(VIEW).iter("lastBuildDate", "pubDate")] == [
        "Fri, 14 Oct 2022 09:30:00 +0000",
        "Fri, 14 Oct 2022 08:00:00 +0000",
        "Fri, 14 Oct 2022 08:00:00 +0000",
        "Thu, 08 Sep 2022 08:00:00 +0000",
    ]


def test_an_empty_feed_is_dated_by_what_it_is_about() -> None:
    assert rss(EMPTY).findtext("channel/pubDate") == "Fri, 14 Oct 2022 09:30:00 +0000"


@pytest.mark.parametrize("render", [render_atom, render_rss])
def test_the_same_view_gives_the_same_bytes_whenever_it_is_rendered(render: Any, time_machine: Any) -> None:
    time_machine.move_to(datetime(2022, 10, 14, 9, tzinfo=UTC))
    first = render(LINKED)
    time_machine.move_to(datetime(2031, 1, 1, tzinfo=UTC))
    assert render(LINKED) == first


def test_rendering_leaves_the_locale_of_the_process_as_it_was() -> None:
    before = locale.setlocale(locale.LC_ALL)
    render_rss(VIEW)
    assert locale.setlocale(locale.LC_ALL) == before


@given(title=ANY_TEXT, html=ANY_TEXT, subtitle=ANY_TEXT)
@example(title="\x00", html="\ufffe", subtitle="\ud800")
def test_whatever_the_words_are_atom_is_valid_and_gives_them_back(
    title: str, html: str, subtitle: str
) -> None:
    entry = replace(OPENED, title=title, html=html)
    parsed = atom(replace(VIEW, title=title, subtitle=subtitle, author=title, entries=(entry,)))
    assert parsed.findtext("a:entry/a:title", namespaces=NS) == (one_line(title) or OPENED.id)
    assert parsed.findtext("a:entry/a:content", namespaces=NS) == cleaned(html)
    assert parsed.findtext("a:title", namespaces=NS) == (one_line(title) or VIEW.id)


@given(title=ANY_TEXT, html=ANY_TEXT, subtitle=ANY_TEXT, term=ANY_TEXT)
@example(title="\x00", html="]]>", subtitle="\ud800", term="\x1b")
def test_whatever_the_words_are_rss_is_well_formed_and_gives_them_back(
    title: str, html: str, subtitle: str, term: str
) -> None:
    named = categories_of(EventKind.OPENED, Basis.CHECKED, term, vocabulary="x:")
    entry = replace(OPENED, title=title, html=html, categories=named)
    parsed = rss(replace(VIEW, title=title, subtitle=subtitle, entries=(entry,)))
    assert parsed.findtext("channel/item/title") == (one_line(title) or OPENED.id)
    assert parsed.findtext("channel/item/description") == cleaned(html)
    assert parsed.findtext("channel/description")
