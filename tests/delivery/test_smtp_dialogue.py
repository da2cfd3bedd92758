"""A pipelining session against a server that answers anything, its answers cut anywhere. Pure."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifier.delivery.model import Letter
from notifier.delivery.refusal import Stage
from notifier.delivery.smtp_dialogue import Dialogue, Ended, Taken, can_pipeline
from notifier.delivery.smtp_trouble import Lost, OutOfStep, Refused, Stale, Trouble
from tests.delivery.cast import letter
from tests.delivery.pure_server import HANG_UP, HANG_UP_AFTER_TAKING, PureServer

NO = ["450 4.2.1 Not now", "550 5.1.1 Nobody", "550-5.7.1 No|550 5.7.1 indeed"]
OUT_OF_STEP = ["250 2.0.0 Ok|250 2.0.0 Twice", "200", "what?", "354 Go on"]
LOSING = ["421 4.3.2 Closing", HANG_UP]


def letters(count: int) -> list[Letter]:
    return [letter(str(number), number=number) for number in range(count)]


@dataclass
class Run:
    """One session with a server; what became of each letter that was taken."""

    server: PureServer
    waiting: deque[Letter]
    dialogue: Dialogue = field(init=False)
    taken: list[Letter] = field(default_factory=list)
    ends: list[Taken | Ended] = field(default_factory=list)
    unbegun: list[Letter] = field(default_factory=list)
    writes: list[bytes] = field(default_factory=list)
    trouble: Trouble | None = None
    letters: int = 1_000
    refusals: int = 1_000

    def __post_init__(self) -> None:
        self.dialogue = Dialogue(
            self._take,
            self.ends.append,
            self.ends.append,
            letters=self.letters,
            refusals=self.refusals,
        )

    def _take(self) -> Letter | None:
        if self.waiting:
            self.taken.append(self.waiting.popleft())
            return self.taken[-1]
        return None

    def speak(self, sizes: Sequence[int] = (10_000,)) -> "Run":
        """Let both speak until nothing is left to say; the server's answers come in pieces of these sizes."""
        size = 0
        out = self.dialogue.go()
        while True:
            self.writes += [out] if out else []
            answers = self.server.receive(out)
            out = b""
            while answers and self.trouble is None:
                step = sizes[size % len(sizes)]
                size += 1
                piece, answers = answers[:step], answers[step:]
                out += self._receive(piece)
            if self.trouble is None and self.server.hung_up:
                self._lose(Lost(self.dialogue.stage or Stage.CONNECT, None, "Connection lost"))
            if self.trouble is not None or not out:
                return self

    def _receive(self, piece: bytes) -> bytes:
        try:
            return self.dialogue.received(piece)
        except Trouble as trouble:
            self._lose(trouble)
            return b""

    def _lose(self, trouble: Trouble) -> None:
        self.trouble = trouble
        self.unbegun = self.dialogue.lost(trouble)


def run(count: int, script: dict[tuple[int, str], str], **limits: int) -> Run:
    named = {(f"{number}@example.org", verb): answer for (number, verb), answer in script.items()}
    return Run(PureServer(named), deque(letters(count)), **limits)


def verdicts(found: Run) -> list[int | None]:
    return [end.code if isinstance(end, Taken) else end.trouble.code for end in found.ends]


def test_a_mail_costs_one_round_trip() -> None:
    found = run(5, {}).speak()
    assert verdicts(found) == [250] * 5
    assert len(found.writes) == 6  # the first envelope, then each body with the next envelope behind it
    assert [end.rode for end in found.ends if isinstance(end, Taken)] == [False, True, True, True, True]
    assert found.writes[1].endswith(
        b".\r\nMAIL FROM:<bounces+1@notifier.example>\r\nRCPT TO:<1@example.org>\r\nDATA\r\n"
    )


def test_after_a_refused_envelope_the_next_begins_with_rset_and_under_its_own_sender() -> None:
    found = run(3, {(1, "RCPT"): NO[1]}).speak()
    assert verdicts(found) == [250, 550, 250]
    assert found.writes[-2].startswith(b"RSET\r\nMAIL FROM:<bounces+2@")
    assert [one[:2] for one in found.server.taken] == [
        ("bounces+0@notifier.example", "0@example.org"),
        ("bounces+2@notifier.example", "2@example.org"),
    ]


def test_data_without_a_recipient_is_ended_by_a_lone_dot_which_sends_nothing() -> None:
    found = run(2, {(0, "RCPT"): NO[1], (0, "DATA without RCPT"): "354 Go on"}).speak()
    assert verdicts(found) == [550, 250]
    assert b".\r\n" in found.writes
    assert [one[1] for one in found.server.taken] == ["1@example.org"]


def test_a_refused_content_leaves_the_envelope_behind_it_standing() -> None:
    found = run(2, {(0, "."): NO[0]}).speak()
    assert verdicts(found) == [450, 250]


def test_a_connection_lost_after_the_dot_leaves_doubt_on_one_letter_only() -> None:
    found = run(4, {(1, "."): HANG_UP_AFTER_TAKING}).speak()
    assert verdicts(found) == [250, None]
    lost = found.ends[1]
    assert isinstance(lost, Ended)
    assert isinstance(lost.trouble, Lost)
    assert lost.trouble.stage is Stage.CONTENT
    assert [one.recipient for one in found.unbegun] == ["2@example.org"]


@pytest.mark.parametrize("then", LOSING)
@pytest.mark.parametrize("command", ["DATA without RCPT", "lone dot"])
def test_an_unknown_mailbox_stands_though_the_server_hangs_up_behind_it(then: str, command: str) -> None:
    data = {(0, "DATA without RCPT"): "354 Go on"} if command == "lone dot" else {}
    found = run(2, {(0, "RCPT"): "550 5.1.1 Nobody", **data, (0, command): then}).speak()
    assert verdicts(found) == [550]


@pytest.mark.parametrize("no", ["550 Too much mail from you", "450 4.2.0 Greylisted"])
def test_a_refusal_that_may_be_about_the_server_gives_way_to_its_farewell(no: str) -> None:
    found = run(2, {(0, "RCPT"): no, (0, "DATA without RCPT"): LOSING[0]}).speak()
    assert verdicts(found) == [421]


def test_a_refusal_is_not_believed_of_a_server_that_is_out_of_step() -> None:
    script = {(0, "RCPT"): "550 5.1.1 Nobody", (0, "DATA without RCPT"): "200"}
    assert verdicts(run(2, script).speak()) == [200]


def test_a_server_that_closes_after_so_many_mails_blames_nobody() -> None:
    found = run(3, {(1, "MAIL"): "421 4.7.0 Enough for now"}).speak()
    assert verdicts(found) == [250]
    assert [one.recipient for one in found.unbegun] == ["1@example.org"]


def test_421_instead_of_taking_a_mail_speaks_of_that_mail_and_gives_the_next_back() -> None:
    found = run(3, {(0, "."): "421 4.3.0 Filter crashed"}).speak()
    [end] = found.ends
    assert isinstance(end, Ended)
    assert isinstance(end.trouble, Refused)
    assert (end.trouble.stage, end.trouble.code) == (Stage.CONTENT, 421)
    assert [one.recipient for one in found.unbegun] == ["1@example.org"]


def test_no_more_letters_are_taken_than_a_session_may_have() -> None:
    assert len(run(9, {}, letters=4).speak().ends) == 4
    refused = {(number, "RCPT"): NO[1] for number in range(9)}
    assert len(run(9, refused, refusals=3).speak().ends) == 3


def test_a_retired_session_writes_no_body_for_what_rides() -> None:
    found = run(2, {})
    found.server.receive(found.dialogue.go())
    out = found.dialogue.received(b"250 a\r\n250 b\r\n354 c\r\n")
    assert b"MAIL FROM:<bounces+1@" in out
    found.dialogue.retire()
    assert found.dialogue.received(b"250 taken\r\n250 a\r\n250 b\r\n354 c\r\n") == b""
    given_back = found.dialogue.lost(Stale(Stage.SENDER, None, "given up"))
    assert [one.recipient for one in given_back] == ["1@example.org"]


def test_an_acceptance_that_comes_before_the_body_is_out_leaves_doubt() -> None:
    found = run(2, {})
    found.server.receive(found.dialogue.go())
    behind = found.dialogue.received(b"250 a\r\n250 b\r\n354 c\r\n").partition(b"\r\n.\r\n")[2]
    assert behind.startswith(b"MAIL FROM:<bounces+1@")
    with pytest.raises(OutOfStep, match="before the end of the data") as early:
        found.dialogue.received(b"250 taken\r\n", unwritten=len(behind) + 1)
    found.dialogue.lost(early.value)
    [end] = found.ends
    assert isinstance(end, Ended)
    assert (end.letter.recipient, end.trouble.stage) == ("0@example.org", Stage.CONTENT)


def test_what_rides_behind_a_body_may_still_be_on_its_way_when_the_body_is_accepted() -> None:
    found = run(2, {})
    found.server.receive(found.dialogue.go())
    behind = found.dialogue.received(b"250 a\r\n250 b\r\n354 c\r\n").partition(b"\r\n.\r\n")[2]
    found.dialogue.received(b"250 taken\r\n", unwritten=len(behind))
    assert verdicts(found) == [250]


@pytest.mark.parametrize("behind", [b"what?\r\n", b"250 " + 9_000 * b"x"])
def test_an_acceptance_counts_whatever_comes_behind_it_in_one_packet(behind: bytes) -> None:
    found = run(2, {})
    found.server.receive(found.dialogue.go())
    found.dialogue.received(b"250 a\r\n250 b\r\n354 c\r\n")
    with pytest.raises(OutOfStep) as trouble:
        found.dialogue.received(b"250 taken\r\n250 a\r\n" + behind)
    assert trouble.value.stage is Stage.RECIPIENT
    assert found.dialogue.lost(trouble.value) == []
    assert verdicts(found) == [250, None]


def test_an_answer_to_nothing_ends_a_session_and_blames_nobody() -> None:
    found = run(1, {}).speak()
    with pytest.raises(Lost, match="an answer to nothing"):
        found.dialogue.received(b"250 What?\r\n")
    assert found.dialogue.lost(Lost(Stage.CONNECT, None, "x")) == []
    assert len(found.ends) == 1


ANSWERS = st.sampled_from([*NO, *OUT_OF_STEP, *LOSING])
SCRIPTS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.sampled_from(["MAIL", "RCPT", "DATA", "."])), ANSWERS, max_size=6
)
LONE = st.dictionaries(
    st.tuples(st.integers(0, 7), st.just("DATA without RCPT")), st.just("354 Go on"), max_size=3
)


@settings(max_examples=400, deadline=None)
@given(SCRIPTS, LONE, st.sets(st.integers(0, 7)), st.lists(st.integers(1, 60), min_size=1, max_size=9))
def test_whatever_a_server_answers_every_letter_ends_once_and_none_is_lost_or_misattributed(
    script: dict[tuple[int, str], str], lone: dict[tuple[int, str], str], takes: set[int], sizes: list[int]
) -> None:
    hangs = {(number, "."): HANG_UP_AFTER_TAKING for number in takes if number > 4}
    found = run(8, hangs | script | lone).speak(sizes)
    ended = [end.letter.recipient for end in found.ends]
    given_back = [one.recipient for one in found.unbegun]
    assert sorted(ended + given_back) == sorted(one.recipient for one in found.taken)
    assert found.trouble is not None or found.dialogue.idle

    for sender, recipient, content in found.server.taken:  # nobody's mail goes out under another's name
        assert sender == f"bounces+{recipient.partition('@')[0]}@notifier.example"
        assert content
    took = [recipient for _, recipient, _ in found.server.taken]
    assert len(took) == len(set(took))
    assert not set(took) & set(given_back), "what is given back as untouched was never taken"

    accepted = {end.letter.recipient for end in found.ends if isinstance(end, Taken)}
    doubtful = {
        end.letter.recipient
        for end in found.ends
        if isinstance(end, Ended) and isinstance(end.trouble, Lost) and end.trouble.stage is Stage.CONTENT
    }
    assert accepted <= set(took), "what is called accepted was taken"
    assert set(took) - accepted <= doubtful, "what was taken and not called accepted is in doubt"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("ada", True),
        ("a.b+c", True),
        ("zoë", False),
        ("ada>\r\nRCPT TO:<eve", False),
        ('"a b"', False),
        ("", False),
    ],
)
def test_only_addresses_that_stand_in_a_command_as_they_are_are_pipelined(name: str, plain: bool) -> None:
    assert can_pipeline(letter(name)) is plain
