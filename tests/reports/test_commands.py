"""`bihuan report` and `bihuan enforcement` as an operator types them: answers, refusals, usage."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from rules.enforcement import NEEDS
from rules.enforcement import REASONS as MEASURE_REASONS
from rules.report_steps import REASONS, RULES
from schemas.vocabulary import Enforcement, ReportStep
from tasks.rendering.catalogue import LANGUAGES, text
from tests.reports.town import NOW, enter, on, told
from tests.store.tiny import TOWN, Tiny, hazard

run = CliRunner().invoke
AT = "2025-03-09T12:00+08:00"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Tiny:
    town = told(Tiny.make(tmp_path_factory.mktemp("commands"), migrated_file))
    enter(town, "G1", Enforcement.PENALISED, on(3), amount_fen=1_234_550)
    return town


@pytest.fixture
def home(built: Tiny, tmp_path: Path, own_environment: None) -> Iterator[Path]:
    """A demo home, so that its clock may stand."""
    town = built.copied(tmp_path)
    folder = town.county.home
    settings = [
        *('county = "reference"', f'config_dir = "{tmp_path / "config"}"', "demo = true"),
        *(f'[sources.{n}]\nfolder = "{tmp_path / "drop" / n}"' for n in town.county.sources),
    ]
    (folder / "bihuan.toml").write_text("\n".join(settings), "utf-8")
    town.county.engine.dispose()
    os.environ["BIHUAN_HOME"] = str(folder)
    yield folder


def asked(home: Path, *arguments: str) -> dict[str, Any]:
    done = run(app, [*arguments, "--json", "--now", AT, "--home", str(home)])
    assert done.exit_code == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def shown(home: Path, *arguments: str) -> str:
    done = run(app, [*arguments, "--now", AT, "--home", str(home)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


def test_open_reports_are_listed_with_their_next_duty_and_its_day(home: Path) -> None:
    listed = asked(home, "report", "list")
    assert (listed["count"], listed["late"]) == (5, 1)
    by_name = {r["report"]: r for r in listed["reports"]}
    assert by_name["findings:R5"]["next_step"] == "report_accepted"
    assert by_name["findings:R5"]["next_due"] == "2025-03-08T00:00:00+08:00"
    assert by_name["findings:R3"]["report_accepted"] == "2025-03-04T09:00:00+08:00"
    assert by_name["findings:R3"]["report_replied"] is None
    assert "2025-03-07" in shown(home, "report", "list")


def test_late_reports_and_those_of_a_town_can_be_asked_for(home: Path) -> None:
    late = run(
        app, ["report", "list", "--late", "--json", "--now", "2025-03-12", "--home", str(home)]
    )
    assert [r["report"] for r in json.loads(late.stdout)["reports"]] == ["findings:R5"]
    assert asked(home, "report", "list", "--town", TOWN)["count"] == 5
    assert "No report is open" in shown(home, "report", "list", "--town", "330282108")
    wrong = run(app, ["report", "list", "--town", "Atlantis", "--home", str(home)])
    assert (wrong.exit_code, "Atlantis" in wrong.stderr) == (2, True)


def test_a_reply_is_a_dry_run_unless_it_is_applied_and_names_everybody(home: Path) -> None:
    words = ["report", "reply", "findings:G1", "--text", "已核查", "--actor", "经办员周虚构"]
    tried = asked(home, *words)
    assert (tried["dry_run"], tried["appended"]) == (True, 0)
    assert tried["answered"] == ["findings:R1", "findings:R2"]
    assert "Dry run: 2 would be answered" in shown(home, *words)
    assert asked(home, *words, "--apply")["appended"] == 2
    again = asked(home, *words, "--apply")
    assert (again["answered"], again["already"]) == ([], ["findings:R1", "findings:R2"])
    assert "answered before, left out: findings:R1" in shown(home, *words)


def test_a_reply_to_an_undecided_report_is_refused_in_one_line(home: Path) -> None:
    words = ["report", "reply", "findings:R5", "--text", "已核查", "--apply", "--json"]
    refused = run(app, [*words, "--now", AT, "--home", str(home)])
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["type"] == "ReportRefused"
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "findings:R5" in refused.stderr


def test_a_report_is_shown_with_its_steps(home: Path) -> None:
    one = asked(home, "report", "show", "findings:R4")
    assert one["case_id"] == hazard("R3")
    assert [s["kind"] for s in one["steps"]] == ["report_accepted"]
    assert one["steps"][0]["effective_at"] == "2025-03-04T09:00:00+08:00"
    assert "report accepted" in shown(home, "report", "show", "findings:R4")
    unknown = run(app, ["report", "show", "findings:G1", "--home", str(home)])
    assert unknown.exit_code == 1


def test_the_ledger_of_rewards_says_what_counts_and_why_the_rest_does_not(
    built: Tiny, home: Path
) -> None:
    assert "No rewards" in shown(home, "report", "rewards")
    town = Tiny.opened(home.parent)
    enter(town, "R3", ReportStep.REWARDED, on(5), amount_fen=80_000, second_person="孙虚构")
    town.county.engine.dispose()
    ledger = asked(home, "report", "rewards")
    assert (ledger["count"], ledger["amount_fen"]) == (0, 0)
    assert ledger["rewards"][0]["waits_for"] == "report_not_replied"
    page = shown(home, "report", "rewards")
    assert "800.00" in page and "the report has no reply" in page


def test_enforcement_is_counted_for_the_county_by_town_and_by_sector(home: Path) -> None:
    whole = asked(home, "enforcement")
    assert whole["rows"] == [whole["total"]]
    assert whole["total"]["penalties_fen"] == 1_234_550
    (town,) = asked(home, "enforcement", "--by", "town")["rows"]
    assert (town["town"], town["penalties"]) == (TOWN, 1)
    assert asked(home, "enforcement", "--by", "sector")["rows"][0]["sector"] == "industry"
    assert "12,345.50" in shown(home, "enforcement", "--by", "town")
    span = ("--from", "2025-03-06", "--to", "2025-03-06")
    assert asked(home, "enforcement", *span)["total"]["penalties"] == 1
    assert asked(home, "enforcement", "--from", "2025-03-07")["total"]["penalties"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["enforcement", "--by", "village"],
        ["enforcement", "--from", "6.3.2025"],
        ["enforcement", "--from", "2025-03-07", "--to", "2025-03-06"],
        ["report", "reply", "findings:R1"],
        ["report"],
    ],
)
def test_wrong_usage_ends_with_2(home: Path, arguments: list[str]) -> None:
    assert run(app, [*arguments, *(["--home", str(home)] * (len(arguments) > 1))]).exit_code == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_and_everything_asked_for_has_wording(lang: str) -> None:
    needs = {n for rule in RULES for n in rule.asks}
    needs |= {"_or_".join(group) for groups in NEEDS.values() for group in groups}
    keys = [f"reason.{r}" for r in (*REASONS, *MEASURE_REASONS)] + [f"need.{n}" for n in needs]
    assert all(text(key, lang) for key in keys)


def test_the_pages_of_reports_say_nothing_about_who_reported(home: Path) -> None:
    for arguments in (["report", "list"], ["report", "show", "findings:R1"], ["report", "rewards"]):
        said = json.dumps(asked(home, *arguments))
        assert not {"phone", "email", "first_name", "last_name"} & set(said.split('"'))
    assert NOW
