"""What the fold promises, one short life at a time (domain section 3)."""

import numpy as np
import pytest

from rules.facts import prepare
from rules.fold import fold
from tests.rules.facts_of_lives import (
    APPLIED,
    ASSIGNED,
    DAY,
    OFFICE,
    PLAN,
    POLICY,
    REGISTERED,
    SUBMITTED,
    SUPERSEDED,
    TREATMENT,
    Fact,
    fold_rows,
    frame_of,
    life_up_to,
    refused,
    rows_of,
    tell,
    waits_for,
)

# -- pending moves ------------------------------------------------------------------------------


def test_a_start_without_measures_takes_effect_when_they_are_filed() -> None:
    told = tell(*life_up_to("assigned"), ("started", 10, {}), ("elements_filed", 30, TREATMENT))
    assert told.outcomes[3] == APPLIED
    assert [(s["kind"], s["at"]) for s in told.spans[3:]] == [
        ("started", 30),
        ("elements_filed", 30),
    ]
    assert told.state == "rectifying"


def test_data_in_pieces_complete_a_move_with_the_last_piece_and_the_rest_is_named() -> None:
    pieces: list[Fact] = [
        ("elements_filed", 20 + n, {name: PLAN[name]})
        for n, name in enumerate(("plan_reference", "interim_control"))
    ]
    facts = [*life_up_to("assigned", "major"), ("started", 10, TREATMENT), *pieces]
    assert tell(*facts).outcomes[3] == waits_for("funding")
    money = {"funding_planned_fen": 0, "funding_source": "own"}
    told = tell(*facts, ("elements_filed", 40, money))
    assert (told.outcomes[3], told.state, told.spans[-2]["at"]) == (APPLIED, "rectifying", 40)


def test_half_of_what_an_element_needs_is_not_the_element() -> None:
    facts = [*life_up_to("assigned", "major"), ("started", 10, TREATMENT)]
    for half in ({"funding_planned_fen": 5}, {"funding_source": "own"}):
        told = tell(*facts, ("elements_filed", 20, half))
        assert "funding" in told.outcomes[3][2]


def test_data_that_came_before_the_move_count() -> None:
    filed: Fact = ("elements_filed", 2, TREATMENT)
    told = tell(*life_up_to("verified"), filed, ("assigned", 3, ASSIGNED), ("started", 4, {}))
    assert (told.last, told.state) == (APPLIED, "rectifying")


def test_one_fact_can_complete_a_whole_chain_of_waiting_moves() -> None:
    chain: list[Fact] = [
        ("assigned", 2, {"due": 10 * DAY}),
        ("elements_filed", 9, {"responsible_unit": "Foundry One"}),
    ]
    told = tell(*life_up_to("verified"), *chain)
    happened = [(s["kind"], s["at"]) for s in told.spans[2:]]
    assert happened == [("assigned", 9), ("elements_filed", 9)]
    told = tell(*life_up_to("started"), ("submitted", 5, {}), ("elements_filed", 8, SUBMITTED),
                ("closed", 9, {}), ("acceptance_passed", 11, OFFICE))  # fmt: skip
    assert (told.state, told.now["closed_at"], told.now["accepted_at"]) == ("closed", 11, 11)


def test_another_move_that_leaves_the_state_ends_the_waiting() -> None:
    bounced: Fact = ("bounced", 12, {"reason": "not ours"})
    told = tell(*life_up_to("assigned"), ("started", 10, {}), bounced,
                ("elements_filed", 20, TREATMENT))  # fmt: skip
    assert told.outcomes[3] == refused("left_meanwhile")
    assert told.state == "verified"


def test_of_two_waiting_starts_the_first_happens_and_the_second_is_too_late() -> None:
    told = tell(*life_up_to("assigned"), ("started", 10, {}), ("started", 11, {}),
                ("elements_filed", 20, TREATMENT))  # fmt: skip
    assert told.outcomes[3:5] == [APPLIED, refused("left_meanwhile")]


def test_a_move_that_can_never_be_completed_does_not_hide_the_next_of_its_kind() -> None:
    bare = {"reason": "parts are late", "due": 12 * DAY}  # no second person, and never will be
    whole = {"reason": "parts are late", "second_person": "B", "due": 15 * DAY}
    told = tell(*life_up_to("started"), ("extended", 10, bare), ("extended", 11, whole),
                ("elements_filed", 20, {"interim_control": "fenced off"}))  # fmt: skip
    assert told.outcomes[4:6] == [waits_for("second_person"), APPLIED]
    assert told.now["due_at"] == 15 * DAY


def test_an_upgrade_raises_what_a_waiting_start_must_bring() -> None:
    told = tell(*life_up_to("assigned"), ("started", 10, {}),
                ("severity_changed", 12, {"severity": "major"}),
                ("elements_filed", 20, TREATMENT))  # fmt: skip
    assert told.outcomes[3] == waits_for("funding", "plan", "interim_control")


# -- clusters, revisions, order ------------------------------------------------------------------


def test_a_hazard_found_again_by_another_channel_is_not_registered_twice() -> None:
    again = {**REGISTERED, "channel": "self_check", "town_code": "330282003", "severity": "major"}
    told = tell(*life_up_to("verified"), ("registered", 5, again))
    assert told.last == refused("not_from_this_state")
    assert (told.now["town"], told.now["self_check"], told.now["severity"]) == ("330282002", 0, 0)


def test_what_was_told_of_either_finding_happens_to_the_one_hazard() -> None:
    first = rows_of(life_up_to("verified"))
    second = rows_of([("registered", 4, REGISTERED), ("assigned", 5, ASSIGNED)])
    for row in second:
        row["source_id"], row["source"] = row["source_id"] + "-again", "selfcheck"
    told = fold_rows([*second, *first])["h"]
    assert told.state == "assigned"
    assert told.outcomes == [refused("not_from_this_state"), APPLIED, APPLIED, APPLIED]


@pytest.mark.parametrize(("sent", "digest", "counts"), [
    (+1, "1", True), (-1, "f", False), (0, "f", True), (0, "1", False)])  # fmt: skip
def test_only_the_revision_sent_last_counts_and_of_two_sent_at_once_the_greater_digest(
    sent: int, digest: str, counts: bool
) -> None:
    rows = rows_of(life_up_to("verified"))
    revision = rows[1] | {"organisation": None, "row_digest": digest * 16}
    revision["sent_at"] += sent
    told = fold_rows([*rows, revision])["h"]
    if counts:
        assert told.outcomes == [APPLIED, SUPERSEDED, waits_for("organisation")]
    else:
        assert told.outcomes == [APPLIED, APPLIED, SUPERSEDED]


def test_ids_of_different_sources_and_records_are_different_rows() -> None:
    rows = rows_of([("registered", 0, REGISTERED), ("verified", 1, OFFICE)])
    for row in rows:
        row["source_id"] = "1"
    assert fold_rows(rows)["h"].outcomes == [APPLIED, APPLIED]


def test_facts_claimed_at_one_instant_happen_in_the_order_of_life() -> None:
    facts = [(kind, 5, data) for kind, _, data in reversed(life_up_to("closed"))]
    assert tell(*facts).state == "closed"


def test_a_late_fact_takes_its_place_in_time() -> None:
    facts = life_up_to("closed")
    late: Fact = ("acceptance_failed", 4.5, OFFICE)
    told = tell(*facts, late)
    assert told.state == "rectifying"
    assert [o for o, _, _ in told.outcomes[-3:]] == ["ineffective", "ineffective", "applied"]


def test_before_it_is_registered_and_after_it_has_left_nothing_happens_to_a_hazard() -> None:
    told = tell(("verified", -1, OFFICE), *life_up_to("registered"))
    assert (told.outcomes[0], told.state) == (refused("not_from_this_state"), "registered")
    told = tell(*life_up_to("closed"), ("elements_filed", 9, PLAN))
    assert told.last == refused("not_from_this_state")
    assert "plan" not in told.now["have"]


def test_no_facts_make_no_spans() -> None:
    empty = frame_of(rows_of(life_up_to("registered"))).iloc[:0]
    folded = fold(prepare(empty), POLICY)
    assert len(folded.outcome) == 0
    assert all(len(values) == 0 for values in folded.spans.values())


def test_a_frame_without_payload_columns_is_a_frame_of_blanks() -> None:
    frame = frame_of(rows_of(life_up_to("verified")))
    bare = frame[[c for c in frame.columns if c not in ("organisation", "channel", "asked_at")]]
    folded = fold(prepare(bare), POLICY)
    assert np.array_equal(folded.outcome, [0, 1])
