"""What an operator can set, and how it is read: `load_settings` for all, then `for_serving` for `serve`."""

from notifier.settings.load import DEFAULT_FILE, DEFAULT_SECRETS, for_serving, load_settings
from notifier.settings.model import ServingMail, ServingSettings, Settings
from notifier.settings.problems import Problem, SettingsError
from notifier.settings.sections import (
    Bounces,
    Database,
    Health,
    Mail,
    Procedures,
    Relation,
    Running,
    Security,
    Service,
    SignUp,
    Staff,
    Times,
    Web,
    Worker,
)
from notifier.settings.source_values import KeyFile
from notifier.settings.watched import Shape, SourceSettings, Unreadable, Watching

__all__ = [
    "DEFAULT_FILE",
    "DEFAULT_SECRETS",
    "Bounces",
    "Database",
    "Health",
    "KeyFile",
    "Mail",
    "Problem",
    "Procedures",
    "Relation",
    "Running",
    "Security",
    "Service",
    "ServingMail",
    "ServingSettings",
    "Settings",
    "SettingsError",
    "Shape",
    "SignUp",
    "SourceSettings",
    "Staff",
    "Times",
    "Unreadable",
    "Watching",
    "Web",
    "Worker",
    "for_serving",
    "load_settings",
]
