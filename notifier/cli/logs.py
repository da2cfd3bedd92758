"""Logs: JSON lines for machines, short coloured lines on a terminal. Never an address at INFO."""

import logging
import sys

import structlog


def set_up_logs() -> None:
    """Send every log line of the process to standard error."""
    on_terminal = sys.stderr.isatty()
    renderer = structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.dict_tracebacks if not on_terminal else _unchanged,
            renderer,
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # The alarm clock's own chatter says nothing that ours does not; the migrations' neither.
    for name in ("apscheduler", "alembic", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)


def quiet_logs() -> None:
    """Keep the terminal for the timeline: only what went wrong is said."""
    set_up_logs()
    logging.getLogger().setLevel(logging.ERROR)


def _unchanged(
    _logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return event
