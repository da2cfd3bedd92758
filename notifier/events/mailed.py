"""Which mails somebody was sent: asked by mailing and then by person, as the index of deliveries goes."""

from sqlalchemy import ColumnElement, text

from notifier.columns import Id
from notifier.delivery.tables import delivery

# CROSS keeps SQLite from reading every delivery of everybody: it begins with the mailings, which are few.
_THEIRS = text(
    """
    SELECT d.id FROM mailing CROSS JOIN delivery d
    WHERE d.mailing_id = mailing.id AND d.subscriber_id = :subscriber
    """
)


def mailed_to(subscriber_id: int) -> ColumnElement[bool]:
    """Return what chooses the deliveries to one person, replies and what is under way included."""
    return delivery.c.id.in_(_THEIRS.bindparams(subscriber=subscriber_id).columns(id=Id))
