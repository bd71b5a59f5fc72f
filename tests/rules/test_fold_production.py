"""Production stopped and resumed, and interim control with its days (domain section 3)."""

from typing import Any

import pytest

from tests.rules.facts_of_lives import (
    APPLIED,
    DAY,
    EXTENSION,
    OFFICE,
    PLAN,
    SUBMITTED,
    TREATMENT,
    UNIT,
    Fact,
    life_up_to,
    refused,
    tell,
    waits_for,
)

STOP: Fact = ("production_stopped", 1.5, {**OFFICE, "reason": "risk of explosion"})
ASKED: Fact = ("resumption_asked", 15, UNIT)  # on day 0, at 15:00
STARTED = life_up_to("started")


def resumed(at: float, **more: Any) -> Fact:
    return "production_resumed", at, {**OFFICE, "evidence": "minutes of the visit", **more}


def test_a_stop_is_marked_through_closing_until_production_is_resumed() -> None:
    closed = tell(*life_up_to("closed"), STOP)
    assert (closed.state, closed.now["marks"]) == ("closed", {"production_stopped"})
    told = tell(*life_up_to("closed"), STOP, ASKED, resumed(20))
    assert (told.state, told.last, told.now["marks"]) == ("closed", APPLIED, set())


def test_what_stands_still_is_not_stopped_again() -> None:
    again: Fact = ("production_stopped", 2, STOP[2])
    assert tell(*STARTED, STOP, again).last == refused("already_stopped")


@pytest.mark.parametrize("fact", [ASKED, resumed(20)])
def test_what_was_not_stopped_is_not_resumed(fact: Fact) -> None:
    assert tell(*STARTED, fact).last == refused("not_stopped")


def test_resuming_waits_for_the_application() -> None:
    told = tell(*STARTED, STOP, resumed(10))
    assert told.last == waits_for("application")
    told = tell(*STARTED, STOP, resumed(10), ASKED)
    assert (told.now["kind"], told.now["at"], told.now["marks"]) == (
        "production_resumed",
        15,
        set(),
    )


def test_an_application_from_before_another_stop_is_none() -> None:
    told = tell(*STARTED, STOP, ASKED, resumed(20), ("production_stopped", 30, STOP[2]),
                resumed(31))  # fmt: skip
    assert told.last == waits_for("application")


def test_resuming_needs_the_minutes_of_the_visit() -> None:
    assert tell(*STARTED, STOP, ASKED, resumed(20, evidence=None)).last == waits_for("review")


def test_the_regulator_reviews_and_not_who_rectifies_or_did() -> None:
    assert tell(*STARTED, STOP, ASKED, resumed(20, **UNIT)).last == refused("reviewed_by_rectifier")
    handed_on: Fact = ("elements_filed", 16, {"responsible_unit": "Mill Two"})
    told = tell(*life_up_to("submitted"), STOP, ASKED, handed_on, resumed(20, **UNIT))
    assert told.last == refused("reviewed_by_rectifier")


@pytest.mark.parametrize(
    ("at", "days", "outcome"),
    [
        (11 * DAY - 0.001, None, APPLIED),  # 23:59 of the tenth day after the application's
        (11 * DAY, None, refused("review_too_late")),
        (6 * DAY, 5, refused("review_too_late")),
        (6 * DAY - 0.001, 5, APPLIED),
    ],
)
def test_the_review_comes_within_the_days_after_the_application(
    at: float, days: int | None, outcome: object
) -> None:
    assert tell(*STARTED, STOP, ASKED, resumed(at, policy_days=days)).last == outcome


def test_who_was_reviewed_too_late_asks_again() -> None:
    again: Fact = ("resumption_asked", 12 * DAY, UNIT)
    told = tell(*STARTED, STOP, ASKED, resumed(11 * DAY), again, resumed(13 * DAY))
    assert told.outcomes[-3:] == [refused("review_too_late"), APPLIED, APPLIED]


def test_a_stop_at_the_instant_of_the_closing_comes_before_it() -> None:
    told = tell(*life_up_to("closed"), ("production_stopped", 6, STOP[2]))
    assert (told.last, told.now["marks"]) == (APPLIED, {"production_stopped"})


@pytest.mark.parametrize(
    "fact",
    [resumed(20), ("interim_checked", 20, {**OFFICE, "evidence": "photo of the fence"}),
     ("production_stopped", 20, {**STOP[2], "evidence": "photo of the seal"})],
)  # fmt: skip
def test_what_proves_a_visit_does_not_prove_the_work(fact: Fact) -> None:
    before = [] if fact[0] == "production_stopped" else [STOP, ASKED]
    bare = {name: value for name, value in SUBMITTED.items() if name != "evidence"}
    told = tell(*STARTED, *before, fact, ("submitted", 30, bare))
    assert (told.outcomes[-2], told.last) == (APPLIED, waits_for("evidence"))


# -- interim control -----------------------------------------------------------------------------

TO_START = life_up_to("assigned", "major")


def started(at: float, **days: float) -> Fact:
    return "started", at, {**TREATMENT, **PLAN, **days}


@pytest.mark.parametrize(
    ("at", "days", "outcome"),
    [
        (2 * DAY, {}, APPLIED),
        (2 * DAY, {"interim_from": 3 * DAY}, APPLIED),  # the third day: 48 to 72 hours
        (2 * DAY - 0.001, {"interim_from": 3 * DAY}, waits_for("interim_control")),
        (3 * DAY - 0.001, {"interim_until": 3 * DAY}, APPLIED),
        (3 * DAY, {"interim_until": 3 * DAY}, waits_for("interim_control")),
        (2.5 * DAY, {"interim_from": 3 * DAY, "interim_until": 3 * DAY}, APPLIED),
    ],
)
def test_interim_control_is_in_force_from_its_first_to_its_last_day(
    at: float, days: dict[str, float], outcome: object
) -> None:
    assert tell(*TO_START, started(at, **days)).last == outcome


def test_a_start_before_the_first_day_happens_with_the_first_fact_from_then_on() -> None:
    early = started(DAY, interim_from=4 * DAY)
    check: Fact = ("interim_checked", 5 * DAY, OFFICE)
    told = tell(*TO_START, early, check)
    assert [(s["kind"], s["at"]) for s in told.spans[3:]] == [
        ("started", 5 * DAY),
        ("interim_checked", 5 * DAY),
    ]


@pytest.mark.parametrize(("until", "state"), [(9, "rectifying"), (None, "rectifying"),
                                              (4, "assigned")])  # fmt: skip
def test_the_latest_filing_says_until_when(until: int | None, state: str) -> None:
    longer = {"interim_control": "guarded", "interim_until": until and until * DAY}
    told = tell(*TO_START, ("elements_filed", 5, {**PLAN, "interim_until": 3 * DAY}),
                ("elements_filed", 6, longer), ("started", 5 * DAY, TREATMENT))  # fmt: skip
    assert told.state == state


def test_days_without_a_control_are_none() -> None:
    told = tell(*TO_START, ("elements_filed", 5, {**PLAN, "interim_until": 3 * DAY}),
                ("elements_filed", 6, {"interim_until": 9 * DAY}),
                ("started", 5 * DAY, TREATMENT))  # fmt: skip
    assert told.last == waits_for("interim_control")


@pytest.mark.parametrize("kind", ["extension_asked", "extended"])
def test_an_extension_needs_interim_control_that_is_in_force(kind: str) -> None:
    over = {**EXTENSION, "due": 20 * DAY, "interim_until": 2 * DAY}
    assert tell(*STARTED, (kind, 2 * DAY, over)).last == waits_for("interim_control")


def test_a_check_of_the_interim_control_names_who_checked_and_moves_nothing() -> None:
    assert tell(*STARTED, ("interim_checked", 9, {})).last == waits_for("organisation")
    told = tell(*STARTED, ("interim_checked", 9, OFFICE))
    now, before = told.now, told.spans[-2]
    assert {k for k in now if now[k] != before[k]} == {"at", "kind"}
