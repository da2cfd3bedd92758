"""When a database was last put back from a backup, and which mails a process that died was sending."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import notifier.columns

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "sweep", sa.Column("restored_at", notifier.columns.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column("delivery", sa.Column("taken_back", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    raise RuntimeError("a schema is never taken back: restore the backup made before the upgrade")
