"""Dates that come, move and go, and the events that each comes to."""

from dataclasses import replace
from datetime import timedelta

from tests.cast import london
from tests.journeys.transition import (
    AFTER,
    KNOWN,
    NEXT,
    OVER,
    TBC,
    WHOLE,
    Reading,
    Transition,
    changed,
    dated,
    in_turn,
    page,
    with_rows,
    without,
)
from tests.journeys.web_body import CONSULTATION, MEETING, PUBLICATION, SCHEDULE, SECOND

DATES = (
    changed("the same again", WHOLE),
    changed("a row is added", with_rows(("IPAC 3", "9 February 2023")), "date_added IPAC 3 > 9 Feb 2023"),
    changed(
        "a date moves",
        dated(PUBLICATION[0], "24 May 2023"),
        "moved Expected publication 29 Mar 2023 > 24 May 2023",
    ),
    changed(
        "a range moves",
        dated(CONSULTATION[0], "21 October 2022 - 18 November 2022"),
        f"moved {CONSULTATION[0]} 14 Oct 2022 - 11 Nov 2022 > 21 Oct 2022 - 18 Nov 2022",
    ),
    changed(
        "a range begins later and ends on its day",
        dated(CONSULTATION[0], "21 October 2022 - 11 November 2022"),
        f"moved {CONSULTATION[0]} 14 Oct 2022 - 11 Nov 2022 > 21 Oct 2022 - 11 Nov 2022",
    ),
    changed(
        "a consultation is extended",
        dated(CONSULTATION[0], "14 October 2022 - 25 November 2022"),
        f"extended {CONSULTATION[0]} 14 Oct 2022 - 11 Nov 2022 > 14 Oct 2022 - 25 Nov 2022",
    ),
    changed(
        "a consultation is shortened",
        dated(CONSULTATION[0], "14 October 2022 - 4 November 2022"),
        f"shortened {CONSULTATION[0]} 14 Oct 2022 - 11 Nov 2022 > 14 Oct 2022 - 4 Nov 2022",
    ),
    Transition(
        title="a consultation that had closed is reopened",
        known=OVER,
        then=(Reading(says=dated(CONSULTATION[0], "14 October 2022 - 25 November 2022"), at=AFTER),),
        events=(f"reopened {CONSULTATION[0]} 14 Oct 2022 - 11 Nov 2022 > 14 Oct 2022 - 25 Nov 2022",),
    ),
    changed("a day becomes TBC", TBC, "removed Expected publication 29 Mar 2023 >"),
    changed(
        "a day becomes its month",
        dated(PUBLICATION[0], "March 2023"),
        "moved Expected publication 29 Mar 2023 > in Mar 2023",
    ),
    in_turn(
        "TBC becomes a month",
        TBC,
        dated(PUBLICATION[0], "May 2023"),
        events=("removed Expected publication 29 Mar 2023 >",),
    ),
    in_turn(
        "a date is taken back to TBC and set again",
        TBC,
        dated(PUBLICATION[0], "24 May 2023"),
        events=(
            "removed Expected publication 29 Mar 2023 >",
            "date_set Expected publication > 24 May 2023",
        ),
    ),
    in_turn(
        "a row vanishes and comes back",
        without(SECOND[0]),
        WHOLE,
        events=("removed IPAC 2 12 Jan 2023 >", "date_added IPAC 2 > 12 Jan 2023"),
    ),
    in_turn(
        "a row vanishes and stays away",
        without(SECOND[0]),
        without(SECOND[0]),
        events=("removed IPAC 2 12 Jan 2023 >",),
    ),
    in_turn(
        "a date moves and moves back, each time for good",
        dated(SECOND[0], "9 February 2023"),
        WHOLE,
        events=("moved IPAC 2 12 Jan 2023 > 9 Feb 2023", "moved IPAC 2 9 Feb 2023 > 12 Jan 2023"),
    ),
    Transition(
        title="a page that is cut in the middle of its schedule for one reading",
        known=KNOWN,
        then=(
            Reading(says=page(MEETING, CONSULTATION), once=True),
            Reading(says=WHOLE, at=NEXT + timedelta(minutes=40)),
        ),
    ),
    changed(
        "several rows move together",
        page(MEETING, CONSULTATION, ("IPAC 2", "9 February 2023"), ("Expected publication", "24 May 2023")),
        "moved IPAC 2 12 Jan 2023 > 9 Feb 2023; Expected publication 29 Mar 2023 > 24 May 2023",
    ),
    changed("a date that has passed vanishes", without(MEETING[0])),
    changed(
        "a date that has passed vanishes into the timeline",
        replace(without(MEETING[0]), timeline=page(timeline=(("08 September 2022", "IPAC 1"),)).timeline),
    ),
    changed("a date is in the timeline with its day", page(timeline=(("08 September 2022", "IPAC 1"),))),
    Transition(
        title="a publication that has passed vanishes: that proves nothing",
        known=Reading(says=WHOLE, at=london(2023, 4, 3, 10)),
        then=(Reading(says=without(PUBLICATION[0]), at=london(2023, 4, 11, 10)),),
    ),
    Transition(
        title="a publication is in the timeline: it is published",
        known=Reading(says=WHOLE, at=london(2023, 3, 20, 10)),
        then=(
            Reading(
                says=page(timeline=(("29 March 2023", "Expected publication"),)), at=london(2023, 3, 29, 14)
            ),
        ),
        events=("published",),
    ),
    Transition(
        title="a publication is in the timeline on an earlier day, and no longer in the schedule",
        known=Reading(says=WHOLE, at=london(2023, 3, 20, 10)),
        then=(
            Reading(
                says=page(*SCHEDULE[:3], timeline=(("21 March 2023", "Expected publication"),)),
                at=london(2023, 3, 21, 14),
            ),
        ),
        events=("published",),
    ),
)
