"""What the fold promises, one short life at a time (domain section 3)."""

from typing import Any

import numpy as np
import pytest

from rules.facts import prepare
from rules.fold import fold
from rules.guards import FoldPolicy
from tests.rules.facts_of_lives import (
    ASSIGNED,
    DAY,
    EXTENSION,
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
    rows_of,
    tell,
)

APPLIED = ("applied", "", ())
LISTED = {"listing_number": "330282-county-2025-001", "listing_level": "county"}
UNIT = {"organisation": "Foundry One"}


def refused(reason: str) -> tuple[str, str, tuple[str, ...]]:
    return ("ineffective", reason, ())


def waits_for(*missing: str) -> tuple[str, str, tuple[str, ...]]:
    return ("pending", "", missing)


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


# -- acceptance ----------------------------------------------------------------------------------


def acceptance(data: dict[str, Any], severity: str = "general", channel: str = "media") -> Any:
    by = {"person": "A. Example"}
    facts = life_up_to("submitted", severity, channel, submitted=by)
    return tell(*facts, ("acceptance_passed", 9, data)).last


def test_the_rectifier_does_not_accept_its_own_work() -> None:
    assert acceptance({**UNIT, "person": "B. Example"}) == refused("accepted_by_rectifier")
    assert acceptance(OFFICE) == APPLIED


@pytest.mark.parametrize(
    ("severity", "person", "outcome"),
    [
        ("general", "B. Example", APPLIED),
        ("general", "A. Example", refused("accepted_by_rectifier")),
        ("general", None, refused("accepted_by_rectifier")),
        ("major", "B. Example", refused("accepted_by_rectifier")),
    ],
)
def test_a_general_self_check_item_is_accepted_by_a_second_named_person_of_the_same_enterprise(
    severity: str, person: str | None, outcome: Any
) -> None:
    assert acceptance({**UNIT, "person": person}, severity, "self_check") == outcome


def test_without_a_named_first_person_there_is_no_second_one() -> None:
    facts = life_up_to("submitted", channel="self_check")
    told = tell(*facts, ("acceptance_passed", 9, {**UNIT, "person": "B. Example"}))
    assert told.last == refused("accepted_by_rectifier")


@pytest.mark.parametrize("how", ["in the acceptance itself", "by filing it before"])
def test_naming_another_responsible_unit_after_the_work_does_not_make_it_another_ones(
    how: str,
) -> None:
    facts = life_up_to("submitted")
    other = {"responsible_unit": "Mill Two"}
    if how == "by filing it before":
        facts.append(("elements_filed", 8, other))
        assert tell(*facts, ("acceptance_passed", 9, UNIT)).last == refused("accepted_by_rectifier")
    else:
        told = tell(*facts, ("acceptance_passed", 9, {**UNIT, **other}))
        assert told.last == refused("accepted_by_rectifier")


@pytest.mark.parametrize(
    ("severity", "channel", "outcome"),
    [
        ("general", "grid_patrol", APPLIED),
        ("major", "grid_patrol", refused("implied_acceptance")),
        ("general", "public_report", refused("implied_acceptance")),
    ],
)
def test_an_acceptance_read_out_of_a_status_is_not_enough_for_major_and_public_items(
    severity: str, channel: str, outcome: Any
) -> None:
    assert acceptance({**OFFICE, "implied": 1}, severity, channel) == outcome


def test_a_failed_acceptance_asks_for_everything_to_be_handed_in_again() -> None:
    told = tell(*life_up_to("submitted"), ("acceptance_failed", 8, {**OFFICE, "evidence": "photo"}),
                ("submitted", 9, {}))  # fmt: skip
    assert told.state == "rectifying"
    assert told.last == waits_for("finished_on", "work_done", "funding_spent", "evidence")
    assert {"measures", "responsibility"} <= told.now["have"]


def test_an_acceptance_that_failed_later_is_no_acceptance() -> None:
    told = tell(*life_up_to("acceptance_passed"), ("acceptance_failed", 8, OFFICE),
                ("submitted", 9, SUBMITTED), ("closed", 10, {}))  # fmt: skip
    assert told.last == waits_for("acceptance")
    assert told.now["accepted_at"] is None


# -- due dates -----------------------------------------------------------------------------------


def extension(at: float, due: float = 20 * DAY, **more: Any) -> Fact:
    return ("extended", at, {**EXTENSION, "due": due, **more})


def test_an_extension_moves_the_due_date_and_the_original_stays_on_record() -> None:
    told = tell(*life_up_to("started"), extension(DAY), extension(2 * DAY, 30 * DAY))
    assert (told.now["due_at"], told.now["original_due_at"]) == (30 * DAY, 10 * DAY)


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (10 * DAY - 0.001, APPLIED),
        (10 * DAY, refused("extension_after_expiry")),
        (11 * DAY, refused("extension_after_expiry")),
    ],
)
def test_an_extension_is_granted_before_expiry(at: float, outcome: Any) -> None:
    told = tell(*life_up_to("started"), extension(at))
    assert told.last == outcome
    assert told.now["due_at"] == (20 * DAY if outcome == APPLIED else 10 * DAY)


def test_an_extension_that_lacks_its_interim_control_until_expiry_comes_too_late() -> None:
    bare = extension(9 * DAY, interim_control=None)
    control: Fact = ("elements_filed", 10 * DAY, {"interim_control": "fenced off"})
    told = tell(*life_up_to("started"), bare, control)
    assert told.outcomes[4] == refused("extension_after_expiry")
    assert told.now["due_at"] == 10 * DAY
    in_time: Fact = ("elements_filed", 9.5 * DAY, {"interim_control": "fenced off"})
    told = tell(*life_up_to("started"), bare, in_time)
    assert (told.outcomes[4], told.now["due_at"], told.spans[-2]["at"]) == (
        APPLIED,
        20 * DAY,
        9.5 * DAY,
    )


def test_an_extension_that_waits_is_held_to_the_notice_of_a_listing_that_came_meanwhile() -> None:
    bare = extension(5 * DAY, interim_control=None)
    told = tell(*life_up_to("started"), bare, ("listed", 6 * DAY, LISTED),
                ("elements_filed", 7 * DAY, {"interim_control": "fenced off"}))  # fmt: skip
    assert told.outcomes[4] == refused("extension_asked_too_late")


_TERM_END = (29 + 30 + 31 + 30 + 31 + 31 + 30 + 12) * DAY  # 24:00 of Sunday 2025-10-12


@pytest.mark.parametrize(
    ("notice", "outcome"), [(10, APPLIED), (11, refused("extension_asked_too_late"))]
)
def test_the_notice_of_a_listed_extension_counts_working_days_with_make_up_days(
    notice: int, outcome: Any
) -> None:
    """From Monday 22 September: 23, 24, 25, 26, 28 (made up), 29, 30, then 9, 10, 11 (made up)."""
    asked = _TERM_END - 21 * DAY + 9
    facts = life_up_to("started", assigned={"due": _TERM_END})
    policy = FoldPolicy(listed_notice=notice, days=POLICY.days)
    longer = extension(asked + 48, _TERM_END + 30 * DAY, asked_at=asked)
    assert tell(*facts, ("listed", 5, LISTED), longer, policy=policy).last == outcome


def test_without_a_time_of_asking_an_extension_was_asked_for_when_it_was_granted() -> None:
    listed: Fact = ("listed", 5, LISTED)
    long = life_up_to("started", assigned={"due": 60 * DAY})
    assert tell(*long, listed, extension(DAY, 90 * DAY)).last == APPLIED
    late = tell(*long, listed, extension(55 * DAY, 90 * DAY))
    assert late.last == refused("extension_asked_too_late")


@pytest.mark.parametrize("due", [9_000 * 365 * DAY, -70 * 365 * DAY])
def test_a_date_beyond_every_calendar_does_not_stop_the_fold(due: float) -> None:
    facts = life_up_to("started", assigned={"due": 5_000 * 365 * DAY})
    told = tell(*facts, ("listed", 5, LISTED), extension(DAY, 20 * DAY, asked_at=due))
    assert told.last[0] in ("applied", "ineffective")


def test_a_move_to_another_town_may_reset_the_date_and_never_the_original() -> None:
    move = {"town_code": "330282003", "second_person": "Deputy Example"}
    told = tell(*life_up_to("started"), ("moved", 20, move))
    assert (told.now["due_at"], told.now["original_due_at"]) == (10 * DAY, 10 * DAY)
    told = tell(*life_up_to("started"), ("moved", 20, {**move, "due": 14 * DAY}))
    assert (told.now["due_at"], told.now["original_due_at"]) == (14 * DAY, 10 * DAY)
    assert (told.now["town_before"], told.now["town"]) == ("330282002", "330282003")
    assert told.now["town_found"] == "330282002"


def test_a_date_given_with_a_move_before_any_term_is_the_first_one() -> None:
    move = {"town_code": "330282003", "second_person": "Deputy Example", "due": 14 * DAY}
    told = tell(*life_up_to("verified"), ("moved", 2, move), ("assigned", 3, ASSIGNED),
                ("started", 4, TREATMENT))  # fmt: skip
    assert told.last == APPLIED
    assert (told.now["due_at"], told.now["original_due_at"]) == (14 * DAY, 14 * DAY)


def test_filing_a_date_does_not_move_one_that_is_in_force() -> None:
    told = tell(*life_up_to("started"), ("elements_filed", 9, {"due": 30 * DAY}))
    assert told.now["due_at"] == 10 * DAY


def test_a_bounce_clears_unit_and_date_and_the_next_assignment_sets_them() -> None:
    facts = [*life_up_to("assigned"), ("bounced", 5, {"reason": "not ours"})]
    told = tell(*facts)
    assert (told.now["due_at"], told.now["have"]) == (None, set())
    again: Fact = ("assigned", 9, {"responsible_unit": "Mill Two", "due": 12 * DAY})
    told = tell(*facts, again)
    assert (told.now["due_at"], told.now["original_due_at"]) == (12 * DAY, 12 * DAY)
    assert told.now["assigned_at"] == 2  # dispatch in time is about the first assignment


# -- reopening, severity, listing ----------------------------------------------------------------

REOPENED: Fact = ("reopened", 20, {"reason": "it leaks again", "due": 15 * DAY})


def test_a_reopening_starts_a_new_term_and_keeps_the_earlier_closure_on_record() -> None:
    told = tell(*life_up_to("closed"), REOPENED)
    now = told.now
    assert (now["state"], now["due_at"], now["original_due_at"]) == ("assigned", 15 * DAY, 15 * DAY)
    assert (now["accepted_at"], now["closed_at"]) == (None, None)
    assert told.spans[-2]["closed_at"] == 6
    told = tell(*life_up_to("closed"), REOPENED, ("started", 21, {}), ("submitted", 22, {}))
    assert told.outcomes[-2:] == [
        APPLIED,
        waits_for("finished_on", "work_done", "funding_spent", "evidence"),
    ]


def test_who_is_named_with_the_reopening_rectifies_and_does_not_accept() -> None:
    reopened = {**REOPENED[2], "responsible_unit": "Mill Two", "evidence": "photo of the leak"}
    facts = [*life_up_to("closed"), ("reopened", 20, reopened), ("started", 21, {})]
    assert tell(*facts, ("submitted", 22, {})).last[2][-1] == "evidence"
    facts += [("submitted", 22, SUBMITTED), ("acceptance_passed", 23, {"organisation": "Mill Two"})]
    assert tell(*facts).last == refused("accepted_by_rectifier")


@pytest.mark.parametrize("under_way", ["assigned", "started", "submitted", "acceptance_passed"])
def test_an_upgrade_under_way_returns_to_assigned_and_voids_the_work(under_way: str) -> None:
    told = tell(*life_up_to(under_way), ("severity_changed", 9, {"severity": "major"}))
    assert (told.state, told.now["severity"], told.now["accepted_at"]) == ("assigned", 1, None)
    assert not told.now["have"] & {"finished_on", "work_done", "funding_spent", "evidence"}
    assert told.now["due_at"] == 10 * DAY


def test_an_upgrade_before_the_assignment_and_a_downgrade_keep_the_state() -> None:
    told = tell(*life_up_to("verified"), ("severity_changed", 9, {"severity": "major"}))
    assert (told.state, told.now["severity"]) == ("verified", 1)
    told = tell(*life_up_to("submitted", "major"), ("severity_changed", 9, {"severity": "general"}))
    assert (told.state, told.now["severity"]) == ("submitted", 0)
    told = tell(*life_up_to("submitted"), ("severity_changed", 9, {"severity": "general"}))
    assert told.last == refused("same_severity")


def test_a_closing_told_before_the_acceptance_waits_for_it() -> None:
    told = tell(*life_up_to("submitted"), ("closed", 8, {}))
    assert (told.last, told.state) == (waits_for("acceptance"), "submitted")
    told = tell(*life_up_to("submitted"), ("closed", 8, {}), ("acceptance_passed", 9, OFFICE))
    assert (told.state, told.now["closed_at"]) == ("closed", 9)


def test_a_listed_hazard_closes_only_after_its_delisting() -> None:
    facts = [*life_up_to("acceptance_passed", "major"), ("listed", 7, LISTED), ("closed", 8, {})]
    told = tell(*facts)
    assert (told.last, told.now["level"]) == (waits_for("delisting"), 1)
    told = tell(*facts, ("delisted", 12, {}))
    assert (told.state, told.now["closed_at"], told.now["level"]) == ("closed", 12, 0)


def test_an_acceptance_received_after_its_filing_deadline_is_backdated() -> None:
    facts = life_up_to("submitted")
    rows = rows_of([*facts, ("acceptance_passed", 9, OFFICE), ("closed", 10, {})])
    assert fold_rows(rows)["h"].now["backdated"] == 0
    rows[-2]["received_at"] = rows[-2]["file_by"] + 1
    assert fold_rows(rows)["h"].now["backdated"] == 1


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
