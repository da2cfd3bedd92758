"""How the service would speak, for commands that tell beforehand what it will say."""

from datetime import timedelta

from notifier.events.preflight import Policy
from notifier.events.voice import Voice
from notifier.settings import Relation, Service, Settings
from notifier.sources.intake import intake_of

_NOBODY_YET = Service(
    name="This service",
    operator="The operator",
    postal_address="Nowhere",
    contact="nobody@localhost",
    privacy_contact="nobody@localhost",
    relation=Relation.THIRD_PARTY,
    public_url="http://localhost",
)
"""Who speaks while the settings do not say it yet: what is foreseen goes nowhere."""


def voice_of(settings: Settings) -> Voice:
    """Return the voice that the settings ask for."""
    times, watching = settings.times, settings.watching
    return Voice(
        rules=intake_of(times).rules,
        service=settings.service or _NOBODY_YET,
        quiet_from=times.quiet_from,
        quiet_until=times.quiet_until,
        policy=Policy(unreadable=watching.unreadable, wait=timedelta(hours=watching.wait_hours)),
    )
