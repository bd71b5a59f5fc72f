"""Extensions that are asked for before they are decided, and pauses (domain section 3)."""

from typing import Any

import pytest

from tests.rules.facts_of_lives import (
    APPLIED,
    DAY,
    EXTENSION,
    LISTED,
    OFFICE,
    SUBMITTED,
    TREATMENT,
    Fact,
    life_up_to,
    refused,
    tell,
    waits_for,
)

A, B, C = ({"person": name} for name in ("A. Example", "B. Example", "C. Example"))
STARTED = life_up_to("started")  # due on day 10
LONG = life_up_to("started", assigned={"due": 60 * DAY})
LISTING: Fact = ("listed", 5, LISTED)


def asked(at: float, **more: Any) -> Fact:
    said = {"reason": "parts are late", "interim_control": "fenced off", "due": 20 * DAY}
    return "extension_asked", at, {**said, **A, **more}


def granted(at: float, **more: Any) -> Fact:
    return "extended", at, {**EXTENSION, "due": 20 * DAY, **more}


def turned_down(at: float, **more: Any) -> Fact:
    said = {"reason": "parts are here", "second_person": "Deputy Example"}
    return "extension_refused", at, {**said, **more}


def by(person: dict[str, str]) -> dict[str, str]:
    return {"second_person": person["person"]}


def test_asking_changes_no_date_and_says_that_a_decision_is_due() -> None:
    told = tell(*STARTED, asked(DAY))
    assert (told.now["marks"], told.now["due_at"]) == ({"extension_pending"}, 10 * DAY)


def test_granting_moves_the_date_and_ends_the_application() -> None:
    told = tell(*STARTED, asked(DAY), granted(2 * DAY))
    assert (told.now["marks"], told.now["due_at"]) == (set(), 20 * DAY)
    assert told.now["original_due_at"] == 10 * DAY


def test_refusing_leaves_the_date_and_ends_the_application() -> None:
    told = tell(*STARTED, asked(DAY), turned_down(2 * DAY))
    assert (told.now["marks"], told.now["due_at"]) == (set(), 10 * DAY)


def test_what_was_not_asked_for_is_not_refused() -> None:
    assert tell(*STARTED, turned_down(DAY)).last == refused("nothing_asked")


def test_one_application_at_a_time_and_another_one_after_a_refusal() -> None:
    assert tell(*STARTED, asked(1 * DAY), asked(2 * DAY)).last == refused("already_asked")
    told = tell(*STARTED, asked(1 * DAY), turned_down(2 * DAY), asked(3 * DAY))
    assert told.last == APPLIED


@pytest.mark.parametrize(
    ("at", "outcome"),
    [(10 * DAY - 0.001, APPLIED), (10 * DAY, refused("extension_after_expiry"))],
)
def test_an_extension_is_asked_for_before_expiry(at: float, outcome: object) -> None:
    assert tell(*STARTED, asked(at)).last == outcome


def test_an_application_in_time_does_not_let_it_be_granted_after_expiry() -> None:
    told = tell(*STARTED, asked(9 * DAY), granted(11 * DAY))
    assert told.last == refused("extension_after_expiry")


def test_a_listed_hazards_extension_is_asked_for_in_time() -> None:
    assert tell(*LONG, LISTING, asked(DAY)).last == APPLIED
    assert tell(*LONG, LISTING, asked(55 * DAY)).last == refused("extension_asked_too_late")


def test_the_notice_counts_from_the_application_however_late_it_is_granted() -> None:
    told = tell(*LONG, LISTING, asked(DAY), granted(59 * DAY, due=90 * DAY))
    assert (told.last, told.now["due_at"]) == (APPLIED, 90 * DAY)


def test_the_notice_counts_from_when_the_application_says_it_was_asked_for() -> None:
    said = asked(58 * DAY, asked_at=2 * DAY)
    assert tell(*LONG, LISTING, said, granted(59 * DAY, due=90 * DAY)).last == APPLIED


def test_an_application_that_waited_for_its_interim_control_was_made_when_it_was_made() -> None:
    told = tell(*LONG, LISTING, asked(DAY, interim_control=None),
                ("elements_filed", 50 * DAY, {"interim_control": "fenced off"}),
                granted(59 * DAY, due=90 * DAY))  # fmt: skip
    assert told.outcomes[-1] == APPLIED


@pytest.mark.parametrize(("days", "outcome"), [(None, refused("extension_asked_too_late")),
                                               (0, APPLIED), (3, APPLIED)])  # fmt: skip
@pytest.mark.parametrize("fact", [asked, granted])
def test_the_notice_is_that_of_the_policy_when_it_was_entered(
    fact: Any, days: int | None, outcome: object
) -> None:
    late = fact(55 * DAY, due=90 * DAY, policy_days=days)
    assert tell(*LONG, LISTING, late).last == outcome


@pytest.mark.parametrize("decided", [granted, turned_down])
def test_who_asked_does_not_decide(decided: Any) -> None:
    told = tell(*STARTED, asked(DAY, **A), decided(2 * DAY, **B, **by(A)))
    assert told.last == refused("same_person")
    assert tell(*STARTED, asked(DAY, **A), decided(2 * DAY, **A, **by(B))).last == APPLIED


def test_who_decides_about_anothers_application_may_enter_the_decision() -> None:
    assert tell(*STARTED, asked(DAY, **A), granted(2 * DAY, **B, **by(B))).last == APPLIED


@pytest.mark.parametrize("application", [[], [asked(DAY, person=None)]])
def test_where_nobody_is_known_to_have_asked_it_was_who_entered_it(application: list[Fact]) -> None:
    told = tell(*STARTED, *application, granted(2 * DAY, **B, **by(B)))
    assert told.last == refused("same_person")


@pytest.mark.parametrize("decided", [granted, turned_down])
def test_the_responsible_unit_does_not_decide_about_its_own_extension(decided: Any) -> None:
    told = tell(*STARTED, asked(DAY), decided(2 * DAY, organisation="Foundry One"))
    assert told.last == refused("decided_by_rectifier")
    assert tell(*STARTED, asked(DAY), decided(2 * DAY, **OFFICE)).last == APPLIED


def test_what_is_asked_and_refused_at_one_instant_is_asked_first() -> None:
    told = tell(*STARTED, turned_down(DAY), asked(DAY))
    assert told.outcomes[-2:] == [APPLIED, APPLIED]


def test_a_refusal_at_the_instant_of_the_submission_comes_before_it() -> None:
    told = tell(*STARTED, asked(DAY), ("submitted", 2 * DAY, SUBMITTED), turned_down(2 * DAY))
    assert (told.last, told.state) == (APPLIED, "submitted")


# -- pauses --------------------------------------------------------------------------------------

PAUSE: Fact = ("suspended", DAY, {"reason": "court order", **A, **by(B)})


def continued(at: float, **more: Any) -> Fact:
    return "continued", at, {**OFFICE, **A, **by(B), **more}


def test_a_pause_is_marked_and_changes_nothing_else() -> None:
    told = tell(*STARTED, PAUSE)
    assert (told.now["marks"], told.state, told.now["due_at"]) == (
        {"suspended"},
        "rectifying",
        10 * DAY,
    )


def test_going_on_ends_the_pause_and_keeps_the_date() -> None:
    told = tell(*STARTED, PAUSE, continued(30 * DAY))
    assert (told.last, told.now["marks"], told.now["due_at"]) == (APPLIED, set(), 10 * DAY)


def test_going_on_may_name_a_later_date_and_the_original_stays() -> None:
    told = tell(*STARTED, PAUSE, continued(30 * DAY, due=40 * DAY))
    assert (told.now["due_at"], told.now["original_due_at"]) == (40 * DAY, 10 * DAY)


@pytest.mark.parametrize("pause", [PAUSE, continued(30 * DAY)])
def test_a_pause_is_begun_and_ended_by_two_persons(pause: Fact) -> None:
    kind, at, data = pause
    before = [PAUSE] if kind == "continued" else []
    assert tell(*STARTED, *before, (kind, at, {**data, **by(A)})).last == refused("same_person")


def test_what_is_paused_is_not_paused_again_and_what_goes_on_does_not_go_on_again() -> None:
    assert tell(*STARTED, PAUSE, ("suspended", 50, PAUSE[2])).last == refused("already_suspended")
    assert tell(*STARTED, continued(DAY)).last == refused("not_suspended")


@pytest.mark.parametrize("fact", [("bounced", 40, {"reason": "not ours"}),
                                  ("submitted", 40, SUBMITTED)])  # fmt: skip
def test_sending_back_and_handing_in_end_the_pause_and_the_application(fact: Fact) -> None:
    way = life_up_to("assigned" if fact[0] == "bounced" else "started")
    told = tell(*way, asked(DAY), PAUSE, fact)
    assert (told.last, told.now["marks"]) == (APPLIED, set())


def test_an_upgrade_leaves_the_application_to_be_decided() -> None:
    told = tell(*STARTED, asked(DAY), ("severity_changed", 30, {"severity": "major"}),
                granted(50))  # fmt: skip
    assert (told.state, told.last, told.now["marks"]) == ("assigned", APPLIED, set())


def test_found_before_go_live_stays_so_through_life() -> None:
    told = tell(*life_up_to("closed", registered={"opening": 1}))
    assert all("opening" in span["marks"] for span in told.spans)
    assert tell(*life_up_to("registered")).now["marks"] == set()


def test_a_start_that_lacks_its_measures_waits_through_a_pause() -> None:
    told = tell(*life_up_to("assigned"), ("started", 3, {}), PAUSE)
    assert told.outcomes[3] == waits_for("measures")
    told = tell(*life_up_to("assigned"), ("started", 3, {}), PAUSE,
                ("elements_filed", 30, TREATMENT))  # fmt: skip
    assert (told.state, told.now["marks"]) == ("rectifying", {"suspended"})
