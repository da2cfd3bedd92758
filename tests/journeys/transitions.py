"""Names, statuses and sources that change, and the events that each comes to."""

from dataclasses import replace
from datetime import date, timedelta

from notifier.procedures.model import Coverage, Facts, Snapshot, Status
from tests.cast import london
from tests.journeys.transition import (
    BEGIN,
    KNOWN,
    LIST,
    NEXT,
    OPEN_NOW,
    TWICE,
    WHOLE,
    Reading,
    Transition,
    changed,
    dated,
    in_turn,
    listed,
    open_now,
    page,
    with_rows,
)
from tests.journeys.web_body import CONSULTATION, MEETING, PRODUCT, PUBLICATION, SECOND

NAMES = (
    changed(
        "a row is called otherwise",
        page(MEETING, CONSULTATION, ("Committee meeting: IPAC 2", SECOND[1]), PUBLICATION),
    ),
    changed(
        "a row is called quite otherwise on its day",
        page(MEETING, CONSULTATION, ("Second committee meeting", SECOND[1]), PUBLICATION),
    ),
    changed("rows change places", page(PUBLICATION, SECOND, CONSULTATION, MEETING)),
    in_turn(
        "two rows swap their dates",
        page(
            MEETING, CONSULTATION, ("IPAC 2", "9 February 2023"), ("IPAC 3", "12 January 2023"), PUBLICATION
        ),
        events=("moved IPAC 2 12 Jan 2023 > 9 Feb 2023; IPAC 3 9 Feb 2023 > 12 Jan 2023",),
        known=Reading(says=with_rows(("IPAC 3", "9 February 2023")), at=BEGIN),
    ),
    in_turn(
        "of two rows with one label the first vanishes",
        page(*TWICE[1:]),
        events=("removed Committee meeting 6 Oct 2022 >",),
        known=Reading(says=page(*TWICE), at=BEGIN),
    ),
    in_turn(
        "of two rows with one label the first moves behind the second",
        page(TWICE[1], ("Committee meeting", "1 December 2022"), TWICE[2]),
        events=("moved Committee meeting 6 Oct 2022 > 1 Dec 2022",),
        known=Reading(says=page(*TWICE), at=BEGIN),
    ),
    changed("the title changes", replace(WHOLE, facts=replace(WHOLE.facts, title="Another title"))),
    changed(
        "the reference becomes that of the guidance",
        replace(WHOLE, reference="IPG749", aliases=(WHOLE.reference,)),
    ),
)

STATUSES = (
    changed("work is suspended", page(status="Suspended"), "suspended"),
    in_turn(
        "work is suspended and goes on",
        page(status="Suspended"),
        WHOLE,
        events=("suspended", "restarted"),
    ),
    in_turn(
        "work goes on with other dates",
        page(status="Impacted by COVID-19"),
        dated(PUBLICATION[0], "24 May 2023"),
        events=("suspended", "restarted", "moved Expected publication 29 Mar 2023 > 24 May 2023"),
    ),
    in_turn(
        "a date moves while work is suspended",
        page(status="Suspended"),
        replace(dated(PUBLICATION[0], "24 May 2023"), facts=page(status="Suspended").facts),
        events=("suspended",),
    ),
    Transition(
        title="a status that lasts for one reading",
        known=KNOWN,
        then=(
            Reading(says=page(status="Suspended"), once=True),
            Reading(says=WHOLE, at=NEXT + timedelta(minutes=20)),
        ),
    ),
    changed("work is discontinued", page(status="Discontinued"), "discontinued"),
    in_turn(
        "suspended work is discontinued",
        page(status="Suspended"),
        page(status="Discontinued"),
        events=("suspended", "discontinued"),
    ),
    changed("work goes back from in progress to proposed", page(status="Proposed")),
    changed("work is complete", page(status="Complete"), "published"),
    in_turn(
        "work is complete, in progress and complete again",
        page(status="Complete"),
        WHOLE,
        page(status="Complete"),
        events=("published", "restarted", "published"),
    ),
    changed("a status that nobody knows", page(status="On the back burner")),
    in_turn("a status that nobody knows, and back", page(status="On the back burner"), WHOLE),
    changed(
        "the page leads to the guidance",
        Snapshot(
            reference=WHOLE.reference,
            facts=Facts(status=Status.COMPLETE, link=f"https://www.nice.org.uk{PRODUCT}"),
            milestones=(),
            covers=Coverage.GIVEN,
            aliases=("IPG749",),
        ),
        "published",
    ),
)

_EARLIER = BEGIN - timedelta(days=3)

SOURCES = (
    Transition(
        title="an older page after a newer one",
        known=KNOWN,
        then=(Reading(says=dated(SECOND[0], "9 February 2023"), read_at=_EARLIER),),
    ),
    Transition(
        title="an older record after a newer one, by its own word",
        known=Reading(says=replace(WHOLE, as_of=BEGIN), at=BEGIN),
        then=(Reading(says=replace(dated(SECOND[0], "9 February 2023"), as_of=_EARLIER)),),
    ),
    Transition(
        title="a list of projects beside a page",
        known=KNOWN,
        then=(Reading(says=listed(date(2024, 1, 10), status=Status.SUSPENDED), source=LIST),),
    ),
    Transition(
        title="a list of projects alone",
        known=Reading(says=listed(date(2023, 3, 29)), at=BEGIN, source=LIST),
        then=(Reading(says=listed(date(2023, 5, 24)), source=LIST),),
        events=("moved Expected publication 29 Mar 2023 > 24 May 2023",),
    ),
    Transition(
        title="a page after a list of projects fills in the rest",
        known=Reading(says=listed(date(2023, 3, 29)), at=BEGIN, source=LIST),
        then=(Reading(says=WHOLE),),
        events=(
            f"date_added IPAC 1 > 8 Sep 2022; {CONSULTATION[0]} > 14 Oct 2022 - 11 Nov 2022; "
            "IPAC 2 > 12 Jan 2023",
        ),
    ),
    Transition(
        title="a list of open consultations beside a page",
        known=Reading(says=WHOLE, at=london(2022, 10, 17, 10)),
        then=(
            Reading(
                says=open_now(date(2022, 10, 14), date(2022, 11, 11)),
                source=OPEN_NOW,
                at=london(2022, 10, 18, 10),
            ),
        ),
    ),
    Transition(
        title="a list of open consultations beside a list of projects",
        known=Reading(says=listed(date(2023, 3, 29)), at=london(2022, 10, 17, 10), source=LIST),
        then=(
            Reading(
                says=open_now(date(2022, 10, 14), date(2022, 11, 11)),
                source=OPEN_NOW,
                at=london(2022, 10, 18, 10),
            ),
        ),
        events=("opened",),
    ),
    Transition(
        title="a consultation leaves the list of open ones",
        known=Reading(
            says=open_now(date(2022, 10, 14), date(2022, 11, 11)),
            at=london(2022, 10, 17, 10),
            source=OPEN_NOW,
        ),
        then=(
            Reading(
                says=replace(
                    open_now(date(2022, 10, 14), date(2022, 11, 11)), milestones=(), stated=frozenset()
                ),
                source=OPEN_NOW,
                at=london(2022, 10, 18, 10),
            ),
        ),
    ),
)
