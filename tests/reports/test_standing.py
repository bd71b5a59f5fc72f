"""Where a report stands follows from what was told of it, in whatever order it came."""

from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.report_steps import RULES, judged
from rules.reports import overdue, standing
from schemas.vocabulary import ReportStep
from tests.reports.told import DAYS, POLICY, Report, at, expected, findings, ms, stand, step, steps

K = ReportStep
ACCEPTED, CHECKED = step(K.ACCEPTED, at(0, 11)), step(K.CHECKED, at(2))
HANDLED, REPLIED = step(K.HANDLED, at(8)), step(K.REPLIED, at(9))


def told_steps() -> st.SearchStrategy[Any]:
    one = st.tuples(
        st.sampled_from(list(K)),
        st.integers(0, 60 * 24).map(float),
        st.sampled_from([0, 50_000]),
        st.sampled_from(["", "虚构住建局"]),
    )
    return st.lists(one, max_size=12).map(tuple)


@st.composite
def reports(draw: Any) -> list[Report]:
    return [
        Report(
            steps=draw(told_steps()),
            received=draw(st.integers(0, 24 * 10)),
            true=draw(st.none() | st.integers(0, 24 * 30)),
            is_major=draw(st.booleans()),
            name=f"r{n}",
        )
        for n in range(draw(st.integers(1, 4)))
    ]


@given(reports(), st.integers(24 * 10, 24 * 90))
def test_standing_is_what_an_oracle_says_of_each_report(told: list[Report], now: int) -> None:
    for row, report in zip(stand(*told, now=now), told, strict=True):
        wanted = expected(report, now)
        assert {name: row[name] for name in wanted} == wanted


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_leaves_no_trace(told: list[Report], rng: Random) -> None:
    frame, now = steps(told), ms(24 * 60)
    order = list(range(len(frame)))
    rng.shuffle(order)
    first = standing(findings(told), frame, POLICY, DAYS, now)
    again = standing(findings(told), frame.iloc[order], POLICY, DAYS, now)
    pd.testing.assert_frame_equal(first, again)


@given(reports())
def test_a_step_takes_effect_no_earlier_than_it_was_claimed_and_what_it_requires(
    told: list[Report],
) -> None:
    frame = steps(told)
    now = standing(findings(told), frame, POLICY, DAYS, ms(24 * 60))
    by_name = now.set_index("stream_id")
    for one in judged(frame, now).to_dict("records"):
        assert bool(one["effective_at"]) is not bool(one["waits_for"])
        if not one["effective_at"]:
            continue
        row = by_name.loc[one["stream_id"]]
        rule = next(r for r in RULES if r.step == one["kind"])
        required = [min(row[s] for s in group if row[s]) for group in rule.after]
        required += [row["true_at"]] if rule.found_true else []
        assert one["effective_at"] == max([one["claimed_at"], *required])
        assert 0 < row[one["kind"]] <= one["effective_at"]


def test_what_a_step_requires_stands_before_it_in_the_table() -> None:
    before: set[ReportStep] = set()
    for rule in RULES:
        assert {s for group in rule.after for s in group} <= before
        before.add(rule.step)
    assert before == set(K)


def test_a_report_goes_from_received_to_replied() -> None:
    line = (ACCEPTED, CHECKED, HANDLED, REPLIED)
    states = [stand(Report(line[:n]), now=at(10))[0]["state"] for n in range(5)]
    assert states == ["received", *(str(s[0]) for s in line)]


def test_a_check_that_was_told_before_the_acceptance_counts_from_the_acceptance() -> None:
    (row,) = stand(Report((step(K.CHECKED, at(0, 10)), ACCEPTED)), now=at(5))
    assert row["report_checked"] == row["report_accepted"] == at(0, 11)
    (alone,) = stand(Report((CHECKED,)), now=at(5))
    assert (alone["report_checked"], alone["state"]) == (0, "received")


@pytest.mark.parametrize("kind", [K.COORDINATED, K.SUPERVISED, K.TRANSFERRED])
def test_who_passes_a_report_on_still_owes_the_reply(kind: ReportStep) -> None:
    (row,) = stand(Report((ACCEPTED, step(kind, at(1), target="虚构住建局"))), now=at(60))
    assert row[kind] == at(1)
    assert row["is_open"]
    assert row["report_replied_late"] and row["is_late"]


def test_a_transfer_that_names_nobody_counts_for_nothing_and_says_so() -> None:
    report = Report((ACCEPTED, step(K.TRANSFERRED, at(1))))
    (row,) = stand(report, now=at(2))
    assert row["report_transferred"] == 0
    frame = steps([report])
    now = standing(findings([report]), frame, POLICY, DAYS, ms(at(2)))
    assert judged(frame, now)["waits_for"].tolist() == ["", "report_lacks_data"]


def test_whoever_checks_elsewhere_what_was_transferred_is_not_late_here() -> None:
    passed_on = step(K.TRANSFERRED, at(1), target="虚构住建局")
    (row,) = stand(Report((ACCEPTED, passed_on)), now=at(30))
    assert not row["report_checked_late"]
    assert row["next_step"] == "report_replied"


def test_a_declined_report_is_owed_its_reply_and_nothing_else() -> None:
    (row,) = stand(Report((step(K.DECLINED, at(1)),)), now=at(20))
    assert (row["state"], row["next_step"]) == ("report_declined", "report_replied")
    assert not row["report_accepted_late"]
    (answered,) = stand(Report((step(K.DECLINED, at(1)), REPLIED)), now=at(20))
    assert (answered["is_open"], answered["next_step"]) == (False, "")


def test_the_later_decision_stands() -> None:
    first, second = step(K.DECLINED, at(0, 10)), step(K.ACCEPTED, at(1))
    assert stand(Report((first, second)), now=at(2))[0]["state"] == "report_accepted"
    turned = (step(K.ACCEPTED, at(0, 10)), step(K.DECLINED, at(1)))
    assert stand(Report(turned), now=at(2))[0]["state"] == "report_declined"


def test_a_reward_waits_until_the_hazard_was_found_true() -> None:
    paid = step(K.REWARDED, at(10), 100_000)
    lines = (ACCEPTED, REPLIED, paid)
    (untrue,) = stand(Report(lines), now=at(40))
    assert (untrue["report_rewarded"], untrue["state"]) == (0, "report_replied")
    (true,) = stand(Report(lines, true=at(12)), now=at(40))
    assert (true["report_rewarded"], true["state"]) == (at(12), "report_rewarded")
    (unanswered,) = stand(Report((ACCEPTED, paid), true=at(1)), now=at(40))
    assert unanswered["report_rewarded"] == 0


def test_a_reward_is_owed_for_a_major_hazard_that_was_found_true_and_for_no_other() -> None:
    lines = (ACCEPTED, REPLIED)
    owed = [
        stand(Report(lines, true=true, is_major=is_major), now=at(11))[0]["next_step"]
        for true, is_major in ((at(1), True), (at(1), False), (None, True))
    ]
    assert owed == ["report_rewarded", "", ""]


def test_each_of_two_joined_reports_has_its_own_clock() -> None:
    both = (Report((ACCEPTED, REPLIED), name="a"), Report((ACCEPTED,), name="b"))
    first, second = stand(*both, now=at(10))
    assert (first["is_open"], second["is_open"]) == (False, True)


def test_what_is_not_claimed_yet_has_not_happened() -> None:
    assert stand(Report((ACCEPTED, REPLIED)), now=at(1))[0]["state"] == "report_accepted"
    assert stand(Report(received=at(3)), now=at(1)) == []


def test_overdue_duties_are_named_by_town_and_due_date() -> None:
    told = [
        Report(name="never-accepted"),
        Report((ACCEPTED,), name="unchecked", town="330282101"),
        Report((ACCEPTED, CHECKED), name="in-time"),
    ]
    found = overdue(standing(findings(told), steps(told), POLICY, DAYS, ms(at(10))), ms(at(10)))
    assert found[["recipient", "stream_id", "step"]].to_numpy().tolist() == [
        ["town:330282101", "unchecked", "report_checked"],
        ["town:330282104", "never-accepted", "report_accepted"],
    ]
    assert (found["due_at"] < ms(at(10))).all()


def test_of_no_reports_nothing_is_due() -> None:
    none = standing(findings([Report()]).iloc[:0], steps([]), POLICY, DAYS, ms(0))
    assert (len(none), len(overdue(none, ms(0)))) == (0, 0)
