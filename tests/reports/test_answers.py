"""Answers to the public: all of a hazard's reports at once, each its own event, nothing closed."""

from pathlib import Path
from typing import Any

import pytest

from schemas.period import DAY_MS
from schemas.vocabulary import Enforcement, ReportStep, State
from tasks.auditing import audit
from tasks.reports import ReportRefused, of_hazard, reply, shown, standing, verdicts, waiting
from tests.reports.town import COLLECTED, NOW, accepted, enter, kinds, on, report, told
from tests.store.tiny import MONDAY, Tiny, faster, finding, hazard, life, update

K = ReportStep
TEXT = "经核查属实，已责令限期整改，感谢您的监督。"
CLERK = "经办员周虚构"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    return told(Tiny.make(tmp_path_factory.mktemp("reports"), migrated_file))


@pytest.fixture
def town(built: Tiny, tmp_path: Path) -> Tiny:
    return built.copied(tmp_path)


def answer(town: Tiny, name: str, now: int = NOW, dry_run: bool = False) -> Any:
    return reply(town.county, hazard(name), TEXT, now, actor=CLERK, dry_run=dry_run)


def everything(town: Tiny) -> list[Any]:
    tables = ("event", "hazard_span", "fact_note", "side_step", "ledger_head")
    return [sorted(town.query(f"SELECT * FROM {table}")) for table in tables]


def state(town: Tiny, name: str, now: int = NOW) -> str:
    found = standing(town.county, now).set_index("stream_id")
    return str(found.loc[hazard(name), "state"])


# all of them, alike


def test_all_reports_of_a_joined_hazard_are_answered_alike_in_one_transaction(town: Tiny) -> None:
    before = town.query("SELECT last_seq FROM ledger_slice")
    done = answer(town, "G1")
    assert done.answered == ("findings:R1", "findings:R2")
    assert (done.hazard, done.already, done.appended) == (hazard("G1"), (), 2)
    assert [s for s, _ in kinds(town, K.REPLIED)] == sorted([hazard("R1"), hazard("R2")])
    assert len(town.query("SELECT last_seq FROM ledger_slice")) == len(before) + 1
    query = "SELECT actor, payload FROM event WHERE kind = 'report_replied'"
    rows = town.query(query)
    assert {actor for actor, _ in rows} == {CLERK}
    assert all(TEXT in payload for _, payload in rows)
    assert audit(town.county).ok


def test_a_report_that_was_merged_by_a_fact_is_answered_with_the_hazard_it_went_into(
    town: Tiny,
) -> None:
    assert town.state("R4") is State.MERGED
    for name in ("R3", "R4"):
        assert answer(town, name, dry_run=True).answered == ("findings:R3", "findings:R4")
    answer(town, "R4")
    assert {state(town, name) for name in ("R3", "R4")} == {"report_replied"}


def test_a_chain_of_merges_ends_in_one_answer_and_a_ring_is_no_endless_loop(town: Tiny) -> None:
    reports = [report(name, on(0, 11)) for name in ("R6", "R7", "R8")]
    merges = [
        update(a, "merged", on(1, 11), target=b, reason="重复举报")
        for a, b in (("R6", "R4"), ("R7", "R8"), ("R8", "R7"))
    ]
    town.bring(COLLECTED + 1, reports, [*merges, *accepted("R6", "R7", "R8")])
    assert answer(town, "R6").answered == ("findings:R3", "findings:R4", "findings:R6")
    assert set(answer(town, "R7").answered) <= {"findings:R7", "findings:R8"}


def test_who_was_answered_before_is_left_out_and_named(town: Tiny) -> None:
    town.bring(COLLECTED + 1, [], [update("R1", "report_replied", on(3), reply=TEXT)])
    done = answer(town, "R2")
    assert (done.answered, done.already) == (("findings:R2",), ("findings:R1",))
    again = answer(town, "R2", NOW + 1)
    assert (again.answered, again.appended) == ((), 0)
    assert again.already == ("findings:R1", "findings:R2")
    assert len(kinds(town, K.REPLIED)) == 2


def test_a_dry_run_names_whom_it_would_answer_and_writes_nothing(town: Tiny) -> None:
    before = everything(town)
    done = answer(town, "G1", dry_run=True)
    assert (done.answered, done.appended) == (("findings:R1", "findings:R2"), 0)
    assert everything(town) == before


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("R5", TEXT, "findings:R5: neither accepted nor declined"),
        ("none", TEXT, "is no hazard of this county"),
        ("R1", "  ", "a reply needs words"),
        ("R1", "已电话告知000-0000-0000、139 0000 0000", "somebody's number"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_to_do(
    town: Tiny, name: str, text: str, said: str
) -> None:
    before = everything(town)
    with pytest.raises(ReportRefused, match=said):
        reply(town.county, hazard(name), text, NOW, actor=CLERK, dry_run=False)
    assert everything(town) == before


def test_a_hazard_that_nobody_reported_has_no_one_to_answer(town: Tiny) -> None:
    town.bring(COLLECTED + 1, [finding("G2")], [])
    with pytest.raises(ReportRefused, match="nobody from the public"):
        answer(town, "G2")


def test_nobody_is_answered_as_long_as_one_report_of_the_hazard_is_undecided(town: Tiny) -> None:
    late = report("R6", on(1, 1), place_id="P1", description="一号厂房消防通道被成品货物堵塞")
    town.bring(COLLECTED + 1, [late], [])
    with pytest.raises(ReportRefused, match="findings:R6"):
        answer(town, "R1")
    assert kinds(town, K.REPLIED) == []


@pytest.mark.parametrize("before", [1])
def test_another_writer_in_between_is_no_obstacle(town: Tiny, before: int) -> None:
    with faster(town, before) as came:
        done = answer(town, "G1")
    assert (came, done.appended) == ([before], 2)
    assert len(kinds(town, K.REPLIED)) == 2
    assert audit(town.county).ok


# a reply closes the report and nothing else


def test_a_reply_moves_no_hazard(town: Tiny) -> None:
    spans = sorted(town.query("SELECT * FROM hazard_span"))
    answer(town, "G1")
    assert sorted(town.query("SELECT * FROM hazard_span")) == spans
    assert town.state("G1") is State.VERIFIED
    assert state(town, "R1") == "report_replied"


def test_a_hazard_lives_on_and_closes_in_its_own_time_after_the_reply(town: Tiny) -> None:
    answer(town, "R3")
    town.bring(NOW + 1, [], [u for u in life("R3", on(4)) if u["event"] != "verified"])
    assert town.state("R3") is State.CLOSED
    assert state(town, "R3", NOW + DAY_MS) == "report_replied"


def test_an_open_report_does_not_keep_its_hazard_from_closing(town: Tiny) -> None:
    town.bring(NOW + 1, [], [u for u in life("R3", on(4)) if u["event"] != "verified"])
    assert town.state("R3") is State.CLOSED
    assert state(town, "R3", NOW + DAY_MS) == "report_accepted"


# what sources tell later, again or otherwise


def test_the_order_in_which_sources_tell_leaves_no_trace(
    town: Tiny, tmp_path: Path, migrated_file: Path
) -> None:
    """Replies before acceptances, reports after their steps: here one by one, there at once."""
    tiny = Tiny.make(tmp_path / "other", migrated_file)
    late = [update("R3", "report_checked", on(2)), update("R3", "report_replied", on(3), reply="x")]
    for row in reversed(late):
        town.bring(COLLECTED + 1, [], [row])
    tiny.drop("updates", *reversed([*late, *accepted("R3")]))
    tiny.collect("updates", COLLECTED)
    tiny.bring(COLLECTED + 1, [report("R3", on(0))], [update("R3", "verified", on(1, 10))])
    tiny.collect("updates", COLLECTED + 2)
    rows = [standing(t.county, NOW).set_index("stream_id").loc[hazard("R3")] for t in (town, tiny)]
    assert rows[0]["state"] == "report_replied"
    names = [c for c in rows[0].index if c not in ("case_id",)]
    assert rows[0][names].to_dict() == rows[1][names].to_dict()


def test_a_revised_reply_counts_as_revised_and_a_voided_one_not_at_all(town: Tiny) -> None:
    first = update("R3", "report_replied", on(2), reply="x")
    town.bring(COLLECTED + 1, [], [first])
    moved = first | {"happened_at": update("R3", "", on(4))["happened_at"]}
    moved |= {"sent_at": moved["happened_at"]}
    town.bring(COLLECTED + 2, [], [moved])
    assert kinds(town, K.REPLIED) == [(hazard("R3"), on(4))]
    void = update(
        "R3", "voided", on(5), target=first["source_id"], reason="误录",
        second_person="复核员孙虚构",
    )  # fmt: skip
    town.bring(COLLECTED + 3, [], [void])
    assert kinds(town, K.REPLIED) == []
    assert state(town, "R3") == "report_accepted"
    assert answer(town, "R3").answered == ("findings:R3", "findings:R4")
    assert audit(town.county).ok


# lists


def test_what_is_owed_stands_in_the_order_of_its_dates(town: Tiny) -> None:
    now = MONDAY + 60 * DAY_MS
    found = waiting(town.county, now)
    assert found["next_due"].is_monotonic_increasing
    assert found.set_index("stream_id").loc[hazard("R5"), "next_step"] == "report_accepted"
    assert found["is_late"].all() and len(found) == 5
    answer(town, "R3", now)
    assert len(waiting(town.county, now)) == 3


def test_a_report_is_shown_with_its_steps_and_what_they_wait_for(town: Tiny) -> None:
    enter(town, "R5", K.REPLIED, on(4), reply=TEXT)
    seen = shown(town.county, hazard("R5"), NOW)
    (one,) = seen["steps"]
    assert (one["kind"], one["waits_for"]) == ("report_replied", "report_not_decided")
    assert one["said"]["reply"] == TEXT
    assert seen["state"] == "received"
    with pytest.raises(ReportRefused, match="is no report"):
        shown(town.county, hazard("G1"), NOW)


def test_the_reports_of_a_hazard_are_those_who_wait_for_the_same_answer(town: Tiny) -> None:
    found = of_hazard(town.county, hazard("R2"), NOW)
    assert sorted(found["source_id"]) == ["R1", "R2"]
    assert set(found["case_id"]) == {hazard("G1")}
    assert (found["true_at"] == on(1, 10)).all()
    merged = of_hazard(town.county, hazard("R4"), NOW)
    assert dict(zip(merged["source_id"], merged["true_at"], strict=True)) == dict.fromkeys(
        ("R3", "R4"), on(1, 10)
    )


def test_a_hazard_that_was_rejected_was_not_found_true(town: Tiny) -> None:
    town.bring(COLLECTED + 1, [], [update("R3", "rejected", on(3), reason="不属实")])
    assert (of_hazard(town.county, hazard("R3"), NOW)["true_at"] == 0).all()


# the door


def said(name: str, event: str, **data: Any) -> dict[str, Any]:
    return {"stream_id": hazard(name), "event": str(event), "happened_at": NOW, **data}


@pytest.mark.parametrize(
    ("name", "event", "data", "reason", "missing"),
    [
        ("R5", K.ACCEPTED, {}, "", ()),
        ("R5", K.CHECKED, {}, "report_not_accepted", ()),
        ("R3", K.DECLINED, {"reason": "x"}, "report_decided", ()),
        ("R3", K.REPLIED, {}, "", ("reply",)),
        ("G1", K.ACCEPTED, {}, "no_report", ()),
        ("G1", Enforcement.PENALISED, {}, "", ("amount_fen",)),
        ("G1", Enforcement.PENALISED, {"amount_fen": 0}, "amount_not_positive", ()),
        ("G1", Enforcement.CASE_FILED, {"target": "虚构〔2025〕001号"}, "", ()),
    ],
)
def test_the_door_refuses_by_name_and_asks_by_name(
    town: Tiny,
    name: str,
    event: ReportStep | Enforcement,
    data: dict[str, Any],
    reason: str,
    missing: tuple[str, ...],
) -> None:
    (found,) = verdicts(town.county, [said(name, event, **data)], NOW)
    assert (found.reason, found.missing) == (reason, missing)
    assert found.ok is (not reason and not missing)


@pytest.mark.parametrize(("most", "ok"), [(3000, True), (2999, False)])
def test_the_policy_says_how_much_a_reward_may_be(
    tmp_path: Path, migrated_file: Path, most: int, ok: bool
) -> None:
    town = told(Tiny.make(tmp_path, migrated_file, reports={"reward_max_yuan": most}))
    answer(town, "R3")
    data = {"amount_fen": 300_000, "person": CLERK, "second_person": "复核员孙虚构"}
    (found,) = verdicts(town.county, [said("R3", K.REWARDED, **data)], NOW)
    assert (found.ok, found.reason) == (ok, "" if ok else "reward_above_maximum")


def test_what_one_row_of_a_sheet_says_the_next_one_builds_on(town: Tiny) -> None:
    sheet = [said("R5", K.ACCEPTED), said("R5", K.CHECKED), said("R3", K.HANDLED)]
    sheet += [said("R5", K.ACCEPTED), said("R3", "verified")]
    reasons = [v.reason for v in verdicts(town.county, sheet, NOW)]
    assert reasons == ["", "", "report_not_checked", "report_step_taken", ""]
