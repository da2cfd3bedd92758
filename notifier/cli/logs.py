"""Logs: JSON lines for machines, short coloured lines on a terminal. Never an address at INFO.

To follow one date from its alarm to the accepted mail, take the id of its event (it ends the id of its feed
entry) and search for it: `announced`, `expanded`, `claimed` and `delivered` carry it in `events`. Letters are
counted there, never named; for one person's letter there is the database.

The way of a date:

- `file_taken_in`: a procedure's file was read anew; `file`, `changes`.
- `source_read`: a source on the web was read; `source`, `changes`, `problems`.
- `source_not_read`, `sources_not_read`: a file or source, or a whole folder, could not be read; `problem`.
- `source_not_taken_in`: what a source says could not be stored, a fault of ours; `source`.
- `web_watch_failed`: the database refused while sources were looked after; they are soon again.
- `status_unknown`: a body uses a word that means nothing here, so no date counts; `procedure`, `status`.
- `due_instants_recomputed`: hours or zone data changed since the last start; `count`.
- `due_skipped`: a date is not told, because it is too late or nothing to tell; `due`, `why`.
- `due_held`: a date is held because its source cannot be read (`watching.unreadable`); `due`, `why`.
- `row_poisoned`: a date or change cannot be told and is put off by an hour; `row`, `what`.
- `announced`: an event is written; `events` (one id), `seq`, `kind`, `key`, `due_at`, `mailing` (none where
  nobody follows, or nobody is mailed).
- `expanded`: one chunk of followers has its deliveries; `mailing`, `events`, `deliveries`.
- `slot_closed`: what was gathered for daily or weekly readers is on its way to be mailed; `slot`, `chunks`.
- `expansion_failed`: the database refused; the chunk is expanded at the next sweep.
- `staff_letters_written`: letters to staff are on their way; `slots`.
- `claimed`: letters are composed and about to be sent; `events`, `letters`. No ids: answers to sign-ups.
- `translation_left_out`: a sentence of a catalogue cannot be used and is said in English; `file`, `line`.
- `template_failed`: an operator's template could not be used, and the shipped one was; `template`.
- `claim_failed`, `claim_not_bound`, `delivery_poisoned`: letters could not be composed, and are put off.
- `delivered`: answers of the mail server are recorded; `events`, and how many were `accepted`, are sent again
  (`retry`, `doubtful`), or were refused for good (`failed`, `bad_address`).

Sending:

- `fewer_connections`: the mail server takes no more `connections` than these; `reason`.
- `session_broke`: a session broke over one letter, which goes again over another; `reason`.
- `sending_paused`: the mail server cannot be used now; `reason`, `seconds`.
- `daily_brake`: as many mails were accepted today as may be (`mail.per_day`); the rest waits. `per_day`.
- `turns_not_lent`: the database refused, and without it the limit of all processes together is not known.
- `holds_not_read`: it could not be asked whether somebody paused sending; it is asked again.
- `sending_taken_back`: what a dead process was sending is queued again; `count`.
- `pipelining_given_up`: the mail server loses what it is sent together; one command at a time, for `seconds`.
- `lease_lost`, `lease_not_renewed`: this process was frozen, or the database refused.
- `letters_found_again`: the database refused during a claim, which stood all the same; `count`.
- `outcomes_not_recorded`, `outcomes_came_late`: answers wait for the database, or are not ours now; `count`.
- `letters_not_given_back`: they come back when the lease ends; `count`.
- `works_again`: what `after` told of is over; `times`, `seconds`. While it lasted, it was told with its
  traceback once, then once a minute with `times` and `why`.

Mail that comes back:

- `mail_came_back`: a message was taken in; `kind`, and what it `became` (`unproven`: no token of ours).
- `mail_not_taken_in`: a message could not be, and stays where it lies.
- `maildir_not_read`: the folder or the database refused; it is read again at the next sweep.

The process:

- `started`, `stopped`, `task_cancelled`: `port`; `task` did not end within `running.stop_seconds`.
- `worker_started`: a helper without a web server began; `host`.
- `doorbells_silent`: no other process can be heard for a moment, on PostgreSQL; `why`.
- `round_failed`: a look for what dead processes left, and for work that nobody rang for, ended badly.
- `sweep_failed`: a look for what is due ended badly; the next one asks again.
- `holds_changed`: reasons for which nothing is announced or sent came or went; `holds`.
- `heartbeat_missed`: the call of `health.heartbeat_url` failed; `why`, `in_a_row`.
- `database_does_not_answer`, `database_not_writable`, `disk_not_measured`, `backup_not_found_out`: what
  health found.
- `housekeeping_failed`: the database refused while old data was ended; again at the next sweep.
- `addresses_erased`: their time was over; `count`.
- `erased_again`: a restored database held addresses that had been erased since; `count`.
- `evidence_ended`: what proves who was told was kept long enough; how many rows of each kind.

The web:

- `sign_up`: somebody asked for alerts; `became`. `sign_up_fenced_by_network`: too many from one network.
- `access_asked`, `access_asked_from_mail`: somebody asked for a link to all they get; `became`.
- `address_change_asked`: somebody asked for alerts at another address; `became`.
- `erased_on_request`: somebody had their address erased.
- `request_not_answered`: the database did not answer, and 503 was; `method`, `route`, `why`.
- `request_failed`: a fault of ours; `method`, `route`. `request_unreadable`: no HTTP; `status`, `reason`.
- `request_overtaken`: two people did the same in the same instant, and the later was answered anew; `method`.
- `connection_refused`, `connection_ended`: a limit was reached; `open`, `status`.
"""

import logging
import sys

from notifier.cli.lone_structlog import structlog

# Tracebacks without the values of variables: those hold addresses and secrets.
_FOR_MACHINES: tuple[structlog.typing.Processor, ...] = (
    structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False, use_rich=False)
    ),
    structlog.processors.JSONRenderer(),
)
_FOR_PEOPLE: tuple[structlog.typing.Processor, ...] = (
    structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
)


def set_up_logs() -> None:
    """Send every log line of the process to standard error."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *(_FOR_PEOPLE if sys.stderr.isatty() else _FOR_MACHINES),
        ],
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # What libraries say of their own work says nothing that ours does not.
    for name in ("apscheduler", "alembic", "mail.log", "procrastinate"):
        logging.getLogger(name).setLevel(logging.WARNING)


def quiet_logs() -> None:
    """Keep the terminal for the timeline: only what went wrong is said."""
    set_up_logs()
    logging.getLogger().setLevel(logging.ERROR)
