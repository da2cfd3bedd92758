"""The words that answer a form."""

from datetime import date

from notifier.events.replies import (
    already_words,
    asked_for_all,
    asked_for_one,
    confirm_words,
    why_reply_words,
    why_words,
)
from notifier.procedures.model import Dates
from tests.events.words_cast import SERVICE, TITLE, T

TBC = Dates(as_written="TBC")


def test_a_confirmation_asks_in_the_promised_words() -> None:
    reply = confirm_words(asked_for_one(TITLE, "IP1783"), service=SERVICE)
    assert reply.subject == "Confirm your alerts for IP1783 (link works for 48 hours)"
    assert reply.lead == f"To get alerts about {T}, open this link and press “Confirm”."
    assert reply.after == (
        "If you did not ask, do nothing: we send nothing more and delete your address within 7 days.",
    )


def test_following_everything_is_named_in_the_services_own_noun() -> None:
    reply = confirm_words(asked_for_all(SERVICE), service=SERVICE)
    assert reply.subject == "Confirm your alerts for all topics (link works for 48 hours)"
    assert reply.lead.startswith("To get alerts about all topics, open")


def test_an_address_that_follows_already_is_told_so_and_how_to_stop() -> None:
    reply = already_words(asked_for_one(TITLE, "IP1783"), service=SERVICE)
    assert reply.subject == "You already get alerts for IP1783"
    assert reply.action == "Stop these alerts"


def test_a_name_too_long_for_a_subject_is_left_to_the_text() -> None:
    asked = asked_for_one(TITLE, "GID-IPG10158 and more")
    assert confirm_words(asked, service=SERVICE).subject == "Confirm your alerts (link works for 48 hours)"


def test_a_reply_says_that_somebody_else_may_have_typed_the_address() -> None:
    line = why_reply_words(asked_for_all(SERVICE), on=date(2022, 9, 3), service=SERVICE)
    assert line == (
        "Somebody gave this address to Example Alerts on 3 September 2022 for alerts about all topics."
    )


def test_why_an_alert_came_names_who_was_asked_and_when() -> None:
    line = why_words(asked_for_one(TITLE, "IP1783"), on=date(2022, 9, 3), service=SERVICE)
    assert line == "You asked Example Alerts on 3 September 2022 for alerts about IP1783."
