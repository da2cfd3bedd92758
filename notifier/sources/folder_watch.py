"""All watched folders together: each looked into at its own pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from notifier.db import Database
from notifier.settings import SourceSettings
from notifier.sources.files import ALL_FILES
from notifier.sources.folder import Folder, Memory, sync_folder
from notifier.sources.intake import Intake


@dataclass(slots=True)
class _Watched:
    folder: Folder
    interval: timedelta
    memory: Memory = field(default_factory=Memory)
    looked_at: datetime | None = None
    problems: Sequence[str] = ()


def folder_of(settings: SourceSettings) -> tuple[Folder, timedelta] | None:
    """Return the folder that the settings name, and how often to look into it; None for an address."""
    if settings.folder is None:
        return None
    return Folder(path=settings.folder, name=settings.name, suffixes=ALL_FILES), settings.interval


class FolderWatch:
    """Takes in what changed in each folder. `others` are the keys of the sources that are no folders."""

    def __init__(
        self,
        db: Database,
        folders: Sequence[tuple[Folder, timedelta]],
        *,
        intake: Intake,
        others: frozenset[str] = frozenset(),
    ) -> None:
        self._db = db
        self._intake = intake
        self._others = others
        self._watched = [_Watched(folder, interval) for folder, interval in folders]

    @property
    def living(self) -> frozenset[str]:
        """The keys of everything that is watched now, the files among them."""
        files = (one.folder.file_key(path) for one in self._watched for path in one.memory.stamps)
        return self._others | frozenset(files)

    async def look(self, now: datetime) -> Sequence[str]:
        """Look into every folder whose time has come. Return what is wrong with any of them."""
        for one in self._watched:
            if one.looked_at is not None and now < one.looked_at + one.interval:
                continue
            reading = await sync_folder(
                self._db, one.folder, intake=self._intake, now=now, memory=one.memory, living=self.living
            )
            one.looked_at, one.problems = now, reading.problems
        return [problem for one in self._watched for problem in one.problems]
