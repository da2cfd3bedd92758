"""The words for staff: what is due, what to look at, what became of a mailing. Pure (promises §2)."""

import shlex
from collections.abc import Sequence
from datetime import date

from notifier.events.forecast import Forecast
from notifier.events.forecast_words import people_words, what_words, when_words
from notifier.events.staff.calendar import StaffSlot
from notifier.events.staff.model import Command, Receipt, StaffItem, StaffSection, StaffWords
from notifier.events.titles import SUBJECT_LIMIT, clean, cut
from notifier.events.wording import count, full_day, hour, local, short_day
from notifier.procedures.hand import FILE_PREFIX
from notifier.procedures.model import Milestone, Procedure


def letter_words(slot: StaffSlot, found: Sequence[Forecast], *, zone: str) -> StaffWords:
    """Return the letter about what is due next (at least one), what is held beside what will be said."""
    days = (slot.last - slot.day).days
    when = f"tomorrow, {full_day(slot.last)}" if days == 1 else f"up to and including {full_day(slot.last)}"
    lead = f"{count(len(found), 'alert')} {'is' if len(found) == 1 else 'are'} due {when}."
    start = f"Tomorrow, {short_day(slot.last)}" if days == 1 else f"Until {short_day(slot.last)}"
    about = due_sentence(found[0]) if len(found) == 1 else count(len(found), "alert")
    free = sum(not one.held for one in found)
    held = f", {len(found) - free} held" if free < len(found) else ""
    return StaffWords(
        subject=cut(f"{start}: {about}{'' if len(found) == 1 else held}", SUBJECT_LIMIT),
        lead=lead,
        sections=(StaffSection(heading="", items=tuple(_item(one, slot.day, zone) for one in found)),),
    )


def due_sentence(one: Forecast) -> str:
    """Return "IP1783 opens for comment, 1,204 people", with what keeps it from being mailed."""
    if not one.mailed:
        return f"{what_words(one)}, in the feeds only"
    return f"{what_words(one)}, {people_words(one.people)}{' (held)' if one.held else ''}"


def due_items(found: Sequence[Forecast], *, today: date, zone: str) -> tuple[StaffItem, ...]:
    """Return one item for each instant, with the commands to hold or change it."""
    return tuple(_item(one, today, zone) for one in found)


def _item(one: Forecast, today: date, zone: str) -> StaffItem:
    text = f"{when_words(one.at, today, zone)}: {due_sentence(one)}."
    act = release_command if one.held else hold_command
    whole = one.procedure.held
    return StaffItem(
        text=text,
        commands=(act(one.procedure.slug, None if whole else one.milestone), *_change(one.procedure)),
    )


def hold_command(slug: str, one: Milestone | None) -> Command:
    """Return the command that holds a date, or the whole procedure."""
    return Command(purpose="To hold it", line=_line("hold", slug, one))


def release_command(slug: str, one: Milestone | None) -> Command:
    """Return the command that lets a date, or the whole procedure, speak again."""
    return Command(purpose="To release it", line=_line("release", slug, one))


def confirm_command(slug: str, one: Milestone) -> Command:
    """Return the command that says that a date happened."""
    return Command(purpose="If it happened", line=_line("confirm", slug, one))


def _line(act: str, slug: str, one: Milestone | None) -> str:
    words = ["notifier", "procedure", act, slug, *([one.key] if one else [])]
    return f'{shlex.join(words)} --reason "…"'


def _change(found: Procedure) -> tuple[Command, ...]:
    """Say where a date is changed: in the source it comes from, which would undo any other change."""
    key = found.source_key or ""
    if key.startswith(FILE_PREFIX):
        return (Command(purpose="To change it", line=f"edit {clean(key.removeprefix(FILE_PREFIX))}"),)
    if key:
        return ()
    line = shlex.join(["notifier", "import", "FILE", "--reference", found.slug])
    return (Command(purpose="To change it, import the page again", line=line),)


def receipt_words(receipt: Receipt, *, zone: str) -> StaffWords:
    """Return "1,204 queued, 1,198 accepted by 9:03am, 6 waiting, 0 refused", and what was sent."""
    by = ""
    if receipt.last_accepted_at is not None:
        by = f" by {hour(local(receipt.last_accepted_at, zone).time())}"
    parts = [
        f"{receipt.queued:,} queued",
        f"{receipt.accepted:,} accepted{by}",
        f"{receipt.waiting:,} waiting",
        f"{receipt.refused:,} refused",
    ]
    if receipt.cancelled:
        parts.append(f"{receipt.cancelled:,} not sent (their readers had left, or they came too late)")
    name = receipt.titles[0] if len(receipt.titles) == 1 else count(len(receipt.titles), "alert")
    if receipt.digest:
        name = f"{receipt.digest} mail with {count(len(receipt.titles), 'alert')}"
    sent = tuple(StaffItem(text=title) for title in receipt.titles)
    share = f"{receipt.accepted:,} of {receipt.queued:,} accepted"
    return StaffWords(
        subject=cut(f"Sent, {share}: {clean(name)}", SUBJECT_LIMIT),
        lead=f"{', '.join(parts)}.",
        sections=(StaffSection(heading="What was sent", items=sent),),
    )
