"""How the service would speak, for commands that tell beforehand what it will say."""

from notifier.events.voice import Voice
from notifier.events.voice import voice_of as of_service
from notifier.settings import Relation, Service, Settings

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
    return of_service(settings, settings.service or _NOBODY_YET)
