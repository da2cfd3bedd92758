"""One sentence for every case: who was told, who is yet to be, who was not and why, from facts alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from notifier.delivery.model import DeliveryState
from notifier.events.model import EventKind
from notifier.events.proof.answers import Case
from notifier.events.proof.model import (
    About,
    Attempt,
    CameBack,
    Facts,
    Following,
    Gathering,
    Move,
    Pause,
    Person,
    Sending,
    Suppressed,
)
from notifier.events.proof.why import why
from notifier.subscriptions.model import EndReason, Rhythm, SubscriptionState
from tests.cast import RULES, london

RECORDED = london(2022, 10, 14)
SENT = RECORDED + timedelta(seconds=7)
NOW = london(2022, 10, 20)
OCTOBER_2 = london(2022, 10, 2, 18)

OPENED = About(
    seq=57, public_id="3f2a", title="Open for comment", kind=EventKind.OPENED, recorded_at=RECORDED
)
IP1783 = Following(
    what="IP1783",
    follows_it=True,
    chosen=True,
    preset="deadlines and results",
    state=SubscriptionState.ACTIVE,
    asked_at=london(2022, 9, 3),
    link_until=london(2022, 9, 5),
    confirmed_at=london(2022, 9, 4),
    before=True,
)
PENDING = replace(IP1783, state=SubscriptionState.PENDING, confirmed_at=None, before=False)
ELSEWHERE = replace(IP1783, what="IP2", follows_it=False)

TAKEN = Attempt(n=1, at=SENT, code=250, reply="2.0.0 Ok: queued as 4711")
GREYLISTED = Attempt(n=1, at=SENT, code=451, reply="4.7.1 Greylisted")
MAIL = Sending(
    delivery_id=9,
    state=DeliveryState.ACCEPTED,
    queued_at=RECORDED + timedelta(seconds=2),
    attempts=(TAKEN,),
    next_at=RECORDED,
    done_at=SENT,
)


def ended(reason: EndReason, at: datetime = OCTOBER_2, *, before: bool = True) -> Following:
    return replace(
        IP1783, state=SubscriptionState.ENDED, ended_at=at, ended_reason=reason, ended_before=before
    )


def cancelled(**more: object) -> Sending:
    known = {"state": DeliveryState.CANCELLED, "attempts": (), **more}
    return replace(MAIL, **known)  # type: ignore[arg-type]


def pending(**more: object) -> Sending:
    known = {"state": DeliveryState.PENDING, "attempts": (), "done_at": None, **more}
    return replace(MAIL, **known)  # type: ignore[arg-type]


def facts(*followings: Following, mail: Sending | None = None, **more: object) -> Facts:
    """Return what is known where one person has these subscriptions, and perhaps a mail."""
    person = Person(
        subscriber_id=1,
        address="ada@example.org",
        address_hash=None,
        followings=followings,
        sendings=() if mail is None else (mail,),
    )
    known = {"about": OPENED, "people": (person,), "relay": "smtp.relay", "zone": RULES.zone, "now": NOW}
    return Facts(**(known | more))  # type: ignore[arg-type]


def with_person(found: Facts, **more: object) -> Facts:
    return replace(found, people=(replace(found.people[0], **more),))  # type: ignore[arg-type]


NOBODY = facts(people=())

HANDED = "Handed to smtp.relay at 9:00:07am on 14 October 2022, reply 250 2.0.0 Ok: queued as 4711"
PAUSED = ("Paused by anna: the relay moves.",)
WILL_NOT_GO = "Queued since 9:00:02am on 14 October 2022, and will not be sent when its turn comes:"
NOT_SENT = "Queued, and not sent when its turn came at 9:00:07am on 14 October 2022:"

CASES: list[tuple[Facts, Case, str]] = [
    (
        facts(IP1783, mail=MAIL),
        Case.ACCEPTED,
        f"{HANDED}.",
    ),
    (
        facts(IP1783, mail=replace(MAIL, attempts=(replace(TAKEN, reply=""),))),
        Case.ACCEPTED,
        "Handed to smtp.relay at 9:00:07am on 14 October 2022, reply 250.",
    ),
    (
        facts(
            IP1783,
            mail=replace(MAIL, attempts=(GREYLISTED, replace(TAKEN, n=2, at=SENT + timedelta(minutes=15)))),
        ),
        Case.ACCEPTED,
        "Handed to smtp.relay at 9:15:07am on 14 October 2022 at the second attempt, reply 250 2.0.0 "
        "Ok: queued as 4711; the first, at 9:00:07am on 14 October 2022, ended with 451 4.7.1 "
        "Greylisted.",
    ),
    (
        facts(IP1783, mail=replace(MAIL, doubtful=2)),
        Case.ACCEPTED,
        f"{HANDED}; an answer was lost twice, so it may have come more than once.",
    ),
    (
        facts(IP1783, mail=replace(MAIL, taken_back=1)),
        Case.ACCEPTED,
        f"{HANDED}; the service ended once while it had this mail in hand, so it may have come more than "
        "once.",
    ),
    (
        facts(
            IP1783,
            mail=replace(MAIL, came_back=(CameBack(at=london(2022, 10, 15), kind="hard", code="5.1.1"),)),
        ),
        Case.CAME_BACK,
        f"{HANDED}; it came back as undeliverable on 15 October 2022, 5.1.1.",
    ),
    (
        facts(IP1783, mail=replace(MAIL, state=DeliveryState.SENDING, attempts=(), done_at=None)),
        Case.SENDING,
        "Waiting since 9:00:02am on 14 October 2022, and being handed to smtp.relay at this moment.",
    ),
    (
        facts(IP1783, mail=pending()),
        Case.WAITING,
        "Waiting since 9:00:02am on 14 October 2022 for its turn to be handed to smtp.relay.",
    ),
    (
        facts(IP1783, mail=pending(), held=("This machine's clock leapt ahead by 9 minutes.",)),
        Case.HELD,
        "Waiting since 9:00:02am on 14 October 2022, while nothing is sent: This machine's clock "
        "leapt ahead by 9 minutes.",
    ),
    (
        facts(IP1783, mail=pending(mail_after=london(2022, 10, 21))),
        Case.BACKING_OFF,
        "Waiting since 9:00:02am on 14 October 2022 until 9:00:00am on 21 October 2022, because mail "
        "to this address came back for now.",
    ),
    (
        facts(IP1783, mail=pending(attempts=(GREYLISTED,), next_at=SENT + timedelta(minutes=15))),
        Case.PUT_OFF,
        "Put off at 9:00:07am on 14 October 2022 with 451 4.7.1 Greylisted; it is tried again at "
        "9:15:07am on 14 October 2022.",
    ),
    (
        facts(
            IP1783,
            mail=pending(
                attempts=(replace(GREYLISTED, code=None, reply=""),),
                doubtful=1,
                next_at=london(2022, 10, 14, 10),
            ),
        ),
        Case.DOUBTFUL,
        "Perhaps handed to smtp.relay at 9:00:07am on 14 October 2022, but its answer was lost; it is "
        "tried again at 10:00:00am on 14 October 2022.",
    ),
    (
        facts(
            ended(EndReason.REFUSED, SENT, before=False),
            mail=replace(
                MAIL,
                state=DeliveryState.FAILED,
                attempts=(replace(TAKEN, code=550, reply="5.1.1 No such user"),),
            ),
        ),
        Case.REFUSED,
        "Refused by its server on 14 October 2022: 550 5.1.1 No such user.",
    ),
    (
        facts(
            IP1783,
            mail=replace(
                MAIL,
                state=DeliveryState.FAILED,
                attempts=(replace(GREYLISTED, n=12),),
                done_at=london(2022, 10, 16),
            ),
        ),
        Case.FAILED,
        "Given up on 16 October 2022, tried twelve times; the last answer was 451 4.7.1 Greylisted.",
    ),
    (
        facts(ended(EndReason.ONE_CLICK, RECORDED + timedelta(seconds=3), before=False), mail=cancelled()),
        Case.ENDED,
        f"{NOT_SENT} stopped by one-click at 9:00:03am on 14 October 2022.",
    ),
    (
        facts(ended(EndReason.ERASED, RECORDED + timedelta(seconds=3), before=False), mail=cancelled()),
        Case.ERASED,
        f"{NOT_SENT} erased on request at 9:00:03am on 14 October 2022.",
    ),
    (
        facts(IP1783, mail=cancelled(), about=replace(OPENED, corrected_at=SENT - timedelta(seconds=1))),
        Case.CORRECTED,
        f"{NOT_SENT} it was corrected at 9:00:06am on 14 October 2022.",
    ),
    (
        facts(IP1783, mail=cancelled(), about=replace(OPENED, overtaken_at=london(2022, 10, 13))),
        Case.OVERTAKEN,
        f"{NOT_SENT} its date changed on 13 October 2022, and that is told instead.",
    ),
    (
        facts(IP1783, mail=cancelled(stopped_at=SENT)),
        Case.TOLD_BEFORE,
        f"{NOT_SENT} what was to be said until then counts as told, as the operator decided.",
    ),
    (
        facts(replace(IP1783, chosen=False, preset="openings only"), mail=cancelled()),
        Case.OTHER_KINDS,
        f"{NOT_SENT} meanwhile they chose openings only.",
    ),
    (
        facts(
            replace(IP1783, pauses=(Pause(ended_at=RECORDED, reason=EndReason.LINK, resumed_at=NOW),)),
            mail=cancelled(),
        ),
        Case.PAUSED,
        f"{NOT_SENT} stopped with the link in a mail at 9:00:00am on 14 October 2022.",
    ),
    (
        facts(ended(EndReason.LINK, london(2022, 10, 15), before=False), mail=pending(), held=PAUSED),
        Case.ENDED,
        f"{WILL_NOT_GO} stopped with the link in a mail on 15 October 2022.",
    ),
    (
        facts(ended(EndReason.ERASED, london(2022, 10, 15), before=False), mail=pending()),
        Case.ERASED,
        f"{WILL_NOT_GO} erased on request on 15 October 2022.",
    ),
    (
        facts(
            ended(EndReason.LINK, london(2022, 10, 15), before=False),
            replace(IP1783, before=False, confirmed_at=london(2022, 10, 16)),
            mail=pending(mail_after=london(2022, 10, 21)),
        ),
        Case.ENDED,
        f"{WILL_NOT_GO} stopped with the link in a mail on 15 October 2022.",
    ),
    (
        facts(replace(IP1783, chosen=False, preset="openings only"), mail=pending(), held=PAUSED),
        Case.OTHER_KINDS,
        f"{WILL_NOT_GO} meanwhile they chose openings only.",
    ),
    (
        facts(IP1783, mail=pending(), about=replace(OPENED, corrected_at=london(2022, 10, 15))),
        Case.CORRECTED,
        f"{WILL_NOT_GO} it was corrected on 15 October 2022.",
    ),
    (
        facts(
            replace(IP1783, chosen=False),
            mail=pending(),
            about=replace(OPENED, kind=EventKind.CORRECTION),
        ),
        Case.WAITING,
        "Waiting since 9:00:02am on 14 October 2022 for its turn to be handed to smtp.relay.",
    ),
    (
        facts(
            ended(EndReason.LINK, london(2022, 10, 15), before=False),
            mail=pending(attempts=(replace(GREYLISTED, code=None, reply=""),), doubtful=1),
        ),
        Case.DOUBTFUL,
        "Perhaps handed to smtp.relay at 9:00:07am on 14 October 2022, but its answer was lost; it will "
        "not be tried again: stopped with the link in a mail on 15 October 2022.",
    ),
    (
        facts(IP1783, mail=cancelled(useful=False)),
        Case.TOO_LATE,
        f"{NOT_SENT} it would have come too late to be of use.",
    ),
    (
        facts(IP1783, mail=cancelled()),
        Case.LEFT_OUT,
        f"{NOT_SENT} nothing was left to say to this person.",
    ),
    (
        facts(IP1783, mail=replace(cancelled(), taken_back=2)),
        Case.LEFT_OUT,
        f"{NOT_SENT} nothing was left to say to this person; the service ended twice while it had this mail "
        "in hand, so it may have come.",
    ),
    (
        with_person(
            facts(replace(IP1783, rhythm=Rhythm.DAILY)),
            gathering=Gathering(rhythm=Rhythm.DAILY, slot_at=london(2022, 10, 21)),
        ),
        Case.GATHERED,
        "Gathered for the daily mail of 9:00:00am on 21 October 2022.",
    ),
    (
        with_person(
            facts(replace(IP1783, rhythm=Rhythm.WEEKLY), mail=cancelled()),
            gathering=Gathering(rhythm=Rhythm.WEEKLY, slot_at=london(2022, 10, 24)),
        ),
        Case.GATHERED,
        "Gathered for the weekly mail of 9:00:00am on 24 October 2022.",
    ),
    (
        with_person(
            facts(ended(EndReason.LINK, london(2022, 10, 15), before=False)),
            gathering=Gathering(rhythm=Rhythm.DAILY, slot_at=london(2022, 10, 21)),
        ),
        Case.ENDED,
        "Stopped with the link in a mail on 15 October 2022, after this was announced on 14 October "
        "2022 and before its mail was queued.",
    ),
    (
        facts(IP1783, forgotten=True),
        Case.FORGOTTEN,
        "Announced on 14 October 2022: what proves who was told is kept for 18 months only.",
    ),
    (
        facts(IP1783, about=replace(OPENED, no_mail=True)),
        Case.NO_MAIL,
        "Nobody was mailed about this: it stands on the pages and in the feeds alone.",
    ),
    (NOBODY, Case.NEVER_ASKED, "Never asked: no sign-up with this address is known."),
    (
        replace(
            NOBODY,
            suppressed=Suppressed(reason="stopped by the operator", at=london(2022, 9, 3), until=None),
        ),
        Case.SUPPRESSED,
        "Not written to since 3 September 2022, until that is lifted: stopped by the operator.",
    ),
    (
        facts(
            PENDING,
            suppressed=Suppressed(
                reason="came back as undeliverable", at=london(2022, 9, 3), until=london(2024, 9, 3)
            ),
        ),
        Case.SUPPRESSED,
        "Not written to since 3 September 2022, until 3 September 2024: came back as undeliverable.",
    ),
    (
        facts(
            ended(EndReason.BOUNCED),
            suppressed=Suppressed(reason="came back as undeliverable", at=OCTOBER_2, until=None),
        ),
        Case.ENDED,
        "Ended on 2 October 2022, because mail came back as undeliverable, before this was announced "
        "on 14 October 2022.",
    ),
    (
        facts(PENDING),
        Case.NEVER_CONFIRMED,
        "Asked on 3 September 2022, never confirmed; the link ended on 5 September 2022.",
    ),
    (
        facts(
            replace(
                PENDING,
                state=SubscriptionState.ENDED,
                ended_at=london(2022, 9, 10),
                ended_reason=EndReason.NEVER_CONFIRMED,
            )
        ),
        Case.NEVER_CONFIRMED,
        "Asked on 3 September 2022, never confirmed; the link ended on 5 September 2022.",
    ),
    (
        facts(replace(PENDING, asked_at=london(2022, 10, 19), link_until=london(2022, 10, 21))),
        Case.NOT_CONFIRMED_YET,
        "Asked on 19 October 2022, not confirmed yet; the link works until 21 October 2022.",
    ),
    (
        facts(replace(IP1783, before=False, confirmed_at=london(2022, 10, 15))),
        Case.CONFIRMED_LATER,
        "Confirmed only on 15 October 2022, after this was announced on 14 October 2022.",
    ),
    (
        facts(replace(IP1783, before=False, confirmed_at=london(2022, 10, 15), imported=True)),
        Case.CONFIRMED_LATER,
        "Taken in by the operator only on 15 October 2022, after this was announced on 14 October 2022.",
    ),
    (
        facts(replace(IP1783, chosen=False, preset="openings only")),
        Case.OTHER_KINDS,
        "Chose openings only; this is no part of it.",
    ),
    (
        facts(
            replace(IP1783, chosen=False, preset="openings only", changed_at=london(2022, 10, 15), change="…")
        ),
        Case.OTHER_KINDS,
        "Chose openings only; this was announced on 14 October 2022, and the choice changed on 15 "
        "October 2022.",
    ),
    (
        facts(
            replace(IP1783, chosen=False, without_reminders=True),
            about=replace(OPENED, kind=EventKind.CLOSING_SOON),
        ),
        Case.NO_REMINDERS,
        "Wants no reminders; this was one.",
    ),
    (
        facts(
            replace(
                IP1783,
                pauses=(Pause(ended_at=OCTOBER_2, reason=EndReason.LINK, resumed_at=london(2022, 10, 16)),),
            )
        ),
        Case.PAUSED,
        "Stopped with the link in a mail on 2 October 2022, and taken up again only on 16 October "
        "2022; this was announced on 14 October 2022.",
    ),
    (
        facts(
            ELSEWHERE,
            replace(ELSEWHERE, what="everything", state=SubscriptionState.ENDED),
            replace(ELSEWHERE, what="process “mta”"),
        ),
        Case.FOLLOWS_OTHERS,
        "Follows IP2 and process “mta”, and not what this is about.",
    ),
    (
        facts(replace(ELSEWHERE, state=SubscriptionState.ENDED)),
        Case.FOLLOWS_OTHERS,
        "Only ever asked for IP2, and not what this is about.",
    ),
    (
        facts(*(replace(ELSEWHERE, what=f"IP{number}") for number in range(1, 9))),
        Case.FOLLOWS_OTHERS,
        "Follows IP1, IP2, IP3, IP4, IP5 and 3 more, and not what this is about.",
    ),
    (
        with_person(facts(IP1783), unqueued=london(2022, 10, 21)),
        Case.UNQUEUED,
        "Not queued yet: its mail goes from 9:00:00am on 21 October 2022 on.",
    ),
    (
        with_person(facts(IP1783), unqueued=RECORDED),
        Case.UNQUEUED,
        "Not queued yet: its mailing of 9:00:00am on 14 October 2022 is being prepared.",
    ),
    (
        facts(IP1783, about=replace(OPENED, corrected_at=london(2022, 10, 15))),
        Case.CORRECTED,
        "Not mailed: it was corrected on 15 October 2022, before its mail went.",
    ),
    (
        with_person(facts(IP1783), left_out_at=SENT),
        Case.LEFT_OUT,
        "Left out of the mail of 9:00:07am on 14 October 2022, which had other news: nothing was left "
        "to say about this.",
    ),
    (
        facts(replace(IP1783, changed_at=london(2022, 10, 15), change="openings only → every step")),
        Case.CHANGED_SINCE,
        "What is sent here was changed only on 15 October 2022, after this was announced: openings "
        "only → every step.",
    ),
    (
        facts(IP1783),
        Case.UNEXPLAINED,
        "Unexplained, please report it: IP1783 is followed since 4 September 2022, and nothing was "
        "queued when this was announced at 9:00:00am on 14 October 2022.",
    ),
    *(
        (facts(ended(reason)), case, f"{words}, before this was announced on 14 October 2022.")
        for reason, case, words in [
            (EndReason.LINK, Case.ENDED, "Stopped with the link in a mail on 2 October 2022"),
            (EndReason.ONE_CLICK, Case.ENDED, "Stopped by one-click on 2 October 2022"),
            (EndReason.PREFERENCES, Case.ENDED, "Stopped on the page of preferences on 2 October 2022"),
            (EndReason.OPERATOR, Case.ENDED, "Stopped by the operator on 2 October 2022"),
            (EndReason.ERASED, Case.ERASED, "Erased on request on 2 October 2022"),
            (
                EndReason.REFUSED,
                Case.ENDED,
                "Refused by its server on 2 October 2022, which ended all that was sent there",
            ),
            (
                EndReason.SOFT_BOUNCED,
                Case.ENDED,
                "Ended on 2 October 2022, because mail came back for now too often",
            ),
            (
                EndReason.COMPLAINED,
                Case.ENDED,
                "Ended on 2 October 2022, because a mail was reported as unwanted",
            ),
            (EndReason.OVER, Case.ENDED, "Ended by itself on 2 October 2022, after the procedure had ended"),
        ]
    ),
]


@pytest.mark.parametrize(
    ("found", "case", "sentence"), CASES, ids=[f"{n}-{case}" for n, (_, case, _s) in enumerate(CASES)]
)
def test_each_case_has_its_sentence(found: Facts, case: Case, sentence: str) -> None:
    answer = why(found)
    assert (answer.case, answer.sentence) == (case, sentence)


def test_two_instants_of_one_day_are_told_to_the_second() -> None:
    """Of the zone's day: 11pm and midnight in London are two days, though one in UTC."""
    later, evening = RECORDED + timedelta(hours=8), london(2022, 10, 14, 23, 30)
    paused = Pause(ended_at=RECORDED - timedelta(minutes=5), reason=EndReason.LINK, resumed_at=later)
    told = [
        why(facts(one)).sentence
        for one in (
            ended(EndReason.LINK, later, before=False),
            replace(IP1783, before=False, confirmed_at=later),
            replace(IP1783, before=False, confirmed_at=london(2022, 10, 15, 0, 30)),
            replace(IP1783, pauses=(paused,)),
            replace(IP1783, chosen=False, preset="openings only", changed_at=evening),
        )
    ]
    announced = "this was announced at 9:00:00am on 14 October 2022"
    assert told == [
        f"Stopped with the link in a mail at 5:00:00pm on 14 October 2022, after {announced} and before "
        "its mail was queued.",
        f"Confirmed only at 5:00:00pm on 14 October 2022, after {announced}.",
        "Confirmed only on 15 October 2022, after this was announced on 14 October 2022.",
        "Stopped with the link in a mail at 8:55:00am on 14 October 2022, and taken up again only at "
        f"5:00:00pm on 14 October 2022; {announced}.",
        f"Chose openings only; {announced}, and the choice changed at 11:30:00pm on 14 October 2022.",
    ]


def test_every_case_and_every_end_is_in_the_table() -> None:
    assert {case for _, case, _ in CASES} == set(Case)
    ends = {one.ended_reason for found, _, _ in CASES for each in found.people for one in each.followings} - {
        None
    }
    assert ends == set(EndReason)


ORDER = [
    replace(IP1783, chosen=False, preset="openings only"),
    ended(EndReason.LINK),
    replace(IP1783, before=False),
    PENDING,
    ELSEWHERE,
]
"""From what comes nearest to a mail to what is furthest from one."""


@pytest.mark.parametrize("place", range(len(ORDER) - 1))
def test_of_several_things_asked_for_the_one_that_comes_nearest_explains(place: int) -> None:
    nearer = why(facts(ORDER[place]))
    for further in ORDER[place + 1 :]:
        assert why(facts(further, ORDER[place])) == nearer
        assert why(facts(ORDER[place], further)) == nearer


def test_of_several_mails_the_one_that_was_taken_counts() -> None:
    refused = replace(MAIL, state=DeliveryState.FAILED, attempts=(replace(TAKEN, code=550),))
    found = with_person(facts(IP1783), sendings=(cancelled(), refused, MAIL))
    assert why(found).case is Case.ACCEPTED
    assert why(with_person(found, sendings=(cancelled(), refused))).case is Case.REFUSED


def test_somebody_who_came_back_after_their_erasure_is_explained_by_both_lives() -> None:
    found = facts(ended(EndReason.ERASED))
    again = Person(
        subscriber_id=2,
        address="ada@example.org",
        address_hash=None,
        followings=(replace(IP1783, before=False, confirmed_at=london(2022, 10, 16)),),
    )
    assert why(replace(found, people=(*found.people, again))).case is Case.ERASED


LEFT = "the address they had until 16 October 2022."
OCTOBER_16 = london(2022, 10, 16)
ELSEWHERE_NOW = "their alerts went to another address from 16 October 2022 on."


def moved(found: Facts, *moves: Move, left: bool = False) -> Facts:
    """Return what is known of somebody who moved since, asked by their new address or by one they left."""
    return with_person(
        found, moves=moves, left_at=[one.at for one in moves if one.asked][-1] if left else None
    )


def test_mail_from_before_a_move_was_sent_to_the_address_of_then_whichever_is_asked_about() -> None:
    told = facts(IP1783, mail=MAIL)
    for found in (
        moved(told, Move(at=OCTOBER_16)),
        moved(told, Move(at=OCTOBER_16, asked=True), left=True),
        moved(told, Move(at=OCTOBER_2, asked=True), Move(at=OCTOBER_16), Move(at=NOW)),
    ):
        assert why(found).sentence == f"{HANDED}; it was sent to {LEFT}"


def test_mail_from_after_a_move_went_elsewhere_than_the_address_that_was_left() -> None:
    early = moved(facts(IP1783, mail=MAIL), Move(at=OCTOBER_2, asked=True), left=True)
    assert why(early).sentence == f"{HANDED}; their alerts went to another address from 2 October 2022 on."
    assert why(moved(facts(IP1783, mail=MAIL), Move(at=OCTOBER_2))).sentence == f"{HANDED}."


def test_who_moved_there_and_back_is_told_nothing_of_moves() -> None:
    back = moved(facts(IP1783, mail=MAIL), Move(at=OCTOBER_16, asked=True), Move(at=NOW))
    assert why(back).sentence == f"{HANDED}."


def test_what_was_tried_before_a_move_is_not_said_of_the_new_address() -> None:
    waiting = pending(attempts=(GREYLISTED,))
    answer = why(moved(facts(IP1783, mail=waiting), Move(at=OCTOBER_16)))
    assert answer.case is Case.PUT_OFF
    assert answer.sentence.endswith(f"; so far it was sent to {LEFT}")


def test_mail_that_was_never_sent_and_none_at_all_tell_who_left_that_they_did() -> None:
    for mail in (cancelled(done_at=NOW), pending(), None):
        found = moved(
            facts(replace(IP1783, chosen=False), mail=mail), Move(at=OCTOBER_16, asked=True), left=True
        )
        assert why(found).sentence.endswith(f"; {ELSEWHERE_NOW}")
        assert "another address" not in why(moved(found, Move(at=OCTOBER_16))).sentence


def test_who_left_an_address_to_somebody_else_had_only_the_mail_from_before() -> None:
    now_theirs = Person(
        subscriber_id=2,
        address="ada@example.org",
        address_hash=None,
        followings=(replace(IP1783, before=False, confirmed_at=NOW),),
    )
    early = moved(facts(IP1783, mail=MAIL), Move(at=OCTOBER_2, asked=True), left=True)
    late = moved(facts(IP1783, mail=MAIL), Move(at=OCTOBER_16, asked=True), left=True)
    both = [replace(one, people=(*one.people, now_theirs)) for one in (early, late)]
    assert [why(one).case for one in both] == [Case.CONFIRMED_LATER, Case.ACCEPTED]
    assert "another address" not in why(both[0]).sentence
    assert why(both[1]).sentence == f"{HANDED}; it was sent to {LEFT}"
