"""All settings together. Made in code they read nothing; only `load_settings` asks file and environment."""

from pydantic import ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from notifier.settings.sections import (
    Bounces,
    Database,
    Health,
    Mail,
    Procedures,
    Running,
    Service,
    SignUp,
    Staff,
    Times,
    Web,
    Worker,
)
from notifier.settings.values import MailAddress, RefusedError
from notifier.settings.watched import SourceSettings, Watching, refuse_doubles


class Settings(BaseSettings):
    """What every command can be told. Without `service` nothing is served (`for_serving`)."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", case_sensitive=True, hide_input_in_errors=True
    )

    service: Service | None = None
    times: Times = Times()
    database: Database = Database()
    web: Web = Web()
    worker: Worker = Worker()
    mail: Mail = Mail()
    bounces: Bounces = Bounces()
    procedures: Procedures = Procedures()
    sources: tuple[SourceSettings, ...] = ()
    watching: Watching = Watching()
    staff: Staff = Staff()
    sign_up: SignUp = SignUp()
    running: Running = Running()
    health: Health = Health()

    @field_validator("sources")
    @classmethod
    def _no_doubles(cls, sources: tuple[SourceSettings, ...]) -> tuple[SourceSettings, ...]:
        refuse_doubles(sources)
        return sources

    @field_validator("bounces")
    @classmethod
    def _a_mailbox_first(cls, bounces: Bounces, info: ValidationInfo) -> Bounces:
        mail = info.data.get("mail")
        if bounces.maildir is not None and mail is not None and mail.bounces is None:
            words = 'needs "bounces" in [mail]: without it no mail of ours comes back there'
            raise RefusedError(words, repeat=False, inside=("maildir",))
        return bounces

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - named by the library
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is handed in, so that a stray variable never changes the demo or a test."""
        return (init_settings,)


class ServingMail(Mail):
    """Mail settings with which people can be written to, and can answer."""

    sender: MailAddress
    reply_to: MailAddress


class ServingSettings(Settings):
    """Settings that say who serves: no page, mail or feed goes out without them."""

    service: Service
    mail: ServingMail
