"""The service as its settings describe it to its pages."""

from collections.abc import Callable

from notifier.clock import Clock
from notifier.db import Database
from notifier.procedures.due import Rules
from notifier.settings import ServingSettings
from notifier.subscriptions.fence import SignUpLimits
from notifier.subscriptions.tokens import Signer
from notifier.web.keys import Site


def site_of(
    settings: ServingSettings,
    *,
    db: Database,
    clock: Clock,
    rules: Rules,
    signer: Signer,
    ring: Callable[[], None],
    replay: bool = False,
) -> Site:
    """Return the service as the settings describe it. `ring` says that mail is queued."""
    sign_up = settings.sign_up
    return Site(
        db=db,
        clock=clock,
        service=settings.service,
        rules=rules,
        signer=signer,
        limits=SignUpLimits(
            per_address_and_day=sign_up.confirmations_per_day,
            everyone_per_hour=sign_up.confirmations_per_hour,
            link_hours=sign_up.link_hours,
        ),
        replay=replay,
        ring=ring,
        language=settings.mail.language,
        health_token=settings.health.token,
        backup_file=settings.health.backup_file,
    )
