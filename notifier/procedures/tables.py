"""Tables of procedures: their milestones, revisions, waiting changes and due instants (decision 0005).

Every instant here is calendar time.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    Table,
    Text,
    Time,
    UniqueConstraint,
    text,
)

from notifier.columns import Id, UtcDateTime, metadata, partial_index

# `read_at` is when it was last read well, `asked_at` when it was asked; `problem` is what was wrong then.
source = Table(
    "source",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False, server_default=""),
    Column("reference_key", Text, nullable=False, server_default=""),
    Column("first_read_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("next_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", UtcDateTime),
    Column("problem", Text),
    Column("etag", Text),
    Column("last_modified", Text),
)

# `read_at` is when the body's own page was last read; null where the operator entered the schedule.
# `source_key` is the watched source that speaks for it, and `covers` how much that source says (`Coverage`).
procedure = Table(
    "procedure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("title", Text),
    Column("status", Text, nullable=False),
    Column("status_as_written", Text),
    Column("decision", Text),
    Column("process", Text),
    Column("technology_type", Text),
    Column("id_number", Text, index=True),
    Column("description", Text),
    Column("email", Text),
    Column("link", Text),
    Column("referral_date", Date),
    Column("reason", Text),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("draft", Boolean, nullable=False, server_default=text("false")),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    Column("source_key", Text, index=True),
    Column("covers", Text),
    Column("as_of", UtcDateTime),
)

procedure_alias = Table(
    "procedure_alias",
    metadata,
    Column("reference_key", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("procedure_id", ForeignKey("procedure.id"), nullable=False, index=True),
)

# `dated_at` is when the milestone got its present dates: what tells "late" from "learnt too late".
milestone = Table(
    "milestone",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", ForeignKey("procedure.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("precision", Text, nullable=False),
    Column("closes_at", Time),
    Column("as_written", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("dated_at", UtcDateTime, nullable=False),
    UniqueConstraint("procedure_id", "key"),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", ForeignKey("procedure.id"), nullable=False, index=True),
    Column("milestone_id", ForeignKey("milestone.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("reason", Text, nullable=False, server_default=""),
)

# A change waits here until it has settled (promises §1.4); `subject` is a milestone key, or "status".
# `reads_left` is how often it must yet be seen again, where it was read from the web.
change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("procedure_id", ForeignKey("procedure.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("old", Text),
    Column("new", Text),
    Column("revision", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("settles_at", UtcDateTime, nullable=False),
    Column("reads_left", Integer, nullable=False, server_default="0"),
    Column("state", Text, nullable=False),
    partial_index("uq_change_pending", "procedure_id", "subject", where="state = 'pending'", unique=True),
    partial_index("ix_change_settles_at", "settles_at", where="state = 'pending'"),
)

# The one row that says by which rules and hours all due instants were derived (`derivation.py`).
derivation = Table(
    "derivation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Text),
)

due = Table(
    "due",
    metadata,
    Column("id", Id, primary_key=True),
    Column("milestone_id", ForeignKey("milestone.id"), nullable=False),
    Column("edge", Text, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("zone", Text, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    Column("checked_as", Text),
    Column("attempt_after", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("milestone_id", "edge", "local_date"),
    partial_index("ix_due_attempt_after", "attempt_after", where="state = 'pending'"),
)
