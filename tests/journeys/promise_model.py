"""Who must have been told what, and when: a plain model, written from what people are promised.

It shares nothing with the service but the words of its statuses, presets and kinds. It knows one meeting, one
consultation and one publication of each procedure, keeps every promise at the very instant, and is slow.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from notifier.events.interest import Preset
from notifier.procedures.model import Status
from notifier.subscriptions.model import Rhythm
from tests.journeys.promise_calendar import (
    CONSULTATION,
    MEETING,
    STEPS,
    Days,
    Moment,
    after_quiet_hours,
    at,
    back_to_work,
    last_slot,
    local,
    moments,
    next_slot,
)
from tests.journeys.promise_records import (
    Alert,
    Fact,
    Following,
    Gathered,
    Listed,
    Settling,
    Told,
    topics_about,
)

SETTLES = timedelta(minutes=30)
CORRECTED_FOR = timedelta(days=14)

_GATHERING = (Rhythm.DAILY, Rhythm.WEEKLY)
_RUNNING = (Status.PROPOSED, Status.IN_PROGRESS)
_OVER = (Status.COMPLETE, Status.DISCONTINUED)
_STATUS_TOLD = {
    Status.COMPLETE: "published",
    Status.DISCONTINUED: "discontinued",
    Status.SUSPENDED: "suspended",
}
_ALERTS = ["opened", "meeting", "expected"]
"""What says that a date has come, and is taken back when the date turns out to lie ahead."""


class Promises:
    """Keeps the promises: tell it what is read, who asks and how time passes; `told` is what must be so."""

    def __init__(self) -> None:
        self.listed: dict[str, Listed] = {}
        self.followings: list[Following] = []
        self.told: list[tuple[str, Fact, datetime]] = []
        self.causes: dict[Fact, list[Following]] = {}
        self._mail: list[Told] = []
        self._gathered: list[Gathered] = []
        self._closed: dict[Rhythm, datetime] = {}

    def read(self, name: str, status: Status, days: dict[str, Days], *, silent: bool, now: datetime) -> None:
        """Take note of a reading. A step that is missing in `days` has vanished from the source."""
        known = self.listed.get(name)
        one = known or Listed(status)
        lapsed: set[str] = set()
        if known is None:
            one.days = dict(days)
        else:
            lapsed = self._compare(one, status, days, now)
        self.listed[name] = one
        restarted = status in _RUNNING and one.status not in _RUNNING and "status" not in lapsed
        one.status = status
        self._arm(one, silent=silent or restarted, lapsed=lapsed, now=now)

    def _compare(self, one: Listed, status: Status, days: dict[str, Days], now: datetime) -> set[str]:
        """Let what changed settle. Return what is as it was before anybody was told of a change."""
        changed: dict[str, tuple[Days | Status, Days | Status]] = {}
        if "status" in one.settling or _is_told(one.status, status):
            changed["status"] = (one.status, status)
        for step in STEPS:
            old = one.days.get(step)
            over = step not in days and old is not None and old[1] < local(now).date()
            one.days[step] = old if over else days.get(step)  # gone with its day behind it: nothing changed
            changed[step] = (old, one.days[step])
        lapsed: set[str] = set()
        for subject, (before, after) in changed.items():
            waits = one.settling.get(subject)
            if waits is not None and waits.before == after:
                del one.settling[subject]
                lapsed.add(subject)
            elif before != after:
                settles = now if after is Status.COMPLETE else now + SETTLES
                first, seen = (waits.before, waits.seen) if waits is not None else (before, now)
                one.settling[subject] = Settling(first, seen, settles)
        return lapsed

    def _arm(self, one: Listed, *, silent: bool, lapsed: set[str], now: datetime) -> None:
        """What is to come speaks; what has passed unsaid is history, but for a range that is found open.

        What fell due while a change stood that came to nothing is not history: it is late.
        """
        wanted: dict[Moment, datetime] = {}
        if one.status in _RUNNING:
            for step, days in one.days.items():
                wanted |= moments(step, days)
        close = one.days.get(CONSULTATION)
        for moment, instant in wanted.items():
            if moment in one.to_come or moment in one.spoken:
                continue
            found_open = moment[1] == "opened" and close is not None and now < at(close[1], 17)
            late = moment in one.dropped and bool(lapsed & {moment[0], "status"})
            if instant <= now and not late and (silent or not found_open):
                one.spoken.add(moment)
        one.dropped |= set(one.to_come) - set(wanted)
        one.to_come = {moment: instant for moment, instant in wanted.items() if moment not in one.spoken}

    def live(self, start: datetime, end: datetime) -> None:
        """Let time pass with the service up: everything happens at its very instant."""
        now = start
        self.look(now)
        while (coming := min(self._instants(now), default=end)) < end:
            now = max(now, coming)
            self.look(now)
        self.look(end)

    def next_step(self) -> tuple[datetime, str, str] | None:
        """Return the instant, the procedure and the step of what falls due next; None when nothing does."""
        every = (
            (instant, name, moment[0])
            for name, one in self.listed.items()
            for moment, instant in one.to_come.items()
        )
        return min(every, default=None)

    def _instants(self, now: datetime) -> Iterable[datetime]:
        for one in self.listed.values():
            yield from one.to_come.values()
            if one.settling:
                yield max(waits.until for waits in one.settling.values())
        yield from (mail.mail_from for mail in self._mail)
        for rhythm in _GATHERING:
            if any(one.rhythm is rhythm and one.state == "active" for one in self.followings) or any(
                one.rhythm is rhythm for one in self._gathered
            ):
                yield next_slot(rhythm, now)

    def look(self, now: datetime) -> None:
        """Say everything that is due at `now`."""
        for name, one in self.listed.items():
            for moment, instant in sorted(one.to_come.items(), key=lambda item: item[1]):
                if instant <= now:
                    del one.to_come[moment]
                    one.spoken.add(moment)
                    self._say(name, one, moment, instant, now)
        for name, one in self.listed.items():
            if "status" in one.settling and one.status is Status.COMPLETE:
                seen = one.settling["status"].seen
                self._say_status(name, one, seen, now)  # the moment it is seen
                del one.settling["status"]
            if one.settling and max(waits.until for waits in one.settling.values()) <= now:
                self._say_changes(name, one, now)
        self._post(now)
        self._close_slots(now)

    def _say(self, name: str, one: Listed, moment: Moment, instant: datetime, now: datetime) -> None:
        step, what, day = moment
        days = one.days[step]
        assert days is not None
        today, close = local(now).date(), at(days[1], 17)
        useful = today == day
        if what == "opened":
            one.opening_told[day] = now
            useful = now < close
        elif what.startswith("closing"):
            useful = now < close
            opened = one.opening_told.get(days[0])
            if what == "closing:7" and opened and today - local(opened).date() < timedelta(days=3):
                useful = False
            if what == "closing:7" and at(back_to_work(days[1] - timedelta(days=1)), 9) <= now:
                useful = False
        elif what == "not_yet":
            useful = True  # until it is published
        if useful:
            kind = what.replace(":7", "_soon").replace(":1", "_soon")
            ends = close if what == "opened" else None
            fact = self._tell(name, kind, (step, day), now, occurred=instant, useful_until=ends)
            if kind in _ALERTS:
                one.alerts[step, day] = Alert(fact, now)

    def _say_changes(self, name: str, one: Listed, now: datetime) -> None:
        subjects, one.settling = one.settling, {}
        seen = max(waits.seen for waits in subjects.values())
        status = subjects.pop("status", None)
        if status is not None and _is_told(status.before, one.status):
            self._say_status(name, one, seen, now)
        if not subjects or one.status not in _RUNNING:
            return
        rows = frozenset((step, waits.before, one.days[step]) for step, waits in subjects.items())
        misled = self._misled(one, subjects)
        if any(new is None or new[1] >= local(now).date() for _, _, new in rows):
            kind = "reopened" if any(_is_reopened(one, *each) for each in subjects.items()) else "dates"
            minor = all(step == MEETING for step, _, _ in rows)
            self._tell(
                name,
                kind,
                (rows,),
                now,
                occurred=seen,
                minor=minor,
                mail_from=after_quiet_hours(now),
                misled=misled,
            )

    def _misled(self, one: Listed, subjects: dict[str, Settling]) -> frozenset[str]:
        """Take back what was said of days that have now moved to the future. Return who was told it."""
        facts: list[Fact] = []
        for step, waits in subjects.items():
            assert not isinstance(waits.before, Status)
            new = one.days[step]
            said = one.alerts.get((step, waits.before[0])) if waits.before else None
            if said is None or waits.before is None or said.told_at < waits.seen - CORRECTED_FOR:
                continue
            if new is None or new[0] > local(waits.seen).date():
                del one.alerts[step, waits.before[0]]
                facts.append(said.fact)
        self._gathered = [waits for waits in self._gathered if waits.mail.fact not in facts]
        return frozenset(person for person, fact, _ in self.told if fact in facts)

    def _say_status(self, name: str, one: Listed, seen: datetime, now: datetime) -> None:
        kind = _STATUS_TOLD.get(one.status, "restarted")
        if kind == "restarted":
            one.over_since, one.published = None, False
        elif one.status in _OVER:
            one.over_since = one.over_since or now
        if kind == "published":
            if one.published:
                return  # said once, however its status flickers, until work on it goes on again
            one.published = True
        self._tell(name, kind, (), now, occurred=seen, mail_from=after_quiet_hours(now))

    def _tell(
        self,
        name: str,
        kind: str,
        about: tuple[object, ...],
        now: datetime,
        *,
        occurred: datetime,
        useful_until: datetime | None = None,
        minor: bool = False,
        mail_from: datetime | None = None,
        misled: frozenset[str] = frozenset(),
    ) -> Fact:
        fact = (name, kind, *about)
        wanting = [one for one in self.followings if one.wants(name, kind, minor=minor)]
        self.causes[fact] = wanting
        mail = Told(fact, mail_from or now, wanting, occurred, useful_until)
        if misled:
            mail.corrected, mail.misled = (name, "correction", *about), misled
            following = [one for one in self.followings if one.topic in topics_about(name)]
            self.causes[mail.corrected] = [one for one in following if one.state == "active"]
        self._mail.append(mail)
        return fact

    def _post(self, now: datetime) -> None:
        for mail in [one for one in self._mail if one.mail_from <= now]:
            self._mail.remove(mail)
            wanting = {one.person for one in mail.followings if one.state == "active"} - mail.misled
            for person in sorted(wanting):
                rhythm = mail.rhythm(person)
                if rhythm is Rhythm.AT_ONCE:
                    self.told.append((person, mail.fact, now))
                else:
                    self._gathered.append(Gathered(person, rhythm, mail))
            if mail.corrected is not None:
                about = topics_about(str(mail.fact[0]))
                following = {
                    one.person for one in self.followings if one.state == "active" and one.topic in about
                }
                self.told += [(person, mail.corrected, now) for person in sorted(mail.misled & following)]

    def _close_slots(self, now: datetime) -> None:
        """Mail what was gathered by the newest slot, once; an opening only while it is open."""
        for rhythm in _GATHERING:
            slot = last_slot(rhythm, now)
            if self._closed.get(rhythm) == slot:
                continue
            self._closed[rhythm] = slot
            due = [one for one in self._gathered if one.rhythm is rhythm and one.mail.occurred <= slot]
            self._gathered = [one for one in self._gathered if one not in due]
            for one in due:
                ends = one.mail.useful_until
                following = [each for each in one.mail.followings if each.person == one.person]
                if any(each.state == "active" for each in following) and (ends is None or now < ends):
                    self.told.append((one.person, one.mail.fact, now))

    def ask(
        self, person: str, topic: str | None, preset: Preset, now: datetime, rhythm: Rhythm = Rhythm.AT_ONCE
    ) -> None:
        """Somebody fills in the form; who follows already changes nothing by it."""
        for one in self.followings:
            if (one.person, one.topic) == (person, topic) and one.state != "ended":
                if one.state == "asked":
                    one.preset, one.rhythm, one.asked_at = preset, rhythm, now
                return
        self.followings.append(Following(person, topic, preset, now, rhythm))

    def change(self, one: Following, rhythm: Rhythm) -> None:
        """Somebody chooses another rhythm; what waited comes with it, at the latest with a daily mail."""
        one.rhythm = rhythm
        for waits in self._gathered:
            following = [each for each in waits.mail.followings if each.person == one.person]
            if waits.person == one.person and any(each.state == "active" for each in following):
                waits.rhythm = max(waits.mail.rhythm(one.person), Rhythm.DAILY)

    def stop(self, person: str, facts: Iterable[Fact]) -> None:
        """Somebody presses "Stop" in a mail: what that mail was sent for ends, and nothing else."""
        for fact in facts:
            for one in self.causes[fact]:
                if one.person == person and one.state == "active":
                    one.state = "ended"

    def keep_house(self, now: datetime) -> None:
        """Once a day: asked and never confirmed ends in 7 days, following what is over in 30."""
        for one in self.followings:
            over = self.listed[one.topic].over_since if one.topic in self.listed else None
            if one.state == "asked" and one.asked_at < now - timedelta(days=7):
                one.state = "ended"
            if one.state == "active" and over is not None and over < now - timedelta(days=30):
                one.state = "ended"


def _is_told(old: Days | Status, new: Status) -> bool:
    """Whether people hear of a change of status: work stopped, went on, or ended."""
    return old != new and ((old in _RUNNING) != (new in _RUNNING) or new in _OVER)


def _is_reopened(one: Listed, step: str, waits: Settling) -> bool:
    """Whether a consultation that was over when it changed takes comments again until a later day."""
    old, new = waits.before, one.days[step]
    if step != CONSULTATION or new is None or old is None or isinstance(old, Status):
        return False
    return old[0] == new[0] and old[1] < new[1] and old[1] < local(waits.seen).date()
