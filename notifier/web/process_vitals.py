"""What health asks of the running process, gathered from the tasks that know it."""

from collections.abc import Sequence
from datetime import datetime

from notifier.bounces.watch import MaildirWatch
from notifier.delivery.acceptance import Unaccepted
from notifier.delivery.deliver import Deliverer
from notifier.delivery.server_watch import Fault
from notifier.scheduling import Watch
from notifier.web.disk_gauge import DiskGauge
from notifier.web.health_facts import Disk, Missed
from notifier.web.heartbeat import Heartbeat


class ProcessVitals:
    """Implements `Vitals` (`keys.py`).

    `heartbeat` is None where no watcher is to be called, `maildir` where no Maildir is to be read.
    """

    def __init__(
        self,
        watch: Watch,
        deliverer: Deliverer,
        gauge: DiskGauge,
        heartbeat: Heartbeat | None,
        maildir: MaildirWatch | None,
    ) -> None:
        self._watch = watch
        self._deliverer = deliverer
        self._gauge = gauge
        self._heartbeat = heartbeat
        self._maildir = maildir

    @property
    def started_at(self) -> datetime:
        """When the process began to watch."""
        return self._watch.started_at

    @property
    def swept_at(self) -> datetime | None:
        """When the last sweep ended well."""
        return self._watch.swept_at

    @property
    def sweep_seconds(self) -> float:
        """How often a sweep is meant to happen."""
        return self._watch.sweep_seconds

    @property
    def fault(self) -> Fault | None:
        """Why no mail is being sent, if that is so."""
        return self._deliverer.fault

    @property
    def source_problems(self) -> Sequence[str]:
        """What could not be read at the last look at the procedures' files."""
        return self._watch.source_problems

    @property
    def sources_unread_since(self) -> datetime | None:
        """Since when something of that kind could not be read."""
        return self._watch.sources_unread_since

    @property
    def missed(self) -> Missed | None:
        """How often the heartbeat failed last, if it did."""
        return self._heartbeat.missed if self._heartbeat is not None else None

    @property
    def mail_unread_since(self) -> datetime | None:
        """Since when mail that came back cannot be read, if that is so."""
        return self._maildir.unread_since if self._maildir is not None else None

    @property
    def unknown_addresses(self) -> int:
        """How many of the last thousand letters were refused because their mailbox does not exist."""
        return self._deliverer.unknown_addresses

    @property
    def unaccepted(self) -> Unaccepted | None:
        """What was refused since a letter was last accepted, if anything was."""
        return self._deliverer.unaccepted

    def disk(self) -> Disk | None:
        """Return how much room the disk of the database has."""
        return self._gauge.read()
