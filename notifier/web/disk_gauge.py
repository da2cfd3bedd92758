"""How much room the disk of the database has, and how long it lasts at the present pace."""

import logging
import shutil
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from notifier.web.health_facts import Disk

SAMPLE_SECONDS = 600.0
"""How far two samples are apart."""

KEPT_SECONDS = 24 * 3600.0
"""Over how long the pace is measured at most."""

LEAST_SECONDS = 6 * 3600.0
"""Over how long it must be measured to mean anything: one import or backup is no pace."""

log = logging.getLogger(__name__)


def free_bytes(folder: Path) -> int | None:
    """Return the bytes free for this user on the disk of `folder`; None when it cannot be asked."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        log.exception("disk_not_measured")
        return None


class DiskGauge:
    """Takes a sample now and then. `measure` gives free bytes, `monotonic` counts seconds."""

    def __init__(self, measure: Callable[[], int | None], monotonic: Callable[[], float]) -> None:
        self._measure = measure
        self._monotonic = monotonic
        self._samples: deque[tuple[float, int]] = deque()

    def sample(self) -> None:
        """Note the room there is now, unless that was just done."""
        now = self._monotonic()
        if self._samples and now - self._samples[-1][0] < SAMPLE_SECONDS:
            return
        free = self._measure()
        if free is None:
            return
        self._samples.append((now, free))
        while now - self._samples[0][0] > KEPT_SECONDS:
            self._samples.popleft()

    def read(self) -> Disk | None:
        """Measure now; None when that cannot be done."""
        free = self._measure()
        return None if free is None else Disk(free=free, lasts=self._lasts(free))

    def _lasts(self, free: int) -> timedelta | None:
        if not self._samples:
            return None
        then, before = self._samples[0]
        seconds, used = self._monotonic() - then, before - free
        if seconds < LEAST_SECONDS or used <= 0:
            return None
        return timedelta(seconds=min(free * seconds / used, timedelta(days=3650).total_seconds()))
