"""The table of the settings that pace the mail, in docs/operating.md: none is left out or invented."""

import re
from pathlib import Path

from notifier.settings.sections import Mail

TABLE = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
PACING = {
    "connections",
    "letters_per_connection",
    "per_second",
    "per_domain",
    "per_day",
    "timeout_seconds",
    "uncommitted",
}


def test_every_setting_of_the_pace_is_in_the_table() -> None:
    text = Path("docs/operating.md").read_text(encoding="utf-8")
    named = set(TABLE.findall(text.partition("## Pace")[2].partition("## Pause")[0]))
    assert named == PACING
    assert named <= set(Mail.model_fields)
