"""Past weeks under another policy: what moves, what cannot, and that nothing is written."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows.cli.main import app
from rules.periods import week, week_of
from schemas.period import DAY_MS, HOUR_MS
from tasks.configuration import ConfigurationError
from tasks.policy_replay import Beside, ReplayRefused, compare, rank_correlation
from tasks.publishing import publish
from tests.hazard.test_command import in_home
from tests.store.tiny import MONDAY, OTHER_TOWN, TOWN, Row, Tiny, finding, iso, life

WEEK = 7 * DAY_MS
WEEKS = ("2025-W10", "2025-W11", "2025-W12")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    """Three weeks; one town is in time and has failed acceptances, the other is late and has none.

    Both are of one group, so that they compete.
    """
    tiny = Tiny.make(tmp_path_factory.mktemp("published"), migrated_file)
    for number, code in enumerate(WEEKS):
        at = MONDAY + number * WEEK
        findings, updates = _week(f"{number}", at)
        tiny.bring(at + 6 * DAY_MS, findings, updates)
        period = week(code, tiny.county.zone)
        publish(tiny.county, period, period.end + 9 * HOUR_MS)
    return tiny


def _week(name: str, at: int) -> tuple[list[Row], list[Row]]:
    findings: list[Row] = []
    updates: list[Row] = []
    for i in range(10):
        swift, slow = f"A{name}{i}", f"B{name}{i}"
        findings += [finding(swift, at, town_code=TOWN), finding(slow, at, town_code=OTHER_TOWN)]
        lived = list(life(swift, at, due=at + DAY_MS))
        updates += _with_failure(swift, lived) if i < 5 else lived
        updates += _late(slow, at, in_time=i < 6)
    return findings, updates


def _with_failure(name: str, lived: list[Row]) -> list[Row]:
    """The first acceptance fails; the work is handed in again and passes."""
    failed = lived[-2] | {"source_id": f"{name}-failed", "event": "acceptance_failed"}
    hours = {"submitted": 2, "acceptance_passed": 3, "closed": 4}
    again = []
    for row in lived[-3:]:
        at = _ms(lived[-2]["happened_at"]) + hours[row["event"]] * HOUR_MS
        again.append(row | {"source_id": f"{row['source_id']}-2", "happened_at": iso(at)})
    return [*lived[:-2], failed, *again]


def _late(name: str, at: int, in_time: bool) -> Iterator[Row]:
    for row in life(name, at, due=at + DAY_MS):
        moved = 0 if in_time or row["event"] not in ("acceptance_passed", "closed") else 3 * DAY_MS
        yield row | {"happened_at": iso(_ms(row["happened_at"]) + moved)}


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def policy_file(tiny: Tiny, folder: Path, **scoring: Any) -> Path:
    """The county's own policy with other keys under `scoring`."""
    assert tiny.county.settings.config_dir is not None
    own = tiny.county.settings.config_dir / tiny.county.settings.county / "policy.yaml"
    text = yaml.safe_load(own.read_text("utf-8"))
    text["version"] = "trial"
    text["scoring"] |= scoring
    path = folder / "other.yaml"
    path.write_text(yaml.safe_dump(text, allow_unicode=True), "utf-8")
    return path


REWORK_ONLY = [{"of": "rework", "weight": 1, "floor": 100, "target": 0, "scope": "period"}]
ON_TIME_ONLY = [{"of": "on_time", "weight": 1, "floor": 0, "target": 100, "scope": "period"}]


def replayed(tiny: Tiny, policy: Path, weeks: int = 12) -> dict[str, Any]:
    return compare(tiny.county, policy, weeks, week(WEEKS[-1], tiny.county.zone))


def ranks(found: dict[str, Any], key: str) -> dict[tuple[str, str], int]:
    return {
        (r["week"], r["unit"]): r[key] for r in found["rows"] if r["unit"] in (TOWN, OTHER_TOWN)
    }


def test_the_same_policy_moves_nothing(published: Tiny, tmp_path: Path) -> None:
    found = replayed(published, policy_file(published, tmp_path))
    assert found["weeks"] == list(WEEKS)
    assert len(found["rows"]) == 3 * len(published.county.organisation.towns)
    assert all(
        r["rank"] == r["other_rank"] and r["score"] == r["other_score"] for r in found["rows"]
    )
    assert found["summary"]["moved"] == 0 and found["summary"]["largest"] is None


def test_other_weights_turn_the_order_round_in_every_week(published: Tiny, tmp_path: Path) -> None:
    for_time = replayed(published, policy_file(published, tmp_path, towns=ON_TIME_ONLY))
    for_work = replayed(published, policy_file(published, tmp_path, towns=REWORK_ONLY))
    swift = {(w, TOWN): 1 for w in WEEKS} | {(w, OTHER_TOWN): 2 for w in WEEKS}
    turned = {(w, TOWN): 2 for w in WEEKS} | {(w, OTHER_TOWN): 1 for w in WEEKS}
    same_group = len({t.group for t in published.county.organisation.towns
                      if t.code in (TOWN, OTHER_TOWN)}) == 1  # fmt: skip
    assert same_group, "the two towns must compete"
    assert ranks(for_time, "other_rank") == swift
    assert ranks(for_work, "other_rank") == turned
    moved = {(r["week"], r["unit"]) for r in for_work["rows"] if r["rank"] != r["other_rank"]}
    assert for_work["summary"]["moved"] == len(moved)


def test_only_the_last_weeks_that_have_an_edition_are_compared(
    published: Tiny, tmp_path: Path
) -> None:
    path = policy_file(published, tmp_path)
    assert replayed(published, path, 2)["weeks"] == list(WEEKS[1:])
    later = compare(published.county, path, 2, week("2025-W20", published.county.zone))
    assert later["weeks"] == list(WEEKS[1:])


def test_late_data_does_not_enter_a_replay(published: Tiny, tmp_path: Path) -> None:
    path, at = policy_file(published, tmp_path), MONDAY + DAY_MS
    before = replayed(published, path)
    other = published.copied(tmp_path / "other")
    other.bring(MONDAY + 4 * WEEK, [finding("LATE", at)], list(life("LATE", at)))
    assert replayed(other, path) == before


def test_nothing_is_written(published: Tiny, tmp_path: Path) -> None:
    def everything() -> list[Any]:
        rows = published.query("SELECT * FROM edition") + published.query(
            "SELECT * FROM ledger_head"
        )
        files = sorted(p for p in published.county.home.rglob("*") if "editions" in p.parts)
        return [rows, files, published.county.policy_hash]

    before = everything()
    replayed(published, policy_file(published, tmp_path, towns=REWORK_ONLY))
    assert everything() == before


def test_a_bad_policy_is_refused_in_words(published: Tiny, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"other\.yaml.*floor and target"):
        wrong = [REWORK_ONLY[0] | {"floor": 0}]
        replayed(published, policy_file(published, tmp_path, towns=wrong))
    with pytest.raises(ReplayRefused, match="no rate of this unit"):
        unknown = [REWORK_ONLY[0] | {"of": "beauty"}]
        replayed(published, policy_file(published, tmp_path, towns=unknown))
    with pytest.raises(ConfigurationError, match="does not exist"):
        replayed(published, tmp_path / "none.yaml")


def test_a_home_without_editions_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(ReplayRefused, match="no week up to 2025-W12"):
        replayed(tiny, policy_file(tiny, tmp_path))


def row(unit: str, rank: int, other: int, week: str = "W") -> Beside:
    return Beside(week, 1, unit, {"zh": unit, "en": unit}, "A", rank, "1", other, "1")


def test_rank_correlation_is_kendalls_tau_b() -> None:
    from scipy.stats import kendalltau

    one, two = [1, 2, 2, 4, 5, 6], [2, 1, 3, 3, 6, 5]
    found = rank_correlation(
        [row(str(i), a, b) for i, (a, b) in enumerate(zip(one, two, strict=True))]
    )
    assert found == f"{kendalltau(one, two).statistic:.2f}"
    assert rank_correlation([row("a", 1, 2), row("b", 2, 1)]) == "-1.00"
    assert rank_correlation([row("a", 1, 1), row("b", 1, 1)]) is None
    assert rank_correlation([row("a", 1, 2), row("b", 2, 1, "W2")]) is None


@pytest.mark.usefixtures("own_environment")
def test_the_command_shows_both_and_answers_with_json(published: Tiny, tmp_path: Path) -> None:
    run, home = CliRunner().invoke, in_home(published)
    path = str(policy_file(published, tmp_path, towns=REWORK_ONLY))
    words = ["bulletin", "weekly", "--policy", path, "--compare", "--week", WEEKS[-1], *home]
    told = run(app, words)
    assert told.exit_code == 0, told.output
    assert "ranks move" in told.stdout and "under policy trial" in told.stdout
    answered = run(app, [*words, "--json", "--weeks", "2"])
    assert json.loads(answered.stdout)["weeks"] == list(WEEKS[1:])
    alone = run(app, ["bulletin", "weekly", "--policy", path, *home])
    assert alone.exit_code == 2 and "go together" in alone.output
    assert week_of(MONDAY, published.county.zone).code == WEEKS[0]
