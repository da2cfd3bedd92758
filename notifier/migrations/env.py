"""Alembic's entry: runs migrations on the connection that `schema.py` (or a test) hands over."""

from alembic import context

from notifier.columns import metadata
from notifier.schema import is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_object=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
