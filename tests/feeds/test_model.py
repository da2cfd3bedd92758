"""The names of feeds and entries: right by RFC 4151, and the same for good."""

from datetime import UTC, date, datetime

import pytest

from notifier.events.model import Basis, EventKind
from notifier.feeds.model import FeedEntry, categories_of, entry_id, feed_id, tag_uri

VOCABULARY = "tag:alerts.example.org,2022:category/"


def test_a_tag_names_host_day_and_thing() -> None:
    assert tag_uri("alerts.example.org", date(2022, 10, 14), "x/1") == "tag:alerts.example.org,2022-10-14:x/1"


def test_a_tag_may_name_a_year_alone() -> None:
    assert tag_uri("alerts.example.org", 2022, "x/1") == "tag:alerts.example.org,2022:x/1"


def test_a_tag_writes_its_host_in_lower_case_and_encodes_what_no_uri_holds() -> None:
    assert tag_uri("Alerts.Example.ORG", 2022, "a b#c%é") == "tag:alerts.example.org,2022:a%20b%23c%25%C3%A9"


@pytest.mark.parametrize(
    "host", ["", "localhost:8080", "a b", "a,b", "[::1]", "https://a.example", "-a.example"]
)
def test_what_is_no_name_of_a_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="not the name of a host"):
        tag_uri(host, 2022, "x")


def test_the_ids_of_a_procedures_feed_and_its_entries_come_from_its_first_reference() -> None:
    assert (
        feed_id("alerts.example.org", 2022, "GID-IPG10158")
        == "tag:alerts.example.org,2022:procedure/GID-IPG10158"
    )
    assert (
        entry_id("alerts.example.org", date(2022, 10, 14), "k3v9")
        == "tag:alerts.example.org,2022-10-14:event/k3v9"
    )


def test_the_feed_of_everything_has_an_id_that_no_procedure_has() -> None:
    assert feed_id("alerts.example.org", 2022) == "tag:alerts.example.org,2022:everything"


def test_an_instant_without_a_zone_is_refused() -> None:
    aware = datetime(2022, 10, 14, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="without a zone"):
        FeedEntry(
            id="tag:a.example,2022:x",
            title="",
            html="",
            link="",
            published=aware,
            updated=aware.replace(tzinfo=None),
        )


def test_categories_say_what_happened_in_which_process_and_how_we_know() -> None:
    found = categories_of(EventKind.OPENED, Basis.CHECKED, "IP", vocabulary=VOCABULARY)
    assert [(c.term, c.label, c.scheme) for c in found] == [
        ("opened", "Opening", f"{VOCABULARY}kind"),
        ("IP", None, f"{VOCABULARY}process"),
        ("checked", "Checked", f"{VOCABULARY}basis"),
    ]


def test_a_procedure_without_a_process_has_no_category_for_one() -> None:
    found = categories_of(EventKind.OPENED, Basis.CHECKED, None, vocabulary=VOCABULARY)
    assert [c.term for c in found] == ["opened", "checked"]


def test_every_kind_has_its_own_term_and_none_is_a_word_of_ours_alone() -> None:
    terms = [categories_of(k, Basis.CHECKED, None, vocabulary="x:")[0].term for k in EventKind]
    assert len(set(terms)) == len(EventKind)
    assert not {"reached", "milestone", "event", "fired"} & set(terms)


def test_an_opening_after_the_close_has_a_term_of_its_own() -> None:
    found = categories_of(EventKind.REOPENED, Basis.CHECKED, None, vocabulary="x:")
    assert (found[0].term, found[0].label) == ("reopened", "Open again")
