from itertools import pairwise
from typing import Any

from demo.truth import truth, write
from demo.world import World, build
from schemas.edition import MEASURES


def each(true: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(c, k, w[k]) for c, w in true["weeks"].items() for k in ("first", "final")]


def test_opening_and_what_came_and_went_give_closing_for_every_unit(true: dict[str, Any]) -> None:
    for code, cut, counted in each(true):
        for unit, scopes in counted["counts"].items():
            for scope, splits in scopes.items():
                for split, n in splits.items():
                    came = n["opening"] + n["found"] + n["reopened"] + n["moved_in"]
                    went = n["closed"] + n["rejected"] + n["merged"] + n["transferred"]
                    balance = came - went - n["moved_out"]
                    assert balance == n["closing"], (code, cut, unit, scope, split)


def test_towns_and_sectors_add_up_to_the_total(true: dict[str, Any], world: World) -> None:
    towns, sectors = world.organisation.town_codes(), world.organisation.sector_codes()
    for _, _, counted in each(true):
        counts = counted["counts"]
        for scope in ("period", "campaign", "year"):
            for measure in MEASURES:
                total = counts["total"][scope]["all"][measure]
                assert sum(counts[t][scope]["all"][measure] for t in towns) == total
                if not measure.startswith("moved"):
                    assert sum(counts[s][scope]["all"][measure] for s in sectors) == total


def test_self_check_and_supervision_add_up_to_all(true: dict[str, Any]) -> None:
    for _, _, counted in each(true):
        for scopes in counted["counts"].values():
            for splits in scopes.values():
                for measure, n in splits["all"].items():
                    parts = splits["self_check"][measure] + splits["supervision"][measure]
                    assert parts == n


def test_a_week_opens_with_what_the_last_one_closed(true: dict[str, Any]) -> None:
    final = [w["final"]["counts"] for w in true["weeks"].values()]
    for before, after in pairwise(final):
        for unit in before:
            closing = before[unit]["period"]["all"]["closing"]
            assert after[unit]["period"]["all"]["opening"] == closing


def test_final_open_states_are_those_of_the_hazards(true: dict[str, Any]) -> None:
    states = [h["state"] for h in true["hazards"]]
    assert {"closed", "rejected", "merged", "transferred", "rectifying", "assigned"} <= set(states)
    assert len({(h["source"], h["source_id"]) for h in true["hazards"]}) == len(states)


def test_a_late_ledger_changes_what_the_first_bulletin_said(true: dict[str, Any]) -> None:
    week = list(true["weeks"].values())[2]
    first, final = week["first"], week["final"]
    late = {m["unit"] for m in final["late"] if m["source"] == "grid"}
    assert late and late <= {m["unit"] for m in first["missing"]}
    for town in late:
        before = first["counts"][town]["campaign"]["all"]
        after = final["counts"][town]["campaign"]["all"]
        assert before["found_closed"] * after["found"] != after["found_closed"] * before["found"]


def test_who_files_nothing_stays_missing_and_nil_returns_count_as_filed() -> None:
    world = build(1, 8, 400)
    true = truth(world)
    codes = {n: world.weeks.code(n) for n in range(8)}
    for filing in world.post.plan.values():
        week = true["weeks"][codes[filing.week]]["final"]
        missing = {m["unit"] for m in week["missing"]}
        assert (filing.town in missing) == (filing.status in ("none", "empty"))


def test_refused_rows_are_counted_under_the_code_that_refuses_them(true: dict[str, Any]) -> None:
    by_week = sum(sum(w["final"]["quarantined"].values()) for w in true["weeks"].values())
    codes = list(true["weeks"])
    held = [r for r in true["refused"] if r["taken_at"] is None and r["period"] in codes]
    assert by_week == len(held)


def test_updates_that_came_before_their_ledger_wait_and_are_taken_with_it() -> None:
    true = truth(build(1, 5, 1500))
    waited = [r for r in true["refused"] if r["taken_at"] is not None]
    assert waited and all(r["code"] == "A001" for r in waited)
    assert all(r["received_at"] < r["taken_at"] for r in waited)


def test_the_policy_decides_what_is_true() -> None:
    world = build(2, 3, 300)
    strict = world.policy | {"bulletin": world.policy["bulletin"] | {"dispatch_hours": 1}}
    other = build(2, 3, 300, strict)
    total = [
        truth(w)["weeks"]["2025-W10"]["final"]["counts"]["total"]["period"]["all"]
        for w in (world, other)
    ]
    assert total[0]["verified"] == total[1]["verified"]
    assert total[0]["dispatched_in_time"] > total[1]["dispatched_in_time"]


def test_the_truth_file_is_the_same_twice(world: World, tmp_path: Any) -> None:
    write(world, tmp_path / "a.json")
    write(build(7, 4, 900), tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
