"""Rhythms, preferences, bounces and pauses."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import notifier.columns

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "accepted_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("mails", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("let_go", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_accepted_day")),
    )
    op.create_table(
        "access",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("asked_at", notifier.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", notifier.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_at", notifier.columns.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_access_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access")),
    )
    with op.batch_alter_table("access", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "address_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("address_key", sa.Text(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("asked_at", notifier.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", notifier.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", notifier.columns.UtcDateTime(timezone=True), nullable=True),
        sa.Column("left_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_address_change_subscriber_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_change")),
    )
    with op.batch_alter_table("address_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_change_left_hash"), ["left_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_address_change_subscriber_id"), ["subscriber_id"], unique=False)

    op.create_table(
        "bounce",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", notifier.columns.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("diagnostic", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_bounce_delivery_id")),
        sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=op.f("fk_bounce_subscriber_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_bounce_fingerprint")),
    )
    with op.batch_alter_table("bounce", schema=None) as batch_op:
        batch_op.create_index("ix_bounce_delivery", ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bounce_subscriber_id"), ["subscriber_id"], unique=False)

    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.add_column(sa.Column("until", notifier.columns.UtcDateTime(timezone=True), nullable=True))

    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("about_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.alter_column(
            "subscription_id",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        )
        batch_op.create_index(batch_op.f("ix_reply_subscriber_id"), ["subscriber_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reply_subscription_id"), ["subscription_id"], unique=False)

    # Not in a batch: that would build the table anew, which rows that point to it forbid.
    op.add_column(
        "subscriber", sa.Column("reminders", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("subscriber", sa.Column("address_hash", sa.Text(), nullable=True))
    op.add_column("subscriber", sa.Column("soft_bounces", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "subscriber", sa.Column("soft_bounced_at", notifier.columns.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "subscriber", sa.Column("mail_after", notifier.columns.UtcDateTime(timezone=True), nullable=True)
    )
    op.create_index(op.f("ix_subscriber_address_hash"), "subscriber", ["address_hash"], unique=False)

    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(
            "ix_subscription_gathering",
            ["rhythm"],
            unique=False,
            sqlite_where=sa.text("state = 'active' AND rhythm > 0"),
            postgresql_where=sa.text("state = 'active' AND rhythm > 0"),
        )

    with op.batch_alter_table("gathered", schema=None) as batch_op:
        batch_op.create_index("ix_gathered_event", ["event_seq", "subscriber_id"], unique=False)

    with op.batch_alter_table("variant_event", schema=None) as batch_op:
        batch_op.create_index("ix_variant_event_event", ["event_seq"], unique=False)


def downgrade() -> None:
    raise RuntimeError("a schema is never taken back: restore the backup made before the upgrade")
