"""Alembic's entry: runs migrations on the connection that `schema.py` (or a test) hands over."""

from alembic import context

from notifier.db import metadata


def _is_ours(_object: object, name: str | None, type_: str, _reflected: bool, _compare_to: object) -> bool:
    return not (type_ == "table" and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_object=_is_ours,
)
with context.begin_transaction():
    context.run_migrations()
