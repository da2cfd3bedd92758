"""Tables of events, and of the mailings that carry them to people. Every instant is calendar time."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from notifier.columns import Id, UtcDateTime, metadata, partial_index

# The one row that a sweeper must hold: two sweepers must not make two mails of one moment.
sweep = Table(
    "sweep",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("n", Id, nullable=False, server_default="0"),
    Column("swept_at", UtcDateTime),
    Column(
        "restored_at", UtcDateTime
    ),  # machine time: recognised as put back, so that what it counts comes again
)

event = Table(
    "event",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("public_id", Text, nullable=False, unique=True),
    Column("occurrence_key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("kind_bit", Integer, nullable=False),
    Column("basis", Text, nullable=False),
    Column("procedure_id", ForeignKey("procedure.id"), nullable=False),
    Column("payload", Text, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("corrects_seq", ForeignKey("event.seq")),
    Column("no_mail", Boolean, nullable=False, server_default=text("false")),
    partial_index("ix_event_corrects", "corrects_seq", where="corrects_seq IS NOT NULL"),
    Index("ix_event_procedure", "procedure_id", "seq"),
)

event_topic = Table(
    "event_topic",
    metadata,
    Column("event_seq", ForeignKey("event.seq"), nullable=False),
    Column("topic_id", ForeignKey("topic.id"), nullable=False),
    Column("kind_bit", Integer, nullable=False),
    PrimaryKeyConstraint("event_seq", "topic_id"),
    Index("ix_event_topic_topic", "topic_id", "event_seq"),
)

# `not_before`: a change found in the quiet hours is mailed at the next announcement hour.
mailing = Table(
    "mailing",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slot_key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("upto_seq", Id, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("stopped_at", UtcDateTime),
)

mailing_event = Table(
    "mailing_event",
    metadata,
    Column("mailing_id", ForeignKey("mailing.id"), nullable=False),
    Column("event_seq", ForeignKey("event.seq"), nullable=False),
    PrimaryKeyConstraint("mailing_id", "event_seq"),
    Index("ix_mailing_event_event", "event_seq"),
)

# One chunk of a mailing's fan-out: the followers whose subscription id is in (lo, hi].
expansion = Table(
    "expansion",
    metadata,
    Column("mailing_id", ForeignKey("mailing.id"), nullable=False),
    Column("lo", Id, nullable=False),
    Column("hi", Id, nullable=False),
    Column("done_at", UtcDateTime),
    PrimaryKeyConstraint("mailing_id", "lo"),
    partial_index("ix_expansion_open", "mailing_id", "lo", where="done_at IS NULL"),
)

gathered = Table(
    "gathered",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("event_seq", ForeignKey("event.seq"), nullable=False),
    Column("rhythm", Integer, nullable=False),
    Column("mailing_id", ForeignKey("mailing.id")),
    PrimaryKeyConstraint("subscriber_id", "event_seq"),
    Index("ix_gathered_event", "event_seq", "subscriber_id"),
    partial_index("ix_gathered_open", "rhythm", "subscriber_id", where="mailing_id IS NULL"),
)

variant = Table(
    "variant",
    metadata,
    Column("id", Id, primary_key=True),
    Column("mailing_id", ForeignKey("mailing.id"), nullable=False),
    Column("events_key", Text, nullable=False),
    Column("language", Text, nullable=False),
    UniqueConstraint("mailing_id", "events_key", "language"),
)

variant_event = Table(
    "variant_event",
    metadata,
    Column("variant_id", ForeignKey("variant.id"), nullable=False),
    Column("event_seq", ForeignKey("event.seq"), nullable=False),
    PrimaryKeyConstraint("variant_id", "event_seq"),
    Index("ix_variant_event_event", "event_seq"),
)

# A mail to the service's own staff: its mailing has one delivery for each configured address.
staff_letter = Table(
    "staff_letter",
    metadata,
    Column("mailing_id", ForeignKey("mailing.id"), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
)
