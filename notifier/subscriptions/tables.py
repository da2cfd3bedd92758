"""Tables of subscribers, what they follow, and the history that proves who asked for what.

Instants are calendar time, but for `confirm_until`, `reply.asked_at`, `subscriber.soft_bounced_at` and
`mail_after`, all of `access`, and `asked_at` and `until` of `address_change`, which are machine time.
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from notifier.columns import Id, UtcDateTime, metadata, partial_index

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
    Column("reminders", Boolean, nullable=False, server_default=text("true")),
    # Only of an erased address: the keyed hash under which its evidence is still found.
    Column("address_hash", Text, index=True),
    # Mail that the next server took and that came back for now: how often in a row, and until when we wait.
    Column("soft_bounces", Integer, nullable=False, server_default="0"),
    Column("soft_bounced_at", UtcDateTime),
    Column("mail_after", UtcDateTime),
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
    partial_index(
        "uq_subscription_active", "topic_id", "subscriber_id", where="state = 'active'", unique=True
    ),
    Index("ix_subscription_subscriber", "subscriber_id", "topic_id"),
    partial_index("ix_subscription_gathering", "rhythm", where="state = 'active' AND rhythm > 0"),
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

# A link that opens all that one address gets: mailed on request, used once, good for minutes.
access = Table(
    "access",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("nonce", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime),
)

# An address that somebody wants their alerts to go to; nothing changes until it confirms. Once it has,
# `left_hash` is the keyed hash of the address that they had until then.
address_change = Table(
    "address_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("address", Text),
    Column("address_key", Text),
    Column("nonce", Text, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Column("left_hash", Text, index=True),
)

# A mail that somebody asked for on a page: a link to confirm or to open, or "you already follow this".
# `about_id` is the row of `access` or `address_change` that its link is made for.
reply = Table(
    "reply",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("subscription_id", ForeignKey("subscription.id"), index=True),
    Column("about_id", Id),
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

# What came back: a bounce or a complaint, with its raw bytes for a few days. The fingerprint is of those
# bytes, so that the same message counts once, however often it is read.
bounce = Table(
    "bounce",
    metadata,
    Column("id", Id, primary_key=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("delivery_id", ForeignKey("delivery.id")),
    Column("subscriber_id", ForeignKey("subscriber.id"), index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("code", Text),
    Column("diagnostic", Text, nullable=False, server_default=""),
    Column("raw", LargeBinary),
    Index("ix_bounce_delivery", "delivery_id"),
)
