"""How this service speaks: its calendar, its identity, its quiet hours, and its patience with a source."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from notifier.events.drafts import Scene
from notifier.events.preflight import SAY_IT, Policy
from notifier.procedures.due import Rules
from notifier.procedures.model import Procedure
from notifier.settings import Service, Settings
from notifier.sources.intake import intake_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What decides when and in whose name something is said."""

    rules: Rules
    service: Service
    quiet_from: time
    quiet_until: time
    policy: Policy = SAY_IT

    def mail_from(self, now: datetime) -> datetime:
        """Return when a change found now may be mailed: at once, or after the quiet hours (promises §6)."""
        local = now.astimezone(self.rules.zone)
        hour, start, end = local.time(), self.quiet_from, self.quiet_until
        quiet = start <= hour or hour < end if start > end else start <= hour < end
        if not quiet:
            return now
        morning = local.date() if hour < end else local.date() + timedelta(days=1)
        return max(self.rules.announcement(morning), self.rules.instant(morning, end))

    def scene(self, procedure: Procedure, now: datetime, *, restarts: int = 0) -> Scene:
        """Return the scene in which something is said of a procedure now."""
        return Scene(procedure=procedure, rules=self.rules, service=self.service, now=now, restarts=restarts)


def voice_of(settings: Settings, service: Service) -> Voice:
    """Return the voice that the settings ask for, of a service that may not stand in them yet."""
    times, watching = settings.times, settings.watching
    return Voice(
        rules=intake_of(times).rules,
        service=service,
        quiet_from=times.quiet_from,
        quiet_until=times.quiet_until,
        policy=Policy(unreadable=watching.unreadable, wait=timedelta(hours=watching.wait_hours)),
    )
