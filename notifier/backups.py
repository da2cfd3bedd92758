"""When the database was last backed up, as far as files tell."""

import glob
from datetime import UTC, datetime
from pathlib import Path


def newest(pattern: str) -> datetime | None:
    """Return when the newest file that a path or pattern such as "/backups/*.db" names was written.

    None where there is no such file. An empty file is no backup.
    """
    found = [Path(one) for one in glob.glob(pattern)]  # noqa: PTH207 - Path.glob takes no absolute pattern
    times = [stat.st_mtime for one in found if one.is_file() and (stat := one.stat()).st_size]
    return datetime.fromtimestamp(max(times), UTC) if times else None
