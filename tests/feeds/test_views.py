"""What feeds and calendars show: ids, dates and words from what is stored, whoever asks and whenever."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifier.events.entry import confirmed_words, entry_words
from notifier.events.model import Basis, Event, EventKind, Payload
from notifier.feeds import views
from notifier.feeds.calendar import EntryStatus
from notifier.feeds.views import Publisher, Schedule
from notifier.procedures.due import Rules
from notifier.procedures.model import Facts, Milestone, MilestoneKind, Procedure, Status
from tests.events.words_cast import CONSULTATION, OWN_SERVICE, SERVICE, TITLE, at, between, event

RULES = Rules(zone=ZoneInfo("Europe/London"), announce_at=time(9), closes_at=time(17), holidays=frozenset())
SINCE = at(2022, 9, 1, 8, 0)
LISTED_AT = at(2023, 2, 3, 8, 0)
PUBLISHER = Publisher(service=SERVICE, rules=RULES, since=SINCE)
IP1783 = Procedure(
    id=1,
    slug="GID-IPG10158",
    references=("GID-IPG10158",),
    facts=Facts(title=TITLE, status=Status.IN_PROGRESS, process="IP", id_number="1783"),
    milestones=(
        Milestone(
            key="consultation",
            label="Consultation",
            kind=MilestoneKind.CONSULTATION,
            dates=between(date(2022, 10, 14), date(2022, 11, 11)),
        ),
    ),
)
SCHEDULE = Schedule(
    procedure=IP1783, first_seen_at=LISTED_AT, changed_at={"consultation": at(2023, 2, 4, 9, 0)}
)


def told(seq: int, *, kind: EventKind = EventKind.OPENED, late: timedelta = timedelta(0)) -> Event:
    words = entry_words(kind, Basis.CHECKED, CONSULTATION, service=SERVICE)
    payload = replace(CONSULTATION, entry_title=words.title, entry_html=words.html)
    found = event(kind, Basis.CHECKED, payload, seq=seq)
    return replace(found, recorded_at=found.occurred_at + late)


def test_ids_are_made_of_the_host_the_year_of_the_first_listing_and_the_first_reference() -> None:
    everything = views.feed_of_everything(PUBLISHER, ())
    one = views.feed_of(PUBLISHER, IP1783, (), first_seen_at=LISTED_AT)
    assert everything.id == "tag:alerts.example.org,2022:everything"
    assert one.id == "tag:alerts.example.org,2023:procedure/GID-IPG10158"
    assert views.calendar_of_everything(PUBLISHER, ()).id == "tag:alerts.example.org,2022:calendar"
    calendar = views.calendar_of(PUBLISHER, SCHEDULE)
    assert calendar.id == "tag:alerts.example.org,2023:calendar/GID-IPG10158"


def test_an_entry_is_the_same_in_the_feed_of_everything_and_in_its_own() -> None:
    events = (told(2), told(1))
    everything = views.feed_of_everything(PUBLISHER, events)
    assert everything.entries == views.feed_of(PUBLISHER, IP1783, events, first_seen_at=LISTED_AT).entries
    assert [entry.id for entry in everything.entries] == [
        "tag:alerts.example.org,2022-10-14:event/e2",
        "tag:alerts.example.org,2022-10-14:event/e1",
    ]


def test_an_entry_says_the_frozen_words_and_links_to_our_page() -> None:
    (entry,) = views.feed_of_everything(PUBLISHER, (told(1),)).entries
    assert (entry.title, entry.html) == (told(1).payload.entry_title, told(1).payload.entry_html)
    assert entry.link == "https://alerts.example.org/procedures/GID-IPG10158"
    assert [category.term for category in entry.categories] == ["opened", "IP", "checked"]


def test_a_late_entry_is_published_when_it_came_true_and_updated_when_it_was_written() -> None:
    view = views.feed_of_everything(PUBLISHER, (told(1, late=timedelta(days=2)),))
    assert view.entries[0].published == at(2022, 10, 14, 8, 0)
    assert view.entries[0].updated == view.updated == at(2022, 10, 16, 8, 0)


def test_a_feed_is_as_new_as_the_newest_of_its_entries() -> None:
    view = views.feed_of_everything(PUBLISHER, (told(2), told(1, late=timedelta(hours=3))))
    assert view.updated == at(2022, 10, 14, 11, 0)


def test_an_empty_feed_is_dated_by_the_first_listing() -> None:
    assert views.feed_of_everything(PUBLISHER, ()).updated == SINCE
    assert views.feed_of(PUBLISHER, IP1783, (), first_seen_at=LISTED_AT).updated == LISTED_AT


def test_a_corrected_entry_keeps_its_id_and_says_so() -> None:
    correction = replace(
        told(2, kind=EventKind.CORRECTION), corrects_seq=1, recorded_at=at(2022, 10, 17, 8, 0)
    )
    plain = views.feed_of_everything(PUBLISHER, (told(1),)).entries[0]
    newest, corrected = views.feed_of_everything(PUBLISHER, (correction, told(1))).entries
    assert corrected.id == plain.id
    assert corrected.title == f"Corrected: {plain.title}"
    assert corrected.updated == at(2022, 10, 17, 8, 0)
    assert corrected.published == plain.published
    assert not newest.title.startswith("Corrected")


def test_a_third_party_says_that_it_is_not_the_body_in_every_feed_and_calendar() -> None:
    line = "This service is not run by NICE. Dates are provisional and come from NICE's website."
    assert views.feed_of_everything(PUBLISHER, ()).subtitle.endswith(line)
    assert views.calendar_of_everything(PUBLISHER, ()).description.endswith(line)
    assert line in views.calendar_of(PUBLISHER, SCHEDULE).entries[0].description
    own = replace(PUBLISHER, service=OWN_SERVICE)
    assert "not run by" not in views.feed_of_everything(own, ()).subtitle


def test_a_calendar_entry_is_stamped_with_its_last_change_and_names_the_usual_hour() -> None:
    opens, closes = views.calendar_of(PUBLISHER, SCHEDULE).entries
    assert {opens.stamp, closes.stamp} == {at(2023, 2, 4, 9, 0)}
    assert "NICE usually closes at 5pm." in closes.description
    assert opens.uid.endswith("@alerts.example.org")
    assert opens.status is EntryStatus.TENTATIVE


def test_the_calendar_of_everything_holds_the_same_entries_as_each_of_its_own() -> None:
    other = replace(SCHEDULE, procedure=replace(IP1783, id=2, slug="GID-TA20001"))
    everything = views.calendar_of_everything(PUBLISHER, (SCHEDULE, other))
    assert everything.entries == (
        *views.calendar_of(PUBLISHER, SCHEDULE).entries,
        *views.calendar_of(PUBLISHER, other).entries,
    )


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://alerts.example.org", "alerts.example.org"),
        ("https://Alerts.Example.org:8443/here", "alerts.example.org"),
        ("http://127.0.0.1:8080", "127.0.0.1"),
        ("http://[::1]:8080", "localhost"),
    ],
)
def test_ids_never_hold_a_port_or_what_is_no_name(address: str, host: str) -> None:
    publisher = replace(PUBLISHER, service=SERVICE.model_copy(update={"public_url": address}))
    assert views.feed_of_everything(publisher, ()).id == f"tag:{host},2022:everything"


def test_the_year_of_an_id_is_that_of_utc() -> None:
    eve = datetime(2022, 12, 31, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    assert views.feed_of_everything(replace(PUBLISHER, since=eve), ()).id.split(":")[1].endswith(",2022")


def amending(kind: EventKind, basis: Basis, *, seq: int, payload: Payload = CONSULTATION) -> Event:
    found = replace(event(kind, basis, payload, seq=seq), corrects_seq=1)
    return replace(found, recorded_at=at(2022, 10, 14 + seq, 8, 0))


def confirming(seq: int = 2) -> Event:
    words = confirmed_words(EventKind.OPENED, CONSULTATION, service=SERVICE)
    payload = replace(CONSULTATION, entry_title=words.title, entry_html=words.html)
    return amending(EventKind.CONFIRMED, Basis.CONFIRMED, seq=seq, payload=payload)


def test_an_entry_that_is_confirmed_keeps_id_and_place_and_takes_the_confirming_words() -> None:
    (plain,) = views.feed_of_everything(PUBLISHER, (told(1),)).entries
    view = views.feed_of_everything(PUBLISHER, (confirming(), told(1)))
    (confirmed,) = view.entries
    assert (confirmed.id, confirmed.published) == (plain.id, plain.published)
    assert plain.title == f"Comments scheduled for 14 October to 11 November 2022: {TITLE} (IP1783)"
    assert confirmed.title == f"Open for comment until 11 November 2022: {TITLE} (IP1783)"
    assert confirmed.html == confirming().payload.entry_html
    assert confirmed.updated == view.updated == at(2022, 10, 16, 8, 0)
    assert [category.term for category in confirmed.categories] == ["opened", "IP", "confirmed"]


def test_what_was_confirmed_and_then_corrected_is_corrected_in_its_last_words() -> None:
    correction = amending(EventKind.CORRECTION, Basis.CONFIRMED, seq=3)
    newest, entry = views.feed_of_everything(PUBLISHER, (correction, confirming(), told(1))).entries
    assert newest.id.endswith("event/e3")
    assert entry.title == f"Corrected: Open for comment until 11 November 2022: {TITLE} (IP1783)"
    assert entry.updated == correction.recorded_at
    assert [category.term for category in entry.categories] == ["opened", "IP", "confirmed"]


@pytest.mark.parametrize("kind", [EventKind.MOVED, EventKind.EXTENDED, EventKind.REMOVED])
def test_a_change_that_is_told_as_a_correction_is_no_entry_and_amends_none(kind: EventKind) -> None:
    twin = amending(kind, Basis.CONFIRMED, seq=2)
    assert (
        views.feed_of_everything(PUBLISHER, (twin, told(1))).entries
        == views.feed_of_everything(PUBLISHER, (told(1),)).entries
    )


def test_what_amends_an_entry_that_is_no_longer_listed_is_not_shown_in_its_stead() -> None:
    assert views.feed_of_everything(PUBLISHER, (confirming(),)).entries == ()
