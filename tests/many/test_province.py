"""A province's edition is the sum of its counties' published ones, and its proof finds a change."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from flows.cli.main import app
from rules.counting import RATES
from rules.periods import week
from rules.province import Taken, joined
from rules.seal import canonical, digest
from schemas.vocabulary import EditionKind
from tasks.backfilling import Asked, backfill_home
from tasks.province import issues
from tasks.province.publishing import ProvinceReport, declared, publish
from tasks.province.reading import ProvinceRefused, declaration
from tasks.province.verifying import verify
from tests.many.counties import WEEKS, copied, county, drop

WEEKLY = Asked((EditionKind.WEEKLY,), revise=True)
CODES = ("330001", "330002")
ZONE = "Asia/Shanghai"
PERIOD = week(WEEKS[0], ZONE)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """Two counties of different size and diligence with their editions."""
    folder = tmp_path_factory.mktemp("counties")
    for code, lives in zip(CODES, (4, 9), strict=True):
        home = county(folder / code, code, migrated_file)
        drop(home, lives)
        assert backfill_home(home, WEEKLY)["published"] == 2
    return folder


@pytest.fixture
def above(base: Path, tmp_path: Path) -> Path:
    """A province of three counties, one of which has published nothing; no store is in reach."""
    for code in CODES:
        copied(base / code / "home", tmp_path / code)
        (tmp_path / code / "home" / "bihuan.sqlite").rename(tmp_path / f"{code}.sqlite")
    (tmp_path / "330003").mkdir()
    return made(tmp_path, {code: f"../{code}/home" for code in CODES} | {"330003": "../330003"})


def made(folder: Path, places: dict[str, str], **more: Any) -> Path:
    home = folder / "province"
    home.mkdir(exist_ok=True)
    (home / "bihuan.toml").write_text("demo = true\n", "utf-8")
    counties = [
        {"code": code, "name": {"zh": f"虚构县{code}", "en": f"County {code}"}, "editions": place}
        for code, place in places.items()
    ]
    name = {"zh": "虚构省", "en": "Nowhere Province"}
    said = {"code": "990000", "name": name, "counties": counties} | more
    (home / "province.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return home


def file_of(above: Path, code: str, number: int = 1) -> Path:
    home = above.parent / code / "home"
    return home / "editions" / code / "weekly" / WEEKS[0] / str(number) / "edition.json"


def bodies(above: Path) -> list[Any]:
    return [json.loads(file_of(above, code).read_bytes())["body"] for code in CODES]


def tree(home: Path) -> dict[str, bytes]:
    found = sorted(p for p in (home / "province").rglob("*") if p.is_file())
    return {str(p.relative_to(home)): p.read_bytes() for p in found}


def changed(path: Path, *, digest_too: bool) -> None:
    """Somebody adds a found hazard to a county's published edition."""
    edition = json.loads(path.read_bytes())
    edition["body"]["total"]["counts"]["period"]["all"]["found"] += 1
    if digest_too:
        edition["body_digest"] = digest(edition["body"])
    path.write_bytes(canonical(edition))


def corrected(above: Path, code: str) -> None:
    """The county takes what came late and publishes its edition 2."""
    home = above.parent / code / "home"
    (above.parent / f"{code}.sqlite").rename(home / "bihuan.sqlite")
    drop(home, 3, mark="LATE")
    done = backfill_home(home, WEEKLY)
    assert (done["ok"], done["corrected"] > 0) == (True, True), done["problem"]


def test_every_count_is_the_sum_and_every_rate_is_made_from_sums(above: Path) -> None:
    body = publish(above, PERIOD).edition_doc["body"]
    counties = [b["total"]["counts"] for b in bodies(above)]
    checked = 0
    for scope, splits in body["total"]["counts"].items():
        for split, counts in splits.items():
            for measure, count in counts.items():
                assert count == sum(c[scope][split][measure] for c in counties)
                checked += 1
            for name, rate in body["total"]["rates"][scope][split].items():
                part, whole = (counts[m] for m in RATES[name])
                exact = Fraction(10_000 * part, whole) if whole else None
                hundredths = None if exact is None else int(exact + Fraction(1, 2))
                shown = "/" if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"
                assert rate["value"] == shown, name
    assert checked > 200
    sectors = {s["code"]: s for s in body["sectors"]}
    found = sum(s["counts"]["period"]["all"]["found"] for s in sectors.values())
    assert found == body["total"]["counts"]["period"]["all"]["found"] > 0
    assert body["not_summed"] == []


def test_a_mean_of_rates_would_be_another_figure(above: Path) -> None:
    body = publish(above, PERIOD).edition_doc["body"]
    rates = [c["rates"]["campaign"]["all"]["rectification"] for c in body["counties"]]
    mean = sum(Fraction(r["numerator"], r["denominator"]) for r in rates) / len(rates)
    whole = body["total"]["rates"]["campaign"]["all"]["rectification"]
    assert Fraction(whole["numerator"], whole["denominator"]) != mean


def test_a_missing_county_is_named_and_counts_nowhere(above: Path) -> None:
    body = publish(above, PERIOD).edition_doc["body"]
    assert [m["code"] for m in body["missing"]] == ["330003"]
    assert [c["code"] for c in body["counties"]] == list(CODES)
    assert body["total"]["of"] == list(CODES)
    page = (
        above / "province" / "990000" / "weekly" / WEEKS[0] / "1" / "bulletin.zh.html"
    ).read_text()
    assert "虚构县330003" in page


def test_counties_are_ranked_by_the_formula_of_towns(above: Path) -> None:
    from rules.scoring import rank_units
    from schemas.policy import Scoring

    body = publish(above, PERIOD).edition_doc["body"]
    scoring = Scoring.model_validate(bodies(above)[0]["policy"]["scoring"])
    totals = [b["total"] | {"group": "all"} for b in bodies(above)]
    expected = {u["code"]: (u["score"], u["rank"]) for u in rank_units(totals, "towns", scoring)}
    assert {c["code"]: (c["score"], c["rank"]) for c in body["counties"]} == expected
    assert sorted(rank for _, rank in expected.values()) in ([1, 2], [1, 1])


def test_every_row_says_which_county_edition_it_is_of(above: Path) -> None:
    import hashlib

    for row in publish(above, PERIOD).edition_doc["body"]["counties"]:
        content = file_of(above, row["code"]).read_bytes()
        assert row["origin"]["edition"] == 1
        assert row["origin"]["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["origin"]["body_digest"] == json.loads(content)["body_digest"]


def test_the_same_county_editions_make_the_same_issue(above: Path) -> None:
    assert publish(above, PERIOD, dry_run=True).is_new
    assert not (above / "province").exists(), "a dry run writes nothing"
    first = publish(above, PERIOD)
    before = tree(above)
    again = publish(above, PERIOD)
    assert (first.is_new, again.is_new, again.edition) == (True, False, 1)
    assert tree(above) == before
    assert verify(above).ok


def test_a_copy_of_a_countys_site_gives_the_same_edition(above: Path) -> None:
    home = publish(above, PERIOD).body_digest
    places = {}
    for code in CODES:
        site = above.parent / f"site-{code}"
        shutil.copytree((above.parent / code / "home" / "site-internal").resolve(), site)
        places[code] = f"../site-{code}"
    shutil.rmtree(above)
    other = made(above.parent, places | {"330003": "../330003"})
    assert publish(other, PERIOD).body_digest == home
    assert verify(other).ok


@pytest.mark.parametrize(("digest_too", "reason"), [(False, "changed"), (True, "replaced")])
def test_a_changed_county_edition_is_found_by_verify_and_joined_by_nobody(
    above: Path, digest_too: bool, reason: str
) -> None:
    publish(above, PERIOD)
    changed(file_of(above, CODES[1]), digest_too=digest_too)
    found = verify(above)
    assert not found.ok
    assert (reason, CODES[1]) in {(f.reason, f.county) for f in found.faults}
    if digest_too:
        cells = {f.what for f in found.faults if f.reason == "figure"}
        assert f"counties.{CODES[1]}.counts.period.all.found" in cells
    with pytest.raises(ProvinceRefused) as refused:
        publish(above, PERIOD)
    assert refused.value.reason == reason


def test_a_county_edition_that_is_gone_again_is_found_and_refused(above: Path) -> None:
    publish(above, PERIOD)
    shutil.rmtree(file_of(above, CODES[0]).parents[1])
    assert {f.reason for f in verify(above).faults} == {"missing"}
    with pytest.raises(ProvinceRefused, match="is not there now"):
        publish(above, PERIOD)


def test_a_change_in_the_provinces_own_files_is_found(above: Path) -> None:
    report = publish(above, PERIOD)
    page = Path(report.folder) / "bulletin.en.html"
    page.write_text(page.read_text().replace("Ranking", "Rank1ng"))
    assert [(f.reason, f.what) for f in verify(above).faults] == [("file", page.name)]
    document = Path(report.folder) / issues.DOCUMENT
    edition = json.loads(document.read_bytes())
    edition["body"]["listed"] += 1
    document.write_bytes(canonical(edition))
    reasons = {f.reason for f in verify(above).faults}
    assert {"digest", "figure"} <= reasons


def test_a_countys_correction_makes_issue_2_that_says_what_changed(above: Path) -> None:
    first = publish(above, PERIOD)
    corrected(above, CODES[0])
    waits = verify(above)
    assert (waits.ok, [s["county"] for s in waits.stale]) == (True, [CODES[0]])
    second = publish(above, PERIOD)
    note = second.edition_doc["revision"]
    assert (second.edition, note["previous"]) == (2, 1)
    assert note["previous_digest"] == first.body_digest
    assert [(c["code"], c["old"], c["new"], c["revision_class"]) for c in note["changes"]] == [
        (CODES[0], 1, 2, "R1")
    ]
    before, after = (_found(r) for r in (first, second))
    assert after == before + 3
    assert verify(above).ok, "issue 1 still holds against edition 1"
    assert verify(above).issues == 2
    page = (Path(second.folder) / "bulletin.en.html").read_text()
    assert "edition 1" in page
    assert "edition 2" in page


def _found(report: ProvinceReport) -> int:
    return report.edition_doc["body"]["total"]["counts"]["campaign"]["all"]["found"]


def test_a_county_that_publishes_at_last_is_in_the_next_issue(above: Path) -> None:
    places = {CODES[0]: f"../{CODES[0]}/home", CODES[1]: "../330003"}
    home = made(above.parent, places)
    assert [m["code"] for m in publish(home, PERIOD).edition_doc["body"]["missing"]] == [CODES[1]]
    home = made(above.parent, places | {CODES[1]: f"../{CODES[1]}/home"})
    [change] = publish(home, PERIOD).edition_doc["revision"]["changes"]
    assert (change["code"], change["old"], change["new"]) == (CODES[1], 0, 1)


def _taken(above: Path) -> dict[str, Taken]:
    return {c: Taken(json.loads(file_of(above, c).read_bytes()), "0" * 64) for c in CODES}


def test_campaigns_that_began_on_other_days_are_not_summed_and_nobody_is_ranked(
    above: Path,
) -> None:
    taken = _taken(above)
    taken[CODES[0]].body["campaign"]["start"] = "2024-06-01"
    body = joined(declared(declaration(above), taken), PERIOD, taken)
    assert body["not_summed"] == ["campaign"]
    assert set(body["total"]["counts"]) == {"period", "year"}
    assert {c["unranked_because"] for c in body["counties"]} == {"not_comparable"}


def test_what_one_county_does_not_count_is_not_zero_and_counties_without_one_formula_stay_unranked(
    above: Path,
) -> None:
    taken = _taken(above)
    del taken[CODES[0]].body["total"]["counts"]["period"]["all"]["places_due"]
    body = joined(declared(declaration(above), taken), PERIOD, taken)
    assert body["not_summed"] == ["period.all.places_due"]
    assert "places_due" not in body["total"]["counts"]["period"]["all"]
    assert "coverage" not in body["total"]["rates"]["period"]["all"]
    taken = _taken(above)
    taken[CODES[0]].body["policy"]["scoring"]["small_sample_below"] += 1  # type: ignore[index]
    body = joined(declared(declaration(above), taken), PERIOD, taken)
    assert body["declared"]["scoring"] is None
    assert {c["rank"] for c in body["counties"]} == {None}


def test_the_commands_end_with_0_1_and_2(above: Path, own_environment: None) -> None:
    def run(*arguments: str) -> Any:
        return CliRunner().invoke(app, ["province", *arguments, "--home", str(above)])

    assert run("verify").exit_code == 1, "nothing is there to be verified"
    done = run("bulletin", "--period", WEEKS[0], "--json")
    assert done.exit_code == 0, done.stderr
    answer = json.loads(done.stdout)
    assert (answer["edition"], answer["is_new"], len(answer["files"])) == (1, True, 3)
    assert run("verify").exit_code == 0
    changed(file_of(above, CODES[0]), digest_too=True)
    refused = run("verify", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["ok"] is False
    assert run("bulletin", "--period", WEEKS[0]).exit_code == 1
    assert run("bulletin", "--period", "2025-W60").exit_code == 2
