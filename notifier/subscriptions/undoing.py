"""Taking a stop back: what can be undone, for how long. A stop is often the wrong mail, or the wrong hand."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from notifier.subscriptions.model import EndReason, Subscription, SubscriptionState

UNDO_FOR = timedelta(days=7)
"""Calendar time, from the stop."""

BY_MAIL = frozenset((EndReason.LINK, EndReason.ONE_CLICK))
"""What the link in a mail stops, and so can undo."""

BY_HAND = BY_MAIL | {EndReason.PREFERENCES}
"""What the owner of an address can undo."""


def undoable(
    every: Sequence[Subscription], reasons: Collection[EndReason], *, now: datetime
) -> tuple[Subscription, ...]:
    """Return which of somebody's subscriptions can be taken up again: of each thing the one stopped last.

    `every` is all that the person ever asked for: what is followed again meanwhile needs no undoing, and what
    was never confirmed was never stopped.
    """
    following = {one.topic for one in every if one.state is SubscriptionState.ACTIVE}
    last = {
        one.topic: one
        for one in sorted(every, key=lambda one: (one.ended_at or now, one.id))
        if one.state is SubscriptionState.ENDED and one.confirmed_at is not None
    }
    return tuple(
        one
        for one in last.values()
        if one.topic not in following
        and one.ended_reason in reasons
        and one.ended_at is not None
        and now <= one.ended_at + UNDO_FOR
    )
