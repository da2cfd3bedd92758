"""When a database was last recognised as one that was restored or copied."""

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


def downgrade() -> None:
    raise RuntimeError("a schema is never taken back: restore the backup made before the upgrade")
