"""Mail goes out, comes back, and is acted on by the real command beside the running service."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notifier.demo.inbox import Mail
from tests.bounces.sample_files import sample
from tests.journeys.house import IP1783, House, open_house, ship_ip1783, subject
from tests.journeys.returning import (
    BOUNCES,
    ROOT,
    bounced,
    complained,
    deliver,
    environment,
    ingest,
    stopped_by_mail,
    stored,
)

ADA, BEN = "ada@patients.example", "ben@patients.example"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Ada and Ben follow IP1783 and were told, on 14 October, that the consultation is due to open."""
    ship_ip1783(tmp_path)
    box = tmp_path / "box"
    deliver(box)
    async with open_house(tmp_path, "2022-09-20T09:00", bounces=BOUNCES, maildir=box) as house:
        for address in (ADA, BEN):
            await house.sign_up(address, to=IP1783)
        await house.replay(until="2022-10-14T09:00")
        yield house


def _opening(house: House, address: str = ADA) -> Mail:
    [mail] = house.mails_to(address)
    return mail


async def _at_the_reminder(house: House) -> tuple[list[str], list[str]]:
    """Let it become the day of the 7-day reminder. Return what Ada and Ben were mailed by then."""
    await house.replay(until="2022-11-05T00:00")
    return [subject(one) for one in house.mails_to(ADA)], [subject(one) for one in house.mails_to(BEN)]


async def test_whose_mail_comes_back_for_good_gets_nothing_more(house: House) -> None:
    mail = _opening(house)
    code, said, _ = await ingest(
        house.home, "-", "--recipient", mail.sender, given=bounced(mail, "gmail_not_found")
    )
    assert (code, said) == (0, "1 message: hard, ended 1\n")
    adas, bens = await _at_the_reminder(house)
    assert (len(adas), len(bens)) == (1, 2)
    assert stored(house.home, "SELECT reason FROM suppression") == [("came back as undeliverable",)]


async def test_each_mail_and_each_confirmation_leaves_in_an_envelope_of_its_own(house: House) -> None:
    senders = [mail.sender for mail in house.inbox.mails]
    assert len(senders) == len(set(senders)) == 4
    assert all(one.startswith("bounces+") and one.endswith("@alerts.example") for one in senders)
    for mail in house.inbox.mails:
        assert str(mail.message["From"]).endswith("<alerts@alerts.example>")


async def test_mail_that_comes_back_for_now_is_sent_again_after_the_wait(house: House) -> None:
    """The command's clock is two hours behind: the wait that it sets is over."""
    mail = _opening(house)
    code, said, _ = await ingest(house.home, "-", given=bounced(mail, "exchange_full"), hours_ago=2)
    assert (code, said) == (0, "1 message: soft, put back 1\n")
    house.notifier.deliverer.ring()
    async with asyncio.timeout(10):
        while len(house.mails_to(ADA)) < 2:  # noqa: ASYNC110 - an inbox tells nobody
            await asyncio.sleep(0.05)
    again = house.mails_to(ADA)[1]
    assert again.message["Message-ID"] == mail.message["Message-ID"]
    assert again.sender == mail.sender


async def test_nothing_is_sent_to_a_full_mailbox_before_the_wait_is_over(house: House) -> None:
    code, _, _ = await ingest(house.home, "-", given=bounced(_opening(house), "exchange_full"))
    assert code == 0
    # A replay would wait for the mail that waits: the days pass without one.
    house.clock.leap(house.clock.now().replace(month=11, day=4, hour=10))
    house.notifier.watch.ring()
    async with asyncio.timeout(10):
        while len(house.mails_to(BEN)) < 2:  # noqa: ASYNC110 - an inbox tells nobody
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    assert len(house.mails_to(ADA)) == 1
    waiting = (
        "SELECT count(*), min(next_at = mail_after) FROM delivery JOIN subscriber s ON s.id = subscriber_id"
    )
    assert stored(house.home, f"{waiting} WHERE delivery.state = 'pending'") == [(2, 1)]


async def test_whoever_complains_gets_nothing_more_until_that_is_lifted(house: House) -> None:
    code, said, _ = await ingest(house.home, "-", given=complained(_opening(house)))
    assert (code, said) == (0, "1 message: complaint, ended 1\n")
    adas, bens = await _at_the_reminder(house)
    assert (len(adas), len(bens)) == (1, 2)
    assert stored(house.home, "SELECT reason, until FROM suppression") == [("reported as unwanted", None)]


async def test_a_mail_program_can_stop_alerts_by_a_mail(house: House) -> None:
    code, said, _ = await ingest(house.home, "-", given=stopped_by_mail(_opening(house)))
    assert (code, said) == (0, "1 message: unsubscribe, stopped 1\n")
    adas, bens = await _at_the_reminder(house)
    assert (len(adas), len(bens)) == (1, 2)
    ended = "SELECT ended_reason FROM subscription WHERE state = 'ended'"
    assert stored(house.home, ended) == [("stopped by one-click",)]


async def test_a_forged_bounce_ends_nobody(house: House) -> None:
    adas, bens = _opening(house), _opening(house, BEN)
    good = adas.sender.partition("@")[0].partition("+")[2]
    other = bens.sender.partition("@")[0].partition("+")[2]
    real = bounced(adas, "postfix_unknown_user")
    for token in (other[:5] + good[5:], good[:-4] + other[-4:], good[:-1], good + "a"):
        forged = real.replace(good.encode(), token.encode())
        code, said, _ = await ingest(house.home, "-", given=forged)
        assert (code, said) == (0, "1 message: hard, unproven 1\n")
    code, said, _ = await ingest(house.home, "-", given=sample("postfix_unknown_user"))
    assert (code, said) == (0, "1 message: hard, unproven 1\n")
    mails = await _at_the_reminder(house)
    assert [len(one) for one in mails] == [2, 2]


async def test_the_same_bounce_counts_once_though_two_processes_take_it_in_at_once(house: House) -> None:
    path = house.home / "bounce.eml"
    path.write_bytes(bounced(_opening(house), "gmail_full"))
    ran = await asyncio.gather(*(ingest(house.home, str(path)) for _ in range(2)))
    assert {code for code, _, _ in ran} == {0}
    assert sorted(said for _, said, _ in ran) == [
        "1 message: soft, known 1\n",
        "1 message: soft, put back 1\n",
    ]
    assert stored(house.home, "SELECT soft_bounces FROM subscriber ORDER BY id") == [(1,), (0,)]


async def test_the_service_reads_its_maildir_itself(house: House) -> None:
    box = house.home / "box"
    deliver(box, bounced(_opening(house), "gmail_not_found"), sample("spam"))
    async with asyncio.timeout(10):
        while list((box / "new").iterdir()):  # noqa: ASYNC110 - a folder tells nobody
            await asyncio.sleep(0.05)
    assert len(list((box / "cur").iterdir())) == 2
    adas, bens = await _at_the_reminder(house)
    assert (len(adas), len(bens)) == (1, 2)


async def test_a_maildir_that_cannot_be_read_asks_for_attention_until_it_can(house: House) -> None:
    (house.home / "box" / "new").rename(house.home / "box" / "gone")
    await _health_says(house, b"Mail that came back has not been read since", so=True)
    (house.home / "box" / "gone").rename(house.home / "box" / "new")
    await _health_says(house, b"Mail that came back has not been read since", so=False)


async def _health_says(house: House, words: bytes, *, so: bool) -> None:
    async with asyncio.timeout(10):
        while (words in (await house.get("/health"))[1]) is not so:  # noqa: ASYNC110 - a page tells nobody
            await asyncio.sleep(0.1)


async def _full_box(home: Path) -> tuple[Path, int]:
    """Return a Maildir with what came back for a mailing to many, after the service was stopped."""
    ship_ip1783(home)
    people = [f"person{number}@patients.example" for number in range(12)]
    async with open_house(home, "2022-09-20T09:00", bounces=BOUNCES) as house:
        for address in people:
            await house.sign_up(address, to=IP1783)
        await house.replay(until="2022-10-14T09:00")
        mails = [_opening(house, address) for address in people]
    box = home / "box"
    deliver(box, *(bounced(mail, "postfix_unknown_user") for mail in mails), sample("spam"))
    return box, len(mails)


def _all_taken(home: Path, box: Path, count: int) -> None:
    assert list((box / "new").iterdir()) == []
    assert len(list((box / "cur").iterdir())) == count + 1
    assert stored(home, "SELECT count(*) FROM bounce") == [(count + 1,)]
    ended = "SELECT count(*) FROM subscription WHERE ended_reason = 'came back as undeliverable'"
    assert stored(home, ended) == [(count,)]
    assert stored(home, "SELECT count(*) FROM suppression") == [(count,)]
    assert stored(home, "SELECT followers FROM topic WHERE kind = 'procedure'") == [(0,)]
    assert stored(home, "SELECT count(*) FROM subscription_history WHERE what = 'ended'") == [(count,)]


async def test_a_maildir_whose_reader_is_killed_at_any_commit_loses_nothing(tmp_path: Path) -> None:
    box, count = await _full_box(tmp_path)
    for dies_at, side in ((1, "before"), (1, "after"), (3, "before"), (2, "after")):
        code, _, _ = await ingest(tmp_path, str(box), dies_at=dies_at, side=side)
        assert code == -signal.SIGKILL
    assert len(list((box / "new").iterdir())) == count + 1 - 3
    code, said, _ = await ingest(tmp_path, str(box))
    assert code == 0
    assert "hard, known 1" in said
    _all_taken(tmp_path, box, count)


async def test_a_maildir_read_by_several_that_are_killed_at_random_loses_nothing(tmp_path: Path) -> None:
    box, count = await _full_box(tmp_path)
    for tenths in range(8, 14):
        readers = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.journeys.returning_child", "0", "0", "after"),
                *("bounces", "ingest", str(box)),
                env=environment(tmp_path),
                cwd=ROOT,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            for _ in range(2)
        ]
        await asyncio.sleep(tenths / 10)
        for reader in readers:
            if reader.returncode is None:
                reader.kill()
            await reader.wait()
    last = await asyncio.gather(*(ingest(tmp_path, str(box)) for _ in range(2)))
    assert [code for code, _, _ in last] == [0, 0]
    _all_taken(tmp_path, box, count)
