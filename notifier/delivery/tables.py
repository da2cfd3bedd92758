"""Tables of deliveries and of the processes that send them.

`next_at` and everything of `owner` and `pace` is machine time; `done_at` and `attempt.at` are calendar time,
because people read them as evidence;
`accepted_day.day` is a day of the calendar too.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from notifier.columns import Id, UtcDateTime, metadata, partial_index

owner = Table(
    "owner",
    metadata,
    Column("id", Id, primary_key=True),
    Column("host", Text, nullable=False),
    Column("renewed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mailing_id", ForeignKey("mailing.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("part", Id, nullable=False, server_default="0"),
    Column("lane", Integer, nullable=False),
    Column("state", Text, nullable=False, server_default="pending"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("doubtful", Integer, nullable=False, server_default="0"),
    Column("taken_back", Integer, nullable=False, server_default="0"),  # from owners that died
    Column("next_at", UtcDateTime, nullable=False),
    Column("owner_id", Id),
    Column("variant_id", ForeignKey("variant.id")),
    Column("done_at", UtcDateTime),
    Column("code", Integer),
    Column("reply", Text),
    UniqueConstraint("mailing_id", "subscriber_id", "part"),
    partial_index("ix_delivery_ready", "lane", "next_at", "id", where="state = 'pending'"),
    partial_index("ix_delivery_owner", "owner_id", where="state = 'sending'"),
    partial_index("ix_delivery_subscriber", "subscriber_id", where="state = 'pending'"),
)

# Only attempts that were not a first-time 250: success stays one UPDATE.
attempt = Table(
    "attempt",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("code", Integer),
    Column("reply", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("delivery_id", "n"),
)

pace = Table(
    "pace",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("second", UtcDateTime, nullable=False),
    Column("lent", Integer, nullable=False),
)

# How many mails were accepted on each civil day: what the daily brake goes by.
accepted_day = Table(
    "accepted_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("mails", Id, nullable=False),
    Column("let_go", Boolean, nullable=False, server_default=false()),  # somebody released the brake
)
