"""Tables of subscribers, what they follow, and the history that proves who asked for what.

Instants are calendar time, but for `confirm_until` and `reply.asked_at`, which are machine time.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from notifier.db import Id, UtcDateTime, metadata

topic = Table(
    "topic",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("followers", Integer, nullable=False, server_default="0"),
    UniqueConstraint("kind", "value"),
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False, server_default="mail"),
    Column("address", Text),
    Column("address_key", Text, unique=True),
    Column("language", Text, nullable=False, server_default="en"),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("topic_id", ForeignKey("topic.id"), nullable=False),
    Column("kinds", Integer, nullable=False),
    Column("rhythm", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("confirm_until", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("since_seq", Id),
    Column("ended_seq", Id),
    Column("ended_reason", Text),
    Column("ended_at", UtcDateTime),
    Index(
        "uq_subscription_active",
        "topic_id",
        "subscriber_id",
        unique=True,
        sqlite_where=text("state = 'active'"),
        postgresql_where=text("state = 'active'"),
    ),
    Index("ix_subscription_subscriber", "subscriber_id", "topic_id"),
)

subscription_history = Table(
    "subscription_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

# A mail that somebody asked for on a page: a confirmation link, or "you already follow this".
reply = Table(
    "reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("fence_key", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Index("ix_reply_fence", "fence_key", "asked_at"),
    Index("ix_reply_asked_at", "asked_at"),
)

suppression = Table(
    "suppression",
    metadata,
    Column("address_hash", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)
