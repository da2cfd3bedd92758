"""Sources that are watched."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import notifier.columns

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "staff_letter",
        sa.Column("mailing_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailing_id"], ["mailing.id"], name=op.f("fk_staff_letter_mailing_id")),
        sa.PrimaryKeyConstraint("mailing_id", name=op.f("pk_staff_letter")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reads_left", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(
            "ix_event_corrects",
            ["corrects_seq"],
            unique=False,
            sqlite_where=sa.text("corrects_seq IS NOT NULL"),
            postgresql_where=sa.text("corrects_seq IS NOT NULL"),
        )
        batch_op.create_index("ix_event_procedure", ["procedure_id", "seq"], unique=False)

    with op.batch_alter_table("mailing_event", schema=None) as batch_op:
        batch_op.create_index("ix_mailing_event_event", ["event_seq"], unique=False)

    with op.batch_alter_table("procedure", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("source_key", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("covers", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("as_of", notifier.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f("ix_procedure_source_key"), ["source_key"], unique=False)

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", notifier.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("next_at", notifier.columns.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column("failing_since", notifier.columns.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("problem", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("etag", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("last_modified", sa.Text(), nullable=True))
        batch_op.alter_column(
            "first_read_at", existing_type=notifier.columns.UtcDateTime(timezone=True), nullable=True
        )
        batch_op.alter_column(
            "read_at", existing_type=notifier.columns.UtcDateTime(timezone=True), nullable=True
        )

    # Whoever asked to be told of openings is told of one that takes comments again.
    # The bits are those of `EventKind.OPENED` (1) and `EventKind.REOPENED` (1 << 19), which never change.
    op.execute("UPDATE subscription SET kinds = kinds | 524288 WHERE kinds & 1 <> 0")


def downgrade() -> None:
    raise RuntimeError("a schema is never taken back: restore the backup made before the upgrade")
