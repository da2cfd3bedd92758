"""A project page as its site serves it: what a reader sees is read, and nothing is fetched or expanded."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.model import Passage, Snapshot, TimelineEntry
from notifier.sources.errors import SourceError
from notifier.sources.nice.page import read_page
from tests.growth import LINEAR, growth

TODAY = date(2022, 9, 1)

SERVED = """\
<!DOCTYPE html>
<html lang="en">
<head>
  <title>Project information | Cold light | Guidance</title>
  <link rel="canonical" href="https://www.nice.org.uk/guidance/indevelopment/gid-ipg90001">
  <script>window.dataLayer = [{"Status": "Complete"}]; document.write("<p>Status: Complete</p>")</script>
</head>
<body class="has-cookie-banner">
<div class="cookie-banner" role="dialog"><h2>Project Team of cookies</h2><button>Accept</button></div>
<header class="site-header"><nav><a href="/">Home</a></nav></header>
<ol class="breadcrumbs"><li><a href="/guidance">Guidance</a></li></ol>
<div class="container"><header class="page-header">
  <h1 class="page-header__heading">Cold light for
     a stiff knee [ID375]</h1>
  <p class="page-header__lead">In development <span>[GID-IPG90001]</span></p>
  <p>Expected publication date: <time datetime="2023-03-29">29 March 2023</time></p>
</header>
<ul class="stacked-nav"><li><a>Project information</a></li><li><a>Project documents</a></li></ul>
<p><a href="/register">Register as a stakeholder</a></p>
<main>
<p>A committee looked at it on 1&nbsp;May&nbsp;2020.</p>
<dl class="facts">
  <dt>Status:</dt><dd>In progress</dd>
  <dt>Process:</dt><dd>IP</dd>
  <dt>Project lead</dt><dd>Ada Example</dd>
  <dt>Description:</dt><dd><p>Cold light.</p><p>On a knee, R&amp;D.</p></dd>
</dl>
<h3>Provisional Schedule</h3>
<dl class="key-dates">
  <dt>IPAC 1</dt><dd>08&nbsp;September<br>2022</dd>
  <dt>Interventional procedure consultation</dt>
  <dd>14 October
2022 - 11 November 2022</dd>
  <dt>IPAC 2</dt><dd><strong>TBC</strong></dd>
  <dt>Expected publication</dt><dd>After the summer</dd>
</dl>
<p>Find out more about these dates</p>
<h3>Project Team</h3>
<h4>Lead</h4><p>Ada Example</p>
<dl><dt>Meets</dt><dd>1 May 2023</dd></dl>
<h3>Email enquiries</h3>
<ul><li>If you have any queries please <a href="mailto:knees@example.org?subject=knees">email us</a></li></ul>
<h3>Stakeholders</h3>
<h4>Societies</h4><ul><li>Knees United</li><li>Society for Light</li></ul>
<h3>Timeline</h3>
<table><caption>Key events during the development of the guidance:</caption>
<thead><tr><th scope="col">Date</th><th scope="col">Update</th></tr></thead>
<tbody><tr><td>31 June 2019</td><td>A day that never was</td></tr>
<tr><td>04 May 2021</td><td><p>Referred.</p><p>By <a href="/x">us</a>.</p></td></tr>
<tr><td>17 February 2022 - 10 March 2022</td><td>Consultation</td></tr></tbody></table>
<p>For further information on how we work, see our <a href="/manual">manual</a></p>
</main></div>
<footer><p>Status: Suspended</p></footer>
</body></html>
"""


def read(text: str, reference: str | None = "GID-IPG1") -> Snapshot:
    return read_page(text, name="knee.html", reference=reference, today=TODAY)


def test_a_page_as_served_is_read_whole() -> None:
    snapshot = read(SERVED, None)
    facts = snapshot.facts
    assert (snapshot.reference, facts.title) == ("GID-IPG90001", "Cold light for a stiff knee [ID375]")
    assert (facts.status_as_written, facts.process, facts.email) == ("In progress", "IP", "knees@example.org")
    assert facts.description == "Cold light.\n\nOn a knee, R&D."
    dates = [each.dates for each in snapshot.milestones]
    labels = [each.label for each in snapshot.milestones]
    rows = [(label, each.start, each.end, each.as_written) for label, each in zip(labels, dates, strict=True)]
    consultation = "14 October 2022 - 11 November 2022"
    assert rows == [
        ("IPAC 1", date(2022, 9, 8), None, "08 September 2022"),
        ("Interventional procedure consultation", date(2022, 10, 14), date(2022, 11, 11), consultation),
        ("IPAC 2", None, None, "TBC"),
        ("Expected publication", None, None, "After the summer"),
    ]


def test_the_timeline_of_a_page_as_served_is_turned_to_newest_first() -> None:
    assert read(SERVED).timeline == (
        TimelineEntry(start=date(2022, 2, 17), end=date(2022, 3, 10), text="Consultation"),
        TimelineEntry(start=date(2021, 5, 4), end=None, text="Referred. By us."),
        TimelineEntry(start=None, end=None, text="31 June 2019: A day that never was"),
    )


def test_sections_are_kept_and_the_team_and_the_furniture_of_the_site_are_not() -> None:
    snapshot = read(SERVED)
    assert snapshot.passages == (
        Passage(heading="Summary", text="A committee looked at it on 1 May 2020."),
        Passage(heading="Provisional Schedule", text="Find out more about these dates"),
        Passage(heading="Stakeholders", text="Societies\nKnees United\nSociety for Light"),
    )
    everything = repr(snapshot).lower()
    assert not any(word in everything for word in ("ada", "cookie", "2023-05-01", "manual", "complete"))


@pytest.mark.parametrize("keep", [60, 500, 1500, 2500, len(SERVED) - 10])
def test_a_page_that_is_cut_is_refused(keep: int) -> None:
    with pytest.raises(SourceError, match="is not the whole page: it ends before its </html>"):
        read(SERVED[:keep])


def test_a_mistake_is_said_with_its_line() -> None:
    line = SERVED[: SERVED.index("<dt>IPAC 1")].count("\n") + 1
    with pytest.raises(SourceError) as refused:
        read(SERVED.replace("08&nbsp;September<br>2022", "31 June 2022"))
    assert (refused.value.line, refused.value.probably) == (line, "30 June 2022")


def test_plain_text_with_a_table_of_html_in_it_keeps_its_lines() -> None:
    table = "<table><tr><td>IPAC 1<td>8 May 2023</table>"
    snapshot = read(f"Status In progress\nProcess IP\n\n## Provisional Schedule\n{table}")
    assert (snapshot.facts.process, snapshot.milestones[0].dates.start) == ("IP", date(2023, 5, 8))


def test_a_page_of_preformatted_text_keeps_its_lines() -> None:
    page = "<pre>\nStatus In progress\n\nProvisional Schedule\nIPAC 1 08 March 2023\nAppeal 8 May 2023</pre>"
    assert [each.dates.start for each in read(page).milestones] == [date(2023, 3, 8), date(2023, 5, 8)]


def test_no_entity_of_the_page_itself_is_expanded_and_no_other_file_is_read() -> None:
    declared = '<!DOCTYPE html [<!ENTITY a "knee"><!ENTITY b SYSTEM "file:///etc/hostname">]>'
    snapshot = read(f"{declared}<html><p>Status: &a;&b;</p><p>Process: IP</p></html>")
    assert snapshot.facts.status_as_written == "&a;&b;"


def test_a_page_nested_beyond_sense_is_refused() -> None:
    with pytest.raises(SourceError, match="nested too deeply"):
        read("<html>" + "<div>" * 100_000 + "Status: In progress</html>")


TAGS = st.one_of(
    st.sampled_from(["html", "body", "main", "header", "nav", "h1", "h2", "p", "div", "br", "pre", "span"]),
    st.sampled_from(
        ["dl", "dt", "dd", "table", "tr", "td", "th", "ul", "li", "strong", "script", "!--", "svg"]
    ),
)
MAIL = st.just("<a href='mailto:a@b.example'>")
WORDS = st.one_of(
    st.sampled_from(
        ["Status", "In progress", "Provisional Schedule", "Timeline", "Project Team", "Description"]
    ),
    st.sampled_from(["IPAC 1", "8 May 2023", "8 May 20", "TBC", ":", "1 June 2022 - 2 May 2022", "GID-IPG1"]),
    st.sampled_from(["&nbsp;", "&", "<", "\n", "|", "# ", "\t", "\x00", "\ud800", "</html>"]),
)
SOUP = st.lists(
    st.one_of(TAGS.map("<{}>".format), TAGS.map("</{}>".format), MAIL, WORDS, st.text(max_size=5)),
    max_size=40,
).map("".join)


@given(SOUP)
def test_any_soup_of_html_gives_a_snapshot_or_a_source_error(soup: str) -> None:
    with contextlib.suppress(SourceError):
        assert read(soup).reference == "GID-IPG1"


@given(SOUP)
def test_soup_around_a_page_adds_no_milestone_to_its_schedule_without_a_word(soup: str) -> None:
    footer = f"<footer><div>{soup.replace('<', '[')}</div></footer></body></html>"
    assert read(SERVED.replace("</body></html>", footer)).milestones == read(SERVED).milestones


@pytest.mark.parametrize(
    "piece", ["<p>a", "<br>", "<dt>a<dd>b", "<div>", "<td>a<td>b", "word ", "</p>", "<!--", "<html", "</html"]
)
def test_hostile_html_takes_no_longer_than_its_length(piece: str) -> None:
    def read_so_much(size: int) -> None:
        with contextlib.suppress(SourceError):
            read("<html><p>Status: In progress</p>" + piece * (size // len(piece)) + "</html>")

    assert growth(read_so_much, small=20_000) < LINEAR
