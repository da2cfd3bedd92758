"""What a label names, over the labels that NICE uses, and the keys that outlive the way they are written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.procedures.kinds import milestone_key, milestone_keys, milestone_kind
from notifier.procedures.model import MilestoneKind

MEETING, CONSULTATION, WINDOW, RESOLUTION, PUBLICATION, OTHER = MilestoneKind

REMIT = "Consultation on suggested remit, draft scope and provisional "

# label, whether its dates are a range, process, kind
LABELS = [
    ("IPAC 1", False, "IP", MEETING),
    ("IPAC 2", False, "IP", MEETING),
    ("Committee meeting: IPAC 1", False, "IP", MEETING),
    ("Committee meeting", False, "STA 2022", MEETING),
    ("Committee meeting: 1", False, "STA", MEETING),
    ("Committee meeting: 2", False, "DAP", MEETING),
    ("Committee meeting: 2", True, "DAP", MEETING),
    ("1st appraisal committee meeting:", False, "STA pre-2018", MEETING),
    ("2nd appraisal committee meeting", False, "STA pre-2018", MEETING),
    ("Post-consultation meeting", False, "QSD", MEETING),
    ("Scoping workshop", False, "HST", MEETING),
    ("Stakeholder workshop", False, "QSD", MEETING),
    ("Appeal hearing", False, "STA 2018", MEETING),
    ("Interventional procedure consultation", True, "IP", CONSULTATION),
    ("Interventional procedure consultation", False, "IP", CONSULTATION),
    ("Diagnostics consultation", True, "DT", CONSULTATION),
    ("Quality standard consultation", True, "QSD", CONSULTATION),
    ("Appraisal consultation", True, "STA 2018", CONSULTATION),
    ("Evaluation consultation", True, "HST", CONSULTATION),
    ("Draft scope consultation", True, "CG", CONSULTATION),
    ("Draft guidance consultation", True, "PHG", CONSULTATION),
    ("Draft guidance", True, "MT", CONSULTATION),
    ("Draft guidance: 1", True, "STA", CONSULTATION),
    ("Draft guidance: 1", False, "STA", OTHER),
    (REMIT + "matrix of consultees and commentators", True, "HST", CONSULTATION),
    (REMIT + "stakeholder list of consultees and commentators", True, "STA", CONSULTATION),
    ("Topic engagement", True, "QSD", WINDOW),
    ("Specialist committee member recruitment", True, "DAP", WINDOW),
    ("Invitation to participate", False, "STA", WINDOW),
    ("Invitation to participate", True, "STA", WINDOW),
    ("Appeal", True, "STA", WINDOW),
    ("Final draft guidance", True, "STA 2018", WINDOW),
    ("Final draft guidance", True, "IP", OTHER),
    ("Final draft guidance", False, "STA 2018", OTHER),
    ("Resolution", False, "IP", RESOLUTION),
    ("Resolution period", True, "IP", RESOLUTION),
    ("Expected publication", False, "IP", PUBLICATION),
    ("Expected publication date:", False, "QSD", PUBLICATION),
    ("Publication", False, "MIB", PUBLICATION),
    ("Publication of final guidance", False, None, PUBLICATION),
    ("Scope published", False, "DAP", OTHER),
    ("Publication of draft guidance", False, None, OTHER),
    ("Committee papers published", False, None, OTHER),
    ("Closing date for invited submissions / evidence submission:", False, "STA pre-2018", OTHER),
    ("Consultation closes", False, None, OTHER),
    ("Launch", False, "DAP", OTHER),
    ("Stakeholder list updated", False, "QSD", OTHER),
    ("In progress. Draft guidance released", False, "STA", OTHER),
    ("Suspended. The committee meeting and the consultation", False, "HST", OTHER),
    ("Awaiting development. Status change linked to a decision", False, "IP", OTHER),
    (
        "Joint statement issued by NICE and the SMC/HIS, available in the Project documents.",
        False,
        "STA",
        OTHER,
    ),
    ("consultation " * 20, True, "IP", OTHER),
    ("", False, None, OTHER),
]


@pytest.mark.parametrize(("label", "spans", "process", "kind"), LABELS)
def test_each_label_in_use_has_its_kind(
    label: str, spans: bool, process: str | None, kind: MilestoneKind
) -> None:
    assert milestone_kind(label, spans=spans, process=process) is kind
    assert milestone_kind(label.upper(), spans=spans, process=process) is kind


@given(st.text(), st.booleans(), st.none() | st.text())
def test_any_label_has_a_kind_and_a_key(label: str, spans: bool, process: str | None) -> None:
    assert milestone_kind(label, spans=spans, process=process) in MilestoneKind
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", milestone_key(label))
    assert len(milestone_key(label)) <= 80


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("IPAC 1", "ipac-1"),
        ("Committee meeting: IPAC 1", "ipac-1"),
        ("  ipac\u00a01: ", "ipac-1"),
        ("Committee meeting: 1", "committee-meeting-1"),
        ("Évaluation – première réunion", "evaluation-premiere-reunion"),
        ("会议", "date"),
    ],
)
def test_a_key_does_not_depend_on_how_a_label_is_written(label: str, key: str) -> None:
    assert milestone_key(label) == key


def test_two_long_labels_that_differ_at_their_ends_have_two_keys() -> None:
    one, other = REMIT + "matrix of consultees and commentators", REMIT + "matrix of consultees and others"
    assert milestone_key(one) != milestone_key(other)


@pytest.mark.parametrize(
    ("labels", "taken", "keys"),
    [
        (["IPAC 1", "IPAC 2"], [], ["ipac-1", "ipac-2"]),
        (["Appeal", "Appeal", "appeal:"], [], ["appeal", "appeal-2", "appeal-3"]),
        (["Appeal", "Appeal", "Appeal 2"], [], ["appeal", "appeal-3", "appeal-2"]),
        (["Appeal", "Appeal"], ["appeal"], ["appeal-2", "appeal-3"]),
        (["Appeal", "Appeal"], ["appeal-2"], ["appeal", "appeal-3"]),
    ],
)
def test_repeated_labels_are_numbered(labels: list[str], taken: list[str], keys: list[str]) -> None:
    assert list(milestone_keys(labels, taken=frozenset(taken))) == keys


@given(
    st.lists(st.sampled_from(["A", "a", "A 2", "A-3", "B", "", "会"])),
    st.sets(st.sampled_from(["a", "a-2", "b"])),
)
def test_the_keys_of_a_schedule_are_unique(labels: list[str], taken: set[str]) -> None:
    keys = milestone_keys(labels, taken=frozenset(taken))
    assert len(set(keys) | taken) == len(labels) + len(taken)
