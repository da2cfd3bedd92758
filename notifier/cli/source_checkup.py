"""What `notifier check` says of sources: every file is read; what is on the web is named, and not asked."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from notifier.cli.finding import Finding, attention, failed, fine
from notifier.procedures.store import reference_key
from notifier.settings import Settings
from notifier.sources.errors import SourceError
from notifier.sources.files import ALL_FILES, PROCEDURE_FILES, read_path


def sources(settings: Settings, today: date) -> Iterator[Finding]:
    """Look at the folder of procedure files, and at every source that the settings name."""
    zone = settings.times.tz
    yield from _folder("procedures", settings.procedures.folder, PROCEDURE_FILES, zone, today)
    for one in settings.sources:
        if one.folder is not None:
            yield from _folder(f'source "{one.name}"', one.folder, ALL_FILES, zone, today)
        else:
            words = f"Read every {one.every_minutes} minutes once the service runs; not asked now."
            yield fine(f'source "{one.name}"', words)


def _folder(
    subject: str, folder: Path, suffixes: tuple[str, ...], zone: ZoneInfo, today: date
) -> Iterator[Finding]:
    """Read every file; each that cannot be read is told with its line, and so is a reference given twice."""
    if not folder.is_dir():
        setting = "procedures.folder" if subject == "procedures" else '"folder" of the source'
        yield failed(subject, f"{folder} is no folder.", f"Make it, or set {setting}.")
        return
    files = sorted(path for path in folder.iterdir() if path.suffix in suffixes and path.name[0] != ".")
    first_in: dict[str, Path] = {}
    good = 0
    for path in files:
        try:
            records = read_path(path, zone=zone, today=today)
        except SourceError as error:
            yield failed(subject, str(error))
            continue
        yield from (failed(subject, str(problem)) for problem in records.problems)
        twice = [
            (one.reference, before)
            for one in records.snapshots
            if (before := first_in.setdefault(reference_key(one.reference), path)) != path
        ]
        for reference, before in twice:
            yield failed(subject, f"{path}: {before.name} has the reference {reference} too.")
        good += not records.problems and not twice
    if not files:
        yield attention(subject, f"There is no file in {folder}.", "Put one in, or use `notifier import`.")
    elif good:
        yield fine(subject, f"{good} of {len(files)} files in {folder} can be read.")
